//! Fits against published results, and curves.

use crate::{near, per_hour};
use dutypoint_hydraulics::Error;
use dutypoint_hydraulics::curve::{Curve, Efficiency, EfficiencyCurve, nearest};
use dutypoint_hydraulics::fit::PolynomialFit;
use dutypoint_hydraulics::head::{Section, total_head_between_sections};
use dutypoint_hydraulics::power::{efficiency, hydraulic_power_w};
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn numbers(list: &Value) -> Vec<f64> {
    let number = |v: &Value| {
        v.as_f64()
            .unwrap_or_else(|| v.as_str().unwrap().parse().unwrap())
    };
    list.as_array().unwrap().iter().map(number).collect()
}

fn relative(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance * expected.abs(),
        "found {found}, expected {expected}"
    );
}

/// Flow m³/h, head m, power W and efficiency of the LMV-311 readings, unrounded, reduced as
/// the published source reduces them: the inlet reading is positive gauge pressure.
pub(crate) struct Lmv311 {
    pub(crate) flow_m3_h: Vec<f64>,
    pub(crate) head_m: Vec<f64>,
    pub(crate) power_w: Vec<f64>,
    efficiency: Vec<f64>,
    published: Value,
}

const SERVICE_KG_M3: f64 = 833.492;

pub(crate) fn lmv311() -> Lmv311 {
    let all = json(include_str!("../data/pump_lmv311_unit_b.json"));
    let unit = &all["units"][0];
    let raw = |key: &str| numbers(&unit["raw"][key]);
    let flow_m3_h = raw("Q_m3_h");
    let readings = flow_m3_h
        .iter()
        .zip(raw("p1_mmHg"))
        .zip(raw("p2_gauge_kgf_cm2"));
    let head_m: Vec<f64> = readings
        .map(|((flow, p1), p2)| {
            let section = |pressure_pa, inches| Section {
                z_m: 0.0,
                pressure_pa,
                bore_m: inches * 0.0254,
                flow_m3_s: per_hour(*flow),
            };
            let inlet = section(p1 * 133.322_387_415, 3.0);
            let outlet = section(p2 * 98_066.5, 2.0);
            let head = total_head_between_sections(&inlet, &outlet, 0.0, 1000.0, 9.81);
            head.unwrap().total_m
        })
        .collect();
    let kilowatts = raw("P_shaft_kW");
    let power_w: Vec<f64> = kilowatts.iter().map(|p| p * SERVICE_KG_M3).collect();
    let efficiency = flow_m3_h
        .iter()
        .zip(&head_m)
        .zip(&power_w)
        .map(|((flow, head), power)| {
            let hydraulic = hydraulic_power_w(SERVICE_KG_M3, 9.81, per_hour(*flow), *head);
            efficiency(hydraulic.unwrap(), *power).unwrap()
        })
        .collect();
    Lmv311 {
        flow_m3_h,
        head_m,
        power_w,
        efficiency,
        published: unit.clone(),
    }
}

#[test]
fn lmv311_points_are_reduced_as_published() {
    let pump = lmv311();
    let rows = pump.published["published"]["service_fluid"]
        .as_array()
        .unwrap();
    for (i, row) in rows.iter().enumerate() {
        near(pump.head_m[i], row["H_m"].as_f64().unwrap(), 2);
        near(pump.power_w[i] / 1000.0, row["P_kW"].as_f64().unwrap(), 2);
        near(
            100.0 * pump.efficiency[i],
            row["eta_pct"].as_f64().unwrap(),
            2,
        );
    }
}

/// The published rated point (degree 4) and what degrees 2 and 3 would have said.
#[test]
fn lmv311_fits_give_the_published_rated_point() {
    let pump = lmv311();
    let at_rated = |values: &[f64], degree| {
        let fit = PolynomialFit::new(&pump.flow_m3_h, values, degree, false).unwrap();
        fit.evaluate(36.7)
    };
    for degree in 2..=4 {
        let expected = &pump.published["derived_fit_order_sensitivity"][degree.to_string()];
        let of = |key: &str| expected[key].as_f64().unwrap();
        relative(at_rated(&pump.head_m, degree), of("H"), 1e-13);
        relative(at_rated(&pump.power_w, degree) / 1000.0, of("P"), 1e-13);
        relative(100.0 * at_rated(&pump.efficiency, degree), of("eta"), 1e-13);
    }
    near(at_rated(&pump.head_m, 4), 241.83, 2);
    near(at_rated(&pump.power_w, 4) / 1000.0, 39.97, 2);
    near(100.0 * at_rated(&pump.efficiency, 4), 50.48, 2);
}

#[test]
fn leverage_sums_to_the_number_of_coefficients() {
    let x = [0.0, 40.0, 60.0, 80.0, 95.0, 104.0, 120.0];
    let y = [58.8, 57.2, 55.2, 52.4, 49.775, 47.984, 44.4];
    let fit = PolynomialFit::new(&x, &y, 3, false).unwrap();
    near(fit.leverage.iter().sum::<f64>(), 4.0, 12);
    // A straight line has the textbook leverage 1/N + (x − x̄)²/Σ(x − x̄)².
    let line = PolynomialFit::new(&[0.0, 1.0, 2.0], &[1.0, 0.0, 2.0], 1, false).unwrap();
    near(line.leverage[0], 1.0 / 3.0 + 0.5, 14);
    near(line.residual_sd.unwrap(), 1.5_f64.sqrt(), 14);
    near(line.rms, 0.5_f64.sqrt(), 14);
    near(line.r_squared.unwrap(), 0.25, 14);
}

