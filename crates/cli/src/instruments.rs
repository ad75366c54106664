//! `dutypoint instruments`: the profiles there are, one of them, and what is wrong with a
//! new one.

mod messages;

use crate::args::{InstrumentsArgs, InstrumentsVerb};
use crate::places::{Places, file_name, read_text};
use crate::profiles::{self, Found};
use crate::say::{CheckedFiles, Say, bad};
use crate::{Done, calibrations, embedded};
use dutypoint_fieldbus::{InstrumentProfile, Order, Register};
use dutypoint_model::Bilingual;
use dutypoint_model::toml_text::nearest;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &InstrumentsArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    match &args.verb {
        InstrumentsVerb::List { find } => list(places, find.as_deref(), say),
        InstrumentsVerb::Show { profile } => show(&find_one(places, profile)?, say),
        InstrumentsVerb::Check { files } => check(files, say),
        InstrumentsVerb::Calibrate { file, due, out } => {
            calibrations::import(file, due.as_deref(), out.as_deref(), places, say)
        }
    }
}

fn transports(profile: &InstrumentProfile) -> String {
    let names: Vec<_> = profile.transport.iter().map(|t| t.name()).collect();
    names.join(" ")
}

/// `text` with spaces behind it up to `columns`; a Chinese character takes two.
fn padded(text: &str, columns: usize) -> String {
    let width: usize = text
        .chars()
        .map(|c| if c >= '\u{2e80}' { 2 } else { 1 })
        .sum();
    format!("{text}{}", " ".repeat(columns.saturating_sub(width)))
}

fn list(places: &Places, wanted: Option<&str>, say: Say) -> anyhow::Result<Done> {
    let wanted = wanted.map(str::to_lowercase);
    let mut rows: Vec<Found> = profiles::all(places, &[])?
        .into_values()
        .filter(|found| {
            let p = &found.profile;
            let class = p.class.text();
            let parts = [&p.id, &p.vendor, &p.model, &class.zh, &class.en];
            wanted.as_ref().is_none_or(|text| {
                let words = parts.iter().map(|part| part.to_lowercase());
                words.into_iter().any(|part| part.contains(text))
            })
        })
        .collect();
    rows.sort_by(|a, b| (a.profile.class, &a.profile.id).cmp(&(b.profile.class, &b.profile.id)));
    let row = |id: &str, class: &str, transport: &str, confidence: &str, what: &str| {
        say.line(format!(
            "{}{}{}{}{what}",
            padded(id, 22),
            padded(class, 20),
            padded(transport, 9),
            padded(confidence, 8)
        ));
    };
    row(
        say.pick("标识", "id"),
        say.pick("类别", "class"),
        say.pick("接口", "wire"),
        say.pick("可信度", "sure"),
        say.pick("厂家与型号", "maker and model"),
    );
    for found in &rows {
        let p = &found.profile;
        let own = match (&found.file, found.replaces) {
            (None, _) => "",
            (Some(_), false) => say.pick("  （自备）", "  (your own)"),
            (Some(_), true) => say.pick(
                "  （自备，取代随带）",
                "  (your own, in place of the shipped one)",
            ),
        };
        row(
            &p.id,
            p.class.text().get(say.lang),
            &transports(p),
            &format!("{:?}", p.confidence),
            &format!("{} · {}{own}", p.vendor, p.model),
        );
    }
    say.line(format!(
        "\n{} {}\n{}",
        rows.len(),
        say.pick("种", "profiles"),
        say.pick(
            "可信度：H 厂家手册或两个独立来源，M 单一或不完整来源，L 推断或记忆。均未在实物上验证，除非 show 另有说明。",
            "sure: H maker's manual or two sources, M one source or part of one, L inferred or from memory. None was tried on a device unless show says so.",
        )
    ));
    let document: Vec<Value> = rows
        .iter()
        .map(|found| {
            let p = &found.profile;
            json!({
                "id": p.id, "class": p.class, "vendor": p.vendor, "model": p.model,
                "transport": p.transport, "confidence": p.confidence, "trust": p.trust,
                "registers": p.register.len(), "file": found.file, "replaces_shipped": found.replaces,
            })
        })
        .collect();
    say.document(&json!({ "instruments": document }))?;
    Ok(Done::Passing)
}

