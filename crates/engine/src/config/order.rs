//! An order: who asked for what on which specimen, and how it is judged.

use super::EnergyConfig;
use dutypoint_hydraulics::pack::{DegreeCriterion, EfficiencyFrom, SmallPowerVariable, Weights};
use dutypoint_model::toml_text::{self, TextError};
use dutypoint_model::{Bilingual, Measure, Quantity};
use serde::Deserialize;

/// An order file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Order number.
    pub number: String,
    /// Who ordered.
    pub customer: Party,
    /// Who made the specimen.
    pub manufacturer: Party,
    /// The pump under test.
    pub specimen: Specimen,
    /// What was guaranteed.
    pub guarantee: GuaranteeConfig,
    /// How the unit efficiency is graded; without it no energy grade is judged.
    #[serde(default)]
    pub energy: Option<EnergyConfig>,
    /// The flows to test at; absent for imports.
    #[serde(default)]
    pub programme: Option<ProgrammeConfig>,
    /// A fit that departs from the pack's rule, agreed before the test.
    #[serde(default)]
    pub fit: Option<FitChoice>,
    /// Whether points are translated to another frequency or speed; without it they are not.
    #[serde(default)]
    pub translation: Option<TranslationConfig>,
    /// How a test recorded elsewhere is to be read.
    #[serde(default)]
    pub import: Option<ImportMethod>,
}

/// A person or company.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Name.
    pub name: Bilingual,
    /// Address.
    #[serde(default)]
    pub address: Bilingual,
}

/// The pump under test.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Specimen {
    /// Kind of product.
    pub product: Bilingual,
    /// How it is started.
    #[serde(default)]
    pub kind: PumpKind,
    /// Model as on the nameplate.
    pub model: String,
    /// Serial number.
    pub serial: String,
    /// Number of the sample in the laboratory.
    #[serde(default)]
    pub sample: String,
    /// Date it arrived, `YYYY-MM-DD`.
    #[serde(default)]
    pub received: String,
    /// Stages.
    #[serde(default)]
    pub stages: Option<u32>,
    /// Rated motor power.
    #[serde(default)]
    pub motor_power: Option<Measure>,
    /// Rated voltage.
    #[serde(default)]
    pub voltage: Option<Measure>,
    /// Rated frequency.
    #[serde(default)]
    pub frequency: Option<Measure>,
    /// Phases.
    #[serde(default)]
    pub phases: Option<u32>,
    /// Pole pairs of the motor.
    #[serde(default)]
    pub pole_pairs: Option<u32>,
    /// Rated speed.
    #[serde(default)]
    pub speed: Option<Measure>,
}

/// What was guaranteed and by which rules it is judged.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuaranteeConfig {
    /// Id of the judging pack.
    pub pack: String,
    /// Acceptance grade of that pack, where it has grades.
    #[serde(default)]
    pub grade: Option<String>,
    /// Ids of further packs the test follows.
    #[serde(default)]
    pub method: Vec<String>,
    /// The rule for small pumps of the judging pack in place of a grade, with the power it
    /// goes by.
    #[serde(default)]
    pub small_power: Option<SmallPowerConfig>,
    /// Guaranteed flow.
    pub flow: Measure,
    /// Guaranteed head.
    pub head: Measure,
    /// Guaranteed efficiency of pump and motor together.
    #[serde(default)]
    pub unit_efficiency: Option<Measure>,
    /// Guaranteed efficiency of the pump.
    #[serde(default)]
    pub pump_efficiency: Option<Measure>,
    /// Guaranteed or rated power (shaft, or motor input for a unit).
    #[serde(default)]
    pub power: Option<Measure>,
    /// Guaranteed head at shut-off.
    #[serde(default)]
    pub shutoff_head: Option<Measure>,
    /// Where the guaranteed numbers come from, printed beside them.
    #[serde(default)]
    pub declared_by: Bilingual,
}

/// The rule for small pumps, agreed before the test.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmallPowerConfig {
    /// Which power the rule goes by; must be the one the pack's rule knows.
    pub variable: SmallPowerVariable,
    /// That power.
    pub power: Measure,
    /// Class 1, 2 or 3 whose fluctuation and uncertainty limits hold.
    pub measurement_class: u8,
    /// Who stated the power, printed.
    pub source: Bilingual,
}

/// Whether points are translated, chosen before the test.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TranslationConfig {
    /// To what.
    pub to: TranslateTo,
    /// The specified speed, for `speed` alone.
    #[serde(default)]
    pub specified: Option<Measure>,
}

/// To what points are translated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TranslateTo {
    /// They stay as measured.
    #[default]
    None,
    /// The rated frequency of the specimen.
    Frequency,
    /// The specified speed.
    Speed,
}

