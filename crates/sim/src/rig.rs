//! The bench around the pump: well, riser, valve, mains and transmitters.
//!
//! Contract: stepped with bench time in fixed steps of 20 ms, so that seed and command
//! history fix the trajectory however `advance_to` is called. The tap pressure is the
//! pump's head less elevation, riser friction and velocity head, the same terms a judge
//! adds up again. The pump runs from the start; only the valve is driven.

use crate::fault::{self, Fault};
use crate::hydraulics::{
    Pipe, ambient_pa, density_kg_m3, gravity_m_s2, vapour_pressure_pa, velocity_head_m,
    viscosity_m2_s,
};
use crate::noise::{Noise, Turbulence};
use crate::pump::DEMO_HEAD_M;
use crate::sensor::{Sensor, Signals};
use crate::suction::Suction;
use crate::supply::Supply;
use crate::{Error, Operation, PumpModel};
use dutypoint_engine::config::{Bench, CableConfig, Material};
use dutypoint_model::document::Channels;
use dutypoint_model::{Measure, Quantity};
use std::f64::consts::TAU;

/// Steps per bench second.
const STEPS_PER_S: f64 = 50.0;
const STEP_S: f64 = 1.0 / STEPS_PER_S;
/// Elevation of the water at rest, from the bench datum, m.
const WATER_AT_REST_M: f64 = -2.0;
/// Flow the well and the turbulence are described at, m³/s.
const RATED_M3_S: f64 = 32.0 / 3600.0;
/// Drawdown of the well at that flow, m; proportional to the flow.
const DRAWDOWN_M: f64 = 1.0;
const DRAWDOWN_TIME_S: f64 = 8.0;
/// How fast the flow follows the valve.
const FLOW_TIME_S: f64 = 1.5;
/// How fast it stops against a closed seat.
const SHUT_TIME_S: f64 = 0.2;
/// Flow below which a closed valve has stopped it, m³/s (0.02 m³/h).
const STOPPED_M3_S: f64 = 0.02 / 3600.0;
/// Travel of the actuator, share of the stroke per s.
const TRAVEL_PER_S: f64 = 0.1;
/// Flow through the open valve at 1 m of head, m³/s: 1.3 times the rated flow is reached
/// at about 90 % of the stroke.
const VALVE_OPEN: f64 = 5.6 / 3600.0;
/// Flow that no solution exceeds, m³/s.
const MOST_FLOW_M3_S: f64 = 70.0 / 3600.0;
const TURBULENCE_TIME_S: f64 = 0.5;
/// Harmonic distortion of the simulated mains.
const VOLTAGE_THD: f64 = 0.018;

/// The true state of the bench, before turbulence, damping, noise and rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Truth {
    /// Bench time, s.
    pub time_s: f64,
    /// Flow, m³/s.
    pub flow_m3_s: f64,
    /// Total head of the pump, m.
    pub head_m: f64,
    /// Motor and pump.
    pub operation: Operation,
    /// Hydraulic power over the power at the motor leads.
    pub unit_efficiency: f64,
    /// Gauge pressure at the outlet tap, Pa.
    pub outlet_pressure_pa: f64,
    /// Loss of head between pump outlet and tap, m.
    pub friction_m: f64,
    /// Elevation of the water surface, m.
    pub water_elevation_m: f64,
    /// Temperature of the water, °C.
    pub water_temperature_c: f64,
    /// Density of the water, kg/m³.
    pub density_kg_m3: f64,
    /// Gravity at the site, m/s².
    pub gravity_m_s2: f64,
    /// Mean line voltage at the panel, V.
    pub panel_voltage_v: f64,
    /// Supply frequency, Hz.
    pub frequency_hz: f64,
    /// Opening of the valve, 0 … 1.
    pub opening: f64,
    /// NPSH at the pump's inlet, m; zero on a bench without a suction side.
    pub npsh_available_m: f64,
    /// NPSH3 of the pump at this flow and speed, m; zero for one that does not cavitate.
    pub npsh3_m: f64,
}

