//! Acquisition at wire speed, through the whole way from plan to value: closed loops over TCP
//! beside bare tokio-modbus, libmodbus and raw sockets; over a serial line as fast as its bits
//! allow, and without them beside pymodbus; on a schedule beside a C loop.
//!
//! Client and server share one core, so that what is compared is the work of both. Each side
//! takes its best of several rounds, in turns, since other work shares the machine; medians
//! are printed too. A peer that cannot be had is reported as skipped. No criterion here: it
//! times a function, not a conversation.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use dutypoint_benches::jitter::judge;
use dutypoint_benches::wire::{WORDS, bench, planned, run, tcp_lines};
use dutypoint_benches::{compile_with, fastest};
use std::io::{BufRead as _, Read as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio_modbus::client::{Context, Reader as _, tcp};
use tokio_modbus::slave::Slave;

/// The core that client and server share.
const CORE: &str = "1";
const ROUNDS: usize = 5;
const SECONDS: &str = "2";

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|w| w != "--bench")
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["own", port, n, seconds] => own(port.parse().unwrap(), n.parse().unwrap(), seconds),
        ["rtu", port, baud, gap, seconds] => rtu(port, baud.parse().unwrap(), gap, seconds),
        ["bare", port, n, seconds] => bare(port.parse().unwrap(), n.parse().unwrap(), seconds),
        ["schedule-own", port, n, hz, seconds] => {
            schedule_own(port.parse().unwrap(), n.parse().unwrap(), hz, seconds);
        }
        ["schedule-bare", port, n, hz, seconds] => {
            schedule_bare(port.parse().unwrap(), n.parse().unwrap(), hz, seconds);
        }
        ["load", rest @ ..] => load(rest.first().unwrap_or(&"2")),
        ["schedule", rest @ ..] => compare_schedule(rest.first().unwrap_or(&"60")),
        ["tcp"] => compare_tcp(),
        ["serial"] => compare_rtu(),
        _ => {
            compare_tcp();
            compare_rtu();
            compare_schedule("60");
        }
    }
}

/// What one side of one round did.
#[derive(Clone, Copy, Debug)]
struct Round {
    per_second: f64,
    p99_us: f64,
    /// Slowest connection as a share of their mean; 1 where that is not known.
    slowest: f64,
}

fn report(mut ns: Vec<u64>, seconds: f64, slowest: f64) {
    ns.sort_unstable();
    let (n, us) = (ns.len(), |at: usize| ns[at] as f64 / 1e3);
    println!(
        "{:.4} {:.1} {:.1} {:.1} {slowest:.3}",
        n as f64 / seconds,
        us(n / 2),
        us(n / 100 * 99),
        us(n - 1)
    );
}

/// The whole way: every answer becomes 40 values of channels.
fn own(port: u16, n: usize, seconds: &str) {
    let seconds: f64 = seconds.parse().unwrap();
    let (lines, units) = tcp_lines(port, n);
    let (mut setups, channels) = planned(&bench(&lines, &units, 1)).unwrap();
    for poll in setups.iter_mut().flat_map(|s| &mut s.polls) {
        // As fast as the line carries; no bench file may ask for that.
        poll.period_ms = 0;
    }
    let traffic = run(setups, &channels, seconds).unwrap();
    assert_eq!(traffic.bad, 0);
    assert_eq!(traffic.values as usize, traffic.ns.len() * WORDS);
    assert_eq!(traffic.by_poll.len(), n);
    let mean = traffic.ns.len() as f64 / n as f64;
    let slowest = traffic.by_poll.values().min().unwrap();
    report(traffic.ns, seconds, *slowest as f64 / mean);
}

/// The whole way on a serial line; `gap` is its `frame_gap_us`, or `-`.
fn rtu(port: &str, baud: u32, gap: &str, seconds: &str) {
    let seconds: f64 = seconds.parse().unwrap();
    let line = format!("rtu = {{ port = {port:?}, baud = {baud} }}");
    let (mut setups, channels) = planned(&bench(&[line], &[(0, 1)], 1)).unwrap();
    setups[0].config.frame_gap_us = gap.parse().ok();
    setups[0].polls[0].period_ms = 0;
    let traffic = run(setups, &channels, seconds).unwrap();
    assert_eq!(traffic.bad, 0);
    assert_eq!(traffic.values as usize, traffic.ns.len() * WORDS);
    let seconds = traffic.ns.len() as f64 / traffic.per_second();
    report(traffic.ns, seconds, 1.0);
}

