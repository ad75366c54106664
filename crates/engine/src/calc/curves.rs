//! Curves through points: fits, splines, the best efficiency point, intersections.

use super::{Calc, Packs, Refusal, pack, possible, refuse};
use dutypoint_hydraulics::curve::{Curve, Efficiency, EfficiencyCurve, nearest};
use dutypoint_hydraulics::degree::{self, DegreeChoice};
use dutypoint_hydraulics::fit::PolynomialFit;
use dutypoint_hydraulics::spline::MonotoneSpline;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where neither degree nor pack limits it, the criterion looks no higher.
const HIGHEST: usize = 6;

pub(super) struct Fit;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FitInput {
    /// Abscissae, in any unit.
    x: Vec<f64>,
    /// Values at the abscissae, in any unit.
    y: Vec<f64>,
    /// Degree, 0 and up; without it the criterion aicc-then-f chooses.
    degree: Option<usize>,
    /// Force the curve through (0, 0).
    #[serde(default)]
    through_origin: bool,
    /// Weight of each point, above 0; only their ratios matter.
    weights: Option<Vec<f64>>,
    /// Standard uncertainty of each value, in place of weights: weight 1/u².
    u_y: Option<Vec<f64>>,
    /// Abscissae to read the curve at, within the measured range.
    at: Option<Vec<f64>>,
    /// Standard pack whose fit rule limits the degree.
    pack: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct FitOutput {
    /// Degree of the fit.
    degree: usize,
    /// Criterion that chose the degree.
    #[serde(skip_serializing_if = "Option::is_none")]
    criterion: Option<&'static str>,
    /// What the criterion looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<CandidateOutput>,
    /// Clause of the pack's fit rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    clause: Option<String>,
    /// Coefficients of 1, x, x², …; the first is 0 through the origin.
    coefficients: Vec<f64>,
    /// Their standard errors; absent when no points are left over.
    #[serde(skip_serializing_if = "Option::is_none")]
    standard_errors: Option<Vec<f64>>,
    /// Their covariance, row by row.
    #[serde(skip_serializing_if = "Option::is_none")]
    covariance: Option<Vec<Vec<f64>>>,
    /// Residual standard deviation √(Σwr²/(N−p)).
    #[serde(skip_serializing_if = "Option::is_none")]
    residual_sd: Option<f64>,
    /// Coefficient of determination; about zero through the origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    r2: Option<f64>,
    /// Root mean square of the residuals.
    rms: f64,
    /// Points less coefficients.
    degrees_of_freedom: usize,
    /// Value minus fit of each point.
    residuals: Vec<f64>,
    /// Leverage of each point, 0 to 1.
    leverage: Vec<f64>,
    /// The curve where it was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    at: Vec<AtOutput>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CandidateOutput {
    /// Degree.
    degree: usize,
    /// Residual standard deviation.
    residual_sd: f64,
    /// Corrected Akaike criterion.
    aicc: f64,
    /// F statistic of the highest power.
    f: f64,
    /// Its 95 % point.
    f_95: f64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct AtOutput {
    /// Abscissa.
    x: f64,
    /// Value of the curve.
    value: f64,
    /// Standard error of the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    standard_error: Option<f64>,
    /// Half width of the 95 % confidence band.
    #[serde(skip_serializing_if = "Option::is_none")]
    band_95: Option<f64>,
    /// Value with one degree less.
    #[serde(skip_serializing_if = "Option::is_none")]
    value_degree_below: Option<f64>,
    /// Value with one degree more.
    #[serde(skip_serializing_if = "Option::is_none")]
    value_degree_above: Option<f64>,
}

impl FitInput {
    fn weights(&self) -> Result<Option<Vec<f64>>, Refusal> {
        match (&self.weights, &self.u_y) {
            (Some(_), Some(_)) => Err(refuse(
                "weights 和 u_y 只能给出一个",
                "weights and u_y are both given; give one of them",
            )),
            (None, Some(u)) => Ok(Some(u.iter().map(|u| 1.0 / (u * u)).collect())),
            (weights, None) => Ok(weights.clone()),
        }
    }

    fn chosen(&self, weights: Option<&[f64]>, packs: &Packs) -> Result<DegreeChoice, Refusal> {
        let rule = match &self.pack {
            Some(id) => Some(pack(packs, id)?.fit()?),
            None => None,
        };
        let count = self.x.len();
        if let Some(degree) = self.degree {
            rule.map_or(Ok(()), |rule| rule.admissible(degree, count))?;
            return Ok(DegreeChoice {
                degree,
                candidates: Vec::new(),
            });
        }
        let (low, high) = match rule {
            Some(rule) => {
                rule.admissible(rule.min_degree, count)?;
                let by_points = count.saturating_sub(rule.spare_points);
                (
                    rule.min_degree,
                    rule.max_degree.unwrap_or(HIGHEST).min(by_points),
                )
            }
            None => (1, HIGHEST),
        };
        let (x, y) = (&self.x, &self.y);
        Ok(degree::choose(
            x,
            y,
            weights,
            low,
            high,
            self.through_origin,
        )?)
    }

    fn fit(&self, weights: Option<&[f64]>, degree: usize) -> Result<PolynomialFit, Refusal> {
        let (x, y, origin) = (&self.x, &self.y, self.through_origin);
        Ok(match weights {
            Some(weights) => PolynomialFit::weighted(x, y, weights, degree, origin)?,
            None => PolynomialFit::new(x, y, degree, origin)?,
        })
    }
}

impl Calc for Fit {
    const NAME: &'static str = "fit";
    const ZH: &'static str = "最小二乘多项式：系数、标准误差、残差、置信带";
    const EN: &'static str =
        "least-squares polynomial: coefficients, standard errors, residuals, confidence band";
    const FORMULAS: &'static [&'static str] = &["curve.polynomial-qr.v2"];
    const SOURCE: &'static str = "Householder QR in double-double arithmetic on abscissae normalised to [-1, 1]; certified by the NIST StRD linear sets; degree by Hurvich and Tsai (1989) and an F test";
    const EXAMPLE: &'static str = r#"{"x": [0, 40, 60, 80, 95, 104, 120], "y": [58.8, 57.2, 55.2, 52.4, 49.775, 47.984, 44.4], "degree": 2, "at": [100]}"#;
    type Input = FitInput;
    type Output = FitOutput;

    fn compute(input: FitInput, packs: &Packs) -> Result<FitOutput, Refusal> {
        let weights = input.weights()?;
        let weights = weights.as_deref();
        let choice = input.chosen(weights, packs)?;
        let clause = match &input.pack {
            Some(id) => Some(format!("{id} {}", pack(packs, id)?.fit()?.clause)),
            None => None,
        };
        let curve = Curve::new(input.fit(weights, choice.degree)?);
        // A neighbour the points do not determine says nothing.
        let neighbour = |degree: Option<usize>| {
            let fit = input.fit(weights, degree?).ok()?;
            Some(Curve::new(fit))
        };
        let below = neighbour(choice.degree.checked_sub(1));
        let above = neighbour(choice.degree.checked_add(1));
        let other = |curve: &Option<Curve>, x: f64| curve.as_ref()?.evaluate(x).ok();
        let mut at = Vec::new();
        for x in input.at.iter().flatten() {
            let reading = curve.read(*x)?;
            at.push(AtOutput {
                x: *x,
                value: reading.value,
                standard_error: reading.standard_error,
                band_95: reading.band_95,
                value_degree_below: other(&below, *x),
                value_degree_above: other(&above, *x),
            });
        }
        let fit = input.fit(weights, choice.degree)?;
        let powers = fit.powers()?;
        Ok(FitOutput {
            degree: choice.degree,
            criterion: input.degree.is_none().then_some(degree::CRITERION),
            candidates: choice
                .candidates
                .iter()
                .map(|c| CandidateOutput {
                    degree: c.degree,
                    residual_sd: c.residual_sd,
                    aicc: c.aicc,
                    f: c.f,
                    f_95: c.f_95,
                })
                .collect(),
            clause,
            coefficients: powers.coefficients,
            standard_errors: powers.standard_errors,
            covariance: powers.covariance,
            residual_sd: fit.residual_sd,
            r2: fit.r_squared,
            rms: fit.rms,
            degrees_of_freedom: fit.degrees_of_freedom(),
            residuals: fit.residuals,
            leverage: fit.leverage,
            at,
        })
    }
}

pub(super) struct Spline;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SplineInput {
    /// Abscissae, in any unit and order; points at the same abscissa count as their mean.
    x: Vec<f64>,
    /// Values at the abscissae, in any unit.
    y: Vec<f64>,
    /// Abscissae to read the curve at, within the measured range.
    at: Vec<f64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct SplineOutput {
    /// Distinct abscissae, rising.
    x: Vec<f64>,
    /// Values there.
    y: Vec<f64>,
    /// Slopes there.
    slopes: Vec<f64>,
    /// Values of the curve where it was asked for.
    values: Vec<f64>,
}

impl Calc for Spline {
    const NAME: &'static str = "spline";
    const ZH: &'static str = "保单调分段三次插值（PCHIP），拟合的替代方法";
    const EN: &'static str =
        "monotone piecewise cubic interpolation (PCHIP), an alternative to a fit";
    const FORMULAS: &'static [&'static str] = &["curve.monotone-spline.v1"];
    const SOURCE: &'static str = "Fritsch and Carlson (1980); slopes of Fritsch and Butland (1984)";
    const EXAMPLE: &'static str = r#"{"x": [0, 40, 60, 80, 95, 104, 120], "y": [58.8, 57.2, 55.2, 52.4, 49.775, 47.984, 44.4], "at": [100]}"#;
    type Input = SplineInput;
    type Output = SplineOutput;

