//! What a stranger holds arrives to the bit, in every type and word order.

use crate::mangle::Mangle;
use crate::numbers::{instrument, numbers, profile, pushing};
use crate::proxy::{Proxy, back};
use crate::server::{Held, Stranger, Who};
use dutypoint_engine::config::{Bench, Endpoint, LineConfig};
use dutypoint_engine::decode;
use dutypoint_fieldbus::{Exchange, LineSetup, Timer, plan, spawn};
use dutypoint_model::document::{Channel, Channels, Poll, Quality};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::mpsc;

/// Longest wait for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// The demo bench with the strangers' lines and instruments instead of its own.
pub(crate) fn bench_text(lines: &[(&str, &Endpoint)], instruments: &[(&str, &str, u8)]) -> String {
    let demo = include_str!("../../../../config/benches/demo.toml");
    let head = &demo[..demo.find("[[line]]").unwrap()];
    let comment = head.rfind("# The simulator opens").unwrap();
    let mut text = head[..comment].replace("simulated = true", "simulated = false");
    for (name, endpoint) in lines {
        let endpoint = match endpoint {
            Endpoint::Rtu { port, baud, .. } => {
                format!("rtu = {{ port = {port:?}, baud = {baud} }}")
            }
            Endpoint::RtuTcp { address } | Endpoint::Tcp { address, .. } => {
                format!("tcp = {{ address = {address:?} }}")
            }
        };
        text += &format!(
            "[[line]]\nname = \"{name}\"\nendpoint = {{ {endpoint} }}\ntimeout_ms = 2000\n\n"
        );
    }
    for (tag, line, unit) in instruments {
        text += &instrument(tag, line, *unit);
    }
    text
}

/// The channels of that bench.
pub(crate) fn planned(bench: &str) -> (Bench, Channels) {
    let bench = Bench::parse("bench.toml", bench).unwrap();
    let profiles = BTreeMap::from([
        ("stranger".to_owned(), profile().0),
        ("invented-push".to_owned(), pushing().0),
    ]);
    let channels = plan(&bench, &profiles).unwrap().channels;
    (bench, channels)
}

pub(crate) fn rtu(port: &str) -> Endpoint {
    Endpoint::rtu(port, 115_200)
}

pub(crate) fn tcp(port: u16) -> Endpoint {
    Endpoint::tcp(format!("127.0.0.1:{port}"))
}

/// One good answer per poll.
async fn read_once(line: LineConfig, polls: Vec<Poll>) -> BTreeMap<u16, Exchange> {
    let wanted = polls.len();
    let (out, mut exchanges) = mpsc::channel(100);
    let _line = spawn(LineSetup::new(line, polls, 1.0), &Timer::start(), out);
    let (mut good, mut late) = (BTreeMap::new(), 0);
    while good.len() < wanted {
        let exchange = tokio::time::timeout(PATIENCE, exchanges.recv()).await;
        let exchange = exchange.unwrap().unwrap();
        // A server on a busy machine may be late, and is asked again; what it never may is err.
        if exchange.quality == Quality::Timeout && late < 3 {
            late += 1;
            continue;
        }
        assert_eq!(exchange.quality, Quality::Good, "{exchange:?}");
        good.insert(exchange.poll, exchange);
    }
    good
}

/// Asserts that `words`, the answer to the poll of `channel`, hold what `held` says.
pub(crate) fn same(channel: &Channel, poll: &Poll, words: &[u16], held: &[Held]) {
    let register = channel.name.split('/').next_back().unwrap();
    let number = numbers()
        .into_iter()
        .find(|n| n.unit == poll.unit_id && n.register == register)
        .unwrap();
    let (.., expected) = held
        .iter()
        .find(|(unit, function, address, _)| {
            (*unit, *function, *address) == (number.unit, number.function, number.address)
        })
        .unwrap();
    let offset = usize::from(channel.encoding.offset);
    assert_eq!(
        words[offset..offset + expected.len()],
        expected[..],
        "{}",
        channel.name
    );
    let value = decode::value(channel, words).unwrap();
    let allowed = 1e-12 * number.shows.abs();
    assert!(
        (value - number.shows).abs() <= allowed,
        "{} shows {value}, not {}",
        channel.name,
        number.shows
    );
}

async fn everything_arrives(endpoint: &Endpoint, units: &[u8], held: &[Held]) {
    let tags: Vec<String> = units.iter().map(|unit| format!("U-{unit}")).collect();
    let instruments: Vec<(&str, &str, u8)> = tags
        .iter()
        .zip(units)
        .map(|(tag, unit)| (tag.as_str(), "line", *unit))
        .collect();
    let (bench, channels) = planned(&bench_text(&[("line", endpoint)], &instruments));
    let answers = read_once(bench.line[0].clone(), channels.polls.clone()).await;
    for channel in &channels.channels {
        let poll = channels
            .polls
            .iter()
            .find(|p| p.id == channel.poll)
            .unwrap();
        same(channel, poll, &answers[&poll.id].words, held);
    }
    let expected = numbers()
        .iter()
        .filter(|n| units.contains(&n.unit) && n.register != "decimals")
        .count();
    assert_eq!(channels.channels.len(), expected);
}

async fn over_tcp(who: Who) {
    let Some(stranger) = Stranger::tcp(who, &numbers()) else {
        return;
    };
    everything_arrives(&tcp(stranger.port), &[1, 2], &stranger.held).await;
}

async fn over_rtu(who: Who, units: &[u8]) {
    let back = back();
    let Some(stranger) = Stranger::rtu(who, &numbers(), &back.path) else {
        return;
    };
    let proxy = Proxy::rtu(back, &[]);
    everything_arrives(&rtu(&proxy.front), units, &stranger.held).await;
    assert!(proxy.log().iter().all(|entry| entry.mangle == Mangle::Pass));
}

#[tokio::test]
async fn two_units_of_pymodbus_behind_one_connection_are_read_to_the_bit() {
    over_tcp(Who::Pymodbus).await;
}

#[tokio::test]
async fn two_units_of_libmodbus_behind_one_connection_are_read_to_the_bit() {
    over_tcp(Who::Libmodbus).await;
}

#[tokio::test]
async fn two_units_of_pymodbus_on_one_serial_line_are_read_to_the_bit() {
    over_rtu(Who::Pymodbus, &[1, 2]).await;
}

#[tokio::test]
async fn libmodbus_on_a_serial_line_is_read_to_the_bit() {
    over_rtu(Who::Libmodbus, &[1]).await;
}
