//! Reading the lines of a bench for a while, beside any run: what `line-check` and
//! `shadow` measure with. Nothing here can write.

use crate::Error;
use dutypoint_fieldbus::{Exchange, LineSetup, Timer, Watch, watch};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Exchanges that may wait for whoever counts them.
const QUEUE: usize = 8192;

/// Lines that are only read, on a thread of their own; dropping it ends them.
#[derive(Debug)]
pub struct Observer {
    exchanges: mpsc::Receiver<Exchange>,
    _until: oneshot::Sender<()>,
}

impl Observer {
    /// Starts reading; a port that is not there shows in every exchange.
    ///
    /// # Errors
    /// [`Error::Thread`].
    pub fn start(lines: Vec<LineSetup>) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::Thread)?;
        let (out, exchanges) = mpsc::channel(QUEUE);
        let (until, ended) = oneshot::channel::<()>();
        std::thread::Builder::new()
            .name("observer".into())
            .spawn(move || {
                runtime.block_on(async move {
                    let timer = Timer::start();
                    let running: Vec<Watch> = lines
                        .into_iter()
                        .map(|line| watch(line, &timer, out.clone()))
                        .collect();
                    // The other end only ever goes away.
                    let _gone = ended.await;
                    drop(running);
                });
                runtime.shutdown_background();
            })
            .map_err(Error::Thread)?;
        Ok(Self {
            exchanges,
            _until: until,
        })
    }

    /// What was asked and came within `time` from now.
    pub async fn during(&mut self, time: Duration) -> Vec<Exchange> {
        // What waits is from before.
        while self.exchanges.try_recv().is_ok() {}
        let begin = Instant::now();
        let end = tokio::time::Instant::from_std(begin + time);
        let mut found = Vec::new();
        while let Ok(Some(exchange)) = tokio::time::timeout_at(end, self.exchanges.recv()).await {
            // One whose request went out before belongs to what was before.
            if exchange.sent >= begin {
                found.push(exchange);
            }
        }
        found
    }
}
