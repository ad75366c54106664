//! Uncertainty budgets and the propagation of distributions, against published cases.
//! `gum_cases.json` and `pump_efficiency_uncertainty.json` are the reference's collections;
//! each case there names where its numbers are published.

use crate::near;
use dutypoint_hydraulics::Error;
use dutypoint_hydraulics::normal::Random;
use dutypoint_hydraulics::uncertainty::budget::{Budget, Freedom, K2_LEVEL};
use dutypoint_hydraulics::uncertainty::input::{Correlations, Distribution, Input};
use dutypoint_hydraulics::uncertainty::model::{PowerSum, Term};
use dutypoint_hydraulics::uncertainty::monte_carlo::{Draws, Interval, Settings, propagate};
use dutypoint_hydraulics::uncertainty::{published, student};
use serde_json::Value;

pub(crate) fn gum() -> Value {
    serde_json::from_str(include_str!("../data/gum_cases.json")).unwrap()
}

/// The number at a JSON pointer; `"infinite"` is infinite.
pub(crate) fn number(value: &Value, at: &str) -> f64 {
    let found = value.pointer(at).unwrap();
    found.as_f64().unwrap_or(f64::INFINITY)
}

#[track_caller]
pub(crate) fn relative(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance * expected.abs(),
        "found {found}, expected {expected}"
    );
}

pub(crate) fn normal(name: &str, value: f64, u: f64, dof: f64) -> Input {
    let distribution = Distribution::Normal {
        standard_uncertainty: u,
    };
    Input::new(name, value, distribution, dof).unwrap()
}

pub(crate) fn rectangular(name: &str, value: f64, half_width: f64, dof: f64) -> Input {
    let distribution = Distribution::Rectangular { half_width };
    Input::new(name, value, distribution, dof).unwrap()
}

pub(crate) fn sum(x: &[f64]) -> Result<f64, Error> {
    Ok(x.iter().sum())
}

/// JCGM 100:2008 H.1: the inputs of the end gauge, and `ls + d0 + d1 + d2 − ls (δα θ + αs δθ)`
/// with θ in two parts.
pub(crate) fn end_gauge() -> (Vec<Input>, PowerSum) {
    let case = gum();
    let at = |path: &str| number(&case, &format!("/GUM_H1_end_gauge/inputs/{path}"));
    let u_d1 = at("d1_random_comparator/expanded95") / student::two_sided(0.95, 5.0).unwrap();
    let inputs = vec![
        normal("ls", at("ls/value"), at("ls/u"), at("ls/dof")),
        normal(
            "d0",
            at("d0_repeat/value"),
            at("d0_repeat/u"),
            at("d0_repeat/dof"),
        ),
        normal("d1", 0.0, u_d1, at("d1_random_comparator/dof")),
        normal(
            "d2",
            0.0,
            at("d2_systematic_comparator/expanded_3s") / 3.0,
            at("d2_systematic_comparator/dof"),
        ),
        rectangular(
            "alpha_s",
            at("alpha_s/value"),
            at("alpha_s/rect_halfwidth"),
            f64::INFINITY,
        ),
        rectangular(
            "delta_alpha",
            0.0,
            at("delta_alpha/rect_halfwidth"),
            at("delta_alpha/dof"),
        ),
        rectangular(
            "delta_theta",
            0.0,
            at("delta_theta/rect_halfwidth"),
            at("delta_theta/dof"),
        ),
        normal(
            "theta_mean",
            at("theta_mean/value"),
            at("theta_mean/u"),
            f64::INFINITY,
        ),
        Input::new(
            "theta_cyclic",
            0.0,
            Distribution::UShaped {
                half_width: at("theta_cyclic/arcsine_halfwidth"),
            },
            f64::INFINITY,
        )
        .unwrap(),
    ];
    let term = |coefficient, inputs: &[usize]| Term {
        coefficient,
        powers: inputs.iter().map(|i| (*i, 1.0)).collect(),
    };
    let model = PowerSum::new(
        9,
        vec![
            term(1.0, &[0]),
            term(1.0, &[1]),
            term(1.0, &[2]),
            term(1.0, &[3]),
            term(-1.0, &[0, 5, 7]),
            term(-1.0, &[0, 5, 8]),
            term(-1.0, &[0, 4, 6]),
        ],
    )
    .unwrap();
    (inputs, model)
}

