//! W5: verdicts on analytic curves in every grade; W7; E20; API 610.

use crate::fits::lmv311;
use crate::{api610, gbt3216, near, per_hour};
use dutypoint_hydraulics::Error;
use dutypoint_hydraulics::accept::{
    self, Assessment, Curves, FlowHead, Guarantee, Reason, Uncertainties, read_point,
};
use dutypoint_hydraulics::curve::{Curve, Efficiency, EfficiencyCurve};
use dutypoint_hydraulics::fit::PolynomialFit;
use dutypoint_hydraulics::pack::{Evaluation, ReadAt, SmallPowerVariable, Tolerance};
use dutypoint_model::Verdict::{Fail, Inconclusive, NotEvaluated, Pass};

/// By the pack's own rule, without uncertainties.
fn assess(
    evaluation: &Evaluation,
    tolerance: &Tolerance,
    guarantee: &Guarantee,
    curves: &Curves<'_>,
) -> Result<Assessment, Error> {
    let none = Uncertainties::default();
    accept::assess(evaluation, tolerance, guarantee, curves, &none)
}

fn flow_and_head(
    tolerance: &Tolerance,
    guarantee: &Guarantee,
    head: &Curve,
) -> Result<FlowHead, Error> {
    let pack = gbt3216();
    let none = Uncertainties::default();
    accept::flow_and_head(pack.evaluation()?, tolerance, guarantee, head, &none)
}

const SHAFT: SmallPowerVariable = SmallPowerVariable::MaxShaftPower;

/// One analytic curve `H = a − b Q²`, Q in m³/h.
struct Case {
    name: &'static str,
    a: f64,
    b: f64,
    guarantee: (f64, f64),
    scale: f64,
    extra: Option<f64>,
}

const fn case(name: &'static str, a: f64, b: f64) -> Case {
    Case {
        name,
        a,
        b,
        guarantee: (100.0, 50.0),
        scale: 1.0,
        extra: None,
    }
}

const A: Case = case("A", 58.8, 0.001);
const B: Case = Case {
    guarantee: (1400.0, 6.6),
    scale: 14.0,
    ..case("B", 14.0, 4e-6)
};
const C: Case = case("C", 56.9, 0.001);
const D: Case = case("D", 68.05, 0.002);
const E: Case = case("E", 62.0, 0.001);
const F: Case = Case {
    extra: Some(132.0),
    ..case("F", 67.0, 0.001)
};

impl Case {
    fn flows_m3_h(&self) -> Vec<f64> {
        let mut q = vec![0.0, 40.0, 60.0, 80.0, 95.0, 104.0, 120.0];
        q.extend(self.extra);
        q.iter().map(|q| q * self.scale).collect()
    }

    fn curve(&self, degree: usize) -> Curve {
        let q = self.flows_m3_h();
        let head: Vec<f64> = q.iter().map(|q| self.a - self.b * q * q).collect();
        let flow: Vec<f64> = q.iter().map(|q| per_hour(*q)).collect();
        Curve::new(PolynomialFit::new(&flow, &head, degree, false).unwrap())
    }

    fn guarantee(&self) -> Guarantee {
        Guarantee {
            flow_m3_s: per_hour(self.guarantee.0),
            head_m: self.guarantee.1,
            efficiency: None,
            power_w: None,
            shutoff_head_m: None,
        }
    }
}

fn all_tolerances() -> Vec<Tolerance> {
    let pack = gbt3216();
    let mut tolerances: Vec<Tolerance> = ["1U", "1E", "1B", "2B", "2U", "3B"]
        .map(|grade| pack.tolerance(grade, 50.0).unwrap().clone())
        .to_vec();
    tolerances.push(
        pack.small_power()
            .unwrap()
            .tolerance(SHAFT, 10_000.0)
            .unwrap(),
    );
    tolerances
}

