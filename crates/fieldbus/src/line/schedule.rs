//! Which poll goes out next.
//!
//! Contract: deadlines lie on the grid of the first, so that they do not drift; those whose
//! whole period has passed are skipped, not caught up with. Of several that are due the one whose
//! period ends first goes out, what only watches the bench a period later. A device that
//! keeps failing is asked in the gaps of the others; where there are none, so rarely that
//! all such devices together cost them no more than one part in sixty of the time. Without
//! transaction numbers nothing is asked that an answer still overdue would pass for.

use super::{Exchange, LineSetup};
use dutypoint_engine::config::{Endpoint, Priority};
use dutypoint_model::document::Quality;
use std::time::{Duration, Instant};

/// Failures in a row after which a device is asked rarely.
const PATIENCE: u32 = 3;
/// Shortest time between two requests to a failing device.
const PROBE: Duration = Duration::from_secs(1);
/// Exception codes of a device that needs time: acknowledge and busy.
const BUSY: [u8; 2] = [5, 6];
/// Exception codes of a gateway whose device does not answer it.
const UNREACHABLE: [u8; 2] = [0x0A, 0x0B];
/// What a probe waits beyond what answers take at most as a rule.
const MARGIN: Duration = Duration::from_millis(20);
/// Part of a busy line that failing devices may cost, as its reciprocal.
const SHARE: u32 = 60;

pub(super) struct Schedule {
    slots: Vec<Slot>,
    devices: Vec<Device>,
    retries: u8,
    /// Where answers have no transaction number, how long the line is quarantined after a
    /// lost one.
    quarantine: Option<Duration>,
}

struct Slot {
    ask: Ask,
    period: Duration,
    /// The deadline on the grid.
    due: Instant,
    /// When it is to be asked; later than `due` where it is asked again.
    at: Instant,
    /// It is not asked before: an answer overdue would pass for its own.
    held_until: Instant,
    /// How much later than `at` it may go out when others are due.
    yields: Duration,
    retried: u8,
}

struct Device {
    unit_id: u8,
    timeout: Duration,
    failures: u32,
    /// What its answers take, and how far they stray from that.
    usual: Option<(Duration, Duration)>,
    /// When its last request was over.
    asked: Instant,
}

/// What a poll asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) poll: u16,
    pub(super) unit_id: u8,
    pub(super) function: u8,
    pub(super) address: u16,
    pub(super) count: u16,
}

/// A poll whose time has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    slot: usize,
    pub(super) ask: Ask,
    /// Its deadline on the grid.
    pub(super) due: Instant,
    /// How long its answer is waited for.
    pub(super) patience: Duration,
    /// Whether it only looks if a failing device is back.
    pub(super) probe: bool,
}

impl Schedule {
    pub(super) fn new(setup: &LineSetup, begin: Instant) -> Self {
        let speed = setup.speed.max(1e-3);
        let mut devices: Vec<Device> = Vec::new();
        let mut slots = Vec::with_capacity(setup.polls.len());
        for poll in &setup.polls {
            let particular = setup.devices.iter().find(|d| d.unit_id == poll.unit_id);
            if devices.iter().all(|d| d.unit_id != poll.unit_id) {
                devices.push(Device {
                    unit_id: poll.unit_id,
                    timeout: particular
                        .and_then(|d| d.timeout)
                        .unwrap_or(Duration::from_millis(setup.config.timeout_ms)),
                    failures: 0,
                    usual: None,
                    asked: begin,
                });
            }
            let period = Duration::from_secs_f64(f64::from(poll.period_ms) / 1e3 / speed);
            let watches = particular.is_some_and(|d| d.priority == Priority::Monitor);
            slots.push(Slot {
                period,
                due: begin,
                at: begin,
                held_until: begin,
                yields: if watches { period * 2 } else { period },
                retried: 0,
                ask: Ask {
                    poll: poll.id,
                    unit_id: poll.unit_id,
                    function: poll.function,
                    address: poll.address,
                    // Nothing in an answer of text need tell which message it is.
                    count: poll.message.as_ref().map_or(poll.count, |_| 0),
                },
            });
        }
        Self {
            slots,
            devices,
            retries: setup.config.retries,
            quarantine: match setup.config.endpoint {
                Endpoint::Tcp { .. } => None,
                Endpoint::Rtu { .. } | Endpoint::RtuTcp { .. } => {
                    Some(Duration::from_millis(setup.config.quarantine_ms))
                }
            },
        }
    }

