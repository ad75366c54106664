//! A fitted curve over the measured range: read inside it, never beyond.

use crate::fit::PolynomialFit;
use crate::polynomial::roots_between;
use crate::{Error, check, limit, power};

/// A fitted polynomial with the range its points were measured in.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    fit: PolynomialFit,
}

impl Curve {
    /// The curve of a fit; its domain runs from the smallest to the largest measured flow.
    #[must_use]
    pub fn new(fit: PolynomialFit) -> Self {
        Self { fit }
    }

    /// The fit behind the curve, for its residuals and coefficients.
    #[must_use]
    pub fn fit(&self) -> &PolynomialFit {
        &self.fit
    }

    /// Smallest measured flow, m³/s.
    #[must_use]
    pub fn q_min_m3_s(&self) -> f64 {
        self.fit.x_min
    }

    /// Largest measured flow, m³/s.
    #[must_use]
    pub fn q_max_m3_s(&self) -> f64 {
        self.fit.x_max
    }

    /// Whether a flow lies in the measured range, touching included.
    #[must_use]
    pub fn covers(&self, flow_m3_s: f64) -> bool {
        let slack = 1e-12 * self.fit.x_max.abs().max(self.fit.x_min.abs());
        flow_m3_s >= self.fit.x_min - slack && flow_m3_s <= self.fit.x_max + slack
    }

    /// The curve at a flow.
    ///
    /// # Errors
    /// [`Error::OutsideDomain`] outside the measured range (NaN included),
    /// [`Error::NotFinite`] on overflow.
    pub fn evaluate(&self, flow_m3_s: f64) -> Result<f64, Error> {
        if !self.covers(flow_m3_s) {
            return Err(Error::OutsideDomain {
                at: flow_m3_s,
                low: self.fit.x_min,
                high: self.fit.x_max,
            });
        }
        check::result("value of the curve", self.fit.evaluate(flow_m3_s))
    }

    /// Every flow in the measured range at which the curve has `value`, rising. A curve that
    /// only touches the value counts. Empty when it is never reached.
    ///
    /// # Errors
    /// [`Error::Value`] for a value that is not finite, [`Error::NotFinite`] on overflow.
    pub fn flows_at(&self, value: f64) -> Result<Vec<f64>, Error> {
        check::finite("value to solve the curve for", value)?;
        self.crossings(value, 0.0, limit::slack(value))
    }

    /// Every flow in the measured range at which the curve meets the line through the origin
    /// of slope `slope` (value per m³/s), rising.
    ///
    /// # Errors
    /// [`Error::Value`] for a slope that is not finite, [`Error::NotFinite`] on overflow.
    pub fn flows_on_line(&self, slope: f64) -> Result<Vec<f64>, Error> {
        check::finite("slope of the line through the origin", slope)?;
        let largest = slope * self.fit.x_max.abs().max(self.fit.x_min.abs());
        let slack = check::result("line through the origin", limit::slack(largest))?;
        self.crossings(0.0, slope, slack)
    }

    /// Flows where the curve equals `value + slope·q`.
    fn crossings(&self, value: f64, slope: f64, slack: f64) -> Result<Vec<f64>, Error> {
        let fit = &self.fit;
        let mut difference = fit.coefficients.clone();
        if difference.len() < 2 {
            difference.resize(2, 0.0);
        }
        let line = [value + slope * fit.centre, slope * fit.half_width];
        for (coefficient, line) in difference.iter_mut().zip(line) {
            *coefficient = check::result("difference of curve and line", *coefficient - line)?;
        }
        let low = (fit.x_min - fit.centre) / fit.half_width;
        let high = (fit.x_max - fit.centre) / fit.half_width;
        let mut flows = roots_between(&difference, low, high, slack);
        for flow in &mut flows {
            *flow = (fit.centre + fit.half_width * *flow).clamp(fit.x_min, fit.x_max);
        }
        Ok(flows)
    }
}

/// The flow nearest to `guess`; the smaller of two equally near. `None` for none.
#[must_use]
pub fn nearest(flows_m3_s: &[f64], guess_m3_s: f64) -> Option<f64> {
    let mut best: Option<f64> = None;
    for flow in flows_m3_s {
        if best.is_none_or(|b| (flow - guess_m3_s).abs() < (b - guess_m3_s).abs()) {
            best = Some(*flow);
        }
    }
    best
}

/// Efficiency from the fitted head and power curves, `ρ g Q H(Q)/P(Q)`: consistent with
/// both, and zero without flow. With shaft power it is the pump's, with input power the
/// unit's. Source: reference section 10 (recommendation, D).
#[derive(Debug, Clone, PartialEq)]
pub struct EfficiencyCurve {
    /// H(Q), m.
    pub head: Curve,
    /// P(Q), W.
    pub power: Curve,
    /// Density the power refers to, kg/m³.
    pub density_kg_m3: f64,
    /// Gravity of the test, m/s².
    pub gravity_m_s2: f64,
}

/// Where efficiency is read from; the pack says which.
#[derive(Debug, Clone, PartialEq)]
pub enum Efficiency {
    /// From the fitted head and power.
    FromHeadAndPower(EfficiencyCurve),
    /// From a curve fitted to the efficiencies of the points, as fractions.
    Fitted(Curve),
}

impl Efficiency {
    /// Efficiency at a flow, as a fraction.
    ///
    /// # Errors
    /// [`Error::OutsideDomain`] outside the measured range of any curve used,
    /// [`Error::Value`] where the power is not above zero.
    pub fn evaluate(&self, flow_m3_s: f64) -> Result<f64, Error> {
        match self {
            Self::Fitted(curve) => curve.evaluate(flow_m3_s),
            Self::FromHeadAndPower(curves) => {
                let head_m = curves.head.evaluate(flow_m3_s)?;
                let hydraulic_w = power::hydraulic_power_w(
                    curves.density_kg_m3,
                    curves.gravity_m_s2,
                    flow_m3_s,
                    head_m,
                )?;
                power::efficiency(hydraulic_w, curves.power.evaluate(flow_m3_s)?)
            }
        }
    }
}
