//! The fit rule of a run: degrees by a criterion, weights from uncertainty, monotone splines.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;
#[path = "common/channels.rs"]
mod fixture;
#[path = "common/points.rs"]
mod points;
#[path = "common/shown.rs"]
mod showing;

use common::{shipped, start, start_with};
use dutypoint_engine::{Setup, assess, curves};
use dutypoint_model::document::{Channels, Finding, FitVariant, Item, Point, Role};
use dutypoint_model::{Outcome, Unit, Verdict};
use fixture::channel;
use points::{DENSITY, FLOWS, GRAVITY, at, point, reduced};
use showing::shown;

const REASON: &str = "reason = { zh = \"约定\", en = \"agreed\" }\n";

/// The demo's bench and order with a `[fit]`; nothing but channels is uncertain.
fn files(fit: &str) -> (String, String) {
    let mut order = shipped("config/orders/demo.toml");
    if !fit.is_empty() {
        order += &format!("\n[fit]\n{fit}\n{REASON}");
    }
    let bench = shipped("config/benches/demo.toml");
    let from = bench.find("[uncertainty]").unwrap();
    let to = from + bench[from..].find("\n# Bench seconds").unwrap();
    (format!("{}{}", &bench[..from], &bench[to..]), order)
}

/// With the judging pack changed.
fn opened(fit: &str, change: impl Fn(String) -> String) -> Result<Setup, dutypoint_engine::Error> {
    let (bench, order) = files(fit);
    let (start, files) = start_with(&bench, &order, |id, text| match id {
        "gbt3216-2016" => change(text),
        _ => text,
    });
    Setup::open(&start, &files)
}

fn setup(fit: &str) -> Setup {
    let (bench, order) = files(fit);
    let (start, files) = start(&bench, &order);
    Setup::open(&start, &files).unwrap()
}

fn refused(fit: &str, change: impl Fn(String) -> String) -> String {
    opened(fit, change).unwrap_err().to_string()
}

/// The demo's pump with 0.5 m of scatter about its head, in turn.
fn scattered() -> Vec<Point> {
    let turn = [0.5, -0.5].into_iter().cycle();
    let points = (1..).zip(FLOWS).zip(turn);
    points
        .map(|((number, q), scatter_m)| {
            let exact = reduced(q);
            point(number, at(q, exact.head_m + scatter_m, exact.power_w))
        })
        .collect()
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

fn fits(variants: &[FitVariant]) -> Vec<(&str, bool)> {
    let named = variants.iter().map(|v| (v.fit.as_str(), v.admissible));
    named.collect()
}

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance,
        "found {found}, expected {expected}"
    );
}

/// Expected: exact rational least squares of the thirteen heads, and AICc of their squares.
#[test]
fn the_criterion_chooses_the_degree_and_says_what_it_looked_at() {
    let setup = setup("chosen_by = \"aicc_then_f\"");
    let findings = judged(&setup, &scattered());
    let head = of(&findings, Item::HeadAtFlow);
    assert_eq!(head.inputs["head_degree"], 2.0);
    assert_eq!(head.inputs["power_degree"], 2.0);
    for (degree, aicc) in [
        (2, -5.630_508_835_346_394),
        (3, -0.064_502_194_992_593_69),
        (4, 6.436_184_411_793_228),
    ] {
        let found = head.inputs[&format!("head_degree_{degree}_aicc")];
        near(found, aicc, 1e-9);
        assert!(head.inputs.contains_key(&format!("head_degree_{degree}_f")));
    }
    // The neighbours are those of the degree chosen.
    assert_eq!(fits(&head.variants), [("H1", false), ("H3", true)]);
    near(
        head.variants[1].value.unwrap(),
        105.249_407_231_929_85,
        1e-9,
    );
    let unit = of(&findings, Item::UnitEfficiency);
    assert_eq!(
        fits(&unit.variants),
        [
            ("H1 P1 η=ρgQH/P", false),
            ("H3 P3 η=ρgQH/P", true),
            ("H2 P2 η2", false)
        ]
    );
}

#[test]
fn a_pack_may_leave_the_degree_to_the_criterion() {
    let by_pack = |text: String| {
        let degree = "default_degree = 3\n";
        assert!(text.contains(degree));
        text.replacen(degree, "chosen_by = \"aicc_then_f\"\n", 1)
    };
    let findings = judged(&opened("", by_pack).unwrap(), &scattered());
    assert_eq!(of(&findings, Item::HeadAtFlow).inputs["head_degree"], 2.0);
    let both = |text: String| {
        let degree = "default_degree = 3\n";
        text.replacen(degree, &format!("{degree}chosen_by = \"aicc_then_f\"\n"), 1)
    };
    let why = refused("", both);
    assert!(
        why.contains("has both a default degree and a criterion"),
        "{why}"
    );
}

#[test]
fn too_few_points_for_the_criterion_are_told() {
    let findings = judged(&setup("chosen_by = \"aicc_then_f\""), &scattered()[7..12]);
    let flow_head = of(&findings, Item::FlowHead);
    assert_eq!(flow_head.verdict, Verdict::NotEvaluated);
    let why = &flow_head.reason.as_ref().unwrap().en;
    assert!(
        why.contains("degree by the corrected Akaike criterion"),
        "{why}"
    );
}

