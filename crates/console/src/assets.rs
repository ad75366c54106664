//! Style and scripts, inside the binary.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

const ALL: &[(&str, &str, &str)] = &[
    (
        "console.css",
        "text/css; charset=utf-8",
        include_str!("../assets/console.css"),
    ),
    (
        "live.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/live.js"),
    ),
    (
        "check.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/check.js"),
    ),
    (
        "mark.svg",
        "image/svg+xml",
        include_str!("../assets/mark.svg"),
    ),
];

pub(crate) fn asset(name: &str) -> Response {
    match ALL.iter().find(|(known, _, _)| *known == name) {
        Some((_, kind, text)) => (
            [
                (header::CONTENT_TYPE, *kind),
                // A new binary must not meet the script of an old one.
                (header::CACHE_CONTROL, "no-cache"),
            ],
            *text,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
