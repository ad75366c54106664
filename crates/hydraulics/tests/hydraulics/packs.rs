//! The shipped packs and what a pack may not be.

use crate::spoilt::{refused, refused_in};
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
