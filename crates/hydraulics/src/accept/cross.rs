//! Flow and head at the guarantee point: the tolerance cross, the rated flow, the ellipse.

use super::hold::{Holding, Judged, Reason, band, measured};
use super::{Guarantee, Uncertainties};
use crate::curve::{Curve, nearest};
use crate::decision::Conformity;
use crate::pack::{Evaluation, FlowHeadRule, Intervals, Tolerance};
use crate::rounding::Rounded;
use crate::{Error, check, limit};
use dutypoint_model::Verdict;

/// Flow and head at the guarantee point.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowHead {
    /// Flow at the guaranteed head, m³/s; absent under a rule that judges head only.
    pub flow: Option<Judged>,
    /// Head at the guaranteed flow, m.
    pub head: Judged,
    /// Every flow at which the curve has the guaranteed head; more than one on a curve that
    /// is not monotone.
    pub flows_at_guaranteed_head_m3_s: Vec<f64>,
    /// `(H_G X_H/ΔH)² + (Q_G X_Q/ΔQ)²` under the rule of the ellipse, at least 1 for a pass;
    /// infinite for a curve through the guarantee point. A part that was not measured is
    /// left out, so that the sum is a lower bound.
    pub ellipse_sum: Option<f64>,
    /// The better statement of the two under a non-binary decision rule.
    pub conformity: Option<Conformity>,
    /// Verdict on the two together.
    pub verdict: Verdict,
}

/// Judges flow and head. Under [`FlowHeadRule::ToleranceCross`] the curve passes when it
/// cuts or touches either arm of the cross: the flow limits at the guaranteed head or the
/// head limits at the guaranteed flow. On a curve that crosses the guaranteed head several
/// times, the crossing nearest the guarantee point that lies on the arm is reported, else
/// the nearest one. Source: ISO 9906:2012 4.4.3, reference 5.4 (M3, geometry C2 S1 S4).
///
/// Under [`FlowHeadRule::Ellipse`] `ellipse_sum` decides, and the limits of each item are
/// those of the ellipse at the distance found for the other one: wider than the arms of a
/// cross, and none where the other term alone is enough.
/// Source: ISO 2548:1973 and 3555:1977 by the reference, section 11 (M2), and W14.
///
/// # Errors
/// As [`assess`](super::assess).
pub fn flow_and_head(
    evaluation: &Evaluation,
    tolerance: &Tolerance,
    guarantee: &Guarantee,
    head_curve: &Curve,
    uncertainties: &Uncertainties,
) -> Result<FlowHead, Error> {
    let guaranteed_m3_s = check::positive("guaranteed flow in m³/s", guarantee.flow_m3_s)?;
    let guaranteed_m = check::positive("guaranteed head in m", guarantee.head_m)?;
    let holding = |rounded: fn(Intervals) -> Rounded, known| Holding {
        decision: evaluation.decision,
        rounded: evaluation.rounded.map(rounded),
        known,
    };
    let head_value = measured(head_curve.evaluate(guaranteed_m3_s))?.ok_or(Reason::NotReached);
    let head = holding(Intervals::head, uncertainties.head).hold(
        "guaranteed head in m",
        head_value,
        guaranteed_m,
        band(tolerance.head_pct.as_ref()),
    )?;
    let crossings = head_curve.flows_at(guaranteed_m)?;
    if evaluation.flow_and_head == FlowHeadRule::HeadAtRatedFlow {
        return Ok(FlowHead {
            flow: None,
            verdict: head.verdict,
            conformity: head.conformity,
            ellipse_sum: None,
            head,
            flows_at_guaranteed_head_m3_s: crossings,
        });
    }

    let judge = |value| {
        let limits = band(tolerance.flow_pct.as_ref());
        let holding = holding(Intervals::flow, uncertainties.flow);
        holding.hold("guaranteed flow in m³/s", value, guaranteed_m3_s, limits)
    };
    let mut on_arm = Vec::new();
    for crossing in &crossings {
        if judge(Ok(*crossing))?.verdict == Verdict::Pass {
            on_arm.push(*crossing);
        }
    }
    let reported = nearest(&on_arm, guaranteed_m3_s).or(nearest(&crossings, guaranteed_m3_s));
    let mut flow = judge(reported.ok_or(Reason::NotReached))?;
    let mut head = head;
    let (verdict, ellipse_sum) = if evaluation.flow_and_head == FlowHeadRule::Ellipse {
        let (verdict, sum) = ellipse(tolerance, &mut flow, &mut head)?;
        (verdict, Some(sum))
    } else {
        (cross(head_curve, &flow, &head), None)
    };
    Ok(FlowHead {
        conformity: flow.conformity.max(head.conformity),
        flow: Some(flow),
        head,
        flows_at_guaranteed_head_m3_s: crossings,
        ellipse_sum,
        verdict,
    })
}

