//! Points to findings: the gates first, then every guaranteed quantity, each with what
//! the neighbouring degrees of the fit would have given.

use crate::config::FitChoice;
use crate::{Error, Setup};
use dutypoint_hydraulics::accept::{self, Assessment, Guarantee, Judged};
use dutypoint_hydraulics::curve::{Curve, Efficiency, EfficiencyCurve};
use dutypoint_hydraulics::fit::PolynomialFit;
use dutypoint_hydraulics::pack::{FlowHeadRule, Measured, Standard, Tolerance};
use dutypoint_hydraulics::{stats, translate, uncertainty};
use dutypoint_model::document::{
    Channels, Finding, FitVariant, Item, Limit, Point, PowerKind, Reduced, Role,
};
use dutypoint_model::{Bilingual, Outcome, Quantity, Unit, Verdict};
use std::collections::BTreeMap;

/// The fitted curves of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct AssessedCurves {
    /// H(Q), m over m³/s.
    pub head: Curve,
    /// P(Q), W over m³/s.
    pub power: Curve,
    /// η(Q).
    pub efficiency: Efficiency,
}

/// Fits the curves through the accepted `points`.
///
/// # Errors
/// [`Error::Hydraulics`] when the points do not determine the curves.
pub fn curves(points: &[&Reduced], fit: &FitChoice) -> Result<AssessedCurves, Error> {
    let column = |f: fn(&Reduced) -> f64| points.iter().map(|p| f(p)).collect::<Vec<_>>();
    let flow = column(|p| p.flow_m3_s);
    let fitted = |values: &[f64], degree: usize| {
        PolynomialFit::new(&flow, values, degree, false).map(Curve::new)
    };
    let head = fitted(&column(|p| p.head_m), fit.head_degree)?;
    let power = fitted(&column(|p| p.power_w), fit.power_degree)?;
    let efficiency = match fit.efficiency_degree {
        Some(degree) => Efficiency::Fitted(fitted(&column(|p| p.efficiency), degree)?),
        None => Efficiency::FromHeadAndPower(EfficiencyCurve {
            head: head.clone(),
            power: power.clone(),
            density_kg_m3: stats::summary(&column(|p| p.density_kg_m3))?.mean,
            gravity_m_s2: stats::summary(&column(|p| p.gravity_m_s2))?.mean,
        }),
    };
    Ok(AssessedCurves {
        head,
        power,
        efficiency,
    })
}

/// The findings of a run that ended with `outcome`.
///
/// A run that did not complete is not judged. Where frequency or voltage left their
/// windows, or the uncertainty exceeds what the grade permits, the guarantee is
/// `NotEvaluated`: values are never converted silently.
///
/// # Errors
/// [`Error::Hydraulics`] when the points do not determine the curves.
pub fn assess(
    setup: &Setup,
    channels: &Channels,
    points: &[Point],
    outcome: Outcome,
) -> Result<Vec<Finding>, Error> {
    let standard = setup.standard();
    if outcome != Outcome::Completed {
        return Ok(vec![Finding::barred(outcome, &standard.id)]);
    }
    let accepted: Vec<&Point> = points.iter().filter(|p| p.accepted).collect();
    let reduced: Vec<&Reduced> = accepted.iter().filter_map(|p| p.reduced.as_ref()).collect();
    let unit = reduced
        .first()
        .is_some_and(|r| r.power_kind == PowerKind::MotorInput);

    let mut findings = supply(setup, &reduced)?;
    let mut bars: Vec<Bilingual> = findings
        .iter()
        .filter(|f| f.verdict != Verdict::Pass)
        .filter_map(|f| f.reason.clone())
        .collect();
    findings.extend(test_points(setup, &reduced)?);

    let fitted = match curves(&reduced, &setup.fit) {
        Ok(curves) => curves,
        Err(error) => {
            let mut finding = blank(setup, Item::FlowHead, true);
            finding.reason = Some(Bilingual::new(
                format!("测点不足以确定曲线：{error}"),
                format!("the points do not determine the curves: {error}"),
            ));
            findings.push(finding);
            return Ok(findings);
        }
    };
    let main = judge(setup, &fitted, unit)?;
    let budget = Budget::new(setup, channels, &accepted)?;
    if let Some(budget) = &budget {
        bars.extend(budget.over_limit(standard, setup.class));
    }
    let variants = neighbours(setup, &reduced, unit);

    let judging = Judging {
        setup,
        main: &main,
        variants: &variants,
        budget: budget.as_ref(),
        bar: bars.first(),
    };
    findings.extend(judging.findings(unit));
    Ok(findings)
}