#[test]
fn w5_values_at_the_cross_and_on_the_origin_line() {
    for (case, h_t, dh, q_t, dq, q_i, h_i) in [
        (
            A, 48.8, -2.4, 93.808_315, -6.191_685, 98.281_495, 49.140_748,
        ),
        (
            B,
            6.16,
            -6.666_667,
            1_360.147_051,
            -2.846_639,
            1_372.157_034,
            6.468_740,
        ),
        (
            C,
            46.9,
            -6.2,
            83.066_239,
            -16.933_761,
            95.543_051,
            47.771_525,
        ),
        (D, 48.05, -3.9, 95.0, -5.0, 97.822_800, 48.911_400),
        (
            E,
            52.0,
            4.0,
            109.544_512,
            9.544_512,
            102.845_575,
            51.422_788,
        ),
        (
            F,
            57.0,
            14.0,
            130.384_048,
            30.384_048,
            109.861_084,
            54.930_542,
        ),
    ] {
        for degree in 2..=4 {
            let curve = case.curve(degree);
            let guarantee = case.guarantee();
            let tolerance = &all_tolerances()[3];
            let found = flow_and_head(tolerance, &guarantee, &curve).unwrap();
            let flow = found.flow.unwrap();
            near(found.head.value.unwrap(), h_t, 9);
            near(found.head.deviation_pct.unwrap(), dh, 6);
            near(flow.value.unwrap() * 3600.0, q_t, 6);
            near(flow.deviation_pct.unwrap(), dq, 6);
            let curves = Curves {
                head: &curve,
                power: None,
                efficiency: None,
            };
            let read = read_point(ReadAt::OriginLine, &guarantee, &curves)
                .unwrap()
                .unwrap();
            near(read.flow_m3_s * 3600.0, q_i, 6);
            near(read.head_m, h_i, 6);
        }
    }
}

/// q: flow inside, h: head inside; per grade 1U 1E 1B 2B 2U 3B and ≤ 10 kW.
#[test]
fn w5_verdicts_of_every_case_in_every_grade() {
    for (case, expected) in [
        (A, ["", "h", "h", "qh", "", "qh", "qh"]),
        (B, ["", "q", "q", "q", "", "qh", "qh"]),
        (C, ["", "", "", "", "", "h", "h"]),
        (D, ["", "q", "q", "qh", "", "qh", "qh"]),
        // The example names only h for ≤ 10 kW, but its own +9.544512 % lies inside ±10 %.
        (E, ["qh", "", "", "h", "qh", "h", "qh"]),
        (F, ["", "", "", "", "", "", ""]),
    ] {
        for (tolerance, inside) in all_tolerances().iter().zip(expected) {
            for degree in 2..=4 {
                let curve = case.curve(degree);
                let found = flow_and_head(tolerance, &case.guarantee(), &curve).unwrap();
                let context = format!(
                    "case {} grade {} degree {degree}",
                    case.name, tolerance.grade
                );
                let flow = found.flow.unwrap();
                let verdict = |inside| if inside { Pass } else { Fail };
                assert_eq!(
                    flow.verdict,
                    verdict(inside.contains('q')),
                    "{context} flow"
                );
                assert_eq!(
                    found.head.verdict,
                    verdict(inside.contains('h')),
                    "{context} head"
                );
                assert_eq!(found.verdict, verdict(!inside.is_empty()), "{context}");
                assert_eq!(
                    flow.margin_pct.unwrap() >= -1e-9,
                    flow.verdict == Pass,
                    "{context}"
                );
                let touching = case.name == "D" && ["1E", "1B"].contains(&tolerance.grade.as_str());
                assert_eq!(flow.reason == Reason::Touching, touching, "{context}");
            }
        }
    }
}

#[test]
fn w5_f_without_the_extra_point_is_not_extrapolated_and_still_fails() {
    let case = Case { extra: None, ..F };
    for tolerance in all_tolerances() {
        let curve = case.curve(3);
        let found = flow_and_head(&tolerance, &case.guarantee(), &curve).unwrap();
        let flow = found.flow.unwrap();
        assert_eq!((flow.value, flow.verdict), (None, NotEvaluated));
        assert_eq!(flow.reason, Reason::NotReached);
        assert!(found.flows_at_guaranteed_head_m3_s.is_empty());
        assert_eq!(found.verdict, Fail);
    }
}

