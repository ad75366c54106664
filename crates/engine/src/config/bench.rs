//! A bench: its site, geometry, lines, instruments and actuators.

use super::calibration::{CalibrationEntries, CalibrationEntry};
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
    /// Communication lines.
    pub line: Vec<LineConfig>,
    /// Instruments.
    pub instrument: Vec<InstrumentConfig>,
    /// Actuators.
    #[serde(default)]
    pub actuator: Vec<ActuatorConfig>,
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

/// Pipes and heights of a bench for submerged pumps. Elevations count from the bench
/// datum, upwards.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Geometry {
    /// Bore of the measuring section at the outlet tap.
    pub tap_bore: Measure,
    /// Elevation of the outlet pressure transmitter (impulse line full of water).
    pub gauge_elevation: Measure,
    /// Elevation of the level sensor; its reading is the water above it.
    pub level_sensor_elevation: Measure,
    /// Straight length of pipe between pump outlet and tap.
    pub riser_length: Measure,
    /// Bore of that pipe.
    pub riser_bore: Measure,
    /// Wall roughness of that pipe.
    pub riser_roughness: Measure,
    /// Expanded uncertainty (k = 2) of that pipe's friction, percent of it.
    pub friction_u_pct: f64,
    /// Elbows and valves between pump outlet and tap.
    #[serde(default)]
    pub fitting: Vec<FittingConfig>,
    /// The whole loss between pump outlet and tap where it was measured; then it is not
    /// computed from pipe and fittings.
    #[serde(default)]
    pub measured_loss: Option<MeasuredLossConfig>,
}

/// An elbow or a valve between pump outlet and tap.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FittingConfig {
    /// What it is, printed.
    pub name: Bilingual,
    /// Loss coefficient ζ, referred to the riser's bore.
    pub zeta: f64,
    /// Expanded uncertainty (k = 2) of ζ, percent of it.
    pub u_pct: f64,
}

/// A loss between pump outlet and tap that was measured, and goes with the square of the flow.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredLossConfig {
    /// Flow it was measured at.
    pub flow: Measure,
    /// The loss there.
    pub head: Measure,
    /// Expanded uncertainty (k = 2), percent of it.
    pub u_pct: f64,
}

/// The part of the motor cable beyond the guarantee boundary (5 m of lead).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CableConfig {
    /// Length beyond the boundary.
    pub length: Measure,
    /// Cross-section of a core, mm².
    pub section_mm2: f64,
    /// What the cores are made of.
    pub material: Material,
    /// Number of cores, those without current included; printed.
    pub cores: u32,
    /// Resistivity at 20 °C, Ω·mm²/m; this or `core_resistance_ohm`.
    #[serde(default)]
    pub resistivity_ohm_mm2_m: Option<f64>,
    /// Resistance of one core over `length`, measured, at 20 °C, Ω.
    #[serde(default)]
    pub core_resistance_ohm: Option<f64>,
    /// Temperature of the cable, °C.
    pub temperature_c: f64,
}

/// Expanded uncertainties (k = 2) of what the bench file states. What is absent is told as
/// unstated in every budget.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenchUncertainty {
    /// Of the height of the gauge above the level sensor.
    #[serde(default)]
    pub elevation: Option<Measure>,
    /// Of the bore at the tap.
    #[serde(default)]
    pub tap_bore: Option<Measure>,
    /// Of the local gravity, m/s².
    #[serde(default)]
    pub gravity_m_s2: Option<f64>,
    /// Of the loss in the cable, percent of it.
    #[serde(default)]
    pub cable_loss_pct: Option<f64>,
}

/// What the cores of a cable are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Material {
    /// Copper.
    Copper,
    /// Aluminium.
    Aluminium,
}

