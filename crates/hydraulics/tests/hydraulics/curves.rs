//! What is read from fits: errors, bands, degrees, splines, best points, replicates.

use crate::near;
use dutypoint_hydraulics::Error;
use dutypoint_hydraulics::curve::{Curve, Efficiency, EfficiencyCurve, nearest};
use dutypoint_hydraulics::degree;
use dutypoint_hydraulics::fit::PolynomialFit;
use dutypoint_hydraulics::normal::Random;
use dutypoint_hydraulics::replicate::Replicates;
use dutypoint_hydraulics::spline::MonotoneSpline;

const X: [f64; 8] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
const Y: [f64; 8] = [1.0, 3.0, 2.0, 5.0, 4.0, 8.0, 7.0, 11.0];

fn relative(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance * expected.abs(),
        "found {found}, expected {expected}"
    );
}

/// Weighted and unweighted fit of degree 2, against exact rational arithmetic with the
/// same definitions (σ² = Σwr²/(N−p), as R's `lm`).
#[test]
fn weights_errors_and_band_are_those_of_exact_arithmetic() {
    let weights = [1.0, 4.0, 2.0, 1.0, 0.25, 3.0, 1.0, 2.0];
    let fit = PolynomialFit::weighted(&X, &Y, &weights, 2, false).unwrap();
    let powers = fit.powers().unwrap();
    let expected = [
        1.643_220_012_472_047,
        0.664_499_946_378_141_4,
        0.091_250_501_463_678_14,
    ];
    for (found, expected) in powers.coefficients.iter().zip(expected) {
        relative(*found, expected, 1e-15);
    }
    let expected = [
        1.034_558_764_135_507_6,
        0.764_755_788_205_510_6,
        0.103_508_310_606_866_62,
    ];
    for (found, expected) in powers.standard_errors.unwrap().iter().zip(expected) {
        relative(*found, expected, 1e-15);
    }
    relative(fit.residual_sd.unwrap(), 1.548_097_905_994_196, 1e-15);
    relative(fit.r_squared.unwrap(), 0.920_990_973_850_210_6, 1e-15);

    let curve = Curve::new(PolynomialFit::new(&X, &Y, 2, false).unwrap());
    let read = curve.read(2.5).unwrap();
    relative(read.value, 3.370_535_714_285_714_4, 1e-15);
    relative(read.standard_error.unwrap(), 0.663_112_670_220_551_2, 1e-14);
    relative(read.band_95.unwrap(), 1.704_585_385_049_242, 1e-12);
    assert!(matches!(curve.read(7.1), Err(Error::OutsideDomain { .. })));
    // The covariance gives the same error of a value: φᵀCφ.
    let covariance = curve.fit().unwrap().powers().unwrap().covariance.unwrap();
    let mut variance = 0.0;
    for (i, row) in covariance.iter().enumerate() {
        for (j, c) in row.iter().enumerate() {
            variance += c * libm::pow(2.5, i as f64) * libm::pow(2.5, j as f64);
        }
    }
    relative(variance.sqrt(), read.standard_error.unwrap(), 1e-12);
}

/// A point of weight 2 is two points, apart from the degrees of freedom.
#[test]
fn a_weight_is_a_number_of_points_whatever_its_scale() {
    let twice: Vec<usize> = vec![0, 1, 1, 2, 3, 4, 5, 5, 6, 7];
    let of = |list: &[f64; 8]| twice.iter().map(|i| list[*i]).collect::<Vec<_>>();
    let repeated = PolynomialFit::new(&of(&X), &of(&Y), 2, false).unwrap();
    for scale in [1.0, 1e-300, 1e300] {
        let weights = [1.0, 2.0, 1.0, 1.0, 1.0, 2.0, 1.0, 1.0].map(|w| w * scale);
        let weighted = PolynomialFit::weighted(&X, &Y, &weights, 2, false).unwrap();
        relative(weighted.evaluate(3.3), repeated.evaluate(3.3), 1e-15);
        let freedom = (7.0_f64 / 5.0).sqrt();
        let errors = (weighted.standard_error(3.3), repeated.standard_error(3.3));
        relative(errors.0.unwrap(), freedom * errors.1.unwrap(), 1e-14);
        let sd = freedom * repeated.residual_sd.unwrap() * scale.sqrt();
        relative(weighted.residual_sd.unwrap(), sd, 1e-14);
        near(weighted.leverage.iter().sum::<f64>(), 3.0, 12);
    }
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let weights = [1.0, 1.0, bad, 1.0, 1.0, 1.0, 1.0, 1.0];
        let error = PolynomialFit::weighted(&X, &Y, &weights, 2, false).unwrap_err();
        assert!(error.to_string().contains("weight of a point"), "{error}");
    }
    assert!(PolynomialFit::weighted(&X, &Y, &[1.0], 2, false).is_err());
}

