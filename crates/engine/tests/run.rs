//! No sequence of inputs breaks the run engine.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{shipped, start};
use dutypoint_engine::{LiveQuality, RunEngine};
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::{
    Act, ActCommand, Actuator, Calibration, Channel, Channels, Encoding, Exchange, Instrument,
    Item, NumberKind, Page, Poll, Quality, Receipt, Role, Scale, Tick, WordOrder,
};
use dutypoint_model::{Document, Outcome, Verdict};
use proptest::prelude::*;

const ROLES: [Role; 9] = [
    Role::Flow,
    Role::OutletPressure,
    Role::WaterLevel,
    Role::WaterTemperature,
    Role::Voltage,
    Role::Current,
    Role::InputPower,
    Role::Frequency,
    Role::SlipFrequency,
];

/// Nine channels of one float each, one poll per channel.
fn channels() -> Channels {
    let mut channels = Channels::default();
    for (id, role) in (0..).zip(ROLES) {
        channels.polls.push(Poll {
            id,
            line: "l".into(),
            instrument: format!("I-{id}"),
            unit_id: 1,
            function: 3,
            address: 0,
            count: 4,
            period_ms: 500,
        });
        channels.channels.push(Channel {
            name: format!("c{id}"),
            role,
            unit: dutypoint_model::Unit::of(role.quantity()).next().unwrap(),
            poll: id,
            encoding: Encoding {
                offset: 0,
                kind: NumberKind::F64,
                order: WordOrder::Abcd,
                scale: Scale::Linear {
                    factor: 1.0,
                    offset: 0.0,
                },
                invalid: Vec::new(),
                guards: Vec::new(),
            },
            damping_s: 0.0,
            instrument: Instrument {
                tag: format!("I-{id}"),
                model: String::new(),
                serial: String::new(),
                range: [0.0, 1.0],
                calibration: Calibration {
                    certificate: String::new(),
                    laboratory: String::new(),
                    date: String::new(),
                    due: String::new(),
                    slope: 1.0,
                    offset: 0.0,
                    u_reading_pct: 0.1,
                    u_range_pct: 0.0,
                },
            },
        });
    }
    channels
}

fn page(t_s: f64, values: &[f64; 9]) -> Document {
    let exchanges = (0..)
        .zip(values)
        .map(|(id, value)| {
            let bits = value.to_bits();
            let words = [48, 32, 16, 0].map(|shift| (bits >> shift) as u16);
            Exchange(id, 0, 1000, Quality::Good, Bytes::from_words(&words))
        })
        .collect();
    Document::Page(Page {
        t_ns: (t_s * 1e9) as i64,
        exchanges,
    })
}

fn engine() -> RunEngine {
    let (start, files) = start(
        &shipped("config/benches/demo.toml"),
        &shipped("config/orders/demo.toml"),
    );
    let mut engine = RunEngine::open(&start, &files).unwrap();
    engine.step(&Document::Channels(channels())).unwrap();
    engine
}

fn act(command: ActCommand) -> Document {
    Document::Act(Act {
        t_ns: 0,
        who: "test".into(),
        role: "technician".into(),
        command,
        reason: "test".into(),
    })
}

/// A rig that obeys the valve at once and never fluctuates.
fn values(position: f64) -> [f64; 9] {
    let q = 46.0 * position / 3600.0;
    let head = 138.0 - 0.032 * (q * 3600.0) * (q * 3600.0);
    let pressure = (head - 3.0) * 998.6 * 9.79627;
    [
        q,
        pressure,
        6.0,
        18.0,
        380.0,
        30.0,
        9000.0 + 190.0 * q * 3600.0,
        50.0,
        2.2,
    ]
}

