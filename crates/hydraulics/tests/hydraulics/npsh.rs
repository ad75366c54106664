//! W11: NPSH from head-drop curves, and guarantees of it.

use crate::{near, pack, per_hour};
use dutypoint_hydraulics::npsh::{Criterion, HeadDrop, Inlet, Required, available_m, head_drop};
use dutypoint_hydraulics::translate::translate_npsh_m;

const PRESSURES_KPA: [f64; 9] = [-5.0, -20.0, -35.0, -45.0, -50.0, -53.0, -55.0, -57.0, -58.5];
const HEADS_M: [f64; 9] = [
    50.05, 50.02, 49.98, 50.00, 49.95, 49.70, 49.10, 48.20, 47.00,
];

fn inlet(gauge_kpa: f64, ambient_pressure_pa: f64) -> Inlet {
    Inlet {
        gauge_pressure_pa: 1000.0 * gauge_kpa,
        gauge_above_datum_m: 0.15,
        bore_m: 0.1,
        flow_m3_s: per_hour(80.0),
        ambient_pressure_pa,
        vapour_pressure_pa: 2339.2,
        density_kg_m3: 998.2,
        gravity_m_s2: 9.7975,
    }
}

fn npsh_m(ambient_pa: f64) -> Vec<f64> {
    PRESSURES_KPA
        .iter()
        .map(|p| available_m(&inlet(*p, ambient_pa)).unwrap())
        .collect()
}

const THREE_PERCENT: Criterion = Criterion {
    drop_pct: 3.0,
    stages: 1,
    plateau_points: 4,
    plateau_limit_pct: 2.0,
};

fn npsh3(found: &HeadDrop) -> f64 {
    match found.required {
        Required::Found { npsh_m, .. } => npsh_m,
        Required::LowerThan(_) => f64::NAN,
    }
}

#[test]
fn w11_npsh_available_and_npsh3() {
    let available = npsh_m(92_500.0);
    for (found, expected) in available.iter().zip([
        9.266_323, 7.732_560, 6.198_796, 5.176_287, 4.665_033, 4.358_280, 4.153_778, 3.949_276,
        3.795_900,
    ]) {
        near(*found, expected, 6);
    }
    let found = head_drop(&available, &HEADS_M, &THREE_PERCENT).unwrap();
    near(found.plateau_m, 50.0125, 12);
    near(found.threshold_m, 48.512_125, 9);
    near(npsh3(&found), 4.020_199, 6);
    let Required::Found {
        above,
        below,
        fraction,
        ..
    } = found.required
    else {
        unreachable!("found above")
    };
    assert_eq!((above.head_m, below.head_m), (49.10, 48.20));
    near(fraction, 0.653_194, 6);
    assert_eq!(found.crossings, 1);
    let ratio = 2900.0 / 2935.0;
    near(
        translate_npsh_m(npsh3(&found), ratio, 2.0).unwrap(),
        3.924_888,
        6,
    );
    near(
        translate_npsh_m(npsh3(&found), ratio, 1.3).unwrap(),
        3.957_987,
        6,
    );
    // The ambient pressure of sea level in place of that of the bench.
    let wrong = head_drop(&npsh_m(101_325.0), &HEADS_M, &THREE_PERCENT).unwrap();
    near(npsh3(&wrong) - npsh3(&found), 0.9024, 4);
}

#[test]
fn the_order_of_the_points_does_not_matter() {
    let available = npsh_m(92_500.0);
    let backwards = |values: &[f64]| values.iter().rev().copied().collect::<Vec<_>>();
    assert_eq!(
        head_drop(&backwards(&available), &backwards(&HEADS_M), &THREE_PERCENT),
        head_drop(&available, &HEADS_M, &THREE_PERCENT)
    );
}

