//! The formulas of the engine as a closed set of calculations, for people with a question.
//!
//! Owns: names, inputs and units of the calculations. Promises: every number comes from
//! [`dutypoint_hydraulics`], the code that certificates are computed with; an answer repeats
//! its input and names formula and source; an input nobody knows is refused. Never does: a
//! formula of its own, or a default for an input that matters.
//!
//! Questions and answers are JSON objects with the unit in every name (`q_m3_h`, `t_c`).
//!
//! ```
//! use dutypoint_engine::calc::{self, Packs};
//! let question = serde_json::json!({ "latitude_deg": 37.87, "altitude_m": 780 });
//! let answer = calc::find("gravity")?.answer(&question, &Packs::new())?;
//! // Worked example W3, Taiyuan.
//! assert!((answer["g_m_s2"].as_f64().unwrap_or(0.0) - 9.79749).abs() < 5e-6);
//! # Ok::<(), dutypoint_engine::Error>(())
//! ```

mod ask;
mod assess;
mod cables;
mod conditions;
mod curves;
mod decide;
mod energy;
mod heads;
mod indices;
mod losses;
mod manual;
mod motors;
mod npsh;
mod place;
mod powers;
mod question;
mod ranges;
mod round;
mod steady;
mod translation;
mod uncertainty;
mod water;
mod words;

pub use manual::manual;
pub use question::{Flag, FlagKind, Needed};

use crate::Error;
use dutypoint_hydraulics::pack::Standard;
use dutypoint_model::{Bilingual, toml_text};
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The standard packs a calculation may name, by id.
pub type Packs = BTreeMap<String, Standard>;

/// Every calculation.
pub const CALCULATIONS: &[&Calculation] = &[
    &Calculation::of::<water::Water>(),
    &Calculation::of::<water::Gravity>(),
    &Calculation::of::<water::Iapws>(),
    &Calculation::of::<heads::Head>(),
    &Calculation::of::<losses::Friction>(),
    &Calculation::of::<powers::Power>(),
    &Calculation::of::<cables::LeadCable>(),
    &Calculation::of::<cables::SlipSpeed>(),
    &Calculation::of::<translation::Translate>(),
    &Calculation::of::<translation::Trim>(),
    &Calculation::of::<translation::SpecificSpeed>(),
    &Calculation::of::<motors::Motor>(),
    &Calculation::of::<steady::Steady>(),
    &Calculation::of::<npsh::Npsh3>(),
    &Calculation::of::<assess::Assess>(),
    &Calculation::of::<decide::Decide>(),
    &Calculation::of::<curves::Fit>(),
    &Calculation::of::<curves::Spline>(),
    &Calculation::of::<curves::Bep>(),
    &Calculation::of::<curves::Intersections>(),
    &Calculation::of::<uncertainty::Uncertainty>(),
    &Calculation::of::<round::Round>(),
    &Calculation::of::<energy::Grade>(),
    &Calculation::of::<energy::EfficiencyLine>(),
    &Calculation::of::<energy::SpecifiedEfficiency>(),
    &Calculation::of::<indices::Mei>(),
    &Calculation::of::<indices::Pei>(),
];

/// What a calculation is made of.
pub(crate) trait Calc {
    /// Name on the command line.
    const NAME: &'static str;
    /// What it computes, in Chinese.
    const ZH: &'static str;
    /// What it computes, in English.
    const EN: &'static str;
    /// Ids of the formulas used.
    const FORMULAS: &'static [&'static str];
    /// Where they come from.
    const SOURCE: &'static str;
    /// A question as JSON, from a worked example.
    const EXAMPLE: &'static str;
    /// Other names of fields, as in `("t", "t_c")`.
    const SHORT: &'static [(&'static str, &'static str)] = &[];
    /// The question: unknown fields are refused, the unit is in each name.
    type Input: DeserializeOwned + JsonSchema;
    /// The answer: a flat object, the unit is in each name. A field `verdict` that is no
    /// pass makes the program end with 1.
    type Output: Serialize + JsonSchema;

    fn compute(input: Self::Input, packs: &Packs) -> Result<Self::Output, Refusal>;
}

