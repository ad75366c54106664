//! Faults a simulated bench can be given, and the text they are written as.
//!
//! Contract: a fault acts at every moment of its window and at no other; what it does
//! depends on bench time only, so that a faulty run can be repeated.

use crate::Error;
use dutypoint_model::toml_text::nearest;
use std::fmt;
use std::str::FromStr;

/// Spellings, for messages.
const KNOWN: [(&str, &str); 14] = [
    ("silent", "silent:TAG"),
    ("line", "line:LINE"),
    ("late", "late:TAG=MILLISECONDS"),
    ("exception", "exception:TAG=CODE"),
    ("short", "short:TAG"),
    ("wrong-unit", "wrong-unit:TAG"),
    ("burn-out", "burn-out:TAG"),
    ("frequency", "frequency=HZ"),
    ("voltage", "voltage=V"),
    ("head", "head=FACTOR"),
    ("stuck", "stuck"),
    ("mains-lost", "mains-lost"),
    ("trip", "trip"),
    ("pump-off", "pump-off"),
];

/// Something wrong with the bench, for a time.
///
/// ```
/// let fault: dutypoint_sim::Fault = "silent:LT-01@30..60".parse()?;
/// assert_eq!(fault.window.from_s, 30.0);
/// assert_eq!(fault.to_string(), "silent:LT-01@30..60");
/// # Ok::<(), dutypoint_sim::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// When.
    pub window: Window,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// The instrument does not answer.
    Silent {
        /// Instrument.
        tag: String,
    },
    /// The line is dead: no instrument on it answers.
    DeadLine {
        /// Line.
        line: String,
    },
    /// The instrument answers late.
    Late {
        /// Instrument.
        tag: String,
        /// Delay, wall milliseconds: line timeouts are wall time too.
        by_ms: u64,
    },
    /// The instrument answers every request with a Modbus exception.
    Exception {
        /// Instrument.
        tag: String,
        /// Exception code.
        code: u8,
    },
    /// The instrument answers a read with one register less than asked.
    Short {
        /// Instrument.
        tag: String,
    },
    /// The instrument answers with the next unit identifier.
    WrongUnit {
        /// Instrument.
        tag: String,
    },
    /// The sensor is broken and the instrument says so as well as its registers allow:
    /// a status or unit word that is not the good one, else not-a-number, else a code
    /// for "no measurement", else the end of the range.
    BurnOut {
        /// Instrument.
        tag: String,
    },
    /// The mains have another nominal frequency.
    SupplyFrequency {
        /// Frequency, Hz.
        hz: f64,
    },
    /// The mains have another nominal line voltage.
    SupplyVoltage {
        /// Voltage, V.
        v: f64,
    },
    /// The pump is worn.
    WeakPump {
        /// Share of its head it still makes.
        head_factor: f64,
    },
    /// The valve takes demands and does not move.
    StuckValve,
    /// The bench is on its battery.
    MainsLost,
    /// A hard-wired trip has acted.
    Trip,
    /// The pump stands still, and its check valve holds the column of water.
    PumpOff,
}

/// A stretch of bench time: from `from_s`, until just before `to_s`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Begin, bench seconds.
    pub from_s: f64,
    /// End, bench seconds; infinite for a fault that stays.
    pub to_s: f64,
}

impl Window {
    /// All the time.
    pub const ALWAYS: Self = Self {
        from_s: 0.0,
        to_s: f64::INFINITY,
    };

    /// Whether `bench_s` lies in it.
    #[must_use]
    pub fn contains(&self, bench_s: f64) -> bool {
        (self.from_s..self.to_s).contains(&bench_s)
    }
}

impl FaultKind {
    /// The instrument it belongs to; none for lines, the mains and the pump.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        match self {
            Self::Silent { tag }
            | Self::Late { tag, .. }
            | Self::Exception { tag, .. }
            | Self::Short { tag }
            | Self::WrongUnit { tag }
            | Self::BurnOut { tag } => Some(tag),
            Self::DeadLine { .. }
            | Self::SupplyFrequency { .. }
            | Self::SupplyVoltage { .. }
            | Self::WeakPump { .. }
            | Self::StuckValve
            | Self::MainsLost
            | Self::Trip
            | Self::PumpOff => None,
        }
    }

    /// The line it belongs to; none for instruments, the mains and the pump.
    #[must_use]
    pub fn line(&self) -> Option<&str> {
        match self {
            Self::DeadLine { line } => Some(line),
            _ => None,
        }
    }
}

