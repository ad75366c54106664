//! Linear least squares by Householder QR in double-double arithmetic.
//!
//! Orthogonal factorisation keeps the condition of the problem instead of squaring it as
//! normal equations do; the second f64 of every number then leaves all digits that the data
//! hold. Rank is judged by f64, the precision of the data.

use crate::dd::{Dd, power_of_two};
use crate::{Error, check};

/// A column that keeps less than this part of its length when the columns before it are
/// projected out is a combination of them, as far as f64 data can tell.
const INDEPENDENT: f64 = 1e-13;

/// Solution of one least-squares problem. Values are scaled by `scale`, see there.
pub(crate) struct Solution {
    /// Coefficients, one per column.
    pub(crate) coefficients: Vec<Dd>,
    /// Columns of R⁻¹, the k-th with k + 1 entries: (AᵀWA)⁻¹ = R⁻¹R⁻ᵀ.
    pub(crate) inverse: Vec<Vec<Dd>>,
    /// Value minus fit, not weighted.
    pub(crate) residuals: Vec<f64>,
    /// Diagonal of the hat matrix.
    pub(crate) leverage: Vec<f64>,
    /// Root mean square of the residuals, not weighted.
    pub(crate) rms: f64,
    /// √(Σwr²/(N−p)) for weights whose largest is near 1: the factor from
    /// the rows of R⁻¹ to standard errors. Absent without spare points.
    pub(crate) unit_sd: Option<Dd>,
    /// √(Σwr²/(N−p)) with the weights given.
    pub(crate) residual_sd: Option<f64>,
    /// 1 − Σwr²/Σw(y − ȳ)²; absent when the values do not vary.
    pub(crate) r_squared: Option<f64>,
}

/// Solves A c = y for the columns of A, each row weighted. `None` when the columns are not
/// independent. Columns, values and weights have the same length, at least the number of
/// columns. `about_mean` says what r² refers to: the mean, or zero.
pub(crate) fn solve(
    columns: &[Vec<Dd>],
    y: &[f64],
    weights: Option<&[f64]>,
    about_mean: bool,
) -> Option<Solution> {
    let y_scale = power_of_two(largest(y));
    let root_scale = weights.map_or(1.0, |w| power_of_two(largest(w).sqrt()));
    let roots: Vec<Dd> = match weights {
        Some(weights) => weights
            .iter()
            .map(|w| Dd::new(w / root_scale / root_scale).sqrt())
            .collect(),
        None => vec![Dd::ONE; y.len()],
    };
    let values: Vec<Dd> = y.iter().map(|y| Dd::new(y / y_scale)).collect();
    let weighted = |column: &[Dd]| -> Vec<Dd> {
        if weights.is_none() {
            return column.to_vec();
        }
        column.iter().zip(&roots).map(|(a, r)| *a * *r).collect()
    };
    let (coefficients, inverse) = factor(
        columns.iter().map(|c| weighted(c)).collect(),
        weighted(&values),
    )?;

    let mut fitted = vec![Dd::ZERO; y.len()];
    for (column, coefficient) in columns.iter().zip(&coefficients) {
        for (sum, entry) in fitted.iter_mut().zip(column) {
            *sum = *sum + *entry * *coefficient;
        }
    }
    let (mut unexplained, mut squares) = (Dd::ZERO, Dd::ZERO);
    let mut residuals = Vec::with_capacity(y.len());
    for ((value, fitted), root) in values.iter().zip(&fitted).zip(&roots) {
        let residual = *value - *fitted;
        let by_root = residual * *root;
        squares = squares + residual * residual;
        unexplained = unexplained + by_root * by_root;
        residuals.push(residual.scaled(y_scale).value());
    }
    let rms = (squares / Dd::new(y.len() as f64))
        .sqrt()
        .scaled(y_scale)
        .value();
    let freedom = y.len().saturating_sub(columns.len());
    let unit_sd = (freedom > 0).then(|| {
        (unexplained / Dd::new(freedom as f64))
            .sqrt()
            .scaled(y_scale)
    });
    Some(Solution {
        residuals,
        leverage: leverage(columns, &inverse, &roots),
        rms,
        unit_sd,
        residual_sd: unit_sd.map(|sd| sd.value() * root_scale),
        r_squared: total(&values, &roots, about_mean)
            .map(|total| (Dd::ONE - unexplained / total).value()),
        coefficients: coefficients.iter().map(|c| c.scaled(y_scale)).collect(),
        inverse,
    })
}

