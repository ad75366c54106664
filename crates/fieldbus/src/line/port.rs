//! The owner of one port: one request at a time, and doubt whenever something else than
//! its answer arrives.

use super::wire::{self, Stray, Stream, Wire};
use super::{Exchange, Write};
use dutypoint_engine::config::{Endpoint, LineConfig};
use dutypoint_model::document::{Poll, Quality};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt as _;
use tokio::time::{sleep, sleep_until, timeout};
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
/// Longest time without a sign that requests and answers of a line are in step, if
/// nothing in its answers would show that they are not.
const UNSEEN: Duration = Duration::from_secs(10);

pub(super) struct Port {
    config: LineConfig,
    open: Option<Open>,
    /// A serial line on which a late answer may still arrive.
    tainted: bool,
    retry_at: Instant,
    back_off: Duration,
    /// When the line last carried a byte of ours or of an answer.
    quiet_since: Instant,
    /// Addresses read by each kind of request: where there are several, nothing in an RTU
    /// answer tells which of them it is from.
    asked: BTreeMap<Kind, BTreeSet<u16>>,
    /// Kinds of which an answer may still be under way.
    owed: BTreeSet<Kind>,
    /// Registers not known to be answered once.
    unproven: BTreeSet<Block>,
    /// Kind of the last request.
    last: Option<Kind>,
    /// When no answer but the one asked for can have been under way: the line had been
    /// silent for a whole timeout, or the answer was of another kind than the one before.
    in_step: Instant,
}

