//! Lines of text that are asked for and answered.
//!
//! Contract: an answer counts when it is one whole message of the profile and nothing came
//! with it. What arrived before the request is discarded, and after an answer that is lost
//! or broken the line is read until it has been silent for its quarantine.

use super::{Exchange, Port, Turn};
use dutypoint_model::document::{Broken, Message, Quality, packed};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Least silence behind an answer that shows that it came alone.
const ALONE: Duration = Duration::from_micros(1750);

impl Port {
    /// Asks for a message.
    pub(super) async fn converse(&mut self, message: &Message, turn: &Turn) -> Exchange {
        let begin = Instant::now();
        let mut exchange = Exchange {
            poll: turn.ask.poll,
            due: turn.due,
            sent: begin,
            received: begin,
            quality: Quality::Disconnected,
            words: Vec::new(),
        };
        if let Err(quality) = self.ready(turn.patience).await {
            let now = Instant::now();
            (exchange.sent, exchange.received) = (now, now);
            exchange.quality = quality;
            return exchange;
        }
        exchange.sent = Instant::now();
        let answer = self.answer(message, exchange.sent + turn.patience).await;
        exchange.received = Instant::now();
        self.quiet_since = exchange.received;
        self.rest = self.rest_after(turn.ask.unit_id);
        let checked = match answer {
            Ok(bytes) => self.alone(message, bytes).await,
            Err(quality) => Err(quality),
        };
        match checked {
            Ok(bytes) => {
                self.unanswered = 0;
                exchange.words = packed(&bytes);
                exchange.quality = Quality::Good;
            }
            Err(quality) => {
                self.distrust();
                if quality == Quality::Disconnected {
                    self.open = None;
                }
                exchange.quality = quality;
            }
        }
        exchange
    }

    /// Sends the request and reads until the answer may be whole.
    async fn answer(&mut self, message: &Message, end: Instant) -> Result<Vec<u8>, Quality> {
        let wire = self.open.as_ref().map(|open| open.wire.clone());
        let mut wire = wire.ok_or(Quality::Disconnected)?;
        let send = message.send.as_ref().map_or(&[][..], |bytes| &bytes.0);
        let sent = tokio::select! {
            biased;
            sent = wire.write_all(send) => sent.map_err(|_| Quality::Disconnected),
            () = self.alarm.until(end) => Err(Quality::Timeout),
        };
        sent?;
        let mut bytes = Vec::new();
        let mut chunk = [0; 256];
        while !complete(message, &bytes) {
            let read = tokio::select! {
                biased;
                read = wire.read(&mut chunk) => read,
                () = self.alarm.until(end) => {
                    return Err(match bytes.is_empty() {
                        true => Quality::Timeout,
                        // It began and never ended.
                        false => Quality::WrongLength,
                    });
                }
            };
            match read {
                Ok(count) if count > 0 => {
                    bytes.extend(chunk.iter().take(count));
                }
                _ => return Err(Quality::Disconnected),
            }
        }
        Ok(bytes)
    }

    /// The answer, if it is whole and until the line fell silent nothing followed it.
    async fn alone(&mut self, message: &Message, bytes: Vec<u8>) -> Result<Vec<u8>, Quality> {
        let ends = &*message.ends.0;
        let first = bytes.windows(ends.len().max(1)).position(|w| w == ends);
        if message.length.is_none() && first.is_some_and(|at| at + ends.len() < bytes.len()) {
            // Two answers: nobody can say which of them is the one.
            return Err(Quality::Garbled);
        }
        message.holds(&bytes).map_err(|broken| match broken {
            Broken::Length => Quality::WrongLength,
            Broken::Content => Quality::Garbled,
        })?;
        let gap = self.frame_gap.max(ALONE);
        self.alarm.until(self.quiet_since + gap).await;
        let followed = self
            .open
            .as_ref()
            .is_some_and(|open| open.wire.arrived() > bytes.len());
        if followed {
            return Err(Quality::Garbled);
        }
        Ok(bytes)
    }
}

/// Whether nothing more need be waited for: the message has ended, or is too long.
fn complete(message: &Message, bytes: &[u8]) -> bool {
    let most = usize::from(message.most);
    let ended = message.length.is_none() && bytes.ends_with(&message.ends.0);
    bytes.len() >= most || (ended && !bytes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dutypoint_model::digest::Bytes;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..40), most in 0u16..30, length in any::<Option<u16>>()) {
            let ends = Bytes(b"\r".to_vec());
            let message = Message { ends, most, length, ..Message::default() };
            let _ = complete(&message, &bytes);
            let _ = message.holds(&bytes);
        }
    }
}