#[test]
fn thirteen_points_are_taken_in_order_and_each_waits_for_its_receipt() {
    let mut engine = engine();
    let mut outputs = engine.step(&act(ActCommand::Begin)).unwrap();
    let (mut t_s, mut position) = (0.0, 0.3);
    let mut points = Vec::new();
    while !engine.is_closed() && t_s < 5000.0 {
        t_s += 0.5;
        outputs.extend(engine.step(&page(t_s, &values(position))).unwrap());
        for output in std::mem::take(&mut outputs) {
            match output {
                Document::Command(command) => position = command.value,
                Document::Point(point) => {
                    // Without its receipt the engine stays where it is, however long.
                    for _ in 0..200 {
                        t_s += 0.5;
                        assert_eq!(engine.step(&page(t_s, &values(position))).unwrap(), []);
                    }
                    points.push(point);
                    let receipt = Receipt {
                        t_ns: (t_s * 1e9) as i64,
                        of_seq: 0,
                    };
                    outputs.extend(engine.step(&Document::Receipt(receipt)).unwrap());
                }
                _ => {}
            }
        }
    }
    let numbers: Vec<_> = points.iter().map(|p| (p.number, p.accepted)).collect();
    assert_eq!(numbers, (1..=13).map(|n| (n, true)).collect::<Vec<_>>());
    for point in &points {
        let reduced = point.reduced.as_ref().unwrap();
        let off = reduced.flow_m3_s - point.target_flow_m3_s.unwrap();
        assert!(off.abs() <= 0.02 * 32.0 / 3600.0, "point {}", point.number);
    }
}

#[test]
fn a_channel_that_never_settles_is_named_and_no_point_of_it_is_accepted() {
    let mut engine = engine();
    engine.step(&act(ActCommand::Begin)).unwrap();
    let mut rejected = None;
    for n in 0..2000 {
        let mut now = values(0.0);
        // Input power swings by ±10 %; grade 2 permits ±3 %.
        now[6] *= if n % 2 == 0 { 1.1 } else { 0.9 };
        let out = engine.step(&page(f64::from(n) * 0.5, &now)).unwrap();
        if let Some(Document::Point(point)) = out.into_iter().find(|d| d.kind() == "point") {
            rejected = Some(point);
            break;
        }
    }
    let point = rejected.unwrap();
    assert!(!point.accepted);
    let reason = point.reason.unwrap().en;
    assert!(
        reason.starts_with("I-6 input power fluctuates by 10.0"),
        "{reason}"
    );
    assert!(reason.ends_with("permitted 3.00 %"), "{reason}");
}

#[test]
fn a_limit_that_is_no_share_of_the_mean_is_told_in_the_channels_unit() {
    let mut engine = engine();
    engine.step(&act(ActCommand::Begin)).unwrap();
    let mut rejected = None;
    for n in 0..2000 {
        let mut now = values(0.0);
        // The level swings by ±5 m; what is permitted is a share of the pump's head.
        now[2] += if n % 2 == 0 { 5.0 } else { -5.0 };
        let out = engine.step(&page(f64::from(n) * 0.5, &now)).unwrap();
        if let Some(Document::Point(point)) = out.into_iter().find(|d| d.kind() == "point") {
            rejected = Some(point);
            break;
        }
    }
    let reason = rejected.unwrap().reason.unwrap();
    assert!(
        reason
            .en
            .starts_with("I-2 dynamic water level fluctuates by 5.0")
            && reason.en.ends_with(" m"),
        "{}",
        reason.en
    );
}

/// The nine channels filled by one poll, as of a power analyser.
fn one_poll() -> Channels {
    let mut channels = channels();
    channels.polls.truncate(1);
    for (n, channel) in (0..).zip(&mut channels.channels) {
        channel.poll = 0;
        channel.encoding.offset = 4 * n;
        channel.instrument.tag = "PW-01".into();
    }
    channels
}