    /// When the line is to be used next, seen from `now`; none if nothing is asked on it.
    pub(super) fn next(&self, now: Instant) -> Option<(Instant, usize)> {
        let healthy = |slot: &Slot| {
            self.device(slot.ask.unit_id)
                .is_none_or(|d| !d.is_failing())
        };
        let mut first: Option<(usize, &Slot)> = None;
        for (index, slot) in self.slots.iter().enumerate() {
            if healthy(slot) && first.is_none_or(|(_, other)| slot.before(other, now)) {
                first = Some((index, slot));
            }
        }
        let first = first.map(|(index, slot)| (slot.earliest(), index));
        let failing = || self.devices.iter().filter(|d| d.is_failing());
        let Some(device) = failing().min_by_key(|d| d.asked) else {
            return first;
        };
        let of_device = |(_, slot): &(usize, &Slot)| slot.ask.unit_id == device.unit_id;
        let probe = self.slots.iter().enumerate().filter(of_device);
        let Some((probe, slot)) = probe.min_by_key(|(_, slot)| slot.earliest()) else {
            return first;
        };
        let free = (device.asked + PROBE).max(slot.held_until);
        let spent: Duration = failing().map(|d| self.patience(d)).sum();
        match first {
            Some((at, _)) if free.max(now) + self.patience(device) > at => {
                // No gap before the next deadline is long enough.
                let due = now >= free.max(device.asked + spent * SHARE);
                if due { Some((now, probe)) } else { first }
            }
            _ => Some((free, probe)),
        }
    }

    /// The turn of a slot.
    pub(super) fn turn(&self, slot: usize) -> Option<Turn> {
        let Slot { ask, due, .. } = self.slots.get(slot)?;
        let device = self.device(ask.unit_id)?;
        Some(Turn {
            slot,
            ask: *ask,
            due: *due,
            patience: self.patience(device),
            probe: device.is_failing(),
        })
    }

    /// Notes what came of a turn. While the port is not open nothing is learnt about a
    /// device: the line is tried again as a whole.
    pub(super) fn came(
        &mut self,
        turn: &Turn,
        exchange: &Exchange,
        port_is_open: bool,
        now: Instant,
    ) {
        let retries = self.retries;
        if exchange.quality == Quality::Timeout
            && let Some(quarantine) = self.quarantine
        {
            let overdue = exchange.sent + 2 * (turn.patience + quarantine);
            for slot in self
                .slots
                .iter_mut()
                .filter(|s| s.ask.answers_like(&turn.ask))
            {
                slot.held_until = slot.held_until.max(overdue);
            }
        }
        let mut devices = self.devices.iter_mut();
        let (Some(device), Some(slot)) = (
            devices.find(|d| d.unit_id == turn.ask.unit_id),
            self.slots.get_mut(turn.slot),
        ) else {
            return;
        };
        let took = exchange.received.saturating_duration_since(exchange.sent);
        match exchange.quality {
            Quality::Exception(code) if BUSY.contains(&code) && slot.retried < retries => {
                slot.retried += 1;
                slot.at = now + device.timeout / 4;
                return;
            }
            Quality::Exception(code) if UNREACHABLE.contains(&code) => {
                device.failures = device.failures.saturating_add(1);
                device.asked = now;
            }
            Quality::Good | Quality::Exception(_) => {
                device.took(took);
                if device.is_failing() {
                    // It is back: its other polls take up their own turns again.
                    let others = self.slots.iter_mut();
                    for slot in others.filter(|s| s.ask.unit_id == turn.ask.unit_id) {
                        slot.go_on(now);
                    }
                } else {
                    slot.go_on(now);
                }
                device.failures = 0;
                return;
            }
            Quality::Disconnected if !port_is_open => {}
            // Said by the recorder alone; a line does not know.
            Quality::Slept => {}
            Quality::Timeout | Quality::Garbled | Quality::WrongLength | Quality::Disconnected => {
                device.failures = device.failures.saturating_add(1);
                device.asked = now;
                if !device.is_failing() && slot.retried < retries {
                    slot.retried += 1;
                    slot.at = now;
                    return;
                }
            }
        }
        slot.go_on(now);
    }

    /// How long an answer of `device` is waited for. One that is only looked for has shown how
    /// long it takes; waiting longer would cost its neighbours, where it has any.
    fn patience(&self, device: &Device) -> Duration {
        match device.usual {
            Some((mean, stray)) if device.is_failing() && self.devices.len() > 1 => {
                device.timeout.min(mean + 4 * stray + MARGIN)
            }
            _ => device.timeout,
        }
    }

