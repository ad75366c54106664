//! The bundle: everything needed to prove a certificate, in one zip file.
//!
//! Format version 0, specified in `docs/formats/bundle.md`:
//!
//! | entry | content |
//! |---|---|
//! | `README.txt` | how to verify, constant |
//! | `certificate.pdf` | the paper |
//! | `checkpoint.cbor` | the station's signed checkpoint of the run |
//! | `files/<SHA-256>` | every file the run's start names |
//! | `journal.cborseq` | the run's sealed documents as one CBOR sequence (RFC 8742) |
//! | `manifest.sha256` | digest and name of every other entry, in `sha256sum` form |
//! | `result.json` | the numbers, for programs |
//! | `statement.cbor` | what the station signed, with signature and key |
//!
//! Promise: equal content gives equal bytes; entries are sorted and carry no time.

use crate::Error;
use dutypoint_model::{Digest, Sealed};
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use zip::write::SimpleFileOptions;

/// Name of the manifest entry.
pub const MANIFEST: &str = "manifest.sha256";
/// Name of the journal entry.
pub const JOURNAL: &str = "journal.cborseq";
/// Name of the paper.
pub const PDF: &str = "certificate.pdf";
/// Name of the checkpoint entry.
pub const CHECKPOINT: &str = "checkpoint.cbor";
/// Name of the statement entry.
pub const STATEMENT: &str = "statement.cbor";
/// Name of the result entry.
pub const RESULT: &str = "result.json";
/// Name of the instructions.
pub const README: &str = "README.txt";
/// Folder of the run's files.
pub const FILES: &str = "files/";

/// The instructions for whoever opens a bundle.
pub const README_TEXT: &str = "\
Dutypoint evidence bundle, format version 0

中文：用 dutypoint verify 本文件.zip 离线验证；用 dutypoint replay 本文件.zip 重新计算。
English: `dutypoint verify THIS.zip` proves the bundle offline; `dutypoint replay THIS.zip`
computes its numbers again. `sha256sum -c manifest.sha256` checks that the entries are whole.
";

/// Largest bundle, unpacked. A type test of a day at 10 Hz stays two orders below.
const LARGEST: u64 = 2 << 30;
/// Most entries.
const MOST_ENTRIES: usize = 256;

/// The entries of a bundle by name.
pub type Entries = BTreeMap<String, Vec<u8>>;

/// The manifest of `entries`: one line `digest  name` each, by name, in the form of
/// `sha256sum`.
#[must_use]
pub fn manifest(entries: &Entries) -> Vec<u8> {
    entries
        .iter()
        .filter(|(name, _)| name.as_str() != MANIFEST)
        .map(|(name, bytes)| format!("{}  {name}\n", Digest::of(bytes)))
        .collect::<String>()
        .into_bytes()
}

/// The sealed documents of a run as one CBOR sequence.
#[must_use]
pub fn journal(documents: &[Sealed]) -> Vec<u8> {
    documents.iter().flat_map(|d| d.bytes.clone()).collect()
}

/// Packs `entries`, adding manifest and instructions.
///
/// # Errors
/// [`Error::Bundle`] when the zip library refuses.
pub fn pack(mut entries: Entries) -> Result<Vec<u8>, Error> {
    entries.insert(README.into(), README_TEXT.as_bytes().to_vec());
    let manifest = manifest(&entries);
    entries.insert(MANIFEST.into(), manifest);
    let refuse = |why: String| Error::Bundle { why };
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    for (name, bytes) in &entries {
        zip.start_file(name.as_str(), options)
            .map_err(|e| refuse(e.to_string()))?;
        zip.write_all(bytes).map_err(|e| refuse(e.to_string()))?;
    }
    Ok(zip
        .finish()
        .map_err(|e| refuse(e.to_string()))?
        .into_inner())
}

/// Unpacks a bundle in bounded memory. Only names a bundle may hold are accepted; what
/// the zip container says about them beyond name and content is ignored.
///
/// # Errors
/// [`Error::Bundle`] for anything that is no bundle.
pub fn unpack(bytes: &[u8]) -> Result<Entries, Error> {
    let refuse = |why: String| Error::Bundle { why };
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| refuse(e.to_string()))?;
    if zip.len() > MOST_ENTRIES {
        return Err(refuse(format!(
            "{} entries are more than the {MOST_ENTRIES} a bundle may hold",
            zip.len()
        )));
    }
    let mut entries = Entries::new();
    let mut left = LARGEST;
    for index in 0..zip.len() {
        let entry = zip.by_index(index).map_err(|e| refuse(e.to_string()))?;
        let name = entry
            .name()
            .map_err(|e| refuse(e.to_string()))?
            .into_owned();
        if !known(&name) {
            return Err(refuse(format!("{name:?} is no entry of a bundle")));
        }
        let mut content = Vec::new();
        // One byte more than allowed tells a full bundle from one too large.
        let read = entry
            .take(left + 1)
            .read_to_end(&mut content)
            .map_err(|e| refuse(format!("{name}: {e}")))?;
        left = left
            .checked_sub(u64::try_from(read).unwrap_or(u64::MAX))
            .ok_or_else(|| {
                refuse(format!(
                    "{name}: the content is larger than {LARGEST} bytes"
                ))
            })?;
        if entries.insert(name.clone(), content).is_some() {
            return Err(refuse(format!("{name:?} is there twice")));
        }
    }
    Ok(entries)
}

fn known(name: &str) -> bool {
    [
        MANIFEST, JOURNAL, PDF, CHECKPOINT, STATEMENT, RESULT, README,
    ]
    .contains(&name)
        || name.strip_prefix(FILES).is_some_and(|digest| {
            digest
                .parse::<Digest>()
                .is_ok_and(|d| d.to_string() == digest)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> Entries {
        Entries::from([
            (JOURNAL.into(), vec![1, 2, 3]),
            (format!("{FILES}{}", Digest::of(b"x")), b"x".to_vec()),
        ])
    }

    #[test]
    fn packing_is_repeatable_and_unpacks_to_the_same() {
        let packed = pack(sample()).unwrap();
        assert_eq!(packed, pack(sample()).unwrap());
        let entries = unpack(&packed).unwrap();
        assert_eq!(entries.len(), 4);
        assert_eq!(entries[JOURNAL], [1, 2, 3]);
        assert_eq!(entries[MANIFEST], manifest(&entries));
    }

    #[test]
    fn names_a_bundle_never_holds_are_refused() {
        for name in [
            "../etc/passwd",
            "files/../x",
            "files/ABC",
            "/journal.cborseq",
            "extra",
        ] {
            let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            let bytes = zip.finish().unwrap().into_inner();
            let error = unpack(&bytes).unwrap_err().to_string();
            assert!(error.contains("is no entry of a bundle"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic_the_unpacker(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = unpack(&bytes);
        }

        #[test]
        fn no_flip_panics_the_unpacker(at in 0usize..600, bit in 0u8..8) {
            let mut packed = pack(sample()).unwrap();
            let at = at % packed.len();
            packed[at] ^= 1 << bit;
            let _ = unpack(&packed);
        }
    }
}
