//! Published cases held against the engine: what a laboratory shows to prove its software.
//!
//! Owns: the form of a case and the comparison. Promises: a case names its source; numbers
//! are compared with the tolerance the case states, text exactly; a result the answer does
//! not have fails. The cases themselves are files, `fixtures/validation/<area>/<case>.json`.
//!
//! ```
//! use dutypoint_engine::{calc::Packs, validate::Case};
//! let case = Case::read("gravity/taiyuan.json", r#"{
//!     "title": { "zh": "太原重力加速度", "en": "Gravity at Taiyuan" },
//!     "source": "reference, worked example W3",
//!     "origin": "derived",
//!     "calc": "gravity",
//!     "input": { "latitude_deg": 37.87, "altitude_m": 780 },
//!     "expect": [ { "at": "/g_m_s2", "value": 9.79749, "absolute": 5e-6 } ]
//! }"#)?;
//! assert!(case.check(&Packs::new()).pass);
//! # Ok::<(), dutypoint_engine::Error>(())
//! ```

use crate::Error;
use crate::calc::{self, Packs};
use dutypoint_model::{Bilingual, Digest};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How the expected numbers were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Printed by the source.
    Published,
    /// Computed again elsewhere, and equal to somebody else's number.
    Recomputed,
    /// Computed from the formula by other means; nobody has published it.
    Derived,
}

impl Origin {
    /// The origin in words.
    #[must_use]
    pub fn text(self) -> Bilingual {
        match self {
            Self::Published => Bilingual::new("已发表", "published"),
            Self::Recomputed => Bilingual::new("独立重算", "recomputed"),
            Self::Derived => Bilingual::new("由公式推算", "derived"),
        }
    }
}

/// One case.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Area and name, from the file's place.
    #[serde(skip)]
    pub name: String,
    /// What it shows.
    pub title: Bilingual,
    /// Where the expected numbers stand.
    pub source: String,
    /// How they were found.
    pub origin: Origin,
    /// The calculation.
    pub calc: String,
    /// Its question.
    pub input: Value,
    /// What the answer must hold.
    #[serde(default)]
    pub expect: Vec<Expected>,
    /// A part of the refusal's text, where the question must be refused.
    pub refused: Option<String>,
}

/// One expected result.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Place in the answer, a JSON pointer.
    pub at: String,
    /// The value there.
    pub value: Value,
    /// Largest difference.
    absolute: Option<f64>,
    /// Largest difference as a share of the expected value.
    relative: Option<f64>,
    /// Least number of correct significant digits: −log₁₀ of the relative difference.
    digits: Option<f64>,
}

/// What came of one case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Checked {
    /// Area and name.
    pub name: String,
    /// What it shows.
    pub title: Bilingual,
    /// Where the expected numbers stand.
    pub source: String,
    /// How they were found.
    pub origin: Origin,
    /// The calculation.
    pub calc: String,
    /// Formulas used; empty where the question was refused.
    pub formulas: Vec<String>,
    /// Each expected result.
    pub results: Vec<Compared>,
    /// Whether everything is as expected.
    pub pass: bool,
}

/// An expected result beside what was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Place in the answer.
    pub at: String,
    /// What was expected.
    pub expected: Value,
    /// What was found; absent where there is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub got: Option<Value>,
    /// Found minus expected, of numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<f64>,
    /// Largest absolute difference that passes, of numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f64>,
    /// Whether it is as expected.
    pub pass: bool,
}

/// Every case with what came of it, and what it was computed with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dossier {
    /// Name of the program.
    pub software: String,
    /// Its version.
    pub version: String,
    /// Who made the dossier, as they say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When, as they say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// The standard packs at hand.
    pub packs: Vec<PackUsed>,
    /// The cases, in the order of their names.
    pub cases: Vec<Checked>,
}

/// A standard pack the cases could use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackUsed {
    /// Id.
    pub id: String,
    /// Edition of the standard.
    pub edition: String,
    /// Version of the pack.
    pub version: u32,
    /// SHA-256 of its text.
    pub digest: Digest,
}

impl Dossier {
    /// How many cases are as expected.
    #[must_use]
    pub fn passing(&self) -> usize {
        self.cases.iter().filter(|case| case.pass).count()
    }

    /// The areas, each once, in the order of the cases.
    #[must_use]
    pub fn areas(&self) -> Vec<&str> {
        let mut areas: Vec<&str> = self.cases.iter().map(Checked::area).collect();
        areas.dedup();
        areas
    }