/// The profile of a file, where there is one of that name, else the one of that id.
fn find_one(places: &Places, name: &str) -> anyhow::Result<Found> {
    let path = Path::new(name);
    if path.is_file() || name.ends_with(".toml") || name.contains(std::path::is_separator) {
        let profile = InstrumentProfile::parse(&path.display().to_string(), &read_text(path)?)?;
        return Ok(Found {
            profile,
            file: Some(path.to_owned()),
            replaces: false,
        });
    }
    let mut all = profiles::all(places, &[])?;
    match all.remove(name) {
        Some(found) => Ok(found),
        None => {
            let near = nearest(name, all.keys().map(String::as_str))
                .map(|near| format!("; did you mean {near:?}?"))
                .unwrap_or_default();
            Err(bad(format!(
                "failed to find instrument {name:?}{near} (`dutypoint instruments list` shows them)"
            )))
        }
    }
}

fn show(found: &Found, say: Say) -> anyhow::Result<Done> {
    let p = &found.profile;
    let in_words = |text: &Bilingual| text.get(say.lang).to_owned();
    say.line(format!(
        "{}  {}\n{} · {}",
        p.id,
        in_words(&p.class.text()),
        p.vendor,
        p.model
    ));
    say.line(format!(
        "{}  ·  {:?} {}  ·  {}",
        transports(p),
        p.confidence,
        in_words(&p.confidence.text()),
        in_words(&p.trust.text())
    ));
    for text in settings(p, say) {
        say.line(text);
    }
    for (heading, texts) in [
        (say.pick("须知", "notes"), &p.notes),
        (
            say.pick("故障表示", "how it says that it has no value"),
            &p.failure,
        ),
    ] {
        if !texts.is_empty() {
            say.line(format!("\n{heading}"));
        }
        for text in texts {
            say.line(format!("    · {}", in_words(text)));
        }
    }
    if !p.register.is_empty() {
        say.line(format!("\n{}", say.pick("寄存器", "registers")));
    }
    for text in p.register.iter().flat_map(|r| lines_of(r, say)) {
        say.line(text);
    }
    for text in messages::lines_of(p, say) {
        say.line(text);
    }
    say.line(format!("\n{}", say.pick("来源", "sources")));
    for source in &p.sources {
        say.line(format!("    {source}"));
    }
    say.document(&json!({
        "id": p.id, "class": p.class, "vendor": p.vendor, "model": p.model,
        "transport": p.transport, "confidence": p.confidence, "trust": p.trust,
        "file": found.file, "replaces_shipped": found.replaces,
        "unit_id": p.unit_id, "baud": p.serial.baud, "stop_bits": p.serial.stop_bits,
        "parity": p.serial.parity.map(parity),
        "max_read": p.max_read, "max_gap": p.max_gap, "read_multiple": p.read_multiple,
        "single_read": p.single_read,
        "response_ms": p.timing.response_ms, "turnaround_ms": p.timing.turnaround_ms,
        "timeout_ms": p.timing.timeout_ms, "pause_ms": p.timing.pause_ms,
        "update_ms": p.timing.update_ms,
        "forbidden": p.forbidden.iter().map(|f| json!({ "from": f.from, "to": f.to, "function": f.function, "why": f.why })).collect::<Vec<_>>(),
        "notes": p.notes, "failure": p.failure, "sources": p.sources,
        "registers": p.register.iter().map(described).collect::<Vec<_>>(),
        "messages": messages::described(p),
        "values": messages::values(p),
    }))?;
    Ok(Done::Passing)
}

fn parity(parity: dutypoint_engine::config::Parity) -> &'static str {
    use dutypoint_engine::config::Parity;
    match parity {
        Parity::None => "none",
        Parity::Even => "even",
        Parity::Odd => "odd",
    }
}

