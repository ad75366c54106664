//! The hash chain of a run and the checkpoints of a station.
//!
//! A sealed document is the canonical bytes of its [`Envelope`] with
//! `digest = SHA-256(prev ‖ bytes)`; the first document of a run has `prev` = 32 zero
//! bytes. Promise: whoever holds the last digest can tell any change, removal, swap or
//! insertion before it.

use crate::digest::Bytes;
use crate::document::{Envelope, FORMAT_VERSION};
use crate::{Digest, Document, Error, cbor};
use serde::{Deserialize, Serialize};

/// A document with its place in the chain and its canonical bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Sealed {
    /// Run the document belongs to.
    pub run: String,
    /// Place in the run, from zero.
    pub seq: u64,
    /// Digest of the document before.
    pub prev: Digest,
    /// Digest of `prev` and `bytes`.
    pub digest: Digest,
    /// Canonical bytes of the envelope.
    pub bytes: Vec<u8>,
    /// The document.
    pub doc: Document,
}

impl Sealed {
    /// Seals `doc` as number `seq` of `run` after `prev`.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the document has no canonical form.
    pub fn seal(run: &str, seq: u64, prev: Digest, doc: Document) -> Result<Self, Error> {
        let envelope = Envelope {
            v: FORMAT_VERSION,
            run: run.to_owned(),
            seq,
            doc,
        };
        let bytes = cbor::encode(&envelope)?;
        Ok(Self {
            run: envelope.run,
            seq,
            prev,
            digest: Digest::of_parts(&[&prev.0, &bytes]),
            bytes,
            doc: envelope.doc,
        })
    }

    /// Opens canonical `bytes` that must follow `prev`.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::NotCanonical`] or [`Error::Version`].
    pub fn open(prev: Digest, bytes: Vec<u8>) -> Result<Self, Error> {
        /// Reads the version before anything that a future version may have changed.
        #[derive(Deserialize)]
        struct Probe {
            v: u32,
        }
        let envelope: Envelope = match cbor::read_one(&bytes) {
            Ok(envelope) => envelope,
            Err(error) => {
                return Err(match cbor::peek::<Probe>(&bytes) {
                    Some(Probe { v }) if v != FORMAT_VERSION => Error::Version {
                        found: v,
                        known: FORMAT_VERSION,
                    },
                    _ => error,
                });
            }
        };
        if envelope.v != FORMAT_VERSION {
            return Err(Error::Version {
                found: envelope.v,
                known: FORMAT_VERSION,
            });
        }
        // A page has no field that may be left out; and pages are most of a run.
        if !matches!(envelope.doc, Document::Page(_)) {
            cbor::prove(&envelope, &bytes)?;
        }
        Ok(Self {
            run: envelope.run,
            seq: envelope.seq,
            prev,
            digest: Digest::of_parts(&[&prev.0, &bytes]),
            bytes,
            doc: envelope.doc,
        })
    }
}

/// The growing end of a run's chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// The run.
    pub run: String,
    /// Number the next document gets.
    pub next: u64,
    /// Digest of the last document.
    pub digest: Digest,
}

impl ChainHead {
    /// The head of a run without documents.
    #[must_use]
    pub fn new(run: &str) -> Self {
        Self {
            run: run.to_owned(),
            next: 0,
            digest: Digest::ZERO,
        }
    }

    /// Seals `doc` at the end of the chain.
    ///
    /// # Errors
    /// As [`Sealed::seal`].
    pub fn append(&mut self, doc: Document) -> Result<Sealed, Error> {
        let sealed = Sealed::seal(&self.run, self.next, self.digest, doc)?;
        self.next += 1;
        self.digest = sealed.digest;
        Ok(sealed)
    }

