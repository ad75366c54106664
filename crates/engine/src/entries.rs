//! Readings that people type in: when two of them, or one with a photo, count.
//!
//! Everything here is of one channel and one set of readings. A person's newest entry is the
//! only one of that person that counts; all of them stand in the journal.

use dutypoint_hydraulics::limit;
use dutypoint_model::Bilingual;
use dutypoint_model::document::{Channel, ChannelStatistics};

/// An entry that was let in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Taken {
    pub(crate) t_ns: i64,
    pub(crate) who: String,
    /// As it was read, in the channel's unit.
    pub(crate) read: f64,
    /// Corrected by calibration, in the internal unit.
    pub(crate) value: f64,
    /// Whether a photo of the dial goes with it.
    pub(crate) photo: bool,
}

/// What counts as entered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Agreed {
    /// Time of the entry that made it count.
    pub(crate) t_ns: i64,
    /// Mean and ends of the entries that agree, internal unit.
    pub(crate) mean: f64,
    low: f64,
    high: f64,
    entries: u32,
    /// Half of the time between them.
    half_ns: i64,
}

impl Agreed {
    /// As the point holds it. A needle that is looked at twice shows no fluctuation, so none is
    /// stated: the step of the dial stands in the budget.
    pub(crate) fn statistics(&self, channel: &Channel) -> ChannelStatistics {
        ChannelStatistics {
            channel: channel.name.clone(),
            samples: self.entries,
            bad: 0,
            mean: self.mean,
            sd: 0.0,
            low: self.low,
            high: self.high,
            slope_per_s: 0.0,
            time_half_width_s: crate::watch::seconds(self.half_ns),
        }
    }
}

/// Two names of one person: blanks and the case of letters do not make another.
pub(crate) fn same_person(a: &str, b: &str) -> bool {
    let plain = |name: &str| -> String {
        let words: Vec<&str> = name.split_whitespace().collect();
        words.join(" ").to_lowercase()
    };
    plain(a) == plain(b)
}

/// The newest entry of each person but `who`, the latest first.
pub(crate) fn others<'a>(entries: &'a [Taken], who: &str) -> Vec<&'a Taken> {
    let mut newest: Vec<&Taken> = Vec::new();
    for taken in entries.iter().rev() {
        let known = newest.iter().any(|n| same_person(&n.who, &taken.who));
        if !known && !same_person(&taken.who, who) {
            newest.push(taken);
        }
    }
    newest
}

/// Whether two numbers as read lie no further apart than the channel permits.
pub(crate) fn agree(channel: &Channel, a: f64, b: f64) -> bool {
    let tolerance = channel.entered.map_or(0.0, |rule| rule.tolerance);
    limit::at_most((a - b).abs(), tolerance)
}

/// What counts of `entries`, newest last: the newest alone where it has a photo, else with the
/// latest of another person that agrees with it.
pub(crate) fn agreed(channel: &Channel, entries: &[Taken]) -> Option<Agreed> {
    let newest = entries.last()?;
    if newest.photo {
        return Some(Agreed {
            t_ns: newest.t_ns,
            mean: newest.value,
            low: newest.value,
            high: newest.value,
            entries: 1,
            half_ns: 0,
        });
    }
    let others = others(entries, &newest.who);
    let second = others
        .into_iter()
        .find(|other| agree(channel, other.read, newest.read))?;
    Some(Agreed {
        t_ns: newest.t_ns,
        mean: 0.5 * (newest.value + second.value),
        low: newest.value.min(second.value),
        high: newest.value.max(second.value),
        entries: 2,
        half_ns: newest.t_ns.saturating_sub(second.t_ns) / 2,
    })
}

/// That nobody entered what a channel shows.
pub(crate) fn lacking(channel: &Channel) -> Bilingual {
    let (tag, name) = (&channel.instrument.tag, &channel.name);
    Bilingual::new(
        format!("{tag} {name}：没有两人一致的读数，也没有附照片的读数"),
        format!("{tag} {name}: no reading that two people agree on, and none with a photo"),
    )
}
