//! `cargo xtask measure`: what the console costs, on the binary as it is shipped.
//!
//! Prints the size of the first page, the time from an instrument's answer to the
//! painted number with five viewers, and the memory of a demo. Never judges: a machine
//! that is busy is no failure.

use crate::{browser, steps};
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use xtask::graph::cargo;

const VIEWERS: &str = "5";
const SECONDS: &str = "20";
/// What a browser fetches before the first number is on the page.
const FIRST: &[&str] = &[
    "/",
    "/assets/console.css",
    "/assets/live.js",
    "/assets/mark.svg",
];

struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn run() -> Result<()> {
    let target = steps::target()?;
    let built = Command::new(cargo())
        .args(["build", "--release", "--package", "dutypoint-cli"])
        .env("CARGO_TARGET_DIR", &target)
        .status()?;
    if !built.success() {
        bail!("the release build ended with {built}");
    }
    let (modules, browser) = browser::places()?;
    let folder = target.join("measure");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let mut demo = Demo(
        Command::new(target.join("release/dutypoint"))
            .args(["demo", "--port", "0", "--out"])
            .arg(folder.join("out"))
            .arg("--data")
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?,
    );
    let said = demo.0.stderr.take().context("no standard error")?;
    let address = BufReader::new(said)
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.find("http://").map(|at| line[at..].trim().to_owned()))
        .context("the demo gave no address")?;

    // Let the first readings come, so that the page measured is the full one.
    std::thread::sleep(std::time::Duration::from_secs(2));
    let bytes = FIRST
        .iter()
        .map(|path| fetched(&address, path))
        .sum::<Result<usize>>()?;
    println!(
        "first page: {bytes} bytes compressed, in {} requests",
        FIRST.len()
    );

    let told = Command::new("node")
        .arg("benches/console/latency.js")
        .args([&modules, &browser])
        .args([&address, VIEWERS, SECONDS])
        .output()?;
    if !told.status.success() {
        bail!("{}", String::from_utf8_lossy(&told.stderr));
    }
    print!("latency: {}", String::from_utf8_lossy(&told.stdout));

    // Until the report is issued, the costliest moment of a demo.
    let issued = folder.join("out/bundle.zip");
    while !issued.exists() {
        if let Some(status) = demo.0.try_wait()? {
            bail!("the demo ended with {status}");
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    std::thread::sleep(std::time::Duration::from_secs(2));
    println!("demo memory at its peak: {}", peak(demo.0.id())?);
    Ok(())
}

fn fetched(address: &str, path: &str) -> Result<usize> {
    let authority = address.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(authority)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    if !answer.starts_with(b"HTTP/1.1 200") {
        bail!("{path}: no 200");
    }
    Ok(answer.len())
}

/// The most memory a process ever held, as the kernel counts it.
fn peak(id: u32) -> Result<String> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))
        .context("only Linux tells the peak of a process")?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .map(|value| value.trim().to_owned())
        .context("no VmHWM")
}
