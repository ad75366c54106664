//! A cable that is pulled and plugged again, a gateway that is restarted, two devices with
//! one address: the run goes on, says what it missed, and shows nothing it has not read.

use crate::numbers::{anothers, numbers};
use crate::proxy::{Proxy, back, reserved};
use crate::ptys::pair;
use crate::recorded::{all_true, channels, exchanges, record_until};
use crate::server::{Held, Stranger, Who};
use crate::values::{bench_text, rtu};
use dutypoint_engine::config::Endpoint;
use dutypoint_model::document::{Gap, Quality};
use dutypoint_model::{Document, Outcome, Sealed};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_serial::{SerialPort as _, SerialStream};

/// Silence that the bench of these tests calls a gap, seconds.
const GAP_S: f64 = 0.6;
/// Longer than that and a timeout.
const AWAY: Duration = Duration::from_millis(2500);

/// The bench of one stranger with a short wait for everything.
fn bench(endpoint: &Endpoint, units: &[u8]) -> String {
    let tags: Vec<String> = units.iter().map(|unit| format!("I-{unit}")).collect();
    let instruments: Vec<(&str, &str, u8)> = tags
        .iter()
        .zip(units)
        .map(|(tag, unit)| (tag.as_str(), "line", *unit))
        .collect();
    let text = bench_text(&[("line", endpoint)], &instruments);
    let demo = [
        ("timeout_ms = 2000".into(), "timeout_ms = 300".into()),
        ("gap_s = 8.0".into(), format!("gap_s = {GAP_S}")),
        // It measures nothing that a run needs; that is not what is looked at.
        (
            "start_timeout_s = 60.0".into(),
            String::from("start_timeout_s = 600.0"),
        ),
    ];
    demo.iter()
        .fold(text, |text, (from, to): &(String, String)| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        })
}

fn gaps(documents: &[Sealed]) -> Vec<&Gap> {
    documents
        .iter()
        .filter_map(|sealed| match &sealed.doc {
            Document::Gap(gap) => Some(gap),
            _ => None,
        })
        .collect()
}

/// Asserts that the readings and the gaps of each poll cover the run from its begin to its
/// stop: no time without either is longer than what the bench calls a gap, and no reading
/// lies within a gap.
fn covered(documents: &[Sealed]) {
    let time = |wanted: fn(&Document) -> bool| {
        let found = documents.iter().find(|sealed| wanted(&sealed.doc));
        match &found.unwrap().doc {
            Document::Act(act) => act.t_ns,
            Document::Stop(stop) => stop.t_ns,
            other => panic!("{other:?}"),
        }
    };
    let begin = time(|d| matches!(d, Document::Act(_)));
    let end = time(|d| matches!(d, Document::Stop(_)));
    for poll in &channels(documents).polls {
        let mut good: Vec<i64> = exchanges(documents)
            .filter(|(_, e)| e.0 == poll.id && e.3 == Quality::Good)
            .map(|(t_ns, e)| t_ns + (e.1 + e.2) / 2 * 1000)
            .collect();
        good.sort_unstable();
        let gaps: Vec<(i64, i64)> = gaps(documents)
            .iter()
            .filter(|gap| gap.poll.is_none_or(|id| id == poll.id))
            .map(|gap| (gap.from_ns, gap.to_ns))
            .collect();
        for (from, to) in &gaps {
            let inside = good.iter().filter(|t| (from + 1..*to).contains(*t)).count();
            assert_eq!(inside, 0, "poll {}: readings within {from}..{to}", poll.id);
        }
        for pair in gaps.windows(2) {
            assert!(pair[0].1 <= pair[1].0, "overlapping: {gaps:?}");
        }
        let marks: Vec<i64> = [begin].into_iter().chain(good).chain([end]).collect();
        for pair in marks.windows(2) {
            // A page is looked at now and then, not at once.
            let longest = ((GAP_S + 0.5) * 1e9) as i64;
            let told = gaps
                .iter()
                .any(|(from, to)| *from <= pair[0] && *to >= pair[1]);
            assert!(
                pair[1] - pair[0] <= longest || told,
                "poll {}: nothing from {} to {}, gaps {gaps:?}",
                poll.id,
                pair[0],
                pair[1]
            );
        }
    }
}

