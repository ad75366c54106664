//! Waits that end on time, all of a thread by one timer.
//!
//! The runtime's own timers have steps of 1 ms, as long as the silence between two RTU
//! frames and a tenth of a period at 100 Hz. On Linux the kernel's timer is used (a
//! `timerfd`), elsewhere the runtime's. One timer serves all lines, so that those with the
//! same deadline send their requests before the first answer is looked at.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Instant;

/// The timer of an acquisition thread.
#[derive(Clone, Debug)]
pub struct Timer {
    origin: Instant,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    waiting: Mutex<Waiting>,
    #[cfg(target_os = "linux")]
    kernel: Option<linux::Kernel>,
    #[cfg(not(target_os = "linux"))]
    kernel: Option<std::convert::Infallible>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// By moment and alarm: alarms of one moment ring in the order they were made.
    entries: BTreeMap<(Instant, u64), Entry>,
    /// When the kernel's timer rings. It is never set later: most waits, for answers, are
    /// given up long before their end, and then nothing need be asked of the kernel.
    armed: Option<Instant>,
    alarms: u64,
}

#[derive(Debug)]
struct Entry {
    waker: Waker,
    rung: Arc<AtomicBool>,
}

impl Timer {
    /// A timer for the current runtime, which must be one Tokio runtime of one thread. Its
    /// work ends with its last clone.
    #[must_use]
    pub fn start() -> Self {
        #[cfg(target_os = "linux")]
        let (kernel, bell) = linux::Kernel::new().ok().unzip();
        #[cfg(not(target_os = "linux"))]
        let kernel = None;
        let shared = Arc::new(Shared {
            waiting: Mutex::default(),
            kernel,
        });
        #[cfg(target_os = "linux")]
        if let Some(bell) = bell {
            tokio::spawn(linux::ring(bell, Arc::downgrade(&shared)));
        }
        Self {
            origin: Instant::now(),
            shared,
        }
    }

    /// Where the grids of all schedules of this timer begin.
    #[must_use]
    pub fn origin(&self) -> Instant {
        self.origin
    }

