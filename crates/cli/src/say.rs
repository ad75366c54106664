//! What the program says: text for people in their language, JSON for programs.

use crate::Done;
use dutypoint_model::text::Lang;
use dutypoint_model::toml_text::TextError;
use serde::Serialize;
use serde_json::{Value, json};
use std::process::ExitCode;

/// The language and form of everything printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Say {
    pub(crate) lang: Lang,
    pub(crate) json: bool,
}

/// Something the user must change: exit code 2.
#[derive(Debug)]
pub(crate) struct BadInput(pub(crate) String);

impl std::fmt::Display for BadInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadInput {}

/// A disk without room for a file: exit code 2, and worth another try.
#[derive(Debug)]
pub(crate) struct NoRoom(pub(crate) String);

impl std::fmt::Display for NoRoom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoRoom {}

/// Whether storage refused a write that it may take later.
pub(crate) fn waits_for_storage(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<NoRoom>()
            || matches!(
                cause.downcast_ref(),
                Some(dutypoint_ledger::Error::Held { .. })
            )
    })
}

/// An error about what the user gave.
pub(crate) fn bad(message: impl Into<String>) -> anyhow::Error {
    anyhow::Error::new(BadInput(message.into()))
}

impl Say {
    pub(crate) fn new(lang: Option<Lang>, json: bool) -> Self {
        Self {
            lang: lang.unwrap_or_else(locale),
            json,
        }
    }

    /// The text in the language of the user.
    pub(crate) fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// Prints a line for people; programs asked for JSON get it at the end.
    pub(crate) fn line(self, text: impl AsRef<str>) {
        if !self.json {
            put(text.as_ref());
        }
    }

    /// Prints the JSON document, if it was asked for.
    pub(crate) fn document(self, value: &impl Serialize) -> anyhow::Result<()> {
        if self.json {
            put(&serde_json::to_string_pretty(value)?);
        }
        Ok(())
    }

    /// What the engine refused, in the language of the user.
    pub(crate) fn engine(self, error: &dutypoint_engine::Error) -> String {
        error.text().get(self.lang).to_owned()
    }

    /// Prints one JSON document in one line.
    pub(crate) fn document_line(self, value: &impl Serialize) -> anyhow::Result<()> {
        put(&serde_json::to_string(value)?);
        Ok(())
    }

    pub(crate) fn error(self, error: &anyhow::Error) {
        let bus = error.downcast_ref::<dutypoint_fieldbus::Error>();
        let text = match (error.downcast_ref::<dutypoint_engine::Error>(), bus) {
            (Some(error), _) => self.engine(error),
            (None, Some(error)) => error.text().get(self.lang).to_owned(),
            (None, None) => format!("{error:#}"),
        };
        if self.json {
            let value = serde_json::json!({ "error": text, "exit_code": exit_code(error) });
            put(&value.to_string());
        }
        eprintln!("{} {text}", self.pick("错误：", "error:"));
    }
}

/// Answers a command line that cannot be read: help and version are printed, anything
/// else is an error, for programs as one JSON document like every other error.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Parsing failed, so what was asked for is looked up in the words themselves.
    let json = std::env::args_os()
        .take_while(|word| word != "--")
        .any(|word| word == "--json");
    if json && error.use_stderr() {
        let text = error.render().to_string();
        let said = text.trim().trim_start_matches("error: ");
        let (what, how) = said.split_once("\n\n").unwrap_or((said, ""));
        let value = serde_json::json!({
            "error": format!("failed to read the command line: {what}"),
            "help": how,
            "exit_code": 2,
        });
        put(&value.to_string());
    }
    // A reader that has left needs no message.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

/// Prints a line. A reader that has left (`| head`) stops the printing, not the work.
fn put(text: &str) {
    use std::io::{ErrorKind, Write as _};
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("failed to print: {error}");
        }
        _ => {}
    }
}

/// 1 for evidence that does not hold and an issue that is refused, 2 for what the user must change, 3 for the rest.
pub(crate) fn exit_code(error: &anyhow::Error) -> u8 {
    use dutypoint_ledger::Error as Ledger;
    let judged = error.chain().any(|cause| {
        matches!(cause.downcast_ref(), Some(Ledger::Damaged { .. }))
            || matches!(
                cause.downcast_ref(),
                Some(dutypoint_station::Error::NotIssuable { .. })
            )
    });
    if judged {
        return 1;
    }
    let user = error.chain().any(|cause| {
        cause.is::<BadInput>()
            || cause.is::<NoRoom>()
            || cause.is::<dutypoint_model::toml_text::TextError>()
            || cause.is::<dutypoint_engine::Error>()
            || cause.is::<dutypoint_fieldbus::Error>()
            || cause.is::<dutypoint_sim::Error>()
            || cause.is::<dutypoint_hydraulics::Error>()
            || matches!(
                cause.downcast_ref::<dutypoint_console::Error>(),
                Some(dutypoint_console::Error::Listen { .. })
            )
            || cause.downcast_ref::<Ledger>().is_some_and(|e| {
                matches!(
                    e,
                    Ledger::Open { .. }
                        | Ledger::Foreign { .. }
                        | Ledger::Version { .. }
                        | Ledger::Locked { .. }
                        | Ledger::Key { .. }
                        | Ledger::ReadOnly { .. }
                        | Ledger::Held { .. }
                )
            })
    });
    if user { 2 } else { 3 }
}

fn locale() -> Lang {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    match set {
        Some(value) if value.starts_with("zh") => Lang::Zh,
        _ => Lang::En,
    }
}

/// What `check` verbs say of files: mistakes, each with its place, and remarks.
#[derive(Debug, Default)]
pub(crate) struct CheckedFiles {
    files: Vec<Value>,
    failed: usize,
}

impl CheckedFiles {
    /// Prints and keeps what was found in one file.
    pub(crate) fn add(&mut self, say: Say, file: &str, mistakes: &[TextError], remarks: &[String]) {
        for mistake in mistakes {
            say.line(format!("{} {mistake}", say.pick("错误 ", "error")));
        }
        for remark in remarks {
            say.line(format!("{} {remark}", say.pick("注意 ", "remark")));
        }
        self.failed += usize::from(!mistakes.is_empty());
        let mistakes: Vec<Value> = mistakes
            .iter()
            .map(|m| json!({ "line": m.line, "message": m.message }))
            .collect();
        self.files
            .push(json!({ "file": file, "mistakes": mistakes, "remarks": remarks }));
    }

    /// Prints all as one document; bad input where there was a mistake.
    pub(crate) fn done(self, say: Say) -> anyhow::Result<Done> {
        say.document(&json!({
            "checked": self.files.len(), "failed": self.failed, "files": self.files
        }))?;
        Ok(if self.failed == 0 {
            Done::Passing
        } else {
            Done::BadInput
        })
    }
}
