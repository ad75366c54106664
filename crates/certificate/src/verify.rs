//! The offline verifier: a bundle proves itself, or it is said where it fails.
//!
//! Steps, in order: container → manifest → chain → files → signatures → recompute →
//! paper. Each step needs the ones before it; the first that fails is named with the
//! document or entry, and nothing after it is claimed.

use crate::bundle::{self, Entries};
use crate::record::{self, Evidence, IssueFacts};
use crate::{Error, render};
use dutypoint_engine::{Files, Replay, ReplaySummary, RunEngine, files_named};
use dutypoint_model::document::{Certificate, FileRef, Software};
use dutypoint_model::seal::{ChainHead, Checkpoint};
use dutypoint_model::{Bilingual, Digest, Document, Sealed, cbor};
use ed25519_dalek::{Signature, VerifyingKey};
use serde::Serialize;

/// A step of the verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The zip file and the names in it.
    Container,
    /// The digest of every entry.
    Manifest,
    /// Canonical bytes and hash chain of the run.
    Chain,
    /// The files the run depends on.
    Files,
    /// Checkpoint and statement.
    Signatures,
    /// The engine gives the recorded documents again.
    Recompute,
    /// The paper and the result come out of the evidence again, to the byte.
    Paper,
}

/// Every step, in order.
pub const STEPS: [Step; 7] = [
    Step::Container,
    Step::Manifest,
    Step::Chain,
    Step::Files,
    Step::Signatures,
    Step::Recompute,
    Step::Paper,
];

impl Step {
    /// The name people read.
    #[must_use]
    pub fn text(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Container => ("压缩包", "container"),
            Self::Manifest => ("清单", "manifest"),
            Self::Chain => ("记录链", "chain"),
            Self::Files => ("依据文件", "files"),
            Self::Signatures => ("签名", "signatures"),
            Self::Recompute => ("重算", "recompute"),
            Self::Paper => ("报告文件", "paper"),
        };
        Bilingual::new(zh, en)
    }
}

/// Why a bundle does not verify.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The step that failed.
    pub step: Step,
    /// The entry or document, and what is wrong with it. What a library said about the
    /// bytes is English in both.
    pub why: Bilingual,
}

/// What is wrong with the entry or document at `place`.
fn wrong(place: impl std::fmt::Display, zh: impl AsRef<str>, en: impl AsRef<str>) -> Bilingual {
    Bilingual::new(
        format!("{place}：{}", zh.as_ref()),
        format!("{place}: {}", en.as_ref()),
    )
}

/// What a library said, with `zh` to say in Chinese what it was about.
fn said(zh: &str, error: impl std::fmt::Display) -> Bilingual {
    Bilingual::new(format!("{zh}：{error}"), error.to_string())
}

/// What a verification has shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Steps that hold.
    pub proved: Vec<Step>,
    /// The first step that does not.
    pub failure: Option<Failure>,
    /// The run.
    pub run: Option<String>,
    /// The certificate's number.
    pub number: Option<String>,
    /// Documents in the chain.
    pub documents: u64,
    /// Outputs recomputed and equal.
    pub recomputed: u64,
    /// The key the bundle is signed with, hexadecimal.
    pub signer: Option<String>,
    /// Whether that key is among those the caller trusts.
    pub trusted: bool,
    /// The software that recorded the run.
    pub recorded_by: Option<Software>,
    /// The software that issued the certificate.
    pub issued_by: Option<Software>,
}

impl Report {
    /// Whether everything holds.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.failure.is_none()
    }
}

/// Verifies the bundle `bytes`; `trust` holds the public keys the caller trusts.
#[must_use]
pub fn verify(bytes: &[u8], trust: &[[u8; 32]]) -> Report {
    let mut report = Report {
        proved: Vec::new(),
        failure: None,
        run: None,
        number: None,
        documents: 0,
        recomputed: 0,
        signer: None,
        trusted: false,
        recorded_by: None,
        issued_by: None,
    };
    if let Err(why) = steps(bytes, trust, &mut report) {
        // The step after the last one proved.
        let step = STEPS
            .get(report.proved.len())
            .copied()
            .unwrap_or(Step::Paper);
        report.failure = Some(Failure { step, why });
    }
    report
}

