//! Arguments of the verbs that need no run.

use clap::Args;
use clap_complete::Shell;
use std::path::PathBuf;

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

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint validate
  dutypoint validate --out dossier --by '张工 Zhang' --on 2026-03-01
  dutypoint validate --only nist --json
  dutypoint validate --cases my-cases              (your own, my-cases/AREA/CASE.json)

Computes every shipped case with a published or independently computed result and
compares. --out writes the dossier an assessor asks for (ISO/IEC 17025, 7.11):
validation.pdf and validation.json. Exit code 1 when a case comes out otherwise.")]
pub(crate) struct ValidateArgs {
    /// Folder for validation.pdf and validation.json.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Only cases whose name holds this text.
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,
    /// Folder of cases, in place of the shipped ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) cases: Option<PathBuf>,
    /// Who makes the dossier; printed in it.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// Date printed in the dossier; without it, it has none and is the same every time.
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Option<String>,
}
