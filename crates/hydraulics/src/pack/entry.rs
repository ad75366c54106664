//! Every number and rule word of a pack with its clause, sources and confidence, found by
//! walking the text, so that no section can be forgotten.
//!
//! A table's `clause`, `source` and `confidence` hold for everything inside it that states
//! none itself. A row whose numbers are cited one by one lends the first citation to its own
//! edges and words.

use super::cite::Confidence;
use dutypoint_model::toml_text::{Node, Value};
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as Plain, StrDeserializer};
use std::fmt;

/// Keys of the header; they describe the pack, not the standard.
const HEADER: [&str; 12] = [
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
    "refers_to",
    "sources",
];

/// Keys by which the members of a list are told apart.
const NAMES: [&str; 9] = [
    "kind",
    "id",
    "application",
    "grade",
    "load",
    "quantity",
    "mei",
    "sets",
    "en",
];

/// Keys that cite, name, or describe in a language.
const CITING: [&str; 14] = [
    "clause",
    "source",
    "confidence",
    "kind",
    "id",
    "application",
    "grade",
    "load",
    "quantity",
    "title_zh",
    "title_en",
    "zh",
    "needs_zh",
    "needs_en",
];

/// One number or word of a pack.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Where it stands in the pack, as in `energy_pump pipeline row 1 taken_off 2`.
    pub item: String,
    /// Its value.
    pub value: EntryValue,
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
    clause: String,
    source: Vec<String>,
    confidence: Option<Confidence>,
}

/// Every entry of a pack.
pub(super) fn entries(pack: &Node) -> Vec<Entry> {
    let mut found = Vec::new();
    let Value::Table(sections) = &pack.value else {
        return found;
    };
    for (key, node) in sections {
        if !HEADER.contains(&key.as_str()) {
            let around = Around {
                item: key.clone(),
                ..Around::default()
            };
            walk(node, &around, &mut found);
        }
    }
    // In the order of the file, which is that of the standard.
    found.sort_by_key(|entry| entry.line);
    found
}

fn walk(node: &Node, around: &Around, found: &mut Vec<Entry>) {
    match &node.value {
        Value::Table(entries) => {
            let here = around.within(node);
            for (key, inner) in entries {
                if !CITING.contains(&key.as_str()) {
                    walk(inner, &here.at(key), found);
                }
            }
        }
        Value::List(list) => {
            let mut labels: Vec<String> = Vec::new();
            for (index, inner) in list.iter().enumerate() {
                if let Some((at, value)) = pair(inner) {
                    leaf(inner.line, value, &around.at(&format!("{at:?}")), found);
                    continue;
                }
                let mut label = label(inner).unwrap_or_else(|| (index + 1).to_string());
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
        Value::Number(number) => leaf(node.line, EntryValue::Number(*number), around, found),
        Value::Text(word) => leaf(node.line, EntryValue::Word(word.clone()), around, found),
        Value::Flag(flag) => leaf(node.line, EntryValue::Flag(*flag), around, found),
    }
}

/// The first table inside a node that is cited.
fn first_cited(node: &Node) -> Option<&Node> {
    let inner = |inner| {
        if Node::get(inner, "source").is_some() {
            Some(inner)
        } else {
            first_cited(inner)
        }
    };
    match &node.value {
        Value::Table(entries) => entries.iter().find_map(|(_, node)| inner(node)),
        Value::List(list) => list.iter().find_map(inner),
        _ => None,
    }
}

fn leaf(line: usize, value: EntryValue, around: &Around, found: &mut Vec<Entry>) {
    found.push(Entry {
        item: match around.item.strip_suffix(" value") {
            Some(item) => item.to_owned(),
            None => around.item.clone(),
        },
        value,
        clause: around.clause.clone(),
        source: around.source.clone(),
        confidence: around.confidence,
        line,
    });
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
        _ => None,
    };
    let mut names: Vec<String> = NAMES.iter().filter_map(of).collect();
    if let (true, Value::Table(entries)) = (names.is_empty(), &node.value) {
        names.extend(entries.iter().filter_map(|(key, inner)| band(key, inner)));
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
        Self {
            item: format!("{} {key}", self.item),
            ..self.clone()
        }
    }

    fn within(&self, table: &Node) -> Self {
        let mut here = self.clone();
        if let Some(clause) = table.get("clause").and_then(Node::text) {
            clause.clone_into(&mut here.clause);
        }
        here.cite(table);
        if let (true, Some(cited)) = (here.source.is_empty(), first_cited(table)) {
            here.cite(cited);
        }
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