#[test]
fn a_poll_that_falls_silent_is_one_gap_and_a_bad_value_of_it_another() {
    let (start, files) = start(
        &shipped("config/benches/demo.toml"),
        &shipped("config/orders/demo.toml"),
    );
    let mut engine = RunEngine::open(&start, &files).unwrap();
    engine.step(&Document::Channels(one_poll())).unwrap();
    engine.step(&act(ActCommand::Begin)).unwrap();
    let answer = |t_s: u32, quality: Quality, now: [f64; 9]| {
        let words: Vec<u16> = now
            .iter()
            .map(|value| value.to_bits())
            .flat_map(|bits| [48, 32, 16, 0].map(|shift| (bits >> shift) as u16))
            .collect();
        Document::Page(Page {
            t_ns: i64::from(t_s) * 1_000_000_000,
            exchanges: vec![Exchange(0, 0, 0, quality, Bytes::from_words(&words))],
        })
    };
    let mut gaps = Vec::new();
    for t_s in 0..80 {
        let mut now = values(0.3);
        // Fifteen seconds without an answer; later fifteen in which one value is no number.
        let quality = if (10..25).contains(&t_s) {
            Quality::Timeout
        } else {
            Quality::Good
        };
        if (40..55).contains(&t_s) {
            now[3] = f64::NAN;
        }
        for output in engine.step(&answer(t_s, quality, now)).unwrap() {
            if let Document::Gap(gap) = output {
                gaps.push((
                    gap.from_ns / 1_000_000_000,
                    gap.to_ns / 1_000_000_000,
                    gap.poll,
                    gap.cause.en,
                ));
            }
        }
    }
    let nine = "PW-01 (c0, c1, c2, c3, c4, c5, c6, c7, c8): timeout";
    assert_eq!(gaps[0], (9, 25, Some(0), nine.to_owned()));
    assert_eq!((gaps[1].0, gaps[1].1, gaps[1].2), (39, 55, Some(0)));
    assert!(gaps[1].3.starts_with("PW-01 (c3): "), "{gaps:?}");
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    let out = engine.step(&act(ActCommand::Stop)).unwrap();
    let stop = out.iter().find_map(|d| match d {
        Document::Stop(stop) => Some(stop.gaps),
        _ => None,
    });
    assert_eq!(stop, Some(2));
}

/// Runs the programme on a rig whose valve hears only the demands `hears` says, counted
/// from zero; returns what was said.
fn with_deaf_valve(hears: impl Fn(usize) -> bool) -> Vec<Document> {
    let (start, files) = start(
        &shipped("config/benches/demo.toml"),
        &shipped("config/orders/demo.toml"),
    );
    let mut engine = RunEngine::open(&start, &files).unwrap();
    let mut known = channels();
    known.actuators.push(Actuator {
        name: "outlet_valve".into(),
        line: "l".into(),
        unit_id: 4,
        address: 1,
        full_scale: 1000,
        poll: 9,
    });
    engine.step(&Document::Channels(known)).unwrap();
    let mut said = engine.step(&act(ActCommand::Begin)).unwrap();
    let (mut t_s, mut position, mut demands, mut read) = (0.0, 0.3, 0, 0);
    while !engine.is_closed() && t_s < 5000.0 {
        t_s += 0.5;
        let Document::Page(mut next) = page(t_s, &values(position)) else {
            unreachable!()
        };
        let mut receipts = Vec::new();
        for output in &said[read..] {
            match output {
                Document::Command(command) => {
                    let heard = hears(demands);
                    demands += 1;
                    let quality = if heard {
                        position = command.value;
                        Quality::Good
                    } else {
                        Quality::Timeout
                    };
                    let echo = Exchange(9, 0, 1000, quality, Bytes(Vec::new()));
                    next.exchanges.push(echo);
                }
                Document::Point(_) => receipts.push(Document::Receipt(Receipt {
                    t_ns: (t_s * 1e9) as i64,
                    of_seq: 0,
                })),
                _ => {}
            }
        }
        read = said.len();
        for input in receipts.into_iter().chain([Document::Page(next)]) {
            said.extend(engine.step(&input).unwrap());
        }
    }
    said
}

