//! A real bench recorded by `dutypoint run`: the instruments are another process, and
//! nothing but the ports in the bench file leads to them.

use crate::common::{code, expect, json, text};
use crate::interrupted::signal;
use crate::rig::{Files, Sim, nobody, until};
use dutypoint_ledger::{OpenMode, SqliteLedger};
use dutypoint_model::document::{ActCommand, Origin};
use dutypoint_model::{Document, Sealed};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

/// The documents of a run in a journal, and the bench file it was made with.
pub(crate) fn recorded(journal: &Path, run: &str) -> (Vec<Sealed>, String) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let ledger = SqliteLedger::open(journal, OpenMode::ReadOnly)
            .await
            .unwrap();
        let (documents, _) = dutypoint_station::load_run(&ledger, run).await.unwrap();
        let Document::Start(start) = &documents[0].doc else {
            panic!("no start");
        };
        let bench = start.bench.as_ref().unwrap();
        let bytes = ledger.file(&bench.digest).await.unwrap().bytes;
        (documents, String::from_utf8(bytes).unwrap())
    })
}

#[test]
fn a_run_on_the_ports_of_a_file_is_recorded_as_a_benchs_and_judged() {
    let (sim, files) = (Sim::start(), Files::new());
    let bench = files.bench("hall-1", &sim.ports);
    let records = files.path("records");
    let more = ["--journal", &records, "--operator", "张工", "--arm"];
    let output = files.run(&bench, &more).output().unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["outcome"], "Completed");
    assert_eq!(summary["verdict"], "Pass");
    assert_eq!(summary["replay"], "identical");
    // Nobody may sign yet, so nothing is issued, and what stands against it is said; that
    // the bench is simulated does not, for nobody told the program.
    assert!(summary["certificate"].is_null());
    let against = summary["formal_issue"]["refused_because"].to_string();
    assert!(against.contains("no authorised signatory"), "{against}");
    assert!(!against.contains("simulated"), "{against}");

    let id = summary["run"].as_str().unwrap();
    let journal = Path::new(&records).join("journal.sqlite");
    let (documents, file) = recorded(&journal, id);
    let Document::Start(start) = &documents[0].doc else {
        panic!("no start");
    };
    assert_eq!(start.origin, Origin::Bench);
    assert_eq!((&*start.station, &*start.operator), ("hall-1", "张工"));
    assert!((start.clock.speed - 1.0).abs() < f64::EPSILON);
    assert!(
        !start.clock.source.contains("simulated"),
        "{}",
        start.clock.source
    );
    // The ports the run was made on are part of its evidence.
    for port in &sim.ports {
        assert!(file.contains(port.as_str()), "{port}");
    }
    assert_eq!(json(0, &["fsck", "--journal", &records])["clean"], true);
    let certify = expect(1, &["certify", id, "--journal", &records]);
    assert!(certify.contains("no authorised signatory"), "{certify}");
}

#[test]
fn ctrl_c_ends_a_run_on_a_bench_and_names_its_operator() {
    let (sim, files) = (Sim::start(), Files::new());
    let bench = files.bench("hall-1", &sim.ports);
    let child = files
        .run(&bench, &["--operator", "Li", "--arm"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Without --journal it lies in the data folder, under the name of the bench.
    let journal = files.data().join("hall-1/journal.sqlite");
    until("a page is durable", || {
        let runs = files.dutypoint(&["runs", "--json"]).output().unwrap();
        let runs: Value = serde_json::from_slice(&runs.stdout).unwrap_or_default();
        let durable = &runs["journals"][0]["runs"][0]["documents"];
        durable.as_u64().is_some_and(|documents| documents > 20)
    });
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 1);
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["outcome"], "StoppedByOperator");
    assert_eq!(summary["verdict"], "NotEvaluated");
    let (documents, _) = recorded(&journal, summary["run"].as_str().unwrap());
    let stop = documents.iter().find_map(|d| match &d.doc {
        Document::Act(act) if act.command == ActCommand::Stop => Some(act),
        _ => None,
    });
    let stop = stop.unwrap();
    assert_eq!((&*stop.who, &*stop.reason), ("Li", "Ctrl-C"));
}

#[test]
fn what_cannot_be_recorded_is_refused_with_what_to_change() {
    let (sim, files) = (Sim::start(), Files::new());
    let order = files.path("order.toml");
    let refused = |mut run: Command| {
        let output = run.output().unwrap();
        assert_eq!(code(&output), 2, "{}", text(&output));
        text(&output)
    };
    let bad = |bench: &str| refused(files.run(bench, &[]));
    // Ports that only the demo opens.
    let simulated = files.bench("hall-1", &[]);
    let said = bad(&simulated);
    assert!(
        said.contains("\"simulated\"") && said.contains("rtu-1"),
        "{said}"
    );
    // A mistake in the bench file is told with its line, as `config check` does.
    let bench = files.bench("hall-1", &sim.ports);
    let wrong = std::fs::read_to_string(&bench).unwrap();
    let wrong = wrong.replace("tap_bore = \"80 mm\"", "tap_boar = \"80 mm\"");
    let path = files.path("wrong.toml");
    std::fs::write(&path, wrong).unwrap();
    let said = bad(&path);
    assert!(said.contains("did you mean \"tap_bore\""), "{said}");
    // No such order, no such bench file, no daemon.
    let nowhere = ["run", "--bench", &bench, "--order", "nowhere.toml"];
    assert!(refused(files.dutypoint(&nowhere)).contains("nowhere.toml"));
    let nowhere = ["run", "--bench", "nowhere.toml", "--order", &order];
    let said = refused(files.dutypoint(&nowhere));
    assert!(
        said.contains("failed to find bench file nowhere.toml"),
        "{said}"
    );
    let said = bad("hall-1");
    assert!(said.contains("dutypoint serve --config"), "{said}");
    // None of these left a run behind.
    assert!(!files.data().exists(), "a refusal wrote something");
    // A port nobody answers is a run that failed to start, and a document.
    let mut ports = sim.ports.clone();
    let (_held, address) = nobody();
    ports[2].clone_from(&address);
    let dead = files.bench("hall-1", &ports);
    let said = bad(&dead);
    assert!(said.contains(&format!("tcp-flow ({address})")), "{said}");
    let runs = files.dutypoint(&["runs", "--json"]).output().unwrap();
    let runs: Value = serde_json::from_slice(&runs.stdout).unwrap();
    assert_eq!(runs["journals"][0]["runs"][0]["outcome"], "FailedToStart");
}
