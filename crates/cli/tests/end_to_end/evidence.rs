//! What a finished run proves, and that nobody changes it unseen.

use crate::common::{demo, expect, finding, json, shared};
use crate::repeat::point_means_agree;
use dutypoint_certificate::bundle::{self, Entries};
use dutypoint_certificate::verify::{Step, open_journal, verify};
use dutypoint_model::digest::Bytes;
use dutypoint_model::seal::ChainHead;
use dutypoint_model::{Document, Sealed};
use std::io::{Cursor, Write as _};
use tempfile::TempDir;

pub(crate) fn entries() -> Entries {
    bundle::unpack(&std::fs::read(shared().file("bundle.zip")).unwrap()).unwrap()
}

/// Packs exactly `entries`, manifest as given.
pub(crate) fn zip(entries: &Entries) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A forger who also mends the manifest.
pub(crate) fn with_new_manifest(mut entries: Entries) -> Vec<u8> {
    let manifest = bundle::manifest(&entries);
    entries.insert(bundle::MANIFEST.into(), manifest);
    zip(&entries)
}

#[test]
fn a_type_test_runs_from_shut_off_to_one_point_three_and_passes() {
    let result = shared().result();
    assert_eq!(result["outcome"], "Completed");
    assert_eq!(result["verdict"], "Pass");
    let rated = result["guarantee_flow_m3_s"].as_f64().unwrap();
    let points = result["points"].as_array().unwrap();
    let shares: Vec<f64> = points
        .iter()
        .filter(|p| p["accepted"] == true)
        .map(|p| p["flow_m3_s"].as_f64().unwrap() / rated)
        .collect();
    let targets = [
        0.0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.9, 0.975, 1.025, 1.1, 1.2, 1.3,
    ];
    assert_eq!(shares.len(), targets.len());
    for (share, target) in shares.iter().zip(targets) {
        // 2 % to take the point, and what the flow wanders while it is taken.
        assert!((share - target).abs() < 0.03, "{share} for {target}");
    }
    let refused = result["formal_issue_refused"].to_string();
    for reason in [
        "the bench is simulated",
        "gbt3216-2016 is not countersigned",
        "gbt12785-2014 is not countersigned",
        "gb32030-2022 is not countersigned",
    ] {
        assert!(refused.contains(reason), "{refused}");
    }
}

