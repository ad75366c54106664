//! What a standard states and no rule of this program applies, and what the pack knows to be
//! missing: both for a reader who holds the text beside the pack.

use super::band::Band;
use super::cite::{Confidence, finite_option};
use serde::Deserialize;

/// A number or date of the standard that nothing here judges by. It has a value, a range or
/// a text, exactly one of them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Informative {
    /// Its name in the pack.
    pub id: String,
    /// What it is, in Chinese.
    pub zh: String,
    /// What it is, in English.
    pub en: String,
    /// One number.
    #[serde(default, deserialize_with = "finite_option")]
    pub value: Option<f64>,
    /// A limit or a range.
    pub range: Option<Band>,
    /// A date, a list or a formula; neither Chinese nor English.
    pub text: Option<String>,
    /// Unit of value or range; empty for a pure number.
    #[serde(default)]
    pub unit: String,
    /// Clause, or that it is not known.
    pub clause: String,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust it.
    pub confidence: Confidence,
}

/// Something the standard has and the pack has not: the first thing to look up in the text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownMissing {
    /// Clause or table, or that it is not known.
    pub clause: String,
    /// What is missing, in Chinese.
    pub zh: String,
    /// What is missing, in English.
    pub en: String,
}

impl Informative {
    pub(super) fn problem(&self) -> Option<&'static str> {
        let given = [
            self.value.is_some(),
            self.range.is_some(),
            self.text.is_some(),
        ];
        if given.into_iter().filter(|given| *given).count() != 1 {
            return Some("has none or several of value, range and text; give one");
        }
        if self.zh.trim().is_empty() || self.en.trim().is_empty() {
            return Some("is not named in both languages; fill in zh and en");
        }
        self.range.as_ref().and_then(Band::problem)
    }
}

impl KnownMissing {
    pub(super) fn problem(&self) -> Option<&'static str> {
        let empty = [&self.clause, &self.zh, &self.en]
            .into_iter()
            .any(|text| text.trim().is_empty());
        empty.then_some("leaves clause, zh or en empty; say what is missing, in both languages")
    }
}