    fn device(&self, unit_id: u8) -> Option<&Device> {
        self.devices.iter().find(|d| d.unit_id == unit_id)
    }
}

impl Device {
    fn is_failing(&self) -> bool {
        self.failures >= PATIENCE
    }

    /// Notes what an answer took: running means, as TCP keeps them of its round trips.
    fn took(&mut self, took: Duration) {
        self.usual = Some(match self.usual {
            None => (took, took / 2),
            Some((mean, stray)) => ((mean * 7 + took) / 8, (stray * 3 + mean.abs_diff(took)) / 4),
        });
    }
}

impl Ask {
    /// Whether an RTU answer to the other would pass for one to this.
    fn answers_like(&self, other: &Self) -> bool {
        (self.unit_id, self.function, self.count) == (other.unit_id, other.function, other.count)
    }
}

impl Slot {
    fn earliest(&self) -> Instant {
        self.at.max(self.held_until)
    }

    /// Whether this one goes out before the other, seen from `now`.
    fn before(&self, other: &Self, now: Instant) -> bool {
        if self.earliest() <= now && other.earliest() <= now {
            self.at + self.yields < other.at + other.yields
        } else {
            self.earliest() < other.earliest()
        }
    }

    /// Goes on to the next deadline of the grid whose period has not passed.
    fn go_on(&mut self, now: Instant) {
        self.retried = 0;
        self.due += self.period;
        if self.period.is_zero() {
            // As fast as the line carries.
            self.due = now;
        } else if now >= self.due + self.period {
            let behind = now.saturating_duration_since(self.due).as_nanos();
            let skipped = behind / self.period.as_nanos();
            self.due += self.period * u32::try_from(skipped).unwrap_or(u32::MAX);
        }
        self.at = self.due;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::DeviceSetup;
    use dutypoint_engine::config::LineConfig;
    use dutypoint_model::document::Poll;

    const MS: Duration = Duration::from_millis(1);

    fn poll(id: u16, unit_id: u8, period_ms: u32) -> Poll {
        Poll {
            id,
            line: "line".into(),
            instrument: format!("I{unit_id}"),
            unit_id,
            function: 3,
            address: 0,
            count: 2,
            period_ms,
            message: None,
        }
    }

    fn line(polls: Vec<Poll>) -> LineSetup {
        let config = LineConfig {
            timeout_ms: 100,
            ..LineConfig::new("line", Endpoint::rtu("port", 19200))
        };
        LineSetup::new(config, polls, 1.0)
    }

    /// Plays `seconds` of a line on which an exchange takes `took` and the units of `dead`
    /// never answer; returns the ids asked with the moments.
    fn play(
        setup: &LineSetup,
        dead: &[u8],
        took: Duration,
        seconds: u64,
    ) -> Vec<(u16, Duration, Quality)> {
        let begin = Instant::now();
        let mut schedule = Schedule::new(setup, begin);
        let (mut now, mut asked) = (begin, Vec::new());
        loop {
            let (at, slot) = schedule.next(now).unwrap();
            now = now.max(at);
            if now >= begin + Duration::from_secs(seconds) {
                return asked;
            }
            let turn = schedule.turn(slot).unwrap();
            let (quality, took) = if dead.contains(&turn.ask.unit_id) {
                (Quality::Timeout, turn.patience)
            } else {
                (Quality::Good, took)
            };
            asked.push((turn.ask.poll, now - begin, quality));
            let exchange = Exchange {
                poll: turn.ask.poll,
                due: turn.due,
                sent: now,
                received: now + took,
                quality,
                words: Vec::new(),
            };
            now += took;
            schedule.came(&turn, &exchange, true, now);
        }
    }

    fn count(asked: &[(u16, Duration, Quality)], id: u16) -> usize {
        asked.iter().filter(|(poll, ..)| *poll == id).count()
    }

    #[test]
    fn deadlines_stay_on_the_grid_and_passed_ones_are_skipped() {
        let asked = play(&line(vec![poll(0, 1, 100)]), &[], 30 * MS, 2);
        let times: Vec<u128> = asked.iter().map(|(_, at, _)| at.as_millis()).collect();
        assert_eq!(times, (0..20).map(|n| n * 100).collect::<Vec<_>>());
        // Every answer takes two and a half periods: what is asked next belongs to the
        // period in which it is asked, and the one between is lost.
        let asked = play(&line(vec![poll(0, 1, 100)]), &[], 250 * MS, 2);
        let times: Vec<u128> = asked.iter().map(|(_, at, _)| at.as_millis()).collect();
        assert_eq!(times, [0, 250, 500, 750, 1000, 1250, 1500, 1750]);
    }

    #[test]
    fn a_busy_line_serves_what_enters_results_before_what_watches() {
        let mut setup = line(vec![poll(0, 1, 100), poll(1, 2, 100)]);
        setup.devices.push(DeviceSetup {
            unit_id: 1,
            timeout: None,
            pause: None,
            priority: Priority::Monitor,
        });
        let asked = play(&setup, &[], 70 * MS, 10);
        assert!(count(&asked, 1) > count(&asked, 0), "{asked:?}");
        assert!(count(&asked, 0) > 20, "it is not starved");
    }

    #[test]
    fn the_faster_of_two_periods_goes_first_when_both_are_due() {
        let asked = play(&line(vec![poll(0, 1, 1000), poll(1, 2, 100)]), &[], MS, 1);
        assert_eq!((asked[0].0, asked[1].0), (1, 0));
    }

    #[test]
    fn two_dead_of_eight_cost_the_six_less_than_two_percent_of_a_full_line() {
        // Eight exchanges of 12 ms in 100 ms: no gap is as long as a timeout.
        let all = |dead: &[u8]| {
            let polls = (1..=8).map(|unit| poll(u16::from(unit), unit, 100));
            let asked = play(&line(polls.collect()), dead, 12 * MS, 600);
            (1..=6).map(|id| count(&asked, id)).min().unwrap()
        };
        let (alive, two_dead) = (all(&[]), all(&[7, 8]));
        assert!(two_dead * 100 >= alive * 98, "{two_dead} of {alive}");
    }

    #[test]
    fn a_device_that_is_back_is_noticed_at_the_next_probe_and_takes_up_its_turns() {
        let begin = Instant::now();
        let mut schedule = Schedule::new(&line(vec![poll(0, 1, 500), poll(1, 1, 500)]), begin);
        let mut now = begin;
        let mut answer = |schedule: &mut Schedule, quality| {
            let (at, slot) = schedule.next(now).unwrap();
            now = now.max(at);
            let turn = schedule.turn(slot).unwrap();
            let exchange = Exchange {
                poll: turn.ask.poll,
                due: turn.due,
                sent: now,
                received: now + 10 * MS,
                quality,
                words: Vec::new(),
            };
            now += 10 * MS;
            schedule.came(&turn, &exchange, true, now);
            (turn.probe, now - begin)
        };
        while !answer(&mut schedule, Quality::Timeout).0 {}
        let (probe, lost) = answer(&mut schedule, Quality::Timeout);
        assert!(probe);
        let (probe, back) = answer(&mut schedule, Quality::Good);
        assert!(probe && back - lost <= PROBE + 10 * MS, "{:?}", back - lost);
        // Both polls have a turn in the period that runs.
        assert_eq!(
            answer(&mut schedule, Quality::Good),
            (false, back + 10 * MS)
        );
        assert_eq!(
            answer(&mut schedule, Quality::Good),
            (false, back + 20 * MS)
        );
        let (_, next) = answer(&mut schedule, Quality::Good);
        assert_eq!((next - 10 * MS).as_millis() % 500, 0, "then on the grid");
    }

    #[test]
    fn a_unit_that_a_gateway_cannot_reach_is_asked_rarely_and_a_busy_one_again() {
        let mut schedule = Schedule::new(&line(vec![poll(0, 1, 100)]), Instant::now());
        let mut now = Instant::now();
        let mut answer = |schedule: &mut Schedule, code| {
            let (at, slot) = schedule.next(now).unwrap();
            now = now.max(at);
            let turn = schedule.turn(slot).unwrap();
            let exchange = Exchange {
                poll: 0,
                due: turn.due,
                sent: now,
                received: now,
                quality: Quality::Exception(code),
                words: Vec::new(),
            };
            schedule.came(&turn, &exchange, true, now);
            (turn.probe, turn.due)
        };
        let (_, first) = answer(&mut schedule, 6);
        let (_, again) = answer(&mut schedule, 6);
        assert_eq!(first, again, "busy: the same turn once more");
        let (_, third) = answer(&mut schedule, 11);
        assert_eq!(third, first + 100 * MS);
        answer(&mut schedule, 11);
        answer(&mut schedule, 11);
        assert!(answer(&mut schedule, 11).0, "then only a probe");
    }
}