#[test]
fn an_arm_that_was_not_measured_leaves_the_verdict_open() {
    // Measured to 103 m³/h only: 2B allows up to 108 m³/h, which may or may not be met.
    let q: Vec<f64> = [0.0, 40.0, 60.0, 80.0, 95.0, 103.0].map(per_hour).to_vec();
    let head = [64.0, 63.0, 61.5, 59.0, 56.5, 55.0];
    let curve = Curve::new(PolynomialFit::new(&q, &head, 2, false).unwrap());
    let tolerance = &all_tolerances()[3];
    let found = flow_and_head(tolerance, &A.guarantee(), &curve).unwrap();
    assert_eq!(found.head.verdict, Fail);
    assert_eq!(found.verdict, Inconclusive);
    // Measured to 90 m³/h only: nothing about the guarantee point is known.
    let curve = Curve::new(PolynomialFit::new(&q[..4], &head[..4], 2, false).unwrap());
    let found = flow_and_head(tolerance, &A.guarantee(), &curve).unwrap();
    assert_eq!(found.verdict, NotEvaluated);
}

#[test]
fn of_several_crossings_the_one_on_the_arm_decides() {
    // H = 50 at 98 and at 104 m³/h; grade 1U has its arm from 100 to 110 m³/h.
    let q: Vec<f64> = [80.0, 90.0, 98.0, 104.0, 115.0].map(per_hour).to_vec();
    let head: Vec<f64> = [80.0, 90.0, 98.0, 104.0, 115.0]
        .map(|q| 50.0 - 0.01 * (q - 98.0) * (q - 104.0))
        .to_vec();
    let curve = Curve::new(PolynomialFit::new(&q, &head, 2, false).unwrap());
    let found = flow_and_head(&all_tolerances()[0], &A.guarantee(), &curve).unwrap();
    assert_eq!(found.flows_at_guaranteed_head_m3_s.len(), 2);
    near(found.flow.unwrap().value.unwrap() * 3600.0, 104.0, 6);
    assert_eq!(found.verdict, Pass);
}

/// Case A with power `P = 8.6 + 0.09 Q` kW and 76 % guaranteed.
fn case_a_with_power() -> (Curve, Curve, Efficiency, Guarantee) {
    let q = A.flows_m3_h();
    let flow: Vec<f64> = q.iter().map(|q| per_hour(*q)).collect();
    let power_w: Vec<f64> = q.iter().map(|q| 8600.0 + 90.0 * q).collect();
    let head = A.curve(3);
    let power = Curve::new(PolynomialFit::new(&flow, &power_w, 3, false).unwrap());
    let efficiency = Efficiency::FromHeadAndPower(EfficiencyCurve {
        head: head.clone(),
        power: power.clone(),
        density_kg_m3: 998.2,
        gravity_m_s2: 9.81,
    });
    let guarantee = Guarantee {
        efficiency: Some(0.76),
        power_w: Some(998.2 * 9.81 * per_hour(100.0) * 50.0 / 0.76),
        ..A.guarantee()
    };
    (head, power, efficiency, guarantee)
}

#[test]
fn w5_a_power_and_efficiency_in_every_grade() {
    let (head, power, efficiency, guarantee) = case_a_with_power();
    let curves = Curves {
        head: &head,
        power: Some(&power),
        efficiency: Some(&efficiency),
    };
    let pack = gbt3216();
    near(guarantee.power_w.unwrap() / 1000.0, 17.895_362, 6);
    for (grade, eta_limit, eta_verdict, power_limit_kw, cross) in [
        ("1U", 76.000, Fail, 19.6849, Fail),
        ("1E", 76.000, Fail, 18.6112, Pass),
        ("1B", 73.720, Pass, 18.6112, Pass),
        ("2B", 72.200, Pass, 19.3270, Pass),
        ("2U", 72.200, Pass, 20.7586, Fail),
        ("3B", 70.680, Pass, 19.5059, Pass),
    ] {
        let tolerance = pack.tolerance(grade, 50.0).unwrap();
        let found = assess(pack.evaluation().unwrap(), tolerance, &guarantee, &curves).unwrap();
        let read = found.read.unwrap();
        near(read.power_w.unwrap() / 1000.0, 17.445_335, 6);
        near(100.0 * read.efficiency.unwrap(), 75.304_041, 6);
        let hydraulic_w = read.power_w.unwrap() * read.efficiency.unwrap();
        near(hydraulic_w / 1000.0, 13.137_042, 6);
        let (eta, power) = (found.efficiency.unwrap(), found.power.unwrap());
        near(eta.deviation_pct.unwrap(), -0.915_735, 6);
        near(power.deviation_pct.unwrap(), -2.514_770, 6);
        near(100.0 * eta.limit_low.unwrap(), eta_limit, 9);
        near(power.limit_high.unwrap() / 1000.0, power_limit_kw, 4);
        assert_eq!((eta.verdict, power.verdict), (eta_verdict, Pass), "{grade}");
        let all_pass = cross == Pass && eta_verdict == Pass;
        assert_eq!(found.verdict, if all_pass { Pass } else { Fail }, "{grade}");
    }
}