/// A finding without a value, judged by nothing yet.
fn blank(setup: &Setup, item: Item, decisive: bool) -> Finding {
    let standard = setup.standard();
    let (quantity, unit) = match item {
        Item::HeadAtFlow | Item::ShutOffHead => (Quantity::Length, Unit::Metre),
        Item::FlowAtHead => (Quantity::Flow, Unit::CubicMetrePerHour),
        Item::UnitEfficiency | Item::PumpEfficiency => (Quantity::Ratio, Unit::Percent),
        Item::Power => (Quantity::Power, Unit::Kilowatt),
        Item::Frequency => (Quantity::Frequency, Unit::Hertz),
        Item::Voltage => (Quantity::Voltage, Unit::Volt),
        Item::Run | Item::FlowHead | Item::TestPoints => (Quantity::Ratio, Unit::One),
    };
    let evaluation = standard.evaluation().ok();
    Finding {
        item,
        pack: standard.id.clone(),
        clause: evaluation.map(|e| e.clause.clone()).unwrap_or_default(),
        confidence: evaluation
            .map(|e| format!("{:?}", e.confidence))
            .unwrap_or_default(),
        formula: "acceptance.iso9906-2012.v1".into(),
        quantity,
        unit,
        value: None,
        expanded_uncertainty: None,
        limit: None,
        margin: None,
        verdict: Verdict::NotEvaluated,
        decisive,
        reason: None,
        inputs: BTreeMap::new(),
        variants: Vec::new(),
    }
}

/// Frequency and voltage at the motor against their windows, at every accepted point.
fn supply(setup: &Setup, reduced: &[&Reduced]) -> Result<Vec<Finding>, Error> {
    let Some((pack, rule)) = setup
        .packs
        .iter()
        .find_map(|pack| pack.supply().ok().map(|rule| (pack, rule)))
    else {
        return Ok(Vec::new());
    };
    let specimen = &setup.order.specimen;
    let mut findings = Vec::new();
    for (item, rated, quantity, limit, read) in [
        (
            Item::Frequency,
            &specimen.frequency,
            Quantity::Frequency,
            &rule.frequency_pct,
            (|r: &Reduced| r.frequency_hz) as fn(&Reduced) -> Option<f64>,
        ),
        (
            Item::Voltage,
            &specimen.voltage,
            Quantity::Voltage,
            &rule.voltage_pct,
            |r: &Reduced| r.motor_voltage_v,
        ),
    ] {
        let Some(rated) = rated else { continue };
        let rated = rated.internal(quantity).map_err(Error::Config)?;
        let mut worst: Option<(f64, f64, bool)> = None;
        for value in reduced.iter().filter_map(|r| read(r)) {
            let deviation = translate::deviation(value, rated, limit.value)?;
            if worst.is_none_or(|(_, pct, _)| deviation.deviation_pct.abs() > pct.abs()) {
                worst = Some((value, deviation.deviation_pct, deviation.inside));
            }
        }
        let Some((value, deviation_pct, inside)) = worst else {
            continue;
        };
        let mut finding = blank(setup, item, false);
        finding.pack.clone_from(&pack.id);
        finding.clause.clone_from(&rule.clause);
        finding.confidence = format!("{:?}", limit.confidence);
        let (low, high) = (
            rated * (1.0 - limit.value / 100.0),
            rated * (1.0 + limit.value / 100.0),
        );
        finding.value = Some(value);
        finding.limit = Some(Limit {
            low: Some(low),
            high: Some(high),
        });
        finding.margin = Some((value - low).min(high - value));
        finding.inputs.insert("rated".into(), rated);
        finding
            .inputs
            .insert("worst_deviation_pct".into(), deviation_pct);
        if inside {
            finding.verdict = Verdict::Pass;
        } else {
            let (zh, en) = if item == Item::Frequency {
                ("电源频率", "supply frequency")
            } else {
                ("电动机端电压", "voltage at the motor")
            };
            finding.reason = Some(Bilingual::new(
                format!("{zh}偏离额定值超过 ±{} %，不作评价，亦不换算", limit.value),
                format!(
                    "{en} departs from its rating by more than ±{} %: not evaluated and not converted",
                    limit.value
                ),
            ));
        }
        findings.push(finding);
    }
    Ok(findings)
}

