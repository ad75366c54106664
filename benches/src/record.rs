//! A run of such a bench with the journal on, as the station records it.

use crate::wire::{planned, profile};
use dutypoint_engine::FORMULAS;
use dutypoint_ledger::{OpenMode, SqliteLedger, StationKey};
use dutypoint_model::Digest;
use dutypoint_model::document::{ActCommand, Channels, Clock, FileRef, Origin, Software, Start};
use dutypoint_station::{BenchClock, Control, RunRequest, Update, record};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// The request that records `bench`; its time is that of the wall.
fn request(bench: &str, channels: Channels) -> RunRequest {
    let profile = profile();
    let mut files = Vec::new();
    let mut refer = |name: &str, text: &str| {
        files.push((name.to_owned(), text.as_bytes().to_vec()));
        FileRef {
            name: name.to_owned(),
            digest: Digest::of(text.as_bytes()),
        }
    };
    macro_rules! pack {
        ($name:literal) => {
            refer(
                concat!($name, ".toml"),
                include_str!(concat!("../../config/standards/", $name, ".toml")),
            )
        };
    }
    let start = Start {
        t_ns: 0,
        station: "bench".into(),
        origin: Origin::Bench,
        operator: "bench".into(),
        clock: Clock {
            source: "wall".into(),
            speed: 1.0,
            error_ms: None,
        },
        software: Software {
            name: "dutypoint".into(),
            version: "bench".into(),
            build: "bench".into(),
            formulas: FORMULAS.iter().map(|f| (*f).to_owned()).collect(),
        },
        order: refer("order.toml", include_str!("../../config/orders/demo.toml")),
        bench: Some(refer("bench.toml", bench)),
        packs: vec![
            pack!("gbt3216-2016"),
            pack!("gbt12785-2014"),
            pack!("gb32030-2022"),
        ],
        profiles: vec![refer("forty.toml", &profile)],
    };
    RunRequest {
        run: "R20260101-000000-0001".into(),
        start,
        channels,
        files,
        clock: BenchClock::new(Instant::now(), 0, 1.0),
    }
}

/// Records `bench` for `seconds` into `journal`; returns how many documents it became.
///
/// # Errors
/// What the station says.
pub fn run(
    bench: &str,
    journal: &Path,
    seconds: f64,
) -> Result<u64, Box<dyn std::error::Error + Send + Sync>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let key = StationKey::from_seed(&[7; 32]);
        let mut ledger = SqliteLedger::open(journal, OpenMode::ReadWrite).await?;
        let (lines, channels) = planned(bench)?;
        let request = request(bench, channels);
        let (control, orders) = mpsc::channel(1);
        let (updates, shown) = watch::channel(Update::default());
        let stop = async {
            tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
            let stop = Control::new("bench", "enough", ActCommand::Stop);
            // A run that has ended by itself takes no orders.
            let _ = control.send(stop).await;
        };
        let (recorded, ()) = tokio::join!(
            record(&mut ledger, &key, request, Ok(lines), orders, updates),
            stop
        );
        recorded?;
        Ok(shown.borrow().documents)
    })
}
