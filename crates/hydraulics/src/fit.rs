//! Polynomial least squares on abscissae normalised to [−1, 1].
//!
//! Our own, in plain loops: linear-algebra crates choose their instructions at run time and
//! do not return the same bits everywhere. Householder QR, coefficients, errors and the way
//! back to powers of the raw abscissa are in double-double arithmetic; a curve is evaluated
//! in f64 in the normalised basis, in which its coefficients are well conditioned.

use crate::dd::{Dd, power_of_two};
use crate::least_squares::{self, Solution, row_length, squared_length};
use crate::polynomial::horner;
use crate::{Error, check, stats};

/// A least-squares polynomial and how well it fits.
#[derive(Debug, Clone, PartialEq)]
pub struct PolynomialFit {
    /// Highest power.
    pub degree: usize,
    /// Whether it was forced through (0, 0), as an efficiency curve is.
    pub through_origin: bool,
    /// Centre of the normalisation `u = (x − centre)/half_width`; 0 through the origin.
    pub centre: f64,
    /// Half width of the normalisation; the largest |x| through the origin.
    pub half_width: f64,
    /// Coefficients of 1, u, u², … (`degree + 1` of them; the first is 0 through the origin).
    /// Those of powers of x are [`powers`](Self::powers).
    pub coefficients: Vec<f64>,
    /// Smallest abscissa.
    pub x_min: f64,
    /// Largest abscissa.
    pub x_max: f64,
    /// Residuals, value minus fit, in the order of the points.
    pub residuals: Vec<f64>,
    /// Leverage of each point, 0 to 1; near 1 a point is followed whatever it says.
    pub leverage: Vec<f64>,
    /// Root mean square of the residuals.
    pub rms: f64,
    /// Residual standard deviation √(Σwr²/(N − coefficients)), w = 1 unless weighted; absent
    /// when no points are left over. With weights 1/u² it is a pure number, near 1 when the
    /// uncertainties explain the scatter.
    pub residual_sd: Option<f64>,
    /// Coefficient of determination: about the mean, or about zero through the origin;
    /// absent when the values do not vary.
    pub r_squared: Option<f64>,
    exact: Exact,
}

/// What errors and the change of basis are computed from.
#[derive(Debug, Clone, PartialEq)]
struct Exact {
    coefficients: Vec<Dd>,
    inverse: Vec<Vec<Dd>>,
    unit_sd: Option<Dd>,
}

/// A fit in powers of the raw abscissa.
#[derive(Debug, Clone, PartialEq)]
pub struct Powers {
    /// Coefficients of 1, x, x², …; the first is 0 through the origin.
    pub coefficients: Vec<f64>,
    /// Their standard errors, 0 for the first through the origin; absent when no points are
    /// left over.
    pub standard_errors: Option<Vec<f64>>,
    /// Their covariance, row by row; absent when no points are left over.
    pub covariance: Option<Vec<Vec<f64>>>,
}

impl PolynomialFit {
    /// Fits a polynomial of `degree` to the points (x, y), through the origin if asked.
    ///
    /// Whether a degree is admissible for a certificate (never above N−2) is a rule of the
    /// pack, [`FitRule::admissible`](crate::pack::FitRule::admissible); here a fit with as
    /// many coefficients as distinct abscissae is still computed.
    ///
    /// # Errors
    /// [`Error::Lengths`], [`Error::Value`] for a number that is not finite,
    /// [`Error::TooFewAbscissae`] when the points do not determine the coefficients,
    /// [`Error::NotFinite`] on overflow.
    ///
    /// ```
    /// use dutypoint_hydraulics::fit::PolynomialFit;
    /// let fit = PolynomialFit::new(&[0.0, 1.0, 2.0, 4.0], &[5.0, 4.0, 1.0, -11.0], 2, false)?;
    /// assert!((fit.evaluate(3.0) - -4.0).abs() < 1e-12);
    /// // y = 5 − x² in powers of x
    /// assert_eq!(fit.powers()?.coefficients[2], -1.0);
    /// # Ok::<(), dutypoint_hydraulics::Error>(())
    /// ```
    pub fn new(x: &[f64], y: &[f64], degree: usize, through_origin: bool) -> Result<Self, Error> {
        Self::fit(x, y, None, degree, through_origin)
    }