/// Weighted squares of the values about their mean or about zero; `None` if they are all
/// the same.
fn total(values: &[Dd], roots: &[Dd], about_mean: bool) -> Option<Dd> {
    let mut about = Dd::ZERO;
    if about_mean {
        let mut weight = Dd::ZERO;
        for (value, root) in values.iter().zip(roots) {
            about = about + *value * *root * *root;
            weight = weight + *root * *root;
        }
        about = about / weight;
    }
    let same = if about_mean {
        *values.first()?
    } else {
        Dd::ZERO
    };
    if values.iter().all(|v| *v == same) {
        return None;
    }
    let mut total = Dd::ZERO;
    for (value, root) in values.iter().zip(roots) {
        let from = (*value - about) * *root;
        total = total + from * from;
    }
    (total.value() > 0.0).then_some(total)
}

fn leverage(columns: &[Vec<Dd>], inverse: &[Vec<Dd>], roots: &[Dd]) -> Vec<f64> {
    let one = |row: usize, root: &Dd| {
        let entries = columns.iter().filter_map(|c| c.get(row).copied());
        let row: Vec<Dd> = entries.collect();
        (squared_length(inverse, &row) * *root * *root).value()
    };
    roots
        .iter()
        .enumerate()
        .map(|(i, root)| one(i, root))
        .collect()
}

/// ‖R⁻ᵀ v‖², the variance of v·c for errors of unit variance.
pub(crate) fn squared_length(inverse: &[Vec<Dd>], v: &[Dd]) -> Dd {
    let mut sum = Dd::ZERO;
    for column in inverse {
        let along = dot(column, v);
        sum = sum + along * along;
    }
    sum
}

fn dot(a: &[Dd], b: &[Dd]) -> Dd {
    let mut sum = Dd::ZERO;
    for (a, b) in a.iter().zip(b) {
        sum = sum + *a * *b;
    }
    sum
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0_f64, |m, v| m.max(v.abs()))
}

/// Coefficients and the columns of R⁻¹.
fn factor(mut columns: Vec<Vec<Dd>>, mut y: Vec<Dd>) -> Option<(Vec<Dd>, Vec<Vec<Dd>>)> {
    let mut diagonal = Vec::with_capacity(columns.len());
    let mut rest = columns.as_mut_slice();
    while let Some((column, tail)) = rest.split_first_mut() {
        let k = diagonal.len();
        let original = dot(column, column).sqrt().value();
        let mut normal: Vec<Dd> = column.iter().skip(k).copied().collect();
        let below = dot(&normal, &normal).sqrt();
        if below.value().is_nan() || below.value() <= INDEPENDENT * original {
            return None;
        }
        let first = normal.first_mut()?;
        let entry = if first.value() > 0.0 { -below } else { below };
        *first = *first - entry;
        // H = 1 − n nᵀ/half with half = nᵀn/2 = −entry·n₀.
        let half = -(entry * *first);
        for other in tail.iter_mut().chain(core::iter::once(&mut y)) {
            let active = other.get_mut(k..)?;
            let along = dot(&normal, active) / half;
            for (n, v) in normal.iter().zip(active) {
                *v = *v - along * *n;
            }
        }
        diagonal.push(entry);
        rest = tail;
    }
    y.truncate(diagonal.len());
    let inverse = (0..diagonal.len())
        .map(|k| {
            let mut unit = vec![Dd::ZERO; k + 1];
            if let Some(last) = unit.last_mut() {
                *last = Dd::ONE;
            }
            back_substitute(&columns, &diagonal, unit)
        })
        .collect();
    Some((back_substitute(&columns, &diagonal, y), inverse))
}

/// Solves R c = z for the leading rows that z has.
fn back_substitute(columns: &[Vec<Dd>], diagonal: &[Dd], mut z: Vec<Dd>) -> Vec<Dd> {
    let count = z.len();
    let mut solution = Vec::with_capacity(count);
    for (column, diagonal) in columns.iter().zip(diagonal).take(count).rev() {
        let Some(last) = z.pop() else { break };
        let coefficient = last / *diagonal;
        for (remaining, entry) in z.iter_mut().zip(column) {
            *remaining = *remaining - *entry * coefficient;
        }
        solution.push(coefficient);
    }
    solution.reverse();
    solution
}

