//! What is known of the inputs of a measurement: values, distributions, correlations.

use crate::normal::Random;
use crate::{Error, check};

/// How the values an input may have are distributed about its estimate. Half widths and
/// uncertainties are in the unit of the input; 0 makes it a constant.
///
/// Source: JCGM 101:2008 6.4 (clauses with each kind), standard uncertainties of JCGM
/// 100:2008 4.3 and 4.4.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Distribution {
    /// Normal (6.4.7): what a calibration certificate states with k = 2.
    Normal {
        /// Standard uncertainty, `U/k` of a certificate.
        standard_uncertainty: f64,
    },
    /// Student's t (6.4.9): the mean of repeated readings. The degrees of freedom are the
    /// input's.
    Student {
        /// `s/√n`, the standard uncertainty in the sense of the GUM. The distribution is
        /// wider than that by `√(ν/(ν − 2))`.
        standard_uncertainty: f64,
    },
    /// Anything between two limits with equal right (6.4.2).
    Rectangular {
        /// Half the distance of the limits.
        half_width: f64,
    },
    /// The sum of two equal rectangles (6.4.5).
    Triangular {
        /// Half the distance of the limits.
        half_width: f64,
    },
    /// The sum of two unequal rectangles (6.4.4).
    Trapezoidal {
        /// Half the distance of the limits.
        half_width: f64,
        /// Width of the flat top over that of the base, 0 (a triangle) to 1 (a rectangle).
        top: f64,
    },
    /// Of a quantity that swings as a sine between two limits (6.4.6, arc sine).
    UShaped {
        /// Half the distance of the limits.
        half_width: f64,
    },
}

impl Distribution {
    /// The standard uncertainty in the sense of the GUM.
    #[must_use]
    pub fn standard_uncertainty(&self) -> f64 {
        match *self {
            Self::Normal {
                standard_uncertainty,
            }
            | Self::Student {
                standard_uncertainty,
            } => standard_uncertainty,
            Self::Rectangular { half_width } => half_width / 3.0_f64.sqrt(),
            Self::Triangular { half_width } => half_width / 6.0_f64.sqrt(),
            Self::Trapezoidal { half_width, top } => half_width * ((1.0 + top * top) / 6.0).sqrt(),
            Self::UShaped { half_width } => half_width / 2.0_f64.sqrt(),
        }
    }

    /// The one width that scales it, for the check and for the draws.
    fn width(&self) -> f64 {
        match *self {
            Self::Normal {
                standard_uncertainty,
            }
            | Self::Student {
                standard_uncertainty,
            } => standard_uncertainty,
            Self::Rectangular { half_width }
            | Self::Triangular { half_width }
            | Self::Trapezoidal { half_width, .. }
            | Self::UShaped { half_width } => half_width,
        }
    }
}

/// One input of a measurement model.
///
/// ```
/// use dutypoint_hydraulics::uncertainty::input::Input;
/// let g = Input::rectangular("g_m_s2", 9.7963, 5e-5)?;
/// assert!((g.standard_uncertainty() - 2.8868e-5).abs() < 1e-9);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    name: String,
    value: f64,
    distribution: Distribution,
    degrees_of_freedom: f64,
}

impl Input {
    /// An input with its estimate, its distribution and the degrees of freedom of its
    /// standard uncertainty (infinite where that is known exactly).
    ///
    /// # Errors
    /// [`Error::Value`] for an estimate that is not finite, a negative width, a top of a
    /// trapezium outside 0 to 1, fewer than one degree of freedom, or Student's distribution
    /// with infinitely many.
    pub fn new(
        name: impl Into<String>,
        value: f64,
        distribution: Distribution,
        degrees_of_freedom: f64,
    ) -> Result<Self, Error> {
        check::finite("estimate of an input", value)?;
        check::not_negative("uncertainty of an input", distribution.width())?;
        if let Distribution::Trapezoidal { top, .. } = distribution {
            check::between(
                "top of a trapezium over its base",
                top,
                0.0,
                1.0,
                "between 0 and 1",
            )?;
        }
        let (most, must) = match distribution {
            Distribution::Student { .. } => (f64::MAX, "1 or more, and finite"),
            _ => (f64::INFINITY, "1 or more, or infinite"),
        };
        check::between("degrees of freedom", degrees_of_freedom, 1.0, most, must)?;
        Ok(Self {
            name: name.into(),
            value,
            distribution,
            degrees_of_freedom,
        })
    }

