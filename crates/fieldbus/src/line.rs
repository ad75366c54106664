//! One task owns one port.
//!
//! Contract: at most one request is in flight; an answer is handed on only when unit,
//! function and length are those of the request. After a timeout or a broken frame the
//! connection is dropped and, on a serial line, everything that still arrives is read
//! and discarded until the line has been silent for the declared quarantine: Modbus RTU
//! has no transaction number, so a late answer would otherwise be taken for the next.
//! Cancellation never reaches a request on the wire. A device that keeps failing is
//! asked rarely, so that it costs its own channels only.

use crate::Error;
use dutypoint_engine::config::{Endpoint, LineConfig, Parity};
use dutypoint_model::document::{Poll, Quality};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{sleep_until, timeout};
use tokio_modbus::client::{Client as _, Context, rtu, tcp};
use tokio_modbus::slave::{Slave, SlaveContext as _};
use tokio_modbus::{ExceptionCode, Request, Response};
use tokio_serial::{SerialPort as _, SerialPortBuilderExt as _, SerialStream};

/// Failures in a row after which a device is asked rarely.
const PATIENCE: u32 = 3;
/// How rarely a failing device is asked.
const PROBE: Duration = Duration::from_secs(1);
/// Longest wait between attempts to open a port again.
const BACK_OFF: Duration = Duration::from_secs(2);

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
    open(&setup.config.endpoint, wait)
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

struct Port {
    config: LineConfig,
    context: Option<Context>,
    /// A serial line on which a late answer may still arrive.
    tainted: bool,
    retry_at: Instant,
    back_off: Duration,
    /// When the line last carried a byte of ours or of an answer.
    quiet_since: Instant,
}

impl Port {
    fn new(config: LineConfig) -> Self {
        let now = Instant::now();
        Self {
            config,
            context: None,
            tainted: false,
            retry_at: now,
            back_off: Duration::from_millis(50),
            quiet_since: now,
        }
    }

    async fn read(&mut self, poll: &Poll) -> Exchange {
        let request = match poll.function {
            4 => Request::ReadInputRegisters(poll.address, poll.count),
            _ => Request::ReadHoldingRegisters(poll.address, poll.count),
        };
        let (sent, answer) = self.call(poll.unit_id, request).await;
        let received = Instant::now();
        let (quality, words) = match answer {
            Ok(Response::ReadHoldingRegisters(words) | Response::ReadInputRegisters(words)) => {
                // The client hands a shorter answer on as a good one.
                if words.len() == usize::from(poll.count) {
                    (Quality::Good, words)
                } else {
                    self.distrust();
                    (Quality::WrongLength, Vec::new())
                }
            }
            Ok(_) => {
                self.distrust();
                (Quality::Garbled, Vec::new())
            }
            Err(quality) => (quality, Vec::new()),
        };
        Exchange {
            poll: poll.id,
            sent,
            received,
            quality,
            words,
        }
    }

    async fn write(&mut self, write: Write) -> Exchange {
        let request = Request::WriteSingleRegister(write.address, write.value);
        let (sent, answer) = self.call(write.unit_id, request).await;
        let received = Instant::now();
        let quality = match answer {
            Ok(Response::WriteSingleRegister(address, value))
                if (address, value) == (write.address, write.value) =>
            {
                Quality::Good
            }
            Ok(_) => {
                self.distrust();
                Quality::Garbled
            }
            Err(quality) => quality,
        };
        Exchange {
            poll: write.poll,
            sent,
            received,
            quality,
            words: vec![write.value],
        }
    }

