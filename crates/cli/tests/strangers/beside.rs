//! `dutypoint line-check` and `dutypoint shadow` on servers of others, whose answers a
//! proxy mangles and whose requests it keeps.

use crate::mangle::Mangle;
use crate::numbers::{numbers, profile};
use crate::proxy::{Proxy, back};
use crate::server::{Stranger, Who};
use crate::values::{bench_text, rtu, tcp};
use dutypoint_engine::config::Endpoint;
use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The folder of a station with the strangers' profile, and its bench file.
fn station(bench: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let own = folder.path().join("instruments");
    std::fs::create_dir(&own).unwrap();
    std::fs::write(own.join("stranger.toml"), profile().1).unwrap();
    let file = folder.path().join("bench.toml");
    std::fs::write(&file, bench).unwrap();
    (folder, file)
}

/// Runs the binary beside the proxies of this process; its exit code and document.
async fn dutypoint(folder: &Path, args: &[&str]) -> (i32, Value) {
    answering(folder, args, "").await
}

/// As [`dutypoint`], with what the person types.
async fn answering(folder: &Path, args: &[&str], typed: &str) -> (i32, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dutypoint"));
    command
        .args(["--lang", "en", "--json", "--data"])
        .arg(folder)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let typed = typed.to_owned();
    let output = tokio::task::spawn_blocking(move || {
        let mut child = crate::ptys::start(&mut command).unwrap();
        // One that asks nothing may have ended.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        child.wait_with_output().unwrap()
    });
    let output = output.await.unwrap();
    let said = serde_json::from_slice(&output.stdout);
    let said = said.unwrap_or_else(|e| panic!("{e}: {output:?}"));
    (output.status.code().unwrap(), said)
}

