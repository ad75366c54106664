//! When a daemon is told to end.

/// Waits until the program is told to end; returns by what.
#[cfg(unix)]
pub(crate) async fn end() -> std::io::Result<&'static str> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    })
}

/// Waits until the program is told to end; returns by what.
#[cfg(not(unix))]
pub(crate) async fn end() -> std::io::Result<&'static str> {
    tokio::signal::ctrl_c().await.map(|()| "Ctrl-C")
}
