//! From question to answer.

use super::super::conditions::together;
use super::super::words::{Held, Shown, Statement, rule_name};
use super::super::{Refusal, possible, refuse};
use super::answer::{AssessOutput, Degree, Grade, OtherPointOutput};
use super::question::{AssessInput, OtherPoint};
use super::text::{not_reached, points_missing, text};
use dutypoint_hydraulics::Error as HydraulicsError;
use dutypoint_hydraulics::accept::{
    self, Assessment, Curves, FlowHead, Guarantee, Judged, RelativeUncertainty, Uncertainties,
};
use dutypoint_hydraulics::curve::{Curve, Efficiency, EfficiencyCurve};
use dutypoint_hydraulics::fit::PolynomialFit;
use dutypoint_hydraulics::pack::{
    Cited, CitedBand, Evaluation, ReadAt, SmallPowerVariable, Standard, TestOf, Tolerance, Unagreed,
};
use dutypoint_hydraulics::percent::RelativePercent;
use dutypoint_model::Verdict;

const PER_HOUR: f64 = 3600.0;

/// The curves of one degree.
struct Fitted {
    head: Curve,
    power: Option<Curve>,
    efficiency: Option<Efficiency>,
}

impl Fitted {
    fn new(input: &AssessInput, degree: usize) -> Result<Self, Refusal> {
        let flow = flows_m3_s(input);
        let fit = |values: &[f64]| PolynomialFit::new(&flow, values, degree, false).map(Curve::new);
        let scaled = |values: &[f64], by: f64| values.iter().map(|v| v * by).collect::<Vec<_>>();
        let head = fit(&input.h_m)?;
        let power = match &input.p_kw {
            Some(p_kw) => Some(fit(&scaled(p_kw, 1000.0))?),
            None => None,
        };
        let efficiency = match (&input.eta_pct, &power) {
            (Some(eta_pct), _) => Some(Efficiency::Fitted(fit(&scaled(eta_pct, 0.01))?)),
            (None, Some(power)) => match (input.density_kg_m3, input.g_m_s2) {
                (Some(density_kg_m3), Some(gravity_m_s2)) => {
                    Some(Efficiency::FromHeadAndPower(EfficiencyCurve {
                        head: head.clone(),
                        power: power.clone(),
                        density_kg_m3,
                        gravity_m_s2,
                    }))
                }
                _ => {
                    return Err(refuse(
                        "由扬程和功率求效率需要密度和重力加速度；请给出 density_kg_m3 和 g_m_s2",
                        "efficiency follows from head and power by density and gravity; give density_kg_m3 and g_m_s2",
                    ));
                }
            },
            (None, None) => None,
        };
        Ok(Self {
            head,
            power,
            efficiency,
        })
    }

    fn curves(&self) -> Curves<'_> {
        Curves {
            head: &self.head,
            power: self.power.as_ref(),
            efficiency: self.efficiency.as_ref(),
        }
    }
}

/// What every judgement of one question shares.
struct Case<'a> {
    standard: &'a Standard,
    evaluation: Evaluation,
    guarantee: Guarantee,
    known: Uncertainties,
}

impl Case<'_> {
    fn judge(&self, fitted: &Fitted, tolerance: &Tolerance) -> Result<Assessment, Refusal> {
        Ok(accept::assess(
            &self.evaluation,
            tolerance,
            &self.guarantee,
            &fitted.curves(),
            &self.known,
        )?)
    }
}

