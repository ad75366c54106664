//! Minimum efficiency index after Regulation (EU) 547/2012: least efficiencies at best
//! efficiency, part load and overload, and the index a pump reaches at all three.

use crate::pack::{Band, Confidence, Standard};
use crate::specific_speed::specific_speed;
use crate::{Error, check, limit};

/// What was measured, full impeller, referred to the nominal speed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeiDuty {
    /// Flow at best efficiency, m³/s.
    pub flow_m3_s: f64,
    /// Head at best efficiency, all stages, m.
    pub head_m: f64,
    /// Stages.
    pub stages: u32,
    /// Efficiencies at best efficiency, part load and overload, percent.
    pub efficiency_pct: [f64; 3],
}

/// The index of a pump.
#[derive(Debug, Clone, PartialEq)]
pub struct Mei {
    /// n √Q / H^0.75 with the nominal speed, Q in m³/s, H of one stage.
    pub n_q: f64,
    /// The quadratic before C is taken off, percent.
    pub base_pct: f64,
    /// C that the pump has at best efficiency, part load and overload.
    pub c: [f64; 3],
    /// Per index the pack states: the index, its C, least efficiencies at the three loads,
    /// percent, and whether all three are reached.
    pub steps: Vec<MeiStep>,
    /// Largest of those indices that is reached; none below the lowest.
    pub at_least: Option<f64>,
    /// Largest index reached by constants that only indicate; none where the pack has none.
    pub indication: Option<f64>,
    /// What lies outside the scope of the type, in words; then nothing is judged.
    pub outside: Option<String>,
}

/// One index of the pack.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeiStep {
    /// The index.
    pub mei: f64,
    /// Its constant.
    pub c: f64,
    /// Least efficiencies at best efficiency, part load and overload, percent.
    pub least_pct: [f64; 3],
    /// Whether each is reached.
    pub reached: [bool; 3],
    /// Confidence of the constant.
    pub confidence: Confidence,
}

impl Standard {
    /// The efficiency index of a pump of type `id`.
    /// Source: Regulation (EU) 547/2012 Annex III and EN 16480 by the energy reference,
    /// section 5.1.
    ///
    /// # Errors
    /// [`Error::NotInPack`] for a pack without the rule or the type, [`Error::Value`] for a
    /// duty that is none or an efficiency outside 0 to 100 %.
    pub fn mei_of(&self, id: &str, duty: &MeiDuty) -> Result<Mei, Error> {
        let rule = self.mei()?;
        let pump = self.mei_type(id)?;
        for pct in duty.efficiency_pct {
            check::between("efficiency in %", pct, 0.0, 100.0, "between 0 and 100")?;
        }
        // Gravity enters the type number only, which is not used here.
        const ANY_GRAVITY: f64 = 9.81;
        let n_q = specific_speed(
            pump.nominal_rpm,
            duty.flow_m3_s,
            duty.head_m,
            1,
            duty.stages,
            ANY_GRAVITY,
        )?
        .n_q;
        let flow_m3_h = duty.flow_m3_s * 3600.0;
        let base_pct = self
            .log_quadratic(&rule.surface)?
            .value_pct(n_q, flow_m3_h)?;
        let factors = [1.0, rule.part_load_factor.value, rule.overload_factor.value];
        let mut c = [0.0; 3];
        for ((c, efficiency), factor) in c.iter_mut().zip(duty.efficiency_pct).zip(factors) {
            *c = check::result("constant C", base_pct - efficiency / factor)?;
        }
        let steps: Vec<MeiStep> = pump
            .c
            .iter()
            .map(|constant| {
                let least_pct = factors.map(|factor| factor * (base_pct - constant.value));
                let mut reached = [false; 3];
                for ((reached, efficiency), least) in
                    reached.iter_mut().zip(duty.efficiency_pct).zip(least_pct)
                {
                    *reached = limit::at_least(efficiency, least);
                }
                MeiStep {
                    mei: constant.mei,
                    c: constant.value,
                    least_pct,
                    reached,
                    confidence: constant.confidence,
                }
            })
            .collect();
        let at_least = steps.iter().rev().find(|step| step.reached == [true; 3]);
        let largest = c.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let stated = pump.c.iter().map(|constant| [constant.mei, constant.value]);
        let indicative = self.mei_indication(id);
        let indication = indicative
            .iter()
            .copied()
            .chain(stated)
            .filter(|[_, constant]| !indicative.is_empty() && limit::at_most(largest, *constant))
            .map(|[mei, _]| mei)
            .reduce(f64::max);
        let outside = [
            (&pump.n_q, "n_s", "", n_q),
            (&pump.flow_m3_h, "Q", "m³/h", flow_m3_h),
            (&pump.head_m, "H", "m", duty.head_m),
        ]
        .into_iter()
        .find_map(|(band, symbol, unit, value)| {
            let band: &Band = band.as_ref().filter(|band| !band.holds(value))?;
            Some(format!(
                "{symbol} = {value}, scope {}",
                band.words(symbol, unit)
            ))
        });
        Ok(Mei {
            n_q,
            base_pct,
            c,
            at_least: at_least.map(|step| step.mei),
            steps,
            indication,
            outside,
        })
    }
}
