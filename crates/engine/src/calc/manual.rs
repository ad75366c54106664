//! The manual of the calculations, written from their schemas.

use super::question::{Flag, FlagKind, Needed};
use super::uncertainty::Uncertainty;
use super::{CALCULATIONS, Calc as _, Calculation, Packs};
use crate::Error;
use dutypoint_hydraulics::uncertainty::published;
use std::fmt::Write as _;

/// The manual in Markdown: each calculation with its fields, an example and its answer.
///
/// # Errors
/// The error of an example that `packs` cannot answer.
pub fn manual(packs: &Packs) -> Result<String, Error> {
    let mut text = String::from(
        "# `dutypoint calc`: every calculation with its fields and an example

This page is the output of `dutypoint calc manual`. A question is a JSON object, from `--in FILE`, standard input or flags; what a
flag gives overrides the object. The unit is part of each field's name; numbers are written and read in full double precision. The
answer is a JSON object: its fields, and beside them `calc`, `input` (the question), `formulas` (their ids) and `source`. A list
of questions gets a list of answers. A field marked **required** must be given, the mark followed by `with` and words holds in those forms of the question only; the
others may be left out. The range of a number is what can physically be meant; a pack or a formula may permit less,
and an efficiency or power factor up to 1.5 % is refused as a fraction typed for percent. The exit code is 1 where the answer's `verdict` is no pass, 2 where a question cannot be answered;
the message then names the value, its range and what to change. `dutypoint calc schema NAME` prints the JSON schemas.

| name | computes | |
|---|---|---|
",
    );
    for calculation in CALCULATIONS {
        let Calculation { name, zh, en, .. } = calculation;
        _ = writeln!(text, "| [`{name}`](#{name}) | {en} | {zh} |");
    }
    for calculation in CALCULATIONS {
        chapter(&mut text, calculation, packs)?;
    }
    Ok(text)
}

fn chapter(text: &mut String, calculation: &Calculation, packs: &Packs) -> Result<(), Error> {
    let Calculation {
        name,
        zh,
        en,
        source,
        ..
    } = calculation;
    _ = writeln!(text, "\n## {name}\n\n{en} · {zh}\n\nSource: {source}.\n");
    for flag in calculation.flags() {
        lines(text, &flag, 0);
    }
    if calculation.name == Uncertainty::NAME {
        models(text);
    }
    let example = calculation.example();
    let answer = calculation.answer(&example, packs)?;
    // What only repeats the chapter is left out.
    let shown: serde_json::Map<_, _> = answer
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| !["calc", "input", "source"].contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    _ = writeln!(
        text,
        "\n```sh\ndutypoint calc {name} <<'JSON'\n{example}\nJSON\n```\n\n```json\n{}\n```",
        serde_json::to_string_pretty(&shown).unwrap_or_default()
    );
    Ok(())
}

/// The formulas that have names, with their inputs.
fn models(text: &mut String) {
    text.push_str("\n| model | formula | result | inputs, in any order |\n|---|---|---|---|\n");
    for name in published::names() {
        if let Ok(model) = published::find(name) {
            let inputs: Vec<String> = model.inputs.iter().map(|i| (*i).to_owned()).collect();
            let (formula, unit, inputs) = (model.formula, model.unit, quoted(&inputs));
            _ = writeln!(text, "| `{name}` | {formula} | {unit} | {inputs} |");
        }
    }
}

/// A field, and below it the fields of its object.
fn lines(text: &mut String, flag: &Flag, depth: usize) {
    _ = writeln!(text, "{}- {}", "  ".repeat(depth), line(flag));
    for inner in &flag.fields {
        lines(text, inner, depth + 1);
    }
}

fn quoted(names: &[String]) -> String {
    format!("`{}`", names.join("`, `"))
}

fn line(flag: &Flag) -> String {
    let Flag { field, help, .. } = flag;
    let kind = match flag.kind {
        FlagKind::Number => "number",
        FlagKind::Count => "whole number",
        FlagKind::Text => "text",
        FlagKind::Switch => "yes or no",
        FlagKind::Numbers => "list of numbers",
        FlagKind::List => "list of objects",
        FlagKind::Map => "object of numbers",
        FlagKind::Json if flag.fields.is_empty() => "number or text",
        FlagKind::Json => "object",
    };
    let mut line = format!("`{field}`");
    for short in &flag.short {
        _ = write!(line, " (`{short}`)");
    }
    _ = write!(line, ", {kind}");
    match &flag.needed {
        Needed::Optional => {}
        Needed::Required => line.push_str(", **required**"),
        Needed::ByForm { required, optional } => {
            if !required.is_empty() {
                _ = write!(line, ", **required** with {}", quoted(required));
            }
            if !optional.is_empty() {
                _ = write!(line, ", optional with {}", quoted(optional));
            }
        }
    }
    if let Some(range) = &flag.range {
        let each = if flag.kind == FlagKind::Numbers {
            "each "
        } else {
            ""
        };
        _ = write!(line, ", {each}{}", range.en);
    }
    let words = flag.words.iter().map(|(word, help)| match help.as_str() {
        "" => format!("`{word}`"),
        help => format!("`{word}` ({help})"),
    });
    let words: Vec<String> = words.collect();
    if !words.is_empty() {
        _ = write!(line, ": {}", words.join(", "));
    }
    if !help.is_empty() {
        _ = write!(line, ". {help}");
    }
    line
}
