//! What an order names in its packs: grades, types of pump, the packs themselves.
//!
//! Promise: an order that passes here can be judged; what it names and a pack does not
//! have is refused with table, key and the names there are.

use super::{EnergyConfig, Order};
use crate::fit_rule::FitRule;
use dutypoint_hydraulics::energy::Duty;
use dutypoint_hydraulics::pack::{EnergyRow, EnergyType, Standard};
use dutypoint_model::toml_text::{TextError, nearest};
use dutypoint_model::{Bilingual, Measure, Quantity};

/// Table, key and message of what does not fit.
type Misfit = (&'static str, &'static str, String);

impl Order {
    /// Ids of every pack the order names, the judging one first, none twice.
    #[must_use]
    pub fn packs(&self) -> Vec<&str> {
        let guarantee = &self.guarantee;
        let mut ids: Vec<&str> = Vec::new();
        let energy = self.energy.iter().map(|e| &e.pack);
        for id in std::iter::once(&guarantee.pack)
            .chain(&guarantee.method)
            .chain(energy)
        {
            if !ids.contains(&id.as_str()) {
                ids.push(id);
            }
        }
        ids
    }

    /// Refuses an order that names what `packs` do not have. `file` and `text` are the
    /// order's, for the line in the message.
    ///
    /// # Errors
    /// [`TextError`] with line, what is unknown and what is known.
    pub fn refer(&self, file: &str, text: &str, packs: &[Standard]) -> Result<(), TextError> {
        self.guaranteed(packs)
            .and_then(|()| self.fitted(packs))
            .and_then(|()| self.graded(packs))
            .map_err(|(table, key, message)| TextError::at_key_of(file, text, table, key, message))
    }

    fn guaranteed(&self, packs: &[Standard]) -> Result<(), Misfit> {
        const TABLE: &str = "guarantee";
        let guarantee = &self.guarantee;
        let judging = find(packs, &guarantee.pack).map_err(|m| (TABLE, "pack", m))?;
        for id in &guarantee.method {
            find(packs, id).map_err(|m| (TABLE, "method", m))?;
        }
        if judging.evaluation().is_err() {
            return Err((
                TABLE,
                "pack",
                format!(
                    "pack {:?} does not say how a guarantee is judged; name it in `method` and a judging pack here",
                    judging.id
                ),
            ));
        }
        if let Some(small) = &guarantee.small_power {
            let refuse = |why: String| (TABLE, "small_power", why);
            let rule = judging.small_power().map_err(|e| refuse(e.to_string()))?;
            let power = small.power.internal(Quantity::Power).map_err(refuse)?;
            return match rule.tolerance(small.variable, power) {
                Ok(_) => Ok(()),
                Err(error) => Err(refuse(error.to_string())),
            };
        }
        let grades = judging.grades();
        match &guarantee.grade {
            Some(grade) if !grades.contains(&grade.as_str()) => Err((
                TABLE,
                "grade",
                unknown(
                    &format!("grade {grade:?} of pack {}", judging.id),
                    grade,
                    &grades,
                ),
            )),
            None if grades.len() != 1 => Err((
                TABLE,
                "pack",
                format!(
                    "pack {} has several grades, so the order names one: `grade` is one of {}",
                    judging.id,
                    grades.join(", ")
                ),
            )),
            _ => Ok(()),
        }
    }

    fn fitted(&self, packs: &[Standard]) -> Result<(), Misfit> {
        if self.fit.is_none() {
            return Ok(());
        }
        let judging = find(packs, &self.guarantee.pack).map_err(|m| ("guarantee", "pack", m))?;
        match FitRule::resolve(self, judging) {
            Ok(_) => Ok(()),
            Err((key, message)) => Err(("fit", key, message)),
        }
    }

    fn graded(&self, packs: &[Standard]) -> Result<(), Misfit> {
        const TABLE: &str = "energy";
        let Some(energy) = &self.energy else {
            return Ok(());
        };
        let pack = find(packs, &energy.pack).map_err(|m| (TABLE, "pack", m))?;
        if pack.mei().is_ok() {
            return self.indexed(pack, energy);
        }
        if pack.energy().is_err() {
            return Err((
                TABLE,
                "pack",
                format!("pack {:?} has no energy grades", pack.id),
            ));
        }
        if pack.energy_pump(&energy.pump_type).is_ok() {
            return self.graded_by_flow(pack, energy);
        }
        let Ok(pump) = pack.energy_type(&energy.pump_type) else {
            return Err((
                TABLE,
                "pump_type",
                unknown(
                    &format!("pump type {:?} of pack {}", energy.pump_type, pack.id),
                    &energy.pump_type,
                    &pack.energy_types(),
                ),
            ));
        };
        let row = self.energy_row(pump).map_err(|m| (TABLE, "pump_type", m))?;
        self.specified_efficiency()
            .map_err(|m| (TABLE, "pump_type", m))?;
        if energy.source == Bilingual::default() {
            let missing = "say in `source` where the specified efficiency comes from";
            return Err((TABLE, "specified_efficiency", missing.to_owned()));
        }
        if energy.suction_eyes.is_some() {
            let idle = "grades by motor power do not ask for suction eyes; leave them out";
            return Err((TABLE, "suction_eyes", idle.to_owned()));
        }
        let dash = matches!(
            (energy.guaranteed_grade, row.grade_1, row.grade_2),
            (Some(1), None, _) | (Some(2), _, None)
        );
        if dash {
            return Err((
                TABLE,
                "guaranteed_grade",
                format!(
                    "{} of pack {} does not grade {:?} of this motor power at grades 1 and 2; leave `guaranteed_grade` out, or write 3",
                    pump.clause, pack.id, pump.id
                ),
            ));
        }
        Ok(())
    }

