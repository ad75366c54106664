//! `dutypoint sim`: scenarios and profiles, shipped and of one's own.

use crate::common::{expect, json};
use tempfile::TempDir;

#[test]
fn every_shipped_scenario_is_listed_and_starts() {
    let listed = json(0, &["sim", "--list"]);
    let all = listed["scenarios"].as_array().unwrap();
    assert!(all.len() >= 4, "{listed}");
    for scenario in all {
        let name = scenario["scenario"].as_str().unwrap();
        let said = json(0, &["sim", name, "--for", "0"]);
        assert_eq!(said["simulated"], true, "{name}");
        assert!(!said["lines"].as_array().unwrap().is_empty(), "{name}");
    }
}

#[test]
fn a_profile_is_played_alone_and_tells_its_values() {
    let said = json(
        0,
        &[
            "sim",
            "--profile",
            "keller-30x",
            "--transport",
            "rtu-tcp",
            "--unit",
            "3",
            "--for",
            "0",
        ],
    );
    assert_eq!(said["profile"], "keller-30x");
    assert_eq!(said["lines"][0]["kind"], "rtu_tcp");
    let values = said["values"].as_array().unwrap();
    assert!(values.iter().any(|v| v["register"] == "p1"), "{said}");
}

#[test]
fn a_scenario_of_ones_own_names_its_bench_beside_it() {
    let folder = TempDir::new().unwrap();
    let bench = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../config/benches/demo.toml"
    );
    std::fs::copy(bench, folder.path().join("hall.toml")).unwrap();
    let path = folder.path().join("mine.toml");
    let name = "name = { zh = \"我的\", en = \"mine\" }\n";
    std::fs::write(&path, format!("{name}bench = \"hall.toml\"\nspeed = 5\n")).unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(json(0, &["sim", path, "--for", "0"])["bench"], "demo");
    // A mistake is told with its line and its cure.
    std::fs::write(path, format!("{name}bench = \"hall.toml\"\nspeed = 5000\n")).unwrap();
    let said = expect(2, &["sim", path, "--for", "0", "--lang", "en"]);
    assert!(
        said.contains("mine.toml line 3: speed = 5000 is outside 0.01 … 1000"),
        "{said}"
    );
    let said = expect(2, &["sim", "bad-wires", "--for", "0", "--lang", "en"]);
    assert!(said.contains("did you mean \"bad-wire\"?"), "{said}");
    let said = expect(
        2,
        &[
            "sim",
            "--profile",
            "keller-33x",
            "--for",
            "0",
            "--lang",
            "en",
        ],
    );
    assert!(said.contains("did you mean \"keller-30x\"?"), "{said}");
}
