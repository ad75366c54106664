//! Energy grades and the reported quantities of a submersible unit on the demo's bench.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/points.rs"]
mod demo;
mod mei;

use common::{shipped, start};
use demo::{DENSITY, FLOWS, GRAVITY, at, point, reduced};
use dutypoint_engine::{Setup, assess};
use dutypoint_model::document::{Channels, Finding, Item, Point, PowerKind, Reduced};
use dutypoint_model::{Outcome, Verdict};

/// The demo's order with `changes` of its text.
fn setup(changes: &[(&str, &str)]) -> Result<Setup, dutypoint_engine::Error> {
    let mut order = shipped("config/orders/demo.toml").replacen(
        "specified_efficiency = \"58 %\"",
        SPECIFIED,
        1,
    );
    for (from, to) in changes {
        assert!(order.contains(from), "{from}");
        order = order.replacen(from, to, 1);
    }
    let (start, files) = start(&shipped("config/benches/demo.toml"), &order);
    Setup::open(&start, &files)
}

const SPECIFIED: &str = "specified_efficiency = \"58.7 %\"";

/// Points whose unit efficiency is `percent` at 32 m³/h: H = 138 − 0.032 Q² m and
/// P1 = 9 kW + k Q, so that the fits are exact.
fn points(percent: f64, hertz: f64) -> Vec<Point> {
    let head_m = |q: f64| reduced(q).head_m;
    let at_32 = DENSITY * GRAVITY * 32.0 / 3600.0 * head_m(32.0);
    let slope = (at_32 / (percent / 100.0) - 9000.0) / 32.0;
    let points = (1..).zip(FLOWS).map(|(number, q)| {
        let reduced = Reduced {
            speed_rpm: Some(2868.0),
            frequency_hz: Some(hertz),
            current_a: Some(31.2),
            ..at(q, head_m(q), 9000.0 + slope * q)
        };
        point(number, reduced)
    });
    points.collect()
}

fn judged(setup: &Setup, points: &[Point]) -> Vec<Finding> {
    assess(setup, &Channels::default(), points, Outcome::Completed).unwrap()
}

fn of(findings: &[Finding], item: Item) -> &Finding {
    match findings.iter().find(|f| f.item == item) {
        Some(finding) => finding,
        None => panic!("no finding about {item:?}"),
    }
}

fn overall(findings: &[Finding]) -> Verdict {
    Verdict::all(findings.iter().filter(|f| f.decisive).map(|f| f.verdict))
}

fn verdicts(findings: &[Finding]) -> [Verdict; 3] {
    [Item::EnergyGrade1, Item::EnergyGrade2, Item::EnergyGrade3].map(|i| of(findings, i).verdict)
}

#[test]
fn e8_b_in_a_run_grade_3_by_full_values_although_60_76_prints_as_60_8() {
    // η_DB 59.5 %, Δη 2.5, 13 kW, water-filled: 62.0 / 60.8 / 57.0.
    let setup = setup(&[
        ("motor_power = \"15 kW\"", "motor_power = \"13 kW\""),
        (
            SPECIFIED,
            "specified_efficiency = \"59.5 %\"\ntolerance_points = 2.5",
        ),
    ])
    .unwrap();
    let findings = judged(&setup, &points(60.76, 50.0));
    for (item, limit) in [
        (Item::EnergyGrade1, 0.62),
        (Item::EnergyGrade2, 0.608),
        (Item::EnergyGrade3, 0.57),
    ] {
        let finding = of(&findings, item);
        let low = finding.limit.unwrap().low.unwrap();
        assert!((low - limit).abs() < 1e-12, "{item:?} {low}");
        let value = finding.value.unwrap();
        assert!((value - 0.6076).abs() < 1e-9, "{value}");
        assert!((finding.margin.unwrap() - (value - low)).abs() < 1e-15);
        assert_eq!(
            finding.variants.len(),
            3,
            "degrees 2 and 4, and η by itself"
        );
        assert_eq!(finding.pack, "gb32030-2022");
        assert!(finding.clause.starts_with("Table 4"), "{}", finding.clause);
        assert_eq!(finding.confidence, "C1");
    }
    assert_eq!(
        verdicts(&findings),
        [Verdict::Fail, Verdict::Fail, Verdict::Pass]
    );
    let third = of(&findings, Item::EnergyGrade3);
    let why = &third.reason.as_ref().unwrap().en;
    assert!(why.starts_with("energy grade 3; "), "{why}");
    assert!(
        why.contains("declared by the order, not established by this centre"),
        "{why}"
    );
    // Missing a grade that nobody guarantees fails nothing, and is not called a failure.
    let first = of(&findings, Item::EnergyGrade1);
    assert!(!first.decisive);
    assert_eq!(first.say(first.verdict).en, "Not reached");
    assert!(third.decisive);
    assert_eq!(third.say(third.verdict).en, "Pass");
    assert_eq!(overall(&findings), Verdict::Pass);
}

