//! How sound the lines of a bench are: failures by kind, time to an answer, and what the
//! channels show at rest.

use dutypoint_engine::config::{Bench, ChannelConfig, LineLimits};
use dutypoint_engine::decode;
use dutypoint_fieldbus::Exchange;
use dutypoint_hydraulics::{limit, stats};
use dutypoint_model::document::{Channels, Quality};
use dutypoint_model::{Bilingual, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was found in one stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageCheck {
    /// What the person said of it, such as the speed of the converter.
    pub stage: String,
    /// Wall time of its begin, RFC 3339.
    pub at: String,
    /// How long it took.
    pub seconds: f64,
    /// Line by line, device by device.
    pub devices: Vec<DeviceCheck>,
    /// Channel by channel.
    pub channels: Vec<ChannelCheck>,
    /// By the limits of the bench file; not evaluated where it has none.
    pub verdict: Verdict,
    /// What exceeds its limit.
    pub exceeded: Vec<Exceeded>,
}

/// What was asked of a device and what came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceCheck {
    /// Line.
    pub line: String,
    /// Tag.
    pub device: String,
    /// Requests, or messages waited for.
    pub requests: u32,
    /// Answers that count.
    pub good: u32,
    /// Broken answers: wrong checksums, foreign ones, noise.
    pub garbled: u32,
    /// Requests without an answer.
    pub timeout: u32,
    /// Answers of another length.
    pub wrong_length: u32,
    /// Exceptions the device reported.
    pub exception: u32,
    /// Requests for which the line was not open.
    pub disconnected: u32,
    /// Time to an answer that half of the good ones keep, milliseconds.
    pub latency_p50_ms: Option<f64>,
    /// Time that 99 of 100 keep.
    pub latency_p99_ms: Option<f64>,
}

impl DeviceCheck {
    /// Share of the requests, percent; none without a request.
    #[must_use]
    pub fn pct(&self, count: u32) -> Option<f64> {
        (self.requests > 0).then(|| 100.0 * f64::from(count) / f64::from(self.requests))
    }

    /// Failures that are neither broken answers nor silence.
    #[must_use]
    pub fn other(&self) -> u32 {
        self.wrong_length + self.exception + self.disconnected
    }
}

/// What a channel showed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelCheck {
    /// Name.
    pub channel: String,
    /// Tag of its instrument.
    pub device: String,
    /// Unit of the numbers below, as files write it.
    pub unit: String,
    /// Readings that are a value.
    pub readings: u32,
    /// Answers that gave no value.
    pub bad: u32,
    /// Mean, corrected by calibration.
    pub mean: Option<f64>,
    /// Standard deviation.
    pub sd: Option<f64>,
    /// Largest reading less the smallest.
    pub peak: Option<f64>,
}

/// A limit of the bench file that does not hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exceeded {
    /// Tag of the device, or name of the channel.
    pub of: String,
    /// Key of the limit.
    pub limit: String,
    /// What was found; none where nothing came that could be judged.
    pub found: Option<f64>,
    /// What is allowed.
    pub most: f64,
}

impl Exceeded {
    /// In words.
    #[must_use]
    pub fn text(&self) -> Bilingual {
        let (of, key, most) = (&self.of, &self.limit, self.most);
        match self.found {
            Some(found) => Bilingual::new(
                format!("{of}：{key} {found:.4} 超过 {most}"),
                format!("{of}: {key} is {found:.4}, more than {most}"),
            ),
            None => Bilingual::new(
                format!("{of}：没有可判定 {key} 的读数"),
                format!("{of}: nothing came by which {key} could be judged"),
            ),
        }
    }
}

/// What `exchanges` say of the lines of `bench`, whose plan is `channels`.
#[must_use]
pub fn check_lines(
    bench: &Bench,
    channels: &Channels,
    exchanges: &[Exchange],
    (stage, at, seconds): (&str, &str, f64),
) -> StageCheck {
    let mut found = StageCheck {
        stage: stage.to_owned(),
        at: at.to_owned(),
        seconds,
        devices: devices(channels, exchanges),
        channels: shown(channels, exchanges),
        verdict: Verdict::NotEvaluated,
        exceeded: Vec::new(),
    };
    let mut judged = false;
    let mut judge = |of: &str, key: &str, value: Option<f64>, most: Option<f64>| {
        let Some(most) = most else { return };
        judged = true;
        if !value.is_some_and(|value| limit::at_most(value, most)) {
            found.exceeded.push(Exceeded {
                of: of.to_owned(),
                limit: key.to_owned(),
                found: value,
                most,
            });
        }
    };
    let LineLimits {
        garbled_pct,
        timeout_pct,
        other_pct,
        latency_p99_ms,
    } = bench.line_check;
    for device in &found.devices {
        let tag = &device.device;
        judge(tag, "garbled_pct", device.pct(device.garbled), garbled_pct);
        judge(tag, "timeout_pct", device.pct(device.timeout), timeout_pct);
        judge(tag, "other_pct", device.pct(device.other()), other_pct);
        judge(tag, "latency_p99_ms", device.latency_p99_ms, latency_p99_ms);
    }
    let configured: Vec<&ChannelConfig> =
        bench.instrument.iter().flat_map(|i| &i.channel).collect();
    for channel in &found.channels {
        let name = &channel.channel;
        if let Some(config) = configured.iter().find(|c| c.name == *name) {
            judge(name, "noise_sd", channel.sd, config.noise_sd);
            judge(name, "noise_peak", channel.peak, config.noise_peak);
        }
    }
    found.verdict = match (judged, found.exceeded.is_empty()) {
        (false, _) => Verdict::NotEvaluated,
        (true, true) => Verdict::Pass,
        (true, false) => Verdict::Fail,
    };
    found
}

