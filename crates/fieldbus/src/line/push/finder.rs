//! Whole messages in a stream of bytes.

use dutypoint_model::document::{Message, Quality};
use std::collections::VecDeque;
use std::time::Instant;

/// What was found in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A whole message behind another.
    Whole {
        bytes: Vec<u8>,
        /// Its first byte cannot have come before.
        from: Instant,
    },
    /// What stood where a message had to begin was none.
    Broken(Quality),
    /// Bytes before it is known where messages begin.
    Noise {
        /// Among them one that looks like a message that was cut.
        cut: bool,
    },
}

/// Looks for messages in what comes.
pub(super) struct Finder {
    message: Message,
    /// What has come and is not judged, each with the moment it cannot have come before.
    held: VecDeque<(u8, Instant)>,
    /// The last message ended where the held bytes begin.
    in_step: bool,
}

/// What the held bytes begin with.
enum Front {
    Whole(usize),
    /// It cannot be told yet.
    Begun,
    /// No message; and whether it looks like one that was cut.
    Nothing {
        cut: bool,
    },
}

impl Finder {
    pub(super) fn new(message: Message) -> Self {
        Self {
            message,
            held: VecDeque::new(),
            in_step: false,
        }
    }

    /// Forgets what has come. Whether a message had begun in step.
    pub(super) fn restart(&mut self) -> bool {
        let begun = self.in_step && !self.held.is_empty();
        self.held.clear();
        self.in_step = false;
        begun
    }

    /// Takes `bytes`, none of which came before `from`.
    pub(super) fn feed(&mut self, bytes: &[u8], from: Instant) -> Vec<Found> {
        self.held.extend(bytes.iter().map(|byte| (*byte, from)));
        let mut found = Vec::new();
        while !self.held.is_empty() {
            match self.front() {
                Front::Begun => break,
                Front::Whole(length) => {
                    let taken: Vec<(u8, Instant)> = self.held.drain(..length).collect();
                    let first = taken.first().map(|(_, from)| *from);
                    // One by itself may be made of the parts of two: it shows where the
                    // next begins, no more.
                    if let (true, Some(from)) = (self.in_step, first) {
                        let bytes = taken.into_iter().map(|(byte, _)| byte).collect();
                        found.push(Found::Whole { bytes, from });
                    }
                    self.in_step = true;
                }
                Front::Nothing { cut } => {
                    if self.in_step {
                        found.push(Found::Broken(if cut {
                            Quality::WrongLength
                        } else {
                            Quality::Garbled
                        }));
                    } else if let Some(Found::Noise { cut: before }) = found.last_mut() {
                        *before |= cut;
                    } else {
                        found.push(Found::Noise { cut });
                    }
                    self.in_step = false;
                    self.held.pop_front();
                }
            }
        }
        found
    }

    fn front(&mut self) -> Front {
        let held: Vec<u8> = self.held.iter().map(|(byte, _)| *byte).collect();
        let message = &self.message;
        let (begins, ends) = (&*message.begins.0, &*message.ends.0);
        let known = held.len().min(begins.len());
        if held.get(..known) != begins.get(..known) {
            return Front::Nothing { cut: false };
        }
        let most = usize::from(message.most);
        // Where it ends, if it is a message.
        let end = match message.length {
            Some(length) => Some(usize::from(length)).filter(|end| (1..=held.len()).contains(end)),
            None => position(&held, ends, begins.len()).map(|at| at + ends.len()),
        };
        let again = position(&held, begins, begins.len().max(1));
        match end.and_then(|end| Some((end, held.get(..end)?))) {
            Some((end, own)) => {
                // A line of text that begins twice lost its end.
                let text = message.length.is_none();
                let twice = text && again.is_some_and(|at| at < end);
                let body = own
                    .get(begins.len()..end.saturating_sub(ends.len()))
                    .unwrap_or_default();
                let strange = text && !body.iter().all(|b| (b' '..=b'~').contains(b));
                if message.holds(own).is_ok() && !twice && !strange {
                    Front::Whole(end)
                } else {
                    Front::Nothing {
                        cut: again.is_some_and(|at| at < end),
                    }
                }
            }
            None if held.len() >= most => Front::Nothing {
                cut: again.is_some(),
            },
            None => Front::Begun,
        }
    }
}

