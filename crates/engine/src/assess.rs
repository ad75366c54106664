//! Points to findings: the gates first, then every guaranteed quantity, each with what
//! the neighbouring degrees of the fit would have given.

mod energy;
mod finding;
mod fit;
mod gates;
mod instruments;
mod measured;
mod mei;
mod neighbours;
mod permitted;
mod sources;
mod speed;
mod supply;

use crate::{Error, Setup, translation};
use dutypoint_hydraulics::accept::{
    self, Assessment, Guarantee, Judged, RelativeUncertainty, Uncertainties,
};
use dutypoint_hydraulics::curve::{Curve, Efficiency};
use dutypoint_hydraulics::pack::FlowHeadRule;
use dutypoint_model::document::{Channels, Finding, FitVariant, Item, Point, PowerKind, Reduced};
use dutypoint_model::{Bilingual, Outcome, Quantity, Verdict};
use finding::{blank, clause, confidence, fill, unjudged};
use fit::Fit;
use gates::test_points;
pub(crate) use instruments::ZeroCheck;
use neighbours::{Neighbour, neighbours};
pub(crate) use permitted::systematic_pct;
use sources::Sources;
use sources::rows::{Rows, pairs};
pub(crate) use supply::{Seen, supply};

/// Shares of the guaranteed flow at which two more points are taken where a verdict depends
/// on the fit: inside ±5 %, with the tolerance of a bench's flow.
pub(crate) const MORE_FLOWS: [f64; 2] = [0.97, 1.03];

/// What is asked for where a verdict depends on the fit.
pub(crate) fn more_points() -> Bilingual {
    Bilingual::new(
        "结论取决于拟合次数，在规定流量 ±5 % 内补测两点",
        "a verdict depends on the fit: two more points within ±5 % of the guaranteed flow",
    )
}

/// Whether what is guaranteed would be left open because admissible fits disagree.
pub(crate) fn depends_on_fit(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| {
        finding.decisive
            && finding.verdict == Verdict::Inconclusive
            && finding
                .variants
                .iter()
                .any(|v| v.admissible && matches!(v.verdict, Verdict::Pass | Verdict::Fail))
    })
}

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

/// The curves of a run through its accepted points, by the rule frozen before its start.
///
/// # Errors
/// [`Error::Hydraulics`] when the points do not determine the curves.
pub fn curves(
    setup: &Setup,
    channels: &Channels,
    accepted: &[&Point],
) -> Result<AssessedCurves, Error> {
    let judged = translation::judged(accepted);
    let points = pairs(accepted, &judged);
    let rows = Rows::new(setup, channels, &points)?;
    let reduced: Vec<&Reduced> = judged.iter().collect();
    Fit::new(&setup.fit, &points, rows.as_ref())?.curves(&reduced)
}

/// Why the points cannot be true: no pump gives more than it takes. A wrong unit or a power
/// of ten shows here first.
fn impossible(accepted: &[&Point]) -> Option<Bilingual> {
    let (number, efficiency) = accepted
        .iter()
        .filter_map(|p| Some((p.number, p.reduced.as_ref()?.efficiency)))
        .filter(|(_, efficiency)| *efficiency > 1.0)
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    let pct = 100.0 * efficiency;
    Some(Bilingual::new(
        format!("第 {number} 点效率为 {pct:.1} %，超过 100 %：请核对流量、压力、功率及其单位"),
        format!(
            "point {number} has an efficiency of {pct:.1} %, above 100 %: check flow, pressures, power and their units"
        ),
    ))
}

/// The findings of a run that ended with `outcome`.
///
/// A run that did not complete is not judged. Where frequency or voltage left their
/// windows, number or place of the points is not what the rule asks, or an uncertainty
/// exceeds what the grade permits, the guarantee is `NotEvaluated`: these are conditions of
/// the test, not properties of the pump, and values are never converted silently.
///
/// # Errors
/// [`Error::Hydraulics`] when the points do not determine the curves.
pub fn assess(
    setup: &Setup,
    channels: &Channels,
    points: &[Point],
    outcome: Outcome,
) -> Result<Vec<Finding>, Error> {
    assess_checked(setup, channels, None, points, outcome)
}

