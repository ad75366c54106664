//! Motor tests: E11, E13, E15 and what is refused.

use crate::{gb755, near};
use dutypoint_hydraulics::Error;
use dutypoint_hydraulics::motor::{
    CalibratedMotor, NoLoadPoint, Segregation, Stray, extrapolate_to_switch_off, segregate,
    separate_no_load, stator_copper_loss_w, temperature_from_resistance_c, temperature_rise_k,
};
use dutypoint_hydraulics::pack::{MotorQuantity, Standard};
use dutypoint_hydraulics::power::Conductor::{Aluminium, Copper};
use dutypoint_hydraulics::power::{efficiency, resistance_ohm, slip};
use dutypoint_model::Verdict::{Fail, Pass};

#[test]
fn e11_losses_of_the_well_pump_motor() {
    let hot_c = temperature_from_resistance_c(0.5120, 19.0, 0.5852, Copper).unwrap();
    near(hot_c, 55.3141, 4);
    let rise_k = temperature_rise_k(0.5120, 19.0, 0.5852, 20.5, Copper).unwrap();
    near(rise_k, 34.8141, 4);
    let no_load_w = stator_copper_loss_w(13.1, 0.5301).unwrap();
    near(no_load_w / 1000.0, 0.136_46, 5);
    let iron_w = 1420.0 - no_load_w - 780.0;
    near(iron_w / 1000.0, 0.503_54, 5);
    // The input of E10 at the motor, to the bit of its own arithmetic.
    let core_ohm = resistance_ohm(0.017_86 * 45.0 / 10.0, 20.0, 30.0, Copper).unwrap();
    let load = Segregation {
        input_w: 15_620.0 - 3.0 * 31.20 * 31.20 * core_ohm,
        current_a: 31.20,
        resistance_ohm: 0.5852,
        iron_w,
        friction_windage_w: 780.0,
        slip: slip(50.0, 2868.0, 1).unwrap(),
        stray: Stray::HalfPercentOfInput,
    };
    let losses = segregate(&load).unwrap();
    near(losses.stator_copper_w / 1000.0, 0.854_49, 5);
    near(losses.rotor_copper_w / 1000.0, 0.616_79, 5);
    near(losses.stray_w / 1000.0, 0.076_88, 5);
    near(losses.total_w / 1000.0, 2.831_71, 5);
    near(losses.shaft_w / 1000.0, 12.544_38, 5);
    near(100.0 * losses.efficiency, 81.5837, 4);
    let pump = efficiency(9342.49, losses.shaft_w).unwrap();
    near(100.0 * pump, 74.4755, 4);

    let iec = Segregation {
        stray: Stray::IecAssumed {
            rated_output_w: 13_000.0,
        },
        ..load
    };
    let losses = segregate(&iec).unwrap();
    near(losses.stray_w / 1000.0, 0.298_76, 5);
    near(100.0 * losses.stray_w / load.input_w, 1.943_03, 5);
    near(losses.shaft_w / 1000.0, 12.322_50, 5);
    near(100.0 * losses.efficiency, 80.1407, 4);
    let pump = efficiency(9342.49, losses.shaft_w).unwrap();
    near(100.0 * pump, 75.8165, 4);
}

#[test]
fn stray_load_loss_by_rule() {
    let share = |rated_output_w| {
        Stray::IecAssumed { rated_output_w }
            .loss_w(1000.0, 1.0)
            .unwrap()
    };
    // Both ends of the IEC line, and what lies beyond them.
    near(share(500.0), 25.0, 9);
    near(share(1e3), 25.0, 9);
    near(share(1e7), 5.0, 9);
    near(share(2e7), 5.0, 9);
    near(share(1e5), 15.0, 9);
    // GB/T 1032-2005: 0.5 % of 20 kW at 40 A, a quarter of it at 20 A.
    let scaled = Stray::HalfPercentOfRated {
        rated_input_w: 20e3,
        rated_current_a: 40.0,
    };
    near(scaled.loss_w(9e3, 40.0).unwrap(), 100.0, 9);
    near(scaled.loss_w(9e3, 20.0).unwrap(), 25.0, 9);
    assert!(Stray::Measured { loss_w: -1.0 }.loss_w(9e3, 20.0).is_err());
}

