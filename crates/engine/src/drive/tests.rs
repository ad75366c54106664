use super::*;
use dutypoint_model::Unit;
use dutypoint_model::document::ReadBack;
use proptest::prelude::*;

fn actuator() -> Actuator {
    Actuator {
        name: "v".into(),
        line: "l".into(),
        unit_id: 1,
        address: 6,
        function: 6,
        unit: Unit::Percent,
        factor: 0.1,
        offset: 0.0,
        signed: false,
        range: [10.0, 90.0],
        rate_per_s: 5.0,
        armed_for_s: 100.0,
        speed: false,
        read_back: ReadBack {
            channel: "p".into(),
            tolerance: 1.0,
            within_s: 4.0,
        },
        poll: 9,
    }
}

fn ns(s: f64) -> i64 {
    nanoseconds(s)
}

fn now(t_s: f64, read: f64) -> Now<'static> {
    Now {
        t_ns: ns(t_s),
        read: Some((ns(t_s), read)),
        held: false,
        no_rise: None,
    }
}

fn why() -> Bilingual {
    Bilingual::new("试", "test")
}

/// Steps every 0.1 s from `from_s` to `to_s` with a read-back that `reads` shows of the demand;
/// every demand is answered. What was said with its time.
fn run(
    drive: &mut Drive,
    (from_s, to_s): (f64, f64),
    reads: impl Fn(f64, f64) -> f64,
) -> Vec<(f64, Said)> {
    let (mut all, mut at, mut t_s) = (Vec::new(), reads(from_s, 0.5), from_s);
    while t_s < to_s {
        t_s += 0.1;
        for said in drive.step(now(t_s, reads(t_s, at))) {
            if let Said::Demand(value, _) = &said {
                at = *value;
                drive.answered(None);
                drive.arrive(ns(t_s));
            }
            all.push((t_s, said));
        }
    }
    all
}

fn demands(said: &[(f64, Said)]) -> Vec<(f64, f64)> {
    let demand = |(t_s, said): &(f64, Said)| match said {
        Said::Demand(value, _) => Some((*t_s, *value)),
        _ => None,
    };
    said.iter().filter_map(demand).collect()
}

fn effects(said: &[(f64, Said)]) -> Vec<EffectKind> {
    let effect = |(_, said): &(f64, Said)| match said {
        Said::Effect(effect) => Some(effect.effect),
        _ => None,
    };
    said.iter().filter_map(effect).collect()
}

fn armed() -> Drive {
    let mut drive = Drive::new(actuator());
    assert_eq!(drive.arm(0, "Li", None).effect, EffectKind::Armed);
    drive
}

/// 5 %/s: from 50 % to 70 % in four seconds and no sooner, then verified.
#[test]
fn a_demand_is_approached_at_its_rate_and_verified_by_the_read_back() {
    let mut drive = armed();
    drive.send(0, 0.7, true, why()).unwrap();
    let said = run(&mut drive, (0.0, 10.0), |_, at| at);
    let way = demands(&said);
    assert_eq!(way.last().unwrap().1, 0.7);
    assert!((3.8..=4.3).contains(&way.last().unwrap().0), "{way:?}");
    for pair in way.windows(2) {
        let (dt, dv) = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
        assert!(dv <= 0.05 * dt + 1e-9, "{pair:?}");
    }
    assert_eq!(effects(&said), [EffectKind::Reached]);
    assert!(!drive.is_busy());
}

#[test]
fn unarmed_nothing_is_demanded_and_a_person_is_told() {
    let mut drive = Drive::new(actuator());
    let refused = drive.send(0, 0.7, true, why()).unwrap_err();
    assert_eq!(refused.effect, EffectKind::Refused);
    assert!(refused.text.en.contains("not armed"), "{}", refused.text.en);
    drive.send(0, 0.7, false, why()).unwrap();
    let said = run(&mut drive, (0.0, 1.0), |_, at| at);
    assert!(said.iter().all(|(_, s)| *s == Said::Unarmed) && !said.is_empty());
}

