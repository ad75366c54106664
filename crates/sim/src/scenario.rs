//! A scenario: one TOML file that says what is played, and what goes wrong when.
//!
//! Contract: the same file gives the same trajectory. A mistake is told with file, line,
//! key, permitted range and what to write instead.

use crate::fault::{Fault, FaultKind, Window};
use crate::pump::{PumpModel, Rating};
use crate::simulator::{Names, Options};
use crate::suction::{Schedule, Suction};
use dutypoint_engine::config::{Bench, Endpoint, Parity};
use dutypoint_fieldbus::InstrumentProfile;
use dutypoint_model::Bilingual;
use dutypoint_model::toml_text::{self, Node, TextError};
use serde::Deserialize;
use std::str::FromStr;
use std::time::Duration;

/// What is played, and what goes wrong when.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it shows.
    pub name: Bilingual,
    /// What is played.
    pub plays: Plays,
    /// How, with its faults.
    pub options: Options,
}

/// What is played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plays {
    /// A bench: the name of a shipped one, or a file beside the scenario.
    Bench(String),
    /// An instrument alone.
    Profile {
        /// Its profile.
        id: String,
        /// How it is connected.
        transport: Transport,
        /// Unit identifiers, an instrument at each.
        units: Vec<u8>,
    },
}

/// How an instrument that is played alone is connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// Modbus TCP.
    #[default]
    Tcp,
    /// Modbus RTU on a pseudo-terminal.
    Rtu,
    /// Modbus RTU frames over TCP.
    RtuTcp,
}

impl Transport {
    /// A line of that kind for an instrument of `profile`, as it is set in the factory.
    #[must_use]
    pub fn endpoint(self, profile: &InstrumentProfile) -> Endpoint {
        match self {
            Self::Tcp => Endpoint::Tcp {
                address: "simulated".into(),
                connections: 1,
            },
            Self::RtuTcp => Endpoint::RtuTcp {
                address: "simulated".into(),
            },
            Self::Rtu => Endpoint::Rtu {
                port: "simulated".into(),
                // 19200 8E1 where no source says: the default of the serial line
                // specification.
                baud: profile.serial.baud.unwrap_or(19_200),
                parity: profile.serial.parity.unwrap_or(Parity::Even),
                stop_bits: profile.serial.stop_bits.unwrap_or(1),
            },
        }
    }
}

