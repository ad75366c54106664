//! Grades of GB 19762: edges of every band, what is outside, and what a pack may not be.
//! The worked examples E1 to E6 are validation cases.

use crate::{near, pack, per_hour};
use dutypoint_hydraulics::Error;
use dutypoint_hydraulics::energy::{Duty, GradeLimits, Graded, Outside};
use dutypoint_hydraulics::pack::{
    Band, EnergyPumpRow, PercentagePoints, ReadAt, Standard, TableKind::PumpEfficiency,
    TableKind::SpeedCorrection,
};
use dutypoint_hydraulics::specific_speed::specific_speed;
use proptest::prelude::*;

/// Head of one stage at which a pump of this flow per eye has the specific speed n_s.
fn head_for(n_s: f64, flow_m3_h: f64, speed_rpm: f64) -> f64 {
    libm::pow(
        3.65 * speed_rpm * per_hour(flow_m3_h).sqrt() / n_s,
        4.0 / 3.0,
    )
}

fn duty(flow_m3_h: f64, head_m: f64, stages: u32) -> Duty {
    Duty {
        flow_m3_s: per_hour(flow_m3_h),
        head_m,
        speed_rpm: 2900.0,
        stages,
        suction_eyes: Some(1),
    }
}

#[track_caller]
fn limits(pack: &Standard, pump: &str, duty: &Duty) -> GradeLimits {
    match pack.energy_limits(pump, duty).unwrap() {
        Graded::Limits(limits) => limits,
        Graded::Outside(outside) => panic!("{outside:?}"),
    }
}

fn outside(pack: &Standard, pump: &str, duty: &Duty) -> Option<Outside> {
    match pack.energy_limits(pump, duty).unwrap() {
        Graded::Limits(_) => None,
        Graded::Outside(outside) => Some(outside),
    }
}

#[test]
fn both_sides_of_every_flow_edge_of_every_class() {
    for pack in ["gb19762-2025", "gb19762-2007"].map(pack) {
        for id in pack.energy_types() {
            let pump = pack.energy_pump(id).unwrap();
            let eyes = pump.suction_eyes.unwrap_or(1);
            let stages = if id.contains("multi") { 4 } else { 1 };
            let at = |flow_m3_h: f64| {
                // n_s = 150 whatever the flow, so that only the flow can be outside.
                let head_m = head_for(150.0, flow_m3_h / f64::from(eyes), 2900.0);
                let duty = Duty {
                    suction_eyes: Some(eyes),
                    ..duty(flow_m3_h, head_m * f64::from(stages), stages)
                };
                pack.energy_limits(id, &duty).unwrap()
            };
            let constants = |flow| match at(flow) {
                Graded::Limits(limits) => Some(limits.constants),
                Graded::Outside(_) => None,
            };
            for (index, row) in pump.row.iter().enumerate() {
                if row.n_s.is_some_and(|band| !band.holds(150.0)) {
                    continue;
                }
                let own = row.taken_off.or(row.added);
                let band = row.flow_m3_h;
                let matches = |r: &&EnergyPumpRow| {
                    r.flow_m3_h != band && r.n_s.is_none_or(|band| band.holds(150.0))
                };
                let previous = pump.row[..index].iter().rev().find(matches);
                let next = pump.row[index..].iter().find(matches);
                let before = previous.is_some();
                if let Some(low) = band.from {
                    assert_eq!(constants(low), own, "{id} {low}");
                    assert_eq!(
                        constants(low * (1.0 - 1e-9)).is_some(),
                        before,
                        "{id} {low}"
                    );
                }
                if let Some(low) = band.above {
                    assert_eq!(constants(low).is_some(), before, "{id} {low}");
                    // Rows may have equal constants: of petrochemical multistage pumps two do.
                    if let Some(row) = previous {
                        assert_eq!(constants(low), row.taken_off.or(row.added), "{id} {low}");
                    }
                    assert_eq!(constants(low * (1.0 + 1e-9)), own, "{id} {low}");
                }
                if let Some(high) = band.up_to {
                    assert_eq!(constants(high), own, "{id} {high}");
                    let beyond = constants(high * (1.0 + 1e-9));
                    assert_eq!(
                        beyond,
                        next.and_then(|r| r.taken_off.or(r.added)),
                        "{id} {high}"
                    );
                }
            }
        }
    }
}