#[test]
fn losses_that_use_up_the_input_are_refused() {
    let load = Segregation {
        input_w: 1000.0,
        current_a: 31.2,
        resistance_ohm: 0.5852,
        iron_w: 100.0,
        friction_windage_w: 300.0,
        slip: 0.044,
        stray: Stray::HalfPercentOfInput,
    };
    let error = segregate(&load).unwrap_err().to_string();
    assert!(
        error.contains("shaft power") && error.contains("below the input"),
        "{error}"
    );
    assert!(
        segregate(&Segregation {
            slip: 1.1,
            input_w: 1e4,
            ..load
        })
        .is_err()
    );
}

#[test]
fn e13_temperature_rise_and_extrapolation() {
    let hot_c = temperature_from_resistance_c(1.842, 18.4, 2.247, Copper).unwrap();
    near(hot_c, 74.1150, 4);
    let rise_k = temperature_rise_k(1.842, 18.4, 2.247, 20.2, Copper).unwrap();
    near(rise_k, 53.9150, 4);
    near(
        resistance_ohm(1.0, 19.0, 75.0, Copper).unwrap(),
        1.220_472,
        6,
    );
    near(
        resistance_ohm(0.5120, 19.0, 75.0, Copper).unwrap(),
        0.624_882,
        6,
    );
    // Aluminium, by hand: (225 + 75)/(225 + 25).
    near(resistance_ohm(1.0, 25.0, 75.0, Aluminium).unwrap(), 1.2, 15);
    let times_s = [20.0, 30.0, 40.0, 50.0, 60.0, 80.0, 100.0];
    let ohm = [2.2305, 2.2223, 2.2142, 2.2063, 2.1986, 2.1837, 2.1694];
    let at = extrapolate_to_switch_off(&times_s, &ohm).unwrap();
    near(at.resistance_ohm, 2.245_40, 5);
    assert!(at.slope_per_s < 0.0 && at.worst_residual_pct < 0.05);
}

#[test]
fn a_cooling_curve_that_cannot_be_extrapolated_says_why() {
    let two = extrapolate_to_switch_off(&[20.0, 30.0], &[2.2, 2.1]).unwrap_err();
    assert!(matches!(two, Error::TooFew { need: 3, .. }), "{two}");
    let back = extrapolate_to_switch_off(&[20.0, 30.0, 30.0], &[2.2, 2.1, 2.0]).unwrap_err();
    assert!(matches!(back, Error::TimeOrder { .. }), "{back}");
    let pair = extrapolate_to_switch_off(&[1.0, 2.0, 3.0], &[2.2, 2.1, 2.0, 1.9]).unwrap_err();
    assert!(matches!(pair, Error::Lengths { .. }), "{pair}");
    assert!(extrapolate_to_switch_off(&[1.0, 2.0, 3.0], &[2.2, 0.0, 2.0]).is_err());
    assert!(extrapolate_to_switch_off(&[-1.0, 2.0, 3.0], &[2.2, 2.1, 2.0]).is_err());
}

/// Points made from 0.78 kW friction and 5.04e-3 W/V² of iron loss, by hand.
fn no_load() -> Vec<NoLoadPoint> {
    [
        (110.0, 4.0),
        (150.0, 5.0),
        (190.0, 6.0),
        (300.0, 9.0),
        (420.0, 14.0),
    ]
    .into_iter()
    .map(|(voltage_v, current_a)| NoLoadPoint {
        voltage_v,
        current_a,
        power_w: 780.0 + 0.005_04 * voltage_v * voltage_v + 1.5 * current_a * current_a * 0.53,
        resistance_ohm: 0.53,
    })
    .collect()
}

#[test]
fn no_load_losses_are_parted() {
    let parted = separate_no_load(&no_load(), 380.0).unwrap();
    near(parted.friction_windage_w, 780.0, 9);
    assert_eq!(parted.regression_points, 3, "190 V touches half of 380 V");
    // 5.04e-3 · 380²: linear in U², so the interpolation is exact.
    near(parted.iron_at_rated_w, 727.776, 9);
    near(parted.constant_at_rated_w, 1507.776, 9);
    near(parted.constant_w[0], 780.0 + 0.005_04 * 12_100.0, 9);
}

