//! What is answered.

use super::super::words::{Held, Shown, Statement, Text};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
pub(in super::super) struct AssessOutput {
    /// Verdict on everything guaranteed; inconclusive where it hangs on the fit, or where
    /// points that the pack asks for were not taken.
    pub(super) verdict: Shown,
    /// What decides, in words.
    pub(super) text: Text,
    /// Grade judged by, and why this one.
    pub(super) grade: String,
    /// `agreed`, `by_default` or `small_power`.
    pub(super) grade_from: &'static str,
    /// Clauses of the rule and of the tolerances.
    pub(super) clause: String,
    /// Decision rule applied.
    pub(super) rule: &'static str,
    /// Degree of the fits.
    pub(super) degree: usize,
    /// Verdict on flow and head together.
    pub(super) flow_head_verdict: Shown,
    /// What is inside: `flow`, `head`, `flow_and_head` or `none`.
    pub(super) inside: &'static str,
    /// Better statement of the two, under a non-binary decision rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) flow_head_conformity: Option<Statement>,
    /// Head at the guaranteed flow.
    pub(super) head: Held,
    /// Flow at the guaranteed head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) flow: Option<Held>,
    /// Every flow at which the curve has the guaranteed head, m³/h.
    pub(super) q_at_guaranteed_head_m3_h: Vec<f64>,
    /// Sum of the ellipse, at least 1 for a pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ellipse_sum: Option<f64>,
    /// Every flow at which the curve meets the line from the origin through the guarantee
    /// point, m³/h.
    pub(super) q_on_origin_line_m3_h: Vec<f64>,
    /// `origin_line`, `at_specified_flow` or `at_bep`: where efficiency and power are read.
    pub(super) read_at: &'static str,
    /// Flow there, m³/h.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) read_q_m3_h: Option<f64>,
    /// Head there, m.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) read_h_m: Option<f64>,
    /// Power there, kW.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) read_p_kw: Option<f64>,
    /// Efficiency there, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) read_eta_pct: Option<f64>,
    /// Efficiency, if guaranteed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) efficiency: Option<Held>,
    /// Power, if guaranteed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) power: Option<Held>,
    /// Head at shut-off, if guaranteed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) shutoff_head: Option<Held>,
    /// Whether the head rises all the way to shut-off, where that was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rises_to_shutoff: Option<bool>,
    /// For a pump that is too strong: R of Q_r = R Q, H_r = R² H that would meet the
    /// guarantee point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trim_ratio: Option<f64>,
    /// Whether there are as many points as the pack asks for; left out where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) points_number_verdict: Option<Shown>,
    /// Whether they lie where the pack asks for; left out where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) points_placement_verdict: Option<Shown>,
    /// The same points with one degree less and one more, where the points determine it.
    pub(super) degrees: Vec<Degree>,
    /// Every grade of the pack, and the rule for small pumps where its power is given.
    pub(super) grades: Vec<Grade>,
    /// Duty points other than the guarantee point.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) other_points: Vec<OtherPointOutput>,
}

#[derive(Serialize, JsonSchema)]
pub(in super::super) struct Degree {
    /// Degree of the fits.
    pub(super) degree: usize,
    /// Whether the pack admits it for so many points.
    pub(super) admissible: bool,
    /// Verdict on everything guaranteed.
    pub(super) verdict: Shown,
    /// Verdict on flow and head together.
    pub(super) flow_head_verdict: Shown,
    /// Head at the guaranteed flow, m.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) h_at_guaranteed_flow_m: Option<f64>,
    /// Flow at the guaranteed head, m³/h.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) q_at_guaranteed_head_m3_h: Option<f64>,
    /// Efficiency where it is read, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) read_eta_pct: Option<f64>,
    /// Power where it is read, kW.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) read_p_kw: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
pub(in super::super) struct Grade {
    /// Grade.
    pub(super) grade: String,
    /// Verdict on everything guaranteed, with the degree chosen.
    pub(super) verdict: Shown,
    /// Verdict on flow and head together.
    pub(super) flow_head_verdict: Shown,
    /// What is inside: `flow`, `head`, `flow_and_head` or `none`.
    pub(super) inside: &'static str,
    /// Sum of the ellipse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ellipse_sum: Option<f64>,
    /// Verdict on the efficiency, if guaranteed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) efficiency_verdict: Option<Shown>,
    /// Its limit, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) eta_limit_pct: Option<f64>,
    /// Verdict on the power, if guaranteed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) power_verdict: Option<Shown>,
    /// Its limit, kW.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) p_limit_kw: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
pub(in super::super) struct OtherPointOutput {
    /// Flow, m³/h.
    pub(super) q_m3_h: f64,
    /// Head, m.
    pub(super) h_m: f64,
    /// Grade judged by.
    pub(super) grade: String,
    /// Verdict on flow and head together.
    pub(super) verdict: Shown,
    /// What is inside: `flow`, `head`, `flow_and_head` or `none`.
    pub(super) inside: &'static str,
}