#[test]
fn both_sides_of_every_edge_of_the_petrochemical_specific_speeds() {
    // E5: 59.9999999 lies in [20, 60), 60 in [60, 120); 210 in [120, 210].
    let pack = pack("gb19762-2025");
    let added = |n_s: f64, flow: f64| {
        let duty = duty(flow, head_for(n_s, flow, 2900.0), 1);
        match pack.energy_limits("petrochemical_single", &duty).unwrap() {
            Graded::Limits(limits) => Some(limits.constants.map(|c| c.0)),
            Graded::Outside(outside) => {
                assert_eq!(outside.quantity, "specific speed n_s");
                None
            }
        }
    };
    for (n_s, small, large) in [
        (19.999_999_9, None, None),
        (20.0, Some([10.0, 5.0, -4.0]), Some([11.0, 5.0, -5.0])),
        (
            59.999_999_9,
            Some([10.0, 5.0, -4.0]),
            Some([11.0, 5.0, -5.0]),
        ),
        (60.0, Some([4.0, 1.0, -6.0]), Some([5.0, 1.0, -5.0])),
        (119.999_999, Some([4.0, 1.0, -6.0]), Some([5.0, 1.0, -5.0])),
        (120.0, Some([3.0, 1.0, -6.0]), Some([3.0, 2.0, -5.0])),
        (210.0, Some([3.0, 1.0, -6.0]), Some([3.0, 2.0, -5.0])),
        (210.000_001, Some([3.0, 1.0, -6.0]), Some([3.0, 2.0, -5.0])),
        (300.0, Some([3.0, 1.0, -6.0]), Some([3.0, 2.0, -5.0])),
        (300.000_001, None, None),
    ] {
        assert_eq!(added(n_s, 300.0), small, "{n_s}");
        assert_eq!(added(n_s, 300.000_001), large, "{n_s}");
    }
}

#[test]
fn e5_the_polynomials_at_their_published_points() {
    let pack = pack("gb19762-2025");
    let eta = |q| {
        pack.column_value(PumpEfficiency, "petrochemical_single", q)
            .unwrap()
    };
    assert_eq!(eta(5.0), None, "the class begins above 5 m³/h");
    for (q, expected) in [(100.0, 72.9950), (1000.0, 82.5044), (3000.0, 84.9650)] {
        near(eta(q).unwrap(), expected, 4);
    }
    near(eta(5.000_000_1).unwrap(), 50.0158, 4);
    assert_eq!(eta(5000.0), eta(3000.0));
    let correction = |n_s| {
        pack.column_value(SpeedCorrection, "petrochemical", n_s)
            .unwrap()
    };
    for (n_s, expected) in [
        (20.0, 32.0056),
        (60.0, 7.4679),
        (119.99, 0.0159),
        (210.01, 0.0003),
        (300.0, 3.0211),
    ] {
        near(correction(n_s).unwrap(), expected, 4);
    }
    assert_eq!([120.0, 165.0, 210.0].map(correction), [Some(0.0); 3]);
    assert_eq!([19.9, 300.1, f64::NAN].map(correction), [None; 3]);
}

#[test]
fn cubic_metres_per_hour_taken_for_per_second_are_outside_and_not_a_number() {
    // E2's pump with Q = 100 m³/h; 100 m³/s would be 360 000 m³/h.
    let pack = pack("gb19762-2025");
    let right = duty(100.0, 50.0, 1);
    near(
        limits(pack, "single_suction", &right).limits_pct[1],
        77.786_165,
        6,
    );
    let wrong = Duty {
        flow_m3_s: 100.0,
        ..right
    };
    let found = outside(pack, "single_suction", &wrong).unwrap();
    assert_eq!((found.quantity, found.value), ("flow in m³/h", 360_000.0));
    // n_s with Q in m³/h is 60 times too large; in the logarithm that moves the limit.
    assert!((found.n_s / limits(pack, "single_suction", &right).n_s - 60.0).abs() < 1e-9);
}

