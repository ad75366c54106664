//! Instrument profiles: a register map as data, one TOML file per device family.
//!
//! A profile says what its sources say and nothing more: what they leave open stays
//! absent, and a word order they do not state is `probe`. A profile that contradicts
//! itself is refused with file, line, cause and cure.

mod check;
mod message;
mod register;

pub(crate) use check::{must, must_of};
pub use message::{ByteRule, MessageRule, MessageValue, Raw};
pub use register::{
    CodeText, Evidence, ExponentRule, FractionRule, Order, Register, SignRule, StatusRule,
    WriteClass,
};

use dutypoint_engine::config::Parity;
use dutypoint_model::Bilingual;
use dutypoint_model::toml_text::{self, TextError};
use serde::{Deserialize, Serialize};

/// The register map of a device family.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstrumentProfile {
    /// Id, the file's name without `.toml`.
    pub id: String,
    /// Kind of instrument.
    pub class: Class,
    /// Maker.
    pub vendor: String,
    /// Models the map holds for.
    pub model: String,
    /// What it speaks.
    pub transport: Vec<Transport>,
    /// How sure the map is, as in the reference.
    pub confidence: Confidence,
    /// How far the map has been proved on hardware.
    pub trust: Trust,
    /// Modbus unit identifier set in the factory.
    #[serde(default)]
    pub unit_id: Option<u8>,
    /// Most registers one request may ask for.
    #[serde(default = "most_registers")]
    pub max_read: u16,
    /// Most registers in a row that the map does not name and that may be read with their
    /// neighbours.
    #[serde(default)]
    pub max_gap: u16,
    /// Requests must ask for a multiple of so many registers.
    #[serde(default = "register::once")]
    pub read_multiple: u16,
    /// Whether each value must be asked for by itself.
    #[serde(default)]
    pub single_read: bool,
    /// How the device says that it has no value.
    #[serde(default)]
    pub failure: Vec<Bilingual>,
    /// What a technician must know.
    #[serde(default)]
    pub notes: Vec<Bilingual>,
    /// Where the map comes from.
    pub sources: Vec<String>,
    /// Serial settings of the factory, as far as they are known.
    #[serde(default)]
    pub serial: Serial,
    /// Times of the device, as far as they are known.
    #[serde(default)]
    pub timing: Timing,
    /// What may neither be read, nor read over, nor written.
    #[serde(default)]
    pub forbidden: Vec<Forbidden>,
    /// How the device can be told from others, and the base of its addresses checked.
    #[serde(default)]
    pub identity: Vec<Identity>,
    /// The registers.
    #[serde(default)]
    pub register: Vec<Register>,
    /// The messages of a device that speaks no Modbus.
    #[serde(default)]
    pub message: Vec<MessageRule>,
    /// The numbers in them.
    #[serde(default)]
    pub value: Vec<MessageValue>,
}

fn most_registers() -> u16 {
    125
}

/// Kind of instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Flow meters.
    Flow,
    /// Pressure and level transmitters, and gateways to them.
    Pressure,
    /// Power analysers and meters.
    Power,
    /// Torque and speed sensors.
    Torque,
    /// Remote inputs and outputs, controllers.
    RemoteIo,
    /// Temperature modules and controllers.
    Temperature,
    /// Vibration sensors.
    Vibration,
    /// Ambient probes.
    Ambient,
    /// Resistance meters.
    Resistance,
    /// Insulation monitors.
    Insulation,
    /// Valve actuators.
    Actuator,
    /// Frequency converters.
    Vfd,
}

impl Class {
    /// The name printed for people.
    #[must_use]
    pub fn text(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Flow => ("流量", "flow"),
            Self::Pressure => ("压力、液位", "pressure, level"),
            Self::Power => ("电参数", "power"),
            Self::Torque => ("转矩转速", "torque, speed"),
            Self::RemoteIo => ("远程 I/O", "remote I/O"),
            Self::Temperature => ("温度", "temperature"),
            Self::Vibration => ("振动", "vibration"),
            Self::Ambient => ("环境", "ambient"),
            Self::Resistance => ("电阻", "resistance"),
            Self::Insulation => ("绝缘", "insulation"),
            Self::Actuator => ("执行器", "actuator"),
            Self::Vfd => ("变频器", "frequency converter"),
        };
        Bilingual::new(zh, en)
    }
}

/// What a device speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Modbus RTU on a serial line.
    Rtu,
    /// Modbus TCP.
    Tcp,
    /// Messages pushed on a serial line.
    Push,
    /// Lines of text asked for on a serial line.
    Ascii,
}

impl Transport {
    /// The word written in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rtu => "rtu",
            Self::Tcp => "tcp",
            Self::Push => "push",
            Self::Ascii => "ascii",
        }
    }

    /// Whether messages are exchanged instead of registers.
    #[must_use]
    pub fn has_messages(self) -> bool {
        matches!(self, Self::Push | Self::Ascii)
    }
}

