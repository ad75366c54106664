//! A wait that ends on time.
//!
//! The runtime's own timers have steps of 1 ms, as long as the silence between two RTU
//! frames and a tenth of a period at 100 Hz. On Linux the kernel's timer is used (a
//! `timerfd`), elsewhere the runtime's.

use std::time::Instant;

/// Waits for moments, one at a time. Must be made and used within one Tokio runtime.
#[derive(Debug, Default)]
pub struct Alarm {
    #[cfg(target_os = "linux")]
    timer: Option<linux::Timer>,
}

impl Alarm {
    /// An alarm. Where the system grants no timer, the runtime's is used.
    #[must_use]
    pub fn new() -> Self {
        Self {
            #[cfg(target_os = "linux")]
            timer: linux::Timer::new().ok(),
        }
    }

    /// Waits until `at`; not at all where that has passed. May be cancelled.
    pub async fn until(&mut self, at: Instant) {
        let now = Instant::now();
        if at <= now {
            return;
        }
        #[cfg(target_os = "linux")]
        if let Some(timer) = &mut self.timer
            && timer.wait(at - now).await.is_ok()
        {
            return;
        }
        tokio::time::sleep_until(at.into()).await;
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::Duration;
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    #[derive(Debug)]
    pub(super) struct Timer(AsyncFd<OwnedFd>);

    impl Timer {
        pub(super) fn new() -> io::Result<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            #[expect(
                deprecated,
                reason = "sound for a descriptor that stays what it is, as OwnedFd does; the \
                          successor is an unsafe function, which this workspace forbids"
            )]
            Ok(Self(AsyncFd::with_interest(timer, Interest::READABLE)?))
        }

        pub(super) async fn wait(&mut self, span: Duration) -> io::Result<()> {
            let zero = Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            let it_value = Timespec {
                tv_sec: i64::try_from(span.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(span.subsec_nanos()),
            };
            let once = Itimerspec {
                it_interval: zero,
                it_value,
            };
            // Setting it anew also takes back what an abandoned wait left behind.
            timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &once)?;
            loop {
                let mut ready = self.0.readable().await?;
                let mut count = [0; 8];
                match rustix::io::read(self.0.get_ref(), &mut count) {
                    Ok(_) => return Ok(()),
                    // Readiness of an abandoned wait.
                    Err(rustix::io::Errno::AGAIN) => ready.clear_ready(),
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn it_never_rings_early_and_an_abandoned_wait_leaves_nothing_behind() {
        let mut alarm = Alarm::new();
        for micros in [0, 1, 300, 1750, 20_000] {
            let at = Instant::now() + Duration::from_micros(micros);
            alarm.until(at).await;
            assert!(Instant::now() >= at);
        }
        let soon = Instant::now() + Duration::from_millis(2);
        let given_up = tokio::time::timeout(Duration::ZERO, alarm.until(soon)).await;
        assert!(given_up.is_err());
        std::thread::sleep(Duration::from_millis(5));
        let later = Instant::now() + Duration::from_millis(30);
        alarm.until(later).await;
        assert!(Instant::now() >= later);
    }
}
