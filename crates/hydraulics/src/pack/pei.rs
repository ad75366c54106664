//! The rules of 10 CFR 431 subpart Y: pump energy index, in the units of that text.

use super::Standard;
use super::band::{Band, sequence_problem};
use super::check::word;
use super::cite::{Cited, Confidence, finite};
use crate::Error;
use serde::Deserialize;

/// What holds for every class.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeiRule {
    /// Clause.
    pub clause: String,
    /// Id of the quadratic; its speed is n √Q / H^0.75 with r/min, gal/min and ft of one
    /// stage, its flow in gal/min.
    pub surface: String,
    /// Taken off the quadratic beside the constant C of the class, percent.
    pub constant: Cited,
    /// Flow in gal/min times head in ft over this is power in hp, for water.
    pub power_constant: Cited,
    /// The largest index permitted.
    pub maximum: Cited,
    /// Share of the flow at best efficiency whose shaft power chooses the motor.
    pub motor_sizing_flow: Cited,
    /// Part-load loss factor of a motor over its load, highest power first.
    pub loss: CitedPolynomial,
    /// The loss factor above full load.
    pub loss_above_full_load: Cited,
    /// Shaft power at variable load over the share of flow, as a share of that at best
    /// efficiency, highest power first.
    pub variable_power: CitedPolynomial,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the rule.
    pub confidence: Confidence,
}

/// Coefficients that share a source.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitedPolynomial {
    /// That of the highest power first.
    pub highest_power_first: Vec<f64>,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust them.
    pub confidence: Confidence,
}

impl CitedPolynomial {
    pub(crate) fn value(&self, x: f64) -> f64 {
        let horner = |sum: f64, c: &f64| sum * x + c;
        self.highest_power_first.iter().fold(0.0, horner)
    }
}

/// Which set of load points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeiLoad {
    /// Constant load.
    Constant,
    /// Constant load of a pump whose curve ends near best efficiency.
    RunOut,
    /// Variable load.
    Variable,
}

/// The load points of a kind, equally weighted.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeiLoadPoints {
    /// Which kind.
    pub load: PeiLoad,
    /// Clause.
    pub clause: String,
    /// Shares of the flow at best efficiency.
    pub flow: Vec<f64>,
    /// Efficiency of the standard pump there as a share of that at best efficiency; none at
    /// variable load.
    #[serde(default)]
    pub factor: Vec<f64>,
    /// Over which measured points the straight line of shaft power goes that gives the powers
    /// at the load points; none at variable load, which has its own law.
    pub regression: Option<PeiRegressionPoints>,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust them.
    pub confidence: Confidence,
}

/// Points of the test over which shaft power is regressed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeiRegressionPoints {
    /// Shares of the flow at best efficiency, rising.
    pub flow: Vec<f64>,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust them.
    pub confidence: Confidence,
}

/// Loss of motor and drive at variable load for a band of motor ratings.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeiVariableLoss {
    /// Clause.
    pub clause: String,
    /// Motor rating, hp.
    pub motor_hp: Band,
    /// Loss factor over the load, highest power first.
    pub highest_power_first: Vec<f64>,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust them.
    pub confidence: Confidence,
}

/// A class of pump at a nominal speed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeiClass {
    /// Id.
    pub id: String,
    /// Clause or table.
    pub clause: String,
    /// Name in Chinese.
    pub title_zh: String,
    /// Name in English.
    pub title_en: String,
    /// Nominal speed, r/min.
    #[serde(deserialize_with = "finite")]
    pub nominal_rpm: f64,
    /// Constant C, percentage points.
    #[serde(deserialize_with = "finite")]
    pub c: f64,
    /// Column of the default motor's efficiency.
    pub motor: String,
    /// Specific speeds in scope, in the units of the rule.
    pub n_s_us: Option<Band>,
    /// Flows in scope, gal/min.
    pub flow_gpm: Option<Band>,
    /// Heads in scope, ft.
    pub head_ft: Option<Band>,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the row.
    pub confidence: Confidence,
}

impl PeiLoadPoints {
    pub(super) fn problem(&self) -> Option<&'static str> {
        let values = self.flow.iter().chain(&self.factor);
        let bad = self.flow.is_empty() || values.clone().any(|v| !(v.is_finite() && *v > 0.0));
        if bad || (self.load != PeiLoad::Variable && self.factor.len() != self.flow.len()) {
            return Some("needs shares of flow above 0, and a factor for each at constant load");
        }
        if let Some(points) = &self.regression {
            let rising = points.flow.is_sorted_by(|a, b| a < b);
            if points.flow.len() < 3
                || !rising
                || points.flow.iter().any(|v| v.is_nan() || *v <= 0.0)
            {
                return Some("needs three regressed shares or more, rising from above 0");
            }
        }
        (!self.flow.contains(&1.0)).then_some("lacks the share 1.0, best efficiency itself")
    }
}

impl Standard {
    /// How the pump energy index is computed.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn pei(&self) -> Result<&PeiRule, Error> {
        self.section(self.pei.as_ref(), "the rule for the pump energy index PEI")
    }

    /// A class of pumps.
    ///
    /// # Errors
    /// [`Error::NotInPack`], naming the classes there are.
    pub fn pei_class(&self, id: &str) -> Result<&PeiClass, Error> {
        let found = self.pei_class.iter().find(|t| t.id == id);
        found.ok_or_else(|| {
            let known: Vec<&str> = self.pei_class.iter().map(|t| t.id.as_str()).collect();
            let known = known.join(", ");
            self.missing(format!("the pump class {id:?} (known: {known})"))
        })
    }

    /// The load points of a kind.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn pei_load(&self, load: PeiLoad) -> Result<&PeiLoadPoints, Error> {
        let found = self.pei_load.iter().find(|points| points.load == load);
        found.ok_or_else(|| self.missing(format!("the load points of {load:?}")))
    }

    /// The loss factors at variable load of a motor rating.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn pei_variable_loss(&self, motor_hp: f64) -> Result<&PeiVariableLoss, Error> {
        let mut rows = self.pei_variable_loss.iter();
        let found = rows.find(|row| row.motor_hp.holds(motor_hp));
        found.ok_or_else(|| {
            self.missing(format!(
                "the loss at variable load of a motor of {motor_hp} hp"
            ))
        })
    }

    pub(super) fn pei_problem(&self) -> Option<(String, &'static str)> {
        for points in &self.pei_load {
            if let Some(problem) = points.problem() {
                return Some((format!("pei_load {}", word(points.load)), problem));
            }
        }
        let bands = self.pei_variable_loss.iter().map(|row| &row.motor_hp);
        if let Some(problem) = sequence_problem(bands) {
            return Some(("pei_variable_loss".to_owned(), problem));
        }
        for class in &self.pei_class {
            let item = || format!("pei_class {}", class.id);
            let bands = [&class.n_s_us, &class.flow_gpm, &class.head_ft];
            if let Some(problem) = bands.into_iter().flatten().find_map(Band::problem) {
                return Some((item(), problem));
            }
            if !self
                .columns(super::TableKind::MotorEfficiencyHp)
                .contains(&class.motor.as_str())
            {
                let problem = "names a motor column that no [[table]] has; correct the id";
                return Some((item(), problem));
            }
        }
        None
    }
}
