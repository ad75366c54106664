//! What the answer to a request means to a channel.

use super::requests::Wanted;
use super::{current_loop, pulses};
use crate::profile::must;
use crate::{InstrumentProfile, Order, Register};
use dutypoint_engine::config::{CalibrationConfig, ChannelConfig, InstrumentConfig, LoopConfig};
use dutypoint_model::document::{
    Channel, Code, Encoding, Field, Fraction, Guard, Instrument, Must, Role, Scale, Sign,
    WordOrder, ZeroRule,
};
use dutypoint_model::{Bilingual, Unit};

/// The channel, whose answer begins at address `first` and belongs to `poll`.
pub(super) fn describe(
    instrument: &InstrumentConfig,
    profile: &InstrumentProfile,
    wanted: &Wanted<'_>,
    poll: u16,
    first: u16,
) -> Result<Channel, String> {
    let (channel, register) = (wanted.channel, wanted.register);
    // Of a loop the register's own unit is that of the current.
    let own = channel.current_loop.is_none() && !pulses::are(channel);
    let fixed = register.unit.filter(|_| own);
    let unit = unit(channel, &register.name, fixed)?;
    let answer = Answer {
        profile,
        wanted,
        first,
        order: order(channel, register)?,
    };
    let mut encoding = answer.encoding(unit)?;
    if channel.pulse_frequency {
        encoding.scale = pulses::frequency(instrument, channel, register, unit)?;
    } else if channel.pulse_counter.is_some() {
        pulses::countable(channel, register)?;
    }
    filled(instrument, profile, channel, unit, poll, encoding)
}

/// The channel that `poll` fills by `encoding`.
pub(super) fn filled(
    instrument: &InstrumentConfig,
    profile: &InstrumentProfile,
    channel: &ChannelConfig,
    unit: Unit,
    poll: u16,
    encoding: Encoding,
) -> Result<Channel, String> {
    let [low, high] = channel.range;
    if low.partial_cmp(&high) != Some(std::cmp::Ordering::Less) {
        return Err(format!(
            "channel {:?}: range [{low}, {high}] is empty",
            channel.name
        ));
    }
    let calibration = instrument.calibration_of(channel)?;
    if let Some(own) = calibration.and_then(|c| c.unit)
        && own.quantity() != unit.quantity()
    {
        return Err(format!(
            "channel {:?} is in {unit}, but its calibration is in {own}",
            channel.name
        ));
    }
    let counter = pulses::counter(instrument, channel, calibration, unit, encoding.kind)?;
    let (model, serial) = current_loop::named(instrument, profile, channel, calibration)?;
    Ok(Channel {
        name: channel.name.clone(),
        role: channel.role,
        unit,
        poll,
        encoding,
        damping_s: channel.damping_s,
        zero: channel
            .zero_drift_limit
            .map(|drift_limit| ZeroRule { drift_limit }),
        entered: None,
        counter,
        instrument: Instrument {
            tag: instrument.tag.clone(),
            model,
            serial,
            range: channel.range,
            // One without calibration says so in every field, and bars a formal issue.
            calibration: calibration
                .map(CalibrationConfig::document)
                .unwrap_or_default(),
        },
    })
}

/// How `register` would be read in `order`, from an answer that begins at address `first`.
///
/// # Errors
/// What only a bench can say of it, in words.
pub(crate) fn trial(
    profile: &InstrumentProfile,
    register: &Register,
    index: u16,
    first: u16,
    order: WordOrder,
) -> Result<Encoding, String> {
    let unit = register.unit.unwrap_or(Unit::One);
    let channel = no_channel(register, order);
    encoding(profile, &channel, register, (index, first), unit)
}

/// As [`trial`] in the order of the map, for a device that is set up as `unit` and the rest of
/// this function say: a span of 0 … 100 over what the profile knows, else over 0 … 10000; ABCD
/// where the order is to be probed.
///
/// # Errors
/// What the profile does not allow, in words.
pub(super) fn set_up(
    profile: &InstrumentProfile,
    register: &Register,
    index: u16,
    first: u16,
    (unit, unit_code): (Unit, Option<u16>),
) -> Result<Encoding, String> {
    let order = register.order.and_then(Order::known);
    let order = order.unwrap_or(WordOrder::Abcd);
    let mut channel = no_channel(register, order);
    channel.unit_code = unit_code;
    if register.span {
        channel.span = Some([0.0, 100.0]);
        channel.span_raw = register.span_raw.is_none().then_some([0.0, 10_000.0]);
    }
    encoding(profile, &channel, register, (index, first), unit)
}

