//! Dynamic viscosity, IAPWS R12-08, without the critical enhancement.

use crate::Error;
use crate::check::{self, integer_power};

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

/// Dynamic viscosity in Pa s at a density in kg/m³ and a temperature in K. The critical
/// enhancement, which matters only near 647 K, is left out.
///
/// # Errors
/// [`Error::Value`] outside 273.15 to 1173.15 K or for a density outside 0 to 1250 kg/m³.
pub fn dynamic_viscosity_pa_s(density_kg_m3: f64, temperature_k: f64) -> Result<f64, Error> {
    let must = "between 273.15 and 1173.15";
    let t = check::between(
        "water temperature in K",
        temperature_k,
        273.15,
        1173.15,
        must,
    )?;
    let must = "above 0 and at most 1250";
    let lowest = f64::MIN_POSITIVE;
    let rho = check::between(
        "water density in kg/m³",
        density_kg_m3,
        lowest,
        1250.0,
        must,
    )?;
    Ok(dynamic_viscosity(rho, t))
}

pub(crate) fn dynamic_viscosity(density_kg_m3: f64, temperature_k: f64) -> f64 {
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
