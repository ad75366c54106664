//! A line on which one instrument pushes its messages by itself.
//!
//! Contract: what is handed on came as one whole message, at the place where the message
//! before it ended, or after one that was whole; so the rest of one whose beginning was
//! missed, two that run into each other, and noise are never a reading. At each deadline the
//! next message that comes counts; the others between are read and forgotten. Nothing is
//! ever sent.

mod finder;

use super::{Exchange, LineSetup, wire};
use crate::Timer;
use dutypoint_engine::config::{Endpoint, LineConfig};
use dutypoint_model::document::{Quality, packed};
use finder::{Finder, Found};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt as _;
use tokio::sync::mpsc;
use wire::Wire;

/// First and longest wait before a port that did not open is tried again.
const BACK_OFF: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(2)];
/// Time the recorder may take over an exchange before what came meanwhile is old.
const LATE: Duration = Duration::from_millis(20);

/// The grid of deadlines, and what is known of the turn that runs.
struct Turn {
    poll: u16,
    period: Duration,
    patience: Duration,
    retries: u8,
    due: Instant,
    retried: u8,
    /// What is wrong with what has come since the last message, or the last deadline.
    cause: Option<Quality>,
}

impl Turn {
    /// Goes on to the next deadline of the grid that has not passed.
    fn go_on(&mut self, now: Instant) {
        self.retried = 0;
        self.cause = None;
        self.due += self.period;
        let behind = now.saturating_duration_since(self.due).as_nanos();
        match behind.checked_div(self.period.as_nanos()) {
            Some(missed) => self.due += self.period * u32::try_from(missed).unwrap_or(u32::MAX),
            None => self.due = now,
        }
    }

    fn failed(&self, quality: Quality) -> Exchange {
        let now = Instant::now();
        Exchange {
            poll: self.poll,
            due: self.due,
            sent: self.due.min(now),
            received: now,
            quality,
            words: Vec::new(),
        }
    }
}

/// Runs a line until nobody listens any more.
pub(super) async fn run<W>(
    setup: LineSetup,
    timer: Timer,
    mut queue: mpsc::Receiver<W>,
    out: mpsc::Sender<Exchange>,
) {
    let pushed = setup
        .polls
        .iter()
        .find_map(|p| Some((p, p.message.clone()?)));
    let Some((poll, message)) = pushed else {
        // Nothing is taken from it; a write has nobody to go to either.
        while queue.recv().await.is_some() {}
        return;
    };
    let own = setup.devices.iter().find(|d| d.unit_id == poll.unit_id);
    let line_wait = Duration::from_millis(setup.config.timeout_ms);
    let turn = Turn {
        poll: poll.id,
        period: Duration::from_secs_f64(f64::from(poll.period_ms) / 1e3 / setup.speed.max(1e-3)),
        patience: own.and_then(|d| d.timeout).unwrap_or(line_wait),
        retries: setup.config.retries,
        due: timer.origin(),
        retried: 0,
        cause: None,
    };
    let listener = Listener {
        finder: Finder::new(message),
        character: character(&setup.config),
        config: setup.config,
        turn,
        wire: None,
        retry_at: Instant::now(),
        back_off: BACK_OFF[0],
        empty_at: Instant::now(),
    };
    tokio::select! {
        () = listener.run(&timer, &out) => {}
        // Nobody can write here; the end of the queue is the end of the line.
        () = async { while queue.recv().await.is_some() {} } => {}
    }
}

/// Time of a character on the wire; none is known behind a serial server.
fn character(config: &LineConfig) -> Duration {
    match config.endpoint {
        Endpoint::Rtu { baud, .. } => Duration::from_secs(10) / baud.max(1),
        Endpoint::RtuTcp { .. } | Endpoint::Tcp { .. } => Duration::ZERO,
    }
}

struct Listener {
    config: LineConfig,
    finder: Finder,
    character: Duration,
    turn: Turn,
    wire: Option<Wire>,
    retry_at: Instant,
    back_off: Duration,
    /// When nothing that had come was left unread.
    empty_at: Instant,
}

/// What came of waiting for bytes.
enum Event {
    Bytes(usize),
    Closed,
    /// The deadline with its patience is over.
    Late,
}

