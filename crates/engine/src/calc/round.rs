//! Rounding and comparison with a limit.

use super::words::Shown;
use super::{Calc, Packs, Refusal, refuse};
use dutypoint_hydraulics::rounding::{self, Comparison, Interval};
use dutypoint_hydraulics::{Error as HydraulicsError, limit};
use dutypoint_model::Verdict;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) struct Round;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    /// The number; as text where its digits count beyond those of a double ("0.50000000000000000001").
    value: Text,
    /// Interval of rounding: 1, 2 or 5 times a power of ten, like 0.1; or "uncertainty" for two significant digits.
    interval: Text,
    /// A lower limit to hold it against.
    at_least: Option<f64>,
    /// An upper limit to hold it against.
    at_most: Option<f64>,
    /// What is held against the limit: full_value (where absent) or rounded_value.
    comparison: Option<Held>,
}

/// A number, or text with its digits.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Text {
    /// A number.
    Number(f64),
    /// Its text.
    Text(String),
}

impl Text {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => rounding::shortest(*number).unwrap_or_default(),
            Self::Text(text) => text.trim().to_owned(),
        }
    }
}

#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Held {
    /// The value with all its digits.
    FullValue,
    /// The rounded value.
    RoundedValue,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Answer {
    /// The number rounded, with the digits it is printed with.
    rounded: String,
    /// (+) or (−) where it prints like a limit beside which it lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<&'static str>,
    /// The number that was held against the limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<f64>,
    /// Whether it is inside the limits, touching included.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Shown>,
}

impl Calc for Round {
    const NAME: &'static str = "round";
    const ZH: &'static str = "数值修约与极限数值的比较";
    const EN: &'static str = "rounding, and comparison of a full or rounded value with a limit";
    const FORMULAS: &'static [&'static str] = &["rounding.gbt8170.v1"];
    const SOURCE: &'static str = "GB/T 8170-2008 clauses 3 and 4; GUM 7.2.6";
    const EXAMPLE: &'static str =
        r#"{"value": 60.76, "interval": "0.1", "at_least": 60.8, "comparison": "full_value"}"#;
    type Input = Question;
    type Output = Answer;

    fn compute(question: Question, _: &Packs) -> Result<Answer, Refusal> {
        let text = question.value.text();
        let number: f64 = text.parse().unwrap_or(f64::NAN);
        let interval = question.interval.text();
        if interval == "uncertainty" {
            let rounded = rounding::uncertainty(number).ok_or_else(|| refused(&text))?;
            return Ok(Answer {
                rounded,
                mark: None,
                compared: None,
                verdict: None,
            });
        }
        let interval: Interval = interval.parse().map_err(|e| in_field("interval", e))?;
        let rounded = interval
            .round_text(&text)
            .map_err(|e| in_field("value", e))?;
        if let (Some(low), Some(high)) = (question.at_least, question.at_most)
            && low > high
        {
            return Err(refuse(
                format!("at_least = {low} 大于 at_most = {high}；请对调两个限值"),
                format!("at_least = {low} exceeds at_most = {high}; exchange the limits"),
            ));
        }
        if question.comparison.is_some() && question.at_least.or(question.at_most).is_none() {
            return Err(refuse(
                "comparison 用于与限值比较；请给出 at_least 或 at_most，或去掉 comparison",
                "comparison is for a limit; give at_least or at_most, or leave comparison out",
            ));
        }
        let comparison = match question.comparison {
            Some(Held::RoundedValue) => Comparison::RoundedValue,
            Some(Held::FullValue) | None => Comparison::FullValue,
        };
        let limits = [question.at_least, question.at_most];
        let mark = limits.into_iter().flatten().find_map(|limit| {
            let printed = interval.round(limit)?;
            rounding::mark(&rounded, number, &printed, limit)
        });
        let (mut compared, mut verdict) = (None, None);
        if limits.iter().any(Option::is_some) {
            let value = comparison.of(number, interval)?;
            let inside = question
                .at_least
                .is_none_or(|low| limit::at_least(value, low))
                && question
                    .at_most
                    .is_none_or(|high| limit::at_most(value, high));
            compared = Some(value);
            verdict = Some(if inside { Verdict::Pass } else { Verdict::Fail }.into());
        }
        Ok(Answer {
            rounded,
            mark,
            compared,
            verdict,
        })
    }
}

fn refused(text: &str) -> Refusal {
    let error = HydraulicsError::Rounding {
        text: text.to_owned(),
        must: "a decimal number, like -12.50 or 3e-6",
    };
    in_field("value", error)
}

fn in_field(field: &str, error: HydraulicsError) -> Refusal {
    let said = error.text();
    refuse(
        format!("{field}：{}", said.zh),
        format!("{field}: {}", said.en),
    )
}
