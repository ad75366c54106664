//! Points of the demo's pump, H = 138 − 0.032 Q² m and P1 = 9 + 0.19 Q kW (Q in m³/h), as a
//! bench reduces them.

use dutypoint_model::document::{HeadTerms, Point, PowerKind, Reduced};

pub(crate) const DENSITY: f64 = 998.6;
pub(crate) const GRAVITY: f64 = 9.79627;

/// Flows of a type test, m³/h.
pub(crate) const FLOWS: [f64; 13] = [
    0.0, 5.0, 10.0, 15.0, 20.0, 23.0, 26.0, 29.0, 31.5, 32.5, 35.0, 38.0, 41.6,
];

/// The quantities of a point at `q` m³/h.
pub(crate) fn reduced(q: f64) -> Reduced {
    at(q, 138.0 - 0.032 * q * q, 9000.0 + 190.0 * q)
}

/// The quantities of a point of any pump, `q` in m³/h.
pub(crate) fn at(q: f64, head_m: f64, power_w: f64) -> Reduced {
    let flow_m3_s = q / 3600.0;
    Reduced {
        flow_m3_s,
        head_m,
        head_terms: HeadTerms::default(),
        outlet_loss: None,
        power_kind: PowerKind::MotorInput,
        power_w,
        efficiency: DENSITY * GRAVITY * flow_m3_s * head_m / power_w,
        density_kg_m3: DENSITY,
        gravity_m_s2: GRAVITY,
        speed_rpm: Some(2870.0),
        frequency_hz: Some(50.0),
        motor_voltage_v: Some(380.0),
        current_a: Some(30.0),
        cable_loss_w: None,
        cable_loss_removed: false,
        water_temperature_c: Some(18.0),
    }
}

/// An accepted point.
pub(crate) fn point(number: u32, reduced: Reduced) -> Point {
    Point {
        number,
        attempt: 1,
        accepted: true,
        reason: None,
        target_flow_m3_s: None,
        from_ns: 0,
        to_ns: 1,
        sets: None,
        channels: Vec::new(),
        steadiness: Vec::new(),
        translated: None,
        reduced: Some(reduced),
    }
}
