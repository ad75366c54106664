//! Configuration text becomes a domain type, or an error that names file, line and
//! the nearest known key.

use serde::de::DeserializeOwned;

/// A configuration text that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to read {file}{}: {message}", .line.map(|l| format!(" line {l}")).unwrap_or_default())]
pub struct TextError {
    /// File name as the user gave it.
    pub file: String,
    /// Line, counted from one.
    pub line: Option<usize>,
    /// What is wrong and what to change.
    pub message: String,
}

impl TextError {
    /// An error about the value of `key` in `file`, with the line it stands on where
    /// the text has one.
    #[must_use]
    pub fn at_key(file: &str, text: &str, key: &str, message: impl Into<String>) -> Self {
        Self::from_line(file, text, 0, key, message.into())
    }

    /// As [`Self::at_key`], for a key that more than one table has: the line is sought
    /// behind the head `[table]`.
    #[must_use]
    pub fn at_key_of(
        file: &str,
        text: &str,
        table: &str,
        key: &str,
        message: impl Into<String>,
    ) -> Self {
        let head = format!("[{table}]");
        let from = text.lines().position(|l| l.trim() == head).unwrap_or(0);
        Self::from_line(file, text, from, key, message.into())
    }

    fn from_line(file: &str, text: &str, from: usize, key: &str, message: String) -> Self {
        let line = text
            .lines()
            .skip(from)
            .position(|l| {
                l.trim_start()
                    .strip_prefix(key)
                    .is_some_and(|rest| rest.trim_start().starts_with('='))
            })
            .map(|n| from + n + 1);
        Self {
            file: file.to_owned(),
            line,
            message,
        }
    }
}

/// Reads TOML `text` of `file` into `T`.
///
/// # Errors
/// [`TextError`] with the line; for an unknown key also the nearest known one.
pub fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, TextError> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| line_of(text, span.start));
        let mut message = explain(error.message());
        if message.starts_with("invalid type") {
            let key =
                line.and_then(|line| text.lines().nth(line.saturating_sub(1))?.split_once('='));
            if let Some((key, _)) = key {
                message = format!("{} has an {message}", key.trim());
            }
        }
        TextError {
            file: file.to_owned(),
            line,
            message,
        }
    })
}

/// A value of a TOML text with the line it begins on.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Line, counted from one.
    pub line: usize,
    /// Byte in the text, by which nodes stand in the order of the text.
    pub at: usize,
    /// The value.
    pub value: Value,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text; dates and times too, as they are written.
    Text(String),
    /// A number, whole ones too.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// Values in their order.
    List(Vec<Node>),
    /// Keys with their values, in the order of the keys.
    Table(Vec<(String, Node)>),
}

impl Node {
    /// The value of a key, for a table that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        let Value::Table(entries) = &self.value else {
            return None;
        };
        entries.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// The members, for a list; none for anything else.
    #[must_use]
    pub fn members(&self) -> &[Node] {
        match &self.value {
            Value::List(members) => members,
            _ => &[],
        }
    }

    /// The text, for a text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The whole of a TOML text, whatever it means.
///
/// # Errors
/// [`TextError`] with the line where it is no TOML.
pub fn tree(file: &str, text: &str) -> Result<Node, TextError> {
    match toml::de::DeTable::parse(text) {
        Ok(table) => Ok(Node {
            line: 1,
            at: 0,
            value: branches(text, table.get_ref()),
        }),
        Err(error) => Err(TextError {
            file: file.to_owned(),
            line: error.span().map(|span| line_of(text, span.start)),
            message: error.message().to_owned(),
        }),
    }
}

fn branches(text: &str, table: &toml::de::DeTable<'_>) -> Value {
    let entries = table
        .iter()
        .map(|(key, value)| (key.get_ref().to_string(), node(text, value)));
    Value::Table(entries.collect())
}

fn node(text: &str, value: &toml::Spanned<toml::de::DeValue<'_>>) -> Node {
    use toml::de::DeValue;
    let number = |text: &str| text.parse().unwrap_or(f64::NAN);
    let value_of = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(whole) => Value::Number(number(whole.as_str())),
        DeValue::Float(float) => Value::Number(number(float.as_str())),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(time) => Value::Text(time.to_string()),
        DeValue::Array(list) => Value::List(list.iter().map(|item| node(text, item)).collect()),
        DeValue::Table(table) => branches(text, table),
    };
    Node {
        line: line_of(text, value.span().start),
        at: value.span().start,
        value: value_of,
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).map_or(1, |b| b.matches('\n').count() + 1)
}

/// Adds the nearest known name to serde's "unknown field `x`, expected one of …".
fn explain(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let unknown = ["unknown field", "unknown variant"]
        .iter()
        .any(|start| message.starts_with(start));
    match quoted.split_first() {
        Some((found, known)) if unknown => {
            let kind = if message.starts_with("unknown field") {
                "unknown key"
            } else {
                "unknown value"
            };
            match nearest(found, known.iter().copied()) {
                Some(near) => format!("{kind} {found:?}; did you mean {near:?}?"),
                None => format!("{kind} {found:?}; known: {}", known.join(", ")),
            }
        }
        _ if message.starts_with("missing field") => format!("{message}; add it"),
        _ => message.to_owned(),
    }
}

/// The candidate that looks most like `found`, if any is close.
pub fn nearest<'a>(found: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(found, candidate), candidate))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only its name matters")]
        rated_flow: f64,
        #[expect(dead_code, reason = "only its name matters")]
        rated_head: f64,
    }

    #[test]
    fn unknown_key_names_file_line_and_nearest() {
        let text = "rated_flow = 32\n\nrated_haed = 104\n";
        let error = parse::<Sample>("order.toml", text).unwrap_err();
        assert_eq!(
            error.to_string(),
            "failed to read order.toml line 3: unknown key \"rated_haed\"; did you mean \"rated_head\"?"
        );
    }

    #[test]
    fn a_key_like_no_other_lists_the_known_ones() {
        let error = parse::<Sample>("order.toml", "xyz = 1").unwrap_err();
        assert_eq!(
            error.message,
            "unknown key \"xyz\"; known: rated_flow, rated_head"
        );
    }

    #[test]
    fn a_key_of_two_tables_is_told_with_the_line_in_its_own() {
        let text = "[a]\npack = \"x\"\n\n[b]\nother = 1\npack = \"y\"\n";
        let line = |table| TextError::at_key_of("f", text, table, "pack", "no").line;
        assert_eq!((line("a"), line("b")), (Some(2), Some(6)));
    }

    #[test]
    fn a_tree_keeps_values_and_lines() {
        let tree = tree(
            "f",
            "a = 1\n[[row]]\nat = [[1.5, -2e3]]\n[[row]]\nb = \"x\"\n",
        )
        .unwrap();
        assert_eq!(tree.get("a").unwrap().value, Value::Number(1.0));
        let rows = tree.get("row").unwrap().members();
        assert_eq!((rows[0].line, rows[1].line), (2, 4));
        assert_eq!(rows[1].get("b").unwrap().text(), Some("x"));
        let pair = rows[0].get("at").unwrap().members()[0].members();
        assert_eq!(pair[1].value, Value::Number(-2000.0));
        let error = super::tree("f", "a = 1\nb = = 2\n").unwrap_err();
        assert_eq!(error.line, Some(2));
    }

    #[test]
    fn a_text_in_a_number_names_its_line() {
        let error =
            parse::<Sample>("order.toml", "rated_flow = \"a\"\nrated_head = 1").unwrap_err();
        assert_eq!(error.line, Some(1));
        assert!(error.message.contains("expected f64"), "{}", error.message);
    }
}