#[test]
fn gum_h_1_end_gauge() {
    let case = gum();
    let at = |path: &str| number(&case, &format!("/GUM_H1_end_gauge/{path}"));
    let (inputs, model) = end_gauge();
    let found = Budget::new(&model, &inputs, &Correlations::none(9)).unwrap();
    near(found.value, at("published/l_nm"), 0);
    near(found.standard_uncertainty, at("published/u_c_nm"), 0);
    relative(
        found.standard_uncertainty,
        at("computed_here/u_c_nm"),
        1e-13,
    );
    relative(
        found.degrees_of_freedom,
        at("computed_here/nu_eff_unrounded"),
        1e-12,
    );
    assert_eq!(found.degrees_of_freedom.floor(), at("published/nu_eff"));
    for (name, index) in [("ls", 0), ("delta_alpha", 5), ("delta_theta", 6)] {
        let expected = at(&format!("computed_here/components_nm/{name}"));
        relative(found.contributions[index].component.abs(), expected, 1e-13);
    }
    // No first-order effect of the expansion coefficient and the mean temperature.
    assert_eq!(found.contributions[4].component, 0.0);
    assert_eq!(found.contributions[7].component, 0.0);
    let shares: f64 = found.contributions.iter().map(|c| c.share).sum();
    relative(shares, 1.0, 1e-14);

    let expanded = found.expanded(0.99, Freedom::Truncated).unwrap();
    relative(
        expanded.coverage_factor,
        at("computed_here/k99_with_floor_dof"),
        1e-12,
    );
    relative(expanded.uncertainty, at("computed_here/U99_nm"), 1e-12);
    // Printed: 2.92 × 32 nm, from rounded factors.
    assert_eq!(
        (2.92 * found.standard_uncertainty.round()).round(),
        at("published/U99_nm")
    );

    // The part d alone.
    let d = Budget::new(&sum, &inputs[1..4], &Correlations::none(3)).unwrap();
    near(d.standard_uncertainty, at("published/u_d_nm"), 1);
    near(d.degrees_of_freedom, at("published/nu_eff_d"), 1);
    relative(d.standard_uncertainty, at("computed_here/u_d_nm"), 1e-13);
    relative(d.degrees_of_freedom, at("computed_here/nu_eff_d"), 1e-12);
}

