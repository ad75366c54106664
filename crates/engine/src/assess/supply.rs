//! The supply at every point: frequency, voltage per line, unbalance, distortion, and
//! whether the power agrees with voltage, current and power factor.
//!
//! Conditions of the test, no properties of the pump: one that is not met is NotEvaluated
//! with the worst point and its value, and so is everything guaranteed.

use super::blank;
use crate::{Error, Setup};
use dutypoint_hydraulics::{limit, power};
use dutypoint_model::document::{Channel, Channels, Finding, Item, Limit, Point, Reduced, Role};
use dutypoint_model::{Bilingual, Quantity, Verdict};

/// What one window, or one moment, shows of the supply.
pub(crate) struct Seen<'a> {
    /// Number of the point; none for a moment.
    number: Option<u32>,
    reduced: &'a Reduced,
    /// Mean of every channel.
    means: Vec<(&'a Channel, f64)>,
}

impl<'a> Seen<'a> {
    /// A point; none where it could not be reduced.
    pub(crate) fn point(channels: &'a Channels, point: &'a Point) -> Option<Self> {
        let mean = |channel: &'a Channel| {
            let shown = point.channels.iter().find(|s| s.channel == channel.name)?;
            Some((channel, shown.mean))
        };
        Some(Self {
            number: Some(point.number),
            reduced: point.reduced.as_ref()?,
            means: channels.channels.iter().filter_map(mean).collect(),
        })
    }

    /// A moment.
    pub(crate) fn now(reduced: &'a Reduced, means: Vec<(&'a Channel, f64)>) -> Self {
        Self {
            number: None,
            reduced,
            means,
        }
    }

    fn of(&self, role: Role) -> Vec<(&'a str, f64)> {
        self.means
            .iter()
            .filter(|(channel, _)| channel.role == role)
            .map(|(channel, mean)| (channel.name.as_str(), *mean))
            .collect()
    }

    fn mean(&self, role: Role) -> Option<f64> {
        let values = self.of(role);
        let sum: f64 = values.iter().map(|(_, value)| value).sum();
        (!values.is_empty()).then(|| sum / super::count(values.len()))
    }

    fn frequency(&self) -> Vec<(&'a str, f64)> {
        let frequency = self.reduced.frequency_hz.map(|f| ("", f));
        frequency.into_iter().collect()
    }

    /// Line voltages at the motor: those at the panel less the drop along the cable.
    fn line_voltages(&self) -> Vec<(&'a str, f64)> {
        let Some(motor) = self.reduced.motor_voltage_v else {
            return Vec::new();
        };
        match self.mean(Role::Voltage) {
            Some(panel) => self
                .of(Role::Voltage)
                .into_iter()
                .map(|(name, volt)| (name, volt - (panel - motor)))
                .collect(),
            None => vec![("", motor)],
        }
    }
}

/// The value that is furthest off, and where.
struct Worst<'a> {
    seen: &'a Seen<'a>,
    channel: &'a str,
    value: f64,
    /// How far off, percent; its size decides.
    off_pct: f64,
}

impl<'a> Worst<'a> {
    fn of(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().reduce(|worst, next| {
            if next.off_pct.abs() > worst.off_pct.abs() {
                next
            } else {
                worst
            }
        })
    }

    /// Enters value and place into a finding; `told` is the value as people read it.
    fn enter(&self, finding: &mut Finding, told: &str) {
        finding.value = Some(self.value);
        let inputs = &mut finding.inputs;
        inputs.insert("worst_deviation_pct".into(), self.off_pct);
        inputs.insert("worst_flow_m3_s".into(), self.seen.reduced.flow_m3_s);
        let Some(number) = self.seen.number else {
            finding.because(&Bilingual::new(
                format!("现为 {}{told}", self.named()),
                format!("now {}{told}", self.named()),
            ));
            return;
        };
        inputs.insert("worst_point".into(), f64::from(number));
        let flow = self.seen.reduced.flow_m3_s * 3600.0;
        finding.because(&Bilingual::new(
            format!(
                "最不利：第 {number} 点（{flow:.2} m³/h），{}{told}",
                self.named()
            ),
            format!(
                "worst: point {number} ({flow:.2} m³/h), {}{told}",
                self.named()
            ),
        ));
    }

    fn named(&self) -> String {
        match self.channel {
            "" => String::new(),
            name => format!("{name} "),
        }
    }
}

