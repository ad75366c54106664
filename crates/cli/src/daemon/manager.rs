//! What the service manager (systemd) is told: ready, alive, ending.
//!
//! Told by a thread of its own: a manager that does not listen must not hold up a bench.

use sd_notify::NotifyState;
use std::sync::mpsc::{SyncSender, sync_channel};

/// The way to the service manager; leads nowhere where there is none.
#[derive(Debug)]
pub(crate) struct Manager(Option<SyncSender<NotifyState<'static>>>);

impl Manager {
    pub(crate) fn new() -> Self {
        let (say, said) = sync_channel(4);
        let told = std::thread::Builder::new()
            .name("manager".into())
            .spawn(move || {
                for state in said {
                    if let Err(error) = sd_notify::notify(&[state]) {
                        let error = error.to_string();
                        tracing::warn!(error, "the service manager could not be told");
                    }
                }
            });
        Self(told.is_ok().then_some(say))
    }

    /// Tells `state`, unless the manager has not yet heard what came before.
    pub(crate) fn tell(&self, state: NotifyState<'static>) {
        if let Some(say) = &self.0 {
            let _ = say.try_send(state);
        }
    }
}
