//! The run engine: a pure step from a recorded input to documents.
//!
//! It goes Idle → Prepared → Settling → Measuring → Reviewing → … → Closed, with Held
//! reachable from any running state. A point counts only after its receipt: the engine
//! does not move on before the journal has it. On a held or closed run the valve stays
//! where it is, unless a person orders otherwise.

mod act;
mod actuator;
mod clock;
mod entry;
mod sets;
mod table;
mod valve;
mod zero;

pub use entry::Entered;

use crate::assess::{MORE_FLOWS, ZeroCheck, assess, assess_checked, depends_on_fit, more_points};
use crate::drive::Drive;
use crate::live::{Live, LivePhase};
use crate::look::{Look, look};
use crate::programme::ValveMap;
use crate::setup::{Files, Method, Setup};
use crate::watch::{Watch, nanoseconds, role_means, seconds};
use crate::{Error, config::Tuning};
use actuator::Turning;
use dutypoint_model::document::{
    ActCommand, Channels, Document, Hold, HoldCause, Point, Reduced, Role, Start, Stop, Translated,
};
use dutypoint_model::{Bilingual, Digest, Outcome};
use sets::Together;

/// Roles whose silence holds a run: the nine it needs, and what it is held by.
const WATCHED: &[Role] = &[
    Role::Flow,
    Role::OutletPressure,
    Role::WaterLevel,
    Role::WaterTemperature,
    Role::Voltage,
    Role::Current,
    Role::InputPower,
    Role::Frequency,
    Role::SlipFrequency,
    Role::MainsPresent,
    Role::Trip,
];
/// Roles a submersible unit's run cannot do without.
pub(crate) const NEEDED: &[Role] = WATCHED.split_at(9).0;
/// Longest hold before the run is given up, bench seconds.
const LONGEST_HOLD_S: f64 = 300.0;
/// Time constants of the slowest transmitter after which it has followed a move.
const TIME_CONSTANTS: f64 = 5.0;

/// Where a run stands.
#[derive(Clone, Debug, PartialEq)]
enum Phase {
    /// No channels yet.
    Idle,
    /// Waiting for the begin and for every needed channel.
    Prepared { since_ns: i64, begun: bool },
    /// Waiting for the flow to come to rest after a move.
    Settling {
        since_ns: i64,
        wait_s: f64,
        moves: u32,
    },
    /// Taking a set of readings.
    Measuring { since_ns: i64 },
    /// Waiting for the point to become durable; `true` when the point was accepted.
    Reviewing { accepted: bool },
    /// Something needed is silent.
    Held { since_ns: i64 },
    /// Behind the last point: waiting for the zero to be checked.
    Closing { since_ns: i64 },
    /// Over.
    Closed,
}

/// The engine of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunEngine {
    setup: Setup,
    phase: Phase,
    now_ns: i64,
    watch: Option<Watch>,
    valve: ValveMap,
    position: f64,
    /// Where the valve was last sent; none before the first demand.
    demanded: Option<f64>,
    /// The actuators that are turned on.
    drives: Vec<Drive>,
    /// Whether a person has moved the valve since the programme did.
    by_hand: bool,
    /// What only a person ends.
    hold: Option<Hold>,
    turning: Turning,
    index: usize,
    /// Whether two more points are taken behind the programme, since a verdict depends on
    /// the fit.
    more: bool,
    attempt: u32,
    points: Vec<Point>,
    /// Places of the sets at this point that were whole and not steady, since the last move
    /// of the valve.
    sets: Vec<usize>,
    /// The point they make together, until the last of them is durable.
    together: Option<Box<Point>>,
    pages: u64,
    gaps: u64,
    waiting_for: Option<Bilingual>,
    /// Photos of entries, each with the beginning of the set it was taken in.
    photos: Vec<(Digest, i64)>,
    /// Zeros of the instruments, once the points are taken.
    zeros: Vec<ZeroCheck>,
}

