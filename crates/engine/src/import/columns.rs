//! Which column of a table holds what.

use super::grid::{Grid, Row};
use super::header::{Fit, Header};
use crate::Error;
use crate::config::ImportColumnConfig;
use dutypoint_model::document::{ImportColumn, Role};
use dutypoint_model::toml_text::nearest;
use dutypoint_model::{Unit, measure};

/// Roles every imported table must hold.
const REQUIRED: &[Role] = &[
    Role::Flow,
    Role::InletPressure,
    Role::OutletPressure,
    Role::ShaftPower,
];

/// Roles taken along where a table has them.
const OPTIONAL: &[Role] = &[Role::Speed];

/// A column that is used.
#[derive(Clone, Debug)]
pub(super) struct Picked {
    /// Its place in the rows.
    pub(super) at: usize,
    /// What messages call it.
    pub(super) header: String,
    /// As the document names it.
    pub(super) column: ImportColumn,
}

struct Columns<'a> {
    grid: &'a Grid,
    row: &'a Row,
    headers: Vec<Header>,
}

/// The columns `wanted` by the order, or, where it names none, those known by name.
pub(super) fn pick(
    grid: &Grid,
    header: &Row,
    wanted: &[ImportColumnConfig],
) -> Result<Vec<Picked>, Error> {
    let columns = Columns {
        grid,
        row: header,
        headers: header
            .cells
            .iter()
            .map(|c| Header::parse(c.header()))
            .collect(),
    };
    for (n, column) in wanted.iter().enumerate() {
        if wanted.iter().take(n).any(|other| other.role == column.role) {
            return Err(Error::Config(format!(
                "the order's [import] names two columns for {}; leave the one that counts",
                column.role.text().en
            )));
        }
    }
    let mut picked = Vec::new();
    for column in wanted {
        let at: usize = columns
            .best(Some(&column.header), column.role)?
            .ok_or_else(|| columns.missing(&column.header, column.role))?;
        if let Some(other) = picked.iter().find(|p: &&Picked| p.at == at) {
            return Err(columns.refuse(
                at,
                &column.header,
                format!(
                    "the column would be {} and {}; a column holds one quantity",
                    other.column.role.text().en,
                    column.role.text().en
                ),
            ));
        }
        picked.push(columns.picked(at, &column.header, column.role)?);
    }
    if wanted.is_empty() {
        for role in REQUIRED.iter().chain(OPTIONAL) {
            match columns.best(None, *role)? {
                Some(at) => {
                    let name = columns.name(at).to_owned();
                    if !columns.headers.get(at).is_some_and(|h| h.says(*role)) {
                        return Err(columns.refuse(
                            at,
                            &name,
                            "it may be shaft power or input power; say which in a `column` of the order's [import]"
                                .into(),
                        ));
                    }
                    picked.push(columns.picked(at, &name, *role)?);
                }
                None if REQUIRED.contains(role) => {
                    let name = role.text();
                    return Err(columns.missing(&format!("{} {}", name.zh, name.en), *role));
                }
                None => {}
            }
        }
    }
    for role in REQUIRED {
        if !picked.iter().any(|p| p.column.role == *role) {
            return Err(Error::Config(format!(
                "the order's [import] names no column for {}",
                role.text().en
            )));
        }
    }
    Ok(picked)
}

impl Columns<'_> {
    fn name(&self, at: usize) -> &str {
        self.headers.get(at).map_or("", |h| &h.name)
    }

    /// An error about the header of a column.
    fn refuse(&self, at: usize, name: &str, why: String) -> Error {
        self.grid.error(self.row, at, name, why)
    }

    /// The one column that fits best.
    fn best(&self, wanted: Option<&str>, role: Role) -> Result<Option<usize>, Error> {
        let fits = |at: usize| self.headers.get(at).and_then(|h| h.fit(wanted, role));
        let all: Vec<(Fit, usize)> = (0..self.headers.len())
            .filter_map(|at| Some((fits(at)?, at)))
            .collect();
        let Some(best) = all.iter().map(|(fit, _)| *fit).max() else {
            return Ok(None);
        };
        let equal: Vec<usize> = all
            .iter()
            .filter(|(fit, _)| *fit == best)
            .map(|(_, at)| *at)
            .collect();
        match equal.as_slice() {
            [at] => Ok(Some(*at)),
            [first, second, ..] => Err(self.refuse(
                *second,
                wanted.unwrap_or_else(|| self.name(*second)),
                format!(
                    "columns {} ({:?}) and {} ({:?}) could both be {}; rename one of them, or name the right one in a `column` of the order's [import]",
                    first + 1,
                    self.name(*first),
                    second + 1,
                    self.name(*second),
                    role.text().en
                ),
            )),
            [] => Ok(None),
        }
    }

    fn missing(&self, wanted: &str, role: Role) -> Error {
        let names: Vec<&str> = self
            .headers
            .iter()
            .map(|h| h.name.as_str())
            .filter(|name| !name.is_empty())
            .collect();
        let mut why = match nearest(wanted, names.iter().copied()) {
            Some(near) => format!("the column is missing; did you mean {near:?}?"),
            None => format!(
                "the column is missing; the header has: {}",
                names.join(", ")
            ),
        };
        let pressure = matches!(role, Role::InletPressure | Role::OutletPressure);
        if pressure && self.headers.iter().any(Header::is_head) {
            why.push_str("; head is computed from the pressures and not read from a column");
        }
        match &self.grid.form.sheet {
            Some(sheet) => Error::Table {
                name: format!("column {wanted} of sheet {sheet:?}"),
                why,
            },
            None => Error::Cell {
                row: self.row.number,
                column: wanted.to_owned(),
                why,
            },
        }
    }

    fn picked(&self, at: usize, wanted: &str, role: Role) -> Result<Picked, Error> {
        let quantity = role.quantity();
        let header = self.headers.get(at);
        let unit = match header.and_then(|h| h.unit.as_deref()) {
            Some(text) => text
                .parse::<Unit>()
                .map_err(|error| self.refuse(at, wanted, error.to_string()))?,
            None => {
                return Err(self.refuse(
                    at,
                    wanted,
                    format!(
                        "the header gives no unit; write it in brackets, as in \"{wanted} [{}]\"",
                        Unit::of(quantity).next().map_or("", Unit::symbol)
                    ),
                ));
            }
        };
        if unit.quantity() != quantity {
            return Err(self.refuse(
                at,
                wanted,
                format!(
                    "{unit} is no unit of {}; expected {}",
                    role.text().en,
                    measure::symbols(quantity)
                ),
            ));
        }
        Ok(Picked {
            at,
            header: wanted.to_owned(),
            column: ImportColumn {
                header: header.map(|h| h.text.clone()).unwrap_or_default(),
                role,
                unit,
            },
        })
    }
}
