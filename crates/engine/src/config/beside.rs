//! What a bench file says of matters beside a run: the limits of a line check, and the old
//! system that shows the same quantities.

use super::bench::{Bench, InstrumentConfig};
use super::line::LineConfig;
use serde::Deserialize;

/// What a check of the lines may find at most. What has no limit is measured and not
/// judged.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineLimits {
    /// Broken answers, wrong checksums among them, percent of a device's requests.
    #[serde(default)]
    pub garbled_pct: Option<f64>,
    /// Requests without an answer, percent.
    #[serde(default)]
    pub timeout_pct: Option<f64>,
    /// Every other failure, percent.
    #[serde(default)]
    pub other_pct: Option<f64>,
    /// Time to an answer that 99 of 100 keep, milliseconds.
    #[serde(default)]
    pub latency_p99_ms: Option<f64>,
}

impl LineLimits {
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        for (key, limit) in [
            ("garbled_pct", self.garbled_pct),
            ("timeout_pct", self.timeout_pct),
            ("other_pct", self.other_pct),
            ("latency_p99_ms", self.latency_p99_ms),
        ] {
            if let Some(limit) = limit.filter(|l| !(*l >= 0.0 && l.is_finite())) {
                return Err((
                    key,
                    format!("{limit} is no limit; write a number from 0 on"),
                ));
            }
        }
        Ok(())
    }
}

/// The system beside the bench: lines and instruments written as the bench's own are. Its
/// channels have the names of the bench's channels that they are compared with.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShadowConfig {
    /// Its lines.
    pub line: Vec<LineConfig>,
    /// What answers on them.
    pub instrument: Vec<InstrumentConfig>,
}

impl Bench {
    /// The system beside the bench as a bench of its own, which drives nothing.
    #[must_use]
    pub fn beside(&self) -> Option<Self> {
        let shadow = self.shadow.clone()?;
        Some(Self {
            line: shadow.line,
            instrument: shadow.instrument,
            entered: Vec::new(),
            actuator: Vec::new(),
            shadow: None,
            ..self.clone()
        })
    }

    pub(super) fn check_shadow(&self) -> Result<(), (&'static str, String)> {
        let Some(theirs) = self.beside() else {
            return Ok(());
        };
        let within = |(key, why)| (key, format!("shadow: {why}"));
        theirs.check().map_err(within)?;
        for line in &theirs.line {
            let port = line.endpoint.port();
            // Several may ask a server on the network, but nobody else on a serial line.
            let own = self.line.iter().find(|l| l.endpoint.port() == port);
            if let Some(own) = own.filter(|_| !line.endpoint.is_simulated()) {
                return Err((
                    "shadow",
                    format!("line {:?} has the port of line {:?}", line.name, own.name),
                ));
            }
        }
        let ours: Vec<_> = self.instrument.iter().flat_map(|i| &i.channel).collect();

        for channel in theirs.instrument.iter().flat_map(|i| &i.channel) {
            let Some(own) = ours.iter().find(|c| c.name == channel.name) else {
                return Err((
                    "shadow",
                    format!(
                        "channel {:?} of the system beside has no channel of that name on the bench to compare with",
                        channel.name
                    ),
                ));
            };
            if own.role != channel.role {
                return Err((
                    "shadow",
                    format!(
                        "channel {:?} is {} on the bench, but {} of the system beside; give both one role",
                        channel.name,
                        own.role.text().en,
                        channel.role.text().en
                    ),
                ));
            }
        }
        if theirs.instrument.iter().all(|i| i.channel.is_empty()) {
            return Err(("shadow", "the system beside has no channel".into()));
        }
        Ok(())
    }
}
