//! SHA-256 digests, hexadecimal for people and 32 raw bytes in documents.

use crate::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The predecessor of the first document of a chain.
    pub const ZERO: Self = Self([0; 32]);

    /// Digest of `bytes`.
    ///
    /// ```
    /// // FIPS 180-2, appendix B.1
    /// let d = dutypoint_model::Digest::of(b"abc");
    /// assert!(d.to_string().starts_with("ba7816bf8f01cfea"));
    /// ```
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::of_parts(&[bytes])
    }

    /// Digest of the concatenation of `parts`.
    #[must_use]
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// The first eight hexadecimal digits, for print where space is short.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse_hex::<32>(text)
            .map(Self)
            .ok_or_else(|| Error::Digest(text.to_owned()))
    }
}

/// `N` bytes from `2 N` hexadecimal digits.
#[must_use]
pub fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if !text.is_ascii() || text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Hexadecimal text of `bytes`.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?
                .parse()
                .map_err(de::Error::custom)
        } else {
            let Bytes(bytes) = Bytes::deserialize(deserializer)?;
            let found = bytes.len();
            <[u8; 32]>::try_from(bytes)
                .map(Self)
                .map_err(|_| de::Error::custom(format!("a digest has 32 bytes, found {found}")))
        }
    }
}

/// Raw bytes: a byte string in documents, hexadecimal in JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    /// Big-endian bytes of 16-bit words, in the order they came over the wire.
    #[must_use]
    pub fn from_words(words: &[u16]) -> Self {
        Self(words.iter().flat_map(|w| w.to_be_bytes()).collect())
    }

    /// The 16-bit words; an odd last byte is dropped by no one: it yields `None`.
    #[must_use]
    pub fn words(&self) -> Option<Vec<u16>> {
        let chunks = self.0.chunks_exact(2);
        if !chunks.remainder().is_empty() {
            return None;
        }
        Some(
            chunks
                .map(|c| c.iter().fold(0, |word, b| (word << 8) | u16::from(*b)))
                .collect(),
        )
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&hex(&self.0))
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a byte string (hexadecimal in text formats)")
            }
            fn visit_bytes<E: de::Error>(self, v: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(v.to_vec()))
            }
            fn visit_byte_buf<E: de::Error>(self, v: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(v))
            }
            fn visit_str<E: de::Error>(self, v: &str) -> Result<Bytes, E> {
                let digits = v.as_bytes();
                if !v.is_ascii() || !digits.len().is_multiple_of(2) {
                    return Err(E::custom("expected pairs of hexadecimal digits"));
                }
                (0..v.len())
                    .step_by(2)
                    .map(|i| {
                        v.get(i..i + 2)
                            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                    })
                    .collect::<Option<Vec<u8>>>()
                    .map(Bytes)
                    .ok_or_else(|| E::custom("expected pairs of hexadecimal digits"))
            }
        }
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(Visitor)
        } else {
            deserializer.deserialize_byte_buf(Visitor)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_of_fips_180_message() {
        assert_eq!(
            Digest::of_parts(&[b"a", b"bc"]).to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn text_that_is_no_digest_is_refused() {
        for bad in ["", "00", &"0".repeat(63), &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(
                bad.parse::<Digest>(),
                Err(Error::Digest((*bad).to_owned())),
                "{bad}"
            );
        }
    }

    #[test]
    fn words_round_trip_and_odd_bytes_are_refused() {
        let words = [0x1234, 0xfffe, 0];
        assert_eq!(Bytes::from_words(&words).words(), Some(words.to_vec()));
        assert_eq!(Bytes(vec![1, 2, 3]).words(), None);
    }
}
