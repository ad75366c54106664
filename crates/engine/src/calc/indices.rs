//! Efficiency indices of export markets: MEI of the European Union, PEI of the United States.

use super::words::{Shown, Text};
use super::{Calc, Packs, Refusal, pack, possible, refuse};
use dutypoint_hydraulics::energy::mei::MeiDuty;
use dutypoint_hydraulics::energy::pei::{PeiDuty, PeiKind};
use dutypoint_hydraulics::limit;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) struct Mei;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MeiInput {
    /// Standard pack; without it eu547-2012.
    pack: Option<String>,
    /// Type and nominal speed: esob_1450, esob_2900, escc_1450, escc_2900, escci_1450,
    /// escci_2900, msv_2900 or mss_2900.
    pump_type: String,
    /// Flow at best efficiency, m³/h, above 0, at the nominal speed.
    q_bep_m3_h: f64,
    /// Head at best efficiency, all stages, m, above 0, at the nominal speed.
    h_bep_m: f64,
    /// Stages, 1 or more.
    stages: u32,
    /// Efficiency at best efficiency, %, 0 to 100.
    eta_bep_pct: f64,
    /// Efficiency at part load, %, 0 to 100.
    eta_pl_pct: f64,
    /// Efficiency at overload, %, 0 to 100.
    eta_ol_pct: f64,
    /// The index required; without it that of the pack.
    required_mei: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct MeiOutput {
    /// Edition of the regulation.
    edition: String,
    /// Specific speed n √Q / H^0.75, Q in m³/s, H of one stage, without the factor 3.65.
    n_q: f64,
    /// The quadratic before C is taken off, %.
    base_pct: f64,
    /// Constant C of the pump at best efficiency.
    c_bep: f64,
    /// At part load.
    c_pl: f64,
    /// At overload.
    c_ol: f64,
    /// The index the efficiencies below belong to.
    required_mei: f64,
    /// Its constant C.
    required_c: f64,
    /// Least efficiency at best efficiency for it, %.
    least_bep_pct: f64,
    /// Least efficiency at part load, %.
    least_pl_pct: f64,
    /// Least efficiency at overload, %.
    least_ol_pct: f64,
    /// The largest index of the pack that is reached at all three loads.
    #[serde(skip_serializing_if = "Option::is_none")]
    mei_at_least: Option<f64>,
    /// An indication by constants the pack marks as placeholders; no verdict rests on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    mei_indication: Option<f64>,
    /// How far the pack trusts the constant C.
    confidence: String,
    /// Whether the required index is reached.
    verdict: Shown,
    /// Why nothing is judged, or which load falls short.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<Text>,
}

impl Calc for Mei {
    const NAME: &'static str = "mei";
    const ZH: &'static str = "欧盟水泵最低效率指数 MEI";
    const EN: &'static str = "minimum efficiency index of the European Union";
    const FORMULAS: &'static [&'static str] = &["mei.eu547-2012.v1", "specific-speed.v1"];
    const SOURCE: &'static str =
        "Regulation (EU) 547/2012 Annex III, EN 16480; energy reference, section 5.1";
    const EXAMPLE: &'static str = r#"{"pump_type": "mss_2900", "q_bep_m3_h": 17, "h_bep_m": 135, "stages": 9, "eta_bep_pct": 66, "eta_pl_pct": 63, "eta_ol_pct": 65}"#;
    const SHORT: &'static [(&'static str, &'static str)] = &[("type", "pump_type")];
    type Input = MeiInput;
    type Output = MeiOutput;

    fn compute(input: MeiInput, packs: &Packs) -> Result<MeiOutput, Refusal> {
        let standard = pack(packs, input.pack.as_deref().unwrap_or("eu547-2012"))?;
        let required_mei = match input.required_mei {
            Some(required) => required,
            None => standard.mei_required()?.value,
        };
        let found = standard.mei_of(
            &input.pump_type,
            &MeiDuty {
                flow_m3_s: input.q_bep_m3_h / 3600.0,
                head_m: input.h_bep_m,
                stages: input.stages,
                efficiency_pct: [input.eta_bep_pct, input.eta_pl_pct, input.eta_ol_pct],
            },
        )?;
        let step = found
            .steps
            .iter()
            .find(|step| limit::touches(step.mei, required_mei));
        let step = step.ok_or_else(|| {
            let known: Vec<String> = found.steps.iter().map(|s| s.mei.to_string()).collect();
            let list = known.join(", ");
            refuse(
                format!("required_mei = {required_mei}：标准包没有可供判定的常数；可用：{list}"),
                format!(
                    "required_mei = {required_mei} has no constant in the pack that may judge; known: {list}"
                ),
            )
        })?;
        let mut remarks = Vec::new();
        let senseless = step
            .least_pct
            .iter()
            .find(|pct| **pct <= 0.0 || **pct >= 100.0);
        let verdict = match (&found.outside, senseless) {
            (Some(outside), _) => {
                remarks.push(Text::new(
                    format!("超出法规范围：{outside}；不给出指数"),
                    format!("outside the regulation: {outside}; it knows no index there"),
                ));
                Shown::NotEvaluated
            }
            (None, Some(least)) => {
                remarks.push(no_efficiency("最低效率", "a least efficiency", *least));
                Shown::NotEvaluated
            }
            (None, None) if step.reached == [true; 3] => Shown::Pass,
            (None, None) => {
                let loads = [
                    ("最高效率点", "best efficiency"),
                    ("部分负荷", "part load"),
                    ("过负荷", "overload"),
                ];
                for ((zh, en), _) in loads.iter().zip(step.reached).filter(|(_, met)| !met) {
                    remarks.push(Text::new(
                        format!("{zh}未达到要求"),
                        format!("falls short at {en}"),
                    ));
                }
                Shown::Fail
            }
        };
        let [c_bep, c_pl, c_ol] = found.c;
        let [least_bep_pct, least_pl_pct, least_ol_pct] = step.least_pct;
        Ok(MeiOutput {
            edition: standard.edition.clone(),
            n_q: found.n_q,
            base_pct: found.base_pct,
            c_bep,
            c_pl,
            c_ol,
            required_mei,
            required_c: step.c,
            least_bep_pct,
            least_pl_pct,
            least_ol_pct,
            // Outside its scope the regulation knows no index.
            mei_at_least: found.at_least.filter(|_| found.outside.is_none()),
            mei_indication: found.indication.filter(|_| found.outside.is_none()),
            confidence: step.confidence.to_string(),
            verdict,
            remarks,
        })
    }
}

