//! What the channels have shown lately, and which of them are silent.

use crate::decode;
use crate::entries::{Agreed, Taken};
use crate::live::LiveQuality;
use dutypoint_model::Bilingual;
use dutypoint_model::document::{
    Channel, ChannelStatistics, Channels, CounterRule, Exchange, Gap, Page, Quality, Role,
    ZeroReading,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Readings of one channel, newest last.
#[derive(Clone, Debug, Default, PartialEq)]
struct Trace {
    /// Time, value, and half the exchange that brought it, ns.
    good: VecDeque<(i64, f64, i64)>,
    bad: VecDeque<i64>,
    /// Time and value of the last good reading, however long ago.
    last_good: Option<(i64, f64)>,
    /// Why the last answer held no value; none once one did.
    last_bad: Option<LastBad>,
    /// A silence that has been noticed, with its beginning.
    silent_since_ns: Option<i64>,
    /// How long it may give no value before it is silent.
    patience_ns: i64,
    /// Its last count of pulses, and when.
    count: Option<decode::Count>,
    /// What people read off for the set of readings being taken, newest last.
    entries: Vec<Taken>,
}

#[derive(Clone, Debug, PartialEq)]
struct LastBad {
    t_ns: i64,
    /// Whether the instrument answered at all.
    answered: bool,
    why: Bilingual,
}

/// One channel at a moment.
pub(crate) struct State<'a> {
    pub(crate) channel: &'a Channel,
    /// Time and value of the last good reading.
    pub(crate) last: Option<(i64, f64)>,
    pub(crate) quality: LiveQuality,
    /// Why there is no good value.
    pub(crate) why: Option<Bilingual>,
}

/// The recent past of every channel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Watch {
    channels: Channels,
    traces: Vec<Trace>,
    /// What is measured at all.
    roles: BTreeSet<Role>,
    /// Which channels an exchange of a poll fills, and how they are read.
    of_poll: BTreeMap<u16, Vec<(usize, decode::Reader)>>,
    begin_ns: i64,
    keep_ns: i64,
    /// When the computer woke up last; the start where it never slept.
    awake_ns: i64,
    /// Zero of each channel, in its internal unit; none where none was taken.
    zeros: Vec<Option<f64>>,
}

impl Watch {
    pub(crate) fn new(channels: Channels, begin_ns: i64, gap_s: f64, keep_s: f64) -> Self {
        let mut of_poll: BTreeMap<u16, Vec<(usize, decode::Reader)>> = BTreeMap::new();
        let wired = |(_, channel): &(usize, &Channel)| channel.entered.is_none();
        for (index, channel) in channels.channels.iter().enumerate().filter(wired) {
            let reader = decode::Reader::new(channel);
            of_poll
                .entry(channel.poll)
                .or_default()
                .push((index, reader));
        }
        let gap_ns = nanoseconds(gap_s);
        let all = &channels.channels;
        let trace = |channel| Trace {
            patience_ns: patience_ns(&channels, gap_ns, channel),
            ..Trace::default()
        };
        Self {
            traces: all.iter().map(trace).collect(),
            roles: all.iter().map(|channel| channel.role).collect(),
            zeros: vec![None; channels.channels.len()],
            awake_ns: begin_ns,
            channels,
            of_poll,
            begin_ns,
            keep_ns: nanoseconds(keep_s),
        }
    }

    pub(crate) fn channels(&self) -> &Channels {
        &self.channels
    }

    /// Takes the readings of `page`; returns the gaps that ended with it.
    pub(crate) fn take(&mut self, page: &Page) -> Vec<Gap> {
        let mut ended = Vec::new();
        for exchange in &page.exchanges {
            ended.extend(self.take_exchange(page.t_ns, exchange));
        }
        ended
    }

