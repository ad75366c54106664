//! A standard as data: numbers and clause ids, each with source and confidence.
//!
//! A pack is TOML text with a closed set of rule kinds; an unknown key, a number that is not
//! finite, a source that is not listed or rules that contradict each other refuse the whole
//! pack. What a pack does not state is asked for in vain: [`Error::NotInPack`], never a
//! default. A published pack is never edited; an erratum is a new version.

mod acceptance;
mod band;
mod check;
mod cite;
mod diff;
mod energy;
mod entry;
mod informative;
mod mei;
mod motor;
mod pei;
mod readings;
mod rules;
mod specified;
mod surface;
mod table;

pub use crate::decision::DecisionRule;
pub use crate::percent::PercentagePoints;
pub use acceptance::{
    DefaultGrade, DefaultGradeRow, Evaluation, FlowHeadRule, NpshRule, NpshTolerance, OtherPoints,
    ReadAt, SmallPower, SmallPowerVariable, Tolerance, Unagreed,
};
pub use band::Band;
pub use cite::{Cited, CitedBand, Confidence};
pub use diff::{Change, changes};
pub use energy::{Compared, EnergyPump, EnergyPumpRow, EnergyRow, EnergyRule, EnergyType, Stages};
pub use entry::{Entry, EntryValue};
pub use informative::{Informative, KnownMissing};
pub use mei::{MeiBenchmark, MeiConstant, MeiIndication, MeiRequired, MeiRule, MeiScope, MeiType};
pub use motor::{
    MotorLimits, MotorQuantity, MotorTolerance, RatedOutputs, ReferenceTemperature, SwitchOffDelay,
};
pub use pei::{
    CitedPolynomial, PeiClass, PeiLoad, PeiLoadPoints, PeiRegressionPoints, PeiRule,
    PeiVariableLoss,
};
pub use readings::{ReadingsRule, RepeatRule, SpreadLimit, SpreadRow};
pub use rules::{
    CableRule, ClassLimit, DegreeCriterion, EfficiencyFrom, FitRule, Intervals, Laboratory,
    LimitUnit, LoadRule, Measured, Placement, PointRule, ReportRule, Reported, RoundingRule,
    SpeedRule, SupplyRule, TestOf, TrimRule, UnitDeviation, Untested, Weights,
};

pub use specified::{SmallPump, Specified, SpecifiedRule};
pub use surface::LogQuadratic;
pub use table::{Polynomial, Table, TableKind, Variable};

use crate::rounding::Comparison;
use crate::{Error, limit, steady};
use dutypoint_model::toml_text::{self, TextError};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Whether a laboratory has checked the pack against its own copy of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not checked; no formal certificate may be issued with it.
    Draft,
    /// Checked; the countersignature says by whom.
    Countersigned,
}

/// Who checked a pack against the text of the standard.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Countersignature {
    /// Laboratory and person.
    pub by: String,
    /// Date, as written by them.
    pub date: String,
    /// Which copy of the standard they held against it.
    pub against: String,
}

/// Who checked the numbers of one clause, in a pack that is not checked as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClauseCountersignature {
    /// The clause, as the pack's numbers name it.
    pub clause: String,
    /// Laboratory and person.
    pub by: String,
    /// Date, as written by them.
    pub date: String,
    /// Which copy of the standard they held against it.
    pub against: String,
}