/// Outside what its authors fitted, a formula gives limits that mean nothing.
pub(super) fn no_efficiency(zh: &str, en: &str, pct: f64) -> Text {
    Text::new(
        format!("{zh} {pct} % 不可能；请核对流量、扬程、转速及其单位"),
        format!("{en} of {pct} % is none; check flow, head, speed and their units"),
    )
}

pub(super) struct Pei;

#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Load {
    Constant,
    Variable,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PeiInput {
    /// Standard pack; without it us-pei.
    pack: Option<String>,
    /// Which index: constant or variable load.
    load: Load,
    /// Class and nominal speed, as escc_1800, esfm_3600, il_1800, rsv_1800 or st_3600.
    class: String,
    /// Flow at best efficiency, gal/min, above 0, at the nominal speed.
    q_bep_gpm: f64,
    /// Heads at 75, 100 and 110 % of that flow, ft; run-out limited: 65, 90 and 100 %.
    h_ft: Vec<f64>,
    /// Shaft powers there, hp; or
    #[serde(default)]
    p_hp: Vec<f64>,
    /// flows of the test, gal/min, at the nominal speed, one near each share of the best
    /// efficiency flow that the pack regresses over (60, 75, 90, 100, 110 and 120 %; run-out
    /// limited 60, 70, 80, 90 and 100 %),
    #[serde(default)]
    q_test_gpm: Vec<f64>,
    /// and the shaft powers measured there, hp: those at the load points, and at 120 %, are
    /// read from the straight line through them.
    #[serde(default)]
    p_test_hp: Vec<f64>,
    /// Shaft power at 120 % of that flow, hp, which chooses the motor of a bare pump.
    p_120_hp: Option<f64>,
    /// Rating of the motor, hp, in place of the choice.
    motor_hp: Option<f64>,
    /// Stages, 1 or more.
    stages: u32,
    /// The curve ends near best efficiency.
    #[serde(default)]
    run_out: bool,
}

