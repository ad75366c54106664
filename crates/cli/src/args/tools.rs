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
