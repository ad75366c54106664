//! Instrument profiles: a register map as data, one TOML file per device family.

use dutypoint_model::document::{NumberKind, WordOrder};
use dutypoint_model::toml_text::{self, TextError};
use dutypoint_model::{Bilingual, Unit};
use serde::Deserialize;
use std::collections::BTreeSet;

/// The register map of a device family.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstrumentProfile {
    /// Id, the file's name without `.toml`.
    pub id: String,
    /// Kind of instrument.
    pub class: String,
    /// Maker.
    pub vendor: String,
    /// Models the map holds for.
    pub model: String,
    /// `rtu`, `tcp`.
    pub transport: Vec<String>,
    /// How sure the map is: H, M or L, as in the reference.
    pub confidence: String,
    /// `documented`, `wire-verified` or `value-verified`.
    pub trust: String,
    /// Most registers one request may ask for.
    pub max_read: u16,
    /// How the device says that it has no value.
    #[serde(default)]
    pub failure: Vec<String>,
    /// What a technician must know.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Where the map comes from.
    pub sources: Vec<String>,
    /// The registers.
    pub register: Vec<Register>,
}

/// One value of the map.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Name.
    pub name: String,
    /// Zero-based address on the wire.
    pub address: u16,
    /// Function code that reads it, 3 or 4.
    pub function: u8,
    /// Type.
    pub kind: NumberKind,
    /// Word order of the factory setting; `probe` where the sources do not say.
    #[serde(default = "first")]
    pub order: Order,
    /// Unit, where the map fixes it.
    #[serde(default)]
    pub unit: Option<Unit>,
    /// Factor from raw to unit.
    #[serde(default = "one")]
    pub factor: f64,
    /// Offset after the factor.
    #[serde(default)]
    pub offset: f64,
    /// The value is a count of 0 … 65535 over a span the device is set to.
    #[serde(default)]
    pub span: bool,
    /// Register of the same answer with the number of decimals.
    #[serde(default)]
    pub decimals_from: Option<String>,
    /// Register of the same answer with the code of the unit.
    #[serde(default)]
    pub unit_from: Option<String>,
    /// Register of the same answer that must equal `status_ok`.
    #[serde(default)]
    pub status_from: Option<String>,
    /// See `status_from`.
    #[serde(default)]
    pub status_ok: u16,
    /// What another status means.
    #[serde(default)]
    pub status_text: Bilingual,
    /// Raw values that mean "no measurement".
    #[serde(default)]
    pub invalid: Vec<i64>,
    /// How often the value repeats, one behind the other.
    #[serde(default = "once")]
    pub repeat: u16,
    /// Whether it may be written.
    #[serde(default)]
    pub writable: bool,
    /// How sure this line is.
    pub confidence: String,
    /// Kind of source.
    pub evidence: String,
    /// What a technician must know.
    #[serde(default)]
    pub note: String,
}

/// Word order as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
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
}

fn first() -> Order {
    Order::Abcd
}

fn one() -> f64 {
    1.0
}

fn once() -> u16 {
    1
}

impl InstrumentProfile {
    /// Reads a profile.
    ///
    /// # Errors
    /// [`TextError`] with line and cause.
    pub fn parse(file: &str, text: &str) -> Result<Self, TextError> {
        let profile: Self = toml_text::parse(file, text)?;
        profile.check().map_err(|message| TextError {
            file: file.to_owned(),
            line: None,
            message,
        })?;
        Ok(profile)
    }

    /// The register called `name`.
    #[must_use]
    pub fn register(&self, name: &str) -> Option<&Register> {
        self.register.iter().find(|r| r.name == name)
    }

    fn check(&self) -> Result<(), String> {
        let mut names = BTreeSet::new();
        if !(1..=125).contains(&self.max_read) {
            return Err(format!("max_read {} is outside 1 … 125", self.max_read));
        }
        for register in &self.register {
            let name = &register.name;
            if !names.insert(name) {
                return Err(format!("register {name:?} is declared twice"));
            }
            if !matches!(register.function, 3 | 4) {
                return Err(format!(
                    "register {name:?}: function {} cannot read registers; expected 3 or 4",
                    register.function
                ));
            }
            if register.repeat == 0 || !register.factor.is_finite() || !register.offset.is_finite()
            {
                return Err(format!(
                    "register {name:?}: repeat must be at least 1 and the scale finite"
                ));
            }
            let last = u32::from(register.address)
                + u32::from(register.kind.words()) * u32::from(register.repeat)
                - 1;
            if last > u32::from(u16::MAX) {
                return Err(format!("register {name:?} reaches beyond address 65535"));
            }
            for (key, other) in [
                ("decimals_from", &register.decimals_from),
                ("unit_from", &register.unit_from),
                ("status_from", &register.status_from),
            ] {
                let Some(other) = other else { continue };
                match self.register(other) {
                    Some(r) if r.kind.words() == 1 && r.function == register.function => {}
                    Some(_) => {
                        return Err(format!(
                            "register {name:?}: {key} {other:?} must be one word of the same function"
                        ));
                    }
                    None => {
                        return Err(format!(
                            "register {name:?}: {key} {other:?} is no register of this profile"
                        ));
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_profile_reads_and_is_named_after_its_file() {
        let folder =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/instruments");
        let mut count = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            let profile = InstrumentProfile::parse(name, &text).unwrap();
            assert_eq!(profile.id, name);
            assert!(!profile.sources.is_empty(), "{name} names no source");
            count += 1;
        }
        assert!(count >= 7, "only {count} profiles");
    }

    #[test]
    fn a_profile_that_contradicts_itself_is_refused() {
        let head = "id='x'\nclass='flow'\nvendor='v'\nmodel='m'\ntransport=['rtu']\nconfidence='L'\ntrust='documented'\nmax_read=125\nsources=['s']\n";
        let register = |body: &str| {
            format!("{head}[[register]]\nname='a'\nconfidence='L'\nevidence='memory'\n{body}")
        };
        for (body, expected) in [
            ("address=0\nfunction=6\nkind='u16'", "expected 3 or 4"),
            (
                "address=65535\nfunction=3\nkind='f32'",
                "beyond address 65535",
            ),
            (
                "address=0\nfunction=3\nkind='u16'\nstatus_from='b'",
                "is no register",
            ),
            (
                "address=0\nfunction=3\nkind='u16'\nadress=1",
                "did you mean \"address\"?",
            ),
        ] {
            let error = InstrumentProfile::parse("x.toml", &register(body)).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
