//! The one error type of the crate. Every text says what failed, names the value that was
//! refused, the range it must lie in and what to change.

/// Why a number could not be produced. Nothing is ever replaced by a default.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input lies outside the range the formula holds for (NaN and infinities included).
    #[error("failed to use {quantity} = {value}: it must be {must}; {advice}")]
    Value {
        /// What the number is, with its unit.
        quantity: &'static str,
        /// The value refused.
        value: f64,
        /// The permitted range, completing "it must be …".
        must: &'static str,
        /// What to change.
        advice: &'static str,
    },
    /// Finite inputs gave a result that is not a finite number.
    #[error(
        "failed to compute {quantity}: the result is not a finite number; check the units of the inputs"
    )]
    NotFinite {
        /// What was being computed.
        quantity: &'static str,
    },
    /// Too few values for a statistic.
    #[error(
        "failed to compute {quantity} from {got} values: at least {need} are needed; lengthen the window or take more readings"
    )]
    TooFew {
        /// The statistic.
        quantity: &'static str,
        /// How many values there were.
        got: usize,
        /// How many are needed.
        need: usize,
    },
    /// Two columns that belong together have different lengths.
    #[error(
        "failed to pair {left} abscissae with {right} values: both columns must have the same length"
    )]
    Lengths {
        /// Number of abscissae or times.
        left: usize,
        /// Number of values.
        right: usize,
    },
    /// Sample times that do not increase.
    #[error(
        "failed to use the sample time {time_s} s: it must be later than the sample before it, at {before_s} s"
    )]
    TimeOrder {
        /// The offending time.
        time_s: f64,
        /// The time before it.
        before_s: f64,
    },
    /// The points do not determine a polynomial of this degree.
    #[error(
        "failed to fit degree {degree} to points at {distinct} distinct abscissae: the fit has {coefficients} free coefficients; lower the degree or measure more points"
    )]
    TooFewAbscissae {
        /// Degree asked for.
        degree: usize,
        /// Distinct (or numerically distinct) abscissae.
        distinct: usize,
        /// Coefficients to be found.
        coefficients: usize,
    },
    /// The pack's fit rule does not admit a degree.
    #[error(
        "failed to accept degree {degree} for {points} points: the pack permits {low} to {high}; change the degree or measure more points"
    )]
    Degree {
        /// Degree asked for.
        degree: usize,
        /// Number of points.
        points: usize,
        /// Lowest degree permitted.
        low: usize,
        /// Highest degree permitted, both by the rule and by the number of points.
        high: usize,
    },
    /// A curve was asked for a value outside the measured range.
    #[error(
        "failed to evaluate the curve at {at}: points were measured from {low} to {high} and nothing is extrapolated; measure a point beyond"
    )]
    OutsideDomain {
        /// Abscissa asked for.
        at: f64,
        /// Smallest measured abscissa.
        low: f64,
        /// Largest measured abscissa.
        high: f64,
    },
    /// A reading that lies too far from the condition it would be translated to.
    #[error(
        "failed to translate {what}: {value} is {ratio_pct:.3} % of {reference}, and {clause} permits {low_pct} to {high_pct} %; {advice}"
    )]
    NotTranslated {
        /// What was to be translated.
        what: &'static str,
        /// Speed, frequency or voltage of the test.
        value: f64,
        /// Speed, frequency or voltage specified.
        reference: f64,
        /// The first in percent of the second.
        ratio_pct: f64,
        /// Lowest percentage permitted.
        low_pct: f64,
        /// Highest percentage permitted.
        high_pct: f64,
        /// Pack and clause.
        clause: String,
        /// What to change.
        advice: &'static str,
    },
    /// Text that is no number to be rounded, or no rounding interval.
    #[error("failed to round {text:?}: it must be {must}")]
    Rounding {
        /// The text refused.
        text: String,
        /// What it must be.
        must: &'static str,
    },
    /// Inputs of a measurement model, their correlations, or the model itself cannot be used.
    #[error("failed to evaluate the uncertainty: {problem}")]
    Uncertainty {
        /// What is wrong and what to change.
        problem: String,
    },
    /// The standard pack holds no such number; there is no default.
    #[error(
        "failed to find {item} in the pack {pack}: it is not in the pack; choose a pack or grade that states it, or agree a limit in the order"
    )]
    NotInPack {
        /// Id of the pack.
        pack: String,
        /// What was looked for.
        item: String,
    },
    /// The pack text is not a pack.
    #[error(transparent)]
    PackText(#[from] dutypoint_model::toml_text::TextError),
    /// The pack is well-formed but contradicts itself.
    #[error("failed to accept the pack {pack}: {item} {problem}")]
    PackContent {
        /// Id of the pack.
        pack: String,
        /// The rule or number.
        item: String,
        /// What is wrong with it and what to change.
        problem: String,
    },
}
