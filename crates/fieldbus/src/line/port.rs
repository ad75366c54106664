//! The owner of one port: one request at a time, and doubt whenever something else than
//! its answer arrives.

mod ascii;

use super::doubt::{Block, Doubt, Listen};
use super::schedule::Turn;
use super::wire::{self, Stray, Wire};
use super::{Exchange, LineSetup, Write};

use crate::{Alarm, Timer};
use dutypoint_engine::config::{Endpoint, LineConfig};
use dutypoint_model::document::{Message, Quality};
use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};
use tokio::io::AsyncReadExt as _;
use tokio::time::{sleep_until, timeout};
use tokio_modbus::client::{Client as _, Context, rtu, tcp};
use tokio_modbus::slave::{Slave, SlaveContext as _};
use tokio_modbus::{Request, Response};

/// First wait before a port that did not open is tried again.
const FIRST_BACK_OFF: Duration = Duration::from_millis(50);
/// Longest wait between attempts to open a port again.
const BACK_OFF: Duration = Duration::from_secs(2);
/// Bytes of the shortest RTU answer, the exception. Fewer bytes beside an answer are
/// noise of the line, such as a driver leaves that is switched off; as many may be
/// another answer.
const SHORTEST: usize = 5;
/// Silence between frames above 19200 baud, by the specification.
const FAST_GAP: Duration = Duration::from_micros(1750);
/// Requests without any answer after which a serial port is closed and opened anew, as
/// some USB converters need it.
const STUCK: u32 = 10;

pub(super) struct Port {
    config: LineConfig,
    open: Option<Open>,
    /// A line without transaction numbers on which a late answer may still arrive.
    tainted: bool,
    retry_at: Instant,
    back_off: Duration,
    /// Requests in a row that nothing answered.
    unanswered: u32,
    /// When the line last carried a byte of ours or of an answer.
    quiet_since: Instant,
    /// How long the next request must wait after that.
    rest: Duration,
    /// Silence that separates frames.
    frame_gap: Duration,
    /// Rest after a request, of the line and of units that need another.
    pause: Duration,
    pauses: BTreeMap<u8, Duration>,
    /// What polls ask for in place of registers.
    messages: BTreeMap<u16, Message>,
    /// None where transaction numbers leave no doubt.
    doubt: Option<Doubt>,
    alarm: Alarm,
}

struct Open {
    client: Context,
    wire: Wire,
}

/// What came of a request, and when.
struct Answer {
    sent: Instant,
    received: Instant,
    result: Result<Response, Quality>,
}

impl Answer {
    fn failed(quality: Quality) -> Self {
        let now = Instant::now();
        Self {
            sent: now,
            received: now,
            result: Err(quality),
        }
    }
}

impl Port {
    pub(super) fn new(setup: &LineSetup, timer: &Timer) -> Self {
        let now = Instant::now();
        let config = setup.config.clone();
        let pauses = setup.devices.iter();
        Self {
            doubt: (!matches!(config.endpoint, Endpoint::Tcp { .. })).then(|| Doubt::new(now)),
            frame_gap: frame_gap(&config),
            pause: Duration::from_millis(config.pause_ms),
            config,
            open: None,
            tainted: false,
            retry_at: now,
            back_off: FIRST_BACK_OFF,
            unanswered: 0,
            quiet_since: now,
            rest: Duration::ZERO,
            pauses: pauses.filter_map(|d| Some((d.unit_id, d.pause?))).collect(),
            messages: (setup.polls.iter())
                .filter_map(|p| Some((p.id, p.message.clone()?)))
                .collect(),
            alarm: timer.alarm(),
        }
    }

