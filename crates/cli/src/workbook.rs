//! An .xlsx workbook becomes a [`Grid`]: one sheet, its cells as they are stored.
//!
//! Formulas count with the value stored beside them. A number is kept as the shortest
//! decimal digits that give the stored double, which are the digits a spreadsheet was
//! given unless it has computed them.

use crate::say::bad;
use calamine::{DataRef, Reader as _, SheetType, Xlsx};
use dutypoint_engine::import::{Cell, Grid, Row};
use dutypoint_model::document::TableForm;
use std::collections::BTreeMap;
use std::io::Cursor;

/// Cells a sheet may hold, blanks within its rows included: more is no table of points,
/// and a stray cell in the last corner must not fill the memory.
const MOST_CELLS: usize = 1_000_000;

/// Whether `bytes` are a workbook and not text.
pub(crate) fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || is_old(bytes)
}

/// The container of .xls, and of every workbook with a password.
fn is_old(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0])
}

/// Reads the sheet `wanted`, or the only one that holds anything, of the file `name`.
pub(crate) fn grid(name: &str, bytes: &[u8], wanted: Option<&str>) -> anyhow::Result<Grid> {
    let refuse = |why: String| bad(format!("failed to import {name}: {why}"));
    if is_old(bytes) {
        return Err(refuse(
            "it is an old .xls workbook, or one with a password; save it as .xlsx without a password".into(),
        ));
    }
    let unreadable = |error: &dyn std::fmt::Display| {
        refuse(format!(
            "it is no .xlsx workbook that can be read ({error}); save it anew as .xlsx or as CSV"
        ))
    };
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|e| unreadable(&e))?;
    let names: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let sheet = match wanted {
        Some(wanted) if names.iter().any(|name| name == wanted) => wanted.to_owned(),
        Some(wanted) => {
            return Err(refuse(format!(
                "it has no sheet {wanted:?}; it has: {}",
                quoted(&names)
            )));
        }
        None => {
            let mut filled = Vec::new();
            for name in &names {
                if !cells(&mut book, name, true)
                    .map_err(|e| unreadable(&e))?
                    .is_empty()
                {
                    filled.push(name.clone());
                }
            }
            match filled.as_slice() {
                [only] => only.clone(),
                [] => return Err(refuse("none of its sheets holds anything".into())),
                several => {
                    return Err(refuse(format!(
                        "several of its sheets hold something: {}; choose one with --sheet NAME",
                        quoted(several)
                    )));
                }
            }
        }
    };
    let cells = cells(&mut book, &sheet, false).map_err(|e| unreadable(&e))?;
    let mut rows = Vec::new();
    let mut total = 0;
    for (number, row) in cells {
        let width = row.keys().last().map_or(0, |last| *last as usize + 1);
        total += width;
        if total > MOST_CELLS {
            return Err(refuse(format!(
                "sheet {sheet:?} has more than {MOST_CELLS} cells; keep only the table of points"
            )));
        }
        let mut cells = vec![Cell::Empty; width];
        for (column, cell) in row {
            if let Some(place) = cells.get_mut(column as usize) {
                *place = cell;
            }
        }
        rows.push(Row {
            number: number as usize + 1,
            cells,
        });
    }
    Ok(Grid {
        rows,
        form: TableForm {
            sheet: Some(sheet),
            ..TableForm::default()
        },
        decimal: None,
    })
}

/// The cells of a sheet that hold something, by row and column from 0; with `any`, not
/// more than one.
fn cells(
    book: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    any: bool,
) -> Result<BTreeMap<u32, BTreeMap<u32, Cell>>, calamine::XlsxError> {
    let mut reader = book.worksheet_cells_reader(sheet)?;
    let mut rows: BTreeMap<u32, BTreeMap<u32, Cell>> = BTreeMap::new();
    while let Some(found) = reader.next_cell()? {
        let (row, column) = found.get_position();
        if let Some(cell) = cell(found.get_value()) {
            rows.entry(row).or_default().insert(column, cell);
            if any {
                break;
            }
        }
    }
    Ok(rows)
}

/// `None` for a cell without content.
fn cell(value: &DataRef<'_>) -> Option<Cell> {
    let text = |text: &str| (!text.trim().is_empty()).then(|| Cell::Text(text.to_owned()));
    match value {
        DataRef::Empty => None,
        DataRef::Int(number) => Some(Cell::Number(number.to_string())),
        DataRef::Float(number) if number.is_finite() => Some(Cell::Number(number.to_string())),
        DataRef::Float(number) => Some(Cell::Unusable(format!("it holds {number}"))),
        DataRef::String(string) => text(string),
        DataRef::SharedString(string) => text(string),
        DataRef::Bool(truth) => Some(Cell::Unusable(format!("it holds {truth}"))),
        DataRef::Error(error) => Some(Cell::Unusable(format!("it holds the error {error}"))),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => Some(
            Cell::Unusable("it holds a date or time, or a number formatted as one".into()),
        ),
    }
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    quoted.join(", ")
}