/// tokio-modbus as it comes.
fn bare(port: u16, n: usize, seconds: &str) {
    let seconds: f64 = seconds.parse().unwrap();
    async fn loops(mut client: Context, end: Instant) -> Vec<u64> {
        let mut ns = Vec::with_capacity(1 << 20);
        loop {
            let from = Instant::now();
            if from >= end {
                return ns;
            }
            let words = client.read_holding_registers(0, WORDS as u16).await;
            assert_eq!(words.unwrap().unwrap().len(), WORDS);
            ns.push(from.elapsed().as_nanos() as u64);
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let ns = runtime.block_on(async {
        let mut tasks = Vec::new();
        let end = Instant::now() + Duration::from_secs_f64(seconds);
        for _ in 0..n {
            let stream = tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .unwrap();
            stream.set_nodelay(true).unwrap();
            tasks.push(tokio::spawn(loops(
                tcp::attach_slave(stream, Slave(1)),
                end,
            )));
        }
        let mut ns = Vec::new();
        for task in tasks {
            ns.extend(task.await.unwrap());
        }
        ns
    });
    report(ns, seconds, 1.0);
}

/// A process that ends with its owner.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn pinned(program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", CORE]).arg(program);
    command
}

impl Server {
    /// Tells it to write its log and waits for that.
    fn end(mut self) {
        let pid = self.0.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        self.0.wait().unwrap();
    }
}

fn serve(peer: &Path, log: Option<&Path>) -> (Server, u16) {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let child = pinned(peer)
        .args(["serve", &port.to_string()])
        .args(log)
        .spawn();
    let server = Server(child.unwrap());
    let end = Instant::now() + Duration::from_secs(5);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < end, "the peer does not serve");
        std::thread::sleep(Duration::from_millis(20));
    }
    (server, port)
}

