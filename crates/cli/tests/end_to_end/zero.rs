//! A run that waits for the zero of an instrument: taken by word in the terminal of
//! `dutypoint run`, and by `dutypoint zero` in a daemon.

use crate::bench::recorded;
use crate::common::{code, text};
use crate::rig::{Daemon, Files, Sim, until, until_over};
use dutypoint_model::Document;
use dutypoint_model::document::{Act, ActCommand};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{ChildStderr, Stdio};

/// A bench that holds the zero of its THD meter, whose value enters no result.
fn bench(files: &Files, sim: &Sim) -> String {
    let path = files.bench("hall-1", &sim.ports);
    let plain = std::fs::read_to_string(&path).unwrap();
    let held = plain.replace(
        "register = \"thd_u_l1\", range = [0.0, 100.0]",
        "register = \"thd_u_l1\", range = [0.0, 100.0], zero_drift_limit = 5.0",
    );
    assert_ne!(plain, held);
    std::fs::write(&path, held).unwrap();
    path
}

/// The zeros of a run: who took them, for what reason, and of how many channels.
fn zeros(journal: &Path, run: &str) -> Vec<(String, String, usize)> {
    let (documents, _) = recorded(journal, run);
    let zero = |act: &Act| (act.who.clone(), act.reason.clone(), act.zeros.len());
    let acts = documents.iter().filter_map(|d| match &d.doc {
        Document::Act(act) if act.command == ActCommand::Zero => Some(zero(act)),
        _ => None,
    });
    acts.collect()
}

/// Reads what is said until a line holds one of `wanted`; that line.
fn hear(said: &mut BufReader<ChildStderr>, wanted: &[&str]) -> String {
    let mut all = String::new();
    loop {
        let before = all.len();
        assert!(
            said.read_line(&mut all).unwrap() > 0,
            "never {wanted:?}: {all}"
        );
        if wanted.iter().any(|part| all[before..].contains(part)) {
            return all.split_off(before);
        }
    }
}

#[test]
fn the_zero_is_taken_by_word_in_the_terminal_of_a_run_before_and_behind_the_programme() {
    let (sim, files) = (Sim::start(), Files::new());
    let bench = bench(&files, &sim);
    let mut child = files
        .run(&bench, &["--operator", "张工", "--arm"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keys = child.stdin.take().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    hear(&mut said, &["type zero"]);
    keys.write_all(b"nought\n").unwrap();
    hear(&mut said, &["unknown word"]);
    // Too few readings at first: told, on record, and tried again.
    let mut tries = 0;
    loop {
        tries += 1;
        keys.write_all(b"zero\n").unwrap();
        let line = hear(&mut said, &["recorded", "too few readings"]);
        if line.trim() == "recorded" {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
        assert!(tries < 600);
    }
    hear(&mut said, &["type zero"]);
    keys.write_all("zero 李工\n".as_bytes()).unwrap();
    hear(&mut said, &["recorded"]);
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["outcome"], "Completed");
    assert_eq!(summary["replay"], "identical");
    let journal = files.data().join("hall-1/journal.sqlite");
    let taken = zeros(&journal, summary["run"].as_str().unwrap());
    let taken: Vec<(&str, usize)> = taken.iter().map(|z| (&*z.0, z.2)).collect();
    assert_eq!(taken[taken.len() - 2..], [("张工", 1), ("李工", 1)]);
    assert!(
        taken[..taken.len() - 2].iter().all(|z| z.1 == 0),
        "{taken:?}"
    );
}

#[test]
fn a_daemon_takes_the_zero_when_told_and_refuses_it_while_the_programme_runs() {
    let (sim, files) = (Sim::start(), Files::new());
    bench(&files, &sim);
    let daemon = Daemon::start(&files, &[], &[]);
    until("every line is open", || daemon.get("/readyz").0 == 200);
    let zero = |who: &str| {
        let args = [
            "zero",
            "hall-1",
            "--operator",
            who,
            "--reason",
            "已排气 vented",
            "--json",
        ];
        files.dutypoint(&args).output().unwrap()
    };
    let early = zero("Wang");
    assert_eq!(code(&early), 2, "{}", text(&early));
    assert!(text(&early).contains("no run is being recorded"));
    let mut client = files
        .run("hall-1", &["--arm"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the zero is taken", || zero("Wang").status.success());
    let meanwhile = zero("Wang");
    assert_eq!(code(&meanwhile), 2, "{}", text(&meanwhile));
    let said = text(&meanwhile);
    assert!(said.contains("only before its programme"), "{said}");
    until_over("the zero is checked", || {
        zero("李工").status.success() || client.try_wait().unwrap().is_some()
    });
    let output = client.wait_with_output().unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["outcome"], "Completed");
    let journal = files.data().join("hall-1/journal.sqlite");
    let taken = zeros(&journal, summary["run"].as_str().unwrap());
    let whole: Vec<_> = taken.iter().filter(|zero| zero.2 == 1).collect();
    assert_eq!(whole.len(), 2, "{taken:?}");
    assert_eq!((&*whole[0].0, &*whole[1].0), ("Wang", "李工"));
    assert_eq!(whole[1].1, "已排气 vented");
}

#[test]
fn a_run_whose_valve_is_not_armed_asks_for_it_and_goes_on_when_the_word_is_typed() {
    let (sim, files) = (Sim::start(), Files::new());
    let bench = files.bench("hall-1", &sim.ports);
    let mut child = files
        .run(&bench, &["--operator", "张工"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keys = child.stdin.take().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    hear(&mut said, &["type arm"]);
    keys.write_all("arm 李工\n".as_bytes()).unwrap();
    hear(&mut said, &["recorded"]);
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["outcome"], "Completed");
    assert_eq!(summary["replay"], "identical");
    let journal = files.data().join("hall-1/journal.sqlite");
    let (documents, _) = recorded(&journal, summary["run"].as_str().unwrap());
    let place = |wanted: fn(&Document) -> bool| documents.iter().position(|d| wanted(&d.doc));
    let armed = place(|d| matches!(d, Document::Act(act) if act.command == ActCommand::Arm));
    let driven = place(|d| matches!(d, Document::Command(_)));
    assert!(armed.unwrap() < driven.unwrap(), "{armed:?} {driven:?}");
    let Document::Act(act) = &documents[armed.unwrap()].doc else {
        panic!("no act");
    };
    assert_eq!((&*act.who, &*act.reason), ("李工", "dutypoint run"));
}
