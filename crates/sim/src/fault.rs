//! Faults a simulated bench can be given, and the text they are written as.
//!
//! Contract: a fault acts at every moment of its window and at no other; what it does
//! depends on bench time only, so that a faulty run can be repeated.

use crate::Error;
use dutypoint_model::toml_text::nearest;
use std::fmt;
use std::str::FromStr;

/// What a kind of fault needs beside its name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Needs {
    /// Nothing: it belongs to the whole bench.
    Nothing,
    /// Nothing but whose it is.
    Name,
    /// Whose it is, and a number between the two.
    NameAnd(f64, f64, Whole),
    /// A number between the two: it belongs to the whole bench.
    Number(f64, f64),
}

/// Whether a number must be whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    Yes,
    No,
}

/// Name, spelling for messages, and needs of every kind.
pub(crate) const KNOWN: [(&str, &str, Needs); 30] = [
    ("silent", "silent:TAG", Needs::Name),
    ("line", "line:LINE", Needs::Name),
    ("late", "late:TAG=MILLISECONDS", MILLISECONDS),
    ("slow", "slow:TAG=MILLISECONDS", MILLISECONDS),
    (
        "exception",
        "exception:TAG=CODE",
        Needs::NameAnd(1.0, 255.0, Whole::Yes),
    ),
    ("busy", "busy:TAG", Needs::Name),
    ("short", "short:TAG", Needs::Name),
    ("long", "long:TAG", Needs::Name),
    ("cut", "cut:TAG", Needs::Name),
    ("duplicated", "duplicated:TAG", Needs::Name),
    ("echoed", "echoed:TAG", Needs::Name),
    ("wrong-unit", "wrong-unit:TAG", Needs::Name),
    ("wrong-function", "wrong-function:TAG", Needs::Name),
    ("bad-crc", "bad-crc:TAG", Needs::Name),
    ("garbage", "garbage:TAG", Needs::Name),
    ("reset", "reset:TAG", Needs::Name),
    ("half-open", "half-open:TAG", Needs::Name),
    (
        "flapping",
        "flapping:TAG=SECONDS",
        Needs::NameAnd(0.01, 3600.0, Whole::No),
    ),
    ("frozen", "frozen:TAG", Needs::Name),
    ("nan", "nan:TAG", Needs::Name),
    (
        "drift",
        "drift:TAG=PERCENT_OF_RANGE_PER_MINUTE",
        Needs::NameAnd(-1000.0, 1000.0, Whole::No),
    ),
    ("burn-out", "burn-out:TAG", Needs::Name),
    ("frequency", "frequency=HZ", Needs::Number(47.0, 53.0)),
    ("voltage", "voltage=V", Needs::Number(340.0, 420.0)),
    ("head", "head=FACTOR", Needs::Number(0.3, 1.0)),
    (
        "clock-step",
        "clock-step=SECONDS",
        Needs::Number(0.1, 86400.0),
    ),
    ("stuck", "stuck", Needs::Nothing),
    ("mains-lost", "mains-lost", Needs::Nothing),
    ("trip", "trip", Needs::Nothing),
    ("pump-off", "pump-off", Needs::Nothing),
];
const MILLISECONDS: Needs = Needs::NameAnd(1.0, 60_000.0, Whole::Yes);

