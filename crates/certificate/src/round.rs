//! Rounding for print by GB/T 8170: half to even, on the decimal value, once.
//!
//! The decimal value of a number is its shortest decimal form that reads back as the
//! same number, so 0.15 is a tie and 2.675 is a tie, although their binary forms lie
//! beside it. No arithmetic is done on the binary value. Pass unrounded numbers:
//! rounding a rounded number again is what the standard forbids.

/// Rounds to a fixed number of decimals; `None` for a number that is not finite.
///
/// ```
/// use dutypoint_certificate::round::decimals;
/// assert_eq!(decimals(2.5, 0).as_deref(), Some("2"));
/// assert_eq!(decimals(3.5, 0).as_deref(), Some("4"));
/// assert_eq!(decimals(1.005, 2).as_deref(), Some("1.00"));
/// ```
#[must_use]
pub fn decimals(value: f64, decimals: usize) -> Option<String> {
    let mut number = Decimal::new(value)?;
    number.round(number.point.saturating_add(i32::try_from(decimals).ok()?));
    Some(number.print(decimals))
}

/// Rounds to `digits` significant digits, but never to the left of the decimal point:
/// zeros that only fill up an integer would claim to be measured.
///
/// ```
/// use dutypoint_certificate::round::significant;
/// assert_eq!(significant(80.0, 4).as_deref(), Some("80.00"));
/// assert_eq!(significant(12_345.6, 4).as_deref(), Some("12346"));
/// ```
#[must_use]
pub fn significant(value: f64, digits: usize) -> Option<String> {
    let mut number = Decimal::new(value)?;
    let digits = i32::try_from(digits).ok()?;
    number.round(digits.max(number.point));
    let decimals = usize::try_from(digits - number.point).unwrap_or(0);
    Some(number.print(decimals))
}

/// The shortest decimal form, never in exponent notation: for values that are given,
/// not measured, and must appear as they were given.
#[must_use]
pub fn shortest(value: f64) -> Option<String> {
    let number = Decimal::new(value)?;
    let digits = i32::try_from(number.digits.len()).ok()?;
    Some(number.print(usize::try_from(digits - number.point).unwrap_or(0)))
}

/// `0.d₁d₂d₃… × 10^point`, digits without trailing zeros; zero has no digits.
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    point: i32,
}

impl Decimal {
    fn new(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        // Rust prints the shortest digits that read back as the same number.
        let text = format!("{:e}", value.abs());
        let (mantissa, exponent) = text.split_once('e')?;
        let exponent: i32 = exponent.parse().ok()?;
        let mut digits: Vec<u8> = mantissa
            .bytes()
            .filter(u8::is_ascii_digit)
            .map(|b| b - b'0')
            .collect();
        while digits.last() == Some(&0) {
            digits.pop();
        }
        // Zero counts as one digit before the point, so that it prints like 1 would.
        let point = if digits.is_empty() { 1 } else { exponent + 1 };
        Some(Self {
            negative: value < 0.0,
            digits,
            point,
        })
    }

    /// Keeps the first `keep` digits; a carry out of the first digit moves the point.
    fn round(&mut self, keep: i32) {
        let Ok(keep) = usize::try_from(keep) else {
            // Everything kept lies left of the first digit: less than half a unit.
            self.digits.clear();
            return;
        };
        let Some(&first) = self.digits.get(keep) else {
            return;
        };
        // No trailing zeros are stored, so a digit after this one is not zero.
        let above_half = self.digits.len() > keep + 1;
        let odd = keep
            .checked_sub(1)
            .and_then(|last| self.digits.get(last))
            .is_some_and(|d| d % 2 == 1);
        self.digits.truncate(keep);
        if first > 5 || (first == 5 && (above_half || odd)) {
            let mut carry = true;
            for digit in self.digits.iter_mut().rev() {
                *digit = if *digit == 9 { 0 } else { *digit + 1 };
                if *digit != 0 {
                    carry = false;
                    break;
                }
            }
            if carry {
                self.digits.insert(0, 1);
                self.point += 1;
            }
        }
    }

