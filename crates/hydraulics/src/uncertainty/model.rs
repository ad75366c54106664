//! Formulas that join the inputs of a measurement.

use super::input::problem;
use crate::{Error, check};

/// A formula from inputs to one result.
///
/// Any closure is a model; its sensitivity coefficients are found numerically. A model that
/// knows its own says so in [`Model::sensitivities`].
pub trait Model {
    /// The result for these values of the inputs.
    ///
    /// # Errors
    /// What the formula refuses.
    fn value(&self, inputs: &[f64]) -> Result<f64, Error>;

    /// The partial derivatives by the inputs, in their order; `None` where they are to be
    /// found numerically.
    ///
    /// # Errors
    /// What the formula refuses.
    fn sensitivities(&self, _inputs: &[f64]) -> Result<Option<Vec<f64>>, Error> {
        Ok(None)
    }
}

impl<F: Fn(&[f64]) -> Result<f64, Error>> Model for F {
    fn value(&self, inputs: &[f64]) -> Result<f64, Error> {
        self(inputs)
    }
}

/// Partial derivatives by central differences over five places,
/// `(8 (f₊ − f₋) − (f₊₊ − f₋₋))/(12 h)`: exact for polynomials up to the fourth degree, else
/// good to about 10⁻¹⁰. The step h is a thousandth of the estimate, or a tenth of the
/// uncertainty of an estimate that is smaller than that (of 0, as a rule); 10⁻³ where both
/// are 0.
///
/// # Errors
/// What the model refuses at a neighbouring value, [`Error::NotFinite`].
pub fn numeric_sensitivities(
    model: &impl Model,
    values: &[f64],
    uncertainties: &[f64],
) -> Result<Vec<f64>, Error> {
    let mut place = values.to_vec();
    let mut found = Vec::with_capacity(values.len());
    for (index, (value, u)) in values.iter().zip(uncertainties).enumerate() {
        let step = match (value.abs(), *u) {
            (0.0, 0.0) => 1e-3,
            (size, u) if size < u => 0.1 * u,
            (size, _) => 1e-3 * size,
        };
        let mut at = |steps: f64| {
            if let Some(cell) = place.get_mut(index) {
                *cell = value + steps * step;
            }
            model.value(&place)
        };
        let near = at(1.0)? - at(-1.0)?;
        let far = at(2.0)? - at(-2.0)?;
        at(0.0)?;
        let slope = (8.0 * near - far) / (12.0 * step);
        found.push(check::result("sensitivity coefficient", slope)?);
    }
    Ok(found)
}

/// One product: a coefficient and powers of some inputs, given as (input, exponent).
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The coefficient.
    pub coefficient: f64,
    /// Inputs, counted from 0, and their exponents.
    pub powers: Vec<(usize, f64)>,
}

/// `Σ cₖ Π xᵢ^eₖᵢ`: sums of products of powers. Every formula of ours that a budget is made
/// for has this form, and with it its sensitivity coefficients are known exactly.
///
/// ```
/// use dutypoint_hydraulics::uncertainty::model::{Model, PowerSum, Term};
/// // Hydraulic power ρ g Q H.
/// let powers = vec![(0, 1.0), (1, 1.0), (2, 1.0), (3, 1.0)];
/// let model = PowerSum::new(4, vec![Term { coefficient: 1.0, powers }])?;
/// let found = model.sensitivities(&[1000.0, 10.0, 0.01, 50.0])?.unwrap_or_default();
/// assert_eq!(found, [5.0, 500.0, 500_000.0, 100.0]);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PowerSum {
    inputs: usize,
    terms: Vec<Product>,
}

#[derive(Debug, Clone, PartialEq)]
struct Product {
    coefficient: f64,
    factors: Vec<Factor>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Factor {
    input: usize,
    exponent: f64,
    /// The exponent where it is whole and small: repeated multiplication is exact to the
    /// last bit and far faster than the general power.
    whole: Option<i32>,
}

impl PowerSum {
    /// The model over `inputs` inputs.
    ///
    /// # Errors
    /// [`Error::Uncertainty`] for no terms, a coefficient or exponent that is not finite, an
    /// input that does not exist or stands twice in a term.
    pub fn new(inputs: usize, terms: Vec<Term>) -> Result<Self, Error> {
        if terms.is_empty() {
            return Err(problem("the model has no terms".into()));
        }
        let terms = terms
            .into_iter()
            .map(|term| {
                let mut seen = Vec::new();
                for (input, exponent) in &term.powers {
                    if *input >= inputs || !exponent.is_finite() || seen.contains(input) {
                        return Err(problem(format!(
                            "the power {exponent} of input {input} (counted from 0): each term names each of the {inputs} inputs at most once, with a finite exponent"
                        )));
                    }
                    seen.push(*input);
                }
                Ok(Product {
                    coefficient: check::finite("coefficient of a term", term.coefficient)?,
                    factors: term.powers.into_iter().map(Factor::new).collect(),
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { inputs, terms })
    }

    /// Number of inputs.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }
}

impl Factor {
    fn new((input, exponent): (usize, f64)) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "held against the exponent")]
        let whole = exponent as i32;
        Self {
            input,
            exponent,
            whole: (f64::from(whole) == exponent && whole.abs() <= 8).then_some(whole),
        }
    }

    #[inline]
    fn of(&self, inputs: &[f64]) -> f64 {
        let x = inputs.get(self.input).copied().unwrap_or(f64::NAN);
        power(x, self.exponent, self.whole)
    }

    fn slope(&self, inputs: &[f64]) -> f64 {
        let x = inputs.get(self.input).copied().unwrap_or(f64::NAN);
        self.exponent * power(x, self.exponent - 1.0, self.whole.map(|n| n - 1))
    }
}

#[inline]
fn power(x: f64, exponent: f64, whole: Option<i32>) -> f64 {
    match whole {
        Some(1) => x,
        Some(-1) => 1.0 / x,
        Some(n) => check::integer_power(x, n),
        None => libm::pow(x, exponent),
    }
}

impl Model for PowerSum {
    #[inline]
    fn value(&self, inputs: &[f64]) -> Result<f64, Error> {
        let mut sum = 0.0;
        for term in &self.terms {
            let mut product = term.coefficient;
            for factor in &term.factors {
                product *= factor.of(inputs);
            }
            sum += product;
        }
        check::result("result of the measurement model", sum)
    }

    fn sensitivities(&self, inputs: &[f64]) -> Result<Option<Vec<f64>>, Error> {
        let mut slopes = vec![0.0; self.inputs];
        for term in &self.terms {
            for by in &term.factors {
                let mut product = term.coefficient * by.slope(inputs);
                for factor in term.factors.iter().filter(|f| f.input != by.input) {
                    product *= factor.of(inputs);
                }
                if let Some(slope) = slopes.get_mut(by.input) {
                    *slope += product;
                }
            }
        }
        for slope in &slopes {
            check::result("sensitivity coefficient", *slope)?;
        }
        Ok(Some(slopes))
    }
}