/// Something wrong with the bench, for a time.
///
/// ```
/// let fault: dutypoint_sim::Fault = "silent:LT-01@30..60".parse()?;
/// assert_eq!(fault.window.from_s, 30.0);
/// assert_eq!(fault.to_string(), "silent:LT-01@30..60");
/// # Ok::<(), dutypoint_sim::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// When.
    pub window: Window,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// An instrument answers wrongly, or all of a line do.
    Device {
        /// Instrument or line.
        of: String,
        /// What is wrong with its answers.
        defect: Defect,
    },
    /// The line is dead: no instrument on it answers.
    DeadLine {
        /// Line.
        line: String,
    },
    /// The mains have another nominal frequency.
    SupplyFrequency {
        /// Frequency, Hz.
        hz: f64,
    },
    /// The mains have another nominal line voltage.
    SupplyVoltage {
        /// Voltage, V.
        v: f64,
    },
    /// The pump is worn.
    WeakPump {
        /// Share of its head it still makes.
        head_factor: f64,
    },
    /// The bench jumps ahead, as it does for a recorder that was suspended; at the end of
    /// the window its clock goes back, and the bench stands still until it has caught up.
    ClockStep {
        /// How far, bench seconds.
        by_s: f64,
    },
    /// The valve takes demands and does not move.
    StuckValve,
    /// The bench is on its battery.
    MainsLost,
    /// A hard-wired trip has acted.
    Trip,
    /// The pump stands still, and its check valve holds the column of water.
    PumpOff,
}

/// What is wrong with the answers of an instrument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Defect {
    /// None come.
    Silent,
    /// They come for so long, then none for as long, and so on.
    Flapping {
        /// Bench seconds.
        every_s: f64,
    },
    /// They come late; the neighbours answer meanwhile.
    Late {
        /// Delay, wall milliseconds: line timeouts are wall time too.
        by_ms: u64,
    },
    /// They take longer, and what is behind them on the line or connection waits.
    Slow {
        /// Delay, wall milliseconds.
        by_ms: u64,
    },
    /// Each is a Modbus exception.
    Exception {
        /// Exception code.
        code: u8,
    },
    /// Each is exception 6, server device busy.
    Busy,
    /// A read brings one register less than asked.
    Short,
    /// A read brings one register more than asked.
    Long,
    /// The second half of the frame is missing.
    Cut,
    /// Each comes twice.
    Duplicated,
    /// The request comes back before it, as from a two-wire adapter.
    Echoed,
    /// They carry the next unit identifier.
    WrongUnit,
    /// They carry the other read function, 4 for 3 and 3 for 4.
    WrongFunction,
    /// One bit has turned over: in the checksum, or in a TCP frame's protocol number.
    BadCheck,
    /// Bytes that are no answer come instead.
    Garbage,
    /// The connection is reset; a serial device is silent.
    Reset,
    /// The connection stays open and brings nothing any more; a serial device is silent.
    HalfOpen,
    /// The values stay as they were last asked before it began.
    Frozen,
    /// Numbers are not-a-number, or the code for "no measurement"; the status is good.
    NotANumber,
    /// The zero drifts away from the begin of the window on.
    Drift {
        /// Percent of the channel's range per bench minute.
        pct_per_min: f64,
    },
    /// The sensor is broken and the instrument says so as well as its registers allow:
    /// a status or unit word that is not the good one, else not-a-number, else a code
    /// for "no measurement", else the end of the range.
    BurnOut,
}

/// A stretch of bench time: from `from_s`, until just before `to_s`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Begin, bench seconds.
    pub from_s: f64,
    /// End, bench seconds; infinite for a fault that stays.
    pub to_s: f64,
}

impl Window {
    /// All the time.
    pub const ALWAYS: Self = Self {
        from_s: 0.0,
        to_s: f64::INFINITY,
    };

    /// Whether `bench_s` lies in it.
    #[must_use]
    pub fn contains(&self, bench_s: f64) -> bool {
        (self.from_s..self.to_s).contains(&bench_s)
    }
}

