//! Arguments of `line-check` and `shadow`.

use clap::Args;
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint line-check my-bench.toml --stage '0 Hz'
  dutypoint line-check my-bench.toml --stage '0 Hz' --stage '25 Hz' --stage '50 Hz' --seconds 60
  dutypoint line-check my-bench.toml               (asks for each stage)
  dutypoint line-check my-bench.toml --history
  dutypoint line-check my-bench.toml --history --json

With no flow, and the frequency converter at several speeds, which you set: nothing is ever
written. A record is kept in line-checks of the bench's folder. Judged is only what has a
limit in the bench file ([line_check], noise_sd, noise_peak); exit code 1 when one does not
hold.")]
pub(crate) struct LineCheckArgs {
    /// Bench file.
    pub(crate) bench: PathBuf,
    /// What is set during a stage, such as the converter's speed; several are measured one
    /// after the other, with a pause to set each. Without one, each is asked for.
    #[arg(long = "stage", value_name = "TEXT")]
    pub(crate) stages: Vec<String>,
    /// How long each stage takes.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: u32,
    /// Show the records of earlier checks, and measure nothing.
    #[arg(long, conflicts_with = "stages")]
    pub(crate) history: bool,
    /// Instrument profiles that are not shipped: a file, or a folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) config: Vec<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint shadow my-bench.toml
  dutypoint shadow my-bench.toml --point '32 m3/h' --point '40 m3/h' --seconds 20
  dutypoint shadow my-bench.toml --csv differences.csv --json

Reads this bench and the system beside it ([shadow] of the bench file) at the same time, and
prints per point what both show. Nothing is ever written to either of them.")]
pub(crate) struct ShadowArgs {
    /// Bench file with a [shadow] section.
    pub(crate) bench: PathBuf,
    /// Name of a point; several are measured one after the other, with a pause to set each.
    #[arg(long = "point", value_name = "TEXT")]
    pub(crate) points: Vec<String>,
    /// How long each point is averaged.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: u32,
    /// Write the table as CSV, too.
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    /// Instrument profiles that are not shipped: a file, or a folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) config: Vec<PathBuf>,
}
