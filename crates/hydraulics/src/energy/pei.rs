//! Pump energy index of the United States: input power of a pump with a default motor over
//! that of a pump that just complies, at constant or at variable load. US units, as the rule
//! and the data sheets have them.

use crate::fit::PolynomialFit;
use crate::pack::{Band, Confidence, PeiLoad, PeiRule, Standard, TableKind};
use crate::{Error, check, limit};

/// A bare pump at its load points, referred to the nominal speed.
#[derive(Debug, Clone, PartialEq)]
pub struct PeiDuty {
    /// Flow at best efficiency, gal/min.
    pub bep_flow_gpm: f64,
    /// Heads at the load points, ft.
    pub head_ft: Vec<f64>,
    /// Shaft powers at the load points, hp.
    pub shaft_power_hp: Vec<f64>,
    /// Shaft power at the flow by which the motor is chosen, hp; or
    pub sizing_power_hp: Option<f64>,
    /// the rating of the motor itself, hp.
    pub motor_hp: Option<f64>,
    /// Stages.
    pub stages: u32,
    /// Whether the curve ends near best efficiency.
    pub run_out: bool,
}

/// Which index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeiKind {
    /// PEI_CL.
    ConstantLoad,
    /// PEI_VL.
    VariableLoad,
}

/// The index with everything it was computed from; powers in hp at the load points.
#[derive(Debug, Clone, PartialEq)]
pub struct Pei {
    /// n √Q / H^0.75 in r/min, gal/min and ft of one stage.
    pub n_s_us: f64,
    /// Efficiency of the pump that just complies, at best efficiency, percent.
    pub standard_efficiency_pct: f64,
    /// Rating of the motor.
    pub motor_hp: f64,
    /// Efficiency of the default motor, percent.
    pub motor_efficiency_pct: f64,
    /// Its loss at full load, hp.
    pub full_load_loss_hp: f64,
    /// Input powers of the pump, at constant load or at the shares of variable load.
    pub input_hp: Vec<f64>,
    /// Shaft powers of the pump that just complies, at constant load.
    pub standard_shaft_hp: Vec<f64>,
    /// Its input powers.
    pub standard_input_hp: Vec<f64>,
    /// Energy rating of the pump, hp.
    pub per_hp: f64,
    /// Energy rating of the pump that just complies, hp.
    pub per_standard_hp: f64,
    /// The index.
    pub pei: f64,
    /// The largest index permitted.
    pub maximum: f64,
    /// What lies outside the scope of the class, in words; then nothing is judged.
    pub outside: Option<String>,
    /// The weakest confidence among the numbers used.
    pub confidence: Confidence,
}

/// Shaft powers read from the straight line through the measured ones.
#[derive(Debug, Clone, PartialEq)]
pub struct PeiRegressed {
    /// Shaft power of the line at no flow, hp.
    pub intercept_hp: f64,
    /// Its slope, hp per gal/min.
    pub slope_hp_per_gpm: f64,
    /// How many points the line goes over; others of the test lie outside its range.
    pub points: usize,
    /// Shaft powers at the load points, hp.
    pub shaft_power_hp: Vec<f64>,
    /// Shaft power at the flow that chooses the motor, hp; none where the line does not
    /// reach it.
    pub sizing_power_hp: Option<f64>,
    /// How far the pack trusts the choice of points.
    pub confidence: Confidence,
}

