//! Step by step: points in order, what is not steady is named, gaps, and no input that panics.

use crate::common::{shipped, start};
use crate::{act, channels, engine, page, values};
use dutypoint_engine::{LiveQuality, RunEngine};
use dutypoint_model::Document;
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::{ActCommand, Channels, Exchange, Page, Quality, Receipt, Tick};
use proptest::prelude::*;

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
fn a_channel_that_is_not_steady_is_named_and_its_set_is_no_point() {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever falls silent, whenever and for how long: of every channel, readings and gaps
    /// cover the run from its begin to its stop.
    #[test]
    fn readings_and_gaps_cover_the_run_without_overlap(
        outages in prop::collection::vec((0u16..9, 0.0..300.0, 0.0..60.0), 0..12),
        begun in prop::bool::ANY,
    ) {
        const LONGEST_NS: i64 = 8_000_000_000;
        let mut engine = engine();
        let mut said = Vec::new();
        if begun {
            said.extend(engine.step(&act(ActCommand::Begin)).unwrap());
        }
        let mut good: [Vec<i64>; 9] = std::array::from_fn(|_| vec![0]);
        let end_s = 300.0;
        for n in 1..=600 {
            let t_s = f64::from(n) * 0.5;
            let Document::Page(mut page) = page(t_s, &values(0.3)) else { unreachable!() };
            let out = |poll: u16| {
                let mut of = outages.iter().filter(|(id, ..)| *id == poll);
                of.any(|(_, from, long)| (*from..from + long).contains(&t_s))
            };
            page.exchanges.retain(|e| !out(e.0));
            for exchange in &page.exchanges {
                good[usize::from(exchange.0)].push(page.t_ns + 500_000);
            }
            let input = if page.exchanges.is_empty() {
                Document::Tick(Tick { t_ns: page.t_ns })
            } else {
                Document::Page(page)
            };
            said.extend(engine.step(&input).unwrap());
        }
        let mut stop = act(ActCommand::Stop);
        if let Document::Act(act) = &mut stop {
            act.t_ns = (end_s * 1e9) as i64;
        }
        said.extend(engine.step(&stop).unwrap());
        let end_ns = said.iter().find_map(|d| match d {
            Document::Stop(stop) => Some(stop.t_ns),
            _ => None,
        });
        for (poll, good) in (0_u16..).zip(&mut good) {
            let gaps: Vec<(i64, i64)> = said
                .iter()
                .filter_map(|d| match d {
                    Document::Gap(gap) if gap.poll == Some(poll) => Some((gap.from_ns, gap.to_ns)),
                    _ => None,
                })
                .collect();
            let end_ns = end_ns.unwrap();
            good.retain(|t_ns| *t_ns <= end_ns);
            good.push(end_ns);
            let silences: Vec<(i64, i64)> = good
                .windows(2)
                .map(|pair| (pair[0], pair[1]))
                .filter(|(from, to)| to - from > LONGEST_NS)
                .collect();
            prop_assert_eq!(gaps, silences, "poll {}", poll);
        }
    }
}
