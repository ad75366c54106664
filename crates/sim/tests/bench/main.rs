//! The simulated bench as its users meet it: physics, wires, faults.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[cfg(unix)]
mod client;
mod common;
#[cfg(unix)]
mod faults;
#[cfg(unix)]
mod line;
#[cfg(unix)]
mod pace;
#[cfg(unix)]
mod play;
mod pumps;
mod rig;
#[cfg(unix)]
mod wire;
#[cfg(unix)]
mod wrong;
