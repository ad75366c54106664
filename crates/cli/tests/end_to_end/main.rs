//! The binary as its users meet it: a whole run, its proof, its faults.
//!
//! One finished demo run is shared by every test that only reads it.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod actuator;
mod bench;
mod browser;
mod calc;
mod calibrations;
mod common;
mod completions;
mod dials;
mod doctor;
mod documents;
mod evidence;
mod faults;
mod files;
mod forgery;
mod import;
mod instruments;
mod interrupted;
mod journal;
mod keys;
mod messages;
mod mount;
mod not_started;
mod order;
mod pack;
mod paper;
mod published;
mod reader;
mod repeat;
mod rig;
mod serve;
mod sim;
mod speech;
mod storage;
mod tampering;
mod usage;
mod validate;
mod wire;
mod zero;
