//! Propagation of distributions by a Monte Carlo method, after JCGM 101:2008.
//!
//! Owns: the draws, the coverage intervals (7.7), the adaptive procedure (7.9) and the
//! validation of the first-order result (8). Promises: the same inputs and seed give the
//! same bits everywhere. Never does: drop a draw; a model that refuses one refuses all.

use super::budget::{Budget, Expanded, fits};
use super::input::{Correlations, Distribution, Input, problem};
use super::model::Model;
use crate::normal::Random;
use crate::{Error, check};

/// Most draws of one propagation: 10⁷ results take 80 MB.
pub const MOST_DRAWS: usize = 10_000_000;

/// How many draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draws {
    /// This many.
    Fixed(usize),
    /// Blocks until value, uncertainty and both ends of both intervals are known to within
    /// the numerical tolerance of a standard uncertainty of `digits` significant digits
    /// (7.9).
    Adaptive {
        /// 1 or 2.
        digits: u32,
        /// To a fifth of that tolerance, as the validation of a first-order result wants
        /// (8.2).
        validating: bool,
    },
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Seed of the generator.
    pub seed: u64,
    /// Coverage probability of the intervals.
    pub level: f64,
    /// How many draws.
    pub draws: Draws,
}

/// The result of a propagation.
#[derive(Debug, Clone, PartialEq)]
pub struct Propagation {
    /// Draws made.
    pub draws: usize,
    /// Mean of the results.
    pub value: f64,
    /// Their standard deviation.
    pub standard_uncertainty: f64,
    /// Coverage interval with equal probability outside on either side (7.7.2).
    pub symmetric: [f64; 2],
    /// Shortest coverage interval (7.7.4). Its length is known as well as the other numbers;
    /// where it lies is not, for a nearly symmetric result: the optimum is flat there.
    pub shortest: [f64; 2],
    /// How well these are known.
    pub stability: Stability,
}

/// How well the numbers of a propagation are known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stability {
    /// Blocks of draws.
    pub blocks: usize,
    /// Twice the largest standard deviation of the averages over blocks, of value,
    /// uncertainty and interval ends; none for a fixed number of draws.
    pub spread: Option<f64>,
    /// The tolerance it had to come below; none for a fixed number of draws.
    pub tolerance: Option<f64>,
    /// Whether it did, before the draws ran out at [`MOST_DRAWS`]; always for a fixed number.
    pub stabilised: bool,
}

/// One of the two coverage intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// Equal probability outside on either side.
    Symmetric,
    /// The shortest.
    Shortest,
}

/// A first-order result held against the propagation (8.1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Validation {
    /// Numerical tolerance of the standard uncertainty.
    pub tolerance: f64,
    /// `|y − U − y_low|`.
    pub low: f64,
    /// `|y + U − y_high|`.
    pub high: f64,
    /// Whether both are within the tolerance.
    pub validated: bool,
}

/// Numerical tolerance `δ = ½ 10^l` of a standard uncertainty written as `c × 10^l` with `c`
/// a whole number of `digits` digits (7.9.2).
///
/// # Errors
/// [`Error::Value`] for an uncertainty not above zero or digits other than 1 or 2.
///
/// ```
/// use dutypoint_hydraulics::uncertainty::monte_carlo::numerical_tolerance;
/// assert_eq!(numerical_tolerance(0.000_35, 2)?, 0.000_005);
/// assert_eq!(numerical_tolerance(2.0, 1)?, 0.5);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn numerical_tolerance(standard_uncertainty: f64, digits: u32) -> Result<f64, Error> {
    let u = check::positive("standard uncertainty", standard_uncertainty)?;
    let digits = check::between("significant digits", f64::from(digits), 1.0, 2.0, "1 or 2")?;
    // The decimal text rounds as it must: 0.996 has the digits 1.0.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "1 or 2, checked"
    )]
    let text = format!("{u:.*e}", digits as usize - 1);
    let exponent = text
        .split_once('e')
        .and_then(|(_, e)| e.parse::<i32>().ok());
    let place = f64::from(exponent.unwrap_or_default()) - (digits - 1.0);
    let unit = format!("5e{}", place - 1.0);
    check::result("numerical tolerance", unit.parse().unwrap_or(f64::NAN))
}

