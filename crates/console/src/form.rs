//! Numbers as people read them: a fixed count of decimals per quantity, so that digits
//! stand still while the value moves.

use dutypoint_model::document::{Finding, Limit, Role};
use dutypoint_model::{Quantity, Unit};

/// Unit and decimals a channel of `role` is shown with.
pub(crate) fn of_role(role: Role) -> (Unit, usize) {
    match role {
        Role::PowerFactor => (Unit::One, 3),
        Role::SlipFrequency => (Unit::Hertz, 3),
        other => of_quantity(other.quantity()),
    }
}

/// Unit and decimals of a quantity.
pub(crate) fn of_quantity(quantity: Quantity) -> (Unit, usize) {
    match quantity {
        Quantity::Flow => (Unit::CubicMetrePerHour, 2),
        Quantity::Pressure => (Unit::Kilopascal, 1),
        Quantity::Length => (Unit::Metre, 2),
        Quantity::Power => (Unit::Kilowatt, 2),
        Quantity::Frequency => (Unit::Hertz, 2),
        Quantity::Speed => (Unit::RevolutionPerMinute, 0),
        Quantity::Voltage => (Unit::Volt, 1),
        Quantity::Current => (Unit::Ampere, 2),
        Quantity::Temperature => (Unit::DegreeCelsius, 1),
        Quantity::Ratio => (Unit::Percent, 1),
    }
}

/// An internal value with fixed decimals, without its unit. A minus sign stands for
/// values below zero only: "-0.0" is zero.
pub(crate) fn fixed(value: f64, (unit, decimals): (Unit, usize)) -> String {
    let text = format!("{:.decimals$}", unit.from_internal(value));
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|b| matches!(b, b'0' | b'.')) => rest.to_owned(),
        Some(rest) => format!("\u{2212}{rest}"),
        None => text,
    }
}

/// A number of a finding with its unit.
pub(crate) fn number(finding: &Finding, value: f64) -> String {
    format!(
        "{} {}",
        fixed(value, (finding.unit, finding.decimals())),
        finding.unit.printed()
    )
    .trim_end()
    .to_owned()
}

/// What a finding permits.
pub(crate) fn limit(finding: &Finding, limit: Limit) -> String {
    let show = |value| number(finding, value);
    match (limit.low, limit.high) {
        (Some(low), Some(high)) => format!("{} … {}", show(low), show(high)),
        (Some(low), None) => format!("≥ {}", show(low)),
        (None, Some(high)) => format!("≤ {}", show(high)),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_still_and_zero_has_no_sign() {
        let flow = of_role(Role::Flow);
        assert_eq!(fixed(32.0 / 3600.0, flow), "32.00");
        assert_eq!(fixed(-0.000_001 / 3600.0, flow), "0.00");
        assert_eq!(fixed(-1.0 / 3600.0, flow), "\u{2212}1.00");
        assert_eq!(fixed(104_250.0, of_role(Role::OutletPressure)), "104.3");
        assert_eq!(fixed(0.855, of_role(Role::PowerFactor)), "0.855");
    }
}
