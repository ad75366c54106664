//! Friction head of the straight pipe between a flange and its measuring section.

use crate::{Error, check, head, limit};

/// Straight pipe of constant bore.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pipe {
    /// Bore, m.
    pub bore_m: f64,
    /// Length, m.
    pub length_m: f64,
    /// Equivalent uniform roughness of the wall, m.
    pub roughness_m: f64,
}

/// A friction head and what it was found from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Friction {
    /// Reynolds number.
    pub reynolds: f64,
    /// Friction factor λ; 0 without flow.
    pub factor: f64,
    /// Friction head, m.
    pub head_m: f64,
}

/// Steps of the fixed-point iteration: each gains at least half a decimal digit above
/// Reynolds 2300, so that a fixed count reaches the last bit on every machine alike.
const COLEBROOK_STEPS: u32 = 40;
const LAMINAR_BELOW: f64 = 2300.0;

/// Friction factor λ of a pipe: `64/Re` below Reynolds 2300, the Colebrook equation from
/// there on. Between 2300 and about 4000 neither regime is stable; Colebrook is the higher
/// of the two there and is used. Source: reference section 2 (tag M3).
///
/// # Errors
/// [`Error::Value`] for a Reynolds number not above zero or a relative roughness outside
/// 0 to 0.05, the range of the equation's experiments.
pub fn friction_factor(reynolds: f64, relative_roughness: f64) -> Result<f64, Error> {
    let reynolds = check::positive("Reynolds number", reynolds)?;
    let must = "between 0 and 0.05";
    let relative_roughness =
        check::between("relative roughness", relative_roughness, 0.0, 0.05, must)?;
    if reynolds < LAMINAR_BELOW {
        return check::result("friction factor", 64.0 / reynolds);
    }
    let mut inverse_root = 7.0;
    for _ in 0..COLEBROOK_STEPS {
        inverse_root =
            -2.0 * libm::log10(2.51 * inverse_root / reynolds + relative_roughness / 3.7);
    }
    check::result("friction factor", 1.0 / (inverse_root * inverse_root))
}

/// Friction head `λ (L/D) U²/(2 g)` of water of kinematic viscosity `viscosity_m2_s` in a
/// straight pipe. Source: reference section 2 (tag M3), Annex A of ISO 9906:2012.
///
/// # Errors
/// As [`friction_factor`] and [`head::velocity_m_s`]; also for a negative length or a
/// viscosity not above zero.
///
/// ```
/// use dutypoint_hydraulics::friction::{Pipe, friction_head_m};
/// let pipe = Pipe { bore_m: 0.080, length_m: 3.0, roughness_m: 5e-5 };
/// let friction = friction_head_m(50.0 / 3600.0, &pipe, 1.0034e-6, 9.7975)?;
/// assert!((friction.head_m - 0.281787).abs() < 5e-7);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn friction_head_m(
    flow_m3_s: f64,
    pipe: &Pipe,
    viscosity_m2_s: f64,
    gravity_m_s2: f64,
) -> Result<Friction, Error> {
    let velocity_m_s = head::velocity_m_s(flow_m3_s, pipe.bore_m)?;
    let velocity_head_m = head::velocity_head_m(velocity_m_s, gravity_m_s2)?;
    let length_m = check::not_negative("pipe length in m", pipe.length_m)?;
    let roughness_m = check::not_negative("pipe roughness in m", pipe.roughness_m)?;
    let viscosity_m2_s = check::positive("kinematic viscosity in m²/s", viscosity_m2_s)?;
    let reynolds = check::result(
        "Reynolds number",
        velocity_m_s.abs() * pipe.bore_m / viscosity_m2_s,
    )?;
    let factor = if reynolds > 0.0 {
        friction_factor(reynolds, roughness_m / pipe.bore_m)?
    } else {
        0.0
    };
    let head_m = factor * (length_m / pipe.bore_m) * velocity_head_m;
    Ok(Friction {
        reynolds,
        factor,
        head_m: check::result("friction head", head_m)?,
    })
}

/// Whether a friction head is large enough to be added: at least `threshold_pct` percent of
/// the head found without it. Source: reference section 2 (0.2 % in grade 1, 0.5 %
/// otherwise, tag M2); the threshold comes from the pack.
///
/// # Errors
/// [`Error::Value`] for a negative friction head or threshold, or a non-finite head.
pub fn friction_applies(
    friction_head_m: f64,
    head_m: f64,
    threshold_pct: f64,
) -> Result<bool, Error> {
    let friction_head_m = check::not_negative("friction head in m", friction_head_m)?;
    let head_m = check::finite("head in m", head_m)?;
    let threshold_pct = check::not_negative("friction threshold in %", threshold_pct)?;
    let threshold_m = threshold_pct / 100.0 * head_m.abs();
    Ok(limit::at_least(friction_head_m, threshold_m))
}