#[test]
fn below_the_mandatory_line_fails_and_a_guaranteed_grade_must_be_reached() {
    let declared = (
        SPECIFIED,
        "specified_efficiency = \"59 %\"\ntolerance_points = 1.5",
    );
    // Line 3 at 57.5 %; the guarantee of 59.5 % − 5 % = 56.525 % still passes at 57.4 %.
    let setup_3 = setup(&[declared]).unwrap();
    let low = judged(&setup_3, &points(57.4, 50.0));
    assert_eq!(of(&low, Item::UnitEfficiency).verdict, Verdict::Pass);
    assert_eq!(of(&low, Item::EnergyGrade3).verdict, Verdict::Fail);
    assert_eq!(overall(&low), Verdict::Fail);
    // η_DB 58.7 %: grade 2 from 60.0 %, grade 1 from 61.2 %.
    for (guaranteed, expected) in [(1, Verdict::Fail), (2, Verdict::Pass)] {
        let text = format!("{SPECIFIED}\nguaranteed_grade = {guaranteed}");
        let setup = setup(&[(SPECIFIED, &text)]).unwrap();
        let findings = judged(&setup, &points(60.9, 50.0));
        assert_eq!(overall(&findings), expected, "grade {guaranteed}");
        assert_eq!(
            verdicts(&findings),
            [Verdict::Fail, Verdict::Pass, Verdict::NotEvaluated]
        );
    }
}

#[test]
fn without_a_tolerance_grade_3_is_not_evaluated_and_says_why_in_both_languages() {
    let setup = setup(&[]).unwrap();
    let findings = judged(&setup, &points(60.9, 50.0));
    let third = of(&findings, Item::EnergyGrade3);
    assert_eq!((third.verdict, third.limit), (Verdict::NotEvaluated, None));
    assert!(!third.decisive, "an unknown limit fails nobody");
    let why = third.reason.as_ref().unwrap();
    assert!(why.en.contains("tolerance Δη is not known"), "{}", why.en);
    assert!(why.zh.contains("Δη 未知"), "{}", why.zh);
    assert_eq!(overall(&findings), Verdict::Pass);
    // Below η_DB nothing more can be said than that grades 1 and 2 are not reached.
    let worse = judged(&setup, &points(58.0, 50.0));
    assert_eq!(
        verdicts(&worse),
        [Verdict::Fail, Verdict::Fail, Verdict::NotEvaluated]
    );
}

#[test]
fn a_supply_outside_its_window_bars_the_grades_too() {
    let setup = setup(&[]).unwrap();
    let findings = judged(&setup, &points(60.9, 49.0));
    assert_eq!(verdicts(&findings), [Verdict::NotEvaluated; 3]);
    let second = of(&findings, Item::EnergyGrade2);
    let why = &second.reason.as_ref().unwrap().en;
    assert!(why.contains("frequency departs"), "{why}");
    assert!(why.contains("declared by the order"), "{why}");
    assert!(
        second
            .variants
            .iter()
            .all(|v| v.verdict == Verdict::NotEvaluated)
    );
}

#[test]
fn an_order_that_no_table_can_grade_is_refused() {
    for (from, to, expected) in [
        (
            "pump_type = \"well_water_filled\"",
            "pump_type = \"well_water\"",
            "unknown pump type \"well_water\" of pack gb32030-2022; did you mean",
        ),
        (
            "motor_power = \"15 kW\"\n",
            "",
            "add `motor_power` to [specimen]",
        ),
        (
            "pump_type = \"well_water_filled\"",
            "pump_type = \"small_qy\"",
            "has no band for \"small_qy\" with a motor of 30 kW",
        ),
        (
            "pump_type = \"well_water_filled\"",
            "pump_type = \"well_single_phase\"\nguaranteed_grade = 2",
            "does not grade \"well_single_phase\"",
        ),
        (
            SPECIFIED,
            "specified_efficiency = \"590 %\"",
            "is outside 0 … 100 %",
        ),
        (
            SPECIFIED,
            "specified_efficiency = \"59 %\"\nguaranteed_grade = 4",
            "4 is no energy grade",
        ),
    ] {
        let power = if expected.contains("30 kW") {
            vec![("motor_power = \"15 kW\"", "motor_power = \"30 kW\"")]
        } else {
            Vec::new()
        };
        let changes: Vec<(&str, &str)> = power.into_iter().chain([(from, to)]).collect();
        let error = match setup(&changes) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("accepted {to}"),
        };
        assert!(error.contains(expected), "{error}");
        assert!(error.contains("order.toml line"), "{error}");
    }
}

