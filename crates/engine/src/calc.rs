//! The formulas of the engine as a closed set of calculations, for people with a question.
//!
//! Owns: names, inputs and units of the calculations. Promises: every number comes from
//! [`dutypoint_hydraulics`], the code that certificates are computed with; an answer repeats
//! its input and names formula and source; an input nobody knows is refused. Never does: a
//! formula of its own, or a default for an input that matters.
//!
//! Questions and answers are JSON objects with the unit in every name (`q_m3_h`, `t_c`).
//!
//! ```
//! use dutypoint_engine::calc::{self, Packs};
//! let question = serde_json::json!({ "latitude_deg": 37.87, "altitude_m": 780 });
//! let answer = calc::find("gravity")?.answer(&question, &Packs::new())?;
//! // Worked example W3, Taiyuan.
//! assert!((answer["g_m_s2"].as_f64().unwrap_or(0.0) - 9.79749).abs() < 5e-6);
//! # Ok::<(), dutypoint_engine::Error>(())
//! ```

mod assess;
mod cables;
mod conditions;
mod curves;
mod decide;
mod energy;
mod heads;
mod indices;
mod losses;
mod manual;
mod motors;
mod npsh;
mod powers;
mod question;
mod round;
mod steady;
mod translation;
mod uncertainty;
mod water;
mod words;

pub use manual::manual;
pub use question::{Flag, FlagKind};

use crate::Error;
use dutypoint_hydraulics::pack::Standard;
use dutypoint_model::{Bilingual, toml_text};
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The standard packs a calculation may name, by id.
pub type Packs = BTreeMap<String, Standard>;

/// Every calculation.
pub const CALCULATIONS: &[&Calculation] = &[
    &Calculation::of::<water::Water>(),
    &Calculation::of::<water::Gravity>(),
    &Calculation::of::<water::Iapws>(),
    &Calculation::of::<heads::Head>(),
    &Calculation::of::<losses::Friction>(),
    &Calculation::of::<powers::Power>(),
    &Calculation::of::<cables::LeadCable>(),
    &Calculation::of::<cables::SlipSpeed>(),
    &Calculation::of::<translation::Translate>(),
    &Calculation::of::<translation::Trim>(),
    &Calculation::of::<translation::SpecificSpeed>(),
    &Calculation::of::<motors::Motor>(),
    &Calculation::of::<steady::Steady>(),
    &Calculation::of::<npsh::Npsh3>(),
    &Calculation::of::<assess::Assess>(),
    &Calculation::of::<decide::Decide>(),
    &Calculation::of::<curves::Fit>(),
    &Calculation::of::<curves::Spline>(),
    &Calculation::of::<curves::Bep>(),
    &Calculation::of::<curves::Intersections>(),
    &Calculation::of::<uncertainty::Uncertainty>(),
    &Calculation::of::<round::Round>(),
    &Calculation::of::<energy::Grade>(),
    &Calculation::of::<energy::EfficiencyLine>(),
    &Calculation::of::<energy::SpecifiedEfficiency>(),
    &Calculation::of::<indices::Mei>(),
    &Calculation::of::<indices::Pei>(),
];

/// What a calculation is made of.
pub(crate) trait Calc {
    /// Name on the command line.
    const NAME: &'static str;
    /// What it computes, in Chinese.
    const ZH: &'static str;
    /// What it computes, in English.
    const EN: &'static str;
    /// Ids of the formulas used.
    const FORMULAS: &'static [&'static str];
    /// Where they come from.
    const SOURCE: &'static str;
    /// A question as JSON, from a worked example.
    const EXAMPLE: &'static str;
    /// Other names of fields, as in `("t", "t_c")`.
    const SHORT: &'static [(&'static str, &'static str)] = &[];
    /// The question: unknown fields are refused, the unit is in each name.
    type Input: DeserializeOwned + JsonSchema;
    /// The answer: a flat object, the unit is in each name. A field `verdict` that is no
    /// pass makes the program end with 1.
    type Output: Serialize + JsonSchema;

    fn compute(input: Self::Input, packs: &Packs) -> Result<Self::Output, Error>;
}

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
    example: &'static str,
    short: &'static [(&'static str, &'static str)],
    input: fn() -> Schema,
    output: fn() -> Schema,
    compute: fn(&Calculation, &Value, &Packs) -> Result<Value, Error>,
}

impl Calculation {
    const fn of<C: Calc>() -> Self {
        Self {
            name: C::NAME,
            zh: C::ZH,
            en: C::EN,
            formulas: C::FORMULAS,
            source: C::SOURCE,
            example: C::EXAMPLE,
            short: C::SHORT,
            input: question::schema::<C::Input>,
            output: question::schema::<C::Output>,
            compute: |this, question, packs| {
                let input = question::read::<C::Input>(this, question)?;
                let output = C::compute(input, packs)?;
                serde_json::to_value(output).map_err(|e| this.refuse(e.to_string()))
            },
        }
    }

