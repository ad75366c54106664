//! What the method wants reported without a limit, the load of the motor, and what the
//! bench cannot test.

use super::fit::Form;
use super::{Judging, blank};
use crate::{Error, Method, Setup};
use dutypoint_hydraulics::curve::Curve;
use dutypoint_hydraulics::pack::Reported;
use dutypoint_hydraulics::{limit, power};
use dutypoint_model::document::{Finding, Item, Limit, Reduced};
use dutypoint_model::{Bilingual, Quantity, Verdict};

/// Steps in which the band of the motor's load is searched; a polynomial of degree 3 or 4
/// has no peak that hides between them.
const STEPS: u32 = 200;

impl Judging<'_> {
    /// Quantities of a unit at the guaranteed flow, and the load of its motor.
    pub(super) fn measured(&self, reduced: &[&Reduced], unit: bool) -> Result<Vec<Finding>, Error> {
        let mut findings = Vec::new();
        if !unit {
            return Ok(findings);
        }
        for pack in &self.setup.packs {
            if let Ok(rule) = pack.report() {
                for quantity in &rule.quantities {
                    let item = item(*quantity);
                    let guaranteed = item == Item::InputPower && self.main.power.is_some();
                    let Some(value) = self.at_guarantee(*quantity, reduced) else {
                        continue;
                    };
                    if guaranteed {
                        // Judged already.
                        continue;
                    }
                    let mut finding = blank(self.setup, item, false);
                    finding.formula = "measured.at-guaranteed-flow.v1".into();
                    finding.pack.clone_from(&pack.id);
                    finding.clause.clone_from(&rule.clause);
                    finding.confidence = rule.confidence.to_string();
                    finding.value = Some(value);
                    if item == Item::InputPower {
                        let flow_m3_s = self.setup.flow_m3_s;
                        self.uncertain(&mut finding, flow_m3_s, |curves, _| {
                            curves.power.evaluate(flow_m3_s).ok()
                        });
                    }
                    let mut inputs = vec![
                        ("guaranteed_flow_m3_s", self.setup.flow_m3_s),
                        ("points", super::count(reduced.len())),
                    ];
                    if let Form::Degree(degree) = self.fit.power {
                        inputs.push(("fit_degree", super::count(degree)));
                    }
                    for (name, input) in inputs {
                        finding.inputs.insert(name.into(), input);
                    }
                    finding.reason = Some(Bilingual::new(
                        "规定流量下的实测值，标准数据包未给出限值",
                        "measured at the guaranteed flow; the pack states no limit",
                    ));
                    findings.push(finding);
                }
            }
            if let Ok(rule) = pack.load() {
                let mut finding = blank(self.setup, Item::MotorLoad, false);
                finding.formula = "motor-load.input-bound.v1".into();
                finding.pack.clone_from(&pack.id);
                finding.clause.clone_from(&rule.clause);
                finding.confidence = rule.flow_pct.confidence.to_string();
                let band = [rule.flow_pct.low, rule.flow_pct.high];
                findings.extend(self.motor_load(finding, band)?);
            }
        }
        Ok(findings)
    }

    /// A quantity of the unit at the guaranteed flow, from a fit of its values at the points
    /// with the degree of P(Q); none where it was not measured or the points do not reach.
    fn at_guarantee(&self, quantity: Reported, reduced: &[&Reduced]) -> Option<f64> {
        let flow_m3_s = self.setup.flow_m3_s;
        if quantity == Reported::InputPower {
            return self.fitted.power.evaluate(flow_m3_s).ok();
        }
        let (mut flows, mut values) = (Vec::new(), Vec::new());
        for point in reduced {
            flows.push(point.flow_m3_s);
            values.push(self.of_point(quantity, point)?);
        }
        let curve = self.fit.power.curve(&flows, &values, None).ok()?;
        curve.evaluate(flow_m3_s).ok()
    }

    /// None also where a formula refuses the readings, as of a dead current transformer.
    fn of_point(&self, quantity: Reported, point: &Reduced) -> Option<f64> {
        let specimen = &self.setup.order.specimen;
        match quantity {
            Reported::InputPower => Some(point.power_w),
            Reported::Current => point.current_a,
            Reported::Speed => point.speed_rpm,
            Reported::PowerFactor => match (point.motor_voltage_v, point.current_a) {
                (Some(volt), Some(ampere)) if specimen.phases.is_none_or(|n| n == 3) => {
                    power::three_phase_power_factor(point.power_w, volt, ampere).ok()
                }
                _ => None,
            },
            Reported::Slip => match (point.frequency_hz, point.speed_rpm, specimen.pole_pairs) {
                (Some(hertz), Some(rpm), Some(pairs)) => power::slip(hertz, rpm, pairs).ok(),
                _ => None,
            },
        }
    }

    /// The shaft power is below the input power, so an input at most the rated power proves
    /// that the motor is not overloaded. A larger one proves nothing: the motor's losses are
    /// not known.
    fn motor_load(&self, mut finding: Finding, band: [f64; 2]) -> Result<Option<Finding>, Error> {
        let Some(rated) = &self.setup.order.specimen.motor_power else {
            return Ok(None);
        };
        let rated_w = rated.internal(Quantity::Power).map_err(Error::Config)?;
        let [low, high] = band.map(|pct| self.setup.flow_m3_s * pct / 100.0);
        let curve = &self.fitted.power;
        let Some((at_flow_m3_s, largest_w)) = largest(curve, low, high) else {
            return Ok(None);
        };
        let covered = curve.covers(low) && curve.covers(high);
        finding.value = Some(largest_w);
        self.uncertain(&mut finding, at_flow_m3_s, |curves, _| {
            largest(&curves.power, low, high).map(|(_, power_w)| power_w)
        });
        finding.limit = Some(Limit {
            low: None,
            high: Some(rated_w),
        });
        finding.inputs.insert("rated_motor_power_w".into(), rated_w);
        finding.inputs.insert("band_from_flow_m3_s".into(), low);
        finding.inputs.insert("band_to_flow_m3_s".into(), high);
        finding.inputs.insert("at_flow_m3_s".into(), at_flow_m3_s);
        let at = at_flow_m3_s * 3600.0;
        let [from, to] = band;
        let (zh, en) = if limit::at_most(largest_w, rated_w) && covered {
            finding.verdict = Verdict::Pass;
            (
                "输入功率不超过额定功率，轴功率必不超过",
                "the input power does not exceed the rating, so the shaft power cannot",
            )
        } else if covered || !limit::at_most(largest_w, rated_w) {
            (
                "数值为输入功率；限值针对轴功率，未做电动机试验，轴功率未知",
                "the value is the input power; the limit is for the shaft power, which is not known without motor tests",
            )
        } else {
            (
                "测点未覆盖整个流量范围",
                "the points do not cover the whole band of flow",
            )
        };
        finding.reason = Some(Bilingual::new(
            format!("规定流量的 {from} … {to} %，最大值在 {at:.2} m³/h：{zh}"),
            format!("{from} … {to} % of the guaranteed flow, largest at {at:.2} m³/h: {en}"),
        ));
        // Power at another frequency or voltage is not the power at the rating.
        Ok(Some(self.finish(finding)))
    }
}

