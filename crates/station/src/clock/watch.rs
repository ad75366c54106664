//! The wall clock beside the monotonic one: steps, sleep, and what its source says.
//!
//! Promise: every look at the clocks after which the wall clock had been set by more than the
//! limit, or the computer had slept, gives a status that says so; otherwise one status a
//! minute at most.

use super::BenchClock;
use super::status::ClockSync;
use dutypoint_model::document::ClockStatus;
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Change of the wall clock against the monotonic one between two looks that is a step. A
/// disciplined clock is slewed by 500 millionths at most, 25 µs between two pages; a clock that
/// is set by less than this could as well be a late look.
const STEP: Duration = Duration::from_millis(100);
/// Wall time between two reports without an event.
const REPORT: Duration = Duration::from_secs(60);
/// How long the sources of the clock are waited for before they count as unknown.
const PATIENCE: Duration = Duration::from_secs(10);

/// All clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment {
    /// The monotonic clock, which stands still while the computer sleeps.
    pub(crate) at: Instant,
    /// Nanoseconds of the wall clock since the Unix epoch.
    pub(crate) wall_ns: i64,
    /// How long the computer has slept since it was started, ns.
    pub(crate) slept_ns: i64,
    /// How long it took to read them.
    pub(crate) width: Duration,
}

/// The clocks of a computer.
pub(crate) trait Clocks {
    /// All of them at one moment.
    fn now(&mut self) -> Moment;
    /// Asks who disciplines the wall clock; must not wait for the answer.
    fn ask(&mut self);
    /// The answer, once it has come.
    fn answer(&mut self) -> Option<ClockSync>;
}

/// The clocks of this computer.
#[derive(Debug, Default)]
pub(crate) struct SystemClocks {
    asked: Option<mpsc::Receiver<ClockSync>>,
}

impl Clocks for SystemClocks {
    fn now(&mut self) -> Moment {
        let mut best: Option<Moment> = None;
        // A look that the scheduler tore apart is taken again.
        for _ in 0..4 {
            let before = Instant::now();
            let wall = SystemTime::now().duration_since(UNIX_EPOCH);
            let slept_ns = slept_ns();
            let at = Instant::now();
            let moment = Moment {
                at,
                wall_ns: wall.map_or(0, |d| i64::try_from(d.as_nanos()).unwrap_or(i64::MAX)),
                slept_ns,
                width: at.duration_since(before),
            };
            if best.is_none_or(|best| moment.width < best.width) {
                best = Some(moment);
            }
            if moment.width < Duration::from_millis(1) {
                break;
            }
        }
        best.unwrap_or(Moment {
            at: Instant::now(),
            wall_ns: 0,
            slept_ns: 0,
            width: Duration::MAX,
        })
    }

    fn ask(&mut self) {
        let (say, heard) = mpsc::channel();
        let thread = std::thread::Builder::new().name("clock-status".into());
        // Whoever does not answer keeps a thread and nothing else.
        let spawned = thread.spawn(move || {
            let _ = say.send(ClockSync::ask());
        });
        self.asked = spawned.ok().map(|_| heard);
    }

    fn answer(&mut self) -> Option<ClockSync> {
        self.asked.as_ref()?.try_recv().ok()
    }
}

/// Time the computer has slept since it was started: the boot clock counts it, the monotonic
/// one does not.
#[cfg(target_os = "linux")]
fn slept_ns() -> i64 {
    use rustix::time::{ClockId, clock_gettime};
    let ns = |id| {
        let t = clock_gettime(id);
        t.tv_sec
            .saturating_mul(1_000_000_000)
            .saturating_add(t.tv_nsec)
    };
    let monotonic = ns(ClockId::Monotonic);
    ns(ClockId::Boottime).saturating_sub(monotonic)
}

/// No clock here tells sleep apart from a step of the wall clock.
#[cfg(not(target_os = "linux"))]
fn slept_ns() -> i64 {
    0
}

/// What a look at the clocks found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    /// To be recorded.
    pub(crate) status: ClockStatus,
    /// The moment of the look before, for whoever has to sort what came about a sleep.
    pub(crate) last: Instant,
    /// The moment of this look.
    pub(crate) now: Instant,
    /// How long the computer slept in between.
    pub(crate) slept: Option<Duration>,
}