/// JCGM 100:2008 H.2, Tables H.2 to H.4: readings of voltage, current and phase, their
/// correlations, and resistance, reactance and impedance, by both approaches of the example.
#[test]
fn gum_h_2_resistance_and_reactance() {
    let readings = [
        [5.007, 4.994, 5.005, 4.990, 4.999],
        [19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3],
        [1.0456, 1.0438, 1.0468, 1.0428, 1.0433],
    ];
    let mean = |v: &[f64; 5]| v.iter().sum::<f64>() / 5.0;
    let covariance = |a: &[f64; 5], b: &[f64; 5]| {
        let products = a.iter().zip(b).map(|(x, y)| (x - mean(a)) * (y - mean(b)));
        products.sum::<f64>() / 20.0
    };
    let u = |i: usize| covariance(&readings[i], &readings[i]).sqrt();
    let r = |i: usize, j: usize| covariance(&readings[i], &readings[j]) / (u(i) * u(j));
    near(r(0, 1), -0.36, 2);
    near(r(0, 2), 0.86, 2);
    near(r(1, 2), -0.65, 2);
    let inputs: Vec<Input> = ["V", "I", "phi"]
        .iter()
        .enumerate()
        .map(|(i, name)| normal(name, mean(&readings[i]), u(i), 4.0))
        .collect();
    let pairs = [(0, 1, r(0, 1)), (0, 2, r(0, 2)), (1, 2, r(1, 2))];
    let correlations = Correlations::new(3, &pairs).unwrap();
    type Formula = fn(&[f64]) -> Result<f64, Error>;
    let resistance: Formula = |x| Ok(x[0] / x[1] * libm::cos(x[2]));
    let reactance: Formula = |x| Ok(x[0] / x[1] * libm::sin(x[2]));
    let impedance: Formula = |x| Ok(x[0] / x[1]);
    for (formula, value, uncertainty) in [
        (resistance, 127.732, 0.071),
        // The guide prints 0.295; both approaches give 0.29558.
        (reactance, 219.847, 0.296),
        (impedance, 254.260, 0.236),
    ] {
        let found = Budget::new(&formula, &inputs, &correlations).unwrap();
        near(found.value, value, 3);
        near(found.standard_uncertainty, uncertainty, 3);
        // The second approach: the mean of the five results, and its standard deviation.
        let five = [0, 1, 2, 3, 4].map(|k| formula(&readings.map(|of| of[k])).unwrap());
        near(mean(&five), value, 2);
        relative(
            covariance(&five, &five).sqrt(),
            found.standard_uncertainty,
            4e-3,
        );
        // Five simultaneous readings: four degrees of freedom, whatever the formula.
        relative(found.degrees_of_freedom, 4.0, 1e-12);
        let shares: f64 = found.contributions.iter().map(|c| c.share).sum();
        relative(shares, 1.0, 1e-12);
    }
    // Without the correlations the resistance would be far off.
    let blind = Budget::new(&resistance, &inputs, &Correlations::none(3)).unwrap();
    assert!(blind.standard_uncertainty > 0.17);
}

/// JCGM 100:2008 H.3: a calibration line read at 30 °C, intercept and slope correlated.
#[test]
fn gum_h_3_correction_at_30_degrees() {
    let case = gum();
    let at = |path: &str| number(&case, &format!("/GUM_H3_thermometer_line_fit/{path}"));
    let inputs = [
        normal(
            "y1",
            at("computed_here/intercept"),
            at("computed_here/u_intercept"),
            9.0,
        ),
        normal(
            "y2",
            at("computed_here/slope"),
            at("computed_here/u_slope"),
            9.0,
        ),
    ];
    let correlations = Correlations::new(2, &[(0, 1, at("computed_here/r"))]).unwrap();
    let line = |x: &[f64]| Ok(x[0] + 10.0 * x[1]);
    let found = Budget::new(&line, &inputs, &correlations).unwrap();
    near(found.value, at("published/b30"), 4);
    near(found.standard_uncertainty, at("published/u_b30"), 4);
    relative(found.standard_uncertainty, at("computed_here/u_b30"), 1e-10);
    assert_eq!(found.degrees_of_freedom.round(), at("published/dof"));
    // Correlation takes more than the slope alone brings.
    assert!(found.contributions[0].share < 0.0);
}

#[test]
fn effective_degrees_of_freedom_of_the_lecture_note() {
    let case = gum();
    let at = |path: &str| number(&case, &format!("/welch_satterthwaite_small/{path}"));
    let inputs = [
        normal("a", 0.0, at("u_a"), at("dof_a")),
        normal("b", 0.0, at("u_b"), at("dof_b")),
    ];
    let found = Budget::new(&sum, &inputs, &Correlations::none(2)).unwrap();
    near(found.degrees_of_freedom, at("published_nu_eff"), 1);
    relative(found.degrees_of_freedom, at("computed_here"), 1e-13);
}

