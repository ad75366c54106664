//! The acquisition thread: every line of the bench on one operating-system thread, so
//! that neither commits nor drawing ever delay a poll.

use crate::Error;
use dutypoint_fieldbus::{Exchange, LineHandle, LineSetup, Timer, Write, open_check, spawn};
use std::collections::BTreeMap;
use tokio::sync::{mpsc, oneshot};

/// Exchanges that may wait for the recorder. When it is full the lines slow down;
/// nothing is dropped.
const QUEUE: usize = 8192;

/// A running acquisition; dropping it ends every line and the thread.
pub(crate) struct Acquisition {
    pub(crate) exchanges: mpsc::Receiver<Exchange>,
    writes: mpsc::UnboundedSender<(String, Write)>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Acquisition {
    /// Opens every line once, then starts polling.
    ///
    /// The inner error names the line that cannot be opened.
    pub(crate) async fn start(
        lines: Vec<LineSetup>,
    ) -> Result<Result<Self, dutypoint_fieldbus::Error>, Error> {
        let (out, exchanges) = mpsc::channel(QUEUE);
        let (writes, queue) = mpsc::unbounded_channel();
        let (opened, open) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("acquisition".into())
            .spawn(move || run(lines, out, queue, opened))
            .map_err(Error::Thread)?;
        let acquisition = Self {
            exchanges,
            writes,
            thread: Some(thread),
        };
        match open.await {
            Ok(Ok(())) => Ok(Ok(acquisition)),
            Ok(Err(Opening::Line(error))) => Ok(Err(error)),
            Ok(Err(Opening::Runtime(error))) => Err(Error::Thread(error)),
            Err(_) => Err(Error::Thread(std::io::Error::other("the thread ended"))),
        }
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
        if let Some(thread) = self.thread.take() {
            // Ends after the request in flight, a line's timeout at most.
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
        for line in &lines {
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