    fn take_exchange(&mut self, page_ns: i64, exchange: &Exchange) -> Vec<Gap> {
        let Exchange(poll, sent_us, received_us, quality, bytes) = exchange;
        let middle_us = sent_us.saturating_add(*received_us) / 2;
        let t_ns = page_ns.saturating_add(middle_us.saturating_mul(1000));
        let half_ns = received_us.saturating_sub(*sent_us).saturating_mul(500);
        let words = match quality {
            Quality::Good => bytes
                .words()
                .ok_or_else(|| Bilingual::new("字节数为奇数", "odd number of bytes")),
            other => Err(other.text()),
        };
        // Silence is one thing, an instrument that says it cannot measure another.
        let answered = matches!(quality, Quality::Good | Quality::Exception(_));
        let mut over = Silences::default();
        for (index, reader) in self.of_poll.get(poll).into_iter().flatten() {
            let channel = self.channels.channels.get(*index);
            let (Some(channel), Some(trace)) = (channel, self.traces.get_mut(*index)) else {
                continue;
            };
            let value = match &words {
                Ok(words) => match &channel.counter {
                    None => reader.value(channel, words),
                    Some(rule) => trace.counted(channel, rule, t_ns, words),
                }
                .map_err(|bad| bad.text()),
                Err(cause) => Err(cause.clone()),
            };
            match value {
                Ok(value) => {
                    let zero = self.zeros.get(*index).copied().flatten();
                    let value = value - zero.unwrap_or(0.0);
                    let last_ns = trace.heard_ns(self.begin_ns, self.awake_ns);
                    if let Some(from_ns) = trace.ends_silence(last_ns, t_ns) {
                        over.add(channel, from_ns, trace.why());
                    }
                    trace.last_good = Some((t_ns, value));
                    trace.last_bad = None;
                    trace.good.push_back((t_ns, value, half_ns));
                }
                Err(why) => {
                    trace.bad.push_back(t_ns);
                    trace.last_bad = Some(LastBad {
                        t_ns,
                        answered,
                        why,
                    });
                }
            }
            let horizon = t_ns.saturating_sub(self.keep_ns);
            while trace.good.front().is_some_and(|(t, ..)| *t < horizon) {
                trace.good.pop_front();
            }
            while trace.bad.front().is_some_and(|t| *t < horizon) {
                trace.bad.pop_front();
            }
        }
        over.gaps(t_ns)
    }

    /// Notices silences; returns the tags and causes of needed channels that are silent.
    pub(crate) fn silent(&mut self, now_ns: i64, needed: &[Role]) -> Vec<Bilingual> {
        let mut silent = Silences::default();
        for (channel, trace) in self.channels.channels.iter().zip(&mut self.traces) {
            if channel.entered.is_some() {
                // It says something when it is asked.
                continue;
            }
            let last = trace.heard_ns(self.begin_ns, self.awake_ns);
            if now_ns.saturating_sub(last) > trace.patience_ns {
                trace.silent_since_ns.get_or_insert(last);
                if needed.contains(&channel.role) {
                    silent.add(channel, last, trace.why());
                }
            }
        }
        silent.causes()
    }

