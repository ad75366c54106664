//! Keeps the live view: finds the run that is being recorded and follows its journal.
//!
//! Whoever records may be this process or another; the journal is the same. A view is
//! made once and sent to every viewer. Where no document comes any more, time goes on: a
//! recorder that died leaves no number looking fresh.

use crate::journals::{Journals, runs_of};
use crate::view::{LiveView, Moment};
use dutypoint_certificate::chart::{Drawing, Reach};
use dutypoint_certificate::record::growing_chart;
use dutypoint_engine::RunEngine;
use dutypoint_model::{Bilingual, Unit};
use dutypoint_station::{Follower, Update};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::{mpsc, watch};

/// The recorder of this process, where there is one.
pub type Recorder = Option<watch::Receiver<Update>>;

/// Between two looks at the journal while a run is recorded.
const LOOK: Duration = Duration::from_millis(25);
/// The same after the run has ended: only findings and the report are still to come.
const SLOW_LOOK: Duration = Duration::from_millis(250);
/// Between two searches for a run that has begun.
const SEARCH: Duration = Duration::from_secs(1);
/// A view is sent again after so long even though nothing changed, so that a page can
/// tell a quiet journal from a lost connection.
const BEAT: Duration = Duration::from_secs(1);
/// A recorder writes several times a second. An open run whose journal was not written to
/// for so long is not being recorded, and makes way for one that is.
const ABANDONED: Duration = Duration::from_secs(20);
/// Size of the chart, mm.
const SIZE: (f64, f64) = (160.0, 112.0);

/// What every viewer is shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    /// The view, and the same as JSON; none while no run is followed.
    pub(crate) view: Option<(Arc<LiveView>, Arc<str>)>,
    /// The chart of that view.
    pub(crate) chart: Option<Arc<ChartView>>,
}

/// The growing chart.
#[derive(Debug)]
pub(crate) struct ChartView {
    drawing: Drawing,
    over: String,
}

pub(crate) type Live = watch::Receiver<Shown>;

/// Starts following; ends when nobody can see it any more.
pub(crate) fn start(journals: Journals, recorder: Recorder) -> Live {
    let (shown, live) = watch::channel(Shown::default());
    // A journal that is locked, or lies on a disk that does not answer, keeps the search
    // waiting and not the view.
    let (found, mut begun) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            if found.send(open_runs(&journals).await).await.is_err() {
                return;
            }
            tokio::time::sleep(SEARCH).await;
        }
    });
    tokio::spawn(async move {
        let mut followed: Option<Followed> = None;
        while !shown.is_closed() {
            if let Ok(open) = begun.try_recv()
                && let Some(next) = choose(open, followed.as_ref())
            {
                followed = Followed::open(next).await.or(followed);
            }
            if let Some(followed) = &mut followed {
                followed.show(&shown, &recorder).await;
            }
            let slow = followed.as_ref().is_none_or(Followed::is_over);
            tokio::time::sleep(if slow { SLOW_LOOK } else { LOOK }).await;
        }
    });
    live
}

/// A run without a stop whose journal is being written to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Begun {
    started_ns: i64,
    journal: PathBuf,
    run: String,
}

/// Every run that is being recorded.
async fn open_runs(journals: &Journals) -> Vec<Begun> {
    let mut open = Vec::new();
    // What cannot be read stands in the list of runs with its reason.
    for journal in journals.paths().unwrap_or_default() {
        if idle(&journal) >= ABANDONED {
            continue;
        }
        let Ok(runs) = runs_of(&journal).await else {
            continue;
        };
        open.extend(
            runs.into_iter()
                .filter(|run| run.stop_seq.is_none())
                .map(|run| Begun {
                    started_ns: run.started_ns,
                    journal: journal.clone(),
                    run: run.run,
                }),
        );
    }
    open
}

/// The latest of `open`, unless the run followed is being recorded and began later.
fn choose(open: Vec<Begun>, followed: Option<&Followed>) -> Option<Begun> {
    let others = open
        .into_iter()
        .filter(|begun| followed.is_none_or(|f| f.begun.run != begun.run));
    match followed.filter(|f| !f.is_over() && f.grown.elapsed() < ABANDONED) {
        Some(followed) => others
            .filter(|begun| begun.started_ns > followed.begun.started_ns)
            .max(),
        None => others.max(),
    }
}

/// Time since a journal or its log was last written. A clock that was set back makes
/// times of the future; those are now.
fn idle(path: &Path) -> Duration {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    [path, Path::new(&log)]
        .into_iter()
        .filter_map(|file| file.metadata().ok()?.modified().ok())
        .map(|written| {
            SystemTime::now()
                .duration_since(written)
                .unwrap_or_default()
        })
        .min()
        .unwrap_or(Duration::MAX)
}

struct Followed {
    begun: Begun,
    follower: Follower,
    chart: Option<(usize, Arc<ChartView>)>,
    /// When the last document came.
    grown: Instant,
    sent: Option<Instant>,
    held: Option<Bilingual>,
    /// Why the journal can be followed no further.
    broken: Option<Bilingual>,
}

