//! Energy grades of the Chinese standards, and the lines and specified efficiencies they
//! rest on.

use super::conditions::together;
use super::indices::no_efficiency;
use super::words::{Shown, Text};
use super::{Calc, Packs, Refusal, pack, refuse};
use dutypoint_hydraulics::energy::{Duty, Graded, Line, grade_reached};
use dutypoint_hydraulics::pack::{
    Compared, PercentagePoints, ReadAt, SmallPump, Standard, TableKind,
};
use dutypoint_hydraulics::quantity_text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) struct Grade;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GradeInput {
    /// Standard pack with the grades: gb19762-2025, gb19762-2007 or gb32030-2022.
    pack: String,
    /// Type of pump, an id of the pack (`dutypoint pack show` lists them).
    pump_type: String,
    /// Efficiency to be graded, %, 0 to 100: of the pump (GB 19762) or of pump and motor
    /// (GB 32030), read where the pack says. Without it only the limits are given.
    eta_pct: Option<f64>,
    /// The grade to be reached, 1 to 3; without it 3, the mandatory line.
    required_grade: Option<u8>,
    /// Total flow, m³/h, above 0 (GB 19762).
    q_m3_h: Option<f64>,
    /// Total head of all stages, m, above 0 (GB 19762).
    h_m: Option<f64>,
    /// Speed of rotation, r/min, above 0 (GB 19762).
    n_rpm: Option<f64>,
    /// Stages, 1 or more (GB 19762).
    stages: Option<u32>,
    /// Suction eyes, 1 or 2, where the type does not fix them (GB 19762).
    suction_eyes: Option<u32>,
    /// Rated motor power, kW, above 0 (GB 32030).
    motor_power_kw: Option<f64>,
    /// Specified efficiency η_DB of pump and motor, %, 0 to 100 (GB 32030).
    specified_eta_pct: Option<f64>,
    /// Tolerance Δη of the product standard, percentage points, 0 or above (GB 32030); without
    /// it grade 3 is not known.
    tolerance_points: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct GradeOutput {
    /// Edition of the standard.
    edition: String,
    /// Table, clause and bands of the row.
    clause: String,
    /// How far the pack trusts the row.
    confidence: String,
    /// Which efficiency is compared: `pump_efficiency`, or `unit_efficiency` of pump and motor.
    #[schemars(with = "String")]
    compared: Compared,
    /// Where flow, head and efficiency are read: `at_bep`, `at_specified_flow`, `origin_line`.
    #[schemars(with = "String")]
    read_at: ReadAt,
    /// What the three lines are called, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
    /// Specific speed 3.65 n √Q / H^0.75, per suction eye and stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    n_s: Option<f64>,
    /// Suction eyes taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    suction_eyes: Option<u32>,
    /// The quadratic in ln n_s and ln Q, the efficiency over the flow, or the specified
    /// efficiency; %.
    #[serde(skip_serializing_if = "Option::is_none")]
    base_pct: Option<f64>,
    /// Taken off it for the specific speed, percentage points.
    #[serde(skip_serializing_if = "Option::is_none")]
    correction_points: Option<f64>,
    /// Efficiency after the correction, %.
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected_pct: Option<f64>,
    /// Limit of grade 1, %.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_1_pct: Option<f64>,
    /// Limit of grade 2, %.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_2_pct: Option<f64>,
    /// Limit of grade 3, the mandatory line, %.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_3_pct: Option<f64>,
    /// The best grade reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    grade: Option<u8>,
    /// The grade in words, `below grade 3` included.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<String>,
    /// Whether the required grade is reached; left out where no efficiency is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Shown>,
    /// Why nothing is judged, or what to mind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<Text>,
}

impl Calc for Grade {
    const NAME: &'static str = "grade";
    const ZH: &'static str = "能效等级：限定值、等级与判定";
    const EN: &'static str = "energy grade: limits, grade reached and verdict";
    const FORMULAS: &'static [&'static str] = &[
        "energy-grade.gb32030-2022.v1",
        "energy-grade.log-quadratic.v1",
        "energy-grade.reference-efficiency.v1",
        "specific-speed.v1",
    ];
    const SOURCE: &'static str = "GB 19762-2025, GB 19762-2007, GB 32030-2022: numbers and clauses in the packs; energy reference, section 4";
    const EXAMPLE: &'static str = r#"{"pack": "gb19762-2025", "pump_type": "single_suction", "q_m3_h": 100, "h_m": 50, "n_rpm": 2900, "stages": 1, "eta_pct": 78}"#;
    const SHORT: &'static [(&'static str, &'static str)] = &[("type", "pump_type")];
    type Input = GradeInput;
    type Output = GradeOutput;

    fn compute(input: GradeInput, packs: &Packs) -> Result<GradeOutput, Refusal> {
        let standard = pack(packs, &input.pack)?;
        let rule = standard.energy()?;
        let mut output = GradeOutput {
            edition: standard.edition.clone(),
            compared: rule.compared,
            read_at: rule.read_at,
            names: rule
                .names_zh
                .iter()
                .chain(&rule.names_en)
                .flatten()
                .cloned()
                .collect(),
            clause: String::new(),
            confidence: String::new(),
            n_s: None,
            suction_eyes: None,
            base_pct: None,
            correction_points: None,
            corrected_pct: None,
            limit_1_pct: None,
            limit_2_pct: None,
            limit_3_pct: None,
            grade: None,
            result: None,
            verdict: Some(Shown::NotEvaluated),
            remarks: Vec::new(),
        };
        let lines = if standard.energy_type(&input.pump_type).is_ok() {
            by_power(standard, &input, &mut output)?
        } else {
            by_flow(standard, &input, &mut output)?
        };
        if let Some(lines) = lines {
            judge(&input, &lines, &mut output);
        }
        Ok(output)
    }
}

