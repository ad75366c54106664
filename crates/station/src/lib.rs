//! The asynchronous shell of a bench: clocks, dispatcher, recorder, recovery, issue.
//!
//! Owns: the order in which inputs reach the journal and the engine. Promises: an input
//! is durable before the engine sees it, an output is durable before anything follows
//! from it, and no run stays open behind a recorder that died. A daemon ([`Hall`]) holds
//! several benches and polls them all the time. Never does: computation
//! of results.

#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test fails by panicking")
)]

mod acquisition;
mod board;
mod clock;
mod control;
pub mod doctor;
mod follow;
mod hall;
mod issue;
mod line_check;
mod meters;
mod observe;
mod recorder;
mod recovery;
mod shadow;

pub use board::LiveReading;
pub use clock::BenchClock;
pub use control::{Control, Reply};
pub use follow::Follower;
pub use hall::{Begun, BenchSetup, Busy, ENDING, Hall, ServedBench};
pub use issue::{Issued, issue, load_run, reissue};
pub use line_check::{ChannelCheck, DeviceCheck, Exceeded, StageCheck, check_lines};
pub use meters::Meters;
pub use observe::Observer;
pub use recorder::{Recorded, RunRequest, Update, import, record};
pub use recovery::{Recovered, recover};
pub use shadow::{Difference, differences};

/// What can go wrong while a run is recorded or issued.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The journal.
    #[error(transparent)]
    Ledger(#[from] dutypoint_ledger::Error),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] dutypoint_engine::Error),
    /// A document.
    #[error(transparent)]
    Model(#[from] dutypoint_model::Error),
    /// The certificate.
    #[error(transparent)]
    Certificate(#[from] dutypoint_certificate::Error),
    /// The acquisition thread.
    #[error("failed to start the acquisition thread: {0}")]
    Thread(std::io::Error),
    /// A run that is not in a state for what was asked.
    #[error("failed to issue run {run}: {why}")]
    NotIssuable {
        /// The run.
        run: String,
        /// What is missing.
        why: String,
    },
}
