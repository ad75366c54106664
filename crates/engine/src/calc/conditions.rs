//! What many questions share: the liquid and the gravity, given or found.

use crate::Error;
use crate::reduce::ATMOSPHERE_PA;
use dutypoint_hydraulics::{gravity, water};

/// A refusal of the calculation `calc`.
pub(super) fn refuse(calc: &str, why: impl Into<String>) -> Error {
    Error::Calc {
        calc: calc.to_owned(),
        why: why.into(),
    }
}

/// The gravity given, or that of the site given.
pub(super) fn gravity_of(
    calc: &str,
    g_m_s2: Option<f64>,
    latitude_deg: Option<f64>,
    altitude_m: Option<f64>,
) -> Result<f64, Error> {
    match (g_m_s2, latitude_deg, altitude_m) {
        (Some(g), None, None) => Ok(g),
        (None, Some(latitude), Some(altitude)) => {
            Ok(gravity::local_gravity_m_s2(latitude, altitude)?)
        }
        _ => Err(refuse(
            calc,
            "give either g_m_s2 (measured, or 9.81 where the grade accepts it), or latitude_deg and altitude_m",
        )),
    }
}

/// The density given, or that of water at the temperature given and the standard atmosphere,
/// whose choice moves it by 5e-7 per 10 kPa.
pub(super) fn density_of(
    calc: &str,
    rho_kg_m3: Option<f64>,
    t_c: Option<f64>,
) -> Result<f64, Error> {
    match (rho_kg_m3, t_c) {
        (Some(rho), None) => Ok(rho),
        (None, Some(t_c)) => Ok(water::density_kg_m3(t_c, ATMOSPHERE_PA)?),
        _ => Err(refuse(calc, "give either rho_kg_m3 or t_c")),
    }
}

/// The kinematic viscosity given, or that of water at the temperature given.
pub(super) fn viscosity_of(
    calc: &str,
    nu_m2_s: Option<f64>,
    t_c: Option<f64>,
) -> Result<f64, Error> {
    match (nu_m2_s, t_c) {
        (Some(nu), _) => Ok(nu),
        (None, Some(t_c)) => Ok(water::kinematic_viscosity_m2_s(t_c, ATMOSPHERE_PA)?),
        (None, None) => Err(refuse(calc, "give either nu_m2_s or t_c")),
    }
}