#[test]
fn e3_exact_arithmetic_of_the_specific_speed() {
    // EquipEffi EXACT-004: 7200 m³/h, 32 m, 10 r/min, two eyes, two stages.
    let found = specific_speed(10.0, per_hour(7200.0), 32.0, 2, 2, 9.81).unwrap();
    assert!((found.n_s - 4.5625).abs() < 1e-14, "{}", found.n_s);
}

#[test]
fn e1_the_lines_of_2007_reproduce_the_example_of_its_appendix() {
    // Appendix A: 800 m³/h, 12 m, 1470 r/min, double suction; the standard prints one decimal.
    let pack = pack("gb19762-2007");
    let found = limits(
        pack,
        "double_suction",
        &Duty {
            flow_m3_s: per_hour(800.0),
            head_m: 12.0,
            speed_rpm: 1470.0,
            stages: 1,
            suction_eyes: None,
        },
    );
    near(found.n_s, 277.4, 1);
    near(found.base_pct, 85.0, 9);
    near(found.correction.unwrap().0, 2.1, 1);
    near(found.corrected_pct.unwrap(), 82.9, 1);
    near(found.limits_pct[2], 78.9, 1);
    near(found.limits_pct[0], 83.9, 1);
    assert_eq!(pack.energy().unwrap().read_at, ReadAt::AtSpecifiedFlow);
}

#[test]
fn the_reference_of_2007_is_the_a_line() {
    let (lines, grades) = (pack("gbt13007-2011"), pack("gb19762-2007"));
    let pairs = |pack: &Standard, kind, id: &str| -> Vec<[f64; 2]> {
        let tables = pack.column(kind, id).unwrap();
        tables.iter().flat_map(|t| t.at.clone()).collect()
    };
    for (line, reference) in [
        ("single_stage_a", "single_stage"),
        ("multistage_a", "multistage"),
    ] {
        let own = pairs(grades, PumpEfficiency, reference);
        assert_eq!(pairs(lines, PumpEfficiency, line), own);
        assert!(own.len() > 25);
    }
    assert_eq!(
        pairs(lines, SpeedCorrection, "centrifugal"),
        pairs(grades, SpeedCorrection, "clean_water")
    );
    // The B line waits for the laboratory.
    let error = lines
        .column_value(PumpEfficiency, "single_stage_b", 50.0)
        .unwrap_err();
    assert!(
        error.to_string().contains("a laboratory fills in"),
        "{error}"
    );
}

