//! Whole documents: made from complete and from bare data, and read back with the
//! tools a reader would use.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod content;
mod refusals;
mod repeatable;
mod sample;
mod tools;
