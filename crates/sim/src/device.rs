//! One instrument as a Modbus slave: registers and the requests upon them.
//!
//! Contract: answers functions 3 and 4 where the profile declares registers and in the
//! gaps a poll spans, functions 6, 16 and 23 on the registers an actuator declares; anything
//! else is refused with the exception the Modbus specification names. Registers the
//! bench takes no channel from read zero.

use crate::encode::{decimals, fill};
use crate::rig::Rig;
use dutypoint_engine::config::Bench;
use dutypoint_fieldbus::InstrumentProfile;
use dutypoint_model::Unit;
use dutypoint_model::document::{Actuator, Calibration, Channels, Encoding};
use std::collections::BTreeMap;

const ILLEGAL_FUNCTION: u8 = 1;
const ILLEGAL_ADDRESS: u8 = 2;
const ILLEGAL_VALUE: u8 = 3;

/// Actuator of a bench file that moves the valve of the rig.
const OUTLET_VALVE: &str = "outlet_valve";

/// One instrument.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) tag: String,
    pub(crate) unit_id: u8,
    max_read: u16,
    /// Registers by function and address.
    words: BTreeMap<(u8, u16), u16>,
    sources: Vec<Source>,
    demands: Vec<Demand>,
}

/// Where the words of a channel come from.
#[derive(Clone, Debug)]
struct Source {
    /// Number of the channel in the plan, and of the sensor in the rig.
    channel: usize,
    unit: Unit,
    calibration: Calibration,
    range: [f64; 2],
    encoding: Encoding,
    function: u8,
    /// Address the offsets of the encoding count from.
    base: u16,
    /// Words of the answer.
    count: u16,
    decimals: u16,
}

impl Source {
    /// What the instrument shows where `value`, in the internal unit, is true; not a number
    /// where it shows nothing that its calibration would make this value of.
    fn indicated(&self, value: f64) -> f64 {
        let own = self.calibration.unit.unwrap_or(self.unit);
        let true_value = own.from_internal(value);
        let range = self
            .range
            .map(|at| own.from_internal(self.unit.to_internal(at)));
        let shown = self.calibration.correction.invert(true_value, range);
        shown.map_or(f64::NAN, |shown| {
            self.unit.from_internal(own.to_internal(shown))
        })
    }
}

/// A register that takes the demand of an actuator.
#[derive(Clone, Debug)]
struct Demand {
    function: u8,
    actuator: Actuator,
    moves_valve: bool,
}

impl Demand {
    /// What the word asks for, in the actuator's unit.
    fn of(&self, word: u16) -> f64 {
        let raw = if self.actuator.signed {
            f64::from(word.cast_signed())
        } else {
            f64::from(word)
        };
        raw * self.actuator.factor + self.actuator.offset
    }

    fn takes(&self, word: u16) -> bool {
        let [low, high] = self.actuator.range;
        (low - 1e-9..=high + 1e-9).contains(&self.of(word))
    }
}

/// What a fault does to the answers of a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Defects {
    /// The sensor is broken.
    pub(crate) burnt_out: bool,
    /// One register is missing.
    pub(crate) short: bool,
}

impl Device {
    /// The instruments of `bench` that are on `line`.
    pub(crate) fn on_line(
        line: &str,
        bench: &Bench,
        profiles: &BTreeMap<String, InstrumentProfile>,
        plan: &Channels,
    ) -> Vec<Self> {
        bench
            .instrument
            .iter()
            .filter(|i| i.line == line)
            .filter_map(|i| Some((i, profiles.get(&i.profile)?)))
            .map(|(i, profile)| Self::new(&i.tag, i.unit_id, line, profile, plan))
            .collect()
    }

    fn new(
        tag: &str,
        unit_id: u8,
        line: &str,
        profile: &InstrumentProfile,
        plan: &Channels,
    ) -> Self {
        let mut words = BTreeMap::new();
        for r in &profile.register {
            for (first, last) in r.places().filter(|_| r.readable) {
                words.extend((first..=last).map(|address| ((r.function, address), 0)));
            }
        }
        for poll in plan.polls.iter().filter(|p| p.instrument == tag) {
            let last = poll.address + (poll.count - 1);
            for address in poll.address..=last {
                words.entry((poll.function, address)).or_insert(0);
            }
        }
        let sources = plan
            .channels
            .iter()
            .enumerate()
            .filter_map(|(channel, c)| {
                let poll = plan.polls.iter().find(|p| p.id == c.poll)?;
                // The register of a demand shows the demand.
                let at = poll.address + c.encoding.offset;
                let written = |a: &Actuator| {
                    (&*a.line, a.unit_id, a.address) == (line, unit_id, at) && poll.function == 3
                };
                (poll.instrument == tag && !plan.actuators.iter().any(written)).then(|| Source {
                    channel,
                    unit: c.unit,
                    calibration: c.instrument.calibration.clone(),
                    range: c.instrument.range,
                    encoding: c.encoding.clone(),
                    function: poll.function,
                    base: poll.address,
                    count: poll.count,
                    decimals: decimals(c.encoding.kind, c.instrument.range),
                })
            })
            .collect();
        let demands = plan
            .actuators
            .iter()
            .filter(|a| a.line == line && a.unit_id == unit_id)
            .map(|a| Demand {
                function: profile
                    .register
                    .iter()
                    .find(|r| r.write.is_some() && r.address == a.address)
                    .map_or(3, |r| r.function),
                actuator: a.clone(),
                moves_valve: a.name == OUTLET_VALVE,
            })
            .collect();
        Self {
            tag: tag.to_owned(),
            unit_id,
            max_read: profile.max_read,
            words,
            sources,
            demands,
        }
    }

