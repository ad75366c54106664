//! Statistics, steadiness, uncertainty.

use crate::{gbt3216, near};
use dutypoint_hydraulics::Error;
use dutypoint_hydraulics::pack::Measured;
use dutypoint_hydraulics::stats::{
    random_uncertainty, slope_per_s, spread_pct, student_t_95, summary,
};
use dutypoint_hydraulics::steady::{Amplitude, Limits, Reason, Window, judge};
use dutypoint_hydraulics::uncertainty::{overall_pct, root_sum_square, unit_efficiency_pct};
use dutypoint_model::Verdict;

const A3: [f64; 3] = [100.2, 99.7, 100.4];
const B3: [f64; 3] = [100.2, 99.1, 100.4];
const B5: [f64; 5] = [100.2, 99.1, 100.4, 100.0, 99.6];

#[test]
fn student_table_of_the_reference() {
    for (readings, t) in (3..=20).zip([
        4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
        2.131, 2.120, 2.110, 2.101, 2.093,
    ]) {
        assert_eq!(
            format!("{:.3}", student_t_95(readings).unwrap()),
            format!("{t:.3}")
        );
    }
    // One degree of freedom has a closed form, tan(0.95·π/2); the normal limit is 1.959964.
    near(student_t_95(2).unwrap(), 12.706_204_736, 9);
    near(student_t_95(usize::MAX).unwrap(), 1.959_963_985, 9);
    // The inverted distribution (1001 readings) and the series (1002) join.
    let (before, after) = (student_t_95(1001).unwrap(), student_t_95(1002).unwrap());
    assert!(before > after && before - after < 3e-6, "{before} {after}");
    // Computed with 30 digits in mpmath.
    near(before, 1.962_339_080_826_408, 13);
    near(after, 1.962_336_705_280_88, 13);
    assert!(matches!(
        student_t_95(1),
        Err(Error::TooFew { need: 2, .. })
    ));
}

#[test]
fn w8_repeated_readings() {
    for (set, mean, sd, e_r, spread) in [
        (A3.as_slice(), 100.1, 0.360_56, 0.8948, 0.6972),
        (&B3, 99.9, 0.700_00, 1.7406, 1.2948),
        (&B5, 99.86, 0.517_69, 0.6437, 1.2948),
    ] {
        let found = random_uncertainty(set).unwrap();
        near(found.summary.mean, mean, 4);
        near(found.summary.sd.unwrap(), sd, 5);
        // The example rounds t to three decimals.
        assert!(
            (found.random_pct - e_r).abs() < 2e-4,
            "{} {e_r}",
            found.random_pct
        );
        near(spread_pct(set).unwrap(), spread, 4);
    }
}

#[test]
fn w8_overall_uncertainty_against_the_pack() {
    let pack = gbt3216();
    let e = |set: &[f64], systematic: f64| {
        overall_pct(random_uncertainty(set).unwrap().random_pct, systematic).unwrap()
    };
    let grade_1 = pack.overall_uncertainty_pct(Measured::Flow, 1).unwrap();
    let grade_2 = pack.overall_uncertainty_pct(Measured::Flow, 2).unwrap();
    let systematic_1 = pack.instrument_uncertainty_pct(Measured::Flow, 1).unwrap();
    let systematic_2 = pack.instrument_uncertainty_pct(Measured::Flow, 2).unwrap();
    for (set, first, passes_1, second) in [
        (A3.as_slice(), 1.7466, true, 2.6553),
        (&B3, 2.2978, false, 3.0463),
        (&B5, 1.6323, true, 2.5815),
    ] {
        assert!((e(set, systematic_1) - first).abs() < 2e-4);
        assert_eq!(e(set, systematic_1) <= grade_1, passes_1);
        assert!((e(set, systematic_2) - second).abs() < 2e-4);
        assert!(e(set, systematic_2) <= grade_2);
    }
}

#[test]
fn w10_propagation() {
    near(unit_efficiency_pct(2.0, 1.5, 1.5).unwrap(), 2.915, 3);
    near(unit_efficiency_pct(3.5, 3.5, 3.5).unwrap(), 6.062, 3);
    near(root_sum_square(&[2.0, 1.5, 1.4, 0.5]).unwrap(), 2.909, 3);
    near(root_sum_square(&[3.5, 3.5, 3.0, 2.0]).unwrap(), 6.124, 3);
    near(root_sum_square(&[2.0, 1.5, 2.0]).unwrap(), 3.202, 3);
    near(root_sum_square(&[3.5, 3.5, 4.0]).unwrap(), 6.364, 3);
}

