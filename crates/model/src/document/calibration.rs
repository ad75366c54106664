//! What a calibration certificate says of an instrument, and what it makes of a reading.

use crate::Unit;
use serde::{Deserialize, Serialize};

/// A calibration certificate and what it says of one range of an instrument. An instrument
/// without one has empty texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Certificate number.
    pub certificate: String,
    /// Laboratory that calibrated.
    pub laboratory: String,
    /// Date of calibration, `YYYY-MM-DD`.
    pub date: String,
    /// Date it is due again, `YYYY-MM-DD`, from the certificate.
    pub due: String,
    /// Unit of the numbers below, where it is not the channel's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit: Option<Unit>,
    /// From where to where it was calibrated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub range: Option<[f64; 2]>,
    /// What is made of the indicated number.
    pub correction: Correction,
    /// Coverage factor of the expanded uncertainties below.
    pub coverage_factor: f64,
    /// Expanded uncertainty, the same at every reading.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub u: f64,
    /// Expanded uncertainty as percent of the reading.
    pub u_reading_pct: f64,
    /// Expanded uncertainty as percent of the instrument's range.
    pub u_range_pct: f64,
    /// Limits of error that are stated in place of an uncertainty, or beside it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub class: Option<AccuracyClass>,
    /// Smallest step of the display or dial that was read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub resolution: Option<f64>,
    /// K-factor of a meter that gives pulses, pulses per litre; the numbers above are about the
    /// flow it makes of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pulses_per_l: Option<f64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl Default for Calibration {
    /// No calibration: nothing is corrected and no uncertainty is stated.
    fn default() -> Self {
        Self {
            certificate: String::new(),
            laboratory: String::new(),
            date: String::new(),
            due: String::new(),
            unit: None,
            range: None,
            correction: Correction::NONE,
            coverage_factor: 2.0,
            u: 0.0,
            u_reading_pct: 0.0,
            u_range_pct: 0.0,
            class: None,
            resolution: None,
            pulses_per_l: None,
        }
    }
}

impl Calibration {
    /// Whether there is a certificate.
    #[must_use]
    pub fn is_stated(&self) -> bool {
        !self.certificate.is_empty()
    }

    /// The corrected value in the internal unit, from the number indicated in `unit`.
    ///
    /// # Errors
    /// [`Beyond`] where the correction is not stated for that number.
    pub fn corrected(&self, indicated: f64, unit: Unit) -> Result<f64, Beyond> {
        match self.unit.filter(|own| *own != unit) {
            None => Ok(unit.to_internal(self.correction.apply(indicated)?)),
            Some(own) => {
                let here = own.from_internal(unit.to_internal(indicated));
                Ok(own.to_internal(self.correction.apply(here)?))
            }
        }
    }

    /// Whether a value in the internal unit of a channel in `unit` lies in the range that
    /// was calibrated; true where none is stated.
    #[must_use]
    pub fn covers(&self, value: f64, unit: Unit) -> bool {
        let own = self.unit.unwrap_or(unit);
        self.range.is_none_or(|[low, high]| {
            (own.to_internal(low)..=own.to_internal(high)).contains(&value)
        })
    }

    /// Standard uncertainty of a reading in the internal unit: the parts of certificate,
    /// class and resolution, each by its own, as they stand beside each other.
    ///
    /// `value` is the corrected value in the internal unit and `range` the instrument's in
    /// `unit`. An error limit and the step of a display are rectangular (GUM 4.3.7 and F.2.2.1):
    /// `a/√3` for a limit of ±a, `d/√12` for a step of d.
    #[must_use]
    pub fn standard_uncertainties(&self, value: f64, range: [f64; 2], unit: Unit) -> [f64; 5] {
        let own = self.unit.unwrap_or(unit);
        // A difference: the offset of a unit's zero does not count.
        let span = |unit: Unit, low: f64, high: f64| unit.to_internal(high) - unit.to_internal(low);
        let [low, high] = range;
        let class = self.class.map_or(0.0, |class| {
            let [low, high] = class.range;
            class.pct / 100.0 * span(own, low, high) / 3.0_f64.sqrt()
        });
        let step = self.resolution.map_or(0.0, |d| span(own, 0.0, d));
        [
            (self.u_reading_pct / 100.0 * value).abs() / self.coverage_factor,
            (self.u_range_pct / 100.0 * span(unit, low, high)).abs() / self.coverage_factor,
            span(own, 0.0, self.u).abs() / self.coverage_factor,
            class.abs(),
            step.abs() / 12.0_f64.sqrt(),
        ]
    }
}

