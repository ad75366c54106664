//! A stranger whose answers come late, short or wrong is survived without one wrong
//! reading.
//!
//! Every register of the stranger says who it is, or how often its unit was asked, so
//! that an answer handed to the wrong request cannot pass; and the proxy knows what the
//! stranger really answered to each request.

use crate::mangle::{Mangle, Transport};
use crate::proxy::{Entry, Proxy, back, reserved};
use crate::server::{Stranger, Who};
use crate::values::{rtu, tcp};
use dutypoint_engine::config::{Endpoint, LineConfig};
use dutypoint_fieldbus::{Exchange, LineSetup, Timer, spawn};
use dutypoint_model::document::{Poll, Quality};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Times of the line under test, milliseconds.
const TIMEOUT: u64 = 150;
const QUARANTINE: u64 = 100;
/// An answer that comes after the line has given up, and before it trusts again.
const LATE: u64 = TIMEOUT + 50;
/// A stranger that took so long may have made the line give up by itself.
const STALLED: Duration = Duration::from_millis(TIMEOUT / 2);
/// Longest time for all requests of a test.
const PATIENCE: Duration = Duration::from_secs(120);

/// Two requests that only their address tells apart, then other functions, lengths and
/// one register that does not exist.
fn polls(period_ms: u32) -> Vec<Poll> {
    [(3, 0, 2), (3, 10, 2), (4, 30, 2), (3, 40, 3), (3, 3000, 2)]
        .into_iter()
        .enumerate()
        .map(|(id, (function, address, count))| Poll {
            id: u16::try_from(id).unwrap(),
            line: "line".into(),
            instrument: "stranger".into(),
            unit_id: 1,
            function,
            address,
            count,
            period_ms,
            message: None,
        })
        .collect()
}

/// As many exchanges as the `script` is long and ten healthy ones after it.
async fn run(proxy: &Proxy, endpoint: Endpoint, period_ms: u32, script: usize) -> Vec<Exchange> {
    let setup = LineSetup::new(
        LineConfig {
            timeout_ms: TIMEOUT,
            quarantine_ms: QUARANTINE,
            retries: 0,
            ..LineConfig::new("line", endpoint)
        },
        polls(period_ms),
        1.0,
    );
    let (out, mut exchanges) = mpsc::channel(1000);
    let line = spawn(setup, &Timer::start(), out);
    let end = Instant::now() + PATIENCE;
    let mut seen: Vec<Exchange> = Vec::new();
    while seen.len() < script + 10 {
        match tokio::time::timeout_at(end.into(), exchanges.recv()).await {
            Ok(Some(exchange)) => seen.push(exchange),
            _ => panic!("after {PATIENCE:?} only {:?}; {:?}", seen, proxy.log()),
        }
    }
    drop(line);
    seen
}