/// What an RTU answer says about its request: unit, function, number of registers.
type Kind = (u8, u8, u16);
/// Kind and address of a request.
type Block = (Kind, u16);

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
    pub(super) fn new(config: LineConfig) -> Self {
        let now = Instant::now();
        Self {
            config,
            open: None,
            tainted: false,
            retry_at: now,
            back_off: FIRST_BACK_OFF,
            quiet_since: now,
            asked: BTreeMap::new(),
            owed: BTreeSet::new(),
            unproven: BTreeSet::new(),
            last: None,
            in_step: now,
        }
    }

    pub(super) async fn read(&mut self, poll: &Poll) -> Exchange {
        let request = match poll.function {
            4 => Request::ReadInputRegisters(poll.address, poll.count),
            _ => Request::ReadHoldingRegisters(poll.address, poll.count),
        };
        let kind = (poll.unit_id, poll.function, poll.count);
        let block = (kind, poll.address);
        if self.asked.entry(kind).or_default().insert(poll.address) {
            self.unproven.insert(block);
        }
        let answer = self.call(poll.unit_id, request, Some(block)).await;
        let (quality, words) = match answer.result {
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
        if matches!(quality, Quality::Good | Quality::Exception(_)) {
            self.owed.remove(&kind);
            self.unproven.remove(&block);
        } else {
            self.owed.insert(kind);
        }
        Exchange {
            poll: poll.id,
            sent: answer.sent,
            received: answer.received,
            quality,
            words,
        }
    }

    pub(super) async fn write(&mut self, write: Write) -> Exchange {
        let request = Request::WriteSingleRegister(write.address, write.value);
        let answer = self.call(write.unit_id, request, None).await;
        let quality = match answer.result {
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
            sent: answer.sent,
            received: answer.received,
            quality,
            words: vec![write.value],
        }
    }

    async fn call(
        &mut self,
        unit_id: u8,
        request: Request<'static>,
        block: Option<Block>,
    ) -> Answer {
        if let Err(quality) = self.ready().await {
            return Answer::failed(quality);
        }
        let wait = self.patience();
        let Some(open) = &mut self.open else {
            return Answer::failed(Quality::Disconnected);
        };
        open.client.set_slave(Slave(unit_id));
        let sent = Instant::now();
        let answer = timeout(wait, open.client.call(request)).await;
        let received = Instant::now();
        self.quiet_since = received;
        let mut result = match answer {
            Ok(Ok(Ok(response))) => Ok(response),
            Ok(Ok(Err(exception))) => Err(Quality::Exception(exception.into())),
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
        if let Some(length) = answer_length(&result)
            && !self.stands_alone(length, block).await
        {
            result = Err(Quality::Garbled);
        }
        let kind = block.map(|(kind, _)| kind);
        if matches!(
            result,
            Err(Quality::Timeout | Quality::Garbled | Quality::Disconnected)
        ) {
            self.distrust();
        } else if kind.is_none() || kind != self.last {
            self.in_step = received;
        }
        self.last = kind;
        Answer {
            sent,
            received,
            result,
        }
    }

    /// Drops the connection; a serial line is also read empty before it is used again.
    fn distrust(&mut self) {
        if let Some(open) = self.open.take() {
            self.suspect(&open.wire.taken());
        }
        self.tainted = true;
    }

    /// Notes that `bytes` came where they should not. If they hold an answer of a device,
    /// one that was taken for it may have been another, and so may the next ones.
    fn suspect(&mut self, bytes: &[u8]) {
        for (kind, addresses) in &self.asked {
            if wire::holds_answer(bytes, kind.0) {
                let blocks = addresses.iter().map(|address| (*kind, *address));
                self.unproven.extend(blocks);
            }
        }
    }

    /// Brings the line to where a request may go out: open, silent since the last frame,
    /// and with nothing on it that came unasked, for that would pass for the answer.
    async fn ready(&mut self) -> Result<(), Quality> {
        let deadline = Instant::now() + self.patience();
        let mut renewed = false;
        let mut strays = Vec::new();
        loop {
            self.connect().await?;
            sleep_until((self.quiet_since + self.inter_frame_silence()).into()).await;
            // Lets the runtime learn what has arrived on a connection.
            tokio::task::yield_now().await;
            let Some(open) = &self.open else { continue };
            match open.wire.discard(&mut strays) {
                Stray::Nothing => {
                    if self.quiet_since.elapsed() >= self.patience() {
                        self.in_step = Instant::now();
                    }
                    return Ok(());
                }
                Stray::Discarded => {
                    self.quiet_since = Instant::now();
                    self.suspect(&strays);
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
            if Instant::now() > deadline {
                self.distrust();
                return Err(Quality::Garbled);
            }
        }
    }

    /// Whether an RTU answer of `length` bytes came alone: it did when, until the line
    /// fell silent, no more came than noise.
    ///
    /// Where an earlier answer of its kind is still owed and could be from another
    /// register, this may be that one; then its own follows, as late as the other was.
    /// So it may where its `block` is not known to be answered once.
    /// Where only requests of its kind have gone out for long, and no pause, each
    /// answer might be that to the request before; then its own follows in time.
    async fn stands_alone(&mut self, length: usize, block: Option<Block>) -> bool {
        let Endpoint::Rtu { .. } = self.config.endpoint else {
            // A transaction number says which answer is whose.
            return true;
        };
        let Some(wire) = self.open.as_ref().map(|open| open.wire.clone()) else {
            return true;
        };
        let listen = match block.filter(|(kind, _)| self.ambiguous(kind)) {
            // Requests of a device that loses them are at least half of this apart.
            Some(block) if self.owed.contains(&block.0) || self.unproven.contains(&block) => {
                Duration::from_millis(2 * (self.config.timeout_ms + self.config.quarantine_ms))
            }
            Some(_) if self.in_step.elapsed() > UNSEEN => self.patience(),
            _ => Duration::ZERO,
        };
        let begin = Instant::now();
        let mut arrived = wire.arrived();
        loop {
            if arrived >= length + SHORTEST {
                return false;
            }
            sleep(self.inter_frame_silence()).await;
            let now = wire.arrived();
            if now == arrived && begin.elapsed() >= listen {
                return true;
            }
            if now != arrived {
                self.quiet_since = Instant::now();
            }
            arrived = now;
        }
    }

    fn ambiguous(&self, kind: &Kind) -> bool {
        self.asked.get(kind).is_some_and(|all| all.len() > 1)
    }

    /// How long an answer is waited for.
    fn patience(&self) -> Duration {
        Duration::from_millis(self.config.timeout_ms)
    }

    async fn connect(&mut self) -> Result<(), Quality> {
        if self.open.is_some() {
            return Ok(());
        }
        sleep_until(self.retry_at.into()).await;
        let wait = self.patience();
        let Ok(mut stream) = wire::open(&self.config.endpoint, wait).await else {
            return Err(self.gone());
        };
        if self.tainted
            && let Stream::Serial(serial) = &mut stream
        {
            let silence = Duration::from_millis(self.config.quarantine_ms);
            // A device that never stops talking must not keep the line from saying so.
            let give_up = Instant::now() + wait + 3 * silence;
            let mut waste = [0; 256];
            while let Ok(read) = timeout(silence, serial.read(&mut waste)).await {
                if !matches!(read, Ok(count) if count > 0) {
                    return Err(self.gone());
                }
                if Instant::now() > give_up {
                    return Err(Quality::Garbled);
                }
            }
        }
        self.tainted = false;
        self.back_off = FIRST_BACK_OFF;
        let wire = Wire::new(stream);
        let client = match self.config.endpoint {
            Endpoint::Rtu { .. } => rtu::attach(wire.clone()),
            Endpoint::Tcp { .. } => tcp::attach(wire.clone()),
        };
        self.open = Some(Open { client, wire });
        Ok(())
    }

    /// Notes that the port is not there; it is tried again ever more rarely.
    fn gone(&mut self) -> Quality {
        self.retry_at = Instant::now() + self.back_off;
        self.back_off = (self.back_off * 2).min(BACK_OFF);
        Quality::Disconnected
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

/// Length of the RTU frame of an answer that a device gave; none where none came.
fn answer_length(result: &Result<Response, Quality>) -> Option<usize> {
    match result {
        Ok(Response::ReadHoldingRegisters(words) | Response::ReadInputRegisters(words)) => {
            Some(5 + 2 * words.len())
        }
        Ok(_) => Some(8),
        Err(Quality::Exception(_)) => Some(5),
        Err(_) => None,
    }
}
