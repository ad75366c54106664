//! How another process talks to the daemon: JSON lines over a loopback connection.
//!
//! Contract: the daemon writes `control.json` into its data folder, readable by its user
//! only, with its address and a token drawn anew at each start; who cannot read that file
//! cannot order anything. A connection carries one question, a line with the token, and
//! the answers to it, one a line.

use crate::places::Places;
use crate::say::bad;
use anyhow::Context as _;
use dutypoint_engine::Entered;
use dutypoint_model::document::{ActCommand, Demand};
use dutypoint_model::{Digest, Unit};
use dutypoint_station::{LiveReading, Update};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// Name of the file in the data folder.
const FILE: &str = "control.json";

/// Where a daemon is and what it wants to be told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ControlFile {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
    pub(crate) process: u32,
}

/// A question with the token of the daemon.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Letter {
    pub(crate) token: String,
    pub(crate) ask: Ask,
}

/// What may be asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ask {
    /// Which benches there are.
    Benches,
    /// Record a run.
    Begin {
        bench: String,
        order_name: String,
        order: String,
        operator: String,
    },
    /// An order to the recorder of the run.
    Act {
        bench: String,
        who: String,
        reason: String,
        command: ActCommand,
        demand: Option<Demand>,
    },
    /// Take what a person read off a dial.
    Enter {
        /// The bench, or the run being recorded on it.
        place: String,
        channel: String,
        value: f64,
        /// As files write it; that of the dial where none is given.
        unit: Option<Unit>,
        who: String,
        photo: Option<Digest>,
    },
    /// Show the instruments, again and again.
    Tail { bench: String, every_ms: u32 },
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// The ids of the benches.
    Benches(Vec<String>),
    /// A run has begun.
    Begun { run: String, journal: PathBuf },
    /// Where the run stands.
    Update(Box<Update>),
    /// The recorder has ended.
    Ended,
    /// The order to the recorder of this run is durable.
    Acted { run: String },
    /// What became of an entry.
    Entered {
        run: String,
        channel: String,
        unit: Unit,
        entered: Entered,
    },
    /// What the instruments show.
    Live(Live),
    /// It cannot be done; `code` is the exit code that tells whose the fault is.
    Refused { why: String, code: u8 },
}

/// What the instruments of a bench show.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Live {
    pub(crate) bench: String,
    /// Wall time, RFC 3339.
    pub(crate) time: String,
    /// The run being recorded.
    pub(crate) run: Option<String>,
    pub(crate) readings: Vec<LiveReading>,
}

impl ControlFile {
    pub(crate) fn path(places: &Places) -> anyhow::Result<PathBuf> {
        Ok(places.data()?.join(FILE))
    }

    /// Writes the file for the user of this process alone.
    pub(crate) fn write(&self, path: &std::path::Path) -> anyhow::Result<()> {
        use std::io::Write as _;
        let beside = path.with_extension("part");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let text = serde_json::to_string_pretty(self)?;
        // One of an earlier daemon may have been opened to others since.
        let _absent = std::fs::remove_file(&beside);
        options
            .open(&beside)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .and_then(|()| std::fs::rename(&beside, path))
            .map_err(|e| bad(format!("failed to write {}: {e}", path.display())))
    }
}

/// A connection to the daemon.
#[derive(Debug)]
pub(crate) struct Answers {
    lines: Lines<BufReader<OwnedReadHalf>>,
    /// Held open: a daemon stops showing to who has left.
    _asking: OwnedWriteHalf,
}

/// Asks the daemon of the data folder; none where there is no daemon.
pub(crate) async fn ask(places: &Places, ask: Ask) -> anyhow::Result<Option<Answers>> {
    let path = ControlFile::path(places)?;
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(bad(format!(
                "failed to read {}: {error}; the daemon is another user's",
                path.display()
            )));
        }
    };
    let file: ControlFile = serde_json::from_str(&text)
        .with_context(|| format!("failed to read {}", path.display()))?;
    // What a daemon that was killed has left leads nowhere.
    let Ok(stream) = TcpStream::connect(file.address).await else {
        return Ok(None);
    };
    let (reading, mut asking) = stream.into_split();
    let letter = Letter {
        token: file.token,
        ask,
    };
    let mut line = serde_json::to_string(&letter)?;
    line.push('\n');
    asking.write_all(line.as_bytes()).await?;
    Ok(Some(Answers {
        lines: BufReader::new(reading).lines(),
        _asking: asking,
    }))
}

/// As [`ask`], where there must be a daemon.
pub(crate) async fn demand(places: &Places, what: Ask) -> anyhow::Result<Answers> {
    let data = places.data()?;
    ask(places, what).await?.ok_or_else(|| {
        bad(format!(
            "failed to find a daemon of data folder {}; start it with `dutypoint serve --config PATH`, or name its data folder with --data",
            data.display()
        ))
    })
}

impl Answers {
    /// The next answer; none after the last. A refusal is an error.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Option<Answer>> {
        let Some(line) = self.lines.next_line().await? else {
            return Ok(None);
        };
        match serde_json::from_str(&line)? {
            Answer::Refused { why, code: 2 } => Err(bad(why)),
            Answer::Refused { why, .. } => Err(anyhow::anyhow!(why)),
            answer => Ok(Some(answer)),
        }
    }
}
