//! Benches that are not well: every fault is named, none becomes a wrong number.

use crate::common::{demo, finding, json, text};
use crate::documents::{Answered, answers_of, documents, gap_over, start};
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
    let summary = json(2, &demo(&out, &["--fault", "silent:LT-01"]));
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
    let gap = gap_over(&documents, "PT-01", [100.0, 140.0]);
    assert_eq!(gap.cause.en, "PT-01 (outlet_pressure): timeout");
    // The first probe behind the fault brings it back; a busy machine may lose one.
    let end_ns = start(&documents).t_ns + 140_000_000_000;
    let answers = answers_of(&documents, "PT-01");
    let late = |a: &&Answered| a.sent_ns > end_ns && a.lies_within(gap);
    let late = answers.iter().filter(late).count();
    assert!(late <= 2, "{late} requests");
}

#[test]
fn an_unknown_fault_names_the_known_ones() {
    let output = crate::common::run(&["demo", "--no-serve", "--fault", "slient:LT-01"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("silent"), "{}", text(&output));
}
