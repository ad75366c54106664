//! Actuators, mains and trips of a run: what people order, what is refused, what holds.

use crate::common::{shipped, start};
use crate::{channels, page, values};
use dutypoint_engine::RunEngine;
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::{
    Act, ActCommand, Actuator, Channel, Demand, EffectKind, Exchange, HoldCause, Poll, Quality,
    ReadBack, Receipt, Role, Tick,
};
use dutypoint_model::{Document, Unit};

/// Polls beside those of the nine channels.
const POSITION: u16 = 10;
const MAINS: u16 = 11;
const TRIP: u16 = 12;
const OUTPUT: u16 = 13;
const VALVE: u16 = 20;
const DRIVE: u16 = 21;
/// Seconds between pages.
const PAGE_S: f64 = 0.5;

/// The demo's run with valve, converter, mains and trip, on a rig that obeys at once.
pub(crate) struct Rig {
    pub(crate) engine: RunEngine,
    pub(crate) said: Vec<Document>,
    /// Which demands the valve hears, counted from zero.
    pub(crate) hears: Box<dyn Fn(usize) -> bool>,
    pub(crate) t_s: f64,
    position: f64,
    /// What the converter reports.
    output: f64,
    demands: usize,
    read: usize,
    stuck: bool,
    mains: f64,
    trip: f64,
    /// Input power in place of the rig's.
    power_w: Option<f64>,
}

fn more(id: u16, role: Role) -> (Poll, Channel) {
    let all = channels();
    let mut poll = all.polls[0].clone();
    poll.id = id;
    let mut channel = all.channels[0].clone();
    channel.poll = id;
    channel.name = format!("c{id}");
    channel.role = role;
    channel.unit = Unit::One;
    (poll, channel)
}

impl Rig {
    /// With `text` behind the demo's bench file.
    pub(crate) fn new(text: &str) -> Self {
        let bench = shipped("config/benches/demo.toml");
        let at = bench.find("[[line]]").unwrap();
        let bench = format!("{}{text}\n{}", &bench[..at], &bench[at..]);
        let bench = bench.replace(
            "register = \"position_demand\"",
            "register = \"position_demand\"\nsafe = { centrifugal = 30.0 }",
        );
        let (start, files) = start(&bench, &shipped("config/orders/demo.toml"));
        let mut engine = RunEngine::open(&start, &files).unwrap();
        let mut known = channels();
        // As the bench file calls it.
        known.channels[6].name = "input_power".into();
        for (id, role) in [
            (POSITION, Role::ValvePosition),
            (MAINS, Role::MainsPresent),
            (TRIP, Role::Trip),
            (OUTPUT, Role::DriveOutput),
        ] {
            let (poll, channel) = more(id, role);
            known.polls.push(poll);
            known.channels.push(channel);
        }
        let actuator = |name: &str, poll, read, speed| Actuator {
            name: name.into(),
            line: "l".into(),
            unit_id: 4,
            address: 1,
            function: 6,
            unit: Unit::Percent,
            factor: 0.1,
            offset: 0.0,
            signed: false,
            range: [0.0, 100.0],
            rate_per_s: 20.0,
            armed_for_s: 4000.0,
            speed,
            read_back: ReadBack {
                channel: format!("c{read}"),
                tolerance: 0.5,
                within_s: 10.0,
            },
            poll,
        };
        known
            .actuators
            .push(actuator("outlet_valve", VALVE, POSITION, false));
        known.actuators.push(actuator("drive", DRIVE, OUTPUT, true));
        engine.step(&Document::Channels(known)).unwrap();
        Self {
            engine,
            said: Vec::new(),
            hears: Box::new(|_| true),
            t_s: 0.0,
            position: 0.3,
            output: 0.3,
            demands: 0,
            read: 0,
            stuck: false,
            mains: 1.0,
            trip: 0.0,
            power_w: None,
        }
    }

    pub(crate) fn order(&mut self, command: ActCommand) -> Vec<Document> {
        self.act(command, None)
    }

    fn send(&mut self, actuator: &str, value: f64, unit: Unit) -> Vec<Document> {
        let actuator = actuator.into();
        let demand = Demand {
            actuator,
            value,
            unit,
        };
        self.act(ActCommand::Move, Some(demand))
    }