/// As [`assess`], with the zeros of the instruments behind the run.
pub(crate) fn assess_checked(
    setup: &Setup,
    channels: &Channels,
    zeros: Option<&[ZeroCheck]>,
    points: &[Point],
    outcome: Outcome,
) -> Result<Vec<Finding>, Error> {
    let standard = setup.standard();
    if outcome != Outcome::Completed {
        return Ok(vec![Finding::barred(outcome, &standard.id)]);
    }
    let accepted: Vec<&Point> = points.iter().filter(|p| p.accepted).collect();
    let judged = translation::judged(&accepted);
    let reduced: Vec<&Reduced> = judged.iter().collect();
    let unit = reduced
        .first()
        .is_some_and(|r| r.power_kind == PowerKind::MotorInput);

    let seen: Vec<Seen<'_>> = accepted
        .iter()
        .filter_map(|point| Seen::point(channels, point))
        .collect();
    let mut findings = supply(setup, &seen)?;
    findings.extend(speed::speed(setup, &accepted)?);
    findings.extend(test_points(setup, &reduced)?);
    let points = pairs(&accepted, &judged);
    let rows = Rows::new(setup, channels, &points)?;
    findings.extend(instruments::instruments(setup, channels, zeros, &points));
    findings.extend(gates::uncertainty(setup, rows.as_ref(), &accepted)?);
    let mut bars: Vec<Bilingual> = findings
        .iter()
        .filter(|f| f.verdict != Verdict::Pass)
        .filter_map(|f| f.reason.clone())
        .collect();
    bars.extend(impossible(&accepted));
    bars.extend(speed::untranslated(setup, &accepted));

    let fit = Fit::new(&setup.fit, &points, rows.as_ref());
    let fit = fit.and_then(|fit| Ok((fit.curves(&reduced)?, fit)));
    let (fitted, fit) = match fit {
        Ok(fitted) => fitted,
        Err(error) => {
            let mut finding = blank(setup, Item::FlowHead, true);
            finding.reason = Some(Bilingual::new(
                format!("测点不足以确定曲线：{error}"),
                format!("the points do not determine the curves: {error}"),
            ));
            findings.push(finding);
            findings.extend(measured::not_tested(setup));
            return Ok(findings);
        }
    };
    let plain = judge(setup, &fitted, unit, &Uncertainties::default())?;
    let sources = Sources::new(setup, rows.as_ref(), &points, &fit, &fitted);
    // A decision rule with a guard band judges by the uncertainty of each value.
    let known = sources
        .as_ref()
        .map(|sources| expanded(setup, sources, &plain));
    let known = known.transpose()?.unwrap_or_default();
    let main = judge(setup, &fitted, unit, &known)?;
    let variants = neighbours(setup, &fit, &reduced, unit, &known);

    let judging = Judging {
        setup,
        fit: &fit,
        fitted: &fitted,
        main: &main,
        variants: &variants,
        sources,
        bar: bars.first(),
        efficiency_bar: speed::efficiency_changed(setup, &accepted),
        points: reduced.len(),
        more_taken: setup.order.programme.as_ref().is_some_and(|programme| {
            let planned = programme.flows.len();
            let more = accepted.iter().filter(|p| p.number as usize > planned);
            more.count() >= MORE_FLOWS.len()
        }),
        other_cable: other_cable(&fit, &reduced),
    };
    findings.extend(judging.findings(unit));
    findings.extend(judging.energy_grades(&reduced, unit)?);
    findings.extend(judging.mei(&reduced, unit)?);
    findings.extend(judging.measured(&reduced, unit)?);
    findings.extend(measured::not_tested(setup));
    Ok(findings)
}

