//! Questions: their schemas, their fields as flags, and how they are read.

use super::ranges::Range;
use dutypoint_model::Bilingual;
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
    /// A list of objects, as JSON.
    List,
    /// Numbers by name, as JSON.
    Map,
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
    /// Whether it may be left out.
    pub needed: Needed,
    /// What it means.
    pub help: String,
    /// The words that may be given, where there is a fixed set, each with what it means.
    pub words: Vec<(String, String)>,
    /// What a number may be.
    pub range: Option<Bilingual>,
    /// Fields of the object, or of each object of the list.
    pub fields: Vec<Flag>,
}

/// Whether a field may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Needed {
    /// It may.
    Optional,
    /// No question is complete without it.
    Required,
    /// It belongs to some forms of the question only.
    ByForm {
        /// Those that are not complete without it.
        required: Vec<String>,
        /// Those that may leave it out.
        optional: Vec<String>,
    },
}

/// The schema of `T`, without references.
pub(super) fn schema<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>()
}

/// The schema of a question of `calc`: what a number may be stands in it.
pub(super) fn ranged<T: JsonSchema>(calc: &str) -> Value {
    let mut schema = schema::<T>().to_value();
    super::ranges::write(calc, &mut schema);
    schema
}

pub(super) fn read<I: DeserializeOwned>(question: &Value) -> Result<I, Bilingual> {
    // The schema has let it through; what is left is what no schema says.
    serde_path_to_error::deserialize(question).map_err(|error| {
        let said = format!("{}: {}", error.path(), error.inner());
        Bilingual::new(format!("无法读取：{said}"), said)
    })
}

/// The alternatives of a schema.
pub(super) fn several(schema: &Value) -> Option<&Vec<Value>> {
    ["oneOf", "anyOf"]
        .iter()
        .find_map(|key| schema.get(key)?.as_array())
}

/// The object of a schema, or each of its variants.
fn variants(schema: &Value) -> Vec<&Map<String, Value>> {
    match several(schema) {
        Some(list) => list.iter().flat_map(variants).collect(),
        None if schema.get("properties").is_some() => schema.as_object().into_iter().collect(),
        None => schema.get("items").map(variants).unwrap_or_default(),
    }
}

pub(super) fn properties(variant: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    let properties = variant.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten()
}

pub(super) fn requires(variant: &Map<String, Value>, field: &str) -> bool {
    let required = variant.get("required").and_then(Value::as_array);
    required.is_some_and(|list| list.iter().any(|name| name == field))
}

/// Whether a variant of `schema` has every field it requires.
pub(super) fn is_complete(schema: &Value, question: &Value) -> bool {
    variants(schema).iter().any(|variant| {
        properties(variant).all(|(field, of)| match (question.get(field), of.get("const")) {
            (Some(given), Some(constant)) => given == constant,
            (Some(_), None) => true,
            (None, _) => !requires(variant, field),
        })
    })
}

/// The word that stands for a variant.
fn form(variant: &Map<String, Value>) -> Option<&str> {
    properties(variant).find_map(|(_, of)| of.get("const")?.as_str())
}

/// Every field of every variant once.
pub(super) fn flags(schema: &Value, short: &'static [(&'static str, &'static str)]) -> Vec<Flag> {
    let variants = variants(schema);
    let mut flags: Vec<Flag> = Vec::new();
    for variant in &variants {
        let about = variant.get("description").and_then(Value::as_str);
        for (field, of) in properties(variant) {
            let mut words = described(of);
            if let (Some(about), [(_, help)]) = (about, words.as_mut_slice())
                && of.get("const").is_some()
            {
                about.trim_end_matches('.').clone_into(help);
            }
            if let Some(known) = flags.iter_mut().find(|flag| flag.field == *field) {
                let new = |word: &(String, String)| !known.words.iter().any(|(w, _)| *w == word.0);
                let new: Vec<_> = words.into_iter().filter(new).collect();
                known.words.extend(new);
                let help = help(of);
                if let (true, Some(form)) = (!known.help.contains(&help), form(variant)) {
                    known.help += &format!(" With `{form}`: {help}");
                }
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
                needed: needed(&variants, field),
                help: help(of),
                words,
                range: range(of, field),
                fields: self::flags(of, &[]),
            });
        }
    }
    // The form of the question decides on the other fields; what must be given comes first.
    flags.sort_by_key(|flag| {
        let needed = match flag.needed {
            Needed::Required => 1,
            Needed::ByForm { .. } => 2,
            Needed::Optional => 3,
        };
        if flag.help == FORM { 0 } else { needed }
    });
    flags
}

fn needed(variants: &[&Map<String, Value>], field: &str) -> Needed {
    let (mut required, mut optional, mut without) = (Vec::new(), Vec::new(), 0_usize);
    for variant in variants {
        let name = form(variant).unwrap_or_default().to_owned();
        if requires(variant, field) {
            required.push(name);
        } else if properties(variant).any(|(known, _)| known == field) {
            optional.push(name);
        } else {
            without += 1;
        }
    }
    match (required.is_empty(), optional.is_empty(), without) {
        (false, true, 0) => Needed::Required,
        (true, false, 0) => Needed::Optional,
        _ => Needed::ByForm { required, optional },
    }
}

fn range(of: &Value, field: &str) -> Option<Bilingual> {
    let range = Range::of(of).or_else(|| Range::of(of.get("items")?))?;
    Some(range.must(super::ranges::unit(field).0))
}

/// What is said of the tag of a variant, which is no field of the type.
const FORM: &str = "Form of the question.";

fn help(of: &Value) -> String {
    let tag = of.get("const").map(|_| FORM);
    let text = of.get("description").and_then(Value::as_str).or(tag);
    text.unwrap_or_default().replace('\n', " ")
}

/// The words of an enumeration without content, or of the tag of a variant.
pub(super) fn words(of: &Value) -> Vec<String> {
    described(of).into_iter().map(|(word, _)| word).collect()
}

fn described(of: &Value) -> Vec<(String, String)> {
    let one = |value: &Value| {
        let help = of.get("description").and_then(Value::as_str);
        let help = help.unwrap_or_default().trim_end_matches('.');
        Some((value.as_str()?.to_owned(), help.to_owned()))
    };
    if let Some(constant) = of.get("const") {
        return one(constant).into_iter().collect();
    }
    if let Some(list) = of.get("enum").and_then(Value::as_array) {
        let bare = |value: &Value| Some((value.as_str()?.to_owned(), String::new()));
        return list.iter().filter_map(bare).collect();
    }
    several(of)
        .into_iter()
        .flatten()
        .flat_map(described)
        .collect()
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
        Some(&"array") => FlagKind::List,
        Some(&"object") if of.get("additionalProperties").is_some_and(Value::is_object) => {
            FlagKind::Map
        }
        _ => FlagKind::Json,
    }
}
