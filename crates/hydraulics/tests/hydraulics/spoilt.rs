//! Packs that are wrong: each mistake with its line, its cause and its cure.

use crate::pack_text;
use dutypoint_hydraulics::pack::Standard;

pub(crate) fn refused(changes: &[(&str, &str)]) -> String {
    refused_in("gbt3216-2016", changes)
}

pub(crate) fn refused_in(id: &str, changes: &[(&str, &str)]) -> String {
    let mut text = pack_text(id);
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    Standard::from_toml("changed.toml", &text)
        .unwrap_err()
        .to_string()
}

#[test]
fn a_pack_that_is_wrong_is_refused_with_what_to_change() {
    let unknown = refused(&[("read_at", "raed_at")]);
    assert!(unknown.contains("changed.toml line"), "{unknown}");
    assert!(unknown.contains("did you mean \"read_at\"?"), "{unknown}");
    let rule = refused(&[("\"tolerance_cross\"", "\"circle\"")]);
    assert!(rule.contains("unknown value \"circle\""), "{rule}");
    let nan = refused(&[("class_1 = 2.0", "class_1 = nan")]);
    assert!(nan.contains("NaN is no limit"), "{nan}");
    let source = refused(&[("\"S10\"", "\"S99\"")]);
    assert!(source.contains("[sources] does not explain"), "{source}");
    let confidence = refused(&[("\"C2\"", "\"sure\"")]);
    assert!(
        confidence.contains("unknown value \"sure\""),
        "{confidence}"
    );
    let unsourced = refused(&[(", source = [\"S10\", \"S-PM2016\"]", "")]);
    assert!(unsourced.contains("missing field `source`"), "{unsourced}");
    let signed = refused(&[("\"draft\"", "\"countersigned\"")]);
    assert!(signed.contains("[countersignature]"), "{signed}");
    let twice = refused(&[("grade = \"1U\"", "grade = \"1E\"")]);
    assert!(
        twice.contains("tolerance of grade 1E is given twice"),
        "{twice}"
    );
    let band = refused(&[("low = -5.0, high = 5.0", "low = 5.0, high = -5.0")]);
    assert!(band.contains("low is above its high"), "{band}");
    let class = refused(&[(
        "measurement_class = { value = 3",
        "measurement_class = { value = 4",
    )]);
    assert!(class.contains("other than 1, 2 or 3"), "{class}");
    let degree = refused(&[("default_degree = 3", "default_degree = 5")]);
    assert!(
        degree.contains("default outside its own degrees"),
        "{degree}"
    );
}

