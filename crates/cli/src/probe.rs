//! `dutypoint probe`: who is on a line that nobody knows yet.

mod bench;

pub(crate) use bench::setting;

use crate::args::ProbeArgs;
use crate::places::{Places, write};
use crate::say::{Say, bad};
use crate::signals::Ends;
use crate::{Done, profiles};
use dutypoint_engine::config::{Bench, Endpoint};
use dutypoint_fieldbus::{
    Device, Fit, InstrumentProfile, ProbeReport, ProbeSetup, Reply, latency_timer_ms, probe,
    settings, stable_name,
};
use indicatif::{ProgressBar, ProgressDrawTarget};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Latency timer above which an adapter slows the line down, milliseconds.
const FAST_TIMER_MS: u32 = 1;

pub(crate) async fn run(args: &ProbeArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    if let Some(path) = args.write.as_deref().filter(|path| path.exists()) {
        return Err(bad(format!(
            "failed to write {}: it is there already; choose another name",
            path.display()
        )));
    }
    let all = profiles::by_id(places, &args.profiles)?;
    let profile = match &args.profile {
        None => None,
        Some(id) => Some(all.get(id).cloned().ok_or_else(|| {
            bad(format!(
                "failed to find profile {id:?}; dutypoint instruments list shows those there are"
            ))
        })?),
    };
    let serial = is_serial(&args.target);
    let tried = if serial {
        let port = stable_name(Path::new(&args.target));
        let port = port.map_or_else(|| args.target.clone(), |p| p.display().to_string());
        settings(&port, profile.as_ref(), &args.baud)
    } else {
        vec![Endpoint::tcp(with_port(&args.target))]
    };
    let setup = ProbeSetup {
        settings: tried,
        units: args.units.clone(),
        patience: Duration::from_millis(if serial { 200 } else { 1000 }),
        pause: Duration::from_millis(20),
        listen: Duration::from_millis(1500),
        // What is known is not asked for the registers of others: its own may forbid them.
        candidates: match &profile {
            Some(profile) => vec![profile.clone()],
            None => all.values().cloned().collect(),
        },
        profile,
        display: args.value,
    };
    let latency = serial
        .then(|| latency_timer_ms(Path::new(&args.target)))
        .flatten();
    let mut ends = Ends::listen()?;
    let report = {
        let bar = ProgressBar::new(0);
        if say.json {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let probing = probe(&setup, |p| {
            bar.set_length(p.of as u64);
            bar.set_position(p.done as u64);
            bar.set_message(format!("{} · {}", bench::setting(p.setting), p.unit_id));
        });
        let probed = tokio::select! {
            probed = probing => probed,
            // Nothing has been written yet, neither to a device nor to a file.
            end = ends.next() => return Err(bad(format!("stopped by {}; nothing was written", end.name()))),
        };
        bar.finish_and_clear();
        probed.map_err(|error| bad(error.to_string()))?
    };
    let file = match &args.write {
        Some(path) if !report.devices.is_empty() => Some((path, text(&report, &setup, &all)?)),
        _ => None,
    };
    if let Some((path, text)) = &file {
        write(path, text.as_bytes())?;
    }
    say.document(&document(
        &report,
        latency,
        file.as_ref().map(|(p, _)| p.as_path()),
    ))?;
    tell(&report, latency, say);
    if let Some((path, _)) = &file {
        say.line(format!(
            "{} {}\n  {}",
            say.pick("已写入", "written:"),
            path.display(),
            say.pick(
                "场地、管路、编号与校准为占位值，标有“待填 FILL IN”，须填写后方可试验。",
                "Site, pipes, serial numbers and calibration are placeholders marked FILL IN: fill them in before a test."
            )
        ));
    }
    Ok(if report.devices.is_empty() {
        Done::Failing
    } else {
        Done::Passing
    })
}

/// The bench file, read once by its own reader before it is written.
fn text(
    report: &ProbeReport,
    setup: &ProbeSetup,
    all: &std::collections::BTreeMap<String, InstrumentProfile>,
) -> anyhow::Result<String> {
    let text = bench::text(report, setup.profile.as_ref(), all).map_err(bad)?;
    Bench::parse("bench.toml", &text)?;
    Ok(text)
}

fn is_serial(target: &str) -> bool {
    let windows = target.len() > 3
        && target.is_char_boundary(3)
        && target.split_at(3).0.eq_ignore_ascii_case("com")
        && target.chars().skip(3).all(|c| c.is_ascii_digit());
    target.contains('/') || target.contains('\\') || windows
}

/// 502 is the port of Modbus TCP.
fn with_port(target: &str) -> String {
    let bare_v6 = target.matches(':').count() > 1 && !target.contains(']');
    match (bare_v6, target.rsplit_once(':')) {
        (true, _) => format!("[{target}]:502"),
        (false, Some((_, port))) if port.parse::<u16>().is_ok() => target.to_owned(),
        _ => format!("{target}:502"),
    }
}

fn document(report: &ProbeReport, latency: Option<u32>, file: Option<&Path>) -> Value {
    let setting = report.endpoint.as_ref().map(|endpoint| match endpoint {
        Endpoint::Rtu {
            port,
            baud,
            parity,
            stop_bits,
        } => json!({ "port": port, "baud": baud, "parity": bench::parity(*parity), "stop_bits": stop_bits }),
        other => json!({ "address": other.port() }),
    });
    let fit = |f: &Fit| {
        json!({
            "profile": f.profile, "register": f.register, "index": f.index,
            "order": f.order, "value": f.value, "unit": f.unit.map(dutypoint_model::Unit::symbol),
        })
    };
    let device = |d: &Device| {
        let (words, exception) = match &d.reply {
            Reply::Words(words) => (Some(words), None),
            Reply::Exception(code) => (None, Some(code)),
            Reply::Silence | Reply::Late => (None, None),
        };
        json!({
            "unit_id": d.unit_id, "words": words, "exception": exception,
            "late": d.reply == Reply::Late, "identification": d.identification,
            "candidates": d.candidates, "fits": d.fits.iter().map(fit).collect::<Vec<_>>(),
        })
    };
    json!({
        "setting": setting,
        "devices": report.devices.iter().map(device).collect::<Vec<_>>(),
        "noisy": report.noisy.iter().map(bench::setting).collect::<Vec<_>>(),
        "latency_timer_ms": latency,
        "file": file,
    })
}

fn tell(report: &ProbeReport, latency: Option<u32>, say: Say) {
    match &report.endpoint {
        Some(endpoint) => say.line(bench::setting(endpoint)),
        None => say.line(say.pick(
            "无应答：检查接线（A/B 是否接反）、供电、站号，并扩大 --units 与 --baud。",
            "Nobody answered: check wiring (A and B swapped?), supply and unit id; widen --units and --baud.",
        )),
    }
    for device in &report.devices {
        let reply = match &device.reply {
            Reply::Words(words) => format!("{words:?}"),
            Reply::Exception(code) => format!("{} {code}", say.pick("异常", "exception")),
            Reply::Late => say.pick("应答过慢", "answers late").to_owned(),
            Reply::Silence => String::new(),
        };
        say.line(format!(
            "  {} {}: {reply}",
            say.pick("站号", "unit"),
            device.unit_id
        ));
        for (object, text) in &device.identification {
            say.line(format!("    43/14 {object}: {text}"));
        }
        for id in &device.candidates {
            say.line(format!("    {} {id}", say.pick("可能是", "may be")));
        }
        for fit in &device.fits {
            let order = fit.order.map(bench::order).unwrap_or_default();
            let unit = fit.unit.map_or("", dutypoint_model::Unit::printed);
            let index = fit.index.map(|n| format!("[{n}]")).unwrap_or_default();
            say.line(format!(
                "    {} {}{index} {order} = {} {unit}",
                fit.profile, fit.register, fit.value
            ));
        }
    }
    for noisy in &report.noisy {
        say.line(format!(
            "  {}: {}",
            bench::setting(noisy),
            say.pick(
                "收到不成帧的字节：波特率或校验不符，或线路有干扰",
                "bytes came that are no answer: wrong baud rate or parity, or noise"
            )
        ));
    }
    if let Some(ms) = latency.filter(|ms| *ms > FAST_TIMER_MS) {
        say.line(format!(
            "  {} {ms} ms: {}",
            say.pick("USB 转换器延迟定时器", "latency timer of the USB adapter"),
            say.pick(
                "每次应答都被推迟；将 latency_timer 设为 1",
                "it holds every answer back; set latency_timer to 1"
            )
        ));
    }
}
