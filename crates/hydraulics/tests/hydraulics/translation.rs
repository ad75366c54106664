//! Translation to speed and frequency, impeller trim, specific speed.

use crate::{gbt3216, gbt12785, near, per_hour};
use dutypoint_hydraulics::Error;
use dutypoint_hydraulics::specific_speed::{specific_speed, suction_specific_speed};
use dutypoint_hydraulics::translate::{
    NpshExponent, Operating, SpeedWindow, Supply, Trim, UnitTranslation, deviation,
    speed_permitted, speed_ratio, to_frequency, to_recorded, to_speed, translate, translate_npsh_m,
    trim,
};

#[test]
fn w4_translation_of_speed_density_npsh_and_frequency() {
    let test = Operating {
        flow_m3_s: per_hour(98.6),
        head_m: 51.2,
        power_w: 18_350.0,
    };
    let r = speed_ratio(2900.0, 2935.0).unwrap();
    near(r, 0.988_075, 6);
    let t = translate(&test, r, 1.0).unwrap();
    near(t.flow_m3_s * 3600.0, 97.424_191, 6);
    near(t.head_m, 49.986_157, 6);
    near(t.power_w / 1000.0, 17.701_324, 6);
    let denser = translate(&test, r, 998.2 / 995.65).unwrap();
    near(denser.power_w / 1000.0, 17.746_659, 6);
    near(translate_npsh_m(3.10, r, 2.0).unwrap(), 3.026_506, 6);
    near(translate_npsh_m(3.10, r, 1.3).unwrap(), 3.052_028, 6);

    let unit = Operating {
        power_w: 20_900.0,
        ..test
    };
    let r = speed_ratio(50.0, 49.85).unwrap();
    near(r, 1.003_009, 6);
    let t = translate(&unit, r, 1.0).unwrap();
    near(t.flow_m3_s * 3600.0, 98.896_690, 6);
    near(t.head_m, 51.508_588, 6);
    near(t.power_w / 1000.0, 21.089_234, 6);
}

#[test]
fn w4_windows() {
    let inside = deviation(49.85, 50.0, 1.0).unwrap();
    near(inside.deviation_pct, -0.30, 12);
    assert!(inside.inside);
    assert!(deviation(49.5, 50.0, 1.0).unwrap().inside, "touching");
    assert!(!deviation(49.4, 50.0, 1.0).unwrap().inside);
    assert!(deviation(361.0, 380.0, 5.0).unwrap().inside, "touching");
    assert!(!deviation(399.5, 380.0, 5.0).unwrap().inside);

    let all = SpeedWindow {
        low_pct: 50.0,
        high_pct: 120.0,
    };
    let narrow = SpeedWindow {
        low_pct: 80.0,
        high_pct: 120.0,
    };
    for (rpm, translated, efficiency_and_npsh) in [
        (1450.0, true, false),
        (2320.0, true, true),
        (3480.0, true, true),
        (3481.0, false, false),
        (1449.0, false, false),
    ] {
        assert_eq!(speed_permitted(rpm, 2900.0, all).unwrap(), translated);
        assert_eq!(
            speed_permitted(rpm, 2900.0, narrow).unwrap(),
            efficiency_and_npsh
        );
    }
}

#[test]
fn e14_affinity_and_frequency() {
    let speed = Operating {
        flow_m3_s: per_hour(31.8),
        head_m: 98.4,
        power_w: 12_310.0,
    };
    let t = translate(&speed, speed_ratio(2850.0, 2846.0).unwrap(), 1.0).unwrap();
    near(t.flow_m3_s * 3600.0, 31.844_69, 5);
    near(t.head_m, 98.676_79, 5);
    near(t.power_w / 1000.0, 12.361_98, 5);
    let unit = Operating {
        flow_m3_s: per_hour(32.45),
        head_m: 106.0,
        power_w: 15_450.0,
    };
    let t = translate(&unit, speed_ratio(50.0, 49.86).unwrap(), 1.0).unwrap();
    near(t.flow_m3_s * 3600.0, 32.541_12, 5);
    near(t.head_m, 106.596_10, 5);
    near(t.power_w / 1000.0, 15.580_51, 5);
}

