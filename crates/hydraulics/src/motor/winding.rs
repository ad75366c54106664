//! Temperature of a winding from its resistance, and its resistance at switch-off.

use super::line;
use crate::power::Conductor;
use crate::{Error, check};

/// Temperature in °C of a winding whose resistance went from `cold_ohm` at `cold_c` to
/// `hot_ohm`: `R₂/R₁ (K + t₁) − K`. Source: energy reference 6.1 (tag C2, S-1032).
///
/// # Errors
/// [`Error::Value`] for a resistance not above zero or a cold temperature outside −100 to
/// 300 °C.
pub fn temperature_from_resistance_c(
    cold_ohm: f64,
    cold_c: f64,
    hot_ohm: f64,
    conductor: Conductor,
) -> Result<f64, Error> {
    let cold_ohm = check::positive("cold winding resistance in Ω", cold_ohm)?;
    let hot_ohm = check::positive("hot winding resistance in Ω", hot_ohm)?;
    let must = "between -100 and 300";
    let cold_c = check::between(
        "cold winding temperature in °C",
        cold_c,
        -100.0,
        300.0,
        must,
    )?;
    let constant_c = conductor.constant_c();
    check::result(
        "winding temperature",
        hot_ohm / cold_ohm * (constant_c + cold_c) - constant_c,
    )
}

/// Temperature rise in K over the coolant at the end of the test,
/// `(R₂ − R₁)/R₁ (K + t₁) + t₁ − t_c`. Source: energy reference 1.6 (tag C2).
///
/// # Errors
/// As [`temperature_from_resistance_c`]; also for a coolant outside −100 to 300 °C.
///
/// ```
/// use dutypoint_hydraulics::{motor::temperature_rise_k, power::Conductor};
/// // Worked example E13.
/// let rise_k = temperature_rise_k(1.842, 18.4, 2.247, 20.2, Conductor::Copper)?;
/// assert!((rise_k - 53.9150).abs() < 5e-5);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn temperature_rise_k(
    cold_ohm: f64,
    cold_c: f64,
    hot_ohm: f64,
    coolant_c: f64,
    conductor: Conductor,
) -> Result<f64, Error> {
    let must = "between -100 and 300";
    let coolant_c = check::between("coolant temperature in °C", coolant_c, -100.0, 300.0, must)?;
    let hot_c = temperature_from_resistance_c(cold_ohm, cold_c, hot_ohm, conductor)?;
    check::result("temperature rise", hot_c - coolant_c)
}

/// A winding's resistance at the moment of switch-off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SwitchOff {
    /// Resistance at t = 0, Ω.
    pub resistance_ohm: f64,
    /// Slope of ln R, 1/s; negative while the winding cools.
    pub slope_per_s: f64,
    /// Largest relative deviation of a reading from the fitted line, %.
    pub worst_residual_pct: f64,
}

/// Fewest readings a cooling curve is extrapolated from; two would fit any line exactly.
const FEWEST_READINGS: usize = 3;

/// Extrapolates a cooling curve to switch-off by regression of ln R on time.
/// Source: energy reference 6.1 (tag M+), worked example E13.
///
/// # Errors
/// [`Error::TooFew`] below three readings, [`Error::TimeOrder`] for times that do not
/// increase, [`Error::Value`] for a negative first time or a resistance not above zero,
/// [`Error::Lengths`] for unequal columns.
///
/// ```
/// let times_s = [20.0, 30.0, 40.0, 50.0, 60.0, 80.0, 100.0];
/// let ohm = [2.2305, 2.2223, 2.2142, 2.2063, 2.1986, 2.1837, 2.1694];
/// let at = dutypoint_hydraulics::motor::extrapolate_to_switch_off(&times_s, &ohm)?;
/// assert!((at.resistance_ohm - 2.24540).abs() < 5e-6);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn extrapolate_to_switch_off(
    times_s: &[f64],
    resistances_ohm: &[f64],
) -> Result<SwitchOff, Error> {
    let quantity = "resistance at switch-off";
    check::column(quantity, times_s, FEWEST_READINGS)?;
    check::column(quantity, resistances_ohm, FEWEST_READINGS)?;
    let mut before_s = None;
    for time_s in times_s {
        let time_s = check::not_negative("time after switch-off in s", *time_s)?;
        if let Some(before_s) = before_s.filter(|before| time_s <= *before) {
            return Err(Error::TimeOrder { time_s, before_s });
        }
        before_s = Some(time_s);
    }
    let mut logarithms = Vec::with_capacity(resistances_ohm.len());
    for resistance in resistances_ohm {
        logarithms.push(libm::log(check::positive(
            "winding resistance in Ω",
            *resistance,
        )?));
    }
    let (at_zero, slope_per_s) = line(quantity, times_s, &logarithms)?;
    let mut worst: f64 = 0.0;
    for (time_s, logarithm) in times_s.iter().zip(&logarithms) {
        worst = worst.max((logarithm - (at_zero + slope_per_s * time_s)).abs());
    }
    Ok(SwitchOff {
        resistance_ohm: check::result(quantity, libm::exp(at_zero))?,
        slope_per_s,
        worst_residual_pct: check::result(quantity, 100.0 * libm::expm1(worst))?,
    })
}