fn steps(bytes: &[u8], trust: &[[u8; 32]], report: &mut Report) -> Result<(), Bilingual> {
    let entries = bundle::unpack(bytes).map_err(|e| said("不是证据包", e))?;
    if entry(&entries, bundle::README)? != bundle::README_TEXT.as_bytes() {
        return Err(wrong(
            bundle::README,
            "不是每个证据包都带的那段文字",
            "not the text every bundle carries",
        ));
    }
    report.proved.push(Step::Container);

    let recorded = entry(&entries, bundle::MANIFEST)?;
    manifest(&entries, recorded)?;
    report.proved.push(Step::Manifest);

    let documents =
        open_journal(entry(&entries, bundle::JOURNAL)?).map_err(|e| said("记录链不成立", e))?;
    report.documents = u64::try_from(documents.len()).unwrap_or(u64::MAX);
    report.run = documents.first().map(|d| d.run.clone());
    report.recorded_by = documents.first().and_then(|d| match &d.doc {
        Document::Start(start) => Some(start.software.clone()),
        _ => None,
    });
    report.proved.push(Step::Chain);

    let files = files(&entries, &documents)?;
    report.proved.push(Step::Files);

    let checkpoint: Checkpoint = decode(&entries, bundle::CHECKPOINT)?;
    let certificate: Certificate = decode(&entries, bundle::STATEMENT)?;
    report.number = Some(certificate.statement.number.clone());
    report.issued_by = Some(certificate.statement.software.clone());
    report.signer = Some(dutypoint_model::digest::hex(&certificate.key.0));
    signatures(&documents, &entries, &checkpoint, &certificate)?;
    report.trusted = trust.iter().any(|key| key[..] == certificate.key.0[..]);
    if !trust.is_empty() && !report.trusted {
        let signer = report.signer.clone().unwrap_or_default();
        return Err(wrong(
            bundle::STATEMENT,
            format!("签名公钥 {signer} 不在受信任的公钥之列"),
            format!("signed with key {signer}, which is not among the trusted keys"),
        ));
    }
    report.proved.push(Step::Signatures);

    let replay = replay(&documents, files).map_err(|e| said("无法重算", e))?;
    let summary = replay.summary().clone();
    report.recomputed = summary.identical;
    if let Some(d) = summary.divergence {
        return Err(Bilingual::new(
            format!(
                "文档 {}，字段 {}：记录为 {}，重算为 {}",
                d.seq, d.field, d.recorded, d.recomputed
            ),
            format!(
                "document {}, field {}: recorded {}, recomputed {}",
                d.seq, d.field, d.recorded, d.recomputed
            ),
        ));
    }
    if let Some(missing) = replay.pending().next() {
        let kind = missing.kind();
        return Err(Bilingual::new(
            format!("记录在应有的 {kind} 文档之前结束"),
            format!("the journal ends before a {kind} that follows from it"),
        ));
    }
    report.proved.push(Step::Recompute);

    let engine = replay
        .engine()
        .ok_or_else(|| Bilingual::new("记录中没有试验", "the journal holds no run"))?;
    let paper = paper(engine, replay.summary(), &checkpoint, &certificate)?;
    for (name, again) in [(bundle::PDF, &paper.pdf), (bundle::RESULT, &paper.result)] {
        let recorded = entry(&entries, name)?;
        if recorded != again {
            let at = recorded
                .iter()
                .zip(again)
                .position(|(a, b)| a != b)
                .unwrap_or_else(|| recorded.len().min(again.len()));
            return Err(wrong(
                name,
                format!("从第 {at} 字节起与证据不一致"),
                format!("differs from the evidence at byte {at}"),
            ));
        }
    }
    if paper.data != certificate.statement.data {
        let (data, signed) = (paper.data, certificate.statement.data);
        return Err(wrong(
            bundle::STATEMENT,
            format!("报告数据的摘要为 {data}，签名的是 {signed}"),
            format!("the certificate data have digest {data}, signed was {signed}"),
        ));
    }
    report.proved.push(Step::Paper);
    Ok(())
}

fn entry<'a>(entries: &'a Entries, name: &str) -> Result<&'a Vec<u8>, Bilingual> {
    entries
        .get(name)
        .ok_or_else(|| wrong(name, "缺失", "missing"))
}

fn decode<T: serde::de::DeserializeOwned + Serialize>(
    entries: &Entries,
    name: &str,
) -> Result<T, Bilingual> {
    cbor::decode(entry(entries, name)?)
        .map_err(|e| wrong(name, format!("无法解码：{e}"), e.to_string()))
}

