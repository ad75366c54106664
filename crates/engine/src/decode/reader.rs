//! The short way from words to values at wire speed.

use super::{Bad, number, value};
use dutypoint_model::Conversion;
use dutypoint_model::document::{Channel, Correction, Field, Scale};

/// What the value of a channel needs of its description where there is nothing particular to
/// it: a cache line, where the description fills a dozen. Says what [`value`] says, to the bit.
#[derive(Clone, Debug, PartialEq)]
pub struct Reader {
    plain: Option<Plain>,
}

#[derive(Clone, Debug, PartialEq)]
struct Plain {
    field: Field,
    factor: f64,
    offset: f64,
    slope: f64,
    zero: f64,
    conversion: Conversion,
}

impl Reader {
    /// The reader of `channel`.
    #[must_use]
    pub fn new(channel: &Channel) -> Self {
        let encoding = &channel.encoding;
        let calibration = &channel.instrument.calibration;
        // A certificate in another unit, a polynomial or a table takes the long way.
        let linear = match calibration.correction {
            Correction::Linear { slope, offset } if calibration.unit.is_none() => {
                Some((slope, offset))
            }
            _ => None,
        };
        let plain = match (&encoding.scale, linear) {
            (Scale::Linear { factor, offset }, Some((slope, zero)))
                if encoding.is_plain() && channel.counter.is_none() =>
            {
                Some(Plain {
                    field: encoding.field(),
                    factor: *factor,
                    offset: *offset,
                    slope,
                    zero,
                    conversion: channel.unit.conversion(),
                })
            }
            _ => None,
        };
        Self { plain }
    }

    /// [`value`] of `channel`, the one the reader was made of.
    ///
    /// # Errors
    /// [`Bad`] with the reason.
    #[inline]
    pub fn value(&self, channel: &Channel, words: &[u16]) -> Result<f64, Bad> {
        // Where there is no number the long way says why.
        match self.plain.as_ref().and_then(|plain| plain.value(words)) {
            Some(value) => Ok(value),
            None => value(channel, words),
        }
    }
}

impl Plain {
    #[inline]
    fn value(&self, words: &[u16]) -> Option<f64> {
        let indicated = number::plain(&self.field, words)? * self.factor + self.offset;
        let value = self.conversion.of(indicated * self.slope + self.zero);
        // What is infinite on the way stays so, or becomes no number.
        value.is_finite().then_some(value)
    }
}