#[test]
fn no_load_points_that_do_not_suffice_are_refused() {
    let points = no_load();
    let few = separate_no_load(&points, 379.0).unwrap_err();
    assert!(
        matches!(
            few,
            Error::TooFew {
                got: 2,
                need: 3,
                ..
            }
        ),
        "{few}"
    );
    let outside = separate_no_load(&points, 430.0).unwrap_err().to_string();
    assert!(
        outside.contains("430") && outside.contains("from 110 to 420"),
        "{outside}"
    );
    assert!(separate_no_load(&[], 380.0).is_err());
}

#[test]
fn a_calibrated_motor_is_never_extrapolated() {
    let motor = CalibratedMotor::new(&[(8e3, 0.83), (10e3, 0.845), (12e3, 0.85)]).unwrap();
    near(motor.shaft_power_w(8e3).unwrap(), 6640.0, 9);
    near(motor.shaft_power_w(12e3).unwrap(), 10_200.0, 9);
    // W2: 9850 W with an efficiency of 0.845 at the calibrated input itself.
    let w2 = CalibratedMotor::new(&[(9e3, 0.84), (9850.0, 0.845), (12e3, 0.85)]).unwrap();
    near(w2.shaft_power_w(9850.0).unwrap(), 8323.25, 9);
    for input_w in [7999.9, 12_000.1] {
        let error = motor.shaft_power_w(input_w).unwrap_err();
        assert!(matches!(error, Error::OutsideDomain { .. }), "{error}");
    }
    assert!(CalibratedMotor::new(&[(8e3, 0.83)]).is_err());
    assert!(CalibratedMotor::new(&[(8e3, 0.83), (8e3, 0.84)]).is_err());
    assert!(CalibratedMotor::new(&[(8e3, 0.83), (9e3, 84.0)]).is_err());
}

fn lower(quantity: MotorQuantity, rated_kw: f64, guaranteed: f64) -> f64 {
    let pack = gb755();
    let row = pack.motor_tolerance(quantity, rated_kw * 1000.0).unwrap();
    row.limits(guaranteed).unwrap().low.unwrap()
}

#[test]
fn e15_tolerances_of_gb_755() {
    use MotorQuantity::{Efficiency, PowerFactor};
    near(lower(Efficiency, 13.0, 0.80), 0.7700, 4);
    near(lower(Efficiency, 200.0, 0.93), 0.9230, 4);
    near(lower(PowerFactor, 13.0, 0.78), 0.7433, 4);
    near(lower(PowerFactor, 13.0, 0.85), 0.8250, 4);
    near(lower(PowerFactor, 13.0, 0.90), 0.8800, 4);
    // Floor from 1 - cos φ = 0.12 down, cap from 0.42 up.
    near(lower(PowerFactor, 13.0, 0.88), 0.86, 12);
    near(lower(PowerFactor, 13.0, 0.58), 0.51, 12);
    near(lower(PowerFactor, 13.0, 0.50), 0.43, 12);
    // Both sides of 150 kW.
    near(lower(Efficiency, 150.0, 0.90), 0.885, 12);
    near(lower(Efficiency, 150.000_1, 0.90), 0.890, 12);
}

#[test]
fn relative_tolerances_and_their_edges() {
    let pack = gb755();
    let judge = |quantity, rated_w: f64, guaranteed: f64, measured: f64| {
        let row = pack.motor_tolerance(quantity, rated_w).unwrap();
        row.limits(guaranteed).unwrap().judge(measured)
    };
    use MotorQuantity::{
        BreakdownTorque, LockedRotorCurrent, LockedRotorTorque, PullUpTorque, Slip, TotalLosses,
    };
    for (quantity, rated_w, measured, verdict) in [
        (Slip, 1000.0, 1.2, Pass),
        (Slip, 1000.0, 1.200_001, Fail),
        (Slip, 1000.0, 0.8, Pass),
        (Slip, 1000.0, 0.799_999, Fail),
        (Slip, 999.9, 1.3, Pass),
        (Slip, 999.9, 1.300_001, Fail),
        (LockedRotorCurrent, 13e3, 1.2, Pass),
        (LockedRotorCurrent, 13e3, 0.1, Pass),
        (LockedRotorCurrent, 13e3, 1.200_001, Fail),
        (LockedRotorTorque, 13e3, 0.85, Pass),
        (LockedRotorTorque, 13e3, 1.25, Pass),
        (LockedRotorTorque, 13e3, 1.250_001, Fail),
        (PullUpTorque, 13e3, 0.85, Pass),
        (PullUpTorque, 13e3, 0.849_999, Fail),
        (BreakdownTorque, 13e3, 0.9, Pass),
        (BreakdownTorque, 13e3, 0.899_999, Fail),
        (TotalLosses, 150.1e3, 1.1, Pass),
        (TotalLosses, 150.1e3, 1.100_001, Fail),
    ] {
        assert_eq!(
            judge(quantity, rated_w, 1.0, measured),
            verdict,
            "{quantity:?} {measured}"
        );
    }
    // No tolerance of total losses up to 150 kW.
    let error = pack.motor_tolerance(TotalLosses, 150e3).unwrap_err();
    assert!(matches!(error, Error::NotInPack { .. }), "{error}");
}