    fn act(&mut self, command: ActCommand, demand: Option<Demand>) -> Vec<Document> {
        let act = Document::Act(Act {
            t_ns: (self.t_s * 1e9) as i64,
            who: "Li".into(),
            role: "technician".into(),
            command,
            reason: "test".into(),
            zeros: Vec::new(),
            demand,
            entry: None,
        });
        let said = self.engine.step(&act).unwrap();
        self.said.extend(said.clone());
        said
    }

    /// One page, with the answers to what was demanded since the last.
    fn page(&mut self) {
        self.t_s += PAGE_S;
        let mut inputs = Vec::new();
        let mut echoes = Vec::new();
        for output in &self.said[self.read..] {
            match output {
                Document::Command(command) if command.actuator == "outlet_valve" => {
                    let heard = (self.hears)(self.demands);
                    self.demands += 1;
                    if heard && !self.stuck {
                        self.position = command.value;
                    }
                    let quality = if heard {
                        Quality::Good
                    } else {
                        Quality::Timeout
                    };
                    echoes.push(Exchange(VALVE, 0, 1000, quality, Bytes(Vec::new())));
                }
                Document::Command(command) => {
                    self.output = command.value;
                    echoes.push(Exchange(DRIVE, 0, 1000, Quality::Good, Bytes(Vec::new())));
                }
                Document::Point(_) => inputs.push(Document::Receipt(Receipt {
                    t_ns: (self.t_s * 1e9) as i64,
                    of_seq: 0,
                })),
                _ => {}
            }
        }
        self.read = self.said.len();
        let mut shown = values(self.position);
        shown[6] = self.power_w.unwrap_or(shown[6]);
        let Document::Page(mut next) = page(self.t_s, &shown) else {
            unreachable!()
        };
        for (id, value) in [
            (POSITION, self.position),
            (MAINS, self.mains),
            (TRIP, self.trip),
            (OUTPUT, self.output),
        ] {
            let bits = value.to_bits();
            let words = [48, 32, 16, 0].map(|shift| (bits >> shift) as u16);
            let bytes = Bytes::from_words(&words);
            next.exchanges
                .push(Exchange(id, 0, 1000, Quality::Good, bytes));
        }
        next.exchanges.extend(echoes);
        for input in inputs.into_iter().chain([Document::Page(next)]) {
            self.said.extend(self.engine.step(&input).unwrap());
        }
    }

    pub(crate) fn until(&mut self, to_s: f64, over: impl Fn(&Self) -> bool) {
        while !over(self) && self.t_s < to_s {
            self.page();
        }
        assert!(over(self), "not until {to_s} s: {:?}", self.engine.live());
    }

    fn wait(&mut self, s: f64) {
        let to_s = self.t_s + s;
        self.until(to_s + 1.0, |rig| rig.t_s >= to_s);
    }

    pub(crate) fn effects(&self, kind: EffectKind) -> usize {
        let of_kind = |d: &&Document| matches!(d, Document::Effect(e) if e.effect == kind);
        self.said.iter().filter(of_kind).count()
    }

    pub(crate) fn demands(&self) -> Vec<(i64, f64)> {
        let demand = |d: &Document| match d {
            Document::Command(command) => Some((command.t_ns, command.value)),
            _ => None,
        };
        self.said.iter().filter_map(demand).collect()
    }

    /// The last hold.
    pub(crate) fn hold(&self) -> Option<(i64, HoldCause)> {
        self.said.iter().rev().find_map(|d| match d {
            Document::Hold(hold) => Some((hold.t_ns, hold.cause)),
            _ => None,
        })
    }

    /// Armed and begun, until the first set is being measured.
    fn measuring(text: &str) -> Self {
        let mut rig = Self::new(text);
        rig.order(ActCommand::Arm);
        rig.order(ActCommand::Begin);
        rig.until(200.0, |rig| rig.effects(EffectKind::Reached) > 0);
        rig.wait(12.0);
        rig
    }

    fn needs(&self) -> Vec<ActCommand> {
        self.engine.live().needs
    }
}

