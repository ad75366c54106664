//! Answers on their way to the master, at once or late.
//!
//! Contract: whole frames, one after the other. A late answer keeps nobody waiting: on a
//! serial line the other devices answer meanwhile, as real ones do.

use std::time::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;

/// The way out of one line or connection.
#[derive(Clone, Debug)]
pub(crate) struct Outbox(mpsc::UnboundedSender<Vec<u8>>);

impl Outbox {
    /// Starts a task that writes to `writer` until every clone of the outbox is gone or
    /// the other side is. Must be called within a Tokio runtime.
    pub(crate) fn new(mut writer: impl AsyncWrite + Unpin + Send + 'static) -> Self {
        let (sender, mut frames) = mpsc::unbounded_channel::<Vec<u8>>();
        tokio::spawn(async move {
            while let Some(frame) = frames.recv().await {
                if writer.write_all(&frame).await.is_err() || writer.flush().await.is_err() {
                    // Nobody is left to tell: the master meets a dead connection.
                    return;
                }
            }
        });
        Self(sender)
    }

    /// Sends `frame` after a wall time.
    pub(crate) fn send(&self, frame: Vec<u8>, after: Duration) {
        let sender = self.0.clone();
        let send = move || {
            // Fails only when the writer above has ended.
            drop(sender.send(frame));
        };
        if after.is_zero() {
            send();
        } else {
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                send();
            });
        }
    }
}