/// A linear model in predictors that are not powers of one abscissa.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearFit {
    /// One coefficient per predictor.
    pub coefficients: Vec<f64>,
    /// Their standard errors; absent when no points are left over.
    pub standard_errors: Option<Vec<f64>>,
    /// Residuals, value minus fit.
    pub residuals: Vec<f64>,
    /// Residual standard deviation with N − coefficients.
    pub residual_sd: Option<f64>,
    /// Coefficient of determination about the mean (a model with a constant predictor) or
    /// about zero; absent when the values do not vary.
    pub r_squared: Option<f64>,
}

impl LinearFit {
    /// Fits `y = Σ c_k predictor_k`. A predictor that is the same at all points is the
    /// intercept and makes r² refer to the mean.
    ///
    /// # Errors
    /// [`Error::Lengths`], [`Error::Value`] for a number that is not finite,
    /// [`Error::TooFewAbscissae`] when the predictors are not independent or more than the
    /// points, [`Error::NotFinite`] on overflow.
    ///
    /// ```
    /// use dutypoint_hydraulics::least_squares::LinearFit;
    /// let (ones, squares) = (vec![1.0; 4], vec![0.0, 1.0, 4.0, 9.0]);
    /// let fit = LinearFit::new(&[ones, squares], &[3.0, 5.0, 11.0, 21.0])?;
    /// assert_eq!(fit.coefficients, [3.0, 2.0]);
    /// # Ok::<(), dutypoint_hydraulics::Error>(())
    /// ```
    pub fn new(predictors: &[Vec<f64>], y: &[f64]) -> Result<Self, Error> {
        check::column("linear fit", y, 1)?;
        let mut columns = Vec::with_capacity(predictors.len());
        let mut scales = Vec::with_capacity(predictors.len());
        let mut constant = false;
        for predictor in predictors {
            if predictor.len() != y.len() {
                return Err(Error::Lengths {
                    left: predictor.len(),
                    right: y.len(),
                });
            }
            check::column("predictor of the linear fit", predictor, 1)?;
            let first = predictor.first().copied().unwrap_or_default();
            constant |= first != 0.0 && predictor.iter().all(|v| *v == first);
            let scale = power_of_two(largest(predictor));
            columns.push(predictor.iter().map(|v| Dd::new(v / scale)).collect());
            scales.push(scale);
        }
        let dependent = Error::TooFewAbscissae {
            degree: predictors.len().saturating_sub(1),
            distinct: y.len(),
            coefficients: predictors.len(),
        };
        if predictors.is_empty() || y.len() < predictors.len() {
            return Err(dependent);
        }
        let solution = solve(&columns, y, None, constant).ok_or(dependent)?;
        let coefficient = |(c, scale): (&Dd, &f64)| {
            check::result("coefficient of the linear fit", c.value() / scale)
        };
        let pairs = solution.coefficients.iter().zip(&scales);
        let coefficients = pairs.map(coefficient).collect::<Result<_, _>>()?;
        let standard_errors = match solution.unit_sd {
            None => None,
            Some(sd) => Some(
                scales
                    .iter()
                    .enumerate()
                    .map(|(row, scale)| {
                        let error = row_length(&solution.inverse, row) * sd;
                        check::result("standard error of the linear fit", error.value() / scale)
                    })
                    .collect::<Result<_, _>>()?,
            ),
        };
        Ok(Self {
            coefficients,
            standard_errors,
            residuals: solution.residuals,
            residual_sd: solution.residual_sd,
            r_squared: solution.r_squared,
        })
    }
}

/// Length of a row of a matrix given by columns, shorter columns filled with zeros.
pub(crate) fn row_length(columns: &[Vec<Dd>], row: usize) -> Dd {
    let mut sum = Dd::ZERO;
    for entry in columns.iter().filter_map(|column| column.get(row)) {
        sum = sum + *entry * *entry;
    }
    sum.sqrt()
}
