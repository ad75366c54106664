//! The pump: head and shaft power over flow and speed.
//!
//! Contract: pure; affinity laws hold exactly between speeds; the shaft power belongs to
//! the head, so that no flow, speed or supply gives an efficiency a pump cannot have.

use crate::motor::{Motor, Operation};
use crate::supply::SupplyPoint;
use serde::Deserialize;

/// Density the power curve was drawn with, kg/m³ (water at 20 °C).
const CURVE_DENSITY_KG_M3: f64 = 998.2;

/// Gravity the powers of a rating are reckoned with, m/s².
const GRAVITY_M_S2: f64 = 9.806_65;
/// Head of the demo's pump at its rated flow, m.
pub(crate) const DEMO_HEAD_M: f64 = 105.2;
/// Most shaft power the demo's pump asks up to 1.3 times its rated flow, W.
const DEMO_MOST_W: f64 = 13_420.0;

/// A multi-stage pump and the motor it hangs on.
#[derive(Clone, Debug, PartialEq)]
pub struct PumpModel {
    /// Number of stages.
    pub stages: u32,
    /// Speed the curves below are drawn for, r/min.
    pub curve_rpm: f64,
    /// Head of one stage in m over flow in m³/h: coefficients of q⁰ … q³.
    pub stage_head: [f64; 4],
    /// Shaft power of one stage in W over flow in m³/h: coefficients of q⁰ … q².
    pub stage_power: [f64; 3],
    /// Share of its head the pump still makes; 1 as new.
    pub head_factor: f64,
    /// Flow the pump is rated for, m³/h.
    pub rated_flow_m3_h: f64,
    /// Head it is rated for, m.
    pub rated_head_m: f64,
    /// NPSH3 at the rated flow and the speed of the curves, m; `None` for a pump that does
    /// not cavitate.
    pub rated_npsh3_m: Option<f64>,
    /// The motor.
    pub motor: Motor,
}

/// Kinds of pumps, by the shape of their curves. The shapes are the simulator's own, of the
/// kind textbooks draw; none is a standard's or a maker's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PumpKind {
    /// Dry-pit centrifugal pump: flat curve, power rises with flow.
    Centrifugal,
    /// Well submersible motor-pump, usually of several stages.
    WellSubmersible,
    /// Sewage pump with a channel impeller: steep, with a nearly straight curve.
    Sewage,
    /// Mixed-flow pump: steep, power nearly the same at every flow.
    MixedFlow,
    /// Axial-flow pump: a saddle at part load, most power at closed valve.
    Axial,
}

/// What a pump is rated for.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    /// Kind.
    pub kind: PumpKind,
    /// Flow at the best point, m³/h.
    pub flow_m3_h: f64,
    /// Head there, m.
    pub head_m: f64,
    /// Efficiency there, percent.
    pub efficiency_pct: f64,
    /// Speed of the curves, r/min.
    pub speed_rpm: f64,
    /// Stages.
    #[serde(default = "one")]
    pub stages: u32,
    /// NPSH3 at the best point, m.
    #[serde(default)]
    pub npsh3_m: Option<f64>,
}

fn one() -> u32 {
    1
}

impl PumpKind {
    /// Head over the head at the best point: coefficients of φ⁰ … φ³, φ the flow over the
    /// flow there. They sum to 1.
    fn head_shape(self) -> [f64; 4] {
        match self {
            Self::Centrifugal => [1.25, 0.0, -0.25, 0.0],
            Self::WellSubmersible => [1.27, -0.04, -0.17, -0.06],
            Self::Sewage => [1.45, -0.35, -0.10, 0.0],
            Self::MixedFlow => [1.6, -0.9, 0.9, -0.6],
            // The slope is −17.6 (φ − 0.4)(φ − 0.65): lowest at 0.4, highest behind it at
            // 0.65.
            Self::Axial => {
                let k = 1.2 / (1.0 / 3.0 - 0.525 + 0.26);
                [2.2, -0.26 * k, 0.525 * k, -k / 3.0]
            }
        }
    }

    /// Shaft power at closed valve over that at the best point.
    fn shut_off_power(self) -> f64 {
        match self {
            Self::Centrifugal => 0.45,
            Self::WellSubmersible => 0.54,
            Self::Sewage => 0.5,
            Self::MixedFlow => 0.95,
            Self::Axial => 1.9,
        }
    }

