//! The bench behind the wires: rig, instruments and faults on one bench clock.
//!
//! Contract: every request is answered from the state at the bench time it arrives; a
//! write acts from that time on.

use crate::device::{Defects, Device, exception};
use crate::fault::{Defect, Fault, FaultKind, clock_ahead_s};
use crate::noise::Noise;
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

/// Exception code of a device that has no time.
const BUSY: u8 = 6;
/// The most bytes of garbage.
const GARBAGE_BYTES: f64 = 40.0;

/// What a device does about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// Nothing.
    Silence,
    /// No device has that unit identifier.
    Nobody,
    /// The connection is reset.
    Reset,
    /// Nothing comes on this connection any more.
    HalfOpen,
    /// It answers.
    Answer(Answer),
}

/// An answer on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Unit identifier it answers with.
    pub(crate) unit: u8,
    /// Function and data.
    pub(crate) pdu: Vec<u8>,
    /// Wall time until it does.
    pub(crate) after: Duration,
    /// Whether what is behind it waits as long.
    pub(crate) holds: bool,
    pub(crate) marring: Marring,
}

/// What is wrong with the bytes of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marring {
    bad_check: bool,
    cut: bool,
    duplicated: bool,
    echoed: bool,
    garbage: Option<Vec<u8>>,
}

impl Marring {
    /// What goes out for the right frame `whole` as the answer to the frame `request`; the
    /// byte `check` is one by which a bad frame is known.
    pub(crate) fn apply(self, mut whole: Vec<u8>, check: usize, request: &[u8]) -> Vec<u8> {
        if let Some(garbage) = self.garbage {
            whole = garbage;
        } else if self.bad_check
            && let Some(byte) = whole.get_mut(check)
        {
            *byte ^= 1;
        }
        if self.cut {
            whole.truncate(whole.len() / 2);
        }
        if self.duplicated {
            whole.extend_from_within(..);
        }
        if self.echoed {
            whole.splice(..0, request.iter().copied());
        }
        whole
    }
}

/// Rig, instruments and faults.
#[derive(Debug)]
pub(crate) struct Plant {
    /// None where profiles are played without a bench around them.
    pub(crate) rig: Option<Rig>,
    /// Instruments by line.
    pub(crate) lines: BTreeMap<String, Vec<Device>>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) clock: Clock,
    /// Where garbage comes from.
    pub(crate) noise: Noise,
}

impl Plant {
    /// Brings the rig to the present; the bench time.
    pub(crate) fn advance(&mut self) -> f64 {
        let steady = self.clock.bench_s();
        let now = steady + clock_ahead_s(&self.faults, steady);
        if let Some(rig) = &mut self.rig {
            rig.advance_to(now);
        }
        steady
    }

    /// Adds a fault whose window counts from now.
    pub(crate) fn inject(&mut self, mut fault: Fault) {
        let now = self.advance();
        fault.window.from_s += now;
        fault.window.to_s += now;
        if let Some(rig) = &mut self.rig {
            rig.faults.push(fault.clone());
        }
        self.faults.push(fault);
    }

    /// Ends every fault.
    pub(crate) fn heal(&mut self) {
        self.advance();
        if let Some(rig) = &mut self.rig {
            rig.faults.clear();
        }
        self.faults.clear();
    }

    /// The true state now; zeros where there is no bench.
    pub(crate) fn truth(&mut self) -> Truth {
        self.advance();
        self.rig.as_ref().map(Rig::truth).unwrap_or_default()
    }

    /// What becomes of a request to `unit` on `line`.
    pub(crate) fn request(&mut self, line: &str, unit: u8, request: &[u8]) -> Reply {
        let now = self.advance();
        let dead =
            |f: &Fault| matches!(&f.kind, FaultKind::DeadLine { line: dead } if dead == line);
        if self
            .faults
            .iter()
            .any(|f| f.window.contains(now) && dead(f))
        {
            return Reply::Silence;
        }
        let devices = self
            .lines
            .get_mut(line)
            .map_or(&mut [][..], Vec::as_mut_slice);
        let Some(device) = devices.iter_mut().find(|d| d.unit_id == unit) else {
            return Reply::Nobody;
        };
        let mut defects = Defects::default();
        let mut answer = Answer {
            unit,
            ..Answer::default()
        };
        let (mut refused, mut other_function) = (None, false);
        for fault in self.faults.iter().filter(|f| f.window.contains(now)) {
            let FaultKind::Device { of, defect } = &fault.kind else {
                continue;
            };
            if *of != device.tag && of != line {
                continue;
            }
            let since_s = now - fault.window.from_s;
            match *defect {
                Defect::Silent => return Reply::Silence,
                Defect::Flapping { every_s } if (since_s / every_s) % 2.0 >= 1.0 => {
                    return Reply::Silence;
                }
                Defect::Flapping { .. } => {}
                Defect::Reset => return Reply::Reset,
                Defect::HalfOpen => return Reply::HalfOpen,
                Defect::Late { by_ms } => answer.after = Duration::from_millis(by_ms),
                Defect::Slow { by_ms } => {
                    answer.after = Duration::from_millis(by_ms);
                    answer.holds = true;
                }
                Defect::Exception { code } => refused = Some(code),
                Defect::Busy => refused = Some(BUSY),
                Defect::Short => defects.extra = -1,
                Defect::Long => defects.extra = 1,
                Defect::Cut => answer.marring.cut = true,
                Defect::Duplicated => answer.marring.duplicated = true,
                Defect::Echoed => answer.marring.echoed = true,
                Defect::WrongUnit => answer.unit = unit.wrapping_add(1),
                Defect::WrongFunction => other_function = true,
                Defect::BadCheck => answer.marring.bad_check = true,
                Defect::Garbage => {
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "0 … 1 times a small number"
                    )]
                    let mut below = |end: f64| (self.noise.uniform() * end) as u8;
                    let many = 1 + below(GARBAGE_BYTES);
                    answer.marring.garbage = Some((0..many).map(|_| below(256.0)).collect());
                }
                Defect::Frozen => defects.frozen = true,
                Defect::NotANumber => defects.not_a_number = true,
                Defect::Drift { pct_per_min } => defects.shift_pct += pct_per_min * since_s / 60.0,
                Defect::BurnOut => defects.burnt_out = true,
            }
        }
        answer.pdu = match refused {
            Some(code) => exception(request.first().copied().unwrap_or(0), code),
            None => device.answer(request, self.rig.as_mut(), defects),
        };
        if other_function && let Some(function) = answer.pdu.first_mut() {
            *function ^= 7;
        }
        Reply::Answer(answer)
    }
}
