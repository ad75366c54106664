//! Is a channel steady over a window: do its fluctuations and its drift stay inside the
//! limits? Every sample of the window counts; none is ever dropped as an outlier.
//!
//! Two statistics. Fluctuation: the largest deviation of a sample from the mean of the
//! window, against the standard's amplitude. Drift: slope of the least-squares line times
//! the length of the window, against the laboratory's limit; whether that slope stands out
//! from the scatter (Student's t, 95 %) is told beside it and decides nothing, since a
//! significant drift can be too small to matter and an insignificant one too large.
//!
//! [`undamped`] and [`settled`] guard the test itself; [`sets`] is for points that are not
//! steady.

pub mod sets;

use crate::{Error, check, limit, stats};
use dutypoint_model::Verdict;

/// How large the fluctuations about the mean may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amplitude {
    /// Percent of the mean.
    PercentOfMean(f64),
    /// In the channel's own unit (temperature).
    Absolute(f64),
}

/// The limits one channel is held against, from
/// [`Standard::steady_limits`](crate::pack::Standard::steady_limits).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Permissible amplitude of fluctuation, ± about the mean.
    pub amplitude: Amplitude,
    /// Permissible drift over the window, percent of the mean; a laboratory setting. For an
    /// absolute amplitude it is not used: the drift may be as large as the amplitude.
    pub drift_pct: f64,
    /// Smallest amplitude and drift ever asked for, in percent of the channel's reference;
    /// a laboratory setting for channels that come near zero (flow at shut-off).
    pub floor_pct: Option<f64>,
}

/// One channel over one window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window<'a> {
    /// Sample times, s, increasing.
    pub times_s: &'a [f64],
    /// Samples in the channel's unit.
    pub values: &'a [f64],
    /// Value that stands for full scale where the mean may be near zero: the rated flow.
    pub reference: Option<f64>,
}

/// Why a window is or is not steady.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Fluctuation and drift are inside their limits.
    Steady,
    /// Only the fluctuation is outside.
    Fluctuates,
    /// Only the drift is outside.
    Drifts,
    /// Both are outside.
    FluctuatesAndDrifts,
}

/// Steadiness of one channel over one window, in the channel's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steadiness {
    /// Statistics of all samples.
    pub summary: stats::Summary,
    /// Length of the window, s.
    pub window_s: f64,
    /// Largest deviation from the mean, either way.
    pub amplitude: f64,
    /// Permissible amplitude.
    pub amplitude_limit: f64,
    /// Amplitude in percent of the mean; absent where the mean is zero.
    pub amplitude_pct: Option<f64>,
    /// Change of the least-squares line over the window, with its sign.
    pub drift: f64,
    /// Permissible drift, either way.
    pub drift_limit: f64,
    /// Drift in percent of the mean; absent where the mean is zero.
    pub drift_pct: Option<f64>,
    /// Whether the slope differs from zero by more than its scatter explains (two-sided
    /// 95 %, samples taken as independent). It informs and does not decide.
    pub drift_significant: bool,
    /// Pass or Fail.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
}

