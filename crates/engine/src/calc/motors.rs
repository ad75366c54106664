//! Motor tests.

use super::cables::ConductorInput;
use super::conditions::together;
use super::words::Shown;
use super::{Calc, Packs, Refusal, pack, refuse};
use dutypoint_hydraulics::motor::{
    NoLoadPoint, Segregation, Stray, extrapolate_to_switch_off, segregate, separate_no_load,
    temperature_from_resistance_c, temperature_rise_k,
};
use dutypoint_hydraulics::pack::MotorQuantity;
use dutypoint_hydraulics::power;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) struct Motor;

/// How the stray load loss is found.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum StrayInput {
    /// Measured.
    Measured {
        /// The loss, W.
        loss_w: f64,
    },
    /// 0.5 % of the input.
    HalfPercentOfInput,
    /// 0.5 % of the rated input, with the square of the current (GB/T 1032-2005).
    HalfPercentOfRated {
        /// Rated input, kW.
        rated_input_kw: f64,
        /// Rated current, A.
        rated_i_a: f64,
    },
    /// The share IEC 60034-2-1 assumes.
    IecAssumed {
        /// Rated output, kW.
        rated_kw: f64,
    },
}

impl From<StrayInput> for Stray {
    fn from(input: StrayInput) -> Self {
        match input {
            StrayInput::Measured { loss_w } => Self::Measured { loss_w },
            StrayInput::HalfPercentOfInput => Self::HalfPercentOfInput,
            StrayInput::HalfPercentOfRated {
                rated_input_kw,
                rated_i_a,
            } => Self::HalfPercentOfRated {
                rated_input_w: rated_input_kw * 1000.0,
                rated_current_a: rated_i_a,
            },
            StrayInput::IecAssumed { rated_kw } => Self::IecAssumed {
                rated_output_w: rated_kw * 1000.0,
            },
        }
    }
}

/// A motor quantity that GB/T 755 gives a tolerance.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum QuantityInput {
    Efficiency,
    TotalLosses,
    PowerFactor,
    Slip,
    LockedRotorCurrent,
    LockedRotorTorque,
    PullUpTorque,
    BreakdownTorque,
}

impl From<QuantityInput> for MotorQuantity {
    fn from(input: QuantityInput) -> Self {
        match input {
            QuantityInput::Efficiency => Self::Efficiency,
            QuantityInput::TotalLosses => Self::TotalLosses,
            QuantityInput::PowerFactor => Self::PowerFactor,
            QuantityInput::Slip => Self::Slip,
            QuantityInput::LockedRotorCurrent => Self::LockedRotorCurrent,
            QuantityInput::LockedRotorTorque => Self::LockedRotorTorque,
            QuantityInput::PullUpTorque => Self::PullUpTorque,
            QuantityInput::BreakdownTorque => Self::BreakdownTorque,
        }
    }
}

