//! The specified unit efficiency from a product standard's tables: the pump's efficiency over
//! the flow, less a correction for its specific speed, times the motor's, less a constant.
//!
//! Between tabulated values linear, outside them nothing; motors are looked up by rating.

use super::Standard;
use super::cite::{Cited, Confidence};
use crate::specific_speed::specific_speed;
use crate::{Error, check, limit};
use serde::Deserialize;

/// Constants of the formula.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecifiedRule {
    /// Clause.
    pub clause: String,
    /// What is taken off the product of the efficiencies, percentage points.
    pub loss_points: Cited,
}

/// What a table is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// Efficiency of the pump, percent, over the flow in m³/h.
    PumpEfficiency,
    /// Percentage points taken off it, over the specific speed.
    SpeedCorrection,
    /// Efficiency of the motor, percent, at ratings in kW.
    MotorEfficiency,
}

/// One column of the product standard: pairs of abscissa and value, abscissae rising.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecifiedTable {
    /// What it is about.
    pub kind: TableKind,
    /// Name of the column.
    pub id: String,
    /// Clause or table.
    pub clause: String,
    /// The pairs.
    pub at: Vec<[f64; 2]>,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the column.
    pub confidence: Confidence,
}

impl SpecifiedTable {
    /// What is wrong with the pairs.
    pub(super) fn problem(&self) -> Option<&'static str> {
        if self.at.iter().flatten().any(|v| !v.is_finite()) {
            return Some("holds a value that is not finite; write a decimal or leave it out");
        }
        let rising = |pair: &[[f64; 2]]| matches!(pair, [a, b] if a[0] < b[0]);
        (self.at.len() < 2 || !self.at.windows(2).all(rising))
            .then_some("needs two pairs or more with rising abscissae; sort them")
    }

    /// The value at an abscissa, linear between pairs; none outside the column.
    fn linear(&self, x: f64) -> Option<f64> {
        self.at.windows(2).find_map(|pair| match pair {
            [[x0, y0], [x1, y1]] if limit::at_least(x, *x0) && limit::at_most(x, *x1) => {
                Some(y0 + (y1 - y0) * ((x - x0) / (x1 - x0)))
            }
            _ => None,
        })
    }

    /// The value of a rating; none for a power that is no rating of the column.
    fn rating(&self, x: f64) -> Option<f64> {
        let found = self
            .at
            .iter()
            .find(|[rating, _]| limit::touches(x, *rating));
        found.map(|[_, value]| *value)
    }
}

/// A small submersible pump, as its type code describes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SmallPump<'a> {
    /// Column of the pump's efficiency.
    pub pump: &'a str,
    /// Column of the correction for specific speed.
    pub correction: &'a str,
    /// Column of the motor's efficiency.
    pub motor: &'a str,
    /// Rated flow, m³/s.
    pub flow_m3_s: f64,
    /// Rated head, m.
    pub head_m: f64,
    /// Stages.
    pub stages: u32,
    /// Rated motor power, kW.
    pub motor_power_kw: f64,
    /// Synchronous speed of the motor, r/min.
    pub synchronous_rpm: f64,
}

impl Standard {
    /// The specified unit efficiency as a fraction.
    /// Source: GB/T 25409-2010 Appendix A by the energy reference, section 2 and E7.
    ///
    /// # Errors
    /// [`Error::NotInPack`] for a pack without the tables or a column it does not have,
    /// [`Error::Value`] for a flow, specific speed or rating outside its column.
    pub fn specified_efficiency(&self, pump: &SmallPump<'_>) -> Result<f64, Error> {
        let rule = self.section(self.specified.as_ref(), "the rule for specified efficiency")?;
        // Gravity enters the type number only, which is not used here.
        const ANY_GRAVITY: f64 = 9.81;
        let speed = specific_speed(
            pump.synchronous_rpm,
            pump.flow_m3_s,
            pump.head_m,
            1,
            pump.stages,
            ANY_GRAVITY,
        )?;
        let flow_m3_h = pump.flow_m3_s * 3600.0;
        let outside = |quantity, value| Error::Value {
            quantity,
            value,
            must: "inside the column of the pack",
            advice: "nothing is extrapolated; declare the specified efficiency in the order",
        };
        let best = self
            .column(TableKind::PumpEfficiency, pump.pump)?
            .linear(flow_m3_h)
            .ok_or_else(|| outside("flow in m³/h", flow_m3_h))?;
        let correction = self
            .column(TableKind::SpeedCorrection, pump.correction)?
            .linear(speed.n_s)
            .ok_or_else(|| outside("specific speed", speed.n_s))?;
        let motor = self
            .column(TableKind::MotorEfficiency, pump.motor)?
            .rating(pump.motor_power_kw)
            .ok_or_else(|| outside("rated motor power in kW", pump.motor_power_kw))?;
        let unit_pct = (best - correction) * motor / 100.0 - rule.loss_points.value;
        check::result("specified unit efficiency", unit_pct / 100.0)
    }

    fn column(&self, kind: TableKind, id: &str) -> Result<&SpecifiedTable, Error> {
        let found = self
            .specified_table
            .iter()
            .find(|table| table.kind == kind && table.id == id);
        found.ok_or_else(|| self.missing(format!("the {kind:?} column {id:?}")))
    }
}
