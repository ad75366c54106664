//! Canonical CBOR (RFC 8949 section 4.2.1): shortest integers and floats, definite
//! lengths, map keys in bytewise order of their encoding, no duplicate keys.
//!
//! Promise: [`encode`] gives one encoding per value; [`decode`] accepts that one only,
//! so two documents are equal exactly when their bytes are.

use crate::Error;
use ciborium::Value;
use serde::{Serialize, de::DeserializeOwned};

/// Deepest nesting accepted; documents of this format nest less than ten levels.
const MAX_DEPTH: usize = 32;

/// The canonical bytes of `value`.
///
/// # Errors
/// [`Error::Malformed`] when the value cannot be expressed (a map with equal keys).
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).map_err(|e| Error::Malformed(e.to_string()))?;
    canonical(&bytes)
}

/// The value of canonical `bytes`.
///
/// # Errors
/// [`Error::Malformed`] for anything that is not exactly one CBOR item of type `T`,
/// [`Error::NotCanonical`] for a second encoding of a value.
pub fn decode<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, Error> {
    same(&canonical(bytes)?, bytes)?;
    let value: T = ciborium::de::from_reader_with_recursion_limit(bytes, MAX_DEPTH)
        .map_err(|e| Error::Malformed(e.to_string()))?;
    // Serde takes a byte string for a field's name and null for an absent field: other
    // canonical items for the same value, refused by writing the value again.
    same(&encode(&value)?, bytes)?;
    Ok(value)
}

/// What can be read of `bytes`, whatever else they hold: for a look at the version of a
/// document that this program may not know. Never for content.
pub(crate) fn peek<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    ciborium::de::from_reader_with_recursion_limit(bytes, MAX_DEPTH).ok()
}

fn same(canonical: &[u8], bytes: &[u8]) -> Result<(), Error> {
    if canonical == bytes {
        return Ok(());
    }
    let at = canonical
        .iter()
        .zip(bytes)
        .position(|(a, b)| a != b)
        .unwrap_or_else(|| canonical.len().min(bytes.len()));
    Err(Error::NotCanonical { at })
}

/// Length in bytes of the first CBOR item of a sequence (RFC 8742).
///
/// # Errors
/// [`Error::Malformed`] when `bytes` do not start with a complete item.
pub fn item_length(bytes: &[u8]) -> Result<usize, Error> {
    let mut rest = bytes;
    let _: Value = ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH)
        .map_err(|e| Error::Malformed(e.to_string()))?;
    Ok(bytes.len() - rest.len())
}

fn canonical(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut rest = bytes;
    let mut value: Value = ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH)
        .map_err(|e| Error::Malformed(e.to_string()))?;
    if !rest.is_empty() {
        return Err(Error::Malformed(format!(
            "{} bytes follow the first item",
            rest.len()
        )));
    }
    sort(&mut value)?;
    let mut out = Vec::with_capacity(bytes.len());
    ciborium::into_writer(&value, &mut out).map_err(|e| Error::Malformed(e.to_string()))?;
    Ok(out)
}

fn sort(value: &mut Value) -> Result<(), Error> {
    match value {
        Value::Array(items) => items.iter_mut().try_for_each(sort),
        Value::Map(entries) => {
            let mut keyed = Vec::with_capacity(entries.len());
            for (key, mut item) in entries.drain(..) {
                sort(&mut item)?;
                let mut encoded = Vec::new();
                ciborium::into_writer(&key, &mut encoded)
                    .map_err(|e| Error::Malformed(e.to_string()))?;
                keyed.push((encoded, key, item));
            }
            keyed.sort_by(|a, b| a.0.cmp(&b.0));
            if keyed.windows(2).any(|w| matches!(w, [a, b] if a.0 == b.0)) {
                return Err(Error::Malformed("a map holds one key twice".into()));
            }
            entries.extend(keyed.into_iter().map(|(_, key, item)| (key, item)));
            Ok(())
        }
        Value::Tag(_, inner) => sort(inner),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            Err(Error::NotCanonical { at: 1 })
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
        assert_eq!(
            decode::<Unsorted>(&bytes),
            Err(Error::NotCanonical { at: 1 })
        );
        assert!(decode::<Unsorted>(&text).is_ok());
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
