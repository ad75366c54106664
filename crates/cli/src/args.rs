//! The command line.

mod bench;
mod calc;
mod instruments;
mod observe;
mod order;
mod pack;
mod probe;
mod tools;

use bench::{ARM, MOVE, RESUME, SAFE, STOP, ZERO};
pub(crate) use bench::{ActArgs, EnterArgs, LogFormat, MoveArgs, RunArgs, ServeArgs, TailArgs};
pub(crate) use calc::{Asked, CalcArgs};
pub(crate) use instruments::{InstrumentsArgs, InstrumentsVerb, PlanArgs};
pub(crate) use observe::{LineCheckArgs, ShadowArgs};
pub(crate) use order::{NewOrderArgs, OrderArgs, OrderKind, OrderVerb};
pub(crate) use pack::{PackArgs, PackVerb};
pub(crate) use probe::ProbeArgs;
pub(crate) use tools::{CompletionsArgs, DoctorArgs, ValidateArgs};

use clap::{Args, Parser, Subcommand};
use dutypoint_engine::import::{Decimal, Encoding, Separator};
use dutypoint_model::text::Lang;
use dutypoint_sim::{Fault, Transport};
use std::path::PathBuf;

const CODES: &str = "\
Exit codes: 0 done and passing, 1 judged failing, 2 usage or bad input, 3 internal.";