#[test]
fn delays_and_reference_temperatures_of_gb_755() {
    let pack = gb755();
    for (rated_kw, within_s) in [
        (13.0, 30.0),
        (50.0, 30.0),
        (50.001, 90.0),
        (200.0, 90.0),
        (200.001, 120.0),
        (5000.0, 120.0),
    ] {
        let row = pack.switch_off_delay(rated_kw * 1000.0).unwrap();
        assert_eq!(row.within_s.value, within_s, "{rated_kw}");
    }
    assert!(matches!(
        pack.switch_off_delay(5000.1e3),
        Err(Error::NotInPack { .. })
    ));
    for (class, celsius) in [
        ("A", 75.0),
        ("E", 75.0),
        ("B", 95.0),
        ("F", 115.0),
        ("H", 130.0),
    ] {
        assert_eq!(pack.reference_temperature(class).unwrap().celsius, celsius);
    }
    assert!(matches!(
        pack.reference_temperature("C"),
        Err(Error::NotInPack { .. })
    ));
}

#[test]
fn e15_deviation_of_the_small_submersible() {
    let text = include_str!("../../../../config/standards/gbt25409-2010.toml");
    let pack = Standard::from_toml("gbt25409-2010.toml", text).unwrap();
    let rule = pack.unit_deviation().unwrap();
    for (eta, relative) in [
        (0.47, 0.1559),
        (0.65, 0.0922),
        (0.75, 0.0704),
        (0.80, 0.0616),
        (0.86, 0.0524),
    ] {
        near(rule.relative(eta).unwrap(), relative, 4);
    }
    assert!(rule.relative(0.02).is_err() && rule.relative(47.0).is_err());
}

#[test]
fn a_motor_pack_with_a_gap_or_an_overlap_is_refused() {
    let text = include_str!("../../../../config/standards/gb755.toml");
    for (from, to) in [
        (
            "rated_above_kw = { value = 150.0",
            "rated_above_kw = { value = 151.0",
        ),
        ("rated_from_kw = {", "rated_above_kw = {"),
        (
            "rated_from_kw = { value = 1.0, source = [\"own\"], confidence = \"M+\" }\n",
            "",
        ),
        (
            "rated_up_to_kw = { value = 200.0",
            "rated_up_to_kw = { value = 50.0",
        ),
        ("[\"B\"]", "[\"A\"]"),
        (
            "complement_share = { value = 0.15, source = [\"own\"], confidence = \"M+\" }\n",
            "",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let error = Standard::from_toml("x.toml", &text.replacen(from, to, 1)).unwrap_err();
        assert!(
            matches!(error, Error::PackContent { .. }),
            "{from}: {error}"
        );
    }
}

#[test]
fn packs_of_well_pumps_hold_what_is_known_and_no_more() {
    let text = include_str!("../../../../config/standards/gbt2818-2014.toml");
    let motors = Standard::from_toml("gbt2818-2014.toml", text).unwrap();
    let listed = |kw: f64| {
        motors
            .rated_outputs()
            .iter()
            .any(|list| list.kw.contains(&kw))
    };
    assert!(listed(0.25) && listed(13.0) && listed(500.0) && !listed(12.0));
    let text = include_str!("../../../../config/standards/gbt2816-2014.toml");
    let pumps = Standard::from_toml("gbt2816-2014.toml", text).unwrap();
    // What is known of it serves a reader; no rule rests on it.
    assert!(pumps.entries().iter().all(|e| e.section() == "informative"));
    assert!(!pumps.known_missing().is_empty());
    assert!(matches!(pumps.load(), Err(Error::NotInPack { .. })));
}
