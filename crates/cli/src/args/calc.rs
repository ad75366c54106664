//! Arguments of `calc`: a subcommand for each calculation, its flags from its schema.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, value_parser};
use dutypoint_engine::calc::{self, CALCULATIONS, Calculation, Flag, FlagKind};
use serde_json::{Map, Value};
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  dutypoint calc water --t 20 --p 101325
  dutypoint calc gravity --latitude-deg 37.87 --altitude-m 780
  dutypoint calc example water > water.json         (then change the numbers)
  dutypoint calc water --in water.json
  dutypoint calc water --t 25 < water.json          (a flag overrides the question)
  dutypoint calc schema water                       (fields, units, JSON schema)

Questions and answers are JSON; without --in and all needed flags the question is read
from standard input. A list of questions gets a list of answers. Exit code 1 when a
verdict is no pass.";

const INPUT: &str = "in";
const PACK_FILE: &str = "pack-file";

/// What was asked of `calc`.
#[derive(Clone, Debug)]
pub(crate) struct CalcArgs {
    pub(crate) asked: Asked,
}

#[derive(Clone, Debug)]
pub(crate) enum Asked {
    /// Names of the calculations.
    List,
    /// The manual in Markdown.
    Manual,
    /// JSON schemas of one or of all.
    Schema(Option<String>),
    /// A question to be changed.
    Example(String),
    /// An answer.
    Answer {
        name: String,
        flags: Map<String, Value>,
        input: Option<PathBuf>,
        packs: Vec<PathBuf>,
    },
}

impl Args for CalcArgs {
    fn augment_args(command: Command) -> Command {
        let name = || Arg::new("NAME").help("Name of the calculation");
        let mut command = command
            .subcommand_required(true)
            .arg_required_else_help(true)
            .after_help(EXAMPLES)
            .subcommand(Command::new("list").about("Names of the calculations"))
            .subcommand(Command::new("manual").about("The manual, in Markdown"))
            .subcommand(
                Command::new("schema")
                    .about("JSON schemas of question and answer, of one or of all")
                    .arg(name()),
            )
            .subcommand(
                Command::new("example")
                    .about("A question that can be answered, to be changed")
                    .arg(name().required(true)),
            );
        for calculation in CALCULATIONS {
            command = command.subcommand(subcommand(calculation));
        }
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn subcommand(calculation: &Calculation) -> Command {
    let mut command = Command::new(calculation.name)
        .about(format!("{} · {}", calculation.en, calculation.zh))
        .after_help(format!(
            "Source: {}\nExample: {}",
            calculation.source,
            calculation.example()
        ))
        .arg(
            Arg::new(INPUT)
                .long("in")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("Question as JSON, or a list of questions; - is standard input"),
        )
        .arg(
            Arg::new(PACK_FILE)
                .long("pack-file")
                .value_name("FILE")
                .action(ArgAction::Append)
                .value_parser(value_parser!(PathBuf))
                .help("A standard pack that is not shipped"),
        );
    for flag in calculation.flags() {
        command = command.arg(arg(&flag));
    }
    command
}

fn arg(flag: &Flag) -> Arg {
    let dashed = flag.field.replace('_', "-");
    let mut help = flag.help.clone();
    if !flag.words.is_empty() {
        let words: Vec<&str> = flag.words.iter().map(|(word, _)| word.as_str()).collect();
        help = format!("{help} [{}]", words.join(", "));
    }
    if let Some(range) = &flag.range {
        help = format!("{help} [{}]", range.en);
    }
    let arg = Arg::new(flag.field.clone())
        .long(dashed.clone())
        .visible_aliases(flag.short.to_vec())
        .help(help.trim().to_owned());
    let arg = if dashed == flag.field {
        arg
    } else {
        arg.alias(flag.field.clone())
    };
    let arg = arg.allow_negative_numbers(flag.kind != FlagKind::Switch);
    match flag.kind {
        FlagKind::Switch => arg.action(ArgAction::SetTrue),
        FlagKind::Number => arg.value_name("NUMBER").value_parser(finite),
        FlagKind::Count => arg.value_name("COUNT").value_parser(value_parser!(u64)),
        FlagKind::Numbers => arg
            .value_name("NUMBER")
            .num_args(1..)
            .value_delimiter(',')
            .value_parser(finite),
        FlagKind::Text => arg.value_name("TEXT").value_parser(value_parser!(String)),
        FlagKind::List | FlagKind::Map | FlagKind::Json => {
            arg.value_name("JSON").value_parser(json)
        }
    }
}

/// JSON has no infinity and no NaN: they would read as a field left out.
fn finite(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|e| format!("{e}"))?;
    if number.is_finite() {
        return Ok(number);
    }
    Err("expected a finite number".to_owned())
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|e| format!("expected JSON: {e}"))
}

impl FromArgMatches for CalcArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let missing = || Error::new(clap::error::ErrorKind::MissingSubcommand);
        let (name, matches) = matches.subcommand().ok_or_else(missing)?;
        let named = || matches.get_one::<String>("NAME").cloned();
        let asked = match name {
            "list" => Asked::List,
            "manual" => Asked::Manual,
            "schema" => Asked::Schema(named()),
            "example" => Asked::Example(named().unwrap_or_default()),
            name => Asked::Answer {
                name: name.to_owned(),
                flags: flags(name, matches),
                input: matches.get_one::<PathBuf>(INPUT).cloned(),
                packs: matches
                    .get_many::<PathBuf>(PACK_FILE)
                    .into_iter()
                    .flatten()
                    .cloned()
                    .collect(),
            },
        };
        Ok(Self { asked })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn flags(name: &str, matches: &ArgMatches) -> Map<String, Value> {
    let flags = calc::find(name).map(Calculation::flags);
    flags
        .into_iter()
        .flatten()
        .filter_map(|flag| Some((flag.field.clone(), value(&flag, matches)?)))
        .collect()
}

fn value(flag: &Flag, matches: &ArgMatches) -> Option<Value> {
    let id = flag.field.as_str();
    match flag.kind {
        FlagKind::Switch => matches.get_flag(id).then_some(true.into()),
        FlagKind::Number => Some((*matches.get_one::<f64>(id)?).into()),
        FlagKind::Count => Some((*matches.get_one::<u64>(id)?).into()),
        FlagKind::Numbers => Some(matches.get_many::<f64>(id)?.copied().collect()),
        FlagKind::Text => Some(matches.get_one::<String>(id)?.as_str().into()),
        FlagKind::List | FlagKind::Map | FlagKind::Json => matches.get_one::<Value>(id).cloned(),
    }
}
