//! Arguments of the verbs that need no run.

use clap::Args;
use clap_complete::Shell;

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
