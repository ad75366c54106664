//! The best efficiency point: where, how high, and how sure.
//!
//! η is largest where its derivative is zero; with η from H and P that is where
//! `(QH)′P = QH·P′`, a polynomial equation solved for all its roots, so a higher second
//! maximum is not missed. Uncertainty is of first order in the coefficients of the fits:
//! with L = ln η the height moves by δH/H − δP/P, the place by −δL′/L″.
//! Sources: implicit function theorem; JCGM 100:2008, 5.1.2 (no correlation of H and P).

use crate::curve::{Curve, Efficiency, EfficiencyCurve, Piece};
use crate::fit::PolynomialFit;
use crate::polynomial::{derivative, difference, horner, product, roots_between};
use crate::{Error, check};

/// Best efficiency within the measured range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BestPoint {
    /// Flow, m³/s (the unit of the curves).
    pub flow_m3_s: f64,
    /// Efficiency, as a fraction (the unit of a fitted efficiency curve).
    pub efficiency: f64,
    /// Whether η falls on both sides of it inside the measured range. If not, the points
    /// end before the true best efficiency point.
    pub bracketed: bool,
    /// Standard uncertainty of the flow from the scatter of the points about their fits;
    /// absent for splines, without spare points, and when not bracketed.
    pub flow_uncertainty_m3_s: Option<f64>,
    /// Standard uncertainty of the efficiency from the same.
    pub efficiency_uncertainty: Option<f64>,
}

impl Efficiency {
    /// The best efficiency point in the measured range; of two equally good, the one at the
    /// smaller flow.
    ///
    /// # Errors
    /// [`Error::OutsideDomain`] when head and power share no range, [`Error::Value`] where
    /// the power is not above zero, [`Error::NotFinite`] on overflow.
    ///
    /// ```
    /// use dutypoint_hydraulics::curve::{Curve, Efficiency};
    /// use dutypoint_hydraulics::fit::PolynomialFit;
    /// // Worked example W15.
    /// let q = [0.0, 30.0, 60.0, 90.0, 120.0];
    /// let eta = q.map(|q| 1.30 * q - 0.0040 * q * q - 1.5e-5 * q * q * q);
    /// let best = Efficiency::Fitted(Curve::new(PolynomialFit::new(&q, &eta, 3, true)?)).best()?;
    /// assert!((best.flow_m3_s - 102.918628).abs() < 5e-7 && best.bracketed);
    /// # Ok::<(), dutypoint_hydraulics::Error>(())
    /// ```
    pub fn best(&self) -> Result<BestPoint, Error> {
        let (low, high) = self.range()?;
        let mut best: Option<(f64, f64)> = None;
        let mut consider = |flow: f64| -> Result<(), Error> {
            let value = self.evaluate(flow)?;
            if best.is_none_or(|(_, largest)| value > largest) {
                best = Some((flow, value));
            }
            Ok(())
        };
        consider(low)?;
        for flow in self.stationary(low, high)? {
            consider(flow)?;
        }
        consider(high)?;
        let (flow, efficiency) = best.unwrap_or((low, 0.0));
        let bracketed = flow > low && flow < high;
        let [of_flow, of_efficiency] = self.uncertainty(flow, efficiency);
        Ok(BestPoint {
            flow_m3_s: flow,
            efficiency,
            bracketed,
            flow_uncertainty_m3_s: of_flow.filter(|u| bracketed && u.is_finite()),
            efficiency_uncertainty: of_efficiency.filter(|u| u.is_finite()),
        })
    }

    fn range(&self) -> Result<(f64, f64), Error> {
        match self {
            Self::Fitted(curve) => Ok((curve.q_min_m3_s(), curve.q_max_m3_s())),
            Self::FromHeadAndPower(EfficiencyCurve { head, power, .. }) => {
                let low = head.q_min_m3_s().max(power.q_min_m3_s());
                let high = head.q_max_m3_s().min(power.q_max_m3_s());
                if low > high {
                    return Err(Error::OutsideDomain {
                        at: low,
                        low: head.q_min_m3_s(),
                        high: head.q_max_m3_s(),
                    });
                }
                // A power that passes through zero makes a pole of η, not a maximum.
                if let Some(zero) = power.flows_at(0.0)?.first() {
                    check::positive(
                        "power on its fitted curve, W",
                        power.evaluate(*zero)?.min(0.0),
                    )?;
                }
                Ok((low, high))
            }
        }
    }