impl CableConfig {
    fn check(&self) -> Result<(), (&'static str, String)> {
        let length = self.length.internal(Quantity::Length);
        if length.map_err(|m| ("length", m))? < 0.0 {
            return Err(("length", format!("\"{}\" is below zero", self.length)));
        }
        if !(self.section_mm2 > 0.0 && self.section_mm2.is_finite()) {
            return Err((
                "section_mm2",
                format!("{} must be above zero", self.section_mm2),
            ));
        }
        if self.cores < 2 {
            return Err((
                "cores",
                format!("{} is no cable: at least 2 cores", self.cores),
            ));
        }
        if !(-40.0..=120.0).contains(&self.temperature_c) {
            return Err((
                "temperature_c",
                format!("{} is outside -40 … 120 °C", self.temperature_c),
            ));
        }
        match (self.resistivity_ohm_mm2_m, self.core_resistance_ohm) {
            (Some(number), None) | (None, Some(number)) if number >= 0.0 && number.is_finite() => {
                Ok(())
            }
            (Some(number), None) | (None, Some(number)) => Err((
                "temperature_c",
                format!("the resistance {number} must not be below zero"),
            )),
            _ => Err((
                "section_mm2",
                "the cable needs one of `resistivity_ohm_mm2_m` and `core_resistance_ohm`".into(),
            )),
        }
    }
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
        }
    }
}

/// A communication line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineConfig {
    /// Name.
    pub name: String,
    /// What it is made of.
    pub endpoint: Endpoint,
    /// Wait for an answer, wall milliseconds.
    #[serde(default = "default_timeout_ms")]
    pub timeout_ms: u64,
    /// Silence after a timeout before the line is trusted again, wall milliseconds; at
    /// least the turnaround of the slowest device.
    #[serde(default = "default_quarantine_ms")]
    pub quarantine_ms: u64,
    /// How often a read that failed is asked again before its next turn.
    #[serde(default = "default_retries")]
    pub retries: u8,
    /// Rest between an answer and the next request, wall milliseconds, beyond what the
    /// protocol asks; for gateways and converters that need it.
    #[serde(default)]
    pub pause_ms: u64,
    /// Silence between frames of an RTU line in microseconds, where it is not that of the
    /// baud rate: 0 where the converter keeps it by itself.
    #[serde(default)]
    pub frame_gap_us: Option<u64>,
    /// The adapter gives back every byte that is sent (two-wire adapters without echo
    /// suppression).
    #[serde(default)]
    pub echo: bool,
}

impl LineConfig {
    /// A line with the usual times.
    #[must_use]
    pub fn new(name: impl Into<String>, endpoint: Endpoint) -> Self {
        Self {
            name: name.into(),
            endpoint,
            timeout_ms: default_timeout_ms(),
            quarantine_ms: default_quarantine_ms(),
            retries: default_retries(),
            pause_ms: 0,
            frame_gap_us: None,
            echo: false,
        }
    }
}

fn default_retries() -> u8 {
    1
}

fn default_timeout_ms() -> u64 {
    300
}

fn default_quarantine_ms() -> u64 {
    200
}

/// What a line is made of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Endpoint {
    /// Modbus RTU on a serial port.
    Rtu {
        /// Device path.
        port: String,
        /// Bits per second.
        baud: u32,
        /// Parity.
        #[serde(default)]
        parity: Parity,
        /// Stop bits, 1 or 2.
        #[serde(default = "single")]
        stop_bits: u8,
    },
    /// Modbus RTU frames over TCP, as a transparent serial server carries them.
    #[serde(rename = "rtu_tcp")]
    RtuTcp {
        /// `host:port`.
        address: String,
    },
    /// Modbus TCP, to an instrument or to a gateway with many units behind it.
    Tcp {
        /// `host:port`.
        address: String,
        /// How many connections share the units; each has one request in flight.
        #[serde(default = "single")]
        connections: u8,
    },
}

fn single() -> u8 {
    1
}

/// Parity of a serial line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parity {
    /// No parity.
    #[default]
    None,
    /// Even parity.
    Even,
    /// Odd parity.
    Odd,
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
    /// Modbus unit identifier.
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
    /// Register of the profile.
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
}

