//! The simulated bench end to end, over a real pseudo-terminal and real TCP.

use crate::client::{
    GENEROUS, address, float, flow, holding, input, network, path, port, serial, silent, start,
    until,
};
use dutypoint_sim::{Error, Options, Simulator};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;
use tokio_modbus::ExceptionCode;
use tokio_modbus::client::{Reader as _, Writer as _};

#[tokio::test]
async fn every_instrument_shows_the_bench() {
    let simulator = start(20.0, &[]);
    let truth = simulator.truth();

    let mut keller = serial(&simulator, 1);
    let words = holding(&mut keller, 2, 2).await.unwrap();
    let bar = float(words[0], words[1]);
    assert!(
        (bar * 1e5 / truth.outlet_pressure_pa - 1.0).abs() < 0.01,
        "{bar} bar"
    );
    drop(keller);

    let mut level = serial(&simulator, 2);
    let words = holding(&mut level, 2, 3).await.unwrap();
    assert_eq!(words[..2], [2, 0], "millimetres without decimals");
    assert!((5990..=6010).contains(&words[2]), "{words:?}");
    drop(level);

    let mut temperature = serial(&simulator, 3);
    let words = holding(&mut temperature, 0, 1).await.unwrap();
    assert!(
        (17.7..18.3).contains(&(f64::from(words[0]) / 655.35)),
        "{words:?}"
    );
    drop(temperature);

    assert_eq!(flow(&mut network(&simulator, "tcp-flow").await).await, 0.0);

    let mut power = network(&simulator, "tcp-power").await;
    let words = holding(&mut power, 19006, 46).await.unwrap();
    let at = |address: usize| float(words[address - 19006], words[address - 19005]);
    let voltage = (at(19006) + at(19008) + at(19010)) / 3.0;
    let current = (at(19012) + at(19014) + at(19016)) / 3.0;
    assert!((378.5..381.5).contains(&voltage), "{voltage} V");
    let apparent = 3.0_f64.sqrt() * voltage * current;
    assert!((at(19026) / (apparent * at(19044)) - 1.0).abs() < 5e-3);
    assert!((49.9..50.1).contains(&at(19050)), "{} Hz", at(19050));

    let mut slip = network(&simulator, "tcp-slip").await;
    let words = input(&mut slip, 8, 53).await.unwrap();
    assert!((1.2..1.4).contains(&float(words[0], words[1])), "{words:?}");
    assert_eq!(words[52], 0, "status");
}

#[tokio::test]
async fn the_valve_moves_on_command_and_the_flow_follows() {
    let simulator = start(50.0, &[]);
    let mut valve = serial(&simulator, 4);
    let mut meter = network(&simulator, "tcp-flow").await;
    assert_eq!(input(&mut valve, 3, 1).await, Ok(vec![0]));
    valve.write_single_register(6, 800).await.unwrap().unwrap();
    assert_eq!(holding(&mut valve, 6, 1).await, Ok(vec![800]));
    let there = async || input(&mut valve, 3, 1).await == Ok(vec![800]);
    until("the valve is there", there).await;
    let mut open = 0.0;
    let flows = async || {
        open = flow(&mut meter).await;
        (30.0..40.0).contains(&open)
    };
    until("the flow is that of 80 %", flows).await;
    // Function 16 does the same.
    valve
        .write_multiple_registers(6, &[300])
        .await
        .unwrap()
        .unwrap();
    let throttled = async || {
        let truth = simulator.truth();
        (truth.opening - 0.3).abs() < 1e-12 && flow(&mut meter).await < open / 2.0
    };
    until("the flow is that of 30 %", throttled).await;
    // And so does function 23, which tells what the register then holds.
    let held = valve.read_write_multiple_registers(6, 1, 6, &[250]).await;
    assert_eq!(held.unwrap().unwrap(), [250]);
}

#[tokio::test]
async fn a_port_is_opened_closed_and_opened_again() {
    let simulator = start(1.0, &[]);
    for _ in 0..10 {
        // Exclusive, as the serial library opens by default.
        let mut client = serial(&simulator, 4);
        assert!(input(&mut client, 3, 1).await.is_ok());
        let mut client = network(&simulator, "tcp-slip").await;
        assert!(input(&mut client, 8, 2).await.is_ok());
    }
}