/// The file permits 10 … 90 %.
#[test]
fn outside_its_range_it_is_refused_with_both_ends_and_no_demand() {
    let mut drive = armed();
    for target in [0.0999, 0.9001, -1.0, f64::NAN, f64::INFINITY] {
        let refused = drive.send(0, target, true, why()).unwrap_err();
        let text = &refused.text.en;
        assert!(
            text.contains("outside its range 10.00 % … 90.00 %"),
            "{text}"
        );
    }
    assert_eq!(run(&mut drive, (0.0, 1.0), |_, at| at), []);
    // One that stands outside is brought inside by nobody but a person at the wheel.
    drive.send(ns(1.0), 0.5, true, why()).unwrap();
    let said = run(&mut drive, (1.0, 2.0), |_, _| 0.02);
    assert_eq!(effects(&said), [EffectKind::Refused]);
    assert_eq!(demands(&said), []);
}

#[test]
fn a_read_back_that_differs_is_told_in_its_time_and_disarms() {
    let mut drive = armed();
    drive.send(0, 0.52, true, why()).unwrap();
    let said = run(&mut drive, (0.0, 10.0), |_, _| 0.5);
    assert_eq!(effects(&said), [EffectKind::Differs]);
    let last = said.last().map(|(t_s, said)| match said {
        Said::Effect(effect) => (t_s, Some(effect)),
        _ => (t_s, None),
    });
    let (t_s, effect) = last.unwrap();
    let effect = effect.unwrap();
    assert_eq!((effect.value, effect.read), (Some(0.52), Some(0.5)));
    // 0.4 s of way and 4 s to agree.
    assert!((4.0..=5.0).contains(t_s), "{t_s}");
    assert!(!drive.is_armed() && !drive.is_busy());
}

#[test]
fn its_time_over_it_is_disarmed_where_it_is() {
    let mut drive = armed();
    drive.send(ns(99.0), 0.9, true, why()).unwrap();
    let said = run(&mut drive, (99.0, 110.0), |_, at| at);
    assert_eq!(effects(&said), [EffectKind::Disarmed]);
    let last = demands(&said).last().unwrap().0;
    assert!(last < 100.0, "{last}");
}

#[test]
fn contact_lost_disarms_and_arming_needs_to_hear_it_first() {
    let mut drive = armed();
    drive.send(0, 0.9, false, why()).unwrap();
    let mut lost = None;
    for n in 1..200 {
        let t_s = f64::from(n) * 0.1;
        // The read-back has been silent since 1 s.
        let read = Some((ns(t_s.min(1.0)), 0.5));
        for said in drive.step(Now {
            read,
            ..now(t_s, 0.5)
        }) {
            match said {
                Said::Demand(..) => drive.answered(None),
                Said::Effect(effect) => lost = Some((t_s, effect.effect)),
                Said::Unarmed => {}
            }
        }
    }
    let (t_s, effect) = lost.unwrap();
    assert_eq!(effect, EffectKind::Lost);
    assert!((5.0..=5.2).contains(&t_s), "{t_s}");
    let deaf = drive.arm(ns(20.0), "Li", Some((ns(1.0), 0.5)));
    assert_eq!(deaf.effect, EffectKind::Refused);
    let heard = drive.arm(ns(20.0), "Li", Some((ns(19.9), 0.5)));
    assert_eq!(heard.effect, EffectKind::Armed);
    // What the programme wanted is still wanted, from where it stands.
    let said = run(&mut drive, (20.0, 32.0), |_, at| at);
    assert_eq!(demands(&said).last().unwrap().1, 0.9);
}

#[test]
fn ten_demands_without_an_answer_are_lost_contact() {
    let mut drive = armed();
    drive.send(0, 0.9, true, why()).unwrap();
    let (mut sent, mut lost) = (0, false);
    for n in 1..100 {
        for said in drive.step(now(f64::from(n) * 0.1, 0.5)) {
            match said {
                Said::Demand(value, _) => {
                    sent += 1;
                    assert!(
                        (value - 0.5).abs() <= 0.05 + 1e-9,
                        "{value}: none was heard"
                    );
                    drive.answered(Some(Bilingual::new("超时", "timeout")));
                }
                Said::Effect(effect) => lost |= effect.effect == EffectKind::Lost,
                Said::Unarmed => {}
            }
        }
    }
    assert!(lost && sent == 10, "{sent}");
}