/// An actuator on a line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActuatorConfig {
    /// Name; the programme drives `outlet_valve`.
    pub name: String,
    /// Tag of the instrument entry it belongs to.
    pub instrument: String,
    /// Register of the profile that takes the demand.
    pub register: String,
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

    fn check(&self) -> Result<(), (&'static str, String)> {
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
        unique("name", self.line.iter().map(|l| l.name.as_str()))?;
        unique("tag", self.instrument.iter().map(|i| i.tag.as_str()))?;
        unique(
            "name",
            self.instrument
                .iter()
                .flat_map(|i| i.channel.iter().map(|c| c.name.as_str())),
        )?;
        for (n, line) in self.line.iter().enumerate() {
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
        for actuator in &self.actuator {
            if !self.instrument.iter().any(|i| i.tag == actuator.instrument) {
                return Err((
                    "instrument",
                    format!(
                        "actuator {:?} belongs to instrument {:?}, which is not declared",
                        actuator.name, actuator.instrument
                    ),
                ));
            }
        }
        Ok(())
    }
}

impl BenchUncertainty {
    fn check(&self) -> Result<(), (&'static str, String)> {
        for (key, measure) in [("elevation", self.elevation), ("tap_bore", self.tap_bore)] {
            let Some(measure) = measure else { continue };
            let value = measure.internal(Quantity::Length).map_err(|m| (key, m))?;
            if !(0.0..=1.0).contains(&value) {
                return Err((key, format!("\"{measure}\" is outside 0 … 1 m")));
            }
        }
        for (key, value, most) in [
            ("gravity_m_s2", self.gravity_m_s2, 0.1),
            ("cable_loss_pct", self.cable_loss_pct, 100.0),
        ] {
            if let Some(value) = value.filter(|v| !(0.0..=most).contains(v)) {
                return Err((key, format!("{value} is outside 0 … {most}")));
            }
        }
        Ok(())
    }
}

impl Geometry {
    fn check_loss(&self) -> Result<(), (&'static str, String)> {
        let percent = |key, value: f64, of: &str| {
            if (0.0..=100.0).contains(&value) {
                Ok(())
            } else {
                Err((key, format!("{value} is outside 0 … 100 % of {of}")))
            }
        };
        percent("friction_u_pct", self.friction_u_pct, "the friction")?;
        for fitting in &self.fitting {
            let name = &fitting.name.en;
            if !(0.0..=1000.0).contains(&fitting.zeta) {
                return Err((
                    "zeta",
                    format!("{name:?}: {} is outside 0 … 1000", fitting.zeta),
                ));
            }
            percent("u_pct", fitting.u_pct, name)?;
        }
        if let Some(measured) = &self.measured_loss {
            let flow = measured.flow.internal(Quantity::Flow);
            if flow.map_err(|m| ("flow", m))? <= 0.0 {
                return Err(("flow", format!("\"{}\" must be above zero", measured.flow)));
            }
            let head = measured.head.internal(Quantity::Length);
            if head.map_err(|m| ("head", m))? < 0.0 {
                return Err(("head", format!("\"{}\" is below zero", measured.head)));
            }
            percent("u_pct", measured.u_pct, "the measured loss")?;
        }
        Ok(())
    }
}

impl Endpoint {
    /// Address that stands for "whatever port the simulator opened".
    pub const SIMULATED: &'static str = "simulated";

    /// A serial port with 8 data bits, no parity and 1 stop bit.
    #[must_use]
    pub fn rtu(port: impl Into<String>, baud: u32) -> Self {
        Self::Rtu {
            port: port.into(),
            baud,
            parity: Parity::None,
            stop_bits: 1,
        }
    }

    /// One connection to `host:port`.
    #[must_use]
    pub fn tcp(address: impl Into<String>) -> Self {
        Self::Tcp {
            address: address.into(),
            connections: 1,
        }
    }

    /// What only one line may own: the port's path, or host and port.
    #[must_use]
    pub fn port(&self) -> &str {
        match self {
            Self::Rtu { port, .. } => port,
            Self::Tcp { address, .. } | Self::RtuTcp { address } => address,
        }
    }

    /// Whether the simulator supplies the port.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.port() == Self::SIMULATED
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
