//! A question held against its schema, before anything is computed: unknown and missing
//! fields, words, kinds and ranges. Every refusal names the field, what it may be, and what
//! to change.

use super::question::{properties, requires, several, words};
use super::ranges::{Range, shown, unit};
use dutypoint_model::{Bilingual, toml_text};
use serde_json::{Map, Value};

/// At most this many percent is no efficiency or power factor, but a fraction of 1.
const FRACTION_PCT: f64 = 1.5;

pub(super) fn check(schema: &Value, question: &Value) -> Result<(), Bilingual> {
    value(schema, question, "")
}

fn value(schema: &Value, given: &Value, path: &str) -> Result<(), Bilingual> {
    if given.is_null() && takes_null(schema) {
        return Ok(());
    }
    let known = words(schema);
    if !known.is_empty() {
        return word(&known, given, path);
    }
    if let Some(list) = several(schema) {
        let forms: Vec<&Value> = list.iter().filter(|form| !is(form, "null")).collect();
        return match forms.as_slice() {
            [one] => value(one, given, path),
            forms if forms.iter().all(|form| is(form, "object")) => tagged(forms, given, path),
            // A number, or text with its digits.
            forms => match forms.iter().find(|form| fits(form, given)) {
                Some(form) => value(form, given, path),
                None => Err(kind(path, given, "数或文字", "a number or text")),
            },
        };
    }
    match given {
        Value::Object(fields) if is(schema, "object") => object(schema, fields, path),
        Value::Array(list) if is(schema, "array") => items(schema, list, path),
        Value::Number(_) if is(schema, "integer") && given.as_u64().is_none() => {
            Err(kind(path, given, "非负整数", "a whole number, 0 or above"))
        }
        Value::Number(number) if is(schema, "number") || is(schema, "integer") => {
            in_range(schema, number.as_f64(), path)
        }
        given if fits(schema, given) => Ok(()),
        _ => {
            let (zh, en) = expected(schema);
            Err(kind(path, given, zh, en))
        }
    }
}

fn is(schema: &Value, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::Array(names)) => names.iter().any(|one| one == name),
        Some(one) => one == name,
        // The variants of a tagged question.
        None => name == "object" && several(schema).is_some(),
    }
}

fn takes_null(schema: &Value) -> bool {
    let listed = several(schema).is_some_and(|list| list.iter().any(takes_null));
    listed || (schema.get("type").is_some() && is(schema, "null"))
}

fn fits(schema: &Value, given: &Value) -> bool {
    match given {
        Value::Number(_) => is(schema, "number"),
        Value::String(_) => is(schema, "string"),
        Value::Bool(_) => is(schema, "boolean"),
        _ => false,
    }
}

fn expected(schema: &Value) -> (&'static str, &'static str) {
    let kinds = [
        ("number", "数", "a number"),
        ("integer", "非负整数", "a whole number"),
        ("string", "文字", "text"),
        ("boolean", "true 或 false", "true or false"),
        ("array", "列表 […]", "a list, […]"),
    ];
    let found = kinds.into_iter().find(|(name, ..)| is(schema, name));
    found.map_or(("对象 {…}", "an object, {…}"), |(_, zh, en)| (zh, en))
}