/// Watches the clocks over a run.
#[derive(Debug)]
pub(crate) struct ClockWatch<C> {
    clocks: C,
    first: Moment,
    last: Moment,
    asked: Option<Instant>,
    /// Whether a report is owed as soon as the source has answered.
    owed: bool,
    /// When the next one is.
    next_at: Instant,
    known: ClockSync,
}

impl<C: Clocks> ClockWatch<C> {
    pub(crate) fn new(mut clocks: C) -> Self {
        clocks.ask();
        let now = clocks.now();
        Self {
            clocks,
            first: now,
            last: now,
            asked: Some(now.at),
            owed: true,
            next_at: now.at,
            known: ClockSync::UNKNOWN,
        }
    }

    /// Looks at the clocks; `bench` is the bench clock as it was until now. Whoever is told of
    /// a sleep has to set it on by that time.
    pub(crate) fn look(&mut self, bench: &BenchClock) -> Option<Seen> {
        let now = self.clocks.now();
        let last = std::mem::replace(&mut self.last, now);
        let width = now.width.saturating_add(last.width);
        let limit = span_ns(STEP.saturating_add(width));
        let slept_ns = now.slept_ns.saturating_sub(last.slept_ns);
        let slept = u64::try_from(slept_ns)
            .ok()
            .filter(|_| slept_ns > limit)
            .map(Duration::from_nanos);
        let gained_since = |from: &Moment| {
            let ran = span_ns(now.at.saturating_duration_since(from.at));
            now.wall_ns.saturating_sub(from.wall_ns).saturating_sub(ran)
        };
        let counted = slept.map_or(0, span_ns);
        let step_ns = gained_since(&last).saturating_sub(counted);
        let stepped = (step_ns.saturating_abs() > limit).then_some(step_ns);
        if let Some(known) = self.clocks.answer() {
            self.known = known;
            self.asked = None;
        } else if self
            .asked
            .is_some_and(|asked| now.at.saturating_duration_since(asked) > PATIENCE)
        {
            self.known = ClockSync::UNKNOWN;
            self.asked = None;
        }
        let due = self.owed && self.asked.is_none();
        if due {
            self.owed = false;
            self.next_at = now.at + REPORT;
        } else if !self.owed && now.at >= self.next_at {
            self.clocks.ask();
            (self.asked, self.owed) = (Some(now.at), true);
        }
        if !due && slept.is_none() && stepped.is_none() {
            return None;
        }
        let since_ns = bench.at(last.at);
        Some(Seen {
            status: ClockStatus {
                t_ns: bench.after_sleep(slept.unwrap_or_default()).at(now.at),
                since_ns,
                source: self.known.source.into(),
                synchronised: self.known.synchronised,
                ahead_ns: self.known.ahead_ns,
                error_ns: self.known.error_ns,
                gained_ns: gained_since(&self.first),
                stepped_ns: stepped,
                slept_ns: slept.map(span_ns),
            },
            last: last.at,
            now: now.at,
            slept,
        })
    }
}