#[test]
fn a_demand_the_valve_did_not_hear_is_sent_again_and_no_point_is_misplaced() {
    let said = with_deaf_valve(|demand| demand % 5 != 2);
    let again = said
        .iter()
        .filter(|d| matches!(d, Document::Command(c) if c.reason.en.ends_with("sent again")))
        .count();
    assert!(again >= 3, "{again}");
    let points: Vec<_> = said
        .iter()
        .filter_map(|d| match d {
            Document::Point(point) => Some(point),
            _ => None,
        })
        .collect();
    assert_eq!(points.len(), 13);
    for point in points {
        let off = point.reduced.as_ref().unwrap().flow_m3_s - point.target_flow_m3_s.unwrap();
        assert!(off.abs() <= 0.02 * 32.0 / 3600.0, "point {}", point.number);
    }
}

#[test]
fn a_valve_that_never_answers_ends_the_run_and_is_named() {
    let said = with_deaf_valve(|demand| demand < 3);
    let stop = said.iter().find_map(|d| match d {
        Document::Stop(stop) => Some(stop),
        _ => None,
    });
    let stop = stop.unwrap();
    assert_eq!(stop.outcome, Outcome::StoppedByInterlock);
    assert_eq!(
        stop.reason.as_ref().unwrap().en,
        "the valve left 10 demands unanswered: timeout"
    );
}

#[test]
fn where_no_input_comes_any_more_time_goes_on_and_every_channel_falls_silent() {
    let mut engine = engine();
    engine.step(&act(ActCommand::Begin)).unwrap();
    for n in 0..120 {
        engine
            .step(&page(f64::from(n) * 0.5, &values(0.0)))
            .unwrap();
    }
    let now_ns = engine.live().t_ns;
    let fresh = engine.live_channels(now_ns);
    assert!(
        fresh
            .channels
            .iter()
            .all(|c| c.quality == LiveQuality::Good)
    );
    assert!(fresh.unsteady.is_none() && fresh.now.is_some());
    // Far beyond the gap of the bench, with nothing recorded since.
    let stale = engine.live_channels(now_ns + 60_000_000_000);
    assert!(
        stale
            .channels
            .iter()
            .all(|c| c.quality == LiveQuality::Silent)
    );
    assert!(stale.unsteady.is_some());
}

#[test]
fn an_instrument_that_answers_without_a_value_is_bad_and_not_silent() {
    let mut engine = engine();
    engine.step(&act(ActCommand::Begin)).unwrap();
    for n in 0..120 {
        let mut now = values(0.0);
        if n > 20 {
            now[8] = f64::NAN;
        }
        engine.step(&page(f64::from(n) * 0.5, &now)).unwrap();
    }
    let seen = engine.live_channels(0);
    let slip = seen.channels.last().unwrap();
    assert_eq!(slip.quality, LiveQuality::Bad);
    assert!(slip.why.as_ref().unwrap().zh.contains("不是有限数"));
}

/// The points, rejected ones included, of a run whose channel `slow` is damped with `tau_s`
/// and which shows `now` at a time.
fn points_at(
    tau_s: f64,
    now: impl Fn(u32, f64) -> Option<[f64; 9]>,
) -> (Vec<dutypoint_model::document::Point>, f64) {
    let (start, files) = start(
        &shipped("config/benches/demo.toml"),
        &shipped("config/orders/demo.toml"),
    );
    let mut engine = RunEngine::open(&start, &files).unwrap();
    let mut known = channels();
    known.channels[1].damping_s = tau_s;
    engine.step(&Document::Channels(known)).unwrap();
    engine.step(&act(ActCommand::Begin)).unwrap();
    let (mut points, mut position, mut first_move_s) = (Vec::new(), 0.3, None);
    for n in 0..400_u32 {
        let t_s = f64::from(n) * 0.5;
        let Some(values) = now(n, position) else {
            continue;
        };
        for output in engine.step(&page(t_s, &values)).unwrap() {
            match output {
                Document::Command(command) => {
                    position = command.value;
                    first_move_s.get_or_insert(t_s);
                }
                Document::Point(point) => {
                    points.push(*point);
                    let receipt = Receipt {
                        t_ns: (t_s * 1e9) as i64,
                        of_seq: 0,
                    };
                    engine.step(&Document::Receipt(receipt)).unwrap();
                }
                _ => {}
            }
        }
    }
    (points, first_move_s.unwrap())
}

