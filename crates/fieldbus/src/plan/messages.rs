//! The polls and channels of an instrument that speaks no Modbus.

use super::describe::{filled, unit};
use super::next_poll_id;
use crate::InstrumentProfile;
use crate::profile::{MessageRule, MessageValue, must_of};
use dutypoint_engine::config::{Bench, ChannelConfig, InstrumentConfig, Protocol};
use dutypoint_model::Unit;
use dutypoint_model::document::{
    Channels, Checksum, Encoding, Guard, NumberKind, Place, Poll, Scale, WordOrder,
};

pub(super) fn plan(
    bench: &Bench,
    instrument: &InstrumentConfig,
    profile: &InstrumentProfile,
    out: &mut Channels,
) -> Result<(), String> {
    let line = bench.line.iter().find(|l| l.name == instrument.line);
    let pushed = line.is_some_and(|l| l.protocol == Protocol::Push);
    let mut others = bench
        .instrument
        .iter()
        .filter(|i| i.line == instrument.line);
    if pushed && let Some(other) = others.find(|i| i.tag != instrument.tag) {
        return Err(format!(
            "it is on line {:?} with {:?}, but one instrument alone can push on a line; give each its own port",
            instrument.line, other.tag
        ));
    }
    let mut wanted = Vec::new();
    for channel in &instrument.channel {
        let value = profile.value.iter().find(|v| v.name == channel.register);
        let value = value.ok_or_else(|| unknown(profile, &channel.register))?;
        let rule = profile.message_of(value).ok_or_else(|| {
            format!(
                "profile {:?} has no message for {:?}",
                profile.id, value.name
            )
        })?;
        wanted.push((channel, value, rule));
    }
    for (nth, rule) in profile.message.iter().enumerate() {
        let filled_by = |(_, _, own): &&(_, _, &MessageRule)| own.name == rule.name;
        if !wanted.iter().any(|w| filled_by(&w)) {
            continue;
        }
        let message = rule.of(instrument.unit_id);
        let id = next_poll_id(out);
        for (channel, value, rule) in wanted.iter().filter(filled_by) {
            let unit = unit(channel, &value.name, value.unit)?;
            let encoding = encoding(channel, value, rule, instrument.unit_id, unit)?;
            let channel = filled(instrument, profile, channel, unit, id, encoding)?;
            out.channels.push(channel);
        }
        out.polls.push(Poll {
            id,
            line: instrument.line.clone(),
            instrument: instrument.tag.clone(),
            unit_id: instrument.unit_id,
            function: 0,
            address: u16::try_from(nth).unwrap_or(u16::MAX),
            count: message.most.div_ceil(2),
            period_ms: instrument.period_ms,
            message: Some(message),
        });
    }
    Ok(())
}

fn unknown(profile: &InstrumentProfile, name: &str) -> String {
    let known = profile.value.iter().map(|v| v.name.as_str());
    match dutypoint_model::toml_text::nearest(name, known) {
        Some(near) => format!(
            "profile {:?} has no value {name:?}; did you mean {near:?}?",
            profile.id
        ),
        None => format!("profile {:?} has no value {name:?}", profile.id),
    }
}

fn encoding(
    channel: &ChannelConfig,
    value: &MessageValue,
    rule: &MessageRule,
    unit_id: u8,
    unit: Unit,
) -> Result<Encoding, String> {
    for (key, stated) in [
        ("span", channel.span.is_some()),
        ("span_raw", channel.span_raw.is_some()),
        ("index", channel.index.is_some()),
        ("unit_code", channel.unit_code.is_some()),
    ] {
        if stated {
            return Err(format!(
                "channel {:?}: `{key}` belongs to registers, but {:?} is a value of a message in {unit}; remove it",
                channel.name, value.name
            ));
        }
    }
    if channel.current_loop.is_some() || super::pulses::are(channel) {
        return Err(format!(
            "channel {:?} has `current_loop` or pulses, but a message tells the value itself; remove it",
            channel.name
        ));
    }
    let scale = Scale::Linear {
        factor: value.factor,
        offset: value.offset,
    };
    let mut encoding = match value.byte {
        Some(byte) => {
            let known = value.order.and_then(crate::Order::known);
            let order = channel.order.or(known).ok_or_else(|| {
                format!(
                    "channel {:?} needs `order`: no source states the byte order of {:?}; compare with the display and choose ABCD, CDAB, BADC or DCBA",
                    channel.name, value.name
                )
            })?;
            let kind = value.kind.unwrap_or(NumberKind::U16);
            Encoding {
                swapped: kind.words() == 1 && matches!(order, WordOrder::Badc | WordOrder::Dcba),
                bits: value.bits,
                invalid: value.invalid.clone(),
                place: Some(Place::Byte(byte)),
                ..Encoding::plain(0, kind, order, scale)
            }
        }
        None => {
            let message = rule.of(unit_id);
            let back = message.ends.0.len() + rule.checksum.map_or(0, Checksum::width);
            let short = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
            Encoding {
                place: Some(Place::Text {
                    from: short(message.begins.0.len()),
                    back: short(back),
                    separator: rule.separator.and_then(|c| u8::try_from(c).ok()),
                    nth: value.field.unwrap_or(1).saturating_sub(1),
                    fields: rule.fields.unwrap_or(1),
                    suffix: value.suffix.clone(),
                }),
                ..Encoding::plain(0, NumberKind::F64, WordOrder::Abcd, scale)
            }
        }
    };
    encoding.limits = value.limits;
    encoding.guards = value
        .status
        .iter()
        .filter_map(|rule| {
            Some(Guard {
                at: rule.byte,
                must: must_of(rule.equal, rule.clear, rule.set, rule.within)?,
                otherwise: rule.text.clone(),
                codes: Vec::new(),
            })
        })
        .collect();
    Ok(encoding)
}
