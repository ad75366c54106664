//! IAPWS-IF97: region 1 (compressed liquid) and the saturation line. IAPWS R7-97(2012).

use crate::Error;
use crate::check::{self, integer_power};

/// Specific gas constant of water in J/(kg K), R7-97 equation 1.
const GAS_CONSTANT: f64 = 461.526;
const MAX_PRESSURE_PA: f64 = 100e6;
const CRITICAL_K: f64 = 647.096;

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

/// R7-97 Table 34, n₁ to n₁₀.
const SATURATION: [f64; 10] = [
    1_167.052_145_276_7,
    -724_213.167_032_06,
    -17.073_846_940_092,
    12_020.824_702_470,
    -3_232_555.032_233_3,
    14.915_108_613_530,
    -4_823.265_736_159_1,
    405_113.405_420_57,
    -0.238_555_575_678_49,
    650.175_348_447_98,
];

/// Properties of compressed liquid water.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region1 {
    /// Specific volume, m³/kg.
    pub volume_m3_kg: f64,
    /// Specific enthalpy, J/kg.
    pub enthalpy_j_kg: f64,
    /// Specific internal energy, J/kg.
    pub internal_energy_j_kg: f64,
    /// Specific entropy, J/(kg K).
    pub entropy_j_kg_k: f64,
    /// Specific isobaric heat capacity, J/(kg K).
    pub heat_capacity_j_kg_k: f64,
    /// Speed of sound, m/s.
    pub sound_m_s: f64,
}

/// Properties in region 1, R7-97 Table 3, at a temperature in K and an absolute pressure in
/// Pa.
///
/// # Errors
/// [`Error::Value`] outside 273.15 to 623.15 K, below the saturation pressure or above
/// 100 MPa.
pub fn region_1(temperature_k: f64, pressure_pa: f64) -> Result<Region1, Error> {
    let must = "between 273.15 and 623.15 (IF97 region 1)";
    let t = check::between(
        "water temperature in K",
        temperature_k,
        273.15,
        623.15,
        must,
    )?;
    let p = check::between(
        "absolute water pressure in Pa",
        pressure_pa,
        saturation_pressure(t),
        MAX_PRESSURE_PA,
        "between the saturation pressure at that temperature and 100 MPa",
    )?;
    let (reduced_pressure, inverse) = (p / 16.53e6, 1386.0 / t);
    let (pi, tau) = (7.1 - reduced_pressure, inverse - 1.222);
    let (mut gamma, mut by_pi, mut by_pi_pi) = (0.0, 0.0, 0.0);
    let (mut by_tau, mut by_tau_tau, mut by_pi_tau) = (0.0, 0.0, 0.0);
    for (i, j, n) in REGION_1 {
        let (fi, fj) = (f64::from(i), f64::from(j));
        let power =
            |low_i: i32, low_j: i32| integer_power(pi, i - low_i) * integer_power(tau, j - low_j);
        gamma += n * power(0, 0);
        by_tau += n * fj * power(0, 1);
        by_tau_tau += n * fj * (fj - 1.0) * power(0, 2);
        // 7.1 − π is above 1 in the whole region, so that a factor I = 0 is all it takes.
        by_pi -= n * fi * power(1, 0);
        by_pi_pi += n * fi * (fi - 1.0) * power(2, 0);
        by_pi_tau -= n * fi * fj * power(1, 1);
    }
    let rt = GAS_CONSTANT * t;
    let mixed = by_pi - inverse * by_pi_tau;
    let square = rt * by_pi * by_pi / (mixed * mixed / (inverse * inverse * by_tau_tau) - by_pi_pi);
    Ok(Region1 {
        volume_m3_kg: specific_volume_m3_kg(t, p),
        enthalpy_j_kg: rt * inverse * by_tau,
        internal_energy_j_kg: rt * (inverse * by_tau - reduced_pressure * by_pi),
        entropy_j_kg_k: GAS_CONSTANT * (inverse * by_tau - gamma),
        heat_capacity_j_kg_k: -GAS_CONSTANT * inverse * inverse * by_tau_tau,
        sound_m_s: check::result("speed of sound", square.sqrt())?,
    })
}

/// Saturation pressure in Pa at a temperature in K, R7-97 equation 30.
///
/// # Errors
/// [`Error::Value`] outside 273.15 to 647.096 K.
pub fn saturation_pressure_pa(temperature_k: f64) -> Result<f64, Error> {
    let must = "between 273.15 and 647.096 (freezing to critical point)";
    let t = check::between(
        "water temperature in K",
        temperature_k,
        273.15,
        CRITICAL_K,
        must,
    )?;
    Ok(saturation_pressure(t))
}

/// Saturation temperature in K at an absolute pressure in Pa, R7-97 equation 31.
///
/// # Errors
/// [`Error::Value`] outside 611.213 Pa to 22.064 MPa.
pub fn saturation_temperature_k(pressure_pa: f64) -> Result<f64, Error> {
    let must = "between 611.213 and 22064000 (saturation line)";
    let p = check::between(
        "saturation pressure in Pa",
        pressure_pa,
        611.213,
        22.064e6,
        must,
    )?;
    let [n1, n2, n3, n4, n5, n6, n7, n8, n9, n10] = SATURATION;
    let beta = (p * 1e-6).sqrt().sqrt();
    let e = beta * beta + n3 * beta + n6;
    let f = n1 * beta * beta + n4 * beta + n7;
    let g = n2 * beta * beta + n5 * beta + n8;
    let d = 2.0 * g / (-f - (f * f - 4.0 * e * g).sqrt());
    let sum = n10 + d;
    let root = (sum * sum - 4.0 * (n9 + n10 * d)).sqrt();
    check::result("saturation temperature", 0.5 * (sum - root))
}

pub(crate) fn specific_volume_m3_kg(temperature_k: f64, pressure_pa: f64) -> f64 {
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

pub(crate) fn saturation_pressure(temperature_k: f64) -> f64 {
    let [n1, n2, n3, n4, n5, n6, n7, n8, n9, n10] = SATURATION;
    let theta = temperature_k + n9 / (temperature_k - n10);
    let square = theta * theta;
    let a = square + n1 * theta + n2;
    let b = n3 * square + n4 * theta + n5;
    let c = n6 * square + n7 * theta + n8;
    integer_power(2.0 * c / (-b + (b * b - 4.0 * a * c).sqrt()), 4) * 1e6
}
