//! Every byte of the small entries, every document of the chain, every entry of the
//! bundle. The bundle of an import is small enough to try them all.

use crate::common::{expect, shared};
use crate::documents::documents;
use crate::evidence::{with_new_manifest, zip};
use crate::published::imported;
use dutypoint_certificate::bundle::{self, Entries};
use dutypoint_certificate::verify::{Failure, Step, verify};
use dutypoint_model::Sealed;

fn entries() -> Entries {
    bundle::unpack(&std::fs::read(imported().join("bundle.zip")).unwrap()).unwrap()
}

fn failure(bytes: &[u8], what: impl std::fmt::Display) -> Failure {
    let report = verify(bytes, &[]);
    report
        .failure
        .unwrap_or_else(|| panic!("{what}: nothing was noticed"))
}

#[test]
fn no_byte_of_statement_or_checkpoint_is_free_even_with_a_mended_manifest() {
    let entries = entries();
    for name in [bundle::STATEMENT, bundle::CHECKPOINT] {
        for at in 0..entries[name].len() {
            // Bit 5 makes a byte string of a CBOR text string and small letters of capitals.
            for bit in [at % 5, 5] {
                let mut forged = entries.clone();
                forged.get_mut(name).unwrap()[at] ^= 1 << bit;
                let place = format!("{name} byte {at} bit {bit}");
                let failure = failure(&with_new_manifest(forged), &place);
                assert_eq!(failure.step, Step::Signatures, "{place}");
                assert!(failure.why.en.starts_with(name), "{place}: {failure:?}");
            }
        }
    }
}

#[test]
fn no_byte_of_the_manifest_is_free() {
    let entries = entries();
    for at in 0..entries[bundle::MANIFEST].len() {
        let mut forged = entries.clone();
        forged.get_mut(bundle::MANIFEST).unwrap()[at] ^= 1 << (at % 8);
        let failure = failure(&zip(&forged), format!("byte {at}"));
        assert_eq!(failure.step, Step::Manifest, "byte {at}: {failure:?}");
    }
}

#[test]
fn a_flip_in_the_zip_file_is_noticed_or_touches_nothing_that_counts() {
    let whole = std::fs::read(imported().join("bundle.zip")).unwrap();
    let original = entries();
    // The directory at the end byte by byte, what lies before it in steps.
    let directory = whole.len() - 2500;
    let places = (0..directory).step_by(61).chain(directory..whole.len());
    let (mut noticed, mut harmless) = (0, 0);
    for at in places {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        // Names and contents are what a bundle is; dates and rights in the container are not.
        if bundle::unpack(&flipped).is_ok_and(|entries| entries == original) {
            harmless += 1;
            continue;
        }
        let failure = failure(&flipped, format!("byte {at}"));
        assert!(failure.step <= Step::Manifest, "byte {at}: {failure:?}");
        noticed += 1;
    }
    assert!(noticed > 1500 && harmless > 0, "{noticed}, {harmless}");
}

#[test]
fn an_entry_left_out_is_named() {
    let entries = entries();
    for name in entries.keys().filter(|n| *n != bundle::MANIFEST) {
        let mut forged = entries.clone();
        forged.remove(name);
        let failure = failure(&with_new_manifest(forged), name);
        assert!(
            failure.why.en.contains(name.as_str()),
            "{name}: {failure:?}"
        );
        assert!(failure.why.en.contains("missing"), "{name}: {failure:?}");
    }
}

#[test]
fn an_entry_the_run_does_not_name_is_refused() {
    let mut stray = entries();
    let name = format!("{}{}", bundle::FILES, dutypoint_model::Digest::of(b"stray"));
    stray.insert(name.clone(), b"stray".to_vec());
    let found = failure(&with_new_manifest(stray), "stray file");
    assert_eq!(found.step, Step::Files);
    assert!(found.why.en.contains(&name), "{found:?}");

    let mut stray = entries();
    stray.insert("notes.txt".into(), b"stray".to_vec());
    let found = failure(&with_new_manifest(stray), "stray entry");
    assert_eq!(found.step, Step::Container);
    assert!(found.why.en.contains("notes.txt"), "{found:?}");
}

/// The bundle with another sequence of documents and a mended manifest.
fn with_journal(documents: &[Sealed]) -> Vec<u8> {
    let mut forged = entries();
    forged.insert(bundle::JOURNAL.into(), bundle::journal(documents));
    with_new_manifest(forged)
}

#[test]
fn a_journal_cut_short_after_any_document_is_noticed() {
    let documents = documents(imported());
    for kept in 0..documents.len() {
        failure(
            &with_journal(&documents[..kept]),
            format!("{kept} documents"),
        );
    }
}

#[test]
fn documents_left_out_doubled_exchanged_or_borrowed_break_the_chain() {
    let whole = documents(imported());
    let borrowed = documents(&shared().out);
    for n in 0..whole.len() - 1 {
        let mut left_out = whole.clone();
        left_out.remove(n);
        let mut doubled = whole.clone();
        doubled.insert(n, whole[n].clone());
        let mut exchanged = whole.clone();
        exchanged.swap(n, n + 1);
        let mut mixed = whole.clone();
        mixed[n] = borrowed[n].clone();
        for (what, forged) in [
            ("left out", left_out),
            ("doubled", doubled),
            ("exchanged", exchanged),
            ("borrowed", mixed),
        ] {
            let failure = failure(&with_journal(&forged), format!("{n} {what}"));
            assert_eq!(failure.step, Step::Chain, "{n} {what}: {failure:?}");
        }
    }
}

#[test]
fn the_future_is_not_guessed_at() {
    let mut forged = entries();
    let journal = forged.get_mut(bundle::JOURNAL).unwrap();
    // A map of four; its first key in canonical order is the version, `v` = 0.
    assert_eq!(journal[..4], [0xa4, 0x61, b'v', 0x00]);
    journal[3] = 0x01;
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("future.zip");
    std::fs::write(&path, with_new_manifest(forged)).unwrap();
    let said = expect(1, &["verify", path.to_str().unwrap()]);
    assert!(said.contains("step chain"), "{said}");
    assert!(said.contains("version 1"), "{said}");
}
