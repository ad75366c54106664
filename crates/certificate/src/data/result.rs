//! Points, findings and signatures, as a certificate shows them.

use super::{Bilingual, Verdict};
use crate::print::PrintRule;
use serde::{Deserialize, Serialize};

/// Averages over one steady window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointRow {
    /// Number of the point, from 1.
    pub no: u32,
    /// Flow, m³/h.
    pub flow_m3h: f64,
    /// Gauge pressure at the inlet tap, kPa.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inlet_pressure_kpa: Option<f64>,
    /// Gauge pressure at the outlet tap, kPa.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_pressure_kpa: Option<f64>,
    /// Elevation term of head, m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elevation_m: Option<f64>,
    /// Velocity term of head, m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub velocity_head_m: Option<f64>,
    /// Loss between pump outlet and tap, added to the head, m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friction_m: Option<f64>,
    /// Its expanded uncertainty, k = 2, m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friction_u_m: Option<f64>,
    /// Total head, m.
    pub head_m: f64,
    /// Supply frequency, Hz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency_hz: Option<f64>,
    /// Speed of rotation, r/min.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_rpm: Option<f64>,
    /// Voltage, V.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voltage_v: Option<f64>,
    /// Current, A.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_a: Option<f64>,
    /// Input power of the motor, kW.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_power_kw: Option<f64>,
    /// Power at the shaft, kW.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shaft_power_kw: Option<f64>,
    /// Efficiency of the whole unit, %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_efficiency_pct: Option<f64>,
    /// Efficiency of the pump, %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pump_efficiency_pct: Option<f64>,
    /// Readings averaged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<u32>,
    /// Whether the window met the steadiness rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steady: Option<bool>,
}

/// Points translated to other conditions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConvertedTable {
    /// To which speed or frequency, by which formula.
    pub basis: Bilingual,
    /// One row for each measured point.
    pub rows: Vec<ConvertedRow>,
}

/// One translated point.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConvertedRow {
    /// Number of the measured point.
    pub no: u32,
    /// Flow, m³/h.
    pub flow_m3h: f64,
    /// Head, m.
    pub head_m: f64,
    /// Input power, kW.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_power_kw: Option<f64>,
    /// Power at the shaft, kW.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shaft_power_kw: Option<f64>,
    /// Efficiency of the whole unit, %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_efficiency_pct: Option<f64>,
    /// Efficiency of the pump, %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pump_efficiency_pct: Option<f64>,
}

/// What another fit of the same points would have given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeighbourFit {
    /// The fit: degrees of the curves, and where efficiency comes from.
    pub fit: String,
    /// Whether the rule pack admits it; only then does it weigh on the verdict.
    pub admissible: bool,
    /// The value it gives, in the unit of the finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The verdict it would lead to.
    pub verdict: Verdict,
}

/// One judged quantity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What is judged.
    pub item: Bilingual,
    /// Clause of the standard.
    pub clause: String,
    /// Id and version of the rule pack.
    pub pack: String,
    /// The requirement in words, with its limits.
    pub requirement: Bilingual,
    /// How its numbers are printed.
    pub rule: PrintRule,
    /// Unit of value, uncertainty and margin.
    pub unit: String,
    /// Value found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// `(+)` or `(−)` behind a value that prints like its limit and lies beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
    /// Expanded uncertainty of the value, about 95 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expanded_uncertainty: Option<f64>,
    /// Its coverage factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage_factor: Option<f64>,
    /// Distance to the nearest limit; negative outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Bilingual>,
    /// What the neighbouring degrees of fit would give.
    #[serde(default)]
    pub neighbours: Vec<NeighbourFit>,
    /// A grade that nobody requires: it is reached or not reached, and to miss it is no
    /// failure.
    #[serde(default, skip_serializing_if = "is_false")]
    pub optional_grade: bool,
}

fn is_false(value: &bool) -> bool {
    !*value
}

impl Finding {
    /// A verdict of this finding, its own or a neighbouring fit's, in words.
    #[must_use]
    pub fn say(&self, verdict: Verdict) -> Bilingual {
        match verdict {
            Verdict::Pass if self.optional_grade => Bilingual::new("达到", "Reached"),
            Verdict::Fail if self.optional_grade => Bilingual::new("未达到", "Not reached"),
            verdict => verdict.text(),
        }
    }
}

/// A quantity measured at the guaranteed flow and held against nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reported {
    /// What it is.
    pub item: Bilingual,
    /// How it is printed.
    pub rule: PrintRule,
    /// Its unit.
    pub unit: String,
    /// The value.
    pub value: f64,
    /// Expanded uncertainty, k = 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expanded_uncertainty: Option<f64>,
}

/// An item of the test method that this run does not cover.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotTested {
    /// What was not tested.
    pub item: Bilingual,
    /// Clause, or that it is not known, with the pack.
    pub clause: String,
    /// What it would need.
    pub why: Bilingual,
}

/// The energy grade with what it rests on, as a label of the unit efficiency shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnergyLabel {
    /// Standard and edition.
    pub standard: String,
    /// Table and clause.
    pub clause: String,
    /// Type of pump.
    pub pump_type: Bilingual,
    /// Band of rated motor power.
    pub band: String,
    /// Specified unit efficiency, %; absent where the lines follow from flow and specific
    /// speed, and the efficiency is the pump's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specified_pct: Option<f64>,
    /// Where it comes from, or the flow, head and speeds the lines were looked up by.
    pub source: Bilingual,
    /// Least efficiency of grades 1, 2 and 3, %; absent where none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade_1_pct: Option<f64>,
    /// Grade 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade_2_pct: Option<f64>,
    /// Grade 3, the mandatory limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade_3_pct: Option<f64>,
    /// Efficiency found, %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub efficiency_pct: Option<f64>,
    /// Its expanded uncertainty, k = 2, points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expanded_uncertainty_pct: Option<f64>,
    /// The grade in words, or why there is none.
    pub grade: Bilingual,
}

/// One signature.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Name; without one the line stays free for a pen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Title or office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Bilingual>,
    /// Date, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// The three signatures of a report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signatures {
    /// 主检
    #[serde(default)]
    pub tested_by: Signature,
    /// 审核
    #[serde(default)]
    pub checked_by: Signature,
    /// 批准
    #[serde(default)]
    pub approved_by: Signature,
}
