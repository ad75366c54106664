//! The journal: append-only, hash-chained documents on SQLite, and its checker.
//!
//! Owns: the journal file as specified in `docs/formats/journal-sqlite.md`, the chain
//! of signed checkpoints of a station, the key file. Promises: a [`Receipt`] means that
//! the batch survives process and power; no half batch is ever seen; what is read is
//! what was written, or an error names the place. Never does: change or delete a
//! document, make random numbers, decide what a run means.
//!
//! ```
//! use dutypoint_ledger::{OpenMode, SqliteLedger};
//! use dutypoint_model::document::{Clock, Origin, Software, Start};
//! use dutypoint_model::{Document, seal::ChainHead};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! # let dir = std::env::temp_dir().join(format!("dutypoint-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&dir)?;
//! let mut ledger = SqliteLedger::open(dir.join("bench.journal"), OpenMode::ReadWrite).await?;
//! let order = ledger.put_file("order.toml", b"pump = \"200QJ\"").await?;
//!
//! let mut head = ChainHead::new("R1");
//! let start = head.append(Document::Start(Box::new(Start {
//!     t_ns: 0,
//!     station: "bench-1".into(),
//!     origin: Origin::Simulated,
//!     operator: "Li".into(),
//!     clock: Clock { source: "simulated".into(), speed: 1.0, error_ms: None },
//!     software: Software { name: "dutypoint".into(), version: "0".into(), build: "0".into(), formulas: vec![] },
//!     order,
//!     bench: None,
//!     packs: vec![],
//!     profiles: vec![],
//! })))?;
//! let receipt = ledger.append(std::slice::from_ref(&start)).await?;
//! assert_eq!((receipt.through_seq, receipt.digest), (0, start.digest));
//! assert_eq!(ledger.documents_from("R1", 0, 10).await?, [start]);
//! assert_eq!(ledger.open_runs().await?.len(), 1);
//! ledger.close().await?;
//! # std::fs::remove_dir_all(&dir)?;
//! # Ok(()) })
//! # }
//! ```

#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test fails by panicking")
)]

mod append;
pub mod block;
mod catalogue;
mod connect;
mod error;
mod file;
mod fsck;
mod guard;
mod journal;
pub mod key;
mod read;
mod row;
mod schema;
mod station;
mod summary;

pub use append::Receipt;
pub use catalogue::Rebuilt;
pub use connect::sqlite_version;
pub use error::{Error, Place, Trouble};
pub use file::StoredFile;
pub use fsck::{Nature, Problem, Report};
pub use guard::written_by;
pub use journal::{OpenMode, SqliteLedger};
pub use key::{Signer, StationKey};
pub use read::Documents;
pub use schema::{APPLICATION_ID, FORMAT_VERSION};
pub use station::{sign_checkpoint, verify_checkpoint};
pub use summary::RunSummary;
