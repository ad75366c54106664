//! The list of runs.

use super::{Place, outcome, page, simulated, verdict};
use crate::journals::Catalogue;
use crate::reader::Reader;
use dutypoint_certificate::record::rfc3339;
use dutypoint_model::document::Origin;
use maud::{Markup, html};

/// Runs on one page; older ones are found by their number.
const MOST: usize = 200;

pub(crate) fn runs(reader: &Reader, catalogue: &Catalogue) -> Markup {
    let title = reader.pick("试验", "Runs");
    let content = html! {
        h1 { (title) }
        @for why in &catalogue.unreadable {
            p class="banner" role="alert" { (reader.pick("无法读取：", "Cannot be read: ")) (why) }
        }
        @if catalogue.runs.is_empty() && catalogue.unreadable.is_empty() {
            p { (reader.pick("尚无试验记录。", "No run has been recorded yet.")) }
            p { code { "dutypoint demo" } " " (reader.pick("在模拟试验台上做一次完整试验。", "runs a whole test on a simulated bench.")) }
        } @else {
            div class="wide" { table {
                thead { tr {
                    th { (reader.pick("试验编号", "Run")) }
                    th { (reader.pick("开始时间", "Begun")) }
                    th { (reader.pick("试验台", "Bench")) }
                    th { (reader.pick("操作员", "Operator")) }
                    th { (reader.pick("试验过程", "Course")) }
                    th { (reader.pick("判定", "Verdict")) }
                    th class="num" { (reader.pick("测点", "Points")) }
                    th class="num" { (reader.pick("缺口", "Gaps")) }
                    th { (reader.pick("检测报告", "Report")) }
                } }
                tbody { @for (_, run) in catalogue.runs.iter().take(MOST) { tr {
                    td { a href={ "/runs/" (run.run) } { (run.run) } }
                    td { (when(run.started_ns)) }
                    td { (run.station) " " @if run.origin == Origin::Simulated { (simulated(reader)) } }
                    td { (run.operator) }
                    td { (outcome(reader, run.outcome)) }
                    td { @if let Some(v) = run.verdict { (verdict(reader, v)) } }
                    td class="num" { (run.points) }
                    td class="num" { (run.gaps) }
                    td { @if let Some(number) = &run.certificate {
                        a href={ "/runs/" (run.run) "/certificate.pdf" } { (number) }
                    } }
                } } }
            } }
            @if catalogue.runs.len() > MOST {
                p class="note" { (reader.pick("仅显示最近的试验：", "Only the latest runs are shown: ")) (MOST) " / " (catalogue.runs.len()) }
            }
        }
    };
    page(reader, Place::Runs, title, &content)
}

/// China's civil time to the second, without the letter between date and time.
pub(crate) fn when(t_ns: i64) -> String {
    rfc3339(t_ns)
        .chars()
        .take(19)
        .collect::<String>()
        .replace('T', " ")
}