    /// As [`new`](Self::new) with a weight above 0 for each point: the sum of `w r²` is made
    /// smallest. Only their ratios matter to the curve and its errors; from standard
    /// uncertainties u of the values take `w = 1/u²`.
    ///
    /// # Errors
    /// As [`new`](Self::new); [`Error::Value`] for a weight that is not above 0.
    ///
    /// ```
    /// use dutypoint_hydraulics::fit::PolynomialFit;
    /// // Two readings of one thing, the second three times as certain.
    /// let fit = PolynomialFit::weighted(&[1.0, 1.0], &[10.0, 14.0], &[1.0, 9.0], 0, false)?;
    /// assert!((fit.evaluate(1.0) - 13.6).abs() < 1e-14);
    /// # Ok::<(), dutypoint_hydraulics::Error>(())
    /// ```
    pub fn weighted(
        x: &[f64],
        y: &[f64],
        weights: &[f64],
        degree: usize,
        through_origin: bool,
    ) -> Result<Self, Error> {
        if weights.len() != y.len() {
            return Err(Error::Lengths {
                left: weights.len(),
                right: y.len(),
            });
        }
        for weight in weights {
            check::positive("weight of a point", *weight)?;
        }
        Self::fit(x, y, Some(weights), degree, through_origin)
    }

    fn fit(
        x: &[f64],
        y: &[f64],
        weights: Option<&[f64]>,
        degree: usize,
        through_origin: bool,
    ) -> Result<Self, Error> {
        if x.len() != y.len() {
            return Err(Error::Lengths {
                left: x.len(),
                right: y.len(),
            });
        }
        check::column("polynomial fit", x, 1)?;
        check::column("polynomial fit", y, 1)?;
        let mut sorted = x.to_vec();
        sorted.sort_by(f64::total_cmp);
        let x_min = sorted.first().copied().unwrap_or_default();
        let x_max = sorted.last().copied().unwrap_or_default();
        // A point at 0 says nothing to a curve that passes through the origin anyway.
        sorted.retain(|x| !through_origin || *x != 0.0);
        sorted.dedup();

        let first_power = usize::from(through_origin);
        let free = degree.saturating_add(1).saturating_sub(first_power);
        let too_few = Error::TooFewAbscissae {
            degree,
            distinct: sorted.len(),
            coefficients: free,
        };
        if free == 0 || sorted.len() < free {
            return Err(too_few);
        }
        let (centre, half_width) = if through_origin {
            (0.0, x_min.abs().max(x_max.abs()))
        } else if free == 1 {
            (0.5 * x_min + 0.5 * x_max, 1.0)
        } else {
            (0.5 * x_min + 0.5 * x_max, 0.5 * x_max - 0.5 * x_min)
        };
        if !half_width.is_normal() {
            return Err(too_few);
        }
        let normal = Normalised { centre, half_width };
        let mut columns = vec![Vec::with_capacity(x.len()); free];
        for x in x {
            for (column, power) in columns.iter_mut().zip(normal.powers(*x, first_power)) {
                column.push(power);
            }
        }
        let solution =
            least_squares::solve(&columns, y, weights, !through_origin).ok_or(too_few)?;
        Self {
            degree,
            through_origin,
            centre,
            half_width,
            coefficients: Vec::new(),
            x_min,
            x_max,
            residuals: Vec::new(),
            leverage: Vec::new(),
            rms: 0.0,
            residual_sd: None,
            r_squared: None,
            exact: Exact {
                coefficients: Vec::new(),
                inverse: Vec::new(),
                unit_sd: None,
            },
        }
        .with(solution)
    }

