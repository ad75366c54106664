//! Readings that people type in while a set is taken.
//!
//! What does not fit is refused before it is recorded, and a journal that holds it all the
//! same counts it as nothing: replay asks the same question.

use super::{Phase, RunEngine};
use crate::entries::{self, Taken};
use dutypoint_model::Bilingual;
use dutypoint_model::document::{Channel, Entry, EntryRule};
use serde::{Deserialize, Serialize};

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entered {
    /// It counts: the mean of those that agree, in the internal unit.
    Counts(f64),
    /// A second person is needed.
    NeedsSecond,
    /// It differs from what others entered by more than is permitted: name, and what was read
    /// in the channel's unit.
    Differs(Vec<(String, f64)>),
}

impl RunEngine {
    /// Whether `entry` of `who` may be taken now.
    ///
    /// # Errors
    /// What is wrong, where, and what to do, in words.
    pub fn check_entry(&self, who: &str, entry: &Entry) -> Result<(), Bilingual> {
        self.taken(who, entry).map(drop)
    }

    /// What became of the newest entry for `channel`; none where there is none in this set.
    #[must_use]
    pub fn entered(&self, channel: &str) -> Option<Entered> {
        let watch = self.watch.as_ref()?;
        let mut channels = watch.channels().channels.iter();
        let n = channels.position(|c| c.name == channel)?;
        let newest = watch.entries(n).last()?;
        if let Some(agreed) = watch.agreed(n) {
            return Some(Entered::Counts(agreed.mean));
        }
        let others = entries::others(watch.entries(n), &newest.who);
        Some(if others.is_empty() {
            Entered::NeedsSecond
        } else {
            Entered::Differs(others.iter().map(|o| (o.who.clone(), o.read)).collect())
        })
    }

    /// What is asked of people now.
    pub(super) fn asked(&self) -> Vec<Bilingual> {
        let Some(watch) = &self.watch else {
            return Vec::new();
        };
        let ask = |(n, channel): (usize, &Channel)| {
            let (tag, name, unit) = (&channel.instrument.tag, &channel.name, channel.unit);
            let read: Vec<String> = watch
                .entries(n)
                .iter()
                .map(|taken| format!("{} {} {unit}", taken.who, taken.read))
                .collect();
            let read = read.join(", ");
            match watch.entries(n) {
                [] => Bilingual::new(
                    format!("请读 {tag} 并录入 {name}（{unit}）：两人各录一次，或一人附照片"),
                    format!(
                        "read {tag} and enter {name} ({unit}): two people, or one with a photo"
                    ),
                ),
                [_] => Bilingual::new(
                    format!("{tag} {name}：已录入 {read}，等待第二人"),
                    format!("{tag} {name}: entered {read}; waiting for a second person"),
                ),
                _ => Bilingual::new(
                    format!("{tag} {name}：录入不一致：{read}，请重读并重录"),
                    format!("{tag} {name}: entries differ: {read}; read and enter again"),
                ),
            }
        };
        watch.asked().map(ask).collect()
    }

    pub(super) fn enter(&mut self, who: &str, entry: &Entry) {
        // One that does not fit stands in the journal, and no more.
        let Ok((n, taken)) = self.taken(who, entry) else {
            return;
        };
        if let (Some(photo), Phase::Measuring { since_ns }) = (entry.photo, &self.phase) {
            self.photos.push((photo, *since_ns));
        }
        if let Some(watch) = &mut self.watch {
            watch.enter(n, taken);
        }
    }