impl Standard {
    /// Shaft powers at the load points by the straight line over the points that the rule
    /// regresses. A measured flow belongs to the nearest share, within half the way to its
    /// neighbour: our reading, since the source tells the shares and no tolerance. Every
    /// share needs exactly one point.
    /// Source: 10 CFR 431.464 by the energy reference, section 5.2.
    ///
    /// # Errors
    /// [`Error::NotInPack`] for a pack without regressed points, [`Error::Lengths`] for
    /// columns of different length, [`Error::Value`] for a flow or power that is not above
    /// zero and for a share without a point or with several.
    pub fn pei_regressed(
        &self,
        run_out: bool,
        bep_flow_gpm: f64,
        flow_gpm: &[f64],
        shaft_power_hp: &[f64],
    ) -> Result<PeiRegressed, Error> {
        if flow_gpm.len() != shaft_power_hp.len() {
            return Err(Error::Lengths {
                left: flow_gpm.len(),
                right: shaft_power_hp.len(),
            });
        }
        let loads = self.pei_load(if run_out {
            PeiLoad::RunOut
        } else {
            PeiLoad::Constant
        })?;
        let rule = loads.regression.as_ref();
        let rule =
            rule.ok_or_else(|| self.missing("the points shaft power is regressed over".into()))?;
        let bep = check::positive("flow at best efficiency in gal/min", bep_flow_gpm)?;
        for (flow, power) in flow_gpm.iter().zip(shaft_power_hp) {
            check::not_negative("flow in gal/min", *flow)?;
            check::positive("shaft power in hp", *power)?;
        }
        let (mut flows, mut powers) = (Vec::new(), Vec::new());
        for (index, share) in rule.flow.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|i| rule.flow.get(i));
            let after = rule.flow.get(index + 1);
            let gap = before
                .into_iter()
                .chain(after)
                .map(|other| (other - share).abs());
            let reach = 0.5 * gap.fold(f64::INFINITY, f64::min);
            let mut near = flow_gpm.iter().zip(shaft_power_hp).filter(|(flow, _)| {
                // The upper edge belongs to the next share, so that no point counts twice.
                let off = **flow / bep - share;
                off >= -reach && off < reach
            });
            match (near.next(), near.next()) {
                (Some((flow, power)), None) => {
                    flows.push(*flow);
                    powers.push(*power);
                }
                (found, _) => {
                    return Err(Error::Value {
                        quantity: "share of the flow at best efficiency",
                        value: *share,
                        must: if found.is_none() {
                            "measured: the rule regresses shaft power over a point there"
                        } else {
                            "measured once: several points lie nearest to it"
                        },
                        advice: "give one point of the test near each share the pack lists",
                    });
                }
            }
        }
        let line = PolynomialFit::new(&flows, &powers, 1, false)?;
        let at = |share: f64| {
            check::positive(
                "shaft power of the regression in hp",
                line.evaluate(share * bep),
            )
        };
        let sizing = self.pei()?.motor_sizing_flow.value;
        let last = rule.flow.last().copied().unwrap_or_default();
        let reached = limit::at_most(sizing, last);
        Ok(PeiRegressed {
            intercept_hp: line.evaluate(0.0),
            slope_hp_per_gpm: (line.evaluate(bep) - line.evaluate(0.0)) / bep,
            points: flows.len(),
            shaft_power_hp: loads
                .flow
                .iter()
                .map(|share| at(*share))
                .collect::<Result<_, _>>()?,
            sizing_power_hp: reached.then(|| at(sizing)).transpose()?,
            confidence: rule.confidence,
        })
    }

    /// The energy index of a bare pump of class `id`.
    /// Source: 10 CFR 431.464 by the energy reference, section 5.2.
    ///
    /// # Errors
    /// [`Error::NotInPack`] for a pack without the rule, class or motor rating,
    /// [`Error::Value`] for a value that is not above zero or a motor that is not known,
    /// [`Error::Lengths`] for columns of other than the number of load points.
    pub fn pei_of(&self, id: &str, kind: PeiKind, duty: &PeiDuty) -> Result<Pei, Error> {
        let rule = self.pei()?;
        let class = self.pei_class(id)?;
        let loads = self.pei_load(if duty.run_out {
            PeiLoad::RunOut
        } else {
            PeiLoad::Constant
        })?;
        for column in [&duty.head_ft, &duty.shaft_power_hp] {
            if column.len() != loads.flow.len() {
                return Err(Error::Lengths {
                    left: loads.flow.len(),
                    right: column.len(),
                });
            }
        }
        let bep_flow_gpm =
            check::positive("flow at best efficiency in gal/min", duty.bep_flow_gpm)?;
        for head in &duty.head_ft {
            check::positive("head in ft", *head)?;
        }
        for power in &duty.shaft_power_hp {
            check::positive("shaft power in hp", *power)?;
        }
        let at_bep = |column: &[f64]| {
            let found = loads
                .flow
                .iter()
                .zip(column)
                .find(|(share, _)| **share == 1.0);
            found.map_or(f64::NAN, |(_, value)| *value)
        };
        let bep_head_ft = at_bep(&duty.head_ft);
        let stages = check::positive("number of stages", f64::from(duty.stages))?;
        let n_s_us =
            class.nominal_rpm * bep_flow_gpm.sqrt() / libm::pow(bep_head_ft / stages, 0.75);
        let surface = self.log_quadratic(&rule.surface)?;
        let standard_efficiency_pct =
            surface.value_pct(n_s_us, bep_flow_gpm)? - (class.c + rule.constant.value);
        check::positive(
            "efficiency of the pump that just complies, in %",
            standard_efficiency_pct,
        )?;

        let (motor_hp, motor_efficiency_pct, motor_confidence) = self.motor(&class.motor, duty)?;
        let full_load_loss_hp = motor_hp / (motor_efficiency_pct / 100.0) - motor_hp;
        let input = |shaft_hp: f64| shaft_hp + full_load_loss_hp * loss(rule, shaft_hp / motor_hp);

        let mut standard_shaft_hp = Vec::with_capacity(loads.flow.len());
        for ((share, factor), head) in loads.flow.iter().zip(&loads.factor).zip(&duty.head_ft) {
            let output_hp = share * bep_flow_gpm * head / rule.power_constant.value;
            standard_shaft_hp.push(output_hp / (factor * standard_efficiency_pct / 100.0));
        }
        let standard_input_hp: Vec<f64> = standard_shaft_hp.iter().map(|p| input(*p)).collect();
        let mut confidence = [
            class.confidence,
            surface.confidence,
            loads.confidence,
            rule.loss.confidence,
        ]
        .into_iter()
        .fold(motor_confidence, Confidence::weaker);
        let input_hp: Vec<f64> = match kind {
            PeiKind::ConstantLoad => duty.shaft_power_hp.iter().map(|p| input(*p)).collect(),
            PeiKind::VariableLoad => {
                let row = self.pei_variable_loss(motor_hp)?;
                let shares = self.pei_load(PeiLoad::Variable)?;
                confidence = [
                    row.confidence,
                    shares.confidence,
                    rule.variable_power.confidence,
                ]
                .into_iter()
                .fold(confidence, Confidence::weaker);
                let bep_power_hp = at_bep(&duty.shaft_power_hp);
                let at = |share: &f64| {
                    let shaft_hp = rule.variable_power.value(*share) * bep_power_hp;
                    let horner = |sum: f64, c: &f64| sum * (shaft_hp / motor_hp) + c;
                    let factor = row.highest_power_first.iter().fold(0.0, horner);
                    shaft_hp + full_load_loss_hp * factor
                };
                shares.flow.iter().map(at).collect()
            }
        };
        let per_hp = mean(&input_hp);
        let per_standard_hp = mean(&standard_input_hp);
        let outside = Band::first_outside(&[
            (class.n_s_us.as_ref(), "n_s", "", n_s_us),
            (class.flow_gpm.as_ref(), "Q", "gal/min", bep_flow_gpm),
            (class.head_ft.as_ref(), "H", "ft", bep_head_ft),
        ]);
        Ok(Pei {
            n_s_us,
            standard_efficiency_pct,
            motor_hp,
            motor_efficiency_pct,
            full_load_loss_hp,
            pei: check::result("pump energy index", per_hp / per_standard_hp)?,
            input_hp,
            standard_shaft_hp,
            standard_input_hp,
            per_hp,
            per_standard_hp,
            maximum: rule.maximum.value,
            outside,
            confidence,
        })
    }

    /// Rating, efficiency and confidence of the default motor: the one given, else the first
    /// rating that is not below the power it is chosen by.
    fn motor(&self, column: &str, duty: &PeiDuty) -> Result<(f64, f64, Confidence), Error> {
        let tables = self.column(TableKind::MotorEfficiencyHp, column)?;
        let ratings = || {
            tables.iter().flat_map(|table| {
                table
                    .at
                    .iter()
                    .map(|[hp, pct]| (*hp, *pct, table.confidence))
            })
        };
        let refuse = |quantity, value, must| Error::Value {
            quantity,
            value,
            must,
            advice: "give a motor rating of the pack's table",
        };
        match (duty.motor_hp, duty.sizing_power_hp) {
            (Some(hp), _) => ratings()
                .find(|(rating, ..)| limit::touches(hp, *rating))
                .ok_or_else(|| refuse("motor rating in hp", hp, "a rating of the pack's table")),
            (None, Some(power)) => {
                let power = check::positive("shaft power the motor is chosen by, in hp", power)?;
                ratings()
                    .find(|(rating, ..)| limit::at_most(power, *rating))
                    .ok_or_else(|| {
                        let must = "at most the largest rating of the pack's table";
                        refuse("shaft power the motor is chosen by, in hp", power, must)
                    })
            }
            (None, None) => Err(refuse(
                "motor rating in hp",
                0.0,
                "given, or the shaft power by which the motor is chosen",
            )),
        }
    }
}

fn loss(rule: &PeiRule, load: f64) -> f64 {
    if load > 1.0 && !limit::touches(load, 1.0) {
        rule.loss_above_full_load.value
    } else {
        rule.loss.value(load)
    }
}

/// Equal weights, as all load points have.
fn mean(values: &[f64]) -> f64 {
    let count = values.iter().fold(0.0, |n, _| n + 1.0);
    values.iter().sum::<f64>() / count
}
