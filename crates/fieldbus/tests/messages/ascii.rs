//! A flow meter that answers lines of text.

use super::{Bus, bench};
use dutypoint_engine::decode::Bad;
use dutypoint_model::document::{Checksum, ChecksumKind, Quality, Written};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_serial::SerialStream;

const PROFILE: &str = include_str!("../../../../fixtures/instruments/invented-ascii.toml");
const INSTRUMENT: &str = r#"
[[instrument]]
tag = "FT-01"
profile = "invented-ascii"
line = "line"
unit_id = 26
serial = "1"
period_ms = 50
channel = [
  { name = "flow", role = "flow", register = "flow", range = [0.0, 100.0] },
  { name = "water", role = "water_temperature", register = "temperature", range = [0.0, 50.0] },
]
"#;

const SOUND: u8 = 0;
const SILENT: u8 = 1;
const BROKEN: u8 = 2;
const CUT: u8 = 3;
const TWICE: u8 = 4;
const LATE: u8 = 5;
const OTHER: u8 = 6;
const NO_FLOW: u8 = 7;

fn line(text: &str) -> Vec<u8> {
    let sum = Checksum {
        kind: ChecksumKind::Sum8,
        written: Written::Hex,
        from: 0,
    };
    [text.as_bytes(), &sum.of(text.as_bytes()), b"\r"].concat()
}

/// Answers each request in the manner that `how` says. Each answer counts on.
fn answering(mut far: SerialStream, how: Arc<AtomicU8>) {
    tokio::spawn(async move {
        let (mut asked, mut chunk, mut count) = (Vec::new(), [0; 64], 0);
        while let Ok(read) = far.read(&mut chunk).await {
            asked.extend(&chunk[..read]);
            if asked.last() != Some(&b'\r') {
                continue;
            }
            // "#1A", its sum 23h + 31h + 41h = 95h.
            assert_eq!(asked, b"#1A95\r");
            asked.clear();
            count += 1;
            let answer = line(&format!(">1A+{count:06.2}m3/h, -1.50"));
            let answer = match how.load(Ordering::Relaxed) {
                SILENT => Vec::new(),
                BROKEN => answer
                    .iter()
                    .map(|b| if *b == b'.' { b',' } else { *b })
                    .collect(),
                CUT => answer[..9].to_vec(),
                TWICE => [answer.clone(), answer].concat(),
                LATE => {
                    // Past the wait, within the quarantine.
                    tokio::time::sleep(Duration::from_millis(340)).await;
                    answer
                }
                OTHER => line(">1B+000.00m3/h, -1.50"),
                NO_FLOW => line(">1A------m3/h, -1.50"),
                _ => answer,
            };
            if far.write_all(&answer).await.is_err() {
                return;
            }
        }
    });
}

fn start() -> (Bus, Arc<AtomicU8>) {
    let mut bus = Bus::new(bench("ascii", PROFILE, INSTRUMENT));
    let how = Arc::new(AtomicU8::new(SOUND));
    let (far, _) = SerialStream::pair().unwrap();
    answering(std::mem::replace(&mut bus.far, far), how.clone());
    (bus, how)
}

#[tokio::test]
async fn each_answer_is_the_one_to_its_request() {
    let (mut bus, _) = start();
    let mut last = 0.0;
    for _ in 0..10 {
        let exchange = bus.until(Quality::Good).await;
        let flow = bus.value("flow", &exchange).unwrap();
        assert!(flow > last);
        last = flow;
        assert_eq!(bus.value("water", &exchange), Ok(-1.5));
        assert!(exchange.sent < exchange.received);
    }
}

#[tokio::test]
async fn silence_broken_cut_doubled_late_and_foreign_answers_are_told_and_never_read() {
    let (mut bus, how) = start();
    let mut last = 0.0;
    for (manner, quality) in [
        (SILENT, Quality::Timeout),
        (BROKEN, Quality::Garbled),
        (CUT, Quality::WrongLength),
        (TWICE, Quality::Garbled),
        (LATE, Quality::Timeout),
        (OTHER, Quality::Garbled),
    ] {
        how.store(SOUND, Ordering::Relaxed);
        let exchange = bus.until(Quality::Good).await;
        // Counting on, even after a late answer.
        let flow = bus.value("flow", &exchange).unwrap();
        assert!(flow > last, "{manner}");
        last = flow;
        how.store(manner, Ordering::Relaxed);
        let exchange = bus.until(quality).await;
        assert_eq!(exchange.words, [0; 0]);
        for _ in 0..2 {
            let exchange = bus.next().await;
            assert_ne!(exchange.quality, Quality::Good, "{manner}: {exchange:?}");
        }
    }
    how.store(NO_FLOW, Ordering::Relaxed);
    loop {
        let exchange = bus.until(Quality::Good).await;
        if let Err(bad) = bus.value("flow", &exchange) {
            assert_eq!(bad, Bad::NotDecimal("------".into()));
            assert_eq!(bus.value("water", &exchange), Ok(-1.5));
            break;
        }
    }
}
