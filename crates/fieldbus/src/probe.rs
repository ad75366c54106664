//! What is on a line that nobody knows yet.
//!
//! Promises: it never writes; it asks for one value at a time (functions 3 and 4, at
//! an address the named profile has, else 0), for the identification 43/14, and for registers of
//! a profile; it rests after every request; on a serial line it listens first, and it stops
//! for good when it hears what it did not ask for. Never does: guess. What fits a value on
//! the display is told with everything else that fits it as well.

mod ask;
mod fit;

pub use fit::{Display, Fit};

use crate::InstrumentProfile;
use ask::Asker;
use dutypoint_engine::config::{Endpoint, Parity};
use std::ops::RangeInclusive;
use std::time::Duration;

/// Baud rates in the order they are met in halls.
const BAUD: [u32; 8] = [9600, 19_200, 115_200, 38_400, 4800, 57_600, 2400, 1200];
/// Parity and stop bits, likewise.
const FRAMES: [(Parity, u8); 4] = [
    (Parity::None, 1),
    (Parity::Even, 1),
    (Parity::Odd, 1),
    (Parity::None, 2),
];

/// Why a line cannot be probed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// The port did not open.
    #[error(
        "failed to open {port}: {why}; check its name, its cable, and that no other program holds it"
    )]
    Open {
        /// Port or address.
        port: String,
        /// What the system said.
        why: String,
    },
    /// Somebody else speaks on the line.
    #[error(
        "failed to probe {port}: {bytes} bytes came that nobody here asked for: another master uses this line, or a meter sends by itself; nothing more was sent. Disconnect the other master, or probe when it is off"
    )]
    Busy {
        /// Port.
        port: String,
        /// How many bytes.
        bytes: usize,
    },
}

/// What a device said to a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing, or nothing that can be trusted.
    Silence,
    /// A whole answer, after the wait was over.
    Late,
    /// Registers.
    Words(Vec<u16>),
    /// An exception with its code: there is a device, and it has no such register.
    Exception(u8),
}

/// What is to be probed.
#[derive(Clone, Debug)]
pub struct ProbeSetup {
    /// Settings in the order they are tried; the first that finds a device is kept.
    pub settings: Vec<Endpoint>,
    /// Unit ids.
    pub units: RangeInclusive<u8>,
    /// Wait for an answer, beyond its time on the wire.
    pub patience: Duration,
    /// Rest between requests.
    pub pause: Duration,
    /// How long is listened before the first request on a serial line.
    pub listen: Duration,
    /// The profile the user named; it is read whatever it identifies itself as.
    pub profile: Option<InstrumentProfile>,
    /// Profiles that may turn out to be that of a device. Their identity registers are read:
    /// leave out those that the named profile forbids.
    pub candidates: Vec<InstrumentProfile>,
    /// What the user reads off the display.
    pub display: Option<Display>,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// Unit ids asked so far, over all settings.
    pub done: usize,
    /// Unit ids there are to ask.
    pub of: usize,
    /// The setting being tried.
    pub setting: &'a Endpoint,
    /// The unit id being asked.
    pub unit_id: u8,
}

/// A device that answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Modbus unit identifier.
    pub unit_id: u8,
    /// Its first reply.
    pub reply: Reply,
    /// Objects of function 43/14, with their texts.
    pub identification: Vec<(u8, String)>,
    /// Ids of the profiles whose every identity it meets.
    pub candidates: Vec<String>,
    /// What reads as the display shows.
    pub fits: Vec<Fit>,
}

/// What is on the line.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeReport {
    /// The setting devices answered at; none where all was silent.
    pub endpoint: Option<Endpoint>,
    /// Who answered.
    pub devices: Vec<Device>,
    /// Settings at which something came back that was no answer.
    pub noisy: Vec<Endpoint>,
}

