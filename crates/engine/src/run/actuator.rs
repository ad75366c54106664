//! What people order of the actuators, and what holds a run until a person says so.

use super::valve::VALVE;
use super::{Phase, RunEngine};
use crate::drive::{Drive, Now, Said};
use crate::watch::{Watch, nanoseconds, seconds};
use dutypoint_model::Bilingual;
use dutypoint_model::document::{
    Act, ActCommand, Command, Document, Effect, EffectKind, Hold, HoldCause, Page, Quality, Role,
};

/// What is known of the pump's turning.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Turning {
    /// Whether it turns, and when that was read.
    now: Option<(bool, i64)>,
    stopped_ns: Option<i64>,
}

impl RunEngine {
    /// What a person orders of the actuators.
    pub(super) fn order(&mut self, act: &Act, out: &mut Vec<Document>) {
        if matches!(self.phase, Phase::Idle | Phase::Closed) {
            return;
        }
        match act.command {
            ActCommand::Arm => self.arm(&act.who, out),
            ActCommand::Disarm => {
                let (zh, en) = (
                    format!("{}：{}", act.who, act.reason),
                    format!("{}: {}", act.who, act.reason),
                );
                let now_ns = self.now_ns;
                let effects = self
                    .drives
                    .iter_mut()
                    .filter_map(|d| d.disarm(now_ns, &zh, &en));
                out.extend(effects.map(Document::Effect));
            }
            ActCommand::Move => {
                if let Err(effect) = self.move_one(act) {
                    out.push(Document::Effect(effect));
                }
            }
            ActCommand::Safe => self.safe(act, out),
            ActCommand::Resume => self.resume(out),
            _ => {}
        }
    }

    fn refused(&self, text: Bilingual) -> Effect {
        Effect {
            t_ns: self.now_ns,
            actuator: None,
            effect: EffectKind::Refused,
            value: None,
            read: None,
            text,
        }
    }

    fn arm(&mut self, who: &str, out: &mut Vec<Document>) {
        if self.drives.is_empty() {
            let text = Bilingual::new(
                "试验台文件没有启用任何执行器（enabled = true）",
                "no actuator of the bench file is turned on (enabled = true)",
            );
            out.push(Document::Effect(self.refused(text)));
            return;
        }
        let now_ns = self.now_ns;
        let watch = self.watch.as_ref();
        let mut all = true;
        for drive in &mut self.drives {
            let read = watch.and_then(|w| w.last_of(&drive.actuator.read_back.channel));
            let effect = drive.arm(now_ns, who, read);
            all &= effect.effect == EffectKind::Armed;
            out.push(Document::Effect(effect));
        }
        let by_arming = |hold: &Hold| {
            matches!(
                hold.cause,
                HoldCause::Unarmed | HoldCause::Contact | HoldCause::Differs
            )
        };
        if all && self.hold.as_ref().is_some_and(by_arming) {
            self.hold = None;
        }
    }

    fn move_one(&mut self, act: &Act) -> Result<(), Effect> {
        let Some(demand) = &act.demand else {
            return Err(self.refused(Bilingual::new(
                "没有给出执行器和给定值",
                "no actuator and no demand are named",
            )));
        };
        let Some(place) = self
            .drives
            .iter()
            .position(|d| d.actuator.name == demand.actuator)
        else {
            let known: Vec<&str> = self
                .drives
                .iter()
                .map(|d| d.actuator.name.as_str())
                .collect();
            let known = known.join(", ");
            return Err(self.refused(Bilingual::new(
                format!("没有启用的执行器 {:?}；已启用：{known}", demand.actuator),
                format!(
                    "no actuator {:?} is turned on; turned on: {known}",
                    demand.actuator
                ),
            )));
        };
        let driven = matches!(
            self.phase,
            Phase::Settling { .. } | Phase::Measuring { .. } | Phase::Reviewing { .. }
        );
        if demand.actuator == VALVE && driven && self.hold.is_none() {
            return Err(self.refused(Bilingual::new(
                "试验大纲正在驱动该阀；先 disarm，或等试验暂停",
                "the programme drives this valve; disarm first, or wait for a hold",
            )));
        }
        let now_ns = self.now_ns;
        let Some(drive) = self.drives.get_mut(place) else {
            return Ok(());
        };
        if demand.unit.quantity() != drive.actuator.unit.quantity() {
            let unit = drive.actuator.unit.printed();
            let text = Bilingual::new(
                format!("{}：给定值单位应为 {unit}", demand.actuator),
                format!("{}: its demand is in {unit}", demand.actuator),
            );
            return Err(drive.effect(now_ns, EffectKind::Refused, text));
        }
        let reason = Bilingual::new(
            format!("{}：{}", act.who, act.reason),
            format!("{}: {}", act.who, act.reason),
        );
        drive.send(now_ns, demand.unit.to_internal(demand.value), true, reason)?;
        self.by_hand |= demand.actuator == VALVE;
        Ok(())
    }

