//! Actuators of a bench: off unless turned on, and then within limits that stand in the file.

use super::{Bench, PumpKind};
use dutypoint_model::document::Role;
use dutypoint_model::toml_text::{self, TextError};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Longest period of a channel that holds the run: it must do so within a second.
const MOST_HOLD_PERIOD_MS: u32 = 500;

/// An actuator on a line.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActuatorConfig {
    /// Name; the programme drives `outlet_valve`.
    pub name: String,
    /// Tag of the instrument entry it belongs to.
    pub instrument: String,
    /// Register of the profile that takes the demand.
    pub register: String,
    /// Whether it is driven at all. What follows is then needed, but for `safe` and `speed`.
    #[serde(default)]
    pub enabled: bool,
    /// Modbus function that writes the register: 6, 16 or 23.
    #[serde(default = "write_single")]
    pub function: u8,
    /// Smallest and largest demand, in the register's unit.
    #[serde(default)]
    pub range: Option<[f64; 2]>,
    /// Largest change of the demand in a second, in that unit.
    #[serde(default)]
    pub rate_per_s: Option<f64>,
    /// Seconds after which it is disarmed, whoever armed it.
    #[serde(default)]
    pub armed_for_s: Option<f64>,
    /// What shows where it is.
    #[serde(default)]
    pub read_back: Option<ReadBackConfig>,
    /// Whether a greater demand makes a motor turn faster; one of a frequency converter does.
    #[serde(default)]
    pub speed: bool,
    /// Safe state for each type of pump that has one, in the register's unit; only ever ordered
    /// by a person. Where there is none it stays in place.
    #[serde(default)]
    pub safe: BTreeMap<PumpKind, f64>,
}

fn write_single() -> u8 {
    6
}

/// What shows where an actuator is.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadBackConfig {
    /// Channel of the bench.
    pub channel: String,
    /// How far it may be from the demand, in the register's unit.
    pub tolerance: f64,
    /// Seconds behind the last write until it must agree; as long without a value, contact is
    /// lost.
    pub within_s: f64,
}

/// How the bench sees that the pump stands still.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PumpStopConfig {
    /// Channel of its speed or power.
    pub channel: String,
    /// What it shows less than while the pump stands still, in the channel's role's internal
    /// unit: W of a power, r/min of a speed.
    pub below: f64,
    /// Time a column of water may turn the pump backwards behind a stop, seconds.
    pub back_spin_s: f64,
}

/// The entry, or the key of it, that is wrong, and why.
type Wrong<'a> = (Option<&'a str>, &'static str, String);

impl Bench {
    /// Refuses what no actuator may be, each with its line. `file` and `text` are the bench's.
    ///
    /// # Errors
    /// [`TextError`] with line, cause and cure.
    pub(super) fn check_actuators(&self, file: &str, text: &str) -> Result<(), TextError> {
        for actuator in &self.actuator {
            self.check_actuator(actuator)
                .map_err(|(key, why)| actuator_error(file, text, &actuator.name, key, &why))?;
        }
        self.check_stop()
            .and_then(|()| self.check_holds())
            .map_err(|(table, key, why)| match table {
                Some(table) => TextError::at_key_of(file, text, table, key, why),
                None => TextError::at_key(file, text, key, why),
            })
    }

