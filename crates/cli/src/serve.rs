//! `dutypoint serve`: live view, runs and reports in the browser of this machine.

use crate::Done;
use crate::args::ServeArgs;
use crate::places::Places;
use crate::say::Say;
use crate::signals::Ends;
use dutypoint_console::{Journals, Recorder, listen, serve};
use dutypoint_station::Hall;
use serde_json::json;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Where the pages are unless told otherwise.
pub(crate) const PORT: u16 = 8217;

pub(crate) async fn run(args: &ServeArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    if !args.config.is_empty() {
        return crate::daemon::run(args, places, say).await;
    }
    // A journal that is not there is a mistake now, not an empty page later.
    places.journals(args.journal.as_deref())?;
    // Before anybody is told that it is there to be ended.
    let mut ends = Ends::listen()?;
    let listener = listen(args.port).await?;
    let address = address(&listener)?;
    say.document(&json!({ "address": address }))?;
    say.line(format!(
        "{} {address}\n{}",
        say.pick("页面", "pages at"),
        say.pick(
            "仅本机可访问。按 Ctrl-C 结束。",
            "Only this machine can reach them. Ctrl-C ends it."
        )
    ));
    let (places, given) = (places.clone(), args.journal.clone());
    let pages = Pages::start(
        listener,
        Journals::new(move || {
            let listed = places.journals(given.as_deref());
            listed.map_err(|error| error.to_string())
        }),
        None,
        None,
    )?;
    tokio::select! {
        _ = ends.next() => Ok(Done::Passing),
        ended = pages.ended() => ended.map(|()| Done::Passing),
    }
}

/// The address people type.
pub(crate) fn address(listener: &TcpListener) -> anyhow::Result<String> {
    Ok(format!("http://{}/", listener.local_addr()?))
}

/// Pages served on threads of their own, so that whatever else this process computes
/// delays no view.
#[derive(Debug)]
pub(crate) struct Pages {
    task: tokio::task::JoinHandle<Result<(), dutypoint_console::Error>>,
    _runtime: Runtime,
}

/// A runtime that is left behind without waiting for its viewers.
#[derive(Debug)]
struct Runtime(Option<tokio::runtime::Runtime>);

impl Drop for Runtime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Pages {
    pub(crate) fn start(
        listener: TcpListener,
        journals: Journals,
        recorder: Recorder,
        hall: Option<Arc<Hall>>,
    ) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("console")
            .enable_all()
            .build()?;
        let listener = listener.into_std()?;
        let task = runtime.spawn(async move {
            let listener =
                TcpListener::from_std(listener).map_err(dutypoint_console::Error::Serve)?;
            serve(listener, journals, recorder, hall).await
        });
        Ok(Self {
            task,
            _runtime: Runtime(Some(runtime)),
        })
    }

    /// Waits until the pages can be served no more.
    pub(crate) async fn ended(self) -> anyhow::Result<()> {
        Ok(self.task.await??)
    }
}
