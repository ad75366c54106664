//! Many fits of perturbed points, for Monte-Carlo uncertainties of whatever is read from a
//! curve.
//!
//! Where the random numbers come from is the caller's: a closure perturbs a copy of the
//! points. Replicates are in f64, in the order of their numbers; each is a loop of fixed
//! order, so the bits do not depend on how many are computed at once.

use crate::fit::PolynomialFit;
use crate::polynomial::horner;
use crate::{Error, check};

/// Replicates computed side by side, so that no sum waits for the one before it.
const LANES: usize = 4;
type Lanes = [f64; LANES];
/// As for the certified fit: what is left of a column below this is rounding.
const INDEPENDENT: f64 = 1e-13;

/// Points whose fit is repeated with perturbed values.
#[derive(Debug, Clone)]
pub struct Replicates {
    fit: PolynomialFit,
    x: Vec<f64>,
    y: Vec<f64>,
}

impl Replicates {
    /// The points (x, y) and their fit, not weighted.
    ///
    /// # Errors
    /// As [`PolynomialFit::new`].
    pub fn new(x: &[f64], y: &[f64], degree: usize, through_origin: bool) -> Result<Self, Error> {
        Ok(Self {
            fit: PolynomialFit::new(x, y, degree, through_origin)?,
            x: x.to_vec(),
            y: y.to_vec(),
        })
    }

    /// The fit of the points as they are.
    #[must_use]
    pub fn fit(&self) -> &PolynomialFit {
        &self.fit
    }

    /// The polynomial of a replicate at `x`; all replicates share the normalisation of
    /// [`fit`](Self::fit).
    #[must_use]
    pub fn evaluate(&self, coefficients: &[f64], x: f64) -> f64 {
        horner(coefficients, (x - self.fit.centre) / self.fit.half_width)
    }

    /// `count` replicates with perturbed values at the abscissae as they are. `perturb`
    /// changes a fresh copy of the values; `take` gets number and coefficients. The
    /// abscissae are factored once.
    ///
    /// # Errors
    /// [`Error::NotFinite`] when a perturbation is not finite.
    ///
    /// ```
    /// use dutypoint_hydraulics::replicate::Replicates;
    /// let line = Replicates::new(&[0.0, 1.0, 2.0], &[1.0, 2.0, 3.0], 1, false)?;
    /// let mut at_2 = Vec::new();
    /// line.fixed(2, |i, y| y[2] += 0.6 * i as f64, |_, c| at_2.push(line.evaluate(c, 2.0)))?;
    /// assert!((at_2[0] - 3.0).abs() < 1e-14 && (at_2[1] - 3.5).abs() < 1e-14);
    /// # Ok::<(), dutypoint_hydraulics::Error>(())
    /// ```
    pub fn fixed(
        &self,
        count: usize,
        mut perturb: impl FnMut(usize, &mut [f64]),
        mut take: impl FnMut(usize, &[f64]),
    ) -> Result<(), Error> {
        let projector = self.fit.projector(&self.x);
        let first = usize::from(self.fit.through_origin);
        let mut y = self.y.clone();
        let mut coefficients = vec![0.0; self.fit.coefficients.len()];
        for number in 0..count {
            y.copy_from_slice(&self.y);
            perturb(number, &mut y);
            let mut finite = true;
            for (coefficient, row) in coefficients.iter_mut().skip(first).zip(&projector) {
                let mut sum = 0.0;
                for (weight, value) in row.iter().zip(&y) {
                    sum += weight * value;
                }
                finite &= sum.is_finite();
                *coefficient = sum;
            }
            if !finite {
                return Err(Error::NotFinite {
                    quantity: "replicate of a fit",
                });
            }
            take(number, &coefficients);
        }
        Ok(())
    }

    /// `count` replicates with perturbed abscissae and values, each factored by itself.
    /// `perturb` changes fresh copies of abscissae and values.
    ///
    /// # Errors
    /// [`Error::TooFewAbscissae`] when the perturbed abscissae of a replicate do not
    /// determine the coefficients, [`Error::NotFinite`] when a perturbation is not finite.
    pub fn perturbed(
        &self,
        count: usize,
        mut perturb: impl FnMut(usize, &mut [f64], &mut [f64]),
        mut take: impl FnMut(usize, &[f64]),
    ) -> Result<(), Error> {
        let first = usize::from(self.fit.through_origin);
        let free = self.fit.coefficients.len() - first;
        let rows = self.x.len();
        let (mut x, mut y) = (self.x.clone(), self.y.clone());
        let mut coefficients = vec![0.0; self.fit.coefficients.len()];
        // Columns one after the other, the values last.
        let mut matrix = vec![[0.0; LANES]; rows * (free + 1)];
        let mut work = Work::new(free);
        let mut number = 0;
        while number < count {
            let batch = (count - number).min(LANES);
            for lane in 0..LANES {
                x.copy_from_slice(&self.x);
                y.copy_from_slice(&self.y);
                // Lanes beyond the count repeat the points as they are.
                if lane < batch {
                    perturb(number + lane, &mut x, &mut y);
                }
                self.fill(&mut matrix, lane, &x, &y);
            }
            if !work.solve(&mut matrix, rows) {
                return Err(Error::TooFewAbscissae {
                    degree: self.fit.degree,
                    distinct: rows,
                    coefficients: free,
                });
            }
            for lane in 0..batch {
                let solved = work.solution.iter().filter_map(|c| c.get(lane));
                for (coefficient, value) in coefficients.iter_mut().skip(first).zip(solved) {
                    *coefficient = check::result("replicate of a fit", *value)?;
                }
                take(number + lane, &coefficients);
            }
            number += batch;
        }
        Ok(())
    }

