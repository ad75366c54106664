//! Requests and answers as bytes.

use crate::Transport;

/// A request that a slave has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) transaction: u16,
    pub(crate) unit: u8,
    pub(crate) function: u8,
    pub(crate) address: u16,
    pub(crate) count: u16,
}

/// Takes the first whole request out of `buffer`, and what is none before it.
pub(crate) fn take(transport: Transport, buffer: &mut Vec<u8>) -> Option<Asked> {
    let (head, whole) = match transport {
        Transport::Tcp => (6, 12),
        Transport::Rtu | Transport::RtuTcp => (0, 8),
    };
    while buffer.len() >= whole {
        let frame = &buffer[..whole];
        let sound = transport == Transport::Tcp || crc(frame) == 0;
        if !sound {
            buffer.remove(0);
            continue;
        }
        let word = |at: usize| u16::from_be_bytes([frame[at], frame[at + 1]]);
        let asked = Asked {
            transaction: if head == 0 { 0 } else { word(0) },
            unit: frame[head],
            function: frame[head + 1],
            address: word(head + 2),
            count: word(head + 4),
        };
        buffer.drain(..whole);
        return Some(asked);
    }
    None
}

/// The bytes of `pdu` from `unit`.
pub(crate) fn encode(transport: Transport, transaction: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    let mut body = vec![unit];
    body.extend(pdu);
    if transport == Transport::Tcp {
        let length = u16::try_from(body.len()).unwrap();
        let mut frame = transaction.to_be_bytes().to_vec();
        frame.extend([0, 0]);
        frame.extend(length.to_be_bytes());
        frame.extend(body);
        return frame;
    }
    body.extend(crc(&body).to_le_bytes());
    body
}

/// The protocol data of an answer with `words`.
pub(crate) fn answer(function: u8, words: &[u16]) -> Vec<u8> {
    let mut pdu = vec![function, u8::try_from(2 * words.len()).unwrap()];
    pdu.extend(words.iter().flat_map(|word| word.to_be_bytes()));
    pdu
}

/// CRC-16/MODBUS; zero over a frame with its checksum.
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
