//! Messages of a device that speaks no Modbus, as its profile describes them.

use super::register::one;
use super::{Confidence, Evidence, Order};
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::{Bits, Checksum, Message, NumberKind};
use dutypoint_model::{Bilingual, Unit};
use serde::Deserialize;

/// A message that the device pushes, or answers with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageRule {
    /// Name.
    pub name: String,
    /// What is sent to it; absent where it pushes by itself.
    #[serde(default)]
    pub send: Option<Raw>,
    /// First bytes of every message.
    #[serde(default)]
    pub begins: Raw,
    /// Last bytes of every message.
    #[serde(default)]
    pub ends: Raw,
    /// Bytes of every message, all of them, where it is always as long.
    #[serde(default)]
    pub length: Option<u16>,
    /// Bytes of the longest one, where the length differs.
    #[serde(default)]
    pub most: Option<u16>,
    /// Checksum right before the last bytes.
    #[serde(default)]
    pub checksum: Option<Checksum>,
    /// Whether what is sent has the same checksum before its `ends`.
    #[serde(default)]
    pub send_checksum: bool,
    /// Character between the fields of a line of text.
    #[serde(default)]
    pub separator: Option<char>,
    /// How many fields a line has.
    #[serde(default)]
    pub fields: Option<u16>,
}

/// Bytes in a file: text as it stands, or `hex:` and hexadecimal digits. In text,
/// `{unit}` stands for the device's address in decimal, `{unit:x2}` for two hexadecimal
/// digits, `{unit:d2}` for two decimal ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Raw {
    /// As written.
    pub text: String,
}

impl TryFrom<String> for Raw {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let raw = Self { text };
        match raw.text.strip_prefix("hex:") {
            Some(digits) if from_hex(digits).is_none() => Err(format!(
                "{:?} is no sequence of bytes; write two hexadecimal digits to a byte, as hex:AA55",
                raw.text
            )),
            None if !raw.text.is_ascii() => Err(format!(
                "{:?} holds a character that is not ASCII; write its bytes as hex:…",
                raw.text
            )),
            _ => Ok(raw),
        }
    }
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = digits
        .chars()
        .filter(|c| *c != ' ')
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()?;
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let pairs = digits.chunks_exact(2);
    pairs
        .map(|pair| u8::try_from(pair.iter().fold(0, |byte, digit| 16 * byte + digit)).ok())
        .collect()
}

impl Raw {
    /// The bytes for the device at address `unit`.
    #[must_use]
    pub fn bytes(&self, unit: u8) -> Vec<u8> {
        match self.text.strip_prefix("hex:") {
            Some(digits) => from_hex(digits).unwrap_or_default(),
            None => self
                .text
                .replace("{unit}", &unit.to_string())
                .replace("{unit:x2}", &format!("{unit:02X}"))
                .replace("{unit:d2}", &format!("{unit:02}"))
                .into_bytes(),
        }
    }
}

impl MessageRule {
    /// The message of the device at address `unit`.
    #[must_use]
    pub fn of(&self, unit: u8) -> Message {
        let ends = self.ends.bytes(unit);
        let send = self.send.as_ref().map(|send| {
            let mut bytes = send.bytes(unit);
            if let (Some(sum), true) = (self.checksum, self.send_checksum) {
                bytes.truncate(bytes.len().saturating_sub(ends.len()));
                let sum = sum.of(&bytes);
                bytes.extend(sum);
                bytes.extend(&ends);
            }
            Bytes(bytes)
        });
        Message {
            send,
            begins: Bytes(self.begins.bytes(unit)),
            ends: Bytes(ends),
            length: self.length,
            most: self.length.or(self.most).unwrap_or(0),
            checksum: self.checksum,
        }
    }
}

/// A number in a message.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageValue {
    /// Name.
    pub name: String,
    /// Message it stands in; may be absent where there is one only.
    #[serde(default)]
    pub message: Option<String>,
    /// First byte of a binary number, counted from 0.
    #[serde(default)]
    pub byte: Option<u16>,
    /// Type of a binary number.
    #[serde(default)]
    pub kind: Option<NumberKind>,
    /// Order of the bytes of a binary number; `BADC` of one word says low byte first.
    #[serde(default)]
    pub order: Option<Order>,
    /// The bits that hold a binary number.
    #[serde(default)]
    pub bits: Option<Bits>,
    /// Field of a line of text, counted from 1.
    #[serde(default)]
    pub field: Option<u16>,
    /// What the field ends with behind the number, such as its unit.
    #[serde(default)]
    pub suffix: Option<String>,
    /// Unit, where the profile fixes it.
    #[serde(default)]
    pub unit: Option<Unit>,
    /// Factor from raw to unit.
    #[serde(default = "one")]
    pub factor: f64,
    /// Offset after the factor.
    #[serde(default)]
    pub offset: f64,
    /// Raw values that mean "no measurement"; of a float its bits.
    #[serde(default)]
    pub invalid: Vec<i64>,
    /// Smallest and largest raw number that is a measurement.
    #[serde(default)]
    pub limits: Option<[f64; 2]>,
    /// What bytes of the message must be for the number to count.
    #[serde(default)]
    pub status: Vec<ByteRule>,
    /// How sure this line is.
    pub confidence: Confidence,
    /// Kind of source.
    pub evidence: Evidence,
    /// What a technician must know.
    #[serde(default)]
    pub note: Option<Bilingual>,
}

/// What a byte must be for the number to count: exactly one of the four.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByteRule {
    /// The byte, counted from 0.
    pub byte: u16,
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
