//! A formula's refusal in the words of the question: the field it comes from, in its unit.

use super::ask::field;
use super::ranges::unit;
use dutypoint_hydraulics::{Error, quantity_text};
use dutypoint_model::Bilingual;
use serde_json::Value;

/// A number of the question.
struct Number {
    path: String,
    given: f64,
    unit: &'static str,
    /// How much of the formulas' unit one of it is.
    factor: f64,
}

/// What `error` says, with the fields of `question` that it speaks of.
pub(super) fn named(question: &Value, error: &Error) -> Bilingual {
    let mut numbers = Vec::new();
    collect(question, String::new(), &mut numbers);
    match error {
        Error::Value {
            quantity,
            value,
            advice,
            ..
        } => {
            let (what, must) = error.parts();
            let Some(found) = by_quantity(&numbers, quantity, *value) else {
                return if Error::is_general(advice) {
                    computed(quantity, *value, &must)
                } else {
                    error.text()
                };
            };
            let cure = if Error::is_general(advice) {
                Bilingual::new(
                    "请更正正负号、单位或数字",
                    "correct its sign, its unit or a digit",
                )
            } else {
                error.advice()
            };
            let (Number { path, given, .. }, unit) = (found, found.symbol());
            Bilingual::new(
                format!(
                    "{path} = {given}{unit}：{}应为{}；{}",
                    what.zh, must.zh, cure.zh
                ),
                format!(
                    "{path} = {given}{unit}: the {} must be {}; {}",
                    what.en, must.en, cure.en
                ),
            )
        }
        Error::OutsideDomain { at, low, high } => {
            // A single number is what was asked; a list is what was measured.
            let asked = numbers.iter().find(|n| n.is(*at) && !n.path.contains('['));
            let asked = asked.or_else(|| numbers.iter().find(|n| n.is(*at)));
            let Some(unit) = asked.or_else(|| numbers.iter().find(|n| n.is(*low))) else {
                return error.text();
            };
            let typed = |value: f64| shown(value / unit.factor);
            let name = match asked {
                Some(number) => format!("{} = {}", number.path, number.given),
                None => typed(*at).to_string(),
            };
            let (low, high, unit) = (typed(*low), typed(*high), unit.symbol());
            Bilingual::new(
                format!(
                    "{name}{unit}：实测范围为 {low} 至 {high}{unit}，不外推；请在此范围之外补测一点"
                ),
                format!(
                    "{name}{unit}: points were measured from {low} to {high}{unit} and nothing is extrapolated; measure a point beyond"
                ),
            )
        }
        Error::NotTranslated {
            value, reference, ..
        } => {
            let fields: Vec<String> = [value, reference]
                .into_iter()
                .filter_map(|value| numbers.iter().find(|n| n.given == *value && n.is_supply()))
                .map(|n| format!("{} = {}", n.path, n.given))
                .collect();
            beside(error, &fields.join(", "))
        }
        Error::NotInPack { item, .. } => {
            let named = texts(question).find(|(_, given)| item.contains(&format!("{given:?}")));
            let field = named.map(|(path, given)| format!("{path} = {given:?}"));
            beside(error, &field.unwrap_or_default())
        }
        Error::TimeOrder { .. } => beside(error, "t_s"),
        Error::Degree {
            points, low, high, ..
        } if high < low => Bilingual::new(
            format!("q_m3_h：{points} 个点太少，不能拟合标准包要求的至少 {low} 次；请多测几点"),
            format!(
                "q_m3_h: {points} points are too few for the fit of the pack, of degree {low} or more; take more"
            ),
        ),
        Error::Lengths { .. } => {
            let lists = lists(question, None);
            Bilingual::new(
                format!("{lists}：各列的个数应相同"),
                format!("{lists}: the columns must have the same number of values"),
            )
        }
        Error::TooFew { got, .. } => beside(error, &lists(question, Some(*got))),
        Error::TooFewAbscissae { .. } | Error::Degree { .. } => {
            beside(error, &lists(question, None))
        }
        _ => error.text(),
    }
}

