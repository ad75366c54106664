//! `dutypoint serve --config`: the daemon that holds benches.

mod desk;
#[cfg(unix)]
mod manager;
mod talk;

pub(crate) use talk::{Answer, Answers, Ask, Live, ask, demand};

use crate::args::ServeArgs;
use crate::config::read_checked;
use crate::library::{BenchFile, Library};
use crate::places::{Places, journal_in, nanoseconds, station_key};
use crate::report::software;
use crate::say::{Say, bad};
use crate::serve::{Pages, address};
use crate::{Done, logs, signals};
use desk::Desk;
use dutypoint_console::{Journals, listen};
use dutypoint_fieldbus::LineSetup;
use dutypoint_ledger::{OpenMode, SqliteLedger};
use dutypoint_station::{BenchSetup, Hall, Meters, ServedBench, recover};
#[cfg(unix)]
use manager::Manager;
use serde_json::json;
use std::sync::Arc;
#[cfg(unix)]
use std::time::Duration;
use talk::ControlFile;

pub(crate) async fn run(args: &ServeArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    logs::begin(args.log, args.log_format);
    let texts = read_checked(&args.config, places)?;
    let library = Library::with(&texts, places)?;
    check(&library)?;
    if ask(places, Ask::Benches).await?.is_some() {
        return Err(bad(format!(
            "failed to start: a daemon of data folder {} is running already; stop it first, or use another folder with --data",
            places.data()?.display()
        )));
    }
    // Before anybody is told that it is there to be ended.
    let mut ends = signals::Ends::listen()?;
    let listener = listen(args.port).await?;
    let address = address(&listener)?;

    let mut hall = Hall {
        benches: Vec::new(),
        meters: Meters::new(),
    };
    for file in &library.benches {
        let setup = open(file, &library, places).await?;
        hall.benches.push(ServedBench::start(setup, &hall.meters)?);
    }
    let hall = Arc::new(hall);
    let control = tokio::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
    let token = token()?;
    let control_file = ControlFile::path(places)?;
    ControlFile {
        address: control.local_addr()?,
        token: token.clone(),
        process: std::process::id(),
    }
    .write(&control_file)?;
    let ids: Vec<&str> = hall.benches.iter().map(ServedBench::id).collect();
    say.document(&json!({ "address": address, "benches": ids, "control": control_file }))?;
    say.line(format!(
        "{} {address}\n{} {}",
        say.pick("页面", "pages at"),
        say.pick("试验台", "benches"),
        ids.join(", ")
    ));
    tracing::info!(address, benches = ids.join(","), "serving");
    let desk = Arc::new(Desk {
        hall: Arc::clone(&hall),
        library,
        texts,
        places: places.clone(),
        token,
    });
    let shown = places.clone();
    let pages = Pages::start(
        listener,
        Journals::new(move || shown.journals(None).map_err(|error| error.to_string())),
        None,
        Some(Arc::clone(&hall)),
    )?;
    #[cfg(unix)]
    let manager = Manager::new();
    #[cfg(unix)]
    manager.tell(sd_notify::NotifyState::Ready);
    #[cfg(unix)]
    let watch = watch(&hall, &manager);
    #[cfg(not(unix))]
    let watch = std::future::pending::<std::convert::Infallible>();
    let cause = tokio::select! {
        end = ends.next() => Ok(end.name()),
        ended = pages.ended() => Err(ended.err().unwrap_or_else(|| anyhow::anyhow!("the pages ended"))),
        ended = desk::answer(control, desk) => Err(ended.err().map_or_else(
            || anyhow::anyhow!("nobody can ask any more"),
            anyhow::Error::new,
        )),
        never = watch => match never {},
    };
    #[cfg(unix)]
    manager.tell(sd_notify::NotifyState::Stopping);
    let why = match &cause {
        Ok(end) => (*end).to_owned(),
        Err(error) => format!("{error:#}"),
    };
    tracing::info!(why, "ending");
    let reason = format!("守护程序结束 the daemon was ended ({why})");
    let left = hall.end(&reason).await;
    // Who asks from now on finds no daemon.
    let _gone = std::fs::remove_file(&control_file);
    cause?;
    if left.is_empty() {
        Ok(Done::Passing)
    } else {
        anyhow::bail!(
            "failed to end bench {} in time; what was durable is there, and the next start closes the run",
            left.join(", ")
        )
    }
}

