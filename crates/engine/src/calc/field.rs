//! Inputs: what a calculation asks for, and reading it.

use super::{Calculation, Given};
use crate::Error;
use dutypoint_model::{Bilingual, Measure, Quantity, Unit, measure, toml_text};
use serde::ser::SerializeStruct as _;
use serde_json::Value;

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text with its unit: `"32 m3/h"`.
    Measure(Quantity),
    /// A bare number; its unit is in the input's name.
    Number(&'static str),
    /// A whole number.
    Count,
    /// A name.
    Text,
    /// Several measures of one quantity: `"0 40 60 m3/h"`, or a list.
    Column(Quantity),
    /// Several measures of whatever quantity.
    AnyColumn,
}

/// One input of a calculation.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Whether it must be given.
    pub required: bool,
    /// Meaning, in Chinese.
    pub zh: &'static str,
    /// Meaning, in English.
    pub en: &'static str,
    /// A value of the worked example; empty where the example does without.
    pub example: &'static str,
}

pub(super) const fn need(
    name: &'static str,
    kind: Kind,
    text: (&'static str, &'static str),
    example: &'static str,
) -> Field {
    Field {
        name,
        kind,
        required: true,
        zh: text.0,
        en: text.1,
        example,
    }
}

pub(super) const fn may(
    name: &'static str,
    kind: Kind,
    text: (&'static str, &'static str),
    example: &'static str,
) -> Field {
    Field {
        required: false,
        ..need(name, kind, text, example)
    }
}

impl Field {
    /// The units that may be written, or what else the input is.
    #[must_use]
    pub fn units(&self) -> String {
        match self.kind {
            Kind::Measure(Quantity::Ratio) => "%, 1".into(),
            Kind::Measure(quantity) => measure::symbols(quantity),
            Kind::Number(unit) => format!("number ({unit})"),
            Kind::Count => "whole number".into(),
            Kind::Text => "text".into(),
            Kind::Column(quantity) => format!("several in {}", measure::symbols(quantity)),
            Kind::AnyColumn => "several in one unit".into(),
        }
    }

    /// Its meaning.
    #[must_use]
    pub fn text(&self) -> Bilingual {
        Bilingual::new(self.zh, self.en)
    }

    fn read(&self, value: &Value) -> Result<Read, String> {
        let wrong = |expected: String| format!("{value} does not do; expected {expected}");
        match self.kind {
            Kind::Measure(quantity) => {
                let text = value.as_str().ok_or_else(|| {
                    wrong(format!(
                        "text with its unit ({})",
                        measure::symbols(quantity)
                    ))
                })?;
                Ok(Read::Number(text.parse::<Measure>()?.internal(quantity)?))
            }
            Kind::Number(unit) => value
                .as_f64()
                .map(Read::Number)
                .ok_or_else(|| wrong(format!("a bare number in {unit}"))),
            Kind::Count => value
                .as_u64()
                .and_then(|n| u32::try_from(n).ok())
                .map(Read::Count)
                .ok_or_else(|| wrong("a whole number".into())),
            // A grade may look like a number.
            Kind::Text => match value {
                Value::String(text) => Ok(Read::Text(text.clone())),
                Value::Number(number) => Ok(Read::Text(number.to_string())),
                _ => Err(wrong("text".into())),
            },
            Kind::Column(quantity) => {
                let (values, _) = column(value, Some(quantity))?;
                Ok(Read::Column(values, quantity))
            }
            Kind::AnyColumn => {
                let (values, quantity) = column(value, None)?;
                Ok(Read::Column(values, quantity))
            }
        }
    }
}

impl serde::Serialize for Field {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Field", 4)?;
        out.serialize_field("name", self.name)?;
        out.serialize_field("units", &self.units())?;
        out.serialize_field("required", &self.required)?;
        out.serialize_field("text", &self.text())?;
        out.end()
    }
}

/// A word of a command line as JSON: a number, a list, else text.
#[must_use]
pub fn given(word: &str) -> Value {
    match serde_json::from_str(word) {
        Ok(value @ (Value::Number(_) | Value::Array(_))) => value,
        _ => Value::String(word.to_owned()),
    }
}

/// Measures of one quantity, from a list or from `"1 2 3 m"`.
fn column(value: &Value, quantity: Option<Quantity>) -> Result<(Vec<f64>, Quantity), String> {
    const EXPECTED: &str = "expected numbers with one unit, as in \"0 40 60 m3/h\", or a list";
    let measures: Vec<Measure> = match value {
        Value::String(text) => {
            let mut words: Vec<&str> = text
                .split(|c: char| c.is_whitespace() || c == ',')
                .filter(|word| !word.is_empty())
                .collect();
            // Without a unit the last word is a number, and the numbers are ratios.
            let unit = match words.last() {
                Some(last) if last.parse::<f64>().is_err() => words.pop().unwrap_or_default(),
                _ => "",
            };
            let parsed = words.iter().map(|word| format!("{word} {unit}").parse());
            parsed.collect::<Result<_, _>>()?
        }
        Value::Array(list) => list
            .iter()
            .map(|item| match item {
                Value::String(text) => text.parse(),
                other => Err(format!("{other} has no unit; {EXPECTED}")),
            })
            .collect::<Result<_, _>>()?,
        other => return Err(format!("{other} does not do; {EXPECTED}")),
    };
    let Some(first) = measures.first() else {
        return Err(format!("it is empty; {EXPECTED}"));
    };
    let quantity = quantity.unwrap_or(first.unit.quantity());
    let values = measures.iter().map(|m| m.internal(quantity));
    Ok((values.collect::<Result<_, _>>()?, quantity))
}

