//! The rule kinds of acceptance: grades with their tolerances, where values are read, small
//! pumps, grades by default, NPSH.

use super::cite::{
    Choice, Cited, CitedBand, Confidence, chosen, chosen_option, edge, finite_option,
};
use super::rules::{Intervals, Measured};
use crate::decision::DecisionRule;
use crate::percent::RelativePercent;
use crate::{Error, check, limit};
use serde::{Deserialize, Serialize};

/// Where flow and head are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowHeadRule {
    /// The curve must meet one arm of the tolerance cross at the guarantee point.
    ToleranceCross,
    /// Only the head at the rated flow is judged.
    HeadAtRatedFlow,
    /// `(H_G X_H/ΔH)² + (Q_G X_Q/ΔQ)² ≥ 1` with the distances from the guarantee point to
    /// the curve: the rule of editions before the cross.
    Ellipse,
}

/// At which flow efficiency and power are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadAt {
    /// Where the line from the origin through the guarantee point meets the head curve.
    OriginLine,
    /// At the specified (guaranteed, rated) flow.
    AtSpecifiedFlow,
    /// Where the efficiency is largest within the measured range.
    AtBep,
}

/// How the guarantee is evaluated.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "EvaluationText")]
pub struct Evaluation {
    /// Clause.
    pub clause: String,
    /// Where flow and head are judged.
    pub flow_and_head: FlowHeadRule,
    /// Where efficiency and power are read.
    pub read_at: ReadAt,
    /// How uncertainty enters.
    pub decision: DecisionRule,
    /// To what values are rounded before they are compared, from the pack's rounding rule;
    /// none where full values are.
    pub rounded: Option<Intervals>,
    /// A head at shut-off below the guaranteed one is within the tolerance only if the head
    /// rises all the way from the rated flow to shut-off.
    pub low_shutoff_must_rise: bool,
    /// The weakest confidence of these choices.
    pub confidence: Confidence,
}

/// [`Evaluation`] as packs write it, each choice with its own citation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EvaluationText {
    clause: String,
    flow_and_head: Choice<FlowHeadRule>,
    read_at: Choice<ReadAt>,
    decision: Choice<DecisionRule>,
    low_shutoff_must_rise: Option<Choice<bool>>,
}

impl From<EvaluationText> for Evaluation {
    fn from(text: EvaluationText) -> Self {
        let others = [text.read_at.confidence, text.decision.confidence];
        let rising = text.low_shutoff_must_rise.as_ref();
        let others = others.into_iter().chain(rising.map(|r| r.confidence));
        Self {
            confidence: others.fold(text.flow_and_head.confidence, Confidence::weaker),
            clause: text.clause,
            flow_and_head: text.flow_and_head.value,
            read_at: text.read_at.value,
            decision: text.decision.value,
            rounded: None,
            low_shutoff_must_rise: rising.is_some_and(|rising| rising.value),
        }
    }
}

/// Tolerance factors of one acceptance grade, percent of the guaranteed value.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// Name of the grade.
    pub grade: String,
    /// Class 1, 2 or 3 whose fluctuation and uncertainty limits go with the grade.
    #[serde(default, deserialize_with = "chosen_option")]
    pub measurement_class: Option<u8>,
    /// Clause or table.
    pub clause: String,
    /// The row applies to rated heads above this, m.
    #[serde(default, deserialize_with = "edge")]
    pub rated_head_above_m: Option<f64>,
    /// The row applies to rated heads up to and including this, m.
    #[serde(default, deserialize_with = "edge")]
    pub rated_head_up_to_m: Option<f64>,
    /// Flow, lower and upper.
    pub flow_pct: Option<CitedBand<RelativePercent>>,
    /// Head, lower and upper.
    pub head_pct: Option<CitedBand<RelativePercent>>,
    /// Head at shut-off, lower and upper.
    pub shutoff_head_pct: Option<CitedBand<RelativePercent>>,
    /// Power, upper.
    pub power_max_pct: Option<Cited<RelativePercent>>,
    /// Efficiency, lower; relative to the guaranteed efficiency, not points.
    pub efficiency_min_pct: Option<Cited<RelativePercent>>,
}

