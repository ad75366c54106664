//! Properties of clean water from 0 to 100 °C at absolute pressures up to 100 MPa.
//!
//! IAPWS-IF97 region 1 for density, region 4 for vapour pressure (IAPWS R7-97(2012)), and
//! the 2008 formulation for viscosity without the critical enhancement (IAPWS R12-08). The
//! coefficients are those of the releases; the tests reproduce the releases' own
//! verification tables to every printed digit.

use crate::{Error, check};
use check::integer_power;

/// Specific gas constant of water in J/(kg K), R7-97 equation 1.
const GAS_CONSTANT: f64 = 461.526;
const MAX_PRESSURE_PA: f64 = 100e6;

/// R7-97 Table 2: exponents I and J and coefficient n of region 1.
const REGION_1: [(i32, i32, f64); 34] = [
    (0, -2, 0.146_329_712_131_67),
    (0, -1, -0.845_481_871_691_14),
    (0, 0, -3.756_360_367_204_0),
    (0, 1, 3.385_516_916_838_5),
    (0, 2, -0.957_919_633_878_72),
    (0, 3, 0.157_720_385_132_28),
    (0, 4, -0.016_616_417_199_501),
    (0, 5, 0.812_146_299_835_68e-3),
    (1, -9, 0.283_190_801_238_04e-3),
    (1, -7, -0.607_063_015_658_74e-3),
    (1, -1, -0.018_990_068_218_419),
    (1, 0, -0.032_529_748_770_505),
    (1, 1, -0.021_841_717_175_414),
    (1, 3, -0.528_383_579_699_30e-4),
    (2, -3, -0.471_843_210_732_67e-3),
    (2, 0, -0.300_017_807_930_26e-3),
    (2, 1, 0.476_613_939_069_87e-4),
    (2, 3, -0.441_418_453_308_46e-5),
    (2, 17, -0.726_949_962_975_94e-15),
    (3, -4, -0.316_796_448_450_54e-4),
    (3, 0, -0.282_707_979_853_12e-5),
    (3, 6, -0.852_051_281_201_03e-9),
    (4, -5, -0.224_252_819_080_00e-5),
    (4, -2, -0.651_712_228_956_01e-6),
    (4, 10, -0.143_417_299_379_24e-12),
    (5, -8, -0.405_169_968_601_17e-6),
    (8, -11, -0.127_343_017_416_41e-8),
    (8, -6, -0.174_248_712_306_34e-9),
    (21, -29, -0.687_621_312_955_31e-18),
    (23, -31, 0.144_783_078_285_21e-19),
    (29, -38, 0.263_357_816_627_95e-22),
    (30, -39, -0.119_476_226_400_71e-22),
    (31, -40, 0.182_280_945_814_04e-23),
    (32, -41, -0.935_370_872_924_58e-25),
];

/// R12-08 Table 2: exponents i and j and coefficient H of the density-dependent factor.
const VISCOSITY: [(i32, i32, f64); 21] = [
    (0, 0, 0.520_094),
    (1, 0, 0.085_089_5),
    (2, 0, -1.083_74),
    (3, 0, -0.289_555),
    (0, 1, 0.222_531),
    (1, 1, 0.999_115),
    (2, 1, 1.887_97),
    (3, 1, 1.266_13),
    (5, 1, 0.120_573),
    (0, 2, -0.281_378),
    (1, 2, -0.906_851),
    (2, 2, -0.772_479),
    (3, 2, -0.489_837),
    (4, 2, -0.257_040),
    (0, 3, 0.161_913),
    (1, 3, 0.257_399),
    (0, 4, -0.032_537_2),
    (3, 4, 0.069_845_2),
    (4, 5, 0.008_721_02),
    (3, 6, -0.004_356_73),
    (5, 6, -0.000_593_264),
];

/// Density of liquid water in kg/m³ at a temperature in °C and an *absolute* pressure in
/// Pa. Source: IAPWS R7-97(2012) region 1.
///
/// # Errors
/// [`Error::Value`] outside 0 to 100 °C, below the vapour pressure (no liquid there) or
/// above 100 MPa.
///
/// ```
/// let rho = dutypoint_hydraulics::water::density_kg_m3(20.0, 101_325.0)?;
/// assert!((rho - 998.206).abs() < 5e-4);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn density_kg_m3(temperature_c: f64, pressure_pa: f64) -> Result<f64, Error> {
    let temperature_k = kelvin(temperature_c)?;
    let pressure_pa = check::between(
        "absolute water pressure in Pa",
        pressure_pa,
        saturation_pressure_pa(temperature_k),
        MAX_PRESSURE_PA,
        "between the vapour pressure at that temperature and 100 MPa",
    )?;
    Ok(1.0 / specific_volume_m3_kg(temperature_k, pressure_pa))
}