#[tokio::test]
async fn what_an_instrument_does_not_offer_is_refused_as_modbus_says() {
    let simulator = start(1.0, &[]);
    let mut valve = serial(&simulator, 4);
    let address = Err(ExceptionCode::IllegalDataAddress);
    assert_eq!(holding(&mut valve, 7, 1).await, address);
    assert_eq!(
        holding(&mut valve, 3, 1).await,
        address,
        "an input register"
    );
    assert_eq!(input(&mut valve, 65535, 2).await, address);
    let value = Err(ExceptionCode::IllegalDataValue);
    assert_eq!(valve.write_single_register(6, 1001).await.unwrap(), value);
    let refused = valve.write_single_register(5, 1).await.unwrap();
    assert_eq!(refused, Err(ExceptionCode::IllegalDataAddress));
    let refused = valve.write_multiple_registers(6, &[1, 1]).await.unwrap();
    assert_eq!(refused, Err(ExceptionCode::IllegalDataAddress));
    assert_eq!(
        holding(&mut valve, 6, 1).await,
        Ok(vec![0]),
        "nothing was written"
    );
    let function = Err(ExceptionCode::IllegalFunction);
    assert_eq!(valve.read_coils(0, 1).await.unwrap(), function);
    drop(valve);
    let mut nobody = serial(&simulator, 9);
    assert!(silent(&mut nobody, 0, 1).await);
    let mut nobody = network(&simulator, "tcp-flow").await;
    tokio_modbus::slave::SlaveContext::set_slave(&mut nobody, tokio_modbus::Slave(7));
    assert_eq!(
        holding(&mut nobody, 5050, 2).await,
        Err(ExceptionCode::GatewayTargetDevice)
    );
}

