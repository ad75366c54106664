//! `dutypoint sim`: scenarios and profiles, shipped and of one's own.

use crate::common::{dutypoint, expect, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use tempfile::TempDir;

#[test]
fn every_shipped_scenario_is_listed_and_starts() {
    let listed = json(0, &["sim", "--list"]);
    let all = listed["scenarios"].as_array().unwrap();
    assert!(all.len() >= 4, "{listed}");
    for scenario in all {
        let name = scenario["scenario"].as_str().unwrap();
        let said = json(0, &["sim", name, "--for", "0"]);
        assert_eq!(said["simulated"], true, "{name}");
        assert!(!said["lines"].as_array().unwrap().is_empty(), "{name}");
    }
}

#[test]
fn a_profile_is_played_alone_and_tells_its_values() {
    let said = json(
        0,
        &[
            "sim",
            "--profile",
            "keller-30x",
            "--transport",
            "rtu-tcp",
            "--unit",
            "3",
            "--for",
            "0",
        ],
    );
    assert_eq!(said["profile"], "keller-30x");
    assert_eq!(said["lines"][0]["kind"], "rtu_tcp");
    let values = said["values"].as_array().unwrap();
    assert!(values.iter().any(|v| v["register"] == "p1"), "{said}");
}

#[test]
fn a_scenario_of_ones_own_names_its_bench_beside_it() {
    let folder = TempDir::new().unwrap();
    let bench = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../config/benches/demo.toml"
    );
    std::fs::copy(bench, folder.path().join("hall.toml")).unwrap();
    let path = folder.path().join("mine.toml");
    let name = "name = { zh = \"我的\", en = \"mine\" }\n";
    std::fs::write(&path, format!("{name}bench = \"hall.toml\"\nspeed = 5\n")).unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(json(0, &["sim", path, "--for", "0"])["bench"], "demo");
    // A mistake is told with its line and its cure.
    std::fs::write(path, format!("{name}bench = \"hall.toml\"\nspeed = 5000\n")).unwrap();
    let said = expect(2, &["sim", path, "--for", "0", "--lang", "en"]);
    assert!(
        said.contains("mine.toml line 3: speed = 5000 is outside 0.01 … 1000"),
        "{said}"
    );
    // So is one that only shows when the bench is known, by `config check` too.
    let fault = "\n[[fault]]\nwhat = \"silent\"\nof = \"LT-1\"\n";
    std::fs::write(path, format!("{name}bench = \"hall.toml\"\n{fault}")).unwrap();
    for verb in [&["sim", path, "--for", "0"][..], &["config", "check", path]] {
        let said = expect(2, verb);
        let expected =
            "mine.toml line 6: bench \"demo\" has no instrument \"LT-1\"; did you mean \"LT-01\"?";
        assert!(said.contains(expected), "{said}");
    }
    let said = expect(2, &["sim", "bad-wires", "--for", "0", "--lang", "en"]);
    assert!(said.contains("did you mean \"bad-wire\"?"), "{said}");
    let said = expect(
        2,
        &[
            "sim",
            "--profile",
            "keller-33x",
            "--for",
            "0",
            "--lang",
            "en",
        ],
    );
    assert!(said.contains("did you mean \"keller-30x\"?"), "{said}");
}

#[test]
fn a_fault_that_is_typed_begins_then_and_clear_ends_it() {
    let mut child = dutypoint()
        .args(["sim", "--for", "600"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keys = child.stdin.take().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    for (typed, expected) in [
        ("silent:LT-01@0..20", "fault silent:LT-01@0..20"),
        ("silent:LT-1", "did you mean \"LT-01\"?"),
        ("slient:LT-01", "did you mean \"silent\"?"),
        ("clear", "no faults"),
    ] {
        writeln!(keys, "{typed}").unwrap();
        let line = said.next().unwrap().unwrap();
        assert!(line.contains(expected), "{typed}: {line}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
