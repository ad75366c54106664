//! Findings as blanks, and what fills them.

use crate::Setup;
use dutypoint_hydraulics::accept::{self, Judged};
use dutypoint_hydraulics::pack::{Cited, CitedBand, FlowHeadRule, Tolerance};
use dutypoint_hydraulics::percent::RelativePercent;
use dutypoint_model::document::{Finding, Item, Limit};
use dutypoint_model::{Bilingual, Quantity, Unit, Verdict};
use std::collections::BTreeMap;

/// A finding without a value, judged by nothing yet.
pub(super) fn blank(setup: &Setup, item: Item, decisive: bool) -> Finding {
    let standard = setup.standard();
    let (quantity, unit) = match item {
        Item::HeadAtFlow | Item::ShutOffHead => (Quantity::Length, Unit::Metre),
        Item::FlowAtHead => (Quantity::Flow, Unit::CubicMetrePerHour),
        Item::UnitEfficiency | Item::PumpEfficiency => (Quantity::Ratio, Unit::Percent),
        Item::Power => (Quantity::Power, Unit::Kilowatt),
        Item::Frequency => (Quantity::Frequency, Unit::Hertz),
        Item::Voltage => (Quantity::Voltage, Unit::Volt),
        Item::InputPower | Item::MotorLoad => (Quantity::Power, Unit::Kilowatt),
        Item::Current => (Quantity::Current, Unit::Ampere),
        Item::Speed => (Quantity::Speed, Unit::RevolutionPerMinute),
        Item::Slip
        | Item::VoltageUnbalance
        | Item::VoltageThd
        | Item::PowerBalance
        | Item::Uncertainty
        | Item::Instruments
        | Item::EnergyGrade1
        | Item::EnergyGrade2
        | Item::EnergyGrade3
        | Item::MeiBestEfficiency
        | Item::MeiPartLoad
        | Item::MeiOverload => (Quantity::Ratio, Unit::Percent),
        Item::Run | Item::FlowHead | Item::TestPoints | Item::PowerFactor | Item::NotTested => {
            (Quantity::Ratio, Unit::One)
        }
    };
    let evaluation = standard.evaluation().ok();
    Finding {
        item,
        pack: standard.id.clone(),
        clause: evaluation.map(|e| e.clause.clone()).unwrap_or_default(),
        confidence: evaluation
            .map(|e| e.confidence.to_string())
            .unwrap_or_default(),
        formula: match evaluation.map(|e| e.flow_and_head) {
            Some(FlowHeadRule::Ellipse) => "acceptance.ellipse.v1",
            _ => "acceptance.iso9906-2012.v1",
        }
        .into(),
        quantity,
        unit,
        value: None,
        expanded_uncertainty: None,
        budget: None,
        limit: None,
        margin: None,
        verdict: Verdict::NotEvaluated,
        decisive,
        reason: None,
        inputs: BTreeMap::new(),
        variants: Vec::new(),
    }
}

/// A number that is read but held against nothing.
pub(super) fn unjudged(value: f64) -> Judged {
    Judged {
        value: Some(value),
        guaranteed: value,
        compared: None,
        deviation_pct: None,
        limit_low: None,
        limit_high: None,
        margin_pct: None,
        expanded: None,
        conformity: None,
        probability: None,
        verdict: Verdict::NotEvaluated,
        reason: accept::Reason::NotInPack,
    }
}

pub(super) fn fill(setup: &Setup, finding: &mut Finding, judged: &Judged) {
    finding.value = judged.value;
    finding.verdict = judged.verdict;
    if judged.limit_low.is_some() || judged.limit_high.is_some() {
        finding.limit = Some(Limit {
            low: judged.limit_low,
            high: judged.limit_high,
        });
    }
    finding.margin = judged.compared.or(judged.value).and_then(|compared| {
        let below = judged.limit_low.map(|low| compared - low);
        let above = judged.limit_high.map(|high| high - compared);
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
        accept::Reason::GuardBand => Some((
            "落在判定规则的保护带内",
            "inside the guard band of the decision rule",
        )),
        accept::Reason::NoUncertainty => Some((
            "判定规则需要测量不确定度，而不确定度未知",
            "the decision rule needs an uncertainty, and none is known",
        )),
        accept::Reason::Inside
        | accept::Reason::Touching
        | accept::Reason::Outside
        | accept::Reason::DependsOnTheFit => None,
    };
    finding.reason = why.map(|(zh, en)| Bilingual::new(zh, en));
    let intervals = setup.standard().evaluation().ok().and_then(|e| e.rounded);
    let rounded = intervals.and_then(|intervals| match finding.item {
        Item::FlowAtHead => Some(intervals.flow()),
        Item::HeadAtFlow | Item::ShutOffHead => Some(intervals.head()),
        Item::UnitEfficiency | Item::PumpEfficiency => Some(intervals.efficiency()),
        Item::Power | Item::InputPower => Some(intervals.power()),
        _ => None,
    });
    if let (Some(compared), Some(rounded)) = (judged.compared, rounded) {
        let printed = rounded.print(compared);
        finding.inputs.insert("compared_value".into(), compared);
        finding.because(&Bilingual::new(
            format!("按修约值 {printed} 比较"),
            format!("compared by its rounded value {printed}"),
        ));
    }
}

/// The clause of the rule and of the grade's tolerances.
pub(super) fn clause(setup: &Setup, rule: &str) -> String {
    let tolerance = &setup.tolerance.clause;
    if tolerance == rule || rule.contains(tolerance.as_str()) {
        rule.to_owned()
    } else {
        format!("{rule}; {tolerance}")
    }
}

/// Confidence of the tolerance an item is held against.
pub(super) fn confidence(tolerance: &Tolerance, item: Item) -> Option<String> {
    let band = |b: &Option<CitedBand<RelativePercent>>| b.as_ref().map(|b| b.confidence);
    let one = |c: &Option<Cited<RelativePercent>>| c.as_ref().map(|c| c.confidence);
    let confidence = match item {
        Item::HeadAtFlow | Item::FlowHead => band(&tolerance.head_pct),
        Item::FlowAtHead => band(&tolerance.flow_pct),
        Item::UnitEfficiency | Item::PumpEfficiency => one(&tolerance.efficiency_min_pct),
        Item::Power | Item::InputPower => one(&tolerance.power_max_pct),
        Item::ShutOffHead => band(&tolerance.shutoff_head_pct),
        _ => None,
    };
    confidence.map(|c| c.to_string())
}
