//! The fit of one set of points: degrees that were chosen, weights that were found, and the
//! curves they give, of these points or of the same ones moved a little.

use super::sources::rows::{Pair, Rows};
use super::{AssessedCurves, count};
use crate::Error;
use crate::fit_rule::{CurveRule, FitRule};
use dutypoint_hydraulics::curve::{Curve, Efficiency, EfficiencyCurve};
use dutypoint_hydraulics::fit::PolynomialFit;
use dutypoint_hydraulics::pack::Weights;
use dutypoint_hydraulics::spline::MonotoneSpline;
use dutypoint_hydraulics::{Error as HydraulicsError, degree, stats};
use dutypoint_model::document::Reduced;

/// What one curve is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Degree(usize),
    MonotoneSpline,
}

/// The forms of the curves and the weights of the points.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fit {
    pub(super) head: Form,
    pub(super) power: Form,
    /// Of η(Q) where it is fitted by itself.
    pub(super) efficiency: Option<Form>,
    weights: Option<PointWeights>,
    /// What the criterion looked at, by name; empty for degrees that were named.
    pub(super) candidates: Vec<(String, f64)>,
}

/// 1/u² of each point, in the order of the points.
#[derive(Clone, Debug, PartialEq)]
struct PointWeights {
    head: Vec<f64>,
    power: Vec<f64>,
    /// Of an efficiency that is fitted by itself; else empty.
    efficiency: Vec<f64>,
}

/// Columns a curve is fitted to.
const HEAD: fn(&Reduced) -> f64 = |p| p.head_m;
const POWER: fn(&Reduced) -> f64 = |p| p.power_w;
const EFFICIENCY: fn(&Reduced) -> f64 = |p| p.efficiency;