/// An accuracy class: error limits of ± a share of a range, as instruments are sold by
/// ("0.2 of 0 … 2.5 MPa").
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccuracyClass {
    /// Limit of error, percent of the range.
    pub pct: f64,
    /// The range it is a share of, in the calibration's unit.
    pub range: [f64; 2],
}

/// What is made of the indicated number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Correction {
    /// `indicated · slope + offset`.
    Linear {
        /// See the variant.
        slope: f64,
        /// See the variant.
        offset: f64,
    },
    /// `c0 + c1·indicated + c2·indicated² + …`, the coefficients from c0 on.
    Polynomial {
        /// See the variant.
        coefficients: Vec<f64>,
    },
    /// Between the points of a certificate, linearly.
    Table {
        /// Indicated number and true value, ascending in the indicated number.
        points: Vec<[f64; 2]>,
        /// What holds beyond the first and the last point.
        beyond: BeyondRule,
    },
}

/// What holds beyond the ends of a table of corrections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BeyondRule {
    /// Nothing: such a reading is bad.
    #[default]
    Refuse,
    /// The correction at the end.
    Hold,
}

/// A number for which the certificate states no correction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beyond {
    /// The first number with a correction.
    pub low: f64,
    /// The last number with a correction.
    pub high: f64,
}

impl Correction {
    /// Nothing is corrected.
    pub const NONE: Self = Self::Linear {
        slope: 1.0,
        offset: 0.0,
    };

    /// The corrected number.
    ///
    /// # Errors
    /// [`Beyond`] for a number outside a table that ends there.
    pub fn apply(&self, indicated: f64) -> Result<f64, Beyond> {
        match self {
            Self::Linear { slope, offset } => Ok(indicated * slope + offset),
            Self::Polynomial { coefficients } => {
                let terms = coefficients.iter().rev();
                Ok(terms.fold(0.0, |sum, c| sum * indicated + c))
            }
            Self::Table { points, beyond } => along(points, *beyond, indicated),
        }
    }

