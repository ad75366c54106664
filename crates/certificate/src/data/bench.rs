//! The bench and its instruments, as a certificate shows them.

use super::Bilingual;
use serde::{Deserialize, Serialize};

/// The installation, with the geometry that head is computed from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bench {
    /// Name of the bench.
    pub name: Bilingual,
    /// Bore where outlet pressure is tapped, mm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tap_bore_mm: Option<f64>,
    /// Height of the gauge above the water level, m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gauge_elevation_m: Option<f64>,
    /// Length of the riser between pump outlet and tap, m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub riser_length_m: Option<f64>,
    /// Bore of the riser, mm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub riser_bore_mm: Option<f64>,
    /// Roughness of the riser, mm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub riser_roughness_mm: Option<f64>,
    /// What lies between pump outlet and tap besides the riser, or what its loss was measured as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_loss: Option<Bilingual>,
    /// Cable between the power meter and the motor, and what was done about its loss.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cable: Option<Bilingual>,
    /// Local acceleration of free fall, m/s².
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gravity_m_s2: Option<f64>,
    /// Density of the water, kg/m³.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub water_density_kg_m3: Option<f64>,
    /// Temperature of the water, °C.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub water_temperature_c: Option<f64>,
}

/// A standard uncertainty (k = 1) with its unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandardUncertainty {
    /// Value in `unit`.
    pub value: f64,
    /// Unit; `%` when relative to the reading.
    pub unit: String,
}

/// One measuring instrument used for the test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// What it measures.
    pub channel: Bilingual,
    /// The laboratory's own number for it.
    pub tag: String,
    /// Maker's model.
    pub model: String,
    /// Measuring range, as printed on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    /// Its calibration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// Standard uncertainty of a reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_uncertainty: Option<StandardUncertainty>,
}

/// A calibration certificate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Certificate number.
    pub certificate_no: String,
    /// Laboratory that calibrated.
    pub laboratory: String,
    /// Date of calibration, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Date it is due again, taken from the certificate and not computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
}
