//! A valve that does not hear.

use crate::actuator::Rig;
use dutypoint_model::document::{ActCommand, EffectKind, HoldCause, Quality};
use dutypoint_model::{Document, Outcome};

#[test]
fn a_demand_the_valve_did_not_hear_is_sent_again_and_no_point_is_misplaced() {
    let mut rig = Rig::new("");
    rig.order(ActCommand::Arm);
    rig.order(ActCommand::Begin);
    rig.hears = Box::new(|demand| demand % 5 != 2);
    rig.until(5000.0, |rig| rig.engine.is_closed());
    let again = rig
        .said
        .iter()
        .filter(|d| matches!(d, Document::Command(c) if c.reason.en.ends_with("sent again")))
        .count();
    assert!(again >= 3, "{again}");
    let points: Vec<_> = rig
        .said
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
    // Each demand of the programme ended where its read-back says.
    let reached = rig.effects(EffectKind::Reached);
    assert!(reached >= 13, "{reached}");
    assert_eq!(rig.effects(EffectKind::Differs), 0);
}

#[test]
fn a_valve_that_never_answers_is_disarmed_holds_the_run_and_ends_it_after_five_minutes() {
    let mut rig = Rig::new("");
    rig.order(ActCommand::Arm);
    rig.order(ActCommand::Begin);
    rig.hears = Box::new(|demand| demand < 3);
    rig.until(5000.0, |rig| rig.engine.is_closed());
    let (hold_ns, hold) = rig.hold().unwrap();
    assert_eq!(hold, HoldCause::Contact);
    let demands = rig.demands();
    assert!(
        demands.iter().all(|(t_ns, _)| *t_ns <= hold_ns),
        "{demands:?}"
    );
    let stop = rig.said.iter().find_map(|d| match d {
        Document::Stop(stop) => Some(stop),
        _ => None,
    });
    let stop = stop.unwrap();
    assert_eq!(stop.outcome, Outcome::StoppedByInterlock);
    assert!((stop.t_ns - hold_ns) as f64 / 1e9 >= 300.0);
    let reason = &stop.reason.as_ref().unwrap().en;
    assert!(
        reason.contains("outlet_valve: left 10 demands unanswered (timeout)"),
        "{reason}"
    );
    assert_eq!(Quality::Timeout.text().en, "timeout");
}