/// No insulation of a motor's winding lasts at more.
const HOTTEST_C: f64 = 300.0;

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "task", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum MotorInput {
    /// Winding resistance at another temperature.
    Resistance {
        /// Winding resistance, Ω.
        r_ohm: f64,
        /// Temperature it was measured at, °C.
        t_c: f64,
        /// Temperature to refer it to, °C.
        to_c: Option<f64>,
        /// Thermal class, in place of the temperature.
        thermal_class: Option<String>,
        /// Pack with the reference temperatures of the classes.
        pack: Option<String>,
        /// Metal of the winding; without it copper.
        #[serde(default)]
        conductor: ConductorInput,
    },
    /// Temperature rise by resistance.
    TemperatureRise {
        /// Cold winding resistance, Ω.
        r_cold_ohm: f64,
        /// Temperature of the cold winding, °C.
        t_cold_c: f64,
        /// Hot winding resistance at switch-off, Ω.
        r_hot_ohm: f64,
        /// Coolant at the end of the test, °C.
        t_coolant_c: f64,
        /// Metal of the winding; without it copper.
        #[serde(default)]
        conductor: ConductorInput,
    },
    /// Hot resistance at switch-off from a cooling curve.
    SwitchOff {
        /// Times after switch-off, s, rising.
        t_s: Vec<f64>,
        /// Resistances at them, Ω.
        r_ohm: Vec<f64>,
        /// Rated output, kW, with the pack; without both the curve is extrapolated.
        rated_kw: Option<f64>,
        /// Pack with the time up to which the first reading needs no extrapolation.
        pack: Option<String>,
    },
    /// No-load losses parted into iron, and friction with windage.
    NoLoad {
        /// Line voltages, V.
        u_v: Vec<f64>,
        /// Line currents, A.
        i_a: Vec<f64>,
        /// Inputs, W.
        p_w: Vec<f64>,
        /// Winding resistance of each point, line-to-line mean, Ω; one value stands for all.
        r_ohm: Vec<f64>,
        /// Rated voltage, V.
        rated_u_v: f64,
    },
    /// Shaft power and efficiency from segregated losses.
    Losses {
        /// Input at the motor leads, kW.
        p_in_kw: f64,
        /// Line current, A.
        i_a: f64,
        /// Winding resistance at this load, line-to-line mean, Ω.
        r_ohm: f64,
        /// No-load input at rated voltage, kW.
        p0_kw: f64,
        /// No-load current, A.
        i0_a: f64,
        /// Winding resistance at no load, Ω.
        r0_ohm: f64,
        /// Friction and windage, kW.
        p_fw_kw: f64,
        /// Supply frequency, Hz.
        f_hz: f64,
        /// Speed of rotation, r/min.
        n_rpm: f64,
        /// Pole pairs.
        pole_pairs: u32,
        /// How the stray load loss is found.
        stray: StrayInput,
    },
    /// Tolerance on a guaranteed value.
    Tolerance {
        /// Pack with the tolerances.
        pack: String,
        /// Which quantity.
        quantity: QuantityInput,
        /// Rated output, kW.
        rated_kw: f64,
        /// Guaranteed value: a fraction for efficiency and power factor, any unit otherwise.
        guaranteed: f64,
        /// Measured value in the same unit, to be judged.
        measured: Option<f64>,
    },
    /// Lower deviation of a unit's efficiency, as a small-submersible pack states it.
    UnitDeviation {
        /// Pack with the expression.
        pack: String,
        /// Motor efficiency, percent.
        eta_mot_pct: f64,
        /// Specified efficiency of the unit, percent, for its lower limit.
        eta_unit_pct: Option<f64>,
    },
}

/// Of each task its own fields.
#[derive(Default, Serialize, JsonSchema)]
pub(super) struct MotorOutput {
    /// Winding resistance found, Ω.
    #[serde(skip_serializing_if = "Option::is_none")]
    r_ohm: Option<f64>,
    /// Temperature it is referred to, °C.
    #[serde(skip_serializing_if = "Option::is_none")]
    to_c: Option<f64>,
    /// Temperature of the hot winding, °C.
    #[serde(skip_serializing_if = "Option::is_none")]
    t_hot_c: Option<f64>,
    /// Temperature rise over the coolant, K.
    #[serde(skip_serializing_if = "Option::is_none")]
    rise_k: Option<f64>,
    /// Whether the resistance was extrapolated to switch-off.
    #[serde(skip_serializing_if = "Option::is_none")]
    extrapolated: Option<bool>,
    /// Time up to which a first reading needs no extrapolation, s.
    #[serde(skip_serializing_if = "Option::is_none")]
    within_s: Option<f64>,
    /// Largest deviation of a reading from the fitted cooling curve, %.
    #[serde(skip_serializing_if = "Option::is_none")]
    worst_residual_pct: Option<f64>,
    /// Constant loss of each no-load point, W.
    #[serde(skip_serializing_if = "Option::is_none")]
    constant_w: Option<Vec<f64>>,
    /// Friction and windage, W.
    #[serde(skip_serializing_if = "Option::is_none")]
    friction_windage_w: Option<f64>,
    /// Iron loss at rated voltage, W.
    #[serde(skip_serializing_if = "Option::is_none")]
    iron_w: Option<f64>,
    /// Stator copper loss, W.
    #[serde(skip_serializing_if = "Option::is_none")]
    stator_copper_w: Option<f64>,
    /// Stator copper loss at no load, W.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_load_copper_w: Option<f64>,
    /// Rotor loss, W.
    #[serde(skip_serializing_if = "Option::is_none")]
    rotor_copper_w: Option<f64>,
    /// Stray load loss, W.
    #[serde(skip_serializing_if = "Option::is_none")]
    stray_w: Option<f64>,
    /// All losses, W.
    #[serde(skip_serializing_if = "Option::is_none")]
    total_loss_w: Option<f64>,
    /// Slip, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    slip_pct: Option<f64>,
    /// Shaft power, W.
    #[serde(skip_serializing_if = "Option::is_none")]
    p_shaft_w: Option<f64>,
    /// Motor efficiency, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    eta_mot_pct: Option<f64>,
    /// Lowest permitted value.
    #[serde(skip_serializing_if = "Option::is_none")]
    low: Option<f64>,
    /// Highest permitted value.
    #[serde(skip_serializing_if = "Option::is_none")]
    high: Option<f64>,
    /// Lower deviation of the unit's efficiency, percent of the specified one.
    #[serde(skip_serializing_if = "Option::is_none")]
    deviation_pct: Option<f64>,
    /// Lowest unit efficiency with it, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    eta_unit_low_pct: Option<f64>,
    /// Pack and clause.
    #[serde(skip_serializing_if = "Option::is_none")]
    clause: Option<String>,
    /// Verdict on the measured value.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Shown>,
}

