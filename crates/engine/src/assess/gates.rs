//! The gates before any judgement: the supply's windows, number and placing of points.

use super::{blank, count};
use crate::{Error, Setup};
use dutypoint_hydraulics::translate;
use dutypoint_model::document::{Finding, Item, Limit, Reduced};
use dutypoint_model::{Bilingual, Quantity, Verdict};

/// Frequency and voltage at the motor against their windows, at every accepted point.
pub(super) fn supply(setup: &Setup, reduced: &[&Reduced]) -> Result<Vec<Finding>, Error> {
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
pub(super) fn test_points(setup: &Setup, reduced: &[&Reduced]) -> Result<Vec<Finding>, Error> {
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
