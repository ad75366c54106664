//! Channels that watch the pump and enter no result.

use crate::common::{shipped, start};
use crate::fixture::channel;
use crate::{act, channels, page, values};
use dutypoint_engine::RunEngine;
use dutypoint_engine::config::enters_results;
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::{ActCommand, Exchange, Quality, Role};
use dutypoint_model::{Document, Unit};

#[test]
fn what_only_watches_the_pump_is_recorded_and_judges_nothing() {
    let watching = [
        ("vibration", Role::Vibration, Unit::MillimetrePerSecond),
        ("sound", Role::SoundLevel, Unit::Decibel),
        ("bearing", Role::BearingTemperature, Unit::DegreeCelsius),
    ];
    let mut all = channels();
    for (poll, (name, role, unit)) in (9..).zip(watching) {
        assert!(!enters_results(role));
        let mut one = channel(name, role, unit);
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
    let (mut t_s, mut rough) = (0.0, false);
    let point = loop {
        t_s += 0.5;
        rough = !rough;
        let shown: [f64; 3] = if rough {
            [2.0, 70.0, 40.0]
        } else {
            [6.0, 90.0, 43.0]
        };
        let Document::Page(mut page) = page(t_s, &values(0.0)) else {
            unreachable!("page makes pages");
        };
        for (poll, value) in (9..).zip(shown) {
            let bits = value.to_bits();
            let words = [48, 32, 16, 0].map(|shift| (bits >> shift) as u16);
            let bytes = Bytes::from_words(&words);
            page.exchanges
                .push(Exchange(poll, 0, 1000, Quality::Good, bytes));
        }
        let said = engine.step(&Document::Page(page)).unwrap();
        if let Some(Document::Point(point)) = said.into_iter().find(|d| d.kind() == "point") {
            break point;
        }
        assert!(t_s < 5000.0, "no point");
    };
    assert!(point.accepted, "{:?}", point.reason);
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
