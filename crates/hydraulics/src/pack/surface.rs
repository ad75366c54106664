//! The quadratic in two logarithms by which several standards state a least efficiency.

use super::Standard;
use super::cite::{Confidence, finite};
use crate::{Error, check};
use serde::Deserialize;

/// `a x² + b y² + c x y + d x + e y` in percent, with x = ln of the specific speed and
/// y = ln of the flow. In which form the speed and in which unit the flow is meant belongs
/// to the rule that names the quadratic: both logarithms move the result by many points.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogQuadratic {
    /// Id by which rules name it.
    pub id: String,
    /// Clause or formula.
    pub clause: String,
    /// Of x².
    #[serde(deserialize_with = "finite")]
    pub a: f64,
    /// Of y².
    #[serde(deserialize_with = "finite")]
    pub b: f64,
    /// Of x y.
    #[serde(deserialize_with = "finite")]
    pub c: f64,
    /// Of x.
    #[serde(deserialize_with = "finite")]
    pub d: f64,
    /// Of y.
    #[serde(deserialize_with = "finite")]
    pub e: f64,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the coefficients.
    pub confidence: Confidence,
}

impl LogQuadratic {
    /// The value before the constant of a grade is taken off, percent.
    ///
    /// # Errors
    /// [`Error::Value`] for a speed or flow that is not above zero.
    pub fn value_pct(&self, specific_speed: f64, flow: f64) -> Result<f64, Error> {
        let x = libm::log(check::positive("specific speed", specific_speed)?);
        let y = libm::log(check::positive("flow", flow)?);
        let value = self.a * x * x + self.b * y * y + self.c * x * y + self.d * x + self.e * y;
        check::result("efficiency of the quadratic in logarithms", value)
    }
}

impl Standard {
    /// The quadratic called `id`.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn log_quadratic(&self, id: &str) -> Result<&LogQuadratic, Error> {
        let found = self.log_quadratic.iter().find(|q| q.id == id);
        found.ok_or_else(|| self.missing(format!("the quadratic {id:?}")))
    }
}
