//! The calculations against the worked examples of the hydraulic reference (W1 to W12),
//! whose numbers were computed apart from this code.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use dutypoint_engine::calc::{self, Answer, CALCULATIONS, Packs};
use dutypoint_hydraulics::pack::Standard;
use dutypoint_model::Verdict;
use serde_json::{Value, json};

fn packs() -> Packs {
    [
        (
            "gbt3216-2016",
            include_str!("../../../config/standards/gbt3216-2016.toml"),
        ),
        (
            "gbt12785-2014",
            include_str!("../../../config/standards/gbt12785-2014.toml"),
        ),
    ]
    .into_iter()
    .map(|(id, text)| (id.to_owned(), Standard::from_toml(id, text).unwrap()))
    .collect()
}

fn example(name: &str) -> Value {
    calc::find(name).unwrap().example()
}

/// The example of a calculation with some inputs changed; `null` takes one out.
fn example_with(name: &str, changes: Value) -> Value {
    let mut inputs = example(name);
    for (key, value) in changes.as_object().unwrap() {
        let object = inputs.as_object_mut().unwrap();
        if value.is_null() {
            object.remove(key).unwrap();
        } else {
            object.insert(key.clone(), value.clone());
        }
    }
    inputs
}

fn answer(name: &str, inputs: &Value) -> Answer {
    let answer = calc::find(name).unwrap().answer(inputs, &packs());
    answer.unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn refusal(name: &str, inputs: &Value) -> String {
    let answer = calc::find(name).unwrap().answer(inputs, &packs());
    answer.unwrap_err().to_string()
}

/// Holds when `name` equals `expected` to the digits printed in the reference.
#[track_caller]
fn near(answer: &Answer, name: &str, expected: f64, half_digit: f64) {
    let value = answer.value(name).unwrap_or_else(|| panic!("no {name}"));
    let off = (value - expected).abs();
    assert!(off <= half_digit, "{name}: {value} is {off} off {expected}");
}

#[test]
fn total_head_from_gauges_is_that_of_w1() {
    let found = answer("head", &example("head"));
    near(&found, "total_head", 52.252344, 5e-7);
    near(&found, "pressure_term", 51.125453, 5e-7);
    near(&found, "velocity_term", 0.376891, 5e-7);
    near(&found, "elevation_term", 0.75, 1e-12);
    near(&found, "hydraulic_power", 14195.023, 5e-4);
    let other_gravity = example_with("head", json!({ "gravity_m_s2": 9.81 }));
    near(
        &answer("head", &other_gravity),
        "total_head",
        52.186719,
        5e-7,
    );
}

#[test]
fn a_submersible_unit_is_reduced_as_in_w2() {
    let friction = answer("friction", &example("friction"));
    near(&friction, "friction_head", 0.281787, 5e-7);
    near(&friction, "reynolds", 220_299.5, 0.05);
    near(&friction, "friction_factor", 0.019286, 5e-7);
    near(&friction, "velocity", 2.763107, 5e-7);
    // 0.64 % of the head: added in class 1 (0.2 %) and class 2 (0.5 %) alike.
    near(&friction, "applies", 1.0, 0.0);
    let head = answer("submersible-head", &example("submersible-head"));
    near(&head, "total_head", 44.148788, 5e-7);
    // The friction head is given to its printed digits, which are 1e-8 of the head.
    let efficiency = answer("efficiency", &example("efficiency"));
    near(&efficiency, "hydraulic_power", 5996.794, 5e-4);
    near(&efficiency, "unit_efficiency", 0.60881157, 1e-8);
    near(&efficiency, "pump_efficiency", 0.72048707, 1e-8);
}

#[test]
fn local_gravity_is_that_of_w3_and_stands_in_where_a_site_is_given() {
    for (latitude, altitude, expected) in [
        (37.87, "780 m", 9.79749),
        (35.03, "370 m", 9.79627),
        (40.08, "1050 m", 9.79864),
        (45.0, "0 m", 9.80622),
    ] {
        let inputs = json!({ "latitude_deg": latitude, "altitude": altitude });
        near(&answer("gravity", &inputs), "gravity", expected, 5e-6);
    }
    let site = json!({ "gravity_m_s2": null, "latitude_deg": 37.87, "altitude": "780 m" });
    let found = answer("head", &example_with("head", site));
    near(&found, "gravity", 9.79749, 5e-6);
    // W1 at g = 9.7975; 1e-5 m/s² of gravity are 5e-5 m of this head.
    near(&found, "total_head", 52.252344, 6e-5);
}

#[test]
fn water_has_the_density_and_vapour_pressure_of_w11() {
    // W11: 20 °C, p_v = 2339.2 Pa, ρ = 998.2 kg/m³; ν = 1.0034e-6 m²/s from W2.
    let found = answer("density", &example("density"));
    near(&found, "density", 998.2, 0.05);
    near(&found, "vapour_pressure", 2339.2, 0.5);
    near(&found, "viscosity", 1.0034e-6, 1e-9);
    assert!(found.notes()[0].en.contains("standard atmosphere"));
    let both = example_with("head", json!({ "temperature": "20 degC" }));
    assert!(refusal("head", &both).contains("give either density_kg_m3 or temperature"));
}

#[test]
fn translation_is_that_of_w4_and_refused_outside_the_windows() {
    let found = answer("speed", &example("speed"));
    near(&found, "ratio", 0.988075, 5e-7);
    near(&found, "flow", 97.424191 / 3600.0, 5e-7 / 3600.0);
    near(&found, "head", 49.986157, 5e-7);
    near(&found, "power", 17_701.324, 5e-4);
    near(&found, "npsh", 3.026506, 5e-7);
    let other = json!({ "npsh_exponent": 1.3, "test_density_kg_m3": 995.65, "specified_density_kg_m3": 998.2 });
    let found = answer("speed", &example_with("speed", other));
    near(&found, "npsh", 3.052028, 5e-7);
    near(&found, "power", 17_746.659, 5e-4);

    let at = |speed: &str, npsh: Value| {
        let npsh_exponent = if npsh.is_null() {
            Value::Null
        } else {
            json!(2.0)
        };
        example_with(
            "speed",
            json!({ "test_speed": speed, "npsh": npsh, "npsh_exponent": npsh_exponent }),
        )
    };
    let half = answer("speed", &at("1450 r/min", Value::Null));
    assert!(
        half.notes()[0]
            .en
            .contains("efficiency may not be taken as unchanged")
    );
    assert!(
        refusal("speed", &at("1450 r/min", json!("3.1 m"))).contains("NPSH may not be translated")
    );
    answer("speed", &at("2320 r/min", json!("3.1 m")));
    answer("speed", &at("3480 r/min", json!("3.1 m")));
    let said = refusal("speed", &at("3481 r/min", Value::Null));
    assert!(
        said.contains("flow, head and power may not be translated"),
        "{said}"
    );
    assert!(said.contains("50 to 120 %"), "{said}");

    let found = answer("frequency", &example("frequency"));
    near(&found, "ratio", 1.003009, 5e-7);
    near(&found, "flow", 98.896690 / 3600.0, 5e-7 / 3600.0);
    near(&found, "head", 51.508588, 5e-7);
    near(&found, "power", 21_089.234, 5e-4);
    near(&found, "deviation", -0.30, 5e-3);
    let low = example_with("frequency", json!({ "test_frequency": "49.4 Hz" }));
    let said = refusal("frequency", &low);
    assert!(said.contains("-1.20 % off 50 Hz"), "{said}");
}

#[test]
fn a_guarantee_is_judged_by_grade_as_in_w5_case_a() {
    let found = answer("judge", &example("judge"));
    near(&found, "head_at_flow", 48.8, 1e-9);
    near(&found, "flow_at_head", 93.808315 / 3600.0, 5e-7 / 3600.0);
    near(&found, "read_at_flow", 98.281495 / 3600.0, 5e-7 / 3600.0);
    near(&found, "read_at_head", 49.140748, 5e-7);
    // W5 has g = 9.81; efficiency depends on it, the other quantities do not.
    let w5 = |grade: &str| example_with("judge", json!({ "grade": grade, "gravity_m_s2": 9.81 }));
    let found = answer("judge", &w5("2B"));
    near(&found, "efficiency", 0.75304041, 5e-9);
    near(&found, "power", 17_445.335, 5e-4);
    let efficiency = found
        .results()
        .iter()
        .find(|n| n.name == "efficiency")
        .unwrap();
    let limit = efficiency.judgement().unwrap().limit_low.unwrap();
    assert!((limit - 0.722).abs() < 1e-12, "{limit}");
    for (grade, expected) in [
        ("1U", Verdict::Fail),
        // Flow and head pass 1E; efficiency does not.
        ("1E", Verdict::Fail),
        ("1B", Verdict::Pass),
        ("2B", Verdict::Pass),
        ("2U", Verdict::Fail),
        ("3B", Verdict::Pass),
    ] {
        assert_eq!(
            answer("judge", &w5(grade)).verdict(),
            Some(expected),
            "{grade}"
        );
    }
}

#[test]
fn small_pumps_have_the_tolerances_of_w7() {
    // 5.5 kW: τ_eta = −11.5 %, so that 65 % guaranteed permits 57.525 %.
    let inputs =
        json!({ "grade": null, "small_pump_power": "5.5 kW", "guaranteed_efficiency": "65 %" });
    let found = answer("judge", &example_with("judge", inputs));
    let efficiency = found
        .results()
        .iter()
        .find(|n| n.name == "efficiency")
        .unwrap();
    let limit = efficiency.judgement().unwrap().limit_low.unwrap();
    assert!((limit - 0.57525).abs() < 1e-12, "{limit}");
    let neither = example_with("judge", json!({ "grade": null }));
    assert!(refusal("judge", &neither).contains("give either grade (1E, 1U, 1B, 2B, 2U, 3B)"));
}

#[test]
fn repeated_readings_are_those_of_w8_and_w10() {
    // Set B5 with e_S = 1.5 %.
    let found = answer("readings", &example("readings"));
    near(&found, "mean", 99.86 / 3600.0, 1e-15);
    near(&found, "sd", 0.51769 / 3600.0, 5e-6 / 3600.0);
    near(&found, "student_t", 2.776, 5e-4);
    near(&found, "random", 0.6437, 5e-5);
    near(&found, "spread", 1.2948, 5e-5);
    near(&found, "overall", 1.6323, 5e-5);
    let grade_1 = answer("uncertainty", &example("uncertainty"));
    near(&grade_1, "unit_efficiency", 2.915, 5e-4);
}

#[test]
fn the_fit_returns_the_parabola_of_w5_case_a_and_tells_its_neighbours() {
    let found = answer("fit", &example("fit"));
    // H = 58.8 − 0.001 Q² at 100 m³/h.
    near(&found, "value", 48.8, 1e-9);
    near(&found, "value_degree_3", 48.8, 1e-9);
    assert!(found.value("value_degree_1").is_some());
    near(&found, "residual_sd", 0.0, 1e-12);
    let beyond = example_with("fit", json!({ "at": "121 m3/h" }));
    assert!(refusal("fit", &beyond).contains("nothing is extrapolated"));
    let steep = example_with("fit", json!({ "degree": 6 }));
    assert!(refusal("fit", &steep).contains("failed to accept degree 6 for 7 points"));
}

#[test]
fn cable_slip_and_specific_speed_are_the_published_ones() {
    // Energy reference, the 45 m of 10 mm² copper at 30 °C and 31.2 A: 243.91 W.
    near(&answer("cable", &example("cable")), "loss", 243.91, 5e-3);
    // n = 60 (50 − 2.5)/1, by hand.
    near(
        &answer("slip-speed", &example("slip-speed")),
        "speed",
        2850.0,
        1e-9,
    );
    let single = answer("specific-speed", &example("specific-speed"));
    near(&single, "n_q", 25.7051, 5e-5);
    near(&single, "n_s", 93.8236, 5e-5);
    near(&single, "type_number", 0.485619, 5e-7);
    let double = json!({ "speed": "1480 r/min", "flow": "800 m3/h", "head": "90 m",
        "suction_eyes": 2, "stages": 2, "gravity_m_s2": 9.81 });
    near(&answer("specific-speed", &double), "n_q", 28.3943, 5e-5);
}

#[test]
fn an_input_is_understood_in_any_unit_and_repeated_in_the_internal_one() {
    let other = json!({ "flow": "27.77777777777778 L/s", "outlet_bore": "10 cm", "inlet_pressure": "-0.2 bar" });
    let found = answer("head", &example_with("head", other));
    near(&found, "total_head", 52.252344, 5e-7);
    let bore = found
        .inputs()
        .iter()
        .find(|i| i.name == "outlet_bore")
        .unwrap();
    assert_eq!((bore.given.as_str(), bore.unit), (Some("10 cm"), "m"));
    assert!((bore.value.as_f64().unwrap() - 0.1).abs() < 1e-15);
    let list =
        json!({ "readings": ["100.2 m3/h", "99.1 m3/h", "100.4 m3/h"], "systematic_pct": null });
    // W8, set B3.
    near(
        &answer("readings", &example_with("readings", list)),
        "random",
        1.7406,
        5e-5,
    );
}

#[test]
fn a_bad_input_is_named_with_what_would_do() {
    for (name, changes, expected) in [
        (
            "head",
            json!({ "flwo": "1 m3/h" }),
            "input \"flwo\" is unknown; did you mean \"flow\"? (known: flow, inlet_pressure",
        ),
        (
            "head",
            json!({ "flow": null, "outlet_bore": null }),
            "these inputs are missing: flow (rate of flow; m3/s, m3/h, L/s, L/min), outlet_bore",
        ),
        (
            "head",
            json!({ "flow": 100 }),
            "input flow: 100 does not do; expected text with its unit (m3/s, m3/h, L/s, L/min)",
        ),
        (
            "head",
            json!({ "flow": "100 kPa" }),
            "input flow: \"100 kPa\" is no flow; expected a number in m3/s",
        ),
        (
            "head",
            json!({ "outlet_bore": "0 mm" }),
            "failed to use bore in m = 0: it must be a finite number above 0",
        ),
        (
            "head",
            json!({ "density_kg_m3": "998 kg/m3" }),
            "expected a bare number in kg/m3",
        ),
        (
            "slip-speed",
            json!({ "pole_pairs": 1.5 }),
            "1.5 does not do; expected a whole number",
        ),
        (
            "speed",
            json!({ "pack": "gbt3216" }),
            "there is no standard pack \"gbt3216\"; known: gbt12785-2014, gbt3216-2016",
        ),
        (
            "judge",
            json!({ "grade": "4Z" }),
            "failed to find grade \"4Z\"",
        ),
        (
            "fit",
            json!({ "value": "1 2 m" }),
            "both columns must have the same length",
        ),
    ] {
        let said = refusal(name, &example_with(name, changes));
        assert!(
            said.starts_with(&format!("failed to calculate {name}: ")),
            "{said}"
        );
        assert!(said.contains(expected), "{expected} in {said}");
    }
    let said = calc::find("haed").unwrap_err().to_string();
    assert!(said.contains("did you mean \"head\"?"), "{said}");
}

#[test]
fn every_calculation_runs_its_example_and_names_formula_and_source() {
    for calculation in CALCULATIONS {
        let found = answer(calculation.name, &calculation.example());
        assert!(!found.results().is_empty(), "{}", calculation.name);
        assert!(!calculation.formulas.is_empty() && !calculation.source.is_empty());
        let value = serde_json::to_value(&found).unwrap();
        assert_eq!(value["calc"], calculation.name);
        for field in calculation.fields.iter().filter(|f| f.required) {
            assert!(
                !field.example.is_empty(),
                "{} {}",
                calculation.name,
                field.name
            );
            assert!(
                value["inputs"][field.name]["value"] != Value::Null,
                "{}",
                field.name
            );
        }
    }
}
