//! A table recorded elsewhere, read from CSV into an `Import` document: whole or not at
//! all.
//!
//! The header names each column and its unit, `Q [m3/h]`; which column holds what stands
//! in the order. Cells are kept as written; they become numbers in the engine.

use crate::Error;
use crate::config::Order;
use dutypoint_model::document::{FileRef, Import, ImportColumn, Role};
use dutypoint_model::toml_text::nearest;
use dutypoint_model::{Digest, Unit, measure};

/// Roles every imported table must hold.
const REQUIRED: &[Role] = &[
    Role::Flow,
    Role::InletPressure,
    Role::OutletPressure,
    Role::ShaftPower,
];

/// Reads the CSV `bytes` of the file `name` by the columns of `order`.
///
/// # Errors
/// [`Error::Cell`] naming row and column, [`Error::Config`] for an order without
/// `[import]` or a file that is no table.
pub fn table(order: &Order, name: &str, bytes: &[u8], t_ns: i64) -> Result<Import, Error> {
    let method = order.import.as_ref().ok_or_else(|| {
        Error::Config("the order has no [import] section, so no table can be read with it".into())
    })?;
    let unreadable = |error: csv::Error| Error::Config(format!("{name}: {error}"));
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let header: Vec<String> = reader
        .headers()
        .map_err(unreadable)?
        .iter()
        .map(ToOwned::to_owned)
        .collect();
    let split: Vec<(&str, Option<&str>)> = header.iter().map(|h| name_and_unit(h)).collect();

    let mut picked = Vec::new();
    let mut columns = Vec::new();
    for wanted in &method.column {
        let cell = |column: &str, why: String| Error::Cell {
            row: 0,
            column: column.to_owned(),
            why,
        };
        let Some(at) = split.iter().position(|(n, _)| *n == wanted.header) else {
            let names = split.iter().map(|(n, _)| *n);
            let hint = match nearest(&wanted.header, names.clone()) {
                Some(near) => format!("did you mean {near:?}?"),
                None => format!("the header has: {}", names.collect::<Vec<_>>().join(", ")),
            };
            return Err(cell(
                &wanted.header,
                format!("the column is missing; {hint}"),
            ));
        };
        let quantity = wanted.role.quantity();
        let unit = match split.get(at).and_then(|(_, unit)| *unit) {
            Some(text) => text
                .parse::<Unit>()
                .map_err(|error| cell(&wanted.header, error.to_string()))?,
            None => {
                return Err(cell(
                    &wanted.header,
                    format!(
                        "the header gives no unit; write it in brackets, as in \"{} [{}]\"",
                        wanted.header,
                        Unit::of(quantity).next().map_or("", Unit::symbol)
                    ),
                ));
            }
        };
        if unit.quantity() != quantity {
            return Err(cell(
                &wanted.header,
                format!(
                    "{unit} is no unit of {}; expected {}",
                    wanted.role.text().en,
                    measure::symbols(quantity)
                ),
            ));
        }
        picked.push(at);
        columns.push(ImportColumn {
            role: wanted.role,
            unit,
        });
    }
    for role in REQUIRED {
        if !columns.iter().any(|c| c.role == *role) {
            return Err(Error::Config(format!(
                "the order's [import] names no column for {}",
                role.text().en
            )));
        }
    }

    let mut rows = Vec::new();
    for (n, record) in reader.records().enumerate() {
        let record = record.map_err(unreadable)?;
        let mut row = Vec::new();
        for (at, wanted) in picked.iter().zip(&method.column) {
            let cell = record.get(*at).unwrap_or("");
            let usable = cell.parse::<f64>().is_ok_and(f64::is_finite);
            if !usable {
                let unit = split.get(*at).and_then(|(_, unit)| *unit).unwrap_or("");
                return Err(Error::Cell {
                    row: n + 1,
                    column: wanted.header.clone(),
                    why: format!(
                        "{cell:?} is no number; expected a number in {unit}, with a point as decimal sign"
                    ),
                });
            }
            row.push(cell.to_owned());
        }
        rows.push(row);
    }
    if rows.is_empty() {
        return Err(Error::Config(format!("{name}: the table has no rows")));
    }
    Ok(Import {
        t_ns,
        file: FileRef {
            name: name.to_owned(),
            digest: Digest::of(bytes),
        },
        columns,
        rows,
    })
}

/// `Q [m3/h]` → `Q`, `m3/h`.
fn name_and_unit(header: &str) -> (&str, Option<&str>) {
    match header
        .trim()
        .strip_suffix(']')
        .and_then(|h| h.rsplit_once('['))
    {
        Some((name, unit)) => (name.trim(), Some(unit.trim())),
        None => (header.trim(), None),
    }
}
