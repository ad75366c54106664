//! Canonical bytes to values, in one pass that accepts nothing else.
//!
//! Every number must be in its shortest form, every length definite, every map in the order
//! of its keys. Lengths are believed only as far as there are bytes.

use super::{Fault, MAX_DEPTH};
use half::f16;
use serde::de::{self, DeserializeSeed, Visitor};

/// Reads one item after the other.
#[derive(Debug)]
pub(super) struct Reader<'de> {
    bytes: &'de [u8],
    at: usize,
    depth: usize,
}

/// The head of an item.
enum Head {
    Unsigned(u64),
    /// The number −1 − n.
    Negative(u64),
    Bytes(u64),
    Text(u64),
    Array(u64),
    Map(u64),
    Bool(bool),
    Null,
    Float(f64),
}

impl Head {
    fn what(&self) -> &'static str {
        match self {
            Self::Unsigned(_) | Self::Negative(_) => "an integer",
            Self::Bytes(_) => "a byte string",
            Self::Text(_) => "text",
            Self::Array(_) => "an array",
            Self::Map(_) => "a map",
            Self::Bool(_) => "a truth value",
            Self::Null => "null",
            Self::Float(_) => "a float",
        }
    }
}

impl<'de> Reader<'de> {
    pub(super) fn new(bytes: &'de [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            depth: 0,
        }
    }

    /// Where the next item begins.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Nothing may follow the item that was read.
    pub(super) fn end(&self) -> Result<(), Fault> {
        match self.bytes.len() - self.at {
            0 => Ok(()),
            rest => Err(Fault::Malformed(format!(
                "{rest} bytes follow the first item"
            ))),
        }
    }

    fn take(&mut self, count: u64) -> Result<&'de [u8], Fault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        match usize::try_from(count).ok().and_then(|n| rest.get(..n)) {
            Some(taken) => {
                self.at += taken.len();
                Ok(taken)
            }
            None => Err(Fault::Malformed(format!(
                "the bytes end at {}, in the middle of an item",
                self.bytes.len()
            ))),
        }
    }

    fn number(&mut self, bytes: u64) -> Result<u64, Fault> {
        let digits = self.take(bytes)?;
        Ok(digits.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)))
    }

    fn head(&mut self) -> Result<Head, Fault> {
        let at = self.at;
        let first = match self.take(1)? {
            [first] => *first,
            _ => 0,
        };
        let (major, info) = (first >> 5, first & 0x1f);
        if major == 7 {
            return self.simple(at, info);
        }
        let (n, least) = match info {
            0..24 => (u64::from(info), 0),
            24 => (self.number(1)?, 24),
            25 => (self.number(2)?, 0x100),
            26 => (self.number(4)?, 0x1_0000),
            27 => (self.number(8)?, 0x1_0000_0000),
            31 if (2..=5).contains(&major) => return Err(Fault::NotCanonical(at)),
            _ => return Err(Fault::Malformed(format!("byte {at} begins no item"))),
        };
        if n < least {
            return Err(Fault::NotCanonical(at));
        }
        Ok(match major {
            0 => Head::Unsigned(n),
            1 => Head::Negative(n),
            2 => Head::Bytes(n),
            3 => Head::Text(n),
            4 => Head::Array(n),
            5 => Head::Map(n),
            _ => return Err(Fault::Malformed(format!("byte {at} begins a tag"))),
        })
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "as many bytes were read as the type has, or the loss is asked for"
    )]
    fn simple(&mut self, at: usize, info: u8) -> Result<Head, Fault> {
        Ok(match info {
            20 => Head::Bool(false),
            21 => Head::Bool(true),
            22 => Head::Null,
            25 => {
                let bits = self.number(2)? as u16;
                let half = f16::from_bits(bits);
                if half.is_nan() && bits != 0x7e00 {
                    return Err(Fault::NotCanonical(at));
                }
                Head::Float(half.into())
            }
            26 => {
                let single = f32::from_bits(self.number(4)? as u32);
                if single.is_nan() || f16::from_f32(single).to_f32() == single {
                    return Err(Fault::NotCanonical(at));
                }
                Head::Float(single.into())
            }
            27 => {
                let double = f64::from_bits(self.number(8)?);
                if double.is_nan() || f64::from(double as f32) == double {
                    return Err(Fault::NotCanonical(at));
                }
                Head::Float(double)
            }
            _ => return Err(Fault::Malformed(format!("byte {at} begins no item"))),
        })
    }

    fn text(&mut self, at: usize, length: u64) -> Result<&'de str, Fault> {
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes)
            .map_err(|_| Fault::Malformed(format!("the text at byte {at} is not UTF-8")))
    }

    /// Goes into an array or map, and out of it again.
    fn inside<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.depth >= MAX_DEPTH {
            return Err(Fault::Malformed(format!(
                "it nests deeper than {MAX_DEPTH} levels"
            )));
        }
        self.depth += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn array<V: Visitor<'de>>(&mut self, length: u64, visitor: V) -> Result<V::Value, Fault> {
        self.inside(|reader| {
            let mut items = Items::new(reader, length);
            let value = visitor.visit_seq(&mut items)?;
            items.over(value)
        })
    }

    fn map<V: Visitor<'de>>(&mut self, length: u64, visitor: V) -> Result<V::Value, Fault> {
        self.inside(|reader| {
            let mut items = Items::new(reader, length);
            let value = visitor.visit_map(&mut items)?;
            items.over(value)
        })
    }

    /// Gives what stands behind the head of the item at byte `at`.
    fn give<V: Visitor<'de>>(
        &mut self,
        at: usize,
        head: Head,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match head {
            Head::Unsigned(n) => visitor.visit_u64(n),
            Head::Negative(n) => match i64::try_from(n) {
                Ok(n) => visitor.visit_i64(!n),
                Err(_) => Err(Fault::Malformed(format!(
                    "the integer at byte {at} is below any that documents hold"
                ))),
            },
            Head::Bytes(n) => visitor.visit_borrowed_bytes(self.take(n)?),
            Head::Text(n) => visitor.visit_borrowed_str(self.text(at, n)?),
            Head::Array(n) => self.array(n, visitor),
            Head::Map(n) => self.map(n, visitor),
            Head::Bool(value) => visitor.visit_bool(value),
            Head::Null => visitor.visit_unit(),
            Head::Float(value) => visitor.visit_f64(value),
        }
    }

    fn expect<V: Visitor<'de>>(
        &mut self,
        what: &str,
        is: impl FnOnce(&Head) -> bool,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let at = self.at;
        let head = self.head()?;
        if !is(&head) {
            return Err(Fault::Malformed(format!(
                "byte {at} begins {} where {what} belongs",
                head.what()
            )));
        }
        self.give(at, head, visitor)
    }
}

