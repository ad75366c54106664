//! One value of a register map.

use super::Confidence;
use dutypoint_model::document::{Bits, NumberKind, WordOrder};
use dutypoint_model::{Bilingual, Unit};
use serde::{Deserialize, Serialize};

/// One value of the map.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Name.
    pub name: String,
    /// Zero-based address on the wire.
    pub address: u16,
    /// The address as the maker prints it, to compare with the manual.
    #[serde(default)]
    pub printed: Option<String>,
    /// Function code that reads it, 3 or 4.
    pub function: u8,
    /// Type.
    pub kind: NumberKind,
    /// Word order of the factory setting, for numbers of two words or more.
    #[serde(default)]
    pub order: Option<Order>,
    /// Whether the two bytes of a number of one word are swapped.
    #[serde(default)]
    pub swapped: bool,
    /// The bits that hold the number.
    #[serde(default)]
    pub bits: Option<Bits>,
    /// Unit, where the map fixes it.
    #[serde(default)]
    pub unit: Option<Unit>,
    /// Factor from raw to unit.
    #[serde(default = "one")]
    pub factor: f64,
    /// Offset after the factor.
    #[serde(default)]
    pub offset: f64,
    /// The value is a count over a span the device is set to.
    #[serde(default)]
    pub span: bool,
    /// Raw numbers at the ends of that span; where no source says, the bench must.
    #[serde(default)]
    pub span_raw: Option<[f64; 2]>,
    /// Register of the same answer with the number of decimals.
    #[serde(default)]
    pub decimals_from: Option<String>,
    /// Power of ten in another register.
    #[serde(default)]
    pub exponent: Option<ExponentRule>,
    /// Second part of a total.
    #[serde(default)]
    pub fraction: Option<FractionRule>,
    /// A raw number above this is minus what it exceeds it by.
    #[serde(default)]
    pub negative_above: Option<u32>,
    /// Sign in another register.
    #[serde(default)]
    pub sign: Option<SignRule>,
    /// Register of the same answer with the code of the unit.
    #[serde(default)]
    pub unit_from: Option<String>,
    /// What other registers of the same answer must be for the number to count.
    #[serde(default)]
    pub status: Vec<StatusRule>,
    /// Raw values that mean "no measurement"; of a float its bits.
    #[serde(default)]
    pub invalid: Vec<i64>,
    /// Smallest and largest raw number that is a measurement.
    #[serde(default)]
    pub limits: Option<[f64; 2]>,
    /// What raw numbers mean.
    #[serde(default)]
    pub codes: Vec<CodeText>,
    /// How often the value repeats.
    #[serde(default = "once")]
    pub repeat: u16,
    /// Registers from one repetition to the next; one behind the other where absent.
    #[serde(default)]
    pub stride: Option<u16>,
    /// Register whose words these are too.
    #[serde(default)]
    pub alias_of: Option<String>,
    /// Whether it can be read.
    #[serde(default = "yes")]
    pub readable: bool,
    /// What writing it does, where it may be written at all.
    #[serde(default)]
    pub write: Option<WriteClass>,
    /// Whether a demand in it can start a motor or apply a test voltage: then no actuator is
    /// ever made of it.
    #[serde(default)]
    pub starts_motor: bool,
    /// How sure this line is.
    pub confidence: Confidence,
    /// Kind of source.
    pub evidence: Evidence,
    /// What a technician must know.
    #[serde(default)]
    pub note: Option<Bilingual>,
}

pub(super) fn one() -> f64 {
    1.0
}

pub(super) fn once() -> u16 {
    1
}

fn yes() -> bool {
    true
}

/// Word order as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Order {
    /// High word first, high byte first within a word.
    #[serde(rename = "ABCD")]
    Abcd,
    /// Low word first, high byte first within a word.
    #[serde(rename = "CDAB")]
    Cdab,
    /// High word first, low byte first within a word.
    #[serde(rename = "BADC")]
    Badc,
    /// Low word first, low byte first.
    #[serde(rename = "DCBA")]
    Dcba,
    /// Not stated by any source: must be found on the device and written in the bench file.
    #[serde(rename = "probe")]
    Probe,
}

impl Order {
    /// The order, unless it must be probed.
    #[must_use]
    pub fn known(self) -> Option<WordOrder> {
        match self {
            Self::Abcd => Some(WordOrder::Abcd),
            Self::Cdab => Some(WordOrder::Cdab),
            Self::Badc => Some(WordOrder::Badc),
            Self::Dcba => Some(WordOrder::Dcba),
            Self::Probe => None,
        }
    }