impl RunEngine {
    /// The engine of the run that begins with `start`.
    ///
    /// # Errors
    /// As [`Setup::open`].
    pub fn open(start: &Start, files: &Files) -> Result<Self, Error> {
        Ok(Self {
            setup: Setup::open(start, files)?,
            phase: Phase::Idle,
            now_ns: start.t_ns,
            watch: None,
            valve: ValveMap::default(),
            position: 0.0,
            demanded: None,
            drives: Vec::new(),
            by_hand: false,
            hold: None,
            turning: Turning::default(),
            index: 0,
            more: false,
            attempt: 1,
            points: Vec::new(),
            sets: Vec::new(),
            together: None,
            pages: 0,
            gaps: 0,
            waiting_for: None,
            photos: Vec::new(),
            zeros: Vec::new(),
        })
    }

    /// What the run rests on.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The channels, once they are known.
    #[must_use]
    pub fn channels(&self) -> Option<&Channels> {
        self.watch.as_ref().map(Watch::channels)
    }

    /// Whether the run is over.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    /// Points taken so far, rejected ones included.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// What the live view shows.
    #[must_use]
    pub fn live(&self) -> Live {
        Live {
            t_ns: self.now_ns,
            phase: match self.phase {
                Phase::Idle | Phase::Prepared { .. } => LivePhase::Prepared,
                Phase::Settling { .. } => LivePhase::Settling,
                Phase::Measuring { .. } => LivePhase::Measuring,
                Phase::Reviewing { .. } | Phase::Closing { .. } => LivePhase::Reviewing,
                Phase::Held { .. } => LivePhase::Held,
                Phase::Closed => LivePhase::Closed,
            },
            point: (self.index + 1).min(self.flows().len().max(1)),
            points: self.flows().len(),
            target_flow_m3_s: self.target(),
            waiting_for: match &self.waiting_for {
                Some(waiting) if self.more => Some(joined(&[more_points(), waiting.clone()])),
                waiting => waiting.clone(),
            },
            needs: self.needs(),
            values: self.watch.as_ref().map(Watch::latest).unwrap_or_default(),
        }
    }

    /// What only a person can do for the run to go on.
    fn needs(&self) -> Vec<ActCommand> {
        let zero = self.waits_for_zero().then_some(ActCommand::Zero);
        let held = self.hold.as_ref().map(|hold| match hold.cause {
            HoldCause::Mains | HoldCause::Trip | HoldCause::Safe => ActCommand::Resume,
            HoldCause::Unarmed | HoldCause::Contact | HoldCause::Differs => ActCommand::Arm,
        });
        held.into_iter().chain(zero).collect()
    }

    /// Takes one input in journal order; returns the documents it causes, in order.
    ///
    /// # Errors
    /// [`Error::Order`] for a document that cannot come here, [`Error::Cell`] for a cell
    /// of an imported table.
    pub fn step(&mut self, document: &Document) -> Result<Vec<Document>, Error> {
        let mut out = Vec::new();
        match document {
            Document::Channels(channels) if self.phase == Phase::Idle => {
                let keep_s = (self.window_s()? + self.settle_s(channels)) * 2.0;
                let gap_s = self.tuning().gap_s;
                self.watch = Some(Watch::new(channels.clone(), self.now_ns, gap_s, keep_s));
                self.drives = self.watch.as_ref().map(Self::drives_of).unwrap_or_default();
                self.phase = Phase::Prepared {
                    since_ns: self.now_ns,
                    begun: false,
                };
            }
            Document::Import(import) if self.phase == Phase::Idle => {
                self.import(import, &mut out)?;
            }
            _ if self.phase == Phase::Closed => {}
            Document::Page(page) => {
                self.pages += 1;
                let last = page.exchanges.iter().map(|e| e.2).max().unwrap_or(0);
                self.now_ns = self
                    .now_ns
                    .max(page.t_ns.saturating_add(last.saturating_mul(1000)));
                if let Some(watch) = &mut self.watch {
                    let ended = watch.take(page);
                    self.gaps += u64::try_from(ended.len()).unwrap_or(u64::MAX);
                    out.extend(ended.into_iter().map(Document::Gap));
                }
                self.see(page, &mut out);
                self.advance(&mut out)?;
            }
            Document::Tick(tick) => {
                self.now_ns = self.now_ns.max(tick.t_ns);
                self.advance(&mut out)?;
            }
            Document::Clock(clock) => self.clock(clock, &mut out)?,
            Document::Act(act) => self.act(act, &mut out)?,
            Document::Receipt(receipt) => {
                self.now_ns = self.now_ns.max(receipt.t_ns);
                if let Phase::Reviewing { accepted } = self.phase {
                    self.next_point(accepted, &mut out)?;
                }
            }
            other => {
                return Err(Error::Order(format!("a {} cannot come here", other.kind())));
            }
        }
        self.drive(&mut out);
        Ok(out)
    }

