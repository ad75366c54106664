//! Translation of a reading to the specified speed, frequency and density, and the windows
//! inside which it is permitted. The windows' limits come from the pack.
//!
//! [`translate`] and [`translate_npsh_m`] are the bare laws. [`to_speed`] and [`to_frequency`]
//! are what a result goes through: they refuse what the standard does not permit and say how
//! far off it was. [`UnitTranslation`] is the choice an order records for a sealed unit.

mod trim;

pub use trim::{Trim, Trimmed, trim};

use crate::pack::{CitedBand, Standard};
use crate::{Error, check, limit};
use serde::{Deserialize, Serialize};

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
/// [`Error::Value`] for a negative flow, a non-finite reading or a ratio not above zero,
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
    let flow_m3_s = check::not_negative("flow in m³/s", test.flow_m3_s)? * r;
    let head_m = check::finite("head in m", test.head_m)? * (r * r);
    let power_w = check::finite("power in W", test.power_w)? * (r * r * r) * density_ratio;
    Ok(Operating {
        flow_m3_s: check::result("translated flow", flow_m3_s)?,
        head_m: check::result("translated head", head_m)?,
        power_w: check::result("translated power", power_w)?,
    })
}

/// NPSH translated by `r^x`; x is 2 as a first approximation, 1.3 to 2 has been observed.
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

/// Whether a test speed (frequency, voltage) lies inside a window given in percent of the
/// specified one, touching included. Source: ISO 9906:2012 5.7.2, reference 4.2 (C1 S6).
///
/// # Errors
/// [`Error::Value`] when either speed is not above zero or a limit is not finite.
pub fn speed_permitted(
    test_rpm: f64,
    specified_rpm: f64,
    window: SpeedWindow,
) -> Result<bool, Error> {
    let test_rpm = check::positive("speed, frequency or voltage of the test", test_rpm)?;
    let specified_rpm = check::positive("specified speed, frequency or voltage", specified_rpm)?;
    let low_pct = check::finite("speed limit in %", window.low_pct)?;
    let high_pct = check::finite("speed limit in %", window.high_pct)?;
    let ratio_pct = check::result("speed in % of specified", 100.0 * test_rpm / specified_rpm)?;
    Ok(limit::at_least(ratio_pct, low_pct) && limit::at_most(ratio_pct, high_pct))
}

/// Exponent of NPSH and whether the parties agreed it. 2 needs no agreement inside the
/// window of the pack; every exponent needs one outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NpshExponent {
    /// The exponent, 1.3 to 2.
    pub value: f64,
    /// Whether it was agreed.
    pub agreed: bool,
}

/// A reading translated inside the windows of a pack.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Translated {
    /// Specified over test speed or frequency.
    pub ratio: f64,
    /// Flow, head and power.
    pub operating: Operating,
    /// NPSH, m, where one was given.
    pub npsh_m: Option<f64>,
    /// Whether efficiency may be taken as unchanged; `None` where the pack does not say.
    pub efficiency_unchanged: Option<bool>,
}

/// Translates a pump's reading to the specified speed and density.
///
/// # Errors
/// [`Error::NotTranslated`] outside the pack's window for flow, head and power, or for NPSH
/// without an agreed exponent; [`Error::NotInPack`] where the pack has no speed rule;
/// [`Error::Value`] as [`translate`] and [`translate_npsh_m`].
pub fn to_speed(
    test: &Operating,
    test_rpm: f64,
    specified_rpm: f64,
    density_ratio: f64,
    npsh: Option<(f64, NpshExponent)>,
    pack: &Standard,
) -> Result<Translated, Error> {
    let rule = pack.speed()?;
    let clause = format!("{} {}", pack.id, rule.clause);
    let permit = |what, band: &CitedBand, advice| {
        permit(
            what,
            test_rpm,
            specified_rpm,
            (band.low, band.high),
            &clause,
            advice,
        )
    };
    permit(
        "flow, head and power",
        &rule.flow_head_power_pct,
        "test nearer to the specified speed",
    )?;
    let ratio = speed_ratio(specified_rpm, test_rpm)?;
    let npsh_m = match npsh {
        None => None,
        Some((npsh_m, exponent)) => {
            let band = rule.npsh_pct.as_ref();
            let band = band.ok_or_else(|| pack.missing("the test speeds of NPSH".to_owned()))?;
            if !exponent.agreed {
                let advice = "test nearer to the specified speed, or agree an exponent";
                permit("NPSH", band, advice)?;
            }
            Some(translate_npsh_m(npsh_m, ratio, exponent.value)?)
        }
    };
    let window = |band: &CitedBand| SpeedWindow {
        low_pct: band.low,
        high_pct: band.high,
    };
    let unchanged = rule.efficiency_pct.as_ref();
    let unchanged = unchanged.map(|band| speed_permitted(test_rpm, specified_rpm, window(band)));
    Ok(Translated {
        ratio,
        operating: translate(test, ratio, density_ratio)?,
        npsh_m,
        efficiency_unchanged: unchanged.transpose()?,
    })
}

