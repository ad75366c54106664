//! `dutypoint instruments calibrate`: a certificate comes into the register, and a bench names
//! it.

use crate::common::{expect, json};
use std::path::Path;
use tempfile::TempDir;

#[test]
fn a_certificate_is_taken_into_the_register_and_a_bench_names_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let fixture = |name: &str| root.join("fixtures/calibrations").join(name);
    let folder = TempDir::new().unwrap();
    let data = folder.path().to_str().unwrap();
    let dcc = fixture("pressure.xml");
    let dcc = dcc.to_str().unwrap();

    let text = expect(2, &["instruments", "calibrate", dcc, "--data", data]);
    assert!(text.contains("--due YYYY-MM-DD"), "{text}");
    let due = ["--due", "2099-09-01", "--data", data];
    let said = json(0, &[&["instruments", "calibrate", dcc], &due[..]].concat());
    assert_eq!(said["certificate"], "INVENTED-P-0042");
    assert_eq!(said["points"], 4);
    let text = expect(2, &[&["instruments", "calibrate", dcc], &due[..]].concat());
    assert!(text.contains("never overwritten"), "{text}");
    let register = folder.path().join("calibrations/INVENTED-P-0042.toml");
    expect(0, &["config", "check", register.to_str().unwrap()]);

    let demo = std::fs::read_to_string(root.join("config/benches/demo.toml")).unwrap();
    let bench = folder.path().join("bench.toml");
    let named = |number: &str| {
        let mut lines: Vec<String> = demo.lines().map(str::to_owned).collect();
        let at = lines
            .iter()
            .position(|l| l.contains("SIM-P-2026-001"))
            .unwrap();
        lines[at] = format!("calibration = \"{number}\"");
        std::fs::write(&bench, lines.join("\n")).unwrap();
        bench.to_str().unwrap().to_owned()
    };
    expect(
        0,
        &["config", "check", &named("INVENTED-P-0042"), "--data", data],
    );
    expect(0, &["plan", &named("INVENTED-P-0042"), "--data", data]);
    let text = expect(
        2,
        &["config", "check", &named("INVENTED-P-0043"), "--data", data],
    );
    assert!(text.contains("did you mean \"INVENTED-P-0042\"?"), "{text}");
}
