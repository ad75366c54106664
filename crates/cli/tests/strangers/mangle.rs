//! What may go wrong with an answer, done to the bytes a real server sent.

use std::time::Duration;

/// What is done to one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mangle {
    /// Handed on as it is.
    Pass,
    /// Never handed on.
    Silent,
    /// Handed on when the asker has given up.
    Late(u64),
    /// Handed on after so long; what is asked meanwhile waits, as with a slow device.
    Slow(u64),
    /// One register less, the frame otherwise sound.
    Short,
    /// Only so many bytes, then nothing.
    Cut(usize),
    /// One bit turned over: in the checksum, or in the protocol number of TCP.
    Broken,
    /// From the next unit.
    WrongUnit,
    /// For the other read function.
    WrongFunction,
    /// So many bytes of nonsense before it.
    GarbageBefore(usize),
    /// Twice, one glued to the other.
    Twice,
    /// The answer before it once more, glued to its front.
    PreviousFirst,
    /// The answer before it once more, and after so long it.
    PreviousAhead(u64),
    /// Once more, when the line has been idle for a while.
    AgainWhenIdle,
    /// For another transaction.
    WrongTransaction,
    /// So many bytes, then the connection is closed.
    CutAndClose(usize),
}

/// How frames look on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Rtu,
    Tcp,
}

/// An answer without its transport.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// Zero on a serial line.
    pub(crate) transaction: u16,
    pub(crate) unit: u8,
    pub(crate) pdu: Vec<u8>,
}

/// What the asker gets to see.
#[derive(Clone, Debug, Default)]
pub(crate) struct Delivery {
    /// Bytes, each so long after the request.
    pub(crate) parts: Vec<(Duration, Vec<u8>)>,
    /// Other requests are answered meanwhile.
    pub(crate) aside: bool,
    pub(crate) close: bool,
    /// Bytes for the next pause.
    pub(crate) when_idle: Vec<u8>,
}

impl Frame {
    pub(crate) fn encode(&self, transport: Transport) -> Vec<u8> {
        let mut body = vec![self.unit];
        body.extend(&self.pdu);
        match transport {
            Transport::Rtu => {
                body.extend(crc(&body).to_le_bytes());
                body
            }
            Transport::Tcp => {
                let length = u16::try_from(body.len()).unwrap();
                let mut frame = self.transaction.to_be_bytes().to_vec();
                frame.extend([0, 0]);
                frame.extend(length.to_be_bytes());
                frame.extend(body);
                frame
            }
        }
    }

    /// Whether it has the form of an answer to `request`.
    pub(crate) fn answers(&self, transport: Transport, request: &[u8]) -> bool {
        let request = match transport {
            Transport::Rtu => request,
            Transport::Tcp => &request[6..],
        };
        let count = usize::from(u16::from_be_bytes([request[4], request[5]]));
        let length = if self.pdu[0] & 0x80 == 0 {
            2 + 2 * count
        } else {
            2
        };
        (self.unit, self.pdu[0] & 0x7F, self.pdu.len()) == (request[0], request[1], length)
    }

    /// The registers, or the exception code.
    pub(crate) fn words(&self) -> Result<Vec<u16>, u8> {
        if self.pdu[0] & 0x80 != 0 {
            return Err(self.pdu[1]);
        }
        let words = self.pdu[2..].chunks_exact(2);
        Ok(words.map(|w| u16::from_be_bytes([w[0], w[1]])).collect())
    }
}

impl Mangle {
    pub(crate) fn apply(
        self,
        transport: Transport,
        answer: &Frame,
        previous: Option<&Frame>,
    ) -> Delivery {
        let genuine = answer.encode(transport);
        let with = |change: &dyn Fn(&mut Frame)| {
            let mut frame = answer.clone();
            change(&mut frame);
            frame.encode(transport)
        };
        let mut delivery = Delivery::default();
        let mut after = Duration::ZERO;
        let bytes = match self {
            Self::Pass => genuine,
            Self::Silent => Vec::new(),
            Self::Late(ms) => {
                after = Duration::from_millis(ms);
                delivery.aside = true;
                genuine
            }
            Self::Slow(ms) => {
                after = Duration::from_millis(ms);
                genuine
            }
            Self::Short => with(&|frame| {
                let length = frame.pdu.len();
                // An exception has no register to lose; it loses its code.
                if frame.pdu[0] & 0x80 == 0 {
                    frame.pdu.truncate(length - 2);
                    frame.pdu[1] -= 2;
                }
            }),
            Self::Cut(length) => genuine[..length.min(genuine.len() - 1)].to_vec(),
            Self::Broken => {
                let mut bytes = genuine;
                let at = match transport {
                    Transport::Rtu => bytes.len() - 1,
                    Transport::Tcp => 3,
                };
                bytes[at] ^= 0x10;
                bytes
            }
            Self::WrongUnit => with(&|frame| frame.unit += 1),
            Self::WrongFunction => with(&|frame| frame.pdu[0] ^= 3 ^ 4),
            Self::GarbageBefore(length) => {
                // No beginning of a frame hides in it.
                let mut bytes = vec![0xF7; length];
                bytes.extend(genuine);
                bytes
            }
            Self::Twice => [genuine.clone(), genuine].concat(),
            Self::PreviousFirst => {
                let mut bytes = previous.map_or_else(Vec::new, |p| p.encode(transport));
                bytes.extend(genuine);
                bytes
            }
            Self::PreviousAhead(ms) => {
                after = Duration::from_millis(ms);
                let copy = previous.map_or_else(Vec::new, |p| p.encode(transport));
                delivery.parts.push((Duration::ZERO, copy));
                genuine
            }
            Self::AgainWhenIdle => {
                delivery.when_idle.clone_from(&genuine);
                genuine
            }
            Self::WrongTransaction => with(&|frame| {
                frame.transaction = frame.transaction.wrapping_add(1);
            }),
            Self::CutAndClose(length) => {
                delivery.close = true;
                genuine[..length.min(genuine.len() - 1)].to_vec()
            }
        };
        delivery.parts.push((after, bytes));
        delivery
    }
}

/// CRC-16/MODBUS.
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
