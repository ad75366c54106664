//! The suction side of a bench for NPSH: a tank, and a pipe with a valve before the pump.
//!
//! Contract: the inlet of the pump is at the bench datum. NPSH falls with the pressure in
//! the tank (a closed loop with a vacuum pump) or with the loss of the suction valve.

/// A number over bench time: straight between its points, the first before them and the
/// last behind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule(Vec<[f64; 2]>);

impl Schedule {
    /// Always `value`.
    #[must_use]
    pub fn steady(value: f64) -> Self {
        Self(vec![[0.0, value]])
    }

    /// Points of bench second and value, in the order of time; `None` for none, for times
    /// that do not rise, and for what is not finite.
    #[must_use]
    pub fn new(points: &[[f64; 2]]) -> Option<Self> {
        let rise = points.windows(2).all(|pair| match pair {
            [[a, _], [b, _]] => a < b,
            _ => true,
        });
        let finite = points.iter().flatten().all(|number| number.is_finite());
        (rise && finite && !points.is_empty()).then(|| Self(points.to_vec()))
    }

    /// The value at a bench second; zero where there is no point.
    #[must_use]
    pub fn at(&self, time_s: f64) -> f64 {
        let Some([_, first]) = self.0.first() else {
            return 0.0;
        };
        let mut value = *first;
        for pair in self.0.windows(2) {
            if let [[from_s, from], [to_s, to]] = pair
                && time_s > *from_s
            {
                let share = ((time_s - from_s) / (to_s - from_s)).min(1.0);
                value = from + share * (to - from);
            }
        }
        value
    }
}

/// What is before the pump.
#[derive(Clone, Debug, PartialEq)]
pub struct Suction {
    /// Whether the water comes back to the tank it left.
    pub closed: bool,
    /// Water surface in the tank, from the datum, m.
    pub level_m: f64,
    /// Gauge pressure over the water, Pa.
    pub tank_pa: Schedule,
    /// Loss of head in the suction pipe and its valve at the rated flow, m.
    pub loss_at_rated_m: Schedule,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_straight_between_its_points_and_steady_outside() {
        let s = Schedule::new(&[[10.0, 0.0], [20.0, -50.0], [40.0, -90.0]]).unwrap();
        for (time_s, value) in [
            (0.0, 0.0),
            (10.0, 0.0),
            (15.0, -25.0),
            (20.0, -50.0),
            (30.0, -70.0),
            (99.0, -90.0),
        ] {
            assert_eq!(s.at(time_s), value, "{time_s}");
        }
        assert_eq!(Schedule::new(&[]), None);
        assert_eq!(Schedule::new(&[[1.0, 0.0], [1.0, 2.0]]), None);
        assert_eq!(Schedule::new(&[[1.0, f64::NAN]]), None);
    }
}
