//! `dutypoint import`: a test recorded elsewhere, evaluated.

use crate::args::ImportArgs;
use crate::places::{
    Places, file_name, journal_in, nanoseconds, new_run_id, read, read_text, station_key,
};
use crate::report::{conclude, software};
use crate::say::{Say, bad};
use crate::{Done, embedded, workbook};
use dutypoint_engine::config::Order;
use dutypoint_engine::import::{self, Choices};
use dutypoint_hydraulics::pack::Standard;
use dutypoint_ledger::{OpenMode, SqliteLedger};
use dutypoint_model::document::{Clock, FileRef, Import, Origin, Start};
use dutypoint_model::{Digest, Document};
use dutypoint_station::recover;

pub(crate) async fn run(args: &ImportArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let wall = jiff::Timestamp::now();
    let now_ns = nanoseconds(wall)?;
    let order_text = read_text(&args.order)?;
    let order = Order::parse(&file_name(&args.order), &order_text)?;
    let points = read(&args.points)?;
    let table = table(args, &order, &points, now_ns)?;

    let mut own = Vec::new();
    for path in &args.packs {
        let text = read_text(path)?;
        let pack = Standard::from_toml(&file_name(path), &text)?;
        own.push((pack.id, file_name(path), text.into_bytes()));
    }
    let mut files = vec![("order.toml".to_owned(), order_text.into_bytes())];
    for id in order.packs() {
        files.push(match own.iter().find(|(own_id, ..)| own_id == id) {
            Some((_, name, bytes)) => (name.clone(), bytes.clone()),
            None => embedded::pack(id)?,
        });
    }
    let mut references = files.iter().map(|(name, bytes)| FileRef {
        name: name.clone(),
        digest: Digest::of(bytes),
    });
    let order_ref = references.next();
    let packs: Vec<FileRef> = references.collect();
    let start = Start {
        t_ns: now_ns,
        station: "import".into(),
        origin: Origin::Imported,
        operator: args.operator.clone(),
        clock: Clock {
            source: "wall clock of the computer".into(),
            speed: 1.0,
            error_ms: None,
        },
        software: software(),
        order: order_ref
            .ok_or_else(|| anyhow::anyhow!("the list of files begins with the order"))?,
        bench: None,
        packs,
        profiles: Vec::new(),
    };
    // A table the engine refuses leaves nothing behind: try it before anything is made.
    let known = files
        .iter()
        .map(|(_, bytes)| (Digest::of(bytes), bytes.clone()))
        .collect();
    dutypoint_engine::RunEngine::open(&start, &known)?.step(&Document::Import(table.clone()))?;

    let run = new_run_id(wall)?;
    let out = places.out(
        args.out.as_deref(),
        &format!("import-{}", run.trim_start_matches('R')),
    )?;
    let mut ledger = SqliteLedger::open(journal_in(&out), OpenMode::ReadWrite).await?;
    let key = station_key(&out, &ledger).await?;
    recover(&mut ledger, &key, now_ns).await?;
    files.push((file_name(&args.points), points));
    dutypoint_station::import(&mut ledger, &key, &run, start, &files, table).await?;
    let done = conclude(&mut ledger, &key, &run, &out, now_ns, say).await?;
    ledger.close().await?;
    Ok(done)
}

/// The table of points, whatever its file is.
fn table(args: &ImportArgs, order: &Order, points: &[u8], now_ns: i64) -> anyhow::Result<Import> {
    let name = file_name(&args.points);
    if workbook::is_workbook(points) {
        if args.encoding.is_some() || args.separator.is_some() {
            return Err(bad(format!(
                "failed to import {name}: it is a workbook, which has neither encoding nor separator; leave --encoding and --separator out"
            )));
        }
        let grid = workbook::grid(&name, points, args.sheet.as_deref())?;
        return Ok(import::of_grid(
            order,
            &name,
            points,
            &grid,
            args.decimal,
            now_ns,
        )?);
    }
    if args.sheet.is_some() {
        return Err(bad(format!(
            "failed to import {name}: it is no workbook and has no sheets; leave --sheet out"
        )));
    }
    let choices = Choices {
        encoding: args.encoding,
        separator: args.separator,
        decimal: args.decimal,
    };
    Ok(import::table(order, &name, points, &choices, now_ns)?)
}