#[test]
fn a_set_begins_five_time_constants_after_the_valve_has_moved() {
    for (tau_s, wait_s) in [(0.2, 8.0), (2.0, 10.0), (6.0, 30.0)] {
        let (points, moved_s) = points_at(tau_s, |_, position| Some(values(position)));
        // The first demand may be a whole stroke of 10 s away; the window is 20 s.
        let began_s = points[0].from_ns as f64 / 1e9;
        let waited = began_s - moved_s;
        assert!((waited - 10.0 - wait_s).abs() <= 1.0, "{tau_s}: {waited}");
        assert!(waited >= 10.0 + wait_s - 1e-9, "{tau_s}: {waited}");
    }
}

#[test]
fn a_set_that_is_not_steady_is_discarded_whole_and_the_next_begins_ten_seconds_later() {
    // One reading of the power is off, 15 s into the first window.
    let (points, _) = points_at(0.2, |n, position| {
        let mut now = values(position);
        now[6] *= if n == 66 { 1.2 } else { 1.0 };
        Some(now)
    });
    let sets: Vec<_> = points
        .iter()
        .map(|p| (p.number, p.attempt, p.accepted))
        .collect();
    assert_eq!(sets[..2], [(1, 1, false), (1, 2, true)]);
    let why = &points[0].reason.as_ref().unwrap().en;
    assert!(
        why.starts_with("I-6 input power fluctuates by 19."),
        "{why}"
    );
    // No reading was taken out of it, and none of it is in the next.
    assert!(points[0].channels.iter().all(|c| c.samples >= 40));
    assert!(points[1].from_ns - points[0].to_ns >= 10_000_000_000);
}

#[test]
fn a_window_with_14_of_40_readings_is_no_point() {
    // 7 of 20 requests are answered: 14 in a window of 40.
    let (points, _) = points_at(0.2, |n, position| {
        (n < 40 || n % 20 < 7).then(|| values(position))
    });
    assert!(!points.is_empty());
    for point in &points {
        assert!(!point.accepted);
        let why = &point.reason.as_ref().unwrap().en;
        assert!(
            why.starts_with("I-0 c0: 1")
                && why.ends_with("of 40 readings in the window, fewer than 50 %"),
            "{why}"
        );
    }
}

/// Runs `order` to its end on a bench that shows `values` at a position of the valve;
/// returns what was said and what the live view asked for behind the programme.
fn whole_run(order: &str, values: impl Fn(f64) -> [f64; 9]) -> (Vec<Document>, Vec<String>) {
    let (start, files) = start(&shipped("config/benches/demo.toml"), order);
    let mut engine = RunEngine::open(&start, &files).unwrap();
    engine.step(&Document::Channels(channels())).unwrap();
    let mut said = engine.step(&act(ActCommand::Begin)).unwrap();
    let (mut t_s, mut position, mut read, mut asked) = (0.0, 0.3, 0, Vec::new());
    while !engine.is_closed() && t_s < 5000.0 {
        t_s += 0.5;
        let mut inputs = Vec::new();
        for output in &said[read..] {
            match output {
                Document::Command(command) => position = command.value,
                Document::Point(_) => inputs.push(Document::Receipt(Receipt {
                    t_ns: (t_s * 1e9) as i64,
                    of_seq: 0,
                })),
                _ => {}
            }
        }
        read = said.len();
        inputs.push(page(t_s, &values(position)));
        for input in inputs {
            said.extend(engine.step(&input).unwrap());
        }
        let live = engine.live();
        if live.points > 13 {
            asked.extend(live.waiting_for.map(|w| w.en));
        }
    }
    assert!(engine.is_closed());
    (said, asked)
}

/// A head with a part of the fourth degree: fits of degree 3 and 4 differ by about 1 % at the
/// guarantee point.
fn bent(position: f64) -> [f64; 9] {
    let mut now = values(position);
    let q = now[0] * 3600.0;
    let squared = (q - 20.8) * (q - 20.8);
    now[1] -= 1e-4 * squared * squared * 998.6 * 9.79627;
    now
}

