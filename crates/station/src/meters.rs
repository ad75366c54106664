//! What a monitoring system counts: exchanges, their times and errors, queues, commits.
//!
//! One registry for all benches of a daemon. The series of a bench are made when it
//! starts, so that an exchange costs a few additions and no look-up.

use crate::acquisition::QUEUE;
use dutypoint_fieldbus::Exchange;
use dutypoint_model::document::{Channels, Quality};
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfBench {
    bench: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfLine {
    bench: String,
    line: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfDevice {
    bench: String,
    line: String,
    device: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfError {
    bench: String,
    line: String,
    device: String,
    kind: &'static str,
}

/// Every series of a daemon.
#[derive(Debug)]
pub struct Meters {
    registry: Registry,
    /// Held while an exchange is counted and while the text is written: every exchange of a
    /// text is in all of its series, so that exchanges are errors and good answers together.
    whole: Arc<Mutex<()>>,
    exchanges: Family<OfDevice, Counter>,
    errors: Family<OfError, Counter>,
    latency: Family<OfDevice, Histogram, fn() -> Histogram>,
    lateness: Family<OfDevice, Histogram, fn() -> Histogram>,
    open: Family<OfLine, Gauge>,
    queue: Family<OfBench, Gauge>,
    commits: Family<OfBench, Histogram, fn() -> Histogram>,
    documents: Family<OfBench, Counter>,
    running: Family<OfBench, Gauge>,
}

/// 0.5 ms to 4 s: from a switch in the same cabinet to a radio link.
fn answers() -> Histogram {
    Histogram::new(exponential_buckets(5e-4, 2.0, 14))
}

/// 50 µs to 1.6 s.
fn delays() -> Histogram {
    Histogram::new(exponential_buckets(5e-5, 2.0, 16))
}

impl Meters {
    /// No bench yet.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("dutypoint");
        let answers: fn() -> Histogram = answers;
        let delays: fn() -> Histogram = delays;
        let meters = Self {
            exchanges: Family::default(),
            errors: Family::default(),
            latency: Family::new_with_constructor(answers),
            lateness: Family::new_with_constructor(delays),
            open: Family::default(),
            queue: Family::default(),
            commits: Family::new_with_constructor(answers),
            documents: Family::default(),
            running: Family::default(),
            registry: Registry::default(),
            whole: Arc::default(),
        };
        registry.register(
            "exchanges",
            "Requests that were sent, or could not be",
            meters.exchanges.clone(),
        );
        registry.register(
            "exchange_errors",
            "Requests that brought no values, by kind",
            meters.errors.clone(),
        );
        registry.register_with_unit(
            "exchange_duration",
            "Time from request to complete answer, good answers only",
            Unit::Seconds,
            meters.latency.clone(),
        );
        registry.register_with_unit(
            "exchange_lateness",
            "Time from the moment on the schedule to the request",
            Unit::Seconds,
            meters.lateness.clone(),
        );
        registry.register(
            "line_open",
            "1 while the port or connection of the line is open",
            meters.open.clone(),
        );
        registry.register(
            "queue_depth",
            "Exchanges that waited for the recorder when it last looked",
            meters.queue.clone(),
        );
        let capacity = Gauge::<i64>::default();
        capacity.set(i64::try_from(QUEUE).unwrap_or(i64::MAX));
        registry.register(
            "queue_capacity",
            "Exchanges that may wait; lines slow down when so many do",
            capacity,
        );
        registry.register_with_unit(
            "commit_duration",
            "Time until a batch of documents was durable",
            Unit::Seconds,
            meters.commits.clone(),
        );
        registry.register(
            "documents",
            "Documents made durable",
            meters.documents.clone(),
        );
        registry.register(
            "run_active",
            "1 while a run is recorded",
            meters.running.clone(),
        );
        Self { registry, ..meters }
    }

    /// The series as text (OpenMetrics 1.0).
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let _whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }

    /// The series of one bench.
    pub(crate) fn of_bench(&self, bench: &str, channels: &Channels) -> BenchMeters {
        let mut polls = BTreeMap::new();
        let reads = channels
            .polls
            .iter()
            .map(|p| (p.id, &p.line, &p.instrument));
        let writes = channels
            .actuators
            .iter()
            .map(|a| (a.poll, &a.line, &a.name));
        for (id, line, device) in reads.chain(writes) {
            let labels = OfDevice {
                bench: bench.to_owned(),
                line: line.clone(),
                device: device.clone(),
            };
            let errors = KINDS.map(|kind| {
                let labels = OfError {
                    bench: bench.to_owned(),
                    line: line.clone(),
                    device: device.clone(),
                    kind,
                };
                self.errors.get_or_create_owned(&labels)
            });
            let of_line = OfLine {
                bench: bench.to_owned(),
                line: line.clone(),
            };
            polls.insert(
                id,
                PollMeters {
                    exchanges: self.exchanges.get_or_create_owned(&labels),
                    latency: self.latency.get_or_create_owned(&labels),
                    lateness: self.lateness.get_or_create_owned(&labels),
                    open: self.open.get_or_create_owned(&of_line),
                    errors,
                },
            );
        }
        let of_bench = OfBench {
            bench: bench.to_owned(),
        };
        BenchMeters {
            whole: self.whole.clone(),
            polls,
            queue: self.queue.get_or_create_owned(&of_bench),
            commits: self.commits.get_or_create_owned(&of_bench),
            documents: self.documents.get_or_create_owned(&of_bench),
            running: self.running.get_or_create_owned(&of_bench),
        }
    }
}

impl Default for Meters {
    fn default() -> Self {
        Self::new()
    }
}

/// The kinds of failed exchanges, in the order of [`kind`].
const KINDS: [&str; 6] = [
    "timeout",
    "wrong_length",
    "exception",
    "garbled",
    "disconnected",
    "slept",
];

/// Index into [`KINDS`]; none for a good exchange.
fn kind(quality: Quality) -> Option<usize> {
    match quality {
        Quality::Good => None,
        Quality::Timeout => Some(0),
        Quality::WrongLength => Some(1),
        Quality::Exception(_) => Some(2),
        Quality::Garbled => Some(3),
        Quality::Disconnected => Some(4),
        Quality::Slept => Some(5),
    }
}

#[derive(Debug)]
struct PollMeters {
    exchanges: Counter,
    errors: [Counter; KINDS.len()],
    latency: Histogram,
    lateness: Histogram,
    open: Gauge,
}

/// The series of one bench, at hand.
#[derive(Debug)]
pub(crate) struct BenchMeters {
    whole: Arc<Mutex<()>>,
    polls: BTreeMap<u16, PollMeters>,
    queue: Gauge,
    commits: Histogram,
    documents: Counter,
    running: Gauge,
}

impl BenchMeters {
    pub(crate) fn exchange(&self, exchange: &Exchange) {
        let Some(meters) = self.polls.get(&exchange.poll) else {
            return;
        };
        let _whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        meters.exchanges.inc();
        let open = exchange.quality != Quality::Disconnected;
        meters.open.set(i64::from(open));
        let late = exchange.sent.saturating_duration_since(exchange.due);
        meters.lateness.observe(late.as_secs_f64());
        match kind(exchange.quality).and_then(|kind| meters.errors.get(kind)) {
            Some(errors) => drop(errors.inc()),
            None => {
                let took = exchange.received.saturating_duration_since(exchange.sent);
                meters.latency.observe(took.as_secs_f64());
            }
        }
    }

    pub(crate) fn waited(&self, exchanges: usize) {
        self.queue.set(i64::try_from(exchanges).unwrap_or(i64::MAX));
    }

    pub(crate) fn committed(&self, documents: usize, took: Duration) {
        self.commits.observe(took.as_secs_f64());
        self.documents
            .inc_by(u64::try_from(documents).unwrap_or(u64::MAX));
    }

    pub(crate) fn running(&self, running: bool) {
        self.running.set(i64::from(running));
    }
}
