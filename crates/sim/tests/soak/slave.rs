//! A slave with three units whose every answer names its register, its unit and the
//! request it belongs to, and that answers wrongly now and then.

use crate::frame::{self, Asked};
use crate::{Transport, endpoint};
use dutypoint_engine::config::Endpoint;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_serial::{SerialPort as _, SerialStream};

/// Times of the lines that ask it, milliseconds.
pub(crate) const TIMEOUT_MS: u64 = 60;
pub(crate) const QUARANTINE_MS: u64 = 40;

/// How many requests are remembered.
const REMEMBERED: usize = 2000;

/// What may go wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    Silent,
    /// Later than usual, in time.
    Slow,
    /// Later than the timeout, within the quarantine.
    Late,
    /// Later than timeout and quarantine together.
    Overdue,
    Duplicated,
    /// Another device with the same unit drives the line at the same time.
    Collided,
    /// One register fewer.
    Short,
    /// The frame ends early.
    Cut,
    /// One register more.
    Long,
    /// The request comes back before the answer.
    Echoed,
    /// Only the request comes back.
    OnlyEchoed,
    WrongUnit,
    WrongFunction,
    /// A bit turned over: in the checksum, or in a TCP frame's protocol number.
    BadCheck,
    GarbageBefore,
    GarbageInstead,
    Exception,
    Busy,
    /// The connection is closed, or reset; a serial slave is silent.
    Reset,
    /// The connection stays open and nothing comes any more.
    HalfOpen,
    /// Nothing comes for some requests, then all is well, several times over.
    Flapping,
}

const FAULTS: [Fault; 21] = [
    Fault::Silent,
    Fault::Slow,
    Fault::Late,
    Fault::Overdue,
    Fault::Duplicated,
    Fault::Collided,
    Fault::Short,
    Fault::Cut,
    Fault::Long,
    Fault::Echoed,
    Fault::OnlyEchoed,
    Fault::WrongUnit,
    Fault::WrongFunction,
    Fault::BadCheck,
    Fault::GarbageBefore,
    Fault::GarbageInstead,
    Fault::Exception,
    Fault::Busy,
    Fault::Reset,
    Fault::HalfOpen,
    Fault::Flapping,
];

/// A request the slave has read, and what its answer should have said.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: Instant,
    pub(crate) asked: Asked,
    pub(crate) words: Vec<u16>,
    pub(crate) fault: Option<Fault>,
}

#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) entries: VecDeque<Entry>,
    asked: u64,
    faults: BTreeMap<Fault, u64>,
}

/// What the devices of a line do without any fault.
#[derive(Clone, Debug, Default)]
pub(crate) struct Habits {
    /// Units that are not there.
    pub(crate) dead: Vec<u8>,
    /// How long an answer takes.
    pub(crate) takes: Duration,
    /// While it is set, a second device answers each request so long after the first.
    pub(crate) second: Option<(Arc<AtomicBool>, Duration)>,
}

/// A running slave.
pub(crate) struct Slave {
    pub(crate) endpoint: Endpoint,
    pub(crate) log: Arc<Mutex<Log>>,
    /// Keeps a pseudo-terminal's path alive.
    _held: Option<SerialStream>,
}

impl Slave {
    pub(crate) async fn start(transport: Transport, faults_pct: u32, seed: u64) -> Self {
        Self::with(transport, faults_pct, seed, Habits::default()).await
    }

    pub(crate) async fn with(
        transport: Transport,
        faults_pct: u32,
        seed: u64,
        habits: Habits,
    ) -> Self {
        let log = Arc::new(Mutex::new(Log::default()));
        let mut device = Device {
            transport,
            faults_pct,
            random: ChaCha8Rng::seed_from_u64(seed),
            flaps: 0,
            habits,
            log: log.clone(),
        };
        if transport == Transport::Rtu {
            let (master, slave) = SerialStream::pair().unwrap();
            let place = slave.name().unwrap();
            tokio::spawn(async move {
                let (read, write) = tokio::io::split(master);
                device.serve(read, write).await;
            });
            return Self {
                endpoint: endpoint(transport, place),
                log,
                _held: Some(slave),
            };
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            // The peer of a connection that is half open still holds it.
            let mut forgotten: VecDeque<TcpStream> = VecDeque::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let (read, write) = stream.split();
                match device.serve(read, write).await {
                    End::Reset => stream.set_zero_linger().unwrap(),
                    End::HalfOpen => forgotten.push_back(stream),
                    End::Closed => {}
                }
                if forgotten.len() > 20 {
                    forgotten.pop_front();
                }
            }
        });
        Self {
            endpoint: endpoint(transport, place),
            log,
            _held: None,
        }
    }

    pub(crate) fn asked(&self) -> u64 {
        self.log.lock().unwrap().asked
    }

    pub(crate) fn faults(&self) -> BTreeMap<Fault, u64> {
        self.log.lock().unwrap().faults.clone()
    }
}

