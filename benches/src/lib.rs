//! What the speed of Dutypoint is measured with; see `benches/`. No test is timed.
//!
//! Peers are plain C loops in `peers/`, compiled when a benchmark runs and started beside it,
//! so that a ratio comes from one run on one machine.

pub mod jitter;
pub mod record;
pub mod wire;

use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles `peers/<name>.c` with `cc -O2` beside the running benchmark.
///
/// # Errors
/// When there is no C compiler or it refuses the file.
pub fn compile(name: &str) -> Result<PathBuf> {
    compile_with(name, &[])
}

/// The same with further words for the compiler.
///
/// # Errors
/// As [`compile`].
pub fn compile_with(name: &str, words: &[&str]) -> Result<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("peers")
        .join(format!("{name}.c"));
    let program = std::env::current_exe()?.with_file_name(format!("peer-{name}"));
    let status = Command::new("cc")
        .arg("-O2")
        .arg(source)
        .arg("-o")
        .arg(&program)
        .arg("-lm")
        .args(words)
        .status()?;
    if status.success() {
        Ok(program)
    } else {
        Err(Error::other(format!("cc refused {name}.c")))
    }
}

/// Runs a peer and reads the numbers it prints; the first is its own time in milliseconds.
///
/// # Errors
/// When it does not start, or prints anything but numbers.
pub fn run(program: &Path, arguments: &[&str]) -> Result<Vec<f64>> {
    let output = Command::new(program).args(arguments).output()?;
    String::from_utf8_lossy(&output.stdout)
        .split_whitespace()
        .map(|word| word.parse().map_err(Error::other))
        .collect()
}

/// The smallest of some times: what the work takes when nothing else runs.
#[must_use]
pub fn fastest(times: &[f64]) -> f64 {
    times.iter().copied().fold(f64::INFINITY, f64::min)
}
