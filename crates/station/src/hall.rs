//! The benches of a daemon: each polled all the time, on each a run at a time.
//!
//! Contract: the instruments of a bench are read from its start to its end, so that live
//! values and the state of its lines are known before a run begins; a run takes only
//! answers to requests sent after its start document. One thread owns the journal of a
//! bench and is its only writer. Ending takes at most [`ENDING`]: a run that is being
//! recorded is closed as interrupted, and one whose storage refuses stays open for
//! recovery at the next start.

use crate::acquisition::Acquisition;
use crate::board::{Board, LiveReading};
use crate::meters::Meters;
use crate::recorder::{Wires, record_on};
use crate::{Control, Error, Recorded, RunRequest, Update, issue, recover};
use dutypoint_fieldbus::LineSetup;
use dutypoint_ledger::{SqliteLedger, StationKey};
use dutypoint_model::document::{Channels, Origin, Software};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot, watch};

/// Wall time between two looks at what has come, as between two pages of a run.
const LOOK: Duration = Duration::from_millis(50);
/// A bench whose thread was not seen at work for so long is stuck.
const STUCK: Duration = Duration::from_secs(20);
/// Longest time [`Hall::end`] takes.
pub const ENDING: Duration = Duration::from_millis(1500);

/// A bench to be served.
#[derive(Debug)]
pub struct BenchSetup {
    /// Its id.
    pub id: String,
    /// Its channels.
    pub channels: Channels,
    /// Its lines.
    pub lines: Vec<LineSetup>,
    /// Its journal, open for writing.
    pub ledger: SqliteLedger,
    /// The key of the journal.
    pub key: StationKey,
    /// What issues are signed as.
    pub software: Software,
}

/// A bench that is served.
#[derive(Debug)]
pub struct ServedBench {
    id: String,
    journal: PathBuf,
    board: Arc<Board>,
    orders: Mutex<Option<mpsc::UnboundedSender<Begin>>>,
    running: Arc<Mutex<Option<Running>>>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}

/// A run being recorded.
#[derive(Clone, Debug)]
struct Running {
    run: String,
    control: mpsc::Sender<Control>,
    shown: watch::Receiver<Update>,
}

/// A run that has begun: what its recorder tells, and how it ends.
#[derive(Debug)]
pub struct Begun {
    /// What the recorder tells; ends with the run.
    pub shown: watch::Receiver<Update>,
    /// How recording ended; comes after the last of `shown`.
    pub ended: oneshot::Receiver<Result<Recorded, Error>>,
}

/// Why a run cannot begin now.
#[derive(Debug, thiserror::Error)]
pub enum Busy {
    /// Another run is being recorded.
    #[error(
        "failed to begin a run on bench {bench}: run {run} is being recorded; wait for its end or stop it"
    )]
    Running {
        /// The bench.
        bench: String,
        /// The run.
        run: String,
    },
    /// The daemon is ending, or the thread of the bench has died.
    #[error(
        "failed to begin a run on bench {bench}: its recorder has ended; start the daemon again"
    )]
    Ended {
        /// The bench.
        bench: String,
    },
}

