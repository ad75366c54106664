//! From a number to the raw words a real instrument would hold: the inverse of decoding.
//!
//! Contract: what the register can express comes back within half of its last digit; what
//! it cannot is held at the end of its range and never becomes a code for "no
//! measurement". Written apart from the decoder, so that both are checked by each other.

use dutypoint_model::document::{Encoding, Field, NumberKind, Scale, Sign, WordOrder};

/// Writes `value`, in the channel's unit, into the `answer` it is read from, with all that
/// belongs to it: fraction, exponent, sign, and the words that say it counts. Other bits
/// and words keep what they hold. `decimals` is how many the instrument is set to; it
/// counts where the exponent is in a register. A value that is not a number becomes the
/// instrument's own sign for that: its first code for "no measurement", else
/// not-a-number in a float, else the end of the range.
///
/// ```
/// use dutypoint_model::document::{Encoding, NumberKind, Scale, WordOrder};
/// let scale = Scale::Linear { factor: 1.0, offset: 0.0 };
/// let float = Encoding::plain(1, NumberKind::F32, WordOrder::Cdab, scale);
/// let mut answer = [7, 7, 7];
/// dutypoint_sim::fill(12.5, &float, 0, &mut answer);
/// assert_eq!(answer, [7, 0x0000, 0x4148]);
/// ```
pub fn fill(value: f64, encoding: &Encoding, decimals: u16, answer: &mut [u16]) {
    for guard in &encoding.guards {
        if let Some(word) = answer.get_mut(usize::from(guard.at)) {
            *word = guard.must.made(*word);
        }
    }
    let mut raw = match &encoding.scale {
        Scale::Linear { factor, offset } => (value - offset) / factor,
        Scale::Span {
            raw_low,
            raw_high,
            low,
            high,
        } => raw_low + (value - low) / (high - low) * (raw_high - raw_low),
        Scale::Power {
            exponent,
            decimals: counts,
            bias,
            factor,
        } => {
            let (wanted, bias) = (i32::from(decimals), i32::from(*bias));
            let told = if *counts {
                wanted
            } else {
                (-wanted - bias).max(0)
            };
            put(exponent, f64::from(told), &[], None, answer);
            match bias + if *counts { -told } else { told } {
                power if power < 0 => value / factor * ten_to(power.unsigned_abs()),
                power => value / factor / ten_to(power.unsigned_abs()),
            }
        }
    };
    if let Some(fraction) = &encoding.fraction {
        let whole = raw.floor();
        put(
            &fraction.field,
            (raw - whole) / fraction.factor,
            &[],
            None,
            answer,
        );
        raw = whole;
    }
    if !encoding.codes.is_empty() && !raw.is_nan() {
        #[expect(clippy::cast_precision_loss, reason = "codes are small")]
        let codes = encoding.codes.iter().map(|code| code.code as f64);
        let near = codes.min_by(|a, b| (a - raw).abs().total_cmp(&(b - raw).abs()));
        raw = near.unwrap_or(raw);
    }
    match encoding.sign {
        Some(Sign::Above(limit)) if raw < 0.0 => raw = f64::from(limit) - raw,
        Some(Sign::Bit { at, mask }) => {
            if let Some(word) = answer.get_mut(usize::from(at)) {
                *word = if raw < 0.0 {
                    *word | mask
                } else {
                    *word & !mask
                };
            }
            raw = raw.abs();
        }
        _ => {}
    }
    put(
        &encoding.field(),
        raw,
        &encoding.invalid,
        encoding.limits,
        answer,
    );
}

/// Writes `raw` into the bits of its field.
fn put(field: &Field, raw: f64, invalid: &[i64], limits: Option<[f64; 2]>, answer: &mut [u16]) {
    let words = usize::from(field.kind.words());
    let first = usize::from(field.at);
    let Some(place) = answer.get_mut(first..first + words) else {
        return;
    };
    let low_first = words > 1 && matches!(field.order, WordOrder::Cdab | WordOrder::Dcba);
    let swapped = if words > 1 {
        matches!(field.order, WordOrder::Badc | WordOrder::Dcba)
    } else {
        field.swapped
    };
    let (low, count) = match field.bits {
        Some(bits) => (u32::from(bits.low), u32::from(bits.count)),
        None => (0, 64),
    };
    let mask = u64::MAX.checked_shr(64 - count.min(64)).unwrap_or(0);
    let mask = mask.checked_shl(low).unwrap_or(0);
    let bits = bits(raw, field, invalid, limits)
        .checked_shl(low)
        .unwrap_or(0);
    for (n, word) in place.iter_mut().enumerate() {
        let significance = if low_first { n } else { words - 1 - n };
        #[expect(clippy::cast_possible_truncation, reason = "one word of several")]
        let part = |number: u64| (number >> (16 * significance)) as u16;
        let held = if swapped { word.swap_bytes() } else { *word };
        let now = (held & !part(mask)) | part(bits & mask);
        *word = if swapped { now.swap_bytes() } else { now };
    }
}

