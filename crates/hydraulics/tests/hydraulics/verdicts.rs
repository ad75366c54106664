//! Decision rules, editions and what W5 does not show of acceptance.

use crate::{near, pack, per_hour};
use dutypoint_hydraulics::accept::{
    Assessment, Curves, Guarantee, Reason, RelativeUncertainty, Uncertainties, assess, read_point,
    trim,
};
use dutypoint_hydraulics::curve::{Curve, Efficiency};
use dutypoint_hydraulics::decision::{
    Conformity, DecisionRule, Expanded, Guard, Interval, decide, probability_of_conformity,
};
use dutypoint_hydraulics::fit::PolynomialFit;
use dutypoint_hydraulics::pack::{
    Evaluation, Intervals, ReadAt, SmallPowerVariable, Standard, Unagreed,
};
use dutypoint_model::Verdict::{Fail, Inconclusive, NotEvaluated, Pass};

const GUARD: DecisionRule = DecisionRule::GuardBand(Guard { r: 1.0 });
const FOUR: DecisionRule = DecisionRule::NonBinary(Guard { r: 1.0 });

fn at_least(low: f64) -> Interval {
    Interval {
        low: Some(low),
        high: None,
    }
}

/// E19: at least 62.0, U = 0.9 with k = 2.
#[test]
fn e19_by_three_rules() {
    let u = Some(Expanded { u: 0.9, k: 2.0 });
    for (value, simple, guard, conformity) in [
        (62.4, Pass, Fail, Conformity::ConditionalPass),
        (63.5, Pass, Pass, Conformity::Pass),
        (61.2, Fail, Fail, Conformity::ConditionalFail),
        (61.0, Fail, Fail, Conformity::Fail),
        // Both edges of both guard bands: touching counts.
        (62.9, Pass, Pass, Conformity::Pass),
        (62.89, Pass, Fail, Conformity::ConditionalPass),
        (62.0, Pass, Fail, Conformity::ConditionalPass),
        (61.99, Fail, Fail, Conformity::ConditionalFail),
        (61.1, Fail, Fail, Conformity::ConditionalFail),
        (61.09, Fail, Fail, Conformity::Fail),
    ] {
        let by = |rule| decide(rule, value, u, at_least(62.0)).unwrap();
        assert_eq!(
            by(DecisionRule::SimpleAcceptance).verdict,
            simple,
            "{value}"
        );
        assert_eq!(by(GUARD).verdict, guard, "{value}");
        assert_eq!(by(FOUR).conformity, Some(conformity), "{value}");
        assert_eq!(by(FOUR).verdict, conformity.verdict());
        assert_eq!(by(GUARD).acceptance.low, Some(62.0 + 0.9));
        assert_eq!(by(GUARD).conformity, None);
    }
    let below = |value| {
        let u = Expanded { u: 0.9, k: 2.0 };
        100.0 * (1.0 - probability_of_conformity(value, u, at_least(62.0)).unwrap())
    };
    near(below(62.4), 18.7, 1);
    near(below(62.9), 2.28, 2);
}

/// Two-sided, from tables of the normal distribution: ±1 σ hold 68.2689 %, ±2 σ 95.4500 %.
#[test]
fn probability_between_two_limits() {
    let within = |value: f64, k: f64| {
        let limits = Interval {
            low: Some(-1.0),
            high: Some(1.0),
        };
        probability_of_conformity(value, Expanded { u: 2.0, k }, limits).unwrap()
    };
    near(within(0.0, 2.0), 0.682_689_492, 9);
    near(within(0.0, 4.0), 0.954_499_736, 9);
    near(within(1.0, 2.0), 0.477_249_868, 9);
    // Without uncertainty, inside or outside.
    let certain = |value| {
        let u = Expanded { u: 0.0, k: 2.0 };
        probability_of_conformity(value, u, at_least(62.0)).unwrap()
    };
    assert_eq!((certain(62.0), certain(61.0)), (1.0, 0.0));
}

