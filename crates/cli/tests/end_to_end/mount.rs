//! A file system of a test's own, in a mount namespace that ends with it.

use crate::common::{code, dutypoint, text};
use serde_json::Value;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// A small file system in memory, seen only by the processes [`Mount::dutypoint`] and
/// [`Mount::shell`] start.
pub(crate) struct Mount {
    holder: Child,
    user_namespace: bool,
    folder: TempDir,
}

impl Mount {
    /// Mounts one with these `options`, or says why this machine lets nobody mount: a container often
    /// bars it, so a test that cannot mount is skipped there with the reason printed.
    pub(crate) fn new(options: &str) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mut why = String::new();
        for user_namespace in [false, true] {
            let script =
                format!("mount -t tmpfs -o {options} none \"$1\" && echo mounted && exec cat");
            let child = Command::new("unshare")
                .args(if user_namespace { "-rm" } else { "-m" }.split(' '))
                .args(["sh", "-c", &script, "sh"])
                .arg(folder.path())
                // The namespace lives until this pipe is closed.
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn();
            let mut holder = match child {
                Ok(holder) => holder,
                Err(error) => {
                    why = format!("unshare: {error}");
                    continue;
                }
            };
            let mut line = String::new();
            let mut output = BufReader::new(holder.stdout.take().unwrap());
            output.read_line(&mut line).unwrap();
            if line == "mounted\n" {
                return Some(Self {
                    holder,
                    user_namespace,
                    folder,
                });
            }
            why = text(&holder.wait_with_output().unwrap());
        }
        eprintln!(
            "skipped: no file system can be mounted here: {}",
            why.trim()
        );
        None
    }

    /// A path on the file system.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A program that sees the file system.
    fn inside(&self, program: &OsStr) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["-t", &self.holder.id().to_string(), "-m"]);
        if self.user_namespace {
            command.args(["-U", "--preserve-credentials"]);
        }
        command.arg(program);
        command
    }

    /// The binary, as [`dutypoint`], seeing the file system.
    pub(crate) fn dutypoint(&self) -> Command {
        let plain = dutypoint();
        let mut command = self.inside(plain.get_program());
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// Runs a line of shell with the mount point as `$1`; it must succeed unless
    /// `may_fail`.
    pub(crate) fn shell(&self, script: &str, may_fail: bool) -> Output {
        let output = self
            .inside(OsStr::new("sh"))
            .args(["-c", script, "sh"])
            .arg(self.folder.path())
            .output()
            .unwrap();
        assert!(may_fail || output.status.success(), "{}", text(&output));
        output
    }

    /// Runs the binary, expects `expected`, returns all it printed.
    pub(crate) fn expect(&self, expected: i32, args: &[&str]) -> String {
        let output = self.dutypoint().args(args).output().unwrap();
        let text = text(&output);
        assert_eq!(code(&output), expected, "{args:?}:\n{text}");
        text
    }

    /// As [`Mount::expect`] with `--json`.
    pub(crate) fn json(&self, expected: i32, args: &[&str]) -> Value {
        let output = self.dutypoint().args(args).arg("--json").output().unwrap();
        assert_eq!(code(&output), expected, "{args:?}:\n{}", text(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // The namespace and the file system in it end with the last process.
        let _gone = self.holder.kill();
        let _waited = self.holder.wait();
    }
}

/// The text of a path.
pub(crate) fn name(path: &Path) -> &str {
    path.to_str().unwrap()
}