/// What is wrong with the tolerance rows: bands, classes, and per grade the ranges of rated
/// head, which must join without gap or overlap.
pub(super) fn tolerance_problem(
    rows: &[Tolerance],
    rule: Option<FlowHeadRule>,
) -> Option<(String, &'static str)> {
    for (index, row) in rows.iter().enumerate() {
        let refuse = |problem| Some((format!("tolerance of grade {}", row.grade), problem));
        if row
            .measurement_class
            .is_some_and(|class| !(1..=3).contains(&class))
        {
            return refuse("has a measurement_class other than 1, 2 or 3; correct it");
        }
        let bands = [&row.flow_pct, &row.head_pct, &row.shutoff_head_pct];
        if bands.into_iter().flatten().any(|band| band.low > band.high) {
            return refuse("has a band whose low is above its high; exchange them");
        }
        let symmetric = |band: &Option<CitedBand<RelativePercent>>| {
            band.as_ref()
                .is_some_and(|b| b.high.percent() > 0.0 && b.low.percent() == -b.high.percent())
        };
        if rule == Some(FlowHeadRule::Ellipse)
            && !(symmetric(&row.flow_pct) && symmetric(&row.head_pct))
        {
            return refuse("is judged by an ellipse; give flow and head the same factor both ways");
        }
        if rows
            .iter()
            .take(index)
            .any(|other| other.grade == row.grade)
        {
            continue;
        }
        let ranges: Vec<_> = rows
            .iter()
            .filter(|other| other.grade == row.grade)
            .map(|row| (row.rated_head_above_m, row.rated_head_up_to_m))
            .collect();
        if ranges.len() > 1 && ranges.iter().all(|range| *range == (None, None)) {
            return refuse("is given twice; keep one row");
        }
        if !(joined(&ranges)
            && matches!(ranges.first(), Some((None, _)))
            && matches!(ranges.last(), Some((_, None))))
        {
            return refuse(
                "has ranges of rated head with a gap or an overlap, or open at no end; let each begin where the one before ends",
            );
        }
    }
    None
}

/// Whether ranges, open below and closed above, follow each other without gap or overlap.
fn joined(ranges: &[(Option<f64>, Option<f64>)]) -> bool {
    let proper = |(above, up_to): &(Option<f64>, Option<f64>)| match (above, up_to) {
        (Some(above), Some(up_to)) => above < up_to,
        _ => true,
    };
    let follow = |pair: &[(Option<f64>, Option<f64>)]| matches!(pair, [(_, Some(end)), (Some(begin), _)] if end == begin);
    ranges.iter().all(proper) && ranges.windows(2).all(follow)
}

/// Which power the rule for small pumps depends on. It is frozen with the order: the two
/// differ by the losses of the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmallPowerVariable {
    /// Largest shaft power in the range of operation.
    MaxShaftPower,
    /// Input power of the driver.
    DriverInput,
}

/// The wider tolerances of small pumps and their formula.
///
/// `τ_eta = −[slope (1 − P/P_max) + base]`, `τ_P = √(base² + τ_eta²)`, P by `variable`.
/// Source: ISO 9906:2012 4.4.2, ISO 9906:1999 A.2, reference 5.2.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmallPower {
    /// Clause.
    pub clause: String,
    /// Which power P is.
    #[serde(deserialize_with = "chosen")]
    pub variable: SmallPowerVariable,
    /// Below this power the parties agree; kW.
    pub from_kw: Cited,
    /// The rule applies up to and including this power, kW. Exactly one of this and
    /// `below_kw` is given.
    pub up_to_kw: Option<Cited>,
    /// The rule applies below this power, kW.
    pub below_kw: Option<Cited>,
    /// Flow, lower and upper.
    pub flow_pct: CitedBand<RelativePercent>,
    /// Head, lower and upper.
    pub head_pct: CitedBand<RelativePercent>,
    /// `base` of the formula.
    pub efficiency_base_pct: Cited,
    /// `slope` of the formula.
    pub efficiency_slope_pct: Cited,
}

impl SmallPower {
    /// The power at which the rule ends, kW.
    #[must_use]
    pub fn end_kw(&self) -> &Cited {
        // Without both the loader has refused the pack.
        self.up_to_kw
            .as_ref()
            .or(self.below_kw.as_ref())
            .unwrap_or(&self.from_kw)
    }

    /// Whether a power in W lies within the rule, or below where the parties agree; false
    /// for a pump that needs a numbered grade.
    #[must_use]
    pub fn covers(&self, power_w: f64) -> bool {
        let power_kw = power_w / 1000.0;
        match (&self.up_to_kw, &self.below_kw) {
            (Some(up_to), _) => limit::at_most(power_kw, up_to.value),
            (None, Some(below)) => power_kw < below.value && !limit::touches(power_kw, below.value),
            (None, None) => false,
        }
    }

