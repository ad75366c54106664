//! `dutypoint plan`: what goes over the wires of a bench, and what it costs.

use crate::args::PlanArgs;
use crate::places::{Places, read_text};
use crate::say::Say;
use crate::{Done, calibrations, profiles};
use dutypoint_engine::config::Bench;
use dutypoint_fieldbus::{ASSUMED_RESPONSE_MS, LineLoad, RequestLoad, load};
use dutypoint_model::document::{Channels, Poll};
use serde_json::{Value, json};

pub(crate) fn run(args: &PlanArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let (name, text) = (args.bench.display().to_string(), read_text(&args.bench)?);
    let mut bench = Bench::parse(&name, &text)?;
    bench.resolve(&name, &text, &calibrations::register(places)?)?;
    let profiles = profiles::by_id(places, &args.profiles)?;
    let channels = dutypoint_fieldbus::plan(&bench, &profiles)?.channels;
    let lines = load(&bench, &profiles, &channels)?;
    say.line(format!("{}  {}", bench.id, bench.name.get(say.lang)));
    for line in &lines {
        print(line, &channels, say);
    }
    if lines.iter().flat_map(|l| &l.requests).any(|r| r.assumed) {
        say.line(format!(
            "\n* {}",
            say.pick(
                &format!("资料未给出应答时间，按 {ASSUMED_RESPONSE_MS} ms 计"),
                &format!(
                    "no source states the time to an answer; {ASSUMED_RESPONSE_MS} ms are assumed"
                ),
            )
        ));
    }
    let lines: Vec<Value> = lines.iter().map(|l| described(l, &channels)).collect();
    say.document(&json!({
        "bench": bench.id, "assumed_response_ms": ASSUMED_RESPONSE_MS, "lines": lines,
    }))?;
    Ok(Done::Passing)
}

/// Names of the channels a request fills.
fn fills<'a>(request: &RequestLoad, channels: &'a Channels) -> Vec<&'a str> {
    let all = channels.channels.iter();
    all.filter(|c| c.poll == request.poll.id)
        .map(|c| c.name.as_str())
        .collect()
}

/// What a poll asks for, in words.
fn asked(poll: &Poll, say: Say) -> String {
    match &poll.message {
        None => {
            let last = u32::from(poll.address) + u32::from(poll.count) - 1;
            format!(
                "{} {}  {} {}  {} {}..{last}",
                say.pick("单元", "unit"),
                poll.unit_id,
                say.pick("功能", "function"),
                poll.function,
                say.pick("寄存器", "registers"),
                poll.address,
            )
        }
        Some(message) => match &message.send {
            None => say.pick("主动上传", "pushed").to_owned(),
            Some(bytes) => format!(
                "{} {:?}",
                say.pick("发送", "sends"),
                String::from_utf8_lossy(&bytes.0)
            ),
        },
    }
}

fn print(line: &LineLoad, channels: &Channels, say: Say) {
    let kind = match (line.baud, line.silence_ms) {
        (Some(baud), None) => format!("serial {baud}"),
        (Some(baud), Some(silence)) => format!(
            "rtu {baud}  {} {silence:.2} ms",
            say.pick("帧间静默", "silence between frames")
        ),
        (None, Some(silence)) => format!(
            "rtu_tcp  {} {silence:.2} ms",
            say.pick("帧间静默", "silence between frames")
        ),
        _ if line.connections > 1 => format!(
            "tcp  {} {}",
            line.connections,
            say.pick("个连接", "connections")
        ),
        _ => "tcp".to_owned(),
    };
    say.line(format!("\n{}  {kind}", line.line));
    for request in &line.requests {
        let poll = &request.poll;
        let mark = if request.assumed { "*" } else { "" };
        say.line(format!(
            "    {}  {}  {} + {} B  {:.1} + {:.1}{mark} ms  {} {} ms  {:.1} %  {}",
            poll.instrument,
            asked(poll, say),
            request.request_bytes,
            request.answer_bytes,
            request.wire_ms,
            request.total_ms - request.wire_ms,
            say.pick("每", "every"),
            poll.period_ms,
            request.load_pct(),
            fills(request, channels).join(", ")
        ));
    }
    say.line(format!(
        "    {} {:.1} ms  {} {:.1} %  {} {:.0} ms",
        say.pick("一轮", "one round"),
        line.cycle_ms,
        say.pick("负荷", "load"),
        line.load_pct,
        say.pick("每次无应答占用", "each lost answer costs"),
        line.lost_ms
    ));
    for remark in &line.remarks {
        say.line(format!(
            "    {} {}",
            say.pick("注意", "remark:"),
            remark.get(say.lang)
        ));
    }
}

fn described(line: &LineLoad, channels: &Channels) -> Value {
    let requests: Vec<Value> = line
        .requests
        .iter()
        .map(|request| {
            let poll = &request.poll;
            json!({
                "instrument": poll.instrument, "unit_id": poll.unit_id, "function": poll.function,
                "address": poll.address, "count": poll.count, "period_ms": poll.period_ms,
                "message": poll.message,
                "channels": fills(request, channels),
                "request_bytes": request.request_bytes, "answer_bytes": request.answer_bytes,
                "wire_ms": request.wire_ms, "response_ms": request.response_ms,
                "response_assumed": request.assumed, "total_ms": request.total_ms,
                "load_pct": request.load_pct(),
            })
        })
        .collect();
    json!({
        "line": line.line, "baud": line.baud, "silence_ms": line.silence_ms,
        "connections": line.connections,
        "cycle_ms": line.cycle_ms, "load_pct": line.load_pct, "lost_ms": line.lost_ms,
        "remarks": line.remarks, "requests": requests,
    })
}
