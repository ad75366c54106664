//! Polynomial least squares by Householder QR on abscissae normalised to [−1, 1].
//!
//! Our own, in plain loops: linear-algebra crates choose their instructions at run time and
//! do not return the same bits everywhere. Coefficients stay in the normalised basis, in
//! which they are well conditioned; evaluation normalises its argument the same way.

use crate::{Error, check};

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
    /// Residual standard deviation with N − coefficients; absent when none are left over.
    pub residual_sd: Option<f64>,
    /// Coefficient of determination: about the mean, or about zero through the origin;
    /// absent when the values do not vary.
    pub r_squared: Option<f64>,
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
    /// # Ok::<(), dutypoint_hydraulics::Error>(())
    /// ```
    pub fn new(x: &[f64], y: &[f64], degree: usize, through_origin: bool) -> Result<Self, Error> {
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
        let u: Vec<f64> = x.iter().map(|x| (x - centre) / half_width).collect();
        let mut columns = Vec::with_capacity(free);
        let mut power: Vec<f64> = if through_origin {
            u.clone()
        } else {
            vec![1.0; u.len()]
        };
        for _ in 0..free {
            let next = power.iter().zip(&u).map(|(p, u)| p * u).collect();
            columns.push(std::mem::replace(&mut power, next));
        }

        let qr = HouseholderQr::new(columns).ok_or(too_few)?;
        let mut coefficients = vec![0.0; first_power];
        coefficients.extend(qr.solve(y));
        let mut fit = Self {
            degree,
            through_origin,
            centre,
            half_width,
            coefficients,
            x_min,
            x_max,
            residuals: Vec::new(),
            leverage: qr.leverage(x.len()),
            rms: 0.0,
            residual_sd: None,
            r_squared: None,
        };
        fit.describe(x, y, free)?;
        Ok(fit)
    }

    fn describe(&mut self, x: &[f64], y: &[f64], free: usize) -> Result<(), Error> {
        let count = y.len();
        let mut mean = 0.0;
        for value in y {
            mean += value / count as f64;
        }
        let about = if self.through_origin { 0.0 } else { mean };
        let (mut unexplained, mut total) = (0.0, 0.0);
        for (x, y) in x.iter().zip(y) {
            let residual = y - self.evaluate(*x);
            self.residuals.push(residual);
            unexplained += residual * residual;
            total += (y - about) * (y - about);
        }
        check::result("sum of squared residuals", unexplained)?;
        check::result("sum of squares of the values", total)?;
        self.rms = (unexplained / count as f64).sqrt();
        if count > free {
            self.residual_sd = Some((unexplained / (count - free) as f64).sqrt());
        }
        if total > 0.0 {
            self.r_squared = Some(1.0 - unexplained / total);
        }
        Ok(())
    }

    /// The polynomial at `x`, without a check of the measured range: curves that judge
    /// anything are read through [`Curve`](crate::curve::Curve), which has one.
    #[must_use]
    pub fn evaluate(&self, x: f64) -> f64 {
        horner(&self.coefficients, (x - self.centre) / self.half_width)
    }
}

/// Polynomial with coefficients of rising power.
pub(crate) fn horner(coefficients: &[f64], u: f64) -> f64 {
    let mut value = 0.0;
    for coefficient in coefficients.iter().rev() {
        value = value * u + coefficient;
    }
    value
}

/// A = QR, Q as reflections.
struct HouseholderQr {
    /// Columns of A; above the diagonal they hold R.
    columns: Vec<Vec<f64>>,
    diagonal: Vec<f64>,
    /// Unit normals of the reflections; the k-th acts on rows k and below.
    normals: Vec<Vec<f64>>,
}

impl HouseholderQr {
    /// `None` when the columns are not independent to working precision. Every column must
    /// have at least as many rows as there are columns.
    fn new(mut columns: Vec<Vec<f64>>) -> Option<Self> {
        let (mut diagonal, mut normals) = (Vec::new(), Vec::new());
        let mut rest = columns.as_mut_slice();
        while let Some((column, tail)) = rest.split_first_mut() {
            let k = normals.len();
            let original = norm(column);
            let mut normal: Vec<f64> = column.iter().skip(k).copied().collect();
            let below = norm(&normal);
            // What is left of a column after projection is rounding when it is this small.
            if below.is_nan() || below <= 1e-13 * original {
                return None;
            }
            let first = normal.first_mut()?;
            let diagonal_entry = if *first > 0.0 { -below } else { below };
            *first -= diagonal_entry;
            let length = norm(&normal);
            for entry in &mut normal {
                *entry /= length;
            }
            for other in tail.iter_mut() {
                reflect(&normal, k, other);
            }
            diagonal.push(diagonal_entry);
            normals.push(normal);
            rest = tail;
        }
        Some(Self {
            columns,
            diagonal,
            normals,
        })
    }

    /// Least-squares solution of A c = y.
    fn solve(&self, y: &[f64]) -> Vec<f64> {
        let mut rotated = y.to_vec();
        for (k, normal) in self.normals.iter().enumerate() {
            reflect(normal, k, &mut rotated);
        }
        rotated.truncate(self.diagonal.len());
        let mut solution = Vec::with_capacity(self.diagonal.len());
        for (column, diagonal) in self.columns.iter().zip(&self.diagonal).rev() {
            let Some(last) = rotated.pop() else { break };
            let coefficient = last / diagonal;
            for (remaining, entry) in rotated.iter_mut().zip(column) {
                *remaining -= entry * coefficient;
            }
            solution.push(coefficient);
        }
        solution.reverse();
        solution
    }

    /// Diagonal of Q Qᵀ: the squared rows of the first columns of Q.
    fn leverage(&self, rows: usize) -> Vec<f64> {
        let mut leverage = vec![0.0; rows];
        for j in 0..self.normals.len() {
            let mut q: Vec<f64> = (0..rows).map(|row| f64::from(u8::from(row == j))).collect();
            for (k, normal) in self.normals.iter().enumerate().rev() {
                reflect(normal, k, &mut q);
            }
            for (sum, entry) in leverage.iter_mut().zip(&q) {
                *sum += entry * entry;
            }
        }
        leverage
    }
}

fn norm(vector: &[f64]) -> f64 {
    let mut sum = 0.0;
    for entry in vector {
        sum += entry * entry;
    }
    sum.sqrt()
}

/// Reflects rows `from` and below of `vector` at the plane with unit normal `normal`.
fn reflect(normal: &[f64], from: usize, vector: &mut [f64]) {
    let mut along = 0.0;
    for (n, v) in normal.iter().zip(vector.iter().skip(from)) {
        along += n * v;
    }
    for (n, v) in normal.iter().zip(vector.iter_mut().skip(from)) {
        *v -= 2.0 * along * n;
    }
}