/// Supply of a motor-pump unit in the test, and what its guarantee refers to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Supply {
    /// Frequency in the test, Hz.
    pub frequency_hz: f64,
    /// Frequency of the guarantee, Hz.
    pub rated_frequency_hz: f64,
    /// Line voltage in the test and that of the guarantee, V; without them the window of
    /// voltage is not looked at.
    pub voltage_v: Option<(f64, f64)>,
}

/// Translates a motor-pump unit's reading to the frequency of its guarantee. Voltage inside
/// its window needs no correction; outside either window nothing is translated, since slip
/// and motor efficiency change. Source: reference 4.3 (tag M3).
///
/// # Errors
/// [`Error::NotTranslated`] outside a window, [`Error::NotInPack`] where the pack has no
/// supply rule, [`Error::Value`] as [`translate`].
pub fn to_frequency(
    test: &Operating,
    supply: &Supply,
    pack: &Standard,
) -> Result<Translated, Error> {
    let rule = pack.supply()?;
    let clause = format!("{} {}", pack.id, rule.clause);
    let advice = "test at the rated supply, or agree how deviations are treated";
    let around = |pct: f64| (100.0 - pct, 100.0 + pct);
    permit(
        "a unit to its rated frequency",
        supply.frequency_hz,
        supply.rated_frequency_hz,
        around(rule.frequency_pct.value),
        &clause,
        advice,
    )?;
    if let Some((voltage_v, rated_v)) = supply.voltage_v {
        permit(
            "a unit at this voltage",
            voltage_v,
            rated_v,
            around(rule.voltage_pct.value),
            &clause,
            advice,
        )?;
    }
    let ratio = speed_ratio(supply.rated_frequency_hz, supply.frequency_hz)?;
    Ok(Translated {
        ratio,
        operating: translate(test, ratio, 1.0)?,
        npsh_m: None,
        efficiency_unchanged: Some(true),
    })
}

/// What an order records, before Start, about translating a sealed motor-pump unit.
/// Practice differs (reference 1.7), so there is no default; a unit is converted to a
/// name-plate speed only where the order said so beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitTranslation {
    /// Values at the actual slip speed and supply, inside the windows.
    AsMeasured,
    /// Values at the actual slip, frequency corrected.
    RatedFrequency,
    /// Values at a specified speed of rotation.
    SpecifiedSpeed,
}

/// Translates a sealed unit's reading as its order recorded. The supply must be inside its
/// windows in every case; `speeds_rpm` are test and specified speed, needed for
/// [`UnitTranslation::SpecifiedSpeed`] alone.
///
/// # Errors
/// As [`to_frequency`] and [`to_speed`]; [`Error::Value`] for a missing speed.
pub fn to_recorded(
    test: &Operating,
    choice: UnitTranslation,
    supply: &Supply,
    speeds_rpm: Option<(f64, f64)>,
    pack: &Standard,
) -> Result<Translated, Error> {
    let at_rated = to_frequency(test, supply, pack)?;
    match choice {
        UnitTranslation::RatedFrequency => Ok(at_rated),
        UnitTranslation::AsMeasured => Ok(Translated {
            ratio: 1.0,
            operating: translate(test, 1.0, 1.0)?,
            ..at_rated
        }),
        UnitTranslation::SpecifiedSpeed => {
            // A speed of 0 is refused with what is missing.
            let (test_rpm, specified_rpm) = speeds_rpm.unwrap_or_default();
            to_speed(test, test_rpm, specified_rpm, 1.0, None, pack)
        }
    }
}

/// Refuses a test condition outside a window in percent of the specified one; touching is
/// inside.
fn permit(
    what: &'static str,
    value: f64,
    reference: f64,
    (low_pct, high_pct): (f64, f64),
    clause: &str,
    advice: &'static str,
) -> Result<(), Error> {
    let window = SpeedWindow { low_pct, high_pct };
    if speed_permitted(value, reference, window)? {
        return Ok(());
    }
    Err(Error::NotTranslated {
        what,
        value,
        reference,
        ratio_pct: 100.0 * value / reference,
        low_pct,
        high_pct,
        clause: clause.to_owned(),
        advice,
    })
}
