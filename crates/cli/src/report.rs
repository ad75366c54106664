//! The summary of a finished run, for people and for programs.

use crate::Done;
use crate::places::write;
use crate::say::Say;
use dutypoint_certificate::record::{Evidence, Numbers, refusals};
use dutypoint_certificate::verify::{Report, verify};
use dutypoint_engine::Replay;
use dutypoint_ledger::{Signer as _, SqliteLedger, StationKey};
use dutypoint_model::document::{Finding, IssueKind, Software};
use dutypoint_model::{Bilingual, Digest, Outcome, Verdict};
use dutypoint_station::{Issued, issue, load_run};
use serde_json::json;
use std::path::Path;
use std::sync::OnceLock;

/// The software as documents name it.
pub(crate) fn software() -> Software {
    Software {
        name: "dutypoint".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        build: build().to_owned(),
        formulas: dutypoint_engine::FORMULAS
            .iter()
            .map(|f| (*f).to_owned())
            .collect(),
    }
}

/// The SHA-256 of this program's file: two builds of one version differ in it.
pub(crate) fn build() -> &'static str {
    static BUILD: OnceLock<String> = OnceLock::new();
    BUILD.get_or_init(|| {
        let program = std::env::current_exe().and_then(std::fs::read);
        program.map_or_else(
            |_| "unknown".to_owned(),
            |bytes| Digest::of(&bytes).to_string(),
        )
    })
}

/// By which build a run was recorded and by which it is computed again, where they differ:
/// what counts is that the numbers agree.
pub(crate) fn builds(say: Say, recorded: &Software) -> String {
    let (theirs, ours) = (recorded.text(), software().text());
    if recorded.build == build() {
        format!(
            "  {} {theirs}",
            say.pick("记录与重算程序", "recorded and computed again by")
        )
    } else {
        format!(
            "  {} {theirs} · {} {ours}",
            say.pick("记录程序", "recorded by"),
            say.pick("重算程序", "computed again by")
        )
    }
}

/// A run that was issued: where its files lie and what their verification has shown.
struct Proved<'a> {
    issued: &'a Issued,
    proof: Report,
    out: &'a Path,
}

/// Issues a finished run, writes its files to `out`, verifies and replays them, and says
/// what came of it.
pub(crate) async fn conclude(
    ledger: &mut SqliteLedger,
    key: &StationKey,
    run: &str,
    out: &Path,
    now_ns: i64,
    say: Say,
) -> anyhow::Result<Done> {
    let issued = issue(ledger, key, run, now_ns, &software()).await?;
    present(ledger, run, &issued, &key.public_key(), out, say).await
}

/// Writes the files of an issue to `out`, verifies and replays them, and says what came of
/// it.
pub(crate) async fn present(
    ledger: &SqliteLedger,
    run: &str,
    issued: &Issued,
    trusted: &[u8; 32],
    out: &Path,
    say: Say,
) -> anyhow::Result<Done> {
    write_files(out, issued)?;
    // What is proved is what lies on the disk.
    let bundle = crate::places::read(&out.join("bundle.zip"))?;
    let proof = verify(&bundle, &[*trusted]);
    let refusals = issued.refusals.clone();
    let proved = Proved { issued, proof, out };
    tell(ledger, run, Some(proved), refusals, say).await
}

/// Says what came of a run for which nothing was issued.
pub(crate) async fn unissued(ledger: &SqliteLedger, run: &str, say: Say) -> anyhow::Result<Done> {
    let (_, replay) = load_run(ledger, run).await?;
    let refusals = against(run, &replay)?;
    tell(ledger, run, None, refusals, say).await
}

/// Everything that stands against a formal certificate of a run.
pub(crate) fn against(run: &str, replay: &Replay) -> anyhow::Result<Vec<Bilingual>> {
    let summary = replay.summary();
    let (Some(engine), Some(stop), Some(stop_digest)) =
        (replay.engine(), &summary.stop, summary.stop_digest)
    else {
        return Err(crate::say::bad(format!(
            "failed to certify run {run}: it has no stop"
        )));
    };
    Ok(refusals(&Evidence {
        engine,
        findings: &summary.findings,
        stop,
        stop_digest,
    }))
}

async fn tell(
    ledger: &SqliteLedger,
    run: &str,
    proved: Option<Proved<'_>>,
    refusals: Vec<Bilingual>,
    say: Say,
) -> anyhow::Result<Done> {
    let (_, replay) = load_run(ledger, run).await?;
    let summary = replay.finish();
    let outcome = summary.stop.as_ref().map(|s| s.outcome);
    let verdict = dutypoint_certificate::record::overall(&summary.findings);
    let identical = summary.divergence.is_none();
    let issue = proved.as_ref().map(|p| &p.issued.certificate);
    let file = |name| proved.as_ref().map(|p| p.out.join(name));

    say.document(&json!({
        "run": run,
        "outcome": outcome,
        "reason": summary.stop.as_ref().and_then(|s| s.reason.clone()),
        "verdict": verdict,
        "findings": summary.findings,
        "certificate": issue.map(|c| &c.statement.number),
        "kind": issue.map(|c| c.kind),
        "formal_issue": { "issued": refusals.is_empty(), "refused_because": refusals },
        "verify": proved.as_ref().map(|p| &p.proof),
        "replay": if identical { "identical" } else { "diverged" },
        "files": {
            "certificate": file("certificate.pdf"),
            "bundle": file("bundle.zip"),
            "result": file("result.json"),
            "journal": ledger.path(),
        },
    }))?;
    print(
        say,
        run,
        &summary,
        proved.as_ref(),
        &refusals,
        ledger.path(),
    );

    let sound = identical && proved.is_none_or(|p| p.proof.is_proved());
    Ok(match outcome {
        Some(Outcome::FailedToStart) => Done::BadInput,
        Some(Outcome::Completed) if sound && verdict == Verdict::Pass => Done::Passing,
        _ => Done::Failing,
    })
}

