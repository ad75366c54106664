//! Sets of readings: when one begins, when it is discarded, and what several make together.

use crate::common::{shipped, start};
use crate::{act, channels, page, values};
use dutypoint_engine::RunEngine;
use dutypoint_model::Document;
use dutypoint_model::document::{ActCommand, Point, Receipt, Repeated, RepeatedQuantity};
use std::collections::VecDeque;

/// The points, rejected ones included, of a run whose channel `slow` is damped with `tau_s`
/// and which shows `now` at a time.
fn points_at(tau_s: f64, now: impl Fn(u32, f64) -> Option<[f64; 9]>) -> (Vec<Point>, f64) {
    points_of(&shipped("config/orders/demo.toml"), tau_s, now)
}

/// The same with an order.
fn points_of(
    order: &str,
    tau_s: f64,
    now: impl Fn(u32, f64) -> Option<[f64; 9]>,
) -> (Vec<Point>, f64) {
    let (start, files) = start(&shipped("config/benches/demo.toml"), order);
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
        let mut said = VecDeque::from(engine.step(&page(t_s, &values)).unwrap());
        while let Some(output) = said.pop_front() {
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
                    said.extend(engine.step(&Document::Receipt(receipt)).unwrap());
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

/// The power swings by ±10 % from reading to reading, where class 2 permits ±3 %; its mean is
/// `off` away from what it should be.
fn swinging(n: u32, position: f64, off: f64) -> [f64; 9] {
    let mut now = values(position);
    now[6] *= if n.is_multiple_of(2) { 1.1 } else { 0.9 } + off;
    now
}

fn of(point: &Point, quantity: Repeated) -> RepeatedQuantity {
    let sets = point.sets.as_ref().unwrap();
    *sets
        .quantities
        .iter()
        .find(|q| q.quantity == quantity)
        .unwrap()
}

/// The mean of the power moves by 0.5 % up, none, and down, from set to set. e_R by hand:
/// t(2) = 4.3027 of Student, standard deviation with N − 1; e_S is 0.1 %, of the power alone.
#[test]
fn three_sets_that_are_not_steady_make_a_point_by_students_t() {
    let off = |n: u32| [0.005, 0.0, -0.005][(n / 60 % 3) as usize];
    let (points, _) = points_at(0.2, |n, position| Some(swinging(n, position, off(n))));
    let first: Vec<&Point> = points.iter().filter(|p| p.number == 1).collect();
    let said: Vec<_> = first.iter().map(|p| (p.attempt, p.accepted)).collect();
    assert_eq!(said, [(1, false), (2, false), (3, false), (4, true)]);
    let [one, two, three, together] = first[..] else {
        unreachable!()
    };
    // Each set is whole, with its cause, and at least ten seconds from the last, irregularly.
    let mut waits = Vec::new();
    for (before, after) in [(one, two), (two, three)] {
        waits.push((after.from_ns - before.to_ns) as f64 / 1e9);
    }
    assert!(waits.iter().all(|wait| *wait >= 10.0), "{waits:?}");
    assert!((waits[0] - waits[1]).abs() > 1.0, "{waits:?}");
    for set in [one, two, three] {
        let why = &set.reason.as_ref().unwrap().en;
        assert!(
            why.starts_with("I-6 input power fluctuates by 10."),
            "{why}"
        );
        assert!(set.channels.iter().all(|c| c.samples >= 40));
        assert!(set.sets.is_none() && set.reduced.is_some());
    }
    // The point is their mean, over all of their time and readings.
    let made = together.sets.as_ref().unwrap();
    assert_eq!(made.attempts, [1, 2, 3]);
    assert_eq!(made.formula, "repeated-sets.student-t.v1");
    assert_eq!(made.clause, "4.3.3");
    assert_eq!(
        (together.from_ns, together.to_ns),
        (one.from_ns, three.to_ns)
    );
    let watts = [one, two, three].map(|p| p.reduced.as_ref().unwrap().power_w);
    let mean = watts.iter().sum::<f64>() / 3.0;
    let squares: f64 = watts.iter().map(|w| (w - mean) * (w - mean)).sum();
    let sd = (squares / 2.0).sqrt();
    assert!(sd / mean > 0.002, "the sets differ: {watts:?}");
    let power = of(together, Repeated::Power);
    assert!((power.mean / mean - 1.0).abs() < 1e-12);
    assert!((power.sd / sd - 1.0).abs() < 1e-9);
    let random_pct = 100.0 * 4.302_652_73 * sd / (mean * 3.0_f64.sqrt());
    assert!((power.random_pct / random_pct - 1.0).abs() < 1e-8);
    let overall_pct = (random_pct * random_pct + 0.01).sqrt();
    assert!((power.overall_pct.unwrap() / overall_pct - 1.0).abs() < 1e-6);
    assert_eq!(power.limit_pct, Some(3.5));
    let reduced = together.reduced.as_ref().unwrap();
    assert!((reduced.power_w / mean - 1.0).abs() < 1e-9);
    let samples = |p: &Point| p.channels[0].samples;
    assert_eq!(
        samples(together),
        [one, two, three].map(samples).iter().sum::<u32>()
    );
    // At shut-off a share of the flow is a share of nothing, and is not asked for.
    let asked: Vec<Repeated> = made.quantities.iter().map(|q| q.quantity).collect();
    assert_eq!(asked, [Repeated::Head, Repeated::Power, Repeated::Speed]);
    // The run goes on with the next point.
    assert!(points.iter().any(|p| p.number == 2));
}

/// The mean of the power rises by 3 % from set to set: t(2) · 3 % / √3 is 7.5 %.
#[test]
fn sets_that_differ_too_much_are_no_point_and_say_by_how_much() {
    let rising = |n: u32| 0.03 * f64::from(n / 60);
    let (points, _) = points_at(0.2, |n, position| Some(swinging(n, position, rising(n))));
    let first: Vec<&Point> = points.iter().filter(|p| p.number == 1).collect();
    let said: Vec<_> = first.iter().map(|p| (p.attempt, p.accepted)).collect();
    let five = [1, 2, 3, 4, 5].map(|attempt| (attempt, false));
    assert_eq!(said, five, "five attempts by the bench, none accepted");
    let why = |n: usize| first[n].reason.as_ref().unwrap().en.clone();
    assert!(!why(1).contains("together"), "{}", why(1));
    for (n, sets) in [(2, 3), (3, 4), (4, 5)] {
        let told = format!("; {sets} sets together: overall uncertainty of power ");
        assert!(why(n).contains(&told), "{}", why(n));
        assert!(
            why(n).contains("% exceeds the permitted 3.5 %"),
            "{}",
            why(n)
        );
    }
}

/// A set that is not whole never counts towards the three.
#[test]
fn a_set_with_too_few_readings_is_discarded_and_not_one_of_the_sets() {
    let whole = |n: u32, position: f64| Some(swinging(n, position, 0.0));
    let (points, _) = points_at(0.2, whole);
    let window = (points[1].from_ns / 500_000_000) as u32;
    let (points, _) = points_at(0.2, |n, position| {
        let lost = (window + 2..window + 40).contains(&n) && n % 20 >= 7;
        whole(n, position).filter(|_| !lost)
    });
    let first: Vec<&Point> = points.iter().filter(|p| p.number == 1).collect();
    let why = &first[1].reason.as_ref().unwrap().en;
    assert!(why.contains("readings in the window, fewer than"), "{why}");
    let made = first.last().unwrap().sets.as_ref().unwrap();
    assert_eq!(made.attempts, [1, 3, 4]);
}

/// The editions before 2012 hold the spread against a table: 1.8 % for three sets in grade 2.
#[test]
fn an_edition_before_2012_holds_the_spread_of_the_sets_against_its_table() {
    let demo = shipped("config/orders/demo.toml");
    let order = demo
        .replacen("pack = \"gbt3216-2016\"", "pack = \"gbt3216-2005\"", 1)
        .replacen("grade = \"2B\"", "grade = \"2\"", 1);
    for (step, first_with_sets) in [(0.005, Some(4)), (0.02, None)] {
        let off = |n: u32| step * [1.0, 0.0, -1.0][(n / 60 % 3) as usize];
        let (points, _) = points_of(&order, 0.2, |n, position| {
            Some(swinging(n, position, off(n)))
        });
        let made = points.iter().find(|p| p.number == 1 && p.accepted);
        assert_eq!(made.map(|p| p.attempt), first_with_sets, "{step}");
        let Some(made) = made else {
            let why = &points[2].reason.as_ref().unwrap().en;
            assert!(why.contains("spread of power"), "{why}");
            assert!(why.contains("exceeds the permitted 1.8 %"), "{why}");
            continue;
        };
        let sets = made.sets.as_ref().unwrap();
        assert_eq!(sets.formula, "repeated-sets.spread.v1");
        let power = of(made, Repeated::Power);
        assert_eq!(power.limit_pct, Some(1.8));
        let of_set = |n: usize| points[n].reduced.as_ref().unwrap().power_w;
        let watts = [0, 1, 2].map(of_set);
        let most = watts.iter().fold(0.0_f64, |most, w| most.max(*w));
        let least = watts.iter().fold(f64::INFINITY, |least, w| least.min(*w));
        let spread_pct = 100.0 * (most - least) / most;
        assert!((power.spread_pct / spread_pct - 1.0).abs() < 1e-9);
    }
}