    /// Opens `bytes` as the next document and moves on.
    ///
    /// # Errors
    /// As [`Sealed::open`], and [`Error::BrokenChain`] for another run or number.
    pub fn follow(&mut self, bytes: Vec<u8>) -> Result<Sealed, Error> {
        let sealed = Sealed::open(self.digest, bytes)?;
        let broken = |why: String| Error::BrokenChain {
            run: self.run.clone(),
            seq: self.next,
            why,
        };
        if sealed.run != self.run {
            return Err(broken(format!("it belongs to run {}", sealed.run)));
        }
        if sealed.seq != self.next {
            return Err(broken(format!("it carries number {}", sealed.seq)));
        }
        self.next += 1;
        self.digest = sealed.digest;
        Ok(sealed)
    }
}

/// What a station signs at each `Stop`: its own chain of run ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointBody {
    /// Format version.
    pub v: u32,
    /// The station.
    pub station: String,
    /// Number of the checkpoint, from zero.
    pub index: u64,
    /// Digest of the body of the checkpoint before; zero for the first.
    pub prev: Digest,
    /// The run that ended.
    pub run: String,
    /// Number of its `Stop` document.
    pub stop_seq: u64,
    /// Digest of its `Stop` document.
    pub stop: Digest,
}

/// A signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// What is signed, as canonical bytes of [`CheckpointBody`].
    pub body: CheckpointBody,
    /// Ed25519 signature over the canonical bytes of `body`.
    pub signature: Bytes,
    /// Public key that verifies it, 32 bytes.
    pub key: Bytes,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Tick;

    fn chain(n: i64) -> Vec<Sealed> {
        let mut head = ChainHead::new("R1");
        (0..n)
            .map(|t_ns| head.append(Document::Tick(Tick { t_ns })).unwrap())
            .collect()
    }

    #[test]
    fn a_chain_reads_back_and_every_flipped_byte_moves_the_head() {
        let sealed = chain(3);
        let mut head = ChainHead::new("R1");
        for doc in &sealed {
            assert_eq!(head.follow(doc.bytes.clone()).unwrap(), *doc);
        }
        let good = head.digest;
        for (n, doc) in sealed.iter().enumerate() {
            for byte in 0..doc.bytes.len() {
                let mut head = ChainHead::new("R1");
                let outcome: Result<Vec<_>, _> = sealed
                    .iter()
                    .enumerate()
                    .map(|(m, d)| {
                        let mut bytes = d.bytes.clone();
                        if m == n {
                            bytes[byte] ^= 1;
                        }
                        head.follow(bytes)
                    })
                    .collect();
                assert!(
                    outcome.is_err() || head.digest != good,
                    "doc {n} byte {byte}"
                );
            }
        }
    }

    #[test]
    fn the_worked_example_of_the_format_page() {
        // docs/formats/documents.md, made by hand with another program.
        let page = include_str!("../../../docs/formats/documents.md");
        let sealed = chain(1).remove(0);
        let bytes: Vec<String> = sealed.bytes.iter().map(|b| format!("{b:02x}")).collect();
        assert!(page.contains(&format!("bytes  {}\n", bytes.join(" "))));
        assert!(page.contains(&format!("digest {}\n", sealed.digest)));
    }

    #[test]
    fn a_removed_or_foreign_document_breaks_the_chain() {
        let sealed = chain(3);
        let mut head = ChainHead::new("R1");
        head.follow(sealed[0].bytes.clone()).unwrap();
        assert!(matches!(
            head.follow(sealed[2].bytes.clone()),
            Err(Error::BrokenChain { seq: 1, .. })
        ));
        let mut other = ChainHead::new("R2");
        assert!(matches!(
            other.follow(sealed[0].bytes.clone()),
            Err(Error::BrokenChain { seq: 0, .. })
        ));
    }

    #[test]
    fn a_future_version_is_named_even_if_its_shape_is_unknown() {
        let bytes =
            cbor::encode(&std::collections::BTreeMap::from([("v", 7), ("new", 1)])).unwrap();
        assert_eq!(
            Sealed::open(Digest::ZERO, bytes),
            Err(Error::Version { found: 7, known: 0 })
        );
    }
}