fn refusal(said: &[Document]) -> &str {
    let refused = match said {
        [Document::Effect(effect)] if effect.effect == EffectKind::Refused => Some(effect),
        _ => None,
    };
    &refused.unwrap().text.en
}

#[test]
fn the_programme_waits_for_a_person_to_arm_and_nothing_is_written_before() {
    let mut rig = Rig::new("");
    rig.order(ActCommand::Begin);
    rig.wait(400.0);
    assert_eq!(rig.demands(), []);
    assert_eq!(rig.hold().unwrap().1, HoldCause::Unarmed);
    assert_eq!(rig.needs(), [ActCommand::Arm]);
    assert!(!rig.engine.is_closed());
    let armed = rig.order(ActCommand::Arm);
    assert!(
        matches!(&armed[0], Document::Effect(e) if e.text.en.contains("by Li")),
        "{armed:?}"
    );
    rig.until(5000.0, |rig| rig.engine.is_closed());
    assert_eq!(
        rig.engine.points().iter().filter(|p| p.accepted).count(),
        13
    );
}

#[test]
fn what_a_person_may_not_order_is_refused_with_its_reason_and_moves_nothing() {
    let mut rig = Rig::new("");
    rig.wait(2.0);
    let said = rig.send("outlet_valve", 40.0, Unit::Percent);
    assert!(refusal(&said).contains("not armed"), "{said:?}");
    rig.order(ActCommand::Arm);
    for (actuator, value, unit, expected) in [
        (
            "outlet_valve",
            100.5,
            Unit::Percent,
            "100.50 % is outside its range 0.00 % … 100.00 %",
        ),
        ("outlet_valve", 45.0, Unit::Hertz, "its demand is in %"),
        (
            "outlet_vale",
            45.0,
            Unit::Percent,
            "turned on: outlet_valve, drive",
        ),
    ] {
        let said = rig.send(actuator, value, unit);
        assert!(refusal(&said).contains(expected), "{said:?}");
    }
    rig.wait(5.0);
    assert_eq!(rig.demands(), []);
    assert!(refusal(&rig.order(ActCommand::Resume)).contains("not held"));
    // What may be ordered arrives and is verified.
    rig.send("outlet_valve", 40.0, Unit::Percent);
    rig.wait(5.0);
    assert_eq!(rig.demands().last().unwrap().1, 0.4);
    assert_eq!(rig.effects(EffectKind::Reached), 1);
}

#[test]
fn the_loss_of_the_mains_holds_the_run_within_a_second_until_a_person_says_so() {
    let mut rig = Rig::measuring("");
    let (before, demands) = (rig.t_s, rig.demands().len());
    rig.mains = 0.0;
    rig.wait(1.0);
    let (t_ns, cause) = rig.hold().unwrap();
    assert_eq!(cause, HoldCause::Mains);
    assert!(t_ns as f64 / 1e9 - before <= 1.0, "{t_ns}");
    assert_eq!(rig.needs(), [ActCommand::Resume]);
    assert!(refusal(&rig.order(ActCommand::Resume)).contains("on its battery"));
    rig.mains = 1.0;
    // However long: nothing goes on by itself, and arming is no leave to.
    rig.wait(1000.0);
    rig.order(ActCommand::Arm);
    rig.wait(10.0);
    assert_eq!(rig.demands().len(), demands);
    assert_eq!(rig.engine.points().len(), 0);
    assert_eq!(rig.order(ActCommand::Resume), []);
    rig.until(5000.0, |rig| rig.engine.points().len() == 1);
    let point = &rig.engine.points()[0];
    assert!(point.accepted && point.from_ns > t_ns + 1_000_000_000_000);
}

#[test]
fn a_trip_holds_the_run_and_is_no_more_than_mirrored() {
    let mut rig = Rig::measuring("");
    let demands = rig.demands().len();
    rig.trip = 1.0;
    rig.wait(1.0);
    assert_eq!(rig.hold().unwrap().1, HoldCause::Trip);
    assert_eq!(rig.demands().len(), demands);
    rig.trip = 0.0;
    rig.wait(5.0);
    assert_eq!(rig.order(ActCommand::Resume), []);
    rig.until(5000.0, |rig| rig.engine.points().len() == 1);
}

