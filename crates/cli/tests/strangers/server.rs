//! Starting the strangers.

use crate::numbers::Number;
use crate::ptys::start;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// Longest wait for a server to come up on a busy machine.
const START: Duration = Duration::from_secs(60);

/// A server by other people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Pymodbus,
    Libmodbus,
}

/// What a server says it holds: unit, function, address, words.
pub(crate) type Held = (u8, u8, u16, Vec<u16>);

/// A running server; it ends with this value.
pub(crate) struct Stranger {
    child: Child,
    pub(crate) port: u16,
    pub(crate) held: Vec<Held>,
}

impl Stranger {
    /// A server on a free TCP port; none where it is not installed.
    pub(crate) fn tcp(who: Who, numbers: &[Number]) -> Option<Self> {
        Self::start(who, &["tcp"], numbers)
    }

    /// A server on the TCP port `port`; none where it is not installed.
    pub(crate) fn tcp_at(who: Who, numbers: &[Number], port: u16) -> Option<Self> {
        Self::start(who, &["tcp", &port.to_string()], numbers)
    }

    /// A server on the serial port `path`; none where it is not installed.
    pub(crate) fn rtu(who: Who, numbers: &[Number], path: &str) -> Option<Self> {
        Self::start(who, &["rtu", path], numbers)
    }

    fn start(who: Who, args: &[&str], numbers: &[Number]) -> Option<Self> {
        let mut command = match who {
            Who::Pymodbus => {
                let mut command = Command::new(python()?);
                command.arg(fixture("pymodbus_server.py"));
                command
            }
            Who::Libmodbus => Command::new(libmodbus()?),
        };
        command
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = start(&mut command).unwrap();
        let mut registers = child.stdin.take().unwrap();
        for number in numbers {
            writeln!(registers, "{number}").unwrap();
        }
        drop(registers);
        let (said, lines) = std::sync::mpsc::channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if said.send(line).is_err() {
                    break;
                }
            }
        });
        let mut stranger = Self {
            child,
            port: 0,
            held: Vec::new(),
        };
        loop {
            let line = lines
                .recv_timeout(START)
                .unwrap_or_else(|e| panic!("{who:?} {args:?} did not come up: {e}"));
            let words: Vec<&str> = line.split(' ').collect();
            match words.as_slice() {
                ["held", unit, function, address, words @ ..] => {
                    let words = words.iter().map(|w| u16::from_str_radix(w, 16).unwrap());
                    stranger.held.push((
                        unit.parse().unwrap(),
                        function.parse().unwrap(),
                        address.parse().unwrap(),
                        words.collect(),
                    ));
                }
                ["ready", port] => {
                    stranger.port = port.parse().unwrap();
                    return Some(stranger);
                }
                _ => panic!("{who:?} says {line:?}"),
            }
        }
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/strangers")
        .join(name)
}

/// Says that a test is left out; where CI is set that is a failure.
fn left_out<T>(why: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none(), "{why}");
    eprintln!("left out: {why}");
    None
}

/// An interpreter that has pymodbus. The first `python3` on the path need not be the
/// system's, for which the package is installed.
fn python() -> Option<&'static str> {
    static FOUND: OnceLock<Option<&str>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        ["python3", "/usr/bin/python3"].into_iter().find(|python| {
            Command::new(python)
                .args(["-c", "import pymodbus.server, serial"])
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        })
    });
    found.or_else(|| {
        left_out("no python3 here has pymodbus (Debian: python3-pymodbus, python3-serial-asyncio)")
    })
}

/// Our server on libmodbus, compiled.
fn libmodbus() -> Option<PathBuf> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let flags = Command::new("pkg-config")
            .args(["--cflags", "--libs", "libmodbus"])
            .output()
            .ok()
            .filter(|output| output.status.success())?;
        let flags = String::from_utf8(flags.stdout).unwrap();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        std::fs::create_dir_all(&folder).unwrap();
        let program = folder.join("libmodbus_server");
        // Under another name first: a test of another process may be running the old one.
        let draft = folder.join(format!("libmodbus_server.{}", std::process::id()));
        let built = Command::new("cc")
            .args(["-Wall", "-Wextra", "-Werror", "-O1", "-o"])
            .arg(&draft)
            .arg(fixture("libmodbus_server.c"))
            .args(flags.split_whitespace())
            .output()
            .ok()?;
        let said = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success(), "{said}");
        std::fs::rename(&draft, &program).unwrap();
        Some(program)
    });
    built
        .clone()
        .or_else(|| left_out("cc or libmodbus is missing (Debian: gcc, pkgconf, libmodbus-dev)"))
}