/// Writes paper, bundle and result, each whole or not at all.
pub(crate) fn write_files(out: &Path, issued: &Issued) -> anyhow::Result<()> {
    write(&out.join("certificate.pdf"), &issued.paper.pdf)?;
    write(&out.join("result.json"), &issued.paper.result)?;
    write(&out.join("bundle.zip"), &issued.bundle)
}

fn print(
    say: Say,
    run: &str,
    summary: &dutypoint_engine::ReplaySummary,
    proved: Option<&Proved<'_>>,
    refusals: &[Bilingual],
    journal: &Path,
) {
    let Some(stop) = &summary.stop else { return };
    say.line(format!(
        "\n{} {run}: {}",
        say.pick("试验", "run"),
        stop.outcome.text().get(say.lang)
    ));
    if let Some(reason) = &stop.reason {
        say.line(format!("  {}", reason.get(say.lang)));
    }
    say.line(format!(
        "  {} {} · {} {} · {} {}",
        say.pick("文档", "documents"),
        summary.documents,
        say.pick("测点", "points"),
        stop.points,
        say.pick("缺口", "gaps"),
        stop.gaps
    ));
    say.line(say.pick("\n判定", "\nfindings"));
    let (reported, judged): (Vec<_>, Vec<_>) = summary
        .findings
        .iter()
        .partition(|f| f.item.is_reported() && f.limit.is_none());
    for finding in judged {
        say.line(format!("  {}", finding_line(say, finding)));
        if let Some(reason) = &finding.reason {
            say.line(format!("      {}", reason.get(say.lang)));
        }
        for variant in &finding.variants {
            let Some(value) = variant.value else { continue };
            say.line(format!(
                "      {} {}: {} {}",
                say.pick("若用", "with"),
                variant.fit,
                Numbers(finding).number(value),
                finding.say(variant.verdict).get(say.lang)
            ));
        }
    }
    if !reported.is_empty() {
        let each = reported.iter().filter_map(|f| {
            let value = Numbers(f).value()?;
            Some(format!("{} {value}", f.item.text().get(say.lang)))
        });
        say.line(format!(
            "  {}: {}",
            say.pick(
                "规定流量下的实测值（无限值）",
                "Measured at the guaranteed flow, no limit stated"
            ),
            each.collect::<Vec<_>>().join(" · ")
        ));
    }
    match proved {
        Some(Proved { issued, .. }) => say.line(format!(
            "\n{} {}",
            paper_name(say, issued.certificate.kind),
            issued.certificate.statement.number
        )),
        None => say.line(say.pick("\n没有签发报告", "\nno certificate was issued")),
    }
    if !refusals.is_empty() {
        say.line(say.pick("  拒绝正式签发：", "  formal issue refused:"));
        for reason in refusals {
            say.line(format!("    - {}", reason.get(say.lang)));
        }
    }
    if let Some(Proved { proof, .. }) = proved {
        say.line(format!("  {}", proof_line(say, proof)));
    }
    say.line(format!(
        "  {}: {}",
        say.pick("重算", "replay"),
        if summary.divergence.is_none() {
            say.pick("一致 (identical)", "identical")
        } else {
            say.pick("不一致", "diverged")
        }
    ));
    say.line(say.pick("\n文件", "\nfiles"));
    if let Some(Proved { out, .. }) = proved {
        for name in ["certificate.pdf", "bundle.zip", "result.json"] {
            say.line(format!("  {}", out.join(name).display()));
        }
    }
    say.line(format!("  {}", journal.display()));
}

/// One finding in a line.
pub(crate) fn finding_line(say: Say, f: &Finding) -> String {
    let item = f.item.text();
    let numbers = Numbers(f);
    let value = numbers.value().unwrap_or_default();
    let limit = match numbers.limit() {
        Some(band) if band.contains('…') => format!("[{band}]"),
        other => other.unwrap_or_default(),
    };
    let u = numbers
        .uncertainty()
        .map(|u| format!("U {u}"))
        .unwrap_or_default();
    let clause = f.clause_text();
    let source = format!("{} {}", f.pack, clause.get(say.lang));
    let source = source.trim().to_owned();
    let parts = [value, limit, u, source];
    let detail: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|p| !p.trim().is_empty())
        .collect();
    format!(
        "{}: {}  {}",
        item.get(say.lang),
        f.say(f.verdict).get(say.lang),
        detail.join("  ")
    )
}

/// What the paper of a run is called.
pub(crate) fn paper_name(say: Say, kind: IssueKind) -> &'static str {
    match kind {
        IssueKind::DataEvaluation => say.pick("数据评价报告", "data evaluation"),
        IssueKind::Formal | IssueKind::Simulated => say.pick("检测报告", "certificate"),
    }
}

/// What a verification has shown, in a line.
pub(crate) fn proof_line(say: Say, proof: &Report) -> String {
    match &proof.failure {
        Some(failure) => format!(
            "{} {}: {}",
            say.pick("验证失败，步骤", "verification failed at step"),
            failure.step.text().get(say.lang),
            failure.why.get(say.lang)
        ),
        None if proof.trusted => format!(
            "{} ({} {})",
            say.pick(
                "验证通过：完整，签名者可信",
                "verified: intact, signer trusted"
            ),
            proof.recomputed,
            say.pick("份文档重算一致", "documents recomputed identical")
        ),
        None => format!(
            "{} ({} {})",
            say.pick(
                "验证通过：完整，签名者未知",
                "verified: intact, signer unknown"
            ),
            proof.recomputed,
            say.pick("份文档重算一致", "documents recomputed identical")
        ),
    }
}
