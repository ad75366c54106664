//! Whether the wall clock is synchronised, and who says so.
//!
//! The kernel's own word (adjtimex) needs unsafe code, so its users are asked: chrony's
//! chronyc, systemd's timedatectl and the file of systemd-timesyncd. Only chrony also says by
//! how much the clock is off; of the others that stays unknown.

use std::path::Path;
use std::process::{Command, Stdio};

/// What is known of the synchronisation of the wall clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClockSync {
    /// Who says so; `unknown` where nobody does.
    pub(crate) source: &'static str,
    /// Whether it is synchronised.
    pub(crate) synchronised: Option<bool>,
    /// By how much the clock is ahead of true time.
    pub(crate) ahead_ns: Option<i64>,
    /// Largest error.
    pub(crate) error_ns: Option<i64>,
}

impl ClockSync {
    /// Nobody says anything.
    pub(crate) const UNKNOWN: Self = Self::of("unknown", None);

    const fn of(source: &'static str, synchronised: Option<bool>) -> Self {
        Self {
            source,
            synchronised,
            ahead_ns: None,
            error_ns: None,
        }
    }

    /// Asks who there is; may take as long as they take.
    pub(crate) fn ask() -> Self {
        let tracking = ask("chronyc", &["-n", "-c", "tracking"]);
        if let Some(found) = tracking.and_then(|said| chrony(&said)) {
            return found;
        }
        // systemd-timesyncd leaves this file once it has set the clock.
        if Path::new("/run/systemd/timesync/synchronized").exists() {
            return Self::of("systemd-timesyncd", Some(true));
        }
        let property = ["show", "--property=NTPSynchronized", "--value"];
        match ask("timedatectl", &property).as_deref().map(str::trim) {
            Some("yes") => Self::of("timedatectl", Some(true)),
            Some("no") => Self::of("timedatectl", Some(false)),
            _ => Self::UNKNOWN,
        }
    }
}

/// What a program prints, if it is there and content.
fn ask(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success() && !said.trim().is_empty()).then_some(said)
}

/// The columns of `chronyc -c tracking`: reference id, address, stratum, reference time, system
/// time (s that the clock is slow, negative where it is fast), last and RMS offset, frequency,
/// residual frequency, skew, root delay, root dispersion, update interval, leap status. The
/// largest error is, by chrony's manual, |system time| + root dispersion + half the root delay.
fn chrony(said: &str) -> Option<ClockSync> {
    let columns: Vec<&str> = said.lines().next()?.split(',').collect();
    let number = |at: usize| columns.get(at)?.trim().parse::<f64>().ok();
    let leap = columns.get(13)?.trim();
    let synchronised = leap != "Not synchronised";
    let known = synchronised.then(|| {
        let (slow, delay, dispersion) = (number(4)?, number(10)?, number(11)?);
        Some((-slow, slow.abs() + dispersion + 0.5 * delay))
    });
    let known = known.flatten();
    Some(ClockSync {
        ahead_ns: known.map(|(ahead, _)| nanoseconds(ahead)),
        error_ns: known.map(|(_, error)| nanoseconds(error)),
        ..ClockSync::of("chrony", Some(synchronised))
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "offsets of clocks in seconds; a float cast saturates"
)]
fn nanoseconds(seconds: f64) -> i64 {
    (seconds * 1e9).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Column order of chrony 4's `print_report` for `tracking`; numbers made up.
    #[test]
    fn chrony_says_offset_and_error() {
        let line = "C0A80101,192.168.1.1,3,1763900000.0,0.000012000,-0.000001,0.00002,-12.5,0.001,0.05,0.002000000,0.000500000,64.2,Normal\n";
        assert_eq!(
            chrony(line),
            Some(ClockSync {
                source: "chrony",
                synchronised: Some(true),
                // 12 µs slow; 12 µs + 500 µs + half of 2 ms.
                ahead_ns: Some(-12_000),
                error_ns: Some(1_512_000),
            })
        );
        let lost = line.replace("Normal", "Not synchronised");
        let lost = chrony(&lost).unwrap();
        assert_eq!((lost.synchronised, lost.error_ns), (Some(false), None));
        assert_eq!(chrony("506 Cannot talk to daemon\n"), None);
        assert_eq!(chrony(""), None);
    }
}