impl FaultKind {
    /// The fault called `name`, of the instrument or line `of`, with its number.
    ///
    /// # Errors
    /// What is wrong, with the permitted range.
    pub(crate) fn of(name: &str, of: Option<&str>, value: Option<f64>) -> Result<Self, String> {
        let Some((_, form, needs)) = KNOWN.iter().find(|(known, ..)| *known == name) else {
            let forms: Vec<_> = KNOWN.iter().map(|(_, form, _)| *form).collect();
            let hint = nearest(name, KNOWN.iter().map(|(name, ..)| *name)).map_or_else(
                || ".".to_owned(),
                |near| format!("; did you mean {near:?}?"),
            );
            return Err(format!(
                "nothing is called {name:?}{hint} Known: {}, each with @FROM..TO in bench seconds if it is not to stay; TAG may be a line too",
                forms.join(", ")
            ));
        };
        let within = |low: f64, high: f64, whole: Whole| {
            value
                .filter(|v| (low..=high).contains(v) && (whole == Whole::No || v.fract() == 0.0))
                .ok_or_else(|| {
                    let kind = match whole {
                        Whole::Yes => "a whole number",
                        Whole::No => "a number",
                    };
                    format!("{form} needs {kind} from {low} to {high}")
                })
        };
        let (of, value) = match (needs, of, value) {
            (Needs::Name, Some(of), None) => (of.to_owned(), 0.0),
            (Needs::NameAnd(low, high, whole), Some(of), Some(_)) => {
                (of.to_owned(), within(*low, *high, *whole)?)
            }
            (Needs::Nothing, None, None) => (String::new(), 0.0),
            (Needs::Number(low, high), None, Some(_)) => {
                (String::new(), within(*low, *high, Whole::No)?)
            }
            _ => return Err(format!("it is written {form}")),
        };
        let defect = match name {
            "line" => return Ok(Self::DeadLine { line: of }),
            "frequency" => return Ok(Self::SupplyFrequency { hz: value }),
            "voltage" => return Ok(Self::SupplyVoltage { v: value }),
            "head" => return Ok(Self::WeakPump { head_factor: value }),
            "clock-step" => return Ok(Self::ClockStep { by_s: value }),
            "stuck" => return Ok(Self::StuckValve),
            "mains-lost" => return Ok(Self::MainsLost),
            "trip" => return Ok(Self::Trip),
            "pump-off" => return Ok(Self::PumpOff),
            "late" => Defect::Late {
                by_ms: to_u64(value),
            },
            "slow" => Defect::Slow {
                by_ms: to_u64(value),
            },
            "exception" => Defect::Exception {
                code: u8::try_from(to_u64(value)).map_err(|e| e.to_string())?,
            },
            "flapping" => Defect::Flapping { every_s: value },
            "drift" => Defect::Drift { pct_per_min: value },
            "busy" => Defect::Busy,
            "short" => Defect::Short,
            "long" => Defect::Long,
            "cut" => Defect::Cut,
            "duplicated" => Defect::Duplicated,
            "echoed" => Defect::Echoed,
            "wrong-unit" => Defect::WrongUnit,
            "wrong-function" => Defect::WrongFunction,
            "bad-crc" => Defect::BadCheck,
            "garbage" => Defect::Garbage,
            "reset" => Defect::Reset,
            "half-open" => Defect::HalfOpen,
            "frozen" => Defect::Frozen,
            "nan" => Defect::NotANumber,
            "burn-out" => Defect::BurnOut,
            "silent" => Defect::Silent,
            _ => return Err(format!("{name:?} is listed and not made")),
        };
        Ok(Self::Device { of, defect })
    }
}

impl Defect {
    /// Its name and its number.
    fn spelling(self) -> (&'static str, Option<f64>) {
        #[expect(clippy::cast_precision_loss, reason = "at most 60000")]
        match self {
            Self::Silent => ("silent", None),
            Self::Flapping { every_s } => ("flapping", Some(every_s)),
            Self::Late { by_ms } => ("late", Some(by_ms as f64)),
            Self::Slow { by_ms } => ("slow", Some(by_ms as f64)),
            Self::Exception { code } => ("exception", Some(f64::from(code))),
            Self::Busy => ("busy", None),
            Self::Short => ("short", None),
            Self::Long => ("long", None),
            Self::Cut => ("cut", None),
            Self::Duplicated => ("duplicated", None),
            Self::Echoed => ("echoed", None),
            Self::WrongUnit => ("wrong-unit", None),
            Self::WrongFunction => ("wrong-function", None),
            Self::BadCheck => ("bad-crc", None),
            Self::Garbage => ("garbage", None),
            Self::Reset => ("reset", None),
            Self::HalfOpen => ("half-open", None),
            Self::Frozen => ("frozen", None),
            Self::NotANumber => ("nan", None),
            Self::Drift { pct_per_min } => ("drift", Some(pct_per_min)),
            Self::BurnOut => ("burn-out", None),
        }
    }
}

