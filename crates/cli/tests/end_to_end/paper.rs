//! The certificate in other people's hands: pdftotext, qpdf, pdffonts.
//!
//! Where a tool is missing the test is skipped by hand and fails in CI, which installs it.

use crate::common::{expect, finding, shared};
use std::process::Command;

pub(crate) fn tool(name: &str, args: &[&str]) -> Option<String> {
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
    // In the order of the file: by its place on the page, a row would be torn where the mark
    // across the page crosses it.
    let Some(raw) = tool("pdftotext", &["-raw", &pdf, "-"]) else {
        return;
    };
    let cells: Vec<&str> = raw.split_whitespace().collect();
    let points = &shared().result()["points"];
    // A busy machine may need several attempts at a point; the table shows what counts.
    let accepted = points.as_array().unwrap().iter();
    for point in accepted.filter(|point| point["accepted"] == true) {
        let of = |key: &str| point[key].as_f64().unwrap();
        let printed = [
            format!("{:.2}", of("head_m")),
            format!("{:.0}", of("speed_rpm")),
            format!("{:.2}", of("current_a")),
            format!("{:.2}", of("power_w") / 1e3),
            format!("{:.1}", of("efficiency") * 100.0),
        ];
        // One row of the table holds them all, in the order of its columns.
        let holds = |row: &[&str]| {
            let mut cells = row.iter();
            row.first() == Some(&printed[0].as_str())
                && printed
                    .iter()
                    .all(|number| cells.any(|cell| cell == number))
        };
        assert!(cells.windows(10).any(holds), "no row with {printed:?}");
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

#[test]
fn the_energy_grade_and_what_was_not_tested_are_in_summary_result_and_paper() {
    let result = shared().result();
    for value in [&shared().summary, &result] {
        let grade = |n: u8| finding(value, &format!("energy_grade{n}"));
        assert_eq!(grade(1)["verdict"], "Fail");
        assert_eq!(grade(2)["verdict"], "Pass");
        assert_eq!(grade(3)["verdict"], "NotEvaluated");
        for n in 1..=3 {
            assert_eq!(grade(n)["pack"], "gb32030-2022");
            assert_eq!(grade(n)["decisive"], false, "nobody requires grade {n}");
            let why = grade(n)["reason"]["en"].as_str().unwrap();
            assert!(why.contains("declared by the order"), "{why}");
        }
        // η_DB 58 % and a 15 kW water-filled motor: 60.5 and 59.3 %.
        let low = |n| grade(n)["limit"]["low"].as_f64().unwrap();
        assert!((low(1) - 0.605).abs() < 1e-12 && (low(2) - 0.593).abs() < 1e-12);
        assert_eq!(finding(value, "not_tested")["verdict"], "NotEvaluated");
        assert_eq!(value["verdict"], "Pass");
    }
    assert_eq!(result["energy"]["grade"]["en"], "Grade 2");
    assert_eq!(result["energy"]["specified_pct"], 58.0);
    let listed = result["not_tested"].as_array().unwrap();
    let bundle = shared().path("bundle.zip");
    let said = expect(0, &["replay", &bundle]);
    assert!(said.contains("Energy grade 1: Not reached"), "{said}");

    let pdf = shared().path("certificate.pdf");
    let Some(text) = tool("pdftotext", &["-raw", &pdf, "-"]) else {
        return;
    };
    let text: String = text.split_whitespace().collect();
    for part in [
        "能效等级Energygrade",
        "井用潜水电泵，充水式",
        "2级Grade2",
        "未达到Notreached",
        "58%演示用声明值",
        "规定流量下的实测值（无限值）",
        "未做的试验项目（不作评价）",
        "gb32030-2022未经核签",
    ] {
        assert!(text.contains(part), "{part}");
    }
    for item in listed {
        let name = item["item"]["en"].as_str().unwrap().replace(' ', "");
        assert!(text.contains(&name), "{name}");
    }
}
