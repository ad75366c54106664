//! The uncertainty of each judged value, split by source, after the GUM.
//!
//! The measurement model of a judged value is the whole way from the points to it: fits,
//! read-off, comparison point. Its sensitivity to a source is found by moving what the source
//! moves in every point by one standard uncertainty, up and down, and judging again (GUM
//! 5.1.3, note 2). A source that enters in several places therefore enters all of them at
//! once, with its correlation: density and gravity, for one, nearly cancel in an efficiency.
//!
//! Calibration acts on all points alike. Fluctuation is taken from the point nearest the
//! guarantee and, cautiously, as if it acted on all points alike; the scatter about the
//! fitted curve comes on top.

use super::{AssessedCurves, count, curves, judge};
use crate::reduce::ATMOSPHERE_PA;
use crate::{Error, Setup};
use dutypoint_hydraulics::accept::{Assessment, Uncertainties};
use dutypoint_hydraulics::curve::{Curve, Efficiency};
use dutypoint_hydraulics::uncertainty::budget::{Budget, Freedom, K2_LEVEL};
use dutypoint_hydraulics::uncertainty::input::{Correlations, Distribution, Input};
use dutypoint_hydraulics::{uncertainty, water};
use dutypoint_model::document::{
    Channel, ChannelStatistics, Channels, Contribution, Evaluation, Point, PowerKind, Reduced,
    Role, Source, UncertaintyBudget,
};
use dutypoint_model::{Measure, Quantity};
use std::collections::BTreeMap;

/// What every source does to the judged values.
pub(super) struct Sources {
    effects: Vec<Effect>,
    fits: Vec<Scatter>,
    unstated: Vec<Source>,
}

/// The curves and what they mean.
type Judged = (AssessedCurves, Assessment);

/// One source moved by its standard uncertainty, up and down; none where the points moved so
/// cannot be judged.
struct Effect {
    source: Source,
    evaluation: Evaluation,
    degrees_of_freedom: f64,
    up: Option<Judged>,
    down: Option<Judged>,
}

/// Scatter of the points about a curve.
struct Scatter {
    curve: Curve,
    /// Standard error at the guaranteed flow, by which `effect` moves the curve.
    reference: f64,
    effect: Effect,
}

/// What moves in a point, in internal units.
#[derive(Clone, Copy, PartialEq)]
enum Moved {
    Flow,
    OutletPressure,
    InletPressure,
    WaterLevel,
    Density,
    Power,
    Height,
    /// Relative to the bore.
    TapBore,
    Gravity,
    Cable,
    /// Values of a curve alone, nothing else following from them.
    HeadOnly,
    PowerOnly,
    EfficiencyOnly,
}

impl Sources {
    /// None for a run whose instruments are unknown (an import).
    pub(super) fn new(
        setup: &Setup,
        channels: &Channels,
        accepted: &[&Point],
        judged: &[Reduced],
        fitted: &AssessedCurves,
    ) -> Result<Option<Self>, Error> {
        // What is judged of a point stands beside it in the same order.
        let points: Vec<(&Point, &Reduced)> = accepted
            .iter()
            .filter(|point| point.reduced.is_some())
            .copied()
            .zip(judged)
            .collect();
        let away = |r: &Reduced| (r.flow_m3_s - setup.flow_m3_s).abs();
        let nearest = points
            .iter()
            .min_by(|a, b| away(a.1).total_cmp(&away(b.1)))
            .copied();
        let (Some((nearest, first)), false) = (nearest, channels.channels.is_empty()) else {
            return Ok(None);
        };
        let unit = first.power_kind == PowerKind::MotorInput;
        let moving = Moving {
            setup,
            points: points.iter().map(|(_, reduced)| *reduced).collect(),
            unit,
        };
        let power = if unit {
            Role::InputPower
        } else {
            Role::ShaftPower
        };
        let mut sources = Self {
            effects: Vec::new(),
            fits: Vec::new(),
            unstated: Vec::new(),
        };
        for (source, role, moved) in [
            (Source::Flow, Role::Flow, Moved::Flow),
            (
                Source::OutletPressure,
                Role::OutletPressure,
                Moved::OutletPressure,
            ),
            (
                Source::InletPressure,
                Role::InletPressure,
                Moved::InletPressure,
            ),
            (Source::WaterLevel, Role::WaterLevel, Moved::WaterLevel),
            (Source::Power, power, Moved::Power),
        ] {
            let group: Vec<&Channel> = channels
                .channels
                .iter()
                .filter(|c| c.role == role)
                .collect();
            if group.is_empty() {
                continue;
            }
            let calibrated: Vec<f64> = points
                .iter()
                .map(|(point, _)| calibration(&group, point))
                .collect::<Result<_, _>>()?;
            if calibrated.iter().all(|u| *u == 0.0) {
                sources.unstated.push(source);
            } else {
                let effect = moving.effect(source, Evaluation::Known, moved, &calibrated);
                sources.effects.push(effect);
            }
            if let Some((u, freedom)) = fluctuation(&group, nearest)? {
                let amounts = vec![u; points.len()];
                sources.effects.push(Effect {
                    degrees_of_freedom: freedom,
                    ..moving.effect(source, Evaluation::Observed, moved, &amounts)
                });
            }
        }
        sources.density(channels, &points, &moving)?;
        sources.bench(&moving)?;
        sources.outlet_loss(&moving);
        sources.scatter(fitted, &moving);
        Ok(Some(sources))
    }

