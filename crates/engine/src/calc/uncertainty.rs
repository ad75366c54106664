//! The uncertainty of a result: budget, coverage, and the propagation that checks it.

use super::{Calc, Packs, Refusal, refuse};
use dutypoint_hydraulics::rounding;
use dutypoint_hydraulics::uncertainty::budget::{Budget, Expanded, Freedom};
use dutypoint_hydraulics::uncertainty::input::{Correlations, Distribution, Input};
use dutypoint_hydraulics::uncertainty::model::{PowerSum, Term};
use dutypoint_hydraulics::uncertainty::monte_carlo::{self, Draws, Interval, Settings};
use dutypoint_hydraulics::uncertainty::published::{self, Published};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(super) struct Uncertainty;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    /// A formula of ours; its inputs have fixed names, which a wrong question is told.
    #[schemars(extend("enum" = published::names()))]
    model: Option<String>,
    /// Or a formula as a sum of products of powers, over inputs of any names.
    terms: Option<Vec<TermInput>>,
    /// What is known of each input.
    inputs: Vec<Quantity>,
    /// Which inputs vary together; all others are independent.
    #[serde(default)]
    correlations: Vec<Correlation>,
    /// Coverage probability, above 0 and below 1; 0.95 where absent.
    level: Option<f64>,
    /// Cut degrees of freedom down to a whole number, as the GUM does with its tables.
    #[serde(default)]
    truncate_dof: bool,
    /// Significant digits of the uncertainty that matter, 1 or 2; 2 where absent.
    digits: Option<u32>,
    /// Propagate the distributions too, and hold the budget against that.
    monte_carlo: Option<MonteCarlo>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TermInput {
    /// The factor; 1 where absent.
    coefficient: Option<f64>,
    /// Exponent of each input that stands in the product, by name.
    powers: BTreeMap<String, f64>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Quantity {
    /// Name.
    name: String,
    /// Estimate.
    value: f64,
    /// Its distribution; normal where absent.
    #[serde(default)]
    distribution: Kind,
    /// Standard uncertainty, of a normal or Student distribution.
    u: Option<f64>,
    /// Or the expanded uncertainty of a certificate, with `k`.
    expanded_u: Option<f64>,
    /// Coverage factor of `expanded_u`; 2 where absent.
    k: Option<f64>,
    /// Half the distance of the limits, of the other distributions.
    half_width: Option<f64>,
    /// Of a trapezium, the top over the base, 0 to 1.
    top: Option<f64>,
    /// Degrees of freedom, 1 or more; infinitely many where absent.
    dof: Option<f64>,
}

#[derive(Deserialize, JsonSchema, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// Normal.
    #[default]
    Normal,
    /// Student's t.
    Student,
    /// Rectangular.
    Rectangular,
    /// Triangular.
    Triangular,
    /// Trapezoidal.
    Trapezoidal,
    /// Of a swinging quantity, arc sine.
    UShaped,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Correlation {
    /// Name of an input.
    a: String,
    /// Name of another one.
    b: String,
    /// Correlation coefficient, -1 to 1.
    r: f64,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MonteCarlo {
    /// Number of draws, 100 to 10 000 000; adaptive where absent.
    draws: Option<usize>,
    /// Seed; the same seed gives the same digits.
    seed: u64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Answer {
    /// The result.
    value: f64,
    /// Unit of the result, of u and of U; absent for a formula of the question's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'static str>,
    /// Combined standard uncertainty.
    u: f64,
    /// The same in percent of the value; absent for a value of 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    relative_u_pct: Option<f64>,
    /// Effective degrees of freedom; absent where infinitely many.
    #[serde(skip_serializing_if = "Option::is_none")]
    dof: Option<f64>,
    /// Coverage probability.
    level: f64,
    /// Coverage factor.
    k: f64,
    /// Expanded uncertainty.
    expanded_u: f64,
    /// The same with two significant digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    expanded_u_printed: Option<String>,
    /// What each input brings in.
    contributions: Vec<Contribution>,
    /// The propagation of distributions.
    #[serde(skip_serializing_if = "Option::is_none")]
    monte_carlo: Option<Propagated>,
    /// Whether the propagation confirms the expanded uncertainty.
    #[serde(skip_serializing_if = "Option::is_none")]
    gum_validated: Option<bool>,
}

#[derive(Serialize, JsonSchema)]
struct Contribution {
    /// Name of the input.
    name: String,
    /// Its standard uncertainty.
    u: f64,
    /// Sensitivity coefficient.
    sensitivity: f64,
    /// What it brings into the result, c u, with its sign.
    component: f64,
    /// Its share in the variance; negative where it cancels others.
    share: f64,
}

#[derive(Serialize, JsonSchema)]
struct Propagated {
    /// Draws made.
    draws: usize,
    /// Mean.
    value: f64,
    /// Standard deviation.
    u: f64,
    /// Interval with equal probability outside on either side.
    symmetric: [f64; 2],
    /// Shortest interval.
    shortest: [f64; 2],
    /// Whether the adaptive procedure came to rest; true for a fixed number of draws.
    stabilised: bool,
    /// Twice the largest standard deviation of the averages; absent for a fixed number.
    #[serde(skip_serializing_if = "Option::is_none")]
    spread: Option<f64>,
    /// Numerical tolerance of the budget's standard uncertainty.
    tolerance: f64,
    /// |y - U - lower end of the symmetric interval|.
    d_low: f64,
    /// |y + U - upper end|.
    d_high: f64,
}

impl Calc for Uncertainty {
    const NAME: &'static str = "uncertainty";
    const ZH: &'static str = "测量不确定度：GUM 合成、有效自由度、扩展不确定度与蒙特卡洛验证";
    const EN: &'static str =
        "uncertainty of a result: budget after the GUM, checked by propagation of distributions";
    const FORMULAS: &'static [&'static str] = &["uncertainty.gum.v1", "uncertainty.jcgm101.v1"];
    const SOURCE: &'static str = "JCGM 100:2008; JCGM 101:2008";
    const EXAMPLE: &'static str = r#"{
        "model": "unit_efficiency",
        "inputs": [
            {"name": "density_kg_m3", "value": 998.5956, "u": 0.05},
            {"name": "g_m_s2", "value": 9.7962, "distribution": "rectangular", "half_width": 5e-5},
            {"name": "q_m3_s", "value": 0.009013889, "expanded_u": 4.5e-5},
            {"name": "h_m", "value": 105.9506, "expanded_u": 0.3},
            {"name": "p1_w", "value": 15376.09, "u": 25, "dof": 9}
        ]
    }"#;
    type Input = Question;
    type Output = Answer;

    fn compute(question: Question, _: &Packs) -> Result<Answer, Refusal> {
        let given = question
            .inputs
            .iter()
            .map(Quantity::input)
            .collect::<Result<Vec<_>, _>>()?;
        let (published, inputs, model) = match (&question.model, &question.terms) {
            (Some(name), None) => {
                let published = published::find(name)?;
                (
                    Some(published),
                    ordered(published, given)?,
                    published.model()?,
                )
            }
            (None, Some(terms)) => {
                let model = general(terms, &given)?;
                (None, given, model)
            }
            _ => {
                return Err(refuse(
                    "请在 model 和 terms 中给出一个",
                    "give either `model` or `terms`",
                ));
            }
        };
        let pairs = question
            .correlations
            .iter()
            .map(|c| Ok((place(&inputs, &c.a)?, place(&inputs, &c.b)?, c.r)))
            .collect::<Result<Vec<_>, Refusal>>()?;
        let correlations = Correlations::new(inputs.len(), &pairs)?;
        let level = question.level.unwrap_or(0.95);
        let digits = question.digits.unwrap_or(2);
        let budget = Budget::new(&model, &inputs, &correlations)?;
        let freedom = if question.truncate_dof {
            Freedom::Truncated
        } else {
            Freedom::AsComputed
        };
        let expanded = budget.expanded(level, freedom)?;
        let (mut monte_carlo, mut gum_validated) = (None, None);
        if let Some(wanted) = &question.monte_carlo {
            let draws = wanted.draws.map_or(
                Draws::Adaptive {
                    digits,
                    validating: true,
                },
                Draws::Fixed,
            );
            let settings = Settings {
                seed: wanted.seed,
                level,
                draws,
            };
            let found = monte_carlo::propagate(&model, &inputs, &correlations, &settings)?;
            let (propagated, validated) = check(&found, &budget, &expanded, digits)?;
            monte_carlo = Some(propagated);
            gum_validated = Some(validated);
        }
        Ok(Answer {
            value: budget.value,
            unit: published.map(|p| p.unit),
            u: budget.standard_uncertainty,
            relative_u_pct: budget.relative().map(|r| 100.0 * r),
            dof: Some(budget.degrees_of_freedom).filter(|nu| nu.is_finite()),
            level,
            k: expanded.coverage_factor,
            expanded_u: expanded.uncertainty,
            expanded_u_printed: rounding::uncertainty(expanded.uncertainty),
            contributions: budget.contributions.into_iter().map(told).collect(),
            monte_carlo,
            gum_validated,
        })
    }
}

fn check(
    found: &monte_carlo::Propagation,
    budget: &Budget,
    expanded: &Expanded,
    digits: u32,
) -> Result<(Propagated, bool), Refusal> {
    let held = found.validate(budget, expanded, Interval::Symmetric, digits)?;
    let propagated = Propagated {
        draws: found.draws,
        value: found.value,
        u: found.standard_uncertainty,
        symmetric: found.symmetric,
        shortest: found.shortest,
        stabilised: found.stability.stabilised,
        spread: found.stability.spread,
        tolerance: held.tolerance,
        d_low: held.low,
        d_high: held.high,
    };
    Ok((propagated, held.validated))
}

fn told(c: dutypoint_hydraulics::uncertainty::budget::Contribution) -> Contribution {
    Contribution {
        name: c.name,
        u: c.standard_uncertainty,
        sensitivity: c.sensitivity,
        component: c.component,
        share: c.share,
    }
}

impl Quantity {
    fn input(&self) -> Result<Input, Refusal> {
        let standard_uncertainty = match (self.u, self.expanded_u) {
            (Some(u), None) => Some(u),
            (None, Some(expanded)) => Some(expanded / self.k.unwrap_or(2.0)),
            (None, None) => None,
            (Some(_), Some(_)) => {
                return Err(self.takes("`u` 或 `expanded_u` 之一", "either `u` or `expanded_u`"));
            }
        };
        let normal = matches!(self.distribution, Kind::Normal | Kind::Student);
        let misplaced = (self.k.is_some() && self.expanded_u.is_none())
            || (self.top.is_some() && self.distribution != Kind::Trapezoidal)
            || (normal && self.half_width.is_some())
            || (!normal && standard_uncertainty.is_some());
        if misplaced {
            return Err(self.takes(
                "正态或 t 分布用 `u` 或 `expanded_u`（配 `k`），其他分布用 `half_width`，梯形另需 `top`",
                "`u` or `expanded_u` (with `k`) of a normal or Student distribution, `half_width` of the others, `top` of a trapezium",
            ));
        }
        let distribution = match (self.distribution, standard_uncertainty, self.half_width) {
            // A value alone is a constant.
            (Kind::Normal, u, _) => Distribution::Normal {
                standard_uncertainty: u.unwrap_or(0.0),
            },
            (Kind::Student, Some(standard_uncertainty), _) => Distribution::Student {
                standard_uncertainty,
            },
            (Kind::Rectangular, _, Some(half_width)) => Distribution::Rectangular { half_width },
            (Kind::Triangular, _, Some(half_width)) => Distribution::Triangular { half_width },
            (Kind::UShaped, _, Some(half_width)) => Distribution::UShaped { half_width },
            (Kind::Trapezoidal, _, Some(half_width)) => Distribution::Trapezoidal {
                half_width,
                top: self.top.ok_or_else(|| self.takes("`top`", "`top`"))?,
            },
            (Kind::Student, None, _) => return Err(self.takes("`u` 和 `dof`", "`u` and `dof`")),
            (_, _, None) => return Err(self.takes("`half_width`", "`half_width`")),
        };
        let dof = self.dof.unwrap_or(f64::INFINITY);
        Ok(Input::new(&*self.name, self.value, distribution, dof)?)
    }

    fn takes(&self, zh: &str, en: &str) -> Refusal {
        let name = &self.name;
        refuse(
            format!("输入量 {name} 应给出{zh}"),
            format!("the input {name} takes {en}"),
        )
    }
}

/// Where the input called `name` stands.
fn place(inputs: &[Input], name: &str) -> Result<usize, Refusal> {
    inputs.iter().position(|i| i.name() == name).ok_or_else(|| {
        let names: Vec<&str> = inputs.iter().map(Input::name).collect();
        let list = names.join(", ");
        refuse(
            format!("没有输入量 {name:?}；已给出：{list}"),
            format!("there is no input {name:?}; there are {list}"),
        )
    })
}

/// The inputs in the order of a named formula, none missing, none too many.
fn ordered(published: &Published, given: Vec<Input>) -> Result<Vec<Input>, Refusal> {
    let names = published.inputs.join(", ");
    let mut inputs = Vec::with_capacity(published.inputs.len());
    for name in published.inputs {
        let mut found = given.iter().filter(|i| i.name() == *name);
        match (found.next(), found.next()) {
            (Some(input), None) => inputs.push(input.clone()),
            (None, _) => {
                let model = published.name;
                return Err(refuse(
                    format!("模型 {model} 缺少输入量 {name}；它需要 {names}"),
                    format!("the model {model} lacks its input {name}; it takes {names}"),
                ));
            }
            (Some(_), Some(_)) => {
                return Err(refuse(
                    format!("输入量 {name} 给出了两次"),
                    format!("the input {name} is given twice"),
                ));
            }
        }
    }
    match given.iter().find(|i| !published.inputs.contains(&i.name())) {
        Some(stray) => {
            let (model, stray) = (published.name, stray.name());
            Err(refuse(
                format!("模型 {model} 没有输入量 {stray}；它需要 {names}"),
                format!("the model {model} has no input {stray}; it takes {names}"),
            ))
        }
        None => Ok(inputs),
    }
}

fn general(terms: &[TermInput], inputs: &[Input]) -> Result<PowerSum, Refusal> {
    let terms = terms
        .iter()
        .map(|term| {
            let powers = term.powers.iter();
            Ok(Term {
                coefficient: term.coefficient.unwrap_or(1.0),
                powers: powers
                    .map(|(name, exponent)| Ok((place(inputs, name)?, *exponent)))
                    .collect::<Result<_, Refusal>>()?,
            })
        })
        .collect::<Result<_, Refusal>>()?;
    Ok(PowerSum::new(inputs.len(), terms)?)
}
