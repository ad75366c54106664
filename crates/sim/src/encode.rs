//! From a number to the raw words a real instrument would hold: the inverse of decoding.
//!
//! Contract: what the register can express comes back within half of its last digit; what
//! it cannot is held at the end of its range and never becomes a code for "no
//! measurement". Written apart from the decoder, so that both are checked by each other.

use dutypoint_model::document::{Encoding, NumberKind, Scale, WordOrder};

/// The words of `value`, in the channel's unit, in the order of the wire. `decimals` is
/// what the instrument's decimals register holds; it counts for [`Scale::Decimals`] only.
/// A value that is not a number becomes the instrument's own sign for that: not-a-number
/// in a float, else the first code for "no measurement", else the end of the range.
///
/// ```
/// use dutypoint_model::document::{Encoding, NumberKind, Scale, WordOrder};
/// let float = Encoding {
///     offset: 0,
///     kind: NumberKind::F32,
///     order: WordOrder::Cdab,
///     scale: Scale::Linear { factor: 1.0, offset: 0.0 },
///     invalid: Vec::new(),
///     guards: Vec::new(),
/// };
/// assert_eq!(dutypoint_sim::encode(12.5, &float, 0), [0x0000, 0x4148]);
/// ```
#[must_use]
pub fn encode(value: f64, encoding: &Encoding, decimals: u16) -> Vec<u16> {
    let raw = match encoding.scale {
        Scale::Linear { factor, offset } => (value - offset) / factor,
        Scale::Span { low, high } => (value - low) / (high - low) * 65535.0,
        Scale::Decimals { .. } => value * ten_to(decimals),
    };
    let bits = bits(raw, encoding.kind, &encoding.invalid);
    let mut words: Vec<u16> = (0..encoding.kind.words())
        .rev()
        .map(|n| {
            #[expect(clippy::cast_possible_truncation, reason = "one word of several")]
            let word = (bits >> (16 * n)) as u16;
            word
        })
        .collect();
    // The order concerns numbers wider than a word.
    if words.len() > 1 {
        if matches!(encoding.order, WordOrder::Cdab | WordOrder::Dcba) {
            words.reverse();
        }
        if matches!(encoding.order, WordOrder::Badc | WordOrder::Dcba) {
            for word in &mut words {
                *word = word.swap_bytes();
            }
        }
    }
    words
}

/// The most decimals, up to four, with which a register of `kind` still holds the whole
/// of `range`; what a fitter would set the instrument to.
#[must_use]
pub fn decimals(kind: NumberKind, range: [f64; 2]) -> u16 {
    let Some((low, high)) = limits(kind) else {
        return 0;
    };
    (1..=4)
        .rev()
        .find(|d| {
            let scale = ten_to(*d);
            range
                .iter()
                .all(|end| (low..=high).contains(&(end * scale)))
        })
        .unwrap_or(0)
}

fn ten_to(exponent: u16) -> f64 {
    (0..exponent).fold(1.0, |power, _| power * 10.0)
}

/// Smallest and largest number of an integer kind.
fn limits(kind: NumberKind) -> Option<(f64, f64)> {
    match kind {
        NumberKind::U16 => Some((0.0, f64::from(u16::MAX))),
        NumberKind::I16 => Some((f64::from(i16::MIN), f64::from(i16::MAX))),
        NumberKind::U32 => Some((0.0, f64::from(u32::MAX))),
        NumberKind::I32 => Some((f64::from(i32::MIN), f64::from(i32::MAX))),
        NumberKind::F32 | NumberKind::F64 => None,
    }
}