    /// Tolerances for a power in W, which must be the one the pack names. They go with
    /// measurement class 3 limits only if the order says so, hence no class.
    ///
    /// # Errors
    /// [`Error::Value`] for a power outside the range of the rule, and below 1 kW, where
    /// the standard leaves the tolerances to a special agreement;
    /// [`Error::NotInPack`] for the other kind of power.
    pub fn tolerance(
        &self,
        variable: SmallPowerVariable,
        power_w: f64,
    ) -> Result<Tolerance, Error> {
        let refuse = |must, advice| Error::Value {
            quantity: "power in W for the rule for small pumps",
            value: power_w,
            must,
            advice,
        };
        let power_kw = check::finite("power in W", power_w)? / 1000.0;
        if variable != self.variable {
            return Err(match self.variable {
                SmallPowerVariable::MaxShaftPower => refuse(
                    "the largest shaft power in the range of operation",
                    "this edition's rule depends on it, not on the input of the driver",
                ),
                SmallPowerVariable::DriverInput => refuse(
                    "the input power of the driver",
                    "this edition's rule depends on it, not on the shaft power",
                ),
            });
        }
        if !limit::at_least(power_kw, self.from_kw.value) {
            return Err(refuse(
                "not below the power from which the rule holds",
                "the standard leaves the tolerances of so small a pump to a special agreement; state them in the order",
            ));
        }
        if !self.covers(power_w) {
            return Err(refuse(
                "inside the range of the pack's rule for small pumps",
                "choose a numbered grade, or agree the tolerances in the order",
            ));
        }
        let end = self.end_kw();
        let base = self.efficiency_base_pct.value;
        let eta = -(self.efficiency_slope_pct.value * (1.0 - power_kw / end.value) + base);
        let cited = |percent: f64| Cited {
            value: RelativePercent::from(percent),
            source: self.efficiency_slope_pct.source.clone(),
            confidence: self.efficiency_slope_pct.confidence,
        };
        let sign = if self.up_to_kw.is_some() { "<=" } else { "<" };
        Ok(Tolerance {
            grade: format!("{sign} {} kW", end.value),
            measurement_class: None,
            clause: self.clause.clone(),
            rated_head_above_m: None,
            rated_head_up_to_m: None,
            flow_pct: Some(self.flow_pct.clone()),
            head_pct: Some(self.head_pct.clone()),
            shutoff_head_pct: None,
            power_max_pct: Some(cited((base * base + eta * eta).sqrt())),
            efficiency_min_pct: Some(cited(eta)),
        })
    }

    /// What is wrong with the rule.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let end = match (&self.up_to_kw, &self.below_kw) {
            (Some(end), None) | (None, Some(end)) => end.value,
            _ => return Some("must have one of up_to_kw and below_kw; keep one"),
        };
        if !(self.from_kw.value > 0.0 && self.from_kw.value < end) {
            return Some("must begin above 0 and below where it ends; correct the powers");
        }
        let reversed = |b: &CitedBand<RelativePercent>| b.low > b.high;
        (reversed(&self.flow_pct) || reversed(&self.head_pct))
            .then_some("has a band whose low is above its high; exchange them")
    }
}

/// The grade that holds for an application when the contract names none.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultGrade {
    /// Id by which an order names the application.
    pub application: String,
    /// The application in Chinese.
    pub title_zh: String,
    /// The application in English.
    pub title_en: String,
    /// Clause or table.
    pub clause: String,
    /// Ranges of rated shaft power, rising.
    pub row: Vec<DefaultGradeRow>,
}

/// One range of rated shaft power, open below and closed above.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultGradeRow {
    /// Above this power, kW.
    #[serde(default, deserialize_with = "finite_option")]
    pub above_kw: Option<f64>,
    /// Up to and including this power, kW.
    #[serde(default, deserialize_with = "finite_option")]
    pub up_to_kw: Option<f64>,
    /// The grade.
    pub grade: String,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the row.
    pub confidence: Confidence,
}

impl DefaultGrade {
    /// The row of a rated shaft power in W; none where the table has no entry.
    ///
    /// # Errors
    /// [`Error::Value`] for a power that is not above zero.
    pub fn row(&self, shaft_power_w: f64) -> Result<Option<&DefaultGradeRow>, Error> {
        let kw = check::positive("rated shaft power in W", shaft_power_w)? / 1000.0;
        Ok(self.row.iter().find(|row| {
            row.above_kw
                .is_none_or(|low| kw > low && !limit::touches(kw, low))
                && row.up_to_kw.is_none_or(|high| limit::at_most(kw, high))
        }))
    }

