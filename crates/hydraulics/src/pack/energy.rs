//! Energy grades: three lines for an efficiency, by one of three rules.
//!
//! - `[[energy_type]]`: percentage points above and below a specified efficiency, by bands of
//!   motor power; the standard itself states no efficiency.
//! - `[[energy_pump]]` with `surface`: a quadratic in the logarithms of specific speed and
//!   flow, less a constant per grade.
//! - `[[energy_pump]]` with `efficiency` and `correction`: an efficiency over the flow, less a
//!   correction for the specific speed, moved by percentage points per grade.
//!
//! How they are evaluated is in [`crate::energy`].

use super::band::{Band, sequence_problem};
use super::cite::{Confidence, chosen, chosen_option};
use super::{DecisionRule, PercentagePoints, ReadAt, Standard};
use crate::{Error, check};
use serde::{Deserialize, Serialize};

/// Which efficiency a grade is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// Of motor and pump together, input power at the motor leads.
    UnitEfficiency,
    /// Of the pump.
    PumpEfficiency,
}

/// How grades are judged, whatever the type of pump.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnergyRule {
    /// Clause, or that it is not known.
    pub clause: String,
    /// Which efficiency.
    #[serde(deserialize_with = "chosen")]
    pub compared: Compared,
    /// Where flow, head and efficiency are read; a guarantee on the same pump may read
    /// elsewhere.
    #[serde(deserialize_with = "chosen")]
    pub read_at: ReadAt,
    /// How uncertainty enters.
    #[serde(deserialize_with = "chosen")]
    pub decision: DecisionRule,
    /// What the standard calls its three lines, best first; absent where they are grades.
    #[serde(default, deserialize_with = "chosen_option")]
    pub names_zh: Option<[String; 3]>,
    /// The same in English.
    #[serde(default, deserialize_with = "chosen_option")]
    pub names_en: Option<[String; 3]>,
}

/// A type of pump with its rows, one per band of power.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnergyType {
    /// Id by which an order names it.
    pub id: String,
    /// Table of the standard.
    pub clause: String,
    /// Name in Chinese.
    pub title_zh: String,
    /// Name in English.
    pub title_en: String,
    /// Bands of power, ascending.
    pub row: Vec<EnergyRow>,
}

/// One band of rated motor power of one type.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnergyRow {
    /// The band.
    pub power_kw: Band,
    /// Points above the specified efficiency for grade 1; absent for a dash of the table.
    pub grade_1: Option<PercentagePoints>,
    /// The same for grade 2.
    pub grade_2: Option<PercentagePoints>,
    /// Points below the specified efficiency that are permitted: the product standard's
    /// tolerance, for grade 3.
    pub tolerance: Option<PercentagePoints>,
    /// The transcription of `grade_1` and `grade_2` contradicts itself; neither is judged.
    #[serde(default)]
    pub doubtful: bool,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the row.
    pub confidence: Confidence,
}

/// How many stages a class of pumps has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stages {
    /// One.
    One,
    /// Two or more.
    Several,
}

/// A class of pumps whose lines follow from its flow and specific speed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnergyPump {
    /// Id by which orders and calculations name it.
    pub id: String,
    /// Table or clause of the standard.
    pub clause: String,
    /// Name in Chinese.
    pub title_zh: String,
    /// Name in English.
    pub title_en: String,
    /// Stages of such a pump.
    pub stages: Stages,
    /// Suction eyes of such a pump, where the class fixes them; the specific speed takes the
    /// flow of one eye.
    pub suction_eyes: Option<u32>,
    /// Id of the quadratic the constants are taken off.
    pub surface: Option<String>,
    /// Or: the column of the efficiency over the flow,
    pub efficiency: Option<String>,
    /// and that of its correction for specific speed.
    pub correction: Option<String>,
    /// Specific speeds n_s of the standard; outside them nothing is graded.
    pub n_s: Option<Band>,
    /// Specific speeds usual where the standard states no limits; outside them a remark.
    #[serde(default, deserialize_with = "chosen_option")]
    pub n_s_usual: Option<Band>,
    /// One row per band of flow, or of flow and specific speed.
    pub row: Vec<EnergyPumpRow>,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust what no row states.
    pub confidence: Confidence,
}

/// Constants of the three lines, best first, over a band.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnergyPumpRow {
    /// Total flow of the pump, m³/h.
    pub flow_m3_h: Band,
    /// Specific speed n_s, where the constants depend on it.
    pub n_s: Option<Band>,
    /// Taken off the quadratic: C1, C2, C3.
    pub taken_off: Option<[PercentagePoints; 3]>,
    /// Added to the corrected efficiency, negative below it.
    pub added: Option<[PercentagePoints; 3]>,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the row.
    pub confidence: Confidence,
}

impl EnergyType {
    /// The row of a rated motor power in kW; none where the table has no such band.
    ///
    /// # Errors
    /// [`Error::Value`] for a power that is not above zero.
    pub fn row(&self, power_kw: f64) -> Result<Option<&EnergyRow>, Error> {
        let power_kw = check::positive("rated motor power in kW", power_kw)?;
        Ok(self.row.iter().find(|row| row.power_kw.holds(power_kw)))
    }