    async fn call(
        &mut self,
        unit_id: u8,
        request: Request<'static>,
    ) -> (Instant, Result<Response, Quality>) {
        if let Err(quality) = self.connect().await {
            return (Instant::now(), Err(quality));
        }
        let silence = self.inter_frame_silence();
        sleep_until((self.quiet_since + silence).into()).await;
        let wait = Duration::from_millis(self.config.timeout_ms);
        let sent = Instant::now();
        let Some(context) = &mut self.context else {
            return (sent, Err(Quality::Disconnected));
        };
        context.set_slave(Slave(unit_id));
        let answer = timeout(wait, context.call(request)).await;
        self.quiet_since = Instant::now();
        let result = match answer {
            Ok(Ok(Ok(response))) => Ok(response),
            Ok(Ok(Err(exception))) => Err(Quality::Exception(exception_code(exception))),
            Ok(Err(tokio_modbus::Error::Protocol(_))) => Err(Quality::Garbled),
            Ok(Err(tokio_modbus::Error::Transport(error))) => Err(
                // A frame that cannot be decoded surfaces as invalid data; everything
                // else means the connection is gone, whatever its errno says.
                if error.kind() == std::io::ErrorKind::InvalidData {
                    Quality::Garbled
                } else {
                    Quality::Disconnected
                },
            ),
            Err(_) => Err(Quality::Timeout),
        };
        if matches!(
            result,
            Err(Quality::Timeout | Quality::Garbled | Quality::Disconnected)
        ) {
            self.distrust();
        }
        (sent, result)
    }

    /// Drops the connection; a serial line is also read empty before it is used again.
    fn distrust(&mut self) {
        self.context = None;
        self.tainted = true;
    }

    async fn connect(&mut self) -> Result<(), Quality> {
        if self.context.is_some() {
            return Ok(());
        }
        sleep_until(self.retry_at.into()).await;
        let wait = Duration::from_millis(self.config.timeout_ms);
        let opened = open(&self.config.endpoint, wait).await;
        let Ok(connection) = opened else {
            self.retry_at = Instant::now() + self.back_off;
            self.back_off = (self.back_off * 2).min(BACK_OFF);
            return Err(Quality::Disconnected);
        };
        self.back_off = Duration::from_millis(50);
        self.context = Some(match connection {
            Connection::Serial(mut serial) => {
                if self.tainted {
                    let silence = Duration::from_millis(self.config.quarantine_ms);
                    let mut waste = [0; 256];
                    // Until nothing has come for the whole silence; an error also ends it.
                    while matches!(timeout(silence, serial.read(&mut waste)).await, Ok(Ok(n)) if n > 0)
                    {
                    }
                }
                rtu::attach(serial)
            }
            Connection::Tcp(stream) => tcp::attach(stream),
        });
        self.tainted = false;
        Ok(())
    }

    /// Silence that separates frames: 3.5 characters, 1.75 ms above 19200 baud.
    fn inter_frame_silence(&self) -> Duration {
        match &self.config.endpoint {
            Endpoint::Rtu { baud, .. } if *baud <= 19200 => {
                Duration::from_secs_f64(3.5 * 11.0 / f64::from((*baud).max(1)))
            }
            Endpoint::Rtu { .. } => Duration::from_micros(1750),
            Endpoint::Tcp { .. } => Duration::ZERO,
        }
    }
}

fn exception_code(exception: ExceptionCode) -> u8 {
    exception.into()
}

enum Connection {
    Serial(SerialStream),
    Tcp(TcpStream),
}

async fn open(endpoint: &Endpoint, wait: Duration) -> std::io::Result<Connection> {
    match endpoint {
        Endpoint::Rtu { port, baud, parity } => {
            let parity = match parity {
                Parity::None => tokio_serial::Parity::None,
                Parity::Even => tokio_serial::Parity::Even,
                Parity::Odd => tokio_serial::Parity::Odd,
            };
            let mut serial = tokio_serial::new(port, *baud)
                .parity(parity)
                .open_native_async()?;
            // Shared on purpose: the port is opened again after every fault, and the
            // lock that keeps two daemons apart is the journal's.
            #[cfg(unix)]
            serial.set_exclusive(false)?;
            let _ = serial.clear(tokio_serial::ClearBuffer::Input);
            Ok(Connection::Serial(serial))
        }
        Endpoint::Tcp { address } => {
            let stream = timeout(wait, TcpStream::connect(address))
                .await
                .map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
            stream.set_nodelay(true)?;
            Ok(Connection::Tcp(stream))
        }
    }
}
