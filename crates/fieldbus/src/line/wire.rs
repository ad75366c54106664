//! An open port or connection, shared between the Modbus client and the port's owner.
//!
//! The client library knows neither what arrived before its request nor what came with
//! the answer; both tell whether an answer can be trusted, so this side counts them.

use dutypoint_engine::config::{Endpoint, Parity};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_serial::{ClearBuffer, SerialPort as _, SerialPortBuilderExt as _, SerialStream};

/// What carries the bytes.
#[derive(Debug)]
pub(super) enum Stream {
    /// A serial port.
    Serial(SerialStream),
    /// A TCP connection.
    Tcp(TcpStream),
}

/// Opens `endpoint`; a TCP connection must stand within `wait`.
pub(super) async fn open(endpoint: &Endpoint, wait: Duration) -> io::Result<Stream> {
    match endpoint {
        Endpoint::Rtu { port, baud, parity } => {
            let parity = match parity {
                Parity::None => tokio_serial::Parity::None,
                Parity::Even => tokio_serial::Parity::Even,
                Parity::Odd => tokio_serial::Parity::Odd,
            };
            #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix sets a flag"))]
            let mut serial = tokio_serial::new(port, *baud)
                .parity(parity)
                .open_native_async()?;
            // Shared on purpose: the port is opened again after every fault, and the
            // lock that keeps two daemons apart is the journal's.
            #[cfg(unix)]
            serial.set_exclusive(false)?;
            let _ = serial.clear(ClearBuffer::Input);
            Ok(Stream::Serial(serial))
        }
        Endpoint::Tcp { address } => {
            let stream = timeout(wait, TcpStream::connect(address))
                .await
                .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
            stream.set_nodelay(true)?;
            Ok(Stream::Tcp(stream))
        }
    }
}

/// What had arrived unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stray {
    /// Nothing.
    Nothing,
    /// Bytes, which have been discarded.
    Discarded,
    /// The end of the connection.
    Closed,
}

/// A handle of the one stream; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Wire(Arc<Mutex<Shared>>);

#[derive(Debug)]
struct Shared {
    stream: Stream,
    /// Bytes handed to the client since the count was last set to zero.
    taken: usize,
}

impl Wire {
    pub(super) fn new(stream: Stream) -> Self {
        Self(Arc::new(Mutex::new(Shared { stream, taken: 0 })))
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // One task uses all clones; a panic elsewhere cannot leave the stream half-used.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Discards what has arrived and begins to count anew.
    pub(super) fn discard(&self) -> Stray {
        let mut shared = self.lock();
        shared.taken = 0;
        match &mut shared.stream {
            // The system is asked, not the runtime, whose knowledge may be a turn old.
            Stream::Serial(serial) => match serial.bytes_to_read() {
                Ok(0) => Stray::Nothing,
                Ok(_) if serial.clear(ClearBuffer::Input).is_ok() => Stray::Discarded,
                _ => Stray::Closed,
            },
            Stream::Tcp(stream) => {
                let mut found = Stray::Nothing;
                let mut waste = [0; 512];
                loop {
                    match stream.try_read(&mut waste) {
                        Ok(0) => return Stray::Closed,
                        Ok(_) => found = Stray::Discarded,
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => return found,
                        Err(_) => return Stray::Closed,
                    }
                }
            }
        }
    }

    /// Bytes of a serial line since the last `discard`: those the client has taken and
    /// those that wait for it.
    pub(super) fn arrived(&self) -> usize {
        let shared = self.lock();
        let waiting = match &shared.stream {
            Stream::Serial(serial) => serial.bytes_to_read().unwrap_or(0),
            Stream::Tcp(_) => 0,
        };
        shared.taken + usize::try_from(waiting).unwrap_or(usize::MAX / 2)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut shared = self.lock();
        let before = buf.filled().len();
        let result = match &mut shared.stream {
            Stream::Serial(serial) => Pin::new(serial).poll_read(cx, buf),
            Stream::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
        };
        shared.taken += buf.filled().len() - before;
        result
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.lock().stream {
            Stream::Serial(serial) => Pin::new(serial).poll_write(cx, buf),
            Stream::Tcp(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.lock().stream {
            Stream::Serial(serial) => Pin::new(serial).poll_flush(cx),
            Stream::Tcp(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.lock().stream {
            Stream::Serial(serial) => Pin::new(serial).poll_shutdown(cx),
            Stream::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
