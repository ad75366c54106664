//! Calibrations as a bench file, or a register of calibrations beside it, states them.
//!
//! Promise: a calibration that is read can be applied; whether it is in force on a day is asked
//! of [`Bench::uncalibrated`].

use super::{Bench, ChannelConfig, InstrumentConfig};
use dutypoint_model::Unit;
use dutypoint_model::document::{AccuracyClass, BeyondRule, Calibration, Correction, Role};
use dutypoint_model::toml_text::{self, TextError, nearest};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A calibration certificate, of one range of an instrument.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationConfig {
    /// Certificate number.
    pub certificate: String,
    /// Laboratory.
    pub laboratory: String,
    /// Date, `YYYY-MM-DD`.
    pub date: String,
    /// Due date, `YYYY-MM-DD`.
    pub due: String,
    /// Channels it holds for; all of the instrument where the list is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    /// Unit of the numbers, where it is not the channel's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// From where to where it was calibrated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
    /// Correction `indicated · slope + offset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slope: Option<f64>,
    /// See `slope`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<f64>,
    /// Correction by a polynomial, its constant first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polynomial: Option<Vec<f64>>,
    /// Correction by pairs of indicated and true value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Vec<[f64; 2]>>,
    /// What holds beyond the ends of the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond: Option<BeyondRule>,
    /// Coverage factor of the expanded uncertainties; 2 where it is not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub k: Option<f64>,
    /// Expanded uncertainty, in the unit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub u: f64,
    /// Expanded uncertainty, percent of reading.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub u_reading_pct: f64,
    /// Expanded uncertainty, percent of range.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub u_range_pct: f64,
    /// Accuracy class: limits of error, percent of `class_range`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<f64>,
    /// What the class is a percentage of; needed with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_range: Option<[f64; 2]>,
    /// Smallest step of display or dial, in the unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<f64>,
    /// K-factor of a meter that gives pulses, pulses per litre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pulses_per_l: Option<f64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

/// A calibration of an instrument: stated in place, or by its certificate number in the
/// register.
#[derive(Clone, Debug, PartialEq)]
pub enum CalibrationEntry {
    /// Stated in place.
    Here(Box<CalibrationConfig>),
    /// The certificate number of one in the register.
    Named(String),
}

/// The calibrations of an instrument: none, one or a list of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CalibrationEntries(pub Vec<CalibrationEntry>);

impl<'de> Deserialize<'de> for CalibrationEntries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = CalibrationEntries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a calibration, its certificate number, or a list of these")
            }

            fn visit_str<E: de::Error>(self, number: &str) -> Result<Self::Value, E> {
                let entry = CalibrationEntry::Named(number.to_owned());
                Ok(CalibrationEntries(vec![entry]))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let config =
                    CalibrationConfig::deserialize(de::value::MapAccessDeserializer::new(map))?;
                let entry = CalibrationEntry::Here(Box::new(config));
                Ok(CalibrationEntries(vec![entry]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(CalibrationEntries(more)) = list.next_element()? {
                    all.extend(more);
                }
                Ok(CalibrationEntries(all))
            }
        }
        deserializer.deserialize_any(Read)
    }
}

