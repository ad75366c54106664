//! Monte-Carlo replicates of a fit: degree 4, 13 points, 10,000 replicates, one core, with
//! fixed and with perturbed abscissae; beside a plain C loop and numpy doing the same.
//!
//! The perturbations are a table that all read, so that the fits are compared and not the
//! random numbers. The C program is compiled with `cc -O2` here; peers time themselves. Each
//! side takes the best of several passes, in turns, since other work shares the machine. A
//! peer that cannot be had is reported as skipped.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use criterion::{Criterion, criterion_group, criterion_main};
use dutypoint_benches::{compile, fastest, run};
use dutypoint_hydraulics::replicate::Replicates;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

const POINTS: usize = 13;
const DEGREE: usize = 4;
const REPLICATES: usize = 10_000;
const ROUNDS: usize = 5;
const PASSES: usize = 15;

/// A test of 13 points and what its replicates deviate by.
struct Table {
    x: Vec<f64>,
    y: Vec<f64>,
    dx: Vec<f64>,
    dy: Vec<f64>,
}

impl Table {
    fn new() -> Self {
        // Splitmix64; sums of four uniforms are near enough to normal here.
        let mut state = 4_u64;
        let mut uniform = move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut deviations = |sd: f64| -> Vec<f64> {
            let one = |_| sd * 1.7 * ((0..4).map(|_| uniform()).sum::<f64>() - 2.0);
            (0..POINTS * REPLICATES).map(one).collect()
        };
        let x: Vec<f64> = (0..13).map(|i| 10.0 * f64::from(i)).collect();
        Self {
            y: x.iter().map(|q| 58.8 - 0.02 * q - 0.0008 * q * q).collect(),
            x,
            dx: deviations(0.4),
            dy: deviations(0.2),
        }
    }

    fn write(&self, path: &Path) {
        let columns = [&self.x, &self.y, &self.dx, &self.dy];
        let bytes = columns.into_iter().flatten().flat_map(|v| v.to_ne_bytes());
        std::fs::write(path, bytes.collect::<Vec<_>>()).unwrap();
    }

    fn fixed(&self, replicates: &Replicates) -> f64 {
        let mut sum = 0.0;
        let perturb = |i: usize, y: &mut [f64]| add(y, &self.dy, i);
        let take = |_, c: &[f64]| sum += replicates.evaluate(c, self.x[POINTS - 3]);
        replicates.fixed(REPLICATES, perturb, take).unwrap();
        sum
    }

    fn perturbed(&self, replicates: &Replicates) -> f64 {
        let mut sum = 0.0;
        let perturb = |i: usize, x: &mut [f64], y: &mut [f64]| {
            add(x, &self.dx, i);
            add(y, &self.dy, i);
        };
        let take = |_, c: &[f64]| sum += replicates.evaluate(c, self.x[POINTS - 3]);
        replicates.perturbed(REPLICATES, perturb, take).unwrap();
        sum
    }
}

fn add(to: &mut [f64], deviations: &[f64], replicate: usize) {
    let from = &deviations[replicate * POINTS..][..POINTS];
    for (value, deviation) in to.iter_mut().zip(from) {
        *value += deviation;
    }
}

/// Times in ms of one way to compute.
struct Way {
    name: &'static str,
    times: Vec<f64>,
}

/// The best of several passes, and the sum, which must be the one already known.
fn own(compute: impl Fn() -> f64) -> [f64; 2] {
    let (mut times, mut sum) = (Vec::new(), 0.0);
    for _ in 0..PASSES {
        let from = Instant::now();
        sum = compute();
        times.push(from.elapsed().as_secs_f64() * 1e3);
    }
    [fastest(&times), sum]
}

fn compare(table: &Table, replicates: &Replicates) {
    let file = std::env::current_exe()
        .unwrap()
        .with_file_name("peer-fit-table");
    table.write(&file);
    let arguments = [POINTS, DEGREE, REPLICATES].map(|n| n.to_string());
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    arguments.insert(0, file.to_str().unwrap());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/fit.py");

    let way = |name| Way {
        name,
        times: Vec::new(),
    };
    let mut fixed = ["ours", "plain C", "numpy, one call", "numpy polyfit loop"].map(way);
    let mut perturbed = ["ours", "plain C", "numpy, batched QR", "numpy polyfit loop"].map(way);
    let [sum_fixed, sum_perturbed] = [table.fixed(replicates), table.perturbed(replicates)];
    let keep = |way: &mut Way, found: &[f64], sum: f64| {
        let name = way.name;
        let [ms, of] = found else { return };
        assert!(
            (of - sum).abs() <= 1e-9 * sum.abs(),
            "{name}: {of} for {sum}"
        );
        way.times.push(*ms);
    };
    let c = compile("fit");
    // In turn, so that all meet the same machine.
    for round in 0..ROUNDS {
        keep(
            &mut fixed[0],
            &own(|| table.fixed(black_box(replicates))),
            sum_fixed,
        );
        let found = own(|| table.perturbed(black_box(replicates)));
        keep(&mut perturbed[0], &found, sum_perturbed);
        if let Some(found) = c.as_ref().ok().and_then(|c| run(c, &arguments).ok()) {
            let (of_fixed, of_perturbed) = found.split_at(2);
            keep(&mut fixed[1], of_fixed, sum_fixed);
            keep(&mut perturbed[1], of_perturbed, sum_perturbed);
        }
        if round % 2 == 0 {
            let mut arguments = arguments.clone();
            arguments.insert(0, script.to_str().unwrap());
            // The system's interpreter has the distribution's numpy, another may not.
            for interpreter in ["/usr/bin/python3", "python3"] {
                if let Ok(found) = run(Path::new(interpreter), &arguments)
                    && found.len() == 8
                {
                    for (way, found) in fixed.iter_mut().skip(2).zip(found.chunks(2)) {
                        keep(way, found, sum_fixed);
                    }
                    for (way, found) in perturbed.iter_mut().skip(2).zip(found.chunks(2).skip(2)) {
                        keep(way, found, sum_perturbed);
                    }
                    break;
                }
            }
        }
    }
    println!("{REPLICATES} replicates of degree {DEGREE} through {POINTS} points, one core:");
    for (abscissae, ways) in [("fixed", &fixed), ("perturbed", &perturbed)] {
        let ours = fastest(&ways[0].times);
        for Way { name, times } in ways {
            if times.is_empty() {
                println!("  {abscissae} abscissae, {name}: skipped, not to be had here");
            } else {
                let ms = fastest(times);
                let ratio = ms / ours;
                println!("  {abscissae} abscissae, {name}: {ms:.3} ms, {ratio:.2} times ours");
            }
        }
    }
}

fn fits(c: &mut Criterion) {
    let table = Table::new();
    let replicates = Replicates::new(&table.x, &table.y, DEGREE, false).unwrap();
    compare(&table, &replicates);
    c.bench_function("10,000 replicates, fixed abscissae", |b| {
        b.iter(|| black_box(&table).fixed(black_box(&replicates)));
    });
    c.bench_function("10,000 replicates, perturbed abscissae", |b| {
        b.iter(|| black_box(&table).perturbed(black_box(&replicates)));
    });
    c.bench_function("fit of degree 4 through 13 points, double-double", |b| {
        b.iter(|| Replicates::new(black_box(&table.x), &table.y, DEGREE, false).unwrap());
    });
}

criterion_group!(benches, fits);
criterion_main!(benches);
