//! A tolerance as a share of a guaranteed value.
//!
//! −5 % of an efficiency of 61 % leaves 57.95 %; 5 percentage points below it leave 56 %.
//! Acceptance grades use the first, energy grades the second. Each is a type of its own
//! without conversion into the other or from a bare number of the other kind, so that a
//! mix-up does not compile.

use serde::{Deserialize, Deserializer, de};

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

/// A difference of two efficiencies in percentage points. It cannot be mistaken for a
/// tolerance relative to a value: all it does is move an efficiency in percent.
///
/// ```
/// use dutypoint_hydraulics::percent::PercentagePoints;
/// // 2.5 points above 59.5 % are 62 %; 2.5 % of it would be 60.99 %.
/// assert_eq!(PercentagePoints(2.5).above(59.5), 62.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct PercentagePoints(pub f64);

impl PercentagePoints {
    /// The efficiency so many points above another, percent.
    #[must_use]
    pub fn above(self, efficiency_pct: f64) -> f64 {
        efficiency_pct + self.0
    }

    /// The efficiency so many points below another, percent.
    #[must_use]
    pub fn below(self, efficiency_pct: f64) -> f64 {
        efficiency_pct - self.0
    }
}

impl<'de> Deserialize<'de> for PercentagePoints {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let points = f64::deserialize(deserializer)?;
        if points.is_finite() {
            return Ok(Self(points));
        }
        Err(de::Error::custom(format_args!(
            "{points} are no percentage points; write a finite decimal or leave them out"
        )))
    }
}