/// What is wrong with a calibration: key and message.
type Fault = (&'static str, String);

impl CalibrationConfig {
    /// Refuses what cannot be applied.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let name = &self.certificate;
        let fault = |key, why: String| Err((key, format!("calibration {name:?}: {why}")));
        if name.trim().is_empty() {
            return fault("certificate", "it needs a certificate number".into());
        }
        for (key, date) in [("date", &self.date), ("due", &self.due)] {
            if !is_date(date) {
                return fault(key, format!("{date:?} is no date; write YYYY-MM-DD"));
            }
        }
        if self.due < self.date {
            return fault(
                "due",
                format!("due on {}, before its date {}", self.due, self.date),
            );
        }
        let ascends = |[low, high]: [f64; 2]| low < high && low.is_finite() && high.is_finite();
        for (key, range) in [("range", self.range), ("class_range", self.class_range)] {
            if let Some([low, high]) = range.filter(|range| !ascends(*range)) {
                return fault(key, format!("[{low}, {high}] is no range"));
            }
        }
        let k = self.k.unwrap_or(2.0);
        if !(1.0..=10.0).contains(&k) {
            return fault("k", format!("a coverage factor of {k} is outside 1 … 10"));
        }
        for (key, value, most) in [
            ("u", Some(self.u), f64::MAX),
            ("u_reading_pct", Some(self.u_reading_pct), 100.0),
            ("u_range_pct", Some(self.u_range_pct), 100.0),
            ("class", self.class, 100.0),
            ("resolution", self.resolution, f64::MAX),
        ] {
            if let Some(value) = value.filter(|v| !(0.0..=most).contains(v)) {
                return fault(key, format!("{key} = {value} is outside 0 … {most}"));
            }
        }
        if let Some(k) = self.pulses_per_l.filter(|k| !(*k > 0.0 && k.is_finite())) {
            return fault("pulses_per_l", format!("{k} pulses a litre is no K-factor"));
        }
        if self.class.is_some() != self.class_range.is_some() {
            return fault(
                "class",
                "an accuracy class is a share of a range: state `class` and `class_range` together"
                    .into(),
            );
        }
        self.check_correction()
    }

    fn check_correction(&self) -> Result<(), Fault> {
        let name = &self.certificate;
        let fault = |key, why: String| Err((key, format!("calibration {name:?}: {why}")));
        let linear = self.slope.is_some() || self.offset.is_some();
        let stated = [linear, self.polynomial.is_some(), self.table.is_some()];
        if stated.iter().filter(|s| **s).count() > 1 {
            return fault(
                "certificate",
                "state one correction: `slope` and `offset`, `polynomial`, or `table`".into(),
            );
        }
        if self.beyond.is_some() && self.table.is_none() {
            return fault("beyond", "`beyond` belongs to a `table`".into());
        }
        let slope = self.slope.unwrap_or(1.0);
        if !(slope.is_finite() && slope != 0.0) {
            return fault("slope", format!("a slope of {slope} makes no value"));
        }
        if let Some(offset) = self.offset.filter(|o| !o.is_finite()) {
            return fault("offset", format!("{offset} is no number"));
        }
        if let Some(list) = &self.polynomial
            && (list.len() < 2 || list.iter().any(|c| !c.is_finite()))
        {
            return fault(
                "polynomial",
                "it needs at least c0 and c1, all of them finite".into(),
            );
        }
        if let Some(table) = &self.table {
            if table.len() < 2 || table.iter().flatten().any(|n| !n.is_finite()) {
                return fault(
                    "table",
                    "it needs at least two pairs [indicated, true] of finite numbers".into(),
                );
            }
            let falls = table.windows(2).find_map(|pair| match pair {
                [[a, _], [b, _]] if a >= b => Some((*a, *b)),
                _ => None,
            });
            if let Some((a, b)) = falls {
                return fault(
                    "table",
                    format!("sort the pairs by the indicated value, each once: {b} follows {a}"),
                );
            }
        }
        Ok(())
    }

    /// The calibration as documents hold it.
    #[must_use]
    pub fn document(&self) -> Calibration {
        let correction = match (&self.polynomial, &self.table) {
            (Some(coefficients), _) => Correction::Polynomial {
                coefficients: coefficients.clone(),
            },
            (None, Some(points)) => Correction::Table {
                points: points.clone(),
                beyond: self.beyond.unwrap_or_default(),
            },
            (None, None) => Correction::Linear {
                slope: self.slope.unwrap_or(1.0),
                offset: self.offset.unwrap_or(0.0),
            },
        };
        let class = self.class.zip(self.class_range);
        Calibration {
            certificate: self.certificate.clone(),
            laboratory: self.laboratory.clone(),
            date: self.date.clone(),
            due: self.due.clone(),
            unit: self.unit,
            range: self.range,
            correction,
            coverage_factor: self.k.unwrap_or(2.0),
            u: self.u,
            u_reading_pct: self.u_reading_pct,
            u_range_pct: self.u_range_pct,
            class: class.map(|(pct, range)| AccuracyClass { pct, range }),
            resolution: self.resolution,
            pulses_per_l: self.pulses_per_l,
        }
    }
}