/// The demo's order for a pump by itself, graded by `pack` as `pump_type`, and points of a
/// test that measured shaft power: H = 62 − 0.0012 Q² m and P2 = 8 kW + 100 W h/m³ · Q.
fn by_flow(pack: &str, pump_type: &str, more: &str) -> (Setup, Vec<Point>) {
    let energy = format!("[energy]\npack = \"{pack}\"\npump_type = \"{pump_type}\"\n{more}");
    let setup = setup(&[
        ("flow = \"32 m3/h\"", "flow = \"100 m3/h\""),
        ("head = \"104 m\"", "head = \"50 m\""),
        ("unit_efficiency = \"59.5 %\"\n", ""),
        ("stages = 8", "stages = 1"),
        ("motor_power = \"15 kW\"", "motor_power = \"22 kW\"\nspeed = \"2900 r/min\""),
        ("[energy]\npack = \"gb32030-2022\"\npump_type = \"well_water_filled\"\nspecified_efficiency = \"58.7 %\"\nsource = { zh = \"演示用声明值，非产品标准数值\", en = \"declared for the demonstration, not a number of the product standard\" }\n", &energy),
    ])
    .unwrap();
    let mut points = points(60.0, 50.0);
    let flows = [
        0.0, 15.0, 30.0, 45.0, 60.0, 70.0, 80.0, 90.0, 97.0, 103.0, 115.0, 130.0, 150.0,
    ];
    for (q, point) in flows.into_iter().zip(&mut points) {
        let reduced = point.reduced.as_mut().unwrap();
        reduced.flow_m3_s = q / 3600.0;
        reduced.head_m = 62.0 - 0.0012 * q * q;
        reduced.power_kind = PowerKind::Shaft;
        reduced.power_w = 8000.0 + 100.0 * q;
        reduced.speed_rpm = Some(2900.0);
        reduced.efficiency = 998.6 * 9.79627 * reduced.flow_m3_s * reduced.head_m / reduced.power_w;
    }
    (setup, points)
}

#[test]
fn the_lines_of_2007_are_those_of_the_specified_point() {
    let (setup, points) = by_flow("gb19762-2007", "single_suction", "");
    let findings = judged(&setup, &points);
    // η at 100 m³/h: 998.6 · 9.79627 · 100/3600 · 50 / 18 kW.
    let eta = 998.6 * 9.79627 * 100.0 / 3600.0 * 50.0 / 18_000.0;
    // n_s 93.8236 (E2's duty); reference 78.0 %, correction between 2.0 at 90 and 1.5 at 95.
    let correction = 2.0 - 0.5 * (93.823_603_448_6 - 90.0) / 5.0;
    for (item, added) in [
        (Item::EnergyGrade1, 2.0),
        (Item::EnergyGrade2, -2.0),
        (Item::EnergyGrade3, -3.0),
    ] {
        let finding = of(&findings, item);
        let low = finding.limit.unwrap().low.unwrap();
        assert!(
            (low - (78.0 - correction + added) / 100.0).abs() < 1e-9,
            "{item:?} {low}"
        );
        assert!((finding.value.unwrap() - eta).abs() < 1e-9);
        assert_eq!(finding.formula, "energy-grade.reference-efficiency.v1");
        assert!((finding.inputs["specific_speed"] - 93.823_603_448_6).abs() < 1e-8);
        assert!((finding.inputs["correction_points"] - correction).abs() < 1e-9);
        assert!(
            finding.clause.contains("5 ≤ Q ≤ 300 m³/h"),
            "{}",
            finding.clause
        );
        assert_eq!(finding.confidence, "M");
    }
    // 75.48 % lies between the target of 74.38 % and the energy-saving value of 78.38 %.
    assert_eq!(
        verdicts(&findings),
        [Verdict::Fail, Verdict::Pass, Verdict::Pass]
    );
}

