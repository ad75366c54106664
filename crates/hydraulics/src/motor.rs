//! Tests of the motor: resistance and temperature of its winding, no-load separation, shaft
//! power from segregated losses or a calibrated curve.
//!
//! Owns the formulas of GB/T 1032 and GB/T 12785 as the reference describes them (energy
//! reference 1.6 and 6). Delays, reference temperatures and tolerances are numbers of a
//! standard and come from a pack ([`crate::pack::Standard::motor_tolerance`] and its
//! neighbours). Resistances are line-to-line means, so that `1.5 I² R` is the stator's copper
//! loss in star and in delta alike.

mod calibrated;
mod losses;
mod no_load;
mod winding;

pub use calibrated::CalibratedMotor;
pub use losses::{Segregated, Segregation, Stray, segregate, stator_copper_loss_w};
pub use no_load::{NoLoadPoint, NoLoadSeparation, separate_no_load};
pub use winding::{
    SwitchOff, extrapolate_to_switch_off, temperature_from_resistance_c, temperature_rise_k,
};

use crate::{Error, check};

/// Straight line of least squares: value at 0 and slope. Sums are centred, so that abscissae
/// far from 0 cost no digits.
fn line(quantity: &'static str, x: &[f64], y: &[f64]) -> Result<(f64, f64), Error> {
    if x.len() != y.len() {
        return Err(Error::Lengths {
            left: x.len(),
            right: y.len(),
        });
    }
    check::column(quantity, x, 2)?;
    check::column(quantity, y, 2)?;
    let count = x.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(x), mean(y));
    let (mut squares, mut products) = (0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        squares += (x - mean_x) * (x - mean_x);
        products += (x - mean_x) * (y - mean_y);
    }
    // All abscissae alike give 0/0, which is refused as not finite.
    let slope = check::result(quantity, products / squares)?;
    Ok((check::result(quantity, mean_y - slope * mean_x)?, slope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_far_from_zero_keeps_its_digits() {
        // y = 3 − 2 (x − 1e6): abscissae of 1e6 squared would leave a few digits only.
        let x = [1e6, 1e6 + 1.0, 1e6 + 2.0, 1e6 + 4.0];
        let y = [3.0, 1.0, -1.0, -5.0];
        let (at_zero, slope) = line("test", &x, &y).unwrap();
        assert_eq!((at_zero, slope), (2_000_003.0, -2.0));
        assert!(line("test", &[1.0, 1.0], &[1.0, 2.0]).is_err());
    }
}