/// Whether a text is a date that exists.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else {
        return false;
    };
    let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
        return false;
    }
    let number = |part: &str| part.parse::<u32>().unwrap_or(0);
    let (year, day) = (number(year), number(day));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match number(month) {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// A register of calibrations: `[[calibration]]` tables of a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationRegister {
    /// The calibrations.
    pub calibration: Vec<CalibrationConfig>,
}

impl CalibrationRegister {
    /// Refuses a calibration that cannot be applied.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn check(calibration: &CalibrationConfig) -> Result<(), String> {
        calibration.check().map_err(|(_, why)| why)
    }

    /// Reads a file of calibrations.
    ///
    /// # Errors
    /// [`TextError`] with line and cause.
    pub fn parse(file: &str, text: &str) -> Result<Self, TextError> {
        let register: Self = toml_text::parse(file, text)?;
        for (n, calibration) in register.calibration.iter().enumerate() {
            let found = calibration.check();
            let twice = register
                .calibration
                .iter()
                .take(n)
                .any(|other| other.certificate == calibration.certificate);
            let found = found.and_then(|()| match twice {
                true => Err((
                    "certificate",
                    format!("certificate {:?} is there twice", calibration.certificate),
                )),
                false => Ok(()),
            });
            found.map_err(|(key, message)| {
                // The line of this calibration, where its number stands on one.
                let mut error = TextError::at_key(file, text, key, message);
                error.line = line_with(text, &calibration.certificate).or(error.line);
                error
            })?;
        }
        Ok(register)
    }
}

/// The line, from one, that holds `text` between quotation marks.
fn line_with(text: &str, quoted: &str) -> Option<usize> {
    let mark = format!("\"{quoted}\"");
    text.lines().position(|l| l.contains(&mark)).map(|n| n + 1)
}

/// Whether a channel enters a result: a valve's position does not, nor what only tells whether
/// the others can be believed.
#[must_use]
pub fn enters_results(role: Role) -> bool {
    !matches!(
        role,
        Role::ValvePosition
            | Role::DriveOutput
            | Role::MainsPresent
            | Role::Trip
            | Role::PowerFactor
            | Role::VoltageThd
            | Role::Vibration
            | Role::SoundLevel
            | Role::BearingTemperature
    )
}

impl Bench {
    /// Puts the calibrations of a register in the place of their numbers.
    ///
    /// # Errors
    /// [`TextError`] with the line of a number that the register does not hold. `file` and
    /// `text` are the bench's.
    pub fn resolve(
        &mut self,
        file: &str,
        text: &str,
        register: &[CalibrationConfig],
    ) -> Result<(), TextError> {
        let beside = self.shadow.iter_mut().flat_map(|s| &mut s.instrument);
        let wired = self.instrument.iter_mut().chain(beside);
        let wired = wired.map(|i| (&i.tag, &mut i.calibration));
        let entered = self.entered.iter_mut();
        let entered = entered.map(|e| (&e.tag, &mut e.calibration));
        for (tag, calibration) in wired.chain(entered) {
            for entry in &mut calibration.0 {
                let CalibrationEntry::Named(number) = entry else {
                    continue;
                };
                let found = register.iter().find(|c| c.certificate == *number);
                let Some(found) = found else {
                    let known = register.iter().map(|c| c.certificate.as_str());
                    let near = nearest(number, known)
                        .map(|near| format!("; did you mean {near:?}?"))
                        .unwrap_or_default();
                    let mut error = TextError::at_key(
                        file,
                        text,
                        "calibration",
                        format!(
                            "instrument {:?}: no calibration {number:?} in the register{near} Import the certificate (`dutypoint instruments calibrate`), or state it here",
                            tag
                        ),
                    );
                    error.line = line_with(text, number).or(error.line);
                    return Err(error);
                };
                *entry = CalibrationEntry::Here(Box::new(found.clone()));
            }
        }
        Ok(())
    }