/// What the plant's faults leave of mains and pump at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Plant {
    pub(crate) frequency_hz: f64,
    pub(crate) voltage_v: f64,
    pub(crate) head_factor: f64,
    pub(crate) stuck: bool,
    pub(crate) mains: bool,
    pub(crate) trip: bool,
    pub(crate) off: bool,
}

/// The plant at bench time `bench_s`; of several faults of a kind the last one written
/// counts.
pub(crate) fn plant(faults: &[Fault], bench_s: f64) -> Plant {
    let mut plant = Plant {
        frequency_hz: 50.0,
        voltage_v: 380.0,
        head_factor: 1.0,
        stuck: false,
        mains: true,
        trip: false,
        off: false,
    };
    for fault in faults.iter().filter(|f| f.window.contains(bench_s)) {
        match fault.kind {
            FaultKind::SupplyFrequency { hz } => plant.frequency_hz = hz,
            FaultKind::SupplyVoltage { v } => plant.voltage_v = v,
            FaultKind::WeakPump { head_factor } => plant.head_factor = head_factor,
            FaultKind::StuckValve => plant.stuck = true,
            FaultKind::MainsLost => plant.mains = false,
            FaultKind::Trip => plant.trip = true,
            FaultKind::PumpOff => plant.off = true,
            _ => {}
        }
    }
    plant
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            FaultKind::Silent { tag } => write!(f, "silent:{tag}"),
            FaultKind::DeadLine { line } => write!(f, "line:{line}"),
            FaultKind::Late { tag, by_ms } => write!(f, "late:{tag}={by_ms}"),
            FaultKind::Exception { tag, code } => write!(f, "exception:{tag}={code}"),
            FaultKind::Short { tag } => write!(f, "short:{tag}"),
            FaultKind::WrongUnit { tag } => write!(f, "wrong-unit:{tag}"),
            FaultKind::BurnOut { tag } => write!(f, "burn-out:{tag}"),
            FaultKind::SupplyFrequency { hz } => write!(f, "frequency={hz}"),
            FaultKind::SupplyVoltage { v } => write!(f, "voltage={v}"),
            FaultKind::WeakPump { head_factor } => write!(f, "head={head_factor}"),
            FaultKind::StuckValve => f.write_str("stuck"),
            FaultKind::MainsLost => f.write_str("mains-lost"),
            FaultKind::Trip => f.write_str("trip"),
            FaultKind::PumpOff => f.write_str("pump-off"),
        }?;
        match self.window {
            Window::ALWAYS => Ok(()),
            Window { from_s, to_s } if to_s.is_infinite() => write!(f, "@{from_s}.."),
            Window { from_s, to_s } => write!(f, "@{from_s}..{to_s}"),
        }
    }
}

impl FromStr for Fault {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse(text.trim()).map_err(|why| Error::Fault {
            text: text.to_owned(),
            why,
        })
    }
}

fn parse(text: &str) -> Result<Fault, String> {
    let (what, window) = match text.split_once('@') {
        Some((what, window)) => (what, parse_window(window)?),
        None => (text, Window::ALWAYS),
    };
    let (head, value) = match what.split_once('=') {
        Some((head, value)) => (head, Some(value)),
        None => (what, None),
    };
    let (kind, tag) = match head.split_once(':') {
        Some((kind, tag)) => (kind, Some(tag).filter(|t| !t.is_empty())),
        None => (head, None),
    };
    let Some((_, form)) = KNOWN.iter().find(|(name, _)| *name == kind) else {
        let forms: Vec<_> = KNOWN.iter().map(|(_, form)| *form).collect();
        let hint = nearest(kind, KNOWN.iter().map(|(name, _)| *name)).map_or_else(
            || ".".to_owned(),
            |near| format!("; did you mean {near:?}?"),
        );
        return Err(format!(
            "nothing is called {kind:?}{hint} Known: {}, each with @FROM..TO in bench seconds if it is not to stay",
            forms.join(", ")
        ));
    };
    let whole = |low: u64, high: u64| number(form, value, low as f64, high as f64, true);
    let kind = match (kind, tag, value) {
        ("silent", Some(tag), None) => FaultKind::Silent { tag: tag.into() },
        ("line", Some(line), None) => FaultKind::DeadLine { line: line.into() },
        ("late", Some(tag), Some(_)) => FaultKind::Late {
            tag: tag.into(),
            by_ms: to_u64(whole(1, 60_000)?),
        },
        ("exception", Some(tag), Some(_)) => FaultKind::Exception {
            tag: tag.into(),
            code: u8::try_from(to_u64(whole(1, 255)?)).map_err(|e| e.to_string())?,
        },
        ("short", Some(tag), None) => FaultKind::Short { tag: tag.into() },
        ("wrong-unit", Some(tag), None) => FaultKind::WrongUnit { tag: tag.into() },
        ("burn-out", Some(tag), None) => FaultKind::BurnOut { tag: tag.into() },
        ("frequency", None, Some(_)) => FaultKind::SupplyFrequency {
            hz: number(form, value, 47.0, 53.0, false)?,
        },
        ("voltage", None, Some(_)) => FaultKind::SupplyVoltage {
            v: number(form, value, 340.0, 420.0, false)?,
        },
        ("head", None, Some(_)) => FaultKind::WeakPump {
            head_factor: number(form, value, 0.3, 1.0, false)?,
        },
        ("stuck", None, None) => FaultKind::StuckValve,
        ("mains-lost", None, None) => FaultKind::MainsLost,
        ("trip", None, None) => FaultKind::Trip,
        ("pump-off", None, None) => FaultKind::PumpOff,
        _ => return Err(format!("it is written {form}")),
    };
    Ok(Fault { kind, window })
}