/// EA-4/02 example S2, a 10 kg weight, as printed at metrodata.de: standard uncertainties in
/// mg, shares in %, U = 58 mg with k = 2.00 (95.45 %).
#[test]
fn ea_4_02_s2_weight_of_10_kg() {
    let inputs = [
        normal("standard", 10_000_005.0, 22.5, f64::INFINITY),
        rectangular("drift", 0.0, 15.0, f64::INFINITY),
        normal("difference", 20.0, 14.2, f64::INFINITY),
        rectangular("eccentricity", 0.0, 10.0, f64::INFINITY),
        rectangular("buoyancy", 0.0, 10.0, f64::INFINITY),
    ];
    let found = Budget::new(&sum, &inputs, &Correlations::none(5)).unwrap();
    near(found.value, 10_000_025.0, 3);
    near(found.standard_uncertainty, 29.1, 1);
    for (contribution, share) in found.contributions.iter().zip([59.6, 8.8, 23.7, 3.9, 3.9]) {
        near(100.0 * contribution.share, share, 1);
    }
    let expanded = found.expanded(K2_LEVEL, Freedom::AsComputed).unwrap();
    near(expanded.coverage_factor, 2.0, 12);
    near(expanded.uncertainty, 58.0, 0);
}

/// The pump efficiency of the reference, evaluated by three independent packages.
#[test]
fn pump_efficiency_of_three_packages() {
    // The file says Infinity, which JSON has no word for.
    let text = include_str!("../data/pump_efficiency_uncertainty.json");
    let case: Value = serde_json::from_str(&text.replace("Infinity", "\"infinite\"")).unwrap();
    let case = &case["cases"][0];
    let input = |name: &str, key: &str| {
        let at = |field: &str| number(case, &format!("/inputs/{key}/{field}"));
        normal(name, at("value"), at("u"), at("dof"))
    };
    let constant = |name: &str, value| normal(name, value, 0.0, f64::INFINITY);
    let inputs = vec![
        input("density_kg_m3", "rho"),
        constant("g_m_s2", 9.80665),
        input("q_m3_s", "Q"),
        input("p1_pa", "p1"),
        input("p2_pa", "p2"),
        input("z_m", "z"),
        constant("d1_m", 0.1),
        constant("d2_m", 0.08),
        input("torque_n_m", "T"),
        input("n_rpm", "n"),
    ];
    let efficiency = published::find("pump_efficiency_from_readings").unwrap();
    assert!(
        inputs
            .iter()
            .map(Input::name)
            .eq(efficiency.inputs.iter().copied())
    );
    let efficiency = efficiency.model().unwrap();
    let found = Budget::new(&efficiency, &inputs, &Correlations::none(10)).unwrap();
    let gtc = |name: &str| number(case, &format!("/GTC_pkg/{name}"));
    relative(found.value, gtc("eta"), 1e-13);
    relative(found.standard_uncertainty, gtc("u_eta"), 1e-13);
    relative(found.degrees_of_freedom, gtc("nu_eff_eta"), 1e-11);
    relative(
        found.degrees_of_freedom,
        number(case, "/metrolopy_pkg/nu_eff_eta"),
        1e-11,
    );
    let k95 = found.expanded(0.95, Freedom::AsComputed).unwrap();
    relative(k95.coverage_factor, gtc("k95_eta"), 1e-12);

    let head_model = published::find("total_head").unwrap().model().unwrap();
    let head = Budget::new(&head_model, &inputs[..8], &Correlations::none(8)).unwrap();
    relative(head.value, gtc("H_m"), 1e-13);
    relative(head.standard_uncertainty, gtc("u_H_m"), 1e-13);
    assert_eq!(head.degrees_of_freedom, f64::INFINITY);

    // The packages' sensitivities are numeric, good to about nine digits.
    for (key, index) in [("Q", 2), ("p1", 3), ("p2", 4), ("z", 5), ("rho", 0)] {
        let c = |of: &str| number(case, &format!("/sensitivities/{key}/{of}"));
        relative(found.contributions[index].sensitivity, c("c_eta"), 2e-7);
        relative(head.contributions[index].sensitivity, c("c_H"), 2e-7);
    }
    for (key, index) in [("T", 8), ("n", 9)] {
        let c = number(case, &format!("/sensitivities/{key}/c_eta"));
        relative(found.contributions[index].sensitivity, c, 1e-8);
    }

    // Their Monte Carlo took 4 million draws, ours 1 million; each number within four of its
    // own standard deviations: u/√n for the mean, u/√(2n) for u, 2.7 u/√n for a 95 % end.
    let settings = Settings {
        seed: 3,
        level: 0.95,
        draws: Draws::Fixed(1_000_000),
    };
    let drawn = propagate(&efficiency, &inputs, &Correlations::none(10), &settings).unwrap();
    let theirs = |path: &str| number(case, &format!("/monte_carlo_normal_inputs/{path}"));
    let error = found.standard_uncertainty * f64::sqrt(1.0 / 1e6 + 1.0 / 4e6);
    for (ours, path, factor) in [
        (drawn.value, "eta_mean", 1.0),
        (drawn.standard_uncertainty, "u_eta", 0.71),
        (drawn.symmetric[0], "sym95/0", 2.7),
        (drawn.symmetric[1], "sym95/1", 2.7),
    ] {
        let expected = theirs(path);
        assert!(
            (ours - expected).abs() < 4.0 * factor * error,
            "{path}: {ours} {expected}"
        );
    }
    // Head too; then the first order is validated for both.
    let drawn_head = propagate(&head_model, &inputs[..8], &Correlations::none(8), &settings);
    let drawn_head = drawn_head.unwrap();
    let error = head.standard_uncertainty * f64::sqrt(1.0 / 1e6 + 1.0 / 4e6);
    assert!((drawn_head.value - theirs("H_mean")).abs() < 4.0 * error);
    assert!((drawn_head.standard_uncertainty - theirs("u_H")).abs() < 4.0 * 0.71 * error);
    let held = drawn
        .validate(&found, &k95, Interval::Symmetric, 2)
        .unwrap();
    assert!(held.validated, "{held:?}");
}