/// What W5 warns of: a separate fit of efficiency reads differently at Q_i.
#[test]
fn w5_a_independent_fit_of_efficiency() {
    let (head, _, from_curves, guarantee) = case_a_with_power();
    let flow: Vec<f64> = A.flows_m3_h().iter().map(|q| per_hour(*q)).collect();
    let eta: Vec<f64> = flow
        .iter()
        .map(|q| from_curves.evaluate(*q).unwrap())
        .collect();
    for (degree, expected) in [(3, 75.1685), (4, 75.3062)] {
        let fit = PolynomialFit::new(&flow, &eta, degree, false).unwrap();
        let fitted = Efficiency::Fitted(Curve::new(fit));
        let curves = Curves {
            head: &head,
            power: None,
            efficiency: Some(&fitted),
        };
        let read = read_point(ReadAt::OriginLine, &guarantee, &curves)
            .unwrap()
            .unwrap();
        near(100.0 * read.efficiency.unwrap(), expected, 4);
    }
}

#[test]
fn what_was_guaranteed_but_not_measured_is_not_evaluated() {
    let (head, _, _, guarantee) = case_a_with_power();
    let curves = Curves {
        head: &head,
        power: None,
        efficiency: None,
    };
    let pack = gbt3216();
    let tolerance = pack.tolerance("2B", 50.0).unwrap();
    let found = assess(pack.evaluation().unwrap(), tolerance, &guarantee, &curves).unwrap();
    assert_eq!(found.efficiency.unwrap().reason, Reason::NotMeasured);
    assert_eq!(found.power.unwrap().verdict, NotEvaluated);
    assert_eq!(found.verdict, NotEvaluated, "not a pass");
}

#[test]
fn w7_small_pumps() {
    let pack = gbt3216();
    let rule = pack.small_power().unwrap();
    for (power_kw, tau_eta, tau_p, eta_limit) in [
        (1.0, -16.0, 17.4642, 54.6000),
        (2.2, -14.8, 16.3719, 55.3800),
        (3.0, -14.0, 15.6525, 55.9000),
        (5.5, -11.5, 13.4629, 57.5250),
        (7.5, -9.5, 11.8004, 58.8250),
        (10.0, -7.0, 9.8995, 60.4500),
    ] {
        let tolerance = rule.tolerance(SHAFT, power_kw * 1000.0).unwrap();
        let eta_pct = tolerance.efficiency_min_pct.unwrap().value.percent();
        near(eta_pct, tau_eta, 12);
        near(tolerance.power_max_pct.unwrap().value.percent(), tau_p, 4);
        near(65.0 * (1.0 + eta_pct / 100.0), eta_limit, 4);
    }
    assert!(
        rule.tolerance(SHAFT, 999.0).is_err(),
        "below 1 kW by agreement"
    );
    assert!(rule.tolerance(SHAFT, 10_001.0).is_err());
}

#[test]
fn e20_limits_of_grade_2b() {
    let pack = gbt3216();
    let tolerance = pack.tolerance("2B", 104.0).unwrap();
    let guarantee = Guarantee {
        flow_m3_s: per_hour(32.0),
        head_m: 104.0,
        efficiency: Some(0.61),
        power_w: None,
        shutoff_head_m: None,
    };
    let q: Vec<f64> = [0.0, 16.0, 24.0, 32.0, 40.0].map(per_hour).to_vec();
    let head =
        Curve::new(PolynomialFit::new(&q, &[130.0, 123.5, 115.4, 104.0, 89.4], 2, false).unwrap());
    let curves = Curves {
        head: &head,
        power: None,
        efficiency: None,
    };
    let found = assess(pack.evaluation().unwrap(), tolerance, &guarantee, &curves).unwrap();
    let flow = found.flow_head.flow.unwrap();
    near(flow.limit_low.unwrap() * 3600.0, 29.44, 9);
    near(flow.limit_high.unwrap() * 3600.0, 34.56, 9);
    near(found.flow_head.head.limit_low.unwrap(), 98.8, 9);
    near(found.flow_head.head.limit_high.unwrap(), 109.2, 9);
    near(
        100.0 * found.efficiency.unwrap().limit_low.unwrap(),
        57.95,
        9,
    );
}

