//! Replay: the recorded inputs through the engine again, and the documents compared.

use crate::setup::Files;
use crate::{Error, RunEngine};
use dutypoint_model::document::{Certificate, Finding, Stop};
use dutypoint_model::{Digest, Document, Sealed, cbor};
use std::collections::VecDeque;

/// The first place where replay and record differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    /// Number of the recorded document.
    pub seq: u64,
    /// Field, as a path into the document.
    pub field: String,
    /// What the journal holds.
    pub recorded: String,
    /// What the engine computes.
    pub recomputed: String,
}

/// Feeds the documents of a run through the engine, one after the other.
#[derive(Debug)]
pub struct Replay {
    files: Files,
    engine: Option<RunEngine>,
    expected: VecDeque<Document>,
    summary: ReplaySummary,
}

/// What a replay has seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReplaySummary {
    /// Documents read.
    pub documents: u64,
    /// Outputs that were recomputed and equal.
    pub identical: u64,
    /// How the run ended; none while it is open.
    pub stop: Option<Stop>,
    /// Digest of the stop.
    pub stop_digest: Option<Digest>,
    /// The findings.
    pub findings: Vec<Finding>,
    /// The certificates issued.
    pub certificates: Vec<Certificate>,
    /// The first difference.
    pub divergence: Option<Divergence>,
}

impl Replay {
    /// A replay that finds the run's files in `files`.
    #[must_use]
    pub fn new(files: Files) -> Self {
        Self {
            files,
            engine: None,
            expected: VecDeque::new(),
            summary: ReplaySummary::default(),
        }
    }

    /// Takes the next document of the run.
    ///
    /// # Errors
    /// [`Error`] when the documents are no run, or a file is missing.
    pub fn feed(&mut self, sealed: &Sealed) -> Result<(), Error> {
        self.summary.documents += 1;
        match &sealed.doc {
            Document::Start(start) => {
                if self.engine.is_some() {
                    return Err(Error::Order("a second start".into()));
                }
                self.engine = Some(RunEngine::open(start, &self.files)?);
            }
            Document::Certificate(certificate) => {
                self.summary.certificates.push((**certificate).clone());
            }
            input if input.is_input() => {
                let caused = self.engine_mut()?.step(input)?;
                self.expected.extend(caused);
            }
            output => {
                if let Document::Stop(stop) = output {
                    self.summary.stop = Some(stop.clone());
                    self.summary.stop_digest = Some(sealed.digest);
                }
                self.compare(sealed.seq, output);
            }
        }
        Ok(())
    }

    /// The engine after the documents fed so far.
    #[must_use]
    pub fn engine(&self) -> Option<&RunEngine> {
        self.engine.as_ref()
    }

    /// Outputs the engine expects next that the journal does not hold yet.
    pub fn pending(&self) -> impl Iterator<Item = &Document> {
        self.expected.iter()
    }

    /// Whether the run has a stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.summary.stop.is_some()
    }

    /// What the replay has seen so far, the end not yet judged.
    #[must_use]
    pub fn summary(&self) -> &ReplaySummary {
        &self.summary
    }

    /// The first difference; of a run that has ended also an output that the record lacks.
    #[must_use]
    pub fn divergence(&self) -> Option<Divergence> {
        let lacking = || {
            let next = self.expected.front().filter(|_| self.is_stopped())?;
            Some(self.lacks(next))
        };
        self.summary.divergence.clone().or_else(lacking)
    }

    /// What the replay has seen, the record being whole.
    #[must_use]
    pub fn finish(mut self) -> ReplaySummary {
        if self.summary.divergence.is_none()
            && let Some(next) = self.expected.front()
        {
            self.summary.divergence = Some(self.lacks(next));
        }
        self.summary
    }

    fn lacks(&self, output: &Document) -> Divergence {
        Divergence {
            seq: self.summary.documents,
            field: "document".into(),
            recorded: "nothing".into(),
            recomputed: output.kind().into(),
        }
    }

    fn engine_mut(&mut self) -> Result<&mut RunEngine, Error> {
        self.engine
            .as_mut()
            .ok_or_else(|| Error::Order("the first document is no start".into()))
    }

    fn compare(&mut self, seq: u64, recorded: &Document) {
        if let Document::Finding(finding) = recorded {
            self.summary.findings.push((**finding).clone());
        }
        let Some(recomputed) = self.expected.pop_front() else {
            self.diverge(Divergence {
                seq,
                field: "document".into(),
                recorded: recorded.kind().into(),
                recomputed: "nothing".into(),
            });
            return;
        };
        if *recorded == recomputed && bytes(recorded) == bytes(&recomputed) {
            self.summary.identical += 1;
        } else {
            let (field, recorded, recomputed) = first_difference(recorded, &recomputed);
            self.diverge(Divergence {
                seq,
                field,
                recorded,
                recomputed,
            });
        }
    }

    fn diverge(&mut self, divergence: Divergence) {
        self.summary.divergence.get_or_insert(divergence);
    }
}

fn bytes(document: &Document) -> Option<Vec<u8>> {
    cbor::encode(document).ok()
}

/// Path and both values of the first field that differs.
fn first_difference(recorded: &Document, recomputed: &Document) -> (String, String, String) {
    let value = |document: &Document| serde_json::to_value(document).unwrap_or_default();
    walk("", &value(recorded), &value(recomputed))
        .unwrap_or_else(|| ("bytes".into(), "different".into(), "different".into()))
}

fn walk(
    path: &str,
    a: &serde_json::Value,
    b: &serde_json::Value,
) -> Option<(String, String, String)> {
    use serde_json::Value;
    let join = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            keys.into_iter().find_map(|key| {
                walk(
                    &join(key),
                    a.get(key).unwrap_or(&Value::Null),
                    b.get(key).unwrap_or(&Value::Null),
                )
            })
        }
        (Value::Array(a), Value::Array(b)) => (0..a.len().max(b.len())).find_map(|n| {
            walk(
                &join(&n.to_string()),
                a.get(n).unwrap_or(&Value::Null),
                b.get(n).unwrap_or(&Value::Null),
            )
        }),
        (a, b) if a == b => None,
        (a, b) => Some((path.to_owned(), a.to_string(), b.to_string())),
    }
}