/// How `channel` is read, in the order it states, from an answer whose first register is
/// `first`.
fn encoding(
    profile: &InstrumentProfile,
    channel: &ChannelConfig,
    register: &Register,
    (index, first): (u16, u16),
    unit: Unit,
) -> Result<Encoding, String> {
    let wanted = Wanted {
        channel,
        register,
        index,
    };
    Answer {
        profile,
        wanted: &wanted,
        first,
        order: channel.order.unwrap_or(WordOrder::Abcd),
    }
    .encoding(unit)
}

fn no_channel(register: &Register, order: WordOrder) -> ChannelConfig {
    ChannelConfig {
        name: register.name.clone(),
        role: Role::Flow,
        register: register.name.clone(),
        index: None,
        range: [0.0, 1.0],
        unit: None,
        order: Some(order),
        span: None,
        span_raw: None,
        current_loop: None,
        pulse_counter: None,
        pulse_frequency: false,
        unit_code: None,
        damping_s: 0.0,
        zero_drift_limit: None,
        noise_sd: None,
        noise_peak: None,
    }
}

/// The unit of a channel that is read from what the profile calls `name`.
pub(super) fn unit(
    channel: &ChannelConfig,
    name: &str,
    fixed: Option<Unit>,
) -> Result<Unit, String> {
    let unit = match (channel.unit, fixed) {
        (Some(unit), Some(fixed)) if unit != fixed => {
            return Err(format!(
                "channel {:?} is in {unit}, but register {name:?} is in {fixed} by its profile; remove `unit`",
                channel.name
            ));
        }
        (Some(unit), _) | (None, Some(unit)) => unit,
        (None, None) => {
            return Err(format!(
                "channel {:?} needs `unit`: the profile leaves it to the device's set-up",
                channel.name
            ));
        }
    };
    if unit.quantity() != channel.role.quantity() {
        return Err(format!(
            "channel {:?} measures {} in {unit}, but its role needs {}",
            channel.name,
            unit.quantity().text().en,
            channel.role.quantity().text().en
        ));
    }
    Ok(unit)
}

fn order(channel: &ChannelConfig, register: &Register) -> Result<WordOrder, String> {
    match (channel.order, register.order) {
        (Some(order), _) => Ok(order),
        (None, Some(Order::Probe)) if register.kind.words() > 1 => Err(format!(
            "channel {:?} needs `order`: no source states the word order of {:?}; read a value known from the display and choose ABCD, CDAB, BADC or DCBA",
            channel.name, register.name
        )),
        (None, order) => Ok(order.and_then(Order::known).unwrap_or(WordOrder::Abcd)),
    }
}

/// The answer a value is read from.
struct Answer<'a> {
    profile: &'a InstrumentProfile,
    wanted: &'a Wanted<'a>,
    /// Its first address.
    first: u16,
    /// Word order of the value.
    order: WordOrder,
}

