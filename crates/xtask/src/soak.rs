//! `cargo xtask soak`: lines asked as fast as they carry, with random faults.
//!
//! Promises: prints exchanges, faults by kind, good readings, absences by cause and
//! readings that are another's; fails when there is one of the last. The test behind it
//! is `soak` of the crate `sim`, whose short form runs with the others.

use crate::steps;
use anyhow::{Context as _, Result, bail};
use std::process::{Command, Stdio};
use xtask::graph::cargo;

/// How much is asked of the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    exchanges: u64,
    minutes: u64,
    seed: u64,
    debug: bool,
}

/// Reads the words behind `soak`.
pub(crate) fn parse(words: &[&str]) -> Result<Size, String> {
    let mut size = Size {
        exchanges: 1_000_000,
        minutes: 60,
        seed: 20_261_123,
        debug: false,
    };
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let place = match *word {
            "--debug" => {
                size.debug = true;
                continue;
            }
            "--exchanges" => &mut size.exchanges,
            "--minutes" => &mut size.minutes,
            "--seed" => &mut size.seed,
            other => return Err(format!("soak: cannot make sense of {other:?}")),
        };
        let given = rest.next().and_then(|text| text.parse().ok());
        *place = given
            .filter(|number| *number > 0)
            .ok_or_else(|| format!("soak: {word} needs a whole number from 1"))?;
    }
    Ok(size)
}

pub(crate) fn run(size: Size) -> Result<()> {
    let mut command = Command::new(cargo());
    command.args(["test", "--quiet", "--package", "dutypoint-sim"]);
    command.args(["--test", "soak"]);
    if !size.debug {
        command.arg("--release");
    }
    command.args(["--", "--nocapture", "--test-threads=1", "no_random_fault"]);
    let status = command
        .env("CARGO_TARGET_DIR", steps::target()?)
        .env("DUTYPOINT_SOAK_EXCHANGES", size.exchanges.to_string())
        .env("DUTYPOINT_SOAK_MINUTES", size.minutes.to_string())
        .env("DUTYPOINT_SOAK_SEED", size.seed.to_string())
        .stdin(Stdio::null())
        .status()
        .context("failed to run cargo")?;
    if !status.success() {
        bail!("a reading was another's, or an absence was not told; see above");
    }
    Ok(())
}
