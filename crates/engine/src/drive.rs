//! One actuator: armed or not, under way or not, and whether it is where it was sent.
//!
//! Promises: nothing is demanded of an actuator that is not armed, nothing outside its range,
//! and nothing faster than its rate; a demand ends as reached, differing, lost or refused.
//! What is not demanded stays where it is.

use crate::watch::{nanoseconds, seconds};
use dutypoint_model::Bilingual;
use dutypoint_model::document::{Actuator, Effect, EffectKind};

/// Demands in a row that an actuator may leave unanswered before contact counts as lost.
const MOST_UNANSWERED: u32 = 10;
/// Bench seconds between two demands on the way.
const STEP_S: f64 = 0.2;
/// Longest time the rate is counted over: a recorder that was held makes no leap of it.
const MOST_STEP_S: f64 = 1.0;

/// One actuator.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Drive {
    pub(crate) actuator: Actuator,
    armed_until_ns: Option<i64>,
    /// Where the last demand that was answered sent it; none where only the read-back knows.
    at: Option<f64>,
    /// The demand under way to it, and when it was sent.
    sent: Option<(f64, i64)>,
    course: Option<Course>,
    check: Option<Check>,
    /// Demands in a row without an answer, and why the last had none.
    unanswered: u32,
    why: Option<Bilingual>,
    /// When contact was lost; none while there is contact.
    lost_ns: Option<i64>,
}

/// Where it shall go.
#[derive(Clone, Debug, PartialEq)]
struct Course {
    target: f64,
    by_person: bool,
    reason: Bilingual,
    since_ns: i64,
    last_ns: i64,
    again: bool,
}

/// A demand whose read-back is waited for.
#[derive(Clone, Debug, PartialEq)]
struct Check {
    course: Course,
    since_ns: i64,
}

/// What a step says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    /// A demand goes out.
    Demand(f64, Bilingual),
    /// Something came of one.
    Effect(Effect),
    /// The programme needs it, and nobody has armed it.
    Unarmed,
}

/// What a step knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now<'a> {
    pub(crate) t_ns: i64,
    /// Last value of the read-back, internal unit.
    pub(crate) read: Option<(i64, f64)>,
    /// Whether the run is held: only what a person orders goes on.
    pub(crate) held: bool,
    /// Why a demand must not rise now.
    pub(crate) no_rise: Option<&'a Bilingual>,
}

/// The demand `dt_s` after `at` on the way to `target`, at `rate_per_s` at most.
pub(crate) fn ramp(at: f64, target: f64, rate_per_s: f64, dt_s: f64) -> f64 {
    let most = rate_per_s * dt_s.clamp(0.0, MOST_STEP_S);
    let way = target - at;
    if way.abs() <= most {
        target
    } else {
        at + most.copysign(way)
    }
}

impl Drive {
    pub(crate) fn new(actuator: Actuator) -> Self {
        Self {
            actuator,
            armed_until_ns: None,
            at: None,
            sent: None,
            course: None,
            check: None,
            unanswered: 0,
            why: None,
            lost_ns: None,
        }
    }

    pub(crate) fn is_armed(&self) -> bool {
        self.armed_until_ns.is_some()
    }

    /// Whether a demand is under way, or its read-back is waited for.
    pub(crate) fn is_busy(&self) -> bool {
        self.course.is_some() || self.check.is_some()
    }

    /// Seconds the way from `from` to `to` takes at its rate.
    pub(crate) fn way_s(&self, from: f64, to: f64) -> f64 {
        (to - from).abs() / self.rate()
    }

    /// Smallest and largest demand, internal unit.
    pub(crate) fn range(&self) -> [f64; 2] {
        self.actuator
            .range
            .map(|end| self.actuator.unit.to_internal(end))
    }

    fn span(&self, difference: f64) -> f64 {
        let unit = self.actuator.unit;
        unit.to_internal(difference) - unit.to_internal(0.0)
    }

    fn rate(&self) -> f64 {
        self.span(self.actuator.rate_per_s)
    }

    fn text(&self, value: f64) -> String {
        let unit = self.actuator.unit;
        format!("{:.2} {}", unit.from_internal(value), unit.printed())
    }

    pub(crate) fn effect(&self, t_ns: i64, effect: EffectKind, text: Bilingual) -> Effect {
        Effect {
            t_ns,
            actuator: Some(self.actuator.name.clone()),
            effect,
            value: None,
            read: None,
            text,
        }
    }

    fn about(&self, zh: impl AsRef<str>, en: impl AsRef<str>) -> Bilingual {
        let name = &self.actuator.name;
        Bilingual::new(
            format!("{name}：{}", zh.as_ref()),
            format!("{name}: {}", en.as_ref()),
        )
    }

