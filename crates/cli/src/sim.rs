//! `dutypoint sim`: the simulated bench alone.

use crate::args::SimArgs;
use crate::places::{Places, file_name, read_text};
use crate::say::Say;
use crate::{Done, embedded, profiles};
use dutypoint_engine::config::{Bench, Endpoint};
use dutypoint_sim::{Options, Simulator};
use serde_json::json;
use std::time::{Duration, Instant};

pub(crate) async fn run(args: &SimArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let bench = match &args.bench {
        Some(path) => Bench::parse(&file_name(path), &read_text(path)?)?,
        None => embedded::demo_bench()?,
    };
    let profiles = profiles::by_id(places, &[])?;
    let channels = dutypoint_fieldbus::plan(&bench, &profiles)?.channels;
    let simulator = Simulator::start(
        &bench,
        &profiles,
        Options {
            seed: args.seed,
            speed: args.speed,
            tcp_port: args.tcp_port,
            faults: args.faults.clone(),
            epoch: Instant::now(),
        },
    )?;
    let mut lines = Vec::new();
    for (name, endpoint) in simulator.endpoints() {
        let (kind, address) = match endpoint {
            Endpoint::Rtu { port, baud, .. } => ("rtu", format!("{port} {baud} 8N1")),
            Endpoint::Tcp { address, .. } => ("tcp", address),
            Endpoint::RtuTcp { address } => ("rtu_tcp", address),
        };
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
    say.line(say.pick("模拟数据。按 Ctrl-C 结束。", "SIMULATED. Ctrl-C ends it."));
    let limit = Duration::from_secs(args.seconds.unwrap_or(u64::MAX / 4));
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = tokio::time::sleep(limit) => {}
    }
    drop(simulator);
    Ok(Done::Passing)
}
