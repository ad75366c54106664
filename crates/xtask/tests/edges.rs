//! The crate graph keeps to the design, and the rule that says so can fail.

use anyhow::{Context as _, Result};
use serde_json::json;
use xtask::graph::{Edge, Graph, HEAVY, PURE, closure, metadata};

/// What no pure crate may need in order to run.
const IMPURE: &[&str] = &[
    "async-nats",
    "axum",
    "hyper",
    "libsqlite3-sys",
    "mio",
    "reqwest",
    "socket2",
    "sqlx",
    "tokio",
];

#[test]
fn every_edge_is_one_the_design_allows() -> Result<()> {
    let graph = Graph::parse(&metadata(&["--no-deps"])?)?;
    assert!(graph.crates.len() > 9, "{graph}");
    let violations = graph.violations();
    assert!(violations.is_empty(), "{}", violations.join("\n"));
    Ok(())
}

#[test]
fn pure_crates_need_no_runtime_database_or_network() -> Result<()> {
    // Only this machine's packages: the others need not be downloaded for the build.
    let version = std::process::Command::new(xtask::graph::cargo())
        .arg("-vV")
        .output()?;
    let version = String::from_utf8(version.stdout)?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("cargo -vV names no host")?;
    let metadata = metadata(&["--locked", "--filter-platform", host])?;
    for name in PURE {
        let needs = closure(&metadata, name)?;
        for package in IMPURE {
            assert!(!needs.contains(*package), "`{name}` needs {package}");
        }
    }
    // The same question where the answer is known to be yes.
    let ledger = closure(&metadata, "ledger")?;
    assert!(ledger.contains("sqlx") && ledger.contains("tokio"));
    Ok(())
}

fn violations(edges: &[(&str, &str, bool)]) -> Vec<String> {
    let edges = edges.iter().map(|(from, to, dev)| Edge {
        from: (*from).to_owned(),
        to: (*to).to_owned(),
        dev: *dev,
    });
    let graph = Graph {
        edges: edges.collect(),
        ..Graph::default()
    };
    graph.violations()
}

#[test]
fn what_is_reachable_through_an_allowed_edge_is_allowed() {
    let allowed = [
        ("ledger", "model", false),
        ("sim", "fieldbus", false),
        ("sim", "engine", false),
        ("station", "hydraulics", false),
        ("certificate", "engine", true),
        ("console", "station", false),
        ("benches", "sim", false),
        ("benches", "xtask", true),
        ("cli", "xtask", true),
    ];
    assert_eq!(violations(&allowed), Vec::<String>::new());
    let whole = [
        "model",
        "hydraulics",
        "engine",
        "fieldbus",
        "ledger",
        "certificate",
        "station",
        "sim",
        "console",
    ];
    assert_eq!(
        violations(&whole.map(|name| ("cli", name, false))),
        Vec::<String>::new()
    );
}

#[test]
fn a_forbidden_edge_is_named() {
    assert_eq!(
        violations(&[("engine", "ledger", false)]),
        ["`engine` must not depend on `ledger`: the design allows hydraulics, model"]
    );
    assert_eq!(
        violations(&[("hydraulics", "engine", true)]),
        ["the tests of `hydraulics` must not depend on `engine`: the design allows model"]
    );
    let forbidden = [
        ("model", "hydraulics", false),
        ("fieldbus", "ledger", false),
        ("ledger", "fieldbus", false),
        ("certificate", "ledger", true),
        ("sim", "station", true),
        ("station", "sim", false),
        ("station", "console", false),
        ("console", "sim", false),
        ("xtask", "model", false),
        ("xtask", "model", true),
        ("cli", "xtask", false),
        ("model", "benches", true),
        ("ledger", "cli", false),
        ("stranger", "model", false),
    ];
    for edge in forbidden {
        assert_eq!(violations(&[edge]).len(), 1, "{edge:?}");
    }
}

#[test]
fn an_unknown_crate_is_named_with_what_to_do() {
    let graph = Graph {
        crates: ["model".to_owned(), "gateway".to_owned()].into(),
        ..Graph::default()
    };
    let violations = graph.violations();
    assert_eq!(violations.len(), 1);
    assert!(
        violations[0].contains("`gateway`") && violations[0].contains("add it to DESIGN"),
        "{}",
        violations[0]
    );
}

#[test]
fn a_heavy_package_in_two_crates_is_named() {
    for package in HEAVY {
        let in_crates = |holders: &[&str]| Graph {
            packages: holders
                .iter()
                .map(|holder| ((*holder).to_owned(), (*package).to_owned()))
                .collect(),
            ..Graph::default()
        };
        assert!(in_crates(&["ledger", "benches"]).violations().is_empty());
        let violations = in_crates(&["ledger", "console"]).violations();
        assert_eq!(violations.len(), 1);
        assert!(
            violations[0].contains(package) && violations[0].contains("console, ledger"),
            "{}",
            violations[0]
        );
    }
}

#[test]
fn metadata_becomes_a_graph() -> Result<()> {
    let graph = Graph::parse(&json!({ "packages": [
        { "name": "dutypoint-sim", "dependencies": [
            { "name": "dutypoint-fieldbus", "kind": null, "path": "x" },
            { "name": "dutypoint-model", "kind": "dev", "path": "x" },
            { "name": "dutypoint-engine", "kind": "build", "path": "x" },
            { "name": "sqlx", "kind": null },
        ] },
    ] }))?;
    assert_eq!(
        graph.to_string(),
        "sim → engine fieldbus ~model\n",
        "a build script's edge counts as the crate's own"
    );
    assert_eq!(
        graph.packages,
        [("sim".to_owned(), "sqlx".to_owned())].into()
    );
    Ok(())
}

#[test]
fn a_closure_follows_normal_dependencies_only() -> Result<()> {
    let package = |id: &str, name: &str| json!({ "id": id, "name": name });
    let needs =
        |id: &str, kind: serde_json::Value| json!({ "pkg": id, "dep_kinds": [{ "kind": kind }] });
    let metadata = json!({
        "packages": [
            package("1", "dutypoint-model"),
            package("2", "middle"),
            package("3", "tokio"),
            package("4", "proptest"),
        ],
        "resolve": { "nodes": [
            { "id": "1", "deps": [needs("2", json!(null)), needs("4", json!("dev"))] },
            { "id": "2", "deps": [needs("3", json!(null))] },
            { "id": "3", "deps": [needs("2", json!(null))] },
            { "id": "4", "deps": [] },
        ] },
    });
    let closure = closure(&metadata, "model")?;
    assert_eq!(closure.len(), 3);
    assert!(closure.contains("tokio"));
    assert!(xtask::graph::closure(&metadata, "nobody").is_err());
    Ok(())
}
