//! The closed set of rule kinds a pack can hold.
//!
//! A field that is `None` means the pack does not state the number. Nothing here has a
//! default value.

use super::cite::{Cited, CitedBand, Confidence, finite, finite_option};
use crate::rounding::{Comparison, Interval, Rounded};
use crate::{Error, check, limit};
use dutypoint_model::{Unit, Verdict};
use serde::Deserialize;

/// What the efficiency curve is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EfficiencyFrom {
    /// From the fitted head and power curves.
    FromHeadAndPower,
    /// From its own fit.
    Fitted,
}

/// A row of a table of limits per measured quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// Rate of flow.
    Flow,
    /// Total head of the pump.
    TotalHead,
    /// Head of a differential-pressure instrument.
    DifferentialHead,
    /// Head at the outlet section.
    OutletHead,
    /// Head at the inlet section.
    InletHead,
    /// Head at the inlet section in an NPSH test.
    NpshInletHead,
    /// Friction head, in percent of the total head.
    FrictionHead,
    /// Electrical input power of the driver.
    InputPower,
    /// Shaft power from torque and speed.
    ShaftPowerFromTorque,
    /// Shaft power from input power and motor efficiency.
    ShaftPowerFromMotorEfficiency,
    /// Torque.
    Torque,
    /// Speed of rotation.
    Speed,
    /// Temperature of the liquid.
    Temperature,
    /// Efficiency of the motor-pump unit.
    UnitEfficiency,
    /// Pump efficiency, shaft power by torque and speed.
    PumpEfficiencyFromTorque,
    /// Pump efficiency, shaft power by motor efficiency.
    PumpEfficiencyFromMotorEfficiency,
}

/// Unit of a row of limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// Percent of the measured value.
    Percent,
    /// Degrees Celsius.
    DegreeCelsius,
}

/// One row of limits for the measurement classes 1, 2 and 3.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassLimit {
    /// What is limited.
    pub quantity: Measured,
    /// Unit of the limits.
    pub unit: LimitUnit,
    #[serde(default, deserialize_with = "finite_option")]
    class_1: Option<f64>,
    #[serde(default, deserialize_with = "finite_option")]
    class_2: Option<f64>,
    #[serde(default, deserialize_with = "finite_option")]
    class_3: Option<f64>,
    /// Clause or table.
    pub clause: String,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the row.
    pub confidence: Confidence,
}

impl ClassLimit {
    /// The limit for a measurement class, if the pack states it.
    #[must_use]
    pub fn of_class(&self, class: u8) -> Option<f64> {
        match class {
            1 => self.class_1,
            2 => self.class_2,
            3 => self.class_3,
            _ => None,
        }
    }
}

/// Windows for a unit guaranteed at a frequency and a voltage, percent either way.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplyRule {
    /// Clause.
    pub clause: String,
    /// Frequency.
    pub frequency_pct: Cited,
    /// Voltage.
    pub voltage_pct: Cited,
    /// Negative sequence of the voltages, percent of the positive; absent where the
    /// standard states none.
    pub unbalance_pct: Option<Cited>,
    /// Total harmonic distortion of a voltage, percent; absent where the standard states none.
    pub thd_pct: Option<Cited>,
}

/// Quantities of the unit at the guaranteed flow that a standard wants reported.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRule {
    /// Clause.
    pub clause: String,
    /// Which ones, in the order they are reported.
    pub quantities: Vec<Reported>,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the rule.
    pub confidence: Confidence,
}

/// A quantity of the unit at the guaranteed flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reported {
    /// Electrical input at the motor leads.
    InputPower,
    /// Line current.
    Current,
    /// Power factor at the motor leads.
    PowerFactor,
    /// Speed of rotation.
    Speed,
    /// Slip.
    Slip,
}

/// The band of flow over which the shaft power must not exceed the rated motor power.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadRule {
    /// Clause.
    pub clause: String,
    /// The band, percent of the guaranteed flow.
    pub flow_pct: CitedBand,
}

