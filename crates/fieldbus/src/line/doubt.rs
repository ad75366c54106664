//! What is known of whose answer is whose on a line without transaction numbers.
//!
//! Contract: an answer may be handed on when no other answer can have been taken for it:
//! one that is still owed, one that is given twice, one to the request before.

use super::wire;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Longest time without a sign that requests and answers of a line are in step, if
/// nothing in its answers would show that they are not.
const UNSEEN: Duration = Duration::from_secs(10);

/// What an RTU answer says about its request: unit, function, number of registers.
pub(super) type Kind = (u8, u8, u16);
/// Kind and address of a request.
pub(super) type Block = (Kind, u16);

pub(super) struct Doubt {
    /// Addresses read by each kind of request: where there are several, nothing in an RTU
    /// answer tells which of them it is from.
    asked: BTreeMap<Kind, BTreeSet<u16>>,
    /// Kinds of which an answer may still be under way.
    owed: BTreeSet<Kind>,
    /// Registers not known to be answered once.
    unproven: BTreeSet<Block>,
    /// Registers read by the only request of their kind, whose device gave another answer
    /// than the one that counted: two devices may have the same unit.
    contested: BTreeSet<Block>,
    /// Kind of the last request.
    last: Option<Kind>,
    /// When no answer but the one asked for can have been under way: the line had been
    /// silent for a whole timeout, or the answer was of another kind than the one before.
    in_step: Instant,
}

/// How long to listen whether a second answer follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listen {
    /// Until the line is silent.
    Silence,
    /// As long as an answer is waited for.
    Patience,
    /// Until no request that was lost can still be answered.
    Long,
}

impl Doubt {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            asked: BTreeMap::new(),
            owed: BTreeSet::new(),
            unproven: BTreeSet::new(),
            contested: BTreeSet::new(),
            last: None,
            in_step: now,
        }
    }

    /// Notes that `block` is going to be asked for.
    pub(super) fn ask(&mut self, (kind, address): Block) {
        if self.asked.entry(kind).or_default().insert(address) {
            self.unproven.insert((kind, address));
        }
    }

    /// Notes that the line has been silent for a whole timeout.
    pub(super) fn silent(&mut self) {
        self.in_step = Instant::now();
    }

    /// Notes that `bytes` came where they should not; `before` is what the answer before
    /// came as. If they hold an answer of a device, one that was taken for it may have been
    /// another, and so may the next ones. The same bytes once more say nothing else than
    /// they did, where no other request of their kind could be meant.
    pub(super) fn suspect(&mut self, bytes: &[u8], before: &[u8]) {
        for (kind, addresses) in &self.asked {
            if !wire::holds_answer(bytes, kind.0) {
                continue;
            }
            let blocks = addresses.iter().map(|address| (*kind, *address));
            if addresses.len() >= 2 {
                self.unproven.extend(blocks);
            } else if bytes != before {
                self.contested.extend(blocks);
            }
        }
    }

    /// How long to listen before the answer to `block` counts.
    ///
    /// Where an earlier answer of its kind is still owed and could be from another
    /// register, this may be that one; then its own follows, as late as the other was.
    /// So it may where its block is not known to be answered once, or was answered by two.
    /// Where only requests of its kind have gone out for long, and no pause, each
    /// answer might be that to the request before; then its own follows in time.
    pub(super) fn listen(&self, block: Option<Block>) -> Listen {
        let Some((kind, _)) = block else {
            return Listen::Silence;
        };
        if block.is_some_and(|b| self.contested.contains(&b)) {
            return Listen::Long;
        }
        if self.asked.get(&kind).is_none_or(|all| all.len() < 2) {
            return Listen::Silence;
        }
        if self.owed.contains(&kind) || block.is_some_and(|b| self.unproven.contains(&b)) {
            Listen::Long
        } else if self.in_step.elapsed() > UNSEEN {
            Listen::Patience
        } else {
            Listen::Silence
        }
    }

    /// Notes that the request for `block`, or a write, was answered, by `trusted` words or
    /// an exception, or not.
    pub(super) fn answered(&mut self, block: Option<Block>, trusted: bool) {
        let kind = block.map(|(kind, _)| kind);
        if let (Some(block), Some(kind)) = (block, kind) {
            if trusted {
                self.owed.remove(&kind);
                self.unproven.remove(&block);
                self.contested.remove(&block);
            } else {
                self.owed.insert(kind);
            }
        }
        if trusted && (kind.is_none() || kind != self.last) {
            self.in_step = Instant::now();
        }
        self.last = kind;
    }
}
