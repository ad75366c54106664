//! From a bench and its profiles to the requests on the wire and the channels they fill.

pub(crate) mod actuators;
mod current_loop;
mod describe;
mod messages;
mod pulses;
mod requests;

pub(crate) use describe::trial;
pub(crate) use requests::{allowed, span};

use crate::profile::Transport;
use crate::{Error, InstrumentProfile, Register};
use describe::describe;
use dutypoint_engine::config::{Bench, Endpoint, InstrumentConfig, Protocol};
use dutypoint_model::Unit;
use dutypoint_model::document::{Channels, Encoding, Poll};
use requests::{Wanted, requests};
use std::collections::BTreeMap;

/// What goes over the wires of a bench, and what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct PollPlan {
    /// The document that describes it.
    pub channels: Channels,
}

/// Plans the polls of `bench`. Registers of one instrument and function that fit into
/// one request are read together, so that a value, its unit, decimals and status always
/// come from one answer.
///
/// # Errors
/// [`Error::Plan`] naming the instrument, the cause and what to change.
pub fn plan(
    bench: &Bench,
    profiles: &BTreeMap<String, InstrumentProfile>,
) -> Result<PollPlan, Error> {
    let mut channels = Channels::default();
    for instrument in &bench.instrument {
        plan_instrument(bench, instrument, profiles, &mut channels).map_err(|why| Error::Plan {
            tag: instrument.tag.clone(),
            why,
        })?;
    }
    for (config, actuator) in bench
        .actuator
        .iter()
        .zip(actuators::describe(bench, profiles))
    {
        let mut actuator = actuator.map_err(|wrong| Error::Plan {
            tag: config.instrument.clone(),
            why: format!("actuator {:?}: {}", config.name, wrong.why),
        })?;
        // One that is not turned on is checked, and never written.
        if config.enabled {
            actuator.poll = next_poll_id(&channels);
            channels.actuators.push(actuator);
        }
    }
    let wires = next_poll_id(&channels);
    for (number, entered) in (wires..=u16::MAX).zip(&bench.entered) {
        let channel = entered.channel(number).map_err(|why| Error::Plan {
            tag: entered.tag.clone(),
            why,
        })?;
        channels.channels.push(channel);
    }
    Ok(PollPlan { channels })
}

fn next_poll_id(channels: &Channels) -> u16 {
    let used = channels.polls.len() + channels.actuators.len();
    // More polls than ids cannot be declared in a bench file of sane size; the bench
    // check of duplicate names fails long before.
    u16::try_from(used).unwrap_or(u16::MAX)
}

