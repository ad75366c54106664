//! How the raw words of an answer become a number: the part of a channel that replay and
//! verification decode with.

use super::Place;
use crate::Bilingual;
use serde::{Deserialize, Serialize};

/// How the raw words of an answer become a number, and when they do not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encoding {
    /// First word of the number within the answer.
    pub offset: u16,
    /// Type of the raw number.
    pub kind: NumberKind,
    /// Order of the bytes of numbers wider than a word.
    pub order: WordOrder,
    /// Whether the two bytes of a number of one word are swapped.
    #[serde(skip_serializing_if = "is_false", default)]
    pub swapped: bool,
    /// The bits that hold the number, where they are not all of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bits: Option<Bits>,
    /// How a negative number is told, where the type does not tell it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sign: Option<Sign>,
    /// A second number of the same answer that is added to the first before scaling.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fraction: Option<Fraction>,
    /// From raw number to the channel's unit.
    pub scale: Scale,
    /// Raw values that mean "no measurement"; of a float its bits as a number.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub invalid: Vec<i64>,
    /// Smallest and largest raw number that is a measurement.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limits: Option<[f64; 2]>,
    /// What raw numbers mean; a number that is not among them is none.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub codes: Vec<Code>,
    /// Words of the same answer that must hold for the number to count.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub guards: Vec<Guard>,
    /// That the number is the current of a loop, which has failed beyond certain currents; the
    /// scale is then a `span`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub current_loop: Option<CurrentLoop>,
    /// Where the number stands in a message; then `offset` says nothing, and a guard's word
    /// is a byte.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<Place>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Encoding {
    /// A number with a linear scale and nothing else to it.
    #[must_use]
    pub fn plain(offset: u16, kind: NumberKind, order: WordOrder, scale: Scale) -> Self {
        Self {
            offset,
            kind,
            order,
            swapped: false,
            bits: None,
            sign: None,
            fraction: None,
            scale,
            invalid: Vec::new(),
            limits: None,
            codes: Vec::new(),
            guards: Vec::new(),
            current_loop: None,
            place: None,
        }
    }

    /// Whether the raw number is the whole of it: nothing beside it in the answer counts, and
    /// every value is a measurement.
    #[must_use]
    #[inline]
    pub fn is_plain(&self) -> bool {
        !self.swapped
            && self.bits.is_none()
            && self.sign.is_none()
            && self.fraction.is_none()
            && self.limits.is_none()
            && self.invalid.is_empty()
            && self.codes.is_empty()
            && self.guards.is_empty()
            && self.current_loop.is_none()
            && self.place.is_none()
    }

    /// The place of the number itself.
    #[must_use]
    pub fn field(&self) -> Field {
        Field {
            at: self.offset,
            kind: self.kind,
            order: self.order,
            swapped: self.swapped,
            bits: self.bits,
        }
    }
}

/// A current loop read by a remote input: what its scale's ends are in mA, and between which
/// currents it is whole.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CurrentLoop {
    /// Current at the ends of the scale, mA: live zero and full scale.
    pub ends_ma: [f64; 2],
    /// Least and most current that is a measurement, mA.
    pub good_ma: [f64; 2],
}

/// A raw number within an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// First word.
    pub at: u16,
    /// Type.
    pub kind: NumberKind,
    /// Order of the bytes of numbers wider than a word.
    pub order: WordOrder,
    /// Whether the two bytes of a number of one word are swapped.
    #[serde(skip_serializing_if = "is_false", default)]
    pub swapped: bool,
    /// The bits that hold the number, where they are not all of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bits: Option<Bits>,
}

/// Some bits of a whole number. Of a signed type they are read as two's complement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bits {
    /// The lowest, counted from 0.
    pub low: u8,
    /// How many.
    pub count: u8,
}

/// Type of a raw number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NumberKind {
    /// Unsigned 16 bit.
    U16,
    /// Signed 16 bit.
    I16,
    /// Unsigned 32 bit.
    U32,
    /// Signed 32 bit.
    I32,
    /// Unsigned 64 bit.
    U64,
    /// Signed 64 bit.
    I64,
    /// IEEE 754 single.
    F32,
    /// IEEE 754 double.
    F64,
    /// Four decimal digits, four bits each.
    Bcd16,
    /// Eight decimal digits, four bits each.
    Bcd32,
}

impl NumberKind {
    /// Every type.
    pub const ALL: [Self; 10] = [
        Self::U16,
        Self::I16,
        Self::U32,
        Self::I32,
        Self::U64,
        Self::I64,
        Self::F32,
        Self::F64,
        Self::Bcd16,
        Self::Bcd32,
    ];

