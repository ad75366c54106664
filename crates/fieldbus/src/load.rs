//! What a plan costs on the wire: bytes, time and load of each line, before the pump turns.
//!
//! Serial lines: a request of 8 bytes, an answer of 5 + 2 N for N registers, 11 bits to a
//! character as the specification frames it, a silence of 3.5 characters behind each frame
//! (1.75 ms above 19200 baud, or what the line is set to), the device's own time, and the
//! rest it or the line is given. Networks: the bytes of the frames, and the times without
//! the wire's; messages of instruments without Modbus: the bytes sent and those of the longest
//! answer, no silence. What connections carry side by side is shared among them. A line that cannot
//! keep its rates is refused by name.

use crate::{Error, InstrumentProfile};
use dutypoint_engine::config::{Bench, Endpoint, InstrumentConfig, LineConfig, Protocol};
use dutypoint_model::Bilingual;
use dutypoint_model::document::{Channels, Poll};
use std::collections::BTreeMap;

/// Bits of a character: start, eight of data, parity or a second stop, stop.
const BITS_PER_CHARACTER: f64 = 11.0;
/// Bytes of a read request: unit, function, address, count, checksum.
const RTU_REQUEST: u32 = 8;
/// Bytes of an answer beside its registers: unit, function, length, checksum.
const RTU_ANSWER: u32 = 5;
/// As above, with the header of Modbus TCP in place of unit and checksum.
const TCP_REQUEST: u32 = 12;
/// As above.
const TCP_ANSWER: u32 = 9;
/// Time to an answer of a device whose sources state none, milliseconds: an assumption of
/// this calculation, told wherever it is used.
pub const ASSUMED_RESPONSE_MS: f64 = 10.0;
/// Largest share of its time that a line, or each of its connections, may be asked for.
pub const MOST_LOAD_PCT: f64 = 100.0;

/// What one request costs.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestLoad {
    /// The request.
    pub poll: Poll,
    /// Bytes to the instrument.
    pub request_bytes: u32,
    /// Bytes back.
    pub answer_bytes: u32,
    /// Time of both on the wire with the silence behind each; of a network, what is known
    /// of it: the silence of RTU frames.
    pub wire_ms: f64,
    /// Time the instrument takes.
    pub response_ms: f64,
    /// Whether no source states that time.
    pub assumed: bool,
    /// Time from the request to the next one.
    pub total_ms: f64,
}

impl RequestLoad {
    /// Share of the line's time, percent.
    #[must_use]
    pub fn load_pct(&self) -> f64 {
        100.0 * self.total_ms / f64::from(self.poll.period_ms.max(1))
    }
}

/// What the requests of one line cost.
#[derive(Clone, Debug, PartialEq)]
pub struct LineLoad {
    /// Name.
    pub line: String,
    /// Speed of a serial line; none of a network.
    pub baud: Option<u32>,
    /// Silence that ends a frame on a serial line, milliseconds.
    pub silence_ms: Option<f64>,
    /// The requests, in the order they are planned.
    pub requests: Vec<RequestLoad>,
    /// Time to ask for everything once.
    pub cycle_ms: f64,
    /// Requests that can be in flight at a time.
    pub connections: u8,
    /// Share of the line's time, percent; of that of all its connections together.
    pub load_pct: f64,
    /// What one exchange without an answer costs the others.
    pub lost_ms: f64,
    /// What a technician should know.
    pub remarks: Vec<Bilingual>,
}

/// What `channels`, the plan of `bench`, costs on each line.
///
/// # Errors
/// [`Error::Load`] for a line that cannot keep its rates, or whose times give its
/// instruments no chance to answer, with what to change.
pub fn load(
    bench: &Bench,
    profiles: &BTreeMap<String, InstrumentProfile>,
    channels: &Channels,
) -> Result<Vec<LineLoad>, Error> {
    bench
        .line
        .iter()
        .map(|line| {
            let found = line_load(bench, profiles, channels, line);
            refuse(bench, profiles, line, &found)
                .map_err(|why| Error::Load {
                    line: line.name.clone(),
                    why,
                })
                .map(|()| found)
        })
        .collect()
}

/// An instrument of a bench with its profile.
#[derive(Clone, Copy)]
struct Device<'a> {
    config: Option<&'a InstrumentConfig>,
    profile: Option<&'a InstrumentProfile>,
}

impl<'a> Device<'a> {
    fn of(
        bench: &'a Bench,
        profiles: &'a BTreeMap<String, InstrumentProfile>,
        poll: &Poll,
    ) -> Self {
        let config = bench.instrument.iter().find(|i| i.tag == poll.instrument);
        Self {
            config,
            profile: config.and_then(|i| profiles.get(&i.profile)),
        }
    }

    fn timeout_ms(self, line: &LineConfig) -> u64 {
        let own = self.config.and_then(|i| i.timeout_ms);
        own.unwrap_or(line.timeout_ms)
    }

