//! An open port or connection, shared between the Modbus client and the port's owner.
//!
//! The client library knows neither what arrived before its request nor what came with
//! the answer; both tell whether an answer can be trusted, so this side counts them.

use dutypoint_engine::config::{Endpoint, Parity};
use dutypoint_model::document::crc16;
use std::collections::VecDeque;
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
pub(crate) enum Stream {
    /// A serial port.
    Serial(SerialStream),
    /// A TCP connection to a device that numbers its answers.
    Tcp(TcpStream),
    /// A TCP connection to a serial server that does not.
    RtuTcp(TcpStream),
}

/// Opens `endpoint`; a TCP connection must stand within `wait`.
pub(crate) async fn open(endpoint: &Endpoint, wait: Duration) -> io::Result<Stream> {
    match endpoint {
        Endpoint::Rtu {
            port,
            baud,
            parity,
            stop_bits,
        } => {
            let parity = match parity {
                Parity::None => tokio_serial::Parity::None,
                Parity::Even => tokio_serial::Parity::Even,
                Parity::Odd => tokio_serial::Parity::Odd,
            };
            let stop_bits = match stop_bits {
                2 => tokio_serial::StopBits::Two,
                _ => tokio_serial::StopBits::One,
            };
            #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix sets a flag"))]
            let mut serial = tokio_serial::new(port, *baud)
                .parity(parity)
                .stop_bits(stop_bits)
                .open_native_async()?;
            // Shared on purpose: the port is opened again after every fault, and the
            // lock that keeps two daemons apart is the journal's.
            #[cfg(unix)]
            serial.set_exclusive(false)?;
            let _ = serial.clear(ClearBuffer::Input);
            Ok(Stream::Serial(serial))
        }
        Endpoint::Tcp { address, .. } | Endpoint::RtuTcp { address } => {
            let stream = timeout(wait, TcpStream::connect(address))
                .await
                .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
            stream.set_nodelay(true)?;
            Ok(match endpoint {
                Endpoint::RtuTcp { .. } => Stream::RtuTcp(stream),
                _ => Stream::Tcp(stream),
            })
        }
    }
}

/// What had arrived unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stray {
    /// Nothing.
    Nothing,
    /// Bytes, which have been discarded.
    Discarded,
    /// The end of the connection.
    Closed,
}

/// A handle of the one stream; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Wire(Arc<Mutex<Shared>>);

#[derive(Debug)]
struct Shared {
    stream: Stream,
    /// What the client took since the last `discard`; unused where answers have numbers.
    taken: Vec<u8>,
    /// The adapter gives back what is sent.
    echo: bool,
    /// What was sent and has not come back yet.
    owed: VecDeque<u8>,
}

