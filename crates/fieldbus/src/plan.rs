//! From a bench and its profiles to the requests on the wire and the channels they fill.

use crate::{Error, InstrumentProfile, Order, Register};
use dutypoint_engine::config::{
    Bench, CalibrationConfig, ChannelConfig, Endpoint, InstrumentConfig,
};
use dutypoint_model::document::{
    Actuator, Calibration, Channel, Channels, Encoding, Guard, Instrument, Poll, Scale, WordOrder,
};
use dutypoint_model::{Bilingual, Unit};
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
    for actuator in &bench.actuator {
        let refuse = |why: String| Error::Plan {
            tag: actuator.instrument.clone(),
            why: format!("actuator {:?}: {why}", actuator.name),
        };
        let instrument = bench
            .instrument
            .iter()
            .find(|i| i.tag == actuator.instrument)
            .ok_or_else(|| refuse("its instrument is not declared".into()))?;
        let register = profiles
            .get(&instrument.profile)
            .and_then(|p| p.register(&actuator.register))
            .filter(|r| r.writable && r.kind.words() == 1)
            .ok_or_else(|| {
                refuse(format!(
                    "profile {:?} has no writable one-word register {:?}",
                    instrument.profile, actuator.register
                ))
            })?;
        let full_scale = actuator_full_scale(register).map_err(refuse)?;
        channels.actuators.push(Actuator {
            name: actuator.name.clone(),
            line: instrument.line.clone(),
            unit_id: instrument.unit_id,
            address: register.address,
            full_scale,
            poll: next_poll_id(&channels),
        });
    }
    Ok(PollPlan { channels })
}

/// Raw value for 100 %: the register's unit is percent with a factor.
fn actuator_full_scale(register: &Register) -> Result<u16, String> {
    let full = 100.0 / register.factor;
    if register.unit == Some(Unit::Percent) && (1.0..=65535.0).contains(&full) {
        // In range by the check above, and a whole number for every decimal factor.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked range"
        )]
        return Ok(full.round() as u16);
    }
    Err(format!(
        "register {:?} is no percentage with a known scale",
        register.name
    ))
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
        Some(line) => match line.endpoint {
            Endpoint::Rtu { .. } | Endpoint::RtuTcp { .. } => "rtu",
            Endpoint::Tcp { .. } => "tcp",
        },
        None => return Err(format!("line {:?} is not declared", instrument.line)),
    };
    if !profile.transport.iter().any(|t| t == transport) {
        return Err(format!(
            "profile {:?} speaks {}, but line {:?} is {transport}",
            profile.id,
            profile.transport.join(", "),
            instrument.line
        ));
    }

    for function in [3, 4] {
        let wanted: Vec<(&ChannelConfig, &Register)> = instrument
            .channel
            .iter()
            .map(|channel| {
                profile
                    .register(&channel.register)
                    .map(|register| (channel, register))
                    .ok_or_else(|| unknown_register(profile, &channel.register))
            })
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .filter(|(_, register)| register.function == function)
            .collect();
        for (first, count, members) in coalesce(profile, wanted)? {
            let id = next_poll_id(out);
            out.polls.push(Poll {
                id,
                line: instrument.line.clone(),
                instrument: instrument.tag.clone(),
                unit_id: instrument.unit_id,
                function,
                address: first,
                count,
                period_ms: instrument.period_ms,
            });
            for (channel, register) in members {
                out.channels
                    .push(describe(instrument, profile, channel, register, id, first)?);
            }
        }
    }
    Ok(())
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

type Group<'a> = (u16, u16, Vec<(&'a ChannelConfig, &'a Register)>);

