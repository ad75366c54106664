//! The slave side of a Modbus RTU line.
//!
//! Contract: a frame whose length its function tells is answered as soon as its last byte
//! and a right checksum are there, any other when the line falls silent; bytes that are
//! no frame are dropped at the next silence, without an answer. Written apart from the
//! client library, whose server ends the line at the first request it cannot decode and
//! lets a late device hold up its neighbours.

use crate::outbox::{Asked, Outbox, Pace};
use crate::plant::{Reply, Shared, lock};
use crate::pty::Pty;
use dutypoint_fieldbus::Alarm;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

/// Silence that ends a frame. Longer than t3.5: the system may deliver a frame in parts.
const SILENCE: Duration = Duration::from_millis(10);
/// Wait after a failed read, so that a broken port costs no processor.
const RETRY: Duration = Duration::from_millis(50);
/// Longest frame of the specification.
const LONGEST: usize = 256;

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Closed,
    Reset,
    HalfOpen,
}

/// Answers on `pty` for the devices of `line`, for ever, no faster than `pace`.
pub(crate) async fn serve_pty(pty: Pty, line: String, plant: Shared, pace: Option<(Pace, Alarm)>) {
    // The slave's end stays open here, so that the master's never sees a hang-up when a
    // client closes its own.
    let Pty { master, slave, .. } = pty;
    let _slave = slave;
    let (mut reader, writer) = tokio::io::split(master);
    let outbox = Outbox::new(writer, pace);
    loop {
        // A pseudo-terminal without a client ends nothing, and a wire cannot be reset.
        if serve(&mut reader, &outbox, &line, &plant).await == End::Closed {
            sleep(RETRY).await;
        }
    }
}

/// Answers for the devices of `line` as a transparent serial server does, for ever.
pub(crate) async fn serve_tcp(listener: TcpListener, line: String, plant: Shared) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(RETRY).await;
            continue;
        };
        // A system that refuses is slower, not wrong.
        drop(stream.set_nodelay(true));
        let (line, plant) = (line.clone(), plant.clone());
        tokio::spawn(async move {
            let (mut reader, writer) = stream.into_split();
            match serve(
                &mut reader,
                &Outbox::new(crate::tcp::Out::new(writer), None),
                &line,
                &plant,
            )
            .await
            {
                End::Closed => {}
                // A system that refuses closes it, which the master notices as well.
                End::Reset => drop(reader.as_ref().set_zero_linger()),
                End::HalfOpen => crate::tcp::forget(reader).await,
            }
        });
    }
}

/// Answers what comes from `reader` until that ends.
async fn serve(
    reader: &mut (impl AsyncRead + Unpin),
    outbox: &Outbox,
    line: &str,
    plant: &Shared,
) -> End {
    let mut pending: Vec<u8> = Vec::new();
    let mut chunk = [0; LONGEST];
    loop {
        let read = if pending.is_empty() {
            reader.read(&mut chunk).await
        } else if let Ok(read) = timeout(SILENCE, reader.read(&mut chunk)).await {
            read
        } else {
            if checked(&pending).is_some()
                && let Some(end) = answer(&pending, line, plant, outbox)
            {
                return end;
            }
            pending.clear();
            continue;
        };
        match read {
            Ok(count) if count > 0 => pending.extend(chunk.iter().take(count)),
            _ => return End::Closed,
        }
        while let Some(length) = length_of(&pending)
            && pending.get(..length).and_then(checked).is_some()
        {
            let rest = pending.split_off(length);
            if let Some(end) = answer(&pending, line, plant, outbox) {
                return end;
            }
            pending = rest;
        }
        if pending.len() > LONGEST {
            pending.clear();
        }
    }
}

/// Answers one frame with a right checksum, or says how its connection ends.
fn answer(frame: &[u8], line: &str, plant: &Shared, outbox: &Outbox) -> Option<End> {
    let (unit, request) = checked(frame)?;
    match lock(plant).request(line, unit, request) {
        // On a serial line the wrong unit is nobody's business.
        Reply::Silence | Reply::Nobody => None,
        Reply::Reset => Some(End::Reset),
        Reply::HalfOpen => Some(End::HalfOpen),
        Reply::Answer(answer) => {
            let mut bytes = vec![answer.unit];
            bytes.extend(answer.pdu);
            let crc = crc(&bytes);
            bytes.extend(crc.to_le_bytes());
            let last = bytes.len() - 1;
            let bytes = answer.marring.apply(bytes, last, frame);
            let asked = Asked {
                at: Instant::now(),
                length: frame.len(),
            };
            outbox.send(bytes, asked, answer.after, answer.holds);
            None
        }
    }
}

/// Length of the request that `bytes` begin with, where the function tells it.
fn length_of(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? {
        1..=6 => Some(8),
        15 | 16 => Some(9 + usize::from(*bytes.get(6)?)),
        23 => Some(13 + usize::from(*bytes.get(10)?)),
        _ => None,
    }
}

/// Unit and request of a frame, if its checksum is right.
fn checked(frame: &[u8]) -> Option<(u8, &[u8])> {
    let (body, sum) = frame.split_last_chunk::<2>()?;
    let (unit, request) = body.split_first()?;
    (!request.is_empty() && crc(body) == u16::from_le_bytes(*sum)).then_some((*unit, request))
}

/// CRC-16/MODBUS: reflected polynomial 0xA001, start 0xFFFF, low byte first on the wire.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xA001
            } else {
                crc >> 1
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        hex.split(' ')
            .map(|b| u8::from_str_radix(b, 16).unwrap())
            .collect()
    }

    #[test]
    fn checksums_of_the_vector_table() {
        // reference data modbus_vectors.json, rtu_crc_frames.
        for frame in [
            "00 03 00 7C 00 02 04 02",
            "11 03 04 00 8D 00 8E FB BD",
            "11 83 02 C1 34",
            "FE 04 00 03 00 01 D5 C5",
            "11 06 00 01 00 03 9A 9B",
            "11 10 00 01 00 02 04 00 0A 01 02 C6 F0",
        ] {
            let mut frame = bytes(frame);
            assert!(checked(&frame).is_some(), "{frame:02X?}");
            frame[2] ^= 1;
            assert_eq!(checked(&frame), None);
        }
        assert_eq!(checked(&[]), None);
        assert_eq!(checked(&[1, 2]), None);
    }

    #[test]
    fn a_frame_is_as_long_as_its_function_says() {
        for frame in [
            "11 03 00 6B 00 03 76 87",
            "11 04 00 08 00 01 B2 98",
            "11 10 00 01 00 02 04 00 0A 01 02 C6 F0",
        ] {
            let frame = bytes(frame);
            assert_eq!(length_of(&frame), Some(frame.len()));
        }
        assert_eq!(length_of(&bytes("11 2B 0E 01")), None);
        assert_eq!(length_of(&[0x11]), None);
    }
}