/// A loaded pack.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standard {
    /// Identifier, the same as the file's stem.
    pub id: String,
    /// Edition of the standard.
    pub edition: String,
    /// Version of this pack.
    pub version: u32,
    /// Title in Chinese.
    pub title_zh: String,
    /// Title in English.
    pub title_en: String,
    /// Draft or countersigned.
    pub status: Status,
    /// Present exactly when countersigned.
    pub countersignature: Option<Countersignature>,
    /// Clauses checked one by one.
    #[serde(default)]
    pub clause_countersignature: Vec<ClauseCountersignature>,
    /// Whether the pack knowingly holds only part of the standard's limits.
    pub partial: bool,
    /// What a reader must know, in our own words.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The same in Chinese, note by note; empty where nobody has translated them.
    #[serde(default)]
    pub notes_zh: Vec<String>,
    /// Ids of packs that hold what this standard refers to.
    #[serde(default)]
    pub refers_to: Vec<String>,
    /// Key to what the source is.
    pub sources: BTreeMap<String, String>,
    evaluation: Option<Evaluation>,
    #[serde(default)]
    tolerance: Vec<Tolerance>,
    small_power: Option<SmallPower>,
    #[serde(default)]
    default_grade: Vec<DefaultGrade>,
    /// Grade of duty points other than the guarantee point, where the contract names none.
    other_points: Option<OtherPoints>,
    npsh: Option<NpshRule>,
    #[serde(default)]
    fluctuation: Vec<ClassLimit>,
    #[serde(default)]
    instrument_uncertainty: Vec<ClassLimit>,
    #[serde(default)]
    overall_uncertainty: Vec<ClassLimit>,
    friction: Option<ClassLimit>,
    supply: Option<SupplyRule>,
    speed: Option<SpeedRule>,
    points: Option<PointRule>,
    readings: Option<ReadingsRule>,
    #[serde(default)]
    spread: Vec<SpreadRow>,
    fit: Option<FitRule>,
    cable: Option<CableRule>,
    report: Option<ReportRule>,
    load: Option<LoadRule>,
    #[serde(default)]
    untested: Vec<Untested>,
    specified: Option<SpecifiedRule>,
    #[serde(default)]
    table: Vec<Table>,
    #[serde(default)]
    log_quadratic: Vec<LogQuadratic>,
    energy: Option<EnergyRule>,
    #[serde(default)]
    energy_type: Vec<EnergyType>,
    #[serde(default)]
    energy_pump: Vec<EnergyPump>,
    mei: Option<MeiRule>,
    #[serde(default)]
    mei_type: Vec<MeiType>,
    #[serde(default)]
    mei_indication: Vec<MeiIndication>,
    pei: Option<PeiRule>,
    #[serde(default)]
    pei_load: Vec<PeiLoadPoints>,
    #[serde(default)]
    pei_variable_loss: Vec<PeiVariableLoss>,
    #[serde(default)]
    pei_class: Vec<PeiClass>,
    rounding: Option<RoundingRule>,
    laboratory: Option<Laboratory>,
    trim: Option<TrimRule>,
    unit_deviation: Option<UnitDeviation>,
    #[serde(default)]
    motor_tolerance: Vec<MotorTolerance>,
    #[serde(default)]
    switch_off_delay: Vec<SwitchOffDelay>,
    #[serde(default)]
    reference_temperature: Vec<ReferenceTemperature>,
    #[serde(default)]
    rated_outputs: Vec<RatedOutputs>,
    #[serde(default)]
    informative: Vec<Informative>,
    #[serde(default)]
    known_missing: Vec<KnownMissing>,
    #[serde(skip)]
    entries: Vec<Entry>,
}

/// The line of a key of the header, or of a section's head, that an item begins with.
fn head_line(text: &str, item: &str) -> Option<usize> {
    let word = item.split(' ').next().unwrap_or_default();
    let begins = |line: &str| {
        let line = line.trim_start().trim_start_matches('[');
        line.strip_prefix(word)
            .is_some_and(|rest| rest.trim_start().starts_with(['=', ']']))
    };
    text.lines().position(begins).map(|at| at + 1)
}

impl Standard {
    /// Reads a pack; `file` is only named in errors.
    ///
    /// # Errors
    /// [`Error::PackText`] with the line of what cannot be read, [`Error::PackContent`] for
    /// a pack that contradicts itself.
    ///
    /// ```
    /// use dutypoint_hydraulics::pack::Standard;
    /// let text = r#"
    ///     id = "mine"
    ///     edition = "2026"
    ///     version = 1
    ///     title_zh = "企业标准"
    ///     title_en = "Works standard"
    ///     status = "draft"
    ///     partial = true
    ///     [sources]
    /// "#;
    /// let pack = Standard::from_toml("mine.toml", text)?;
    /// let error = pack.fit().unwrap_err().to_string();
    /// assert!(error.starts_with("failed to find the fit rule in the pack mine"));
    /// # Ok::<(), dutypoint_hydraulics::Error>(())
    /// ```
    pub fn from_toml(file: &str, text: &str) -> Result<Self, Error> {
        let pack = Self::parse(file, text)?;
        match pack.problems().into_iter().next() {
            None => Ok(pack),
            Some((item, problem)) => Err(Error::PackContent {
                pack: pack.id,
                item,
                problem: problem.to_owned(),
            }),
        }
    }