#[derive(Debug)]
struct Begin {
    request: Box<RunRequest>,
    control: mpsc::Receiver<Control>,
    updates: watch::Sender<Update>,
    ended: oneshot::Sender<Result<Recorded, Error>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What these hold is set in one go; a panic elsewhere cannot leave it half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ServedBench {
    /// Starts polling. What a dead recorder left open is to be closed before.
    ///
    /// # Errors
    /// [`Error::Thread`].
    pub fn start(setup: BenchSetup, meters: &Meters) -> Result<Self, Error> {
        let board = Arc::new(Board::new(&setup.id, &setup.channels, meters));
        let (orders, queue) = mpsc::unbounded_channel();
        let running = Arc::default();
        let (id, journal) = (setup.id.clone(), setup.ledger.path().to_owned());
        let (own_board, own_running) = (Arc::clone(&board), Arc::clone(&running));
        let thread = std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .map_err(Error::Thread);
                let bench = setup.id.clone();
                let served = runtime.and_then(|runtime| {
                    runtime.block_on(serve(setup, own_board, queue, &own_running))
                });
                if let Err(error) = served {
                    let error = error.to_string();
                    tracing::error!(bench, error, "bench is served no more");
                }
            })
            .map_err(Error::Thread)?;
        Ok(Self {
            id,
            journal,
            board,
            orders: Mutex::new(Some(orders)),
            running,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Id of the bench.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its journal.
    #[must_use]
    pub fn journal(&self) -> &Path {
        &self.journal
    }

    /// Every channel as it stands.
    #[must_use]
    pub fn readings(&self) -> Vec<LiveReading> {
        self.board.readings(Instant::now())
    }

    /// The run being recorded.
    #[must_use]
    pub fn run(&self) -> Option<String> {
        lock(&self.running).as_ref().map(|r| r.run.clone())
    }

    /// Begins a run on the lines of the bench.
    ///
    /// # Errors
    /// [`Busy`].
    pub fn begin(&self, request: RunRequest) -> Result<Begun, Busy> {
        let ended = || Busy::Ended {
            bench: self.id.clone(),
        };
        let orders = lock(&self.orders).clone().ok_or_else(ended)?;
        let mut running = lock(&self.running);
        if let Some(running) = &*running {
            return Err(Busy::Running {
                bench: self.id.clone(),
                run: running.run.clone(),
            });
        }
        let (control, to_recorder) = mpsc::channel(4);
        let (updates, shown) = watch::channel(Update::default());
        let (end, wait) = oneshot::channel();
        let run = request.run.clone();
        let begin = Begin {
            request: Box::new(request),
            control: to_recorder,
            updates,
            ended: end,
        };
        orders.send(begin).map_err(|_| ended())?;
        *running = Some(Running {
            run,
            control,
            shown: shown.clone(),
        });
        Ok(Begun { shown, ended: wait })
    }

    /// Orders the recorder of the run being recorded, and says which run that is; none
    /// where there is none.
    pub fn order(&self, control: Control) -> Option<String> {
        let running = lock(&self.running).clone()?;
        // A recorder that has as many orders waiting will not miss this one.
        let _ = running.control.try_send(control);
        Some(running.run)
    }

    /// What keeps a run from being recorded now, in words: empty when ready.
    fn unready(&self) -> Vec<String> {
        let mut why = Vec::new();
        if lock(&self.orders).is_none() || self.has_ended() {
            why.push(format!("bench {}: its recorder has ended", self.id));
        }
        for line in self.board.closed_lines() {
            why.push(format!("bench {}: line {line} is not open", self.id));
        }
        let held = lock(&self.running)
            .as_ref()
            .and_then(|r| r.shown.borrow().held.clone());
        if let Some(held) = held {
            why.push(format!("bench {}: {}", self.id, held.en));
        } else if let Err(error) = probe(&self.journal) {
            let journal = self.journal.display();
            why.push(format!(
                "bench {}: journal {journal} is not writable: {error}",
                self.id
            ));
        }
        why
    }

    fn has_ended(&self) -> bool {
        let thread = lock(&self.thread);
        thread
            .as_ref()
            .is_none_or(std::thread::JoinHandle::is_finished)
    }

    /// What it leaves when the program ends without it.
    fn left(&self) -> String {
        let running = lock(&self.running).clone();
        let update = running.map(|r| r.shown.borrow().clone());
        match update.filter(|update| update.held.is_some()) {
            Some(Update { run, documents, .. }) => format!(
                "{} (storage refused to the end: the first {documents} documents of run {run} are durable, the readings after them are not recorded)",
                self.id
            ),
            None => self.id.clone(),
        }
    }

    /// Whether its thread does nothing, and not because it waits for storage.
    fn is_stuck(&self) -> bool {
        let held = lock(&self.running)
            .as_ref()
            .is_some_and(|r| r.shown.borrow().held.is_some());
        self.has_ended() || (!held && self.board.still_for() > STUCK)
    }
}

/// Whether a file can be written beside the journal.
fn probe(journal: &Path) -> std::io::Result<()> {
    use std::io::Write as _;
    if !journal.exists() {
        return Err(std::io::ErrorKind::NotFound.into());
    }
    let folder = journal.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".ready")
        .tempfile_in(folder)?;
    file.write_all(&[0; 4096])
}

/// The body of a bench's thread: looks at what comes, records when told to.
async fn serve(
    setup: BenchSetup,
    board: Arc<Board>,
    mut orders: mpsc::UnboundedReceiver<Begin>,
    running: &Mutex<Option<Running>>,
) -> Result<(), Error> {
    let BenchSetup {
        id,
        lines,
        mut ledger,
        key,
        software,
        ..
    } = setup;
    let bench = &*id;
    let mut acquisition = Acquisition::start(lines, Arc::clone(&board)).await?;
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let begin = tokio::select! {
            biased;
            begin = orders.recv() => match begin {
                Some(begin) => begin,
                None => break,
            },
            _ = look.tick() => {
                // Shown on the board; nobody records them.
                drop(acquisition.take());
                continue;
            }
        };
        let Begin {
            request,
            control,
            updates,
            ended,
        } = begin;
        let (run, origin) = (request.run.clone(), request.start.origin);
        tracing::info!(bench, run, operator = request.start.operator, "run begins");
        board.meters.running(true);
        // An earlier run whose journal failed under it may still be open.
        let recorded = match close_open(&mut ledger, &key, bench).await {
            Ok(()) => {
                let wires = Wires::Polled(&mut acquisition, &board);
                record_on(&mut ledger, &key, *request, wires, control, updates).await
            }
            Err(error) => Err(error),
        };
        board.meters.running(false);
        match &recorded {
            Ok(_) => tracing::info!(bench, run, "run has ended"),
            Err(error) => {
                let error = error.to_string();
                tracing::error!(bench, run, error, "run could not be recorded");
            }
        }
        // What may be issued without a signatory is issued here: nobody else may write.
        let issues = recorded.is_ok() && origin == Origin::Simulated && !orders.is_closed();
        if issues && let Err(error) = issue(&mut ledger, &key, &run, now_ns(), &software).await {
            let error = error.to_string();
            tracing::warn!(bench, run, error, "no certificate was issued");
        }
        *lock(running) = None;
        // Who asked may have left.
        let _ = ended.send(recorded);
    }
    drop(acquisition);
    ledger.close().await?;
    Ok(())
}

