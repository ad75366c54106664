//! Keeps the live view: finds the run that is being recorded and follows its journal.
//!
//! Whoever records may be this process or another; the journal is the same. A view is
//! made once and sent to every viewer.

use crate::journals::{Journals, runs_of};
use crate::view::LiveView;
use dutypoint_certificate::chart::{Drawing, Reach};
use dutypoint_certificate::record::growing_chart;
use dutypoint_engine::RunEngine;
use dutypoint_model::{Bilingual, Unit};
use dutypoint_station::{Follower, Update};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::watch;

/// The recorder of this process, where there is one.
pub type Recorder = Option<watch::Receiver<Update>>;

/// Between two looks at the journal while a run is recorded.
const LOOK: Duration = Duration::from_millis(40);
/// Between two searches for a run that has begun.
const SEARCH: Duration = Duration::from_secs(1);
/// A view is sent again after so long even though nothing changed, so that a page can
/// tell a quiet journal from a lost connection.
const BEAT: Duration = Duration::from_secs(1);
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
    tokio::spawn(async move {
        let mut seen = BTreeMap::new();
        let mut followed: Option<Followed> = None;
        let mut searched = None::<Instant>;
        while !shown.is_closed() {
            if searched.is_none_or(|at| at.elapsed() >= SEARCH) {
                searched = Some(Instant::now());
                let since_ns = followed.as_ref().map(|f| f.started_ns);
                if let Some(run) = begun(&journals, &mut seen, since_ns).await {
                    followed = Followed::open(run).await.or(followed);
                }
            }
            if let Some(followed) = &mut followed {
                followed.show(&shown, &recorder).await;
            }
            let idle = followed.as_ref().is_none_or(Followed::is_over);
            tokio::time::sleep(if idle { SEARCH / 4 } else { LOOK }).await;
        }
    });
    live
}

/// A run without a stop.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Begun {
    started_ns: i64,
    journal: PathBuf,
    run: String,
}

/// The latest run without a stop that began after `since_ns`, in a journal that was
/// written to since it was last looked at, which `seen` holds.
async fn begun(
    journals: &Journals,
    seen: &mut BTreeMap<PathBuf, SystemTime>,
    since_ns: Option<i64>,
) -> Option<Begun> {
    let mut found = None;
    for journal in journals.paths() {
        let Some(written) = written(&journal) else {
            continue;
        };
        if seen.get(&journal) == Some(&written) {
            continue;
        }
        // A journal that cannot be read stands in the list of runs with its reason.
        let Ok(runs) = runs_of(&journal).await else {
            continue;
        };
        seen.insert(journal.clone(), written);
        found = runs
            .into_iter()
            .filter(|run| run.stop_seq.is_none() && Some(run.started_ns) > since_ns)
            .map(|run| Begun {
                started_ns: run.started_ns,
                journal: journal.clone(),
                run: run.run,
            })
            .chain(found)
            .max();
    }
    found
}

/// When a journal or its log was last written.
fn written(path: &Path) -> Option<SystemTime> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    [path, Path::new(&log)]
        .into_iter()
        .filter_map(|file| file.metadata().ok()?.modified().ok())
        .max()
}

struct Followed {
    started_ns: i64,
    follower: Follower,
    chart: Option<(usize, Arc<ChartView>)>,
    sent: Option<Instant>,
    held: Option<Bilingual>,
    failed: bool,
}

impl Followed {
    /// None for a journal that cannot be opened.
    async fn open(begun: Begun) -> Option<Self> {
        Some(Self {
            started_ns: begun.started_ns,
            follower: Follower::open(&begun.journal, &begun.run).await.ok()?,
            chart: None,
            sent: None,
            held: None,
            failed: false,
        })
    }

    /// Whether nothing more will come: the run has ended and was certified, or its
    /// journal cannot be followed.
    fn is_over(&self) -> bool {
        self.failed || self.follower.replay().is_some_and(|r| r.is_stopped())
    }

    async fn show(&mut self, shown: &watch::Sender<Shown>, recorder: &Recorder) {
        let new = match self.follower.advance().await {
            Ok(documents) => documents > 0,
            Err(error) => {
                self.failed = true;
                let why = error.to_string();
                self.held = Some(Bilingual::new(format!("无法读取记录：{why}"), why));
                true
            }
        };
        let held = recorder
            .as_ref()
            .and_then(|recorder| recorder.borrow().held.clone());
        let changed = !self.failed && held != self.held;
        if changed {
            self.held = held;
        }
        if !new && !changed && self.sent.is_some_and(|at| at.elapsed() < BEAT) {
            return;
        }
        let Some(engine) = self.follower.replay().and_then(|r| r.engine()) else {
            return;
        };
        let points = engine.points().len();
        let chart = match &self.chart {
            Some((drawn, chart)) if *drawn == points => Arc::clone(chart),
            _ => match ChartView::new(engine) {
                Some(chart) => Arc::new(chart),
                None => return,
            },
        };
        self.chart = Some((points, Arc::clone(&chart)));
        let view = self.follower.replay().and_then(|replay| {
            LiveView::new(
                self.follower.run(),
                self.follower.head().0,
                replay,
                |flow, head| chart.drawing.frames.first()?.place(flow, head),
                now_ms(),
            )
        });
        let Some(mut view) = view else { return };
        view.held.clone_from(&self.held);
        // Every field has a JSON form.
        let json = serde_json::to_string(&view).unwrap_or_default();
        self.sent = Some(Instant::now());
        shown.send_replace(Shown {
            view: Some((Arc::new(view), json.into())),
            chart: Some(chart),
        });
    }
}

/// Wall time, ms since the Unix epoch.
fn now_ms() -> f64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64() * 1e3)
}

impl ChartView {
    /// The chart of a run so far; none where it cannot be drawn.
    fn new(engine: &RunEngine) -> Option<Self> {
        let m3h = |flow| Unit::CubicMetrePerHour.from_internal(flow);
        let targets: Vec<f64> = engine.targets_m3_s().into_iter().map(m3h).collect();
        let head_m = engine.setup().head_m;
        let reach = Reach {
            flow_m3h: targets.iter().copied().fold(0.0, f64::max),
            // A pump's shut-off head is rarely more than half above its rated head.
            head_m: 1.3 * head_m,
        };
        let drawing = growing_chart(engine).drawing(SIZE, reach).ok()?;
        let frame = drawing.frames.first()?;
        let mut over = String::new();
        let taken = engine.points().iter().filter(|p| p.accepted).count();
        for flow in targets.iter().skip(taken) {
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
