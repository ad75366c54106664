//! What every crate declares, and what no committed file may contain.

use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask::graph::{PURE, metadata, root};

#[test]
fn every_crate_has_the_licence_and_the_lints_of_the_workspace() -> Result<()> {
    let metadata = metadata(&["--no-deps"])?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    assert!(packages.len() > 9);
    for package in packages {
        let name = &package["name"];
        assert_eq!(package["license"], "MIT OR Apache-2.0", "{name}");
        let manifest = package["manifest_path"].as_str().context("no manifest")?;
        assert!(
            takes_lints(&std::fs::read_to_string(manifest)?),
            "{name}: Cargo.toml lacks `[lints]` with `workspace = true`"
        );
    }
    for file in ["LICENSE-MIT", "LICENSE-APACHE"] {
        let text = std::fs::read_to_string(root().join(file)).context(file)?;
        assert!(text.contains("The Dutypoint contributors"), "{file}");
    }
    Ok(())
}

fn takes_lints(manifest: &str) -> bool {
    manifest
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != "[lints]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .any(|line| line == "workspace = true")
}

#[test]
fn a_manifest_without_the_lints_is_noticed() {
    assert!(takes_lints("[lints]\nworkspace = true\n[dependencies]\n"));
    assert!(!takes_lints("[package]\nname = \"x\"\n"));
    assert!(!takes_lints("[lints]\n[other]\nworkspace = true\n"));
}

#[test]
fn pure_crates_ban_hash_order_and_the_platforms_mathematics() -> Result<()> {
    for name in PURE {
        let file = root().join("crates").join(name).join("clippy.toml");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("failed to read {}", file.display()))?;
        let lacking = not_banned(&text);
        assert!(
            lacking.is_empty(),
            "crates/{name}/clippy.toml must ban {}",
            lacking.join(", ")
        );
    }
    Ok(())
}

fn not_banned(clippy_toml: &str) -> Vec<&'static str> {
    const BANNED: &[&str] = &[
        "f64::powi",
        "f64::powf",
        "f64::exp",
        "f64::ln",
        "f64::log",
        "f64::log10",
        "f64::sin",
        "f64::cos",
        "f64::tan",
        "std::collections::HashMap",
        "std::collections::HashSet",
        "std::time::SystemTime::now",
    ];
    let banned = |path: &str| {
        let entry = format!("path = \"{path}\"");
        clippy_toml
            .lines()
            .any(|line| line.contains(&entry) && !line.trim_start().starts_with('#'))
    };
    BANNED.iter().copied().filter(|p| !banned(p)).collect()
}

#[test]
fn a_ban_that_is_missing_or_commented_out_is_noticed() {
    let ban = |path: &str| format!("  {{ path = \"{path}\", reason = \"x\" }},\n");
    let all: String = not_banned("").into_iter().map(ban).collect();
    assert!(not_banned(&all).is_empty());
    let without = all.replace(&ban("f64::ln"), "");
    assert_eq!(not_banned(&without), ["f64::ln"]);
    let commented = all.replace(&ban("f64::tan"), &format!("#{}", ban("f64::tan")));
    assert_eq!(not_banned(&commented), ["f64::tan"]);
}

#[test]
fn no_committed_file_knows_the_machine_it_was_written_on() -> Result<()> {
    let files = committed()?;
    assert!(files.len() > 100, "only {} files", files.len());
    let mut found = Vec::new();
    for file in files {
        // A file deleted but not yet committed is no longer there.
        let Ok(bytes) = std::fs::read(root().join(&file)) else {
            continue;
        };
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            if let Some(hint) = local_hint(&file, line) {
                found.push(format!("{}:{}: {hint}", file.display(), number + 1));
            }
        }
    }
    assert!(
        found.is_empty(),
        "paths and hosts of one machine in committed files:\n{}",
        found.join("\n")
    );
    Ok(())
}

/// The part of `line` that only makes sense on one developer's machine or network.
fn local_hint(file: &Path, line: &str) -> Option<String> {
    // In two parts, so that this file does not find itself.
    const FOLDERS: &[(&str, &str)] = &[
        ("/ho", "me/"),
        ("/Us", "ers/"),
        ("/ro", "ot/"),
        ("/wo", "rk/"),
        ("C:\\Us", "ers\\"),
    ];
    const HOSTS: &[(&str, &str)] = &[
        ("crates.io", "/api"),
        ("static.", "crates.io"),
        ("index.", "crates.io"),
        ("registry.", "npmjs.org"),
        ("pypi", ".org"),
        ("files.", "pythonhosted.org"),
        ("deb.", "debian.org"),
        ("proxy.", "golang.org"),
    ];
    const REGISTRY: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    if file == Path::new("Cargo.lock") && line.starts_with("source = ") && line != REGISTRY {
        return Some(line.to_owned());
    }
    let folder = FOLDERS.iter().map(|(a, b)| [*a, *b].concat()).find(|name| {
        line.match_indices(name.as_str()).any(|(at, _)| {
            // After a name or a dot it is the middle of a relative path or of a URL.
            let before = line[..at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || "._-~}".contains(c))
        })
    });
    let host = || {
        let mut names = HOSTS.iter().map(|(a, b)| [*a, *b].concat());
        names.find(|name| line.contains(name.as_str()))
    };
    folder.or_else(host)
}

#[test]
fn a_path_or_a_host_of_one_machine_is_noticed() {
    let hint = |line: &str| local_hint(Path::new("a.rs"), line);
    let home = ["/ho", "me/"].concat();
    for line in [
        format!("let path = \"{home}anna/x\";"),
        format!("see {home}anna"),
        format!("{home}anna"),
        format!("file://{home}anna"),
    ] {
        assert_eq!(hint(&line), Some(home.clone()), "{line}");
    }
    assert!(hint(&["https://registry.", "npmjs.org/x"].concat()).is_some());
    for line in [
        format!("https://example.org{home}page"),
        format!("..{home}x"),
        format!("$ROOT{home}x"),
        "https://crates.io/crates/libm".to_owned(),
    ] {
        assert_eq!(hint(&line), None, "{line}");
    }
    let lock = |line: &str| local_hint(Path::new("Cargo.lock"), line);
    assert_eq!(
        lock("source = \"registry+https://github.com/rust-lang/crates.io-index\""),
        None
    );
    assert!(lock("source = \"sparse+https://mirror.example/index/\"").is_some());
}

/// The files git tracks, or, outside a clone, the files that are there.
fn committed() -> Result<Vec<PathBuf>> {
    // A clone that belongs to somebody else, as in a container, is read all the same.
    let git = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z"])
        .current_dir(root())
        .output();
    if let Ok(output) = git
        && output.status.success()
        && !output.stdout.is_empty()
    {
        let names = String::from_utf8(output.stdout).context("a file name is no UTF-8")?;
        return Ok(names.split_terminator('\0').map(PathBuf::from).collect());
    }
    let mut files = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(root().join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if !entry.file_type()?.is_dir() {
                files.push(path);
            } else if entry.file_name() != ".git" && entry.file_name() != "target" {
                open.push(path);
            }
        }
    }
    Ok(files)
}
