//! Columns of a standard over one abscissa: tabulated values, or a polynomial by bands.
//!
//! Between tabulated values linear, outside them nothing. A column whose parts are known
//! from different sources, or that is given by bands, stands in several tables of one id,
//! which must follow each other without gap or overlap.

use super::Standard;
use super::band::{Band, sequence_problem};
use super::cite::{Confidence, finite_option};
use crate::{Error, limit};
use serde::Deserialize;
use std::fmt;

/// What a table is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// Efficiency of the pump, percent, over the flow in m³/h.
    PumpEfficiency,
    /// Percentage points taken off it, over the specific speed n_s.
    SpeedCorrection,
    /// Efficiency of the motor, percent, at ratings in kW.
    MotorEfficiency,
    /// Efficiency of the motor, percent, at ratings in hp.
    MotorEfficiencyHp,
}

impl fmt::Display for TableKind {
    /// The word as packs write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PumpEfficiency => "pump_efficiency",
            Self::SpeedCorrection => "speed_correction",
            Self::MotorEfficiency => "motor_efficiency",
            Self::MotorEfficiencyHp => "motor_efficiency_hp",
        })
    }
}

impl TableKind {
    /// A rating is looked up; nothing lies between two of them.
    fn at_ratings(self) -> bool {
        matches!(self, Self::MotorEfficiency | Self::MotorEfficiencyHp)
    }
}

/// A column of a standard, or a part of one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// What it is about.
    pub kind: TableKind,
    /// Name of the column.
    pub id: String,
    /// Clause or table.
    pub clause: String,
    /// Pairs of abscissa and value, abscissae rising.
    #[serde(default)]
    pub at: Vec<[f64; 2]>,
    /// In place of pairs: a polynomial.
    pub polynomial: Option<Polynomial>,
    /// Abscissae above this one count as this one.
    #[serde(default, deserialize_with = "finite_option")]
    pub capped_at: Option<f64>,
    /// The standard has this column and no source of it was at hand: the laboratory fills
    /// in the pairs from its own copy.
    #[serde(default)]
    pub to_fill: bool,
    /// Keys into the pack's `[sources]`.
    pub source: Vec<String>,
    /// How far to trust the column.
    pub confidence: Confidence,
}

/// A polynomial over a band of the abscissa x.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Polynomial {
    /// Where it holds.
    pub over: Band,
    /// What is raised to powers.
    pub of: Variable,
    /// Coefficients, that of the highest power first, as standards print them.
    pub highest_power_first: Vec<f64>,
}

/// What a polynomial's powers are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variable {
    /// The abscissa itself.
    Plain,
    /// Its natural logarithm.
    Logarithm,
}

impl Table {
    /// What is wrong with the table by itself.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let coefficients = self.polynomial.iter().flat_map(|p| &p.highest_power_first);
        if (self.at.iter().flatten().chain(coefficients)).any(|v| !v.is_finite()) {
            return Some("holds a value that is not finite; write a decimal or leave it out");
        }
        match &self.polynomial {
            Some(_) if !self.at.is_empty() || self.to_fill => {
                return Some("has a polynomial and also pairs or `to_fill`; keep one");
            }
            Some(polynomial) => {
                if polynomial.highest_power_first.is_empty() {
                    return Some("has a polynomial without coefficients; give them");
                }
                return polynomial.over.problem();
            }
            None => {}
        }
        if self.to_fill != self.at.is_empty() {
            return Some("needs pairs, a polynomial, or `to_fill = true` while it has neither");
        }
        let least = if self.kind.at_ratings() || self.to_fill {
            0
        } else {
            2
        };
        let rising = |pair: &[[f64; 2]]| matches!(pair, [a, b] if a[0] < b[0]);
        (self.at.len() < least || !self.at.windows(2).all(rising))
            .then_some("needs two pairs or more with rising abscissae; sort them")
    }

    /// Where the table holds, ends included for pairs.
    fn over(&self) -> Band {
        match &self.polynomial {
            Some(polynomial) => polynomial.over,
            None => Band {
                from: self.at.first().map(|pair| pair[0]),
                up_to: self.at.last().map(|pair| pair[0]),
                ..Band::default()
            },
        }
    }

    /// The value at an abscissa; none outside the table.
    #[must_use]
    pub fn value(&self, x: f64) -> Option<f64> {
        let x = self.capped_at.map_or(x, |cap| x.min(cap));
        if self.kind.at_ratings() {
            let found = self.at.iter().find(|[at, _]| limit::touches(x, *at));
            return found.map(|[_, value]| *value);
        }
        if let Some(polynomial) = &self.polynomial {
            if !polynomial.over.holds(x) {
                return None;
            }
            let x = match polynomial.of {
                Variable::Plain => x,
                Variable::Logarithm => libm::log(x),
            };
            let horner = |sum: f64, c: &f64| sum * x + c;
            let value = polynomial.highest_power_first.iter().fold(0.0, horner);
            return value.is_finite().then_some(value);
        }
        self.at.windows(2).find_map(|pair| match pair {
            [[x0, y0], [x1, y1]] if limit::at_least(x, *x0) && limit::at_most(x, *x1) => {
                Some(y0 + (y1 - y0) * ((x - x0) / (x1 - x0)))
            }
            _ => None,
        })
    }
}