/// Asserts that each exchange shows what the stranger answered to its own request, or
/// says why it shows nothing.
fn judge(seen: &[Exchange], log: &[Entry], expected: &[Quality]) {
    let polls = polls(0);
    let (mut mangled, mut healthy) = (0, 0);
    let mut calm = true;
    for (nth, exchange) in seen.iter().enumerate() {
        let poll = &polls[usize::from(exchange.poll)];
        // Not the n-th to the n-th: what failed before it went out, or met a connection
        // just closed, was never asked. What arrived while the exchange lasted was its
        // own, or of a connection given up before and then the same question.
        let asked: Vec<&Entry> = log
            .iter()
            .filter(|entry| {
                (entry.unit, entry.function, entry.address, entry.count)
                    == (poll.unit_id, poll.function, poll.address, poll.count)
                    && (exchange.sent..=exchange.received).contains(&entry.asked)
            })
            .collect();
        let place = format!("request {nth}: {exchange:?} {asked:?}");
        if exchange.quality == Quality::Good {
            let words = Ok(exchange.words.clone());
            let answered = |entry: &&Entry| entry.genuine.as_ref() == Some(&words);
            assert!(asked.iter().any(answered), "{place}");
        } else {
            assert!(exchange.words.is_empty(), "{place}");
        }
        let in_time = match asked.as_slice() {
            [entry] => entry
                .answered
                .is_some_and(|at| at.duration_since(exchange.sent) <= STALLED),
            _ => false,
        };
        // What was asked before has come in, or never will.
        let in_step = log
            .iter()
            .filter(|entry| entry.asked < exchange.sent)
            .all(|entry| entry.delivered.is_none_or(|at| at < exchange.sent));
        // Where the stranger or this machine was busy the exchange may have failed, and so
        // may the next one, which an answer overdue can meet: that says nothing. What they
        // show has been compared above.
        let was_calm = std::mem::replace(&mut calm, in_time);
        if !(in_time && in_step && was_calm) {
            continue;
        }
        let entry = asked[0];
        let genuine = match &entry.genuine {
            Some(Err(code)) => Quality::Exception(*code),
            _ => Quality::Good,
        };
        if entry.mangle == Mangle::Pass {
            // It was handed on in time, and the way from there to the line is long on a busy
            // machine: then it may meet the next request.
            calm = exchange.quality != Quality::Timeout;
            assert!(!calm || exchange.quality == genuine, "{place}");
            healthy += u32::from(calm);
        } else {
            mangled += 1;
            let told = expected.contains(&exchange.quality) || exchange.quality == Timeout;
            let harmless = expected.contains(&Quality::Good) && exchange.quality == genuine;
            assert!(told || harmless, "{place}");
        }
    }
    assert!(mangled >= 1, "no answer was mangled in time");
    assert!(healthy >= 1, "no answer was handed on in time");
}

/// Every third answer goes wrong, at each of the five polls in turn.
fn every_third(mangle: Mangle) -> Vec<Mangle> {
    let mut script = vec![Mangle::Pass; 6];
    for _ in 0..5 {
        script.extend([mangle, Mangle::Pass, Mangle::Pass]);
    }
    script
}

async fn tcp_survives(who: Who, cases: &[(Mangle, &[Quality])]) {
    for (mangle, expected) in cases {
        let Some(stranger) = Stranger::tcp(who, &[]) else {
            return;
        };
        let script = every_third(*mangle);
        let proxy = Proxy::tcp(stranger.port, &script).await;
        let endpoint = Endpoint::tcp(proxy.front.clone());
        let seen = run(&proxy, endpoint, 15, script.len()).await;
        judge(&seen, &proxy.log(), expected);
    }
}

async fn rtu_survives(who: Who, period_ms: u32, cases: &[(Mangle, &[Quality])]) {
    for (mangle, expected) in cases {
        let back = back();
        let Some(_stranger) = Stranger::rtu(who, &[], &back.path) else {
            return;
        };
        let script = every_third(*mangle);
        let proxy = Proxy::rtu(back, &script);
        let seen = run(&proxy, rtu(&proxy.front), period_ms, script.len()).await;
        judge(&seen, &proxy.log(), expected);
    }
}

use Quality::{Disconnected, Garbled, Good, Timeout, WrongLength};

/// A frame with one register less of an exception is the exception itself.
const SHORT: &[Quality] = &[WrongLength, Quality::Exception(2)];

const TCP_IN_TIME: [(Mangle, &[Quality]); 8] = [
    (Mangle::Short, SHORT),
    (Mangle::WrongUnit, &[Garbled]),
    (Mangle::WrongFunction, &[Garbled]),
    (Mangle::WrongTransaction, &[Garbled]),
    (Mangle::Broken, &[Garbled]),
    // The transaction number tells whose they are.
    (Mangle::Twice, &[Good]),
    (Mangle::PreviousFirst, &[Garbled]),
    (Mangle::CutAndClose(8), &[Disconnected]),
];

