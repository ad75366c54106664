//! Instruments played by other people's servers: pymodbus and libmodbus.
//!
//! Line and slaves of this workspace could be wrong in the same way; these servers were
//! written by others. What they hold must arrive to the bit, and when a proxy in front of
//! them mangles their answers, no reading may be wrong.
//!
//! Where a server is not installed its tests are left out, and fail where CI is set.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod beside;
mod hostile;
mod mangle;
mod numbers;
mod probing;
mod proxy;
mod ptys;
mod pulled;
mod pushed;
mod recorded;
mod server;
mod values;
