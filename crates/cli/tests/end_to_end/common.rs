//! Running the binary, and the shared demo run.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Condvar, Mutex, OnceLock};
use tempfile::TempDir;

/// Bench seconds per wall second in tests: polls every 50 ms, and a machine may stall for
/// 0.8 s before that is a gap.
pub(crate) const SPEED: &str = "10";

/// Simulated runs at a time: a bench is as fast as its clock, however many share the machine.
const RUNS: usize = 3;

/// The binary, speaking English, with its data away from the user's.
pub(crate) fn dutypoint() -> Command {
    static DATA: OnceLock<TempDir> = OnceLock::new();
    let data = DATA.get_or_init(|| TempDir::new().unwrap());
    let mut command = Command::new(env!("CARGO_BIN_EXE_dutypoint"));
    command
        .env("DUTYPOINT_DATA", data.path())
        .env("LC_ALL", "C")
        .env_remove("LANG");
    command
}

/// Runs the binary to its end.
pub(crate) fn run(args: &[&str]) -> Output {
    dutypoint().args(args).output().unwrap()
}

/// Exit code of a finished run, its output shown where a test expects another.
pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| {
        panic!(
            "ended by a signal: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

/// Runs the binary, expects `expected` as exit code, and returns all it printed.
pub(crate) fn expect(expected: i32, args: &[&str]) -> String {
    let output = run(args);
    let text = text(&output);
    assert_eq!(code(&output), expected, "{args:?}:\n{text}");
    text
}

/// As [`expect`], with `--json`: the one document on standard output.
pub(crate) fn json(expected: i32, args: &[&str]) -> Value {
    let _turn = (args.first() == Some(&"demo")).then(Turn::take);
    let output = dutypoint().args(args).arg("--json").output().unwrap();
    assert_eq!(code(&output), expected, "{args:?}:\n{}", text(&output));
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{args:?}: no single JSON document: {e}\n{}", text(&output)))
}

pub(crate) fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// One of the simulated runs that may go on at a time, until it is dropped.
pub(crate) struct Turn(());

static FREE: (Mutex<usize>, Condvar) = (Mutex::new(RUNS), Condvar::new());

impl Turn {
    pub(crate) fn take() -> Self {
        let free = FREE.1.wait_while(FREE.0.lock().unwrap(), |free| *free == 0);
        *free.unwrap() -= 1;
        Self(())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *FREE.0.lock().unwrap() += 1;
        FREE.1.notify_one();
    }
}

/// A demo run in `out` with further arguments.
pub(crate) fn demo<'a>(out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["demo", "--no-serve", "--speed", SPEED, "--out"];
    args.push(out.to_str().unwrap());
    args.extend(more);
    args
}

/// A finished run everybody may read.
pub(crate) struct Shared {
    pub(crate) out: PathBuf,
    pub(crate) summary: Value,
    _folder: TempDir,
}

impl Shared {
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.out.join(name)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.file(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn run(&self) -> &str {
        self.summary["run"].as_str().unwrap()
    }

    pub(crate) fn result(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.file("result.json")).unwrap()).unwrap()
    }
}

/// The shared demo run: seed 1, nothing wrong.
pub(crate) fn shared() -> &'static Shared {
    static RUN: OnceLock<Shared> = OnceLock::new();
    RUN.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let out = folder.path().join("out");
        let summary = json(0, &demo(&out, &[]));
        Shared {
            out,
            summary,
            _folder: folder,
        }
    })
}

/// A finding of a summary or result by its item.
pub(crate) fn finding<'a>(value: &'a Value, item: &str) -> &'a Value {
    value["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["item"] == item)
        .unwrap_or_else(|| panic!("no finding about {item} in {value}"))
}
