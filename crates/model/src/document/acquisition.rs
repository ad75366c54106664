//! Documents about the wire: where values come from, and the raw words themselves.

use super::{Calibration, Encoding, Message, ZeroRule};
use crate::digest::Bytes;
use crate::{Quantity, Unit};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Where each quantity of the run comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channels {
    /// What is asked on the wire, in ascending `id`.
    pub polls: Vec<Poll>,
    /// What the answers mean.
    pub channels: Vec<Channel>,
    /// What can be driven.
    pub actuators: Vec<Actuator>,
}

/// One read request that is repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poll {
    /// Number that pages refer to.
    pub id: u16,
    /// Line it goes out on.
    pub line: String,
    /// Tag of the instrument that answers.
    pub instrument: String,
    /// Modbus unit identifier.
    pub unit_id: u8,
    /// Modbus function code, 3 or 4; 0 where a message is asked for.
    pub function: u8,
    /// First register, zero-based as on the wire.
    pub address: u16,
    /// Number of registers.
    pub count: u16,
    /// Bench milliseconds between requests.
    pub period_ms: u32,
    /// What comes in place of registers; the words of an answer are then its bytes, and
    /// `count` the words of the longest one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<Message>,
}

/// One quantity from one instrument.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Unique name.
    pub name: String,
    /// What the engine uses it for.
    pub role: Role,
    /// Unit of the decoded number.
    pub unit: Unit,
    /// Poll whose answer holds it.
    pub poll: u16,
    /// How raw words become the number.
    pub encoding: Encoding,
    /// Time constant of the transmitter's damping, seconds.
    pub damping_s: f64,
    /// That its zero is taken before the run and checked after it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub zero: Option<ZeroRule>,
    /// That people type its readings in: no page holds it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub entered: Option<EntryRule>,
    /// That its number counts pulses: what it measures is how fast it grows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub counter: Option<CounterRule>,
    /// The instrument with its calibration.
    pub instrument: Instrument,
}

/// How a count of pulses becomes a rate: growth a second · `factor`, in the channel's unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CounterRule {
    /// What one pulse a second is worth.
    pub factor: f64,
    /// The count after which it is 0 again.
    pub wraps_at: f64,
    /// Pulses a second that are never exceeded.
    pub most_hz: f64,
}

/// How readings that people type in are taken, in the channel's unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryRule {
    /// Smallest step that can be read off.
    pub resolution: f64,
    /// How far the entries of two people may lie apart.
    pub tolerance: f64,
}

/// What a channel is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Rate of flow through the pump.
    Flow,
    /// Gauge pressure at the outlet tap.
    OutletPressure,
    /// Gauge pressure at the inlet tap.
    InletPressure,
    /// Height of water above the level sensor.
    WaterLevel,
    /// Temperature of the water.
    WaterTemperature,
    /// A line-to-line voltage at the panel.
    Voltage,
    /// A line current.
    Current,
    /// Electrical input power at the panel.
    InputPower,
    /// Mechanical power at the shaft.
    ShaftPower,
    /// Supply frequency.
    Frequency,
    /// Slip frequency of the induction coil.
    SlipFrequency,
    /// Speed of rotation.
    Speed,
    /// Power factor.
    PowerFactor,
    /// Total harmonic distortion of a voltage.
    VoltageThd,
    /// Position read back from the valve.
    ValvePosition,
    /// Speed or frequency a converter reports of its output.
    DriveOutput,
    /// Whether the bench is supplied: 1 from the mains, 0 from its battery.
    MainsPresent,
    /// Whether a hard-wired trip has acted: 0 it has not.
    Trip,
    /// Velocity of vibration.
    Vibration,
    /// Level of the sound.
    SoundLevel,
    /// Temperature of a bearing.
    BearingTemperature,
}

impl Role {
    /// The quantity a channel of this role must measure.
    #[must_use]
    pub fn quantity(self) -> Quantity {
        match self {
            Self::Flow => Quantity::Flow,
            Self::OutletPressure | Self::InletPressure => Quantity::Pressure,
            Self::WaterLevel => Quantity::Length,
            Self::WaterTemperature | Self::BearingTemperature => Quantity::Temperature,
            Self::Vibration => Quantity::Velocity,
            Self::SoundLevel => Quantity::SoundLevel,
            Self::Voltage => Quantity::Voltage,
            Self::Current => Quantity::Current,
            Self::InputPower | Self::ShaftPower => Quantity::Power,
            Self::Frequency | Self::SlipFrequency => Quantity::Frequency,
            Self::Speed => Quantity::Speed,
            Self::PowerFactor
            | Self::VoltageThd
            | Self::ValvePosition
            | Self::DriveOutput
            | Self::MainsPresent
            | Self::Trip => Quantity::Ratio,
        }
    }

