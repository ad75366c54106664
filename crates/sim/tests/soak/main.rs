//! Random faults on every transport, and not one reading that is another's.
//!
//! The short form runs with the tests; `cargo xtask soak` runs the long one, whose size it
//! hands over in the environment.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod figures;
mod frame;
mod neighbours;
mod slave;

use dutypoint_engine::config::{Endpoint, LineConfig};
use dutypoint_fieldbus::{LineSetup, Timer, spawn};
use dutypoint_model::document::Poll;
use figures::{Figures, Judge};
use slave::{QUARANTINE_MS, Slave, TIMEOUT_MS};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How the bytes travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Tcp,
    Rtu,
    RtuTcp,
}

/// How much is asked, of how many lines, and how often it goes wrong.
#[derive(Clone, Copy, Debug)]
struct Size {
    lines: usize,
    exchanges: u64,
    longest: Duration,
    faults_pct: u32,
    seed: u64,
}

/// Three units whose requests only their unit tells apart, and of each several that only
/// their address does, besides such of other lengths and functions.
pub(crate) fn polls() -> Vec<Poll> {
    let mut polls = Vec::new();
    for unit_id in 1..=3 {
        for (function, address, count) in
            [(3, 0, 2), (3, 10, 2), (4, 10, 2), (3, 40, 3), (4, 300, 8)]
        {
            polls.push(Poll {
                id: u16::try_from(polls.len()).unwrap(),
                line: "line".into(),
                instrument: format!("unit {unit_id}"),
                unit_id,
                function,
                address,
                count,
                period_ms: 0,
                message: None,
            });
        }
    }
    polls
}

/// Runs the lines of one transport and returns what came of it.
fn soak(transport: Transport, size: Size) -> Figures {
    // The slaves have a thread of their own: an instrument does not wait for its reader.
    let slaves = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let clients = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let devices: Vec<Slave> = (0..size.lines)
        .map(|nth| {
            let seed = size.seed.wrapping_add(nth as u64);
            slaves.block_on(Slave::start(transport, size.faults_pct, seed))
        })
        .collect();
    let begin = Instant::now();
    let figures = clients.block_on(async {
        let timer = Timer::start();
        let mut tasks = Vec::new();
        for device in devices {
            let setup = LineSetup::new(
                LineConfig {
                    timeout_ms: TIMEOUT_MS,
                    quarantine_ms: QUARANTINE_MS,
                    retries: 1,
                    ..LineConfig::new("line", device.endpoint.clone())
                },
                polls(),
                1.0,
            );
            let (out, exchanges) = mpsc::channel(1000);
            let line = spawn(setup, &timer, out);
            let share = size.exchanges / size.lines as u64;
            tasks.push(tokio::spawn(watch(
                device,
                exchanges,
                line,
                share,
                begin + size.longest,
            )));
        }
        let mut figures = Figures::default();
        for task in tasks {
            figures.add(&task.await.unwrap());
        }
        figures
    });
    slaves.shutdown_background();
    println!(
        "{transport:?} seed {} in {:.1} s: {figures}",
        size.seed,
        begin.elapsed().as_secs_f64()
    );
    figures
}

async fn watch(
    device: Slave,
    mut exchanges: mpsc::Receiver<dutypoint_fieldbus::Exchange>,
    line: dutypoint_fieldbus::LineHandle,
    share: u64,
    end: Instant,
) -> Figures {
    let mut judge = Judge::new(device.log.clone());
    let mut idle = false;
    while judge.figures.exchanges < share && Instant::now() < end {
        match tokio::time::timeout(Duration::from_secs(20), exchanges.recv()).await {
            Ok(Some(exchange)) => judge.see(&exchange),
            Ok(None) => panic!("the line ended by itself"),
            Err(_) => {
                assert!(!idle, "no exchange for 40 s");
                idle = true;
            }
        }
    }
    drop(line);
    let asked = device.asked();
    let mut figures = judge.figures;
    // One may be in flight.
    figures.unrecorded = asked.saturating_sub(figures.exchanges + 1 + exchanges.len() as u64);
    figures.faults = device.faults();
    figures
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is {text:?}, no number"))
    })
}

/// The size of the tests, or what `cargo xtask soak` asks of one transport.
fn asked() -> Size {
    let short = Size {
        lines: 8,
        exchanges: 3000,
        longest: Duration::from_secs(60),
        faults_pct: 15,
        seed: number("DUTYPOINT_SOAK_SEED").unwrap_or(20_261_123),
    };
    match number("DUTYPOINT_SOAK_EXCHANGES") {
        None => short,
        Some(exchanges) => Size {
            lines: 24,
            exchanges: exchanges / 3,
            longest: Duration::from_secs(number("DUTYPOINT_SOAK_MINUTES").unwrap_or(60) * 20),
            faults_pct: 10,
            ..short
        },
    }
}

fn holds(transport: Transport) {
    let figures = soak(transport, asked());
    figures.must_hold(transport);
    assert!(figures.good > 200 && figures.faulty() > 100, "{figures}");
}

#[test]
fn no_random_fault_over_tcp_makes_a_reading_anothers() {
    holds(Transport::Tcp);
}

#[test]
fn no_random_fault_on_a_serial_line_makes_a_reading_anothers() {
    holds(Transport::Rtu);
}

#[test]
fn no_random_fault_behind_a_serial_server_makes_a_reading_anothers() {
    holds(Transport::RtuTcp);
}

/// An endpoint of the transport.
pub(crate) fn endpoint(transport: Transport, place: String) -> Endpoint {
    match transport {
        Transport::Tcp => Endpoint::tcp(place),
        Transport::Rtu => Endpoint::rtu(place, 115_200),
        Transport::RtuTcp => Endpoint::RtuTcp { address: place },
    }
}
