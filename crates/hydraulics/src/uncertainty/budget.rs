//! Combined standard uncertainty, its degrees of freedom, and what each input brings in.
//!
//! First order after the GUM (JCGM 100:2008): the law of propagation with correlation (5.2),
//! effective degrees of freedom (G.4), coverage factor of Student's t (G.3). Whether first
//! order is enough for a model is for [`super::monte_carlo`] to say.

use super::input::{Correlations, Input, problem};
use super::model::{Model, numeric_sensitivities};
use super::student;
use crate::{Error, check};

/// The coverage probability of k = 2 for a normal distribution, `erf(√2)`: what calibration
/// certificates state as "about 95 %".
pub const K2_LEVEL: f64 = 0.954_499_736_103_641_6;

/// A result with its uncertainty, split by inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// The result at the estimates of the inputs.
    pub value: f64,
    /// Combined standard uncertainty.
    pub standard_uncertainty: f64,
    /// Effective degrees of freedom; infinite where every input's uncertainty is known
    /// exactly.
    pub degrees_of_freedom: f64,
    /// One per input, in their order.
    pub contributions: Vec<Contribution>,
}

/// What one input brings into the result.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// Name of the input.
    pub name: String,
    /// Its estimate.
    pub value: f64,
    /// Its standard uncertainty.
    pub standard_uncertainty: f64,
    /// Degrees of freedom of that.
    pub degrees_of_freedom: f64,
    /// Sensitivity coefficient, the partial derivative of the result.
    pub sensitivity: f64,
    /// `c u`, in the unit of the result, with its sign.
    pub component: f64,
    /// Share in the combined variance. Shares add up to 1; one is negative where its input
    /// cancels others by correlation.
    pub share: f64,
}

/// An expanded uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expanded {
    /// Coverage probability.
    pub level: f64,
    /// Coverage factor k.
    pub coverage_factor: f64,
    /// `U = k u`.
    pub uncertainty: f64,
}

/// What the coverage factor makes of degrees of freedom that are not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Freedom {
    /// As they are.
    #[default]
    AsComputed,
    /// Cut down to the next whole number, as the GUM does with its tables (G.4.1).
    Truncated,
}

impl Budget {
    /// The budget of `model` over `inputs`.
    ///
    /// # Errors
    /// [`Error::Uncertainty`] for no inputs or correlations of another number of them; what
    /// the model refuses; [`Error::NotFinite`].
    ///
    /// ```
    /// use dutypoint_hydraulics::uncertainty::budget::Budget;
    /// use dutypoint_hydraulics::uncertainty::input::{Correlations, Distribution, Input};
    /// let a = Distribution::Normal { standard_uncertainty: 0.57 };
    /// let inputs = [Input::new("a", 1.0, a, 9.0)?, Input::normal("b", 2.0, 0.25)?];
    /// let sum = |x: &[f64]| Ok(x.iter().sum());
    /// let found = Budget::new(&sum, &inputs, &Correlations::none(2))?;
    /// // Published: 12.8 effective degrees of freedom.
    /// assert!((found.degrees_of_freedom - 12.8).abs() < 0.05);
    /// # Ok::<(), dutypoint_hydraulics::Error>(())
    /// ```
    pub fn new(
        model: &impl Model,
        inputs: &[Input],
        correlations: &Correlations,
    ) -> Result<Self, Error> {
        fits(inputs, correlations)?;
        let values: Vec<f64> = inputs.iter().map(Input::value).collect();
        let value = check::result("result of the measurement model", model.value(&values)?)?;
        let sensitivities = match model.sensitivities(&values)? {
            Some(known) if known.len() == inputs.len() => known,
            Some(_) => {
                return Err(problem(
                    "the model takes another number of inputs than are given".into(),
                ));
            }
            None => {
                let uncertainties: Vec<f64> =
                    inputs.iter().map(Input::standard_uncertainty).collect();
                numeric_sensitivities(model, &values, &uncertainties)?
            }
        };
        Self::from_sensitivities(value, inputs, &sensitivities, correlations)
    }

