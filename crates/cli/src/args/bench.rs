//! Arguments of the verbs that need a real bench.

use clap::Args;
use dutypoint_model::Measure;
use std::path::PathBuf;
use tracing_subscriber::filter::LevelFilter;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint run --bench my-bench.toml --order my-order.toml --operator 张工
  dutypoint run --bench my-bench.toml --order my-order.toml --journal records --json
  dutypoint run --bench hall-1 --order my-order.toml      (the daemon records; see serve --config)

Ctrl-C ends the run as stopped by the operator; a second one quits at once. Where the
daemon records, it goes on when this program is killed; `dutypoint stop` ends it.
What the run waits for a person to do is asked for here: type the word and press Enter,
with your name behind it where you are not the operator.")]
pub(crate) struct RunArgs {
    /// Bench file, or the id of a bench the daemon of this data folder holds.
    #[arg(long, value_name = "FILE|ID")]
    pub(crate) bench: String,
    /// Order file.
    #[arg(long, value_name = "FILE")]
    pub(crate) order: PathBuf,
    /// Instrument profiles and standard packs that are not shipped: a file, or a folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) config: Vec<PathBuf>,
    /// Journal, or the folder it lies in; by default a folder named after the bench in the
    /// data folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) journal: Option<PathBuf>,
    /// Folder for what is issued; by default one named after the run, beside the journal.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Who stands at the bench; by default the user of this computer.
    #[arg(long, value_name = "NAME", default_value_t = user())]
    pub(crate) operator: String,
    /// Arm the actuators the bench file turns on, in the operator's name.
    #[arg(long)]
    pub(crate) arm: bool,
}

pub(super) const ARM: &str = "Examples:
  dutypoint arm hall-1 --operator 张工
  dutypoint arm hall-1 --reason '阀区无人 valve area clear' --json

Nothing is written to an actuator before a person has armed it, and only to those the
bench file turns on. It is disarmed by `dutypoint disarm`, at the end of the run, when
contact is lost, when it is not where it was sent, and when its time (armed_for_s) is over.
It then stays where it is.";
pub(super) const MOVE: &str = "Examples:
  dutypoint move hall-1 outlet_valve '35 %' --operator 张工
  dutypoint move hall-1 bypass_valve '0 %' --reason '旁路关闭 bypass shut' --json

The demand must lie within the range of the bench file, and is approached at its rate.
What the read-back shows then stands in the journal. Exit code 2 says why nothing moves.";
pub(super) const SAFE: &str = "Examples:
  dutypoint safe hall-1 --operator 张工 --reason '管路漏水 leaking'

Sends the actuators to what the bench file declares for the type of pump of the order, and
holds the run. Nobody but a person orders it; the actuators must be armed.";
pub(super) const RESUME: &str = "Examples:
  dutypoint resume hall-1 --operator 张工 --reason '市电恢复 mains back'

After the loss of the mains, a trip or the safe state a run goes on only when a person
says so, and not while the cause is there.";

pub(super) const STOP: &str = "Examples:
  dutypoint stop hall-1 --reason '电缆过热 cable hot'
  dutypoint stop hall-1 --operator 张工 --json";
pub(super) const ZERO: &str = "Examples:
  dutypoint zero hall-1 --operator 张工
  dutypoint zero hall-1 --reason '停泵，已排气 at rest, vented' --json

A run on a bench whose channels name a zero_drift_limit waits for it twice: before its
programme, and behind its last point to check what has drifted. The pump is at rest then
and the lines are vented; what the channels show over the last averaging window is the
zero. In the terminal of `dutypoint run`, type zero and press Enter.";

#[derive(Args, Debug)]
pub(crate) struct MoveArgs {
    #[command(flatten)]
    pub(crate) act: ActArgs,
    /// Name of the actuator in the bench file.
    pub(crate) actuator: String,
    /// Where to, as '35 %'.
    #[arg(allow_hyphen_values = true)]
    pub(crate) demand: Measure,
}

#[derive(Args, Debug)]
pub(crate) struct ActArgs {
    /// Id of a bench the daemon of this data folder holds.
    pub(crate) bench: String,
    /// Why; stands in the journal.
    #[arg(long, default_value = "dutypoint")]
    pub(crate) reason: String,
    /// Who; by default the user of this computer.
    #[arg(long, value_name = "NAME", default_value_t = user())]
    pub(crate) operator: String,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint enter hall-1 outlet_pressure 0.52 --by 张工
  dutypoint enter hall-1 outlet_pressure '0.52 MPa' --by Li
  dutypoint enter R20261123-091500-3f2a PG-01 0.52 --by 张工 --photo gauge.jpg --json

A reading counts once two people have entered the same within what the bench file permits,
or one has with a photo. Exit code 1 where the entries differ, 2 where one is refused.")]
pub(crate) struct EnterArgs {
    /// Id of the bench, or of the run being recorded on it.
    #[arg(value_name = "BENCH|RUN")]
    pub(crate) place: String,
    /// Channel, or the tag of the dial.
    pub(crate) channel: String,
    /// What the dial shows, in its own unit.
    #[arg(allow_hyphen_values = true)]
    pub(crate) value: String,
    /// Who read it.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// Photo of the dial; its SHA-256 stands in the journal. Keep the file.
    #[arg(long, value_name = "FILE")]
    pub(crate) photo: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint tail hall-1
  dutypoint tail hall-1 --once
  dutypoint tail hall-1 --json --every 1000

With --json one document a line. The values are provisional: nothing rests on them.")]
pub(crate) struct TailArgs {
    /// Id of a bench the daemon of this data folder holds.
    pub(crate) bench: String,
    /// Show the values once and end.
    #[arg(long)]
    pub(crate) once: bool,
    /// Milliseconds between two looks.
    #[arg(long, value_name = "MS", default_value_t = 500, value_parser = clap::value_parser!(u32).range(50..=60_000))]
    pub(crate) every: u32,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint serve
  dutypoint serve --journal out --port 8300
  dutypoint serve --config my-bench.toml
  dutypoint serve --config /etc/dutypoint --log-format json

With --config the benches of these files are polled all the time, and other processes
record on them with `dutypoint run --bench ID`. Beside the pages there are /metrics
(Prometheus), /healthz (alive) and /readyz (a run could be recorded).
Only this machine can reach the pages: they ask nobody who they are.")]
pub(crate) struct ServeArgs {
    /// Bench, instrument and standard files: a file, or a folder; makes this the daemon of
    /// the data folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) config: Vec<PathBuf>,
    /// Journal, or the folder it lies in; by default every journal of the data folder.
    #[arg(long, value_name = "PATH", conflicts_with = "config")]
    pub(crate) journal: Option<PathBuf>,
    /// Port of this machine; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = crate::serve::PORT)]
    pub(crate) port: u16,
    /// Least level of the log on standard error: error, warn, info, debug, trace or off.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub(crate) log: LevelFilter,
    /// Form of the log.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) log_format: LogFormat,
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

fn user() -> String {
    ["USER", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()))
        .unwrap_or_else(|| "operator".into())
}
