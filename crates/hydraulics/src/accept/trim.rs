//! What would help a pump that is too strong.

use super::Guarantee;
use super::hold::measured;
use crate::curve::Curve;
use crate::{Error, check};

/// A reduction of the impeller that would bring the curve onto the guarantee point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trim {
    /// R of `Q_r = R Q_t`, `H_r = R² H_t`; below 1.
    pub ratio: f64,
    /// The point of the tested curve that moves onto the guarantee point: flow, m³/s.
    pub flow_m3_s: f64,
    /// Its head, m.
    pub head_m: f64,
}

/// The trim that brings a curve from above onto the guarantee point: where the parabola
/// from the origin through the guarantee point meets the tested curve. `None` for a pump
/// that is not too strong there, or a curve that was not measured that far.
/// Source: ISO 9906:2012 6.2.1 by the reference, section 4.4; how much may be taken off
/// without a new test is for [`translate`](crate::translate).
///
/// # Errors
/// [`Error::Value`] for a guaranteed value that is not above zero, [`Error::NotFinite`] on
/// overflow.
///
/// ```
/// use dutypoint_hydraulics::accept::{Guarantee, trim};
/// use dutypoint_hydraulics::{curve::Curve, fit::PolynomialFit};
/// // Case F of W5, H = 67 − 0.001 Q²: the parabola 0.005 Q² meets it at √(67/0.006).
/// let flow = [0.0, 80.0, 104.0, 120.0].map(|q| q / 3600.0);
/// let head = [67.0, 60.6, 56.184, 52.6];
/// let curve = Curve::new(PolynomialFit::new(&flow, &head, 2, false)?);
/// let guarantee = Guarantee { flow_m3_s: 100.0 / 3600.0, head_m: 50.0, efficiency: None,
///     power_w: None, shutoff_head_m: None };
/// let found = trim(&guarantee, &curve)?.ok_or("no trim")?;
/// assert!((found.ratio - 100.0 / 105.672_449_894_315_72).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn trim(guarantee: &Guarantee, head_curve: &Curve) -> Result<Option<Trim>, Error> {
    let flow_m3_s = check::positive("guaranteed flow in m³/s", guarantee.flow_m3_s)?;
    let head_m = check::positive("guaranteed head in m", guarantee.head_m)?;
    // Height of the curve above the parabola, None where it was not measured.
    let above = |flow: f64| {
        let share = flow / flow_m3_s;
        let parabola = check::result("parabola through the guarantee", head_m * share * share)?;
        Ok::<_, Error>(measured(head_curve.evaluate(flow))?.map(|head| head - parabola))
    };
    let (mut left, mut right) = (flow_m3_s, head_curve.q_max_m3_s());
    if left >= right
        || above(left)?.is_none_or(|height| height <= 0.0)
        || above(right)?.is_none_or(|height| height > 0.0)
    {
        return Ok(None);
    }
    for _ in 0..200 {
        let middle = 0.5 * left + 0.5 * right;
        if middle <= left || middle >= right {
            break;
        }
        if above(middle)?.is_some_and(|height| height > 0.0) {
            left = middle;
        } else {
            right = middle;
        }
    }
    Ok(Some(Trim {
        ratio: check::result("trim ratio", flow_m3_s / right)?,
        flow_m3_s: right,
        head_m: head_curve.evaluate(right)?,
    }))
}