    /// The answer to a request, both without unit and checksum.
    pub(crate) fn answer(&mut self, request: &[u8], rig: &mut Rig, defects: Defects) -> Vec<u8> {
        let function = request.first().copied().unwrap_or(0);
        let answer = match (function, words_of(request.get(1..).unwrap_or(&[]))) {
            (3 | 4, Some([address, count])) => {
                self.refresh(rig, defects.burnt_out);
                self.read(function, address, count, defects.short)
            }
            (6, Some([address, value])) => self
                .write(address, &[value], rig)
                .map(|()| request.to_vec()),
            (16, _) => self.write_several(request, rig),
            (23, _) => self.write_and_read(request, rig),
            (3 | 4 | 6, None) => Err(ILLEGAL_VALUE),
            _ => Err(ILLEGAL_FUNCTION),
        };
        answer.unwrap_or_else(|code| exception(function, code))
    }

    fn read(&self, function: u8, address: u16, count: u16, short: bool) -> Result<Vec<u8>, u8> {
        if count == 0 || count > self.max_read {
            return Err(ILLEGAL_VALUE);
        }
        let last = address.checked_add(count - 1).ok_or(ILLEGAL_ADDRESS)?;
        let mut data = Vec::new();
        for at in address..=last {
            let word = self.words.get(&(function, at)).ok_or(ILLEGAL_ADDRESS)?;
            data.extend(word.to_be_bytes());
        }
        if short {
            data.truncate(data.len() - 2);
        }
        // At most 125 registers, by the check of the profile.
        let bytes = u8::try_from(data.len()).map_err(|_| ILLEGAL_VALUE)?;
        let mut answer = vec![function, bytes];
        answer.append(&mut data);
        Ok(answer)
    }

    fn write_several(&mut self, request: &[u8], rig: &mut Rig) -> Result<Vec<u8>, u8> {
        let [address, count] = request.get(1..5).and_then(words_of).ok_or(ILLEGAL_VALUE)?;
        let data = request.get(6..).ok_or(ILLEGAL_VALUE)?;
        let declared = request.get(5).copied().map(usize::from);
        if !(1..=123).contains(&count)
            || data.len() != 2 * usize::from(count)
            || declared != Some(data.len())
        {
            return Err(ILLEGAL_VALUE);
        }
        let values: Vec<u16> = data
            .chunks_exact(2)
            .map(|pair| {
                pair.iter()
                    .fold(0, |word, byte| (word << 8) | u16::from(*byte))
            })
            .collect();
        self.write(address, &values, rig)?;
        Ok(request.get(..5).unwrap_or(&[]).to_vec())
    }

    /// Function 23: writes first, then reads.
    fn write_and_read(&mut self, request: &[u8], rig: &mut Rig) -> Result<Vec<u8>, u8> {
        let [address, count] = request.get(1..5).and_then(words_of).ok_or(ILLEGAL_VALUE)?;
        let mut write = vec![16];
        write.extend(request.get(5..).ok_or(ILLEGAL_VALUE)?);
        self.write_several(&write, rig)?;
        let mut answer = self.read(3, address, count, false)?;
        if let Some(function) = answer.first_mut() {
            *function = 23;
        }
        Ok(answer)
    }

    /// Writes all of `values` or, where one may not be written, none.
    fn write(&mut self, address: u16, values: &[u16], rig: &mut Rig) -> Result<(), u8> {
        let mut accepted = Vec::new();
        for (at, value) in (address..).zip(values) {
            let demand = self
                .demands
                .iter()
                .find(|d| d.actuator.address == at)
                .ok_or(ILLEGAL_ADDRESS)?;
            if !demand.takes(*value) {
                return Err(ILLEGAL_VALUE);
            }
            accepted.push((demand, *value));
        }
        if accepted.len() != values.len() {
            return Err(ILLEGAL_ADDRESS);
        }
        for (demand, value) in accepted {
            let address = demand.actuator.address;
            self.words.insert((demand.function, address), value);
            if demand.moves_valve {
                rig.set_demand(demand.actuator.unit.to_internal(demand.of(value)));
            }
        }
        Ok(())
    }

    /// Puts the present readings into the registers.
    fn refresh(&mut self, rig: &Rig, burnt_out: bool) {
        for source in &self.sources {
            let value = match rig.reading(source.channel) {
                Some(reading) if !burnt_out => source.indicated(reading),
                _ => f64::NAN,
            };
            let places = (source.base..=u16::MAX).take(usize::from(source.count));
            let places = places.map(|address| (source.function, address));
            let mut answer: Vec<u16> = places
                .clone()
                .map(|place| self.words.get(&place).copied().unwrap_or(0))
                .collect();
            fill(value, &source.encoding, source.decimals, &mut answer);
            if burnt_out {
                for guard in &source.encoding.guards {
                    if let (Some(word), Some(broken)) =
                        (answer.get_mut(usize::from(guard.at)), guard.must.broken())
                    {
                        *word = broken;
                    }
                }
            }
            self.words.extend(places.zip(answer));
        }
    }
}

/// An exception answer.
pub(crate) fn exception(function: u8, code: u8) -> Vec<u8> {
    vec![function | 0x80, code]
}

/// Exactly two words, high byte first.
fn words_of(bytes: &[u8]) -> Option<[u16; 2]> {
    match bytes {
        [a, b, c, d] => Some([u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d])]),
        _ => None,
    }
}