    /// Arms it, for as long as its file says.
    pub(crate) fn arm(&mut self, t_ns: i64, who: &str, read: Option<(i64, f64)>) -> Effect {
        if let Some(lost_ns) = self.lost_ns
            && read.is_none_or(|(heard_ns, _)| heard_ns <= lost_ns)
        {
            let text = self.about(
                "失联后尚无回读，不能投用；检查线路和供电",
                "not armed: it has not been heard since contact was lost; check its line and supply",
            );
            return self.effect(t_ns, EffectKind::Refused, text);
        }
        self.lost_ns = None;
        self.unanswered = 0;
        let time_s = self.actuator.armed_for_s;
        self.armed_until_ns = Some(t_ns.saturating_add(nanoseconds(time_s)));
        let text = self.about(
            format!("已投用，{time_s} s 内有效（{who}）"),
            format!("armed for {time_s} s by {who}"),
        );
        self.effect(t_ns, EffectKind::Armed, text)
    }

    /// Disarms it; it stays where it is. What the programme wanted is kept for when it is armed
    /// again, what a person wanted is not.
    pub(crate) fn disarm(&mut self, t_ns: i64, zh: &str, en: &str) -> Option<Effect> {
        self.armed_until_ns.take()?;
        self.halt();
        let text = self.about(format!("已退出：{zh}"), format!("disarmed: {en}"));
        Some(self.effect(t_ns, EffectKind::Disarmed, text))
    }

    fn halt(&mut self) {
        let course = self.course.take().or(self.check.take().map(|c| c.course));
        self.course = course.filter(|course| !course.by_person);
        self.sent = None;
        // It may be moved by hand meanwhile: only the read-back knows.
        self.at = None;
    }

    /// Sends it to `target`, internal unit.
    ///
    /// # Errors
    /// The effect that refuses it: outside the range, or not armed.
    pub(crate) fn send(
        &mut self,
        t_ns: i64,
        target: f64,
        by_person: bool,
        reason: Bilingual,
    ) -> Result<(), Effect> {
        let refuse = |text| {
            let mut effect = self.effect(t_ns, EffectKind::Refused, text);
            effect.value = Some(target).filter(|v| v.is_finite());
            Err(effect)
        };
        if self.actuator.word(target).is_none() {
            let [low, high] = self.range().map(|end| self.text(end));
            let wanted = self.text(target);
            return refuse(self.about(
                format!("给定值 {wanted} 超出允许范围 {low} … {high}；改小给定值，或改试验台文件的 range"),
                format!(
                    "{wanted} is outside its range {low} … {high}; demand less, or change `range` in the bench file"
                ),
            ));
        }
        if by_person && !self.is_armed() {
            return refuse(self.about(
                "未投用；先执行 arm",
                "not armed; arm it first (`dutypoint arm`)",
            ));
        }
        self.check = None;
        self.course = Some(Course {
            target,
            by_person,
            reason,
            since_ns: t_ns,
            last_ns: self.course.take().map_or(t_ns, |course| course.last_ns),
            again: false,
        });
        Ok(())
    }

    /// Takes the answer to a demand; `failed` says why it was none.
    pub(crate) fn answered(&mut self, failed: Option<Bilingual>) {
        match failed {
            None => {
                if let Some((value, _)) = self.sent.take() {
                    self.at = Some(value);
                }
                self.unanswered = 0;
            }
            Some(why) => {
                self.sent = None;
                self.unanswered += 1;
                self.why = Some(why);
                if let Some(course) = &mut self.course {
                    course.again = true;
                }
            }
        }
    }

    /// Goes on by one step.
    pub(crate) fn step(&mut self, now: Now<'_>) -> Vec<Said> {
        let mut said = Vec::new();
        if self.armed_until_ns.is_some_and(|until| now.t_ns >= until) {
            let over = self.disarm(now.t_ns, "投用时间已到", "its time is over");
            said.extend(over.map(Said::Effect));
        }
        if let Some(lost) = self.look_for_loss(now) {
            said.push(Said::Effect(lost));
            return said;
        }
        if let Some(effect) = self.verify(now) {
            said.push(Said::Effect(effect));
        }
        if self.sent.is_none()
            && let Some(next) = self.next(now)
        {
            said.push(next);
        }
        said
    }

    /// Contact is lost where demands stay without an answer, or the read-back without a value.
    fn look_for_loss(&mut self, now: Now<'_>) -> Option<Effect> {
        if !self.is_armed() {
            return None;
        }
        let within_ns = nanoseconds(self.actuator.read_back.within_s);
        let heard_ns = now.read.map(|(t_ns, _)| t_ns);
        let silent = match heard_ns {
            Some(heard) => now.t_ns.saturating_sub(heard) > within_ns,
            // Before its first value a demand may wait as long for it.
            None => (self.course.as_ref())
                .is_some_and(|c| now.t_ns.saturating_sub(c.since_ns) > within_ns),
        };
        let text = if self.unanswered >= MOST_UNANSWERED {
            let n = self.unanswered;
            let why = self.why.clone().unwrap_or_default();
            self.about(
                format!("连续 {n} 次没有应答（{}）；保持原位", why.zh),
                format!(
                    "left {n} demands unanswered ({}); it stays in place",
                    why.en
                ),
            )
        } else if silent {
            let channel = &self.actuator.read_back.channel;
            self.about(
                format!("回读 {channel} 无数值；保持原位"),
                format!("its read-back {channel} gives no value; it stays in place"),
            )
        } else {
            return None;
        };
        self.armed_until_ns = None;
        self.halt();
        self.lost_ns = Some(now.t_ns);
        self.unanswered = 0;
        Some(self.effect(now.t_ns, EffectKind::Lost, text))
    }