#[expect(clippy::cast_precision_loss, reason = "a count of test points")]
fn count(n: usize) -> f64 {
    n as f64
}

/// Judges `fitted` against the guarantee.
fn judge(
    setup: &Setup,
    fitted: &AssessedCurves,
    unit: bool,
    known: &Uncertainties,
) -> Result<Assessment, Error> {
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
            shutoff_head_m: internal(&g.shutoff_head, Quantity::Length)?,
        },
        &accept::Curves {
            head: &fitted.head,
            power: Some(&fitted.power),
            efficiency: Some(&fitted.efficiency),
        },
        known,
    )?)
}

/// The uncertainty of each value that a guarantee is held against, as its finding states it.
fn expanded(setup: &Setup, sources: &Sources, main: &Assessment) -> Result<Uncertainties, Error> {
    let read_at = main.read.map_or(setup.flow_m3_s, |read| read.flow_m3_s);
    let of = |at_flow_m3_s: f64, read: fn(&Assessment) -> Option<f64>| {
        let Some(value) = read(main).filter(|value| *value != 0.0) else {
            return Ok(None);
        };
        let found = sources.of(value, at_flow_m3_s, |_, a| read(a))?;
        Ok::<_, Error>(found.map(|(expanded, budget)| RelativeUncertainty {
            pct: 100.0 * expanded / value.abs(),
            k: budget.coverage_factor,
        }))
    };
    let flow = |a: &Assessment| a.flow_head.flow?.value;
    Ok(Uncertainties {
        flow: of(flow(main).unwrap_or(setup.flow_m3_s), flow)?,
        head: of(setup.flow_m3_s, |a| a.flow_head.head.value)?,
        efficiency: of(read_at, |a| a.efficiency?.value)?,
        power: of(read_at, |a| a.power?.value)?,
    })
}

struct Judging<'a> {
    setup: &'a Setup,
    fit: &'a Fit,
    fitted: &'a AssessedCurves,
    main: &'a Assessment,
    variants: &'a [Neighbour],
    sources: Option<Sources>,
    bar: Option<&'a Bilingual>,
    /// What bars the efficiency alone.
    efficiency_bar: Option<Bilingual>,
    /// Number of points the curves are fitted to.
    points: usize,
    /// Whether the two more points that a dependence on the fit asks for were taken.
    more_taken: bool,
    /// The efficiency with the cable's loss treated the other way; none without a cable.
    other_cable: Option<OtherCable>,
}

/// The curves with the cable's loss removed where the judged ones keep it, or the reverse.
struct OtherCable {
    efficiency: Efficiency,
    /// Whether the judged curves are those without the loss.
    removed: bool,
}

fn other_cable(fit: &Fit, reduced: &[&Reduced]) -> Option<OtherCable> {
    let removed = reduced.first()?.cable_loss_removed;
    let mut others = Vec::new();
    for point in reduced {
        let loss_w = point.cable_loss_w?;
        let power_w = if removed {
            point.power_w + loss_w
        } else {
            point.power_w - loss_w
        };
        others.push(Reduced {
            power_w,
            efficiency: point.efficiency * point.power_w / power_w,
            ..(*point).clone()
        });
    }
    let others: Vec<&Reduced> = others.iter().collect();
    Some(OtherCable {
        efficiency: fit.curves(&others).ok()?.efficiency,
        removed,
    })
}

