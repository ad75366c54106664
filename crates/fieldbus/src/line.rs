//! One task owns one port.
//!
//! Contract: at most one request is in flight on a connection; an answer is handed on only
//! when unit, function and length are those of the request. After a timeout or a broken
//! frame nothing that still arrives is taken for an answer: a TCP connection is dropped,
//! its successor starts with no answer owed; a serial line is read and discarded until it
//! has been silent for the declared quarantine, for Modbus RTU has no transaction number
//! and a late answer would otherwise be taken for the next. For the same reason what
//! arrives before a request is discarded, and two answers to one request are none: nobody
//! can say which of them is its own.
//! Cancellation never reaches a request on the wire. A device that keeps failing is
//! asked when that costs nobody else anything, else rarely: it costs its own channels only.

mod doubt;
mod port;
mod push;
mod schedule;
pub(crate) mod wire;

use crate::{Error, Timer};
use dutypoint_engine::config::{Bench, Endpoint, LineConfig, Priority, Protocol};
use dutypoint_model::document::{Channels, Poll, Quality};
use port::Port;
use schedule::Schedule;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{self, error::TrySendError};

/// A line to be run.
#[derive(Clone, Debug, PartialEq)]
pub struct LineSetup {
    /// Name, port and times.
    pub config: LineConfig,
    /// What is asked on it.
    pub polls: Vec<Poll>,
    /// What is particular to single units of it.
    pub devices: Vec<DeviceSetup>,
    /// Bench seconds per wall second; periods are bench time.
    pub speed: f64,
}

/// What is particular to one unit of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSetup {
    /// Modbus unit identifier.
    pub unit_id: u8,
    /// Wait for its answer, where it is not the line's.
    pub timeout: Option<Duration>,
    /// Rest it needs after a request, where it is not the line's.
    pub pause: Option<Duration>,
    /// Whether it gives way where the line cannot serve all at once.
    pub priority: Priority,
}

impl LineSetup {
    /// A line whose units have nothing particular.
    #[must_use]
    pub fn new(config: LineConfig, polls: Vec<Poll>, speed: f64) -> Self {
        Self {
            config,
            polls,
            devices: Vec::new(),
            speed,
        }
    }

    /// The lines of `bench` as `channels` plan them, `speed` bench seconds per wall second.
    /// `endpoint` may replace the port of a line.
    pub fn of_bench(
        bench: &Bench,
        channels: &Channels,
        speed: f64,
        endpoint: impl Fn(&LineConfig) -> Option<Endpoint>,
    ) -> Vec<Self> {
        let of_line = |line: &LineConfig| {
            let on_it = bench.instrument.iter().filter(|i| i.line == line.name);
            Self {
                config: LineConfig {
                    endpoint: endpoint(line).unwrap_or_else(|| line.endpoint.clone()),
                    ..line.clone()
                },
                polls: channels
                    .polls
                    .iter()
                    .filter(|p| p.line == line.name)
                    .cloned()
                    .collect(),
                devices: on_it
                    .map(|i| DeviceSetup {
                        unit_id: i.unit_id,
                        timeout: i.timeout_ms.map(Duration::from_millis),
                        pause: i.pause_ms.map(Duration::from_millis),
                        priority: i.priority,
                    })
                    .collect(),
                speed,
            }
        };
        bench.line.iter().map(of_line).collect()
    }
}

/// One request and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Poll, or the number under which an actuator's writes are recorded.
    pub poll: u16,
    /// When the request should have gone out.
    pub due: Instant,
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
    /// Modbus function that writes it: 6, 16, or 23, which reads it back too.
    pub function: u8,
}

/// A running line; dropping it ends the task after the request in flight.
#[derive(Debug)]
pub struct LineHandle {
    /// One queue for each connection of the line; a unit is always on the same.
    writes: Vec<mpsc::Sender<Write>>,
}

impl LineHandle {
    /// Hands `write` to the line; it goes out before the next poll.
    ///
    /// Returns false when the line has ended.
    pub async fn write(&self, write: Write) -> bool {
        let queue = self.writes.get(share(write.unit_id, self.writes.len()));
        match queue {
            Some(queue) => queue.send(write).await.is_ok(),
            None => false,
        }
    }
}