fn whole(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_check_counts_failures_by_kind_judges_by_the_files_limits_and_keeps_records() {
    let back = back();
    let Some(_stranger) = Stranger::rtu(Who::Libmodbus, &numbers(), &back.path) else {
        return;
    };
    // Far enough behind the beginning to be counted, whenever that is.
    let mut script = vec![Mangle::Pass; 20];
    for _ in 0..4 {
        script.extend([Mangle::Broken, Mangle::Pass, Mangle::Pass]);
    }
    script.extend([Mangle::Silent, Mangle::Pass]);
    let proxy = Proxy::rtu(back, &script);
    let text = bench_text(&[("line", &rtu(&proxy.front))], &[("U-1", "line", 1)]);
    let limits = "[line_check]\ngarbled_pct = 0.0\n\n[[line]]";
    let text = text.replacen("[[line]]", limits, 1);
    let (folder, bench) = station(&text.replace("timeout_ms = 2000", "timeout_ms = 500"));
    let bench = bench.to_str().unwrap();
    let check = ["line-check", bench, "--stage", "25 Hz", "--seconds", "8"];
    let (code, said) = dutypoint(folder.path(), &check).await;
    assert_eq!(code, 1, "{said}");
    assert_eq!(said["verdict"], "Fail");
    let stage = &said["stages"][0];
    assert_eq!(stage["stage"], "25 Hz");
    let device = &stage["devices"][0];
    assert_eq!(
        (&device["line"], &device["device"]),
        (&"line".into(), &"U-1".into())
    );
    // A machine that is busy may add a timeout, even to a broken answer.
    let [garbled, timeout] = ["garbled", "timeout"].map(|kind| whole(&device[kind]));
    assert!(garbled >= 1 && timeout >= 1, "{device}");
    assert!(garbled + timeout >= 5, "{device}");
    let kinds = [
        "good",
        "garbled",
        "timeout",
        "wrong_length",
        "exception",
        "disconnected",
    ];
    let sum: u64 = kinds.iter().map(|kind| whole(&device[*kind])).sum();
    assert_eq!(sum, whole(&device["requests"]));
    let [p50, p99] = ["latency_p50_ms", "latency_p99_ms"].map(|key| device[key].as_f64().unwrap());
    assert!(0.0 < p50 && p50 <= p99);
    assert_eq!(stage["exceeded"][0]["limit"], "garbled_pct");
    // What a server holds does not move.
    let tenths = stage["channels"].as_array().unwrap().iter();
    let tenths = tenths
        .clone()
        .find(|c| c["channel"] == "U-1/tenths")
        .unwrap();
    assert!((tenths["mean"].as_f64().unwrap() + 123.4).abs() < 1e-9);
    assert_eq!(tenths["peak"], 0.0);
    // What the mean of equal numbers is rounded by.
    assert!(tenths["sd"].as_f64().unwrap() < 1e-11);

    // The script is over, and the limit holds.
    let check = ["line-check", bench, "--stage", "25 Hz", "--seconds", "1"];
    let (code, said) = dutypoint(folder.path(), &check).await;
    assert_eq!((code, &said["verdict"]), (0, &"Pass".into()), "{said}");
    let (code, said) = dutypoint(folder.path(), &["line-check", bench, "--history"]).await;
    assert_eq!(code, 0);
    let checks = said["checks"].as_array().unwrap();
    let verdicts: Vec<_> = checks
        .iter()
        .map(|c| c["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["Fail", "Pass"]);
    for check in checks {
        assert!(Path::new(check["record"].as_str().unwrap()).starts_with(folder.path()));
    }
    // Stage by stage: named beforehand, or asked for; what was measured is kept when nobody
    // answers any more.
    let two = ["--stage", "0 Hz", "--stage", "50 Hz"];
    for (stages, typed, expected) in [
        (&two[..], "\n", Some(2)),
        (&[], "0 Hz\n50 Hz\n\n", Some(2)),
        (&two, "", None),
        (&[], "", None),
    ] {
        let mut args = vec!["line-check", bench, "--seconds", "1"];
        args.extend(stages);
        let (code, said) = answering(folder.path(), &args, typed).await;
        assert_eq!(code, if expected.is_some() { 0 } else { 2 }, "{said}");
        let measured = said["stages"].as_array().map(Vec::len);
        assert_eq!(measured, expected, "{said}");
    }
    let (_, said) = dutypoint(folder.path(), &["line-check", bench, "--history"]).await;
    let kept = said["checks"].as_array().unwrap().iter();
    let kept: Vec<usize> = kept
        .map(|c| c["stages"].as_array().unwrap().len())
        .collect();
    assert_eq!(kept, [1, 1, 2, 2, 1]);
    // Nothing but reads went out.
    assert!(
        proxy
            .log()
            .iter()
            .all(|entry| matches!(entry.function, 3 | 4))
    );
}

const CALIBRATION: &str = r#"calibration = { certificate = "K-1", laboratory = "L", date = "2026-01-01", due = "2099-01-01", u_reading_pct = 1.0 }"#;

/// Our f_abcd and tenths of unit 1 beside the other system's of unit 2, the first of which
/// has a calibration on both sides.
fn two_systems(ours: &Endpoint, theirs: &str) -> String {
    let instrument = |head: &str, tag: &str, unit: u8, register: &str, name: &str, more: &str| {
        format!(
            "[[{head}]]\ntag = \"{tag}\"\nprofile = \"stranger\"\nline = \"line\"\nunit_id = {unit}\nserial = \"1\"\nperiod_ms = 50\n{more}\nchannel = [{{ name = \"{name}\", role = \"frequency\", register = \"{register}\", range = [-1e3, 1e3] }}]\n\n"
        )
    };
    let mut text = bench_text(&[("line", ours)], &[]);
    text += &instrument("instrument", "A", 1, "f_abcd", "first", CALIBRATION);
    text += &instrument("instrument", "B", 1, "tenths", "second", CALIBRATION);
    text += &format!(
        "[[shadow.line]]\nname = \"line\"\nendpoint = {{ tcp = {{ address = \"{theirs}\" }} }}\ntimeout_ms = 2000\n\n"
    );
    text += &instrument("shadow.instrument", "A", 2, "f_abcd", "first", CALIBRATION);
    text += &instrument("shadow.instrument", "B", 2, "whole_i16", "second", "");
    text
}

async fn shadowed(who: Who) {
    // One each: that of libmodbus serves one connection at a time.
    let start = || Stranger::tcp(who, &numbers());
    let (Some(here), Some(there)) = (start(), start()) else {
        return;
    };
    let ours = Proxy::tcp(here.port, &[]).await;
    let theirs = Proxy::tcp(there.port, &[]).await;
    let port = ours.front.rsplit(':').next().unwrap().parse().unwrap();
    let (folder, bench) = station(&two_systems(&tcp(port), &theirs.front));
    let (bench, csv) = (bench.to_str().unwrap(), folder.path().join("table.csv"));
    let csv = csv.to_str().unwrap();
    let args = [
        "shadow",
        bench,
        "--point",
        "=1",
        "--seconds",
        "3",
        "--csv",
        csv,
    ];
    let (code, said) = dutypoint(folder.path(), &args).await;
    assert_eq!(code, 0, "{said}");
    let row = |name: &str| {
        let table = said["points"][0]["table"].as_array().unwrap().iter();
        table.clone().find(|row| row["channel"] == name).unwrap()
    };
    let number =
        |row: &Value, key: &str| row[key].as_f64().unwrap_or_else(|| panic!("{key}: {row}"));
    // 12.34 and −12.34, each ±1 % (k = 2): u = 0.0617 each, 0.087 257 together, 141.421 in
    // E_n: 24.68 / (2 · 0.087 257), by hand √2 · 100.
    let first = row("first");
    assert!((number(first, "ours") - 12.34).abs() < 1e-6);
    assert!((number(first, "theirs") + 12.34).abs() < 1e-6);
    assert!((number(first, "difference") - 24.68).abs() < 1e-5);
    assert!((number(first, "u") - 0.087_257).abs() < 1e-6);
    assert!((number(first, "en") - 141.421).abs() < 1e-2);
    assert!(first["our_readings"].as_u64().unwrap() >= 2);
    // −123.4 and −2; nobody knows how well the other system measures.
    let second = row("second");
    assert!((number(second, "difference") + 121.4).abs() < 1e-9);
    assert_eq!((&second["u"], &second["en"]), (&Value::Null, &Value::Null));
    let table = std::fs::read_to_string(csv).unwrap();
    let mut lines = table.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("point,at,channel,unit,ours,")
    );
    // No cell that a spreadsheet would compute.
    assert!(lines.all(|line| line.starts_with("'=1,")), "{table}");
    for proxy in [&ours, &theirs] {
        assert!(!proxy.log().is_empty());
        assert!(
            proxy
                .log()
                .iter()
                .all(|entry| matches!(entry.function, 3 | 4))
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bench_beside_pymodbus_is_compared_and_only_read() {
    shadowed(Who::Pymodbus).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bench_beside_libmodbus_is_compared_and_only_read() {
    shadowed(Who::Libmodbus).await;
}

#[tokio::test]
async fn what_cannot_be_compared_is_refused() {
    let bench = two_systems(&tcp(9), "127.0.0.1:10");
    for (from, to, expected) in [
        (
            "name = \"second\"",
            "name = \"third\"",
            "\"second\" of the system beside has no channel of that name",
        ),
        (
            "[[shadow.line]]\nname = \"line\"",
            "[[shadow.line]]\nname = \"other\"",
            "is on line \"line\", which is not declared",
        ),
        (
            "127.0.0.1:10\"",
            "127.0.0.1:9\"",
            "has the port of line \"line\"",
        ),
        (
            "register = \"whole_i16\"",
            "register = \"whole_i17\"",
            "no register \"whole_i17\"",
        ),
    ] {
        assert!(bench.contains(from), "{from}");
        let (folder, file) = station(&bench.replacen(from, to, 1));
        let (code, said) = dutypoint(folder.path(), &["shadow", file.to_str().unwrap()]).await;
        assert_eq!(code, 2, "{said}");
        assert!(said["error"].as_str().unwrap().contains(expected), "{said}");
    }
    // Nobody is there: every row says so, and the exit code.
    let (folder, file) = station(&bench);
    let args = ["shadow", file.to_str().unwrap(), "--seconds", "1"];
    let (code, said) = dutypoint(folder.path(), &args).await;
    assert_eq!(code, 2, "{said}");
    assert_eq!(said["points"][0]["table"][0]["difference"], Value::Null);
    assert!(
        said["error"]
            .as_str()
            .unwrap()
            .contains("on none of its channels")
    );
    let alone = &bench[..bench.find("[[shadow.line]]").unwrap()];
    let (folder, file) = station(alone);
    let (code, said) = dutypoint(folder.path(), &["shadow", file.to_str().unwrap()]).await;
    assert_eq!(code, 2);
    assert!(
        said["error"]
            .as_str()
            .unwrap()
            .contains("has no [shadow] section"),
        "{said}"
    );
}
