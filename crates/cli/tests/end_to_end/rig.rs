//! A bench as the program meets it in a hall: instruments of another process, on ports
//! that stand in a file.

use crate::common::{Turn, dutypoint};
use crate::interrupted::signal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::read_to_string;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpSocket;

/// Bench seconds of the simulator per second of the run: its pump settles fast enough for
/// a test, and the run knows nothing of it.
const SPEED: &str = "40";

fn config(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config");
    read_to_string(root.join(path)).unwrap()
}

/// The one JSON document a verb with `--json` prints before it goes on.
fn document(child: &mut Child) -> Value {
    let mut text = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        text.push_str(&line);
        if line == "}" {
            return serde_json::from_str(&text).unwrap();
        }
    }
    panic!("it ended by itself: {text}");
}

/// `dutypoint sim` in a process of its own.
pub(crate) struct Sim {
    _turn: Turn,
    child: Child,
    /// Port or address of each line, in the order of the bench file.
    pub(crate) ports: Vec<String>,
}

impl Sim {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// With `faults`, in seconds of the simulator.
    pub(crate) fn with(faults: &[&str]) -> Self {
        Self::of(None, faults)
    }

    /// Of the bench file `bench`, with `faults`.
    pub(crate) fn of(bench: Option<&str>, faults: &[&str]) -> Self {
        let turn = Turn::take();
        let mut child = dutypoint()
            .args(["sim", "--json", "--speed", SPEED, "--for", "3600"])
            .args(bench.iter().flat_map(|file| ["--bench", file]))
            .args(faults.iter().flat_map(|fault| ["--fault", fault]))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = document(&mut child);
        // A serial line is told as `path baud 8N1`.
        let port = |line: &Value| {
            let address = line["address"].as_str().unwrap();
            address.split(' ').next().unwrap().to_owned()
        };
        let of = |name: &str| {
            let mut lines = said["lines"].as_array().unwrap().iter();
            port(lines.find(|l| l["line"] == name).unwrap())
        };
        let ports = ["rtu-1", "rtu-2", "tcp-flow", "tcp-power", "tcp-slip"].map(of);
        assert!(ports[0].starts_with('/') && ports[2].starts_with("127.0.0.1:"));
        Self {
            _turn: turn,
            child,
            ports: ports.to_vec(),
        }
    }

