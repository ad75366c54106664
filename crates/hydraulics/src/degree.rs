//! The degree of a fit, chosen by a stated criterion where neither pack nor order fixes it.
//!
//! Criterion `aicc-then-f`: among the admissible degrees the one with the smallest corrected
//! Akaike criterion, `AICc = N ln(SSE/N) + 2k + 2k(k+1)/(N−k−1)` with k = coefficients + 1.
//! It weighs closeness against freedom and, unlike the largest r², does not always take the
//! highest degree; the correction matters with the 6 to 13 points of a pump test. Degrees
//! within 2 of the smallest say the same; of those the lower is taken, one step at a time, as
//! long as the F test of the term that is dropped, F(1, N−p) = t², does not find it at 95 %.
//! Every candidate is returned, so that the choice can be recorded and checked.
//!
//! Sources: C. M. Hurvich, C.-L. Tsai, Regression and time series model selection in small
//! samples, Biometrika 76 (1989); K. P. Burnham, D. R. Anderson, Model Selection and
//! Multimodel Inference (2002), 2.6 for the 2.

use crate::fit::PolynomialFit;
use crate::pack::FitRule;
use crate::{Error, check, stats};

/// Name of the criterion, to be recorded with the choice.
pub const CRITERION: &str = "aicc-then-f";
/// Differences of AICc up to here do not separate two fits.
const SAME_SUPPORT: f64 = 2.0;
/// Scatter below this part of the largest value is rounding of the data.
const ROUNDING: f64 = 1e-14;

/// A degree that was looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Degree.
    pub degree: usize,
    /// Residual standard deviation, in the unit of the values.
    pub residual_sd: f64,
    /// Corrected Akaike criterion; only differences mean anything.
    pub aicc: f64,
    /// F statistic of the highest power, with 1 and N−p degrees of freedom.
    pub f: f64,
    /// Its 95 % point; above it the power is needed.
    pub f_95: f64,
}

/// The degree chosen, and from what.
#[derive(Debug, Clone, PartialEq)]
pub struct DegreeChoice {
    /// Degree.
    pub degree: usize,
    /// All candidates, of rising degree.
    pub candidates: Vec<Candidate>,
}

/// Chooses the degree of a polynomial through (x, y) from `low` to `high`, by the criterion
/// of this module. Degrees are left out for which fewer than three points are spare (AICc
/// has no value) or which the abscissae do not determine.
///
/// # Errors
/// As [`PolynomialFit::new`] at the lowest degree; [`Error::TooFew`] when that leaves fewer
/// than three spare points.
///
/// ```
/// use dutypoint_hydraulics::degree;
/// let x = [0.0, 40.0, 60.0, 80.0, 95.0, 104.0, 120.0];
/// let y = [58.81, 57.19, 55.2, 52.41, 49.77, 47.98, 44.4]; // 58.8 − 0.001 x², read to 1 cm
/// assert_eq!(degree::choose(&x, &y, None, 1, 4, false)?.degree, 2);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn choose(
    x: &[f64],
    y: &[f64],
    weights: Option<&[f64]>,
    low: usize,
    high: usize,
    through_origin: bool,
) -> Result<DegreeChoice, Error> {
    let root = |i: usize| weights.and_then(|w| w.get(i)).map_or(1.0, |w| w.sqrt());
    let sizes = y.iter().enumerate().map(|(i, y)| y.abs() * root(i));
    let largest = sizes.fold(0.0_f64, f64::max);
    let mut candidates: Vec<Candidate> = Vec::new();
    for degree in low..=high.min(x.len()) {
        let free = degree + 1 - usize::from(through_origin);
        let spare = x.len().saturating_sub(free);
        if spare < 3 && !candidates.is_empty() {
            break;
        }
        let fit = match weights {
            Some(weights) => PolynomialFit::weighted(x, y, weights, degree, through_origin),
            None => PolynomialFit::new(x, y, degree, through_origin),
        };
        let fit = match fit {
            Ok(fit) => fit,
            Err(Error::TooFewAbscissae { .. }) if !candidates.is_empty() => break,
            Err(error) => return Err(error),
        };
        let Some(sd) = fit.residual_sd.filter(|_| spare >= 3) else {
            return Err(Error::TooFew {
                quantity: "degree by the corrected Akaike criterion",
                got: x.len(),
                need: free + 3,
            });
        };
        candidates.push(candidate(&fit, sd.max(ROUNDING * largest), x.len())?);
    }
    let smallest = candidates.iter().fold(f64::INFINITY, |m, c| m.min(c.aicc));
    let mut chosen = candidates
        .iter()
        .position(|c| c.aicc <= smallest)
        .unwrap_or_default();
    while let (Some(this), Some(below)) = (
        candidates.get(chosen),
        chosen.checked_sub(1).and_then(|i| candidates.get(i)),
    ) {
        if below.aicc - smallest > SAME_SUPPORT || this.f > this.f_95 {
            break;
        }
        chosen -= 1;
    }
    Ok(DegreeChoice {
        degree: candidates.get(chosen).map_or(low, |c| c.degree),
        candidates,
    })
}

fn candidate(fit: &PolynomialFit, sd: f64, points: usize) -> Result<Candidate, Error> {
    let spare = fit.degrees_of_freedom();
    let count = points as f64;
    let parameters = (points - spare + 1) as f64;
    let mean_square = sd * sd * spare as f64 / count;
    let aicc = if mean_square > 0.0 {
        count * libm::log(mean_square)
            + 2.0 * parameters
            + 2.0 * parameters * (parameters + 1.0) / (count - parameters - 1.0)
    } else {
        // Values that are all zero: any degree fits, the lowest is first.
        0.0
    };
    let highest = fit.coefficients.last().copied().unwrap_or_default();
    // The errors of the fit are those of its own scatter; `sd` may be the rounding instead.
    let error = fit.highest_unit_error() * sd;
    let ratio = if error > 0.0 { highest / error } else { 0.0 };
    let t_95 = stats::student_t_95(spare + 1)?;
    Ok(Candidate {
        degree: fit.degree,
        residual_sd: sd,
        aicc: check::result("corrected Akaike criterion", aicc)?,
        f: (ratio * ratio).min(f64::MAX),
        f_95: t_95 * t_95,
    })
}

impl FitRule {
    /// Chooses among the degrees the rule admits for these points, by the criterion of
    /// [`degree`](crate::degree).
    ///
    /// # Errors
    /// [`Error::Degree`] when the rule admits none for so few points; as [`choose`].
    pub fn choose(&self, x: &[f64], y: &[f64]) -> Result<DegreeChoice, Error> {
        self.admissible(self.min_degree, x.len())?;
        let by_points = x.len().saturating_sub(self.spare_points);
        let high = self.max_degree.map_or(by_points, |m| m.min(by_points));
        choose(x, y, None, self.min_degree, high, false)
    }
}
