//! `doctor`: runs anywhere, names what stands in the way.

use crate::common::{expect, json, shared};
use crate::rig::nobody;
use serde_json::Value;
use std::net::TcpListener;
use std::path::Path;
use tempfile::TempDir;

fn check<'a>(report: &'a Value, id: &str) -> Vec<&'a Value> {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().filter(|c| c["id"] == id).collect()
}

#[test]
fn it_runs_without_bench_and_journal_and_says_what_it_looked_at() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("not-there-yet");
    let data = data.to_str().unwrap();
    let report = json(0, &["doctor", "--data", data]);
    for id in [
        "program.version",
        "program.packs",
        "program.fonts",
        "memory",
        "data.folder",
        "disk.space",
        "disk.sync",
        "journals",
        "clock.synchronised",
        "clock.time",
        "clock.steady",
        "clock.zone",
        "ports.serial",
    ] {
        assert!(!check(&report, id).is_empty(), "{id} in {report}");
    }
    assert_eq!(report["failures"], 0);
    // The shipped packs are drafts, and whatever is wrong comes with what to do.
    assert_eq!(check(&report, "program.packs")[0]["state"], "warning");
    for check in report["checks"].as_array().unwrap() {
        assert_eq!(check["state"] == "ok", check["todo"].is_null(), "{check}");
    }
    let version = check(&report, "program.version")[0]["found"]["en"]
        .as_str()
        .unwrap();
    assert!(version.contains("SQLite 3."), "{version}");
    assert!(!Path::new(data).exists(), "the doctor made the data folder");
    let said = expect(0, &["doctor", "--data", data, "--lang", "zh"]);
    assert!(said.contains("警告") && said.contains("项检查"), "{said}");
}

#[test]
fn it_knows_the_journal_and_the_key_of_a_finished_run() {
    let report = json(0, &["doctor", "--journal", shared().out.to_str().unwrap()]);
    let journals = check(&report, "journals");
    let said = journals[0]["found"]["en"].as_str().unwrap();
    assert!(
        said.contains("1 runs, the last ") && said.contains(shared().run()),
        "{said}"
    );
    assert_eq!(check(&report, "keys")[0]["state"], "ok");
}

#[test]
fn a_bench_whose_port_and_address_are_not_there_is_bad_input_and_both_are_named() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/benches/demo.toml");
    let shipped = std::fs::read_to_string(shipped).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (_held, closed) = nobody();
    let text = shipped
        .replacen(
            "port = \"simulated\"",
            "port = \"/dev/serial/by-id/none\"",
            1,
        )
        .replacen(
            "address = \"simulated\"",
            &format!("address = \"{address}\""),
            1,
        )
        .replacen(
            "address = \"simulated\"",
            &format!("address = \"{closed}\""),
            1,
        );
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("bench.toml");
    std::fs::write(&path, text).unwrap();
    let report = json(2, &["doctor", "--bench", path.to_str().unwrap()]);
    let lines = check(&report, "bench.line");
    let state = |part: &str| {
        let found = |c: &&&Value| c["found"]["en"].as_str().unwrap().contains(part);
        lines.iter().find(found).unwrap()["state"].clone()
    };
    assert_eq!(state("/dev/serial/by-id/none"), "failure");
    assert_eq!(state(&address), "ok");
    assert_eq!(state(&closed), "failure");
    assert_eq!(report["failures"], 2);
    // The demo's own bench has nothing to reach.
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/benches/demo.toml");
    expect(0, &["doctor", "--bench", demo.to_str().unwrap()]);
}
