//! From raw words to documents: decode, scaling, calibration, the run engine, replay.
//!
//! Owns: the step function that turns recorded inputs into points, commands and
//! findings. Promises: the same inputs give the same documents, byte for byte, on every
//! machine. Never does: input or output, clocks, random numbers.

#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test fails by panicking")
)]

mod assess;
pub mod calc;
pub mod calibrate;
pub mod config;
pub mod decode;
mod drive;
mod energy;
mod entries;
mod fit_rule;
pub mod import;
mod live;
mod look;
mod programme;
mod reduce;
mod replay;
mod run;
mod setup;
mod translation;
pub mod validate;
mod watch;

pub use assess::{AssessedCurves, assess, curves};
pub use energy::{EnergyBasis, EnergyGrades};
pub use fit_rule::{CurveRule, FitRule};
pub use live::{Live, LiveChannel, LiveChannels, LivePhase, LiveQuality};
pub use reduce::{ImportedMethod, SubmersibleMethod};
pub use replay::{Divergence, Replay, ReplaySummary};
pub use run::{Entered, RunEngine};
pub use setup::{Files, Method, Setup, files_named};
pub use translation::{Translation, judged};

use dutypoint_model::document::Role;
use dutypoint_model::toml_text::TextError;

/// Ids of every formula and rule this engine computes with. An id never changes its
/// meaning: a correction is a new id.
pub const FORMULAS: &[&str] = &[
    "acceptance.ellipse.v1",
    "acceptance.iso9906-2012.v1",
    "curve.monotone-spline.v1",
    "curve.polynomial-qr.v2",
    "decision.jcgm106.v1",
    "degree.aicc-then-f.v1",
    "density.iapws-if97.v1",
    "efficiency.from-head-and-power.v1",
    "energy-grade.gb32030-2022.v1",
    "energy-grade.log-quadratic.v1",
    "energy-grade.reference-efficiency.v1",
    "entry.two-agree-or-photo.v1",
    "friction.colebrook.v1",
    "gravity.iso9906.v1",
    "head.sections.v1",
    "head.submersible.v2",
    "instrument.zero-and-range.v1",
    "measured.at-guaranteed-flow.v1",
    "mei.eu547-2012.v1",
    "motor-load.input-bound.v1",
    "outlet-loss.pipe-and-fittings.v1",
    "points.number-and-place.v1",
    "power-balance.apparent.v1",
    "power-factor.three-phase.v1",
    "power.cable.v2",
    "repeated-sets.spread.v1",
    "repeated-sets.student-t.v1",
    "rounding.gbt8170.v1",
    "run.outcome.v1",
    "slip.v1",
    "speed.slip.v1",
    "speed.window.v1",
    "steady.amplitude-drift.v1",
    "supply.window.v2",
    "translation.affinity.v1",
    "uncertainty.gum.v1",
    "uncertainty.limits.v2",
    "weights.inverse-variance.v1",
    "voltage-thd.limit.v1",
    "voltage-unbalance.negative-sequence.v1",
];

/// Why the engine could not compute.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A file of the run that could not be read.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Files that read, but do not fit together.
    #[error("failed to set up the run: {0}")]
    Config(String),
    /// A file the run depends on is not in the evidence.
    #[error("failed to find {name} (SHA-256 {digest}) in the evidence")]
    FileMissing {
        /// Name it had.
        name: String,
        /// Its digest.
        digest: dutypoint_model::Digest,
    },
    /// A quantity that nothing measured.
    #[error("failed to reduce a point: no channel gave {}", .0.text().en)]
    Missing(Role),
    /// A formula refused its input.
    #[error(transparent)]
    Hydraulics(#[from] dutypoint_hydraulics::Error),
    /// Documents in an order no run can have.
    #[error("failed to follow the run: {0}")]
    Order(String),
    /// A table that cannot be read, or not in one way only.
    #[error("failed to import {name}: {why}")]
    Table {
        /// Name of its file.
        name: String,
        /// What is wrong and what to change.
        why: String,
    },
    /// A cell of a workbook that cannot be used.
    #[error("failed to import cell {cell} of sheet {sheet:?}: {why}")]
    SheetCell {
        /// The sheet.
        sheet: String,
        /// Its address, as in `B7`.
        cell: String,
        /// What is wrong and what was expected.
        why: String,
    },
    /// A calculation that was asked for and cannot be done.
    #[error("failed to calculate {calc}: {}", why.en)]
    Calc {
        /// Name of the calculation.
        calc: String,
        /// What is wrong and what to change.
        why: dutypoint_model::Bilingual,
    },
    /// A validation case that cannot be read.
    #[error("failed to read the case {name}: {why}")]
    Case {
        /// Its place.
        name: String,
        /// What is wrong and what to change.
        why: String,
    },
    /// A cell of an imported table that cannot be used.
    #[error("failed to import row {row}, column {column}: {why}")]
    Cell {
        /// Row as a spreadsheet counts: the header is 1.
        row: usize,
        /// Column, by its header or role.
        column: String,
        /// What is wrong and what was expected.
        why: String,
    },
}

impl Error {
    /// The error in both languages; what only a person who sets up a bench reads is English
    /// in both.
    #[must_use]
    pub fn text(&self) -> dutypoint_model::Bilingual {
        let en = self.to_string();
        let zh = match self {
            Self::Calc { calc, why } => format!("无法计算 {calc}：{}", why.zh),
            Self::Hydraulics(error) => error.text().zh,
            Self::Missing(role) => format!("无法计算工况点：没有通道给出{}", role.text().zh),
            _ => en.clone(),
        };
        dutypoint_model::Bilingual::new(zh, en)
    }
}
