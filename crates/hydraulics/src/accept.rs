//! Is the guarantee met? Curves against the tolerances of one grade.
//!
//! Values are compared in full, inclusively, without a guard band. A curve that does not
//! reach where it would have to be read is not extrapolated: that item is not evaluated, and
//! it fails the whole only where what was measured already excludes a pass.

use crate::curve::{Curve, Efficiency, nearest};
use crate::pack::{Cited, CitedBand, Evaluation, FlowHeadRule, ReadAt, Tolerance};
use crate::{Error, check, limit};
use dutypoint_model::Verdict;

/// What the order guarantees, at the specified speed or supply.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guarantee {
    /// Guaranteed (rated) flow, m³/s.
    pub flow_m3_s: f64,
    /// Guaranteed (rated) head, m.
    pub head_m: f64,
    /// Guaranteed efficiency as a fraction: of the pump if the curves hold shaft power, of
    /// the motor-pump unit if they hold electrical input.
    pub efficiency: Option<f64>,
    /// Guaranteed power, W, of the same kind as the curves'.
    pub power_w: Option<f64>,
    /// Guaranteed head at shut-off, m.
    pub shutoff_head_m: Option<f64>,
}

/// The fitted curves of the test, translated to the conditions of the guarantee.
#[derive(Debug, Clone, Copy)]
pub struct Curves<'a> {
    /// H(Q), m.
    pub head: &'a Curve,
    /// P(Q), W.
    pub power: Option<&'a Curve>,
    /// Efficiency.
    pub efficiency: Option<&'a Efficiency>,
}

/// Why an item has its verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Inside the limits.
    Inside,
    /// On a limit, which counts as inside.
    Touching,
    /// Outside the limits.
    Outside,
    /// The curves do not reach it inside the measured range.
    NotReached,
    /// No such curve was measured.
    NotMeasured,
    /// The pack states no limit for it.
    NotInPack,
}

/// One guaranteed quantity held against its limits, in the quantity's SI unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// The value found; absent where it could not be read.
    pub value: Option<f64>,
    /// The value guaranteed.
    pub guaranteed: f64,
    /// `100 (value/guaranteed − 1)`.
    pub deviation_pct: Option<f64>,
    /// Smallest value permitted; absent where there is none.
    pub limit_low: Option<f64>,
    /// Largest value permitted; absent where there is none.
    pub limit_high: Option<f64>,
    /// Distance to the nearest limit in percent of the guaranteed value; negative outside.
    pub margin_pct: Option<f64>,
    /// Verdict on this item alone.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
}

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
    /// Verdict on the two together.
    pub verdict: Verdict,
}

/// The curves where efficiency and power are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReadPoint {
    /// Flow, m³/s.
    pub flow_m3_s: f64,
    /// Head, m.
    pub head_m: f64,
    /// Power, W, if measured there.
    pub power_w: Option<f64>,
    /// Efficiency as a fraction, if measured there.
    pub efficiency: Option<f64>,
}

/// All guaranteed quantities of one guarantee point.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// Flow and head.
    pub flow_head: FlowHead,
    /// Where efficiency and power were read; absent if the curves do not reach there.
    pub read: Option<ReadPoint>,
    /// Efficiency, if guaranteed.
    pub efficiency: Option<Judged>,
    /// Power, if guaranteed.
    pub power: Option<Judged>,
    /// Head at shut-off, if guaranteed.
    pub shutoff_head: Option<Judged>,
    /// Verdict on everything guaranteed.
    pub verdict: Verdict,
}

