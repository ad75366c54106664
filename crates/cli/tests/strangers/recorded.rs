//! The whole way: from a stranger's registers through the recorder into the journal, and
//! out again by the engine's decoder.

use crate::numbers::{numbers, profile, pushing};
use crate::proxy::{Proxy, back};
use crate::server::{Held, Stranger, Who};
use crate::values::{bench_text, planned, rtu, same};
use dutypoint_engine::FORMULAS;
use dutypoint_engine::config::Endpoint;
use dutypoint_fieldbus::LineSetup;
use dutypoint_ledger::{OpenMode, SqliteLedger, StationKey};
use dutypoint_model::document::{
    ActCommand, Channels, Clock, Exchange, FileRef, Origin, Quality, Software, Start,
};
use dutypoint_model::{Digest, Document, Outcome, Sealed};
use dutypoint_station::{BenchClock, Control, RunRequest, Update, load_run, record};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// The request that records `bench`, and its lines; its times are those of the wall.
fn request(bench: &str) -> (RunRequest, Vec<LineSetup>) {
    let (parsed, channels) = planned(bench);
    let mut files = Vec::new();
    let mut refer = |name: &str, text: &str| {
        files.push((name.to_owned(), text.as_bytes().to_vec()));
        FileRef {
            name: name.to_owned(),
            digest: Digest::of(text.as_bytes()),
        }
    };
    let start = Start {
        t_ns: 0,
        station: parsed.id.clone(),
        origin: Origin::Bench,
        operator: "test".into(),
        clock: Clock {
            source: "wall".into(),
            speed: 1.0,
            error_ms: None,
        },
        software: Software {
            name: "dutypoint".into(),
            version: "test".into(),
            build: "test".into(),
            formulas: FORMULAS.iter().map(|f| (*f).to_owned()).collect(),
        },
        order: refer(
            "order.toml",
            include_str!("../../../../config/orders/demo.toml"),
        ),
        bench: Some(refer("bench.toml", bench)),
        packs: vec![
            refer(
                "gbt3216-2016.toml",
                include_str!("../../../../config/standards/gbt3216-2016.toml"),
            ),
            refer(
                "gbt12785-2014.toml",
                include_str!("../../../../config/standards/gbt12785-2014.toml"),
            ),
            refer(
                "gb32030-2022.toml",
                include_str!("../../../../config/standards/gb32030-2022.toml"),
            ),
        ],
        profiles: vec![
            refer("stranger.toml", profile().1),
            refer("invented-push.toml", pushing().1),
        ],
    };
    let lines = LineSetup::of_bench(&parsed, &channels, 1.0, |_| None);
    let request = RunRequest {
        run: "R20260101-000000-0001".into(),
        start,
        channels,
        files,
        clock: BenchClock::new(Instant::now(), 0, 1.0),
    };
    (request, lines)
}

/// Records `bench` until `enough` is over, and reads the journal.
pub(crate) async fn record_run(bench: &str, enough: impl Future<Output = ()>) -> Vec<Sealed> {
    record_until(bench, async |_| enough.await).await
}

/// As [`record_run`], with what is in the journal so far.
pub(crate) async fn record_until(bench: &str, enough: impl AsyncFnOnce(Journal)) -> Vec<Sealed> {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("journal.sqlite");
    let key = StationKey::from_seed(&[7; 32]);
    let mut ledger = SqliteLedger::open(&path, OpenMode::ReadWrite)
        .await
        .unwrap();
    let (request, lines) = request(bench);
    let run = request.run.clone();
    let (control, orders) = mpsc::channel(1);
    let (updates, _shown) = watch::channel(Update::default());
    let journal = Journal {
        path,
        run: run.clone(),
    };
    let until = async {
        enough(journal).await;
        let stop = Control::new("test", "enough", ActCommand::Stop);
        control.send(stop).await.unwrap();
    };
    let (recorded, ()) = tokio::join!(
        record(&mut ledger, &key, request, Ok(lines), orders, updates),
        until
    );
    recorded.unwrap();
    let (documents, replay) = load_run(&ledger, &run).await.unwrap();
    assert!(
        replay.summary().divergence.is_none(),
        "{:?}",
        replay.summary().divergence
    );
    documents
}

/// The journal of a run that goes on.
pub(crate) struct Journal {
    path: PathBuf,
    run: String,
}

