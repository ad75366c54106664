//! `dutypoint config check`: configuration files, read the way a run reads them.

use crate::args::{ConfigArgs, ConfigVerb};
use crate::places::{Places, file_name, read_text};
use crate::say::{Say, bad};
use crate::{Done, calibrations, embedded, profiles, sim};
use dutypoint_engine::config::{
    Bench, CalibrationConfig, CalibrationRegister, Order, actuator_error, named, unfilled,
};
use dutypoint_fieldbus::InstrumentProfile;
use dutypoint_hydraulics::pack::Standard;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &ConfigArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let ConfigVerb::Check { files } = &args.verb;
    let mut texts: Vec<(String, String)> = Vec::new();
    if files.is_empty() {
        texts.extend(
            embedded::ALL
                .iter()
                .map(|f| (f.path.to_owned(), f.text.to_owned())),
        );
    }
    for path in files {
        for file in expand(path)? {
            texts.push((file.display().to_string(), read_text(&file)?));
        }
    }
    let mut failed = 0;
    let mut report = Vec::new();
    for Checked {
        name,
        kind,
        problem,
        barred,
    } in check_all(&texts, places)?
    {
        // A bench that is good otherwise: what bars a formal run on it.
        let problem = problem.or(barred);
        match &problem {
            None => say.line(format!("ok    {name}  {kind}")),
            Some(problem) => {
                failed += 1;
                say.line(format!("{} {problem}", say.pick("错误 ", "error")));
            }
        }
        report.push(json!({ "file": name, "kind": kind, "problem": problem }));
    }
    say.document(&json!({ "checked": texts.len(), "failed": failed, "files": report }))?;
    say.line(format!(
        "{} {} · {} {failed}",
        texts.len(),
        say.pick("个文件", "files"),
        say.pick("有误", "with errors"),
    ));
    Ok(if failed == 0 {
        Done::Passing
    } else {
        Done::BadInput
    })
}

/// A file and what is wrong with it.
pub(crate) struct Checked {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) problem: Option<String>,
    /// What bars a formal run on a bench that is good otherwise.
    pub(crate) barred: Option<String>,
}

/// Checks files, given as name and text, each with all of them at hand.
pub(crate) fn check_all(
    texts: &[(String, String)],
    places: &Places,
) -> anyhow::Result<Vec<Checked>> {
    let known = Known::with(texts, places)?;
    let checked = texts.iter().map(|(name, text)| {
        let (kind, problem) = check(name, text, &known);
        Checked {
            name: name.clone(),
            kind,
            problem,
            barred: barred(name, text, &known),
        }
    });
    Ok(checked.collect())
}

/// The .toml files of the paths with their texts, folders searched through; refused with
/// every mistake in them.
pub(crate) fn read_checked(
    paths: &[PathBuf],
    places: &Places,
) -> anyhow::Result<Vec<(String, String)>> {
    let mut texts = Vec::new();
    for path in paths {
        for file in expand(path)? {
            texts.push((file.display().to_string(), read_text(&file)?));
        }
    }
    let checked = check_all(&texts, places)?;
    for why in checked.iter().filter_map(|c| c.barred.as_ref()) {
        // Said before the pump turns; a run that is not formal goes on.
        eprintln!("{why}");
    }
    let problems: Vec<String> = checked
        .into_iter()
        .filter_map(|checked| checked.problem)
        .collect();
    if problems.is_empty() {
        Ok(texts)
    } else {
        Err(bad(problems.join("\n")))
    }
}

/// What a file may refer to: profiles and packs of the files themselves, which come before
/// the shipped ones and the profiles of the data folder.
struct Known {
    profiles: BTreeMap<String, InstrumentProfile>,
    packs: Vec<Standard>,
    /// Calibrations of the data folder and of the files.
    calibrations: Vec<CalibrationConfig>,
    /// Longest averaging window of the packs that the orders among the files judge by; of
    /// all packs where there is no order.
    window_s: f64,
}

