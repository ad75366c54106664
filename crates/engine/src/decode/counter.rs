//! Counters of pulses: two counts and their times make a rate.

use super::{Bad, corrected};
use dutypoint_model::document::{Channel, CounterRule};

/// A count, and its time in nanoseconds of whatever clock both counts have.
pub type Count = (i64, f64);

/// The value of `channel` in the internal unit, corrected by its calibration, from a count and
/// the one before it: growth / time · factor. One wrap between them is seen; where there could
/// have been more, or the count went back, there is no value.
///
/// # Errors
/// [`Bad`] with the reason.
pub fn rate(
    channel: &Channel,
    rule: &CounterRule,
    before: Option<Count>,
    now: Count,
) -> Result<f64, Bad> {
    let Some(before) = before else {
        return Err(Bad::FirstCount);
    };
    let took_s = crate::watch::seconds(now.0.saturating_sub(before.0));
    let most = rule.most_hz * took_s;
    // Half of it: a step back must not look like a wrap.
    if took_s <= 0.0 || 2.0 * most >= rule.wraps_at {
        return Err(Bad::CountLost(format!("{took_s:.3}")));
    }
    let grown = match now.1 - before.1 {
        back if back < 0.0 => back + rule.wraps_at,
        grown => grown,
    };
    // A pulse more or less is within what a count can tell.
    if grown < 0.0 || grown > most + 1.0 {
        let (from, to) = (before.1.to_string(), now.1.to_string());
        return Err(Bad::CountJumped(from, to));
    }
    corrected(channel, grown / took_s * rule.factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::tests::{channel, encoding};
    use dutypoint_model::Unit;
    use dutypoint_model::document::{NumberKind, WordOrder};
    use proptest::prelude::*;

    const SECOND: i64 = 1_000_000_000;

    /// A turbine of 50 pulses a litre on a counter of 16 bits: 3.6/50 m³/h are one pulse a
    /// second.
    fn turbine() -> (Channel, CounterRule) {
        let count = encoding(NumberKind::U16, WordOrder::Abcd);
        let mut channel = channel(count, Unit::CubicMetrePerHour, [1.01, 0.0]);
        let rule = CounterRule {
            factor: 3.6 / 50.0,
            wraps_at: 65_536.0,
            most_hz: 1000.0,
        };
        channel.counter = Some(rule);
        (channel, rule)
    }

    /// By hand: 400 pulses in 2 s are 200 Hz, 4 L/s, 14.4 m³/h; · 1.01 = 14.544 m³/h.
    #[test]
    fn a_counter_gives_flow_across_its_wrap_and_none_where_it_jumped() {
        let (channel, rule) = turbine();
        let rate = |before, now| rate(&channel, &rule, before, now);
        let flow = |before, now| rate(Some(before), now).map(|v| v * 3600.0);
        assert!((flow((0, 1000.0), (2 * SECOND, 1400.0)).unwrap() - 14.544).abs() < 1e-9);
        // 65 400 … 65 535 are 136 pulses, and 264 more.
        assert!((flow((0, 65_400.0), (2 * SECOND, 264.0)).unwrap() - 14.544).abs() < 1e-9);
        assert_eq!(flow((0, 7.0), (SECOND, 7.0)), Ok(0.0));
        assert_eq!(rate(None, (0, 7.0)), Err(Bad::FirstCount));
        // Back by 10, or set to 0 in the middle: no wrap takes so many pulses in a second.
        let jumped = |from: &str, to: &str| Err(Bad::CountJumped(from.into(), to.into()));
        assert_eq!(flow((0, 1000.0), (SECOND, 990.0)), jumped("1000", "990"));
        assert_eq!(flow((0, 30_000.0), (SECOND, 0.0)), jumped("30000", "0"));
        assert_eq!(flow((0, 0.0), (SECOND, 1002.0)), jumped("0", "1002"));
        // At 1000 Hz half of 65 536 take 32.768 s.
        assert!(flow((0, 0.0), (32 * SECOND, 3200.0)).is_ok());
        let lost = Err(Bad::CountLost("33.000".into()));
        assert_eq!(flow((0, 0.0), (33 * SECOND, 3200.0)), lost);
        assert!(matches!(flow((5, 0.0), (5, 1.0)), Err(Bad::CountLost(_))));
        // By itself a count is never a flow.
        assert_eq!(
            crate::decode::value(&channel, &[0, 0, 0, 0]),
            Err(Bad::FirstCount)
        );
    }

    proptest! {
        #[test]
        fn no_counts_panic_and_no_rate_is_beyond_the_most(
            times in any::<[i64; 2]>(), counts in prop::array::uniform2(any::<u16>())
        ) {
            let (channel, rule) = turbine();
            let [a, b] = counts.map(f64::from);
            if let Ok(flow) = rate(&channel, &rule, Some((times[0], a)), (times[1], b)) {
                let took_s = crate::watch::seconds(times[1].saturating_sub(times[0]));
                let most = (1000.0 + 1.0 / took_s) / 50.0 * 1e-3 * 1.01;
                prop_assert!(flow >= 0.0 && flow <= most * (1.0 + 1e-9));
            }
        }
    }
}
