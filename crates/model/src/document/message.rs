//! Messages of instruments that speak no Modbus: what tells a whole one from a broken one,
//! and where a number stands in it.
//!
//! A message is kept byte by byte as it came, packed two to a word, high byte first; one of
//! an odd number of bytes has a zero behind it.

use crate::digest::Bytes;
use serde::{Deserialize, Serialize};

/// A message an instrument pushes by itself, or answers with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// What is sent to it; absent where it pushes by itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub send: Option<Bytes>,
    /// First bytes of every message.
    pub begins: Bytes,
    /// Last bytes of every message.
    pub ends: Bytes,
    /// Bytes of every message, all of them, where it is always as long.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub length: Option<u16>,
    /// Bytes of the longest one.
    pub most: u16,
    /// What proves that no byte was hurt.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub checksum: Option<Checksum>,
}

/// A checksum right before the last bytes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checksum {
    /// How it is computed.
    pub kind: ChecksumKind,
    /// How it is written.
    #[serde(default)]
    pub written: Written,
    /// First byte that it covers; the last is the one before it.
    #[serde(default)]
    pub from: u16,
}

/// How a checksum is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChecksumKind {
    /// Sum of the bytes, modulo 256.
    Sum8,
    /// Exclusive or of the bytes.
    Xor8,
    /// CRC-16/MODBUS, low byte first.
    Crc16,
}

/// How a checksum is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Written {
    /// As bytes.
    #[default]
    Binary,
    /// Two hexadecimal digits to a byte.
    Hex,
}

impl Checksum {
    /// Bytes it takes in a message.
    #[must_use]
    pub fn width(self) -> usize {
        let bytes = match self.kind {
            ChecksumKind::Sum8 | ChecksumKind::Xor8 => 1,
            ChecksumKind::Crc16 => 2,
        };
        match self.written {
            Written::Binary => bytes,
            Written::Hex => 2 * bytes,
        }
    }

    /// What has to stand behind `bytes`, the message up to its checksum.
    #[must_use]
    pub fn of(self, bytes: &[u8]) -> Vec<u8> {
        let covered = bytes.get(usize::from(self.from)..).unwrap_or_default();
        let sum = match self.kind {
            ChecksumKind::Sum8 => vec![covered.iter().fold(0, |sum: u8, b| sum.wrapping_add(*b))],
            ChecksumKind::Xor8 => vec![covered.iter().fold(0, |sum, b| sum ^ b)],
            ChecksumKind::Crc16 => crc16(covered).to_le_bytes().to_vec(),
        };
        match self.written {
            Written::Binary => sum,
            Written::Hex => crate::digest::hex(&sum).to_ascii_uppercase().into_bytes(),
        }
    }
}

/// CRC-16/MODBUS.
#[must_use]
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
            let shifted = crc >> 1;
            if crc & 1 == 1 {
                shifted ^ 0xA001
            } else {
                shifted
            }
        })
    })
}

/// Why bytes are not the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Too few or too many of them.
    Length,
    /// Other first or last bytes, or another checksum.
    Content,
}

impl Message {
    /// Whether `bytes` are one whole message, no byte more and none less.
    ///
    /// # Errors
    /// [`Broken`], the length first.
    pub fn holds(&self, bytes: &[u8]) -> Result<(), Broken> {
        let width = self.checksum.map_or(0, Checksum::width);
        let least = self.begins.0.len() + width + self.ends.0.len();
        let length = self.length.map(usize::from);
        if bytes.len() < least
            || bytes.len() > usize::from(self.most)
            || length.is_some_and(|length| bytes.len() != length)
        {
            return Err(Broken::Length);
        }
        let right = bytes.strip_suffix(&*self.ends.0).is_some_and(|body| {
            let (body, told) = body.split_at(body.len().saturating_sub(width));
            body.starts_with(&self.begins.0)
                && self
                    .checksum
                    .is_none_or(|sum| sum.of(body).eq_ignore_ascii_case(told))
        });
        if right { Ok(()) } else { Err(Broken::Content) }
    }
}

/// Where a number stands in a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Place {
    /// A binary number, from this byte on.
    Byte(u16),
    /// A decimal number, written in characters.
    Text {
        /// First byte of what is looked at.
        from: u16,
        /// Bytes at the end of the message that are not looked at.
        back: u16,
        /// Character between the fields; absent where all is one.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        separator: Option<u8>,
        /// Which of the fields, counted from 0.
        nth: u16,
        /// How many fields there must be.
        fields: u16,
        /// What the field ends with behind the number, such as its unit.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        suffix: Option<String>,
    },
}

/// `bytes` as the words of a page.
#[must_use]
pub fn packed(bytes: &[u8]) -> Vec<u16> {
    bytes
        .chunks(2)
        .map(|pair| match *pair {
            [high, low] => u16::from_be_bytes([high, low]),
            [high] => u16::from_be_bytes([high, 0]),
            _ => 0,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of CRC-16/MODBUS in the catalogue of parametrised CRC algorithms, the
    /// examples of the NMEA 0183 sentence and of the ADAM-4000 manual's checksum section.
    #[test]
    fn published_checksums_come_out() {
        assert_eq!(crc16(b"123456789"), 0x4B37);
        let sum = |kind, from| Checksum {
            kind,
            written: Written::Hex,
            from,
        };
        assert_eq!(sum(ChecksumKind::Sum8, 0).of(b"$012"), b"B7");
        assert_eq!(sum(ChecksumKind::Sum8, 0).of(b"!01200600"), b"AA");
        let nmea = b"$GPGLL,5300.97914,N,00259.98174,E,125926,A";
        assert_eq!(sum(ChecksumKind::Xor8, 1).of(nmea), b"28");
    }

    #[test]
    fn a_message_is_whole_or_it_is_not() {
        let message = Message {
            begins: Bytes(b"!".to_vec()),
            ends: Bytes(b"\r".to_vec()),
            most: 20,
            checksum: Some(Checksum {
                kind: ChecksumKind::Sum8,
                written: Written::Hex,
                from: 0,
            }),
            ..Message::default()
        };
        assert_eq!(message.holds(b"!01200600AA\r"), Ok(()));
        assert_eq!(message.holds(b"!01200600aa\r"), Ok(()));
        assert_eq!(message.holds(b"!01200601AA\r"), Err(Broken::Content));
        assert_eq!(message.holds(b"01200600AA\r"), Err(Broken::Content));
        assert_eq!(message.holds(b"!A\r"), Err(Broken::Length));
        assert_eq!(message.holds(b""), Err(Broken::Length));
        assert_eq!(message.holds(&[b'!'; 21]), Err(Broken::Length));
    }
}