#[test]
fn a_valve_that_is_not_where_it_was_sent_holds_the_run_disarmed() {
    let mut rig = Rig::new("");
    rig.stuck = true;
    rig.order(ActCommand::Arm);
    rig.order(ActCommand::Begin);
    rig.until(100.0, |rig| rig.hold().is_some());
    assert_eq!(rig.hold().unwrap().1, HoldCause::Differs);
    let demands = rig.demands().len();
    rig.stuck = false;
    rig.wait(60.0);
    assert_eq!(
        (rig.demands().len(), rig.needs()),
        (demands, vec![ActCommand::Arm])
    );
    rig.order(ActCommand::Arm);
    rig.until(5000.0, |rig| rig.engine.is_closed());
    assert_eq!(
        rig.engine.points().iter().filter(|p| p.accepted).count(),
        13
    );
}

#[test]
fn the_safe_state_is_ordered_by_a_person_and_holds_the_run() {
    let mut rig = Rig::measuring("");
    rig.order(ActCommand::Safe);
    rig.wait(10.0);
    assert_eq!(rig.hold().unwrap().1, HoldCause::Safe);
    assert_eq!(rig.demands().last().unwrap().1, 0.3);
    assert_eq!(rig.order(ActCommand::Resume), []);
    // The programme goes back to where its point is.
    rig.until(5000.0, |rig| rig.engine.points().len() == 1);
    let off = rig.engine.points()[0].reduced.as_ref().unwrap().flow_m3_s;
    assert!(off.abs() <= 0.02 * 32.0 / 3600.0, "{off}");
}

#[test]
fn after_a_stop_of_the_pump_nothing_raises_its_speed_until_the_back_spin_is_over() {
    let stop = "[pump_stop]\nchannel = \"c6\"\nbelow = 200.0\nback_spin_s = 60.0\n";
    let mut rig = Rig::new(&stop.replace("c6", "input_power"));
    rig.order(ActCommand::Arm);
    let tried = |rig: &mut Rig, value: f64| {
        let from = rig.said.len();
        rig.send("drive", value, Unit::Percent);
        rig.wait(4.0);
        let refused = |d: &Document| match d {
            Document::Effect(e) if e.effect == EffectKind::Refused => Some(e.text.en.clone()),
            _ => None,
        };
        rig.said[from..]
            .iter()
            .find_map(refused)
            .unwrap_or_default()
    };
    // Nobody has seen whether it turns.
    let why = {
        rig.send("drive", 50.0, Unit::Percent);
        let tick = Document::Tick(Tick { t_ns: 100_000_000 });
        rig.engine.step(&tick).unwrap()
    };
    assert_eq!(why, []);
    // At rest it is started by hand, or not at all.
    rig.power_w = Some(0.0);
    rig.wait(3.0);
    let why = tried(&mut rig, 50.0);
    assert!(why.contains("starts no motor"), "{why}");
    rig.wait(100.0);
    let why = tried(&mut rig, 50.0);
    assert!(why.contains("starts no motor"), "{why}");
    // It turns, and no stop of the last minute is known.
    rig.power_w = Some(9000.0);
    rig.wait(2.0);
    assert_eq!(tried(&mut rig, 50.0), "");
    assert_eq!(rig.demands().last().unwrap().1, 0.5);
    // A stop, and back at once: a minute of lock-out from the stop, for what raises only.
    rig.power_w = Some(0.0);
    rig.wait(1.0);
    rig.power_w = Some(9000.0);
    rig.wait(1.0);
    let why = tried(&mut rig, 60.0);
    assert!(why.contains("back-spin lock-out"), "{why}");
    assert_eq!(tried(&mut rig, 45.0), "");
    rig.wait(45.0);
    let why = tried(&mut rig, 60.0);
    assert!(why.contains("back-spin lock-out"), "{why}");
    rig.wait(10.0);
    assert_eq!(tried(&mut rig, 60.0), "");
    assert_eq!(rig.demands().last().unwrap().1, 0.6);
}
