//! Energy grades and indices from flow, head, speed and efficiency by the rules of a pack.
//!
//! Owns: the three lines of a grade ([`grade`]), the European minimum efficiency index
//! ([`mei`]), the pump energy index of the United States ([`pei`]). Promises: constants come
//! from the pack; values are compared unrounded, touching counts; where a table ends nothing
//! is extrapolated, the pump is outside the standard. Never does: a tolerance, which a grade
//! does not have.

pub mod grade;
pub mod mei;
pub mod pei;

pub use grade::{Duty, GradeLimits, Graded, Line, Outside, grade_reached};