#[test]
fn without_spare_points_there_is_no_error() {
    let fit = PolynomialFit::new(&X[..3], &Y[..3], 2, false).unwrap();
    assert_eq!((fit.degrees_of_freedom(), fit.residual_sd), (0, None));
    assert_eq!((fit.standard_error(1.0), fit.band_95(1.0)), (None, None));
    let powers = fit.powers().unwrap();
    assert_eq!((powers.standard_errors, powers.covariance), (None, None));
}

/// Values near the ends of f64 neither overflow nor lose digits inside.
#[test]
fn extreme_units_change_nothing() {
    let fit = PolynomialFit::new(&X, &Y, 2, false).unwrap();
    for (x_scale, y_scale) in [(1e-200, 1e300), (1e250, 1e-290), (1e307, 1.0)] {
        let (x, y) = (X.map(|x| x * x_scale), Y.map(|y| y * y_scale));
        let scaled = PolynomialFit::new(&x, &y, 2, false).unwrap();
        relative(
            scaled.evaluate(2.5 * x_scale),
            y_scale * fit.evaluate(2.5),
            1e-13,
        );
        let sd = y_scale * fit.residual_sd.unwrap();
        relative(scaled.residual_sd.unwrap(), sd, 1e-12);
        relative(scaled.r_squared.unwrap(), fit.r_squared.unwrap(), 1e-12);
    }
    // Powers of 1e-200 are beyond f64: told, not returned as infinity.
    let fit = PolynomialFit::new(&X.map(|x| x * 1e-200), &Y, 2, false).unwrap();
    assert!(matches!(fit.powers(), Err(Error::NotFinite { .. })));
}

/// AICc, F and its 95 % point of degrees 1 to 3, against exact rational arithmetic and
/// SciPy's inverse of the incomplete beta function (its `t.ppf` is off by 1e-9).
#[test]
fn the_criterion_is_the_published_one() {
    let choice = degree::choose(&X, &Y, None, 1, 6, false).unwrap();
    let expected = [
        (
            14.345_975_336_681_507,
            38.120_976_692_563_81,
            5.987_377_607_273_704,
        ),
        (
            21.890_829_932_664_75,
            1.252_602_359_472_588_1,
            6.607_890_973_703_37,
        ),
        (
            40.118_170_538_562_5,
            0.225_806_451_612_903_22,
            7.708_647_422_176_79,
        ),
    ];
    // Degrees 4 and up leave fewer than three points.
    assert_eq!(choice.candidates.len(), 4);
    for (found, (aicc, f, f_95)) in choice.candidates.iter().zip(expected) {
        relative(found.aicc, aicc, 1e-13);
        relative(found.f, f, 1e-12);
        relative(found.f_95, f_95, 1e-12);
    }
    assert_eq!(choice.degree, 1);
}

/// Of degrees AICc does not separate the lower is taken, unless F finds the term.
#[test]
fn a_tie_goes_to_the_lower_degree_unless_the_term_is_significant() {
    let x: Vec<f64> = (0..40).map(f64::from).collect();
    let made = |bend: f64| -> Vec<f64> {
        let y = |i: u32| f64::from(i) + f64::from(i * 7 % 11) + bend * f64::from(i * i);
        (0..40).map(y).collect()
    };
    let chosen = |bend: f64| degree::choose(&x, &made(bend), None, 1, 3, false).unwrap();
    // AICc of degree 2 is 0.66 lower, but F(1, 37) = 3.0 is below 4.1.
    let tie = chosen(0.007);
    assert!(tie.candidates[1].aicc < tie.candidates[0].aicc);
    assert_eq!(tie.degree, 1);
    let bent = chosen(0.012);
    assert!(bent.candidates[1].f > bent.candidates[1].f_95);
    assert_eq!(bent.degree, 2);
}