/// Compares by bytes; names the first line that differs.
fn manifest(entries: &Entries, recorded: &[u8]) -> Result<(), Bilingual> {
    let expected = bundle::manifest(entries);
    if recorded == expected {
        return Ok(());
    }
    let lines = |bytes: &[u8]| -> Vec<String> {
        String::from_utf8_lossy(bytes)
            .lines()
            .map(ToOwned::to_owned)
            .collect()
    };
    let (recorded, expected) = (lines(recorded), lines(&expected));
    let place = expected
        .iter()
        .find(|line| !recorded.contains(line))
        .and_then(|line| line.split("  ").nth(1).map(ToOwned::to_owned))
        .unwrap_or_else(|| bundle::MANIFEST.into());
    Err(wrong(
        place,
        format!("与 {} 中的摘要不一致", bundle::MANIFEST),
        format!("differs from the digest in {}", bundle::MANIFEST),
    ))
}

/// The sealed documents of a CBOR sequence, their chain followed.
///
/// # Errors
/// A text naming the document.
pub fn open_journal(bytes: &[u8]) -> Result<Vec<Sealed>, String> {
    let mut documents = Vec::new();
    let mut rest = bytes;
    let mut head: Option<ChainHead> = None;
    while !rest.is_empty() {
        let place = |error: dutypoint_model::Error| {
            format!("{} document {}: {error}", bundle::JOURNAL, documents.len())
        };
        let length = cbor::item_length(rest).map_err(place)?;
        let (item, after) = rest.split_at(length);
        rest = after;
        let chain = match &mut head {
            Some(chain) => chain,
            None => {
                let first = Sealed::open(Digest::ZERO, item.to_vec()).map_err(place)?;
                head.insert(ChainHead::new(&first.run))
            }
        };
        let sealed = chain.follow(item.to_vec()).map_err(place)?;
        documents.push(sealed);
    }
    if documents.is_empty() {
        return Err(format!("{}: empty", bundle::JOURNAL));
    }
    Ok(documents)
}

/// The files of a bundle by digest; every file the run names must be there.
fn files(entries: &Entries, documents: &[Sealed]) -> Result<Files, Bilingual> {
    let mut files = Files::new();
    for (name, bytes) in entries {
        if let Some(digest) = name.strip_prefix(bundle::FILES) {
            let actual = Digest::of(bytes);
            if actual.to_string() != digest {
                return Err(wrong(
                    name,
                    format!("内容的摘要为 {actual}"),
                    format!("its content has digest {actual}"),
                ));
            }
            files.insert(actual, bytes.clone());
        }
    }
    let named: Vec<&FileRef> = documents.iter().flat_map(|d| files_named(&d.doc)).collect();
    for file in &named {
        if !files.contains_key(&file.digest) {
            return Err(wrong(
                format!("{}{}", bundle::FILES, file.digest),
                format!("缺失（{}）", file.name),
                format!("missing ({})", file.name),
            ));
        }
    }
    if let Some(stray) = files
        .keys()
        .find(|d| !named.iter().any(|f| f.digest == **d))
    {
        return Err(wrong(
            format!("{}{stray}", bundle::FILES),
            "试验没有引用它",
            "the run does not name it",
        ));
    }
    Ok(files)
}

fn signatures(
    documents: &[Sealed],
    entries: &Entries,
    checkpoint: &Checkpoint,
    certificate: &Certificate,
) -> Result<(), Bilingual> {
    let stop = documents
        .iter()
        .find(|d| matches!(d.doc, Document::Stop(_)))
        .ok_or_else(|| Bilingual::new("试验没有结束", "the run has no stop"))?;
    let body = &checkpoint.body;
    if (body.run.as_str(), body.stop_seq, body.stop) != (stop.run.as_str(), stop.seq, stop.digest) {
        return Err(wrong(
            bundle::CHECKPOINT,
            format!("说的不是试验 {} 的结束", stop.run),
            format!("does not speak of the stop of run {}", stop.run),
        ));
    }
    signed(
        bundle::CHECKPOINT,
        body,
        &checkpoint.key.0,
        &checkpoint.signature.0,
    )?;
    let in_journal = documents
        .iter()
        .any(|d| matches!(&d.doc, Document::Certificate(c) if **c == *certificate));
    if !in_journal {
        return Err(wrong(
            bundle::STATEMENT,
            "记录中没有这次签发",
            "the journal holds no such issue",
        ));
    }
    let statement = &certificate.statement;
    signed(
        bundle::STATEMENT,
        statement,
        &certificate.key.0,
        &certificate.signature.0,
    )?;
    if certificate.key != checkpoint.key {
        return Err(wrong(
            bundle::STATEMENT,
            format!("所用公钥与 {} 的不同", bundle::CHECKPOINT),
            format!("signed with another key than {}", bundle::CHECKPOINT),
        ));
    }
    let pdf = Digest::of(entry(entries, bundle::PDF)?);
    if (statement.run.as_str(), statement.stop, statement.pdf)
        != (stop.run.as_str(), stop.digest, pdf)
    {
        return Err(wrong(
            bundle::STATEMENT,
            "试验、结束或 PDF 不是签名的那一份",
            "run, stop or PDF is not the one that was signed",
        ));
    }
    Ok(())
}

