//! Local acceleration of free fall from latitude and altitude, when no measured value exists,
//! and the standard atmosphere's pressure as an estimate of the barometer.

use crate::{Error, check};

/// Acceleration of free fall in m/s² at a latitude (degrees, either hemisphere) and an
/// altitude above sea level (m): `9.7803 (1 + 0.0053 sin²φ) − 3e-6 z`.
///
/// The formula agrees with longer series to about 5e-5 m/s². One value is used for a whole
/// test and printed. Source: reference section 2 "Gravity" (ISO 9906:2012, tag M3).
///
/// # Errors
/// [`Error::Value`] for a latitude outside ±90° or an altitude outside −500 to 9000 m.
///
/// ```
/// let g_m_s2 = dutypoint_hydraulics::gravity::local_gravity_m_s2(37.87, 780.0)?;
/// assert!((g_m_s2 - 9.79749).abs() < 5e-6);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn local_gravity_m_s2(latitude_deg: f64, altitude_m: f64) -> Result<f64, Error> {
    let sine = libm::sin(latitude_rad(latitude_deg)?);
    let altitude_m = altitude(altitude_m)?;
    Ok(9.7803 * (1.0 + 0.0053 * sine * sine) - 3e-6 * altitude_m)
}

/// The normal formula with one more term,
/// `9.780327 (1 + 0.0053024 sin²φ − 0.0000058 sin²2φ) − 3.086e-6 z`, in m/s². Source:
/// reference section 2 "Gravity" (tag C1, S31).
///
/// # Errors
/// As [`local_gravity_m_s2`].
///
/// ```
/// let g_m_s2 = dutypoint_hydraulics::gravity::normal_gravity_m_s2(35.03, 370.0)?;
/// assert!((g_m_s2 - 9.79622).abs() < 5e-6);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn normal_gravity_m_s2(latitude_deg: f64, altitude_m: f64) -> Result<f64, Error> {
    let latitude = latitude_rad(latitude_deg)?;
    let altitude_m = altitude(altitude_m)?;
    let (sine, sine_of_twice) = (libm::sin(latitude), libm::sin(2.0 * latitude));
    let flattening = 0.005_302_4 * sine * sine - 0.000_005_8 * sine_of_twice * sine_of_twice;
    Ok(9.780_327 * (1.0 + flattening) - 3.086e-6 * altitude_m)
}

/// Pressure of the international standard atmosphere in Pa at an altitude in m,
/// `101325 (1 − 2.25577e-5 z)^5.25588`: an estimate of the barometer. An NPSH test measures
/// it. Source: ISO 2533 (troposphere); reference worked example E9 (tag D).
///
/// # Errors
/// [`Error::Value`] for an altitude outside −500 to 9000 m.
pub fn standard_atmosphere_pa(altitude_m: f64) -> Result<f64, Error> {
    let altitude_m = altitude(altitude_m)?;
    Ok(101_325.0 * libm::pow(1.0 - 2.255_77e-5 * altitude_m, 5.255_88))
}

fn latitude_rad(latitude_deg: f64) -> Result<f64, Error> {
    let must = "between -90 and 90";
    let latitude_deg = check::between("latitude in °", latitude_deg, -90.0, 90.0, must)?;
    Ok(latitude_deg * (core::f64::consts::PI / 180.0))
}

fn altitude(altitude_m: f64) -> Result<f64, Error> {
    let must = "between -500 and 9000";
    check::between("altitude in m", altitude_m, -500.0, 9000.0, must)
}
