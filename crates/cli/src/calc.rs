//! `dutypoint calc`: one question, answered by the formulas of the engine.

use crate::args::CalcArgs;
use crate::places::{file_name, read_text};
use crate::say::{Say, bad};
use crate::{Done, embedded};
use dutypoint_engine::calc::{self, Answer, CALCULATIONS, Number, Packs};
use dutypoint_hydraulics::pack::Standard;
use dutypoint_model::Verdict;
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{IsTerminal as _, Read as _};

/// A question in JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    calc: String,
    inputs: Value,
}

pub(crate) fn run(args: &CalcArgs, say: Say) -> anyhow::Result<Done> {
    if args.list {
        return list(args.name.as_deref(), say);
    }
    if args.example {
        return example(args.name.as_deref(), say);
    }
    let packs = packs(args)?;
    let name = args.name.as_deref();
    let answers = if args.pairs.is_empty() {
        match json_inputs(args)? {
            Value::Array(list) => return batch(name, list, &packs, say),
            one => vec![answer(name, one, &packs)?],
        }
    } else {
        vec![answer(name, from_pairs(&args.pairs)?, &packs)?]
    };
    for answer in &answers {
        say.document(answer)?;
        print(say, answer);
    }
    Ok(done(&answers))
}

/// A verdict that is no pass is a judged failure; most calculations judge nothing.
fn done<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> Done {
    let passing = |a: &Answer| a.verdict().is_none_or(|v| v == Verdict::Pass);
    if answers.into_iter().all(passing) {
        Done::Passing
    } else {
        Done::Failing
    }
}

/// Every question of a list: its answer, or its error with the index. Nothing is left out
/// silently, and one error makes the whole bad input.
fn batch(name: Option<&str>, list: Vec<Value>, packs: &Packs, say: Say) -> anyhow::Result<Done> {
    let answers: Vec<anyhow::Result<Answer>> = list
        .into_iter()
        .map(|inputs| answer(name, inputs, packs))
        .collect();
    let mut document = Vec::new();
    for (index, result) in answers.iter().enumerate() {
        match result {
            Ok(answer) => {
                say.line(format!("[{index}]"));
                print(say, answer);
                document.push(json!({ "index": index, "answer": answer }));
            }
            Err(error) => {
                let text = format!("{error:#}");
                eprintln!("[{index}] {} {text}", say.pick("错误：", "error:"));
                document.push(json!({ "index": index, "error": text }));
            }
        }
    }
    say.document(&document)?;
    if answers.iter().any(Result::is_err) {
        return Ok(Done::BadInput);
    }
    Ok(done(answers.iter().flatten()))
}

fn answer(name: Option<&str>, inputs: Value, packs: &Packs) -> anyhow::Result<Answer> {
    // A request names its calculation; with a name given, bare inputs will do.
    let is_request = inputs.get("calc").is_some();
    let request = match name {
        Some(name) if !is_request => Request {
            calc: name.to_owned(),
            inputs,
        },
        _ => serde_json::from_value(inputs).map_err(|e| {
            bad(format!(
                "failed to read the question: {e}; expected {{\"calc\": …, \"inputs\": {{…}}}}, or the calculation's name before the inputs"
            ))
        })?,
    };
    if let Some(name) = name.filter(|name| *name != request.calc) {
        return Err(bad(format!(
            "failed to choose a calculation: the command line says {name:?}, the JSON {:?}",
            request.calc
        )));
    }
    Ok(calc::find(&request.calc)?.answer(&request.inputs, packs)?)
}

fn packs(args: &CalcArgs) -> anyhow::Result<Packs> {
    let mut packs = embedded::packs()?;
    for path in &args.packs {
        let pack = Standard::from_toml(&file_name(path), &read_text(path)?)?;
        packs.insert(pack.id.clone(), pack);
    }
    Ok(packs)
}

fn from_pairs(pairs: &[String]) -> anyhow::Result<Value> {
    let mut inputs = serde_json::Map::new();
    for pair in pairs {
        let (key, value) = pair.split_once('=').ok_or_else(|| {
            bad(format!(
                "failed to read {pair:?}: expected KEY=VALUE, as in flow='32 m3/h'"
            ))
        })?;
        if inputs.insert(key.to_owned(), calc::given(value)).is_some() {
            return Err(bad(format!(
                "failed to read {pair:?}: {key} is given twice"
            )));
        }
    }
    Ok(inputs.into())
}