    /// What is wrong with the rows. The first may begin, and the last end, anywhere: the
    /// printed table has dashes there.
    pub(super) fn problem(&self, grades: &[&str]) -> Option<&'static str> {
        let ranges: Vec<_> = self.row.iter().map(|r| (r.above_kw, r.up_to_kw)).collect();
        if ranges.is_empty() || !joined(&ranges) {
            return Some(
                "has ranges of power with a gap or an overlap, or none; let each begin where the one before ends",
            );
        }
        (!self.row.iter().all(|r| grades.contains(&r.grade.as_str())))
            .then_some("names a grade without tolerances in the pack; correct it")
    }
}

/// What holds without an agreed grade.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unagreed<'a> {
    /// The numbered grade of the application's row.
    Grade(&'a DefaultGradeRow),
    /// The rule for small pumps.
    SmallPower(&'a SmallPower),
}

/// The grade of duty points other than the guarantee point, unless agreed otherwise.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherPoints {
    /// Clause.
    pub clause: String,
    /// The grade.
    pub grade: String,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the rule.
    pub confidence: Confidence,
}

/// Tests of NPSH.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NpshRule {
    /// Clause.
    pub clause: String,
    /// Drop of the first stage's head that defines the required NPSH, percent.
    pub drop_pct: Cited,
    /// Exponent of the speed ratio for translation, smallest and largest observed.
    pub exponent: Option<CitedBand>,
    /// Flow of the test in percent of the flow of best efficiency at test speed.
    pub flow_pct_of_bep: Option<CitedBand>,
    /// Whose permissible fluctuation also bounds the spread of the plateau.
    #[serde(default, deserialize_with = "chosen_option")]
    pub plateau: Option<Measured>,
    /// By how much the value found may exceed the guaranteed one.
    pub tolerance: Vec<NpshTolerance>,
}

/// By how much the NPSH found may exceed the guaranteed one: the larger of the two.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NpshTolerance {
    /// Grade the row is for; absent when it is for all.
    pub grade: Option<String>,
    /// Clause, where it is not that of the rule.
    pub clause: Option<String>,
    /// In percent of the guaranteed value.
    pub pct: Cited<RelativePercent>,
    /// In metres.
    pub absolute_m: Option<Cited>,
}

impl NpshTolerance {
    /// Largest NPSH that still meets a guarantee, m.
    /// Source: ISO 9906:1999 by the reference, section 5.6.
    ///
    /// # Errors
    /// [`Error::Value`] for a guaranteed value that is not above zero.
    pub fn limit_m(&self, guaranteed_m: f64) -> Result<f64, Error> {
        let guaranteed_m = check::positive("guaranteed NPSH in m", guaranteed_m)?;
        let relative = self.pct.value.of(guaranteed_m);
        let absolute = self
            .absolute_m
            .as_ref()
            .map_or(guaranteed_m, |by| guaranteed_m + by.value);
        check::result("limit of NPSH", relative.max(absolute))
    }
}

impl NpshRule {
    /// What is wrong with the rule.
    pub(super) fn problem(&self, grades: &[&str]) -> Option<&'static str> {
        if !(self.drop_pct.value > 0.0 && self.drop_pct.value < 100.0) {
            return Some("has a drop outside 0 to 100 %; correct it");
        }
        if self.exponent.as_ref().is_some_and(|e| e.low > e.high) {
            return Some("has an exponent whose low is above its high; exchange them");
        }
        let general = self.tolerance.iter().filter(|t| t.grade.is_none()).count();
        if general > 1 || (general == 1 && self.tolerance.len() > 1) {
            return Some("has a tolerance for all grades beside another; keep one kind");
        }
        for (index, row) in self.tolerance.iter().enumerate() {
            let Some(grade) = &row.grade else { continue };
            if !grades.contains(&grade.as_str()) {
                return Some("names a grade without tolerances in the pack; correct it");
            }
            let again = |other: &NpshTolerance| other.grade == row.grade;
            if self.tolerance.iter().skip(index + 1).any(again) {
                return Some("gives a grade twice; keep one row");
            }
        }
        let negative = |row: &NpshTolerance| {
            row.pct.value.percent() < 0.0 || row.absolute_m.as_ref().is_some_and(|m| m.value < 0.0)
        };
        self.tolerance
            .iter()
            .any(negative)
            .then_some("has a tolerance below zero; write how far above is permitted")
    }

    /// The row of a grade.
    pub(super) fn row(&self, grade: &str) -> Option<&NpshTolerance> {
        self.tolerance
            .iter()
            .find(|row| row.grade.as_deref().is_none_or(|g| g == grade))
    }
}
