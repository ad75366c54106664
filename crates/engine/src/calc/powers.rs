//! Power and efficiency.

use super::cables::CableInput;
use super::conditions::{density_of, gravity_of};
use super::losses::HOUR_S;
use super::motors::StrayInput;
use super::{Calc, Packs, Refusal, possible, refuse};
use dutypoint_hydraulics::motor::{CalibratedMotor, Segregation, segregate};
use dutypoint_hydraulics::power;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) struct Power;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PowerInput {
    /// Rate of flow, m³/h.
    q_m3_h: f64,
    /// Pump total head, m.
    h_m: f64,
    /// Density, kg/m³.
    rho_kg_m3: Option<f64>,
    /// Water temperature in place of the density, °C.
    t_c: Option<f64>,
    /// Acceleration of gravity, m/s².
    g_m_s2: Option<f64>,
    /// Latitude in place of the gravity, degrees.
    latitude_deg: Option<f64>,
    /// Altitude, with the latitude, m.
    altitude_m: Option<f64>,
    /// Electrical input where it was measured, kW.
    p_in_kw: Option<f64>,
    /// Lead cable between that place and the motor, whose excess loss is taken off.
    cable: Option<CableInput>,
    /// How the shaft power is found; without it only the unit's efficiency is.
    shaft: Option<ShaftInput>,
}

/// How the shaft power is found.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum ShaftInput {
    /// Known.
    Given {
        /// Shaft power, kW.
        p_shaft_kw: f64,
    },
    /// From torque and speed.
    Torque {
        /// Torque, N m.
        torque_nm: f64,
        /// Speed of rotation, r/min.
        n_rpm: f64,
    },
    /// From the input and the motor's efficiency.
    MotorEfficiency {
        /// Motor efficiency at this input, percent.
        eta_mot_pct: f64,
    },
    /// From the input and a curve stored of the same motor.
    CalibratedMotor {
        /// Calibrated inputs, kW, rising.
        curve_p_in_kw: Vec<f64>,
        /// Efficiencies at them, percent.
        curve_eta_pct: Vec<f64>,
    },
    /// From the input and the motor's losses.
    LossSegregation {
        /// Line current, A.
        i_a: f64,
        /// Winding resistance at this load, line-to-line mean, Ω.
        r_ohm: f64,
        /// Iron loss, W.
        iron_w: f64,
        /// Friction and windage, W.
        friction_windage_w: f64,
        /// Slip, percent.
        slip_pct: f64,
        /// How the stray load loss is found.
        stray: StrayInput,
    },
}

#[derive(Serialize, JsonSchema)]
pub(super) struct PowerOutput {
    /// Pump power output, W.
    p_h_w: f64,
    /// Input at the motor leads, W.
    #[serde(skip_serializing_if = "Option::is_none")]
    p_motor_w: Option<f64>,
    /// Loss of the cable taken off, W.
    #[serde(skip_serializing_if = "Option::is_none")]
    cable_loss_w: Option<f64>,
    /// Shaft power, W.
    #[serde(skip_serializing_if = "Option::is_none")]
    p_shaft_w: Option<f64>,
    /// Pump efficiency, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    eta_pct: Option<f64>,
    /// Motor efficiency, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    eta_mot_pct: Option<f64>,
    /// Efficiency of the unit, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    eta_unit_pct: Option<f64>,
    /// The same without taking the cable's loss off, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    eta_unit_with_cable_pct: Option<f64>,
}

