//! Water and gravity.

use super::{Calc, Packs, Refusal};
use crate::reduce::ATMOSPHERE_PA;
use dutypoint_hydraulics::{gravity, iapws, water};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) struct Water;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WaterInput {
    /// Temperature of the water, °C, 0 to 100.
    t_c: f64,
    /// Absolute pressure, Pa, from the vapour pressure to 100 MPa; without it the standard atmosphere, 101 325 Pa.
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
    /// Dynamic viscosity, Pa s.
    dynamic_viscosity_pa_s: f64,
}

impl Calc for Water {
    const NAME: &'static str = "water";
    const ZH: &'static str = "清水的密度、汽化压力和运动黏度";
    const EN: &'static str = "density, vapour pressure and viscosity of clean water";
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

    fn compute(input: WaterInput, _: &Packs) -> Result<WaterOutput, Refusal> {
        let WaterInput { t_c, p_pa } = input;
        let p_pa = p_pa.unwrap_or(ATMOSPHERE_PA);
        let density_kg_m3 = water::density_kg_m3(t_c, p_pa)?;
        Ok(WaterOutput {
            density_kg_m3,
            vapour_pressure_pa: water::vapour_pressure_pa(t_c)?,
            kinematic_viscosity_m2_s: water::kinematic_viscosity_m2_s(t_c, p_pa)?,
            dynamic_viscosity_pa_s: iapws::dynamic_viscosity_pa_s(density_kg_m3, t_c + 273.15)?,
        })
    }
}

pub(super) struct Iapws;

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "formulation", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum IapwsInput {
    /// Compressed liquid, R7-97 Table 5.
    If97Region1 {
        /// Temperature, K.
        t_k: f64,
        /// Absolute pressure, MPa.
        p_mpa: f64,
    },
    /// Saturation pressure, R7-97 Table 35.
    If97SaturationPressure {
        /// Temperature, K.
        t_k: f64,
    },
    /// Saturation temperature, R7-97 Table 36.
    If97SaturationTemperature {
        /// Absolute pressure, MPa.
        p_mpa: f64,
    },
    /// Pressure from density, R6-95 Table 7.
    Iapws95 {
        /// Temperature, K.
        t_k: f64,
        /// Density, kg/m³.
        rho_kg_m3: f64,
    },
    /// Viscosity without critical enhancement, R12-08 Table 4.
    ViscosityR1208 {
        /// Temperature, K.
        t_k: f64,
        /// Density, kg/m³.
        rho_kg_m3: f64,
    },
    /// Liquid at 0.1 MPa, SR6-08 Table 8.
    LiquidSr608 {
        /// Temperature, K.
        t_k: f64,
    },
    /// Density of air-free water at 101 325 Pa, Metrologia 38 (2001) 301.
    Tanaka2001 {
        /// Temperature, °C, 0 to 40.
        t_c: f64,
    },
}

/// Units are those of the releases' tables.
#[derive(Default, Serialize, JsonSchema)]
pub(super) struct IapwsOutput {
    /// Temperature, K.
    #[serde(skip_serializing_if = "Option::is_none")]
    t_k: Option<f64>,
    /// Absolute pressure, MPa.
    #[serde(skip_serializing_if = "Option::is_none")]
    p_mpa: Option<f64>,
    /// Specific volume, m³/kg.
    #[serde(skip_serializing_if = "Option::is_none")]
    v_m3_kg: Option<f64>,
    /// Density, kg/m³.
    #[serde(skip_serializing_if = "Option::is_none")]
    rho_kg_m3: Option<f64>,
    /// Specific enthalpy, kJ/kg.
    #[serde(skip_serializing_if = "Option::is_none")]
    h_kj_kg: Option<f64>,
    /// Specific internal energy, kJ/kg.
    #[serde(skip_serializing_if = "Option::is_none")]
    u_kj_kg: Option<f64>,
    /// Specific entropy, kJ/(kg K).
    #[serde(skip_serializing_if = "Option::is_none")]
    s_kj_kg_k: Option<f64>,
    /// Specific isobaric heat capacity, kJ/(kg K).
    #[serde(skip_serializing_if = "Option::is_none")]
    cp_kj_kg_k: Option<f64>,
    /// Speed of sound, m/s.
    #[serde(skip_serializing_if = "Option::is_none")]
    w_m_s: Option<f64>,
    /// Dynamic viscosity, µPa s.
    #[serde(skip_serializing_if = "Option::is_none")]
    mu_upa_s: Option<f64>,
}