    /// Shaft power over that at the best point: coefficients of φ⁰ … φ². They follow from
    /// the power at closed valve, the sum of 1 and an efficiency that is highest at φ = 1:
    /// the slope of the power there is one more than that of the head.
    fn power_shape(self) -> [f64; 3] {
        let [_, b, c, d] = self.head_shape();
        let slope = 1.0 + b + 2.0 * c + 3.0 * d;
        let closed = self.shut_off_power();
        let square = slope - (1.0 - closed);
        [closed, 1.0 - closed - square, square]
    }
}

impl PumpModel {
    /// A well submersible motor-pump like 200QJ32-104/8: eight stages, 2 poles, 380 V,
    /// 50 Hz, 15 kW. The curves are invented to the rating of the type code; the motor's
    /// losses follow worked example E11 of the reference.
    #[must_use]
    pub fn demo() -> Self {
        Self {
            stages: 8,
            curve_rpm: 2860.0,
            stage_head: [16.65, -0.016_875, -2.15e-3, -2.3125e-5],
            stage_power: [835.0, 28.0625, -0.1875],
            head_factor: 1.0,
            rated_flow_m3_h: 32.0,
            rated_head_m: DEMO_HEAD_M,
            rated_npsh3_m: None,
            motor: Motor {
                pole_pairs: 1,
                stator_ohm: 0.2926,
                rotor_ohm: 0.452,
                leakage_ohm: 1.70,
                magnetising_var: 7900.0,
                iron_w: 500.0,
                friction_w: 780.0,
                stray: 0.005,
            },
        }
    }

