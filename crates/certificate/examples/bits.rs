//! Everything this build makes of one bundle and of the validation cases, to be compared
//! with what another build makes of them: `bits BUNDLE PACKS CASES`.

#![expect(clippy::unwrap_used, reason = "a developer's tool ends where it fails")]

use dutypoint_certificate::{bundle, verify};
use dutypoint_engine::calc::{self, Packs};
use dutypoint_engine::validate::Case;
use dutypoint_hydraulics::pack::Standard;
use dutypoint_model::{Digest, cbor};
use std::path::{Path, PathBuf};

fn main() {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [bundle, packs, cases] = arguments.as_slice() else {
        eprintln!("usage: bits BUNDLE PACKS CASES");
        std::process::exit(2);
    };
    // To standard error: it differs between builds.
    eprintln!("{} {}", std::env::consts::ARCH, profile());
    run(&std::fs::read(bundle).unwrap());
    answers(&read_packs(packs), cases);
}

fn profile() -> &'static str {
    if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    }
}

/// The verifier recomputes every document and renders the paper again to the byte.
fn run(bytes: &[u8]) {
    let report = verify::verify(bytes, &[]);
    for step in &report.proved {
        println!("proved {}", step.text().en);
    }
    if let Some(failure) = &report.failure {
        println!("not proved: {failure:?}");
    }
    println!("documents recomputed and equal: {}", report.recomputed);
    let entries = bundle::unpack(bytes).unwrap();
    let sealed = verify::open_journal(&entries[bundle::JOURNAL]).unwrap();
    let files = entries
        .iter()
        .filter(|(name, _)| name.starts_with(bundle::FILES));
    let files = files.map(|(_, bytes)| (Digest::of(bytes), bytes.clone()));
    let summary = verify::replay(&sealed, files.collect()).unwrap().finish();
    println!("divergence: {:?}", summary.divergence);
    for finding in &summary.findings {
        println!(
            "finding {:?} {}",
            finding.item,
            Digest::of(&cbor::encode(finding).unwrap())
        );
    }
}

/// Every answer of every case, with all its digits.
fn answers(packs: &Packs, cases: &Path) {
    for area in sorted(cases) {
        for file in sorted(&area) {
            let text = std::fs::read_to_string(&file).unwrap();
            let name = file.strip_prefix(cases).unwrap().display().to_string();
            let case = Case::read(&name, &text).unwrap();
            let answer = calc::find(&case.calc)
                .and_then(|c| c.answer(&case.input, packs))
                .map_or_else(|error| error.to_string(), |answer| answer.to_string());
            println!("{name} {}", Digest::of(answer.as_bytes()));
        }
    }
}

fn read_packs(folder: &Path) -> Packs {
    let mut packs = Packs::new();
    for file in sorted(folder) {
        let text = std::fs::read_to_string(&file).unwrap();
        let pack = Standard::from_toml(&file.display().to_string(), &text).unwrap();
        packs.insert(pack.id.clone(), pack);
    }
    packs
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}
