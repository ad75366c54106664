//! `dutypoint probe` on lines it has never seen.

use crate::numbers::{numbers, profile};
use crate::ptys::{pair, start};
use crate::server::{Stranger, Who};
use dutypoint_engine::config::Bench;
use dutypoint_engine::decode;
use dutypoint_fieldbus::{LineSetup, Timer, plan, spawn};
use dutypoint_model::document::{Quality, WordOrder};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_serial::{SerialPort as _, SerialStream};

fn probe(target: &str, args: &[&str], folder: &Path) -> Output {
    let stranger = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/strangers/stranger.toml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_dutypoint"));
    command
        .args(["--lang", "en", "--json", "--data"])
        .arg(folder)
        .args(["probe", target, "--profile-file"])
        .arg(stranger)
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    start(&mut command).unwrap().wait_with_output().unwrap()
}

fn said(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

/// The bench that was written reads the number the display shows.
async fn reads(file: &Path, shows: f64) {
    let bench = Bench::parse("b.toml", &std::fs::read_to_string(file).unwrap()).unwrap();
    let profiles = BTreeMap::from([("stranger".to_owned(), profile().0)]);
    let channels = plan(&bench, &profiles).unwrap().channels;
    let line = bench.line[0].clone();
    let (out, mut exchanges) = tokio::sync::mpsc::channel(100);
    let setup = LineSetup::new(line, channels.polls.clone(), 1.0);
    let _line = spawn(setup, &Timer::start(), out);
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        assert!(Instant::now() < end, "no good answer");
        let exchange = exchanges.recv().await.unwrap();
        if exchange.quality == Quality::Good {
            let value = decode::indicated(&channels.channels[0].encoding, &exchange.words).unwrap();
            // The display has two decimals.
            assert!((value - shows).abs() <= 0.005, "{value}");
            return;
        }
    }
}

