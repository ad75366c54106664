//! The imported fixture against the numbers its source published, and a folder that a
//! refused import leaves as it was.

use crate::common::{expect, finding, json};
use crate::import::fixture;
use crate::paper::tool;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// Imports `points` with the fixture's order into `out`.
fn import(expected: i32, points: &Path, out: &Path) -> String {
    let order = fixture("order.toml");
    let [order, points, out] = [&order, points, out].map(|p| p.to_str().unwrap());
    expect(expected, &["import", order, points, "--out", out])
}

/// The fixture imported once, for every test that only reads.
pub(crate) fn imported() -> &'static Path {
    static IMPORTED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, out) = IMPORTED.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let out = folder.path().join("out");
        import(0, &fixture("points.csv"), &out);
        (folder, out)
    });
    out
}

fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// `value` as it is printed with the digits of the published number.
fn as_published(value: f64) -> String {
    format!("{value:.2}")
}

#[test]
fn every_published_number_comes_out_of_the_table() {
    let result = read_json(&imported().join("result.json"));
    let published = read_json(&fixture("expected.json"));
    let points = result["points"].as_array().unwrap();
    assert_eq!(points.len(), 6);
    for (key, quantity, factor) in [
        ("head_m", "head_m", 1.0),
        ("power_kw", "power_w", 1e-3),
        ("efficiency_pct", "efficiency", 100.0),
    ] {
        for (n, point) in points.iter().enumerate() {
            let value = point[quantity].as_f64().unwrap() * factor;
            let published = published[key][n].as_f64().unwrap();
            assert_eq!(
                as_published(value),
                as_published(published),
                "point {} {key}",
                n + 1
            );
        }
    }
    for (item, key, factor) in [
        ("head_at_flow", "head_m", 1.0),
        ("power", "power_kw", 1e-3),
        ("pump_efficiency", "efficiency_pct", 100.0),
    ] {
        let value = finding(&result, item)["value"].as_f64().unwrap() * factor;
        let published = published["rated"][key].as_f64().unwrap();
        assert_eq!(as_published(value), as_published(published), "{item}");
    }
    let limit = |item: &str, side: &str| finding(&result, item)["limit"][side].as_f64().unwrap();
    let limits = &published["limits"];
    for (value, published) in [
        (limit("head_at_flow", "low"), &limits["head_m"][0]),
        (limit("head_at_flow", "high"), &limits["head_m"][1]),
        (limit("power", "high") * 1e-3, &limits["power_kw"]),
    ] {
        let published = published.as_f64().unwrap();
        assert_eq!(as_published(value), as_published(published));
    }
    // No efficiency was guaranteed, so none is judged.
    assert_eq!(
        finding(&result, "pump_efficiency")["verdict"],
        "NotEvaluated"
    );
}

#[test]
fn the_paper_of_an_import_claims_no_test_on_any_page() {
    let pdf = imported().join("certificate.pdf");
    let Some(text) = tool("pdftotext", &["-raw", pdf.to_str().unwrap(), "-"]) else {
        return;
    };
    let text: String = text.split_whitespace().collect();
    for part in [
        "数据评价报告",
        "Dataevaluationreport",
        "Thislaboratorydidnotrunthetest.",
        "报告编号ReportNo.DE-R",
        "未经本实验室核签",
    ] {
        assert!(text.contains(part), "{part}");
    }
    for claim in [
        "检验结论",
        "Conclusion",
        "专用章",
        "Seal",
        "主检",
        "Testedby",
        "性能检测报告",
    ] {
        assert!(!text.contains(claim), "{claim}");
    }
    let pages = text.matches("页共").count();
    assert!(pages > 1);
    assert_eq!(text.matches("No.DE-R").count(), pages + 1);
}

#[test]
fn a_refused_import_leaves_a_folder_in_use_as_it_was() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    import(0, &fixture("points.csv"), &out);
    let content = || -> BTreeMap<PathBuf, Vec<u8>> {
        let files = std::fs::read_dir(&out).unwrap();
        files
            .map(|f| f.unwrap().path())
            .map(|path| (path.clone(), std::fs::read(path).unwrap()))
            .collect()
    };
    let before = content();
    let bad = folder.path().join("bad.csv");
    std::fs::write(
        &bad,
        "Q [m3/h],p1 [mmHg],p2 [kgf/cm2],P [kW],n [r/min]\n1,2,3,4,fast\n",
    )
    .unwrap();
    let said = import(2, &bad, &out);
    assert!(
        said.contains("row 2, column n: \"fast\" is no number; expected a number in r/min"),
        "{said}"
    );
    assert!(content() == before, "a refused import changed the folder");
    let runs = json(0, &["runs", "--journal", out.to_str().unwrap()]);
    assert_eq!(runs["journals"][0]["runs"].as_array().unwrap().len(), 1);
}