impl Standard {
    /// The value of a column of the pack; none outside of it.
    ///
    /// # Errors
    /// [`Error::NotInPack`] for a column the pack does not have, or that the laboratory has
    /// still to fill in.
    pub fn column_value(&self, kind: TableKind, id: &str, x: f64) -> Result<Option<f64>, Error> {
        let mut parts = self.column(kind, id)?.into_iter();
        Ok(parts.find_map(|table| table.value(x)))
    }

    /// The tables of a column.
    ///
    /// # Errors
    /// As [`Self::column_value`].
    pub fn column(&self, kind: TableKind, id: &str) -> Result<Vec<&Table>, Error> {
        let parts: Vec<&Table> = self.parts(kind, id).collect();
        if parts.is_empty() {
            let known = self.columns(kind).join(", ");
            return Err(self.missing(format!("the {kind} column {id:?} (known: {known})")));
        }
        if parts.iter().any(|table| table.to_fill) {
            return Err(self.missing(format!(
                "the numbers of the {kind} column {id:?}, which a laboratory fills in from its own copy of the standard,"
            )));
        }
        Ok(parts)
    }

    fn parts(&self, kind: TableKind, id: &str) -> impl Iterator<Item = &Table> {
        let same = move |table: &&Table| table.kind == kind && table.id == id;
        self.table.iter().filter(same)
    }

    /// Ids of the columns of a kind, in the order of the pack.
    #[must_use]
    pub fn columns(&self, kind: TableKind) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        for table in self.table.iter().filter(|table| table.kind == kind) {
            if !ids.contains(&table.id.as_str()) {
                ids.push(&table.id);
            }
        }
        ids
    }

    /// What is wrong with the tables of one id together.
    pub(super) fn column_problem(&self, table: &Table) -> Option<&'static str> {
        let parts: Vec<&Table> = self.parts(table.kind, &table.id).collect();
        if parts.len() < 2 {
            return None;
        }
        if table.kind.at_ratings() || parts.iter().any(|p| p.to_fill) {
            return Some("is given twice; keep one");
        }
        if parts.iter().all(|p| p.polynomial.is_some()) {
            let bands: Vec<Band> = parts.iter().map(|p| p.over()).collect();
            return sequence_problem(&bands);
        }
        if parts.iter().any(|p| p.polynomial.is_some()) {
            return Some("mixes pairs with polynomials; give one form");
        }
        let follows = |pair: &[&Table]| match pair {
            [a, b] => a.at.last() == b.at.first(),
            _ => true,
        };
        (!parts.windows(2).all(follows)).then_some(
            "is given in parts that do not follow each other; repeat the last pair of a part as the first of the next",
        )
    }
}