#[test]
fn the_lines_of_2025_are_those_of_best_efficiency_for_every_fit() {
    let (setup, points) = by_flow("gb19762-2025", "single_suction", "guaranteed_grade = 3\n");
    let findings = judged(&setup, &points);
    let third = of(&findings, Item::EnergyGrade3);
    assert_eq!(third.formula, "energy-grade.log-quadratic.v1");
    // dη/dQ = 0 of Q (62 − 0.0012 Q²)/(8000 + 100 Q): 62·8000 − 28.8 Q² − 0.24 Q³ = 0.
    let q = third.inputs["read_at_flow_m3_s"] * 3600.0;
    let slope = 62.0 * 8000.0 - 3.0 * 0.0012 * 8000.0 * q * q - 2.0 * 0.0012 * 100.0 * q * q * q;
    assert!(slope.abs() < 1.0, "{q} m³/h, slope {slope}");
    let head = 62.0 - 0.0012 * q * q;
    assert!((third.inputs["read_at_head_m"] - head).abs() < 1e-9);
    let n_s = 3.65 * 2900.0 * (q / 3600.0).sqrt() / (head.sqrt() * head.sqrt().sqrt());
    assert!((third.inputs["specific_speed"] - n_s).abs() < 1e-9);
    let (x, y) = (libm::log(n_s), libm::log(q));
    let base = -8.44 * x * x - 0.48 * y * y + 0.09 * x * y + 84.63 * x + 8.5 * y;
    let low = third.limit.unwrap().low.unwrap();
    assert!((low - (base - 168.33) / 100.0).abs() < 1e-9, "{low}");
    let eta = 998.6 * 9.79627 * q / 3600.0 * head / (8000.0 + 100.0 * q);
    assert!((third.value.unwrap() - eta).abs() < 1e-9);
    assert!((third.margin.unwrap() - (eta - low)).abs() < 1e-12);
    assert!(third.decisive && third.verdict == Verdict::Pass);
    assert_eq!(third.variants.len(), 3);
    let why = &third.reason.as_ref().unwrap().en;
    assert!(why.starts_with("energy grade 3"), "{why}");
}

#[test]
fn a_unit_or_a_flow_outside_the_standard_is_not_graded_and_says_why() {
    let (setup, mut points) = by_flow("gb19762-2025", "single_suction", "");
    for point in &mut points {
        point.reduced.as_mut().unwrap().power_kind = PowerKind::MotorInput;
    }
    let findings = judged(&setup, &points);
    assert_eq!(verdicts(&findings), [Verdict::NotEvaluated; 3]);
    let third = of(&findings, Item::EnergyGrade3);
    let why = &third.reason.as_ref().unwrap().en;
    assert!(
        why.contains("the pump efficiency was not measured"),
        "{why}"
    );
    assert!(!third.decisive && third.limit.is_none());

    // Double suction begins at 50 m³/h; with flows of 0.4 best efficiency lies at 39 m³/h.
    let (setup, mut points) = by_flow("gb19762-2025", "double_suction", "");
    for point in &mut points {
        let reduced = point.reduced.as_mut().unwrap();
        reduced.flow_m3_s *= 0.4;
    }
    let findings = judged(&setup, &points);
    let third = of(&findings, Item::EnergyGrade3);
    assert_eq!(third.verdict, Verdict::NotEvaluated);
    let why = &third.reason.as_ref().unwrap().en;
    assert!(
        why.contains("outside the standard: flow in m³/h = 38.99"),
        "{why}"
    );
}

#[test]
fn what_a_grade_by_flow_needs_is_asked_for_and_what_it_does_not_is_refused() {
    let energy = "pack = \"gb32030-2022\"\npump_type = \"well_water_filled\"\nspecified_efficiency = \"58.7 %\"";
    let by =
        |pump: &str, more: &str| format!("pack = \"gb19762-2025\"\npump_type = \"{pump}\"{more}");
    let speed = (
        "motor_power = \"15 kW\"",
        "motor_power = \"15 kW\"\nspeed = \"2900 r/min\"",
    );
    for (changes, expected) in [
        (
            vec![(energy, by("multistage", ""))],
            "add `speed` to [specimen]",
        ),
        (
            vec![(speed.0, speed.1.into()), (energy, by("multistage", ""))],
            "1 for single or 2 for double",
        ),
        (
            vec![
                (speed.0, speed.1.into()),
                (energy, by("single_suction", "")),
            ],
            "number of stages = 8",
        ),
        (
            vec![
                (speed.0, speed.1.into()),
                (
                    energy,
                    by("multistage", "\nspecified_efficiency = \"58.7 %\""),
                ),
            ],
            "grades by flow and specific speed; leave it out",
        ),
        (
            vec![(
                energy,
                "pack = \"gb32030-2022\"\npump_type = \"well_water_filled\"".into(),
            )],
            "add `specified_efficiency`",
        ),
        (
            vec![(energy, format!("{energy}\nsuction_eyes = 1"))],
            "do not ask for suction eyes",
        ),
    ] {
        let changes: Vec<(&str, &str)> = changes.iter().map(|(a, b)| (*a, b.as_str())).collect();
        let error = match setup(&changes) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("accepted {changes:?}"),
        };
        assert!(error.contains(expected), "{error}");
        assert!(error.contains("order.toml line"), "{error}");
    }
}

