//! Propagation of distributions after JCGM 101, against its examples and known moments.

use crate::budgets::{end_gauge, gum, normal, number, rectangular, relative, sum};
use crate::near;
use dutypoint_hydraulics::uncertainty::budget::{Budget, Freedom};
use dutypoint_hydraulics::uncertainty::input::{Correlations, Distribution, Input};
use dutypoint_hydraulics::uncertainty::monte_carlo::{
    Draws, Interval, Settings, numerical_tolerance, propagate,
};
use dutypoint_hydraulics::uncertainty::student;
/// H.1.7: with the products δα·θ and αs·δθ the uncertainty is 34 nm instead of 32 nm. The
/// propagation sees them; the first order does not, and is not validated.
#[test]
fn gum_h_1_second_order_is_seen_by_the_draws() {
    let case = gum();
    let (inputs, model) = end_gauge();
    let none = Correlations::none(9);
    let settings = Settings {
        seed: 1,
        level: 0.95,
        draws: Draws::Fixed(1_000_000),
    };
    let found = propagate(&model, &inputs, &none, &settings).unwrap();
    let second = number(&case, "/GUM_H1_end_gauge/published/u_second_order_nm");
    near(found.standard_uncertainty, second, 0);
    // Standard error of the mean: 34/1000.
    assert!(
        (found.value - 50_000_838.0).abs() < 5.0 * 0.034,
        "{}",
        found.value
    );
    let budget = Budget::new(&model, &inputs, &none).unwrap();
    let expanded = budget.expanded(0.95, Freedom::AsComputed).unwrap();
    let held = found
        .validate(&budget, &expanded, Interval::Shortest, 2)
        .unwrap();
    assert!(!held.validated && held.tolerance == 0.5, "{held:?}");
}

/// JCGM 101:2008 9.2: the sum of four quantities, the printed results to the printed digits
/// by the procedure that knows its own error.
#[test]
fn jcgm_101_9_2_additive_model() {
    let case = gum();
    let at = |path: &str| number(&case, &format!("/JCGM101_9_2_additive/cases/{path}"));
    let four = |distribution: Distribution| -> Vec<Input> {
        ["X1", "X2", "X3", "X4"]
            .iter()
            .map(|name| Input::new(*name, 0.0, distribution, f64::INFINITY).unwrap())
            .collect()
    };
    let unit = Distribution::Normal {
        standard_uncertainty: 1.0,
    };
    let half_width = f64::sqrt(3.0);
    for (index, inputs) in [four(unit), four(Distribution::Rectangular { half_width })]
        .iter()
        .enumerate()
    {
        let none = Correlations::none(4);
        let budget = Budget::new(&sum, inputs, &none).unwrap();
        relative(budget.standard_uncertainty, 2.0, 1e-14);
        let expanded = budget.expanded(0.95, Freedom::AsComputed).unwrap();
        near(expanded.uncertainty, 3.92, 2);
        let settings = Settings {
            seed: 101,
            level: 0.95,
            draws: Draws::Adaptive {
                digits: 2,
                validating: true,
            },
        };
        let found = propagate(&sum, inputs, &none, &settings).unwrap();
        let tolerance = found.stability.tolerance.unwrap();
        assert!(found.stability.stabilised);
        assert_eq!(tolerance, 0.01);
        assert!((found.value - at(&format!("{index}/published/y"))).abs() < tolerance);
        near(
            found.standard_uncertainty,
            at(&format!("{index}/published/u")),
            1,
        );
        let printed = [0, 1].map(|side| at(&format!("{index}/published/interval95/{side}")));
        for (end, printed) in found.symmetric.iter().zip(printed) {
            // Its own error, and half a unit of the last printed digit.
            assert!((end - printed).abs() < tolerance + 0.005, "{end} {printed}");
        }
        // The shortest one slides along a flat optimum; its length does not.
        let length = found.shortest[1] - found.shortest[0];
        assert!(length <= found.symmetric[1] - found.symmetric[0]);
        assert!((length - (printed[1] - printed[0])).abs() < 2.0 * tolerance + 0.01);
        let held = found
            .validate(&budget, &expanded, Interval::Symmetric, 2)
            .unwrap();
        assert_eq!(held.tolerance, 0.05);
        assert!(held.validated, "{held:?}");
    }
}

/// Each distribution: mean, standard deviation and a quantile known in closed form.
#[test]
fn distributions_of_jcgm_101() {
    let student = Distribution::Student {
        standard_uncertainty: 1.0,
    };
    let inf = f64::INFINITY;
    // Half of the 90 % interval: where 5 % lie above.
    for (distribution, dof, sd, p95) in [
        (
            Distribution::Rectangular { half_width: 2.0 },
            inf,
            2.0 / f64::sqrt(3.0),
            1.8,
        ),
        (
            Distribution::Triangular { half_width: 2.0 },
            inf,
            2.0 / f64::sqrt(6.0),
            2.0 * (1.0 - f64::sqrt(0.1)),
        ),
        (
            // Density 1/(a (1 + β)) on the top, falling to 0: 5 % lie above a − √(0.1 a²(1−β²)).
            Distribution::Trapezoidal {
                half_width: 2.0,
                top: 0.5,
            },
            inf,
            2.0 * f64::sqrt(1.25 / 6.0),
            2.0 - f64::sqrt(0.1 * 4.0 * 0.75),
        ),
        (
            Distribution::UShaped { half_width: 2.0 },
            inf,
            2.0 / f64::sqrt(2.0),
            2.0 * libm::sin(core::f64::consts::PI * 0.45),
        ),
        (
            Distribution::Normal {
                standard_uncertainty: 2.0,
            },
            inf,
            2.0,
            2.0 * 1.644_853_627,
        ),
        // ν = 5: t(0.95) = 2.015; standard deviation √(5/3). And a broken number, 7.5.
        (student, 5.0, f64::sqrt(5.0 / 3.0), 2.015_048),
        (
            student,
            7.5,
            f64::sqrt(7.5 / 5.5),
            student::two_sided(0.90, 7.5).unwrap(),
        ),
    ] {
        let input = [Input::new("x", 10.0, distribution, dof).unwrap()];
        let settings = Settings {
            seed: 64,
            level: 0.90,
            draws: Draws::Fixed(1_000_000),
        };
        let model = |x: &[f64]| Ok(x[0]);
        let found = propagate(&model, &input, &Correlations::none(1), &settings).unwrap();
        assert!(
            (found.value - 10.0).abs() < 5.0 * sd / 1000.0,
            "{distribution:?}"
        );
        relative(found.standard_uncertainty, sd, 0.006);
        let half = 0.5 * (found.symmetric[1] - found.symmetric[0]);
        relative(half, p95, 0.006);
        if !matches!(distribution, Distribution::Student { .. }) {
            relative(distribution.standard_uncertainty(), sd, 1e-14);
        }
    }
}