fn kind(path: &str, given: &Value, zh: &str, en: &str) -> Bilingual {
    let (what_zh, what_en) = match given {
        Value::Null => ("空值", "nothing".to_owned()),
        Value::String(text) => ("文字", format!("the text {text:?}")),
        Value::Bool(_) => ("真假值", given.to_string()),
        Value::Number(number) => ("数", number.to_string()),
        Value::Array(_) => ("列表", "a list".to_owned()),
        Value::Object(_) => ("对象", "an object".to_owned()),
    };
    let unquote = given.as_str().is_some_and(|t| t.parse::<f64>().is_ok());
    let (cure_zh, cure_en) = match unquote {
        true => ("；数不加引号", "; write numbers without quotes"),
        false => ("", ""),
    };
    let shown = given.as_str().unwrap_or_default();
    Bilingual::new(
        format!("{path}：应为{zh}，给出的是{what_zh} {shown}{cure_zh}"),
        format!("{path}: expected {en}, not {what_en}{cure_en}"),
    )
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// A word that is none of `known`, and the one that may be meant.
fn none_of(what: (&str, &str), given: &str, known: &[String]) -> Bilingual {
    let list = quoted(known);
    let (mut zh, mut en) = (
        format!("没有{} `{given}`，可用：{list}", what.0),
        format!("unknown {} `{given}`, expected one of {list}", what.1),
    );
    if let Some(near) = toml_text::nearest(given, known.iter().map(String::as_str)) {
        zh += &format!("；是否指 `{near}`？");
        en += &format!("; did you mean `{near}`?");
    }
    Bilingual::new(zh, en)
}

fn placed(path: &str, said: Bilingual) -> Bilingual {
    if path.is_empty() {
        return said;
    }
    Bilingual::new(
        format!("{path}：{}", said.zh),
        format!("{path}: {}", said.en),
    )
}

fn word(known: &[String], given: &Value, path: &str) -> Result<(), Bilingual> {
    let Some(text) = given.as_str() else {
        let list = quoted(known);
        return Err(kind(
            path,
            given,
            &format!("以下之一：{list}"),
            &format!("one of {list}"),
        ));
    };
    if known.iter().any(|one| one == text) {
        return Ok(());
    }
    Err(placed(path, none_of(("选项", "word"), text, known)))
}

/// The variant that the tag of `given` names.
fn tagged(forms: &[&Value], given: &Value, path: &str) -> Result<(), Bilingual> {
    let Some(fields) = given.as_object() else {
        return Err(kind(path, given, "对象 {…}", "an object, {…}"));
    };
    let tag = |form: &Value| {
        let form = form.as_object()?;
        let mut fields = properties(form);
        fields.find_map(|(name, of)| Some((name.clone(), of.get("const")?.as_str()?.to_owned())))
    };
    let tags: Vec<(String, String)> = forms.iter().filter_map(|form| tag(form)).collect();
    let Some((name, _)) = tags.first() else {
        return Ok(());
    };
    let known: Vec<String> = tags.iter().map(|(_, word)| word.clone()).collect();
    let Some(chosen) = fields.get(name) else {
        let list = quoted(&known);
        return Err(placed(
            path,
            Bilingual::new(
                format!("缺少字段 `{name}`，可取：{list}"),
                format!("missing field `{name}`, one of {list}"),
            ),
        ));
    };
    let place = join(path, name);
    word(&known, chosen, &place)?;
    let form = forms
        .iter()
        .zip(&known)
        .find(|(_, word)| chosen == word.as_str());
    form.map_or(Ok(()), |(form, _)| object(form, fields, path))
}

fn join(path: &str, field: &str) -> String {
    if path.is_empty() {
        field.to_owned()
    } else {
        format!("{path}.{field}")
    }
}

fn object(schema: &Value, given: &Map<String, Value>, path: &str) -> Result<(), Bilingual> {
    let Some(form) = schema.as_object() else {
        return Ok(());
    };
    let known: Vec<String> = properties(form).map(|(name, _)| name.clone()).collect();
    let free = form.get("additionalProperties").filter(|of| of.is_object());
    for (name, item) in given {
        let place = join(path, name);
        match (properties(form).find(|(field, _)| *field == name), free) {
            (Some((_, of)), _) => value(of, item, &place)?,
            (None, Some(of)) => value(of, item, &place)?,
            (None, None) => return Err(placed(path, none_of(("字段", "field"), name, &known))),
        }
    }
    let missing: Vec<(&String, &Value)> = properties(form)
        .filter(|(name, _)| requires(form, name) && !given.contains_key(*name))
        .collect();
    let (Some((first, of)), names) = (missing.first(), missing.iter()) else {
        return Ok(());
    };
    let names: Vec<String> = names.map(|(name, _)| (*name).clone()).collect();
    let help = of.get("description").and_then(Value::as_str);
    let help = help.map_or(String::new(), |help| {
        format!(" ({})", help.trim_end_matches('.'))
    });
    let list = quoted(&names);
    let said = match names.as_slice() {
        [_] => {
            let (mut zh, mut en) = (
                format!("缺少字段 `{first}`"),
                format!("missing field `{first}`{help}"),
            );
            if let Some(range) = Range::of(of) {
                let must = range.must(unit(first).0);
                zh += &format!("，{}", must.zh);
                en += &format!(", {}", must.en);
            }
            let words = words(of);
            if !words.is_empty() {
                zh += &format!("，可取：{}", quoted(&words));
                en += &format!(", one of {}", quoted(&words));
            }
            Bilingual::new(zh, en)
        }
        _ => Bilingual::new(format!("缺少字段 {list}"), format!("missing fields {list}")),
    };
    Err(placed(path, said))
}

fn items(schema: &Value, given: &[Value], path: &str) -> Result<(), Bilingual> {
    let Some(of) = schema.get("items") else {
        return Ok(());
    };
    for (index, item) in given.iter().enumerate() {
        value(of, item, &format!("{path}[{index}]"))?;
    }
    let largest = given.iter().filter_map(Value::as_f64).reduce(f64::max);
    match largest {
        Some(largest) => percent(largest, path),
        None => Ok(()),
    }
}

/// The name of the field a path ends with.
pub(super) fn field(path: &str) -> &str {
    let named = path.rsplit('.').next().unwrap_or(path);
    named.split('[').next().unwrap_or(named)
}

fn in_range(schema: &Value, given: Option<f64>, path: &str) -> Result<(), Bilingual> {
    let (Some(range), Some(given)) = (Range::of(schema), given) else {
        return Ok(());
    };
    let name = field(path);
    if !range.holds(given) {
        let (must, given) = (range.must(unit(name).0), shown(given));
        return Err(Bilingual::new(
            format!(
                "{path} = {given}：应为{}；请更正正负号、单位或数字",
                must.zh
            ),
            format!(
                "{path} = {given}: it must be {}; correct its sign, its unit or a digit",
                must.en
            ),
        ));
    }
    // Of a list the largest counts: near shut-off an efficiency is small.
    if path.ends_with(']') {
        return Ok(());
    }
    percent(given, path)
}

/// Refuses a fraction where percent are meant.
fn percent(given: f64, path: &str) -> Result<(), Bilingual> {
    let name = field(path);
    let share = name.contains("eta_") && !name.starts_with("u_") && !name.starts_with("zeta");
    let percent = name.ends_with("_pct") && (share || name == "cos_phi_pct");
    if !percent || given <= 0.0 || given > FRACTION_PCT {
        return Ok(());
    }
    let (meant_zh, meant_en) = if given <= 1.0 {
        let pct = format!("{:.6}", 100.0 * given);
        let pct = pct.trim_end_matches('0').trim_end_matches('.');
        (
            format!("是否指 {pct} %？"),
            format!("did you mean {pct} %?"),
        )
    } else {
        ("请核对单位".into(), "check its unit".into())
    };
    Err(Bilingual::new(
        format!(
            "{path} = {given}：单位是 %，不大于 {FRACTION_PCT} % 的值视为误写的小数；{meant_zh}"
        ),
        format!(
            "{path} = {given}: the unit is percent, and {FRACTION_PCT} % or less is taken for a fraction of 1; {meant_en}"
        ),
    ))
}
