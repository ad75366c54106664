//! The shipped packs and what a pack may not be.

use crate::{api610, gb32030, gbt3216, gbt12785, gbt25409, pack, pack_text, per_hour, shipped};
use dutypoint_hydraulics::Error;
use dutypoint_hydraulics::pack::{
    Change, CitedBand, Confidence, DecisionRule, EfficiencyFrom, EntryValue, FlowHeadRule,
    Measured, ReadAt, Standard, Status, TestOf, changes,
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

/// A word beside cited numbers has its own source, or the pack is refused: that of the
/// neighbour would say more of it than anybody knows.
#[test]
fn no_choice_takes_the_citation_of_its_neighbour() {
    let iso = gbt3216();
    let entry = |item: &str| iso.entries().iter().find(|e| e.item == item).unwrap();
    // The reference: Table 4 by knowledge (section 3.4, M3); the plateau is its own advice.
    for (item, value, source, confidence) in [
        ("readings rule", "student_t", "own", Confidence::M3),
        ("npsh plateau", "outlet_head", "plateau", Confidence::D),
        ("evaluation read_at", "origin_line", "S1", Confidence::C2),
        (
            "tolerance 2B measurement_class",
            "2.0",
            "S2",
            Confidence::C1,
        ),
        ("other_points grade", "3B", "S10", Confidence::C1),
    ] {
        let found = entry(item);
        assert_eq!(found.value.to_string(), value, "{item}");
        assert_eq!(found.source, [source], "{item}");
        assert_eq!(found.confidence, Some(confidence), "{item}");
    }
    let usual = "energy_pump single_suction n_s_usual up_to";
    let grades = pack("gb19762-2025");
    let usual = grades.entries().iter().find(|e| e.item == usual).unwrap();
    assert_eq!(
        (&usual.source, usual.confidence),
        (&vec!["own".to_owned()], Some(Confidence::M))
    );
    // Neither a bare word nor a section of cited numbers alone is taken.
    let bare = refused(&[(
        "plateau = { value = \"outlet_head\", source = [\"plateau\"], confidence = \"D\" }",
        "plateau = \"outlet_head\"",
    )]);
    assert!(
        bare.contains("every choice carries its own citation"),
        "{bare}"
    );
    let uncited = refused_in(
        "gbt12785-2014",
        &[("\nsource = [\"S-TWK\", \"S-SPOT\"]\n", "\nsource = []\n")],
    );
    assert!(uncited.contains("names no source"), "{uncited}");
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
            "energy_pump multistage row flow_m3_h>100<=3000 added line 3 -3.0 > -3.5 classes, multistage",
            "+ load flow_pct low 70.0",
            "+ load flow_pct high 120.0",
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
            .judge(&flows, per_hour(100.0), TestOf::Type, 2)
            .unwrap()
            .number,
        Pass
    );
    assert_eq!(
        points
            .judge(&flows[1..], per_hour(100.0), TestOf::Type, 2)
            .unwrap()
            .number,
        Fail
    );
    let acceptance = points
        .judge(&flows, per_hour(100.0), TestOf::Acceptance, 2)
        .unwrap();
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
            .judge(&flows, per_hour(100.0), TestOf::Acceptance, 2)
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
        let found = rule
            .judge(&flows, per_hour(100.0), TestOf::Acceptance, class)
            .unwrap();
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

/// A pack says which comparison it wants and to what it rounds; one that cannot be done is
/// refused.
#[test]
fn a_comparison_of_rounded_values_says_to_what_and_is_not_passed_over() {
    let text = include_str!("../../../../config/standards/gbt3216-2016.toml");
    let load = |text: &str| Standard::from_toml("pack.toml", text);
    let full = load(text).unwrap();
    assert_eq!(full.rounding().unwrap().comparison, Comparison::FullValue);
    assert_eq!(full.evaluation().unwrap().rounded, None);

    let four =
        "flow_m3_h = \"0.1\", head_m = \"0.01\", efficiency_pct = \"0.1\", power_kw = \"0.5\"";
    let with = |comparison: &str, interval: &str| {
        text.replace(
            "comparison = \"full_value\"",
            &format!("comparison = \"{comparison}\"\n{interval}"),
        )
    };
    let refused = |text: &str| load(text).unwrap_err().to_string();
    let why = refused(&with("rounded_value", ""));
    assert!(why.contains("does not say to what"), "{why}");
    let why = refused(&with("rounded_value", &format!("interval = {{ {four} }}")));
    assert!(why.contains("add npsh_m"), "{why}");
    let five = format!("interval = {{ {four}, npsh_m = \"0.01\" }}");
    let why = refused(&with("full_value", &five));
    assert!(why.contains("full_value does not use"), "{why}");
    let why = refused(&with("rounded_value", &five.replace("0.5", "0.3")));
    assert!(why.contains("1, 2 or 5 times a power of ten"), "{why}");
    let by_ellipse = include_str!("../../../../config/standards/gb3216-89.toml");
    let why = refused(&format!(
        "{by_ellipse}\n[rounding]\nclause = \"GB/T 8170\"\ncomparison = \"rounded_value\"\ninterval = {{ {four} }}\nsource = [\"recommendation\"]\nconfidence = \"D\"\n"
    ));
    assert!(why.contains("by the ellipse"), "{why}");

    let rounds = load(&with("rounded_value", &five)).unwrap();
    let intervals = rounds.evaluation().unwrap().rounded.unwrap();
    assert_eq!(intervals.power_kw.to_string(), "0.5");
    let cited = rounds.entries().iter();
    let cited = cited.filter(|e| e.item.starts_with("rounding interval"));
    assert_eq!(cited.filter(|e| e.confidence.is_some()).count(), 5);
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