const TCP_IN_VAIN: [(Mangle, &[Quality]); 4] = [
    (Mangle::Silent, &[Timeout]),
    (Mangle::Late(LATE), &[Timeout]),
    (Mangle::Cut(8), &[Timeout]),
    // Nonsense may announce a frame that never ends.
    (Mangle::GarbageBefore(3), &[Garbled, Timeout]),
];

const RTU_IN_TIME: [(Mangle, &[Quality]); 7] = [
    (Mangle::Short, SHORT),
    (Mangle::WrongUnit, &[Garbled]),
    (Mangle::WrongFunction, &[Garbled]),
    // Nobody can say which of two is the answer.
    (Mangle::Twice, &[Garbled]),
    (Mangle::PreviousFirst, &[Garbled]),
    // Noise is no answer, though it may hide one; what is as long as one may be one.
    (Mangle::GarbageBefore(3), &[Good, Timeout]),
    (Mangle::GarbageBefore(9), &[Garbled, Timeout]),
];

const RTU_IN_VAIN: [(Mangle, &[Quality]); 4] = [
    (Mangle::Silent, &[Timeout]),
    (Mangle::Late(LATE), &[Timeout]),
    (Mangle::Cut(4), &[Timeout]),
    // The search for a frame ends with the bytes or with the patience.
    (Mangle::Broken, &[Timeout, Garbled]),
];

#[tokio::test]
async fn wrong_answers_of_pymodbus_over_tcp_are_never_readings() {
    tcp_survives(Who::Pymodbus, &TCP_IN_TIME).await;
}

#[tokio::test]
async fn wrong_answers_of_libmodbus_over_tcp_are_never_readings() {
    tcp_survives(Who::Libmodbus, &TCP_IN_TIME).await;
}

#[tokio::test]
async fn late_and_broken_answers_of_pymodbus_over_tcp_are_never_readings() {
    tcp_survives(Who::Pymodbus, &TCP_IN_VAIN).await;
}

#[tokio::test]
async fn late_and_broken_answers_of_libmodbus_over_tcp_are_never_readings() {
    tcp_survives(Who::Libmodbus, &TCP_IN_VAIN).await;
}

#[tokio::test]
async fn wrong_answers_of_pymodbus_on_a_serial_line_are_never_readings() {
    rtu_survives(Who::Pymodbus, 15, &RTU_IN_TIME).await;
}

#[tokio::test]
async fn wrong_answers_of_libmodbus_on_a_serial_line_are_never_readings() {
    rtu_survives(Who::Libmodbus, 15, &RTU_IN_TIME).await;
}

#[tokio::test]
async fn late_and_broken_answers_of_pymodbus_on_a_serial_line_are_never_readings() {
    rtu_survives(Who::Pymodbus, 15, &RTU_IN_VAIN).await;
}

#[tokio::test]
async fn late_and_broken_answers_of_libmodbus_on_a_serial_line_are_never_readings() {
    rtu_survives(Who::Libmodbus, 15, &RTU_IN_VAIN).await;
}

/// An answer that comes once more between two requests would pass for the next one's:
/// nothing in an RTU frame says which of two registers it is from.
#[tokio::test]
async fn an_answer_given_again_in_a_pause_is_not_taken_for_the_next() {
    // A device that has done so once is listened to for longer, and may be caught at it.
    let caught: [(Mangle, &[Quality]); 1] = [(Mangle::AgainWhenIdle, &[Good, Garbled])];
    rtu_survives(Who::Libmodbus, 250, &caught).await;
    let harmless: [(Mangle, &[Quality]); 1] = [(Mangle::AgainWhenIdle, &[Good])];
    tcp_survives_with_pauses(&harmless).await;
}

