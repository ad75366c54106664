//! A test recorded elsewhere: the published numbers, and nothing half-imported.

use crate::common::{expect, finding, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/lmv311-unit-b")
        .join(name)
}

#[test]
fn the_fixture_prints_the_published_numbers_as_a_data_evaluation() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let (order, points) = (fixture("order.toml"), fixture("points.csv"));
    let args = [
        "import",
        order.to_str().unwrap(),
        points.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    let text = expect(0, &args);
    for printed in ["241.83 m", "50.48 %", "39.97 kW", "50.43 %", "H3: 240.91 m"] {
        assert!(text.contains(printed), "{printed}\n{text}");
    }
    let result = std::fs::read(out.join("result.json")).unwrap();
    let result: serde_json::Value = serde_json::from_slice(&result).unwrap();
    assert!(result["number"].as_str().unwrap().starts_with("DE-"));
    assert_eq!(result["kind"], "data_evaluation");
    let head = finding(&result, "head_at_flow")["value"].as_f64().unwrap();
    assert_eq!(format!("{head:.2}"), "241.83");
    let bundle = out.join("bundle.zip");
    expect(0, &["verify", bundle.to_str().unwrap()]);
    assert_eq!(
        json(0, &["replay", bundle.to_str().unwrap()])["result"],
        "identical"
    );

    let pdf = out.join("certificate.pdf");
    let text = match Command::new("pdftotext").arg(&pdf).arg("-").output() {
        Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
        Err(_) if std::env::var_os("CI").is_none() => return,
        Err(error) => panic!("pdftotext: {error}"),
    };
    for word in [
        "数据评价报告",
        "Data evaluation report",
        "本实验室未进行本试验",
    ] {
        assert!(text.contains(word), "{word}");
    }
    for word in ["检验结论", "专用章", "水泵性能检测报告"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[test]
fn a_bad_table_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let order = fixture("order.toml");
    let good = std::fs::read_to_string(fixture("points.csv")).unwrap();
    for (from, to, expected) in [
        (
            "p2 [kgf/cm2]",
            "pressure [kgf/cm2]",
            "column p2: the column is missing",
        ),
        (
            "26,38.5",
            "twenty,38.5",
            "row 2, column p2: \"twenty\" is no number",
        ),
        ("P [kW]", "P [kWh]", "did you mean \"kW\"?"),
        // A flow of nothing has an efficiency of nothing, but zero power has none.
        ("26,38.5", "26,0", "row 2"),
    ] {
        assert!(good.contains(from));
        let csv = folder.path().join("points.csv");
        std::fs::write(&csv, good.replacen(from, to, 1)).unwrap();
        let out = folder.path().join("out");
        let text = expect(
            2,
            &[
                "import",
                order.to_str().unwrap(),
                csv.to_str().unwrap(),
                "--out",
                out.to_str().unwrap(),
            ],
        );
        assert!(text.contains(expected), "{text}");
        assert!(!out.exists(), "something was written for {to}");
    }
}