/// An item of the method that a run of this bench does not cover.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Untested {
    /// Name in Chinese.
    pub zh: String,
    /// Name in English.
    pub en: String,
    /// Clause, or that it is not known.
    pub clause: String,
    /// What the item needs and the bench does not have, Chinese.
    pub needs_zh: String,
    /// The same in English.
    pub needs_en: String,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How sure it is that the standard has the item.
    pub confidence: Confidence,
}

/// Permitted test speeds in percent of the specified speed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeedRule {
    /// Clause.
    pub clause: String,
    /// For translating flow, head and power.
    pub flow_head_power_pct: CitedBand,
    /// For taking efficiency as unchanged.
    pub efficiency_pct: Option<CitedBand>,
    /// For NPSH tests.
    pub npsh_pct: Option<CitedBand>,
}

/// How far an impeller may be trimmed after a result that is too high.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrimRule {
    /// Clause.
    pub clause: String,
    /// Largest reduction of the outlet diameter without a new test, %.
    pub reduction_pct: Cited,
    /// Largest type number K without a new test.
    pub type_number: Cited,
    /// Largest reduction with which efficiency is taken as unchanged, %.
    pub efficiency_unchanged_reduction_pct: Cited,
    /// Largest type number with which efficiency is taken as unchanged.
    pub efficiency_unchanged_type_number: Cited,
}

/// Lower deviation of a unit's efficiency, `numerator/(η_D − offset) − subtrahend` with the
/// motor's efficiency η_D as a fraction; the result is a *relative* deviation.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitDeviation {
    /// Clause.
    pub clause: String,
    /// See the expression.
    #[serde(deserialize_with = "finite")]
    pub numerator: f64,
    /// See the expression.
    #[serde(deserialize_with = "finite")]
    pub offset: f64,
    /// See the expression.
    #[serde(deserialize_with = "finite")]
    pub subtrahend: f64,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the expression and that it is relative.
    pub confidence: Confidence,
}

impl UnitDeviation {
    /// The relative lower deviation, a fraction, for a motor efficiency.
    ///
    /// # Errors
    /// [`Error::Value`] for an efficiency outside the offset to 1.
    pub fn relative(&self, motor_efficiency: f64) -> Result<f64, Error> {
        let must = "above the expression's offset and at most 1 (100 %)";
        let lowest = self.offset + f64::EPSILON;
        let eta = check::between("motor efficiency", motor_efficiency, lowest, 1.0, must)?;
        check::result(
            "lower deviation of the unit efficiency",
            self.numerator / (eta - self.offset) - self.subtrahend,
        )
    }
}

/// What kind of test the points are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestOf {
    /// A guarantee alone.
    Acceptance,
    /// The whole characteristic of a type, by the rule of centrifugal pumps.
    Type,
    /// The same of a mixed-flow or axial pump.
    TypeMixedAxial,
}

/// Number and placement of test points.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointRule {
    /// Clause.
    pub clause: String,
    /// Least number of points of an acceptance test.
    pub minimum: Option<Cited>,
    /// The same for measurement class 1, where it differs.
    pub class_1_minimum: Option<Cited>,
    /// Deviation from the guaranteed flow within which points count towards the least
    /// number of an acceptance test; all count where it is absent.
    pub counted_within_pct: Option<CitedBand>,
    /// Least number of points of a type test.
    pub type_test_minimum: Option<Cited>,
    /// The same for mixed-flow and axial pumps, where it differs.
    pub type_test_minimum_mixed_axial: Option<Cited>,
    /// One point must lie in this band of deviation from the guaranteed flow, percent.
    pub below_guarantee_pct: Option<CitedBand>,
    /// And another one in this band.
    pub above_guarantee_pct: Option<CitedBand>,
}