    /// Every channel as it stands at `now_ns`.
    pub(crate) fn states(&self, now_ns: i64) -> impl Iterator<Item = State<'_>> {
        self.channels
            .channels
            .iter()
            .zip(&self.traces)
            .map(move |(channel, trace)| {
                let asked = channel.entered.is_some() && agreed(channel, trace).is_none();
                let late = |t_ns: i64| match channel.entered {
                    Some(_) => asked,
                    None => now_ns.saturating_sub(t_ns) > trace.patience_ns,
                };
                let quality = match (trace.last_good, &trace.last_bad) {
                    (_, Some(bad)) if bad.answered && !late(bad.t_ns) => LiveQuality::Bad,
                    (None, _) => LiveQuality::Never,
                    (Some((good, _)), _) if late(good) => LiveQuality::Silent,
                    (Some(_), Some(_)) => LiveQuality::Bad,
                    (Some(_), None) => LiveQuality::Good,
                };
                State {
                    channel,
                    last: trace.last_good,
                    quality,
                    why: trace.last_bad.as_ref().map(|bad| bad.why.clone()),
                }
            })
    }

    /// Needed channels that have never given a value, in words.
    pub(crate) fn missing(&self, needed: &[Role]) -> Vec<Bilingual> {
        let mut never = Silences::default();
        for (channel, trace) in self.channels.channels.iter().zip(&self.traces) {
            let wired = channel.entered.is_none();
            if wired && needed.contains(&channel.role) && trace.last_good.is_none() {
                never.add(channel, self.begin_ns, trace.why());
            }
        }
        let mut missing = never.causes();
        for role in needed {
            if !self.roles.contains(role) {
                let name = role.text();
                missing.push(Bilingual::new(
                    format!("没有通道测量{}", name.zh),
                    format!("no channel measures {}", name.en),
                ));
            }
        }
        missing
    }

    /// The longest half of an exchange from `from_ns` on, s: how well the times of the readings
    /// are known.
    pub(crate) fn time_half_width_s(&self, channel: usize, from_ns: i64) -> f64 {
        let good = self.traces.get(channel).map(|trace| &trace.good);
        let since = good.into_iter().flatten().filter(|(t, ..)| *t >= from_ns);
        seconds(since.map(|(.., half_ns)| *half_ns).max().unwrap_or(0))
    }

    /// The computer slept until `to_ns`: gaps open until then end at `from_ns`, and no channel
    /// is silent for the time it slept.
    pub(crate) fn slept(&mut self, from_ns: i64, to_ns: i64) -> Vec<Gap> {
        let gaps = self.close(from_ns);
        self.awake_ns = to_ns;
        gaps
    }

    /// Whether a channel whose zero is held has none yet.
    pub(crate) fn lacks_zero(&self) -> bool {
        let mut channels = self.channels.channels.iter().zip(&self.zeros);
        channels.any(|(channel, zero)| channel.zero.is_some() && zero.is_none())
    }

    /// Name and zero of each channel that has one.
    pub(crate) fn zeros(&self) -> Vec<(String, f64)> {
        let channels = self.channels.channels.iter().zip(&self.zeros);
        channels
            .filter_map(|(channel, zero)| Some((channel.name.clone(), (*zero)?)))
            .collect()
    }

    /// Takes zeros; what was read before is forgotten, for it was read without them.
    pub(crate) fn set_zeros(&mut self, zeros: &[ZeroReading]) {
        let channels = self.channels.channels.iter().zip(&mut self.zeros);
        for ((channel, zero), trace) in channels.zip(&mut self.traces) {
            let found = zeros.iter().find(|z| z.channel == channel.name);
            if let (Some(found), true) = (found, channel.zero.is_some()) {
                *zero = Some(found.value).filter(|v| v.is_finite());
                trace.good.clear();
            }
        }
    }

    /// What each channel whose zero is held showed on the mean from `from_ns` on, before any
    /// zero is taken off.
    pub(crate) fn zero_means(&self, from_ns: i64) -> Result<Vec<ZeroReading>, Bilingual> {
        let mut means = Vec::new();
        for (n, channel) in self.channels.channels.iter().enumerate() {
            if channel.zero.is_none() {
                continue;
            }
            let (_, values, _) = self.samples(n, from_ns);
            let summary = dutypoint_hydraulics::stats::summary(&values).ok();
            let Some(summary) = summary.filter(|s| s.count >= 3) else {
                let (tag, name) = (&channel.instrument.tag, &channel.name);
                return Err(Bilingual::new(
                    format!("{tag} {name}：读数不足，无法取零点"),
                    format!("{tag} {name}: too few readings to take a zero"),
                ));
            };
            let taken = self.zeros.get(n).copied().flatten().unwrap_or(0.0);
            means.push(ZeroReading {
                channel: channel.name.clone(),
                value: summary.mean + taken,
            });
        }
        Ok(means)
    }

    /// Begins a set of readings: what was entered for the one before is no part of it.
    pub(crate) fn begin_set(&mut self) {
        for trace in &mut self.traces {
            trace.entries.clear();
        }
    }

    /// Takes what was read off a channel for this set.
    pub(crate) fn enter(&mut self, channel: usize, taken: Taken) {
        let described = self.channels.channels.get(channel);
        if let (Some(described), Some(trace)) = (described, self.traces.get_mut(channel)) {
            trace.entries.push(taken);
            if let Some(agreed) = agreed(described, trace) {
                trace.last_good = Some((agreed.t_ns, agreed.mean));
            }
        }
    }

    /// What was entered for this set, newest last.
    pub(crate) fn entries(&self, channel: usize) -> &[Taken] {
        self.traces.get(channel).map_or(&[], |t| &t.entries)
    }

    /// What counts as entered for a channel in this set; none before it does.
    pub(crate) fn agreed(&self, channel: usize) -> Option<Agreed> {
        let trace = self.traces.get(channel)?;
        agreed(self.channels.channels.get(channel)?, trace)
    }

    /// The channels whose entry this set still lacks.
    pub(crate) fn asked(&self) -> impl Iterator<Item = (usize, &Channel)> {
        let channels = self.channels.channels.iter().enumerate();
        channels.filter(|(n, c)| c.entered.is_some() && self.agreed(*n).is_none())
    }

    /// Closes every open gap at `now_ns`.
    pub(crate) fn close(&mut self, now_ns: i64) -> Vec<Gap> {
        let mut open = Silences::default();
        let channels = self.channels.channels.iter().zip(&mut self.traces);
        for (channel, trace) in channels.filter(|(channel, _)| channel.entered.is_none()) {
            let last_ns = trace.heard_ns(self.begin_ns, self.awake_ns);
            if let Some(from_ns) = trace.ends_silence(last_ns, now_ns) {
                open.add(channel, from_ns, trace.why());
            }
        }
        open.gaps(now_ns)
    }

    /// Times (s since `from_ns`) and values of a channel from `from_ns` on.
    pub(crate) fn samples(&self, channel: usize, from_ns: i64) -> (Vec<f64>, Vec<f64>, u32) {
        let Some(trace) = self.traces.get(channel) else {
            return (Vec::new(), Vec::new(), 0);
        };
        let (times, values) = trace
            .good
            .iter()
            .filter(|(t, ..)| *t >= from_ns)
            .map(|(t, v, _)| (seconds(t - from_ns), *v))
            .unzip();
        let bad = trace.bad.iter().filter(|t| **t >= from_ns).count();
        (times, values, u32::try_from(bad).unwrap_or(u32::MAX))
    }

    /// Time and value of the last good reading of the channel called `name`.
    pub(crate) fn last_of(&self, name: &str) -> Option<(i64, f64)> {
        let mut channels = self.channels.channels.iter().zip(&self.traces);
        channels.find(|(c, _)| c.name == name)?.1.last_good
    }

    /// The channels that mirror a contact, with their last value.
    pub(crate) fn contacts(&self) -> impl Iterator<Item = (&Channel, f64)> {
        let channels = self.channels.channels.iter().zip(&self.traces);
        channels
            .filter(|(channel, _)| matches!(channel.role, Role::MainsPresent | Role::Trip))
            .filter_map(|(channel, trace)| Some((channel, trace.last_good?.1)))
    }

    /// The last value of the mean over the channels of each role, however long ago.
    pub(crate) fn last(&self) -> BTreeMap<Role, f64> {
        let last = self.traces.iter().map(|t| t.last_good.map(|(_, v)| v));
        self.means(last)
    }

    /// The last value of the mean over the channels of each role, of those heard lately.
    pub(crate) fn latest(&self) -> BTreeMap<Role, f64> {
        self.means(
            self.channels
                .channels
                .iter()
                .zip(&self.traces)
                .map(|(channel, t)| match channel.entered {
                    Some(_) => t.last_good.map(|(_, v)| v),
                    None => t.good.back().map(|(_, v, _)| *v),
                }),
        )
    }

    fn means(&self, values: impl Iterator<Item = Option<f64>>) -> BTreeMap<Role, f64> {
        let mut sums: BTreeMap<Role, (f64, f64)> = BTreeMap::new();
        for (channel, value) in self.channels.channels.iter().zip(values) {
            if let Some(value) = value {
                let sum = sums.entry(channel.role).or_insert((0.0, 0.0));
                *sum = (sum.0 + value, sum.1 + 1.0);
            }
        }
        sums.into_iter()
            .map(|(role, (sum, n))| (role, sum / n))
            .collect()
    }
}