async fn finds(target: &str, value: &str, order: WordOrder, unit_id: u8, rtu: bool) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bench.toml");
    let written = file.display().to_string();
    let target = target.to_owned();
    let mut args = vec![
        "--profile",
        "stranger",
        "--value",
        value,
        "--write",
        &written,
    ];
    args.extend(["--units", if unit_id == 1 { "1-2" } else { "2-3" }]);
    if rtu {
        args.extend(["--baud", "115200"]);
    }
    let output = probe(&target, &args, folder.path());
    assert!(output.status.success(), "{output:?}");
    let report = said(&output);
    let first = &report["devices"][0];
    assert_eq!(first["unit_id"], unit_id);
    let bench = Bench::parse("b.toml", &std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(bench.instrument[0].unit_id, unit_id);
    assert_eq!(bench.instrument[0].channel[0].order, Some(order));
    let on_port = bench.line[0].endpoint.port();
    assert_eq!(on_port, target);
    for verb in [&["config", "check"][..], &["plan"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dutypoint"));
        command.args(verb).arg(&file);
        let own = folder.path().join("instruments");
        std::fs::create_dir_all(&own).unwrap();
        std::fs::write(own.join("stranger.toml"), profile().1).unwrap();
        let checked = command.arg("--data").arg(folder.path()).output().unwrap();
        let text = String::from_utf8_lossy(&checked.stdout);
        // Nothing is wrong with the file but what no wire can tell: site, pipes, certificate.
        let found: Vec<&str> = text.lines().filter(|l| l.starts_with("error")).collect();
        match found.as_slice() {
            [] => assert!(checked.status.success(), "{verb:?}: {checked:?}"),
            [one] if verb[0] == "config" => assert!(
                one.contains("still to be filled") && one.contains("geometry.tap_bore"),
                "{one}"
            ),
            _ => panic!("{verb:?}: {checked:?}"),
        }
    }
    reads(&file, value.parse().unwrap()).await;
    // What is there is not overwritten.
    assert_eq!(probe(&target, &args, folder.path()).status.code(), Some(2));
}

#[tokio::test]
async fn pymodbus_over_tcp_is_found_with_unit_and_order() {
    if let Some(stranger) = Stranger::tcp(Who::Pymodbus, &numbers()) {
        let target = format!("127.0.0.1:{}", stranger.port);
        finds(&target, "-1234.57", WordOrder::Cdab, 1, false).await;
        finds(&target, "-12.34", WordOrder::Abcd, 2, false).await;
    }
}

#[tokio::test]
async fn libmodbus_over_tcp_is_found_with_unit_and_order() {
    if let Some(stranger) = Stranger::tcp(Who::Libmodbus, &numbers()) {
        let target = format!("127.0.0.1:{}", stranger.port);
        finds(&target, "-1234.57", WordOrder::Cdab, 1, false).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pymodbus_on_a_serial_line_is_found_with_unit_and_order() {
    let (mut front, front_end) = pair();
    let (mut back, back_end) = pair();
    let (target, path) = (front_end.name().unwrap(), back_end.name().unwrap());
    if let Some(_stranger) = Stranger::rtu(Who::Pymodbus, &numbers(), &path) {
        let relay = tokio::spawn(async move {
            let _ = tokio::io::copy_bidirectional(&mut front, &mut back).await;
        });
        finds(&target, "-1234.57", WordOrder::Cdab, 1, true).await;
        relay.abort();
    }
}

/// A unit 3 at 19200 baud whose port must be set so; it answers every read with 7.
fn slave_at(baud: u32) -> (String, SerialStream) {
    let (mut near, far) = pair();
    let path = far.name().unwrap();
    tokio::spawn(async move {
        let mut request = [0; 64];
        while let Ok(1..) = near.read(&mut request).await {
            if near.baud_rate().ok() != Some(baud) || request[0] != 3 || request[1] != 3 {
                continue;
            }
            // By the specification: unit, function, bytes, word, checksum low byte first.
            let answer = [0x03, 0x03, 0x02, 0x00, 0x07, 0x80, 0x46];
            near.write_all(&answer).await.unwrap();
        }
    });
    (path, far)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_at_another_baud_rate_is_found_there() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _far) = slave_at(19_200);
    let args = ["--units", "3", "--baud", "9600,19200"];
    // On a busy machine the device may come to a question of 9600 baud when the port is at
    // 19200 already, and its answer is nobody's then.
    let end = Instant::now() + Duration::from_secs(60);
    let output = loop {
        let output = probe(&path, &args, folder.path());
        if output.status.success() || Instant::now() > end {
            break output;
        }
    };
    assert!(output.status.success(), "{output:?}");
    let report = said(&output);
    assert_eq!(report["setting"]["baud"], 19_200);
    assert_eq!(report["devices"][0]["unit_id"], 3);
    assert_eq!(report["devices"][0]["words"][0], 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_is_told_and_writes_nothing_and_a_busy_line_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bench.toml");
    let (mut near, far) = pair();
    let path = far.name().unwrap();
    let written = file.display().to_string();
    let args = ["--units", "1", "--baud", "9600", "--write", &written];
    let output = probe(&path, &args, folder.path());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(said(&output)["devices"].as_array().unwrap().len(), 0);
    assert!(!file.exists());
    // What was asked is in the buffer; a master of others speaks now.
    let mut asked = vec![0; 4096];
    let heard = near.read(&mut asked).await.unwrap();
    assert!(asked[..heard].chunks(8).all(|r| matches!(r[1], 3 | 4)));
    let speaks = tokio::spawn(async move {
        loop {
            let request = [0x11, 0x03, 0x00, 0x6B, 0x00, 0x03, 0x76, 0x87];
            if near.write_all(&request).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let output = probe(&path, &args, folder.path());
    speaks.abort();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let text = said(&output)["error"].as_str().unwrap().to_owned();
    assert!(text.contains("another master"), "{text}");
    drop(far);
}