    /// Whether a window of such a channel must stand still before it counts.
    #[must_use]
    pub fn fluctuation_is_tested(self) -> bool {
        matches!(
            self,
            Self::Flow
                | Self::OutletPressure
                | Self::WaterLevel
                | Self::WaterTemperature
                | Self::InputPower
                | Self::Frequency
                | Self::SlipFrequency
        )
    }

    /// Unit and decimals people read a channel of this role with: a fixed count, so that
    /// digits stand still while the value moves.
    #[must_use]
    pub fn shown_in(self) -> (Unit, usize) {
        match self {
            Self::PowerFactor => (Unit::One, 3),
            Self::MainsPresent | Self::Trip => (Unit::One, 0),
            Self::SlipFrequency => (Unit::Hertz, 3),
            other => other.quantity().shown_in(),
        }
    }

    /// The name printed for people.
    #[must_use]
    pub fn text(self) -> crate::Bilingual {
        let (zh, en) = match self {
            Self::Flow => ("流量", "flow"),
            Self::OutletPressure => ("出口压力", "outlet pressure"),
            Self::InletPressure => ("进口压力", "inlet pressure"),
            Self::WaterLevel => ("动水位", "dynamic water level"),
            Self::WaterTemperature => ("水温", "water temperature"),
            Self::Voltage => ("电压", "voltage"),
            Self::Current => ("电流", "current"),
            Self::InputPower => ("输入功率", "input power"),
            Self::ShaftPower => ("轴功率", "shaft power"),
            Self::Frequency => ("频率", "frequency"),
            Self::SlipFrequency => ("转差频率", "slip frequency"),
            Self::Speed => ("转速", "speed"),
            Self::PowerFactor => ("功率因数", "power factor"),
            Self::VoltageThd => ("电压总谐波畸变率", "voltage distortion (THD)"),
            Self::ValvePosition => ("阀位", "valve position"),
            Self::DriveOutput => ("变频器输出", "converter output"),
            Self::MainsPresent => ("市电", "mains present"),
            Self::Trip => ("保护动作", "trip"),
            Self::Vibration => ("振动速度", "vibration velocity"),
            Self::SoundLevel => ("声级", "sound level"),
            Self::BearingTemperature => ("轴承温度", "bearing temperature"),
        };
        crate::Bilingual::new(zh, en)
    }
}

/// An instrument as it stood at the run, with the calibration in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// Tag on the bench.
    pub tag: String,
    /// Maker and model.
    pub model: String,
    /// Serial number.
    pub serial: String,
    /// Measuring range, in the channel's unit.
    pub range: [f64; 2],
    /// The calibration.
    pub calibration: Calibration,
}

/// Something that can be driven, within the limits of the bench file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actuator {
    /// Name.
    pub name: String,
    /// Line it is on.
    pub line: String,
    /// Modbus unit identifier.
    pub unit_id: u8,
    /// Register that takes the demand.
    pub address: u16,
    /// Modbus function that writes it: 6, 16 or 23.
    pub function: u8,
    /// Unit of the demand, and of the limits below.
    pub unit: Unit,
    /// Demand = raw · factor + offset.
    pub factor: f64,
    /// Demand at the raw number 0.
    pub offset: f64,
    /// Whether the raw number has a sign (two's complement).
    pub signed: bool,
    /// Smallest and largest demand.
    pub range: [f64; 2],
    /// Largest change of the demand in a second.
    pub rate_per_s: f64,
    /// Seconds after which it is disarmed, whoever armed it.
    pub armed_for_s: f64,
    /// Whether a greater demand makes a motor turn faster.
    pub speed: bool,
    /// What shows where it is.
    pub read_back: ReadBack,
    /// Poll number under which writes are recorded in pages.
    pub poll: u16,
}

impl Actuator {
    /// The register word of a demand in the internal unit; none where the register cannot
    /// hold it or it is outside the range.
    #[must_use]
    pub fn word(&self, value: f64) -> Option<u16> {
        let demand = self.unit.from_internal(value);
        let [low, high] = self.range;
        // What comes of a conversion and back may miss the end of the range by a rounding.
        let slack = 1e-9 * (high - low).abs();
        if !(low - slack..=high + slack).contains(&demand) {
            return None;
        }
        let raw = ((demand - self.offset) / self.factor).round();
        let (least, most) = if self.signed {
            (f64::from(i16::MIN), f64::from(i16::MAX))
        } else {
            (0.0, f64::from(u16::MAX))
        };
        if !(least..=most).contains(&raw) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked: a word, negative ones in two's complement"
        )]
        Some(raw as i32 as u16)
    }
}