/// How far the clock of the bench is ahead at `bench_s` of a clock without steps.
pub(crate) fn clock_ahead_s(faults: &[Fault], bench_s: f64) -> f64 {
    let active = faults.iter().filter(|f| f.window.contains(bench_s));
    active
        .filter_map(|f| match f.kind {
            FaultKind::ClockStep { by_s } => Some(by_s),
            _ => None,
        })
        .sum()
}

/// What the plant's faults leave of mains and pump at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Plant {
    pub(crate) frequency_hz: f64,
    pub(crate) voltage_v: f64,
    pub(crate) head_factor: f64,
    pub(crate) stuck: bool,
    pub(crate) mains: bool,
    pub(crate) trip: bool,
    pub(crate) off: bool,
}

/// The plant at bench time `bench_s`; of several faults of a kind the last one written
/// counts.
pub(crate) fn plant(faults: &[Fault], bench_s: f64) -> Plant {
    let mut plant = Plant {
        frequency_hz: 50.0,
        voltage_v: 380.0,
        head_factor: 1.0,
        stuck: false,
        mains: true,
        trip: false,
        off: false,
    };
    for fault in faults.iter().filter(|f| f.window.contains(bench_s)) {
        match fault.kind {
            FaultKind::SupplyFrequency { hz } => plant.frequency_hz = hz,
            FaultKind::SupplyVoltage { v } => plant.voltage_v = v,
            FaultKind::WeakPump { head_factor } => plant.head_factor = head_factor,
            FaultKind::StuckValve => plant.stuck = true,
            FaultKind::MainsLost => plant.mains = false,
            FaultKind::Trip => plant.trip = true,
            FaultKind::PumpOff => plant.off = true,
            _ => {}
        }
    }
    plant
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            FaultKind::Device { of, defect } => match defect.spelling() {
                (name, None) => write!(f, "{name}:{of}"),
                (name, Some(number)) => write!(f, "{name}:{of}={number}"),
            },
            FaultKind::DeadLine { line } => write!(f, "line:{line}"),
            FaultKind::SupplyFrequency { hz } => write!(f, "frequency={hz}"),
            FaultKind::SupplyVoltage { v } => write!(f, "voltage={v}"),
            FaultKind::WeakPump { head_factor } => write!(f, "head={head_factor}"),
            FaultKind::ClockStep { by_s } => write!(f, "clock-step={by_s}"),
            FaultKind::StuckValve => f.write_str("stuck"),
            FaultKind::MainsLost => f.write_str("mains-lost"),
            FaultKind::Trip => f.write_str("trip"),
            FaultKind::PumpOff => f.write_str("pump-off"),
        }?;
        match self.window {
            Window::ALWAYS => Ok(()),
            Window { from_s, to_s } if to_s.is_infinite() => write!(f, "@{from_s}.."),
            Window { from_s, to_s } => write!(f, "@{from_s}..{to_s}"),
        }
    }
}

impl FromStr for Fault {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse(text.trim()).map_err(|why| Error::Fault {
            text: text.to_owned(),
            why,
        })
    }
}