/// How a pump's power goes with its flow, which decides how it is started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PumpKind {
    /// Least power at shut-off: tested from there.
    #[default]
    Centrifugal,
    /// Mixed flow: most power near shut-off.
    Mixed,
    /// Axial flow: most power at shut-off.
    Axial,
}

impl PumpKind {
    /// Whether the pump starts against the open valve and is not run to shut-off.
    #[must_use]
    pub fn starts_open(self) -> bool {
        matches!(self, Self::Mixed | Self::Axial)
    }
}

/// The flows to test at.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeConfig {
    /// Name of the programme.
    pub name: Bilingual,
    /// Which rule for the number of points holds.
    #[serde(default)]
    pub kind: TestKind,
    /// Flows as shares of the guaranteed flow, in the order they are run.
    pub flows: Vec<f64>,
}

/// What a programme is run for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestKind {
    /// The guarantee alone.
    #[default]
    Acceptance,
    /// The whole characteristic of a type, with its own least number of points.
    TypeTest,
}

/// A fit that departs from the pack's rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitChoice {
    /// Polynomials, or monotone splines where the pack admits them.
    #[serde(default)]
    pub curve: CurveKind,
    /// What chooses the degrees; without it the order names them.
    #[serde(default)]
    pub chosen_by: Option<DegreeCriterion>,
    /// Lowest and highest degree it may choose; without them those of the pack.
    #[serde(default)]
    pub degrees: Option<[usize; 2]>,
    /// Degree of H(Q).
    #[serde(default)]
    pub head_degree: Option<usize>,
    /// Degree of P(Q).
    #[serde(default)]
    pub power_degree: Option<usize>,
    /// Degree of η(Q) when it is fitted by itself; else η comes from the fitted H and P.
    #[serde(default)]
    pub efficiency_degree: Option<usize>,
    /// What η(Q) is made of where no degrees are named; without it what the pack says.
    #[serde(default)]
    pub efficiency: Option<EfficiencyFrom>,
    /// How the points weigh in the sum of squares; without it as the pack says.
    #[serde(default)]
    pub weighting: Option<Weights>,
    /// Who agreed to it and why.
    pub reason: Bilingual,
}

/// What the curves of a run are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CurveKind {
    /// Least squares.
    #[default]
    Polynomial,
    /// Monotone interpolation through every point.
    MonotoneSpline,
}

/// How a test recorded elsewhere is to be read.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportMethod {
    /// Who ran the test.
    pub tested_by: Bilingual,
    /// Where the table comes from.
    pub source: String,
    /// Gravity used, m/s².
    pub gravity_m_s2: f64,
    /// Density of the liquid in the test, kg/m³.
    pub test_density_kg_m3: f64,
    /// Density power is stated for, kg/m³; power is scaled by the ratio.
    #[serde(default)]
    pub service_density_kg_m3: Option<f64>,
    /// Bore at the inlet tap.
    pub inlet_bore: Measure,
    /// Bore at the outlet tap.
    pub outlet_bore: Measure,
    /// Height of the outlet gauge above the inlet gauge.
    pub gauge_height_difference: Measure,
    /// How the readings were taken to be meant, printed in the report.
    pub reading_rule: Bilingual,
    /// Columns of the table: header text and role. Without any, the columns are found by
    /// the names in [`crate::import::NAMES`].
    #[serde(default)]
    pub column: Vec<ImportColumnConfig>,
}

/// A column of an imported table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportColumnConfig {
    /// Header text; the unit stands in brackets behind the name: `Q [m3/h]`.
    pub header: String,
    /// What it holds.
    pub role: dutypoint_model::document::Role,
}

impl Order {
    /// Reads an order file.
    ///
    /// # Errors
    /// [`TextError`] with line and cause.
    pub fn parse(file: &str, text: &str) -> Result<Self, TextError> {
        if let Some(refusal) = super::draft::refusal(file, text) {
            return Err(refusal);
        }
        let order: Self = toml_text::parse(file, text)?;
        order
            .check()
            .map_err(|(key, message)| TextError::at_key(file, text, key, message))?;
        if let Some(energy) = &order.energy {
            energy.check().map_err(|(key, message)| {
                TextError::at_key_of(file, text, "energy", key, message)
            })?;
        }
        Ok(order)
    }

