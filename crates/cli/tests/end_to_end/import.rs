//! A test recorded elsewhere: the published numbers, however the table is written, and
//! nothing half-imported.

use crate::common::{expect, finding, json, run, text};
use crate::documents::documents;
use dutypoint_model::document::Import;
use dutypoint_model::{Digest, Document};
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
            "row 3, column p2: \"twenty\" is no number",
        ),
        ("P [kW]", "P [kWw]", "did you mean \"kW\"?"),
        (
            "P [kW]",
            "P [kWh]",
            "kWh is no unit of shaft power; expected W, kW, hp",
        ),
        // A flow of nothing has an efficiency of nothing, but zero power has none.
        ("26,38.5", "26,0", "row 3"),
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

/// The published table, as a German or French Excel writes it.
fn with_decimal_commas() -> String {
    let table = std::fs::read_to_string(fixture("points.csv")).unwrap();
    table.replace(',', ";").replace('.', ",")
}

fn utf_16(text: &str) -> Vec<u8> {
    let marked = format!("\u{feff}{text}");
    marked.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn gb18030(text: &str) -> Vec<u8> {
    let (bytes, _, lossy) = encoding_rs::GB18030.encode(text);
    assert!(!lossy);
    bytes.into_owned()
}

#[test]
fn the_published_table_gives_one_result_however_it_is_written() {
    let folder = TempDir::new().unwrap();
    let csv = std::fs::read_to_string(fixture("points.csv")).unwrap();
    let header = csv.lines().next().unwrap();
    let chinese = csv.replace(
        header,
        "流量（m³/h）,进口压力（mmHg）,出口压力（kgf/cm²）,轴功率（kW）,转速（r/min）",
    );
    let commas = with_decimal_commas();
    let files = [
        ("points.csv", csv.clone().into_bytes()),
        ("marked.csv", format!("\u{feff}{csv}").into_bytes()),
        ("chinese.csv", gb18030(&chinese)),
        ("german.csv", commas.clone().into_bytes()),
        ("unicode.txt", utf_16(&commas.replace(';', "\t"))),
        (
            "points.xlsx",
            std::fs::read(fixture("points.xlsx")).unwrap(),
        ),
    ];
    let order = fixture("order.toml");
    let mut results = Vec::new();
    for (name, bytes) in files {
        let table = folder.path().join(name);
        std::fs::write(&table, &bytes).unwrap();
        let out = folder.path().join(format!("out-{name}"));
        let args = [
            "import",
            order.to_str().unwrap(),
            table.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
        ];
        let summary = json(0, &args);
        assert_eq!(summary["replay"], "identical", "{name}");
        expect(0, &["verify", out.join("bundle.zip").to_str().unwrap()]);
        let import = imported(&out);
        // The journal holds the file as it was given, whatever was read from it.
        assert_eq!(import.file.digest, Digest::of(&bytes), "{name}");
        assert_eq!(bundled(&out, &import.file.digest), bytes, "{name}");
        results.push((name, import, summary["findings"].clone()));
    }
    let (_, first, findings) = &results[0];
    assert_eq!(first.rows[1], ["25.15", "190", "26", "38.5", "3550"]);
    for (name, import, found) in &results {
        assert_eq!(import.rows, first.rows, "{name}");
        assert_eq!(found, findings, "{name}");
    }
    let form = |n: usize| {
        let form = &results[n].1.form;
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        [
            text(&form.encoding),
            text(&form.separator),
            text(&form.decimal),
            text(&form.sheet),
        ]
    };
    assert_eq!(form(0), ["UTF-8", ",", ".", ""]);
    assert_eq!(form(2), ["GB18030", ",", ".", ""]);
    assert_eq!(form(3), ["UTF-8", ";", ",", ""]);
    assert_eq!(form(4), ["UTF-16LE", "\t", ",", ""]);
    assert_eq!(form(5), ["", "", "", "试验数据"]);
    assert_eq!(results[5].1.columns[0].header, "流量 Q/(m3/h)");
}

/// A file in the bundle, by its digest.
fn bundled(out: &Path, digest: &Digest) -> Vec<u8> {
    use std::io::Read as _;
    let bundle = std::fs::File::open(out.join("bundle.zip")).unwrap();
    let mut bundle = zip::ZipArchive::new(bundle).unwrap();
    let mut bytes = Vec::new();
    let mut entry = bundle.by_name(&format!("files/{digest}")).unwrap();
    entry.read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn the_choice_that_was_asked_for_settles_it() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/bad-import");
    let folder = TempDir::new().unwrap();
    let order = fixture("order.toml");
    for (case, choice, q) in [
        (
            "thousands-or-decimals/points.csv",
            ["--decimal", "comma"],
            "14.710",
        ),
        (
            "thousands-or-decimals/points.csv",
            ["--decimal", "point"],
            "14710",
        ),
        (
            "western-european/points.csv",
            ["--encoding", "windows-1252"],
            "14.71",
        ),
        (
            "utf-16-without-its-mark/points.txt",
            ["--encoding", "utf-16"],
            "14.71",
        ),
        ("several-sheets/points.xlsx", ["--sheet", "第二台"], "14.71"),
    ] {
        let out = folder.path().join(choice.join(""));
        let (table, out_name) = (cases.join(case), out.to_str().unwrap());
        let args = [
            "import",
            order.to_str().unwrap(),
            table.to_str().unwrap(),
            "--out",
            out_name,
        ];
        // Two points determine no curve, so the judgement is not a pass; they are read.
        let output = run(&[&args[..], &choice].concat());
        let code = output.status.code().unwrap();
        assert!(code < 2, "{case}: {}", text(&output));
        let import = imported(&out);
        assert_eq!(import.rows[0][0], q, "{case}");
    }
}

fn imported(out: &Path) -> Import {
    let imports = documents(out).into_iter().find_map(|d| match d.doc {
        Document::Import(import) => Some(import),
        _ => None,
    });
    imports.unwrap()
}

#[test]
fn each_bad_table_is_refused_with_what_to_change_and_nothing_is_written() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/bad-import");
    let folder = TempDir::new().unwrap();
    let mut seen = 0;
    for case in std::fs::read_dir(cases).unwrap() {
        let case = case.unwrap().path();
        let table = std::fs::read_dir(&case).unwrap().find_map(|entry| {
            let path = entry.unwrap().path();
            (path.file_stem()? == "points").then_some(path)
        });
        let own = case.join("order.toml");
        let order = if own.exists() {
            own
        } else {
            fixture("order.toml")
        };
        let options = std::fs::read_to_string(case.join("arguments.txt")).unwrap_or_default();
        let out = folder.path().join("out");
        let mut args = vec![
            "import",
            order.to_str().unwrap(),
            table.as_ref().unwrap().to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
        ];
        args.extend(options.lines());
        let said = expect(2, &args);
        let expected = std::fs::read_to_string(case.join("expected.txt")).unwrap();
        assert!(
            said.contains(expected.trim()),
            "{}:\n{said}",
            case.display()
        );
        assert!(
            !out.exists(),
            "something was written for {}",
            case.display()
        );
        seen += 1;
    }
    assert!(seen >= 30, "only {seen} cases");
}

#[test]
fn an_order_with_the_mark_of_utf_8_is_read_and_recorded_as_it_is() {
    let folder = TempDir::new().unwrap();
    let order = folder.path().join("order.toml");
    let marked = [
        "\u{feff}".as_bytes(),
        &std::fs::read(fixture("order.toml")).unwrap(),
    ]
    .concat();
    std::fs::write(&order, &marked).unwrap();
    expect(0, &["config", "check", order.to_str().unwrap()]);
    let out = folder.path().join("out");
    let points = fixture("points.csv");
    let args = [
        "import",
        order.to_str().unwrap(),
        points.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    assert_eq!(json(0, &args)["replay"], "identical");
    assert_eq!(bundled(&out, &Digest::of(&marked)), marked);
    expect(0, &["verify", out.join("bundle.zip").to_str().unwrap()]);
}