/// A number that follows from several of the question's.
fn computed(quantity: &str, value: f64, must: &Bilingual) -> Bilingual {
    let name = quantity_text(quantity);
    Bilingual::new(
        format!(
            "由输入算得的{} = {value}：应为{}；请核对各输入的正负号、单位和数字",
            name.zh, must.zh
        ),
        format!(
            "the inputs give {} = {value}, and it must be {}; correct their signs, units and digits",
            name.en, must.en
        ),
    )
}

/// The texts at the top of the question.
fn texts(question: &Value) -> impl Iterator<Item = (&String, &str)> {
    let fields = question.as_object().into_iter().flatten();
    fields.filter_map(|(name, value)| Some((name, value.as_str()?)))
}

fn beside(error: &Error, fields: &str) -> Bilingual {
    let said = error.text();
    if fields.is_empty() {
        return said;
    }
    Bilingual::new(
        format!("{fields}：{}", said.zh),
        format!("{fields}: {}", said.en),
    )
}

impl Number {
    /// Its unit as it follows a number.
    fn symbol(&self) -> String {
        match self.unit {
            "" => String::new(),
            unit => format!(" {unit}"),
        }
    }

    /// Whether a translation goes by it.
    fn is_supply(&self) -> bool {
        ["r/min", "Hz", "V"].contains(&self.unit)
    }

    fn is(&self, value: f64) -> bool {
        let own = self.given * self.factor;
        (own - value).abs() <= 1e-12 * own.abs()
    }
}

/// The digits a person would have typed.
fn shown(value: f64) -> f64 {
    format!("{value:.9e}").parse().unwrap_or(value)
}

/// The number that a formula calls `quantity`, as in `flow in m³/s`.
fn by_quantity<'a>(numbers: &'a [Number], quantity: &str, value: f64) -> Option<&'a Number> {
    let of = quantity.split_once(" in ").map(|(_, unit)| unit);
    let own = |number: &&Number| {
        let internal = match number.unit {
            "m³/h" => "m³/s",
            "kW" => "W",
            "MPa" => "Pa",
            other => other,
        };
        of == Some(internal)
    };
    // Some formulas go by the unit that is typed.
    let typed = |number: &&Number| of == Some(number.unit) && number.given == value;
    if let Some(found) = numbers.iter().find(typed) {
        return Some(found);
    }
    let mut equal = numbers.iter().filter(|number| number.is(value));
    match of {
        Some(_) => equal.find(own),
        // A share, a count, a ratio: zero and one are too common to name a field by.
        None if value == 0.0 || value == 1.0 => None,
        None => equal.next(),
    }
}

fn collect(value: &Value, path: String, numbers: &mut Vec<Number>) {
    match value {
        Value::Object(fields) => {
            for (name, item) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                collect(item, format!("{path}{dot}{name}"), numbers);
            }
        }
        Value::Array(list) => {
            for (index, item) in list.iter().enumerate() {
                collect(item, format!("{path}[{index}]"), numbers);
            }
        }
        Value::Number(number) => {
            let (unit, factor) = unit(field(&path));
            numbers.extend(number.as_f64().map(|given| Number {
                path,
                given,
                unit,
                factor,
            }));
        }
        _ => {}
    }
}

/// Every list of the question with its length, or those of one length.
fn lists(question: &Value, length: Option<usize>) -> String {
    let mut found = Vec::new();
    listed(question, "", &mut |path, list| {
        // Where a curve is read, a list may be as long as it likes.
        if path != "at"
            && list.iter().all(Value::is_number)
            && length.is_none_or(|wanted| wanted == list.len())
        {
            found.push(format!("{path} ({})", list.len()));
        }
    });
    found.join(", ")
}

fn listed(value: &Value, path: &str, tell: &mut impl FnMut(&str, &[Value])) {
    match value {
        Value::Object(fields) => {
            for (name, item) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                listed(item, &format!("{path}{dot}{name}"), tell);
            }
        }
        Value::Array(list) => {
            tell(path, list);
            for (index, item) in list.iter().enumerate() {
                listed(item, &format!("{path}[{index}]"), tell);
            }
        }
        _ => {}
    }
}
