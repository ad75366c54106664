//! One run: how it went, what was judged, and everything that proves it.

use super::{Place, both, finding_verdict, outcome, page, runs::when, simulated};
use crate::reader::Reader;
use crate::view::{differs, verdict_key};
use dutypoint_certificate::print::{PrintRule, Printer};
use dutypoint_certificate::record::{Evidence, Numbers, chart, overall, refusals};
use dutypoint_engine::Replay;
use dutypoint_model::document::{Finding, Origin, Point};
use dutypoint_model::text::Lang;
use dutypoint_model::{Bilingual, Document, Sealed, Unit};
use maud::{Markup, PreEscaped, html};

/// Size of the curves, mm.
const SIZE: (f64, f64) = (180.0, 190.0);

pub(crate) fn run(reader: &Reader, run: &str, documents: &[Sealed], replay: &Replay) -> Markup {
    let Some(engine) = replay.engine() else {
        return super::message(
            reader,
            run,
            reader.pick("记录没有开始文档。", "The record has no start."),
        );
    };
    let setup = engine.setup();
    let summary = replay.summary();
    let stopped = summary.stop.as_ref().zip(summary.stop_digest);
    let evidence = stopped.map(|(stop, stop_digest)| Evidence {
        engine,
        findings: &summary.findings,
        stop,
        stop_digest,
    });
    let curves = evidence
        .as_ref()
        .and_then(|e| chart(e).ok().flatten())
        .and_then(|c| c.drawing(SIZE, Default::default()).ok());
    let certificate = summary.certificates.last();
    let divergence = replay.divergence();
    // A record that the engine does not give again has no verdict.
    let (word, class) = match &divergence {
        // Whoever evaluates another's data concludes nothing about the pump.
        None if setup.start.origin == Origin::Imported => (
            Bilingual::new("数据评价", "Data evaluation"),
            "not-evaluated",
        ),
        None => {
            let verdict = overall(&summary.findings);
            (verdict.text(), verdict_key(verdict))
        }
        Some(_) => (differs(), "fail"),
    };
    let imported = setup.start.origin == Origin::Imported;
    let label = reader.pick(
        "流量-扬程、功率、效率曲线",
        "Curves of head, power and efficiency over flow",
    );
    let specimen = &setup.order.specimen;
    let content = html! {
        section class="head" {
            div {
                h1 { (specimen.model) " " span class="run" { (run) } }
                p class="sub" {
                    (both(reader, &specimen.product)) " · "
                    (reader.pick("编号", "serial")) " " (specimen.serial) " · "
                    (setup.order.number) " · "
                    (setup.standard().edition) " " (setup.tolerance.grade)
                    @if setup.start.origin == Origin::Simulated { " " (simulated(reader)) }
                    @if imported { " " span class="tag" { (reader.pick("数据评价", "data evaluation")) } }
                }
                @if !imported { p class="sub" {
                    (when(setup.start.t_ns))
                    @if let Some(stop) = &summary.stop { " — " (when(stop.t_ns)) }
                    " · " (setup.start.operator)
                } }
            }
        }
        section class={ "ended " (if summary.stop.is_some() { class } else { "" }) } {
            @if let Some(stop) = &summary.stop {
                span class="word" { (word.get(reader.lang)) }
                span { (outcome(reader, Some(stop.outcome))) }
                @if let Some(reason) = &stop.reason { span { (both(reader, reason)) } }
            } @else {
                span class="word" { (reader.pick("试验未结束", "The run has not ended")) }
                a class="button" href="/" { (reader.pick("实时", "Live")) }
                span class="note" { (reader.pick("若记录程序已停止，下列命令按“记录中断”关闭：", "If its recorder has stopped, this closes it as interrupted: ")) code { "dutypoint certify " (run) } }
            }
        }
        section class="downloads" {
            @match certificate {
                Some(issued) => {
                    a class="button" id="certificate" href={ "/runs/" (run) "/certificate.pdf" } {
                        @if imported { (reader.pick("数据评价报告 PDF", "Evaluation PDF")) }
                        @else { (reader.pick("检测报告 PDF", "Report PDF")) }
                    }
                    a class="button" href={ "/runs/" (run) "/bundle.zip" } { (reader.pick("证据包", "Evidence bundle")) }
                    a class="button" href={ "/runs/" (run) "/result.json" } { "result.json" }
                    span class="note" { (issued.statement.number) " · " (issued.issued) }
                }
                None if summary.stop.is_none() => {}
                None => span class="note" {
                    (reader.pick("尚未签发：", "Nothing issued yet: ")) code { "dutypoint certify " (run) }
                },
            }
        }
        @if let Some(drawing) = &curves {
            section class="chart curves" { (PreEscaped(drawing.svg(label, ""))) }
        }
        @if !summary.findings.is_empty() {
            h2 { (reader.pick("判定", "Findings")) }
            div class="wide" { (findings(reader, &summary.findings)) }
        }
        h2 { (reader.pick("测点", "Points")) }
        div class="wide" { (points(reader, engine.points(), imported)) }
        (course(reader, documents))
        h2 { (reader.pick("证据", "Evidence")) }
        dl class="facts" {
            dt { (reader.pick("文档", "Documents")) } dd { (documents.len()) }
            dt { (reader.pick("重算", "Recomputed")) } dd {
                @match &divergence {
                    None => { (reader.pick("刚刚由原始记录重算：一致", "just now from the raw record: identical")) " (" (summary.identical) ")" }
                    Some(d) => { span class="verdict fail" { (reader.pick("不一致", "different")) } " "
                        (d.seq) " " code { (d.field) } ": " (d.recorded) " ≠ " (d.recomputed) }
                }
            }
            @if let Some(stop) = summary.stop_digest {
                dt { (reader.pick("记录链末端（报告所印）", "Chain head, as printed")) } dd { code { (stop) } }
            }
            @if let Some(last) = documents.last() {
                dt { (reader.pick("最后文档", "Last document")) } dd { code { (last.digest) } }
            }
            @if let Some(issued) = certificate {
                dt { (reader.pick("数据摘要", "Data digest")) } dd { code { (issued.statement.data) } }
                dt { "PDF SHA-256" } dd { code { (issued.statement.pdf) } }
            }
            dt { (reader.pick("软件", "Software")) } dd { (setup.start.software.text()) }
        }
        @if let Some(against) = evidence.as_ref().map(refusals).filter(|r| !r.is_empty()) {
            h2 { (reader.pick("不能签发正式报告的原因", "What stands against a formal report")) }
            ul { @for reason in &against { li { (both(reader, reason)) } } }
        }
    };
    page(reader, Place::Runs, run, &content)
}