/// Number and placing of the points, by every pack of the run that has a rule.
fn test_points(setup: &Setup, reduced: &[&Reduced]) -> Result<Vec<Finding>, Error> {
    let flows: Vec<f64> = reduced.iter().map(|r| r.flow_m3_s).collect();
    let mut findings = Vec::new();
    for pack in &setup.packs {
        let Ok(rule) = pack.points() else { continue };
        let type_test = rule.type_test_minimum.is_some();
        let placement = rule.judge(&flows, setup.flow_m3_s, type_test)?;
        let mut finding = blank(setup, Item::TestPoints, false);
        finding.pack.clone_from(&pack.id);
        finding.clause.clone_from(&rule.clause);
        let minimum = if type_test {
            &rule.type_test_minimum
        } else {
            &rule.minimum
        };
        if let Some(minimum) = minimum {
            finding.confidence = format!("{:?}", minimum.confidence);
            finding.limit = Some(Limit {
                low: Some(minimum.value),
                high: None,
            });
            finding.margin = Some(count(flows.len()) - minimum.value);
        }
        finding.value = Some(count(flows.len()));
        finding
            .inputs
            .insert("points_just_below".into(), count(placement.below));
        finding
            .inputs
            .insert("points_just_above".into(), count(placement.above));
        finding.verdict = match (placement.number, placement.placement) {
            (Verdict::NotEvaluated, other) | (other, Verdict::NotEvaluated) => other,
            (a, b) => Verdict::all([a, b]),
        };
        findings.push(finding);
    }
    Ok(findings)
}

#[expect(clippy::cast_precision_loss, reason = "a count of test points")]
fn count(n: usize) -> f64 {
    n as f64
}

/// Judges `fitted` against the guarantee.
fn judge(setup: &Setup, fitted: &AssessedCurves, unit: bool) -> Result<Assessment, Error> {
    let standard = setup.standard();
    let g = &setup.order.guarantee;
    let efficiency = if unit {
        &g.unit_efficiency
    } else {
        &g.pump_efficiency
    };
    let internal = |m: &Option<dutypoint_model::Measure>, quantity| {
        m.as_ref()
            .map(|m| m.internal(quantity).map_err(Error::Config))
            .transpose()
    };
    Ok(accept::assess(
        standard.evaluation()?,
        &setup.tolerance,
        &Guarantee {
            flow_m3_s: setup.flow_m3_s,
            head_m: setup.head_m,
            efficiency: internal(efficiency, Quantity::Ratio)?,
            power_w: internal(&g.power, Quantity::Power)?,
            shutoff_head_m: None,
        },
        &accept::Curves {
            head: &fitted.head,
            power: Some(&fitted.power),
            efficiency: Some(&fitted.efficiency),
        },
    )?)
}

/// Another fit of the same points, and what it would have meant.
struct Neighbour {
    fit: String,
    admissible: bool,
    assessment: Option<Assessment>,
}

/// One degree down and up for all curves together, and the other way to efficiency.
fn neighbours(setup: &Setup, reduced: &[&Reduced], unit: bool) -> Vec<Neighbour> {
    let chosen = &setup.fit;
    let shifted = |by: isize| -> Option<FitChoice> {
        let shift = |degree: usize| degree.checked_add_signed(by).filter(|d| *d >= 1);
        Some(FitChoice {
            head_degree: shift(chosen.head_degree)?,
            power_degree: shift(chosen.power_degree)?,
            efficiency_degree: match chosen.efficiency_degree {
                Some(degree) => Some(shift(degree)?),
                None => None,
            },
            reason: Bilingual::default(),
        })
    };
    let other_efficiency = FitChoice {
        efficiency_degree: match chosen.efficiency_degree {
            Some(_) => None,
            None => Some(chosen.head_degree),
        },
        ..chosen.clone()
    };
    let rule = setup.standard().fit().ok();
    [shifted(-1), shifted(1), Some(other_efficiency)]
        .into_iter()
        .flatten()
        .map(|fit| {
            let admissible = rule.is_some_and(|rule| {
                [Some(fit.head_degree), Some(fit.power_degree), fit.efficiency_degree]
                    .into_iter()
                    .flatten()
                    .all(|degree| rule.admissible(degree, reduced.len()).is_ok())
                    // The pack says where efficiency comes from, unless the order departs.
                    && fit.efficiency_degree.is_some() == chosen.efficiency_degree.is_some()
            });
            Neighbour {
                fit: fit_name(&fit),
                admissible,
                assessment: curves(reduced, &fit)
                    .and_then(|curves| judge(setup, &curves, unit))
                    .ok(),
            }
        })
        .collect()
}

