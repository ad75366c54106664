//! Arguments of `pack`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint pack list
  dutypoint pack show gb32030-2022
  dutypoint pack check my-pack.toml
  dutypoint pack diff gb19762-2007 gb19762-2025

A pack is named by its id, or by the path of its file.")]
pub(crate) struct PackArgs {
    #[command(subcommand)]
    pub(crate) verb: PackVerb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum PackVerb {
    /// List the shipped packs: edition, status, and how well their numbers are known.
    #[command(after_help = "Examples:
  dutypoint pack list
  dutypoint pack list --json")]
    List,
    /// Print every number of a pack with its clause, confidence and source.
    #[command(after_help = "Examples:
  dutypoint pack show gb32030-2022
  dutypoint pack show gbt3216-2016 --section tolerance
  dutypoint pack show my-pack.toml --json

With the standard beside it: each number stands under its clause. A laboratory that has
compared them all writes status = \"countersigned\" and a [countersignature] into its copy.")]
    Show {
        /// Id of a shipped pack, or a file.
        pack: String,
        /// Only this section, as tolerance or energy_type.
        #[arg(long, value_name = "NAME")]
        section: Option<String>,
    },
    /// Check pack files and report every mistake, with file and line.
    #[command(after_help = "Examples:
  dutypoint pack check my-pack.toml
  dutypoint pack check config/standards/*.toml --json

Exit code 2 when a pack cannot be used; remarks alone leave it 0.")]
    Check {
        /// Pack files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Compare two packs number by number.
    #[command(after_help = "Examples:
  dutypoint pack diff gbt12785-2014 my-gbt12785.toml
  dutypoint pack diff old.toml new.toml --json")]
    Diff {
        /// The earlier pack: id or file.
        before: String,
        /// The later one.
        after: String,
    },
}