#[test]
fn correlated_inputs_cancel_or_add() {
    let inputs = [
        normal("a", 10.0, 0.3, f64::INFINITY),
        normal("b", 7.0, 0.3, f64::INFINITY),
    ];
    let difference = |x: &[f64]| Ok(x[0] - x[1]);
    let one = |r| Correlations::new(2, &[(0, 1, r)]).unwrap();
    let u = |r| {
        let budget = Budget::new(&difference, &inputs, &one(r)).unwrap();
        budget.standard_uncertainty
    };
    relative(u(-1.0), 0.6, 1e-12);
    relative(u(0.5), 0.3, 1e-12);
    // The root of what rounding leaves of the variance.
    assert!(u(1.0) < 1e-6);
    let settings = Settings {
        seed: 5,
        level: 0.95,
        draws: Draws::Fixed(200_000),
    };
    for (r, expected) in [(-1.0, 0.6), (0.5, 0.3)] {
        let found = propagate(&difference, &inputs, &one(r), &settings).unwrap();
        // Standard error 1/√(2n) = 0.16 %.
        relative(found.standard_uncertainty, expected, 0.008);
    }
    // A rectangle correlated with something has no known joint distribution.
    let mixed = [rectangular("a", 0.0, 1.0, f64::INFINITY), inputs[1].clone()];
    let refused = propagate(&difference, &mixed, &one(0.5), &settings);
    assert!(refused.unwrap_err().to_string().contains("not normal"));
}