    fn with(mut self, solution: Solution) -> Result<Self, Error> {
        self.rms = check::result("root mean square of the residuals", solution.rms)?;
        if let Some(sd) = solution.residual_sd {
            check::result("standard deviation of the residuals", sd)?;
        }
        self.coefficients = vec![0.0; usize::from(self.through_origin)];
        for coefficient in &solution.coefficients {
            let value = check::result("coefficient of the fit", coefficient.value())?;
            self.coefficients.push(value);
        }
        self.residuals = solution.residuals;
        self.leverage = solution.leverage;
        self.residual_sd = solution.residual_sd;
        self.r_squared = solution.r_squared;
        self.exact = Exact {
            coefficients: solution.coefficients,
            inverse: solution.inverse,
            unit_sd: solution.unit_sd,
        };
        Ok(self)
    }

    /// The polynomial at `x`, without a check of the measured range: curves that judge
    /// anything are read through [`Curve`](crate::curve::Curve), which has one.
    #[must_use]
    pub fn evaluate(&self, x: f64) -> f64 {
        horner(&self.coefficients, (x - self.centre) / self.half_width)
    }

    /// Points less coefficients.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> usize {
        let free = self.exact.coefficients.len();
        self.residuals.len().saturating_sub(free)
    }

    /// Standard error of the fitted value at `x`, from the scatter of the points about the
    /// fit; absent when no points are left over. Like [`evaluate`](Self::evaluate) without a
    /// check of the range.
    #[must_use]
    pub fn standard_error(&self, x: f64) -> Option<f64> {
        self.error_of(x, 1.0, 0.0)
    }

    /// Half width of the two-sided 95 % confidence band of the curve at `x`: Student's factor
    /// for the degrees of freedom times the standard error; absent when no points are left.
    #[must_use]
    pub fn band_95(&self, x: f64) -> Option<f64> {
        let t = stats::student_t_95(self.degrees_of_freedom().saturating_add(1)).ok()?;
        Some(t * self.standard_error(x)?)
    }

    /// Standard error of `value_factor·f(x) + slope_factor·f′(x)`.
    pub(crate) fn error_of(&self, x: f64, value_factor: f64, slope_factor: f64) -> Option<f64> {
        let first = usize::from(self.through_origin);
        let normal = self.normalised();
        let (value, slope) = (
            Dd::new(value_factor),
            Dd::new(slope_factor / self.half_width),
        );
        let mut lower = Dd::ZERO;
        let mut gradient = Vec::with_capacity(self.exact.coefficients.len());
        for (k, power) in normal
            .powers(x, 0)
            .take(self.degree.checked_add(1)?)
            .enumerate()
        {
            if k >= first {
                gradient.push(value * power + slope * Dd::new(k as f64) * lower);
            }
            lower = power;
        }
        let length = squared_length(&self.exact.inverse, &gradient).sqrt();
        Some((length * self.exact.unit_sd?).value())
    }

    /// Standard error of the highest coefficient for a residual standard deviation of one.
    pub(crate) fn highest_unit_error(&self) -> f64 {
        let last = self.exact.inverse.last().and_then(|column| column.last());
        last.map_or(0.0, |entry| entry.value().abs())
    }

    /// The fit in powers of x, the change of basis in double-double arithmetic.
    ///
    /// # Errors
    /// [`Error::NotFinite`] where a coefficient leaves the range of f64, as high powers of
    /// very small or large abscissae do.
    pub fn powers(&self) -> Result<Powers, Error> {
        let normal = self.normalised();
        let first = usize::from(self.through_origin);
        let padded = |c: &[Dd]| {
            let mut all = vec![Dd::ZERO; first];
            all.extend_from_slice(c);
            all
        };
        let coefficients = normal.raw(padded(&self.exact.coefficients));
        let coefficients = values("coefficient of a power", &coefficients)?;
        let Some(sd) = self.exact.unit_sd else {
            return Ok(Powers {
                coefficients,
                standard_errors: None,
                covariance: None,
            });
        };
        let columns: Vec<Vec<Dd>> = self
            .exact
            .inverse
            .iter()
            .map(|column| {
                let mut raw = normal.raw(padded(column));
                for entry in &mut raw {
                    *entry = *entry * sd;
                }
                raw
            })
            .collect();
        let rows = 0..coefficients.len();
        let errors: Vec<Dd> = rows.clone().map(|row| row_length(&columns, row)).collect();
        let covariance = rows
            .clone()
            .map(|i| {
                let row: Vec<Dd> = rows.clone().map(|j| product(&columns, i, j)).collect();
                values("covariance of the coefficients", &row)
            })
            .collect::<Result<_, _>>()?;
        Ok(Powers {
            coefficients,
            standard_errors: Some(values("standard error of a coefficient", &errors)?),
            covariance: Some(covariance),
        })
    }

    /// The rows of the pseudo-inverse (AᵀA)⁻¹Aᵀ, one per free coefficient, for fits of other
    /// values at the same abscissae `x`; unweighted fits only.
    pub(crate) fn projector(&self, x: &[f64]) -> Vec<Vec<f64>> {
        let first = usize::from(self.through_origin);
        let count = self.exact.coefficients.len();
        let mut rows = vec![Vec::with_capacity(x.len()); count];
        for x in x {
            let powers: Vec<Dd> = self.normalised().powers(*x, first).take(count).collect();
            let mut column = vec![Dd::ZERO; count];
            for inverse in &self.exact.inverse {
                let mut along = Dd::ZERO;
                for (a, b) in inverse.iter().zip(&powers) {
                    along = along + *a * *b;
                }
                for (sum, entry) in column.iter_mut().zip(inverse) {
                    *sum = *sum + *entry * along;
                }
            }
            for (row, entry) in rows.iter_mut().zip(column) {
                row.push(entry.value());
            }
        }
        rows
    }

    fn normalised(&self) -> Normalised {
        Normalised {
            centre: self.centre,
            half_width: self.half_width,
        }
    }
}

