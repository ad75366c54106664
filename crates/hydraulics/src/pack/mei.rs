//! The rules of Regulation (EU) 547/2012: efficiency index of clean-water pumps.

use super::Standard;
use super::band::Band;
use super::cite::{Cited, Confidence, finite};
use crate::Error;
use serde::Deserialize;

/// What holds for every type.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeiRule {
    /// Clause.
    pub clause: String,
    /// Id of the quadratic; its speed is n √Q / H^0.75 with Q in m³/s, its flow is in m³/h.
    pub surface: String,
    /// Part load as a share of the flow at best efficiency.
    pub part_load_flow: Cited,
    /// Least efficiency at part load as a share of that at best efficiency.
    pub part_load_factor: Cited,
    /// Overload as a share of the flow at best efficiency.
    pub overload_flow: Cited,
    /// Least efficiency at overload as a share of that at best efficiency.
    pub overload_factor: Cited,
    /// The index required, step by step.
    pub required: Vec<MeiRequired>,
    /// The index of the best pumps on the market.
    pub benchmark: MeiBenchmark,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the rule.
    pub confidence: Confidence,
}

/// The index required from a day on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeiRequired {
    /// First day, as in `2015-01-01`.
    pub from: String,
    /// The index.
    #[serde(deserialize_with = "finite")]
    pub value: f64,
    /// Clause.
    pub clause: String,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust it.
    pub confidence: Confidence,
}

/// The index of the best pumps on the market.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeiBenchmark {
    /// The index.
    #[serde(deserialize_with = "finite")]
    pub value: f64,
    /// Clause.
    pub clause: String,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust it.
    pub confidence: Confidence,
}

impl MeiRule {
    /// What is wrong with the steps.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let dated = |day: &str| {
            day.len() == 10
                && day.bytes().enumerate().all(|(at, byte)| match at {
                    4 | 7 => byte == b'-',
                    _ => byte.is_ascii_digit(),
                })
        };
        if !self.required.iter().all(|step| dated(&step.from)) {
            return Some("has a `from` that is no day; write it as 2015-01-01");
        }
        let rising =
            |pair: &[MeiRequired]| matches!(pair, [a, b] if a.from < b.from && a.value < b.value);
        (self.required.is_empty() || !self.required.windows(2).all(rising))
            .then_some("needs one required index or more, day and index rising; sort them")
    }
}

/// What a type of pump must be to fall under the regulation.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeiScope {
    /// Clause.
    pub clause: String,
    /// Specific speeds.
    pub n_q: Option<Band>,
    /// Flows, m³/h.
    pub flow_m3_h: Option<Band>,
    /// Heads, m.
    pub head_m: Option<Band>,
    /// Stages of the pump that is tested for the whole series.
    pub stages_tested: Option<u32>,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust it.
    pub confidence: Confidence,
}

/// A type of pump at a nominal speed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeiType {
    /// Id.
    pub id: String,
    /// Clause or table.
    pub clause: String,
    /// Name in Chinese.
    pub title_zh: String,
    /// Name in English.
    pub title_en: String,
    /// Nominal speed the values are stated for, r/min.
    #[serde(deserialize_with = "finite")]
    pub nominal_rpm: f64,
    /// What falls under the type.
    pub scope: MeiScope,
    /// Constant C per index, index rising.
    pub c: Vec<MeiConstant>,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the speed.
    pub confidence: Confidence,
}

/// The constant of an index.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeiConstant {
    /// The index.
    #[serde(deserialize_with = "finite")]
    pub mei: f64,
    /// The constant C, percentage points.
    #[serde(deserialize_with = "finite")]
    pub value: f64,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust it.
    pub confidence: Confidence,
}

/// Constants that no verdict rests on: placeholders until they have been checked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeiIndication {
    /// Id of the type.
    pub id: String,
    /// Clause or table.
    pub clause: String,
    /// Pairs of index and constant C.
    pub at: Vec<[f64; 2]>,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust them.
    pub confidence: Confidence,
}

impl MeiType {
    /// What is wrong with the constants.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let scope = &self.scope;
        for band in [&scope.n_q, &scope.flow_m3_h, &scope.head_m]
            .into_iter()
            .flatten()
        {
            if let Some(problem) = band.problem() {
                return Some(problem);
            }
        }
        let follows = |pair: &[MeiConstant]| match pair {
            [a, b] => a.mei < b.mei && a.value > b.value,
            _ => true,
        };
        (self.c.is_empty() || !self.c.windows(2).all(follows))
            .then_some("needs constants C that fall while the index rises; sort and correct them")
    }
}

impl Standard {
    /// How the efficiency index is judged.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn mei(&self) -> Result<&MeiRule, Error> {
        self.section(self.mei.as_ref(), "the rule for the efficiency index MEI")
    }

    /// The index required now: that of the last step.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn mei_required(&self) -> Result<&MeiRequired, Error> {
        self.section(self.mei()?.required.last(), "the required index MEI")
    }

    /// Ids of the types of pump with an efficiency index, in the order of the pack.
    pub fn mei_types(&self) -> impl Iterator<Item = &str> {
        self.mei_type.iter().map(|pump| pump.id.as_str())
    }

    /// A type of pump with its constants.
    ///
    /// # Errors
    /// [`Error::NotInPack`], naming the types there are.
    pub fn mei_type(&self, id: &str) -> Result<&MeiType, Error> {
        let found = self.mei_type.iter().find(|t| t.id == id);
        found.ok_or_else(|| {
            let known: Vec<&str> = self.mei_type.iter().map(|t| t.id.as_str()).collect();
            let known = known.join(", ");
            self.missing(format!("the pump type {id:?} (known: {known})"))
        })
    }

    /// The constants of a type that only indicate; empty where the pack has none.
    #[must_use]
    pub fn mei_indication(&self, id: &str) -> &[[f64; 2]] {
        let found = self.mei_indication.iter().find(|t| t.id == id);
        found.map_or(&[], |t| t.at.as_slice())
    }
}
