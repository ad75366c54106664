//! Raw register words to a number in the internal unit of its quantity.
//!
//! Promise: a value that cannot be trusted is an error with its reason, never zero and
//! never the last good one.

use dutypoint_model::Bilingual;
use dutypoint_model::document::{Channel, Encoding, NumberKind, Scale, WordOrder};

/// Why the words of a channel give no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Bad {
    /// The answer ends before the number does.
    #[error("the answer has too few words")]
    Short,
    /// A word of the answer says that the number does not count.
    #[error("{}", .0.en)]
    Guard(Bilingual),
    /// The raw number is a code for "no measurement".
    #[error("the instrument reports no measurement")]
    Invalid,
    /// Not a number, or infinite.
    #[error("the instrument reports a value that is no finite number")]
    NotFinite,
    /// A number of decimals that no instrument has.
    #[error("the instrument reports {0} decimals")]
    Decimals(u16),
}

impl Bad {
    /// The reason in words.
    #[must_use]
    pub fn text(&self) -> Bilingual {
        let zh = match self {
            Self::Short => "应答字数不足".to_owned(),
            Self::Guard(otherwise) => return otherwise.clone(),
            Self::Invalid => "仪表报告无测量值".to_owned(),
            Self::NotFinite => "仪表报告的数值不是有限数".to_owned(),
            Self::Decimals(n) => format!("仪表报告 {n} 位小数"),
        };
        Bilingual::new(zh, self.to_string())
    }
}

/// The value of `channel` in the internal unit of its quantity, corrected by its
/// calibration, from the `words` of one answer.
///
/// # Errors
/// [`Bad`] with the reason.
pub fn value(channel: &Channel, words: &[u16]) -> Result<f64, Bad> {
    let indicated = indicated(&channel.encoding, words)?;
    let calibration = &channel.instrument.calibration;
    let corrected = indicated * calibration.slope + calibration.offset;
    finite(channel.unit.to_internal(corrected))
}

/// The number the instrument indicates, in the channel's own unit.
///
/// # Errors
/// [`Bad`] with the reason.
pub fn indicated(encoding: &Encoding, words: &[u16]) -> Result<f64, Bad> {
    let word = |at: u16| words.get(usize::from(at)).copied().ok_or(Bad::Short);
    for guard in &encoding.guards {
        if word(guard.at)? != guard.equals {
            return Err(Bad::Guard(guard.otherwise.clone()));
        }
    }
    let first = usize::from(encoding.offset);
    let end = first + usize::from(encoding.kind.words());
    let raw = words.get(first..end).ok_or(Bad::Short)?;
    let bits = significant(raw, encoding.order);
    let number = number(encoding, bits)?;
    finite(match encoding.scale {
        Scale::Linear { factor, offset } => number * factor + offset,
        Scale::Span { low, high } => low + number / 65535.0 * (high - low),
        Scale::Decimals { at } => {
            let decimals = word(at)?;
            if decimals > 9 {
                return Err(Bad::Decimals(decimals));
            }
            let mut divisor = 1.0;
            for _ in 0..decimals {
                divisor *= 10.0;
            }
            number / divisor
        }
    })
}

fn finite(value: f64) -> Result<f64, Bad> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Bad::NotFinite)
    }
}