fn round(program: &Path, words: &[&str]) -> Option<Round> {
    let output = pinned(program)
        .args(words)
        .stderr(Stdio::inherit())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text
        .split_whitespace()
        .map_while(|w| w.parse().ok())
        .collect();
    Some(Round {
        per_second: *numbers.first()?,
        p99_us: *numbers.get(2)?,
        slowest: numbers.get(4).copied().unwrap_or(1.0),
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn compare_tcp() {
    let libmodbus = [
        "-DWITH_LIBMODBUS",
        "-I/usr/include/modbus",
        "-lmodbus",
        "-lpthread",
    ];
    let (peer, with_libmodbus) = match compile_with("modbus", &libmodbus) {
        Ok(peer) => (peer, true),
        Err(_) => match compile_with("modbus", &["-lpthread"]) {
            Ok(peer) => (peer, false),
            Err(error) => return println!("tcp: skipped, no C compiler: {error}"),
        },
    };
    let own = std::env::current_exe().unwrap();
    for n in ["1", "16", "64"] {
        let (_server, port) = serve(&peer, None);
        let port = port.to_string();
        let mut ways: Vec<(&str, PathBuf, &str, Vec<Round>)> = vec![
            ("ours, wire to value", own.clone(), "own", Vec::new()),
            ("bare tokio-modbus", own.clone(), "bare", Vec::new()),
            ("raw sockets, C", peer.clone(), "raw", Vec::new()),
        ];
        if with_libmodbus {
            ways.push(("libmodbus", peer.clone(), "libmodbus", Vec::new()));
        } else {
            println!("libmodbus: skipped, not installed");
        }
        for _ in 0..ROUNDS {
            for (_, program, mode, rounds) in &mut ways {
                rounds.extend(round(program, &[mode, &port, n, SECONDS]));
            }
        }
        let best =
            |rounds: &[Round]| -fastest(&rounds.iter().map(|r| -r.per_second).collect::<Vec<_>>());
        let p99 = |rounds: &[Round]| median(rounds.iter().map(|r| r.p99_us).collect());
        let ours = &ways[0].3;
        println!("tcp, {n} connections, {WORDS} registers:");
        for (name, _, _, rounds) in &ways {
            let rates = median(rounds.iter().map(|r| r.per_second).collect());
            println!(
                "  {name:20} {:7.0} /s best, {rates:7.0} median, p99 {:7.1} us; ours/it {:.3} best, {:.3} median, p99 {:.2}",
                best(rounds),
                p99(rounds),
                best(ours) / best(rounds),
                median(ours.iter().map(|r| r.per_second).collect()) / rates,
                p99(ours) / p99(rounds),
            );
        }
        let slowest = median(ours.iter().map(|r| r.slowest).collect());
        println!("  slowest connection / mean: {slowest:.3}");
    }
}

/// A device on a pseudo-terminal; its last line is what it saw.
struct Device {
    child: Child,
    path: String,
    said: std::io::BufReader<std::process::ChildStdout>,
}

impl Device {
    fn start(peer: &Path, baud: u32, response_us: u32) -> Self {
        let mut child = pinned(peer)
            .args([baud.to_string(), response_us.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut path = String::new();
        said.read_line(&mut path).unwrap();
        Self {
            child,
            path: path.trim().to_owned(),
            said,
        }
    }

    /// Requests, those that came too early, and the shortest silence in us.
    fn end(mut self) -> [f64; 3] {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        let mut text = String::new();
        self.said.read_to_string(&mut text).unwrap();
        self.child.wait().unwrap();
        let numbers: Vec<f64> = text
            .split_whitespace()
            .map(|w| w.parse().unwrap())
            .collect();
        numbers.try_into().unwrap()
    }
}

/// What a device of the reference needs to begin its answer, us.
const RESPONSE_US: u32 = 5000;

fn compare_rtu() {
    let peer = match compile_with("rtu", &[]) {
        Ok(peer) => peer,
        Err(error) => return println!("rtu: skipped, no C compiler: {error}"),
    };
    let own = std::env::current_exe().unwrap();
    for baud in [9600, 19_200, 115_200] {
        let mut shares = Vec::new();
        let (mut early, mut shortest) = (0.0, f64::INFINITY);
        for _ in 0..ROUNDS {
            let device = Device::start(&peer, baud, RESPONSE_US);
            let words = ["rtu", &device.path, &baud.to_string(), "-", "4"];
            let round = round(&own, &words).unwrap();
            let byte = 11.0 / f64::from(baud);
            let silence = if baud > 19_200 { 1.75e-3 } else { 3.5 * byte };
            let least = (8 + 5 + 2 * WORDS) as f64 * byte + f64::from(RESPONSE_US) / 1e6 + silence;
            shares.push(round.per_second * least);
            let [_, too_early, silence] = device.end();
            early += too_early;
            shortest = f64::min(shortest, silence);
        }
        println!(
            "rtu at {baud}: {:.4} best, {:.4} median of what the wire carries; {early} requests before t3.5, shortest silence {shortest:.0} us",
            -fastest(&shares.iter().map(|s| -s).collect::<Vec<_>>()),
            median(shares),
        );
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/rtu.py");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let device = Device::start(&peer, 0, 0);
        ours.push(
            round(&own, &["rtu", &device.path, "115200", "0", SECONDS])
                .unwrap()
                .per_second,
        );
        for python in ["python3", "/usr/bin/python3"] {
            let output = pinned(Path::new(python))
                .arg(&script)
                .args([&device.path, "115200", SECONDS])
                .stderr(Stdio::null())
                .output();
            let text = output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned());
            theirs.extend(text.ok().and_then(|t| t.trim().parse::<f64>().ok()));
        }
        device.end();
    }
    let best = |rates: &[f64]| -fastest(&rates.iter().map(|r| -r).collect::<Vec<_>>());
    println!("rtu unpaced: {:.0} /s best", best(&ours));
    if theirs.is_empty() {
        println!("pymodbus: skipped, not installed");
    } else {
        println!(
            "  pymodbus {:.0} /s best; ours/it {:.1}",
            best(&theirs),
            best(&ours) / best(&theirs)
        );
    }
}

/// CPU seconds this process has used.
fn cpu_s() -> f64 {
    let of = |path: &str| std::fs::read_to_string(path).unwrap();
    let stat = of("/proc/self/stat");
    let ticks: f64 = stat
        .rsplit(") ")
        .next()
        .unwrap()
        .split(' ')
        .skip(11)
        .take(2)
        .map(|w| w.parse::<f64>().unwrap())
        .sum();
    // USER_HZ is 100 on every Linux this runs on.
    ticks / 100.0
}

/// A recorded run with the journal on.
fn schedule_own(port: u16, n: usize, hz: &str, seconds: &str) {
    let (lines, units) = tcp_lines(port, n);
    let period_ms = (1e3 / hz.parse::<f64>().unwrap()) as u32;
    let folder = tempfile::TempDir::new().unwrap();
    let documents = dutypoint_benches::record::run(
        &bench(&lines, &units, period_ms),
        &folder.path().join("journal.sqlite"),
        seconds.parse().unwrap(),
    );
    println!("{:.2} {}", cpu_s(), documents.unwrap());
}

/// tokio-modbus on tokio's intervals.
fn schedule_bare(port: u16, n: usize, hz: &str, seconds: &str) {
    let (hz, seconds): (f64, f64) = (hz.parse().unwrap(), seconds.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let start = tokio::time::Instant::now() + Duration::from_millis(500);
        let mut tasks = Vec::new();
        for unit in 1..=n {
            let stream = tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .unwrap();
            stream.set_nodelay(true).unwrap();
            let mut client = tcp::attach_slave(stream, Slave(unit as u8));
            tasks.push(tokio::spawn(async move {
                let mut tick = tokio::time::interval_at(start, Duration::from_secs_f64(1.0 / hz));
                while tick.tick().await < start + Duration::from_secs_f64(seconds) {
                    let words = client.read_holding_registers(0, WORDS as u16).await;
                    assert_eq!(words.unwrap().unwrap().len(), WORDS);
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
    });
    println!("{:.2} 0", cpu_s());
}

fn compare_schedule(seconds: &str) {
    let Ok(peer) = compile_with("modbus", &["-lpthread"]) else {
        return println!("schedule: skipped, no C compiler");
    };
    let own = std::env::current_exe().unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    for hz in ["10", "50", "100"] {
        println!("schedule of 16 devices at {hz} Hz for {seconds} s, {WORDS} registers:");
        let mut floor = None;
        for (name, program, mode) in [
            ("C loop", &peer, "poll"),
            ("ours, journal on", &own, "schedule-own"),
            ("bare tokio", &own, "schedule-bare"),
        ] {
            let log = folder.path().join("log");
            let (server, port) = serve(&peer, Some(&log));
            let words = [mode, &port.to_string(), "16", hz, seconds];
            let output = pinned(program)
                .args(words)
                .stderr(Stdio::inherit())
                .output();
            let said = String::from_utf8_lossy(&output.unwrap().stdout).into_owned();
            server.end();
            let hz: f64 = hz.parse().unwrap();
            let jitter = judge(&std::fs::read_to_string(&log).unwrap(), hz).unwrap();
            let (p50, p99) = *floor.get_or_insert((jitter.p50_us, jitter.p99_us));
            println!(
                "  {name:16} p50 {:6.1} us ({:.2} of C), p99 {:7.1} us ({:.2}), {} of {} skipped, drift {:.3} ms, cpu_s documents: {}",
                jitter.p50_us,
                jitter.p50_us / p50,
                jitter.p99_us,
                jitter.p99_us / p99,
                jitter.skipped,
                jitter.requests,
                jitter.drift_ms,
                said.trim(),
            );
        }
    }
}

/// Resident memory of a process, MB; none once it has ended.
fn resident_mb(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
    let kb: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kb / 1024.0)
}

/// 64 devices at 10 Hz with the journal on: what of a core it takes, and whether memory
/// grows once a sixth of the time, at most five minutes, has passed.
fn load(minutes: &str) {
    let Ok(peer) = compile_with("modbus", &["-lpthread"]) else {
        return println!("load: skipped, no C compiler");
    };
    let seconds = minutes.parse::<f64>().unwrap() * 60.0;
    let (_server, port) = serve(&peer, None);
    let own = std::env::current_exe().unwrap();
    let child = pinned(&own)
        .args(["schedule-own", &port.to_string(), "64", "10"])
        .arg(seconds.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    let warm_s = (seconds / 6.0).min(300.0);
    let mut seen: Vec<(f64, f64)> = Vec::new();
    while begin.elapsed().as_secs_f64() < seconds {
        std::thread::sleep(Duration::from_secs_f64(seconds / 600.0));
        let at = begin.elapsed().as_secs_f64();
        if let (true, Some(mb)) = (at > warm_s, resident_mb(child.id())) {
            seen.push((at / 3600.0, mb));
        }
    }
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let cpu: f64 = said.split_whitespace().next().unwrap().parse().unwrap();
    let n = seen.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| seen.iter().map(of).sum::<f64>() / n;
    let (hour, mb) = (mean(|s| s.0), mean(|s| s.1));
    let slope = seen.iter().map(|s| (s.0 - hour) * (s.1 - mb)).sum::<f64>()
        / seen.iter().map(|s| (s.0 - hour).powi(2)).sum::<f64>();
    println!(
        "64 devices, {WORDS} registers, 10 Hz, journal on, {minutes} min: {:.1} % of a core, {mb:.1} MB, slope {slope:.2} MB/h behind {warm_s:.0} s, cpu_s documents: {}",
        cpu / seconds * 100.0,
        said.trim()
    );
}