    fn compute(input: SplineInput, _: &Packs) -> Result<SplineOutput, Refusal> {
        let spline = MonotoneSpline::new(&input.x, &input.y)?;
        let curve = Curve::from(spline.clone());
        let values = input.at.iter().map(|x| curve.evaluate(*x));
        Ok(SplineOutput {
            values: values.collect::<Result<_, _>>()?,
            x: spline.x,
            y: spline.y,
            slopes: spline.slopes,
        })
    }
}

/// Flows, and degree or spline: a curve of each column of values.
fn curve(q_m3_h: &[f64], values: &[f64], degree: Option<usize>) -> Result<Curve, Refusal> {
    Ok(match degree {
        Some(degree) => Curve::new(PolynomialFit::new(q_m3_h, values, degree, false)?),
        None => Curve::from(MonotoneSpline::new(q_m3_h, values)?),
    })
}

pub(super) struct Bep;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BepInput {
    /// Flows of the points, m³/h.
    q_m3_h: Vec<f64>,
    /// Heads of the points, m; with p_kw and ρ, g the efficiency is ρgQH/P of both fits.
    h_m: Option<Vec<f64>>,
    /// Powers of the points, kW.
    p_kw: Option<Vec<f64>>,
    /// Density the power refers to, kg/m³.
    rho_kg_m3: Option<f64>,
    /// Gravity of the test, m/s².
    g_m_s2: Option<f64>,
    /// Efficiencies of the points, %, in place of heads and powers.
    eta_pct: Option<Vec<f64>>,
    /// Degree of the fits; without it monotone splines.
    degree: Option<usize>,
    /// Degree of the power, where it is not that of the head.
    power_degree: Option<usize>,
    /// Force a fitted efficiency through (0, 0).
    #[serde(default)]
    through_origin: bool,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct BepOutput {
    /// Flow of best efficiency within the measured range, m³/h.
    q_bep_m3_h: f64,
    /// Efficiency there, %.
    eta_bep_pct: f64,
    /// Whether efficiency falls on both sides within the measured range.
    bracketed: bool,
    /// Standard uncertainty of the flow from the scatter of the points, m³/h.
    #[serde(skip_serializing_if = "Option::is_none")]
    u_q_bep_m3_h: Option<f64>,
    /// Standard uncertainty of the efficiency from the scatter of the points, in points of %.
    #[serde(skip_serializing_if = "Option::is_none")]
    u_eta_bep_pct: Option<f64>,
    /// Head there, m.
    #[serde(skip_serializing_if = "Option::is_none")]
    h_bep_m: Option<f64>,
    /// Power there, kW.
    #[serde(skip_serializing_if = "Option::is_none")]
    p_bep_kw: Option<f64>,
}

impl BepInput {
    fn efficiency(&self) -> Result<Efficiency, Refusal> {
        let q = &self.q_m3_h;
        if let Some(eta_pct) = &self.eta_pct {
            if self.h_m.is_some() || self.p_kw.is_some() {
                return Err(refuse(
                    "eta_pct 取代 h_m 和 p_kw；两者只能给出一种",
                    "eta_pct takes the place of h_m and p_kw; give one or the other",
                ));
            }
            return Ok(Efficiency::Fitted(match self.degree {
                Some(degree) => {
                    Curve::new(PolynomialFit::new(q, eta_pct, degree, self.through_origin)?)
                }
                None => curve(q, eta_pct, None)?,
            }));
        }
        let (Some(h_m), Some(p_kw), Some(density_kg_m3), Some(gravity_m_s2)) =
            (&self.h_m, &self.p_kw, self.rho_kg_m3, self.g_m_s2)
        else {
            return Err(refuse(
                "请给出 eta_pct，或给出 h_m、p_kw、rho_kg_m3 和 g_m_s2 全部",
                "give eta_pct, or all of h_m, p_kw, rho_kg_m3 and g_m_s2",
            ));
        };
        if self.through_origin {
            return Err(refuse(
                "through_origin 只用于拟合 eta_pct；ρgQH/P 在该处本来为 0",
                "through_origin is for a fitted eta_pct; ρgQH/P is zero there",
            ));
        }
        // In the curves the flow is in m³/s and the power in W.
        let flow: Vec<f64> = q.iter().map(|q| q / 3600.0).collect();
        let power_w: Vec<f64> = p_kw.iter().map(|p| 1000.0 * p).collect();
        Ok(Efficiency::FromHeadAndPower(EfficiencyCurve {
            head: curve(&flow, h_m, self.degree)?,
            power: curve(&flow, &power_w, self.power_degree.or(self.degree))?,
            density_kg_m3,
            gravity_m_s2,
        }))
    }
}

impl Calc for Bep {
    const NAME: &'static str = "bep";
    const ZH: &'static str = "最高效率点及其不确定度";
    const EN: &'static str = "best efficiency point and its uncertainty";
    const FORMULAS: &'static [&'static str] = &[
        "best-efficiency-point.v1",
        "curve.polynomial-qr.v2",
        "efficiency.from-head-and-power.v1",
    ];
    const SOURCE: &'static str = "maximum of the fitted curves; uncertainty of first order in their coefficients, JCGM 100:2008 5.1.2";
    const EXAMPLE: &'static str = r#"{"q_m3_h": [0, 40, 60, 80, 95, 104, 120], "h_m": [58.8, 57.2, 55.2, 52.4, 49.775, 47.984, 44.4], "p_kw": [8.6, 12.2, 14.0, 15.8, 17.15, 17.96, 19.4], "rho_kg_m3": 998.2, "g_m_s2": 9.81, "degree": 2}"#;
    type Input = BepInput;
    type Output = BepOutput;