/// Whether the signature of an issue belongs to its statement and to the key it names.
#[must_use]
pub fn statement_is_signed(certificate: &Certificate) -> bool {
    let Certificate {
        statement,
        key,
        signature,
        ..
    } = certificate;
    signed(bundle::STATEMENT, statement, &key.0, &signature.0).is_ok()
}

/// Checks an Ed25519 signature strictly over the canonical bytes of `message`.
fn signed<T: Serialize>(
    name: &str,
    message: &T,
    key: &[u8],
    signature: &[u8],
) -> Result<(), Bilingual> {
    let key: [u8; 32] = key
        .try_into()
        .map_err(|_| wrong(name, "公钥不是 32 字节", "the key has not 32 bytes"))?;
    let key = VerifyingKey::from_bytes(&key)
        .map_err(|_| wrong(name, "公钥不是 Ed25519 公钥", "the key is no Ed25519 key"))?;
    let signature = Signature::from_slice(signature)
        .map_err(|_| wrong(name, "签名不是 64 字节", "the signature has not 64 bytes"))?;
    let message =
        cbor::encode(message).map_err(|e| wrong(name, format!("无法编码：{e}"), e.to_string()))?;
    key.verify_strict(&message, &signature).map_err(|_| {
        wrong(
            name,
            "签名与内容和公钥不符",
            "the signature does not belong to the content and the key",
        )
    })
}

/// Replays `documents` with `files`.
///
/// # Errors
/// A text naming the document that cannot be followed.
pub fn replay(documents: &[Sealed], files: Files) -> Result<Replay, String> {
    let mut replay = Replay::new(files);
    for sealed in documents {
        replay
            .feed(sealed)
            .map_err(|e| format!("document {}: {e}", sealed.seq))?;
    }
    Ok(replay)
}

/// What an issue consists of.
#[derive(Clone, Debug, PartialEq)]
pub struct Paper {
    /// Digest of the certificate data.
    pub data: Digest,
    /// The PDF.
    pub pdf: Vec<u8>,
    /// The result as JSON.
    pub result: Vec<u8>,
}

/// Renders the paper of a replayed run.
///
/// # Errors
/// As [`render`]; [`Error::Bundle`] for a run without a stop.
pub fn render_paper(
    run: &str,
    engine: &RunEngine,
    summary: &ReplaySummary,
    facts: &IssueFacts,
) -> Result<Paper, Error> {
    let (Some(stop), Some(stop_digest)) = (&summary.stop, summary.stop_digest) else {
        return Err(Error::Bundle {
            why: "the run has no stop".into(),
        });
    };
    let evidence = Evidence {
        engine,
        findings: &summary.findings,
        stop,
        stop_digest,
    };
    let data = record::certificate_data(run, &evidence, facts)?;
    let result = crate::result::result(run, &evidence, facts, &data);
    Ok(Paper {
        data: record::digest(&data)?,
        pdf: render(&data)?,
        result,
    })
}

fn paper(
    engine: &RunEngine,
    summary: &ReplaySummary,
    checkpoint: &Checkpoint,
    certificate: &Certificate,
) -> Result<Paper, Bilingual> {
    let statement = &certificate.statement;
    let body = cbor::encode(&checkpoint.body).map_err(|e| said("无法编码", e))?;
    let facts = IssueFacts {
        kind: certificate.kind,
        number: statement.number.clone(),
        issued: certificate.issued.clone(),
        checkpoint: Some(Digest::of(&body)),
        software: statement.software.clone(),
    };
    render_paper(&statement.run, engine, summary, &facts).map_err(|e| said("无法重新生成", e))
}