    fn taken(&self, who: &str, entry: &Entry) -> Result<(usize, Taken), Bilingual> {
        let Some(watch) = &self.watch else {
            return Err(Bilingual::new("试验尚未开始", "the run has not begun"));
        };
        let channels = watch.channels().channels.iter().enumerate();
        let entered = channels.filter_map(|(n, c)| Some((n, c, c.entered?)));
        let Some((n, channel, rule)) = entered.clone().find(|(_, c, _)| c.name == entry.channel)
        else {
            let names: Vec<&str> = entered.map(|(_, c, _)| c.name.as_str()).collect();
            let (name, known) = (&entry.channel, names.join(", "));
            return Err(Bilingual::new(
                format!("通道 {name:?} 不是人工录入的通道；可录入的有：{known}"),
                format!("channel {name:?} is none that is typed in; there are: {known}"),
            ));
        };
        let (tag, name) = (&channel.instrument.tag, &channel.name);
        let of_it = |why: Bilingual| {
            let (zh, en) = (why.zh, why.en);
            Bilingual::new(format!("{tag} {name}：{zh}"), format!("{tag} {name}: {en}"))
        };
        let refuse = |zh: String, en: String| Err(of_it(Bilingual::new(zh, en)));
        let Phase::Measuring { since_ns } = self.phase else {
            return refuse(
                "现在不取读数；请等到试验要求读数时再读、再录".into(),
                "no set of readings is being taken; read it again and enter it when the run asks"
                    .into(),
            );
        };
        if who.trim().is_empty() {
            return refuse(
                "没有姓名；用 --by 写明谁读的".into(),
                "there is no name; say with --by who read it".into(),
            );
        }
        if entry.unit != channel.unit {
            let (given, unit) = (entry.unit, channel.unit);
            return refuse(
                format!("表盘单位是 {unit}，录入的是 {given}；请按表盘单位录入，不要换算"),
                format!(
                    "it reads in {unit}, and {given} was entered; enter what it shows, unconverted"
                ),
            );
        }
        check_range(channel, entry.value).map_err(of_it)?;
        if let Some(photo) = entry.photo
            && self
                .photos
                .iter()
                .any(|(p, since)| *p == photo && *since != since_ns)
        {
            return refuse(
                "这张照片已用于前一组读数；请重新拍照".into(),
                "this photo was used for an earlier set of readings; take a new one".into(),
            );
        }
        for other in entries::others(watch.entries(n), who) {
            check_point(channel, rule, entry.value, other).map_err(of_it)?;
        }
        let calibration = &channel.instrument.calibration;
        let value = calibration.corrected(entry.value, channel.unit);
        let Some(value) = value.ok().filter(|v| v.is_finite()) else {
            let (read, unit) = (entry.value, channel.unit);
            return refuse(
                format!("{read} {unit} 超出校准修正表的范围；请核对读数，或换用量程合适的仪表"),
                format!(
                    "{read} {unit} is beyond the table of its calibration; check the reading, or use an instrument of another range"
                ),
            );
        };
        let taken = Taken {
            t_ns: self.now_ns,
            who: who.trim().to_owned(),
            read: entry.value,
            value,
            photo: entry.photo.is_some(),
        };
        Ok((n, taken))
    }
}

/// Powers of ten by which a decimal point is misplaced.
const TENS: [f64; 6] = [10.0, 0.1, 100.0, 0.01, 1000.0, 0.001];

fn check_range(channel: &Channel, value: f64) -> Result<(), Bilingual> {
    let ([low, high], unit) = (channel.instrument.range, channel.unit);
    if (low..=high).contains(&value) {
        return Ok(());
    }
    let moved = TENS.iter().map(|ten| value * ten);
    let near = moved
        .into_iter()
        .find(|v| *v != 0.0 && (low..=high).contains(v));
    let (zh, en) = match near {
        Some(near) => (
            format!("；小数点是否错位，应为 {near:.4}？请重读"),
            format!("; is the decimal point misplaced, and {near:.4} meant? Read it again"),
        ),
        None => ("；请重读".into(), "; read it again".into()),
    };
    Err(Bilingual::new(
        format!("{value} {unit} 超出量程 {low} … {high} {unit}{zh}"),
        format!("{value} {unit} is outside its range {low} … {high} {unit}{en}"),
    ))
}

/// Refuses what another person read ten, a hundred or a thousand times as large or small.
fn check_point(
    channel: &Channel,
    rule: EntryRule,
    value: f64,
    other: &Taken,
) -> Result<(), Bilingual> {
    // Near zero everything is a tenth of everything.
    let tells = value.abs().min(other.read.abs()) > rule.tolerance;
    if !tells || entries::agree(channel, value, other.read) {
        return Ok(());
    }
    let scaled = |ten: &f64| {
        let apart = (value * ten - other.read).abs();
        apart <= rule.tolerance * ten.max(1.0)
    };
    if !TENS.iter().any(scaled) {
        return Ok(());
    }
    let (who, read, unit) = (&other.who, other.read, channel.unit);
    Err(Bilingual::new(
        format!(
            "{value} {unit} 与 {who} 录入的 {read} {unit} 相差十的倍数，其中一个小数点错位；两人都重读，读错的一方重录"
        ),
        format!(
            "{value} {unit} differs by a factor of ten from {read} {unit} that {who} entered: one decimal point is misplaced; both read again, and who was wrong enters again"
        ),
    ))
}