/// The lines above and below a specified efficiency.
fn by_power(
    standard: &Standard,
    input: &GradeInput,
    output: &mut GradeOutput,
) -> Result<Option<[Line; 3]>, Refusal> {
    let pump = standard.energy_type(&input.pump_type)?;
    let power_kw = need("motor_power_kw", input.motor_power_kw)?;
    let specified_pct = need("specified_eta_pct", input.specified_eta_pct)?;
    unused(&[
        ("q_m3_h", input.q_m3_h.is_some()),
        ("h_m", input.h_m.is_some()),
        ("n_rpm", input.n_rpm.is_some()),
        ("stages", input.stages.is_some()),
        ("suction_eyes", input.suction_eyes.is_some()),
    ])?;
    let Some(row) = pump.row(power_kw)? else {
        output.clause.clone_from(&pump.clause);
        output.remarks.push(Text::new(
            format!("超出标准范围：{} 没有 {power_kw} kW 电机的档", pump.clause),
            format!(
                "outside the standard: {} has no band for a motor of {power_kw} kW",
                pump.clause
            ),
        ));
        return Ok(None);
    };
    output.clause = format!("{}, {}", pump.clause, row.power_kw.words("P", "kW"));
    output.confidence = row.confidence.to_string();
    output.base_pct = Some(specified_pct);
    let tolerance = input.tolerance_points.map(PercentagePoints);
    Ok(Some(row.lines(specified_pct / 100.0, tolerance)?))
}

/// The lines of a pump's flow and specific speed.
fn by_flow(
    standard: &Standard,
    input: &GradeInput,
    output: &mut GradeOutput,
) -> Result<Option<[Line; 3]>, Refusal> {
    let pump = standard.energy_pump(&input.pump_type)?;
    unused(&[
        ("motor_power_kw", input.motor_power_kw.is_some()),
        ("specified_eta_pct", input.specified_eta_pct.is_some()),
        ("tolerance_points", input.tolerance_points.is_some()),
    ])?;
    if pump.suction_eyes.is_none() && input.suction_eyes.is_none() {
        return Err(refuse(
            "缺少 suction_eyes：该类型未规定吸入口数，1 为单吸，2 为双吸；比转数按每个吸入口的流量计算",
            "missing field `suction_eyes`: this type does not fix it, 1 for single or 2 for double suction; the specific speed takes the flow of one eye",
        ));
    }
    let duty = Duty {
        flow_m3_s: need("q_m3_h", input.q_m3_h)? / 3600.0,
        head_m: need("h_m", input.h_m)?,
        speed_rpm: need("n_rpm", input.n_rpm)?,
        stages: need("stages", input.stages)?,
        suction_eyes: input.suction_eyes,
    };
    let limits = match standard.energy_limits(&input.pump_type, &duty)? {
        Graded::Limits(limits) => limits,
        Graded::Outside(outside) => {
            output.clause.clone_from(&pump.clause);
            output.n_s = Some(outside.n_s);
            let (quantity, value) = (quantity_text(outside.quantity), outside.value);
            output.remarks.push(Text::new(
                format!("超出标准范围：{} = {value}；不外推", quantity.zh),
                format!(
                    "outside the standard: {} = {value}; nothing is extrapolated",
                    quantity.en
                ),
            ));
            return Ok(None);
        }
    };
    output.clause.clone_from(&limits.clause);
    output.confidence = limits.confidence.to_string();
    output.n_s = Some(limits.n_s);
    output.suction_eyes = Some(limits.suction_eyes);
    output.base_pct = Some(limits.base_pct);
    output.correction_points = limits.correction.map(|points| points.0);
    output.corrected_pct = limits.corrected_pct;
    if !limits.usual {
        output.remarks.push(Text::new(
            "n_s 超出此类泵的常用范围；标准包未给出 n_s 的界限",
            "n_s lies outside the band usual for such pumps; the pack states no limits of n_s",
        ));
    }
    Ok(Some(limits.lines()))
}

