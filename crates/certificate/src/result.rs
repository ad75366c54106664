//! `result.json`: the numbers of a certificate for programs, unrounded, units in names.

use crate::data::CertificateData;
use crate::record::{Evidence, IssueFacts, overall};
use dutypoint_model::document::{Finding, IssueKind, Point};
use dutypoint_model::{Bilingual, Outcome, Verdict};
use serde::Serialize;

#[derive(Serialize)]
struct ResultFile<'a> {
    format: &'static str,
    run: &'a str,
    number: &'a str,
    kind: IssueKind,
    issued: &'a str,
    order: &'a str,
    specimen: &'a str,
    serial: &'a str,
    outcome: Outcome,
    verdict: Verdict,
    guarantee_flow_m3_s: f64,
    guarantee_head_m: f64,
    packs: Vec<&'a str>,
    formal_issue_refused: &'a [Bilingual],
    findings: &'a [Finding],
    #[serde(skip_serializing_if = "Option::is_none")]
    energy: Option<&'a crate::data::EnergyLabel>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    not_tested: &'a [crate::data::NotTested],
    points: Vec<PointLine<'a>>,
}

#[derive(Serialize)]
struct PointLine<'a> {
    number: u32,
    attempt: u32,
    accepted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sets: Option<&'a dutypoint_model::document::RepeatedSets>,
    #[serde(flatten)]
    reduced: Option<&'a dutypoint_model::document::Reduced>,
}

/// The bytes of `result.json`; the same evidence gives the same bytes.
pub(crate) fn result(
    run: &str,
    evidence: &Evidence<'_>,
    facts: &IssueFacts,
    data: &CertificateData,
) -> Vec<u8> {
    let setup = evidence.engine.setup();
    let file = ResultFile {
        format: "dutypoint-result/0",
        run,
        number: &facts.number,
        kind: facts.kind,
        issued: &facts.issued,
        order: &setup.order.number,
        specimen: &setup.order.specimen.model,
        serial: &setup.order.specimen.serial,
        outcome: evidence.stop.outcome,
        verdict: overall(evidence.findings),
        guarantee_flow_m3_s: setup.flow_m3_s,
        guarantee_head_m: setup.head_m,
        packs: setup.packs.iter().map(|p| p.id.as_str()).collect(),
        formal_issue_refused: &data.refusals,
        findings: evidence.findings,
        energy: data.energy.as_ref(),
        not_tested: &data.not_tested,
        points: evidence.engine.points().iter().map(line).collect(),
    };
    // Every field has a JSON form: strings, finite numbers, lists.
    let mut bytes = serde_json::to_vec_pretty(&file).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn line(point: &Point) -> PointLine<'_> {
    PointLine {
        number: point.number,
        attempt: point.attempt,
        accepted: point.accepted,
        sets: point.sets.as_ref(),
        reduced: point.reduced.as_ref(),
    }
}
