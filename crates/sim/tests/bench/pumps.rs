//! The kinds of pumps: power balance, shapes, cavitation.

use crate::common::{demo, plan};
use dutypoint_sim::{PumpKind, PumpModel, Rating, Rig, Schedule, Suction, SupplyPoint};
use proptest::prelude::*;

const KINDS: [PumpKind; 5] = [
    PumpKind::Centrifugal,
    PumpKind::WellSubmersible,
    PumpKind::Sewage,
    PumpKind::MixedFlow,
    PumpKind::Axial,
];

fn rating(kind: PumpKind) -> Rating {
    Rating {
        kind,
        flow_m3_h: 32.0,
        head_m: 40.0,
        efficiency_pct: 70.0,
        speed_rpm: 2900.0,
        stages: 1,
        npsh3_m: Some(3.0),
    }
}

/// Heads at the speed of the curves over flows of 0 … 1.3 times the rated.
fn heads(model: &PumpModel) -> Vec<f64> {
    let phis = (0..=130).map(|n| f64::from(n) / 100.0);
    phis.map(|phi| model.head_m(phi * model.rated_flow_m3_h / 3600.0, model.curve_rpm))
        .collect()
}

#[test]
fn heads_fall_with_flow_but_for_the_saddle_of_the_axial_pump() {
    for kind in KINDS {
        let heads = heads(&PumpModel::of(&rating(kind)));
        assert!((heads[100] / 40.0 - 1.0).abs() < 1e-9, "{kind:?}");
        let falls = heads.windows(2).all(|pair| pair[0] > pair[1]);
        // The parabola of the centrifugal pump is level at closed valve.
        assert_eq!(falls, kind != PumpKind::Axial, "{kind:?}");
    }
    let heads = heads(&PumpModel::of(&rating(PumpKind::Axial)));
    assert!(heads[..=40].windows(2).all(|pair| pair[0] > pair[1]));
    assert!(heads[41..=64].windows(2).all(|pair| pair[0] < pair[1]));
    assert!(heads[65..].windows(2).all(|pair| pair[0] > pair[1]));
    assert!(
        heads[64] - heads[40] > 0.02 * 40.0,
        "the saddle is too flat to see"
    );
    assert!(heads[0] > heads[64], "closed valve is highest");
}

#[test]
fn power_at_closed_valve_is_least_for_radial_and_most_for_axial_pumps() {
    let power = |kind, phi: f64| {
        let model = PumpModel::of(&rating(kind));
        model.shaft_power_w(phi * 32.0 / 3600.0, 2900.0, 998.2)
    };
    for kind in [
        PumpKind::Centrifugal,
        PumpKind::WellSubmersible,
        PumpKind::Sewage,
    ] {
        assert!(power(kind, 0.0) < 0.6 * power(kind, 1.0), "{kind:?}");
    }
    let mixed = power(PumpKind::MixedFlow, 0.0) / power(PumpKind::MixedFlow, 1.0);
    assert!((0.9..1.1).contains(&mixed), "{mixed}");
    assert!(power(PumpKind::Axial, 0.0) > 1.5 * power(PumpKind::Axial, 1.0));
    // By hand: 998.2 · 9.80665 · 32/3600 · 40 / 0.70 = 4972 W.
    assert!((power(PumpKind::Sewage, 1.0) - 4972.1).abs() < 0.5);
}

proptest! {
    #[test]
    fn no_pump_makes_more_than_it_takes_and_each_is_best_at_its_rated_flow(
        kind in prop::sample::select(KINDS.to_vec()), flow_m3_h in 5.0..2000.0_f64,
        head_m in 2.0..300.0_f64, efficiency_pct in 20.0..90.0_f64,
        poles in 1u32..5, stages in 1u32..20, phi in 0.0..1.3_f64,
    ) {
        let speed_rpm = 3000.0 / f64::from(poles) * 0.97;
        let model = PumpModel::of(&Rating {
            kind, flow_m3_h, head_m, efficiency_pct, speed_rpm, stages, npsh3_m: None,
        });
        let (density, gravity) = (998.2, 9.806_65);
        let flow = phi * flow_m3_h / 3600.0;
        let hydraulic = density * gravity * flow * model.head_m(flow, speed_rpm);
        let shaft = model.shaft_power_w(flow, speed_rpm, density);
        prop_assert!(shaft > 0.0);
        let efficiency = hydraulic / shaft;
        prop_assert!(efficiency <= efficiency_pct / 100.0 * (1.0 + 1e-9), "{efficiency}");
        let rated = flow_m3_h / 3600.0;
        let best = density * gravity * rated * model.head_m(rated, speed_rpm)
            / model.shaft_power_w(rated, speed_rpm, density);
        prop_assert!((best - efficiency_pct / 100.0).abs() < 1e-9, "{best}");
        // The motor carries it and takes more than it gives.
        let o = model.operate(flow, &SupplyPoint::balanced(380.0, 50.0), 0.0, density);
        prop_assert!(o.shaft_power_w > 0.0 && o.motor_power_w > o.shaft_power_w, "{o:?}");
        let nominal = 3000.0 / f64::from(poles);
        prop_assert!(o.speed_rpm > 0.85 * nominal && o.speed_rpm < nominal, "{o:?}");
    }
}

