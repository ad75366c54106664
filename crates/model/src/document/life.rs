//! Documents about the life of a run: its beginning, what people did, its end.

use crate::digest::Bytes;
use crate::{Bilingual, Digest, Outcome, Unit};
use serde::{Deserialize, Serialize};

/// A file the run depends on, by name and content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// Name the file had, without its folder.
    pub name: String,
    /// SHA-256 of its bytes.
    pub digest: Digest,
}

/// Where the readings come from; decides what may be issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A bench of this laboratory.
    Bench,
    /// A bench made of software: never certifiable.
    Simulated,
    /// A test recorded elsewhere: data evaluation only.
    Imported,
}

/// The clock all times of the run come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// What drives it, in words.
    pub source: String,
    /// Bench seconds per wall second; 1 on a real bench.
    pub speed: f64,
    /// Known error against UTC, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_ms: Option<f64>,
}

/// The software that recorded the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Software {
    /// Program name.
    pub name: String,
    /// Program version.
    pub version: String,
    /// What tells two builds of one version apart: the SHA-256 of the executable, or
    /// `unknown` where it could not be read.
    pub build: String,
    /// Ids of every formula and rule in force; an id never changes its meaning.
    pub formulas: Vec<String>,
}

impl Software {
    /// Name, version and the beginning of the build, as people read it.
    #[must_use]
    pub fn text(&self) -> String {
        let build: String = self.build.chars().take(16).collect();
        format!("{} {} ({build})", self.name, self.version)
    }
}

/// What was known when the run began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Bench time.
    pub t_ns: i64,
    /// Station that records.
    pub station: String,
    /// Where the readings come from.
    pub origin: Origin,
    /// Who is responsible at the bench.
    pub operator: String,
    /// The clock.
    pub clock: Clock,
    /// The software.
    pub software: Software,
    /// The order with specimen, guarantee and programme.
    pub order: FileRef,
    /// The bench with its geometry and instruments; absent for imports.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bench: Option<FileRef>,
    /// The standard packs, the judging one first.
    pub packs: Vec<FileRef>,
    /// The instrument profiles.
    pub profiles: Vec<FileRef>,
}

/// What a person did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// Bench time.
    pub t_ns: i64,
    /// Who.
    pub who: String,
    /// In which role.
    pub role: String,
    /// What.
    pub command: ActCommand,
    /// Why.
    pub reason: String,
    /// What the channels showed at zero, for a zero.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub zeros: Vec<ZeroReading>,
    /// Where an actuator shall go, for a move.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub demand: Option<Demand>,
    /// What was read off a dial, for an entry.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub entry: Option<Entry>,
}

/// Where a person sends an actuator, as typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// Name of the actuator.
    pub actuator: String,
    /// Where to.
    pub value: f64,
    /// Unit of `value`.
    pub unit: Unit,
}

/// What a person read off a dial or display that no line reaches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Name of the channel.
    pub channel: String,
    /// What it showed, in `unit`, before any correction.
    pub value: f64,
    /// Unit it was read in.
    pub unit: Unit,
    /// SHA-256 of the photo of the dial, where one was taken.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub photo: Option<Digest>,
}

/// What a channel shows while what it measures is zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZeroReading {
    /// Name of the channel.
    pub channel: String,
    /// What it shows, corrected by calibration, in the internal unit.
    pub value: f64,
}

/// What a person may order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActCommand {
    /// Begin the programme.
    Begin,
    /// Give the run up because it cannot begin.
    Refuse,
    /// Take the zero of the instruments: before the programme to correct them, behind it to
    /// check that they kept it.
    Zero,
    /// Let the actuators be moved, until their time is over.
    Arm,
    /// Let them be moved no more; they stay where they are.
    Disarm,
    /// Send one actuator somewhere.
    Move,
    /// Send the actuators to the safe state of the pump type.
    Safe,
    /// Go on after a hold that only a person ends.
    Resume,
    /// Enter what a dial shows.
    Enter,
    /// End the run now.
    Stop,
    /// Close a run whose recorder died; written by recovery before anything else.
    Interrupt,
}

/// The bench clock moved although nothing else happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tick {
    /// Bench time.
    pub t_ns: i64,
}

