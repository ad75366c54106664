//! The gates before any judgement: the supply's windows, number and placing of points.
//!
//! A gate is a condition of the test, no property of the pump. One that is not met never
//! fails the pump: it is NotEvaluated with the reason, and so is the guarantee.

use super::{blank, count};
use crate::config::TestKind;
use crate::{Error, Setup};
use dutypoint_hydraulics::pack::{Placement, PointRule};
use dutypoint_hydraulics::{limit, power, translate};
use dutypoint_model::document::{Channels, Finding, Item, Limit, Point, Reduced, Role};
use dutypoint_model::{Bilingual, Quantity, Verdict};

/// Frequency and voltage at the motor against their windows, at every accepted point.
pub(crate) fn supply(setup: &Setup, reduced: &[&Reduced]) -> Result<Vec<Finding>, Error> {
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
        let mut finding = blank(setup, item, true);
        finding.formula = "supply.window.v1".into();
        finding.pack.clone_from(&pack.id);
        finding.clause.clone_from(&rule.clause);
        finding.confidence = limit.confidence.to_string();
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

/// Number and placing of the points, by every pack of the run that has a rule for a test
/// of the order's kind.
pub(super) fn test_points(setup: &Setup, reduced: &[&Reduced]) -> Result<Vec<Finding>, Error> {
    let flows: Vec<f64> = reduced.iter().map(|r| r.flow_m3_s).collect();
    let programme = setup.order.programme.as_ref();
    let ordered = programme.is_some_and(|p| p.kind == TestKind::TypeTest);
    let mut findings = Vec::new();
    for pack in &setup.packs {
        let Ok(rule) = pack.points() else { continue };
        let type_test = ordered && rule.type_test_minimum.is_some();
        let minimum = rule.least(type_test, setup.class);
        let placement = rule.judge(&flows, setup.flow_m3_s, type_test, setup.class)?;
        let verdicts = [placement.number, placement.placement];
        let stated = |v: &Verdict| *v != Verdict::NotEvaluated;
        if !verdicts.iter().any(stated) {
            // A rule for type tests alone says nothing about this run.
            continue;
        }
        let mut finding = blank(setup, Item::TestPoints, true);
        finding.formula = "points.number-and-place.v1".into();
        finding.pack.clone_from(&pack.id);
        finding.clause.clone_from(&rule.clause);
        if let Some(minimum) = minimum {
            finding.confidence = minimum.confidence.to_string();
            finding.limit = Some(Limit {
                low: Some(minimum.value),
                high: None,
            });
            finding.margin = Some(count(placement.counted) - minimum.value);
        }
        finding.value = Some(count(placement.counted));
        finding
            .inputs
            .insert("points_just_below".into(), count(placement.below));
        finding
            .inputs
            .insert("points_just_above".into(), count(placement.above));
        let met = Verdict::all(verdicts.into_iter().filter(stated)) == Verdict::Pass;
        if met {
            finding.verdict = Verdict::Pass;
        } else {
            finding.reason = Some(unmet(rule, &placement, type_test));
        }
        findings.push(finding);
    }
    Ok(findings)
}

/// What a test lacks in points, and what follows.
fn unmet(rule: &PointRule, placement: &Placement, type_test: bool) -> Bilingual {
    let mut said = Bilingual::default();
    if placement.number == Verdict::Fail {
        let (kind_zh, kind_en) = if type_test {
            ("型式试验", "a type test")
        } else {
            ("该条", "this clause")
        };
        let n = placement.counted;
        said = Bilingual::new(
            format!("测点 {n} 个，少于{kind_zh}的要求"),
            format!("{n} points are fewer than {kind_en} asks for"),
        );
    }
    if let (Verdict::Fail, Some(below), Some(above)) = (
        placement.placement,
        &rule.below_guarantee_pct,
        &rule.above_guarantee_pct,
    ) {
        let (zh, en) = if said == Bilingual::default() {
            ("", "")
        } else {
            ("；", "; ")
        };
        said.zh += &format!(
            "{zh}规定流量的 {} … {} % 和 {} … {} % 内应各有一个测点，实有 {} 和 {} 个",
            below.low, below.high, above.low, above.high, placement.below, placement.above
        );
        said.en += &format!(
            "{en}one point is needed within {} … {} % of the guaranteed flow and another within {} … {} %, there are {} and {}",
            below.low, below.high, above.low, above.high, placement.below, placement.above
        );
    }
    Bilingual::new(
        format!("{}。这是试验条件而非泵的性能，故保证值不作评价", said.zh),
        format!(
            "{}. This is a condition of the test, no property of the pump: the guarantee is not evaluated",
            said.en
        ),
    )
}

/// Unbalance of the three line voltages at the panel, at every accepted point. It informs:
/// the limit is one of motor tests, and no guarantee hangs on it.
pub(super) fn unbalance(
    setup: &Setup,
    channels: &Channels,
    accepted: &[&Point],
) -> Result<Option<Finding>, Error> {
    let rule = setup.packs.iter().find_map(|pack| {
        let supply = pack.supply().ok()?;
        Some((pack, supply, supply.unbalance_pct.as_ref()?))
    });
    let Some((pack, supply, permitted)) = rule else {
        return Ok(None);
    };
    let mut worst: Option<f64> = None;
    for point in accepted {
        let means: Vec<f64> = channels
            .channels
            .iter()
            .filter(|c| c.role == Role::Voltage)
            .filter_map(|c| point.channels.iter().find(|s| s.channel == c.name))
            .map(|shown| shown.mean)
            .collect();
        // One voltmeter switched through the phases, or phase voltages, tell nothing.
        let Ok(lines) = <[f64; 3]>::try_from(means) else {
            return Ok(None);
        };
        let pct = power::voltage_unbalance_pct(lines)?;
        worst = Some(worst.map_or(pct, |w| w.max(pct)));
    }
    let Some(pct) = worst else { return Ok(None) };
    let mut finding = blank(setup, Item::VoltageUnbalance, false);
    finding.formula = "voltage-unbalance.negative-sequence.v1".into();
    finding.pack.clone_from(&pack.id);
    finding.clause.clone_from(&supply.clause);
    finding.confidence = permitted.confidence.to_string();
    finding.value = Some(pct / 100.0);
    finding.limit = Some(Limit {
        low: None,
        high: Some(permitted.value / 100.0),
    });
    finding.margin = Some((permitted.value - pct) / 100.0);
    if limit::at_most(pct, permitted.value) {
        finding.verdict = Verdict::Pass;
    } else {
        finding.reason = Some(Bilingual::new(
            "超过电动机试验的限值；供参考，保证值的评价不取决于此",
            "exceeds the limit of motor tests; for information, no guarantee depends on it",
        ));
    }
    Ok(Some(finding))
}