/// Why a question that can be read has no answer.
pub(crate) enum Refusal {
    /// What is wrong and what to change.
    Said(Bilingual),
    /// A formula or a pack refused; the fields are named before anybody reads it.
    Formula(dutypoint_hydraulics::Error),
}

impl From<dutypoint_hydraulics::Error> for Refusal {
    fn from(error: dutypoint_hydraulics::Error) -> Self {
        Self::Formula(error)
    }
}

/// A refusal in Chinese and in English.
pub(crate) fn refuse(zh: impl Into<String>, en: impl Into<String>) -> Refusal {
    Refusal::Said(Bilingual::new(zh, en))
}

/// One calculation.
pub struct Calculation {
    /// Name on the command line.
    pub name: &'static str,
    /// What it computes, in Chinese.
    pub zh: &'static str,
    /// What it computes, in English.
    pub en: &'static str,
    /// Ids of the formulas used.
    pub formulas: &'static [&'static str],
    /// Where they come from.
    pub source: &'static str,
    example: &'static str,
    short: &'static [(&'static str, &'static str)],
    input: fn() -> Value,
    output: fn() -> Schema,
    compute: fn(&Value, &Packs) -> Result<Value, Refusal>,
}

impl Calculation {
    const fn of<C: Calc>() -> Self {
        Self {
            name: C::NAME,
            zh: C::ZH,
            en: C::EN,
            formulas: C::FORMULAS,
            source: C::SOURCE,
            example: C::EXAMPLE,
            short: C::SHORT,
            input: || question::ranged::<C::Input>(C::NAME),
            output: question::schema::<C::Output>,
            compute: |question, packs| {
                let input = question::read::<C::Input>(question).map_err(Refusal::Said)?;
                let output = C::compute(input, packs)?;
                serde_json::to_value(output)
                    .map_err(|e| refuse(format!("无法写出结果：{e}"), e.to_string()))
            },
        }
    }

    /// The answer to a question: the results at the top level, beside `calc`, `input`,
    /// `formulas` and `source`.
    ///
    /// # Errors
    /// [`Error::Calc`] for an input that is unknown, missing, of another type or outside
    /// what the formula holds for.
    pub fn answer(&self, question: &Value, packs: &Packs) -> Result<Value, Error> {
        let question = self.named(question)?;
        ask::check(&(self.input)(), &question).map_err(|why| self.refuse(why))?;
        let found = (self.compute)(&question, packs).map_err(|refusal| {
            self.refuse(match refusal {
                Refusal::Said(why) => why,
                Refusal::Formula(error) => place::named(&question, &error),
            })
        })?;
        // JSON has no infinity: a result that is not finite would read as an absent one.
        if let Some(field) = hole(&found, String::new()) {
            return Err(self.refuse(Bilingual::new(
                format!("{field} 不是有限的数：输入超出公式的适用范围"),
                format!("{field} is not finite; the inputs are outside what the formula holds for"),
            )));
        }
        let Value::Object(mut answer) = found else {
            return Err(self.refuse(Bilingual::new("结果不是对象", "the answer is no object")));
        };
        answer.insert("calc".to_owned(), self.name.into());
        answer.insert("input".to_owned(), question);
        answer.insert("formulas".to_owned(), self.formulas.into());
        answer.insert("source".to_owned(), self.source.into());
        Ok(Value::Object(answer))
    }

    /// Whether `question` can be answered as far as its fields go.
    #[must_use]
    pub fn is_complete(&self, question: &Value) -> bool {
        self.named(question)
            .is_ok_and(|question| question::is_complete(&(self.input)(), &question))
    }

    /// A question ready to be changed: that of a worked example.
    #[must_use]
    pub fn example(&self) -> Value {
        serde_json::from_str(self.example).unwrap_or_default()
    }

    /// JSON schemas of question and answer.
    #[must_use]
    pub fn schema(&self) -> Value {
        serde_json::json!({
            "calc": self.name,
            "text": self.text(),
            "formulas": self.formulas,
            "source": self.source,
            "input": (self.input)(),
            "output": (self.output)(),
            "example": self.example(),
        })
    }