/// Pump tests from the register on the wire to a certificate anyone can recompute.
#[derive(Parser, Debug)]
#[command(name = "dutypoint", version, after_help = CODES)]
pub(crate) struct Cli {
    /// Language of messages: zh or en; by default that of the locale.
    #[arg(long, global = true, value_parser = parse_lang)]
    pub(crate) lang: Option<Lang>,
    /// Print one JSON document for programs instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Data folder; by default the user's data directory.
    #[arg(long, global = true, env = "DUTYPOINT_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    /// Run a whole type test on a simulated bench, from the wire to the proof.
    Demo(DemoArgs),
    /// Record one test on a bench, from the wire to the judgement.
    Run(RunArgs),
    /// Show live view, runs and reports in the browser of this machine; with --config, hold
    /// benches for other processes to record on.
    Serve(ServeArgs),
    /// Show what the instruments of a bench of the daemon show now.
    Tail(TailArgs),
    /// Take the zero of the instruments in the run on a bench of the daemon.
    #[command(after_help = ZERO)]
    Zero(ActArgs),
    /// Let the actuators of a bench of the daemon be moved in its run.
    #[command(after_help = ARM)]
    Arm(ActArgs),
    /// Let them be moved no more; they stay where they are.
    Disarm(ActArgs),
    /// Send an armed actuator somewhere.
    #[command(after_help = MOVE)]
    Move(MoveArgs),
    /// Send the actuators to the safe state of the pump type, and hold the run.
    #[command(after_help = SAFE)]
    Safe(ActArgs),
    /// Let a run go on that only a person lets go on.
    #[command(after_help = RESUME)]
    Resume(ActArgs),
    /// End the run on a bench of the daemon.
    #[command(after_help = STOP)]
    Stop(ActArgs),
    /// Enter what a dial shows into the run being recorded.
    Enter(EnterArgs),
    /// Run the simulated bench alone, for people who develop against it.
    Sim(SimArgs),
    /// Evaluate a test recorded elsewhere: an order and its table of points.
    Import(ImportArgs),
    /// Issue the certificate of a run, or render it again.
    Certify(CertifyArgs),
    /// Prove a bundle offline.
    Verify(VerifyArgs),
    /// Compute a run again from its inputs and compare every document.
    Replay(ReplayArgs),
    /// List the runs of the journals.
    Runs(JournalArgs),
    /// Check every invariant of a journal.
    Fsck(FsckArgs),
    /// Check configuration files.
    Config(ConfigArgs),
    /// List, show and check instrument profiles.
    Instruments(InstrumentsArgs),
    /// Print what goes over the wires of a bench, and what it costs.
    Plan(PlanArgs),
    /// Measure how sound the lines of a bench are: failures, time to an answer, noise.
    LineCheck(LineCheckArgs),
    /// Compare a bench with the system beside it, reading both and writing neither.
    Shadow(ShadowArgs),
    /// Find out who is on a line, and write a bench file.
    Probe(ProbeArgs),
    /// Write a new order.
    Order(OrderArgs),
    /// Show, check and compare standards as data.
    Pack(PackArgs),
    /// Check whether the surroundings are fit for a run.
    Doctor(DoctorArgs),
    /// Compute one thing, with the formulas certificates are computed with.
    Calc(CalcArgs),
    /// Hold the engine against every published case.
    Validate(ValidateArgs),
    /// Write the completion script of a shell.
    Completions(CompletionsArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint demo                                       (live page; Ctrl-C ends it)
  dutypoint demo --no-serve
  dutypoint demo --no-serve --out out --seed 7 --speed 20
  dutypoint demo --no-serve --fault frequency=49.2     (the guarantee is not evaluated)
  dutypoint demo --no-serve --fault silent:LT-01       (the run fails to start)")]
pub(crate) struct DemoArgs {
    /// Folder for certificate, bundle, result and journal; by default a new one.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Serve no pages, and end when the test has ended.
    #[arg(long)]
    pub(crate) no_serve: bool,
    /// Port of the pages; by default 8217, or a free one where that is taken.
    #[arg(long, value_name = "PORT", conflicts_with = "no_serve")]
    pub(crate) port: Option<u16>,
    /// Seed of everything that fluctuates.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Bench seconds per wall second.
    #[arg(long, default_value_t = 10.0, value_parser = parse_speed)]
    pub(crate) speed: f64,
    /// Who stands at the bench.
    #[arg(long, default_value = "demo")]
    pub(crate) operator: String,
    /// First TCP port of the simulated instruments; free ports by default.
    #[arg(long, value_name = "PORT")]
    pub(crate) tcp_port: Option<u16>,
    /// What is wrong with the bench, as in silent:LT-01, line:rtu-2, late:PT-01=400,
    /// burn-out:ST-01, frequency=49.2, voltage=350, head=0.85, stuck (the valve), pump-off,
    /// mains-lost, trip; with @FROM..TO in bench
    /// seconds.
    #[arg(long = "fault", value_name = "FAULT")]
    pub(crate) faults: Vec<Fault>,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint sim
  dutypoint sim --list
  dutypoint sim bad-wire
  dutypoint sim my-scenario.toml --speed 10
  dutypoint sim --profile janitza-umg --transport rtu-tcp --unit 3
  dutypoint sim --tcp-port 1502 --speed 1 --fault late:PT-01=400
  dutypoint sim --for 60 --json

While it runs, each line typed or piped to it is a fault that begins then, as
`silent:LT-01`, or for twenty bench seconds `silent:LT-01@0..20`; `clear` ends all.")]
pub(crate) struct SimArgs {
    /// Scenario: a TOML file, or the name of a shipped one.
    #[arg(value_name = "SCENARIO", conflicts_with_all = ["bench", "profile"])]
    pub(crate) scenario: Option<String>,
    /// Lists the shipped scenarios.
    #[arg(long, conflicts_with_all = ["scenario", "bench", "profile"])]
    pub(crate) list: bool,
    /// Bench file; by default the bench of the demo.
    #[arg(long, value_name = "FILE", conflicts_with = "profile")]
    pub(crate) bench: Option<PathBuf>,
    /// Plays an instrument of this profile alone.
    #[arg(long, value_name = "ID")]
    pub(crate) profile: Option<String>,
    /// How it is connected: tcp, rtu or rtu-tcp.
    #[arg(long, requires = "profile")]
    pub(crate) transport: Option<Transport>,
    /// Unit identifier it has; several for several instruments. By default 1.
    #[arg(long = "unit", value_name = "1..247", requires = "profile",
        value_parser = clap::value_parser!(u8).range(1..=247))]
    pub(crate) units: Vec<u8>,
    /// Serial lines are no faster than their wire.
    #[arg(long)]
    pub(crate) paced: bool,
    /// Seed of everything that fluctuates; by default the scenario's, else 1.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Bench seconds per wall second; by default the scenario's, else 1.
    #[arg(long, value_parser = parse_speed)]
    pub(crate) speed: Option<f64>,
    /// First TCP port; free ports by default.
    #[arg(long, value_name = "PORT")]
    pub(crate) tcp_port: Option<u16>,
    /// What is wrong with the bench.
    #[arg(long = "fault", value_name = "FAULT")]
    pub(crate) faults: Vec<Fault>,
    /// Stop after so many seconds; by default at Ctrl-C.
    #[arg(long = "for", value_name = "SECONDS")]
    pub(crate) seconds: Option<u64>,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint import fixtures/lmv311-unit-b/order.toml fixtures/lmv311-unit-b/points.csv
  dutypoint import order.toml points.csv --out evaluation --json
  dutypoint import order.toml points.xlsx --sheet 试验数据
  dutypoint import order.toml points.txt --encoding windows-1252 --decimal comma

Text tables may be UTF-8, UTF-16 or GB18030, separated by commas, semicolons or tabs,
with points or commas as decimal signs. What can be read two ways is refused with the
option that says which is meant.")]
pub(crate) struct ImportArgs {
    /// Order with an [import] section.
    pub(crate) order: PathBuf,
    /// Table of points, CSV or .xlsx; the header names each column with its unit, as in
    /// `Q [m3/h]`, `Q/(m3/h)` or `流量 Q（m³/h）`.
    pub(crate) points: PathBuf,
    /// Sheet of a workbook; needed where several hold something.
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// Encoding of a text table: utf-8, gb18030, utf-16 or windows-1252; found by default.
    #[arg(long)]
    pub(crate) encoding: Option<Encoding>,
    /// What separates the cells of a text table: comma, semicolon or tab; found by default.
    #[arg(long)]
    pub(crate) separator: Option<Separator>,
    /// Decimal sign of numbers that are text: comma or point; found by default.
    #[arg(long)]
    pub(crate) decimal: Option<Decimal>,
    /// Folder for report, bundle, result and journal; by default a new one.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Who evaluates.
    #[arg(long, default_value = "import")]
    pub(crate) operator: String,
    /// A standard pack that is not shipped.
    #[arg(long = "pack", value_name = "FILE")]
    pub(crate) packs: Vec<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint certify R20261123-091500-3f2a
  dutypoint certify R20261123-091500-3f2a --journal out --out again
  dutypoint certify R20261123-091500-3f2a --formal     (says what stands against it)")]
pub(crate) struct CertifyArgs {
    /// Id of the run, or its beginning.
    pub(crate) run: String,
    /// Journal, or the folder it lies in; by default every journal of the data folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) journal: Option<PathBuf>,
    /// Folder to write to; by default the journal's.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Issue formally or not at all.
    #[arg(long)]
    pub(crate) formal: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint verify out/bundle.zip
  dutypoint verify out/bundle.zip --trust out/station.key.pub
  dutypoint verify out/bundle.zip --trust 8f3c…(64 hexadecimal digits)

Exit code 1 for any content that does not verify, unreadable and future versions
included; 2 only for usage or a path that cannot be read.")]
pub(crate) struct VerifyArgs {
    /// The bundle.
    pub(crate) bundle: PathBuf,
    /// Public key to trust: 64 hexadecimal digits, or a file that holds them.
    #[arg(long, value_name = "KEY")]
    pub(crate) trust: Vec<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint replay out/bundle.zip
  dutypoint replay R20261123-091500-3f2a --journal out --json")]
pub(crate) struct ReplayArgs {
    /// A bundle, or the id of a run.
    pub(crate) what: String,
    /// Journal, or the folder it lies in.
    #[arg(long, value_name = "PATH")]
    pub(crate) journal: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint runs
  dutypoint runs --journal out --json")]
pub(crate) struct JournalArgs {
    /// Journal, or the folder it lies in; by default every journal of the data folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) journal: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint fsck --journal out
  dutypoint fsck --journal out --rebuild")]
pub(crate) struct FsckArgs {
    /// Journal, or the folder it lies in; by default every journal of the data folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) journal: Option<PathBuf>,
    /// Make the catalogue anew from the documents and say whether it was equal.
    #[arg(long)]
    pub(crate) rebuild: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint config check
  dutypoint config check my-bench.toml order.toml")]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) verb: ConfigVerb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum ConfigVerb {
    /// Check bench, order, instrument and standard files; without files, the shipped ones.
    #[command(after_help = "Examples:
  dutypoint config check
  dutypoint config check my-bench.toml order.toml
  dutypoint config check config/")]
    Check {
        /// Files, or folders of .toml files.
        files: Vec<PathBuf>,
    },
}

fn parse_lang(text: &str) -> Result<Lang, String> {
    match text {
        "zh" => Ok(Lang::Zh),
        "en" => Ok(Lang::En),
        _ => Err("expected zh or en".into()),
    }
}

fn parse_speed(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|speed| (0.1..=100.0).contains(speed))
        .ok_or_else(|| "expected a number from 0.1 to 100".into())
}
