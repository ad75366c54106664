//! Every case of `fixtures/validation`, and what a case must be.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use dutypoint_engine::calc::Packs;
use dutypoint_engine::validate::Case;
use dutypoint_hydraulics::pack::Standard;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn packs() -> Packs {
    let mut packs = Packs::new();
    for file in std::fs::read_dir(root().join("config/standards")).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let pack = Standard::from_toml(&path.display().to_string(), &text).unwrap();
        packs.insert(pack.id.clone(), pack);
    }
    packs
}

#[test]
fn every_published_case_comes_out_as_published() {
    let packs = packs();
    let (mut cases, mut wrong) = (0, Vec::new());
    for area in std::fs::read_dir(root().join("fixtures/validation")).unwrap() {
        for file in std::fs::read_dir(area.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let checked = Case::read(&path.display().to_string(), &text)
                .unwrap()
                .check(&packs);
            cases += 1;
            if !checked.pass {
                let failing = checked.results.into_iter().filter(|r| !r.pass);
                wrong.push((checked.name, failing.collect::<Vec<_>>()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(cases > 0);
}

fn case(fields: &str) -> Result<Case, dutypoint_engine::Error> {
    let text = format!(
        r#"{{"title": {{"zh": "", "en": ""}}, "source": "", "origin": "derived", "calc": "water", "input": {{"t_c": 20}}, {fields}}}"#
    );
    Case::read("a/b.json", &text)
}

#[test]
fn a_case_that_would_hold_nothing_is_refused() {
    for fields in [
        r#""expect": []"#,
        r#""expect": [{"at": "/density_kg_m3", "value": 998.2}]"#,
        r#""expect": [{"at": "/density_kg_m3", "value": 998.2, "absolute": 1, "digits": 3}]"#,
        r#""expect": [{"at": "/density_kg_m3", "value": 998.2, "absolute": -1}]"#,
        r#""expect": [{"at": "/calc", "value": "water", "absolute": 1}]"#,
        r#""expect": [{"at": "/calc", "value": "water"}], "refused": "x""#,
        r#""expects": []"#,
    ] {
        let error = case(fields).unwrap_err().to_string();
        assert!(
            error.starts_with("failed to read the case a/b.json"),
            "{error}"
        );
    }
}

#[test]
fn a_difference_a_missing_result_and_an_answer_in_place_of_a_refusal_fail() {
    for (fields, pass) in [
        (
            r#""expect": [{"at": "/density_kg_m3", "value": 998.206, "absolute": 1e-4}]"#,
            true,
        ),
        (
            r#""expect": [{"at": "/density_kg_m3", "value": 998.206, "absolute": 1e-6}]"#,
            false,
        ),
        (
            r#""expect": [{"at": "/density_kg_m3", "value": 998.206, "digits": 6}]"#,
            true,
        ),
        (
            r#""expect": [{"at": "/density_kg_m3", "value": 998.206, "digits": 8}]"#,
            false,
        ),
        (
            r#""expect": [{"at": "/density_kg_m3", "value": 998.206, "relative": 1e-6}]"#,
            true,
        ),
        (
            r#""expect": [{"at": "/density", "value": 998.206, "absolute": 1e9}]"#,
            false,
        ),
        (r#""expect": [{"at": "/calc", "value": "water"}]"#, true),
        (r#""expect": [{"at": "/calc", "value": "wine"}]"#, false),
        (r#""refused": "t_c""#, false),
    ] {
        let checked = case(fields).unwrap().check(&Packs::new());
        assert_eq!(checked.pass, pass, "{fields}: {checked:#?}");
    }
    let hot = case(r#""refused": "= 20""#).unwrap();
    let hot = Case {
        input: serde_json::json!({ "t_c": 20, "q_m3_h": 1 }),
        refused: Some("unknown field `q_m3_h`".into()),
        ..hot
    };
    assert!(hot.check(&Packs::new()).pass);
}