impl Judging<'_> {
    fn findings(&self, unit: bool) -> Vec<Finding> {
        let cross = self
            .setup
            .standard()
            .evaluation()
            .is_ok_and(|e| e.flow_and_head == FlowHeadRule::ToleranceCross);
        let mut findings = vec![self.item(Item::HeadAtFlow, !cross, |a| Some(a.flow_head.head))];
        if cross {
            findings.push(self.item(Item::FlowAtHead, false, |a| a.flow_head.flow));
            findings.push(self.cross(&findings));
        }
        let efficiency = if unit {
            Item::UnitEfficiency
        } else {
            Item::PumpEfficiency
        };
        if self.main.efficiency.is_some() {
            let mut finding = self.item(efficiency, true, |a| a.efficiency);
            self.tell_cable(&mut finding);
            findings.push(finding);
        } else {
            // Not guaranteed, but read and told.
            let mut finding = self.item(efficiency, false, |a| {
                Some(unjudged(a.read.and_then(|r| r.efficiency)?))
            });
            finding.reason = Some(Bilingual::new(
                "委托单未保证效率",
                "no efficiency is guaranteed",
            ));
            self.tell_cable(&mut finding);
            findings.push(finding);
        }
        if self.main.shutoff_head.is_some() {
            findings.push(self.item(Item::ShutOffHead, true, |a| a.shutoff_head));
        }
        if self.main.power.is_some() {
            let power = if unit { Item::InputPower } else { Item::Power };
            findings.push(self.item(power, true, |a| a.power));
        }
        for finding in &mut findings {
            finding.inputs.extend(self.traced());
        }
        findings
    }

    /// Tells the efficiency with and without the cable correction; one of them is judged.
    fn tell_cable(&self, finding: &mut Finding) {
        let (Some(other), Some(read)) = (&self.other_cable, self.main.read) else {
            return;
        };
        let (Some(judged), Ok(told)) = (finding.value, other.efficiency.evaluate(read.flow_m3_s))
        else {
            return;
        };
        let (with, without) = if other.removed {
            (judged, told)
        } else {
            (told, judged)
        };
        finding
            .inputs
            .insert("efficiency_with_cable_correction".into(), with);
        finding
            .inputs
            .insert("efficiency_without_cable_correction".into(), without);
        let pct = 100.0 * told;
        finding.because(&if other.removed {
            Bilingual::new(
                format!("判定值已扣除引出线以外电缆的损耗；不扣除为 {pct:.2} %"),
                format!("judged with the loss of the cable beyond the lead removed; {pct:.2} % without"),
            )
        } else {
            Bilingual::new(
                format!("电缆修正的条款尚未核签，判定值未扣除引出线以外电缆的损耗；扣除为 {pct:.2} %"),
                format!("the clause on the cable is not countersigned: judged without removing the loss of the cable beyond the lead; {pct:.2} % with it removed"),
            )
        });
    }

    /// What a judged value follows from: points, fit, and where the curves were read.
    fn traced(&self) -> Vec<(String, f64)> {
        let mut inputs = vec![
            ("guaranteed_flow_m3_s", self.setup.flow_m3_s),
            ("guaranteed_head_m", self.setup.head_m),
            ("points", count(self.points)),
        ];
        if let Some(read) = self.main.read {
            inputs.push(("read_at_flow_m3_s", read.flow_m3_s));
            inputs.push(("read_at_head_m", read.head_m));
            if let Ok(power_w) = self.fitted.power.evaluate(read.flow_m3_s) {
                inputs.push(("read_at_power_w", power_w));
            }
        }
        if let Efficiency::FromHeadAndPower(curve) = &self.fitted.efficiency {
            inputs.push(("density_kg_m3", curve.density_kg_m3));
            inputs.push(("gravity_m_s2", curve.gravity_m_s2));
        }
        let named = inputs.into_iter();
        let named = named.map(|(name, value)| (name.into(), value));
        named.chain(self.fit.traced()).collect()
    }

    fn item(
        &self,
        item: Item,
        decisive: bool,
        read: impl Fn(&Assessment) -> Option<Judged>,
    ) -> Finding {
        let mut finding = blank(self.setup, item, decisive);
        finding.clause = clause(self.setup, &finding.clause);
        if let Some(judged) = read(self.main) {
            fill(self.setup, &mut finding, &judged);
            if let Some(confidence) = confidence(&self.setup.tolerance, item) {
                finding.confidence = confidence;
            }
        }
        let at_flow_m3_s = match (item, self.main.read) {
            (Item::ShutOffHead, _) => 0.0,
            (Item::FlowAtHead, _) => finding.value.unwrap_or(self.setup.flow_m3_s),
            (Item::HeadAtFlow, _) | (_, None) => self.setup.flow_m3_s,
            (_, Some(place)) => place.flow_m3_s,
        };
        self.uncertain(&mut finding, at_flow_m3_s, |_, a| read(a)?.value);
        finding.variants = self.variants_of(item, |_, a| {
            read(a).map_or((None, Verdict::NotEvaluated), |j| (j.value, j.verdict))
        });
        self.finish(finding)
    }

    /// Gives a finding the uncertainty of its value, which `read` takes from the curves about
    /// a flow.
    fn uncertain(
        &self,
        finding: &mut Finding,
        at_flow_m3_s: f64,
        read: impl Fn(&AssessedCurves, &Assessment) -> Option<f64>,
    ) {
        let (Some(sources), Some(value)) = (&self.sources, finding.value) else {
            return;
        };
        // What cannot be summed up is not stated; the value stands without it.
        if let Ok(Some((expanded, budget))) = sources.of(value, at_flow_m3_s, read) {
            finding.expanded_uncertainty = Some(expanded);
            finding.budget = Some(budget);
        }
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
        finding.variants = self.variants_of(Item::FlowHead, |_, a| (None, a.flow_head.verdict));
        self.finish(finding)
    }

    fn variants_of(
        &self,
        item: Item,
        read: impl Fn(&AssessedCurves, &Assessment) -> (Option<f64>, Verdict),
    ) -> Vec<FitVariant> {
        let mut variants: Vec<FitVariant> = Vec::new();
        for neighbour in self.variants {
            let variant = neighbour.variant(item, &read);
            // Two that differ in a curve the item does not depend on are one.
            variants.extend(variant.filter(|v| variants.iter().all(|w| w.fit != v.fit)));
        }
        variants
    }

    /// Applies what overrules the numbers: a gate that was not met, or a verdict that an
    /// admissible neighbour of the fit would turn round. What is not evaluated is not
    /// evaluated with another fit either.
    fn finish(&self, mut finding: Finding) -> Finding {
        let own = self.efficiency_bar.as_ref();
        let own = own.filter(|_| neighbours::of_efficiency(finding.item));
        let bar = self.bar.or(own);
        if let (true, Some(bar)) = (finding.verdict != Verdict::NotEvaluated, bar) {
            finding.verdict = Verdict::NotEvaluated;
            finding.reason = Some(bar.clone());
        } else if matches!(finding.verdict, Verdict::Pass | Verdict::Fail) {
            let flipped = finding.variants.iter().find(|v| {
                v.admissible
                    && matches!(v.verdict, Verdict::Pass | Verdict::Fail)
                    && v.verdict != finding.verdict
            });
            if let Some(other) = flipped {
                let fit = &other.fit;
                let (then_zh, then_en) = if self.more_taken {
                    (
                        "已补测两点，仍不能判定",
                        "two more points were taken and do not settle it",
                    )
                } else {
                    (
                        "请在规定流量 ±5 % 内补测两点",
                        "take two more points within ±5 % of the guaranteed flow",
                    )
                };
                finding.reason = Some(Bilingual::new(
                    format!("结论取决于拟合次数：{fit} 给出相反结论；{then_zh}"),
                    format!("depends on the fit: {fit} gives the opposite verdict; {then_en}"),
                ));
                finding.verdict = Verdict::Inconclusive;
            }
        }
        if finding.verdict == Verdict::NotEvaluated {
            for variant in &mut finding.variants {
                variant.verdict = Verdict::NotEvaluated;
            }
        }
        finding
    }
}