/// Propagates the distributions of `inputs` through `model`.
///
/// # Errors
/// [`Error::Uncertainty`] for no inputs, correlated inputs that are not normal (what they
/// would be together is not known), or a Student input with two degrees of freedom or fewer,
/// whose standard deviation does not exist; [`Error::Value`] for a level outside 0 to 1 or
/// a number of draws outside 100 to [`MOST_DRAWS`]; what the model refuses.
pub fn propagate(
    model: &impl Model,
    inputs: &[Input],
    correlations: &Correlations,
    settings: &Settings,
) -> Result<Propagation, Error> {
    fits(inputs, correlations)?;
    let must = "between 0.001 and 0.9999";
    check::between("coverage probability", settings.level, 0.001, 0.9999, must)?;
    let mut sampler = Sampler::new(inputs, correlations, settings.seed)?;
    match settings.draws {
        Draws::Fixed(draws) => {
            let must = "between 100 and 10000000";
            check::between(
                "number of draws",
                draws as f64,
                100.0,
                MOST_DRAWS as f64,
                must,
            )?;
            let mut results = sampler.block(model, draws)?;
            let stability = Stability {
                blocks: 1,
                spread: None,
                tolerance: None,
                stabilised: true,
            };
            summary(&mut results, settings.level, stability)
        }
        Draws::Adaptive { digits, validating } => {
            let share = if validating { 5.0 } else { 1.0 };
            adaptive(model, &mut sampler, settings.level, digits, share)
        }
    }
}

/// Draws the inputs.
struct Sampler<'a> {
    inputs: &'a [Input],
    correlations: &'a Correlations,
    random: Random,
    values: Vec<f64>,
    normals: Vec<f64>,
}

impl<'a> Sampler<'a> {
    fn new(inputs: &'a [Input], correlations: &'a Correlations, seed: u64) -> Result<Self, Error> {
        for (index, input) in inputs.iter().enumerate() {
            let name = input.name();
            let distribution = input.distribution();
            if correlations.touches(index) && !matches!(distribution, Distribution::Normal { .. }) {
                return Err(problem(format!(
                    "the input {name} is correlated and not normal, so the joint distribution is not known; state it as normal, or split off what it shares with the other input as an input of its own"
                )));
            }
            if matches!(distribution, Distribution::Student { .. })
                && input.degrees_of_freedom() <= 2.0
            {
                return Err(problem(format!(
                    "the input {name} has {} degrees of freedom, and Student's distribution has no standard deviation below 3; take more readings",
                    input.degrees_of_freedom()
                )));
            }
        }
        Ok(Self {
            inputs,
            correlations,
            random: Random::new(seed, 0),
            values: vec![0.0; inputs.len()],
            normals: vec![0.0; inputs.len()],
        })
    }

    fn block(&mut self, model: &impl Model, draws: usize) -> Result<Vec<f64>, Error> {
        let mut results = Vec::with_capacity(draws);
        for _ in 0..draws {
            if self.correlations.any() {
                self.draw_jointly();
            } else {
                for (value, input) in self.values.iter_mut().zip(self.inputs) {
                    *value = input.draw(&mut self.random);
                }
            }
            results.push(model.value(&self.values)?);
        }
        Ok(results)
    }

    fn draw_jointly(&mut self) {
        for normal in &mut self.normals {
            *normal = self.random.normal();
        }
        for (index, (value, input)) in self.values.iter_mut().zip(self.inputs).enumerate() {
            *value = if let Distribution::Normal {
                standard_uncertainty,
            } = input.distribution()
            {
                let mut joint = 0.0;
                for (part, normal) in self.correlations.root_row(index).iter().zip(&self.normals) {
                    joint += part * normal;
                }
                input.value() + standard_uncertainty * joint
            } else {
                input.draw(&mut self.random)
            };
        }
    }
}

/// 7.9.4: blocks of M draws until the averages over blocks stand still.
fn adaptive(
    model: &impl Model,
    sampler: &mut Sampler<'_>,
    level: f64,
    digits: u32,
    share: f64,
) -> Result<Propagation, Error> {
    check::between("significant digits", f64::from(digits), 1.0, 2.0, "1 or 2")?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most a million for the levels admitted"
    )]
    let block = ((100.0 / (1.0 - level)).ceil() as usize).max(10_000);
    let mut all = Vec::new();
    let mut blocks: Vec<[f64; 6]> = Vec::new();
    let unsettled = Stability {
        blocks: 0,
        spread: None,
        tolerance: None,
        stabilised: false,
    };
    // Over all draws so far; the deviation needs no order, so no sorting until the end.
    let (mut sum, mut squares, mut first) = (0.0, 0.0, None);
    loop {
        let mut results = sampler.block(model, block)?;
        let about = *first.get_or_insert(results.first().copied().unwrap_or_default());
        for result in &results {
            sum += result - about;
            squares += (result - about) * (result - about);
        }
        all.extend_from_slice(&results);
        let found = summary(&mut results, level, unsettled)?;
        let [low, high] = found.symmetric;
        let [short_low, short_high] = found.shortest;
        blocks.push([
            found.value,
            found.standard_uncertainty,
            low,
            high,
            short_low,
            short_high,
        ]);
        if blocks.len() < 2 {
            continue;
        }
        let n = all.len() as f64;
        let u = ((squares - sum * sum / n) / (n - 1.0)).max(0.0).sqrt();
        if u == 0.0 {
            return Err(problem(
                "every draw gave the same result: the model does not depend on any uncertain input"
                    .into(),
            ));
        }
        let tolerance = numerical_tolerance(u, digits)? / share;
        let spread = spread(&blocks);
        let stabilised = spread <= tolerance;
        if stabilised || all.len() + block > MOST_DRAWS {
            let stability = Stability {
                blocks: blocks.len(),
                spread: Some(spread),
                tolerance: Some(tolerance),
                stabilised,
            };
            return summary(&mut all, level, stability);
        }
    }
}

