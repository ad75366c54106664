//! A manometer that people read: the run asks, two enter, and the journal holds it all.

use crate::bench::recorded;
use crate::common::{code, text};
use crate::rig::{Daemon, Files, Sim, until};
use dutypoint_model::document::ActCommand;
use dutypoint_model::{Digest, Document};
use serde_json::Value;
use std::process::Stdio;

const DIAL: &str = r#"
[[entered]]
tag = "PG-01"
name = "gauge"
role = "outlet_pressure"
model = "Y-150 0.4"
serial = "SIM-0190"
unit = "MPa"
range = [0.0, 2.5]
resolution = 0.01
tolerance = 0.02
calibration = { certificate = "SIM-P-2026-009", laboratory = "Simulated metrology", date = "2026-03-02", due = "2027-03-01", u = 0.004 }
"#;

/// Bench `hall-1` with a dial in the place of its pressure transmitter.
fn with_dial(files: &Files, ports: &[String]) -> String {
    let path = files.bench("hall-1", ports);
    let bench = std::fs::read_to_string(&path).unwrap();
    let (before, transmitter) = bench.split_once("[[instrument]]\ntag = \"PT-01\"").unwrap();
    let (_, after) = transmitter.split_once("[[instrument]]").unwrap();
    // A set of readings must outlive a busy machine: no instrument is silent so soon.
    let dial = format!("{before}[[instrument]]{after}{DIAL}")
        .replace("gap_s = 3.0", "gap_s = 30.0")
        .replace("start_timeout_s = 5.0", "start_timeout_s = 60.0");
    std::fs::write(&path, dial).unwrap();
    path
}

#[test]
fn a_dial_is_typed_in_by_two_people_and_replayed() {
    let (sim, files) = (Sim::start(), Files::new());
    let bench = with_dial(&files, &sim.ports);
    let order = files.path("order.toml");
    // What people type in needs a process that listens.
    let alone = ["run", "--bench", &bench, "--order", &order];
    let alone = files.dutypoint(&alone).output().unwrap();
    assert_eq!(code(&alone), 2, "{}", text(&alone));
    assert!(
        text(&alone).contains("dutypoint enter hall-1 gauge"),
        "{}",
        text(&alone)
    );

    let _daemon = Daemon::start(&files, &[], &[]);
    let enter = |expected: i32, what: &[&str]| -> Value {
        let line = [&["enter", "hall-1"], what, &["--json"]].concat();
        let output = files.dutypoint(&line).output().unwrap();
        assert_eq!(code(&output), expected, "{}", text(&output));
        match expected {
            2 => text(&output).into(),
            _ => serde_json::from_slice(&output.stdout).unwrap(),
        }
    };
    let said = enter(2, &["gauge", "1.30", "--by", "Li"]);
    assert!(
        said.as_str().unwrap().contains("no run is being recorded"),
        "{said}"
    );

    let run = [
        "run",
        "--bench",
        "hall-1",
        "--order",
        &order,
        "--operator",
        "张工",
        "--arm",
        "--json",
    ];
    let child = files
        .dutypoint(&run)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Until the flow is at rest nothing may be entered; then the first entry waits for a
    // second person, and one that cannot be a reading is refused.
    let mut asked = false;
    until("the run takes the first entry", || {
        let line = ["enter", "hall-1", "PG-01", "1.30", "--by", "张工", "--json"];
        let output = files.dutypoint(&line).output().unwrap();
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let told = text(&output);
        asked = asked || told.contains("no set of readings is being taken");
        assert!(
            !(asked && told.contains("no run is")),
            "the run has ended: {told}"
        );
        code(&output) == 0 && said["state"] == "needs_second"
    });
    for (value, part) in [
        ("13.0", "decimal point"),
        ("0.13", "factor of ten"),
        ("1300 kPa", "unconverted"),
        ("1.3 MPA", "did you mean"),
    ] {
        let said = enter(2, &["gauge", value, "--by", "Li"]);
        assert!(said.as_str().unwrap().contains(part), "{said}");
    }
    let said = enter(2, &["level", "1.30", "--by", "Li"]);
    assert!(said.as_str().unwrap().contains("typed in: gauge"), "{said}");
    let differs = enter(1, &["gauge", "1.36", "--by", "Li"]);
    assert_eq!(differs["state"], "differs");
    let counts = enter(0, &["gauge", "1.32 MPa", "--by", "Li"]);
    assert_eq!(counts["state"], "counts");
    let run = counts["run"].as_str().unwrap().to_owned();

    let journal = files.data().join("hall-1/journal.sqlite");
    let points = || {
        let (documents, _) = recorded(&journal, &run);
        documents.iter().filter(|d| d.doc.kind() == "point").count()
    };
    // Its window is still filling: what is entered before its end is of the first point.
    until("the first point is durable", || points() >= 1);

    // The next point asks anew: one person with a photo. Its run may be named too.
    let photo = files.path("gauge.jpg");
    std::fs::write(&photo, b"a photo").unwrap();
    until("the next point takes a photo", || {
        let line = [
            "enter", &*run, "gauge", "1.20", "--by", "Li", "--photo", &photo,
        ];
        let output = files.dutypoint(&line).output().unwrap();
        code(&output) == 0
    });
    until("both points are durable", || points() >= 2);
    let stop = files.dutypoint(&["stop", "hall-1"]).output().unwrap();
    assert_eq!(code(&stop), 0, "{}", text(&stop));
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 1, "{}", text(&output));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["replay"], "identical");

    let (documents, _) = recorded(&journal, &run);
    let acts = documents.iter().filter_map(|d| match &d.doc {
        Document::Act(act) if act.command == ActCommand::Enter => Some(act),
        _ => None,
    });
    let entered: Vec<(&str, f64)> = acts
        .clone()
        .map(|act| (&*act.who, act.entry.as_ref().unwrap().value))
        .collect();
    assert_eq!(entered[..3], [("张工", 1.30), ("Li", 1.36), ("Li", 1.32)]);
    let photos: Vec<_> = acts.filter_map(|act| act.entry.as_ref()?.photo).collect();
    assert_eq!(photos[0], Digest::of(b"a photo"));
    let means: Vec<(u32, f64)> = documents
        .iter()
        .filter_map(|d| match &d.doc {
            Document::Point(point) => {
                let gauge = point.channels.iter().find(|c| c.channel == "gauge")?;
                Some((gauge.samples, gauge.mean))
            }
            _ => None,
        })
        .collect();
    // By hand: (1.30 + 1.32)/2 MPa, and 1.20 MPa.
    assert_eq!(means[0].0, 2);
    assert!((means[0].1 - 1.31e6).abs() < 1e-3, "{means:?}");
    assert_eq!(means[1].0, 1);
    assert!((means[1].1 - 1.20e6).abs() < 1e-3, "{means:?}");
}
