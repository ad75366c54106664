//! The uncertainty of the results: calibration and scatter, by root sum of squares.

use super::count;
use crate::{Error, Setup};
use dutypoint_hydraulics::pack::{ClassLimit, Measured, Standard};
use dutypoint_hydraulics::{stats, uncertainty};
use dutypoint_model::Bilingual;
use dutypoint_model::document::{Channels, Item, Point, Reduced, Role};

/// Overall relative uncertainties (k = 2, about 95 %) at the point nearest the guarantee.
pub(super) struct Budget {
    pub(super) flow_pct: f64,
    pub(super) head_pct: f64,
    pub(super) power_pct: f64,
    pub(super) efficiency_pct: f64,
    /// Number of that point.
    pub(super) point: u32,
    /// What the instruments alone bring into flow, outlet head and input power.
    instruments: [(Measured, f64); 3],
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
        // Of the loss between pump outlet and tap, which is part of the head.
        let loss = reduced.outlet_loss.as_ref();
        let loss_pct = loss.map_or(0.0, |loss| {
            100.0 * loss.expanded_uncertainty_m / reduced.head_m.abs()
        });
        let head_pct =
            uncertainty::root_sum_square(&[outlet.overall_pct, level.overall_pct, loss_pct])?;
        let (flow_pct, power_pct) = (flow.overall_pct, power.overall_pct);
        Ok(Some(Self {
            flow_pct,
            head_pct,
            power_pct,
            efficiency_pct: uncertainty::unit_efficiency_pct(flow_pct, head_pct, power_pct)?,
            point: point.number,
            instruments: [
                (Measured::Flow, flow.systematic_pct),
                (Measured::OutletHead, outlet.systematic_pct),
                (Measured::InputPower, power.systematic_pct),
            ],
        }))
    }

    /// Every uncertainty that the pack limits, of the instruments alone and of the results.
    pub(super) fn held<'a>(&self, standard: &'a Standard, class: u8) -> Vec<Held<'a>> {
        let instruments = self.instruments.iter().map(|(measured, value)| {
            let row = standard.instrument_uncertainty(*measured, class);
            (true, *measured, *value, row)
        });
        let results = [
            (Measured::Flow, self.flow_pct),
            (Measured::TotalHead, self.head_pct),
            (Measured::InputPower, self.power_pct),
            (Measured::UnitEfficiency, self.efficiency_pct),
        ]
        .map(|(measured, value)| {
            let row = standard.overall_uncertainty(measured, class);
            (false, measured, value, row)
        });
        instruments
            .chain(results)
            .filter_map(|(instrument, measured, value_pct, row)| {
                // A limit the pack does not state bars nothing.
                let row = row.ok()?;
                Some(Held {
                    instrument,
                    measured,
                    value_pct,
                    row,
                    row_pct: row.of_class(class)?,
                })
            })
            .collect()
    }
}

/// An uncertainty against the row of the pack that limits it.
pub(super) struct Held<'a> {
    /// Of the instruments alone, or of the result.
    pub(super) instrument: bool,
    measured: Measured,
    pub(super) value_pct: f64,
    pub(super) row: &'a ClassLimit,
    pub(super) row_pct: f64,
}

impl Held<'_> {
    /// Name among the inputs of a finding.
    pub(super) fn key(&self) -> &'static str {
        match self.measured {
            Measured::Flow => "flow",
            Measured::OutletHead => "outlet_head",
            Measured::TotalHead => "head",
            Measured::InputPower => "input_power",
            _ => "efficiency",
        }
    }

    /// What it is the uncertainty of, in words.
    pub(super) fn text(&self) -> Bilingual {
        let name = match self.measured {
            Measured::Flow => Role::Flow.text(),
            Measured::OutletHead => Role::OutletPressure.text(),
            Measured::TotalHead => Bilingual::new("扬程", "head"),
            Measured::InputPower => Role::InputPower.text(),
            _ => Item::UnitEfficiency.text(),
        };
        let (zh, en) = (name.zh, name.en.to_lowercase());
        if self.instrument {
            Bilingual::new(
                format!("{zh}的仪表不确定度"),
                format!("instrument uncertainty of {en}"),
            )
        } else {
            Bilingual::new(
                format!("{zh}的总不确定度"),
                format!("overall uncertainty of {en}"),
            )
        }
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