pub(super) fn assess(input: &AssessInput, standard: &Standard) -> Result<AssessOutput, Refusal> {
    let case = case(input, standard)?;
    let (tolerance, grade_from) = tolerance(input, standard)?;
    let rule = standard.fit()?;
    let degree = match (input.degree, rule.default_degree) {
        (Some(degree), _) | (None, Some(degree)) => degree,
        (None, None) => {
            let id = &standard.id;
            return Err(refuse(
                format!("标准包 {id} 将曲线次数留给合同约定；请给出 degree"),
                format!("pack {id} leaves the degree of the curves to the contract; give degree"),
            ));
        }
    };
    rule.admissible(degree, input.q_m3_h.len())?;
    let fitted = Fitted::new(input, degree)?;
    let mut found = case.judge(&fitted, &tolerance)?;
    if let Some(efficiency) = found.read.and_then(|read| read.efficiency) {
        possible(("读得的效率", "efficiency read"), 100.0 * efficiency)?;
    }

    let others: Vec<(usize, bool, Assessment)> = [degree.checked_sub(1), degree.checked_add(1)]
        .into_iter()
        .flatten()
        .filter_map(|other| {
            // A degree the points do not determine says nothing.
            let fitted = Fitted::new(input, other).ok()?;
            let admissible = rule.admissible(other, input.q_m3_h.len()).is_ok();
            Some((other, admissible, case.judge(&fitted, &tolerance).ok()?))
        })
        .collect();
    let plain = found.clone();
    let flipped = hang_on_the_fit(&mut found, &others);

    let band =
        |b: &Option<CitedBand<RelativePercent>>| b.as_ref().map(|b| b.confidence.to_string());
    let one = |c: &Option<Cited<RelativePercent>>| c.as_ref().map(|c| c.confidence.to_string());
    let flow_head = &found.flow_head;
    let too_strong = plain.flow_head.verdict == Verdict::Fail;
    let trim = if too_strong {
        accept::trim(&case.guarantee, &fitted.head)?
    } else {
        None
    };
    let with_fit = |held: Held, item: Item| {
        if flipped.contains(&item) {
            Held {
                verdict: Shown::Inconclusive,
                reason: accept::Reason::DependsOnTheFit,
                ..held
            }
        } else {
            held
        }
    };
    let class = tolerance.measurement_class.unwrap_or(2);
    let placement = match standard.points() {
        Ok(rule) => Some(rule.judge(
            &flows_m3_s(input),
            case.guarantee.flow_m3_s,
            TestOf::Acceptance,
            class,
        )?),
        Err(_) => None,
    };
    let stated = |verdict| (verdict != Verdict::NotEvaluated).then(|| Shown::from(verdict));
    // Points the standard asks for and nobody took leave a pass without its evidence.
    let short = placement
        .as_ref()
        .map_or_else(Vec::new, |placed| points_missing(placed, standard));
    if !short.is_empty() && found.verdict == Verdict::Pass {
        found.verdict = Verdict::Inconclusive;
    }
    let slope = input.h_guaranteed_m / case.guarantee.flow_m3_s;
    let all = std::iter::once((degree, true, &plain)).chain(
        others
            .iter()
            .map(|(degree, admissible, found)| (*degree, *admissible, found)),
    );
    let mut degrees: Vec<Degree> = all
        .map(|(degree, admissible, found)| of_degree(degree, admissible, found))
        .collect();
    degrees.sort_by_key(|of| of.degree);
    Ok(AssessOutput {
        verdict: found.verdict.into(),
        text: text(
            &found,
            &flipped,
            trim.as_ref(),
            &tolerance,
            &[not_reached(&found, input), short].concat(),
        ),
        grade: tolerance.grade.clone(),
        grade_from,
        clause: format!(
            "{} {}; {}",
            standard.id, case.evaluation.clause, tolerance.clause
        ),
        rule: rule_name(case.evaluation.decision),
        degree,
        flow_head_verdict: flow_head.verdict.into(),
        inside: inside(&plain.flow_head),
        flow_head_conformity: flow_head.conformity.map(Statement::from),
        head: Held::new(&flow_head.head, "m", 1.0, band(&tolerance.head_pct)),
        flow: flow_head
            .flow
            .as_ref()
            .map(|flow| Held::new(flow, "m3/h", PER_HOUR, band(&tolerance.flow_pct))),
        q_at_guaranteed_head_m3_h: per_hour(&flow_head.flows_at_guaranteed_head_m3_s),
        // JSON has no infinity: a curve through the guarantee point has no finite sum.
        ellipse_sum: flow_head.ellipse_sum.filter(|sum| sum.is_finite()),
        q_on_origin_line_m3_h: per_hour(&fitted.head.flows_on_line(slope)?),
        read_at: match case.evaluation.read_at {
            ReadAt::OriginLine => "origin_line",
            ReadAt::AtSpecifiedFlow => "at_specified_flow",
            ReadAt::AtBep => "at_bep",
        },
        read_q_m3_h: found.read.map(|read| read.flow_m3_s * PER_HOUR),
        read_h_m: found.read.map(|read| read.head_m),
        read_p_kw: found.read.and_then(|read| read.power_w).map(|p| p / 1000.0),
        read_eta_pct: found
            .read
            .and_then(|read| read.efficiency)
            .map(|e| 100.0 * e),
        efficiency: found.efficiency.as_ref().map(|judged| {
            let held = Held::new(judged, "%", 100.0, one(&tolerance.efficiency_min_pct));
            with_fit(held, Item::Efficiency)
        }),
        power: found.power.as_ref().map(|judged| {
            with_fit(
                Held::new(judged, "kW", 1e-3, one(&tolerance.power_max_pct)),
                Item::Power,
            )
        }),
        shutoff_head: found.shutoff_head.as_ref().map(|judged| {
            with_fit(
                Held::new(judged, "m", 1.0, band(&tolerance.shutoff_head_pct)),
                Item::ShutOff,
            )
        }),
        rises_to_shutoff: found.rises_to_shutoff,
        trim_ratio: trim.map(|trim| trim.ratio),
        points_number_verdict: placement.and_then(|placed| stated(placed.number)),
        points_placement_verdict: placement.and_then(|placed| stated(placed.placement)),
        degrees,
        grades: grades(input, &case, &fitted)?,
        other_points: input
            .other_points
            .iter()
            .map(|point| other_point(point, &case, &fitted))
            .collect::<Result<_, _>>()?,
    })
}

