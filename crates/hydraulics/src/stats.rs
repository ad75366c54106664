//! Statistics of repeated readings. Two-pass sums in the order given; no value is dropped.

use crate::uncertainty::student;
use crate::{Error, check};

/// Statistics of one column of readings, in the unit of the readings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Number of readings.
    pub count: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation with N−1; absent for a single reading.
    pub sd: Option<f64>,
    /// Smallest reading.
    pub min: f64,
    /// Largest reading.
    pub max: f64,
}

/// Random uncertainty of a mean and what it was found from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomUncertainty {
    /// Statistics of the readings.
    pub summary: Summary,
    /// Two-sided 95 % Student factor for N readings.
    pub student_t: f64,
    /// `e_R = 100 t s/(|x̄| √N)`, percent.
    pub random_pct: f64,
}

/// Count, mean, standard deviation, smallest and largest of at least one reading.
///
/// # Errors
/// [`Error::TooFew`] for no readings, [`Error::Value`] for one that is not finite,
/// [`Error::NotFinite`] on overflow.
///
/// ```
/// let s = dutypoint_hydraulics::stats::summary(&[100.2, 99.7, 100.4])?;
/// assert!((s.mean - 100.1).abs() < 1e-12 && (s.sd.unwrap_or(0.0) - 0.36056).abs() < 5e-6);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn summary(values: &[f64]) -> Result<Summary, Error> {
    check::column("mean", values, 1)?;
    let mean = mean(values)?;
    let (mut min, mut max, mut squares) = (f64::MAX, f64::MIN, 0.0);
    for value in values {
        min = min.min(*value);
        max = max.max(*value);
        squares += (value - mean) * (value - mean);
    }
    let sd = if values.len() > 1 {
        let variance = squares / (values.len() - 1) as f64;
        Some(check::result("standard deviation", variance.sqrt())?)
    } else {
        None
    };
    Ok(Summary {
        count: values.len(),
        mean,
        sd,
        min,
        max,
    })
}

fn mean(values: &[f64]) -> Result<f64, Error> {
    let mut sum = 0.0;
    for value in values {
        sum += value;
    }
    check::result("mean", sum / values.len() as f64)
}

/// Least-squares slope of a signal over time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slope {
    /// Units per second.
    pub per_s: f64,
    /// Standard error from the scatter about the line, N−2 degrees of freedom; absent for
    /// two samples, through which every line passes.
    pub standard_error_per_s: Option<f64>,
    /// Number of samples.
    pub samples: usize,
}

impl Slope {
    /// Whether the slope differs from zero at the two-sided 95 % level, the samples taken as
    /// independent. Samples nearer in time than the signal's own lag are not, and seem
    /// significant too often.
    ///
    /// # Errors
    /// Never for a slope from [`slope`]; [`Error::TooFew`] for a made-up one.
    pub fn significant(&self) -> Result<bool, Error> {
        match self.standard_error_per_s {
            Some(error) => {
                let t = student_t_95(self.samples.saturating_sub(1))?;
                Ok(self.per_s.abs() > t * error)
            }
            None => Ok(false),
        }
    }
}

/// Least-squares slope of `values` over `times_s`.
///
/// # Errors
/// [`Error::Lengths`] for columns of different length, [`Error::TooFew`] below two samples,
/// [`Error::TimeOrder`] for a time not later than the one before it, [`Error::Value`] for a
/// number that is not finite, [`Error::NotFinite`] on overflow.
pub fn slope(times_s: &[f64], values: &[f64]) -> Result<Slope, Error> {
    if times_s.len() != values.len() {
        return Err(Error::Lengths {
            left: times_s.len(),
            right: values.len(),
        });
    }
    check::column("slope over time", times_s, 2)?;
    check::column("slope over time", values, 2)?;
    for (before_s, time_s) in times_s.iter().zip(times_s.iter().skip(1)) {
        if time_s <= before_s {
            return Err(Error::TimeOrder {
                time_s: *time_s,
                before_s: *before_s,
            });
        }
    }
    let (mean_time_s, mean_value) = (mean(times_s)?, mean(values)?);
    let (mut products, mut squares) = (0.0, 0.0);
    for (time_s, value) in times_s.iter().zip(values) {
        products += (time_s - mean_time_s) * (value - mean_value);
        squares += (time_s - mean_time_s) * (time_s - mean_time_s);
    }
    let per_s = check::result("slope over time", products / squares)?;
    let mut unexplained = 0.0;
    for (time_s, value) in times_s.iter().zip(values) {
        let off = value - mean_value - per_s * (time_s - mean_time_s);
        unexplained += off * off;
    }
    let standard_error_per_s = if values.len() > 2 {
        let error = (unexplained / (values.len() - 2) as f64 / squares).sqrt();
        Some(check::result("standard error of the slope", error)?)
    } else {
        None
    };
    Ok(Slope {
        per_s,
        standard_error_per_s,
        samples: values.len(),
    })
}

/// Two-sided 95 % Student factor for `readings` ≥ 2 readings (N−1 degrees of freedom).
/// Source: [`student::two_sided`]; use in ISO 9906:2012 Table 4, reference 3.4.
///
/// # Errors
/// [`Error::TooFew`] below two readings.
pub fn student_t_95(readings: usize) -> Result<f64, Error> {
    if readings < 2 {
        return Err(Error::TooFew {
            quantity: "Student factor",
            got: readings,
            need: 2,
        });
    }
    student::two_sided(0.95, (readings - 1) as f64)
}

/// Random part of the uncertainty of a mean, `e_R = 100 t s/(|x̄| √N)` in %, from at least
/// two readings (how many a standard wants is in its pack).
/// Source: ISO 9906:2012 4.3.3, reference 3.4 (tag M3).
///
/// # Errors
/// As [`summary`]; [`Error::TooFew`] below two readings; [`Error::NotFinite`] when the mean
/// is zero, where a relative uncertainty has no meaning.
pub fn random_uncertainty(values: &[f64]) -> Result<RandomUncertainty, Error> {
    check::column("random uncertainty", values, 2)?;
    let summary = summary(values)?;
    let student_t = student_t_95(values.len())?;
    let sd = summary.sd.unwrap_or(f64::NAN);
    let random = 100.0 * student_t * sd / (summary.mean.abs() * (values.len() as f64).sqrt());
    Ok(RandomUncertainty {
        summary,
        student_t,
        random_pct: check::result("random uncertainty in % of the mean", random)?,
    })
}

/// Spread of repeated sets in %, `100 (max − min)/max`.
/// Source: ISO 9906:1999, reference 3.3 (tag C1, S8); not in the 2012 edition.
///
/// # Errors
/// As [`summary`]; [`Error::Value`] when the largest value is not above zero.
pub fn spread_pct(values: &[f64]) -> Result<f64, Error> {
    let summary = summary(values)?;
    let max = check::positive("largest reading", summary.max)?;
    check::result("spread", 100.0 * (max - summary.min) / max)
}
