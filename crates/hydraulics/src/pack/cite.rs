//! A number with where it comes from and how far it can be trusted.

use serde::{Deserialize, Deserializer, de};
use std::fmt;

/// How far a number of a pack can be trusted, in the tags of the two reference files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Confidence {
    /// At least two independent sources agree.
    C2,
    /// One source.
    C1,
    /// Own knowledge, high confidence (hydraulic reference).
    M3,
    /// Own knowledge, medium (hydraulic reference).
    M2,
    /// Own knowledge, confident (energy reference).
    #[serde(rename = "M+")]
    MPlus,
    /// Own knowledge, to be checked against the text (energy reference).
    M,
    /// Own knowledge, weak: a placeholder that no verdict rests on (energy reference).
    #[serde(rename = "M-")]
    MMinus,
    /// Derived or recomputed, or a recommendation of the reference.
    D,
    /// A setting of the laboratory, in no standard.
    #[serde(rename = "laboratory")]
    Laboratory,
}

impl Confidence {
    /// Whether at least one source states the number, or no standard needs to.
    #[must_use]
    pub fn is_sourced(self) -> bool {
        matches!(self, Self::C2 | Self::C1 | Self::Laboratory)
    }

    /// The weaker of two.
    #[must_use]
    pub fn weaker(self, other: Self) -> Self {
        let rank = |confidence| match confidence {
            Self::Laboratory | Self::C2 => 0,
            Self::C1 => 1,
            Self::D => 2,
            Self::M3 | Self::MPlus => 3,
            Self::M2 | Self::M => 4,
            Self::MMinus => 5,
        };
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }
}

impl fmt::Display for Confidence {
    /// The tag as packs write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::C2 => "C2",
            Self::C1 => "C1",
            Self::M3 => "M3",
            Self::M2 => "M2",
            Self::MPlus => "M+",
            Self::M => "M",
            Self::MMinus => "M-",
            Self::D => "D",
            Self::Laboratory => "laboratory",
        })
    }
}

/// One number of a pack.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(
    deny_unknown_fields,
    bound = "T: From<f64>",
    expecting = "{ value = …, source = [\"…\"], confidence = \"…\" }: every number carries its own citation"
)]
pub struct Cited<T = f64> {
    /// The number; its unit is in its type, or in the name of the field that holds it.
    #[serde(deserialize_with = "finite")]
    pub value: T,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust it.
    pub confidence: Confidence,
}

/// A lower and an upper limit of a pack.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(
    deny_unknown_fields,
    bound = "T: From<f64>",
    expecting = "{ low = …, high = …, source = [\"…\"], confidence = \"…\" }: every limit carries its own citation"
)]
pub struct CitedBand<T = f64> {
    /// Lower limit.
    #[serde(deserialize_with = "finite")]
    pub low: T,
    /// Upper limit.
    #[serde(deserialize_with = "finite")]
    pub high: T,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust it.
    pub confidence: Confidence,
}

/// TOML can spell `nan` and `inf`; no limit is either.
pub(super) fn finite<'de, T: From<f64>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = f64::deserialize(deserializer)?;
    if value.is_finite() {
        Ok(T::from(value))
    } else {
        Err(de::Error::custom(format_args!(
            "{value} is no limit; write a finite decimal or leave the number out"
        )))
    }
}

/// A choice of a rule: a word, a class, an edge, cited for itself. What cites it is read from
/// the text as an [`super::Entry`]; a rule needs the value only.
#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "{ value = …, source = [\"…\"], confidence = \"…\" }: every choice carries its own citation"
)]
pub(super) struct Choice<T> {
    pub(super) value: T,
    #[serde(rename = "source")]
    _source: Vec<String>,
    pub(super) confidence: Confidence,
}

/// Reads `{ value = …, source = […], confidence = … }` where the rule keeps the value only. A
/// choice without its own citation is refused: beside cited numbers it would seem to be
/// covered by theirs.
pub(super) fn chosen<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Choice::deserialize(deserializer).map(|choice| choice.value)
}

pub(super) fn chosen_option<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    chosen(deserializer).map(Some)
}

/// As [`chosen`] for an edge of a table's row.
pub(super) fn bound<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Cited::deserialize(deserializer).map(|edge: Cited| edge.value)
}

pub(super) fn edge<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    bound(deserializer).map(Some)
}

pub(super) fn finite_option<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<f64>, D::Error> {
    finite(deserializer).map(Some)
}
