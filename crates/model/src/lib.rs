//! The vocabulary of Dutypoint: documents, quantities and units, verdicts, identity
//! and the hash chain.
//!
//! Owns: the shape of every document a run is made of, their canonical bytes, and
//! the rule that links them. Promises: the same value always encodes to the same
//! bytes, and bytes that are not canonical are refused. Never does: input or output,
//! clocks, random numbers.

#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test fails by panicking")
)]

pub mod cbor;
pub mod digest;
pub mod document;
pub mod measure;
pub mod seal;
pub mod text;
pub mod toml_text;
pub mod unit;
pub mod verdict;

pub use digest::Digest;
pub use document::Document;
pub use measure::Measure;
pub use seal::Sealed;
pub use text::Bilingual;
pub use unit::{Conversion, Quantity, Unit};
pub use verdict::{Outcome, Verdict};

/// What can go wrong with documents and their bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The value has no canonical form, or the bytes are no CBOR.
    #[error("failed to read document bytes: {0}")]
    Malformed(String),
    /// Valid CBOR, but not the one canonical encoding of its value.
    #[error("failed to accept document bytes: not the canonical encoding (at byte {at})")]
    NotCanonical {
        /// Where they depart from it: the item that would be written otherwise, or its byte.
        at: usize,
    },
    /// A format version this program does not know.
    #[error(
        "failed to read document of format version {found}: this program knows version {known}"
    )]
    Version {
        /// Version found in the document.
        found: u32,
        /// Version this program writes.
        known: u32,
    },
    /// A document does not continue the chain before it.
    #[error("failed to follow the chain of run {run} at document {seq}: {why}")]
    BrokenChain {
        /// Run the document belongs to.
        run: String,
        /// Sequence number of the offending document.
        seq: u64,
        /// What does not fit.
        why: String,
    },
    /// Text that is not 64 hexadecimal digits.
    #[error("failed to read digest {0:?}: expected 64 hexadecimal digits")]
    Digest(String),
    /// A unit nobody declared.
    #[error("failed to read unit {found:?}: {hint}")]
    Unit {
        /// Text as given.
        found: String,
        /// Nearest known symbol, or the list of all.
        hint: String,
    },
}
