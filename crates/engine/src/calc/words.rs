//! What several calculations say in words.

use dutypoint_hydraulics::accept::{Judged, Reason};
use dutypoint_hydraulics::decision::{Conformity, DecisionRule, Expanded, Guard};
use dutypoint_hydraulics::pack::Measured;
use dutypoint_model::Verdict;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Refusal, refuse};

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(super) struct Text {
    /// Chinese.
    pub(super) zh: String,
    /// English.
    pub(super) en: String,
}

impl Text {
    pub(super) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }
}

/// What the evidence shows; only `pass` ends the program with 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Shown {
    /// Could not be judged.
    NotEvaluated,
    /// Met.
    Pass,
    /// The evidence does not decide.
    Inconclusive,
    /// Not met.
    Fail,
}

impl From<Verdict> for Shown {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::NotEvaluated => Self::NotEvaluated,
            Verdict::Pass => Self::Pass,
            Verdict::Inconclusive => Self::Inconclusive,
            Verdict::Fail => Self::Fail,
        }
    }
}

/// Statement of a non-binary decision rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Statement {
    /// Inside by the guard band or more.
    Pass,
    /// Inside the limit and the guard band.
    ConditionalPass,
    /// Outside the limit, inside the guard band.
    ConditionalFail,
    /// Outside by more than the guard band.
    Fail,
}

impl From<Conformity> for Statement {
    fn from(conformity: Conformity) -> Self {
        match conformity {
            Conformity::Pass => Self::Pass,
            Conformity::ConditionalPass => Self::ConditionalPass,
            Conformity::ConditionalFail => Self::ConditionalFail,
            Conformity::Fail => Self::Fail,
        }
    }
}

/// Name of a decision rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Rule {
    /// Value against limit.
    SimpleAcceptance,
    /// Limits moved inwards by w = r·U.
    GuardBand,
    /// Four statements, a guard band on both sides of each limit.
    NonBinary,
}

impl Rule {
    /// The rule with its guard band.
    pub(super) fn with(self, r: Option<f64>) -> Result<DecisionRule, Refusal> {
        let guard = || match r {
            Some(r) if r > 0.0 && r <= 1.0 => Ok(Guard { r }),
            _ => Err(refuse(
                "该判定规则需要保护带 w = r·U 的 r，大于 0、不大于 1；请给出 r",
                "the rule needs r of its guard band w = r·U, above 0, up to 1; give r",
            )),
        };
        match (self, r) {
            (Self::SimpleAcceptance, None) => Ok(DecisionRule::SimpleAcceptance),
            (Self::SimpleAcceptance, Some(_)) => Err(refuse(
                "simple_acceptance 没有保护带；请去掉 r，或改用其他规则",
                "simple_acceptance has no guard band; leave r out, or name another rule",
            )),
            (Self::GuardBand, _) => Ok(DecisionRule::GuardBand(guard()?)),
            (Self::NonBinary, _) => Ok(DecisionRule::NonBinary(guard()?)),
        }
    }
}

/// Name of a decision rule in an answer.
pub(super) fn rule_name(rule: DecisionRule) -> &'static str {
    match rule {
        DecisionRule::SimpleAcceptance => "simple_acceptance",
        DecisionRule::GuardBand(_) => "guard_band",
        DecisionRule::NonBinary(_) => "non_binary",
    }
}

