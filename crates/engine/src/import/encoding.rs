//! From bytes to text: UTF-8, UTF-16, GB18030, told apart or as the user says.
//!
//! Promise: a text is never mended. Bytes that the encoding does not have refuse the file.

use crate::Error;
use std::fmt;
use std::str::FromStr;

/// An encoding of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without its mark.
    Utf8,
    /// GB18030, and so GBK and GB 2312, as Excel writes CSV in China.
    Gb18030,
    /// UTF-16 in either order of bytes, as Excel writes "Unicode text".
    Utf16,
    /// Windows-1252, as Excel writes CSV in Western Europe. Never guessed: nearly any
    /// bytes are such a text.
    Windows1252,
}

impl Encoding {
    /// Every encoding, by the name the user gives.
    pub const ALL: &[(Self, &str)] = &[
        (Self::Utf8, "utf-8"),
        (Self::Gb18030, "gb18030"),
        (Self::Utf16, "utf-16"),
        (Self::Windows1252, "windows-1252"),
    ];

    /// What `bytes` are without doubt or by trial: a byte order mark decides, then whether
    /// they are UTF-8, then whether they are GB18030.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(UTF8_MARK) {
            return Some(Self::Utf8);
        }
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Some(Self::Utf16);
        }
        [Self::Utf8, Self::Gb18030].into_iter().find(|encoding| {
            encoding
                .decode(bytes)
                .is_some_and(|(text, _)| !text.contains(unprintable))
        })
    }

    /// The text of `bytes`, and the name of the encoding at IANA; `None` when they are no
    /// such text.
    fn decode(self, bytes: &[u8]) -> Option<(String, &'static str)> {
        let (encoding, bytes) = match self {
            Self::Utf8 => {
                let bytes = bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes);
                return Some((std::str::from_utf8(bytes).ok()?.to_owned(), "UTF-8"));
            }
            Self::Gb18030 => (encoding_rs::GB18030, bytes),
            Self::Windows1252 => (encoding_rs::WINDOWS_1252, bytes),
            Self::Utf16 => match bytes {
                [0xff, 0xfe, rest @ ..] => (encoding_rs::UTF_16LE, rest),
                [0xfe, 0xff, rest @ ..] => (encoding_rs::UTF_16BE, rest),
                // Without a mark the zero bytes of digits and separators tell.
                _ if zeros(bytes, 0) > zeros(bytes, 1) => (encoding_rs::UTF_16BE, bytes),
                _ => (encoding_rs::UTF_16LE, bytes),
            },
        };
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
        let name = match encoding.name() {
            // The WHATWG's word for it is lower case.
            "gb18030" => "GB18030",
            name => name,
        };
        Some((text.into_owned(), name))
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(encoding, _)| encoding == self);
        f.write_str(name.map_or("", |(_, name)| name))
    }
}

impl FromStr for Encoding {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(encoding, _)| *encoding)
            .ok_or_else(|| format!("expected {}", choices()))
    }
}

const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// Zero bytes at even (0) or odd (1) places.
fn zeros(bytes: &[u8], at: usize) -> usize {
    bytes
        .iter()
        .skip(at)
        .step_by(2)
        .filter(|b| **b == 0)
        .count()
}

fn choices() -> String {
    let names: Vec<&str> = Encoding::ALL.iter().map(|(_, name)| *name).collect();
    names.join(", ")
}

/// Characters no text table holds; where they come up, the bytes are something else.
fn unprintable(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r')
}

/// The text of the file `name` and the name of its encoding.
pub(super) fn text(
    name: &str,
    bytes: &[u8],
    chosen: Option<Encoding>,
) -> Result<(String, &'static str), Error> {
    let refuse = |why: String| Error::Table {
        name: name.to_owned(),
        why,
    };
    let Some(encoding) = chosen.or_else(|| Encoding::of(bytes)) else {
        let place = std::str::from_utf8(bytes).err().map(|e| e.valid_up_to());
        let why = match place {
            Some(at) => {
                let line = bytes.iter().take(at).filter(|b| **b == b'\n').count() + 1;
                format!("it is neither UTF-8 (line {line} is not) nor GB18030")
            }
            None => "it holds control characters, which no text table does".into(),
        };
        return Err(refuse(format!(
            "{why}; save it as UTF-8, or say what it is with --encoding: {}",
            choices()
        )));
    };
    match encoding.decode(bytes) {
        Some((text, _)) if text.contains(unprintable) => Err(refuse(format!(
            "read as {encoding} it holds control characters, so it is no such text; save it as UTF-8, or say what it is with --encoding: {}",
            choices()
        ))),
        Some(decoded) => Ok(decoded),
        None => Err(refuse(format!(
            "it is no {encoding} text; save it as UTF-8, or say what it is with --encoding: {}",
            choices()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, &'static str) {
        text("t.csv", bytes, None).unwrap()
    }

    #[test]
    fn each_encoding_is_told_by_its_mark_or_by_trial() {
        let table = "流量 [m³/h],功率\r\n1,2\r\n";
        assert_eq!(read(table.as_bytes()), (table.into(), "UTF-8"));
        let marked = ["\u{feff}", table].concat();
        assert_eq!(read(marked.as_bytes()), (table.into(), "UTF-8"));
        let (gb, _, lossy) = encoding_rs::GB18030.encode(table);
        assert!(!lossy);
        assert_eq!(read(&gb), (table.into(), "GB18030"));
        let units: Vec<u16> = marked.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|u| u.to_le_bytes()).collect();
        assert_eq!(read(&little), (table.into(), "UTF-16LE"));
        let big: Vec<u8> = units.iter().flat_map(|u| u.to_be_bytes()).collect();
        assert_eq!(read(&big), (table.into(), "UTF-16BE"));
        // Without its mark, only when said.
        assert!(text("t", &little[2..], None).is_err());
        let said = text("t", &big[2..], Some(Encoding::Utf16)).unwrap();
        assert_eq!(said, (table.into(), "UTF-16BE"));
    }

    #[test]
    fn what_is_both_is_utf_8() {
        // 0xC2 0xB3 is "³" in UTF-8 and "鲁" in GB18030.
        let both = [b'm', 0xc2, 0xb3];
        assert!(Encoding::Gb18030.decode(&both).is_some());
        assert_eq!(read(&both), ("m³".into(), "UTF-8"));
    }

    #[test]
    fn what_is_neither_is_refused_with_the_choice_to_make() {
        // "m³/h" as Excel writes it in Western Europe.
        let western = b"Q [m3/h];T [\xb0C]\np [m\xb3/h]\n";
        let error = text("t.csv", western, None).unwrap_err().to_string();
        assert_eq!(
            error,
            "failed to import t.csv: it is neither UTF-8 (line 1 is not) nor GB18030; save it as \
             UTF-8, or say what it is with --encoding: utf-8, gb18030, utf-16, windows-1252"
        );
        let (read, name) = text("t.csv", western, Some(Encoding::Windows1252)).unwrap();
        assert!(read.contains("[°C]") && read.contains("m³/h"), "{read}");
        assert_eq!(name, "windows-1252");
        for wrong in [Encoding::Utf8, Encoding::Gb18030, Encoding::Utf16] {
            let error = text("t.csv", western, Some(wrong)).unwrap_err().to_string();
            assert!(error.contains("--encoding"), "{error}");
        }
    }
}