#[test]
fn a_degree_is_chosen_among_those_the_pack_admits() {
    let rule = crate::gbt3216();
    let rule = rule.fit().unwrap();
    let head = |q: &f64| 58.8 - 0.001 * q * q;
    let q: Vec<f64> = (0..7).map(|i| 20.0 * f64::from(i)).collect();
    let exact: Vec<f64> = q.iter().map(head).collect();
    assert_eq!(rule.choose(&q, &exact).unwrap().degree, 2);
    // A straight line is below the pack's lowest degree, which is 2.
    let line: Vec<f64> = q.iter().map(|q| 60.0 - 0.1 * q).collect();
    assert_eq!(rule.choose(&q, &line).unwrap().degree, 2);
    assert!(matches!(
        rule.choose(&q[..3], &exact[..3]),
        Err(Error::Degree { .. })
    ));
    // Five points admit degree 2, but the criterion needs three spare ones.
    let error = rule.choose(&q[..5], &exact[..5]).unwrap_err();
    assert!(
        matches!(
            error,
            Error::TooFew {
                got: 5,
                need: 6,
                ..
            }
        ),
        "{error}"
    );
}

/// Data RPN15 of Fritsch and Carlson (1980); slopes and values by SciPy 1.10
/// `PchipInterpolator`.
#[test]
fn the_spline_is_pchip() {
    let x = [7.99, 8.09, 8.19, 8.7, 9.2, 10.0, 12.0, 15.0, 20.0];
    let y = [
        0.0,
        2.764_29e-5,
        4.374_98e-2,
        0.169_183,
        0.469_428,
        0.943_740,
        0.998_636,
        0.999_919,
        0.999_994,
    ];
    let spline = MonotoneSpline::new(&x, &y).unwrap();
    let slopes = [
        0.0,
        0.000_552_508_681_868_074_6,
        0.335_876_834_608_350_5,
        0.349_449_167_685_967_2,
        0.596_958_238_926_787_1,
        0.060_321_845_522_970_48,
        0.000_900_395_382_769_270_8,
        3.142_468_363_044_495e-5,
        0.0,
    ];
    for (found, expected) in spline.slopes.iter().zip(slopes) {
        assert!((found - expected).abs() <= 1e-13, "{found}, {expected}");
    }
    let curve = Curve::from(spline);
    for (at, expected) in [
        (8.0, 2.767_433_863_187_248e-7),
        (8.15, 0.023_528_278_365_786_123),
        (8.5, 0.116_632_576_939_275_5),
        (9.0, 0.337_534_326_846_198_16),
        (9.5, 0.685_217_945_110_899_4),
        (11.0, 0.986_043_362_535_050_2),
        (14.0, 0.999_772_491_707_15),
        (18.0, 0.999_982_683_848_142_7),
    ] {
        let found = curve.evaluate(at).unwrap();
        assert!((found - expected).abs() <= 1e-13, "{found}, {expected}");
    }
    assert!(curve.evaluate(20.1).is_err() && curve.fit().is_none());
    assert_eq!(curve.read(9.0).unwrap().band_95, None);
    // Unequal steps, turns and an end that is limited, from the same source.
    let turning = MonotoneSpline::new(&[0.0, 1.0, 2.0, 3.5, 4.0], &[10.0, 12.0, 9.0, 9.5, 14.0]);
    for (found, expected) in turning.unwrap().slopes.iter().zip([
        4.5,
        0.0,
        0.0,
        0.760_563_380_281_690_1,
        11.166_666_666_666_668,
    ]) {
        relative(*found, expected, 1e-14);
    }
}

#[test]
fn a_spline_finds_all_crossings_and_takes_points_in_any_order() {
    // Shut-off read twice, 10.1 and 9.9.
    let q = [3.0, 0.0, 1.0, 2.0, 0.0, 4.0];
    let h = [6.0, 10.1, 7.0, 8.0, 9.9, 1.0];
    let spline = MonotoneSpline::new(&q, &h).unwrap();
    assert_eq!(spline.x, [0.0, 1.0, 2.0, 3.0, 4.0]);
    assert_eq!(spline.y[0], 10.0);
    let curve = Curve::from(spline);
    let three = curve.flows_at(7.5).unwrap();
    assert_eq!(three.len(), 3, "{three:?}");
    for flow in &three {
        near(curve.evaluate(*flow).unwrap(), 7.5, 12);
    }
    // A point that lies on the value is found once, though two pieces end there.
    let at_point = curve.flows_at(8.0).unwrap();
    assert_eq!(at_point.len(), 2, "{at_point:?}");
    assert_eq!(at_point[1], 2.0);
    assert!(matches!(
        MonotoneSpline::new(&[1.0, 1.0], &[2.0, 3.0]),
        Err(Error::TooFewAbscissae { distinct: 1, .. })
    ));
    assert!(MonotoneSpline::new(&[1.0, f64::NAN], &[2.0, 3.0]).is_err());
    assert!(MonotoneSpline::new(&[1.0], &[2.0, 3.0]).is_err());
}

