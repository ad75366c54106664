//! The shipped packs and what a pack may not be.

use crate::{api610, gb755, gb32030, gbt3216, gbt12785, gbt25409, per_hour};
use dutypoint_hydraulics::Error;
use dutypoint_hydraulics::pack::{
    Confidence, DecisionRule, EfficiencyFrom, FlowHeadRule, Measured, ReadAt, Standard, Status,
};
use dutypoint_model::Verdict::{Fail, NotEvaluated, Pass};

#[test]
fn every_number_of_every_pack_has_a_source_and_all_are_drafts() {
    let well_motor = include_str!("../../../../config/standards/gbt2818-2014.toml");
    let well_motor = Standard::from_toml("gbt2818-2014.toml", well_motor).unwrap();
    for pack in [
        gbt3216(),
        gbt12785(),
        gbt25409(),
        gb32030(),
        gb755(),
        well_motor,
        api610(),
    ] {
        let citations = pack.citations();
        assert!(!citations.is_empty());
        for citation in &citations {
            for key in citation.source {
                assert!(pack.sources.contains_key(key), "{} {key}", citation.item);
            }
        }
        // No listed source is unused.
        for key in pack.sources.keys() {
            assert!(
                citations.iter().any(|c| c.source.contains(key)),
                "{} {key}",
                pack.id
            );
        }
        assert_eq!(pack.status, Status::Draft);
    }
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
        let width = |b: &dutypoint_hydraulics::pack::CitedBand| b.high - b.low;
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
        points.judge(&flows, per_hour(100.0), true).unwrap().number,
        Pass
    );
    assert_eq!(
        points
            .judge(&flows[1..], per_hour(100.0), true)
            .unwrap()
            .number,
        Fail
    );
    let acceptance = points.judge(&flows, per_hour(100.0), false).unwrap();
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
            .judge(&flows, per_hour(100.0), false)
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
    let mut text = include_str!("../../../../config/standards/gbt3216-2016.toml").to_owned();
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
    let rule = refused(&[("\"tolerance_cross\"", "\"ellipse\"")]);
    assert!(rule.contains("unknown value \"ellipse\""), "{rule}");
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
