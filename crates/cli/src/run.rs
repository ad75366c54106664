//! `dutypoint run`: records one test on a bench, here or in the daemon that holds it.

use crate::Done;
use crate::args::RunArgs;
use crate::config::read_checked;
use crate::daemon::{Answer, Answers, Ask, demand, holds};
use crate::library::Library;
use crate::places::{
    Places, file_name, journal_in, nanoseconds, new_run_id, public_key, read_text, station_key,
};
use crate::recording::{Made, Whose, attend, follow, wall_clock};
use crate::report::{build, conclude, present, unissued};
use crate::say::{Say, bad, exit_code};
use crate::signals::Ends;
use dutypoint_engine::config::Order;
use dutypoint_fieldbus::LineSetup;
use dutypoint_ledger::{OpenMode, SqliteLedger};
use dutypoint_model::Bilingual;
use dutypoint_model::document::{ActCommand, Origin};
use dutypoint_station::{BenchClock, Control, RunRequest, Update, recover, reissue};
use std::path::{Path, PathBuf};
use std::time::Instant;
use tokio::sync::{mpsc, watch};

pub(crate) async fn run(args: &RunArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let file = Path::new(&args.bench);
    if file.is_file() {
        return here(args, file, places, say).await;
    }
    if args.bench.ends_with(".toml") || args.bench.contains(std::path::MAIN_SEPARATOR) {
        return Err(bad(format!(
            "failed to find bench file {}; without a file, --bench takes the id of a bench of the daemon",
            file.display()
        )));
    }
    if args.journal.is_some() || !args.config.is_empty() {
        return Err(bad(format!(
            "failed to record on bench {}: the daemon has its own journal and configuration; leave --journal and --config out, or name a bench file",
            args.bench
        )));
    }
    there(args, places, say).await
}

/// Records in this process, with the ports of the bench file.
async fn here(args: &RunArgs, file: &Path, places: &Places, say: Say) -> anyhow::Result<Done> {
    let mut ends = Ends::listen()?;
    let mut paths = args.config.clone();
    paths.extend([file.to_owned(), args.order.clone()]);
    let texts = read_checked(&paths, places)?;
    let library = Library::with(&texts, places)?;
    let name = file.display().to_string();
    let bench = library.benches.iter().find(|b| b.name == name);
    let bench = bench.ok_or_else(|| bad(format!("{name} is no bench file")))?;
    bench.refuse_unreal()?;
    let order_text = read_text(&args.order)?;
    let order = Order::parse(&file_name(&args.order), &order_text)?;
    let id = &bench.bench.id;
    if holds(places, id).await? {
        return Err(bad(format!(
            "failed to record on bench {id}: the daemon of this data folder holds its ports; record there with --bench {id}, or stop the daemon first"
        )));
    }
    if let Some(dial) = bench.bench.entered.first() {
        return Err(bad(format!(
            "failed to record on bench {id}: what {} shows is typed in by people, which the daemon takes; start it with `dutypoint serve --config {name}`, record with --bench {id}, and enter with `dutypoint enter {id} {} VALUE --by NAME`",
            dial.tag, dial.name
        )));
    }
    let channels = dutypoint_fieldbus::plan(&bench.bench, library.profiles())?.channels;

    let journal = journal(args.journal.as_deref(), id, places)?;
    let folder = places.out(Some(journal.parent().unwrap_or(Path::new("."))), "")?;
    let mut ledger = SqliteLedger::open(&journal, OpenMode::ReadWrite).await?;
    let key = station_key(&folder, &ledger).await?;
    let now_ns = || nanoseconds(jiff::Timestamp::now());
    for closed in recover(&mut ledger, &key, now_ns()?).await? {
        say.line(format!(
            "{} {}",
            say.pick("已关闭中断的试验", "closed interrupted run"),
            closed.run
        ));
    }
    // Reading the program takes a while, of which the bench clock must know nothing.
    build();
    let wall = jiff::Timestamp::now();
    let (epoch, t_ns) = (Instant::now(), nanoseconds(wall)?);
    let run = new_run_id(wall)?;
    let lines = LineSetup::of_bench(&bench.bench, &channels, 1.0, |_| None);
    let (start, files) = Made {
        library: &library,
        bench,
        order: &order,
        order_text: &order_text,
        operator: &args.operator,
        clock: wall_clock(),
        t_ns,
    }
    .start()?;
    let simulated = start.origin == Origin::Simulated;
    let request = RunRequest {
        run: run.clone(),
        start,
        channels,
        files,
        clock: BenchClock::new(epoch, t_ns, 1.0),
    };
    begin(&run, id, simulated, say);
    let updates = watch::channel(Update::default());
    let first = args.arm.then(|| armed(&args.operator));
    let followed = follow(
        ledger,
        key,
        request,
        Ok(lines),
        (updates, first),
        (&mut ends, say),
    );
    let (mut ledger, key) = followed.await?;
    let done = if simulated {
        let out = out(args, &journal, &run, places)?;
        conclude(&mut ledger, &key, &run, &out, now_ns()?, say).await
    } else {
        // Whatever there is no signatory for is not issued.
        unissued(&ledger, &run, say).await
    };
    ledger.close().await?;
    done
}

