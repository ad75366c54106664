//! Pseudo-terminals that no child of this process holds open.
//!
//! The library opens the far end of a pair so that every child inherits it. A cable that a
//! test pulls would then hang on until the child of another test ends, and be silent in place
//! of gone.

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use std::os::fd::AsRawFd as _;
use std::process::{Child, Command};
use std::sync::{Mutex, PoisonError};
use tokio_serial::SerialStream;

/// Held while a pair is not yet closed to children, and while a child is started.
static ALONE: Mutex<()> = Mutex::new(());

/// The two ends of a pseudo-terminal: one to speak from, one to be opened by its name.
pub(crate) fn pair() -> (SerialStream, SerialStream) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (near, far) = SerialStream::pair().unwrap();
    for end in [&near, &far] {
        fcntl(end.as_raw_fd(), FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
    }
    (near, far)
}

/// Starts `command`, which inherits none of them.
pub(crate) fn start(command: &mut Command) -> std::io::Result<Child> {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    command.spawn()
}