impl Answer<'_> {
    /// The register called `name` and where it is in the answer. The loader has seen that
    /// it is there.
    fn beside(&self, name: &str) -> Option<(&Register, u16)> {
        let other = self.profile.register(name)?;
        let address = other.address_beside(self.wanted.register, self.wanted.index);
        Some((other, address.checked_sub(self.first)?))
    }

    /// Its place as a number. A device has one setting of its word order: what the map
    /// gives the order of the value, or leaves to be probed, follows the value's.
    fn field(&self, name: &str) -> Option<Field> {
        let (other, at) = self.beside(name)?;
        let apart = other
            .order
            .filter(|o| Some(*o) != self.wanted.register.order);
        Some(Field {
            at,
            kind: other.kind,
            order: apart.and_then(Order::known).unwrap_or(self.order),
            swapped: other.swapped,
            bits: other.bits,
        })
    }

    fn encoding(&self, unit: Unit) -> Result<Encoding, String> {
        let register = self.wanted.register;
        let sign = register.sign.as_ref().and_then(|rule| {
            let (_, at) = self.beside(&rule.from)?;
            let mask = rule.mask;
            Some(Sign::Bit { at, mask })
        });
        let fraction = register.fraction.as_ref().and_then(|rule| {
            let field = self.field(&rule.from)?;
            let factor = rule.factor;
            Some(Fraction { field, factor })
        });
        Ok(Encoding {
            offset: register.address_of(self.wanted.index) - self.first,
            kind: register.kind,
            order: self.order,
            swapped: register.swapped,
            bits: register.bits,
            sign: sign.or(register.negative_above.map(Sign::Above)),
            fraction,
            scale: self.scale()?,
            invalid: register.invalid.clone(),
            limits: register.limits,
            codes: codes(register),
            guards: self.guards(unit)?,
            current_loop: self
                .wanted
                .channel
                .current_loop
                .as_ref()
                .map(LoopConfig::document),
            place: None,
        })
    }

    fn scale(&self) -> Result<Scale, String> {
        let (channel, register) = (self.wanted.channel, self.wanted.register);
        if let Some(of) = &channel.current_loop {
            return current_loop::scale(channel, of, register);
        }
        let power = |exponent, decimals, bias| Scale::Power {
            exponent,
            decimals,
            bias,
            factor: register.factor,
        };
        let decimals = register.decimals_from.as_deref();
        if let Some(exponent) = decimals.and_then(|name| self.field(name)) {
            return Ok(power(exponent, true, 0));
        }
        if let Some(rule) = &register.exponent
            && let Some(field) = self.field(&rule.from)
        {
            let bits = rule.bits.or(field.bits);
            return Ok(power(Field { bits, ..field }, false, rule.bias));
        }
        if !register.span {
            let stated = channel.span.is_some() || channel.span_raw.is_some();
            return if stated {
                Err(format!(
                    "channel {:?} has `span` or `span_raw`, but register {:?} is no raw count; remove it",
                    channel.name, register.name
                ))
            } else {
                Ok(Scale::Linear {
                    factor: register.factor,
                    offset: register.offset,
                })
            };
        }
        let needs = |key: &str, why: &str| {
            format!(
                "channel {:?} needs `{key} = [low, high]`: register {:?} is a raw count{why}",
                channel.name, register.name
            )
        };
        let full = |pair: Option<[f64; 2]>| pair.filter(|[low, high]| low < high);
        let Some([low, high]) = full(channel.span) else {
            return Err(needs("span", ""));
        };
        let raw = match (channel.span_raw, register.span_raw) {
            (Some(_), Some([a, b])) => {
                return Err(format!(
                    "channel {:?} has `span_raw`, but its profile knows that register {:?} counts {a} … {b}; remove it",
                    channel.name, register.name
                ));
            }
            (stated, known) => stated.or(known),
        };
        let [raw_low, raw_high] = full(raw).ok_or_else(|| {
            needs(
                "span_raw",
                ", and no source says from which number to which",
            )
        })?;
        Ok(Scale::Span {
            raw_low,
            raw_high,
            low,
            high,
        })
    }

    fn guards(&self, unit: Unit) -> Result<Vec<Guard>, String> {
        let (channel, register) = (self.wanted.channel, self.wanted.register);
        let mut guards = Vec::new();
        if let Some((other, at)) = register.unit_from.as_deref().and_then(|n| self.beside(n)) {
            let named = other.codes.iter().find(|code| code.unit == Some(unit));
            let named = named.and_then(|code| u16::try_from(code.code).ok());
            let equals = channel.unit_code.or(named).ok_or_else(|| {
                format!(
                    "channel {:?} needs `unit_code`: the device can be set to several units, and the profile knows no code of {unit}",
                    channel.name
                )
            })?;
            guards.push(Guard {
                at,
                must: Must::Equal(equals),
                otherwise: Bilingual::new(
                    "仪表设定为另一单位",
                    "the device is set to another unit",
                ),
                codes: codes(other),
            });
        }
        for rule in &register.status {
            if let (Some((other, at)), Some(must)) = (self.beside(&rule.from), must(rule)) {
                guards.push(Guard {
                    at,
                    must,
                    otherwise: rule.text.clone(),
                    codes: codes(other),
                });
            }
        }
        Ok(guards)
    }
}

fn codes(register: &Register) -> Vec<Code> {
    let texts = register.codes.iter();
    texts
        .map(|code| Code {
            code: code.code,
            text: Bilingual::new(code.zh.clone(), code.en.clone()),
        })
        .collect()
}