/// The fit in words that need no translation.
fn fit_name(fit: &FitChoice) -> String {
    let efficiency = match fit.efficiency_degree {
        Some(degree) => format!("η{degree}"),
        None => "η=ρgQH/P".into(),
    };
    format!("H{} P{} {efficiency}", fit.head_degree, fit.power_degree)
}

struct Judging<'a> {
    setup: &'a Setup,
    main: &'a Assessment,
    variants: &'a [Neighbour],
    budget: Option<&'a Budget>,
    bar: Option<&'a Bilingual>,
}

impl Judging<'_> {
    fn findings(&self, unit: bool) -> Vec<Finding> {
        let cross = self
            .setup
            .standard()
            .evaluation()
            .is_ok_and(|e| e.flow_and_head == FlowHeadRule::ToleranceCross);
        let head_u = |b: &Budget, v: f64| v * b.head_pct / 100.0;
        let mut findings =
            vec![self.item(Item::HeadAtFlow, !cross, head_u, |a| Some(a.flow_head.head))];
        if cross {
            findings.push(self.item(
                Item::FlowAtHead,
                false,
                |b, v| v * b.flow_pct / 100.0,
                |a| a.flow_head.flow,
            ));
            findings.push(self.cross(&findings));
        }
        let efficiency = if unit {
            Item::UnitEfficiency
        } else {
            Item::PumpEfficiency
        };
        let u = |b: &Budget, v: f64| v * b.efficiency_pct / 100.0;
        if self.main.efficiency.is_some() {
            findings.push(self.item(efficiency, true, u, |a| a.efficiency));
        } else {
            // Not guaranteed, but read and told.
            let mut finding = self.item(efficiency, false, u, |a| {
                Some(unjudged(a.read.and_then(|r| r.efficiency)?))
            });
            finding.reason = Some(Bilingual::new(
                "委托单未保证效率",
                "no efficiency is guaranteed",
            ));
            findings.push(finding);
        }
        if self.main.power.is_some() {
            findings.push(self.item(
                Item::Power,
                true,
                |b, v| v * b.power_pct / 100.0,
                |a| a.power,
            ));
        }
        for finding in &mut findings {
            if let Some(read) = self.main.read {
                finding
                    .inputs
                    .insert("read_at_flow_m3_s".into(), read.flow_m3_s);
                finding.inputs.insert("read_at_head_m".into(), read.head_m);
            }
            finding
                .inputs
                .insert("guaranteed_flow_m3_s".into(), self.setup.flow_m3_s);
            finding
                .inputs
                .insert("guaranteed_head_m".into(), self.setup.head_m);
        }
        findings
    }

    fn item(
        &self,
        item: Item,
        decisive: bool,
        expanded: fn(&Budget, f64) -> f64,
        read: impl Fn(&Assessment) -> Option<Judged>,
    ) -> Finding {
        let mut finding = blank(self.setup, item, decisive);
        finding.clause = clause(self.setup, &finding.clause);
        if let Some(judged) = read(self.main) {
            fill(&mut finding, &judged);
            if let Some(confidence) = confidence(&self.setup.tolerance, item) {
                finding.confidence = confidence;
            }
        }
        finding.expanded_uncertainty = finding
            .value
            .and_then(|value| self.budget.map(|budget| expanded(budget, value)));
        finding.variants = self.variants_of(|a| {
            read(a).map_or((None, Verdict::NotEvaluated), |j| (j.value, j.verdict))
        });
        self.finish(finding)
    }

    /// Flow and head together: either one inside its tolerance is enough.
    fn cross(&self, parts: &[Finding]) -> Finding {
        let mut finding = blank(self.setup, Item::FlowHead, true);
        finding.clause = clause(self.setup, &finding.clause);
        finding.verdict = self.main.flow_head.verdict;
        if let Some(confidence) = confidence(&self.setup.tolerance, Item::FlowHead) {
            finding.confidence = confidence;
        }
        for (part, key) in parts.iter().zip(["head_at_flow_m", "flow_at_head_m3_s"]) {
            if let Some(value) = part.value {
                finding.inputs.insert(key.into(), value);
            }
        }
        finding.variants = self.variants_of(|a| (None, a.flow_head.verdict));
        self.finish(finding)
    }

    fn variants_of(&self, read: impl Fn(&Assessment) -> (Option<f64>, Verdict)) -> Vec<FitVariant> {
        self.variants
            .iter()
            .filter_map(|neighbour| {
                let (value, verdict) = read(neighbour.assessment.as_ref()?);
                Some(FitVariant {
                    fit: neighbour.fit.clone(),
                    value,
                    verdict,
                    admissible: neighbour.admissible,
                })
            })
            .collect()
    }

    /// Applies what overrules the numbers: a gate that was not met, or a verdict that an
    /// admissible neighbour of the fit would turn round.
    fn finish(&self, mut finding: Finding) -> Finding {
        let judged = matches!(finding.verdict, Verdict::Pass | Verdict::Fail);
        if let (true, Some(bar)) = (judged, self.bar) {
            finding.verdict = Verdict::NotEvaluated;
            finding.reason = Some(bar.clone());
        } else if judged {
            let flipped = finding.variants.iter().find(|v| {
                v.admissible
                    && matches!(v.verdict, Verdict::Pass | Verdict::Fail)
                    && v.verdict != finding.verdict
            });
            if let Some(other) = flipped {
                let fit = &other.fit;
                finding.reason = Some(Bilingual::new(
                    format!("结论取决于拟合次数：{fit} 给出相反结论；请在规定流量 ±5 % 内补测两点"),
                    format!(
                        "depends on the fit: {fit} gives the opposite verdict; take two more points within ±5 % of the guaranteed flow"
                    ),
                ));
                finding.verdict = Verdict::Inconclusive;
            }
        }
        finding
    }
}

