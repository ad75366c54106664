//! A bench: its site, geometry, lines, instruments and actuators.

use super::actuator::{ActuatorConfig, PumpStopConfig};
use super::beside::{LineLimits, ShadowConfig};
use super::calibration::{CalibrationEntries, CalibrationEntry};
use super::current_loop::LoopConfig;
use super::entered::EnteredConfig;
use super::geometry::{BenchUncertainty, CableConfig, Geometry};
use super::line::LineConfig;
use dutypoint_model::document::Role;
use dutypoint_model::toml_text::{self, TextError};
use dutypoint_model::{Bilingual, Measure, Quantity};
use serde::Deserialize;
use std::collections::BTreeSet;

/// A bench file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bench {
    /// Short id, also the station's name in documents.
    pub id: String,
    /// Name printed on certificates.
    pub name: Bilingual,
    /// Whether the bench is made of software; its runs are never certifiable.
    #[serde(default)]
    pub simulated: bool,
    /// The laboratory that runs the bench.
    pub laboratory: Laboratory,
    /// Where the bench stands.
    pub site: Site,
    /// Pipes and heights.
    pub geometry: Geometry,
    /// The part of the motor cable beyond the guarantee boundary.
    #[serde(default)]
    pub cable: Option<CableConfig>,
    /// How well the numbers of this file are known, where the laboratory states it.
    #[serde(default)]
    pub uncertainty: BenchUncertainty,
    /// How the programme drives the valve and how long it waits.
    #[serde(default)]
    pub tuning: Tuning,
    /// What a check of its lines may find at most.
    #[serde(default)]
    pub line_check: LineLimits,
    /// The system beside it that shows the same quantities.
    #[serde(default)]
    pub shadow: Option<ShadowConfig>,
    /// Communication lines.
    pub line: Vec<LineConfig>,
    /// Instruments.
    pub instrument: Vec<InstrumentConfig>,
    /// Dials whose readings people type in.
    #[serde(default)]
    pub entered: Vec<EnteredConfig>,
    /// Actuators.
    #[serde(default)]
    pub actuator: Vec<ActuatorConfig>,
    /// How it is seen that the pump stands still.
    #[serde(default)]
    pub pump_stop: Option<PumpStopConfig>,
}

/// The laboratory that runs the bench.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Laboratory {
    /// Name.
    pub name: Bilingual,
    /// Address.
    pub address: Bilingual,
}

/// Where the bench stands.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Latitude, degrees north.
    pub latitude_deg: f64,
    /// Altitude above sea level.
    pub altitude: Measure,
    /// Local gravity where it was measured, m/s²; else the standard's formula is used.
    #[serde(default)]
    pub measured_gravity_m_s2: Option<f64>,
}

/// How the programme drives the valve and how long it waits. Bench seconds.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tuning {
    /// How close to the target flow a point is taken, as a share of the rated flow.
    pub flow_tolerance: f64,
    /// Most valve moves per point before the point is taken where it is.
    pub moves: u32,
    /// Wait after a valve move before steadiness is looked at.
    pub settle_s: f64,
    /// Time the valve takes over its full stroke; a move takes its share of it.
    pub travel_s: f64,
    /// Sets of readings tried per point; one that is not steady is discarded whole.
    pub attempts: u32,
    /// Silence of one instrument after which it counts as a gap.
    pub gap_s: f64,
    /// Silence of a needed instrument at the start after which the run fails to start.
    pub start_timeout_s: f64,
    /// How long the run waits behind its last point for the zero to be checked.
    pub zero_timeout_s: f64,
    /// How long a set of readings waits, behind its window, for what people enter.
    pub entry_timeout_s: f64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            flow_tolerance: 0.02,
            moves: 6,
            settle_s: 10.0,
            travel_s: 0.0,
            attempts: 5,
            gap_s: 3.0,
            start_timeout_s: 10.0,
            zero_timeout_s: 900.0,
            entry_timeout_s: 900.0,
        }
    }
}

