//! The demo's run, set up from the shipped files.

use dutypoint_engine::{FORMULAS, Files};
use dutypoint_model::Digest;
use dutypoint_model::document::{Clock, FileRef, Origin, Software, Start};
use std::path::Path;

/// A shipped file.
pub(crate) fn shipped(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// The start of a simulated run on `bench` with `order`, and the files it names.
pub(crate) fn start(bench: &str, order: &str) -> (Start, Files) {
    start_with(bench, order, |_, text| text)
}

/// The same with packs that `change` has rewritten, given id and text.
pub(crate) fn start_with(
    bench: &str,
    order: &str,
    change: impl Fn(&str, String) -> String,
) -> (Start, Files) {
    let mut files = Files::new();
    let mut refer = |name: &str, text: &str| {
        let digest = Digest::of(text.as_bytes());
        files.insert(digest, text.as_bytes().to_vec());
        FileRef {
            name: name.into(),
            digest,
        }
    };
    // An order that cannot be read names no pack; opening the run will say what is wrong.
    let parsed = dutypoint_engine::config::Order::parse("order.toml", order).ok();
    let packs = parsed.iter().flat_map(|order| order.packs());
    let start = Start {
        t_ns: 0,
        station: "demo".into(),
        origin: Origin::Simulated,
        operator: "test".into(),
        clock: Clock {
            source: "test".into(),
            speed: 1.0,
            error_ms: None,
        },
        software: Software {
            name: "dutypoint".into(),
            version: "test".into(),
            build: "test".into(),
            formulas: FORMULAS.iter().map(|f| (*f).into()).collect(),
        },
        order: refer("order.toml", order),
        bench: Some(refer("bench.toml", bench)),
        packs: packs
            .map(|id| {
                let text = shipped(&format!("config/standards/{id}.toml"));
                refer(id, &change(id, text))
            })
            .collect(),
        profiles: Vec::new(),
    };
    (start, files)
}