/// Where not every curve may follow, those that may still do: with H of degree 3 and P of 4,
/// the highest the pack admits, the fourth degree of H is a neighbour.
#[test]
fn a_curve_that_may_not_follow_does_not_hide_the_neighbour_of_another() {
    let findings = judged(&setup("head_degree = 3\npower_degree = 4"), &scattered());
    let head = of(&findings, Item::HeadAtFlow);
    assert_eq!(fits(&head.variants), [("H2", true), ("H4", true)]);
    let unit = of(&findings, Item::UnitEfficiency);
    assert_eq!(
        fits(&unit.variants),
        [
            ("H2 P3 η=ρgQH/P", true),
            ("H4 P5 η=ρgQH/P", false),
            ("H4 P4 η=ρgQH/P", true),
            ("H3 P4 η3", false)
        ]
    );
}

/// Only the gauge is uncertain, by 1 % of its reading (k = 2), and all of the head is its:
/// weights go with 1/H². Expected: exact rational least squares with these weights.
#[test]
fn points_weigh_by_the_uncertainty_of_what_they_measure() {
    let mut channels = Channels::default();
    for (name, role, unit, u_reading_pct) in [
        ("q", Role::Flow, Unit::CubicMetrePerHour, 0.0),
        ("p2", Role::OutletPressure, Unit::Pascal, 1.0),
        ("level", Role::WaterLevel, Unit::Metre, 0.0),
        ("p", Role::InputPower, Unit::Watt, 0.3),
    ] {
        let mut channel = channel(name, role, unit);
        channel.instrument.calibration.u_reading_pct = u_reading_pct;
        channels.channels.push(channel);
    }
    let mut points = scattered();
    for point in &mut points {
        let reduced = point.reduced.as_ref().unwrap();
        point.channels = vec![
            shown("q", reduced.flow_m3_s, 0.0),
            shown("p2", reduced.head_m * DENSITY * GRAVITY, 0.0),
            shown("level", 0.0, 0.0),
            shown("p", reduced.power_w, 0.0),
        ];
    }
    let accepted: Vec<&Point> = points.iter().collect();
    let head = |weighting: &str| {
        let fit = format!("head_degree = 3\npower_degree = 3\nweighting = \"{weighting}\"");
        let setup = setup(&fit);
        let curves = curves(&setup, &channels, &accepted).unwrap();
        curves.head.evaluate(32.0 / 3600.0).unwrap()
    };
    near(head("from_uncertainty"), 105.209_125_740_891_88, 1e-9);
    near(head("equal"), 105.249_407_231_929_85, 1e-9);

    // A point that states no uncertainty cannot be weighed: nothing is judged, and it says so.
    for point in &mut points {
        point.channels[3].mean = 0.0;
    }
    let weighted = setup("head_degree = 3\npower_degree = 3\nweighting = \"from_uncertainty\"");
    let findings = assess(&weighted, &channels, &points, Outcome::Completed).unwrap();
    let flow_head = of(&findings, Item::FlowHead);
    assert_eq!(flow_head.verdict, Verdict::NotEvaluated);
    let why = &flow_head.reason.as_ref().unwrap().en;
    assert!(
        why.contains("standard uncertainty of the power in W"),
        "{why}"
    );
}

/// A spline passes through its points: with one at the guaranteed flow, its head is the head.
#[test]
fn a_monotone_spline_stands_in_for_the_polynomial_where_the_pack_admits_it() {
    let spline = "curve = \"monotone_spline\"";
    let mut points = scattered();
    points[9] = point(10, at(32.0, 101.0, 9000.0 + 190.0 * 32.0));
    let findings = judged(&setup(spline), &points);
    let head = of(&findings, Item::HeadAtFlow);
    near(head.value.unwrap(), 101.0, 1e-12);
    assert_eq!(head.inputs["head_spline"], 1.0);
    assert!(!head.inputs.contains_key("head_degree"));
    // Beside it stands the polynomial of the pack, which decides with it.
    assert_eq!(fits(&head.variants), [("H3", true)]);
    assert_eq!(head.verdict, Verdict::Pass);

    // 98.7 m is below 98.8 m, 5 % under the guarantee; the polynomial lies well above.
    points[9] = point(10, at(32.0, 98.7, 9000.0 + 190.0 * 32.0));
    let findings = judged(&setup(spline), &points);
    let head = of(&findings, Item::HeadAtFlow);
    assert_eq!(head.verdict, Verdict::Inconclusive);
    let why = &head.reason.as_ref().unwrap().en;
    assert!(why.starts_with("depends on the fit: H3 "), "{why}");

    let without = |text: String| text.replacen("monotone_spline = true\n", "", 1);
    let why = refused(spline, without);
    assert!(why.contains("does not admit a monotone spline"), "{why}");
}

#[test]
fn a_fit_that_contradicts_itself_or_the_pack_is_refused_with_what_to_change() {
    for (fit, what) in [
        ("head_degree = 3", "name `head_degree` and `power_degree`"),
        (
            "chosen_by = \"aicc_then_f\"\nhead_degree = 3",
            "leaves no degree to name",
        ),
        (
            "chosen_by = \"aicc_then_f\"\ndegrees = [2, 6]",
            "[2, 6] is not inside the degrees 2 … 4",
        ),
        (
            "chosen_by = \"aicc_then_f\"\ndegrees = [4, 2]",
            "is not inside",
        ),
        (
            "curve = \"monotone_spline\"\nweighting = \"from_uncertainty\"",
            "nothing can weigh",
        ),
        (
            "curve = \"monotone_spline\"\nchosen_by = \"aicc_then_f\"",
            "leaves no degree to name",
        ),
        (
            "head_degree = 3\npower_degree = 3\ndegrees = [2, 4]",
            "goes with `chosen_by` or a spline",
        ),
    ] {
        let why = refused(fit, |text| text);
        assert!(why.contains(what), "{fit}: {why}");
        assert!(why.contains("order.toml line"), "{fit}: {why}");
    }
}