/// Judges fluctuation and drift of one channel over one window of at least three samples.
/// Source: ISO 9906:2012 4.3.2 and Table 3, reference 3.1 and 3.2 (tags M3, C1 S8).
///
/// # Errors
/// [`Error::TooFew`] below three samples, [`Error::Lengths`], [`Error::TimeOrder`],
/// [`Error::Value`] for a non-finite sample, reference or a negative limit,
/// [`Error::NotFinite`] on overflow.
///
/// ```
/// use dutypoint_hydraulics::steady::{Amplitude, Limits, Reason, Window, judge};
/// let window = Window {
///     times_s: &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
///     values: &[100.0, 101.5, 99.2, 98.6, 100.9, 101.1, 99.4],
///     reference: None,
/// };
/// let limits = Limits {
///     amplitude: Amplitude::PercentOfMean(2.0), drift_pct: 1.0, floor_pct: None };
/// assert_eq!(judge(&window, &limits)?.reason, Reason::Steady);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn judge(window: &Window<'_>, limits: &Limits) -> Result<Steadiness, Error> {
    check::column("steadiness", window.values, 3)?;
    let slope = stats::slope(window.times_s, window.values)?;
    let summary = stats::summary(window.values)?;
    let window_s = match (window.times_s.first(), window.times_s.last()) {
        (Some(first), Some(last)) => last - first,
        _ => 0.0,
    };
    let amplitude = (summary.max - summary.mean).max(summary.mean - summary.min);
    let amplitude = check::result("amplitude of fluctuation", amplitude)?;
    let drift = check::result("drift", slope.per_s * window_s)?;

    let drift_pct_limit = check::not_negative("drift limit in %", limits.drift_pct)?;
    let floor = match (limits.floor_pct, window.reference) {
        (Some(floor_pct), Some(reference)) => {
            let floor_pct = check::not_negative("floor of fluctuation in %", floor_pct)?;
            floor_pct / 100.0 * check::finite("reference value", reference)?.abs()
        }
        _ => 0.0,
    };
    let (amplitude_limit, drift_limit) = match limits.amplitude {
        Amplitude::PercentOfMean(pct) => {
            let pct = check::not_negative("amplitude limit in %", pct)?;
            let of_mean = summary.mean.abs() / 100.0;
            (pct * of_mean, drift_pct_limit * of_mean)
        }
        Amplitude::Absolute(value) => {
            let value = check::not_negative("amplitude limit", value)?;
            (value, value)
        }
    };
    let amplitude_limit = check::result("amplitude limit", amplitude_limit.max(floor))?;
    let drift_limit = check::result("drift limit", drift_limit.max(floor))?;

    let calm = within(amplitude, amplitude_limit);
    let level = within(drift.abs(), drift_limit);
    let reason = match (calm, level) {
        (true, true) => Reason::Steady,
        (false, true) => Reason::Fluctuates,
        (true, false) => Reason::Drifts,
        (false, false) => Reason::FluctuatesAndDrifts,
    };
    let of_mean = |value: f64| Some(100.0 * value / summary.mean.abs()).filter(|p| p.is_finite());
    Ok(Steadiness {
        summary,
        window_s,
        amplitude,
        amplitude_limit,
        amplitude_pct: of_mean(amplitude),
        drift,
        drift_limit,
        drift_pct: of_mean(drift),
        drift_significant: slope.significant()?,
        verdict: if reason == Reason::Steady {
            Verdict::Pass
        } else {
            Verdict::Fail
        },
        reason,
    })
}

/// Refuses a fluctuation test on a signal whose damping is longer than the window: what the
/// transmitter has smoothed away cannot be seen in the samples.
///
/// # Errors
/// [`Error::Value`] for a time constant above the window, or one that is negative.
pub fn undamped(time_constant_s: f64, window_s: f64) -> Result<(), Error> {
    let quantity = "time constant of the transmitter's damping in s";
    let time_constant_s = check::not_negative(quantity, time_constant_s)?;
    let window_s = check::positive("length of the window in s", window_s)?;
    if limit::at_most(time_constant_s, window_s) {
        return Ok(());
    }
    Err(Error::Value {
        quantity,
        value: time_constant_s,
        must: "no longer than the window of the fluctuation test",
        advice: "reduce the damping in the transmitter, or lengthen the window",
    })
}

/// Time constants to wait after a valve has moved; a first-order lag has then settled to
/// 0.7 % of the step.
pub const SETTLING_TIME_CONSTANTS: f64 = 5.0;

/// Whether so long after a valve move a channel with this time constant may be read.
///
/// # Errors
/// [`Error::Value`] for a negative number or one that is not finite.
pub fn settled(since_move_s: f64, time_constant_s: f64) -> Result<bool, Error> {
    let since_s = check::not_negative("time since the valve moved in s", since_move_s)?;
    let constant_s = check::not_negative("time constant in s", time_constant_s)?;
    let wait_s = check::result("settling time", SETTLING_TIME_CONSTANTS * constant_s)?;
    Ok(limit::at_least(since_s, wait_s))
}

/// Inside the limit, with the slack scaled to it: 1e-12 absolute would be coarse for a flow
/// in m³/s.
fn within(value: f64, limit: f64) -> bool {
    limit > 0.0 && limit::at_most(value / limit, 1.0) || value <= limit
}
