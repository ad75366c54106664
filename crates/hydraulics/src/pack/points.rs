//! Percentage points, which are no relative percent.

use super::cite::finite;
use serde::{Deserialize, Deserializer};

/// A difference of two efficiencies in percentage points. It cannot be mistaken for a
/// tolerance relative to a value: all it does is move an efficiency in percent.
///
/// ```
/// use dutypoint_hydraulics::pack::PercentagePoints;
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
        finite(deserializer).map(Self)
    }
}
