//! The live page: what a technician reads from across the hall.

use super::{Place, page, simulated};
use crate::follow::Shown;
use crate::reader::Reader;
use crate::view::{Big, ChannelLine, LiveView};
use dutypoint_ledger::RunSummary;
use maud::{Markup, PreEscaped, html};

pub(crate) fn live(reader: &Reader, shown: &Shown, last: Option<&RunSummary>) -> Markup {
    let title = reader.pick("实时", "Live");
    let content = match (&shown.view, &shown.chart) {
        (Some((view, _)), Some(chart)) => {
            let label = reader.pick("流量-扬程图", "Flow-head chart");
            running(reader, view, &chart.svg(label))
        }
        _ => idle(reader, last),
    };
    page(reader, Place::Live, title, &content)
}

fn idle(reader: &Reader, last: Option<&RunSummary>) -> Markup {
    html! {
        div id="live" data-run="" {
            h1 { (reader.pick("没有正在进行的试验", "No test is running")) }
            p { (reader.pick(
                "试验开始后，本页自动显示。",
                "This page shows a test as soon as one begins."
            )) }
            @if let Some(last) = last {
                p {
                    (reader.pick("最近一次试验：", "Latest run: "))
                    a href={ "/runs/" (last.run) } { (last.run) } " "
                    (super::outcome(reader, last.outcome)) " "
                    @if let Some(verdict) = last.verdict { (super::verdict(reader, verdict)) }
                }
            }
        }
        script src="/assets/live.js" defer {}
    }
}

fn running(reader: &Reader, view: &LiveView, chart: &str) -> Markup {
    html! {
        div id="live" class=[view.ended.is_some().then_some("over")] data-run=(view.run) data-chart=(view.chart) {
            section class="head" {
                div {
                    h1 { (view.specimen) }
                    p class="sub" {
                        (view.order) " · " (view.basis) " · "
                        a href={ "/runs/" (view.run) } { (view.run) }
                        @if view.simulated { " " (simulated(reader)) }
                    }
                }
                div class="state" data-phase=(view.phase) id="state" {
                    span class="phase" id="phase" { (view.phase_text.get(reader.lang)) }
                    span class="count" {
                        (reader.pick("测点", "point")) " "
                        span id="point" { (view.point) } "/" span id="points" { (view.points) }
                        " · " (reader.pick("已取", "taken")) " " span id="accepted" { (view.accepted) }
                        " · " (reader.pick("目标", "target")) " Q " span id="target" { (view.target) } " m³/h"
                    }
                }
            }
            (ended(reader, view))
            p id="banner" class="banner" role="alert" hidden[view.held.is_none()] {
                @if let Some(held) = &view.held { (held.get(reader.lang)) }
            }
            p id="waiting" class="waiting" aria-live="polite" {
                @if let Some(text) = &view.waiting { (text.get(reader.lang)) }
            }
            p id="blocking" class="blocking" aria-live="polite" {
                @if let Some(text) = &view.blocking { (text.get(reader.lang)) }
            }
            p id="alarms" class="alarms" role="alert" { (alarms(reader, view)) }
            div class="board" {
                section class="bigs" aria-label=(reader.pick("主要数值", "Main numbers")) {
                    p class="last" { (reader.pick("试验已结束，以下为最后读数", "The run is over; these are its last readings")) }
                    @for number in &view.big { (big(reader, number)) }
                }
                section id="chart" class="chart" { (PreEscaped(chart)) }
            }
            section class="strip" {
                h2 { (reader.pick("稳定性", "Steadiness")) }
                div class="wide" { table {
                    thead { tr {
                        th { (reader.pick("仪表", "Instrument")) }
                        th { (reader.pick("通道", "Channel")) }
                        th class="num" { (reader.pick("数值", "Value")) }
                        th { (reader.pick("单位", "Unit")) }
                        th class="num" { (reader.pick("时龄", "Age")) }
                        th { (reader.pick("质量", "Quality")) }
                        th { (reader.pick("占允许波动", "Of permitted movement")) }
                        th { (reader.pick("状态", "State")) }
                    } }
                    tbody { @for line in &view.channels { (channel(reader, line)) } }
                } }
                p class="note" { (reader.pick(
                    "所示数值均已入库；平均窗口内的波动和漂移按标准允许值计。",
                    "Every number shown is already in the journal; movement is amplitude or drift over the averaging window, against what the standard permits."
                )) }
            }
        }
        script src="/assets/live.js" defer {}
    }
}

fn ended(reader: &Reader, view: &LiveView) -> Markup {
    let ended = view.ended.as_ref();
    html! {
        section id="ended" class={ "ended " (ended.map_or("", |e| e.verdict)) } hidden[ended.is_none()] {
            span id="ended-verdict" class="word" { @if let Some(e) = ended { (e.verdict_text.get(reader.lang)) } }
            span id="ended-outcome" { @if let Some(e) = ended { (e.outcome.get(reader.lang)) } }
            span id="ended-reason" { @if let Some(r) = ended.and_then(|e| e.reason.as_ref()) { (r.get(reader.lang)) } }
            a class="button" href={ "/runs/" (view.run) } { (reader.pick("查看结果与报告", "Results and report")) }
        }
    }
}

fn big(reader: &Reader, number: &Big) -> Markup {
    html! {
        div class="big" id={ "big-" (number.key) } data-quality=(number.quality) data-at=[number.at_ms] data-age=[number.age_s] {
            span class="name" { (number.name.get(reader.lang)) " " i { (number.symbol) } }
            span class="value" { (number.value.as_deref().unwrap_or("—")) }
            span class="unit" { (number.unit) }
            span class="age" { (age(number.age_s)) }
        }
    }
}

fn channel(reader: &Reader, line: &ChannelLine) -> Markup {
    let state = match line.steady {
        Some(true) => reader.pick("● 稳定", "● steady"),
        Some(false) => reader.pick("▲ 不稳定", "▲ not steady"),
        None => "",
    };
    html! {
        tr id={ "ch-" (line.key) } data-quality=(line.quality) data-at=[line.at_ms] data-age=[line.age_s]
           data-steady=[line.steady.map(|s| if s { "yes" } else { "no" })] {
            td { (line.tag) }
            td { (line.name.get(reader.lang)) " " span class="key" { (line.key) } }
            td class="num value" { (line.value.as_deref().unwrap_or("—")) }
            td { (line.unit) }
            td class="num age" { (age(line.age_s)) }
            td class="quality" { (quality(reader, line)) }
            td class="used" {
                meter min="0" max="100" high="99.999" value=(line.used_pct.unwrap_or(0.0)) hidden[line.used_pct.is_none()] {}
                " " span class="used-text" { (line.used_text.as_deref().unwrap_or("")) }
            }
            td class="steady" { (state) }
        }
    }
}

fn alarms(reader: &Reader, view: &LiveView) -> String {
    let texts: Vec<&str> = view.alarms.iter().map(|a| a.get(reader.lang)).collect();
    texts.join(" · ")
}

fn age(age_s: Option<f64>) -> String {
    age_s.map_or_else(String::new, |age_s| format!("{age_s:.1} s"))
}

fn quality(reader: &Reader, line: &ChannelLine) -> String {
    let word = match line.quality {
        "good" => reader.pick("正常", "good"),
        "bad" => reader.pick("无效", "bad"),
        "silent" => reader.pick("无应答", "silent"),
        _ => reader.pick("尚无数据", "no data yet"),
    };
    match &line.why {
        Some(why) => format!("{word}: {}", why.get(reader.lang)),
        None => word.to_owned(),
    }
}
