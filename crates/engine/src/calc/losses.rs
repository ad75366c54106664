//! Losses between pump and tap, as part of a head and on their own.

use super::conditions::{self, gravity_of, viscosity_of};
use super::{Calc, Packs, Refusal, pack, refuse};
use dutypoint_hydraulics::friction::{
    self, Leg, Loss, LossUncertainty, OutletLoss, Pipe, friction_applies,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Seconds in an hour.
pub(super) const HOUR_S: f64 = 3600.0;

/// Loss of head between a pump flange and its measuring section.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum LossInput {
    /// From the geometry.
    Computed {
        /// Pipes and fittings; none when the tap is at the flange.
        legs: Vec<LegInput>,
        /// Relative standard uncertainty of the friction factor, %.
        #[serde(default)]
        factor_uncertainty_pct: f64,
        /// Relative standard uncertainty of the loss coefficients, %.
        #[serde(default)]
        zeta_uncertainty_pct: f64,
    },
    /// Measured once, scaled with the square of the flow.
    Measured {
        /// Loss measured, m.
        loss_m: f64,
        /// Flow it was measured at, m³/h.
        at_q_m3_h: f64,
        /// Relative standard uncertainty of the measurement, %.
        #[serde(default)]
        uncertainty_pct: f64,
    },
}

/// A stretch of one bore.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LegInput {
    /// Bore, m.
    d_m: f64,
    /// Length of straight pipe, m.
    #[serde(default)]
    length_m: f64,
    /// Equivalent roughness, m.
    #[serde(default)]
    roughness_m: f64,
    /// Sum of the loss coefficients of its fittings.
    #[serde(default)]
    zeta: f64,
}

impl LossInput {
    pub(super) fn at(
        self,
        q_m3_s: f64,
        nu_m2_s: Option<f64>,
        t_c: Option<f64>,
        g_m_s2: f64,
    ) -> Result<Loss, Refusal> {
        let (loss, nu_m2_s) = match self {
            Self::Computed {
                legs,
                factor_uncertainty_pct: factor_pct,
                zeta_uncertainty_pct: zeta_pct,
            } => {
                let legs = legs.into_iter().map(|leg| Leg {
                    pipe: Pipe {
                        bore_m: leg.d_m,
                        length_m: leg.length_m,
                        roughness_m: leg.roughness_m,
                    },
                    zeta: leg.zeta,
                });
                let uncertainty = LossUncertainty {
                    factor_pct,
                    zeta_pct,
                };
                let legs: Vec<Leg> = legs.collect();
                for leg in &legs {
                    conditions::pipe(q_m3_s, &leg.pipe)?;
                }
                // Fittings alone have no Reynolds number that anybody looks at.
                let straight = legs.iter().any(|leg| leg.pipe.length_m != 0.0);
                let nu_m2_s = if straight {
                    viscosity_of(nu_m2_s, t_c)?
                } else {
                    nu_m2_s.unwrap_or(1e-6)
                };
                (OutletLoss::Computed { legs, uncertainty }, nu_m2_s)
            }
            Self::Measured {
                loss_m: head_m,
                at_q_m3_h,
                uncertainty_pct,
            } => {
                let flow_m3_s = at_q_m3_h / HOUR_S;
                let loss = OutletLoss::Measured {
                    head_m,
                    flow_m3_s,
                    uncertainty_pct,
                };
                (loss, nu_m2_s.unwrap_or(1e-6))
            }
        };
        Ok(loss.at(q_m3_s, nu_m2_s, g_m_s2)?)
    }
}