    fn safe(&mut self, act: &Act, out: &mut Vec<Document>) {
        let kind = self.setup.order.specimen.kind;
        let declared = self.setup.bench.iter().flat_map(|b| &b.actuator);
        let safe: Vec<(String, f64)> = declared
            .filter_map(|a| Some((a.name.clone(), *a.safe.get(&kind)?)))
            .collect();
        let (now_ns, mut any) = (self.now_ns, false);
        for (name, value) in safe {
            let Some(drive) = self.drives.iter_mut().find(|d| d.actuator.name == name) else {
                continue;
            };
            any = true;
            let reason = Bilingual::new(
                format!("安全状态（{}：{}）", act.who, act.reason),
                format!("safe state ({}: {})", act.who, act.reason),
            );
            let target = drive.actuator.unit.to_internal(value);
            match drive.send(now_ns, target, true, reason) {
                Ok(()) => self.by_hand |= name == VALVE,
                Err(effect) => out.push(Document::Effect(effect)),
            }
        }
        if !any {
            let text = Bilingual::new(
                "试验台文件没有为这种泵声明安全状态（safe）；执行器保持原位",
                "the bench file declares no safe state for this type of pump; the actuators stay in place",
            );
            out.push(Document::Effect(self.refused(text)));
            return;
        }
        let text = Bilingual::new(
            format!("{} 命令进入安全状态", act.who),
            format!("{} ordered the safe state", act.who),
        );
        self.hold(HoldCause::Safe, text, out);
    }

    fn resume(&mut self, out: &mut Vec<Document>) {
        let still = match self.hold.as_ref().map(|h| h.cause) {
            None => Some(Bilingual::new("试验没有暂停", "the run is not held")),
            Some(HoldCause::Unarmed | HoldCause::Contact | HoldCause::Differs) => Some(
                Bilingual::new("先执行 arm", "arm the actuators (`dutypoint arm`)"),
            ),
            Some(HoldCause::Mains | HoldCause::Trip) => self.alarm().map(|(_, text)| text),
            Some(HoldCause::Safe) => None,
        };
        match still {
            Some(text) => out.push(Document::Effect(self.refused(text))),
            None => self.hold = None,
        }
    }

    /// Holds the run until a person says so; the first cause stands, but for one that arming
    /// would end.
    pub(super) fn hold(&mut self, cause: HoldCause, text: Bilingual, out: &mut Vec<Document>) {
        let weaker = |hold: &Hold| {
            matches!(hold.cause, HoldCause::Unarmed) && cause != HoldCause::Unarmed
                || matches!(cause, HoldCause::Mains | HoldCause::Trip)
                    && !matches!(hold.cause, HoldCause::Mains | HoldCause::Trip)
        };
        if self.hold.as_ref().is_some_and(|hold| !weaker(hold)) {
            return;
        }
        let hold = Hold {
            t_ns: self.now_ns,
            cause,
            text,
        };
        out.push(Document::Hold(hold.clone()));
        self.hold = Some(hold);
    }

    /// What a mirrored contact says against going on.
    fn alarm(&self) -> Option<(HoldCause, Bilingual)> {
        let watch = self.watch.as_ref()?;
        // Once a page: by role first, for most channels mirror nothing.
        watch.contacts().find_map(|(channel, value)| {
            let (tag, name) = (&channel.instrument.tag, &channel.name);
            match channel.role {
                Role::MainsPresent if value < 0.5 => Some((
                    HoldCause::Mains,
                    Bilingual::new(
                        format!("{tag} {name}：市电中断，由电池供电"),
                        format!("{tag} {name}: the mains are gone, the bench is on its battery"),
                    ),
                )),
                Role::Trip if value != 0.0 => Some((
                    HoldCause::Trip,
                    Bilingual::new(
                        format!("{tag} {name}：保护装置动作"),
                        format!("{tag} {name}: a trip has acted"),
                    ),
                )),
                _ => None,
            }
        })
    }

    /// Sees what a page says of actuators, pump, mains and trips.
    pub(super) fn see(&mut self, page: &Page, out: &mut Vec<Document>) {
        for exchange in &page.exchanges {
            let (poll, quality) = (exchange.0, exchange.3);
            let drive = self.drives.iter_mut().find(|d| d.actuator.poll == poll);
            if let Some(drive) = drive {
                let failed = (quality != Quality::Good).then(|| quality.text());
                drive.answered(failed);
                drive.arrive(self.now_ns);
            }
        }
        self.see_pump();
        if !matches!(self.phase, Phase::Closing { .. } | Phase::Closed)
            && let Some((cause, text)) = self.alarm()
        {
            self.hold(cause, text, out);
        }
    }