#[test]
fn held_the_programme_stands_and_a_person_does_not() {
    let mut drive = armed();
    drive.send(0, 0.8, false, why()).unwrap();
    let held = |t_s| Now {
        held: true,
        ..now(t_s, 0.5)
    };
    assert_eq!(drive.step(held(1.0)), []);
    drive.send(ns(1.0), 0.8, true, why()).unwrap();
    assert_eq!(drive.step(held(1.3)).len(), 1);
}

#[test]
fn what_turns_a_motor_faster_waits_and_what_slows_it_does_not() {
    let mut drive = Drive::new(Actuator {
        speed: true,
        ..actuator()
    });
    drive.arm(0, "Li", None);
    let lock = Bilingual::new("闭锁", "lock-out");
    let locked = |t_s| Now {
        no_rise: Some(&lock),
        ..now(t_s, 0.5)
    };
    drive.send(0, 0.6, true, why()).unwrap();
    let said = drive.step(locked(0.3));
    assert!(
        matches!(&said[..], [Said::Effect(e)] if e.effect == EffectKind::Refused && e.text.en.contains("lock-out"))
    );
    drive.send(ns(1.0), 0.4, true, why()).unwrap();
    assert!(matches!(drive.step(locked(1.3))[..], [Said::Demand(v, _)] if v < 0.5));
}

#[test]
fn a_word_is_the_demand_in_the_registers_steps_or_none() {
    let percent = actuator();
    assert_eq!(percent.word(0.505), Some(505));
    assert_eq!(percent.word(0.05), None);
    // Siemens reference: 16384 is 100 %.
    let signed = Actuator {
        factor: 100.0 / 16384.0,
        signed: true,
        range: [-100.0, 100.0],
        ..actuator()
    };
    assert_eq!(signed.word(1.0), Some(16384));
    assert_eq!(signed.word(-0.5), Some(0xE000));
}

proptest! {
    /// Whatever is ordered, read and lost: a demand is inside the range, only while armed, and no
    /// faster than the rate.
    #[test]
    fn no_course_leaves_range_or_rate(
        steps in prop::collection::vec((0u8..8, -0.2f64..1.2, 0.01f64..3.0, any::<bool>()), 1..200)
    ) {
        let mut drive = Drive::new(actuator());
        let (mut t_s, mut position, mut last) = (0.0, 0.5, None::<(f64, f64)>);
        for (what, value, dt_s, heard) in steps {
            t_s += dt_s;
            match what {
                0 => { drive.arm(ns(t_s), "Li", Some((ns(t_s), position))); }
                1 => { drive.disarm(ns(t_s), "", ""); last = None; }
                2 | 3 => { let _ = drive.send(ns(t_s), value, what == 2, why()); }
                4 => { position = value.clamp(0.0, 1.0); }
                _ => {}
            }
            let was_armed = drive.is_armed();
            for said in drive.step(now(t_s, position)) {
                match said {
                    Said::Demand(demand, _) => {
                        prop_assert!(was_armed && drive.is_armed());
                        prop_assert!((0.1 - 1e-12..=0.9 + 1e-12).contains(&demand), "{demand}");
                        prop_assert!(drive.actuator.word(demand).is_some());
                        if let Some((at_s, before)) = last {
                            let most = 0.05 * (t_s - at_s).min(1.0) + 1e-9;
                            prop_assert!((demand - before).abs() <= most, "{before} {demand}");
                        }
                        if heard {
                            last = Some((t_s, demand));
                            drive.answered(None);
                            drive.arrive(ns(t_s));
                        } else {
                            drive.answered(Some(why()));
                        }
                    }
                    Said::Effect(_) => last = None,
                    Said::Unarmed => {}
                }
            }
        }
    }

    #[test]
    fn a_ramp_never_passes_its_target_and_always_gets_there(
        at in -10.0f64..10.0, target in -10.0f64..10.0, rate in 0.01f64..5.0, dt in -1.0f64..5.0
    ) {
        let next = ramp(at, target, rate, dt);
        prop_assert!((next - at).abs() <= rate * dt.clamp(0.0, 1.0) + 1e-12 || next == target);
        prop_assert!((target - next).abs() <= (target - at).abs());
        let mut here = at;
        for _ in 0..3000 { here = ramp(here, target, rate, 1.0); }
        prop_assert_eq!(here, target);
    }
}