    /// A pump that has an efficiency index in place of grades.
    fn indexed(&self, pack: &Standard, energy: &EnergyConfig) -> Result<(), Misfit> {
        const TABLE: &str = "energy";
        for (key, given) in [
            (
                "specified_efficiency",
                energy.specified_efficiency.is_some(),
            ),
            ("tolerance_points", energy.tolerance_points.is_some()),
            ("suction_eyes", energy.suction_eyes.is_some()),
            ("guaranteed_grade", energy.guaranteed_grade.is_some()),
        ] {
            if given {
                let idle = format!(
                    "pack {} has an efficiency index and no grades; leave it out",
                    pack.id
                );
                return Err((TABLE, key, idle));
            }
        }
        if pack.mei_type(&energy.pump_type).is_err() {
            let known: Vec<&str> = pack.mei_types().collect();
            return Err((
                TABLE,
                "pump_type",
                unknown(
                    &format!("pump type {:?} of pack {}", energy.pump_type, pack.id),
                    &energy.pump_type,
                    &known,
                ),
            ));
        }
        self.energy_stages()
            .map(drop)
            .map_err(|message| (TABLE, "pump_type", message))
    }

    /// A pump that is graded by flow and specific speed, tried at its guaranteed point.
    fn graded_by_flow(&self, pack: &Standard, energy: &EnergyConfig) -> Result<(), Misfit> {
        const TABLE: &str = "energy";
        for (key, given) in [
            (
                "specified_efficiency",
                energy.specified_efficiency.is_some(),
            ),
            ("tolerance_points", energy.tolerance_points.is_some()),
        ] {
            if given {
                let idle = format!(
                    "pack {} grades by flow and specific speed; leave it out",
                    pack.id
                );
                return Err((TABLE, key, idle));
            }
        }
        let misfit = |message: String| (TABLE, "pump_type", message);
        let guaranteed = |measure: &Measure, quantity| measure.internal(quantity).map_err(misfit);
        let duty = Duty {
            flow_m3_s: guaranteed(&self.guarantee.flow, Quantity::Flow)?,
            head_m: guaranteed(&self.guarantee.head, Quantity::Length)?,
            speed_rpm: match &self.specimen.speed {
                Some(speed) => guaranteed(speed, Quantity::Speed)?,
                None => {
                    let missing =
                        "energy grades go by the specific speed; add `speed` to [specimen]";
                    return Err(misfit(missing.to_owned()));
                }
            },
            stages: self.energy_stages().map_err(misfit)?,
            suction_eyes: energy.suction_eyes,
        };
        // Outside the tables is no mistake of the order: the grade is not evaluated then.
        match pack.energy_limits(&energy.pump_type, &duty) {
            Ok(_) => Ok(()),
            Err(error) => Err(misfit(error.to_string())),
        }
    }

    /// The stages, which the specific speed needs.
    pub(crate) fn energy_stages(&self) -> Result<u32, String> {
        self.specimen.stages.ok_or_else(|| {
            "energy grades go by the head of one stage; add `stages` to [specimen]".to_owned()
        })
    }

    /// The specified efficiency as a fraction.
    pub(crate) fn specified_efficiency(&self) -> Result<f64, String> {
        let energy = self.energy.as_ref();
        match energy.and_then(|energy| energy.specified_efficiency.as_ref()) {
            Some(measure) => measure.internal(Quantity::Ratio),
            None => Err(
                "grades by motor power rest on a specified efficiency; add `specified_efficiency`"
                    .to_owned(),
            ),
        }
    }

    /// The row of the order's motor power.
    pub(crate) fn energy_row<'a>(&self, pump: &'a EnergyType) -> Result<&'a EnergyRow, String> {
        let power = self.specimen.motor_power.as_ref().ok_or_else(|| {
            "energy grades go by the rated motor power; add `motor_power` to [specimen]".to_owned()
        })?;
        let power_kw = power.internal(Quantity::Power)? / 1e3;
        match pump.row(power_kw) {
            Ok(Some(row)) => Ok(row),
            Ok(None) => Err(format!(
                "{} has no band for {:?} with a motor of {power}; check `motor_power` and `pump_type`",
                pump.clause, pump.id
            )),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn find<'a>(packs: &'a [Standard], id: &str) -> Result<&'a Standard, String> {
    packs.iter().find(|pack| pack.id == id).ok_or_else(|| {
        let known: Vec<&str> = packs.iter().map(|pack| pack.id.as_str()).collect();
        unknown(&format!("standard pack {id:?}"), id, &known)
    })
}

fn unknown(what: &str, found: &str, known: &[&str]) -> String {
    let near = nearest(found, known.iter().copied())
        .map(|near| format!("; did you mean {near:?}?"))
        .unwrap_or_default();
    format!("unknown {what}{near} (known: {})", known.join(", "))
}