pub(super) struct Friction;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FrictionInput {
    /// Rate of flow, m³/h.
    q_m3_h: f64,
    /// Bore, m.
    d_m: f64,
    /// Length of straight pipe, m.
    length_m: f64,
    /// Equivalent roughness, m.
    roughness_m: f64,
    /// Sum of the loss coefficients of elbows and valves; without it none.
    zeta: Option<f64>,
    /// Kinematic viscosity, m²/s.
    nu_m2_s: Option<f64>,
    /// Water temperature in place of the viscosity, °C.
    t_c: Option<f64>,
    /// Acceleration of gravity, m/s².
    g_m_s2: Option<f64>,
    /// Latitude in place of the gravity, degrees.
    latitude_deg: Option<f64>,
    /// Altitude, with the latitude, m.
    altitude_m: Option<f64>,
    /// Head without the loss, m: is the loss large enough to be added?
    h_m: Option<f64>,
    /// Pack with the threshold.
    pack: Option<String>,
    /// Measurement class, 1 to 3.
    class: Option<u8>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct FrictionOutput {
    /// Mean velocity, m/s.
    u_m_s: f64,
    /// Reynolds number.
    reynolds: f64,
    /// Friction factor λ.
    lambda: f64,
    /// Friction head of the straight pipe, m.
    friction_m: f64,
    /// Loss of the fittings, m.
    fittings_m: f64,
    /// Both, m.
    loss_m: f64,
    /// The loss in percent of the head given.
    #[serde(skip_serializing_if = "Option::is_none")]
    share_pct: Option<f64>,
    /// From which share of the head it is added, %.
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold_pct: Option<f64>,
    /// Whether it is to be added.
    #[serde(skip_serializing_if = "Option::is_none")]
    applies: Option<bool>,
}

impl Calc for Friction {
    const NAME: &'static str = "friction";
    const ZH: &'static str = "直管和管件的损失，是否计入扬程";
    const EN: &'static str = "loss of a pipe and its fittings, and whether it is added to the head";
    const FORMULAS: &'static [&'static str] = &["friction.colebrook.v1", "loss.fittings.v1"];
    const SOURCE: &'static str = "Colebrook; ISO 9906:2012 Annex A; threshold of the pack";
    const EXAMPLE: &'static str = r#"{"q_m3_h": 50, "d_m": 0.08, "length_m": 3, "roughness_m": 5e-5, "nu_m2_s": 1.0034e-6, "g_m_s2": 9.7975, "h_m": 43.867001, "pack": "gbt3216-2016", "class": 2}"#;
    const SHORT: &'static [(&'static str, &'static str)] =
        &[("q", "q_m3_h"), ("d", "d_m"), ("t", "t_c"), ("h", "h_m")];
    type Input = FrictionInput;
    type Output = FrictionOutput;

    fn compute(input: FrictionInput, packs: &Packs) -> Result<FrictionOutput, Refusal> {
        let g_m_s2 = gravity_of(input.g_m_s2, input.latitude_deg, input.altitude_m)?;
        let nu_m2_s = viscosity_of(input.nu_m2_s, input.t_c)?;
        let q_m3_s = input.q_m3_h / HOUR_S;
        let pipe = Pipe {
            bore_m: input.d_m,
            length_m: input.length_m,
            roughness_m: input.roughness_m,
        };
        conditions::pipe(q_m3_s, &pipe)?;
        let found = friction::friction_head_m(q_m3_s, &pipe, nu_m2_s, g_m_s2)?;
        let zeta = input.zeta.unwrap_or(0.0);
        let uncertainty = LossUncertainty {
            factor_pct: 0.0,
            zeta_pct: 0.0,
        };
        let legs = vec![Leg { pipe, zeta }];
        let loss = OutletLoss::Computed { legs, uncertainty }.at(q_m3_s, nu_m2_s, g_m_s2)?;
        let (threshold_pct, applies) = match (input.h_m, input.pack, input.class) {
            (h_m, None, None) => (None, h_m.and(None)),
            (Some(h_m), Some(id), Some(class)) => {
                let threshold_pct = pack(packs, &id)?.friction_threshold_pct(class)?;
                let applies = friction_applies(loss.head_m, h_m, threshold_pct)?;
                (Some(threshold_pct), Some(applies))
            }
            _ => {
                return Err(refuse(
                    "h_m、pack、class 须一起给出：计入界限是扬程的百分数",
                    "give h_m, pack and class together: the threshold is a share of the head",
                ));
            }
        };
        Ok(FrictionOutput {
            u_m_s: found.velocity_m_s,
            reynolds: found.reynolds,
            lambda: found.factor,
            friction_m: loss.straight_m,
            fittings_m: loss.fittings_m,
            loss_m: loss.head_m,
            share_pct: input.h_m.map(|h_m| 100.0 * loss.head_m / h_m),
            threshold_pct,
            applies,
        })
    }
}