    /// Everything that is wrong with a pack, each with its line where one is known; empty for
    /// a good one. A text that is no pack has its first mistake only.
    #[must_use]
    pub fn mistakes(file: &str, text: &str) -> Vec<TextError> {
        let pack = match Self::parse(file, text) {
            Ok(pack) => pack,
            Err(error) => return vec![error],
        };
        let at = |(item, problem): (String, &str)| TextError {
            file: file.to_owned(),
            line: pack.line_of(&item).or_else(|| head_line(text, &item)),
            message: format!("{item} {problem}"),
        };
        pack.problems().into_iter().map(at).collect()
    }

    fn parse(file: &str, text: &str) -> Result<Self, TextError> {
        let mut pack: Self = toml_text::parse(file, text)?;
        if let (Some(evaluation), Some(rule)) = (&mut pack.evaluation, &pack.rounding) {
            evaluation.rounded = match rule.comparison {
                Comparison::RoundedValue => rule.interval,
                Comparison::FullValue => None,
            };
        }
        pack.entries = entry::entries(&toml_text::tree(file, text)?);
        Ok(pack)
    }

    /// Every number and rule word of the pack with its clause, sources and confidence, by
    /// section.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What the standard states and no rule here applies.
    #[must_use]
    pub fn informative(&self) -> &[Informative] {
        &self.informative
    }

    /// What the standard has and the pack has not.
    #[must_use]
    pub fn known_missing(&self) -> &[KnownMissing] {
        &self.known_missing
    }

    /// Numbers and words that are countersigned although no source but somebody's knowledge
    /// states them: whoever signed should have replaced tag and source by the text's.
    #[must_use]
    pub fn doubts(&self) -> Vec<&Entry> {
        let doubtful = |entry: &&Entry| {
            self.is_countersigned(&entry.clause)
                && !entry.confidence.is_some_and(Confidence::is_sourced)
        };
        self.entries.iter().filter(doubtful).collect()
    }

    /// Whether a laboratory has checked the numbers of a clause, alone or with the pack.
    #[must_use]
    pub fn is_countersigned(&self, clause: &str) -> bool {
        let mut clauses = self.clause_countersignature.iter();
        self.status == Status::Countersigned || clauses.any(|signed| signed.clause == clause)
    }

    /// Names of the grades, in the order of the pack.
    #[must_use]
    pub fn grades(&self) -> Vec<&str> {
        let mut grades: Vec<&str> = Vec::new();
        for row in &self.tolerance {
            if !grades.contains(&row.grade.as_str()) {
                grades.push(&row.grade);
            }
        }
        grades
    }

    /// Tolerances of a grade for a rated head (which matters only where the pack's rows
    /// depend on it).
    ///
    /// # Errors
    /// [`Error::NotInPack`] for a grade or rated head without a row.
    pub fn tolerance(&self, grade: &str, rated_head_m: f64) -> Result<&Tolerance, Error> {
        let row = self.tolerance.iter().find(|row| {
            row.grade == grade
                && row
                    .rated_head_above_m
                    .is_none_or(|low| rated_head_m > low && !limit::touches(rated_head_m, low))
                && row
                    .rated_head_up_to_m
                    .is_none_or(|high| limit::at_most(rated_head_m, high))
        });
        row.ok_or_else(|| {
            self.missing(format!(
                "grade {grade:?} at a rated head of {rated_head_m} m"
            ))
        })
    }

    /// The rule for small pumps.
    ///
    /// # Errors
    /// [`Error::NotInPack`], as all of the accessors below.
    pub fn small_power(&self) -> Result<&SmallPower, Error> {
        self.section(self.small_power.as_ref(), "the rule for small pumps")
    }

