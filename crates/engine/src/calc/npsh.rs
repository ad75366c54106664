//! NPSH3 from a head-drop curve, and whether a guarantee of it is met.

use super::conditions::{above_vacuum, together, velocity};
use super::words::{Held, Rule, Shown};
use super::{Calc, Packs, Refusal, pack, refuse};
use dutypoint_hydraulics::accept;
use dutypoint_hydraulics::decision::Expanded;
use dutypoint_hydraulics::npsh::{
    Criterion, Inlet, Required, available_m, constant_flow, head_drop,
};
use dutypoint_hydraulics::pack::{Intervals, Measured};
use dutypoint_hydraulics::translate::{speed_ratio, translate_npsh_m};
use dutypoint_model::Verdict;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) struct Npsh3;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NpshInput {
    /// Standard pack.
    pack: String,
    /// Measurement class, 1 to 3: it bounds the spread of the plateau.
    class: Option<u8>,
    /// Permissible spread of the plateau about its mean, percent; in place of class.
    plateau_limit_pct: Option<f64>,
    /// How many points of highest NPSH are free of cavitation, 2 or more.
    plateau_points: usize,
    /// Stages of the pump whose total head is given, 1 or more.
    stages: u32,
    /// NPSH available at each point, m; or `inlet`.
    npsh_m: Option<Vec<f64>>,
    /// Inlet conditions the NPSH available is computed from; or `npsh_m`.
    inlet: Option<InletInput>,
    /// Total head at each point at constant flow, m.
    h_m: Vec<f64>,
    /// Flow at each point, m³/h: refused where it was not held constant; goes with class.
    q_points_m3_h: Option<Vec<f64>>,
    /// Test speed, r/min; goes with n_sp_rpm and exponent.
    n_rpm: Option<f64>,
    /// Specified speed, r/min.
    n_sp_rpm: Option<f64>,
    /// Exponent x of NPSH_T = NPSH r^x, 1.3 to 2.
    exponent: Option<f64>,
    /// Guaranteed NPSH, m; goes with grade.
    npsh_guaranteed_m: Option<f64>,
    /// Grade whose tolerance holds.
    grade: Option<String>,
    /// Expanded uncertainty of the NPSH found, m; goes with k.
    u_npsh_m: Option<f64>,
    /// Coverage factor of it.
    k: Option<f64>,
    /// Decision rule of the contract; without it that of the pack.
    rule: Option<Rule>,
    /// r of the guard band w = r·U.
    r: Option<f64>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InletInput {
    /// Gauge pressure at the inlet section at each point, Pa; negative for a vacuum.
    p1_pa: Vec<f64>,
    /// Height of the gauge above the NPSH datum, m.
    z_m: f64,
    /// Bore of the inlet section, m.
    bore_m: f64,
    /// Flow, m³/h, constant.
    q_m3_h: f64,
    /// Ambient pressure measured at the bench, Pa.
    p_amb_pa: f64,
    /// Vapour pressure of the liquid, Pa.
    vapour_pressure_pa: f64,
    /// Density, kg/m³.
    density_kg_m3: f64,
    /// Gravity, m/s².
    g_m_s2: f64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct NpshOutput {
    /// Whether the guarantee is met; left out without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Shown>,
    /// NPSH available at each point, m, in the order given.
    npsh_available_m: Vec<f64>,
    /// Head without cavitation: mean of the plateau, m.
    plateau_m: f64,
    /// Largest distance of a plateau point from it, percent.
    plateau_amplitude_pct: f64,
    /// What that may be, percent.
    plateau_limit_pct: f64,
    /// Total head at the criterion, m.
    threshold_m: f64,
    /// NPSH3 at test speed, m; left out where the head never fell so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    npsh3_m: Option<f64>,
    /// NPSH3 is lower than this, m, where the head never fell so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    npsh3_lower_than_m: Option<f64>,
    /// Bracketing points, the one above the threshold first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bracket: Vec<BracketPoint>,
    /// Share of the way between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    fraction: Option<f64>,
    /// How often the head falls through the threshold; the first counts.
    crossings: usize,
    /// NPSH3, or its bound, at the specified speed, m.
    #[serde(skip_serializing_if = "Option::is_none")]
    npsh3_translated_m: Option<f64>,
    /// The guarantee.
    #[serde(skip_serializing_if = "Option::is_none")]
    guarantee: Option<Held>,
    /// Clause of the criterion.
    clause: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct BracketPoint {
    /// NPSH available, m.
    npsh_m: f64,
    /// Total head, m.
    h_m: f64,
}

impl Calc for Npsh3 {
    const NAME: &'static str = "npsh3";
    const ZH: &'static str = "由扬程下降曲线求 NPSH3，并判定其保证值";
    const EN: &'static str = "NPSH3 from a head-drop curve, and its guarantee";
    const FORMULAS: &'static [&'static str] = &[
        "npsh.available.v1",
        "npsh.head-drop.v1",
        "npsh.guarantee.v1",
        "translate.npsh.v1",
        "decision.jcgm106.v1",
    ];
    const SOURCE: &'static str = "ISO 9906:2012 5.8; limits of the pack";
    const EXAMPLE: &'static str = r#"{"pack": "gbt3216-2016", "class": 1, "plateau_points": 4, "stages": 1, "inlet": {"p1_pa": [-5000, -20000, -35000, -45000, -50000, -53000, -55000, -57000, -58500], "z_m": 0.15, "bore_m": 0.1, "q_m3_h": 80, "p_amb_pa": 92500, "vapour_pressure_pa": 2339.2, "density_kg_m3": 998.2, "g_m_s2": 9.7975}, "h_m": [50.05, 50.02, 49.98, 50.00, 49.95, 49.70, 49.10, 48.20, 47.00], "n_rpm": 2935, "n_sp_rpm": 2900, "exponent": 2}"#;
    type Input = NpshInput;
    type Output = NpshOutput;

    fn compute(input: NpshInput, packs: &Packs) -> Result<NpshOutput, Refusal> {
        let standard = pack(packs, &input.pack)?;
        let rule = standard.npsh()?;
        let npsh_available_m = available(&input)?;
        let plateau_limit_pct = match (input.class, input.plateau_limit_pct) {
            (_, Some(pct)) => pct,
            (Some(class), None) => standard.npsh_plateau_pct(class)?,
            (None, None) => {
                return Err(refuse(
                    "平台段的离散需要限值；请给出 class 或 plateau_limit_pct",
                    "the spread of the plateau needs a limit; give class (1 to 3) or plateau_limit_pct",
                ));
            }
        };
        if let Some(flows) = &input.q_points_m3_h {
            let class = input.class.ok_or_else(|| {
                refuse(
                    "流量波动需要限值；q_points_m3_h 须与 class 一起给出",
                    "the flow's fluctuation needs a limit; give class (1 to 3) with q_points_m3_h",
                )
            })?;
            let flows: Vec<f64> = flows.iter().map(|q| q / 3600.0).collect();
            let row = standard.fluctuation(Measured::Flow, class)?;
            constant_flow(&flows, row.of_class(class).unwrap_or_default())?;
        }
        let criterion = Criterion {
            drop_pct: rule.drop_pct.value,
            stages: input.stages,
            plateau_points: input.plateau_points,
            plateau_limit_pct,
        };
        let found = head_drop(&npsh_available_m, &input.h_m, &criterion)?;
        let (at_test_m, exact) = match found.required {
            Required::Found { npsh_m, .. } => (npsh_m, true),
            Required::LowerThan(bound_m) => (bound_m, false),
        };
        let translated_m = translated(&input, standard, at_test_m)?;
        let guarantee = guarantee(&input, standard, translated_m.unwrap_or(at_test_m), exact)?;
        let (bracket, fraction) = match found.required {
            Required::Found {
                above,
                below,
                fraction,
                ..
            } => {
                let point = |p: dutypoint_hydraulics::npsh::Point| BracketPoint {
                    npsh_m: p.npsh_m,
                    h_m: p.head_m,
                };
                (vec![point(above), point(below)], Some(fraction))
            }
            Required::LowerThan(_) => (Vec::new(), None),
        };
        // The clause of the tolerance, where it is not that of the test.
        let grade = input.grade.as_deref().filter(|_| guarantee.is_some());
        let held_to = grade.and_then(|grade| standard.npsh_tolerance(grade).ok()?.clause.clone());
        Ok(NpshOutput {
            verdict: guarantee.as_ref().map(|held| held.verdict),
            npsh_available_m,
            plateau_m: found.plateau_m,
            plateau_amplitude_pct: found.plateau_amplitude_pct,
            plateau_limit_pct,
            threshold_m: found.threshold_m,
            npsh3_m: exact.then_some(at_test_m),
            npsh3_lower_than_m: (!exact).then_some(at_test_m),
            bracket,
            fraction,
            crossings: found.crossings,
            npsh3_translated_m: translated_m,
            guarantee,
            clause: format!(
                "{} {}",
                standard.id,
                held_to.as_deref().unwrap_or(&rule.clause)
            ),
        })
    }
}

fn available(input: &NpshInput) -> Result<Vec<f64>, Refusal> {
    match (&input.npsh_m, &input.inlet) {
        (Some(npsh_m), None) => Ok(npsh_m.clone()),
        (None, Some(inlet)) => {
            velocity(inlet.q_m3_h / 3600.0, ("inlet.bore_m", inlet.bore_m))?;
            inlet
            .p1_pa
            .iter()
            .enumerate()
            .map(|(index, gauge_pressure_pa)| {
                let field = format!("inlet.p1_pa[{index}]");
                above_vacuum(&field, *gauge_pressure_pa, inlet.p_amb_pa)?;
                let npsh_m = available_m(&Inlet {
                    gauge_pressure_pa: *gauge_pressure_pa,
                    gauge_above_datum_m: inlet.z_m,
                    bore_m: inlet.bore_m,
                    flow_m3_s: inlet.q_m3_h / 3600.0,
                    ambient_pressure_pa: inlet.p_amb_pa,
                    vapour_pressure_pa: inlet.vapour_pressure_pa,
                    density_kg_m3: inlet.density_kg_m3,
                    gravity_m_s2: inlet.g_m_s2,
                })?;
                if npsh_m < 0.0 {
                    return Err(refuse(
                        format!("{field} = {gauge_pressure_pa} Pa：装置汽蚀余量为 {npsh_m:.3} m，应不小于 0；请核对 p1_pa、p_amb_pa、vapour_pressure_pa 和 z_m"),
                        format!("{field} = {gauge_pressure_pa} Pa gives an NPSH available of {npsh_m:.3} m, and it must be 0 or above; correct p1_pa, p_amb_pa, vapour_pressure_pa and z_m"),
                    ));
                }
                Ok(npsh_m)
            })
            .collect()
        }
        _ => Err(refuse(
            "请在 npsh_m 和用于计算它的 inlet 中给出一个",
            "give either npsh_m or inlet, which it is computed from",
        )),
    }
}

/// At the specified speed; none where no speed is given.
fn translated(
    input: &NpshInput,
    standard: &dutypoint_hydraulics::pack::Standard,
    npsh_m: f64,
) -> Result<Option<f64>, Refusal> {
    let (test_rpm, specified_rpm, exponent) = match (input.n_rpm, input.n_sp_rpm, input.exponent) {
        (None, None, None) => return Ok(None),
        (Some(test_rpm), Some(specified_rpm), Some(exponent)) => {
            (test_rpm, specified_rpm, exponent)
        }
        _ => {
            return Err(refuse(
                "换算需要一起给出 n_rpm、n_sp_rpm 和双方约定的 exponent",
                "a translation needs n_rpm, n_sp_rpm and exponent, which the parties agree",
            ));
        }
    };
    let ratio = speed_ratio(specified_rpm, test_rpm)?;
    if let Some(range) = &standard.npsh()?.exponent
        && !(exponent >= range.low && exponent <= range.high)
    {
        let (low, high, id) = (range.low, range.high, &standard.id);
        return Err(refuse(
            format!(
                "exponent = {exponent}：观测到的范围为 {low} 至 {high}（{id}）；请在此范围内约定"
            ),
            format!(
                "exponent = {exponent}: {low} to {high} has been observed ({id}); agree one in that range"
            ),
        ));
    }
    if let Some(band) = standard.speed().ok().and_then(|s| s.npsh_pct.as_ref()) {
        let pct = 100.0 * test_rpm / specified_rpm;
        if !(dutypoint_hydraulics::limit::at_least(pct, band.low)
            && dutypoint_hydraulics::limit::at_most(pct, band.high))
        {
            let (low, high, id) = (band.low, band.high, &standard.id);
            return Err(refuse(
                format!(
                    "n_rpm = {test_rpm} 为 n_sp_rpm 的 {pct:.2} %：汽蚀余量只在 {low} 至 {high} % 之间换算（{id}）；请在更接近规定转速下试验"
                ),
                format!(
                    "n_rpm = {test_rpm} is {pct:.2} % of n_sp_rpm: NPSH is translated between {low} and {high} % only ({id}); test nearer to the specified speed"
                ),
            ));
        }
    }
    Ok(Some(translate_npsh_m(npsh_m, ratio, exponent)?))
}

fn guarantee(
    input: &NpshInput,
    standard: &dutypoint_hydraulics::pack::Standard,
    npsh_m: f64,
    exact: bool,
) -> Result<Option<Held>, Refusal> {
    let guaranteed = ("npsh_guaranteed_m", input.npsh_guaranteed_m);
    let Some((guaranteed_m, grade)) = together(guaranteed, ("grade", input.grade.as_ref()))? else {
        let judging = [
            ("u_npsh_m", input.u_npsh_m.is_some()),
            ("k", input.k.is_some()),
            ("rule", input.rule.is_some()),
            ("r", input.r.is_some()),
        ];
        return match judging.iter().find(|(_, given)| *given) {
            None => Ok(None),
            Some((field, _)) => Err(refuse(
                format!(
                    "{field} 用于判定保证值；请给出 npsh_guaranteed_m 和 grade，或去掉 {field}"
                ),
                format!(
                    "{field} judges a guarantee; give npsh_guaranteed_m and grade, or leave {field} out"
                ),
            )),
        };
    };
    let known = standard.grades();
    if !known.is_empty() && !known.contains(&grade.as_str()) {
        let (id, list) = (&standard.id, known.join(", "));
        return Err(refuse(
            format!("grade = {grade:?}：{id} 没有这个等级；可用：{list}"),
            format!("grade = {grade:?} is none of {id}; known: {list}"),
        ));
    }
    let row = standard.npsh_tolerance(grade)?;
    let limit_m = row.limit_m(guaranteed_m)?;
    let rule = match input.rule {
        Some(rule) => rule.with(input.r)?,
        None => standard.evaluation()?.decision,
    };
    let expanded = together(("u_npsh_m", input.u_npsh_m), ("k", input.k))?;
    let expanded = expanded.map(|(u, k)| Expanded { u, k });
    let rounded = standard.evaluation().ok().and_then(|e| e.rounded);
    let rounded = rounded.and_then(Intervals::npsh);
    let mut judged = accept::at_most(rule, rounded, Some(npsh_m), guaranteed_m, limit_m, expanded)?;
    if !exact {
        // A bound that is accepted is a pass whatever the value; any other says nothing.
        if judged.verdict != Verdict::Pass {
            judged.verdict = Verdict::NotEvaluated;
            judged.reason = accept::Reason::NotReached;
            judged.conformity = None;
        }
        judged.value = None;
        judged.compared = None;
        judged.deviation_pct = None;
        judged.margin_pct = None;
        judged.probability = None;
    }
    Ok(Some(Held::new(
        &judged,
        "m",
        1.0,
        Some(row.pct.confidence.to_string()),
    )))
}
