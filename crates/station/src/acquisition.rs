//! The acquisition thread: every line of the bench on one operating-system thread, so
//! that neither commits nor drawing ever delay a poll.

use crate::Error;
use crate::board::Board;
use dutypoint_fieldbus::{Exchange, LineHandle, LineSetup, Timer, Write, open_check, spawn};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Exchanges that may wait for the recorder. When it is full the lines slow down;
/// nothing is dropped.
pub(crate) const QUEUE: usize = 8192;
/// How long the thread is waited for when it is told to end: looking up the name of a
/// host may take longer, and nobody shall wait for that.
const PATIENCE: Duration = Duration::from_secs(1);

/// A running acquisition; dropping it ends every line and the thread.
pub(crate) struct Acquisition {
    exchanges: mpsc::Receiver<Exchange>,
    writes: mpsc::UnboundedSender<(String, Write)>,
    thread: Option<std::thread::JoinHandle<()>>,
    board: Option<Arc<Board>>,
}

impl Acquisition {
    /// Opens every line once, then starts polling.
    ///
    /// The inner error names the line that cannot be opened.
    pub(crate) async fn open(
        lines: Vec<LineSetup>,
    ) -> Result<Result<Self, dutypoint_fieldbus::Error>, Error> {
        Self::begin(lines, None, true).await
    }

    /// Starts polling; a line that cannot be opened is tried again until it can. Every
    /// exchange that is taken is shown on `board`.
    pub(crate) async fn start(lines: Vec<LineSetup>, board: Arc<Board>) -> Result<Self, Error> {
        let started = Self::begin(lines, Some(board), false).await?;
        started.map_err(|error| Error::Thread(std::io::Error::other(error.to_string())))
    }

    async fn begin(
        lines: Vec<LineSetup>,
        board: Option<Arc<Board>>,
        all_must_open: bool,
    ) -> Result<Result<Self, dutypoint_fieldbus::Error>, Error> {
        let (out, exchanges) = mpsc::channel(QUEUE);
        let (writes, queue) = mpsc::unbounded_channel();
        let (opened, open) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("acquisition".into())
            .spawn(move || run(lines, all_must_open, out, queue, opened))
            .map_err(Error::Thread)?;
        let acquisition = Self {
            exchanges,
            writes,
            thread: Some(thread),
            board,
        };
        match open.await {
            Ok(Ok(())) => Ok(Ok(acquisition)),
            Ok(Err(Opening::Line(error))) => Ok(Err(error)),
            Ok(Err(Opening::Runtime(error))) => Err(Error::Thread(error)),
            Err(_) => Err(Error::Thread(std::io::Error::other("the thread ended"))),
        }
    }

    /// What has come since the last time, in the order it came.
    pub(crate) fn take(&mut self) -> Vec<Exchange> {
        let mut taken = Vec::with_capacity(self.exchanges.len());
        while let Ok(exchange) = self.exchanges.try_recv() {
            taken.push(exchange);
        }
        if let Some(board) = &self.board {
            board.show(&taken);
        }
        taken
    }

    /// Hands a write to its line.
    pub(crate) fn write(&self, line: &str, write: Write) {
        // A line that has ended is reported by the silence of its instruments.
        let _ = self.writes.send((line.to_owned(), write));
    }
}

impl Drop for Acquisition {
    fn drop(&mut self) {
        self.exchanges.close();
        let (closed, _) = mpsc::unbounded_channel();
        self.writes = closed;
        let Some(thread) = self.thread.take() else {
            return;
        };
        let end = Instant::now() + PATIENCE;
        while !thread.is_finished() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(2));
        }
        if thread.is_finished() {
            // A panic of the thread has been printed by its own hook.
            let _ = thread.join();
        }
    }
}

enum Opening {
    Line(dutypoint_fieldbus::Error),
    Runtime(std::io::Error),
}

fn run(
    lines: Vec<LineSetup>,
    all_must_open: bool,
    out: mpsc::Sender<Exchange>,
    mut queue: mpsc::UnboundedReceiver<(String, Write)>,
    opened: oneshot::Sender<Result<(), Opening>>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = opened.send(Err(Opening::Runtime(error)));
            return;
        }
    };
    runtime.block_on(async move {
        for line in lines.iter().filter(|_| all_must_open) {
            if let Err(error) = open_check(line).await {
                let _ = opened.send(Err(Opening::Line(error)));
                return;
            }
        }
        let timer = Timer::start();
        let handles: BTreeMap<String, LineHandle> = lines
            .into_iter()
            .map(|line| (line.config.name.clone(), spawn(line, &timer, out.clone())))
            .collect();
        drop(out);
        let _ = opened.send(Ok(()));
        while let Some((line, write)) = queue.recv().await {
            if let Some(handle) = handles.get(&line) {
                handle.write(write).await;
            }
        }
    });
}