/// The most decimals, up to four, with which a register of `kind` still holds the whole
/// of `range`; what a fitter would set the instrument to.
#[must_use]
pub fn decimals(kind: NumberKind, range: [f64; 2]) -> u16 {
    if kind.is_float() {
        return 0;
    }
    let (low, high) = limits(kind, None);
    let (low, high) = (nearest(low), nearest(high));
    (1..=4)
        .rev()
        .find(|d| {
            let scale = ten_to(u32::from(*d));
            range
                .iter()
                .all(|end| (low..=high).contains(&(end * scale)))
        })
        .unwrap_or(0)
}

/// A power of ten.
fn ten_to(exponent: u32) -> f64 {
    (0..exponent).fold(1.0, |power, _| power * 10.0)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the end of a range, or a comparison"
)]
fn nearest(n: i128) -> f64 {
    n as f64
}

/// Smallest and largest number of a whole kind, or of so many of its bits.
fn limits(kind: NumberKind, bits: Option<u8>) -> (i128, i128) {
    let width = bits.map_or(16 * u32::from(kind.words()), u32::from).min(64);
    match kind {
        NumberKind::Bcd16 => (0, 9_999),
        NumberKind::Bcd32 => (0, 99_999_999),
        NumberKind::I16 | NumberKind::I32 | NumberKind::I64 => {
            let half = 1_i128 << width.saturating_sub(1);
            (-half, half - 1)
        }
        _ => (0, (1_i128 << width) - 1),
    }
}

/// The bits of the number, in the low end of the result.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number within the limits of its kind, reinterpreted as bits"
)]
fn bits(raw: f64, field: &Field, invalid: &[i64], measured: Option<[f64; 2]>) -> u64 {
    if field.kind.is_float() {
        let raw = match measured {
            Some([low, high]) if !raw.is_nan() => raw.max(low).min(high),
            _ => raw,
        };
        let mut bits = match field.kind {
            // Rounds to the nearest single; beyond its range to infinity, as real meters do.
            NumberKind::F32 => u64::from((raw as f32).to_bits()),
            _ => raw.to_bits(),
        };
        if raw.is_nan() {
            return invalid.first().map_or(bits, |code| *code as u64);
        }
        while invalid.iter().any(|code| *code as u64 == bits) {
            bits ^= 1;
        }
        return bits;
    }
    let (low, high) = limits(field.kind, field.bits.map(|bits| bits.count));
    let whole = if raw.is_nan() {
        invalid.first().map_or(high, |code| i128::from(*code))
    } else {
        let raw = match measured {
            Some([least, most]) => raw.max(least.ceil()).min(most.floor()),
            None => raw,
        };
        let mut whole = (raw.round() as i128).clamp(low, high);
        // The nearest number that is a measurement.
        let inwards = if whole >= high { -1 } else { 1 };
        while invalid.iter().any(|code| i128::from(*code) == whole) {
            whole += inwards;
        }
        whole
    };
    match field.kind {
        NumberKind::Bcd16 | NumberKind::Bcd32 => (0..8)
            .map(|place| ((whole / 10_i128.pow(place)) % 10) << (4 * place))
            .sum::<i128>() as u64,
        _ => whole as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding(kind: NumberKind, order: WordOrder) -> Encoding {
        let scale = Scale::Linear {
            factor: 1.0,
            offset: 0.0,
        };
        Encoding::plain(0, kind, order, scale)
    }

    /// The words of the number alone.
    fn encode(value: f64, encoding: &Encoding, decimals: u16) -> Vec<u16> {
        let first = usize::from(encoding.offset);
        let end = first + usize::from(encoding.kind.words());
        let mut answer = vec![0; end.max(8)];
        fill(value, encoding, decimals, &mut answer);
        answer[first..end].to_vec()
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
            raw_low: 0.0,
            raw_high: 65535.0,
            low: -50.0,
            high: 150.0,
        };
        assert_eq!(encode(-50.0, &e, 0), [0]);
        assert_eq!(encode(50.0, &e, 0), [32768]);
        assert_eq!(encode(150.0, &e, 0), [65535]);
        // QDY30A: 12.34 with two decimals is 1234.
        e.offset = 1;
        e.scale = Scale::Power {
            exponent: encoding(NumberKind::U16, WordOrder::Abcd).field(),
            decimals: true,
            bias: 0,
            factor: 1.0,
        };
        let mut answer = [0; 2];
        fill(12.34, &e, 2, &mut answer);
        assert_eq!(answer, [2, 1234]);
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