/// A number that is read but held against nothing.
fn unjudged(value: f64) -> Judged {
    Judged {
        value: Some(value),
        guaranteed: value,
        deviation_pct: None,
        limit_low: None,
        limit_high: None,
        margin_pct: None,
        verdict: Verdict::NotEvaluated,
        reason: accept::Reason::NotInPack,
    }
}

fn fill(finding: &mut Finding, judged: &Judged) {
    finding.value = judged.value;
    finding.verdict = judged.verdict;
    if judged.limit_low.is_some() || judged.limit_high.is_some() {
        finding.limit = Some(Limit {
            low: judged.limit_low,
            high: judged.limit_high,
        });
    }
    finding.margin = judged.value.and_then(|value| {
        let below = judged.limit_low.map(|low| value - low);
        let above = judged.limit_high.map(|high| high - value);
        match (below, above) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, other) => one.or(other),
        }
    });
    let why = match judged.reason {
        accept::Reason::NotReached => Some((
            "曲线在实测范围内未达到",
            "the curve does not reach it inside the measured range",
        )),
        accept::Reason::NotMeasured => Some(("未测量", "not measured")),
        accept::Reason::NotInPack => Some(("标准数据包未给出限值", "the pack states no limit")),
        accept::Reason::Inside | accept::Reason::Touching | accept::Reason::Outside => None,
    };
    finding.reason = why.map(|(zh, en)| Bilingual::new(zh, en));
}

/// The clause of the rule and of the grade's tolerances.
fn clause(setup: &Setup, rule: &str) -> String {
    let tolerance = &setup.tolerance.clause;
    if tolerance == rule || rule.contains(tolerance.as_str()) {
        rule.to_owned()
    } else {
        format!("{rule}; {tolerance}")
    }
}

/// Confidence of the tolerance an item is held against.
fn confidence(tolerance: &Tolerance, item: Item) -> Option<String> {
    let band = |b: &Option<dutypoint_hydraulics::pack::CitedBand>| b.as_ref().map(|b| b.confidence);
    let one = |c: &Option<dutypoint_hydraulics::pack::Cited>| c.as_ref().map(|c| c.confidence);
    let confidence = match item {
        Item::HeadAtFlow | Item::FlowHead => band(&tolerance.head_pct),
        Item::FlowAtHead => band(&tolerance.flow_pct),
        Item::UnitEfficiency | Item::PumpEfficiency => one(&tolerance.efficiency_min_pct),
        Item::Power => one(&tolerance.power_max_pct),
        Item::ShutOffHead => band(&tolerance.shutoff_head_pct),
        Item::Run | Item::Frequency | Item::Voltage | Item::TestPoints => None,
    };
    confidence.map(|c| format!("{c:?}"))
}

