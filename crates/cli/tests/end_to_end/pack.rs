//! `dutypoint pack`: what a laboratory that owns the standards sees of the packs.

use crate::common::{expect, json};
use serde_json::Value;
use std::path::PathBuf;
use tempfile::TempDir;

fn shipped(id: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.join(format!("config/standards/{id}.toml"))
}

#[test]
fn list_counts_the_numbers_of_every_shipped_pack_by_confidence() {
    let packs = json(0, &["pack", "list"]);
    let packs = packs["packs"].as_array().unwrap();
    let files = std::fs::read_dir(shipped("x").parent().unwrap()).unwrap();
    assert_eq!(packs.len(), files.count());
    for pack in packs {
        assert_eq!(pack["status"], "draft");
        let tags = pack["by_confidence"].as_object().unwrap();
        let sum: u64 = tags.values().map(|n| n.as_u64().unwrap()).sum();
        assert_eq!(pack["numbers"].as_u64(), Some(sum));
    }
    assert!(expect(0, &["--lang", "zh", "pack", "list"]).contains("草案，未会签"));
}

#[test]
fn show_gives_each_number_with_clause_source_and_confidence() {
    let pack = json(0, &["pack", "show", "gb32030-2022"]);
    let entries = pack["entries"].as_array().unwrap();
    let at = |item: &str| -> &Value {
        entries
            .iter()
            .find(|e| e["item"] == item)
            .unwrap_or_else(|| panic!("no {item}"))
    };
    let cell = at("energy_type well_water_filled row power_kw>11<=30 grade_1");
    assert_eq!(cell["value"], 2.5);
    assert_eq!(cell["clause"], "Table 4");
    assert_eq!(cell["confidence"], "C1");
    let text = cell["sources"]["S-EQ"].as_str().unwrap();
    assert!(text.contains("transcription"), "{text}");
    assert_eq!(at("energy read_at")["value"], "at_specified_flow");
    let text = expect(
        0,
        &["pack", "show", "gb19762-2025", "--section", "energy_pump"],
    );
    assert!(text.contains("Table 3 · C1 · S-EQ"), "{text}");
    assert!(
        text.contains("single_suction row flow_m3_h>=5<=300 taken_off line 1 = 161.33 points    constant C taken off"),
        "{text}"
    );
    assert!(!text.contains("highest_power_first"), "{text}");
    let text = expect(
        2,
        &["pack", "show", "gb32030-2022", "--section", "tolerances"],
    );
    assert!(text.contains("known: energy, energy_type"), "{text}");
    let text = expect(2, &["pack", "show", "gb32030-2002"]);
    assert!(text.contains("did you mean \"gb32030-2022\"?"), "{text}");
}

#[test]
fn check_reports_every_mistake_with_its_line_and_remarks_alone_pass() {
    let folder = TempDir::new().unwrap();
    let text = std::fs::read_to_string(shipped("gb19762-2025")).unwrap();
    let broken = text
        .replacen(
            "{ above = 300.0, up_to = 10000.0 }",
            "{ above = 301.0, up_to = 10000.0 }",
            1,
        )
        .replacen("surface = \"multistage\"", "surface = \"multi\"", 1);
    let path = folder.path().join("broken.toml");
    std::fs::write(&path, broken).unwrap();
    let report = json(2, &["pack", "check", path.to_str().unwrap()]);
    let mistakes = report["files"][0]["mistakes"].as_array().unwrap();
    assert_eq!(mistakes.len(), 2, "{mistakes:#?}");
    let first = mistakes[0]["message"].as_str().unwrap();
    assert!(
        first.starts_with("energy_pump single_suction has bands with a gap"),
        "{first}"
    );
    let line = usize::try_from(mistakes[0]["line"].as_u64().unwrap()).unwrap();
    let near: Vec<&str> = text.lines().skip(line - 6).take(8).collect();
    assert!(
        near.iter().any(|l| l.contains("single_suction")),
        "{near:#?}"
    );

    std::fs::write(&path, text.replacen("compared", "compaerd", 1)).unwrap();
    let told = expect(2, &["pack", "check", path.to_str().unwrap()]);
    assert!(told.contains("did you mean \"compared\"?"), "{told}");

    // A signature under numbers that nobody's text states.
    let signed = std::fs::read_to_string(shipped("gbt12785-2014"))
        .unwrap()
        .replacen("status = \"draft\"", "status = \"countersigned\"", 1)
        + "\n[countersignature]\nby = \"X\"\ndate = \"2026-12-01\"\nagainst = \"copy 3\"\n";
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, signed).unwrap();
    let told = expect(0, &["pack", "check", path.to_str().unwrap()]);
    assert!(
        told.contains("countersigned by X, 2026-12-01 (copy 3)"),
        "{told}"
    );
    assert!(
        told.contains("supply frequency_pct = 1.0 [M]; countersigned, but tagged below C1"),
        "{told}"
    );
    assert!(told.contains("call the file gbt12785-2014.toml"), "{told}");
    let all: Vec<String> = std::fs::read_dir(shipped("x").parent().unwrap())
        .unwrap()
        .map(|f| f.unwrap().path().display().to_string())
        .collect();
    let mut args = vec!["pack", "check"];
    args.extend(all.iter().map(String::as_str));
    assert_eq!(json(0, &args)["failed"], 0);
}