/// Number and placement of the points taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// Points taken.
    pub points: usize,
    /// Of them those that count towards the least number.
    pub counted: usize,
    /// Of them in the band below the guaranteed flow.
    pub below: usize,
    /// Of them in the band above it.
    pub above: usize,
    /// Verdict on the number; not evaluated when the pack has no minimum.
    pub number: Verdict,
    /// Verdict on the two bands; not evaluated when the pack has none.
    pub placement: Verdict,
}

impl PointRule {
    /// The least number of points for a kind of test and a measurement class.
    #[must_use]
    pub fn least(&self, test: TestOf, class: u8) -> Option<&Cited> {
        let type_test = self.type_test_minimum.as_ref();
        match test {
            TestOf::Acceptance => {
                let tight = self.class_1_minimum.as_ref().filter(|_| class == 1);
                tight.or(self.minimum.as_ref())
            }
            TestOf::Type => type_test,
            TestOf::TypeMixedAxial => self.type_test_minimum_mixed_axial.as_ref().or(type_test),
        }
    }

    /// Judges number and placement of the points of an acceptance or a type test. One point
    /// at the guaranteed flow itself lies in both bands but does not count twice.
    ///
    /// # Errors
    /// [`Error::Value`] for a flow that is not finite or a guaranteed flow not above zero.
    pub fn judge(
        &self,
        flows_m3_s: &[f64],
        guarantee_flow_m3_s: f64,
        test: TestOf,
        class: u8,
    ) -> Result<Placement, Error> {
        let guarantee = check::positive("guaranteed flow in m³/s", guarantee_flow_m3_s)?;
        let inside = |pct: f64, band: &Option<CitedBand>| {
            band.as_ref()
                .is_some_and(|b| limit::at_least(pct, b.low) && limit::at_most(pct, b.high))
        };
        let near = &self.counted_within_pct;
        let (mut below, mut above, mut either, mut counted) = (0, 0, 0, 0);
        for flow in flows_m3_s {
            let flow = check::finite("flow in m³/s", *flow)?;
            let pct = 100.0 * (flow - guarantee) / guarantee;
            let in_below = inside(pct, &self.below_guarantee_pct);
            let in_above = inside(pct, &self.above_guarantee_pct);
            let all = test != TestOf::Acceptance || near.is_none();
            counted += usize::from(all || inside(pct, near));
            below += usize::from(in_below);
            above += usize::from(in_above);
            either += usize::from(in_below || in_above);
        }
        let pass_if = |met: bool| if met { Verdict::Pass } else { Verdict::Fail };
        let banded = self.below_guarantee_pct.is_some() && self.above_guarantee_pct.is_some();
        Ok(Placement {
            points: flows_m3_s.len(),
            counted,
            below,
            above,
            number: self
                .least(test, class)
                .map_or(Verdict::NotEvaluated, |least| {
                    pass_if(counted as f64 >= least.value)
                }),
            placement: if banded {
                pass_if(below > 0 && above > 0 && either > 1)
            } else {
                Verdict::NotEvaluated
            },
        })
    }
}

/// How the points weigh in a fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weights {
    /// All alike.
    #[default]
    Equal,
    /// Each by 1/u², u the standard uncertainty of its value.
    FromUncertainty,
}

/// By what a degree is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DegreeCriterion {
    /// [`degree::CRITERION`](crate::degree::CRITERION).
    AiccThenF,
}

/// Which curve may be fitted.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitRule {
    /// Clause, or that there is none.
    pub clause: String,
    /// Degree taken unless the order names one; absent when the order must name it, or a
    /// criterion chooses.
    pub default_degree: Option<usize>,
    /// What chooses the degree between the bounds, in place of `default_degree`.
    pub chosen_by: Option<DegreeCriterion>,
    /// How the points weigh; alike where the pack does not say.
    #[serde(default)]
    pub weights: Weights,
    /// Whether an order may name a monotone spline in place of a polynomial; not where the
    /// pack does not say.
    #[serde(default)]
    pub monotone_spline: bool,
    /// Lowest admissible degree.
    pub min_degree: usize,
    /// Highest admissible degree; absent when the order is free.
    pub max_degree: Option<usize>,
    /// The degree is at most the number of points less this.
    pub spare_points: usize,
    /// What the efficiency curve is made of.
    pub efficiency: EfficiencyFrom,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the rule.
    pub confidence: Confidence,
}

