//! Every fault of bytes, connections and values, seen on a raw socket or port.

use crate::client::{GENEROUS, address, float, port, start};
use dutypoint_sim::Simulator;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Silence that is taken for an end.
const QUIET: Duration = Duration::from_millis(300);

/// Two registers of the flow meter at unit 1, transaction 7.
const ASK_FLOW: [u8; 12] = [0, 7, 0, 0, 0, 6, 1, 3, 0x13, 0xBA, 0, 2];
/// Two registers of the Keller at unit 1, with the checksum of the client library.
const ASK_PRESSURE: [u8; 8] = [1, 3, 0, 2, 0, 2, 0x65, 0xCB];

async fn flow_meter(simulator: &Simulator) -> TcpStream {
    TcpStream::connect(address(simulator, "tcp-flow"))
        .await
        .unwrap()
}

/// What comes until it is quiet; the first byte is waited for.
async fn all(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 600];
    let mut wait = GENEROUS;
    while let Ok(Ok(count)) = tokio::time::timeout(wait, stream.read(&mut chunk)).await {
        if count == 0 {
            break;
        }
        bytes.extend(&chunk[..count]);
        wait = QUIET;
    }
    bytes
}

async fn flow_answer(fault: &str) -> Vec<u8> {
    let simulator = start(1.0, &[fault]);
    let mut stream = flow_meter(&simulator).await;
    stream.write_all(&ASK_FLOW).await.unwrap();
    all(&mut stream).await
}

async fn pressure_answer(fault: &str) -> Vec<u8> {
    let simulator = start(1.0, &[fault]);
    let mut raw = port(&simulator, 1);
    raw.write_all(&ASK_PRESSURE).await.unwrap();
    all(&mut raw).await
}

/// CRC-16/MODBUS, bit by bit.
fn crc(bytes: &[u8]) -> [u8; 2] {
    let mut crc = 0xFFFF_u16;
    for byte in bytes {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { 0xA001 } else { 0 };
        }
    }
    crc.to_le_bytes()
}

#[tokio::test]
async fn what_is_wrong_with_a_frame_on_tcp() {
    let whole = flow_answer("late:FT-01=1").await;
    assert_eq!(whole[..9], [0, 7, 0, 0, 0, 7, 1, 3, 4]);
    assert_eq!(whole.len(), 13);
    let long = flow_answer("long:FT-01").await;
    assert_eq!(long[..9], [0, 7, 0, 0, 0, 9, 1, 3, 6]);
    assert_eq!(long.len(), 15);
    assert_eq!(flow_answer("cut:FT-01").await.len(), 6);
    let twice = flow_answer("duplicated:FT-01").await;
    assert_eq!((twice.len(), &twice[..13]), (26, &twice[13..]));
    let echoed = flow_answer("echoed:tcp-flow").await;
    assert_eq!((&echoed[..12], echoed.len()), (&ASK_FLOW[..], 25));
    assert_eq!(flow_answer("wrong-unit:FT-01").await[6], 2);
    assert_eq!(flow_answer("wrong-function:FT-01").await[7], 4);
    assert_eq!(flow_answer("bad-crc:FT-01").await[2..4], [0, 1]);
    assert_eq!(flow_answer("busy:FT-01").await[7..], [0x83, 6]);
    let garbage = flow_answer("garbage:FT-01").await;
    assert!((1..=40).contains(&garbage.len()) && garbage != whole);
    assert_eq!(garbage, flow_answer("garbage:FT-01").await, "the same seed");
}

#[tokio::test]
async fn what_is_wrong_with_a_frame_on_rtu() {
    let whole = pressure_answer("late:PT-01=1").await;
    assert_eq!((whole.len(), &whole[..3]), (9, &[1, 3, 4][..]));
    assert_eq!(whole[7..], crc(&whole[..7]));
    let bad = pressure_answer("bad-crc:PT-01").await;
    assert_eq!(bad.len(), 9);
    assert_ne!(bad[7..], crc(&bad[..7]));
    let long = pressure_answer("long:rtu-1").await;
    assert_eq!((long.len(), long[2]), (11, 6));
    assert_eq!(long[9..], crc(&long[..9]), "only its length is wrong");
    let echoed = pressure_answer("echoed:PT-01").await;
    assert_eq!((echoed.len(), &echoed[..8]), (17, &ASK_PRESSURE[..]));
    assert_eq!(pressure_answer("duplicated:PT-01").await.len(), 18);
    assert_eq!(pressure_answer("cut:PT-01").await.len(), 4);
}

#[tokio::test]
async fn a_slow_device_holds_up_what_is_behind_it() {
    let simulator = start(1.0, &["slow:PT-01=300"]);
    let mut raw = port(&simulator, 1);
    let begin = Instant::now();
    raw.write_all(&ASK_PRESSURE).await.unwrap();
    raw.write_all(&[4, 4, 0, 3, 0, 1, 0xC1, 0x9F])
        .await
        .unwrap();
    let mut first = [0; 9];
    raw.read_exact(&mut first).await.unwrap();
    assert_eq!(first[..2], [1, 3], "the neighbour came first");
    assert!(begin.elapsed() >= Duration::from_millis(300));
    let mut second = [0; 7];
    raw.read_exact(&mut second).await.unwrap();
    assert_eq!(second[..2], [4, 4]);
}

