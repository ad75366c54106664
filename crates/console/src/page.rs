//! Pages: HTML rendered here, complete without a script.

pub(crate) mod check;
pub(crate) mod live;
pub(crate) mod run;
pub(crate) mod runs;

use crate::reader::{Reader, code};
use dutypoint_model::document::Finding;
use dutypoint_model::text::Lang;
use dutypoint_model::{Bilingual, Outcome, Verdict};
use maud::{DOCTYPE, Markup, html};

/// Where a page belongs in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Live,
    Runs,
    Check,
    Nowhere,
}

/// A whole page around `content`.
pub(crate) fn page(reader: &Reader, place: Place, title: &str, content: &Markup) -> Markup {
    let link = |to: Place, address: &str, text: &str| {
        html! {
            a href=(address) aria-current=[(to == place).then_some("page")] { (text) }
        }
    };
    let other = match reader.lang {
        Lang::Zh => (Lang::En, "English"),
        Lang::En => (Lang::Zh, "中文"),
    };
    let html_lang = match reader.lang {
        Lang::Zh => "zh-CN",
        Lang::En => "en",
    };
    html! {
        (DOCTYPE)
        html lang=(html_lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Dutypoint" }
                link rel="icon" href="/assets/mark.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/console.css";
            }
            body {
                header class="bar" {
                    a class="brand" href="/" { "Dutypoint" }
                    nav aria-label=(reader.pick("主导航", "Main")) {
                        (link(Place::Live, "/", reader.pick("实时", "Live")))
                        (link(Place::Runs, "/runs", reader.pick("试验", "Runs")))
                        (link(Place::Check, "/check", reader.pick("报告查验", "Check a report")))
                    }
                    a class="switch" href=(reader.switched(other.0)) lang=(code(other.0)) { (other.1) }
                }
                main { (content) }
            }
        }
    }
}

/// A page that says why there is nothing else to show.
pub(crate) fn message(reader: &Reader, title: &str, text: &str) -> Markup {
    let content = html! {
        h1 { (title) }
        p { (text) }
        p { a href="/runs" { (reader.pick("全部试验", "All runs")) } }
    };
    page(reader, Place::Nowhere, title, &content)
}

/// A verdict by shape and word, never by colour alone.
pub(crate) fn verdict(reader: &Reader, verdict: Verdict) -> Markup {
    told(reader, verdict, &verdict.text(), true)
}

/// The verdict of a finding in the words its item takes; a grade that nobody requires is
/// reached or not, and no failure.
pub(crate) fn finding_verdict(reader: &Reader, finding: &Finding) -> Markup {
    let judged = finding.decisive || finding.verdict != Verdict::Fail;
    let words = finding.say(finding.verdict);
    told(reader, finding.verdict, &words, judged)
}

fn told(reader: &Reader, verdict: Verdict, words: &Bilingual, judged: bool) -> Markup {
    let shape = match verdict {
        Verdict::Pass => "●",
        Verdict::Fail => "✕",
        Verdict::Inconclusive => "◐",
        Verdict::NotEvaluated => "○",
    };
    html! {
        span class={ "verdict " (if judged { crate::view::verdict_key(verdict) } else { "not-evaluated" }) } {
            span class="shape" aria-hidden="true" { (shape) } " " (words.get(reader.lang))
        }
    }
}

pub(crate) fn outcome(reader: &Reader, outcome: Option<Outcome>) -> String {
    match outcome {
        Some(outcome) => outcome.text().get(reader.lang).to_owned(),
        None => reader.pick("未结束", "open").to_owned(),
    }
}

/// The mark every number of a simulated bench carries.
pub(crate) fn simulated(reader: &Reader) -> Markup {
    html! { span class="tag simulated" { (reader.pick("模拟数据", "SIMULATED")) } }
}

pub(crate) fn both(reader: &Reader, text: &Bilingual) -> Markup {
    html! { (text.get(reader.lang)) }
}
