//! Whose each reading is, and the sums.

use crate::slave::{Entry, Fault, Log};
use crate::{Transport, polls};
use dutypoint_fieldbus::Exchange;
use dutypoint_model::document::{Poll, Quality};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

/// What came of a soak.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) exchanges: u64,
    pub(crate) good: u64,
    bad: BTreeMap<String, u64>,
    pub(crate) faults: BTreeMap<Fault, u64>,
    /// Readings that are another register's, another device's, or nobody's.
    misattributed: Vec<String>,
    /// Readings of their own register that answer an earlier request.
    older: Vec<String>,
    /// Absences with words, or requests without an exchange.
    pub(crate) unrecorded: u64,
}

impl Figures {
    pub(crate) fn add(&mut self, other: &Self) {
        self.exchanges += other.exchanges;
        self.good += other.good;
        self.unrecorded += other.unrecorded;
        for (cause, count) in &other.bad {
            *self.bad.entry(cause.clone()).or_default() += count;
        }
        for (fault, count) in &other.faults {
            *self.faults.entry(*fault).or_default() += count;
        }
        self.misattributed
            .extend(other.misattributed.iter().cloned());
        self.older.extend(other.older.iter().cloned());
    }

    pub(crate) fn faulty(&self) -> u64 {
        self.faults.values().sum()
    }

    /// What holds for every run of every transport.
    pub(crate) fn must_hold(&self, transport: Transport) {
        assert!(self.misattributed.is_empty(), "{transport:?}: {self}");
        assert!(self.older.is_empty(), "{transport:?}: {self}");
        assert_eq!(self.unrecorded, 0, "{transport:?}: {self}");
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} exchanges, {} faults, {} good, bad {:?}, faults {:?}, unrecorded {}, older {}, misattributed {}",
            self.exchanges,
            self.faulty(),
            self.good,
            self.bad,
            self.faults,
            self.unrecorded,
            self.older.len(),
            self.misattributed.len()
        )?;
        for case in self.misattributed.iter().chain(&self.older).take(8) {
            write!(f, "\n  {case}")?;
        }
        Ok(())
    }
}

/// Compares each exchange of a line with what its slave was asked.
pub(crate) struct Judge {
    polls: Vec<Poll>,
    log: Arc<Mutex<Log>>,
    pub(crate) figures: Figures,
}

impl Judge {
    pub(crate) fn new(log: Arc<Mutex<Log>>) -> Self {
        Self {
            polls: polls(),
            log,
            figures: Figures::default(),
        }
    }

    pub(crate) fn see(&mut self, exchange: &Exchange) {
        self.figures.exchanges += 1;
        if exchange.quality != Quality::Good {
            *self
                .figures
                .bad
                .entry(exchange.quality.to_string())
                .or_default() += 1;
            self.figures.unrecorded += u64::from(!exchange.words.is_empty());
            return;
        }
        self.figures.good += 1;
        let poll = &self.polls[usize::from(exchange.poll)];
        let own = |entry: &Entry| {
            let asked = entry.asked;
            (asked.unit, asked.function, asked.address, asked.count)
                == (poll.unit_id, poll.function, poll.address, poll.count)
        };
        let log = self.log.lock().unwrap();
        let mut said = log.entries.iter().enumerate().rev();
        let Some((nth, entry)) = said.find(|(_, entry)| entry.words == exchange.words) else {
            let case = format!("nobody's: {exchange:?}");
            self.figures.misattributed.push(case);
            return;
        };
        let in_time = (exchange.sent..=exchange.received).contains(&entry.at);
        if own(entry) && in_time {
            return;
        }
        let around: Vec<String> = log
            .entries
            .iter()
            .skip(nth.saturating_sub(3))
            .map(|e| {
                let at = e.at.saturating_duration_since(log.entries[nth].at);
                format!("+{at:?} {:?} {:?}", e.asked, e.fault)
            })
            .take(12)
            .collect();
        let case = format!(
            "poll {} unit {} function {} address {} sent +{:?} received +{:?} shows request {around:#?}",
            exchange.poll,
            poll.unit_id,
            poll.function,
            poll.address,
            exchange.sent.saturating_duration_since(entry.at),
            exchange.received.saturating_duration_since(entry.at),
        );
        if own(entry) {
            self.figures.older.push(case);
        } else {
            self.figures.misattributed.push(case);
        }
    }
}
