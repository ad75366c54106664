//! Arguments of `order`.

use clap::{Args, Subcommand, ValueEnum};
use dutypoint_model::{Bilingual, Measure};
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint order new --out order.toml
  dutypoint order new --model 200QJ32-104/8 --flow '32 m3/h' --head '104 m' --out order.toml")]
pub(crate) struct OrderArgs {
    #[command(subcommand)]
    pub(crate) verb: OrderVerb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum OrderVerb {
    /// Write a new order with annotations; what is not given is marked as still to be filled.
    New(Box<NewOrderArgs>),
}

/// Where the test is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OrderKind {
    /// On a bench of this laboratory.
    Bench,
    /// Elsewhere; its table of points is imported.
    Import,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  dutypoint order new --out order.toml
  dutypoint order new --kind import --out order.toml
  dutypoint order new --model 200QJ32-104/8 --flow '32 m3/h' --head '104 m' --grade 2B \\
      --customer '用户 / customer' --out order.toml --force

Text in two languages is given as 'Chinese / English'. `dutypoint config check` names
what is still to be filled. Without --out the order is printed.")]
pub(crate) struct NewOrderArgs {
    /// File to write; by default the order is printed.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the file if there is one.
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
    /// Where the test is run.
    #[arg(long, value_enum, default_value = "bench")]
    pub(crate) kind: OrderKind,
    /// Order number.
    #[arg(long)]
    pub(crate) number: Option<String>,
    /// Who ordered.
    #[arg(long, value_name = "ZH / EN", value_parser = both)]
    pub(crate) customer: Option<Bilingual>,
    /// Who made the pump.
    #[arg(long, value_name = "ZH / EN", value_parser = both)]
    pub(crate) manufacturer: Option<Bilingual>,
    /// Kind of product.
    #[arg(long, value_name = "ZH / EN", value_parser = both)]
    pub(crate) product: Option<Bilingual>,
    /// Model as on the nameplate.
    #[arg(long, alias = "pump")]
    pub(crate) model: Option<String>,
    /// Serial number.
    #[arg(long)]
    pub(crate) serial: Option<String>,
    /// Stages.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) stages: Option<u32>,
    /// Rated motor power.
    #[arg(long, value_name = "MEASURE")]
    pub(crate) motor_power: Option<Measure>,
    /// Rated voltage.
    #[arg(long, value_name = "MEASURE")]
    pub(crate) voltage: Option<Measure>,
    /// Rated frequency.
    #[arg(long, value_name = "MEASURE")]
    pub(crate) frequency: Option<Measure>,
    /// Pole pairs of the motor.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) pole_pairs: Option<u32>,
    /// Rated speed (import).
    #[arg(long, value_name = "MEASURE")]
    pub(crate) speed: Option<Measure>,
    /// Standard pack to judge by.
    #[arg(long, default_value = "gbt3216-2016", value_name = "ID")]
    pub(crate) pack: String,
    /// Acceptance grade of that pack.
    #[arg(long)]
    pub(crate) grade: Option<String>,
    /// Pack of the test method; gbt12785-2014 by default on a bench.
    #[arg(long, value_name = "ID")]
    pub(crate) method: Vec<String>,
    /// Guaranteed flow.
    #[arg(long, value_name = "MEASURE")]
    pub(crate) flow: Option<Measure>,
    /// Guaranteed head.
    #[arg(long, value_name = "MEASURE")]
    pub(crate) head: Option<Measure>,
    /// Guaranteed efficiency: of the unit on a bench, of the pump for an import.
    #[arg(long, value_name = "MEASURE")]
    pub(crate) efficiency: Option<Measure>,
    /// Guaranteed power.
    #[arg(long, value_name = "MEASURE")]
    pub(crate) power: Option<Measure>,
    /// Where the guaranteed numbers come from.
    #[arg(long, value_name = "ZH / EN", value_parser = both)]
    pub(crate) declared_by: Option<Bilingual>,
    /// Who ran the test (import).
    #[arg(long, value_name = "ZH / EN", value_parser = both)]
    pub(crate) tested_by: Option<Bilingual>,
    /// Where the table comes from (import).
    #[arg(long)]
    pub(crate) source: Option<String>,
    /// Gravity used, m/s2 (import).
    #[arg(long, value_name = "NUMBER")]
    pub(crate) gravity: Option<f64>,
    /// Density of the liquid in the test, kg/m3 (import).
    #[arg(long, value_name = "NUMBER")]
    pub(crate) test_density: Option<f64>,
    /// Bore at the inlet tap (import).
    #[arg(long, value_name = "MEASURE")]
    pub(crate) inlet_bore: Option<Measure>,
    /// Bore at the outlet tap (import).
    #[arg(long, value_name = "MEASURE")]
    pub(crate) outlet_bore: Option<Measure>,
    /// Height of the outlet gauge above the inlet gauge (import).
    #[arg(long, value_name = "MEASURE", allow_hyphen_values = true)]
    pub(crate) gauge_height_difference: Option<Measure>,
    /// How the readings are meant (import).
    #[arg(long, value_name = "ZH / EN", value_parser = both)]
    pub(crate) reading_rule: Option<Bilingual>,
}

/// Text in two languages; a name that has one form stands for both.
fn both(text: &str) -> Result<Bilingual, String> {
    let (zh, en) = text.split_once(" / ").unwrap_or((text, text));
    if zh.trim().is_empty() || en.trim().is_empty() {
        return Err("expected 'Chinese / English', neither empty".into());
    }
    Ok(Bilingual::new(zh.trim(), en.trim()))
}