enum End {
    Closed,
    Reset,
    HalfOpen,
}

struct Device {
    transport: Transport,
    faults_pct: u32,
    random: ChaCha8Rng,
    /// Requests that are not answered yet.
    flaps: u32,
    habits: Habits,
    log: Arc<Mutex<Log>>,
}

impl Device {
    async fn serve(
        &mut self,
        mut read: impl AsyncRead + Unpin,
        mut write: impl AsyncWrite + Unpin,
    ) -> End {
        // What goes out later than the next request comes in.
        let (later, mut overdue) = mpsc::unbounded_channel::<Vec<u8>>();
        let mut buffer = Vec::new();
        loop {
            while let Some(asked) = frame::take(self.transport, &mut buffer) {
                if self.habits.dead.contains(&asked.unit) {
                    continue;
                }
                let (fault, words) = self.note(asked);
                if !self.habits.takes.is_zero() {
                    sleep(self.habits.takes).await;
                }
                if let Some((_, after)) = self
                    .habits
                    .second
                    .as_ref()
                    .filter(|(on, _)| on.load(Ordering::Relaxed))
                {
                    let (later, after) = (later.clone(), *after);
                    let pdu = frame::answer(asked.function, &stranger(asked));
                    let bytes = frame::encode(self.transport, asked.transaction, asked.unit, &pdu);
                    tokio::spawn(async move {
                        sleep(after).await;
                        let _ = later.send(bytes);
                    });
                }
                match fault {
                    Some(Fault::Reset) if self.transport != Transport::Rtu => {
                        return if self.random.next_u32() & 1 == 0 {
                            End::Reset
                        } else {
                            End::Closed
                        };
                    }
                    Some(Fault::HalfOpen) if self.transport != Transport::Rtu => {
                        return End::HalfOpen;
                    }
                    _ => {}
                }
                let bytes = self.bytes(asked, fault, &words);
                if let Some(after) = self.delay_ms(fault) {
                    let after = Duration::from_millis(after);
                    if fault == Some(Fault::Slow) {
                        sleep(after).await;
                    } else {
                        let later = later.clone();
                        tokio::spawn(async move {
                            sleep(after).await;
                            let _ = later.send(bytes);
                        });
                        continue;
                    }
                }
                if write.write_all(&bytes).await.is_err() {
                    return End::Closed;
                }
            }
            let mut chunk = [0; 256];
            tokio::select! {
                count = read.read(&mut chunk) => match count {
                    Ok(count) if count > 0 => buffer.extend(&chunk[..count]),
                    _ => return End::Closed,
                },
                Some(bytes) = overdue.recv() => {
                    if write.write_all(&bytes).await.is_err() {
                        return End::Closed;
                    }
                }
            }
        }
    }

    /// Remembers the request and says what goes wrong with its answer.
    fn note(&mut self, asked: Asked) -> (Option<Fault>, Vec<u16>) {
        let fault = if self.flaps > 0 {
            self.flaps -= 1;
            (self.flaps.is_multiple_of(2)).then_some(Fault::Flapping)
        } else if self.random.next_u32() % 100 < self.faults_pct {
            let fault = FAULTS[self.random.next_u32() as usize % FAULTS.len()];
            if fault == Fault::Flapping {
                self.flaps = 5;
            }
            Some(fault)
        } else {
            None
        };
        let mut log = self.log.lock().unwrap();
        let nth = log.asked;
        let words: Vec<u16> = (0..asked.count)
            .map(|at| name(asked.unit, asked.function, asked.address + at, nth))
            .collect();
        log.asked += 1;
        if let Some(fault) = fault {
            *log.faults.entry(fault).or_default() += 1;
        }
        if log.entries.len() >= REMEMBERED {
            log.entries.pop_front();
        }
        log.entries.push_back(Entry {
            at: Instant::now(),
            asked,
            words: words.clone(),
            fault,
        });
        (fault, words)
    }

