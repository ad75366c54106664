//! A bench made of software: pump physics and instruments as real Modbus slaves.
//!
//! Owns: a motor-pump, the pipes, valve and well around it, and the slaves that answer
//! on real pseudo-terminals and TCP ports. Promises: the same bench file, seed and
//! command history give the same trajectory on every machine; the head a judge computes
//! from the instruments is the head the pump made; [`Rig::truth`] says what that was.
//! Never does: certify anything, read a clock inside the physics, talk to real hardware.
//!
//! Three layers: [`PumpModel`] is pure; [`Rig`] adds the bench around it, stepped with
//! bench time; [`Simulator`] serves the rig's instruments over Modbus, bench time being
//! wall time times a speed. A [`Scenario`] is the file that says what it plays and what
//! goes wrong when; [`Simulator::play`] plays a profile without a bench.

#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test fails by panicking")
)]

mod device;
mod encode;
mod error;
mod fault;
mod hydraulics;
mod motor;
mod noise;
mod outbox;
mod plant;
mod play;
mod pty;
mod pump;
mod rig;
mod rtu;
mod scenario;
mod sensor;
mod simulator;
mod suction;
mod supply;
mod tcp;

pub use encode::{decimals, fill};
pub use error::Error;
pub use fault::{Defect, Fault, FaultKind, Window};
pub use motor::{Motor, Operation};
pub use play::{Played, played};
pub use pump::{PumpKind, PumpModel, Rating};
pub use rig::{Rig, Truth};
pub use scenario::{Plays, Scenario, Transport};
pub use simulator::{Options, Simulator, check_faults};
pub use suction::{Schedule, Suction};
pub use supply::SupplyPoint;
