//! The simulated bench on real ports, in a thread of its own.
//!
//! Contract: when `start` returns, every line answers; bench time is the wall time since
//! the epoch times the speed, and passes whether or not anybody asks; dropping the
//! simulator closes its ports and ends its thread within a second.

use crate::device::{Device, played_tag};
use crate::noise::Noise;
use crate::outbox::Pace;
use crate::plant::{Clock, Plant, Shared, lock};
use crate::{Error, Fault, FaultKind, PumpModel, Rig, Suction, Truth, pty, rtu, tcp};
use dutypoint_engine::config::{Bench, Endpoint, LineConfig};
use dutypoint_fieldbus::{InstrumentProfile, Timer};
use dutypoint_model::toml_text::nearest;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How often the rig is brought to the present while nobody asks, wall time; so that a
/// request after a pause does not wait for the physics of the pause.
const TICK: Duration = Duration::from_millis(5);

/// Random stream of garbage on the wire; those from 1000 on belong to sensors.
const GARBAGE_STREAM: u64 = 900;
/// Name of the line of a profile that is played alone.
const PLAYED_LINE: &str = "line";

type Ports = BTreeMap<String, Endpoint>;

/// How a simulated bench is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Seed of everything that fluctuates.
    pub seed: u64,
    /// Bench seconds per wall second, 0.01 … 1000.
    pub speed: f64,
    /// Port of the first TCP line; the n-th after it gets the n-th port after it. `None`
    /// lets the system choose.
    pub tcp_port: Option<u16>,
    /// What is wrong with the bench.
    pub faults: Vec<Fault>,
    /// Wall moment at which bench time is zero.
    pub epoch: Instant,
    /// Whether RTU lines on pseudo-terminals are no faster than their wire, and how long
    /// their devices take from the end of a request to the begin of the answer; at least
    /// the silence of 3.5 characters.
    pub pace: Option<Duration>,
    /// The pump of a bench; the demo's where there is none.
    pub pump: Option<PumpModel>,
    /// What is before the pump of a bench; the well of the demo where there is none.
    pub suction: Option<Suction>,
}

impl Default for Options {
    /// Seed 1, real time, free ports, no faults, from now, unpaced.
    fn default() -> Self {
        Self {
            seed: 1,
            speed: 1.0,
            tcp_port: None,
            faults: Vec::new(),
            epoch: Instant::now(),
            pace: None,
            pump: None,
            suction: None,
        }
    }
}

/// Whom a fault can be of.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    bench: String,
    tags: Vec<String>,
    lines: Vec<String>,
}

/// A running simulated bench.
#[derive(Debug)]
pub struct Simulator {
    endpoints: Ports,
    plant: Shared,
    names: Names,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Opens a port for every line of `bench`, whatever endpoint the file names, and
    /// serves its instruments there.
    ///
    /// # Errors
    /// [`Error`] naming the line, option or instrument, and what to change.
    pub fn start(
        bench: &Bench,
        profiles: &BTreeMap<String, InstrumentProfile>,
        options: Options,
    ) -> Result<Self, Error> {
        let names = Names::of(bench);
        names.check(&options.faults)?;
        let plan = dutypoint_fieldbus::plan(bench, profiles)?.channels;
        let pump = options.pump.clone().unwrap_or_else(PumpModel::demo);
        let mut rig = Rig::new(bench, &plan, pump, &options.faults, options.seed)?;
        if let Some(suction) = options.suction.clone() {
            rig = rig.with_suction(suction);
        }
        let on_line = |l: &LineConfig| Device::on_line(&l.name, bench, profiles, &plan);
        let lines = bench
            .line
            .iter()
            .map(|l| (l.name.clone(), l.endpoint.clone(), on_line(l)))
            .collect();
        Self::serve(lines, Some(rig), names, options)
    }

    /// Plays instruments of `profile` alone, one at each of `units`, with steady values in
    /// every register; [`played`](crate::played) tells them.
    ///
    /// # Errors
    /// [`Error`] naming the option, and what to change.
    pub fn play(
        profile: &InstrumentProfile,
        endpoint: &Endpoint,
        units: &[u8],
        options: Options,
    ) -> Result<Self, Error> {
        let devices: Vec<Device> = units
            .iter()
            .map(|unit| Device::of_profile(profile, *unit))
            .collect();
        let names = Names::played(&profile.id, units);
        names.check(&options.faults)?;
        let line = (PLAYED_LINE.to_owned(), endpoint.clone(), devices);
        Self::serve(vec![line], None, names, options)
    }

