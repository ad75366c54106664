//! What the curves of a run are made by: data of the order, else of the judging pack, and
//! frozen with them before the start. Which degree a criterion chooses follows from the
//! points by this rule alone.

use crate::config::{CurveKind, FitChoice, Order};
use dutypoint_hydraulics::pack::{EfficiencyFrom, FitRule as PackRule, Standard, Weights};
use dutypoint_model::Bilingual;

/// What one curve is made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurveRule {
    /// A polynomial of this degree.
    Degree(usize),
    /// A polynomial whose degree the criterion `aicc-then-f` chooses.
    Chosen {
        /// Lowest degree.
        low: usize,
        /// Highest degree, where the points leave as many to spare.
        high: usize,
        /// Points the degree leaves over at least.
        spare_points: usize,
    },
    /// A monotone spline through every point.
    MonotoneSpline,
}

/// What the curves of a run are made by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FitRule {
    /// H(Q).
    pub head: CurveRule,
    /// P(Q).
    pub power: CurveRule,
    /// η(Q) where it is fitted by itself; else it follows from H(Q) and P(Q).
    pub efficiency: Option<CurveRule>,
    /// How the points weigh.
    pub weights: Weights,
    /// Who chose it and why.
    pub reason: Bilingual,
}

/// Key of `[fit]` and what is wrong with it.
type Misfit = (&'static str, String);

impl FitRule {
    /// What `order` asks for and its judging pack admits.
    pub(crate) fn resolve(order: &Order, judging: &Standard) -> Result<Self, Misfit> {
        let pack = judging.fit();
        let rule = match (&order.fit, pack) {
            (Some(choice), pack) => Self::of_order(choice, pack.ok(), &judging.id)?,
            (None, Ok(pack)) => Self::of_pack(pack, &judging.id)?,
            (None, Err(error)) => return Err(("fit", error.to_string())),
        };
        if rule.weights == Weights::FromUncertainty {
            if order.import.is_some() {
                let why = "an import has no instruments whose uncertainty could weigh its points; write weighting = \"equal\"";
                return Err(("weighting", why.into()));
            }
            if rule.head == CurveRule::MonotoneSpline {
                let why = "a monotone spline passes through every point, so nothing can weigh; write weighting = \"equal\"";
                return Err(("weighting", why.into()));
            }
        }
        Ok(rule)
    }

    fn of_pack(pack: &PackRule, id: &str) -> Result<Self, Misfit> {
        let one = match (pack.default_degree, pack.chosen_by, pack.max_degree) {
            (Some(degree), _, _) => CurveRule::Degree(degree),
            (None, Some(_), Some(high)) => CurveRule::Chosen {
                low: pack.min_degree,
                high,
                spare_points: pack.spare_points,
            },
            _ => {
                return Err((
                    "fit",
                    format!(
                        "pack {id} leaves the degree of the curves to the order, which has no [fit]"
                    ),
                ));
            }
        };
        Ok(Self {
            head: one,
            power: one,
            efficiency: (pack.efficiency == EfficiencyFrom::Fitted).then_some(one),
            weights: pack.weights,
            reason: Bilingual::new(
                format!("按 {id} 的拟合规则"),
                format!("by the fit rule of {id}"),
            ),
        })
    }

    fn of_order(choice: &FitChoice, pack: Option<&PackRule>, id: &str) -> Result<Self, Misfit> {
        let named = [
            ("head_degree", choice.head_degree),
            ("power_degree", choice.power_degree),
            ("efficiency_degree", choice.efficiency_degree),
        ];
        let by_itself = match (choice.efficiency, pack) {
            (Some(from), _) => from == EfficiencyFrom::Fitted,
            (None, pack) => pack.is_some_and(|p| p.efficiency == EfficiencyFrom::Fitted),
        };
        let idle = |key: &'static str, by: &str| {
            Err((key, format!("{by} leaves no degree to name; take it out")))
        };
        let (head, power, efficiency) = match (choice.curve, choice.chosen_by) {
            (CurveKind::MonotoneSpline, None) => {
                if !pack.is_some_and(|pack| pack.monotone_spline) {
                    return Err((
                        "curve",
                        format!("pack {id} does not admit a monotone spline; fit polynomials"),
                    ));
                }
                if let Some((key, _)) = named.iter().find(|(_, degree)| degree.is_some()) {
                    return idle(key, "a monotone spline");
                }
                if choice.degrees.is_some() {
                    return idle("degrees", "a monotone spline");
                }
                let one = CurveRule::MonotoneSpline;
                (one, one, by_itself.then_some(one))
            }
            (CurveKind::MonotoneSpline, Some(_)) => {
                return idle("chosen_by", "a monotone spline");
            }
            (CurveKind::Polynomial, Some(_)) => {
                if let Some((key, _)) = named.iter().find(|(_, degree)| degree.is_some()) {
                    return idle(key, "a criterion that chooses the degree");
                }
                let one = chosen(choice.degrees, pack, id)?;
                (one, one, by_itself.then_some(one))
            }
            (CurveKind::Polynomial, None) => {
                for (key, set) in [
                    ("degrees", choice.degrees.is_some()),
                    ("efficiency", choice.efficiency.is_some()),
                ] {
                    if set {
                        let why = "goes with `chosen_by` or a spline; take it out, or let a criterion choose";
                        return Err((key, why.into()));
                    }
                }
                let (Some(head), Some(power)) = (choice.head_degree, choice.power_degree) else {
                    let why = "name `head_degree` and `power_degree`, or write chosen_by = \"aicc_then_f\"";
                    return Err(("head_degree", why.into()));
                };
                let own = choice.efficiency_degree.map(CurveRule::Degree);
                (CurveRule::Degree(head), CurveRule::Degree(power), own)
            }
        };
        let spline = choice.curve == CurveKind::MonotoneSpline;
        let of_pack = pack
            .filter(|_| !spline)
            .map_or(Weights::Equal, |p| p.weights);
        Ok(Self {
            head,
            power,
            efficiency,
            weights: choice.weighting.unwrap_or(of_pack),
            reason: choice.reason.clone(),
        })
    }
}

/// The bounds the order names, inside those of the pack.
fn chosen(
    degrees: Option<[usize; 2]>,
    pack: Option<&PackRule>,
    id: &str,
) -> Result<CurveRule, Misfit> {
    let Some(pack) = pack else {
        let why = format!("pack {id} does not say which degrees are admissible; name them");
        return Err(("chosen_by", why));
    };
    let (low, high) = match (degrees, pack.max_degree) {
        (Some([low, high]), _) => (low, high),
        (None, Some(high)) => (pack.min_degree, high),
        (None, None) => {
            let why = format!(
                "pack {id} has no highest degree; write degrees = [{}, …]",
                pack.min_degree
            );
            return Err(("chosen_by", why));
        }
    };
    if low > high || low < pack.min_degree || pack.max_degree.is_some_and(|most| high > most) {
        let most = pack.max_degree.map_or("…".into(), |most| most.to_string());
        return Err((
            "degrees",
            format!(
                "[{low}, {high}] is not inside the degrees {} … {most} of pack {id}",
                pack.min_degree
            ),
        ));
    }
    Ok(CurveRule::Chosen {
        low,
        high,
        spare_points: pack.spare_points,
    })
}
