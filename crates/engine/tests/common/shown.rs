//! What channels show at a point.

use dutypoint_model::document::ChannelStatistics;

/// What a channel showed in 40 readings.
pub(crate) fn shown(channel: &str, mean: f64, sd: f64) -> ChannelStatistics {
    ChannelStatistics {
        channel: channel.into(),
        samples: 40,
        bad: 0,
        mean,
        sd,
        low: mean,
        high: mean,
        slope_per_s: 0.0,
        time_half_width_s: 0.0,
    }
}
