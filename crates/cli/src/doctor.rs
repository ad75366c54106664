//! `dutypoint doctor`: are the surroundings fit for a run?

use crate::args::DoctorArgs;
use crate::places::{Places, file_name, nanoseconds, read_text};
use crate::say::Say;
use crate::{Done, embedded};
use dutypoint_engine::config::Bench;
use dutypoint_hydraulics::pack::Standard;
use dutypoint_station::doctor::{Check, State, Surroundings, examine};
use serde_json::json;

pub(crate) async fn run(args: &DoctorArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let bench = match &args.bench {
        Some(path) => Some(Bench::parse(&file_name(path), &read_text(path)?)?),
        None => None,
    };
    let packs: Vec<Standard> = embedded::packs()?.into_values().collect();
    let journals = places.journals(args.journal.as_deref())?;
    let checks = examine(&Surroundings {
        data: places.data()?,
        journals: &journals,
        bench: bench.as_ref(),
        packs: &packs,
        version: env!("CARGO_PKG_VERSION"),
        now_ns: nanoseconds(jiff::Timestamp::now())?,
    })
    .await;
    let count = |state| checks.iter().filter(|c| c.state == state).count();
    let (warnings, failures) = (count(State::Warning), count(State::Failure));
    say.document(&json!({ "warnings": warnings, "failures": failures, "checks": checks }))?;
    for check in &checks {
        print(say, check);
    }
    say.line(format!(
        "{} {} · {} {warnings} · {} {failures}",
        checks.len(),
        say.pick("项检查", "checks"),
        say.pick("警告", "warnings"),
        say.pick("故障", "failures"),
    ));
    // What stands in the way of a run must be changed first, as with any bad input.
    Ok(if failures == 0 {
        Done::Passing
    } else {
        Done::BadInput
    })
}

fn print(say: Say, check: &Check) {
    let state = match check.state {
        State::Ok => say.pick("正常", "ok     "),
        State::Warning => say.pick("警告", "warning"),
        State::Failure => say.pick("故障", "failure"),
    };
    say.line(format!("{state}  {}", check.found.get(say.lang)));
    if let Some(todo) = &check.todo {
        say.line(format!("         → {}", todo.get(say.lang)));
    }
}