impl FromStr for Transport {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "tcp" => Ok(Self::Tcp),
            "rtu" => Ok(Self::Rtu),
            "rtu-tcp" => Ok(Self::RtuTcp),
            _ => Err(format!("{text:?} is none of tcp, rtu, rtu-tcp")),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: Bilingual,
    bench: Option<String>,
    profile: Option<String>,
    transport: Option<Transport>,
    units: Option<Vec<u8>>,
    #[serde(default = "one")]
    seed: u64,
    #[serde(default = "real_time")]
    speed: f64,
    tcp_port: Option<u16>,
    #[serde(default)]
    paced: bool,
    response_ms: Option<f64>,
    pump: Option<Rating>,
    suction: Option<RawSuction>,
    #[serde(default)]
    fault: Vec<RawFault>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSuction {
    kind: SuctionKind,
    #[serde(default)]
    level_m: f64,
    #[serde(default)]
    tank_kpa: Option<Vec<[f64; 2]>>,
    #[serde(default)]
    loss_m: Option<Vec<[f64; 2]>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SuctionKind {
    ClosedLoop,
    Throttled,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFault {
    what: String,
    of: Option<String>,
    value: Option<f64>,
    #[serde(default)]
    from_s: f64,
    to_s: Option<f64>,
}

fn one() -> u64 {
    1
}

fn real_time() -> f64 {
    1.0
}

/// Where messages about a file point.
struct Place<'a> {
    file: &'a str,
    tree: Node,
}

impl Place<'_> {
    /// An error about `key` of `table`, which is the file itself where there is none; at the
    /// table where the key is missing.
    fn error(&self, table: Option<&Node>, key: &str, message: String) -> TextError {
        let table = table.unwrap_or(&self.tree);
        TextError {
            file: self.file.to_owned(),
            line: Some(table.get(key).unwrap_or(table).line),
            message,
        }
    }

    /// `value` of `key` if it is from `low` to `high`.
    fn within(
        &self,
        table: Option<&Node>,
        key: &str,
        value: f64,
        [low, high]: [f64; 2],
    ) -> Result<f64, TextError> {
        if (low..=high).contains(&value) {
            return Ok(value);
        }
        let message = format!("{key} = {value} is outside {low} … {high}; write a number in it");
        Err(self.error(table, key, message))
    }
}

impl Scenario {
    /// Reads the scenario `text` of `file`.
    ///
    /// # Errors
    /// [`TextError`] with the line, and what to write instead.
    pub fn parse(file: &str, text: &str) -> Result<Self, TextError> {
        let raw: Raw = toml_text::parse(file, text)?;
        let place = Place {
            file,
            tree: toml_text::tree(file, text)?,
        };
        let plays = plays(&raw, &place)?;
        let speed = place.within(None, "speed", raw.speed, [0.01, 1000.0])?;
        let response_ms = raw.response_ms.unwrap_or(0.0);
        let response_ms = place.within(None, "response_ms", response_ms, [0.0, 60_000.0])?;
        if raw.response_ms.is_some() && !raw.paced {
            let message = "response_ms counts only on a paced line; add paced = true".to_owned();
            return Err(place.error(None, "response_ms", message));
        }
        if let Plays::Profile { .. } = plays
            && let Some(key) = ["pump", "suction"]
                .into_iter()
                .find(|k| place.tree.get(k).is_some())
        {
            let message = format!("{key} belongs to a bench; remove it, or name a bench instead");
            return Err(place.error(None, key, message));
        }
        let pump = raw.pump.map(|rating| pump(&rating, &place)).transpose()?;
        if let Some(s) = &raw.suction
            && pump.as_ref().is_none_or(|p| p.rated_npsh3_m.is_none())
        {
            let message = format!(
                "a {} suction needs npsh3_m in [pump]; add it",
                s.kind.name()
            );
            return Err(place.error(None, "suction", message));
        }
        let suction = raw.suction.map(|s| suction(&s, &place)).transpose()?;
        let faults = raw.fault.iter().zip(
            place
                .tree
                .get("fault")
                .map_or(&[][..], |list| list.members()),
        );
        let faults = faults
            .map(|(raw, node)| fault(raw, node, &place))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            name: raw.name,
            plays,
            options: Options {
                seed: raw.seed,
                speed,
                tcp_port: raw.tcp_port,
                faults,
                pace: raw
                    .paced
                    .then(|| Duration::from_secs_f64(response_ms / 1000.0)),
                pump,
                suction,
                ..Options::default()
            },
        })
    }
}

impl Scenario {
    /// Checks the scenario `text` of `file` against what it names: `played` is the bench it
    /// plays, nothing where it plays a profile, and the reason where there is no such one.
    ///
    /// # Errors
    /// [`TextError`] with the line, and what to write instead.
    pub fn refer(
        &self,
        file: &str,
        text: &str,
        played: Result<Option<&Bench>, String>,
    ) -> Result<(), TextError> {
        let place = Place {
            file,
            tree: toml_text::tree(file, text)?,
        };
        let key = match &self.plays {
            Plays::Profile { .. } => "profile",
            Plays::Bench(_) => "bench",
        };
        let played = played.map_err(|why| place.error(None, key, why))?;
        let names = match (&self.plays, played) {
            (Plays::Profile { id, units, .. }, _) => Names::played(id, units),
            (Plays::Bench(_), Some(bench)) => Names::of(bench),
            (Plays::Bench(_), None) => return Ok(()),
        };
        let nodes = place.tree.get("fault");
        let nodes = nodes.map_or(&[][..], |list| list.members());
        for (fault, node) in self.options.faults.iter().zip(nodes) {
            if let Some(why) = names.wrong(fault) {
                return Err(place.error(Some(node), "of", why));
            }
        }
        Ok(())
    }
}

impl SuctionKind {
    fn name(self) -> &'static str {
        match self {
            Self::ClosedLoop => "closed_loop",
            Self::Throttled => "throttled",
        }
    }
}

