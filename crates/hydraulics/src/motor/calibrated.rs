//! A motor whose efficiency was calibrated beforehand.

use crate::{Error, check, power};

/// Calibration of one motor: efficiency at rising inputs. It holds for that motor at the
/// voltage, frequency and water temperature it was calibrated at, which the record must show.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibratedMotor {
    /// Input and loss, W.
    points: Vec<(f64, f64)>,
}

impl CalibratedMotor {
    /// From pairs of input in W and efficiency as a fraction, in the order of rising input.
    ///
    /// # Errors
    /// [`Error::TooFew`] below two pairs, [`Error::Value`] for an input that does not rise or
    /// an efficiency outside 0 to 1.
    pub fn new(pairs: &[(f64, f64)]) -> Result<Self, Error> {
        let quantity = "calibrated motor curve";
        if pairs.len() < 2 {
            return Err(Error::TooFew {
                quantity,
                got: pairs.len(),
                need: 2,
            });
        }
        let mut points = Vec::with_capacity(pairs.len());
        let mut before_w = 0.0;
        for (input_w, efficiency) in pairs {
            let input_w = check::positive("calibrated motor input in W", *input_w)?;
            if input_w <= before_w {
                return Err(Error::Value {
                    quantity: "calibrated motor input in W",
                    value: input_w,
                    must: "above the one before it",
                    advice: "sort the calibration by input and remove doubles",
                });
            }
            before_w = input_w;
            let efficiency =
                power::possible_efficiency("calibrated motor efficiency", *efficiency)?;
            points.push((input_w, input_w * (1.0 - efficiency)));
        }
        Ok(Self { points })
    }

    /// Shaft power in W at an input: the *loss* is interpolated linearly between the two
    /// calibrated inputs around it, since it is the smoother quantity. Never extrapolated.
    /// Source: energy reference 1.6 "calibrated-motor alternative" (tag M+); linear is ours.
    ///
    /// # Errors
    /// [`Error::OutsideDomain`] beyond the calibrated inputs.
    ///
    /// ```
    /// let motor = dutypoint_hydraulics::motor::CalibratedMotor::new(
    ///     &[(8_000.0, 0.83), (10_000.0, 0.845), (12_000.0, 0.85)])?;
    /// // Losses 1360 and 1550 W, half-way 1455 W.
    /// assert!((motor.shaft_power_w(9_000.0)? - 7_545.0).abs() < 1e-9);
    /// assert!(motor.shaft_power_w(12_001.0).is_err());
    /// # Ok::<(), dutypoint_hydraulics::Error>(())
    /// ```
    pub fn shaft_power_w(&self, input_w: f64) -> Result<f64, Error> {
        let input_w = check::positive("motor input in W", input_w)?;
        for pair in self.points.windows(2) {
            if let [(low_w, low_loss_w), (high_w, high_loss_w)] = *pair
                && input_w >= low_w
                && input_w <= high_w
            {
                let share = (input_w - low_w) / (high_w - low_w);
                let loss_w = low_loss_w + share * (high_loss_w - low_loss_w);
                return check::result("shaft power", input_w - loss_w);
            }
        }
        let edge = |point: Option<&(f64, f64)>| point.map_or(f64::NAN, |(input_w, _)| *input_w);
        Err(Error::OutsideDomain {
            at: input_w,
            low: edge(self.points.first()),
            high: edge(self.points.last()),
        })
    }
}