/// A value held against its limits.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(super) struct Held {
    /// Unit of value, limits and U.
    pub(super) unit: &'static str,
    /// The value found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<f64>,
    /// The rounded value compared in its place, where the pack compares rounded values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) compared: Option<f64>,
    /// The value guaranteed.
    pub(super) guaranteed: f64,
    /// Deviation from the guaranteed value, percent of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deviation_pct: Option<f64>,
    /// Smallest value permitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limit_low: Option<f64>,
    /// Largest value permitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limit_high: Option<f64>,
    /// Distance to the nearest limit, percent of the guaranteed value; negative outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) margin_pct: Option<f64>,
    /// Expanded uncertainty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) u_expanded: Option<f64>,
    /// Statement of a non-binary decision rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) conformity: Option<Statement>,
    /// Probability that the quantity itself keeps the limits (JCGM 106).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) probability_of_conformity: Option<f64>,
    /// Verdict on this item alone.
    pub(super) verdict: Shown,
    /// Why: `inside`, `touching` (a limit, which counts as inside), `outside`, `guard_band`,
    /// `no_uncertainty` (the decision rule needs one), `not_reached` (the curves do not reach
    /// it inside the measured range), `not_measured`, `not_in_pack` (no limit), or
    /// `depends_on_the_fit` (another admissible degree gives the opposite verdict).
    #[schemars(with = "String")]
    pub(super) reason: Reason,
    /// How far the limits can be trusted, by the pack; M2 and lower are leads, no evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) confidence: Option<String>,
}

impl Held {
    /// `judged` with its numbers in another unit: `scale` of it make one internal unit.
    pub(super) fn new(
        judged: &Judged,
        unit: &'static str,
        scale: f64,
        confidence: Option<String>,
    ) -> Self {
        let to = |value: f64| value * scale;
        Self {
            unit,
            value: judged.value.map(to),
            compared: judged.compared.map(to),
            guaranteed: to(judged.guaranteed),
            deviation_pct: judged.deviation_pct,
            limit_low: judged.limit_low.map(to),
            limit_high: judged.limit_high.map(to),
            margin_pct: judged.margin_pct,
            u_expanded: judged.expanded.map(|Expanded { u, .. }| to(u)),
            conformity: judged.conformity.map(Statement::from),
            probability_of_conformity: judged.probability,
            verdict: judged.verdict.into(),
            reason: judged.reason,
            confidence,
        }
    }
}

/// A measured quantity that standards limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Observed {
    /// Rate of flow.
    Flow,
    /// Total head of the pump.
    TotalHead,
    /// Head of a differential-pressure instrument.
    DifferentialHead,
    /// Head at the outlet section.
    OutletHead,
    /// Head at the inlet section.
    InletHead,
    /// Electrical input power of the driver.
    InputPower,
    /// Shaft power from torque and speed.
    ShaftPowerFromTorque,
    /// Shaft power from input power and motor efficiency.
    ShaftPowerFromMotorEfficiency,
    /// Torque.
    Torque,
    /// Speed of rotation.
    Speed,
    /// Temperature of the liquid.
    Temperature,
}

impl Observed {
    pub(super) fn measured(self) -> Measured {
        match self {
            Self::Flow => Measured::Flow,
            Self::TotalHead => Measured::TotalHead,
            Self::DifferentialHead => Measured::DifferentialHead,
            Self::OutletHead => Measured::OutletHead,
            Self::InletHead => Measured::InletHead,
            Self::InputPower => Measured::InputPower,
            Self::ShaftPowerFromTorque => Measured::ShaftPowerFromTorque,
            Self::ShaftPowerFromMotorEfficiency => Measured::ShaftPowerFromMotorEfficiency,
            Self::Torque => Measured::Torque,
            Self::Speed => Measured::Speed,
            Self::Temperature => Measured::Temperature,
        }
    }

    /// The quantity in words.
    pub(super) fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::Flow => ("流量", "flow"),
            Self::TotalHead => ("扬程", "total head"),
            Self::DifferentialHead => ("差压计压头", "differential head"),
            Self::OutletHead => ("出口水头", "outlet head"),
            Self::InletHead => ("入口水头", "inlet head"),
            Self::InputPower => ("输入功率", "input power"),
            Self::ShaftPowerFromTorque | Self::ShaftPowerFromMotorEfficiency => {
                ("轴功率", "shaft power")
            }
            Self::Torque => ("转矩", "torque"),
            Self::Speed => ("转速", "speed"),
            Self::Temperature => ("温度", "temperature"),
        }
    }
}
