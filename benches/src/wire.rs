//! A bench of many instruments with 40 registers each, and the whole way from its wires to
//! values: plan, line, decode, channel.

use dutypoint_engine::config::Bench;
use dutypoint_engine::decode;
use dutypoint_fieldbus::{Exchange, InstrumentProfile, LineSetup, Timer, plan, spawn};
use dutypoint_model::document::{Channel, Channels, Quality};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Registers of an instrument.
pub const WORDS: usize = 40;
/// How often answers are fetched from the lines: as often as the recorder does.
const FETCH: Duration = Duration::from_millis(50);

/// The profile of the instruments, as TOML.
#[must_use]
pub fn profile() -> String {
    let mut text = String::from(
        "id = \"forty\"\nclass = \"power\"\nvendor = \"none\"\nmodel = \"forty\"\n\
         transport = [\"tcp\", \"rtu\"]\nconfidence = \"L\"\ntrust = \"documented\"\n\
         max_read = 125\nsources = [\"the benchmark itself\"]\n",
    );
    for word in 0..WORDS {
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "[[register]]\nname = \"r{word}\"\naddress = {word}\nfunction = 3\nkind = \"u16\"\n\
             unit = \"V\"\nfactor = 0.1\nconfidence = \"L\"\nevidence = \"derived\"\n"
        );
    }
    text
}

/// A bench with one instrument on each line, read every `period_ms`, as TOML.
#[must_use]
pub fn bench(lines: &[String], units: &[(usize, u8)], period_ms: u32) -> String {
    let demo = include_str!("../../config/benches/demo.toml");
    let head = demo.split("[[line]]").next().unwrap_or_default();
    let mut text = head
        .replace("simulated = true", "simulated = false")
        // It measures nothing a run needs, which would end it.
        .replace("start_timeout_s = 60.0", "start_timeout_s = 86400.0");
    for (n, endpoint) in lines.iter().enumerate() {
        let _ = write!(
            text,
            "\n[[line]]\nname = \"line-{n}\"\nendpoint = {{ {endpoint} }}\ntimeout_ms = 1000\n"
        );
    }
    for (n, (line, unit)) in units.iter().enumerate() {
        let _ = write!(
            text,
            "\n[[instrument]]\ntag = \"I{n}\"\nprofile = \"forty\"\nline = \"line-{line}\"\n\
             unit_id = {unit}\nserial = \"\"\nperiod_ms = {period_ms}\nchannel = [\n"
        );
        for word in 0..WORDS {
            let _ = writeln!(
                text,
                "  {{ name = \"i{n}r{word}\", role = \"voltage\", register = \"r{word}\", \
                 range = [0.0, 6553.5] }},"
            );
        }
        text += "]\n";
    }
    text
}

/// The lines of such a bench and what their answers mean.
///
/// # Errors
/// What the bench file or its plan has wrong.
pub fn planned(text: &str) -> Result<(Vec<LineSetup>, Channels), String> {
    let forty = InstrumentProfile::parse("forty", &profile()).map_err(|e| e.to_string())?;
    let bench = Bench::parse("bench", text).map_err(|e| e.to_string())?;
    let profiles = BTreeMap::from([("forty".to_owned(), forty)]);
    let channels = plan(&bench, &profiles).map_err(|e| e.to_string())?.channels;
    Ok((
        LineSetup::of_bench(&bench, &channels, 1.0, |_| None),
        channels,
    ))
}

/// TCP lines to one server, a connection for each of `devices`.
#[must_use]
pub fn tcp_lines(port: u16, devices: usize) -> (Vec<String>, Vec<(usize, u8)>) {
    let lines = (0..devices).map(|n| {
        // Each its own name for the same server: lines must not share a port.
        format!("tcp = {{ address = \"127.0.{n}.1:{port}\" }}")
    });
    let units = (0..devices).map(|n| (n, u8::try_from(n % 247 + 1).unwrap_or(1)));
    (lines.collect(), units.collect())
}

/// What a number of lines did.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Times from request to answer, ns.
    pub ns: Vec<u64>,
    /// Good answers by poll.
    pub by_poll: BTreeMap<u16, u64>,
    /// Answers that were not good.
    pub bad: u64,
    /// Values decoded.
    pub values: u64,
    /// First and last answer.
    pub span: Option<(Instant, Instant)>,
}

impl Traffic {
    /// Answers per second between the first and the last.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        let seconds = self
            .span
            .map_or(0.0, |(from, to)| (to - from).as_secs_f64());
        self.ns.len().saturating_sub(1) as f64 / seconds.max(1e-9)
    }
}

/// Runs lines for `seconds` in a thread of their own, as the station does, and decodes every
/// channel of every answer here.
///
/// # Errors
/// When the thread cannot be had.
pub fn run(setups: Vec<LineSetup>, channels: &Channels, seconds: f64) -> std::io::Result<Traffic> {
    let mut of_poll: BTreeMap<u16, Vec<(decode::Reader, &Channel)>> = BTreeMap::new();
    for channel in &channels.channels {
        let reader = decode::Reader::new(channel);
        of_poll
            .entry(channel.poll)
            .or_default()
            .push((reader, channel));
    }
    let (out, mut exchanges) = mpsc::channel::<Exchange>(8192);
    // Replaced once the thread has begun.
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let thread = std::thread::Builder::new().spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async move {
            let timer = Timer::start();
            let start = |setup| spawn(setup, &timer, out.clone());
            let lines: Vec<_> = setups.into_iter().map(start).collect();
            drop(out);
            let _ = stopped.await;
            drop(lines);
        });
        Ok::<(), std::io::Error>(())
    })?;
    let mut traffic = Traffic::default();
    let mut sum = 0.0;
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    while Instant::now() < end {
        std::thread::sleep(FETCH);
        while let Ok(exchange) = exchanges.try_recv() {
            if exchange.quality != Quality::Good {
                traffic.bad += 1;
                continue;
            }
            let took = exchange.received.duration_since(exchange.sent);
            traffic
                .ns
                .push(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
            let first = traffic.span.map_or(exchange.received, |(first, _)| first);
            traffic.span = Some((first, exchange.received));
            *traffic.by_poll.entry(exchange.poll).or_default() += 1;
            for (reader, channel) in of_poll.get(&exchange.poll).into_iter().flatten() {
                if let Ok(value) = reader.value(channel, &exchange.words) {
                    sum += value;
                    traffic.values += 1;
                }
            }
        }
    }
    std::hint::black_box(sum);
    exchanges.close();
    drop(exchanges);
    let _ = stop.send(());
    match thread.join() {
        Ok(result) => result.map(|()| traffic),
        Err(_) => Err(std::io::Error::other("the lines' thread panicked")),
    }
}