#[derive(Serialize, JsonSchema)]
struct PeiLine {
    /// Points the line goes over.
    points: usize,
    /// Shaft power of the line at no flow, hp.
    intercept_hp: f64,
    /// Its slope, hp per gal/min.
    slope_hp_per_gpm: f64,
    /// Shaft powers at the load points, hp.
    p_hp: Vec<f64>,
    /// Shaft power at 120 %, hp, where the line reaches it.
    #[serde(skip_serializing_if = "Option::is_none")]
    p_120_hp: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct PeiOutput {
    /// Edition of the rule.
    edition: String,
    /// The straight line through the measured shaft powers, where they were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    regression: Option<PeiLine>,
    /// Specific speed in r/min, gal/min and ft of one stage.
    n_s_us: f64,
    /// Efficiency of the pump that just complies, at best efficiency, %.
    eta_standard_pct: f64,
    /// Rating of the motor, hp.
    motor_hp: f64,
    /// Efficiency of the default motor, %.
    motor_eta_pct: f64,
    /// Its loss at full load, hp.
    full_load_loss_hp: f64,
    /// Input powers of the pump, hp, at the load points of the index.
    p_in_hp: Vec<f64>,
    /// Shaft powers of the pump that just complies, hp, at constant load.
    p_standard_hp: Vec<f64>,
    /// Its input powers, hp.
    p_in_standard_hp: Vec<f64>,
    /// Energy rating of the pump, hp.
    per_hp: f64,
    /// Energy rating of the pump that just complies, hp.
    per_standard_hp: f64,
    /// The index.
    pei: f64,
    /// The largest index permitted.
    pei_max: f64,
    /// The weakest tag among the numbers used.
    confidence: String,
    /// Whether the index is at most the permitted one.
    verdict: Shown,
    /// Why nothing is judged, or what to mind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<Text>,
}

impl Calc for Pei {
    const NAME: &'static str = "pei";
    const ZH: &'static str = "美国水泵能效指数 PEI（恒定负荷、可变负荷）";
    const EN: &'static str = "pump energy index of the United States, constant and variable load";
    const FORMULAS: &'static [&'static str] = &["pei.10cfr431.v1", "pei.power-regression.v1"];
    const SOURCE: &'static str = "10 CFR 431.464 and .465, HI 40.6; energy reference, section 5.2";
    const EXAMPLE: &'static str = r#"{"load": "constant", "class": "escc_1800", "q_bep_gpm": 500, "h_ft": [98, 90, 85], "p_hp": [11.9099, 13.8721, 14.5895], "p_120_hp": 15.2634, "stages": 1}"#;
    type Input = PeiInput;
    type Output = PeiOutput;