    /// Flows between `low` and `high` where the derivative of η is zero, rising within
    /// each piece.
    fn stationary(&self, low: f64, high: f64) -> Result<Vec<f64>, Error> {
        let mut flows = Vec::new();
        match self {
            Self::Fitted(curve) => {
                for piece in curve.pieces() {
                    let slope = derivative(&piece.coefficients);
                    flows.extend(flows_of(piece, &slope, piece.low, piece.high)?);
                }
            }
            Self::FromHeadAndPower(EfficiencyCurve { head, power, .. }) => {
                for h in head.pieces() {
                    for p in power.pieces() {
                        let (from, to) = (h.low.max(p.low).max(low), h.high.min(p.high).min(high));
                        if from > to {
                            continue;
                        }
                        let hydraulic = product(&[h.centre, h.half_width], &h.coefficients);
                        let power = p.in_terms_of(h.centre, h.half_width);
                        let slope = difference(
                            &product(&derivative(&hydraulic), &power),
                            &product(&hydraulic, &derivative(&power)),
                        );
                        flows.extend(flows_of(h, &slope, from, to)?);
                    }
                }
            }
        }
        Ok(flows)
    }

    /// Standard uncertainties of the flow and the height of a maximum.
    fn uncertainty(&self, flow: f64, efficiency: f64) -> [Option<f64>; 2] {
        match self {
            Self::Fitted(curve) => {
                let Some((fit, [_, _, bend])) = parts(curve, flow) else {
                    return [None, None];
                };
                [
                    fit.error_of(flow, 0.0, 1.0).map(|u| u / bend.abs()),
                    fit.standard_error(flow),
                ]
            }
            Self::FromHeadAndPower(EfficiencyCurve { head, power, .. }) => {
                let (Some((head, h)), Some((power, p))) = (parts(head, flow), parts(power, flow))
                else {
                    return [None, None];
                };
                let [relative_head, bend_head] = logarithmic(h);
                let [relative_power, bend_power] = logarithmic(p);
                let bend = bend_head - bend_power - 1.0 / (flow * flow);
                let place = |fit: &PolynomialFit, [value, ..]: [f64; 3], relative: f64| {
                    fit.error_of(flow, -relative / value, 1.0 / value)
                };
                let height = |fit: &PolynomialFit, [value, ..]: [f64; 3]| {
                    fit.error_of(flow, efficiency / value, 0.0)
                };
                [
                    both(
                        place(head, h, relative_head),
                        place(power, p, relative_power),
                    )
                    .map(|u| u / bend.abs()),
                    both(height(head, h), height(power, p)),
                ]
            }
        }
    }
}

/// Root of the sum of squares of two independent parts.
fn both(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    let (a, b) = (a?, b?);
    Some((a * a + b * b).sqrt())
}

/// f′/f and (ln f)″ from f, f′, f″.
fn logarithmic([value, slope, bend]: [f64; 3]) -> [f64; 2] {
    let relative = slope / value;
    [relative, bend / value - relative * relative]
}

/// The fit behind a curve, and f, f′, f″ at a flow; none for a spline.
fn parts(curve: &Curve, flow: f64) -> Option<(&PolynomialFit, [f64; 3])> {
    let fit = curve.fit()?;
    let u = (flow - fit.centre) / fit.half_width;
    let first = derivative(&fit.coefficients);
    let second = derivative(&first);
    Some((
        fit,
        [
            horner(&fit.coefficients, u),
            horner(&first, u) / fit.half_width,
            horner(&second, u) / fit.half_width / fit.half_width,
        ],
    ))
}

/// Roots of a polynomial in the normalised flow of `piece`, as flows.
fn flows_of(piece: &Piece, polynomial: &[f64], from: f64, to: f64) -> Result<Vec<f64>, Error> {
    for coefficient in polynomial {
        check::result("derivative of the efficiency", *coefficient)?;
    }
    let normalised = |flow: f64| (flow - piece.centre) / piece.half_width;
    let roots = roots_between(polynomial, normalised(from), normalised(to), 0.0);
    let flow = |root: f64| (piece.centre + piece.half_width * root).clamp(from, to);
    Ok(roots.into_iter().map(flow).collect())
}
