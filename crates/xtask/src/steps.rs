//! `cargo xtask test`: everything that must hold before a change is taken.
//!
//! Promises: the steps run in order and stop at the first failure, which is named; the
//! flags of the compiler are the same in every step, so that no step throws away what
//! another has built. Warnings are errors for clippy here and for nobody else.

use crate::{browser, tools};
use anyhow::{Context as _, Result, bail};
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use xtask::graph::{cargo, metadata};

const STEPS: &[(&str, &[&str])] = &[
    ("format", &["fmt", "--all", "--check"]),
    (
        "clippy",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
    ),
    ("tests", &["test", "--workspace"]),
];

/// Runs the steps; with `install`, missing programs are installed first.
pub(crate) fn run(install: bool) -> Result<()> {
    let cargo = cargo();
    let target = target_dir(&|name| env::var_os(name));
    let mut times: Vec<(&str, bool, Duration)> = Vec::new();
    let mut failure = None;

    let begin = Instant::now();
    println!("==> tools: rustfmt, clippy and the programs the tests run");
    if let Err(error) = prepare(&cargo, install) {
        failure = Some(("tools", error));
    }
    times.push(("tools", failure.is_none(), begin.elapsed()));
    report("tools", failure.is_none(), begin.elapsed());

    for (name, arguments) in STEPS {
        if failure.is_some() {
            break;
        }
        let begin = Instant::now();
        println!("==> {name}: cargo {}", arguments.join(" "));
        let result = step(&cargo, arguments, target.as_deref());
        times.push((name, result.is_ok(), begin.elapsed()));
        report(name, result.is_ok(), begin.elapsed());
        failure = result.err().map(|error| (*name, error));
    }

    print!("\n{}", table(&times));
    match failure {
        None => Ok(()),
        Some((name, error)) => Err(error.context(format!("step `{name}` failed"))),
    }
}

fn prepare(cargo: &OsStr, install: bool) -> Result<()> {
    tools::components(cargo)?;
    tools::ensure(install)?;
    browser::ensure(install)
}

fn step(cargo: &OsStr, arguments: &[&str], target: Option<&Path>) -> Result<()> {
    let mut command = Command::new(cargo);
    command.args(arguments).stdin(Stdio::null());
    // `cargo run` describes xtask to xtask in these. Build scripts that watch them would
    // build again whenever a developer changes between `cargo xtask test` and `cargo test`.
    for (name, _) in env::vars_os().filter(|(name, _)| names_our_package(name)) {
        command.env_remove(name);
    }
    if let Some(target) = target {
        command.env("CARGO_TARGET_DIR", target);
    }
    if env::var_os("RUST_TEST_THREADS").is_none() {
        // The longest tests wait for the clock of a bench, not for a processor.
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        command.env("RUST_TEST_THREADS", (2 * cores).to_string());
    }
    if env::var_os("CI").is_some_and(|ci| !ci.is_empty()) {
        // What makes the next build faster is waste on a machine that builds once.
        command.env("CARGO_INCREMENTAL", "0");
    }
    let status = command.status().context("failed to run cargo")?;
    if !status.success() {
        bail!("`cargo {}` ended with {status}", arguments.join(" "));
    }
    Ok(())
}

fn names_our_package(variable: &OsStr) -> bool {
    variable.to_str().is_some_and(|name| {
        name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_")
            || ["CARGO_BIN_NAME", "CARGO_CRATE_NAME", "OUT_DIR"].contains(&name)
    })
}

/// Where the steps build.
pub(crate) fn target() -> Result<PathBuf> {
    match target_dir(&|name| env::var_os(name)) {
        Some(target) => Ok(target),
        // Set by the developer, or for want of a home in the workspace; cargo knows.
        None => {
            let found = metadata(&["--no-deps"])?;
            let target = found["target_directory"].as_str();
            Ok(target.context("cargo names no target folder")?.into())
        }
    }
}

/// Where to build, outside the clone; `None` leaves it to cargo.
fn target_dir(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if set("CARGO_TARGET_DIR").is_some() || set("CARGO_BUILD_TARGET_DIR").is_some() {
        return None;
    }
    let cache = set("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| Some(PathBuf::from(set("HOME")?).join(".cache")))?;
    Some(cache.join("dutypoint").join("target"))
}

fn report(name: &str, good: bool, time: Duration) {
    println!("==> {name}: {} after {}", word(good), seconds(time));
}

fn table(times: &[(&str, bool, Duration)]) -> String {
    let mut lines = String::new();
    for (name, good, time) in times {
        lines += &format!("{name:8}{:8}{:>10}\n", word(*good), seconds(*time));
    }
    for (name, _) in STEPS {
        if !times.iter().any(|(run, _, _)| run == name) {
            lines += &format!("{name:8}not run\n");
        }
    }
    let total = times.iter().map(|(_, _, time)| *time).sum();
    lines + &format!("{:16}{:>10}\n", "total", seconds(total))
}

fn word(good: bool) -> &'static str {
    if good { "ok" } else { "FAILED" }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(variables: &[(&str, &str)]) -> Option<PathBuf> {
        target_dir(&|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_build_stays_outside_the_clone() {
        let cache = Some(PathBuf::from("/c/dutypoint/target"));
        let home = Some(PathBuf::from("/h/.cache/dutypoint/target"));
        assert_eq!(target(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/c")]), cache);
        assert_eq!(target(&[("HOME", "/h")]), home);
        // The XDG specification has relative and empty paths ignored.
        assert_eq!(target(&[("HOME", "/h"), ("XDG_CACHE_HOME", "c")]), home);
        assert_eq!(target(&[("HOME", "/h"), ("CARGO_TARGET_DIR", "")]), home);
        assert_eq!(target(&[("HOME", "/h"), ("CARGO_TARGET_DIR", "/t")]), None);
        assert_eq!(target(&[]), None);
    }

    #[test]
    fn the_table_tells_what_was_not_run() {
        let times = [
            ("tools", true, Duration::from_millis(40)),
            ("format", false, Duration::from_millis(1260)),
        ];
        assert_eq!(
            table(&times),
            "tools   ok           0.0 s\n\
             format  FAILED       1.3 s\n\
             clippy  not run\n\
             tests   not run\n\
             total                1.3 s\n"
        );
    }

    #[test]
    fn only_what_describes_xtask_is_kept_from_the_steps() {
        assert!(names_our_package(OsStr::new("CARGO_PKG_NAME")));
        assert!(names_our_package(OsStr::new("CARGO_MANIFEST_DIR")));
        for kept in ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_TERM_COLOR", "PATH"] {
            assert!(!names_our_package(OsStr::new(kept)), "{kept}");
        }
    }
}
