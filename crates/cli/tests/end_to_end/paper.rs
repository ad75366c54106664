//! The certificate in other people's hands: pdftotext, qpdf, pdffonts.
//!
//! Where a tool is missing the test is skipped by hand and fails in CI, which installs it.

use crate::common::shared;
use std::process::Command;

fn tool(name: &str, args: &[&str]) -> Option<String> {
    match Command::new(name).args(args).output() {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{name}: {text}");
            Some(text)
        }
        Err(_) if std::env::var_os("CI").is_none() => None,
        Err(error) => panic!("{name}: {error}"),
    }
}

#[test]
fn pdftotext_finds_the_words_and_the_numbers() {
    let pdf = shared().path("certificate.pdf");
    let Some(text) = tool("pdftotext", &["-layout", &pdf, "-"]) else {
        return;
    };
    let number = shared().summary["certificate"].as_str().unwrap();
    for word in [
        "水泵性能检测报告",
        "Pump performance test report",
        "流量",
        "200QJ32-104/8",
        number,
    ] {
        assert!(text.contains(word), "{word}");
    }
    let points = &shared().result()["points"];
    for point in points.as_array().unwrap() {
        let head = format!("{:.2}", point["head_m"].as_f64().unwrap());
        assert!(text.contains(&head), "head {head}");
    }
    let pages: Vec<&str> = text
        .split('\u{c}')
        .filter(|p| !p.trim().is_empty())
        .collect();
    for (n, page) in pages.iter().enumerate() {
        let counted = format!("第 {} 页 共 {} 页", n + 1, pages.len());
        assert!(page.contains(&counted), "{counted}");
        assert!(page.contains("SIMULATED"), "page {}", n + 1);
        assert!(page.contains("模拟数据"), "page {}", n + 1);
    }
}

#[test]
fn qpdf_accepts_the_file_and_every_font_is_embedded_and_subset() {
    let pdf = shared().path("certificate.pdf");
    tool("qpdf", &["--check", &pdf]);
    let Some(fonts) = tool("pdffonts", &[&pdf]) else {
        return;
    };
    let rows: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!rows.is_empty());
    for row in rows {
        // Columns emb, sub, uni before the object number.
        assert!(row.contains("yes yes yes"), "{row}");
    }
}
