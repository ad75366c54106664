//! A tolerance as a share of a guaranteed value.
//!
//! −5 % of an efficiency of 61 % leaves 57.95 %; 5 percentage points below it leave 56 %.
//! Acceptance grades use the first, energy grades the second. Each is a type of its own
//! without conversion into the other or from a bare number of the other kind, so that a
//! mix-up does not compile.

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

impl From<f64> for RelativePercent {
    fn from(percent: f64) -> Self {
        Self(percent)
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
