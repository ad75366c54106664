//! Where efficiency and power are read.

use super::hold::measured;
use super::{Curves, Guarantee};
use crate::curve::nearest;
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
        ReadAt::AtSpecifiedFlow => Some(guaranteed_m3_s),
        ReadAt::OriginLine => {
            let slope = check::result("slope of the origin line", guaranteed_m / guaranteed_m3_s)?;
            nearest(&curves.head.flows_on_line(slope)?, guaranteed_m3_s)
        }
        ReadAt::AtBep => match curves.efficiency {
            // A largest value at an end of the range is not the best point.
            Some(efficiency) => measured(efficiency.best())?
                .filter(|best| best.bracketed)
                .map(|best| best.flow_m3_s),
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
