//! `dutypoint instruments` and `plan`: what a technician sees of register maps, and what a
//! map of their own needs.

use crate::common::{expect, json};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

const OWN: &str = r#"id = "hall-meter"
class = "flow"
vendor = "Hall 3"
model = "Meter with the torn label"
transport = ["rtu"]
confidence = "L"
trust = "documented"
sources = ["read off its display"]

[[register]]
name = "flow"
address = 100
function = 3
kind = "bcd32"
order = "probe"
unit = "m3/h"
factor = 0.01
confidence = "L"
evidence = "memory"
"#;

/// A bench like the demo's whose flow meter is `hall-meter` on the first serial line.
fn bench(folder: &TempDir) -> String {
    let text = std::fs::read_to_string(root().join("config/benches/demo.toml")).unwrap();
    let from = text.find("profile = \"eh-proline-modbus\"").unwrap();
    let (head, tail) = text.split_at(from);
    let tail = tail
        .replacen(
            "profile = \"eh-proline-modbus\"",
            "profile = \"hall-meter\"",
            1,
        )
        .replacen("line = \"tcp-flow\"", "line = \"rtu-1\"", 1)
        .replacen("unit_id = 1", "unit_id = 9", 1)
        .replacen(
            "register = \"scan_list_value\", unit = \"m3/h\"",
            "register = \"flow\", order = \"CDAB\"",
            1,
        );
    let path = folder.path().join("bench.toml");
    std::fs::write(&path, format!("{head}{tail}")).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn list_shows_every_shipped_profile_and_finds_some() {
    let all = json(0, &["instruments", "list"]);
    let all = all["instruments"].as_array().unwrap();
    let files = std::fs::read_dir(root().join("config/instruments")).unwrap();
    assert_eq!(all.len(), files.count());
    assert!(all.len() >= 40, "{}", all.len());
    let keller = all.iter().find(|i| i["id"] == "keller-30x").unwrap();
    assert_eq!(keller["confidence"], "H");
    assert_eq!(keller["transport"], serde_json::json!(["rtu"]));
    let text = expect(
        0,
        &["--lang", "zh", "instruments", "list", "--find", "KELLER"],
    );
    assert!(
        text.contains("keller-30x") && text.contains("压力、液位"),
        "{text}"
    );
    assert!(!text.contains("janitza"), "{text}");
    // A class is found in either language.
    let torque = json(0, &["instruments", "list", "--find", "转矩"]);
    assert_eq!(torque["instruments"].as_array().unwrap().len(), 3);
}

#[test]
fn show_gives_registers_notes_and_sources_in_the_language_asked_for() {
    let text = expect(
        0,
        &["--lang", "zh", "instruments", "show", "cn-rs485-tx-int"],
    );
    for expected in [
        "写入",
        "decimals_from: decimals",
        "unit_from: unit_code",
        "0x000F 为保存",
        "禁区 15..16",
        "https://manualspro.net/644296",
        "出厂: 9600 波特, 无校验, 1 停止位",
    ] {
        assert!(text.contains(expected), "{expected}:\n{text}");
    }
    let text = expect(0, &["instruments", "show", "krohne-ifc300"]);
    assert!(
        text.contains("word order not known: find it on the device"),
        "{text}"
    );
    let shown = json(0, &["instruments", "show", "moxa-e1240"]);
    let registers = shown["registers"].as_array().unwrap();
    let scaled = registers.iter().find(|r| r["name"] == "ai_scaled").unwrap();
    assert_eq!(
        (&scaled["address"], &scaled["repeat"]),
        (&Value::from(8), &Value::from(8))
    );
    assert_eq!(scaled["needs"][0]["register"], "ai_status");
    let text = expect(2, &["instruments", "show", "keler-30x"]);
    assert!(text.contains("did you mean \"keller-30x\"?"), "{text}");
}

#[test]
fn check_names_every_mistake_with_its_line_and_what_to_look_at() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("hall-meter.toml");
    let at = path.to_str().unwrap();
    std::fs::write(&path, OWN).unwrap();
    let good = json(0, &["instruments", "check", at]);
    assert_eq!(good["failed"], 0);
    let remarks = good["files"][0]["remarks"].as_array().unwrap();
    assert_eq!(remarks.len(), 1);
    assert!(
        remarks[0]
            .as_str()
            .unwrap()
            .contains("word order still to be found on the device: flow")
    );
    let two = OWN
        .replace("function = 3", "function = 4\nwrite = \"setpoint\"")
        .replace("factor = 0.01", "factor = 0.0");
    std::fs::write(&path, two).unwrap();
    let bad = json(2, &["instruments", "check", at]);
    let lines: Vec<_> = bad["files"][0]["mistakes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [14, 18]);
    let shipped = root().join("config/instruments/dyn200.toml");
    expect(0, &["instruments", "check", shipped.to_str().unwrap()]);
}

#[test]
fn a_new_instrument_is_a_file_in_the_data_folder() {
    let folder = TempDir::new().unwrap();
    let bench = bench(&folder);
    let data = folder.path().join("data");
    let data_text = data.to_str().unwrap();
    let text = expect(2, &["plan", &bench, "--data", data_text]);
    assert!(
        text.contains("profile \"hall-meter\" does not exist"),
        "{text}"
    );
    // Named on the command line, or in the folder.
    let elsewhere = folder.path().join("hall-meter.toml");
    std::fs::write(&elsewhere, OWN).unwrap();
    expect(
        0,
        &[
            "plan",
            &bench,
            "--data",
            data_text,
            "--profile",
            elsewhere.to_str().unwrap(),
        ],
    );
    std::fs::create_dir_all(data.join("instruments")).unwrap();
    std::fs::write(data.join("instruments/hall-meter.toml"), OWN).unwrap();
    let plan = json(0, &["plan", &bench, "--data", data_text]);
    let request = plan["lines"][0]["requests"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["instrument"] == "FT-01")
        .unwrap();
    assert_eq!(
        (&request["address"], &request["count"]),
        (&Value::from(100), &Value::from(2))
    );
    expect(0, &["config", "check", &bench, "--data", data_text]);
    let text = expect(
        0,
        &["instruments", "list", "--find", "hall", "--data", data_text],
    );
    assert!(text.contains("(your own)"), "{text}");
    // Under another name its run could not say which file it was made with.
    std::fs::rename(
        data.join("instruments/hall-meter.toml"),
        data.join("instruments/meter.toml"),
    )
    .unwrap();
    let text = expect(2, &["plan", &bench, "--data", data_text]);
    assert!(text.contains("call the file hall-meter.toml"), "{text}");
}

#[test]
fn a_map_of_ones_own_takes_the_place_of_a_shipped_one() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(data.join("instruments")).unwrap();
    let own = OWN.replace("hall-meter", "keller-30x");
    std::fs::write(data.join("instruments/keller-30x.toml"), &own).unwrap();
    let data = data.to_str().unwrap();
    let text = expect(
        0,
        &["instruments", "list", "--find", "keller", "--data", data],
    );
    assert!(text.contains("in place of the shipped one"), "{text}");
    assert!(text.contains("Hall 3"), "{text}");
    // The demo is made with what is shipped.
    let demo = root().join("config/benches/demo.toml");
    let text = expect(2, &["plan", demo.to_str().unwrap(), "--data", data]);
    assert!(text.contains("has no register \"p1\""), "{text}");
}

#[test]
fn plan_tells_bytes_times_and_load_of_the_demo_bench() {
    let demo = root().join("config/benches/demo.toml");
    let plan = json(0, &["plan", demo.to_str().unwrap()]);
    let line = &plan["lines"][0];
    assert_eq!(line["line"], "rtu-1");
    // By hand: PT-01 reads two registers, 17 characters of 11 bits at 115200 and two
    // silences of 1.75 ms; FV-01 one register, 15 characters; 10 ms assumed for each.
    let pt = 17.0 * 11.0 / 115.2 + 3.5 + 10.0;
    let fv = 15.0 * 11.0 / 115.2 + 3.5 + 10.0;
    let cycle = line["cycle_ms"].as_f64().unwrap();
    assert!((cycle - (pt + fv)).abs() < 1e-9, "{cycle}");
    let load = line["load_pct"].as_f64().unwrap();
    assert!((load - (pt / 5.0 + fv / 10.0)).abs() < 1e-9, "{load}");
    let text = expect(0, &["--lang", "zh", "plan", demo.to_str().unwrap()]);
    assert!(text.contains("* 资料未给出应答时间，按 10 ms 计"), "{text}");
    assert!(text.contains("outlet_pressure"), "{text}");
}
