//! The frame of the calculations; their numbers are held by `fixtures/validation`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use dutypoint_engine::calc::{self, CALCULATIONS, Packs};
use dutypoint_hydraulics::pack::Standard;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;

static PACKS: LazyLock<Packs> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/standards");
    let mut packs = Packs::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let pack = Standard::from_toml(&path.display().to_string(), &text).unwrap();
        packs.insert(pack.id.clone(), pack);
    }
    packs
});

#[test]
fn every_name_is_there_once_and_every_example_is_answered() {
    let mut names: Vec<&str> = CALCULATIONS.iter().map(|c| c.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), CALCULATIONS.len());
    for calculation in CALCULATIONS {
        let example = calculation.example();
        assert!(calculation.is_complete(&example), "{}", calculation.name);
        let answer = calculation.answer(&example, &PACKS);
        let answer = answer.unwrap_or_else(|e| panic!("{}: {e}", calculation.name));
        assert_eq!(answer["input"], example);
        assert!(!calculation.flags().is_empty());
        for flag in calculation.flags() {
            assert!(
                !flag.help.is_empty(),
                "{}: {} has no description",
                calculation.name,
                flag.field
            );
        }
    }
}

#[test]
fn the_manual_is_the_one_in_the_documentation() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/calc.md");
    let manual = calc::manual(&PACKS).unwrap();
    let written = std::fs::read_to_string(file).unwrap();
    assert!(
        written == manual,
        "docs/calc.md is not up to date: `cargo run -- calc manual > docs/calc.md`"
    );
}

#[test]
fn an_unknown_name_gets_the_nearest_or_all() {
    let near = calc::find("watter").unwrap_err().to_string();
    assert!(near.contains("did you mean \"water\"?"), "{near}");
    let far = calc::find("zzz").unwrap_err().to_string();
    assert!(far.contains("known: "), "{far}");
}

/// The numbers of a schema that state no range, by their places.
fn without_range(schema: &Value, place: &str, found: &mut Vec<String>) {
    let numeric = |name: &Value| name == "number" || name == "integer";
    let is_number = match &schema["type"] {
        Value::Array(names) => names.iter().any(numeric),
        name => numeric(name),
    };
    let either = |a: &str, b: &str| schema.get(a).or_else(|| schema.get(b)).is_some();
    if is_number
        && !(either("minimum", "exclusiveMinimum") && either("maximum", "exclusiveMaximum"))
    {
        found.push(place.to_owned());
    }
    for key in ["oneOf", "anyOf"] {
        for form in schema
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            without_range(form, place, found);
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get(key) {
            without_range(inner, place, found);
        }
    }
    for (name, of) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        without_range(of, &format!("{place}/{name}"), found);
    }
}

#[test]
fn every_number_of_every_question_has_a_range() {
    let mut found = Vec::new();
    for calculation in CALCULATIONS {
        without_range(&calculation.schema()["input"], calculation.name, &mut found);
    }
    assert!(found.is_empty(), "{found:?}");
}

/// Whether a text holds Chinese.
fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[test]
fn every_refusal_says_its_reason_in_chinese_too() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/validation");
    let mut refused = 0;
    for area in std::fs::read_dir(folder).unwrap() {
        for file in std::fs::read_dir(area.unwrap().path()).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let case: Value = serde_json::from_str(&text).unwrap();
            if case["refused"].is_null() {
                continue;
            }
            let name = case["calc"].as_str().unwrap();
            let error = calc::find(name).unwrap().answer(&case["input"], &PACKS);
            let said = error.unwrap_err().text();
            let frame = format!("无法计算 {name}：");
            let body = said.zh.strip_prefix(&frame);
            assert!(body.is_some_and(is_chinese), "{}: {}", said.zh, said.en);
            refused += 1;
        }
    }
    assert!(refused > 70, "{refused}");
}