/// Groups registers so that each group fits one request and holds what its members need.
fn coalesce<'a>(
    profile: &InstrumentProfile,
    mut wanted: Vec<(&'a ChannelConfig, &'a Register)>,
) -> Result<Vec<Group<'a>>, String> {
    wanted.sort_by_key(|(_, register)| register.address);
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (channel, register) in wanted {
        let (mut first, mut last) = (
            register.address,
            register.address + register.kind.words() - 1,
        );
        for other in [
            &register.decimals_from,
            &register.unit_from,
            &register.status_from,
        ]
        .into_iter()
        .flatten()
        {
            if let Some(other) = profile.register(other) {
                first = first.min(other.address);
                last = last.max(other.address);
            }
        }
        if last - first >= profile.max_read {
            return Err(format!(
                "register {:?} and the registers it depends on span {} words, more than the {} of one request",
                register.name,
                last - first + 1,
                profile.max_read
            ));
        }
        match groups.last_mut() {
            Some((start, count, members))
                if last.max(*start + *count - 1) - first.min(*start) < profile.max_read =>
            {
                let end = last.max(*start + *count - 1);
                *start = first.min(*start);
                *count = end - *start + 1;
                members.push((channel, register));
            }
            _ => groups.push((first, last - first + 1, vec![(channel, register)])),
        }
    }
    Ok(groups)
}

fn describe(
    instrument: &InstrumentConfig,
    profile: &InstrumentProfile,
    channel: &ChannelConfig,
    register: &Register,
    poll: u16,
    first: u16,
) -> Result<Channel, String> {
    let within = |name: &Option<String>| {
        name.as_ref()
            .and_then(|n| profile.register(n))
            .map(|r| r.address - first)
    };
    let unit = channel.unit.or(register.unit).ok_or_else(|| {
        format!(
            "channel {:?} needs `unit`: the profile leaves it to the device's set-up",
            channel.name
        )
    })?;
    if unit.quantity() != channel.role.quantity() {
        return Err(format!(
            "channel {:?} measures {} in {unit}, but its role needs {}",
            channel.name,
            unit.quantity().text().en,
            channel.role.quantity().text().en
        ));
    }
    let order = match (channel.order, register.order) {
        (Some(order), _) => order,
        (None, Order::Probe) if register.kind.words() > 1 => {
            return Err(format!(
                "channel {:?} needs `order`: no source states the word order of {:?}; read a value known from the display and choose ABCD, CDAB, BADC or DCBA",
                channel.name, register.name
            ));
        }
        (None, order) => order.known().unwrap_or(WordOrder::Abcd),
    };
    let scale = match (register.span, channel.span, within(&register.decimals_from)) {
        (true, Some([low, high]), _) if high > low => Scale::Span { low, high },
        (true, _, _) => {
            return Err(format!(
                "channel {:?} needs `span = [low, high]`: register {:?} is a raw count",
                channel.name, register.name
            ));
        }
        (false, _, Some(at)) => Scale::Decimals { at },
        (false, _, None) => Scale::Linear {
            factor: register.factor,
            offset: register.offset,
        },
    };
    let mut guards = Vec::new();
    if let Some(at) = within(&register.unit_from) {
        let equals = channel.unit_code.ok_or_else(|| {
            format!(
                "channel {:?} needs `unit_code`: the device can be set to several units",
                channel.name
            )
        })?;
        guards.push(Guard {
            at,
            equals,
            otherwise: Bilingual::new("仪表设定为另一单位", "the device is set to another unit"),
        });
    }
    if let Some(at) = within(&register.status_from) {
        guards.push(Guard {
            at,
            equals: register.status_ok,
            otherwise: register.status_text.clone(),
        });
    }
    let [low, high] = channel.range;
    if low.partial_cmp(&high) != Some(std::cmp::Ordering::Less) {
        return Err(format!(
            "channel {:?}: range [{low}, {high}] is empty",
            channel.name
        ));
    }
    Ok(Channel {
        name: channel.name.clone(),
        role: channel.role,
        unit,
        poll,
        encoding: Encoding {
            offset: register.address - first,
            kind: register.kind,
            order,
            scale,
            invalid: register.invalid.clone(),
            guards,
        },
        damping_s: channel.damping_s,
        instrument: Instrument {
            tag: instrument.tag.clone(),
            model: format!("{} {}", profile.vendor, profile.model),
            serial: instrument.serial.clone(),
            range: channel.range,
            calibration: calibration(instrument.calibration.as_ref()),
        },
    })
}

