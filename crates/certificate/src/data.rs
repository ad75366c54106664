//! Everything a certificate shows, as plain data.
//!
//! Owns: the shape of [`CertificateData`]. Promises: it holds every number unrounded,
//! with its unit in the field's name, so the machine-readable twin and the paper come
//! from one value; it survives JSON both ways unchanged. Absent parts are `None` or
//! empty and leave no hole on the paper. Never does: rounding ([`crate::print`]),
//! layout ([`crate::layout`]), judging.

mod bench;
mod result;

pub use bench::{Bench, Calibration, Instrument, StandardUncertainty};
pub use dutypoint_model::{Bilingual, Verdict};
pub use result::{
    ConvertedRow, ConvertedTable, EnergyLabel, Finding, NeighbourFit, NotTested, PointRow,
    Reported, Signature, Signatures,
};

use crate::chart::Chart;
use serde::{Deserialize, Serialize};

/// What kind of document this is, which decides its title and what it may claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateKind {
    /// A report a laboratory answers for with signature and seal.
    Formal,
    /// A report about data that no physical pump produced; marked so on every page.
    Simulated,
    /// An evaluation of data another party measured; no seal, no conclusion.
    DataEvaluation,
}

/// A person in law: laboratory, customer, manufacturer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Full registered name.
    pub name: Bilingual,
    /// Postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Bilingual>,
    /// Telephone, e-mail, web: printed as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// The report this one takes the place of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replaces {
    /// Number of the report that is void from now on.
    pub number: String,
    /// What changed, and why.
    pub reason: Bilingual,
}

/// The order: what the customer asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Order number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Kind of test: entrusted, type, factory, witnessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Bilingual>,
    /// Who ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Party>,
    /// Who made the pump.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<Party>,
}

/// The pump under test.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Specimen {
    /// What it is: submersible pump, multistage pump.
    pub product: Bilingual,
    /// Model designation.
    pub model: String,
    /// Serial number of the maker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial_no: Option<String>,
    /// The laboratory's own number for the specimen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_no: Option<String>,
    /// Date it arrived, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<String>,
    /// Condition on arrival.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Bilingual>,
    /// What its plate says.
    #[serde(default)]
    pub plate: NamePlate,
}

/// Name-plate values, printed as given: the laboratory has not measured them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamePlate {
    /// Rated flow, m³/h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_m3h: Option<f64>,
    /// Rated head, m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_m: Option<f64>,
    /// Rated speed, r/min.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_rpm: Option<f64>,
    /// Rated motor power, kW.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motor_power_kw: Option<f64>,
    /// Rated voltage, V.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voltage_v: Option<f64>,
    /// Rated current, A.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_a: Option<f64>,
    /// Rated frequency, Hz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency_hz: Option<f64>,
    /// Number of phases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phases: Option<u32>,
    /// Number of stages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stages: Option<u32>,
    /// Bore of the outlet, mm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_bore_mm: Option<f64>,
}

/// The guarantee point, printed as given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guarantee {
    /// Guaranteed flow, m³/h.
    pub flow_m3h: f64,
    /// Guaranteed head, m.
    pub head_m: f64,
    /// Guaranteed efficiency of the whole unit, %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_efficiency_pct: Option<f64>,
    /// Guaranteed head at shut-off, m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shutoff_head_m: Option<f64>,
    /// Guaranteed highest input power, kW.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_power_kw: Option<f64>,
    /// Guaranteed power at the shaft, kW.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shaft_power_kw: Option<f64>,
    /// Acceptance grade, for example `2B`.
    pub grade: String,
    /// Where the grade comes from: contract, standard's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade_source: Option<Bilingual>,
}

/// One standard the test and its evaluation rest on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// Number of the standard, for example `GB/T 12785`.
    pub standard: String,
    /// Edition, for example `2014`.
    pub edition: String,
    /// Its title.
    pub title: Bilingual,
    /// Id and version of the rule pack that holds its numbers.
    pub pack: String,
    /// Whether the laboratory has checked the pack against its own copy of the text.
    pub countersigned: bool,
    /// What must be said about it, above all when it is not countersigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Bilingual>,
}

/// Where and when the test was made, and in what surroundings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Place of the test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Bilingual>,
    /// Begin, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begin: Option<String>,
    /// End, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// Air temperature, °C.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub air_temperature_c: Option<f64>,
    /// Relative humidity, %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub humidity_pct: Option<f64>,
    /// Atmospheric pressure, kPa.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub atmospheric_pressure_kpa: Option<f64>,
}

/// What ties the paper to its evidence. Digests are hexadecimal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digests {
    /// Digest of the data shown; its first digits stand in every page's foot, and the
    /// file identifier of the PDF is made from it. At least 32 digits.
    pub data: String,
    /// Last link of the run's chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain_head: Option<String>,
    /// The station's signed checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
}

/// The program that evaluated the data and made the document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Software {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// What tells two builds of one version apart.
    pub build: String,
}

/// Everything a certificate shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateData {
    /// What kind of document this is.
    pub kind: CertificateKind,
    /// Report number, never used twice.
    pub number: String,
    /// The report this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Replaces>,
    /// Time of issue, RFC 3339; also the creation date of the PDF.
    pub issued_at: String,
    /// Who issues the document.
    pub laboratory: Party,
    /// What was ordered, by whom.
    #[serde(default)]
    pub order: Order,
    /// The pump.
    pub specimen: Specimen,
    /// What is guaranteed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guarantee: Option<Guarantee>,
    /// Standards used.
    #[serde(default)]
    pub basis: Vec<Basis>,
    /// Place, time and surroundings.
    #[serde(default)]
    pub environment: Environment,
    /// The bench and how it measures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bench: Option<Bench>,
    /// Remarks on method: speed from slip, head terms, friction applied.
    #[serde(default)]
    pub method_notes: Vec<Bilingual>,
    /// Instruments with their calibration.
    #[serde(default)]
    pub instruments: Vec<Instrument>,
    /// Measured points.
    #[serde(default)]
    pub points: Vec<PointRow>,
    /// Points translated to the guarantee conditions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub converted: Option<ConvertedTable>,
    /// Curves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart: Option<Chart>,
    /// What was judged.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// The energy grade, where the order asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy: Option<EnergyLabel>,
    /// Quantities at the guaranteed flow without a limit.
    #[serde(default)]
    pub reported: Vec<Reported>,
    /// Items of the method that the run does not cover.
    #[serde(default)]
    pub not_tested: Vec<NotTested>,
    /// The laboratory's conclusion; never in a data evaluation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<Bilingual>,
    /// How the curves were fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit_statement: Option<Bilingual>,
    /// How verdicts follow from values and uncertainty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_rule: Option<Bilingual>,
    /// How uncertainty was evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty_statement: Option<Bilingual>,
    /// Why this is not a formal certificate; empty for a formal one.
    #[serde(default)]
    pub refusals: Vec<Bilingual>,
    /// Deviations from the method, overrides, exclusions: what, by whom, why.
    #[serde(default)]
    pub deviations: Vec<Bilingual>,
    /// Who tested, checked and approved.
    #[serde(default)]
    pub signatures: Signatures,
    /// Ties to the evidence.
    pub digests: Digests,
    /// Program used.
    pub software: Software,
    /// The program that recorded the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<Software>,
    /// Decimals of an efficiency in per cent: 1, or 2 in a data evaluation.
    #[serde(default = "one")]
    pub efficiency_decimals: u8,
}

fn one() -> u8 {
    1
}