    /// One lane of the matrix: powers of the normalised abscissae, then the values.
    fn fill(&self, matrix: &mut [Lanes], lane: usize, x: &[f64], y: &[f64]) {
        let rows = x.len();
        let mut columns = matrix.chunks_exact_mut(rows);
        let Some(values) = columns.next_back() else {
            return;
        };
        for (entry, y) in values.iter_mut().zip(y) {
            set(entry, lane, *y);
        }
        let Some(mut before) = columns.next() else {
            return;
        };
        let normalised = |x: f64| (x - self.fit.centre) / self.fit.half_width;
        for (entry, x) in before.iter_mut().zip(x) {
            let start = if self.fit.through_origin {
                normalised(*x)
            } else {
                1.0
            };
            set(entry, lane, start);
        }
        for column in columns {
            for ((entry, lower), x) in column.iter_mut().zip(before.iter()).zip(x) {
                set(entry, lane, get(lower, lane) * normalised(*x));
            }
            before = column;
        }
    }
}

fn set(entry: &mut Lanes, lane: usize, value: f64) {
    if let Some(slot) = entry.get_mut(lane) {
        *slot = value;
    }
}

fn get(entry: &Lanes, lane: usize) -> f64 {
    entry.get(lane).copied().unwrap_or_default()
}

/// Householder QR of several small problems side by side.
struct Work {
    diagonal: Vec<Lanes>,
    solution: Vec<Lanes>,
}

impl Work {
    fn new(free: usize) -> Self {
        Self {
            diagonal: vec![[0.0; LANES]; free],
            solution: vec![[0.0; LANES]; free],
        }
    }

    /// Solves the problems whose columns, the values last, have `rows` rows each. False when
    /// the columns of one are not independent.
    fn solve(&mut self, matrix: &mut [Lanes], rows: usize) -> bool {
        let mut rest = &mut *matrix;
        for (k, diagonal) in self.diagonal.iter_mut().enumerate() {
            let Some((column, tail)) = rest.split_at_mut_checked(rows) else {
                return false;
            };
            let (above, normal) = column.split_at_mut(k.min(rows));
            let below = squares(normal);
            let original = squares(above);
            let Some(first) = normal.first_mut() else {
                return false;
            };
            let mut scale = [0.0; LANES];
            let lanes = first.iter_mut().zip(diagonal.iter_mut()).zip(&mut scale);
            for (((first, diagonal), scale), (below, above)) in
                lanes.zip(below.iter().zip(&original))
            {
                let length = below.sqrt();
                if length.is_nan() || length <= INDEPENDENT * (below + above).sqrt() {
                    return false;
                }
                *diagonal = if *first > 0.0 { -length } else { length };
                *first -= *diagonal;
                *scale = -1.0 / (*diagonal * *first);
            }
            for other in tail.chunks_exact_mut(rows) {
                let (_, active) = other.split_at_mut(k.min(rows));
                reflect(normal, &scale, active);
            }
            rest = tail;
        }
        self.back_substitute(matrix, rows);
        true
    }

    fn back_substitute(&mut self, matrix: &mut [Lanes], rows: usize) {
        let mut columns = matrix.chunks_exact_mut(rows);
        let Some(values) = columns.next_back() else {
            return;
        };
        let solved = self
            .solution
            .iter_mut()
            .zip(&self.diagonal)
            .enumerate()
            .rev();
        for ((k, (solution, diagonal)), column) in solved.zip(columns.rev()) {
            let (above, at) = values.split_at_mut(k.min(rows));
            let Some(at) = at.first() else { return };
            for ((solution, at), diagonal) in solution.iter_mut().zip(at).zip(diagonal) {
                *solution = at / diagonal;
            }
            for (value, entry) in above.iter_mut().zip(column.iter()) {
                for ((value, entry), solution) in value.iter_mut().zip(entry).zip(&*solution) {
                    *value -= entry * solution;
                }
            }
        }
    }
}

fn squares(column: &[Lanes]) -> Lanes {
    let mut sum = [0.0; LANES];
    for entry in column {
        for (sum, entry) in sum.iter_mut().zip(entry) {
            *sum += entry * entry;
        }
    }
    sum
}

/// `other −= scale (normal·other) normal`
fn reflect(normal: &[Lanes], scale: &Lanes, other: &mut [Lanes]) {
    let mut along = [0.0; LANES];
    for (n, v) in normal.iter().zip(other.iter()) {
        for ((along, n), v) in along.iter_mut().zip(n).zip(v) {
            *along += n * v;
        }
    }
    for (along, scale) in along.iter_mut().zip(scale) {
        *along *= scale;
    }
    for (n, v) in normal.iter().zip(other.iter_mut()) {
        for ((v, n), along) in v.iter_mut().zip(n).zip(&along) {
            *v -= along * n;
        }
    }
}