/// Judges everything a guarantee names by the pack's rule and one grade's tolerances.
/// Source: ISO 9906:2012 4.4.3 and 4.4.4; API 610 Table 16; reference 5.4, 5.5 and 11.
///
/// # Errors
/// [`Error::Value`] for a guaranteed value that is not above zero or a power curve that is
/// not above zero where it is read, [`Error::NotFinite`] on overflow.
pub fn assess(
    evaluation: &Evaluation,
    tolerance: &Tolerance,
    guarantee: &Guarantee,
    curves: &Curves<'_>,
) -> Result<Assessment, Error> {
    let flow_head = flow_and_head(evaluation.flow_and_head, tolerance, guarantee, curves.head)?;
    let read = read_point(evaluation.read_at, guarantee, curves)?;
    let read_or = |curve_exists: bool, value: Option<f64>| match value {
        Some(value) => Ok(value),
        None if curve_exists => Err(Reason::NotReached),
        None => Err(Reason::NotMeasured),
    };
    let efficiency = guarantee.efficiency.map(|guaranteed| {
        let value = read_or(curves.efficiency.is_some(), read.and_then(|r| r.efficiency));
        let low = tolerance.efficiency_min_pct.as_ref();
        hold(
            "guaranteed efficiency",
            value,
            guaranteed,
            one_sided(low, None),
        )
    });
    let power = guarantee.power_w.map(|guaranteed| {
        let value = read_or(curves.power.is_some(), read.and_then(|r| r.power_w));
        let high = tolerance.power_max_pct.as_ref();
        hold(
            "guaranteed power in W",
            value,
            guaranteed,
            one_sided(None, high),
        )
    });
    let shutoff_head = guarantee.shutoff_head_m.map(|guaranteed| {
        let value = read_or(true, measured(curves.head.evaluate(0.0))?);
        let limits = band(tolerance.shutoff_head_pct.as_ref());
        hold("guaranteed shut-off head in m", value, guaranteed, limits)
    });
    let (efficiency, power) = (efficiency.transpose()?, power.transpose()?);
    let shutoff_head = shutoff_head.transpose()?;
    let others = [efficiency, power, shutoff_head];
    let others = others.into_iter().flatten().map(|judged| judged.verdict);
    Ok(Assessment {
        verdict: Verdict::all([flow_head.verdict].into_iter().chain(others)),
        flow_head,
        read,
        efficiency,
        power,
        shutoff_head,
    })
}

/// Judges flow and head. Under [`FlowHeadRule::ToleranceCross`] the curve passes when it
/// cuts or touches either arm of the cross: the flow limits at the guaranteed head or the
/// head limits at the guaranteed flow. On a curve that crosses the guaranteed head several
/// times, the crossing nearest the guarantee point that lies on the arm is reported, else
/// the nearest one. Source: ISO 9906:2012 4.4.3, reference 5.4 (M3, geometry C2 S1 S4).
///
/// # Errors
/// As [`assess`].
pub fn flow_and_head(
    rule: FlowHeadRule,
    tolerance: &Tolerance,
    guarantee: &Guarantee,
    head_curve: &Curve,
) -> Result<FlowHead, Error> {
    let guaranteed_m3_s = check::positive("guaranteed flow in m³/s", guarantee.flow_m3_s)?;
    let guaranteed_m = check::positive("guaranteed head in m", guarantee.head_m)?;
    let head_value = measured(head_curve.evaluate(guaranteed_m3_s))?.ok_or(Reason::NotReached);
    let head_limits = band(tolerance.head_pct.as_ref());
    let head = hold(
        "guaranteed head in m",
        head_value,
        guaranteed_m,
        head_limits,
    )?;
    let crossings = head_curve.flows_at(guaranteed_m)?;
    if rule == FlowHeadRule::HeadAtRatedFlow {
        return Ok(FlowHead {
            flow: None,
            verdict: head.verdict,
            head,
            flows_at_guaranteed_head_m3_s: crossings,
        });
    }

    let judge = |value| {
        let limits = band(tolerance.flow_pct.as_ref());
        hold("guaranteed flow in m³/s", value, guaranteed_m3_s, limits)
    };
    let mut on_arm = Vec::new();
    for crossing in &crossings {
        if judge(Ok(*crossing))?.verdict == Verdict::Pass {
            on_arm.push(*crossing);
        }
    }
    let reported = nearest(&on_arm, guaranteed_m3_s).or(nearest(&crossings, guaranteed_m3_s));
    let flow = judge(reported.ok_or(Reason::NotReached))?;

    // An arm excludes a pass only if all of it was measured, or a value was found outside.
    let arm_measured = match (flow.limit_low, flow.limit_high) {
        (Some(low), Some(high)) => head_curve.covers(low) && head_curve.covers(high),
        _ => false,
    };
    let flow_excluded = flow.verdict == Verdict::Fail || arm_measured;
    let head_excluded = head.verdict == Verdict::Fail;
    let verdict = if flow.verdict == Verdict::Pass || head.verdict == Verdict::Pass {
        Verdict::Pass
    } else {
        match (flow_excluded, head_excluded) {
            (true, true) => Verdict::Fail,
            (false, false) => Verdict::NotEvaluated,
            _ => Verdict::Inconclusive,
        }
    };
    Ok(FlowHead {
        flow: Some(flow),
        head,
        flows_at_guaranteed_head_m3_s: crossings,
        verdict,
    })
}

