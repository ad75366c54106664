//! Which registers are asked for together.
//!
//! Promise: every wanted value is in exactly one request, whole and with all it needs; no
//! request is larger than the device allows, touches what is forbidden, or reads over more
//! registers the map does not name than the profile allows.

use crate::{InstrumentProfile, Register};
use dutypoint_engine::config::ChannelConfig;

/// A value that a channel asks for.
pub(super) struct Wanted<'a> {
    pub(super) channel: &'a ChannelConfig,
    pub(super) register: &'a Register,
    /// Repetition, counted from 0.
    pub(super) index: u16,
}

/// One read request and the values it answers.
pub(super) struct Request<'a> {
    pub(super) function: u8,
    pub(super) first: u16,
    pub(super) count: u16,
    pub(super) members: Vec<Wanted<'a>>,
}

/// First and last address of a value and of what it needs in the same answer.
pub(crate) fn span(profile: &InstrumentProfile, register: &Register, index: u16) -> (u16, u16) {
    let own = (register, register.address_of(index));
    profile.needs(register, index).chain([own]).fold(
        (u16::MAX, 0),
        |(first, last), (other, address)| {
            let end = address.saturating_add(other.kind.words() - 1);
            (first.min(address), last.max(end))
        },
    )
}

/// How many registers a request from `first` to `last` asks for, if the profile allows it.
///
/// # Errors
/// Why it does not, in words.
pub(crate) fn allowed(
    profile: &InstrumentProfile,
    function: u8,
    (first, last): (u16, u16),
) -> Result<u16, String> {
    let wanted = u32::from(last) - u32::from(first) + 1;
    let count = wanted.next_multiple_of(u32::from(profile.read_multiple.max(1)));
    if count > u32::from(profile.max_read) {
        return Err(format!(
            "they span {wanted} words, more than the {} of one request",
            profile.max_read
        ));
    }
    let last = u16::try_from(u32::from(first) + count - 1)
        .map_err(|_| "the request would reach beyond address 65535".to_owned())?;
    let forbidden = &profile.forbidden;
    if let Some(block) = forbidden.iter().find(|b| b.touches(function, first, last)) {
        return Err(format!(
            "the forbidden block {} … {} lies between",
            block.from, block.to
        ));
    }
    let (at, gap) = widest_gap(profile, function, first, last);
    if gap > u32::from(profile.max_gap) {
        return Err(format!(
            "{gap} registers from {at} on, which the map does not name, lie between, more than max_gap {}",
            profile.max_gap
        ));
    }
    // At most max_read.
    u16::try_from(count).map_err(|_| "more registers than a request can name".to_owned())
}

/// Start and length of the longest run of addresses that no readable register has.
fn widest_gap(profile: &InstrumentProfile, function: u8, first: u16, last: u16) -> (u32, u32) {
    let mut places: Vec<(u16, u16)> = profile
        .register
        .iter()
        .filter(|r| r.function == function && r.readable)
        .flat_map(Register::places)
        .filter(|(a, b)| *a <= last && first <= *b)
        .collect();
    places.sort_unstable();
    let mut next = u32::from(first);
    let mut widest = (next, 0);
    let end = (u32::from(last) + 1, u32::from(last) + 1);
    let named = places
        .into_iter()
        .map(|(a, b)| (u32::from(a), u32::from(b)));
    for (from, to) in named.chain([end]) {
        let gap = from.saturating_sub(next);
        if gap > widest.1 {
            widest = (next, gap);
        }
        next = next.max(to + 1);
    }
    widest
}

/// The requests for `wanted`, by function and address.
///
/// # Errors
/// The value that no request can hold, and why.
pub(super) fn requests<'a>(
    profile: &InstrumentProfile,
    wanted: Vec<Wanted<'a>>,
) -> Result<Vec<Request<'a>>, String> {
    let mut spans: Vec<(u8, (u16, u16), Wanted<'a>)> = wanted
        .into_iter()
        .map(|w| (w.register.function, span(profile, w.register, w.index), w))
        .collect();
    spans.sort_by_key(|(function, span, _)| (*function, *span));
    let mut groups: Vec<Request<'a>> = Vec::new();
    // Last address of the group being filled, before it is rounded up.
    let mut end = 0;
    for (function, (first, last), wanted) in spans {
        let own = allowed(profile, function, (first, last)).map_err(|why| {
            format!(
                "register {:?} cannot be read with the registers it needs: {why}",
                wanted.register.name
            )
        })?;
        let joined = groups.last_mut().filter(|group| group.function == function);
        let joined = joined.and_then(|group| {
            let span = (group.first, last.max(end));
            // One value by itself may still fill several channels.
            let may = !profile.single_read || (group.first, end) == (first, last);
            let count = allowed(profile, function, span).ok().filter(|_| may)?;
            Some((group, count))
        });
        match joined {
            Some((group, count)) => {
                end = last.max(end);
                group.count = count;
                group.members.push(wanted);
            }
            None => {
                end = last;
                groups.push(Request {
                    function,
                    first,
                    count: own,
                    members: vec![wanted],
                });
            }
        }
    }
    Ok(groups)
}