/// Either arm is enough.
fn cross(head_curve: &Curve, flow: &Judged, head: &Judged) -> Verdict {
    // An arm excludes a pass only if all of it was measured, or a value was found outside.
    let arm_measured = match (flow.limit_low, flow.limit_high) {
        (Some(low), Some(high)) => head_curve.covers(low) && head_curve.covers(high),
        _ => false,
    };
    let flow_excluded =
        flow.verdict == Verdict::Fail || (flow.reason == Reason::NotReached && arm_measured);
    let head_excluded = head.verdict == Verdict::Fail;
    let either = |verdict| flow.verdict == verdict || head.verdict == verdict;
    if either(Verdict::Pass) {
        return Verdict::Pass;
    }
    match (flow_excluded, head_excluded) {
        (true, true) => Verdict::Fail,
        (false, false) if !either(Verdict::Inconclusive) => Verdict::NotEvaluated,
        _ => Verdict::Inconclusive,
    }
}

/// The two distances together.
fn ellipse(
    tolerance: &Tolerance,
    flow: &mut Judged,
    head: &mut Judged,
) -> Result<(Verdict, f64), Error> {
    let (Some(x_flow), Some(x_head)) = (&tolerance.flow_pct, &tolerance.head_pct) else {
        return Ok((Verdict::NotEvaluated, 0.0));
    };
    let axis = |judged: &Judged, factor_pct: f64| judged.guaranteed * factor_pct / 100.0;
    let (q_axis, h_axis) = (
        axis(flow, x_flow.high.percent()),
        axis(head, x_head.high.percent()),
    );
    let term = |judged: &Judged, axis: f64| {
        judged.value.map(|value| {
            let ratio = axis / (value - judged.guaranteed);
            // A curve through the guarantee point has no distance from it.
            if ratio.is_nan() {
                f64::INFINITY
            } else {
                ratio * ratio
            }
        })
    };
    let (by_flow, by_head) = (term(flow, q_axis), term(head, h_axis));
    let sum = by_flow.unwrap_or(0.0) + by_head.unwrap_or(0.0);
    let verdict = if limit::at_least(sum, 1.0) {
        Verdict::Pass
    } else if by_flow.is_some() && by_head.is_some() {
        Verdict::Fail
    } else {
        Verdict::NotEvaluated
    };
    let touching = limit::touches(sum, 1.0);
    for (item, axis, other) in [(flow, q_axis, by_head), (head, h_axis, by_flow)] {
        on_ellipse(item, axis, other.unwrap_or(0.0), (verdict, touching));
    }
    Ok((verdict, sum))
}

/// The limits of one item where the other's term of the sum is `other`:
/// `(axis/Δ)² ≥ 1 − other` leaves `|Δ| ≤ axis/√(1 − other)`.
fn on_ellipse(judged: &mut Judged, axis: f64, other: f64, (verdict, touching): (Verdict, bool)) {
    let left = 1.0 - other;
    let reach = (left > 0.0).then(|| axis / left.sqrt());
    judged.limit_low = reach.map(|reach| judged.guaranteed - reach);
    judged.limit_high = reach.map(|reach| judged.guaranteed + reach);
    judged.margin_pct = None;
    let Some(value) = judged.value else {
        return;
    };
    let distance = (value - judged.guaranteed).abs();
    judged.margin_pct = reach.map(|reach| 100.0 * (reach - distance) / judged.guaranteed);
    judged.verdict = verdict;
    judged.reason = match verdict {
        Verdict::Pass if touching => Reason::Touching,
        Verdict::Pass => Reason::Inside,
        Verdict::Fail => Reason::Outside,
        Verdict::NotEvaluated | Verdict::Inconclusive => Reason::NotReached,
    };
}
