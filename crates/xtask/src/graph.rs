//! The crates of the workspace, what they depend on, and what they may depend on.
//!
//! Owns: the list of edges the design allows ([`DESIGN`]) and the packages that are too
//! heavy to sit in two crates ([`HEAVY`]). Promises: [`Graph::violations`] names every
//! edge outside the list in a sentence that says what to change. Never does: build.
//!
//! Crates go by their folder name: `dutypoint-model` is `model`.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::process::Command;

/// Each crate with the crates it may depend on; what those reach is allowed too.
pub const DESIGN: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("hydraulics", &["model"]),
    ("engine", &["hydraulics"]),
    ("fieldbus", &["engine"]),
    ("ledger", &["engine"]),
    ("certificate", &["engine"]),
    ("sim", &["fieldbus"]),
    ("station", &["fieldbus", "ledger", "engine", "certificate"]),
    ("console", &["station", "certificate"]),
    ("cli", &["console", "sim"]),
    ("xtask", &[]),
    (BENCHES, &[]),
];

/// The benchmarks may measure anything, so no rule holds for what they depend on.
const BENCHES: &str = "benches";

/// The binary. Its tests run the whole program and may use any crate.
const CLI: &str = "cli";

/// Packages that cost enough to build to sit in one crate only.
pub const HEAVY: &[&str] = &["axum", "polars", "printpdf", "sqlx"];

/// Crates that compile without asynchronous runtime, database or network.
pub const PURE: &[&str] = &["model", "hydraulics", "engine", "certificate"];

/// One crate of the workspace depends on another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The crate that depends.
    pub from: String,
    /// The crate it depends on.
    pub to: String,
    /// Whether only its tests do.
    pub dev: bool,
}

/// The crates of the workspace and their direct dependencies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// Every crate.
    pub crates: BTreeSet<String>,
    /// Dependencies within the workspace.
    pub edges: BTreeSet<Edge>,
    /// Direct dependencies outside the workspace, as (crate, package).
    pub packages: BTreeSet<(String, String)>,
}

impl Graph {
    /// The graph in the output of `cargo metadata --no-deps`.
    ///
    /// # Errors
    /// When `metadata` has another shape than format version 1.
    pub fn parse(metadata: &Value) -> Result<Self> {
        let mut graph = Self::default();
        for package in array(metadata, "packages")? {
            let from = short(text(package, "name")?).to_owned();
            for dependency in array(package, "dependencies")? {
                let name = text(dependency, "name")?;
                // Only the crates of the workspace are named by path.
                if dependency.get("path").is_some_and(Value::is_string) {
                    graph.edges.insert(Edge {
                        from: from.clone(),
                        to: short(name).to_owned(),
                        dev: dependency.get("kind").and_then(Value::as_str) == Some("dev"),
                    });
                } else {
                    graph.packages.insert((from.clone(), name.to_owned()));
                }
            }
            graph.crates.insert(from);
        }
        Ok(graph)
    }

    /// What the design does not allow, a sentence each; empty when all is well.
    ///
    /// ```
    /// use xtask::graph::{Edge, Graph};
    ///
    /// let mut graph = Graph::default();
    /// graph.edges.insert(Edge { from: "model".into(), to: "sim".into(), dev: false });
    /// assert_eq!(graph.violations().len(), 1);
    /// ```
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        for name in &self.crates {
            if !DESIGN.iter().any(|(known, _)| known == name) {
                found.push(format!(
                    "the design knows no crate `{name}`: add it to DESIGN in \
                     crates/xtask/src/graph.rs with the crates it may depend on"
                ));
            }
        }
        for edge in &self.edges {
            let Edge { from, to, dev } = edge;
            let free = from == BENCHES || (*dev && from == CLI);
            if !free && !reachable(from).contains(to.as_str()) {
                let tests = if *dev { "the tests of " } else { "" };
                found.push(format!(
                    "{tests}`{from}` must not depend on `{to}`: the design allows {}",
                    list(&reachable(from))
                ));
            }
        }
        for package in HEAVY {
            let holders: BTreeSet<&str> = self
                .packages
                .iter()
                .filter(|(holder, name)| name == package && holder != BENCHES)
                .map(|(holder, _)| holder.as_str())
                .collect();
            if holders.len() > 1 {
                found.push(format!(
                    "`{package}` is heavy and sits in one crate only, but {} depend on it",
                    list(&holders)
                ));
            }
        }
        found
    }
}