    /// The answer to a question: the results at the top level, beside `calc`, `input`,
    /// `formulas` and `source`.
    ///
    /// # Errors
    /// [`Error::Calc`] for an input that is unknown, missing, of another type or outside
    /// what the formula holds for.
    pub fn answer(&self, question: &Value, packs: &Packs) -> Result<Value, Error> {
        let question = self.named(question)?;
        let found = (self.compute)(self, &question, packs).map_err(|error| match error {
            Error::Calc { .. } => error,
            Error::Config(why) => self.refuse(why),
            other => self.refuse(other.to_string()),
        })?;
        // JSON has no infinity: a result that is not finite would read as an absent one.
        if let Some(field) = hole(&found, String::new()) {
            return Err(self.refuse(format!(
                "{field} is not finite; the inputs are outside what the formula holds for"
            )));
        }
        let Value::Object(mut answer) = found else {
            return Err(self.refuse("the answer is no object"));
        };
        answer.insert("calc".to_owned(), self.name.into());
        answer.insert("input".to_owned(), question);
        answer.insert("formulas".to_owned(), self.formulas.into());
        answer.insert("source".to_owned(), self.source.into());
        Ok(Value::Object(answer))
    }

    /// Whether `question` can be answered as far as its fields go.
    #[must_use]
    pub fn is_complete(&self, question: &Value) -> bool {
        self.named(question)
            .is_ok_and(|question| question::is_complete(&(self.input)(), &question))
    }

    /// A question ready to be changed: that of a worked example.
    #[must_use]
    pub fn example(&self) -> Value {
        serde_json::from_str(self.example).unwrap_or_default()
    }

    /// JSON schemas of question and answer.
    #[must_use]
    pub fn schema(&self) -> Value {
        serde_json::json!({
            "calc": self.name,
            "text": self.text(),
            "formulas": self.formulas,
            "source": self.source,
            "input": (self.input)(),
            "output": (self.output)(),
            "example": self.example(),
        })
    }

    /// The fields of the question, as flags of a command line.
    #[must_use]
    pub fn flags(&self) -> Vec<Flag> {
        question::flags(&(self.input)(), self.short)
    }

    /// What it computes.
    #[must_use]
    pub fn text(&self) -> Bilingual {
        Bilingual::new(self.zh, self.en)
    }

    /// The question with every short name replaced.
    fn named(&self, question: &Value) -> Result<Value, Error> {
        let Value::Object(given) = question else {
            return Err(self.refuse(
                "a question is a JSON object, {\"name_unit\": value, …}; `dutypoint calc schema` shows the fields",
            ));
        };
        let mut named = Map::new();
        for (key, value) in given {
            let short = self.short.iter().find(|(short, _)| short == key);
            let name = short.map_or(key.as_str(), |(_, field)| field);
            if named.insert(name.to_owned(), value.clone()).is_some() {
                return Err(self.refuse(format!("{name} is given twice")));
            }
        }
        Ok(Value::Object(named))
    }

    fn refuse(&self, why: impl Into<String>) -> Error {
        Error::Calc {
            calc: self.name.to_owned(),
            why: why.into(),
        }
    }
}

impl std::fmt::Debug for Calculation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Calculation").field(&self.name).finish()
    }
}

/// Place of a null in `value`.
fn hole(value: &Value, place: String) -> Option<String> {
    match value {
        Value::Null => Some(place),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .find_map(|(index, item)| hole(item, format!("{place}/{index}"))),
        Value::Object(fields) => fields
            .iter()
            .find_map(|(key, item)| hole(item, format!("{place}/{key}"))),
        _ => None,
    }
}

/// The calculation called `name`.
///
/// # Errors
/// [`Error::Calc`] naming the nearest, or all of them.
pub fn find(name: &str) -> Result<&'static Calculation, Error> {
    let names = || CALCULATIONS.iter().map(|c| c.name);
    let found = CALCULATIONS.iter().find(|c| c.name == name).copied();
    found.ok_or_else(|| {
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

/// Refuses values below zero where only a mistake gives them.
pub(crate) fn not_negative(field: &str, values: &[f64]) -> Result<(), Error> {
    match values.iter().find(|value| **value < 0.0) {
        Some(value) => Err(Error::Config(format!(
            "{field} = {value}: no value may be below 0; correct its sign"
        ))),
        None => Ok(()),
    }
}

/// Refuses an efficiency that no machine has.
pub(crate) fn possible(field: &str, pct: f64) -> Result<(), Error> {
    if pct > 100.0 {
        return Err(Error::Config(format!(
            "{field} = {pct}: no efficiency exceeds 100 %; correct flow, head, power and their units"
        )));
    }
    Ok(())
}

/// The pack called `id`.
pub(crate) fn pack<'a>(packs: &'a Packs, id: &str) -> Result<&'a Standard, Error> {
    packs.get(id).ok_or_else(|| {
        let known: Vec<&str> = packs.keys().map(String::as_str).collect();
        let hint = match toml_text::nearest(id, known.iter().copied()) {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("known: {}", known.join(", ")),
        };
        Error::Config(format!("there is no standard pack {id:?}; {hint}"))
    })
}