    /// Density follows from the temperature.
    fn density(
        &mut self,
        channels: &Channels,
        points: &[(&Point, &Reduced)],
        moving: &Moving<'_>,
    ) -> Result<(), Error> {
        let group: Vec<&Channel> = channels
            .channels
            .iter()
            .filter(|c| c.role == Role::WaterTemperature)
            .collect();
        let mut amounts = Vec::with_capacity(points.len());
        for (point, reduced) in points {
            let u_c = calibration(&group, point)?;
            let amount = reduced.water_temperature_c.and_then(|t_c| {
                // At the ends of the water model one side is as good as both.
                let at = |t_c| water::density_kg_m3(t_c, ATMOSPHERE_PA).ok();
                let (here, above, below) = (at(t_c)?, at(t_c + u_c), at(t_c - u_c));
                Some(match (above, below) {
                    (Some(above), Some(below)) => 0.5 * (above - below).abs(),
                    (one, other) => (one.or(other)? - here).abs(),
                })
            });
            amounts.push(amount.unwrap_or(0.0));
        }
        if amounts.iter().any(|u| *u > 0.0) {
            let known = Evaluation::Known;
            let effect = moving.effect(Source::Density, known, Moved::Density, &amounts);
            self.effects.push(effect);
        } else {
            self.unstated.push(Source::Density);
        }
        Ok(())
    }

    /// The loss from pump outlet to tap, whose uncertainty every point states. It is wrong in
    /// one direction at all of them.
    fn outlet_loss(&mut self, moving: &Moving<'_>) {
        let of = |r: &&Reduced| {
            r.outlet_loss
                .map_or(0.0, |l| 0.5 * l.expanded_uncertainty_m)
        };
        let amounts: Vec<f64> = moving.points.iter().map(of).collect();
        if amounts.iter().any(|u| *u > 0.0) {
            let (source, known) = (Source::OutletLoss, Evaluation::Known);
            let effect = moving.effect(source, known, Moved::Height, &amounts);
            self.effects.push(effect);
        } else if moving.points.iter().any(|r| r.head_terms.friction_m != 0.0) {
            self.unstated.push(Source::OutletLoss);
        }
    }

    /// What the bench file says of its own numbers.
    fn bench(&mut self, moving: &Moving<'_>) -> Result<(), Error> {
        let Some(bench) = &moving.setup.bench else {
            return Ok(());
        };
        let length = |measure: &Option<Measure>| {
            let internal = |m: &Measure| m.internal(Quantity::Length).map_err(Error::Config);
            measure.as_ref().map(internal).transpose()
        };
        let stated = &bench.uncertainty;
        let tap_bore_m = length(&Some(bench.geometry.tap_bore))?.unwrap_or(f64::NAN);
        let half = |expanded: Option<f64>| expanded.map(|u| vec![0.5 * u; moving.points.len()]);
        let cable = stated.cable_loss_pct.map(|pct| {
            let losses = moving.points.iter().map(|p| p.cable_loss_w.unwrap_or(0.0));
            losses.map(|loss_w| 0.5 * pct / 100.0 * loss_w).collect()
        });
        // A loss that stays in the power is part of what was measured.
        let with_cable = moving.points.iter().any(|p| p.cable_loss_removed);
        let mut rows = vec![
            (
                Source::Height,
                Moved::Height,
                half(length(&stated.elevation)?),
            ),
            (
                Source::TapBore,
                Moved::TapBore,
                half(length(&stated.tap_bore)?.map(|u| u / tap_bore_m)),
            ),
            (Source::Gravity, Moved::Gravity, half(stated.gravity_m_s2)),
        ];
        if with_cable {
            rows.push((Source::Cable, Moved::Cable, cable));
        }
        for (source, moved, amounts) in rows {
            match amounts {
                Some(amounts) => {
                    let effect = moving.effect(source, Evaluation::Known, moved, &amounts);
                    self.effects.push(effect);
                }
                None => self.unstated.push(source),
            }
        }
        Ok(())
    }

