//! Canonical CBOR (RFC 8949 section 4.2.1): shortest integers and floats, definite
//! lengths, map keys in bytewise order of their encoding, no duplicate keys, no tags.
//!
//! Promise: [`encode`] gives one encoding per value; [`decode`] accepts that one only,
//! so two documents are equal exactly when their bytes are.

mod read;
mod write;

use crate::Error;
use read::Reader;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize as _, Serialize};
use std::fmt;
use write::Writer;

/// Deepest nesting accepted; documents of this format nest less than ten levels.
const MAX_DEPTH: usize = 32;

/// Why bytes or a value are refused.
#[derive(Debug)]
enum Fault {
    Malformed(String),
    /// Where a second encoding of a value begins.
    NotCanonical(usize),
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Malformed(why) => Self::Malformed(why),
            Fault::NotCanonical(at) => Self::NotCanonical { at },
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => f.write_str(why),
            Self::NotCanonical(at) => write!(f, "not canonical at byte {at}"),
        }
    }
}

impl std::error::Error for Fault {}

impl serde::ser::Error for Fault {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Self::Malformed(why.to_string())
    }
}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Self::Malformed(why.to_string())
    }
}

/// The canonical bytes of `value`.
///
/// # Errors
/// [`Error::Malformed`] when the value cannot be expressed (a map with equal keys).
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::default();
    value.serialize(&mut writer)?;
    Ok(writer.into_bytes())
}

/// The value of canonical `bytes`.
///
/// # Errors
/// [`Error::Malformed`] for anything that is not exactly one CBOR item of type `T`,
/// [`Error::NotCanonical`] for a second encoding of a value.
pub fn decode<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, Error> {
    let value: T = read_one(bytes)?;
    prove(&value, bytes)?;
    Ok(value)
}

/// As [`decode`], of a type in which no field may be left out: there every item is needed, and
/// reading them proves that there is no second encoding.
///
/// # Errors
/// As [`decode`].
pub(crate) fn read_one<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let mut reader = Reader::new(bytes);
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Proves by writing `value` again that `bytes` are its encoding: they are not where a field
/// is written that would have been left out.
///
/// # Errors
/// [`Error::NotCanonical`] with the first byte that differs.
pub(crate) fn prove<T: Serialize>(value: &T, bytes: &[u8]) -> Result<(), Error> {
    let canonical = encode(value)?;
    if canonical == bytes {
        return Ok(());
    }
    let differs = |(a, b): (&u8, &u8)| a != b;
    let at = canonical.iter().zip(bytes).position(differs);
    Err(Error::NotCanonical {
        at: at.unwrap_or_else(|| canonical.len().min(bytes.len())),
    })
}

/// What can be read of `bytes`, whatever else they hold: for a look at the version of a
/// document that this program may not know. Never for content.
pub(crate) fn peek<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    T::deserialize(&mut Reader::new(bytes)).ok()
}

