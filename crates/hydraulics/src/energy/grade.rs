//! The three lines of an energy grade and the grade an efficiency reaches.

use crate::pack::{
    Confidence, EnergyPump, EnergyPumpRow, EnergyRow, PercentagePoints, Stages, Standard, TableKind,
};
use crate::specific_speed::specific_speed;
use crate::{Error, check, limit};

/// The least efficiency of one grade, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Line {
    /// The efficiency must not be below this fraction.
    AtLeast(f64),
    /// The standard does not grade this type and power at this level.
    NotGraded,
    /// The pack's numbers contradict themselves.
    Doubtful,
    /// Neither pack nor order states the tolerance of the product standard.
    NoTolerance,
}

/// The best grade whose line an efficiency reaches; `None` when it reaches none of those
/// that can be judged.
///
/// ```
/// use dutypoint_hydraulics::energy::{Line, grade_reached};
/// // Worked example E8b: eta_DB 59.5 %, 60.76 % measured.
/// let lines = [Line::AtLeast(0.62), Line::AtLeast(0.608), Line::AtLeast(0.57)];
/// assert_eq!(grade_reached(0.6076, &lines), Some(3));
/// ```
#[must_use]
pub fn grade_reached(efficiency: f64, lines: &[Line; 3]) -> Option<u8> {
    (1..).zip(lines).find_map(|(grade, line)| match line {
        Line::AtLeast(low) if limit::at_least(efficiency, *low) => Some(grade),
        _ => None,
    })
}

impl EnergyRow {
    /// The lines of grades 1, 2 and 3 for a specified efficiency, as fractions. The
    /// tolerance is the row's, else the declared one; it moves grade 3 only.
    /// Source: GB 32030-2022 by the energy reference, section 4.3.
    ///
    /// # Errors
    /// [`Error::Value`] for an efficiency outside 0 to 1 or a negative tolerance.
    pub fn lines(
        &self,
        specified: f64,
        declared_tolerance: Option<PercentagePoints>,
    ) -> Result<[Line; 3], Error> {
        let specified = check::between(
            "specified efficiency",
            specified,
            0.0,
            1.0,
            "between 0 and 1",
        )?;
        // Summed in percent, as the standard does it; one division at the end.
        let specified_pct = specified * 100.0;
        let above = |points: Option<PercentagePoints>| match points {
            Some(_) if self.doubtful => Line::Doubtful,
            Some(points) => Line::AtLeast(points.above(specified_pct) / 100.0),
            None => Line::NotGraded,
        };
        let third = match self.tolerance.or(declared_tolerance) {
            Some(points) => {
                check::not_negative("tolerance in percentage points", points.0)?;
                Line::AtLeast(points.below(specified_pct) / 100.0)
            }
            None => Line::NoTolerance,
        };
        Ok([above(self.grade_1), above(self.grade_2), third])
    }
}

/// The duty a pump is graded at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Duty {
    /// Total flow of the pump, m³/s.
    pub flow_m3_s: f64,
    /// Total head of the pump, m.
    pub head_m: f64,
    /// Speed of rotation, r/min.
    pub speed_rpm: f64,
    /// Stages.
    pub stages: u32,
    /// Suction eyes, where known; the class may fix them.
    pub suction_eyes: Option<u32>,
}

/// What a standard says about a pump.
#[derive(Debug, Clone, PartialEq)]
pub enum Graded {
    /// It has limits.
    Limits(GradeLimits),
    /// The pump lies outside its tables.
    Outside(Outside),
}

/// The quantity by which a pump lies outside a standard.
#[derive(Debug, Clone, PartialEq)]
pub struct Outside {
    /// `flow in m³/h` or `specific speed n_s`.
    pub quantity: &'static str,
    /// Its value.
    pub value: f64,
    /// Specific speed by which the pump was looked up.
    pub n_s: f64,
    /// The class.
    pub pump: String,
}

/// The limits of a pump with everything they were computed from.
#[derive(Debug, Clone, PartialEq)]
pub struct GradeLimits {
    /// Specific speed n_s = 3.65 n √Q / H^0.75, per suction eye and stage.
    pub n_s: f64,
    /// Suction eyes used.
    pub suction_eyes: u32,
    /// The quadratic, or the tabulated efficiency over the flow; percent.
    pub base_pct: f64,
    /// Taken off for the specific speed, where a column states it.
    pub correction: Option<PercentagePoints>,
    /// The corrected efficiency, where there is a correction; percent.
    pub corrected_pct: Option<f64>,
    /// Per grade: taken off the quadratic, or added to the corrected efficiency.
    pub constants: [PercentagePoints; 3],
    /// The limits, best first; percent.
    pub limits_pct: [f64; 3],
    /// Clause of the class with the bands of its row.
    pub clause: String,
    /// Confidence of the row.
    pub confidence: Confidence,
    /// Whether n_s lies where such pumps usually do, where the pack knows.
    pub usual: bool,
}

impl GradeLimits {
    /// Id of the formula behind the limits.
    #[must_use]
    pub fn formula(&self) -> &'static str {
        if self.correction.is_some() {
            "energy-grade.reference-efficiency.v1"
        } else {
            "energy-grade.log-quadratic.v1"
        }
    }

    /// The limits as lines of fractions.
    #[must_use]
    pub fn lines(&self) -> [Line; 3] {
        self.limits_pct.map(|pct| Line::AtLeast(pct / 100.0))
    }
}

