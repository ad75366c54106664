//! The lines of `fieldbus` against the simulated instruments: whatever a device does,
//! no answer is ever taken for another request's.
//!
//! The case of the Modbus client library that hands a late RTU answer to the next
//! request is the first test: both polls ask one device for two registers, so only
//! timing tells their answers apart.

use super::client::GENEROUS;
use super::common::demo;
use dutypoint_engine::config::{Endpoint, LineConfig};
use dutypoint_fieldbus::{Exchange, LineSetup, Timer, open_check, spawn};
use dutypoint_model::document::{Poll, Quality};
use dutypoint_sim::{Options, Simulator};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Register of the Keller's pressure, and one the simulator leaves at zero.
const PRESSURE: u16 = 2;
const ZERO: u16 = 6;

fn simulator(faults: &[&str]) -> Simulator {
    let (bench, profiles) = demo();
    let options = Options {
        faults: faults.iter().map(|f| f.parse().unwrap()).collect(),
        ..Options::default()
    };
    Simulator::start(&bench, &profiles, options).unwrap()
}

fn poll(id: u16, unit_id: u8, address: u16, count: u16) -> Poll {
    Poll {
        id,
        // The line of each unit, as in the bench file.
        line: if matches!(unit_id, 2 | 3) {
            "rtu-2".into()
        } else {
            "rtu-1".into()
        },
        instrument: String::new(),
        unit_id,
        function: 3,
        address,
        count,
        period_ms: 20,
        message: None,
    }
}

/// Polls the RTU line of the first of `polls` until `enough`, a minute at most.
async fn listen(
    simulator: &Simulator,
    polls: Vec<Poll>,
    enough: impl Fn(&[Exchange]) -> bool,
) -> Vec<Exchange> {
    let setup = LineSetup::new(
        LineConfig {
            timeout_ms: 100,
            quarantine_ms: 150,
            retries: 0,
            ..LineConfig::new(
                polls[0].line.clone(),
                simulator.endpoints()[&polls[0].line].clone(),
            )
        },
        polls,
        1.0,
    );
    open_check(&setup).await.unwrap();
    let (out, mut exchanges) = mpsc::channel(1000);
    let line = spawn(setup, &Timer::start(), out);
    let end = Instant::now() + GENEROUS;
    let mut seen = Vec::new();
    while !enough(&seen) {
        match tokio::time::timeout_at(end.into(), exchanges.recv()).await {
            Ok(Some(exchange)) => seen.push(exchange),
            _ => panic!("in {GENEROUS:?} only {seen:?}"),
        }
    }
    drop(line);
    seen
}

fn good(exchanges: &[Exchange], poll: u16) -> Vec<&Exchange> {
    exchanges
        .iter()
        .filter(|e| e.poll == poll && e.quality == Quality::Good)
        .collect()
}

#[tokio::test]
async fn a_late_answer_is_never_taken_for_the_next_request() {
    // 150 ms late against a timeout of 100 ms: every answer comes in the middle of what
    // would be the next request, if that did not wait for it; so there are few of them.
    let simulator = simulator(&["late:PT-01=150@0.5..5.5"]);
    let polls = vec![poll(0, 1, PRESSURE, 2), poll(1, 1, ZERO, 2)];
    // Until the line has come back, each poll three times in a row.
    let back = |seen: &[Exchange]| {
        let last = seen.iter().rev().take(6);
        simulator.truth().time_s > 5.5 && last.filter(|e| e.quality == Quality::Good).count() == 6
    };
    let exchanges = listen(&simulator, polls, back).await;
    for exchange in good(&exchanges, 0) {
        assert_ne!(exchange.words, [0, 0], "the other register's answer");
    }
    for exchange in good(&exchanges, 1) {
        assert_eq!(exchange.words, [0, 0], "the pressure's answer");
    }
    let late = exchanges
        .iter()
        .filter(|e| e.quality == Quality::Timeout)
        .count();
    assert!(late >= 4, "only {late} timeouts: the fault did not bite");
}

#[tokio::test]
async fn a_dead_device_costs_its_own_channels_only() {
    let simulator = simulator(&["silent:LT-01"]);
    // Temperature on unit 3, level (dead) on unit 2.
    let polls = vec![poll(0, 3, 0, 1), poll(1, 2, 2, 3)];
    let dead = |seen: &[Exchange]| seen.iter().filter(|e| e.poll == 1).count() == 6;
    let exchanges = listen(&simulator, polls, dead).await;
    assert!(good(&exchanges, 1).is_empty());
    assert!(good(&exchanges, 0).len() >= 20);
    // Three timeouts, then a probe a second: most of the line's time is left to the living,
    // however few a busy machine reads in it.
    let asked: Vec<usize> = (0..exchanges.len())
        .filter(|n| exchanges[*n].poll == 1)
        .collect();
    for probes in asked[2..].windows(2) {
        let (one, next) = (&exchanges[probes[0]], &exchanges[probes[1]]);
        let apart = next.sent - one.sent;
        assert!(apart >= Duration::from_millis(900), "{apart:?}");
        let between = probes[1] - probes[0] - 1;
        assert!(between >= 4, "{between} readings of the living device");
    }
}

#[tokio::test]
async fn short_foreign_and_refusing_answers_are_named_and_never_values() {
    for (fault, expected) in [
        ("short:PT-01", Quality::WrongLength),
        ("wrong-unit:PT-01", Quality::Garbled),
        ("exception:PT-01=6", Quality::Exception(6)),
        ("silent:PT-01", Quality::Timeout),
    ] {
        let simulator = simulator(&[fault]);
        let polls = vec![poll(0, 1, PRESSURE, 2)];
        let named = |seen: &[Exchange]| {
            let named = seen.iter().filter(|e| e.quality == expected);
            named.count() == 3
        };
        let exchanges = listen(&simulator, polls, named).await;
        for exchange in &exchanges {
            // On a busy machine an answer may be late.
            let told = [expected, Quality::Timeout].contains(&exchange.quality);
            assert!(told, "{fault}: {exchange:?}");
            assert!(exchange.words.is_empty(), "{fault}");
        }
    }
}

#[tokio::test]
async fn a_port_that_cannot_be_opened_is_named_with_the_cure() {
    let setup = |endpoint| {
        LineSetup::new(
            LineConfig {
                timeout_ms: 200,
                quarantine_ms: 100,
                retries: 0,
                ..LineConfig::new("line-7", endpoint)
            },
            Vec::new(),
            1.0,
        )
    };
    let rtu = setup(Endpoint::rtu("/dev/no-such-port", 9600));
    let error = open_check(&rtu).await.unwrap_err().to_string();
    assert!(
        error.starts_with("failed to open line line-7 (/dev/no-such-port): "),
        "{error}"
    );
    assert!(
        error.ends_with("check the cable and the port's name"),
        "{error}"
    );
    // Bound and not listening: nobody else can take the port meanwhile.
    let silent = tokio::net::TcpSocket::new_v4().unwrap();
    silent.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let tcp = setup(Endpoint::tcp(address.clone()));
    let error = open_check(&tcp).await.unwrap_err().to_string();
    assert!(error.contains(&format!("({address})")), "{error}");
    assert!(error.contains("Modbus TCP service"), "{error}");
}
