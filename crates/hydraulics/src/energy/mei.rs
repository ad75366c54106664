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

/// What the regulation asks of a pump of some flow and head at best efficiency.
#[derive(Debug, Clone, PartialEq)]
pub struct MeiLines {
    /// n √Q / H^0.75 with the nominal speed, Q in m³/s, H of one stage.
    pub n_q: f64,
    /// The quadratic before C is taken off, percent.
    pub base_pct: f64,
    /// Per index the pack states, rising.
    pub lines: Vec<MeiLine>,
    /// What lies outside the scope of the type, in words; then nothing is judged.
    pub outside: Option<String>,
}

/// Least efficiencies of one index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeiLine {
    /// The index.
    pub mei: f64,
    /// Its constant.
    pub c: f64,
    /// Least efficiencies at best efficiency, part load and overload, percent.
    pub least_pct: [f64; 3],
    /// Confidence of the constant.
    pub confidence: Confidence,
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
    /// Least efficiencies of a pump of type `id` with this flow, in m³/s, and head of all
    /// stages, in m, at best efficiency and nominal speed.
    /// Source: Regulation (EU) 547/2012 Annex III by the energy reference, section 5.1.
    ///
    /// # Errors
    /// [`Error::NotInPack`] for a pack without the rule or the type, [`Error::Value`] for a
    /// duty that is none.
    pub fn mei_lines(
        &self,
        id: &str,
        flow_m3_s: f64,
        head_m: f64,
        stages: u32,
    ) -> Result<MeiLines, Error> {
        let rule = self.mei()?;
        let pump = self.mei_type(id)?;
        // Gravity enters the type number only, which is not used here.
        const ANY_GRAVITY: f64 = 9.81;
        let n_q = specific_speed(pump.nominal_rpm, flow_m3_s, head_m, 1, stages, ANY_GRAVITY)?.n_q;
        let flow_m3_h = flow_m3_s * 3600.0;
        let base_pct = self
            .log_quadratic(&rule.surface)?
            .value_pct(n_q, flow_m3_h)?;
        let factors = self.mei_factors()?;
        let lines = pump.c.iter().map(|constant| MeiLine {
            mei: constant.mei,
            c: constant.value,
            least_pct: factors.map(|factor| factor * (base_pct - constant.value)),
            confidence: constant.confidence,
        });
        let scope = &pump.scope;
        let outside = Band::first_outside(&[
            (scope.n_q.as_ref(), "n_s", "", n_q),
            (scope.flow_m3_h.as_ref(), "Q", "m³/h", flow_m3_h),
            (scope.head_m.as_ref(), "H", "m", head_m),
        ]);
        Ok(MeiLines {
            n_q,
            base_pct,
            lines: lines.collect(),
            outside,
        })
    }

    /// Least efficiencies at best efficiency, part load and overload as shares of the first.
    fn mei_factors(&self) -> Result<[f64; 3], Error> {
        let rule = self.mei()?;
        Ok([1.0, rule.part_load_factor.value, rule.overload_factor.value])
    }

    /// The efficiency index of a pump of type `id`.
    /// Source: Regulation (EU) 547/2012 Annex III and EN 16480 by the energy reference,
    /// section 5.1.
    ///
    /// # Errors
    /// As [`Self::mei_lines`], and [`Error::Value`] for an efficiency outside 0 to 100 %.
    pub fn mei_of(&self, id: &str, duty: &MeiDuty) -> Result<Mei, Error> {
        for pct in duty.efficiency_pct {
            check::between("efficiency in %", pct, 0.0, 100.0, "between 0 and 100")?;
        }
        let asked = self.mei_lines(id, duty.flow_m3_s, duty.head_m, duty.stages)?;
        let factors = self.mei_factors()?;
        let mut c = [0.0; 3];
        for ((c, efficiency), factor) in c.iter_mut().zip(duty.efficiency_pct).zip(factors) {
            *c = check::result("constant C", asked.base_pct - efficiency / factor)?;
        }
        let step = |line: &MeiLine| {
            let mut reached = [false; 3];
            for ((reached, efficiency), least) in reached
                .iter_mut()
                .zip(duty.efficiency_pct)
                .zip(line.least_pct)
            {
                *reached = limit::at_least(efficiency, least);
            }
            MeiStep {
                mei: line.mei,
                c: line.c,
                least_pct: line.least_pct,
                reached,
                confidence: line.confidence,
            }
        };
        let steps: Vec<MeiStep> = asked.lines.iter().map(step).collect();
        let at_least = steps.iter().rev().find(|step| step.reached == [true; 3]);
        let largest = c.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let stated = asked.lines.iter().map(|line| [line.mei, line.c]);
        let indicative = self.mei_indication(id);
        let indication = indicative
            .iter()
            .copied()
            .chain(stated)
            .filter(|[_, constant]| !indicative.is_empty() && limit::at_most(largest, *constant))
            .map(|[mei, _]| mei)
            .reduce(f64::max);
        Ok(Mei {
            n_q: asked.n_q,
            base_pct: asked.base_pct,
            c,
            at_least: at_least.map(|step| step.mei),
            steps,
            indication,
            outside: asked.outside,
        })
    }
}
