//! The daemon: several benches at once, orders of other processes, what a monitoring
//! system sees, and its end.

use crate::bench::recorded;
use crate::common::{code, text};
use crate::interrupted::signal;
use crate::rig::{Daemon, Files, Sample, Sim, nobody, samples, until};
use dutypoint_model::Document;
use dutypoint_model::document::ActCommand;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What a verb with `--json` prints in one document.
fn told(mut command: Command, expected: i32) -> Value {
    let output = command.arg("--json").output().unwrap();
    assert_eq!(code(&output), expected, "{}", text(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The channels of a bench as `tail --once` shows them.
fn tail(files: &Files, bench: &str) -> Value {
    told(files.dutypoint(&["tail", bench, "--once"]), 0)
}

fn reading<'a>(live: &'a Value, channel: &str) -> &'a Value {
    let mut readings = live["readings"].as_array().unwrap().iter();
    readings.find(|r| r["channel"] == channel).unwrap()
}

fn quality(live: &Value, channel: &str) -> String {
    let quality = &reading(live, channel)["quality"];
    quality.as_str().unwrap().to_owned()
}

/// The sum of the samples called `name` whose labels hold `with`.
fn sum(samples: &[Sample], name: &str, with: &[(&str, &str)]) -> f64 {
    let has = |(sample, labels, _): &&Sample| {
        let holds = |(key, value): &(&str, &str)| labels.get(*key).is_some_and(|v| v == value);
        sample == name && with.iter().all(holds)
    };
    let found: Vec<f64> = samples.iter().filter(has).map(|s| s.2).collect();
    assert!(!found.is_empty(), "no {name} {with:?}");
    found.iter().sum()
}

/// A client that lets the daemon record a run on `bench`.
fn client(files: &Files, bench: &str, operator: &str) -> Child {
    let child = files
        .run(bench, &["--operator", operator, "--arm"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the run has begun", || {
        tail(files, bench)["run"].is_string()
    });
    child
}

/// Waits until some documents more are durable.
fn records_on(daemon: &Daemon) {
    let commits = || {
        let samples = samples(&daemon.get("/metrics").1);
        sum(&samples, "dutypoint_commit_duration_seconds_count", &[])
    };
    let before = commits();
    until("it records on", || commits() > before + 20.0);
}

fn ended(client: Child, expected: i32) -> Value {
    let output = client.wait_with_output().unwrap();
    assert_eq!(code(&output), expected, "{}", text(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn fsck(files: &Files) {
    let report = told(files.dutypoint(&["fsck"]), 0);
    assert_eq!(report["clean"], true, "{report}");
}

#[test]
fn a_dead_line_of_one_bench_costs_the_other_nothing_and_is_told() {
    let (one, mut two, files) = (Sim::start(), Sim::with(&["burn-out:ST-01"]), Files::new());
    files.bench("hall-1", &one.ports);
    let mut ports = two.ports.clone();
    let (_held, address) = nobody();
    ports[2] = address;
    files.bench("hall-2", &ports);
    let daemon = Daemon::start(&files, &["--log-format", "json"], &[]);
    // No test runs, and yet every instrument is read, again and again.
    let mut live = Value::Null;
    until("hall-1 is read", || {
        live = tail(&files, "hall-1");
        let mut readings = live["readings"].as_array().unwrap().iter();
        readings.all(|reading| {
            let fresh = reading["age_s"].as_f64().is_some_and(|age_s| age_s < 2.0);
            reading["quality"] == "good" && fresh && reading["value"].is_f64()
        })
    });
    until("hall-2 is read", || {
        let live = tail(&files, "hall-2");
        let good = |channel| quality(&live, channel) == "good";
        good("input_power") && good("water_level") && quality(&live, "flow") == "disconnected"
    });
    let level = &live["readings"][1];
    assert_eq!(
        (&level["channel"], &level["unit"]),
        (&"water_level".into(), &"m".into())
    );

    // An instrument that answers and has no value shows none, and says why; one that falls
    // silent shows its last value, how old that is, and what became of the last request.
    let mut live = Value::Null;
    until("the sensor is known to be broken", || {
        live = tail(&files, "hall-2");
        quality(&live, "slip_frequency") == "bad"
    });
    let slip = reading(&live, "slip_frequency");
    assert!(slip["value"].is_null() && slip["age_s"].is_null(), "{slip}");
    let why = slip["why"]["en"].as_str().unwrap();
    assert!(why.contains("burn-out"), "{why}");
    two.types("silent:LT-01");
    until("LT-01 has been silent for a second", || {
        let live = tail(&files, "hall-2");
        let level = reading(&live, "water_level");
        level["quality"] == "timeout" && level["age_s"].as_f64().is_some_and(|s| s > 1.0)
    });
    let live = tail(&files, "hall-2");
    assert!(reading(&live, "water_level")["value"].is_f64(), "{live}");
    until("its neighbour on the line is read", || {
        quality(&tail(&files, "hall-2"), "water_temperature") == "good"
    });

    // Without --once one document a line, again and again.
    let mut shown = files
        .dutypoint(&["tail", "hall-1", "--json", "--every", "100"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(shown.stdout.take().unwrap()).lines();
    let times: Vec<String> = lines
        .take(3)
        .map(|line| {
            let live: Value = serde_json::from_str(&line.unwrap()).unwrap();
            assert!(reading(&live, "flow")["value"].is_f64(), "{live}");
            live["time"].as_str().unwrap().to_owned()
        })
        .collect();
    shown.kill().unwrap();
    shown.wait().unwrap();
    assert!(times.is_sorted() && times[0] != times[2], "{times:?}");

    // Alive, but not ready: a run on hall-2 would not start.
    assert_eq!(daemon.get("/healthz"), (200, "alive\n".into()));
    let said = "bench hall-2: line tcp-flow is not open\n";
    until("that is why it is not ready", || {
        daemon.get("/readyz") == (503, said.into())
    });

    let flow = [("bench", "hall-1"), ("device", "FT-01")];
    let dead = [
        ("bench", "hall-2"),
        ("line", "tcp-flow"),
        ("kind", "disconnected"),
    ];
    let scrape = || {
        let (status, body) = daemon.get("/metrics");
        assert_eq!(status, 200);
        samples(&body)
    };
    let begin = Instant::now();
    let before = scrape();
    let mut after = Vec::new();
    let exchanges = "dutypoint_exchanges_total";
    until("the living is read on and the dead is tried", || {
        after = scrape();
        let tried = sum(&after, "dutypoint_exchange_errors_total", &dead) >= 3.0;
        tried && sum(&after, exchanges, &flow) - sum(&before, exchanges, &flow) >= 20.0
    });
    // 20 Hz in the file, which a busy machine may fall short of and none exceeds.
    let asked = sum(&after, exchanges, &flow) - sum(&before, exchanges, &flow);
    let most = 20.0 * begin.elapsed().as_secs_f64() + 2.0;
    assert!(asked <= most, "{asked} > {most}");
    until("each line is open but the dead one", || {
        let all = scrape();
        let open = |bench: &str, line: &str| {
            let with = [("bench", bench), ("line", line)];
            sum(&all, "dutypoint_line_open", &with)
        };
        let open = [
            open("hall-1", "tcp-flow"),
            open("hall-2", "tcp-flow"),
            open("hall-2", "rtu-1"),
        ];
        open == [1.0, 0.0, 1.0]
    });
    // Every exchange is counted once: as an error of one kind, or with its latency.
    for (name, labels, exchanges) in &after {
        if name != "dutypoint_exchanges_total" {
            continue;
        }
        let with: Vec<(&str, &str)> = labels.iter().map(|(k, v)| (&**k, &**v)).collect();
        let good = sum(&after, "dutypoint_exchange_duration_seconds_count", &with);
        let errors = sum(&after, "dutypoint_exchange_errors_total", &with);
        assert_eq!(good + errors, *exchanges, "{labels:?}");
        let late = sum(&after, "dutypoint_exchange_lateness_seconds_count", &with);
        assert_eq!(late, *exchanges, "{labels:?}");
    }
    assert!(
        sum(&after, "dutypoint_queue_capacity", &[]) > sum(&after, "dutypoint_queue_depth", &[])
    );
    assert_eq!(sum(&after, "dutypoint_run_active", &[]), 0.0);

    let log = daemon.finish();
    // Each line of the log is an object that says when, how bad, and what.
    let mut told = false;
    for line in log.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        assert!(
            entry["timestamp"].is_string() && entry["level"].is_string(),
            "{line}"
        );
        told |= entry["message"] == "device does not answer" && entry["line"] == "tcp-flow";
    }
    assert!(told, "{log}");
    assert!(!files.data().join("control.json").exists());
}

#[test]
fn a_run_is_begun_and_stopped_by_other_processes_and_nobody_else_records_meanwhile() {
    let (sim, files) = (Sim::start(), Files::new());
    let bench = files.bench("hall-1", &sim.ports);
    let daemon = Daemon::start(&files, &[], &[]);
    let order = files.path("order.toml");
    until("every line is open", || daemon.get("/readyz").0 == 200);
    let first = client(&files, "hall-1", "Wang");
    let refused = |args: &[&str]| {
        let output = files.dutypoint(args).output().unwrap();
        assert_eq!(code(&output), 2, "{}", text(&output));
        text(&output)
    };
    // The same bench twice, its ports by another process, its journal by another process,
    // a second daemon, a bench that is not there.
    let said = refused(&["run", "--bench", "hall-1", "--order", &order]);
    assert!(said.contains("is being recorded"), "{said}");
    let said = refused(&[
        "run",
        "--bench",
        &bench,
        "--order",
        &order,
        "--journal",
        &files.path("other"),
    ]);
    assert!(said.contains("holds its ports"), "{said}");
    let folder = files.data().join("hall-1");
    let said = refused(&["demo", "--no-serve", "--out", folder.to_str().unwrap()]);
    assert!(said.contains("journal.sqlite.lock"), "{said}");
    let said = refused(&["serve", "--port", "0", "--config", &files.path("config")]);
    assert!(said.contains("running already"), "{said}");
    let said = refused(&["stop", "hall-7"]);
    assert!(said.contains("holds hall-1"), "{said}");
    // An order that is wrong is told like by `config check`.
    let wrong = std::fs::read_to_string(&order)
        .unwrap()
        .replace("gbt3216-2016", "gbt3216-2061");
    std::fs::write(files.path("wrong.toml"), wrong).unwrap();
    let said = refused(&[
        "run",
        "--bench",
        "hall-1",
        "--order",
        &files.path("wrong.toml"),
    ]);
    assert!(said.contains("gbt3216-2016"), "{said}");

    until("documents are durable", || {
        let samples = samples(&daemon.get("/metrics").1);
        assert_eq!(sum(&samples, "dutypoint_run_active", &[]), 1.0);
        sum(&samples, "dutypoint_commit_duration_seconds_count", &[]) > 10.0
    });
    until("values go on being shown while they are recorded", || {
        quality(&tail(&files, "hall-1"), "flow") == "good"
    });
    let run = tail(&files, "hall-1")["run"].clone();
    let reason = "电缆过热 cable hot";
    let stopped = told(files.dutypoint(&["stop", "hall-1", "--reason", reason]), 0);
    assert_eq!(stopped["stopping"], run);
    let summary = ended(first, 1);
    assert_eq!(summary["run"], run);
    assert_eq!(summary["outcome"], "StoppedByOperator");
    assert!(
        summary["reason"]["en"].as_str().unwrap().contains(reason),
        "{summary}"
    );
    assert_eq!(summary["replay"], "identical");
    until("the bench is idle", || {
        tail(&files, "hall-1")["run"].is_null()
    });
    refused(&["stop", "hall-1"]);

    // A second run in the same journal, to its end: passing.
    let second = client(&files, "hall-1", "Wang");
    let summary = ended(second, 0);
    assert_eq!(summary["outcome"], "Completed");
    assert_eq!(summary["verdict"], "Pass");
    // The lines were polled long before; none of those answers is a reading of the run.
    let journal = files.data().join("hall-1/journal.sqlite");
    let (documents, _) = recorded(&journal, summary["run"].as_str().unwrap());
    let begun_ns = documents.iter().find_map(|d| match &d.doc {
        Document::Act(act) if act.command == ActCommand::Begin => Some(act.t_ns),
        _ => None,
    });
    let sent_ns = documents.iter().flat_map(|d| match &d.doc {
        Document::Page(page) => page
            .exchanges
            .iter()
            .map(|exchange| page.t_ns + exchange.1 * 1000)
            .collect(),
        _ => Vec::new(),
    });
    let first_ns = sent_ns.min().unwrap();
    assert!(first_ns >= begun_ns.unwrap(), "{first_ns} {begun_ns:?}");
    let (status, _, log) = daemon.end("-INT");
    assert!(status.success() || log.contains("in time; "), "{log}");
    fsck(&files);
}

#[test]
fn sigterm_closes_a_running_test_as_interrupted_within_two_seconds() {
    // Of a few times on a machine that is busy with others.
    let end = Instant::now() + Duration::from_secs(120);
    while let Err(late) = sigterm_in_a_run() {
        assert!(Instant::now() < end, "{late}");
    }
}

/// Ends a daemon that records; an error where it took longer than it promises.
fn sigterm_in_a_run() -> Result<(), String> {
    let (sim, files) = (Sim::start(), Files::new());
    files.bench("hall-1", &sim.ports);
    // As under systemd: told when it is ready, that it is alive, and that it ends.
    let socket = files.folder.path().join("notify");
    let manager = UnixDatagram::bind(&socket).unwrap();
    let (told, said) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut heard = [0; 256];
        while let Ok(length) = manager.recv(&mut heard) {
            let state = String::from_utf8_lossy(&heard[..length]).trim().to_owned();
            if told.send(state).is_err() {
                break;
            }
        }
    });
    let hear = |wanted: &str| {
        while said.recv_timeout(Duration::from_secs(60)).unwrap() != wanted {}
    };
    let env = [
        ("NOTIFY_SOCKET", socket.to_str().unwrap()),
        ("WATCHDOG_USEC", "300000"),
    ];
    let daemon = Daemon::start(&files, &[], &env);
    hear("READY=1");
    hear("WATCHDOG=1");
    until("every line is open", || daemon.get("/readyz").0 == 200);
    let client = client(&files, "hall-1", "Wang");
    records_on(&daemon);
    let (status, took, log) = daemon.end("-TERM");
    hear("STOPPING=1");
    if took >= Duration::from_secs(2) || log.contains("in time; ") {
        client.wait_with_output().unwrap();
        return Err(format!("{took:?}: {log}"));
    }
    assert!(status.success(), "{log}");
    // Who let it record is told how the run ended.
    let summary = ended(client, 1);
    assert_eq!(summary["outcome"], "Interrupted");
    assert!(
        summary["reason"]["en"]
            .as_str()
            .unwrap()
            .contains("SIGTERM"),
        "{summary}"
    );
    assert_eq!(summary["verdict"], "NotEvaluated");
    assert_eq!(summary["replay"], "identical");
    fsck(&files);
    Ok(())
}

#[test]
fn a_client_that_is_killed_leaves_the_run_and_a_daemon_that_is_killed_leaves_no_open_run() {
    let (sim, files) = (Sim::start(), Files::new());
    files.bench("hall-1", &sim.ports);
    let daemon = Daemon::start(&files, &[], &[]);
    until("every line is open", || daemon.get("/readyz").0 == 200);
    let mut killed = client(&files, "hall-1", "Wang");
    let run = tail(&files, "hall-1")["run"].clone();
    signal(&killed, "-9");
    killed.wait().unwrap();
    records_on(&daemon);
    assert_eq!(tail(&files, "hall-1")["run"], run);

    let (status, ..) = daemon.end("-9");
    assert!(!status.success());
    // What it left behind leads nowhere, and is no daemon.
    let output = files
        .dutypoint(&["tail", "hall-1", "--once"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 2, "{}", text(&output));
    let _daemon = Daemon::start(&files, &[], &[]);
    let runs = told(files.dutypoint(&["runs"]), 0);
    let first = &runs["journals"][0]["runs"][0];
    assert_eq!(
        (&first["run"], &first["outcome"]),
        (&run, &"Interrupted".into())
    );
}

#[test]
fn a_bench_that_says_it_is_simulated_is_issued_as_simulated_whoever_records() {
    let (sim, files) = (Sim::start(), Files::new());
    let bench = files.bench("hall-1", &sim.ports);
    let text = std::fs::read_to_string(&bench).unwrap();
    let text = text.replace("simulated = false", "simulated = true");
    std::fs::write(&bench, text).unwrap();
    let daemon = Daemon::start(&files, &[], &[]);
    until("every line is open", || daemon.get("/readyz").0 == 200);
    let client = client(&files, "hall-1", "Wang");
    records_on(&daemon);
    signal(&client, "-INT");
    let summary = ended(client, 1);
    assert_eq!(summary["outcome"], "StoppedByOperator");
    let number = summary["certificate"].as_str().unwrap();
    assert!(number.starts_with("SIM-"), "{summary}");
    assert_eq!(summary["kind"], "simulated");
    assert!(summary["verify"]["failure"].is_null(), "{summary}");
    let bundle = summary["files"]["bundle"].as_str().unwrap();
    let verified = files.dutypoint(&["verify", bundle]).output().unwrap();
    assert_eq!(code(&verified), 0, "{}", crate::common::text(&verified));
}
