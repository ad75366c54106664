//! Instruments that speak no Modbus, played on pseudo-terminals: what they say arrives, and
//! what the line makes of it never passes for a reading.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ascii;
mod push;

use dutypoint_engine::config::{Bench, Endpoint};
use dutypoint_engine::decode;
use dutypoint_fieldbus::{
    Exchange, InstrumentProfile, LineHandle, LineSetup, Timer, load, plan, spawn,
};
use dutypoint_model::document::{Channels, Quality};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_serial::{SerialPort as _, SerialStream};

/// Longest wait for what must come, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The demo bench with one line and one instrument of `profile` instead of its own.
fn bench(protocol: &str, profile: &str, instrument: &str) -> (Bench, Channels) {
    let (bench, profiles) = parsed(protocol, profile, instrument);
    let channels = plan(&bench, &profiles).unwrap().channels;
    load(&bench, &profiles, &channels).unwrap();
    (bench, channels)
}

fn parsed(
    protocol: &str,
    profile: &str,
    instrument: &str,
) -> (Bench, BTreeMap<String, InstrumentProfile>) {
    let demo = include_str!("../../../../config/benches/demo.toml");
    let head = &demo[..demo.find("[[line]]").unwrap()];
    let text = format!(
        "{head}\n[[line]]\nname = \"line\"\nprotocol = \"{protocol}\"\nendpoint = {{ serial = {{ port = \"port\", baud = 115200 }} }}\ntimeout_ms = 300\nquarantine_ms = 100\n\n{instrument}"
    );
    let bench = Bench::parse("bench.toml", &text).unwrap();
    let profile = InstrumentProfile::parse("profile.toml", profile).unwrap();
    (bench, BTreeMap::from([(profile.id.clone(), profile)]))
}

/// A line on a pseudo-terminal, and the other end of it.
struct Bus {
    far: SerialStream,
    exchanges: mpsc::Receiver<Exchange>,
    channels: Channels,
    _near: SerialStream,
    _line: LineHandle,
}

impl Bus {
    fn new((bench, channels): (Bench, Channels)) -> Self {
        let (far, near) = SerialStream::pair().unwrap();
        let path = near.name().unwrap();
        let lines = LineSetup::of_bench(&bench, &channels, 1.0, |_| {
            Some(Endpoint::rtu(&path, 115_200))
        });
        let (out, exchanges) = mpsc::channel(1000);
        let line = spawn(lines.into_iter().next().unwrap(), &Timer::start(), out);
        Self {
            far,
            exchanges,
            channels,
            _near: near,
            _line: line,
        }
    }

    async fn next(&mut self) -> Exchange {
        let next = tokio::time::timeout(PATIENCE, self.exchanges.recv()).await;
        next.unwrap().unwrap()
    }

    /// The next exchange of this quality.
    async fn until(&mut self, quality: Quality) -> Exchange {
        let end = Instant::now() + PATIENCE;
        loop {
            let exchange = self.next().await;
            if exchange.quality == quality {
                return exchange;
            }
            assert!(
                Instant::now() < end,
                "{quality} never came, but {exchange:?}"
            );
        }
    }

    /// What a channel says of an exchange, in its own unit.
    fn value(&self, name: &str, exchange: &Exchange) -> Result<f64, decode::Bad> {
        let channel = self.channels.channels.iter().find(|c| c.name == name);
        decode::indicated(&channel.unwrap().encoding, &exchange.words)
    }
}
