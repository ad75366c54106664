//! The efficiency against the lines of the energy grades.
//!
//! Decisive is a grade that the order guarantees, and the mandatory line wherever it is
//! known. Any other grade is reached or not reached, which fails nothing. Lines that follow
//! from flow and specific speed are computed for every fit from its own readings.

use super::{AssessedCurves, Judging, blank};
use crate::{EnergyBasis, EnergyGrades, Error};
use dutypoint_hydraulics::accept::{Curves, Guarantee, ReadPoint, read_point};
use dutypoint_hydraulics::energy::{Duty, Graded, Line, grade_reached};
use dutypoint_hydraulics::pack::{Compared, ReadAt, Standard};
use dutypoint_hydraulics::{limit, stats};
use dutypoint_model::document::{Finding, Item, Limit, Reduced};
use dutypoint_model::{Bilingual, Verdict};

const ITEMS: [Item; 3] = [Item::EnergyGrade1, Item::EnergyGrade2, Item::EnergyGrade3];

/// The efficiency of one fit, and its lines.
struct Reading {
    value: Option<f64>,
    /// Where it was read, m³/s.
    at_flow_m3_s: f64,
    /// None where they are not known.
    lines: Option<[Line; 3]>,
    /// Why they, or the value, are not known.
    why: Option<Bilingual>,
    /// What they were computed from.
    inputs: Vec<(&'static str, f64)>,
    formula: &'static str,
    /// Clause and confidence of the row, where the reading chose it.
    row: Option<(String, String)>,
}

impl Reading {
    fn line(&self, index: usize) -> Option<Line> {
        self.lines.and_then(|lines| lines.get(index).copied())
    }

    fn verdict(&self, index: usize) -> Verdict {
        match (self.line(index), self.value) {
            (Some(Line::AtLeast(low)), Some(value)) => against(value, low),
            _ => Verdict::NotEvaluated,
        }
    }
}

impl Judging<'_> {
    /// One finding per grade; none for an order without energy grades.
    pub(super) fn energy_grades(
        &self,
        reduced: &[&Reduced],
        unit: bool,
    ) -> Result<Vec<Finding>, Error> {
        let Some(energy) = &self.setup.energy else {
            return Ok(Vec::new());
        };
        if matches!(energy.basis, EnergyBasis::Mei { .. }) {
            return Ok(Vec::new());
        }
        let measured = unit == (energy.compared == Compared::UnitEfficiency);
        let speed_rpm = speed(reduced)?;
        let read = |curves: &AssessedCurves| self.graded(energy, curves, speed_rpm, measured);
        let reading = read(self.fitted)?;
        let mut findings: Vec<Finding> = Vec::new();
        for (index, (grade, item)) in (1..).zip(ITEMS).enumerate() {
            let line = reading.line(index);
            let guaranteed = energy.guaranteed == Some(grade);
            let known = matches!(line, Some(Line::AtLeast(_)));
            let mut finding = blank(self.setup, item, guaranteed || (grade == 3 && known));
            finding.formula = reading.formula.into();
            finding.pack.clone_from(&energy.pack);
            finding.clause.clone_from(&energy.clause);
            finding.confidence.clone_from(&energy.confidence);
            if let Some((clause, confidence)) = &reading.row {
                finding.clause.clone_from(clause);
                finding.confidence.clone_from(confidence);
            }
            finding.value = reading.value;
            // The uncertainty is that of the efficiency where it was read; the limit's own,
            // which moves with flow and specific speed, is not in it.
            self.uncertain(&mut finding, reading.at_flow_m3_s, |curves, _| {
                read(curves).ok()?.value
            });
            for (name, value) in &reading.inputs {
                finding.inputs.insert((*name).into(), *value);
            }
            if let Some(Line::AtLeast(low)) = line {
                finding.limit = Some(Limit {
                    low: Some(low),
                    high: None,
                });
                finding.margin = reading.value.map(|v| v - low);
                finding.variants = self.variants_of(item, |curves, _| match read(curves) {
                    Ok(other) => (other.value, other.verdict(index)),
                    Err(_) => (None, Verdict::NotEvaluated),
                });
                finding.verdict = reading.verdict(index);
            }
            finding.reason = match line {
                Some(line) => unknown(line, reading.value, measured, energy.compared),
                None => reading.why.clone(),
            };
            let mut finding = self.finish(finding);
            // Where a better line hangs on the fit, so does the grade.
            let open = findings
                .iter()
                .any(|better| better.verdict == Verdict::Inconclusive);
            if let (Some(v), Some(lines), Verdict::Pass, false) =
                (reading.value, &reading.lines, finding.verdict, open)
                && grade_reached(v, lines) == Some(grade)
            {
                finding.because(&Bilingual::new(
                    format!("能效等级 {grade} 级"),
                    format!("energy grade {grade}"),
                ));
            }
            if let Some(declared) = declared(&energy.basis) {
                finding.because(&declared);
            }
            findings.push(finding);
        }
        Ok(findings)
    }

