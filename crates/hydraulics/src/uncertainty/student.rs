//! The coverage factor: two-sided quantiles of Student's t and of the normal distribution.
//!
//! Degrees of freedom need not be whole, since Welch and Satterthwaite's formula gives none.

use crate::{Error, check};

/// Above this many degrees of freedom the series in 1/ν is exact to the last bits and far
/// cheaper than inverting the distribution.
const SERIES_ABOVE: f64 = 1000.0;
/// Halvings that take any bracket of finite numbers down to neighbours.
const HALVINGS: u32 = 2200;

/// The number t within which a fraction `level` of Student's distribution with
/// `degrees_of_freedom` lies, both sides together; for infinitely many, of the normal
/// distribution.
/// Source: the distribution as an incomplete beta function (Abramowitz and Stegun 26.7.1,
/// 26.5.8), inverted; for many degrees of freedom the series 26.7.5.
///
/// # Errors
/// [`Error::Value`] for a level outside 0 to 1 (neither included; at most 1 − 10⁻⁹) or
/// fewer than one degree of freedom.
///
/// ```
/// use dutypoint_hydraulics::uncertainty::student::two_sided;
/// // GUM Table G.2: 16 degrees of freedom, 99 %; and infinitely many, 95.45 %.
/// assert_eq!(format!("{:.2}", two_sided(0.99, 16.0)?), "2.92");
/// assert_eq!(format!("{:.2}", two_sided(0.9545, f64::INFINITY)?), "2.00");
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn two_sided(level: f64, degrees_of_freedom: f64) -> Result<f64, Error> {
    let must = "between 1e-9 and 1 - 1e-9";
    let level = check::between("coverage probability", level, 1e-9, 1.0 - 1e-9, must)?;
    check::between(
        "degrees of freedom",
        degrees_of_freedom,
        1.0,
        f64::INFINITY,
        "1 or more, or infinite",
    )?;
    let outside = 1.0 - level;
    if degrees_of_freedom > SERIES_ABOVE {
        let z = invert(outside, |z| libm::erfc(z / 2.0_f64.sqrt()));
        return check::result("coverage factor", series(z, degrees_of_freedom));
    }
    let t = invert(outside, |t| probability_outside(t, degrees_of_freedom));
    check::result("coverage factor", t)
}

