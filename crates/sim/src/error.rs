//! Why a simulated bench could not be set up.

/// Why a simulated bench could not be set up. Once it runs it has no errors: whatever a
/// master does wrong is answered, or not answered, on the wire.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A scenario that could not be read.
    #[error(transparent)]
    Text(#[from] dutypoint_model::toml_text::TextError),
    /// The bench asks something of an instrument that its profile does not offer.
    #[error(transparent)]
    Plan(#[from] dutypoint_fieldbus::Error),
    /// A number of the bench file that the physics cannot use.
    #[error("failed to build the simulated bench: {key}: {why}")]
    Bench {
        /// Key of the bench file.
        key: &'static str,
        /// What is wrong and what to write instead.
        why: String,
    },
    /// A fault text that says nothing the simulator knows.
    #[error("failed to read fault {text:?}: {why}")]
    Fault {
        /// Text as given.
        text: String,
        /// What is wrong and what may be written.
        why: String,
    },
    /// A speed at which the bench cannot run.
    #[error(
        "failed to start the simulator: speed {0} is outside 0.01 … 1000 bench seconds per second"
    )]
    Speed(f64),
    /// A base port so high that a line would get a number above 65535.
    #[error(
        "failed to start the simulator: TCP line {line} would get port {base} + {nth}, above 65535; choose a lower base port"
    )]
    PortRange {
        /// Line without a port.
        line: String,
        /// Base port as given.
        base: u16,
        /// How many TCP lines come before it.
        nth: usize,
    },
    /// Another program listens where the simulator should.
    #[error(
        "failed to open TCP line {line}: {address} is in use by another program; stop that program, choose another base port, or give none to let the system choose"
    )]
    PortInUse {
        /// Line without a port.
        line: String,
        /// The address.
        address: String,
    },
    /// A TCP port the system refuses for another reason.
    #[error(
        "failed to open TCP line {line} at {address}: {source}; ports below 1024 need privileges"
    )]
    Listen {
        /// Line without a port.
        line: String,
        /// The address.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// No pseudo-terminal for a serial line.
    #[error(
        "failed to open a pseudo-terminal for RTU line {line}: {why}; a bench file with TCP lines only needs none"
    )]
    Pty {
        /// Line without a port.
        line: String,
        /// What the system said.
        why: String,
    },
    /// The simulator's own thread could not start or ended before it served.
    #[error("failed to start the simulator's thread: {0}")]
    Thread(std::io::Error),
}
