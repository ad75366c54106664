//! What is asked: points, guarantee, grade, uncertainties.

use super::super::words::Rule;
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct AssessInput {
    /// Standard pack.
    pub(super) pack: String,
    /// Grade of the contract.
    pub(super) grade: Option<String>,
    /// Application, where the contract names no grade; goes with p_rated_kw.
    pub(super) application: Option<String>,
    /// Rated shaft power, kW, for the grade by default.
    pub(super) p_rated_kw: Option<f64>,
    /// Largest shaft power in the range of operation, kW: the rule for small pumps (2012).
    pub(super) p_max_shaft_kw: Option<f64>,
    /// Input power of the driver, kW: the rule for small pumps (1999).
    pub(super) p_driver_kw: Option<f64>,
    /// Guaranteed flow, m³/h.
    pub(super) q_guaranteed_m3_h: f64,
    /// Guaranteed head, m.
    pub(super) h_guaranteed_m: f64,
    /// Guaranteed efficiency, percent: the pump's for shaft power, the unit's for input power.
    pub(super) eta_guaranteed_pct: Option<f64>,
    /// Guaranteed power, kW, of the same kind as p_kw.
    pub(super) p_guaranteed_kw: Option<f64>,
    /// Guaranteed head at shut-off, m.
    pub(super) h0_guaranteed_m: Option<f64>,
    /// Flow of each point, m³/h, at the guarantee's speed or supply.
    pub(super) q_m3_h: Vec<f64>,
    /// Head of each point, m.
    pub(super) h_m: Vec<f64>,
    /// Power of each point, kW; efficiency then follows from fitted head and power.
    pub(super) p_kw: Option<Vec<f64>>,
    /// Efficiency of each point, percent, fitted by itself; in place of that from p_kw.
    pub(super) eta_pct: Option<Vec<f64>>,
    /// Density, kg/m³; needed with p_kw.
    pub(super) density_kg_m3: Option<f64>,
    /// Gravity, m/s²; needed with p_kw.
    pub(super) g_m_s2: Option<f64>,
    /// Degree of the fits; without it that of the pack.
    pub(super) degree: Option<usize>,
    /// Expanded uncertainty of the flow, percent.
    pub(super) u_q_pct: Option<f64>,
    /// Expanded uncertainty of the head, percent.
    pub(super) u_h_pct: Option<f64>,
    /// Expanded uncertainty of the efficiency, percent of it.
    pub(super) u_eta_pct: Option<f64>,
    /// Expanded uncertainty of the power, percent.
    pub(super) u_p_pct: Option<f64>,
    /// Coverage factor of the uncertainties; needed with any of them.
    pub(super) k: Option<f64>,
    /// Decision rule of the contract; without it that of the pack.
    pub(super) rule: Option<Rule>,
    /// r of the guard band w = r·U.
    pub(super) r: Option<f64>,
    /// Duty points other than the guarantee point.
    #[serde(default)]
    pub(super) other_points: Vec<OtherPoint>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct OtherPoint {
    /// Flow, m³/h.
    pub(super) q_m3_h: f64,
    /// Head, m.
    pub(super) h_m: f64,
    /// Grade agreed for it; without it that of the pack for other points.
    pub(super) grade: Option<String>,
}
