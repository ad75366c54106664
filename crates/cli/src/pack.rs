//! `dutypoint pack`: standards as data, for people who own the standards.

mod words;

use crate::args::{PackArgs, PackVerb};
use crate::places::{file_name, read_text};
use crate::say::{CheckedFiles, Say, bad};
use crate::{Done, embedded};
use dutypoint_hydraulics::pack::{Change, Entry, EntryValue, Standard, Status, Untested, changes};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &PackArgs, say: Say) -> anyhow::Result<Done> {
    match &args.verb {
        PackVerb::List => list(say),
        PackVerb::Show { pack, section } => show(&find(pack)?, section.as_deref(), say),
        PackVerb::Check { files } => check(files, say),
        PackVerb::Diff { before, after } => diff(&find(before)?, &find(after)?, say),
    }
}

/// The pack of a file, where there is one of that name, else the shipped one.
fn find(name: &str) -> anyhow::Result<Standard> {
    let path = Path::new(name);
    if path.is_file() || name.ends_with(".toml") || name.contains(std::path::is_separator) {
        return Ok(Standard::from_toml(&file_name(path), &read_text(path)?)?);
    }
    let (file, bytes) = embedded::pack(name)?;
    Ok(Standard::from_toml(&file, &String::from_utf8(bytes)?)?)
}

fn list(say: Say) -> anyhow::Result<Done> {
    let packs = embedded::packs()?;
    let mut document = Vec::new();
    for pack in packs.values() {
        let mut tags: BTreeMap<String, usize> = BTreeMap::new();
        for entry in numbers(pack) {
            let tag = entry.confidence.map(|c| c.to_string()).unwrap_or_default();
            *tags.entry(tag).or_default() += 1;
        }
        let counts: Vec<String> = tags.iter().map(|(tag, n)| format!("{tag} {n}")).collect();
        let numbers: usize = tags.values().sum();
        say.line(format!(
            "{}  {} v{}  {}{}\n    {}\n    {} {numbers}: {}",
            pack.id,
            pack.edition,
            pack.version,
            status(pack, say),
            say.pick(
                if pack.partial { " · 部分" } else { "" },
                if pack.partial { " · partial" } else { "" },
            ),
            say.pick(&pack.title_zh, &pack.title_en),
            say.pick("数值", "numbers"),
            counts.join(" · "),
        ));
        document.push(json!({
            "id": pack.id,
            "edition": pack.edition,
            "version": pack.version,
            "title": { "zh": pack.title_zh, "en": pack.title_en },
            "status": status_word(pack),
            "partial": pack.partial,
            "numbers": numbers,
            "by_confidence": tags,
        }));
    }
    say.document(&json!({ "packs": document }))?;
    Ok(Done::Passing)
}

fn numbers(pack: &Standard) -> impl Iterator<Item = &Entry> {
    let entries = pack.entries().iter();
    entries.filter(|entry| matches!(entry.value, EntryValue::Number(_)))
}

