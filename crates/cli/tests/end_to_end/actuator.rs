//! Actuators of a bench of a daemon, with the simulator as their slave: armed, moved, verified,
//! refused, lost; and the mains that hold a run.

use crate::common::{code, text};
use crate::rig::{Daemon, Files, Sim, until, until_over};
use dutypoint_ledger::{OpenMode, SqliteLedger};
use dutypoint_model::Document;
use dutypoint_model::document::{ActCommand, EffectKind, HoldCause};
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Output, Stdio};

/// A hall with the simulator's bench, changed by `change` before anybody reads it.
struct Hall {
    files: Files,
    daemon: Daemon,
    sim: Sim,
}

fn changed(path: &str, change: &[(&str, &str)]) {
    let mut text = std::fs::read_to_string(path).unwrap();
    for (from, to) in change {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    std::fs::write(path, text).unwrap();
}

impl Hall {
    fn new(change: &[(&str, &str)], faults: &[&str]) -> Self {
        let files = Files::new();
        // The same bench for the simulator, which is named by no port yet.
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/benches/demo.toml");
        let own = files.path("sim.toml");
        std::fs::copy(demo, &own).unwrap();
        changed(&own, change);
        let sim = Sim::of(Some(&own), faults);
        let bench = files.bench("hall-1", &sim.ports);
        changed(&bench, change);
        changed(&bench, &[("within_s = 300.0", "within_s = 10.0")]);
        let daemon = Daemon::start(&files, &[], &[]);
        until("every line is open", || daemon.get("/readyz").0 == 200);
        Self { files, daemon, sim }
    }

    fn begin(&self, more: &[&str]) -> Child {
        let child = self
            .files
            .run("hall-1", more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        until("the run has begun", || self.tail()["run"].is_string());
        child
    }

    fn tail(&self) -> Value {
        let args = ["tail", "hall-1", "--once", "--json"];
        let output = self.files.dutypoint(&args).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn order(&self, args: &[&str]) -> Output {
        let by = ["--operator", "李工", "--reason", "试 test"];
        self.files.dutypoint(args).args(by).output().unwrap()
    }

    fn takes(&self, args: &[&str]) {
        let output = self.order(args);
        assert_eq!(code(&output), 0, "{args:?}: {}", text(&output));
    }

    fn refuses(&self, args: &[&str], expected: &str) {
        let output = self.order(args);
        assert_eq!(code(&output), 2, "{args:?}: {}", text(&output));
        let said = text(&output);
        assert!(said.contains(expected), "{args:?}: {said}");
    }

    /// The documents of the run so far, which is not replayed.
    fn documents(&self, run: &str) -> Vec<Document> {
        let journal = self.files.data().join("hall-1/journal.sqlite");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let ledger = SqliteLedger::open(&journal, OpenMode::ReadOnly)
                .await
                .unwrap();
            let (mut documents, mut rows) = (Vec::new(), ledger.documents(run));
            while let Some(chunk) = rows.next_chunk().await.unwrap() {
                documents.extend(chunk.into_iter().map(|sealed| sealed.doc));
            }
            documents
        })
    }

    fn run(&self) -> String {
        self.tail()["run"].as_str().unwrap().to_owned()
    }

    /// Waits until the programme drives a valve: the run has begun and heard everything.
    fn driven(&self, run: &str) {
        let command = |d: &Document| matches!(d, Document::Command(_));
        until("the programme drives", || {
            self.documents(run).iter().any(command)
        });
    }

    /// Waits for a hold of the run, and says where it stands among its documents.
    fn held(&self, run: &str, cause: HoldCause) -> (Vec<Document>, usize) {
        let place = |documents: &[Document]| {
            let of_cause = |d: &Document| matches!(d, Document::Hold(h) if h.cause == cause);
            documents.iter().position(of_cause)
        };
        until("the run is held", || place(&self.documents(run)).is_some());
        let documents = self.documents(run);
        let place = place(&documents).unwrap();
        (documents, place)
    }

    fn ended(self, client: Child, expected: i32) -> Value {
        let output = client.wait_with_output().unwrap();
        assert_eq!(code(&output), expected, "{}", text(&output));
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(summary["replay"], "identical");
        self.daemon.finish();
        summary
    }
}

fn effects(documents: &[Document], kind: EffectKind) -> usize {
    let of_kind = |d: &&Document| matches!(d, Document::Effect(e) if e.effect == kind);
    documents.iter().filter(of_kind).count()
}

#[test]
fn a_person_arms_and_moves_a_valve_and_its_read_back_says_that_it_got_there() {
    // The run waits for a zero, so that the programme leaves the valve alone.
    let zero = [(
        "register = \"thd_u_l1\", range = [0.0, 100.0]",
        "register = \"thd_u_l1\", range = [0.0, 100.0], zero_drift_limit = 5.0",
    )];
    let own = (
        "armed_for_s = 7200.0",
        "function = 23\narmed_for_s = 7200.0",
    );
    let hall = Hall::new(&[zero[0], own], &[]);
    hall.refuses(&["arm", "hall-1"], "no run is being recorded");
    let client = hall.begin(&[]);
    let run = hall.run();
    let go = ["move", "hall-1", "outlet_valve", "40 %"];
    hall.refuses(&go, "not armed");
    hall.takes(&["arm", "hall-1"]);
    hall.refuses(
        &["move", "hall-1", "outlet_valve", "140 %"],
        "140.00 % is outside its range 0.00 % … 100.00 %",
    );
    hall.refuses(
        &["move", "hall-1", "outlet_valve", "40 Hz"],
        "its demand is in %",
    );
    hall.refuses(
        &["move", "hall-1", "bypass", "40 %"],
        "turned on: outlet_valve",
    );
    hall.refuses(&["safe", "hall-1"], "declares no safe state");
    hall.refuses(&["resume", "hall-1"], "not held");
    hall.takes(&go);
    until("the valve is there", || {
        effects(&hall.documents(&run), EffectKind::Reached) == 1
    });
    let live = hall.tail();
    let readings = live["readings"].as_array().unwrap();
    let position = readings
        .iter()
        .find(|r| r["channel"] == "valve_position")
        .unwrap();
    assert!(
        (position["value"].as_f64().unwrap() - 40.0).abs() <= 1.0,
        "{position}"
    );
    hall.takes(&["disarm", "hall-1"]);
    hall.refuses(&go, "not armed");
    // What nobody may order stands in the journal with its reason, by name.
    let documents = hall.documents(&run);
    assert_eq!(effects(&documents, EffectKind::Refused), 7);
    let arm = documents.iter().find_map(|d| match d {
        Document::Act(act) if act.command == ActCommand::Arm => Some(act),
        _ => None,
    });
    assert_eq!(
        (&*arm.unwrap().who, &*arm.unwrap().reason),
        ("李工", "试 test")
    );
    let reached = documents.iter().find_map(|d| match d {
        Document::Effect(e) if e.effect == EffectKind::Reached => Some((e.value, e.read)),
        _ => None,
    });
    let (value, read) = reached.unwrap();
    assert_eq!(value, Some(0.4));
    assert!((read.unwrap() - 0.4).abs() <= 0.01, "{read:?}");
    // Armed again, the programme drives it to its end.
    hall.takes(&["arm", "hall-1"]);
    until("the zero is taken", || {
        hall.order(&["zero", "hall-1"]).status.success()
    });
    hall.refuses(&go, "the programme drives this valve");
    until_over("the zero is checked", || {
        hall.order(&["zero", "hall-1"]).status.success() || hall.tail()["run"].is_null()
    });
    assert_eq!(hall.ended(client, 0)["outcome"], "Completed");
}

#[test]
fn a_valve_that_does_not_move_holds_the_run_and_its_read_back_is_on_record() {
    let hall = Hall::new(&[], &["stuck"]);
    let client = hall.begin(&["--arm"]);
    let run = hall.run();
    // The first point is at the shut valve, where it stands.
    let (documents, place) = hall.held(&run, HoldCause::Differs);
    let Some(Document::Effect(effect)) = documents.get(place - 1) else {
        panic!("{:?}", documents.get(place - 1));
    };
    assert_eq!(
        (effect.effect, effect.read),
        (EffectKind::Differs, Some(0.0))
    );
    assert!(effect.value.unwrap() > 0.1, "{effect:?}");
    // Nothing is driven after that.
    let later = hall.documents(&run);
    assert!(
        !later[place..]
            .iter()
            .any(|d| matches!(d, Document::Command(_)))
    );
    hall.takes(&["stop", "hall-1"]);
    assert_eq!(hall.ended(client, 1)["outcome"], "StoppedByOperator");
}

#[test]
fn a_valve_that_falls_silent_is_disarmed_and_cannot_be_armed_before_it_is_heard() {
    let mut hall = Hall::new(&[], &[]);
    let client = hall.begin(&["--arm"]);
    let run = hall.run();
    hall.driven(&run);
    hall.sim.types("silent:FV-01");
    let (documents, place) = hall.held(&run, HoldCause::Contact);
    assert_eq!(effects(&documents, EffectKind::Lost), 1);
    hall.refuses(
        &["arm", "hall-1"],
        "has not been heard since contact was lost",
    );
    let later = hall.documents(&run);
    assert!(
        !later[place..]
            .iter()
            .any(|d| matches!(d, Document::Command(_)))
    );
    hall.takes(&["stop", "hall-1"]);
    assert_eq!(hall.ended(client, 1)["outcome"], "StoppedByOperator");
}

#[test]
fn a_bench_on_its_battery_is_held_by_the_reading_that_says_so_until_a_person_goes_on() {
    let ups = [(
        "register = \"ai_scaled\", unit = \"Hz\", range = [0.0, 5.0], damping_s = 0.5 },",
        "register = \"ai_scaled\", unit = \"Hz\", range = [0.0, 5.0], damping_s = 0.5 },\n  { name = \"mains\", role = \"mains_present\", register = \"ai_scaled\", index = 2, unit = \"1\", range = [0.0, 1.0] },",
    )];
    let own = (
        "armed_for_s = 7200.0",
        "function = 16\narmed_for_s = 7200.0",
    );
    let mut hall = Hall::new(&[ups[0], own], &[]);
    let client = hall.begin(&["--arm"]);
    let run = hall.run();
    hall.driven(&run);
    hall.sim.types("mains-lost");
    let (documents, place) = hall.held(&run, HoldCause::Mains);
    // Not a page later: polled every 50 ms, it is held within the second whatever else is slow.
    assert!(
        matches!(documents.get(place - 1), Some(Document::Page(_))),
        "{:?}",
        documents.get(place - 1)
    );
    hall.refuses(&["resume", "hall-1"], "the bench is on its battery");
    hall.sim.types("clear");
    until("the mains are back", || {
        hall.order(&["resume", "hall-1"]).status.success()
    });
    let documents = hall.documents(&run);
    let resumed = documents
        .iter()
        .rposition(|d| matches!(d, Document::Act(act) if act.command == ActCommand::Resume));
    let between = &documents[place..resumed.unwrap()];
    let stands = |d: &&Document| matches!(d, Document::Command(_) | Document::Point(_));
    assert_eq!(between.iter().filter(stands).count(), 0);
    let summary = hall.ended(client, 0);
    assert_eq!(
        (&summary["outcome"], &summary["verdict"]),
        (&"Completed".into(), &"Pass".into())
    );
}

#[test]
fn after_a_stop_of_the_pump_no_write_raises_the_speed_before_the_back_spin_is_over() {
    let drive = "[[instrument]]\ntag = \"VF-01\"\nprofile = \"siemens-v20\"\nline = \"rtu-2\"\nunit_id = 7\nserial = \"SIM-0107\"\nperiod_ms = 500\nchannel = [\n  { name = \"drive_output\", role = \"drive_output\", register = \"frequency_reference\", range = [0.0, 100.0] },\n]\n\n[pump_stop]\nchannel = \"input_power\"\nbelow = 500.0\nback_spin_s = 600.0\n\n[[actuator]]\nname = \"drive\"\ninstrument = \"VF-01\"\nregister = \"frequency_reference\"\nenabled = true\nfunction = 16\nrange = [0.0, 100.0]\nrate_per_s = 400.0\narmed_for_s = 600.0\nread_back = { channel = \"drive_output\", tolerance = 0.5, within_s = 20.0 }\n\n[[actuator]]\nname = \"outlet_valve\"";
    let change = [("[[actuator]]\nname = \"outlet_valve\"", drive)];
    let mut hall = Hall::new(&change, &[]);
    let client = hall.begin(&["--arm"]);
    let run = hall.run();
    hall.driven(&run);
    hall.sim.types("pump-off");
    // While it turns and no stop is known the speed may be raised.
    let raise = ["move", "hall-1", "drive", "50 %"];
    let refused = |documents: &[Document], why: &str| {
        let says = |d: &Document| matches!(d, Document::Effect(e) if e.effect == EffectKind::Refused && e.text.en.contains(why));
        documents.iter().any(says)
    };
    // Tried again and again, it comes upon the standing pump, and when that turns again upon
    // the lock-out.
    let comes_upon = |hall: &Hall, why: &str| {
        until(why, || {
            hall.order(&raise);
            hall.order(&["move", "hall-1", "drive", "20 %"]);
            refused(&hall.documents(&run), why)
        });
    };
    comes_upon(&hall, "the pump stands still");
    hall.sim.types("clear");
    comes_upon(&hall, "back-spin lock-out after a stop");
    let documents = hall.documents(&run);
    let stop = documents.iter().position(|d| {
        matches!(d, Document::Effect(e) if e.text.en.contains("back-spin lock-out after a stop"))
    });
    for _ in 0..3 {
        hall.order(&raise);
    }
    // Behind it nothing goes out that raises the speed.
    let documents = hall.documents(&run);
    let raised = documents[stop.unwrap()..].iter().any(
        |d| matches!(d, Document::Command(c) if c.actuator == "drive" && c.value > 0.2 + 1e-9),
    );
    assert!(!raised);
    hall.takes(&["stop", "hall-1"]);
    assert_eq!(hall.ended(client, 1)["outcome"], "StoppedByOperator");
}