fn json_inputs(args: &CalcArgs) -> anyhow::Result<Value> {
    let (place, text) = match &args.input {
        Some(path) => (path.display().to_string(), read_text(path)?),
        None => {
            let mut stdin = std::io::stdin();
            if stdin.is_terminal() {
                return Err(bad(
                    "failed to read the inputs: give them as KEY=VALUE, with --in FILE or on standard input; `dutypoint calc --list` lists the calculations",
                ));
            }
            let mut text = String::new();
            let read = stdin.read_to_string(&mut text);
            read.map_err(|e| bad(format!("failed to read standard input: {e}")))?;
            ("standard input".to_owned(), text)
        }
    };
    serde_json::from_str(&text).map_err(|e| bad(format!("failed to read {place}: {e}")))
}

fn list(name: Option<&str>, say: Say) -> anyhow::Result<Done> {
    let all = match name {
        Some(name) => vec![calc::find(name)?],
        None => CALCULATIONS.to_vec(),
    };
    say.document(&all)?;
    for calculation in all {
        say.line(format!(
            "{}  {}\n    {}",
            calculation.name,
            calculation.text().get(say.lang),
            calculation.source
        ));
        for field in calculation.fields {
            let need = if field.required {
                say.pick("必填", "required")
            } else {
                say.pick("可选", "optional")
            };
            say.line(format!(
                "    {:<24} {need}  {}  [{}]",
                field.name,
                field.text().get(say.lang),
                field.units()
            ));
        }
    }
    Ok(Done::Passing)
}

/// The example is JSON whether or not JSON was asked for: it is made to be fed back.
fn example(name: Option<&str>, say: Say) -> anyhow::Result<Done> {
    let example = match name {
        Some(name) => calc::find(name)?.example(),
        None => CALCULATIONS
            .iter()
            .map(|c| json!({ "calc": c.name, "inputs": c.example() }))
            .collect(),
    };
    Say { json: true, ..say }.document(&example)?;
    Ok(Done::Passing)
}

fn print(say: Say, answer: &Answer) {
    let calculation = answer.calculation();
    say.line(format!(
        "{}  {}",
        calculation.name,
        calculation.text().get(say.lang)
    ));
    for input in answer.inputs() {
        let said = match (&input.given, input.value.as_f64()) {
            (Value::String(given), Some(_)) if given.ends_with(&format!(" {}", input.unit)) => {
                given.clone()
            }
            (Value::String(given), Some(value)) => {
                format!("{given} = {} {}", significant(value), input.unit)
            }
            (Value::String(given), None) => given.clone(),
            (given, _) => format!("{given} {}", input.unit),
        };
        say.line(format!("    {:<24} {}", input.name, said.trim_end()));
    }
    for number in answer.results() {
        say.line(format!("  {}", result_line(say, number)));
    }
    for note in answer.notes() {
        say.line(format!("  · {}", note.get(say.lang)));
    }
    let formulas = calculation.formulas.join(", ");
    say.line(format!(
        "  {} {formulas} · {}",
        say.pick("公式", "formula"),
        calculation.source
    ));
    if let Some(clause) = answer.clause() {
        say.line(format!("  {} {clause}", say.pick("依据", "by")));
    }
}

fn result_line(say: Say, number: &Number) -> String {
    let shown = |value: f64| {
        let (value, unit) = number.printed(value);
        format!("{} {unit}", significant(value))
            .trim_end()
            .to_owned()
    };
    let value = number.value.map_or_else(|| "–".to_owned(), shown);
    let judged = number.judgement().map_or_else(String::new, |judged| {
        let limits = match (judged.limit_low, judged.limit_high) {
            (Some(low), Some(high)) => format!("  [{} … {}]", shown(low), shown(high)),
            (Some(low), None) => format!("  ≥ {}", shown(low)),
            (None, Some(high)) => format!("  ≤ {}", shown(high)),
            (None, None) => String::new(),
        };
        format!("{limits}  {}", judged.verdict.text().get(say.lang))
    });
    let symbol = match number.symbol {
        "" => String::new(),
        symbol => format!("{symbol} "),
    };
    format!("{symbol}{}: {value}{judged}", number.text.get(say.lang))
}

/// Seven significant digits: more than any instrument gives, less than noise.
fn significant(value: f64) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(value)
}