fn devices(channels: &Channels, exchanges: &[Exchange]) -> Vec<DeviceCheck> {
    let mut found: Vec<DeviceCheck> = Vec::new();
    let mut latencies: Vec<Vec<f64>> = Vec::new();
    let mut of_poll: BTreeMap<u16, usize> = BTreeMap::new();
    for poll in &channels.polls {
        let known = |d: &DeviceCheck| d.device == poll.instrument;
        let index = found.iter().position(known).unwrap_or_else(|| {
            found.push(DeviceCheck {
                line: poll.line.clone(),
                device: poll.instrument.clone(),
                ..DeviceCheck::default()
            });
            latencies.push(Vec::new());
            found.len() - 1
        });
        of_poll.insert(poll.id, index);
    }
    for exchange in exchanges {
        let index = of_poll.get(&exchange.poll).copied();
        let Some((index, device)) = index.and_then(|i| Some((i, found.get_mut(i)?))) else {
            continue;
        };
        device.requests += 1;
        match exchange.quality {
            Quality::Good => {
                device.good += 1;
                let took = exchange.received.saturating_duration_since(exchange.sent);
                if let Some(latencies) = latencies.get_mut(index) {
                    latencies.push(1e3 * took.as_secs_f64());
                }
            }
            Quality::Garbled => device.garbled += 1,
            Quality::Timeout => device.timeout += 1,
            Quality::WrongLength => device.wrong_length += 1,
            Quality::Exception(_) => device.exception += 1,
            // A line does not know of sleep.
            Quality::Disconnected | Quality::Slept => device.disconnected += 1,
        }
    }
    for (device, mut all) in found.iter_mut().zip(latencies) {
        all.sort_by(f64::total_cmp);
        device.latency_p50_ms = rank(&all, 50);
        device.latency_p99_ms = rank(&all, 99);
    }
    found
}

/// The value that `percent` of the sorted ones keep: the nearest rank.
fn rank(sorted: &[f64], percent: usize) -> Option<f64> {
    let nth = (percent * sorted.len()).div_ceil(100);
    sorted.get(nth.checked_sub(1)?).copied()
}

/// What every channel showed.
fn shown(channels: &Channels, exchanges: &[Exchange]) -> Vec<ChannelCheck> {
    let of = |channel| {
        let (values, bad) = values(channel, exchanges);
        let summary = stats::summary(&values).ok();
        ChannelCheck {
            channel: channel.name.clone(),
            device: channel.instrument.tag.clone(),
            unit: channel.unit.symbol().to_owned(),
            readings: u32::try_from(values.len()).unwrap_or(u32::MAX),
            bad,
            mean: summary.map(|s| s.mean),
            sd: summary.and_then(|s| s.sd),
            peak: summary.map(|s| s.max - s.min),
        }
    };
    channels.channels.iter().map(of).collect()
}

/// The values of a channel in its own unit, corrected by calibration, and how many good
/// answers gave none.
pub(crate) fn values(
    channel: &dutypoint_model::document::Channel,
    exchanges: &[Exchange],
) -> (Vec<f64>, u32) {
    let (mut values, mut bad) = (Vec::new(), 0);
    let own = exchanges.iter().filter(|e| e.poll == channel.poll);
    let (mut begun, mut count) = (None, None);
    for exchange in own.filter(|e| e.quality == Quality::Good) {
        let value = match &channel.counter {
            None => decode::value(channel, &exchange.words),
            Some(rule) => decode::indicated(&channel.encoding, &exchange.words).and_then(|n| {
                let since = *begun.get_or_insert(exchange.sent);
                let at = exchange.sent.saturating_duration_since(since).as_nanos();
                let now = (i64::try_from(at).unwrap_or(i64::MAX), n);
                decode::rate(channel, rule, count.replace(now), now)
            }),
        };
        match value {
            Ok(value) => values.push(channel.unit.from_internal(value)),
            Err(decode::Bad::FirstCount) => {}
            Err(_) => bad += 1,
        }
    }
    (values, bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: of 1 … 200 the nearest ranks are the 100th and the 198th.
    #[test]
    fn the_percentiles_are_nearest_ranks() {
        let all: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(rank(&all, 50), Some(100.0));
        assert_eq!(rank(&all, 99), Some(198.0));
        assert_eq!(rank(&all[..1], 99), Some(1.0));
        assert_eq!(rank(&[], 50), None);
    }
}
