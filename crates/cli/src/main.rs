//! `dutypoint`: arguments and wiring only. Every capability lives in a library crate.
//!
//! Exit codes: 0 done and passing · 1 judged failing (a verdict that is no pass, evidence
//! that does not verify, an issue that is refused) · 2 usage or bad input · 3 internal.

mod args;
mod calc;
mod calibrations;
mod certify;
mod completions;
mod config;
mod daemon;
mod demo;
mod doctor;
mod embedded;
mod enter;
mod fsck;
mod import;
mod instruments;
mod library;
mod line_check;
mod logs;
mod observe;
mod order;
mod orders;
mod pack;
mod places;
mod plan;
mod probe;
mod profiles;
mod recording;
mod replay;
mod report;
mod run;
mod runs;
mod say;
mod serve;
mod shadow;
mod signals;
mod sim;
mod tail;
mod validate;
mod verify;
mod workbook;

use args::{Cli, Verb};
use clap::Parser as _;
use dutypoint_model::document::ActCommand;
use say::Say;
use std::process::ExitCode;

/// How a verb ended, where it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    /// Done and passing.
    Passing,
    /// Done, and the judgement is not a pass.
    Failing,
    /// The input or the surroundings must be changed first.
    BadInput,
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return say::usage(&error),
    };
    let say = Say::new(cli.lang, cli.json);
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            say.error(&anyhow::Error::new(error));
            return ExitCode::from(3);
        }
    };
    let places = places::Places::new(cli.data);
    let done = runtime.block_on(async {
        match cli.verb {
            Verb::Demo(args) => demo::run(&args, &places, say).await,
            Verb::Run(args) => run::run(&args, &places, say).await,
            Verb::Tail(args) => tail::run(&args, &places, say).await,
            Verb::Stop(args) => orders::act(&args, ActCommand::Stop, None, &places, say).await,
            Verb::Zero(args) => orders::act(&args, ActCommand::Zero, None, &places, say).await,
            Verb::Arm(args) => orders::act(&args, ActCommand::Arm, None, &places, say).await,
            Verb::Disarm(args) => orders::act(&args, ActCommand::Disarm, None, &places, say).await,
            Verb::Move(args) => orders::send(&args, &places, say).await,
            Verb::Safe(args) => orders::act(&args, ActCommand::Safe, None, &places, say).await,
            Verb::Resume(args) => orders::act(&args, ActCommand::Resume, None, &places, say).await,
            Verb::Enter(args) => enter::run(&args, &places, say).await,
            Verb::Serve(args) => serve::run(&args, &places, say).await,
            Verb::Sim(args) => sim::run(&args, &places, say).await,
            Verb::Import(args) => import::run(&args, &places, say).await,
            Verb::Certify(args) => certify::run(&args, &places, say).await,
            Verb::Verify(args) => verify::run(&args, say),
            Verb::Replay(args) => replay::run(&args, &places, say).await,
            Verb::Runs(args) => runs::run(&args, &places, say).await,
            Verb::Fsck(args) => fsck::run(&args, &places, say).await,
            Verb::Config(args) => config::run(&args, &places, say),
            Verb::Instruments(args) => instruments::run(&args, &places, say),
            Verb::Plan(args) => plan::run(&args, &places, say),
            Verb::LineCheck(args) => line_check::run(&args, &places, say).await,
            Verb::Shadow(args) => shadow::run(&args, &places, say).await,
            Verb::Probe(args) => probe::run(&args, &places, say).await,
            Verb::Order(args) => order::run(args, say),
            Verb::Pack(args) => pack::run(&args, say),
            Verb::Doctor(args) => doctor::run(&args, &places, say).await,
            Verb::Calc(args) => calc::run(&args, say),
            Verb::Validate(args) => validate::run(&args, say),
            Verb::Completions(args) => completions::run(&args, say),
        }
    });
    match done {
        Ok(Done::Passing) => ExitCode::SUCCESS,
        Ok(Done::Failing) => ExitCode::from(1),
        Ok(Done::BadInput) => ExitCode::from(2),
        Err(error) => {
            say.error(&error);
            ExitCode::from(say::exit_code(&error))
        }
    }
}
