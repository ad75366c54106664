//! What many questions share: the liquid and the gravity, given or found.

use super::{Refusal, refuse};
use crate::reduce::ATMOSPHERE_PA;
use dutypoint_hydraulics::friction::Pipe;
use dutypoint_hydraulics::{gravity, head, water};

/// The gravity given, or that of the site given.
pub(super) fn gravity_of(
    g_m_s2: Option<f64>,
    latitude_deg: Option<f64>,
    altitude_m: Option<f64>,
) -> Result<f64, Refusal> {
    match (g_m_s2, latitude_deg, altitude_m) {
        (Some(g), None, None) => Ok(g),
        (None, Some(latitude), Some(altitude)) => {
            Ok(gravity::local_gravity_m_s2(latitude, altitude)?)
        }
        _ => Err(refuse(
            "请给出 g_m_s2（实测值，或等级允许时取 9.81），或同时给出 latitude_deg 和 altitude_m",
            "give either g_m_s2 (measured, or 9.81 where the grade accepts it), or latitude_deg and altitude_m",
        )),
    }
}

/// That neither or both of density and temperature are given.
pub(super) fn no_density() -> Refusal {
    refuse(
        "请在 rho_kg_m3 和 t_c 中给出一个",
        "give either rho_kg_m3 or t_c",
    )
}

/// The density given, or that of water at the temperature given and the standard atmosphere,
/// whose choice moves it by 5e-7 per 10 kPa.
pub(super) fn density_of(rho_kg_m3: Option<f64>, t_c: Option<f64>) -> Result<f64, Refusal> {
    match (rho_kg_m3, t_c) {
        (Some(rho), None) => Ok(rho),
        (None, Some(t_c)) => Ok(water::density_kg_m3(t_c, ATMOSPHERE_PA)?),
        _ => Err(no_density()),
    }
}

/// The kinematic viscosity given, or that of water at the temperature given.
pub(super) fn viscosity_of(nu_m2_s: Option<f64>, t_c: Option<f64>) -> Result<f64, Refusal> {
    match (nu_m2_s, t_c) {
        (Some(nu), _) => Ok(nu),
        (None, Some(t_c)) => Ok(water::kinematic_viscosity_m2_s(t_c, ATMOSPHERE_PA)?),
        (None, None) => Err(refuse(
            "直管损失需要黏度：请给出 nu_m2_s 或 t_c",
            "the loss of straight pipe needs the viscosity: give either nu_m2_s or t_c",
        )),
    }
}

/// Two fields that say nothing without each other.
pub(super) fn together<A, B>(
    (a, first): (&str, Option<A>),
    (b, second): (&str, Option<B>),
) -> Result<Option<(A, B)>, Refusal> {
    match (first, second) {
        (Some(first), Some(second)) => Ok(Some((first, second))),
        (None, None) => Ok(None),
        (given, _) => {
            let (given, missing) = if given.is_some() { (a, b) } else { (b, a) };
            Err(refuse(
                format!("{given} 须与 {missing} 一起给出；请给出 {missing}，或去掉 {given}"),
                format!("{given} needs {missing}; give {missing}, or leave {given} out"),
            ))
        }
    }
}

/// No pump's pipe sees water so fast; a bore or a flow has gone wrong.
const FASTEST_M_S: f64 = 100.0;

/// The mean velocity where it is one that a pipe may see.
pub(super) fn velocity(q_m3_s: f64, (field, bore_m): (&str, f64)) -> Result<f64, Refusal> {
    let velocity_m_s = head::velocity_m_s(q_m3_s, bore_m)?;
    if velocity_m_s <= FASTEST_M_S {
        return Ok(velocity_m_s);
    }
    Err(refuse(
        format!(
            "{field} = {bore_m} m：流速为 {velocity_m_s:.3e} m/s，应不大于 {FASTEST_M_S} m/s；请更正管径或流量及其单位"
        ),
        format!(
            "{field} = {bore_m} m gives a velocity of {velocity_m_s:.3e} m/s, and it must be {FASTEST_M_S} m/s or below; correct bore, flow and their units"
        ),
    ))
}

/// The largest roughness over bore that the friction formula holds for.
const ROUGHEST: f64 = 0.05;

/// A pipe that the formulas of losses hold for.
pub(super) fn pipe(q_m3_s: f64, pipe: &Pipe) -> Result<(), Refusal> {
    velocity(q_m3_s, ("d_m", pipe.bore_m))?;
    let (bore_m, roughness_m) = (pipe.bore_m, pipe.roughness_m);
    if roughness_m <= ROUGHEST * bore_m {
        return Ok(());
    }
    Err(refuse(
        format!(
            "roughness_m = {roughness_m}：管径 d_m = {bore_m} m 时应在 0 与 {} m 之间；请更正单位（m）",
            ROUGHEST * bore_m
        ),
        format!(
            "roughness_m = {roughness_m}: it must be between 0 and {} m for d_m = {bore_m} m; correct their units (m)",
            ROUGHEST * bore_m
        ),
    ))
}

/// Refuses a pressure that no gauge can show: below a perfect vacuum.
pub(super) fn above_vacuum(field: &str, gauge_pa: f64, ambient_pa: f64) -> Result<(), Refusal> {
    if gauge_pa + ambient_pa >= 0.0 {
        return Ok(());
    }
    Err(refuse(
        format!(
            "{field} = {gauge_pa} Pa：在 {ambient_pa} Pa 的大气压下低于绝对真空；应不小于 -{ambient_pa} Pa，请核对正负号和单位（Pa）"
        ),
        format!(
            "{field} = {gauge_pa} Pa lies below a perfect vacuum at an ambient pressure of {ambient_pa} Pa: it must be -{ambient_pa} Pa or above; correct its sign or unit (Pa)"
        ),
    ))
}
