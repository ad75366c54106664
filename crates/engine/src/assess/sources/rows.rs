//! By how much each source moves each point: one standard uncertainty, point by point.

use super::moved::Moved;
use crate::assess::count;
use crate::reduce::ATMOSPHERE_PA;
use crate::{Error, Setup};
use dutypoint_hydraulics::{uncertainty, water};
use dutypoint_model::document::{
    Channel, ChannelStatistics, Channels, Evaluation, Point, PowerKind, Reduced, Repeated, Role,
    Source,
};
use dutypoint_model::{Measure, Quantity};
use std::collections::BTreeMap;

/// One source and what it does to every point, in the order of the points.
pub(crate) struct Row {
    pub(crate) source: Source,
    pub(crate) evaluation: Evaluation,
    pub(crate) moved: Moved,
    /// Standard uncertainty at each point, in internal units; 0 where it has none.
    pub(crate) amounts: Vec<f64>,
    /// Degrees of freedom at each point; infinitely many for what is known.
    pub(crate) freedom: Vec<f64>,
}

/// Every source of some points.
pub(crate) struct Rows {
    pub(crate) list: Vec<Row>,
    /// Sources for which nobody states an uncertainty.
    pub(crate) unstated: Vec<Source>,
}

/// A point as it was measured, and what is judged of it.
pub(crate) type Pair<'a> = (&'a Point, &'a Reduced);

/// The accepted points beside what is judged of them.
pub(crate) fn pairs<'a>(accepted: &[&'a Point], judged: &'a [Reduced]) -> Vec<Pair<'a>> {
    // What is judged of a point stands beside it in the same order.
    let measured = accepted.iter().filter(|point| point.reduced.is_some());
    measured.copied().zip(judged).collect()
}