/// Settings of a serial port in the order worth trying: those of `profile` first, else
/// the usual ones. `bauds` narrows the rates.
#[must_use]
pub fn settings(port: &str, profile: Option<&InstrumentProfile>, bauds: &[u32]) -> Vec<Endpoint> {
    let rates = if bauds.is_empty() { &BAUD } else { bauds };
    let rtu = |baud, parity, stop_bits| Endpoint::Rtu {
        port: port.to_owned(),
        baud,
        parity,
        stop_bits,
    };
    let mut all: Vec<Endpoint> = FRAMES
        .iter()
        .flat_map(|&(parity, stop)| rates.iter().map(move |&baud| rtu(baud, parity, stop)))
        .collect();
    if let Some(serial) = profile.map(|p| &p.serial) {
        let strange = |endpoint: &Endpoint| match endpoint {
            Endpoint::Rtu {
                baud,
                parity,
                stop_bits,
                ..
            } => {
                usize::from(serial.baud.is_some_and(|b| b != *baud))
                    + usize::from(serial.parity.is_some_and(|p| p != *parity))
                    + usize::from(serial.stop_bits.is_some_and(|s| s != *stop_bits))
            }
            Endpoint::Tcp { .. } | Endpoint::RtuTcp { .. } => 0,
        };
        all.sort_by_key(strange);
    }
    all
}

/// Probes a line.
///
/// # Errors
/// [`ProbeError`]: the port does not open, or others use the line.
pub async fn probe(
    setup: &ProbeSetup,
    mut progress: impl FnMut(Progress<'_>),
) -> Result<ProbeReport, ProbeError> {
    let mut report = ProbeReport {
        endpoint: None,
        devices: Vec::new(),
        noisy: Vec::new(),
    };
    let of = setup.settings.len() * setup.units.clone().count();
    let mut done = 0;
    for (nth, setting) in setup.settings.iter().enumerate() {
        let mut asker = Asker::new(setting, setup.patience, setup.pause);
        let first = if nth == 0 { setup.listen } else { setup.pause };
        asker.listen(first).await?;
        for unit_id in setup.units.clone() {
            progress(Progress {
                done,
                of,
                setting,
                unit_id,
            });
            done += 1;
            if let Some(reply) = knock(&mut asker, setup, unit_id).await? {
                let device = know(&mut asker, setup, unit_id, reply).await?;
                report.devices.push(device);
            }
        }
        if asker.noise {
            report.noisy.push(setting.clone());
        }
        // All devices of a line have one setting.
        if !report.devices.is_empty() {
            report.endpoint = Some(setting.clone());
            return Ok(report);
        }
    }
    Ok(report)
}

/// Asks for one register, with function 3 and, where nothing comes, with function 4.
async fn knock(
    asker: &mut Asker,
    setup: &ProbeSetup,
    unit_id: u8,
) -> Result<Option<Reply>, ProbeError> {
    for function in [3, 4] {
        let place = match &setup.profile {
            Some(profile) => fit::harmless(profile, function),
            None => Some((0, 1)),
        };
        let Some((address, count)) = place else {
            continue;
        };
        match asker.read(unit_id, function, address, count).await? {
            Reply::Silence => {}
            reply => return Ok(Some(reply)),
        }
    }
    Ok(None)
}

async fn know(
    asker: &mut Asker,
    setup: &ProbeSetup,
    unit_id: u8,
    reply: Reply,
) -> Result<Device, ProbeError> {
    let identification = asker.identification(unit_id).await?;
    let mut candidates = Vec::new();
    let mut fits = Vec::new();
    for profile in &setup.candidates {
        if !fit::is_it(asker, unit_id, profile, &identification).await? {
            continue;
        }
        candidates.push(profile.id.clone());
        if let (None, Some(display)) = (&setup.profile, &setup.display) {
            fits.extend(fit::fits(asker, unit_id, profile, display).await?);
        }
    }
    if let (Some(profile), Some(display)) = (&setup.profile, &setup.display) {
        fits = fit::fits(asker, unit_id, profile, display).await?;
    }
    Ok(Device {
        unit_id,
        reply,
        identification,
        candidates,
        fits,
    })
}

#[cfg(test)]
mod tests;