fn agreed(channel: &Channel, trace: &Trace) -> Option<Agreed> {
    crate::entries::agreed(channel, &trace.entries)
}

impl Trace {
    /// What a counter of pulses says with the count it had before.
    fn counted(
        &mut self,
        channel: &Channel,
        rule: &CounterRule,
        t_ns: i64,
        words: &[u16],
    ) -> Result<f64, decode::Bad> {
        let now = (t_ns, decode::indicated(&channel.encoding, words)?);
        // Behind a jump it counts on from where it is.
        decode::rate(channel, rule, self.count.replace(now), now)
    }

    /// When it was heard last, or has been listened to since.
    fn heard_ns(&self, begin_ns: i64, awake_ns: i64) -> i64 {
        let last = self.last_good.map_or(begin_ns, |(t_ns, _)| t_ns);
        last.max(awake_ns)
    }

    /// Where a silence ends at `t_ns`, its beginning: one that was noticed, or one between two
    /// looks that was longer than its patience.
    fn ends_silence(&mut self, last_ns: i64, t_ns: i64) -> Option<i64> {
        let unnoticed = t_ns.saturating_sub(last_ns) > self.patience_ns;
        let noticed = self.silent_since_ns.take();
        noticed.or(unnoticed.then_some(last_ns))
    }