    fn check_actuator(&self, a: &ActuatorConfig) -> Result<(), (&'static str, String)> {
        if self.actuator.iter().filter(|b| b.name == a.name).count() > 1 {
            return Err((
                "name",
                "declared twice; an actuator has a name of its own".into(),
            ));
        }
        if !self.instrument.iter().any(|i| i.tag == a.instrument) {
            let tags = self.instrument.iter().map(|i| i.tag.as_str());
            let near = toml_text::nearest(&a.instrument, tags)
                .map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
            return Err((
                "instrument",
                format!(
                    "belongs to instrument {:?}, which is not declared{near}",
                    a.instrument
                ),
            ));
        }
        if !a.enabled {
            return Ok(());
        }
        if ![6, 16, 23].contains(&a.function) {
            return Err((
                "function",
                format!("{} writes no register; write 6, 16 or 23", a.function),
            ));
        }
        let missing = |key: &'static str, like: &str| {
            (
                key,
                format!("`{key}` is missing; an actuator that is enabled states it, like `{like}`"),
            )
        };
        let [low, high] = a
            .range
            .ok_or_else(|| missing("range", "range = [0.0, 100.0]"))?;
        // Not "at least": NaN is no end of a range either.
        if !(low < high && low.is_finite() && high.is_finite()) {
            return Err((
                "range",
                format!("[{low}, {high}] is empty; write the smaller end first"),
            ));
        }
        let above = |key, value: f64, what| {
            if value > 0.0 && value.is_finite() {
                return Ok(());
            }
            Err((key, format!("{value} is no {what}; write a number above 0")))
        };
        let rate = a
            .rate_per_s
            .ok_or_else(|| missing("rate_per_s", "rate_per_s = 5.0"))?;
        above("rate_per_s", rate, "rate")?;
        let time = a
            .armed_for_s
            .ok_or_else(|| missing("armed_for_s", "armed_for_s = 3600"))?;
        above("armed_for_s", time, "time")?;
        let read_back = a.read_back.as_ref().ok_or_else(|| {
            missing(
                "read_back",
                "read_back = { channel = \"valve_position\", tolerance = 1.0, within_s = 20.0 }",
            )
        })?;
        above("read_back", read_back.tolerance, "tolerance")?;
        above("read_back", read_back.within_s, "time")?;
        let mut channels = self.instrument.iter().flat_map(|i| &i.channel);
        match channels.find(|c| c.name == read_back.channel) {
            None => {
                return Err((
                    "read_back",
                    format!(
                        "channel {:?} is not declared; add it to the instrument that shows the position",
                        read_back.channel
                    ),
                ));
            }
            Some(c) if !matches!(c.role, Role::ValvePosition | Role::DriveOutput) => {
                return Err((
                    "read_back",
                    format!(
                        "channel {:?} shows no actuator; its role must be valve_position or drive_output",
                        c.name
                    ),
                ));
            }
            Some(_) => {}
        }
        match a.safe.values().find(|v| !(low..=high).contains(*v)) {
            Some(safe) => Err((
                "safe",
                format!("{safe} is outside the range {low} … {high}"),
            )),
            None => Ok(()),
        }
    }

    fn check_stop(&self) -> Result<(), Wrong<'static>> {
        const TABLE: &str = "pump_stop";
        let Some(stop) = &self.pump_stop else {
            return match self.actuator.iter().find(|a| a.enabled && a.speed) {
                Some(a) => Err((
                    None,
                    "speed",
                    format!(
                        "actuator {:?} makes a motor turn faster; add [pump_stop] with channel, below and back_spin_s, by which a standing pump is known",
                        a.name
                    ),
                )),
                None => Ok(()),
            };
        };
        let mut channels = self.instrument.iter().flat_map(|i| &i.channel);
        let shows = |role| {
            matches!(
                role,
                Role::Speed | Role::InputPower | Role::ShaftPower | Role::Current
            )
        };
        if !channels.any(|c| c.name == stop.channel && shows(c.role)) {
            return Err((
                Some(TABLE),
                "channel",
                format!(
                    "[pump_stop] channel {:?} is no channel of speed, power or current; name one of this bench",
                    stop.channel
                ),
            ));
        }
        if !(stop.below > 0.0 && stop.below.is_finite()) {
            let why = format!("[pump_stop] below = {}: write a number above 0", stop.below);
            return Err((Some(TABLE), "below", why));
        }
        if !(stop.back_spin_s >= 0.0 && stop.back_spin_s.is_finite()) {
            let why = format!(
                "[pump_stop] back_spin_s = {} is no time; write 0 where no column of water can turn a pump backwards",
                stop.back_spin_s
            );
            return Err((Some(TABLE), "back_spin_s", why));
        }
        Ok(())
    }

    /// What holds the run must be seen within a second.
    fn check_holds(&self) -> Result<(), Wrong<'static>> {
        for instrument in &self.instrument {
            let holds = |role| matches!(role, Role::MainsPresent | Role::Trip);
            let found = instrument.channel.iter().find(|c| holds(c.role));
            if let Some(channel) = found.filter(|_| instrument.period_ms > MOST_HOLD_PERIOD_MS) {
                return Err((
                    None,
                    "period_ms",
                    format!(
                        "instrument {:?} is asked every {} ms, but channel {:?} must hold the run within a second; write {MOST_HOLD_PERIOD_MS} or less",
                        instrument.tag, instrument.period_ms, channel.name
                    ),
                ));
            }
        }
        Ok(())
    }
}

/// An error about the actuator `name` of a bench file, at the line of `key` in its entry, else
/// at the entry's.
#[must_use]
pub fn actuator_error(file: &str, text: &str, name: &str, key: &str, why: &str) -> TextError {
    let head = |line: &str| line.trim_start().starts_with('[');
    let of_key = |line: &str, key: &str| {
        let rest = line.trim_start().strip_prefix(key);
        rest.and_then(|rest| rest.trim_start().strip_prefix('='))
            .map(|value| value.trim().to_owned())
    };
    let lines: Vec<&str> = text.lines().collect();
    let mut found = None;
    for (n, line) in lines.iter().enumerate() {
        if line.trim() != "[[actuator]]" {
            continue;
        }
        let body = lines.iter().enumerate().skip(n + 1);
        let entry: Vec<_> = body.take_while(|(_, line)| !head(line)).collect();
        let quoted = format!("{name:?}");
        if !entry
            .iter()
            .any(|(_, l)| of_key(l, "name").is_some_and(|v| v.starts_with(&quoted)))
        {
            continue;
        }
        let at = entry.iter().find(|(_, l)| of_key(l, key).is_some());
        // Of two with one name the second is the one too many.
        found = Some(at.map_or(n, |(at, _)| *at) + 1);
    }
    TextError {
        file: file.to_owned(),
        line: found,
        message: format!("actuator {name:?}: {why}"),
    }
}
