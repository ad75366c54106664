//! Is a channel steady, and what if not: fluctuation and drift of a trace, repeated sets.

use super::words::{Observed, Shown, Text};
use super::{Calc, Packs, Refusal, pack, refuse};
use dutypoint_hydraulics::pack::{LimitUnit, RepeatRule};
use dutypoint_hydraulics::steady::sets::{self, Column, Set};
use dutypoint_hydraulics::steady::{self, Amplitude, Reason, Window, judge, settled, undamped};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) struct Steady;

/// A trace of one channel, or repeated sets of readings.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum SteadyInput {
    /// Fluctuation and drift over one window; every sample counts.
    Trace {
        /// Standard pack.
        pack: String,
        /// Measurement class of the grade, 1 to 3.
        class: u8,
        /// What the channel measures.
        quantity: Observed,
        /// Name of the channel, for the answer.
        channel: Option<String>,
        /// Sample times, s, increasing; the window is the laboratory's averaging window.
        t_s: Vec<f64>,
        /// Samples, in one unit.
        values: Vec<f64>,
        /// Rated flow in the unit of the samples, for the floor near shut-off.
        reference: Option<f64>,
        /// Time constant of the transmitter's damping, s.
        time_constant_s: Option<f64>,
        /// Time since the last valve move at the first sample, s; goes with time_constant_s.
        since_valve_move_s: Option<f64>,
    },
    /// Sets of readings of a point that is not steady.
    Sets {
        /// Standard pack; it says by which rule.
        pack: String,
        /// Measurement class of the grade, 1 to 3.
        class: u8,
        /// What each column of the sets is.
        columns: Vec<ColumnInput>,
        /// The sets, in the order they were taken.
        sets: Vec<SetInput>,
    },
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnInput {
    /// What is measured.
    quantity: Observed,
    /// Systematic uncertainty of the instrument, percent; Student's rule needs it.
    systematic_pct: Option<f64>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetInput {
    /// When it was taken, s.
    at_s: f64,
    /// One value per column.
    values: Vec<f64>,
    /// Why the whole set was discarded; left out for one that counts.
    discarded: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum SteadyOutput {
    /// Of a trace.
    Trace(TraceOutput),
    /// Of repeated sets.
    Sets(SetsOutput),
}

#[derive(Serialize, JsonSchema)]
pub(super) struct TraceOutput {
    /// Whether fluctuation and drift keep their limits.
    verdict: Shown,
    /// `steady`, `fluctuates`, `drifts`, `fluctuates_and_drifts` or `not_settled`.
    reason: &'static str,
    /// Channel, quantity, value, limit and reason in words.
    text: Text,
    /// What the channel measures.
    quantity: Observed,
    /// Samples.
    samples: usize,
    /// Length of the window, s.
    window_s: f64,
    /// Mean, in the unit of the samples.
    mean: f64,
    /// Standard deviation, in the unit of the samples.
    sd: f64,
    /// Largest deviation above the mean, percent of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    above_pct: Option<f64>,
    /// Largest deviation below the mean, percent of it, negative.
    #[serde(skip_serializing_if = "Option::is_none")]
    below_pct: Option<f64>,
    /// Largest deviation from the mean, either way, in the unit of the samples.
    amplitude: f64,
    /// Permissible amplitude, in the unit of the samples.
    amplitude_limit: f64,
    /// Slope of the least-squares line times the window, in the unit of the samples.
    drift: f64,
    /// Permissible drift, either way, in the unit of the samples; a laboratory setting.
    drift_limit: f64,
    /// Whether the slope stands out from the scatter (two-sided 95 %); informs only.
    drift_significant: bool,
    /// Clause of the fluctuation limit.
    clause: String,
    /// How far that limit can be trusted.
    confidence: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct SetsOutput {
    /// Whether every quantity keeps its limit.
    verdict: Shown,
    /// `student_t` (2012) or `spread_table` (1999, 2005).
    rule: &'static str,
    /// Clause of the rule.
    clause: String,
    /// Sets that count.
    counted: usize,
    /// Sets that were discarded, with their causes.
    discarded: Vec<Discarded>,
    /// Per column.
    quantities: Vec<QuantityOutput>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Discarded {
    /// Number of the set, from 1.
    set: usize,
    /// Why it was discarded.
    cause: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct QuantityOutput {
    /// What is measured.
    quantity: Observed,
    /// Verdict on it.
    verdict: Shown,
    /// `inside`, `above`, `not_in_pack` or `no_systematic`.
    reason: &'static str,
    /// Quantity, value, limit and reason in words.
    text: Text,
    /// Mean: the value of the point, in the unit of the readings.
    mean: f64,
    /// Standard deviation, in the unit of the readings.
    sd: f64,
    /// Student factor, two-sided 95 %.
    student_t: f64,
    /// Random uncertainty of the mean e_R, percent.
    random_pct: f64,
    /// Overall uncertainty e = √(e_R² + e_S²), percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    overall_pct: Option<f64>,
    /// Spread, (largest − smallest)/largest, percent.
    spread_pct: f64,
    /// Limit of what the rule judges, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_pct: Option<f64>,
    /// Row of the spread table, by its number of sets.
    #[serde(skip_serializing_if = "Option::is_none")]
    row_sets: Option<usize>,
}

impl Calc for Steady {
    const NAME: &'static str = "steady";
    const ZH: &'static str = "稳定性：波动、漂移与重复读数";
    const EN: &'static str = "steadiness: fluctuation, drift and repeated sets of readings";
    const FORMULAS: &'static [&'static str] = &[
        "steady.amplitude-drift.v1",
        "steady.sets.v1",
        "uncertainty.random-student.v1",
        "uncertainty.rss.v1",
    ];
    const SOURCE: &'static str = "ISO 9906:2012 4.3.2 and 4.3.3; ISO 9906:1999 fluctuation and spread tables; limits of the pack";
    const EXAMPLE: &'static str = r#"{"method": "trace", "pack": "gbt3216-2016", "class": 1, "quantity": "flow", "channel": "F-101", "t_s": [0, 1, 2, 3, 4, 5, 6], "values": [100.0, 101.5, 99.2, 98.6, 100.9, 101.1, 99.4]}"#;
    type Input = SteadyInput;
    type Output = SteadyOutput;

    fn compute(input: SteadyInput, packs: &Packs) -> Result<SteadyOutput, Refusal> {
        match input {
            SteadyInput::Trace { .. } => trace(&input, packs),
            SteadyInput::Sets {
                pack: id,
                class,
                columns,
                sets,
            } => repeated(pack(packs, &id)?, class, &columns, sets),
        }
    }
}

fn trace(input: &SteadyInput, packs: &Packs) -> Result<SteadyOutput, Refusal> {
    let SteadyInput::Trace {
        pack: id,
        class,
        quantity,
        channel,
        t_s,
        values,
        reference,
        time_constant_s,
        since_valve_move_s,
    } = input
    else {
        return Err(refuse("method 不是 trace", "method is no trace"));
    };
    let standard = pack(packs, id)?;
    let limits = standard.steady_limits(quantity.measured(), *class)?;
    let row = standard.fluctuation(quantity.measured(), *class)?;
    let window = Window {
        times_s: t_s,
        values,
        reference: *reference,
    };
    let found = judge(&window, &limits)?;
    let mean = found.summary.mean;
    let may_be = match quantity {
        // Suction and frost are real.
        Observed::InletHead | Observed::Temperature => true,
        // Shut-off is judged against the guaranteed flow.
        Observed::Flow => mean > 0.0 || (mean == 0.0 && reference.is_some()),
        _ => mean > 0.0,
    };
    if !may_be {
        return Err(refuse(
            format!("values：平均值为 {mean}，应大于 0；流量为 0 时须给出 reference"),
            format!(
                "values: their mean is {mean}, and it must be above 0; a flow of 0 needs reference"
            ),
        ));
    }
    if let Some(constant_s) = time_constant_s {
        undamped(*constant_s, found.window_s)?;
    }
    let waited = match (since_valve_move_s, time_constant_s) {
        (Some(since_s), Some(constant_s)) => settled(*since_s, *constant_s)?,
        (Some(_), None) => {
            return Err(refuse(
                "阀门动作后的等待时间取决于阻尼；since_valve_move_s 须与 time_constant_s 一起给出",
                "how long to wait after a valve move depends on the damping; give time_constant_s with since_valve_move_s",
            ));
        }
        (None, _) => true,
    };
    let (reason, verdict) = match (waited, found.reason) {
        (false, _) => ("not_settled", Shown::NotEvaluated),
        (true, Reason::Steady) => ("steady", Shown::Pass),
        (true, Reason::Fluctuates) => ("fluctuates", Shown::Fail),
        (true, Reason::Drifts) => ("drifts", Shown::Fail),
        (true, Reason::FluctuatesAndDrifts) => ("fluctuates_and_drifts", Shown::Fail),
    };
    let of_mean = |value: f64| {
        let pct = 100.0 * (value - found.summary.mean) / found.summary.mean.abs();
        Some(pct).filter(|pct| pct.is_finite())
    };
    let clause = format!("{} {}", standard.id, row.clause);
    let constant_s = time_constant_s.unwrap_or(0.0);
    let text = if waited {
        describe(
            channel.as_deref(),
            *quantity,
            row.unit,
            &limits,
            &found,
            &clause,
        )
    } else {
        Text::new(
            format!(
                "阀门动作后须等待 {} 个时间常数（{constant_s} s）",
                steady::SETTLING_TIME_CONSTANTS
            ),
            format!(
                "wait {} time constants of {constant_s} s after a valve move",
                steady::SETTLING_TIME_CONSTANTS
            ),
        )
    };
    Ok(SteadyOutput::Trace(TraceOutput {
        verdict,
        reason,
        text,
        quantity: *quantity,
        samples: found.summary.count,
        window_s: found.window_s,
        mean: found.summary.mean,
        sd: found.summary.sd.unwrap_or(0.0),
        above_pct: of_mean(found.summary.max),
        below_pct: of_mean(found.summary.min),
        amplitude: found.amplitude,
        amplitude_limit: found.amplitude_limit,
        drift: found.drift,
        drift_limit: found.drift_limit,
        drift_significant: found.drift_significant,
        clause,
        confidence: row.confidence.to_string(),
    }))
}

/// The worse of fluctuation and drift in words that name channel, quantity, value and limit.
fn describe(
    channel: Option<&str>,
    quantity: Observed,
    unit: LimitUnit,
    limits: &steady::Limits,
    found: &steady::Steadiness,
    clause: &str,
) -> Text {
    let drifts = found.reason == Reason::Drifts;
    let (value, limit) = if drifts {
        (found.drift.abs(), found.drift_limit)
    } else {
        (found.amplitude, found.amplitude_limit)
    };
    let mean = found.summary.mean.abs();
    let relative = matches!(limits.amplitude, Amplitude::PercentOfMean(_)) && mean > 0.0;
    let (value, limit, symbol) = match (relative, unit) {
        (true, _) => (100.0 * value / mean, 100.0 * limit / mean, "%"),
        (false, LimitUnit::DegreeCelsius) => (value, limit, "°C"),
        (false, LimitUnit::Percent) => (value, limit, ""),
    };
    let (zh, en) = quantity.text();
    let (verb_zh, verb_en) = if drifts {
        ("漂移", "drifts")
    } else {
        ("波动", "fluctuates")
    };
    // A drift limit in percent is the laboratory's; an absolute one is the clause's, as for
    // fluctuation.
    let own = drifts && matches!(limits.amplitude, Amplitude::PercentOfMean(_));
    let (by_zh, by_en) = if own {
        ("实验室设定", "laboratory setting")
    } else {
        (clause, clause)
    };
    let head = channel.map_or(String::new(), |name| format!("{name} "));
    Text::new(
        format!("{head}{zh}{verb_zh} {value:.4} {symbol}，允许 {limit:.4} {symbol}（{by_zh}）"),
        format!(
            "{head}{en} {verb_en} by {value:.4} {symbol}, permitted {limit:.4} {symbol} ({by_en})"
        ),
    )
}

fn repeated(
    standard: &dutypoint_hydraulics::pack::Standard,
    class: u8,
    columns: &[ColumnInput],
    sets: Vec<SetInput>,
) -> Result<SteadyOutput, Refusal> {
    let measured: Vec<Column> = columns
        .iter()
        .map(|column| Column {
            quantity: column.quantity.measured(),
            systematic_pct: column.systematic_pct,
        })
        .collect();
    let sets: Vec<Set> = sets
        .into_iter()
        .map(|set| Set {
            at_s: set.at_s,
            values: set.values,
            discarded: set.discarded,
        })
        .collect();
    let found = sets::judge(standard, class, &measured, &sets)?;
    let rule = standard.readings()?;
    let quantities = columns
        .iter()
        .zip(&found.quantities)
        .map(|(column, of)| QuantityOutput {
            quantity: column.quantity,
            verdict: of.verdict.into(),
            reason: match of.reason {
                sets::Reason::Inside => "inside",
                sets::Reason::Above => "above",
                sets::Reason::NotInPack => "not_in_pack",
                sets::Reason::NoSystematic => "no_systematic",
            },
            text: sets_text(column.quantity, found.rule, of),
            mean: of.random.summary.mean,
            sd: of.random.summary.sd.unwrap_or(0.0),
            student_t: of.random.student_t,
            random_pct: of.random.random_pct,
            overall_pct: of.overall_pct,
            spread_pct: of.spread_pct,
            limit_pct: of.limit_pct,
            row_sets: of.row_sets,
        })
        .collect();
    Ok(SteadyOutput::Sets(SetsOutput {
        verdict: found.verdict.into(),
        rule: match found.rule {
            RepeatRule::StudentT => "student_t",
            RepeatRule::SpreadTable => "spread_table",
        },
        clause: format!("{} {}", standard.id, rule.clause),
        counted: found.counted,
        discarded: found
            .discarded
            .into_iter()
            .map(|(index, cause)| Discarded {
                set: index + 1,
                cause,
            })
            .collect(),
        quantities,
    }))
}

fn sets_text(quantity: Observed, rule: RepeatRule, of: &sets::Repeated) -> Text {
    let (zh, en) = quantity.text();
    let (what_zh, what_en) = match rule {
        RepeatRule::StudentT => ("总不确定度", "overall uncertainty"),
        RepeatRule::SpreadTable => ("读数间偏差", "spread"),
    };
    match (of.reason, of.judged_pct, of.limit_pct) {
        (sets::Reason::Inside | sets::Reason::Above, Some(value), Some(limit)) => {
            let (more_zh, more_en) = if of.reason == sets::Reason::Above {
                (
                    "；查明原因，增加读数组，不得剔除",
                    "; find the cause and take more sets, drop none",
                )
            } else {
                ("", "")
            };
            Text::new(
                format!("{zh}{what_zh} {value:.4} %，允许 {limit} %{more_zh}"),
                format!("{what_en} of {en} {value:.4} %, permitted {limit} %{more_en}"),
            )
        }
        (sets::Reason::NoSystematic, ..) => Text::new(
            format!("{zh}：仪表的系统不确定度未知"),
            format!("{en}: the systematic uncertainty of the instrument is not known"),
        ),
        _ => Text::new(
            format!("{zh}：标准数据包未给出限值"),
            format!("{en}: the pack states no limit"),
        ),
    }
}
