//! Several sets of readings in place of one that is steady.
//!
//! A set is the mean of every quantity over one window, all at one valve position. Sets that
//! were not steady stay in the record one by one, each with its cause; together they may
//! stand for a point, by the rule of the judging pack for repeated readings. A set with too
//! few readings, or one that could not be computed, never counts. Source: ISO 9906:2012
//! 4.3.3, ISO 9906:1999, reference sections 3.2 to 3.4.

use super::{RunEngine, joined};
use crate::Error;
use crate::assess::systematic_pct;
use crate::setup::Method;
use crate::watch::{role_means, seconds};
use dutypoint_hydraulics::pack::{Measured, ReadingsRule, RepeatRule};
use dutypoint_hydraulics::steady::sets::{self, Column, Reason, Set};
use dutypoint_model::document::{
    ChannelStatistics, Channels, Point, PowerKind, Reduced, Repeated, RepeatedQuantity,
    RepeatedSets,
};
use dutypoint_model::{Bilingual, Verdict};

/// Shares of the least time between two sets that are waited on top of it, in turn, so that
/// the sets do not fall into step with what disturbs them. Ours: the standard asks for
/// irregular intervals and names none.
const IRREGULAR: [f64; 4] = [0.0, 0.7, 0.3, 1.1];

/// A quantity, how it is limited and read, and whether it is asked for.
type Asked = (Repeated, Measured, fn(&Reduced) -> Option<f64>, bool);

/// What some sets say together.
pub(super) enum Together {
    /// They stand for the point.
    Point(Box<Point>),
    /// They do not, and why.
    Short(Bilingual),
}

impl RunEngine {
    /// Wait before the next set at this point, s.
    pub(super) fn set_spacing_s(&self) -> f64 {
        let readings = self.setup.standard().readings().ok();
        let spacing = readings.and_then(|rule| rule.spacing_s.as_ref());
        let turn = usize::try_from(self.attempt).unwrap_or(0) % IRREGULAR.len();
        let longer = 1.0 + IRREGULAR.get(turn).copied().unwrap_or(0.0);
        spacing.map_or(0.0, |spacing| spacing.value * longer)
    }

    /// What the sets at this point say with the newest, `last`; none where the pack has no
    /// rule for repeated readings, or they are fewer than it asks for.
    pub(super) fn together(&self, last: &Point) -> Result<Option<Together>, Error> {
        let earlier = self.sets.iter().filter_map(|n| self.points.get(*n));
        let taken: Vec<&Point> = earlier.chain([last]).collect();
        let (Ok(rule), Some(channels)) = (self.setup.standard().readings(), self.channels()) else {
            return Ok(None);
        };
        #[expect(clippy::cast_precision_loss, reason = "a count of sets")]
        if (taken.len() as f64) < rule.minimum_sets.value {
            return Ok(None);
        }
        let Method::Submersible(method) = &self.setup.method else {
            return Ok(None);
        };
        let statistics = pooled(&taken);
        let reduced = match method.reduce(&role_means(channels, &statistics)) {
            Ok(reduced) => reduced,
            Err(error) => return Ok(Some(short(&error))),
        };
        let mut point = Point {
            attempt: last.attempt.saturating_add(1),
            accepted: true,
            reason: None,
            from_ns: taken.first().map_or(last.from_ns, |set| set.from_ns),
            channels: statistics,
            steadiness: Vec::new(),
            translated: self.translated(Some(&reduced)),
            reduced: Some(reduced),
            ..last.clone()
        };
        let found = match self.judged(rule, channels, &point, &taken) {
            Ok(found) => found,
            Err(error) => return Ok(Some(short(&error))),
        };
        let short = Self::beyond(rule.rule, &found);
        point.sets = Some(RepeatedSets {
            formula: match rule.rule {
                RepeatRule::StudentT => "repeated-sets.student-t.v1",
                RepeatRule::SpreadTable => "repeated-sets.spread.v1",
            }
            .into(),
            clause: rule.clause.clone(),
            attempts: taken.iter().map(|set| set.attempt).collect(),
            quantities: found
                .iter()
                .map(|(of, found)| quantity(*of, found))
                .collect(),
        });
        Ok(Some(match short {
            None => Together::Point(Box::new(point)),
            Some(why) => Together::Short(why),
        }))
    }

