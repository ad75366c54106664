//! Arguments of `instruments` and `plan`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint instruments list
  dutypoint instruments list --find keller
  dutypoint instruments show dyn200
  dutypoint instruments check my-meter.toml

A new instrument is a file, no code: put it into the folder instruments of the data folder
(--data), named after its id. One with the id of a shipped profile takes its place.")]
pub(crate) struct InstrumentsArgs {
    #[command(subcommand)]
    pub(crate) verb: InstrumentsVerb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum InstrumentsVerb {
    /// List the instruments there are profiles of.
    #[command(after_help = "Examples:
  dutypoint instruments list
  dutypoint instruments list --find flow
  dutypoint instruments list --json")]
    List {
        /// Only those whose id, class, maker or model holds this text.
        #[arg(long, value_name = "TEXT")]
        find: Option<String>,
    },
    /// Print a profile: registers, scales, units, notes, sources.
    #[command(after_help = "Examples:
  dutypoint instruments show keller-30x
  dutypoint instruments show my-meter.toml --json")]
    Show {
        /// Id of a profile, or a file.
        profile: String,
    },
    /// Check profile files and report every mistake, with file and line.
    #[command(after_help = "Examples:
  dutypoint instruments check my-meter.toml
  dutypoint instruments check config/instruments/*.toml --json

Exit code 2 when a profile cannot be used; remarks alone leave it 0.")]
    Check {
        /// Profile files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Take a calibration certificate into the register: a table (CSV) or a DCC (XML).
    #[command(after_help = "Examples:
  dutypoint instruments calibrate flow.csv
  dutypoint instruments calibrate P-0042.xml --due 2027-09-01
  dutypoint instruments calibrate flow.csv --out config/calibrations/flow.toml

A bench names it by its number: calibration = \"P-0042\". A DCC never says when the
calibration is due again, so --due does. A table begins with lines of key and value
(certificate, laboratory, date, due, unit, k, resolution), then indicated,true,u and the
points. Nothing is overwritten.")]
    Calibrate {
        /// The certificate: .csv or .xml.
        file: PathBuf,
        /// Day it is due again, YYYY-MM-DD.
        #[arg(long, value_name = "DATE")]
        due: Option<String>,
        /// File to write; else one named after the certificate, in calibrations of the data
        /// folder.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint plan my-bench.toml
  dutypoint plan my-bench.toml --profile my-meter.toml
  dutypoint plan config/benches/demo.toml --json

Prints per line the requests in order, their bytes and time on the wire, the time to ask
for everything once, and the load. Exit code 2, with the line and what to change, when a
line cannot keep its rates. Nothing is sent.")]
pub(crate) struct PlanArgs {
    /// Bench file.
    pub(crate) bench: PathBuf,
    /// A profile that lies elsewhere than in the data folder.
    #[arg(long = "profile", value_name = "FILE")]
    pub(crate) profiles: Vec<PathBuf>,
}