/// The items of an array, or the entries of a map, that are still to come.
struct Items<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: u64,
    /// The key before, to see that the next one stands behind it.
    key: Option<&'de [u8]>,
}

impl<'a, 'de> Items<'a, 'de> {
    fn new(reader: &'a mut Reader<'de>, left: u64) -> Self {
        Self {
            reader,
            left,
            key: None,
        }
    }

    /// Every item must have been read.
    fn over<T>(&self, value: T) -> Result<T, Fault> {
        match self.left {
            0 => Ok(value),
            left => Err(Fault::Malformed(format!(
                "{left} more items than belong there stand before byte {}",
                self.reader.at
            ))),
        }
    }

    fn hint(&self) -> Option<usize> {
        // Each item has a byte at least, so that nobody makes room for what cannot come.
        let bytes = self.reader.bytes.len() - self.reader.at;
        Some(usize::try_from(self.left).map_or(bytes, |left| left.min(bytes)))
    }
}

impl<'de> de::SeqAccess<'de> for Items<'_, 'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        self.hint()
    }
}

impl<'de> de::MapAccess<'de> for Items<'_, 'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        let at = self.reader.at;
        let value = seed.deserialize(&mut *self.reader)?;
        let key = self.reader.bytes.get(at..self.reader.at);
        match self.key.cmp(&key) {
            std::cmp::Ordering::Less => self.key = key,
            std::cmp::Ordering::Equal => {
                return Err(Fault::Malformed("a map holds one key twice".into()));
            }
            std::cmp::Ordering::Greater => return Err(Fault::NotCanonical(at)),
        }
        Ok(Some(value))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        seed.deserialize(&mut *self.reader)
    }

    fn size_hint(&self) -> Option<usize> {
        self.hint()
    }
}

/// A variant with content: a map of one, its key the variant's name.
struct Variant<'a, 'de>(&'a mut Reader<'de>);

impl<'de> de::EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        let name = seed.deserialize(&mut *self.0)?;
        Ok((name, self))
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Err(Fault::Malformed(format!(
            "byte {} begins the content of a variant that has none",
            self.0.at
        )))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        de::Deserializer::deserialize_seq(self.0, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        de::Deserializer::deserialize_map(self.0, visitor)
    }
}

/// The kinds of items a type may ask for, each with the heads it may find.
macro_rules! expecting {
    ($($what:literal, $head:pat => $($method:ident)*;)*) => {$($(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.expect($what, |head| matches!(head, $head), visitor)
        }
    )*)*};
}

impl<'de> de::Deserializer<'de> for &mut Reader<'de> {
    type Error = Fault;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let at = self.at;
        let head = self.head()?;
        self.give(at, head, visitor)
    }

    expecting! {
        "an integer", Head::Unsigned(_) | Head::Negative(_) => deserialize_i8 deserialize_i16
            deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32
            deserialize_u64;
        "a float", Head::Float(_) => deserialize_f32 deserialize_f64;
        "a truth value", Head::Bool(_) => deserialize_bool;
        "text", Head::Text(_) => deserialize_char deserialize_str deserialize_string
            deserialize_identifier;
        "a byte string", Head::Bytes(_) => deserialize_bytes deserialize_byte_buf;
        "null", Head::Null => deserialize_unit;
        "an array", Head::Array(_) => deserialize_seq;
        "a map", Head::Map(_) => deserialize_map;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.bytes.get(self.at) == Some(&0xf6) {
            self.at += 1;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let at = self.at;
        match self.head()? {
            Head::Text(n) => {
                let name = self.text(at, n)?;
                visitor.visit_enum(de::value::BorrowedStrDeserializer::new(name))
            }
            Head::Map(1) => self.inside(|reader| visitor.visit_enum(Variant(reader))),
            other => Err(Fault::Malformed(format!(
                "byte {at} begins {} where a name, or a map of one, belongs",
                other.what()
            ))),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_any(visitor)
    }
}