/// Where the falling function `of` takes the value `target`, from 0 upwards.
fn invert(target: f64, of: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while of(high) > target && high < f64::MAX / 4.0 {
        low = high;
        high *= 2.0;
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if of(middle) > target {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Student's quantile from the normal one.
fn series(z: f64, nu: f64) -> f64 {
    let z2 = z * z;
    let z4 = z2 * z2;
    let first = z * (z2 + 1.0) / 4.0;
    let second = z * (5.0 * z4 + 16.0 * z2 + 3.0) / 96.0;
    let third = z * (3.0 * z4 * z2 + 19.0 * z4 + 17.0 * z2 - 15.0) / 384.0;
    let fourth =
        z * (79.0 * z4 * z4 + 776.0 * z4 * z2 + 1482.0 * z4 - 1920.0 * z2 - 945.0) / 92_160.0;
    z + (first + (second + (third + fourth / nu) / nu) / nu) / nu
}

/// Probability that |t| exceeds `t` ≥ 0, `I_x(ν/2, 1/2)` with `x = ν/(ν + t²)`.
fn probability_outside(t: f64, nu: f64) -> f64 {
    let square = t * t / nu;
    // Near the middle the other tail of the beta function converges.
    let a = 0.5 * nu;
    let (x, complement) = (1.0 / (1.0 + square), square / (1.0 + square));
    // x^a (1 − x)^½ / B(a, ½)
    let front = libm::exp(-a * libm::log1p(square)) * complement.sqrt() * gamma_ratio(a)
        / core::f64::consts::PI.sqrt();
    if x < (a + 1.0) / (a + 2.5) {
        front * fraction(a, 0.5, x) / a
    } else {
        1.0 - front * fraction(0.5, a, complement) / 0.5
    }
}

/// `Γ(a + ½)/Γ(a)` without the cancellation of two large logarithms: shifted upwards, then
/// its asymptotic series.
fn gamma_ratio(a: f64) -> f64 {
    let (mut shifted, mut product) = (a, 1.0);
    while shifted < 50.0 {
        product *= shifted / (shifted + 0.5);
        shifted += 1.0;
    }
    let i = 1.0 / shifted;
    let tail = 1.0
        + i * (-1.0 / 8.0
            + i * (1.0 / 128.0
                + i * (5.0 / 1024.0
                    + i * (-21.0 / 32_768.0
                        + i * (-399.0 / 262_144.0 + i * 869.0 / 4_194_304.0)))));
    product * shifted.sqrt() * tail
}

/// The continued fraction of the incomplete beta function (26.5.8), by Lentz's method.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for step in 1..10_000_u32 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut last = 1.0;
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            last = d * c;
            value *= last;
        }
        if (last - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::{probability_outside, two_sided};

    /// Probability that |t| stays below `t`, in closed form for whole degrees of freedom
    /// (Abramowitz and Stegun 26.7.3, 26.7.4).
    fn closed_form(t: f64, freedom: u32) -> f64 {
        let nu = f64::from(freedom);
        let theta = libm::atan(t / nu.sqrt());
        let cos_squared = nu / (nu + t * t);
        let sin = t / (nu + t * t).sqrt();
        let odd = freedom % 2 == 1;
        let mut term = if odd { cos_squared.sqrt() } else { 1.0 };
        let mut sum = 0.0;
        let mut k = if odd { 1.0 } else { 0.0 };
        for _ in 0..freedom / 2 {
            sum += term;
            term *= cos_squared * (k + 1.0) / (k + 2.0);
            k += 2.0;
        }
        if odd {
            (theta + sin * sum) * (2.0 / core::f64::consts::PI)
        } else {
            sin * sum
        }
    }

    #[test]
    fn whole_degrees_agree_with_the_closed_form() {
        for freedom in [1, 2, 3, 4, 7, 10, 29, 30, 100, 101, 600, 999] {
            for t in [0.01, 0.3, 0.9, 1.7, 2.0, 4.3, 9.0] {
                let outside = probability_outside(t, f64::from(freedom));
                let inside = closed_form(t, freedom);
                assert!(
                    (outside + inside - 1.0).abs() < 3e-14,
                    "{freedom} {t}: {outside} {inside}"
                );
            }
        }
    }

    /// GUM (JCGM 100:2008) Table G.2, every column at the rows given.
    #[test]
    fn table_g_2_of_the_gum() {
        // The table's heads for 1, 2 and 3 standard deviations are rounded.
        let sigmas = |z: f64| libm::erf(z / 2.0_f64.sqrt());
        let levels = [sigmas(1.0), 0.90, 0.95, sigmas(2.0), 0.99, sigmas(3.0)];
        for (nu, row) in [
            (1.0, ["1.84", "6.31", "12.71", "13.97", "63.66", "235.80"]),
            (2.0, ["1.32", "2.92", "4.30", "4.53", "9.92", "19.21"]),
            (5.0, ["1.11", "2.02", "2.57", "2.65", "4.03", "5.51"]),
            (8.0, ["1.07", "1.86", "2.31", "2.37", "3.36", "4.28"]),
            (16.0, ["1.03", "1.75", "2.12", "2.17", "2.92", "3.54"]),
            (20.0, ["1.03", "1.72", "2.09", "2.13", "2.85", "3.42"]),
            (50.0, ["1.01", "1.68", "2.01", "2.05", "2.68", "3.16"]),
            (
                100.0,
                ["1.005", "1.660", "1.984", "2.025", "2.626", "3.077"],
            ),
            (
                f64::INFINITY,
                ["1.000", "1.645", "1.960", "2.000", "2.576", "3.000"],
            ),
        ] {
            for (level, printed) in levels.into_iter().zip(row) {
                let decimals = printed.len() - printed.find('.').unwrap() - 1;
                let found = two_sided(level, nu).unwrap();
                assert_eq!(format!("{found:.decimals$}"), printed, "ν {nu}, {level}");
            }
        }
    }

    #[test]
    fn broken_degrees_lie_between_and_the_series_joins() {
        let t = |nu| two_sided(0.95, nu).unwrap();
        assert!(t(4.0) > t(4.5) && t(4.5) > t(5.0));
        assert!(t(1.0) > t(1.5));
        // The reference's k95 for 368.57 degrees of freedom (GTC 1.5.1).
        assert!((t(368.569_734_660_047_35) - 1.966_421_237_618_903).abs() < 2e-12);
        for level in [0.5, 0.95, 0.99, 0.999] {
            let below = two_sided(level, 1000.0).unwrap();
            let above = two_sided(level, 1_000.000_000_001).unwrap();
            assert!((below - above).abs() < 2e-12, "{level}: {below} {above}");
        }
    }

    #[test]
    fn refused() {
        for (level, nu) in [
            (0.0, 5.0),
            (1.0, 5.0),
            (0.95, 0.5),
            (0.95, f64::NAN),
            (f64::NAN, 5.0),
        ] {
            assert!(two_sided(level, nu).is_err(), "{level} {nu}");
        }
        assert!(two_sided(1.0 - 1e-9, 1.0).unwrap() > 1e8);
    }
}
