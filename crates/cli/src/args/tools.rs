//! Arguments of the verbs that need no run.

use clap::Args;
use clap_complete::Shell;
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint calc --list                                    (calculations, their inputs and units)
  dutypoint calc gravity latitude_deg=37.87 altitude='780 m'
  dutypoint calc head --example > head.json                (then change the numbers)
  dutypoint calc head --in head.json --json
  dutypoint calc --in many.json --json                     ([{\"calc\": \"head\", \"inputs\": {…}}, …])

A measure is text with its unit, \"32 m3/h\"; a number whose name carries the unit
(density_kg_m3) is bare; a column is \"0 40 60 m3/h\". Without KEY=VALUE and --in the
inputs are read from standard input. Of a list every answer is given, and one that
cannot be computed is an error with its index and exit code 2.

Exit code 1 when `calc judge` finds no pass.")]
pub(crate) struct CalcArgs {
    /// Name of the calculation; may be left out where the JSON names it.
    pub(crate) name: Option<String>,
    /// Inputs, in place of JSON.
    #[arg(value_name = "KEY=VALUE", requires = "name", conflicts_with = "input")]
    pub(crate) pairs: Vec<String>,
    /// JSON: an object of inputs, or {"calc": …, "inputs": …}, or a list of either.
    #[arg(long = "in", value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// List the calculations with their inputs and units.
    #[arg(long, conflicts_with_all = ["input", "pairs", "example"])]
    pub(crate) list: bool,
    /// Print inputs ready to be changed: those of a worked example.
    #[arg(long, conflicts_with_all = ["input", "pairs"])]
    pub(crate) example: bool,
    /// A standard pack that is not shipped.
    #[arg(long = "pack", value_name = "FILE")]
    pub(crate) packs: Vec<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint completions bash > ~/.local/share/bash-completion/completions/dutypoint
  dutypoint completions zsh > ~/.zfunc/_dutypoint
  dutypoint completions fish > ~/.config/fish/completions/dutypoint.fish
  dutypoint completions bash --json")]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint doctor
  dutypoint doctor --bench my-bench.toml       (also tries its ports and addresses)
  dutypoint doctor --json

Needs neither a bench nor the rights of root, and changes nothing. Exit code 2 when
something must be changed before a run; warnings alone leave it 0.")]
pub(crate) struct DoctorArgs {
    /// Bench file whose ports and addresses are tried.
    #[arg(long, value_name = "FILE")]
    pub(crate) bench: Option<PathBuf>,
    /// Journal, or the folder it lies in; by default every journal of the data folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) journal: Option<PathBuf>,
}