impl Calc for Iapws {
    const NAME: &'static str = "iapws";
    const ZH: &'static str = "水的 IAPWS 公式，用于与发布文件的验证表对照";
    const EN: &'static str =
        "formulations of water, to be held against the tables of their releases";
    const FORMULAS: &'static [&'static str] = &[
        "density.iapws-if97.v1",
        "vapour-pressure.iapws-if97.v1",
        "viscosity.iapws-r12-08.v1",
        "pressure.iapws-95.v1",
        "liquid.iapws-sr6-08.v1",
        "density.tanaka-2001.v1",
    ];
    const SOURCE: &'static str =
        "IAPWS R7-97(2012), R6-95(2018), R12-08, SR6-08(2011); Tanaka 2001";
    const EXAMPLE: &'static str = r#"{"formulation": "if97_region1", "t_k": 300, "p_mpa": 3}"#;
    type Input = IapwsInput;
    type Output = IapwsOutput;

    fn compute(input: IapwsInput, _: &Packs) -> Result<IapwsOutput, Refusal> {
        let mut out = IapwsOutput::default();
        match input {
            IapwsInput::If97Region1 { t_k, p_mpa } => {
                let at = iapws::region_1(t_k, p_mpa * 1e6)?;
                out.v_m3_kg = Some(at.volume_m3_kg);
                out.rho_kg_m3 = Some(1.0 / at.volume_m3_kg);
                out.h_kj_kg = Some(at.enthalpy_j_kg / 1000.0);
                out.u_kj_kg = Some(at.internal_energy_j_kg / 1000.0);
                out.s_kj_kg_k = Some(at.entropy_j_kg_k / 1000.0);
                out.cp_kj_kg_k = Some(at.heat_capacity_j_kg_k / 1000.0);
                out.w_m_s = Some(at.sound_m_s);
            }
            IapwsInput::If97SaturationPressure { t_k } => {
                out.p_mpa = Some(iapws::saturation_pressure_pa(t_k)? / 1e6);
            }
            IapwsInput::If97SaturationTemperature { p_mpa } => {
                out.t_k = Some(iapws::saturation_temperature_k(p_mpa * 1e6)?);
            }
            IapwsInput::Iapws95 { t_k, rho_kg_m3 } => {
                out.p_mpa = Some(iapws::pressure_pa(rho_kg_m3, t_k)? / 1e6);
            }
            IapwsInput::ViscosityR1208 { t_k, rho_kg_m3 } => {
                out.mu_upa_s = Some(iapws::dynamic_viscosity_pa_s(rho_kg_m3, t_k)? * 1e6);
            }
            IapwsInput::LiquidSr608 { t_k } => {
                let at = iapws::liquid_at_100_kpa(t_k)?;
                out.rho_kg_m3 = Some(at.density_kg_m3);
                out.mu_upa_s = Some(at.dynamic_viscosity_pa_s * 1e6);
                out.cp_kj_kg_k = Some(at.heat_capacity_j_kg_k / 1000.0);
            }
            IapwsInput::Tanaka2001 { t_c } => {
                out.rho_kg_m3 = Some(water::tanaka_density_kg_m3(t_c)?);
            }
        }
        Ok(out)
    }
}

pub(super) struct Gravity;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GravityInput {
    /// Latitude, degrees, −90 to 90.
    latitude_deg: f64,
    /// Altitude above sea level, m, −500 to 9000.
    altitude_m: f64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct GravityOutput {
    /// Local acceleration of gravity by the formula of the pump standards, m/s².
    g_m_s2: f64,
    /// The same by the normal formula, m/s².
    g_normal_m_s2: f64,
    /// Pressure of the standard atmosphere there, Pa; an NPSH test measures the barometer.
    standard_atmosphere_pa: f64,
}

impl Calc for Gravity {
    const NAME: &'static str = "gravity";
    const ZH: &'static str = "当地重力加速度和标准大气压";
    const EN: &'static str = "local acceleration of gravity, and the standard atmosphere";
    const FORMULAS: &'static [&'static str] = &[
        "gravity.iso9906.v1",
        "gravity.normal.v1",
        "atmosphere.iso2533.v1",
    ];
    const SOURCE: &'static str =
        "ISO 9906:2012 / GB/T 3216-2016 (reference 2, M3); normal formula (C1, S31); ISO 2533";
    const EXAMPLE: &'static str = r#"{"latitude_deg": 37.87, "altitude_m": 780}"#;
    type Input = GravityInput;
    type Output = GravityOutput;

    fn compute(input: GravityInput, _: &Packs) -> Result<GravityOutput, Refusal> {
        let GravityInput {
            latitude_deg,
            altitude_m,
        } = input;
        Ok(GravityOutput {
            g_m_s2: gravity::local_gravity_m_s2(latitude_deg, altitude_m)?,
            g_normal_m_s2: gravity::normal_gravity_m_s2(latitude_deg, altitude_m)?,
            standard_atmosphere_pa: gravity::standard_atmosphere_pa(altitude_m)?,
        })
    }
}