    /// The fields of the question, as flags of a command line.
    #[must_use]
    pub fn flags(&self) -> Vec<Flag> {
        question::flags(&(self.input)(), self.short)
    }

    /// What it computes.
    #[must_use]
    pub fn text(&self) -> Bilingual {
        Bilingual::new(self.zh, self.en)
    }

    /// The question with every short name replaced.
    fn named(&self, question: &Value) -> Result<Value, Error> {
        let Value::Object(given) = question else {
            return Err(self.refuse(Bilingual::new(
                "问题应为 JSON 对象 {\"name_unit\": 值, …}；字段见 `dutypoint calc schema`",
                "a question is a JSON object, {\"name_unit\": value, …}; `dutypoint calc schema` shows the fields",
            )));
        };
        let mut named = Map::new();
        for (key, value) in given {
            let short = self.short.iter().find(|(short, _)| short == key);
            let name = short.map_or(key.as_str(), |(_, field)| field);
            if named.insert(name.to_owned(), value.clone()).is_some() {
                return Err(self.refuse(Bilingual::new(
                    format!("{name} 给出了两次"),
                    format!("{name} is given twice"),
                )));
            }
        }
        Ok(Value::Object(named))
    }

    fn refuse(&self, why: Bilingual) -> Error {
        Error::Calc {
            calc: self.name.to_owned(),
            why,
        }
    }
}

impl std::fmt::Debug for Calculation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Calculation").field(&self.name).finish()
    }
}

/// Place of a null in `value`.
fn hole(value: &Value, place: String) -> Option<String> {
    match value {
        Value::Null => Some(place),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .find_map(|(index, item)| hole(item, format!("{place}/{index}"))),
        Value::Object(fields) => fields
            .iter()
            .find_map(|(key, item)| hole(item, format!("{place}/{key}"))),
        _ => None,
    }
}

/// The calculation called `name`.
///
/// # Errors
/// [`Error::Calc`] naming the nearest, or all of them.
pub fn find(name: &str) -> Result<&'static Calculation, Error> {
    let names = || CALCULATIONS.iter().map(|c| c.name);
    let found = CALCULATIONS.iter().find(|c| c.name == name).copied();
    found.ok_or_else(|| {
        let hint = near_or_known(name, names());
        Error::Calc {
            calc: name.to_owned(),
            why: Bilingual::new(
                format!("没有这种计算；{}", hint.zh),
                format!("there is no such calculation; {}", hint.en),
            ),
        }
    })
}

/// Refuses an efficiency that no machine has.
pub(crate) fn possible((zh, en): (&str, &str), pct: f64) -> Result<(), Refusal> {
    if pct > 100.0 {
        return Err(refuse(
            format!("{zh} = {pct:.4} %：效率不会超过 100 %；请更正流量、扬程、功率及其单位"),
            format!(
                "{en} = {pct:.4} %: no efficiency exceeds 100 %; correct flow, head, power and their units"
            ),
        ));
    }
    Ok(())
}

/// The name that may be meant, or all there are.
fn near_or_known<'a>(given: &str, known: impl Iterator<Item = &'a str> + Clone) -> Bilingual {
    match toml_text::nearest(given, known.clone()) {
        Some(near) => Bilingual::new(
            format!("是否指 {near:?}？"),
            format!("did you mean {near:?}?"),
        ),
        None => {
            let list = known.collect::<Vec<_>>().join(", ");
            Bilingual::new(format!("可用：{list}"), format!("known: {list}"))
        }
    }
}

/// The pack called `id`.
pub(crate) fn pack<'a>(packs: &'a Packs, id: &str) -> Result<&'a Standard, Refusal> {
    packs.get(id).ok_or_else(|| {
        let hint = near_or_known(id, packs.keys().map(String::as_str));
        refuse(
            format!("pack = {id:?}：没有这个标准包；{}", hint.zh),
            format!("pack = {id:?}: there is no such standard pack; {}", hint.en),
        )
    })
}
