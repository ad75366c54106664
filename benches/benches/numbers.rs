//! What a judgement costs: the published factory test through the whole engine, and a
//! fit of degree 4 alone.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use criterion::{Criterion, criterion_group, criterion_main};
use dutypoint_engine::config::Order;
use dutypoint_engine::{FORMULAS, Files, RunEngine, import};
use dutypoint_hydraulics::fit::PolynomialFit;
use dutypoint_model::document::{Clock, FileRef, Origin, Software, Start};
use dutypoint_model::{Digest, Document};
use std::hint::black_box;
use std::path::Path;

fn read(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

fn numbers(c: &mut Criterion) {
    let order = read("fixtures/lmv311-unit-b/order.toml");
    let points = read("fixtures/lmv311-unit-b/points.csv");
    let pack = read("config/standards/api610-11.toml");
    let refer = |name: &str, bytes: &[u8]| FileRef {
        name: name.into(),
        digest: Digest::of(bytes),
    };
    let start = Start {
        t_ns: 0,
        station: "bench".into(),
        origin: Origin::Imported,
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
        bench: None,
        packs: vec![refer("api610-11.toml", &pack)],
        profiles: Vec::new(),
    };
    let files: Files = [order.clone(), pack]
        .into_iter()
        .map(|bytes| (Digest::of(&bytes), bytes))
        .collect();
    let order = Order::parse("order.toml", std::str::from_utf8(&order).unwrap()).unwrap();
    let table = Document::Import(
        import::table(
            &order,
            "points.csv",
            &points,
            &import::Choices::default(),
            0,
        )
        .unwrap(),
    );
    c.bench_function("factory test: set-up, reduction, fits, judgement", |b| {
        b.iter(|| {
            let mut engine = RunEngine::open(&start, &files).unwrap();
            engine.step(black_box(&table)).unwrap()
        });
    });
    let x = [14.71, 25.15, 29.43, 37.37, 40.37, 42.2];
    let y = [277.35, 257.81, 243.0, 243.68, 229.0, 219.12];
    c.bench_function("fit of degree 4 through six points", |b| {
        b.iter(|| PolynomialFit::new(black_box(&x), black_box(&y), 4, false).unwrap());
    });
}

criterion_group!(benches, numbers);
criterion_main!(benches);