    fn delay_ms(&mut self, fault: Option<Fault>) -> Option<u64> {
        let mut within =
            |low: u64, high: u64| low + u64::from(self.random.next_u32()) % (high - low);
        match fault? {
            Fault::Slow => Some(within(5, TIMEOUT_MS / 2)),
            Fault::Late => Some(within(TIMEOUT_MS, TIMEOUT_MS + QUARANTINE_MS)),
            Fault::Overdue => Some(within(
                TIMEOUT_MS + QUARANTINE_MS,
                2 * (TIMEOUT_MS + QUARANTINE_MS),
            )),
            _ => None,
        }
    }

    fn bytes(&mut self, asked: Asked, fault: Option<Fault>, words: &[u16]) -> Vec<u8> {
        let Asked {
            transaction,
            unit,
            function,
            address,
            count,
        } = asked;
        let transport = self.transport;
        let frame = |unit, pdu: &[u8]| frame::encode(transport, transaction, unit, pdu);
        let whole = frame(unit, &frame::answer(function, words));
        let mut request = vec![function];
        request.extend(address.to_be_bytes());
        request.extend(count.to_be_bytes());
        let Some(fault) = fault else { return whole };
        match fault {
            Fault::Slow | Fault::Late | Fault::Overdue => whole,
            Fault::Silent | Fault::Reset | Fault::HalfOpen | Fault::Flapping => Vec::new(),
            // On a network the two are apart, and a line asks one of them.
            Fault::Collided if transport == Transport::Tcp => whole,
            Fault::Collided => {
                let other = frame(unit, &frame::answer(function, &stranger(asked)));
                let after = self.random.next_u32() as usize % (whole.len() + 1);
                let mut bytes = whole;
                bytes.resize(after + other.len(), 0xFF);
                for (byte, other) in bytes.iter_mut().skip(after).zip(other) {
                    *byte &= other;
                }
                bytes
            }
            Fault::Duplicated => [whole.clone(), whole].concat(),
            Fault::Short => frame(unit, &frame::answer(function, &words[1..])),
            Fault::Long => frame(unit, &frame::answer(function, &[words, &[0x5555]].concat())),
            Fault::Cut => {
                let length = 1 + self.random.next_u32() as usize % (whole.len() - 1);
                whole[..length].to_vec()
            }
            Fault::Echoed => [frame(unit, &request), whole].concat(),
            Fault::OnlyEchoed => frame(unit, &request),
            Fault::WrongUnit => frame(unit % 3 + 1, &frame::answer(function, words)),
            Fault::WrongFunction => frame(unit, &frame::answer(function ^ 7, words)),
            Fault::BadCheck => {
                let mut bytes = whole;
                let at = match transport {
                    Transport::Tcp => 3,
                    Transport::Rtu | Transport::RtuTcp => {
                        // Anywhere behind the length, the checksum too.
                        3 + self.random.next_u32() as usize % (bytes.len() - 3)
                    }
                };
                bytes[at] ^= 1 << (self.random.next_u32() % 8);
                bytes
            }
            Fault::GarbageBefore => [self.garbage(), whole].concat(),
            Fault::GarbageInstead => self.garbage(),
            Fault::Exception => {
                let code = [1, 2, 3, 4, 8, 10, 11][self.random.next_u32() as usize % 7];
                frame(unit, &[function | 0x80, code])
            }
            Fault::Busy => {
                let code = 5 + u8::from(self.random.next_u32() & 1 == 0);
                frame(unit, &[function | 0x80, code])
            }
        }
    }

    fn garbage(&mut self) -> Vec<u8> {
        let mut bytes = vec![0; 1 + self.random.next_u32() as usize % 40];
        self.random.fill_bytes(&mut bytes);
        bytes
    }
}

/// What another device of the same unit would answer: always the same, for it is no part
/// of the log.
pub(crate) fn stranger(asked: Asked) -> Vec<u16> {
    (0..asked.count)
        .map(|at| name(asked.unit + 100, asked.function, asked.address + at, 0))
        .collect()
}

/// A word that says which register of which unit it is from, and by which request.
fn name(unit: u8, function: u8, register: u16, nth: u64) -> u16 {
    let key = u64::from(unit) << 56 | u64::from(function) << 48 | u64::from(register) << 32 | nth;
    // The finalizer of SplitMix64: each bit of the key reaches each bit of the word.
    let mixed = (key ^ (key >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    u16::try_from((mixed ^ (mixed >> 31)) & 0xFFFF).unwrap()
}