fn judge(input: &GradeInput, lines: &[Line; 3], output: &mut GradeOutput) {
    let limit_pct = |line: &Line| match line {
        Line::AtLeast(low) => Some(low * 100.0),
        Line::NotGraded | Line::Doubtful | Line::NoTolerance => None,
    };
    for (grade, line) in (1..).zip(lines) {
        let why = match line {
            Line::AtLeast(_) => continue,
            Line::NotGraded => (
                "标准在此不对该类型和功率分级",
                "the standard does not grade this type and power here",
            ),
            Line::Doubtful => (
                "标准包的数据相互矛盾",
                "the pack's numbers contradict each other",
            ),
            Line::NoTolerance => (
                "不知产品标准的容差；请给出 tolerance_points",
                "the tolerance of the product standard is not known; give tolerance_points",
            ),
        };
        output.remarks.push(Text::new(
            format!("{grade} 级：{}", why.0),
            format!("grade {grade}: {}", why.1),
        ));
    }
    let [one, two, three] = lines.each_ref().map(limit_pct);
    (output.limit_1_pct, output.limit_2_pct, output.limit_3_pct) = (one, two, three);
    let Some(eta_pct) = input.eta_pct else {
        output.remarks.push(Text::new(
            "未给出 eta_pct：只列限值",
            "no eta_pct is given: limits only",
        ));
        output.verdict = None;
        return;
    };
    // Outside what its authors fitted, a formula gives limits that mean nothing.
    if let Some(limit_pct) = [one, two, three]
        .into_iter()
        .flatten()
        .find(|pct| *pct <= 0.0 || *pct >= 100.0)
    {
        output
            .remarks
            .push(no_efficiency("限值", "a limit", limit_pct));
        return;
    }
    let eta = eta_pct / 100.0;
    output.grade = grade_reached(eta, lines);
    output.result = Some(match output.grade {
        Some(grade) => format!("grade {grade}"),
        None if three.is_some() => "below grade 3".to_owned(),
        None => "no grade that can be judged".to_owned(),
    });
    let required = usize::from(input.required_grade.unwrap_or(3)).saturating_sub(1);
    // Who reaches a better grade reaches the required one, even where its own line is unknown.
    let reached = output
        .grade
        .is_some_and(|grade| usize::from(grade) <= required + 1);
    output.verdict = Some(match lines.get(required) {
        _ if reached => Shown::Pass,
        Some(Line::AtLeast(_)) => Shown::Fail,
        _ => Shown::NotEvaluated,
    });
}

fn need<T>(field: &str, value: Option<T>) -> Result<T, Refusal> {
    value.ok_or_else(|| {
        refuse(
            format!("缺少 {field}：该类型的泵按它分级"),
            format!("missing field `{field}`: this type of pump is graded by it"),
        )
    })
}

/// A field that would be ignored is refused: it may be meant to matter.
fn unused(fields: &[(&str, bool)]) -> Result<(), Refusal> {
    match fields.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((field, _)) => Err(refuse(
            format!("{field} 与该类型泵的分级无关；请去掉"),
            format!("{field} has no part in the grade of this type of pump; leave it out"),
        )),
    }
}

pub(super) struct EfficiencyLine;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LineInput {
    /// Standard pack with the lines, as gbt13007-2011.
    pack: String,
    /// Efficiency line, as single_stage_a, multistage_a, long_shaft_a or long_shaft_b.
    line: String,
    /// Total flow, m³/h, inside the line.
    q_m3_h: f64,
    /// Correction for specific speed, as centrifugal or long_shaft; needs n_s.
    correction: Option<String>,
    /// Specific speed 3.65 n √Q / H^0.75, inside the correction.
    n_s: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct LineOutput {
    /// Edition of the standard.
    edition: String,
    /// Efficiency of the line, %.
    eta_pct: f64,
    /// Correction, percentage points.
    #[serde(skip_serializing_if = "Option::is_none")]
    correction_points: Option<f64>,
    /// Efficiency of the line less the correction, %.
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected_eta_pct: Option<f64>,
}

impl Calc for EfficiencyLine {
    const NAME: &'static str = "efficiency-line";
    const ZH: &'static str = "离心泵、长轴深井泵效率线查值";
    const EN: &'static str = "efficiency line of centrifugal and long-shaft pumps";
    const FORMULAS: &'static [&'static str] = &["efficiency-line.linear.v1"];
    const SOURCE: &'static str = "GB/T 13007-2011; energy reference, section 3";
    const EXAMPLE: &'static str = r#"{"pack": "gbt13007-2011", "line": "single_stage_a", "q_m3_h": 55, "correction": "centrifugal", "n_s": 87.5}"#;
    type Input = LineInput;
    type Output = LineOutput;

