//! `dutypoint demo`: a whole type test on a simulated bench.

use crate::args::DemoArgs;
use crate::places::{Places, journal_in, nanoseconds, new_run_id, station_key};
use crate::report::{conclude, software};
use crate::say::{Say, waits_for_storage};
use crate::serve::{self, Pages};
use crate::{Done, embedded};
use dutypoint_console::{Journals, listen};
use dutypoint_engine::LivePhase;
use dutypoint_engine::config::Bench;
use dutypoint_fieldbus::LineSetup;
use dutypoint_ledger::{OpenMode, SqliteLedger, StationKey};
use dutypoint_model::Digest;
use dutypoint_model::document::{Clock, FileRef, Origin, Role, Software, Start};
use dutypoint_sim::{Options, Simulator};
use dutypoint_station::{BenchClock, Control, RunRequest, Update, record, recover};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// Wall time between two attempts to write the report to a disk without room.
const RETRY: Duration = Duration::from_secs(1);

pub(crate) async fn run(args: &DemoArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let wall = jiff::Timestamp::now();
    let run = new_run_id(wall)?;
    let bench = embedded::demo_bench()?;
    // A fault of an instrument that is not there is a slip of the pen, no failed run.
    dutypoint_sim::check_faults(&bench, &args.faults)?;
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

    let profiles = embedded::profiles()?;
    let channels = dutypoint_fieldbus::plan(&bench, &profiles)?.channels;
    // Both clocks at one moment: what came before took its time.
    // Reading the program takes a while, of which the bench clock must know nothing.
    let software = software();
    let (epoch, epoch_ns) = (Instant::now(), nanoseconds(jiff::Timestamp::now())?);
    let options = Options {
        seed: args.seed,
        speed: args.speed,
        tcp_port: args.tcp_port,
        faults: args.faults.clone(),
        epoch,
    };
    // A bench that cannot start is a run that failed to start, with a document.
    let (simulator, refusal) = match Simulator::start(&bench, &profiles, options) {
        Ok(simulator) => (Some(simulator), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let lines = match &simulator {
        Some(simulator) => {
            let endpoints = simulator.endpoints();
            LineSetup::of_bench(&bench, &channels, args.speed, |line| {
                endpoints.get(&line.name).cloned()
            })
        }
        None => Vec::new(),
    };
    let (start, files) = start(args, &bench, epoch_ns, software)?;
    let request = RunRequest {
        run: run.clone(),
        start,
        channels,
        files,
        lines,
        clock: BenchClock::new(epoch, epoch_ns, args.speed),
        refusal,
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
    let (mut ledger, key) = follow(ledger, key, request, (updates, shown), say).await?;
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
            _ = tokio::signal::ctrl_c() => return Err(held),
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
            _ = tokio::signal::ctrl_c() => {}
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
    Ok((Pages::start(listener, journals, Some(recorder))?, address))
}

/// Records on the journal's own thread; this one shows progress and listens to Ctrl-C.
async fn follow(
    mut ledger: SqliteLedger,
    key: StationKey,
    request: RunRequest,
    (updates, mut shown): (watch::Sender<Update>, watch::Receiver<Update>),
    say: Say,
) -> anyhow::Result<(SqliteLedger, StationKey)> {
    let (control, orders) = mpsc::channel(4);
    let operator = request.start.operator.clone();
    let recorder = std::thread::Builder::new().name("journal".into()).spawn(
        move || -> anyhow::Result<(SqliteLedger, StationKey)> {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(record(&mut ledger, &key, request, orders, updates))?;
            Ok((ledger, key))
        },
    )?;
    let bar = bar(say);
    let mut asked = false;
    let mut held = None;
    loop {
        tokio::select! {
            changed = shown.changed() => {
                if changed.is_err() {
                    break;
                }
                let update = shown.borrow_and_update().clone();
                if update.held != held {
                    // On its own lines: a hold must also be seen where no bar is drawn.
                    bar.suspend(|| eprintln!("{}", match &update.held {
                        Some(why) => why.get(say.lang),
                        None => say.pick("记录恢复", "recording goes on"),
                    }));
                    held.clone_from(&update.held);
                }
                show(&bar, &update, say);
            }
            _ = tokio::signal::ctrl_c() => {
                if asked {
                    // The recorder may be waiting for a full disk. Whatever it has
                    // acknowledged is safe; the next start closes the run.
                    bar.finish_and_clear();
                    eprintln!("{}", say.pick(
                        "已强制退出：试验未结束；在同一文件夹再次 demo --out，或对该试验 certify 时，按“记录中断”关闭",
                        "forced to quit: the run stays open until `demo --out` with the same folder, or `certify` of the run, closes it as interrupted",
                    ));
                    std::process::exit(3);
                }
                asked = true;
                let reason = "Ctrl-C".to_owned();
                // A recorder that has ended needs no order.
                let _ = control.send(Control::Stop { who: operator.clone(), reason }).await;
            }
        }
    }
    bar.finish_and_clear();
    match recorder.join() {
        Ok(recorded) => recorded,
        Err(_) => anyhow::bail!("failed to record the run: the recorder thread panicked"),
    }
}

fn bar(say: Say) -> ProgressBar {
    let bar = ProgressBar::new(0);
    if say.json {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{elapsed:>4} [{bar:26}] {pos}/{len} {msg}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn show(bar: &ProgressBar, update: &Update, say: Say) {
    let Some(live) = &update.live else { return };
    let (points, point) = (live.points, live.point);
    bar.set_length(u64::try_from(points).unwrap_or(0));
    let done = match live.phase {
        LivePhase::Closed => points,
        _ => point.saturating_sub(1),
    };
    bar.set_position(u64::try_from(done).unwrap_or(0));
    let value = |role: Role, factor: f64| live.values.get(&role).map_or(0.0, |v| v * factor);
    let waiting = match (&update.held, &live.waiting_for) {
        (Some(held), _) => held.get(say.lang),
        (None, Some(text)) => text.get(say.lang),
        (None, None) => "",
    };
    let step = match live.phase {
        LivePhase::Prepared => say.pick("准备", "prepared"),
        LivePhase::Settling => say.pick("调节", "settling"),
        LivePhase::Measuring => say.pick("测量", "measuring"),
        LivePhase::Reviewing => say.pick("入库", "storing"),
        LivePhase::Held => say.pick("暂停", "held"),
        LivePhase::Closed => say.pick("结束", "closed"),
    };
    bar.set_message(format!(
        "{step} Q {:.2}→{:.2} m³/h p {:.1} kPa P {:.2} kW | {waiting}",
        value(Role::Flow, 3600.0),
        live.target_flow_m3_s * 3600.0,
        value(Role::OutletPressure, 1e-3),
        value(Role::InputPower, 1e-3),
    ));
}

type NamedFiles = Vec<(String, Vec<u8>)>;

/// The start document and the files it names.
fn start(
    args: &DemoArgs,
    bench: &Bench,
    t_ns: i64,
    software: Software,
) -> anyhow::Result<(Start, NamedFiles)> {
    let order = embedded::demo_order()?;
    let mut files = NamedFiles::new();
    let mut refer = |name: &str, bytes: Vec<u8>| {
        let reference = FileRef {
            name: name.to_owned(),
            digest: Digest::of(&bytes),
        };
        files.push((name.to_owned(), bytes));
        reference
    };
    let order_file = embedded::file("orders/demo.toml")?;
    let bench_file = embedded::file("benches/demo.toml")?;
    let order_ref = refer("order.toml", order_file.text.as_bytes().to_vec());
    let bench_ref = refer("bench.toml", bench_file.text.as_bytes().to_vec());
    let mut packs = Vec::new();
    for id in order.packs() {
        let (name, bytes) = embedded::pack(id)?;
        packs.push(refer(&name, bytes));
    }
    let mut profiles = Vec::new();
    for f in embedded::folder("instruments") {
        if bench.instrument.iter().any(|i| i.profile == f.stem()) {
            profiles.push(refer(f.name(), f.text.as_bytes().to_vec()));
        }
    }
    let start = Start {
        t_ns,
        station: bench.id.clone(),
        origin: Origin::Simulated,
        operator: args.operator.clone(),
        clock: Clock {
            source: format!("simulated bench clock: wall clock x {}", args.speed),
            speed: args.speed,
            error_ms: None,
        },
        software,
        order: order_ref,
        bench: Some(bench_ref),
        packs,
        profiles,
    };
    Ok((start, files))
}
