//! The documents a finished run left in its bundle.

use dutypoint_certificate::{bundle, verify};
use dutypoint_model::document::{Channels, Gap, Start};
use dutypoint_model::{Document, Sealed};
use std::path::Path;

/// The documents in `bundle.zip` of the folder `out`, their chain followed.
pub(crate) fn documents(out: &Path) -> Vec<Sealed> {
    let bytes = std::fs::read(out.join("bundle.zip")).unwrap();
    let entries = bundle::unpack(&bytes).unwrap();
    verify::open_journal(&entries[bundle::JOURNAL]).unwrap()
}

pub(crate) fn start(documents: &[Sealed]) -> &Start {
    match &documents[0].doc {
        Document::Start(start) => start,
        other => panic!("the run begins with a {}", other.kind()),
    }
}

pub(crate) fn channels(documents: &[Sealed]) -> &Channels {
    let found = documents.iter().find_map(|d| match &d.doc {
        Document::Channels(channels) => Some(channels),
        _ => None,
    });
    found.unwrap()
}

pub(crate) fn gaps(documents: &[Sealed]) -> Vec<&Gap> {
    let gaps = documents.iter().filter_map(|d| match &d.doc {
        Document::Gap(gap) => Some(gap),
        _ => None,
    });
    gaps.collect()
}
