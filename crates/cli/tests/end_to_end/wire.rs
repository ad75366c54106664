//! From the wire to the point: what the instruments answered, what they did not, and
//! that nothing in between was invented.

use crate::common::{demo, json, shared};
use crate::documents::{Answered, answers_of, channels, documents, gap_over, gaps, start};
use dutypoint_model::document::{Channels, Exchange, Point, Quality};
use dutypoint_model::{Document, Sealed};
use std::collections::BTreeMap;
use tempfile::TempDir;

/// One instrument broken after the other, far enough apart that a line which probes a
/// dead device once a second (40 s on a bench clock forty times as fast) finds it back.
/// The cause is what the gap must say.
const BROKEN: [(&str, &str, [f64; 2], &str); 5] = [
    (
        "silent:LT-01",
        "LT-01 (water_level)",
        [60.0, 90.0],
        "timeout",
    ),
    (
        "exception:PW-01=6",
        "PW-01 (voltage_l12, voltage_l23, voltage_l31, current_l1, current_l2, current_l3, \
         input_power, power_factor, frequency)",
        [150.0, 180.0],
        "exception 6",
    ),
    (
        "burn-out:ST-01",
        "ST-01 (slip_frequency)",
        [240.0, 270.0],
        "channel status: burn-out",
    ),
    (
        "short:FT-01",
        "FT-01 (flow)",
        [330.0, 360.0],
        "wrong length",
    ),
    (
        "wrong-unit:TT-01",
        "TT-01 (water_temperature)",
        [420.0, 450.0],
        "garbled",
    ),
];

/// Middle of an exchange in bench nanoseconds, the time its reading counts for.
fn middle_ns(page_ns: i64, exchange: &Exchange) -> i64 {
    page_ns + (exchange.1 + exchange.2) / 2 * 1000
}

/// Asserts that every point rests on answers of its own window: each channel has at most
/// as many readings as its poll had good answers, and with the readings that could not be
/// trusted there are as many as there were answers.
fn points_rest_on_answers(documents: &[Sealed]) {
    let channels = channels(documents);
    let mut answers: BTreeMap<u16, Vec<(i64, bool)>> = BTreeMap::new();
    let mut points = 0;
    for sealed in documents {
        match &sealed.doc {
            Document::Page(page) => {
                for exchange in &page.exchanges {
                    let good = exchange.3 == Quality::Good;
                    // Words of an answer that does not count are not even stored.
                    let actuator = channels.actuators.iter().any(|a| a.poll == exchange.0);
                    assert!(good || actuator || exchange.4.0.is_empty(), "{exchange:?}");
                    let answer = (middle_ns(page.t_ns, exchange), good);
                    answers.entry(exchange.0).or_default().push(answer);
                }
            }
            Document::Point(point) => {
                points += 1;
                rests_on(point, channels, &answers);
            }
            _ => {}
        }
    }
    assert!(points >= 13, "{points} points");
}

fn rests_on(point: &Point, channels: &Channels, answers: &BTreeMap<u16, Vec<(i64, bool)>>) {
    for shown in &point.channels {
        let channel = channels.channels.iter().find(|c| c.name == shown.channel);
        let channel = channel.unwrap();
        let window: Vec<bool> = answers[&channel.poll]
            .iter()
            .filter(|(t, _)| *t >= point.from_ns)
            .map(|(_, good)| *good)
            .collect();
        let good = window.iter().filter(|good| **good).count();
        let place = format!("point {} {}", point.number, shown.channel);
        assert!(shown.samples as usize <= good, "{place}");
        assert_eq!(
            (shown.samples + shown.bad) as usize,
            window.len(),
            "{place}"
        );
    }
}

#[test]
fn every_point_of_a_healthy_run_rests_on_answers_of_its_own_window() {
    points_rest_on_answers(&documents(&shared().out));
}

#[test]
fn broken_instruments_leave_gaps_with_their_cause_and_no_reading_is_invented() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let faults: Vec<String> = BROKEN
        .iter()
        .map(|(fault, _, [from, to], _)| format!("{fault}@{from}..{to}"))
        .collect();
    let mut args = demo(&out, &[]);
    args.extend(faults.iter().flat_map(|f| ["--fault", f.as_str()]));
    let summary = json(0, &args);
    assert_eq!(summary["outcome"], "Completed");
    assert_eq!(summary["verdict"], "Pass");
    assert_eq!(summary["replay"], "identical");

    let documents = documents(&out);
    for (fault, named, window_s, cause) in BROKEN {
        let tag = named.split(' ').next().unwrap();
        // One silence is one gap, however many channels the answer would have filled.
        let gap = gap_over(&documents, tag, window_s);
        let why = gap.cause.en.strip_prefix(&format!("{named}: "));
        let why = why.unwrap_or_else(|| panic!("{fault}: {}", gap.cause.en));
        let answers = answers_of(&documents, tag);
        let during = answers.iter().filter(|a| a.lies_within(gap));
        let met: Vec<String> = during.filter_map(|a| a.good.clone().err()).collect();
        // A busy machine may add a timeout, and be late with it.
        assert!(met.iter().any(|met| met == cause), "{fault}: {met:?}");
        assert!(met.iter().any(|met| met == why), "{fault}: {why}, {met:?}");
        let strange = met.iter().find(|met| *met != cause && *met != "timeout");
        assert!(strange.is_none() || cause == "timeout", "{fault}: {met:?}");
    }
    points_rest_on_answers(&documents);
}