impl Calc for Motor {
    const NAME: &'static str = "motor";
    const ZH: &'static str = "电动机试验：绕组电阻、温升、空载损耗分离、损耗分析、容差";
    const EN: &'static str = "motor tests: winding resistance, temperature rise, no-load losses, loss segregation, tolerances";
    const FORMULAS: &'static [&'static str] = &[
        "winding.resistance-at-temperature.v1",
        "winding.rise-by-resistance.v1",
        "winding.switch-off-log-linear.v1",
        "motor.no-load-separation.v1",
        "power.loss-segregation.v1",
        "motor.tolerance.v1",
        "motor.unit-deviation.v1",
        "slip.v1",
    ];
    const SOURCE: &'static str =
        "GB/T 1032, GB/T 12785-2014 (reference 1.6, 6.1, 6.3); GB/T 755 (reference 6.2, M+)";
    const EXAMPLE: &'static str = r#"{"task": "losses", "p_in_kw": 15.37609, "i_a": 31.2, "r_ohm": 0.5852, "p0_kw": 1.42, "i0_a": 13.1, "r0_ohm": 0.5301, "p_fw_kw": 0.78, "f_hz": 50, "n_rpm": 2868, "pole_pairs": 1, "stray": {"rule": "half_percent_of_input"}}"#;
    type Input = MotorInput;
    type Output = MotorOutput;

    fn compute(input: MotorInput, packs: &Packs) -> Result<MotorOutput, Refusal> {
        let mut out = MotorOutput::default();
        match input {
            MotorInput::Resistance {
                r_ohm,
                t_c,
                to_c,
                thermal_class,
                pack: id,
                conductor,
            } => {
                let to_c = match (to_c, thermal_class, id) {
                    (Some(to_c), None, None) => to_c,
                    (None, Some(class), Some(id)) => {
                        let standard = pack(packs, &id)?;
                        let row = standard.reference_temperature(&class)?;
                        out.clause = Some(format!("{id} {}", row.clause));
                        row.celsius
                    }
                    _ => {
                        return Err(refuse(
                            "请给出 to_c，或同时给出 thermal_class 和 pack",
                            "give either to_c, or thermal_class and pack",
                        ));
                    }
                };
                let at = power::resistance_ohm(r_ohm, t_c, to_c, conductor.into())?;
                (out.r_ohm, out.to_c) = (Some(at), Some(to_c));
            }
            MotorInput::TemperatureRise {
                r_cold_ohm,
                t_cold_c,
                r_hot_ohm,
                t_coolant_c,
                conductor,
            } => {
                let metal = conductor.into();
                let hot = temperature_from_resistance_c(r_cold_ohm, t_cold_c, r_hot_ohm, metal)?;
                if r_hot_ohm < r_cold_ohm {
                    return Err(refuse(
                        format!(
                            "r_hot_ohm = {r_hot_ohm} Ω 小于 r_cold_ohm = {r_cold_ohm} Ω：试验后绕组不会比试验前冷；请核对两值是否颠倒"
                        ),
                        format!(
                            "r_hot_ohm = {r_hot_ohm} Ω lies below r_cold_ohm = {r_cold_ohm} Ω: no winding is colder after the test than before; check whether the two are exchanged"
                        ),
                    ));
                }
                if hot > HOTTEST_C {
                    return Err(refuse(
                        format!(
                            "由 r_hot_ohm = {r_hot_ohm} Ω 得绕组温度 {hot:.1} °C：应不高于 {HOTTEST_C} °C；请核对两个电阻的单位（Ω）"
                        ),
                        format!(
                            "r_hot_ohm = {r_hot_ohm} Ω gives a winding of {hot:.1} °C: it must be {HOTTEST_C} °C or below; correct both resistances and their unit (Ω)"
                        ),
                    ));
                }
                if hot < t_coolant_c {
                    return Err(refuse(
                        format!(
                            "t_coolant_c = {t_coolant_c} °C 高于热态绕组的 {hot:.1} °C：冷却介质不会比绕组热；请核对温度和电阻"
                        ),
                        format!(
                            "t_coolant_c = {t_coolant_c} °C lies above the hot winding's {hot:.1} °C: a coolant is not warmer than what it cools; correct temperatures and resistances"
                        ),
                    ));
                }
                let rise = temperature_rise_k(r_cold_ohm, t_cold_c, r_hot_ohm, t_coolant_c, metal)?;
                (out.t_hot_c, out.rise_k) = (Some(hot), Some(rise));
            }
            MotorInput::SwitchOff {
                t_s,
                r_ohm,
                rated_kw,
                pack: id,
            } => {
                let row = match together(("rated_kw", rated_kw), ("pack", id))? {
                    None => None,
                    Some((kw, id)) => {
                        let row = pack(packs, &id)?.switch_off_delay(kw * 1000.0)?;
                        out.clause = Some(format!("{id} {}", row.clause));
                        Some(row.within_s.value)
                    }
                };
                out.within_s = row;
                // An early first reading is taken as it is; the later ones are not needed.
                let early_s = 0.0..=row.unwrap_or(-1.0);
                let first = t_s.first().copied().zip(r_ohm.first().copied());
                match first.filter(|(t_s, _)| early_s.contains(t_s)) {
                    Some((_, r_ohm)) => {
                        out.r_ohm = Some(r_ohm);
                        out.extrapolated = Some(false);
                    }
                    None => {
                        let at = extrapolate_to_switch_off(&t_s, &r_ohm)?;
                        if at.slope_per_s > 0.0 {
                            return Err(refuse(
                                "r_ohm 随 t_s 上升：断电后绕组冷却，电阻应下降；请核对读数的次序",
                                "r_ohm rises with t_s: after switch-off a winding cools and its resistance falls; check the order of the readings",
                            ));
                        }
                        out.r_ohm = Some(at.resistance_ohm);
                        out.worst_residual_pct = Some(at.worst_residual_pct);
                        out.extrapolated = Some(true);
                    }
                }
            }
            MotorInput::NoLoad {
                u_v,
                i_a,
                p_w,
                r_ohm,
                rated_u_v,
            } => no_load((&u_v, &i_a, &p_w, &r_ohm), rated_u_v, &mut out)?,
            MotorInput::Losses {
                p_in_kw,
                i_a,
                r_ohm,
                p0_kw,
                i0_a,
                r0_ohm,
                p_fw_kw,
                f_hz,
                n_rpm,
                pole_pairs,
                stray,
            } => {
                let no_load_copper_w =
                    dutypoint_hydraulics::motor::stator_copper_loss_w(i0_a, r0_ohm)?;
                let friction_windage_w = p_fw_kw * 1000.0;
                let iron_w = p0_kw * 1000.0 - no_load_copper_w - friction_windage_w;
                if iron_w < 0.0 {
                    return Err(refuse(
                        format!(
                            "铁耗为 {iron_w:.2} W：p0_kw 减去空载铜耗 {no_load_copper_w:.2} W（i0_a、r0_ohm）和 p_fw_kw 后应不小于 0；请核对这些值和单位"
                        ),
                        format!(
                            "an iron loss of {iron_w:.2} W: p0_kw less the no-load copper loss of {no_load_copper_w:.2} W (i0_a, r0_ohm) and p_fw_kw must be 0 or above; correct these and their units"
                        ),
                    ));
                }
                let slip = power::slip(f_hz, n_rpm, pole_pairs)?;
                if slip < 0.0 {
                    let synchronous_rpm = 60.0 * f_hz / f64::from(pole_pairs);
                    return Err(refuse(
                        format!(
                            "n_rpm = {n_rpm} r/min 超过同步转速 {synchronous_rpm} r/min（f_hz、pole_pairs）：应在 0 与同步转速之间；请更正"
                        ),
                        format!(
                            "n_rpm = {n_rpm} r/min exceeds the synchronous {synchronous_rpm} r/min of f_hz and pole_pairs: it must be between 0 and that; correct it"
                        ),
                    ));
                }
                let found = segregate(&Segregation {
                    input_w: p_in_kw * 1000.0,
                    current_a: i_a,
                    resistance_ohm: r_ohm,
                    iron_w,
                    friction_windage_w,
                    slip,
                    stray: stray.into(),
                })?;
                out.no_load_copper_w = Some(no_load_copper_w);
                out.stator_copper_w = Some(found.stator_copper_w);
                out.iron_w = Some(found.iron_w);
                out.rotor_copper_w = Some(found.rotor_copper_w);
                out.friction_windage_w = Some(found.friction_windage_w);
                out.stray_w = Some(found.stray_w);
                out.total_loss_w = Some(found.total_w);
                out.slip_pct = Some(100.0 * slip);
                out.p_shaft_w = Some(found.shaft_w);
                out.eta_mot_pct = Some(100.0 * found.efficiency);
            }
            MotorInput::Tolerance {
                pack: id,
                quantity,
                rated_kw,
                guaranteed,
                measured,
            } => {
                let standard = pack(packs, &id)?;
                let row = standard.motor_tolerance(quantity.into(), rated_kw * 1000.0)?;
                let limits = row.limits(guaranteed)?;
                // A percentage in place of a fraction is no value that could be guaranteed.
                if let Some(measured) = measured {
                    row.limits(measured)?;
                }
                out.clause = Some(format!("{id} {}", row.clause));
                (out.low, out.high) = (limits.low, limits.high);
                out.verdict = measured.map(|measured| limits.judge(measured).into());
            }
            MotorInput::UnitDeviation {
                pack: id,
                eta_mot_pct,
                eta_unit_pct,
            } => {
                let rule = pack(packs, &id)?.unit_deviation()?;
                let relative = rule.relative(eta_mot_pct / 100.0)?;
                out.clause = Some(format!("{id} {}", rule.clause));
                out.deviation_pct = Some(100.0 * relative);
                out.eta_unit_low_pct = eta_unit_pct.map(|eta| eta * (1.0 - relative));
            }
        }
        Ok(out)
    }
}

