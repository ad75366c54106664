//! MEI and PEI: what is not a validation case (E16 and E17 are).

use crate::{near, pack, per_hour};
use dutypoint_hydraulics::Error;
use dutypoint_hydraulics::energy::mei::MeiDuty;
use dutypoint_hydraulics::energy::pei::{PeiDuty, PeiKind};
use dutypoint_hydraulics::pack::{Confidence, Standard};
use proptest::prelude::*;

fn mss(efficiency_pct: [f64; 3]) -> MeiDuty {
    MeiDuty {
        flow_m3_s: per_hour(32.0),
        // The reference leaves the head out; 11 m a stage gives its 72.4112.
        head_m: 99.0,
        stages: 9,
        efficiency_pct,
    }
}

#[test]
fn an_index_needs_all_three_loads_and_touching_reaches() {
    let pack = pack("eu547-2012");
    let least = pack.mei_of("mss_2900", &mss([90.0; 3])).unwrap().steps[1].least_pct;
    let at = |efficiency| pack.mei_of("mss_2900", &mss(efficiency)).unwrap();
    assert_eq!(at(least).at_least, Some(0.4));
    for load in 0..3 {
        let mut below = least;
        below[load] -= 1e-9;
        assert_eq!(at(below).at_least, Some(0.1), "load {load}");
    }
    assert_eq!(at([30.0; 3]).at_least, None);
    // The largest C decides: overload is the weakest of E16's verdict test.
    let found = at([74.0, 70.0, 72.0]);
    assert!(found.c[2] > found.c[0] && found.c[2] > found.c[1]);
    near(found.steps[1].least_pct[2], 72.4112, 4);
    assert_eq!((found.at_least, found.outside), (Some(0.1), None));
}

#[test]
fn constants_that_only_indicate_never_reach_a_verdict() {
    let pack = pack("eu547-2012");
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../config/standards/eu547-2012.toml"
    ))
    .unwrap();
    let bare = text
        .split("# --- Constants of other indices")
        .next()
        .unwrap();
    let bare = Standard::from_toml("bare.toml", bare).unwrap();
    for pct in [60.0, 70.0, 76.0, 80.0, 90.0] {
        let with = pack.mei_of("mss_2900", &mss([pct; 3])).unwrap();
        let without = bare.mei_of("mss_2900", &mss([pct; 3])).unwrap();
        assert_eq!(
            (with.at_least, &with.steps),
            (without.at_least, &without.steps)
        );
        assert_eq!(without.indication, None);
    }
    let high = pack.mei_of("mss_2900", &mss([90.0; 3])).unwrap();
    assert_eq!((high.at_least, high.indication), (Some(0.4), Some(0.7)));
}

#[test]
fn a_pump_outside_the_scope_of_its_type_says_by_what() {
    let pack = pack("eu547-2012");
    let at = |flow, head_m| {
        let duty = MeiDuty {
            flow_m3_s: per_hour(flow),
            head_m,
            stages: 1,
            efficiency_pct: [60.0; 3],
        };
        pack.mei_of("esob_2900", &duty).unwrap().outside
    };
    assert_eq!(at(100.0, 50.0), None);
    assert_eq!(at(6.0, 20.0), None, "6 m³/h belongs to it");
    assert!(at(5.9, 20.0).unwrap().starts_with("Q = 5.9"));
    assert!(at(200.0, 140.1).unwrap().contains("H ≤ 140 m"));
    assert!(at(6.0, 130.0).unwrap().contains("6 ≤ n_s ≤ 80"));
}

fn escc() -> PeiDuty {
    PeiDuty {
        bep_flow_gpm: 500.0,
        head_ft: vec![98.0, 90.0, 85.0],
        shaft_power_hp: vec![11.9099, 13.8721, 14.5895],
        sizing_power_hp: Some(15.2634),
        motor_hp: None,
        stages: 1,
        run_out: false,
    }
}