    fn serve(
        lines: Vec<(String, Endpoint, Vec<Device>)>,
        rig: Option<Rig>,
        names: Names,
        options: Options,
    ) -> Result<Self, Error> {
        let Options {
            seed,
            speed,
            tcp_port,
            faults,
            epoch,
            pace,
            ..
        } = options;
        if !(0.01..=1000.0).contains(&speed) {
            return Err(Error::Speed(speed));
        }
        let endpoints = lines.iter().map(|(name, endpoint, _)| (name, endpoint));
        let listeners = listen(endpoints.clone(), tcp_port)?;
        let ports: Ports = endpoints.map(|(n, e)| (n.clone(), e.clone())).collect();
        let plant: Shared = Arc::new(Mutex::new(Plant {
            rig,
            lines: lines.into_iter().map(|(name, _, d)| (name, d)).collect(),
            faults,
            clock: Clock { epoch, speed },
            noise: Noise::new(seed, GARBAGE_STREAM),
        }));

        let (ready, opened) = mpsc::sync_channel(1);
        let (stop, stopped) = oneshot::channel();
        let shared = plant.clone();
        let thread = std::thread::Builder::new()
            .name("bench simulator".into())
            .spawn(move || run(ports, listeners, pace, &shared, &ready, stopped))
            .map_err(Error::Thread)?;
        // From here on a failed start is cleaned up by the drop.
        let mut simulator = Self {
            endpoints: Ports::new(),
            plant,
            names,
            stop: Some(stop),
            thread: Some(thread),
        };
        simulator.endpoints = opened.recv().unwrap_or_else(|_| {
            Err(Error::Thread(std::io::Error::other(
                "it ended before it served",
            )))
        })?;
        Ok(simulator)
    }

    /// Where each line is: the path of its pseudo-terminal, or its address.
    #[must_use]
    pub fn endpoints(&self) -> BTreeMap<String, Endpoint> {
        self.endpoints.clone()
    }

    /// The true state of the bench now, which no instrument shows.
    #[must_use]
    pub fn truth(&self) -> Truth {
        lock(&self.plant).truth()
    }

    /// Makes something wrong with the bench from now on; the window of `fault` counts from
    /// now.
    ///
    /// # Errors
    /// [`Error::Fault`] naming the nearest and the known names.
    pub fn inject(&self, fault: Fault) -> Result<(), Error> {
        self.names.check(std::slice::from_ref(&fault))?;
        lock(&self.plant).inject(fault);
        Ok(())
    }

    /// Ends every fault.
    pub fn heal(&self) {
        lock(&self.plant).heal();
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // An error says that the thread has ended already, which is what is wanted.
            let _ended = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed by its own hook.
            drop(thread.join());
        }
    }
}

/// The body of the simulator's thread.
fn run(
    lines: Ports,
    listeners: BTreeMap<String, TcpListener>,
    pace: Option<Duration>,
    plant: &Shared,
    ready: &mpsc::SyncSender<Result<Ports, Error>>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(Error::Thread(error)))),
    };
    runtime.block_on(async {
        let opened = open(lines, listeners, pace, plant);
        let served = opened.is_ok();
        // Fails only when the caller is gone; then `stopped` ends as well.
        drop(ready.send(opened));
        if served {
            tokio::spawn(keep_time(plant.clone()));
            // An error says that the simulator is gone, which is the same.
            drop(stopped.await);
        }
    });
}

