//! What the bench shows beside what an old system shows of the same quantities.

use crate::line_check::values;
use dutypoint_fieldbus::Exchange;
use dutypoint_hydraulics::stats;
use dutypoint_model::document::{Channel, Channels};
use serde::Serialize;

/// One quantity at one point, both numbers in our channel's unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Name of both channels.
    pub channel: String,
    /// Unit of the numbers, as files write it.
    pub unit: String,
    /// Mean of our readings.
    pub ours: Option<f64>,
    /// Number of our readings.
    pub our_readings: usize,
    /// Mean of theirs.
    pub theirs: Option<f64>,
    /// Number of theirs.
    pub their_readings: usize,
    /// Ours less theirs.
    pub difference: Option<f64>,
    /// Combined standard uncertainty of the difference: both calibrations and the scatter of
    /// both means. Absent where one of the two has no calibration.
    pub u: Option<f64>,
    /// |difference| / (2 u), as a comparison of laboratories takes E_n with k = 2.
    pub en: Option<f64>,
}

/// One side's mean and what is known of it.
struct Side {
    mean: Option<f64>,
    readings: usize,
    /// Variance of the mean, where its calibration is known.
    variance: Option<f64>,
}

fn side(channel: &Channel, exchanges: &[Exchange], unit: dutypoint_model::Unit) -> Side {
    // A difference: the offset of a unit's zero does not count.
    let span = |value: f64| unit.from_internal(value) - unit.from_internal(0.0);
    let own: Vec<f64> = values(channel, exchanges)
        .0
        .into_iter()
        .map(|value| channel.unit.to_internal(value))
        .collect();
    let summary = stats::summary(&own).ok();
    let variance = summary.and_then(|s| {
        let calibration = &channel.instrument.calibration;
        let range = channel.instrument.range;
        let scatter = span(s.sd?);
        let count = f64::from(u32::try_from(s.count).ok()?);
        let parts = calibration.standard_uncertainties(s.mean, range, channel.unit);
        let sum = parts.iter().map(|u| span(*u) * span(*u)).sum::<f64>();
        calibration
            .is_stated()
            .then_some(sum + scatter * scatter / count)
    });
    Side {
        mean: summary.map(|s| unit.from_internal(s.mean)),
        readings: own.len(),
        variance,
    }
}

/// The table of one point: every channel of theirs beside ours of its name.
#[must_use]
pub fn differences(
    (ours, our_exchanges): (&Channels, &[Exchange]),
    (theirs, their_exchanges): (&Channels, &[Exchange]),
) -> Vec<Difference> {
    let mut table = Vec::new();
    for channel in &ours.channels {
        let Some(other) = theirs.channels.iter().find(|c| c.name == channel.name) else {
            continue;
        };
        let us = side(channel, our_exchanges, channel.unit);
        let them = side(other, their_exchanges, channel.unit);
        let difference = us.mean.and_then(|mean| Some(mean - them.mean?));
        let u = us
            .variance
            .and_then(|variance| Some((variance + them.variance?).sqrt()));
        let expanded = u.map(|u| 2.0 * u).filter(|u| *u > 0.0);
        table.push(Difference {
            channel: channel.name.clone(),
            unit: channel.unit.symbol().to_owned(),
            ours: us.mean,
            our_readings: us.readings,
            theirs: them.mean,
            their_readings: them.readings,
            difference,
            u,
            en: difference.and_then(|d| Some(d.abs() / expanded?)),
        });
    }
    table
}