    /// An alarm of this timer.
    #[must_use]
    pub fn alarm(&self) -> Alarm {
        let mut waiting = self.shared.lock();
        waiting.alarms += 1;
        Alarm {
            id: waiting.alarms,
            shared: self.shared.clone(),
            entry: None,
            rung: Arc::default(),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // No code that holds it can panic between two changes.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who waits for moments, one at a time.
#[derive(Debug)]
pub struct Alarm {
    id: u64,
    shared: Arc<Shared>,
    /// Its place among those who wait. It stays when a wait is given up: the next wait is
    /// for later as a rule, and then costs nothing; it rings once in vain, and is set anew.
    entry: Option<(Instant, Waker)>,
    /// Whether the entry has rung.
    rung: Arc<AtomicBool>,
}

impl Alarm {
    /// Waits until `at`; not at all where that has passed. May be cancelled.
    pub async fn until(&mut self, at: Instant) {
        if self.shared.kernel.is_none() {
            return tokio::time::sleep_until(at.into()).await;
        }
        poll_fn(|cx| self.poll(at, cx.waker())).await;
    }

    fn poll(&mut self, at: Instant, waker: &Waker) -> Poll<()> {
        if let Some((moment, waiting)) = &self.entry
            && *moment <= at
            && waiting.will_wake(waker)
            && !self.rung.load(Ordering::Acquire)
        {
            return Poll::Pending;
        }
        if at <= Instant::now() {
            return Poll::Ready(());
        }
        let mut waiting = self.shared.lock();
        if let Some((moment, _)) = self.entry.take() {
            waiting.entries.remove(&(moment, self.id));
        }
        self.rung.store(false, Ordering::Release);
        let entry = Entry {
            waker: waker.clone(),
            rung: self.rung.clone(),
        };
        waiting.entries.insert((at, self.id), entry);
        self.entry = Some((at, waker.clone()));
        #[cfg(target_os = "linux")]
        if waiting.armed.is_none_or(|armed| at < armed)
            && let Some(kernel) = &self.shared.kernel
        {
            kernel.set(at);
            waiting.armed = Some(at);
        }
        Poll::Pending
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some((moment, _)) = self.entry.take() {
            self.shared.lock().entries.remove(&(moment, self.id));
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use super::Shared;
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use std::io;
    use std::os::fd::{AsFd as _, OwnedFd};
    use std::sync::Weak;
    use std::sync::atomic::Ordering;
    use std::time::{Duration, Instant};
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    /// The kernel's timer.
    #[derive(Debug)]
    pub(super) struct Kernel(OwnedFd);

    impl Kernel {
        /// The timer, and the same as the runtime sees it.
        pub(super) fn new() -> io::Result<(Self, AsyncFd<OwnedFd>)> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            let bell = timer.as_fd().try_clone_to_owned()?;
            #[expect(
                deprecated,
                reason = "sound for a descriptor that stays what it is, as OwnedFd does; the \
                          successor is an unsafe function, which this workspace forbids"
            )]
            let bell = AsyncFd::with_interest(bell, Interest::READABLE)?;
            Ok((Self(timer), bell))
        }

        /// Lets it ring at a moment, at once where that has passed.
        pub(super) fn set(&self, at: Instant) {
            let span = at.saturating_duration_since(Instant::now());
            // Zero would switch it off.
            let span = span.max(Duration::from_nanos(1));
            let once = Itimerspec {
                it_interval: Timespec {
                    tv_sec: 0,
                    tv_nsec: 0,
                },
                it_value: Timespec {
                    tv_sec: i64::try_from(span.as_secs()).unwrap_or(i64::MAX),
                    tv_nsec: i64::from(span.subsec_nanos()),
                },
            };
            // Refused only for a descriptor or time that is none; neither can be.
            let _ = timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &once);
        }
    }

    /// Wakes whoever's moment has come, until the timer is gone.
    pub(super) async fn ring(bell: AsyncFd<OwnedFd>, shared: Weak<Shared>) {
        while let Ok(mut ready) = bell.readable().await {
            let mut count = [0; 8];
            if rustix::io::read(bell.get_ref(), &mut count).is_err() {
                // Readiness from before it was set anew.
                ready.clear_ready();
                continue;
            }
            let Some(shared) = shared.upgrade() else {
                return;
            };
            let mut waiting = shared.lock();
            let now = Instant::now();
            let later = waiting.entries.split_off(&(now, u64::MAX));
            let due = std::mem::replace(&mut waiting.entries, later);
            waiting.armed = waiting.entries.keys().next().map(|(next, _)| *next);
            if let (Some(next), Some(kernel)) = (waiting.armed, &shared.kernel) {
                kernel.set(next);
            }
            drop(waiting);
            for entry in due.into_values() {
                entry.rung.store(true, Ordering::Release);
                entry.waker.wake();
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
        let timer = Timer::start();
        let mut alarm = timer.alarm();
        for micros in [0, 1, 300, 1750, 20_000] {
            let at = Instant::now() + Duration::from_micros(micros);
            alarm.until(at).await;
            assert!(Instant::now() >= at);
        }
        let soon = Instant::now() + Duration::from_millis(300);
        let given_up = tokio::time::timeout(Duration::ZERO, alarm.until(soon)).await;
        assert!(given_up.is_err());
        // Earlier than the one given up, then later, once after that has rung in vain.
        for millis in [20, 600] {
            let at = Instant::now() + Duration::from_millis(millis);
            alarm.until(at).await;
            assert!(Instant::now() >= at);
        }
        let ahead = Instant::now() + Duration::from_millis(300);
        let given_up = tokio::time::timeout(Duration::ZERO, alarm.until(ahead)).await;
        assert!(given_up.is_err());
        drop(alarm);
        assert!(timer.shared.lock().entries.is_empty());
    }

    #[tokio::test]
    async fn alarms_of_one_moment_ring_in_the_order_they_were_made() {
        let timer = Timer::start();
        // Later where this machine was too busy to set them all before.
        let mut all_set = false;
        for millis in [10, 300, 10_000] {
            let at = Instant::now() + Duration::from_millis(millis);
            let (said, mut heard) = tokio::sync::mpsc::unbounded_channel();
            let mut alarms: Vec<_> = (0..8).map(|n| (n, timer.alarm())).collect();
            alarms.reverse();
            for (n, mut alarm) in alarms {
                let said = said.clone();
                tokio::spawn(async move {
                    alarm.until(at).await;
                    said.send(n).unwrap();
                });
            }
            drop(said);
            // Behind each of them.
            tokio::task::yield_now().await;
            all_set = Instant::now() < at;
            let mut order = Vec::new();
            while let Some(n) = heard.recv().await {
                order.push(n);
            }
            if all_set {
                assert_eq!(order, [0, 1, 2, 3, 4, 5, 6, 7]);
                break;
            }
        }
        assert!(all_set, "eight alarms were not set in ten seconds");
    }
}
