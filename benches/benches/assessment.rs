//! The full judgement of a test of 13 points: three fitted curves (H, P, η) with their
//! neighbours, uncertainty budget, gates and findings, through the engine's `assess`.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use criterion::{Criterion, criterion_group, criterion_main};
use dutypoint_engine::config::Order;
use dutypoint_engine::{FORMULAS, Files, Setup, assess};
use dutypoint_model::document::{
    Calibration, Channel, ChannelStatistics, Channels, Clock, Encoding, FileRef, HeadTerms,
    Instrument, NumberKind, Origin, Point, PowerKind, Reduced, Role, Scale, Software, Start,
    WordOrder,
};
use dutypoint_model::{Digest, Outcome, Unit};
use std::hint::black_box;
use std::path::Path;

const FIT: &str = r#"
[fit]
head_degree = 3
power_degree = 3
efficiency_degree = 3
reason = { zh = "三条曲线", en = "three curves" }
"#;

fn shipped(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join(path)).unwrap()
}

fn setup() -> Setup {
    let order = shipped("config/orders/demo.toml") + FIT;
    let mut files = Files::new();
    let mut refer = |name: &str, text: &str| {
        let digest = Digest::of(text.as_bytes());
        files.insert(digest, text.as_bytes().to_vec());
        FileRef {
            name: name.into(),
            digest,
        }
    };
    let parsed = Order::parse("order.toml", &order).unwrap();
    let start = Start {
        t_ns: 0,
        station: "bench".into(),
        origin: Origin::Simulated,
        operator: "bench".into(),
        clock: Clock {
            source: "none".into(),
            speed: 1.0,
            error_ms: None,
        },
        software: Software {
            name: "dutypoint".into(),
            version: "bench".into(),
            build: "bench".into(),
            formulas: FORMULAS.iter().map(|f| (*f).into()).collect(),
        },
        order: refer("order.toml", &order),
        bench: Some(refer("bench.toml", &shipped("config/benches/demo.toml"))),
        packs: parsed
            .packs()
            .into_iter()
            .map(|id| refer(id, &shipped(&format!("config/standards/{id}.toml"))))
            .collect(),
        profiles: Vec::new(),
    };
    Setup::open(&start, &files).unwrap()
}

const ROLES: [(Role, Unit, f64); 4] = [
    (Role::Flow, Unit::CubicMetrePerSecond, 0.02),
    (Role::OutletPressure, Unit::Pascal, 2.5e6),
    (Role::WaterLevel, Unit::Metre, 10.0),
    (Role::InputPower, Unit::Watt, 30e3),
];

fn channels() -> Channels {
    let channel = |(role, unit, high): (Role, Unit, f64)| Channel {
        name: role.text().en,
        role,
        unit,
        poll: 0,
        encoding: Encoding {
            offset: 0,
            kind: NumberKind::F64,
            order: WordOrder::Abcd,
            scale: Scale::Linear {
                factor: 1.0,
                offset: 0.0,
            },
            invalid: Vec::new(),
            guards: Vec::new(),
        },
        damping_s: 0.2,
        instrument: Instrument {
            tag: role.text().en,
            model: String::new(),
            serial: String::new(),
            range: [0.0, high],
            calibration: Calibration {
                certificate: String::new(),
                laboratory: String::new(),
                date: "2026-03-02".into(),
                due: "2027-03-01".into(),
                slope: 1.0,
                offset: 0.0,
                u_reading_pct: 0.2,
                u_range_pct: 0.05,
            },
        },
    };
    Channels {
        channels: ROLES.into_iter().map(channel).collect(),
        ..Channels::default()
    }
}

/// A test of the demo pump: H = 138 − 0.032 Q², P1 = 9 + 0.19 Q kW (Q in m³/h).
fn points() -> Vec<Point> {
    let flows = [
        0.0, 5.0, 10.0, 15.0, 20.0, 23.0, 26.0, 29.0, 31.5, 32.5, 35.0, 38.0, 41.6,
    ];
    let point = |(q, number): (&f64, u16)| {
        let (flow_m3_s, head_m, power_w) = (q / 3600.0, 138.0 - 0.032 * q * q, 9000.0 + 190.0 * q);
        let means = [flow_m3_s, 9783.0 * head_m, 4.0, power_w];
        let statistics = |((role, _, _), mean): (&(Role, Unit, f64), f64)| ChannelStatistics {
            channel: role.text().en,
            samples: 40,
            bad: 0,
            mean,
            sd: 0.002 * mean,
            low: 0.995 * mean,
            high: 1.005 * mean,
            slope_per_s: 0.0,
        };
        Point {
            number: number.into(),
            attempt: 1,
            accepted: true,
            reason: None,
            target_flow_m3_s: None,
            from_ns: 0,
            to_ns: 1,
            sets: None,
            channels: ROLES.iter().zip(means).map(statistics).collect(),
            steadiness: Vec::new(),
            reduced: Some(Reduced {
                flow_m3_s,
                head_m,
                head_terms: HeadTerms::default(),
                outlet_loss: None,
                power_kind: PowerKind::MotorInput,
                power_w,
                efficiency: 998.6 * 9.79627 * flow_m3_s * head_m / power_w,
                density_kg_m3: 998.6,
                gravity_m_s2: 9.79627,
                speed_rpm: Some(2870.0),
                frequency_hz: Some(50.0),
                motor_voltage_v: Some(380.0),
                current_a: Some(30.0),
                cable_loss_w: None,
                cable_loss_removed: false,
                water_temperature_c: Some(18.0),
            }),
            translated: None,
        }
    };
    flows.iter().zip(1..).map(point).collect()
}

fn assessment(c: &mut Criterion) {
    let (setup, channels, points) = (setup(), channels(), points());
    let judge = || assess(&setup, &channels, black_box(&points), Outcome::Completed).unwrap();
    // What is timed is the whole: findings with values, uncertainties and other fits.
    let findings = judge();
    assert!(findings.iter().any(|f| f.expanded_uncertainty.is_some()));
    assert!(findings.iter().any(|f| f.variants.len() >= 3));
    c.bench_function("judgement of 13 points, three curves, budget", |b| {
        b.iter(judge);
    });
}

criterion_group!(benches, assessment);
criterion_main!(benches);