fn plays(raw: &Raw, place: &Place<'_>) -> Result<Plays, TextError> {
    match (&raw.bench, &raw.profile) {
        (Some(bench), None) => {
            let profiles_own = [
                ("transport", raw.transport.is_some()),
                ("units", raw.units.is_some()),
            ];
            if let Some((key, _)) = profiles_own.iter().find(|(_, there)| *there) {
                let message =
                    format!("{key} belongs to a profile; a bench file says it: remove it");
                return Err(place.error(None, key, message));
            }
            Ok(Plays::Bench(bench.clone()))
        }
        (None, Some(id)) => {
            let units = raw.units.clone().unwrap_or_else(|| vec![1]);
            let mut seen = std::collections::BTreeSet::new();
            if units.is_empty()
                || !units
                    .iter()
                    .all(|u| (1..=247).contains(u) && seen.insert(*u))
            {
                let message =
                    "units needs different numbers from 1 to 247, as in [1, 2]".to_owned();
                return Err(place.error(None, "units", message));
            }
            Ok(Plays::Profile {
                id: id.clone(),
                transport: raw.transport.unwrap_or_default(),
                units,
            })
        }
        (Some(_), Some(_)) => Err(place.error(
            None,
            "profile",
            "bench and profile are both named; remove one".to_owned(),
        )),
        (None, None) => Err(place.error(
            None,
            "bench",
            "nothing is played; add bench = \"demo\" or profile = \"ID\"".to_owned(),
        )),
    }
}

fn pump(rating: &Rating, place: &Place<'_>) -> Result<PumpModel, TextError> {
    let table = place.tree.get("pump");
    for (key, value, range) in [
        ("flow_m3_h", rating.flow_m3_h, [1.0, 10_000.0]),
        ("head_m", rating.head_m, [1.0, 1000.0]),
        ("efficiency_pct", rating.efficiency_pct, [10.0, 92.0]),
        ("speed_rpm", rating.speed_rpm, [300.0, 3000.0]),
        ("stages", f64::from(rating.stages), [1.0, 100.0]),
        ("npsh3_m", rating.npsh3_m.unwrap_or(1.0), [0.1, 30.0]),
    ] {
        place.within(table, key, value, range)?;
    }
    Ok(PumpModel::of(rating))
}

fn suction(raw: &RawSuction, place: &Place<'_>) -> Result<Suction, TextError> {
    let table = place.tree.get("suction");
    let level_m = place.within(table, "level_m", raw.level_m, [-8.0, 50.0])?;
    let schedule = |key: &str, points: &Option<Vec<[f64; 2]>>, factor: f64, range: [f64; 2]| {
        let Some(points) = points else {
            return Ok(Schedule::steady(0.0));
        };
        for [_, value] in points {
            place.within(table, key, *value, range)?;
        }
        let scaled: Vec<[f64; 2]> = points.iter().map(|[at, v]| [*at, v * factor]).collect();
        Schedule::new(&scaled).ok_or_else(|| {
            let message = format!(
                "{key} needs points [second, value] with rising seconds, as in [[0, 0], [60, 5]]"
            );
            place.error(table, key, message)
        })
    };
    if raw.kind == SuctionKind::Throttled && raw.tank_kpa.is_some() {
        let message = "a throttled suction is open to the air; remove tank_kpa, or write kind = \"closed_loop\"".to_owned();
        return Err(place.error(table, "tank_kpa", message));
    }
    Ok(Suction {
        closed: raw.kind == SuctionKind::ClosedLoop,
        level_m,
        tank_pa: schedule("tank_kpa", &raw.tank_kpa, 1000.0, [-101.0, 1000.0])?,
        loss_at_rated_m: schedule("loss_m", &raw.loss_m, 1.0, [0.0, 30.0])?,
    })
}

