//! The reader of `docs/formats`, which is none of our code, and our own: they say the same of
//! the same bundles.

use crate::common::{json, shared, text};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// An interpreter that has cbor2; none where it is not installed, which fails where CI is set.
fn python() -> Option<&'static str> {
    let has = |python: &&str| {
        Command::new(python)
            .args(["-c", "import cbor2"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let found = ["python3", "/usr/bin/python3"].into_iter().find(has);
    assert!(
        found.is_some() || std::env::var_os("CI").is_none(),
        "no python3 here has cbor2 (Debian: python3-cbor2)"
    );
    found
}

fn formats() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats")
}

#[test]
fn a_reader_of_other_code_agrees_with_verify() {
    let Some(python) = python() else { return };
    let (bundle, trusted) = (
        shared().path("bundle.zip"),
        shared().path("station.key.pub"),
    );
    let read = |more: &[&str]| {
        let mut command = Command::new(python);
        command.arg(formats().join("reader.py")).arg(&bundle);
        command.args(more).output().unwrap()
    };
    let output = read(&["--trust", &trusted]);
    assert!(output.status.success(), "{}", text(&output));
    // What it says to compare with the paper is what `verify` proved.
    let proved = json(0, &["verify", &bundle, "--trust", &trusted]);
    for name in ["number", "run"] {
        let found = proved[name].as_str().unwrap();
        assert!(text(&output).contains(found), "{name}: {}", text(&output));
    }
    let other = shared().path("result.json");
    assert_eq!(read(&["--trust", &other]).status.code(), Some(1));
}

#[test]
fn a_reader_of_other_code_sees_every_byte_changed() {
    let Some(python) = python() else { return };
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/reader.py");
    let trusted = std::fs::read_to_string(shared().file("station.key.pub")).unwrap();
    let output = Command::new(python)
        .args([script, formats()])
        .args([&shared().path("bundle.zip"), trusted.trim()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    let flipped: u32 = text(&output).trim().parse().unwrap();
    assert!(flipped >= 160, "{flipped}");
}