    /// Types a line to it: a fault that begins now, or `clear`.
    pub(crate) fn types(&mut self, line: &str) {
        let keys = self.child.stdin.as_mut().unwrap();
        writeln!(keys, "{line}").unwrap();
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The files of a hall: benches, an order, and the pack that judges with a short window.
pub(crate) struct Files {
    pub(crate) folder: TempDir,
}

impl Files {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let order = config("orders/demo.toml").replace("\"type_test\"", "\"acceptance\"");
        let (before, flows) = order.split_once("flows = [").unwrap();
        let (_, after) = flows.split_once(']').unwrap();
        let order = format!("{before}flows = [0.0, 0.5, 0.8, 0.975, 1.025, 1.2]{after}");
        std::fs::write(folder.path().join("order.toml"), order).unwrap();
        std::fs::create_dir(folder.path().join("config")).unwrap();
        let pack = config("standards/gbt3216-2016.toml");
        let short = pack.replace("averaging_window_s = 20.0", "averaging_window_s = 1.0");
        assert_ne!(short, pack);
        std::fs::write(folder.path().join("config/pack.toml"), short).unwrap();
        Self { folder }
    }

    /// Writes the bench `id` with `ports`, for a run that takes seconds: ten readings
    /// where the demo takes one.
    pub(crate) fn bench(&self, id: &str, ports: &[String]) -> String {
        let mut text = config("benches/demo.toml")
            .replace("id = \"demo\"", &format!("id = \"{id}\""))
            .replace("simulated = true", "simulated = false")
            .replace("damping_s = 2.0", "damping_s = 0.5")
            .replace("settle_s = 8.0", "settle_s = 0.4")
            .replace("travel_s = 10.0", "travel_s = 0.25")
            .replace("gap_s = 8.0", "gap_s = 10.0")
            // Nothing here is about a device that is slow, and the machine may be.
            .replace("timeout_ms = 250\n", "timeout_ms = 1000\n")
            .replace("period_ms = 1000", "period_ms = 100")
            .replace("period_ms = 500", "period_ms = 50")
            .replace("rate_per_s = 25.0", "rate_per_s = 400.0");
        for port in ports {
            text = text.replacen("\"simulated\"", &format!("{port:?}"), 1);
        }
        let path = self.folder.path().join(format!("config/{id}.toml"));
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// `dutypoint run` with the order of this hall, on a bench file or on a bench of the
    /// daemon, with nothing to read and further arguments.
    pub(crate) fn run(&self, bench: &str, more: &[&str]) -> Command {
        let (order, pack) = (self.path("order.toml"), self.path("config/pack.toml"));
        let mut command = self.dutypoint(&["run", "--bench", bench, "--order", &order, "--json"]);
        if Path::new(bench).is_file() {
            command.args(["--config", &pack]);
        }
        command.args(more).stdin(Stdio::null());
        command
    }

    /// The binary with the data folder of this hall.
    pub(crate) fn dutypoint(&self, args: &[&str]) -> Command {
        let mut command = dutypoint();
        command.env("DUTYPOINT_DATA", self.data()).args(args);
        command
    }
}

/// `dutypoint serve --config` on the files of a hall.
pub(crate) struct Daemon {
    pub(crate) child: Child,
    address: String,
}

impl Daemon {
    pub(crate) fn start(files: &Files, more: &[&str], env: &[(&str, &str)]) -> Self {
        let config = files.path("config");
        let mut child = files
            .dutypoint(&["serve", "--json", "--port", "0", "--config", &config])
            .args(more)
            .envs(env.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = document(&mut child);
        let address = said["address"].as_str().unwrap();
        let address = address.trim_start_matches("http://").trim_end_matches('/');
        Self {
            child,
            address: address.to_owned(),
        }
    }

    /// Status and body of `GET path`.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let host = &self.address;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    /// Tells it to end and waits; it either has, or says which bench it left on a busy
    /// machine.
    pub(crate) fn finish(self) -> String {
        let (status, _, log) = self.end("-TERM");
        assert!(
            status.success() || log.contains("in time; "),
            "{status} {log}"
        );
        log
    }

    /// Sends `name`, and returns how the daemon ended, how long that took, and its log.
    pub(crate) fn end(mut self, name: &str) -> (ExitStatus, Duration, String) {
        let begin = Instant::now();
        signal(&self.child, name);
        let status = self.child.wait().unwrap();
        let took = begin.elapsed();
        let mut log = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut log).unwrap();
        (status, took, log)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One sample of the metrics: name, labels, value.
pub(crate) type Sample = (String, BTreeMap<String, String>, f64);

/// The samples of an OpenMetrics text, every line of which must be one or a comment.
pub(crate) fn samples(text: &str) -> Vec<Sample> {
    assert!(text.ends_with("# EOF\n"), "{text}");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let labels = labels.strip_suffix('}').unwrap();
            let label = |pair: &str| {
                let (key, value) = pair.split_once("=\"").unwrap();
                (key.to_owned(), value.strip_suffix('"').unwrap().to_owned())
            };
            let labels = labels.split_terminator(',').map(label).collect();
            (name.to_owned(), labels, value.parse().unwrap())
        })
        .collect()
}

/// An address at which nobody listens as long as the socket is held.
pub(crate) fn nobody() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    (socket, address)
}

/// Waits until `holds`, a minute at most.
pub(crate) fn until(what: &str, holds: impl FnMut() -> bool) {
    within(Duration::from_secs(60), what, holds);
}

/// Waits until `holds`, as long as the whole programme of a run may take on a busy machine.
pub(crate) fn until_over(what: &str, holds: impl FnMut() -> bool) {
    within(Duration::from_secs(600), what, holds);
}

fn within(longest: Duration, what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + longest;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
