//! A pseudo-terminal that stands for a serial port.
//!
//! Contract: the path can be opened, closed and opened again, also exclusively, as often
//! as a client likes; this side takes no lock on it.

use tokio_serial::SerialStream;

/// Both ends of a pseudo-terminal.
#[derive(Debug)]
pub(crate) struct Pty {
    /// The simulator's end.
    pub(crate) master: SerialStream,
    /// The client's end; held open, never read.
    pub(crate) slave: SerialStream,
    /// Path a client opens.
    pub(crate) path: String,
}

/// A new pseudo-terminal. Must be called within a Tokio runtime.
///
/// # Errors
/// What the system said.
#[cfg(unix)]
pub(crate) fn open() -> Result<Pty, String> {
    use tokio_serial::SerialPort as _;
    // No `set_exclusive(false)`: it would take a shared lock on the path and thereby
    // keep every exclusive client out.
    let (master, slave) = SerialStream::pair().map_err(|e| e.to_string())?;
    let path = slave.name().ok_or("the system gave it no name")?;
    Ok(Pty {
        master,
        slave,
        path,
    })
}

/// This system has no pseudo-terminals.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub(crate) fn open() -> Result<Pty, String> {
    Err("this system has no pseudo-terminals".into())
}
