//! `dutypoint completions`: the completion script of a shell, on standard output.

use crate::Done;
use crate::args::{Cli, CompletionsArgs};
use crate::say::Say;
use clap::CommandFactory as _;
use serde_json::json;

pub(crate) fn run(args: &CompletionsArgs, say: Say) -> anyhow::Result<Done> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "dutypoint", &mut script);
    let script = String::from_utf8(script)?;
    say.document(&json!({ "shell": args.shell.to_string(), "script": script }))?;
    say.line(script.trim_end());
    Ok(Done::Passing)
}
