//! One value against its limits.

use super::RelativeUncertainty;
use crate::decision::{self, Conformity, DecisionRule, Expanded, Interval};
use crate::pack::{Cited, CitedBand};
use crate::percent::RelativePercent;
use crate::rounding::Rounded;
use crate::{Error, check};
use dutypoint_model::Verdict;
use serde::Serialize;

/// Why an item has its verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Inside the limits.
    Inside,
    /// On a limit, which counts as inside.
    Touching,
    /// Outside the limits.
    Outside,
    /// In the guard band of the decision rule.
    GuardBand,
    /// The decision rule needs an uncertainty, and none is known.
    NoUncertainty,
    /// The curves do not reach it inside the measured range.
    NotReached,
    /// No such curve was measured.
    NotMeasured,
    /// The pack states no limit for it.
    NotInPack,
    /// Another admissible degree of the fit gives the opposite verdict.
    DependsOnTheFit,
}

/// One guaranteed quantity held against its limits, in the quantity's SI unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// The value found; absent where it could not be read.
    pub value: Option<f64>,
    /// The value guaranteed.
    pub guaranteed: f64,
    /// The rounded value that was held against the limits in its place, where the pack
    /// compares rounded values.
    pub compared: Option<f64>,
    /// `100 (value/guaranteed − 1)`.
    pub deviation_pct: Option<f64>,
    /// Smallest value permitted; absent where there is none.
    pub limit_low: Option<f64>,
    /// Largest value permitted; absent where there is none.
    pub limit_high: Option<f64>,
    /// Distance of what was compared to the nearest limit in percent of the guaranteed
    /// value; negative outside.
    pub margin_pct: Option<f64>,
    /// Expanded uncertainty of the value, where known.
    pub expanded: Option<Expanded>,
    /// Statement of a non-binary decision rule.
    pub conformity: Option<Conformity>,
    /// Probability that the quantity itself keeps the limits, where an uncertainty is known.
    pub probability: Option<f64>,
    /// Verdict on this item alone.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
}

/// A reading of a curve, or `None` where the curve was not measured.
pub(super) fn measured<T>(reading: Result<T, Error>) -> Result<Option<T>, Error> {
    match reading {
        Ok(value) => Ok(Some(value)),
        Err(Error::OutsideDomain { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Limits relative to the guaranteed value; `None` when the pack has none.
pub(super) type Limits = Option<(Option<RelativePercent>, Option<RelativePercent>)>;

pub(super) fn band(band: Option<&CitedBand<RelativePercent>>) -> Limits {
    band.map(|band| (Some(band.low), Some(band.high)))
}

pub(super) fn one_sided(
    low: Option<&Cited<RelativePercent>>,
    high: Option<&Cited<RelativePercent>>,
) -> Limits {
    let (low, high) = (low.map(|c| c.value), high.map(|c| c.value));
    (low.is_some() || high.is_some()).then_some((low, high))
}

/// What holding a value against its limits needs beside the limits.
#[derive(Clone, Copy)]
pub(super) struct Holding {
    pub(super) decision: DecisionRule,
    /// How it is rounded before; none for a full value.
    pub(super) rounded: Option<Rounded>,
    /// How well the value is known.
    pub(super) known: Option<RelativeUncertainty>,
}

impl Holding {
    pub(super) fn hold(
        &self,
        quantity: &'static str,
        value: Result<f64, Reason>,
        guaranteed: f64,
        limits: Limits,
    ) -> Result<Judged, Error> {
        let guaranteed = check::positive(quantity, guaranteed)?;
        let limits = limits.map(|(low, high)| Interval {
            low: low.map(|low| low.of(guaranteed)),
            high: high.map(|high| high.of(guaranteed)),
        });
        let expanded = value
            .ok()
            .zip(self.known)
            .map(|(value, known)| known.of(value));
        judge(
            self.decision,
            self.rounded,
            value,
            guaranteed,
            limits,
            expanded,
        )
    }
}

/// The one place where a number is held against its limit. Rounding, where the pack wants it,
/// is of the full value, once; the limits are never rounded, and the probability is that of
/// the full value.
pub(super) fn judge(
    rule: DecisionRule,
    rounded: Option<Rounded>,
    value: Result<f64, Reason>,
    guaranteed: f64,
    limits: Option<Interval>,
    expanded: Option<Expanded>,
) -> Result<Judged, Error> {
    let within = limits.unwrap_or_default();
    let mut judged = Judged {
        value: value.ok(),
        guaranteed,
        compared: None,
        deviation_pct: value.ok().map(|v| 100.0 * (v - guaranteed) / guaranteed),
        limit_low: within.low,
        limit_high: within.high,
        margin_pct: None,
        expanded,
        conformity: None,
        probability: None,
        verdict: Verdict::NotEvaluated,
        reason: Reason::NotInPack,
    };
    match value {
        Err(reason) => judged.reason = reason,
        Ok(value) if limits.is_some() => {
            judged.compared = rounded.map(|rounded| rounded.of(value)).transpose()?;
            let compared = judged.compared.unwrap_or(value);
            let decided = decision::decide(rule, compared, expanded, within)?;
            let room_low = within.low.map(|low| compared - low);
            let room_high = within.high.map(|high| high - compared);
            let room = room_low.into_iter().chain(room_high).reduce(f64::min);
            judged.margin_pct = room.map(|room| 100.0 * room / guaranteed);
            judged.verdict = decided.verdict;
            judged.conformity = decided.conformity;
            let of = |expanded| decision::probability_of_conformity(value, expanded, within);
            judged.probability = expanded.map(of).transpose()?;
            let inside = within.holds(compared);
            judged.reason = match decided.verdict {
                Verdict::NotEvaluated => Reason::NoUncertainty,
                Verdict::Pass if decided.touching => Reason::Touching,
                Verdict::Pass => Reason::Inside,
                Verdict::Inconclusive => Reason::GuardBand,
                Verdict::Fail if inside => Reason::GuardBand,
                Verdict::Fail => Reason::Outside,
            };
        }
        Ok(_) => {}
    }
    Ok(judged)
}
