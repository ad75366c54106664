//! Local acceleration of free fall from latitude and altitude, when no measured value exists.

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
    let must = "between -90 and 90";
    let latitude_deg = check::between("latitude in °", latitude_deg, -90.0, 90.0, must)?;
    let must = "between -500 and 9000";
    let altitude_m = check::between("altitude in m", altitude_m, -500.0, 9000.0, must)?;
    let sine = libm::sin(latitude_deg * (core::f64::consts::PI / 180.0));
    Ok(9.7803 * (1.0 + 0.0053 * sine * sine) - 3e-6 * altitude_m)
}