    /// What is wrong with the rows: bands that do not follow each other, or half a pair of
    /// grades.
    pub(super) fn problem(&self) -> Option<&'static str> {
        if let Some(problem) = sequence_problem(self.row.iter().map(|row| &row.power_kw)) {
            return Some(problem);
        }
        let paired = |row: &EnergyRow| row.grade_1.is_some() == row.grade_2.is_some();
        if !self.row.iter().all(paired) {
            return Some("has a row with one of grade_1 and grade_2 only; give both or neither");
        }
        let ordered = |row: &EnergyRow| {
            row.grade_1 >= row.grade_2 && row.grade_2.is_none_or(|points| points.0 >= 0.0)
        };
        if !self.row.iter().all(ordered) {
            return Some("has a row whose grade_1 is below grade_2, or grade_2 below zero");
        }
        let negative = |row: &EnergyRow| row.tolerance.is_some_and(|points| points.0 < 0.0);
        self.row
            .iter()
            .any(negative)
            .then_some("has a tolerance below zero; write how far below is permitted")
    }
}

impl EnergyPump {
    /// What is wrong with the class, but for the columns it names.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let by_surface = self.surface.is_some();
        if by_surface == self.efficiency.is_some()
            || self.efficiency.is_some() != self.correction.is_some()
        {
            return Some(
                "names neither or both of a surface and a pair of efficiency and correction; name one of the two",
            );
        }
        if self.suction_eyes.is_some_and(|eyes| !matches!(eyes, 1 | 2)) {
            return Some("has suction_eyes other than 1 or 2; correct it");
        }
        let fitting = |row: &EnergyPumpRow| {
            row.taken_off.is_some() == by_surface && row.added.is_some() != by_surface
        };
        if self.row.is_empty() || !self.row.iter().all(fitting) {
            return Some(
                "needs a row or more, with `taken_off` where it names a surface, else with `added`",
            );
        }
        let ordered = |row: &EnergyPumpRow| {
            let falling = |points: [PercentagePoints; 3], sign: f64| {
                sign * points[0].0 >= sign * points[1].0 && sign * points[1].0 >= sign * points[2].0
            };
            row.added.is_none_or(|points| falling(points, 1.0))
                && row.taken_off.is_none_or(|points| falling(points, -1.0))
        };
        if !self.row.iter().all(ordered) {
            return Some("has a row whose better line lies below a worse one; put the best first");
        }
        for band in self.n_s.iter().chain(&self.n_s_usual) {
            if let Some(problem) = band.problem() {
                return Some(problem);
            }
        }
        // Flow bands follow each other; within one flow band its specific speeds do.
        let flows = self.row.chunk_by(|a, b| a.flow_m3_h == b.flow_m3_h);
        let firsts = flows
            .clone()
            .filter_map(|group| Some(&group.first()?.flow_m3_h));
        if let Some(problem) = sequence_problem(firsts) {
            return Some(problem);
        }
        for group in flows {
            let speeds: Vec<&Band> = group.iter().filter_map(|row| row.n_s.as_ref()).collect();
            match (group, speeds.len()) {
                ([_], 0) => {}
                (_, given) if given == group.len() => {
                    if let Some(problem) = sequence_problem(speeds) {
                        return Some(problem);
                    }
                }
                _ => return Some("has a band of flow twice; give each a band of n_s or keep one"),
            }
        }
        None
    }
}

impl Standard {
    /// How energy grades are judged.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn energy(&self) -> Result<&EnergyRule, Error> {
        self.section(self.energy.as_ref(), "the rule for energy grades")
    }

    /// The rows of a type of pump that is graded from a specified efficiency.
    ///
    /// # Errors
    /// [`Error::NotInPack`]; [`Self::energy_types`] lists what there is.
    pub fn energy_type(&self, id: &str) -> Result<&EnergyType, Error> {
        let found = self.energy_type.iter().find(|t| t.id == id);
        found.ok_or_else(|| self.missing(format!("the pump type {id:?}")))
    }

    /// A class of pumps that is graded from flow and specific speed.
    ///
    /// # Errors
    /// [`Error::NotInPack`]; [`Self::energy_types`] lists what there is.
    pub fn energy_pump(&self, id: &str) -> Result<&EnergyPump, Error> {
        let found = self.energy_pump.iter().find(|pump| pump.id == id);
        found.ok_or_else(|| {
            let known = self.energy_types().join(", ");
            self.missing(format!("the pump type {id:?} (known: {known})"))
        })
    }

    /// Ids of the types of pump that have energy grades, in the order of the pack.
    #[must_use]
    pub fn energy_types(&self) -> Vec<&str> {
        let types = self.energy_type.iter().map(|t| t.id.as_str());
        types
            .chain(self.energy_pump.iter().map(|pump| pump.id.as_str()))
            .collect()
    }

    /// What is wrong with what a class names.
    pub(super) fn energy_pump_problem(&self, pump: &EnergyPump) -> Option<&'static str> {
        use super::TableKind::{PumpEfficiency, SpeedCorrection};
        if let Some(problem) = pump.problem() {
            return Some(problem);
        }
        if let Some(id) = &pump.surface
            && self.log_quadratic(id).is_err()
        {
            return Some("names a surface that no [[log_quadratic]] has; correct the id");
        }
        for (kind, id) in [
            (PumpEfficiency, &pump.efficiency),
            (SpeedCorrection, &pump.correction),
        ] {
            if let Some(id) = id
                && !self.columns(kind).contains(&id.as_str())
            {
                return Some("names a column that no [[table]] has; correct the id");
            }
        }
        None
    }
}