#[test]
fn impossible_correlations_are_refused() {
    let refused =
        |pairs: &[(usize, usize, f64)]| Correlations::new(3, pairs).unwrap_err().to_string();
    assert!(refused(&[(0, 1, 1.01)]).contains("between -1 and 1"));
    assert!(refused(&[(0, 1, f64::NAN)]).contains("between -1 and 1"));
    assert!(refused(&[(0, 3, 0.1)]).contains("3 inputs"));
    assert!(refused(&[(1, 1, 0.1)]).contains("different"));
    assert!(refused(&[(0, 1, 0.1), (1, 0, 0.2)]).contains("once"));
    let indefinite = [(0, 1, 0.9), (1, 2, 0.9), (0, 2, -0.9)];
    assert!(refused(&indefinite).contains("semi-definite"));
    let singular = [(0, 1, 1.0), (0, 2, 0.5), (1, 2, 0.4)];
    assert!(refused(&singular).contains("semi-definite"));
    // Both sides of the edge: of r12 = r23 = r, r13 may go down to 2r² − 1.
    let edge = 2.0 * 0.8 * 0.8 - 1.0;
    assert!(Correlations::new(3, &[(0, 1, 0.8), (1, 2, 0.8), (0, 2, edge)]).is_ok());
    assert!(Correlations::new(3, &[(0, 1, 0.8), (1, 2, 0.8), (0, 2, edge - 1e-6)]).is_err());
}

#[test]
fn what_cannot_be_is_refused() {
    let inf = f64::INFINITY;
    let with = |u| Distribution::Normal {
        standard_uncertainty: u,
    };
    assert!(Input::new("a", f64::NAN, with(1.0), inf).is_err());
    assert!(Input::new("a", 0.0, with(-1.0), inf).is_err());
    assert!(Input::new("a", 0.0, with(f64::NAN), inf).is_err());
    assert!(Input::new("a", 0.0, with(1.0), 0.5).is_err());
    let student = Distribution::Student {
        standard_uncertainty: 1.0,
    };
    assert!(Input::new("a", 0.0, student, inf).is_err());
    let wide = Distribution::Trapezoidal {
        half_width: 1.0,
        top: 1.5,
    };
    assert!(Input::new("a", 0.0, wide, inf).is_err());
    assert!(Budget::new(&sum, &[], &Correlations::none(0)).is_err());
    let one = [normal("a", 1.0, 0.1, inf)];
    assert!(Budget::new(&sum, &one, &Correlations::none(2)).is_err());
    let settings = |draws| Settings {
        seed: 0,
        level: 0.95,
        draws,
    };
    let none = Correlations::none(1);
    for draws in [
        Draws::Fixed(0),
        Draws::Fixed(99),
        Draws::Fixed(usize::MAX),
        Draws::Adaptive {
            digits: 3,
            validating: false,
        },
    ] {
        assert!(propagate(&sum, &one, &none, &settings(draws)).is_err());
    }
    let few = [Input::new("a", 0.0, student, 2.0).unwrap()];
    let refused = propagate(&sum, &few, &none, &settings(Draws::Fixed(1000)));
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("take more readings")
    );
    let constant = [normal("a", 1.0, 0.0, inf)];
    let adaptive = Draws::Adaptive {
        digits: 2,
        validating: false,
    };
    assert!(propagate(&sum, &constant, &none, &settings(adaptive)).is_err());
    assert!(PowerSum::new(1, vec![]).is_err());
    let beyond = Term {
        coefficient: 1.0,
        powers: vec![(1, 1.0)],
    };
    assert!(PowerSum::new(1, vec![beyond]).is_err());
    // A draw outside the model's domain refuses the whole.
    let root = PowerSum::new(
        1,
        vec![Term {
            coefficient: 1.0,
            powers: vec![(0, 0.5)],
        }],
    )
    .unwrap();
    let near_zero = [normal("a", 0.1, 1.0, inf)];
    assert!(propagate(&root, &near_zero, &none, &settings(Draws::Fixed(1000))).is_err());
    assert!(Random::new(0, 0).uniform() > 0.0);
}
