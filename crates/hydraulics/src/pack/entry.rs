//! Every number and rule word of a pack with its clause, sources and confidence, found by
//! walking the text, so that no section can be forgotten.
//!
//! A table's `clause`, `source` and `confidence` hold for everything inside it that states
//! none itself. Nothing else does: a value takes no citation from its neighbour, and one that
//! has none is refused by the loader.

use super::cite::Confidence;
use dutypoint_model::toml_text::{Node, Value};
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as Plain, StrDeserializer};
use std::fmt;

/// Keys of the header; they describe the pack, not the standard.
const HEADER: [&str; 14] = [
    "id",
    "edition",
    "version",
    "title_zh",
    "title_en",
    "status",
    "countersignature",
    "clause_countersignature",
    "partial",
    "notes",
    "notes_zh",
    "refers_to",
    "known_missing",
    "sources",
];

/// Keys by which the members of a list are told apart.
const NAMES: [&str; 11] = [
    "kind",
    "id",
    "application",
    "grade",
    "load",
    "quantity",
    "thermal_class",
    "mei",
    "sets",
    "from",
    "en",
];

/// Edges of a row, by which the rows of one name are told apart.
const EDGES: [(&str, &str, &str); 8] = [
    ("above_kw", ">", "kW"),
    ("up_to_kw", "<=", "kW"),
    ("rated_above_kw", ">", "kW"),
    ("rated_from_kw", ">=", "kW"),
    ("rated_below_kw", "<", "kW"),
    ("rated_up_to_kw", "<=", "kW"),
    ("rated_head_above_m", ">", "m"),
    ("rated_head_up_to_m", "<=", "m"),
];

/// Ends of keys, longest first, and the unit they stand for.
const UNITS: [(&str, &str); 17] = [
    ("pct_of_rated", "%"),
    ("pct_of_bep", "%"),
    ("pct", "%"),
    ("_points", "% points"),
    ("_m3_h", "m³/h"),
    ("_rpm", "r/min"),
    ("_gpm", "gal/min"),
    ("_kw", "kW"),
    ("_hp", "hp"),
    ("_ft", "ft"),
    ("_bar", "bar"),
    ("_m", "m"),
    ("_s", "s"),
    ("kw", "kW"),
    ("celsius", "°C"),
    ("taken_off", "% points"),
    ("added", "% points"),
];

/// Keys that end like a unit and have none.
const UNITLESS: [&str; 4] = ["n_s", "n_s_usual", "n_q", "spare_points"];

/// Units that a row writes as a word.
const WORDED: [(&str, &str); 2] = [("percent", "%"), ("degree_celsius", "°C")];

fn unit_of(key: &str) -> Option<&'static str> {
    if UNITLESS.contains(&key) {
        return Some("");
    }
    let found = UNITS.iter().find(|(end, _)| key.ends_with(end));
    found.map(|(_, unit)| *unit)
}

/// Keys that cite, name, or describe in a language.
const CITING: [&str; 16] = [
    "clause",
    "source",
    "confidence",
    "kind",
    "id",
    "application",
    "load",
    "quantity",
    "thermal_class",
    "mei",
    "sets",
    "title_zh",
    "unit",
    "title_en",
    "needs_zh",
    "needs_en",
];

/// One number or word of a pack.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Where it stands in the pack, as in `energy_pump pipeline row 1 taken_off 2`.
    pub item: String,
    /// The keys on the way to it, section first, without the names of rows.
    pub keys: Vec<String>,
    /// Its value.
    pub value: EntryValue,
    /// Unit of a number; empty for a pure one and for a word.
    pub unit: String,
    /// Clause of the standard; empty for a setting of the laboratory.
    pub clause: String,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust it; none where the pack does not say, which the loader refuses.
    pub confidence: Option<Confidence>,
    /// Line in the file.
    pub line: usize,
}

/// The value of an [`Entry`].
#[derive(Debug, Clone, PartialEq)]
pub enum EntryValue {
    /// A number.
    Number(f64),
    /// A word of a rule, as in `at_bep`.
    Word(String),
    /// Yes or no.
    Flag(bool),
}