    /// Words the number takes.
    #[must_use]
    pub fn words(self) -> u16 {
        match self {
            Self::U16 | Self::I16 | Self::Bcd16 => 1,
            Self::U32 | Self::I32 | Self::F32 | Self::Bcd32 => 2,
            Self::U64 | Self::I64 | Self::F64 => 4,
        }
    }

    /// Whether it is no whole number.
    #[must_use]
    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }
}

/// Order of the bytes of a number wider than a word. `A` is the most significant byte
/// of a 32-bit number; longer numbers follow the same pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum WordOrder {
    /// High word first, high byte first.
    Abcd,
    /// Low word first, high byte first within a word.
    Cdab,
    /// High word first, low byte first within a word.
    Badc,
    /// Low word first, low byte first.
    Dcba,
}

impl WordOrder {
    /// Every order.
    pub const ALL: [Self; 4] = [Self::Abcd, Self::Cdab, Self::Badc, Self::Dcba];
}

/// How a negative number is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Sign {
    /// A raw number above this is minus what it exceeds it by.
    Above(u32),
    /// It is negative while a bit of `mask` is set in word `at` of the answer.
    Bit {
        /// Word within the answer.
        at: u16,
        /// The bits.
        mask: u16,
    },
}

/// A second number that is added to the first: `raw + fraction · factor`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fraction {
    /// Where it is.
    pub field: Field,
    /// What one of it is worth.
    pub factor: f64,
}

/// From raw number to the channel's unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Scale {
    /// `raw · factor + offset`.
    Linear {
        /// Factor.
        factor: f64,
        /// Offset.
        offset: f64,
    },
    /// A count spread over a range: `low + (raw − raw_low) / (raw_high − raw_low) · (high − low)`.
    Span {
        /// Raw number at `low`.
        raw_low: f64,
        /// Raw number at `high`.
        raw_high: f64,
        /// Value at `raw_low`.
        low: f64,
        /// Value at `raw_high`.
        high: f64,
    },
    /// `raw · factor · 10^(bias ± exponent)`, the exponent in another place of the answer.
    Power {
        /// Where the exponent is.
        exponent: Field,
        /// Whether the exponent counts decimals, so that more of them make less.
        decimals: bool,
        /// Added to the exponent.
        bias: i8,
        /// Factor besides.
        factor: f64,
    },
}

/// What a raw number means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// The number.
    pub code: i64,
    /// What it means.
    pub text: Bilingual,
}

/// A word of the answer that must hold for the number to count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// Word within the answer.
    pub at: u16,
    /// What it must be.
    pub must: Must,
    /// What it means if it is not.
    pub otherwise: Bilingual,
    /// What certain words mean, told beside `otherwise`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub codes: Vec<Code>,
}

/// What a word must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Must {
    /// This number.
    Equal(u16),
    /// Without any of these bits.
    Clear(u16),
    /// With all of these bits.
    Set(u16),
    /// At least this number, at most that.
    Within(u16, u16),
}

impl Must {
    /// Whether `word` is so.
    #[must_use]
    pub fn holds(self, word: u16) -> bool {
        match self {
            Self::Equal(wanted) => word == wanted,
            Self::Clear(mask) => word & mask == 0,
            Self::Set(mask) => word & mask == mask,
            Self::Within(low, high) => (low..=high).contains(&word),
        }
    }

    /// A word that is so, with as much of `word` kept as can be.
    #[must_use]
    pub fn made(self, word: u16) -> u16 {
        match self {
            Self::Equal(wanted) => wanted,
            Self::Clear(mask) => word & !mask,
            Self::Set(mask) => word | mask,
            Self::Within(low, high) => word.max(low).min(high),
        }
    }

    /// A word that is not so, if there is one.
    #[must_use]
    pub fn broken(self) -> Option<u16> {
        let candidates = match self {
            Self::Equal(wanted) => [wanted.wrapping_add(1), 0],
            Self::Clear(mask) => [mask, 0],
            Self::Set(mask) => [!mask, 0],
            Self::Within(low, high) => [high.wrapping_add(1), low.wrapping_sub(1)],
        };
        candidates.into_iter().find(|word| !self.holds(*word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_made_right_and_wrong() {
        let cases = [
            (Must::Equal(0), 7, 0, Some(1)),
            (Must::Clear(0x008f), 0x1281, 0x1200, Some(0x008f)),
            (Must::Set(0x0003), 0x0100, 0x0103, Some(0xfffc)),
            (Must::Within(60, 99), 12, 60, Some(100)),
            (Must::Within(0, 3), 9, 3, Some(4)),
            (Must::Within(0, u16::MAX), 9, 9, None),
        ];
        for (must, word, made, broken) in cases {
            assert_eq!(must.made(word), made, "{must:?}");
            assert!(must.holds(made));
            assert_eq!(must.broken(), broken, "{must:?}");
        }
    }
}
