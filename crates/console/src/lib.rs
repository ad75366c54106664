//! The pages of a bench: live view, runs, certificates, check by number.
//!
//! Owns: what a browser sees. Promises: everything shown comes from a journal and is
//! computed by the engine that judged it; pages work without internet, in Chinese and
//! English; only this machine can reach them, as long as there is no login. Never does:
//! write to a journal, hold a key, decide a result.

#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test fails by panicking")
)]

mod assets;
mod follow;
mod form;
mod guard;
mod journals;
mod monitor;
mod page;
mod reader;
mod routes;
mod view;

pub use follow::Recorder;
pub use journals::Journals;

use dutypoint_station::Hall;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;

/// Why the console could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port is taken, or may not be used.
    #[error(
        "failed to open port {port} of this machine: {cause}; choose another with --port, or 0 for a free one"
    )]
    Listen {
        /// The port.
        port: u16,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The listener failed while serving.
    #[error("failed to serve pages: {0}")]
    Serve(std::io::Error),
}

/// Opens a port that only this machine can reach; 0 takes a free one.
///
/// # Errors
/// [`Error::Listen`].
pub async fn listen(port: u16) -> Result<TcpListener, Error> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .await
        .map_err(|cause| Error::Listen { port, cause })
}

/// Serves the journals until the future is dropped.
///
/// `recorder` is the recorder of this process, where there is one: it alone knows why
/// recording is held. `hall` are the benches of this process, where it is a daemon: their
/// state is told under `/metrics`, `/healthz` and `/readyz`.
///
/// # Errors
/// [`Error::Serve`].
pub async fn serve(
    listener: TcpListener,
    journals: Journals,
    recorder: Recorder,
    hall: Option<Arc<Hall>>,
) -> Result<(), Error> {
    let live = follow::start(journals.clone(), recorder);
    let router = routes::router(journals, live).merge(monitor::router(hall));
    axum::serve(listener, router).await.map_err(Error::Serve)
}