fn was_stopped(documents: &[Sealed]) {
    let outcome = documents.iter().find_map(|sealed| match &sealed.doc {
        Document::Stop(stop) => Some(stop.outcome),
        _ => None,
    });
    assert_eq!(outcome, Some(Outcome::StoppedByOperator));
}

/// Asserts that each poll has one gap or more whose cause names the instrument and one of
/// these, and was good before and behind it.
fn missed(documents: &[Sealed], held: &[Held], causes: &[Quality]) {
    let held = BTreeMap::from([("line".to_owned(), held.to_vec())]);
    all_true(documents, &held);
    covered(documents);
    was_stopped(documents);
    for poll in &channels(documents).polls {
        let of: Vec<&Gap> = gaps(documents)
            .into_iter()
            .filter(|gap| gap.poll == Some(poll.id))
            .collect();
        let met = |gap: &Gap| -> Vec<Quality> {
            let within = |t_ns: i64| (gap.from_ns..=gap.to_ns).contains(&t_ns);
            exchanges(documents)
                .filter(|(t_ns, e)| e.0 == poll.id && within(t_ns + e.1 * 1000))
                .map(|(_, e)| e.3)
                .collect()
        };
        let gap = of.iter().find(|gap| {
            let met = met(gap);
            causes.iter().all(|cause| met.contains(cause))
        });
        let gap = gap.unwrap_or_else(|| panic!("poll {} has no such gap: {of:?}", poll.id));
        let (cause, met) = (&gap.cause.en, met(gap));
        assert!(cause.contains(&poll.instrument), "{cause}");
        // A busy machine may be late with the first answer behind it.
        let told = met.iter().any(|met| cause.contains(&met.text().en));
        assert!(told, "{cause}: {met:?}");
        let good: Vec<i64> = exchanges(documents)
            .filter(|(_, e)| e.0 == poll.id && e.3 == Quality::Good)
            .map(|(t_ns, e)| t_ns + (e.1 + e.2) / 2 * 1000)
            .collect();
        assert!(good.iter().any(|t| *t <= gap.from_ns), "{gap:?}");
        assert!(
            good.iter().filter(|t| **t >= gap.to_ns).count() >= 5,
            "{gap:?}"
        );
    }
}

/// A port whose name stays while what it stands for goes and comes, as udev's links do.
fn link(name: &Path, to: &str) {
    let draft = name.with_extension("new");
    std::os::unix::fs::symlink(to, &draft).unwrap();
    std::fs::rename(&draft, name).unwrap();
}

#[tokio::test]
async fn a_cable_that_is_pulled_and_plugged_again_is_missed_and_read_on() {
    let folder = tempfile::TempDir::new().unwrap();
    let port = folder.path().join("by-path");
    let before = back();
    let Some(first) = Stranger::rtu(Who::Libmodbus, &numbers(), &before.path) else {
        return;
    };
    let plugged = Proxy::rtu(before, &[]);
    link(&port, &plugged.front);
    let mut again = None;
    let bench = bench(&rtu(port.to_str().unwrap()), &[1]);
    let documents = record_until(&bench, async |journal| {
        plugged.answers(2, 10).await;
        drop(plugged);
        std::fs::remove_file(&port).unwrap();
        let missed = |seen: &[Quality]| {
            let missed = seen.iter().filter(|q| **q == Quality::Disconnected);
            missed.count() >= 4
        };
        journal.until("the cable is missed", missed).await;
        tokio::time::sleep(AWAY).await;
        let behind = back();
        let second = Stranger::rtu(Who::Libmodbus, &numbers(), &behind.path).unwrap();
        let proxy = Proxy::rtu(behind, &[]);
        link(&port, &proxy.front);
        proxy.answers(2, 10).await;
        again = Some((proxy, second));
    })
    .await;
    missed(&documents, &first.held, &[Quality::Disconnected]);
}

