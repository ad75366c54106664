//! Questions: their schemas, their fields as flags, and how they are read.

use super::Calculation;
use crate::Error;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FlagKind {
    /// A number.
    Number,
    /// A whole number.
    Count,
    /// A word or a name.
    Text,
    /// Yes or no.
    Switch,
    /// Several numbers.
    Numbers,
    /// Anything else, as JSON.
    Json,
}

/// A field of a question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Flag {
    /// Name in JSON.
    pub field: String,
    /// Other names.
    pub short: Vec<&'static str>,
    /// What it holds.
    pub kind: FlagKind,
    /// Whether no question is complete without it.
    pub required: bool,
    /// What it means.
    pub help: String,
    /// The words that may be given, where there is a fixed set.
    pub words: Vec<String>,
}

/// The schema of `T`, without references.
pub(super) fn schema<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>()
}

pub(super) fn read<I: DeserializeOwned>(
    calculation: &Calculation,
    question: &Value,
) -> Result<I, Error> {
    serde_path_to_error::deserialize(question).map_err(|error| {
        let path = error.path().to_string();
        let place = match path.as_str() {
            "." => String::new(),
            path => format!("{path}: "),
        };
        calculation.refuse(format!("{place}{}", error.inner()))
    })
}

/// The object of a schema, or each of its variants.
fn variants(schema: &Value) -> Vec<&Map<String, Value>> {
    let several = ["oneOf", "anyOf"]
        .iter()
        .find_map(|key| schema.get(key)?.as_array());
    match several {
        Some(list) => list.iter().filter_map(Value::as_object).collect(),
        None => schema.as_object().into_iter().collect(),
    }
}

fn properties(variant: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    let properties = variant.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten()
}

fn requires(variant: &Map<String, Value>, field: &str) -> bool {
    let required = variant.get("required").and_then(Value::as_array);
    required.is_some_and(|list| list.iter().any(|name| name == field))
}

/// Whether a variant of `schema` has every field it requires.
pub(super) fn is_complete(schema: &Schema, question: &Value) -> bool {
    variants(schema.as_value()).iter().any(|variant| {
        properties(variant).all(|(field, of)| match (question.get(field), of.get("const")) {
            (Some(given), Some(constant)) => given == constant,
            (Some(_), None) => true,
            (None, _) => !requires(variant, field),
        })
    })
}

/// Every field of every variant once.
pub(super) fn flags(schema: &Schema, short: &'static [(&'static str, &'static str)]) -> Vec<Flag> {
    let variants = variants(schema.as_value());
    let mut flags: Vec<Flag> = Vec::new();
    for variant in &variants {
        for (field, of) in properties(variant) {
            if let Some(known) = flags.iter_mut().find(|flag| flag.field == *field) {
                known.words.extend(words(of));
                continue;
            }
            flags.push(Flag {
                field: field.clone(),
                short: short
                    .iter()
                    .filter(|(_, long)| long == field)
                    .map(|(short, _)| *short)
                    .collect(),
                kind: kind(of),
                required: variants.iter().all(|variant| requires(variant, field)),
                help: help(of),
                words: words(of),
            });
        }
    }
    flags
}

fn help(of: &Value) -> String {
    // The tag of a variant is no field of the type, so nothing describes it.
    let tag = of.get("const").map(|_| "Form of the question.");
    let text = of.get("description").and_then(Value::as_str).or(tag);
    text.unwrap_or_default().replace('\n', " ")
}

/// The words of an enumeration without content, or of the tag of a variant.
fn words(of: &Value) -> Vec<String> {
    let one = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(constant) = of.get("const") {
        return one(constant).into_iter().collect();
    }
    if let Some(list) = of.get("enum").and_then(Value::as_array) {
        return list.iter().filter_map(one).collect();
    }
    let several = of.get("oneOf").or_else(|| of.get("anyOf"));
    let several = several.and_then(Value::as_array);
    several.into_iter().flatten().flat_map(words).collect()
}

fn kind(of: &Value) -> FlagKind {
    if !words(of).is_empty() {
        return FlagKind::Text;
    }
    // An optional field is ["number", "null"].
    let types: Vec<&str> = match of.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => return FlagKind::Json,
    };
    match types.iter().find(|name| **name != "null") {
        Some(&"number") => FlagKind::Number,
        Some(&"integer") => FlagKind::Count,
        Some(&"string") => FlagKind::Text,
        Some(&"boolean") => FlagKind::Switch,
        Some(&"array") if of.pointer("/items/type").is_some_and(|t| t == "number") => {
            FlagKind::Numbers
        }
        _ => FlagKind::Json,
    }
}
