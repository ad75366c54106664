//! Reduction of the impeller diameter after a result that is too high.

use super::Operating;
use crate::pack::TrimRule;
use crate::{Error, check, limit};

/// Diameters of a trim, and the type number it is limited by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trim {
    /// Outlet diameter in the test, m.
    pub tested_m: f64,
    /// Outlet diameter after the trim, m.
    pub reduced_m: f64,
    /// Mean diameter of the inlet edge, m.
    pub inlet_m: f64,
    /// Type number K of the pump.
    pub type_number: f64,
}

/// What a trim gives, and what it is worth without a new test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trimmed {
    /// `R = √((D₂r² − D₁²)/(D₂t² − D₁²))`.
    pub ratio: f64,
    /// Reduction of the outlet diameter, %.
    pub reduction_pct: f64,
    /// `R Q`, m³/s.
    pub flow_m3_s: f64,
    /// `R² H`, m.
    pub head_m: f64,
    /// `R³ P`, W; only where efficiency is taken as unchanged, which it follows from.
    pub power_w: Option<f64>,
    /// Whether reduction and type number are small enough to need no new test, provided the
    /// blades keep their geometry.
    pub without_new_test: bool,
    /// Whether efficiency is taken as unchanged.
    pub efficiency_unchanged: bool,
}

/// Flow and head after a trim. Source: ISO 9906:2012 6.2.1, reference 4.4 (limits C1 S18,
/// square-root form M3); the power follows from an unchanged efficiency (D).
///
/// # Errors
/// [`Error::Value`] unless inlet < reduced ≤ tested diameter, or for a type number not above
/// zero.
pub fn trim(test: &Operating, trim: &Trim, rule: &TrimRule) -> Result<Trimmed, Error> {
    let tested_m = check::positive("tested impeller diameter in m", trim.tested_m)?;
    let inlet_m = check::positive("inlet edge diameter in m", trim.inlet_m)?;
    let type_number = check::positive("type number K", trim.type_number)?;
    let must = "above the inlet edge diameter and at most the tested one";
    let reduced_m = check::between(
        "reduced impeller diameter in m",
        trim.reduced_m,
        inlet_m.next_up(),
        tested_m,
        must,
    )?;
    let square = inlet_m * inlet_m;
    let ratio = ((reduced_m * reduced_m - square) / (tested_m * tested_m - square)).sqrt();
    let ratio = check::result("trim ratio", ratio)?;
    let reduction_pct = 100.0 * (tested_m - reduced_m) / tested_m;
    let within = |reduction: f64, number: f64| {
        limit::at_most(reduction_pct, reduction) && limit::at_most(type_number, number)
    };
    let without_new_test = within(rule.reduction_pct.value, rule.type_number.value);
    let efficiency_unchanged = within(
        rule.efficiency_unchanged_reduction_pct.value,
        rule.efficiency_unchanged_type_number.value,
    );
    let flow_m3_s = ratio * check::not_negative("flow in m³/s", test.flow_m3_s)?;
    let head_m = ratio * ratio * check::finite("head in m", test.head_m)?;
    let power_w = ratio * ratio * ratio * check::finite("power in W", test.power_w)?;
    Ok(Trimmed {
        ratio,
        reduction_pct,
        flow_m3_s: check::result("trimmed flow", flow_m3_s)?,
        head_m: check::result("trimmed head", head_m)?,
        power_w: efficiency_unchanged
            .then(|| check::result("trimmed power", power_w))
            .transpose()?,
        without_new_test,
        efficiency_unchanged,
    })
}