    /// A pump of `rating` with a motor like the demo's, made larger or smaller until it
    /// carries the pump at every flow up to 1.3 times the rated.
    #[must_use]
    pub fn of(rating: &Rating) -> Self {
        let stages = f64::from(rating.stages.max(1));
        let flow = rating.flow_m3_h;
        let hydraulic_w = CURVE_DENSITY_KG_M3 * GRAVITY_M_S2 * flow / 3600.0 * rating.head_m;
        let power_w = hydraulic_w / (rating.efficiency_pct / 100.0);
        let over = |shape: f64, power: u32| shape / (0..power).fold(1.0, |all, _| all * flow);
        let [h0, h1, h2, h3] = rating.kind.head_shape();
        let [p0, p1, p2] = rating.kind.power_shape();
        let head = rating.head_m / stages;
        let power = power_w / stages;
        let most = (0..=13u8)
            .map(|tenth| f64::from(tenth) / 10.0)
            .map(|phi| p0 + phi * (p1 + phi * p2))
            .fold(0.0, f64::max);
        let demo = Self::demo();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float cast saturates"
        )]
        let pole_pairs = ((3000.0 / rating.speed_rpm) as u32).max(1);
        Self {
            stages: rating.stages.max(1),
            curve_rpm: rating.speed_rpm,
            stage_head: [
                head * h0,
                head * over(h1, 1),
                head * over(h2, 2),
                head * over(h3, 3),
            ],
            stage_power: [power * p0, power * over(p1, 1), power * over(p2, 2)],
            head_factor: 1.0,
            rated_flow_m3_h: flow,
            rated_head_m: rating.head_m,
            rated_npsh3_m: rating.npsh3_m,
            motor: demo.motor.sized(power_w * most / DEMO_MOST_W, pole_pairs),
        }
    }

    /// NPSH3 in m at a flow in m³/s and a speed in r/min; rises with the flow, by a shape of
    /// the simulator's own.
    #[must_use]
    pub fn npsh3_m(&self, flow_m3_s: f64, speed_rpm: f64) -> Option<f64> {
        let (ratio, flow) = self.at_curve_speed(flow_m3_s, speed_rpm);
        let phi = flow / self.rated_flow_m3_h;
        Some(self.rated_npsh3_m? * (0.6 + 0.4 * phi * phi) * ratio * ratio)
    }

    /// Share of its head the pump still makes where `npsh_available_m` is left at its inlet:
    /// the first stage lacks 3 % of its head at NPSH3, by its definition, and less than a
    /// tenth of that at 1.3 times NPSH3. A shape of the simulator's own.
    #[must_use]
    pub fn cavitation_factor(&self, flow_m3_s: f64, speed_rpm: f64, npsh_available_m: f64) -> f64 {
        match self.npsh3_m(flow_m3_s, speed_rpm) {
            Some(npsh3_m) if npsh3_m > 0.0 => {
                let lost = 0.03 * libm::exp(-8.0 * (npsh_available_m / npsh3_m - 1.0));
                1.0 - lost.min(0.9) / f64::from(self.stages)
            }
            _ => 1.0,
        }
    }

    /// Total head in m at a flow in m³/s and a speed in r/min. Falls with flow; below
    /// zero where the flow is more than the pump can pass.
    #[must_use]
    pub fn head_m(&self, flow_m3_s: f64, speed_rpm: f64) -> f64 {
        let (ratio, flow) = self.at_curve_speed(flow_m3_s, speed_rpm);
        let [a, b, c, d] = self.stage_head;
        let stage_m = a + flow * (b + flow * (c + flow * d));
        f64::from(self.stages) * stage_m * ratio * ratio * self.head_factor
    }

    /// Shaft power in W at a flow in m³/s, a speed in r/min and a density in kg/m³. A
    /// worn pump takes the power of a new one.
    #[must_use]
    pub fn shaft_power_w(&self, flow_m3_s: f64, speed_rpm: f64, density_kg_m3: f64) -> f64 {
        let (ratio, flow) = self.at_curve_speed(flow_m3_s, speed_rpm);
        let [a, b, c] = self.stage_power;
        let stage_w = a + flow * (b + flow * c);
        f64::from(self.stages) * stage_w * ratio * ratio * ratio * density_kg_m3
            / CURVE_DENSITY_KG_M3
    }

    /// Motor and pump in steady state at a flow in m³/s, on `supply` behind a cable of
    /// `cable_ohm` per core, in water of `density_kg_m3`.
    ///
    /// ```
    /// use dutypoint_sim::{PumpModel, SupplyPoint};
    /// let pump = PumpModel::demo();
    /// let flow_m3_s = 32.0 / 3600.0;
    /// let point = pump.operate(flow_m3_s, &SupplyPoint::balanced(380.0, 50.0), 0.0835, 998.6);
    /// let hydraulic_w = 998.6 * 9.796 * flow_m3_s * pump.head_m(flow_m3_s, point.speed_rpm);
    /// let unit_efficiency = hydraulic_w / point.motor_power_w;
    /// assert!((0.605..0.610).contains(&unit_efficiency), "{unit_efficiency}");
    /// ```
    #[must_use]
    pub fn operate(
        &self,
        flow_m3_s: f64,
        supply: &SupplyPoint,
        cable_ohm: f64,
        density_kg_m3: f64,
    ) -> Operation {
        self.motor.operate(supply, cable_ohm, |speed_rpm| {
            self.shaft_power_w(flow_m3_s, speed_rpm, density_kg_m3)
        })
    }

    /// Speed ratio, and the flow in m³/h reduced to the speed of the curves. At rest
    /// there is no such flow; the ratio of zero then removes it again.
    fn at_curve_speed(&self, flow_m3_s: f64, speed_rpm: f64) -> (f64, f64) {
        let ratio = speed_rpm / self.curve_rpm;
        let flow = if ratio > 0.0 {
            flow_m3_s * 3600.0 / ratio
        } else {
            0.0
        };
        (ratio, flow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DENSITY: f64 = 998.5956;
    const GRAVITY: f64 = 9.796_27;
    const CABLE_OHM: f64 = 0.083_522;

    struct Point {
        head_m: f64,
        unit: f64,
        pump: f64,
        motor: f64,
        operation: Operation,
    }

    fn point(model: &PumpModel, flow_m3_h: f64, volt: f64, hertz: f64) -> Point {
        let flow = flow_m3_h / 3600.0;
        let supply = SupplyPoint::balanced(volt, hertz);
        let operation = model.operate(flow, &supply, CABLE_OHM, DENSITY);
        let head_m = model.head_m(flow, operation.speed_rpm);
        let hydraulic_w = DENSITY * GRAVITY * flow * head_m;
        Point {
            head_m,
            unit: hydraulic_w / operation.motor_power_w,
            pump: hydraulic_w / operation.shaft_power_w,
            motor: operation.shaft_power_w / operation.motor_power_w,
            operation,
        }
    }

    #[test]
    fn the_duty_point_is_that_of_the_type_code() {
        let model = PumpModel::demo();
        let rated = point(&model, 32.0, 380.0, 50.0);
        assert!((104.0..108.0).contains(&rated.head_m), "{}", rated.head_m);
        assert!((0.605..0.61).contains(&rated.unit), "{}", rated.unit);
        let o = rated.operation;
        assert!((2855.0..2880.0).contains(&o.speed_rpm), "{o:?}");
        assert!((1.9..2.4).contains(&o.slip_hz), "{o:?}");
        assert!((29.0..32.0).contains(&o.current_a), "{o:?}");
        assert!((0.74..0.84).contains(&o.motor_power_factor), "{o:?}");
        let shut_off = point(&model, 0.0, 380.0, 50.0).head_m;
        assert!((135.0..140.0).contains(&shut_off), "{shut_off}");
        let over = point(&model, 1.3 * 32.0, 380.0, 50.0);
        assert!((80.0..85.0).contains(&over.head_m), "{}", over.head_m);
        assert!(over.operation.shaft_power_w < 15_000.0, "motor overloaded");
    }

    #[test]
    fn efficiency_rises_to_one_peak_near_the_rated_flow_and_falls() {
        let model = PumpModel::demo();
        let curve: Vec<f64> = (0..=52)
            .map(|q| point(&model, f64::from(q), 380.0, 50.0).pump)
            .collect();
        let peak = (0..curve.len())
            .max_by(|a, b| curve[*a].total_cmp(&curve[*b]))
            .unwrap();
        assert!((30..=37).contains(&peak), "peak at {peak} m³/h");
        assert!(curve[..=peak].windows(2).all(|w| w[0] < w[1]));
        assert!(curve[peak..].windows(2).all(|w| w[0] > w[1]));
    }

    #[test]
    fn no_supply_and_no_flow_makes_more_power_than_went_in() {
        let model = PumpModel::demo();
        // The ends of what faults may ask of the mains.
        for volt in [340.0, 350.0, 380.0, 420.0] {
            for hertz in [47.0, 49.2, 50.0, 53.0] {
                for flow in 0..=60 {
                    let p = point(&model, f64::from(flow), volt, hertz);
                    assert!(p.pump < 0.78, "{volt} V {hertz} Hz {flow}: {}", p.pump);
                    assert!(
                        (0.6..0.85).contains(&p.motor),
                        "{volt} {hertz} {flow}: {}",
                        p.motor
                    );
                    let o = p.operation;
                    assert!(o.panel_power_w > o.motor_power_w);
                    assert!(o.motor_voltage_v < volt);
                    // Converged: the current is that of the panel's power.
                    let panel_va = 3.0_f64.sqrt() * volt * o.current_a;
                    assert!((o.panel_power_w / o.panel_power_factor / panel_va - 1.0).abs() < 1e-6);
                }
            }
        }
    }

    #[test]
    fn electrical_quantities_agree_with_each_other() {
        let o = point(&PumpModel::demo(), 32.0, 380.0, 50.0).operation;
        let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-9;
        let root3 = 3.0_f64.sqrt();
        assert!(near(
            o.panel_power_w,
            root3 * 380.0 * o.current_a * o.panel_power_factor
        ));
        assert!(near(
            o.motor_power_w,
            root3 * o.motor_voltage_v * o.current_a * o.motor_power_factor
        ));
        let cable_w = 3.0 * o.current_a * o.current_a * CABLE_OHM;
        assert!(near(o.panel_power_w - o.motor_power_w, cable_w));
        assert!(near(o.speed_rpm, 60.0 * (50.0 - o.slip_hz)));
        // The slip is the rotor's share of the air-gap power: shaft, friction, rotor copper.
        let friction_w = 780.0 * (o.speed_rpm / 2870.0) * (o.speed_rpm / 2870.0);
        let gap_w = (o.shaft_power_w + friction_w) / (1.0 - o.slip_hz / 50.0);
        assert!(near(
            o.slip_hz / 50.0,
            gap_w * 0.452 / (o.motor_voltage_v * o.motor_voltage_v)
        ));
    }

    #[test]
    fn affinity_holds_between_speeds() {
        let model = PumpModel::demo();
        let (flow, ratio) = (0.008, 2846.0 / 2900.0);
        let head = model.head_m(flow, 2900.0) * ratio * ratio;
        let power = model.shaft_power_w(flow, 2900.0, DENSITY) * ratio * ratio * ratio;
        assert!((model.head_m(flow * ratio, 2846.0) - head).abs() < 1e-9);
        assert!((model.shaft_power_w(flow * ratio, 2846.0, DENSITY) - power).abs() < 1e-7);
    }

    #[test]
    fn a_worn_pump_loses_head_and_efficiency_but_takes_its_power() {
        let mut worn = PumpModel::demo();
        worn.head_factor = 0.85;
        let (new, worn) = (
            point(&PumpModel::demo(), 32.0, 380.0, 50.0),
            point(&worn, 32.0, 380.0, 50.0),
        );
        assert!((worn.head_m / new.head_m - 0.85).abs() < 1e-12);
        assert_eq!(worn.operation, new.operation);
        assert!(worn.unit < 0.53);
    }
}
