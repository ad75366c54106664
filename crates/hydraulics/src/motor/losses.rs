//! Shaft power of a motor from its input and its losses.

use crate::{Error, check};

/// Copper loss of a three-phase stator in W, `1.5 I² R` with R between two lines.
/// Source: energy reference 1.6 (tag M+).
///
/// # Errors
/// [`Error::Value`] for a negative current or resistance.
pub fn stator_copper_loss_w(current_a: f64, resistance_ohm: f64) -> Result<f64, Error> {
    let current_a = check::not_negative("line current in A", current_a)?;
    let resistance_ohm = check::not_negative("winding resistance in Ω", resistance_ohm)?;
    check::result(
        "stator copper loss",
        1.5 * current_a * current_a * resistance_ohm,
    )
}

/// How the stray load loss is found. The choice moves the pump efficiency of a 13 kW unit by
/// about a point, so it belongs into the record. Source: energy reference 6.3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stray {
    /// Measured (GB/T 1032 method B), W.
    Measured {
        /// The loss, W.
        loss_w: f64,
    },
    /// 0.5 % of the measured input: practice with submersible motors (tag M; the edition of
    /// GB/T 1032 that allowed it at rated load was withdrawn in 2012).
    HalfPercentOfInput,
    /// 0.5 % of the rated input at rated load, scaled by `(I/I_N)²`: GB/T 1032-2005
    /// (tags C1 S-1032, M+), withdrawn in 2012.
    HalfPercentOfRated {
        /// Rated input, W.
        rated_input_w: f64,
        /// Rated current, A.
        rated_current_a: f64,
    },
    /// The share of the input IEC 60034-2-1 assumes for a rated output (tag M+): 2.5 % up to
    /// 1 kW, `2.5 % − 0.5 % log₁₀(P₂/1 kW)` up to 10 MW, 0.5 % above.
    IecAssumed {
        /// Rated output, W.
        rated_output_w: f64,
    },
}

impl Stray {
    /// The loss in W at this input and current.
    ///
    /// # Errors
    /// [`Error::Value`] for a rating not above zero or a negative loss.
    pub fn loss_w(self, input_w: f64, current_a: f64) -> Result<f64, Error> {
        let loss_w = match self {
            Self::Measured { loss_w } => check::not_negative("stray load loss in W", loss_w)?,
            Self::HalfPercentOfInput => 0.005 * input_w,
            Self::HalfPercentOfRated {
                rated_input_w,
                rated_current_a,
            } => {
                let rated_input_w = check::positive("rated input in W", rated_input_w)?;
                let ratio = current_a / check::positive("rated current in A", rated_current_a)?;
                0.005 * rated_input_w * ratio * ratio
            }
            Self::IecAssumed { rated_output_w } => {
                let rated_kw = check::positive("rated output in W", rated_output_w)? / 1000.0;
                let share_pct = (2.5 - 0.5 * libm::log10(rated_kw)).clamp(0.5, 2.5);
                share_pct / 100.0 * input_w
            }
        };
        check::result("stray load loss", loss_w)
    }
}

/// What the losses of a loaded motor are segregated from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segregation {
    /// Input power at the motor leads, W.
    pub input_w: f64,
    /// Line current, A.
    pub current_a: f64,
    /// Winding resistance at this load, line-to-line mean, Ω.
    pub resistance_ohm: f64,
    /// Iron loss at the voltage of the test, W.
    pub iron_w: f64,
    /// Friction and windage, W.
    pub friction_windage_w: f64,
    /// Slip as a fraction.
    pub slip: f64,
    /// How the stray load loss is found.
    pub stray: Stray,
}

/// The losses of a motor, all in W, and what they leave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segregated {
    /// `1.5 I² R`.
    pub stator_copper_w: f64,
    /// Iron.
    pub iron_w: f64,
    /// Rotor, `s (P₁ − P_Cu1 − P_Fe)`.
    pub rotor_copper_w: f64,
    /// Friction and windage.
    pub friction_windage_w: f64,
    /// Stray load.
    pub stray_w: f64,
    /// The sum.
    pub total_w: f64,
    /// Shaft power, input less the sum.
    pub shaft_w: f64,
    /// Shaft power over input, a fraction.
    pub efficiency: f64,
}

/// Segregates the losses of a loaded motor. Source: GB/T 12785 and GB/T 1032 as in energy
/// reference 1.6 (tag M+).
///
/// # Errors
/// [`Error::Value`] for a negative quantity, a slip outside 0 to 1, or losses that use up the
/// input.
///
/// ```
/// use dutypoint_hydraulics::motor::{Segregation, Stray, segregate};
/// // Worked example E11.
/// let losses = segregate(&Segregation {
///     input_w: 15_376.09, current_a: 31.20, resistance_ohm: 0.5852, iron_w: 503.54,
///     friction_windage_w: 780.0, slip: 0.0440, stray: Stray::HalfPercentOfInput,
/// })?;
/// assert!((losses.shaft_w - 12_544.38).abs() < 2e-2);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn segregate(load: &Segregation) -> Result<Segregated, Error> {
    let input_w = check::positive("motor input in W", load.input_w)?;
    let slip = check::between("slip", load.slip, 0.0, 1.0, "between 0 and 1")?;
    let iron_w = check::not_negative("iron loss in W", load.iron_w)?;
    let friction_windage_w =
        check::not_negative("friction and windage loss in W", load.friction_windage_w)?;
    let stator_copper_w = stator_copper_loss_w(load.current_a, load.resistance_ohm)?;
    let rotor_copper_w = slip * (input_w - stator_copper_w - iron_w);
    let stray_w = load.stray.loss_w(input_w, load.current_a)?;
    let total_w = stator_copper_w + iron_w + rotor_copper_w + friction_windage_w + stray_w;
    let must = "above 0 and below the input; check resistance, current and no-load losses";
    let shaft_w = check::between(
        "shaft power in W",
        input_w - total_w,
        f64::MIN_POSITIVE,
        input_w,
        must,
    )?;
    Ok(Segregated {
        stator_copper_w,
        iron_w,
        rotor_copper_w,
        friction_windage_w,
        stray_w,
        total_w,
        shaft_w,
        efficiency: shaft_w / input_w,
    })
}
