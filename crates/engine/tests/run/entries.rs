//! Dials that people read: two who agree, or one with a photo; everything else waits.

use crate::common::{shipped, start};
use crate::{act, channels, page, values};
use dutypoint_engine::{Entered, RunEngine};
use dutypoint_model::document::{
    Act, ActCommand, Channels, Correction, Entry, EntryRule, Point, Receipt,
};
use dutypoint_model::{Digest, Document, Unit};
use proptest::prelude::*;

/// The rig with its outlet pressure on a dial in Pa, 0 … 2 MPa in steps of 20 kPa.
fn dial() -> Channels {
    let mut channels = channels();
    let gauge = &mut channels.channels[1];
    gauge.entered = Some(EntryRule {
        resolution: 20e3,
        tolerance: 20e3,
    });
    gauge.instrument.range = [0.0, 2e6];
    gauge.instrument.calibration.correction = Correction::Linear {
        slope: 1.01,
        offset: -500.0,
    };
    channels
}

fn opened() -> RunEngine {
    let (start, files) = start(
        &shipped("config/benches/demo.toml"),
        &shipped("config/orders/demo.toml"),
    );
    let mut engine = RunEngine::open(&start, &files).unwrap();
    engine.step(&Document::Channels(dial())).unwrap();
    engine.step(&act(ActCommand::Begin)).unwrap();
    engine
}

fn entry(value: f64) -> Entry {
    Entry {
        channel: "c1".into(),
        value,
        unit: Unit::Pascal,
        photo: None,
    }
}

fn entered(t_s: f64, who: &str, entry: Entry) -> Document {
    Document::Act(Act {
        t_ns: (t_s * 1e9) as i64,
        who: who.into(),
        role: "technician".into(),
        command: ActCommand::Enter,
        reason: "test".into(),
        zeros: Vec::new(),
        entry: Some(entry),
        demand: None,
    })
}

/// Goes on for `for_s`; the first point, and where time stands.
fn go(engine: &mut RunEngine, t_s: &mut f64, for_s: f64) -> Option<Point> {
    let end_s = *t_s + for_s;
    while *t_s < end_s {
        *t_s += 0.5;
        let out = engine.step(&page(*t_s, &values(0.0))).unwrap();
        for document in out {
            if let Document::Point(point) = document {
                return Some(*point);
            }
        }
    }
    None
}

/// An engine that has its window and waits for the dial.
fn waiting() -> (RunEngine, f64) {
    let (mut engine, mut t_s) = (opened(), 0.0);
    assert_eq!(go(&mut engine, &mut t_s, 120.0), None);
    let asked = engine.live().waiting_for.unwrap();
    assert!(
        asked.en.contains("read I-1 and enter c1 (Pa)"),
        "{}",
        asked.en
    );
    assert!(asked.zh.contains("两人各录一次"), "{}", asked.zh);
    (engine, t_s)
}

fn gauge(point: &Point) -> &dutypoint_model::document::ChannelStatistics {
    point.channels.iter().find(|c| c.channel == "c1").unwrap()
}

/// By hand: 1.30 MPa · 1.01 − 500 Pa = 1 312 500 Pa and 1.31 MPa · 1.01 − 500 Pa =
/// 1 322 600 Pa; their mean is 1 317 550 Pa. The entries are 3 s apart, half is 1.5 s.
#[test]
fn two_people_who_agree_make_the_reading_of_a_point() {
    let (mut engine, t_s) = waiting();
    let first = entered(t_s + 1.0, "张工", entry(1.30e6));
    assert_eq!(engine.step(&first).unwrap(), []);
    assert_eq!(engine.entered("c1"), Some(Entered::NeedsSecond));
    let said = engine.live().waiting_for.unwrap().en;
    assert!(said.contains("waiting for a second person"), "{said}");
    let out = engine
        .step(&entered(t_s + 4.0, "Li", entry(1.31e6)))
        .unwrap();
    let [Document::Point(point)] = &out[..] else {
        unreachable!("{out:?}");
    };
    assert!(point.accepted, "{:?}", point.reason);
    let shown = gauge(point);
    assert_eq!((shown.samples, shown.bad), (2, 0));
    assert!((shown.mean - 1_317_550.0).abs() < 1e-6, "{}", shown.mean);
    assert!((shown.low - 1_312_500.0).abs() < 1e-6, "{}", shown.low);
    assert!((shown.high - 1_322_600.0).abs() < 1e-6, "{}", shown.high);
    assert!((shown.time_half_width_s - 1.5).abs() < 1e-9);
    assert!(point.steadiness.iter().all(|s| s.channel != "c1"));
    // The pressure enters the head: p/(ρg) = 1 317 550 / (998.6 · 9.796) = 134.7 m.
    let head_m = point.reduced.as_ref().unwrap().head_terms.pressure_m;
    assert!((head_m - 134.7).abs() < 0.1, "{head_m}");
}

#[test]
fn entries_that_differ_stand_and_the_point_waits_until_two_agree() {
    let (mut engine, mut t_s) = waiting();
    engine.step(&entered(t_s, "张工", entry(1.30e6))).unwrap();
    // The same person again, however the name is written, is no second one.
    engine.step(&entered(t_s, " 张工 ", entry(1.30e6))).unwrap();
    assert_eq!(engine.entered("c1"), Some(Entered::NeedsSecond));
    engine.step(&entered(t_s, "Li", entry(1.36e6))).unwrap();
    let others = vec![("张工".to_owned(), 1.30e6)];
    assert_eq!(engine.entered("c1"), Some(Entered::Differs(others)));
    assert_eq!(go(&mut engine, &mut t_s, 60.0), None);
    let said = engine.live().waiting_for.unwrap().en;
    assert!(said.contains("entries differ"), "{said}");
    // Exactly the tolerance apart still agrees: 1.36 and 1.34 MPa.
    let out = engine.step(&entered(t_s, "张工", entry(1.34e6))).unwrap();
    let [Document::Point(point)] = &out[..] else {
        unreachable!("{out:?}");
    };
    // 1.35 MPa · 1.01 − 500 Pa by hand.
    assert!((gauge(point).mean - 1_363_000.0).abs() < 1e-6);
}