/// How sure a map or a line of it is. It covers address, type and unit; the word order is
/// stated apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub enum Confidence {
    /// The maker's manual, or two sources that do not depend on each other.
    H,
    /// One source of a third party, or part of a manual.
    M,
    /// Inferred or from memory.
    L,
}

impl Confidence {
    /// What it means, for people.
    #[must_use]
    pub fn text(self) -> Bilingual {
        let (zh, en) = match self {
            Self::H => ("厂家手册或两个独立来源", "maker's manual or two sources"),
            Self::M => ("单一或不完整来源", "one source, or part of one"),
            Self::L => (
                "推断或记忆，须在仪表上核实",
                "inferred or from memory: check on the device",
            ),
        };
        Bilingual::new(zh, en)
    }
}

/// How far a map has been proved on hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// Read in documents, never on a device.
    Documented,
    /// A device answered every register.
    WireVerified,
    /// Its values agreed with its display or a reference.
    ValueVerified,
}

impl Trust {
    /// What it means, for people.
    #[must_use]
    pub fn text(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Documented => (
                "仅有资料，未在实物上验证",
                "from documents, never on a device",
            ),
            Self::WireVerified => ("实物已应答", "a device answered"),
            Self::ValueVerified => (
                "数值已与显示或标准比对",
                "values agreed with display or reference",
            ),
        };
        Bilingual::new(zh, en)
    }
}

/// Serial settings of the factory; what is absent no source states.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Serial {
    /// Bits per second.
    #[serde(default)]
    pub baud: Option<u32>,
    /// Parity.
    #[serde(default)]
    pub parity: Option<Parity>,
    /// Stop bits.
    #[serde(default)]
    pub stop_bits: Option<u8>,
}

/// Times of a device, milliseconds; what is absent no source states.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// Least and most time to an answer.
    #[serde(default)]
    pub response_ms: Option<[u32; 2]>,
    /// Least wait for an answer before it counts as lost.
    #[serde(default)]
    pub timeout_ms: Option<u32>,
    /// Time the device takes over a request before it can be asked again.
    #[serde(default)]
    pub turnaround_ms: Option<u32>,
    /// Rest the device needs after an answer.
    #[serde(default)]
    pub pause_ms: Option<u32>,
    /// How often the device renews its values; asking more often repeats them.
    #[serde(default)]
    pub update_ms: Option<u32>,
}

/// Addresses that must be left alone.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forbidden {
    /// First, zero-based as on the wire.
    pub from: u16,
    /// Last.
    pub to: u16,
    /// Only of this function; else of both.
    #[serde(default)]
    pub function: Option<u8>,
    /// Why.
    pub why: Bilingual,
}

impl Forbidden {
    /// Whether one of the addresses `first ..= last` of `function` is among them.
    #[must_use]
    pub fn touches(&self, function: u8, first: u16, last: u16) -> bool {
        self.function.is_none_or(|only| only == function) && first <= self.to && self.from <= last
    }
}

/// What a device says that tells it from others: a register, or an object of function
/// 43/14 (read device identification).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Register of the profile.
    #[serde(default)]
    pub register: Option<String>,
    /// Object of function 43/14, 0 the maker, 1 the product code.
    #[serde(default)]
    pub object: Option<u8>,
    /// What the register holds, scaled.
    #[serde(default)]
    pub equals: Option<f64>,
    /// What the register lies between, scaled: tells a right address from a wrong one.
    #[serde(default)]
    pub between: Option<[f64; 2]>,
    /// What the object's text contains.
    #[serde(default)]
    pub contains: Option<String>,
    /// What to make of it.
    #[serde(default)]
    pub note: Option<Bilingual>,
}

impl InstrumentProfile {
    /// Reads a profile.
    ///
    /// # Errors
    /// [`TextError`] with line, cause and cure of the first mistake.
    pub fn parse(file: &str, text: &str) -> Result<Self, TextError> {
        let profile: Self = toml_text::parse(file, text)?;
        match profile.mistakes_in(file, text)?.into_iter().next() {
            None => Ok(profile),
            Some(first) => Err(first),
        }
    }

    /// Every mistake of a profile's text; of a text that cannot be read, the first.
    #[must_use]
    pub fn mistakes(file: &str, text: &str) -> Vec<TextError> {
        let read: Result<Self, TextError> = toml_text::parse(file, text);
        match read.and_then(|profile| profile.mistakes_in(file, text)) {
            Ok(mistakes) => mistakes,
            Err(error) => vec![error],
        }
    }

    /// The register called `name`.
    #[must_use]
    pub fn register(&self, name: &str) -> Option<&Register> {
        self.register.iter().find(|r| r.name == name)
    }

    /// The registers a value needs in the same answer, each with the address that goes
    /// with the repetition `index` of the value.
    pub fn needs<'a>(
        &'a self,
        register: &'a Register,
        index: u16,
    ) -> impl Iterator<Item = (&'a Register, u16)> {
        register
            .needs()
            .filter_map(|(_, name)| self.register(name))
            .map(move |other| (other, other.address_beside(register, index)))
    }
}

#[cfg(test)]
mod tests;
