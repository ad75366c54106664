//! Benches that are not well: every fault is named, none becomes a wrong number.

use crate::common::{demo, finding, json, text};
use crate::documents::{documents, gaps, start};
use serde_json::Value;
use std::net::TcpListener;
use tempfile::TempDir;

fn with_fault(expected: i32, fault: &str) -> (TempDir, Value) {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let summary = json(expected, &demo(&out, &["--fault", fault]));
    (folder, summary)
}

#[test]
fn a_supply_outside_its_window_is_not_evaluated_and_not_converted() {
    for (fault, item) in [("frequency=49.2", "frequency"), ("voltage=350", "voltage")] {
        let (_folder, summary) = with_fault(1, fault);
        assert_eq!(summary["outcome"], "Completed", "{fault}");
        assert_eq!(
            finding(&summary, item)["verdict"],
            "NotEvaluated",
            "{fault}"
        );
        for judged in ["flow_head", "unit_efficiency"] {
            let finding = finding(&summary, judged);
            assert_eq!(finding["verdict"], "NotEvaluated", "{fault} {judged}");
            let reason = finding["reason"]["en"].as_str().unwrap();
            assert!(reason.contains("not converted"), "{reason}");
        }
    }
}

#[test]
fn a_weak_pump_fails_its_guarantee() {
    let (_folder, summary) = with_fault(1, "head=0.85");
    assert_eq!(summary["verdict"], "Fail");
    assert_eq!(finding(&summary, "flow_head")["verdict"], "Fail");
}

#[test]
fn an_instrument_silent_at_the_start_is_named_and_the_run_fails_to_start() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    // The bench waits 20 of its seconds: at this speed long enough for a busy machine to ask.
    let slow = ["--speed", "5", "--fault", "silent:LT-01"];
    let mut args = vec!["demo", "--no-serve", "--out", out.to_str().unwrap()];
    args.extend(slow);
    let summary = json(2, &args);
    assert_eq!(summary["outcome"], "FailedToStart");
    let reason = summary["reason"]["en"].as_str().unwrap();
    assert!(reason.contains("LT-01 (water_level): timeout"), "{reason}");
    assert_eq!(summary["verdict"], "NotEvaluated");
    let journal = folder.path().join("out/journal.sqlite");
    let runs = json(0, &["runs", "--journal", journal.to_str().unwrap()]);
    assert_eq!(runs["journals"][0]["runs"][0]["outcome"], "FailedToStart");
}

#[test]
fn a_valve_that_does_not_hear_is_told_again_and_a_dead_one_ends_the_run() {
    let (_folder, summary) = with_fault(0, "silent:FV-01@20..45");
    assert_eq!(summary["outcome"], "Completed");
    let (_folder, summary) = with_fault(1, "silent:FV-01@20..4000");
    assert_eq!(summary["outcome"], "StoppedByInterlock");
    let reason = summary["reason"]["zh"].as_str().unwrap();
    assert!(reason.starts_with("outlet_valve："), "{reason}");
    assert!(reason.contains("保持原位"), "{reason}");
}

#[test]
fn a_port_in_use_is_named_and_the_run_fails_to_start_with_a_document() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let summary = json(2, &demo(&out, &["--tcp-port", &port]));
    assert_eq!(summary["outcome"], "FailedToStart");
    let reason = summary["reason"]["en"].as_str().unwrap();
    assert!(reason.contains(&port), "{reason}");
    let reason = summary["reason"]["zh"].as_str().unwrap();
    assert!(reason.starts_with("试验未能开始："), "{reason}");
    assert!(reason.contains(&port), "{reason}");
    assert_eq!(summary["replay"], "identical");
}

#[test]
fn a_silence_in_the_middle_is_a_gap_and_the_run_goes_on() {
    let (folder, summary) = with_fault(0, "silent:PT-01@100..140");
    assert_eq!(summary["outcome"], "Completed");
    assert_eq!(summary["replay"], "identical");
    let documents = documents(&folder.path().join("out"));
    let begin_ns = start(&documents).t_ns;
    // A machine that stalls for 200 ms makes gaps of its own; this one spans the fault.
    let second = |t_ns: i64| (t_ns - begin_ns) as f64 / 1e9;
    let gaps: Vec<_> = gaps(&documents)
        .into_iter()
        .filter(|g| g.cause.en.contains("(outlet_pressure)"))
        .filter(|g| second(g.from_ns) < 101.0 && second(g.to_ns) > 139.0)
        .collect();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(gaps[0].cause.en, "PT-01 (outlet_pressure): timeout");
    // From the last good answer to the next, recovery probed about once a wall second.
    assert!(second(gaps[0].to_ns) < 260.0, "{:?}", gaps[0]);
}

#[test]
fn an_unknown_fault_names_the_known_ones() {
    let output = crate::common::run(&["demo", "--no-serve", "--fault", "slient:LT-01"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("silent"), "{}", text(&output));
}