fn show(pack: &Standard, section: Option<&str>, say: Say) -> anyhow::Result<Done> {
    let entries: Vec<&Entry> = pack
        .entries()
        .iter()
        .filter(|entry| section.is_none_or(|name| entry.section() == name))
        .collect();
    if let (Some(name), true) = (section, entries.is_empty()) {
        let mut known: Vec<&str> = pack.entries().iter().map(Entry::section).collect();
        known.dedup();
        return Err(bad(format!(
            "failed to find section {name:?} in the pack {} (known: {})",
            pack.id,
            known.join(", ")
        )));
    }
    let signature = pack.countersignature.as_ref();
    say.document(&json!({
        "id": pack.id,
        "edition": pack.edition,
        "version": pack.version,
        "title": { "zh": pack.title_zh, "en": pack.title_en },
        "status": status_word(pack),
        "countersignature": signature.map(|s| json!({ "by": s.by, "date": s.date, "against": s.against })),
        "partial": pack.partial,
        "notes": { "zh": pack.notes_zh, "en": pack.notes },
        "refers_to": pack.refers_to,
        "known_missing": pack.known_missing().iter().map(|gap| json!({ "clause": gap.clause, "zh": gap.zh, "en": gap.en })).collect::<Vec<_>>(),
        "sources": pack.sources,
        "entries": entries.iter().map(|entry| described(pack, entry)).collect::<Vec<_>>(),
    }))?;
    say.line(format!(
        "{}  {} v{}  {}\n{}",
        pack.id,
        pack.edition,
        pack.version,
        status(pack, say),
        say.pick(&pack.title_zh, &pack.title_en),
    ));
    if section.is_none() {
        let translated = (!pack.notes_zh.is_empty()).then_some(&pack.notes_zh);
        let notes = translated.filter(|_| say.pick("zh", "en") == "zh");
        for note in notes.unwrap_or(&pack.notes) {
            say.line(format!("  · {note}"));
        }
    }
    let mut heading = String::new();
    let mut now_in = "";
    for entry in &entries {
        if entry.section() != now_in {
            now_in = entry.section();
            heading.clear();
            say.line(format!("\n== {} ==", titled(now_in, say)));
            if let Some(formula) = words::formula(now_in) {
                say.line(format!("   {formula}"));
            }
        }
        let now = format!("{} · {}", clause(entry, say), cited(pack, entry, say));
        if now != heading {
            say.line(format!("\n  {now}"));
            heading = now;
        }
        if let Some(item) = untested(pack, entry) {
            say.line(format!(
                "    {}  ({})",
                say.pick(&item.zh, &item.en),
                say.pick(&item.needs_zh, &item.needs_en)
            ));
            continue;
        }
        let item = entry.item.strip_prefix(now_in).unwrap_or(&entry.item);
        let meaning = meaning(pack, entry, say);
        let gap = if meaning.is_empty() { "" } else { "    " };
        let line = format!(
            "    {} = {}{gap}{meaning}",
            item.trim_start(),
            valued(entry, say)
        );
        say.line(line.trim_end());
    }
    if section.is_none() && !pack.known_missing().is_empty() {
        say.line(format!(
            "\n== {} ==\n",
            say.pick(
                "已知缺少（请查原文）",
                "known to be missing: look it up in the text"
            )
        ));
        for gap in pack.known_missing() {
            say.line(format!(
                "    {}  {}",
                known(&gap.clause, say),
                say.pick(&gap.zh, &gap.en)
            ));
        }
    }
    say.line(format!("\n== {} ==\n", say.pick("来源", "sources")));
    for (key, text) in &pack.sources {
        if section.is_none() || entries.iter().any(|entry| entry.source.contains(key)) {
            say.line(format!("    {key}  {text}"));
        }
    }
    if section.is_none() {
        say.line(format!("\n== {} ==\n", say.pick("可信度", "confidence")));
        for (tag, zh, en) in words::TAGS {
            if entries
                .iter()
                .any(|e| e.confidence.is_some_and(|c| c.to_string() == *tag))
            {
                say.line(format!("    {tag}  {}", say.pick(zh, en)));
            }
        }
    }
    Ok(Done::Passing)
}

/// A section by its name in the field and in the file.
fn titled(section: &str, say: Say) -> String {
    match words::section(section) {
        Some((zh, en)) => format!("{} [{section}]", say.pick(zh, en)),
        None => section.to_owned(),
    }
}

/// A value with its unit, a choice with its meaning.
fn valued(entry: &Entry, say: Say) -> String {
    match &entry.value {
        EntryValue::Word(word) => match words::choice(word) {
            Some((zh, en)) => format!("{word} ({})", say.pick(zh, en)),
            None => word.clone(),
        },
        EntryValue::Flag(flag) => say
            .pick(
                if *flag { "是" } else { "否" },
                if *flag { "yes" } else { "no" },
            )
            .to_owned(),
        EntryValue::Number(number) => {
            // Neither a count with a decimal point nor a row of zeros.
            let plain = (1e-4..1e7).contains(&number.abs()) || *number == 0.0;
            let shown = if plain {
                format!("{number}")
            } else {
                format!("{number:?}")
            };
            let unit = united(&entry.unit, say);
            format!("{shown}{}{unit}", if unit.is_empty() { "" } else { " " })
        }
    }
}

/// The item that an entry of the items not tested names.
fn untested<'a>(pack: &'a Standard, entry: &Entry) -> Option<&'a Untested> {
    let EntryValue::Word(word) = &entry.value else {
        return None;
    };
    let mut items = pack
        .untested()
        .iter()
        .filter(|_| entry.section() == "untested");
    items.find(|item| item.en == *word)
}

/// A unit in the language of the reader.
fn united(unit: &str, say: Say) -> &str {
    if unit == "% points" {
        say.pick("百分点", "points")
    } else {
        unit
    }
}