impl Followed {
    /// None for a journal that cannot be opened.
    async fn open(begun: Begun) -> Option<Self> {
        Some(Self {
            follower: Follower::open(&begun.journal, &begun.run).await.ok()?,
            begun,
            chart: None,
            grown: Instant::now(),
            sent: None,
            held: None,
            broken: None,
        })
    }

    /// Whether no reading will come any more.
    fn is_over(&self) -> bool {
        self.broken.is_some() || self.follower.replay().is_some_and(|r| r.is_stopped())
    }

    async fn show(&mut self, shown: &watch::Sender<Shown>, recorder: &Recorder) {
        let mut trouble = self.broken.clone();
        let mut new = false;
        if self.broken.is_none() {
            match self.follower.advance().await {
                Ok(documents) => new = documents > 0,
                Err(error) => {
                    let why = Bilingual::new(
                        format!("无法读取记录：{error}"),
                        format!("the record cannot be read: {error}"),
                    );
                    // Storage may answer at the next look; documents that are no run, or
                    // are damaged, stay so.
                    let passing = matches!(
                        error,
                        dutypoint_station::Error::Ledger(dutypoint_ledger::Error::Read { .. })
                    );
                    if !passing {
                        self.broken = Some(why.clone());
                    }
                    trouble = Some(why);
                }
            }
        }
        if new {
            // What was there already is as old as the file.
            let age = match self.sent {
                Some(_) => Duration::ZERO,
                None => idle(&self.begun.journal),
            };
            self.grown = Instant::now().checked_sub(age).unwrap_or_else(Instant::now);
        }
        let held = trouble.or_else(|| {
            let update = recorder.as_ref()?.borrow();
            update.held.clone().filter(|_| update.run == self.begun.run)
        });
        let changed = held != self.held;
        self.held = held;
        if !new && !changed && self.sent.is_some_and(|at| at.elapsed() < BEAT) {
            return;
        }
        if let Some((view, chart)) = self.view() {
            // Every field has a JSON form.
            let json = serde_json::to_string(&view).unwrap_or_default();
            self.sent = Some(Instant::now());
            shown.send_replace(Shown {
                view: Some((Arc::new(view), json.into())),
                chart: Some(chart),
            });
        }
    }

    fn view(&mut self) -> Option<(LiveView, Arc<ChartView>)> {
        let replay = self.follower.replay()?;
        let engine = replay.engine()?;
        let version = LiveView::chart_version(engine);
        let chart = match &self.chart {
            Some((drawn, chart)) if *drawn == version => Arc::clone(chart),
            _ => Arc::new(ChartView::new(engine)?),
        };
        self.chart = Some((version, Arc::clone(&chart)));
        let moment = Moment {
            documents: self.follower.head().0,
            quiet: self.grown.elapsed(),
            held: self.held.clone(),
        };
        let view = LiveView::new(&self.begun.run, replay, moment, |flow, head| {
            chart.drawing.frames.first()?.place(flow, head)
        })?;
        Some((view, chart))
    }
}

impl ChartView {
    /// The chart of a run so far; none where it cannot be drawn.
    fn new(engine: &RunEngine) -> Option<Self> {
        let m3h = |flow| Unit::CubicMetrePerHour.from_internal(flow);
        let targets: Vec<f64> = engine.targets_m3_s().into_iter().map(m3h).collect();
        let head_m = engine.setup().head_m;
        let reach = Reach {
            flow_m3h: targets.iter().copied().fold(0.0, f64::max),
            // What most pumps have at shut-off; the first points stretch the axis where one
            // has more.
            head_m: 1.35 * head_m,
        };
        let drawing = growing_chart(engine).drawing(SIZE, reach).ok()?;
        let frame = drawing.frames.first()?;
        let mut over = String::new();
        // A point that was given up is not tried again either.
        let done = engine.live().point.saturating_sub(1);
        let ahead = if engine.is_closed() {
            &[]
        } else {
            targets.get(done..).unwrap_or_default()
        };
        for flow in ahead {
            if let Some((x, _)) = frame.place(*flow, frame.value.0) {
                let (top, bottom) = (frame.corner.1, frame.corner.1 + frame.size.1);
                // Writing into a string cannot fail.
                let _ = write!(
                    over,
                    r#"<path class="guide" d="M{x:.2} {bottom:.2}V{top:.2}"/>"#
                );
            }
        }
        let rejected = engine.points().iter().filter(|p| !p.accepted);
        for reduced in rejected.filter_map(|p| p.reduced.as_ref()) {
            if let Some((x, y)) = frame.place(m3h(reduced.flow_m3_s), reduced.head_m) {
                let _ = write!(
                    over,
                    r#"<circle class="rejected" cx="{x:.2}" cy="{y:.2}" r="1.3"/>"#
                );
            }
        }
        over.push_str(
            r#"<g id="dot" class="unknown"><circle class="halo" r="2.6"/><circle class="core" r="1.5"/></g>"#,
        );
        Some(Self { drawing, over })
    }

    /// The chart as an SVG element named `label`.
    pub(crate) fn svg(&self, label: &str) -> String {
        self.drawing.svg(label, &self.over)
    }
}
