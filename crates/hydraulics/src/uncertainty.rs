//! Uncertainty of measurement.
//!
//! Here: percentages as the acceptance standards combine them, root sums of squares
//! (ISO 9906:2012 4.3.3, Tables 5 to 7), which is what the grades limit. Below: the full
//! budget of a result after the GUM ([`budget`]) from what is known of its inputs
//! ([`input`]) and the formula that joins them ([`model`]), and the propagation of whole
//! distributions that checks it ([`monte_carlo`]).

pub mod budget;
pub mod input;
pub mod model;
pub mod monte_carlo;
pub mod published;
pub mod student;

use crate::{Error, check};

/// Root sum of squares of contributions that share a unit.
///
/// # Errors
/// [`Error::Value`] for a negative or non-finite contribution, [`Error::TooFew`] for none,
/// [`Error::NotFinite`] on overflow.
///
/// ```
/// // W10, efficiency of a motor-pump in grade 1 from flow, head and input power.
/// let e_pct = dutypoint_hydraulics::uncertainty::root_sum_square(&[2.0, 1.5, 1.5])?;
/// assert!((e_pct - 2.915).abs() < 5e-4);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn root_sum_square(contributions: &[f64]) -> Result<f64, Error> {
    check::column("uncertainty contribution", contributions, 1)?;
    let mut sum = 0.0;
    for contribution in contributions {
        let checked = check::not_negative("uncertainty contribution", *contribution)?;
        sum += checked * checked;
    }
    check::result("root sum of squares", sum.sqrt())
}

/// Overall uncertainty `e = √(e_R² + e_S²)` in % from the random part (repeated readings)
/// and the systematic part (instrument). Source: ISO 9906:2012 4.3.3, reference 3.4.
///
/// # Errors
/// As [`root_sum_square`].
pub fn overall_pct(random_pct: f64, systematic_pct: f64) -> Result<f64, Error> {
    root_sum_square(&[random_pct, systematic_pct])
}

/// Relative uncertainty in % of the motor-pump unit's efficiency from those of flow, head
/// and electrical input power. Density and gravity contribute nothing of note.
/// Source: ISO 9906:2012 Table 7, reference 3.4 and W10.
///
/// # Errors
/// As [`root_sum_square`].
pub fn unit_efficiency_pct(flow_pct: f64, head_pct: f64, power_pct: f64) -> Result<f64, Error> {
    root_sum_square(&[flow_pct, head_pct, power_pct])
}
