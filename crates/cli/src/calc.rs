//! `dutypoint calc`: questions, answered by the formulas of the engine.

use crate::args::{Asked, CalcArgs};
use crate::places::{file_name, read_text};
use crate::say::{Say, bad};
use crate::{Done, embedded};
use dutypoint_engine::calc::{self, CALCULATIONS, Calculation, Packs};
use dutypoint_hydraulics::pack::Standard;
use serde_json::{Map, Value, json};
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &CalcArgs, say: Say) -> anyhow::Result<Done> {
    // Answers are for programs; people read them well enough.
    let print = Say { json: true, ..say };
    match &args.asked {
        Asked::List => {
            let names = CALCULATIONS
                .iter()
                .map(|c| json!({ "calc": c.name, "text": c.text() }));
            say.document(&names.collect::<Vec<_>>())?;
            for calculation in CALCULATIONS {
                let text = calculation.text();
                say.line(format!("{:<22} {}", calculation.name, text.get(say.lang)));
            }
        }
        Asked::Manual => {
            let manual = calc::manual(&embedded::packs()?)?;
            say.document(&json!({ "manual": manual }))?;
            say.line(manual.trim_end());
        }
        Asked::Schema(None) => {
            print.document(&CALCULATIONS.iter().map(|c| c.schema()).collect::<Vec<_>>())?;
        }
        Asked::Schema(Some(name)) => print.document(&calc::find(name)?.schema())?,
        Asked::Example(name) => print.document(&calc::find(name)?.example())?,
        Asked::Answer {
            name,
            flags,
            input,
            packs,
        } => {
            let calculation = calc::find(name)?;
            let packs = all_packs(packs)?;
            let given = questions(calculation, flags, input.as_deref())?;
            return match given {
                Value::Array(list) => batch(calculation, list, flags, &packs, say),
                one => {
                    let answer = calculation.answer(&overridden(one, flags), &packs)?;
                    print.document(&answer)?;
                    Ok(done([&answer]))
                }
            };
        }
    }
    Ok(Done::Passing)
}

/// A verdict that is no pass is a judged failure; most calculations judge nothing.
fn done<'a>(answers: impl IntoIterator<Item = &'a Value>) -> Done {
    let passing = |a: &Value| a.get("verdict").is_none_or(|v| v == "pass");
    if answers.into_iter().all(passing) {
        Done::Passing
    } else {
        Done::Failing
    }
}

/// Every question of a list: its answer, or its error with the index. Nothing is left out
/// silently, and one error makes the whole bad input.
fn batch(
    calculation: &Calculation,
    list: Vec<Value>,
    flags: &Map<String, Value>,
    packs: &Packs,
    say: Say,
) -> anyhow::Result<Done> {
    let (mut document, mut answers) = (Vec::new(), Vec::new());
    for (index, question) in list.into_iter().enumerate() {
        match calculation.answer(&overridden(question, flags), packs) {
            Ok(answer) => {
                document.push(json!({ "index": index, "answer": answer.clone() }));
                answers.push(answer);
            }
            Err(error) => {
                let text = say.engine(&error);
                eprintln!("[{index}] {} {text}", say.pick("错误：", "error:"));
                document.push(json!({ "index": index, "error": text }));
            }
        }
    }
    Say { json: true, ..say }.document(&document)?;
    if answers.len() < document.len() {
        return Ok(Done::BadInput);
    }
    Ok(done(&answers))
}

fn overridden(question: Value, flags: &Map<String, Value>) -> Value {
    match question {
        Value::Object(mut fields) => {
            fields.extend(flags.clone());
            Value::Object(fields)
        }
        other => other,
    }
}

fn all_packs(files: &[PathBuf]) -> anyhow::Result<Packs> {
    let mut packs = embedded::packs()?;
    for path in files {
        let pack = Standard::from_toml(&file_name(path), &read_text(path)?)?;
        packs.insert(pack.id.clone(), pack);
    }
    Ok(packs)
}

/// What the flags leave open: nothing, where they are a whole question.
fn questions(
    calculation: &Calculation,
    flags: &Map<String, Value>,
    input: Option<&Path>,
) -> anyhow::Result<Value> {
    let (place, text) = match input {
        Some(path) if path != Path::new("-") => (path.display().to_string(), read_text(path)?),
        None if calculation.is_complete(&Value::Object(flags.clone())) => {
            return Ok(Value::Object(Map::new()));
        }
        _ => {
            let mut stdin = std::io::stdin();
            if stdin.is_terminal() {
                return Err(bad(format!(
                    "failed to read the question: give it with flags, with --in FILE or on standard input; `dutypoint calc {} --help` lists the flags",
                    calculation.name
                )));
            }
            let mut text = String::new();
            let read = stdin.read_to_string(&mut text);
            read.map_err(|e| bad(format!("failed to read standard input: {e}")))?;
            ("standard input".to_owned(), text)
        }
    };
    if text.trim().is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_str(&text).map_err(|e| bad(format!("failed to read {place}: {e}")))
}