/// Every condition of the supply that the packs of the run limit and that was measured.
pub(crate) fn supply(setup: &Setup, seen: &[Seen<'_>]) -> Result<Vec<Finding>, Error> {
    let mut findings = windows(setup, seen)?;
    findings.extend(unbalance(setup, seen));
    findings.extend(distortion(setup, seen));
    findings.extend(power_balance(setup, seen));
    Ok(findings)
}

/// Frequency, and each line voltage at the motor, against their windows.
fn windows(setup: &Setup, seen: &[Seen<'_>]) -> Result<Vec<Finding>, Error> {
    let Some((pack, rule)) = setup
        .packs
        .iter()
        .find_map(|pack| pack.supply().ok().map(|rule| (pack, rule)))
    else {
        return Ok(Vec::new());
    };
    let specimen = &setup.order.specimen;
    let mut findings = Vec::new();
    for (item, rated, quantity, limit) in [
        (
            Item::Frequency,
            &specimen.frequency,
            Quantity::Frequency,
            &rule.frequency_pct,
        ),
        (
            Item::Voltage,
            &specimen.voltage,
            Quantity::Voltage,
            &rule.voltage_pct,
        ),
    ] {
        let Some(rated) = rated else { continue };
        let rated = rated.internal(quantity).map_err(Error::Config)?;
        let worst = Worst::of(seen.iter().flat_map(|seen| {
            let values = match item {
                Item::Frequency => seen.frequency(),
                _ => seen.line_voltages(),
            };
            values.into_iter().map(move |(channel, value)| Worst {
                seen,
                channel,
                value,
                off_pct: 100.0 * (value - rated) / rated,
            })
        }));
        let Some(worst) = worst else { continue };
        let mut finding = blank(setup, item, true);
        finding.formula = "supply.window.v2".into();
        finding.pack.clone_from(&pack.id);
        finding.clause.clone_from(&rule.clause);
        finding.confidence = limit.confidence.to_string();
        let (low, high) = (
            rated * (1.0 - limit.value / 100.0),
            rated * (1.0 + limit.value / 100.0),
        );
        finding.limit = Some(Limit {
            low: Some(low),
            high: Some(high),
        });
        finding.margin = Some((worst.value - low).min(high - worst.value));
        finding.inputs.insert("rated".into(), rated);
        finding.inputs.insert("limit_pct".into(), limit.value);
        if limit::at_most(worst.off_pct.abs(), limit.value) {
            finding.verdict = Verdict::Pass;
        } else {
            let (zh, en) = if item == Item::Frequency {
                ("电源频率", "supply frequency")
            } else {
                ("电动机端电压", "voltage at the motor")
            };
            finding.reason = Some(Bilingual::new(
                format!("{zh}偏离额定值超过 ±{} %，不作评价，亦不换算", limit.value),
                format!(
                    "{en} departs from its rating by more than ±{} %: not evaluated and not converted",
                    limit.value
                ),
            ));
        }
        let (unit, decimals) = quantity.shown_in();
        let told = format!(
            "{:.*} {}",
            decimals + 1,
            unit.from_internal(worst.value),
            unit.printed()
        );
        worst.enter(&mut finding, &told);
        findings.push(finding);
    }
    Ok(findings)
}

/// Unbalance of the three line voltages at the panel.
fn unbalance(setup: &Setup, seen: &[Seen<'_>]) -> Option<Finding> {
    let (pack, supply, permitted) = setup.packs.iter().find_map(|pack| {
        let supply = pack.supply().ok()?;
        Some((pack, supply, supply.unbalance_pct.as_ref()?))
    })?;
    let mut finding = blank(setup, Item::VoltageUnbalance, true);
    finding.formula = "voltage-unbalance.negative-sequence.v1".into();
    finding.pack.clone_from(&pack.id);
    finding.clause.clone_from(&supply.clause);
    finding.confidence = permitted.confidence.to_string();
    let mut each = Vec::new();
    for seen in seen {
        let lines: Vec<f64> = seen.of(Role::Voltage).iter().map(|(_, v)| *v).collect();
        // One voltmeter switched through the phases, or phase voltages, tell nothing.
        let lines = <[f64; 3]>::try_from(lines).ok()?;
        match power::voltage_unbalance_pct(lines) {
            Ok(pct) => each.push(Worst {
                seen,
                channel: "",
                value: pct / 100.0,
                off_pct: pct,
            }),
            Err(error) => {
                finding.reason = Some(Bilingual::new(
                    format!("三个线电压不能构成三相系统：{error}"),
                    format!("the three line voltages are no three-phase system: {error}"),
                ));
                return Some(finding);
            }
        }
    }
    let worst = Worst::of(each)?;
    Some(at_most(finding, &worst, permitted.value))
}

/// Harmonic distortion of the voltages, where the analyser gives it.
fn distortion(setup: &Setup, seen: &[Seen<'_>]) -> Option<Finding> {
    let (pack, supply, permitted) = setup.packs.iter().find_map(|pack| {
        let supply = pack.supply().ok()?;
        Some((pack, supply, supply.thd_pct.as_ref()?))
    })?;
    let worst = Worst::of(seen.iter().flat_map(|seen| {
        let each = seen.of(Role::VoltageThd).into_iter();
        each.map(move |(channel, value)| Worst {
            seen,
            channel,
            value,
            off_pct: 100.0 * value,
        })
    }))?;
    let mut finding = blank(setup, Item::VoltageThd, true);
    finding.formula = "voltage-thd.limit.v1".into();
    finding.pack.clone_from(&pack.id);
    finding.clause.clone_from(&supply.clause);
    finding.confidence = permitted.confidence.to_string();
    Some(at_most(finding, &worst, permitted.value))
}

/// A percentage held against an upper limit.
fn at_most(mut finding: Finding, worst: &Worst<'_>, permitted_pct: f64) -> Finding {
    finding.limit = Some(Limit {
        low: None,
        high: Some(permitted_pct / 100.0),
    });
    finding.margin = Some((permitted_pct - worst.off_pct) / 100.0);
    if limit::at_most(worst.off_pct, permitted_pct) {
        finding.verdict = Verdict::Pass;
    } else {
        let item = finding.item.text();
        finding.reason = Some(Bilingual::new(
            format!("{}超过允许值 {permitted_pct} %，不作评价", item.zh),
            format!(
                "{} exceeds the permitted {permitted_pct} %: not evaluated",
                item.en.to_lowercase()
            ),
        ));
    }
    worst.enter(&mut finding, &format!("{:.2} %", worst.off_pct));
    finding
}

/// The input power against `√3 U I cosφ` (one phase: `U I cosφ`) of the same analyser: a
/// transformer ratio or a phase connected wrongly shows here first.
fn power_balance(setup: &Setup, seen: &[Seen<'_>]) -> Option<Finding> {
    let pack = setup.standard();
    let laboratory = pack.laboratory().ok()?;
    let permitted_pct = laboratory.power_balance_pct?;
    let factor = match setup.order.specimen.phases {
        Some(1) => 1.0,
        _ => 3.0_f64.sqrt(),
    };
    let mut finding = blank(setup, Item::PowerBalance, true);
    finding.formula = "power-balance.apparent.v1".into();
    finding.pack.clone_from(&pack.id);
    finding.clause.clear();
    finding.confidence = laboratory.confidence.to_string();
    finding.limit = Some(Limit {
        low: Some(-permitted_pct / 100.0),
        high: Some(permitted_pct / 100.0),
    });
    let mut each = Vec::new();
    for seen in seen {
        let mean = |role| seen.mean(role);
        let (measured_w, volt, ampere, cos_phi) = (
            mean(Role::InputPower)?,
            mean(Role::Voltage)?,
            mean(Role::Current)?,
            mean(Role::PowerFactor)?,
        );
        let expected_w = factor * volt * ampere * cos_phi;
        let off = (measured_w - expected_w) / expected_w;
        if expected_w <= 0.0 || !off.is_finite() {
            finding.reason = Some(Bilingual::new(
                format!("√3·U·I·cosφ = {expected_w:.1} W，无法与功率比较：请核对分析仪接线"),
                format!(
                    "√3·U·I·cosφ = {expected_w:.1} W cannot be compared with the power: check the analyser's wiring"
                ),
            ));
            return Some(finding);
        }
        each.push((
            [measured_w, expected_w, volt, ampere, cos_phi],
            Worst {
                seen,
                channel: "",
                value: off,
                off_pct: 100.0 * off,
            },
        ));
    }
    let (numbers, worst) = each.into_iter().reduce(|worst, next| {
        if next.1.off_pct.abs() > worst.1.off_pct.abs() {
            next
        } else {
            worst
        }
    })?;
    for (name, number) in [
        "measured_w",
        "expected_w",
        "voltage_v",
        "current_a",
        "power_factor",
    ]
    .into_iter()
    .zip(numbers)
    {
        finding.inputs.insert(name.into(), number);
    }
    finding.margin = Some((permitted_pct - worst.off_pct.abs()) / 100.0);
    if limit::at_most(worst.off_pct.abs(), permitted_pct) {
        finding.verdict = Verdict::Pass;
    } else {
        finding.reason = Some(Bilingual::new(
            format!("输入功率与 √3·U·I·cosφ 之差超过 ±{permitted_pct} %，读数不可信，不作评价"),
            format!(
                "input power differs from √3·U·I·cosφ by more than ±{permitted_pct} %: not plausible, not evaluated"
            ),
        ));
    }
    worst.enter(&mut finding, &format!("{:+.2} %", worst.off_pct));
    Some(finding)
}
