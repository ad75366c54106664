//! A disk that is full, a medium that cannot be written: the run waits or nothing is
//! begun, and what is there stays readable.

use crate::common::{Turn, demo};
use crate::import::fixture;
use crate::interrupted::signal;
use crate::mount::{Mount, name};
use crate::rig::{Files, Sim};
use serde_json::Value;
use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

// A remount names device and folder, so that `mount` does not take over options that an
// unprivileged namespace may not set.

/// Fills the file system to its last block.
const FILL: &str = "cat /dev/zero > \"$1/filler\"; test -s \"$1/filler\"";

fn until(what: &str, mut reached: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !reached() {
        assert!(Instant::now() < end, "{what} never came");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn durable(mount: &Mount, journal: &str) -> u64 {
    let output = mount
        .dutypoint()
        .args(["runs", "--json", "--journal", journal])
        .output()
        .unwrap();
    serde_json::from_slice::<Value>(&output.stdout)
        .ok()
        .and_then(|runs| runs["journals"][0]["runs"][0]["documents"].as_u64())
        .unwrap_or(0)
}

#[test]
fn a_disk_that_is_full_holds_the_run_until_there_is_room_and_nothing_is_lost() {
    let Some(mount) = Mount::new("size=48m") else {
        return;
    };
    let (out, _turn) = (mount.path("out"), Turn::take());
    let said = tempfile::NamedTempFile::new().unwrap();
    let heard = || std::fs::read_to_string(said.path()).unwrap();
    let child = mount
        .dutypoint()
        .args(demo(&out, &["--json", "--lang", "zh"]))
        .stdout(Stdio::piped())
        .stderr(File::create(said.path()).unwrap())
        .spawn()
        .unwrap();
    until("the first documents", || durable(&mount, name(&out)) > 40);
    mount.shell(FILL, true);
    until("the hold", || heard().contains("记录暂停"));
    let text = heard();
    // What, where, what to change.
    assert!(text.contains(name(&out.join("journal.sqlite"))), "{text}");
    assert!(text.contains("磁盘已满，请腾出空间"), "{text}");
    assert!(!text.contains("记录恢复"), "{text}");

    // Held: nothing is added, and everything there can be read.
    let before = durable(&mount, name(&out));
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(durable(&mount, name(&out)), before);
    let report = mount.json(1, &["fsck", "--journal", name(&out)]);
    let problems = &report["journals"][0]["report"]["problems"];
    assert_eq!(
        problems.as_array().unwrap().len(),
        1,
        "open only: {problems}"
    );

    mount.shell("rm \"$1/filler\"", false);
    let output = child.wait_with_output().unwrap();
    assert!(heard().contains("记录恢复"), "{}", heard());
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["outcome"], "Completed", "{}", heard());
    assert_eq!(summary["replay"], "identical");
    assert!(summary["verify"]["documents"].as_u64().unwrap() > before);
    assert_eq!(
        mount.json(0, &["fsck", "--journal", name(&out)])["clean"],
        true
    );
    let bundle = out.join("bundle.zip");
    mount.expect(0, &["verify", name(&bundle)]);
    assert_eq!(
        mount.json(0, &["replay", name(&bundle)])["result"],
        "identical"
    );
}

#[test]
fn sigterm_ends_a_run_whose_disk_is_full_and_says_what_is_not_recorded() {
    let end = Instant::now() + Duration::from_secs(120);
    // Of a few times on a machine that is busy with others.
    while let Some(took) = sigterm_while_held() {
        assert!(Instant::now() < end, "{took:?}");
    }
}

/// Ends a run that waits for room; how long that took, where it was longer than promised.
fn sigterm_while_held() -> Option<Duration> {
    let mount = Mount::new("size=48m")?;
    let (out, _turn) = (mount.path("out"), Turn::take());
    let said = tempfile::NamedTempFile::new().unwrap();
    let heard = || std::fs::read_to_string(said.path()).unwrap();
    let mut child = mount
        .dutypoint()
        .args(demo(&out, &["--json"]))
        .stdout(Stdio::null())
        .stderr(File::create(said.path()).unwrap())
        .spawn()
        .unwrap();
    until("the first documents", || durable(&mount, name(&out)) > 40);
    mount.shell(FILL, true);
    until("the hold", || heard().contains("recording is held"));
    let begin = Instant::now();
    signal(&child, "-TERM");
    assert_eq!(child.wait().unwrap().code(), Some(3), "{}", heard());
    let took = begin.elapsed();
    let text = heard();
    assert!(
        text.contains("storage refused to the end: the first "),
        "{text}"
    );
    let count = text.split("the first ").nth(1).unwrap().split(' ').next();
    let told: u64 = count.unwrap().parse().unwrap();
    assert!(told > 40 && durable(&mount, name(&out)) >= told, "{text}");
    // With room again the run is closed and issued.
    mount.shell("rm \"$1/filler\"", false);
    let run = only_run(&mount, &out);
    mount.expect(0, &["certify", &run, "--journal", name(&out)]);
    let runs = mount.json(0, &["runs", "--journal", name(&out)]);
    assert_eq!(runs["journals"][0]["runs"][0]["outcome"], "Interrupted");
    (took >= Duration::from_secs(2)).then_some(took)
}

#[test]
fn a_daemon_whose_disk_is_full_ends_when_told_and_says_what_is_not_recorded() {
    let Some(mount) = Mount::new("size=48m") else {
        return;
    };
    let (sim, files) = (Sim::start(), Files::new());
    files.bench("hall-1", &sim.ports);
    let (data, config) = (mount.path("data"), files.path("config"));
    let order = files.path("order.toml");
    let on_mount = |args: &[&str]| {
        let mut command = mount.dutypoint();
        command.env("DUTYPOINT_DATA", &data).args(args);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let said = tempfile::NamedTempFile::new().unwrap();
    let heard = || std::fs::read_to_string(said.path()).unwrap();
    let serve = ["serve", "--json", "--port", "0", "--config", &config];
    let mut daemon = on_mount(&serve)
        .stderr(File::create(said.path()).unwrap())
        .spawn()
        .unwrap();
    let run = [
        "run", "--bench", "hall-1", "--order", &order, "--arm", "--json",
    ];
    let mut client = None;
    until("a run has begun", || {
        // It is no daemon yet, or not ready.
        let client = client.get_or_insert_with(|| on_mount(&run).spawn().unwrap());
        let begun = durable(&mount, name(&data.join("hall-1"))) > 20;
        if client.try_wait().unwrap().is_some() && !begun {
            *client = on_mount(&run).spawn().unwrap();
        }
        begun
    });
    mount.shell(FILL, true);
    let journal = data.join("hall-1");
    // Held when nothing is added for a while.
    let mut before = 0;
    until("the hold", || {
        std::thread::sleep(Duration::from_secs(2));
        let now = durable(&mount, name(&journal));
        std::mem::replace(&mut before, now) == now
    });
    signal(&daemon, "-TERM");
    assert_eq!(daemon.wait().unwrap().code(), Some(3), "{}", heard());
    let text = heard();
    let lost = "storage refused to the end: the first ";
    assert!(text.contains("failed to end bench hall-1"), "{text}");
    assert!(text.contains(lost), "{text}");
    client.unwrap().wait().unwrap();
    mount.shell("rm \"$1/filler\"", false);
    let run = only_run(&mount, &journal);
    mount.expect(1, &["certify", &run, "--journal", name(&journal)]);
    let runs = mount.json(0, &["runs", "--journal", name(&journal)]);
    assert_eq!(runs["journals"][0]["runs"][0]["outcome"], "Interrupted");
}

#[test]
fn a_report_that_finds_no_room_waits_for_it() {
    // Eight files and folders: the mount, the folder, the journal with its log, index and
    // lock, the two halves of the key. The report would be the ninth.
    let Some(mount) = Mount::new("nr_inodes=8") else {
        return;
    };
    let (out, _turn) = (mount.path("out"), Turn::take());
    let said = tempfile::NamedTempFile::new().unwrap();
    let child = mount
        .dutypoint()
        .args(demo(&out, &["--json", "--fault", "silent:LT-01"]))
        .stdout(Stdio::piped())
        .stderr(File::create(said.path()).unwrap())
        .spawn()
        .unwrap();
    let heard = || std::fs::read_to_string(said.path()).unwrap();
    until("the wait", || heard().contains("its report waits for room"));
    let text = heard();
    assert!(text.contains(name(&out.join("certificate.pdf"))), "{text}");
    assert!(text.contains("free space"), "{text}");
    mount.shell("mount -t tmpfs -o remount,nr_inodes=100 none \"$1\"", false);
    let output = child.wait_with_output().unwrap();
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["outcome"], "FailedToStart");
    mount.expect(0, &["verify", name(&out.join("bundle.zip"))]);
    assert_eq!(
        mount.json(0, &["fsck", "--journal", name(&out)])["clean"],
        true
    );
}

#[test]
fn a_full_disk_refuses_what_was_not_begun_and_says_to_free_space() {
    let Some(mount) = Mount::new("size=4m") else {
        return;
    };
    mount.shell("mkdir \"$1/out\"", false);
    mount.shell(FILL, true);
    let out = mount.path("out");
    let (order, points) = (fixture("order.toml"), fixture("points.csv"));
    let import = ["import", name(&order), name(&points), "--out", name(&out)];
    for args in [&demo(&out, &[])[..], &import] {
        let text = mount.expect(2, args);
        assert!(text.contains(name(&out)), "{text}");
        assert!(text.contains("free space"), "{text}");
    }
    mount.shell("rm \"$1/filler\"", false);
    mount.expect(0, &import);
    assert_eq!(
        mount.json(0, &["fsck", "--journal", name(&out)])["clean"],
        true
    );
}

#[test]
fn a_read_only_medium_refuses_every_writing_verb_and_is_read() {
    let Some(mount) = Mount::new("size=48m") else {
        return;
    };
    let out = mount.path("out");
    let (order, points) = (fixture("order.toml"), fixture("points.csv"));
    let import = ["import", name(&order), name(&points), "--out", name(&out)];
    mount.expect(0, &import);
    let run = only_run(&mount, &out);
    mount.shell("mount -t tmpfs -o remount,ro none \"$1\"", false);

    let journal = out.join("journal.sqlite");
    let rebuild = ["fsck", "--rebuild", "--journal", name(&out)];
    for args in [&demo(&out, &[])[..], &import, &rebuild] {
        let text = mount.expect(2, args);
        assert!(text.contains(name(&journal)), "{text}");
        assert!(text.contains("read-only"), "{text}");
    }
    let elsewhere = mount.path("new");
    let text = mount.expect(2, &demo(&elsewhere, &[]));
    assert!(text.contains(name(&elsewhere)), "{text}");
    let text = mount.expect(2, &["certify", &run, "--journal", name(&out)]);
    assert!(text.contains(name(&out.join("certificate.pdf"))), "{text}");

    read_all(&mount, &out, &run);
    mount.expect(0, &["verify", name(&out.join("bundle.zip"))]);
    // Rendering again only reads the journal; the paper may go elsewhere.
    let paper = tempfile::TempDir::new().unwrap();
    let certify = ["certify", &run, "--journal", name(&out), "--out"];
    mount.expect(0, &[&certify[..], &[name(paper.path())]].concat());
    assert!(paper.path().join("certificate.pdf").exists());
}

#[test]
fn a_journal_whose_writer_was_killed_is_read_from_a_read_only_medium() {
    let Some(mount) = Mount::new("size=48m") else {
        return;
    };
    let (out, _turn) = (mount.path("out"), Turn::take());
    let mut child = mount
        .dutypoint()
        .args(demo(&out, &["--json"]))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the first documents", || durable(&mount, name(&out)) > 30);
    child.kill().unwrap();
    child.wait().unwrap();
    let before = durable(&mount, name(&out));
    let run = only_run(&mount, &out);
    mount.shell("mount -t tmpfs -o remount,ro none \"$1\"", false);
    assert_eq!(durable(&mount, name(&out)), before);
    let replay = mount.json(0, &["replay", &run, "--journal", name(&out)]);
    assert_eq!(replay["result"], "identical");
    // Issuing would have to close the run first.
    let text = mount.expect(2, &["certify", &run, "--journal", name(&out)]);
    assert!(text.contains("read-only"), "{text}");
}

fn only_run(mount: &Mount, out: &Path) -> String {
    let runs = mount.json(0, &["runs", "--journal", name(out)]);
    let runs = runs["journals"][0]["runs"].as_array().unwrap().clone();
    assert_eq!(runs.len(), 1);
    runs[0]["run"].as_str().unwrap().to_owned()
}

fn read_all(mount: &Mount, out: &Path, run: &str) {
    assert_eq!(only_run(mount, out), run);
    assert_eq!(
        mount.json(0, &["fsck", "--journal", name(out)])["clean"],
        true
    );
    let replay = mount.json(0, &["replay", run, "--journal", name(out)]);
    assert_eq!(replay["result"], "identical");
}