fn findings(said: &[Document]) -> Vec<&dutypoint_model::document::Finding> {
    said.iter()
        .filter_map(|d| match d {
            Document::Finding(finding) => Some(finding.as_ref()),
            _ => None,
        })
        .collect()
}

#[test]
fn a_verdict_that_depends_on_the_fit_asks_for_two_more_points_before_the_run_stops() {
    // The efficiency where the fits of degree 3 and 4 read it, and a guarantee whose limit,
    // 5 % below it, lies between the two.
    let demo = shipped("config/orders/demo.toml");
    let (said, asked) = whole_run(&demo, bent);
    assert!(asked.is_empty(), "{asked:?}");
    let found = findings(&said);
    let unit = found
        .iter()
        .find(|f| f.item == Item::UnitEfficiency)
        .unwrap();
    let four = unit
        .variants
        .iter()
        .find(|v| v.fit.starts_with("H4"))
        .unwrap();
    let (three, four) = (unit.value.unwrap(), four.value.unwrap());
    assert!((three / four - 1.0).abs() > 0.004, "{three} {four}");
    let between = 100.0 * (three + four) / 2.0 / 0.95;
    let order = demo.replacen(
        "unit_efficiency = \"59.5 %\"",
        &format!("unit_efficiency = \"{between:.3} %\""),
        1,
    );
    let (said, asked) = whole_run(&order, bent);
    let more = "a verdict depends on the fit: two more points within ±5 % of the guaranteed flow";
    assert!(asked.iter().any(|a| a.starts_with(more)), "{asked:?}");
    let points: Vec<_> = said
        .iter()
        .filter_map(|d| match d {
            Document::Point(p) => Some((p.number, p.target_flow_m3_s.unwrap() * 3600.0)),
            _ => None,
        })
        .collect();
    assert_eq!(points.len(), 15);
    assert!((points[13].1 - 0.97 * 32.0).abs() < 1e-9 && points[13].0 == 14);
    assert!((points[14].1 - 1.03 * 32.0).abs() < 1e-9 && points[14].0 == 15);
    let stop = said.iter().position(|d| d.kind() == "stop").unwrap();
    let last = said.iter().rposition(|d| d.kind() == "point").unwrap();
    assert!(last < stop);
    // The two do not make the curve another one: it stays open, and says so.
    let found = findings(&said);
    let unit = found
        .iter()
        .find(|f| f.item == Item::UnitEfficiency)
        .unwrap();
    assert_eq!(unit.verdict, Verdict::Inconclusive);
    let why = &unit.reason.as_ref().unwrap().en;
    assert!(
        why.contains("two more points were taken and do not settle it"),
        "{why}"
    );
}

#[test]
fn a_sealed_unit_is_translated_only_where_the_order_said_so_before_the_start() {
    let demo = shipped("config/orders/demo.toml");
    let ordered = demo.replacen(
        "[programme]",
        "[translation]\nto = \"frequency\"\n\n[programme]",
        1,
    );
    let at = |hertz: f64| {
        move |position: f64| {
            let mut now = values(position);
            now[7] = hertz;
            now
        }
    };
    let taken = |said: &[Document]| -> Vec<dutypoint_model::document::Point> {
        let points = said.iter().filter_map(|d| match d {
            Document::Point(point) => Some((**point).clone()),
            _ => None,
        });
        points.collect()
    };
    let unit = |said: &[Document], item: Item| {
        let found = findings(said);
        let finding = found.iter().find(|f| f.item == item).unwrap();
        (finding.value.unwrap(), finding.verdict)
    };
    // Without the order's word: as measured, at the slip it had.
    let (plain, _) = whole_run(&demo, at(49.6));
    assert!(taken(&plain).iter().all(|p| p.translated.is_none()));
    let (measured, _) = unit(&plain, Item::HeadAtFlow);

    let (said, _) = whole_run(&ordered, at(49.6));
    let r = 50.0 / 49.6;
    for point in taken(&said) {
        let (was, is) = (point.reduced.unwrap(), point.translated.unwrap());
        assert!((was.frequency_hz.unwrap() - 49.6).abs() < 1e-9);
        assert!((is.ratio / r - 1.0).abs() < 1e-12);
        assert!((is.head_m / (was.head_m * r * r) - 1.0).abs() < 1e-12);
        assert!((is.power_w / (was.power_w * r * r * r) - 1.0).abs() < 1e-12);
    }
    let (translated, verdict) = unit(&said, Item::HeadAtFlow);
    assert!(translated > measured * 1.01, "{measured} {translated}");
    assert_eq!(verdict, Verdict::Pass);

    // 49.4 Hz is outside ±1 %: neither translated nor judged, and told.
    let (said, _) = whole_run(&ordered, at(49.4));
    assert!(taken(&said).iter().all(|p| p.translated.is_none()));
    let (_, verdict) = unit(&said, Item::HeadAtFlow);
    assert_eq!(verdict, Verdict::NotEvaluated);
}

