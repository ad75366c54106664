//! What a monitoring system asks: is the program alive, can it record, what does it count.

use crate::guard::guard;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use dutypoint_station::Hall;
use std::sync::Arc;

type Shared = Option<Arc<Hall>>;

pub(crate) fn router(hall: Shared) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .with_state(hall)
        .layer(from_fn(guard))
}

async fn metrics(State(hall): State<Shared>) -> Response {
    match hall {
        Some(hall) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], hall.meters.text()).into_response()
        }
        None => {
            let text = "nothing is counted: no bench is served; start with --config\n";
            (StatusCode::NOT_FOUND, text).into_response()
        }
    }
}

/// Whether every bench's thread is at work.
async fn alive(State(hall): State<Shared>) -> Response {
    let stuck = hall.map(|hall| hall.stuck()).unwrap_or_default();
    let say = |bench| format!("bench {bench}: its thread does nothing");
    answer("alive", stuck.into_iter().map(say).collect())
}

/// Whether a run could be recorded on every bench.
async fn ready(State(hall): State<Shared>) -> Response {
    // Files are written to find out.
    let asked = move || hall.map(|hall| hall.unready()).unwrap_or_default();
    let unready = tokio::task::spawn_blocking(asked).await;
    answer("ready", unready.unwrap_or_else(|e| vec![e.to_string()]))
}

fn answer(fine: &str, mut not: Vec<String>) -> Response {
    let status = if not.is_empty() {
        not.push(fine.to_owned());
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, not.join("\n") + "\n").into_response()
}
