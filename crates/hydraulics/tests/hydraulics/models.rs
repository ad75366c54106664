//! The measurement models a budget can name, against the formulas of the crate.

use crate::budgets::relative;
use crate::near;
use dutypoint_hydraulics::uncertainty::model::{Model, numeric_sensitivities};
use dutypoint_hydraulics::uncertainty::published;
use dutypoint_hydraulics::{head, power, specific_speed, translate};

/// Each named model says what the function of the crate says, and knows its own slopes.
#[test]
fn published_models_are_the_formulas_of_the_crate() {
    let (rho, g, q, h, p1) = (998.2, 9.7975, 100.0 / 3600.0, 52.25, 19_000.0);
    let (torque, n, n_sp) = (58.0, 2935.0, 2900.0);
    let section = |z_m, pressure_pa, bore_m| head::Section {
        z_m,
        pressure_pa,
        bore_m,
        flow_m3_s: q,
    };
    let inlet = section(0.2, -20e3, 0.125);
    let outlet = section(0.95, 480e3, 0.1);
    // W1: 52.252344 m.
    let total = head::total_head_between_sections(&inlet, &outlet, 0.0, rho, g).unwrap();
    near(total.total_m, 52.252_344, 6);
    let p_h = power::hydraulic_power_w(rho, g, q, h).unwrap();
    let p_h_read = power::hydraulic_power_w(rho, g, q, total.total_m).unwrap();
    let p2 = 2.0 * core::f64::consts::PI * torque * n / 60.0;
    let efficiency = |w| power::efficiency(p_h, w).unwrap();
    let submersible = head::Submersible {
        pressure_pa: 412e3,
        gauge_z_m: 1.35,
        water_surface_z_m: 0.0,
        surface_pressure_pa: 0.0,
        bore_m: 0.08,
        flow_m3_s: 50.0 / 3600.0,
        friction_head_m: 0.281_787,
    };
    // W2: 44.148788 m.
    let submerged = head::submersible_total_head(&submersible, rho, g).unwrap();
    near(submerged.total_m, 44.148_788, 6);
    let operating = translate::Operating {
        flow_m3_s: q,
        head_m: h,
        power_w: p2,
    };
    let r = translate::speed_ratio(n_sp, n).unwrap();
    let translated = translate::translate(&operating, r, 998.2 / 995.65).unwrap();
    let n_s = specific_speed::specific_speed(n, q, h, 1, 1, g)
        .unwrap()
        .n_s;
    let loss = power::cable_loss_w(31.2, 0.083_522, power::LoadedCores::Three).unwrap();
    let readings = [rho, g, q, -20e3, 480e3, 0.75, 0.125, 0.1];
    let cases: Vec<(&str, Vec<f64>, f64)> = vec![
        ("total_head", readings.to_vec(), total.total_m),
        (
            "submersible_head",
            vec![rho, g, 50.0 / 3600.0, 412e3, 1.35, 0.08, 0.281_787],
            submerged.total_m,
        ),
        ("hydraulic_power", vec![rho, g, q, h], p_h),
        ("unit_efficiency", vec![rho, g, q, h, p1], efficiency(p1)),
        (
            "unit_efficiency_from_readings",
            [&readings[..], &[p1]].concat(),
            power::efficiency(p_h_read, p1).unwrap(),
        ),
        (
            "pump_efficiency",
            vec![rho, g, q, h, torque, n],
            efficiency(p2),
        ),
        (
            "pump_efficiency_from_readings",
            [&readings[..], &[torque, n]].concat(),
            power::efficiency(p_h_read, p2).unwrap(),
        ),
        (
            "pump_efficiency_motor",
            vec![rho, g, q, h, p1, 0.93],
            efficiency(p1 * 0.93),
        ),
        ("shaft_power", vec![torque, n], p2),
        ("motor_efficiency", vec![p2, p1], p2 / p1),
        ("translated_flow", vec![q, n, n_sp], translated.flow_m3_s),
        ("translated_head", vec![h, n, n_sp], translated.head_m),
        (
            "translated_power",
            vec![p2, n, n_sp, 995.65, 998.2],
            translated.power_w,
        ),
        ("specific_speed", vec![n, q, h], n_s),
        ("cable_loss", vec![31.2, 0.083_522], loss),
    ];
    assert_eq!(cases.len(), published::MODELS.len());
    for (name, inputs, expected) in cases {
        let model = published::find(name).unwrap().model().unwrap();
        assert_eq!(model.inputs(), inputs.len());
        relative(model.value(&inputs).unwrap(), expected, 1e-13);
        let exact = model.sensitivities(&inputs).unwrap().unwrap();
        let zeros = vec![0.0; inputs.len()];
        let numeric = numeric_sensitivities(&model, &inputs, &zeros).unwrap();
        for ((c, by_steps), x) in exact.iter().zip(&numeric).zip(&inputs) {
            // Against the size of the result: a slope may be the difference of large ones.
            let tolerance = 1e-9 * (expected / x).abs();
            assert!((c - by_steps).abs() < tolerance, "{name}: {c} {by_steps}");
        }
    }
    assert!(published::find("unit_eficiency").is_err());
}

/// W1: "g changes H by 0.126 % but P_h by only 0.002 %", from 9.81 to 9.7975.
#[test]
fn gravity_and_density_nearly_cancel_in_the_efficiency() {
    let slopes = |name: &str| {
        let published = published::find(name).unwrap();
        let values = [
            998.2,
            9.81,
            100.0 / 3600.0,
            -20e3,
            480e3,
            0.75,
            0.125,
            0.1,
            19_000.0,
        ];
        let model = published.model().unwrap();
        let values = &values[..model.inputs()];
        let slopes = model.sensitivities(values).unwrap().unwrap();
        let value = model.value(values).unwrap();
        // Percent per percent.
        [slopes[0] * values[0] / value, slopes[1] * values[1] / value]
    };
    let [head_rho, head_g] = slopes("total_head");
    let [eta_rho, eta_g] = slopes("unit_efficiency_from_readings");
    let change_pct = 100.0 * (9.7975 - 9.81) / 9.81;
    near(head_g * change_pct, 0.126, 3);
    near(eta_g * change_pct, -0.002, 3);
    // What is left of g is the height between the gauges, of density that and velocity.
    relative(eta_g, 0.75 / 52.186_719, 1e-6);
    relative(eta_rho, 1.0 + head_rho, 1e-9);
    assert!(eta_rho < 0.03 && head_rho < -0.97);
}
