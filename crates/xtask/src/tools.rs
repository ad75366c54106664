//! The programs outside Rust that the tests run, and how they get onto the machine.
//!
//! Promises: installs only what is missing, only with apt-get and only as root or
//! through sudo; where it cannot, it says what to type. Never does: ask a question.

use anyhow::{Result, bail};
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

/// What the tests need, the Debian package it is in, and what they do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tool {
    need: Need,
    package: &'static str,
    purpose: &'static str,
}

/// What must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// A program on the search path.
    Program(&'static str),
    /// Modules that one Python can import: the first `python3` on the path need not be
    /// the system's, for which apt-get installs them.
    Modules(&'static str),
    /// A C library with its headers, as pkg-config knows it.
    Library(&'static str),
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(name) => f.write_str(name),
            Self::Modules(names) => write!(f, "Python with {names}"),
            Self::Library(name) => write!(f, "the C library {name}"),
        }
    }
}

/// Where a Python with the modules is looked for.
const PYTHONS: [&str; 2] = ["python3", "/usr/bin/python3"];

const TOOLS: &[Tool] = &[
    Tool {
        need: Need::Program("pdftotext"),
        package: "poppler-utils",
        purpose: "reads the text of a certificate",
    },
    Tool {
        need: Need::Program("pdftoppm"),
        package: "poppler-utils",
        purpose: "renders a certificate",
    },
    Tool {
        need: Need::Program("pdffonts"),
        package: "poppler-utils",
        purpose: "lists the fonts of a certificate",
    },
    Tool {
        need: Need::Program("qpdf"),
        package: "qpdf",
        purpose: "checks that a certificate is sound PDF",
    },
    Tool {
        need: Need::Program("python3"),
        package: "python3",
        purpose: "recomputes results by other code than ours",
    },
    Tool {
        need: Need::Modules("pymodbus"),
        package: "python3-pymodbus",
        purpose: "plays instruments by other code than ours",
    },
    Tool {
        need: Need::Modules("pymodbus.server, serial"),
        package: "python3-serial-asyncio",
        purpose: "gives pymodbus a serial line",
    },
    Tool {
        need: Need::Modules("cbor2"),
        package: "python3-cbor2",
        purpose: "reads a bundle by other code than ours",
    },
    Tool {
        need: Need::Library("libmodbus"),
        package: "libmodbus-dev",
        purpose: "plays instruments by other code than ours",
    },
    Tool {
        need: Need::Program("pkg-config"),
        package: "pkgconf",
        purpose: "finds libmodbus",
    },
    Tool {
        need: Need::Program("cc"),
        package: "gcc",
        purpose: "compiles a server on libmodbus",
    },
    Tool {
        need: Need::Program("chromium"),
        package: "chromium",
        purpose: "shows the pages as a person sees them",
    },
    Tool {
        need: Need::Program("node"),
        package: "nodejs",
        purpose: "drives the browser",
    },
    Tool {
        need: Need::Program("npm"),
        package: "npm",
        purpose: "fetches the browser's driver",
    },
];

/// Makes sure the programs are there, installing them when `install` says so.
pub(crate) fn ensure(install: bool) -> Result<()> {
    let missing = missing(&present);
    if missing.is_empty() {
        return Ok(());
    }
    for tool in &missing {
        println!("{} is missing: it {}", tool.need, tool.purpose);
    }
    let packages = packages(&missing);
    if !install {
        println!(
            "going on without; a test that wants one says so, and fails where CI=true. \
             To install: {}",
            by_hand(&packages, is_root())
        );
        return Ok(());
    }
    apt(&packages)?;
    let still: Vec<_> = self::missing(&present)
        .iter()
        .map(|tool| tool.need.to_string())
        .collect();
    if !still.is_empty() {
        bail!("installed, but still not found: {}", still.join(", "));
    }
    Ok(())
}