impl fmt::Display for Graph {
    /// One crate a line with what it depends on; `~` marks what only its tests use.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.crates.iter().map(String::len).max().unwrap_or(0);
        for name in &self.crates {
            let mut to: BTreeMap<&str, bool> = BTreeMap::new();
            for edge in self.edges.iter().filter(|edge| edge.from == *name) {
                let only_tests = to.entry(&edge.to).or_insert(true);
                *only_tests &= edge.dev;
            }
            write!(f, "{name:width$} →")?;
            for (name, only_tests) in to {
                write!(f, " {}{name}", if only_tests { "~" } else { "" })?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// Every package `root` needs in order to run, itself included, in the output of
/// `cargo metadata` with dependencies: normal dependencies only, neither those of tests
/// nor those of build scripts.
///
/// # Errors
/// When `metadata` holds no package `root` or has another shape than format version 1.
pub fn closure(metadata: &Value, root: &str) -> Result<BTreeSet<String>> {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for package in array(metadata, "packages")? {
        names.insert(text(package, "id")?, text(package, "name")?);
    }
    let resolve = metadata.get("resolve").context("no `resolve`")?;
    let mut needs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in array(resolve, "nodes")? {
        let needed = needs.entry(text(node, "id")?).or_default();
        for dependency in array(node, "deps")? {
            let normal = array(dependency, "dep_kinds")?
                .iter()
                .any(|kind| kind.get("kind").is_some_and(Value::is_null));
            if normal {
                needed.push(text(dependency, "pkg")?);
            }
        }
    }
    let mut open: Vec<&str> = names
        .iter()
        .filter(|(_, name)| short(name) == root)
        .map(|(id, _)| *id)
        .collect();
    if open.is_empty() {
        bail!("no package `{root}`");
    }
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            open.extend(needs.get(id).into_iter().flatten());
        }
    }
    seen.into_iter()
        .map(|id| Ok((*names.get(id).with_context(|| format!("no package {id}"))?).to_owned()))
        .collect()
}

/// What `cargo metadata` says about this workspace.
///
/// # Errors
/// When cargo cannot be run, fails, or prints no JSON.
pub fn metadata(arguments: &[&str]) -> Result<Value> {
    let output = Command::new(cargo())
        .args(["metadata", "--format-version", "1"])
        .args(arguments)
        .current_dir(root())
        .output()
        .context("failed to run cargo metadata")?;
    if !output.status.success() {
        bail!(
            "cargo metadata ended with {}:\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    serde_json::from_slice(&output.stdout).context("cargo metadata printed no JSON")
}

/// The cargo that runs us, so that a toolchain chosen with `cargo +name` stays chosen.
#[must_use]
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The folder of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    path.pop();
    path.pop();
    path
}

fn reachable(from: &str) -> BTreeSet<&'static str> {
    let next = |name: &str| {
        DESIGN
            .iter()
            .filter(move |(known, _)| *known == name)
            .flat_map(|(_, to)| to.iter().copied())
            .collect::<Vec<_>>()
    };
    let mut seen = BTreeSet::new();
    let mut open = next(from);
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            open.extend(next(name));
        }
    }
    seen
}

fn list(names: &BTreeSet<&str>) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names.iter().copied().collect::<Vec<_>>().join(", ")
}

fn short(name: &str) -> &str {
    name.strip_prefix("dutypoint-").unwrap_or(name)
}

fn array<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    value
        .get(key)
        .and_then(Value::as_array)
        .with_context(|| format!("cargo metadata: no list `{key}`"))
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value
        .get(key)
        .and_then(Value::as_str)
        .with_context(|| format!("cargo metadata: no text `{key}`"))
}
