//! Raw Modbus clients on the simulator's ports.

use dutypoint_engine::config::Endpoint;
use dutypoint_sim::{Options, Simulator};
use std::time::{Duration, Instant};
use tokio_modbus::client::{Context, Reader as _, rtu, tcp};
use tokio_modbus::{ExceptionCode, Slave};
use tokio_serial::SerialStream;

/// Wait after which a device counts as silent.
const QUIET: Duration = Duration::from_millis(500);
/// How long a machine with other work may take for what should be there at once.
pub(crate) const GENEROUS: Duration = Duration::from_secs(60);

pub(crate) fn start(speed: f64, faults: &[&str]) -> Simulator {
    let (bench, profiles) = crate::common::demo();
    let options = Options {
        speed,
        faults: faults.iter().map(|f| f.parse().unwrap()).collect(),
        ..Options::default()
    };
    Simulator::start(&bench, &profiles, options).unwrap()
}

/// Path of the serial line of a unit: level and temperature have one of their own.
pub(crate) fn path(simulator: &Simulator, unit: u8) -> String {
    let line = if matches!(unit, 2 | 3) {
        "rtu-2"
    } else {
        "rtu-1"
    };
    match &simulator.endpoints()[line] {
        Endpoint::Rtu { port, baud, .. } => {
            assert_eq!(*baud, 115_200);
            port.clone()
        }
        other => panic!("{other:?}"),
    }
}

/// Address of a TCP line.
pub(crate) fn address(simulator: &Simulator, line: &str) -> std::net::SocketAddr {
    match &simulator.endpoints()[line] {
        Endpoint::Tcp { address, .. } | Endpoint::RtuTcp { address } => address.parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn port(simulator: &Simulator, unit: u8) -> SerialStream {
    SerialStream::open(&tokio_serial::new(path(simulator, unit), 115_200)).unwrap()
}

pub(crate) fn serial(simulator: &Simulator, unit: u8) -> Context {
    rtu::attach_slave(port(simulator, unit), Slave(unit))
}

pub(crate) async fn network(simulator: &Simulator, line: &str) -> Context {
    tcp::connect_slave(address(simulator, line), Slave(1))
        .await
        .unwrap()
}

/// Function 3.
pub(crate) async fn holding(
    client: &mut Context,
    address: u16,
    count: u16,
) -> Result<Vec<u16>, ExceptionCode> {
    let answer = client.read_holding_registers(address, count);
    tokio::time::timeout(GENEROUS, answer)
        .await
        .unwrap()
        .unwrap()
}

/// Whether function 3 is met by silence.
pub(crate) async fn silent(client: &mut Context, address: u16, count: u16) -> bool {
    let answer = client.read_holding_registers(address, count);
    tokio::time::timeout(QUIET, answer).await.is_err()
}

/// Function 4.
pub(crate) async fn input(
    client: &mut Context,
    address: u16,
    count: u16,
) -> Result<Vec<u16>, ExceptionCode> {
    let answer = client.read_input_registers(address, count);
    tokio::time::timeout(GENEROUS, answer)
        .await
        .unwrap()
        .unwrap()
}

/// Waits until `holds`, a minute at most.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + GENEROUS;
    while !holds().await {
        assert!(Instant::now() < end, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A float, high word first.
pub(crate) fn float(high: u16, low: u16) -> f64 {
    f64::from(f32::from_bits(u32::from(high) << 16 | u32::from(low)))
}

/// Flow in m³/h: Proline, low word first.
pub(crate) async fn flow(client: &mut Context) -> f64 {
    let words = holding(client, 5050, 2).await.unwrap();
    float(words[1], words[0])
}