    /// The budget of a result whose sensitivity coefficients are known.
    ///
    /// # Errors
    /// As [`Budget::new`].
    pub fn from_sensitivities(
        value: f64,
        inputs: &[Input],
        sensitivities: &[f64],
        correlations: &Correlations,
    ) -> Result<Self, Error> {
        fits(inputs, correlations)?;
        if sensitivities.len() != inputs.len() {
            return Err(problem(
                "there must be one sensitivity coefficient per input".into(),
            ));
        }
        let components: Vec<f64> = inputs
            .iter()
            .zip(sensitivities)
            .map(|(input, c)| c * input.standard_uncertainty())
            .collect();
        let mut variance = 0.0;
        let mut parts = Vec::with_capacity(inputs.len());
        for (i, component) in components.iter().enumerate() {
            // The input's own square, and half of each product with another one.
            let mut part = component * component;
            if correlations.any() {
                for (j, other) in components.iter().enumerate().filter(|(j, _)| *j != i) {
                    part += component * other * correlations.of(i, j);
                }
            }
            variance += part;
            parts.push(part);
        }
        // Full cancellation may end a bit below zero.
        let variance = check::result("combined variance", variance)?.max(0.0);
        let freedom = effective(inputs, &components, correlations, variance);
        let contributions = inputs
            .iter()
            .zip(sensitivities)
            .zip(&components)
            .zip(&parts)
            .map(|(((input, c), component), part)| Contribution {
                name: input.name().to_owned(),
                value: input.value(),
                standard_uncertainty: input.standard_uncertainty(),
                degrees_of_freedom: input.degrees_of_freedom(),
                sensitivity: *c,
                component: *component,
                share: if variance > 0.0 { part / variance } else { 0.0 },
            })
            .collect();
        Ok(Self {
            value: check::result("result of the measurement model", value)?,
            standard_uncertainty: variance.sqrt(),
            degrees_of_freedom: freedom,
            contributions,
        })
    }

    /// The expanded uncertainty at a coverage probability, k from Student's t.
    ///
    /// # Errors
    /// [`Error::Value`] for a probability outside 0 to 1.
    pub fn expanded(&self, level: f64, freedom: Freedom) -> Result<Expanded, Error> {
        let nu = match freedom {
            Freedom::AsComputed => self.degrees_of_freedom,
            Freedom::Truncated => self.degrees_of_freedom.floor(),
        };
        let coverage_factor = student::two_sided(level, nu.max(1.0))?;
        Ok(Expanded {
            level,
            coverage_factor,
            uncertainty: coverage_factor * self.standard_uncertainty,
        })
    }

    /// Standard uncertainty over the size of the value, as a fraction; none for a value of 0.
    #[must_use]
    pub fn relative(&self) -> Option<f64> {
        let relative = self.standard_uncertainty / self.value.abs();
        relative.is_finite().then_some(relative)
    }
}

pub(super) fn fits(inputs: &[Input], correlations: &Correlations) -> Result<(), Error> {
    if inputs.is_empty() {
        return Err(problem("the model has no inputs".into()));
    }
    if correlations.count() != inputs.len() {
        return Err(problem(format!(
            "the correlation matrix is for {} inputs, and there are {}",
            correlations.count(),
            inputs.len()
        )));
    }
    Ok(())
}

/// Welch and Satterthwaite's effective degrees of freedom (G.2b).
///
/// The formula holds for independent inputs. Inputs that are correlated with each other,
/// directly or through others, enter as one, with their joint variance and the fewest
/// degrees of freedom among them: exact where they were read together, so that all have the
/// same number, and cautious otherwise.
fn effective(
    inputs: &[Input],
    components: &[f64],
    correlations: &Correlations,
    variance: f64,
) -> f64 {
    let mut group: Vec<usize> = (0..inputs.len()).collect();
    if correlations.any() {
        // Every input takes the lowest number it is joined to, until nothing moves.
        for _ in 0..inputs.len() {
            for i in 0..inputs.len() {
                for j in 0..inputs.len() {
                    if correlations.of(i, j) != 0.0 {
                        let joint = group.get(i).copied().min(group.get(j).copied());
                        for member in [i, j] {
                            if let (Some(cell), Some(joint)) = (group.get_mut(member), joint) {
                                *cell = joint;
                            }
                        }
                    }
                }
            }
        }
    }
    let mut sum = 0.0;
    for number in 0..inputs.len() {
        let members = || (0..inputs.len()).filter(|i| group.get(*i) == Some(&number));
        let (mut joint, mut nu) = (0.0, f64::INFINITY);
        for i in members() {
            let Some((input, own)) = inputs.get(i).zip(components.get(i)) else {
                continue;
            };
            if *own != 0.0 {
                nu = nu.min(input.degrees_of_freedom());
            }
            for j in members() {
                joint += own * components.get(j).unwrap_or(&0.0) * correlations.of(i, j);
            }
        }
        if nu.is_finite() {
            // As a ratio, so that no fourth power over- or underflows.
            let share = joint / variance;
            sum += share * share / nu;
        }
    }
    if sum > 0.0 && variance > 0.0 {
        (1.0 / sum).max(1.0)
    } else {
        f64::INFINITY
    }
}
