//! A torque meter that pushes binary frames.

use super::{Bus, bench, parsed};
use dutypoint_engine::decode::Bad;
use dutypoint_fieldbus::plan;
use dutypoint_model::document::{Quality, crc16};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;

const PROFILE: &str = include_str!("../../../../fixtures/instruments/invented-push.toml");
const INSTRUMENT: &str = r#"
[[instrument]]
tag = "TQ-01"
profile = "invented-push"
line = "line"
unit_id = 0
serial = "1"
period_ms = 50
channel = [
  { name = "speed", role = "speed", register = "speed", range = [0.0, 6000.0] },
  { name = "shaft", role = "shaft_power", register = "power", range = [0.0, 50000.0] },
]
"#;

/// A frame whose power is ten times its speed, in tenths of a watt: a reading made of two
/// frames would not hold that.
fn frame(speed: u16, status: u8) -> Vec<u8> {
    let mut bytes = vec![0xAA, 0x55];
    bytes.extend(speed.to_be_bytes());
    bytes.extend((100 * i32::from(speed)).to_be_bytes());
    bytes.push(status);
    bytes.extend(crc16(&bytes).to_le_bytes());
    bytes.push(0x0D);
    bytes
}

const SOUND: u8 = 0;
const SILENT: u8 = 1;
const NOISE: u8 = 2;
const CUT: u8 = 3;
const GLUED: u8 = 4;
const OVERLOAD: u8 = 5;

/// Pushes a frame every 5 ms, in the manner that `how` says.
fn pushing(mut far: tokio_serial::SerialStream, how: Arc<AtomicU8>) {
    tokio::spawn(async move {
        let mut speed = 1000;
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            speed = 1000 + (speed + 7) % 2000;
            let (one, two) = (frame(speed, 0), frame(speed + 1, 0));
            let bytes = match how.load(Ordering::Relaxed) {
                SILENT => Vec::new(),
                NOISE => (0..one.len())
                    .map(|n| (usize::from(speed) * (n + 3) % 151) as u8)
                    .collect(),
                CUT => one[..9].to_vec(),
                GLUED => [&one[..7], &two[5..]].concat(),
                OVERLOAD => frame(speed, 2),
                _ => one,
            };
            if far.write_all(&bytes).await.is_err() {
                return;
            }
        }
    });
}

fn start() -> (Bus, Arc<AtomicU8>) {
    let mut bus = Bus::new(bench("push", PROFILE, INSTRUMENT));
    let how = Arc::new(AtomicU8::new(SOUND));
    let (far, _) = tokio_serial::SerialStream::pair().unwrap();
    let far = std::mem::replace(&mut bus.far, far);
    pushing(far, how.clone());
    (bus, how)
}

#[tokio::test]
async fn pushed_frames_are_read_on_the_grid_with_the_time_they_came() {
    let (mut bus, _) = start();
    let first = bus.until(Quality::Good).await;
    let mut last = first.due;
    for _ in 0..10 {
        let exchange = bus.until(Quality::Good).await;
        let speed = bus.value("speed", &exchange).unwrap();
        assert_eq!(bus.value("shaft", &exchange), Ok(10.0 * speed));
        assert!(exchange.sent <= exchange.received);
        // It came after its deadline, and the deadlines stay on the grid of the first.
        assert!(exchange.received >= exchange.due && exchange.due > last);
        assert_eq!((exchange.due - first.due).as_millis() % 50, 0);
        last = exchange.due;
    }
}

#[tokio::test]
async fn silence_noise_cut_and_glued_frames_are_told_and_never_read() {
    let (mut bus, how) = start();
    for (manner, quality) in [
        (SILENT, Quality::Timeout),
        (NOISE, Quality::Garbled),
        (CUT, Quality::WrongLength),
        (GLUED, Quality::Garbled),
    ] {
        how.store(SOUND, Ordering::Relaxed);
        bus.until(Quality::Good).await;
        how.store(manner, Ordering::Relaxed);
        bus.until(quality).await;
        for _ in 0..3 {
            let exchange = bus.next().await;
            assert_ne!(exchange.quality, Quality::Good, "{manner}: {exchange:?}");
            assert_eq!(exchange.words, [0; 0]);
        }
    }
    how.store(SOUND, Ordering::Relaxed);
    let back = bus.until(Quality::Good).await;
    let speed = bus.value("speed", &back).unwrap();
    assert_eq!(bus.value("shaft", &back), Ok(10.0 * speed));
    how.store(OVERLOAD, Ordering::Relaxed);
    loop {
        let exchange = bus.until(Quality::Good).await;
        if let Err(Bad::Guard(why)) = bus.value("shaft", &exchange) {
            assert_eq!(why.en, "sensor overloaded");
            assert!(bus.value("speed", &exchange).is_ok());
            break;
        }
    }
}

#[test]
fn two_instruments_cannot_push_on_one_line() {
    let second = INSTRUMENT.replace("TQ-01", "TQ-02");
    let second = second.replace("\"speed\", role", "\"speed-2\", role");
    let second = second.replace("\"shaft\", role", "\"shaft-2\", role");
    let (bench, profiles) = parsed("push", PROFILE, &format!("{INSTRUMENT}{second}"));
    let said = plan(&bench, &profiles).unwrap_err().to_string();
    assert!(
        said.contains("one instrument alone can push on a line"),
        "{said}"
    );
}
