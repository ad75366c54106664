//! Addresses and what answers them.

use crate::assets;
use crate::follow::Live;
use crate::guard::guard;
use crate::journals::{Journals, NotFound};
use crate::page::check::{Found, Report, check};
use crate::page::{live, message, run, runs};
use crate::reader::{Reader, remember};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use dutypoint_certificate::verify::statement_is_signed;
use dutypoint_engine::Replay;
use dutypoint_ledger::SqliteLedger;
use dutypoint_model::{Digest, Sealed};
use dutypoint_station::{Issued, load_run, reissue};
use futures_util::stream;
use maud::Markup;
use serde::Deserialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tower_http::compression::CompressionLayer;

/// A viewer is sent at most so many views a second; the latest wins.
const PACE: Duration = Duration::from_millis(50);
/// Digits of the data digest that prove somebody holds the report.
const TOKEN_DIGITS: usize = 16;

#[derive(Clone, Debug)]
struct App {
    journals: Journals,
    live: Live,
    /// The last issue rendered: a report is often fetched with its bundle.
    rendered: Arc<Mutex<Option<Rendered>>>,
}

#[derive(Debug)]
struct Rendered {
    run: String,
    head: Digest,
    issued: Arc<Issued>,
}

pub(crate) fn router(journals: Journals, live: Live) -> Router {
    let app = App {
        journals,
        live,
        rendered: Arc::default(),
    };
    Router::new()
        .route("/", get(live_page))
        .route("/live/events", get(events))
        .route("/live/chart.svg", get(chart))
        .route("/runs", get(run_list))
        .route("/runs/{run}", get(run_page))
        .route("/runs/{run}/{file}", get(download))
        .route("/check", get(check_page))
        .route(
            "/assets/{name}",
            get(|Path(name): Path<String>| async move { assets::asset(&name) }),
        )
        .fallback(nowhere)
        .with_state(app)
        .layer(CompressionLayer::new())
        .layer(from_fn(remember))
        .layer(from_fn(guard))
}

fn page(markup: Markup) -> Response {
    (
        [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
        markup.into_string(),
    )
        .into_response()
}

async fn nowhere(reader: Reader) -> Response {
    let title = reader.pick("没有这个页面", "No such page");
    let text = reader.pick(
        "地址有误，或该试验不在本机的记录中。",
        "The address is wrong, or the run is not in a journal of this machine.",
    );
    (StatusCode::NOT_FOUND, page(message(&reader, title, text))).into_response()
}

fn failed(reader: &Reader, why: &str) -> Response {
    let title = reader.pick("无法显示", "Cannot be shown");
    let lead = reader.pick("读取记录时出错：", "Reading the record failed: ");
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        page(message(reader, title, &format!("{lead}{why}"))),
    )
        .into_response()
}

async fn live_page(State(app): State<App>, reader: Reader) -> Response {
    let shown = app.live.borrow().clone();
    let last = match shown.view {
        Some(_) => None,
        None => app.journals.catalogue().await.runs.into_iter().next(),
    };
    page(live::live(
        &reader,
        &shown,
        last.as_ref().map(|(_, run)| run),
    ))
}

async fn events(State(app): State<App>) -> Response {
    let mut live = app.live.clone();
    // Whoever comes is shown what there is.
    live.mark_changed();
    let views = stream::unfold((live, false), |(mut live, begun)| async move {
        if begun {
            tokio::time::sleep(PACE).await;
        }
        live.changed().await.ok()?;
        let json = live
            .borrow_and_update()
            .view
            .as_ref()
            .map(|(_, json)| Arc::clone(json));
        let event = match json {
            Some(json) => Event::default().data(&*json),
            // A page that shows a run of an earlier console must not wait for it.
            None => Event::default().event("idle").data("{}"),
        };
        Some((Ok::<_, Infallible>(event), (live, true)))
    });
    Sse::new(views)
        .keep_alive(KeepAlive::default())
        .into_response()
}

