//! What makes readings trustworthy: their time, the clock, the zero of the instruments.

use crate::common::{shipped, start};
use crate::{ROLES, act, channels, drive, engine, page, values};
use dutypoint_engine::RunEngine;
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::{
    Act, ActCommand, Channels, ClockStatus, Correction, Exchange, Finding, Item, Page, Point,
    Quality, Receipt, Role, ZeroReading, ZeroRule,
};
use dutypoint_model::{Document, Verdict};

fn clock(since_s: f64, t_s: f64, stepped_s: Option<f64>, slept_s: Option<f64>) -> Document {
    let ns = |s: f64| (s * 1e9) as i64;
    Document::Clock(ClockStatus {
        t_ns: ns(t_s),
        since_ns: ns(since_s),
        source: "unknown".into(),
        synchronised: None,
        ahead_ns: None,
        error_ns: None,
        gained_ns: 0,
        stepped_ns: stepped_s.map(ns),
        slept_ns: slept_s.map(ns),
    })
}

/// Pages every half second from `from_s` to `to_s`; what the engine says to them, with its
/// receipts given.
fn run(engine: &mut RunEngine, from_s: f64, to_s: f64) -> Vec<Document> {
    let mut said = Vec::new();
    let mut t_s = from_s;
    while t_s < to_s {
        let mut inputs = vec![page(t_s, &values(0.0))];
        while let Some(input) = inputs.pop() {
            for output in engine.step(&input).unwrap() {
                if matches!(output, Document::Point(_)) {
                    inputs.push(Document::Receipt(Receipt {
                        t_ns: (t_s * 1e9) as i64,
                        of_seq: 0,
                    }));
                }
                said.push(output);
            }
        }
        t_s += 0.5;
    }
    said
}

fn first_point(said: &[Document]) -> Option<&Point> {
    said.iter().find_map(|d| match d {
        Document::Point(point) => Some(point.as_ref()),
        _ => None,
    })
}

/// Sent at 40 ms, answered at 100 ms: the reading is of 70 ms, give or take 30 ms.
#[test]
fn a_reading_is_of_the_middle_of_its_exchange_give_or_take_half_of_it() {
    let mut engine = engine();
    engine.step(&act(ActCommand::Begin)).unwrap();
    let mut said = Vec::new();
    for n in 0..400 {
        let Document::Page(mut page) = page(f64::from(n) * 0.5, &values(0.0)) else {
            unreachable!()
        };
        for exchange in &mut page.exchanges {
            (exchange.1, exchange.2) = (40_000, 100_000);
        }
        said.extend(engine.step(&Document::Page(page)).unwrap());
        if first_point(&said).is_some() {
            break;
        }
    }
    let point = first_point(&said).unwrap();
    for shown in &point.channels {
        assert!((shown.time_half_width_s - 0.03).abs() < 1e-12, "{shown:?}");
    }
    // The last reading of the window is of 70 ms after its page, not of the 100 ms it came at.
    let last = engine.live_channels(0).channels;
    let at = last.iter().find(|c| c.name == "c0").and_then(|c| c.t_ns);
    assert_eq!(at.unwrap() % 500_000_000, 70_000_000);
}

/// A step of the wall clock in the middle of a window: the gap says so, and the set of readings
/// begins anew behind it.
#[test]
fn a_step_of_the_clock_is_a_gap_and_no_set_reaches_across_it() {
    let mut undisturbed = engine();
    undisturbed.step(&act(ActCommand::Begin)).unwrap();
    let said = run(&mut undisturbed, 0.0, 200.0);
    let usual = first_point(&said).unwrap();
    let (from_s, to_s) = (usual.from_ns as f64 / 1e9, usual.to_ns as f64 / 1e9);
    let middle = 0.5 * (from_s + to_s);

    let mut engine = engine();
    engine.step(&act(ActCommand::Begin)).unwrap();
    let before = run(&mut engine, 0.0, middle);
    assert_eq!(first_point(&before), None);
    let step = clock(middle - 0.05, middle, Some(-3.2), None);
    let out = engine.step(&step).unwrap();
    let [Document::Gap(gap)] = &out[..] else {
        unreachable!("{out:?}");
    };
    assert_eq!(gap.poll, None);
    assert_eq!(gap.to_ns - gap.from_ns, 50_000_000);
    assert!(gap.cause.en.contains("set by -3.200 s"), "{}", gap.cause.en);
    let after = run(&mut engine, middle + 0.5, middle + 200.0);
    let point = first_point(&after).unwrap();
    assert!(point.from_ns >= gap.to_ns, "{point:?}");
}

