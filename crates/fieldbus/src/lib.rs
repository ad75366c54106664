//! The wires of a bench: instrument profiles, the poll plan with what it costs, and one
//! owner task per line.
//!
//! Owns: every open port and connection. Promises: an answer is handed on only for the
//! request it belongs to; a failed exchange is reported with its cause, never as a value;
//! a silent device costs its own channels only. Never does: interpretation of raw words.

#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test fails by panicking")
)]

mod alarm;
mod line;
mod load;
mod plan;
mod ports;
mod probe;
mod profile;

pub use alarm::{Alarm, Timer};
pub use line::{
    DeviceSetup, Exchange, LineHandle, LineSetup, Watch, Write, open_check, spawn, watch,
};
pub use load::{ASSUMED_RESPONSE_MS, LineLoad, MOST_LOAD_PCT, RequestLoad, load};
pub use plan::actuators::{WrongActuator, check_actuators};
pub use plan::{PollPlan, Reading, plan, reading};
pub use ports::{SerialPort, latency_timer_ms, serial_ports, stable_name};
pub use probe::{
    Device, Display, Fit, ProbeError, ProbeReport, ProbeSetup, Progress, Reply, probe, settings,
};
pub use profile::{
    ByteRule, Class, CodeText, Confidence, Evidence, ExponentRule, Forbidden, FractionRule,
    Identity, InstrumentProfile, MessageRule, MessageValue, Order, Raw, Register, Serial, SignRule,
    StatusRule, Timing, Transport, Trust, WriteClass,
};

use dutypoint_model::Bilingual;
use dutypoint_model::toml_text::TextError;

/// What can go wrong with the wires of a bench.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A profile or bench file that could not be read.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A bench that asks something of an instrument that its profile does not offer.
    #[error("failed to plan instrument {tag}: {why}")]
    Plan {
        /// Tag of the instrument on the bench.
        tag: String,
        /// What does not fit, and what to change.
        why: String,
    },
    /// A line that cannot carry what the bench asks of it.
    #[error("line {line:?} cannot do what is asked of it: {}", why.en)]
    Load {
        /// Name of the line.
        line: String,
        /// What it would need, and what to change.
        why: Bilingual,
    },
    /// A port or connection that could not be opened.
    #[error("failed to open line {line} ({endpoint}): {why}")]
    Open {
        /// Name of the line.
        line: String,
        /// Port or address.
        endpoint: String,
        /// What the system said, and what to change.
        why: String,
    },
}

impl Error {
    /// What went wrong; in Chinese where that is known.
    #[must_use]
    pub fn text(&self) -> Bilingual {
        let zh = match self {
            Self::Load { line, why } => format!("线路 {line:?} 无法满足要求：{}", why.zh),
            _ => self.to_string(),
        };
        Bilingual::new(zh, self.to_string())
    }
}