fn plan_instrument(
    bench: &Bench,
    instrument: &InstrumentConfig,
    profiles: &BTreeMap<String, InstrumentProfile>,
    out: &mut Channels,
) -> Result<(), String> {
    let profile = profiles.get(&instrument.profile).ok_or_else(|| {
        let known = profiles.keys().map(String::as_str);
        match dutypoint_model::toml_text::nearest(&instrument.profile, known.clone()) {
            Some(near) => format!(
                "profile {:?} does not exist; did you mean {near:?}?",
                instrument.profile
            ),
            None => format!(
                "profile {:?} does not exist; known: {}",
                instrument.profile,
                known.collect::<Vec<_>>().join(", ")
            ),
        }
    })?;
    let transport = match bench.line.iter().find(|l| l.name == instrument.line) {
        Some(line) => match (line.protocol, &line.endpoint) {
            (Protocol::Push, _) => Transport::Push,
            (Protocol::Ascii, _) => Transport::Ascii,
            (Protocol::Modbus, Endpoint::Rtu { .. } | Endpoint::RtuTcp { .. }) => Transport::Rtu,
            (Protocol::Modbus, Endpoint::Tcp { .. }) => Transport::Tcp,
        },
        None => return Err(format!("line {:?} is not declared", instrument.line)),
    };
    if !profile.transport.contains(&transport) {
        let speaks: Vec<_> = profile.transport.iter().map(|t| t.name()).collect();
        return Err(format!(
            "profile {:?} speaks {}, but line {:?} is {}",
            profile.id,
            speaks.join(", "),
            instrument.line,
            transport.name()
        ));
    }
    if transport.has_messages() {
        return messages::plan(bench, instrument, profile, out);
    }
    let mut wanted = Vec::new();
    for channel in &instrument.channel {
        let register = profile
            .register(&channel.register)
            .ok_or_else(|| unknown_register(profile, &channel.register))?;
        let index = channel.index.unwrap_or(1);
        if !(1..=register.repeat).contains(&index) {
            return Err(format!(
                "channel {:?}: index {index} is outside 1 … {}, as often as register {:?} repeats",
                channel.name, register.repeat, register.name
            ));
        }
        if !register.readable {
            return Err(format!(
                "channel {:?}: register {:?} can be written only",
                channel.name, register.name
            ));
        }
        wanted.push(Wanted {
            channel,
            register,
            index: index - 1,
        });
    }
    for request in requests(profile, wanted)? {
        let id = next_poll_id(out);
        out.polls.push(Poll {
            id,
            line: instrument.line.clone(),
            instrument: instrument.tag.clone(),
            unit_id: instrument.unit_id,
            function: request.function,
            address: request.first,
            count: request.count,
            period_ms: instrument.period_ms,
            message: None,
        });
        for wanted in request.members {
            out.channels
                .push(describe(instrument, profile, &wanted, id, request.first)?);
        }
    }
    Ok(())
}

/// How one repetition of a register is read on a device without a bench.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Function code of the read.
    pub function: u8,
    /// First address of the read.
    pub address: u16,
    /// Words of the read: the value and all it needs.
    pub count: u16,
    /// Unit of the value; one where the profile leaves it to the set-up of the device.
    pub unit: Unit,
    /// What the answer means.
    pub encoding: Encoding,
}

/// How the repetition `index` (from 0) of `register` is read on a device for which no bench
/// says how it is set up. What only a bench could say is then the first unit whose code the
/// map knows, words in the order of the map or ABCD, and for raw counts a span of 0 … 100.
/// For simulators and tools that play or walk a whole map, never for a test.
///
/// # Errors
/// What the profile does not allow, in words.
pub fn reading(
    profile: &InstrumentProfile,
    register: &Register,
    index: u16,
) -> Result<Reading, String> {
    let place = span(profile, register, index);
    let count = allowed(profile, register.function, place)?;
    let codes = register.unit_from.as_deref();
    let codes = codes
        .and_then(|name| profile.register(name))
        .map(|r| &r.codes);
    let codes = codes.map_or(&[][..], Vec::as_slice);
    let right = |c: &&crate::CodeText| register.unit.is_none_or(|unit| c.unit == Some(unit));
    let named = codes.iter().filter(|c| c.unit.is_some()).find(right);
    let unit = register.unit.or_else(|| named?.unit).unwrap_or(Unit::One);
    // A set-up whose code no source names is told by the first code there is, else by 0.
    let code = named.or(codes.first()).map_or(0, |c| c.code);
    let code = u16::try_from(code).map_err(|e| e.to_string())?;
    let setting = (unit, register.unit_from.is_some().then_some(code));
    Ok(Reading {
        function: register.function,
        address: place.0,
        count,
        unit,
        encoding: describe::set_up(profile, register, index, place.0, setting)?,
    })
}

fn unknown_register(profile: &InstrumentProfile, name: &str) -> String {
    let known = profile.register.iter().map(|r| r.name.as_str());
    match dutypoint_model::toml_text::nearest(name, known) {
        Some(near) => format!(
            "profile {:?} has no register {name:?}; did you mean {near:?}?",
            profile.id
        ),
        None => format!("profile {:?} has no register {name:?}", profile.id),
    }
}

#[cfg(test)]
mod tests;