/// LMV-311 unit B: published limits 232.8 to 247.2 m and 41.39 kW at 36.7 m³/h; the fitted
/// head is 241.83 m, the power 39.97 kW.
#[test]
fn api_610_judges_head_and_power_at_rated_flow() {
    let pack = api610();
    let pump = lmv311();
    let q: Vec<f64> = pump.flow_m3_h.iter().map(|q| per_hour(*q)).collect();
    let curve = |values: &[f64]| Curve::new(PolynomialFit::new(&q, values, 4, false).unwrap());
    let (head, power) = (curve(&pump.head_m), curve(&pump.power_w));
    let efficiency = Efficiency::FromHeadAndPower(EfficiencyCurve {
        head: head.clone(),
        power: power.clone(),
        density_kg_m3: 833.492,
        gravity_m_s2: 9.81,
    });
    let guarantee = Guarantee {
        flow_m3_s: per_hour(36.7),
        head_m: 240.0,
        efficiency: None,
        power_w: Some(39_800.0),
        shutoff_head_m: None,
    };
    let curves = Curves {
        head: &head,
        power: Some(&power),
        efficiency: Some(&efficiency),
    };
    let tolerance = pack.tolerance("API 610", 240.0).unwrap();
    let rule = pack.evaluation().unwrap();
    let found = assess(rule, tolerance, &guarantee, &curves).unwrap();
    assert_eq!(found.verdict, Pass);
    assert_eq!(found.flow_head.flow, None);
    near(found.flow_head.head.limit_low.unwrap(), 232.8, 9);
    near(found.flow_head.head.limit_high.unwrap(), 247.2, 9);
    near(found.flow_head.head.value.unwrap(), 241.83, 2);
    near(found.power.unwrap().limit_high.unwrap() / 1000.0, 41.392, 9);
    near(found.power.unwrap().value.unwrap() / 1000.0, 39.97, 2);
    near(found.read.unwrap().flow_m3_s * 3600.0, 36.7, 9);

    // The table has no efficiency line, and shut-off was not measured.
    let more = Guarantee {
        efficiency: Some(0.5),
        shutoff_head_m: Some(300.0),
        ..guarantee
    };
    let found = assess(rule, tolerance, &more, &curves).unwrap();
    assert_eq!(found.efficiency.unwrap().reason, Reason::NotInPack);
    assert!(
        found.efficiency.unwrap().value.is_some(),
        "reported all the same"
    );
    assert_eq!(found.shutoff_head.unwrap().reason, Reason::NotReached);
    assert_eq!(found.verdict, NotEvaluated);
}

#[test]
fn api_610_shut_off_limits_depend_on_rated_head() {
    let pack = api610();
    for (rated_m, shutoff_pct) in [
        (50.0, 10.0),
        (75.0, 10.0),
        (75.1, 8.0),
        (300.0, 8.0),
        (301.0, 5.0),
    ] {
        let row = pack.tolerance("API 610", rated_m).unwrap();
        assert_eq!(
            row.shutoff_head_pct.as_ref().unwrap().high.percent(),
            shutoff_pct
        );
        assert_eq!(row.head_pct.as_ref().unwrap().low.percent(), -3.0);
    }
    // Case A has 58.8 m at shut-off.
    let guarantee = Guarantee {
        shutoff_head_m: Some(53.5),
        ..A.guarantee()
    };
    let head = A.curve(3);
    let curves = Curves {
        head: &head,
        power: None,
        efficiency: None,
    };
    let tolerance = pack.tolerance("API 610", 50.0).unwrap();
    let found = assess(pack.evaluation().unwrap(), tolerance, &guarantee, &curves).unwrap();
    let shutoff = found.shutoff_head.unwrap();
    near(shutoff.limit_high.unwrap(), 58.85, 9);
    assert_eq!((shutoff.verdict, found.verdict), (Pass, Pass));
}
