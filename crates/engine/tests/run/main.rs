//! The run engine on a rig that shows what a test wants.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod actuator;
#[path = "../common/mod.rs"]
mod common;
mod entries;
#[path = "../common/channels.rs"]
mod fixture;
mod sets;
mod steps;
mod trust;
mod valve;
mod watched;
mod whole;

use common::{shipped, start};
use dutypoint_engine::RunEngine;
use dutypoint_model::Document;
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::{
    Act, ActCommand, Channels, Exchange, Page, Poll, Quality, Receipt, Role,
};
use fixture::channel;

const ROLES: [Role; 9] = [
    Role::Flow,
    Role::OutletPressure,
    Role::WaterLevel,
    Role::WaterTemperature,
    Role::Voltage,
    Role::Current,
    Role::InputPower,
    Role::Frequency,
    Role::SlipFrequency,
];

/// Nine channels of one float each, one poll per channel.
fn channels() -> Channels {
    let mut channels = Channels::default();
    for (id, role) in (0..).zip(ROLES) {
        channels.polls.push(Poll {
            id,
            line: "l".into(),
            instrument: format!("I-{id}"),
            unit_id: 1,
            function: 3,
            address: 0,
            count: 4,
            period_ms: 500,
            message: None,
        });
        let unit = dutypoint_model::Unit::of(role.quantity()).next().unwrap();
        let mut channel = channel(&format!("c{id}"), role, unit);
        channel.poll = id;
        channel.instrument.tag = format!("I-{id}");
        channel.instrument.calibration.u_reading_pct = 0.1;
        channels.channels.push(channel);
    }
    channels
}

fn page(t_s: f64, values: &[f64; 9]) -> Document {
    let exchanges = (0..)
        .zip(values)
        .map(|(id, value)| {
            let bits = value.to_bits();
            let words = [48, 32, 16, 0].map(|shift| (bits >> shift) as u16);
            Exchange(id, 0, 1000, Quality::Good, Bytes::from_words(&words))
        })
        .collect();
    Document::Page(Page {
        t_ns: (t_s * 1e9) as i64,
        exchanges,
    })
}

fn engine() -> RunEngine {
    let (start, files) = start(
        &shipped("config/benches/demo.toml"),
        &shipped("config/orders/demo.toml"),
    );
    let mut engine = RunEngine::open(&start, &files).unwrap();
    engine.step(&Document::Channels(channels())).unwrap();
    engine
}

fn act(command: ActCommand) -> Document {
    Document::Act(Act {
        t_ns: 0,
        who: "test".into(),
        role: "technician".into(),
        command,
        reason: "test".into(),
        zeros: Vec::new(),
        demand: None,
        entry: None,
    })
}

/// A rig that obeys the valve at once and never fluctuates.
fn values(position: f64) -> [f64; 9] {
    let q = 46.0 * position / 3600.0;
    let head = 138.0 - 0.032 * (q * 3600.0) * (q * 3600.0);
    let pressure = (head - 3.0) * 998.6 * 9.79627;
    [
        q,
        pressure,
        6.0,
        18.0,
        380.0,
        30.0,
        9000.0 + 190.0 * q * 3600.0,
        50.0,
        2.2,
    ]
}

/// Goes on for 5000 s at most, until the engine is where `over` says, on a rig that shows
/// `values` at a position of the valve, which is `position` first; appends to `said`.
/// Returns the time, seconds.
fn drive(
    engine: &mut RunEngine,
    said: &mut Vec<Document>,
    (mut t_s, mut position): (f64, f64),
    values: impl Fn(f64) -> [f64; 9],
    mut over: impl FnMut(&RunEngine) -> bool,
) -> f64 {
    let mut read = 0;
    while !over(engine) && t_s < 5000.0 {
        t_s += 0.5;
        let mut inputs = Vec::new();
        for output in &said[read..] {
            match output {
                Document::Command(command) => position = command.value,
                Document::Point(_) => inputs.push(Document::Receipt(Receipt {
                    t_ns: (t_s * 1e9) as i64,
                    of_seq: 0,
                })),
                _ => {}
            }
        }
        read = said.len();
        inputs.push(page(t_s, &values(position)));
        for input in inputs {
            said.extend(engine.step(&input).unwrap());
        }
    }
    t_s
}
