//! What the instruments of a bench show now, whether or not a run is recorded.
//!
//! Holds the last answers as they came; values are computed when somebody looks. Nothing
//! here is evidence, and no result rests on it.

use crate::meters::{BenchMeters, Meters};
use dutypoint_engine::decode;
use dutypoint_fieldbus::Exchange;
use dutypoint_model::Bilingual;
use dutypoint_model::document::{Channel, Channels, CounterRule, Quality};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Failures in a row after which the log speaks of a device.
const PATIENCE: u32 = 3;

/// One channel as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveReading {
    /// Name of the channel.
    pub channel: String,
    /// Tag of its instrument.
    pub tag: String,
    /// Last value, corrected by calibration, in `unit`; provisional.
    pub value: Option<f64>,
    /// Unit people read the quantity in, as files write it.
    pub unit: String,
    /// Decimals people read the quantity with.
    pub decimals: usize,
    /// Age of `value`, seconds.
    pub age_s: Option<f64>,
    /// `good`; `bad` where the instrument answers and has no value; else what became of
    /// the last request; `never` before the first; `entered` where people type it in.
    pub quality: String,
    /// Why the quality is not good.
    pub why: Option<Bilingual>,
}

/// The last exchanges of a bench.
#[derive(Debug)]
pub(crate) struct Board {
    bench: String,
    channels: Channels,
    pub(crate) meters: BenchMeters,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    polls: BTreeMap<u16, Last>,
    /// When the thread of the bench was last seen at work.
    beat: Instant,
}

#[derive(Debug, Default)]
struct Last {
    /// Middle of the last good exchange, and its words.
    good: Option<(Instant, Vec<u16>)>,
    /// The one before it.
    before: Option<(Instant, Vec<u16>)>,
    quality: Option<Quality>,
    failures: u32,
}

impl Board {
    pub(crate) fn new(bench: &str, channels: &Channels, meters: &Meters) -> Self {
        Self {
            bench: bench.to_owned(),
            channels: channels.clone(),
            meters: meters.of_bench(bench, channels),
            state: Mutex::new(State {
                polls: BTreeMap::new(),
                beat: Instant::now(),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change leaves the state whole; a panic elsewhere cannot break it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of `exchanges`, which were all that waited.
    pub(crate) fn show(&self, exchanges: &[Exchange]) {
        self.meters.waited(exchanges.len());
        let mut state = self.lock();
        state.beat = Instant::now();
        for exchange in exchanges {
            self.meters.exchange(exchange);
            let last = state.polls.entry(exchange.poll).or_default();
            last.quality = Some(exchange.quality);
            if exchange.quality == Quality::Good {
                if last.failures >= PATIENCE {
                    self.tell(exchange, last.failures);
                }
                let took = exchange.received.saturating_duration_since(exchange.sent);
                let good = (exchange.sent + took / 2, exchange.words.clone());
                last.before = last.good.replace(good);
                last.failures = 0;
            } else {
                last.failures = last.failures.saturating_add(1);
                if last.failures == PATIENCE {
                    self.tell(exchange, last.failures);
                }
            }
        }
    }

    fn tell(&self, exchange: &Exchange, failures: u32) {
        let Some(poll) = self.channels.polls.iter().find(|p| p.id == exchange.poll) else {
            return;
        };
        let (bench, line, device) = (&*self.bench, &*poll.line, &*poll.instrument);
        if exchange.quality == Quality::Good {
            tracing::info!(bench, line, device, failures, "device answers again");
        } else {
            let cause = exchange.quality.to_string();
            tracing::warn!(bench, line, device, cause, "device does not answer");
        }
    }

    /// How long the thread of the bench has not been seen at work.
    pub(crate) fn still_for(&self) -> Duration {
        self.lock().beat.elapsed()
    }

    /// Every channel at `now`.
    pub(crate) fn readings(&self, now: Instant) -> Vec<LiveReading> {
        let state = self.lock();
        let nothing = Last::default();
        let of = |channel| reading(channel, &state.polls, &nothing, now);
        self.channels.channels.iter().map(of).collect()
    }

    /// The lines whose port or connection is not open, as far as is known.
    pub(crate) fn closed_lines(&self) -> Vec<String> {
        let state = self.lock();
        let mut lines: BTreeMap<&str, bool> = BTreeMap::new();
        for poll in &self.channels.polls {
            let quality = state.polls.get(&poll.id).and_then(|last| last.quality);
            let open = quality.is_some_and(|q| q != Quality::Disconnected);
            *lines.entry(&poll.line).or_default() |= open;
        }
        let closed = lines.into_iter().filter(|(_, open)| !open);
        closed.map(|(line, _)| line.to_owned()).collect()
    }
}

/// What a counter of pulses says with the answer before its last.
fn counted(
    channel: &Channel,
    rule: &CounterRule,
    before: Option<&(Instant, Vec<u16>)>,
    (at, words): (Instant, &[u16]),
) -> Result<f64, decode::Bad> {
    let now = decode::indicated(&channel.encoding, words)?;
    let Some((from, earlier)) = before else {
        return Err(decode::Bad::FirstCount);
    };
    let took = at.saturating_duration_since(*from).as_nanos();
    let now = (i64::try_from(took).unwrap_or(i64::MAX), now);
    let earlier = decode::indicated(&channel.encoding, earlier)?;
    decode::rate(channel, rule, Some((0, earlier)), now)
}

fn reading(
    channel: &Channel,
    polls: &BTreeMap<u16, Last>,
    nothing: &Last,
    now: Instant,
) -> LiveReading {
    let (unit, decimals) = channel.unit.quantity().shown_in();
    let last = polls.get(&channel.poll).unwrap_or(nothing);
    let value = last.good.as_ref().map(|(at, words)| {
        let value = match &channel.counter {
            None => decode::value(channel, words),
            Some(rule) => counted(channel, rule, last.before.as_ref(), (*at, words)),
        };
        let value = value.map(|value| unit.from_internal(value));
        (*at, value)
    });
    let (quality, why) = match (last.quality, &value) {
        _ if channel.entered.is_some() => (
            "entered".to_owned(),
            Some(Bilingual::new(
                "试验中由人工录入",
                "typed in by people during a run",
            )),
        ),
        (None, _) => (
            "never".to_owned(),
            Some(Bilingual::new("尚无应答", "nothing has come yet")),
        ),
        (Some(Quality::Good), Some((_, Err(bad)))) => ("bad".to_owned(), Some(bad.text())),
        (Some(Quality::Good), _) => ("good".to_owned(), None),
        (Some(failed), _) => (failed.to_string(), Some(failed.text())),
    };
    let value = value.and_then(|(at, value)| Some((at, value.ok()?)));
    LiveReading {
        channel: channel.name.clone(),
        tag: channel.instrument.tag.clone(),
        value: value.map(|(_, value)| value),
        unit: unit.symbol().to_owned(),
        decimals,
        age_s: value.map(|(at, _)| now.saturating_duration_since(at).as_secs_f64()),
        quality,
        why,
    }
}