#[tokio::test]
async fn a_gateway_that_is_restarted_is_missed_and_read_on() {
    let Some(server) = Stranger::tcp(Who::Libmodbus, &numbers()) else {
        return;
    };
    // The gateway is a proxy, whose port nobody takes while it is away.
    let place = reserved();
    let address = format!("127.0.0.1:{}", place.port);
    let gateway = Proxy::tcp_at(&address, server.port, &[]).await;
    let mut again = None;
    let bench = bench(&Endpoint::tcp(address.clone()), &[1, 2]);
    let documents = record_until(&bench, async |journal| {
        gateway.answers(4, 10).await;
        drop(gateway);
        // Whatever was asked of it meanwhile.
        let missed = |seen: &[Quality]| {
            let missed = seen.iter().filter(|q| **q == Quality::Disconnected);
            missed.count() >= 8
        };
        journal.until("the gateway is missed", missed).await;
        tokio::time::sleep(AWAY).await;
        let second = Proxy::tcp_at(&address, server.port, &[]).await;
        second.answers(4, 10).await;
        again = Some(second);
    })
    .await;
    missed(&documents, &server.held, &[Quality::Disconnected]);
}

/// One serial line with two servers; what the second says comes so much later.
async fn bus(mut front: SerialStream, mut first: SerialStream, mut second: SerialStream) {
    const LATER: Duration = Duration::from_millis(15);
    let mut chunks = [[0; 256]; 3];
    loop {
        let [asked, said, other] = &mut chunks;
        tokio::select! {
            read = front.read(asked) => {
                let Ok(count @ 1..) = read else { return };
                // A server that is gone does not matter.
                let _ = first.write_all(&asked[..count]).await;
                let _ = second.write_all(&asked[..count]).await;
            }
            Ok(count @ 1..) = first.read(said) => {
                let _ = front.write_all(&said[..count]).await;
            }
            Ok(count @ 1..) = second.read(other) => {
                tokio::time::sleep(LATER).await;
                let _ = front.write_all(&other[..count]).await;
            }
        }
    }
}

#[tokio::test]
async fn two_devices_with_one_address_are_told_and_nothing_of_the_second_is_a_reading() {
    let (near_1, far_1) = pair();
    let (near_2, far_2) = pair();
    let (front, port) = pair();
    let right = Stranger::rtu(Who::Libmodbus, &numbers(), &far_1.name().unwrap());
    let wrong = Stranger::rtu(Who::Libmodbus, &anothers(), &far_2.name().unwrap());
    let (Some(right), Some(wrong)) = (right, wrong) else {
        return;
    };
    let wire = tokio::spawn(bus(front, near_1, near_2));
    let bench = bench(&rtu(&port.name().unwrap()), &[1]);
    let held = right.held.clone();
    let sound = |seen: &[Quality]| seen.windows(5).any(|five| five == [Quality::Good; 5]);
    let documents = record_until(&bench, async |journal| {
        let garbled = |seen: &[Quality]| {
            let all = seen.iter().filter(|q| **q == Quality::Garbled);
            all.count() >= 5
        };
        let both = journal.until("five are garbled", garbled).await;
        drop(wrong);
        let alone = |seen: &[Quality]| sound(&seen[both..]);
        journal.until("it is read when one is gone", alone).await;
    })
    .await;
    wire.abort();
    // Nothing of the other device, and the run is covered and says why it has no readings.
    all_true(&documents, &BTreeMap::from([("line".to_owned(), held)]));
    covered(&documents);
    was_stopped(&documents);
    let named = |gap: &&Gap| gap.cause.en.contains("I-1");
    assert!(gaps(&documents).iter().any(named), "{:?}", gaps(&documents));
}