/// Table 7 of the pack is the root sum of squares of its Table 6, rounded to 0.1.
#[test]
fn w10_the_pack_is_consistent_with_itself() {
    use Measured::{
        Flow, InputPower, PumpEfficiencyFromMotorEfficiency, PumpEfficiencyFromTorque,
        ShaftPowerFromMotorEfficiency, Speed, Torque, TotalHead, UnitEfficiency,
    };
    let pack = gbt3216();
    for class in 1..=3 {
        let e = |quantity| pack.overall_uncertainty_pct(quantity, class).unwrap();
        for (result, parts) in [
            (UnitEfficiency, vec![Flow, TotalHead, InputPower]),
            (
                PumpEfficiencyFromTorque,
                vec![Flow, TotalHead, Torque, Speed],
            ),
            (
                PumpEfficiencyFromMotorEfficiency,
                vec![Flow, TotalHead, ShaftPowerFromMotorEfficiency],
            ),
        ] {
            let parts: Vec<f64> = parts.into_iter().map(e).collect();
            assert!((root_sum_square(&parts).unwrap() - e(result)).abs() < 0.05);
        }
    }
}

const W9: [f64; 7] = [100.0, 101.5, 99.2, 98.6, 100.9, 101.1, 99.4];
const SECONDS: [f64; 7] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0];

#[test]
fn w9_fluctuation_by_grade() {
    let pack = gbt3216();
    let window = Window {
        times_s: &SECONDS,
        values: &W9,
        reference: None,
    };
    for (quantity, class, verdict) in [
        (Measured::Flow, 1, Verdict::Pass),
        (Measured::Speed, 1, Verdict::Fail),
        (Measured::Speed, 2, Verdict::Fail),
        (Measured::Speed, 3, Verdict::Pass),
    ] {
        let limits = pack.steady_limits(quantity, class).unwrap();
        let found = judge(&window, &limits).unwrap();
        near(found.summary.mean, 100.1, 9);
        near(found.amplitude_pct.unwrap(), 1.4985, 4);
        near(
            100.0 * (found.summary.max / found.summary.mean - 1.0),
            1.3986,
            4,
        );
        assert_eq!(found.verdict, verdict, "{quantity:?} class {class}");
        assert_eq!(found.summary.count, 7, "no sample is dropped");
    }
}

#[test]
fn a_slow_drift_inside_the_amplitude_is_not_steady() {
    let values: Vec<f64> = SECONDS.iter().map(|t| 100.0 + 0.3 * t).collect();
    let window = Window {
        times_s: &SECONDS,
        values: &values,
        reference: None,
    };
    let limits = Limits {
        amplitude: Amplitude::PercentOfMean(2.0),
        drift_pct: 1.0,
        floor_pct: None,
    };
    let found = judge(&window, &limits).unwrap();
    near(found.drift, 1.8, 12);
    near(found.drift_limit, 1.009, 12);
    near(found.window_s, 6.0, 12);
    assert_eq!(
        (found.verdict, found.reason),
        (Verdict::Fail, Reason::Drifts)
    );
    let falling: Vec<f64> = values.iter().map(|v| 200.0 - v).collect();
    let window = Window {
        values: &falling,
        ..window
    };
    assert_eq!(judge(&window, &limits).unwrap().reason, Reason::Drifts);
}

#[test]
fn flow_near_zero_at_shut_off_is_held_against_the_rated_flow() {
    let values = [0.01, -0.02, 0.03, 0.0, -0.01, 0.02, 0.0];
    let limits = Limits {
        amplitude: Amplitude::PercentOfMean(2.0),
        drift_pct: 1.0,
        floor_pct: Some(1.0),
    };
    let bare = Window {
        times_s: &SECONDS,
        values: &values,
        reference: None,
    };
    assert_eq!(judge(&bare, &limits).unwrap().verdict, Verdict::Fail);
    let rated = Window {
        reference: Some(32.0),
        ..bare
    };
    let found = judge(&rated, &limits).unwrap();
    near(found.amplitude_limit, 0.32, 12);
    assert_eq!(found.verdict, Verdict::Pass);
}

#[test]
fn temperature_is_limited_in_degrees() {
    let limits = gbt3216().steady_limits(Measured::Temperature, 2).unwrap();
    let calm = Window {
        times_s: &[0.0, 1.0, 2.0],
        values: &[20.0, 20.2, 20.1],
        reference: None,
    };
    assert_eq!(judge(&calm, &limits).unwrap().verdict, Verdict::Pass);
    let warm = Window {
        values: &[20.0, 20.9, 20.0],
        ..calm
    };
    assert_eq!(judge(&warm, &limits).unwrap().reason, Reason::Fluctuates);
}

#[test]
fn slope_is_exact_on_a_line_and_refuses_disordered_time() {
    near(
        slope_per_s(&[0.0, 1.0, 4.0], &[1.0, 3.0, 9.0]).unwrap(),
        2.0,
        14,
    );
    let error = slope_per_s(&[0.0, 2.0, 1.0], &[1.0, 1.0, 1.0]).unwrap_err();
    assert_eq!(
        error,
        Error::TimeOrder {
            time_s: 1.0,
            before_s: 2.0
        }
    );
    assert!(matches!(
        slope_per_s(&[0.0], &[]),
        Err(Error::Lengths { left: 1, right: 0 })
    ));
    assert_eq!(summary(&[7.0]).unwrap().sd, None);
}
