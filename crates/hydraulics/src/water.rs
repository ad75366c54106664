//! Properties of clean water from 0 to 100 °C at absolute pressures up to 100 MPa.
//!
//! IAPWS-IF97 region 1 for density, region 4 for vapour pressure (IAPWS R7-97(2012)), and
//! the 2008 formulation for viscosity without the critical enhancement (IAPWS R12-08). The
//! formulations themselves, in their wider ranges, are in [`crate::iapws`]; the tests
//! reproduce the releases' own verification tables to every printed digit.

use crate::iapws::{dynamic_viscosity, saturation_pressure, specific_volume_m3_kg};
use crate::{Error, check};

const MAX_PRESSURE_PA: f64 = 100e6;

/// Density of liquid water in kg/m³ at a temperature in °C and an *absolute* pressure in
/// Pa. Source: IAPWS R7-97(2012) region 1.
///
/// # Errors
/// [`Error::Value`] outside 0 to 100 °C, below the vapour pressure (no liquid there) or
/// above 100 MPa.
///
/// ```
/// let rho = dutypoint_hydraulics::water::density_kg_m3(20.0, 101_325.0)?;
/// assert!((rho - 998.206).abs() < 5e-4);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn density_kg_m3(temperature_c: f64, pressure_pa: f64) -> Result<f64, Error> {
    let temperature_k = kelvin(temperature_c)?;
    let pressure_pa = check::between(
        "absolute water pressure in Pa",
        pressure_pa,
        saturation_pressure(temperature_k),
        MAX_PRESSURE_PA,
        "between the vapour pressure at that temperature and 100 MPa",
    )?;
    Ok(1.0 / specific_volume_m3_kg(temperature_k, pressure_pa))
}

/// Vapour pressure of water in Pa (absolute) at a temperature in °C.
/// Source: IAPWS R7-97(2012) region 4.
///
/// # Errors
/// [`Error::Value`] outside 0 to 100 °C.
pub fn vapour_pressure_pa(temperature_c: f64) -> Result<f64, Error> {
    kelvin(temperature_c).map(saturation_pressure)
}

/// Kinematic viscosity of liquid water in m²/s at a temperature in °C and an *absolute*
/// pressure in Pa. Source: IAPWS R12-08 over region 1 density.
///
/// # Errors
/// As [`density_kg_m3`].
pub fn kinematic_viscosity_m2_s(temperature_c: f64, pressure_pa: f64) -> Result<f64, Error> {
    let density_kg_m3 = density_kg_m3(temperature_c, pressure_pa)?;
    Ok(dynamic_viscosity(density_kg_m3, kelvin(temperature_c)?) / density_kg_m3)
}

fn kelvin(temperature_c: f64) -> Result<f64, Error> {
    let must = "between 0 and 100";
    let checked = check::between("water temperature in °C", temperature_c, 0.0, 100.0, must)?;
    Ok(checked + 273.15)
}

/// Density in kg/m³ of air-free water at 101 325 Pa and 0 to 40 °C: the metrologists'
/// formula (Tanaka et al., Metrologia 38 (2001) 301), good to 1e-3 kg/m³. IF97, which every
/// result uses, agrees with it to 1e-5 of the density; this is for holding one against the
/// other.
///
/// # Errors
/// [`Error::Value`] outside 0 to 40 °C.
pub fn tanaka_density_kg_m3(temperature_c: f64) -> Result<f64, Error> {
    let must = "between 0 and 40 (Tanaka's formula)";
    let t = check::between("water temperature in °C", temperature_c, 0.0, 40.0, must)?;
    let off = t - 3.983_035;
    Ok(999.974_950 * (1.0 - off * off * (t + 301.797) / (522_528.9 * (t + 69.348_81))))
}