async fn close_open(ledger: &mut SqliteLedger, key: &StationKey, bench: &str) -> Result<(), Error> {
    for closed in recover(ledger, key, now_ns()).await? {
        let (run, documents) = (closed.run, closed.documents);
        tracing::warn!(bench, run, documents, "closed an interrupted run");
    }
    Ok(())
}

fn now_ns() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_nanos()).unwrap_or(i64::MAX))
}

/// Every bench of a daemon.
#[derive(Debug)]
pub struct Hall {
    /// The benches.
    pub benches: Vec<ServedBench>,
    /// What is counted.
    pub meters: Meters,
}

impl Hall {
    /// The bench called `id`.
    #[must_use]
    pub fn bench(&self, id: &str) -> Option<&ServedBench> {
        self.benches.iter().find(|b| b.id == id)
    }

    /// What keeps a run from being recorded, in words: empty when every bench is ready.
    #[must_use]
    pub fn unready(&self) -> Vec<String> {
        self.benches.iter().flat_map(ServedBench::unready).collect()
    }

    /// The benches whose threads do nothing although nothing keeps them.
    #[must_use]
    pub fn stuck(&self) -> Vec<String> {
        let stuck = self.benches.iter().filter(|b| b.is_stuck());
        stuck.map(|b| b.id.clone()).collect()
    }

    /// Ends every bench within [`ENDING`]: runs are closed as interrupted with `reason`.
    /// Returns the benches that did not end in time, and what is lost where storage refused
    /// to the end; recovery closes their runs.
    pub async fn end(&self, reason: &str) -> Vec<String> {
        for bench in &self.benches {
            lock(&bench.orders).take();
            bench.order(Control::interrupt(reason));
        }
        let end = Instant::now() + ENDING;
        while Instant::now() < end && !self.benches.iter().all(ServedBench::has_ended) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let left = self.benches.iter().filter(|b| !b.has_ended());
        left.map(ServedBench::left).collect()
    }
}
