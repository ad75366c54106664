//! Axes that begin and end on round numbers.

use dutypoint_hydraulics::rounding;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use std::ops::Range;

/// An axis from a round number to a round number, in steps of 1, 2 or 5 times a power
/// of ten.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    /// Step as mantissa and power of ten, so that ticks are computed and printed from
    /// whole numbers.
    mantissa: i32,
    exponent: i32,
    first: i32,
    last: i32,
}

impl Axis {
    /// An axis that shows every value and about `target` steps. It starts at zero unless
    /// a value is negative: heights on paper then compare like the values themselves.
    pub(super) fn new(values: impl Iterator<Item = f64>, target: u32) -> Self {
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for value in values.filter(|v| v.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if high - low <= 0.0 {
            high = 1.0;
        }
        // Room above the highest point for its symbol.
        high += (high - low) * 0.04;
        if low < 0.0 {
            low -= (high - low) * 0.04;
        }
        let raw = (high - low) / f64::from(target.max(1));
        // The exponent of the shortest decimal form: exact, unlike a logarithm.
        let exponent = format!("{raw:e}")
            .split_once('e')
            .and_then(|(_, e)| e.parse().ok())
            .unwrap_or(0);
        let (mantissa, exponent) = [1, 2, 5]
            .into_iter()
            .find(|m| tick(*m, exponent) >= raw * (1.0 - 1e-12))
            .map_or((1, exponent + 1), |m| (m, exponent));
        let step = tick(mantissa, exponent);
        let first = whole((low / step).floor());
        let last = whole((high / step).ceil());
        Self {
            low: tick(first.saturating_mul(mantissa), exponent),
            high: tick(last.saturating_mul(mantissa), exponent),
            mantissa,
            exponent,
            first,
            last,
        }
    }

    /// Both ends.
    pub(super) fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    fn at(&self, step: i32) -> f64 {
        tick(step.saturating_mul(self.mantissa), self.exponent)
    }
}

/// `n · 10^exponent`, rounded once.
fn tick(n: i32, exponent: i32) -> f64 {
    let power = (0..exponent.abs()).fold(1.0, |p, _| p * 10.0);
    if exponent < 0 {
        f64::from(n) / power
    } else {
        f64::from(n) * power
    }
}

/// Nearest whole number as an index of steps or hundredths of a millimetre; both are
/// small.
pub(super) fn whole(value: f64) -> i32 {
    value.round() as i32
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let part = (value - self.low) / (self.high - self.low);
        from + whole(f64::from(to - from) * part)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if !hint.weight().allow_light_points() {
            return (self.first..=self.last).map(|i| self.at(i)).collect();
        }
        // Light lines between: in five, or in four where the step is two.
        let parts = if self.mantissa == 2 { 4 } else { 5 };
        (self.first..self.last)
            .flat_map(|i| (1..parts).map(move |part| (i, part)))
            .map(|(i, part)| {
                let share = f64::from(part) / f64::from(parts);
                self.at(i) + (self.at(i + 1) - self.at(i)) * share
            })
            .collect()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let decimals = usize::try_from(-self.exponent).unwrap_or(0);
        rounding::decimals(*value, decimals)
            .unwrap_or_default()
            .replace('-', "\u{2212}")
    }
}

#[cfg(test)]
mod tests {
    use super::Axis;
    use plotters::coord::ranged1d::{BoldPoints, Ranged, ValueFormatter};

    fn labels(values: &[f64], target: u32) -> Vec<String> {
        let axis = Axis::new(values.iter().copied(), target);
        axis.key_points(BoldPoints(99))
            .iter()
            .map(|v| axis.format_ext(v))
            .collect()
    }

    #[test]
    fn ticks_are_round_numbers_and_enclose_the_values() {
        assert_eq!(
            labels(&[12.0, 97.0], 6),
            ["0", "20", "40", "60", "80", "100", "120"]
        );
        assert_eq!(labels(&[0.31], 4), ["0.0", "0.1", "0.2", "0.3", "0.4"]);
        assert_eq!(labels(&[1940.0], 4), ["0", "1000", "2000", "3000"]);
        assert_eq!(
            labels(&[-1.0, 3.0], 5),
            ["−2", "−1", "0", "1", "2", "3", "4"]
        );
    }

    #[test]
    fn nothing_to_show_is_still_an_axis() {
        assert_eq!(labels(&[], 4), ["0.0", "0.5", "1.0", "1.5"]);
        assert_eq!(labels(&[0.0], 4), ["0.0", "0.5", "1.0", "1.5"]);
        assert!(labels(&[f64::NAN], 2).len() > 1);
    }

    #[test]
    fn values_map_between_the_ends() {
        let axis = Axis::new([100.0].into_iter(), 6);
        assert_eq!(axis.map(&0.0, (0, 1200)), 0);
        assert_eq!(axis.map(&120.0, (1200, 0)), 0);
        assert_eq!(axis.map(&60.0, (0, 1200)), 600);
    }
}
