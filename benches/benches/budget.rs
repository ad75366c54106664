//! What an uncertainty costs: the budget of a unit efficiency after the GUM, and its
//! propagation with a million draws beside a plain C loop that draws and evaluates the same.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use criterion::{Criterion, criterion_group, criterion_main};
use dutypoint_benches::{compile, fastest, run};
use dutypoint_hydraulics::normal::Random;
use dutypoint_hydraulics::uncertainty::budget::Budget;
use dutypoint_hydraulics::uncertainty::input::{Correlations, Input};
use dutypoint_hydraulics::uncertainty::monte_carlo::{Draws, Settings, propagate};
use dutypoint_hydraulics::uncertainty::published;
use std::hint::black_box;
use std::time::Instant;

const DRAWS: usize = 1_000_000;
const ROUNDS: usize = 15;

fn budget(c: &mut Criterion) {
    let model = published::find("unit_efficiency").unwrap().model().unwrap();
    // Worked example E10; the same numbers stand in the peer.
    let inputs = [
        ("density_kg_m3", 998.5956, 0.05),
        ("g_m_s2", 9.7962, 5e-5),
        ("q_m3_s", 32.45 / 3600.0, 2.5e-5),
        ("h_m", 105.9506, 0.2),
        ("p1_w", 15_376.09, 40.0),
    ]
    .map(|(name, value, u)| Input::normal(name, value, u).unwrap());
    let none = Correlations::none(inputs.len());
    let settings = Settings {
        seed: 1,
        level: 0.95,
        draws: Draws::Fixed(DRAWS),
    };
    let propagated = || propagate(&model, black_box(&inputs), &none, &settings).unwrap();

    c.bench_function("budget of a unit efficiency", |b| {
        b.iter(|| Budget::new(&model, black_box(&inputs), &none).unwrap());
    });
    let mut group = c.benchmark_group("random");
    let mut random = Random::new(1, 0);
    group.bench_function("one normal draw", |b| b.iter(|| random.normal()));
    group.finish();
    let mut group = c.benchmark_group("propagation");
    group.sample_size(10);
    group.bench_function("unit efficiency, 1,000,000 draws", |b| b.iter(propagated));
    group.finish();

    let Ok(peer) = compile("budget") else {
        println!("peer skipped: no C compiler");
        return;
    };
    // In turn, so that both meet the same machine.
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let found = propagated();
    for _ in 0..ROUNDS {
        let from = Instant::now();
        black_box(propagated());
        ours.push(from.elapsed().as_secs_f64() * 1e3);
        let printed = run(&peer, &[&DRAWS.to_string()]).unwrap();
        let [ms, mean, sd]: [f64; 3] = printed.try_into().unwrap();
        assert!(
            (mean - found.value).abs() < 6.0 * sd / f64::sqrt(5e5),
            "{mean} {}",
            found.value
        );
        assert!((sd / found.standard_uncertainty - 1.0).abs() < 0.01);
        theirs.push(ms);
    }
    let (ours, theirs) = (fastest(&ours), fastest(&theirs));
    println!(
        "1,000,000 draws of a unit efficiency, with intervals: {ours:.1} ms; plain C, draws and sums: {theirs:.1} ms; ratio {:.2} (at most 3)",
        ours / theirs
    );
}

criterion_group!(benches, budget);
criterion_main!(benches);
