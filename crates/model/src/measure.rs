//! A number with its unit, as people write it in a file: `"32 m3/h"`, `"3 in"`.

use crate::{Quantity, Unit};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// A number with the unit it was written in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// The number as written.
    pub value: f64,
    /// The unit as written.
    pub unit: Unit,
}

impl Measure {
    /// The value in the internal unit of `quantity`.
    ///
    /// # Errors
    /// A message naming the units that would do, when the unit measures something else.
    pub fn internal(&self, quantity: Quantity) -> Result<f64, String> {
        if self.unit.quantity() == quantity {
            return Ok(self.unit.to_internal(self.value));
        }
        if self.unit == Unit::One {
            // Written without a unit, or with the unit 1, which says as little.
            return Err(format!(
                "\"{self}\" has no unit; expected a {} in {}, like \"{} {}\"",
                quantity.text().en,
                symbols(quantity),
                self.value,
                Unit::of(quantity).next().map_or("", Unit::symbol),
            ));
        }
        Err(format!(
            "\"{self}\" is no {}; expected a number in {}",
            quantity.text().en,
            symbols(quantity)
        ))
    }
}

/// The symbols of the units of `quantity`, for messages.
#[must_use]
pub fn symbols(quantity: Quantity) -> String {
    let all: Vec<_> = Unit::of(quantity).map(Unit::symbol).collect();
    all.join(", ")
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A ratio may be written without the unit 1, and nobody writes it.
        if self.unit == Unit::One {
            return write!(f, "{}", self.value);
        }
        write!(f, "{} {}", self.value, self.unit)
    }
}

impl FromStr for Measure {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let value: f64 = number
            .parse()
            .ok()
            .filter(|v: &f64| v.is_finite())
            .ok_or_else(|| {
                format!("{text:?} does not begin with a number; write it like \"32 m3/h\"")
            })?;
        Ok(Self {
            value,
            unit: unit.parse().map_err(|e: crate::Error| e.to_string())?,
        })
    }
}

impl Serialize for Measure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Measure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_read_with_its_unit_and_refused_without() {
        let bore: Measure = "3 in".parse().unwrap();
        assert!((bore.internal(Quantity::Length).unwrap() - 0.0762).abs() < 1e-15);
        assert_eq!(
            "32 m3/h"
                .parse::<Measure>()
                .unwrap()
                .internal(Quantity::Length),
            Err("\"32 m3/h\" is no length; expected a number in m, cm, mm, in, um".into())
        );
        assert_eq!(
            "104".parse::<Measure>().unwrap().internal(Quantity::Length),
            Err(
                "\"104\" has no unit; expected a length in m, cm, mm, in, um, like \"104 m\""
                    .into()
            )
        );
        assert_eq!("0.6".parse::<Measure>().unwrap().to_string(), "0.6");
        for bad in ["", "m3/h", "NaN m", "inf m", "3 furlong", "3  in x"] {
            assert!(bad.parse::<Measure>().is_err(), "{bad}");
        }
    }
}
