//! The minimum efficiency index of the European Union from a run: the efficiency at best
//! efficiency, part load and overload against what the required index asks for.
//!
//! The lines follow from flow and head at best efficiency, referred to the nominal speed of
//! the type, so every fit has its own. A load that the points do not cover is not evaluated.

use super::energy::{against, not_measured, not_read, speed};
use super::{AssessedCurves, Judging, blank};
use crate::{EnergyBasis, EnergyGrades, Error};
use dutypoint_hydraulics::limit;
use dutypoint_hydraulics::pack::{Compared, ReadAt};
use dutypoint_model::document::{Finding, Item, Limit, Reduced};
use dutypoint_model::{Bilingual, Verdict};

const ITEMS: [Item; 3] = [
    Item::MeiBestEfficiency,
    Item::MeiPartLoad,
    Item::MeiOverload,
];

/// What one fit says at one load.
struct Load {
    /// Flow of the run, m³/s.
    at_flow_m3_s: f64,
    /// Efficiency there, a fraction; none where the points do not reach.
    value: Option<f64>,
    /// What the index asks for, a fraction; none where nothing is judged.
    least: Option<f64>,
}

impl Load {
    fn verdict(&self) -> Verdict {
        match (self.value, self.least) {
            (Some(value), Some(least)) => against(value, least),
            _ => Verdict::NotEvaluated,
        }
    }
}

/// What one fit says.
struct Reading {
    loads: [Load; 3],
    inputs: Vec<(&'static str, f64)>,
    /// Why nothing is judged.
    why: Option<Bilingual>,
}

/// The order's pump as the pack knows it.
#[derive(Clone, Copy)]
struct Pump<'a> {
    id: &'a str,
    stages: u32,
    /// Of the points, else of the order; none where neither states one.
    speed_rpm: Option<f64>,
}