    /// Efficiency and lines by one fit, read where the pack wants them.
    fn graded(
        &self,
        energy: &EnergyGrades,
        curves: &AssessedCurves,
        speed_rpm: Option<f64>,
        measured: bool,
    ) -> Result<Reading, Error> {
        let point = if measured {
            self.read(energy.read_at, curves)?
        } else {
            None
        };
        let value = point.and_then(|point| point.efficiency);
        let at_flow_m3_s = point.map_or(self.setup.flow_m3_s, |point| point.flow_m3_s);
        match &energy.basis {
            EnergyBasis::Specified {
                specified,
                tolerance_points,
                lines,
                ..
            } => {
                let mut inputs = vec![
                    ("specified_efficiency", *specified),
                    ("read_at_flow_m3_s", self.setup.flow_m3_s),
                ];
                inputs.extend(tolerance_points.map(|points| ("tolerance_points", points)));
                Ok(Reading {
                    value,
                    at_flow_m3_s,
                    lines: Some(*lines),
                    why: None,
                    inputs,
                    formula: "energy-grade.gb32030-2022.v1",
                    row: None,
                })
            }
            EnergyBasis::Flow {
                pump,
                stages,
                suction_eyes,
                rated_rpm,
            } => {
                let mut reading = Reading {
                    value,
                    at_flow_m3_s,
                    lines: None,
                    why: None,
                    inputs: Vec::new(),
                    formula: "energy-grade.log-quadratic.v1",
                    row: None,
                };
                let Some(point) = point else {
                    reading.why = Some(if measured {
                        not_read(energy.read_at)
                    } else {
                        not_measured(energy.compared)
                    });
                    return Ok(reading);
                };
                let Some(speed_rpm) = speed_rpm.or(*rated_rpm) else {
                    reading.why = Some(Bilingual::new(
                        "转速未知，无法计算比转速",
                        "the speed is not known, so the specific speed cannot be computed",
                    ));
                    return Ok(reading);
                };
                // Where the standard goes by the specified point, that point is looked up.
                let (flow_m3_s, head_m) = match energy.read_at {
                    ReadAt::AtSpecifiedFlow => (self.setup.flow_m3_s, self.setup.head_m),
                    ReadAt::AtBep | ReadAt::OriginLine => (point.flow_m3_s, point.head_m),
                };
                reading.inputs.extend([
                    ("read_at_flow_m3_s", flow_m3_s),
                    ("read_at_head_m", head_m),
                    ("speed_rpm", speed_rpm),
                ]);
                let pack = self.pack_of(energy)?;
                let duty = Duty {
                    flow_m3_s,
                    head_m,
                    speed_rpm,
                    stages: *stages,
                    suction_eyes: *suction_eyes,
                };
                match pack.energy_limits(pump, &duty)? {
                    Graded::Limits(limits) => {
                        reading.formula = limits.formula();
                        reading.inputs.extend([
                            ("specific_speed", limits.n_s),
                            ("base_efficiency", limits.base_pct / 100.0),
                        ]);
                        reading
                            .inputs
                            .extend(limits.correction.map(|c| ("correction_points", c.0)));
                        reading.lines = Some(limits.lines());
                        reading.row = Some((limits.clause, limits.confidence.to_string()));
                    }
                    Graded::Outside(outside) => {
                        reading.inputs.push(("specific_speed", outside.n_s));
                        let (quantity, value) = (outside.quantity, outside.value);
                        reading.why = Some(Bilingual::new(
                            format!("超出标准范围：{quantity} = {value:.4}，不外推"),
                            format!(
                                "outside the standard: {quantity} = {value:.4}; nothing is extrapolated"
                            ),
                        ));
                    }
                }
                Ok(reading)
            }
            EnergyBasis::Mei { .. } => Err(Error::Config(format!(
                "{} has an efficiency index and no grades",
                energy.pack
            ))),
        }
    }

