//! Statistics, steadiness, uncertainty.

use crate::{gbt3216, near};
use dutypoint_hydraulics::Error;
use dutypoint_hydraulics::pack::Measured;
use dutypoint_hydraulics::stats::{random_uncertainty, slope, spread_pct, student_t_95, summary};
use dutypoint_hydraulics::steady::sets::{self, Column, Set, Sets};
use dutypoint_hydraulics::steady::{Amplitude, Limits, Reason, Window, judge, settled, undamped};
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
        slope(&[0.0, 1.0, 4.0], &[1.0, 3.0, 9.0]).unwrap().per_s,
        2.0,
        14,
    );
    let error = slope(&[0.0, 2.0, 1.0], &[1.0, 1.0, 1.0]).unwrap_err();
    assert_eq!(
        error,
        Error::TimeOrder {
            time_s: 1.0,
            before_s: 2.0
        }
    );
    assert!(matches!(
        slope(&[0.0], &[]),
        Err(Error::Lengths { left: 1, right: 0 })
    ));
    assert_eq!(summary(&[7.0]).unwrap().sd, None);
}

/// By hand: Σ(x−x̄)² = 10, Σ(x−x̄)(y−ȳ) = 4.25.
#[test]
fn the_slope_has_its_standard_error_and_significance() {
    let found = slope(&[1.0, 2.0, 3.0, 4.0, 5.0], &[1.0, 2.0, 1.3, 3.75, 2.25]).unwrap();
    near(found.per_s, 0.425, 12);
    // Residuals −0.21 0.365 −0.76 1.265 −0.66: sum of squares 2.79075.
    near(
        found.standard_error_per_s.unwrap(),
        (2.790_75_f64 / 3.0 / 10.0).sqrt(),
        12,
    );
    assert!(!found.significant().unwrap(), "t = 1.39 below 3.18");
    let steep = slope(&[1.0, 2.0, 3.0, 4.0, 5.0], &[1.0, 2.1, 2.9, 4.05, 4.95]).unwrap();
    assert!(steep.significant().unwrap());
    let two = slope(&[0.0, 1.0], &[0.0, 9.0]).unwrap();
    assert_eq!(
        (two.standard_error_per_s, two.significant()),
        (None, Ok(false))
    );
}

#[test]
fn a_signal_damped_longer_than_the_window_is_no_fluctuation_test() {
    assert!(undamped(20.0, 20.0).is_ok(), "as long as the window");
    let error = undamped(20.1, 20.0).unwrap_err().to_string();
    assert_eq!(
        error,
        "failed to use time constant of the transmitter's damping in s = 20.1: it must be no \
         longer than the window of the fluctuation test; reduce the damping in the transmitter, \
         or lengthen the window"
    );
    assert!(undamped(-1.0, 20.0).is_err() && undamped(1.0, 0.0).is_err());
    // Five time constants of 4 s after a valve move.
    assert!(settled(20.0, 4.0).unwrap() && !settled(19.9, 4.0).unwrap());
    assert!(settled(f64::NAN, 4.0).is_err());
}

fn sets_of(values: &[f64]) -> Vec<Set> {
    let set = |(index, value): (usize, &f64)| Set {
        at_s: 12.0 * index as f64,
        values: vec![*value],
        discarded: None,
    };
    values.iter().enumerate().map(set).collect()
}

fn judged(
    pack: &str,
    class: u8,
    quantity: Measured,
    systematic: Option<f64>,
    sets: &[Set],
) -> Sets {
    let columns = [Column {
        quantity,
        systematic_pct: systematic,
    }];
    sets::judge(crate::pack(pack), class, &columns, sets).unwrap()
}

