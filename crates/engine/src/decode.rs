//! Raw register words to a number in the internal unit of its quantity.
//!
//! Promise: a value that cannot be trusted is an error with its reason, never zero, never
//! the last good one, and never a rounded count that passes for an exact one.

mod counter;
mod message;
mod number;
mod reader;

pub use counter::{Count, rate};
use dutypoint_hydraulics::limit;
use dutypoint_model::Bilingual;
use dutypoint_model::document::{
    Channel, Code, CurrentLoop, Encoding, Guard, NumberKind, Scale, Sign,
};
use number::{Raw, raw};
pub use reader::Reader;

/// Largest power of ten, either way, that a scale may ask for.
const MAX_EXPONENT: i64 = 12;
/// Most decimals an instrument is believed to have.
const MAX_DECIMALS: i64 = 9;

/// Why the words of a channel give no value.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Bad {
    /// The answer ends before the number does.
    #[error("the answer has too few words")]
    Short,
    /// A word of the answer says that the number does not count.
    #[error("{}", .0.en)]
    Guard(Bilingual),
    /// The raw number is a code for "no measurement".
    #[error("the instrument reports no measurement")]
    Invalid,
    /// Not a number, or infinite.
    #[error("the instrument reports a value that is no finite number")]
    NotFinite,
    /// The raw number is outside what the instrument can measure.
    #[error("the instrument reports a value outside its limits")]
    OutOfLimits,
    /// A number of decimals that no instrument has.
    #[error("the instrument reports {0} decimals")]
    Decimals(i64),
    /// A power of ten that no instrument has.
    #[error("the instrument reports the power of ten {0}")]
    Exponent(i64),
    /// Four bits that are no decimal digit.
    #[error("the instrument reports {0:X}, which holds a digit above 9")]
    Digit(u64),
    /// A loop below its least current.
    #[error("the loop carries {0} mA, less than {1} mA: burn-out, a broken wire or no supply")]
    LoopLow(String, f64),
    /// A loop above its most current.
    #[error("the loop carries {0} mA, more than {1} mA: over-range or a short circuit")]
    LoopHigh(String, f64),
    /// A count of pulses, which is no rate before the next one.
    #[error("a counter of pulses: its next count makes a rate of it")]
    FirstCount,
    /// So long between two counts that the counter may have wrapped unseen.
    #[error("{0} s between two counts: the counter may have wrapped unseen")]
    CountLost(String),
    /// A counter that went back, or on faster than pulses can come.
    #[error("the counter went from {0} to {1}, which is back, or faster than pulses come")]
    CountJumped(String, String),
    /// A count too large to be held exactly.
    #[error("the instrument reports {0}, a count that cannot be held exactly")]
    Inexact(i128),
    /// A number for which the calibration certificate states no correction.
    #[error("the calibration holds from {low} to {high} only")]
    Uncalibrated {
        /// The first number it holds for.
        low: String,
        /// The last one.
        high: String,
    },
    /// Characters that are no decimal number.
    #[error("the instrument reports {0:?}, which is no number")]
    NotDecimal(String),
    /// A number that is none of those the instrument has a meaning for.
    #[error("the instrument reports {0}, a code of no known meaning")]
    Code(i64),
}

