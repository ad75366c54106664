//! When a program is told to end.
//!
//! Contract: from [`Ends::listen`] on no signal is lost, whatever the program does between
//! two looks at it, and none kills it.

use std::io::Result;

/// SIGTERM and SIGINT, which Ctrl-C sends; on Windows Ctrl-C alone.
#[derive(Debug)]
pub(crate) struct Ends {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(not(unix))]
    interrupt: tokio::signal::windows::CtrlC,
}

/// What told the program to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// A person at the keyboard.
    Interrupt,
    /// Whoever manages the machine.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has it"))]
    Terminate,
}

impl End {
    /// Its name in a reason.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Interrupt if cfg!(unix) => "SIGINT",
            Self::Interrupt => "Ctrl-C",
            Self::Terminate => "SIGTERM",
        }
    }
}

impl Ends {
    /// Listens from now on.
    #[cfg(unix)]
    pub(crate) fn listen() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Listens from now on.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> Result<Self> {
        Ok(Self {
            interrupt: tokio::signal::windows::ctrl_c()?,
        })
    }

    /// Waits until the program is told to end.
    pub(crate) async fn next(&mut self) -> End {
        #[cfg(unix)]
        let end = tokio::select! {
            _ = self.terminate.recv() => End::Terminate,
            _ = self.interrupt.recv() => End::Interrupt,
        };
        #[cfg(not(unix))]
        let end = {
            self.interrupt.recv().await;
            End::Interrupt
        };
        end
    }
}
