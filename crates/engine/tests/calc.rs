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
