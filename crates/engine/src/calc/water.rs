//! Water and gravity.

use super::{Calc, Packs};
use crate::Error;
use crate::reduce::ATMOSPHERE_PA;
use dutypoint_hydraulics::{gravity, water};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) struct Water;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WaterInput {
    /// Temperature of the water, °C.
    t_c: f64,
    /// Absolute pressure, Pa; without it the standard atmosphere, 101 325 Pa.
    p_pa: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct WaterOutput {
    /// Density, kg/m³.
    density_kg_m3: f64,
    /// Vapour pressure, Pa.
    vapour_pressure_pa: f64,
    /// Kinematic viscosity, m²/s.
    kinematic_viscosity_m2_s: f64,
}

impl Calc for Water {
    const NAME: &'static str = "water";
    const ZH: &'static str = "清水的密度、汽化压力和运动黏度";
    const EN: &'static str = "density, vapour pressure and kinematic viscosity of clean water";
    const FORMULAS: &'static [&'static str] = &[
        "density.iapws-if97.v1",
        "vapour-pressure.iapws-if97.v1",
        "viscosity.iapws-r12-08.v1",
    ];
    const SOURCE: &'static str = "IAPWS R7-97(2012) regions 1 and 4; IAPWS R12-08";
    const EXAMPLE: &'static str = r#"{"t_c": 20, "p_pa": 101325}"#;
    const SHORT: &'static [(&'static str, &'static str)] = &[("t", "t_c"), ("p", "p_pa")];
    type Input = WaterInput;
    type Output = WaterOutput;

    fn compute(input: WaterInput, _: &Packs) -> Result<WaterOutput, Error> {
        let WaterInput { t_c, p_pa } = input;
        let p_pa = p_pa.unwrap_or(ATMOSPHERE_PA);
        Ok(WaterOutput {
            density_kg_m3: water::density_kg_m3(t_c, p_pa)?,
            vapour_pressure_pa: water::vapour_pressure_pa(t_c)?,
            kinematic_viscosity_m2_s: water::kinematic_viscosity_m2_s(t_c, p_pa)?,
        })
    }
}

pub(super) struct Gravity;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GravityInput {
    /// Latitude, degrees, −90 to 90.
    latitude_deg: f64,
    /// Altitude above sea level, m.
    altitude_m: f64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct GravityOutput {
    /// Local acceleration of gravity, m/s².
    g_m_s2: f64,
}

impl Calc for Gravity {
    const NAME: &'static str = "gravity";
    const ZH: &'static str = "当地重力加速度";
    const EN: &'static str = "local acceleration of gravity";
    const FORMULAS: &'static [&'static str] = &["gravity.iso9906.v1"];
    const SOURCE: &'static str = "formula of the pump standards (ISO 9906 / GB/T 3216), M3";
    const EXAMPLE: &'static str = r#"{"latitude_deg": 37.87, "altitude_m": 780}"#;
    type Input = GravityInput;
    type Output = GravityOutput;

    fn compute(input: GravityInput, _: &Packs) -> Result<GravityOutput, Error> {
        let GravityInput {
            latitude_deg,
            altitude_m,
        } = input;
        Ok(GravityOutput {
            g_m_s2: gravity::local_gravity_m_s2(latitude_deg, altitude_m)?,
        })
    }
}
