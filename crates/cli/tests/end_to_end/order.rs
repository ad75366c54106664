//! `order new`: what it writes is named until filled, and right when filled.

use crate::common::{expect, json};
use tempfile::TempDir;

/// Everything an order on a bench needs; numbers of the demo's 200QJ32-104/8.
const BENCH: &[&str] = &[
    "--number",
    "W-2026-0007",
    "--customer",
    "用户 / customer",
    "--manufacturer",
    "泵厂 / pump works",
    "--product",
    "井用潜水电泵 / Well submersible motor-pump",
    "--pump",
    "200QJ32-104/8",
    "--serial",
    "0001",
    "--voltage",
    "380 V",
    "--frequency",
    "50 Hz",
    "--pole-pairs",
    "1",
    "--grade",
    "2B",
    "--flow",
    "32 m3/h",
    "--head",
    "104 m",
    "--efficiency",
    "59.5 %",
    "--declared-by",
    "委托方声明 / declared by the customer",
];

const IMPORT: &[&str] = &[
    "--kind",
    "import",
    "--pack",
    "api610-11",
    "--grade",
    "API 610",
    "--tested-by",
    "泵厂 / works",
    "--source",
    "report 12",
    "--gravity",
    "9.81",
    "--test-density",
    "1000",
    "--inlet-bore",
    "3 in",
    "--outlet-bore",
    "2 in",
    "--gauge-height-difference",
    "-0.1 m",
    "--reading-rule",
    "表压 / gauge pressures",
];

fn new<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["order", "new", "--out", out], more].concat()
}

#[test]
fn an_order_with_everything_given_passes_the_check_as_it_is() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("order.toml");
    let out = path.to_str().unwrap();
    let written = json(0, &new(out, BENCH));
    assert_eq!(written["unfilled"].as_array().unwrap().len(), 0);
    expect(0, &["config", "check", out]);
    // What is there is not overwritten unless asked.
    let before = std::fs::read(&path).unwrap();
    let text = expect(2, &new(out, &[]));
    assert!(
        text.contains("it is there already; --force replaces it"),
        "{text}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let import: Vec<&str> = BENCH
        .iter()
        .copied()
        .filter(|word| !["--grade", "2B"].contains(word))
        .chain(IMPORT.iter().copied())
        .collect();
    expect(0, &new(out, &[&import[..], &["--force"]].concat()));
    expect(0, &["config", "check", out]);
}

#[test]
fn what_is_not_given_is_named_by_the_check_with_its_line() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("order.toml");
    let out = path.to_str().unwrap();
    let said = expect(0, &new(out, &["--flow", "32 m3/h", "--lang", "zh"]));
    assert!(said.contains("待填"), "{said}");
    let text = std::fs::read_to_string(&path).unwrap();
    let line = text.lines().position(|l| l.starts_with("head = ")).unwrap() + 1;
    let said = expect(2, &["config", "check", out]);
    assert!(said.contains("still to be filled: number (line "), "{said}");
    assert!(
        said.contains(&format!("guarantee.head (line {line})")),
        "{said}"
    );
    assert!(!said.contains("guarantee.flow"), "{said}");
}

#[test]
fn what_cannot_be_right_is_refused_and_nothing_is_written() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("order.toml");
    let out = path.to_str().unwrap();
    for (more, part) in [
        (&["--head", "104 kPa"][..], "head: \"104 kPa\" is no length"),
        (&["--grade", "4Z"], "it has 1E, 1U, 1B, 2B, 2U, 3B"),
        (&["--pack", "gbt3216"], "shipped: api610-11, "),
        (&["--customer", " / x"], "neither empty"),
    ] {
        let text = expect(2, &new(out, more));
        assert!(text.contains(part), "{part} in {text}");
        assert!(!path.exists());
    }
    // Complete, and wrong in itself.
    let wrong: Vec<&str> = BENCH
        .iter()
        .map(|word| if *word == "59.5 %" { "595 %" } else { word })
        .collect();
    let text = expect(2, &new(out, &wrong));
    assert!(text.contains("is outside 0 … 100 %"), "{text}");
    assert!(!path.exists());
}