/// The bench around the pump.
#[derive(Clone, Debug)]
pub struct Rig {
    model: PumpModel,
    suction: Option<Suction>,
    /// Pressure of the air at the site, Pa.
    ambient_pa: f64,
    pub(crate) faults: Vec<Fault>,
    gravity_m_s2: f64,
    riser: Pipe,
    /// Loss coefficient of elbows and valves, referred to the riser's bore.
    fittings: f64,
    /// Loss between pump and tap over the riser's velocity head, where the bench measured it.
    measured_loss: Option<f64>,
    tap_bore_m: f64,
    gauge_elevation_m: f64,
    sensor_elevation_m: f64,
    cable_ohm: f64,
    supply: Supply,
    /// Phase of the slow drift of the water temperature.
    temperature_phase: f64,
    /// Turbulence of flow, pressure and power.
    turbulence: [Turbulence; 3],
    sensors: Vec<Sensor>,
    steps: u64,
    demand: f64,
    truth: Truth,
}

impl Rig {
    /// The bench of `bench` with `model` in the well, a sensor behind each of
    /// `channels`, and the plant's share of `faults`. Starts at bench time 0 with the
    /// pump running against the closed valve.
    ///
    /// # Errors
    /// [`Error::Bench`] for a measure of the bench file that is no length, or a cable
    /// without a cross-section.
    pub fn new(
        bench: &Bench,
        channels: &Channels,
        model: PumpModel,
        faults: &[Fault],
        seed: u64,
    ) -> Result<Self, Error> {
        let g = &bench.geometry;
        let altitude_m = length("altitude", bench.site.altitude)?;
        let mut waves = Noise::new(seed, 0);
        let supply = Supply::new(&mut waves);
        let gravity = bench
            .site
            .measured_gravity_m_s2
            .unwrap_or_else(|| gravity_m_s2(bench.site.latitude_deg, altitude_m));
        let riser_bore_m = length("riser_bore", g.riser_bore)?;
        let measured_loss = match &g.measured_loss {
            Some(measured) => {
                let flow = measured.flow.internal(Quantity::Flow);
                let flow = flow.map_err(|why| Error::Bench { key: "flow", why })?;
                let head_m = length("measured_loss", measured.head)?;
                Some(head_m / velocity_head_m(flow, riser_bore_m, gravity))
            }
            None => None,
        };
        let mut rig = Self {
            gravity_m_s2: gravity,
            fittings: g.fitting.iter().map(|f| f.zeta).sum(),
            measured_loss,
            riser: Pipe {
                length_m: length("riser_length", g.riser_length)?,
                bore_m: riser_bore_m,
                roughness_m: length("riser_roughness", g.riser_roughness)?,
            },
            tap_bore_m: length("tap_bore", g.tap_bore)?,
            gauge_elevation_m: length("gauge_elevation", g.gauge_elevation)?,
            sensor_elevation_m: length("level_sensor_elevation", g.level_sensor_elevation)?,
            cable_ohm: bench.cable.as_ref().map_or(Ok(0.0), core_ohm)?,
            supply,
            temperature_phase: TAU * waves.uniform(),
            turbulence: [1, 2, 3]
                .map(|stream| Turbulence::new(Noise::new(seed, stream), TURBULENCE_TIME_S, STEP_S)),
            sensors: Sensor::all(&channels.channels, seed, STEP_S),
            model,
            suction: None,
            ambient_pa: ambient_pa(altitude_m),
            faults: faults.to_vec(),
            steps: 0,
            demand: 0.0,
            truth: Truth {
                water_elevation_m: WATER_AT_REST_M,
                ..Truth::default()
            },
        };
        rig.settle();
        Ok(rig)
    }

    /// Puts the pump behind a suction side instead of into the well.
    #[must_use]
    pub fn with_suction(mut self, suction: Suction) -> Self {
        self.truth.water_elevation_m = suction.level_m;
        self.suction = Some(suction);
        self.settle();
        self
    }

