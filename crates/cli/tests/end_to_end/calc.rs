//! `calc`: questions by words, by file and by standard input, one and many.

use crate::common::{code, dutypoint, expect, json, text};
use serde_json::Value;
use std::io::Write as _;
use std::process::{Output, Stdio};

/// Runs `calc` with `input` on its standard input.
fn fed(args: &[&str], input: &str) -> Output {
    let mut child = dutypoint()
        .arg("calc")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

#[test]
fn words_a_file_and_standard_input_give_the_same_answer() {
    // Worked example W3, Taiyuan: 9.79749.
    let words = ["calc", "gravity", "latitude_deg=37.87", "altitude=780 m"];
    assert!(expect(0, &words).contains("g acceleration of gravity: 9.797494 m/s2"));
    let by_words = json(0, &words);
    let inputs = r#"{"latitude_deg": 37.87, "altitude": "780 m"}"#;
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("question.json");
    let whole = format!(r#"{{"calc": "gravity", "inputs": {inputs}}}"#);
    std::fs::write(&file, whole).unwrap();
    assert_eq!(json(0, &["calc", "--in", file.to_str().unwrap()]), by_words);
    let output = fed(&["gravity", "--json"], inputs);
    assert_eq!(
        serde_json::from_slice::<Value>(&output.stdout).unwrap(),
        by_words
    );
    let gravity = by_words["results"]["gravity"]["value"].as_f64().unwrap();
    assert!((gravity - 9.79749).abs() < 5e-6);
    assert_eq!(by_words["formulas"][0], "gravity.iso9906.v1");
    assert_eq!(by_words["inputs"]["altitude"]["given"], "780 m");
}

#[test]
fn an_example_can_be_fed_back_and_gives_the_published_head() {
    // Worked example W1 at g = 9.7975: 52.252344 m.
    let example = expect(0, &["calc", "head", "--example"]);
    let output = fed(&["head", "--json"], &example);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let head = answer["results"]["total_head"]["value"].as_f64().unwrap();
    assert!((head - 52.252344).abs() < 5e-7, "{head}");
    let all = fed(&["--json"], &expect(0, &["calc", "--example"]));
    assert_eq!(code(&all), 0, "{}", text(&all));
}

#[test]
fn the_list_names_every_calculation_with_its_inputs_and_units() {
    let text = expect(0, &["calc", "--list"]);
    let list = json(0, &["calc", "--list"]);
    let list = list.as_array().unwrap();
    assert!(list.len() >= 15);
    for calculation in list {
        assert!(text.contains(calculation["calc"].as_str().unwrap()));
        assert!(!calculation["inputs"].as_array().unwrap().is_empty());
    }
    assert!(text.contains("[m3/s, m3/h, L/s, L/min]"));
}

#[test]
fn a_verdict_that_is_no_pass_is_exit_code_one() {
    // Worked example W5, case A: passes 2B, fails 2U.
    let example = expect(0, &["calc", "judge", "--example"]);
    let answer = fed(&["judge", "--lang", "zh"], &example);
    assert_eq!(code(&answer), 0, "{}", text(&answer));
    assert!(text(&answer).contains("规定流量下的扬程: 48.8 m  [47.5 m … 52.5 m]  合格"));
    let failing = fed(&["judge", "--json"], &example.replace("2B", "2U"));
    assert_eq!(code(&failing), 1);
    let answer: Value = serde_json::from_slice(&failing.stdout).unwrap();
    assert_eq!(answer["verdict"], "Fail");
}

#[test]
fn of_a_list_nothing_is_left_out_and_an_error_has_its_index() {
    let list = r#"[
        {"calc": "gravity", "inputs": {"latitude_deg": 45, "altitude": "0 m"}},
        {"calc": "gravity", "inputs": {"latitude_deg": 450, "altitude": "0 m"}},
        {"calc": "slip-speed", "inputs": {"frequency": "50 Hz", "slip_frequency": "2.5 Hz", "pole_pairs": 1}}
    ]"#;
    let output = fed(&["--json"], list);
    assert_eq!(code(&output), 2);
    let answers: Value = serde_json::from_slice(&output.stdout).unwrap();
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0]["answer"]["calc"], "gravity");
    let error = answers[1]["error"].as_str().unwrap();
    assert!(error.contains("latitude in ° = 450"), "{error}");
    assert_eq!(answers[2]["answer"]["results"]["speed"]["value"], 2850.0);
    // In text too, and the error goes where errors go.
    let output = fed(&[], list);
    assert!(String::from_utf8_lossy(&output.stderr).contains("[1] error: failed to calculate"));
    assert!(String::from_utf8_lossy(&output.stdout).contains("2850 r/min"));
}

#[test]
fn a_question_that_cannot_be_read_is_bad_input() {
    for (args, input, part) in [
        (&["head"][..], "{", "failed to read standard input"),
        (&[], r#"{"calc": "head"}"#, "missing field `inputs`"),
        (&[], "[]", ""),
        (
            &["head"],
            r#"{"calc": "gravity", "inputs": {}}"#,
            "the command line says \"head\"",
        ),
        (&["head", "flow"], "", "expected KEY=VALUE"),
        (&["head", "flow=1 m3/h", "flow=2 m3/h"], "", "given twice"),
        (&["haed"], "{}", "did you mean \"head\"?"),
    ] {
        let output = fed(args, input);
        // No questions have no answers, and that is no error.
        let expected = if input == "[]" { 0 } else { 2 };
        assert_eq!(code(&output), expected, "{args:?} {input}");
        assert!(text(&output).contains(part), "{part} in {}", text(&output));
    }
}