/// 7.7.3 c of JCGM 101: for a skewed result the shortest interval differs. Of an
/// exponential-like chi-squared with 2 degrees of freedom it begins at 0 and ends at −2 ln 0.05.
#[test]
fn shortest_interval_of_a_skewed_result() {
    let inputs = [
        normal("a", 0.0, 1.0, f64::INFINITY),
        normal("b", 0.0, 1.0, f64::INFINITY),
    ];
    let model = |x: &[f64]| Ok(x[0] * x[0] + x[1] * x[1]);
    let settings = Settings {
        seed: 9,
        level: 0.95,
        draws: Draws::Fixed(1_000_000),
    };
    let found = propagate(&model, &inputs, &Correlations::none(2), &settings).unwrap();
    let quantile = |p: f64| -2.0 * libm::log(1.0 - p);
    near(found.value, 2.0, 2);
    assert!(found.shortest[0] < 0.002, "{:?}", found.shortest);
    relative(found.shortest[1], quantile(0.95), 0.01);
    relative(found.symmetric[0], quantile(0.025), 0.03);
    relative(found.symmetric[1], quantile(0.975), 0.01);
}

#[test]
fn the_adaptive_procedure_stops_when_it_knows_enough() {
    let inputs = [
        normal("a", 50.0, 0.35, f64::INFINITY),
        rectangular("b", 2.0, 0.1, f64::INFINITY),
    ];
    let model = |x: &[f64]| Ok(x[0] * x[1]);
    let run = |digits, validating| {
        let settings = Settings {
            seed: 7,
            level: 0.95,
            draws: Draws::Adaptive { digits, validating },
        };
        propagate(&model, &inputs, &Correlations::none(2), &settings).unwrap()
    };
    let (coarse, fine, finest) = (run(1, false), run(2, false), run(2, true));
    // u is about 2.97: 3 × 10⁰, then 30 × 10⁻¹.
    assert_eq!(coarse.stability.tolerance, Some(0.5));
    assert_eq!(fine.stability.tolerance, Some(0.05));
    assert_eq!(finest.stability.tolerance, Some(0.01));
    assert!(coarse.draws < fine.draws && fine.draws < finest.draws);
    for found in [&coarse, &fine, &finest] {
        assert!(found.stability.stabilised);
        assert_eq!(found.draws, 10_000 * found.stability.blocks);
        assert!(found.stability.spread.unwrap() <= found.stability.tolerance.unwrap());
    }
    assert_eq!(run(2, false), fine);
}

#[test]
fn numerical_tolerance_of_7_9_2() {
    for (u, digits, expected) in [
        (0.000_35, 2, 5e-6),
        (0.35, 1, 0.05),
        (0.996, 2, 0.05),
        (0.994, 2, 0.005),
        (32.0, 2, 0.5),
        (2.0, 1, 0.5),
        (1e-300, 2, 5e-302),
    ] {
        assert_eq!(numerical_tolerance(u, digits).unwrap(), expected, "{u}");
    }
    assert!(numerical_tolerance(0.0, 2).is_err());
    assert!(numerical_tolerance(1.0, 3).is_err());
}

/// Golden bits: what another platform must reproduce.
#[test]
fn the_same_seed_gives_the_same_bits() {
    let inputs = [
        normal("q", 0.009, 2e-5, f64::INFINITY),
        rectangular("h", 105.95, 0.2, f64::INFINITY),
        Input::new(
            "p",
            15_376.0,
            Distribution::Student {
                standard_uncertainty: 20.0,
            },
            9.0,
        )
        .unwrap(),
        Input::new(
            "g",
            9.7962,
            Distribution::UShaped { half_width: 1e-4 },
            f64::INFINITY,
        )
        .unwrap(),
    ];
    let model = |x: &[f64]| Ok(998.6 * x[3] * x[0] * x[1] / x[2]);
    let run = |seed| {
        let settings = Settings {
            seed,
            level: 0.95,
            draws: Draws::Fixed(50_000),
        };
        propagate(&model, &inputs, &Correlations::none(4), &settings).unwrap()
    };
    let (one, again, other) = (run(2026), run(2026), run(2027));
    assert_eq!(one, again);
    assert_ne!(one.value, other.value);
    let bits = [
        one.value,
        one.standard_uncertainty,
        one.symmetric[0],
        one.shortest[1],
    ];
    assert_eq!(
        bits.map(f64::to_bits),
        [
            0x3fe3_69d2_2b67_0990,
            0x3f5c_a71d_f972_c8fb,
            0x3fe3_4dd6_2216_43c4,
            0x3fe3_8519_6db0_8729,
        ]
    );
}
