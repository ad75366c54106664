//! The developer's own commands: `cargo xtask test` and friends.
//!
//! Promises: exit 0 when all went well, 1 when a step failed, 2 for a command line it
//! does not know. Never does: change a file of the workspace.

mod bits;
mod browser;
mod measure;
mod soak;
mod steps;
mod tools;

use anyhow::{Context as _, Result, bail};
use std::ffi::OsString;
use std::process::{Command, ExitCode, Stdio};
use xtask::graph::{Graph, metadata};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test [--no-install]  install the programs the tests need where apt-get can, then
                       format check, clippy and all tests; with --no-install go on
                       without the missing ones
  edges                print the crates and what each depends on (~: only its tests);
                       fails when the design does not allow an edge
  look PDF...          render each page to a PNG beside the file (needs pdftoppm)
  measure              what the console costs, on the release build: size of the first
                       page, latency with five viewers, memory of a demo
  bits                 compute one run and every validation case by a debug, a release and
                       an ARM build (under qemu-user) and compare them to the bit
  soak [--exchanges N] [--minutes M] [--seed S] [--debug]
                       ask lines of each transport as fast as they carry, with random
                       faults, until N exchanges (a million) or M minutes (60) are over,
                       on the release build or a debug build; fails when one reading is
                       another register's, device's or moment's
  help                 print this";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let command = match parse(&arguments) {
        Ok(command) => command,
        Err(reason) => {
            eprintln!("xtask: {reason}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let result = match command {
        Task::Help => {
            println!("{USAGE}");
            Ok(())
        }
        Task::Test { install } => steps::run(install),
        Task::Edges => edges(),
        Task::Look(files) => look(files),
        Task::Measure => measure::run(),
        Task::Bits => bits::run(),
        Task::Soak(size) => soak::run(size),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Task<'a> {
    Help,
    Test { install: bool },
    Edges,
    Look(&'a [OsString]),
    Measure,
    Bits,
    Soak(soak::Size),
}

fn parse(arguments: &[OsString]) -> Result<Task<'_>, String> {
    let Some((command, rest)) = arguments.split_first() else {
        return Err("no command".to_owned());
    };
    let words: Vec<_> = rest.iter().map(|word| word.to_string_lossy()).collect();
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match (command.to_string_lossy().as_ref(), words.as_slice()) {
        ("help" | "-h" | "--help", _) | (_, ["-h" | "--help"]) => Ok(Task::Help),
        ("test", []) => Ok(Task::Test { install: true }),
        ("test", ["--no-install"]) => Ok(Task::Test { install: false }),
        ("edges", []) => Ok(Task::Edges),
        ("measure", []) => Ok(Task::Measure),
        ("bits", []) => Ok(Task::Bits),
        ("soak", words) => soak::parse(words).map(Task::Soak),
        ("look", []) => Err("look: no PDF named".to_owned()),
        ("look", [..]) => Ok(Task::Look(rest)),
        (command @ ("test" | "edges" | "measure" | "bits"), _) => {
            Err(format!("{command}: cannot make sense of {words:?}"))
        }
        (command, _) => Err(format!("no command `{command}`")),
    }
}

fn edges() -> Result<()> {
    let graph = Graph::parse(&metadata(&["--no-deps"])?)?;
    print!("{graph}");
    let violations = graph.violations();
    if !violations.is_empty() {
        bail!("{}", violations.join("\n       "));
    }
    Ok(())
}

fn look(files: &[OsString]) -> Result<()> {
    for file in files {
        let status = Command::new("pdftoppm")
            .args(["-r", "110", "-png"])
            .args([file, &std::path::Path::new(file).with_extension("").into()])
            .stdin(Stdio::null())
            .status()
            .context("failed to run pdftoppm (Debian: apt-get install poppler-utils)")?;
        if !status.success() {
            bail!("pdftoppm {} ended with {status}", file.display());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> Result<String, String> {
        let arguments: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        parse(&arguments).map(|task| format!("{task:?}"))
    }

    #[test]
    fn commands_are_read_whole_or_refused() {
        assert_eq!(told("test"), Ok("Test { install: true }".to_owned()));
        assert_eq!(
            told("test --no-install"),
            Ok("Test { install: false }".to_owned())
        );
        assert_eq!(told("test --help"), Ok("Help".to_owned()));
        assert_eq!(told("look a.pdf"), Ok("Look([\"a.pdf\"])".to_owned()));
        assert_eq!(told(""), Err("no command".to_owned()));
        assert_eq!(told("tset"), Err("no command `tset`".to_owned()));
        assert_eq!(told("look"), Err("look: no PDF named".to_owned()));
        assert!(told("test --no-instal").is_err_and(|e| e.contains("--no-instal")));
        assert!(told("edges model").is_err());
        assert!(told("soak --exchanges 30000 --debug").is_ok_and(|t| t.contains("30000")));
        assert!(told("soak --exchanges").is_err_and(|e| e.contains("whole number")));
        assert!(told("soak --minutes 0").is_err());
        assert!(told("soak --minute 3").is_err_and(|e| e.contains("--minute")));
        assert_eq!(told("measure"), Ok("Measure".to_owned()));
    }
}
