//! Repeated sets of readings, for a point that is not steady.
//!
//! A set is one reading of every quantity at one time. A set that failed is discarded whole
//! and with its cause; no single reading is ever dropped, and what was discarded stays in
//! the answer. What remains is held against the pack's rule: the overall uncertainty with
//! Student's t (2012), or the spread table (1999 and 2005).

use crate::pack::{Measured, RepeatRule, Standard};
use crate::{Error, check, limit, stats, uncertainty};
use dutypoint_model::Verdict;

/// One set of readings.
#[derive(Debug, Clone, PartialEq)]
pub struct Set {
    /// When it was taken, s.
    pub at_s: f64,
    /// One value per quantity, in the order of the quantities.
    pub values: Vec<f64>,
    /// Why the whole set was discarded; absent for one that counts.
    pub discarded: Option<String>,
}

/// A quantity of the sets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// Which quantity.
    pub quantity: Measured,
    /// Systematic uncertainty of its instrument, percent; the rule with Student's t needs it.
    pub systematic_pct: Option<f64>,
}

/// Why a quantity has its verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Inside the limit.
    Inside,
    /// Above the limit: find the cause, and take more sets.
    Above,
    /// The pack has no limit for the quantity and class.
    NotInPack,
    /// The uncertainty of the instrument is not known.
    NoSystematic,
}

/// One quantity over the sets that count.
#[derive(Debug, Clone, PartialEq)]
pub struct Repeated {
    /// Which quantity.
    pub quantity: Measured,
    /// Mean, which is the value of the point, with its random uncertainty.
    pub random: stats::RandomUncertainty,
    /// `100 (max − min)/max`, percent.
    pub spread_pct: f64,
    /// Overall uncertainty, percent, where that of the instrument is known.
    pub overall_pct: Option<f64>,
    /// What the pack's rule limits: the overall uncertainty or the spread, percent.
    pub judged_pct: Option<f64>,
    /// Its limit, percent.
    pub limit_pct: Option<f64>,
    /// Row of the spread table, by its number of sets.
    pub row_sets: Option<usize>,
    /// Verdict on the quantity.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
}

/// The sets of a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Sets {
    /// Which rule judged.
    pub rule: RepeatRule,
    /// Sets that count.
    pub counted: usize,
    /// Positions of the discarded sets, from zero, with their causes.
    pub discarded: Vec<(usize, String)>,
    /// Per quantity, in the order given.
    pub quantities: Vec<Repeated>,
    /// Verdict on all quantities.
    pub verdict: Verdict,
}

/// Judges sets of readings by the pack's rule for one measurement class.
/// Source: ISO 9906:2012 4.3.3; ISO 9906:1999 by the reference, sections 3.2 to 3.4.
///
/// # Errors
/// [`Error::NotInPack`] for a pack without a rule, [`Error::TooFew`] for fewer sets than it
/// asks for, [`Error::TimeOrder`] and [`Error::Value`] for sets out of order or too near in
/// time, a set without one value per quantity, a discarded set without cause, or a value
/// that is not finite and above zero.
pub fn judge(pack: &Standard, class: u8, columns: &[Column], sets: &[Set]) -> Result<Sets, Error> {
    let rule = pack.readings()?;
    let spacing_s = rule.spacing_s.as_ref().map_or(0.0, |s| s.value);
    let mut discarded = Vec::new();
    let mut counted: Vec<&Set> = Vec::new();
    let mut before_s: Option<f64> = None;
    for (index, set) in sets.iter().enumerate() {
        let at_s = check::finite("time of a set in s", set.at_s)?;
        if set.values.len() != columns.len() {
            return Err(Error::Lengths {
                left: columns.len(),
                right: set.values.len(),
            });
        }
        if let Some(before_s) = before_s {
            if at_s <= before_s {
                return Err(Error::TimeOrder {
                    time_s: at_s,
                    before_s,
                });
            }
            if !limit::at_least(at_s - before_s, spacing_s) {
                return Err(Error::Value {
                    quantity: "time between two sets of readings in s",
                    value: at_s - before_s,
                    must: "at least what the standard asks for",
                    advice: "take the sets further apart, at irregular intervals",
                });
            }
        }
        before_s = Some(at_s);
        match &set.discarded {
            None => counted.push(set),
            Some(cause) if cause.trim().is_empty() => {
                return Err(Error::Value {
                    quantity: "number of a discarded set",
                    value: (index + 1) as f64,
                    must: "given with the cause it was discarded for",
                    advice: "name the cause; a set is never dropped without one",
                });
            }
            Some(cause) => discarded.push((index, cause.clone())),
        }
    }
    let need = rule.minimum_sets.value as usize;
    if counted.len() < need {
        return Err(Error::TooFew {
            quantity: "the mean of repeated sets",
            got: counted.len(),
            need,
        });
    }
    let mut quantities = Vec::with_capacity(columns.len());
    for (index, column) in columns.iter().enumerate() {
        let values: Vec<f64> = counted
            .iter()
            .filter_map(|set| set.values.get(index).copied())
            .collect();
        quantities.push(one(pack, rule.rule, class, *column, &values)?);
    }
    Ok(Sets {
        rule: rule.rule,
        counted: counted.len(),
        discarded,
        verdict: Verdict::all(quantities.iter().map(|q| q.verdict)),
        quantities,
    })
}

fn one(
    pack: &Standard,
    rule: RepeatRule,
    class: u8,
    column: Column,
    values: &[f64],
) -> Result<Repeated, Error> {
    let random = stats::random_uncertainty(values)?;
    let spread_pct = stats::spread_pct(values)?;
    let overall_pct = column
        .systematic_pct
        .map(|systematic_pct| uncertainty::overall_pct(random.random_pct, systematic_pct))
        .transpose()?;
    let mut found = Repeated {
        quantity: column.quantity,
        random,
        spread_pct,
        overall_pct,
        judged_pct: None,
        limit_pct: None,
        row_sets: None,
        verdict: Verdict::NotEvaluated,
        reason: Reason::NotInPack,
    };
    match rule {
        RepeatRule::StudentT => {
            found.judged_pct = overall_pct;
            found.limit_pct = pack.overall_uncertainty_pct(column.quantity, class).ok();
            if overall_pct.is_none() {
                found.reason = Reason::NoSystematic;
            }
        }
        RepeatRule::SpreadTable => {
            found.judged_pct = Some(spread_pct);
            if let Ok((row, limit_pct)) = pack.spread_pct(values.len(), column.quantity, class) {
                found.limit_pct = Some(limit_pct);
                found.row_sets = Some(row.sets);
            }
        }
    }
    if let (Some(judged_pct), Some(limit_pct)) = (found.judged_pct, found.limit_pct) {
        (found.verdict, found.reason) = if limit::at_most(judged_pct, limit_pct) {
            (Verdict::Pass, Reason::Inside)
        } else {
            (Verdict::Fail, Reason::Above)
        };
    }
    Ok(found)
}