/// The point at which efficiency and power are read: on the line from the origin through the
/// guarantee point (of several crossings the one nearest the guaranteed flow), or at the
/// guaranteed flow. `None` if the head curve does not reach there.
/// Source: ISO 9906:2012 4.4.4, reference 5.5 (C2 S1).
///
/// # Errors
/// As [`assess`].
pub fn read_point(
    rule: ReadAt,
    guarantee: &Guarantee,
    curves: &Curves<'_>,
) -> Result<Option<ReadPoint>, Error> {
    let guaranteed_m3_s = check::positive("guaranteed flow in m³/s", guarantee.flow_m3_s)?;
    let guaranteed_m = check::positive("guaranteed head in m", guarantee.head_m)?;
    let flow_m3_s = match rule {
        ReadAt::AtRatedFlow => Some(guaranteed_m3_s),
        ReadAt::OriginLine => {
            let slope = check::result("slope of the origin line", guaranteed_m / guaranteed_m3_s)?;
            nearest(&curves.head.flows_on_line(slope)?, guaranteed_m3_s)
        }
    };
    let Some(flow_m3_s) = flow_m3_s else {
        return Ok(None);
    };
    let Some(head_m) = measured(curves.head.evaluate(flow_m3_s))? else {
        return Ok(None);
    };
    let power_w = curves
        .power
        .map(|curve| measured(curve.evaluate(flow_m3_s)));
    let efficiency = curves
        .efficiency
        .map(|curve| measured(curve.evaluate(flow_m3_s)));
    Ok(Some(ReadPoint {
        flow_m3_s,
        head_m,
        power_w: power_w.transpose()?.flatten(),
        efficiency: efficiency.transpose()?.flatten(),
    }))
}

/// A reading of a curve, or `None` where the curve was not measured.
fn measured(reading: Result<f64, Error>) -> Result<Option<f64>, Error> {
    match reading {
        Ok(value) => Ok(Some(value)),
        Err(Error::OutsideDomain { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Limits in percent of the guaranteed value; `None` when the pack has none.
type Limits = Option<(Option<f64>, Option<f64>)>;

fn band(band: Option<&CitedBand>) -> Limits {
    band.map(|band| (Some(band.low), Some(band.high)))
}

fn one_sided(low: Option<&Cited>, high: Option<&Cited>) -> Limits {
    let (low, high) = (low.map(|c| c.value), high.map(|c| c.value));
    (low.is_some() || high.is_some()).then_some((low, high))
}

fn hold(
    quantity: &'static str,
    value: Result<f64, Reason>,
    guaranteed: f64,
    limits: Limits,
) -> Result<Judged, Error> {
    let guaranteed = check::positive(quantity, guaranteed)?;
    let at = |pct: f64| guaranteed * (1.0 + pct / 100.0);
    let (low_pct, high_pct) = limits.unwrap_or_default();
    let (limit_low, limit_high) = (low_pct.map(at), high_pct.map(at));
    let mut judged = Judged {
        value: value.ok(),
        guaranteed,
        deviation_pct: value.ok().map(|v| 100.0 * (v - guaranteed) / guaranteed),
        limit_low,
        limit_high,
        margin_pct: None,
        verdict: Verdict::NotEvaluated,
        reason: Reason::NotInPack,
    };
    match value {
        Err(reason) => judged.reason = reason,
        Ok(value) if limits.is_some() => {
            let above = limit_low.is_none_or(|low| limit::at_least(value, low));
            let below = limit_high.is_none_or(|high| limit::at_most(value, high));
            let touches = [limit_low, limit_high]
                .into_iter()
                .flatten()
                .any(|limit| limit::touches(value, limit));
            let room_low = limit_low.map(|low| value - low);
            let room_high = limit_high.map(|high| high - value);
            let room = room_low.into_iter().chain(room_high).reduce(f64::min);
            judged.margin_pct = room.map(|room| 100.0 * room / guaranteed);
            (judged.verdict, judged.reason) = match (above && below, touches) {
                (true, false) => (Verdict::Pass, Reason::Inside),
                (true, true) => (Verdict::Pass, Reason::Touching),
                (false, _) => (Verdict::Fail, Reason::Outside),
            };
        }
        Ok(_) => {}
    }
    Ok(judged)
}