/// Every table must be without gap and overlap, every kind of rule known.
#[test]
fn tables_and_rules_of_acceptance_that_cannot_be_right_are_refused() {
    let (iso, old, api, ellipse) = ("gbt3216-2016", "gbt3216-2005", "api610-11", "gb3216-89");
    for (id, from, to, part) in [
        (
            api,
            "rated_head_above_m = { value = 75.0",
            "rated_head_above_m = { value = 76.0",
            "gap or an overlap",
        ),
        (
            api,
            "rated_head_above_m = { value = 75.0",
            "rated_head_above_m = { value = 74.0",
            "gap or an overlap",
        ),
        (
            api,
            "rated_head_above_m = { value = 300.0",
            "rated_head_up_to_m = { value = 900.0, source = [\"S19\"], confidence = \"C1\" }\nrated_head_above_m = { value = 300.0",
            "open at no end",
        ),
        (
            api,
            "rated_head_up_to_m = { value = 75.0",
            "rated_head_above_m = { value = 0.0, source = [\"S19\"], confidence = \"C1\" }\nrated_head_up_to_m = { value = 75.0",
            "open at no end",
        ),
        (
            api,
            "rated_head_above_m = {",
            "rated_heat_above_m = {",
            "did you mean",
        ),
        (
            iso,
            "{ above_kw = 100.0",
            "{ above_kw = 101.0",
            "default_grade municipal_water has ranges of power with a gap",
        ),
        (
            iso,
            "{ above_kw = 100.0",
            "{ above_kw = 99.0",
            "or an overlap",
        ),
        (
            iso,
            "grade = \"2B\", source = [\"S9\"",
            "grade = \"2C\", source = [\"S9\"",
            "names a grade without tolerances",
        ),
        (
            iso,
            "application = \"slurry\"",
            "application = \"chemical\"",
            "default_grade chemical is given twice",
        ),
        (
            iso,
            "grade = \"3B\"\nsource = [\"S10\"]",
            "grade = \"4B\"\nsource = [\"S10\"]",
            "other_points names a grade",
        ),
        (
            iso,
            "variable = { value = \"max_shaft_power\"",
            "variable = { value = \"motor_power\"",
            "unknown value \"motor_power\"",
        ),
        (
            iso,
            "up_to_kw = { value = 10.0",
            "below_kw = { value = 9.0, source = [\"own\"], confidence = \"M3\" }\nup_to_kw = { value = 10.0",
            "small_power must have one of up_to_kw and below_kw",
        ),
        (
            iso,
            "up_to_kw = { value = 10.0",
            "up_to_kw = { value = 0.5",
            "below where it ends",
        ),
        (
            iso,
            "\"simple_acceptance\"",
            "\"guess\"",
            "unknown value \"guess\"",
        ),
        (
            iso,
            "\"simple_acceptance\"",
            "{ guard_band = { r = 1.5 } }",
            "r = 1.5 is no guard band",
        ),
        (
            iso,
            "\"simple_acceptance\"",
            "{ guard_band = { r = 0.0 } }",
            "r = 0 is no guard band",
        ),
        (
            iso,
            "\"simple_acceptance\"",
            "{ non_binary = { q = 1.0 } }",
            "unknown key \"q\"",
        ),
        (
            iso,
            "rule = { value = \"student_t\"",
            "rule = { value = \"spread_table\"",
            "spread_table needs rows",
        ),
        (
            iso,
            "rule = { value = \"student_t\"",
            "rule = { value = \"range\"",
            "unknown value \"range\"",
        ),
        (
            iso,
            "minimum_sets = { value = 3.0",
            "minimum_sets = { value = 2.5",
            "no whole number from 2 on",
        ),
        (
            iso,
            "plateau = { value = \"outlet_head\"",
            "plateau = { value = \"friction_head\"",
            "without a [[fluctuation]] row",
        ),
        (
            iso,
            "  { pct = { value = 0.0",
            "  { grade = \"9\", pct = { value = 0.0",
            "npsh names a grade",
        ),
        (
            iso,
            "drop_pct = { value = 3.0",
            "drop_pct = { value = 0.0",
            "drop outside 0 to 100 %",
        ),
        (
            iso,
            "low = 1.3, high = 2.0",
            "low = 2.3, high = 2.0",
            "exponent whose low is above",
        ),
        (
            old,
            "rule = { value = \"spread_table\"",
            "rule = { value = \"student_t\"",
            "no other has",
        ),
        (
            old,
            "sets = 3\n",
            "sets = 4\n",
            "does not begin at minimum_sets",
        ),
        (old, "sets = 7\n", "sets = 5\n", "does not rise"),
        (old, "sets = 7\n", "sets = 9\n", "does not rise"),
        (
            old,
            "{ grade = \"2\", pct",
            "{ grade = \"1\", pct",
            "gives a grade twice",
        ),
        (old, "{ grade = \"2\", pct", "{ pct", "beside another"),
        (
            old,
            "grade = \"1\", pct = { value = 3.0",
            "grade = \"1\", pct = { value = -3.0",
            "tolerance below zero",
        ),
        (
            ellipse,
            "low = -4.0, high = 4.0",
            "low = -5.0, high = 4.0",
            "the same factor both ways",
        ),
        (
            ellipse,
            "\"simple_acceptance\"",
            "{ guard_band = { r = 1.0 } }",
            "no limit to move",
        ),
    ] {
        let said = refused_in(id, &[(from, to)]);
        assert!(said.contains(part), "{id}: {to}: {said}");
    }
    // The head range of the middle row taken out leaves a gap.
    let text = pack_text(api);
    let from = text.find("rated_head_above_m = { value = 75.0").unwrap();
    let start = text[..from].rfind("[[tolerance]]").unwrap();
    let end = from + text[from..].find("[[tolerance]]").unwrap();
    let gap = format!("{}{}", &text[..start], &text[end..]);
    let said = Standard::from_toml("gap.toml", &gap)
        .unwrap_err()
        .to_string();
    assert!(said.contains("gap or an overlap"), "{said}");
}