/// What shows where an actuator is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadBack {
    /// Name of the channel.
    pub channel: String,
    /// How far it may be from the demand, in the actuator's unit.
    pub tolerance: f64,
    /// Seconds behind the last write until it must agree; as long without a value, contact
    /// is lost.
    pub within_s: f64,
}

/// Raw register words of at most 100 ms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Bench time the offsets below count from.
    pub t_ns: i64,
    /// What was exchanged, in the order of the answers.
    pub exchanges: Vec<Exchange>,
}

/// One request and its answer: poll, send and receive time, quality, raw words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange(
    /// Poll it belongs to.
    pub u16,
    /// Bench microseconds from the page's time to the send; may be negative.
    pub i64,
    /// Bench microseconds from the page's time to the last byte received.
    pub i64,
    /// Whether the words may be used.
    pub Quality,
    /// Raw words, high byte first as on the wire; empty unless the quality is good.
    pub Bytes,
);

/// Whether the words of an exchange may be used, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// The answer is complete and belongs to the request.
    Good,
    /// No answer in time.
    Timeout,
    /// Fewer or more registers than asked.
    WrongLength,
    /// The device answered with this exception code.
    Exception(u8),
    /// Bytes that are no valid frame, or of another device or transaction.
    Garbled,
    /// The line is closed or broken.
    Disconnected,
    /// The computer slept about that time: nobody knows when the words were true.
    Slept,
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Good => f.write_str("good"),
            Self::Timeout => f.write_str("timeout"),
            Self::WrongLength => f.write_str("wrong_length"),
            Self::Exception(code) => write!(f, "exception:{code}"),
            Self::Garbled => f.write_str("garbled"),
            Self::Disconnected => f.write_str("disconnected"),
            Self::Slept => f.write_str("slept"),
        }
    }
}

impl Quality {
    /// The quality in words.
    #[must_use]
    pub fn text(self) -> crate::Bilingual {
        let (zh, en) = match self {
            Self::Good => ("正常", "good"),
            Self::Timeout => ("超时无应答", "timeout"),
            Self::WrongLength => ("应答长度不符", "wrong length"),
            Self::Exception(code) => {
                return crate::Bilingual::new(
                    format!("仪表报告异常 {code}"),
                    format!("exception {code}"),
                );
            }
            Self::Garbled => ("应答有误", "garbled"),
            Self::Disconnected => ("连接断开", "disconnected"),
            Self::Slept => ("计算机曾休眠", "the computer slept"),
        };
        crate::Bilingual::new(zh, en)
    }
}

impl FromStr for Quality {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "good" => Ok(Self::Good),
            "timeout" => Ok(Self::Timeout),
            "wrong_length" => Ok(Self::WrongLength),
            "garbled" => Ok(Self::Garbled),
            "disconnected" => Ok(Self::Disconnected),
            "slept" => Ok(Self::Slept),
            _ => text
                .strip_prefix("exception:")
                // One spelling per code: no sign, no leading zero.
                .and_then(|code| code.parse().ok().filter(|n: &u8| n.to_string() == code))
                .map(Self::Exception)
                .ok_or_else(|| format!("unknown quality {text:?}")),
        }
    }
}

impl Serialize for Quality {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            // Nearly every one.
            Self::Good => serializer.serialize_str("good"),
            other => serializer.collect_str(other),
        }
    }
}

impl<'de> Deserialize<'de> for Quality {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Quality;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a quality")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Quality, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// A test recorded elsewhere: the columns used of the table, cell by cell. Replay reads
/// the cells; how they were read from the file stands in `form`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// Bench time of the import.
    pub t_ns: i64,
    /// File the table came from.
    pub file: crate::document::FileRef,
    /// How the file was read.
    pub form: TableForm,
    /// What each column holds.
    pub columns: Vec<ImportColumn>,
    /// Cells row by row: the digits as written, with a point as decimal sign and without
    /// thousands separators.
    pub rows: Vec<Vec<String>>,
}

/// How the file of an imported table was read, so that whoever has the file can follow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableForm {
    /// Encoding of a text table, by its name at IANA; absent for a workbook.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub encoding: Option<String>,
    /// What separates its cells: `,`, `;` or a tab.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub separator: Option<String>,
    /// Decimal sign of the numbers that are text: `,` or `.`; absent where none has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decimal: Option<String>,
    /// Sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sheet: Option<String>,
}

/// One column of an imported table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportColumn {
    /// Its header as written, white space at the ends and line breaks taken out.
    pub header: String,
    /// What it holds.
    pub role: Role,
    /// Unit of its numbers.
    pub unit: Unit,
}
