//! Configuration files with a mistake in them: file, line, cause, and the nearest right
//! word. The bench is the shipped one with one line changed.

use crate::common::{expect, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn config(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../config")
        .join(name)
}

/// The shipped file `name` with the first `from` exchanged for `to`, and the line that
/// stands on, counted from one.
fn with_mistake(name: &str, from: &str, to: &str) -> (String, usize) {
    let shipped = std::fs::read_to_string(config(name)).unwrap();
    let at = shipped
        .find(from)
        .unwrap_or_else(|| panic!("{from} in {name}"));
    let line = shipped[..at].matches('\n').count() + 1;
    (shipped.replacen(from, to, 1), line)
}

#[test]
fn a_mistake_on_a_line_is_told_with_that_line() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mine.toml");
    for (name, from, to, expected) in [
        (
            "benches/demo.toml",
            "riser_bore",
            "riser_boar",
            "unknown key \"riser_boar\"; did you mean \"riser_bore\"?",
        ),
        (
            "benches/demo.toml",
            "baud = 115200",
            "baud = \"fast\"",
            "expected u32",
        ),
        (
            "benches/demo.toml",
            "latitude_deg = 35.03",
            "latitude_deg = 350.3",
            "outside −90 … 90 degrees",
        ),
        (
            "benches/demo.toml",
            "rate_per_s = 25.0",
            "rate_per_s = 0.0",
            "actuator \"outlet_valve\": 0 is no rate; write a number above 0",
        ),
        (
            "benches/demo.toml",
            "range = [0.0, 100.0]\narmed",
            "range = [90.0, 10.0]\narmed",
            "[90, 10] is empty; write the smaller end first",
        ),
        (
            "benches/demo.toml",
            "range = [0.0, 100.0]\narmed",
            "range = [0.0, 120.0]\narmed",
            "[0, 120] is more than register \"position_demand\" takes: 0 … 100 %",
        ),
        (
            "benches/demo.toml",
            "armed_for_s = 7200.0",
            "function = 5\narmed_for_s = 7200.0",
            "5 writes no register; write 6, 16 or 23",
        ),
        (
            "benches/demo.toml",
            "read_back = { channel = \"valve_position\"",
            "read_back = { channel = \"flow\"",
            "channel \"flow\" shows no actuator; its role must be valve_position or drive_output",
        ),
        (
            "benches/demo.toml",
            "register = \"position_demand\"",
            "register = \"command\"",
            "starts no motor and applies no test voltage, so it is never written; setpoints of profile \"rotork-modbus-mk2\": position_demand",
        ),
        (
            "benches/demo.toml",
            "armed_for_s = 7200.0",
            "safe = { centrifugal = 130.0 }\narmed_for_s = 7200.0",
            "130 is outside the range 0 … 100",
        ),
        (
            "benches/demo.toml",
            "instrument = \"FV-01\"",
            "instrument = \"FV-02\"",
            "which is not declared; did you mean \"FV-01\"?",
        ),
        (
            "orders/demo.toml",
            "unit_efficiency = \"59.5 %\"",
            "unit_efficiency = \"595 %\"",
            "\"595 %\" is outside 0 … 100 %",
        ),
        (
            "orders/demo.toml",
            "head = \"104 m\"",
            "head = \"104\"",
            "\"104\" has no unit; expected a length in m, cm, mm, in, um, like \"104 m\"",
        ),
        (
            "orders/demo.toml",
            "pack = \"gb32030-2022\"",
            "pack = \"gbt3216-2016\"",
            "pack \"gbt3216-2016\" has no energy grades",
        ),
        (
            "orders/demo.toml",
            "pack = \"gbt3216-2016\"",
            "pack = \"gbt12785-2014\"",
            "does not say how a guarantee is judged",
        ),
        (
            "orders/demo.toml",
            "source = { zh",
            "guaranteed_grade = 0\nsource = { zh",
            "0 is no energy grade; expected 1, 2 or 3",
        ),
        (
            "instruments/keller-30x.toml",
            "kind = \"f32\"",
            "kind = \"f31\"",
            "unknown value \"f31\"; did you mean \"f32\"?",
        ),
        (
            "standards/gbt3216-2016.toml",
            "[small_power]",
            "[small_powers]",
            "unknown key \"small_powers\"; did you mean \"small_power\"?",
        ),
    ] {
        let (text, line) = with_mistake(name, from, to);
        std::fs::write(&path, text).unwrap();
        let said = expect(2, &["config", "check", path.to_str().unwrap()]);
        assert!(said.contains(&format!("mine.toml line {line}: ")), "{said}");
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn an_order_may_name_a_pack_that_is_checked_with_it() {
    let folder = TempDir::new().unwrap();
    let order = folder.path().join("order.toml");
    let pack = folder.path().join("mine-2026.toml");
    let (text, line) = with_mistake(
        "orders/demo.toml",
        "pack = \"gbt3216-2016\"",
        "pack = \"mine-2026\"",
    );
    std::fs::write(&order, text).unwrap();
    let (text, _) = with_mistake(
        "standards/gbt3216-2016.toml",
        "id = \"gbt3216-2016\"",
        "id = \"mine-2026\"",
    );
    std::fs::write(&pack, text).unwrap();
    let [order, pack] = [&order, &pack].map(|p| p.to_str().unwrap());
    let said = expect(2, &["config", "check", order]);
    let unknown = format!("order.toml line {line}: unknown standard pack \"mine-2026\"");
    assert!(said.contains(&unknown), "{said}");
    assert!(said.contains("known: api610-11"), "{said}");
    expect(0, &["config", "check", order, pack]);
}

#[test]
fn parts_of_a_bench_that_do_not_fit_together_are_named() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mine.toml");
    let profile = "profile = \"janitza-umg\"";
    for (changes, expected) in [
        (
            vec![
                (
                    "{ address = \"simulated\" }",
                    "{ address = \"10.0.0.9:502\" }",
                ),
                (
                    "{ address = \"simulated\" }",
                    "{ address = \"10.0.0.9:502\" }",
                ),
            ],
            &["lines \"tcp-flow\" and \"tcp-power\" share one port"][..],
        ),
        (
            vec![("role = \"outlet_pressure\"", "role = \"water_level\"")],
            &[
                "PT-01",
                "measures pressure in bar, but its role needs length",
            ],
        ),
        (
            vec![(profile, "profile = \"janitza-umq\"")],
            &["PW-01", "did you mean \"janitza-umg\"?"],
        ),
        (
            vec![("line = \"tcp-slip\"\nunit_id", "line = \"rtu-1\"\nunit_id")],
            &["ST-01", "speaks tcp, but line \"rtu-1\" is rtu"],
        ),
        (
            vec![(", unit = \"Hz\"", "")],
            &["ST-01", "channel \"slip_frequency\" needs `unit`"],
        ),
        (
            vec![(", unit_code = 2", "")],
            &["LT-01", "channel \"water_level\" needs `unit_code`"],
        ),
        (
            vec![("register = \"position_demand\"", "register = \"position\"")],
            &["FV-01", "register \"position\" of FV-01 takes no demand"],
        ),
        (
            vec![("range = [0.0, 25.0]", "range = [25.0, 0.0]")],
            &["PT-01", "range [25, 0] is empty"],
        ),
    ] {
        let mut text = std::fs::read_to_string(config("benches/demo.toml")).unwrap();
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        std::fs::write(&path, text).unwrap();
        let said = expect(2, &["config", "check", path.to_str().unwrap()]);
        assert!(said.contains("mine.toml"), "{said}");
        for part in expected {
            assert!(said.contains(part), "{part} in {said}");
        }
    }
}

#[test]
fn one_bad_file_among_good_ones_is_counted_and_the_good_ones_are_still_checked() {
    let folder = TempDir::new().unwrap();
    for name in ["orders/demo.toml", "benches/demo.toml"] {
        let to = folder.path().join(name);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(config(name), to).unwrap();
    }
    let (bad, _) = with_mistake("orders/demo.toml", "grade", "grad");
    std::fs::write(folder.path().join("bad.toml"), bad).unwrap();
    // Not a configuration file, so not looked at.
    std::fs::write(folder.path().join("notes.txt"), "grad").unwrap();
    let report = json(2, &["config", "check", folder.path().to_str().unwrap()]);
    assert_eq!(report["checked"], 3);
    assert_eq!(report["failed"], 1);
    for file in report["files"].as_array().unwrap() {
        let name = file["file"].as_str().unwrap();
        assert_eq!(
            file["problem"].is_null(),
            !name.ends_with("bad.toml"),
            "{file}"
        );
    }
    // The shipped folder read from the disk is good as well.
    assert_eq!(
        json(0, &["config", "check", config("").to_str().unwrap()])["failed"],
        0
    );
}