fn fault(raw: &RawFault, node: &Node, place: &Place<'_>) -> Result<Fault, TextError> {
    let kind = FaultKind::of(&raw.what, raw.of.as_deref(), raw.value).map_err(|why| {
        let key = if raw.value.is_some() { "value" } else { "what" };
        let why = format!(
            "fault {:?}: {why} (TAG and LINE are `of`, the number is `value`)",
            raw.what
        );
        place.error(Some(node), key, why)
    })?;
    let from_s = place.within(Some(node), "from_s", raw.from_s, [0.0, 1e9])?;
    let to_s = raw.to_s.unwrap_or(f64::INFINITY);
    // Not a number ends nothing, and before it begins.
    if !matches!(to_s.partial_cmp(&from_s), Some(std::cmp::Ordering::Greater)) {
        let message =
            format!("to_s = {to_s} is not behind from_s = {from_s}; write a later second");
        return Err(place.error(Some(node), "to_s", message));
    }
    let window = Window { from_s, to_s };
    Ok(Fault { kind, window })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(rest: &str) -> Result<Scenario, TextError> {
        Scenario::parse(
            "s.toml",
            &format!("name = {{ zh = \"测\", en = \"test\" }}\n{rest}"),
        )
    }

    #[test]
    fn everything_is_read() {
        let scenario = parse(
            "bench = \"demo\"\nseed = 7\nspeed = 10\npaced = true\nresponse_ms = 5\n\
             [pump]\nkind = \"centrifugal\"\nflow_m3_h = 32\nhead_m = 30\nefficiency_pct = 70\n\
             speed_rpm = 2900\nnpsh3_m = 3\n\
             [suction]\nkind = \"closed_loop\"\nlevel_m = 2\ntank_kpa = [[0, 0], [60, -80]]\n\
             [[fault]]\nwhat = \"late\"\nof = \"PT-01\"\nvalue = 400\nfrom_s = 30\nto_s = 60\n\
             [[fault]]\nwhat = \"clock-step\"\nvalue = 5\n",
        )
        .unwrap();
        assert_eq!(scenario.plays, Plays::Bench("demo".into()));
        let o = &scenario.options;
        assert_eq!(
            (o.seed, o.speed, o.pace),
            (7, 10.0, Some(Duration::from_millis(5)))
        );
        let texts: Vec<_> = o.faults.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["late:PT-01=400@30..60", "clock-step=5"]);
        assert_eq!(o.suction.as_ref().unwrap().tank_pa.at(30.0), -40_000.0);
        let played = parse("profile = \"janitza-umg\"\ntransport = \"rtu-tcp\"\nunits = [3, 4]\n");
        let expected = Plays::Profile {
            id: "janitza-umg".into(),
            transport: Transport::RtuTcp,
            units: vec![3, 4],
        };
        assert_eq!(played.unwrap().plays, expected);
    }

    #[test]
    fn a_mistake_names_line_key_range_and_cure() {
        let pump = "[pump]\nkind = \"axial\"\nflow_m3_h = 32\nhead_m = 8\nefficiency_pct = 70\nspeed_rpm = 1450\n";
        for (text, line, says) in [
            (String::new(), 1, "add bench = \"demo\""),
            ("bench = \"demo\"\nspede = 2\n".into(), 3, "did you mean \"speed\"?"),
            ("bench = \"demo\"\nspeed = 0\n".into(), 3, "speed = 0 is outside 0.01 … 1000"),
            ("bench = \"demo\"\nprofile = \"x\"\n".into(), 3, "remove one"),
            ("bench = \"demo\"\nunits = [1]\n".into(), 3, "belongs to a profile"),
            ("profile = \"x\"\nunits = [0]\n".into(), 3, "from 1 to 247"),
            ("profile = \"x\"\ntransport = \"usb\"\n".into(), 3, "\"usb\""),
            ("bench = \"demo\"\nresponse_ms = 4\n".into(), 3, "add paced = true"),
            (format!("profile = \"x\"\n{pump}"), 3, "name a bench instead"),
            (format!("bench = \"d\"\n{}", pump.replace("= 8", "= 0")), 6, "head_m = 0 is outside 1 … 1000"),
            (format!("bench = \"d\"\n{}", pump.replace("axial", "axail")), 4, "did you mean \"axial\"?"),
            (
                format!("bench = \"d\"\n{pump}[suction]\nkind = \"throttled\"\n"),
                9,
                "needs npsh3_m in [pump]",
            ),
            (
                format!("bench = \"d\"\n{pump}npsh3_m = 4\n[suction]\nkind = \"throttled\"\nloss_m = [[5, 0], [5, 1]]\n"),
                12,
                "rising seconds",
            ),
            (
                "bench = \"d\"\n[[fault]]\nwhat = \"silent\"\nof = \"A\"\n[[fault]]\nwhat = \"late\"\nof = \"A\"\nvalue = 0\n".into(),
                9,
                "a whole number from 1 to 60000",
            ),
            (
                "bench = \"d\"\n[[fault]]\nwhat = \"slient\"\nof = \"A\"\n".into(),
                4,
                "did you mean \"silent\"?",
            ),
            (
                "bench = \"d\"\n[[fault]]\nwhat = \"silent\"\nof = \"A\"\nfrom_s = 9\nto_s = 3\n".into(),
                7,
                "write a later second",
            ),
        ] {
            let error = parse(&text).unwrap_err();
            assert_eq!(error.line, Some(line), "{text}: {error}");
            assert!(error.message.contains(says), "{text}: {error}");
        }
    }
}
