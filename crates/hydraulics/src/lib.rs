//! Averages to findings: reduction, water properties, steadiness, fits, acceptance. Pure.
//!
//! Everything is a function of its arguments: no clock, no file, no hash order, plain loops
//! in a fixed order and `libm` for transcendental functions, so that a certificate can be
//! recomputed to the bit elsewhere. SI inside, units in the names. Limits come only from a
//! loaded [`pack::Standard`]; a number that a pack does not state is an error, never a
//! default, and no reading and no point is ever dropped.
//!
//! The way of the numbers: samples → [`steady`] → averages → [`head`], [`friction`],
//! [`power`] with [`water`] and [`gravity`] → [`translate`] → [`fit`] → [`curve`] →
//! [`accept`].

#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test fails by panicking")
)]

mod check;

pub mod accept;
pub mod best;
pub mod curve;
mod dd;
pub mod decision;
pub mod degree;
pub mod energy;
mod error;
pub mod fit;
pub mod friction;
pub mod gravity;
pub mod head;
pub mod iapws;
pub mod least_squares;
pub mod limit;
pub mod motor;
pub mod normal;
pub mod npsh;
pub mod pack;
pub mod percent;
mod polynomial;
pub mod power;
pub mod replicate;
pub mod rounding;
pub mod specific_speed;
pub mod spline;
pub mod stats;
pub mod steady;
pub mod translate;
pub mod uncertainty;
pub mod water;

pub use error::{Error, quantity_text};
