//! A run that fails to start is a run: it has a stop, a paper and a proof, and the paper
//! judges nothing.

use crate::common::{demo, dutypoint, expect, json, text};
use crate::documents::documents;
use crate::paper::tool;
use dutypoint_model::{Document, Outcome};
use std::net::TcpListener;
use tempfile::TempDir;

#[test]
fn the_certificate_of_a_run_that_never_started_judges_nothing() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let summary = json(2, &demo(&out, &["--fault", "silent:LT-01"]));
    let reason = summary["reason"]["en"].as_str().unwrap();
    assert!(reason.contains("LT-01"), "{reason}");
    for healthy in ["PT-01", "TT-01", "FT-01", "PW-01", "ST-01"] {
        assert!(!reason.contains(healthy), "{reason}");
    }

    let stops: Vec<_> = documents(&out)
        .into_iter()
        .filter_map(|d| match d.doc {
            Document::Stop(stop) => Some(stop),
            _ => None,
        })
        .collect();
    assert_eq!(stops.len(), 1);
    assert_eq!(stops[0].outcome, Outcome::FailedToStart);
    assert!(stops[0].reason.as_ref().unwrap().zh.contains("LT-01"));

    let result = std::fs::read(out.join("result.json")).unwrap();
    let result: serde_json::Value = serde_json::from_slice(&result).unwrap();
    assert_eq!(result["points"].as_array().unwrap().len(), 0);
    let findings = result["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0]["item"], "run");
    assert_eq!(findings[0]["verdict"], "NotEvaluated");

    let path = |name: &str| out.join(name).to_str().unwrap().to_owned();
    expect(0, &["verify", &path("bundle.zip")]);
    let Some(paper) = tool("pdftotext", &["-raw", &path("certificate.pdf"), "-"]) else {
        return;
    };
    for word in ["不作评价", "未能开始", "SIMULATED"] {
        assert!(paper.contains(word), "{word}");
    }
    // A verdict stands alone in its cell; the decision rule may speak of passing.
    for verdict in ["合格", "不合格", "Pass", "Fail"] {
        assert!(paper.lines().all(|l| l.trim() != verdict), "{verdict}");
    }
    for section in ["测点数据", "性能曲线"] {
        assert!(!paper.contains(section), "{section}");
    }
}

#[test]
fn a_port_in_use_is_told_to_people_and_the_run_is_found_in_the_data_folder() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let data = TempDir::new().unwrap();
    let output = dutypoint()
        .env("DUTYPOINT_DATA", data.path())
        .args(["demo", "--no-serve", "--tcp-port", &port])
        .output()
        .unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    for part in [
        "failed to start",
        &format!("127.0.0.1:{port} is in use by another program"),
        "formal issue refused",
        data.path().to_str().unwrap(),
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let runs = json(0, &["runs", "--data", data.path().to_str().unwrap()]);
    let run = &runs["journals"][0]["runs"][0];
    assert_eq!(run["outcome"], "FailedToStart");
    assert_eq!(run["points"], 0);
    let fsck = ["fsck", "--data", data.path().to_str().unwrap()];
    assert_eq!(json(0, &fsck)["clean"], true);
}