impl fmt::Display for EntryValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Debug keeps very small numbers short and tells 2.0 from a count.
            Self::Number(number) => write!(f, "{number:?}"),
            Self::Word(word) => f.write_str(word),
            Self::Flag(flag) => write!(f, "{flag}"),
        }
    }
}

impl Entry {
    /// The first word of the item: the section of the pack.
    #[must_use]
    pub fn section(&self) -> &str {
        self.item.split(' ').next().unwrap_or_default()
    }
}

/// What is inherited from the tables around a value.
#[derive(Clone, Default)]
struct Around {
    item: String,
    /// Keys on the way, without the names of rows.
    keys: Vec<String>,
    /// Key of the value itself.
    key: String,
    /// Unit that a row states for its numbers, or that a key ends in.
    unit: String,
    clause: String,
    source: Vec<String>,
    confidence: Option<Confidence>,
}

/// Every entry of a pack.
pub(super) fn entries(pack: &Node) -> Vec<Entry> {
    let mut found = Vec::new();
    let Value::Table(sections) = &pack.value else {
        return Vec::new();
    };
    for (key, node) in sections {
        if !HEADER.contains(&key.as_str()) {
            let around = Around {
                item: key.clone(),
                keys: vec![key.clone()],
                ..Around::default()
            };
            walk(node, &around, &mut found);
        }
    }
    // In the order of the file, which is that of the standard.
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, entry)| entry).collect()
}

fn walk(node: &Node, around: &Around, found: &mut Vec<(usize, Entry)>) {
    match &node.value {
        Value::Table(entries) => {
            let here = around.within(node);
            for (key, inner) in entries {
                if !(CITING.contains(&key.as_str()) || names_the_row(node, key)) {
                    walk(inner, &here.of(key), found);
                }
            }
        }
        Value::List(list) => {
            let mut labels: Vec<String> = Vec::new();
            for (index, inner) in list.iter().enumerate() {
                if let Some((at, value)) = pair(inner) {
                    leaf(inner, value, &around.at(&format!("{at:?}")), found);
                    continue;
                }
                let mut label =
                    label(inner).unwrap_or_else(|| place(&around.key, index, list.len()));
                if labels.contains(&label) {
                    let part = labels.iter().filter(|l| **l == label).count() + 1;
                    labels.push(label.clone());
                    label = format!("{label} part {part}");
                } else {
                    labels.push(label.clone());
                }
                walk(inner, &around.at(&label), found);
            }
        }
        Value::Number(number) => leaf(node, EntryValue::Number(*number), around, found),
        Value::Text(word) => leaf(node, EntryValue::Word(word.clone()), around, found),
        Value::Flag(flag) => leaf(node, EntryValue::Flag(*flag), around, found),
    }
}

/// Whether a key of a row is in the row's label; elsewhere a grade is what a rule states.
fn names_the_row(row: &Node, key: &str) -> bool {
    let of_tolerances = ["head_pct", "pct"].iter().any(|key| row.get(key).is_some());
    let dated = key == "from" && row.get("value").is_some();
    let english = key == "en" && row.get("id").is_some();
    key == "zh" || english || dated || (key == "grade" && of_tolerances)
}

/// What a member of a list without names is: a line of grades, the best first; a coefficient
/// of a power; else its place.
fn place(list: &str, index: usize, len: usize) -> String {
    match list {
        "taken_off" | "added" | "names_zh" | "names_en" => format!("line {}", index + 1),
        "highest_power_first" => format!("x^{}", len - 1 - index),
        _ => format!("#{}", index + 1),
    }
}

fn leaf(node: &Node, value: EntryValue, around: &Around, found: &mut Vec<(usize, Entry)>) {
    let entry = Entry {
        item: around.item.clone(),
        keys: around.keys.clone(),
        unit: match value {
            EntryValue::Number(_) => around.unit.clone(),
            EntryValue::Word(_) | EntryValue::Flag(_) => String::new(),
        },
        value,
        clause: around.clause.clone(),
        source: around.source.clone(),
        confidence: around.confidence,
        line: node.line,
    };
    found.push((node.at, entry));
}