impl FitRule {
    /// Refuses a degree the rule does not admit for this number of points.
    ///
    /// # Errors
    /// [`Error::Degree`] with the degrees that are admitted.
    pub fn admissible(&self, degree: usize, points: usize) -> Result<(), Error> {
        let by_points = points.saturating_sub(self.spare_points);
        let high = self.max_degree.map_or(by_points, |m| m.min(by_points));
        if degree >= self.min_degree && degree <= high {
            Ok(())
        } else {
            Err(Error::Degree {
                degree,
                points,
                low: self.min_degree,
                high,
            })
        }
    }
}

/// What of a guaranteed quantity is held against its limits.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundingRule {
    /// Clause.
    pub clause: String,
    /// Full or rounded values.
    pub comparison: Comparison,
    /// To what they are rounded; present exactly for a comparison of rounded values.
    pub interval: Option<Intervals>,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the rule.
    pub confidence: Confidence,
}

/// The interval each guaranteed quantity is rounded to before it is compared, in the unit it
/// is printed in: the last place its limits are written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intervals {
    /// Of a flow, m³/h.
    pub flow_m3_h: Interval,
    /// Of a head, m.
    pub head_m: Interval,
    /// Of an efficiency, percent.
    pub efficiency_pct: Interval,
    /// Of a power, kW.
    pub power_kw: Interval,
    /// Of a required NPSH, m; needed by a pack with a rule for NPSH.
    pub npsh_m: Option<Interval>,
}

impl Intervals {
    /// How a flow is rounded.
    #[must_use]
    pub fn flow(self) -> Rounded {
        Rounded::new(self.flow_m3_h, Unit::CubicMetrePerHour)
    }

    /// How a head is rounded.
    #[must_use]
    pub fn head(self) -> Rounded {
        Rounded::new(self.head_m, Unit::Metre)
    }

    /// How an efficiency is rounded.
    #[must_use]
    pub fn efficiency(self) -> Rounded {
        Rounded::new(self.efficiency_pct, Unit::Percent)
    }

    /// How a power is rounded.
    #[must_use]
    pub fn power(self) -> Rounded {
        Rounded::new(self.power_kw, Unit::Kilowatt)
    }

    /// How a required NPSH is rounded.
    #[must_use]
    pub fn npsh(self) -> Option<Rounded> {
        Some(Rounded::new(self.npsh_m?, Unit::Metre))
    }
}

/// The lead cable the motor's guarantee includes; what is longer is corrected out.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CableRule {
    /// Clause.
    pub clause: String,
    /// Length included, m.
    pub included_m: Cited,
}

/// Settings that no standard states: the laboratory's own, to be printed in the report.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Laboratory {
    /// Length of the averaging window of a point, s.
    #[serde(deserialize_with = "finite")]
    pub averaging_window_s: f64,
    /// Permissible drift over the window, percent of the mean.
    #[serde(deserialize_with = "finite")]
    pub drift_limit_pct: f64,
    /// Fluctuation and drift of flow that are always permitted, percent of rated flow; it
    /// carries the check through shut-off.
    #[serde(deserialize_with = "finite")]
    pub flow_floor_pct_of_rated: f64,
    /// Permissible difference of the input power from `√3 U I cosφ` of the same analyser,
    /// percent either way; absent where the laboratory sets none.
    #[serde(default, deserialize_with = "finite_option")]
    pub power_balance_pct: Option<f64>,
    /// Least share of the readings that a window should hold, percent of what the period of
    /// the channel gives; absent where the laboratory sets none.
    #[serde(default, deserialize_with = "finite_option")]
    pub least_readings_pct: Option<f64>,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// Always `laboratory`.
    pub confidence: Confidence,
}
