//! Test points against a guarantee: every finding, other degrees, other grades.

mod answer;
mod judge;
mod question;
mod text;

use super::{Calc, Packs, Refusal, pack};
use answer::AssessOutput;
use question::AssessInput;

pub(super) struct Assess;

impl Calc for Assess {
    const NAME: &'static str = "assess";
    const ZH: &'static str = "按标准和等级判定保证点：各项结论、相邻拟合次数、其他等级";
    const EN: &'static str = "test points judged against a guarantee by a grade: every finding, other degrees and grades";
    const FORMULAS: &'static [&'static str] = &[
        "acceptance.iso9906-2012.v1",
        "acceptance.ellipse.v1",
        "acceptance.small-power.v1",
        "acceptance.trim.v1",
        "curve.polynomial-qr.v1",
        "decision.jcgm106.v1",
        "efficiency.from-head-and-power.v1",
    ];
    const SOURCE: &'static str =
        "ISO 9906:2012 4.4; ISO 9906:1999; API 610 Table 16; JCGM 106; limits of the pack";
    const EXAMPLE: &'static str = r#"{"pack": "gbt3216-2016", "grade": "2B", "q_guaranteed_m3_h": 100, "h_guaranteed_m": 50, "eta_guaranteed_pct": 76, "p_guaranteed_kw": 17.895362, "q_m3_h": [0, 40, 60, 80, 95, 104, 120], "h_m": [58.8, 57.2, 55.2, 52.4, 49.775, 47.984, 44.4], "p_kw": [8.6, 12.2, 14.0, 15.8, 17.15, 17.96, 19.4], "density_kg_m3": 998.2, "g_m_s2": 9.81}"#;
    const SHORT: &'static [(&'static str, &'static str)] =
        &[("qg", "q_guaranteed_m3_h"), ("hg", "h_guaranteed_m")];
    type Input = AssessInput;
    type Output = AssessOutput;

    fn compute(input: AssessInput, packs: &Packs) -> Result<AssessOutput, Refusal> {
        judge::assess(&input, pack(packs, &input.pack)?)
    }
}
