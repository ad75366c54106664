//! `dutypoint certify`: issue a run's certificate, or render it again.

use crate::Done;
use crate::args::CertifyArgs;
use crate::places::{Places, nanoseconds, station_key};
use crate::report::{paper_name, software, write_files};
use crate::say::Say;
use dutypoint_ledger::{OpenMode, SqliteLedger};
use dutypoint_station::{Issued, issue, load_run, recover, reissue};
use serde_json::json;
use std::path::Path;

pub(crate) async fn run(args: &CertifyArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let (journal, run) = places.find_run(args.journal.as_deref(), &args.run).await?;
    let folder = journal.parent().unwrap_or(Path::new("."));
    if args.formal {
        let against = against(&journal, &run).await?;
        if !against.is_empty() {
            say.document(&json!({ "run": run, "issued": false, "refused_because": against }))?;
            say.line(say.pick("拒绝正式签发：", "formal issue refused:"));
            for reason in &against {
                say.line(format!("  - {}", reason.get(say.lang)));
            }
            return Ok(Done::Failing);
        }
    }
    let out = places.out(Some(args.out.as_deref().unwrap_or(folder)), "")?;
    let issued = match again(&journal, &run).await? {
        Some(issued) => issued,
        None => first(&journal, folder, &run).await?,
    };
    write_files(&out, &issued)?;
    let statement = &issued.certificate.statement;
    say.document(&json!({
        "run": run,
        "issued": true,
        "certificate": statement.number,
        "kind": issued.certificate.kind,
        "data_sha256": statement.data,
        "pdf_sha256": statement.pdf,
        "refused_because": issued.refusals,
        "out": out,
    }))?;
    say.line(format!(
        "{} {}",
        paper_name(say, issued.certificate.kind),
        statement.number
    ));
    say.line(format!("  PDF SHA-256 {}", statement.pdf));
    say.line(format!("  {}", out.join("certificate.pdf").display()));
    Ok(Done::Passing)
}

/// The certificate the run has already: only read, so neither key nor a writable journal
/// is needed.
async fn again(journal: &Path, run: &str) -> anyhow::Result<Option<Issued>> {
    let ledger = SqliteLedger::open(journal, OpenMode::ReadOnly).await?;
    Ok(reissue(&ledger, run).await?)
}

async fn first(journal: &Path, folder: &Path, run: &str) -> anyhow::Result<Issued> {
    let now_ns = nanoseconds(jiff::Timestamp::now())?;
    let mut ledger = SqliteLedger::open(journal, OpenMode::ReadWrite).await?;
    let key = station_key(folder, &ledger).await?;
    recover(&mut ledger, &key, now_ns).await?;
    let issued = issue(&mut ledger, &key, run, now_ns, &software()).await?;
    ledger.close().await?;
    Ok(issued)
}

async fn against(journal: &Path, run: &str) -> anyhow::Result<Vec<dutypoint_model::Bilingual>> {
    let ledger = SqliteLedger::open(journal, OpenMode::ReadOnly).await?;
    let (_, replay) = load_run(&ledger, run).await?;
    crate::report::against(run, &replay)
}
