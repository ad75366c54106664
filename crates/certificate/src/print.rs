//! How many digits each quantity is printed with, in one place.
//!
//! Numbers travel unrounded in [`crate::data::CertificateData`]; they are rounded here,
//! once, by [`crate::round`]. Verdicts are drawn from the unrounded values, or from those
//! rounded as the pack says; a margin too small for its column is printed with more digits
//! rather than as a zero that would contradict the verdict.

use dutypoint_hydraulics::rounding;
use serde::{Deserialize, Serialize};

/// What a printed number is, which decides its digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrintRule {
    /// Rate of flow: 4 significant digits.
    Flow,
    /// Head: 0.01 m.
    Head,
    /// A term that head is summed from: 0.001 m.
    HeadTerm,
    /// Pressure: 0.1 kPa.
    Pressure,
    /// Power: 0.01 kW.
    Power,
    /// Efficiency: 0.1 %, or as many decimals as the document asks for.
    Efficiency,
    /// Speed of rotation: 1 r/min.
    Speed,
    /// Frequency: 0.01 Hz.
    Frequency,
    /// Voltage: 0.1 V.
    Voltage,
    /// Current: 0.01 A.
    Current,
    /// Temperature: 0.1 °C.
    Temperature,
    /// Anything else, with its decimals.
    Decimals(u8),
    /// A value as it was given: shortest form.
    Given,
}

/// Prints numbers for one document.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    /// Decimals of an efficiency in per cent.
    pub efficiency_decimals: u8,
}

/// Most decimals a margin may grow to before it counts as touching the limit; the
/// comparison itself treats 1e-12 as touching.
const MARGIN_DECIMALS: usize = 8;

impl Printer {
    /// The number by its rule; empty when it is not finite, which the check before
    /// rendering rules out.
    #[must_use]
    pub fn number(&self, rule: PrintRule, value: f64) -> String {
        let text = match self.fixed(rule) {
            Some(decimals) => rounding::decimals(value, decimals),
            None if rule == PrintRule::Flow => rounding::significant(value, 4),
            None => rounding::shortest(value),
        };
        typographic(text)
    }

    /// An expanded uncertainty: two significant digits.
    #[must_use]
    pub fn uncertainty(&self, uncertainty: f64) -> String {
        typographic(rounding::uncertainty(uncertainty))
    }

    /// A margin to a limit, with its sign and the decimals of the value it belongs to.
    #[must_use]
    pub fn margin(&self, rule: PrintRule, value: Option<f64>, margin: f64) -> String {
        let text = self.companion(rule, value, margin);
        if margin > 0.0 && is_not_zero(&text) {
            format!("+{text}")
        } else {
            text
        }
    }

    fn companion(&self, rule: PrintRule, value: Option<f64>, number: f64) -> String {
        let decimals = match self.fixed(rule) {
            Some(decimals) => decimals,
            None => {
                let text = self.number(rule, value.unwrap_or(number));
                text.split_once('.').map_or(0, |(_, d)| d.len())
            }
        };
        let plain = rounding::decimals(number, decimals);
        let text = (decimals..=MARGIN_DECIMALS)
            .filter_map(|more| rounding::decimals(number, more))
            .find(|text| is_not_zero(text));
        typographic(text.or(plain))
    }

    fn fixed(&self, rule: PrintRule) -> Option<usize> {
        Some(match rule {
            PrintRule::Flow | PrintRule::Given => return None,
            PrintRule::Head | PrintRule::Power | PrintRule::Frequency | PrintRule::Current => 2,
            PrintRule::HeadTerm => 3,
            PrintRule::Pressure | PrintRule::Voltage | PrintRule::Temperature => 1,
            PrintRule::Speed => 0,
            PrintRule::Efficiency => usize::from(self.efficiency_decimals),
            PrintRule::Decimals(n) => usize::from(n),
        })
    }
}

fn is_not_zero(text: &str) -> bool {
    text.bytes().any(|b| matches!(b, b'1'..=b'9'))
}

/// A true minus sign is as wide as a digit and never breaks off at a line end.
fn typographic(text: Option<String>) -> String {
    text.map(|t| t.replace('-', "\u{2212}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{PrintRule, Printer};

    const P: Printer = Printer {
        efficiency_decimals: 1,
    };

    #[test]
    fn digits_follow_the_rule() {
        assert_eq!(P.number(PrintRule::Flow, 80.0), "80.00");
        assert_eq!(P.number(PrintRule::Head, 52.345), "52.34");
        assert_eq!(P.number(PrintRule::Efficiency, 61.25), "61.2");
        let two = Printer {
            efficiency_decimals: 2,
        };
        assert_eq!(two.number(PrintRule::Efficiency, 61.255), "61.26");
        assert_eq!(P.number(PrintRule::Speed, 2876.5), "2876");
        assert_eq!(P.number(PrintRule::Temperature, -0.25), "−0.2");
        assert_eq!(P.number(PrintRule::Given, 12.50), "12.5");
    }

    #[test]
    fn companions_take_the_decimals_of_their_value() {
        assert_eq!(P.margin(PrintRule::Head, Some(50.0), 1.234), "+1.23");
        assert_eq!(P.margin(PrintRule::Head, Some(50.0), -1.234), "−1.23");
    }

    #[test]
    fn an_uncertainty_has_two_digits() {
        assert_eq!(P.uncertainty(0.4), "0.40");
        assert_eq!(P.uncertainty(0.996), "1.0");
        assert_eq!(P.uncertainty(12.5), "12");
    }

    #[test]
    fn a_small_margin_never_contradicts_the_verdict() {
        assert_eq!(P.margin(PrintRule::Head, Some(50.0), -0.000_5), "−0.0005");
        assert_eq!(P.margin(PrintRule::Head, Some(50.0), 1e-13), "0.00");
        assert_eq!(P.margin(PrintRule::Head, Some(50.0), 0.0), "0.00");
    }
}
