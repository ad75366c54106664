//! Ctrl-C, kill -9 and two daemons: no run stays open, no receipt is lost.

use crate::common::{demo, dutypoint, expect, json};
use crate::documents::documents;
use crate::import::fixture;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A demo that is running in `out`, with at least `documents` durable: so slow that it does
/// not end before the test does.
pub(crate) fn running(out: &Path, documents: u64) -> (Child, u64) {
    let mut child = dutypoint()
        .args(["demo", "--no-serve", "--speed", "4", "--json", "--out"])
        .arg(out)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        let durable = documents_in(out);
        if durable >= documents {
            return (child, durable);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("the run never reached {documents} documents");
}

/// Documents of the first run of the journal, zero while there is none.
fn documents_in(out: &Path) -> u64 {
    let journal = out.join("journal.sqlite");
    if !journal.exists() {
        return 0;
    }
    let output = dutypoint()
        .args(["runs", "--json", "--journal", journal.to_str().unwrap()])
        .output()
        .unwrap();
    serde_json::from_slice::<Value>(&output.stdout)
        .ok()
        .and_then(|runs| runs["journals"][0]["runs"][0]["documents"].as_u64())
        .unwrap_or(0)
}

pub(crate) fn signal(child: &Child, name: &str) {
    let signal = match name {
        "-INT" => Signal::INT,
        "-TERM" => Signal::TERM,
        _ => Signal::KILL,
    };
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[test]
fn ctrl_c_closes_the_run_as_stopped_by_operator() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let (child, _) = running(&out, 60);
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["outcome"], "StoppedByOperator");
    assert_eq!(summary["verdict"], "NotEvaluated");
    assert!(summary["reason"]["en"].as_str().unwrap().contains("Ctrl-C"));
    expect(0, &["verify", out.join("bundle.zip").to_str().unwrap()]);
    // Who stopped it stands in the journal as an act of its own, before the stop.
    let kinds: Vec<&str> = documents(&out).iter().map(|d| d.doc.kind()).collect();
    let place = |kind| kinds.iter().rposition(|k| *k == kind).unwrap();
    assert!(place("act") < place("stop"), "{kinds:?}");
    let journal = out.to_str().unwrap();
    let runs = json(0, &["runs", "--journal", journal]);
    let run = &runs["journals"][0]["runs"][0];
    assert_eq!(run["outcome"], "StoppedByOperator");
    assert_eq!(json(0, &["fsck", "--journal", journal])["clean"], true);
    let bundle = out.join("bundle.zip");
    let replay = json(0, &["replay", bundle.to_str().unwrap()]);
    assert_eq!(replay["result"], "identical");
}

#[test]
fn after_kill_9_every_acknowledged_document_is_there_and_the_run_is_closed() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let (mut child, durable) = running(&out, 60);
    signal(&child, "-9");
    child.wait().unwrap();
    let journal = out.join("journal.sqlite");
    let journal = journal.to_str().unwrap();
    let at_death = documents_in(&out);
    assert!(at_death >= durable, "{at_death} of {durable}");
    let open = json(0, &["runs", "--journal", journal]);
    let open = &open["journals"][0]["runs"][0];
    let killed = open["run"].as_str().unwrap().to_owned();
    assert!(open["outcome"].is_null(), "{open}");
    let head = open["head"].as_str().unwrap().to_owned();

    // The next start closes it; a fault makes that start short.
    json(2, &demo(&out, &["--fault", "silent:LT-01"]));
    let runs = json(0, &["runs", "--journal", journal]);
    let runs = runs["journals"][0]["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    let first = runs.iter().find(|r| r["run"] == killed.as_str()).unwrap();
    assert_eq!(first["outcome"], "Interrupted");
    assert!(first["documents"].as_u64().unwrap() > at_death);
    assert_eq!(json(0, &["fsck", "--journal", journal])["clean"], true);
    let replay = json(0, &["replay", &killed, "--journal", journal]);
    assert_eq!(replay["result"], "identical");

    // Not only as many documents: the same, to the digest of the last one. Then come the
    // interruption by name and what follows from it.
    let paper = folder.path().join("paper");
    let certify = ["certify", &killed, "--journal", journal, "--out"];
    expect(0, &[&certify[..], &[paper.to_str().unwrap()]].concat());
    let chain = documents(&paper);
    let last = &chain[usize::try_from(at_death).unwrap() - 1];
    assert_eq!(last.digest.to_string(), head);
    let after: Vec<&str> = chain[usize::try_from(at_death).unwrap()..]
        .iter()
        .map(|d| d.doc.kind())
        .collect();
    let order = ["act", "gap", "stop", "finding", "certificate"];
    assert!(
        order.iter().all(|kind| after.contains(kind)) && after.last() == Some(&"certificate"),
        "{after:?}"
    );
    expect(0, &["verify", paper.join("bundle.zip").to_str().unwrap()]);
}

#[test]
fn two_daemons_on_one_journal_are_refused() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let (child, _) = running(&out, 10);
    let journal = out.to_str().unwrap();
    let runs = json(0, &["runs", "--journal", journal]);
    let run = runs["journals"][0]["runs"][0]["run"].as_str().unwrap();
    let (order, points) = (fixture("order.toml"), fixture("points.csv"));
    let import = [
        "import",
        order.to_str().unwrap(),
        points.to_str().unwrap(),
        "--out",
        journal,
    ];
    let certify = ["certify", run, "--journal", journal];
    let rebuild = ["fsck", "--rebuild", "--journal", journal];
    for second in [&demo(&out, &[])[..], &import, &certify, &rebuild] {
        let text = expect(2, second);
        assert!(text.contains("journal.sqlite.lock"), "{text}");
        assert!(text.contains(&format!("process {}", child.id())), "{text}");
        assert!(text.contains("stop it first"), "{text}");
    }
    // Reading is allowed meanwhile, and the run that was there goes on undisturbed.
    let report = json(1, &["fsck", "--journal", journal]);
    let problems = &report["journals"][0]["report"]["problems"];
    let unfinished = |p: &Value| {
        p["nature"]
            .as_str()
            .is_some_and(|n| n.eq_ignore_ascii_case("unfinished"))
    };
    assert!(
        problems.as_array().unwrap().iter().all(unfinished),
        "{problems}"
    );
    let replay = json(0, &["replay", run, "--journal", journal]);
    assert_eq!(replay["result"], "identical");
    let before = documents_in(&out);
    let end = Instant::now() + Duration::from_secs(60);
    while documents_in(&out) <= before {
        assert!(Instant::now() < end, "the first run stands still");
        std::thread::sleep(Duration::from_millis(50));
    }
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["outcome"], "StoppedByOperator");
    assert_eq!(summary["run"], run);
    assert_eq!(summary["replay"], "identical");
    assert_eq!(json(0, &["fsck", "--journal", journal])["clean"], true);
    let runs = json(0, &["runs", "--journal", journal]);
    assert_eq!(runs["journals"][0]["runs"].as_array().unwrap().len(), 1);
}

#[test]
fn the_simulator_ends_at_ctrl_c_and_that_is_no_failure() {
    let mut child = dutypoint()
        .args(["sim", "--for", "600"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // It listens to Ctrl-C before it says so.
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("Ctrl-C ends it") {
        line.clear();
        assert_ne!(
            reader.read_line(&mut line).unwrap(),
            0,
            "it ended by itself"
        );
    }
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