#[test]
fn best_point_of_a_cubic_w15() {
    let q = [0.0, 30.0, 60.0, 90.0, 120.0];
    let eta = q.map(|q| 1.30 * q - 0.0040 * q * q - 1.5e-5 * q * q * q);
    let fitted = |points: usize| {
        let fit = PolynomialFit::new(&q[..points], &eta[..points], 3, true).unwrap();
        Efficiency::Fitted(Curve::new(fit)).best().unwrap()
    };
    let best = fitted(5);
    near(best.flow_m3_s, 102.918_628, 6);
    near(best.efficiency, 75.073_152, 6);
    assert!(best.bracketed && best.flow_uncertainty_m3_s.unwrap() < 1e-9);
    // Points that end at 90 do not reach it: the best measured flow is the last.
    let end = fitted(4);
    assert_eq!((end.flow_m3_s, end.bracketed), (90.0, false));
    assert_eq!(end.flow_uncertainty_m3_s, None);
}

/// Case A of W5, where ρgQ(a − bQ²)/(P0 + kQ) is stationary: aP0 − 3bP0Q² − 2bkQ³ = 0,
/// solved outside.
#[test]
fn best_point_of_head_and_power_w5() {
    let q = [0.0, 40.0, 60.0, 80.0, 95.0, 104.0, 120.0].map(crate::per_hour);
    let head = [58.8, 57.2, 55.2, 52.4, 49.775, 47.984, 44.4];
    let power = [
        8600.0, 12_200.0, 14_000.0, 15_800.0, 17_150.0, 17_960.0, 19_400.0,
    ];
    let curve =
        |values: &[f64], degree| Curve::new(PolynomialFit::new(&q, values, degree, false).unwrap());
    let both = |head: Curve, power: Curve| {
        Efficiency::FromHeadAndPower(EfficiencyCurve {
            head,
            power,
            density_kg_m3: 998.2,
            gravity_m_s2: 9.81,
        })
    };
    let best = both(curve(&head, 2), curve(&power, 1)).best().unwrap();
    relative(3600.0 * best.flow_m3_s, 106.121_962_346_399_12, 1e-9);
    relative(best.efficiency, 0.756_016_776_511_457_9, 1e-13);
    assert!(best.bracketed);
    // Through splines it lies nearby, and has no uncertainty.
    let spline = |values: &[f64]| Curve::from(MonotoneSpline::new(&q, values).unwrap());
    let other = both(spline(&head), spline(&power)).best().unwrap();
    near(3600.0 * other.flow_m3_s, 106.0, 0);
    relative(other.efficiency, best.efficiency, 1e-3);
    assert_eq!(other.efficiency_uncertainty, None);
    // A power that passes through zero is refused, not maximised.
    let zero = curve(&power.map(|p| p - 15_000.0), 1);
    let error = both(curve(&head, 2), zero).best().unwrap_err();
    assert!(matches!(error, Error::Value { .. }), "{error}");
}

/// First order against 4,000 simulated tests of 13 points.
#[test]
fn best_point_uncertainty_agrees_with_monte_carlo() {
    let q: Vec<f64> = (0..13).map(|i| 10.0 * f64::from(i)).collect();
    let head: Vec<f64> = q.iter().map(|q| 58.8 - 0.001 * q * q).collect();
    let power: Vec<f64> = q.iter().map(|q| 8.6 + 0.09 * q).collect();
    let (head_sd, power_sd) = (0.15, 0.08);
    let mut random = Random::new(20_261_123, 0);
    let (mut flows, mut etas, mut of_flow, mut of_eta) = (vec![], vec![], 0.0, 0.0);
    let runs = 4000;
    for _ in 0..runs {
        let mut scattered = |values: &[f64], sd: f64, degree| {
            let y: Vec<f64> = values.iter().map(|v| v + sd * random.normal()).collect();
            Curve::new(PolynomialFit::new(&q, &y, degree, false).unwrap())
        };
        let best = Efficiency::FromHeadAndPower(EfficiencyCurve {
            head: scattered(&head, head_sd, 2),
            power: scattered(&power, power_sd, 2),
            density_kg_m3: 998.2 / 3_600_000.0,
            gravity_m_s2: 9.81,
        })
        .best()
        .unwrap();
        flows.push(best.flow_m3_s);
        etas.push(best.efficiency);
        of_flow += best.flow_uncertainty_m3_s.unwrap() / f64::from(runs);
        of_eta += best.efficiency_uncertainty.unwrap() / f64::from(runs);
    }
    let sd = |list: &[f64]| {
        dutypoint_hydraulics::stats::summary(list)
            .unwrap()
            .sd
            .unwrap()
    };
    // 4,000 runs know a standard deviation to 1.1 %; the estimates from 13 points are low by
    // the bias of s (2.5 %), and the place has a little curvature.
    relative(of_flow, sd(&flows), 0.06);
    relative(of_eta, sd(&etas), 0.06);
}

