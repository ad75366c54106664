//! What the registers of a device read as, in every word order.

use super::ask::Asker;
use super::{ProbeError, Reply};
use crate::plan::{allowed, span, trial};
use crate::{InstrumentProfile, Order, Register};
use dutypoint_engine::decode;
use dutypoint_model::Unit;
use dutypoint_model::document::WordOrder;
use std::str::FromStr;

/// Repetitions of a register that are read at most.
const REPEATS: u16 = 16;
/// How far a value may have moved between display and answer, as a share of it.
const DRIFT: f64 = 0.005;

/// What the user reads off the display.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Display {
    /// The number.
    pub value: f64,
    /// One of its last place.
    pub step: f64,
    /// Its unit, where the user says it.
    pub unit: Option<Unit>,
}

impl FromStr for Display {
    type Err = String;

    /// `12.34`, `12.34m3/h`, `12.34 m3/h`.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let end = text
            .find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+'))
            .unwrap_or(text.len());
        let (number, unit) = text.split_at_checked(end).unwrap_or((text, ""));
        let value: f64 = number
            .parse()
            .map_err(|_| format!("{text:?} is no number; write it as the display shows it, like 12.34 or \"12.34 m3/h\""))?;
        if value == 0.0 {
            return Err("0 reads alike in every word order; take a value other than zero".into());
        }
        let places = number.split_once('.').map_or(0, |(_, after)| after.len());
        let step = (0..places.min(18)).fold(1.0, |step, _| step / 10.0);
        let unit = match unit.trim() {
            "" => None,
            unit => Some(Unit::from_str(unit).map_err(|e| e.to_string())?),
        };
        Ok(Self { value, step, unit })
    }
}

impl Display {
    /// Whether `value`, in `unit`, is what the display shows.
    #[must_use]
    pub fn shows(&self, value: f64, unit: Option<Unit>) -> bool {
        let seen = match (self.unit, unit) {
            (Some(asked), Some(unit)) if asked.quantity() == unit.quantity() => {
                asked.from_internal(unit.to_internal(value))
            }
            (Some(_), Some(_)) => return false,
            _ => value,
        };
        (seen - self.value).abs() <= self.step.max(DRIFT * self.value.abs())
    }
}

/// A register that reads as the display shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Profile.
    pub profile: String,
    /// Register of it.
    pub register: String,
    /// Its repetition, counted from 1; none where there is one only.
    pub index: Option<u16>,
    /// Word order that shows it; none where the number has one word.
    pub order: Option<WordOrder>,
    /// What it reads as, in `unit`.
    pub value: f64,
    /// Unit by the profile, else the display's.
    pub unit: Option<Unit>,
}

/// Address and count of a read with `function` that a device of `profile` must bear; none
/// where the profile names no such register.
pub(super) fn harmless(profile: &InstrumentProfile, function: u8) -> Option<(u16, u16)> {
    let mut named = profile.register.iter();
    named.find_map(|register| {
        if !register.readable || register.function != function {
            return None;
        }
        // Whole, with what it needs: no more and no less than a bench would ask for.
        let place = span(profile, register, 0);
        let count = allowed(profile, function, place).ok()?;
        Some((place.0, count))
    })
}

/// What `register` reads as in each order worth trying.
async fn values(
    asker: &mut Asker,
    unit_id: u8,
    profile: &InstrumentProfile,
    register: &Register,
    index: u16,
    orders: &[WordOrder],
) -> Result<Vec<(WordOrder, f64)>, ProbeError> {
    let place = span(profile, register, index);
    let Ok(count) = allowed(profile, register.function, place) else {
        return Ok(Vec::new());
    };
    let reply = asker.read(unit_id, register.function, place.0, count);
    let Reply::Words(words) = reply.await? else {
        return Ok(Vec::new());
    };
    let read = |order: &WordOrder| {
        let encoding = trial(profile, register, index, place.0, *order).ok()?;
        let value = decode::indicated(&encoding, &words).ok()?;
        Some((*order, value))
    };
    Ok(orders.iter().filter_map(read).collect())
}

/// The registers of `profile` that read as the display shows.
pub(super) async fn fits(
    asker: &mut Asker,
    unit_id: u8,
    profile: &InstrumentProfile,
    display: &Display,
) -> Result<Vec<Fit>, ProbeError> {
    let mut found = Vec::new();
    for register in profile.register.iter().filter(|r| r.readable) {
        let wide = register.kind.words() > 1;
        let orders: &[WordOrder] = if wide {
            &WordOrder::ALL
        } else {
            &[WordOrder::Abcd]
        };
        for index in 0..register.repeat.min(REPEATS) {
            let values = values(asker, unit_id, profile, register, index, orders).await?;
            let right = values
                .into_iter()
                .filter(|(_, value)| display.shows(*value, register.unit));
            found.extend(right.map(|(order, value)| Fit {
                profile: profile.id.clone(),
                register: register.name.clone(),
                index: (register.repeat > 1).then_some(index + 1),
                order: wide.then_some(order),
                value,
                unit: register.unit.or(display.unit),
            }));
        }
    }
    Ok(found)
}

/// Whether the device meets every identity of `profile`, and there is one.
pub(super) async fn is_it(
    asker: &mut Asker,
    unit_id: u8,
    profile: &InstrumentProfile,
    said: &[(u8, String)],
) -> Result<bool, ProbeError> {
    for identity in &profile.identity {
        let met = match (&identity.register, identity.object) {
            (Some(name), _) => {
                let Some(register) = profile.register(name) else {
                    return Ok(false);
                };
                let known = register.order.and_then(Order::known);
                let orders = match (register.kind.words(), known) {
                    (1, _) => vec![WordOrder::Abcd],
                    (_, Some(order)) => vec![order],
                    (_, None) => WordOrder::ALL.to_vec(),
                };
                let values = values(asker, unit_id, profile, register, 0, &orders).await?;
                values.iter().any(|(_, value)| {
                    let equal = identity
                        .equals
                        .is_none_or(|e| (e - value).abs() <= 1e-9 * e.abs().max(1.0));
                    let between = identity
                        .between
                        .is_none_or(|[low, high]| (low..=high).contains(value));
                    equal && between
                })
            }
            (None, Some(object)) => said.iter().any(|(id, text)| {
                let wanted = identity.contains.as_deref().unwrap_or_default();
                *id == object && text.to_lowercase().contains(&wanted.to_lowercase())
            }),
            (None, None) => false,
        };
        if !met {
            return Ok(false);
        }
    }
    Ok(!profile.identity.is_empty())
}
