//! One window of all channels: their statistics, whether they stand still, and if not,
//! which one and why.

use crate::entries;
use crate::run::NEEDED;
use crate::watch::Watch;
use crate::{Error, Setup};
use dutypoint_hydraulics::Error as HydraulicsError;
use dutypoint_hydraulics::pack::{Measured, Standard};
use dutypoint_hydraulics::steady::{self, Amplitude, Limits, Reason, Window};
use dutypoint_model::document::{Channel, ChannelStatistics, Channels, Role, Steadiness};
use dutypoint_model::{Bilingual, Unit, Verdict};
use std::collections::BTreeMap;

/// What a window shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Look {
    /// Per channel.
    pub(crate) statistics: Vec<ChannelStatistics>,
    /// Per channel that the standard limits.
    pub(crate) steadiness: Vec<Steadiness>,
    /// The channel that is furthest from steady, in words.
    pub(crate) unsteady: Option<Bilingual>,
    /// Whether a needed channel gave too few readings: no set at all.
    pub(crate) incomplete: bool,
}

/// Looks at the window from `from_ns` on.
///
/// # Errors
/// [`Error::Hydraulics`] when the pack lacks a limit or a statistic is not finite.
pub(crate) fn look(setup: &Setup, watch: &Watch, from_ns: i64) -> Result<Look, Error> {
    let mut look = Look::default();
    let mut furthest = 0.0;
    let means: BTreeMap<Role, f64> = watch.latest();
    for (n, channel) in watch.channels().channels.iter().enumerate() {
        if channel.entered.is_some() {
            match watch.agreed(n) {
                Some(agreed) => look.statistics.push(agreed.statistics(channel)),
                None if NEEDED.contains(&channel.role) && furthest < f64::INFINITY => {
                    furthest = f64::INFINITY;
                    look.unsteady = Some(entries::lacking(channel));
                    look.incomplete = true;
                }
                None => {}
            }
            continue;
        }
        let (times_s, values, bad) = watch.samples(n, from_ns);
        // Nothing is further from steady than what is not there.
        if NEEDED.contains(&channel.role) && furthest < f64::INFINITY {
            let few = too_few(setup, watch.channels(), channel, values.len())?;
            if few.is_some() {
                furthest = f64::INFINITY;
                look.unsteady = few;
                look.incomplete = true;
            }
        }
        if values.len() < 3 {
            continue;
        }
        let limits = limits(setup, channel.role, &means)?;
        let window = Window {
            times_s: &times_s,
            values: &values,
            reference: Some(setup.flow_m3_s),
        };
        // Without a limit the amplitude is still recorded, held against infinity.
        let judged = steady::judge(
            &window,
            &limits.unwrap_or(Limits {
                amplitude: Amplitude::Absolute(f64::MAX),
                drift_pct: 0.0,
                floor_pct: None,
            }),
        )?;
        look.statistics.push(ChannelStatistics {
            channel: channel.name.clone(),
            samples: u32::try_from(judged.summary.count).unwrap_or(u32::MAX),
            bad,
            mean: judged.summary.mean,
            sd: judged.summary.sd.unwrap_or(0.0),
            low: judged.summary.min,
            high: judged.summary.max,
            slope_per_s: judged.drift / judged.window_s,
            time_half_width_s: watch.time_half_width_s(n, from_ns),
        });
        let (Some(limits), tag) = (&limits, &channel.instrument.tag) else {
            continue;
        };
        let steady = judged.verdict == Verdict::Pass;
        let beyond = excess(&judged);
        if !steady && beyond > furthest {
            furthest = beyond;
            look.unsteady = Some(describe(tag, channel.role, &judged, limits));
        }
        look.steadiness.push(Steadiness {
            channel: channel.name.clone(),
            role: channel.role,
            amplitude: judged.amplitude,
            amplitude_limit: judged.amplitude_limit,
            drift: judged.drift,
            drift_limit: judged.drift_limit,
            steady,
        });
    }
    Ok(look)
}

/// Why a window with so many readings of a channel is none; none where they are enough.
#[expect(clippy::cast_precision_loss, reason = "a count of readings")]
fn too_few(
    setup: &Setup,
    channels: &Channels,
    channel: &Channel,
    readings: usize,
) -> Result<Option<Bilingual>, Error> {
    let laboratory = setup.standard().laboratory()?;
    let period_ms = channels
        .polls
        .iter()
        .find(|p| p.id == channel.poll)
        .map_or(0, |p| p.period_ms);
    let (tag, name) = (&channel.instrument.tag, &channel.name);
    if let (Some(pct), true) = (laboratory.least_readings_pct, period_ms > 0) {
        let expected = laboratory.averaging_window_s * 1e3 / f64::from(period_ms);
        if (readings as f64) < pct / 100.0 * expected {
            return Ok(Some(Bilingual::new(
                format!(
                    "{tag} {name}：窗口内读数 {readings} 个，应有 {expected:.0} 个，少于 {pct} %"
                ),
                format!(
                    "{tag} {name}: {readings} of {expected:.0} readings in the window, fewer than {pct} %"
                ),
            )));
        }
    }
    Ok((readings < 3).then(|| {
        Bilingual::new(
            format!("{tag} {name}：读数不足"),
            format!("{tag} {name}: too few readings"),
        )
    }))
}