    /// Steps the bench to `bench_s` seconds after its start. The past stays the past.
    pub fn advance_to(&mut self, bench_s: f64) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float cast saturates; negative times and NaN give step 0"
        )]
        let target = (bench_s * STEPS_PER_S) as u64;
        while self.steps < target {
            self.steps += 1;
            self.step();
        }
    }

    /// Asks the valve for an opening, 0 closed … 1 open; it travels there.
    pub fn set_demand(&mut self, opening: f64) {
        if opening.is_finite() {
            self.demand = opening.clamp(0.0, 1.0);
        }
    }

    /// The true state.
    #[must_use]
    pub fn truth(&self) -> Truth {
        self.truth
    }

    /// What the transmitter of channel number `channel` shows, in the internal unit of
    /// its quantity; `None` for a channel the rig was not built with.
    #[must_use]
    pub fn reading(&self, channel: usize) -> Option<f64> {
        self.sensors.get(channel).map(Sensor::reading)
    }

    fn step(&mut self) {
        let time_s = self.truth.time_s;
        let way = if fault::plant(&self.faults, time_s).stuck {
            0.0
        } else {
            self.demand - self.truth.opening
        };
        let most = TRAVEL_PER_S * STEP_S;
        // Arrives exactly: a closed valve is closed.
        self.truth.opening = if way == 0.0 {
            self.truth.opening
        } else if way.abs() <= most {
            self.demand
        } else {
            self.truth.opening + most.copysign(way)
        };
        let steady = self.steady_flow_m3_s();
        let time_s = if self.truth.opening > 0.0 {
            FLOW_TIME_S
        } else {
            SHUT_TIME_S
        };
        let flow = &mut self.truth.flow_m3_s;
        *flow += (steady - *flow) * follow(time_s);
        if self.truth.opening <= 0.0 && *flow < STOPPED_M3_S {
            *flow = 0.0;
        }
        if self.suction.is_none() {
            let drawn = WATER_AT_REST_M - DRAWDOWN_M * *flow / self.rated_m3_s();
            self.truth.water_elevation_m +=
                (drawn - self.truth.water_elevation_m) * follow(DRAWDOWN_TIME_S);
        }
        self.settle();
    }

    /// The flow at which the pump's head is used up, at the present speed and opening.
    fn steady_flow_m3_s(&self) -> f64 {
        let truth = &self.truth;
        if truth.opening <= 0.0 {
            return 0.0;
        }
        // Between linear and parabolic trim: with the pump's curve the flow over the
        // stroke comes out nearly straight.
        let trim = truth.opening * (0.35 + 0.65 * truth.opening);
        // The demo's valve, resized to the pump.
        let size = self.rated_m3_s() / RATED_M3_S;
        let open_m3_s = VALVE_OPEN * trim * size * (DEMO_HEAD_M / self.model.rated_head_m).sqrt();
        let lift_m = match &self.suction {
            // What goes round comes back to the level it left.
            Some(suction) if suction.closed => 0.0,
            _ => self.gauge_elevation_m - truth.water_elevation_m,
        };
        let viscosity = viscosity_m2_s(truth.water_temperature_c);
        let riser = self.loss_factor(truth.flow_m3_s, viscosity);
        let left_m = |flow: f64| {
            let through = flow / open_m3_s;
            self.head_m(flow)
                - lift_m
                - self.suction_loss_m(flow)
                - riser * self.velocity_head_m(flow, self.riser.bore_m)
                - self.velocity_head_m(flow, self.tap_bore_m)
                - through * through
        };
        // Falls with flow, so halving finds the one crossing; zero where lift alone is
        // too much.
        let (mut low, mut high) = (0.0, MOST_FLOW_M3_S * size);
        for _ in 0..40 {
            let middle = (low + high) / 2.0;
            if left_m(middle) > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    fn rated_m3_s(&self) -> f64 {
        self.model.rated_flow_m3_h / 3600.0
    }

    /// The pump's head at a flow, at the present speed and what NPSH there is.
    fn head_m(&self, flow_m3_s: f64) -> f64 {
        let speed_rpm = self.truth.operation.speed_rpm;
        let whole_m = self.model.head_m(flow_m3_s, speed_rpm);
        match self.npsh_available_m(flow_m3_s) {
            Some(npsh_m) => whole_m * self.model.cavitation_factor(flow_m3_s, speed_rpm, npsh_m),
            None => whole_m,
        }
    }

    fn suction_loss_m(&self, flow_m3_s: f64) -> f64 {
        let Some(suction) = &self.suction else {
            return 0.0;
        };
        let phi = flow_m3_s / self.rated_m3_s();
        suction.loss_at_rated_m.at(self.truth.time_s) * phi * phi
    }

    /// Net positive suction head at the inlet, which is at the datum.
    fn npsh_available_m(&self, flow_m3_s: f64) -> Option<f64> {
        let suction = self.suction.as_ref()?;
        let t = &self.truth;
        let weight = density_kg_m3(t.water_temperature_c) * self.gravity_m_s2;
        let absolute_pa = self.ambient_pa + suction.tank_pa.at(t.time_s)
            - vapour_pressure_pa(t.water_temperature_c);
        Some(absolute_pa / weight + suction.level_m - self.suction_loss_m(flow_m3_s))
    }

    /// Everything that follows from flow, level, opening and time; then the sensors.
    fn settle(&mut self) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "exact for 5 million years of steps"
        )]
        let time_s = self.steps as f64 / STEPS_PER_S;
        let plant = fault::plant(&self.faults, time_s);
        let now = self.supply.at(time_s, plant.voltage_v, plant.frequency_hz);
        self.model.head_factor = plant.head_factor;
        let viscosity = viscosity_m2_s(self.truth.water_temperature_c);
        let riser = self.loss_factor(self.truth.flow_m3_s, viscosity);
        let t = &mut self.truth;
        t.time_s = time_s;
        t.water_temperature_c =
            18.0 + 0.2 * libm::sin(TAU * time_s / 1800.0 + self.temperature_phase);
        t.density_kg_m3 = density_kg_m3(t.water_temperature_c);
        t.gravity_m_s2 = self.gravity_m_s2;
        t.frequency_hz = now.frequency_hz;
        t.panel_voltage_v = now.mean_voltage_v();
        t.operation = self
            .model
            .operate(t.flow_m3_s, &now, self.cable_ohm, t.density_kg_m3);
        let (flow, speed_rpm) = (t.flow_m3_s, t.operation.speed_rpm);
        let npsh3_m = self.model.npsh3_m(flow, speed_rpm);
        let head_m = self.head_m(flow);
        let suction_loss_m = self.suction_loss_m(flow);
        let npsh_m = self.npsh_available_m(flow);
        let tank_pa = self.suction.as_ref().map_or(0.0, |s| s.tank_pa.at(time_s));
        let t = &mut self.truth;
        t.head_m = head_m;
        t.npsh3_m = npsh3_m.unwrap_or(0.0);
        t.npsh_available_m = npsh_m.unwrap_or(0.0);
        let weight = t.density_kg_m3 * t.gravity_m_s2;
        t.unit_efficiency = weight * t.flow_m3_s * t.head_m / t.operation.motor_power_w;
        t.friction_m = riser * velocity_head_m(t.flow_m3_s, self.riser.bore_m, t.gravity_m_s2);
        let pressure_head_m = t.head_m
            - (self.gauge_elevation_m - t.water_elevation_m)
            - t.friction_m
            - suction_loss_m
            - velocity_head_m(t.flow_m3_s, self.tap_bore_m, t.gravity_m_s2);
        t.outlet_pressure_pa = pressure_head_m * weight + tank_pa;
        let signals = self.signals(now.line_v);
        for sensor in &mut self.sensors {
            sensor.step(&signals);
        }
    }

    /// The quantities as the transmitters meet them: with the turbulence of the flow,
    /// 0.3 % at rated flow and less in still water.
    fn signals(&mut self, line_v: [f64; 3]) -> Signals {
        let [flow, pressure, power] = self.turbulence.each_mut().map(Turbulence::step);
        let t = &self.truth;
        let o = &t.operation;
        let plant = fault::plant(&self.faults, t.time_s);
        let on = f64::from(u8::from(!plant.off));
        let moving = (t.flow_m3_s / self.rated_m3_s()).min(1.0);
        let unrest = 1.0 + 0.001 * power;
        Signals {
            flow_m3_s: t.flow_m3_s * (1.0 + 0.003 * flow) * on,
            outlet_pressure_pa: t.outlet_pressure_pa * (1.0 + (0.001 + 0.002 * moving) * pressure),
            inlet_pressure_pa: self.inlet_pressure_pa(),
            water_level_m: t.water_elevation_m - self.sensor_elevation_m,
            water_temperature_c: t.water_temperature_c,
            line_v,
            current_a: o.current_a * unrest * on,
            input_power_w: o.panel_power_w * unrest * on,
            shaft_power_w: o.shaft_power_w * unrest * on,
            frequency_hz: t.frequency_hz,
            slip_hz: o.slip_hz * on,
            speed_rpm: o.speed_rpm * on,
            power_factor: o.panel_power_factor,
            voltage_thd: VOLTAGE_THD,
            valve_position: t.opening,
            mains: f64::from(u8::from(plant.mains)),
            trip: f64::from(u8::from(plant.trip)),
        }
    }

    /// Gauge pressure at the inlet tap, at the datum and of the outlet's bore.
    fn inlet_pressure_pa(&self) -> f64 {
        // An inlet open to the well: gauge zero at the free surface.
        let Some(suction) = &self.suction else {
            return 0.0;
        };
        let t = &self.truth;
        let head_m = suction.level_m
            - self.suction_loss_m(t.flow_m3_s)
            - self.velocity_head_m(t.flow_m3_s, self.tap_bore_m);
        head_m * t.density_kg_m3 * t.gravity_m_s2 + suction.tank_pa.at(t.time_s)
    }

    /// Loss between pump and tap over the velocity head in the riser.
    fn loss_factor(&self, flow_m3_s: f64, viscosity_m2_s: f64) -> f64 {
        self.measured_loss
            .unwrap_or_else(|| self.riser.loss_factor(flow_m3_s, viscosity_m2_s) + self.fittings)
    }

    fn velocity_head_m(&self, flow_m3_s: f64, bore_m: f64) -> f64 {
        velocity_head_m(flow_m3_s, bore_m, self.gravity_m_s2)
    }
}

/// Share of the way a first-order lag goes in one step.
fn follow(time_s: f64) -> f64 {
    1.0 - libm::exp(-STEP_S / time_s)
}

fn length(key: &'static str, measure: Measure) -> Result<f64, Error> {
    measure
        .internal(Quantity::Length)
        .map_err(|why| Error::Bench { key, why })
}

/// Resistance of one core of the cable at its temperature, Ω.
fn core_ohm(cable: &CableConfig) -> Result<f64, Error> {
    let length_m = length("cable length", cable.length)?;
    let at_20 = cable.core_resistance_ohm.unwrap_or_else(|| {
        cable.resistivity_ohm_mm2_m.unwrap_or_default() * length_m / cable.section_mm2
    });
    let zero = match cable.material {
        Material::Copper => 235.0,
        Material::Aluminium => 225.0,
    };
    let ohm = at_20 * (zero + cable.temperature_c) / (zero + 20.0);
    if ohm.is_finite() && ohm >= 0.0 {
        return Ok(ohm);
    }
    Err(Error::Bench {
        key: "cable",
        why: format!(
            "{length_m} m of {} mm² have no resistance; write a section above 0",
            cable.section_mm2
        ),
    })
}
