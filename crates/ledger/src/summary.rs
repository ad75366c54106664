//! One run in a line: a pure fold over its documents, and the rules of their order.
//!
//! The same fold fills the catalogue on append, rebuilds it and checks it, so the three
//! cannot disagree about what a row means.

use dutypoint_model::document::{Origin, Start};
use dutypoint_model::seal::ChainHead;
use dutypoint_model::{Digest, Document, Outcome, Sealed, Verdict};
use serde::Serialize;

/// A run as the catalogue lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunSummary {
    /// The run.
    pub run: String,
    /// Station that recorded it.
    pub station: String,
    /// Where the readings come from.
    pub origin: Origin,
    /// Who was responsible at the bench.
    pub operator: String,
    /// Name of the order file.
    pub order_name: String,
    /// Digest of the order file.
    pub order_digest: Digest,
    /// Bench time of the start.
    pub started_ns: i64,
    /// Latest bench time any document names.
    pub last_ns: i64,
    /// Number of the `Stop` document; absent while the run is open.
    pub stop_seq: Option<u64>,
    /// How the run ended.
    pub outcome: Option<Outcome>,
    /// Verdict on all decisive findings together; absent without any.
    pub verdict: Option<Verdict>,
    /// Number of the last certificate issued.
    pub certificate: Option<String>,
    /// Documents stored.
    pub documents: u64,
    /// Pages among them.
    pub pages: u64,
    /// Points among them.
    pub points: u64,
    /// Gaps among them.
    pub gaps: u64,
    /// Digest of the last document.
    pub head: Digest,
}

impl RunSummary {
    /// The growing end of the run's chain.
    #[must_use]
    pub fn chain_head(&self) -> ChainHead {
        ChainHead {
            run: self.run.clone(),
            next: self.documents,
            digest: self.head,
        }
    }

    /// The row after one more document; the caller has checked the chain.
    ///
    /// # Errors
    /// The rule of order the document breaks.
    pub(crate) fn after(before: Option<Self>, sealed: &Sealed) -> Result<Self, String> {
        let kind = sealed.doc.kind();
        let mut row = match (before, &sealed.doc) {
            (None, Document::Start(start)) => Self::begun(&sealed.run, start),
            (None, _) => return Err(format!("a run begins with its start, not with a {kind}")),
            (Some(_), Document::Start(_)) => return Err("a run has one start".into()),
            (Some(row), _) => row,
        };
        if let Some(stop) = row.stop_seq
            && !matches!(sealed.doc, Document::Finding(_) | Document::Certificate(_))
        {
            return Err(format!(
                "the run ended with document {stop}; only findings and certificates follow, not a {kind}"
            ));
        }
        match &sealed.doc {
            Document::Page(_) => row.pages += 1,
            Document::Point(_) => row.points += 1,
            Document::Gap(_) => row.gaps += 1,
            Document::Stop(stop) => {
                row.stop_seq = Some(sealed.seq);
                row.outcome = Some(stop.outcome);
            }
            Document::Finding(finding) if finding.decisive => {
                row.verdict = Some(Verdict::all(
                    row.verdict.into_iter().chain([finding.verdict]),
                ));
            }
            Document::Certificate(certificate) => {
                row.certificate = Some(certificate.statement.number.clone());
            }
            _ => {}
        }
        if let Some(t_ns) = latest_ns(&sealed.doc) {
            row.last_ns = row.last_ns.max(t_ns);
        }
        row.documents += 1;
        row.head = sealed.digest;
        Ok(row)
    }

    fn begun(run: &str, start: &Start) -> Self {
        Self {
            run: run.to_owned(),
            station: start.station.clone(),
            origin: start.origin,
            operator: start.operator.clone(),
            order_name: start.order.name.clone(),
            order_digest: start.order.digest,
            started_ns: start.t_ns,
            last_ns: start.t_ns,
            stop_seq: None,
            outcome: None,
            verdict: None,
            certificate: None,
            documents: 0,
            pages: 0,
            points: 0,
            gaps: 0,
            head: Digest::ZERO,
        }
    }

    /// The columns in which two rows differ.
    pub(crate) fn differences(&self, other: &Self) -> Vec<&'static str> {
        [
            ("run", self.run != other.run),
            ("station", self.station != other.station),
            ("origin", self.origin != other.origin),
            ("operator", self.operator != other.operator),
            ("order_name", self.order_name != other.order_name),
            ("order_digest", self.order_digest != other.order_digest),
            ("started_ns", self.started_ns != other.started_ns),
            ("last_ns", self.last_ns != other.last_ns),
            ("stop_seq", self.stop_seq != other.stop_seq),
            ("outcome", self.outcome != other.outcome),
            ("verdict", self.verdict != other.verdict),
            ("certificate", self.certificate != other.certificate),
            ("documents", self.documents != other.documents),
            ("pages", self.pages != other.pages),
            ("points", self.points != other.points),
            ("gaps", self.gaps != other.gaps),
            ("head", self.head != other.head),
        ]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect()
    }
}

/// The latest bench time a document names.
fn latest_ns(doc: &Document) -> Option<i64> {
    match doc {
        Document::Start(start) => Some(start.t_ns),
        Document::Page(page) => page
            .exchanges
            .iter()
            .map(|exchange| page.t_ns.saturating_add(exchange.2.saturating_mul(1000)))
            .chain([page.t_ns])
            .max(),
        Document::Act(act) => Some(act.t_ns),
        Document::Tick(tick) => Some(tick.t_ns),
        Document::Clock(clock) => Some(clock.t_ns),
        Document::Receipt(receipt) => Some(receipt.t_ns),
        Document::Import(import) => Some(import.t_ns),
        Document::Command(command) => Some(command.t_ns),
        Document::Effect(effect) => Some(effect.t_ns),
        Document::Hold(hold) => Some(hold.t_ns),
        Document::Gap(gap) => Some(gap.to_ns),
        Document::Point(point) => Some(point.to_ns),
        Document::Stop(stop) => Some(stop.t_ns),
        Document::Channels(_) | Document::Finding(_) | Document::Certificate(_) => None,
    }
}

/// The word an origin has in documents and in the catalogue.
pub(crate) fn origin_word(origin: Origin) -> &'static str {
    match origin {
        Origin::Bench => "bench",
        Origin::Simulated => "simulated",
        Origin::Imported => "imported",
    }
}

/// The word an outcome has in documents and in the catalogue.
pub(crate) fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Completed => "Completed",
        Outcome::StoppedByOperator => "StoppedByOperator",
        Outcome::StoppedByInterlock => "StoppedByInterlock",
        Outcome::Interrupted => "Interrupted",
        Outcome::FailedToStart => "FailedToStart",
    }
}

/// The word a verdict has in documents and in the catalogue.
pub(crate) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotEvaluated => "NotEvaluated",
        Verdict::Pass => "Pass",
        Verdict::Inconclusive => "Inconclusive",
        Verdict::Fail => "Fail",
    }
}

/// Every origin, outcome and verdict, to read the words back.
pub(crate) const ORIGINS: [Origin; 3] = [Origin::Bench, Origin::Simulated, Origin::Imported];
/// See [`ORIGINS`].
pub(crate) const OUTCOMES: [Outcome; 5] = [
    Outcome::Completed,
    Outcome::StoppedByOperator,
    Outcome::StoppedByInterlock,
    Outcome::Interrupted,
    Outcome::FailedToStart,
];
/// See [`ORIGINS`].
pub(crate) const VERDICTS: [Verdict; 4] = [
    Verdict::NotEvaluated,
    Verdict::Pass,
    Verdict::Inconclusive,
    Verdict::Fail,
];