/// An instrument on a line.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstrumentConfig {
    /// Tag on the bench.
    pub tag: String,
    /// Id of its profile.
    pub profile: String,
    /// Line it is on.
    pub line: String,
    /// Modbus unit identifier, or address in messages; any number where it has none.
    pub unit_id: u8,
    /// Serial number.
    pub serial: String,
    /// Bench milliseconds between readings.
    pub period_ms: u32,
    /// Wait for its answer, wall milliseconds, where it is not the line's.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// Rest it needs after a request, wall milliseconds, where it is not the line's.
    #[serde(default)]
    pub pause_ms: Option<u64>,
    /// Whether it gives way where the line cannot serve all at once.
    #[serde(default)]
    pub priority: Priority,
    /// Calibrations; every channel that enters a result needs one in force.
    #[serde(default)]
    pub calibration: CalibrationEntries,
    /// Quantities taken from it.
    #[serde(default)]
    pub channel: Vec<ChannelConfig>,
}

/// How far a counter of pulses can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CounterConfig {
    /// Pulses a second that the meter never exceeds: faster is a counter that jumped.
    pub most_hz: f64,
    /// The count after which it is 0 again, where it is not that of the register's type.
    #[serde(default)]
    pub wraps_at: Option<u64>,
}

/// Which readings go first on a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Enters results.
    #[default]
    Test,
    /// Watches the bench: may be a period late.
    Monitor,
}

/// A quantity taken from an instrument.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelConfig {
    /// Unique name.
    pub name: String,
    /// What the engine uses it for.
    pub role: Role,
    /// Register of the profile, or value of its message.
    pub register: String,
    /// Which of the register's repetitions, counted from 1.
    #[serde(default)]
    pub index: Option<u16>,
    /// Measuring range, in `unit`.
    pub range: [f64; 2],
    /// Unit, where the profile leaves it to the device's set-up.
    #[serde(default)]
    pub unit: Option<dutypoint_model::Unit>,
    /// Word order, where it differs from the factory setting.
    #[serde(default)]
    pub order: Option<dutypoint_model::document::WordOrder>,
    /// Values at the ends of the count, where the profile's register is a raw count.
    #[serde(default)]
    pub span: Option<[f64; 2]>,
    /// Raw numbers at the ends of the count, where the profile does not know them.
    #[serde(default)]
    pub span_raw: Option<[f64; 2]>,
    /// That the register is the input of a current loop; `span` is then what the loop measures
    /// at its live zero and at full scale.
    #[serde(default)]
    pub current_loop: Option<LoopConfig>,
    /// That the register counts the pulses of a flow meter.
    #[serde(default)]
    pub pulse_counter: Option<CounterConfig>,
    /// That the register is the frequency of such pulses, Hz.
    #[serde(default)]
    pub pulse_frequency: bool,
    /// Code the profile's unit register must hold, where the unit is chosen in the device.
    #[serde(default)]
    pub unit_code: Option<u16>,
    /// Time constant of the transmitter's damping, seconds.
    #[serde(default)]
    pub damping_s: f64,
    /// Largest change of its zero over a run, in `unit`; with it the zero is taken before the
    /// programme and checked behind it.
    #[serde(default)]
    pub zero_drift_limit: Option<f64>,
    /// Largest standard deviation at rest that a line check lets pass, in `unit`.
    #[serde(default)]
    pub noise_sd: Option<f64>,
    /// Largest peak-to-peak at rest that a line check lets pass, in `unit`.
    #[serde(default)]
    pub noise_peak: Option<f64>,
}

impl Bench {
    /// Reads a bench file.
    ///
    /// # Errors
    /// [`TextError`] with line and cause.
    pub fn parse(file: &str, text: &str) -> Result<Self, TextError> {
        let bench: Self = toml_text::parse(file, text)?;
        bench
            .check()
            .map_err(|(key, message)| TextError::at_key(file, text, key, message))?;
        bench.check_actuators(file, text)?;
        Ok(bench)
    }