#[test]
fn replicates_are_the_fits_of_the_perturbed_points() {
    let mut random = Random::new(7, 0);
    let dx: Vec<f64> = (0..7 * 8).map(|_| 0.02 * random.normal()).collect();
    let dy: Vec<f64> = (0..7 * 8).map(|_| 0.5 * random.normal()).collect();
    for origin in [false, true] {
        let replicates = Replicates::new(&X, &Y, 3, origin).unwrap();
        let moved = |from: &[f64; 8], by: &[f64], i: usize| -> Vec<f64> {
            from.iter().zip(&by[8 * i..]).map(|(v, d)| v + d).collect()
        };
        let close = |coefficients: &[f64], x: &[f64], y: &[f64]| {
            let fit = PolynomialFit::new(x, y, 3, origin).unwrap();
            for at in [0.5, 3.3, 6.9] {
                near(replicates.evaluate(coefficients, at), fit.evaluate(at), 11);
            }
        };
        let mut seen = 0;
        let perturb = |i: usize, y: &mut [f64]| y.copy_from_slice(&moved(&Y, &dy, i));
        replicates
            .fixed(7, perturb, |i, c| {
                assert_eq!(i, seen);
                seen += 1;
                close(c, &X, &moved(&Y, &dy, i));
            })
            .unwrap();
        // Seven are no multiple of the lanes.
        let mut seen = 0;
        let perturb = |i: usize, x: &mut [f64], y: &mut [f64]| {
            x.copy_from_slice(&moved(&X, &dx, i));
            y.copy_from_slice(&moved(&Y, &dy, i));
        };
        replicates
            .perturbed(7, perturb, |i, c| {
                assert_eq!(i, seen);
                seen += 1;
                close(c, &moved(&X, &dx, i), &moved(&Y, &dy, i));
            })
            .unwrap();
        assert_eq!(seen, 7);
    }
}

#[test]
fn replicates_that_determine_nothing_are_refused() {
    let replicates = Replicates::new(&X, &Y, 3, false).unwrap();
    let together = replicates.perturbed(
        5,
        |i, x, _| {
            if i == 4 {
                x.fill(1.0)
            }
        },
        |_, _| (),
    );
    assert!(matches!(together, Err(Error::TooFewAbscissae { .. })));
    let nan = replicates.perturbed(1, |_, x, _| x[0] = f64::NAN, |_, _| ());
    assert!(nan.is_err());
    let infinite = replicates.fixed(1, |_, y| y[0] = f64::INFINITY, |_, _| ());
    assert!(matches!(infinite, Err(Error::NotFinite { .. })));
}

/// Nine points of an axial pump: the head dips and rises again before it falls.
#[test]
fn the_saddle_of_an_axial_pump_has_three_intersections() {
    let q: Vec<f64> = (0..9).map(|i| 50.0 * f64::from(i)).collect();
    // 8 − 6u + 5u² − 1.2u³ with u = Q/100: minimum at u = 0.890, maximum at u = 1.888.
    let h: Vec<f64> = q
        .iter()
        .map(|q| {
            let u = q / 100.0;
            8.0 + u * (-6.0 + u * (5.0 - 1.2 * u))
        })
        .collect();
    for curve in [
        Curve::new(PolynomialFit::new(&q, &h, 3, false).unwrap()),
        Curve::from(MonotoneSpline::new(&q, &h).unwrap()),
    ] {
        let flows = curve.flows_at(6.2).unwrap();
        assert_eq!(flows.len(), 3, "{flows:?}");
        // The guarantee lies on the falling branch; the nearest is the last.
        assert_eq!(nearest(&flows, 230.0), Some(flows[2]));
        near(curve.evaluate(flows[2]).unwrap(), 6.2, 11);
    }
}