impl Known {
    fn with(texts: &[(String, String)], places: &Places) -> anyhow::Result<Self> {
        let mut known = Self {
            profiles: profiles::by_id(places, &[])?,
            packs: embedded::packs()?.into_values().collect(),
            calibrations: calibrations::register(places)?,
            window_s: 0.0,
        };
        let mut judging = Vec::new();
        for (name, text) in texts {
            match kind(text) {
                Some(Kind::Instrument) => {
                    if let Ok(profile) = InstrumentProfile::parse(name, text) {
                        known.profiles.insert(profile.id.clone(), profile);
                    }
                }
                Some(Kind::Standard) => {
                    if let Ok(pack) = Standard::from_toml(name, text) {
                        known.packs.retain(|other| other.id != pack.id);
                        known.packs.push(pack);
                    }
                }
                Some(Kind::Order) => {
                    if let Ok(order) = Order::parse(name, text) {
                        judging.push(order.guarantee.pack);
                    }
                }
                Some(Kind::Calibrations) => {
                    if let Ok(register) = CalibrationRegister::parse(name, text) {
                        // Those of the files come first.
                        known.calibrations.splice(0..0, register.calibration);
                    }
                }
                Some(Kind::Bench | Kind::Scenario) | None => {}
            }
        }
        let asked = |pack: &&Standard| judging.is_empty() || judging.contains(&pack.id);
        let windows = known.packs.iter().filter(asked);
        known.window_s = windows
            .filter_map(|pack| Some(pack.laboratory().ok()?.averaging_window_s))
            .reduce(f64::max)
            // No window, nothing to be longer than.
            .unwrap_or(f64::INFINITY);
        Ok(known)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Bench,
    Order,
    Instrument,
    Standard,
    Calibrations,
    Scenario,
}

/// What a file is, by the table only that kind has; a scenario of the simulator, which needs
/// no table, by what it plays.
pub(crate) fn kind(text: &str) -> Option<Kind> {
    // The mark of UTF-8 may stand before the first line.
    let text = text.trim_start_matches('\u{feff}');
    let has = |table: &str| text.lines().any(|l| l.trim() == table);
    [
        ("[[register]]", Kind::Instrument),
        ("[[message]]", Kind::Instrument),
        ("[geometry]", Kind::Bench),
        ("[guarantee]", Kind::Order),
        ("[sources]", Kind::Standard),
        ("[[calibration]]", Kind::Calibrations),
    ]
    .into_iter()
    .find(|(table, _)| has(table))
    .map(|(_, kind)| kind)
    .or_else(|| {
        let mut head = text.lines().take_while(|l| !l.starts_with('['));
        let plays = |l: &str| {
            l.split_once('=')
                .is_some_and(|(key, _)| matches!(key.trim(), "bench" | "profile"))
        };
        head.any(plays).then_some(Kind::Scenario)
    })
}

fn check(name: &str, text: &str, known: &Known) -> (&'static str, Option<String>) {
    let problem = |result: Result<(), String>| result.err();
    match kind(text) {
        Some(Kind::Bench) => (
            "bench",
            problem(
                Bench::parse(name, text)
                    .and_then(|mut bench| {
                        bench.resolve(name, text, &known.calibrations)?;
                        Ok(bench)
                    })
                    .map_err(|e| e.to_string())
                    .and_then(|bench| {
                        bench
                            .check_damping(known.window_s)
                            .map_err(|e| format!("{name}: {e}"))?;
                        dutypoint_fieldbus::check_actuators(&bench, &known.profiles).map_err(
                            |wrong| {
                                actuator_error(name, text, &wrong.name, wrong.key, &wrong.why)
                                    .to_string()
                            },
                        )?;
                        let planned = |bench: &Bench| {
                            let plan = dutypoint_fieldbus::plan(bench, &known.profiles)?;
                            dutypoint_fieldbus::load(bench, &known.profiles, &plan.channels)
                        };
                        planned(&bench).map_err(|e| format!("{name}{}: {e}", place(&e, text)))?;
                        match bench.beside() {
                            Some(theirs) => planned(&theirs)
                                .map(drop)
                                .map_err(|e| format!("{name}: shadow: {e}")),
                            None => Ok(()),
                        }
                    }),
            ),
        ),
        Some(Kind::Calibrations) => (
            "calibrations",
            problem(
                CalibrationRegister::parse(name, text)
                    .map(drop)
                    .map_err(|e| e.to_string()),
            ),
        ),
        Some(Kind::Order) => (
            "order",
            problem(
                Order::parse(name, text)
                    .and_then(|order| order.refer(name, text, &known.packs))
                    .map_err(|e| e.to_string()),
            ),
        ),
        Some(Kind::Instrument) => (
            "instrument",
            problem(
                InstrumentProfile::parse(name, text)
                    .map(drop)
                    .map_err(|e| e.to_string()),
            ),
        ),
        Some(Kind::Standard) => (
            "standard",
            problem(
                Standard::from_toml(name, text)
                    .map(drop)
                    .map_err(|e| e.to_string()),
            ),
        ),
        Some(Kind::Scenario) => (
            "scenario",
            problem(
                sim::read(name, text, folder(name), &known.profiles)
                    .map(drop)
                    .map_err(|e| e.to_string()),
            ),
        ),
        None => (
            "unknown",
            Some(format!(
                "{name}: neither a bench ([geometry]), an order ([guarantee]), an instrument ([[register]] or [[message]]), a standard ([sources]), a register of calibrations ([[calibration]]) nor a scenario (bench or profile)"
            )),
        ),
    }
}

/// What bars a formal run on a bench that is good otherwise: a calibration that is missing or
/// not in force today.
fn barred(name: &str, text: &str, known: &Known) -> Option<String> {
    if kind(text) != Some(Kind::Bench) {
        return None;
    }
    let mut bench = Bench::parse(name, text).ok()?;
    bench.resolve(name, text, &known.calibrations).ok()?;
    let open = unfilled(text);
    if let Some((line, _)) = open.first() {
        let places = named(&open);
        return Some(format!(
            "{name}:{line}: 尚待填写，填写前不得正式试验 still to be filled, no formal run before: {places}"
        ));
    }
    calibrations::in_force(&bench, name, text).err()
}

/// The folder a file lies in.
fn folder(name: &str) -> &Path {
    Path::new(name).parent().unwrap_or(Path::new(""))
}

/// The .toml files of a path, folders searched through.
fn expand(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    let entries = std::fs::read_dir(path)
        .map_err(|e| bad(format!("failed to read folder {}: {e}", path.display())))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.sort();
    for entry in paths {
        if entry.is_dir() {
            files.extend(expand(&entry)?);
        } else if file_name(&entry).ends_with(".toml") {
            files.push(entry);
        }
    }
    Ok(files)
}

/// The line of the channel, or else of the instrument, that a plan fails on.
fn place(error: &dutypoint_fieldbus::Error, text: &str) -> String {
    let dutypoint_fieldbus::Error::Plan { tag, why } = error else {
        return String::new();
    };
    let line_of = |key: &str, value: &str| {
        let stated = format!("{key} = \"{value}\"");
        text.lines().position(|line| line.contains(&stated))
    };
    let channel = why.split_once("channel \"").and_then(|(_, rest)| {
        let (name, _) = rest.split_once('"')?;
        line_of("name", name)
    });
    let line = channel.or_else(|| line_of("tag", tag));
    line.map(|n| format!(" line {}", n + 1)).unwrap_or_default()
}