/// Length in bytes of the first CBOR item of a sequence (RFC 8742).
///
/// # Errors
/// [`Error::Malformed`] when `bytes` do not start with a complete item,
/// [`Error::NotCanonical`] when it is another encoding of its value.
pub fn item_length(bytes: &[u8]) -> Result<usize, Error> {
    let mut reader = Reader::new(bytes);
    IgnoredAny::deserialize(&mut reader)?;
    Ok(reader.at())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ciborium::Value;
    use proptest::prelude::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Unsorted {
        zebra: u8,
        ant: f64,
    }

    #[test]
    fn keys_are_sorted_and_floats_shortest() {
        // RFC 8949 appendix A: 1.5 is f9 3e00; 4.2.1: shorter key first.
        let bytes = encode(&Unsorted { zebra: 1, ant: 1.5 }).unwrap();
        assert_eq!(crate::digest::hex(&bytes), "a263616e74f93e00657a6562726101");
    }

    #[test]
    fn a_second_encoding_of_a_value_is_refused() {
        // The same integer in two bytes, an indefinite array, a long float, unsorted keys.
        for (hex, at) in [("1801", 0), ("9f01ff", 0), ("fb3ff8000000000000", 0)] {
            let bytes = from_hex(hex);
            assert_eq!(
                decode::<Value>(&bytes),
                Err(Error::NotCanonical { at }),
                "{hex}"
            );
        }
        let unsorted = from_hex("a2657a656272610163616e7401");
        assert!(matches!(
            decode::<Value>(&unsorted),
            Err(Error::NotCanonical { at: 8 })
        ));
        let twice = from_hex("a2616101616102");
        assert!(matches!(decode::<Value>(&twice), Err(Error::Malformed(_))));
        assert!(matches!(
            decode::<Value>(&from_hex("0101")),
            Err(Error::Malformed(_))
        ));
    }

    #[test]
    fn a_byte_string_for_a_name_is_refused() {
        let text = encode(&Unsorted { zebra: 1, ant: 1.5 }).unwrap();
        let mut bytes = text.clone();
        // 63 is a text string of three bytes, 43 a byte string.
        bytes[1] ^= 0x20;
        let why = "byte 1 begins a byte string where text belongs";
        assert_eq!(
            decode::<Unsorted>(&bytes),
            Err(Error::Malformed(why.into()))
        );
        assert!(decode::<Unsorted>(&text).is_ok());
    }

    #[test]
    fn a_number_is_of_one_type_only() {
        // 20 as an integer where a float belongs, 20.0 where an integer belongs.
        assert!(matches!(decode::<f64>(&[0x14]), Err(Error::Malformed(_))));
        assert!(matches!(
            decode::<u8>(&from_hex("f94d00")),
            Err(Error::Malformed(_))
        ));
        assert_eq!(decode::<f64>(&from_hex("f94d00")), Ok(20.0));
    }

    #[test]
    fn a_field_that_would_be_left_out_is_refused() {
        #[derive(Serialize, Deserialize, PartialEq, Debug)]
        struct May {
            #[serde(skip_serializing_if = "Option::is_none", default)]
            a: Option<u8>,
        }
        assert_eq!(decode::<May>(&from_hex("a0")), Ok(May { a: None }));
        assert_eq!(
            decode::<May>(&from_hex("a16161f6")),
            Err(Error::NotCanonical { at: 0 })
        );
    }

    #[test]
    fn lengths_beyond_the_bytes_are_refused_without_making_room() {
        // 2^60 items, 2^60 bytes, 2^60 entries.
        for head in [0x9b, 0x5b, 0x7b, 0xbb] {
            let bytes = [&[head, 0x10][..], &[0; 7]].concat();
            assert!(matches!(item_length(&bytes), Err(Error::Malformed(_))));
            assert!(matches!(decode::<Value>(&bytes), Err(Error::Malformed(_))));
        }
    }

    /// The same by another library: ciborium's encoding, with the keys put into order.
    fn by_ciborium(value: &Value) -> Vec<u8> {
        fn sort(value: &mut Value) {
            match value {
                Value::Array(items) => items.iter_mut().for_each(sort),
                Value::Map(entries) => {
                    entries.iter_mut().for_each(|(_, item)| sort(item));
                    entries.sort_by_key(|(key, _)| written(key));
                }
                _ => {}
            }
        }
        fn written(value: &Value) -> Vec<u8> {
            let mut bytes = Vec::new();
            ciborium::into_writer(value, &mut bytes).unwrap();
            bytes
        }
        let mut value = value.clone();
        sort(&mut value);
        written(&value)
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-70_000_i64..70_000).prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<f32>().prop_map(|v| Value::from(f64::from(v))),
            (-3000_i32..3000).prop_map(|v| Value::from(f64::from(v) / 4.0)),
            any::<bool>().prop_map(Value::from),
            Just(Value::Null),
            ".{0,30}".prop_map(Value::from),
            prop::collection::vec(any::<u8>(), 0..300).prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 60, 30, |inner| {
            let entries = prop::collection::btree_map(".{0,3}", inner.clone(), 0..30);
            prop_oneof![
                prop::collection::vec(inner, 0..30).prop_map(Value::from),
                entries.prop_map(|map| {
                    Value::Map(map.into_iter().map(|(k, v)| (Value::from(k), v)).collect())
                }),
            ]
        })
    }

    #[test]
    fn deep_nesting_is_refused_in_bounded_depth() {
        let mut bytes = vec![0x81; 100_000];
        bytes.push(1);
        assert!(matches!(decode::<Value>(&bytes), Err(Error::Malformed(_))));
    }

    fn from_hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
            .collect()
    }

    proptest! {
        #[test]
        fn another_library_writes_the_same_bytes(value in values()) {
            let bytes = encode(&value).unwrap();
            prop_assert_eq!(&bytes, &by_ciborium(&value));
            prop_assert_eq!(item_length(&bytes), Ok(bytes.len()));
            let back: Value = decode(&bytes).unwrap();
            prop_assert_eq!(by_ciborium(&back), bytes);
        }

        #[test]
        fn a_byte_changed_is_another_value_or_none(value in values(), at in any::<prop::sample::Index>(), with in 1_u8..) {
            let mut bytes = encode(&value).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= with;
            if let Ok(other) = decode::<Value>(&bytes) {
                prop_assert_eq!(encode(&other).unwrap(), bytes);
            }
        }

        #[test]
        fn every_value_round_trips(map in prop::collection::btree_map(".*", any::<f64>().prop_filter("NaN is unequal to itself", |v| !v.is_nan()), 0..20)) {
            let bytes = encode(&map).unwrap();
            prop_assert_eq!(decode::<BTreeMap<String, f64>>(&bytes).unwrap(), map);
        }

        #[test]
        fn no_bytes_panic_and_what_decodes_encodes_to_itself(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(value) = decode::<Value>(&bytes) {
                prop_assert_eq!(encode(&value).unwrap(), bytes);
            }
        }
    }
}
