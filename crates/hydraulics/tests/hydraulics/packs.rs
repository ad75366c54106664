//! The shipped packs and what a pack may not be.

use crate::{api610, gb32030, gbt3216, gbt12785, gbt25409, pack, pack_text, per_hour, shipped};
use dutypoint_hydraulics::Error;
use dutypoint_hydraulics::pack::{
    Change, CitedBand, Confidence, DecisionRule, EfficiencyFrom, EntryValue, FlowHeadRule,
    Measured, ReadAt, Standard, Status, changes,
};
use dutypoint_hydraulics::percent::RelativePercent;
use dutypoint_hydraulics::rounding::Comparison;
use dutypoint_model::Verdict::{Fail, NotEvaluated, Pass};

#[test]
fn every_number_of_every_pack_is_cited_with_clause_and_all_are_drafts() {
    for pack in shipped() {
        for entry in pack.entries() {
            let what = format!("{} {}", pack.id, entry.item);
            assert!(!entry.source.is_empty(), "{what}");
            for key in &entry.source {
                assert!(pack.sources.contains_key(key), "{what} {key}");
            }
            let ours = entry.confidence == Some(Confidence::Laboratory);
            assert_eq!(entry.clause.is_empty(), ours, "{what}");
        }
        // No listed source is unused.
        for key in pack.sources.keys() {
            assert!(
                pack.entries().iter().any(|e| e.source.contains(key)),
                "{} {key}",
                pack.id
            );
        }
        // No two entries have one name: they could not be told apart in a comparison.
        let mut items: Vec<&str> = pack.entries().iter().map(|e| e.item.as_str()).collect();
        items.sort_unstable();
        for pair in items.windows(2) {
            assert_ne!(pair[0], pair[1], "{}", pack.id);
        }
        assert_eq!(pack.status, Status::Draft);
    }
}

#[test]
fn an_entry_names_value_clause_source_and_line_of_its_number() {
    let text = include_str!("../../../../config/standards/gbt3216-2016.toml");
    let pack = gbt3216();
    let entry = |item: &str| pack.entries().iter().find(|e| e.item == item).unwrap();
    let high = entry("tolerance 2B flow_pct high");
    assert_eq!(high.value, EntryValue::Number(8.0));
    assert_eq!(high.clause, "4.4, Table 8");
    assert_eq!(high.source, ["S1", "S14", "S15"]);
    assert_eq!(high.confidence, Some(Confidence::C2));
    let line = text.lines().nth(high.line - 1).unwrap();
    assert!(line.starts_with("flow_pct = { low = -8.0"), "{line}");
    let rule = entry("evaluation read_at");
    assert_eq!(rule.value, EntryValue::Word("origin_line".into()));
    // A tabulated value is named by its abscissa, a row without a name by its band.
    let tables = gbt25409();
    let found = |item: &str| tables.entries().iter().any(|e| e.item == item);
    assert!(found("table pump_efficiency lower_pump at 12.5"));
    let grades = gb32030();
    let row = "energy_type well_water_filled row power_kw>11<=30 grade_1";
    let entry = grades.entries().iter().find(|e| e.item == row).unwrap();
    assert_eq!(
        (entry.clause.as_str(), &entry.value),
        ("Table 4", &EntryValue::Number(2.5))
    );
}