async fn chart(State(app): State<App>, reader: Reader) -> Response {
    let chart = app.live.borrow().chart.clone();
    match chart {
        Some(chart) => (
            [(header::CONTENT_TYPE, "image/svg+xml; charset=utf-8")],
            chart.svg(reader.pick("流量-扬程图", "Flow-head chart")),
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn run_list(State(app): State<App>, reader: Reader) -> Response {
    page(runs::runs(&reader, &app.journals.catalogue().await))
}

/// A run with its journal, computed again from its inputs.
struct Loaded {
    ledger: SqliteLedger,
    documents: Vec<Sealed>,
    replay: Replay,
}

async fn load(app: &App, run: &str) -> Option<Result<Loaded, String>> {
    let ledger = match app.journals.find(run).await {
        Ok((ledger, _)) => ledger,
        Err(NotFound::Nowhere) => return None,
        Err(NotFound::Unreadable(why)) => return Some(Err(why)),
    };
    let run = run.to_owned();
    let loaded = aside(async move {
        let (documents, replay) = load_run(&ledger, &run).await?;
        Ok::<_, dutypoint_station::Error>(Loaded {
            ledger,
            documents,
            replay,
        })
    });
    Some(loaded.await)
}

/// Runs what computes for longer than a view may be late on a thread of its own.
async fn aside<T: Send + 'static>(
    work: impl Future<Output = Result<T, dutypoint_station::Error>> + Send + 'static,
) -> Result<T, String> {
    let here = tokio::runtime::Handle::current();
    match tokio::task::spawn_blocking(move || here.block_on(work)).await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

async fn run_page(State(app): State<App>, reader: Reader, Path(id): Path<String>) -> Response {
    match load(&app, &id).await {
        None => nowhere(reader).await,
        Some(Err(why)) => failed(&reader, &why),
        Some(Ok(loaded)) => {
            // Drawing takes long enough to delay the live view of another viewer.
            let drawn = tokio::task::spawn_blocking(move || {
                run::run(&reader, &id, &loaded.documents, &loaded.replay)
            });
            match drawn.await {
                Ok(markup) => page(markup),
                Err(error) => {
                    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
                }
            }
        }
    }
}

async fn download(
    State(app): State<App>,
    reader: Reader,
    Path((id, file)): Path<(String, String)>,
) -> Response {
    let kind = match file.as_str() {
        "certificate.pdf" => "application/pdf",
        "bundle.zip" => "application/zip",
        "result.json" => "application/json",
        _ => return nowhere(reader).await,
    };
    let issued = match issued(&app, &id).await {
        Ok(Some(issued)) => issued,
        Ok(None) => return nowhere(reader).await,
        Err(why) => return failed(&reader, &why),
    };
    let number = &issued.certificate.statement.number;
    let (name, bytes) = match file.as_str() {
        "certificate.pdf" => (format!("{number}.pdf"), &issued.paper.pdf),
        "bundle.zip" => (format!("{number}-bundle.zip"), &issued.bundle),
        _ => (format!("{number}-result.json"), &issued.paper.result),
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    (headers, Bytes::copy_from_slice(bytes)).into_response()
}

/// The recorded issue of a run, rendered from its evidence; none where there is none.
async fn issued(app: &App, run: &str) -> Result<Option<Arc<Issued>>, String> {
    let (ledger, summary) = match app.journals.find(run).await {
        Ok(found) => found,
        Err(NotFound::Nowhere) => return Ok(None),
        Err(NotFound::Unreadable(why)) => return Err(why),
    };
    let mut rendered = app.rendered.lock().await;
    if let Some(known) = &*rendered
        && known.run == run
        && known.head == summary.head
    {
        return Ok(Some(Arc::clone(&known.issued)));
    }
    let (run, head) = (run.to_owned(), summary.head);
    let done = aside(async move {
        let issued = reissue(&ledger, &run).await?;
        Ok(issued.map(|issued| (run, Arc::new(issued))))
    })
    .await?;
    Ok(done.map(|(run, issued)| {
        *rendered = Some(Rendered {
            run,
            head,
            issued: Arc::clone(&issued),
        });
        issued
    }))
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    number: String,
    #[serde(default)]
    token: String,
}

async fn check_page(
    State(app): State<App>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Response {
    let (number, token) = (asked.number.trim(), asked.token.trim());
    if number.is_empty() && token.is_empty() {
        return page(check(&reader, "", "", &Found::NotAsked));
    }
    let found = look_up(&app, number, token).await;
    let status = match found {
        Found::Nothing => StatusCode::NOT_FOUND,
        _ => StatusCode::OK,
    };
    (status, page(check(&reader, number, token, &found))).into_response()
}

/// A wrong number and a wrong code are answered alike: the page tells nothing to whoever
/// does not hold the report.
async fn look_up(app: &App, number: &str, token: &str) -> Found {
    let digits: String = token
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_lowercase())
        .collect();
    if digits.len() < TOKEN_DIGITS || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Found::Nothing;
    }
    let Some((number, run)) = canonical(number) else {
        return Found::Nothing;
    };
    let run = run.as_str();
    let loaded = match load(app, run).await {
        Some(Ok(loaded)) => loaded,
        Some(Err(why)) => return Found::Damaged(why),
        None => return Found::Nothing,
    };
    let summary = loaded.replay.summary();
    let held = summary.certificates.iter().find(|c| {
        let statement = &c.statement;
        statement.number == number && begins_with(&statement.data.to_string(), &digits)
    });
    let (Some(certificate), Some(engine)) = (held, loaded.replay.engine()) else {
        return Found::Nothing;
    };
    let specimen = &engine.setup().order.specimen;
    // The station's key is the one that signed the end of the run.
    let checkpoint = loaded.ledger.checkpoint_for(run).await;
    let signed = statement_is_signed(certificate)
        && checkpoint.is_ok_and(|c| c.is_some_and(|c| c.key == certificate.key));
    let identical = loaded.replay.divergence().is_none()
        && reissue(&loaded.ledger, run).await.is_ok_and(|issued| {
            issued.is_some_and(|i| Digest::of(&i.paper.pdf) == certificate.statement.pdf)
        });
    Found::Report(Box::new(Report {
        certificate: certificate.clone(),
        specimen: format!("{} {}", specimen.model, specimen.serial),
        basis: format!(
            "{} {}",
            engine.setup().standard().edition,
            engine.setup().tolerance.grade
        ),
        findings: summary.findings.clone(),
        identical,
        signed,
    }))
}

/// A report's number as it is printed, and the run in it, from how people type it: in any
/// case, also in full width.
fn canonical(typed: &str) -> Option<(String, String)> {
    let narrow = typed.chars().filter_map(|c| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        c if c.is_whitespace() => None,
        c => Some(c),
    });
    let typed: String = narrow.collect();
    let (series, run) = typed.split_once('-')?;
    let (first, rest) = run.split_at_checked(1)?;
    let run = format!(
        "{}{}",
        first.to_ascii_uppercase(),
        rest.to_ascii_lowercase()
    );
    Some((format!("{}-{run}", series.to_ascii_uppercase()), run))
}

/// Compares without stopping at the first difference.
fn begins_with(text: &str, start: &str) -> bool {
    start.len() <= text.len()
        && text
            .bytes()
            .zip(start.bytes())
            .fold(0, |differs, (a, b)| differs | (a ^ b))
            == 0
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn a_number_is_found_however_it_is_typed() {
        let printed = (
            "SIM-R20261123-1200-6b56".to_owned(),
            "R20261123-1200-6b56".to_owned(),
        );
        for typed in [
            "SIM-R20261123-1200-6b56",
            " sim-r20261123-1200-6B56 ",
            "ＳＩＭ－Ｒ20261123-1200-6b56",
        ] {
            assert_eq!(canonical(typed), Some(printed.clone()), "{typed}");
        }
        assert_eq!(canonical("SIM"), None);
        assert_eq!(canonical("SIM-"), None);
    }
}