/// What is wrong is said with the field's place, what it may be and, of words, what is meant.
#[test]
fn a_wrong_field_is_named_with_its_place_and_its_choices() {
    let refused = |name: &str, question: Value| {
        let answer = calc::find(name).unwrap().answer(&question, &PACKS);
        answer.unwrap_err().to_string()
    };
    for (name, place, new, said) in [
        (
            "head",
            "/method",
            json!("section"),
            "did you mean `sections`?",
        ),
        ("power", "/shaft/method", json!("x"), "`loss_segregation`"),
        (
            "power",
            "/cable/t_c",
            json!(301),
            "cable.t_c = 301: it must be between -60 and 300 °C",
        ),
        (
            "npsh3",
            "/inlet/p1_pa/2",
            json!("-35000"),
            "inlet.p1_pa[2]: expected a number",
        ),
        (
            "steady",
            "/values",
            json!([1.0, 2.0, 3.0]),
            "t_s (7), values (3)",
        ),
        (
            "uncertainty",
            "/inputs/0/u",
            json!(-1),
            "inputs[0].u = -1: it must be 0 or above",
        ),
        (
            "translate",
            "/n_rpm",
            json!(4000),
            "n_rpm = 4000, n_sp_rpm = 2900",
        ),
        (
            "specified-efficiency",
            "/q_m3_h",
            json!(6000),
            "q_m3_h = 6000 m³/h",
        ),
        ("specified-efficiency", "/motor", json!("x"), "known: "),
        ("assess", "/grade", json!("4B"), "known: "),
        ("trim", "/d2_reduced_m", json!(0.3), "d2_reduced_m = 0.3 m"),
    ] {
        let mut question = calc::find(name).unwrap().example();
        *question.pointer_mut(place).unwrap() = new;
        let text = refused(name, question);
        assert!(text.contains(said), "{name} {place}: {text}");
    }
}

#[test]
fn a_guarantee_beyond_the_points_is_told_the_measured_range() {
    let calculation = calc::find("assess").unwrap();
    let mut question = calculation.example();
    question["q_guaranteed_m3_h"] = json!(150);
    let answer = calculation.answer(&question, &PACKS).unwrap();
    assert_ne!(answer["verdict"], "pass");
    let said = answer["text"]["en"].as_str().unwrap();
    assert!(
        said.contains("outside the measured 0 to 120 m³/h"),
        "{said}"
    );
    assert!(
        answer["text"]["zh"]
            .as_str()
            .unwrap()
            .contains("0 至 120 m³/h")
    );
}

/// The clause gives 0.3 °C; a laboratory sets drift limits in percent only.
#[test]
fn a_drift_of_temperature_is_held_against_the_clause() {
    let calculation = calc::find("steady").unwrap();
    let trace = |quantity: &str, start: f64, step: f64| {
        let mut question = calculation.example();
        question["quantity"] = json!(quantity);
        let values: Vec<f64> = (0..7).map(|i| start + step * f64::from(i)).collect();
        question["values"] = json!(values);
        let answer = calculation.answer(&question, &PACKS).unwrap();
        assert_eq!(answer["reason"], "drifts", "{answer:#}");
        (
            answer["text"]["en"].to_string(),
            answer["text"]["zh"].to_string(),
        )
    };
    let (en, zh) = trace("temperature", 20.0, 0.08);
    assert!(en.contains("permitted 0.3000 °C (gbt3216-2016 "), "{en}");
    assert!(!zh.contains("laboratory"), "{zh}");
    let (en, zh) = trace("flow", 100.0, 0.3);
    assert!(en.contains("(laboratory setting)"), "{en}");
    assert!(zh.contains("实验室设定"), "{zh}");
}

#[test]
fn an_index_is_not_given_outside_its_scope() {
    let calculation = calc::find("mei").unwrap();
    let mut question = calculation.example();
    // The regulation ends at a head of 90 m for this type.
    question["pump_type"] = json!("esob_1450");
    question["h_bep_m"] = json!(100);
    let answer = calculation.answer(&question, &PACKS).unwrap();
    assert_eq!(answer["verdict"], "not_evaluated", "{answer:#}");
    assert!(answer.get("mei_at_least").is_none() && answer.get("mei_indication").is_none());
}

/// Numbers nobody expects in places where numbers are expected.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<f64>().prop_map(|v| json!(v)),
        (-1e3..1e3).prop_map(|v: f64| json!(v)),
        Just(json!(0)),
        Just(json!(-1)),
        Just(json!([])),
        Just(json!([1.0, f64::MAX, -1.0])),
        Just(json!("")),
        Just(json!({})),
        Just(json!(true)),
        Just(Value::Null),
        Just(json!(u64::MAX)),
    ]
}

/// Replaces what stands at `place` (counted over all values, objects and lists inside out).
fn replace(value: &mut Value, place: &mut usize, new: &Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|v| replace(v, place, new)),
        Value::Object(fields) => fields.values_mut().for_each(|v| replace(v, place, new)),
        _ => {}
    }
    if *place == 0 {
        *value = new.clone();
    }
    *place = place.wrapping_sub(1);
}

proptest! {
    /// Whatever stands in place of one value of an example, there is an answer or an error.
    #[test]
    fn no_question_panics(which in 0..CALCULATIONS.len(), mut place in 0..40_usize, new in odd()) {
        let calculation = CALCULATIONS[which];
        let mut question = calculation.example();
        replace(&mut question, &mut place, &new);
        let answer = calculation.answer(&question, &PACKS);
        if let Ok(answer) = answer {
            prop_assert!(answer.is_object());
        }
    }
}