#[test]
fn a_photo_stands_for_the_second_person_once() {
    let (mut engine, mut t_s) = waiting();
    let photo = Some(Digest::of(b"photo"));
    let with = |value| Entry {
        photo,
        ..entry(value)
    };
    let out = engine.step(&entered(t_s, "张工", with(1.30e6))).unwrap();
    let [Document::Point(point)] = &out[..] else {
        unreachable!("{out:?}");
    };
    assert_eq!(gauge(point).samples, 1);
    assert!((gauge(point).mean - 1_312_500.0).abs() < 1e-6);
    let receipt = Receipt {
        t_ns: (t_s * 1e9) as i64,
        of_seq: 0,
    };
    engine.step(&Document::Receipt(receipt)).unwrap();
    // The next set asks anew: neither the entry nor the photo of the one before counts.
    assert_eq!(go(&mut engine, &mut t_s, 200.0), None);
    assert_eq!(engine.entered("c1"), None);
    let why = engine.check_entry("张工", &with(1.30e6)).unwrap_err();
    assert!(why.en.contains("take a new one"), "{}", why.en);
    engine.step(&entered(t_s, "张工", with(1.30e6))).unwrap();
    assert_eq!(engine.entered("c1"), None);
}

#[test]
fn what_cannot_be_a_reading_is_refused_with_what_to_do() {
    let (mut engine, t_s) = waiting();
    let refused = |engine: &RunEngine, entry: Entry, en: &[&str], zh: &str| {
        let why = engine.check_entry("Li", &entry).unwrap_err();
        for part in en {
            assert!(why.en.contains(part), "{part}: {}", why.en);
        }
        assert!(why.zh.contains(zh), "{zh}: {}", why.zh);
    };
    let range = [
        "I-1 c1",
        "outside its range 0 … 2000000 Pa",
        "1300000.0000 meant",
    ];
    refused(&engine, entry(13.0e6), &range, "超出量程");
    refused(&engine, entry(-5.0), &["outside its range"], "请重读");
    refused(&engine, entry(f64::NAN), &["outside its range"], "超出量程");
    let kilo = Entry {
        unit: Unit::Kilopascal,
        ..entry(1300.0)
    };
    refused(
        &engine,
        kilo,
        &["reads in Pa, and kPa was entered"],
        "表盘单位是 Pa",
    );
    let other = Entry {
        channel: "c2".into(),
        ..entry(1.0)
    };
    refused(
        &engine,
        other,
        &["\"c2\" is none that is typed in; there are: c1"],
        "c2",
    );
    let nobody = engine.check_entry(" ", &entry(1.3e6)).unwrap_err();
    assert!(nobody.en.contains("--by"), "{}", nobody.en);
    // A tenth of what somebody else read; the journal may hold it, it counts as nothing.
    engine.step(&entered(t_s, "张工", entry(1.30e6))).unwrap();
    let tenth = ["factor of ten from 1300000 Pa that 张工 entered"];
    refused(&engine, entry(0.13e6), &tenth, "相差十的倍数");
    engine.step(&entered(t_s, "Li", entry(0.13e6))).unwrap();
    assert_eq!(engine.entered("c1"), Some(Entered::NeedsSecond));
    assert_eq!(
        opened().check_entry("Li", &entry(1.3e6)).unwrap_err().en,
        "I-1 c1: no set of readings is being taken; read it again and enter it when the run asks"
    );
}

#[test]
fn a_set_nobody_enters_for_is_no_point_and_says_so() {
    let (mut engine, mut t_s) = waiting();
    let point = go(&mut engine, &mut t_s, 1000.0).unwrap();
    assert!(!point.accepted);
    // A dial that is not read is no silence of an instrument: no gap is claimed.
    let stop = engine.step(&act(ActCommand::Stop)).unwrap();
    assert!(stop.iter().all(|d| d.kind() != "gap"), "{stop:?}");
    let why = point.reason.unwrap();
    assert!(
        why.en == "I-1 c1: no reading that two people agree on, and none with a photo",
        "{}",
        why.en
    );
}

proptest! {
    // Each case steps two engines through minutes of readings.
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever is entered and whenever: no panic, and the same inputs give the same outputs.
    #[test]
    fn no_entry_panics_and_all_are_replayed(
        list in prop::collection::vec((0..3_usize, any::<f64>(), 0..2_u8, 0..200_u8), 0..12)
    ) {
        let (mut one, mut other) = (opened(), opened());
        for (who, value, photo, after) in list {
            let mut all = Vec::new();
            for engine in [&mut one, &mut other] {
                let mut said = Vec::new();
                for _ in 0..after {
                    let t_s = engine.live().t_ns as f64 / 1e9 + 0.5;
                    said.extend(engine.step(&page(t_s, &values(0.0))).unwrap());
                }
                let value = if value.is_finite() { value % 3e6 } else { value };
                let entry = Entry {
                    photo: (photo == 1).then(|| Digest::of(&[after])),
                    ..entry(value)
                };
                let who = ["张工", "Li", ""][who];
                let t_s = engine.live().t_ns as f64 / 1e9;
                said.extend(engine.step(&entered(t_s, who, entry)).unwrap());
                all.push(said);
            }
            prop_assert_eq!(&all[0], &all[1]);
        }
    }
}