/// Opens the serial lines and starts serving all.
fn open(
    lines: Ports,
    mut listeners: BTreeMap<String, TcpListener>,
    response: Option<Duration>,
    plant: &Shared,
) -> Result<Ports, Error> {
    let mut ports = Ports::new();
    let timer = response.map(|_| Timer::start());
    for (line, wanted) in lines {
        let endpoint = match (wanted, listeners.remove(&line)) {
            (
                Endpoint::Rtu {
                    baud,
                    parity,
                    stop_bits,
                    ..
                },
                _,
            ) => {
                let pty = pty::open().map_err(|why| Error::Pty {
                    line: line.clone(),
                    why,
                })?;
                let port = pty.path.clone();
                let pace = response.zip(timer.as_ref()).map(|(response, timer)| {
                    (Pace::new(baud, parity, stop_bits, response), timer.alarm())
                });
                tokio::spawn(rtu::serve_pty(pty, line.clone(), plant.clone(), pace));
                Endpoint::Rtu {
                    port,
                    baud,
                    parity,
                    stop_bits,
                }
            }
            (wanted, Some(listener)) => {
                let address = listener.local_addr().map_err(Error::Thread)?.to_string();
                let listener =
                    tokio::net::TcpListener::from_std(listener).map_err(Error::Thread)?;
                if let Endpoint::Tcp { connections, .. } = wanted {
                    tokio::spawn(tcp::serve(listener, line.clone(), plant.clone()));
                    Endpoint::Tcp {
                        address,
                        connections,
                    }
                } else {
                    tokio::spawn(rtu::serve_tcp(listener, line.clone(), plant.clone()));
                    Endpoint::RtuTcp { address }
                }
            }
            // Every TCP line has its listener; `listen` made them from the same bench.
            (Endpoint::Tcp { .. } | Endpoint::RtuTcp { .. }, None) => continue,
        };
        ports.insert(line, endpoint);
    }
    Ok(ports)
}

async fn keep_time(plant: Shared) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        lock(&plant).advance();
    }
}

/// A listener for every TCP line, on the loopback interface.
fn listen<'a>(
    lines: impl Iterator<Item = (&'a String, &'a Endpoint)>,
    base: Option<u16>,
) -> Result<BTreeMap<String, TcpListener>, Error> {
    let lines = lines.filter(|(_, endpoint)| !matches!(endpoint, Endpoint::Rtu { .. }));
    let mut listeners = BTreeMap::new();
    for (nth, (line, _)) in lines.enumerate() {
        let line = line.clone();
        let port = match base {
            None => 0,
            Some(base) => u16::try_from(nth)
                .ok()
                .and_then(|n| base.checked_add(n))
                .ok_or_else(|| Error::PortRange {
                    line: line.clone(),
                    base,
                    nth,
                })?,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .and_then(|l| l.set_nonblocking(true).map(|()| l))
            .map_err(|source| {
                let (line, address) = (line.clone(), format!("127.0.0.1:{port}"));
                match source.kind() {
                    ErrorKind::AddrInUse => Error::PortInUse { line, address },
                    _ => Error::Listen {
                        line,
                        address,
                        source,
                    },
                }
            })?;
        listeners.insert(line, listener);
    }
    Ok(listeners)
}

/// Refuses a fault of an instrument or line the bench does not have, which would silently do
/// nothing.
///
/// # Errors
/// [`Error::Fault`] naming the nearest and the known names.
pub fn check_faults(bench: &Bench, faults: &[Fault]) -> Result<(), Error> {
    Names::of(bench).check(faults)
}

impl Names {
    pub(crate) fn of(bench: &Bench) -> Self {
        Self {
            bench: bench.id.clone(),
            tags: bench.instrument.iter().map(|i| i.tag.clone()).collect(),
            lines: bench.line.iter().map(|l| l.name.clone()).collect(),
        }
    }

    /// Of the profile `id` that is played alone.
    pub(crate) fn played(id: &str, units: &[u8]) -> Self {
        Self {
            bench: id.to_owned(),
            tags: units.iter().map(|unit| played_tag(id, *unit)).collect(),
            lines: vec![PLAYED_LINE.to_owned()],
        }
    }

    fn check(&self, faults: &[Fault]) -> Result<(), Error> {
        let wrong = faults.iter().find_map(|f| Some((f, self.wrong(f)?)));
        match wrong {
            None => Ok(()),
            Some((fault, why)) => Err(Error::Fault {
                text: fault.to_string(),
                why,
            }),
        }
    }

    /// Why a fault is of nobody here, with the nearest and the known names.
    pub(crate) fn wrong(&self, fault: &Fault) -> Option<String> {
        let Self { bench, tags, lines } = self;
        let all = [&tags[..], lines].concat();
        let (kind, name, known) = match &fault.kind {
            FaultKind::Device { of, .. } => ("instrument", of, &all),
            FaultKind::DeadLine { line } => ("line", line, lines),
            _ => return None,
        };
        if known.contains(name) {
            return None;
        }
        let hint = nearest(name, known.iter().map(String::as_str)).map_or_else(
            || ".".to_owned(),
            |near| format!("; did you mean {near:?}?"),
        );
        Some(format!(
            "bench {bench:?} has no {kind} {name:?}{hint} Its {kind}s: {}",
            if kind == "line" { lines } else { tags }.join(", ")
        ))
    }
}
