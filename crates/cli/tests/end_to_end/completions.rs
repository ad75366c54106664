//! Completion scripts: the shells take them, and no verb is missing.

use crate::common::{expect, json, text};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// The verbs as `--help` lists them.
fn verbs() -> Vec<String> {
    let help = expect(0, &["--help"]);
    let list = help.split("Commands:\n").nth(1).unwrap();
    let list = list.split("\n\n").next().unwrap();
    list.lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(ToOwned::to_owned))
        .filter(|verb| verb != "help")
        .collect()
}

#[test]
fn the_script_of_every_shell_names_every_verb() {
    let verbs = verbs();
    assert!(verbs.len() >= 10, "{verbs:?}");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = expect(0, &["completions", shell]);
        for verb in &verbs {
            assert!(script.contains(verb.as_str()), "{shell}: {verb}");
        }
        let document = json(0, &["completions", shell]);
        assert_eq!(document["shell"], shell);
        assert_eq!(
            document["script"].as_str().unwrap().trim_end(),
            script.trim_end()
        );
    }
    expect(2, &["completions", "command.com"]);
}

#[test]
fn shells_that_are_here_read_their_script_without_complaint() {
    let mut read = 0;
    for (shell, dry_run) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let child = Command::new(shell)
            .arg(dry_run)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else { continue };
        let script = expect(0, &["completions", shell]);
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(script.as_bytes()).unwrap();
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{shell}: {}", text(&output));
        read += 1;
    }
    assert!(read > 0, "not even bash is here");
}