fn case<'a>(input: &AssessInput, standard: &'a Standard) -> Result<Case<'a>, Refusal> {
    let mut evaluation = standard.evaluation()?.clone();
    match (input.rule, input.r) {
        (Some(rule), r) => evaluation.decision = rule.with(r)?,
        (None, None) => {}
        (None, Some(_)) => {
            return Err(refuse(
                "r 属于判定规则；请给出 rule",
                "r belongs to a decision rule; give rule",
            ));
        }
    }
    let expanded = |field, pct: Option<f64>| {
        // Without an uncertainty k has nothing to belong to here, perhaps elsewhere.
        let both = together((field, pct), ("k", input.k.filter(|_| pct.is_some())))?;
        Ok::<_, Refusal>(both.map(|(pct, k)| RelativeUncertainty { pct, k }))
    };
    let known = Uncertainties {
        flow: expanded("u_q_pct", input.u_q_pct)?,
        head: expanded("u_h_pct", input.u_h_pct)?,
        efficiency: expanded("u_eta_pct", input.u_eta_pct)?,
        power: expanded("u_p_pct", input.u_p_pct)?,
    };
    Ok(Case {
        standard,
        evaluation,
        guarantee: Guarantee {
            flow_m3_s: input.q_guaranteed_m3_h / PER_HOUR,
            head_m: input.h_guaranteed_m,
            efficiency: input.eta_guaranteed_pct.map(|pct| pct / 100.0),
            power_w: input.p_guaranteed_kw.map(|kw| kw * 1000.0),
            shutoff_head_m: input.h0_guaranteed_m,
        },
        known,
    })
}