    fn check(&self) -> Result<(), (&'static str, String)> {
        let g = &self.guarantee;
        positive("flow", &g.flow, Quantity::Flow)?;
        positive("head", &g.head, Quantity::Length)?;
        for (key, efficiency) in [
            ("unit_efficiency", &g.unit_efficiency),
            ("pump_efficiency", &g.pump_efficiency),
        ] {
            if let Some(measure) = efficiency {
                let value = measure.internal(Quantity::Ratio).map_err(|m| (key, m))?;
                if !(value > 0.0 && value < 1.0) {
                    return Err((key, format!("\"{measure}\" is outside 0 … 100 %")));
                }
            }
        }
        if let Some(power) = &g.power {
            positive("power", power, Quantity::Power)?;
        }
        if let Some(head) = &g.shutoff_head {
            positive("shutoff_head", head, Quantity::Length)?;
        }
        if let Some(small) = &g.small_power {
            positive("small_power", &small.power, Quantity::Power)?;
            if !(1..=3).contains(&small.measurement_class) {
                return Err((
                    "small_power",
                    format!(
                        "measurement_class {} is not 1, 2 or 3",
                        small.measurement_class
                    ),
                ));
            }
            if g.grade.is_some() {
                return Err((
                    "small_power",
                    "the rule for small pumps takes the place of `grade`; leave one of them out"
                        .into(),
                ));
            }
        }
        let s = &self.specimen;
        for (key, measure, quantity) in [
            ("motor_power", &s.motor_power, Quantity::Power),
            ("voltage", &s.voltage, Quantity::Voltage),
            ("frequency", &s.frequency, Quantity::Frequency),
            ("speed", &s.speed, Quantity::Speed),
        ] {
            if let Some(measure) = measure {
                positive(key, measure, quantity)?;
            }
        }
        for (key, count) in [("stages", s.stages), ("pole_pairs", s.pole_pairs)] {
            if count == Some(0) {
                return Err((key, "0 is not possible; expected at least 1".into()));
            }
        }
        if let Some(programme) = &self.programme {
            if programme.flows.is_empty() {
                return Err(("flows", "the programme has no points".into()));
            }
            if let Some(bad) = programme.flows.iter().find(|f| !(0.0..=2.0).contains(*f)) {
                return Err((
                    "flows",
                    format!("{bad} is outside 0 … 2 times the guaranteed flow"),
                ));
            }
        }
        if let Some(translation) = &self.translation {
            match (translation.to, &translation.specified) {
                (TranslateTo::Speed, Some(speed)) => {
                    positive("specified", speed, Quantity::Speed)?;
                }
                (TranslateTo::Speed, None) => {
                    return Err(("to", "to a speed: add `specified = \"… r/min\"`".into()));
                }
                (_, Some(_)) => {
                    return Err((
                        "specified",
                        "only a translation to a speed has one; leave it out, or write `to = \"speed\"`"
                            .into(),
                    ));
                }
                (_, None) => {}
            }
        }
        self.check_start()?;
        if let Some(import) = &self.import {
            positive("inlet_bore", &import.inlet_bore, Quantity::Length)?;
            positive("outlet_bore", &import.outlet_bore, Quantity::Length)?;
            import
                .gauge_height_difference
                .internal(Quantity::Length)
                .map_err(|m| ("gauge_height_difference", m))?;
            for (key, value, low, high) in [
                ("gravity_m_s2", import.gravity_m_s2, 9.7, 9.9),
                (
                    "test_density_kg_m3",
                    import.test_density_kg_m3,
                    300.0,
                    2000.0,
                ),
                (
                    "service_density_kg_m3",
                    import.service_density_kg_m3.unwrap_or(1000.0),
                    300.0,
                    2000.0,
                ),
            ] {
                if !(low..=high).contains(&value) {
                    return Err((key, format!("{value} is outside {low} … {high}")));
                }
            }
        }
        Ok(())
    }

    /// A pump that starts open is not run to shut-off.
    fn check_start(&self) -> Result<(), (&'static str, String)> {
        if !self.specimen.kind.starts_open() {
            return Ok(());
        }
        if self.guarantee.shutoff_head.is_some() {
            return Err((
                "shutoff_head",
                "a mixed-flow or axial pump is not run to shut-off, so no head is guaranteed there"
                    .into(),
            ));
        }
        let flows = self.programme.as_ref().map_or(&[][..], |p| &p.flows);
        if flows.contains(&0.0) {
            return Err((
                "flows",
                "a mixed-flow or axial pump takes its most power at shut-off and is not run there: take 0.0 out".into(),
            ));
        }
        if flows
            .first()
            .is_some_and(|first| flows.iter().any(|f| f > first))
        {
            return Err((
                "flows",
                "a mixed-flow or axial pump starts against the open valve: write the largest flow first".into(),
            ));
        }
        Ok(())
    }
}

fn positive(
    key: &'static str,
    measure: &Measure,
    quantity: Quantity,
) -> Result<f64, (&'static str, String)> {
    let value = measure.internal(quantity).map_err(|m| (key, m))?;
    if value > 0.0 {
        Ok(value)
    } else {
        Err((key, format!("\"{measure}\" must be above zero")))
    }
}