#[test]
fn a_clock_that_only_reports_changes_nothing() {
    let mut engine = engine();
    engine.step(&act(ActCommand::Begin)).unwrap();
    run(&mut engine, 0.0, 5.0);
    let before = engine.clone();
    assert_eq!(engine.step(&clock(4.5, 4.5, None, None)).unwrap(), []);
    assert_eq!(engine.live(), before.live());
}

/// An hour asleep is one gap, and no instrument is blamed for it: pages and gaps do not overlap.
#[test]
fn a_sleep_is_one_gap_and_no_instrument_was_silent() {
    let mut engine = engine();
    engine.step(&act(ActCommand::Begin)).unwrap();
    run(&mut engine, 0.0, 5.0);
    let mut said = engine
        .step(&clock(4.5, 3604.5, None, Some(3600.0)))
        .unwrap();
    said.extend(run(&mut engine, 3605.0, 3610.0));
    let gaps: Vec<_> = said.iter().filter(|d| d.kind() == "gap").collect();
    let [Document::Gap(gap)] = &gaps[..] else {
        unreachable!("{gaps:?}");
    };
    assert_eq!((gap.from_ns, gap.to_ns), (4_500_000_000, 3_604_500_000_000));
    assert!(gap.cause.en.contains("slept for 3600.0 s"));
}

/// An answer about a sleep is an absence with its cause, never a value.
#[test]
fn what_came_about_a_sleep_is_no_value() {
    let mut engine = engine();
    let exchanges = (0..9).map(|id| Exchange(id, 0, 1000, Quality::Slept, Bytes::from_words(&[])));
    let page = Page {
        t_ns: 0,
        exchanges: exchanges.collect(),
    };
    engine.step(&Document::Page(page)).unwrap();
    assert!(engine.live().values.is_empty());
}

/// The outlet pressure is held to a zero within `limit` Pa.
fn with_zero(limit: f64) -> Channels {
    let mut channels = channels();
    for channel in &mut channels.channels {
        if channel.role == Role::OutletPressure {
            channel.zero = Some(ZeroRule { drift_limit: limit });
        }
    }
    channels
}

fn zero(t_s: f64, value: f64) -> Document {
    Document::Act(Act {
        t_ns: (t_s * 1e9) as i64,
        who: "li".into(),
        role: "technician".into(),
        command: ActCommand::Zero,
        reason: "vented".into(),
        zeros: vec![ZeroReading {
            channel: "c1".into(),
            value,
        }],
        demand: None,
        entry: None,
    })
}