fn parse(text: &str) -> Result<Fault, String> {
    let (what, window) = match text.split_once('@') {
        Some((what, window)) => (what, parse_window(window)?),
        None => (text, Window::ALWAYS),
    };
    let (head, value) = match what.split_once('=') {
        Some((head, value)) => (head, Some(value)),
        None => (what, None),
    };
    let (kind, tag) = match head.split_once(':') {
        Some((kind, tag)) => (kind, Some(tag).filter(|t| !t.is_empty())),
        None => (head, None),
    };
    // What is no number fails with the range it should be in.
    let number = value.map(|text| text.parse().unwrap_or(f64::NAN));
    let kind = FaultKind::of(kind, tag, number)?;
    Ok(Fault { kind, window })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "called with whole numbers from 1 to 60000"
)]
fn to_u64(value: f64) -> u64 {
    value as u64
}

fn parse_window(text: &str) -> Result<Window, String> {
    let wrong =
        || format!("the time {text:?} is no FROM..TO in bench seconds, as in 30..60 or 30..");
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let second = |t: &str| t.parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0);
    let from_s = second(from).ok_or_else(wrong)?;
    let to_s = if to.is_empty() {
        f64::INFINITY
    } else {
        second(to).ok_or_else(wrong)?
    };
    if from_s < to_s {
        return Ok(Window { from_s, to_s });
    }
    Err(format!("the time {text:?} ends before it begins"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_and_written_back() {
        for text in [
            "silent:LT-01",
            "silent:LT-01@30..60",
            "line:rtu-2@100..140",
            "late:PT-01=400",
            "exception:PW-01=6@5..",
            "short:FT-01",
            "wrong-unit:TT-01",
            "burn-out:ST-01@0..10.5",
            "frequency=49.2",
            "voltage=350",
            "head=0.85@100..",
            "clock-step=5@30..60",
            "slow:PT-01=40",
            "flapping:rtu-1=2.5@1..",
            "drift:PT-01=-0.5",
            "busy:PT-01",
            "long:PT-01",
            "cut:PT-01",
            "duplicated:PT-01",
            "echoed:rtu-1",
            "wrong-function:PT-01",
            "bad-crc:PT-01",
            "garbage:PT-01",
            "reset:tcp-flow",
            "half-open:FT-01",
            "frozen:PT-01",
            "nan:PT-01",
            "stuck@20..30",
            "mains-lost@5..",
            "trip",
            "pump-off@10..12",
        ] {
            let fault: Fault = text.parse().unwrap();
            assert_eq!(fault.to_string(), text);
        }
    }

    #[test]
    fn an_unknown_text_names_what_is_known() {
        for (text, expected) in [
            ("silnt:LT-01", "did you mean \"silent\"?"),
            ("", "Known: silent:TAG, line:LINE, late:TAG=MILLISECONDS"),
            ("line:", "it is written line:LINE"),
            ("silent", "it is written silent:TAG"),
            ("silent:", "it is written silent:TAG"),
            ("silent:LT-01=3", "it is written silent:TAG"),
            ("frequency:PW-01=50", "it is written frequency=HZ"),
            (
                "late:PT-01=soon",
                "late:TAG=MILLISECONDS needs a whole number from 1 to 60000",
            ),
            ("exception:PW-01=6.5", "needs a whole number from 1 to 255"),
            ("head=1.2", "head=FACTOR needs a number from 0.3 to 1"),
            ("voltage=NaN", "needs a number from 340 to 420"),
            ("silent:LT-01@60..30", "ends before it begins"),
            ("silent:LT-01@soon", "as in 30..60"),
        ] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(error.starts_with("failed to read fault"), "{error}");
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn plant_faults_act_in_their_window_only() {
        let faults = [
            "frequency=49.2@10..20".parse().unwrap(),
            "voltage=350".parse().unwrap(),
        ];
        assert_eq!(plant(&faults, 9.9).frequency_hz, 50.0);
        assert_eq!(plant(&faults, 10.0).frequency_hz, 49.2);
        assert_eq!(plant(&faults, 20.0).frequency_hz, 50.0);
        assert_eq!(plant(&faults, 99.0).voltage_v, 350.0);
    }
}