#[test]
fn a_guard_band_needs_an_uncertainty_and_room() {
    let found = decide(GUARD, 62.4, None, at_least(62.0)).unwrap();
    assert_eq!((found.verdict, found.probability), (NotEvaluated, None));
    let narrow = Interval {
        low: Some(97.0),
        high: Some(103.0),
    };
    let wide = Some(Expanded { u: 3.1, k: 2.0 });
    let error = decide(GUARD, 100.0, wide, narrow).unwrap_err().to_string();
    assert!(error.contains("at most half the distance"), "{error}");
    let exact = Some(Expanded { u: 3.0, k: 2.0 });
    assert_eq!(decide(GUARD, 100.0, exact, narrow).unwrap().verdict, Pass);
    for (low, high, u, k) in [
        (103.0, 97.0, 1.0, 2.0),
        (97.0, 103.0, -1.0, 2.0),
        (97.0, 103.0, 1.0, 0.0),
        (f64::NAN, 103.0, 1.0, 2.0),
    ] {
        let limits = Interval {
            low: Some(low),
            high: Some(high),
        };
        assert!(decide(GUARD, 100.0, Some(Expanded { u, k }), limits).is_err());
    }
}

fn k2(pct: f64) -> RelativeUncertainty {
    RelativeUncertainty { pct, k: 2.0 }
}

const NONE: Uncertainties = Uncertainties {
    flow: None,
    head: None,
    efficiency: None,
    power: None,
};

fn guarantee(flow_m3_h: f64, head_m: f64) -> Guarantee {
    Guarantee {
        flow_m3_s: per_hour(flow_m3_h),
        head_m,
        efficiency: None,
        power_w: None,
        shutoff_head_m: None,
    }
}

fn curve(flow_m3_h: &[f64], head: impl Fn(f64) -> f64, degree: usize) -> Curve {
    let flow: Vec<f64> = flow_m3_h.iter().map(|q| per_hour(*q)).collect();
    let head: Vec<f64> = flow_m3_h.iter().map(|q| head(*q)).collect();
    Curve::new(PolynomialFit::new(&flow, &head, degree, false).unwrap())
}

const FLOWS: [f64; 7] = [0.0, 40.0, 60.0, 80.0, 95.0, 104.0, 120.0];

fn judged(
    pack: &Standard,
    rule: &Evaluation,
    grade: &str,
    guarantee: &Guarantee,
    head: &Curve,
    known: &Uncertainties,
) -> Assessment {
    let curves = Curves {
        head,
        power: None,
        efficiency: None,
    };
    let tolerance = pack.tolerance(grade, guarantee.head_m).unwrap();
    assess(rule, tolerance, guarantee, &curves, known).unwrap()
}

/// GB/T 8170: the full value is rounded once to the place its limit is written with, then
/// compared; the limit stays. 1E permits 1.03 · 50.1 m = 51.603 m and 0.97 · 50.1 m = 48.597 m.
#[test]
fn a_rounded_value_is_compared_on_both_sides_of_its_limit() {
    let pack = pack("gbt3216-2016");
    let intervals = |head_m: &str| Intervals {
        flow_m3_h: "0.1".parse().unwrap(),
        head_m: head_m.parse().unwrap(),
        efficiency_pct: "0.1".parse().unwrap(),
        power_kw: "0.01".parse().unwrap(),
        npsh_m: None,
    };
    let by = |head_m: f64, interval: Option<&str>| {
        let rule = Evaluation {
            rounded: interval.map(intervals),
            ..pack.evaluation().unwrap().clone()
        };
        let known = Uncertainties {
            head: Some(k2(1.0)),
            ..NONE
        };
        let flat = curve(&FLOWS, |_| head_m, 1);
        judged(pack, &rule, "1E", &guarantee(100.0, 50.1), &flat, &known)
            .flow_head
            .head
    };
    for (head_m, interval, compared, verdict) in [
        // In full.
        (51.603_4, None, None, Fail),
        (51.603, None, None, Pass),
        (48.596_6, None, None, Fail),
        // To 0.001 m.
        (51.603_4, Some("0.001"), Some(51.603), Pass),
        (51.603_6, Some("0.001"), Some(51.604), Fail),
        (48.596_6, Some("0.001"), Some(48.597), Pass),
        (48.596_4, Some("0.001"), Some(48.596), Fail),
        // Once: by way of 51.5460 and 51.546, 51.55, 51.6 it would be 51.6.
        (51.545_9, Some("0.1"), Some(51.5), Pass),
        // To 0.5 m; the limit of 51.603 m is not rounded with it.
        (51.74, Some("0.5"), Some(51.5), Pass),
        (51.76, Some("0.5"), Some(52.0), Fail),
    ] {
        let found = by(head_m, interval);
        assert_eq!(found.verdict, verdict, "{head_m} {interval:?}");
        match (found.compared, compared) {
            (Some(found), Some(compared)) => assert!((found - compared).abs() < 1e-12),
            (found, compared) => assert_eq!(found, compared),
        }
        // What was found stays what it is.
        assert!((found.value.unwrap() - head_m).abs() < 1e-9);
        let room = found.margin_pct.unwrap();
        assert_eq!(room >= -1e-10, verdict == Pass, "{room}");
    }
    // The rounded value lies on the limit, and touching counts; the probability is of the
    // full one, U = 1 % of it, k = 2: Φ(0.0004/0.258) = 0.4994 outside.
    let touching = by(51.603_4, Some("0.001"));
    assert_eq!(touching.reason, Reason::Touching);
    let inside = touching.probability.unwrap();
    assert!((inside - 0.499_4).abs() < 1e-4, "{inside}");
}

