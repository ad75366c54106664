//! Every shipped profile played alone, and read back by the product's decoder.

use crate::client::GENEROUS;
use crate::common::demo;
use dutypoint_engine::config::{Endpoint, Parity};
use dutypoint_engine::decode::indicated;
use dutypoint_fieldbus::InstrumentProfile;
use dutypoint_sim::{Options, Simulator, played};
use tokio_modbus::client::{Context, Reader as _, rtu, tcp};
use tokio_modbus::prelude::{ReadCode, Request, Response};
use tokio_modbus::{Slave, client::Client as _};
use tokio_serial::SerialStream;

const UNIT: u8 = 7;

fn endpoints() -> [Endpoint; 3] {
    [
        Endpoint::Tcp {
            address: "simulated".into(),
            connections: 1,
        },
        Endpoint::RtuTcp {
            address: "simulated".into(),
        },
        Endpoint::Rtu {
            port: "simulated".into(),
            baud: 115_200,
            parity: Parity::None,
            stop_bits: 1,
        },
    ]
}

async fn client(simulator: &Simulator) -> Context {
    match &simulator.endpoints()["line"] {
        Endpoint::Tcp { address, .. } => tcp::connect_slave(address.parse().unwrap(), Slave(UNIT))
            .await
            .unwrap(),
        Endpoint::RtuTcp { address } => {
            let stream = tokio::net::TcpStream::connect(address).await.unwrap();
            rtu::attach_slave(stream, Slave(UNIT))
        }
        Endpoint::Rtu { port, baud, .. } => {
            let port = SerialStream::open(&tokio_serial::new(port, *baud)).unwrap();
            rtu::attach_slave(port, Slave(UNIT))
        }
    }
}

fn play(profile: &InstrumentProfile, endpoint: &Endpoint) -> Simulator {
    Simulator::play(profile, endpoint, &[UNIT], Options::default()).unwrap()
}

/// Reads every value of the profile over the wire; how many there were.
async fn read_back(profile: &InstrumentProfile, endpoint: &Endpoint) -> usize {
    let simulator = play(profile, endpoint);
    let mut client = client(&simulator).await;
    let all = played(profile);
    for value in &all {
        let r = &value.reading;
        let answer = async {
            match r.function {
                3 => client.read_holding_registers(r.address, r.count).await,
                _ => client.read_input_registers(r.address, r.count).await,
            }
        };
        let words = tokio::time::timeout(GENEROUS, answer).await.unwrap();
        let words = words.unwrap().unwrap();
        let what = format!(
            "{} {}[{}]: {words:04X?}",
            profile.id, value.register, value.index
        );
        let back = indicated(&r.encoding, &words).unwrap_or_else(|bad| panic!("{what}: {bad}"));
        assert!(
            (back - value.value).abs() <= value.resolution,
            "{what}: played {} ± {}, read {back}",
            value.value,
            value.resolution
        );
    }
    all.len()
}

#[tokio::test]
async fn every_profile_is_played_over_every_transport_and_read_back() {
    let (_, profiles) = demo();
    assert_eq!(profiles.len(), 55);
    let mut values = 0;
    for endpoint in endpoints() {
        for profile in profiles.values() {
            values += read_back(profile, &endpoint).await;
        }
    }
    // Three times the values of all maps; fewer means that some are not played.
    assert!(values > 3 * 500, "{values}");
}

#[test]
fn nearly_every_value_is_a_plausible_one() {
    let (_, profiles) = demo();
    let all: Vec<_> = profiles.values().flat_map(played).collect();
    // 0 is what a dead device shows: only what holds codes or single bits may be 0.
    let zero: Vec<_> = all
        .iter()
        .filter(|v| v.value == 0.0 && v.reading.encoding.codes.is_empty())
        .map(|v| &v.register)
        .collect();
    assert!(zero.is_empty(), "{zero:?}");
    for profile in profiles.values() {
        let readable = profile.register.iter().filter(|r| r.readable);
        let helps = |name: &str| {
            let mut all = profile.register.iter();
            all.any(|r| r.needs().any(|(_, n)| n == name))
        };
        let all = played(profile);
        for r in readable.filter(|r| r.alias_of.is_none() && !helps(&r.name)) {
            let times = all.iter().filter(|v| v.register == r.name).count();
            assert_eq!(times, usize::from(r.repeat), "{} {}", profile.id, r.name);
        }
    }
}

#[tokio::test]
async fn a_profile_that_identifies_itself_does_so_when_played() {
    let text = r#"id = "speaks"
class = "flow"
vendor = "Maker"
model = "M1"
transport = ["tcp"]
confidence = "L"
trust = "documented"
sources = ["this test"]
[[identity]]
object = 1
contains = "FLOW-9"
[[register]]
name = "flow"
address = 100
function = 3
kind = "u16"
unit = "m3/h"
confidence = "L"
evidence = "memory"
"#;
    let profile = InstrumentProfile::parse("speaks.toml", text).unwrap();
    let simulator = play(&profile, &endpoints()[0]);
    let mut client = client(&simulator).await;
    let request = Request::ReadDeviceIdentification(ReadCode::Basic, 0);
    let answer = client.call(request).await.unwrap().unwrap();
    let Response::ReadDeviceIdentification(said) = answer else {
        panic!("{answer:?}")
    };
    let texts: Vec<_> = said
        .device_id_objects
        .iter()
        .map(|o| o.value_as_str().unwrap().to_owned())
        .collect();
    assert_eq!(texts, ["Maker", "FLOW-9", "simulated"]);
    // One without refuses the function, as a device does that does not know it.
    let (_, profiles) = demo();
    let simulator = play(&profiles["janitza-umg"], &endpoints()[0]);
    let mut other = self::client(&simulator).await;
    let request = Request::ReadDeviceIdentification(ReadCode::Basic, 0);
    assert_eq!(
        other.call(request).await.unwrap().unwrap_err(),
        tokio_modbus::ExceptionCode::IllegalFunction
    );
}