    /// The pack of the energy rules.
    pub(super) fn pack_of(&self, energy: &EnergyGrades) -> Result<&Standard, Error> {
        let pack = self.setup.packs.iter().find(|pack| pack.id == energy.pack);
        pack.ok_or_else(|| Error::Config(format!("no pack {}", energy.pack)))
    }

    /// The point the pack reads; none where the curves do not reach.
    pub(super) fn read(
        &self,
        read_at: ReadAt,
        curves: &AssessedCurves,
    ) -> Result<Option<ReadPoint>, Error> {
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
        Ok(read_point(read_at, &point, &curves)?)
    }
}

/// The mean speed of the points, where every one has one.
pub(super) fn speed(reduced: &[&Reduced]) -> Result<Option<f64>, Error> {
    let speeds: Option<Vec<f64>> = reduced.iter().map(|point| point.speed_rpm).collect();
    let speeds = speeds.filter(|speeds| !speeds.is_empty());
    Ok(speeds
        .map(|speeds| stats::summary(&speeds))
        .transpose()?
        .map(|summary| summary.mean))
}

pub(super) fn not_read(read_at: ReadAt) -> Bilingual {
    match read_at {
        ReadAt::AtBep => Bilingual::new(
            "实测范围内未出现最高效率点",
            "best efficiency does not lie inside the measured range",
        ),
        ReadAt::AtSpecifiedFlow | ReadAt::OriginLine => Bilingual::new(
            "曲线在实测范围内未达到规定流量",
            "the curve does not reach the specified flow inside the measured range",
        ),
    }
}

pub(super) fn not_measured(compared: Compared) -> Bilingual {
    match compared {
        Compared::UnitEfficiency => Bilingual::new(
            "未测机组效率（测的是轴功率）",
            "the unit efficiency was not measured (shaft power was)",
        ),
        Compared::PumpEfficiency => Bilingual::new(
            "未测泵效率（测的是机组输入功率）",
            "the pump efficiency was not measured (input power of the unit was)",
        ),
    }
}

pub(super) fn against(value: f64, low: f64) -> Verdict {
    if limit::at_least(value, low) {
        Verdict::Pass
    } else {
        Verdict::Fail
    }
}

/// Why a line or the value against it is not known.
fn unknown(
    line: Line,
    value: Option<f64>,
    measured: bool,
    compared: Compared,
) -> Option<Bilingual> {
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
        (Line::AtLeast(_), None) if !measured => return Some(not_measured(compared)),
        (Line::AtLeast(_), None) => return Some(not_read(ReadAt::AtSpecifiedFlow)),
        (Line::AtLeast(_), Some(_)) => return None,
    };
    Some(Bilingual::new(zh, en))
}

/// Whose number the specified efficiency is.
fn declared(basis: &EnergyBasis) -> Option<Bilingual> {
    let EnergyBasis::Specified {
        specified,
        source,
        tolerance_points,
        tolerance_declared,
        ..
    } = basis
    else {
        return None;
    };
    // Rounded to what an order can say; a percentage is not exact in binary.
    let percent = (specified * 1e8).round() / 1e6;
    let tolerance = tolerance_points.filter(|_| *tolerance_declared);
    let (with_zh, with_en) = match tolerance {
        Some(points) => (
            format!("和容差 Δη = {points} 个百分点"),
            format!(" and the tolerance Δη = {points} points are"),
        ),
        None => (String::new(), " is".to_owned()),
    };
    Some(Bilingual::new(
        format!(
            "规定效率 η_DB = {percent} %{with_zh} 由委托单声明，非本中心确定（{}）",
            source.zh
        ),
        format!(
            "η_DB = {percent} %{with_en} declared by the order, not established by this centre ({})",
            source.en
        ),
    ))
}
