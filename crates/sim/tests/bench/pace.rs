//! Serial lines that are no faster than their wire.

use crate::client::GENEROUS;
use crate::common::demo;
use dutypoint_engine::config::{Endpoint, Parity};
use dutypoint_sim::{Options, Simulator};
use std::time::{Duration, Instant};
use tokio_modbus::Slave;
use tokio_modbus::client::{Reader as _, rtu};
use tokio_serial::SerialStream;

#[tokio::test]
async fn a_paced_line_is_as_slow_as_its_wire_and_hardly_slower() {
    let (_, profiles) = demo();
    let endpoint = Endpoint::Rtu {
        port: "simulated".into(),
        baud: 19_200,
        parity: Parity::Even,
        stop_bits: 1,
    };
    let options = Options {
        pace: Some(Duration::ZERO),
        ..Options::default()
    };
    let simulator = Simulator::play(&profiles["janitza-umg"], &endpoint, &[1], options).unwrap();
    let Endpoint::Rtu { port, .. } = &simulator.endpoints()["line"] else {
        panic!("no serial line")
    };
    let port = SerialStream::open(&tokio_serial::new(port, 19_200)).unwrap();
    let mut client = rtu::attach_slave(port, Slave(1));
    // 11 bits a character: 8 there, 3.5 of silence, 5 + 2·20 back.
    let wire = Duration::from_secs_f64((8.0 + 3.5 + 45.0) * 11.0 / 19_200.0);
    let mut best = Duration::MAX;
    let end = Instant::now() + GENEROUS;
    // The best of many, on a machine with other work: the pace, not a step of a timer.
    while best >= wire * 2 {
        assert!(Instant::now() < end, "{best:?} for {wire:?}");
        let begin = Instant::now();
        let words = client.read_holding_registers(19_000, 20).await;
        assert_eq!(words.unwrap().unwrap().len(), 20);
        let took = begin.elapsed();
        // A microsecond for the rounding of the character's time.
        assert!(
            took + Duration::from_micros(1) >= wire,
            "{took:?} < {wire:?}"
        );
        best = best.min(took);
    }
}
