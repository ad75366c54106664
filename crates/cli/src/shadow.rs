//! `dutypoint shadow`: what the bench shows beside what an old system shows.

use crate::Done;
use crate::args::ShadowArgs;
use crate::observe::{bench, significant, wait_for};
use crate::places::{Places, write};
use crate::say::{Say, bad};
use dutypoint_fieldbus::LineSetup;
use dutypoint_station::{Difference, Observer, differences};
use serde_json::{Value, json};
use std::time::Duration;

/// The table of one point.
struct Point {
    name: String,
    at: String,
    table: Vec<Difference>,
}

pub(crate) async fn run(args: &ShadowArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let (file, library) = bench(&args.bench, &args.config, places).await?;
    let ours = &file.bench;
    let Some(theirs) = ours.beside() else {
        return Err(bad(format!(
            "failed to shadow bench {}: its file has no [shadow] section that names the lines and instruments of the other system",
            ours.id
        )));
    };
    if let Some(line) = theirs.line.iter().find(|l| l.endpoint.is_simulated()) {
        return Err(bad(format!(
            "failed to shadow bench {}: the port of line {:?} of [shadow] is \"simulated\"; write the address of the other system",
            ours.id, line.name
        )));
    }
    let our_channels = dutypoint_fieldbus::plan(ours, library.profiles())?.channels;
    let their_channels = dutypoint_fieldbus::plan(&theirs, library.profiles())?.channels;
    dutypoint_fieldbus::load(&theirs, library.profiles(), &their_channels)?;
    let mut here = Observer::start(LineSetup::of_bench(ours, &our_channels, 1.0, |_| None))?;
    let mut there = Observer::start(LineSetup::of_bench(&theirs, &their_channels, 1.0, |_| None))?;
    let names = match args.points.is_empty() {
        true => vec!["1".to_owned()],
        false => args.points.clone(),
    };
    let mut points: Vec<Point> = Vec::new();
    for name in names {
        if !points.is_empty() {
            wait_for(&name, say)?;
        }
        let at = jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string();
        let time = Duration::from_secs(u64::from(args.seconds));
        let (own, other) = tokio::join!(here.during(time), there.during(time));
        let table = differences((&our_channels, &own), (&their_channels, &other));
        let point = Point { name, at, table };
        print(&point, say);
        points.push(point);
    }
    if let Some(path) = &args.csv {
        write(path, csv(&points).as_bytes())?;
    }
    let listed: Vec<Value> = points
        .iter()
        .map(|p| json!({ "point": p.name, "at": p.at, "seconds": args.seconds, "table": p.table }))
        .collect();
    let silent = points
        .iter()
        .all(|p| p.table.iter().all(|d| d.difference.is_none()));
    let error = silent.then(|| {
        say.pick(
            "没有一个通道两方都有读数；`dutypoint line-check` 可查出线路的问题",
            "on none of its channels both sides gave a value; `dutypoint line-check` tells what is wrong with a line",
        )
    });
    say.document(&json!({
        "bench": ours.id, "points": listed, "csv": args.csv, "error": error,
    }))?;
    say.line(format!(
        "\n{}",
        say.pick(
            "u：差值的合成标准不确定度（两方均有校准时）；En = |差值| / 2u，供参考。未向任何一方写入。",
            "u: combined standard uncertainty of the difference, where both have a calibration; En = |difference| / 2u, for information. Nothing was written to either.",
        )
    ));
    if let Some(error) = error {
        say.line(format!("{} {error}", say.pick("错误：", "error:")));
        return Ok(Done::BadInput);
    }
    Ok(Done::Passing)
}

fn print(point: &Point, say: Say) {
    say.line(format!(
        "\n{} {}  {}",
        say.pick("工况点", "point"),
        point.name,
        point.at
    ));
    say.line(format!(
        "    {:<16} {:>12} {:>12} {:>12} {:>10} {:>8}",
        say.pick("通道", "channel"),
        say.pick("本台", "ours"),
        say.pick("对方", "theirs"),
        say.pick("差值", "difference"),
        "u",
        "En"
    ));
    for row in &point.table {
        let en = row.en.map_or("-".to_owned(), |en| format!("{en:.2}"));
        say.line(format!(
            "    {:<16} {:>12} {:>12} {:>12} {:>10} {en:>8}  {}",
            row.channel,
            significant(row.ours),
            significant(row.theirs),
            significant(row.difference),
            significant(row.u),
            row.unit
        ));
    }
}

/// One row a channel and point; numbers with every digit, so that nothing is rounded twice.
fn csv(points: &[Point]) -> String {
    let mut text = String::from(
        "point,at,channel,unit,ours,our_readings,theirs,their_readings,difference,u,en\n",
    );
    let number = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
    for point in points {
        for row in &point.table {
            let cells = [
                quoted(&point.name),
                point.at.clone(),
                quoted(&row.channel),
                row.unit.clone(),
                number(row.ours),
                row.our_readings.to_string(),
                number(row.theirs),
                row.their_readings.to_string(),
                number(row.difference),
                number(row.u),
                number(row.en),
            ];
            text.push_str(&cells.join(","));
            text.push('\n');
        }
    }
    text
}

/// A text cell: quoted where it must be, and never one a spreadsheet takes for a formula.
fn quoted(text: &str) -> String {
    let plain = |c: char| !matches!(c, ',' | '"' | '\n' | '\r');
    let formula = text.starts_with(['=', '+', '-', '@', '\t']);
    let text = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.chars().all(plain) {
        text
    } else {
        format!("\"{}\"", text.replace('"', "\"\""))
    }
}