/// Vapour pressure of water in Pa (absolute) at a temperature in °C.
/// Source: IAPWS R7-97(2012) region 4.
///
/// # Errors
/// [`Error::Value`] outside 0 to 100 °C.
pub fn vapour_pressure_pa(temperature_c: f64) -> Result<f64, Error> {
    kelvin(temperature_c).map(saturation_pressure_pa)
}

/// Kinematic viscosity of liquid water in m²/s at a temperature in °C and an *absolute*
/// pressure in Pa. Source: IAPWS R12-08 over region 1 density.
///
/// # Errors
/// As [`density_kg_m3`].
pub fn kinematic_viscosity_m2_s(temperature_c: f64, pressure_pa: f64) -> Result<f64, Error> {
    let density_kg_m3 = density_kg_m3(temperature_c, pressure_pa)?;
    Ok(dynamic_viscosity_pa_s(density_kg_m3, kelvin(temperature_c)?) / density_kg_m3)
}

fn kelvin(temperature_c: f64) -> Result<f64, Error> {
    let must = "between 0 and 100";
    let checked = check::between("water temperature in °C", temperature_c, 0.0, 100.0, must)?;
    Ok(checked + 273.15)
}

fn specific_volume_m3_kg(temperature_k: f64, pressure_pa: f64) -> f64 {
    let reduced_pressure = pressure_pa / 16.53e6;
    let pi = 7.1 - reduced_pressure;
    let tau = 1386.0 / temperature_k - 1.222;
    let mut gamma_pi = 0.0;
    for (i, j, n) in REGION_1 {
        // The derivative of π^I; the terms with I = 0 do not depend on pressure.
        if i > 0 {
            gamma_pi -= n * f64::from(i) * integer_power(pi, i - 1) * integer_power(tau, j);
        }
    }
    reduced_pressure * gamma_pi * GAS_CONSTANT * temperature_k / pressure_pa
}

fn saturation_pressure_pa(temperature_k: f64) -> f64 {
    let theta = temperature_k - 0.238_555_575_678_49 / (temperature_k - 650.175_348_447_98);
    let square = theta * theta;
    let a = square + 1_167.052_145_276_7 * theta - 724_213.167_032_06;
    let b = -17.073_846_940_092 * square + 12_020.824_702_470 * theta - 3_232_555.032_233_3;
    let c = 14.915_108_613_530 * square - 4_823.265_736_159_1 * theta + 405_113.405_420_57;
    integer_power(2.0 * c / (-b + (b * b - 4.0 * a * c).sqrt()), 4) * 1e6
}

fn dynamic_viscosity_pa_s(density_kg_m3: f64, temperature_k: f64) -> f64 {
    let temperature = temperature_k / 647.096;
    let density = density_kg_m3 / 322.0;
    let inverse = 1.0 / temperature;
    let dilute = 100.0 * temperature.sqrt()
        / (1.677_52 + inverse * (2.204_62 + inverse * (0.636_656_4 + inverse * -0.241_605)));
    let mut exponent = 0.0;
    for (i, j, h) in VISCOSITY {
        exponent += h * integer_power(inverse - 1.0, i) * integer_power(density - 1.0, j);
    }
    dilute * libm::exp(density * exponent) * 1e-6
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: &str = include_str!("../tests/data/iapws_verification_tables.json");

    fn rows(table: &str) -> Vec<serde_json::Value> {
        let all: serde_json::Value = serde_json::from_str(TABLES).unwrap();
        all[table]["rows"].as_array().unwrap().clone()
    }

    fn number(row: &serde_json::Value, key: &str) -> f64 {
        match &row[key] {
            serde_json::Value::String(text) => text.parse().unwrap(),
            other => other.as_f64().unwrap(),
        }
    }

    /// Equal when rounded to `digits` significant digits.
    fn same_digits(found: f64, printed: f64, digits: usize) {
        let format = |x: f64| format!("{x:.*e}", digits - 1);
        assert_eq!(format(found), format(printed));
    }

    #[test]
    fn if97_region_1_table_5_to_every_digit() {
        for row in rows("if97_region1_table5") {
            let v = specific_volume_m3_kg(number(&row, "T_K"), number(&row, "p_MPa") * 1e6);
            same_digits(v, number(&row, "v_m3_kg"), 9);
        }
    }

    #[test]
    fn if97_saturation_pressure_table_35_to_every_digit() {
        for row in rows("if97_psat_table35") {
            let p = saturation_pressure_pa(number(&row, "T_K"));
            same_digits(p, number(&row, "p_MPa") * 1e6, 9);
        }
    }

    #[test]
    fn r12_08_viscosity_table_4_to_every_digit() {
        for row in rows("viscosity_r12_08_table4") {
            let mu = dynamic_viscosity_pa_s(number(&row, "rho_kg_m3"), number(&row, "T_K"));
            // Printed with six decimals of µPa s.
            let printed = number(&row, "mu_uPa_s");
            assert_eq!(format!("{:.6}", mu * 1e6), format!("{printed:.6}"));
        }
    }
}