/// Abscissa and value of a tabulated pair.
fn pair(node: &Node) -> Option<(f64, EntryValue)> {
    match node.members() {
        [
            Node {
                value: Value::Number(at),
                ..
            },
            Node {
                value: Value::Number(value),
                ..
            },
        ] => Some((*at, EntryValue::Number(*value))),
        _ => None,
    }
}

/// What a member of a list calls itself.
fn label(node: &Node) -> Option<String> {
    let of = |key: &&str| match &node.get(key)?.value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(format!("{number}")),
        Value::List(members) => {
            let texts: Vec<&str> = members.iter().filter_map(Node::text).collect();
            Some(texts.join(","))
        }
        _ => None,
    };
    // What has an id needs no other name; a grade may be what the row states.
    let named = |key: &&&str| match **key {
        "grade" => names_the_row(node, "grade"),
        "en" => node.get("id").is_none(),
        _ => true,
    };
    let mut names: Vec<String> = NAMES.iter().filter(named).filter_map(of).collect();
    let edges = EDGES.iter().filter_map(|(key, sign, unit)| {
        let edge = node.get(key)?;
        match edge.get("value").unwrap_or(edge).value {
            Value::Number(number) => Some((format!("{sign}{number}"), *unit)),
            _ => None,
        }
    });
    let (edges, units): (Vec<String>, Vec<&str>) = edges.unzip();
    if let Some(unit) = units.first() {
        names.push(format!("{} {unit}", edges.concat()));
    }
    if let (true, Value::Table(entries)) = (names.is_empty(), &node.value) {
        names.extend(entries.iter().filter_map(|(key, inner)| band(key, inner)));
        // A tolerance that names no grade is for all of them.
        if names.is_empty() && node.get("pct").is_some() {
            names.push("any grade".to_owned());
        }
    }
    (!names.is_empty()).then(|| names.join(" "))
}

/// A band as a name, for rows that have no other.
fn band(key: &str, node: &Node) -> Option<String> {
    let Value::Table(edges) = &node.value else {
        return None;
    };
    let edge = |(edge, node): &(String, Node)| {
        let sign = match edge.as_str() {
            "above" => ">",
            "from" => ">=",
            "below" => "<",
            "up_to" => "<=",
            _ => return None,
        };
        match node.value {
            Value::Number(number) => Some(format!("{sign}{number}")),
            _ => None,
        }
    };
    let edges: Option<Vec<String>> = edges.iter().map(edge).collect();
    Some(format!("{key}{}", edges?.concat()))
}

impl Around {
    fn at(&self, key: &str) -> Self {
        let mut here = self.clone();
        // What is cited is named by what it is the value of.
        if !["value", "text"].contains(&key) {
            key.clone_into(&mut here.key);
            here.item = format!("{} {key}", self.item);
        }
        here
    }

    /// As [`Self::at`] for a key of a table.
    fn of(&self, key: &str) -> Self {
        let mut here = self.at(key);
        if key != "value" {
            here.keys.push(key.to_owned());
            if let Some(unit) = unit_of(key) {
                unit.clone_into(&mut here.unit);
            }
        }
        here
    }

    fn within(&self, table: &Node) -> Self {
        let mut here = self.clone();
        if let Some(clause) = table.get("clause").and_then(Node::text) {
            clause.clone_into(&mut here.clause);
        }
        if let Some(unit) = table.get("unit").and_then(Node::text) {
            let known = WORDED.iter().find(|(word, _)| *word == unit);
            known
                .map_or(unit, |(_, unit)| unit)
                .clone_into(&mut here.unit);
        }
        here.cite(table);
        here
    }

    fn cite(&mut self, table: &Node) {
        if let Some(keys) = table.get("source").map(Node::members) {
            let keys = keys.iter().filter_map(Node::text);
            self.source = keys.map(str::to_owned).collect();
        }
        if let Some(tag) = table.get("confidence").and_then(Node::text) {
            let text: StrDeserializer<'_, Plain> = tag.into_deserializer();
            self.confidence = Confidence::deserialize(text).ok();
        }
    }
}
