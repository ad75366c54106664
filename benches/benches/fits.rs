//! Monte-Carlo replicates of a fit: degree 4, 13 points, 10,000 replicates, one core, with
//! fixed and with perturbed abscissae; beside a plain C loop and numpy doing the same.
//!
//! The perturbations are a table that all read, so that the fits are compared and not the
//! random numbers. The C program is compiled with `cc -O2` here; peers time themselves. Each
//! side takes the best of several passes, in turns, since other work shares the machine. A
//! peer that cannot be had is reported as skipped.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use criterion::{Criterion, criterion_group, criterion_main};
use dutypoint_hydraulics::replicate::Replicates;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
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

/// Best time in ns of a way to compute, and the sum it came to.
struct Timed {
    name: String,
    ns: f64,
    sum: f64,
}

fn own(table: &Table, replicates: &Replicates) -> Vec<Timed> {
    let ways: [(&str, fn(&Table, &Replicates) -> f64); 2] =
        [("fixed", Table::fixed), ("perturbed", Table::perturbed)];
    let time = |(name, way): (&str, fn(&Table, &Replicates) -> f64)| {
        let (mut ns, mut sum) = (f64::INFINITY, 0.0);
        for _ in 0..PASSES {
            let start = Instant::now();
            sum = way(black_box(table), black_box(replicates));
            ns = ns.min(start.elapsed().as_nanos() as f64);
        }
        Timed {
            name: name.into(),
            ns,
            sum,
        }
    };
    ways.into_iter().map(time).collect()
}

/// What a peer prints; empty when it could not be run.
fn peer(command: &mut Command, table: &Path) -> Vec<Timed> {
    let arguments = [POINTS, DEGREE, REPLICATES].map(|n| n.to_string());
    let Ok(output) = command.arg(table).args(arguments).output() else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let timed = |line: &str| {
        let mut words = line.split(' ');
        Some(Timed {
            name: words.next()?.into(),
            ns: words.next()?.parse().ok()?,
            sum: words.next()?.parse().ok()?,
        })
    };
    text.lines().filter_map(timed).collect()
}

fn compiled(folder: &Path) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/fit.c");
    let binary = folder.join("fit-c");
    let mut cc = Command::new("cc");
    cc.arg("-O2").arg("-o").arg(&binary).arg(source).arg("-lm");
    cc.status().is_ok_and(|s| s.success()).then_some(binary)
}

fn keep_best(best: &mut Vec<Timed>, prefix: &str, found: Vec<Timed>) {
    for timed in found {
        let name = format!("{prefix} {}", timed.name);
        match best.iter_mut().find(|b| b.name == name) {
            Some(known) => known.ns = known.ns.min(timed.ns),
            None => best.push(Timed { name, ..timed }),
        }
    }
}

fn compare(table: &Table, replicates: &Replicates) {
    let folder = std::env::temp_dir().join(format!("dutypoint-fits-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("table");
    table.write(&file);
    let c = compiled(&folder);
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/fit.py");
    let mut best = Vec::new();
    for _ in 0..ROUNDS {
        keep_best(&mut best, "own", own(table, replicates));
        if let Some(c) = &c {
            keep_best(&mut best, "c", peer(&mut Command::new(c), &file));
        }
    }
    for interpreter in ["/usr/bin/python3", "python3"] {
        if !best.iter().any(|b| b.name.starts_with("numpy")) {
            let mut command = Command::new(interpreter);
            // One core, as the others.
            command
                .env("OPENBLAS_NUM_THREADS", "1")
                .env("OMP_NUM_THREADS", "1");
            keep_best(&mut best, "numpy", peer(command.arg(&python), &file));
        }
    }
    keep_best(&mut best, "own", own(table, replicates));
    std::fs::remove_dir_all(&folder).unwrap();

    let find = |name: &str| best.iter().find(|b| b.name == name);
    println!("{REPLICATES} replicates of degree {DEGREE} through {POINTS} points, one core:");
    for abscissae in ["fixed", "perturbed"] {
        let own = find(&format!("own {abscissae}")).unwrap();
        println!("  {abscissae} abscissae: {:.3} ms", own.ns / 1e6);
        for name in [
            format!("c {abscissae}"),
            format!("numpy {abscissae}_batched"),
            format!("numpy {abscissae}_loop"),
        ] {
            let Some(other) = find(&name) else {
                println!("    {name}: skipped, not to be had here");
                continue;
            };
            assert!(
                (other.sum - own.sum).abs() <= 1e-9 * own.sum.abs(),
                "{name} computes something else: {} and {}",
                other.sum,
                own.sum
            );
            println!(
                "    {name}: {:.3} ms, {:.2} times ours",
                other.ns / 1e6,
                other.ns / own.ns
            );
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
