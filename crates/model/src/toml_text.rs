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
        let line = error
            .span()
            .and_then(|span| text.get(..span.start))
            .map(|before| before.matches('\n').count() + 1);
        TextError {
            file: file.to_owned(),
            line,
            message: explain(error.message()),
        }
    })
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
    fn a_text_in_a_number_names_its_line() {
        let error =
            parse::<Sample>("order.toml", "rated_flow = \"a\"\nrated_head = 1").unwrap_err();
        assert_eq!(error.line, Some(1));
        assert!(error.message.contains("expected f64"), "{}", error.message);
    }
}
