//! Channels that watch the pump and enter no result, and a counter among them.

use crate::common::{shipped, start};
use crate::fixture::channel;
use crate::{act, channels, page, values};
use dutypoint_engine::RunEngine;
use dutypoint_engine::config::enters_results;
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::{ActCommand, Channel, CounterRule, Exchange, Point, Quality, Role};
use dutypoint_model::{Document, Unit};

/// The first point of a run with more channels, which show `shown` at the n-th half second.
fn first_point(more: Vec<Channel>, shown: impl Fn(u32) -> Vec<f64>) -> Point {
    let mut all = channels();
    for (poll, mut one) in (9..).zip(more) {
        one.poll = poll;
        all.channels.push(one);
    }
    let (start, files) = start(
        &shipped("config/benches/demo.toml"),
        &shipped("config/orders/demo.toml"),
    );
    let mut engine = RunEngine::open(&start, &files).unwrap();
    engine.step(&Document::Channels(all)).unwrap();
    engine.step(&act(ActCommand::Begin)).unwrap();
    for n in 1..10_000 {
        let Document::Page(mut page) = page(f64::from(n) * 0.5, &values(0.0)) else {
            unreachable!("page makes pages");
        };
        for (poll, value) in (9..).zip(shown(n)) {
            let bits = value.to_bits();
            let words = [48, 32, 16, 0].map(|shift| (bits >> shift) as u16);
            let bytes = Bytes::from_words(&words);
            page.exchanges
                .push(Exchange(poll, 0, 1000, Quality::Good, bytes));
        }
        let said = engine.step(&Document::Page(page)).unwrap();
        for document in said {
            if let Document::Point(point) = document {
                assert!(point.accepted, "{:?}", point.reason);
                return *point;
            }
        }
    }
    panic!("no point");
}

#[test]
fn what_only_watches_the_pump_is_recorded_and_judges_nothing() {
    let watching = [
        ("vibration", Role::Vibration, Unit::MillimetrePerSecond),
        ("sound", Role::SoundLevel, Unit::Decibel),
        ("bearing", Role::BearingTemperature, Unit::DegreeCelsius),
    ];
    assert!(watching.iter().all(|(_, role, _)| !enters_results(*role)));
    let more = watching.map(|(name, role, unit)| channel(name, role, unit));
    let point = first_point(more.into(), |n| match n % 2 {
        0 => vec![2.0, 70.0, 40.0],
        _ => vec![6.0, 90.0, 43.0],
    });
    // By hand: half of 2 and 6 mm/s, 70 and 90 dB, 40 and 43 °C; a window may hold one more of
    // one than of the other.
    for (name, mean, low, high, off) in [
        ("vibration", 4e-3, 2e-3, 6e-3, 1e-4),
        ("sound", 80.0, 70.0, 90.0, 0.5),
        ("bearing", 41.5, 40.0, 43.0, 0.1),
    ] {
        let shown = point.channels.iter().find(|c| c.channel == name).unwrap();
        assert!((shown.mean - mean).abs() < off, "{shown:?}");
        assert_eq!((shown.low, shown.high), (low, high));
        assert!(point.steadiness.iter().all(|s| s.channel != name));
    }
}

/// By hand: 2400 pulses in half a second are 4800 Hz, · 1e-4 = 0.48, wherever the 16 bits of the
/// counter wrap: every 13.65 s, within a window too.
#[test]
fn a_counter_is_a_steady_rate_across_its_wraps() {
    let mut counted = channel("counted", Role::DriveOutput, Unit::One);
    counted.counter = Some(CounterRule {
        factor: 1e-4,
        wraps_at: 65_536.0,
        most_hz: 10_000.0,
    });
    let point = first_point(vec![counted], |n| vec![f64::from(n * 2400 % 65_536)]);
    let shown = point.channels.iter().find(|c| c.channel == "counted");
    let shown = shown.unwrap();
    assert_eq!(shown.bad, 0);
    assert!((shown.low - 0.48).abs() < 1e-9 && (shown.high - 0.48).abs() < 1e-9);
}
