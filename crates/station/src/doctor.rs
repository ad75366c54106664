//! Are the surroundings fit for a run? Ports, folders, keys, clock, disk, journals.
//!
//! Owns: the checks of `dutypoint doctor`. Promises: each check says what it found and,
//! where something is wrong, what to do; nothing is changed, and nothing is sent to a
//! serial port. Never does: need a bench, a journal or the rights of root; what cannot be
//! found out is a warning that says so.

mod clock;
mod disk;
mod journals;
mod ports;
mod program;

use dutypoint_engine::config::Bench;
use dutypoint_hydraulics::pack::Standard;
use dutypoint_model::Bilingual;
use serde::Serialize;
use std::path::Path;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing to do.
    Ok,
    /// A run is possible; something should be looked at.
    Warning,
    /// A run is not possible, or its evidence would not hold.
    Failure,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at, for programs: `disk.space`.
    pub id: &'static str,
    /// How it ended.
    pub state: State,
    /// What was found.
    pub found: Bilingual,
    /// What to do about it.
    pub todo: Option<Bilingual>,
}

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The data folder, which may not exist yet.
    pub data: &'a Path,
    /// The journals to look into.
    pub journals: &'a [std::path::PathBuf],
    /// The bench whose ports and addresses are tried.
    pub bench: Option<&'a Bench>,
    /// The standard packs at hand.
    pub packs: &'a [Standard],
    /// Version of the program.
    pub version: &'a str,
    /// Wall clock, nanoseconds since the Unix epoch.
    pub now_ns: i64,
}

/// Looks at everything. Takes about a second, more where an address does not answer.
pub async fn examine(surroundings: &Surroundings<'_>) -> Vec<Check> {
    let mut checks = program::checks(surroundings).await;
    checks.extend(disk::checks(surroundings.data));
    let (journals, latest_ns) = journals::checks(surroundings.journals).await;
    checks.extend(journals);
    checks.extend(clock::checks(surroundings.now_ns, latest_ns));
    checks.extend(ports::checks(surroundings.bench).await);
    checks
}

impl Check {
    fn ok(id: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            id,
            state: State::Ok,
            found: Bilingual::new(zh, en),
            todo: None,
        }
    }

    /// The same finding, with what to do about it.
    fn because(mut self, state: State, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.state = state;
        self.todo = Some(Bilingual::new(zh, en));
        self
    }
}
