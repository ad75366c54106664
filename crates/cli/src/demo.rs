//! `dutypoint demo`: a whole type test on a simulated bench.

use crate::args::DemoArgs;
use crate::library::{BenchFile, Library};
use crate::places::{Places, journal_in, nanoseconds, new_run_id, station_key};
use crate::recording::{Made, follow};
use crate::report::{build, conclude};
use crate::say::{Say, waits_for_storage};
use crate::serve::{self, Pages};
use crate::signals::Ends;
use crate::{Done, embedded};
use dutypoint_console::{Journals, listen};
use dutypoint_engine::config::{Bench, Order};
use dutypoint_fieldbus::LineSetup;
use dutypoint_ledger::{OpenMode, SqliteLedger};
use dutypoint_model::document::{ActCommand, Clock};
use dutypoint_sim::{Options, Simulator};
use dutypoint_station::{BenchClock, Control, RunRequest, Update, recover};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Wall time between two attempts to write the report to a disk without room.
const RETRY: Duration = Duration::from_secs(1);

pub(crate) async fn run(args: &DemoArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let mut ends = Ends::listen()?;
    let wall = jiff::Timestamp::now();
    let run = new_run_id(wall)?;
    let bench_file = embedded::file("benches/demo.toml")?;
    let bench_file = BenchFile {
        name: bench_file.name().to_owned(),
        bench: Bench::parse(bench_file.name(), bench_file.text)?,
        text: bench_file.text.to_owned(),
    };
    let order_file = embedded::file("orders/demo.toml")?;
    let order = Order::parse(order_file.name(), order_file.text)?;
    let bench = &bench_file.bench;
    // A fault of an instrument that is not there is a slip of the pen, no failed run.
    dutypoint_sim::check_faults(bench, &args.faults)?;
    let out = places.out(
        args.out.as_deref(),
        &format!("demo-{}", run.trim_start_matches('R')),
    )?;
    let mut ledger = SqliteLedger::open(journal_in(&out), OpenMode::ReadWrite).await?;
    let key = station_key(&out, &ledger).await?;
    for recovered in recover(&mut ledger, &key, nanoseconds(wall)?).await? {
        say.line(format!(
            "{} {} ({} {})",
            say.pick("已关闭中断的试验", "closed interrupted run"),
            recovered.run,
            recovered.documents,
            say.pick("份文档完好", "documents were durable")
        ));
    }

    let library = Library::shipped()?;
    let profiles = library.profiles();
    let channels = dutypoint_fieldbus::plan(bench, profiles)?.channels;
    // Both clocks at one moment: what came before took its time.
    // Reading the program takes a while, of which the bench clock must know nothing.
    build();
    let (epoch, epoch_ns) = (Instant::now(), nanoseconds(jiff::Timestamp::now())?);
    let options = Options {
        seed: args.seed,
        speed: args.speed,
        tcp_port: args.tcp_port,
        faults: args.faults.clone(),
        epoch,
        ..Options::default()
    };
    // A bench that cannot start is a run that failed to start, with a document.
    let simulator = Simulator::start(bench, profiles, options).map_err(|e| e.to_string());
    let lines = simulator.as_ref().map_err(Clone::clone).map(|simulator| {
        let endpoints = simulator.endpoints();
        LineSetup::of_bench(bench, &channels, args.speed, |line| {
            endpoints.get(&line.name).cloned()
        })
    });
    let (start, files) = Made {
        library: &library,
        bench: &bench_file,
        order: &order,
        order_text: order_file.text,
        operator: &args.operator,
        clock: Clock {
            source: format!("simulated bench clock: wall clock x {}", args.speed),
            speed: args.speed,
            error_ms: None,
        },
        t_ns: epoch_ns,
    }
    .start()?;
    let request = RunRequest {
        run: run.clone(),
        start,
        channels,
        files,
        clock: BenchClock::new(epoch, epoch_ns, args.speed),
    };
    say.line(format!(
        "{} {run} · {} {} · {} ×{} · {}",
        say.pick("试验", "run"),
        say.pick("种子", "seed"),
        args.seed,
        say.pick("时钟", "bench clock"),
        args.speed,
        say.pick("模拟数据", "SIMULATED")
    ));
    let (updates, shown) = watch::channel(Update::default());
    let pages = match args.no_serve {
        true => None,
        false => Some(pages(args, places, &out, shown.clone(), say).await?),
    };
    let arm = Control::new(&args.operator, "dutypoint demo", ActCommand::Arm);
    let updates = ((updates, shown), Some(arm));
    let (mut ledger, key) = follow(ledger, key, request, lines, updates, (&mut ends, say)).await?;
    drop(simulator);
    let now_ns = nanoseconds(jiff::Timestamp::now())?;
    let mut said = false;
    let done = loop {
        let held = match conclude(&mut ledger, &key, &run, &out, now_ns, say).await {
            Err(error) if waits_for_storage(&error) => error,
            done => break done?,
        };
        if !said {
            eprintln!(
                "{}: {held:#}",
                say.pick(
                    "试验已入库；报告等待磁盘空间，之后自动继续",
                    "the run is in the journal; its report waits for room and then goes on by itself"
                )
            );
            said = true;
        }
        tokio::select! {
            () = tokio::time::sleep(RETRY) => {}
            // Issuing is repeatable: `certify` finishes what is given up here.
            _ = ends.next() => return Err(held),
        }
    };
    ledger.close().await?;
    if let Some((pages, address)) = pages {
        say.line(format!(
            "\n{} {address}runs/{run}\n{}",
            say.pick("结果页", "result page"),
            say.pick(
                "页面继续提供，按 Ctrl-C 结束。",
                "The pages stay; Ctrl-C ends them."
            )
        ));
        tokio::select! {
            _ = ends.next() => {}
            ended = pages.ended() => ended?,
        }
    }
    Ok(done)
}

/// Serves the journal being written, beside those of the data folder.
async fn pages(
    args: &DemoArgs,
    places: &Places,
    out: &Path,
    recorder: watch::Receiver<Update>,
    say: Say,
) -> anyhow::Result<(Pages, String)> {
    let listener = match args.port {
        Some(port) => listen(port).await?,
        None => match listen(serve::PORT).await {
            Ok(listener) => listener,
            Err(_) => listen(0).await?,
        },
    };
    let address = serve::address(&listener)?;
    // Not part of the result: a program reads that from standard output.
    eprintln!("{} {address}", say.pick("实时页", "live page"));
    let (places, journal) = (places.clone(), journal_in(out));
    let journals = Journals::new(move || {
        // The run's own journal is shown whatever becomes of the data folder.
        let mut all = places.journals(None).unwrap_or_default();
        let own = |path: &PathBuf| path.canonicalize().ok() == journal.canonicalize().ok();
        if !all.iter().any(own) {
            all.push(journal.clone());
        }
        Ok(all)
    });
    Ok((
        Pages::start(listener, journals, Some(recorder), None)?,
        address,
    ))
}
