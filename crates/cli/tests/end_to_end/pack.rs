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
