//! The live view as plain data: the first page is rendered from it, and what follows is
//! sent to the page as JSON in the same shape.

use crate::form::fixed;
use dutypoint_engine::{LiveChannel, LiveChannels, LivePhase, LiveQuality, Replay, RunEngine};
use dutypoint_model::document::{Origin, Reduced, Role};
use dutypoint_model::{Bilingual, Quantity, Verdict};
use serde::Serialize;
use std::time::Duration;

/// A run as it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct LiveView {
    pub(crate) run: String,
    pub(crate) specimen: String,
    pub(crate) order: String,
    pub(crate) basis: String,
    pub(crate) simulated: bool,
    /// Documents that are durable.
    pub(crate) documents: u64,
    /// Seconds since the last document.
    pub(crate) quiet_s: f64,
    pub(crate) phase: &'static str,
    pub(crate) phase_text: Bilingual,
    pub(crate) point: usize,
    pub(crate) points: usize,
    /// Points accepted so far.
    pub(crate) accepted: usize,
    /// Flow aimed at, m³/h.
    pub(crate) target: String,
    pub(crate) waiting: Option<Bilingual>,
    /// Why recording is held, where this process records; or why it cannot be read.
    pub(crate) held: Option<Bilingual>,
    pub(crate) big: Vec<Big>,
    pub(crate) channels: Vec<ChannelLine>,
    /// Conditions of the test that are not met now.
    pub(crate) alarms: Vec<Bilingual>,
    /// The channel that stands in the way of a point, in words.
    pub(crate) blocking: Option<Bilingual>,
    pub(crate) dot: Option<Dot>,
    /// Grows with everything drawn in the chart, which must then be fetched anew.
    pub(crate) chart: usize,
    pub(crate) ended: Option<Ended>,
}

/// One of the large numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Big {
    pub(crate) key: &'static str,
    pub(crate) symbol: &'static str,
    pub(crate) name: Bilingual,
    pub(crate) value: Option<String>,
    pub(crate) unit: &'static str,
    /// Age of the oldest reading in it, seconds.
    pub(crate) age_s: Option<f64>,
    /// Wall time of that reading, ms since the Unix epoch.
    pub(crate) at_ms: Option<f64>,
    pub(crate) quality: &'static str,
}

/// A channel with the steadiness of its last window.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ChannelLine {
    pub(crate) key: String,
    pub(crate) tag: String,
    pub(crate) name: Bilingual,
    pub(crate) value: Option<String>,
    pub(crate) unit: &'static str,
    pub(crate) age_s: Option<f64>,
    pub(crate) at_ms: Option<f64>,
    pub(crate) quality: &'static str,
    pub(crate) why: Option<Bilingual>,
    /// Whether it stands still; none for what the standard does not limit.
    pub(crate) steady: Option<bool>,
    /// How much of the permitted movement is used, in percent.
    pub(crate) used_pct: Option<f64>,
    pub(crate) used_text: Option<String>,
}

/// Where the pump runs now, in the chart's millimetres.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Dot {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) steady: bool,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Ended {
    pub(crate) outcome: Bilingual,
    pub(crate) reason: Option<Bilingual>,
    pub(crate) verdict: &'static str,
    pub(crate) verdict_text: Bilingual,
    pub(crate) certificate: Option<String>,
}

/// What the head is computed from.
const HEAD: &[Role] = &[
    Role::Flow,
    Role::OutletPressure,
    Role::WaterLevel,
    Role::WaterTemperature,
];

/// What only the follower knows.
pub(crate) struct Moment {
    /// Documents read.
    pub(crate) documents: u64,
    /// Time since the last of them.
    pub(crate) quiet: Duration,
    /// Why recording is held, or the record cannot be read.
    pub(crate) held: Option<Bilingual>,
}

/// The clocks of a run: of the bench, and of the wall.
struct Clocks {
    start_ns: i64,
    speed: f64,
    /// Bench time now.
    now_ns: i64,
}

impl Clocks {
    /// Seconds of the wall since a bench time.
    fn age_s(&self, t_ns: i64) -> f64 {
        wall_ms(0, self.speed, self.now_ns.saturating_sub(t_ns)).max(0.0) / 1e3
    }

    fn wall_ms(&self, t_ns: i64) -> f64 {
        wall_ms(self.start_ns, self.speed, t_ns)
    }
}

/// The word a style sheet knows a verdict by.
pub(crate) fn verdict_key(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Inconclusive => "inconclusive",
        Verdict::NotEvaluated => "not-evaluated",
    }
}