/// The bits of the number, in the low end of the result.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number within the limits of its kind, reinterpreted as bits"
)]
fn bits(raw: f64, kind: NumberKind, invalid: &[i64]) -> u64 {
    let Some((low, high)) = limits(kind) else {
        return match kind {
            // Rounds to the nearest single; beyond its range to infinity, as real meters do.
            NumberKind::F32 => u64::from((raw as f32).to_bits()),
            _ => raw.to_bits(),
        };
    };
    if raw.is_nan() {
        return invalid.first().copied().unwrap_or(high as i64) as u64;
    }
    let mut whole = raw.round().clamp(low, high) as i64;
    // The nearest number that is a measurement.
    let inwards = if whole as f64 >= high { -1 } else { 1 };
    while invalid.contains(&whole) {
        whole += inwards;
    }
    whole as u64
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn integers_of_the_vector_table_in_both_word_orders() {
        // reference data modbus_vectors.json, int32_word_orders.
        for (value, abcd) in [
            (1.0, [0x0000, 0x0001]),
            (-1.0, [0xFFFF, 0xFFFF]),
            (305_419_896.0, [0x1234, 0x5678]),
            (-2_147_483_648.0, [0x8000, 0x0000]),
            (2_147_483_647.0, [0x7FFF, 0xFFFF]),
        ] {
            let words = |order| encode(value, &encoding(NumberKind::I32, order), 0);
            assert_eq!(words(WordOrder::Abcd), abcd);
            assert_eq!(words(WordOrder::Cdab), [abcd[1], abcd[0]]);
        }
        // The same file, pdu_examples, function 03: registers 555, 0, 100 are 022B 0000 0064.
        assert_eq!(
            encode(555.0, &encoding(NumberKind::U16, WordOrder::Dcba), 0),
            [0x022B]
        );
        assert_eq!(
            encode(-2.0, &encoding(NumberKind::I16, WordOrder::Abcd), 0),
            [0xFFFE]
        );
        let u32s = encode(
            4_294_967_294.0,
            &encoding(NumberKind::U32, WordOrder::Badc),
            0,
        );
        assert_eq!(u32s, [0xFFFF, 0xFEFF]);
    }

    #[test]
    fn floats_written_by_hand_in_every_order() {
        // IEEE 754: −118.625 is C2ED4000, 1.5 as a double 3FF8 0000 0000 0000.
        for (order, words) in [
            (WordOrder::Abcd, [0xC2ED, 0x4000]),
            (WordOrder::Cdab, [0x4000, 0xC2ED]),
            (WordOrder::Badc, [0xEDC2, 0x0040]),
            (WordOrder::Dcba, [0x0040, 0xEDC2]),
        ] {
            assert_eq!(
                encode(-118.625, &encoding(NumberKind::F32, order), 0),
                words
            );
        }
        let double = encode(1.5, &encoding(NumberKind::F64, WordOrder::Cdab), 0);
        assert_eq!(double, [0, 0, 0, 0x3FF8]);
        let nan = encode(f64::NAN, &encoding(NumberKind::F32, WordOrder::Abcd), 0);
        assert_eq!(nan, [0x7FC0, 0x0000]);
    }

    #[test]
    fn scales_are_undone() {
        let mut e = encoding(NumberKind::U16, WordOrder::Abcd);
        // Rotork: 0 … 1000 for 0.0 … 100.0 %.
        e.scale = Scale::Linear {
            factor: 0.1,
            offset: 0.0,
        };
        assert_eq!(encode(37.5, &e, 0), [375]);
        // ADAM-4015 type 0x20: 0 … 65535 over −50 … 150 °C.
        e.scale = Scale::Span {
            low: -50.0,
            high: 150.0,
        };
        assert_eq!(encode(-50.0, &e, 0), [0]);
        assert_eq!(encode(50.0, &e, 0), [32768]);
        assert_eq!(encode(150.0, &e, 0), [65535]);
        // QDY30A: 12.34 with two decimals is 1234.
        e.scale = Scale::Decimals { at: 0 };
        assert_eq!(encode(12.34, &e, 2), [1234]);
    }

    #[test]
    fn a_register_is_held_at_its_end_and_never_at_a_code() {
        let mut e = encoding(NumberKind::I16, WordOrder::Abcd);
        assert_eq!(encode(40_000.0, &e, 0), [0x7FFF]);
        assert_eq!(encode(-40_000.0, &e, 0), [0x8000]);
        assert_eq!(encode(f64::NAN, &e, 0), [0x7FFF]);
        e.invalid = vec![32767, 32766, -32768, 5];
        assert_eq!(encode(40_000.0, &e, 0), [32765]);
        assert_eq!(encode(-40_000.0, &e, 0), [0x8001]);
        assert_eq!(encode(5.2, &e, 0), [6]);
        assert_eq!(encode(f64::NAN, &e, 0), [0x7FFF]);
    }

    #[test]
    fn decimals_are_as_many_as_the_range_allows() {
        // Millimetres up to 10 m leave none in 16 bits, metres leave three.
        assert_eq!(decimals(NumberKind::I16, [0.0, 10_000.0]), 0);
        assert_eq!(decimals(NumberKind::I16, [0.0, 10.0]), 3);
        assert_eq!(decimals(NumberKind::U16, [0.0, 10.0]), 3);
        assert_eq!(decimals(NumberKind::I32, [-1.0, 1.0]), 4);
        assert_eq!(decimals(NumberKind::U16, [-1.0, 1.0]), 0);
    }
}
