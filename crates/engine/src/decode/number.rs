//! The raw number of a field, exact until it is scaled.

use super::{Bad, finite};
use dutypoint_model::document::{Field, NumberKind, WordOrder};

/// Largest whole number up to which a double holds every one.
const EXACT: i128 = 1 << 53;

/// A raw number as the instrument holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Raw {
    Whole(i128),
    Float(f64),
}

impl Raw {
    /// The whole number, of a type that has one.
    pub(super) fn whole(self) -> Option<i128> {
        match self {
            Self::Whole(n) => Some(n),
            Self::Float(_) => None,
        }
    }

    /// The nearest double; for comparisons only.
    pub(super) fn rounded(self) -> f64 {
        match self {
            Self::Whole(n) => nearest(n),
            Self::Float(f) => f,
        }
    }

    /// The number as a double, if that is the number and not its neighbour.
    pub(super) fn exact(self) -> Result<f64, Bad> {
        match self {
            Self::Float(f) => Ok(f),
            Self::Whole(n) if is_exact(n) => Ok(nearest(n)),
            Self::Whole(n) => Err(Bad::Inexact(n)),
        }
    }

    /// The number times `factor`. A count that no double holds is divided as a whole
    /// number where the factor is one part of a whole number.
    pub(super) fn times(self, factor: f64) -> Result<f64, Bad> {
        match self {
            Self::Whole(n) if !is_exact(n) => {
                let parts = (1.0 / factor).round();
                if (2.0..=1e12).contains(&parts) && factor == 1.0 / parts {
                    #[expect(clippy::cast_possible_truncation, reason = "at most 1e12")]
                    divided(n, parts as i128)
                } else {
                    Err(Bad::Inexact(n))
                }
            }
            number => Ok(number.exact()? * factor),
        }
    }

    /// The number times `10^power`.
    pub(super) fn shifted(self, power: i64) -> Result<f64, Bad> {
        // Exact up to 10^22, and the caller stays below.
        let ten = (0..power.unsigned_abs()).fold(1.0, |ten, _| ten * 10.0);
        if power < 0 {
            match self {
                #[expect(clippy::cast_possible_truncation, reason = "a whole power of ten")]
                Self::Whole(n) if !is_exact(n) => divided(n, ten as i128),
                number => Ok(number.exact()? / ten),
            }
        } else {
            Ok(self.exact()? * ten)
        }
    }
}

/// `n / parts` where `n` itself is too large: the whole part and the rest, each exact, so
/// that only the last digit of the sum is rounded.
fn divided(n: i128, parts: i128) -> Result<f64, Bad> {
    let (whole, rest) = (n / parts, n % parts);
    if is_exact(whole) {
        Ok(nearest(whole) + nearest(rest) / nearest(parts))
    } else {
        Err(Bad::Inexact(n))
    }
}

fn is_exact(n: i128) -> bool {
    let magnitude = n.unsigned_abs();
    magnitude <= EXACT.unsigned_abs()
        || magnitude >> magnitude.trailing_zeros() <= EXACT.unsigned_abs()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the caller has asked is_exact, or compares"
)]
fn nearest(n: i128) -> f64 {
    n as f64
}

/// The number of a field of at most 32 bits, which a double always holds; none where
/// it is wider, a float that is no number, or beyond the answer.
#[inline]
pub(super) fn plain(field: &Field, words: &[u16]) -> Option<f64> {
    let at = usize::from(field.at);
    let one = || words.get(at).copied();
    let two = || match (words.get(at..at + 2), field.order) {
        (Some(&[a, b]), WordOrder::Abcd) => Some((a, b)),
        (Some(&[a, b]), WordOrder::Cdab) => Some((b, a)),
        (Some(&[a, b]), WordOrder::Badc) => Some((a.swap_bytes(), b.swap_bytes())),
        (Some(&[a, b]), WordOrder::Dcba) => Some((b.swap_bytes(), a.swap_bytes())),
        _ => None,
    };
    let wide = || two().map(|(high, low)| u32::from(high) << 16 | u32::from(low));
    match field.kind {
        NumberKind::U16 => one().map(f64::from),
        NumberKind::I16 => one().map(|word| f64::from(word.cast_signed())),
        NumberKind::U32 => wide().map(f64::from),
        NumberKind::I32 => wide().map(|bits| f64::from(bits.cast_signed())),
        NumberKind::F32 => wide()
            .map(|bits| f64::from(f32::from_bits(bits)))
            .filter(|number| number.is_finite()),
        _ => None,
    }
}

/// The bits of a field, most significant first, whatever order the wire had.
pub(super) fn bits(field: &Field, words: &[u16]) -> Result<u64, Bad> {
    let first = usize::from(field.at);
    let end = first + usize::from(field.kind.words());
    let words = words.get(first..end).ok_or(Bad::Short)?;
    // The order concerns numbers of two words or more.
    let (low_first, swapped) = if words.len() > 1 {
        (
            matches!(field.order, WordOrder::Cdab | WordOrder::Dcba),
            matches!(field.order, WordOrder::Badc | WordOrder::Dcba),
        )
    } else {
        (false, field.swapped)
    };
    let push = |bits: u64, word: &u16| {
        let word = if swapped { word.swap_bytes() } else { *word };
        (bits << 16) | u64::from(word)
    };
    Ok(if low_first {
        words.iter().rev().fold(0, push)
    } else {
        words.iter().fold(0, push)
    })
}

/// The number of a field.
pub(super) fn raw(field: &Field, words: &[u16]) -> Result<Raw, Bad> {
    let bits = bits(field, words)?;
    let width = 16 * u32::from(field.kind.words());
    let (bits, width) = match field.bits {
        // Of a float, some of the bits are no number.
        Some(_) if field.kind.is_float() => return Err(Bad::NotFinite),
        Some(part) => {
            let count = u32::from(part.count).min(64);
            let shifted = bits.checked_shr(u32::from(part.low)).unwrap_or(0);
            (
                shifted & u64::MAX.checked_shr(64 - count).unwrap_or(0),
                count,
            )
        }
        None => (bits, width),
    };
    match field.kind {
        NumberKind::U16 | NumberKind::U32 | NumberKind::U64 => Ok(Raw::Whole(i128::from(bits))),
        NumberKind::I16 | NumberKind::I32 | NumberKind::I64 => {
            let negative = width > 0 && bits.checked_shr(width - 1).unwrap_or(0) & 1 == 1;
            let whole = i128::from(bits) - if negative { 1 << width } else { 0 };
            Ok(Raw::Whole(whole))
        }
        NumberKind::Bcd16 | NumberKind::Bcd32 => digits(bits).map(Raw::Whole),
        #[expect(clippy::cast_possible_truncation, reason = "a single has 32 bits")]
        NumberKind::F32 => finite(f64::from(f32::from_bits(bits as u32))).map(Raw::Float),
        NumberKind::F64 => finite(f64::from_bits(bits)).map(Raw::Float),
    }
}

/// Decimal digits of four bits each.
fn digits(bits: u64) -> Result<i128, Bad> {
    (0..16)
        .rev()
        .map(|place| (bits >> (4 * place)) & 0xf)
        .try_fold(0, |number: i128, digit| {
            (digit <= 9)
                .then(|| number * 10 + i128::from(digit))
                .ok_or(Bad::Digit(bits))
        })
}
