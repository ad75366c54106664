//! The station's key: made with its journal, never again.

use crate::common::{demo, expect, json};
use crate::import::fixture;
use crate::interrupted::{running, signal};
use std::path::Path;
use tempfile::TempDir;

/// Imports the published test into `out`.
fn import(out: &Path) -> Vec<String> {
    let (order, points) = (fixture("order.toml"), fixture("points.csv"));
    [
        "import".as_ref(),
        order.as_path(),
        &points,
        "--out".as_ref(),
        out,
    ]
    .iter()
    .map(|part| part.to_str().unwrap().to_owned())
    .collect()
}

fn imported(out: &Path) -> String {
    let import = import(out);
    let args: Vec<&str> = import.iter().map(String::as_str).collect();
    json(0, &args)["run"].as_str().unwrap().to_owned()
}

/// Every verb in `verbs` refuses for the lack of the key in `out` and makes none.
fn refused(out: &Path, verbs: &[&[&str]], why: &str) {
    let before = std::fs::read(out.join("station.key")).ok();
    for verb in verbs {
        let text = expect(2, verb);
        let key = out.join("station.key");
        assert!(text.contains(&*key.to_string_lossy()), "{text}");
        assert!(text.contains(why), "{text}");
        assert!(text.contains("put the"), "{text}");
        assert_eq!(std::fs::read(&key).ok(), before);
    }
}

#[test]
fn a_run_that_was_issued_is_rendered_again_without_the_key() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let run = imported(&out);
    std::fs::remove_file(out.join("station.key")).unwrap();
    let paper = folder.path().join("paper");
    let args = ["certify", &run, "--journal", out.to_str().unwrap(), "--out"];
    expect(0, &[&args[..], &[paper.to_str().unwrap()]].concat());
    for name in ["certificate.pdf", "bundle.zip", "result.json"] {
        let (first, again) = (
            std::fs::read(out.join(name)),
            std::fs::read(paper.join(name)),
        );
        assert!(first.unwrap() == again.unwrap(), "{name} differs");
    }
    assert!(!out.join("station.key").exists());
    let journal = out.to_str().unwrap();
    assert_eq!(json(0, &["fsck", "--journal", journal])["clean"], true);
}

#[test]
fn a_missing_key_is_never_replaced_once_the_journal_holds_anything() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let (mut child, _) = running(&out, 10);
    signal(&child, "-9");
    child.wait().unwrap();
    let journal = out.to_str().unwrap();
    let runs = json(0, &["runs", "--journal", journal]);
    let run = runs["journals"][0]["runs"][0]["run"].as_str().unwrap();
    let aside = folder.path().join("aside");
    std::fs::rename(out.join("station.key"), &aside).unwrap();

    // The run is open and unsigned: the journal holds documents and no checkpoint.
    let import = import(&out);
    let import: Vec<&str> = import.iter().map(String::as_str).collect();
    let certify = ["certify", run, "--journal", journal];
    let verbs = [&demo(&out, &[])[..], &import, &certify];
    refused(&out, &verbs, "the station's key is missing");

    // Put back, the same verb closes the run and issues it.
    std::fs::rename(&aside, out.join("station.key")).unwrap();
    expect(0, &certify);
    assert_eq!(json(0, &["fsck", "--journal", journal])["clean"], true);

    // Another station's key is no cure.
    let other = folder.path().join("other");
    imported(&other);
    std::fs::copy(other.join("station.key"), out.join("station.key")).unwrap();
    let verbs = [&demo(&out, &[])[..], &import];
    refused(&out, &verbs, "it is not the key that signed journal");
    assert_eq!(json(0, &["fsck", "--journal", journal])["clean"], true);
}