/// Exchanges of the two registers that only their address tells apart, behind a proxy
/// with this script; as many as `enough` asks for.
async fn two_registers(
    script: &[Mangle],
    period_ms: u32,
    enough: impl Fn(&[Exchange]) -> bool,
) -> Option<(Vec<Exchange>, Vec<Entry>)> {
    let back = back();
    let _stranger = Stranger::rtu(Who::Libmodbus, &[], &back.path)?;
    let proxy = Proxy::rtu(back, script);
    let setup = LineSetup::new(
        LineConfig {
            timeout_ms: TIMEOUT,
            quarantine_ms: QUARANTINE,
            retries: 0,
            ..LineConfig::new("line", rtu(&proxy.front))
        },
        polls(period_ms).into_iter().take(2).collect(),
        1.0,
    );
    let (out, mut exchanges) = mpsc::channel(1000);
    let _line = spawn(setup, &Timer::start(), out);
    let end = Instant::now() + PATIENCE;
    let mut seen = Vec::new();
    while !enough(&seen) {
        match tokio::time::timeout_at(end.into(), exchanges.recv()).await {
            Ok(Some(exchange)) => seen.push(exchange),
            _ => panic!("after {PATIENCE:?} only {seen:?}; {:?}", proxy.log()),
        }
    }
    Some((seen, proxy.log()))
}

/// Whether what an exchange of `two_registers` shows is from its own register.
fn own(exchange: &Exchange) -> bool {
    exchange.words[0] == [0x1000, 0x100A][usize::from(exchange.poll)]
}

/// Whether this machine handed on an answer later than its script says, which goes to the
/// edge of what a line can wait for: the one a reading shows, or the one it should show.
fn overdue(exchange: &Exchange, log: &[Entry]) -> bool {
    let shown = Some(Ok(exchange.words.clone()));
    let asked = exchange.sent..=exchange.received;
    let mut concerned = log
        .iter()
        .filter(|entry| entry.genuine == shown || asked.contains(&entry.asked));
    concerned.any(|entry| {
        let scripted = match entry.mangle {
            Mangle::Late(ms) | Mangle::Slow(ms) | Mangle::PreviousAhead(ms) => ms,
            _ => 0,
        };
        let most = Duration::from_millis(scripted + 20);
        entry.delivered.is_some_and(|at| at - entry.asked > most)
    })
}

/// The readings that are from the other register.
fn wrong(seen: &[Exchange]) -> Vec<&Exchange> {
    let good = seen.iter().filter(|exchange| exchange.quality == Good);
    good.filter(|exchange| !own(exchange)).collect()
}

/// Whether, after so many, each has been well for a while.
fn well_after(script: usize) -> impl Fn(&[Exchange]) -> bool {
    move |seen| seen.len() >= script + 6 && seen[seen.len() - 6..].iter().all(|e| e.quality == Good)
}

/// A device so slow that an answer would meet the request after its own, after the line has
/// given up, listened and found silence: that request waits until the answer has come.
#[tokio::test]
async fn an_answer_that_outlasts_the_quarantine_is_waited_for_and_dropped() {
    let mut script = vec![Mangle::Pass; 5];
    for nth in 0..8 {
        // The own answer of the request after it is lost every other time.
        let next = [Mangle::Pass, Mangle::Silent][nth % 2];
        script.extend([Mangle::Late(TIMEOUT + QUARANTINE + 50), next]);
    }
    let Some((seen, log)) = two_registers(&script, 15, well_after(script.len())).await else {
        return;
    };
    let mut wrong = wrong(&seen).into_iter();
    assert!(
        wrong.all(|e| overdue(e, &log)),
        "another register's: {seen:?}"
    );
    let lost = seen.iter().filter(|e| e.quality == Timeout).count();
    assert!(lost >= 8, "the script was not played: {seen:?}");
}

/// A device later still: each answer meets the request after its own.
#[tokio::test]
async fn an_answer_that_outlasts_the_wait_for_it_is_not_taken_for_another_registers() {
    // The wait ends with a quarantine of its own.
    let outlasting = Mangle::Late(2 * (TIMEOUT + QUARANTINE) + QUARANTINE + 50);
    let mut script = vec![Mangle::Pass; 5];
    script.extend([outlasting; 4]);
    let Some((seen, log)) = two_registers(&script, 15, well_after(script.len())).await else {
        return;
    };
    let mut wrong = wrong(&seen).into_iter();
    assert!(
        wrong.all(|e| overdue(e, &log)),
        "another register's: {seen:?}"
    );
    let doubted = seen.iter().filter(|e| e.quality == Garbled).count();
    assert!(doubted > 0, "no answer met another's request: {seen:?}");
}

