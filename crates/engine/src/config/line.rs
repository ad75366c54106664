//! The communication lines of a bench.

use serde::Deserialize;

/// A communication line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineConfig {
    /// Name.
    pub name: String,
    /// What it is made of.
    pub endpoint: Endpoint,
    /// What is spoken on it.
    #[serde(default)]
    pub protocol: Protocol,
    /// Wait for an answer, wall milliseconds.
    #[serde(default = "default_timeout_ms")]
    pub timeout_ms: u64,
    /// Silence after a timeout before the line is trusted again, wall milliseconds; at
    /// least the turnaround of the slowest device.
    #[serde(default = "default_quarantine_ms")]
    pub quarantine_ms: u64,
    /// How often a read that failed is asked again before its next turn.
    #[serde(default = "default_retries")]
    pub retries: u8,
    /// Rest between an answer and the next request, wall milliseconds, beyond what the
    /// protocol asks; for gateways and converters that need it.
    #[serde(default)]
    pub pause_ms: u64,
    /// Silence between frames of an RTU line in microseconds, where it is not that of the
    /// baud rate: 0 where the converter keeps it by itself.
    #[serde(default)]
    pub frame_gap_us: Option<u64>,
    /// The adapter gives back every byte that is sent (two-wire adapters without echo
    /// suppression).
    #[serde(default)]
    pub echo: bool,
}

impl LineConfig {
    /// A line with the usual times.
    #[must_use]
    pub fn new(name: impl Into<String>, endpoint: Endpoint) -> Self {
        Self {
            name: name.into(),
            endpoint,
            protocol: Protocol::Modbus,
            timeout_ms: default_timeout_ms(),
            quarantine_ms: default_quarantine_ms(),
            retries: default_retries(),
            pause_ms: 0,
            frame_gap_us: None,
            echo: false,
        }
    }
}

/// What is spoken on a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Modbus.
    #[default]
    Modbus,
    /// Nothing is asked: one instrument pushes its messages by itself.
    Push,
    /// Lines of text are asked for and answered.
    Ascii,
}

impl Protocol {
    /// The word written in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Modbus => "modbus",
            Self::Push => "push",
            Self::Ascii => "ascii",
        }
    }
}

impl LineConfig {
    /// Refuses what does not fit together.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        let (name, protocol) = (&self.name, self.protocol.name());
        if self.protocol == Protocol::Modbus {
            return Ok(());
        }
        if matches!(self.endpoint, Endpoint::Tcp { .. }) {
            return Err((
                "protocol",
                format!(
                    "line {name:?}: {protocol:?} is spoken on a serial port or through a serial server; write endpoint = {{ serial = … }} or {{ serial_tcp = … }}"
                ),
            ));
        }
        if self.endpoint.is_simulated() {
            return Err((
                "protocol",
                format!(
                    "line {name:?}: the simulator plays Modbus only, not {protocol:?}; name a port"
                ),
            ));
        }
        Ok(())
    }
}

fn default_retries() -> u8 {
    1
}

fn default_timeout_ms() -> u64 {
    300
}

fn default_quarantine_ms() -> u64 {
    200
}

/// What a line is made of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Endpoint {
    /// A serial port: Modbus RTU, or what the line's protocol says.
    #[serde(alias = "serial")]
    Rtu {
        /// Device path.
        port: String,
        /// Bits per second.
        baud: u32,
        /// Parity.
        #[serde(default)]
        parity: Parity,
        /// Stop bits, 1 or 2.
        #[serde(default = "single")]
        stop_bits: u8,
    },
    /// The bytes of a serial line over TCP, as a transparent serial server carries them.
    #[serde(rename = "rtu_tcp", alias = "serial_tcp")]
    RtuTcp {
        /// `host:port`.
        address: String,
    },
    /// Modbus TCP, to an instrument or to a gateway with many units behind it.
    Tcp {
        /// `host:port`.
        address: String,
        /// How many connections share the units; each has one request in flight.
        #[serde(default = "single")]
        connections: u8,
    },
}

fn single() -> u8 {
    1
}

/// Parity of a serial line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parity {
    /// No parity.
    #[default]
    None,
    /// Even parity.
    Even,
    /// Odd parity.
    Odd,
}

impl Endpoint {
    /// Address that stands for "whatever port the simulator opened".
    pub const SIMULATED: &'static str = "simulated";

    /// A serial port with 8 data bits, no parity and 1 stop bit.
    #[must_use]
    pub fn rtu(port: impl Into<String>, baud: u32) -> Self {
        Self::Rtu {
            port: port.into(),
            baud,
            parity: Parity::None,
            stop_bits: 1,
        }
    }

    /// One connection to `host:port`.
    #[must_use]
    pub fn tcp(address: impl Into<String>) -> Self {
        Self::Tcp {
            address: address.into(),
            connections: 1,
        }
    }

    /// What only one line may own: the port's path, or host and port.
    #[must_use]
    pub fn port(&self) -> &str {
        match self {
            Self::Rtu { port, .. } => port,
            Self::Tcp { address, .. } | Self::RtuTcp { address } => address,
        }
    }

    /// Whether the simulator supplies the port.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.port() == Self::SIMULATED
    }
}
