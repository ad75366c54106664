//! Pressure from density and temperature by the scientific formulation IAPWS-95,
//! IAPWS R6-95(2018). It is independent of IF97 and holds its densities to account.

use crate::Error;
use crate::check::{self, integer_power};

const GAS_CONSTANT: f64 = 461.518_05;
const CRITICAL_K: f64 = 647.096;
const CRITICAL_KG_M3: f64 = 322.0;

/// R6-95 Table 2, terms 1 to 7: n, t, d.
const POLYNOMIAL: [(f64, f64, i32); 7] = [
    (0.125_335_479_355_23e-1, -0.5, 1),
    (0.789_576_347_228_28e1, 0.875, 1),
    (-0.878_032_033_035_61e1, 1.0, 1),
    (0.318_025_093_454_18, 0.5, 2),
    (-0.261_455_338_593_58, 0.75, 2),
    (-0.781_997_516_879_81e-2, 0.375, 3),
    (0.880_894_931_021_34e-2, 1.0, 4),
];
/// Terms 8 to 51: n, t, d, c.
const EXPONENTIAL: [(f64, i32, i32, i32); 44] = [
    (-0.668_565_723_079_65, 4, 1, 1),
    (0.204_338_109_509_65, 6, 1, 1),
    (-0.662_126_050_396_87e-4, 12, 1, 1),
    (-0.192_327_211_560_02, 1, 2, 1),
    (-0.257_090_430_034_38, 5, 2, 1),
    (0.160_748_684_862_51, 4, 3, 1),
    (-0.400_928_289_258_07e-1, 2, 4, 1),
    (0.393_434_226_032_54e-6, 13, 4, 1),
    (-0.759_413_770_881_44e-5, 9, 5, 1),
    (0.562_509_793_518_88e-3, 3, 7, 1),
    (-0.156_086_522_571_35e-4, 4, 9, 1),
    (0.115_379_964_229_51e-8, 11, 10, 1),
    (0.365_821_651_442_04e-6, 4, 11, 1),
    (-0.132_511_800_746_68e-11, 13, 13, 1),
    (-0.626_395_869_124_54e-9, 1, 15, 1),
    (-0.107_936_009_089_32, 7, 1, 2),
    (0.176_114_910_087_52e-1, 1, 2, 2),
    (0.221_322_951_675_46, 9, 2, 2),
    (-0.402_476_697_635_28, 10, 2, 2),
    (0.580_833_999_857_59, 10, 3, 2),
    (0.499_691_469_908_06e-2, 3, 4, 2),
    (-0.313_587_007_125_49e-1, 7, 4, 2),
    (-0.743_159_297_103_41, 10, 4, 2),
    (0.478_073_299_154_80, 10, 5, 2),
    (0.205_279_408_959_48e-1, 6, 6, 2),
    (-0.136_364_351_103_43, 10, 6, 2),
    (0.141_806_344_006_17e-1, 10, 7, 2),
    (0.833_265_048_807_13e-2, 1, 9, 2),
    (-0.290_523_360_095_85e-1, 2, 9, 2),
    (0.386_150_855_742_06e-1, 3, 9, 2),
    (-0.203_934_865_137_04e-1, 4, 9, 2),
    (-0.165_540_500_637_34e-2, 8, 9, 2),
    (0.199_555_719_795_41e-2, 6, 10, 2),
    (0.158_703_083_241_57e-3, 9, 10, 2),
    (-0.163_885_683_425_30e-4, 8, 12, 2),
    (0.436_136_157_238_11e-1, 16, 3, 3),
    (0.349_940_054_637_65e-1, 22, 4, 3),
    (-0.767_881_978_446_21e-1, 23, 4, 3),
    (0.224_462_773_320_06e-1, 23, 5, 3),
    (-0.626_897_104_146_85e-4, 10, 14, 4),
    (-0.557_111_185_656_45e-9, 50, 3, 6),
    (-0.199_057_183_544_08, 44, 6, 6),
    (0.317_774_973_307_38, 46, 6, 6),
    (-0.118_411_824_259_81, 50, 6, 6),
];
/// Terms 52 to 54: n, t, β, γ; with d = 3, α = 20, ε = 1.
const GAUSSIAN: [(f64, i32, f64, f64); 3] = [
    (-0.313_062_603_234_35e2, 0, 150.0, 1.21),
    (0.315_461_402_377_81e2, 1, 150.0, 1.21),
    (-0.252_131_543_416_95e4, 4, 250.0, 1.25),
];
/// Terms 55 and 56: n, b, C, D; with a = 3.5, B = 0.2, A = 0.32, β = 0.3.
const CRITICAL: [(f64, f64, f64, f64); 2] = [
    (-0.148_746_408_567_24, 0.85, 28.0, 700.0),
    (0.318_061_108_784_44, 0.95, 32.0, 800.0),
];

/// Pressure in Pa of water and steam at a density in kg/m³ and a temperature in K.
///
/// # Errors
/// [`Error::Value`] outside 251.2 to 1273 K or for a density outside 0 to 1300 kg/m³,
/// [`Error::NotFinite`] at the critical point itself.
pub fn pressure_pa(density_kg_m3: f64, temperature_k: f64) -> Result<f64, Error> {
    let must = "between 251.2 and 1273 (IAPWS-95)";
    let t = check::between("water temperature in K", temperature_k, 251.2, 1273.0, must)?;
    let must = "above 0 and at most 1300";
    let lowest = f64::MIN_POSITIVE;
    let rho = check::between(
        "water density in kg/m³",
        density_kg_m3,
        lowest,
        1300.0,
        must,
    )?;
    let delta = rho / CRITICAL_KG_M3;
    let slope = residual_by_delta(delta, CRITICAL_K / t);
    let pressure = rho * GAS_CONSTANT * t * (1.0 + delta * slope);
    check::result("water pressure", pressure)
}

/// Derivative of the residual Helmholtz energy by the reduced density, R6-95 Table 5.
fn residual_by_delta(delta: f64, tau: f64) -> f64 {
    let mut sum = 0.0;
    for (n, t, d) in POLYNOMIAL {
        sum += n * f64::from(d) * integer_power(delta, d - 1) * libm::pow(tau, t);
    }
    for (n, t, d, c) in EXPONENTIAL {
        let power = integer_power(delta, c);
        let factor = f64::from(d) - f64::from(c) * power;
        sum += n * libm::exp(-power) * integer_power(delta, d - 1) * integer_power(tau, t) * factor;
    }
    let off = delta - 1.0;
    for (n, t, beta, gamma) in GAUSSIAN {
        let bell = libm::exp(-20.0 * off * off - beta * (tau - gamma) * (tau - gamma));
        let factor = 3.0 / delta - 40.0 * off;
        sum += n * integer_power(delta, 3) * integer_power(tau, t) * bell * factor;
    }
    let square = off * off;
    for (n, b, c, d) in CRITICAL {
        // (1/(2 β)) = 5/3.
        let theta = (1.0 - tau) + 0.32 * libm::pow(square, 5.0 / 3.0);
        let distance = theta * theta + 0.2 * libm::pow(square, 3.5);
        let bell = libm::exp(-c * square - d * (tau - 1.0) * (tau - 1.0));
        let by_delta = off
            * (0.32 * theta * (2.0 / 0.3) * libm::pow(square, 2.0 / 3.0)
                + 1.4 * libm::pow(square, 2.5));
        let power = libm::pow(distance, b);
        let power_by_delta = b * libm::pow(distance, b - 1.0) * by_delta;
        sum += n * (power * (bell - 2.0 * c * off * delta * bell) + power_by_delta * delta * bell);
    }
    sum
}
