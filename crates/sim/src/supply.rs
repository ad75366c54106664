//! The mains: voltages and frequency that wander slowly around their nominal values.

use crate::noise::Noise;
use std::f64::consts::TAU;

/// Deviation of the line voltages L12, L23, L31 from their mean; sums to zero.
const VOLTAGE_IMBALANCE: [f64; 3] = [0.0012, -0.0008, -0.0004];
/// Deviation of the line currents from their mean. A small imbalance of the voltages is
/// magnified about seven times, as in real induction motors.
const CURRENT_IMBALANCE: [f64; 3] = [-0.006, 0.008, -0.002];
/// Amplitude and period in s of the two slow waves of the voltage: 0.3 % together.
const VOLTAGE_WAVES: [(f64, f64); 2] = [(0.002, 97.0), (0.001, 41.0)];
/// The same of the frequency, amplitude in Hz: 0.05 Hz together.
const FREQUENCY_WAVES: [(f64, f64); 2] = [(0.03, 143.0), (0.02, 61.0)];

/// The mains at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SupplyPoint {
    /// Line voltages L12, L23, L31 at the panel, V.
    pub line_v: [f64; 3],
    /// Frequency, Hz.
    pub frequency_hz: f64,
}

impl SupplyPoint {
    /// Three equal line voltages in V at a frequency in Hz.
    #[must_use]
    pub fn balanced(voltage_v: f64, frequency_hz: f64) -> Self {
        Self {
            line_v: [voltage_v; 3],
            frequency_hz,
        }
    }

    /// Mean of the line voltages, V.
    #[must_use]
    pub fn mean_voltage_v(&self) -> f64 {
        let [a, b, c] = self.line_v;
        (a + b + c) / 3.0
    }
}

/// The wander of one simulated mains.
#[derive(Clone, Debug)]
pub(crate) struct Supply {
    phases: [f64; 4],
}

impl Supply {
    /// A mains whose waves start where `noise` says.
    pub(crate) fn new(noise: &mut Noise) -> Self {
        Self {
            phases: std::array::from_fn(|_| TAU * noise.uniform()),
        }
    }

    /// The mains at bench time `time_s`, around nominal values.
    pub(crate) fn at(&self, time_s: f64, nominal_v: f64, nominal_hz: f64) -> SupplyPoint {
        let [v1, v2, f1, f2] = self.phases;
        let mean_v = nominal_v * (1.0 + waves(&VOLTAGE_WAVES, [v1, v2], time_s));
        SupplyPoint {
            line_v: VOLTAGE_IMBALANCE.map(|share| mean_v * (1.0 + share)),
            frequency_hz: nominal_hz + waves(&FREQUENCY_WAVES, [f1, f2], time_s),
        }
    }
}

/// The current of phase `phase` (0 … 2) where the mean is `mean_a`, A.
pub(crate) fn phase_current_a(mean_a: f64, phase: usize) -> f64 {
    mean_a * (1.0 + CURRENT_IMBALANCE.get(phase).copied().unwrap_or(0.0))
}

fn waves(waves: &[(f64, f64); 2], phases: [f64; 2], time_s: f64) -> f64 {
    waves
        .iter()
        .zip(phases)
        .map(|((amplitude, period_s), phase)| {
            amplitude * libm::sin(TAU * time_s / period_s + phase)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mains_wanders_within_its_bounds_and_does_wander() {
        let supply = Supply::new(&mut Noise::new(3, 0));
        let points: Vec<_> = (0..2000)
            .map(|n| supply.at(f64::from(n), 380.0, 50.0))
            .collect();
        let span = |of: &dyn Fn(&SupplyPoint) -> f64| {
            points
                .iter()
                .map(of)
                .fold((f64::MAX, f64::MIN), |(l, h), x| (l.min(x), h.max(x)))
        };
        let (low_v, high_v) = span(&|p| p.mean_voltage_v());
        assert!(low_v >= 380.0 * 0.997 && high_v <= 380.0 * 1.003 + 1e-9);
        assert!(high_v - low_v > 1.5, "voltage stands still");
        let (low_hz, high_hz) = span(&|p| p.frequency_hz);
        assert!(low_hz >= 49.95 && high_hz <= 50.05 && high_hz - low_hz > 0.06);
    }

    #[test]
    fn the_imbalance_is_small_and_leaves_the_mean() {
        let mean: f64 = (0..3).map(|n| phase_current_a(30.0, n)).sum::<f64>() / 3.0;
        assert!((mean - 30.0).abs() < 1e-12);
        let p = Supply::new(&mut Noise::new(1, 0)).at(0.0, 380.0, 50.0);
        for v in p.line_v {
            let share = v / p.mean_voltage_v() - 1.0;
            assert!(share != 0.0 && share.abs() < 0.0015);
        }
    }
}
