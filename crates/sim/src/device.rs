//! One instrument as a Modbus slave: registers and the requests upon them.
//!
//! Contract: answers functions 3 and 4 where the profile declares registers and in the
//! gaps a poll spans, functions 6, 16 and 23 on the registers an actuator declares; anything
//! else is refused with the exception the Modbus specification names. Registers the
//! bench takes no channel from read zero.

use crate::encode::{decimals, fill};
use crate::play::{PLAYED_DECIMALS, played};
use crate::rig::Rig;
use dutypoint_engine::config::Bench;
use dutypoint_fieldbus::{InstrumentProfile, Reading};
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
    /// Objects of function 43/14 from 0 on; empty where it knows no such function.
    identification: Vec<String>,
    /// Whether its values have been read.
    read_before: bool,
}

/// What is played.
#[derive(Clone, Copy, Debug)]
enum Signal {
    /// Number of the channel in the plan, and of the sensor in the rig.
    Sensor(usize),
    /// Always the same, in the unit of the source.
    Steady(f64),
}

/// Where the words of a channel come from.
#[derive(Clone, Debug)]
struct Source {
    signal: Signal,
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

/// What faults do to the values of a device and the count of its registers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Defects {
    /// The sensor is broken.
    pub(crate) burnt_out: bool,
    /// The values are no numbers.
    pub(crate) not_a_number: bool,
    /// The values stay.
    pub(crate) frozen: bool,
    /// Shift of the zero, percent of the range.
    pub(crate) shift_pct: f64,
    /// Registers too many or too few.
    pub(crate) extra: i8,
}