impl Listener {
    async fn run(mut self, timer: &Timer, out: &mpsc::Sender<Exchange>) {
        let mut alarm = timer.alarm();
        let mut chunk = [0; 1024];
        loop {
            let Some(mut wire) = self.opened().await else {
                let exchange = self.turn.failed(Quality::Disconnected);
                self.turn.go_on(Instant::now());
                let next = self.retry_at.max(self.turn.due);
                if !self.hand_on(exchange, out).await {
                    return;
                }
                alarm.until(next).await;
                continue;
            };
            // What waits has come at any time since the line was last read empty.
            let waited = wire.arrived() > 0;
            let end = self.turn.due + self.turn.patience;
            let event = tokio::select! {
                biased;
                read = wire.read(&mut chunk) => match read {
                    Ok(count) if count > 0 => Event::Bytes(count),
                    _ => Event::Closed,
                },
                () = alarm.until(end) => Event::Late,
            };
            let now = Instant::now();
            let exchange = match event {
                Event::Bytes(count) => {
                    wire.forget();
                    let bytes = chunk.get(..count).unwrap_or_default();
                    let on_wire = self.character * u32::try_from(count).unwrap_or(u32::MAX);
                    let from = if waited {
                        self.empty_at
                    } else {
                        now.checked_sub(on_wire).unwrap_or(now)
                    };
                    let found = self.finder.feed(bytes, from);
                    if wire.arrived() == 0 {
                        self.empty_at = now;
                    }
                    self.back_off = BACK_OFF[0];
                    let exchange = self.came(found, now);
                    // A stream of nonsense that never pauses is late too.
                    exchange.or_else(|| (now >= end).then(|| self.late(now)))
                }
                Event::Closed => {
                    self.wire = None;
                    self.finder.restart();
                    self.wait_longer(now);
                    Some(self.turn.failed(Quality::Disconnected))
                }
                Event::Late => Some(self.late(now)),
            };
            if let Some(exchange) = exchange
                && !self.hand_on(exchange, out).await
            {
                return;
            }
        }
    }

    /// The turn that runs has come to nothing.
    fn late(&mut self, now: Instant) -> Exchange {
        let cause = if self.finder.restart() {
            // It began and never ended.
            Quality::WrongLength
        } else {
            self.turn.cause.unwrap_or(Quality::Timeout)
        };
        let exchange = self.turn.failed(cause);
        self.turn.go_on(now);
        exchange
    }

    /// A port that is not there, or closes at once, is tried ever more rarely.
    fn wait_longer(&mut self, now: Instant) {
        self.retry_at = now + self.back_off;
        self.back_off = (self.back_off * 2).min(BACK_OFF[1]);
    }

    /// What the last of `found` means to the turn that runs.
    fn came(&mut self, found: Vec<Found>, now: Instant) -> Option<Exchange> {
        let turn = &mut self.turn;
        let (mut whole, mut broken) = (None, None);
        for one in found {
            match one {
                // The freshest counts.
                Found::Whole { bytes, from } => {
                    whole = Some((bytes, from));
                    turn.cause = None;
                }
                Found::Broken(quality) => {
                    broken = Some(quality);
                    turn.cause = broken;
                }
                Found::Noise { cut: true } => turn.cause = Some(Quality::WrongLength),
                Found::Noise { cut: false } => {
                    turn.cause.get_or_insert(Quality::Garbled);
                }
            }
        }
        if now < turn.due {
            return None;
        }
        if let Some((bytes, from)) = whole {
            let exchange = Exchange {
                poll: turn.poll,
                due: turn.due,
                sent: from,
                received: now,
                quality: Quality::Good,
                words: packed(&bytes),
            };
            turn.go_on(now);
            return Some(exchange);
        }
        let quality = broken?;
        let exchange = turn.failed(quality);
        // As a request is asked again: the turn goes on, so often at most.
        if turn.retried < turn.retries {
            turn.retried += 1;
        } else {
            turn.go_on(now);
        }
        Some(exchange)
    }

    /// The open port; none if it does not open now.
    async fn opened(&mut self) -> Option<Wire> {
        if self.wire.is_none() && Instant::now() >= self.retry_at {
            match wire::open(&self.config.endpoint, self.turn.patience).await {
                Ok(stream) => {
                    self.wire = Some(Wire::new(stream, false));
                    self.empty_at = Instant::now();
                    self.finder.restart();
                }
                Err(_) => self.wait_longer(Instant::now()),
            }
        }
        self.wire.clone()
    }

    /// Whether somebody still listens. What came while the recorder was waited for is old.
    async fn hand_on(&mut self, exchange: Exchange, out: &mpsc::Sender<Exchange>) -> bool {
        let begin = Instant::now();
        let heard = out.send(exchange).await.is_ok();
        if begin.elapsed() > LATE
            && let Some(wire) = &self.wire
        {
            wire.discard(&mut Vec::new());
            self.finder.restart();
            self.empty_at = Instant::now();
        }
        heard
    }
}

/// A pushed message of an invented instrument.
#[cfg(test)]
fn example() -> dutypoint_model::document::Message {
    use dutypoint_model::digest::Bytes;
    use dutypoint_model::document::{Checksum, ChecksumKind, Message, Written};
    Message {
        begins: Bytes(vec![0xAA, 0x55]),
        ends: Bytes(vec![0x0D]),
        length: Some(9),
        most: 9,
        checksum: Some(Checksum {
            kind: ChecksumKind::Crc16,
            written: Written::Binary,
            from: 0,
        }),
        ..Message::default()
    }
}