    /// Whether the port is open, as far as is known.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(super) async fn read(&mut self, turn: &Turn) -> Exchange {
        let ask = turn.ask;
        if let Some(message) = self.messages.get(&ask.poll).cloned() {
            return self.converse(&message, turn).await;
        }
        let request = match ask.function {
            4 => Request::ReadInputRegisters(ask.address, ask.count),
            _ => Request::ReadHoldingRegisters(ask.address, ask.count),
        };
        let block = ((ask.unit_id, ask.function, ask.count), ask.address);
        if let Some(doubt) = &mut self.doubt {
            doubt.ask(block);
        }
        let answer = self
            .call(ask.unit_id, request, Some(block), turn.patience, turn.probe)
            .await;
        let (quality, words) = match answer.result {
            Ok(Response::ReadHoldingRegisters(words) | Response::ReadInputRegisters(words)) => {
                // The client hands a shorter answer on as a good one.
                if words.len() == usize::from(ask.count) {
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
        if let Some(doubt) = &mut self.doubt {
            let trusted = matches!(quality, Quality::Good | Quality::Exception(_));
            doubt.answered(Some(block), trusted);
        }
        Exchange {
            poll: ask.poll,
            due: turn.due,
            sent: answer.sent,
            received: answer.received,
            quality,
            words,
        }
    }

    pub(super) async fn write(&mut self, write: Write) -> Exchange {
        let due = Instant::now();
        let Write { address, value, .. } = write;
        let request = match write.function {
            16 => Request::WriteMultipleRegisters(address, vec![value].into()),
            23 => Request::ReadWriteMultipleRegisters(address, 1, address, vec![value].into()),
            _ => Request::WriteSingleRegister(address, value),
        };
        let patience = Duration::from_millis(self.config.timeout_ms);
        let answer = self
            .call(write.unit_id, request, None, patience, false)
            .await;
        let mut words = vec![value];
        let quality = match (write.function, answer.result) {
            (6, Ok(Response::WriteSingleRegister(at, echo))) if (at, echo) == (address, value) => {
                Quality::Good
            }
            (16, Ok(Response::WriteMultipleRegisters(at, 1))) if at == address => Quality::Good,
            // What the register then holds; whether that is the demand its read-back tells.
            (23, Ok(Response::ReadWriteMultipleRegisters(held))) if held.len() == 1 => {
                words = held;
                Quality::Good
            }
            (_, Ok(_)) => {
                self.distrust();
                Quality::Garbled
            }
            (_, Err(quality)) => quality,
        };
        if let Some(doubt) = &mut self.doubt {
            doubt.answered(None, quality == Quality::Good);
        }
        Exchange {
            poll: write.poll,
            due,
            sent: answer.sent,
            received: answer.received,
            quality,
            words,
        }
    }

    async fn call(
        &mut self,
        unit_id: u8,
        request: Request<'static>,
        block: Option<Block>,
        patience: Duration,
        probe: bool,
    ) -> Answer {
        if !self.is_ready()
            && let Err(quality) = self.ready(patience).await
        {
            return Answer::failed(quality);
        }
        let Some(open) = &mut self.open else {
            return Answer::failed(Quality::Disconnected);
        };
        open.client.set_slave(Slave(unit_id));
        let sent = Instant::now();
        let answer = tokio::select! {
            biased;
            answer = open.client.call(request) => Some(answer),
            () = self.alarm.until(sent + patience) => None,
        };
        let received = Instant::now();
        self.quiet_since = received;
        self.rest = self.rest_after(unit_id);
        let mut result = match answer {
            Some(Ok(Ok(response))) => Ok(response),
            Some(Ok(Err(exception))) => Err(Quality::Exception(exception.into())),
            Some(Err(tokio_modbus::Error::Protocol(_))) => Err(Quality::Garbled),
            Some(Err(tokio_modbus::Error::Transport(error))) => Err(
                // A frame that cannot be decoded surfaces as invalid data; everything
                // else means the connection is gone, whatever its errno says.
                if error.kind() == std::io::ErrorKind::InvalidData {
                    Quality::Garbled
                } else {
                    Quality::Disconnected
                },
            ),
            None => Err(Quality::Timeout),
        };
        if self.doubt.is_some()
            && let Some(length) = answer_length(&result)
            && !self.stands_alone(length, block, patience).await
        {
            result = Err(Quality::Garbled);
        }
        match result {
            // A device that has been silent for long owes nothing but to its next probe,
            // whose listening finds out; the others need not wait for it.
            Err(Quality::Timeout) if probe && self.doubt.is_some() => self.start_over(),
            Err(Quality::Disconnected) => {
                self.distrust();
                self.open = None;
            }
            Err(Quality::Timeout | Quality::Garbled) => self.distrust(),
            _ => self.unanswered = 0,
        }
        Answer {
            sent,
            received,
            result,
        }
    }

    /// Nothing that still arrives is an answer: a connection is dropped, a line without
    /// transaction numbers is to be read empty before it is used again.
    fn distrust(&mut self) {
        self.tainted = true;
        if self.doubt.is_some() {
            self.start_over();
        } else {
            self.open = None;
        }
    }

    /// Forgets what of an answer has come, and goes on with the same open port, unless
    /// that has been of no use for long.
    fn start_over(&mut self) {
        self.unanswered += 1;
        let Some(Open { wire, .. }) = self.open.take() else {
            return;
        };
        if let Some(doubt) = &mut self.doubt {
            doubt.suspect(&wire.taken(), &[]);
        }
        if !self.unanswered.is_multiple_of(STUCK) {
            self.open = Some(self.attach(wire));
        }
    }

    fn attach(&self, wire: Wire) -> Open {
        let client = match self.config.endpoint {
            Endpoint::Rtu { .. } | Endpoint::RtuTcp { .. } => rtu::attach(wire.clone()),
            Endpoint::Tcp { .. } => tcp::attach(wire.clone()),
        };
        Open { client, wire }
    }

    /// Whether a request may go out at once: on a connection in order nothing else is needed.
    fn is_ready(&self) -> bool {
        let in_order = self.doubt.is_none() && !self.tainted && self.rest.is_zero();
        let mut none = Vec::new();
        in_order
            && self
                .open
                .as_ref()
                .is_some_and(|open| open.wire.discard(&mut none) == Stray::Nothing)
    }

    /// Brings the line to where a request may go out: open, silent since the last frame,
    /// and with nothing on it that came unasked, for that would pass for the answer.
    async fn ready(&mut self, patience: Duration) -> Result<(), Quality> {
        let mut deadline = None;
        let mut renewed = false;
        let mut strays = Vec::new();
        loop {
            self.connect(patience).await?;
            if !self.rest.is_zero() {
                self.alarm.until(self.quiet_since + self.rest).await;
            }
            let Some(open) = &self.open else { continue };
            let before = match &self.doubt {
                Some(_) => open.wire.taken(),
                None => Vec::new(),
            };
            match open.wire.discard(&mut strays) {
                Stray::Nothing => {
                    if let Some(doubt) = &mut self.doubt
                        && self.quiet_since.elapsed() >= patience
                    {
                        doubt.silent();
                    }
                    return Ok(());
                }
                Stray::Discarded => {
                    self.quiet_since = Instant::now();
                    if let Some(doubt) = &mut self.doubt {
                        doubt.suspect(&strays, &before);
                    }
                }
                // An instrument that closes idle connections has lost no answer of ours;
                // one that closes every connection at once is not there.
                Stray::Closed => {
                    self.open = None;
                    if renewed {
                        return Err(self.gone());
                    }
                    renewed = true;
                }
            }
            let now = Instant::now();
            if now > *deadline.get_or_insert(now + patience) {
                self.distrust();
                return Err(Quality::Garbled);
            }
        }
    }

    /// Whether an RTU answer of `length` bytes came alone: it did when, until the line
    /// fell silent, no more came than noise, and nothing leaves doubt whose it is.
    async fn stands_alone(
        &mut self,
        length: usize,
        block: Option<Block>,
        patience: Duration,
    ) -> bool {
        let Some(wire) = self.open.as_ref().map(|open| open.wire.clone()) else {
            return true;
        };
        let listen = match self.doubt.as_ref().map(|doubt| doubt.listen(block)) {
            // Requests of a device that loses them are less than this apart: the wait for
            // what is overdue, then a quarantine. So are its answers, however late.
            Some(Listen::Long) => {
                2 * patience + 4 * Duration::from_millis(self.config.quarantine_ms)
            }
            Some(Listen::Patience) => patience,
            Some(Listen::Silence) | None => Duration::ZERO,
        };
        let begin = self.quiet_since;
        let mut gap = self.frame_gap;
        if !listen.is_zero() {
            gap = gap.max(FAST_GAP);
        }
        let mut arrived = wire.arrived();
        loop {
            if arrived >= length + SHORTEST {
                return false;
            }
            self.alarm.until(self.quiet_since + gap).await;
            let now = wire.arrived();
            if now == arrived && begin.elapsed() >= listen {
                return true;
            }
            // Also where nothing came: the next look is a gap later.
            self.quiet_since = Instant::now();
            arrived = now;
        }
    }

    async fn connect(&mut self, patience: Duration) -> Result<(), Quality> {
        if self.open.is_none() {
            sleep_until(self.retry_at.into()).await;
            let Ok(stream) = wire::open(&self.config.endpoint, patience).await else {
                return Err(self.gone());
            };
            self.back_off = FIRST_BACK_OFF;
            self.open = Some(self.attach(Wire::new(stream, self.config.echo)));
        }
        if self.tainted {
            self.quarantine(patience).await?;
            self.tainted = false;
        }
        Ok(())
    }

    /// Reads a line without transaction numbers empty until it has been silent for long
    /// enough that no answer can still be under way.
    async fn quarantine(&mut self, patience: Duration) -> Result<(), Quality> {
        let wire = self.open.as_ref().map(|open| open.wire.clone());
        let (Some(mut wire), true) = (wire, self.doubt.is_some()) else {
            return Ok(());
        };
        let silence = Duration::from_millis(self.config.quarantine_ms);
        // A device that never stops talking must not keep the line from saying so.
        let give_up = Instant::now() + patience + 3 * silence;
        let mut waste = [0; 256];
        while let Ok(read) = timeout(silence, wire.read(&mut waste)).await {
            self.quiet_since = Instant::now();
            if !matches!(read, Ok(count) if count > 0) {
                self.open = None;
                return Err(self.gone());
            }
            if Instant::now() > give_up {
                return Err(Quality::Garbled);
            }
        }
        Ok(())
    }

    /// Notes that the port is not there; it is tried again ever more rarely, and not by
    /// all lines at the same moment.
    fn gone(&mut self) -> Quality {
        let nanos = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |d| d.subsec_nanos());
        let jitter = self.back_off / 4 * (nanos % 1024) / 1024;
        self.retry_at = Instant::now() + self.back_off + jitter;
        self.back_off = (self.back_off * 2).min(BACK_OFF);
        Quality::Disconnected
    }

    /// Silence the line needs after a request to `unit_id`.
    fn rest_after(&self, unit_id: u8) -> Duration {
        let pause = self.pauses.get(&unit_id).copied().unwrap_or(self.pause);
        pause.max(self.frame_gap)
    }
}

/// Silence that separates frames: 3.5 characters, 1.75 ms above 19200 baud.
fn frame_gap(config: &LineConfig) -> Duration {
    if let Some(micros) = config.frame_gap_us {
        return Duration::from_micros(micros);
    }
    match config.endpoint {
        Endpoint::Rtu { baud, .. } if baud <= 19200 => {
            Duration::from_secs_f64(3.5 * 11.0 / f64::from(baud.max(1)))
        }
        Endpoint::Rtu { .. } | Endpoint::RtuTcp { .. } => FAST_GAP,
        Endpoint::Tcp { .. } => Duration::ZERO,
    }
}

/// Length of the RTU frame of an answer that a device gave; none where none came.
fn answer_length(result: &Result<Response, Quality>) -> Option<usize> {
    match result {
        Ok(
            Response::ReadHoldingRegisters(words)
            | Response::ReadInputRegisters(words)
            | Response::ReadWriteMultipleRegisters(words),
        ) => Some(5 + 2 * words.len()),
        Ok(_) => Some(8),
        Err(Quality::Exception(_)) => Some(5),
        Err(_) => None,
    }
}