/// Makes sure cargo has its formatter and its linter.
pub(crate) fn components(cargo: &std::ffi::OsStr) -> Result<()> {
    let missing: Vec<&str> = [("fmt", "rustfmt"), ("clippy", "clippy")]
        .into_iter()
        .filter(|(command, _)| {
            // The name on PATH proves nothing: rustup puts a stand-in for every component there.
            !Command::new(cargo)
                .args([command, "--version"])
                .stdin(Stdio::null())
                .output()
                .is_ok_and(|output| output.status.success())
        })
        .map(|(_, component)| component)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "this Rust toolchain lacks {}; add it with: rustup component add {}",
        missing.join(" and "),
        missing.join(" ")
    );
}

fn missing(present: &dyn Fn(Need) -> bool) -> Vec<Tool> {
    let absent = |tool: &&Tool| !present(tool.need);
    TOOLS.iter().filter(absent).copied().collect()
}

fn present(need: Need) -> bool {
    let succeeds = |program: &str, arguments: &[&str]| {
        Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .is_ok_and(|output| output.status.success())
    };
    match need {
        Need::Program(name) => on_path(name),
        Need::Modules(names) => PYTHONS
            .iter()
            .any(|python| succeeds(python, &["-c", &format!("import {names}")])),
        Need::Library(name) => succeeds("pkg-config", &["--exists", name]),
    }
}

fn packages(missing: &[Tool]) -> Vec<&'static str> {
    let mut packages: Vec<_> = missing.iter().map(|tool| tool.package).collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

fn by_hand(packages: &[&str], root: bool) -> String {
    let sudo = if root { "" } else { "sudo " };
    format!(
        "{sudo}apt-get update && {sudo}apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    )
}

fn apt(packages: &[&str]) -> Result<()> {
    if !on_path("apt-get") {
        bail!(
            "this machine has no apt-get; install what Debian calls {} by its own means, \
             or go on without: cargo xtask test --no-install",
            packages.join(", ")
        );
    }
    let root = is_root();
    if !root && !on_path("sudo") {
        bail!(
            "installing needs root and there is no sudo; as root type: {}\n       \
             or go on without: cargo xtask test --no-install",
            by_hand(packages, true)
        );
    }
    // A broken third-party source makes the update fail although Debian's own lists are
    // there, so the installation decides.
    if !apt_get(root, &["update"]) {
        println!("apt-get update failed; trying to install with the lists at hand");
    }
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(packages);
    if !apt_get(root, &arguments) {
        bail!(
            "apt-get could not install {}; type by hand: {}\n       \
             or go on without: cargo xtask test --no-install",
            packages.join(", "),
            by_hand(packages, root)
        );
    }
    Ok(())
}

fn apt_get(root: bool, arguments: &[&str]) -> bool {
    let mut line: Vec<&str> = Vec::new();
    if !root {
        line.push("sudo");
    }
    // `env`, since sudo drops the environment. The lock is held for minutes on a machine
    // that has just been started and updates itself.
    line.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    line.extend(["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]);
    line.extend(arguments);
    println!("$ {}", line.join(" "));
    let Some((program, rest)) = line.split_first() else {
        return false;
    };
    Command::new(program)
        .args(rest)
        .stdin(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

pub(crate) fn on_path(program: &str) -> bool {
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| is_program(&folder.join(&file)))
    })
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_once() {
        let missing = missing(&|need| match need {
            Need::Program(name) => !name.starts_with("pdf") && name != "qpdf",
            Need::Modules(_) | Need::Library(_) => true,
        });
        assert_eq!(packages(&missing), ["poppler-utils", "qpdf"]);
        assert_eq!(
            by_hand(&packages(&missing), false),
            "sudo apt-get update && \
             sudo apt-get install -y --no-install-recommends poppler-utils qpdf"
        );
        assert_eq!(
            by_hand(&["qpdf"], true),
            "apt-get update && apt-get install -y --no-install-recommends qpdf"
        );
    }

    #[test]
    fn nothing_is_missing_where_all_is_there() {
        assert!(missing(&|_| true).is_empty());
    }

    #[test]
    fn a_program_is_found_by_its_name_only() {
        assert!(on_path("cargo"));
        assert!(!on_path("no-such-program-anywhere"));
    }

    #[test]
    fn a_module_or_library_nobody_has_is_missing_although_python_may_be_there() {
        assert!(!present(Need::Modules("no_such_module_anywhere")));
        assert!(!present(Need::Library("no-such-library-anywhere")));
    }
}
