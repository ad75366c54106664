//! `dutypoint sim`: the simulated bench alone.

use crate::args::SimArgs;
use crate::orders::listen;
use crate::places::{Places, file_name, read_text};
use crate::probe::setting;
use crate::say::{Say, bad};
use crate::signals::Ends;
use crate::{Done, embedded, profiles};
use dutypoint_engine::config::{Bench, Endpoint};
use dutypoint_fieldbus::InstrumentProfile;
use dutypoint_model::Bilingual;
use dutypoint_sim::{Fault, Options, Plays, Scenario, Simulator, played};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// Folder of the shipped scenarios.
const FOLDER: &str = "scenarios";

pub(crate) async fn run(args: &SimArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    if args.list {
        return list(say);
    }
    // Before anybody is told that it is there to be ended.
    let mut ends = Ends::listen()?;
    let profiles = profiles::by_id(places, &[])?;
    let (mut scenario, bench) = scenario(args, &profiles)?;
    let options = &mut scenario.options;
    options.seed = args.seed.unwrap_or(options.seed);
    options.speed = args.speed.unwrap_or(options.speed);
    options.tcp_port = args.tcp_port.or(options.tcp_port);
    options.faults.extend(args.faults.iter().cloned());
    options.epoch = Instant::now();
    if args.paced && options.pace.is_none() {
        options.pace = Some(Duration::ZERO);
    }
    let options = scenario.options.clone();
    if args.scenario.is_some() {
        say.line(say.pick(&scenario.name.zh, &scenario.name.en));
    }
    let simulator = match &scenario.plays {
        Plays::Bench(_) => {
            let bench = match (bench, &args.bench) {
                (Some(bench), _) => bench,
                (None, Some(path)) => Bench::parse(&file_name(path), &read_text(path)?)?,
                (None, None) => embedded::demo_bench()?,
            };
            play_bench(&bench, &profiles, options, say)?
        }
        Plays::Profile {
            id,
            transport,
            units,
        } => {
            let profile = profiles.get(id).ok_or_else(|| no_profile(id, &profiles))?;
            let endpoint = transport.endpoint(profile);
            let simulator = Simulator::play(profile, &endpoint, units, options)?;
            tell_profile(profile, units, &simulator, say)?;
            simulator
        }
    };
    say.line(say.pick(
        "模拟数据。输入故障（如 silent:LT-01）并回车即刻生效，clear 全部解除；按 Ctrl-C 结束。",
        "SIMULATED. Type a fault (silent:LT-01) and press Enter: it begins; clear ends all. Ctrl-C ends it.",
    ));
    let limit = Duration::from_secs(args.seconds.unwrap_or(u64::MAX / 4));
    let limit = tokio::time::sleep(limit);
    tokio::pin!(limit);
    let mut typed = listen();
    loop {
        tokio::select! {
            _ = ends.next() => break,
            () = &mut limit => break,
            Some(line) = typed.recv() => take(&line, &simulator, say),
        }
    }
    drop(simulator);
    Ok(Done::Passing)
}

/// Takes a typed line: a fault that begins now, or the word that ends all.
fn take(line: &str, simulator: &Simulator, say: Say) {
    match line.trim() {
        "" => {}
        "clear" | "恢复" => {
            simulator.heal();
            eprintln!("{}", say.pick("故障已全部解除", "no faults"));
        }
        text => {
            let injected = text.parse::<Fault>().and_then(|fault| {
                let told = fault.to_string();
                simulator.inject(fault).map(|()| told)
            });
            match injected {
                Ok(told) => eprintln!("{} {told}", say.pick("故障", "fault")),
                Err(error) => eprintln!("{error}"),
            }
        }
    }
}

fn list(say: Say) -> anyhow::Result<Done> {
    let mut all = Vec::new();
    for file in embedded::folder(FOLDER) {
        let scenario = Scenario::parse(file.name(), file.text)?;
        say.line(format!(
            "{}  {}",
            file.stem(),
            say.pick(&scenario.name.zh, &scenario.name.en)
        ));
        all.push(json!({ "scenario": file.stem(), "name": scenario.name }));
    }
    say.document(&json!({ "scenarios": all }))?;
    Ok(Done::Passing)
}

/// Profiles by their id.
type Profiles = BTreeMap<String, InstrumentProfile>;

/// What is to be played, and the bench of a scenario.
fn scenario(args: &SimArgs, profiles: &Profiles) -> anyhow::Result<(Scenario, Option<Bench>)> {
    if let Some(asked) = &args.scenario {
        let path = Path::new(asked);
        if asked.ends_with(".toml") || path.exists() {
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            return read(&file_name(path), &read_text(path)?, &folder, profiles);
        }
        let mut shipped = embedded::folder(FOLDER);
        let file = shipped.find(|f| f.stem() == asked).ok_or_else(|| {
            let known: Vec<&str> = embedded::folder(FOLDER).map(|f| f.stem()).collect();
            bad(format!(
                "failed to find scenario {asked:?}{} (shipped: {}; FILE.toml is one of your own)",
                near(asked, &known),
                known.join(", ")
            ))
        })?;
        return read(file.name(), file.text, Path::new(""), profiles);
    }
    let plays = match &args.profile {
        Some(id) => Plays::Profile {
            id: id.clone(),
            transport: args.transport.unwrap_or_default(),
            units: if args.units.is_empty() {
                vec![1]
            } else {
                args.units.clone()
            },
        },
        None => Plays::Bench("demo".to_owned()),
    };
    let scenario = Scenario {
        name: Bilingual::new("", ""),
        plays,
        options: Options::default(),
    };
    Ok((scenario, None))
}