#[test]
fn every_mistake_is_reported_with_its_line() {
    let text = include_str!("../../../../config/standards/gbt3216-2016.toml")
        .replacen("[\"S1\", \"S11\", \"own\"]", "[\"S77\"]", 1)
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

#[test]
fn packs_are_compared_by_item_with_both_citations() {
    let text = include_str!("../../../../config/standards/gb19762-2007.toml");
    let before = Standard::from_toml("a.toml", text).unwrap();
    let row = "  { flow_m3_h = { above = 100.0, up_to = 3000.0 }, added = [1.0, -2.0, -3.0]";
    let later = text
        .replacen(row, &row.replace("-3.0", "-3.5"), 1)
        .replacen("[5.0, 55.4], ", "", 1)
        .replacen("# --- Classes", "\n[load]\nclause = \"9\"\nflow_pct = { low = 70.0, high = 120.0, source = [\"own\"], confidence = \"M\" }\n# --- Classes", 1)
        .replacen("n = \"C1\"", "n = \"C1\"  # moves no line", 1);
    let after = Standard::from_toml("b.toml", &later).unwrap();
    let mut told = Vec::new();
    for change in changes(&before, &after) {
        told.push(match change {
            Change::Added(new) => format!("+ {} {}", new.item, new.value),
            Change::Removed(old) => format!("- {} {}", old.item, old.value),
            Change::Changed { before, after } => {
                format!(
                    "{} {} > {} {}",
                    before.item, before.value, after.value, after.clause
                )
            }
        });
    }
    assert_eq!(
        told,
        [
            "- table pump_efficiency multistage at 5.0 55.4",
            "energy_pump multistage row flow_m3_h>100<=3000 added 3 -3.0 > -3.5 classes, multistage",
            "+ load flow_pct high 120.0",
            "+ load flow_pct low 70.0",
        ]
    );
    assert!(changes(&before, &before).is_empty());
}

#[test]
fn what_is_countersigned_on_knowledge_alone_is_a_doubt() {
    let text = include_str!("../../../../config/standards/gbt12785-2014.toml");
    assert!(gbt12785().doubts().is_empty(), "a draft promises nothing");
    let signed = text.replacen("\"draft\"", "\"countersigned\"", 1)
        + "\n[countersignature]\nby = \"X\"\ndate = \"2026\"\nagainst = \"copy 3\"\n";
    let pack = Standard::from_toml("x.toml", &signed).unwrap();
    let doubts: Vec<&str> = pack.doubts().iter().map(|e| e.item.as_str()).collect();
    assert!(doubts.contains(&"supply frequency_pct"), "{doubts:?}");
    assert!(!doubts.contains(&"cable included_m"), "C1 {doubts:?}");
}

#[test]
fn a_clause_can_be_countersigned_alone() {
    let shipped = include_str!("../../../../config/standards/gbt12785-2014.toml");
    let signed = |clause: &str, by: &str| {
        let more = format!(
            "\n[[clause_countersignature]]\nclause = \"{clause}\"\nby = \"{by}\"\ndate = \"2026-12-01\"\nagainst = \"copy 3\"\n"
        );
        Standard::from_toml("x.toml", &format!("{shipped}{more}"))
    };
    let pack = signed("3", "Laboratory X, N. N.").unwrap();
    assert_eq!(pack.status, Status::Draft);
    assert!(pack.is_countersigned(&pack.cable().unwrap().clause));
    assert!(!pack.is_countersigned("8"));
    let error = signed("3.99", "N. N.").unwrap_err().to_string();
    assert!(error.contains("names a clause that no number"), "{error}");
    let error = signed("3", " ").unwrap_err().to_string();
    assert!(
        error.contains("leaves by, date or against empty"),
        "{error}"
    );
}

#[test]
fn gbt3216_holds_all_six_grades_and_its_rules() {
    let pack = gbt3216();
    assert_eq!(pack.grades(), ["1E", "1U", "1B", "2B", "2U", "3B"]);
    let evaluation = pack.evaluation().unwrap();
    assert_eq!(evaluation.flow_and_head, FlowHeadRule::ToleranceCross);
    assert_eq!(evaluation.read_at, ReadAt::OriginLine);
    assert_eq!(evaluation.decision, DecisionRule::SimpleAcceptance);
    let supply = pack.supply().unwrap();
    assert_eq!(
        (supply.frequency_pct.value, supply.voltage_pct.value),
        (1.0, 5.0)
    );
    assert_eq!(pack.friction_threshold_pct(1).unwrap(), 0.2);
    assert_eq!(pack.friction_threshold_pct(3).unwrap(), 0.5);
    assert_eq!(pack.speed().unwrap().flow_head_power_pct.low, 50.0);
    assert_eq!(pack.readings().unwrap().minimum_sets.value, 3.0);
    assert_eq!(
        pack.laboratory().unwrap().confidence,
        Confidence::Laboratory
    );
    assert_eq!(
        pack.fit().unwrap().efficiency,
        EfficiencyFrom::FromHeadAndPower
    );
    let flow = pack.fluctuation(Measured::Flow, 2).unwrap();
    assert_eq!(
        (flow.of_class(2), flow.clause.as_str()),
        (Some(3.0), "4.3.2, Table 3")
    );
    // Band widths 10/16/18 % in flow and 6/10/14 % in head for classes 1/2/3 (reference 5.1).
    for grade in pack.grades() {
        let row = pack.tolerance(grade, 50.0).unwrap();
        let class = usize::from(row.measurement_class.unwrap());
        let width = |b: &CitedBand<RelativePercent>| b.high.percent() - b.low.percent();
        assert_eq!(
            width(row.flow_pct.as_ref().unwrap()),
            [10.0, 16.0, 18.0][class - 1]
        );
        assert_eq!(
            width(row.head_pct.as_ref().unwrap()),
            [6.0, 10.0, 14.0][class - 1]
        );
    }
}

#[test]
fn what_is_not_in_a_pack_is_an_error_that_says_so() {
    let error = gbt3216().tolerance("2C", 50.0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "failed to find grade \"2C\" at a rated head of 50 m in the pack gbt3216-2016: it is not \
         in the pack; choose a pack or grade that states it, or agree a limit in the order"
    );
    assert!(matches!(gbt3216().cable(), Err(Error::NotInPack { .. })));
    assert!(matches!(
        gbt12785().evaluation(),
        Err(Error::NotInPack { .. })
    ));
    assert!(matches!(
        api610().steady_limits(Measured::Flow, 1),
        Err(Error::NotInPack { .. })
    ));
    assert!(
        gbt3216()
            .instrument_uncertainty_pct(Measured::UnitEfficiency, 1)
            .is_err()
    );
    assert!(
        gbt3216()
            .overall_uncertainty_pct(Measured::Flow, 4)
            .is_err()
    );
    assert!(
        api610()
            .tolerance("API 610", 50.0)
            .unwrap()
            .efficiency_min_pct
            .is_none()
    );
    assert_eq!(api610().fit().unwrap().default_degree, None);
    assert!(api610().tolerance("API 610", f64::NAN).is_err());
}

#[test]
fn gbt12785_adds_the_cable_and_the_thirteen_points() {
    let pack = gbt12785();
    assert!(pack.partial);
    assert_eq!(pack.refers_to, ["gbt3216-2016"]);
    assert_eq!(pack.cable().unwrap().included_m.value, 5.0);
    let flows: Vec<f64> = (0..13).map(|i| per_hour(f64::from(i) * 10.0)).collect();
    let points = pack.points().unwrap();
    assert_eq!(
        points
            .judge(&flows, per_hour(100.0), true, 2)
            .unwrap()
            .number,
        Pass
    );
    assert_eq!(
        points
            .judge(&flows[1..], per_hour(100.0), true, 2)
            .unwrap()
            .number,
        Fail
    );
    let acceptance = points.judge(&flows, per_hour(100.0), false, 2).unwrap();
    assert_eq!(
        (acceptance.number, acceptance.placement),
        (NotEvaluated, NotEvaluated)
    );
}

#[test]
fn points_must_lie_on_both_sides_of_the_guarantee() {
    let pack = gbt3216();
    let judge = |q: &[f64]| {
        let flows: Vec<f64> = q.iter().map(|q| per_hour(*q)).collect();
        let found = pack
            .points()
            .unwrap()
            .judge(&flows, per_hour(100.0), false, 2)
            .unwrap();
        (found.number, found.placement)
    };
    assert_eq!(
        judge(&[0.0, 40.0, 60.0, 80.0, 95.0, 104.0, 120.0]),
        (Pass, Pass)
    );
    assert_eq!(judge(&[0.0, 60.0, 95.0, 105.0]), (Fail, Pass));
    assert_eq!(judge(&[0.0, 60.0, 80.0, 94.9, 102.0]), (Pass, Fail));
    assert_eq!(
        judge(&[0.0, 60.0, 80.0, 100.0, 120.0]),
        (Pass, Fail),
        "one point counts once"
    );
    assert_eq!(judge(&[0.0, 60.0, 80.0, 100.0, 103.0]), (Pass, Pass));
}

#[test]
fn a_degree_needs_two_points_to_spare() {
    let pack = gbt3216();
    let fit = pack.fit().unwrap();
    assert_eq!(
        (fit.default_degree, fit.min_degree, fit.max_degree),
        (Some(3), 2, Some(4))
    );
    assert!(fit.admissible(3, 5).is_ok());
    assert!(fit.admissible(4, 6).is_ok());
    assert!(fit.admissible(1, 9).is_err());
    assert!(fit.admissible(5, 9).is_err());
    assert_eq!(
        fit.admissible(4, 5).unwrap_err().to_string(),
        "failed to accept degree 4 for 5 points: the pack permits 2 to 3; change the degree or \
         measure more points"
    );
    assert!(
        api610().fit().unwrap().admissible(6, 8).is_ok(),
        "left to the order"
    );
}

fn refused(changes: &[(&str, &str)]) -> String {
    refused_in("gbt3216-2016", changes)
}

fn refused_in(id: &str, changes: &[(&str, &str)]) -> String {
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
    let class = refused(&[("measurement_class = 3", "measurement_class = 4")]);
    assert!(class.contains("other than 1, 2 or 3"), "{class}");
    let degree = refused(&[("default_degree = 3", "default_degree = 5")]);
    assert!(
        degree.contains("default outside its own degrees"),
        "{degree}"
    );
}

#[test]
fn a_countersigned_pack_says_by_whom() {
    let text = include_str!("../../../../config/standards/gbt3216-2016.toml").replacen(
        "\"draft\"",
        "\"countersigned\"",
        1,
    ) + "\n[countersignature]\nby = \"Laboratory X, N. N.\"\ndate = \"2026-01-15\"\n\
           against = \"GB/T 3216-2016 with XG1-2018, copy 12\"\n";
    let pack = Standard::from_toml("signed.toml", &text).unwrap();
    assert_eq!(pack.status, Status::Countersigned);
    assert_eq!(pack.countersignature.unwrap().date, "2026-01-15");
}

/// Every table must be without gap and overlap, every kind of rule known.
#[test]
fn tables_and_rules_of_acceptance_that_cannot_be_right_are_refused() {
    let (iso, old, api, ellipse) = ("gbt3216-2016", "gbt3216-2005", "api610-11", "gb3216-89");
    for (id, from, to, part) in [
        (
            api,
            "rated_head_above_m = 75.0",
            "rated_head_above_m = 76.0",
            "gap or an overlap",
        ),
        (
            api,
            "rated_head_above_m = 75.0",
            "rated_head_above_m = 74.0",
            "gap or an overlap",
        ),
        (
            api,
            "rated_head_above_m = 300.0",
            "rated_head_above_m = 300.0\nrated_head_up_to_m = 900.0",
            "open at no end",
        ),
        (
            api,
            "rated_head_up_to_m = 75.0",
            "rated_head_above_m = 0.0\nrated_head_up_to_m = 75.0",
            "open at no end",
        ),
        (
            api,
            "rated_head_above_m = 75.0",
            "rated_heat_above_m = 75.0",
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
            "variable = \"max_shaft_power\"",
            "variable = \"motor_power\"",
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
            "rule = \"student_t\"",
            "rule = \"spread_table\"",
            "spread_table needs rows",
        ),
        (
            iso,
            "rule = \"student_t\"",
            "rule = \"range\"",
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
            "plateau = \"outlet_head\"",
            "plateau = \"friction_head\"",
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
            "rule = \"spread_table\"",
            "rule = \"student_t\"",
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
    let from = text.find("rated_head_above_m = 75.0").unwrap();
    let start = text[..from].rfind("[[tolerance]]").unwrap();
    let end = from + text[from..].find("[[tolerance]]").unwrap();
    let gap = format!("{}{}", &text[..start], &text[end..]);
    let said = Standard::from_toml("gap.toml", &gap)
        .unwrap_err()
        .to_string();
    assert!(said.contains("gap or an overlap"), "{said}");
}

#[test]
fn the_specified_flow_has_one_name() {
    let text = pack_text("api610-11");
    let pack = Standard::from_toml("named.toml", &text).unwrap();
    assert_eq!(pack.evaluation().unwrap().read_at, ReadAt::AtSpecifiedFlow);
    let other = text.replace("\"at_specified_flow\"", "\"at_rated_flow\"");
    let said = Standard::from_toml("named.toml", &other).unwrap_err();
    assert!(said.to_string().contains("at_specified_flow"), "{said}");
}

/// ISO 9906:1999 5.4.1 (C1 S7): 3 points in grade 2, 5 in grade 1, close around the guarantee.
#[test]
fn points_of_the_1999_edition_lie_close_around_the_guarantee() {
    let pack = pack("gbt3216-2005");
    let judge = |q: &[f64], class| {
        let flows: Vec<f64> = q.iter().map(|q| per_hour(*q)).collect();
        let rule = pack.points().unwrap();
        let found = rule.judge(&flows, per_hour(100.0), false, class).unwrap();
        (found.counted, found.number, found.placement)
    };
    let five = [0.0, 60.0, 90.0, 95.0, 100.0, 105.0, 110.0];
    assert_eq!(judge(&five, 1), (5, Pass, NotEvaluated));
    assert_eq!(judge(&five[..6], 1), (4, Fail, NotEvaluated));
    assert_eq!(judge(&five[..5], 2), (3, Pass, NotEvaluated));
    assert_eq!(
        judge(&[89.9, 95.0, 110.1, 105.0], 2),
        (2, Fail, NotEvaluated)
    );
}

/// A pack may say which comparison it wants, and is refused where the judgement has none.
#[test]
fn comparison_of_rounded_values_is_not_passed_over() {
    let text = include_str!("../../../../config/standards/gbt3216-2016.toml");
    let full = Standard::from_toml("gbt3216-2016.toml", text).unwrap();
    assert_eq!(full.rounding().unwrap().comparison, Comparison::FullValue);
    let rounded = text.replace("\"full_value\"", "\"rounded_value\"");
    let refused = Standard::from_toml("gbt3216-2016.toml", &rounded).unwrap_err();
    assert!(refused.to_string().contains("rounded values"), "{refused}");
}