#[test]
fn a_fit_needs_as_many_distinct_flows_as_coefficients() {
    let error = PolynomialFit::new(&[1.0, 1.0, 2.0], &[1.0, 2.0, 3.0], 2, false).unwrap_err();
    assert_eq!(
        error.to_string(),
        "failed to fit degree 2 to points at 2 distinct abscissae: the fit has 3 free \
         coefficients; lower the degree or measure more points"
    );
    let interpolated = PolynomialFit::new(&[1.0, 2.0, 3.0], &[1.0, 2.0, 5.0], 2, false).unwrap();
    assert_eq!(interpolated.residual_sd, None);
    // Through the origin a point at zero flow determines nothing.
    assert!(PolynomialFit::new(&[0.0, 1.0], &[0.0, 2.0], 2, true).is_err());
    assert!(PolynomialFit::new(&[1.0, 2.0], &[1.0], 1, false).is_err());
    assert!(PolynomialFit::new(&[1.0, f64::NAN], &[1.0, 2.0], 1, false).is_err());
    // Distinct, but not to working precision.
    let close = [1.0, 1.0 + f64::EPSILON, 1.0 + 2.0 * f64::EPSILON, 1e6];
    assert!(matches!(
        PolynomialFit::new(&close, &[1.0, 2.0, 3.0, 4.0], 3, false),
        Err(Error::TooFewAbscissae { .. })
    ));
}

#[test]
fn an_efficiency_fit_through_the_origin_is_zero_there() {
    let x = [10.0, 20.0, 30.0, 40.0];
    let y: Vec<f64> = x.iter().map(|q| 0.03 * q - 0.0004 * q * q).collect();
    let fit = PolynomialFit::new(&x, &y, 2, true).unwrap();
    assert_eq!(fit.evaluate(0.0), 0.0);
    near(fit.evaluate(25.0), 0.5, 14);
    // Its domain is still the measured range.
    assert!(Curve::new(fit).evaluate(5.0).is_err());
}

/// The curve q³ − 6q² + 9q on [0, 4]: maximum 4 at 1, minimum 0 at 3, ends 0 and 4.
fn saddle() -> Curve {
    let x: Vec<f64> = (0..=8).map(|i| f64::from(i) * 0.5).collect();
    let y: Vec<f64> = x.iter().map(|q| ((q - 6.0) * q + 9.0) * q).collect();
    Curve::new(PolynomialFit::new(&x, &y, 3, false).unwrap())
}

#[test]
fn all_crossings_are_found_and_touching_counts() {
    let curve = saddle();
    let three = curve.flows_at(2.0).unwrap();
    assert_eq!(three.len(), 3);
    for (found, expected) in three
        .iter()
        .zip([2.0 - 3.0_f64.sqrt(), 2.0, 2.0 + 3.0_f64.sqrt()])
    {
        near(*found, expected, 12);
    }
    // Touches its maximum at 1, and reaches 4 again at the end.
    let touching = curve.flows_at(4.0).unwrap();
    assert_eq!(touching.len(), 2, "{touching:?}");
    near(touching[0], 1.0, 6);
    near(touching[1], 4.0, 12);
    assert!(curve.flows_at(4.1).unwrap().is_empty());
    assert!(curve.flows_at(-0.1).unwrap().is_empty());
    // Two roots a hair apart, under the maximum, are both there.
    assert_eq!(curve.flows_at(4.0 - 1e-9).unwrap().len(), 3);
    // The tangent at 0 has slope 9; slope 1 meets it at 0, 2 and 4.
    let on_line = curve.flows_on_line(1.0).unwrap();
    assert_eq!(on_line.len(), 3);
    near(on_line[1], 2.0, 12);
    assert_eq!(nearest(&three, 2.2), Some(three[1]));
    assert_eq!(nearest(&[1.0, 3.0], 2.0), Some(1.0));
    assert_eq!(nearest(&[], 2.0), None);
}

#[test]
fn a_curve_is_never_extrapolated() {
    let curve = saddle();
    let error = curve.evaluate(4.1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "failed to evaluate the curve at 4.1: points were measured from 0 to 4 and nothing is \
         extrapolated; measure a point beyond"
    );
    assert!(curve.evaluate(f64::NAN).is_err());
    // The last bit of a converted flow does not put it outside.
    assert!(curve.evaluate(4.0 + 1e-15).is_ok());
}

#[test]
fn efficiency_from_head_and_power_is_zero_without_flow() {
    let flow = |q: &[f64]| q.iter().map(|q| per_hour(*q)).collect::<Vec<_>>();
    let q = flow(&[0.0, 40.0, 60.0, 80.0, 95.0, 104.0, 120.0]);
    let head = [58.8, 57.2, 55.2, 52.4, 49.775, 47.984, 44.4];
    let power = [
        8600.0, 12_200.0, 14_000.0, 15_800.0, 17_150.0, 17_960.0, 19_400.0,
    ];
    let curve = |values: &[f64]| Curve::new(PolynomialFit::new(&q, values, 3, false).unwrap());
    let efficiency = Efficiency::FromHeadAndPower(EfficiencyCurve {
        head: curve(&head),
        power: curve(&power),
        density_kg_m3: 998.2,
        gravity_m_s2: 9.81,
    });
    assert_eq!(efficiency.evaluate(0.0).unwrap(), 0.0);
    // Point data of W5 case A.
    for (flow, eta_pct) in q
        .iter()
        .zip([0.0, 51.0129, 64.3497, 72.1686, 74.9989, 75.5801, 74.7045])
    {
        near(100.0 * efficiency.evaluate(*flow).unwrap(), eta_pct, 4);
    }
}
