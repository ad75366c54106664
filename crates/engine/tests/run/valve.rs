//! A valve that does not hear.

use crate::common::{shipped, start};
use crate::{act, channels, page, values};
use dutypoint_engine::RunEngine;
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::{ActCommand, Actuator, Exchange, Quality, Receipt};
use dutypoint_model::{Document, Outcome};

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