fn findings(reader: &Reader, findings: &[Finding]) -> Markup {
    let (reported, judged): (Vec<&Finding>, Vec<&Finding>) = findings
        .iter()
        .partition(|f| f.item.is_reported() && f.limit.is_none());
    html! {
        (judged_table(reader, &judged))
        @if !reported.is_empty() {
            p { (reader.pick("规定流量下的实测值（无限值）：", "Measured at the guaranteed flow, no limit stated: "))
                @for (n, f) in reported.iter().enumerate() {
                    @if n > 0 { " · " }
                    (both(reader, &f.item.text())) " "
                    @if let Some(value) = f.value { (Numbers(f).number(value)) }
                }
            }
        }
    }
}

fn judged_table(reader: &Reader, judged: &[&Finding]) -> Markup {
    html! { table class="findings" {
        thead { tr {
            th { (reader.pick("项目", "Item")) }
            th class="num" { (reader.pick("结果", "Value")) }
            th class="num" { "U (k=2)" }
            th { (reader.pick("要求", "Permitted")) }
            th class="num" { (reader.pick("裕量", "Margin")) }
            th { (reader.pick("判定", "Verdict")) }
            th { (reader.pick("依据", "By")) }
        } }
        tbody { @for f in judged {
            tr {
                td { (both(reader, &f.item.text()))
                    @if !f.decisive { " " span class="tag" { (reader.pick("参考", "informs")) } } }
                td class="num" { (Numbers(f).value().unwrap_or_default()) }
                td class="num" { (Numbers(f).uncertainty().unwrap_or_default()) }
                td { (Numbers(f).limit().unwrap_or_default()) }
                td class="num" { (Numbers(f).margin().unwrap_or_default()) }
                td { (finding_verdict(reader, f)) }
                td { (f.pack) " " (f.clause_text().get(reader.lang)) }
            }
            @if f.reason.is_some() || !f.variants.is_empty() {
                tr class="more" { td colspan="7" {
                    @if let Some(reason) = &f.reason { p { (both(reader, reason)) } }
                    @if !f.variants.is_empty() {
                        p { (reader.pick("若用其他次数拟合：", "With other degrees of the fit: "))
                            @for (n, v) in f.variants.iter().enumerate() {
                                @if n > 0 { " · " }
                                (v.fit) " "
                                @if let Some(value) = v.value { (Numbers(f).number(value)) " " }
                                (f.say(v.verdict).get(reader.lang))
                                @if !v.admissible { " " (reader.pick("（标准不允许）", "(not admissible)")) }
                            }
                        }
                    }
                } }
            }
        } }
    } }
}