/// Reads the scenario `text` of `file` with the bench it plays, which is shipped or lies in
/// `folder`; all that it names is there.
pub(crate) fn read(
    file: &str,
    text: &str,
    folder: &Path,
    profiles: &Profiles,
) -> anyhow::Result<(Scenario, Option<Bench>)> {
    let scenario = Scenario::parse(file, text)?;
    let played = match &scenario.plays {
        Plays::Profile { id, .. } if profiles.contains_key(id) => Ok(None),
        Plays::Profile { id, .. } => Err(no_profile(id, profiles).to_string()),
        Plays::Bench(name) => bench(name, folder)?.map(Some).ok_or_else(|| {
            format!(
                "bench = {name:?} is neither a shipped bench nor a file beside the scenario; write \"demo\", or put the file into the scenario's folder"
            )
        }),
    };
    scenario.refer(
        file,
        text,
        played.as_ref().map(Option::as_ref).map_err(Clone::clone),
    )?;
    Ok((scenario, played.ok().flatten()))
}

/// A shipped bench, or the file of that name in `folder`; none where there is neither.
fn bench(name: &str, folder: &Path) -> anyhow::Result<Option<Bench>> {
    if let Some(shipped) = embedded::folder("benches").find(|f| f.stem() == name) {
        return Ok(Some(Bench::parse(shipped.name(), shipped.text)?));
    }
    let path = folder.join(name);
    if !path.is_file() {
        return Ok(None);
    }
    Ok(Some(Bench::parse(&file_name(&path), &read_text(&path)?)?))
}

fn near(asked: &str, known: &[&str]) -> String {
    dutypoint_model::toml_text::nearest(asked, known.iter().copied())
        .map(|near| format!("; did you mean {near:?}?"))
        .unwrap_or_default()
}

fn no_profile(id: &str, profiles: &BTreeMap<String, InstrumentProfile>) -> anyhow::Error {
    let known: Vec<&str> = profiles.keys().map(String::as_str).collect();
    bad(format!(
        "failed to find profile {id:?}{} (`dutypoint instruments list` shows all)",
        near(id, &known)
    ))
}

fn place_of(endpoint: &Endpoint) -> (&'static str, String) {
    let kind = match endpoint {
        Endpoint::Rtu { .. } => "rtu",
        Endpoint::Tcp { .. } => "tcp",
        Endpoint::RtuTcp { .. } => "rtu_tcp",
    };
    (kind, setting(endpoint))
}

fn tell_profile(
    profile: &InstrumentProfile,
    units: &[u8],
    simulator: &Simulator,
    say: Say,
) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    let values = played(profile);
    for (name, endpoint) in simulator.endpoints() {
        let (kind, address) = place_of(&endpoint);
        say.line(format!("{name}  modbus {kind}  {address}"));
        lines.push(json!({ "line": name, "kind": kind, "address": address }));
    }
    for unit in units {
        say.line(format!("    {}-{unit}  unit {unit}", profile.id));
    }
    for value in &values {
        let r = &value.reading;
        say.line(format!(
            "    function {}  registers {}..{}  {}[{}]  {} {}",
            r.function,
            r.address,
            u32::from(r.address) + u32::from(r.count) - 1,
            value.register,
            value.index + 1,
            value.value,
            r.unit
        ));
    }
    let values: Vec<_> = values
        .iter()
        .map(|v| {
            json!({
                "register": v.register, "index": v.index + 1, "function": v.reading.function,
                "address": v.reading.address, "count": v.reading.count,
                "value": v.value, "unit": v.reading.unit.to_string(),
            })
        })
        .collect();
    say.document(&json!({
        "profile": profile.id, "simulated": true, "units": units, "lines": lines,
        "values": values,
    }))?;
    Ok(())
}

/// Starts `bench` and tells where everything is.
fn play_bench(
    bench: &Bench,
    profiles: &BTreeMap<String, InstrumentProfile>,
    options: Options,
    say: Say,
) -> anyhow::Result<Simulator> {
    let channels = dutypoint_fieldbus::plan(bench, profiles)?.channels;
    let simulator = Simulator::start(bench, profiles, options)?;
    let mut lines = Vec::new();
    for (name, endpoint) in simulator.endpoints() {
        let (kind, address) = place_of(&endpoint);
        say.line(format!("{name}  modbus {kind}  {address}"));
        let mut polls = Vec::new();
        for poll in channels.polls.iter().filter(|p| p.line == name) {
            let read: Vec<&str> = channels
                .channels
                .iter()
                .filter(|c| c.poll == poll.id)
                .map(|c| c.name.as_str())
                .collect();
            say.line(format!(
                "    {}  unit {}  function {}  registers {}..{}  {}",
                poll.instrument,
                poll.unit_id,
                poll.function,
                poll.address,
                u32::from(poll.address) + u32::from(poll.count) - 1,
                read.join(", ")
            ));
            polls.push(json!({
                "instrument": poll.instrument, "unit_id": poll.unit_id,
                "function": poll.function, "address": poll.address, "count": poll.count,
                "channels": read,
            }));
        }
        for actuator in channels.actuators.iter().filter(|a| a.line == name) {
            say.line(format!(
                "    {}  unit {}  function {}  register {}  {}..{} {}",
                actuator.name,
                actuator.unit_id,
                actuator.function,
                actuator.address,
                actuator.range[0],
                actuator.range[1],
                actuator.unit.printed()
            ));
        }
        lines.push(json!({ "line": name, "kind": kind, "address": address, "polls": polls }));
    }
    say.document(&json!({ "bench": bench.id, "simulated": true, "lines": lines }))?;
    Ok(simulator)
}
