//! From a value, its uncertainty and a limit to a statement of conformity.
//!
//! A decision rule is data of a pack or an order and is frozen before a test starts. The
//! probability that the quantity itself conforms is that of a normal distribution about the
//! value found (JCGM 106:2012, 7.2 to 7.4), whatever the rule; it informs and never decides.

use crate::{Error, check, limit};
use dutypoint_model::Verdict;
use serde::Deserialize;

/// How measurement uncertainty enters a verdict.
///
/// In a pack: `"simple_acceptance"`, `{ guard_band = { r = 1.0 } }` or
/// `{ non_binary = { r = 1.0 } }`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionRule {
    /// Value against limit, no guard band: the tolerances contain the uncertainty already.
    SimpleAcceptance,
    /// The limit is moved inwards by `w = r·U`; what lies beyond is rejected.
    GuardBand(Guard),
    /// Four statements: the guard band lies on both sides of the limit.
    NonBinary(Guard),
}

/// Width of a guard band.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// `r` in `w = r·U`, U the expanded uncertainty.
    #[serde(deserialize_with = "share")]
    pub r: f64,
}

/// 0 gives simple acceptance under another name; above 1 no published rule goes.
fn share<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let r = f64::deserialize(deserializer)?;
    if r > 0.0 && r <= 1.0 {
        Ok(r)
    } else {
        Err(serde::de::Error::custom(format_args!(
            "r = {r} is no guard band; write a number above 0, up to 1"
        )))
    }
}

impl DecisionRule {
    /// `r` of the guard band, 0 without one.
    #[must_use]
    pub fn guard(self) -> f64 {
        match self {
            Self::SimpleAcceptance => 0.0,
            Self::GuardBand(guard) | Self::NonBinary(guard) => guard.r,
        }
    }
}

/// A statement of conformity under [`DecisionRule::NonBinary`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conformity {
    /// Outside the limit by more than the guard band.
    Fail,
    /// Outside the limit, inside the guard band.
    ConditionalFail,
    /// Inside the limit, inside the guard band.
    ConditionalPass,
    /// Inside the limit by the guard band or more.
    Pass,
}

impl Conformity {
    /// The verdict a finding carries. Both conditional statements are `Inconclusive`: the
    /// evidence leaves conformity open at the risk agreed, and only what is a pass at that
    /// risk may be printed as one.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Pass => Verdict::Pass,
            Self::ConditionalPass | Self::ConditionalFail => Verdict::Inconclusive,
            Self::Fail => Verdict::Fail,
        }
    }
}

/// An expanded uncertainty with its coverage factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expanded {
    /// U, in the unit of the value.
    pub u: f64,
    /// k; the standard uncertainty is U/k.
    pub k: f64,
}

/// The limits a value must keep, in its unit; a missing side is unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Interval {
    /// Smallest value permitted.
    pub low: Option<f64>,
    /// Largest value permitted.
    pub high: Option<f64>,
}

/// What a rule says of one value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// Pass, Inconclusive or Fail; NotEvaluated where the rule needs an uncertainty and
    /// there is none.
    pub verdict: Verdict,
    /// The statement of a non-binary rule.
    pub conformity: Option<Conformity>,
    /// Limits after the guard band, within which the rule accepts.
    pub acceptance: Interval,
    /// Whether the value touches one of the acceptance limits.
    pub touching: bool,
    /// Probability that the quantity itself lies inside the tolerance limits; absent
    /// without an uncertainty.
    pub probability: Option<f64>,
}

