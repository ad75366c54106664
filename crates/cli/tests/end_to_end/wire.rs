//! From the wire to the point: what the instruments answered, what they did not, and
//! that nothing in between was invented.

use crate::common::{demo, json, shared};
use crate::documents::{channels, documents, gaps, start};
use dutypoint_model::document::{Channels, Exchange, Gap, Point, Quality, Role};
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
        [60.0, 80.0],
        "timeout",
    ),
    (
        "exception:PW-01=6",
        "PW-01 (voltage_l12, voltage_l23, voltage_l31, current_l1, current_l2, current_l3, \
         input_power, power_factor, frequency)",
        [150.0, 170.0],
        "exception 6",
    ),
    (
        "burn-out:ST-01",
        "ST-01 (slip_frequency)",
        [240.0, 260.0],
        "channel status: burn-out",
    ),
    (
        "short:FT-01",
        "FT-01 (flow)",
        [330.0, 350.0],
        "wrong length",
    ),
    (
        "wrong-unit:TT-01",
        "TT-01 (water_temperature)",
        [420.0, 440.0],
        "garbled",
    ),
];

fn poll_of(channels: &Channels, tag: &str) -> u16 {
    let poll = channels.polls.iter().find(|p| p.instrument == tag);
    poll.unwrap().id
}

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
    let begin_ns = start(&documents).t_ns;
    let channels = channels(&documents);
    let gaps = gaps(&documents);
    for (fault, named, [from_s, to_s], cause) in BROKEN {
        let second = |t_ns: i64| (t_ns - begin_ns) as f64 / 1e9;
        let tag = named.split(' ').next().unwrap();
        let poll = poll_of(channels, tag);
        // The gap begins with the last answer before the fault and ends with the first
        // one after it, give or take the second in which a request is under way.
        let spans = |gap: &Gap| {
            gap.poll == Some(poll)
                && gap.cause.en == format!("{named}: {cause}")
                && second(gap.from_ns) < from_s + 1.0
                && second(gap.to_ns) > to_s - 1.0
        };
        // One silence is one gap, however many channels the answer would have filled.
        let of_it = gaps.iter().filter(|gap| spans(gap)).count();
        assert_eq!(of_it, 1, "{fault}: {gaps:?}");
        // Between the begin and the end of the fault not one good answer stands in the
        // journal; a burnt-out sensor answers well and says so in its status word.
        if !fault.starts_with("burn-out") {
            for (t_ns, good) in answers_of(&documents, poll) {
                let inside = (from_s + 1.0..to_s - 1.0).contains(&second(t_ns));
                assert!(
                    !(inside && good),
                    "{fault}: an answer at {} s",
                    second(t_ns)
                );
            }
        }
    }
    points_rest_on_answers(&documents);
}

fn answers_of(documents: &[Sealed], poll: u16) -> Vec<(i64, bool)> {
    let pages = documents.iter().filter_map(|d| match &d.doc {
        Document::Page(page) => Some(page),
        _ => None,
    });
    let exchanges = pages.flat_map(|p| p.exchanges.iter().map(|e| (p.t_ns, e)));
    exchanges
        .filter(|(_, e)| e.0 == poll)
        .map(|(t_ns, e)| (middle_ns(t_ns, e), e.3 == Quality::Good))
        .collect()
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
    let documents = documents(&out);
    let slip = channels(&documents)
        .channels
        .iter()
        .find(|c| c.role == Role::SlipFrequency);
    // It did answer: the line is healthy, the value is not.
    let answers = answers_of(&documents, slip.unwrap().poll);
    assert!(answers.iter().any(|(_, good)| *good), "{answers:?}");
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
    let inside = |t_ns: i64| (101.0..199.0).contains(&((t_ns - begin_ns) as f64 / 1e9));

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
            if !inside(t_ns) {
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

    // While the dead line waits for its answers, every other instrument is read. A line
    // that waited with it would have nothing to show for these times; half the schedule
    // leaves room for a busy machine.
    let waited_ns: i64 = waits.iter().map(|(from, to)| to - from).sum();
    for (poll, answers) in &others {
        let period_ns = channels
            .polls
            .iter()
            .find(|p| p.id == *poll)
            .map(|p| i64::from(p.period_ms) * 1_000_000)
            .unwrap();
        let meanwhile = answers
            .iter()
            .filter(|(t, good)| *good && waits.iter().any(|(from, to)| (from..to).contains(&t)))
            .count() as i64;
        assert!(
            meanwhile * 2 >= waited_ns / period_ns,
            "poll {poll}: {meanwhile} readings in {} s",
            waited_ns / 1_000_000_000
        );
        let lost = answers.iter().filter(|(_, good)| !good).count();
        assert!(
            lost * 20 <= answers.len(),
            "poll {poll}: {lost} of {}",
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