fn span_ns(span: Duration) -> i64 {
    i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clocks that a test moves.
    struct Fake {
        moment: Moment,
        asked: u32,
        answer: Option<ClockSync>,
    }

    impl Clocks for &std::cell::RefCell<Fake> {
        fn now(&mut self) -> Moment {
            self.borrow().moment
        }
        fn ask(&mut self) {
            self.borrow_mut().asked += 1;
        }
        fn answer(&mut self) -> Option<ClockSync> {
            self.borrow_mut().answer.take()
        }
    }

    fn fake() -> std::cell::RefCell<Fake> {
        std::cell::RefCell::new(Fake {
            moment: Moment {
                at: Instant::now(),
                wall_ns: 1_763_900_000_000_000_000,
                slept_ns: 5_000,
                width: Duration::from_micros(1),
            },
            asked: 0,
            answer: None,
        })
    }

    /// `ran` on the monotonic clock, `more` nanoseconds more on the wall's.
    fn run(fake: &std::cell::RefCell<Fake>, ran: Duration, more: i64) {
        let moment = &mut fake.borrow_mut().moment;
        moment.at += ran;
        moment.wall_ns += span_ns(ran) + more;
    }

    const PAGE: Duration = Duration::from_millis(50);

    fn synchronised() -> ClockSync {
        ClockSync {
            source: "chrony",
            synchronised: Some(true),
            ahead_ns: Some(-3),
            error_ns: Some(900_000),
        }
    }

    #[test]
    fn a_clock_is_reported_when_its_source_has_answered_and_once_a_minute() {
        let fake = fake();
        let bench = BenchClock::new(fake.borrow().moment.at, 0, 1.0);
        let mut watch = ClockWatch::new(&fake);
        run(&fake, PAGE, 25_000);
        assert_eq!(watch.look(&bench), None, "nobody has answered yet");
        fake.borrow_mut().answer = Some(synchronised());
        run(&fake, PAGE, 25_000);
        let status = watch.look(&bench).unwrap().status;
        assert_eq!(status.source, "chrony");
        assert_eq!((status.t_ns, status.since_ns), (100_000_000, 50_000_000));
        assert_eq!((status.gained_ns, status.stepped_ns), (50_000, None));
        let mut reports = 0;
        for _ in 0..2 * 60 * 20 + 10 {
            run(&fake, PAGE, 0);
            fake.borrow_mut().answer = Some(synchronised());
            reports += usize::from(watch.look(&bench).is_some());
        }
        assert_eq!(reports, 2, "two minutes");
    }

    #[test]
    fn a_source_that_never_answers_is_unknown() {
        let fake = fake();
        let bench = BenchClock::new(fake.borrow().moment.at, 0, 1.0);
        let mut watch = ClockWatch::new(&fake);
        run(&fake, PATIENCE + PAGE, 0);
        let status = watch.look(&bench).unwrap().status;
        assert_eq!(
            (status.source.as_str(), status.synchronised),
            ("unknown", None)
        );
    }

    #[test]
    fn a_wall_clock_that_is_set_is_told_either_way_and_moves_no_bench_time() {
        for step_ns in [3_000_000_000, -150_000_000] {
            let fake = fake();
            let bench = BenchClock::new(fake.borrow().moment.at, 0, 1.0);
            let mut watch = ClockWatch::new(&fake);
            run(&fake, PAGE, step_ns);
            let seen = watch.look(&bench).unwrap();
            assert_eq!(seen.status.stepped_ns, Some(step_ns));
            assert_eq!(seen.status.t_ns, 50_000_000);
            assert_eq!((seen.slept, seen.status.slept_ns), (None, None));
            run(&fake, PAGE, 0);
            assert_eq!(watch.look(&bench), None, "told once");
        }
    }

    /// A night of an hour: the monotonic clock stands, wall and boot clock go on.
    #[test]
    fn a_sleep_is_time_of_the_bench_and_no_step() {
        let hour = 3_600_000_000_000;
        let fake = fake();
        let bench = BenchClock::new(fake.borrow().moment.at, 0, 1.0);
        let mut watch = ClockWatch::new(&fake);
        run(&fake, PAGE, hour);
        fake.borrow_mut().moment.slept_ns += hour;
        let seen = watch.look(&bench).unwrap();
        assert_eq!(seen.status.slept_ns, Some(hour));
        assert_eq!(seen.status.stepped_ns, None);
        assert_eq!(seen.status.since_ns, 0);
        assert_eq!(seen.status.t_ns, hour + 50_000_000);
    }

    #[test]
    fn the_clocks_of_this_computer_neither_jump_nor_sleep_while_they_are_looked_at() {
        let mut clocks = SystemClocks::default();
        let first = clocks.now();
        assert!(first.wall_ns > 1_700_000_000_000_000_000);
        std::thread::sleep(Duration::from_millis(20));
        let second = clocks.now();
        assert!(second.at - first.at >= Duration::from_millis(20));
        let slept = second.slept_ns - first.slept_ns;
        // A look that took long is that much less sure of it.
        let limit = STEP + first.width + second.width;
        assert!(slept.abs() < span_ns(limit), "{slept}");
    }
}
