//! A proxy between a line and a stranger: it mangles answers by a script, and it keeps
//! what the stranger really answered, so that a test can tell right from plausible.

use crate::mangle::{Frame, Mangle, Transport};
use crate::ptys::pair;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_serial::{SerialPort as _, SerialStream};

/// Longest wait for a stranger's answer; far more than any line waits.
const ANSWER: Duration = Duration::from_secs(2);
/// Silence after which a stranger that answered nonsense is trusted again.
const CALM: Duration = Duration::from_millis(200);
/// Longest wait for a number of answers.
const PATIENCE: Duration = Duration::from_secs(60);
/// Silence on the line after which it counts as idle.
const IDLE: Duration = Duration::from_millis(60);

/// A request and what the stranger really answered.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) unit: u8,
    pub(crate) function: u8,
    pub(crate) address: u16,
    pub(crate) count: u16,
    pub(crate) mangle: Mangle,
    /// When the request arrived here.
    pub(crate) asked: Instant,
    /// Registers or exception code; none while or where the stranger did not answer.
    pub(crate) genuine: Option<Result<Vec<u16>, u8>>,
    /// When it did.
    pub(crate) answered: Option<Instant>,
    /// When the last byte for the line had been handed on; none while or where none was.
    pub(crate) delivered: Option<Instant>,
}

#[derive(Default)]
struct State {
    script: Vec<Mangle>,
    log: Vec<Entry>,
    previous: Option<Frame>,
}

/// A running proxy; it ends with this value.
pub(crate) struct Proxy {
    /// Where the line finds the stranger: path or address.
    pub(crate) front: String,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
    /// Held open, never read, so that a client may close and open its end.
    _front_end: Option<SerialStream>,
}

impl Proxy {
    /// In front of the TCP server at `port`; the n-th request meets the n-th `script`.
    pub(crate) async fn tcp(port: u16, script: &[Mangle]) -> Self {
        Self::tcp_at("127.0.0.1:0", port, script).await
    }