/// Twelve ways to spoil a pack: each refusal names the line, what stands there, why it is
/// wrong and what to write.
#[test]
fn a_spoilt_pack_is_told_by_line_key_cause_and_cure() {
    for (id, from, to, on_line, said) in [
        (
            "gbt3216-2016",
            "rule = { value = \"student_t\", source = [\"own\"], confidence = \"M3\" }",
            "rule = \"student_t\"",
            "rule = ",
            [
                "rule has an invalid type",
                "every choice carries its own citation",
            ],
        ),
        (
            "gbt3216-2016",
            "minimum = { value = 5.0, source = [\"S6\", \"own\"], confidence = \"M3\" }",
            "minimum = 5.0",
            "minimum = 5.0",
            [
                "minimum has an invalid type",
                "every number carries its own citation",
            ],
        ),
        (
            "gbt3216-2016",
            "value = 4.0, source = [\"S-PM2016\"], confidence = \"C1\" }",
            "value = 4.0, source = [\"S-PM2016\"] }",
            "power_max_pct = { value = 4.0",
            ["missing field `confidence`", "add it"],
        ),
        (
            "gb755",
            "rated_above_kw = { value = 150.0",
            "rated_above_kw = { value = 160.0",
            "rated_up_to_kw = { value = 150.0",
            [
                "motor_tolerance efficiency has rows",
                "let one edge belong to one row",
            ],
        ),
        (
            "gb32030-2022",
            "{ above = 3.0, up_to = 11.0 }",
            "{ from = 3.0, up_to = 11.0 }",
            "power_kw = { up_to = 3.0 }",
            [
                "energy_type small_qdx_qd has bands that overlap",
                "let each begin",
            ],
        ),
        (
            "gbt2816-2014",
            "[[informative]]",
            "[[informativ]]",
            "[[informativ]]",
            [
                "unknown key \"informativ\"",
                "did you mean \"informative\"?",
            ],
        ),
        (
            "us-pei",
            "1.2], source = [\"S-DOE\"]",
            "1.2], source = [\"DOE\"]",
            "regression = ",
            [
                "pei_load constant regression flow #1 names no source",
                "add it",
            ],
        ),
        (
            "us-pei",
            "flow = [0.6, 0.75",
            "flow = [0.75, 0.6",
            "flow = [0.75, 1.0, 1.1]",
            [
                "pei_load constant needs three regressed shares",
                "rising from above 0",
            ],
        ),
        (
            "eu547-2012",
            "from = \"2015-01-01\"",
            "from = \"1.1.2015\"",
            "from = \"2013-01-01\"",
            [
                "mei required has a `from` that is no day",
                "write it as 2015-01-01",
            ],
        ),
        (
            "gbt12785-2014",
            "range = { from = 120.0 }",
            "range = { from = 120.0 }\nvalue = 3.0",
            "range = { from = 120.0 }",
            ["informative full_curve_end has none or several", "give one"],
        ),
        (
            "gb755",
            "celsius = 95.0",
            "celsius = \"95\"",
            "celsius = \"95\"",
            ["celsius has an invalid type", "expected f64"],
        ),
        (
            "gbt2818-2014",
            "\"draft\"",
            "\"countersigned\"",
            "status = \"countersigned\"",
            [
                "and [countersignature] do not agree",
                "give both or neither",
            ],
        ),
    ] {
        let text = pack_text(id);
        assert!(text.contains(from), "{id}: {from}");
        let text = text.replacen(from, to, 1);
        let mistakes = Standard::mistakes("mine.toml", &text);
        let first = mistakes.first().unwrap();
        for part in said {
            assert!(first.message.contains(part), "{id}: {}", first.message);
        }
        let line = first
            .line
            .unwrap_or_else(|| panic!("no line: {}", first.message));
        let there = text.lines().nth(line - 1).unwrap();
        assert!(there.contains(on_line), "{id} line {line}: {there}");
    }
}

#[test]
fn every_mistake_is_reported_with_its_line() {
    let text = include_str!("../../../../config/standards/gbt3216-2016.toml")
        .replacen("[\"S1\", \"S11\"]", "[\"S77\"]", 1)
        .replacen("low = -8.0, high = 8.0", "low = 8.0, high = -8.0", 1)
        .replacen("default_degree = 3", "default_degree = 9", 1);
    let mistakes = Standard::mistakes("x.toml", &text);
    for (expected, head) in [
        ("evaluation decision names no source", "[evaluation]"),
        ("tolerance of grade 2B has a band", "grade = \"2B\""),
        ("fit has a default", "[fit]"),
    ] {
        let found = mistakes.iter().find(|m| m.message.contains(expected));
        let line = found
            .unwrap_or_else(|| panic!("{expected} not in {mistakes:#?}"))
            .line;
        let head = text.lines().position(|l| l == head).unwrap();
        let line = line.unwrap();
        assert!(line > head && line < head + 10, "{expected}: line {line}");
    }
    for id in ["us-pei", "gb32030-2022"] {
        assert!(Standard::mistakes("x.toml", &pack_text(id)).is_empty());
    }
    assert_eq!(Standard::mistakes("x.toml", "id = 1").len(), 1);
}