/// What an instrument of the profile `id` that is played alone is called.
pub(crate) fn played_tag(id: &str, unit_id: u8) -> String {
    format!("{id}-{unit_id}")
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
                    signal: Signal::Sensor(channel),
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
            identification: identification(profile),
            read_before: false,
        }
    }

    /// An instrument of `profile` alone, with steady values in every register that can be
    /// read; its tag is the profile and the unit, as in `janitza-umg-1`.
    pub(crate) fn of_profile(profile: &InstrumentProfile, unit_id: u8) -> Self {
        let tag = played_tag(&profile.id, unit_id);
        let mut device = Self::new(&tag, unit_id, "", profile, &Channels::default());
        for played in played(profile) {
            let Reading {
                function,
                address,
                count,
                unit,
                encoding,
            } = played.reading;
            let last = address.saturating_add(count.saturating_sub(1));
            for at in address..=last {
                device.words.entry((function, at)).or_insert(0);
            }
            device.sources.push(Source {
                signal: Signal::Steady(played.value),
                unit,
                calibration: Calibration::default(),
                range: [0.0, played.value.abs()],
                encoding,
                function,
                base: address,
                count,
                decimals: PLAYED_DECIMALS,
            });
        }
        device
    }

    /// The answer to a request, both without unit and checksum.
    pub(crate) fn answer(
        &mut self,
        request: &[u8],
        rig: Option<&mut Rig>,
        defects: Defects,
    ) -> Vec<u8> {
        let function = request.first().copied().unwrap_or(0);
        let answer = match (function, words_of(request.get(1..).unwrap_or(&[]))) {
            (3 | 4, Some([address, count])) => {
                if !(defects.frozen && self.read_before) {
                    self.refresh(rig.as_deref(), defects);
                    self.read_before = true;
                }
                self.read(function, address, count, defects.extra)
            }
            (6, Some([address, value])) => self
                .write(address, &[value], rig)
                .map(|()| request.to_vec()),
            (16, _) => self.write_several(request, rig),
            (23, _) => self.write_and_read(request, rig),
            (3 | 4 | 6, None) => Err(ILLEGAL_VALUE),
            (0x2B, _) if !self.identification.is_empty() => self.identify(request),
            _ => Err(ILLEGAL_FUNCTION),
        };
        answer.unwrap_or_else(|code| exception(function, code))
    }

    fn read(&self, function: u8, address: u16, count: u16, extra: i8) -> Result<Vec<u8>, u8> {
        if count == 0 || count > self.max_read {
            return Err(ILLEGAL_VALUE);
        }
        let last = address.checked_add(count - 1).ok_or(ILLEGAL_ADDRESS)?;
        let mut data = Vec::new();
        for at in address..=last {
            let word = self.words.get(&(function, at)).ok_or(ILLEGAL_ADDRESS)?;
            data.extend(word.to_be_bytes());
        }
        match extra {
            0 => {}
            1.. => data.extend([0x55, 0x55]),
            _ => data.truncate(data.len() - 2),
        }
        // At most 125 registers, by the check of the profile.
        let bytes = u8::try_from(data.len()).map_err(|_| ILLEGAL_VALUE)?;
        let mut answer = vec![function, bytes];
        answer.append(&mut data);
        Ok(answer)
    }

    /// Function 43/14, basic stream: all objects, or the one asked for.
    fn identify(&self, request: &[u8]) -> Result<Vec<u8>, u8> {
        let &[_, 14, code, object] = request else {
            return Err(ILLEGAL_FUNCTION);
        };
        // 1 the basic objects from the one named on, 4 this object alone.
        let said: Vec<(u8, &String)> = (0u8..)
            .zip(&self.identification)
            .filter(|(id, _)| match code {
                1 => *id >= object,
                _ => *id == object,
            })
            .collect();
        if !matches!(code, 1 | 4) {
            return Err(ILLEGAL_VALUE);
        }
        if said.is_empty() {
            return Err(ILLEGAL_ADDRESS);
        }
        let many = u8::try_from(said.len()).map_err(|_| ILLEGAL_VALUE)?;
        // Conformity 0x81: basic objects, by stream and one by one; nothing follows.
        let mut answer = vec![0x2B, 14, code, 0x81, 0, 0, many];
        for (id, text) in said {
            let length = u8::try_from(text.len()).map_err(|_| ILLEGAL_VALUE)?;
            answer.extend([id, length]);
            answer.extend(text.as_bytes());
        }
        Ok(answer)
    }

    fn write_several(&mut self, request: &[u8], rig: Option<&mut Rig>) -> Result<Vec<u8>, u8> {
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
    fn write_and_read(&mut self, request: &[u8], rig: Option<&mut Rig>) -> Result<Vec<u8>, u8> {
        let [address, count] = request.get(1..5).and_then(words_of).ok_or(ILLEGAL_VALUE)?;
        let mut write = vec![16];
        write.extend(request.get(5..).ok_or(ILLEGAL_VALUE)?);
        self.write_several(&write, rig)?;
        let mut answer = self.read(3, address, count, 0)?;
        if let Some(function) = answer.first_mut() {
            *function = 23;
        }
        Ok(answer)
    }

    /// Writes all of `values` or, where one may not be written, none.
    fn write(&mut self, address: u16, values: &[u16], mut rig: Option<&mut Rig>) -> Result<(), u8> {
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
            if demand.moves_valve
                && let Some(rig) = rig.as_deref_mut()
            {
                rig.set_demand(demand.actuator.unit.to_internal(demand.of(value)));
            }
        }
        Ok(())
    }

    /// Puts the present readings into the registers.
    fn refresh(&mut self, rig: Option<&Rig>, defects: Defects) {
        let burnt_out = defects.burnt_out;
        for source in &self.sources {
            let mut value = match (source.signal, rig) {
                _ if burnt_out || defects.not_a_number => f64::NAN,
                (Signal::Steady(value), _) => value,
                (Signal::Sensor(channel), Some(rig)) => rig
                    .reading(channel)
                    .map_or(f64::NAN, |reading| source.indicated(reading)),
                (Signal::Sensor(_), None) => f64::NAN,
            };
            if defects.shift_pct != 0.0 {
                let [low, high] = source.range;
                value += (high - low) * defects.shift_pct / 100.0;
            }
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

/// What a device says of itself to function 43/14, where its profile knows that it can.
fn identification(profile: &InstrumentProfile) -> Vec<String> {
    let said = profile.identity.iter().filter_map(|i| i.object);
    let Some(last) = said.max() else {
        return Vec::new();
    };
    let shipped = [
        profile.vendor.clone(),
        profile.model.clone(),
        "simulated".to_owned(),
    ];
    let mut objects: Vec<String> = (0..=last.max(2))
        .map(|n| shipped.get(usize::from(n)).cloned().unwrap_or_default())
        .collect();
    for identity in &profile.identity {
        if let (Some(object), Some(text)) = (identity.object, &identity.contains)
            && let Some(said) = objects.get_mut(usize::from(object))
            && !said.contains(text)
        {
            said.clone_from(text);
        }
    }
    objects
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