#[tokio::test]
async fn bytes_that_are_no_frame_do_not_stop_a_line() {
    let simulator = start(1.0, &[]);
    let mut raw = port(&simulator, 4);
    for noise in [
        &[0x01, 0x03, 0x00][..],
        &[0xFF; 300],
        &[4, 4, 0, 3, 0, 1, 0, 0],
    ] {
        raw.write_all(noise).await.unwrap();
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    drop(raw);
    // As a master does: what is asked before the line was silent may be lost in the noise.
    let answers = async || {
        let mut client = serial(&simulator, 4);
        !silent(&mut client, 6, 1).await
    };
    until("the line answers", answers).await;
    let mut raw = tokio::net::TcpStream::connect(address(&simulator, "tcp-flow"))
        .await
        .unwrap();
    raw.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    assert_eq!(flow(&mut network(&simulator, "tcp-flow").await).await, 0.0);
}

#[tokio::test]
async fn an_answer_takes_about_a_millisecond() {
    let simulator = start(30.0, &[]);
    let mut level = serial(&simulator, 2);
    // Loose, and in one of many moments, for a loaded machine.
    let quick = async || {
        let begin = Instant::now();
        for _ in 0..20 {
            holding(&mut level, 2, 3).await.unwrap();
        }
        begin.elapsed() / 20 < Duration::from_millis(5)
    };
    until("twenty answers take five milliseconds each", quick).await;
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let (bench, profiles) = crate::common::demo();
    let try_port = |base: u16| {
        let options = Options {
            tcp_port: Some(base),
            ..Options::default()
        };
        Simulator::start(&bench, &profiles, options)
    };
    // A run of free ports, below those a system hands out by itself, and others than those
    // of another process with this test: four in a row that are free.
    let own = u16::try_from(std::process::id() % 500).unwrap();
    let (base, first) = (0..500)
        .map(|n| 20_001 + 20 * ((own + n) % 500))
        .find_map(|base| {
            drop(try_port(base - 1).ok()?);
            Some((base, try_port(base).ok()?))
        })
        .unwrap();
    assert_eq!(address(&first, "tcp-flow").port(), base);
    assert_eq!(address(&first, "tcp-slip").port(), base + 2);
    let error = try_port(base - 1).unwrap_err();
    assert!(
        matches!(&error, Error::PortInUse { line, .. } if line == "tcp-power"),
        "{error}"
    );
    let text = error.to_string();
    assert!(
        text.contains(&format!("127.0.0.1:{base} is in use")),
        "{text}"
    );
    assert!(text.contains("choose another base port"), "{text}");
    // Everything is closed again, within the second that was promised; a busy machine may
    // need more for once.
    let mut simulator = first;
    let end = Instant::now() + GENEROUS;
    loop {
        let gone = path(&simulator, 1);
        let begin = Instant::now();
        drop(simulator);
        let took = begin.elapsed();
        assert!(!std::path::Path::new(&gone).exists() || cfg!(not(target_os = "linux")));
        simulator = try_port(base).unwrap();
        if took < Duration::from_secs(1) {
            break;
        }
        assert!(Instant::now() < end, "{took:?}");
    }
    let error = try_port(65_534).unwrap_err().to_string();
    assert!(
        error.contains("line tcp-slip would get port 65534 + 2"),
        "{error}"
    );
}

#[test]
fn options_that_make_no_bench_are_refused() {
    let (bench, profiles) = crate::common::demo();
    let refuse = |options: Options| {
        Simulator::start(&bench, &profiles, options)
            .unwrap_err()
            .to_string()
    };
    for speed in [0.0, -1.0, f64::NAN, 5000.0] {
        let error = refuse(Options {
            speed,
            ..Options::default()
        });
        assert!(error.contains("outside 0.01 … 1000"), "{error}");
    }
    let faults = vec!["silent:LT-1".parse().unwrap()];
    let error = refuse(Options {
        faults,
        ..Options::default()
    });
    assert!(
        error.contains("no instrument \"LT-1\"; did you mean \"LT-01\"?"),
        "{error}"
    );
    let faults = vec!["line:rtu-3".parse().unwrap()];
    let error = refuse(Options {
        faults,
        ..Options::default()
    });
    assert!(error.contains("no line \"rtu-3\"; did you mean"), "{error}");
    assert!(
        error.contains("Its lines: rtu-1, rtu-2, tcp-flow"),
        "{error}"
    );
}

#[tokio::test]
async fn the_engines_decoder_finds_the_truth_in_every_channel() {
    use dutypoint_engine::config::CalibrationEntry;
    use dutypoint_engine::decode;
    use dutypoint_model::document::Role;
    let (mut bench, profiles) = crate::common::demo();
    // A transmitter that shows too little, with the certificate that says so.
    let CalibrationEntry::Here(calibration) = &mut bench.instrument[0].calibration.0[0] else {
        panic!("the demo states its calibrations in place");
    };
    (calibration.slope, calibration.offset) = (Some(1.01), Some(0.2));
    let plan = dutypoint_fieldbus::plan(&bench, &profiles)
        .unwrap()
        .channels;
    let simulator = Simulator::start(&bench, &profiles, Options::default()).unwrap();
    let truth = simulator.truth();
    let o = truth.operation;
    for channel in &plan.channels {
        let poll = plan.polls.iter().find(|p| p.id == channel.poll).unwrap();
        let mut client = if poll.line.starts_with("rtu") {
            serial(&simulator, poll.unit_id)
        } else {
            network(&simulator, &poll.line).await
        };
        let words = match poll.function {
            3 => holding(&mut client, poll.address, poll.count).await,
            _ => input(&mut client, poll.address, poll.count).await,
        };
        let value = decode::value(channel, &words.unwrap()).unwrap();
        let (expected, tolerance) = match channel.role {
            Role::Flow => (0.0, 0.0),
            Role::OutletPressure => (truth.outlet_pressure_pa, 8e3),
            Role::WaterLevel => (6.0, 5e-3),
            Role::WaterTemperature => (truth.water_temperature_c, 0.05),
            Role::Voltage => (truth.panel_voltage_v, 1.0),
            Role::Current => (o.current_a, 0.4),
            Role::InputPower => (o.panel_power_w, 80.0),
            Role::PowerFactor => (o.panel_power_factor, 2e-3),
            Role::VoltageThd => (0.018, 1e-3),
            Role::Frequency => (truth.frequency_hz, 0.02),
            Role::SlipFrequency => (o.slip_hz, 0.02),
            Role::ValvePosition => (truth.opening, 0.0),
            other => panic!("the demo has no {other:?}"),
        };
        assert!(
            (value - expected).abs() <= tolerance,
            "{}: {value} is not {expected}",
            channel.name
        );
    }
}