#[test]
fn the_summary_names_the_files_and_they_are_there() {
    let files = shared().summary["files"].as_object().unwrap();
    for (key, name, begin) in [
        ("certificate", "certificate.pdf", &b"%PDF-"[..]),
        ("bundle", "bundle.zip", b"PK\x03\x04"),
        ("result", "result.json", b"{"),
        ("journal", "journal.sqlite", b"SQLite format 3\0"),
    ] {
        let path = files[key].as_str().unwrap();
        assert!(path.ends_with(&format!("/{name}")), "{path}");
        let bytes = std::fs::read(path).unwrap();
        assert!(bytes.starts_with(begin), "{name}");
    }
    // What people hold and what programs read are the same as in the bundle.
    let entries = entries();
    for name in [bundle::PDF, bundle::RESULT] {
        assert!(
            std::fs::read(shared().file(name)).unwrap() == entries[name],
            "{name}"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_verdicts_and_point_means_within_bounds() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("again");
    let again = json(0, &demo(&out, &["--seed", "1"]));
    let first = &shared().summary;
    let verdicts = |summary: &serde_json::Value| -> Vec<String> {
        let findings = summary["findings"].as_array().unwrap();
        findings
            .iter()
            .map(|f| format!("{} {}", f["item"], f["verdict"]))
            .collect()
    };
    assert_eq!(verdicts(&again), verdicts(first));
    // Promised in docs/promises.md: head within 1 %, unit efficiency within 1 point.
    for (item, bound) in [("head_at_flow", 1.04), ("unit_efficiency", 0.01)] {
        let value = |summary| finding(summary, item)["value"].as_f64().unwrap();
        let off = (value(&again) - value(first)).abs();
        assert!(off < bound, "{item} differs by {off}");
    }
    let again = std::fs::read(out.join("result.json")).unwrap();
    point_means_agree(&shared().result(), &serde_json::from_slice(&again).unwrap());
}

#[test]
fn the_bundle_verifies_and_says_whose_signature_it_carries() {
    let bundle = shared().path("bundle.zip");
    assert!(expect(0, &["verify", &bundle]).contains("intact, signer unknown"));
    let key = shared().path("station.key.pub");
    assert!(expect(0, &["verify", &bundle, "--trust", &key]).contains("signer trusted"));
    let other = "11".repeat(32);
    let proof = json(1, &["verify", &bundle, "--trust", &other]);
    assert_eq!(proof["failure"]["step"], "signatures");
}

#[test]
fn one_flipped_byte_in_any_entry_is_found() {
    let entries = entries();
    for (name, content) in &entries {
        let last = content.len() - 1;
        for at in [0, last / 3, last / 2, last] {
            let mut forged = entries.clone();
            forged.get_mut(name).unwrap()[at] ^= 0x01;
            let report = verify(&zip(&forged), &[]);
            let failure = report.failure.unwrap_or_else(|| panic!("{name} byte {at}"));
            let expected = if name == bundle::README {
                Step::Container
            } else {
                Step::Manifest
            };
            assert_eq!(failure.step, expected, "{name} byte {at}");
            if name != bundle::MANIFEST {
                assert!(failure.why.en.contains(name.as_str()), "{}", failure.why.en);
            }
        }
    }
    // Through the binary too: exit code and step.
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("forged.zip");
    let mut forged = entries;
    forged.get_mut(bundle::RESULT).unwrap()[100] ^= 0x01;
    std::fs::write(&path, zip(&forged)).unwrap();
    let text = expect(1, &["verify", path.to_str().unwrap()]);
    assert!(text.contains("step manifest: result.json"), "{text}");
}

#[test]
fn a_forger_who_mends_the_manifest_is_found_by_a_later_step() {
    for (name, expected) in [
        (bundle::JOURNAL, vec![Step::Chain, Step::Signatures]),
        (bundle::STATEMENT, vec![Step::Signatures]),
        (bundle::CHECKPOINT, vec![Step::Signatures]),
        (bundle::PDF, vec![Step::Signatures]),
        (bundle::RESULT, vec![Step::Paper]),
        (bundle::README, vec![Step::Container]),
    ] {
        let entries = entries();
        let length = entries[name].len();
        for at in [length / 4, length / 2, length - 2] {
            let mut forged = entries.clone();
            forged.get_mut(name).unwrap()[at] ^= 0x04;
            let report = verify(&with_new_manifest(forged), &[]);
            let failure = report.failure.unwrap_or_else(|| panic!("{name} byte {at}"));
            assert!(
                expected.contains(&failure.step),
                "{name} byte {at}: {failure:?}"
            );
        }
    }
    // A file of the run: its name is its digest.
    let mut forged = entries();
    let name = forged
        .keys()
        .find(|n| n.starts_with(bundle::FILES))
        .unwrap()
        .clone();
    forged.get_mut(&name).unwrap()[0] ^= 0x04;
    let failure = verify(&with_new_manifest(forged), &[]).failure.unwrap();
    assert_eq!(failure.step, Step::Files);
}

/// The run's documents with one raw word of one page changed and the chain sealed anew.
fn resealed() -> Vec<Sealed> {
    let documents = open_journal(&entries()[bundle::JOURNAL]).unwrap();
    let window = documents
        .iter()
        .find_map(|d| match &d.doc {
            Document::Point(point) => Some(point.from_ns..point.to_ns),
            _ => None,
        })
        .unwrap();
    let mut head = ChainHead::new(&documents[0].run);
    let mut changed = false;
    let chain = documents
        .into_iter()
        .map(|sealed| {
            let mut document = sealed.doc;
            // The first pressure reading of the first point's window.
            if let Document::Page(page) = &mut document
                && page.t_ns > window.start
                && !changed
                && let Some(exchange) = page.exchanges.iter_mut().find(|e| e.0 == 0)
            {
                let mut words = exchange.4.words().unwrap();
                words[1] ^= 0x4000;
                exchange.4 = Bytes::from_words(&words);
                changed = true;
            }
            head.append(document).unwrap()
        })
        .collect();
    assert!(changed);
    chain
}

#[test]
fn an_insider_who_reseals_the_chain_is_found_by_signature_and_by_recomputation() {
    let mut forged = entries();
    forged.insert(bundle::JOURNAL.into(), bundle::journal(&resealed()));
    let bytes = with_new_manifest(forged);
    let failure = verify(&bytes, &[]).failure.unwrap();
    assert_eq!(failure.step, Step::Signatures);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("resealed.zip");
    std::fs::write(&path, bytes).unwrap();
    let replay = json(1, &["replay", path.to_str().unwrap()]);
    assert_eq!(replay["result"], "diverged");
    let divergence = &replay["divergence"];
    let field = divergence["field"].as_str().unwrap();
    assert!(field.starts_with("point."), "{divergence}");
    assert_ne!(divergence["recorded"], divergence["recomputed"]);
}

#[test]
fn anything_that_is_no_bundle_fails_and_a_missing_path_is_bad_usage() {
    let folder = TempDir::new().unwrap();
    let whole = std::fs::read(shared().file("bundle.zip")).unwrap();
    for (name, bytes) in [
        ("empty", Vec::new()),
        ("text", b"not a zip".to_vec()),
        ("truncated", whole[..whole.len() / 2].to_vec()),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let proof = json(1, &["verify", path.to_str().unwrap()]);
        assert_eq!(proof["failure"]["step"], "container", "{name}");
    }
    let missing = folder.path().join("nowhere.zip");
    let text = expect(2, &["verify", missing.to_str().unwrap()]);
    assert!(text.contains("nowhere.zip"), "{text}");
}

#[test]
fn replay_of_bundle_and_journal_is_identical() {
    let bundle = shared().path("bundle.zip");
    assert_eq!(json(0, &["replay", &bundle])["result"], "identical");
    let journal = shared().path("journal.sqlite");
    let replay = json(0, &["replay", shared().run(), "--journal", &journal]);
    assert_eq!(replay["result"], "identical");
    assert!(replay["recomputed"].as_u64().unwrap() > 25);
}

#[test]
fn certify_renders_the_same_bytes_again_and_refuses_a_formal_issue() {
    let folder = TempDir::new().unwrap();
    let again = folder.path().join("again");
    let journal = shared().path("journal.sqlite");
    let args = ["certify", shared().run(), "--journal", &journal];
    let mut out = args.to_vec();
    out.extend(["--out", again.to_str().unwrap()]);
    expect(0, &out);
    for name in ["certificate.pdf", "bundle.zip", "result.json"] {
        let first = std::fs::read(shared().file(name)).unwrap();
        assert!(
            first == std::fs::read(again.join(name)).unwrap(),
            "{name} differs"
        );
    }
    let mut formal = args.to_vec();
    formal.push("--formal");
    let refused = json(1, &formal);
    assert_eq!(refused["issued"], false);
    assert!(refused["refused_because"].to_string().contains("simulated"));
}