/// Settings of the factory and limits of the device, as far as they are known.
fn settings(p: &InstrumentProfile, say: Say) -> Vec<String> {
    let mut factory = Vec::new();
    if let Some(unit) = p.unit_id {
        factory.push(format!("{} {unit}", say.pick("单元号", "unit")));
    }
    if let Some(baud) = p.serial.baud {
        factory.push(format!("{baud} {}", say.pick("波特", "baud")));
    }
    if let Some(known) = p.serial.parity {
        let text = match parity(known) {
            "even" => say.pick("偶校验", "even parity"),
            "odd" => say.pick("奇校验", "odd parity"),
            _ => say.pick("无校验", "no parity"),
        };
        factory.push(text.to_owned());
    }
    if let Some(bits) = p.serial.stop_bits {
        factory.push(format!("{bits} {}", say.pick("停止位", "stop bit(s)")));
    }
    let mut limits = Vec::new();
    if p.message.is_empty() {
        limits.push(format!(
            "{} {}",
            say.pick("一次最多读", "reads at most"),
            p.max_read
        ));
    }
    if p.max_gap > 0 {
        limits.push(format!(
            "{} {}",
            say.pick("可跨过未列寄存器", "over at most so many unnamed ones:"),
            p.max_gap
        ));
    }
    if p.read_multiple > 1 {
        limits.push(format!(
            "{} {}",
            say.pick("须为倍数", "in multiples of"),
            p.read_multiple
        ));
    }
    if p.single_read {
        limits.push(
            say.pick("每次只读一个值", "one value per request")
                .to_owned(),
        );
    }
    let t = &p.timing;
    let times = [
        (
            say.pick("应答最长", "answers within"),
            t.response_ms.map(|[_, most]| most),
        ),
        (say.pick("处理", "takes"), t.turnaround_ms),
        (say.pick("等待至少", "wait at least"), t.timeout_ms),
        (say.pick("间歇", "rest"), t.pause_ms),
        (say.pick("刷新", "renews every"), t.update_ms),
    ];
    limits.extend(
        times
            .into_iter()
            .filter_map(|(name, ms)| Some(format!("{name} {} ms", ms?))),
    );
    let mut lines = Vec::new();
    if !factory.is_empty() {
        lines.push(format!(
            "{}: {}",
            say.pick("出厂", "factory"),
            factory.join(", ")
        ));
    }
    if !limits.is_empty() {
        lines.push(limits.join(" · "));
    }
    for block in &p.forbidden {
        lines.push(format!(
            "{} {}..{}: {}",
            say.pick("禁区", "forbidden"),
            block.from,
            block.to,
            block.why.get(say.lang)
        ));
    }
    lines
}

/// A register in one line, and what must be known of it in further ones.
fn lines_of(register: &Register, say: Say) -> Vec<String> {
    let printed = register
        .printed
        .as_ref()
        .map(|p| format!(" ({p})"))
        .unwrap_or_default();
    let mut kind = format!("{:?}", register.kind).to_lowercase();
    if let Some(order) = register.order {
        kind = format!("{kind} {}", order.name());
    }
    if register.repeat > 1 {
        kind = format!("{kind} ×{}", register.repeat);
    }
    let write = register
        .write
        .map(|w| format!("{} {}", say.pick("可写", "write:"), w.text().get(say.lang)));
    let mut lines = vec![
        format!(
            "    {}{}{}{}{}{:?} {}  {}",
            padded(&register.name, 26),
            padded(&format!("{}{printed}", register.address), 22),
            padded(&format!("F{:02}", register.function), 5),
            padded(&kind, 15),
            padded(&scale(register, say), 24),
            register.confidence,
            register.evidence.text().get(say.lang),
            write.unwrap_or_default()
        )
        .trim_end()
        .to_owned(),
    ];
    let mut more = |text: String| lines.push(format!("        {text}"));
    if register.order == Some(Order::Probe) {
        more(
            say.pick(
                "字顺序未知：须在仪表上探测",
                "word order not known: find it on the device",
            )
            .to_owned(),
        );
    }
    for (key, name) in register.needs() {
        more(format!("{key}: {name}"));
    }
    if !register.codes.is_empty() {
        let codes: Vec<_> = register
            .codes
            .iter()
            .map(|c| format!("{} {}", c.code, say.pick(&c.zh, &c.en)))
            .collect();
        more(codes.join(" · "));
    }
    if let Some(note) = &register.note {
        more(note.get(say.lang).to_owned());
    }
    lines
}

