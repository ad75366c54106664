//! The documents a finished run left in its bundle.

use dutypoint_certificate::{bundle, verify};
use dutypoint_engine::decode;
use dutypoint_model::document::{Channels, Exchange, Gap, Quality, Start};
use dutypoint_model::{Document, Sealed};
use std::path::Path;

/// The documents in `bundle.zip` of the folder `out`, their chain followed.
pub(crate) fn documents(out: &Path) -> Vec<Sealed> {
    let bytes = std::fs::read(out.join("bundle.zip")).unwrap();
    let entries = bundle::unpack(&bytes).unwrap();
    verify::open_journal(&entries[bundle::JOURNAL]).unwrap()
}

pub(crate) fn start(documents: &[Sealed]) -> &Start {
    match &documents[0].doc {
        Document::Start(start) => start,
        other => panic!("the run begins with a {}", other.kind()),
    }
}

pub(crate) fn channels(documents: &[Sealed]) -> &Channels {
    let found = documents.iter().find_map(|d| match &d.doc {
        Document::Channels(channels) => Some(channels),
        _ => None,
    });
    found.unwrap()
}

pub(crate) fn gaps(documents: &[Sealed]) -> Vec<&Gap> {
    let gaps = documents.iter().filter_map(|d| match &d.doc {
        Document::Gap(gap) => Some(gap),
        _ => None,
    });
    gaps.collect()
}

/// An exchange of an instrument, bench nanoseconds.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) sent_ns: i64,
    pub(crate) received_ns: i64,
    /// Whether every channel had its value; otherwise why not.
    pub(crate) good: Result<(), String>,
}

impl Answered {
    /// The time its readings count for.
    fn middle_ns(&self) -> i64 {
        i64::midpoint(self.sent_ns, self.received_ns)
    }

    /// Whether it was asked and answered within a gap.
    pub(crate) fn lies_within(&self, gap: &Gap) -> bool {
        self.sent_ns >= gap.from_ns && self.received_ns <= gap.to_ns
    }
}

/// What became of the requests to the instrument `tag`, in the order they went out.
pub(crate) fn answers_of(documents: &[Sealed], tag: &str) -> Vec<Answered> {
    let plan = channels(documents);
    let poll = plan.polls.iter().find(|p| p.instrument == tag).unwrap().id;
    let good = |exchange: &Exchange| {
        if exchange.3 != Quality::Good {
            return Err(exchange.3.text().en);
        }
        let words = exchange.4.words().unwrap();
        let mut own = plan.channels.iter().filter(|c| c.poll == poll);
        own.try_for_each(|channel| match decode::value(channel, &words) {
            Ok(_) => Ok(()),
            Err(bad) => Err(bad.text().en),
        })
    };
    let pages = documents.iter().filter_map(|d| match &d.doc {
        Document::Page(page) => Some(page),
        _ => None,
    });
    let all = pages.flat_map(|p| p.exchanges.iter().map(|e| (p.t_ns, e)));
    let mut answers: Vec<Answered> = all
        .filter(|(_, exchange)| exchange.0 == poll)
        .map(|(page_ns, exchange)| Answered {
            sent_ns: page_ns + exchange.1 * 1000,
            received_ns: page_ns + exchange.2 * 1000,
            good: good(exchange),
        })
        .collect();
    answers.sort_by_key(|answer| answer.sent_ns);
    answers
}

/// The one gap of the instrument `tag` over a fault that lasted from … to, bench seconds from
/// the begin of the run. However slow the machine: no value was asked for and came within the
/// fault, and the gap reaches from the last value before it to the first behind.
pub(crate) fn gap_over<'a>(documents: &'a [Sealed], tag: &str, window_s: [f64; 2]) -> &'a Gap {
    let poll = channels(documents).polls.iter();
    let poll = poll.clone().find(|p| p.instrument == tag).unwrap().id;
    let begin_ns = start(documents).t_ns;
    let [from_ns, to_ns] = window_s.map(|s| begin_ns + (s * 1e9) as i64);
    let answers = answers_of(documents, tag);
    let values: Vec<&Answered> = answers.iter().filter(|a| a.good.is_ok()).collect();
    // Recorded in whole microseconds.
    let within = |a: &&&Answered| a.sent_ns > from_ns + 2000 && a.received_ns < to_ns - 2000;
    let invented = values.iter().find(within);
    assert!(invented.is_none(), "{tag}: {invented:?}");
    let before = values.iter().rfind(|a| a.sent_ns <= from_ns + 2000);
    let behind = values.iter().find(|a| a.received_ns >= to_ns - 2000);
    let (before, behind) = (before.unwrap().middle_ns(), behind.unwrap().middle_ns());
    let gaps = gaps(documents);
    let over = |gap: &&&Gap| {
        gap.poll == Some(poll) && gap.from_ns <= before + 2000 && gap.to_ns >= behind - 2000
    };
    let over: Vec<_> = gaps.iter().filter(over).collect();
    assert_eq!(over.len(), 1, "{tag} {before}..{behind}: {gaps:?}");
    over[0]
}