    /// The scatter about each fitted curve. The curve is moved as a whole by its standard
    /// error at the guaranteed flow, which a reading elsewhere scales.
    fn scatter(&mut self, fitted: &AssessedCurves, moving: &Moving<'_>) {
        let mut list = vec![
            (&fitted.head, Moved::HeadOnly),
            (&fitted.power, Moved::PowerOnly),
        ];
        if let Efficiency::Fitted(curve) = &fitted.efficiency {
            list.push((curve, Moved::EfficiencyOnly));
        }
        for (curve, moved) in list {
            let flow = moving
                .setup
                .flow_m3_s
                .clamp(curve.q_min_m3_s(), curve.q_max_m3_s());
            let error = curve.read(flow).ok().and_then(|r| r.standard_error);
            let freedom = curve.fit().map_or(0, |fit| fit.degrees_of_freedom());
            let (Some(reference), true) = (error, freedom >= 1) else {
                if !self.unstated.contains(&Source::Fit) {
                    self.unstated.push(Source::Fit);
                }
                continue;
            };
            let amounts = vec![reference; moving.points.len()];
            self.fits.push(Scatter {
                curve: curve.clone(),
                reference,
                effect: Effect {
                    degrees_of_freedom: count(freedom),
                    ..moving.effect(Source::Fit, Evaluation::Observed, moved, &amounts)
                },
            });
        }
    }

    /// Expanded uncertainty and budget of the value that `read` takes from the curves, read
    /// about the flow `at_flow_m3_s`; none where no source says anything about it.
    pub(super) fn of(
        &self,
        value: f64,
        at_flow_m3_s: f64,
        read: impl Fn(&AssessedCurves, &Assessment) -> Option<f64>,
    ) -> Result<Option<(f64, UncertaintyBudget)>, Error> {
        let (mut inputs, mut whence) = (Vec::new(), Vec::new());
        let mut components = Vec::new();
        let mut unstated = self.unstated.clone();
        let scaled = self.fits.iter().map(|scatter| {
            let flow = at_flow_m3_s.clamp(scatter.curve.q_min_m3_s(), scatter.curve.q_max_m3_s());
            let here = scatter.curve.read(flow).ok().and_then(|r| r.standard_error);
            let scale = match here {
                Some(here) if scatter.reference > 0.0 => here / scatter.reference,
                _ => 1.0,
            };
            (&scatter.effect, scale)
        });
        for (effect, scale) in self.effects.iter().map(|e| (e, 1.0)).chain(scaled) {
            let of = |judged: &Option<Judged>| {
                let (curves, assessment) = judged.as_ref()?;
                read(curves, assessment)
            };
            let component = match (of(&effect.up), of(&effect.down)) {
                (Some(up), Some(down)) => 0.5 * (up - down),
                // At the end of the measured range only one side can be read.
                (Some(up), None) => up - value,
                (None, Some(down)) => value - down,
                (None, None) => {
                    if !unstated.contains(&effect.source) {
                        unstated.push(effect.source);
                    }
                    continue;
                }
            };
            if component == 0.0 {
                continue;
            }
            let component = component * scale;
            let distribution = Distribution::Normal {
                standard_uncertainty: component.abs(),
            };
            let freedom = effect.degrees_of_freedom;
            inputs.push(Input::new("", 0.0, distribution, freedom)?);
            components.push(component.signum());
            whence.push((effect.source, effect.evaluation));
        }
        if inputs.is_empty() {
            return Ok(None);
        }
        let none = Correlations::none(inputs.len());
        let budget = Budget::from_sensitivities(value, &inputs, &components, &none)?;
        let expanded = budget.expanded(K2_LEVEL, Freedom::AsComputed)?;
        let finite = |nu: f64| Some(nu).filter(|nu| nu.is_finite());
        let contributions = budget.contributions.iter().zip(whence);
        unstated.sort_unstable();
        Ok(Some((
            expanded.uncertainty,
            UncertaintyBudget {
                formula: "uncertainty.gum.v1".into(),
                standard_uncertainty: budget.standard_uncertainty,
                degrees_of_freedom: finite(budget.degrees_of_freedom),
                level: expanded.level,
                coverage_factor: expanded.coverage_factor,
                contributions: contributions
                    .map(|(c, (source, evaluation))| Contribution {
                        source,
                        evaluation,
                        component: c.component,
                        degrees_of_freedom: finite(c.degrees_of_freedom),
                        share: c.share,
                    })
                    .collect(),
                unstated,
            },
        )))
    }
}

/// The points, to be moved and judged again.
struct Moving<'a> {
    setup: &'a Setup,
    points: Vec<&'a Reduced>,
    unit: bool,
}

