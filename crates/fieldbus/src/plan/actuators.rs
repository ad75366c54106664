//! What may be driven: registers whose profile says that they take a demand, and no others.

use crate::InstrumentProfile;
use crate::profile::{Class, Register, WriteClass};
use dutypoint_engine::config::{ActuatorConfig, Bench};
use dutypoint_model::Unit;
use dutypoint_model::document::{Actuator, NumberKind, ReadBack};
use std::collections::BTreeMap;

/// What is wrong with an actuator, and the key of its entry to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongActuator {
    /// Its name.
    pub name: String,
    /// Key of the entry.
    pub key: &'static str,
    /// Cause and cure.
    pub why: String,
}

/// Every actuator of `bench` as its profile lets it be driven, in the order of the file.
pub(super) fn describe<'a>(
    bench: &'a Bench,
    profiles: &'a BTreeMap<String, InstrumentProfile>,
) -> impl Iterator<Item = Result<Actuator, WrongActuator>> + 'a {
    bench.actuator.iter().map(move |config| {
        one(bench, config, profiles).map_err(|(key, why)| WrongActuator {
            name: config.name.clone(),
            key,
            why,
        })
    })
}

/// The first actuator of `bench` that its profile does not let be driven.
///
/// # Errors
/// [`WrongActuator`] with cause and cure.
pub fn check_actuators(
    bench: &Bench,
    profiles: &BTreeMap<String, InstrumentProfile>,
) -> Result<(), WrongActuator> {
    describe(bench, profiles).try_for_each(|actuator| actuator.map(drop))
}

fn one(
    bench: &Bench,
    config: &ActuatorConfig,
    profiles: &BTreeMap<String, InstrumentProfile>,
) -> Result<Actuator, (&'static str, String)> {
    let instrument = bench
        .instrument
        .iter()
        .find(|i| i.tag == config.instrument)
        .ok_or_else(|| ("instrument", "its instrument is not declared".to_owned()))?;
    let profile = profiles.get(&instrument.profile).ok_or_else(|| {
        let why = format!("profile {:?} does not exist", instrument.profile);
        ("instrument", why)
    })?;
    let setpoints = || {
        let names = profile.register.iter().filter(|r| is_setpoint(r));
        let names: Vec<&str> = names.map(|r| r.name.as_str()).collect();
        match names.is_empty() {
            true => format!("profile {:?} has no setpoint", profile.id),
            false => format!(
                "setpoints of profile {:?}: {}",
                profile.id,
                names.join(", ")
            ),
        }
    };
    let register = profile.register(&config.register).ok_or_else(|| {
        let why = format!(
            "{} has no register {:?}; {}",
            config.instrument,
            config.register,
            setpoints()
        );
        ("register", why)
    })?;
    if register.starts_motor || register.write == Some(WriteClass::Command) {
        return Err((
            "register",
            format!(
                "register {:?} of {} starts, stops or resets something; Dutypoint starts no motor and applies no test voltage, so it is never written; {}",
                register.name,
                config.instrument,
                setpoints()
            ),
        ));
    }
    if !is_setpoint(register) {
        return Err((
            "register",
            format!(
                "register {:?} of {} takes no demand: its profile has no write = \"setpoint\" for one word; {}",
                register.name,
                config.instrument,
                setpoints()
            ),
        ));
    }
    let percent = register.unit == Some(Unit::Percent);
    if !percent || register.factor == 0.0 || !register.factor.is_finite() {
        return Err((
            "register",
            format!(
                "register {:?} is no percentage with a known scale",
                register.name
            ),
        ));
    }
    let signed = register.kind == NumberKind::I16;
    let read_back = config.read_back.as_ref();
    let actuator = Actuator {
        name: config.name.clone(),
        line: instrument.line.clone(),
        unit_id: instrument.unit_id,
        address: register.address,
        function: config.function,
        unit: Unit::Percent,
        factor: register.factor,
        offset: register.offset,
        signed,
        range: config.range.unwrap_or_default(),
        rate_per_s: config.rate_per_s.unwrap_or_default(),
        armed_for_s: config.armed_for_s.unwrap_or_default(),
        speed: config.speed || profile.class == Class::Vfd,
        read_back: ReadBack {
            channel: read_back.map(|r| r.channel.clone()).unwrap_or_default(),
            tolerance: read_back.map(|r| r.tolerance).unwrap_or_default(),
            within_s: read_back.map(|r| r.within_s).unwrap_or_default(),
        },
        poll: 0,
    };
    if !config.enabled {
        return Ok(actuator);
    }
    let raw = register.limits.unwrap_or(match signed {
        true => [f64::from(i16::MIN), f64::from(i16::MAX)],
        false => [0.0, f64::from(u16::MAX)],
    });
    let mut ends = raw.map(|raw| raw * register.factor + register.offset);
    ends.sort_by(f64::total_cmp);
    let [least, most] = ends;
    let [low, high] = actuator.range;
    let holds = |end: f64| (least - 1e-9..=most + 1e-9).contains(&end);
    if !holds(low) || !holds(high) {
        return Err((
            "range",
            format!(
                "[{low}, {high}] is more than register {:?} takes: {least} … {most} %",
                register.name
            ),
        ));
    }
    if actuator.speed && bench.pump_stop.is_none() {
        return Err((
            "instrument",
            "it makes a motor turn faster; add [pump_stop] with channel, below and back_spin_s, by which a standing pump is known".to_owned(),
        ));
    }
    Ok(actuator)
}

fn is_setpoint(register: &Register) -> bool {
    register.write == Some(WriteClass::Setpoint)
        && !register.starts_motor
        && matches!(register.kind, NumberKind::U16 | NumberKind::I16)
        && !register.swapped
}
