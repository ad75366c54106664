//! A table recorded elsewhere, read into an `Import` document: whole or not at all.
//!
//! The header names each column and its unit, `Q [m3/h]`; which column holds what stands
//! in the order, or in the one table of [`NAMES`]. Owns: encodings, separators, decimal
//! signs, headers. Promises: what could be read two ways is refused with the choice to
//! make; the document holds every cell in one form, so replay needs none of this. Never
//! does: open workbooks, which somebody else turns into a [`Grid`].

mod columns;
mod encoding;
mod grid;
mod header;
mod names;
mod number;
mod separated;

pub use encoding::Encoding;
pub use grid::{Cell, Grid, Row, address};
pub use names::{NAMES, Name};
pub use number::Decimal;
pub use separated::Separator;

use crate::Error;
use crate::config::Order;
use columns::{Picked, pick};
use dutypoint_model::Digest;
use dutypoint_model::document::{FileRef, Import};
use number::Number;

/// What the user says about a file where it does not say it itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Encoding of a text table.
    pub encoding: Option<Encoding>,
    /// What separates its cells.
    pub separator: Option<Separator>,
    /// Decimal sign of numbers in text.
    pub decimal: Option<Decimal>,
}

/// Reads the text table `bytes` of the file `name` by the columns of `order`.
///
/// # Errors
/// [`Error::Table`] for what is no table or more than one, otherwise as [`of_grid`].
pub fn table(
    order: &Order,
    name: &str,
    bytes: &[u8],
    choices: &Choices,
    t_ns: i64,
) -> Result<Import, Error> {
    let (text, encoding) = encoding::text(name, bytes, choices.encoding)?;
    let grid = separated::grid(name, &text, encoding, choices.separator)?;
    of_grid(order, name, bytes, &grid, choices.decimal, t_ns)
}

/// Reads `grid`, which somebody has made of `bytes` of the file `name`, by the columns of
/// `order`.
///
/// # Errors
/// [`Error::Cell`] naming row and column or [`Error::SheetCell`] naming the address,
/// [`Error::Config`] for an order that cannot import, [`Error::Table`].
pub fn of_grid(
    order: &Order,
    name: &str,
    bytes: &[u8],
    grid: &Grid,
    decimal: Option<Decimal>,
    t_ns: i64,
) -> Result<Import, Error> {
    let method = order.import.as_ref().ok_or_else(|| {
        Error::Config("the order has no [import] section, so no table can be read with it".into())
    })?;
    let refuse = |why: &str| Error::Table {
        name: name.to_owned(),
        why: why.to_owned(),
    };
    let mut rows = grid.rows.iter().filter(|row| !row.is_empty());
    let header = rows.next().ok_or_else(|| refuse("it is empty"))?;
    let rows: Vec<&Row> = rows.collect();
    let picked = pick(grid, header, &method.column)?;
    if rows.is_empty() {
        return Err(refuse("the table has no rows"));
    }

    let read = rows
        .iter()
        .map(|row| picked.iter().map(|p| number(grid, row, p)).collect())
        .collect::<Result<Vec<Vec<Number>>, Error>>()?;
    let mut cells = Vec::new();
    for (row, numbers) in rows.iter().zip(&read) {
        cells.extend(picked.iter().zip(numbers).map(|(p, n)| (*row, p, n)));
    }
    let decimal = match decimal.or(grid.decimal) {
        Some(decimal) => Some(decimal),
        None => agreed(grid, &cells)?,
    };
    let mut texts = cells.into_iter().map(|(row, p, number)| {
        // Without a decimal sign to go by, no number has one.
        let decimal = decimal.unwrap_or(Decimal::Point);
        number.under(decimal).map(ToOwned::to_owned).ok_or_else(|| {
            let why = format!(
                "{:?} does not have a decimal {decimal}, as the rest of the table; write all numbers one way, or pass --decimal comma or --decimal point",
                row.cell(p.at).header()
            );
            grid.error(row, p.at, &p.header, why)
        })
    });
    let mut table = Vec::new();
    for _ in &rows {
        table.push(
            texts
                .by_ref()
                .take(picked.len())
                .collect::<Result<_, _>>()?,
        );
    }
    let mut form = grid.form.clone();
    form.decimal = decimal.map(|decimal| decimal.sign().to_string());
    Ok(Import {
        t_ns,
        file: FileRef {
            name: name.to_owned(),
            digest: Digest::of(bytes),
        },
        form,
        columns: picked.into_iter().map(|p| p.column).collect(),
        rows: table,
    })
}

/// The number in a cell.
fn number(grid: &Grid, row: &Row, picked: &Picked) -> Result<Number, Error> {
    let refuse = |what: &str| {
        let why = format!("{what}; expected a number in {}", picked.column.unit);
        grid.error(row, picked.at, &picked.header, why)
    };
    match row.cell(picked.at) {
        Cell::Number(digits) => Ok(Number::Plain(digits.clone())),
        Cell::Text(text) => {
            Number::parse(text).ok_or_else(|| refuse(&format!("{text:?} is no number")))
        }
        Cell::Empty if grid.form.sheet.is_some() => Err(refuse(
            "it is empty (so is a formula whose value was never computed: open and save the workbook in its program)",
        )),
        Cell::Empty => Err(refuse("\"\" is no number")),
        Cell::Unusable(what) => Err(refuse(what)),
    }
}

/// The decimal sign that the numbers of a table show together; `None` when none has any.
fn agreed(grid: &Grid, cells: &[(&Row, &Picked, &Number)]) -> Result<Option<Decimal>, Error> {
    let certain = |decimal: Decimal| {
        cells
            .iter()
            .find(|(_, _, n)| matches!(n, Number::Certain(sign, _) if *sign == decimal))
    };
    let shown = |row: &Row, p: &Picked| row.cell(p.at).header().to_owned();
    match (certain(Decimal::Comma), certain(Decimal::Point)) {
        (Some((row, p, _)), Some((other, q, _))) => Err(grid.error(
            row,
            p.at,
            &p.header,
            format!(
                "{:?} has a decimal comma, but {:?} in {} has a decimal point; write all numbers one way",
                shown(row, p),
                shown(other, q),
                grid.place(other, q.at, &q.header)
            ),
        )),
        (Some(_), None) => Ok(Some(Decimal::Comma)),
        (None, Some(_)) => Ok(Some(Decimal::Point)),
        (None, None) => {
            let open = cells
                .iter()
                .find(|(_, _, n)| matches!(n, Number::Either { .. }));
            let Some((row, p, number)) = open else {
                return Ok(None);
            };
            let reading = |decimal| number.under(decimal).unwrap_or_default().to_owned();
            Err(grid.error(
                row,
                p.at,
                &p.header,
                format!(
                    "{:?} could be {} or {}, and no other number of the table tells which; pass --decimal comma or --decimal point",
                    shown(row, p),
                    reading(Decimal::Comma),
                    reading(Decimal::Point)
                ),
            ))
        }
    }
}
