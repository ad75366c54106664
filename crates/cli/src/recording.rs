//! Recording one run, shared by `demo` and `run`: its start document, the thread that
//! records, progress, Ctrl-C and SIGTERM.

use crate::library::{BenchFile, Library};
use crate::orders::Terminal;
use crate::report::software;
use crate::say::Say;
use crate::signals::{End, Ends};
use dutypoint_engine::LivePhase;
use dutypoint_engine::config::Order;
use dutypoint_fieldbus::LineSetup;
use dutypoint_ledger::{SqliteLedger, StationKey};
use dutypoint_model::Digest;
use dutypoint_model::document::{ActCommand, Clock, FileRef, Origin, Role, Start};
use dutypoint_station::{Control, ENDING, RunRequest, Update, record};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Name and content.
pub(crate) type NamedFiles = Vec<(String, Vec<u8>)>;

/// What a run is made with.
pub(crate) struct Made<'a> {
    pub(crate) library: &'a Library,
    pub(crate) bench: &'a BenchFile,
    pub(crate) order: &'a Order,
    pub(crate) order_text: &'a str,
    pub(crate) operator: &'a str,
    pub(crate) clock: Clock,
    pub(crate) t_ns: i64,
}

impl Made<'_> {
    /// The start document and the files it names. Whether readings are simulated stands in
    /// the bench file.
    pub(crate) fn start(self) -> anyhow::Result<(Start, NamedFiles)> {
        let mut files = NamedFiles::new();
        let mut refer = |(name, bytes): (String, Vec<u8>)| {
            let digest = Digest::of(&bytes);
            files.push((name.clone(), bytes));
            FileRef { name, digest }
        };
        let order = refer(("order.toml".into(), self.order_text.into()));
        let bench = refer(("bench.toml".into(), self.bench.text.clone().into()));
        let mut packs = Vec::new();
        for id in self.order.packs() {
            packs.push(refer(self.library.pack(id)?));
        }
        let profiles = self.library.profiles_of(&self.bench.bench);
        let start = Start {
            t_ns: self.t_ns,
            station: self.bench.bench.id.clone(),
            origin: if self.bench.bench.simulated {
                Origin::Simulated
            } else {
                Origin::Bench
            },
            operator: self.operator.to_owned(),
            clock: self.clock,
            software: software(),
            order,
            bench: Some(bench),
            packs,
            profiles: profiles.into_iter().map(refer).collect(),
        };
        Ok((start, files))
    }
}

/// The clock of a bench that is no simulator.
pub(crate) fn wall_clock() -> Clock {
    Clock {
        source: "system clock at the start, then the monotonic clock of the computer".into(),
        speed: 1.0,
        error_ms: None,
    }
}

/// Records on the journal's own thread; this one shows progress and listens to whoever ends
/// the program.
pub(crate) async fn follow(
    mut ledger: SqliteLedger,
    key: StationKey,
    request: RunRequest,
    lines: Result<Vec<LineSetup>, String>,
    ((updates, shown), first): (
        (watch::Sender<Update>, watch::Receiver<Update>),
        Option<Control>,
    ),
    (ends, say): (&mut Ends, Say),
) -> anyhow::Result<(SqliteLedger, StationKey)> {
    let (control, orders) = mpsc::channel(4);
    if let Some(first) = first {
        control.send(first).await?;
    }
    let operator = request.start.operator.clone();
    let recorder = std::thread::Builder::new().name("journal".into()).spawn(
        move || -> anyhow::Result<(SqliteLedger, StationKey)> {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let recorded = record(&mut ledger, &key, request, lines, orders, updates);
            runtime.block_on(recorded)?;
            Ok((ledger, key))
        },
    )?;
    attend(shown, control, &operator, Whose::Ours, (ends, say)).await;
    match recorder.join() {
        Ok(recorded) => recorded,
        Err(_) => anyhow::bail!("failed to record the run: the recorder thread panicked"),
    }
}

/// Whose recorder it is that is attended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// This process records.
    Ours,
    /// The daemon records, whatever becomes of this process.
    Daemons,
}

/// What is said when the program ends and the recorder does not.
fn quit(whose: Whose, shown: &watch::Receiver<Update>, say: Say) -> String {
    if whose == Whose::Daemons {
        let text = say.pick(
            "已退出：守护程序仍在记录；用 dutypoint stop 结束试验",
            "quit: the daemon records on; `dutypoint stop` ends the run",
        );
        return text.to_owned();
    }
    let text = say.pick(
        "已强制退出：试验未结束；在同一文件夹再次 demo --out 或 run，或对该试验 certify 时，按“记录中断”关闭",
        "forced to quit: the run stays open until `demo --out` with the same folder, `run` with the same journal, or `certify` of the run, closes it as interrupted",
    );
    let update = shown.borrow();
    if update.held.is_none() {
        return text.to_owned();
    }
    let (before, after) = (
        say.pick("磁盘未能写入：前", "storage refused to the end: the first"),
        say.pick(
            "份文档已入库，之后的读数未被记录",
            "documents are durable, the readings after them are not recorded",
        ),
    );
    format!("{text}\n{before} {} {after}", update.documents)
}

/// Shows a run until its recorder has ended. Ctrl-C orders its stop, a second one ends the
/// program; SIGTERM interrupts the run, and ends the program within [`ENDING`] whatever the
/// recorder waits for.
pub(crate) async fn attend(
    mut shown: watch::Receiver<Update>,
    control: mpsc::Sender<Control>,
    operator: &str,
    whose: Whose,
    (ends, say): (&mut Ends, Say),
) {
    let bar = bar(say);
    let mut asked = false;
    let mut terminal = Terminal::new(operator);
    let mut held = None;
    let leave = |shown: &watch::Receiver<Update>, bar: &ProgressBar| {
        // The recorder may be waiting for a full disk. Whatever it has acknowledged is
        // safe; the next start closes the run.
        bar.finish_and_clear();
        eprintln!("{}", quit(whose, shown, say));
        std::process::exit(3);
    };
    // A recorder that waits for its disk may have as many orders waiting as it takes; one that
    // has ended needs none.
    let pass = |order: Control| {
        let control = control.clone();
        tokio::spawn(async move { control.send(order).await });
    };
    let mut last_moment = None;
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
                if let Some(live) = &update.live
                    && let Some(prompt) = terminal.prompt(&live.needs, say)
                {
                    bar.suspend(|| eprintln!("{prompt}"));
                }
                show(&bar, &update, say);
            }
            typed = terminal.typed(say) => match typed {
                Ok(order) => {
                    let (order, answer) = order.asked();
                    pass(order);
                    terminal.expect(answer);
                }
                Err(said) => bar.suspend(|| eprintln!("{said}")),
            },
            end = ends.next() => {
                if asked || (end == End::Terminate && whose == Whose::Daemons) {
                    leave(&shown, &bar);
                }
                asked = true;
                let order = match end {
                    End::Interrupt => Control::new(operator, "Ctrl-C", ActCommand::Stop),
                    End::Terminate => {
                        last_moment = Some(tokio::time::Instant::now() + ENDING);
                        let by = end.name();
                        Control::interrupt(&format!("程序被结束 the program was ended ({by})"))
                    }
                };
                pass(order);
            }
            () = until(last_moment) => leave(&shown, &bar),
        }
    }
    bar.finish_and_clear();
}

/// Waits for `moment`; for ever where there is none.
async fn until(moment: Option<tokio::time::Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
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