impl Fit {
    /// What `rule` gives for these points.
    ///
    /// # Errors
    /// [`Error::Hydraulics`] where the points are too few for the criterion, or weigh nothing.
    pub(super) fn new(
        rule: &FitRule,
        points: &[Pair<'_>],
        rows: Option<&Rows>,
    ) -> Result<Self, Error> {
        let weights = match (rule.weights, rows) {
            (Weights::Equal, _) => None,
            (Weights::FromUncertainty, rows) => Some(PointWeights::new(rule, points, rows)?),
        };
        let reduced: Vec<&Reduced> = points.iter().map(|(_, reduced)| *reduced).collect();
        let flow = column(&reduced, |p| p.flow_m3_s);
        let mut candidates = Vec::new();
        let mut form = |name, rule, of, weights: Option<&[f64]>| match rule {
            CurveRule::Degree(degree) => Ok(Form::Degree(degree)),
            CurveRule::MonotoneSpline => Ok(Form::MonotoneSpline),
            CurveRule::Chosen {
                low,
                high,
                spare_points,
            } => {
                let high = high.min(flow.len().saturating_sub(spare_points));
                let values = column(&reduced, of);
                let choice = degree::choose(&flow, &values, weights, low, high, false)?;
                for seen in choice.candidates {
                    let at = |what: &str| format!("{name}_degree_{}_{what}", seen.degree);
                    candidates.push((at("aicc"), seen.aicc));
                    candidates.push((at("f"), seen.f));
                }
                Ok::<_, Error>(Form::Degree(choice.degree))
            }
        };
        let of = |pick: fn(&PointWeights) -> &[f64]| weights.as_ref().map(pick);
        Ok(Self {
            head: form("head", rule.head, HEAD, of(|w| &w.head))?,
            power: form("power", rule.power, POWER, of(|w| &w.power))?,
            efficiency: match rule.efficiency {
                Some(rule) => {
                    let weights = of(|w| &w.efficiency);
                    Some(form("efficiency", rule, EFFICIENCY, weights)?)
                }
                None => None,
            },
            candidates,
            weights,
        })
    }

    /// The same with other forms.
    pub(super) fn with(&self, head: Form, power: Form, efficiency: Option<Form>) -> Self {
        Self {
            head,
            power,
            efficiency,
            ..self.clone()
        }
    }

    /// The curves through `points`, which are those of the fit, moved or as they were.
    ///
    /// # Errors
    /// [`Error::Hydraulics`] when the points do not determine the curves.
    pub(super) fn curves(&self, points: &[&Reduced]) -> Result<AssessedCurves, Error> {
        let flow = column(points, |p| p.flow_m3_s);
        let fitted = |of: fn(&Reduced) -> f64, form: Form, weights: Option<&[f64]>| {
            form.curve(&flow, &column(points, of), weights)
        };
        let of = |pick: fn(&PointWeights) -> &[f64]| self.weights.as_ref().map(pick);
        let head = fitted(HEAD, self.head, of(|w| &w.head))?;
        let power = fitted(POWER, self.power, of(|w| &w.power))?;
        let efficiency = match self.efficiency {
            Some(form) => {
                // A neighbour may fit by itself what the rule does not: alike then.
                let own = of(|w| &w.efficiency).filter(|w| !w.is_empty());
                Efficiency::Fitted(fitted(EFFICIENCY, form, own)?)
            }
            None => Efficiency::FromHeadAndPower(EfficiencyCurve {
                head: head.clone(),
                power: power.clone(),
                density_kg_m3: stats::summary(&column(points, |p| p.density_kg_m3))?.mean,
                gravity_m_s2: stats::summary(&column(points, |p| p.gravity_m_s2))?.mean,
            }),
        };
        Ok(AssessedCurves {
            head,
            power,
            efficiency,
        })
    }

    /// The fit as inputs of a finding.
    pub(super) fn traced(&self) -> Vec<(String, f64)> {
        let mut inputs = Vec::new();
        let forms = [
            ("head", Some(self.head)),
            ("power", Some(self.power)),
            ("efficiency", self.efficiency),
        ];
        for (name, form) in forms {
            match form {
                Some(Form::Degree(degree)) => {
                    inputs.push((format!("{name}_degree"), count(degree)));
                }
                Some(Form::MonotoneSpline) => inputs.push((format!("{name}_spline"), 1.0)),
                None => {}
            }
        }
        inputs.extend(self.candidates.iter().cloned());
        inputs
    }
}

impl Form {
    /// The curve of this form through some values.
    pub(super) fn curve(
        self,
        flow_m3_s: &[f64],
        values: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<Curve, Error> {
        Ok(match (self, weights) {
            (Self::Degree(degree), None) => {
                PolynomialFit::new(flow_m3_s, values, degree, false).map(Curve::new)?
            }
            (Self::Degree(degree), Some(weights)) => {
                PolynomialFit::weighted(flow_m3_s, values, weights, degree, false)
                    .map(Curve::new)?
            }
            (Self::MonotoneSpline, _) => Curve::from(MonotoneSpline::new(flow_m3_s, values)?),
        })
    }

    /// Behind the symbol of a quantity, in a name that needs no translation.
    pub(super) fn name(self) -> String {
        match self {
            Self::Degree(degree) => degree.to_string(),
            Self::MonotoneSpline => "-PCHIP".into(),
        }
    }
}

impl PointWeights {
    fn new(rule: &FitRule, points: &[Pair<'_>], rows: Option<&Rows>) -> Result<Self, Error> {
        let of = |what: &'static str, read: fn(&Reduced) -> f64| {
            let each = (0..points.len()).map(|place| {
                let u = rows.map_or(0.0, |rows| rows.standard_uncertainty(points, place, read));
                let weight = 1.0 / (u * u);
                if u > 0.0 && weight.is_normal() {
                    return Ok(weight);
                }
                Err(Error::Hydraulics(HydraulicsError::Value {
                    quantity: what,
                    value: u,
                    must: "above 0 at every point, to weigh it",
                    advice: "state the calibration uncertainty of the instruments, or let the points weigh alike",
                }))
            });
            each.collect::<Result<Vec<f64>, Error>>()
        };
        Ok(Self {
            head: of("standard uncertainty of the head in m", HEAD)?,
            power: of("standard uncertainty of the power in W", POWER)?,
            efficiency: match rule.efficiency {
                Some(_) => of("standard uncertainty of the efficiency", EFFICIENCY)?,
                None => Vec::new(),
            },
        })
    }
}

fn column(points: &[&Reduced], of: impl Fn(&Reduced) -> f64) -> Vec<f64> {
    points.iter().map(|p| of(p)).collect()
}