/// Overall relative uncertainties (k = 2, about 95 %) at the point nearest the guarantee.
struct Budget {
    flow_pct: f64,
    head_pct: f64,
    power_pct: f64,
    efficiency_pct: f64,
}

impl Budget {
    /// None for a run whose instruments are unknown (an import).
    fn new(setup: &Setup, channels: &Channels, accepted: &[&Point]) -> Result<Option<Self>, Error> {
        let mut nearest: Option<(&Point, &Reduced)> = None;
        for point in accepted {
            let Some(reduced) = &point.reduced else {
                continue;
            };
            let away = |r: &Reduced| (r.flow_m3_s - setup.flow_m3_s).abs();
            if nearest.is_none_or(|(_, best)| away(reduced) < away(best)) {
                nearest = Some((point, reduced));
            }
        }
        let (Some((point, reduced)), false) = (nearest, channels.channels.is_empty()) else {
            return Ok(None);
        };
        let flow_pct = role_pct(channels, point, Role::Flow, reduced.flow_m3_s)?;
        let power_pct = role_pct(channels, point, Role::InputPower, reduced.power_w)?;
        // A pressure error moves the head by dp/(ρ g), a level error one to one.
        let pressure_per_m = reduced.density_kg_m3 * reduced.gravity_m_s2;
        let head_pct = uncertainty::root_sum_square(&[
            role_pct(
                channels,
                point,
                Role::OutletPressure,
                reduced.head_m * pressure_per_m,
            )?,
            role_pct(channels, point, Role::WaterLevel, reduced.head_m)?,
        ])?;
        Ok(Some(Self {
            flow_pct,
            head_pct,
            power_pct,
            efficiency_pct: uncertainty::unit_efficiency_pct(flow_pct, head_pct, power_pct)?,
        }))
    }

    /// What exceeds the overall uncertainty the pack permits, in words.
    fn over_limit(&self, standard: &Standard, class: u8) -> Vec<Bilingual> {
        [
            (Measured::Flow, self.flow_pct, Role::Flow.text()),
            (
                Measured::TotalHead,
                self.head_pct,
                Bilingual::new("扬程", "head"),
            ),
            (
                Measured::InputPower,
                self.power_pct,
                Role::InputPower.text(),
            ),
            (
                Measured::UnitEfficiency,
                self.efficiency_pct,
                Item::UnitEfficiency.text(),
            ),
        ]
        .into_iter()
        .filter_map(|(measured, value, name)| {
            // A limit the pack does not state bars nothing.
            let limit = standard.overall_uncertainty_pct(measured, class).ok()?;
            (value > limit).then(|| {
                Bilingual::new(
                    format!("{}的总不确定度 {value:.2} % 超过允许值 {limit} %", name.zh),
                    format!(
                        "overall uncertainty of {} {value:.2} % exceeds the permitted {limit} %",
                        name.en.to_lowercase()
                    ),
                )
            })
        })
        .collect()
    }
}

/// Relative overall uncertainty that the channels of `role` bring into a quantity worth
/// `reference` in the channel's internal unit: calibration and scatter of the mean.
fn role_pct(channels: &Channels, point: &Point, role: Role, reference: f64) -> Result<f64, Error> {
    let mut parts = Vec::new();
    for channel in channels.channels.iter().filter(|c| c.role == role) {
        let Some(shown) = point.channels.iter().find(|s| s.channel == channel.name) else {
            continue;
        };
        let calibration = &channel.instrument.calibration;
        let [low, high] = channel.instrument.range;
        let span = channel.unit.to_internal(high) - channel.unit.to_internal(low);
        let systematic = uncertainty::root_sum_square(&[
            calibration.u_reading_pct / 100.0 * shown.mean,
            calibration.u_range_pct / 100.0 * span,
        ])?;
        let samples = usize::try_from(shown.samples).unwrap_or(usize::MAX);
        let random = if samples >= 3 {
            stats::student_t_95(samples)? * shown.sd / count(samples).sqrt()
        } else {
            0.0
        };
        parts.push(uncertainty::overall_pct(
            100.0 * random / reference.abs(),
            100.0 * systematic / reference.abs(),
        )?);
    }
    if parts.is_empty() {
        return Err(Error::Missing(role));
    }
    Ok(uncertainty::root_sum_square(&parts)?)
}