    /// A normal input whose standard uncertainty is known exactly.
    ///
    /// # Errors
    /// As [`Input::new`].
    pub fn normal(
        name: impl Into<String>,
        value: f64,
        standard_uncertainty: f64,
    ) -> Result<Self, Error> {
        let distribution = Distribution::Normal {
            standard_uncertainty,
        };
        Self::new(name, value, distribution, f64::INFINITY)
    }

    /// A rectangular input.
    ///
    /// # Errors
    /// As [`Input::new`].
    pub fn rectangular(
        name: impl Into<String>,
        value: f64,
        half_width: f64,
    ) -> Result<Self, Error> {
        let distribution = Distribution::Rectangular { half_width };
        Self::new(name, value, distribution, f64::INFINITY)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its estimate.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Its distribution.
    #[must_use]
    pub fn distribution(&self) -> Distribution {
        self.distribution
    }

    /// Its standard uncertainty.
    #[must_use]
    pub fn standard_uncertainty(&self) -> f64 {
        self.distribution.standard_uncertainty()
    }

    /// Degrees of freedom of the standard uncertainty, infinite where it is known exactly.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> f64 {
        self.degrees_of_freedom
    }

    /// A value drawn from its distribution (JCGM 101:2008 6.4, the recipes there).
    #[inline]
    pub(crate) fn draw(&self, random: &mut Random) -> f64 {
        match self.distribution {
            Distribution::Normal {
                standard_uncertainty,
            } => self.value + standard_uncertainty * random.normal(),
            other => self.value + self.draw_other(other, random),
        }
    }

    fn draw_other(&self, distribution: Distribution, random: &mut Random) -> f64 {
        let width = distribution.width();
        if width == 0.0 {
            return 0.0;
        }
        match distribution {
            Distribution::Normal { .. } => width * random.normal(),
            Distribution::Student { .. } => width * student(self.degrees_of_freedom, random),
            Distribution::Rectangular { .. } => width * (2.0 * random.uniform() - 1.0),
            Distribution::Triangular { .. } => width * (random.uniform() + random.uniform() - 1.0),
            Distribution::Trapezoidal { top, .. } => {
                let (first, second) = (random.uniform(), random.uniform());
                width * ((1.0 + top) * first + (1.0 - top) * second - 1.0)
            }
            Distribution::UShaped { .. } => {
                width * libm::sin(2.0 * core::f64::consts::PI * random.uniform())
            }
        }
    }
}

/// Student's t by the polar method, for degrees of freedom that need not be whole.
/// Source: R. W. Bailey, "Polar generation of random variates with the t-distribution",
/// Math. Comp. 62 (1994) 779–781.
fn student(nu: f64, random: &mut Random) -> f64 {
    loop {
        let (u, v) = (2.0 * random.uniform() - 1.0, 2.0 * random.uniform() - 1.0);
        let w = u * u + v * v;
        if w < 1.0 && w > 0.0 {
            return u * (nu * (libm::pow(w, -2.0 / nu) - 1.0) / w).sqrt();
        }
    }
}

/// Which inputs vary together: a correlation matrix.
///
/// ```
/// use dutypoint_hydraulics::uncertainty::input::Correlations;
/// assert!(Correlations::new(3, &[(0, 1, 0.9), (1, 2, 0.9), (0, 2, 0.8)]).is_ok());
/// // Two that go together cannot go against a third.
/// assert!(Correlations::new(3, &[(0, 1, 0.9), (1, 2, 0.9), (0, 2, -0.9)]).is_err());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Correlations {
    count: usize,
    /// The whole matrix, row by row; empty when nothing is correlated.
    matrix: Vec<f64>,
    /// Its lower triangular root.
    root: Vec<f64>,
}

/// A pivot this far below zero is no rounding error of a matrix with ones on its diagonal.
const PIVOT: f64 = 1e-10;

