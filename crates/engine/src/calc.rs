//! The formulas of the engine as a closed set of calculations, for people with a question.
//!
//! Owns: names, inputs and units of the calculations. Promises: every number comes from
//! [`dutypoint_hydraulics`], the code that certificates are computed with; an answer repeats
//! its inputs in internal units and names formula and source; an input nobody knows is
//! refused. Never does: a formula of its own, or a default for an input that matters.
//!
//! Inputs are JSON: a measure is text with its unit, as in configuration files
//! (`"32 m3/h"`); a number whose unit has no symbol there has it in its name
//! (`density_kg_m3`); a column is `"0 40 60 m3/h"` or a list of measures.
//!
//! ```
//! use dutypoint_engine::calc::{self, Packs};
//! let inputs = serde_json::json!({ "latitude_deg": 37.87, "altitude": "780 m" });
//! let answer = calc::find("gravity")?.answer(&inputs, &Packs::new())?;
//! // Worked example W3, Taiyuan.
//! assert!((answer.value("gravity").unwrap_or(0.0) - 9.79749).abs() < 5e-6);
//! # Ok::<(), dutypoint_engine::Error>(())
//! ```

mod answer;
mod curves;
mod field;
mod heads;
mod powers;
mod statistics;
mod translation;
mod water;

pub use answer::{Answer, Given, Number};
pub use field::{Field, Kind, given};

use crate::Error;
use dutypoint_hydraulics::pack::Standard;
use dutypoint_model::{Bilingual, toml_text};
use field::Inputs;
use serde::ser::SerializeStruct as _;
use serde_json::Value;
use std::collections::BTreeMap;

/// The standard packs a calculation may name, by id.
pub type Packs = BTreeMap<String, Standard>;

/// One calculation.
pub struct Calculation {
    /// Name on the command line.
    pub name: &'static str,
    /// What it computes, in Chinese.
    pub zh: &'static str,
    /// What it computes, in English.
    pub en: &'static str,
    /// Ids of the formulas used.
    pub formulas: &'static [&'static str],
    /// Where they come from.
    pub source: &'static str,
    /// Inputs.
    pub fields: &'static [Field],
    compute: fn(&Inputs, &Packs) -> Result<Work, Error>,
}

/// What a calculation found.
#[derive(Default)]
struct Work {
    results: Vec<Number>,
    notes: Vec<Bilingual>,
    /// Pack and clause, where a pack's rule was used.
    clause: Option<String>,
    verdict: Option<dutypoint_model::Verdict>,
}

/// Every calculation.
pub const CALCULATIONS: &[&Calculation] = &[
    &heads::HEAD,
    &heads::SUBMERSIBLE_HEAD,
    &heads::FRICTION,
    &water::DENSITY,
    &water::GRAVITY,
    &powers::EFFICIENCY,
    &powers::CABLE,
    &powers::SLIP_SPEED,
    &translation::SPEED,
    &translation::FREQUENCY,
    &translation::SPECIFIC_SPEED,
    &statistics::READINGS,
    &statistics::UNCERTAINTY,
    &curves::FIT,
    &curves::JUDGE,
];

/// The calculation called `name`.
///
/// # Errors
/// [`Error::Calc`] naming the nearest, or all of them.
pub fn find(name: &str) -> Result<&'static Calculation, Error> {
    let names = || CALCULATIONS.iter().map(|c| c.name);
    CALCULATIONS
        .iter()
        .find(|c| c.name == name)
        .copied()
        .ok_or_else(|| {
            let hint = match toml_text::nearest(name, names()) {
                Some(near) => format!("did you mean {near:?}?"),
                None => format!("known: {}", names().collect::<Vec<_>>().join(", ")),
            };
            Error::Calc {
                calc: name.to_owned(),
                why: format!("there is no such calculation; {hint}"),
            }
        })
}

impl Calculation {
    /// Computes from a JSON object of inputs.
    ///
    /// # Errors
    /// [`Error::Calc`] for an input that is unknown, missing, of another quantity or outside
    /// what the formula holds for.
    pub fn answer(&'static self, inputs: &Value, packs: &Packs) -> Result<Answer, Error> {
        let inputs = Inputs::read(self, inputs)?;
        let work = (self.compute)(&inputs, packs).map_err(|error| match error {
            Error::Calc { .. } => error,
            other => self.refuse(other.to_string()),
        })?;
        Ok(Answer {
            calculation: self,
            inputs: inputs.given(),
            work,
        })
    }

    /// Inputs ready to be changed: those of a worked example.
    #[must_use]
    pub fn example(&self) -> Value {
        let inputs = self.fields.iter().filter(|f| !f.example.is_empty());
        inputs
            .map(|f| (f.name.to_owned(), given(f.example)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    /// What it computes.
    #[must_use]
    pub fn text(&self) -> Bilingual {
        Bilingual::new(self.zh, self.en)
    }

    fn refuse(&self, why: impl Into<String>) -> Error {
        Error::Calc {
            calc: self.name.to_owned(),
            why: why.into(),
        }
    }
}

impl serde::Serialize for Calculation {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Calculation", 6)?;
        out.serialize_field("calc", self.name)?;
        out.serialize_field("text", &self.text())?;
        out.serialize_field("formulas", self.formulas)?;
        out.serialize_field("source", self.source)?;
        out.serialize_field("inputs", self.fields)?;
        out.serialize_field("example", &self.example())?;
        out.end()
    }
}

impl std::fmt::Debug for Calculation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Calculation").field(&self.name).finish()
    }
}

/// The pack called `id`.
fn pack<'a>(packs: &'a Packs, inputs: &Inputs) -> Result<&'a Standard, Error> {
    let id = inputs.text("pack")?;
    packs.get(id).ok_or_else(|| {
        let known: Vec<&str> = packs.keys().map(String::as_str).collect();
        inputs.refuse(format!(
            "there is no standard pack {id:?}; known: {}",
            known.join(", ")
        ))
    })
}
