//! One task owns one port.
//!
//! Contract: at most one request is in flight; an answer is handed on only when unit,
//! function and length are those of the request. After a timeout or a broken frame the
//! connection is dropped and, on a serial line, everything that still arrives is read
//! and discarded until the line has been silent for the declared quarantine: Modbus RTU
//! has no transaction number, so a late answer would otherwise be taken for the next.
//! For the same reason what arrives before a request is discarded, and two answers to one
//! request are none: nobody can say which of them is its own.
//! Cancellation never reaches a request on the wire. A device that keeps failing is
//! asked rarely, so that it costs its own channels only.

mod port;
mod wire;

use crate::Error;
use dutypoint_engine::config::{Endpoint, LineConfig};
use dutypoint_model::document::{Poll, Quality};
use port::Port;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::sleep_until;

/// Failures in a row after which a device is asked rarely.
const PATIENCE: u32 = 3;
/// How rarely a failing device is asked.
const PROBE: Duration = Duration::from_secs(1);

/// A line to be run.
#[derive(Clone, Debug, PartialEq)]
pub struct LineSetup {
    /// Name, port and times.
    pub config: LineConfig,
    /// What is asked on it.
    pub polls: Vec<Poll>,
    /// Bench seconds per wall second; periods are bench time.
    pub speed: f64,
}

/// One request and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Poll, or the number under which an actuator's writes are recorded.
    pub poll: u16,
    /// When the request went out.
    pub sent: Instant,
    /// When the answer was complete, or the wait over.
    pub received: Instant,
    /// Whether the words may be used.
    pub quality: Quality,
    /// Words read, or the one word written.
    pub words: Vec<u16>,
}

/// A register to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Write {
    /// Number under which the write is recorded.
    pub poll: u16,
    /// Modbus unit identifier.
    pub unit_id: u8,
    /// Register.
    pub address: u16,
    /// Value.
    pub value: u16,
}

/// A running line; dropping it ends the task after the request in flight.
#[derive(Debug)]
pub struct LineHandle {
    writes: mpsc::Sender<Write>,
}

impl LineHandle {
    /// Hands `write` to the line; it goes out before the next poll.
    ///
    /// Returns false when the line has ended.
    pub async fn write(&self, write: Write) -> bool {
        self.writes.send(write).await.is_ok()
    }
}

/// Opens the port of `setup` once and closes it again, so that a run can say at its
/// start which port is missing.
///
/// # Errors
/// [`Error::Open`] with the port, what the system said and what to change.
pub async fn open_check(setup: &LineSetup) -> Result<(), Error> {
    let wait = Duration::from_millis(setup.config.timeout_ms);
    wire::open(&setup.config.endpoint, wait)
        .await
        .map(drop)
        .map_err(|error| open_error(&setup.config, &error))
}

fn open_error(config: &LineConfig, error: &std::io::Error) -> Error {
    use std::io::ErrorKind;
    let (endpoint, cure) = match &config.endpoint {
        Endpoint::Rtu { port, .. } => (
            port.clone(),
            match error.kind() {
                ErrorKind::PermissionDenied => {
                    "; add the user to the group that owns the port (often dialout)"
                }
                ErrorKind::NotFound => "; check the cable and the port's name",
                _ => "; check that no other program holds the port",
            },
        ),
        Endpoint::Tcp { address } => (
            address.clone(),
            match error.kind() {
                ErrorKind::ConnectionRefused => {
                    "; check that the instrument's Modbus TCP service is on and the port number right"
                }
                ErrorKind::TimedOut => "; check address, cable and network",
                ErrorKind::InvalidInput => "; write it like 192.0.2.10:502",
                _ => "",
            },
        ),
    };
    Error::Open {
        line: config.name.clone(),
        endpoint,
        why: format!("{error}{cure}"),
    }
}

/// Starts the task of a line. Exchanges go to `out`; a full queue slows the line down,
/// nothing is dropped. Must be called within a Tokio runtime.
#[must_use]
pub fn spawn(setup: LineSetup, out: mpsc::Sender<Exchange>) -> LineHandle {
    let (writes, queue) = mpsc::channel(16);
    tokio::spawn(run(setup, queue, out));
    LineHandle { writes }
}

struct Slot {
    poll: Poll,
    due: Instant,
    period: Duration,
    failures: u32,
}

async fn run(setup: LineSetup, mut queue: mpsc::Receiver<Write>, out: mpsc::Sender<Exchange>) {
    let begin = Instant::now();
    let speed = setup.speed.max(1e-3);
    let mut slots: Vec<Slot> = setup
        .polls
        .into_iter()
        .map(|poll| Slot {
            period: Duration::from_secs_f64(f64::from(poll.period_ms) / 1e3 / speed),
            due: begin,
            failures: 0,
            poll,
        })
        .collect();
    let mut port = Port::new(setup.config);
    loop {
        let next = slots.iter_mut().min_by_key(|slot| slot.due);
        let (exchange, slot) = match next {
            Some(slot) => tokio::select! {
                biased;
                write = queue.recv() => match write {
                    Some(write) => (port.write(write).await, None),
                    None => return,
                },
                () = sleep_until(slot.due.into()) => {
                    (port.read(&slot.poll).await, Some(slot))
                }
            },
            None => match queue.recv().await {
                Some(write) => (port.write(write).await, None),
                None => return,
            },
        };
        if let Some(slot) = slot {
            slot.reschedule(exchange.quality);
        }
        if out.send(exchange).await.is_err() {
            return;
        }
    }
}

impl Slot {
    /// The next deadline lies on the grid of the first, so that schedules do not drift;
    /// deadlines that have passed are skipped, not caught up with.
    fn reschedule(&mut self, quality: Quality) {
        let answered = matches!(quality, Quality::Good | Quality::Exception(_));
        self.failures = if answered { 0 } else { self.failures + 1 };
        let now = Instant::now();
        if self.failures >= PATIENCE {
            self.due = now + self.period.max(PROBE);
            return;
        }
        self.due += self.period;
        if self.due < now {
            let behind = now.duration_since(self.due).as_nanos();
            let skipped = behind / self.period.as_nanos().max(1) + 1;
            self.due += self.period * u32::try_from(skipped).unwrap_or(u32::MAX);
        }
    }
}