impl Journal {
    /// Waits until the qualities of the answers so far are `enough`, a minute at most; how
    /// many answers that were.
    pub(crate) async fn until(&self, what: &str, enough: impl Fn(&[Quality]) -> bool) -> usize {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let ledger = SqliteLedger::open(&self.path, OpenMode::ReadOnly)
                .await
                .unwrap();
            let (mut documents, mut rows) = (Vec::new(), ledger.documents(&self.run));
            while let Some(chunk) = rows.next_chunk().await.unwrap() {
                documents.extend(chunk);
            }
            let seen: Vec<Quality> = exchanges(&documents).map(|(_, e)| e.3).collect();
            if enough(&seen) {
                return seen.len();
            }
            assert!(Instant::now() < end, "never {what}: {seen:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Every exchange of the journal with the time of its page.
pub(crate) fn exchanges(documents: &[Sealed]) -> impl Iterator<Item = (i64, &Exchange)> {
    documents
        .iter()
        .filter_map(|sealed| match &sealed.doc {
            Document::Page(page) => Some(page),
            _ => None,
        })
        .flat_map(|page| page.exchanges.iter().map(|e| (page.t_ns, e)))
}

pub(crate) fn channels(documents: &[Sealed]) -> &Channels {
    let found = documents.iter().find_map(|sealed| match &sealed.doc {
        Document::Channels(channels) => Some(channels),
        _ => None,
    });
    found.unwrap()
}

/// Asserts that every good exchange holds what its server holds; how many each poll had.
pub(crate) fn all_true(
    documents: &[Sealed],
    held: &BTreeMap<String, Vec<Held>>,
) -> BTreeMap<u16, usize> {
    let channels = channels(documents);
    let mut good = BTreeMap::new();
    for (_, exchange) in exchanges(documents) {
        if exchange.3 != Quality::Good {
            continue;
        }
        let poll = channels.polls.iter().find(|p| p.id == exchange.0).unwrap();
        let words = exchange.4.words().unwrap();
        for channel in channels.channels.iter().filter(|c| c.poll == poll.id) {
            same(channel, poll, &words, &held[&poll.line]);
        }
        *good.entry(poll.id).or_default() += 1;
    }
    good
}

#[tokio::test]
async fn what_two_strangers_hold_stands_in_the_journal_to_the_bit() {
    let back = back();
    let (Some(gateway), Some(bus)) = (
        Stranger::tcp(Who::Pymodbus, &numbers()),
        Stranger::rtu(Who::Libmodbus, &numbers(), &back.path),
    ) else {
        return;
    };
    let proxy = Proxy::rtu(back, &[]);
    let network = Proxy::tcp(gateway.port, &[]).await;
    let bench = bench_text(
        &[
            ("gateway", &Endpoint::tcp(network.front.clone())),
            ("bus", &rtu(&proxy.front)),
        ],
        &[
            ("G-1", "gateway", 1),
            ("G-2", "gateway", 2),
            ("B-1", "bus", 1),
        ],
    );
    let documents = record_run(&bench, async {
        network.answers(4, 10).await;
        proxy.answers(2, 10).await;
    })
    .await;
    let held = BTreeMap::from([
        ("gateway".to_owned(), gateway.held.clone()),
        ("bus".to_owned(), bus.held.clone()),
    ]);
    let good = all_true(&documents, &held);
    // Holding and input registers of three instruments.
    assert_eq!(good.len(), 6, "{good:?}");
    // A server on a busy machine may be late now and then; what it never may is err.
    let wrong = |e: &&Exchange| !matches!(e.3, Quality::Good | Quality::Timeout);
    let wrong: Vec<_> = exchanges(&documents)
        .map(|(_, e)| e)
        .filter(wrong)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(good.values().all(|read| *read >= 5), "{good:?}");
    let outcome = documents.iter().find_map(|sealed| match &sealed.doc {
        Document::Stop(stop) => Some(stop.outcome),
        _ => None,
    });
    assert_eq!(outcome, Some(Outcome::StoppedByOperator));
}

/// One of two serial lines is pulled out: its port is gone. The other one is read on.
#[tokio::test]
async fn a_port_that_is_unplugged_takes_no_other_line_with_it() {
    let (back_1, back_2) = (back(), back());
    let (Some(first), Some(second)) = (
        Stranger::rtu(Who::Libmodbus, &numbers(), &back_1.path),
        Stranger::rtu(Who::Libmodbus, &numbers(), &back_2.path),
    ) else {
        return;
    };
    let (staying, unplugged) = (Proxy::rtu(back_1, &[]), Proxy::rtu(back_2, &[]));
    let bench = bench_text(
        &[
            ("staying", &rtu(&staying.front)),
            ("unplugged", &rtu(&unplugged.front)),
        ],
        &[("S-1", "staying", 1), ("U-1", "unplugged", 1)],
    );
    let bench = bench.replace("timeout_ms = 2000", "timeout_ms = 500");
    let documents = record_until(&bench, async |journal| {
        unplugged.answers(2, 10).await;
        staying.answers(2, 1).await;
        drop(unplugged);
        let missed = |seen: &[Quality]| seen.contains(&Quality::Disconnected);
        journal.until("the port is missed", missed).await;
        staying.answers(2, 10).await;
    })
    .await;
    let held = BTreeMap::from([
        ("staying".to_owned(), first.held.clone()),
        ("unplugged".to_owned(), second.held.clone()),
    ]);
    all_true(&documents, &held);

    let channels = channels(&documents);
    let of = |line: &str| -> Vec<(i64, Quality)> {
        exchanges(&documents)
            .filter(|(_, e)| channels.polls.iter().any(|p| p.id == e.0 && p.line == line))
            .map(|(t_ns, e)| (t_ns + e.1 * 1000, e.3))
            .collect()
    };
    let gone = of("unplugged");
    let pulled = gone.iter().find(|(_, q)| *q == Quality::Disconnected);
    let (pulled_ns, _) = *pulled.unwrap_or_else(|| panic!("nothing was missed: {gone:?}"));
    for (t_ns, quality) in &gone {
        // A request that was under way met silence, as one may on a busy machine.
        let before = matches!(quality, Quality::Good | Quality::Timeout);
        let expected = match *t_ns < pulled_ns {
            true => before,
            false => *quality == Quality::Disconnected,
        };
        assert!(expected, "{quality} at {t_ns}");
    }
    assert!(
        gone.iter()
            .any(|(t, q)| *t < pulled_ns && *q == Quality::Good)
    );
    // The other line is read on, as before; a busy machine may be late with an answer, which
    // then may meet the next request.
    let stays: Vec<_> = of("staying")
        .into_iter()
        .filter(|(t, _)| *t >= pulled_ns)
        .collect();
    for (t_ns, quality) in &stays {
        assert!(
            matches!(quality, Quality::Good | Quality::Timeout | Quality::Garbled),
            "{quality} at {t_ns}"
        );
    }
    let good = stays.iter().filter(|(_, q)| *q == Quality::Good).count();
    assert!(good >= 10 && good * 2 >= stays.len(), "{stays:?}");
}