/// The grade's tolerances, and where the grade comes from.
fn tolerance(
    input: &AssessInput,
    standard: &Standard,
) -> Result<(Tolerance, &'static str), Refusal> {
    let numbered = |grade: &str| {
        let known = standard.grades();
        if known.contains(&grade) {
            return Ok(standard.tolerance(grade, input.h_guaranteed_m).cloned()?);
        }
        let (id, list) = (&standard.id, known.join(", "));
        Err(refuse(
            format!("grade = {grade:?}：{id} 没有这个等级；可用：{list}"),
            format!("grade = {grade:?} is none of {id}; known: {list}"),
        ))
    };
    match (&input.grade, &input.application, input.p_rated_kw) {
        (Some(grade), None, None) => Ok((numbered(grade)?, "agreed")),
        (None, Some(application), Some(rated_kw)) => {
            match standard.unagreed(application, rated_kw * 1000.0)? {
                Unagreed::Grade(row) => Ok((numbered(&row.grade)?, "by_default")),
                Unagreed::SmallPower(_) => small(input, standard)?.map_or_else(
                    || {
                        Err(refuse(
                            format!("p_rated_kw = {rated_kw} kW 时适用小功率泵规则；请给出它所依据的功率 p_max_shaft_kw（2012 版）或 p_driver_kw（1999 版）"),
                            format!("at p_rated_kw = {rated_kw} kW the rule for small pumps holds; give the power it depends on, p_max_shaft_kw (2012) or p_driver_kw (1999)"),
                        ))
                    },
                    |tolerance| Ok((tolerance, "small_power")),
                ),
            }
        }
        (None, None, None) => match small(input, standard)? {
            Some(tolerance) => Ok((tolerance, "small_power")),
            // One grade is no choice.
            None => match standard.grades().as_slice() {
                [only] => Ok((numbered(only)?, "agreed")),
                several => {
                    let list = several.join(", ");
                    Err(refuse(
                        format!(
                            "未给出等级；请给出 grade（{list}），或 application 和 p_rated_kw，或小功率泵的功率 p_max_shaft_kw、p_driver_kw"
                        ),
                        format!(
                            "no grade is given; give grade ({list}), or application and p_rated_kw, or the power of a small pump, p_max_shaft_kw or p_driver_kw"
                        ),
                    ))
                }
            },
        },
        _ => Err(refuse(
            "请给出 grade，或为默认等级同时给出 application 和 p_rated_kw",
            "give either grade, or application and p_rated_kw for the grade by default",
        )),
    }
}

/// The rule for small pumps, by the power given.
fn small(input: &AssessInput, standard: &Standard) -> Result<Option<Tolerance>, Refusal> {
    let (variable, kw) = match (input.p_max_shaft_kw, input.p_driver_kw) {
        (Some(kw), None) => (SmallPowerVariable::MaxShaftPower, kw),
        (None, Some(kw)) => (SmallPowerVariable::DriverInput, kw),
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(refuse(
                "小功率泵规则只依据一个功率；请在 p_max_shaft_kw 和 p_driver_kw 中给出一个",
                "the rule for small pumps depends on one power; give p_max_shaft_kw or p_driver_kw",
            ));
        }
    };
    Ok(Some(
        standard.small_power()?.tolerance(variable, kw * 1000.0)?,
    ))
}

/// An item that decides.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    FlowHead,
    Efficiency,
    Power,
    ShutOff,
}

fn verdict_of(item: Item, found: &Assessment) -> Option<Verdict> {
    let of = |judged: &Option<Judged>| judged.map(|judged| judged.verdict);
    match item {
        Item::FlowHead => Some(found.flow_head.verdict),
        Item::Efficiency => of(&found.efficiency),
        Item::Power => of(&found.power),
        Item::ShutOff => of(&found.shutoff_head),
    }
}

/// Makes inconclusive what an admissible neighbour of the fit turns round, and says which.
fn hang_on_the_fit(found: &mut Assessment, others: &[(usize, bool, Assessment)]) -> Vec<Item> {
    let decided = |v: Verdict| matches!(v, Verdict::Pass | Verdict::Fail);
    let items = [Item::FlowHead, Item::Efficiency, Item::Power, Item::ShutOff];
    let mut flipped = Vec::new();
    let mut verdicts = Vec::new();
    for item in items {
        let Some(mut verdict) = verdict_of(item, found) else {
            continue;
        };
        let turned = others.iter().any(|(_, admissible, other)| {
            *admissible && verdict_of(item, other).is_some_and(|v| decided(v) && v != verdict)
        });
        if decided(verdict) && turned {
            verdict = Verdict::Inconclusive;
            flipped.push(item);
        }
        verdicts.push(verdict);
    }
    if flipped.contains(&Item::FlowHead) {
        found.flow_head.verdict = Verdict::Inconclusive;
    }
    found.verdict = Verdict::all(verdicts);
    flipped
}