/// How long after the copy a device that repeats itself gives its own answer: within the
/// timeout, and far more than the silence between frames.
const AFTER_COPY: u64 = 60;
/// Period of the polls of such a device; they leave a pause longer than that.
const PAUSING: u32 = 500;

/// A device that gives each answer again when it is asked the next question. From the
/// first second on not one copy is taken for an answer.
#[tokio::test]
async fn a_device_that_repeats_each_answer_into_the_next_request_gives_no_reading_of_it() {
    let mut script = vec![Mangle::Pass];
    script.extend([Mangle::PreviousAhead(AFTER_COPY); 6]);
    let Some((seen, log)) = two_registers(&script, PAUSING, well_after(script.len())).await else {
        return;
    };
    let mut wrong = wrong(&seen).into_iter();
    assert!(
        wrong.all(|e| overdue(e, &log)),
        "another register's: {seen:?}"
    );
    let garbled = seen.iter().filter(|e| e.quality == Garbled).count();
    assert!(garbled > 0, "no copy met a request: {seen:?}");
}

/// A sound device begins to do so. Its first copy cannot be told from an answer; after the
/// next pause it is known for what it does.
#[tokio::test]
async fn a_device_that_begins_to_repeat_itself_shows_nothing_wrong_after_the_next_pause() {
    let (copy, pass) = (Mangle::PreviousAhead(AFTER_COPY), Mangle::Pass);
    let cases: [(usize, &[Mangle]); 5] = [
        (6, &[copy]),
        (7, &[copy]),
        (6, &[copy; 6]),
        (7, &[copy; 6]),
        // Only where the second of the two is asked.
        (7, &[copy, pass, copy, pass, copy]),
    ];
    for (healthy, repeats) in cases {
        let mut script = vec![pass; healthy];
        script.extend(repeats);
        let seen = two_registers(&script, PAUSING, well_after(script.len())).await;
        let Some((seen, log)) = seen else { return };
        met_a_copy(&seen, &log, healthy);
        // What was asked when everything asked before had come in.
        let in_step = |exchange: &Exchange| {
            let mut before = log.iter().filter(|entry| entry.asked < exchange.sent);
            before.all(|entry| entry.delivered.is_some_and(|at| at < exchange.sent))
        };
        for exchange in wrong(&seen) {
            // Not even then is the first copy known for what it is.
            let first = (exchange.sent..=exchange.received).contains(&log[healthy].asked);
            let excused = !in_step(exchange) || overdue(exchange, &log);
            assert!(first || excused, "{exchange:?} {seen:?}");
        }
    }
}

/// Asserts that the exchange of the `nth` request, before whose answer the last one came
/// again, shows no answer of its own: the script has done what it is for.
fn met_a_copy(seen: &[Exchange], log: &[Entry], nth: usize) {
    let (previous, asked) = (&log[nth - 1], &log[nth]);
    if previous.answered.is_none() || previous.address == asked.address {
        // A busy machine lost a request, and the copy is of the same register.
        return;
    }
    let met = seen.iter().rfind(|exchange| exchange.sent <= asked.asked);
    let met = met.unwrap();
    assert!(met.quality != Good || !own(met), "{met:?}");
}

