//! `calc`: questions by flags, by file and by standard input, one and many.

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

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(output)))
}

#[test]
fn flags_a_file_and_standard_input_give_the_same_answer() {
    // Worked example W3, Taiyuan: 9.79749.
    let flags = ["gravity", "--latitude-deg", "37.87", "--altitude-m", "780"];
    let by_flags = answer(&fed(&flags, ""));
    assert!((by_flags["g_m_s2"].as_f64().unwrap() - 9.79749).abs() < 5e-6);
    assert_eq!(by_flags["formulas"][0], "gravity.iso9906.v1");
    let question = r#"{"latitude_deg": 37.87, "altitude_m": 780.0}"#;
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("question.json");
    std::fs::write(&file, question).unwrap();
    let by_file = json(0, &["calc", "gravity", "--in", file.to_str().unwrap()]);
    assert_eq!(by_file, by_flags);
    assert_eq!(answer(&fed(&["gravity"], question)), by_flags);
    // A flag overrides the question: Yuncheng, 9.79627.
    let other = fed(
        &["gravity", "--latitude_deg", "35.03", "--altitude-m", "370"],
        question,
    );
    assert!((answer(&other)["g_m_s2"].as_f64().unwrap() - 9.79627).abs() < 5e-6);
}

#[test]
fn water_by_short_flags_gives_the_published_properties_and_reads_no_input() {
    // Reference, section 2: IAPWS-IF97 at 20 °C and 101 325 Pa.
    let mut child = dutypoint()
        .args(["calc", "water", "--t", "20", "--p", "101325"])
        // A pipe that nobody writes to and nobody closes must not hold it up.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let open = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(open);
    let answer = answer(&output);
    let number = |name: &str| answer[name].as_f64().unwrap();
    assert!((number("density_kg_m3") - 998.206).abs() < 6e-4);
    assert!((number("vapour_pressure_pa") - 2339.2).abs() < 0.06);
    assert!((number("kinematic_viscosity_m2_s") - 1.0034e-6).abs() < 6e-11);
}

#[test]
fn a_fit_reads_its_columns_and_takes_its_degree_from_flags() {
    // By hand: y = 2x² through (0, 0), (1, 2), (2, 8), (3, 18).
    let points = r#"{"x": [0, 1, 2, 3], "y": [0, 2, 8, 18]}"#;
    for flags in [
        &["--degree", "2"][..],
        &["--degree", "2", "--through-origin"],
    ] {
        let found = answer(&fed(&[&["fit"], flags].concat(), points));
        let number = |at: &str| found.pointer(at).and_then(Value::as_f64).unwrap();
        assert!(number("/coefficients/0").abs() < 1e-13);
        assert!(number("/coefficients/1").abs() < 1e-13);
        assert!((number("/coefficients/2") - 2.0).abs() < 1e-13);
        assert!(number("/standard_errors/2") < 1e-12 && number("/residual_sd") < 1e-12);
        assert!((number("/r2") - 1.0).abs() < 1e-13);
    }
    let cubic = fed(
        &["fit", "--degree", "3"],
        r#"{"x": [0, 1, 2], "y": [0, 2, 8]}"#,
    );
    assert_eq!(code(&cubic), 2, "{}", text(&cubic));
}

#[test]
fn every_calculation_answers_its_example_and_has_help() {
    let list = json(0, &["calc", "list"]);
    let text_list = expect(0, &["calc", "list"]);
    for calculation in list.as_array().unwrap() {
        let name = calculation["calc"].as_str().unwrap();
        assert!(text_list.contains(name));
        let example = expect(0, &["calc", "example", name]);
        let output = fed(&[name], &example);
        assert!(code(&output) <= 1, "{name}: {}", text(&output));
        assert_eq!(answer(&output)["calc"], name);
        assert!(expect(0, &["calc", name, "--help"]).contains("Example:"));
        let schema = json(0, &["calc", "schema", name]);
        assert!(schema["input"].is_object() && schema["output"].is_object());
    }
    let all = json(0, &["calc", "schema"]);
    assert_eq!(
        all.as_array().unwrap().len(),
        list.as_array().unwrap().len()
    );
}

#[test]
fn of_a_list_nothing_is_left_out_and_an_error_has_its_index() {
    let list = r#"[
        {"latitude_deg": 45, "altitude_m": 0},
        {"latitude_deg": 450, "altitude_m": 0},
        {"latitude_deg": 35.03, "altitude_m": 370}
    ]"#;
    let output = fed(&["gravity"], list);
    assert_eq!(code(&output), 2);
    let answers = answer(&output);
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0]["answer"]["calc"], "gravity");
    let error = answers[1]["error"].as_str().unwrap();
    assert!(
        error.contains("latitude_deg = 450: it must be between -90 and 90"),
        "{error}"
    );
    assert!(answers[2]["answer"]["g_m_s2"].is_number());
    assert!(text(&output).contains("[1] error: failed to calculate"));
}

#[test]
fn a_question_that_cannot_be_read_is_bad_input() {
    for (args, input, part) in [
        (&["water"][..], "{", "failed to read standard input"),
        (&["water"], "7", "a question is a JSON object"),
        (&["water"], "", "missing field `t_c`"),
        (
            &["water"],
            r#"{"t_c": "warm"}"#,
            "t_c: expected a number, not the text",
        ),
        (&["water"], r#"{"t_c": 20, "t": 20}"#, "t_c is given twice"),
        (
            &["water"],
            r#"{"t_c": 20, "pressure": 1}"#,
            "unknown field `pressure`, expected one of `p_pa`, `t_c`",
        ),
        (&["water", "--t", "-300"], "", "= -300"),
        (&["water", "--t", "nan"], "", "expected a finite number"),
        (
            &["water", "--lang", "zh"],
            r#"{"t_c": -5}"#,
            "t_c = -5：应为0 至 100 °C 之间的数",
        ),
        (&["water", "--t", "warm"], "", "invalid value 'warm'"),
        (&["schema", "watre"], "", "did you mean \"water\"?"),
        (&["watre"], "", "unrecognized subcommand"),
    ] {
        let output = fed(args, input);
        assert_eq!(code(&output), 2, "{args:?} {input}: {}", text(&output));
        assert!(text(&output).contains(part), "{part} in {}", text(&output));
    }
}
