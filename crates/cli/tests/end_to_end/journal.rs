//! The journal checked from outside: whole, changed behind its back, catalogue made anew.

use crate::common::{expect, json, run, shared, text};
use tempfile::TempDir;

#[test]
fn fsck_is_clean_and_finds_a_changed_row() {
    let journal = shared().path("journal.sqlite");
    let report = json(0, &["fsck", "--journal", &journal]);
    assert_eq!(report["clean"], true);
    let documents = &report["journals"][0]["report"]["documents"];
    let recorded = shared().summary["verify"]["documents"].as_u64().unwrap();
    assert_eq!(documents.as_u64(), Some(recorded));
    // A copy, one byte of one document changed behind the journal's back.
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join("journal.sqlite");
    std::fs::copy(&journal, &copy).unwrap();
    let bytes = std::fs::read(&copy).unwrap();
    // The operator's name stands in the start document only.
    let needle = b"hoperatorddemo";
    let mut forged = bytes.clone();
    for at in 0..bytes.len() - needle.len() {
        // Every copy, in unused parts of the file too.
        if bytes[at..].starts_with(needle) {
            forged[at + needle.len() - 1] = b'0';
        }
    }
    assert_ne!(forged, bytes);
    std::fs::write(&copy, forged).unwrap();
    let output = run(&["fsck", "--journal", copy.to_str().unwrap()]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    // The start is document 0 of the run.
    let named = |line: &str| line.contains(shared().run()) && line.contains("document 0");
    assert!(text.lines().any(named), "{text}");
}

#[test]
fn the_catalogue_is_rebuilt_from_the_documents_and_said_to_be_equal() {
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join("journal.sqlite");
    std::fs::copy(shared().file("journal.sqlite"), &copy).unwrap();
    let copy = copy.to_str().unwrap();
    let before = json(0, &["runs", "--journal", copy]);
    let said = expect(0, &["fsck", "--rebuild", "--journal", copy]);
    assert!(said.contains("catalogue rebuilt: it was equal"), "{said}");
    assert_eq!(json(0, &["runs", "--journal", copy]), before);
}
