//! Arguments of `probe`.

use clap::Args;
use dutypoint_fieldbus::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint probe /dev/ttyUSB0
  dutypoint probe COM3 --profile keller-30x --value \"2.35 bar\" --write bench.toml
  dutypoint probe 192.0.2.10 --units 1-4

It never writes to a device. It listens first, asks for one value at a time and rests
between requests; when somebody else uses the line it stops and says so.
Exit code 1 when nobody answered.")]
pub(crate) struct ProbeArgs {
    /// Serial port, or HOST[:PORT] of a Modbus TCP device or gateway.
    #[arg(value_name = "PORT|HOST[:PORT]")]
    pub(crate) target: String,
    /// Profile of the instrument, where it is known.
    #[arg(long, value_name = "ID")]
    pub(crate) profile: Option<String>,
    /// A profile that lies elsewhere than in the data folder.
    #[arg(long = "profile-file", value_name = "FILE")]
    pub(crate) profiles: Vec<PathBuf>,
    /// What the display shows, with its unit, as in "12.34 m3/h": finds register and word order.
    #[arg(long, value_name = "N[UNIT]", allow_hyphen_values = true)]
    pub(crate) value: Option<Display>,
    /// Baud rates to try; by default the usual ones.
    #[arg(long, value_name = "RATE", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(300..=4_000_000))]
    pub(crate) baud: Vec<u32>,
    /// Unit ids to ask.
    #[arg(long, value_name = "FROM-TO", default_value = "1-16", value_parser = parse_units)]
    pub(crate) units: RangeInclusive<u8>,
    /// Bench file to write; one that exists is left alone.
    #[arg(long, value_name = "FILE")]
    pub(crate) write: Option<PathBuf>,
}

fn parse_units(text: &str) -> Result<RangeInclusive<u8>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let unit = |text: &str| text.trim().parse::<u8>().ok();
    match (unit(first), unit(last)) {
        (Some(first), Some(last)) if (1..=247).contains(&first) && first <= last && last <= 247 => {
            Ok(first..=last)
        }
        _ => Err("expected unit ids from 1 to 247, like 3 or 1-16".into()),
    }
}