/// Case A of W5 in 1B: H is 2.4 % low of 3 permitted, Q 6.2 % low of 5 permitted.
#[test]
fn guard_bands_on_the_cross() {
    let pack = pack("gbt3216-2016");
    let head = curve(&FLOWS, |q| 58.8 - 0.001 * q * q, 2);
    let by = |decision, head_pct: Option<f64>| {
        let rule = Evaluation {
            decision,
            ..pack.evaluation().unwrap().clone()
        };
        let known = Uncertainties {
            head: head_pct.map(k2),
            flow: Some(k2(1.0)),
            ..NONE
        };
        judged(pack, &rule, "1B", &guarantee(100.0, 50.0), &head, &known).flow_head
    };
    assert_eq!(by(DecisionRule::SimpleAcceptance, None).verdict, Pass);
    // U = 0.5 % of 48.8 m leaves 48.744 m, 1 % leaves 48.988 m.
    assert_eq!(by(GUARD, Some(0.5)).verdict, Pass);
    let rejected = by(GUARD, Some(1.0));
    assert_eq!(rejected.verdict, Fail);
    assert_eq!(rejected.head.reason, Reason::GuardBand);
    let open = by(FOUR, Some(1.0));
    assert_eq!(open.verdict, Inconclusive, "never a pass");
    assert_eq!(open.conformity, Some(Conformity::ConditionalPass));
    let unknown = by(GUARD, None);
    assert_eq!(unknown.head.reason, Reason::NoUncertainty);
    assert_eq!(
        unknown.verdict, Inconclusive,
        "the flow is excluded, the head is not"
    );
}

/// W14: case A by the ellipse; class B gives 1.1118. Class C is printed as 4.0558, from ΔQ
/// rounded to 6.192 m³/h; unrounded, 6.191685 (W5), it is 4.0559.
#[test]
fn w14_the_ellipse_of_the_old_editions() {
    let pack = pack("gb3216-89");
    let rule = pack.evaluation().unwrap();
    let sum = |grade: &str, head: &Curve| {
        let found = judged(pack, rule, grade, &guarantee(100.0, 50.0), head, &NONE);
        (
            found.flow_head.ellipse_sum.unwrap(),
            found.flow_head.verdict,
        )
    };
    let a = curve(&FLOWS, |q| 58.8 - 0.001 * q * q, 2);
    let (c, verdict) = sum("C", &a);
    near(c, 4.0559, 4);
    near(c, 4.0558, 3);
    assert_eq!(verdict, Pass);
    let (b, verdict) = sum("B", &a);
    near(b, 1.1118, 4);
    assert_eq!(verdict, Pass);
    // Case C: ΔH 3.1 m, ΔQ 16.934 m³/h; by hand 0.4163 + 0.1709 in class C.
    let (c, verdict) = sum("C", &curve(&FLOWS, |q| 56.9 - 0.001 * q * q, 2));
    near(c, 0.5871, 4);
    assert_eq!(verdict, Fail);
    // Through the guarantee point there is no distance.
    let (exact, verdict) = sum("B", &curve(&FLOWS, |q| 60.0 - 0.001 * q * q, 2));
    assert!(exact > 1e12);
    assert_eq!(verdict, Pass);
    // Case F without its extra point: the flow is not reached, the head alone decides nothing.
    let (part, verdict) = sum("C", &curve(&FLOWS, |q| 67.0 - 0.001 * q * q, 2));
    near(part, 4.0 / 49.0, 9);
    assert_eq!(verdict, NotEvaluated);
}

