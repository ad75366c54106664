//! Which flow comes next, and where the valve must stand for it.

/// Finds the valve position for a flow from what earlier positions gave. It only ever
/// uses settled pairs of position and flow, so a wrong guess costs a move, never a
/// reading.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ValveMap {
    /// Position 0 … 1 and flow in m³/s, by ascending position.
    pairs: Vec<(f64, f64)>,
}

/// Position demands are whole steps of this size; actuators resolve no finer.
const STEP: f64 = 0.001;
/// First guess: share of full stroke per share of rated flow.
const FIRST_GUESS: f64 = 0.6;

impl ValveMap {
    /// Remembers that `position` gave `flow`.
    pub(crate) fn learn(&mut self, position: f64, flow: f64) {
        self.pairs
            .retain(|(p, _)| (p - position).abs() >= STEP / 2.0);
        let at = self.pairs.partition_point(|(p, _)| *p < position);
        self.pairs.insert(at, (position, flow));
    }

    /// Where to put the valve for `target`, given the rated flow.
    pub(crate) fn position_for(&self, target: f64, rated: f64) -> f64 {
        if target <= 0.0 {
            return 0.0;
        }
        let below = self.pairs.iter().rfind(|(_, q)| *q <= target);
        let above = self.pairs.iter().find(|(_, q)| *q > target);
        let guess = match (below, above) {
            (Some((p0, q0)), Some((p1, q1))) if q1 > q0 => {
                p0 + (target - q0) / (q1 - q0) * (p1 - p0)
            }
            (Some((p0, q0)), _) => self.beyond(*p0, *q0, target, rated),
            (None, Some((p1, q1))) if *q1 > 0.0 => p1 * target / q1,
            (None, _) => FIRST_GUESS * target / rated,
        };
        ((guess / STEP).round() * STEP).clamp(STEP, 1.0)
    }

    /// Extrapolates upwards with the slope of the last two pairs, at most doubling it.
    fn beyond(&self, p0: f64, q0: f64, target: f64, rated: f64) -> f64 {
        let slope = match self.pairs.iter().rev().nth(1) {
            Some((p, q)) if q0 - q > 0.01 * rated && p0 > *p => (p0 - p) / (q0 - q),
            _ => FIRST_GUESS / rated,
        };
        p0 + slope * (target - q0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A valve behind a pump: flow rises steeply first, then ever more slowly.
    fn flow(position: f64) -> f64 {
        0.013 * (1.0 - (1.0 - position) * (1.0 - position) * (1.0 - position))
    }

    #[test]
    fn every_flow_of_a_type_test_is_found_within_six_moves() {
        let rated = 32.0 / 3600.0;
        let mut map = ValveMap::default();
        for share in [
            0.0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.9, 0.975, 1.025, 1.1, 1.2, 1.3,
        ] {
            let target = share * rated;
            let mut position = map.position_for(target, rated);
            let mut moves = 1;
            while (flow(position) - target).abs() > 0.02 * rated {
                map.learn(position, flow(position));
                position = map.position_for(target, rated);
                moves += 1;
                assert!(moves <= 6, "share {share}: at {position}");
            }
            map.learn(position, flow(position));
        }
    }

    #[test]
    fn positions_stay_within_the_stroke_whatever_was_learnt() {
        let mut map = ValveMap::default();
        map.learn(0.5, 0.0);
        map.learn(1.0, 0.001);
        for target in [0.0, 1e-9, 0.001, 1.0, f64::MAX] {
            let position = map.position_for(target, 0.01);
            assert!((0.0..=1.0).contains(&position), "{target}: {position}");
        }
    }
}