/// The limits a channel is held against; none for what the standard does not limit.
fn limits(setup: &Setup, role: Role, means: &BTreeMap<Role, f64>) -> Result<Option<Limits>, Error> {
    let pack = setup.standard();
    let class = setup.class;
    let absolute = |limits: Limits, reference: f64| Limits {
        amplitude: match limits.amplitude {
            Amplitude::PercentOfMean(pct) => Amplitude::Absolute(pct / 100.0 * reference),
            absolute @ Amplitude::Absolute(_) => absolute,
        },
        ..limits
    };
    Ok(match role {
        Role::Flow => Some(pack.steady_limits(Measured::Flow, class)?),
        Role::OutletPressure => Some(head_limits(pack, Measured::OutletHead, class)?),
        // The level's mean depends on where the sensor hangs: its fluctuation is held
        // against the pump's total head, as for heads measured separately.
        Role::WaterLevel => Some(absolute(
            head_limits(pack, Measured::InletHead, class)?,
            setup.head_m,
        )),
        Role::InputPower => Some(pack.steady_limits(Measured::InputPower, class)?),
        Role::Frequency => Some(pack.steady_limits(Measured::Speed, class)?),
        // A change of the slip changes the speed by its share of the supply frequency.
        Role::SlipFrequency => Some(absolute(
            pack.steady_limits(Measured::Speed, class)?,
            means.get(&Role::Frequency).copied().unwrap_or(0.0),
        )),
        // Editions before 2012 do not limit it.
        Role::WaterTemperature => match pack.steady_limits(Measured::Temperature, class) {
            Ok(limits) => Some(limits),
            Err(HydraulicsError::NotInPack { .. }) => None,
            Err(error) => return Err(error.into()),
        },
        _ => None,
    })
}

/// The limits of a head measured separately: its own, or those of the total head, to which
/// editions before 2012 relate both.
fn head_limits(pack: &Standard, head: Measured, class: u8) -> Result<Limits, HydraulicsError> {
    match pack.steady_limits(head, class) {
        Err(HydraulicsError::NotInPack { .. }) => pack.steady_limits(Measured::TotalHead, class),
        found => found,
    }
}

/// How many times its limit a channel moves.
fn excess(judged: &steady::Steadiness) -> f64 {
    let times = |moved: f64, limit: f64| moved.abs() / limit.max(f64::MIN_POSITIVE);
    times(judged.amplitude, judged.amplitude_limit).max(times(judged.drift, judged.drift_limit))
}

/// What is not steady, in words that name the channel, the quantity and the limit: in
/// percent where the limit is a share of the channel's mean, else in the channel's unit.
fn describe(tag: &str, role: Role, judged: &steady::Steadiness, limits: &Limits) -> Bilingual {
    let name = role.text();
    let share = match limits.amplitude {
        Amplitude::PercentOfMean(pct) => Some((pct, limits.drift_pct)),
        Amplitude::Absolute(_) => None,
    };
    let (zh, en, value, limit, of_mean) = match judged.reason {
        Reason::Drifts => (
            "漂移",
            "drifts",
            judged.drift.abs(),
            judged.drift_limit,
            share.map(|(_, drift)| drift),
        ),
        _ => (
            "波动",
            "fluctuates",
            judged.amplitude,
            judged.amplitude_limit,
            share.map(|(amplitude, _)| amplitude),
        ),
    };
    let mean = judged.summary.mean.abs();
    // A floor below which no limit is asked for is no share of the mean.
    let in_percent = of_mean.filter(|pct| mean > 0.0 && limit <= pct / 100.0 * mean * 1.000_001);
    let (value, limit, unit) = match in_percent {
        Some(_) => {
            let pct = |value: f64| 100.0 * value / mean;
            let (value, limit) = apart(pct(value), pct(limit), 2);
            (value, limit, "%")
        }
        None => {
            let (unit, decimals) = role.shown_in();
            // One decimal more than the value is read with: movements are small.
            let (value, limit) = apart(span(unit, value), span(unit, limit), decimals + 1);
            (value, limit, unit.printed())
        }
    };
    Bilingual::new(
        format!("{tag} {}{zh} {value} {unit}，允许 {limit} {unit}", name.zh),
        format!(
            "{tag} {} {en} by {value} {unit}, permitted {limit} {unit}",
            name.en
        ),
    )
}

/// Both numbers with so many decimals, or with as many as it takes to tell them apart.
fn apart(value: f64, limit: f64, decimals: usize) -> (String, String) {
    let both = |n: usize| (format!("{value:.n$}"), format!("{limit:.n$}"));
    (decimals..decimals + 6)
        .map(both)
        .find(|(value, limit)| value != limit)
        .unwrap_or_else(|| both(decimals))
}

/// A difference in `unit`: an offset of the unit's zero does not count.
fn span(unit: Unit, value: f64) -> f64 {
    unit.from_internal(value) - unit.from_internal(0.0)
}

#[cfg(test)]
mod tests {
    use super::{Amplitude, Measured, Standard, head_limits};

    /// The 1999 edition relates heads measured separately to the total head: ±3 and ±6 %.
    #[test]
    fn a_head_without_a_row_of_its_own_keeps_that_of_the_total_head() {
        let limit = |pack: &str, class| {
            let pack = Standard::from_toml("pack.toml", pack).unwrap();
            head_limits(&pack, Measured::OutletHead, class)
                .unwrap()
                .amplitude
        };
        let old = include_str!("../../../config/standards/gbt3216-2005.toml");
        assert_eq!(limit(old, 1), Amplitude::PercentOfMean(3.0));
        assert_eq!(limit(old, 2), Amplitude::PercentOfMean(6.0));
        let new = include_str!("../../../config/standards/gbt3216-2016.toml");
        assert_eq!(limit(new, 1), Amplitude::PercentOfMean(2.0));
    }
}
