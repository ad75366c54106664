//! The rule kinds of repeated readings: how many sets, how far apart, and how they may
//! differ.

use super::Measured;
use super::cite::{Cited, Confidence, chosen, finite_option};
use serde::Deserialize;

/// What sets of readings taken at a point that is not steady are held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatRule {
    /// `e = √(e_R² + e_S²)` against the overall uncertainty, `e_R` by Student's t.
    StudentT,
    /// The spread between the sets against a table over their number.
    SpreadTable,
}

/// How many sets of readings a point needs when it is not steady.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingsRule {
    /// Clause.
    pub clause: String,
    /// What the sets are held against.
    #[serde(deserialize_with = "chosen")]
    pub rule: RepeatRule,
    /// Least number of sets.
    pub minimum_sets: Cited,
    /// Least time between two sets, s.
    pub spacing_s: Option<Cited>,
}

/// One row of the table of permissible spreads.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpreadRow {
    /// From this number of sets on, up to the next row.
    pub sets: usize,
    /// Flow, head, torque and power.
    pub process: SpreadLimit,
    /// Speed of rotation.
    pub speed: SpreadLimit,
    /// Clause or table.
    pub clause: String,
}

/// Permissible spread, percent of the largest value. The table has two classes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpreadLimit {
    #[serde(default, deserialize_with = "finite_option")]
    class_1: Option<f64>,
    #[serde(default, deserialize_with = "finite_option")]
    class_2: Option<f64>,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the cells.
    pub confidence: Confidence,
}

impl SpreadRow {
    /// The cell of a quantity and class; none for quantities and classes without a column.
    #[must_use]
    pub fn limit_pct(&self, quantity: Measured, class: u8) -> Option<f64> {
        let cells = match quantity {
            Measured::Speed => &self.speed,
            Measured::Flow
            | Measured::TotalHead
            | Measured::Torque
            | Measured::InputPower
            | Measured::ShaftPowerFromTorque
            | Measured::ShaftPowerFromMotorEfficiency => &self.process,
            _ => return None,
        };
        match class {
            1 => cells.class_1,
            2 => cells.class_2,
            _ => None,
        }
    }
}

/// What is wrong with the rule and its table.
pub(super) fn problem(rule: Option<&ReadingsRule>, rows: &[SpreadRow]) -> Option<&'static str> {
    let by_table = rule.is_some_and(|rule| rule.rule == RepeatRule::SpreadTable);
    if by_table == rows.is_empty() {
        return Some("and [[spread]] do not agree; the rule spread_table needs rows, no other has");
    }
    let minimum = rule?.minimum_sets.value;
    if !(minimum >= 2.0 && minimum.fract() == 0.0) {
        return Some("has a minimum_sets that is no whole number from 2 on; correct it");
    }
    if rows.first().is_some_and(|row| row.sets as f64 != minimum) {
        return Some("has a table that does not begin at minimum_sets; close the gap");
    }
    let rising = |pair: &[SpreadRow]| matches!(pair, [a, b] if a.sets < b.sets);
    (!rows.windows(2).all(rising))
        .then_some("has rows whose number of sets does not rise; sort them, keep each once")
}
