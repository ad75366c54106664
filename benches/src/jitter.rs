//! How well requests keep their schedule, seen at the server.

use std::collections::BTreeMap;

/// Deviations of requests from their schedule.
#[derive(Clone, Copy, Debug)]
pub struct Jitter {
    /// Median of the absolute deviations, us.
    pub p50_us: f64,
    /// Their 99th percentile, us.
    pub p99_us: f64,
    /// Deadlines nobody was asked at.
    pub skipped: u64,
    /// Requests judged.
    pub requests: usize,
    /// Largest change of a device's phase over the run, ms: mean deviation of its last second
    /// less that of its first.
    pub drift_ms: f64,
}

/// Judges a server's log of lines `monotonic-ns unit`. The schedule of a unit is a grid of
/// the period through the median of its phases; the first and the last second are left out.
/// A late request keeps its own deadline while none is skipped.
///
/// None when the log holds fewer than three seconds.
#[must_use]
pub fn judge(log: &str, hz: f64) -> Option<Jitter> {
    let period = 1e9 / hz;
    let mut units: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    let first: u64 = log.split_whitespace().next()?.parse().ok()?;
    for line in log.lines() {
        let (at, unit) = line.split_once(' ')?;
        let at: u64 = at.parse().ok()?;
        let since = at.wrapping_sub(first) as i64 as f64;
        units.entry(unit.parse().ok()?).or_default().push(since);
    }
    let last = units.values().flatten().copied().fold(0.0, f64::max);
    let (mut deviations, mut skipped, mut drift) = (Vec::new(), 0.0, 0.0);
    for times in units.values() {
        let inside = |t: &f64| (1e9..=last - 1e9).contains(t);
        let times: Vec<f64> = times.iter().copied().filter(inside).collect();
        let base = *times.first()?;
        let phase = |t: f64| (t - base + period / 2.0).rem_euclid(period) - period / 2.0;
        let middle = median(times.iter().map(|t| phase(*t)).collect())?;
        let slot = |t: f64| ((t - base - middle) / period).round();
        let mut slots: Vec<f64> = times.iter().map(|t| slot(*t)).collect();
        for i in (0..slots.len() - 1).rev() {
            slots[i] = slots[i].min(slots[i + 1] - 1.0);
        }
        skipped += slots[slots.len() - 1] - slots[0] + 1.0 - slots.len() as f64;
        let of: Vec<f64> = times
            .iter()
            .zip(&slots)
            .map(|(t, k)| t - base - middle - k * period)
            .collect();
        let second = (hz as usize).min(of.len());
        let mean = |part: &[f64]| median(part.to_vec()).unwrap_or(0.0);
        let change = mean(&of[of.len() - second..]) - mean(&of[..second]);
        drift = f64::max(drift, change.abs());
        deviations.extend(of.into_iter().map(f64::abs));
    }
    deviations.sort_by(f64::total_cmp);
    let at = |share: f64| deviations.get((deviations.len() as f64 * share) as usize);
    Some(Jitter {
        p50_us: at(0.5)? / 1e3,
        p99_us: at(0.99)? / 1e3,
        skipped: skipped as u64,
        requests: deviations.len(),
        drift_ms: drift / 1e6,
    })
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_late_request_deviates_and_a_missing_one_is_skipped() {
        let log = |late: u64, missing: u64| {
            (0..50_u64)
                .filter(|n| *n != missing)
                .map(|n| {
                    let late = if n == late { 3_000_000 } else { 0 };
                    format!("{} 1\n", 7_000_000_000 + n * 100_000_000 + late)
                })
                .collect::<String>()
        };
        let clean = judge(&log(99, 99), 10.0).unwrap();
        assert_eq!((clean.p99_us, clean.skipped), (0.0, 0));
        let one = judge(&log(20, 30), 10.0).unwrap();
        assert_eq!((one.p50_us, one.p99_us, one.skipped), (0.0, 3000.0, 1));
    }
}
