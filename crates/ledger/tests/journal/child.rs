//! A second process: this test program started again with a role in its environment.

use crate::bench::{Dice, Folder, act, page, seal, start, stop, tick, writer};
use dutypoint_ledger::{OpenMode, SqliteLedger};
use dutypoint_model::Outcome;
use dutypoint_model::seal::ChainHead;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{self, Command, Stdio};

const ROLE: &str = "DUTYPOINT_LEDGER_CHILD";
const JOURNAL: &str = "DUTYPOINT_LEDGER_JOURNAL";

/// A running child; what it has to say comes line by line over its standard error.
pub(crate) struct Child {
    process: process::Child,
    lines: BufReader<process::ChildStderr>,
}

impl Child {
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// The next whole line; `None` at the end, where half a line may have been cut off.
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.strip_suffix('\n').map(str::to_owned)
    }

    /// Kills it where it stands (`SIGKILL`); its last lines can still be read.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}

pub(crate) fn spawn(role: &str, journal: &Path) -> Child {
    start_process(
        Command::new(std::env::current_exe().unwrap()),
        role,
        journal,
    )
}

/// As a user that owns nothing, where this process may choose; root passes every
/// permission, so a test of permissions must not run as root.
#[cfg(unix)]
pub(crate) fn spawn_unprivileged(role: &str, journal: &Path, folder: &Folder) -> Child {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    let program = folder.path().join("child");
    if !program.exists() {
        std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    }
    let mut command = Command::new(&program);
    if std::fs::metadata(&program).unwrap().uid() == 0 {
        command.uid(65534).gid(65534);
    }
    start_process(command, role, journal)
}

fn start_process(mut command: Command, role: &str, journal: &Path) -> Child {
    let mut process = command
        .args(["--exact", "child::plays_its_role", "--nocapture"])
        .env(ROLE, role)
        .env(JOURNAL, journal)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stderr.take().unwrap());
    Child { process, lines }
}

fn say(text: String) {
    // One write call, so that a kill cuts between lines or within the last one.
    std::io::stderr()
        .write_all((text + "\n").as_bytes())
        .unwrap();
}

/// Does nothing unless started by [`spawn`].
#[tokio::test]
async fn plays_its_role() {
    let (Ok(role), Some(journal)) = (std::env::var(ROLE), std::env::var_os(JOURNAL)) else {
        return;
    };
    match role.as_str() {
        "hold" => match SqliteLedger::open(&journal, OpenMode::ReadWrite).await {
            Ok(_held) => {
                say("holding".into());
                std::thread::sleep(std::time::Duration::from_secs(600));
            }
            Err(error) => say(error.to_string()),
        },
        "read" => match SqliteLedger::open(&journal, OpenMode::ReadOnly).await {
            Ok(ledger) => {
                let documents = crate::bench::read(&ledger, "R1").await.len();
                let problems = ledger.fsck(&[]).await.unwrap().problems.len();
                say(format!("{documents} documents, {problems} problems"));
            }
            Err(error) => say(error.to_string()),
        },
        "record" => record(Path::new(&journal)).await,
        other => panic!("unknown role {other}"),
    }
}

/// Records run after run without end, a line for every receipt. The first document of
/// each batch says how many there are, so that half a batch can be told.
async fn record(journal: &Path) {
    let mut ledger = writer(journal).await;
    let mut dice = Dice(u64::from(process::id()));
    for run in 0.. {
        let mut head = ChainHead::new(&format!("K{}-{run}", process::id()));
        let content = [dice.below(256).to_le_bytes()[0]; 300];
        let order = ledger.put_file("order.toml", &content).await.unwrap();
        let mut pages = 0;
        let length = 3 + dice.below(30);
        for batch in 0..length {
            let more = dice.below(6);
            let last = batch + 1 == length;
            let mut documents = match batch {
                0 => vec![start("bench-1", order.clone())],
                _ => vec![],
            };
            documents.push(act(
                head.next.cast_signed(),
                &format!("{} follow", more + u64::from(last)),
            ));
            for n in 0..more {
                documents.push(if n % 2 == 0 {
                    pages += 1;
                    page(n.cast_signed(), 20)
                } else {
                    tick(n.cast_signed())
                });
            }
            if last {
                documents.push(stop(0, Outcome::Completed, [pages, 0, 0]));
            }
            let sealed = seal(&mut head, documents);
            let receipt = ledger.append(&sealed).await.unwrap();
            say(format!(
                "receipt {} {} {}",
                receipt.run, receipt.through_seq, receipt.digest
            ));
        }
        let ended = ledger.unsigned_stops().await.unwrap();
        crate::bench::sign(&mut ledger, "bench-1", &ended[0]).await;
        if dice.below(3) == 0 {
            ledger.tidy().await.unwrap();
        }
    }
}