    /// Refuses a channel whose fluctuation is tested over `window_s` seconds and whose
    /// transmitter is damped for longer: what moves within the window would not show.
    ///
    /// # Errors
    /// The channel with both times, in words.
    pub fn check_damping(&self, window_s: f64) -> Result<(), String> {
        for instrument in &self.instrument {
            let damped = instrument
                .channel
                .iter()
                .find(|c| c.role.fluctuation_is_tested() && c.damping_s > window_s);
            if let Some(channel) = damped {
                return Err(format!(
                    "channel {:?} of {} is damped with a time constant of {} s, longer than the averaging window of {window_s} s: its fluctuation cannot be tested; set the transmitter faster",
                    channel.name, instrument.tag, channel.damping_s
                ));
            }
        }
        Ok(())
    }

    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        let geometry = &self.geometry;
        for (key, measure) in [
            ("tap_bore", geometry.tap_bore),
            ("riser_bore", geometry.riser_bore),
            ("riser_length", geometry.riser_length),
            ("riser_roughness", geometry.riser_roughness),
            ("gauge_elevation", geometry.gauge_elevation),
            ("level_sensor_elevation", geometry.level_sensor_elevation),
            ("altitude", self.site.altitude),
        ] {
            let value = measure.internal(Quantity::Length).map_err(|m| (key, m))?;
            if key.ends_with("_bore") && !(0.005..=5.0).contains(&value) {
                return Err((key, format!("\"{measure}\" is outside 5 mm … 5 m")));
            }
        }
        geometry.check_loss()?;
        if let Some(cable) = &self.cable {
            cable.check()?;
        }
        if !(-90.0..=90.0).contains(&self.site.latitude_deg) {
            return Err((
                "latitude_deg",
                format!("{} is outside −90 … 90 degrees", self.site.latitude_deg),
            ));
        }
        self.uncertainty.check()?;
        self.line_check.check()?;
        self.check_shadow()?;
        unique("name", self.line.iter().map(|l| l.name.as_str()))?;
        let tags = self.instrument.iter().map(|i| i.tag.as_str());
        unique(
            "tag",
            tags.chain(self.entered.iter().map(|e| e.tag.as_str())),
        )?;
        let wired = self.instrument.iter().flat_map(|i| &i.channel);
        let names = wired.map(|c| c.name.as_str());
        unique(
            "name",
            names.chain(self.entered.iter().map(|e| e.name.as_str())),
        )?;
        for entered in &self.entered {
            entered.check()?;
        }
        for (n, line) in self.line.iter().enumerate() {
            line.check()?;
            let shared = self.line.iter().skip(n + 1).find(|other| {
                other.endpoint.port() == line.endpoint.port() && !line.endpoint.is_simulated()
            });
            if let Some(other) = shared {
                return Err((
                    "endpoint",
                    format!("lines {:?} and {:?} share one port", line.name, other.name),
                ));
            }
        }
        for instrument in &self.instrument {
            if !self.line.iter().any(|l| l.name == instrument.line) {
                return Err((
                    "line",
                    format!(
                        "instrument {:?} is on line {:?}, which is not declared",
                        instrument.tag, instrument.line
                    ),
                ));
            }
            let damping = instrument.channel.iter().find(|c| {
                // Not "below": NaN is no time either.
                !(c.damping_s >= 0.0 && c.damping_s.is_finite())
            });
            if let Some(channel) = damping {
                return Err((
                    "damping_s",
                    format!(
                        "channel {:?}: {} is no time",
                        channel.name, channel.damping_s
                    ),
                ));
            }
            for channel in &instrument.channel {
                if let Some(of) = &channel.current_loop {
                    of.check(&channel.name)?;
                }
                for (key, limit) in [
                    ("noise_sd", channel.noise_sd),
                    ("noise_peak", channel.noise_peak),
                ] {
                    if let Some(limit) = limit.filter(|l| !(*l >= 0.0 && l.is_finite())) {
                        let name = &channel.name;
                        return Err((key, format!("channel {name:?}: {limit} is no limit")));
                    }
                }
                if let Some(limit) = channel
                    .zero_drift_limit
                    .filter(|l| !(*l > 0.0 && l.is_finite()))
                {
                    return Err((
                        "zero_drift_limit",
                        format!("channel {:?}: {limit} must be above zero", channel.name),
                    ));
                }
            }
            for entry in &instrument.calibration.0 {
                let CalibrationEntry::Here(calibration) = entry else {
                    continue;
                };
                calibration.check()?;
                let known = |name: &String| instrument.channel.iter().any(|c| c.name == *name);
                if let Some(name) = calibration.channels.iter().find(|name| !known(name)) {
                    return Err((
                        "calibration",
                        format!(
                            "instrument {:?} has no channel {name:?}, which its calibration {:?} is for",
                            instrument.tag, calibration.certificate
                        ),
                    ));
                }
            }
            if instrument.period_ms == 0 {
                return Err((
                    "period_ms",
                    format!("instrument {:?}: 0 is no period", instrument.tag),
                ));
            }
        }
        Ok(())
    }
}

fn unique<'a>(
    key: &'static str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), (&'static str, String)> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err((key, format!("{name:?} is declared twice")));
        }
    }
    Ok(())
}
