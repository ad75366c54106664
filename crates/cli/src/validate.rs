//! `dutypoint validate`: the engine held against published cases.

use crate::args::ValidateArgs;
use crate::places::{read_text, write};
use crate::say::{Say, bad};
use crate::{Done, embedded};
use dutypoint_engine::validate::{Case, Checked, Dossier, PackUsed};
use dutypoint_model::Digest;
use indicatif::ProgressBar;
use serde_json::json;
use std::path::Path;

pub(crate) fn run(args: &ValidateArgs, say: Say) -> anyhow::Result<Done> {
    let mut cases = match &args.cases {
        Some(folder) => own(folder)?,
        None => embedded::CASES
            .iter()
            .map(|file| Ok(Case::read(file.path, file.text)?))
            .collect::<anyhow::Result<_>>()?,
    };
    if let Some(part) = &args.only {
        cases.retain(|case| case.name.contains(part.as_str()));
    }
    if cases.is_empty() {
        return Err(bad(
            "failed to find a case: --cases names a folder with AREA/CASE.json, --only a part of a name",
        ));
    }
    let dossier = check(args, &cases)?;
    print(&dossier, say);
    if let Some(folder) = &args.out {
        std::fs::create_dir_all(folder)
            .map_err(|e| bad(format!("failed to create folder {}: {e}", folder.display())))?;
        let pdf = dutypoint_certificate::render_dossier(&dossier)?;
        write(&folder.join("validation.pdf"), &pdf)?;
        let text = serde_json::to_string_pretty(&dossier)? + "\n";
        write(&folder.join("validation.json"), text.as_bytes())?;
        say.line(format!("{}", folder.join("validation.pdf").display()));
    }
    say.document(&json!({
        "cases": dossier.cases.len(),
        "passing": dossier.passing(),
        "dossier": dossier,
    }))?;
    Ok(if dossier.passing() == dossier.cases.len() {
        Done::Passing
    } else {
        Done::Failing
    })
}

/// The cases of a folder, `AREA/CASE.json`, in the order of their names.
fn own(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let list = |folder: &Path| {
        let entries = std::fs::read_dir(folder).and_then(|entries| {
            entries
                .map(|e| Ok(e?.path()))
                .collect::<Result<Vec<_>, _>>()
        });
        let mut entries =
            entries.map_err(|e| bad(format!("failed to read folder {}: {e}", folder.display())))?;
        entries.sort();
        anyhow::Ok(entries)
    };
    let mut cases = Vec::new();
    for area in list(folder)?.iter().filter(|path| path.is_dir()) {
        let files = list(area)?;
        for file in files
            .iter()
            .filter(|f| f.extension().is_some_and(|e| e == "json"))
        {
            let place = file.strip_prefix(folder).unwrap_or(file);
            cases.push(Case::read(&place.to_string_lossy(), &read_text(file)?)?);
        }
    }
    Ok(cases)
}

fn check(args: &ValidateArgs, cases: &[Case]) -> anyhow::Result<Dossier> {
    let packs = embedded::packs()?;
    let used = embedded::folder("standards").filter_map(|file| {
        let pack = packs.get(file.stem())?;
        Some(PackUsed {
            id: pack.id.clone(),
            edition: pack.edition.clone(),
            version: pack.version,
            digest: Digest::of(file.text.as_bytes()),
        })
    });
    let bar = ProgressBar::new(cases.len().try_into().unwrap_or(u64::MAX));
    let checked = cases.iter().map(|case| {
        bar.inc(1);
        case.check(&packs)
    });
    let dossier = Dossier {
        software: env!("CARGO_BIN_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        by: args.by.clone(),
        on: args.on.clone(),
        cases: checked.collect(),
        packs: used.collect(),
    };
    bar.finish_and_clear();
    Ok(dossier)
}

fn print(dossier: &Dossier, say: Say) {
    for area in dossier.areas() {
        let cases: Vec<&Checked> = dossier.area(area).collect();
        let results = cases.iter().map(|case| case.results.len()).sum::<usize>();
        let passing = cases.iter().filter(|case| case.pass).count();
        say.line(format!(
            "{area:<16} {} {:>4} {}, {results:>5} {}, {}",
            mark(passing == cases.len()),
            cases.len(),
            say.pick("个案例", "cases"),
            say.pick("个结果", "results"),
            if passing == cases.len() {
                say.pick("全部符合", "all as expected").to_owned()
            } else {
                format!(
                    "{} {}",
                    cases.len() - passing,
                    say.pick("个不符合", "not as expected")
                )
            }
        ));
    }
    for case in dossier.cases.iter().filter(|case| !case.pass) {
        say.line(format!("\n{}  {}", case.name, case.title.get(say.lang)));
        for result in case.results.iter().filter(|result| !result.pass) {
            let got = result
                .got
                .as_ref()
                .map_or_else(|| "—".to_owned(), ToString::to_string);
            say.line(format!(
                "  {} {} {} {} {got}",
                result.at,
                say.pick("期望", "expected"),
                result.expected,
                say.pick("得到", "got"),
            ));
        }
    }
    say.line(format!(
        "{} {}, {} {}",
        dossier.cases.len(),
        say.pick("个案例", "cases"),
        dossier.passing(),
        say.pick("个符合", "as expected")
    ));
}

fn mark(pass: bool) -> &'static str {
    if pass { "✓" } else { "✗" }
}