/// Which of `connections` serves a unit.
fn share(unit_id: u8, connections: usize) -> usize {
    usize::from(unit_id) % connections.max(1)
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
    let cure = match (&config.endpoint, error.kind()) {
        (Endpoint::Rtu { .. }, ErrorKind::PermissionDenied) => {
            "; add the user to the group that owns the port (often dialout)"
        }
        (Endpoint::Rtu { .. }, ErrorKind::NotFound) => "; check the cable and the port's name",
        (Endpoint::Rtu { .. }, _) => "; check that no other program holds the port",
        (Endpoint::Tcp { .. }, ErrorKind::ConnectionRefused) => {
            "; check that the instrument's Modbus TCP service is on and the port number right"
        }
        (Endpoint::RtuTcp { .. }, ErrorKind::ConnectionRefused) => {
            "; check that the serial server listens as a TCP server and the port number is right"
        }
        (_, ErrorKind::TimedOut) => "; check address, cable and network",
        (_, ErrorKind::InvalidInput) => "; write it like 192.0.2.10:502",
        _ => "",
    };
    Error::Open {
        line: config.name.clone(),
        endpoint: config.endpoint.port().to_owned(),
        why: format!("{error}{cure}"),
    }
}

/// Starts the task of a line, or one for each of its connections. Exchanges go to `out`; a
/// full queue slows the line down, nothing is dropped. Must be called within the Tokio
/// runtime that `timer` belongs to.
#[must_use]
pub fn spawn(setup: LineSetup, timer: &Timer, out: mpsc::Sender<Exchange>) -> LineHandle {
    LineHandle {
        writes: start(setup, timer, out),
    }
}

/// As [`spawn`], of a line that is only read: there is no value its task could be told to
/// write.
#[must_use]
pub fn watch(setup: LineSetup, timer: &Timer, out: mpsc::Sender<Exchange>) -> Watch {
    Watch {
        _until: start(setup, timer, out),
    }
}

/// A running line that is only read; dropping it ends the task after the request in flight.
#[derive(Debug)]
pub struct Watch {
    _until: Vec<mpsc::Sender<Nothing>>,
}

/// A write that cannot be made.
#[derive(Clone, Copy, Debug)]
enum Nothing {}

impl From<Nothing> for Write {
    fn from(nothing: Nothing) -> Self {
        match nothing {}
    }
}

fn start<W: Into<Write> + Send + 'static>(
    setup: LineSetup,
    timer: &Timer,
    out: mpsc::Sender<Exchange>,
) -> Vec<mpsc::Sender<W>> {
    let connections = match setup.config.endpoint {
        Endpoint::Tcp { connections, .. } => usize::from(connections).max(1),
        Endpoint::Rtu { .. } | Endpoint::RtuTcp { .. } => 1,
    };
    let mut writes = Vec::with_capacity(connections);
    for nth in 0..connections {
        let polls = setup.polls.iter();
        let part = LineSetup {
            polls: polls
                .filter(|p| share(p.unit_id, connections) == nth)
                .cloned()
                .collect(),
            ..setup.clone()
        };
        let (sender, queue) = mpsc::channel(16);
        if part.config.protocol == Protocol::Push {
            tokio::spawn(push::run(part, timer.clone(), queue, out.clone()));
        } else {
            tokio::spawn(run(part, timer.clone(), queue, out.clone()));
        }
        writes.push(sender);
    }
    writes
}

async fn run<W: Into<Write>>(
    setup: LineSetup,
    timer: Timer,
    mut queue: mpsc::Receiver<W>,
    out: mpsc::Sender<Exchange>,
) {
    let mut schedule = Schedule::new(&setup, timer.origin());
    let mut port = Port::new(&setup, &timer);
    let mut alarm = timer.alarm();
    let mut now = Instant::now();
    loop {
        let next = schedule.next(now);
        let Some((at, turn)) = next.and_then(|(at, slot)| Some((at, schedule.turn(slot)?))) else {
            let Some(write) = queue.recv().await else {
                return;
            };
            if out.send(port.write(write.into()).await).await.is_err() {
                return;
            }
            continue;
        };
        let write = if at <= now {
            match queue.try_recv() {
                Ok(write) => Some(write),
                Err(mpsc::error::TryRecvError::Empty) => None,
                Err(mpsc::error::TryRecvError::Disconnected) => return,
            }
        } else {
            tokio::select! {
                biased;
                write = queue.recv() => match write {
                    Some(write) => Some(write),
                    None => return,
                },
                () = alarm.until(at) => None,
            }
        };
        let asked = write.is_none();
        let exchange = match write {
            Some(write) => port.write(write.into()).await,
            None => port.read(&turn).await,
        };
        // Where more was listened for, a moment ago: a deadline passed since is waited for
        // no longer than it takes to see that.
        now = exchange.received;
        if asked {
            schedule.came(&turn, &exchange, port.is_open(), now);
        }
        match out.try_send(exchange) {
            Ok(()) => {}
            Err(TrySendError::Full(exchange)) => {
                if out.send(exchange).await.is_err() {
                    return;
                }
            }
            Err(TrySendError::Closed(_)) => return,
        }
    }
}
