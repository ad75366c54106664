//! The uncertainty of the results: calibration and scatter, by root sum of squares.

use super::count;
use crate::{Error, Setup};
use dutypoint_hydraulics::pack::{Measured, Standard};
use dutypoint_hydraulics::{stats, uncertainty};
use dutypoint_model::Bilingual;
use dutypoint_model::document::{Channels, Item, Point, Reduced, Role};

/// Overall relative uncertainties (k = 2, about 95 %) at the point nearest the guarantee.
pub(super) struct Budget {
    pub(super) flow_pct: f64,
    pub(super) head_pct: f64,
    pub(super) power_pct: f64,
    pub(super) efficiency_pct: f64,
    /// What the instruments alone bring into flow, outlet head and input power.
    instruments: [(Measured, Role, f64); 3],
}

/// Relative uncertainty of what the channels of a role bring in.
struct Part {
    systematic_pct: f64,
    overall_pct: f64,
}

impl Budget {
    /// None for a run whose instruments are unknown (an import).
    pub(super) fn new(
        setup: &Setup,
        channels: &Channels,
        accepted: &[&Point],
    ) -> Result<Option<Self>, Error> {
        let mut nearest: Option<(&Point, &Reduced)> = None;
        for point in accepted {
            let Some(reduced) = &point.reduced else {
                continue;
            };
            let away = |r: &Reduced| (r.flow_m3_s - setup.flow_m3_s).abs();
            if nearest.is_none_or(|(_, best)| away(reduced) < away(best)) {
                nearest = Some((point, reduced));
            }
        }
        let (Some((point, reduced)), false) = (nearest, channels.channels.is_empty()) else {
            return Ok(None);
        };
        let flow = part(channels, point, Role::Flow, reduced.flow_m3_s)?;
        let power = part(channels, point, Role::InputPower, reduced.power_w)?;
        // A pressure error moves the head by dp/(ρ g), a level error one to one.
        let pressure_per_m = reduced.density_kg_m3 * reduced.gravity_m_s2;
        let outlet = part(
            channels,
            point,
            Role::OutletPressure,
            reduced.head_m * pressure_per_m,
        )?;
        let level = part(channels, point, Role::WaterLevel, reduced.head_m)?;
        let head_pct = uncertainty::root_sum_square(&[outlet.overall_pct, level.overall_pct])?;
        let (flow_pct, power_pct) = (flow.overall_pct, power.overall_pct);
        Ok(Some(Self {
            flow_pct,
            head_pct,
            power_pct,
            efficiency_pct: uncertainty::unit_efficiency_pct(flow_pct, head_pct, power_pct)?,
            instruments: [
                (Measured::Flow, Role::Flow, flow.systematic_pct),
                (
                    Measured::OutletHead,
                    Role::OutletPressure,
                    outlet.systematic_pct,
                ),
                (Measured::InputPower, Role::InputPower, power.systematic_pct),
            ],
        }))
    }

    /// What exceeds the uncertainty the pack permits, of the result or of the instruments
    /// alone, in words.
    pub(super) fn over_limit(&self, standard: &Standard, class: u8) -> Vec<Bilingual> {
        let instruments = self
            .instruments
            .iter()
            .filter_map(|(measured, role, value)| {
                let limit = standard.instrument_uncertainty_pct(*measured, class).ok()?;
                let name = role.text();
                (*value > limit).then(|| {
                Bilingual::new(
                    format!("{}的仪表不确定度 {value:.2} % 超过允许值 {limit} %", name.zh),
                    format!(
                        "instrument uncertainty of {} {value:.2} % exceeds the permitted {limit} %",
                        name.en.to_lowercase()
                    ),
                )
            })
            });
        self.overall(standard, class)
            .into_iter()
            .chain(instruments)
            .collect()
    }

    fn overall(&self, standard: &Standard, class: u8) -> Vec<Bilingual> {
        [
            (Measured::Flow, self.flow_pct, Role::Flow.text()),
            (
                Measured::TotalHead,
                self.head_pct,
                Bilingual::new("扬程", "head"),
            ),
            (
                Measured::InputPower,
                self.power_pct,
                Role::InputPower.text(),
            ),
            (
                Measured::UnitEfficiency,
                self.efficiency_pct,
                Item::UnitEfficiency.text(),
            ),
        ]
        .into_iter()
        .filter_map(|(measured, value, name)| {
            // A limit the pack does not state bars nothing.
            let limit = standard.overall_uncertainty_pct(measured, class).ok()?;
            (value > limit).then(|| {
                Bilingual::new(
                    format!("{}的总不确定度 {value:.2} % 超过允许值 {limit} %", name.zh),
                    format!(
                        "overall uncertainty of {} {value:.2} % exceeds the permitted {limit} %",
                        name.en.to_lowercase()
                    ),
                )
            })
        })
        .collect()
    }
}

/// Relative overall uncertainty that the channels of `role` bring into a quantity worth
/// `reference` in the channel's internal unit: calibration and scatter of the mean.
fn part(channels: &Channels, point: &Point, role: Role, reference: f64) -> Result<Part, Error> {
    let (mut parts, mut instruments) = (Vec::new(), Vec::new());
    for channel in channels.channels.iter().filter(|c| c.role == role) {
        let Some(shown) = point.channels.iter().find(|s| s.channel == channel.name) else {
            continue;
        };
        let calibration = &channel.instrument.calibration;
        let [low, high] = channel.instrument.range;
        let span = channel.unit.to_internal(high) - channel.unit.to_internal(low);
        let systematic = uncertainty::root_sum_square(&[
            calibration.u_reading_pct / 100.0 * shown.mean,
            calibration.u_range_pct / 100.0 * span,
        ])?;
        let samples = usize::try_from(shown.samples).unwrap_or(usize::MAX);
        let random = if samples >= 3 {
            stats::student_t_95(samples)? * shown.sd / count(samples).sqrt()
        } else {
            0.0
        };
        let systematic_pct = 100.0 * systematic / reference.abs();
        instruments.push(systematic_pct);
        parts.push(uncertainty::overall_pct(
            100.0 * random / reference.abs(),
            systematic_pct,
        )?);
    }
    if parts.is_empty() {
        return Err(Error::Missing(role));
    }
    Ok(Part {
        systematic_pct: uncertainty::root_sum_square(&instruments)?,
        overall_pct: uncertainty::root_sum_square(&parts)?,
    })
}