impl Judging<'_> {
    /// One finding per load; none for an order that does not ask for the index.
    pub(super) fn mei(&self, reduced: &[&Reduced], unit: bool) -> Result<Vec<Finding>, Error> {
        let Some(energy) = &self.setup.energy else {
            return Ok(Vec::new());
        };
        let EnergyBasis::Mei {
            pump,
            stages,
            rated_rpm,
        } = &energy.basis
        else {
            return Ok(Vec::new());
        };
        let pump = Pump {
            id: pump,
            stages: *stages,
            speed_rpm: speed(reduced)?.or(*rated_rpm),
        };
        let read = |curves: &AssessedCurves| self.mei_read(energy, pump, curves, unit);
        let reading = read(self.fitted)?;
        let pack = self.pack_of(energy)?;
        let tested = pack.mei_type(pump.id)?.scope.stages_tested;
        let mut findings = Vec::new();
        for (index, item) in ITEMS.into_iter().enumerate() {
            let Some(load) = reading.loads.get(index) else {
                continue;
            };
            let mut finding = blank(self.setup, item, true);
            finding.formula = "mei.eu547-2012.v1".into();
            finding.pack.clone_from(&energy.pack);
            finding.clause.clone_from(&energy.clause);
            finding.confidence.clone_from(&energy.confidence);
            finding.value = load.value;
            self.uncertain(&mut finding, load.at_flow_m3_s, |curves, _| {
                read(curves).ok()?.loads.get(index)?.value
            });
            finding
                .inputs
                .insert("read_at_flow_m3_s".into(), load.at_flow_m3_s);
            for (name, value) in &reading.inputs {
                finding.inputs.insert((*name).into(), *value);
            }
            if let Some(least) = load.least {
                finding.limit = Some(Limit {
                    low: Some(least),
                    high: None,
                });
                finding.margin = load.value.map(|value| value - least);
                finding.variants = self.variants_of(item, |curves, _| {
                    let other = read(curves).ok();
                    match other.as_ref().and_then(|other| other.loads.get(index)) {
                        Some(load) => (load.value, load.verdict()),
                        None => (None, Verdict::NotEvaluated),
                    }
                });
                finding.verdict = load.verdict();
            }
            finding.reason = match (&reading.why, load.value) {
                (Some(why), _) => Some(why.clone()),
                (None, None) => Some(self.beyond(load.at_flow_m3_s)),
                (None, Some(_)) => None,
            };
            let mut finding = self.finish(finding);
            if let Some(tested) = tested.filter(|tested| *tested != pump.stages) {
                let stages = pump.stages;
                finding.because(&Bilingual::new(
                    format!("法规以 {tested} 级的泵代表该系列，本样品为 {stages} 级"),
                    format!("the regulation tests a pump of {tested} stages for its series, the specimen has {stages}"),
                ));
            }
            findings.push(finding);
        }
        Ok(findings)
    }

    fn mei_read(
        &self,
        energy: &EnergyGrades,
        pump: Pump<'_>,
        curves: &AssessedCurves,
        unit: bool,
    ) -> Result<Reading, Error> {
        let pack = self.pack_of(energy)?;
        let rule = pack.mei()?;
        let nothing = |why| Reading {
            loads: [0.0; 3].map(|_| Load {
                at_flow_m3_s: self.setup.flow_m3_s,
                value: None,
                least: None,
            }),
            inputs: Vec::new(),
            why: Some(why),
        };
        if unit {
            return Ok(nothing(not_measured(Compared::PumpEfficiency)));
        }
        let Some(best) = self.read(ReadAt::AtBep, curves)? else {
            return Ok(nothing(not_read(ReadAt::AtBep)));
        };
        let Some(speed_rpm) = pump.speed_rpm else {
            return Ok(nothing(Bilingual::new(
                "转速未知，无法换算到公称转速",
                "the speed is not known, so nothing can be referred to the nominal speed",
            )));
        };
        let nominal_rpm = pack.mei_type(pump.id)?.nominal_rpm;
        let ratio = nominal_rpm / speed_rpm;
        let shares = [1.0, rule.part_load_flow.value, rule.overload_flow.value];
        let required = pack.mei_required()?.value;
        let asked = pack.mei_lines(
            pump.id,
            best.flow_m3_s * ratio,
            best.head_m * ratio * ratio,
            pump.stages,
        )?;
        let line = asked.lines.iter().find(|l| limit::touches(l.mei, required));
        let mut why = asked.outside.as_ref().map(|outside| {
            Bilingual::new(
                format!("超出法规范围：{outside}"),
                format!("outside the regulation: {outside}"),
            )
        });
        // The efficiency is taken over unchanged, within the speeds for which that is allowed.
        let allowed = self.setup.standard().speed().ok();
        let allowed = allowed.and_then(|rule| rule.efficiency_pct.as_ref());
        let pct = 100.0 * speed_rpm / nominal_rpm;
        if let Some(band) = allowed
            && !(limit::at_least(pct, band.low) && limit::at_most(pct, band.high))
        {
            why = Some(Bilingual::new(
                format!("转速为公称转速的 {pct:.1} %，效率不能视为不变"),
                format!(
                    "the speed is {pct:.1} % of the nominal one: the efficiency may not be taken as unchanged"
                ),
            ));
        }
        let senseless = line.is_none_or(|line| {
            let mut least = line.least_pct.iter();
            least.any(|pct| *pct <= 0.0 || *pct >= 100.0)
        });
        if senseless && why.is_none() {
            why = Some(Bilingual::new(
                "按此流量、扬程和转速算得的最低效率不在 0 … 100 % 内",
                "the least efficiency of this flow, head and speed does not lie within 0 … 100 %",
            ));
        }
        let judged = why.is_none();
        let least = line.filter(|_| judged).map(|line| line.least_pct);
        let mut inputs = vec![
            ("best_flow_m3_s", best.flow_m3_s),
            ("best_head_m", best.head_m),
            ("speed_rpm", speed_rpm),
            ("nominal_speed_rpm", nominal_rpm),
            ("n_q", asked.n_q),
            ("required_mei", required),
            ("base_efficiency", asked.base_pct / 100.0),
        ];
        inputs.extend(line.map(|line| ("constant_c", line.c)));
        let load = |index: usize, share: f64| {
            let at_flow_m3_s = best.flow_m3_s * share;
            let least = least.and_then(|least| least.get(index).copied());
            Load {
                at_flow_m3_s,
                value: curves.efficiency.evaluate(at_flow_m3_s).ok(),
                least: least.map(|pct| pct / 100.0),
            }
        };
        let [best, part, over] = shares;
        Ok(Reading {
            loads: [load(0, best), load(1, part), load(2, over)],
            inputs,
            why,
        })
    }

    /// That a load lies outside what was measured.
    fn beyond(&self, flow_m3_s: f64) -> Bilingual {
        let [low, high, at] = [
            self.fitted.head.q_min_m3_s(),
            self.fitted.head.q_max_m3_s(),
            flow_m3_s,
        ]
        .map(|flow| flow * 3600.0);
        Bilingual::new(
            format!("测点覆盖 {low:.2} … {high:.2} m³/h，不含 {at:.2} m³/h，不外推"),
            format!(
                "the points cover {low:.2} … {high:.2} m³/h and not {at:.2} m³/h; nothing is extrapolated"
            ),
        )
    }
}
