//! Grades of the unit efficiency: lines above and below a specified efficiency.
//!
//! A standard of this kind states no efficiency. It states by how many percentage points a
//! pump of a type and power must exceed the specified efficiency to reach a grade, and lets
//! it fall below by the tolerance of the product standard at most (the mandatory line).
//! Lines are compared with unrounded values, touching included.

use super::cite::{Confidence, finite_option};
use super::{DecisionRule, ReadAt};
use crate::{Error, check, limit};
use serde::Deserialize;

/// Which efficiency a grade is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// Of motor and pump together, input power at the motor leads.
    UnitEfficiency,
}

/// How grades are judged, whatever the type of pump.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnergyRule {
    /// Clause, or that it is not known.
    pub clause: String,
    /// Which efficiency.
    pub compared: Compared,
    /// At which flow it is read.
    pub read_at: ReadAt,
    /// How uncertainty enters.
    pub decision: DecisionRule,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the rule.
    pub confidence: Confidence,
}

/// A type of pump with its rows, one per band of power.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnergyType {
    /// Id by which an order names it.
    pub id: String,
    /// Table of the standard.
    pub table: String,
    /// Name in Chinese.
    pub title_zh: String,
    /// Name in English.
    pub title_en: String,
    /// Bands of power, ascending.
    pub row: Vec<EnergyRow>,
}

/// One band of power of one type: open below, closed above.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnergyRow {
    /// The row holds above this rated motor power, kW.
    #[serde(default, deserialize_with = "finite_option")]
    pub above_kw: Option<f64>,
    /// And up to and including this one, kW.
    #[serde(default, deserialize_with = "finite_option")]
    pub up_to_kw: Option<f64>,
    /// Points above the specified efficiency for grade 1; absent for a dash of the table.
    #[serde(default, deserialize_with = "finite_option")]
    pub grade_1: Option<f64>,
    /// The same for grade 2.
    #[serde(default, deserialize_with = "finite_option")]
    pub grade_2: Option<f64>,
    /// Points below the specified efficiency that are permitted: the product standard's
    /// tolerance, for grade 3.
    #[serde(default, deserialize_with = "finite_option")]
    pub tolerance: Option<f64>,
    /// The transcription of `grade_1` and `grade_2` contradicts itself; neither is judged.
    #[serde(default)]
    pub doubtful: bool,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the row.
    pub confidence: Confidence,
}

/// The least efficiency of one grade, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Line {
    /// The efficiency must not be below this fraction.
    AtLeast(f64),
    /// The standard does not grade this type and power at this level.
    NotGraded,
    /// The pack's numbers contradict themselves.
    Doubtful,
    /// Neither pack nor order states the tolerance of the product standard.
    NoTolerance,
}

impl EnergyType {
    /// The row of a rated motor power in kW; none where the table has no such band.
    ///
    /// # Errors
    /// [`Error::Value`] for a power that is not above zero.
    pub fn row(&self, power_kw: f64) -> Result<Option<&EnergyRow>, Error> {
        let power_kw = check::positive("rated motor power in kW", power_kw)?;
        Ok(self.row.iter().find(|row| row.holds(power_kw)))
    }

    /// What is wrong with the rows: bands that overlap, or half a pair of grades.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let follows = |pair: &[EnergyRow]| match pair {
            [a, b] => matches!((a.up_to_kw, b.above_kw), (Some(up), Some(above)) if up <= above),
            _ => true,
        };
        if !self.row.windows(2).all(follows) {
            return Some("has bands of power that overlap or are not ascending; correct them");
        }
        let paired = |row: &EnergyRow| row.grade_1.is_some() == row.grade_2.is_some();
        if !self.row.iter().all(paired) {
            return Some("has a row with one of grade_1 and grade_2 only; give both or neither");
        }
        let ordered = |row: &EnergyRow| {
            row.grade_1 >= row.grade_2 && row.grade_2.is_none_or(|points| points >= 0.0)
        };
        if !self.row.iter().all(ordered) {
            return Some("has a row whose grade_1 is below grade_2, or grade_2 below zero");
        }
        if self
            .row
            .iter()
            .any(|row| row.tolerance.is_some_and(|t| t < 0.0))
        {
            return Some("has a tolerance below zero; write how far below is permitted");
        }
        None
    }
}

impl EnergyRow {
    fn holds(&self, power_kw: f64) -> bool {
        self.above_kw
            .is_none_or(|low| power_kw > low && !limit::touches(power_kw, low))
            && self
                .up_to_kw
                .is_none_or(|high| limit::at_most(power_kw, high))
    }

    /// The lines of grades 1, 2 and 3 for a specified efficiency, as fractions. The
    /// tolerance is the row's, else the declared one, in percentage points.
    /// Source: GB 32030-2022 by the energy reference, section 4.3.
    ///
    /// # Errors
    /// [`Error::Value`] for an efficiency outside 0 to 1 or a negative tolerance.
    pub fn lines(
        &self,
        specified: f64,
        declared_tolerance_points: Option<f64>,
    ) -> Result<[Line; 3], Error> {
        let specified = check::between(
            "specified efficiency",
            specified,
            0.0,
            1.0,
            "between 0 and 1",
        )?;
        // Summed in percent, as the standard does it; one division at the end.
        let at = |points: f64| Line::AtLeast((specified * 100.0 + points) / 100.0);
        let above = |points: Option<f64>| match points {
            Some(_) if self.doubtful => Line::Doubtful,
            Some(points) => at(points),
            None => Line::NotGraded,
        };
        let third = match self.tolerance.or(declared_tolerance_points) {
            Some(points) => at(-check::not_negative(
                "tolerance in percentage points",
                points,
            )?),
            None => Line::NoTolerance,
        };
        Ok([above(self.grade_1), above(self.grade_2), third])
    }
}

/// The best grade whose line an efficiency reaches; `None` when it reaches none of those
/// that can be judged.
///
/// ```
/// use dutypoint_hydraulics::pack::{Line, grade_reached};
/// // Worked example E8b: eta_DB 59.5 %, 60.76 % measured.
/// let lines = [Line::AtLeast(0.62), Line::AtLeast(0.608), Line::AtLeast(0.57)];
/// assert_eq!(grade_reached(0.6076, &lines), Some(3));
/// ```
#[must_use]
pub fn grade_reached(efficiency: f64, lines: &[Line; 3]) -> Option<u8> {
    (1..).zip(lines).find_map(|(grade, line)| match line {
        Line::AtLeast(low) if limit::at_least(efficiency, *low) => Some(grade),
        _ => None,
    })
}
