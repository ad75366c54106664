//! Rules of a motor standard: tolerances, delays after switch-off, reference temperatures.

use super::Standard;
use super::check::word;
use super::cite::{Cited, Confidence, bound, edge};
use crate::{Error, check, limit};
use dutypoint_model::Verdict;
use serde::{Deserialize, Serialize};

/// A quantity of the motor that a tolerance belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MotorQuantity {
    /// Efficiency, a fraction.
    Efficiency,
    /// Total losses, W.
    TotalLosses,
    /// Power factor.
    PowerFactor,
    /// Slip.
    Slip,
    /// Locked-rotor current.
    LockedRotorCurrent,
    /// Locked-rotor torque.
    LockedRotorTorque,
    /// Pull-up torque.
    PullUpTorque,
    /// Breakdown torque.
    BreakdownTorque,
}

/// One tolerance over a range of rated output. Exactly one form is given: relative limits in
/// percent of the guaranteed value, or a share of what the guaranteed value lacks to one
/// (efficiency and power factor), as a number to subtract.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MotorTolerance {
    /// What it belongs to.
    pub quantity: MotorQuantity,
    /// Clause or table.
    pub clause: String,
    /// The row applies to rated outputs from this on (itself included), kW.
    #[serde(default, deserialize_with = "edge")]
    pub rated_from_kw: Option<f64>,
    /// The row applies to rated outputs above this, kW.
    #[serde(default, deserialize_with = "edge")]
    pub rated_above_kw: Option<f64>,
    /// The row applies to rated outputs below this, kW.
    #[serde(default, deserialize_with = "edge")]
    pub rated_below_kw: Option<f64>,
    /// The row applies to rated outputs up to this (itself included), kW.
    #[serde(default, deserialize_with = "edge")]
    pub rated_up_to_kw: Option<f64>,
    /// Lower limit, percent of the guaranteed value.
    pub low_pct: Option<Cited>,
    /// Upper limit, percent of the guaranteed value.
    pub high_pct: Option<Cited>,
    /// Share of `1 − value` that may lack, a fraction.
    pub complement_share: Option<Cited>,
    /// What may lack is at least this.
    pub complement_at_least: Option<Cited>,
    /// What may lack is at most this.
    pub complement_at_most: Option<Cited>,
}

/// Limits a tolerance leaves for a guaranteed value, in its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MotorLimits {
    /// Lowest permitted value.
    pub low: Option<f64>,
    /// Highest permitted value.
    pub high: Option<f64>,
}

impl MotorLimits {
    /// Judges a measured value, touching included.
    #[must_use]
    pub fn judge(&self, measured: f64) -> Verdict {
        let inside = self.low.is_none_or(|low| limit::at_least(measured, low))
            && self.high.is_none_or(|high| limit::at_most(measured, high));
        if inside { Verdict::Pass } else { Verdict::Fail }
    }
}

impl MotorTolerance {
    fn applies(&self, rated_kw: f64) -> bool {
        self.rated_from_kw.is_none_or(|edge| rated_kw >= edge)
            && self.rated_above_kw.is_none_or(|edge| rated_kw > edge)
            && self.rated_below_kw.is_none_or(|edge| rated_kw < edge)
            && self.rated_up_to_kw.is_none_or(|edge| rated_kw <= edge)
    }

    /// The limits for a guaranteed value (a fraction where the quantity is one).
    ///
    /// # Errors
    /// [`Error::Value`] for a value not above zero, or above 1 where one is the most.
    pub fn limits(&self, guaranteed: f64) -> Result<MotorLimits, Error> {
        let guaranteed = check::positive("guaranteed value", guaranteed)?;
        if let Some(share) = &self.complement_share {
            let must = "above 0 and at most 1 (100 %)";
            let guaranteed = check::between("guaranteed value", guaranteed, 0.0, 1.0, must)?;
            let mut lack = share.value * (1.0 - guaranteed);
            if let Some(least) = &self.complement_at_least {
                lack = lack.max(least.value);
            }
            if let Some(most) = &self.complement_at_most {
                lack = lack.min(most.value);
            }
            return Ok(MotorLimits {
                low: Some(guaranteed - lack),
                high: None,
            });
        }
        let of = |pct: &Option<Cited>| {
            pct.as_ref()
                .map(|pct| check::result("limit", guaranteed * (1.0 + pct.value / 100.0)))
                .transpose()
        };
        Ok(MotorLimits {
            low: of(&self.low_pct)?,
            high: of(&self.high_pct)?,
        })
    }

    fn problem(&self) -> Option<&'static str> {
        let relative = self.low_pct.is_some() || self.high_pct.is_some();
        let bounds = self.complement_at_least.is_some() || self.complement_at_most.is_some();
        if relative == self.complement_share.is_some() {
            return Some("states both forms of a tolerance, or none; give one");
        }
        if relative && bounds {
            return Some("bounds a share it does not state; remove the bounds");
        }
        let lower_edges = self.rated_from_kw.is_some() && self.rated_above_kw.is_some();
        let upper_edges = self.rated_below_kw.is_some() && self.rated_up_to_kw.is_some();
        if lower_edges || upper_edges {
            return Some("states an edge of its range twice; keep one");
        }
        None
    }

    /// Lower edge, and whether it belongs to the row.
    fn start(&self) -> Option<(f64, bool)> {
        let inside = self.rated_from_kw.map(|edge| (edge, true));
        inside.or(self.rated_above_kw.map(|edge| (edge, false)))
    }

    /// Upper edge, and whether it belongs to the row.
    fn end(&self) -> Option<(f64, bool)> {
        let inside = self.rated_up_to_kw.map(|edge| (edge, true));
        inside.or(self.rated_below_kw.map(|edge| (edge, false)))
    }
}

