//! Grades of GB 32030-2022: worked examples E8, the tables' own pattern, and the lines.

use crate::{gb32030, gbt25409, per_hour};
use dutypoint_hydraulics::energy::{Line, grade_reached};
use dutypoint_hydraulics::pack::{EnergyRow, PercentagePoints, SmallPump, Standard};
use proptest::prelude::*;

fn lines(pump: &str, power_kw: f64, specified_pct: f64, tolerance: Option<f64>) -> [Line; 3] {
    let pack = gb32030();
    let row = pack.energy_type(pump).unwrap().row(power_kw).unwrap();
    row.unwrap()
        .lines(specified_pct / 100.0, tolerance.map(PercentagePoints))
        .unwrap()
}

#[track_caller]
fn at(line: Line, percent: f64) {
    let found = match line {
        Line::AtLeast(low) => low * 100.0,
        _ => f64::NAN,
    };
    assert!(
        (found - percent).abs() < 1e-12,
        "{line:?} is not {percent} %"
    );
}

#[test]
fn e8_a_small_qs_pump_of_33_9_percent_is_grade_2() {
    let l = lines("small_qs", 0.75, 32.5, Some(2.0));
    at(l[0], 34.5);
    at(l[1], 33.5);
    at(l[2], 30.5);
    assert_eq!(grade_reached(0.339, &l), Some(2));
}

#[test]
fn e8_b_a_well_pump_of_60_76_percent_is_grade_3_and_rounding_would_lie() {
    let l = lines("well_water_filled", 13.0, 59.5, Some(2.5));
    at(l[0], 62.0);
    at(l[1], 60.8);
    at(l[2], 57.0);
    assert_eq!(grade_reached(0.6076, &l), Some(3));
    assert_eq!(grade_reached(0.608, &l), Some(2), "touching counts");
    assert_eq!(grade_reached(0.5699, &l), None);
}

#[test]
fn e8_c_an_oil_filled_well_pump_of_11_kw_has_grade_3_only() {
    let l = lines("well_oil_filled", 11.0, 60.0, Some(3.0));
    assert_eq!(l[..2], [Line::NotGraded, Line::NotGraded]);
    at(l[2], 57.0);
    assert_eq!(grade_reached(0.99, &l), Some(3));
    let above = lines("well_oil_filled", 11.01, 60.0, None);
    at(above[0], 63.0);
    at(above[1], 61.5);
    assert_eq!(above[2], Line::NoTolerance);
}

#[test]
fn e8_d_sewage_pumps_at_the_edges_of_their_bands() {
    assert_eq!(lines("sewage_mixed", 5.5, 60.0, None)[0], Line::NotGraded);
    let lower = lines("sewage_axial", 22.0, 60.0, None);
    at(lower[0], 63.0);
    at(lower[1], 61.5);
    let upper = lines("sewage_axial", 22.1, 60.0, None);
    at(upper[0], 63.5);
    at(upper[1], 61.8);
}

#[test]
fn the_tables_keep_the_pattern_the_reference_found_in_them() {
    // Energy reference 4.3, data check: grade 2 is half of grade 1, rounded half up to
    // 0.1, but in two cells of Table 6, which are marked.
    let pack = gb32030();
    let mut doubtful = 0;
    let mut tables: Vec<&str> = Vec::new();
    for id in pack.energy_types() {
        let pump = pack.energy_type(id).unwrap();
        if !tables.contains(&pump.clause.as_str()) {
            tables.push(&pump.clause);
        }
        for row in &pump.row {
            let Some((one, two)) = row.grade_1.zip(row.grade_2) else {
                continue;
            };
            let half_up = (one.0 * 10.0 / 2.0 + 0.5).floor() / 10.0;
            assert_eq!((two.0 - half_up).abs() > 1e-9, row.doubtful, "{id} {row:?}");
            doubtful += usize::from(row.doubtful);
            assert!(row.tolerance.is_none(), "no source states a tolerance");
        }
    }
    assert_eq!(doubtful, 2);
    assert_eq!(
        tables,
        ["Table 1", "Table 2", "Table 3", "Table 4", "Table 6"],
        "Table 5 was not transcribed"
    );
    assert_eq!(
        lines("mixed_flow_volute", 50.0, 60.0, None)[0],
        Line::Doubtful
    );
}

#[test]
fn a_type_that_is_not_in_the_pack_is_an_error_and_a_band_that_is_not_is_none() {
    let pack = gb32030();
    let error = pack.energy_type("hot_water_well").unwrap_err().to_string();
    assert!(
        error.contains("the pump type \"hot_water_well\""),
        "{error}"
    );
    let small = pack.energy_type("small_qy").unwrap();
    assert!(small.row(22.0).unwrap().is_some());
    assert_eq!(small.row(22.5).unwrap(), None);
    assert!(small.row(0.0).is_err());
    assert!(crate::gbt3216().energy().is_err());
}