    fn advance(&mut self, out: &mut Vec<Document>) -> Result<(), Error> {
        let Some(watch) = &mut self.watch else {
            return Ok(());
        };
        let now_ns = self.now_ns;
        let text = self.hold.as_ref().map(|hold| hold.text.clone());
        if let Some(text) = text {
            match self.phase {
                // Nothing begins while a person has to be asked first.
                Phase::Prepared { .. } => {
                    self.waiting_for = Some(held(&text));
                    return Ok(());
                }
                Phase::Settling { .. } | Phase::Measuring { .. } => {
                    self.phase = Phase::Held { since_ns: now_ns };
                }
                _ => {}
            }
        }
        match self.phase.clone() {
            Phase::Prepared { since_ns, begun } => {
                let missing = watch.missing(NEEDED);
                if missing.is_empty() && watch.lacks_zero() {
                    self.waiting_for = Some(Bilingual::new(
                        "停泵排气后取零点",
                        "take the zero, with the pump at rest and the lines vented",
                    ));
                } else if missing.is_empty() {
                    self.waiting_for = None;
                    if begun {
                        self.aim(out);
                    }
                } else {
                    let list = joined(&missing);
                    self.waiting_for = Some(Bilingual::new(
                        format!("等待仪表：{}", list.zh),
                        format!("waiting for instruments: {}", list.en),
                    ));
                    if seconds(now_ns - since_ns) > self.tuning().start_timeout_s {
                        let reason = Bilingual::new(
                            format!("仪表没有给出读数：{}", list.zh),
                            format!("instruments gave no reading: {}", list.en),
                        );
                        self.close(Outcome::FailedToStart, Some(reason), out)?;
                    }
                }
            }
            Phase::Settling {
                since_ns,
                wait_s,
                moves,
            } => {
                if !self.hold_if_silent() && seconds(now_ns - since_ns) >= wait_s {
                    self.settled(moves, out)?;
                }
            }
            Phase::Measuring { since_ns } => {
                if !self.hold_if_silent() {
                    self.measure(since_ns, out)?;
                }
            }
            Phase::Held { since_ns } => {
                let silent = watch.silent(now_ns, WATCHED);
                let channels = watch.channels().clone();
                if let Some(hold) = &self.hold {
                    self.waiting_for = Some(held(&hold.text));
                    // What nobody answers for long has failed; mains, trips and people may take
                    // their time.
                    let failed = matches!(hold.cause, HoldCause::Contact | HoldCause::Differs);
                    if failed && seconds(now_ns - hold.t_ns) > LONGEST_HOLD_S {
                        let reason = hold.text.clone();
                        self.close(Outcome::StoppedByInterlock, Some(reason), out)?;
                    }
                } else if silent.is_empty() && std::mem::take(&mut self.by_hand) {
                    self.aim(out);
                } else if silent.is_empty() {
                    self.waiting_for = None;
                    self.phase = Phase::Settling {
                        since_ns: now_ns,
                        wait_s: self.settle_s(&channels),
                        moves: 0,
                    };
                } else if seconds(now_ns - since_ns) > LONGEST_HOLD_S {
                    let list = joined(&silent);
                    let reason = Bilingual::new(
                        format!("仪表失联超过 {LONGEST_HOLD_S} s：{}", list.zh),
                        format!(
                            "instruments silent for more than {LONGEST_HOLD_S} s: {}",
                            list.en
                        ),
                    );
                    self.close(Outcome::StoppedByInterlock, Some(reason), out)?;
                }
            }
            Phase::Closing { since_ns } => {
                watch.silent(now_ns, WATCHED);
                if seconds(now_ns - since_ns) > self.tuning().zero_timeout_s {
                    self.close(Outcome::Completed, None, out)?;
                }
            }
            Phase::Idle | Phase::Reviewing { .. } | Phase::Closed => {
                // A receipt may be on its way for as long as it takes; silences are noted.
                watch.silent(now_ns, WATCHED);
            }
        }
        Ok(())
    }