    /// The cases of an area.
    pub fn area<'a>(&'a self, area: &'a str) -> impl Iterator<Item = &'a Checked> {
        self.cases.iter().filter(move |case| case.area() == area)
    }
}

impl Checked {
    /// The first part of the name.
    #[must_use]
    pub fn area(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }
}

impl Case {
    /// Reads a case; `name` is its place, `area/case.json`.
    ///
    /// # Errors
    /// [`Error::Case`] for text that is no case, expects nothing, or expects a number
    /// without one tolerance.
    pub fn read(name: &str, text: &str) -> Result<Self, Error> {
        let refuse = |why: String| Error::Case {
            name: name.to_owned(),
            why,
        };
        let mut case: Self = serde_json::from_str(text).map_err(|e| refuse(e.to_string()))?;
        case.name = name.trim_end_matches(".json").to_owned();
        if case.expect.is_empty() == case.refused.is_none() {
            return Err(refuse(
                "a case has either `expect` with results or `refused` with a part of the error"
                    .to_owned(),
            ));
        }
        for expected in &case.expect {
            let given = [expected.absolute, expected.relative, expected.digits];
            let given: Vec<f64> = given.into_iter().flatten().collect();
            let number = expected.value.is_number();
            if given.len() != usize::from(number) || given.iter().any(|t| *t < 0.0) {
                return Err(refuse(format!(
                    "{}: a number needs exactly one of `absolute`, `relative` and `digits`, not negative; anything else none",
                    expected.at
                )));
            }
        }
        Ok(case)
    }

    /// Computes the case and compares.
    #[must_use]
    pub fn check(&self, packs: &Packs) -> Checked {
        let answer = calc::find(&self.calc).and_then(|c| c.answer(&self.input, packs));
        let results: Vec<Compared> = match (&self.refused, &answer) {
            (Some(part), Ok(_)) => vec![refusal(part, None)],
            (Some(part), Err(error)) => vec![refusal(part, Some(error.to_string()))],
            (None, Ok(answer)) => self.expect.iter().map(|e| e.compare(answer)).collect(),
            (None, Err(error)) => {
                let error = Value::from(error.to_string());
                let failed = |e: &Expected| Compared {
                    got: Some(error.clone()),
                    ..e.compare(&Value::Null)
                };
                self.expect.iter().map(failed).collect()
            }
        };
        let formulas = answer.ok().and_then(|a| {
            let list = a.get("formulas")?.as_array()?;
            Some(
                list.iter()
                    .filter_map(|f| Some(f.as_str()?.to_owned()))
                    .collect(),
            )
        });
        Checked {
            name: self.name.clone(),
            title: self.title.clone(),
            source: self.source.clone(),
            origin: self.origin,
            calc: self.calc.clone(),
            formulas: formulas.unwrap_or_default(),
            pass: results.iter().all(|r| r.pass),
            results,
        }
    }
}

/// A question that must be refused, and how it was.
fn refusal(part: &str, error: Option<String>) -> Compared {
    Compared {
        at: "refused".to_owned(),
        expected: part.into(),
        pass: error.as_ref().is_some_and(|text| text.contains(part)),
        got: error.map(Value::from),
        difference: None,
        tolerance: None,
    }
}

impl Expected {
    fn compare(&self, answer: &Value) -> Compared {
        let got = answer.pointer(&self.at).cloned();
        let numbers = self
            .value
            .as_f64()
            .zip(got.as_ref().and_then(Value::as_f64));
        let difference = numbers.map(|(expected, got)| got - expected);
        let tolerance = self.value.as_f64().and_then(|value| self.tolerance(value));
        let pass = match (difference, tolerance) {
            (Some(difference), Some(tolerance)) => difference.abs() <= tolerance,
            _ => tolerance.is_none() && got.as_ref() == Some(&self.value),
        };
        Compared {
            at: self.at.clone(),
            expected: self.value.clone(),
            got,
            difference,
            tolerance,
            pass,
        }
    }

    /// The tolerance as an absolute difference from `value`.
    fn tolerance(&self, value: f64) -> Option<f64> {
        // What a decimal loses when it is read is no difference.
        let read = f64::EPSILON * value.abs();
        self.absolute
            .map(|absolute| absolute + read)
            .or_else(|| Some(self.relative? * value.abs() + read))
            .or_else(|| Some(libm::pow(10.0, -self.digits?) * value.abs()))
    }
}