/// The bits of a number, most significant byte first, whatever order the wire had.
fn significant(words: &[u16], order: WordOrder) -> u64 {
    let swapped = matches!(order, WordOrder::Badc | WordOrder::Dcba);
    let low_first = matches!(order, WordOrder::Cdab | WordOrder::Dcba);
    let push = |bits: u64, word: &u16| {
        // A single word has its bytes in order on every device: the order concerns
        // numbers of two words or more.
        let word = if swapped && words.len() > 1 {
            word.swap_bytes()
        } else {
            *word
        };
        (bits << 16) | u64::from(word)
    };
    if low_first {
        words.iter().rev().fold(0, push)
    } else {
        words.iter().fold(0, push)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "the bits are reinterpreted in the width the kind declares"
)]
fn number(encoding: &Encoding, bits: u64) -> Result<f64, Bad> {
    let whole = match encoding.kind {
        NumberKind::U16 | NumberKind::U32 => bits as i64,
        NumberKind::I16 => i64::from(bits as u16 as i16),
        NumberKind::I32 => i64::from(bits as u32 as i32),
        NumberKind::F32 => {
            return finite(f64::from(f32::from_bits(bits as u32)));
        }
        NumberKind::F64 => return finite(f64::from_bits(bits)),
    };
    if encoding.invalid.contains(&whole) {
        return Err(Bad::Invalid);
    }
    // At most 32 bits: exact in a double.
    #[expect(clippy::cast_precision_loss, reason = "at most 32 bits")]
    Ok(whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dutypoint_model::document::Guard;
    use proptest::prelude::*;

    fn encoding(kind: NumberKind, order: WordOrder) -> Encoding {
        Encoding {
            offset: 0,
            kind,
            order,
            scale: Scale::Linear {
                factor: 1.0,
                offset: 0.0,
            },
            invalid: Vec::new(),
            guards: Vec::new(),
        }
    }

    #[test]
    fn float_of_a_vendor_manual_in_every_word_order() {
        // Micro Sensor MPM47xx protocol V1.2: bytes F5 C3 40 48 are 3.14, low word first.
        let cases = [
            (WordOrder::Abcd, [0x4048, 0xf5c3]),
            (WordOrder::Cdab, [0xf5c3, 0x4048]),
            (WordOrder::Badc, [0x4840, 0xc3f5]),
            (WordOrder::Dcba, [0xc3f5, 0x4840]),
        ];
        for (order, words) in cases {
            let value = indicated(&encoding(NumberKind::F32, order), &words).unwrap();
            assert_eq!(format!("{value:.2}"), "3.14", "{order:?}");
        }
        // Long Run LRF-3000S manual: bytes 06 51 3F 9E are 1.2345678, low word first.
        let value = indicated(
            &encoding(NumberKind::F32, WordOrder::Cdab),
            &[0x0651, 0x3f9e],
        );
        assert!((value.unwrap() - 1.234_567_8).abs() < 1e-7);
    }

    #[test]
    fn integers_are_signed_as_declared() {
        let read =
            |kind, words: &[u16]| indicated(&encoding(kind, WordOrder::Abcd), words).unwrap();
        assert_eq!(read(NumberKind::U16, &[0xffff]), 65535.0);
        assert_eq!(read(NumberKind::I16, &[0xffff]), -1.0);
        assert_eq!(read(NumberKind::U32, &[0xffff, 0xfffe]), 4_294_967_294.0);
        assert_eq!(read(NumberKind::I32, &[0xffff, 0xfffe]), -2.0);
        assert_eq!(
            read(NumberKind::F64, &[0x3ff8, 0, 0, 0]),
            1.5,
            "IEEE 754: 1.5 is 3FF8 0000 0000 0000"
        );
    }

    #[test]
    fn scales_follow_the_register_maps() {
        // QDY30A: value and decimals in one answer; 1234 with 2 decimals is 12.34.
        let mut e = encoding(NumberKind::I16, WordOrder::Abcd);
        e.offset = 1;
        e.scale = Scale::Decimals { at: 0 };
        assert_eq!(indicated(&e, &[2, 1234]), Ok(12.34));
        assert_eq!(indicated(&e, &[12, 1234]), Err(Bad::Decimals(12)));
        // ADAM-4015 type 0x20: counts 0 … 65535 over −50 … 150 °C.
        let mut e = encoding(NumberKind::U16, WordOrder::Abcd);
        e.scale = Scale::Span {
            low: -50.0,
            high: 150.0,
        };
        assert_eq!(indicated(&e, &[0]), Ok(-50.0));
        assert_eq!(indicated(&e, &[65535]), Ok(150.0));
    }

    #[test]
    fn a_value_that_cannot_be_trusted_is_never_a_number() {
        let float = encoding(NumberKind::F32, WordOrder::Abcd);
        // WT310E: 0x7FC00000 no data, 0x7F800000 over-range.
        assert_eq!(indicated(&float, &[0x7fc0, 0]), Err(Bad::NotFinite));
        assert_eq!(indicated(&float, &[0x7f80, 0]), Err(Bad::NotFinite));
        assert_eq!(indicated(&float, &[0x7f80]), Err(Bad::Short));
        let mut e = encoding(NumberKind::I16, WordOrder::Abcd);
        e.invalid = vec![32767];
        assert_eq!(indicated(&e, &[0x7fff]), Err(Bad::Invalid));
        e.guards = vec![Guard {
            at: 1,
            equals: 0,
            otherwise: Bilingual::new("断线", "burn-out"),
        }];
        assert_eq!(
            indicated(&e, &[5, 1]),
            Err(Bad::Guard(Bilingual::new("断线", "burn-out")))
        );
        assert_eq!(indicated(&e, &[5, 0]), Ok(5.0));
    }

    proptest! {
        #[test]
        fn no_words_panic_and_every_value_is_finite(
            words in prop::collection::vec(any::<u16>(), 0..6),
            offset in 0u16..8,
            kind in prop::sample::select(vec![NumberKind::U16, NumberKind::I16, NumberKind::U32, NumberKind::I32, NumberKind::F32, NumberKind::F64]),
            order in prop::sample::select(vec![WordOrder::Abcd, WordOrder::Cdab, WordOrder::Badc, WordOrder::Dcba]),
        ) {
            let mut e = encoding(kind, order);
            e.offset = offset;
            if let Ok(value) = indicated(&e, &words) {
                prop_assert!(value.is_finite());
            }
        }
    }
}