#[test]
fn diff_names_what_was_added_removed_and_changed_with_both_citations() {
    let folder = TempDir::new().unwrap();
    let text = std::fs::read_to_string(shipped("gbt12785-2014")).unwrap();
    let mine = text.replacen(
        "included_m = { value = 5.0, source = [\"S-BJ\"], confidence = \"C1\" }",
        "included_m = { value = 10.0, source = [\"own\"], confidence = \"M\" }",
        1,
    );
    let path = folder.path().join("gbt12785-2014.toml");
    std::fs::write(&path, &mine).unwrap();
    let path = path.to_str().unwrap();
    let found = json(0, &["pack", "diff", "gbt12785-2014", path]);
    assert_eq!(found["added"].as_array().unwrap().len(), 0);
    let change = &found["changed"][0];
    assert_eq!(found["changed"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&change["before"]["value"], &change["after"]["value"]),
        (&5.0.into(), &10.0.into())
    );
    assert_eq!(change["before"]["confidence"], "C1");
    assert!(change["after"]["sources"]["own"].is_string());
    let told = expect(0, &["pack", "diff", "gbt12785-2014", path]);
    assert!(told.contains("~ cable included_m"), "{told}");
    let same = expect(0, &["pack", "diff", path, path]);
    assert!(
        same.contains("every number and citation is the same"),
        "{same}"
    );
    let editions = json(0, &["pack", "diff", "gb19762-2007", "gb19762-2025"]);
    assert!(!editions["removed"].as_array().unwrap().is_empty());
}

#[test]
fn help_has_examples_and_a_missing_file_is_bad_input() {
    for verb in ["list", "show", "check", "diff"] {
        assert!(
            expect(0, &["pack", verb, "--help"]).contains("Examples:"),
            "{verb}"
        );
    }
    let told = expect(2, &["pack", "check", "no-such-pack.toml"]);
    assert!(told.contains("no-such-pack.toml"), "{told}");
    expect(2, &["pack", "check"]);
}

/// A technician reads the pack in Chinese: sections, choices, units, clauses, notes, what
/// serves for reference only, and what is to be looked up.
#[test]
fn show_speaks_the_readers_language_and_says_what_is_missing() {
    let zh = expect(0, &["--lang", "zh", "pack", "show", "gbt3216-2016"]);
    for part in [
        "== 容差系数 [tolerance] ==",
        "2B flow_pct low = -8 %    流量允差，下限",
        "rule = student_t (t 分布与总不确定度)    检查方法",
        "== 保证点以外的工况点 [other_points] ==",
        "grade = 3B    等级",
        "clean_water_density range up_to = 1050 kg/m³    清洁冷水：密度：不大于",
        "XG1-2018  第1号修改单 XG1-2018 的内容",
        "无：未规定次数 · D · recommendation",
        "第1号修改单 XG1-2018（2019-04-01 起实施）属现行文本",
        "M3  资料作者的知识，高",
    ] {
        assert!(zh.contains(part), "{part} not in {zh}");
    }
    let en = expect(0, &["--lang", "en", "pack", "show", "gb19762-2025"]);
    for part in [
        "η = a·x² + b·y² + c·x·y + d·x + e·y − C",
        "single_stage c = 0.09    of x·y",
        "taken_off line 1 = 161.33 points    constant C taken off",
        "Table 3  Table 3: one transcription only",
    ] {
        assert!(en.contains(part), "{part} not in {en}");
    }
    let untested = expect(
        0,
        &[
            "--lang",
            "zh",
            "pack",
            "show",
            "gbt12785-2014",
            "--section",
            "untested",
        ],
    );
    assert!(
        untested.contains("堵转试验  (需电动机单独试验)"),
        "{untested}"
    );
    let pack = json(0, &["pack", "show", "eu547-2012"]);
    let entries = pack["entries"].as_array().unwrap();
    let required = entries
        .iter()
        .find(|e| e["item"] == "mei required 2015-01-01")
        .unwrap();
    assert_eq!(required["value"], 0.4);
    assert_eq!(required["clause"], "Annex II, 1 (b)");
    assert_eq!(required["means"]["zh"], "要求的指数");
    let scope = entries
        .iter()
        .find(|e| e["item"] == "mei_type esob_1450 scope flow_m3_h from")
        .unwrap();
    assert!(scope["clause"].as_str().unwrap().starts_with("Article 2"));
    assert_eq!(scope["unit"], "m³/h");
    assert_eq!(pack["known_missing"][0]["clause"], "EN 16480");
    assert_eq!(
        pack["notes"]["zh"].as_array().unwrap().len(),
        pack["notes"]["en"].as_array().unwrap().len()
    );
}

#[test]
fn diff_of_two_editions_tells_changed_values_before_moved_citations() {
    let told = expect(
        0,
        &[
            "--lang",
            "en",
            "pack",
            "diff",
            "gbt3216-2005",
            "gbt3216-2016",
        ],
    );
    let at = |part: &str| {
        told.find(part)
            .unwrap_or_else(|| panic!("{part} not in {told}"))
    };
    // ISO 9906:1999 Table 4 against 2012 Table 3, by the reference.
    let changed = at("~ fluctuation flow class_1 (class 1): 3 % → 2 %");
    assert!(told.contains("    Table 4 · C1 · S8, own\n  → 4.3.2, Table 3 · M3 · own"));
    let added = at("+ tolerance 2B flow_pct low (flow, lower) = -8 %");
    let removed = at("- tolerance 2 flow_pct low (flow, lower) = -8 %");
    let moved = at("~ npsh drop_pct (drop of the first stage's head) = 3 %");
    assert!(changed < added && added < removed && removed < moved);
}