    fn see_pump(&mut self) {
        let stop = self.setup.bench.as_ref().and_then(|b| b.pump_stop.as_ref());
        let (Some(stop), Some(watch)) = (stop, &self.watch) else {
            return;
        };
        let Some((t_ns, value)) = watch.last_of(&stop.channel) else {
            return;
        };
        let turns = value.abs() >= stop.below;
        // One that is first seen at rest may have stopped just before.
        if !turns && self.turning.now.is_none_or(|(before, _)| before) {
            self.turning.stopped_ns = Some(t_ns);
        }
        self.turning.now = Some((turns, t_ns));
    }

    /// Why no demand may make a motor turn faster now.
    fn no_rise(&self) -> Option<Bilingual> {
        let stop = self.setup.bench.as_ref()?.pump_stop.as_ref()?;
        let fresh = |t_ns: i64| self.now_ns - t_ns <= nanoseconds(self.tuning().gap_s);
        match self.turning.now {
            Some((true, t_ns)) if fresh(t_ns) => {}
            Some((false, t_ns)) if fresh(t_ns) => {
                return Some(Bilingual::new(
                    "泵处于停止状态；本程序不起动电机，请先在现场起动",
                    "the pump stands still; Dutypoint starts no motor: start it by hand at the drive",
                ));
            }
            _ => {
                let channel = &stop.channel;
                return Some(Bilingual::new(
                    format!("{channel} 无读数，不知泵是否转动；不得升速"),
                    format!(
                        "{channel} gives no value, nobody knows whether the pump turns; no rise"
                    ),
                ));
            }
        }
        let since_s = self
            .turning
            .stopped_ns
            .map(|t_ns| seconds(self.now_ns - t_ns));
        let left_s = stop.back_spin_s - since_s?;
        (left_s > 0.0).then(|| {
            Bilingual::new(
                format!("停泵后防倒转闭锁，剩余 {left_s:.0} s；不得升速"),
                format!("back-spin lock-out after a stop of the pump, {left_s:.0} s left; no rise"),
            )
        })
    }

    /// Lets every actuator go on by a step.
    pub(super) fn drive(&mut self, out: &mut Vec<Document>) {
        if self.drives.is_empty() || matches!(self.phase, Phase::Idle | Phase::Closed) {
            return;
        }
        let no_rise = self.no_rise();
        let mut drives = std::mem::take(&mut self.drives);
        for drive in &mut drives {
            let channel = &drive.actuator.read_back.channel;
            let now = Now {
                t_ns: self.now_ns,
                read: self.watch.as_ref().and_then(|w| w.last_of(channel)),
                held: self.hold.is_some() || matches!(self.phase, Phase::Held { .. }),
                no_rise: no_rise.as_ref(),
            };
            for said in drive.step(now) {
                self.say(drive, said, out);
            }
        }
        self.drives = drives;
    }

    fn say(&mut self, drive: &Drive, said: Said, out: &mut Vec<Document>) {
        let name = &drive.actuator.name;
        match said {
            Said::Demand(value, reason) => out.push(Document::Command(Command {
                t_ns: self.now_ns,
                actuator: name.clone(),
                value,
                reason,
            })),
            Said::Effect(effect) => {
                let cause = match effect.effect {
                    EffectKind::Lost => Some(HoldCause::Contact),
                    EffectKind::Differs => Some(HoldCause::Differs),
                    _ => None,
                };
                let text = effect.text.clone();
                out.push(Document::Effect(effect));
                if let Some(cause) = cause.filter(|_| !matches!(self.phase, Phase::Closing { .. }))
                {
                    self.hold(cause, text, out);
                }
            }
            Said::Unarmed => {
                let text = Bilingual::new(
                    format!("等待投用 {name}：输入 arm"),
                    format!("{name} is not armed: arm it"),
                );
                self.hold(HoldCause::Unarmed, text, out);
            }
        }
    }

    /// The actuator the programme drives, where one is turned on.
    pub(super) fn valve_drive(&mut self) -> Option<&mut Drive> {
        self.drives.iter_mut().find(|d| d.actuator.name == VALVE)
    }

    /// One drive for each actuator of the channels.
    pub(super) fn drives_of(watch: &Watch) -> Vec<Drive> {
        let actuators = watch.channels().actuators.iter();
        actuators.cloned().map(Drive::new).collect()
    }
}