impl Moving<'_> {
    fn effect(
        &self,
        source: Source,
        evaluation: Evaluation,
        moved: Moved,
        amounts: &[f64],
    ) -> Effect {
        let judged = |sign: f64| {
            let points: Vec<Reduced> = self
                .points
                .iter()
                .zip(amounts)
                .map(|(point, amount)| moved.by(point, sign * amount))
                .collect();
            let points: Vec<&Reduced> = points.iter().collect();
            let curves = curves(&points, &self.setup.fit).ok()?;
            let assessment =
                judge(self.setup, &curves, self.unit, &Uncertainties::default()).ok()?;
            Some((curves, assessment))
        };
        Effect {
            source,
            evaluation,
            degrees_of_freedom: f64::INFINITY,
            up: judged(1.0),
            down: judged(-1.0),
        }
    }
}

impl Moved {
    /// The point with this moved, and everything that follows from it.
    fn by(self, point: &Reduced, amount: f64) -> Reduced {
        let mut moved = point.clone();
        let terms = &point.head_terms;
        let weight = point.density_kg_m3 * point.gravity_m_s2;
        match self {
            Self::Flow => {
                moved.flow_m3_s += amount;
                if point.flow_m3_s > 0.0 {
                    // Velocity head and loss go with the square of the flow.
                    let ratio = moved.flow_m3_s / point.flow_m3_s;
                    moved.head_m += (ratio * ratio - 1.0) * (terms.velocity_m + terms.friction_m);
                }
            }
            Self::OutletPressure => moved.head_m += amount / weight,
            Self::InletPressure => moved.head_m -= amount / weight,
            Self::WaterLevel => moved.head_m -= amount,
            Self::Height => moved.head_m += amount,
            Self::TapBore => {
                let ratio = 1.0 + amount;
                let fourth = ratio * ratio * ratio * ratio;
                moved.head_m += terms.velocity_m * (1.0 / fourth - 1.0);
            }
            Self::Gravity => {
                moved.gravity_m_s2 += amount;
                let ratio = point.gravity_m_s2 / moved.gravity_m_s2;
                moved.head_m += (terms.pressure_m + terms.velocity_m) * (ratio - 1.0);
            }
            Self::Cable => moved.power_w -= amount,
            Self::Density => {
                moved.density_kg_m3 += amount;
                moved.head_m +=
                    terms.pressure_m * (point.density_kg_m3 / moved.density_kg_m3 - 1.0);
            }
            Self::Power => moved.power_w += amount,
            Self::HeadOnly => {
                moved.head_m += amount;
                return moved;
            }
            Self::PowerOnly => {
                moved.power_w += amount;
                return moved;
            }
            Self::EfficiencyOnly => {
                moved.efficiency += amount;
                return moved;
            }
        }
        let hydraulic_w = moved.density_kg_m3 * moved.gravity_m_s2 * moved.flow_m3_s * moved.head_m;
        moved.efficiency = hydraulic_w / moved.power_w;
        moved
    }
}

fn shown<'a>(channel: &Channel, point: &'a Point) -> Option<&'a ChannelStatistics> {
    point.channels.iter().find(|s| s.channel == channel.name)
}

/// Standard uncertainty of the mean of some channels from their calibrations: channels of
/// one instrument err together, different instruments independently.
fn calibration(group: &[&Channel], point: &Point) -> Result<f64, Error> {
    let mut instruments: BTreeMap<&str, f64> = BTreeMap::new();
    let mut channels = 0;
    for channel in group {
        let Some(shown) = shown(channel, point) else {
            continue;
        };
        let instrument = &channel.instrument;
        let [low, high] = instrument.range;
        let span = channel.unit.to_internal(high) - channel.unit.to_internal(low);
        // Certificates state k = 2.
        let standard = 0.5
            * uncertainty::root_sum_square(&[
                (instrument.calibration.u_reading_pct / 100.0 * shown.mean).abs(),
                (instrument.calibration.u_range_pct / 100.0 * span).abs(),
            ])?;
        *instruments.entry(&instrument.tag).or_default() += standard;
        channels += 1;
    }
    if channels == 0 {
        return Ok(0.0);
    }
    let each: Vec<f64> = instruments.into_values().collect();
    Ok(uncertainty::root_sum_square(&each)? / count(channels))
}

/// Standard uncertainty of the mean of some channels from the scatter of their readings, and
/// its degrees of freedom; none for fewer than three readings.
fn fluctuation(group: &[&Channel], point: &Point) -> Result<Option<(f64, f64)>, Error> {
    let mut each = Vec::new();
    let mut fewest = u32::MAX;
    for channel in group {
        if let Some(shown) = shown(channel, point).filter(|s| s.samples >= 3) {
            each.push(shown.sd / f64::from(shown.samples).sqrt());
            fewest = fewest.min(shown.samples);
        }
    }
    if each.is_empty() {
        return Ok(None);
    }
    let mean = uncertainty::root_sum_square(&each)? / count(each.len());
    Ok(Some((mean, f64::from(fewest - 1))))
}