    /// What holds for a pump of an application and rated shaft power in W when the contract
    /// names no grade: the rule for small pumps where the pack has one that covers the
    /// power, else the row of the application.
    ///
    /// # Errors
    /// [`Error::NotInPack`] for an application the table does not list (an order then names
    /// `not_listed`, if that fits) or a range of power it leaves out,
    /// [`Error::Value`] for a power that is not above zero.
    pub fn unagreed(&self, application: &str, shaft_power_w: f64) -> Result<Unagreed<'_>, Error> {
        let found = self
            .default_grade
            .iter()
            .find(|d| d.application == application);
        let found = found.ok_or_else(|| {
            let known: Vec<&str> = self.applications().collect();
            self.missing(format!(
                "a grade by default for the application {application:?} (known: {})",
                known.join(", ")
            ))
        })?;
        let row = found.row(shaft_power_w)?;
        match &self.small_power {
            Some(rule) if rule.covers(shaft_power_w) => Ok(Unagreed::SmallPower(rule)),
            _ => row.map(Unagreed::Grade).ok_or_else(|| {
                self.missing(format!(
                    "a grade by default for {application:?} at {} kW",
                    shaft_power_w / 1000.0
                ))
            }),
        }
    }

    /// Ids of the applications that have a grade by default.
    pub fn applications(&self) -> impl Iterator<Item = &str> {
        self.default_grade.iter().map(|d| d.application.as_str())
    }

    /// The grade of duty points other than the guarantee point.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn other_points(&self) -> Result<&OtherPoints, Error> {
        self.section(self.other_points.as_ref(), "the grade of other duty points")
    }

    /// How NPSH is tested.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn npsh(&self) -> Result<&NpshRule, Error> {
        self.section(self.npsh.as_ref(), "the rule for NPSH")
    }

    /// By how much the NPSH found may exceed the guaranteed one.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn npsh_tolerance(&self, grade: &str) -> Result<&NpshTolerance, Error> {
        let row = self.npsh()?.row(grade);
        row.ok_or_else(|| self.missing(format!("the NPSH tolerance of grade {grade:?}")))
    }

    /// Permissible spread of the plateau of a head-drop curve, percent of its mean either way.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn npsh_plateau_pct(&self, class: u8) -> Result<f64, Error> {
        let quantity = self.npsh()?.plateau;
        let quantity = quantity.ok_or_else(|| self.missing("the limit of the plateau".into()))?;
        Ok(self
            .limit(&self.fluctuation, "fluctuation", quantity, class)?
            .1)
    }

    /// Permissible spread between sets of readings, with the row it is from: that of the
    /// largest tabulated number of sets that is not above `sets`.
    ///
    /// # Errors
    /// [`Error::NotInPack`] for too few sets, a class or a quantity without a column.
    pub fn spread_pct(
        &self,
        sets: usize,
        quantity: Measured,
        class: u8,
    ) -> Result<(&SpreadRow, f64), Error> {
        let row = self.spread.iter().rev().find(|row| row.sets <= sets);
        row.and_then(|row| Some((row, row.limit_pct(quantity, class)?)))
            .ok_or_else(|| {
                self.missing(format!(
                    "the permissible spread of {quantity:?} between {sets} sets in class {class}"
                ))
            })
    }

    /// How guarantees are evaluated.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn evaluation(&self) -> Result<&Evaluation, Error> {
        self.section(self.evaluation.as_ref(), "the evaluation rule")
    }

    /// Windows of frequency and voltage.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn supply(&self) -> Result<&SupplyRule, Error> {
        self.section(self.supply.as_ref(), "the supply rule")
    }

    /// Permitted test speeds.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn speed(&self) -> Result<&SpeedRule, Error> {
        self.section(self.speed.as_ref(), "the speed rule")
    }

    /// Number and placement of points.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn points(&self) -> Result<&PointRule, Error> {
        self.section(self.points.as_ref(), "the rule for test points")
    }

    /// Number of sets of readings.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn readings(&self) -> Result<&ReadingsRule, Error> {
        self.section(self.readings.as_ref(), "the rule for repeated readings")
    }

    /// Which polynomial may be fitted.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn fit(&self) -> Result<&FitRule, Error> {
        self.section(self.fit.as_ref(), "the fit rule")
    }

    /// The lead cable the guarantee includes.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn cable(&self) -> Result<&CableRule, Error> {
        self.section(self.cable.as_ref(), "the cable rule")
    }

    /// What is reported at the guaranteed flow without being judged.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn report(&self) -> Result<&ReportRule, Error> {
        self.section(self.report.as_ref(), "the list of reported quantities")
    }

    /// The band over which the motor must not be overloaded.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn load(&self) -> Result<&LoadRule, Error> {
        self.section(self.load.as_ref(), "the rule for the motor's load")
    }

    /// Items of the standard that a run of this bench does not cover.
    #[must_use]
    pub fn untested(&self) -> &[Untested] {
        &self.untested
    }

    /// Whether full or rounded values are held against limits.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn rounding(&self) -> Result<&RoundingRule, Error> {
        self.section(self.rounding.as_ref(), "the rounding rule")
    }

    /// The laboratory's own settings.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn laboratory(&self) -> Result<&Laboratory, Error> {
        self.section(self.laboratory.as_ref(), "the laboratory settings")
    }

    /// How far an impeller may be trimmed without a new test.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn trim(&self) -> Result<&TrimRule, Error> {
        self.section(self.trim.as_ref(), "the rule for impeller trim")
    }

    /// The lower deviation of the unit efficiency as an expression of the motor's.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn unit_deviation(&self) -> Result<&UnitDeviation, Error> {
        let item = "the lower deviation of the unit efficiency";
        self.section(self.unit_deviation.as_ref(), item)
    }

    /// From which share of the head, in percent, friction is added.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn friction_threshold_pct(&self, class: u8) -> Result<f64, Error> {
        let rows = self.friction.as_slice();
        Ok(self
            .limit(rows, "friction threshold", Measured::FrictionHead, class)?
            .1)
    }

    /// Permissible uncertainty of the instrument, percent.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn instrument_uncertainty_pct(&self, quantity: Measured, class: u8) -> Result<f64, Error> {
        let rows = &self.instrument_uncertainty;
        Ok(self
            .limit(rows, "instrument uncertainty", quantity, class)?
            .1)
    }

    /// Permissible overall uncertainty of the result, percent.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn overall_uncertainty_pct(&self, quantity: Measured, class: u8) -> Result<f64, Error> {
        let rows = &self.overall_uncertainty;
        Ok(self.limit(rows, "overall uncertainty", quantity, class)?.1)
    }

    /// The row of permissible uncertainty of the instrument, for its clause and source.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn instrument_uncertainty(
        &self,
        quantity: Measured,
        class: u8,
    ) -> Result<&ClassLimit, Error> {
        let rows = &self.instrument_uncertainty;
        Ok(self
            .limit(rows, "instrument uncertainty", quantity, class)?
            .0)
    }

    /// The row of permissible overall uncertainty of the result, for its clause and source.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn overall_uncertainty(&self, quantity: Measured, class: u8) -> Result<&ClassLimit, Error> {
        let rows = &self.overall_uncertainty;
        Ok(self.limit(rows, "overall uncertainty", quantity, class)?.0)
    }

    /// The row of permissible fluctuation of a quantity, for its clause and source.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn fluctuation(&self, quantity: Measured, class: u8) -> Result<&ClassLimit, Error> {
        Ok(self
            .limit(&self.fluctuation, "fluctuation", quantity, class)?
            .0)
    }

    /// What a channel's steadiness is held against: the standard's fluctuation limit and the
    /// laboratory's drift limit; the floor near zero exists for flow only.
    ///
    /// # Errors
    /// [`Error::NotInPack`]
    pub fn steady_limits(&self, quantity: Measured, class: u8) -> Result<steady::Limits, Error> {
        let laboratory = self.laboratory()?;
        let (row, value) = self.limit(&self.fluctuation, "fluctuation", quantity, class)?;
        Ok(steady::Limits {
            amplitude: match row.unit {
                LimitUnit::Percent => steady::Amplitude::PercentOfMean(value),
                LimitUnit::DegreeCelsius => steady::Amplitude::Absolute(value),
            },
            drift_pct: laboratory.drift_limit_pct,
            floor_pct: (quantity == Measured::Flow).then_some(laboratory.flow_floor_pct_of_rated),
        })
    }

    pub(crate) fn missing(&self, item: String) -> Error {
        Error::NotInPack {
            pack: self.id.clone(),
            item,
        }
    }

    fn section<'a, T>(&self, section: Option<&'a T>, item: &str) -> Result<&'a T, Error> {
        section.ok_or_else(|| self.missing(item.to_owned()))
    }

    fn limit<'a>(
        &self,
        rows: &'a [ClassLimit],
        table: &str,
        quantity: Measured,
        class: u8,
    ) -> Result<(&'a ClassLimit, f64), Error> {
        rows.iter()
            .find(|row| row.quantity == quantity)
            .and_then(|row| Some((row, row.of_class(class)?)))
            .ok_or_else(|| {
                self.missing(format!(
                    "the {table} limit of {quantity:?} in class {class}"
                ))
            })
    }
}