/// Refuses benches that cannot be served side by side.
fn check(library: &Library) -> anyhow::Result<()> {
    let benches = &library.benches;
    if benches.is_empty() {
        return Err(bad(
            "failed to start: no bench file ([geometry]) among the files of --config",
        ));
    }
    for (n, file) in benches.iter().enumerate() {
        file.refuse_unreal()?;
        for other in benches.iter().skip(n + 1) {
            let (a, b) = (&file.bench, &other.bench);
            if a.id == b.id {
                return Err(bad(format!(
                    "failed to start: {} and {} both call their bench {:?}; an id names one bench",
                    file.name, other.name, a.id
                )));
            }
            let shared = a.line.iter().find_map(|line| {
                let same = |l: &&_| port(l) == port(line);
                b.line.iter().find(same).map(|_| line.endpoint.port())
            });
            if let Some(port) = shared {
                return Err(bad(format!(
                    "failed to start: benches {} and {} share port {port}; a port has one owner",
                    a.id, b.id
                )));
            }
        }
    }
    Ok(())
}

fn port(line: &dutypoint_engine::config::LineConfig) -> &str {
    line.endpoint.port()
}

/// Opens the journal of a bench, closes what was left open in it, and plans the bench.
async fn open(file: &BenchFile, library: &Library, places: &Places) -> anyhow::Result<BenchSetup> {
    let bench = &file.bench;
    let channels = dutypoint_fieldbus::plan(bench, library.profiles())?.channels;
    let folder = places.out(Some(&places.data()?.join(&bench.id)), "")?;
    let mut ledger = SqliteLedger::open(journal_in(&folder), OpenMode::ReadWrite).await?;
    let key = station_key(&folder, &ledger).await?;
    let now_ns = nanoseconds(jiff::Timestamp::now())?;
    for closed in recover(&mut ledger, &key, now_ns).await? {
        let (bench, run, documents) = (&*bench.id, closed.run, closed.documents);
        tracing::warn!(bench, run, documents, "closed an interrupted run");
    }
    Ok(BenchSetup {
        id: bench.id.clone(),
        lines: LineSetup::of_bench(bench, &channels, 1.0, |_| None),
        channels,
        ledger,
        key,
        software: software(),
    })
}

fn token() -> anyhow::Result<String> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|e| anyhow::anyhow!("failed to draw a token: {e}"))?;
    Ok(dutypoint_model::digest::hex(&random))
}

/// Whether the daemon of the data folder holds the bench `id`.
pub(crate) async fn holds(places: &Places, id: &str) -> anyhow::Result<bool> {
    let Some(mut answers) = ask(places, Ask::Benches).await? else {
        return Ok(false);
    };
    match answers.next().await? {
        Some(Answer::Benches(ids)) => Ok(ids.iter().any(|held| held == id)),
        _ => Ok(false),
    }
}

/// Tells the service manager, as long as every bench's thread is at work.
#[cfg(unix)]
async fn watch(hall: &Hall, manager: &Manager) -> std::convert::Infallible {
    let Some(patience) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    let mut beat = tokio::time::interval((patience / 3).max(Duration::from_millis(10)));
    loop {
        beat.tick().await;
        let stuck = hall.stuck();
        if stuck.is_empty() {
            manager.tell(sd_notify::NotifyState::Watchdog);
        } else {
            tracing::error!(benches = stuck.join(","), "threads do nothing");
        }
    }
}
