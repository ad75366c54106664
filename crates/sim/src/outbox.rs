//! Answers on their way to the master, at once, late, or no faster than a wire carries
//! them.
//!
//! Contract: whole frames, one after the other. A late answer keeps nobody waiting: on a
//! serial line the other devices answer meanwhile, as real ones do; a slow one holds up
//! what is behind it. A paced answer is handed over when its last bit would have come.

use dutypoint_engine::config::Parity;
use dutypoint_fieldbus::Alarm;
use std::time::{Duration, Instant};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;

/// Silence that ends a frame above 19200 bit/s, where the specification fixes it.
const FIXED_SILENCE: Duration = Duration::from_micros(1750);

/// The speed of a serial line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Time of one character, nanoseconds.
    character_ns: u64,
    /// From the end of a request to the begin of its answer.
    response: Duration,
}

impl Pace {
    /// A line of `baud` whose devices answer `response` after the request has ended, but
    /// not before the silence of 3.5 characters that ends it.
    pub(crate) fn new(baud: u32, parity: Parity, stop_bits: u8, response: Duration) -> Self {
        let parity_bits = u64::from(parity != Parity::None);
        let bits = 1 + 8 + parity_bits + u64::from(stop_bits);
        let character_ns = bits * 1_000_000_000 / u64::from(baud.max(1));
        let silence = if baud > 19_200 {
            FIXED_SILENCE
        } else {
            Duration::from_nanos(character_ns * 7 / 2)
        };
        Self {
            character_ns,
            response: response.max(silence),
        }
    }

    fn characters(&self, count: usize) -> Duration {
        Duration::from_nanos(self.character_ns.saturating_mul(count as u64))
    }
}

/// A frame and how long it takes.
#[derive(Debug)]
struct Outgoing {
    frame: Vec<u8>,
    /// Wait in the queue, before it and all behind it.
    hold: Duration,
    asked: Asked,
}

/// A request that has arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// When.
    pub(crate) at: Instant,
    /// Bytes of its frame.
    pub(crate) length: usize,
}

/// The way out of one line or connection.
#[derive(Clone, Debug)]
pub(crate) struct Outbox(mpsc::UnboundedSender<Outgoing>);

impl Outbox {
    /// Starts a task that writes to `writer` until every clone of the outbox is gone or
    /// the other side is, no faster than `pace`, kept by its alarm. Must be called within
    /// a Tokio runtime.
    pub(crate) fn new(
        mut writer: impl AsyncWrite + Unpin + Send + 'static,
        mut pace: Option<(Pace, Alarm)>,
    ) -> Self {
        let (sender, mut frames) = mpsc::unbounded_channel::<Outgoing>();
        tokio::spawn(async move {
            let mut free = Instant::now();
            while let Some(Outgoing { frame, hold, asked }) = frames.recv().await {
                if !hold.is_zero() {
                    tokio::time::sleep(hold).await;
                }
                if let Some((pace, alarm)) = &mut pace {
                    let heard = asked.at + pace.characters(asked.length);
                    free = (heard + pace.response).max(free) + pace.characters(frame.len());
                    alarm.until(free).await;
                }
                if writer.write_all(&frame).await.is_err() || writer.flush().await.is_err() {
                    // Nobody is left to tell: the master meets a dead connection.
                    return;
                }
            }
        });
        Self(sender)
    }

    /// Sends `frame` after a wall time; what is behind it waits where it `holds`.
    pub(crate) fn send(&self, frame: Vec<u8>, asked: Asked, after: Duration, holds: bool) {
        let sender = self.0.clone();
        let hold = if holds { after } else { Duration::ZERO };
        let outgoing = Outgoing { frame, hold, asked };
        let send = move || {
            // Fails only when the writer above has ended.
            drop(sender.send(outgoing));
        };
        if holds || after.is_zero() {
            send();
        } else {
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                send();
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_and_silence_are_those_of_the_specification() {
        // Serial line specification V1.02: 11 bits a character; 3.5 of them are 2.005 ms at
        // 19200, and 1.75 ms are fixed above.
        let slow = Pace::new(19_200, Parity::Even, 1, Duration::ZERO);
        assert_eq!(slow.character_ns, 572_916);
        assert_eq!(slow.response.as_micros(), 2005);
        let fast = Pace::new(115_200, Parity::None, 1, Duration::ZERO);
        assert_eq!(fast.characters(2).as_nanos(), 173_610);
        assert_eq!(fast.response, FIXED_SILENCE);
        let late = Pace::new(115_200, Parity::None, 1, Duration::from_millis(9));
        assert_eq!(late.response.as_millis(), 9);
        // No speed divides by nothing.
        assert!(Pace::new(0, Parity::None, 1, Duration::ZERO).character_ns > 0);
    }
}
