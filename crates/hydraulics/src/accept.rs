//! Is the guarantee met? Curves against the tolerances of one grade.
//!
//! Values are compared inclusively by the decision rule of the pack, in full or rounded as it
//! says. A curve that
//! does not reach where it would have to be read is not extrapolated: that item is not
//! evaluated, and it fails the whole only where what was measured already excludes a pass.
//!
//! [`flow_and_head`] is the rule of the cross, the rated flow or the ellipse; [`read_point`]
//! says where efficiency and power are read; [`trim`] what would help a pump that is too
//! strong.

mod cross;
mod hold;
mod read;
mod trim;

pub use cross::{FlowHead, flow_and_head};
pub use hold::{Judged, Reason};
pub use read::{ReadPoint, read_point};
pub use trim::{Trim, trim};

use crate::curve::{Curve, Efficiency};
use crate::decision::{DecisionRule, Expanded};
use crate::pack::{Evaluation, Intervals, Tolerance};
use crate::polynomial::{derivative, roots_between};
use crate::rounding::Rounded;
use crate::{Error, check, limit};
use dutypoint_model::Verdict;
use hold::{Holding, band, measured, one_sided};

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

/// Expanded uncertainties of what is judged. Simple acceptance does without; under a guard
/// band an item without one is not evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Uncertainties {
    /// Of the flow.
    pub flow: Option<RelativeUncertainty>,
    /// Of the head.
    pub head: Option<RelativeUncertainty>,
    /// Of the efficiency.
    pub efficiency: Option<RelativeUncertainty>,
    /// Of the power.
    pub power: Option<RelativeUncertainty>,
}

/// An expanded uncertainty in percent of the value found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RelativeUncertainty {
    /// Percent of the value.
    pub pct: f64,
    /// Coverage factor.
    pub k: f64,
}

impl RelativeUncertainty {
    fn of(self, value: f64) -> Expanded {
        Expanded {
            u: value.abs() * self.pct / 100.0,
            k: self.k,
        }
    }
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
    /// Whether the head rises all the way from the guaranteed flow to shut-off; absent
    /// where that was not measured.
    pub rises_to_shutoff: Option<bool>,
    /// Verdict on everything guaranteed.
    pub verdict: Verdict,
}

/// Judges everything a guarantee names by the pack's rule and one grade's tolerances.
/// Source: ISO 9906:2012 4.4.3 and 4.4.4; API 610 Table 16; reference 5.4, 5.5 and 11.
///
/// # Errors
/// [`Error::Value`] for a guaranteed value that is not above zero, a power curve that is
/// not above zero where it is read, or an uncertainty that leaves nothing inside the guard
/// bands, [`Error::NotFinite`] on overflow.
pub fn assess(
    evaluation: &Evaluation,
    tolerance: &Tolerance,
    guarantee: &Guarantee,
    curves: &Curves<'_>,
    uncertainties: &Uncertainties,
) -> Result<Assessment, Error> {
    let flow_head = flow_and_head(evaluation, tolerance, guarantee, curves.head, uncertainties)?;
    let read = read_point(evaluation.read_at, guarantee, curves)?;
    let read_or = |curve_exists: bool, value: Option<f64>| match value {
        Some(value) => Ok(value),
        None if curve_exists => Err(Reason::NotReached),
        None => Err(Reason::NotMeasured),
    };
    let holding = |rounded: fn(Intervals) -> Rounded, known| Holding {
        decision: evaluation.decision,
        rounded: evaluation.rounded.map(rounded),
        known,
    };
    let efficiency = guarantee.efficiency.map(|guaranteed| {
        let value = read_or(curves.efficiency.is_some(), read.and_then(|r| r.efficiency));
        let low = tolerance.efficiency_min_pct.as_ref();
        holding(Intervals::efficiency, uncertainties.efficiency).hold(
            "guaranteed efficiency",
            value,
            guaranteed,
            one_sided(low, None),
        )
    });
    let power = guarantee.power_w.map(|guaranteed| {
        let value = read_or(curves.power.is_some(), read.and_then(|r| r.power_w));
        let high = tolerance.power_max_pct.as_ref();
        holding(Intervals::power, uncertainties.power).hold(
            "guaranteed power in W",
            value,
            guaranteed,
            one_sided(None, high),
        )
    });
    let rises_to_shutoff = rises_to_shutoff(curves.head, guarantee.flow_m3_s)?;
    let shutoff_head = guarantee.shutoff_head_m.map(|guaranteed| {
        let value = read_or(true, measured(curves.head.evaluate(0.0))?);
        let mut limits = band(tolerance.shutoff_head_pct.as_ref());
        if evaluation.low_shutoff_must_rise && rises_to_shutoff == Some(false) {
            limits = limits.map(|(low, high)| (low.map(|_| 0.0.into()), high));
        }
        holding(Intervals::head, uncertainties.head).hold(
            "guaranteed shut-off head in m",
            value,
            guaranteed,
            limits,
        )
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
        rises_to_shutoff,
    })
}

/// Judges a value that has only an upper limit, such as a required NPSH, by a decision rule;
/// `rounded` says how it is rounded before, where the pack compares rounded values.
///
/// # Errors
/// As [`crate::decision::decide`].
pub fn at_most(
    decision: DecisionRule,
    rounded: Option<Rounded>,
    value: Option<f64>,
    guaranteed: f64,
    limit_high: f64,
    expanded: Option<Expanded>,
) -> Result<Judged, Error> {
    let limits = crate::decision::Interval {
        low: None,
        high: Some(limit_high),
    };
    hold::judge(
        decision,
        rounded,
        value.ok_or(Reason::NotReached),
        guaranteed,
        Some(limits),
        expanded,
    )
}

/// Whether the head rises, or at least never falls, from a flow down to shut-off. Between
/// the flows where its derivative is zero the curve is monotone, so its values there tell.
fn rises_to_shutoff(head: &Curve, from_m3_s: f64) -> Result<Option<bool>, Error> {
    let from_m3_s = check::positive("guaranteed flow in m³/s", from_m3_s)?;
    if !head.covers(0.0) || !head.covers(from_m3_s) {
        return Ok(None);
    }
    let mut flows = vec![0.0];
    for piece in head.pieces() {
        let at = |flow: f64| (flow - piece.centre) / piece.half_width;
        let (low, high) = (piece.low.max(0.0), piece.high.min(from_m3_s));
        if low >= high {
            continue;
        }
        let slope = derivative(&piece.coefficients);
        for coefficient in &slope {
            check::result("derivative of the head", *coefficient)?;
        }
        let turns = roots_between(&slope, at(low), at(high), 0.0);
        let flow = |u: &f64| (piece.centre + piece.half_width * u).clamp(low, high);
        flows.extend(turns.iter().map(flow));
        flows.push(high);
    }
    let mut before: Option<f64> = None;
    for flow in flows {
        let Some(here) = measured(head.evaluate(flow))? else {
            return Ok(None);
        };
        if before.is_some_and(|before| !limit::at_most(here, before)) {
            return Ok(Some(false));
        }
        before = Some(here);
    }
    Ok(Some(true))
}
