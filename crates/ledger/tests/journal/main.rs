//! The journal from outside: what it promises, and what happens when things break.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod append;
mod bench;
mod child;
mod crash;
mod damage;
mod damage_around;
mod keys;
mod open;
mod property;
mod stations;
mod storage;