#[test]
fn w12_specific_speed() {
    let single = specific_speed(2900.0, per_hour(100.0), 50.0, 1, 1, 9.81).unwrap();
    near(single.n_q, 25.7051, 4);
    near(single.n_s, 93.8236, 4);
    near(single.type_number, 0.485_619, 6);
    let double = specific_speed(1480.0, per_hour(800.0), 90.0, 2, 2, 9.81).unwrap();
    near(double.n_q, 28.3943, 4);
    near(double.n_s, 103.6392, 4);
    near(double.type_number, 0.536_424, 6);
    assert!(specific_speed(2900.0, 0.1, 50.0, 0, 1, 9.81).is_err());
}

/// GB 19762-2007 appendix A (published) and the exact-arithmetic case of EquipEffi.
#[test]
fn e1_e3_specific_speed_published() {
    let e1 = specific_speed(1470.0, per_hour(800.0), 12.0, 2, 1, 9.81).unwrap();
    near(e1.n_s, 277.3978, 4);
    let exact = specific_speed(10.0, per_hour(7200.0), 32.0, 2, 2, 9.81).unwrap();
    near(exact.n_s, 4.5625, 12);
}

#[test]
fn w12_suction_specific_speed() {
    let s = suction_specific_speed(2900.0, per_hour(100.0), 1, 2.5).unwrap();
    near(s.c, 1366.243, 3);
    near(s.n_ss, 243.104, 3);
    // Two eyes: √½ of it.
    let two = suction_specific_speed(2900.0, per_hour(100.0), 2, 2.5).unwrap();
    near(two.n_ss, s.n_ss * 0.5_f64.sqrt(), 10);
    assert!(suction_specific_speed(2900.0, per_hour(100.0), 1, 0.0).is_err());
}

#[test]
fn w4_what_may_be_translated() {
    let pack = gbt3216();
    let test = Operating {
        flow_m3_s: per_hour(98.6),
        head_m: 51.2,
        power_w: 18_350.0,
    };
    let two = NpshExponent {
        value: 2.0,
        agreed: false,
    };
    let to = |rpm, npsh| to_speed(&test, rpm, 2900.0, 1.0, npsh, pack);
    let at_half = to(1450.0, None).unwrap();
    assert_eq!(at_half.efficiency_unchanged, Some(false));
    let error = to(1450.0, Some((3.1, two))).unwrap_err();
    assert!(
        matches!(
            error,
            Error::NotTranslated {
                what: "NPSH",
                low_pct: 80.0,
                ..
            }
        ),
        "{error}"
    );
    let agreed = NpshExponent {
        value: 1.8,
        agreed: true,
    };
    assert!(to(1450.0, Some((3.1, agreed))).unwrap().npsh_m.is_some());
    let at_80 = to(2320.0, Some((3.1, two))).unwrap();
    assert_eq!(at_80.efficiency_unchanged, Some(true));
    assert!(to(3480.0, Some((3.1, two))).is_ok());
    let error = to(3481.0, None).unwrap_err().to_string();
    assert!(
        error.contains("50 to 120 %") && error.contains("5.7.2"),
        "{error}"
    );
    assert!(to(1449.0, None).is_err());
    let steep = NpshExponent {
        value: 2.1,
        agreed: true,
    };
    assert!(to(2935.0, Some((3.1, steep))).is_err());
    // A pack without a speed rule permits nothing.
    assert!(matches!(
        to_speed(&test, 2935.0, 2900.0, 1.0, None, gbt12785()),
        Err(Error::NotInPack { .. })
    ));
}