/// What an entry is, in words.
fn meaning(pack: &Standard, entry: &Entry, say: Say) -> String {
    let (zh, en) = words::of(entry);
    let what = say.pick(&zh, &en);
    let facts = pack.informative().iter();
    let id = entry.item.split(' ').nth(1);
    let mut facts = facts.filter(|_| entry.section() == "informative");
    match facts.find(|fact| Some(fact.id.as_str()) == id) {
        Some(fact) if what.is_empty() => say.pick(&fact.zh, &fact.en).to_owned(),
        Some(fact) => format!(
            "{}{}{what}",
            say.pick(&fact.zh, &fact.en),
            say.pick("：", ": ")
        ),
        None => what.to_owned(),
    }
}

/// A clause, or in the reader's language that it is not known.
fn known(clause: &str, say: Say) -> String {
    if say.pick("zh", "en") == "zh" {
        words::CLAUSES
            .iter()
            .fold(clause.to_owned(), |text, (en, zh)| text.replace(en, zh))
    } else {
        clause.to_owned()
    }
}

fn check(files: &[PathBuf], say: Say) -> anyhow::Result<Done> {
    let shipped = embedded::packs()?;
    let mut report = CheckedFiles::default();
    let texts = files
        .iter()
        .map(|path| Ok((path, read_text(path)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let given: Vec<Standard> = texts
        .iter()
        .filter_map(|(path, text)| Standard::from_toml(&file_name(path), text).ok())
        .collect();
    for (path, text) in &texts {
        let name = path.display().to_string();
        let mistakes = Standard::mistakes(&name, text);
        let mut remarks = Vec::new();
        if let Ok(pack) = Standard::from_toml(&name, text) {
            remarks = remarks_on(&pack, path, say, |id| {
                shipped.contains_key(id) || given.iter().any(|other| other.id == id)
            });
            say.line(format!(
                "ok    {name}  {} v{}  {}  {} {}",
                pack.id,
                pack.version,
                status(&pack, say),
                numbers(&pack).count(),
                say.pick("个数值", "numbers"),
            ));
        }
        report.add(say, &name, &mistakes, &remarks);
    }
    report.done(say)
}

/// What does not refuse a pack, but should be looked at.
fn remarks_on(pack: &Standard, path: &Path, say: Say, known: impl Fn(&str) -> bool) -> Vec<String> {
    let mut remarks = Vec::new();
    if path.file_stem().is_none_or(|stem| stem != pack.id.as_str()) {
        remarks.push(format!(
            "{} {}.toml",
            say.pick(
                "标识与文件名不同，应为",
                "the id is not the file's name; call the file"
            ),
            pack.id
        ));
    }
    for id in pack.refers_to.iter().filter(|id| !known(id)) {
        remarks.push(format!(
            "{} {id:?}",
            say.pick("引用了未知的数据包", "refers to a pack that is not known:"),
        ));
    }
    for entry in pack.doubts() {
        remarks.push(format!(
            "{} {}: {} = {} [{}]; {}",
            say.pick("第", "line"),
            entry.line,
            entry.item,
            entry.value,
            entry.confidence.map(|c| c.to_string()).unwrap_or_default(),
            say.pick(
                "已会签，但来源低于 C1：请改为标准文本的来源",
                "countersigned, but tagged below C1: replace tag and source by those of the text",
            ),
        ));
    }
    remarks
}

fn diff(before: &Standard, after: &Standard, say: Say) -> anyhow::Result<Done> {
    let found = changes(before, after);
    let mut document: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for key in ["added", "removed", "changed"] {
        document.insert(key, Vec::new());
    }
    say.line(format!(
        "{} v{} → {} v{}",
        before.id, before.version, after.id, after.version
    ));
    let citation = |pack: &Standard, entry: &Entry| {
        format!("{} · {}", clause(entry, say), cited(pack, entry, say))
    };
    let named = |pack: &Standard, entry: &Entry| {
        let meaning = meaning(pack, entry, say);
        match meaning.is_empty() {
            true => entry.item.clone(),
            false => format!("{} ({meaning})", entry.item),
        }
    };
    // What changed in the standard first, then what only stands elsewhere or is known better.
    let mut parts: [Vec<String>; 4] = Default::default();
    let [values, added, removed, citations] = &mut parts;
    for change in &found {
        let (key, value) = match change {
            Change::Added(entry) => {
                added.push(format!(
                    "+ {} = {}\n    {}",
                    named(after, entry),
                    valued(entry, say),
                    citation(after, entry)
                ));
                ("added", described(after, entry))
            }
            Change::Removed(entry) => {
                removed.push(format!(
                    "- {} = {}\n    {}",
                    named(before, entry),
                    valued(entry, say),
                    citation(before, entry)
                ));
                ("removed", described(before, entry))
            }
            Change::Changed {
                before: old,
                after: new,
            } => {
                let cited = format!(
                    "    {}\n  → {}",
                    citation(before, old),
                    citation(after, new)
                );
                if old.value == new.value {
                    citations.push(format!(
                        "~ {} = {}\n{cited}",
                        named(after, new),
                        valued(new, say)
                    ));
                } else {
                    values.push(format!(
                        "~ {}: {} → {}\n{cited}",
                        named(after, new),
                        valued(old, say),
                        valued(new, say)
                    ));
                }
                (
                    "changed",
                    json!({ "before": described(before, old), "after": described(after, new) }),
                )
            }
        };
        document.entry(key).or_default().push(value);
    }
    for (lines, zh, en) in [
        (&*values, "数值改变", "values changed"),
        (&*added, "新增", "added"),
        (&*removed, "删除", "removed"),
        (
            &*citations,
            "数值相同，仅条款、来源或可信度改变",
            "same value, other clause, source or confidence",
        ),
    ] {
        if !lines.is_empty() {
            say.line(format!("\n== {} ({}) ==\n", say.pick(zh, en), lines.len()));
        }
        for line in lines {
            say.line(line);
        }
    }
    if found.is_empty() {
        say.line(say.pick(
            "数值与引用全部相同",
            "every number and citation is the same",
        ));
    }
    say.document(&json!({
        "before": { "id": before.id, "version": before.version },
        "after": { "id": after.id, "version": after.version },
        "added": document.get("added"),
        "removed": document.get("removed"),
        "changed": document.get("changed"),
    }))?;
    Ok(Done::Passing)
}

fn described(pack: &Standard, entry: &Entry) -> Value {
    let sources = entry.source.iter();
    let sources: BTreeMap<&str, Option<&String>> = sources
        .map(|key| (key.as_str(), pack.sources.get(key)))
        .collect();
    let (zh, en) = words::of(entry);
    let facts = pack.informative().iter();
    let fact = facts
        .filter(|_| entry.section() == "informative")
        .find(|fact| Some(fact.id.as_str()) == entry.item.split(' ').nth(1));
    let (zh, en) = fact.map_or((zh, en), |fact| (fact.zh.clone(), fact.en.clone()));
    json!({
        "item": entry.item,
        "means": { "zh": zh, "en": en },
        "value": match &entry.value {
            EntryValue::Number(number) => json!(number),
            EntryValue::Word(word) => json!(word),
            EntryValue::Flag(flag) => json!(flag),
        },
        "unit": entry.unit,
        "clause": entry.clause,
        "sources": sources,
        "confidence": entry.confidence.map(|c| c.to_string()),
        "countersigned": pack.is_countersigned(&entry.clause),
        "line": entry.line,
    })
}

fn clause(entry: &Entry, say: Say) -> String {
    if entry.clause.is_empty() {
        say.pick(
            "本实验室设定，标准无此条款",
            "a setting of the laboratory, in no clause",
        )
        .to_owned()
    } else {
        known(&entry.clause, say)
    }
}

fn cited(pack: &Standard, entry: &Entry, say: Say) -> String {
    let tag = entry.confidence.map(|c| c.to_string()).unwrap_or_default();
    let signed = if pack.is_countersigned(&entry.clause) {
        say.pick(" · 已会签", " · countersigned")
    } else {
        ""
    };
    format!("{tag} · {}{signed}", entry.source.join(", "))
}

fn status_word(pack: &Standard) -> &'static str {
    match pack.status {
        Status::Draft => "draft",
        Status::Countersigned => "countersigned",
    }
}

fn status(pack: &Standard, say: Say) -> String {
    match &pack.countersignature {
        Some(s) => format!(
            "{} {}, {} ({})",
            say.pick("已会签：", "countersigned by"),
            s.by,
            s.date,
            s.against
        ),
        None => say
            .pick("草案，未会签", "draft, not countersigned")
            .to_owned(),
    }
}