/// The runs of an NPSH test: NPSH available, head, NPSH3 and the head without cavitation.
fn npsh_runs(suction: Suction, stages: u32) -> Vec<[f64; 4]> {
    let (bench, _) = demo();
    let model = PumpModel::of(&Rating {
        stages,
        ..rating(PumpKind::Centrifugal)
    });
    let mut rig = Rig::new(&bench, &plan(), model.clone(), &[], 1)
        .unwrap()
        .with_suction(suction);
    rig.set_demand(0.7);
    (60..600)
        .map(|second| {
            rig.advance_to(f64::from(second));
            let t = rig.truth();
            let whole = model.head_m(t.flow_m3_s, t.operation.speed_rpm);
            [t.npsh_available_m, t.head_m, t.npsh3_m, whole]
        })
        .collect()
}

/// NPSH where the head lacks 3 %, straight between two runs, and NPSH3 there.
fn found(runs: &[[f64; 4]]) -> (f64, f64) {
    let lack = |run: &[f64; 4]| 1.0 - run[1] / run[3];
    let pair = runs
        .windows(2)
        .find(|pair| lack(&pair[0]) < 0.03 && lack(&pair[1]) >= 0.03)
        .unwrap();
    let share = (0.03 - lack(&pair[0])) / (lack(&pair[1]) - lack(&pair[0]));
    let between = |n: usize| pair[0][n] + share * (pair[1][n] - pair[0][n]);
    (between(0), between(2))
}

#[test]
fn npsh3_is_found_from_runs_in_a_closed_loop_and_behind_a_throttle() {
    let closed = Suction {
        closed: true,
        level_m: 2.0,
        tank_pa: Schedule::new(&[[60.0, 0.0], [600.0, -92_000.0]]).unwrap(),
        loss_at_rated_m: Schedule::steady(0.3),
    };
    let throttled = Suction {
        closed: false,
        level_m: 1.0,
        tank_pa: Schedule::steady(0.0),
        loss_at_rated_m: Schedule::new(&[[60.0, 0.3], [600.0, 12.0]]).unwrap(),
    };
    for suction in [closed, throttled] {
        let runs = npsh_runs(suction, 1);
        assert!(
            runs.windows(2).all(|pair| pair[0][0] > pair[1][0]),
            "NPSH falls"
        );
        assert!(
            (runs[0][1] / runs[0][3] - 1.0).abs() < 1e-4,
            "none at first"
        );
        let (npsh_m, npsh3_m) = found(&runs);
        assert!(
            npsh3_m > 1.5 && (npsh_m / npsh3_m - 1.0).abs() < 0.01,
            "{npsh_m} {npsh3_m}"
        );
    }
}

#[test]
fn the_instruments_behind_a_suction_show_what_the_truth_says() {
    let (bench, _) = demo();
    let plan = plan();
    let channel = |name: &str| plan.channels.iter().position(|c| c.name == name).unwrap();
    let suction = Suction {
        closed: true,
        level_m: 2.0,
        tank_pa: Schedule::steady(-30_000.0),
        loss_at_rated_m: Schedule::steady(0.5),
    };
    let model = PumpModel::of(&rating(PumpKind::Sewage));
    let mut rig = Rig::new(&bench, &plan, model, &[], 1)
        .unwrap()
        .with_suction(suction);
    rig.set_demand(0.0);
    rig.advance_to(60.0);
    let t = rig.truth();
    // Nothing flows: the gauge 1.15 m above the datum sees the pump's head, 2 m of water and
    // the tank.
    let expected = t.density_kg_m3 * t.gravity_m_s2 * (t.head_m + 2.0 - 1.15) - 30_000.0;
    let shown = rig.reading(channel("outlet_pressure")).unwrap();
    assert!((shown / expected - 1.0).abs() < 0.01, "{shown} {expected}");
    // At 370 m 96 957 Pa of air, less the tank's 30 kPa and 2.06 kPa of steam, over ρg, and 2 m.
    assert!(
        (t.npsh_available_m - 8.63).abs() < 0.03,
        "{}",
        t.npsh_available_m
    );
}