/// Applies a rule to a value. Source: JCGM 106:2012, 8.3; reference E19.
///
/// # Errors
/// [`Error::Value`] for a number that is not finite, limits in the wrong order, an expanded
/// uncertainty below zero, a coverage factor that is not above zero, or a guard band that
/// leaves nothing between two limits.
///
/// ```
/// use dutypoint_hydraulics::decision::{Conformity, DecisionRule, Expanded, Guard, Interval, decide};
/// // Worked example E19: at least 62.0 %, found 62.4 % with U = 0.9 points (k = 2).
/// let limits = Interval { low: Some(62.0), high: None };
/// let u = Some(Expanded { u: 0.9, k: 2.0 });
/// let found = decide(DecisionRule::NonBinary(Guard { r: 1.0 }), 62.4, u, limits)?;
/// assert_eq!(found.conformity, Some(Conformity::ConditionalPass));
/// assert!((1.0 - found.probability.unwrap_or(0.0) - 0.187).abs() < 5e-4);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn decide(
    rule: DecisionRule,
    value: f64,
    expanded: Option<Expanded>,
    limits: Interval,
) -> Result<Decision, Error> {
    check::finite("value to decide on", value)?;
    for bound in [limits.low, limits.high].into_iter().flatten() {
        check::finite("limit to decide by", bound)?;
    }
    if let (Some(low), Some(high)) = (limits.low, limits.high)
        && low > high
    {
        return Err(refused(
            "lower limit",
            low,
            "no larger than the upper limit",
            "exchange the limits",
        ));
    }
    let probability = expanded
        .map(|expanded| probability_of_conformity(value, expanded, limits))
        .transpose()?;
    let guarded = match (rule, expanded) {
        (DecisionRule::SimpleAcceptance, _) => Some(0.0),
        (_, Some(expanded)) => Some(check::result("guard band", rule.guard() * expanded.u)?),
        (_, None) => None,
    };
    let Some(width) = guarded else {
        return Ok(Decision {
            verdict: Verdict::NotEvaluated,
            conformity: None,
            acceptance: limits,
            touching: false,
            probability,
        });
    };
    let shrunk = |by: f64| Interval {
        low: limits.low.map(|low| low + by),
        high: limits.high.map(|high| high - by),
    };
    let acceptance = shrunk(width);
    if let (Some(low), Some(high)) = (acceptance.low, acceptance.high)
        && low > high
    {
        return Err(refused(
            "width of the guard band",
            width,
            "at most half the distance of the limits",
            "reduce the uncertainty, or agree another decision rule",
        ));
    }
    let conformity = matches!(rule, DecisionRule::NonBinary(_)).then(|| {
        if acceptance.holds(value) {
            Conformity::Pass
        } else if limits.holds(value) {
            Conformity::ConditionalPass
        } else if shrunk(-width).holds(value) {
            Conformity::ConditionalFail
        } else {
            Conformity::Fail
        }
    });
    let verdict = match conformity {
        Some(conformity) => conformity.verdict(),
        None if acceptance.holds(value) => Verdict::Pass,
        None => Verdict::Fail,
    };
    Ok(Decision {
        verdict,
        conformity,
        touching: acceptance.touches(value),
        acceptance,
        probability,
    })
}

/// Probability that a quantity lies inside its limits, normal about the value found with
/// standard uncertainty U/k. Without uncertainty it is 0 or 1.
/// Source: JCGM 106:2012, 7.2 to 7.4.
///
/// # Errors
/// As [`decide`].
pub fn probability_of_conformity(
    value: f64,
    expanded: Expanded,
    limits: Interval,
) -> Result<f64, Error> {
    check::finite("value to decide on", value)?;
    let u = check::not_negative("expanded uncertainty", expanded.u)?;
    let u = u / check::positive("coverage factor", expanded.k)?;
    if u <= 0.0 {
        return Ok(if limits.holds(value) { 1.0 } else { 0.0 });
    }
    // Both tails: each is accurate where it is small, unlike a difference of Φ near 1.
    let beyond = |distance: f64| 0.5 * libm::erfc(distance / (u * core::f64::consts::SQRT_2));
    let below = limits.low.map_or(0.0, |low| beyond(value - low));
    let above = limits.high.map_or(0.0, |high| beyond(high - value));
    check::result("probability of conformity", (1.0 - below - above).max(0.0))
}

impl Interval {
    /// Whether a value lies inside, touching included.
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        self.low.is_none_or(|low| limit::at_least(value, low))
            && self.high.is_none_or(|high| limit::at_most(value, high))
    }

    /// Whether a value lies on one of the limits.
    #[must_use]
    pub fn touches(self, value: f64) -> bool {
        [self.low, self.high]
            .into_iter()
            .flatten()
            .any(|bound| limit::touches(value, bound))
    }
}

fn refused(quantity: &'static str, value: f64, must: &'static str, advice: &'static str) -> Error {
    Error::Value {
        quantity,
        value,
        must,
        advice,
    }
}
