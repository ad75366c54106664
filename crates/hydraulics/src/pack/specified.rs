//! The specified unit efficiency from a product standard's tables: the pump's efficiency over
//! the flow, less a correction for its specific speed, times the motor's, less a constant.
//!
//! Between tabulated values linear, outside them nothing; motors are looked up by rating.

use super::cite::Confidence;
use super::{PercentagePoints, Standard, TableKind};
use crate::specific_speed::specific_speed;
use crate::{Error, check};
use serde::Deserialize;

/// Constants of the formula.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecifiedRule {
    /// Clause.
    pub clause: String,
    /// What is taken off the product of the efficiencies.
    pub loss_points: PercentagePoints,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the rule.
    pub confidence: Confidence,
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

/// The specified efficiency with what it is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Specified {
    /// Specific speed by synchronous speed and head of one stage.
    pub n_s: f64,
    /// The pump's tabulated efficiency, percent.
    pub tabulated_pct: f64,
    /// Taken off it for the specific speed.
    pub correction: PercentagePoints,
    /// The pump's efficiency, percent.
    pub pump_pct: f64,
    /// The motor's efficiency, percent.
    pub motor_pct: f64,
    /// The unit's specified efficiency, percent.
    pub unit_pct: f64,
}

impl Standard {
    /// The specified unit efficiency.
    /// Source: GB/T 25409-2010 Appendix A by the energy reference, section 2 and E7.
    ///
    /// # Errors
    /// [`Error::NotInPack`] for a pack without the tables or a column it does not have,
    /// [`Error::Value`] for a flow, specific speed or rating outside its column.
    pub fn specified_efficiency(&self, pump: &SmallPump<'_>) -> Result<Specified, Error> {
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
        let inside = |kind, id, quantity, x| {
            self.column_value(kind, id, x)?.ok_or(Error::Value {
                quantity,
                value: x,
                must: "inside the column of the pack",
                advice: "nothing is extrapolated; declare the specified efficiency in the order",
            })
        };
        let tabulated_pct = inside(
            TableKind::PumpEfficiency,
            pump.pump,
            "flow in m³/h",
            pump.flow_m3_s * 3600.0,
        )?;
        let correction = PercentagePoints(inside(
            TableKind::SpeedCorrection,
            pump.correction,
            "specific speed",
            speed.n_s,
        )?);
        let motor_pct = inside(
            TableKind::MotorEfficiency,
            pump.motor,
            "rated motor power in kW",
            pump.motor_power_kw,
        )?;
        let pump_pct = correction.below(tabulated_pct);
        let unit_pct = rule.loss_points.below(pump_pct * motor_pct / 100.0);
        Ok(Specified {
            n_s: speed.n_s,
            tabulated_pct,
            correction,
            pump_pct,
            motor_pct,
            unit_pct: check::result("specified unit efficiency", unit_pct)?,
        })
    }
}
