//! The numbers the strangers are given, and the profile that reads them.

use dutypoint_fieldbus::InstrumentProfile;
use std::fmt;

/// One number a server is told to hold.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub(crate) unit: u8,
    pub(crate) function: u8,
    pub(crate) address: u16,
    kind: &'static str,
    order: &'static str,
    text: String,
    /// Register of the profile, and what it must show.
    pub(crate) register: &'static str,
    pub(crate) shows: f64,
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {} {} {} {}",
            self.unit, self.function, self.address, self.kind, self.order, self.text
        )
    }
}

/// Name, function, address, type, byte order, raw number and what it shows.
type Row = (
    &'static str,
    u8,
    u16,
    &'static str,
    &'static str,
    &'static str,
    f64,
);

/// No number may look the same when its bytes are taken in another order.
const UNIT_1: [Row; 14] = [
    ("f_abcd", 3, 200, "f32", "ABCD", "12.34", 12.34_f32 as f64),
    (
        "f_cdab",
        3,
        202,
        "f32",
        "CDAB",
        "-1234.5678",
        -1234.5678_f32 as f64,
    ),
    (
        "f_badc",
        3,
        204,
        "f32",
        "BADC",
        "1.5e-20",
        1.5e-20_f32 as f64,
    ),
    (
        "f_dcba",
        3,
        206,
        "f32",
        "DCBA",
        "16777215",
        16_777_215_f32 as f64,
    ),
    ("whole_u16", 3, 208, "u16", "AB", "65535", 65535.0),
    ("whole_i16", 3, 209, "i16", "AB", "-32767", -32767.0),
    (
        "whole_u32",
        3,
        210,
        "u32",
        "ABCD",
        "4000000001",
        4_000_000_001.0,
    ),
    (
        "whole_i32",
        3,
        212,
        "i32",
        "CDAB",
        "-2000000001",
        -2_000_000_001.0,
    ),
    ("tenths", 3, 214, "i16", "AB", "-1234", -123.4),
    ("shifted", 3, 215, "u16", "AB", "5025", 0.25),
    ("decimals", 3, 216, "u16", "AB", "3", 3.0),
    ("pointed", 3, 217, "i16", "AB", "31415", 31.415),
    (
        "in_f_cdab",
        4,
        300,
        "f32",
        "CDAB",
        "7.389",
        7.389_f32 as f64,
    ),
    ("in_u32", 4, 302, "u32", "DCBA", "305419896", 305_419_896.0),
];

const UNIT_2: [Row; 4] = [
    ("f_abcd", 3, 200, "f32", "ABCD", "-12.34", -12.34_f32 as f64),
    ("f_dcba", 3, 206, "f32", "DCBA", "0.001", 0.001_f32 as f64),
    ("whole_i16", 3, 209, "i16", "AB", "-2", -2.0),
    (
        "in_u32",
        4,
        302,
        "u32",
        "DCBA",
        "2271560481",
        2_271_560_481.0,
    ),
];

/// The numbers of units 1 and 2.
pub(crate) fn numbers() -> Vec<Number> {
    let of = |unit, rows: &[Row]| -> Vec<Number> {
        rows.iter()
            .map(
                |(register, function, address, kind, order, text, shows)| Number {
                    unit,
                    function: *function,
                    address: *address,
                    kind,
                    order,
                    text: (*text).to_owned(),
                    register,
                    shows: *shows,
                },
            )
            .collect()
    };
    [of(1, &UNIT_1), of(2, &UNIT_2)].concat()
}

/// The same registers in another device: it shows something else in each.
pub(crate) fn anothers() -> Vec<Number> {
    let mut numbers = numbers();
    for (nth, number) in numbers.iter_mut().enumerate() {
        number.text = format!("{}", nth + 7);
    }
    numbers
}

/// The profile of these numbers, and its text.
pub(crate) fn profile() -> (InstrumentProfile, &'static str) {
    let text = include_str!("stranger.toml");
    (InstrumentProfile::parse("stranger", text).unwrap(), text)
}

/// The profile of an instrument that pushes frames, and its text.
pub(crate) fn pushing() -> (InstrumentProfile, &'static str) {
    let text = include_str!("../../../../fixtures/instruments/invented-push.toml");
    (
        InstrumentProfile::parse("invented-push", text).unwrap(),
        text,
    )
}

/// Instrument blocks of a bench file: every number of `unit` on `line`.
pub(crate) fn instrument(tag: &str, line: &str, unit: u8) -> String {
    let channels: String = numbers()
        .iter()
        .filter(|n| n.unit == unit && n.register != "decimals")
        .map(|n| {
            format!(
                "  {{ name = \"{tag}/{0}\", role = \"frequency\", register = \"{0}\", range = [-1e10, 1e10] }},\n",
                n.register
            )
        })
        .collect();
    format!(
        "[[instrument]]\ntag = \"{tag}\"\nprofile = \"stranger\"\nline = \"{line}\"\n\
         unit_id = {unit}\nserial = \"{tag}\"\nperiod_ms = 50\nchannel = [\n{channels}]\n\n"
    )
}
