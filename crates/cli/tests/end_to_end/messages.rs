//! Instruments without Modbus at the command line: checked, planned and shown.

use crate::common::{expect, json};
use tempfile::TempDir;

fn profile(name: &str) -> String {
    format!(
        "{}/../../fixtures/instruments/{name}.toml",
        env!("CARGO_MANIFEST_DIR")
    )
}

fn bench(folder: &TempDir, from: &str, to: &str) -> String {
    let demo = include_str!("../../../../config/benches/demo.toml");
    let head = &demo[..demo.find("[[line]]").unwrap()];
    let text = format!(
        r#"{head}
[[line]]
name = "torque"
protocol = "push"
endpoint = {{ serial = {{ port = "/dev/ttyUSB7", baud = 38400 }} }}

[[line]]
name = "flow"
protocol = "ascii"
endpoint = {{ serial_tcp = {{ address = "192.0.2.10:4001" }} }}

[[instrument]]
tag = "TQ-01"
profile = "invented-push"
line = "torque"
unit_id = 0
serial = "1"
period_ms = 100
channel = [{{ name = "speed", role = "speed", register = "speed", range = [0.0, 6000.0] }}]

[[instrument]]
tag = "FT-01"
profile = "invented-ascii"
line = "flow"
unit_id = 26
serial = "2"
period_ms = 100
channel = [{{ name = "flow", role = "flow", register = "flow", range = [0.0, 100.0] }}]
"#
    );
    assert!(text.contains(from), "{from}");
    let path = folder.path().join("bench.toml");
    std::fs::write(&path, text.replace(from, to)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn plan_counts_the_bytes_of_messages() {
    let folder = TempDir::new().unwrap();
    let bench = bench(&folder, "", "");
    let (push, ascii) = (profile("invented-push"), profile("invented-ascii"));
    let args = ["plan", &bench, "--profile", &push, "--profile", &ascii];
    let planned = json(0, &args);
    let request = |line: usize| &planned["lines"][line]["requests"][0];
    // A frame of 12 bytes, nothing asked; at 38400 baud, 11 bits a character: 3.4375 ms.
    assert_eq!(request(0)["request_bytes"], 0);
    assert_eq!(request(0)["answer_bytes"], 12);
    assert_eq!(request(0)["wire_ms"], 3.4375);
    // "#1A95\r", and the longest answer.
    assert_eq!(request(1)["request_bytes"], 6);
    assert_eq!(request(1)["answer_bytes"], 40);
    let text = expect(0, &args);
    assert!(text.contains("TQ-01  pushed  0 + 12 B"), "{text}");
    assert!(
        text.contains(r##"FT-01  sends "#1A95\r"  6 + 40 B"##),
        "{text}"
    );
}

#[test]
fn a_bench_with_messages_is_checked() {
    let folder = TempDir::new().unwrap();
    let (push, ascii) = (profile("invented-push"), profile("invented-ascii"));
    let check = |from: &str, to: &str, code: i32| {
        let bench = bench(&folder, from, to);
        expect(code, &["config", "check", &bench, &push, &ascii])
    };
    check("", "", 0);
    for (from, to, expected) in [
        (
            "serial_tcp =",
            "tcp =",
            "\"ascii\" is spoken on a serial port or through a serial server",
        ),
        (
            "/dev/ttyUSB7",
            "simulated",
            "the simulator plays Modbus only, not \"push\"",
        ),
        (
            "protocol = \"push\"",
            "protocol = \"pusch\"",
            "did you mean \"push\"?",
        ),
        (
            "protocol = \"push\"\n",
            "",
            "profile \"invented-push\" speaks push, but line \"torque\" is rtu",
        ),
        (
            "register = \"speed\"",
            "register = \"sped\"",
            "has no value \"sped\"; did you mean \"speed\"?",
        ),
        ("38400", "300", "a message of TQ-01 takes"),
    ] {
        let text = check(from, to, 2);
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn messages_are_shown() {
    let text = expect(0, &["instruments", "show", &profile("invented-push")]);
    for expected in [
        "push",
        "12 bytes",
        "hex:AA55",
        "byte 4 i32 ABCD",
        "sensor overloaded",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let shown = json(0, &["instruments", "show", &profile("invented-ascii")]);
    assert_eq!(shown["messages"][0]["send"], "#{unit:x2}\r");
    assert_eq!(shown["values"][0]["suffix"], "m3/h");
    expect(
        0,
        &[
            "instruments",
            "check",
            &profile("invented-push"),
            &profile("invented-ascii"),
        ],
    );
}