#[test]
fn the_motor_is_the_first_rating_not_below_the_power() {
    let pack = pack("us-pei");
    let motor = |power| {
        let duty = PeiDuty {
            sizing_power_hp: Some(power),
            ..escc()
        };
        pack.pei_of("escc_1800", PeiKind::ConstantLoad, &duty)
    };
    for (power, rating) in [(15.0, 15.0), (15.000_001, 20.0), (0.5, 1.0), (250.0, 250.0)] {
        assert_eq!(motor(power).unwrap().motor_hp, rating, "{power}");
    }
    let error = motor(250.1).unwrap_err().to_string();
    assert!(error.contains("largest rating"), "{error}");
    let none = PeiDuty {
        sizing_power_hp: None,
        ..escc()
    };
    assert!(
        pack.pei_of("escc_1800", PeiKind::ConstantLoad, &none)
            .is_err()
    );
    let odd = PeiDuty {
        motor_hp: Some(17.0),
        ..escc()
    };
    assert!(
        pack.pei_of("escc_1800", PeiKind::ConstantLoad, &odd)
            .is_err()
    );
}

#[test]
fn a_motor_at_full_load_loses_its_full_load_loss() {
    // Reference 5.2: the part-load factor is 1.0000 at r = 1.
    let pack = pack("us-pei");
    let duty = PeiDuty {
        shaft_power_hp: vec![20.0, 20.0, 25.0],
        motor_hp: Some(20.0),
        ..escc()
    };
    let found = pack
        .pei_of("escc_1800", PeiKind::ConstantLoad, &duty)
        .unwrap();
    near(found.input_hp[0], 20.0 + found.full_load_loss_hp, 9);
    near(found.input_hp[2], 25.0 + found.full_load_loss_hp, 9);
}

#[test]
fn an_index_that_rests_on_doubtful_numbers_says_so() {
    let pack = pack("us-pei");
    let of = |id, kind| pack.pei_of(id, kind, &escc()).unwrap().confidence;
    assert_eq!(of("escc_1800", PeiKind::ConstantLoad), Confidence::C1);
    assert_eq!(of("escc_1800", PeiKind::VariableLoad), Confidence::M);
    assert_eq!(of("st_1800", PeiKind::ConstantLoad), Confidence::M);
}

#[test]
fn columns_of_another_length_and_flows_out_of_scope() {
    let pack = pack("us-pei");
    let short = PeiDuty {
        head_ft: vec![98.0, 90.0],
        ..escc()
    };
    assert!(matches!(
        pack.pei_of("escc_1800", PeiKind::ConstantLoad, &short),
        Err(Error::Lengths { left: 3, right: 2 })
    ));
    let small = PeiDuty {
        bep_flow_gpm: 24.9,
        ..escc()
    };
    let found = pack
        .pei_of("escc_1800", PeiKind::ConstantLoad, &small)
        .unwrap();
    assert!(found.outside.unwrap().starts_with("Q = 24.9"));
    // Run-out limited pumps have best efficiency at their third point.
    let run_out = PeiDuty {
        run_out: true,
        head_ft: vec![100.0, 95.0, 90.0],
        ..escc()
    };
    let found = pack
        .pei_of("escc_1800", PeiKind::ConstantLoad, &run_out)
        .unwrap();
    near(found.n_s_us, 1377.449, 3);
}

proptest! {
    #[test]
    fn no_number_breaks_the_indices(
        a in any::<f64>(), b in any::<f64>(), c in any::<f64>(), stages in any::<u32>(),
    ) {
        let (eu, us) = (pack("eu547-2012"), pack("us-pei"));
        let duty = MeiDuty { flow_m3_s: a, head_m: b, stages, efficiency_pct: [c; 3] };
        if let Ok(mei) = eu.mei_of("esob_1450", &duty) {
            prop_assert!(mei.base_pct.is_finite());
        }
        let duty = PeiDuty {
            bep_flow_gpm: a, head_ft: vec![b; 3], shaft_power_hp: vec![c; 3],
            sizing_power_hp: Some(c), motor_hp: None, stages, run_out: false,
        };
        for kind in [PeiKind::ConstantLoad, PeiKind::VariableLoad] {
            if let Ok(found) = us.pei_of("escc_1800", kind, &duty) {
                prop_assert!(found.pei.is_finite());
            }
        }
    }
}
