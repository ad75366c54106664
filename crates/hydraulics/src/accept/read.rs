//! Where efficiency and power are read.

use super::hold::measured;
use super::{Curves, Guarantee};
use crate::curve::{Efficiency, nearest};
use crate::pack::ReadAt;
use crate::{Error, check};

/// The curves where efficiency and power are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReadPoint {
    /// Flow, m³/s.
    pub flow_m3_s: f64,
    /// Head, m.
    pub head_m: f64,
    /// Power, W, if measured there.
    pub power_w: Option<f64>,
    /// Efficiency as a fraction, if measured there.
    pub efficiency: Option<f64>,
}

/// The point at which efficiency and power are read: on the line from the origin through the
/// guarantee point (of several crossings the one nearest the guaranteed flow), at the
/// guaranteed flow, or where the efficiency is largest. `None` if the head curve does not
/// reach there, or the largest efficiency lies at an end of the measured range.
/// Source: ISO 9906:2012 4.4.4, reference 5.5 (C2 S1).
///
/// # Errors
/// As [`assess`](super::assess).
pub fn read_point(
    rule: ReadAt,
    guarantee: &Guarantee,
    curves: &Curves<'_>,
) -> Result<Option<ReadPoint>, Error> {
    let guaranteed_m3_s = check::positive("guaranteed flow in m³/s", guarantee.flow_m3_s)?;
    let guaranteed_m = check::positive("guaranteed head in m", guarantee.head_m)?;
    let flow_m3_s = match rule {
        ReadAt::AtRatedFlow => Some(guaranteed_m3_s),
        ReadAt::OriginLine => {
            let slope = check::result("slope of the origin line", guaranteed_m / guaranteed_m3_s)?;
            nearest(&curves.head.flows_on_line(slope)?, guaranteed_m3_s)
        }
        ReadAt::AtBep => match curves.efficiency {
            Some(efficiency) => best(efficiency, curves)?,
            None => None,
        },
    };
    let Some(flow_m3_s) = flow_m3_s else {
        return Ok(None);
    };
    let Some(head_m) = measured(curves.head.evaluate(flow_m3_s))? else {
        return Ok(None);
    };
    let power_w = curves
        .power
        .map(|curve| measured(curve.evaluate(flow_m3_s)));
    let efficiency = curves
        .efficiency
        .map(|curve| measured(curve.evaluate(flow_m3_s)));
    Ok(Some(ReadPoint {
        flow_m3_s,
        head_m,
        power_w: power_w.transpose()?.flatten(),
        efficiency: efficiency.transpose()?.flatten(),
    }))
}

/// Steps of the search for the largest efficiency; between two of them a curve of the
/// degrees in use has one peak at most.
const STEPS: u32 = 400;

/// The flow of the largest efficiency, if it lies inside the measured range.
fn best(efficiency: &Efficiency, curves: &Curves<'_>) -> Result<Option<f64>, Error> {
    let (low, high) = (curves.head.q_min_m3_s(), curves.head.q_max_m3_s());
    let at = |step: u32| low + (high - low) * (f64::from(step) / f64::from(STEPS));
    let mut largest: Option<(u32, f64)> = None;
    for step in 0..=STEPS {
        if let Some(eta) = measured(efficiency.evaluate(at(step)))?
            && largest.is_none_or(|(_, before)| eta > before)
        {
            largest = Some((step, eta));
        }
    }
    let Some((step, _)) = largest.filter(|(step, _)| *step > 0 && *step < STEPS) else {
        return Ok(None);
    };
    // Thirds of the bracket, until it is as narrow as the flat top lets a peak be told.
    let (mut left, mut right) = (at(step - 1), at(step + 1));
    for _ in 0..100 {
        let third = (right - left) / 3.0;
        let (a, b) = (left + third, right - third);
        if efficiency.evaluate(a)? < efficiency.evaluate(b)? {
            left = a;
        } else {
            right = b;
        }
    }
    Ok(Some(0.5 * left + 0.5 * right))
}
