//! The no-load test: constant losses parted into iron and friction with windage.

use super::{line, stator_copper_loss_w};
use crate::{Error, check, limit};

/// One point of the no-load test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoLoadPoint {
    /// Line voltage, V.
    pub voltage_v: f64,
    /// Line current, A.
    pub current_a: f64,
    /// Input power, W.
    pub power_w: f64,
    /// Winding resistance at this point, line-to-line mean, Ω.
    pub resistance_ohm: f64,
}

/// What a no-load test is parted into.
#[derive(Debug, Clone, PartialEq)]
pub struct NoLoadSeparation {
    /// Constant loss `P₀ − 1.5 I₀² R₀` of each point, in the order given, W.
    pub constant_w: Vec<f64>,
    /// Friction and windage, W: the constant loss at no voltage.
    pub friction_windage_w: f64,
    /// Constant loss at rated voltage, W.
    pub constant_at_rated_w: f64,
    /// Iron loss at rated voltage, W.
    pub iron_at_rated_w: f64,
    /// How many points the regression used.
    pub regression_points: usize,
}

/// Points with a voltage up to this share of the rated one enter the regression
/// (reference 1.6, tag M+).
const REGRESSION_UP_TO: f64 = 0.5;
/// Fewest points in the regression (reference 1.3, tag M+).
const REGRESSION_POINTS: usize = 3;

/// Parts the no-load losses: friction and windage is the intercept of the constant loss over
/// the square of the voltage, up to half the rated voltage; iron loss is what remains at
/// rated voltage. Between two voltages the constant loss is interpolated linearly in U² (D).
/// Source: energy reference 1.6 (tag M+).
///
/// # Errors
/// [`Error::TooFew`] with fewer than three points up to half the rated voltage,
/// [`Error::OutsideDomain`] when no points embrace the rated voltage, [`Error::Value`] for a
/// voltage, current or resistance not above zero, or a friction loss outside 0 to the
/// constant loss.
pub fn separate_no_load(
    points: &[NoLoadPoint],
    rated_voltage_v: f64,
) -> Result<NoLoadSeparation, Error> {
    let rated_v = check::positive("rated voltage in V", rated_voltage_v)?;
    let mut constant_w = Vec::with_capacity(points.len());
    let (mut low_squares, mut low_constant) = (Vec::new(), Vec::new());
    for point in points {
        let voltage_v = check::positive("no-load voltage in V", point.voltage_v)?;
        let power_w = check::not_negative("no-load power in W", point.power_w)?;
        let constant = power_w - stator_copper_loss_w(point.current_a, point.resistance_ohm)?;
        if limit::at_most(voltage_v / rated_v, REGRESSION_UP_TO) {
            low_squares.push(voltage_v * voltage_v);
            low_constant.push(constant);
        }
        constant_w.push(constant);
    }
    let quantity = "friction and windage loss (points up to half the rated voltage)";
    check::column(quantity, &low_squares, REGRESSION_POINTS)?;
    let (friction_windage_w, _) = line(quantity, &low_squares, &low_constant)?;
    let constant_at_rated_w = at_rated(points, &constant_w, rated_v)?;
    let friction_windage_w = check::between(
        "friction and windage loss in W",
        friction_windage_w,
        0.0,
        constant_at_rated_w,
        "between 0 and the constant loss at rated voltage",
    )?;
    Ok(NoLoadSeparation {
        constant_w,
        friction_windage_w,
        constant_at_rated_w,
        iron_at_rated_w: constant_at_rated_w - friction_windage_w,
        regression_points: low_squares.len(),
    })
}

/// The constant loss at rated voltage between the nearest points on either side.
fn at_rated(points: &[NoLoadPoint], constant_w: &[f64], rated_v: f64) -> Result<f64, Error> {
    let mut below: Option<(f64, f64)> = None;
    let mut above: Option<(f64, f64)> = None;
    for (point, constant) in points.iter().zip(constant_w) {
        let here = (point.voltage_v, *constant);
        if here.0 <= rated_v && below.is_none_or(|(voltage, _)| here.0 > voltage) {
            below = Some(here);
        }
        if here.0 >= rated_v && above.is_none_or(|(voltage, _)| here.0 < voltage) {
            above = Some(here);
        }
    }
    let (Some((low_v, low_w)), Some((high_v, high_w))) = (below, above) else {
        let voltages = || points.iter().map(|p| p.voltage_v);
        return Err(Error::OutsideDomain {
            at: rated_v,
            low: voltages().fold(f64::INFINITY, f64::min),
            high: voltages().fold(0.0, f64::max),
        });
    };
    if high_v <= low_v {
        return Ok(low_w);
    }
    let share = (rated_v * rated_v - low_v * low_v) / (high_v * high_v - low_v * low_v);
    check::result(
        "constant loss at rated voltage",
        low_w + share * (high_w - low_w),
    )
}
