//! The bench behind the wires: rig, instruments and faults on one bench clock.
//!
//! Contract: every request is answered from the state at the bench time it arrives; a
//! write acts from that time on.

use crate::device::{Defects, Device, exception};
use crate::fault::{Fault, FaultKind};
use crate::rig::{Rig, Truth};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The plant as the servers share it.
pub(crate) type Shared = Arc<Mutex<Plant>>;

/// The plant, for one request or look.
pub(crate) fn lock(plant: &Shared) -> MutexGuard<'_, Plant> {
    // A panic elsewhere leaves a rig that is still a bench.
    plant.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bench time: wall time since a start, times a speed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    pub(crate) epoch: Instant,
    pub(crate) speed: f64,
}

impl Clock {
    fn bench_s(&self) -> f64 {
        Instant::now()
            .saturating_duration_since(self.epoch)
            .as_secs_f64()
            * self.speed
    }
}

/// What a device does about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// Nothing.
    Silence,
    /// No device has that unit identifier.
    Nobody,
    /// It answers.
    Answer {
        /// Unit identifier it answers with.
        unit: u8,
        /// Function and data.
        pdu: Vec<u8>,
        /// Wall time until it does.
        after: Duration,
    },
}

/// Rig, instruments and faults.
#[derive(Debug)]
pub(crate) struct Plant {
    pub(crate) rig: Rig,
    /// Instruments by line.
    pub(crate) lines: BTreeMap<String, Vec<Device>>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) clock: Clock,
}

impl Plant {
    /// Brings the rig to the present; the bench time.
    pub(crate) fn advance(&mut self) -> f64 {
        let now = self.clock.bench_s();
        self.rig.advance_to(now);
        now
    }

    /// The true state now.
    pub(crate) fn truth(&mut self) -> Truth {
        self.advance();
        self.rig.truth()
    }

    /// What becomes of a request to `unit` on `line`.
    pub(crate) fn request(&mut self, line: &str, unit: u8, request: &[u8]) -> Reply {
        let now = self.advance();
        let dead = |f: &&Fault| f.kind.line() == Some(line) && f.window.contains(now);
        if self.faults.iter().any(|f| dead(&f)) {
            return Reply::Silence;
        }
        let devices = self
            .lines
            .get_mut(line)
            .map_or(&mut [][..], Vec::as_mut_slice);
        let Some(device) = devices.iter_mut().find(|d| d.unit_id == unit) else {
            return Reply::Nobody;
        };
        let (mut defects, mut after, mut answers_as) = (Defects::default(), Duration::ZERO, unit);
        let (mut silent, mut refused) = (false, None);
        let active = self
            .faults
            .iter()
            .filter(|f| f.kind.tag() == Some(&device.tag) && f.window.contains(now));
        for fault in active {
            match &fault.kind {
                FaultKind::Silent { .. } => silent = true,
                FaultKind::Late { by_ms, .. } => after = Duration::from_millis(*by_ms),
                FaultKind::Exception { code, .. } => refused = Some(*code),
                FaultKind::Short { .. } => defects.short = true,
                FaultKind::WrongUnit { .. } => answers_as = unit.wrapping_add(1),
                FaultKind::BurnOut { .. } => defects.burnt_out = true,
                FaultKind::DeadLine { .. }
                | FaultKind::SupplyFrequency { .. }
                | FaultKind::SupplyVoltage { .. }
                | FaultKind::WeakPump { .. }
                | FaultKind::StuckValve
                | FaultKind::MainsLost
                | FaultKind::Trip
                | FaultKind::PumpOff => {}
            }
        }
        if silent {
            return Reply::Silence;
        }
        Reply::Answer {
            unit: answers_as,
            pdu: match refused {
                Some(code) => exception(request.first().copied().unwrap_or(0), code),
                None => device.answer(request, &mut self.rig, defects),
            },
            after,
        }
    }
}