enum Read {
    Number(f64),
    Count(u32),
    Text(String),
    Column(Vec<f64>, Quantity),
}

/// The inputs of one calculation, read.
pub(super) struct Inputs {
    calculation: &'static Calculation,
    read: Vec<(&'static Field, Value, Read)>,
}

impl Inputs {
    pub(super) fn read(calculation: &'static Calculation, inputs: &Value) -> Result<Self, Error> {
        let refuse = |why: String| calculation.refuse(why);
        let object = inputs.as_object().ok_or_else(|| {
            refuse("the inputs are no JSON object; `--example` prints one".to_owned())
        })?;
        let names = || calculation.fields.iter().map(|f| f.name);
        if let Some(unknown) = object.keys().find(|key| !names().any(|n| n == **key)) {
            let near = toml_text::nearest(unknown, names())
                .map(|near| format!("; did you mean {near:?}?"))
                .unwrap_or_default();
            let known: Vec<&str> = names().collect();
            let known = known.join(", ");
            return Err(refuse(format!(
                "input {unknown:?} is unknown{near} (known: {known})"
            )));
        }
        let missing: Vec<String> = calculation
            .fields
            .iter()
            .filter(|f| f.required && !object.contains_key(f.name))
            .map(|f| format!("{} ({}; {})", f.name, f.en, f.units()))
            .collect();
        if !missing.is_empty() {
            return Err(refuse(format!(
                "these inputs are missing: {}",
                missing.join(", ")
            )));
        }
        let mut read = Vec::new();
        for field in calculation.fields {
            if let Some(value) = object.get(field.name) {
                let known = field
                    .read(value)
                    .map_err(|why| refuse(format!("input {}: {why}", field.name)))?;
                read.push((field, value.clone(), known));
            }
        }
        Ok(Self { calculation, read })
    }

    pub(super) fn refuse(&self, why: impl Into<String>) -> Error {
        self.calculation.refuse(why)
    }

    fn find(&self, name: &str) -> Option<&Read> {
        let found = self.read.iter().find(|(field, ..)| field.name == name);
        found.map(|(_, _, read)| read)
    }

    /// An input that is required, so that reading has seen it.
    fn required(&self, name: &str) -> Result<&Read, Error> {
        self.find(name)
            .ok_or_else(|| self.refuse(format!("input {name} is missing")))
    }

    pub(super) fn optional(&self, name: &str) -> Option<f64> {
        match self.find(name)? {
            Read::Number(value) => Some(*value),
            Read::Count(count) => Some(f64::from(*count)),
            Read::Text(_) | Read::Column(..) => None,
        }
    }

    pub(super) fn number(&self, name: &str) -> Result<f64, Error> {
        self.required(name)?;
        self.optional(name)
            .ok_or_else(|| self.refuse(format!("input {name} is no number")))
    }

    pub(super) fn count(&self, name: &str) -> Result<u32, Error> {
        match self.required(name)? {
            Read::Count(count) => Ok(*count),
            _ => Err(self.refuse(format!("input {name} is no whole number"))),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    pub(super) fn text(&self, name: &str) -> Result<&str, Error> {
        match self.required(name)? {
            Read::Text(text) => Ok(text),
            _ => Err(self.refuse(format!("input {name} is no text"))),
        }
    }

    pub(super) fn column(&self, name: &str) -> Result<(&[f64], Quantity), Error> {
        match self.required(name)? {
            Read::Column(values, quantity) => Ok((values, *quantity)),
            _ => Err(self.refuse(format!("input {name} is no column"))),
        }
    }

    /// The inputs as given and as understood.
    pub(super) fn given(&self) -> Vec<Given> {
        let given = self.read.iter().map(|(field, value, read)| {
            let (understood, unit) = match (read, field.kind) {
                // The internal unit of a ratio is no word anybody writes.
                (Read::Number(value), Kind::Measure(Quantity::Ratio)) => (Value::from(*value), ""),
                (Read::Number(value), Kind::Measure(quantity)) => {
                    (Value::from(*value), internal(quantity).symbol())
                }
                (Read::Number(value), Kind::Number(unit)) => (Value::from(*value), unit),
                (Read::Number(value), _) => (Value::from(*value), ""),
                (Read::Count(count), _) => (Value::from(*count), ""),
                (Read::Text(text), _) => (Value::from(text.as_str()), ""),
                (Read::Column(values, quantity), _) => {
                    (Value::from(values.clone()), internal(*quantity).symbol())
                }
            };
            Given {
                name: field.name,
                text: field.text(),
                given: value.clone(),
                value: understood,
                unit,
            }
        });
        given.collect()
    }
}

/// The unit values of `quantity` have inside the program.
pub(super) fn internal(quantity: Quantity) -> Unit {
    Unit::of(quantity)
        .find(|unit| unit.to_internal(1.0) == 1.0)
        .unwrap_or(Unit::One)
}
