//! The slave side of a Modbus TCP line.
//!
//! Contract: each connection is served by itself, in the order of its requests; a frame
//! that is no Modbus ends its connection only. A unit identifier no instrument has is
//! answered as a gateway would, "target failed to respond".

use crate::device::exception;
use crate::outbox::Outbox;
use crate::plant::{Reply, Shared, lock};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// Exception code of a gateway whose device does not answer.
const TARGET_FAILED: u8 = 0x0B;
/// Longest request after the length field: unit and 253 bytes.
const LONGEST: u16 = 254;
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
    let outbox = Outbox::new(writer);
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
        let (unit, pdu, after) = match reply {
            Reply::Silence => continue,
            Reply::Nobody => {
                let function = request.first().copied().unwrap_or(0);
                (unit, exception(function, TARGET_FAILED), Duration::ZERO)
            }
            Reply::Answer { unit, pdu, after } => (unit, pdu, after),
        };
        // An answer has at most 252 bytes, so the length always fits.
        let Ok(length) = u16::try_from(pdu.len() + 1) else {
            return;
        };
        let [l1, l0] = length.to_be_bytes();
        let mut frame = vec![t1, t0, 0, 0, l1, l0, unit];
        frame.extend(pdu);
        outbox.send(frame, after);
    }
}
