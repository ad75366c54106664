//! What a calculation answers.

use super::field::internal;
use super::{Calculation, Work};
use dutypoint_hydraulics::accept::{Judged, Reason};
use dutypoint_model::{Bilingual, Quantity, Unit, Verdict};
use serde::Serialize;
use serde::ser::{SerializeMap as _, SerializeStruct as _, Serializer};
use serde_json::Value;

/// An input as given and as understood.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Given {
    /// Name.
    #[serde(skip)]
    pub name: &'static str,
    /// Meaning.
    pub text: Bilingual,
    /// As written.
    pub given: Value,
    /// In `unit`.
    pub value: Value,
    /// The program's internal unit: SI, but for r/min and °C.
    pub unit: &'static str,
}

/// What a number counts in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Dimension {
    Of(Quantity),
    /// A unit that files have no symbol for.
    Plain(&'static str),
}

/// A number that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// Name for programs.
    pub name: String,
    /// Name for people.
    pub text: Bilingual,
    /// Symbol of the glossary.
    pub symbol: &'static str,
    /// The value in the internal unit; absent where it could not be found.
    pub value: Option<f64>,
    dimension: Dimension,
    judged: Option<Judged>,
}

impl Number {
    pub(super) fn new(
        name: impl Into<String>,
        symbol: &'static str,
        text: (&str, &str),
        value: f64,
        quantity: Quantity,
    ) -> Self {
        Self {
            name: name.into(),
            text: Bilingual::new(text.0, text.1),
            symbol,
            value: Some(value),
            dimension: Dimension::Of(quantity),
            judged: None,
        }
    }

    /// A number in a unit that files have no symbol for.
    pub(super) fn plain(
        name: impl Into<String>,
        symbol: &'static str,
        text: (&str, &str),
        value: f64,
        unit: &'static str,
    ) -> Self {
        let mut number = Self::new(name, symbol, text, value, Quantity::Ratio);
        number.dimension = Dimension::Plain(unit);
        number
    }

    /// A number held against its limits.
    pub(super) fn judged(
        name: &str,
        symbol: &'static str,
        text: (&str, &str),
        judged: Judged,
        quantity: Quantity,
    ) -> Self {
        Self {
            value: judged.value,
            judged: Some(judged),
            ..Self::new(name, symbol, text, 0.0, quantity)
        }
    }

    /// The symbol of the internal unit.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        match self.dimension {
            Dimension::Of(quantity) => internal(quantity).symbol(),
            Dimension::Plain(unit) => unit,
        }
    }

    /// A value of this number's quantity in the unit people read it in, and that unit.
    #[must_use]
    pub fn printed(&self, value: f64) -> (f64, &'static str) {
        let unit = match self.dimension {
            Dimension::Plain(unit) => return (value, unit),
            Dimension::Of(Quantity::Flow) => Unit::CubicMetrePerHour,
            Dimension::Of(Quantity::Power) => Unit::Kilowatt,
            Dimension::Of(Quantity::Pressure) => Unit::Kilopascal,
            Dimension::Of(Quantity::Ratio) => Unit::Percent,
            Dimension::Of(other) => internal(other),
        };
        (unit.from_internal(value), unit.printed())
    }

    /// Limits and verdict, where it was judged.
    #[must_use]
    pub fn judgement(&self) -> Option<&Judged> {
        self.judged.as_ref()
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_map(None)?;
        out.serialize_entry("text", &self.text)?;
        out.serialize_entry("symbol", self.symbol)?;
        out.serialize_entry("value", &self.value)?;
        out.serialize_entry("unit", self.unit())?;
        if let Some(judged) = &self.judged {
            out.serialize_entry("guaranteed", &judged.guaranteed)?;
            out.serialize_entry("deviation_pct", &judged.deviation_pct)?;
            out.serialize_entry("limit_low", &judged.limit_low)?;
            out.serialize_entry("limit_high", &judged.limit_high)?;
            out.serialize_entry("margin_pct", &judged.margin_pct)?;
            out.serialize_entry("verdict", &judged.verdict)?;
            out.serialize_entry("reason", &reason(judged.reason))?;
        }
        out.end()
    }
}

/// Why an item has its verdict.
fn reason(reason: Reason) -> Bilingual {
    let (zh, en) = match reason {
        Reason::Inside => ("在限值内", "inside the limits"),
        Reason::Touching => (
            "恰在限值上，计为限值内",
            "on a limit, which counts as inside",
        ),
        Reason::Outside => ("超出限值", "outside the limits"),
        Reason::NotReached => (
            "曲线在实测范围内未达到",
            "the curve does not reach it inside the measured range",
        ),
        Reason::NotMeasured => ("未测量", "not measured"),
        Reason::NotInPack => ("标准数据包未给出限值", "the pack states no limit"),
    };
    Bilingual::new(zh, en)
}

/// The answer of a calculation.
pub struct Answer {
    pub(super) calculation: &'static Calculation,
    pub(super) inputs: Vec<Given>,
    pub(super) work: Work,
}

impl Answer {
    /// The calculation.
    #[must_use]
    pub fn calculation(&self) -> &'static Calculation {
        self.calculation
    }

    /// The inputs as given and as understood.
    #[must_use]
    pub fn inputs(&self) -> &[Given] {
        &self.inputs
    }

    /// The numbers found.
    #[must_use]
    pub fn results(&self) -> &[Number] {
        &self.work.results
    }

    /// The number called `name`, in its internal unit.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<f64> {
        let found = self.work.results.iter().find(|n| n.name == name);
        found.and_then(|n| n.value)
    }

    /// What a reader must know.
    #[must_use]
    pub fn notes(&self) -> &[Bilingual] {
        &self.work.notes
    }

    /// Pack and clause of the rule that was used, where there was one.
    #[must_use]
    pub fn clause(&self) -> Option<&str> {
        self.work.clause.as_deref()
    }

    /// The verdict, where something was judged.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        self.work.verdict
    }
}

/// Named things as a map in their order.
struct Named<'a, T>(&'a [T], fn(&T) -> &str);

impl<T: Serialize> Serialize for Named<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|item| ((self.1)(item), item)))
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Answer", 8)?;
        out.serialize_field("calc", self.calculation.name)?;
        out.serialize_field("inputs", &Named(&self.inputs, |given| given.name))?;
        out.serialize_field("results", &Named(&self.work.results, |n| n.name.as_str()))?;
        out.serialize_field("verdict", &self.work.verdict)?;
        out.serialize_field("formulas", self.calculation.formulas)?;
        out.serialize_field("source", self.calculation.source)?;
        out.serialize_field("clause", &self.work.clause)?;
        out.serialize_field("notes", &self.work.notes)?;
        out.end()
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let results = &self.work.results;
        f.debug_struct("Answer").field("results", results).finish()
    }
}