/// Wall time of a bench time, ms: the bench clock runs `speed` times as fast.
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of this century are exact in a double to well below one"
)]
fn wall_ms(start_ns: i64, speed: f64, t_ns: i64) -> f64 {
    let elapsed = t_ns.saturating_sub(start_ns) as f64 / speed.max(f64::MIN_POSITIVE);
    (start_ns as f64 + elapsed) / 1e6
}

impl LiveView {
    /// Grows with every point taken and every target left behind.
    pub(crate) fn chart_version(engine: &RunEngine) -> usize {
        let left = engine.live().point + usize::from(engine.is_closed());
        engine.points().len() + left
    }

    /// The view of a run that has at least its start; `place` finds a flow (m³/h) and a
    /// head in the chart.
    pub(crate) fn new(
        run: &str,
        replay: &Replay,
        moment: Moment,
        place: impl Fn(f64, f64) -> Option<(f64, f64)>,
    ) -> Option<Self> {
        let engine = replay.engine()?;
        let setup = engine.setup();
        let live = engine.live();
        let over = live.phase == LivePhase::Closed;
        let speed = setup.start.clock.speed;
        let quiet_s = if over {
            0.0
        } else {
            moment.quiet.as_secs_f64()
        };
        let clocks = Clocks {
            start_ns: setup.start.t_ns,
            speed,
            now_ns: live.t_ns.saturating_add(bench_ns(quiet_s, speed)),
        };
        let seen = engine.live_channels(clocks.now_ns);
        let heard = seen
            .channels
            .iter()
            .filter(|c| HEAD.contains(&c.role))
            .all(|c| c.quality <= LiveQuality::Bad);
        let dot = seen
            .now
            .as_ref()
            .filter(|_| heard && !over)
            .and_then(|now| {
                let flow = Quantity::Flow.shown_in().0.from_internal(now.flow_m3_s);
                let (x, y) = place(flow, now.head_m)?;
                Some(Dot {
                    x,
                    y,
                    steady: seen.unsteady.is_none(),
                })
            });
        let (phase, phase_text) = phase_text(live.phase);
        Some(Self {
            run: run.to_owned(),
            specimen: setup.order.specimen.model.clone(),
            order: setup.order.number.clone(),
            basis: format!("{} {}", setup.standard().edition, setup.tolerance.grade),
            simulated: setup.start.origin == Origin::Simulated,
            documents: moment.documents,
            quiet_s,
            phase,
            phase_text,
            point: live.point,
            points: live.points,
            accepted: engine.points().iter().filter(|p| p.accepted).count(),
            target: fixed(live.target_flow_m3_s, Quantity::Flow.shown_in()),
            waiting: live.waiting_for,
            held: moment.held,
            big: big(&seen, &clocks),
            channels: seen.channels.iter().map(|c| line(c, &clocks)).collect(),
            alarms: if over { Vec::new() } else { seen.alarms },
            blocking: seen.unsteady.filter(|_| !over),
            dot,
            chart: Self::chart_version(engine),
            ended: ended(replay),
        })
    }
}

/// How the run ended. A record that the engine does not give again has no verdict.
fn ended(replay: &Replay) -> Option<Ended> {
    let summary = replay.summary();
    let stop = summary.stop.as_ref()?;
    let verdict = dutypoint_certificate::record::overall(&summary.findings);
    let (verdict, verdict_text) = match &summary.divergence {
        None => (verdict_key(verdict), verdict.text()),
        Some(_) => ("fail", differs()),
    };
    Some(Ended {
        outcome: stop.outcome.text(),
        reason: stop.reason.clone(),
        verdict,
        verdict_text,
        certificate: summary
            .certificates
            .last()
            .map(|c| c.statement.number.clone()),
    })
}

/// What stands in place of a verdict that the record does not support.
pub(crate) fn differs() -> Bilingual {
    Bilingual::new("记录与重算不一致", "Record and recomputation differ")
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
fn bench_ns(wall_s: f64, speed: f64) -> i64 {
    (wall_s * speed * 1e9) as i64
}

fn phase_text(phase: LivePhase) -> (&'static str, Bilingual) {
    let (key, zh, en) = match phase {
        LivePhase::Prepared => ("prepared", "准备", "Preparing"),
        LivePhase::Settling => ("settling", "调节流量", "Setting the flow"),
        LivePhase::Measuring => ("measuring", "等待稳定并测量", "Steadying and measuring"),
        LivePhase::Reviewing => ("reviewing", "测点入库", "Storing the point"),
        LivePhase::Held => ("held", "暂停", "Held"),
        LivePhase::Closed => ("closed", "已结束", "Ended"),
    };
    (key, Bilingual::new(zh, en))
}

fn quality_key(quality: LiveQuality) -> &'static str {
    match quality {
        LiveQuality::Good => "good",
        LiveQuality::Bad => "bad",
        LiveQuality::Silent => "silent",
        LiveQuality::Never => "never",
    }
}

