//! The one error type of the crate. Every text says what failed, names the value that was
//! refused, the range it must lie in and what to change.

mod chinese;

use dutypoint_model::Bilingual;

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

impl Error {
    /// The error in Chinese and in English. What a pack's author alone reads (texts of packs
    /// that contradict themselves) is English inside the Chinese sentence.
    #[must_use]
    pub fn text(&self) -> Bilingual {
        let zh = match self {
            Self::Value { value, .. } => {
                let (quantity, must) = self.parts();
                let advice = self.advice();
                format!(
                    "{} = {value} 不可用：应为{}；{}",
                    quantity.zh, must.zh, advice.zh
                )
            }
            Self::NotFinite { quantity } => format!(
                "无法计算{}：结果不是有限的数；请核对各输入的单位",
                chinese::quantity(quantity)
            ),
            Self::TooFew {
                quantity,
                got,
                need,
            } => format!(
                "{got} 个值不足以计算{}：至少需要 {need} 个；请加长窗口或多取读数",
                chinese::quantity(quantity)
            ),
            Self::Lengths { left, right } => {
                format!("{left} 个横坐标与 {right} 个值无法配对：两列的个数应相同")
            }
            Self::TimeOrder { time_s, before_s } => {
                format!("采样时刻 {time_s} s 不可用：应晚于前一采样的 {before_s} s")
            }
            Self::TooFewAbscissae {
                degree,
                distinct,
                coefficients,
            } => format!(
                "{distinct} 个不同的横坐标不能拟合 {degree} 次：拟合有 {coefficients} 个自由系数；请降低次数或多测几点"
            ),
            Self::Degree {
                degree,
                points,
                low,
                high,
            } => format!(
                "{points} 个点不能用 {degree} 次：标准包允许 {low} 至 {high} 次；请改变次数或多测几点"
            ),
            Self::OutsideDomain { at, low, high } => format!(
                "不能在 {at} 处读取曲线：实测范围为 {low} 至 {high}，不外推；请在此范围之外补测一点"
            ),
            Self::NotTranslated {
                what,
                value,
                reference,
                ratio_pct,
                low_pct,
                high_pct,
                clause,
                advice,
            } => format!(
                "{}不能换算：{value} 为 {reference} 的 {ratio_pct:.3} %，{clause} 允许 {low_pct} 至 {high_pct} %；{}",
                chinese::quantity(what),
                chinese::advice(advice)
            ),
            Self::Rounding { text, must } => {
                format!("无法修约 {text:?}：应为{}", chinese::must(must))
            }
            Self::Uncertainty { problem } => format!("无法评定不确定度：{problem}"),
            Self::NotInPack { pack, item } => format!(
                "标准包 {pack} 中没有 {item}；请选用写明该项的标准包或等级，或在委托单中约定限值"
            ),
            Self::PackText(error) => format!("无法读取标准包：{error}"),
            Self::PackContent {
                pack,
                item,
                problem,
            } => format!("标准包 {pack} 不可用：{item} {problem}"),
        };
        Bilingual::new(zh, self.to_string())
    }

    /// Quantity (without its unit in English) and permitted range of [`Error::Value`]; of any
    /// other both are empty.
    #[must_use]
    pub fn parts(&self) -> (Bilingual, Bilingual) {
        let Self::Value { quantity, must, .. } = self else {
            return Default::default();
        };
        let (base, _) = quantity.split_once(" in ").unwrap_or((quantity, ""));
        (
            Bilingual::new(chinese::quantity(base), base.trim_end_matches(',')),
            Bilingual::new(chinese::must(must), *must),
        )
    }

    /// What to change, of [`Error::Value`]; of any other it is empty.
    #[must_use]
    pub fn advice(&self) -> Bilingual {
        match self {
            Self::Value { advice, .. } => Bilingual::new(chinese::advice(advice), *advice),
            _ => Bilingual::default(),
        }
    }

    /// Whether an advice is that of values from a channel, which says nothing to somebody
    /// who typed the number.
    #[must_use]
    pub fn is_general(advice: &str) -> bool {
        advice == crate::check::ADVICE
    }
}

/// The name of a quantity, as in `flow in m³/h`, in both languages.
#[must_use]
pub fn quantity_text(name: &str) -> Bilingual {
    Bilingual::new(chinese::quantity(name), name)
}
