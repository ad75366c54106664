//! A run as a short, closed set of documents.
//!
//! Inputs are what the engine may know: `Start`, `Channels`, `Page`, `Act`, `Tick`, `Clock`,
//! `Receipt`, `Import`. Outputs are what it says: `Command`, `Effect`, `Hold`, `Gap`, `Point`,
//! `Stop`, `Finding`. `Certificate` is the record of an issue. Replaying the inputs through the
//! engine must give the outputs again, byte for byte.
//!
//! Field names carry their unit. Times are nanoseconds of the bench clock since the
//! Unix epoch. The bytes are specified in `docs/formats/documents.md`.

mod acquisition;
mod budget;
mod calibration;
mod encoding;
mod life;
mod message;
mod result;

pub use acquisition::{
    Actuator, Channel, Channels, CounterRule, EntryRule, Exchange, Import, ImportColumn,
    Instrument, Page, Poll, Quality, ReadBack, Role, TableForm,
};
pub use budget::{Contribution, Evaluation, Source, UncertaintyBudget};
pub use calibration::{AccuracyClass, Beyond, BeyondRule, Calibration, Correction, ZeroRule};
pub use encoding::{
    Bits, Code, CurrentLoop, Encoding, Field, Fraction, Guard, Must, NumberKind, Scale, Sign,
    WordOrder,
};
pub use life::{
    Act, ActCommand, Certificate, Clock, ClockStatus, Command, Demand, Effect, EffectKind, Entry,
    FileRef, Hold, HoldCause, IssueKind, Origin, Receipt, Software, Start, Statement, Stop, Tick,
    ZeroReading,
};
pub use message::{Broken, Checksum, ChecksumKind, Message, Place, Written, crc16, packed};
pub use result::{
    ChannelStatistics, Finding, FitVariant, Gap, HeadTerms, Item, Limit, OutletLoss, Point,
    PowerKind, Reduced, Repeated, RepeatedQuantity, RepeatedSets, Steadiness, Translated,
    clause_text,
};

use serde::{Deserialize, Serialize};

/// Version of the document format written by this program.
pub const FORMAT_VERSION: u32 = 0;

/// One document of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Document {
    /// What was known when the run began.
    Start(Box<Start>),
    /// Where each quantity comes from and how its raw words become a value.
    Channels(Channels),
    /// Raw register words of at most 100 ms.
    Page(Page),
    /// What a person did.
    Act(Act),
    /// The clock moved although nothing else happened.
    Tick(Tick),
    /// How far the wall clock can be believed.
    Clock(ClockStatus),
    /// An output document became durable.
    Receipt(Receipt),
    /// A test recorded elsewhere, as given.
    Import(Import),
    /// What the engine ordered from an actuator.
    Command(Command),
    /// What came of an order about an actuator.
    Effect(Effect),
    /// The run stands still until a person says so.
    Hold(Hold),
    /// A stretch without readings.
    Gap(Gap),
    /// The averages over one steady window.
    Point(Box<Point>),
    /// How the run ended.
    Stop(Stop),
    /// One judged quantity.
    Finding(Box<Finding>),
    /// A certificate was issued.
    Certificate(Box<Certificate>),
}

impl Document {
    /// The kind, as written in the bytes.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Start(_) => "start",
            Self::Channels(_) => "channels",
            Self::Page(_) => "page",
            Self::Act(_) => "act",
            Self::Tick(_) => "tick",
            Self::Clock(_) => "clock",
            Self::Receipt(_) => "receipt",
            Self::Import(_) => "import",
            Self::Command(_) => "command",
            Self::Effect(_) => "effect",
            Self::Hold(_) => "hold",
            Self::Gap(_) => "gap",
            Self::Point(_) => "point",
            Self::Stop(_) => "stop",
            Self::Finding(_) => "finding",
            Self::Certificate(_) => "certificate",
        }
    }

    /// Whether the engine consumes the document; the others it produces.
    #[must_use]
    pub fn is_input(&self) -> bool {
        matches!(
            self,
            Self::Start(_)
                | Self::Channels(_)
                | Self::Page(_)
                | Self::Act(_)
                | Self::Tick(_)
                | Self::Clock(_)
                | Self::Receipt(_)
                | Self::Import(_)
        )
    }
}

/// What is sealed: a document with its place. Its fields stand in the order of its bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// Format version.
    pub v: u32,
    /// The document.
    pub doc: Document,
    /// Run the document belongs to.
    pub run: String,
    /// Place in the run, from zero.
    pub seq: u64,
}
