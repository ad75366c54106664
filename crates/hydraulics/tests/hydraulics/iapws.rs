//! The verification tables the IAPWS releases print, to every digit.

use dutypoint_hydraulics::{iapws, water};
use serde_json::Value;

const TABLES: &str = include_str!("../data/iapws_verification_tables.json");

fn rows(table: &str, key: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(TABLES).unwrap();
    all[table][key].as_array().unwrap().clone()
}

fn text(row: &Value, key: &str) -> String {
    match &row[key] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn number(row: &Value, key: &str) -> f64 {
    text(row, key).parse().unwrap()
}

/// Equal when rounded to `digits` significant digits.
#[track_caller]
fn same_digits(found: f64, printed: f64, digits: usize) {
    let format = |x: f64| format!("{x:.*e}", digits - 1);
    assert_eq!(format(found), format(printed));
}

#[test]
fn if97_region_1_table_5() {
    for row in rows("if97_region1_table5", "rows") {
        let at = iapws::region_1(number(&row, "T_K"), number(&row, "p_MPa") * 1e6).unwrap();
        for (found, key) in [
            (at.volume_m3_kg, "v_m3_kg"),
            (at.enthalpy_j_kg / 1000.0, "h_kJ_kg"),
            (at.internal_energy_j_kg / 1000.0, "u_kJ_kg"),
            (at.entropy_j_kg_k / 1000.0, "s_kJ_kgK"),
            (at.heat_capacity_j_kg_k / 1000.0, "cp_kJ_kgK"),
            (at.sound_m_s, "w_m_s"),
        ] {
            same_digits(found, number(&row, key), 9);
        }
    }
}

#[test]
fn if97_saturation_tables_35_and_36() {
    for row in rows("if97_psat_table35", "rows") {
        let p = iapws::saturation_pressure_pa(number(&row, "T_K")).unwrap();
        same_digits(p, number(&row, "p_MPa") * 1e6, 9);
    }
    for row in rows("if97_tsat_table36", "rows") {
        let t = iapws::saturation_temperature_k(number(&row, "p_MPa") * 1e6).unwrap();
        same_digits(t, number(&row, "T_K"), 9);
    }
}

#[test]
fn iapws_95_table_7() {
    for row in rows("iapws95_table7", "rows") {
        let p = iapws::pressure_pa(number(&row, "rho_kg_m3"), number(&row, "T_K")).unwrap();
        same_digits(p, number(&row, "p_MPa") * 1e6, 9);
    }
}

#[test]
fn r12_08_viscosity_table_4() {
    for row in rows("viscosity_r12_08_table4", "rows") {
        let (rho, t) = (number(&row, "rho_kg_m3"), number(&row, "T_K"));
        let mu = iapws::dynamic_viscosity_pa_s(rho, t).unwrap();
        assert_eq!(format!("{:.6}", mu * 1e6), text(&row, "mu_uPa_s"));
    }
}

#[test]
fn sr6_08_table_8() {
    for row in rows("liquid_sr6_08_table8", "rows") {
        let at = iapws::liquid_at_100_kpa(number(&row, "T_K")).unwrap();
        same_digits(at.density_kg_m3, number(&row, "rho_kg_m3"), 9);
        same_digits(at.dynamic_viscosity_pa_s * 1e6, number(&row, "mu_uPa_s"), 9);
        same_digits(
            at.heat_capacity_j_kg_k / 1000.0,
            number(&row, "cp_kJ_kgK"),
            9,
        );
    }
}

#[test]
fn tanaka_2001() {
    for row in rows("tanaka2001", "read_values") {
        let printed = text(&row, "rho");
        let found = water::tanaka_density_kg_m3(number(&row, "t_C")).unwrap();
        let decimals = printed.split('.').nth(1).unwrap().len();
        assert_eq!(format!("{found:.decimals$}"), printed);
    }
}

/// The three densities of cold water: IF97, which results use, IAPWS-95 and Tanaka.
#[test]
fn if97_agrees_with_its_scientific_sisters() {
    for t_c in [0.0, 4.0, 10.0, 18.0, 20.0, 25.0, 30.0, 40.0] {
        let rho = water::density_kg_m3(t_c, 101_325.0).unwrap();
        let tanaka = water::tanaka_density_kg_m3(t_c).unwrap();
        assert!((rho / tanaka - 1.0).abs() < 1e-5, "{t_c}: {rho} {tanaka}");
        // 1e-5 of the density is 22 kPa of pressure.
        let p = iapws::pressure_pa(rho, t_c + 273.15).unwrap();
        assert!((p - 101_325.0).abs() < 22e3, "{t_c}: {p}");
    }
}

#[test]
fn outside_a_formulation_is_refused_with_its_range() {
    let error = iapws::region_1(630.0, 3e7).unwrap_err().to_string();
    assert!(
        error.contains("630") && error.contains("273.15 and 623.15"),
        "{error}"
    );
    // Steam at 500 K and 1 MPa.
    assert!(iapws::region_1(500.0, 1e6).is_err());
    assert!(iapws::saturation_temperature_k(600.0).is_err());
    assert!(iapws::saturation_temperature_k(22.07e6).is_err());
    assert!(iapws::pressure_pa(322.0, 647.096).is_err());
    assert!(iapws::pressure_pa(0.0, 300.0).is_err());
    assert!(iapws::dynamic_viscosity_pa_s(998.0, 273.0).is_err());
    assert!(iapws::liquid_at_100_kpa(383.2).is_err());
    assert!(water::tanaka_density_kg_m3(40.1).is_err());
}