fn of_degree(degree: usize, admissible: bool, found: &Assessment) -> Degree {
    let flow = found.flow_head.flow.and_then(|flow| flow.value);
    Degree {
        degree,
        admissible,
        verdict: found.verdict.into(),
        flow_head_verdict: found.flow_head.verdict.into(),
        h_at_guaranteed_flow_m: found.flow_head.head.value,
        q_at_guaranteed_head_m3_h: flow.map(|q| q * PER_HOUR),
        read_eta_pct: found
            .read
            .and_then(|read| read.efficiency)
            .map(|e| 100.0 * e),
        read_p_kw: found.read.and_then(|read| read.power_w).map(|p| p / 1000.0),
    }
}

fn flows_m3_s(input: &AssessInput) -> Vec<f64> {
    input.q_m3_h.iter().map(|q| q / PER_HOUR).collect()
}

fn per_hour(flows_m3_s: &[f64]) -> Vec<f64> {
    flows_m3_s.iter().map(|q| q * PER_HOUR).collect()
}

fn inside(found: &FlowHead) -> &'static str {
    let passed = |judged: &Judged| judged.verdict == Verdict::Pass;
    match (found.flow.as_ref().is_some_and(passed), passed(&found.head)) {
        (true, true) => "flow_and_head",
        (true, false) => "flow",
        (false, true) => "head",
        (false, false) => "none",
    }
}

/// What every grade of the pack would say.
fn grades(input: &AssessInput, case: &Case<'_>, fitted: &Fitted) -> Result<Vec<Grade>, Refusal> {
    let mut tolerances = Vec::new();
    for grade in case.standard.grades() {
        match case.standard.tolerance(grade, input.h_guaranteed_m) {
            Ok(tolerance) => tolerances.push(tolerance.clone()),
            Err(HydraulicsError::NotInPack { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if case.standard.small_power().is_ok() {
        tolerances.extend(small(input, case.standard)?);
    }
    tolerances
        .iter()
        .map(|tolerance| {
            let found = case.judge(fitted, tolerance)?;
            let of = |judged: Option<Judged>| judged.map(|judged| Shown::from(judged.verdict));
            Ok(Grade {
                grade: tolerance.grade.clone(),
                verdict: found.verdict.into(),
                flow_head_verdict: found.flow_head.verdict.into(),
                inside: inside(&found.flow_head),
                ellipse_sum: found.flow_head.ellipse_sum.filter(|sum| sum.is_finite()),
                efficiency_verdict: of(found.efficiency),
                eta_limit_pct: found
                    .efficiency
                    .and_then(|judged| judged.limit_low)
                    .map(|low| 100.0 * low),
                power_verdict: of(found.power),
                p_limit_kw: found
                    .power
                    .and_then(|judged| judged.limit_high)
                    .map(|high| high / 1000.0),
            })
        })
        .collect()
}

fn other_point(
    point: &OtherPoint,
    case: &Case<'_>,
    fitted: &Fitted,
) -> Result<OtherPointOutput, Refusal> {
    let grade = match &point.grade {
        Some(grade) => grade,
        None => &case.standard.other_points()?.grade,
    };
    let tolerance = case.standard.tolerance(grade, point.h_m)?;
    let guarantee = Guarantee {
        flow_m3_s: point.q_m3_h / PER_HOUR,
        head_m: point.h_m,
        efficiency: None,
        power_w: None,
        shutoff_head_m: None,
    };
    let found = accept::flow_and_head(
        &case.evaluation,
        tolerance,
        &guarantee,
        &fitted.head,
        &case.known,
    )?;
    Ok(OtherPointOutput {
        q_m3_h: point.q_m3_h,
        h_m: point.h_m,
        grade: grade.clone(),
        verdict: found.verdict.into(),
        inside: inside(&found),
    })
}
