//! `cargo xtask bits`: one run, computed by several builds, compared to the bit.
//!
//! Promises: every build that can be made gets the same run and the same questions, and
//! what it makes of them is compared as text; a build that cannot be made is named as
//! skipped, with the reason. Never does: change the system's own packages; a compiler for
//! ARM is unpacked from Debian's packages into the target folder.

use crate::{steps, tools};
use anyhow::{Context as _, Result, bail, ensure};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use xtask::graph::cargo;

const ARM: &str = "aarch64-unknown-linux-gnu";
/// Debian's Rust compiler, newer than the release's own, and what it links with.
const COMPILER: &[&str] = &["rustc-web", "libstd-rust-web-dev"];

pub(crate) fn run() -> Result<()> {
    let target = steps::target()?;
    let folder = target.join("bits");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    succeed(
        Command::new(cargo())
            .args(["run", "--package", "dutypoint-cli", "--", "demo"])
            .args(["--no-serve", "--out"])
            .arg(folder.join("out"))
            .arg("--data")
            .arg(&folder)
            .env("CARGO_TARGET_DIR", &target),
    )?;
    let bundle = folder.join("out/bundle.zip");

    let native = |profile: &[&str]| {
        let mut command = Command::new(cargo());
        command.arg("run").args(profile).args(EXAMPLE);
        said(command.env("CARGO_TARGET_DIR", &target), &bundle)
    };
    let debug = native(&[])?;
    println!("x86-64 debug: {} lines", debug.lines().count());
    compare("release", &debug, &native(&["--release"])?)?;
    match arm(&target, &bundle) {
        Ok(found) => compare("aarch64 release under qemu-user", &debug, &found)?,
        Err(error) => println!("aarch64: SKIPPED: {error:#}"),
    }
    Ok(())
}

const EXAMPLE: [&str; 4] = ["--package", "dutypoint-certificate", "--example", "bits"];

/// What a build says of the run and of every validation case.
fn said(command: &mut Command, bundle: &Path) -> Result<String> {
    command
        .arg("--")
        .arg(bundle)
        .args(["config/standards", "fixtures/validation"]);
    let output = output(command)?;
    let text = String::from_utf8(output.stdout)?;
    ensure!(
        text.contains("proved paper"),
        "the bundle is not proved:\n{text}"
    );
    Ok(text)
}

fn compare(name: &str, expected: &str, found: &str) -> Result<()> {
    let differing = expected.lines().zip(found.lines()).find(|(a, b)| a != b);
    if let Some((expected, found)) = differing {
        bail!("{name} differs:\n  debug  {expected}\n  {name}  {found}");
    }
    ensure!(
        expected.len() == found.len(),
        "{name} says more or less than debug"
    );
    println!("{name}: identical, {} lines", found.lines().count());
    Ok(())
}

fn arm(target: &Path, bundle: &Path) -> Result<String> {
    let wanted = ["qemu-aarch64", "aarch64-linux-gnu-gcc", "dpkg", "apt-get"];
    let missing: Vec<&str> = wanted
        .into_iter()
        .filter(|name| !tools::on_path(name))
        .collect();
    ensure!(
        missing.is_empty(),
        "{} not found; install qemu-user, gcc-aarch64-linux-gnu and libc6-dev-arm64-cross",
        missing.join(", ")
    );
    let root = compiler(&target.join("bits-compiler"))?;
    let mut command = Command::new(cargo());
    command
        .args(["run", "--release", "--target", ARM])
        .args(EXAMPLE)
        .env("CARGO_TARGET_DIR", target.join("bits-arm"))
        .env("RUSTC", root.join("usr/bin/rustc"))
        .env("LD_LIBRARY_PATH", libraries(&root)?)
        .env(
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
            "aarch64-linux-gnu-gcc",
        )
        .env(
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER",
            "qemu-aarch64 -L /usr/aarch64-linux-gnu",
        );
    said(&mut command, bundle)
}

/// A compiler that knows ARM, unpacked into `folder`.
fn compiler(folder: &Path) -> Result<PathBuf> {
    let root = folder.join("root");
    if root.join("usr/bin/rustc").exists() {
        return Ok(root);
    }
    for part in ["lists/partial", "cache/archives/partial"] {
        std::fs::create_dir_all(folder.join(part))?;
    }
    // Lists of our own, so that the system's need not learn another architecture.
    let apt = |architecture: Option<&str>, arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.current_dir(folder);
        if let Some(architecture) = architecture {
            command
                .args(["-o", &format!("APT::Architecture={architecture}")])
                .args(["-o", &format!("APT::Architectures={architecture}")])
                .arg("-o")
                .arg(format!(
                    "Dir::State::Lists={}",
                    folder.join("lists").display()
                ))
                .arg("-o")
                .arg(format!("Dir::Cache={}", folder.join("cache").display()));
        }
        succeed(command.args(arguments))
    };
    let mut packages = vec!["download"];
    packages.extend(COMPILER);
    let needs = needs()?;
    packages.extend(needs.iter().map(String::as_str));
    apt(None, &packages)?;
    apt(Some("arm64"), &["update", "-qq"])?;
    apt(Some("arm64"), &["download", "libstd-rust-web-dev"])?;
    let fresh = folder.join("fresh");
    for file in std::fs::read_dir(folder)? {
        let file = file?.path();
        if file.extension().is_some_and(|e| e == "deb") {
            succeed(Command::new("dpkg").arg("-x").arg(&file).arg(&fresh))?;
            std::fs::remove_file(&file)?;
        }
    }
    std::fs::rename(&fresh, &root)?;
    Ok(root)
}

/// The compiler's own libraries, whose names carry their versions.
fn needs() -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut of = "libstd-rust-web-dev".to_owned();
    for prefix in ["libstd-rust-web-", "libllvm"] {
        let output = output(Command::new("apt-cache").args(["depends", &of]))?;
        let text = String::from_utf8(output.stdout)?;
        let found = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Depends: "))
            .find(|name| name.starts_with(prefix));
        of = found
            .with_context(|| format!("{of} does not say which {prefix}… it needs"))?
            .to_owned();
        names.push(of.clone());
    }
    Ok(names)
}

fn libraries(root: &Path) -> Result<OsString> {
    let usr = root.join("usr/lib");
    let mut folders = vec![usr.join("x86_64-linux-gnu")];
    for entry in std::fs::read_dir(&usr)? {
        let path = entry?.path().join("lib");
        if path.to_string_lossy().contains("llvm-") {
            folders.push(path);
        }
    }
    Ok(std::env::join_paths(folders)?)
}

fn output(command: &mut Command) -> Result<Output> {
    let shown = format!("{command:?}");
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("failed to run {shown}"))?;
    ensure!(
        output.status.success(),
        "{shown} ended with {}",
        output.status
    );
    Ok(output)
}

fn succeed(command: &mut Command) -> Result<()> {
    output(command.stdout(Stdio::piped())).map(drop)
}