fn number(form: &str, text: Option<&str>, low: f64, high: f64, whole: bool) -> Result<f64, String> {
    text.and_then(|t| t.parse::<f64>().ok())
        .filter(|v| (low..=high).contains(v) && (!whole || v.fract() == 0.0))
        .ok_or_else(|| {
            let kind = if whole { "a whole number" } else { "a number" };
            format!("{form} needs {kind} from {low} to {high}")
        })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "called with whole numbers from 1 to 60000"
)]
fn to_u64(value: f64) -> u64 {
    value as u64
}

fn parse_window(text: &str) -> Result<Window, String> {
    let wrong =
        || format!("the time {text:?} is no FROM..TO in bench seconds, as in 30..60 or 30..");
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let second = |t: &str| t.parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0);
    let from_s = second(from).ok_or_else(wrong)?;
    let to_s = if to.is_empty() {
        f64::INFINITY
    } else {
        second(to).ok_or_else(wrong)?
    };
    if from_s < to_s {
        return Ok(Window { from_s, to_s });
    }
    Err(format!("the time {text:?} ends before it begins"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_and_written_back() {
        for text in [
            "silent:LT-01",
            "silent:LT-01@30..60",
            "line:rtu-2@100..140",
            "late:PT-01=400",
            "exception:PW-01=6@5..",
            "short:FT-01",
            "wrong-unit:TT-01",
            "burn-out:ST-01@0..10.5",
            "frequency=49.2",
            "voltage=350",
            "head=0.85@100..",
            "stuck@20..30",
            "mains-lost@5..",
            "trip",
            "pump-off@10..12",
        ] {
            let fault: Fault = text.parse().unwrap();
            assert_eq!(fault.to_string(), text);
        }
    }

    #[test]
    fn an_unknown_text_names_what_is_known() {
        for (text, expected) in [
            ("silnt:LT-01", "did you mean \"silent\"?"),
            ("", "Known: silent:TAG, line:LINE, late:TAG=MILLISECONDS"),
            ("line:", "it is written line:LINE"),
            ("silent", "it is written silent:TAG"),
            ("silent:", "it is written silent:TAG"),
            ("silent:LT-01=3", "it is written silent:TAG"),
            ("frequency:PW-01=50", "it is written frequency=HZ"),
            (
                "late:PT-01=soon",
                "late:TAG=MILLISECONDS needs a whole number from 1 to 60000",
            ),
            ("exception:PW-01=6.5", "needs a whole number from 1 to 255"),
            ("head=1.2", "head=FACTOR needs a number from 0.3 to 1"),
            ("voltage=NaN", "needs a number from 340 to 420"),
            ("silent:LT-01@60..30", "ends before it begins"),
            ("silent:LT-01@soon", "as in 30..60"),
        ] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(error.starts_with("failed to read fault"), "{error}");
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn plant_faults_act_in_their_window_only() {
        let faults = [
            "frequency=49.2@10..20".parse().unwrap(),
            "voltage=350".parse().unwrap(),
        ];
        assert_eq!(plant(&faults, 9.9).frequency_hz, 50.0);
        assert_eq!(plant(&faults, 10.0).frequency_hz, 49.2);
        assert_eq!(plant(&faults, 20.0).frequency_hz, 50.0);
        assert_eq!(plant(&faults, 99.0).voltage_v, 350.0);
    }
}
