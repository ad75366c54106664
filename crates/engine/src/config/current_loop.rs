//! Transmitters on a current loop that a remote input reads.

use dutypoint_model::document::CurrentLoop;
use serde::Deserialize;

/// A transmitter, its cable and the input that reads it: one loop, calibrated as one.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoopConfig {
    /// Maker and model of the transmitter.
    pub transmitter: String,
    /// Serial number of the transmitter.
    pub serial: String,
    /// Current at the low end of `span`, mA.
    pub live_zero_ma: f64,
    /// Current at the high end of `span`, mA.
    pub full_ma: f64,
    /// Less current than this is a broken loop, mA.
    pub burn_out_ma: f64,
    /// More current than this is over-range, mA.
    pub over_range_ma: f64,
    /// Currents at the ends of the input's count, mA; where the register is in mA, none.
    #[serde(default)]
    pub input_ma: Option<[f64; 2]>,
}

impl LoopConfig {
    /// Refuses currents in the wrong order. None of them has a default: transmitters differ.
    pub(super) fn check(&self, channel: &str) -> Result<(), (&'static str, String)> {
        let order = [
            ("burn_out_ma", self.burn_out_ma),
            ("live_zero_ma", self.live_zero_ma),
            ("full_ma", self.full_ma),
            ("over_range_ma", self.over_range_ma),
        ];
        let wrong = |why: String| Err(("current_loop", format!("channel {channel:?}: {why}")));
        for ((low, a), (high, b)) in order.iter().zip(order.iter().skip(1)) {
            // Not "at least": NaN is no current either.
            if a.partial_cmp(b) != Some(std::cmp::Ordering::Less) || !b.is_finite() {
                return wrong(format!(
                    "{low} = {a} must lie below {high} = {b}: burn_out_ma < live_zero_ma < full_ma < over_range_ma, from the transmitter's manual"
                ));
            }
        }
        if self.burn_out_ma <= 0.0 || self.burn_out_ma.is_nan() {
            return wrong(format!(
                "burn_out_ma = {} must be above 0, or a broken wire passes",
                self.burn_out_ma
            ));
        }
        if let Some([low, high]) = self.input_ma
            && (low.partial_cmp(&high) != Some(std::cmp::Ordering::Less) || !high.is_finite())
        {
            return wrong(format!("input_ma = [{low}, {high}] is no range"));
        }
        Ok(())
    }

    /// As it stands in the journal.
    #[must_use]
    pub fn document(&self) -> CurrentLoop {
        CurrentLoop {
            ends_ma: [self.live_zero_ma, self.full_ma],
            good_ma: [self.burn_out_ma, self.over_range_ma],
        }
    }
}
