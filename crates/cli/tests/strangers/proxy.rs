//! A proxy between a line and a stranger: it mangles answers by a script, and it keeps
//! what the stranger really answered, so that a test can tell right from plausible.

use crate::mangle::{Frame, Mangle, Transport};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_serial::{SerialPort as _, SerialStream};

/// Longest wait for a stranger's answer; far more than any line waits.
const ANSWER: Duration = Duration::from_secs(5);
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
    /// Registers or exception code; none while or where the stranger did not answer.
    pub(crate) genuine: Option<Result<Vec<u16>, u8>>,
    /// How long the stranger took.
    pub(crate) took: Duration,
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
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
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
        let (client, front_end) = SerialStream::pair().unwrap();
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
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
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
    let (near, far) = SerialStream::pair().unwrap();
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
async fn relay<C, S>(transport: Transport, client: C, mut server: S, state: &Mutex<State>)
where
    C: AsyncRead + AsyncWrite + Send + 'static,
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut asked, answers) = tokio::io::split(client);
    let answers = Arc::new(tokio::sync::Mutex::new(answers));
    let mut when_idle = Vec::new();
    loop {
        let mut request = match transport {
            Transport::Rtu => vec![0; 8],
            Transport::Tcp => vec![0; 12],
        };
        if !next(&mut asked, &mut request, &answers, &mut when_idle).await
            || server.write_all(&request).await.is_err()
        {
            return;
        }
        let begin = Instant::now();
        let (nth, mangle) = note(transport, &request, state);
        let Ok(Ok(answer)) = timeout(ANSWER, receive(transport, &mut server)).await else {
            // A serial server is silent where it is not meant; a connection is lost.
            if transport == Transport::Rtu {
                continue;
            }
            return;
        };
        let previous = {
            let mut state = state.lock().unwrap();
            let entry = &mut state.log[nth];
            entry.genuine = Some(answer.words());
            entry.took = begin.elapsed();
            state.previous.replace(answer.clone())
        };
        let delivery = mangle.apply(transport, &answer, previous.as_ref());
        when_idle = delivery.when_idle;
        let answers = answers.clone();
        let deliver = async move {
            tokio::time::sleep(delivery.after).await;
            // A client that has given up and gone is what some scripts are about.
            let _ = answers.lock().await.write_all(&delivery.bytes).await;
        };
        if delivery.after.is_zero() {
            deliver.await;
        } else {
            tokio::spawn(deliver);
        }
        if delivery.close {
            return;
        }
    }
}

/// Waits for a request; in a pause, what is left for one is delivered. False at the end.
async fn next<R, W>(
    asked: &mut R,
    request: &mut [u8],
    answers: &tokio::sync::Mutex<W>,
    when_idle: &mut Vec<u8>,
) -> bool
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let read = asked.read_exact(request);
    tokio::pin!(read);
    loop {
        match timeout(IDLE, &mut read).await {
            Ok(read) => return read.is_ok(),
            Err(_) if when_idle.is_empty() => {}
            Err(_) => {
                let bytes = std::mem::take(when_idle);
                let _ = answers.lock().await.write_all(&bytes).await;
            }
        }
    }
}

/// Writes a request down; its number and what is to become of its answer.
fn note(transport: Transport, request: &[u8], state: &Mutex<State>) -> (usize, Mangle) {
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
        genuine: None,
        took: Duration::MAX,
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
        assert!(frame.encode(transport).ends_with(&sum), "{frame:?} {sum:?}");
    }
    Ok(frame)
}