/// Twice the largest standard deviation of an average over blocks.
fn spread(blocks: &[[f64; 6]]) -> f64 {
    let h = blocks.len() as f64;
    let mut largest = 0.0_f64;
    for column in 0..6 {
        let values = || blocks.iter().filter_map(|b| b.get(column));
        let mut mean = 0.0;
        for value in values() {
            mean += value / h;
        }
        let mut squares = 0.0;
        for value in values() {
            squares += (value - mean) * (value - mean);
        }
        largest = largest.max(2.0 * (squares / (h * (h - 1.0))).sqrt());
    }
    largest
}

fn summary(results: &mut [f64], level: f64, stability: Stability) -> Result<Propagation, Error> {
    let n = results.len() as f64;
    let about = results.first().copied().unwrap_or_default();
    let mut sum = 0.0;
    for result in results.iter() {
        sum += result - about;
    }
    let mean = about + sum / n;
    let mut squares = 0.0;
    for result in results.iter() {
        squares += (result - mean) * (result - mean);
    }
    let [symmetric, shortest] = intervals(results, level);
    Ok(Propagation {
        draws: results.len(),
        value: check::result("mean of the draws", mean)?,
        standard_uncertainty: check::result(
            "standard deviation of the draws",
            (squares / (n - 1.0)).sqrt(),
        )?,
        symmetric,
        shortest,
        stability,
    })
}

/// Both intervals (7.7), from the ordered tails of the results; orders them on the way.
fn intervals(results: &mut [f64], level: f64) -> [[f64; 2]; 2] {
    let m = results.len();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a length"
    )]
    let q = ((level * m as f64 + 0.5) as usize).clamp(1, m.saturating_sub(1).max(1));
    let spare = m - q;
    // Only the `spare` lowest and highest are needed in order.
    if 2 * spare + 2 < m {
        let (low, _, rest) = results.select_nth_unstable_by(spare, f64::total_cmp);
        low.sort_unstable_by(f64::total_cmp);
        let (_, _, high) = rest.select_nth_unstable_by(q - spare - 2, f64::total_cmp);
        high.sort_unstable_by(f64::total_cmp);
    } else {
        results.sort_unstable_by(f64::total_cmp);
    }
    // Places are counted from 1 in 7.7 and from 0 here.
    let at = |place: usize| results.get(place).copied().unwrap_or(f64::NAN);
    let r = spare.div_ceil(2).max(1);
    let symmetric = [at(r - 1), at(r - 1 + q)];
    let mut shortest = symmetric;
    for r in 0..spare {
        let candidate = [at(r), at(r + q)];
        if candidate[1] - candidate[0] < shortest[1] - shortest[0] {
            shortest = candidate;
        }
    }
    [symmetric, shortest]
}

impl Propagation {
    /// Holds a first-order result, expanded to the same coverage probability, against the
    /// interval of that kind. `digits` are those of the standard uncertainty that matter, 1
    /// or 2 (8.1).
    ///
    /// # Errors
    /// As [`numerical_tolerance`].
    pub fn validate(
        &self,
        budget: &Budget,
        expanded: &Expanded,
        interval: Interval,
        digits: u32,
    ) -> Result<Validation, Error> {
        let tolerance = numerical_tolerance(budget.standard_uncertainty, digits)?;
        let [y_low, y_high] = match interval {
            Interval::Symmetric => self.symmetric,
            Interval::Shortest => self.shortest,
        };
        let low = (budget.value - expanded.uncertainty - y_low).abs();
        let high = (budget.value + expanded.uncertainty - y_high).abs();
        Ok(Validation {
            tolerance,
            low,
            high,
            validated: low <= tolerance && high <= tolerance,
        })
    }
}