impl Wire {
    pub(crate) fn new(stream: Stream, echo: bool) -> Self {
        Self(Arc::new(Mutex::new(Shared {
            stream,
            taken: Vec::new(),
            echo,
            owed: VecDeque::new(),
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // One task uses all clones; a panic elsewhere cannot leave the stream half-used.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Discards what has arrived and begins to count anew. What it discards of a line
    /// without transaction numbers is added to `strays`.
    pub(crate) fn discard(&self, strays: &mut Vec<u8>) -> Stray {
        let mut shared = self.lock();
        shared.taken.clear();
        shared.owed.clear();
        let mut waste = [0; 512];
        match &mut shared.stream {
            // The system is asked, not the runtime, whose knowledge may be a turn old.
            Stream::Serial(serial) => match serial.bytes_to_read() {
                Ok(0) => Stray::Nothing,
                Ok(_) => match serial.try_read(&mut waste) {
                    Ok(0) => Stray::Closed,
                    Ok(read) => {
                        strays.extend(waste.iter().take(read));
                        Stray::Discarded
                    }
                    // Another program that has the port open was faster.
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => Stray::Discarded,
                    Err(_) => Stray::Closed,
                },
                Err(_) => Stray::Closed,
            },
            Stream::RtuTcp(stream) => match waiting(stream, &mut waste) {
                Ok(0) => Stray::Closed,
                Ok(read) => {
                    strays.extend(waste.iter().take(read));
                    Stray::Discarded
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Stray::Nothing,
                Err(_) => Stray::Closed,
            },
            // What the runtime does not know of yet has the wrong transaction number.
            Stream::Tcp(stream) => {
                let mut found = Stray::Nothing;
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

    /// Bytes since the last `discard`: those the client has taken and those that wait for it.
    pub(crate) fn arrived(&self) -> usize {
        let shared = self.lock();
        let waiting = match &shared.stream {
            Stream::Serial(serial) => serial
                .bytes_to_read()
                .map_or(0, |n| usize::try_from(n).unwrap_or(0)),
            Stream::RtuTcp(stream) => unread(stream),
            Stream::Tcp(_) => 0,
        };
        shared.taken.len() + waiting
    }

    /// Begins to count anew what is taken.
    pub(crate) fn forget(&self) {
        self.lock().taken.clear();
    }

    /// What the client took since the last `discard`.
    pub(crate) fn taken(&self) -> Vec<u8> {
        self.lock().taken.clone()
    }
}

/// Reads what the system holds of `stream`, whatever the runtime knows of it.
#[cfg(unix)]
fn waiting(stream: &TcpStream, into: &mut [u8]) -> io::Result<usize> {
    let (read, _) = rustix::net::recv(stream, into, rustix::net::RecvFlags::DONTWAIT)?;
    Ok(read)
}

#[cfg(not(unix))]
fn waiting(stream: &TcpStream, into: &mut [u8]) -> io::Result<usize> {
    stream.try_read(into)
}

/// Bytes the system holds of `stream`.
#[cfg(unix)]
fn unread(stream: &TcpStream) -> usize {
    rustix::io::ioctl_fionread(stream).map_or(0, |n| usize::try_from(n).unwrap_or(0))
}

#[cfg(not(unix))]
fn unread(_: &TcpStream) -> usize {
    0
}

impl Shared {
    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Serial(serial) => Pin::new(serial).poll_read(cx, buf),
            Stream::Tcp(stream) | Stream::RtuTcp(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }

    /// Takes the echo of what was sent out of the bytes behind `from`.
    fn drop_echo(&mut self, buf: &mut ReadBuf<'_>, from: usize) {
        let fresh = buf.filled().get(from..).unwrap_or_default();
        let echo = fresh.iter().zip(&self.owed);
        let echo = echo.take_while(|(byte, sent)| byte == sent).count();
        if echo < fresh.len().min(self.owed.len()) {
            // A byte was hurt on its way out: nothing behind it can be told apart, and the
            // check of the frame finds out.
            self.owed.clear();
        }
        self.owed.drain(..echo.min(self.owed.len()));
        let rest: Vec<u8> = fresh.iter().skip(echo).copied().collect();
        buf.set_filled(from);
        buf.put_slice(&rest);
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
        loop {
            let result = shared.poll_read(cx, buf);
            if !matches!(result, Poll::Ready(Ok(()))) || matches!(shared.stream, Stream::Tcp(_)) {
                return result;
            }
            if shared.echo && buf.filled().len() > before {
                shared.drop_echo(buf, before);
                if buf.filled().len() == before {
                    continue;
                }
            }
            shared.taken.extend(buf.filled().iter().skip(before));
            return result;
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut shared = self.lock();
        let result = match &mut shared.stream {
            Stream::Serial(serial) => Pin::new(serial).poll_write(cx, buf),
            Stream::Tcp(stream) | Stream::RtuTcp(stream) => Pin::new(stream).poll_write(cx, buf),
        };
        if let (true, Poll::Ready(Ok(sent))) = (shared.echo, &result) {
            shared.owed.extend(buf.iter().take(*sent));
        }
        result
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.lock().stream {
            Stream::Serial(serial) => Pin::new(serial).poll_flush(cx),
            Stream::Tcp(stream) | Stream::RtuTcp(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.lock().stream {
            Stream::Serial(serial) => Pin::new(serial).poll_shutdown(cx),
            Stream::Tcp(stream) | Stream::RtuTcp(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

/// Whether a whole RTU answer of `unit` is somewhere in `bytes`: an answer to a request of
/// ours, with a sound checksum.
pub(crate) fn holds_answer(bytes: &[u8], unit: u8) -> bool {
    (0..bytes.len()).any(|at| match &bytes[at..] {
        frame @ [first, function, count, ..] if *first == unit => {
            let length = match function {
                3 | 4 => 5 + usize::from(*count),
                6 => 8,
                // What is left is an exception or nothing.
                _ => 5,
            };
            // Over a frame and its checksum the sum is zero.
            frame.get(..length).is_some_and(|frame| crc16(frame) == 0)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames of a pressure transmitter, checksums by another implementation.
    #[test]
    fn an_answer_is_found_among_noise_and_a_broken_one_is_not() {
        let answer = [0x01, 0x03, 0x04, 0x00, 0x06, 0x00, 0x05, 0xDA, 0x31];
        let exception = [0x0A, 0x81, 0x02, 0xB0, 0x53];
        assert!(holds_answer(&answer, 1));
        assert!(!holds_answer(&answer, 3), "the function is no unit");
        assert!(holds_answer(&exception, 0x0A));
        let noisy = [&[0x01, 0xFF, 0x01][..], &answer, &[0x00]].concat();
        assert!(holds_answer(&noisy, 1));
        let mut broken = answer;
        broken[4] ^= 0x10;
        assert!(!holds_answer(&broken, 1));
        assert!(!holds_answer(&answer[..8], 1));
        assert!(!holds_answer(&[], 1));
    }
}