fn scale(register: &Register, say: Say) -> String {
    let unit = register
        .unit
        .map_or(String::new(), |u| format!(" {}", u.printed()));
    if register.span {
        let raw = register.span_raw.map_or_else(
            || say.pick("比例未知", "scale not known").to_owned(),
            |[low, high]| format!("{low}..{high} → span"),
        );
        return format!("{raw}{unit}");
    }
    let factor = if register.factor == 1.0 {
        String::new()
    } else {
        format!("× {}", register.factor)
    };
    let offset = if register.offset == 0.0 {
        String::new()
    } else {
        format!(" + {}", register.offset)
    };
    format!("{factor}{offset}{unit}").trim().to_owned()
}

fn described(r: &Register) -> Value {
    json!({
        "name": r.name, "address": r.address, "printed": r.printed, "function": r.function,
        "kind": r.kind, "order": r.order, "swapped": r.swapped, "bits": r.bits, "unit": r.unit,
        "factor": r.factor, "offset": r.offset, "span": r.span, "span_raw": r.span_raw,
        "needs": r.needs().map(|(key, name)| json!({ "key": key, "register": name })).collect::<Vec<_>>(),
        "invalid": r.invalid, "limits": r.limits,
        "codes": r.codes.iter().map(|c| json!({ "code": c.code, "zh": c.zh, "en": c.en, "unit": c.unit })).collect::<Vec<_>>(),
        "repeat": r.repeat, "stride": r.step(), "readable": r.readable, "write": r.write,
        "confidence": r.confidence, "evidence": r.evidence, "note": r.note,
    })
}

fn check(files: &[PathBuf], say: Say) -> anyhow::Result<Done> {
    let mut report = CheckedFiles::default();
    for path in files {
        let name = path.display().to_string();
        let text = read_text(path)?;
        let mistakes = InstrumentProfile::mistakes(&name, &text);
        let mut remarks = Vec::new();
        if let Ok(profile) = InstrumentProfile::parse(&name, &text) {
            remarks = remarks_on(&profile, path, say);
            say.line(format!(
                "ok    {name}  {}  {} {}",
                profile.id,
                profile.register.len() + profile.value.len(),
                if profile.message.is_empty() {
                    say.pick("个寄存器", "registers")
                } else {
                    say.pick("个数值", "values")
                },
            ));
        }
        report.add(say, &name, &mistakes, &remarks);
    }
    report.done(say)
}

/// What does not refuse a profile, but should be looked at.
fn remarks_on(profile: &InstrumentProfile, path: &Path, say: Say) -> Vec<String> {
    let mut remarks = Vec::new();
    if file_name(path) != format!("{}.toml", profile.id) {
        remarks.push(format!(
            "{} {}.toml",
            say.pick(
                "标识与文件名不同，使用前须改名为",
                "the id is not the file's name; before it can be used, call the file"
            ),
            profile.id
        ));
    }
    let shipped = embedded::folder("instruments").find(|f| f.stem() == profile.id);
    if shipped
        .is_some_and(|f| InstrumentProfile::parse(f.name(), f.text).ok().as_ref() != Some(profile))
    {
        remarks.push(
            say.pick(
                "标识与随带的文件相同：放入数据文件夹后取代它",
                "a shipped profile has this id; in the data folder, this one takes its place",
            )
            .to_owned(),
        );
    }
    let registers = profile.register.iter();
    let wide = registers.filter(|r| r.order == Some(Order::Probe) && r.kind.words() > 1);
    let values = profile.value.iter();
    let values = values.filter(|v| v.order == Some(Order::Probe));
    let probe: Vec<&str> = wide
        .map(|r| r.name.as_str())
        .chain(values.map(|v| v.name.as_str()))
        .collect();
    if profile.message.iter().any(|m| m.checksum.is_none()) {
        remarks.push(
            say.pick(
                "无校验：仅凭长度和首尾字节辨认报文，报文内改变的字节看不出来",
                "no checksum: length, first and last bytes alone tell a message; a byte that was hurt inside it is not seen",
            )
            .to_owned(),
        );
    }
    if !probe.is_empty() {
        remarks.push(format!(
            "{} {}",
            say.pick(
                "字顺序待探测：",
                "word order still to be found on the device:"
            ),
            probe.join(", ")
        ));
    }
    remarks
}