    fn hold_if_silent(&mut self) -> bool {
        let Some(watch) = &mut self.watch else {
            return false;
        };
        let silent = watch.silent(self.now_ns, WATCHED);
        if silent.is_empty() {
            return false;
        }
        self.waiting_for = Some(held(&joined(&silent)));
        self.phase = Phase::Held {
            since_ns: self.now_ns,
        };
        true
    }

    /// Takes one set of readings over a whole window. A set that is not steady is kept whole,
    /// with its cause, and the next begins from nothing: a window that slid along until it
    /// happened to be quiet would choose its readings. Several such sets may make the point
    /// together.
    fn measure(&mut self, since_ns: i64, out: &mut Vec<Document>) -> Result<(), Error> {
        let window_s = self.window_s()?;
        let waited_s = seconds(self.now_ns - since_ns);
        let remaining = window_s - waited_s;
        let asked = self.asked();
        if remaining > 0.0 {
            let filling = Bilingual::new(
                format!("采集平均窗口，剩余 {remaining:.0} s"),
                format!("filling the averaging window, {remaining:.0} s left"),
            );
            let waiting: Vec<Bilingual> = asked.into_iter().chain([filling]).collect();
            self.waiting_for = Some(joined(&waiting));
            return Ok(());
        }
        if !asked.is_empty() && -remaining < self.tuning().entry_timeout_s {
            self.waiting_for = Some(joined(&asked));
            return Ok(());
        }
        let from_ns = self.now_ns - nanoseconds(window_s);
        let Some(watch) = &self.watch else {
            return Ok(());
        };
        let Look {
            statistics,
            steadiness,
            unsteady,
            incomplete,
        } = look(&self.setup, watch, from_ns)?;
        let reduced = match &self.setup.method {
            Method::Submersible(method) => {
                method.reduce(&role_means(watch.channels(), &statistics))
            }
            Method::Imported(_) => return Ok(()),
        };
        let (reduced, reason) = match (reduced, unsteady) {
            (Ok(reduced), reason) => (Some(reduced), reason),
            // The channel that is not there says more than the quantity that lacks it.
            (Err(_), Some(why)) if incomplete => (None, Some(why)),
            (Err(error), _) => {
                let why = Bilingual::new(format!("该组读数无法计算：{error}"), error.to_string());
                (None, Some(why))
            }
        };
        let mut point = Point {
            number: u32::try_from(self.index + 1).unwrap_or(u32::MAX),
            attempt: self.attempt,
            accepted: reason.is_none(),
            reason,
            target_flow_m3_s: Some(self.target()),
            from_ns,
            to_ns: self.now_ns,
            sets: None,
            channels: statistics,
            steadiness,
            translated: self.translated(reduced.as_ref()),
            reduced,
        };
        if !point.accepted && !incomplete && point.reduced.is_some() {
            match self.together(&point)? {
                Some(Together::Point(together)) => self.together = Some(together),
                Some(Together::Short(why)) => {
                    let sets = self.sets.len() + 1;
                    let why = Bilingual::new(
                        format!("{sets} 组合并：{}", why.zh),
                        format!("{sets} sets together: {}", why.en),
                    );
                    let reasons: Vec<Bilingual> = point.reason.into_iter().chain([why]).collect();
                    point.reason = Some(joined(&reasons));
                }
                None => {}
            }
            self.sets.push(self.points.len());
        }
        self.review(point, out);
        Ok(())
    }

    /// Records a point and waits for it to be durable.
    fn review(&mut self, point: Point, out: &mut Vec<Document>) {
        self.phase = Phase::Reviewing {
            accepted: point.accepted,
        };
        self.waiting_for = Some(Bilingual::new(
            "等待测点入库",
            "waiting for the point to be durable",
        ));
        self.points.push(point.clone());
        out.push(Document::Point(Box::new(point)));
    }

    fn translated(&self, reduced: Option<&Reduced>) -> Option<Translated> {
        let to = self.setup.translation.as_ref()?;
        let (translated, _) = to.point(&self.setup.packs, reduced?).ok()?;
        Some(translated)
    }