    /// The indicated number whose correction is `corrected`, sought from `low` to `high`; none
    /// where there is none. For a correction that falls anywhere, one of several.
    #[must_use]
    pub fn invert(&self, corrected: f64, [low, high]: [f64; 2]) -> Option<f64> {
        match self {
            Self::Linear { slope, offset } => Some((corrected - offset) / slope),
            Self::Table { points, beyond } => {
                let turned: Vec<[f64; 2]> = points.iter().map(|[a, b]| [*b, *a]).collect();
                along(&turned, *beyond, corrected).ok()
            }
            Self::Polynomial { .. } => {
                let (mut low, mut high) = (low, high);
                let of = |at: f64| self.apply(at).ok();
                if !(of(low)?..=of(high)?).contains(&corrected) {
                    return None;
                }
                // Halving a double's interval ends after its 53 bits and its exponent's.
                for _ in 0..128 {
                    let middle = 0.5 * (low + high);
                    if of(middle)? < corrected {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                Some(0.5 * (low + high))
            }
        }
    }
}

fn along(points: &[[f64; 2]], beyond: BeyondRule, x: f64) -> Result<f64, Beyond> {
    let (Some([low, at_low]), Some([high, at_high])) = (points.first(), points.last()) else {
        return Err(Beyond {
            low: f64::NAN,
            high: f64::NAN,
        });
    };
    let between = points.windows(2).find_map(|pair| match pair {
        [[x0, y0], [x1, y1]] if (*x0..=*x1).contains(&x) => {
            Some(y0 + (x - x0) / (x1 - x0) * (y1 - y0))
        }
        _ => None,
    });
    match (between, beyond) {
        (Some(y), _) => Ok(y),
        (None, BeyondRule::Hold) if x < *low => Ok(x + (at_low - low)),
        (None, BeyondRule::Hold) if x > *high => Ok(x + (at_high - high)),
        _ => Err(Beyond {
            low: *low,
            high: *high,
        }),
    }
}

/// That a channel is held to a zero: taken before the run, drift checked after it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZeroRule {
    /// Largest change of the zero over the run, in the channel's unit.
    pub drift_limit: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(beyond: BeyondRule) -> Correction {
        Correction::Table {
            points: vec![[0.0, 0.5], [10.0, 10.0], [20.0, 19.0]],
            beyond,
        }
    }

    /// By hand: at 5 halfway from 0.5 to 10.0; at 17.5 three quarters from 10 to 19.
    #[test]
    fn a_table_is_followed_linearly_and_ends_where_it_ends() {
        let refusing = table(BeyondRule::Refuse);
        assert_eq!(refusing.apply(5.0), Ok(5.25));
        assert_eq!(refusing.apply(17.5), Ok(16.75));
        assert_eq!(refusing.apply(20.0), Ok(19.0));
        let beyond = Beyond {
            low: 0.0,
            high: 20.0,
        };
        assert_eq!(refusing.apply(20.000_1), Err(beyond));
        assert_eq!(refusing.apply(-0.1), Err(beyond));
        // Held: the correction of −1 at the last point, of +0.5 at the first.
        let holding = table(BeyondRule::Hold);
        assert_eq!(holding.apply(30.0), Ok(29.0));
        assert_eq!(holding.apply(-2.0), Ok(-1.5));
        assert!(holding.apply(f64::NAN).is_err());
    }

    /// 2 + 3·4 + 0.5·16 = 22.
    #[test]
    fn a_polynomial_begins_with_its_constant() {
        let correction = Correction::Polynomial {
            coefficients: vec![2.0, 3.0, 0.5],
        };
        assert_eq!(correction.apply(4.0), Ok(22.0));
        let back = correction.invert(22.0, [0.0, 10.0]).unwrap();
        assert!((back - 4.0).abs() < 1e-12, "{back}");
        assert_eq!(correction.invert(1.0, [0.0, 10.0]), None);
    }

    #[test]
    fn the_simulator_finds_what_an_instrument_shows() {
        assert_eq!(
            table(BeyondRule::Refuse).invert(16.75, [0.0, 1.0]),
            Some(17.5)
        );
        let linear = Correction::Linear {
            slope: 2.0,
            offset: 1.0,
        };
        assert_eq!(linear.invert(7.0, [0.0, 1.0]), Some(3.0));
    }

    /// GUM 4.3.7 for a class: 0.2 % of 2.5 MPa is ±5 kPa, so 5/√3 = 2.886 75 kPa; F.2.2.1 for
    /// a step of 0.01 MPa: 10 kPa/√12 = 2.886 75 kPa. Both written out by hand.
    #[test]
    fn a_class_and_the_step_of_a_dial_are_rectangles() {
        let calibration = Calibration {
            unit: Some(Unit::Megapascal),
            class: Some(AccuracyClass {
                pct: 0.2,
                range: [0.0, 2.5],
            }),
            resolution: Some(0.01),
            u: 0.003,
            coverage_factor: 1.5,
            ..Calibration::default()
        };
        let [reading, range, u, class, step] =
            calibration.standard_uncertainties(1e6, [0.0, 25.0], Unit::Bar);
        assert_eq!([reading, range], [0.0, 0.0]);
        assert!((u - 2000.0).abs() < 1e-9, "{u}");
        assert!((class - 2886.75).abs() < 0.01, "{class}");
        assert!((step - 2886.75).abs() < 0.01, "{step}");
    }

    /// A certificate in MPa of a channel in bar: 10 bar are 1.0 MPa, corrected to 1.01 MPa.
    #[test]
    fn a_certificate_may_speak_in_another_unit() {
        let calibration = Calibration {
            unit: Some(Unit::Megapascal),
            correction: Correction::Linear {
                slope: 1.0,
                offset: 0.01,
            },
            range: Some([0.0, 1.6]),
            ..Calibration::default()
        };
        let value = calibration.corrected(10.0, Unit::Bar).unwrap();
        assert!((value - 1.01e6).abs() < 1e-6, "{value}");
        assert!(calibration.covers(1.6e6, Unit::Bar));
        assert!(!calibration.covers(1.600_01e6, Unit::Bar));
    }
}