    fn compute(input: LineInput, packs: &Packs) -> Result<LineOutput, Refusal> {
        let standard = pack(packs, &input.pack)?;
        let at = |kind, id: &str, field: &str, x: f64| {
            standard.column_value(kind, id, x)?.ok_or_else(|| {
                refuse(
                    format!("{field} = {x} 超出 {id:?} 列的范围；不外推"),
                    format!("{field} = {x} is outside the column {id:?}; nothing is extrapolated"),
                )
            })
        };
        let eta_pct = at(
            TableKind::PumpEfficiency,
            &input.line,
            "q_m3_h",
            input.q_m3_h,
        )?;
        let both = together(
            ("correction", input.correction.as_ref()),
            ("n_s", input.n_s),
        )?;
        let correction = both.map(|(id, n_s)| at(TableKind::SpeedCorrection, id, "n_s", n_s));
        let correction = correction.transpose()?;
        Ok(LineOutput {
            edition: standard.edition.clone(),
            eta_pct,
            correction_points: correction,
            corrected_eta_pct: correction.map(|points| PercentagePoints(points).below(eta_pct)),
        })
    }
}

pub(super) struct SpecifiedEfficiency;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SpecifiedInput {
    /// Standard pack, as gbt25409-2010.
    pack: String,
    /// Column of the pump's efficiency: lower_pump, upper_pump, qxl or qxr.
    pump: String,
    /// Column of the correction for specific speed: ordinary, or qxl_qxr.
    correction: String,
    /// Column of the motor's efficiency, as three_phase_dry or single_phase_oil.
    motor: String,
    /// Rated flow, m³/h, inside the column.
    q_m3_h: f64,
    /// Rated head of all stages, m, above 0.
    h_m: f64,
    /// Stages, 1 or more.
    stages: u32,
    /// Rated motor power, kW, a rating of the column.
    motor_power_kw: f64,
    /// Synchronous speed of the motor, r/min: 3000, or 1500.
    n_synchronous_rpm: f64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct SpecifiedOutput {
    /// Edition of the standard.
    edition: String,
    /// Specific speed by synchronous speed and head of one stage.
    n_s: f64,
    /// Tabulated efficiency of the pump, %.
    tabulated_eta_pct: f64,
    /// Taken off it for the specific speed, percentage points.
    correction_points: f64,
    /// Efficiency of the pump, %.
    pump_eta_pct: f64,
    /// Efficiency of the motor, %.
    motor_eta_pct: f64,
    /// Specified efficiency of pump and motor, %.
    unit_eta_pct: f64,
}

impl Calc for SpecifiedEfficiency {
    const NAME: &'static str = "specified-efficiency";
    const ZH: &'static str = "小型潜水电泵规定效率 η_DB";
    const EN: &'static str = "specified efficiency of a small submersible motor-pump";
    const FORMULAS: &'static [&'static str] = &["specified-efficiency.gbt25409.v1"];
    const SOURCE: &'static str = "GB/T 25409-2010 Appendix A; energy reference, section 2";
    const EXAMPLE: &'static str = r#"{"pack": "gbt25409-2010", "pump": "lower_pump", "correction": "ordinary", "motor": "three_phase_dry", "q_m3_h": 6, "h_m": 21, "stages": 3, "motor_power_kw": 0.75, "n_synchronous_rpm": 3000}"#;
    type Input = SpecifiedInput;
    type Output = SpecifiedOutput;

    fn compute(input: SpecifiedInput, packs: &Packs) -> Result<SpecifiedOutput, Refusal> {
        let standard = pack(packs, &input.pack)?;
        let found = standard.specified_efficiency(&SmallPump {
            pump: &input.pump,
            correction: &input.correction,
            motor: &input.motor,
            flow_m3_s: input.q_m3_h / 3600.0,
            head_m: input.h_m,
            stages: input.stages,
            motor_power_kw: input.motor_power_kw,
            synchronous_rpm: input.n_synchronous_rpm,
        })?;
        Ok(SpecifiedOutput {
            edition: standard.edition.clone(),
            n_s: found.n_s,
            tabulated_eta_pct: found.tabulated_pct,
            correction_points: found.correction.0,
            pump_eta_pct: found.pump_pct,
            motor_eta_pct: found.motor_pct,
            unit_eta_pct: found.unit_pct,
        })
    }
}