impl Correlations {
    /// No correlation between any inputs.
    #[must_use]
    pub fn none(count: usize) -> Self {
        Self {
            count,
            matrix: Vec::new(),
            root: Vec::new(),
        }
    }

    /// The matrix of `count` inputs with the coefficients given as (first, second, r); all
    /// others are 0.
    ///
    /// # Errors
    /// [`Error::Uncertainty`] for a coefficient outside −1 to 1, an input that does not
    /// exist, is named twice or with itself, and a matrix that no quantities can have
    /// (not positive semi-definite).
    pub fn new(count: usize, pairs: &[(usize, usize, f64)]) -> Result<Self, Error> {
        if pairs.is_empty() {
            return Ok(Self::none(count));
        }
        let mut matrix = vec![0.0; count * count];
        let mut seen = Vec::with_capacity(pairs.len());
        for (first, second, r) in pairs {
            let pair = (*first.min(second), *first.max(second));
            if pair.0 == pair.1 || pair.1 >= count || seen.contains(&pair) {
                return Err(problem(format!(
                    "the correlation of inputs {first} and {second} (counted from 0) must name two different ones of the {count} inputs, and once"
                )));
            }
            seen.push(pair);
            if !(-1.0..=1.0).contains(r) {
                return Err(problem(format!(
                    "the correlation coefficient {r} must be between -1 and 1"
                )));
            }
            for (row, column) in [pair, (pair.1, pair.0)] {
                if let Some(cell) = matrix.get_mut(row * count + column) {
                    *cell = *r;
                }
            }
        }
        for diagonal in matrix.iter_mut().step_by(count + 1) {
            *diagonal = 1.0;
        }
        let root = root(count, &matrix)?;
        Ok(Self {
            count,
            matrix,
            root,
        })
    }

    /// Number of inputs.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether any two inputs are correlated.
    #[must_use]
    pub fn any(&self) -> bool {
        !self.matrix.is_empty()
    }

    /// The coefficient of two inputs.
    #[must_use]
    pub fn of(&self, first: usize, second: usize) -> f64 {
        if first == second {
            return 1.0;
        }
        let cell = self.matrix.get(first * self.count + second);
        cell.copied().unwrap_or(0.0)
    }

    /// Whether an input is correlated with any other one.
    pub(crate) fn touches(&self, input: usize) -> bool {
        (0..self.count).any(|other| other != input && self.of(input, other) != 0.0)
    }

    /// Row `input` of the lower triangular root.
    pub(crate) fn root_row(&self, input: usize) -> &[f64] {
        let start = input * self.count;
        self.root.get(start..=start + input).unwrap_or(&[])
    }
}

/// Cholesky's root of a matrix that may be singular, in plain loops.
fn root(count: usize, matrix: &[f64]) -> Result<Vec<f64>, Error> {
    let at = |cells: &[f64], row: usize, column: usize| {
        cells.get(row * count + column).copied().unwrap_or(0.0)
    };
    let mut root = vec![0.0; count * count];
    for column in 0..count {
        let mut pivot = at(matrix, column, column);
        for k in 0..column {
            pivot -= at(&root, column, k) * at(&root, column, k);
        }
        if pivot < -PIVOT {
            return Err(not_semidefinite());
        }
        let diagonal = if pivot > PIVOT { pivot.sqrt() } else { 0.0 };
        for row in column..count {
            let mut sum = at(matrix, row, column);
            for k in 0..column {
                sum -= at(&root, row, k) * at(&root, column, k);
            }
            let cell = if diagonal > 0.0 {
                sum / diagonal
            } else if sum.abs() > PIVOT.sqrt() {
                // Two inputs that are one must go alike with every other.
                return Err(not_semidefinite());
            } else {
                0.0
            };
            if let Some(place) = root.get_mut(row * count + column) {
                *place = cell;
            }
        }
    }
    Ok(root)
}

fn not_semidefinite() -> Error {
    problem(
        "the correlation matrix is not positive semi-definite: no quantities can have all these coefficients at once; check their signs, or take them from one set of readings".into(),
    )
}

pub(super) fn problem(problem: String) -> Error {
    Error::Uncertainty { problem }
}