    /// What bars a formal run on `day` (`YYYY-MM-DD`): every measuring channel without a
    /// calibration in force, with file, line, cause and cure. `file` and `text` are the bench's.
    #[must_use]
    pub fn uncalibrated(&self, file: &str, text: &str, day: &str) -> Vec<TextError> {
        let mut faults: Vec<TextError> = Vec::new();
        let wired = self.instrument.iter().flat_map(|i| {
            let channels = i.channel.iter().filter(|c| enters_results(c.role));
            channels.map(|c| (&i.tag, &c.name, i.calibration_of(c)))
        });
        let entered = self.entered.iter().filter(|e| enters_results(e.role));
        let entered = entered.map(|e| (&e.tag, &e.name, e.calibration_in_force()));
        for (tag, name, found) in wired.chain(entered) {
            let (mark, why) = match found {
                Err(why) => (tag, why),
                Ok(None) => (
                    tag,
                    format!(
                        "instrument {tag:?} has no calibration for channel {:?}: enter its certificate, or import it with `dutypoint instruments calibrate`",
                        name
                    ),
                ),
                Ok(Some(found)) if found.due.as_str() < day => (
                    &found.certificate,
                    format!(
                        "the calibration {:?} of instrument {tag:?} was due on {}, and today is {day}: have it calibrated and enter the new certificate",
                        found.certificate, found.due
                    ),
                ),
                Ok(Some(found)) if found.date.as_str() > day => (
                    &found.certificate,
                    format!(
                        "the calibration {:?} of instrument {tag:?} is of {}, and today is {day}: correct the date, or the clock",
                        found.certificate, found.date
                    ),
                ),
                Ok(Some(_)) => continue,
            };
            let line = line_with(text, mark).or_else(|| line_with(text, tag));
            let fault = TextError {
                file: file.to_owned(),
                line,
                message: format!("{why}. A formal run is barred until then"),
            };
            // Three voltages of one analyser are one fault.
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
        faults
    }
}

impl InstrumentConfig {
    /// The calibration that holds for a channel: of those that name it, or name none, the one
    /// whose range the channel is used in.
    ///
    /// # Errors
    /// What is ambiguous or unresolved, in words.
    pub fn calibration_of(
        &self,
        channel: &ChannelConfig,
    ) -> Result<Option<&CalibrationConfig>, String> {
        let (name, range) = (&channel.name, channel.range);
        in_force(&self.tag, &self.calibration, name, range, channel.unit)
    }
}

/// The calibration among `entries` of instrument `tag` that holds for its channel `name`, which
/// is used in `range`.
pub(super) fn in_force<'a>(
    tag: &str,
    entries: &'a CalibrationEntries,
    name: &str,
    range: [f64; 2],
    unit: Option<Unit>,
) -> Result<Option<&'a CalibrationConfig>, String> {
    let mut all = Vec::new();
    for entry in &entries.0 {
        match entry {
            CalibrationEntry::Here(config) => all.push(config.as_ref()),
            CalibrationEntry::Named(number) => {
                return Err(format!(
                    "instrument {:?}: the calibration {number:?} was not looked up in the register",
                    tag
                ));
            }
        }
    }
    let names = |c: &&CalibrationConfig| c.channels.iter().any(|c| c == name);
    let mut fit: Vec<_> = all.iter().copied().filter(names).collect();
    if fit.is_empty() {
        fit = all
            .iter()
            .copied()
            .filter(|c| c.channels.is_empty())
            .collect();
    }
    if fit.len() > 1 {
        let wide = |c: &&CalibrationConfig| {
            let of_channel = |value: f64| match (c.unit, unit) {
                (Some(own), Some(unit)) => own.from_internal(unit.to_internal(value)),
                _ => value,
            };
            let [low, high] = range;
            c.range
                .is_some_and(|[from, to]| from <= of_channel(low) && of_channel(high) <= to)
        };
        fit.retain(wide);
        // The narrowest that holds the whole range is the one made for it.
        let span = |c: &CalibrationConfig| c.range.map_or(f64::MAX, |[low, high]| high - low);
        let least = fit.iter().map(|c| span(c)).fold(f64::MAX, f64::min);
        fit.retain(|c| span(c) <= least);
    }
    match fit[..] {
        [one] => Ok(Some(one)),
        [] if all.is_empty() => Ok(None),
        [] => Err(format!(
            "instrument {:?}: none of its calibrations covers the range [{}, {}] of channel {:?}; state `range` or `channels` in each of them",
            tag, range[0], range[1], name
        )),
        _ => Err(format!(
            "instrument {:?}: several calibrations cover the range [{}, {}] of channel {:?}; name the channels of each in `channels`",
            tag, range[0], range[1], name
        )),
    }
}