    fn compute(mut input: PeiInput, packs: &Packs) -> Result<PeiOutput, Refusal> {
        let standard = pack(packs, input.pack.as_deref().unwrap_or("us-pei"))?;
        let measured = !(input.q_test_gpm.is_empty() && input.p_test_hp.is_empty());
        if measured != input.p_hp.is_empty() {
            return Err(refuse(
                "轴功率应给出一次：给出各负荷点的 p_hp，或试验的 q_test_gpm 与 p_test_hp",
                "give the shaft powers once: p_hp at the load points, or q_test_gpm and p_test_hp of the test",
            ));
        }
        let line = measured
            .then(|| {
                let (q, p) = (&input.q_test_gpm, &input.p_test_hp);
                standard.pei_regressed(input.run_out, input.q_bep_gpm, q, p)
            })
            .transpose()?;
        if let Some(line) = &line {
            input.p_hp.clone_from(&line.shaft_power_hp);
            if input.motor_hp.is_none() {
                input.p_120_hp = input.p_120_hp.or(line.sizing_power_hp);
            }
        }
        let kind = match input.load {
            Load::Constant => PeiKind::ConstantLoad,
            Load::Variable => PeiKind::VariableLoad,
        };
        if input.motor_hp.is_none() && input.p_120_hp.is_none() {
            return Err(refuse(
                "缺少 motor_hp（电机额定功率）；或给出 p_120_hp，由其选配电机",
                "missing field `motor_hp`, the rating of the motor in hp; or give `p_120_hp`, by which the motor is chosen",
            ));
        }
        let loads = if input.run_out {
            "65, 90, 100 %"
        } else {
            "75, 100, 110 %"
        };
        for (field, given) in [("h_ft", &input.h_ft), ("p_hp", &input.p_hp)] {
            if given.len() != 3 {
                return Err(refuse(
                    format!(
                        "{field} 有 {} 个值：应为 3 个，依次在流量的 {loads}",
                        given.len()
                    ),
                    format!(
                        "{field} has {} values: it must have 3, at {loads} of the flow",
                        given.len()
                    ),
                ));
            }
        }
        // The second load point is the best efficiency point; of a pump that runs out, the third.
        let best = if input.run_out { 2 } else { 1 };
        if let (Load::Constant, Some(head_ft), Some(shaft_hp)) =
            (input.load, input.h_ft.get(best), input.p_hp.get(best))
        {
            // 3956 gpm·ft of water are one horsepower.
            let hydraulic_hp = input.q_bep_gpm * head_ft / 3956.0;
            possible(
                ("最高效率点效率", "efficiency at best efficiency"),
                100.0 * hydraulic_hp / shaft_hp,
            )?;
        }
        let found = standard.pei_of(
            &input.class,
            kind,
            &PeiDuty {
                bep_flow_gpm: input.q_bep_gpm,
                head_ft: input.h_ft,
                shaft_power_hp: input.p_hp,
                sizing_power_hp: input.p_120_hp,
                motor_hp: input.motor_hp,
                stages: input.stages,
                run_out: input.run_out,
            },
        )?;
        let mut remarks = Vec::new();
        let confidence = line.as_ref().map_or(found.confidence, |line| {
            found.confidence.weaker(line.confidence)
        });
        let verdict = match &found.outside {
            Some(outside) => {
                remarks.push(Text::new(
                    format!("超出规则范围：{outside}；不作判定"),
                    format!("outside the rule: {outside}; nothing is judged"),
                ));
                Shown::NotEvaluated
            }
            None if limit::at_most(found.pei, found.maximum) => Shown::Pass,
            None => Shown::Fail,
        };
        if !confidence.is_sourced() {
            remarks.push(Text::new(
                format!("所用数据的可信度为 {confidence}：使用前须与标准文本核对"),
                format!(
                    "rests on numbers tagged {confidence}: to be checked against the text before use"
                ),
            ));
        }
        Ok(PeiOutput {
            edition: standard.edition.clone(),
            regression: line.map(|line| PeiLine {
                points: line.points,
                intercept_hp: line.intercept_hp,
                slope_hp_per_gpm: line.slope_hp_per_gpm,
                p_hp: line.shaft_power_hp,
                p_120_hp: line.sizing_power_hp,
            }),
            n_s_us: found.n_s_us,
            eta_standard_pct: found.standard_efficiency_pct,
            motor_hp: found.motor_hp,
            motor_eta_pct: found.motor_efficiency_pct,
            full_load_loss_hp: found.full_load_loss_hp,
            p_in_hp: found.input_hp,
            p_standard_hp: found.standard_shaft_hp,
            p_in_standard_hp: found.standard_input_hp,
            per_hp: found.per_hp,
            per_standard_hp: found.per_standard_hp,
            pei: found.pei,
            pei_max: found.maximum,
            confidence: confidence.to_string(),
            verdict,
            remarks,
        })
    }
}