#[test]
fn a_burnt_out_sensor_from_the_start_is_named_with_what_it_says() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let summary = json(2, &demo(&out, &["--fault", "burn-out:ST-01"]));
    assert_eq!(summary["outcome"], "FailedToStart");
    let reason = summary["reason"]["en"].as_str().unwrap();
    assert!(
        reason.contains("ST-01 (slip_frequency): channel status: burn-out"),
        "{reason}"
    );
    // It did answer: the line is healthy, the value is not.
    let answers = answers_of(&documents(&out), "ST-01");
    let says = |a: &Answered| a.good.as_ref().is_err_and(|why| why.contains("burn-out"));
    assert!(answers.iter().any(says), "{answers:?}");
}

/// Both instruments in the well are on a line of their own.
#[test]
fn a_dead_line_delays_no_reading_of_another() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let summary = json(0, &demo(&out, &["--fault", "line:rtu-2@100..200"]));
    assert_eq!(summary["outcome"], "Completed");
    let documents = documents(&out);
    let begin_ns = start(&documents).t_ns;
    let channels = channels(&documents);
    // What was asked and answered while the line was dead.
    let inside = |page_ns: i64, exchange: &Exchange| {
        let second = |us: i64| (page_ns + us * 1000 - begin_ns) as f64 / 1e9;
        second(exchange.1) > 100.001 && second(exchange.2) < 199.999
    };

    // The dead line: nothing but timeouts, and each of them with its beginning and end.
    let mut waits: Vec<(i64, i64)> = Vec::new();
    let mut others: BTreeMap<u16, Vec<(i64, bool)>> = BTreeMap::new();
    for sealed in &documents {
        let Document::Page(page) = &sealed.doc else {
            continue;
        };
        for exchange in &page.exchanges {
            let Some(poll) = channels.polls.iter().find(|p| p.id == exchange.0) else {
                continue;
            };
            let t_ns = middle_ns(page.t_ns, exchange);
            let good = exchange.3 == Quality::Good;
            if !inside(page.t_ns, exchange) {
                continue;
            }
            if poll.line == "rtu-2" {
                assert_eq!(exchange.3, Quality::Timeout, "{exchange:?}");
                let at = |us: i64| page.t_ns + us * 1000;
                waits.push((at(exchange.1), at(exchange.2)));
            } else {
                others.entry(poll.id).or_default().push((t_ns, good));
            }
        }
    }
    // Three misses each for level and temperature, then a probe a wall second.
    assert!(waits.len() >= 6, "{waits:?}");
    assert_eq!(others.len(), channels.polls.len() - 2);

    // While the dead line waits for its answers, every other instrument is read: a line that
    // waited with it would have nothing to show for these times, and a busy machine for some.
    // A wait that is shorter than its period shows nothing.
    for (poll, answers) in &others {
        let of_it = channels.polls.iter().find(|p| p.id == *poll).unwrap();
        let period_ns = i64::from(of_it.period_ms) * 1_000_000;
        let waits: Vec<_> = (waits.iter())
            .filter(|wait| wait.1 - wait.0 >= 2 * period_ns)
            .collect();
        assert!(waits.len() >= 4, "poll {poll}: {waits:?}");
        let read = |wait: &&&(i64, i64)| {
            answers
                .iter()
                .any(|(t, good)| *good && (wait.0..wait.1).contains(t))
        };
        let meanwhile = waits.iter().filter(read).count();
        assert!(
            meanwhile * 2 > waits.len(),
            "poll {poll}: read in {meanwhile} of {} waits",
            waits.len()
        );
        let lost = answers.iter().filter(|(_, good)| !good).count();
        assert!(
            lost * 2 < answers.len(),
            "poll {poll}: {lost} of {} lost",
            answers.len()
        );
    }
    let named = |tag: &str| {
        gaps(&documents)
            .iter()
            .any(|g| g.cause.en.starts_with(tag) && g.cause.en.ends_with("timeout"))
    };
    assert!(named("LT-01") && named("TT-01"), "{:?}", gaps(&documents));
}