impl Rows {
    /// None for a run whose instruments are unknown (an import).
    pub(crate) fn new(
        setup: &Setup,
        channels: &Channels,
        points: &[Pair<'_>],
    ) -> Result<Option<Self>, Error> {
        let (Some((_, first)), false) = (points.first(), channels.channels.is_empty()) else {
            return Ok(None);
        };
        let power = match first.power_kind {
            PowerKind::MotorInput => Role::InputPower,
            PowerKind::Shaft => Role::ShaftPower,
        };
        let mut rows = Self {
            list: Vec::new(),
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
            let group = group(channels, role);
            if group.is_empty() {
                continue;
            }
            let calibrated: Vec<f64> = points
                .iter()
                .map(|(point, _)| calibration(&group, point))
                .collect::<Result<_, _>>()?;
            rows.known(source, moved, calibrated);
            let observed = points
                .iter()
                .map(|(point, _)| fluctuation(&group, point))
                .collect::<Result<Vec<_>, Error>>()?;
            rows.observed(source, moved, observed);
        }
        for (quantity, moved) in [
            (Repeated::Flow, Moved::Flow),
            (Repeated::Head, Moved::Height),
            (Repeated::Power, Moved::Power),
        ] {
            let between = points
                .iter()
                .map(|(point, _)| between_sets(quantity, point));
            rows.observed(Source::Repeats, moved, between.collect());
        }
        rows.density(channels, points)?;
        rows.bench(setup, points)?;
        rows.outlet_loss(points);
        Ok(Some(rows))
    }

    /// A source that is known otherwise than by observation; unstated where it moves nothing.
    fn known(&mut self, source: Source, moved: Moved, amounts: Vec<f64>) {
        if amounts.iter().any(|u| *u > 0.0) {
            self.stated(source, moved, amounts);
        } else {
            self.unstated.push(source);
        }
    }

    /// What the readings of some points show of themselves.
    fn observed(&mut self, source: Source, moved: Moved, observed: Vec<Option<(f64, f64)>>) {
        if observed.iter().any(Option::is_some) {
            let found = observed.into_iter();
            let (amounts, freedom) = found.map(|f| f.unwrap_or((0.0, f64::INFINITY))).unzip();
            self.list.push(Row {
                source,
                evaluation: Evaluation::Observed,
                moved,
                amounts,
                freedom,
            });
        }
    }

    fn stated(&mut self, source: Source, moved: Moved, amounts: Vec<f64>) {
        self.list.push(Row {
            source,
            evaluation: Evaluation::Known,
            moved,
            freedom: vec![f64::INFINITY; amounts.len()],
            amounts,
        });
    }

    /// Standard uncertainty of a quantity of one point, of every source together.
    pub(crate) fn standard_uncertainty(
        &self,
        points: &[Pair<'_>],
        place: usize,
        read: fn(&Reduced) -> f64,
    ) -> f64 {
        let mut squares = 0.0;
        for row in &self.list {
            let component = row.component(points, place, read);
            squares += component * component;
        }
        squares.sqrt()
    }

    /// Density follows from the temperature.
    fn density(&mut self, channels: &Channels, points: &[Pair<'_>]) -> Result<(), Error> {
        let group = group(channels, Role::WaterTemperature);
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
        self.known(Source::Density, Moved::Density, amounts);
        Ok(())
    }

    /// What the bench file says of its own numbers.
    fn bench(&mut self, setup: &Setup, points: &[Pair<'_>]) -> Result<(), Error> {
        let Some(bench) = &setup.bench else {
            return Ok(());
        };
        let length = |measure: &Option<Measure>| {
            let internal = |m: &Measure| m.internal(Quantity::Length).map_err(Error::Config);
            measure.as_ref().map(internal).transpose()
        };
        let stated = &bench.uncertainty;
        let tap_bore_m = length(&Some(bench.geometry.tap_bore))?.unwrap_or(f64::NAN);
        let half = |expanded: Option<f64>| expanded.map(|u| vec![0.5 * u; points.len()]);
        let cable = stated.cable_loss_pct.map(|pct| {
            let losses = points.iter().map(|(_, p)| p.cable_loss_w.unwrap_or(0.0));
            losses.map(|loss_w| 0.5 * pct / 100.0 * loss_w).collect()
        });
        // A loss that stays in the power is part of what was measured.
        let with_cable = points.iter().any(|(_, p)| p.cable_loss_removed);
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
                Some(amounts) => self.stated(source, moved, amounts),
                None => self.unstated.push(source),
            }
        }
        Ok(())
    }

    /// The loss from pump outlet to tap, whose uncertainty every point states. It is wrong in
    /// one direction at all of them.
    fn outlet_loss(&mut self, points: &[Pair<'_>]) {
        let of = |(_, r): &Pair<'_>| {
            r.outlet_loss
                .map_or(0.0, |l| 0.5 * l.expanded_uncertainty_m)
        };
        let amounts: Vec<f64> = points.iter().map(of).collect();
        let stated = amounts.iter().any(|u| *u > 0.0);
        if stated || points.iter().any(|(_, r)| r.head_terms.friction_m != 0.0) {
            self.known(Source::OutletLoss, Moved::Height, amounts);
        }
    }
}

impl Row {
    /// What one standard uncertainty of the source brings into a quantity of one point.
    pub(crate) fn component(
        &self,
        points: &[Pair<'_>],
        place: usize,
        read: fn(&Reduced) -> f64,
    ) -> f64 {
        let (Some((_, point)), Some(amount)) = (points.get(place), self.amounts.get(place)) else {
            return 0.0;
        };
        let at = |amount: f64| read(&self.moved.by(point, amount));
        0.5 * (at(*amount) - at(-amount))
    }
}

pub(crate) fn group(channels: &Channels, role: Role) -> Vec<&Channel> {
    let of_role = channels.channels.iter().filter(|c| c.role == role);
    of_role.collect()
}

fn shown<'a>(channel: &Channel, point: &'a Point) -> Option<&'a ChannelStatistics> {
    point.channels.iter().find(|s| s.channel == channel.name)
}

/// Standard uncertainty of the mean of some channels from their calibrations: channels of
/// one instrument err together, different instruments independently.
pub(crate) fn calibration(group: &[&Channel], point: &Point) -> Result<f64, Error> {
    let mut instruments: BTreeMap<&str, f64> = BTreeMap::new();
    let mut channels = 0;
    for channel in group {
        let Some(shown) = shown(channel, point) else {
            continue;
        };
        let instrument = &channel.instrument;
        let mut parts = instrument
            .calibration
            .standard_uncertainties(shown.mean, instrument.range, channel.unit)
            .to_vec();
        // The zero may have moved by as much as is permitted, in either direction (GUM 4.3.7).
        let drift = channel.zero.map_or(0.0, |zero| {
            channel.unit.to_internal(zero.drift_limit) - channel.unit.to_internal(0.0)
        });
        parts.push(drift / 3.0_f64.sqrt());
        let standard = uncertainty::root_sum_square(&parts)?;
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
/// its degrees of freedom; none for fewer than three readings, and for a point of repeated
/// sets, whose scatter holds it.
fn fluctuation(group: &[&Channel], point: &Point) -> Result<Option<(f64, f64)>, Error> {
    if point.sets.is_some() {
        return Ok(None);
    }
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

/// Standard uncertainty of the mean of repeated sets from the scatter between them, and its
/// degrees of freedom; none for a point of one set.
fn between_sets(quantity: Repeated, point: &Point) -> Option<(f64, f64)> {
    let sets = point.sets.as_ref()?;
    let found = sets.quantities.iter().find(|q| q.quantity == quantity)?;
    let taken = count(sets.attempts.len());
    Some((found.sd / taken.sqrt(), taken - 1.0))
}