    fn compute(input: BepInput, _: &Packs) -> Result<BepOutput, Refusal> {
        let efficiency = input.efficiency()?;
        let best = efficiency.best()?;
        let (flow, pct, head_and_power) = match &efficiency {
            Efficiency::Fitted(_) => (1.0, 1.0, None),
            Efficiency::FromHeadAndPower(curves) => (3600.0, 100.0, Some(curves)),
        };
        let read = |of: fn(&EfficiencyCurve) -> &Curve| match head_and_power {
            Some(curves) => of(curves).evaluate(best.flow_m3_s).map(Some),
            None => Ok(None),
        };
        possible(("最高效率", "best efficiency"), pct * best.efficiency)?;
        Ok(BepOutput {
            q_bep_m3_h: flow * best.flow_m3_s,
            eta_bep_pct: pct * best.efficiency,
            bracketed: best.bracketed,
            u_q_bep_m3_h: best.flow_uncertainty_m3_s.map(|u| flow * u),
            u_eta_bep_pct: best.efficiency_uncertainty.map(|u| pct * u),
            h_bep_m: read(|c| &c.head)?,
            p_bep_kw: read(|c| &c.power)?.map(|w| w / 1000.0),
        })
    }
}

pub(super) struct Intersections;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IntersectionsInput {
    /// Flows of the points, m³/h.
    q_m3_h: Vec<f64>,
    /// Heads of the points, m.
    h_m: Vec<f64>,
    /// Degree of the head curve; without it a monotone spline.
    degree: Option<usize>,
    /// Guaranteed flow, m³/h, above 0.
    q_g_m3_h: f64,
    /// Guaranteed head, m.
    h_g_m: f64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct IntersectionsOutput {
    /// Every flow at which the curve has the guaranteed head, rising, m³/h.
    q_at_head_m3_h: Vec<f64>,
    /// The one nearest to the guaranteed flow, m³/h.
    #[serde(skip_serializing_if = "Option::is_none")]
    q_t_m3_h: Option<f64>,
    /// Every flow at which the curve meets the line through origin and guarantee, m³/h.
    q_on_line_m3_h: Vec<f64>,
    /// The one nearest to the guaranteed flow, m³/h.
    #[serde(skip_serializing_if = "Option::is_none")]
    q_i_m3_h: Option<f64>,
    /// Head there, m.
    #[serde(skip_serializing_if = "Option::is_none")]
    h_i_m: Option<f64>,
    /// Head at the guaranteed flow, m; absent where no points were measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    h_t_m: Option<f64>,
}

impl Calc for Intersections {
    const NAME: &'static str = "intersections";
    const ZH: &'static str = "扬程曲线与规定扬程、与过原点直线的全部交点（轴流泵马鞍区）";
    const EN: &'static str =
        "every intersection of a head curve with a head and with the line through the origin";
    const FORMULAS: &'static [&'static str] = &["curve.polynomial-qr.v2", "curve.intersections.v1"];
    const SOURCE: &'static str = "reference sections 5.4 and 10; ISO 9906:2012 4.4.3";
    const EXAMPLE: &'static str = r#"{"q_m3_h": [0, 40, 60, 80, 95, 104, 120], "h_m": [58.8, 57.2, 55.2, 52.4, 49.775, 47.984, 44.4], "degree": 2, "q_g_m3_h": 100, "h_g_m": 50}"#;
    type Input = IntersectionsInput;
    type Output = IntersectionsOutput;

    fn compute(input: IntersectionsInput, _: &Packs) -> Result<IntersectionsOutput, Refusal> {
        let IntersectionsInput {
            q_m3_h,
            h_m,
            degree,
            q_g_m3_h,
            h_g_m,
        } = input;
        let curve = curve(&q_m3_h, &h_m, degree)?;
        let at_head = curve.flows_at(h_g_m)?;
        let on_line = curve.flows_on_line(h_g_m / q_g_m3_h)?;
        let q_i_m3_h = nearest(&on_line, q_g_m3_h);
        let head = |q: Option<f64>| q.map(|q| curve.evaluate(q)).transpose();
        Ok(IntersectionsOutput {
            q_t_m3_h: nearest(&at_head, q_g_m3_h),
            q_at_head_m3_h: at_head,
            q_on_line_m3_h: on_line,
            q_i_m3_h,
            h_i_m: head(q_i_m3_h)?,
            h_t_m: head(curve.covers(q_g_m3_h).then_some(q_g_m3_h))?,
        })
    }
}
