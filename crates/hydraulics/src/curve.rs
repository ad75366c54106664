//! A curve over the measured range: read inside it, never beyond.

use crate::fit::PolynomialFit;
use crate::polynomial::{horner, roots_between, substitute};
use crate::spline::MonotoneSpline;
use crate::{Error, check, limit, power};

/// A curve through measured points with the range they were measured in.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    shape: Box<Shape>,
    q_min: f64,
    q_max: f64,
    pieces: Vec<Piece>,
}

/// What a curve was made by.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Least squares.
    Polynomial(PolynomialFit),
    /// Monotone interpolation.
    Spline(MonotoneSpline),
}

/// A polynomial in `u = (q − centre)/half_width` that holds from `low` to `high`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) centre: f64,
    pub(crate) half_width: f64,
    pub(crate) coefficients: Vec<f64>,
}

impl Piece {
    fn value(&self, q: f64) -> f64 {
        horner(&self.coefficients, (q - self.centre) / self.half_width)
    }

    /// Coefficients in `v = (q − centre)/half_width` of another normalisation.
    pub(crate) fn in_terms_of(&self, centre: f64, half_width: f64) -> Vec<f64> {
        if centre == self.centre && half_width == self.half_width {
            return self.coefficients.clone();
        }
        let offset = (centre - self.centre) / self.half_width;
        substitute(&self.coefficients, offset, half_width / self.half_width)
    }
}

/// A value of a fitted curve and how well the points determine it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Value of the curve.
    pub value: f64,
    /// Standard error of the value, from the scatter about the fit; absent for a spline and
    /// where no points are left over.
    pub standard_error: Option<f64>,
    /// Half width of the two-sided 95 % confidence band.
    pub band_95: Option<f64>,
}

impl From<MonotoneSpline> for Curve {
    fn from(spline: MonotoneSpline) -> Self {
        let pieces = spline.pieces().to_vec();
        Self {
            q_min: pieces.first().map_or(0.0, |p| p.low),
            q_max: pieces.last().map_or(0.0, |p| p.high),
            shape: Box::new(Shape::Spline(spline)),
            pieces,
        }
    }
}

impl Curve {
    /// The curve of a fit; its domain runs from the smallest to the largest measured flow.
    #[must_use]
    pub fn new(fit: PolynomialFit) -> Self {
        Self {
            q_min: fit.x_min,
            q_max: fit.x_max,
            pieces: vec![Piece {
                low: fit.x_min,
                high: fit.x_max,
                centre: fit.centre,
                half_width: fit.half_width,
                coefficients: fit.coefficients.clone(),
            }],
            shape: Box::new(Shape::Polynomial(fit)),
        }
    }

    /// What the curve was made by.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The fit behind the curve, for its residuals and errors; none behind a spline.
    #[must_use]
    pub fn fit(&self) -> Option<&PolynomialFit> {
        match self.shape() {
            Shape::Polynomial(fit) => Some(fit),
            Shape::Spline(_) => None,
        }
    }

    /// Smallest measured flow, m³/s.
    #[must_use]
    pub fn q_min_m3_s(&self) -> f64 {
        self.q_min
    }

    /// Largest measured flow, m³/s.
    #[must_use]
    pub fn q_max_m3_s(&self) -> f64 {
        self.q_max
    }

    /// Whether a flow lies in the measured range, touching included.
    #[must_use]
    pub fn covers(&self, flow_m3_s: f64) -> bool {
        let slack = 1e-12 * self.q_max.abs().max(self.q_min.abs());
        flow_m3_s >= self.q_min - slack && flow_m3_s <= self.q_max + slack
    }

    fn check(&self, flow_m3_s: f64) -> Result<(), Error> {
        if self.covers(flow_m3_s) {
            return Ok(());
        }
        Err(Error::OutsideDomain {
            at: flow_m3_s,
            low: self.q_min,
            high: self.q_max,
        })
    }

    /// The curve at a flow.
    ///
    /// # Errors
    /// [`Error::OutsideDomain`] outside the measured range (NaN included),
    /// [`Error::NotFinite`] on overflow.
    pub fn evaluate(&self, flow_m3_s: f64) -> Result<f64, Error> {
        self.check(flow_m3_s)?;
        let value = self
            .piece(flow_m3_s)
            .map_or(f64::NAN, |p| p.value(flow_m3_s));
        check::result("value of the curve", value)
    }

    /// The curve at a flow with standard error and confidence band.
    ///
    /// # Errors
    /// As [`evaluate`](Self::evaluate).
    pub fn read(&self, flow_m3_s: f64) -> Result<Reading, Error> {
        let value = self.evaluate(flow_m3_s)?;
        let of = |f: fn(&PolynomialFit, f64) -> Option<f64>| match self.fit() {
            Some(fit) => f(fit, flow_m3_s)
                .map(|error| check::result("standard error of the curve", error))
                .transpose(),
            None => Ok(None),
        };
        Ok(Reading {
            value,
            standard_error: of(PolynomialFit::standard_error)?,
            band_95: of(PolynomialFit::band_95)?,
        })
    }

    /// The piece that holds at a flow; the first or last one a hair outside.
    pub(crate) fn piece(&self, flow_m3_s: f64) -> Option<&Piece> {
        let inside = self.pieces.iter().find(|p| flow_m3_s <= p.high);
        inside.or(self.pieces.last())
    }

    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Every flow in the measured range at which the curve has `value`, rising. A curve that
    /// only touches the value counts. Empty when it is never reached. A stretch of a spline
    /// that lies on the value is given by its ends.
    ///
    /// The head curve of an axial pump with its saddle has up to three; the one to judge by
    /// is the [`nearest`] to the guarantee.
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
        let largest = slope * self.q_max.abs().max(self.q_min.abs());
        let slack = check::result("line through the origin", limit::slack(largest))?;
        self.crossings(0.0, slope, slack)
    }

    /// Flows where the curve equals `value + slope·q`.
    fn crossings(&self, value: f64, slope: f64, slack: f64) -> Result<Vec<f64>, Error> {
        let mut flows: Vec<f64> = Vec::new();
        for piece in &self.pieces {
            let mut difference = piece.coefficients.clone();
            if difference.len() < 2 {
                difference.resize(2, 0.0);
            }
            let line = [value + slope * piece.centre, slope * piece.half_width];
            for (coefficient, line) in difference.iter_mut().zip(line) {
                *coefficient = check::result("difference of curve and line", *coefficient - line)?;
            }
            let low = (piece.low - piece.centre) / piece.half_width;
            let high = (piece.high - piece.centre) / piece.half_width;
            for root in roots_between(&difference, low, high, slack) {
                let flow = (piece.centre + piece.half_width * root).clamp(piece.low, piece.high);
                // The end of one piece is the beginning of the next.
                if flows.last() != Some(&flow) {
                    flows.push(flow);
                }
            }
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