#[test]
fn rows_that_contradict_each_other_refuse_the_pack() {
    let text = include_str!("../../../../config/standards/gb32030-2022.toml");
    for (from, to, expected) in [
        (
            "above = 3.0, up_to = 11.0",
            "above = 2.0, up_to = 11.0",
            "overlap",
        ),
        (
            "above = 3.0, up_to = 11.0",
            "from = 3.0, up_to = 11.0",
            "overlap",
        ),
        (
            "above = 3.0, up_to = 11.0",
            "above = 3.5, up_to = 11.0",
            "gap",
        ),
        (
            "above = 3.0, up_to = 11.0",
            "above = 3.0, from = 3.0",
            "both `above` and `from`",
        ),
        (
            "above = 3.0, up_to = 11.0",
            "above = 11.0, up_to = 3.0",
            "lower edge is not below",
        ),
        (
            "grade_1 = 2.0, grade_2 = 1.0,",
            "grade_1 = 2.0,",
            "give both or neither",
        ),
        (
            "grade_1 = 2.0, grade_2 = 1.0",
            "grade_1 = 1.0, grade_2 = 2.0",
            "below grade_2",
        ),
        ("id = \"small_qy\"", "id = \"small_qs\"", "given twice"),
    ] {
        assert!(text.contains(from), "{from}");
        let error = Standard::from_toml("x.toml", &text.replacen(from, to, 1)).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

proptest! {
    #[test]
    fn a_power_has_one_row_at_most_and_a_better_efficiency_no_worse_grade(
        power_kw in 0.01..1000.0_f64,
        specified in 0.2..0.8_f64,
        tolerance in 0.0..9.0_f64,
        eta in 0.1..0.95_f64,
        more in 0.0..0.2_f64,
    ) {
        let pack = gb32030();
        for id in pack.energy_types() {
            let pump = pack.energy_type(id).unwrap();
            let holds = |row: &EnergyRow| {
                row.power_kw.above.is_none_or(|low| power_kw > low)
                    && row.power_kw.up_to.is_none_or(|high| power_kw <= high)
            };
            prop_assert!(pump.row.iter().filter(|row| holds(row)).count() <= 1);
            let Some(row) = pump.row(power_kw).unwrap() else { continue };
            let lines = row.lines(specified, Some(PercentagePoints(tolerance))).unwrap();
            let rank = |eta| grade_reached(eta, &lines).unwrap_or(4);
            prop_assert!(rank(eta + more) <= rank(eta));
            // The mandatory line never lies above the others.
            for line in &lines[..2] {
                if let (Line::AtLeast(above), Line::AtLeast(below)) = (line, lines[2]) {
                    prop_assert!(below <= *above);
                }
            }
        }
    }

    #[test]
    fn no_number_breaks_the_lines(specified in any::<f64>(), tolerance in any::<f64>()) {
        let pack = gb32030();
        let row = pack.energy_type("well_water_filled").unwrap().row(15.0).unwrap().unwrap();
        if let Ok(lines) = row.lines(specified, Some(PercentagePoints(tolerance))) {
            for line in lines {
                prop_assert!(!matches!(line, Line::AtLeast(low) if low.is_nan()));
            }
        }
    }
}

/// Columns a type code stands for, as worked example E7 reads it: D after Q single phase, X
/// lower pump, Y oil-filled, neither Y nor S dry.
fn small(
    code: &str,
    flow_m3_h: f64,
    head_m: f64,
    stages: u32,
    motor_power_kw: f64,
) -> SmallPump<'static> {
    let (pump, correction, motor) = match code {
        "QDX" => ("lower_pump", "ordinary", "single_phase_dry"),
        "QX" => ("lower_pump", "ordinary", "three_phase_dry"),
        "Q" => ("upper_pump", "ordinary", "three_phase_dry"),
        "QY" => ("upper_pump", "ordinary", "three_phase_oil"),
        _ => ("qxl", "qxl_qxr", "three_phase_dry"),
    };
    SmallPump {
        pump,
        correction,
        motor,
        flow_m3_s: per_hour(flow_m3_h),
        head_m,
        stages,
        motor_power_kw,
        synchronous_rpm: 3000.0,
    }
}

#[test]
fn nothing_is_extrapolated_and_a_motor_is_looked_up_by_its_rating() {
    let pack = gbt25409();
    let good = small("QX", 6.0, 21.0, 3, 0.75);
    for (bad, expected) in [
        (
            SmallPump {
                flow_m3_s: per_hour(1.4),
                ..good
            },
            "flow in m³/h",
        ),
        (
            SmallPump {
                motor_power_kw: 0.8,
                ..good
            },
            "rated motor power",
        ),
        (
            SmallPump {
                head_m: 400.0,
                ..good
            },
            "specific speed",
        ),
        (
            SmallPump {
                pump: "middle_pump",
                ..good
            },
            "the pump_efficiency column",
        ),
    ] {
        let error = pack.specified_efficiency(&bad).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert!(gb32030().specified_efficiency(&good).is_err());
    // The two cells the reference calls wrong are not in the tables.
    let text = include_str!("../../../../config/standards/gbt25409-2010.toml");
    assert!(!text.contains("[20.0, 56.0]") && !text.contains("[6.0, 34.5]"));
}

proptest! {
    #[test]
    fn a_pump_of_larger_flow_or_better_motor_is_never_specified_worse(
        flow in 1.5..600.0_f64, more in 1.0..2.0_f64, kw in 0usize..10,
    ) {
        // At constant specific speed, inside the flat part of the correction.
        let pack = gbt25409();
        let ratings = [0.55, 0.75, 1.1, 1.5, 2.2, 3.0, 4.0, 5.5, 7.5, 9.2];
        let at = |flow_m3_h: f64, kw: f64| {
            // ns = 150: H = (3.65 · 3000 · √Q / 150)^(4/3).
            let base = 3.65 * 3000.0 * per_hour(flow_m3_h).sqrt() / 150.0;
            let head_m = libm::pow(base, 4.0 / 3.0);
            pack.specified_efficiency(&small("Q", flow_m3_h, head_m, 1, kw)).unwrap().unit_pct
        };
        let larger = (flow * more).min(600.0);
        prop_assert!(at(larger, ratings[kw]) >= at(flow, ratings[kw]) - 1e-12);
        if kw > 0 {
            prop_assert!(at(flow, ratings[kw]) >= at(flow, ratings[kw - 1]));
        }
    }
}
