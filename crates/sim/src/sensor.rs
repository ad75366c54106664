//! What the transmitters make of the quantities: damping, noise, low-flow cut-off.
//!
//! Contract: sensors are stepped with the rig, never by being read, so that how often a
//! master asks changes nothing. Calibration corrections are undone at the register, not
//! here: a sensor knows the quantity itself.

use crate::noise::Noise;
use crate::supply::phase_current_a;
use dutypoint_model::document::{Channel, Role};

/// Flow below which a flowmeter shows zero, m³/s (0.1 m³/h).
const LOW_FLOW_CUT_OFF: f64 = 0.1 / 3600.0;

/// What there is to be measured at one moment, in the internal unit of each quantity.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Signals {
    pub(crate) flow_m3_s: f64,
    pub(crate) outlet_pressure_pa: f64,
    pub(crate) inlet_pressure_pa: f64,
    pub(crate) water_level_m: f64,
    pub(crate) water_temperature_c: f64,
    pub(crate) line_v: [f64; 3],
    pub(crate) current_a: f64,
    pub(crate) input_power_w: f64,
    pub(crate) shaft_power_w: f64,
    pub(crate) frequency_hz: f64,
    pub(crate) slip_hz: f64,
    pub(crate) speed_rpm: f64,
    pub(crate) power_factor: f64,
    pub(crate) voltage_thd: f64,
    pub(crate) valve_position: f64,
    pub(crate) mains: f64,
    pub(crate) trip: f64,
}

impl Signals {
    fn of(&self, role: Role, phase: usize) -> f64 {
        match role {
            Role::Flow => self.flow_m3_s,
            Role::OutletPressure => self.outlet_pressure_pa,
            Role::InletPressure => self.inlet_pressure_pa,
            Role::WaterLevel => self.water_level_m,
            Role::WaterTemperature => self.water_temperature_c,
            Role::Voltage => self.line_v.get(phase).copied().unwrap_or(0.0),
            Role::Current => phase_current_a(self.current_a, phase),
            Role::InputPower => self.input_power_w,
            Role::ShaftPower => self.shaft_power_w,
            Role::Frequency => self.frequency_hz,
            Role::SlipFrequency => self.slip_hz,
            Role::Speed => self.speed_rpm,
            Role::PowerFactor => self.power_factor,
            Role::VoltageThd => self.voltage_thd,
            Role::ValvePosition => self.valve_position,
            // What the pump model knows nothing of.
            Role::DriveOutput | Role::Vibration | Role::SoundLevel => 0.0,
            // A bearing in the water it stands in.
            Role::BearingTemperature => self.water_temperature_c,
            Role::MainsPresent => self.mains,
            Role::Trip => self.trip,
        }
    }
}

/// Standard deviation of the noise behind the damping: share of the value, and a part in
/// the internal unit.
fn noise_of(role: Role) -> (f64, f64) {
    match role {
        Role::Flow => (5e-4, 0.0),
        Role::OutletPressure | Role::InletPressure => (0.0, 300.0),
        Role::WaterLevel => (0.0, 1e-3),
        Role::WaterTemperature | Role::BearingTemperature => (0.0, 0.01),
        Role::Voltage | Role::Speed => (1e-4, 0.0),
        Role::Current | Role::InputPower | Role::ShaftPower | Role::PowerFactor => (2e-4, 0.0),
        Role::VoltageThd => (5e-3, 0.0),
        Role::Frequency => (0.0, 1e-3),
        Role::SlipFrequency => (0.0, 2e-3),
        Role::ValvePosition
        | Role::DriveOutput
        | Role::MainsPresent
        | Role::Trip
        | Role::Vibration
        | Role::SoundLevel => (0.0, 0.0),
    }
}

/// The transmitter behind one channel.
#[derive(Clone, Debug)]
pub(crate) struct Sensor {
    role: Role,
    phase: usize,
    /// Share of the way to the new value that one step goes.
    follow: f64,
    noise: Noise,
    damped: Option<f64>,
    reading: f64,
}

impl Sensor {
    /// The sensors of `channels`, stepped every `step_s`. Voltages and currents count up
    /// their phases in the order they are declared.
    pub(crate) fn all(channels: &[Channel], seed: u64, step_s: f64) -> Vec<Self> {
        channels
            .iter()
            .enumerate()
            .map(|(n, channel)| Self {
                role: channel.role,
                phase: channels
                    .iter()
                    .take(n)
                    .filter(|c| c.role == channel.role)
                    .count()
                    % 3,
                follow: if channel.damping_s > 0.0 {
                    1.0 - libm::exp(-step_s / channel.damping_s)
                } else {
                    1.0
                },
                // Streams below 1000 belong to the rig.
                noise: Noise::new(seed, 1000 + n as u64),
                damped: None,
                reading: 0.0,
            })
            .collect()
    }

    /// One step on.
    pub(crate) fn step(&mut self, signals: &Signals) {
        let signal = signals.of(self.role, self.phase);
        let damped = match self.damped {
            Some(before) => before + self.follow * (signal - before),
            None => signal,
        };
        self.damped = Some(damped);
        let (share, part) = noise_of(self.role);
        let noisy = damped + self.noise.bell() * (share * damped.abs() + part);
        self.reading = if self.role == Role::Flow && noisy.abs() < LOW_FLOW_CUT_OFF {
            0.0
        } else {
            noisy
        };
    }

    /// The reading, in the internal unit of the quantity.
    pub(crate) fn reading(&self) -> f64 {
        self.reading
    }
}
