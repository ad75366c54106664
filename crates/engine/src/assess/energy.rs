//! The unit efficiency against the lines of the energy grades.
//!
//! Decisive is a grade that the order guarantees, and the mandatory line wherever it is
//! known. Any other grade is reached or not reached, which fails nothing.

use super::{AssessedCurves, Judging, blank};
use crate::{EnergyGrades, Error};
use dutypoint_hydraulics::accept::{Curves, Guarantee, read_point};
use dutypoint_hydraulics::energy::{Line, grade_reached};
use dutypoint_hydraulics::limit;
use dutypoint_hydraulics::pack::ReadAt;
use dutypoint_model::document::{Finding, Item, Limit};
use dutypoint_model::{Bilingual, Verdict};

const ITEMS: [Item; 3] = [Item::EnergyGrade1, Item::EnergyGrade2, Item::EnergyGrade3];

impl Judging<'_> {
    /// One finding per grade; none for an order without energy grades.
    pub(super) fn energy_grades(&self, unit: bool) -> Result<Vec<Finding>, Error> {
        let Some(energy) = &self.setup.energy else {
            return Ok(Vec::new());
        };
        let value = if unit {
            self.graded_efficiency(energy.read_at, self.fitted)?
        } else {
            None
        };
        let mut findings: Vec<Finding> = Vec::new();
        for ((grade, item), line) in (1..).zip(ITEMS).zip(energy.lines) {
            let guaranteed = energy.guaranteed == Some(grade);
            let known = matches!(line, Line::AtLeast(_));
            let mut finding = blank(self.setup, item, guaranteed || (grade == 3 && known));
            finding.formula = "energy-grade.gb32030-2022.v1".into();
            finding.pack.clone_from(&energy.pack);
            finding.clause.clone_from(&energy.clause);
            finding.confidence.clone_from(&energy.confidence);
            finding.value = value;
            let at_flow_m3_s = match (energy.read_at, self.main.read) {
                (ReadAt::OriginLine, Some(read)) => read.flow_m3_s,
                _ => self.setup.flow_m3_s,
            };
            self.uncertain(&mut finding, at_flow_m3_s, |curves, _| {
                self.graded_efficiency(energy.read_at, curves).ok()?
            });
            finding
                .inputs
                .insert("specified_efficiency".into(), energy.specified);
            finding
                .inputs
                .insert("read_at_flow_m3_s".into(), self.setup.flow_m3_s);
            if let Some(points) = energy.tolerance_points {
                finding.inputs.insert("tolerance_points".into(), points);
            }
            if let Line::AtLeast(low) = line {
                finding.limit = Some(Limit {
                    low: Some(low),
                    high: None,
                });
                finding.margin = value.map(|v| v - low);
                finding.variants = self.variants_of(item, |curves, _| {
                    match self.graded_efficiency(energy.read_at, curves) {
                        Ok(Some(v)) => (Some(v), against(v, low)),
                        _ => (None, Verdict::NotEvaluated),
                    }
                });
                if let Some(v) = value {
                    finding.verdict = against(v, low);
                }
            }
            if let Some(why) = unknown(line, value, unit) {
                finding.reason = Some(why);
            }
            let mut finding = self.finish(finding);
            // Where a better line hangs on the fit, so does the grade.
            let open = findings
                .iter()
                .any(|better| better.verdict == Verdict::Inconclusive);
            if let (Some(v), Verdict::Pass, false) = (value, finding.verdict, open)
                && grade_reached(v, &energy.lines) == Some(grade)
            {
                finding.because(&Bilingual::new(
                    format!("能效等级 {grade} 级"),
                    format!("energy grade {grade}"),
                ));
            }
            finding.because(&declared(energy));
            findings.push(finding);
        }
        Ok(findings)
    }

    /// The unit efficiency where the pack wants it read; none where the curves do not reach.
    fn graded_efficiency(
        &self,
        read_at: ReadAt,
        curves: &AssessedCurves,
    ) -> Result<Option<f64>, Error> {
        // Where the guarantee is read is the judging pack's business and may differ.
        let point = Guarantee {
            flow_m3_s: self.setup.flow_m3_s,
            head_m: self.setup.head_m,
            efficiency: None,
            power_w: None,
            shutoff_head_m: None,
        };
        let curves = Curves {
            head: &curves.head,
            power: Some(&curves.power),
            efficiency: Some(&curves.efficiency),
        };
        let read = read_point(read_at, &point, &curves)?;
        Ok(read.and_then(|read| read.efficiency))
    }
}

fn against(value: f64, low: f64) -> Verdict {
    if limit::at_least(value, low) {
        Verdict::Pass
    } else {
        Verdict::Fail
    }
}

/// Why a line or the value against it is not known.
fn unknown(line: Line, value: Option<f64>, unit: bool) -> Option<Bilingual> {
    let (zh, en) = match (line, value) {
        (Line::NotGraded, _) => (
            "标准对该类型和功率不设此等级",
            "the standard does not grade this type and power at this level",
        ),
        (Line::Doubtful, _) => (
            "数据包中该行数值自相矛盾，核对标准文本前不作评价",
            "the pack's numbers of this row contradict each other; not judged before the text has been checked",
        ),
        (Line::NoTolerance, _) => (
            "产品标准的效率容差 Δη 未知：数据包与委托单均未给出，限定值无法计算",
            "the product standard's efficiency tolerance Δη is not known: neither pack nor order states it, so the limit cannot be computed",
        ),
        (Line::AtLeast(_), None) if !unit => (
            "未测机组效率（测的是轴功率）",
            "the unit efficiency was not measured (shaft power was)",
        ),
        (Line::AtLeast(_), None) => (
            "曲线在实测范围内未达到规定流量",
            "the curve does not reach the specified flow inside the measured range",
        ),
        (Line::AtLeast(_), Some(_)) => return None,
    };
    Some(Bilingual::new(zh, en))
}

/// Whose number the specified efficiency is.
fn declared(energy: &EnergyGrades) -> Bilingual {
    // Rounded to what an order can say; a percentage is not exact in binary.
    let percent = (energy.specified * 1e8).round() / 1e6;
    let tolerance = energy
        .tolerance_points
        .filter(|_| energy.tolerance_declared);
    let (with_zh, with_en) = match tolerance {
        Some(points) => (
            format!("和容差 Δη = {points} 个百分点"),
            format!(" and the tolerance Δη = {points} points are"),
        ),
        None => (String::new(), " is".to_owned()),
    };
    Bilingual::new(
        format!(
            "规定效率 η_DB = {percent} %{with_zh} 由委托单声明，非本中心确定（{}）",
            energy.source.zh
        ),
        format!(
            "η_DB = {percent} %{with_en} declared by the order, not established by this centre ({})",
            energy.source.en
        ),
    )
}