    fn print(&self, decimals: usize) -> String {
        let digit = |place: i32| {
            usize::try_from(place)
                .ok()
                .and_then(|p| self.digits.get(p))
                .map_or('0', |d| char::from(b'0' + d))
        };
        let mut text = String::new();
        // A negative number that rounds to zero carries no sign.
        if self.negative && self.digits.iter().any(|d| *d != 0) {
            text.push('-');
        }
        if self.point <= 0 {
            text.push('0');
        }
        (0..self.point).for_each(|place| text.push(digit(place)));
        if decimals > 0 {
            text.push('.');
            let last = self
                .point
                .saturating_add(i32::try_from(decimals).unwrap_or(i32::MAX));
            (self.point..last).for_each(|place| text.push(digit(place)));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{decimals, shortest, significant};
    use proptest::prelude::*;

    fn d(value: f64, n: usize) -> String {
        decimals(value, n).unwrap()
    }

    #[test]
    fn halves_go_to_the_even_digit() {
        for (value, n, text) in [
            (0.5, 0, "0"),
            (1.5, 0, "2"),
            (2.5, 0, "2"),
            (3.5, 0, "4"),
            (-2.5, 0, "-2"),
            (0.15, 1, "0.2"),
            (0.25, 1, "0.2"),
            (0.35, 1, "0.4"),
            // The binary value of 1.005 lies below the tie, that of 2.675 too.
            (1.005, 2, "1.00"),
            (1.015, 2, "1.02"),
            (2.675, 2, "2.68"),
            (0.05, 1, "0.0"),
            (0.050_000_1, 1, "0.1"),
            (9.995, 2, "10.00"),
            (99.96, 1, "100.0"),
        ] {
            assert_eq!(d(value, n), text, "{value} to {n} decimals");
        }
    }

    #[test]
    fn the_standards_own_examples_of_single_rounding() {
        // 15.4546 to an integer is 15; by way of 15.455, 15.46, 15.5 it would be 16.
        assert_eq!(d(15.4546, 0), "15");
        assert_eq!(d(2.5001, 0), "3");
        assert_eq!(d(2.4999, 0), "2");
    }

    #[test]
    fn zero_has_no_sign_and_small_numbers_keep_their_zeros() {
        assert_eq!(d(-0.0, 2), "0.00");
        assert_eq!(d(-0.004, 2), "0.00");
        assert_eq!(d(0.000_123, 5), "0.00012");
        assert_eq!(d(1e-9, 2), "0.00");
        assert_eq!(d(0.006, 2), "0.01");
        assert_eq!(d(1e21, 1), "1000000000000000000000.0");
    }

    #[test]
    fn significant_digits_survive_a_carry() {
        let s = |v| significant(v, 4).unwrap();
        assert_eq!(s(9.999_6), "10.00");
        assert_eq!(s(80.0), "80.00");
        assert_eq!(s(123.45), "123.4");
        assert_eq!(s(999.95), "1000");
        assert_eq!(s(1234.5), "1234");
        assert_eq!(s(12_345.6), "12346");
        assert_eq!(s(0.012_345), "0.01234");
        assert_eq!(s(0.0), "0.000");
    }

    #[test]
    fn given_values_print_as_given() {
        for (value, text) in [
            (50.0, "50"),
            (0.1, "0.1"),
            (9.7951, "9.7951"),
            (1e-7, "0.0000001"),
            (1e22, "10000000000000000000000"),
            (0.0, "0"),
        ] {
            assert_eq!(shortest(value).unwrap(), text);
        }
        assert_eq!(shortest(f64::NAN), None);
        assert_eq!(decimals(f64::INFINITY, 2), None);
    }

    proptest! {
        #[test]
        fn never_further_off_than_half_a_unit(cents in -1_000_000_000i64..1_000_000_000, n in 0usize..4) {
            let value = cents as f64 / 100_000.0;
            let printed: f64 = d(value, n).parse().unwrap();
            let unit = [1.0, 0.1, 0.01, 0.001][n];
            prop_assert!((printed - value).abs() <= unit / 2.0 + 1e-9);
        }

        #[test]
        fn shortest_reads_back(value in proptest::num::f64::NORMAL) {
            prop_assert_eq!(shortest(value).unwrap().parse::<f64>().unwrap(), value);
        }
    }
}