/// Five stages, 250 m: the drop of 3 % of one stage is 1.5 m of the total, 248.5 m.
#[test]
fn w11_of_a_multistage_pump_one_stage_drops() {
    let head: Vec<f64> = [250.0, 250.0, 250.0, 250.0, 249.0, 248.0].to_vec();
    let npsh = [8.0, 7.0, 6.0, 5.0, 4.0, 3.0];
    let criterion = Criterion {
        stages: 5,
        ..THREE_PERCENT
    };
    let found = head_drop(&npsh, &head, &criterion).unwrap();
    near(found.threshold_m, 248.5, 12);
    near(npsh3(&found), 3.5, 12);
    // Taken for one stage, the same readings never reach 242.5 m.
    let wrong = head_drop(&npsh, &head, &THREE_PERCENT).unwrap();
    near(wrong.threshold_m, 242.5, 12);
    assert_eq!(wrong.required, Required::LowerThan(3.0));
}

#[test]
fn a_plateau_that_is_not_level_or_too_short_is_refused() {
    let refused = |heads: &[f64], criterion: Criterion| {
        let npsh: Vec<f64> = (0..heads.len()).map(|i| 9.0 - i as f64).collect();
        head_drop(&npsh, heads, &criterion).unwrap_err().to_string()
    };
    let uneven = [52.0, 49.0, 50.0, 50.0, 40.0];
    assert!(
        refused(&uneven, THREE_PERCENT).contains("spread of the plateau in % of its mean = 3.48")
    );
    let few = Criterion {
        plateau_points: 1,
        ..THREE_PERCENT
    };
    assert!(refused(&uneven, few).contains("number of plateau points"));
    assert!(refused(&uneven[..3], THREE_PERCENT).contains("at least 4 are needed"));
    let none = Criterion {
        stages: 0,
        ..THREE_PERCENT
    };
    assert!(refused(&uneven, none).contains("number of stages"));
    // The spread is allowed, but the first point already lies under the threshold.
    let wide = Criterion {
        plateau_limit_pct: 10.0,
        ..THREE_PERCENT
    };
    assert!(refused(&[46.0, 50.0, 51.0, 52.0], wide).contains("already cavitates"));
}

#[test]
fn on_the_threshold_is_there_and_of_two_falls_the_first_counts() {
    let on = head_drop(
        &[9.0, 8.0, 7.0, 6.0, 5.0],
        &[100.0, 100.0, 100.0, 100.0, 97.0],
        &THREE_PERCENT,
    );
    near(npsh3(&on.unwrap()), 5.0, 12);
    let twice = head_drop(
        &[9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0],
        &[100.0, 100.0, 100.0, 100.0, 96.0, 98.0, 90.0],
        &THREE_PERCENT,
    )
    .unwrap();
    assert_eq!(twice.crossings, 2);
    near(npsh3(&twice), 5.25, 12);
}

#[test]
fn w11_limits_of_guaranteed_npsh_in_three_editions() {
    for (id, grade, at_2_5, at_6) in [
        ("gbt3216-2016", "1B", 2.5, 6.0),
        ("gbt3216-2016", "3B", 2.5, 6.0),
        ("hi14.6", "2U", 2.5, 6.0),
        ("api610-11", "API 610", 2.5, 6.0),
        ("gbt3216-2005", "1", 2.65, 6.18),
        ("gbt3216-2005", "2", 2.80, 6.36),
    ] {
        let standard = pack(id);
        let row = standard.npsh_tolerance(grade).unwrap();
        near(row.limit_m(2.5).unwrap(), at_2_5, 12);
        near(row.limit_m(6.0).unwrap(), at_6, 12);
    }
    // Both rules of 1999 cross at 5 m.
    let standard = pack("gbt3216-2005");
    let row = standard.npsh_tolerance("2").unwrap();
    near(row.limit_m(5.0).unwrap(), 5.3, 12);
    assert!(standard.npsh_tolerance("A.1").is_err());
    assert!(row.limit_m(0.0).is_err());
}