/// W15: η = 1.30 Q − 0.0040 Q² − 1.5e−5 Q³ has its largest value at 102.918628 m³/h.
#[test]
fn w15_read_at_the_best_point() {
    let eta = curve(
        &FLOWS,
        |q| (1.3 * q - 0.004 * q * q - 1.5e-5 * q * q * q) / 100.0,
        3,
    );
    let head = curve(&FLOWS, |q| 58.8 - 0.001 * q * q, 2);
    let efficiency = Efficiency::Fitted(eta);
    let read = |guarantee| {
        let curves = Curves {
            head: &head,
            power: None,
            efficiency: Some(&efficiency),
        };
        read_point(ReadAt::AtBep, &guarantee, &curves)
            .unwrap()
            .unwrap()
    };
    let found = read(guarantee(100.0, 50.0));
    near(found.flow_m3_s * 3600.0, 102.918_628, 5);
    near(100.0 * found.efficiency.unwrap(), 75.073_152, 6);
    // Rising to the end of the range, the best point was not measured.
    let rising = Efficiency::Fitted(curve(&FLOWS, |q| q / 200.0, 1));
    let curves = Curves {
        head: &head,
        power: None,
        efficiency: Some(&rising),
    };
    let found = read_point(ReadAt::AtBep, &guarantee(100.0, 50.0), &curves).unwrap();
    assert_eq!(found, None);
}

/// API 610: at 50 m rated, ±10 % at shut-off; below the guarantee only on a curve that rises.
#[test]
fn a_low_shut_off_head_needs_a_curve_that_rises_to_it() {
    let pack = pack("api610-11");
    let rule = pack.evaluation().unwrap();
    let shutoff = |head: &Curve, guaranteed_m: f64| {
        let guarantee = Guarantee {
            shutoff_head_m: Some(guaranteed_m),
            ..guarantee(100.0, 50.0)
        };
        let found = judged(pack, rule, "API 610", &guarantee, head, &NONE);
        (found.rises_to_shutoff, found.shutoff_head.unwrap().verdict)
    };
    let rising = curve(&FLOWS, |q| 60.0 - 0.001 * q * q, 2);
    assert_eq!(shutoff(&rising, 66.0), (Some(true), Pass));
    assert_eq!(
        shutoff(&rising, 67.0),
        (Some(true), Fail),
        "9 % allows 60.3 m"
    );
    // 55 m at shut-off, 57.5 m at 50 m³/h, 50 m at the rated flow.
    let drooping = curve(&FLOWS, |q| 55.0 + 0.15 * q - 0.002 * q * q, 2);
    assert_eq!(shutoff(&drooping, 56.0), (Some(false), Fail));
    assert_eq!(shutoff(&drooping, 55.0), (Some(false), Pass), "not below");
    assert_eq!(
        shutoff(&drooping, 51.0),
        (Some(false), Pass),
        "the upper side is untouched"
    );
    // Rated heads on both sides of each edge of Table 16.
    for (rated_m, pct) in [(75.0, 10.0), (75.001, 8.0), (300.0, 8.0), (300.001, 5.0)] {
        let row = pack.tolerance("API 610", rated_m).unwrap();
        let band = row.shutoff_head_pct.as_ref().unwrap();
        assert_eq!((band.low.percent(), band.high.percent()), (-pct, pct));
    }
}

#[test]
fn a_pump_that_is_too_strong_is_told_its_trim() {
    let strong = curve(&FLOWS, |q| 67.0 - 0.001 * q * q, 2);
    let found = trim(&guarantee(100.0, 50.0), &strong).unwrap().unwrap();
    // The trimmed curve R² a − b Q² passes through the guarantee.
    let r = found.ratio;
    near(r * r * 67.0 - 0.001 * 100.0 * 100.0, 50.0, 9);
    let weak = curve(&FLOWS, |q| 58.8 - 0.001 * q * q, 2);
    assert_eq!(trim(&guarantee(100.0, 50.0), &weak).unwrap(), None);
    let short = curve(&FLOWS[..6], |q| 67.0 - 0.001 * q * q, 2);
    assert_eq!(
        trim(&guarantee(100.0, 50.0), &short).unwrap(),
        None,
        "105.7 m³/h not measured"
    );
}

