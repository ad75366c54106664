//! Values to canonical bytes, in one pass.
//!
//! The entries of a map are written as they come; only where they came in another order
//! than that of their keys are they put into it afterwards.

use super::Fault;
use half::f16;
use serde::ser::{self, Serialize};

/// Writes values one behind the other.
#[derive(Debug, Default)]
pub(super) struct Writer {
    out: Vec<u8>,
    /// Where the keys of the maps being written begin and end.
    keys: Vec<(usize, usize)>,
}

impl Writer {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// The head of an item: major type and the shortest form of its number.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "each arm takes what fits its width"
    )]
    fn head(&mut self, major: u8, n: u64) {
        let major = major << 5;
        match n {
            0..24 => self.out.push(major | n as u8),
            24..0x100 => self.out.extend([major | 24, n as u8]),
            0x100..0x1_0000 => {
                self.out.push(major | 25);
                self.out.extend((n as u16).to_be_bytes());
            }
            0x1_0000..0x1_0000_0000 => {
                self.out.push(major | 26);
                self.out.extend((n as u32).to_be_bytes());
            }
            _ => {
                self.out.push(major | 27);
                self.out.extend(n.to_be_bytes());
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.out.extend_from_slice(text.as_bytes());
    }

    fn float(&mut self, value: f64) {
        #[expect(clippy::cast_possible_truncation, reason = "whether it does is asked")]
        let single = value as f32;
        let half = f16::from_f32(single);
        if value.is_nan() {
            self.out.extend([0xf9, 0x7e, 0x00]);
        } else if f64::from(half) == value {
            self.out.push(0xf9);
            self.out.extend(half.to_be_bytes());
        } else if f64::from(single) == value {
            self.out.push(0xfa);
            self.out.extend(single.to_be_bytes());
        } else {
            self.out.push(0xfb);
            self.out.extend(value.to_be_bytes());
        }
    }

    /// Begins an array or a map; where its length is not known, or turns out to be another,
    /// the head is written again at the end.
    fn begin(&mut self, major: u8, length: Option<usize>) -> Items<'_> {
        let at = self.out.len();
        let length = length.unwrap_or(0);
        self.head(major, length as u64);
        Items {
            at,
            major,
            length,
            count: 0,
            content: self.out.len(),
            first_key: self.keys.len(),
            writer: self,
        }
    }

    /// A variant with content: a map of one.
    fn variant(&mut self, name: &str) {
        self.head(5, 1);
        self.text(name);
    }
}

/// An array or map being written.
pub(super) struct Items<'a> {
    writer: &'a mut Writer,
    major: u8,
    /// Where its head begins, and its content.
    at: usize,
    content: usize,
    /// What the head says, and what came.
    length: usize,
    count: usize,
    /// Its first key among those of all maps.
    first_key: usize,
}

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.count += 1;
        value.serialize(&mut *self.writer)
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        let begin = self.writer.out.len();
        key.serialize(&mut *self.writer)?;
        let end = self.writer.out.len();
        self.writer.keys.push((begin, end));
        Ok(())
    }

    fn end(self) -> Result<(), Fault> {
        if self.major == 5 {
            let Writer { out, keys } = &mut *self.writer;
            sort(out, keys.get(self.first_key..).unwrap_or_default())?;
            keys.truncate(self.first_key);
        }
        if self.count != self.length {
            let mut again = Writer::default();
            again.head(self.major, self.count as u64);
            self.writer.out.splice(self.at..self.content, again.out);
        }
        Ok(())
    }
}

/// Puts the entries at the end of `out`, which begin at their `keys`, into the order of these.
fn sort(out: &mut Vec<u8>, keys: &[(usize, usize)]) -> Result<(), Fault> {
    let key = |&(begin, end): &(usize, usize)| out.get(begin..end).unwrap_or_default();
    if keys.is_sorted_by(|a, b| key(a) < key(b)) {
        return Ok(());
    }
    let ends = keys.iter().skip(1).map(|(begin, _)| *begin);
    let mut entries: Vec<_> = keys.iter().zip(ends.chain([out.len()])).collect();
    entries.sort_by(|(a, _), (b, _)| key(a).cmp(key(b)));
    if entries
        .windows(2)
        .any(|w| matches!(w, [a, b] if key(a.0) == key(b.0)))
    {
        return Err(Fault::Malformed("a map holds one key twice".into()));
    }
    let mut sorted = Vec::new();
    for ((begin, _), end) in entries {
        sorted.extend_from_slice(out.get(*begin..end).unwrap_or_default());
    }
    out.truncate(out.len() - sorted.len());
    out.append(&mut sorted);
    Ok(())
}

impl<'a> ser::Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Items<'a>;
    type SerializeStruct = Items<'a>;
    type SerializeStructVariant = Items<'a>;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, value: bool) -> Result<(), Fault> {
        self.out.push(0xf4 + u8::from(value));
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Fault> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Fault> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Fault> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Fault> {
        // A negative number n is written as −1 − n.
        match u64::try_from(value) {
            Ok(value) => self.head(0, value),
            Err(_) => self.head(1, (!value).cast_unsigned()),
        }
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Fault> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Fault> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Fault> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Fault> {
        self.head(0, value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Fault> {
        self.float(value.into());
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Fault> {
        self.float(value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Fault> {
        self.text(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Fault> {
        self.text(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Fault> {
        self.head(2, value.len() as u64);
        self.out.extend_from_slice(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Fault> {
        self.out.push(0xf6);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Fault> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Fault> {
        self.serialize_none()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Fault> {
        self.text(variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        self.variant(variant);
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items<'a>, Fault> {
        Ok(self.begin(4, length))
    }

    fn serialize_tuple(self, length: usize) -> Result<Items<'a>, Fault> {
        Ok(self.begin(4, Some(length)))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Items<'a>, Fault> {
        Ok(self.begin(4, Some(length)))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Items<'a>, Fault> {
        self.variant(variant);
        Ok(self.begin(4, Some(length)))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Items<'a>, Fault> {
        Ok(self.begin(5, length))
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Items<'a>, Fault> {
        Ok(self.begin(5, Some(length)))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Items<'a>, Fault> {
        self.variant(variant);
        Ok(self.begin(5, Some(length)))
    }
}

/// What serde calls by several names is one thing: an item of an array, an entry of a map.
macro_rules! items {
    ($($name:ident $method:ident)*) => {$(
        impl ser::$name for Items<'_> {
            type Ok = ();
            type Error = Fault;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
                self.item(value)
            }

            fn end(self) -> Result<(), Fault> {
                Items::end(self)
            }
        }
    )*};
}

macro_rules! fields {
    ($($name:ident)*) => {$(
        impl ser::$name for Items<'_> {
            type Ok = ();
            type Error = Fault;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Fault> {
                self.key(name)?;
                self.item(value)
            }

            fn end(self) -> Result<(), Fault> {
                Items::end(self)
            }
        }
    )*};
}

items! {
    SerializeSeq serialize_element
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}
fields! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Items<'_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.item(value)
    }

    fn end(self) -> Result<(), Fault> {
        Items::end(self)
    }
}