impl Calc for Power {
    const NAME: &'static str = "power";
    const ZH: &'static str = "水功率、轴功率，泵、电机和机组效率";
    const EN: &'static str = "hydraulic and shaft power; efficiency of pump, motor and unit";
    const FORMULAS: &'static [&'static str] = &[
        "efficiency.hydraulic-over-absorbed.v1",
        "power.torque-speed.v1",
        "power.calibrated-motor.v1",
        "power.loss-segregation.v1",
        "power.cable-3i2r.v1",
        "power.cable-2i2r.v1",
    ];
    const SOURCE: &'static str =
        "ISO 9906:2012 (reference 2); GB/T 12785-2014, GB/T 1032 (reference 1.6)";
    const EXAMPLE: &'static str = r#"{"q_m3_h": 32.45, "h_m": 105.9506, "rho_kg_m3": 998.5956, "g_m_s2": 9.7962, "p_in_kw": 15.62, "cable": {"length_m": 50, "included_m": 5, "core_area_mm2": 10, "resistivity_20c_ohm_mm2_m": 0.01786, "cores": "three", "t_c": 30, "i_a": 31.2}, "shaft": {"method": "loss_segregation", "i_a": 31.2, "r_ohm": 0.5852, "iron_w": 503.54, "friction_windage_w": 780, "slip_pct": 4.4, "stray": {"rule": "half_percent_of_input"}}}"#;
    const SHORT: &'static [(&'static str, &'static str)] =
        &[("q", "q_m3_h"), ("h", "h_m"), ("t", "t_c"), ("g", "g_m_s2")];
    type Input = PowerInput;
    type Output = PowerOutput;

    fn compute(input: PowerInput, packs: &Packs) -> Result<PowerOutput, Refusal> {
        let rho_kg_m3 = density_of(input.rho_kg_m3, input.t_c)?;
        let g_m_s2 = gravity_of(input.g_m_s2, input.latitude_deg, input.altitude_m)?;
        let q_m3_s = input.q_m3_h / HOUR_S;
        let p_h_w = power::hydraulic_power_w(rho_kg_m3, g_m_s2, q_m3_s, input.h_m)?;
        let panel_w = input.p_in_kw.map(|kw| kw * 1000.0);
        let cable = input.cable.map(|cable| cable.output(packs));
        let cable_loss_w = cable.transpose()?.map(|cable| cable.loss_w);
        let p_motor_w = match (panel_w, cable_loss_w) {
            (None, Some(_)) => {
                return Err(refuse(
                    "有 cable 时须给出 p_in_kw：电缆损耗从输入功率中扣除",
                    "give p_in_kw with the cable: its loss is taken off the input",
                ));
            }
            (panel_w, loss_w) => panel_w.map(|panel_w| panel_w - loss_w.unwrap_or(0.0)),
        };
        if let (Some(motor_w), Some(loss_w)) = (p_motor_w.filter(|w| *w <= 0.0), cable_loss_w) {
            return Err(refuse(
                format!(
                    "电缆损耗 {loss_w:.1} W 不小于输入功率 p_in_kw，电机得到 {motor_w:.1} W；请核对 cable 的长度、截面积和电流"
                ),
                format!(
                    "the cable's loss of {loss_w:.1} W leaves {motor_w:.1} W of p_in_kw for the motor; correct length, area and current of cable"
                ),
            ));
        }
        let p_shaft_w = match input.shaft {
            Some(shaft) => Some(shaft.power_w(p_motor_w)?),
            None => None,
        };
        let eta_pct = |what, useful_w: f64, absorbed_w: f64| {
            let pct = 100.0 * power::efficiency(useful_w, absorbed_w)?;
            possible(what, pct)?;
            Ok::<_, Refusal>(pct)
        };
        let of = |what, useful_w: Option<f64>, absorbed_w: Option<f64>| {
            let both = useful_w.zip(absorbed_w);
            both.map(|(useful_w, absorbed_w)| eta_pct(what, useful_w, absorbed_w))
                .transpose()
        };
        let unit = ("机组效率", "unit efficiency");
        Ok(PowerOutput {
            p_h_w,
            p_motor_w,
            cable_loss_w,
            p_shaft_w,
            eta_pct: of(("泵效率", "pump efficiency"), Some(p_h_w), p_shaft_w)?,
            eta_mot_pct: of(("电机效率", "motor efficiency"), p_shaft_w, p_motor_w)?,
            eta_unit_pct: of(unit, Some(p_h_w), p_motor_w)?,
            eta_unit_with_cable_pct: of(unit, Some(p_h_w), cable_loss_w.and(panel_w))?,
        })
    }
}

impl ShaftInput {
    fn power_w(self, p_motor_w: Option<f64>) -> Result<f64, Refusal> {
        let input_w = || {
            p_motor_w.ok_or_else(|| {
                refuse(
                    "请给出 p_in_kw：这种求轴功率的方法从电机输入功率算起",
                    "give p_in_kw: this way to the shaft power starts from the motor's input",
                )
            })
        };
        match self {
            Self::Given { p_shaft_kw } => Ok(p_shaft_kw * 1000.0),
            Self::Torque { torque_nm, n_rpm } => {
                Ok(power::shaft_power_from_torque_w(torque_nm, n_rpm)?)
            }
            Self::MotorEfficiency { eta_mot_pct } => Ok(input_w()? * eta_mot_pct / 100.0),
            Self::CalibratedMotor {
                curve_p_in_kw,
                curve_eta_pct,
            } => {
                if curve_p_in_kw.len() != curve_eta_pct.len() {
                    return Err(dutypoint_hydraulics::Error::Lengths {
                        left: curve_p_in_kw.len(),
                        right: curve_eta_pct.len(),
                    }
                    .into());
                }
                let pairs = curve_p_in_kw.iter().zip(&curve_eta_pct);
                let pairs: Vec<_> = pairs.map(|(kw, pct)| (kw * 1000.0, pct / 100.0)).collect();
                Ok(CalibratedMotor::new(&pairs)?.shaft_power_w(input_w()?)?)
            }
            Self::LossSegregation {
                i_a,
                r_ohm,
                iron_w,
                friction_windage_w,
                slip_pct,
                stray,
            } => {
                let load = Segregation {
                    input_w: input_w()?,
                    current_a: i_a,
                    resistance_ohm: r_ohm,
                    iron_w,
                    friction_windage_w,
                    slip: slip_pct / 100.0,
                    stray: stray.into(),
                };
                Ok(segregate(&load)?.shaft_w)
            }
        }
    }
}