/// W8: three readings too far apart in grade 1 pass with five, none removed; by the table of
/// 1999 and by Student's t of 2012.
#[test]
fn w8_repeated_sets_by_both_editions() {
    let (old, new) = ("gbt3216-2005", "gbt3216-2016");
    for (values, class, pass) in [
        (A3.as_slice(), 1, true),
        (&B3, 1, false),
        (&B3, 2, true),
        (&B5, 1, true),
    ] {
        let expected = if pass { Verdict::Pass } else { Verdict::Fail };
        let found = judged(old, class, Measured::Flow, None, &sets_of(values));
        assert_eq!(found.verdict, expected, "{values:?} class {class}");
        let found = judged(new, class, Measured::Flow, Some(1.5), &sets_of(values));
        assert_eq!(found.verdict, expected, "{values:?} class {class}");
    }
    let found = judged(new, 1, Measured::Flow, None, &sets_of(&A3));
    assert_eq!(found.verdict, Verdict::NotEvaluated);
    assert_eq!(found.quantities[0].reason, sets::Reason::NoSystematic);
    let found = judged(old, 1, Measured::Temperature, None, &sets_of(&A3));
    assert_eq!(found.quantities[0].reason, sets::Reason::NotInPack);
    let found = judged(old, 3, Measured::Flow, None, &sets_of(&A3));
    assert_eq!(found.verdict, Verdict::NotEvaluated, "no third column");
}

/// Reference 3.3: between the rows the next lower one holds, on both sides of each edge.
#[test]
fn the_row_of_the_spread_table_is_the_next_lower_one() {
    let pack = crate::pack("gbt3216-2005");
    for (sets, row, process_1, process_2, speed_1, speed_2) in [
        (3, 3, 0.8, 1.8, 0.3, 0.6),
        (4, 3, 0.8, 1.8, 0.3, 0.6),
        (5, 5, 1.6, 3.5, 0.5, 1.0),
        (6, 5, 1.6, 3.5, 0.5, 1.0),
        (7, 7, 2.2, 4.5, 0.7, 1.4),
        (8, 7, 2.2, 4.5, 0.7, 1.4),
        (9, 9, 2.8, 5.8, 0.8, 1.6),
        (12, 9, 2.8, 5.8, 0.8, 1.6),
        (13, 13, 2.9, 5.9, 0.9, 1.8),
        (20, 13, 2.9, 5.9, 0.9, 1.8),
        (21, 21, 3.0, 6.0, 1.0, 2.0),
        (1000, 21, 3.0, 6.0, 1.0, 2.0),
    ] {
        for (quantity, class, limit) in [
            (Measured::Flow, 1, process_1),
            (Measured::TotalHead, 2, process_2),
            (Measured::Speed, 1, speed_1),
            (Measured::Speed, 2, speed_2),
        ] {
            let (found, value) = pack.spread_pct(sets, quantity, class).unwrap();
            assert_eq!((found.sets, value), (row, limit), "{sets} {quantity:?}");
        }
    }
    assert!(pack.spread_pct(2, Measured::Flow, 1).is_err());
    assert!(
        gbt3216().spread_pct(5, Measured::Flow, 1).is_err(),
        "not in 2012"
    );
}

#[test]
fn a_failed_set_is_discarded_whole_and_with_its_cause() {
    let mut sets = sets_of(&[100.2, 90.0, 99.7, 100.4]);
    sets[1].discarded = Some("air in the impulse line".to_owned());
    let found = judged("gbt3216-2005", 1, Measured::Flow, None, &sets);
    assert_eq!((found.counted, found.verdict), (3, Verdict::Pass));
    assert_eq!(found.discarded, [(1, "air in the impulse line".to_owned())]);
    near(found.quantities[0].random.summary.mean, 100.1, 12);

    let columns = [Column {
        quantity: Measured::Flow,
        systematic_pct: None,
    }];
    let refused = |sets: &[Set]| {
        let pack = crate::pack("gbt3216-2005");
        sets::judge(pack, 1, &columns, sets)
            .unwrap_err()
            .to_string()
    };
    sets[1].discarded = Some(" ".to_owned());
    assert!(refused(&sets).contains("with the cause"));
    assert!(refused(&sets_of(&B3)[..2]).contains("at least 3 are needed"));
    let mut near_in_time = sets_of(&B3);
    near_in_time[1].at_s = 9.9;
    assert!(refused(&near_in_time).contains("= 9.9: it must be at least"));
    near_in_time[1].at_s = 0.0;
    assert!(refused(&near_in_time).contains("later than the sample before"));
    let mut ragged = sets_of(&B3);
    ragged[2].values.push(1.0);
    assert!(refused(&ragged).contains("same length"));
}
