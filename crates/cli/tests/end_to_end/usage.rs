//! Languages, help, configuration errors, and the simulator on its own.

use crate::common::{code, dutypoint, expect, json, shared};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;

#[test]
fn every_verb_has_examples_and_the_exit_codes_are_told() {
    assert!(expect(0, &["--help"]).contains("Exit codes: 0 done and passing"));
    for verb in [
        "demo",
        "sim",
        "import",
        "certify",
        "verify",
        "replay",
        "runs",
        "fsck",
        "config",
        "order",
        "doctor",
        "calc",
        "validate",
        "completions",
    ] {
        let help = expect(0, &[verb, "--help"]);
        assert!(help.contains("Examples:"), "{verb}");
        assert!(help.contains(&format!("dutypoint {verb}")), "{verb}");
    }
    assert!(expect(0, &["config", "check", "--help"]).contains("dutypoint config check"));
    assert!(expect(0, &["order", "new", "--help"]).contains("dutypoint order new"));
    assert_eq!(code(&crate::common::run(&["no-such-verb"])), 2);
    assert_eq!(code(&crate::common::run(&["demo", "--speed", "0"])), 2);
}

#[test]
fn a_reader_that_leaves_early_stops_the_printing_and_not_the_work() {
    for json in [false, true] {
        let mut command = dutypoint();
        command.args(["config", "check"]);
        if json {
            command.arg("--json");
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert_eq!(said, "");
    }
}

#[test]
fn chinese_by_flag_and_by_locale() {
    let bundle = shared().path("bundle.zip");
    assert!(expect(0, &["--lang", "zh", "verify", &bundle]).contains("验证通过"));
    let output = dutypoint()
        .env("LC_ALL", "zh_CN.UTF-8")
        .args(["verify", &bundle])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("验证通过"));
    assert!(expect(0, &["verify", &bundle]).contains("verified"));
}

#[test]
fn runs_of_the_data_folder_are_found_by_the_beginning_of_their_id() {
    let data = shared().out.parent().unwrap().to_str().unwrap();
    let runs = json(0, &["runs", "--data", data]);
    assert_eq!(runs["journals"][0]["runs"][0]["run"], shared().run());
    let prefix = &shared().run()[..12];
    assert_eq!(
        json(0, &["replay", prefix, "--data", data])["result"],
        "identical"
    );
    let text = expect(2, &["replay", "R1999", "--data", data]);
    assert!(text.contains("failed to find run \"R1999\""), "{text}");
}

#[test]
fn shipped_configuration_is_good_and_each_bad_file_is_explained() {
    expect(0, &["config", "check"]);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/bad-config");
    let mut cases = 0;
    for case in std::fs::read_dir(fixtures).unwrap() {
        let case = case.unwrap().path();
        let input = case.join("input.toml");
        let expected = std::fs::read_to_string(case.join("expected.txt")).unwrap();
        let text = expect(2, &["config", "check", input.to_str().unwrap()]);
        assert!(
            text.contains(expected.trim()),
            "{}:\n{text}",
            case.display()
        );
        cases += 1;
    }
    assert!(cases >= 4, "only {cases} cases");
}

#[test]
fn a_bench_with_a_mistake_is_explained_with_file_and_line() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/benches/demo.toml");
    let shipped = std::fs::read_to_string(shipped).unwrap();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("bench.toml");
    for (from, to, expected) in [
        (
            "tap_bore = \"80 mm\"",
            "tap_boar = \"80 mm\"",
            "unknown key \"tap_boar\"; did you mean \"tap_bore\"?",
        ),
        (
            "tap_bore = \"80 mm\"",
            "tap_bore = \"80 kPa\"",
            "is no length; expected a number in m, cm, mm, in",
        ),
        (
            "register = \"p1\"",
            "register = \"p9\"",
            "has no register \"p9\"",
        ),
        (
            "tag = \"LT-01\"",
            "tag = \"PT-01\"",
            "\"PT-01\" is declared twice",
        ),
        (
            "line = \"tcp-slip\"\n",
            "line = \"tcp-slap\"\n",
            "is on line \"tcp-slap\", which is not declared",
        ),
    ] {
        assert!(shipped.contains(from), "{from}");
        std::fs::write(&path, shipped.replacen(from, to, 1)).unwrap();
        let text = expect(2, &["config", "check", path.to_str().unwrap()]);
        assert!(text.contains("bench.toml"), "{text}");
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn the_simulator_answers_a_request_written_by_hand() {
    let mut child = dutypoint()
        .args(["sim", "--for", "20", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut document = String::new();
    // The document is complete with the line that closes its outer brace.
    while !document.ends_with("\n}\n") {
        assert_ne!(reader.read_line(&mut document).unwrap(), 0, "{document}");
    }
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let line = document["lines"]
        .as_array()
        .unwrap()
        .iter()
        .find(|l| l["line"] == "tcp-power");
    let address = line.unwrap()["address"].as_str().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    // Transaction 1, unit 1, read holding registers, 19050, 2: the supply frequency.
    stream
        .write_all(&[0, 1, 0, 0, 0, 6, 1, 3, 0x4a, 0x6a, 0, 2])
        .unwrap();
    let mut answer = [0; 13];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer[..9], [0, 1, 0, 0, 0, 7, 1, 3, 4]);
    let hertz = f32::from_be_bytes([answer[9], answer[10], answer[11], answer[12]]);
    assert!((49.5..50.5).contains(&hertz), "{hertz} Hz");
    child.kill().unwrap();
    child.wait().unwrap();
}