#[test]
fn eyes_and_stages_must_fit_the_class() {
    let pack = pack("gb19762-2025");
    let good = duty(100.0, 50.0, 1);
    for (pump, bad, expected) in [
        (
            "single_suction",
            Duty {
                suction_eyes: Some(2),
                ..good
            },
            "suction eyes",
        ),
        (
            "multistage",
            Duty {
                suction_eyes: None,
                stages: 3,
                ..good
            },
            "give it",
        ),
        ("multistage", good, "2 or more"),
        (
            "single_suction",
            Duty { stages: 2, ..good },
            "1 for this class",
        ),
        (
            "single_suction",
            Duty { stages: 0, ..good },
            "1 for this class",
        ),
        (
            "single_suction",
            Duty {
                head_m: 0.0,
                ..good
            },
            "head in m",
        ),
        (
            "single_suction",
            Duty {
                speed_rpm: f64::NAN,
                ..good
            },
            "speed in r/min",
        ),
        (
            "single_suction",
            Duty {
                flow_m3_s: -1.0,
                ..good
            },
            "flow in m³/s",
        ),
        (
            "single_sucktion",
            good,
            "known: single_suction, double_suction",
        ),
    ] {
        let error = pack.energy_limits(pump, &bad).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    // Clean water has no range of n_s in the source: a remark, no refusal.
    let slow = duty(10.0, 400.0, 1);
    let found = limits(pack, "single_suction", &slow);
    assert!(found.n_s < 20.0 && !found.usual);
    assert!(limits(pack, "single_suction", &good).usual);
}

fn refused(id: &str, changes: &[(&str, &str)]) -> String {
    let path = format!(
        "{}/../../config/standards/{id}.toml",
        env!("CARGO_MANIFEST_DIR")
    );
    let mut text = std::fs::read_to_string(path).unwrap();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    Standard::from_toml("changed.toml", &text)
        .unwrap_err()
        .to_string()
}

#[test]
fn gaps_overlaps_and_unknown_words_refuse_the_pack() {
    let q = "flow_m3_h = { above = 300.0, up_to = 10000.0 }";
    let n = "n_s = { from = 60.0, below = 120.0 }";
    let poly = "over = { from = 120.0, up_to = 210.0 }";
    for (id, from, to, expected) in [
        (
            "gb19762-2025",
            q,
            "flow_m3_h = { above = 301.0, up_to = 10000.0 }",
            "gap",
        ),
        (
            "gb19762-2025",
            q,
            "flow_m3_h = { above = 299.0, up_to = 10000.0 }",
            "overlap",
        ),
        (
            "gb19762-2025",
            q,
            "flow_m3_h = { from = 300.0, up_to = 10000.0 }",
            "overlap",
        ),
        (
            "gb19762-2025",
            q,
            "flow_m3_h = { above = 5.0, up_to = 300.0 }",
            "overlap",
        ),
        (
            "gb19762-2025",
            q,
            "flow_m3_h = { from = 5.0, up_to = 300.0 }",
            "band of flow twice",
        ),
        (
            "gb19762-2025",
            n,
            "n_s = { from = 61.0, below = 120.0 }",
            "gap",
        ),
        (
            "gb19762-2025",
            n,
            "n_s = { above = 60.0, below = 120.0 }",
            "gap",
        ),
        (
            "gb19762-2025",
            n,
            "n_s = { from = 60.0, up_to = 120.0 }",
            "overlap",
        ),
        (
            "gb19762-2025",
            n,
            "n_s = { from = 60.0, belov = 120.0 }",
            "did you mean \"below\"?",
        ),
        (
            "gb19762-2025",
            poly,
            "over = { above = 120.0, up_to = 210.0 }",
            "gap",
        ),
        (
            "gb19762-2025",
            poly,
            "over = { from = 119.0, up_to = 210.0 }",
            "overlap",
        ),
        (
            "gb19762-2025",
            "of = \"plain\"",
            "of = \"cubed\"",
            "unknown value \"cubed\"",
        ),
        (
            "gb19762-2025",
            "surface = \"single_stage\"",
            "surface = \"double_stage\"",
            "[[log_quadratic]]",
        ),
        (
            "gb19762-2025",
            "surface = \"single_stage\"",
            "# none",
            "neither or both",
        ),
        (
            "gb19762-2025",
            "correction = \"petrochemical\"",
            "correction = \"petro\"",
            "[[table]]",
        ),
        (
            "gb19762-2025",
            "taken_off = [161.33, 163.33, 168.33]",
            "taken_off = [165.33, 163.33, 168.33]",
            "better line",
        ),
        (
            "gb19762-2025",
            "taken_off = [161.33, 163.33, 168.33]",
            "added = [3.0, 2.0, 1.0]",
            "`taken_off`",
        ),
        (
            "gb19762-2025",
            "read_at = { value = \"at_bep\"",
            "read_at = { value = \"at_best\"",
            "unknown value \"at_best\"",
        ),
        (
            "gb19762-2025",
            "suction_eyes = 2",
            "suction_eyes = 3",
            "other than 1 or 2",
        ),
        (
            "gb19762-2025",
            "id = \"pipeline\"",
            "id = \"multistage\"",
            "given twice",
        ),
        (
            "gb19762-2025",
            "clause = \"formula 2\"",
            "clause = \" \"",
            "names no clause",
        ),
        (
            "gb19762-2025",
            "confidence = \"C1\"",
            "confidence = \"M-\"",
            "placeholder (M-)",
        ),
        (
            "gbt13007-2011",
            "  [3000.0, 88.0], [4000.0, 88.6]",
            "  [3100.0, 88.0], [4000.0, 88.6]",
            "do not follow",
        ),
        (
            "gbt13007-2011",
            "[10.0, 64.0], [15.0, 67.2]",
            "[15.0, 64.0], [10.0, 67.2]",
            "rising abscissae",
        ),
        (
            "gbt13007-2011",
            "\nto_fill = true",
            "\nto_fill = false",
            "while it has neither",
        ),
        (
            "eu547-2012",
            "mei = 0.1",
            "mei = 0.5",
            "fall while the index rises",
        ),
        (
            "eu547-2012",
            "surface = \"water_pump\"",
            "surface = \"fire_pump\"",
            "[[log_quadratic]]",
        ),
        (
            "us-pei",
            "above = 5.0, up_to = 20.0",
            "above = 6.0, up_to = 20.0",
            "gap",
        ),
        (
            "us-pei",
            "motor = \"default_4_pole\"",
            "motor = \"default_6_pole\"",
            "names a motor column",
        ),
        (
            "us-pei",
            "flow = [0.75, 1.0, 1.1]",
            "flow = [0.75, 1.0]",
            "a factor for each",
        ),
        (
            "us-pei",
            "flow = [0.25, 0.5, 0.75, 1.0]",
            "flow = [0.25, 0.5, 0.75]",
            "lacks the share 1.0",
        ),
    ] {
        let error = refused(id, &[(from, to)]);
        assert!(error.contains(expected), "{from} → {to}: {error}");
    }
}

#[test]
fn percentage_points_are_added_and_not_taken_of() {
    assert_eq!(PercentagePoints(1.3).above(59.5), 60.8);
    assert_eq!(PercentagePoints(2.5).below(59.5), 57.0);
}

#[test]
fn a_band_speaks_in_signs() {
    let band = Band {
        from: Some(20.0),
        below: Some(60.0),
        ..Band::default()
    };
    assert_eq!(band.words("n_s", ""), "20 ≤ n_s < 60");
    let open = Band {
        above: Some(300.0),
        ..Band::default()
    };
    assert_eq!(open.words("Q", "m³/h"), "Q > 300 m³/h");
    assert!(!band.holds(f64::NAN) && !Band::default().holds(f64::NAN));
}

proptest! {
    #[test]
    fn no_duty_breaks_the_grades(
        flow in any::<f64>(), head in any::<f64>(), speed in any::<f64>(),
        stages in any::<u32>(), eyes in proptest::option::of(any::<u32>()),
    ) {
        for pack in ["gb19762-2025", "gb19762-2007"].map(pack) {
            for id in pack.energy_types() {
                let duty = Duty {
                    flow_m3_s: flow, head_m: head, speed_rpm: speed, stages, suction_eyes: eyes,
                };
                match pack.energy_limits(id, &duty) {
                    Ok(Graded::Limits(limits)) => {
                        prop_assert!(limits.limits_pct.iter().all(|l| l.is_finite()));
                        prop_assert!(limits.limits_pct[0] >= limits.limits_pct[1]);
                        prop_assert!(limits.limits_pct[1] >= limits.limits_pct[2]);
                    }
                    Ok(Graded::Outside(outside)) => prop_assert!(outside.value.is_finite()),
                    Err(Error::Value { .. } | Error::NotFinite { .. }) => {}
                    Err(other) => prop_assert!(false, "{other}"),
                }
            }
        }
    }
}