    /// The sets held against the rule, quantity by quantity.
    fn judged(
        &self,
        rule: &ReadingsRule,
        channels: &Channels,
        point: &Point,
        taken: &[&Point],
    ) -> Result<Vec<(Repeated, sets::Repeated)>, Error> {
        let standard = self.setup.standard();
        let class = self.setup.class;
        let floor_pct = standard.laboratory()?.flow_floor_pct_of_rated;
        let floor_m3_s = floor_pct / 100.0 * self.setup.flow_m3_s;
        let unit = |r: &Reduced| r.power_kind == PowerKind::MotorInput;
        let reduced: Vec<&Reduced> = taken.iter().filter_map(|p| p.reduced.as_ref()).collect();
        let flowing = point
            .reduced
            .as_ref()
            .is_some_and(|r| r.flow_m3_s > floor_m3_s);
        let power = if reduced.iter().all(|r| unit(r)) {
            Measured::InputPower
        } else {
            Measured::ShaftPowerFromTorque
        };
        // A pack may leave the speed out; flow, head and power it must limit.
        let speed = match rule.rule {
            RepeatRule::StudentT => standard.overall_uncertainty(Measured::Speed, class).is_ok(),
            RepeatRule::SpreadTable => standard
                .spread_pct(taken.len(), Measured::Speed, class)
                .is_ok(),
        };
        let asked: [Asked; 4] = [
            // Near shut-off a share of the flow is a share of nothing.
            (
                Repeated::Flow,
                Measured::Flow,
                |r| Some(r.flow_m3_s),
                flowing,
            ),
            (
                Repeated::Head,
                Measured::TotalHead,
                |r| Some(r.head_m),
                true,
            ),
            (Repeated::Power, power, |r| Some(r.power_w), true),
            (Repeated::Speed, Measured::Speed, |r| r.speed_rpm, speed),
        ];
        let (mut names, mut columns, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for (name, quantity, read, held) in asked {
            let column: Option<Vec<f64>> = reduced.iter().map(|r| read(r)).collect();
            let Some(column) = column.filter(|_| held) else {
                continue;
            };
            names.push(name);
            values.push(column);
            columns.push(Column {
                quantity,
                systematic_pct: systematic_pct(&self.setup, channels, point, name)?,
            });
        }
        let begin_ns = taken.first().map_or(0, |set| set.from_ns);
        let sets: Vec<Set> = taken
            .iter()
            .enumerate()
            .map(|(n, set)| Set {
                at_s: seconds(set.from_ns - begin_ns),
                values: values.iter().filter_map(|v| v.get(n).copied()).collect(),
                discarded: None,
            })
            .collect();
        let found = sets::judge(standard, class, &columns, &sets)?;
        Ok(names.into_iter().zip(found.quantities).collect())
    }

    /// Why sets are not enough; none where they are.
    fn beyond(rule: RepeatRule, found: &[(Repeated, sets::Repeated)]) -> Option<Bilingual> {
        let (what_zh, what_en) = match rule {
            RepeatRule::StudentT => ("总不确定度", "overall uncertainty"),
            RepeatRule::SpreadTable => ("极差", "spread"),
        };
        let said: Vec<Bilingual> = found
            .iter()
            .filter(|(_, found)| found.verdict != Verdict::Pass)
            .map(|(of, found)| {
                let name = of.text();
                let judged = found.judged_pct.unwrap_or(f64::NAN);
                let limit = found.limit_pct.unwrap_or(f64::NAN);
                match found.reason {
                    Reason::NoSystematic => Bilingual::new(
                        format!("{}的仪表不确定度未给出", name.zh),
                        format!("the instrument uncertainty of {} is not stated", name.en),
                    ),
                    Reason::NotInPack => Bilingual::new(
                        format!("标准数据包未给出{}的{what_zh}限值", name.zh),
                        format!("the pack states no {what_en} for {}", name.en),
                    ),
                    Reason::Inside | Reason::Above => Bilingual::new(
                        format!("{}的{what_zh} {judged:.2} % 超过允许值 {limit} %", name.zh),
                        format!(
                            "{what_en} of {} {judged:.2} % exceeds the permitted {limit} %",
                            name.en
                        ),
                    ),
                }
            })
            .collect();
        (!said.is_empty()).then(|| joined(&said))
    }
}

fn short(error: &impl ToString) -> Together {
    let why = error.to_string();
    Together::Short(Bilingual::new(format!("无法合并：{why}"), why))
}

fn quantity(of: Repeated, found: &sets::Repeated) -> RepeatedQuantity {
    let summary = &found.random.summary;
    RepeatedQuantity {
        quantity: of,
        mean: summary.mean,
        sd: summary.sd.unwrap_or(0.0),
        random_pct: found.random.random_pct,
        spread_pct: found.spread_pct,
        overall_pct: found.overall_pct,
        limit_pct: found.limit_pct,
    }
}

/// What each channel showed over all sets: every set weighs alike, as its mean does in the
/// rule; the standard deviation is that of all readings about the mean.
fn pooled(taken: &[&Point]) -> Vec<ChannelStatistics> {
    let Some((first, rest)) = taken.split_first() else {
        return Vec::new();
    };
    let mut pooled = Vec::new();
    for channel in &first.channels {
        let others = rest.iter().map(|set| {
            let mut channels = set.channels.iter();
            channels.find(|c| c.channel == channel.channel)
        });
        let of_all: Option<Vec<&ChannelStatistics>> =
            std::iter::once(Some(channel)).chain(others).collect();
        // What one of the sets did not show, they do not show.
        pooled.extend(of_all.map(|of_all| one(&of_all)));
    }
    pooled
}

fn one(sets: &[&ChannelStatistics]) -> ChannelStatistics {
    let mut all = ChannelStatistics {
        channel: sets.first().map(|s| s.channel.clone()).unwrap_or_default(),
        samples: 0,
        bad: 0,
        mean: 0.0,
        sd: 0.0,
        low: f64::INFINITY,
        high: f64::NEG_INFINITY,
        slope_per_s: 0.0,
        time_half_width_s: 0.0,
    };
    #[expect(clippy::cast_precision_loss, reason = "a count of sets")]
    let count = sets.len() as f64;
    for set in sets {
        all.samples = all.samples.saturating_add(set.samples);
        all.bad = all.bad.saturating_add(set.bad);
        all.mean += set.mean / count;
        all.slope_per_s += set.slope_per_s / count;
        all.low = all.low.min(set.low);
        all.high = all.high.max(set.high);
        all.time_half_width_s = all.time_half_width_s.max(set.time_half_width_s);
    }
    let mut squares = 0.0;
    for set in sets {
        let (samples, off) = (f64::from(set.samples), set.mean - all.mean);
        squares += (samples - 1.0) * set.sd * set.sd + samples * off * off;
    }
    all.sd = (squares / (f64::from(all.samples) - 1.0)).sqrt();
    all
}
