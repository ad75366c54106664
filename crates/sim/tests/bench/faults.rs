//! Faults as a master meets them on the wire.

use crate::client::{
    GENEROUS, address, float, holding, input, network, port, serial, silent, start, until,
};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_modbus::ExceptionCode;

#[tokio::test]
async fn a_silent_instrument_is_silent_in_its_window_and_its_neighbours_answer() {
    // Bench seconds, ten of them a second; the longer one where this machine was too busy
    // to ask within the shorter.
    for end_s in [25.0, 600.0] {
        let simulator = start(10.0, &[&format!("silent:LT-01@0..{end_s}")]);
        let mut level = serial(&simulator, 2);
        let was_silent = silent(&mut level, 2, 3).await;
        drop(level);
        let mut temperature = serial(&simulator, 3);
        assert!(holding(&mut temperature, 0, 1).await.is_ok());
        drop(temperature);
        if simulator.truth().time_s >= end_s {
            continue;
        }
        assert!(was_silent);
        let over = async || simulator.truth().time_s > end_s;
        until("the window is over", over).await;
        let mut level = serial(&simulator, 2);
        assert!(holding(&mut level, 2, 3).await.is_ok());
        return;
    }
    panic!("nothing was asked in a minute");
}

#[tokio::test]
async fn a_late_instrument_holds_up_nobody_and_its_answer_does_come() {
    let simulator = start(1.0, &["late:PT-01=300"]);
    let mut raw = port(&simulator, 1);
    // Keller at unit 1, then the valve at unit 4 of the same line: frames of this request
    // with checksums from the client library.
    let begin = Instant::now();
    raw.write_all(&[1, 3, 0, 2, 0, 2, 0x65, 0xCB])
        .await
        .unwrap();
    raw.write_all(&[4, 4, 0, 3, 0, 1, 0xC1, 0x9F])
        .await
        .unwrap();
    let mut answer = [0; 7];
    raw.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer[..3], [4, 4, 2], "the neighbour waited");
    let mut answer = [0; 9];
    raw.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer[..3], [1, 3, 4]);
    assert!(begin.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn exception_and_wrong_unit_come_as_said() {
    let simulator = start(1.0, &["exception:PW-01=6", "wrong-unit:TT-01"]);
    let mut power = network(&simulator, "tcp-power").await;
    assert_eq!(
        holding(&mut power, 19006, 46).await,
        Err(ExceptionCode::ServerDeviceBusy)
    );
    let mut raw = port(&simulator, 3);
    raw.write_all(&[3, 3, 0, 0, 0, 1, 0x85, 0xE8])
        .await
        .unwrap();
    let mut answer = [0; 7];
    raw.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer[..3], [4, 3, 2], "unit 3 answers as unit 4");
}

#[tokio::test]
async fn a_short_answer_lacks_one_register() {
    let simulator = start(1.0, &["short:FT-01"]);
    let target = address(&simulator, "tcp-flow");
    let mut raw = tokio::net::TcpStream::connect(target).await.unwrap();
    raw.write_all(&[0, 7, 0, 0, 0, 6, 1, 3, 0x13, 0xBA, 0, 2])
        .await
        .unwrap();
    let mut answer = vec![0; 64];
    let count = tokio::time::timeout(GENEROUS, raw.read(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(answer[..count], [0, 7, 0, 0, 0, 5, 1, 3, 2, 0, 0]);
}

#[tokio::test]
async fn a_broken_sensor_says_so_where_its_registers_allow() {
    let faults = ["burn-out:ST-01", "burn-out:LT-01", "burn-out:PT-01"];
    let simulator = start(1.0, &faults);
    let mut slip = network(&simulator, "tcp-slip").await;
    assert_eq!(
        input(&mut slip, 60, 1).await,
        Ok(vec![1]),
        "status burn-out"
    );
    let mut level = serial(&simulator, 2);
    let words = holding(&mut level, 2, 3).await.unwrap();
    assert_ne!(words[0], 2, "unit code");
    drop(level);
    let mut keller = serial(&simulator, 1);
    let words = holding(&mut keller, 2, 2).await.unwrap();
    assert!(float(words[0], words[1]).is_nan());
}
