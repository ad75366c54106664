//! Running the binary, and the shared demo run.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use tempfile::TempDir;

/// Bench seconds per wall second in tests: polls every 12 ms, which leaves the 2.5 ms a
/// serial exchange takes a wide margin on a slow machine.
pub(crate) const SPEED: &str = "40";

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