fn product(columns: &[Vec<Dd>], i: usize, j: usize) -> Dd {
    let mut sum = Dd::ZERO;
    for column in columns {
        if let (Some(a), Some(b)) = (column.get(i), column.get(j)) {
            sum = sum + *a * *b;
        }
    }
    sum
}

fn values(quantity: &'static str, list: &[Dd]) -> Result<Vec<f64>, Error> {
    list.iter()
        .map(|v| check::result(quantity, v.value()))
        .collect()
}

/// The substitution `u = (x − centre)/half_width`, exact parameters.
struct Normalised {
    centre: f64,
    half_width: f64,
}

impl Normalised {
    /// u^first, u^(first+1), … without end.
    fn powers(&self, x: f64, first: usize) -> impl Iterator<Item = Dd> {
        // All three by the same power of two: the arithmetic must not overflow.
        let scale = power_of_two(self.half_width);
        let from_centre = Dd::new(x / scale) - Dd::new(self.centre / scale);
        let u = from_centre / Dd::new(self.half_width / scale);
        core::iter::successors(Some(Dd::ONE), move |power| Some(*power * u)).skip(first)
    }

    /// Coefficients of powers of x from those of powers of u.
    fn raw(&self, mut c: Vec<Dd>) -> Vec<Dd> {
        let mut scale = Dd::ONE;
        for coefficient in &mut c {
            *coefficient = *coefficient / scale;
            scale = scale * Dd::new(self.half_width);
        }
        let shift = Dd::new(self.centre);
        // Repeated synthetic division: the j-th round settles the coefficient of x^j.
        for settled in 0..c.len() {
            let mut higher = Dd::ZERO;
            for coefficient in c.iter_mut().skip(settled).rev() {
                *coefficient = *coefficient - shift * higher;
                higher = *coefficient;
            }
        }
        c
    }
}
