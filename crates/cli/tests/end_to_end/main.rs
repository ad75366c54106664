//! The binary as its users meet it: a whole run, its proof, its faults.
//!
//! One finished demo run is shared by every test that only reads it.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;
mod evidence;
mod faults;
mod import;
mod interrupted;
mod paper;
mod usage;
