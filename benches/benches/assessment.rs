//! The full judgement of a test of 13 points: three fitted curves (H, P, η) with their
//! neighbours, uncertainty budget, gates and findings, through the engine's `assess`.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

#[path = "../../crates/engine/tests/common/points.rs"]
mod demo;
#[path = "../../crates/engine/tests/common/channels.rs"]
mod fixture;
#[path = "../../crates/engine/tests/common/shown.rs"]
mod showing;

use criterion::{Criterion, criterion_group, criterion_main};
use demo::{FLOWS, point, reduced};
use dutypoint_engine::config::Order;
use dutypoint_engine::{FORMULAS, Files, Setup, assess};
use dutypoint_model::document::{Channels, Clock, FileRef, Origin, Point, Role, Software, Start};
use dutypoint_model::{Digest, Outcome, Unit};
use fixture::channel;
use showing::shown;
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
    let mut channels = Channels::default();
    for (role, unit, high) in ROLES {
        let mut channel = channel(&role.text().en, role, unit);
        channel.instrument.range = [0.0, high];
        channel.instrument.calibration.u_reading_pct = 0.2;
        channel.instrument.calibration.u_range_pct = 0.05;
        channels.channels.push(channel);
    }
    channels
}

/// A test of the demo pump with what its channels showed.
fn points() -> Vec<Point> {
    let with_channels = |(number, q): (u32, f64)| {
        let exact = reduced(q);
        let means = [exact.flow_m3_s, 9783.0 * exact.head_m, 4.0, exact.power_w];
        let shows = |((role, _, _), mean): (&(Role, Unit, f64), f64)| {
            shown(&role.text().en, mean, 0.002 * mean)
        };
        Point {
            channels: ROLES.iter().zip(means).map(shows).collect(),
            ..point(number, exact)
        }
    };
    (1..).zip(FLOWS).map(with_channels).collect()
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