/// Reference 5.2: the variable changed from driver input to largest shaft power, and the
/// edge at 10 kW from open to closed.
#[test]
fn small_pumps_by_the_variable_of_the_edition() {
    let (old, new) = (pack("gbt3216-2005"), pack("gbt3216-2016"));
    let (old, new) = (old.small_power().unwrap(), new.small_power().unwrap());
    let (input, shaft) = (
        SmallPowerVariable::DriverInput,
        SmallPowerVariable::MaxShaftPower,
    );
    assert_eq!((old.variable, new.variable), (input, shaft));
    assert!(new.tolerance(shaft, 10_000.0).is_ok());
    assert!(old.tolerance(input, 10_000.0).is_err());
    assert!(old.tolerance(input, 9_999.0).is_ok());
    for (rule, variable, other) in [(old, input, shaft), (new, shaft, input)] {
        let eta = rule
            .tolerance(variable, 5_500.0)
            .unwrap()
            .efficiency_min_pct;
        near(eta.unwrap().value.percent(), -11.5, 12);
        let error = rule.tolerance(other, 5_500.0).unwrap_err().to_string();
        assert!(
            error.contains("this edition's rule depends on it"),
            "{error}"
        );
        let error = rule.tolerance(variable, 999.0).unwrap_err().to_string();
        assert!(error.contains("special agreement"), "{error}");
        assert!(rule.tolerance(variable, 1_000.0).is_ok());
    }
}

/// Reference 5.3, both sides of 10 and 100 kW.
#[test]
fn the_grade_by_default() {
    for (id, application, kw, expected) in [
        ("gbt3216-2016", "general_industry", 10.0, None),
        ("gbt3216-2016", "general_industry", 10.001, Some("3B")),
        ("gbt3216-2016", "general_industry", 100.0, Some("3B")),
        ("gbt3216-2016", "general_industry", 100.001, Some("2B")),
        ("gbt3216-2016", "municipal_water", 55.0, Some("2B")),
        ("gbt3216-2016", "municipal_water", 160.0, Some("1B")),
        ("gbt3216-2016", "irrigation", 30.0, Some("3B")),
        ("gbt3216-2016", "slurry", 500.0, Some("3B")),
        ("gbt3216-2016", "electric_power", 11.0, Some("1B")),
        ("gbt3216-2016", "chemical", 200.0, Some("2B")),
        ("hi14.6", "building_hvac", 200.0, Some("1B")),
        ("hi14.6", "dewatering_drainage_irrigation", 20.0, Some("3B")),
        ("hi14.6", "not_listed", 101.0, Some("2B")),
    ] {
        let standard = pack(id);
        let found = standard.unagreed(application, 1000.0 * kw).unwrap();
        match (found, expected) {
            (Unagreed::Grade(row), Some(grade)) => assert_eq!(row.grade, grade, "{application}"),
            (Unagreed::SmallPower(rule), None) => assert!(rule.covers(1000.0 * kw)),
            (other, _) => unreachable!("{application} {kw}: {other:?}"),
        }
    }
    let standard = pack("gbt3216-2016");
    let dash = standard.unagreed("oil_gas_water_injection", 50_000.0);
    assert!(dash.unwrap_err().to_string().contains("at 50 kW"));
    let unknown = standard.unagreed("building_hvac", 50_000.0).unwrap_err();
    assert!(
        unknown.to_string().contains("known: municipal_water"),
        "{unknown}"
    );
    assert_eq!(standard.other_points().unwrap().grade, "3B");
}

/// HI 14.6 has the tolerances of ISO 9906:2012, grade by grade (harmonised, C2).
#[test]
fn hi_and_iso_have_the_same_grades() {
    let (hi, iso) = (pack("hi14.6"), pack("gbt3216-2016"));
    assert_eq!(hi.grades(), iso.grades());
    for grade in iso.grades() {
        let (a, b) = (
            hi.tolerance(grade, 50.0).unwrap(),
            iso.tolerance(grade, 50.0).unwrap(),
        );
        let band = |t: &dutypoint_hydraulics::pack::Tolerance| {
            let pair = |b: &Option<dutypoint_hydraulics::pack::CitedBand<_>>| {
                b.as_ref().map(|b| (b.low, b.high))
            };
            let one =
                |c: &Option<dutypoint_hydraulics::pack::Cited<_>>| c.as_ref().map(|c| c.value);
            (
                pair(&t.flow_pct),
                pair(&t.head_pct),
                one(&t.power_max_pct),
                one(&t.efficiency_min_pct),
            )
        };
        assert_eq!(band(a), band(b), "{grade}");
    }
}
