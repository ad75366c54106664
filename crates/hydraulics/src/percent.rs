//! Two kinds of percent that must never meet: a share of a guaranteed value, and points
//! added to an efficiency.
//!
//! −5 % of an efficiency of 61 % leaves 57.95 %; 5 points below it leave 56 %. Acceptance
//! grades use the first, energy grades the second. Each is a type of its own, without
//! conversion into the other, so that a mix-up does not compile.

/// A tolerance relative to the guaranteed value, in percent of it.
///
/// ```
/// use dutypoint_hydraulics::percent::RelativePercent;
/// // Worked example E20: grade 2B permits −5 % of a guaranteed efficiency of 61 %.
/// let limit = RelativePercent::from(-5.0).of(0.61);
/// assert!((limit - 0.5795).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct RelativePercent(f64);

/// An offset of an efficiency in percentage points.
///
/// ```
/// use dutypoint_hydraulics::percent::PercentPoints;
/// // Worked example E8a: two points above a specified efficiency of 32.5 %.
/// let limit = PercentPoints::from(2.0).above(0.325);
/// assert!((limit - 0.345).abs() < 1e-12);
/// ```
///
/// A relative tolerance is none:
/// ```compile_fail
/// use dutypoint_hydraulics::percent::{PercentPoints, RelativePercent};
/// let offset: PercentPoints = RelativePercent::from(-5.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct PercentPoints(f64);

impl From<f64> for RelativePercent {
    fn from(percent: f64) -> Self {
        Self(percent)
    }
}

impl From<f64> for PercentPoints {
    fn from(points: f64) -> Self {
        Self(points)
    }
}

impl RelativePercent {
    /// The number in percent.
    #[must_use]
    pub fn percent(self) -> f64 {
        self.0
    }

    /// The value that lies this far from `guaranteed`, in its unit.
    #[must_use]
    pub fn of(self, guaranteed: f64) -> f64 {
        guaranteed * (1.0 + self.0 / 100.0)
    }
}

impl PercentPoints {
    /// The number of points.
    #[must_use]
    pub fn points(self) -> f64 {
        self.0
    }

    /// The efficiency this many points above `efficiency`, both as fractions. Summed in
    /// percent, as the standards do it; one division at the end.
    #[must_use]
    pub fn above(self, efficiency: f64) -> f64 {
        (efficiency * 100.0 + self.0) / 100.0
    }
}
