//! The bench clock: the only time the engine knows.

mod status;
mod watch;

pub(crate) use status::ClockSync;
pub(crate) use watch::{ClockWatch, SystemClocks};

use std::time::{Duration, Instant};

/// Bench time as a line over the monotonic clock: exact, never stepping back, and on a
/// simulated bench faster than the wall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BenchClock {
    epoch: Instant,
    epoch_ns: i64,
    speed: f64,
}

impl BenchClock {
    /// A clock that shows `epoch_ns` at the wall moment `epoch` and then runs `speed`
    /// bench seconds per wall second.
    #[must_use]
    pub fn new(epoch: Instant, epoch_ns: i64, speed: f64) -> Self {
        Self {
            epoch,
            epoch_ns,
            speed,
        }
    }

    /// Bench time at the wall moment `at`, nanoseconds since the Unix epoch.
    #[must_use]
    pub fn at(&self, at: Instant) -> i64 {
        let elapsed = match at.checked_duration_since(self.epoch) {
            Some(after) => self.scaled(after),
            None => -self.scaled(self.epoch.duration_since(at)),
        };
        self.epoch_ns.saturating_add(elapsed)
    }

    /// Bench time now.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.at(Instant::now())
    }

    /// The clock of a computer that slept: its monotonic clock stood still, the bench did not.
    #[must_use]
    pub fn after_sleep(&self, slept: Duration) -> Self {
        Self {
            epoch_ns: self.epoch_ns.saturating_add(self.scaled(slept)),
            ..*self
        }
    }

    /// Bench seconds per wall second.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.speed
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a run of a day is 8.6e13 ns, exact in a double; a float cast saturates"
    )]
    fn scaled(&self, wall: Duration) -> i64 {
        (wall.as_nanos() as f64 * self.speed) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bench_time_runs_at_its_speed_from_its_epoch_in_both_directions() {
        let epoch = Instant::now() + Duration::from_secs(100);
        let clock = BenchClock::new(epoch, 1_000, 10.0);
        assert_eq!(clock.at(epoch), 1_000);
        assert_eq!(clock.at(epoch + Duration::from_millis(3)), 30_001_000);
        assert_eq!(clock.at(epoch - Duration::from_micros(1)), -9_000);
    }
}