#[test]
fn w4_units_outside_their_supply_are_refused() {
    let pack = gbt12785();
    let test = Operating {
        flow_m3_s: per_hour(98.6),
        head_m: 51.2,
        power_w: 20_900.0,
    };
    let at = |frequency_hz, voltage_v| {
        let supply = Supply {
            frequency_hz,
            rated_frequency_hz: 50.0,
            voltage_v,
        };
        to_frequency(&test, &supply, pack)
    };
    let found = at(49.85, Some((372.0, 380.0))).unwrap();
    near(found.operating.head_m, 51.508_588, 6);
    assert!(at(49.5, None).is_ok() && at(50.5, None).is_ok(), "touching");
    let error = at(49.4, None).unwrap_err().to_string();
    assert!(
        error.contains("49.4 is 98.800 % of 50") && error.contains("99 to 101 %"),
        "{error}"
    );
    assert!(at(50.0, Some((361.0, 380.0))).is_ok() && at(50.0, Some((399.0, 380.0))).is_ok());
    assert!(at(50.0, Some((360.9, 380.0))).is_err() && at(50.0, Some((399.1, 380.0))).is_err());
}

#[test]
fn a_sealed_unit_is_translated_as_its_order_recorded() {
    let pack = gbt3216();
    let test = Operating {
        flow_m3_s: per_hour(32.45),
        head_m: 106.0,
        power_w: 15_450.0,
    };
    let supply = Supply {
        frequency_hz: 49.86,
        rated_frequency_hz: 50.0,
        voltage_v: None,
    };
    let to = |choice, speeds| to_recorded(&test, choice, &supply, speeds, pack);
    assert_eq!(
        to(UnitTranslation::AsMeasured, None).unwrap().operating,
        test
    );
    // E14.
    let at_50 = to(UnitTranslation::RatedFrequency, None).unwrap();
    near(at_50.operating.head_m, 106.596_10, 5);
    let at_2900 = to(UnitTranslation::SpecifiedSpeed, Some((2860.0, 2900.0))).unwrap();
    near(at_2900.ratio, 1.013_986, 6);
    assert!(to(UnitTranslation::SpecifiedSpeed, None).is_err());
    // Outside its supply a unit gives no result whatever was recorded.
    let supply = Supply {
        frequency_hz: 49.4,
        ..supply
    };
    let off = to_recorded(&test, UnitTranslation::AsMeasured, &supply, None, pack);
    assert!(matches!(off, Err(Error::NotTranslated { .. })));
}

#[test]
fn w13_impeller_trim() {
    let pack = gbt3216();
    let rule = pack.trim().unwrap();
    let test = Operating {
        flow_m3_s: per_hour(105.0),
        head_m: 53.0,
        power_w: 20_000.0,
    };
    let with = |reduced_m, type_number| {
        let diameters = Trim {
            tested_m: 0.200,
            reduced_m,
            inlet_m: 0.090,
            type_number,
        };
        trim(&test, &diameters, rule)
    };
    let found = with(0.194, 0.49).unwrap();
    near(found.ratio, 0.962_234, 6);
    near(found.flow_m3_s * 3600.0, 101.0345, 4);
    near(found.head_m, 49.0724, 4);
    near(found.reduction_pct, 3.0, 12);
    assert!(
        found.without_new_test && found.efficiency_unchanged,
        "3 % touches"
    );
    near(
        found.power_w.unwrap(),
        20_000.0 * 0.962_234 * 0.962_234 * 0.962_234,
        1,
    );
    for (reduced_m, k, no_test, unchanged) in [
        (0.1939, 0.49, true, false),
        (0.194, 1.0, true, true),
        (0.194, 1.01, true, false),
        (0.190, 1.5, true, false),
        (0.190, 1.51, false, false),
        (0.1899, 0.49, false, false),
    ] {
        let found = with(reduced_m, k).unwrap();
        assert_eq!(
            (
                found.without_new_test,
                found.efficiency_unchanged,
                found.power_w.is_some()
            ),
            (no_test, unchanged, unchanged),
            "{reduced_m} {k}"
        );
    }
    assert!(with(0.201, 0.49).is_err() && with(0.090, 0.49).is_err());
}