fn points(reader: &Reader, points: &[Point], imported: bool) -> Markup {
    // Rounded as on the paper, so that both can be compared by their digits.
    let printer = Printer {
        efficiency_decimals: 1,
    };
    let of = |rule, unit: Unit, value| printer.number(rule, unit.from_internal(value));
    html! { table {
        thead { tr {
            th class="num" { (reader.pick("序号", "No.")) }
            th class="num" { "Q (m³/h)" }
            th class="num" { "H (m)" }
            th class="num" { "P (kW)" }
            th class="num" { "η (%)" }
            th class="num" { "n (r/min)" }
            @if !imported { th { (reader.pick("取点时间", "Taken")) } }
            th { (reader.pick("采用", "Accepted")) }
        } }
        tbody { @for p in points { tr class=[(!p.accepted).then_some("rejected")] {
            td class="num" { (p.number) @if p.attempt > 1 { " (" (p.attempt) ")" } }
            @match &p.reduced {
                Some(r) => {
                    td class="num" { (of(PrintRule::Flow, Unit::CubicMetrePerHour, r.flow_m3_s)) }
                    td class="num" { (of(PrintRule::Head, Unit::Metre, r.head_m)) }
                    td class="num" { (of(PrintRule::Power, Unit::Kilowatt, r.power_w)) }
                    td class="num" { (of(PrintRule::Efficiency, Unit::Percent, r.efficiency)) }
                    td class="num" { @if let Some(n) = r.speed_rpm { (of(PrintRule::Speed, Unit::RevolutionPerMinute, n)) } }
                }
                None => td colspan="5" {},
            }
            @if !imported { td { (when(p.to_ns)) } }
            td { @if p.accepted { (reader.pick("是", "yes")) } @else {
                (reader.pick("否：", "no: "))
                @if let Some(reason) = &p.reason { (both(reader, reason)) }
            } }
        } } }
    } }
}

/// The roles this program gives, in the reader's language; any other as recorded.
fn role<'a>(reader: &Reader, role: &'a str) -> &'a str {
    match (role, reader.lang) {
        ("technician", Lang::Zh) => "试验员",
        ("station", Lang::Zh) => "试验站",
        _ => role,
    }
}

/// Everything that was no reading and no point: who did what, and what was missing.
fn course(reader: &Reader, documents: &[Sealed]) -> Markup {
    let lines: Vec<(u64, String, String)> = documents
        .iter()
        .filter_map(|sealed| match &sealed.doc {
            Document::Act(act) => Some((
                sealed.seq,
                when(act.t_ns),
                format!("{} ({}): {}", act.who, role(reader, &act.role), act.reason),
            )),
            Document::Effect(effect) => Some((
                sealed.seq,
                when(effect.t_ns),
                effect.text.get(reader.lang).to_owned(),
            )),
            Document::Hold(hold) => Some((
                sealed.seq,
                when(hold.t_ns),
                format!(
                    "{} — {}",
                    reader.pick("试验暂停，待人确认", "held until a person says so"),
                    hold.text.get(reader.lang)
                ),
            )),
            Document::Gap(gap) => Some((
                sealed.seq,
                when(gap.from_ns),
                format!(
                    "{} {} — {}",
                    reader.pick("缺口，至", "gap until"),
                    when(gap.to_ns),
                    gap.cause.get(reader.lang)
                ),
            )),
            _ => None,
        })
        .collect();
    html! {
        @if !lines.is_empty() {
            h2 { (reader.pick("过程与缺口", "Acts and gaps")) }
            div class="wide" { table {
                thead { tr {
                    th class="num" { (reader.pick("文档号", "Document")) }
                    th { (reader.pick("时间", "Time")) }
                    th { (reader.pick("内容", "What")) }
                } }
                tbody { @for (seq, when, what) in &lines { tr {
                    td class="num" { (seq) } td { (when) } td { (what) }
                } } }
            } }
        }
    }
}