/// Where `wanted` stands in `bytes`, from `first` on.
fn position(bytes: &[u8], wanted: &[u8], first: usize) -> Option<usize> {
    let at = bytes.get(first..)?;
    let at = at.windows(wanted.len().max(1)).position(|w| w == wanted)?;
    Some(first + at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::push::example;
    use dutypoint_model::digest::Bytes;
    use dutypoint_model::document::{Checksum, ChecksumKind, Written};
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    /// A line of text with a checksum and no fixed length.
    fn text() -> Message {
        Message {
            begins: Bytes(b"$T,".to_vec()),
            ends: Bytes(b"\r\n".to_vec()),
            most: 40,
            checksum: Some(Checksum {
                kind: ChecksumKind::Crc16,
                written: Written::Hex,
                from: 0,
            }),
            ..Message::default()
        }
    }

    /// The n-th message.
    fn nth(message: &Message, n: u16) -> Vec<u8> {
        let mut bytes = message.begins.0.clone();
        match message.length {
            Some(_) => bytes.extend([0xAA, n.to_be_bytes()[0], n.to_be_bytes()[1], 0x0D]),
            None => bytes.extend(format!("{}", 10 + u32::from(n) * 7).bytes()),
        }
        if let Some(sum) = message.checksum {
            bytes.extend(sum.of(&bytes));
        }
        bytes.extend(&message.ends.0);
        bytes
    }

    fn wholes(found: &[Found]) -> Vec<Vec<u8>> {
        let whole = found.iter().filter_map(|found| match found {
            Found::Whole { bytes, .. } => Some(bytes.clone()),
            _ => None,
        });
        whole.collect()
    }

    #[test]
    fn after_a_missed_beginning_the_second_whole_message_counts_and_each_after_it() {
        for message in [example(), text()] {
            let all: Vec<Vec<u8>> = (0..5).map(|n| nth(&message, n)).collect();
            let stream = all.concat();
            let mut finder = Finder::new(message);
            let found = finder.feed(&stream[3..], Instant::now());
            assert_eq!(wholes(&found), all[2..]);
            let broken = |f: &Found| matches!(f, Found::Broken(_));
            assert!(!found.iter().any(broken), "nothing was lost on the line");
        }
    }

    #[test]
    fn two_messages_that_run_into_each_other_are_none_and_are_told() {
        for message in [example(), text()] {
            let all: Vec<Vec<u8>> = (0..7).map(|n| nth(&message, n)).collect();
            let mut stream = all[..2].concat();
            // The first half of one, the second of the next: what the line lost lies between.
            stream.extend(&all[2][..5]);
            stream.extend(&all[3][3..]);
            stream.extend(all[4..].concat());
            let mut finder = Finder::new(message);
            let found = finder.feed(&stream, Instant::now());
            assert_eq!(wholes(&found), [&all[1..2], &all[5..]].concat());
            let told = found.iter().filter(|f| matches!(f, Found::Broken(_)));
            assert_eq!(told.count(), 1);
        }
    }

    #[test]
    fn a_message_that_was_cut_has_the_wrong_length() {
        for message in [example(), text()] {
            let all: Vec<Vec<u8>> = (0..4).map(|n| nth(&message, n)).collect();
            let cut = &all[1][..all[1].len() - 3];
            let stream = [&all[0], cut, &all[2], &all[3]].concat();
            let mut finder = Finder::new(message);
            let found = finder.feed(&stream, Instant::now());
            assert!(found.contains(&Found::Broken(Quality::WrongLength)));
            assert_eq!(wholes(&found), all[3..]);
        }
    }

    #[test]
    fn noise_is_never_a_message() {
        let mut finder = Finder::new(example());
        let noise: Vec<u8> = (0..5000u32).map(|n| (n * 197 % 251) as u8).collect();
        let found = finder.feed(&noise, Instant::now());
        assert_eq!(wholes(&found), Vec::<Vec<u8>>::new());
        assert!(matches!(found[..], [Found::Noise { .. }]));
        assert!(!finder.restart());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..30), 0..10),
            begins in prop::collection::vec(any::<u8>(), 0..3),
            ends in prop::collection::vec(any::<u8>(), 0..3),
            length in any::<Option<u8>>(), most in any::<u8>(), from in any::<u16>(),
        ) {
            let message = Message {
                send: None,
                begins: Bytes(begins),
                ends: Bytes(ends),
                length: length.map(u16::from),
                most: u16::from(most),
                checksum: Some(Checksum { kind: ChecksumKind::Crc16, written: Written::Hex, from }),
            };
            let mut finder = Finder::new(message);
            for chunk in chunks {
                finder.feed(&chunk, Instant::now());
            }
        }

    }

    proptest! {
        // One hurt message in 65 536 has the right checksum all the same: always the same
        // cases, so that the test does not fail at a time for what no program can see.
        #![proptest_config(ProptestConfig { cases: 1000, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

        /// However the line hurts the stream and wherever it is cut into chunks: what is
        /// found was sent, in this order and never twice, and once the line is sound again
        /// all but the first come through.
        #[test]
        fn whatever_is_found_was_sent(
            hurts in prop::collection::vec((0usize..400, 0usize..20, prop::collection::vec(any::<u8>(), 0..6)), 0..6),
            chunk in 1usize..50,
            binary in any::<bool>(),
        ) {
            let message = if binary { example() } else { text() };
            let all: Vec<Vec<u8>> = (0..40).map(|n| nth(&message, n)).collect();
            let mut stream = all[..30].concat();
            for (at, lost, noise) in hurts {
                let at = at.min(stream.len());
                let end = (at + lost).min(stream.len());
                stream.splice(at..end, noise);
            }
            stream.extend(all[30..].concat());
            let mut finder = Finder::new(message);
            let mut found = Vec::new();
            for part in stream.chunks(chunk) {
                found.extend(finder.feed(part, Instant::now()));
            }
            let got = wholes(&found);
            let mut rest = all.iter();
            for one in &got {
                prop_assert!(rest.any(|sent| sent == one), "{one:?} was not sent, or not then");
            }
            // A cut one may swallow the first two of the sound ones.
            prop_assert!(got.ends_with(&all[33..]), "{got:?}");
        }
    }
}