#[test]
fn an_axial_pump_starts_against_the_open_valve_and_never_sees_it_shut() {
    let demo = shipped("config/orders/demo.toml");
    let flows = demo.lines().find(|l| l.starts_with("flows = ")).unwrap();
    let axial = demo
        .replacen("model = ", "kind = \"axial\"\nmodel = ", 1)
        .replacen(flows, "flows = [1.3, 1.2, 1.1, 1.025, 0.975, 0.9, 0.8]", 1);
    let (said, _) = whole_run(&axial, values);
    let demands: Vec<f64> = said
        .iter()
        .filter_map(|d| match d {
            Document::Command(command) => Some(command.value),
            _ => None,
        })
        .collect();
    assert_eq!(demands[0], 1.0);
    assert!(demands.iter().all(|d| *d > 0.3), "{demands:?}");
    let points = said.iter().filter(|d| d.kind() == "point").count();
    assert_eq!(points, 7);
}

fn input() -> impl Strategy<Value = Document> {
    let quality = prop_oneof![
        Just(Quality::Good),
        Just(Quality::Timeout),
        any::<u8>().prop_map(Quality::Exception),
    ];
    let exchange = (
        0u16..12,
        any::<i64>(),
        any::<i64>(),
        quality,
        prop::collection::vec(any::<u8>(), 0..10),
    )
        .prop_map(|(poll, sent, received, quality, bytes)| {
            Exchange(poll, sent, received, quality, Bytes(bytes))
        });
    prop_oneof![
        4 => (any::<i64>(), prop::collection::vec(exchange, 0..6))
            .prop_map(|(t_ns, exchanges)| Document::Page(Page { t_ns, exchanges })),
        4 => (0.0..1e6, prop::array::uniform9(prop::num::f64::ANY)).prop_map(|(t, v)| page(t, &v)),
        1 => any::<i64>().prop_map(|t_ns| Document::Tick(Tick { t_ns })),
        1 => (any::<i64>(), any::<u64>())
            .prop_map(|(t_ns, of_seq)| Document::Receipt(Receipt { t_ns, of_seq })),
        1 => prop::sample::select(vec![
            ActCommand::Begin,
            ActCommand::Stop,
            ActCommand::Refuse,
            ActCommand::Interrupt,
        ]).prop_map(act),
    ]
}

proptest! {
    #[test]
    fn no_inputs_panic_and_a_closed_run_says_nothing_more(inputs in prop::collection::vec(input(), 0..60)) {
        let mut engine = engine();
        let mut stops = 0;
        for input in inputs {
            let closed = engine.is_closed();
            if let Ok(outputs) = engine.step(&input) {
                prop_assert!(!closed || outputs.is_empty());
                stops += outputs.iter().filter(|d| d.kind() == "stop").count();
            }
        }
        prop_assert_eq!(stops, usize::from(engine.is_closed()));
    }
}