/// What is known of the wall clock, and what became of it since it was looked at last.
///
/// Bench time follows the monotonic clock and never the wall clock: a wall clock that is set
/// moves no reading. Time the computer slept is time of the bench.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockStatus {
    /// Bench time.
    pub t_ns: i64,
    /// Bench time of the look before this one.
    pub since_ns: i64,
    /// Who says whether the wall clock is synchronised: `chrony`, `timedatectl`,
    /// `systemd-timesyncd`, or `unknown`.
    pub source: String,
    /// Whether it is; absent where nobody says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub synchronised: Option<bool>,
    /// By how much the wall clock is ahead of true time, as its source estimates it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ahead_ns: Option<i64>,
    /// Largest error of the wall clock, as its source estimates it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_ns: Option<i64>,
    /// By how much the wall clock has gained on the monotonic one since the run began, sleep
    /// and steps included.
    pub gained_ns: i64,
    /// By how much the wall clock was set between the looks; absent where it was not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stepped_ns: Option<i64>,
    /// How long the computer slept between the looks; absent where it did not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slept_ns: Option<i64>,
}

/// An output document became durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Bench time.
    pub t_ns: i64,
    /// The document now durable.
    pub of_seq: u64,
}

/// What the engine ordered from an actuator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// Bench time.
    pub t_ns: i64,
    /// Name of the actuator.
    pub actuator: String,
    /// Demand, in the internal unit; of a valve 0 closed to 1 open.
    pub value: f64,
    /// Why, in words.
    pub reason: Bilingual,
}

/// What came of an order about an actuator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// Bench time.
    pub t_ns: i64,
    /// The actuator; absent where it is about all of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actuator: Option<String>,
    /// What came of it.
    pub effect: EffectKind,
    /// The demand it is about, internal unit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<f64>,
    /// What the read-back showed, internal unit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub read: Option<f64>,
    /// In words.
    pub text: Bilingual,
}

/// What came of an order about an actuator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// It may be moved from now on.
    Armed,
    /// It may not be moved any more.
    Disarmed,
    /// The read-back agreed with the demand in time.
    Reached,
    /// The read-back did not agree with the demand in time.
    Differs,
    /// It does not answer any more.
    Lost,
    /// Nothing was written.
    Refused,
}

/// The run stands still until a person says so, from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// Bench time.
    pub t_ns: i64,
    /// Why.
    pub cause: HoldCause,
    /// In words.
    pub text: Bilingual,
}

/// Why only a person lets a run go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldCause {
    /// The bench is on its battery.
    Mains,
    /// A hard-wired trip was seen.
    Trip,
    /// The programme needs an actuator that nobody has armed.
    Unarmed,
    /// An actuator does not answer any more.
    Contact,
    /// An actuator is not where it was sent.
    Differs,
    /// A person ordered the safe state.
    Safe,
}

/// How the run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// Bench time.
    pub t_ns: i64,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, where the outcome is not `Completed`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<Bilingual>,
    /// Pages recorded.
    pub pages: u64,
    /// Points taken.
    pub points: u64,
    /// Gaps seen.
    pub gaps: u64,
}

/// What kind of paper was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueKind {
    /// A test certificate of this laboratory.
    Formal,
    /// A certificate of a simulated run, marked so on every page.
    Simulated,
    /// An evaluation of a test recorded elsewhere.
    DataEvaluation,
}

/// What the station signs when it issues a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The run.
    pub run: String,
    /// Certificate number.
    pub number: String,
    /// Digest of the canonical bytes of the certificate data.
    pub data: Digest,
    /// Digest of the PDF before any signature inside it.
    pub pdf: Digest,
    /// Digest of the `Stop` document the certificate rests on.
    pub stop: Digest,
    /// Standard packs used.
    pub packs: Vec<FileRef>,
    /// Software that computed and rendered.
    pub software: Software,
}

/// A certificate was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// What was issued.
    pub kind: IssueKind,
    /// Time of issue, RFC 3339, from the wall clock.
    pub issued: String,
    /// What was signed.
    pub statement: Statement,
    /// Ed25519 signature over the canonical bytes of `statement`.
    pub signature: Bytes,
    /// The public key that verifies it, 32 bytes.
    pub key: Bytes,
}
