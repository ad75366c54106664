//! Double-double arithmetic: a number as the unevaluated sum of two f64, about 32 digits.
//!
//! Products are split by Dekker's method instead of a fused multiply-add, and every step is
//! one correctly rounded f64 operation, so the bits are the same on every machine.
//! Magnitudes must stay below about 1e290 (the split multiplies by 2²⁷ + 1); callers scale.
//!
//! Source: T. J. Dekker, A floating-point technique for extending the available precision,
//! Numer. Math. 18 (1971); Y. Hida, X. S. Li, D. H. Bailey, Library for double-double and
//! quad-double arithmetic (2007).

use core::ops::{Add, Div, Mul, Neg, Sub};

/// `hi + lo` with `|lo|` at most half a unit in the last place of `hi`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Dd {
    hi: f64,
    lo: f64,
}

impl Dd {
    pub(crate) const ZERO: Self = Self::new(0.0);
    pub(crate) const ONE: Self = Self::new(1.0);

    pub(crate) const fn new(value: f64) -> Self {
        Self { hi: value, lo: 0.0 }
    }

    /// The nearest f64.
    pub(crate) const fn value(self) -> f64 {
        self.hi
    }

    /// Square root; zero for what is not above zero.
    pub(crate) fn sqrt(self) -> Self {
        if self.hi <= 0.0 {
            return Self::ZERO;
        }
        let root = self.hi.sqrt();
        let rest = self - two_product(root, root);
        two_sum(root, rest.hi / (2.0 * root))
    }

    /// Times a power of two, exactly.
    pub(crate) fn scaled(self, power_of_two: f64) -> Self {
        Self {
            hi: self.hi * power_of_two,
            lo: self.lo * power_of_two,
        }
    }
}

fn two_sum(a: f64, b: f64) -> Dd {
    let hi = a + b;
    let part = hi - a;
    let lo = (a - (hi - part)) + (b - part);
    Dd { hi, lo }
}

/// As [`two_sum`] for |a| ≥ |b|.
fn quick_two_sum(a: f64, b: f64) -> Dd {
    let hi = a + b;
    Dd {
        hi,
        lo: b - (hi - a),
    }
}

fn split(a: f64) -> (f64, f64) {
    let big = 134_217_729.0 * a;
    let high = big - (big - a);
    (high, a - high)
}

fn two_product(a: f64, b: f64) -> Dd {
    let hi = a * b;
    let ((a1, a2), (b1, b2)) = (split(a), split(b));
    let lo = ((a1 * b1 - hi) + a1 * b2 + a2 * b1) + a2 * b2;
    Dd { hi, lo }
}

impl Add for Dd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let high = two_sum(self.hi, other.hi);
        let low = two_sum(self.lo, other.lo);
        let sum = quick_two_sum(high.hi, high.lo + low.hi);
        quick_two_sum(sum.hi, sum.lo + low.lo)
    }
}

impl Neg for Dd {
    type Output = Self;
    fn neg(self) -> Self {
        Self {
            hi: -self.hi,
            lo: -self.lo,
        }
    }
}

impl Sub for Dd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Dd {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let product = two_product(self.hi, other.hi);
        let cross = self.hi * other.lo + self.lo * other.hi;
        quick_two_sum(product.hi, product.lo + cross)
    }
}

impl Div for Dd {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let first = self.hi / other.hi;
        let rest = self - other * Self::new(first);
        let second = rest.hi / other.hi;
        let rest = rest - other * Self::new(second);
        let third = rest.hi / other.hi;
        quick_two_sum(first, second) + Self::new(third)
    }
}

/// The power of two at or below the magnitude of `value`; 1 for zero.
pub(crate) fn power_of_two(value: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff0_0000_0000_0000;
    let power = f64::from_bits(value.to_bits() & EXPONENT);
    if power > 0.0 {
        power
    } else if value == 0.0 {
        1.0
    } else {
        f64::MIN_POSITIVE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_come_out_to_both_halves() {
        // √2 = 1.41421356237309504880168872420969807857…, its f64 and the rest.
        let root = Dd::new(2.0).sqrt();
        assert_eq!(root.hi, core::f64::consts::SQRT_2);
        assert!((root.lo - -9.667_293_313_452_913e-17).abs() < 2e-32);
        // 1/3 = 0.010101…b: the rest after 53 bits is 1/3 · 2⁻⁵⁴.
        let third = Dd::ONE / Dd::new(3.0);
        assert_eq!(
            (third.hi, third.lo),
            (1.0 / 3.0, 1.0 / 3.0 / 18_014_398_509_481_984.0)
        );
    }

    #[test]
    fn what_one_f64_loses_is_kept() {
        let tiny = Dd::new(1e-25);
        assert_eq!((Dd::ONE + tiny - Dd::ONE).hi, 1e-25);
        // (1 + 2⁻⁴⁰)² = 1 + 2⁻³⁹ + 2⁻⁸⁰.
        let e = 2.0_f64.recip() / 549_755_813_888.0;
        let square = Dd::new(1.0 + e) * Dd::new(1.0 + e);
        assert_eq!((square - Dd::ONE - Dd::new(2.0 * e)).hi, e * e);
        // A decimal sum that f64 gets wrong: 1e16 + 1 + … + 1 − 1e16.
        let mut sum = Dd::new(1e16);
        for _ in 0..7 {
            sum = sum + Dd::ONE;
        }
        assert_eq!((sum - Dd::new(1e16)).hi, 7.0);
    }

    #[test]
    fn division_undoes_multiplication() {
        let (a, b) = (
            Dd::new(0.1) + Dd::new(1e-20),
            Dd::new(-7.3) + Dd::new(3e-18),
        );
        let error = (a * b / b - a).hi;
        assert!(error.abs() < 1e-32, "{error}");
        assert_eq!(Dd::new(-4.0).sqrt(), Dd::ZERO);
    }

    #[test]
    fn scales_are_powers_of_two() {
        assert_eq!(power_of_two(-13.7), 8.0);
        assert_eq!(power_of_two(0.0), 1.0);
        assert_eq!(power_of_two(5e-324), f64::MIN_POSITIVE);
    }
}
