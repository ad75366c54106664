//! The files a run depends on, read into domain types: order, bench, packs.
//!
//! Promise: a file that reads is complete and consistent in itself; what does not fit
//! is refused with file, line and what to change. Replay reads the same files from the
//! evidence, so nothing here may depend on where a file lies.

mod actuator;
mod bench;
mod beside;
mod calibration;
mod current_loop;
mod draft;
mod energy;
mod entered;
mod geometry;
mod line;
mod order;
mod refer;

pub use actuator::{ActuatorConfig, PumpStopConfig, ReadBackConfig, actuator_error};
pub use bench::{
    Bench, ChannelConfig, CounterConfig, InstrumentConfig, Laboratory, Priority, Site, Tuning,
};
pub use beside::{LineLimits, ShadowConfig};
pub use calibration::{
    CalibrationConfig, CalibrationEntries, CalibrationEntry, CalibrationRegister, enters_results,
};
pub use current_loop::LoopConfig;
pub use draft::{OrderDraft, UNFILLED, named, unfilled};
pub use energy::EnergyConfig;
pub use entered::EnteredConfig;
pub use geometry::{CableConfig, FittingConfig, Geometry, Material, MeasuredLossConfig};
pub use line::{Endpoint, LineConfig, Parity, Protocol};
pub use order::{
    CurveKind, FitChoice, GuaranteeConfig, ImportColumnConfig, ImportMethod, Order, Party,
    ProgrammeConfig, PumpKind, SmallPowerConfig, Specimen, TestKind, TranslateTo,
    TranslationConfig,
};