#[tokio::test]
async fn a_connection_is_reset() {
    let simulator = start(1.0, &["reset:tcp-flow"]);
    let mut stream = flow_meter(&simulator).await;
    stream.write_all(&ASK_FLOW).await.unwrap();
    let mut chunk = [0; 9];
    let end = tokio::time::timeout(GENEROUS, stream.read(&mut chunk)).await;
    let error = end.unwrap().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_half_open_connection_stays_so_and_a_new_one_works() {
    // Bench seconds, of which a hundred pass in one; the longer where this machine was too
    // busy to ask within the shorter.
    for end_s in [300.0, 6000.0] {
        let simulator = start(100.0, &[&format!("half-open:FT-01@0..{end_s}")]);
        let mut stream = flow_meter(&simulator).await;
        stream.write_all(&ASK_FLOW).await.unwrap();
        let mut chunk = [0; 64];
        let nothing = tokio::time::timeout(QUIET, stream.read(&mut chunk)).await;
        if simulator.truth().time_s >= end_s {
            continue;
        }
        assert!(nothing.is_err(), "{nothing:?}");
        while simulator.truth().time_s < end_s {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        stream.write_all(&ASK_FLOW).await.unwrap();
        let nothing = tokio::time::timeout(QUIET, stream.read(&mut chunk)).await;
        assert!(nothing.is_err(), "{nothing:?}");
        let mut again = flow_meter(&simulator).await;
        again.write_all(&ASK_FLOW).await.unwrap();
        assert_eq!(all(&mut again).await.len(), 13);
        return;
    }
    panic!("nothing was asked in a minute");
}

#[tokio::test]
async fn a_flapping_device_answers_and_is_silent_by_turns() {
    let simulator = start(1.0, &["flapping:FT-01=0.5"]);
    let mut stream = flow_meter(&simulator).await;
    let (mut changes, mut answered_before) = (0, true);
    let begin = Instant::now();
    while changes < 4 {
        assert!(begin.elapsed() < GENEROUS, "{changes} changes");
        stream.write_all(&ASK_FLOW).await.unwrap();
        let mut chunk = [0; 64];
        let wait = Duration::from_millis(100);
        let answered = tokio::time::timeout(wait, stream.read(&mut chunk))
            .await
            .is_ok();
        changes += u32::from(answered != answered_before);
        answered_before = answered;
    }
}

/// The pressure, bar.
async fn pressure(simulator: &Simulator) -> f64 {
    let mut raw = port(simulator, 1);
    raw.write_all(&ASK_PRESSURE).await.unwrap();
    let mut answer = [0; 9];
    tokio::time::timeout(GENEROUS, raw.read_exact(&mut answer))
        .await
        .unwrap()
        .unwrap();
    let word = |at: usize| u16::from_be_bytes([answer[at], answer[at + 1]]);
    float(word(3), word(5))
}

#[tokio::test]
async fn values_freeze_vanish_and_drift() {
    let right = pressure(&start(1.0, &[])).await;
    assert!(right > 5.0, "{right}");
    let simulator = start(10.0, &["frozen:PT-01@0..60"]);
    let first = pressure(&simulator).await;
    let mut same = 0;
    while simulator.truth().time_s < 50.0 {
        same += 1;
        let again = pressure(&simulator).await;
        if simulator.truth().time_s < 59.0 {
            assert_eq!(again, first);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(same > 0);
    while simulator.truth().time_s < 61.0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_ne!(pressure(&simulator).await, first, "noise moves it again");

    assert!(pressure(&start(1.0, &["nan:PT-01"])).await.is_nan());

    // 10 % of 25 bar a minute; at 100 bench seconds a second it is soon far off.
    let simulator = start(100.0, &["drift:PT-01=10"]);
    while simulator.truth().time_s < 120.0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let drifted = pressure(&simulator).await - right;
    let minutes = simulator.truth().time_s / 60.0;
    // The reading is older than the time, never younger; the pressure itself wanders a little.
    assert!(
        drifted > 4.5 && drifted < 2.5 * minutes + 0.5,
        "{drifted} after {minutes}"
    );
}

#[tokio::test]
async fn the_clock_of_the_bench_steps_ahead() {
    let begin = Instant::now();
    let simulator = start(1.0, &["clock-step=1000@0.5.."]);
    while simulator.truth().time_s < 0.5 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let time_s = simulator.truth().time_s;
    let latest_s = 1000.0 + begin.elapsed().as_secs_f64();
    assert!((1000.5..=latest_s).contains(&time_s), "{time_s}");
}
