//! Translation of a reading to the specified speed, frequency and density, and the windows
//! inside which it is permitted. The windows' limits come from the pack.

use crate::{Error, check, limit};

/// What the affinity laws translate, at the speed it was measured or translated to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Operating {
    /// Rate of flow, m³/s.
    pub flow_m3_s: f64,
    /// Total head, m.
    pub head_m: f64,
    /// Shaft power or electrical input power, W.
    pub power_w: f64,
}

/// A deviation in percent held against a symmetric limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deviation {
    /// `100 (value/reference − 1)`.
    pub deviation_pct: f64,
    /// The limit, percent either way.
    pub limit_pct: f64,
    /// Whether the deviation is inside, touching included.
    pub inside: bool,
}

/// Percentages of the specified speed between which a quantity may be translated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpeedWindow {
    /// Lowest permitted test speed, % of the specified.
    pub low_pct: f64,
    /// Highest permitted test speed, % of the specified.
    pub high_pct: f64,
}

/// Ratio r of specified over test speed (or frequency, for units guaranteed at one).
/// Source: ISO 9906:2012 6.1 (existence C1 S3, formulae 27 to 31).
///
/// # Errors
/// [`Error::Value`] when either is not above zero, [`Error::NotFinite`] on overflow.
pub fn speed_ratio(specified: f64, test: f64) -> Result<f64, Error> {
    let specified = check::positive("specified speed or frequency", specified)?;
    let test = check::positive("test speed or frequency", test)?;
    check::result("speed ratio", specified / test)
}

/// Translates by the speed ratio r and the ratio of specified over test density:
/// `Q r`, `H r²`, `P r³ ρ_sp/ρ`; efficiency is unchanged.
/// Source: ISO 9906:2012 6.1, reference 4.3 (tag C1 S3).
///
/// # Errors
/// [`Error::Value`] for a non-finite reading or a ratio not above zero,
/// [`Error::NotFinite`] on overflow.
///
/// ```
/// use dutypoint_hydraulics::translate::{Operating, speed_ratio, translate};
/// let test = Operating { flow_m3_s: 98.6 / 3600.0, head_m: 51.2, power_w: 18_350.0 };
/// let at_specified = translate(&test, speed_ratio(2900.0, 2935.0)?, 1.0)?;
/// assert!((at_specified.head_m - 49.986157).abs() < 5e-7);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn translate(
    test: &Operating,
    speed_ratio: f64,
    density_ratio: f64,
) -> Result<Operating, Error> {
    let r = check::positive("speed ratio", speed_ratio)?;
    let density_ratio = check::positive("density ratio", density_ratio)?;
    let flow_m3_s = check::finite("flow in m³/s", test.flow_m3_s)? * r;
    let head_m = check::finite("head in m", test.head_m)? * (r * r);
    let power_w = check::finite("power in W", test.power_w)? * (r * r * r) * density_ratio;
    Ok(Operating {
        flow_m3_s: check::result("translated flow", flow_m3_s)?,
        head_m: check::result("translated head", head_m)?,
        power_w: check::result("translated power", power_w)?,
    })
}

/// NPSH translated by `r^x`; x is 2 as a first approximation and 1.3 to 2 by agreement.
/// Source: reference 4.3 (tag C2, S25 S26).
///
/// # Errors
/// [`Error::Value`] for a non-finite NPSH, a ratio not above zero or x outside 1.3 to 2.
pub fn translate_npsh_m(npsh_m: f64, speed_ratio: f64, exponent: f64) -> Result<f64, Error> {
    let npsh_m = check::finite("NPSH in m", npsh_m)?;
    let r = check::positive("speed ratio", speed_ratio)?;
    let exponent = check::between("NPSH exponent", exponent, 1.3, 2.0, "between 1.3 and 2")?;
    check::result("translated NPSH", npsh_m * libm::pow(r, exponent))
}

/// Deviation of a value (frequency, voltage, speed) from its reference, inside `limit_pct`
/// or not. A deviation outside must be refused or agreed, never translated silently:
/// slip and motor efficiency change. Source: reference 4.3 (±1 % frequency, ±5 % voltage,
/// tag M3).
///
/// # Errors
/// [`Error::Value`] when value or reference is not above zero or the limit is negative.
pub fn deviation(value: f64, reference: f64, limit_pct: f64) -> Result<Deviation, Error> {
    let value = check::positive("measured value", value)?;
    let reference = check::positive("reference value", reference)?;
    let limit_pct = check::not_negative("limit in %", limit_pct)?;
    let deviation_pct = check::result("deviation", 100.0 * (value - reference) / reference)?;
    Ok(Deviation {
        deviation_pct,
        limit_pct,
        inside: limit::at_most(deviation_pct.abs(), limit_pct),
    })
}

/// Whether a test speed lies inside a window given in percent of the specified speed,
/// touching included. Source: ISO 9906:2012 5.7.2, reference 4.2 (C1 S6).
///
/// # Errors
/// [`Error::Value`] when either speed is not above zero or a limit is not finite.
pub fn speed_permitted(
    test_rpm: f64,
    specified_rpm: f64,
    window: SpeedWindow,
) -> Result<bool, Error> {
    let test_rpm = check::positive("test speed in r/min", test_rpm)?;
    let specified_rpm = check::positive("specified speed in r/min", specified_rpm)?;
    let low_pct = check::finite("speed limit in %", window.low_pct)?;
    let high_pct = check::finite("speed limit in %", window.high_pct)?;
    let ratio_pct = check::result("speed in % of specified", 100.0 * test_rpm / specified_rpm)?;
    Ok(limit::at_least(ratio_pct, low_pct) && limit::at_most(ratio_pct, high_pct))
}