    fn pause_ms(self, line: &LineConfig) -> u64 {
        let own = self.config.and_then(|i| i.pause_ms);
        own.unwrap_or(line.pause_ms)
    }
}

/// Silence that ends a frame; none where frames carry their length.
fn silence_ms(line: &LineConfig) -> Option<f64> {
    if line.protocol != Protocol::Modbus {
        return None;
    }
    let set = line.frame_gap_us.map(|micros| nearest(micros) / 1e3);
    match line.endpoint {
        Endpoint::Tcp { .. } => None,
        Endpoint::Rtu { baud, .. } if baud <= 19_200 => {
            Some(set.unwrap_or(3.5 * BITS_PER_CHARACTER * 1e3 / f64::from(baud.max(1))))
        }
        Endpoint::Rtu { .. } | Endpoint::RtuTcp { .. } => Some(set.unwrap_or(1.75)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "times of a configuration file")]
fn nearest(number: u64) -> f64 {
    number as f64
}

fn line_load(
    bench: &Bench,
    profiles: &BTreeMap<String, InstrumentProfile>,
    channels: &Channels,
    line: &LineConfig,
) -> LineLoad {
    let (baud, connections) = match line.endpoint {
        Endpoint::Rtu { baud, .. } => (Some(baud), 1),
        Endpoint::RtuTcp { .. } => (None, 1),
        Endpoint::Tcp { connections, .. } => (None, connections.max(1)),
    };
    let polls = channels.polls.iter().filter(|poll| poll.line == line.name);
    let requests: Vec<RequestLoad> = polls
        .map(|poll| request_load(poll, line, Device::of(bench, profiles, poll)))
        .collect();
    let mut remarks = Vec::new();
    for request in &requests {
        let profile = Device::of(bench, profiles, &request.poll).profile;
        let update = profile.and_then(|p| p.timing.update_ms);
        if let Some(update) = update.filter(|update| request.poll.period_ms < *update) {
            let (tag, period) = (&request.poll.instrument, request.poll.period_ms);
            remarks.push(Bilingual::new(
                format!("{tag} 每 {period} ms 读一次，但每 {update} ms 才刷新：读到的是重复值，波动会显得偏小"),
                format!("{tag} is read every {period} ms, but renews its values every {update} ms only: readings repeat, and fluctuation looks too small"),
            ));
        }
    }
    remarks.dedup();
    let load: f64 = requests.iter().map(RequestLoad::load_pct).sum();
    LineLoad {
        line: line.name.clone(),
        baud,
        silence_ms: silence_ms(line),
        cycle_ms: requests.iter().map(|r| r.total_ms).sum(),
        connections,
        load_pct: load / f64::from(connections),
        lost_ms: lost_ms(line),
        requests,
        remarks,
    }
}

/// The wait and, where a late answer could pass for the next, the silence after it.
fn lost_ms(line: &LineConfig) -> f64 {
    match line.endpoint {
        // Nothing is asked, so nothing need fall silent.
        _ if line.protocol == Protocol::Push => nearest(line.timeout_ms),
        Endpoint::Rtu { .. } | Endpoint::RtuTcp { .. } => {
            nearest(line.timeout_ms.saturating_add(line.quarantine_ms))
        }
        Endpoint::Tcp { .. } => nearest(line.timeout_ms),
    }
}

fn request_load(poll: &Poll, line: &LineConfig, device: Device<'_>) -> RequestLoad {
    let registers = 2 * u32::from(poll.count);
    let (request_bytes, answer_bytes) = match line.endpoint {
        _ if poll.message.is_some() => message_bytes(poll),
        Endpoint::Rtu { .. } | Endpoint::RtuTcp { .. } => (RTU_REQUEST, RTU_ANSWER + registers),
        Endpoint::Tcp { .. } => (TCP_REQUEST, TCP_ANSWER + registers),
    };
    let characters_ms = match line.endpoint {
        Endpoint::Rtu { baud, .. } => {
            let characters = f64::from(request_bytes + answer_bytes);
            characters * BITS_PER_CHARACTER * 1e3 / f64::from(baud.max(1))
        }
        _ => 0.0,
    };
    let silence = silence_ms(line).unwrap_or(0.0);
    let timing = device.profile.map(|p| &p.timing);
    let response = timing.and_then(|t| t.response_ms).map(|[_, most]| most);
    let stated = match line.protocol {
        // The next message comes when it comes: within the time of one renewal.
        Protocol::Push => timing.and_then(|t| t.update_ms),
        Protocol::Modbus | Protocol::Ascii => response.max(timing.and_then(|t| t.turnaround_ms)),
    };
    let response_ms = stated.map_or(ASSUMED_RESPONSE_MS, f64::from);
    // A rest longer than the silence takes its place.
    let rest = (nearest(device.pause_ms(line)) - silence).max(0.0);
    let wire_ms = characters_ms + 2.0 * silence;
    RequestLoad {
        poll: poll.clone(),
        request_bytes,
        answer_bytes,
        wire_ms,
        response_ms,
        assumed: stated.is_none(),
        total_ms: wire_ms + response_ms + rest,
    }
}

/// Bytes of what is sent and of the longest answer.
fn message_bytes(poll: &Poll) -> (u32, u32) {
    let message = poll.message.as_ref();
    let send = message.and_then(|m| m.send.as_ref());
    let sent = send.map_or(0, |bytes| bytes.0.len());
    let most = message.map_or(0, |m| u32::from(m.most));
    (u32::try_from(sent).unwrap_or(u32::MAX), most)
}

fn refuse(
    bench: &Bench,
    profiles: &BTreeMap<String, InstrumentProfile>,
    line: &LineConfig,
    found: &LineLoad,
) -> Result<(), Bilingual> {
    for request in &found.requests {
        let poll = &request.poll;
        let tag = &poll.instrument;
        let device = Device::of(bench, profiles, poll);
        let wait = device.timeout_ms(line);
        let needs = request.wire_ms + request.response_ms;
        if needs > nearest(wait) {
            let (zh, en) = match &poll.message {
                Some(_) => (format!("{tag} 的一条报文"), format!("a message of {tag}")),
                None => (
                    format!("{tag} 对读取 {} 个寄存器的应答", poll.count),
                    format!("the answer of {tag} to a read of {} registers", poll.count),
                ),
            };
            return Err(Bilingual::new(
                format!(
                    "{zh}需 {needs:.1} ms，超过 timeout_ms {wait}，永远不会被采信；请增大 timeout_ms"
                ),
                format!(
                    "{en} takes {needs:.1} ms, longer than timeout_ms {wait}: it would never count; raise timeout_ms"
                ),
            ));
        }
        let Some(timing) = device.profile.map(|p| &p.timing) else {
            continue;
        };
        if let Some(least) = timing.timeout_ms.filter(|least| u64::from(*least) > wait) {
            return Err(Bilingual::new(
                format!(
                    "按仪表资料，{tag} 的应答可能需 {least} ms，超过 timeout_ms {wait}；请增大 timeout_ms"
                ),
                format!(
                    "{tag} may take {least} ms to answer by its profile, longer than timeout_ms {wait}; raise timeout_ms"
                ),
            ));
        }
        let pause = device.pause_ms(line);
        if let Some(least) = timing.pause_ms.filter(|least| u64::from(*least) > pause) {
            return Err(Bilingual::new(
                format!(
                    "按仪表资料，{tag} 应答后需停顿 {least} ms，而 pause_ms 为 {pause}；请增大 pause_ms"
                ),
                format!(
                    "{tag} needs {least} ms of rest after an answer by its profile, but pause_ms is {pause}; raise pause_ms"
                ),
            ));
        }
        let slow = timing.turnaround_ms;
        let slow = slow.filter(|slow| u64::from(*slow) > line.quarantine_ms);
        if let (Some(slow), true) = (
            slow,
            found.silence_ms.is_some() || line.protocol == Protocol::Ascii,
        ) {
            let quarantine = line.quarantine_ms;
            return Err(Bilingual::new(
                format!(
                    "按仪表资料，{tag} 处理一次请求最长需 {slow} ms，超过 quarantine_ms {quarantine}：迟到的应答可能被当作下一次读数；请增大 quarantine_ms"
                ),
                format!(
                    "{tag} takes up to {slow} ms over a request by its profile, longer than quarantine_ms {quarantine}: a late answer could pass for the next reading; raise quarantine_ms"
                ),
            ));
        }
    }
    if found.load_pct <= MOST_LOAD_PCT {
        return Ok(());
    }
    let worst = found
        .requests
        .iter()
        .max_by(|a, b| a.load_pct().total_cmp(&b.load_pct()));
    let Some(worst) = worst else { return Ok(()) };
    let stretch = found.load_pct / MOST_LOAD_PCT;
    let (faster_zh, faster_en) = match found.baud {
        Some(baud) if worst.wire_ms > worst.response_ms => (
            format!("，或采用高于 {baud} 的波特率"),
            format!(", set a higher baud than {baud}"),
        ),
        _ => (String::new(), String::new()),
    };
    let (load, tag) = (found.load_pct, &worst.poll.instrument);
    let (total, period, share) = (worst.total_ms, worst.poll.period_ms, worst.load_pct());
    Err(Bilingual::new(
        format!(
            "其请求需占用 {load:.0} % 的时间；占用最多的是 {tag}：每 {period} ms 占 {total:.1} ms（{share:.0} %）。请把各 period_ms 增至 {stretch:.2} 倍，或只增大该仪表的{faster_zh}，或把仪表移到其他线路"
        ),
        format!(
            "its requests need {load:.0} % of its time; the most is {tag} with {total:.1} ms every {period} ms ({share:.0} %): make every period_ms {stretch:.2} times as long or that one longer{faster_en}, or move instruments to another line"
        ),
    ))
}

#[cfg(test)]
mod tests;