impl Standard {
    /// The limits of a class of pumps at a duty.
    /// Source: GB 19762-2025 and -2007 by the energy reference, sections 4.1 and 4.2.
    ///
    /// # Errors
    /// [`Error::NotInPack`] for a class or column the pack does not have, [`Error::Value`] for
    /// a duty that is none, a number of stages the class cannot have, or suction eyes that
    /// are missing or contradict the class.
    pub fn energy_limits(&self, pump: &str, duty: &Duty) -> Result<Graded, Error> {
        let pump = self.energy_pump(pump)?;
        let suction_eyes = eyes(pump, duty.suction_eyes)?;
        stages(pump, duty.stages)?;
        // Gravity enters the type number only, which is not used here.
        const ANY_GRAVITY: f64 = 9.81;
        let n_s = specific_speed(
            duty.speed_rpm,
            duty.flow_m3_s,
            duty.head_m,
            suction_eyes,
            duty.stages,
            ANY_GRAVITY,
        )?
        .n_s;
        let flow_m3_h = check::result("flow in m³/h", duty.flow_m3_s * 3600.0)?;
        let outside = |quantity, value| {
            Ok(Graded::Outside(Outside {
                quantity,
                value,
                n_s,
                pump: pump.id.clone(),
            }))
        };
        if !pump.row.iter().any(|row| row.flow_m3_h.holds(flow_m3_h)) {
            return outside("flow in m³/h", flow_m3_h);
        }
        let holds = |row: &&EnergyPumpRow| {
            row.flow_m3_h.holds(flow_m3_h) && row.n_s.is_none_or(|band| band.holds(n_s))
        };
        let row = pump.row.iter().find(holds);
        let Some(row) = row.filter(|_| pump.n_s.is_none_or(|band| band.holds(n_s))) else {
            return outside("specific speed n_s", n_s);
        };
        let mut limits = GradeLimits {
            n_s,
            suction_eyes,
            base_pct: 0.0,
            correction: None,
            corrected_pct: None,
            constants: row
                .taken_off
                .or(row.added)
                .unwrap_or([PercentagePoints(0.0); 3]),
            limits_pct: [0.0; 3],
            clause: clause(pump, row),
            confidence: row.confidence,
            usual: pump.n_s_usual.is_none_or(|band| band.holds(n_s)),
        };
        match (&pump.surface, &pump.efficiency, &pump.correction) {
            (Some(surface), ..) => {
                limits.base_pct = self.log_quadratic(surface)?.value_pct(n_s, flow_m3_h)?;
                limits.limits_pct = limits.constants.map(|c| c.below(limits.base_pct));
            }
            (None, Some(efficiency), Some(correction)) => {
                let base = self.column_value(TableKind::PumpEfficiency, efficiency, flow_m3_h)?;
                let Some(base_pct) = base else {
                    return outside("flow in m³/h", flow_m3_h);
                };
                let points = self.column_value(TableKind::SpeedCorrection, correction, n_s)?;
                let Some(points) = points.map(PercentagePoints) else {
                    return outside("specific speed n_s", n_s);
                };
                let corrected_pct = points.below(base_pct);
                limits.base_pct = base_pct;
                limits.correction = Some(points);
                limits.corrected_pct = Some(corrected_pct);
                limits.limits_pct = limits.constants.map(|c| c.above(corrected_pct));
            }
            // The loader refuses any other class.
            _ => return Err(self.missing(format!("what the lines of {:?} rest on", pump.id))),
        }
        for limit in limits.limits_pct {
            check::result("limit of an energy grade", limit)?;
        }
        Ok(Graded::Limits(limits))
    }
}

fn eyes(pump: &EnergyPump, given: Option<u32>) -> Result<u32, Error> {
    let refuse = |must, advice| Error::Value {
        quantity: "number of suction eyes",
        value: given.map_or(0.0, f64::from),
        must,
        advice,
    };
    match (pump.suction_eyes, given) {
        (Some(fixed), Some(given)) if fixed != given => Err(refuse(
            "that of the class of pumps",
            "correct it, leave it out, or choose another class",
        )),
        (Some(fixed), _) => Ok(fixed),
        (None, Some(given @ 1..=2)) => Ok(given),
        (None, _) => Err(refuse(
            "1 for single or 2 for double suction",
            "give it: the specific speed takes the flow of one eye",
        )),
    }
}

fn stages(pump: &EnergyPump, given: u32) -> Result<(), Error> {
    let must = match (pump.stages, given) {
        (Stages::One, 1) | (Stages::Several, 2..) => return Ok(()),
        (Stages::One, _) => "1 for this class of pumps",
        (Stages::Several, _) => "2 or more for this class of pumps",
    };
    Err(Error::Value {
        quantity: "number of stages",
        value: f64::from(given),
        must,
        advice: "correct it, or choose another class of pumps",
    })
}

/// Clause and bands of a row.
fn clause(pump: &EnergyPump, row: &EnergyPumpRow) -> String {
    let flow = row.flow_m3_h.words("Q", "m³/h");
    let speed = row
        .n_s
        .map_or_else(String::new, |band| format!(", {}", band.words("n_s", "")));
    format!("{}, {flow}{speed}", pump.clause)
}