/// A whole run with the zero at 500 Pa before, and `after` behind; the instrument shows 500 Pa
/// too much.
fn zeroed_run(limit: f64, after: f64) -> (Vec<Document>, Finding) {
    let (start, files) = start(
        &shipped("config/benches/demo.toml"),
        &shipped("config/orders/demo.toml"),
    );
    let mut engine = RunEngine::open(&start, &files).unwrap();
    engine.step(&Document::Channels(with_zero(limit))).unwrap();
    let mut said = engine.step(&act(ActCommand::Begin)).unwrap();
    let shows = |position: f64| {
        let mut now = values(position);
        now[1] += 500.0;
        now
    };
    let mut t_s = 0.0;
    // Without its zero the programme does not begin, however long.
    for _ in 0..100 {
        t_s += 0.5;
        said.extend(engine.step(&page(t_s, &shows(0.0))).unwrap());
    }
    assert_eq!(said, []);
    assert!(engine.waits_for_zero());
    let taken = engine.zero_readings().unwrap();
    assert!((taken[0].value - shows(0.0)[1]).abs() < 1e-6, "{taken:?}");
    said.extend(engine.step(&zero(t_s, 500.0)).unwrap());
    let t_s = drive(&mut engine, &mut said, (t_s, 0.0), shows, |engine| {
        engine.waits_for_zero()
    });
    assert!(!engine.is_closed());
    said.extend(engine.step(&zero(t_s, after)).unwrap());
    assert!(engine.is_closed());
    let finding = said.iter().find_map(|d| match d {
        Document::Finding(f) if f.item == Item::Instruments => Some(f.as_ref().clone()),
        _ => None,
    });
    (said, finding.unwrap())
}

/// 500 Pa before and 620 Pa behind: a drift of 120 Pa, 0.6 of a limit of 200 Pa.
#[test]
fn the_zero_is_taken_off_and_its_drift_is_within_its_limit() {
    let (said, finding) = zeroed_run(200.0, 620.0);
    assert_eq!(finding.verdict, Verdict::Pass);
    assert!((finding.value.unwrap() - 0.6).abs() < 1e-9);
    let shown = first_point(&said).unwrap().channels.iter();
    let pressure = shown.clone().find(|s| s.channel == "c1").unwrap();
    assert!(
        (pressure.mean - values(0.0)[1]).abs() < 1e-6,
        "{pressure:?}"
    );
}

#[test]
fn a_zero_that_moved_too_far_bars_the_guarantee_and_says_by_how_much() {
    let (said, finding) = zeroed_run(200.0, 750.0);
    assert_eq!(finding.verdict, Verdict::NotEvaluated);
    let why = finding.reason.unwrap().en;
    assert!(
        why.contains("moved by 250.0000 Pa, permitted 200 Pa"),
        "{why}"
    );
    let judged = said.iter().filter_map(|d| match d {
        Document::Finding(f) if f.item == Item::FlowHead => Some(f.verdict),
        _ => None,
    });
    assert_eq!(judged.collect::<Vec<_>>(), [Verdict::NotEvaluated]);
}

/// A flow meter calibrated up to 20 m³/h: its table ends there, and a reading beyond it is bad
/// with the reason.
#[test]
fn a_reading_beyond_its_calibration_is_bad_with_the_reason() {
    let mut channels = channels();
    let end = 20.0 / 3600.0;
    for channel in channels
        .channels
        .iter_mut()
        .filter(|c| c.role == Role::Flow)
    {
        channel.instrument.calibration.correction = Correction::Table {
            points: vec![[0.0, 0.0], [end, 1.01 * end]],
            beyond: Default::default(),
        };
    }
    assert_eq!(ROLES[0], Role::Flow);
    let (start, files) = start(
        &shipped("config/benches/demo.toml"),
        &shipped("config/orders/demo.toml"),
    );
    let mut engine = RunEngine::open(&start, &files).unwrap();
    engine.step(&Document::Channels(channels)).unwrap();
    let mut now = values(0.3);
    now[0] = 0.5 * end;
    engine.step(&page(0.0, &now)).unwrap();
    let corrected = engine.live().values[&Role::Flow];
    assert!((corrected - 0.505 * end).abs() < 1e-15);
    now[0] = 1.1 * end;
    engine.step(&page(0.5, &now)).unwrap();
    let live = engine.live_channels(0).channels;
    let flow = live.iter().find(|c| c.name == "c0").unwrap();
    let why = flow.why.as_ref().unwrap();
    assert!(
        why.en
            .starts_with("the calibration holds from 0 to 0.00555"),
        "{}",
        why.en
    );
}
