//! An induction motor at the end of a cable, in steady state.
//!
//! Contract: power in equals shaft power plus named losses, to the last step of a fixed
//! number of iterations; slip, current and power factor follow from the same balance.
//! The loss segregation is that of GB/T 1032 practice (worked example E11 of the
//! reference: iron, stator copper, rotor copper, friction and windage, stray).

use crate::supply::SupplyPoint;

/// Iterations of the operating point: each gains half a decimal digit at rated supply, a
/// quarter at the lowest voltage a fault may ask for.
const STEPS: u32 = 32;
/// Line voltage at the motor at which iron loss and magnetising power are given, V.
const REFERENCE_V: f64 = 376.0;
/// Speed at which friction and windage are given, r/min.
const REFERENCE_RPM: f64 = 2870.0;
/// Frequency at which reactances are given, Hz.
const REFERENCE_HZ: f64 = 50.0;

/// Magnetising power of the demo's motor, var.
const DEMO_MAGNETISING_VAR: f64 = 7900.0;

/// Parameters of a squirrel-cage motor, star connected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Motor {
    /// Pairs of poles.
    pub pole_pairs: u32,
    /// Stator resistance per phase, hot, Ω.
    pub stator_ohm: f64,
    /// Rotor resistance per phase, hot, referred to the stator, Ω.
    pub rotor_ohm: f64,
    /// Leakage reactance of stator and rotor together at 50 Hz, Ω.
    pub leakage_ohm: f64,
    /// Magnetising reactive power at 376 V and 50 Hz, var.
    pub magnetising_var: f64,
    /// Iron loss at 376 V, W.
    pub iron_w: f64,
    /// Friction and windage at 2870 r/min, W; large because the motor is water-filled.
    pub friction_w: f64,
    /// Stray loss as a share of the input power.
    pub stray: f64,
}

/// A motor-pump in steady state: powers, speed and electrical quantities.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Operation {
    /// Speed of rotation, r/min.
    pub speed_rpm: f64,
    /// Slip frequency, Hz.
    pub slip_hz: f64,
    /// Shaft power, W.
    pub shaft_power_w: f64,
    /// Input power at the motor leads, W.
    pub motor_power_w: f64,
    /// Input power at the panel, W: the motor's and the cable's loss.
    pub panel_power_w: f64,
    /// Line current, mean of the phases, A.
    pub current_a: f64,
    /// Line voltage at the motor leads, V.
    pub motor_voltage_v: f64,
    /// Power factor at the motor leads.
    pub motor_power_factor: f64,
    /// Power factor at the panel.
    pub panel_power_factor: f64,
}

impl Motor {
    /// A motor of `size` times the power with its own pole pairs: losses grow with it, and
    /// resistances and reactances shrink.
    pub(crate) fn sized(&self, size: f64, pole_pairs: u32) -> Self {
        Self {
            pole_pairs,
            stator_ohm: self.stator_ohm / size,
            rotor_ohm: self.rotor_ohm / size,
            leakage_ohm: self.leakage_ohm / size,
            magnetising_var: self.magnetising_var * size,
            iron_w: self.iron_w * size,
            friction_w: self.friction_w * size,
            stray: self.stray,
        }
    }

    /// The steady state on `supply` behind a cable of `cable_ohm` per core, with a load
    /// that asks `shaft_power_w(speed in r/min)`. Meant for loads the motor can carry; a
    /// stalling motor is not modelled.
    #[must_use]
    pub fn operate(
        &self,
        supply: &SupplyPoint,
        cable_ohm: f64,
        shaft_power_w: impl Fn(f64) -> f64,
    ) -> Operation {
        let root3 = 3.0_f64.sqrt();
        let panel_v = supply.mean_voltage_v();
        let synchronous_rpm = 60.0 * supply.frequency_hz / f64::from(self.pole_pairs);
        let per_hz = supply.frequency_hz / REFERENCE_HZ;
        // A start for the demo's motor, in proportion for others: the current of a larger one
        // would drop more than the whole voltage over the resistance of a small one.
        let start_a = 30.0 * (self.magnetising_var / DEMO_MAGNETISING_VAR);
        let (mut slip, mut current_a, mut motor_v) = (0.04, start_a, panel_v);
        let mut out = Operation::default();
        for _ in 0..STEPS {
            let speed_rpm = synchronous_rpm * (1.0 - slip);
            let shaft_w = shaft_power_w(speed_rpm);
            let turning = speed_rpm / REFERENCE_RPM;
            let friction_w = self.friction_w * turning * turning;
            let gap_w = (shaft_w + friction_w) / (1.0 - slip);
            let flux = motor_v / REFERENCE_V;
            let square_a2 = 3.0 * current_a * current_a;
            let motor_w = (gap_w + self.iron_w * flux * flux + square_a2 * self.stator_ohm)
                / (1.0 - self.stray);
            let reactive_var =
                self.magnetising_var * flux * flux / per_hz + square_a2 * self.leakage_ohm * per_hz;
            let panel_w = motor_w + square_a2 * cable_ohm;
            let motor_va = libm::hypot(motor_w, reactive_var);
            let panel_va = libm::hypot(panel_w, reactive_var);
            out = Operation {
                speed_rpm,
                slip_hz: supply.frequency_hz * slip,
                shaft_power_w: shaft_w,
                motor_power_w: motor_w,
                panel_power_w: panel_w,
                current_a,
                motor_voltage_v: motor_v,
                motor_power_factor: motor_w / motor_va,
                panel_power_factor: panel_w / panel_va,
            };
            // At small slip the rotor is a resistance of R2/s.
            slip = (gap_w * self.rotor_ohm / (motor_v * motor_v)).clamp(0.0, 0.3);
            current_a = panel_va / (root3 * panel_v);
            motor_v = motor_va / (root3 * current_a);
        }
        out
    }
}