/// One copy puts each later answer behind by one, on a line that never pauses and where
/// every answer looks alike. Nothing shows it, so the line stops and listens at times.
#[tokio::test]
async fn a_line_that_never_pauses_does_not_stay_behind_by_one_answer() {
    // Longer than the line goes without listening.
    let listened = Duration::from_secs(12);
    let mut script = vec![Mangle::Slow(20); 10_000];
    let healthy = 7;
    script[healthy] = Mangle::PreviousAhead(AFTER_COPY);
    let enough = |seen: &[Exchange]| {
        let [first, .., last] = seen else {
            return false;
        };
        // Counted anew with each wrong one: to a line held up by a busy machine, a proxy
        // held up with it looks like silence, after which it need not listen so soon.
        let behind = wrong(seen).last().map_or(first.sent, |wrong| wrong.sent);
        last.sent - behind > listened && last.quality == Good
    };
    let Some((seen, log)) = two_registers(&script, 15, enough).await else {
        return;
    };
    met_a_copy(&seen, &log, healthy);
    for exchange in wrong(&seen) {
        assert!(
            exchange.sent < seen[0].sent + 3 * listened,
            "still: {exchange:?}"
        );
    }
}

async fn tcp_survives_with_pauses(cases: &[(Mangle, &[Quality])]) {
    for (mangle, expected) in cases {
        let Some(stranger) = Stranger::tcp(Who::Libmodbus, &[]) else {
            return;
        };
        let script = every_third(*mangle);
        let proxy = Proxy::tcp(stranger.port, &script).await;
        let endpoint = Endpoint::tcp(proxy.front.clone());
        let seen = run(&proxy, endpoint, 250, script.len()).await;
        judge(&seen, &proxy.log(), expected);
    }
}

/// Long enough for the line to ask rarely; then it finds its way back.
#[tokio::test]
async fn a_long_silence_is_told_request_by_request_and_ends() {
    let mut script = vec![Mangle::Pass; 5];
    script.extend([Mangle::Silent; 20]);
    for transport in [Transport::Rtu, Transport::Tcp] {
        let back = back();
        let stranger = match transport {
            Transport::Rtu => Stranger::rtu(Who::Libmodbus, &[], &back.path),
            Transport::Tcp => Stranger::tcp(Who::Libmodbus, &[]),
        };
        let Some(stranger) = stranger else { return };
        let (proxy, endpoint) = match transport {
            Transport::Rtu => {
                let proxy = Proxy::rtu(back, &script);
                let endpoint = rtu(&proxy.front);
                (proxy, endpoint)
            }
            Transport::Tcp => {
                let proxy = Proxy::tcp(stranger.port, &script).await;
                let address = proxy.front.clone();
                (proxy, Endpoint::tcp(address))
            }
        };
        let seen = run(&proxy, endpoint, 15, script.len()).await;
        judge(&seen, &proxy.log(), &[Timeout]);
    }
}

/// The server is killed and another one takes its place.
#[tokio::test]
async fn a_server_that_dies_is_missed_and_its_successor_found() {
    let place = reserved();
    let Some(first) = Stranger::tcp_at(Who::Libmodbus, &[], place.port) else {
        return;
    };
    let setup = LineSetup::new(
        LineConfig {
            timeout_ms: TIMEOUT,
            quarantine_ms: QUARANTINE,
            retries: 0,
            ..LineConfig::new("line", tcp(first.port))
        },
        polls(15).into_iter().take(1).collect(),
        1.0,
    );
    let (out, mut exchanges) = mpsc::channel(1000);
    let _line = spawn(setup, &Timer::start(), out);
    let end = Instant::now() + PATIENCE;
    let mut next = async || {
        let exchange = tokio::time::timeout_at(end.into(), exchanges.recv()).await;
        let exchange = exchange.unwrap().unwrap();
        if exchange.quality == Good {
            assert_eq!(exchange.words[0], 0x1000, "{exchange:?}");
        }
        exchange.quality
    };
    while next().await != Good {}
    drop(first);
    // The connection ends once; after that there is nobody to connect to.
    while next().await != Disconnected {}
    assert_eq!(next().await, Disconnected);
    let Some(_second) = Stranger::tcp_at(Who::Libmodbus, &[], place.port) else {
        return;
    };
    // A busy machine may be late with one of them.
    while next().await != Good {}
    while next().await != Good {}
}