    /// As [`Proxy::tcp`], at this address.
    pub(crate) async fn tcp_at(front: &str, port: u16, script: &[Mangle]) -> Self {
        let listener = TcpListener::bind(front).await.unwrap();
        let front = listener.local_addr().unwrap().to_string();
        let state = state(script);
        let shared = state.clone();
        let task = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                client.set_nodelay(true).unwrap();
                // One connection at a time, as instruments have it.
                if let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await {
                    server.set_nodelay(true).unwrap();
                    relay(Transport::Tcp, client, server, &shared).await;
                }
            }
        });
        Self {
            front,
            state,
            task,
            _front_end: None,
        }
    }

    /// In front of a serial server that opens the path `back`.
    pub(crate) fn rtu(back: Back, script: &[Mangle]) -> Self {
        let (client, front_end) = pair();
        let front = front_end.name().unwrap();
        let state = state(script);
        let shared = state.clone();
        let task = tokio::spawn(async move {
            let Back { near, far, .. } = back;
            let _far = far;
            relay(Transport::Rtu, client, near, &shared).await;
        });
        Self {
            front,
            state,
            task,
            _front_end: Some(front_end),
        }
    }

    /// What was asked and answered so far.
    pub(crate) fn log(&self) -> Vec<Entry> {
        self.state.lock().unwrap().log.clone()
    }

    /// Waits until each of its `blocks` has been answered `times` more.
    pub(crate) async fn answers(&self, blocks: usize, times: usize) {
        let begin = Instant::now();
        let since = self.log().len();
        loop {
            let mut answered = BTreeMap::new();
            let log = self.log();
            for entry in log[since..].iter().filter(|e| e.delivered.is_some()) {
                let block = (entry.unit, entry.function, entry.address);
                *answered.entry(block).or_insert(0) += 1;
            }
            if answered.len() == blocks && answered.values().all(|n| *n >= times) {
                return;
            }
            assert!(
                begin.elapsed() < PATIENCE,
                "after {PATIENCE:?} {answered:?}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A free port of this machine, for servers that come and go: kept from everybody else
/// while this is held, which does not listen.
pub(crate) struct Reserved {
    _socket: TcpSocket,
    pub(crate) port: u16,
}

pub(crate) fn reserved() -> Reserved {
    let socket = TcpSocket::new_v4().unwrap();
    // Whoever says so as well may listen there.
    socket.set_reuseaddr(true).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    Reserved {
        port: socket.local_addr().unwrap().port(),
        _socket: socket,
    }
}

/// The pseudo-terminal between a proxy and a serial server.
pub(crate) struct Back {
    near: SerialStream,
    far: SerialStream,
    /// Path for the server.
    pub(crate) path: String,
}

pub(crate) fn back() -> Back {
    let (near, far) = pair();
    let path = far.name().unwrap();
    Back { near, far, path }
}

fn state(script: &[Mangle]) -> Arc<Mutex<State>> {
    Arc::new(Mutex::new(State {
        script: script.to_vec(),
        ..State::default()
    }))
}

/// Carries requests to the server and answers back, until one of them is gone.
async fn relay<C, S>(transport: Transport, client: C, mut server: S, state: &Arc<Mutex<State>>)
where
    C: AsyncRead + AsyncWrite + Send + 'static,
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (asked, answers) = tokio::io::split(client);
    let answers = Arc::new(tokio::sync::Mutex::new(answers));
    let (requests, mut queue) = mpsc::channel(16);
    let mut reader = JoinSet::new();
    reader.spawn(read_requests(transport, asked, requests));
    let mut when_idle = Vec::new();
    loop {
        let (asked, request) = match timeout(IDLE, queue.recv()).await {
            Ok(Some(arrival)) => arrival,
            Ok(None) => return,
            Err(_) => {
                let bytes = std::mem::take(&mut when_idle);
                let _ = answers.lock().await.write_all(&bytes).await;
                continue;
            }
        };
        let begin = Instant::now();
        let (nth, mangle) = note(transport, &request, asked, state);
        if server.write_all(&request).await.is_err() {
            return;
        }
        // A server that takes its time is deaf meanwhile, as an instrument is; what it
        // says to somebody who has asked again since is kept from the line. Not so where
        // the script says that the next request is to wait.
        let waits = matches!(mangle, Mangle::Slow(_) | Mangle::PreviousAhead(_));
        let mut asked_again = false;
        let answer = {
            let answer = timeout(ANSWER, receive(transport, &mut server));
            tokio::pin!(answer);
            loop {
                tokio::select! {
                    answer = &mut answer => break answer,
                    Some((asked, request)) = queue.recv(), if !waits => {
                        note(transport, &request, asked, state);
                        asked_again = true;
                    }
                }
            }
        };
        let answer = match answer {
            Ok(Ok(answer)) if answer.answers(transport, &request) => answer,
            // The connection is lost.
            Ok(Err(_)) if transport == Transport::Tcp => return,
            // pymodbus 3.0 on a busy machine loses a request now and then, or answers
            // nonsense; it finds back when it is left alone.
            _ => {
                let mut waste = [0; 256];
                while let Ok(Ok(1..)) = timeout(CALM, server.read(&mut waste)).await {}
                continue;
            }
        };
        if asked_again {
            continue;
        }
        let previous = {
            let mut state = state.lock().unwrap();
            let entry = &mut state.log[nth];
            entry.genuine = Some(answer.words());
            entry.answered = Some(Instant::now());
            state.previous.replace(answer.clone())
        };
        let delivery = mangle.apply(transport, &answer, previous.as_ref());
        when_idle = delivery.when_idle;
        let (answers, state_of) = (answers.clone(), Arc::clone(state));
        let deliver = async move {
            for (after, bytes) in delivery.parts {
                // As late as the script says, however long the stranger took of it.
                tokio::time::sleep_until((begin + after).into()).await;
                // A client that has given up and gone is what some scripts are about.
                let _ = answers.lock().await.write_all(&bytes).await;
            }
            state_of.lock().unwrap().log[nth].delivered = Some(Instant::now());
        };
        if delivery.aside {
            tokio::spawn(deliver);
        } else {
            deliver.await;
        }
        if delivery.close {
            return;
        }
    }
}

/// A request and when it arrived.
type Arrival = (Instant, Vec<u8>);

/// Hands on whole requests until the client is gone.
async fn read_requests<R>(transport: Transport, mut asked: R, requests: mpsc::Sender<Arrival>)
where
    R: AsyncRead + Unpin,
{
    loop {
        let mut request = match transport {
            Transport::Rtu => vec![0; 8],
            Transport::Tcp => vec![0; 12],
        };
        if asked.read_exact(&mut request).await.is_err() {
            return;
        }
        // Now: it may lie in the queue while the server is waited for.
        if requests.send((Instant::now(), request)).await.is_err() {
            return;
        }
    }
}

/// Writes a request down; its number and what is to become of its answer.
fn note(
    transport: Transport,
    request: &[u8],
    asked: Instant,
    state: &Mutex<State>,
) -> (usize, Mangle) {
    let at = if transport == Transport::Tcp { 6 } else { 0 };
    let word = |n: usize| u16::from_be_bytes([request[at + n], request[at + n + 1]]);
    let mut state = state.lock().unwrap();
    let nth = state.log.len();
    let mangle = state.script.get(nth).copied().unwrap_or(Mangle::Pass);
    state.log.push(Entry {
        unit: request[at],
        function: request[at + 1],
        address: word(2),
        count: word(4),
        mangle,
        asked,
        genuine: None,
        answered: None,
        delivered: None,
    });
    (nth, mangle)
}

/// One answer of the server.
async fn receive<S>(transport: Transport, server: &mut S) -> std::io::Result<Frame>
where
    S: AsyncRead + Unpin,
{
    let mut transaction = 0;
    if transport == Transport::Tcp {
        transaction = server.read_u16().await?;
        server.read_u32().await?;
    }
    let unit = server.read_u8().await?;
    let function = server.read_u8().await?;
    let second = server.read_u8().await?;
    let mut pdu = vec![function, second];
    if function & 0x80 == 0 {
        let mut words = vec![0; usize::from(second)];
        server.read_exact(&mut words).await?;
        pdu.extend(words);
    }
    let frame = Frame {
        transaction,
        unit,
        pdu,
    };
    if transport == Transport::Rtu {
        let sum = [server.read_u8().await?, server.read_u8().await?];
        if !frame.encode(transport).ends_with(&sum) {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
    }
    Ok(frame)
}