fn no_load(
    (u_v, i_a, p_w, r_ohm): (&[f64], &[f64], &[f64], &[f64]),
    rated_u_v: f64,
    out: &mut MotorOutput,
) -> Result<(), Refusal> {
    let one = match r_ohm {
        [one] => Some(*one),
        _ => None,
    };
    let resistances = if one.is_some() {
        u_v.len()
    } else {
        r_ohm.len()
    };
    for right in [i_a.len(), p_w.len(), resistances] {
        if right != u_v.len() {
            let left = u_v.len();
            return Err(dutypoint_hydraulics::Error::Lengths { left, right }.into());
        }
    }
    let mut own = r_ohm.iter().copied();
    let mut points = Vec::with_capacity(u_v.len());
    for ((voltage_v, current_a), power_w) in u_v.iter().zip(i_a).zip(p_w) {
        let resistance_ohm = one.or_else(|| own.next()).unwrap_or_default();
        points.push(NoLoadPoint {
            voltage_v: *voltage_v,
            current_a: *current_a,
            power_w: *power_w,
            resistance_ohm,
        });
    }
    let parted = separate_no_load(&points, rated_u_v)?;
    out.friction_windage_w = Some(parted.friction_windage_w);
    out.iron_w = Some(parted.iron_at_rated_w);
    out.constant_w = Some(parted.constant_w);
    Ok(())
}