    fn next_point(&mut self, accepted: bool, out: &mut Vec<Document>) -> Result<(), Error> {
        if let Some(point) = self.together.take() {
            self.review(*point, out);
            return Ok(());
        }
        if !accepted && self.attempt < self.tuning().attempts {
            let wait_s = self.set_spacing_s();
            self.attempt += 1;
            self.phase = Phase::Settling {
                since_ns: self.now_ns,
                wait_s,
                moves: self.tuning().moves,
            };
            return Ok(());
        }
        self.index += 1;
        self.attempt = 1;
        self.sets.clear();
        if self.index == self.flows().len() && !self.more {
            let channels = self.channels().cloned().unwrap_or_default();
            let findings = assess(&self.setup, &channels, &self.points, Outcome::Completed);
            // What cannot be judged asks for nothing.
            self.more = findings.is_ok_and(|findings| depends_on_fit(&findings));
        }
        if self.index < self.flows().len() {
            self.aim(out);
            Ok(())
        } else {
            self.finish(out)
        }
    }

    /// Ends the run: open gaps, the stop, and what the evidence shows.
    fn close(
        &mut self,
        outcome: Outcome,
        reason: Option<Bilingual>,
        out: &mut Vec<Document>,
    ) -> Result<(), Error> {
        if let Some(watch) = &mut self.watch {
            let open = watch.close(self.now_ns);
            self.gaps += u64::try_from(open.len()).unwrap_or(u64::MAX);
            out.extend(open.into_iter().map(Document::Gap));
        }
        out.push(Document::Stop(Stop {
            t_ns: self.now_ns,
            outcome,
            reason,
            pages: self.pages,
            points: u64::try_from(self.points.len()).unwrap_or(u64::MAX),
            gaps: self.gaps,
        }));
        self.phase = Phase::Closed;
        self.waiting_for = None;
        let channels = self.channels().cloned().unwrap_or_default();
        let zeros = Some(&self.zeros[..]);
        let findings = assess_checked(&self.setup, &channels, zeros, &self.points, outcome)?;
        out.extend(findings.into_iter().map(|f| Document::Finding(Box::new(f))));
        Ok(())
    }

    pub(crate) fn watch(&self) -> Option<&Watch> {
        self.watch.as_ref()
    }

    pub(crate) fn now_ns(&self) -> i64 {
        self.now_ns
    }

    /// Shares of the guaranteed flow: the programme, and what was asked for behind it.
    pub(crate) fn flows(&self) -> Vec<f64> {
        let programme = self.setup.order.programme.as_ref();
        let mut flows = programme.map(|p| p.flows.clone()).unwrap_or_default();
        if self.more {
            flows.extend(MORE_FLOWS);
        }
        flows
    }

    fn target(&self) -> f64 {
        let flows = self.flows();
        let share = flows.get(self.index).or(flows.last());
        share.copied().unwrap_or(0.0) * self.setup.flow_m3_s
    }

    fn tuning(&self) -> Tuning {
        self.setup
            .bench
            .as_ref()
            .map(|b| b.tuning.clone())
            .unwrap_or_default()
    }

    /// Wait after a move before a set may begin: what the bench says, and until the slowest
    /// transmitter has followed.
    fn settle_s(&self, channels: &Channels) -> f64 {
        let slowest_s = channels
            .channels
            .iter()
            .filter(|c| c.role.fluctuation_is_tested())
            .map(|c| c.damping_s)
            .fold(0.0, f64::max);
        self.tuning().settle_s.max(TIME_CONSTANTS * slowest_s)
    }

    pub(crate) fn window_s(&self) -> Result<f64, Error> {
        Ok(self.setup.standard().laboratory()?.averaging_window_s)
    }

    fn recent_mean(&self, role: Role, from_ns: i64) -> Option<f64> {
        let watch = self.watch.as_ref()?;
        let n = watch
            .channels()
            .channels
            .iter()
            .position(|c| c.role == role)?;
        let (_, values, _) = watch.samples(n, from_ns);
        dutypoint_hydraulics::stats::summary(&values)
            .ok()
            .map(|s| s.mean)
    }
}

fn held(why: &Bilingual) -> Bilingual {
    Bilingual::new(format!("暂停：{}", why.zh), format!("held: {}", why.en))
}

/// Several reasons as one text.
fn joined(reasons: &[Bilingual]) -> Bilingual {
    let join = |text: fn(&Bilingual) -> &str, between: &str| {
        reasons.iter().map(text).collect::<Vec<_>>().join(between)
    };
    Bilingual::new(join(|r| &r.zh, "；"), join(|r| &r.en, "; "))
}
