//! Gates for numbers: what passes is finite and inside the range a formula holds for.

use crate::Error;

pub(crate) const ADVICE: &str = "check the channel's scaling and unit, and the order's data";

pub(crate) fn between(
    quantity: &'static str,
    value: f64,
    low: f64,
    high: f64,
    must: &'static str,
) -> Result<f64, Error> {
    // Written so that NaN fails.
    if value >= low && value <= high {
        Ok(value)
    } else {
        Err(Error::Value {
            quantity,
            value,
            must,
            advice: ADVICE,
        })
    }
}

pub(crate) fn finite(quantity: &'static str, value: f64) -> Result<f64, Error> {
    between(quantity, value, f64::MIN, f64::MAX, "a finite number")
}

pub(crate) fn positive(quantity: &'static str, value: f64) -> Result<f64, Error> {
    let smallest = f64::from_bits(1);
    let must = "a finite number above 0";
    between(quantity, value, smallest, f64::MAX, must)
}

pub(crate) fn not_negative(quantity: &'static str, value: f64) -> Result<f64, Error> {
    between(
        quantity,
        value,
        0.0,
        f64::MAX,
        "a finite number, 0 or above",
    )
}

/// A result computed from checked inputs; only overflow can make it fail.
pub(crate) fn result(quantity: &'static str, value: f64) -> Result<f64, Error> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Error::NotFinite { quantity })
    }
}

/// All values finite, and at least `need` of them.
pub(crate) fn column(quantity: &'static str, values: &[f64], need: usize) -> Result<(), Error> {
    if values.len() < need {
        return Err(Error::TooFew {
            quantity,
            got: values.len(),
            need,
        });
    }
    for value in values {
        finite(quantity, *value)?;
    }
    Ok(())
}

/// `base` to an integer power by repeated multiplication: the platform's `powi` may
/// round differently from machine to machine.
pub(crate) fn integer_power(base: f64, exponent: i32) -> f64 {
    let mut product = 1.0;
    for _ in 0..exponent.unsigned_abs() {
        product *= base;
    }
    if exponent < 0 { 1.0 / product } else { product }
}
