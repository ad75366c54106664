//! Specific speed in the three forms met on data sheets, at best efficiency, and suction
//! specific speed.
//!
//! Flow is per suction eye and head per stage in all three (reference section 2). API 610
//! divides by stages but keeps the total flow; for its form pass `suction_eyes = 1`.

use crate::{Error, check};

/// One pump's specific speed in each convention.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpecificSpeed {
    /// `n √Q / H^0.75`, r/min, m³/s, m (tag C1, S33).
    pub n_q: f64,
    /// The Chinese form `3.65 n_q` (tag M3; conversion D).
    pub n_s: f64,
    /// Type number `2π n √Q / (g H)^0.75` with n in 1/s, dimensionless (tag M3).
    pub type_number: f64,
}

/// Specific speed of a pump with total flow `flow_m3_s` and total head `head_m` at best
/// efficiency, divided over its suction eyes and stages.
///
/// # Errors
/// [`Error::Value`] for a speed, flow, head, gravity or count that is not above zero;
/// [`Error::NotFinite`] when the result overflows.
///
/// ```
/// let k = dutypoint_hydraulics::specific_speed::specific_speed(
///     2900.0, 100.0 / 3600.0, 50.0, 1, 1, 9.81)?;
/// assert!((k.n_s - 93.8236).abs() < 5e-5);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn specific_speed(
    speed_rpm: f64,
    flow_m3_s: f64,
    head_m: f64,
    suction_eyes: u32,
    stages: u32,
    gravity_m_s2: f64,
) -> Result<SpecificSpeed, Error> {
    let speed_rpm = check::positive("speed in r/min", speed_rpm)?;
    let flow_m3_s = check::positive("flow in m³/s", flow_m3_s)?
        / check::positive("number of suction eyes", f64::from(suction_eyes))?;
    let head_m = check::positive("head in m", head_m)?
        / check::positive("number of stages", f64::from(stages))?;
    let gravity_m_s2 = check::positive("gravity in m/s²", gravity_m_s2)?;
    let n_q = speed_rpm * flow_m3_s.sqrt() / libm::pow(head_m, 0.75);
    let per_gravity = libm::pow(gravity_m_s2, 0.75);
    Ok(SpecificSpeed {
        n_q: check::result("specific speed", n_q)?,
        n_s: check::result("specific speed", 3.65 * n_q)?,
        type_number: check::result(
            "type number",
            2.0 * core::f64::consts::PI / 60.0 * n_q / per_gravity,
        )?,
    })
}

/// Suction specific speed in both conventions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SuctionSpecificSpeed {
    /// `n √Q / NPSH3^0.75`, r/min, m³/s per suction eye, m.
    pub n_ss: f64,
    /// The Chinese form `C = 5.62 n √Q / NPSH3^0.75` (tag M3).
    pub c: f64,
}

/// Suction specific speed from the total flow over all suction eyes and NPSH3.
/// Source: reference section 2 (tag M3).
///
/// # Errors
/// As [`specific_speed`].
///
/// ```
/// // Worked example W12.
/// let s = dutypoint_hydraulics::specific_speed::suction_specific_speed(
///     2900.0, 100.0 / 3600.0, 1, 2.5)?;
/// assert!((s.c - 1366.243).abs() < 5e-4 && (s.n_ss - 243.104).abs() < 5e-4);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn suction_specific_speed(
    speed_rpm: f64,
    flow_m3_s: f64,
    suction_eyes: u32,
    npsh3_m: f64,
) -> Result<SuctionSpecificSpeed, Error> {
    let speed_rpm = check::positive("speed in r/min", speed_rpm)?;
    let flow_m3_s = check::positive("flow in m³/s", flow_m3_s)?
        / check::positive("number of suction eyes", f64::from(suction_eyes))?;
    let npsh3_m = check::positive("NPSH3 in m", npsh3_m)?;
    let n_ss = speed_rpm * flow_m3_s.sqrt() / libm::pow(npsh3_m, 0.75);
    Ok(SuctionSpecificSpeed {
        n_ss: check::result("suction specific speed", n_ss)?,
        c: check::result("suction specific speed", 5.62 * n_ss)?,
    })
}
