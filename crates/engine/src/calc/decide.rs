//! A value, its uncertainty and a limit: what a decision rule says.

use super::conditions::together;
use super::words::{Rule, Shown, Statement};
use super::{Calc, Packs, Refusal, refuse};
use dutypoint_hydraulics::decision::{Expanded, Interval, decide};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) struct Decide;

/// Value, limits and U share a unit.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecideInput {
    /// The value found.
    value: f64,
    /// Smallest value permitted.
    limit_low: Option<f64>,
    /// Largest value permitted.
    limit_high: Option<f64>,
    /// Expanded uncertainty U of the value, 0 or above; goes with k.
    u_expanded: Option<f64>,
    /// Coverage factor k of U, above 0.
    k: Option<f64>,
    /// The decision rule.
    rule: Rule,
    /// r of the guard band w = r·U, above 0, up to 1; for rules that have one.
    r: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct DecideOutput {
    /// What the rule says; both conditional statements are inconclusive.
    verdict: Shown,
    /// Statement of a non-binary rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    conformity: Option<Statement>,
    /// Smallest value accepted, after the guard band.
    #[serde(skip_serializing_if = "Option::is_none")]
    acceptance_low: Option<f64>,
    /// Largest value accepted, after the guard band.
    #[serde(skip_serializing_if = "Option::is_none")]
    acceptance_high: Option<f64>,
    /// Probability that the quantity itself keeps the limits; needs U.
    #[serde(skip_serializing_if = "Option::is_none")]
    probability_of_conformity: Option<f64>,
    /// One less that probability: the risk of accepting.
    #[serde(skip_serializing_if = "Option::is_none")]
    probability_outside: Option<f64>,
}

impl Calc for Decide {
    const NAME: &'static str = "decide";
    const ZH: &'static str = "按判定规则给出符合性声明及其概率";
    const EN: &'static str = "statement of conformity by a decision rule, and its probability";
    const FORMULAS: &'static [&'static str] = &["decision.jcgm106.v1"];
    const SOURCE: &'static str = "JCGM 106:2012, 7.2 to 7.4 and 8; ILAC-G8:09/2019";
    const EXAMPLE: &'static str = r#"{"value": 62.4, "limit_low": 62.0, "u_expanded": 0.9, "k": 2, "rule": "non_binary", "r": 1}"#;
    type Input = DecideInput;
    type Output = DecideOutput;

    fn compute(input: DecideInput, _: &Packs) -> Result<DecideOutput, Refusal> {
        let limits = Interval {
            low: input.limit_low,
            high: input.limit_high,
        };
        if limits == Interval::default() {
            return Err(refuse(
                "没有可供判定的限值；请给出 limit_low、limit_high 或两者",
                "there is no limit to decide by; give limit_low, limit_high or both",
            ));
        }
        let expanded = together(("u_expanded", input.u_expanded), ("k", input.k))?;
        let expanded = expanded.map(|(u, k)| Expanded { u, k });
        let found = decide(input.rule.with(input.r)?, input.value, expanded, limits)?;
        Ok(DecideOutput {
            verdict: found.verdict.into(),
            conformity: found.conformity.map(Statement::from),
            acceptance_low: found.acceptance.low,
            acceptance_high: found.acceptance.high,
            probability_of_conformity: found.probability,
            probability_outside: found.probability.map(|p| 1.0 - p),
        })
    }
}
