//! The gates before any judgement: number and placing of points, uncertainty at the
//! guarantee point. Those of the supply are in [`super::supply`].
//!
//! A gate is a condition of the test, no property of the pump. One that is not met never
//! fails the pump: it is NotEvaluated with the reason, and so is the guarantee.

use super::permitted::{AtPoint, Held};
use super::sources::nearest;
use super::sources::rows::{Rows, pairs};
use super::{blank, count};
use crate::config::TestKind;
use crate::{Error, Setup};
use dutypoint_hydraulics::limit;
use dutypoint_hydraulics::pack::{Placement, PointRule, TestOf};
use dutypoint_model::document::{Finding, Item, Limit, Point, Reduced};
use dutypoint_model::{Bilingual, Verdict};

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
        let test = match (type_test, setup.order.specimen.kind.starts_open()) {
            (false, _) => TestOf::Acceptance,
            (true, false) => TestOf::Type,
            (true, true) => TestOf::TypeMixedAxial,
        };
        let minimum = rule.least(test, setup.class);
        let placement = rule.judge(&flows, setup.flow_m3_s, test, setup.class)?;
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
            finding.reason = Some(unmet(rule, &placement, test));
        }
        findings.push(finding);
    }
    Ok(findings)
}

/// What a test lacks in points, and what follows.
fn unmet(rule: &PointRule, placement: &Placement, test: TestOf) -> Bilingual {
    let mut said = Bilingual::default();
    if placement.number == Verdict::Fail {
        let (kind_zh, kind_en) = match test {
            TestOf::Acceptance => ("该条", "this clause"),
            TestOf::Type => ("型式试验", "a type test"),
            TestOf::TypeMixedAxial => (
                "混流、轴流泵型式试验",
                "a type test of a mixed-flow or axial pump",
            ),
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

/// Uncertainty of instruments and results at the point nearest the guarantee against what
/// the grade permits. The finding holds the one nearest its limit, its inputs hold them all;
/// one that exceeds its limit, or an instrument of which nothing is stated, bars the
/// judgement. None for an import, and where the pack limits nothing.
pub(super) fn uncertainty(
    setup: &Setup,
    rows: Option<&Rows>,
    accepted: &[&Point],
) -> Result<Option<Finding>, Error> {
    // As measured: limits of uncertainty are for what was read.
    let of = |p: &&'_ Point| p.reduced.clone();
    let measured: Vec<Reduced> = accepted.iter().filter_map(of).collect();
    let points = pairs(accepted, &measured);
    let (Some(rows), Some(place)) = (rows, nearest(setup, &points)) else {
        return Ok(None);
    };
    let Some((point, here)) = points.get(place) else {
        return Ok(None);
    };
    // Nothing is a share of nothing; such points determine no curve either.
    if [here.flow_m3_s, here.head_m, here.power_w].contains(&0.0) {
        return Ok(None);
    }
    let number = point.number;
    let at = AtPoint::new(rows, &points, place)?;
    let held = at.held(setup.standard(), setup.class);
    let share = |h: &Held<'_>| h.value_pct.map_or(f64::INFINITY, |value| value / h.row_pct);
    let worst = held.iter().reduce(|worst, next| {
        if share(next) > share(worst) {
            next
        } else {
            worst
        }
    });
    let Some(worst) = worst else {
        return Ok(None);
    };
    let mut finding = blank(setup, Item::Uncertainty, true);
    finding.formula = "uncertainty.limits.v2".into();
    finding.clause.clone_from(&worst.row.clause);
    finding.confidence = worst.row.confidence.to_string();
    finding.value = worst.value_pct.map(|pct| pct / 100.0);
    finding.limit = Some(Limit {
        low: None,
        high: Some(worst.row_pct / 100.0),
    });
    finding.margin = worst.value_pct.map(|pct| (worst.row_pct - pct) / 100.0);
    for h in &held {
        let kind = if h.instrument {
            "instrument"
        } else {
            "overall"
        };
        let key = h.key();
        if let Some(pct) = h.value_pct {
            finding.inputs.insert(format!("{kind}_{key}_pct"), pct);
        }
        finding
            .inputs
            .insert(format!("{kind}_{key}_limit_pct"), h.row_pct);
    }
    finding.inputs.insert("at_point".into(), f64::from(number));
    let mut met = true;
    for h in &held {
        let (name, permitted) = (h.text(), h.row_pct);
        match h.value_pct {
            Some(value) if limit::at_most(value, permitted) => continue,
            Some(value) => finding.because(&Bilingual::new(
                format!("{} {value:.2} % 超过允许值 {permitted} %", name.zh),
                format!(
                    "{} {value:.2} % exceeds the permitted {permitted} %",
                    name.en
                ),
            )),
            None => finding.because(&Bilingual::new(
                format!("{}未给出，允许值为 {permitted} %：请填写校准证书的不确定度", name.zh),
                format!(
                    "{} is not stated, permitted are {permitted} %: enter the uncertainty of the calibration certificate",
                    name.en
                ),
            )),
        }
        met = false;
    }
    if met {
        finding.verdict = Verdict::Pass;
        let name = worst.text();
        finding.reason = Some(Bilingual::new(
            format!("第 {number} 点，最接近允许值的是{}", name.zh),
            format!("at point {number}; nearest to its limit: {}", name.en),
        ));
    }
    Ok(Some(finding))
}