impl Bad {
    /// The reason in words.
    #[must_use]
    pub fn text(&self) -> Bilingual {
        let zh = match self {
            Self::Short => "应答字数不足".to_owned(),
            Self::Guard(otherwise) => return otherwise.clone(),
            Self::Invalid => "仪表报告无测量值".to_owned(),
            Self::NotFinite => "仪表报告的数值不是有限数".to_owned(),
            Self::OutOfLimits => "仪表报告的数值超出其范围".to_owned(),
            Self::Decimals(n) => format!("仪表报告 {n} 位小数"),
            Self::Exponent(n) => format!("仪表报告的十的幂次为 {n}"),
            Self::Digit(bits) => format!("仪表报告 {bits:X}，其中有大于 9 的十进制位"),
            Self::LoopLow(ma, least) => {
                format!("回路电流 {ma} mA，低于 {least} mA：传感器断偶、断线或失电")
            }
            Self::LoopHigh(ma, most) => {
                format!("回路电流 {ma} mA，高于 {most} mA：超量程或短路")
            }
            Self::FirstCount => "脉冲计数：下一次计数后才有流量".to_owned(),
            Self::CountLost(s) => format!("两次计数间隔 {s} s，计数器可能已溢出而未被看到"),
            Self::CountJumped(from, to) => {
                format!("计数由 {from} 变为 {to}：倒退，或快于脉冲可能的频率")
            }
            Self::Inexact(n) => format!("仪表报告 {n}，计数过大，无法精确表示"),
            Self::Uncalibrated { low, high } => format!("校准只适用于 {low} … {high}"),
            Self::NotDecimal(text) => format!("仪表报告 {text:?}，不是数字"),
            Self::Code(n) => format!("仪表报告 {n}，含义未知"),
        };
        Bilingual::new(zh, self.to_string())
    }
}

/// The value of `channel` in the internal unit of its quantity, corrected by its
/// calibration, from the `words` of one answer.
///
/// # Errors
/// [`Bad`] with the reason.
pub fn value(channel: &Channel, words: &[u16]) -> Result<f64, Bad> {
    let indicated = indicated(&channel.encoding, words)?;
    match channel.counter {
        Some(_) => Err(Bad::FirstCount),
        None => corrected(channel, indicated),
    }
}

/// What the calibration makes of an indicated number, in the internal unit.
fn corrected(channel: &Channel, indicated: f64) -> Result<f64, Bad> {
    let calibration = &channel.instrument.calibration;
    match calibration.corrected(indicated, channel.unit) {
        Ok(value) => finite(value),
        Err(beyond) => Err(Bad::Uncalibrated {
            low: beyond.low.to_string(),
            high: beyond.high.to_string(),
        }),
    }
}

/// The number the instrument indicates, in the channel's own unit.
///
/// # Errors
/// [`Bad`] with the reason.
pub fn indicated(encoding: &Encoding, words: &[u16]) -> Result<f64, Bad> {
    if let Some(place) = &encoding.place {
        return message::indicated(encoding, place, words);
    }
    for guard in &encoding.guards {
        let found = word(words, guard.at)?;
        if !guard.must.holds(found) {
            return Err(Bad::Guard(said(guard, found)));
        }
    }
    let number = trusted(encoding, words)?;
    let number = match (encoding.sign, number) {
        (None, number) => number,
        (Some(sign), number) => signed(sign, number, words)?,
    };
    let Some(fraction) = &encoding.fraction else {
        return scaled(encoding, number, words);
    };
    let part = raw(&fraction.field, words)?.exact()? * fraction.factor;
    let sum = finite(number.exact()? + part)?;
    scaled(encoding, Raw::Float(sum), words)
}

/// What the number means, where the instrument has a meaning for it.
///
/// # Errors
/// [`Bad`] with the reason, as [`indicated`] gives it.
pub fn meaning<'a>(encoding: &'a Encoding, words: &[u16]) -> Result<Option<&'a Bilingual>, Bad> {
    indicated(encoding, words)?;
    if encoding.place.is_some() {
        return Ok(None);
    }
    let number = raw(&encoding.field(), words)?;
    Ok(code_of(&encoding.codes, number.whole()))
}

fn word(words: &[u16], at: u16) -> Result<u16, Bad> {
    words.get(usize::from(at)).copied().ok_or(Bad::Short)
}

/// What a word that does not hold means: what the guard says, with the meaning of that
/// very word where there is one.
fn said(guard: &Guard, found: u16) -> Bilingual {
    match code_of(&guard.codes, Some(i128::from(found))) {
        Some(text) => Bilingual::new(
            format!("{}：{}", guard.otherwise.zh, text.zh),
            format!("{}: {}", guard.otherwise.en, text.en),
        ),
        None => guard.otherwise.clone(),
    }
}

