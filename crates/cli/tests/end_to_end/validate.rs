//! `validate`: the shipped cases, one's own, and the dossier on paper.

use crate::common::{code, dutypoint, expect, json, text};
use std::process::Command;

#[test]
fn every_shipped_case_is_as_expected_and_the_dossier_says_so_the_same_every_time() {
    let folder = tempfile::TempDir::new().unwrap();
    let out = |name: &str| folder.path().join(name).display().to_string();
    let (first, second) = (out("a"), out("b"));
    let document = json(0, &["validate", "--out", &first]);
    assert_eq!(document["cases"], document["passing"]);
    assert!(document["cases"].as_u64().unwrap() > 0);
    let shown = expect(0, &["validate", "--out", &second, "--lang", "en"]);
    assert!(shown.contains("all as expected"), "{shown}");
    for file in ["validation.pdf", "validation.json"] {
        let read = |folder: &str| std::fs::read(format!("{folder}/{file}")).unwrap();
        assert!(read(&first) == read(&second), "{file} differs");
    }
    let pdf = format!("{first}/validation.pdf");
    let checked = Command::new("qpdf")
        .args(["--check", &pdf])
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", text(&checked));
    let read = Command::new("pdftotext")
        .args(["-layout", &pdf, "-"])
        .output();
    let read = text(&read.unwrap());
    for case in document["dossier"]["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        // A name may be broken over lines.
        let part = name.rsplit('/').next().unwrap();
        let start = part.get(..8).unwrap_or(part);
        assert!(read.contains(start), "{name} is not in the dossier");
    }
}

#[test]
fn a_case_that_comes_out_otherwise_is_exit_code_one_and_a_broken_one_two() {
    let folder = tempfile::TempDir::new().unwrap();
    let area = folder.path().join("mine");
    std::fs::create_dir(&area).unwrap();
    let case = |density: &str| {
        format!(
            r#"{{"title": {{"zh": "水", "en": "water"}}, "source": "own", "origin": "derived", "calc": "water",
                "input": {{"t_c": 20}}, "expect": [{{"at": "/density_kg_m3", "value": {density}, "absolute": 0.001}}]}}"#
        )
    };
    let run = |density: &str| {
        std::fs::write(area.join("a.json"), case(density)).unwrap();
        let mut command = dutypoint();
        command.args(["validate", "--lang", "en", "--cases"]);
        command.arg(folder.path()).output().unwrap()
    };
    assert_eq!(code(&run("998.206")), 0);
    let wrong = run("1000");
    assert_eq!(code(&wrong), 1);
    assert!(text(&wrong).contains("/density_kg_m3 expected 1000 got 998.206"));
    let broken = run("\"x");
    assert_eq!(code(&broken), 2);
    assert!(text(&broken).contains("failed to read the case mine/a.json"));
    assert_eq!(
        code(
            &dutypoint()
                .args(["validate", "--only", "nothing"])
                .output()
                .unwrap()
        ),
        2
    );
}
