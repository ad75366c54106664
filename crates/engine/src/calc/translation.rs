//! Translation, specific speed, impeller trim.

use super::conditions::together;
use super::losses::HOUR_S;
use super::{Calc, Packs, Refusal, pack, refuse};
use dutypoint_hydraulics::specific_speed::{specific_speed, suction_specific_speed};
use dutypoint_hydraulics::translate::{
    self, NpshExponent, Operating, Supply, Translated, UnitTranslation,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) struct Translate;

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "method", rename_all = "snake_case")]
pub(super) enum TranslateInput {
    /// A pump to its specified speed and density.
    Speed(SpeedInput),
    /// A motor-pump unit as its order recorded before the test.
    Unit(UnitInput),
}

/// The point, and the pack that says how far it may be translated.
#[derive(Deserialize, JsonSchema)]
struct PointInput {
    /// Rate of flow, m³/h.
    q_m3_h: f64,
    /// Total head, m.
    h_m: f64,
    /// Power, kW: the shaft power of a pump, the electrical input of a unit.
    p_kw: f64,
    /// Pack with the permitted windows.
    pack: String,
}

impl PointInput {
    fn operating(&self) -> Operating {
        Operating {
            flow_m3_s: self.q_m3_h / HOUR_S,
            head_m: self.h_m,
            power_w: self.p_kw * 1000.0,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct SpeedInput {
    #[serde(flatten)]
    point: PointInput,
    /// Speed in the test, r/min.
    n_rpm: f64,
    /// Specified speed, r/min.
    n_sp_rpm: f64,
    /// Density in the test, kg/m³.
    rho_kg_m3: Option<f64>,
    /// Density the power is specified for, kg/m³.
    rho_sp_kg_m3: Option<f64>,
    /// NPSH, m.
    npsh_m: Option<f64>,
    /// Exponent of NPSH; without it 2.
    npsh_exponent: Option<f64>,
    /// Whether the parties agreed the exponent; needed outside the pack's window of speeds.
    #[serde(default)]
    npsh_exponent_agreed: bool,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct UnitInput {
    #[serde(flatten)]
    point: PointInput,
    /// Frequency in the test, Hz.
    f_hz: f64,
    /// Frequency of the guarantee, Hz.
    f_sp_hz: f64,
    /// Line voltage in the test, V.
    u_v: Option<f64>,
    /// Line voltage of the guarantee, V.
    u_sp_v: Option<f64>,
    /// What the order recorded.
    recorded: RecordedInput,
    /// Speed in the test, r/min, where a specified speed was recorded.
    n_rpm: Option<f64>,
    /// Specified speed, r/min.
    n_sp_rpm: Option<f64>,
}

/// Choice for a sealed unit.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RecordedInput {
    AsMeasured,
    RatedFrequency,
    SpecifiedSpeed,
}

impl From<RecordedInput> for UnitTranslation {
    fn from(input: RecordedInput) -> Self {
        match input {
            RecordedInput::AsMeasured => Self::AsMeasured,
            RecordedInput::RatedFrequency => Self::RatedFrequency,
            RecordedInput::SpecifiedSpeed => Self::SpecifiedSpeed,
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct TranslateOutput {
    /// Specified over test speed or frequency.
    ratio: f64,
    /// Rate of flow, m³/h.
    q_m3_h: f64,
    /// Total head, m.
    h_m: f64,
    /// Power, kW.
    p_kw: f64,
    /// NPSH, m.
    #[serde(skip_serializing_if = "Option::is_none")]
    npsh_m: Option<f64>,
    /// Whether efficiency may be taken as unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    efficiency_unchanged: Option<bool>,
}

impl Calc for Translate {
    const NAME: &'static str = "translate";
    const ZH: &'static str = "换算到规定转速、密度或额定频率；超出允许范围则拒绝";
    const EN: &'static str = "translation to the specified speed, density or frequency; refused outside the permitted range";
    const FORMULAS: &'static [&'static str] = &["translate.affinity.v1", "translate.npsh.v1"];
    const SOURCE: &'static str =
        "ISO 9906:2012 6.1 and 5.7.2 (reference 4.2, 4.3); windows of the pack";
    const EXAMPLE: &'static str = r#"{"method": "speed", "q_m3_h": 98.6, "h_m": 51.2, "p_kw": 18.35, "npsh_m": 3.10, "n_rpm": 2935, "n_sp_rpm": 2900, "pack": "gbt3216-2016"}"#;
    const SHORT: &'static [(&'static str, &'static str)] = &[
        ("q", "q_m3_h"),
        ("h", "h_m"),
        ("p", "p_kw"),
        ("n", "n_rpm"),
        ("f", "f_hz"),
    ];
    type Input = TranslateInput;
    type Output = TranslateOutput;

    fn compute(input: TranslateInput, packs: &Packs) -> Result<TranslateOutput, Refusal> {
        let found = match input {
            TranslateInput::Speed(input) => input.translated(packs)?,
            TranslateInput::Unit(input) => input.translated(packs)?,
        };
        let Translated { operating, .. } = found;
        Ok(TranslateOutput {
            ratio: found.ratio,
            q_m3_h: operating.flow_m3_s * HOUR_S,
            h_m: operating.head_m,
            p_kw: operating.power_w / 1000.0,
            npsh_m: found.npsh_m,
            efficiency_unchanged: found.efficiency_unchanged,
        })
    }
}

impl SpeedInput {
    fn translated(self, packs: &Packs) -> Result<Translated, Refusal> {
        let densities = together(
            ("rho_kg_m3", self.rho_kg_m3),
            ("rho_sp_kg_m3", self.rho_sp_kg_m3),
        )?;
        let density_ratio = densities.map_or(1.0, |(test, specified)| specified / test);
        if self.npsh_m.is_none() && (self.npsh_exponent.is_some() || self.npsh_exponent_agreed) {
            return Err(refuse(
                "npsh_exponent 只用于换算 npsh_m；请给出 npsh_m，或去掉指数",
                "npsh_exponent translates npsh_m; give npsh_m, or leave the exponent out",
            ));
        }
        let exponent = NpshExponent {
            value: self.npsh_exponent.unwrap_or(2.0),
            agreed: self.npsh_exponent_agreed,
        };
        Ok(translate::to_speed(
            &self.point.operating(),
            self.n_rpm,
            self.n_sp_rpm,
            density_ratio,
            self.npsh_m.map(|npsh_m| (npsh_m, exponent)),
            pack(packs, &self.point.pack)?,
        )?)
    }
}

impl UnitInput {
    fn translated(self, packs: &Packs) -> Result<Translated, Refusal> {
        let voltage_v = together(("u_v", self.u_v), ("u_sp_v", self.u_sp_v))?;
        let speeds_rpm = together(("n_rpm", self.n_rpm), ("n_sp_rpm", self.n_sp_rpm))?;
        if matches!(self.recorded, RecordedInput::SpecifiedSpeed) && speeds_rpm.is_none() {
            return Err(refuse(
                "请给出 n_rpm 和 n_sp_rpm：委托单记录的是换算到规定转速",
                "give n_rpm and n_sp_rpm: a specified speed was recorded",
            ));
        }
        let supply = Supply {
            frequency_hz: self.f_hz,
            rated_frequency_hz: self.f_sp_hz,
            voltage_v,
        };
        let (test, recorded) = (self.point.operating(), self.recorded.into());
        let standard = pack(packs, &self.point.pack)?;
        Ok(translate::to_recorded(
            &test, recorded, &supply, speeds_rpm, standard,
        )?)
    }
}

pub(super) struct SpecificSpeed;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SpecificSpeedInput {
    /// Speed of rotation, r/min.
    n_rpm: f64,
    /// Total flow at best efficiency, m³/h.
    q_m3_h: f64,
    /// Total head at best efficiency, m.
    h_m: f64,
    /// Suction eyes: 2 for double suction.
    suction_eyes: u32,
    /// Stages.
    stages: u32,
    /// Acceleration of gravity for the type number, m/s².
    g_m_s2: f64,
    /// NPSH3, m, for the suction specific speed.
    npsh3_m: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct SpecificSpeedOutput {
    /// n √Q/H^0.75 with r/min, m³/s per eye, m per stage.
    n_q: f64,
    /// Chinese form, 3.65 n_q.
    n_s: f64,
    /// Type number K.
    type_number: f64,
    /// Suction specific speed n √Q/NPSH3^0.75.
    #[serde(skip_serializing_if = "Option::is_none")]
    n_ss: Option<f64>,
    /// Chinese form, 5.62 n_ss.
    #[serde(skip_serializing_if = "Option::is_none")]
    c: Option<f64>,
}

impl Calc for SpecificSpeed {
    const NAME: &'static str = "specific-speed";
    const ZH: &'static str = "比转数 n_s、n_q、型式数 K 和汽蚀比转数";
    const EN: &'static str = "specific speed n_s and n_q, type number K, suction specific speed";
    const FORMULAS: &'static [&'static str] = &["specific-speed.v1", "suction-specific-speed.v1"];
    const SOURCE: &'static str =
        "ISO 9906:2012 (type number K); n_s = 3.65 n_q, C = 5.62 n_ss (reference 2)";
    const EXAMPLE: &'static str = r#"{"n_rpm": 2900, "q_m3_h": 100, "h_m": 50, "suction_eyes": 1, "stages": 1, "g_m_s2": 9.81, "npsh3_m": 2.5}"#;
    const SHORT: &'static [(&'static str, &'static str)] = &[
        ("n", "n_rpm"),
        ("q", "q_m3_h"),
        ("h", "h_m"),
        ("g", "g_m_s2"),
    ];
    type Input = SpecificSpeedInput;
    type Output = SpecificSpeedOutput;

    fn compute(input: SpecificSpeedInput, _: &Packs) -> Result<SpecificSpeedOutput, Refusal> {
        let SpecificSpeedInput {
            n_rpm,
            h_m,
            suction_eyes: eyes,
            stages,
            g_m_s2,
            ..
        } = input;
        let q_m3_s = input.q_m3_h / HOUR_S;
        let found = specific_speed(n_rpm, q_m3_s, h_m, eyes, stages, g_m_s2)?;
        let suction = input.npsh3_m;
        let suction = suction.map(|npsh3_m| suction_specific_speed(n_rpm, q_m3_s, eyes, npsh3_m));
        let suction = suction.transpose()?;
        Ok(SpecificSpeedOutput {
            n_q: found.n_q,
            n_s: found.n_s,
            type_number: found.type_number,
            n_ss: suction.map(|s| s.n_ss),
            c: suction.map(|s| s.c),
        })
    }
}

pub(super) struct Trim;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TrimInput {
    /// Rate of flow in the test, m³/h.
    q_m3_h: f64,
    /// Total head in the test, m.
    h_m: f64,
    /// Power in the test, kW.
    p_kw: Option<f64>,
    /// Outlet diameter in the test, m.
    d2_m: f64,
    /// Outlet diameter after the trim, m.
    d2_reduced_m: f64,
    /// Mean diameter of the inlet edge, m.
    d1_m: f64,
    /// Type number K.
    type_number: f64,
    /// Pack with the limits.
    pack: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct TrimOutput {
    /// √((D₂r² − D₁²)/(D₂t² − D₁²)).
    ratio: f64,
    /// Reduction of the diameter, %.
    reduction_pct: f64,
    /// Rate of flow, m³/h.
    q_m3_h: f64,
    /// Total head, m.
    h_m: f64,
    /// Power, kW; only where efficiency is taken as unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    p_kw: Option<f64>,
    /// Whether efficiency is taken as unchanged.
    efficiency_unchanged: bool,
    /// Whether a new test is needed.
    new_test_needed: bool,
    /// Pack and clause.
    clause: String,
}

impl Calc for Trim {
    const NAME: &'static str = "trim";
    const ZH: &'static str = "切割叶轮后的流量和扬程，是否需要重新试验";
    const EN: &'static str =
        "flow and head after an impeller trim, and whether a new test is needed";
    const FORMULAS: &'static [&'static str] = &["trim.square-root.v1"];
    const SOURCE: &'static str = "ISO 9906:2012 6.2.1 (reference 4.4; limits C1, form M3)";
    const EXAMPLE: &'static str = r#"{"q_m3_h": 105, "h_m": 53, "d2_m": 0.200, "d2_reduced_m": 0.194, "d1_m": 0.090, "type_number": 0.49, "pack": "gbt3216-2016"}"#;
    const SHORT: &'static [(&'static str, &'static str)] = &[
        ("q", "q_m3_h"),
        ("h", "h_m"),
        ("p", "p_kw"),
        ("k", "type_number"),
    ];
    type Input = TrimInput;
    type Output = TrimOutput;

    fn compute(input: TrimInput, packs: &Packs) -> Result<TrimOutput, Refusal> {
        let standard = pack(packs, &input.pack)?;
        let rule = standard.trim()?;
        let test = Operating {
            flow_m3_s: input.q_m3_h / HOUR_S,
            head_m: input.h_m,
            power_w: input.p_kw.unwrap_or(0.0) * 1000.0,
        };
        let diameters = translate::Trim {
            tested_m: input.d2_m,
            reduced_m: input.d2_reduced_m,
            inlet_m: input.d1_m,
            type_number: input.type_number,
        };
        let found = translate::trim(&test, &diameters, rule)?;
        let p_kw = input.p_kw.and(found.power_w).map(|w| w / 1000.0);
        Ok(TrimOutput {
            ratio: found.ratio,
            reduction_pct: found.reduction_pct,
            q_m3_h: found.flow_m3_s * HOUR_S,
            h_m: found.head_m,
            p_kw,
            efficiency_unchanged: found.efficiency_unchanged,
            new_test_needed: !found.without_new_test,
            clause: format!("{} {}", standard.id, rule.clause),
        })
    }
}