/// An instrument without calibration says so in every field; the engine bars formal
/// issue with it.
fn calibration(config: Option<&CalibrationConfig>) -> Calibration {
    config.map_or_else(
        || Calibration {
            certificate: String::new(),
            laboratory: String::new(),
            date: String::new(),
            due: String::new(),
            slope: 1.0,
            offset: 0.0,
            u_reading_pct: 0.0,
            u_range_pct: 0.0,
        },
        |c| Calibration {
            certificate: c.certificate.clone(),
            laboratory: c.laboratory.clone(),
            date: c.date.clone(),
            due: c.due.clone(),
            slope: c.slope,
            offset: c.offset,
            u_reading_pct: c.u_reading_pct,
            u_range_pct: c.u_range_pct,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> (String, BTreeMap<String, InstrumentProfile>) {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config");
        let profiles = std::fs::read_dir(root.join("instruments"))
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let text = std::fs::read_to_string(&path).unwrap();
                let profile = InstrumentProfile::parse(path.to_str().unwrap(), &text).unwrap();
                (profile.id.clone(), profile)
            })
            .collect();
        let bench = std::fs::read_to_string(root.join("benches/demo.toml")).unwrap();
        (bench, profiles)
    }

    #[test]
    fn the_demo_bench_is_read_in_few_requests_with_values_and_status_together() {
        let (text, profiles) = shipped();
        let bench = Bench::parse("demo.toml", &text).unwrap();
        let plan = plan(&bench, &profiles).unwrap().channels;
        let requests: Vec<_> = plan
            .polls
            .iter()
            .map(|p| (p.instrument.as_str(), p.function, p.address, p.count))
            .collect();
        assert_eq!(
            requests,
            [
                ("PT-01", 3, 2, 2),
                // unit code, decimals, value
                ("LT-01", 3, 2, 3),
                ("TT-01", 3, 0, 1),
                ("FV-01", 4, 3, 1),
                ("FT-01", 3, 5050, 2),
                // line voltages … distortion
                ("PW-01", 3, 19006, 106),
                // value … status
                ("ST-01", 4, 8, 53),
            ]
        );
        assert_eq!(plan.actuators[0].full_scale, 1000);
        assert_eq!(plan.actuators[0].poll, 7);
    }

    #[test]
    fn what_a_profile_does_not_offer_is_named_with_the_cure() {
        let (text, profiles) = shipped();
        for (from, to, expected) in [
            (
                "profile = \"keller-30x\"",
                "profile = \"keler-30x\"",
                "did you mean \"keller-30x\"?",
            ),
            (
                "register = \"p1\"",
                "register = \"p9\"",
                "has no register \"p9\"",
            ),
            ("unit_code = 2, ", "", "needs `unit_code`"),
            ("span = [0.0, 100.0], ", "", "needs `span = [low, high]`"),
            (
                "line = \"tcp-power\"\nunit_id = 1\nserial = \"SIM-0202\"",
                "line = \"rtu-1\"\nunit_id = 9\nserial = \"SIM-0202\"",
                "",
            ),
            (
                "role = \"frequency\"",
                "role = \"current\"",
                "its role needs current",
            ),
            (
                "profile = \"moxa-e1240\"\nline = \"tcp-slip\"",
                "profile = \"moxa-e1240\"\nline = \"rtu-1\"",
                "speaks tcp, but line",
            ),
        ] {
            assert!(text.contains(from), "{from}");
            let bench = Bench::parse("demo.toml", &text.replacen(from, to, 1)).unwrap();
            match plan(&bench, &profiles) {
                Ok(_) => assert_eq!(expected, "", "{to} was accepted"),
                Err(error) => assert!(
                    !expected.is_empty() && error.to_string().contains(expected),
                    "{error}"
                ),
            }
        }
    }
}