fn code_of(codes: &[Code], number: Option<i128>) -> Option<&Bilingual> {
    let number = number?;
    codes
        .iter()
        .find(|code| i128::from(code.code) == number)
        .map(|code| &code.text)
}

/// The raw number, unless it says of itself that it is none.
fn trusted(encoding: &Encoding, words: &[u16]) -> Result<Raw, Bad> {
    let field = encoding.field();
    let bits = number::bits(&field, words)?;
    let number = raw(&field, words);
    let told = match (&number, encoding.kind) {
        // The codes of a float are bit patterns, not-a-number among them.
        (_, NumberKind::F32 | NumberKind::F64) => Some(i128::from(bits.cast_signed())),
        (Ok(number), _) => number.whole(),
        (Err(_), _) => None,
    };
    let told = told.filter(|told| {
        encoding
            .invalid
            .iter()
            .any(|code| i128::from(*code) == *told)
    });
    if told.is_some() {
        return Err(Bad::Invalid);
    }
    let number = number?;
    if let Some([low, high]) = encoding.limits
        && !(low..=high).contains(&number.rounded())
    {
        return Err(Bad::OutOfLimits);
    }
    if !encoding.codes.is_empty() && code_of(&encoding.codes, number.whole()).is_none() {
        let whole = number.whole().and_then(|n| i64::try_from(n).ok());
        return Err(Bad::Code(whole.unwrap_or(i64::MAX)));
    }
    Ok(number)
}

fn signed(sign: Sign, number: Raw, words: &[u16]) -> Result<Raw, Bad> {
    let negative = |number| match number {
        Raw::Whole(n) => Raw::Whole(-n),
        Raw::Float(f) => Raw::Float(-f),
    };
    Ok(match (sign, number) {
        (Sign::Above(limit), Raw::Whole(n)) if n > i128::from(limit) => {
            Raw::Whole(i128::from(limit) - n)
        }
        (Sign::Above(limit), Raw::Float(f)) if f > f64::from(limit) => {
            Raw::Float(f64::from(limit) - f)
        }
        (Sign::Bit { at, mask }, number) if word(words, at)? & mask != 0 => negative(number),
        (_, number) => number,
    })
}

fn scaled(encoding: &Encoding, number: Raw, words: &[u16]) -> Result<f64, Bad> {
    finite(match &encoding.scale {
        Scale::Linear { factor, offset } => number.times(*factor)? + offset,
        Scale::Span {
            raw_low,
            raw_high,
            low,
            high,
        } => {
            let share = (number.exact()? - raw_low) / (raw_high - raw_low);
            if let Some(of) = encoding.current_loop {
                whole(of, share)?;
            }
            low + share * (high - low)
        }
        Scale::Power {
            exponent,
            decimals,
            bias,
            factor,
        } => {
            let told = raw(exponent, words)?.whole().ok_or(Bad::NotFinite)?;
            // Beyond 64 bits it is no power of ten in any case.
            let told = i64::try_from(told).unwrap_or(i64::MAX);
            if *decimals && !(0..=MAX_DECIMALS).contains(&told) {
                return Err(Bad::Decimals(told));
            }
            let told = if *decimals { -told } else { told };
            let power = told.saturating_add(i64::from(*bias));
            if !(-MAX_EXPONENT..=MAX_EXPONENT).contains(&power) {
                return Err(Bad::Exponent(power));
            }
            number.shifted(power)? * factor
        }
    })
}

/// Whether a loop at `share` of its span is neither broken nor beyond its range.
fn whole(of: CurrentLoop, share: f64) -> Result<(), Bad> {
    let [zero, full] = of.ends_ma;
    let [least, most] = of.good_ma;
    let ma = zero + share * (full - zero);
    if !limit::at_least(ma, least) {
        return Err(Bad::LoopLow(format!("{ma:.2}"), least));
    }
    if !limit::at_most(ma, most) {
        return Err(Bad::LoopHigh(format!("{ma:.2}"), most));
    }
    Ok(())
}

fn finite(value: f64) -> Result<f64, Bad> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Bad::NotFinite)
    }
}

#[cfg(test)]
mod tests;