/// Lets the daemon record, and shows how it goes.
async fn there(args: &RunArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let mut ends = Ends::listen()?;
    let ask = Ask::Begin {
        bench: args.bench.clone(),
        order_name: file_name(&args.order),
        order: read_text(&args.order)?,
        operator: args.operator.clone(),
    };
    let mut answers = demand(places, ask).await?;
    let Some(Answer::Begun { run, journal }) = answers.next().await? else {
        anyhow::bail!("the daemon has ended");
    };
    begin(&run, &args.bench, false, say);
    let (updates, shown) = watch::channel(Update::default());
    let (control, orders) = mpsc::channel(4);
    if args.arm {
        control.send(armed(&args.operator)).await?;
    }
    let heard = tokio::spawn(hear(answers, updates));
    let asking = pass_on(orders, args.bench.clone(), places.clone());
    tokio::select! {
        () = attend(shown, control, &args.operator, Whose::Daemons, (&mut ends, say)) => {}
        // Ends only with `attend`, or with a daemon that cannot be asked.
        error = asking => return Err(error),
    }
    let heard = heard.await?;
    let ledger = SqliteLedger::open(&journal, OpenMode::ReadOnly).await?;
    if let Err(error) = heard {
        // A daemon that is told to end closes its runs and is gone.
        if ledger.run(&run).await?.outcome.is_none() {
            return Err(error);
        }
    }
    match (reissue(&ledger, &run).await?, public_key(&journal)) {
        (Some(issued), Some(key)) => {
            let out = out(args, &journal, &run, places)?;
            present(&ledger, &run, &issued, &key, &out, say).await
        }
        _ => unissued(&ledger, &run, say).await,
    }
}

/// Takes what the daemon tells until its recorder has ended.
async fn hear(mut answers: Answers, updates: watch::Sender<Update>) -> anyhow::Result<()> {
    loop {
        match answers.next().await? {
            Some(Answer::Update(update)) => drop(updates.send_replace(*update)),
            Some(Answer::Ended) => return Ok(()),
            Some(_) => {}
            None => {
                anyhow::bail!("the daemon has ended; its next start closes the run if that is open")
            }
        }
    }
}

/// Passes orders on to the daemon; returns why it could not.
async fn pass_on(
    mut orders: mpsc::Receiver<Control>,
    bench: String,
    places: Places,
) -> anyhow::Error {
    while let Some(order) = orders.recv().await {
        let ask = Ask::Act {
            bench: bench.clone(),
            who: order.who,
            reason: order.reason,
            command: order.command,
            demand: order.demand,
        };
        let asked = async { demand(&places, ask).await?.next().await };
        let told = match asked.await {
            Ok(_) => Ok(None),
            Err(error) if exit_code(&error) == 2 => {
                let why = error.to_string();
                Err(Bilingual::new(why.clone(), why))
            }
            Err(error) => return error,
        };
        if let Some(reply) = order.reply {
            let _ = reply.send(told);
        }
    }
    std::future::pending().await
}

/// What `--arm` orders at the beginning.
fn armed(operator: &str) -> Control {
    Control::new(operator, "dutypoint run --arm", ActCommand::Arm)
}

fn begin(run: &str, bench: &str, simulated: bool, say: Say) {
    let kind = if simulated {
        say.pick("模拟数据", "SIMULATED")
    } else {
        say.pick(
            "端口和地址来自试验台文件",
            "ports and addresses of the bench file",
        )
    };
    say.line(format!(
        "{} {run} · {} {bench} · {kind}",
        say.pick("试验", "run"),
        say.pick("试验台", "bench"),
    ));
}

/// The journal file meant by `given`, which may not exist yet.
fn journal(given: Option<&Path>, bench: &str, places: &Places) -> anyhow::Result<PathBuf> {
    Ok(match given {
        Some(path) if path.is_dir() || path.extension().is_none() => journal_in(path),
        Some(path) => path.to_owned(),
        None => journal_in(&places.data()?.join(bench)),
    })
}

fn out(args: &RunArgs, journal: &Path, run: &str, places: &Places) -> anyhow::Result<PathBuf> {
    let beside = journal.parent().unwrap_or(Path::new(".")).join(run);
    places.out(Some(args.out.as_deref().unwrap_or(&beside)), "")
}
