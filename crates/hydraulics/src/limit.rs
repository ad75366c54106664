//! The one comparison of a value with a limit: full values, inclusive, and touching counts.

/// How near to its limit a value counts as touching it: `1e-12·max(1, |limit|)`. It absorbs
/// the last bits lost in fitting and root finding, never a measurable amount.
///
/// Source: the numbers policy; clause 4.4 of ISO 9906:2012 counts touching as inside
/// (reference section 5.4, rule 5).
#[must_use]
pub fn slack(limit: f64) -> f64 {
    1e-12 * limit.abs().max(1.0)
}

/// `value ≤ limit`, touching included. False for NaN.
///
/// ```
/// use dutypoint_hydraulics::limit::at_most;
/// assert!(at_most(0.1 + 0.2, 0.3) && !at_most(0.300_001, 0.3));
/// ```
#[must_use]
pub fn at_most(value: f64, limit: f64) -> bool {
    value <= limit || touches(value, limit)
}

/// `value ≥ limit`, touching included. False for NaN.
#[must_use]
pub fn at_least(value: f64, limit: f64) -> bool {
    value >= limit || touches(value, limit)
}

/// Whether the value lies on the limit within [`slack`].
#[must_use]
pub fn touches(value: f64, limit: f64) -> bool {
    (value - limit).abs() <= slack(limit)
}