/// The numbers a technician reads from across the hall. Each is as old as the oldest
/// reading in it, and as good as the worst.
fn big(seen: &LiveChannels, clocks: &Clocks) -> Vec<Big> {
    const POWER: &[Role] = &[Role::InputPower, Role::Current];
    const SPEED: &[Role] = &[Role::Frequency, Role::SlipFrequency];
    type Read = fn(&Reduced) -> Option<f64>;
    type Row = (
        &'static str,
        &'static str,
        (&'static str, &'static str),
        Quantity,
        &'static [&'static [Role]],
        Read,
    );
    let rows: [Row; 7] = [
        (
            "flow",
            "Q",
            ("流量", "Flow"),
            Quantity::Flow,
            &[&[Role::Flow]],
            |r| Some(r.flow_m3_s),
        ),
        (
            "head",
            "H",
            ("扬程", "Head"),
            Quantity::Length,
            &[HEAD],
            |r| Some(r.head_m),
        ),
        (
            "power",
            "P1",
            ("输入功率", "Input power"),
            Quantity::Power,
            &[POWER],
            |r| Some(r.power_w),
        ),
        (
            "efficiency",
            "η",
            ("机组效率", "Unit efficiency"),
            Quantity::Ratio,
            &[HEAD, POWER],
            |r| Some(r.efficiency),
        ),
        (
            "speed",
            "n",
            ("转速", "Speed"),
            Quantity::Speed,
            &[SPEED],
            |r| r.speed_rpm,
        ),
        (
            "voltage",
            "U",
            ("电动机端电压", "Motor voltage"),
            Quantity::Voltage,
            &[&[Role::Voltage], POWER],
            |r| r.motor_voltage_v,
        ),
        (
            "frequency",
            "f",
            ("频率", "Frequency"),
            Quantity::Frequency,
            &[&[Role::Frequency]],
            |r| r.frequency_hz,
        ),
    ];
    rows.into_iter()
        .map(|(key, symbol, (zh, en), quantity, inputs, read)| {
            let used: Vec<&LiveChannel> = seen
                .channels
                .iter()
                .filter(|c| inputs.iter().any(|roles| roles.contains(&c.role)))
                .collect();
            let worst = used.iter().map(|c| c.quality).max();
            let oldest = used.iter().map(|c| c.t_ns).min().flatten();
            let form = quantity.shown_in();
            Big {
                key,
                symbol,
                name: Bilingual::new(zh, en),
                value: seen.now.as_ref().and_then(read).map(|v| fixed(v, form)),
                unit: form.0.printed(),
                age_s: oldest.map(|t_ns| clocks.age_s(t_ns)),
                at_ms: oldest.map(|t_ns| clocks.wall_ms(t_ns)),
                quality: worst.map_or("never", quality_key),
            }
        })
        .collect()
}

fn line(channel: &LiveChannel, clocks: &Clocks) -> ChannelLine {
    let form = channel.role.shown_in();
    // What is not heard any more stands neither still nor moves.
    let heard = channel.quality <= LiveQuality::Bad;
    let steadiness = channel.steadiness.as_ref().filter(|_| heard);
    let used_pct = steadiness.map(|s| {
        let share = |moved: f64, limit: f64| {
            if limit > 0.0 {
                100.0 * moved.abs() / limit
            } else {
                0.0
            }
        };
        share(s.amplitude, s.amplitude_limit).max(share(s.drift, s.drift_limit))
    });
    ChannelLine {
        key: channel.name.clone(),
        tag: channel.tag.clone(),
        name: channel.role.text(),
        value: channel.value.map(|v| fixed(v, form)),
        unit: form.0.printed(),
        age_s: channel.t_ns.map(|t_ns| clocks.age_s(t_ns)),
        at_ms: channel.t_ns.map(|t_ns| clocks.wall_ms(t_ns)),
        quality: quality_key(channel.quality),
        why: channel.why.clone(),
        steady: steadiness.map(|s| s.steady),
        used_text: used_pct.map(|pct| format!("{:.0} %", pct.min(999.0))),
        used_pct,
    }
}

#[cfg(test)]
mod tests {
    use super::wall_ms;

    #[test]
    fn a_reading_of_a_fast_bench_clock_is_as_old_as_the_wall_says() {
        let start_ns = 1_700_000_000_000_000_000;
        // Forty bench seconds on a clock ten times as fast are four seconds.
        let at = wall_ms(start_ns, 10.0, start_ns + 40_000_000_000);
        assert!((at - 1_700_000_004_000.0).abs() < 1e-3);
    }
}
