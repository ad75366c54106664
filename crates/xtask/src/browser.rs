//! The driver of the browser tests: playwright-core, from the npm registry.
//!
//! Promises: one exact version, in the target folder, never in the workspace; no script
//! of the package runs.

use crate::steps;
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PACKAGE: &str = "playwright-core";
const VERSION: &str = "1.65.1";
/// Debian's; the tests bring none of their own.
const BROWSER: &str = "/usr/bin/chromium";

/// Makes sure the driver is there; without `install` says what is missing.
pub(crate) fn ensure(install: bool) -> Result<()> {
    let folder = folder()?;
    if is_there(&folder) {
        return Ok(());
    }
    if !install {
        println!("{PACKAGE} {VERSION} is missing: it drives the browser tests, which are left out");
        return Ok(());
    }
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("failed to create {}", folder.display()))?;
    let package = format!("{PACKAGE}@{VERSION}");
    println!("$ npm install {package}");
    let status = Command::new("npm")
        .args(["install", "--no-save", "--no-package-lock", "--no-audit"])
        .args(["--no-fund", "--ignore-scripts", "--prefix"])
        .arg(&folder)
        .arg(&package)
        .stdin(Stdio::null())
        .status()
        .context("failed to run npm")?;
    if !status.success() || !is_there(&folder) {
        bail!("npm could not install {package}; go on without: cargo xtask test --no-install");
    }
    Ok(())
}

/// Folder of the driver's modules, and the browser.
pub(crate) fn places() -> Result<(PathBuf, PathBuf)> {
    let folder = folder()?;
    if !is_there(&folder) || !Path::new(BROWSER).exists() {
        bail!("{PACKAGE} {VERSION} or {BROWSER} is missing: cargo xtask test installs both");
    }
    Ok((folder.join("node_modules"), BROWSER.into()))
}

fn folder() -> Result<PathBuf> {
    Ok(steps::target()?.join("browser"))
}

fn is_there(folder: &Path) -> bool {
    let file = folder
        .join("node_modules")
        .join(PACKAGE)
        .join("package.json");
    std::fs::read(file)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok())
        .is_some_and(|package| package["version"] == VERSION)
}