/// The largest value of a curve in a band of flow, and where.
fn largest(curve: &Curve, low: f64, high: f64) -> Option<(f64, f64)> {
    let mut largest: Option<(f64, f64)> = None;
    for step in 0..=STEPS {
        let flow = low + (high - low) * f64::from(step) / f64::from(STEPS);
        if let Ok(value) = curve.evaluate(flow)
            && largest.is_none_or(|(_, most)| value > most)
        {
            largest = Some((flow, value));
        }
    }
    largest
}

fn item(quantity: Reported) -> Item {
    match quantity {
        Reported::InputPower => Item::InputPower,
        Reported::Current => Item::Current,
        Reported::PowerFactor => Item::PowerFactor,
        Reported::Speed => Item::Speed,
        Reported::Slip => Item::Slip,
    }
}

/// One finding per pack that lists items which the run does not cover.
pub(super) fn not_tested(setup: &Setup) -> Vec<Finding> {
    if !matches!(setup.method, Method::Submersible(_)) {
        return Vec::new();
    }
    let listing = setup
        .packs
        .iter()
        .filter(|pack| !pack.untested().is_empty());
    listing
        .map(|pack| {
            let items = pack.untested();
            let join = |texts: Vec<&str>, between: &str| texts.join(between);
            let zh = join(items.iter().map(|i| i.zh.as_str()).collect(), "；");
            let en = join(items.iter().map(|i| i.en.as_str()).collect(), "; ");
            let mut finding = blank(setup, Item::NotTested, false);
            finding.formula = "run.outcome.v1".into();
            finding.pack.clone_from(&pack.id);
            finding.clause.clear();
            finding.confidence.clear();
            finding.reason = Some(Bilingual::new(
                format!("未试验：{zh}"),
                format!("not tested: {en}"),
            ));
            finding
        })
        .collect()
}