/// Within which time after switch-off the first reading needs no extrapolation.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwitchOffDelay {
    /// Clause.
    pub clause: String,
    /// Rated outputs up to this (itself included), kW; the row before it bounds from below.
    #[serde(deserialize_with = "bound")]
    pub rated_up_to_kw: f64,
    /// The time, s.
    pub within_s: Cited,
}

/// Rated outputs of a series of motors.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatedOutputs {
    /// Clause.
    pub clause: String,
    /// The outputs, kW, rising.
    pub kw: Vec<f64>,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the list.
    pub confidence: Confidence,
}

/// Temperature that I²R losses are referred to.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceTemperature {
    /// Clause.
    pub clause: String,
    /// Thermal classes, as in `["A", "E"]`.
    pub thermal_class: Vec<String>,
    /// The temperature, °C.
    pub celsius: f64,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust it.
    pub confidence: Confidence,
}

impl Standard {
    /// The tolerance of a motor quantity at a rated output.
    ///
    /// # Errors
    /// [`Error::NotInPack`] where the pack states none for this output.
    pub fn motor_tolerance(
        &self,
        quantity: MotorQuantity,
        rated_w: f64,
    ) -> Result<&MotorTolerance, Error> {
        let rated_kw = check::positive("rated motor output in W", rated_w)? / 1000.0;
        let rows = self.motor_tolerance.iter();
        rows.filter(|row| row.quantity == quantity)
            .find(|row| row.applies(rated_kw))
            .ok_or_else(|| {
                self.missing(format!(
                    "the motor tolerance of {quantity:?} at a rated output of {rated_kw} kW"
                ))
            })
    }

    /// Within which time after switch-off, in s, a reading of the winding needs no
    /// extrapolation.
    ///
    /// # Errors
    /// [`Error::NotInPack`] beyond the largest output of the table.
    pub fn switch_off_delay(&self, rated_w: f64) -> Result<&SwitchOffDelay, Error> {
        let rated_kw = check::positive("rated motor output in W", rated_w)? / 1000.0;
        let found = self
            .switch_off_delay
            .iter()
            .find(|row| limit::at_most(rated_kw, row.rated_up_to_kw));
        found.ok_or_else(|| {
            self.missing(format!(
                "the delay after switch-off at a rated output of {rated_kw} kW"
            ))
        })
    }

    /// The reference temperature of a thermal class.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn reference_temperature(&self, class: &str) -> Result<&ReferenceTemperature, Error> {
        let found = self
            .reference_temperature
            .iter()
            .find(|row| row.thermal_class.iter().any(|c| c == class));
        found.ok_or_else(|| {
            self.missing(format!(
                "the reference temperature of thermal class {class:?}"
            ))
        })
    }

    /// Lists of rated outputs the pack holds; a motor's rating is in one of them.
    #[must_use]
    pub fn rated_outputs(&self) -> &[RatedOutputs] {
        &self.rated_outputs
    }

    /// What is wrong with the motor rules: (item, problem).
    pub(super) fn motor_problem(&self) -> Option<(String, &'static str)> {
        for (index, row) in self.motor_tolerance.iter().enumerate() {
            let item = || format!("motor_tolerance {}", word(row.quantity));
            if let Some(problem) = row.problem() {
                return Some((item(), problem));
            }
            let mut later = self.motor_tolerance.iter().skip(index + 1);
            let Some(next) = later.find(|other| other.quantity == row.quantity) else {
                continue;
            };
            let joined = match (row.end(), next.start()) {
                (Some((end, ends_inside)), Some((start, starts_inside))) => {
                    end == start && ends_inside != starts_inside
                }
                _ => false,
            };
            if !joined {
                let problem = "has rows that overlap or leave a gap; order them by rated output and let one edge belong to one row";
                return Some((item(), problem));
            }
        }
        let rising = |pair: &[SwitchOffDelay]| match pair {
            [low, high] => low.rated_up_to_kw < high.rated_up_to_kw,
            _ => true,
        };
        if !self.switch_off_delay.windows(2).all(rising) {
            let problem = "is not in the order of rising output; sort it";
            return Some(("switch_off_delay".to_owned(), problem));
        }
        for list in &self.rated_outputs {
            if !list.kw.iter().all(|kw| kw.is_finite() && *kw > 0.0)
                || !list.kw.is_sorted_by(|a, b| a < b)
            {
                let problem = "does not rise from above 0; sort it and remove doubles";
                return Some(("rated_outputs".to_owned(), problem));
            }
        }
        let mut classes: Vec<&String> = Vec::new();
        for class in self
            .reference_temperature
            .iter()
            .flat_map(|row| &row.thermal_class)
        {
            if classes.contains(&class) {
                let problem = "is given twice; keep one";
                return Some((format!("reference_temperature of class {class}"), problem));
            }
            classes.push(class);
        }
        None
    }
}