    /// The word written in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Abcd => "ABCD",
            Self::Cdab => "CDAB",
            Self::Badc => "BADC",
            Self::Dcba => "DCBA",
            Self::Probe => "probe",
        }
    }
}

/// What writing a register does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WriteClass {
    /// A demand that an actuator may follow.
    Setpoint,
    /// Starts, stops or resets something.
    Command,
    /// Takes the present reading as zero.
    Zeroing,
    /// Changes how the device is set up.
    Configuration,
}

impl WriteClass {
    /// The name printed for people.
    #[must_use]
    pub fn text(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Setpoint => ("给定值", "setpoint"),
            Self::Command => ("命令", "command"),
            Self::Zeroing => ("清零", "zeroing"),
            Self::Configuration => ("设置", "configuration"),
        };
        Bilingual::new(zh, en)
    }
}

/// Kind of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The maker's manual.
    Manual,
    /// A page of a third party.
    ThirdPartyPage,
    /// Source code of an open project.
    OpenSourceCode,
    /// Source code of the maker.
    VendorCode,
    /// Derived from other numbers: check it on the device.
    Derived,
    /// From memory: check it on the device.
    Memory,
}

impl Evidence {
    /// The name printed for people.
    #[must_use]
    pub fn text(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Manual => ("手册", "manual"),
            Self::ThirdPartyPage => ("第三方网页", "third-party page"),
            Self::OpenSourceCode => ("开源代码", "open-source code"),
            Self::VendorCode => ("厂家代码", "maker's code"),
            Self::Derived => ("推算", "derived"),
            Self::Memory => ("记忆", "memory"),
        };
        Bilingual::new(zh, en)
    }
}

/// `raw · factor · 10^(exponent + bias)`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExponentRule {
    /// Register with the exponent.
    pub from: String,
    /// Its bits, where they are not all of it.
    #[serde(default)]
    pub bits: Option<Bits>,
    /// Added to the exponent.
    #[serde(default)]
    pub bias: i8,
}

/// `raw + fraction · factor`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FractionRule {
    /// Register with the second part.
    pub from: String,
    /// What one of it is worth.
    #[serde(default = "one")]
    pub factor: f64,
}

/// The number is negative while a bit of `mask` is set in a register.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignRule {
    /// The register.
    pub from: String,
    /// The bits.
    pub mask: u16,
}

/// What a register must be for the number to count: exactly one of the four.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusRule {
    /// The register.
    pub from: String,
    /// This number.
    #[serde(default)]
    pub equal: Option<u16>,
    /// Without any of these bits.
    #[serde(default)]
    pub clear: Option<u16>,
    /// With all of these bits.
    #[serde(default)]
    pub set: Option<u16>,
    /// At least this, at most that.
    #[serde(default)]
    pub within: Option<[u16; 2]>,
    /// What it means if it is not.
    pub text: Bilingual,
}

/// What a raw number means.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeText {
    /// The number.
    pub code: i64,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// The unit it stands for, in a register others name in `unit_from`.
    #[serde(default)]
    pub unit: Option<Unit>,
}

impl Register {
    /// Registers from one repetition to the next.
    #[must_use]
    pub fn step(&self) -> u16 {
        self.stride.unwrap_or(self.kind.words())
    }

    /// Address of the repetition `index`, counted from 0; within range for a checked profile.
    #[must_use]
    pub fn address_of(&self, index: u16) -> u16 {
        self.address
            .saturating_add(self.step().saturating_mul(index))
    }

    /// Address that goes with the repetition `index` of `value`: its own repetition where
    /// both repeat alike, else the first.
    #[must_use]
    pub fn address_beside(&self, value: &Self, index: u16) -> u16 {
        let alike = self.repeat == value.repeat;
        self.address_of(if alike { index } else { 0 })
    }

    /// First and last address of each repetition.
    pub fn places(&self) -> impl Iterator<Item = (u16, u16)> {
        (0..self.repeat).map(|index| {
            let first = self.address_of(index);
            (first, first.saturating_add(self.kind.words() - 1))
        })
    }

    /// Names of the registers the value needs in the same answer, with the key that names
    /// each.
    pub fn needs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let named = [
            ("decimals_from", self.decimals_from.as_deref()),
            ("exponent", self.exponent.as_ref().map(|e| e.from.as_str())),
            ("fraction", self.fraction.as_ref().map(|f| f.from.as_str())),
            ("sign", self.sign.as_ref().map(|s| s.from.as_str())),
            ("unit_from", self.unit_from.as_deref()),
        ];
        let status = self.status.iter().map(|s| ("status", s.from.as_str()));
        named
            .into_iter()
            .filter_map(|(key, name)| Some((key, name?)))
            .chain(status)
    }
}
