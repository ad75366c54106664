//! The check page: whether a report in somebody's hand was issued here.

use super::{Place, finding_verdict, page};
use crate::reader::Reader;
use dutypoint_certificate::record::Numbers;
use dutypoint_model::document::{Certificate, Finding, IssueKind};
use maud::{Markup, html};

/// What a look-up has found.
#[derive(Debug)]
pub(crate) enum Found {
    /// Nothing was asked.
    NotAsked,
    /// No report with this number and code.
    Nothing,
    /// The run of this number cannot be read, and why.
    Damaged(String),
    /// The report.
    Report(Box<Report>),
}

/// What a holder of number and code may know.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) certificate: Certificate,
    /// Model and serial number.
    pub(crate) specimen: String,
    /// The order's number, grade and guarantee.
    pub(crate) basis: String,
    /// What was judged.
    pub(crate) findings: Vec<Finding>,
    /// Whether the journal gives every result again.
    pub(crate) identical: bool,
    /// Whether the station's signature belongs to the statement.
    pub(crate) signed: bool,
}

pub(crate) fn check(reader: &Reader, number: &str, token: &str, found: &Found) -> Markup {
    let title = reader.pick("报告查验", "Check a report");
    let content = html! {
        h1 { (title) }
        p { (reader.pick(
            "输入报告编号和数据摘要的前 16 位（印在报告“数据溯源”栏）。",
            "Enter the report's number and the first 16 digits of its data digest, printed under “Evidence”."
        )) }
        form method="get" action="/check" class="check" {
            label { (reader.pick("报告编号", "Number"))
                input name="number" value=(number) required maxlength="100" autocomplete="off" spellcheck="false" placeholder="SIM-R20261123-…"; }
            label { (reader.pick("查验码", "Code"))
                input name="token" value=(token) required minlength="16" maxlength="80" autocomplete="off" spellcheck="false" placeholder="9f2c41d07be8a355"; }
            button type="submit" { (reader.pick("查验", "Check")) }
        }
        @match found {
            Found::NotAsked => {}
            Found::Nothing => section class="ended fail" role="status" {
                span class="word" { (reader.pick("查无此报告", "No such report")) }
                span { (reader.pick(
                    "本控制台读取的记录中，没有编号与查验码同时相符的报告。请核对输入；若无误，它不是由这些记录签发的，或其记录在别处。",
                    "In the journals this console reads, no report has this number together with this code. Check what you typed; if it is right, the report was not issued from these journals, or its journal lies elsewhere."
                )) }
            },
            Found::Damaged(why) => section class="ended inconclusive" role="status" {
                span class="word" { (reader.pick("记录受损，无法查验", "The record is damaged: nothing can be checked")) }
                span { (reader.pick("报告的真伪不能由此判断。请用 dutypoint fsck 检查记录：", "This says nothing about the report. Look at the journal with dutypoint fsck: ")) (why) }
            },
            Found::Report(report) => (known(reader, report)),
        }
    };
    page(reader, Place::Check, title, &content)
}

fn known(reader: &Reader, report: &Report) -> Markup {
    let statement = &report.certificate.statement;
    let sound = report.identical && report.signed;
    let (class, word) = match (sound, report.certificate.kind) {
        (false, _) => (
            "fail",
            reader.pick(
                "记录与签发不一致",
                "The record no longer agrees with what was issued",
            ),
        ),
        (true, IssueKind::Formal) => ("pass", reader.pick("有效", "Valid")),
        (true, IssueKind::Simulated) => (
            "not-evaluated",
            reader.pick(
                "模拟数据，不是对实物的检测",
                "Simulated: no physical pump was tested",
            ),
        ),
        (true, IssueKind::DataEvaluation) => (
            "not-evaluated",
            reader.pick(
                "数据评价，不是检测报告",
                "Data evaluation, not a test report",
            ),
        ),
    };
    html! {
        section class={ "ended " (class) } role="status" { span class="word" { (word) } }
        dl class="facts" {
            dt { (reader.pick("报告编号", "Number")) } dd { (statement.number) }
            dt { (reader.pick("签发时间", "Issued")) } dd { (report.certificate.issued) }
            dt { (reader.pick("样品", "Specimen")) } dd { (report.specimen) }
            dt { (reader.pick("依据", "Basis")) } dd { (report.basis) }
            // What is printed on paper in somebody's hand must be these numbers.
            @for f in report.findings.iter().filter(|f| f.value.is_some()) {
                dt { (f.item.text().get(reader.lang)) }
                dd {
                    (Numbers(f).value().unwrap_or_default())
                    @if let Some(limit) = Numbers(f).limit() { " (" (limit) ")" }
                    @if f.limit.is_some() { " " (finding_verdict(reader, f)) }
                }
            }
            dt { (reader.pick("签名", "Signature")) } dd {
                @if report.signed { (reader.pick("与签发声明相符", "belongs to the statement of issue")) }
                @else { (reader.pick("不符", "does not belong to the statement")) }
            }
            dt { (reader.pick("重算", "Recomputed")) } dd {
                @if report.identical { (reader.pick("刚刚由原始记录重算，结果一致", "just now from the raw record, identical")) }
                @else { (reader.pick("不一致", "different")) }
            }
            dt { "PDF SHA-256" } dd { code id="pdf-digest" { (statement.pdf) } }
        }
        div class="drop" id="drop" hidden {
            label { (reader.pick("核对手中的 PDF 文件（不上传）：", "Compare the PDF you hold (it is not uploaded): "))
                input type="file" id="pdf" accept="application/pdf,.pdf"; }
            p id="pdf-result" role="status"
              data-same=(reader.pick("● 相同：与签发的文件逐字节一致", "● the same: byte for byte the file that was issued"))
              data-other=(reader.pick("✕ 不同：不是签发的文件", "✕ different: not the file that was issued")) {}
        }
        script src="/assets/check.js" defer {}
    }
}
