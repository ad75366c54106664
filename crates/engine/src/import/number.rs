//! Numbers as people and spreadsheets write them: `1234.5`, `1 234,5`, `1.234,5`.
//!
//! Promise: a number that could be read two ways is never guessed from itself, only from
//! the other numbers of its table or from what the user says.

use super::header::plain;
use std::fmt;
use std::str::FromStr;

/// The decimal sign of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimal {
    /// `14,71`
    Comma,
    /// `14.71`
    Point,
}

impl Decimal {
    /// The sign itself.
    #[must_use]
    pub fn sign(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Point => '.',
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Comma => Self::Point,
            Self::Point => Self::Comma,
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comma => "comma",
            Self::Point => "point",
        })
    }
}

impl FromStr for Decimal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "comma" => Ok(Self::Comma),
            "point" => Ok(Self::Point),
            _ => Err("expected comma or point".into()),
        }
    }
}

/// A number in text, its digits with a point as decimal sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// Without any sign that could be either.
    Plain(String),
    /// Its form says what its decimal sign is.
    Certain(Decimal, String),
    /// One sign with three digits behind it: a fraction where that is the decimal sign,
    /// else thousands.
    Either {
        sign: Decimal,
        fraction: String,
        thousands: String,
    },
}

impl Number {
    /// Reads `text`; `None` when it is no number.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = plain(text);
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => text.split_at(at),
            None => (text.as_str(), ""),
        };
        let digits = mantissa.trim_start_matches(['+', '-']);
        if mantissa.len() - digits.len() > 1 {
            return None;
        }
        let minus = mantissa.get(..mantissa.len() - digits.len())?;
        let build = |digits: &str| {
            let number = format!("{minus}{digits}{exponent}");
            let value: f64 = number.parse().ok()?;
            value.is_finite().then_some(number)
        };
        if !digits.starts_with(|c: char| c.is_ascii_digit() || ",.".contains(c)) {
            return None;
        }
        let is_sign = |c: char| c == ',' || c == '.';
        let end = digits.rfind(is_sign);
        let last = end.and_then(|at| digits.get(at..)?.chars().next());
        let sign = match last {
            Some(',') => Decimal::Comma,
            _ => Decimal::Point,
        };
        let repeated = digits.matches(sign.sign()).count() > 1;
        let (whole, fraction) = match end {
            Some(at) if !repeated => (digits.get(..at)?, digits.get(at + 1..)),
            _ => (digits, None),
        };
        let groups = ungrouped(whole)?;
        if fraction.is_some_and(|f| !f.bytes().all(|b| b.is_ascii_digit())) {
            return None;
        }
        match (fraction, groups) {
            (None, (joined, None)) => Some(Self::Plain(build(&joined)?)),
            // Thousands in groups say that the other sign is the decimal one.
            (None, (joined, Some(Grouping::Sign(group)))) => {
                Some(Self::Certain(group.other(), build(&joined)?))
            }
            (None, (joined, Some(Grouping::Gap))) => Some(Self::Plain(build(&joined)?)),
            (Some(_), (_, Some(Grouping::Sign(group)))) if group == sign => None,
            (Some(fraction), (joined, grouping)) => {
                let decimal = build(&format!("{joined}.{fraction}"))?;
                let thousands = grouping.is_none()
                    && exponent.is_empty()
                    && fraction.len() == 3
                    && (1..=3).contains(&joined.len())
                    && !joined.starts_with('0');
                Some(if thousands {
                    Self::Either {
                        sign,
                        fraction: decimal,
                        thousands: build(&format!("{joined}{fraction}"))?,
                    }
                } else {
                    Self::Certain(sign, decimal)
                })
            }
        }
    }

    /// The digits under `decimal`; `None` when the number has the other decimal sign.
    pub(super) fn under(&self, decimal: Decimal) -> Option<&str> {
        match self {
            Self::Plain(digits) => Some(digits),
            Self::Certain(sign, digits) => (*sign == decimal).then_some(digits),
            Self::Either {
                sign,
                fraction,
                thousands,
            } => Some(if *sign == decimal {
                fraction
            } else {
                thousands
            }),
        }
    }
}

enum Grouping {
    Sign(Decimal),
    /// A space or an apostrophe, which is never a decimal sign.
    Gap,
}

/// The digits of a whole number without the signs between its thousands, and which they
/// were; `None` when they do not stand between groups of three.
fn ungrouped(whole: &str) -> Option<(String, Option<Grouping>)> {
    let Some(sign) = whole.chars().find(|c| !c.is_ascii_digit()) else {
        return Some((whole.to_owned(), None));
    };
    let grouping = match sign {
        ',' => Grouping::Sign(Decimal::Comma),
        '.' => Grouping::Sign(Decimal::Point),
        ' ' | '\'' | '’' => Grouping::Gap,
        _ => return None,
    };
    let mut groups = whole.split(sign);
    let first = groups.next()?;
    let digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    if !(1..=3).contains(&first.len()) || !digits(first) {
        return None;
    }
    let mut joined = first.to_owned();
    for group in groups {
        if group.len() != 3 || !digits(group) {
            return None;
        }
        joined.push_str(group);
    }
    Some((joined, Some(grouping)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Decimal::{Comma, Point};

    #[test]
    fn the_form_of_a_number_says_its_decimal_sign_or_leaves_it_open() {
        let certain = |sign, digits: &str| Some(Number::Certain(sign, digits.into()));
        let plain = |digits: &str| Some(Number::Plain(digits.into()));
        for (text, expected) in [
            ("200", plain("200")),
            ("-5", plain("-5")),
            ("+1e3", plain("+1e3")),
            ("1 234", plain("1234")),
            ("１２３", plain("123")),
            ("14.71", certain(Point, "14.71")),
            ("14,71", certain(Comma, "14.71")),
            ("１４．７１", certain(Point, "14.71")),
            ("-14,710", Number::parse("-14,710")),
            ("0,125", certain(Comma, "0.125")),
            (".5", certain(Point, ".5")),
            ("5.", certain(Point, "5.")),
            ("3550,000", certain(Comma, "3550.000")),
            ("1.234,5", certain(Comma, "1234.5")),
            ("1,234.5", certain(Point, "1234.5")),
            ("1.234.567", certain(Comma, "1234567")),
            ("1,234,567.125", certain(Point, "1234567.125")),
            ("1\u{202f}234,567", certain(Comma, "1234.567")),
            ("1'234.5", certain(Point, "1234.5")),
            ("1,234E3", certain(Comma, "1.234E3")),
            ("\u{2212}2,5", certain(Comma, "-2.5")),
        ] {
            assert_eq!(Number::parse(text), expected, "{text}");
        }
        for open in ["1,234", "1.234", "12,345", "-123.456"] {
            let number = Number::parse(open).unwrap();
            assert!(matches!(number, Number::Either { .. }), "{open}");
            assert_ne!(number.under(Comma), number.under(Point));
        }
        assert_eq!(Number::parse("1,234").unwrap().under(Comma), Some("1.234"));
        assert_eq!(Number::parse("1,234").unwrap().under(Point), Some("1234"));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "",
            "x",
            "1,2,3",
            "1.23,4.5",
            "1,23.4",
            "12 34",
            "1 2345",
            "--1",
            "+-1",
            "1e",
            "1e999",
            "NaN",
            "inf",
            "infinity",
            ".",
            ",",
            "-",
            "1 ,5,",
            "0x10",
            "1_000",
            "14.71 m3/h",
            "1,234,5",
            "1.2.3,4",
            "12:30",
            "'1",
            "e5",
            "1,234.567.890",
        ] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }
}
