//! The slave side of a Modbus TCP line.
//!
//! Contract: each connection is served by itself, in the order of its requests; a frame
//! that is no Modbus ends its connection only. A unit identifier no instrument has is
//! answered as a gateway would, "target failed to respond".

use crate::device::exception;
use crate::outbox::{Asked, Outbox};
use crate::plant::{Answer, Reply, Shared, lock};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, BufReader};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// Exception code of a gateway whose device does not answer.
const TARGET_FAILED: u8 = 0x0B;
/// Longest request after the length field: unit and 253 bytes.
const LONGEST: u16 = 254;
/// Place of the low byte of the protocol number, always zero in Modbus.
const PROTOCOL: usize = 3;
/// Wait after a failed accept, so that a shortage of descriptors costs no processor.
const RETRY: Duration = Duration::from_millis(50);

/// Answers on `listener` for the devices of `line`, for ever.
pub(crate) async fn serve(listener: TcpListener, line: String, plant: Shared) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, line.clone(), plant.clone()));
            }
            Err(_) => sleep(RETRY).await,
        }
    }
}

async fn connection(stream: TcpStream, line: String, plant: Shared) {
    // Without it the answer could wait for the acknowledgement of the one before; a
    // system that refuses is slower, not wrong.
    drop(stream.set_nodelay(true));
    let (reader, writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let outbox = Outbox::new(Out::new(writer), None);
    loop {
        let mut header = [0; 7];
        if reader.read_exact(&mut header).await.is_err() {
            return;
        }
        let [t1, t0, p1, p0, l1, l0, unit] = header;
        let length = u16::from_be_bytes([l1, l0]);
        if (p1, p0) != (0, 0) || !(2..=LONGEST).contains(&length) {
            return;
        }
        let mut request = vec![0; usize::from(length) - 1];
        if reader.read_exact(&mut request).await.is_err() {
            return;
        }
        let reply = lock(&plant).request(&line, unit, &request);
        let answer = match reply {
            Reply::Silence => continue,
            // A system that refuses closes it, which the master notices as well.
            Reply::Reset => return drop(reader.get_ref().as_ref().set_zero_linger()),
            Reply::HalfOpen => return forget(reader).await,
            Reply::Nobody => Answer {
                unit,
                pdu: exception(request.first().copied().unwrap_or(0), TARGET_FAILED),
                ..Answer::default()
            },
            Reply::Answer(answer) => answer,
        };
        // An answer has at most 254 bytes, so the length always fits.
        let Ok(length) = u16::try_from(answer.pdu.len() + 1) else {
            return;
        };
        let [l1, l0] = length.to_be_bytes();
        let mut frame = vec![t1, t0, 0, 0, l1, l0, answer.unit];
        frame.extend(answer.pdu);
        let asked = [&header[..], &request].concat();
        let frame = answer.marring.apply(frame, PROTOCOL, &asked);
        let asked = Asked {
            at: Instant::now(),
            length: asked.len(),
        };
        outbox.send(frame, asked, answer.after, answer.holds);
    }
}

/// The writing half of a connection that is closed with it and not before: a half that is
/// dropped would say good-bye, and a reset must not.
pub(crate) struct Out(Option<OwnedWriteHalf>);

impl Out {
    pub(crate) fn new(half: OwnedWriteHalf) -> Self {
        Self(Some(half))
    }

    fn half(&mut self) -> io::Result<Pin<&mut OwnedWriteHalf>> {
        let half = self.0.as_mut().map(Pin::new);
        half.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        if let Some(half) = self.0.take() {
            half.forget();
        }
    }
}

impl AsyncWrite for Out {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.half() {
            Ok(half) => half.poll_write(cx, bytes),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.half() {
            Ok(half) => half.poll_flush(cx),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.half() {
            Ok(half) => half.poll_shutdown(cx),
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

/// Keeps a connection open and answers nothing, until the other side closes it.
pub(crate) async fn forget(mut reader: impl AsyncRead + Unpin) {
    let mut chunk = [0; 256];
    while reader.read(&mut chunk).await.is_ok_and(|count| count > 0) {}
}