    fn why(&self) -> Bilingual {
        match &self.last_bad {
            Some(bad) => bad.why.clone(),
            None => Bilingual::new("无读数", "silent"),
        }
    }
}

/// How long a channel may give no value before it is silent: a slow one is not silent
/// between two of its readings.
fn patience_ns(channels: &Channels, gap_ns: i64, channel: &Channel) -> i64 {
    let period_ns = channels
        .polls
        .iter()
        .find(|p| p.id == channel.poll)
        .map_or(0, |p| i64::from(p.period_ms) * 2_500_000);
    gap_ns.max(period_ns)
}

/// Channels that are silent. Those of one poll that fell silent together, for one
/// reason, are one silence: an instrument that does not answer is one event.
#[derive(Default)]
struct Silences<'a>(Vec<Silence<'a>>);

struct Silence<'a> {
    poll: u16,
    tag: &'a str,
    from_ns: i64,
    why: Bilingual,
    channels: Vec<&'a str>,
}

impl<'a> Silences<'a> {
    fn add(&mut self, channel: &'a Channel, from_ns: i64, why: Bilingual) {
        let same =
            |s: &&mut Silence<'_>| s.poll == channel.poll && s.from_ns == from_ns && s.why == why;
        match self.0.iter_mut().find(same) {
            Some(silence) => silence.channels.push(&channel.name),
            None => self.0.push(Silence {
                poll: channel.poll,
                tag: &channel.instrument.tag,
                from_ns,
                why,
                channels: vec![&channel.name],
            }),
        }
    }

    fn causes(&self) -> Vec<Bilingual> {
        self.0.iter().map(Silence::cause).collect()
    }

    fn gaps(&self, to_ns: i64) -> Vec<Gap> {
        let gap = |silence: &Silence<'_>| Gap {
            from_ns: silence.from_ns,
            to_ns,
            poll: Some(silence.poll),
            cause: silence.cause(),
        };
        self.0.iter().map(gap).collect()
    }
}

impl Silence<'_> {
    fn cause(&self) -> Bilingual {
        let (tag, channels) = (self.tag, self.channels.join(", "));
        Bilingual::new(
            format!("{tag} ({channels})：{}", self.why.zh),
            format!("{tag} ({channels}): {}", self.why.en),
        )
    }
}

/// Mean of the channels of each role.
pub(crate) fn role_means(channels: &Channels, shown: &[ChannelStatistics]) -> BTreeMap<Role, f64> {
    let mut sums: BTreeMap<Role, (f64, f64)> = BTreeMap::new();
    for statistics in shown {
        if let Some(channel) = channels
            .channels
            .iter()
            .find(|c| c.name == statistics.channel)
        {
            let sum = sums.entry(channel.role).or_insert((0.0, 0.0));
            *sum = (sum.0 + statistics.mean, sum.1 + 1.0);
        }
    }
    sums.into_iter()
        .map(|(role, (sum, n))| (role, sum / n))
        .collect()
}

/// Nanoseconds of `s` seconds, saturating.
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
pub(crate) fn nanoseconds(s: f64) -> i64 {
    (s * 1e9) as i64
}

/// Seconds of `ns` nanoseconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "differences of a run, exact to 1e-6 s"
)]
pub(crate) fn seconds(ns: i64) -> f64 {
    ns as f64 / 1e9
}
