//! The pipes, heights and cable of a bench, and how well they are known.

use dutypoint_model::{Bilingual, Measure, Quantity};
use serde::Deserialize;

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
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
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

impl BenchUncertainty {
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
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
    pub(super) fn check_loss(&self) -> Result<(), (&'static str, String)> {
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
