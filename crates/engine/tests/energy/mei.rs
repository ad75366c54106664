//! The EU efficiency index of a run.

use crate::{by_flow, judged, of, overall, setup};
use dutypoint_model::Verdict;
use dutypoint_model::document::{Item, Point, PowerKind};

const MEI: [Item; 3] = [
    Item::MeiBestEfficiency,
    Item::MeiPartLoad,
    Item::MeiOverload,
];

/// [`by_flow`]'s points with the flows `flows` and `power` times its power.
fn mei(points: &[Point], flows: [f64; 13], power: f64, speed_rpm: Option<f64>) -> Vec<Point> {
    let mut points = points.to_vec();
    for (q, point) in flows.into_iter().zip(&mut points) {
        let reduced = point.reduced.as_mut().unwrap();
        reduced.flow_m3_s = q / 3600.0;
        reduced.head_m = 62.0 - 0.0012 * q * q;
        reduced.power_w = power * (8000.0 + 100.0 * q);
        reduced.speed_rpm = speed_rpm;
        reduced.efficiency = 998.6 * 9.79627 * reduced.flow_m3_s * reduced.head_m / reduced.power_w;
    }
    points
}

const FAR: [f64; 13] = [
    0.0, 15.0, 30.0, 45.0, 60.0, 70.0, 80.0, 90.0, 97.0, 103.0, 115.0, 130.0, 150.0,
];

/// Best efficiency by hand: 496 = 0.0288 Q² + 0.000 24 Q³, so Q = 97.481 84 m³/h and
/// H = 50.596 749 m; n_q = 2900 √Q / H^0.75 = 25.154 555; the quadratic of Annex III gives
/// 204.506 659, less C = 130.27 of ESOB at 2900 r/min and MEI 0.4.
#[test]
fn the_index_of_a_run_is_judged_at_three_loads_of_its_own_curve() {
    let (setup, points) = by_flow("eu547-2012", "esob_2900", "");
    let findings = judged(&setup, &mei(&points, FAR, 1.0, Some(2900.0)));
    for (item, value, least, at) in [
        (MEI[0], 0.755_165_631, 0.742_366_590, 97.481_840),
        (MEI[1], 0.721_257_219, 0.703_021_161, 73.111_380),
        (MEI[2], 0.750_164_268, 0.731_231_092, 107.230_024),
    ] {
        let finding = of(&findings, item);
        assert!((finding.value.unwrap() - value).abs() < 1e-8, "{item:?}");
        let low = finding.limit.unwrap().low.unwrap();
        assert!((low - least).abs() < 1e-8, "{item:?} {low}");
        let read = finding.inputs["read_at_flow_m3_s"] * 3600.0;
        assert!((read - at).abs() < 1e-5, "{item:?} {read}");
        assert!((finding.inputs["n_q"] - 25.154_555_449).abs() < 1e-7);
        assert_eq!(finding.verdict, Verdict::Pass);
        assert!(finding.decisive);
        assert_eq!(
            (finding.pack.as_str(), finding.confidence.as_str()),
            ("eu547-2012", "M+")
        );
        assert!(
            finding.clause.starts_with("Annex II, 1 (b)"),
            "{}",
            finding.clause
        );
    }
    // No grade stands beside an index.
    assert!(findings.iter().all(|f| !f.item.is_energy_grade()));
    // 0.755 165 63 / 0.742 366 59 = 1.017 241: at best efficiency just inside, and outside.
    for (power, expected) in [(1.017_240, Verdict::Pass), (1.017_242, Verdict::Fail)] {
        let findings = judged(&setup, &mei(&points, FAR, power, Some(2900.0)));
        let verdicts = MEI.map(|item| of(&findings, item).verdict);
        assert_eq!(
            verdicts,
            [expected, Verdict::Pass, Verdict::Pass],
            "{power}"
        );
        assert_eq!(overall(&findings), expected);
    }
}

#[test]
fn a_load_the_points_do_not_cover_has_no_index_and_says_so() {
    let (setup, points) = by_flow("eu547-2012", "esob_2900", "");
    let near = [
        0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 96.0, 99.0, 103.0,
    ];
    let findings = judged(&setup, &mei(&points, near, 1.0, Some(2900.0)));
    let verdicts = MEI.map(|item| of(&findings, item).verdict);
    assert_eq!(
        verdicts,
        [Verdict::Pass, Verdict::Pass, Verdict::NotEvaluated]
    );
    let why = of(&findings, Item::MeiOverload).reason.as_ref().unwrap();
    assert!(
        why.en.contains("0.00 … 103.00 m³/h and not 107.23 m³/h"),
        "{}",
        why.en
    );
    assert!(why.zh.contains("不外推"), "{}", why.zh);
    // Referred to 2900 r/min from 80 %, the edge of an unchanged efficiency, and from below.
    for (speed_rpm, said) in [
        (2320.0, None),
        (2319.0, Some("may not be taken as unchanged")),
    ] {
        let findings = judged(&setup, &mei(&points, FAR, 1.0, Some(speed_rpm)));
        let finding = of(&findings, Item::MeiBestEfficiency);
        assert_eq!(finding.limit.is_none(), said.is_some(), "{speed_rpm}");
        if let Some(said) = said {
            assert!(finding.reason.as_ref().unwrap().en.contains(said));
            assert_eq!(finding.verdict, Verdict::NotEvaluated);
        }
    }
    // A unit's input power gives no pump efficiency.
    let unit = judged(&setup, &of_a_unit(&points));
    let finding = of(&unit, Item::MeiPartLoad);
    assert_eq!(finding.verdict, Verdict::NotEvaluated);
    let why = &finding.reason.as_ref().unwrap().en;
    assert!(
        why.contains("the pump efficiency was not measured"),
        "{why}"
    );
    // The submersible of the regulation has nine stages, the specimen one.
    let (setup, points) = by_flow("eu547-2012", "mss_2900", "");
    let findings = judged(&setup, &mei(&points, FAR, 1.0, Some(2900.0)));
    let why = &of(&findings, MEI[0]).reason.as_ref().unwrap().en;
    assert!(why.contains("tests a pump of 9 stages"), "{why}");
}

fn of_a_unit(points: &[Point]) -> Vec<Point> {
    let mut points = points.to_vec();
    for point in &mut points {
        point.reduced.as_mut().unwrap().power_kind = PowerKind::MotorInput;
    }
    points
}

#[test]
fn an_order_for_an_index_names_a_type_of_the_pack_and_no_grade() {
    let demo = "[energy]\npack = \"gb32030-2022\"\npump_type = \"well_water_filled\"\nspecified_efficiency = \"58.7 %\"\nsource = { zh = \"演示用声明值，非产品标准数值\", en = \"declared for the demonstration, not a number of the product standard\" }\n";
    for (energy, expected) in [
        ("pump_type = \"mss_2800\"\n", "did you mean \"mss_2900\"?"),
        (
            "pump_type = \"mss_2900\"\nguaranteed_grade = 2\n",
            "an efficiency index and no grades",
        ),
        (
            "pump_type = \"mss_2900\"\nsuction_eyes = 1\n",
            "an efficiency index and no grades",
        ),
    ] {
        let energy = format!("[energy]\npack = \"eu547-2012\"\n{energy}");
        let error = match setup(&[(demo, &energy)]) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("accepted {energy}"),
        };
        assert!(error.contains(expected), "{error}");
    }
}
