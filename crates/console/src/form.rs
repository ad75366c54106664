//! Numbers as people read them: a fixed count of decimals per quantity, so that digits
//! stand still while the value moves.

use dutypoint_model::Unit;

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

#[cfg(test)]
mod tests {
    use super::*;
    use dutypoint_model::document::Role;

    #[test]
    fn digits_stand_still_and_zero_has_no_sign() {
        let flow = Role::Flow.shown_in();
        assert_eq!(fixed(32.0 / 3600.0, flow), "32.00");
        assert_eq!(fixed(-0.000_001 / 3600.0, flow), "0.00");
        assert_eq!(fixed(-1.0 / 3600.0, flow), "\u{2212}1.00");
        assert_eq!(fixed(104_260.0, Role::OutletPressure.shown_in()), "104.3");
        assert_eq!(fixed(0.855, Role::PowerFactor.shown_in()), "0.855");
    }
}
