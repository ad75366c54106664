//! Losses between the guarantee boundary and the measuring section: straight pipe, fittings.
//!
//! The guarantee of a pump ends at its outlet. What riser, elbow and non-return valve cost up
//! to the tap is therefore computed or measured for every point and added to the head; there
//! is no third way, hence [`OutletLoss`] has no empty variant (a tap on the pump outlet is a
//! list of no legs).

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
    /// Mean velocity, m/s.
    pub velocity_m_s: f64,
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
        velocity_m_s * pipe.bore_m / viscosity_m2_s,
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
        velocity_m_s,
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

/// A stretch of pipe of one bore with the fittings in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leg {
    /// The straight pipe; length 0 for fittings alone.
    pub pipe: Pipe,
    /// Sum of the loss coefficients ζ of its elbows and valves, referred to its bore.
    pub zeta: f64,
}

/// How well the two parts of a computed loss are known, relative standard uncertainty in %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossUncertainty {
    /// Of the friction factor (roughness and age of the pipe).
    pub factor_pct: f64,
    /// Of the loss coefficients.
    pub zeta_pct: f64,
}

/// Where the loss between pump outlet and tap comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum OutletLoss {
    /// From the geometry; no legs when the tap is at the pump outlet.
    Computed {
        /// The legs in the order of flow.
        legs: Vec<Leg>,
        /// How well factor and coefficients are known.
        uncertainty: LossUncertainty,
    },
    /// Measured once at a known flow and scaled with its square, as for turbulent flow.
    Measured {
        /// Loss measured, m.
        head_m: f64,
        /// At this flow, m³/s.
        flow_m3_s: f64,
        /// Relative standard uncertainty of that measurement, %.
        uncertainty_pct: f64,
    },
}

/// A loss of head between pump outlet and tap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loss {
    /// Share of the straight pipe, m; 0 where the loss was measured.
    pub straight_m: f64,
    /// Share of the fittings, m; 0 where the loss was measured.
    pub fittings_m: f64,
    /// The whole loss, m.
    pub head_m: f64,
    /// Standard uncertainty of the loss at a known flow, m. The flow's own share is
    /// `2 h u(Q)/Q` and belongs to the budget, where it is correlated with the flow.
    pub standard_uncertainty_m: f64,
}

impl OutletLoss {
    /// The loss `Σ (λ L/D + ζ) U²/(2 g)` at a flow, or the measured one scaled to it.
    ///
    /// λ of all legs is wrong in one direction when the roughness is, so its contributions
    /// add up linearly; likewise those of ζ; the two are independent of each other.
    /// Source: reference section 2 (friction to the flange, tag M3), the sum of loss
    /// coefficients is the textbook form (D).
    ///
    /// # Errors
    /// As [`friction_head_m`]; also for a negative coefficient, loss or uncertainty.
    ///
    /// ```
    /// use dutypoint_hydraulics::friction::{Leg, LossUncertainty, OutletLoss, Pipe};
    /// let pipe = Pipe { bore_m: 0.080, length_m: 3.0, roughness_m: 5e-5 };
    /// let uncertainty = LossUncertainty { factor_pct: 10.0, zeta_pct: 20.0 };
    /// let legs = vec![Leg { pipe, zeta: 2.5 }];
    /// let loss = OutletLoss::Computed { legs, uncertainty }
    ///     .at(50.0 / 3600.0, 1.0034e-6, 9.7975)?;
    /// // W2's 0.281787 m of pipe and 2.5 velocity heads of 0.389628 m.
    /// assert!((loss.head_m - (0.281787 + 2.5 * 0.389628)).abs() < 2e-6);
    /// # Ok::<(), dutypoint_hydraulics::Error>(())
    /// ```
    pub fn at(
        &self,
        flow_m3_s: f64,
        viscosity_m2_s: f64,
        gravity_m_s2: f64,
    ) -> Result<Loss, Error> {
        let share =
            |quantity, pct: f64| Ok::<_, Error>(check::not_negative(quantity, pct)? / 100.0);
        match self {
            Self::Computed { legs, uncertainty } => {
                let (mut straight_m, mut fittings_m) = (0.0, 0.0);
                for leg in legs {
                    let friction =
                        friction_head_m(flow_m3_s, &leg.pipe, viscosity_m2_s, gravity_m_s2)?;
                    let zeta = check::not_negative("loss coefficient", leg.zeta)?;
                    straight_m += friction.head_m;
                    fittings_m +=
                        zeta * head::velocity_head_m(friction.velocity_m_s, gravity_m_s2)?;
                }
                let factor = share(
                    "uncertainty of the friction factor in %",
                    uncertainty.factor_pct,
                )?;
                let zeta = share(
                    "uncertainty of the loss coefficients in %",
                    uncertainty.zeta_pct,
                )?;
                Loss::new(
                    straight_m,
                    fittings_m,
                    straight_m + fittings_m,
                    libm::hypot(straight_m * factor, fittings_m * zeta),
                )
            }
            Self::Measured {
                head_m,
                flow_m3_s: at_m3_s,
                uncertainty_pct,
            } => {
                let head_m = check::not_negative("measured loss in m", *head_m)?;
                let at_m3_s = check::positive("flow of the measured loss in m³/s", *at_m3_s)?;
                let ratio = check::not_negative("flow in m³/s", flow_m3_s)? / at_m3_s;
                let head_m = head_m * ratio * ratio;
                let uncertainty = share("uncertainty of the measured loss in %", *uncertainty_pct)?;
                Loss::new(0.0, 0.0, head_m, head_m * uncertainty)
            }
        }
    }
}

impl Loss {
    fn new(
        straight_m: f64,
        fittings_m: f64,
        head_m: f64,
        standard_uncertainty_m: f64,
    ) -> Result<Self, Error> {
        Ok(Self {
            straight_m,
            fittings_m,
            head_m: check::result("loss of head", head_m)?,
            standard_uncertainty_m: check::result(
                "uncertainty of the loss",
                standard_uncertainty_m,
            )?,
        })
    }
}
