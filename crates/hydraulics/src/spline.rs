//! Monotone interpolation by piecewise cubics, the alternative to a fitted polynomial.
//!
//! PCHIP: the slope at an inner point is the weighted harmonic mean of the slopes on both
//! sides, zero where these differ in sign, so the curve rises and falls only where the
//! points do and has no extremum between them. It passes through every point and therefore
//! has no residual, no standard error and no confidence band.
//!
//! Source: F. N. Fritsch, R. E. Carlson, Monotone piecewise cubic interpolation, SIAM J.
//! Numer. Anal. 17 (1980); F. N. Fritsch, J. Butland, A method for constructing local
//! monotone piecewise cubic interpolants, SIAM J. Sci. Stat. Comput. 5 (1984).

use crate::curve::Piece;
use crate::{Error, check};

/// A monotone piecewise cubic through points.
#[derive(Debug, Clone, PartialEq)]
pub struct MonotoneSpline {
    /// Distinct abscissae, rising.
    pub x: Vec<f64>,
    /// Values there; the mean of points with the same abscissa.
    pub y: Vec<f64>,
    /// Slopes there.
    pub slopes: Vec<f64>,
    pieces: Vec<Piece>,
}

impl MonotoneSpline {
    /// The spline through the points (x, y), in any order, at two abscissae at least.
    /// Points at the same abscissa, such as repeated shut-off readings, count as their mean.
    ///
    /// # Errors
    /// [`Error::Lengths`], [`Error::Value`] for a number that is not finite,
    /// [`Error::TooFewAbscissae`] below two distinct abscissae, [`Error::NotFinite`] on
    /// overflow.
    ///
    /// ```
    /// use dutypoint_hydraulics::{curve::Curve, spline::MonotoneSpline};
    /// // A step is followed without overshoot.
    /// let curve = Curve::from(MonotoneSpline::new(&[0.0, 1.0, 2.0, 3.0], &[0.0, 0.0, 1.0, 1.0])?);
    /// assert_eq!(curve.evaluate(0.5)?, 0.0);
    /// assert_eq!(curve.evaluate(1.5)?, 0.5);
    /// # Ok::<(), dutypoint_hydraulics::Error>(())
    /// ```
    pub fn new(x: &[f64], y: &[f64]) -> Result<Self, Error> {
        if x.len() != y.len() {
            return Err(Error::Lengths {
                left: x.len(),
                right: y.len(),
            });
        }
        check::column("monotone spline", x, 1)?;
        check::column("monotone spline", y, 1)?;
        let mut points: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut x, mut y): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
        for group in points.chunk_by(|a, b| a.0 == b.0) {
            let count = group.len() as f64;
            let mut mean = 0.0;
            for (_, value) in group {
                mean += value / count;
            }
            x.extend(group.first().map(|first| first.0));
            y.push(mean);
        }
        if x.len() < 2 {
            return Err(Error::TooFewAbscissae {
                degree: 1,
                distinct: x.len(),
                coefficients: 2,
            });
        }
        let widths: Vec<f64> = x.iter().zip(x.iter().skip(1)).map(|(a, b)| b - a).collect();
        let chords: Vec<f64> = y
            .iter()
            .zip(y.iter().skip(1))
            .zip(&widths)
            .map(|((a, b), h)| (b - a) / h)
            .collect();
        let slopes = slopes(&widths, &chords);
        let ends = x.iter().zip(&y).zip(&slopes);
        let mut pieces = Vec::with_capacity(widths.len());
        for (((left, right), h), chord) in ends.clone().zip(ends.skip(1)).zip(&widths).zip(&chords)
        {
            let ((x0, y0), d0) = left;
            let ((x1, _), d1) = right;
            let rise = h * chord;
            // Hermite's cubic in u = (x − x0)/h.
            let coefficients = vec![
                *y0,
                h * d0,
                3.0 * rise - h * (2.0 * d0 + d1),
                h * (d0 + d1) - 2.0 * rise,
            ];
            for coefficient in &coefficients {
                check::result("coefficient of the spline", *coefficient)?;
            }
            pieces.push(Piece {
                low: *x0,
                high: *x1,
                centre: *x0,
                half_width: *h,
                coefficients,
            });
        }
        Ok(Self {
            x,
            y,
            slopes,
            pieces,
        })
    }

    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }
}

/// Slopes at the points from interval widths and chord slopes.
fn slopes(widths: &[f64], chords: &[f64]) -> Vec<f64> {
    let mut slopes = Vec::with_capacity(widths.len() + 1);
    slopes.push(end_slope(widths.iter(), chords.iter()));
    let pairs = widths.iter().zip(chords);
    for ((h0, s0), (h1, s1)) in pairs.clone().zip(pairs.skip(1)) {
        slopes.push(if s0 * s1 > 0.0 {
            let (w0, w1) = (2.0 * h1 + h0, h1 + 2.0 * h0);
            (w0 + w1) / (w0 / s0 + w1 / s1)
        } else {
            0.0
        });
    }
    slopes.push(end_slope(widths.iter().rev(), chords.iter().rev()));
    slopes
}

/// Slope at an end from the two nearest intervals: three-point formula, limited so that the
/// curve stays monotone.
fn end_slope<'a>(
    mut widths: impl Iterator<Item = &'a f64>,
    mut chords: impl Iterator<Item = &'a f64>,
) -> f64 {
    let (Some(h0), Some(s0)) = (widths.next(), chords.next()) else {
        return 0.0;
    };
    let (Some(h1), Some(s1)) = (widths.next(), chords.next()) else {
        return *s0;
    };
    let slope = ((2.0 * h0 + h1) * s0 - h0 * s1) / (h0 + h1);
    if slope * s0 <= 0.0 {
        0.0
    } else if s0 * s1 <= 0.0 && slope.abs() > 3.0 * s0.abs() {
        3.0 * s0
    } else {
        slope
    }
}