#[test]
fn reported_quantities_are_those_at_the_guaranteed_flow_and_are_judged_by_nothing() {
    let setup = setup(&[]).unwrap();
    let findings = judged(&setup, &points(60.0, 50.0));
    let value = |item| of(&findings, item).value.unwrap();
    // ρ g Q H = 998.6 · 9.79627 · 32/3600 · 105.232 = 9150.6 W, over 0.60.
    let expected = 998.6 * 9.79627 * 32.0 / 3600.0 * 105.232 / 0.60;
    assert!((value(Item::InputPower) - expected).abs() < 1e-6);
    assert!((value(Item::Current) - 31.2).abs() < 1e-9);
    assert!((value(Item::Speed) - 2868.0).abs() < 1e-7);
    // E11: 2868 r/min at 50 Hz is a slip of 0.0440.
    assert!((value(Item::Slip) - 0.044).abs() < 1e-9);
    let cos_phi = expected / (3.0_f64.sqrt() * 380.0 * 31.2);
    assert!((value(Item::PowerFactor) - cos_phi).abs() < 1e-9);
    for item in [
        Item::InputPower,
        Item::Current,
        Item::Speed,
        Item::Slip,
        Item::PowerFactor,
        Item::NotTested,
    ] {
        let finding = of(&findings, item);
        assert!(!finding.decisive);
        assert_eq!(finding.verdict, Verdict::NotEvaluated);
        assert!(finding.reason.is_some());
        assert_eq!(finding.pack, "gbt12785-2014");
    }
    let untested = &of(&findings, Item::NotTested).reason.as_ref().unwrap().en;
    assert!(untested.starts_with("not tested: "), "{untested}");
    assert!(untested.contains("Locked-rotor test"), "{untested}");
}

#[test]
fn an_input_below_the_rating_proves_the_motor_not_overloaded_and_a_larger_one_nothing() {
    // P(Q) rises, so the largest input of 70 … 130 % is that at 41.6 m³/h: with 60 % at
    // 32 m³/h 15.25 kW there, 9 kW + 41.6 · 0.19533 = 17.126 kW.
    for (rated, verdict) in [("15 kW", Verdict::NotEvaluated), ("18.5 kW", Verdict::Pass)] {
        let power = format!("motor_power = \"{rated}\"");
        let setup = setup(&[("motor_power = \"15 kW\"", &power)]).unwrap();
        let findings = judged(&setup, &points(60.0, 50.0));
        let load = of(&findings, Item::MotorLoad);
        assert_eq!(load.verdict, verdict, "{rated}");
        let at_32 = 998.6 * 9.79627 * 32.0 / 3600.0 * 105.232 / 0.60;
        let largest = 9000.0 + 1.3 * (at_32 - 9000.0);
        assert!((load.value.unwrap() - largest).abs() < 1e-6);
        assert!(!load.decisive);
    }
}

#[test]
fn a_guaranteed_shut_off_head_is_judged_where_the_pack_has_a_band_and_said_otherwise() {
    let setup = setup(&[(
        "unit_efficiency = \"59.5 %\"",
        "unit_efficiency = \"59.5 %\"\nshutoff_head = \"138 m\"",
    )])
    .unwrap();
    let findings = judged(&setup, &points(60.0, 50.0));
    let head = of(&findings, Item::ShutOffHead);
    assert!((head.value.unwrap() - 138.0).abs() < 1e-9);
    assert_eq!(head.verdict, Verdict::NotEvaluated);
    assert_eq!(head.reason.as_ref().unwrap().en, "the pack states no limit");
    assert_eq!(
        overall(&findings),
        Verdict::NotEvaluated,
        "it was guaranteed"
    );
}
