//! Liquid water at 0.1 MPa: the supplementary release IAPWS SR6-08(2011).

use crate::Error;
use crate::check::{self, integer_power};

/// J/(kg K).
const GAS_CONSTANT: f64 = 461.518_05;
const REFERENCE_K: f64 = 10.0;
const PRESSURE_PA: f64 = 1e5;

/// Gibbs energy, terms in α: exponent and coefficient.
const GIBBS_ALPHA: [(i32, f64); 3] = [
    (4, -1.661_470_539e5),
    (5, 2.708_781_640e6),
    (7, -1.557_191_544e8),
];
/// Gibbs energy, terms in β.
const GIBBS_BETA: [(i32, f64); 4] = [
    (2, -0.823_742_625_6),
    (3, 1.908_956_353),
    (4, -2.017_597_384),
    (5, 0.854_636_134_8),
];
/// Coefficient of τ ln τ.
const GIBBS_LOG: f64 = -8.983_025_854;
/// Volume, constant term.
const VOLUME: f64 = 1.937_631_57e-2;
/// Volume, terms in α.
const VOLUME_ALPHA: [(i32, f64); 5] = [
    (4, 6.744_584_46e3),
    (5, -2.225_216_04e5),
    (7, 1.002_312_47e8),
    (8, -1.635_521_18e9),
    (9, 8.322_996_58e9),
];
/// Volume, terms in β.
const VOLUME_BETA: [(i32, f64); 6] = [
    (1, 5.785_452_92e-3),
    (2, -1.531_956_65e-2),
    (3, 3.113_378_59e-2),
    (4, -4.235_462_41e-2),
    (5, 3.387_135_07e-2),
    (6, -1.199_467_61e-2),
];
/// Viscosity in µPa s: coefficient and exponent of T/300 K.
const VISCOSITY: [(f64, f64); 4] = [
    (280.68, -1.9),
    (511.45, -7.7),
    (61.131, -19.6),
    (0.459_03, -40.0),
];

/// Properties of liquid water at 0.1 MPa.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Liquid {
    /// Density, kg/m³.
    pub density_kg_m3: f64,
    /// Dynamic viscosity, Pa s.
    pub dynamic_viscosity_pa_s: f64,
    /// Specific isobaric heat capacity, J/(kg K).
    pub heat_capacity_j_kg_k: f64,
}

/// Density, viscosity and heat capacity at 0.1 MPa and a temperature in K.
///
/// # Errors
/// [`Error::Value`] outside 253.15 to 383.15 K.
pub fn liquid_at_100_kpa(temperature_k: f64) -> Result<Liquid, Error> {
    let must = "between 253.15 and 383.15 (IAPWS SR6-08)";
    let t = check::between(
        "water temperature in K",
        temperature_k,
        253.15,
        383.15,
        must,
    )?;
    let tau = t / REFERENCE_K;
    let alpha = REFERENCE_K / (593.0 - t);
    let beta = REFERENCE_K / (t - 232.0);
    let sum = |terms: &[(i32, f64)], base: f64| {
        let each = terms.iter().map(|(n, a)| a * integer_power(base, *n));
        each.fold(0.0, |sum, term| sum + term)
    };
    let curvature = |terms: &[(i32, f64)], base: f64| {
        let each = terms
            .iter()
            .map(|(n, a)| f64::from(n * (n + 1)) * a * integer_power(base, n + 2));
        each.fold(0.0, |sum, term| sum + term)
    };
    let volume = VOLUME + sum(&VOLUME_ALPHA, alpha) + sum(&VOLUME_BETA, beta);
    let volume_m3_kg = GAS_CONSTANT * REFERENCE_K / PRESSURE_PA * volume;
    let heat = GIBBS_LOG + tau * (curvature(&GIBBS_ALPHA, alpha) + curvature(&GIBBS_BETA, beta));
    let mut viscosity = 0.0;
    for (a, b) in VISCOSITY {
        viscosity += a * libm::pow(t / 300.0, b);
    }
    Ok(Liquid {
        density_kg_m3: 1.0 / volume_m3_kg,
        dynamic_viscosity_pa_s: viscosity * 1e-6,
        heat_capacity_j_kg_k: -GAS_CONSTANT * heat,
    })
}