    /// Whether the read-back agrees with the last demand.
    fn verify(&mut self, now: Now<'_>) -> Option<Effect> {
        let check = self.check.as_ref()?;
        let target = check.course.target;
        let fresh = now.read.filter(|(t_ns, _)| *t_ns > check.since_ns);
        let near = self.span(self.actuator.read_back.tolerance) * (1.0 + 1e-9);
        let agrees = fresh.is_some_and(|(_, read)| (read - target).abs() <= near);
        let waited_s = seconds(now.t_ns.saturating_sub(check.since_ns));
        let within_s = self.actuator.read_back.within_s;
        if !agrees && waited_s <= within_s {
            return None;
        }
        let read = fresh.map(|(_, read)| read);
        let shown = read.map_or_else(|| "–".to_owned(), |read| self.text(read));
        let wanted = self.text(target);
        let mut effect = if agrees {
            let text = self.about(
                format!("到位 {wanted}，回读 {shown}"),
                format!("reached {wanted}, reads {shown}"),
            );
            self.check = None;
            self.effect(now.t_ns, EffectKind::Reached, text)
        } else {
            let text = self.about(
                format!("给定 {wanted}，{within_s} s 后回读 {shown}；不再驱动"),
                format!(
                    "sent to {wanted}, reads {shown} after {within_s} s; it is driven no further"
                ),
            );
            self.armed_until_ns = None;
            self.halt();
            self.effect(now.t_ns, EffectKind::Differs, text)
        };
        effect.value = Some(target);
        effect.read = read;
        Some(effect)
    }

    fn next(&mut self, now: Now<'_>) -> Option<Said> {
        let course = self.course.as_ref()?;
        if !self.is_armed() {
            return (!course.by_person && !now.held).then_some(Said::Unarmed);
        }
        if now.held && !course.by_person {
            return None;
        }
        let dt_s = seconds(now.t_ns.saturating_sub(course.last_ns));
        let first = self.at.is_none();
        if !first && dt_s < STEP_S {
            return None;
        }
        // Where only the read-back knows where it is, the way begins there.
        let at = match self.at {
            Some(at) => at,
            None => now.read?.1,
        };
        let refuse = |drive: &mut Self, text| {
            drive.course = None;
            let effect = drive.effect(now.t_ns, EffectKind::Refused, text);
            Some(Said::Effect(effect))
        };
        let target = course.target;
        let rises = target > at;
        if let Some(why) = now.no_rise.filter(|_| rises && self.actuator.speed) {
            let text = self.about(&why.zh, &why.en);
            return refuse(self, text);
        }
        let [low, high] = self.range();
        let near = self.span(self.actuator.read_back.tolerance);
        if !(low - near..=high + near).contains(&at) {
            let [low, high] = [low, high].map(|end| self.text(end));
            let at = self.text(at);
            let text = self.about(
                format!("现位 {at} 不在允许范围 {low} … {high} 内；先手动移入范围"),
                format!(
                    "stands at {at}, outside its range {low} … {high}; bring it inside by hand first"
                ),
            );
            return refuse(self, text);
        }
        let dt_s = if first { STEP_S } else { dt_s };
        let value = ramp(at.clamp(low, high), target, self.rate(), dt_s);
        let course = self.course.as_mut()?;
        course.last_ns = now.t_ns;
        let mut reason = course.reason.clone();
        if std::mem::take(&mut course.again) {
            let why = self.why.clone().unwrap_or_default();
            reason = Bilingual::new(
                format!("{}；没有应答（{}），再次发送", reason.zh, why.zh),
                format!("{}; not answered ({}): sent again", reason.en, why.en),
            );
        }
        self.sent = Some((value, now.t_ns));
        Some(Said::Demand(value, reason))
    }

    /// Takes the end of the way for reached by the register, once it is answered: from now on the
    /// read-back has to agree.
    pub(crate) fn arrive(&mut self, t_ns: i64) {
        let there = match (&self.course, self.at) {
            (Some(course), Some(at)) => self.sent.is_none() && at == course.target,
            _ => false,
        };
        if there && let Some(course) = self.course.take() {
            self.check = Some(Check {
                course,
                since_ns: t_ns,
            });
        }
    }
}

#[cfg(test)]
mod tests;
