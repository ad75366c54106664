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

/// The last row and column of a sheet, from 0: `XFD1048576`.
const LAST_ROW: u32 = 1_048_575;
/// See [`LAST_ROW`].
const LAST_COLUMN: u32 = 16_383;

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
    // calamine 0.38 overflows on cell references no spreadsheet has, which is a panic in a
    // development build; a damaged file is the user's to change all the same.
    std::panic::catch_unwind(|| read(name, bytes, wanted)).unwrap_or_else(|_| {
        Err(bad(format!(
            "failed to import {name}: its parts are damaged; save it anew as .xlsx or as CSV"
        )))
    })
}

fn read(name: &str, bytes: &[u8], wanted: Option<&str>) -> anyhow::Result<Grid> {
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
    let mut before = None;
    while let Some(found) = reader.next_cell()? {
        let place = found.get_position();
        let (row, column) = place;
        // The same overflow in a release build gives a wrong place: one outside a sheet, or
        // out of the order in which a sheet lists its cells.
        if row > LAST_ROW || column > LAST_COLUMN || before.is_some_and(|b| b >= place) {
            return Err(calamine::XlsxError::Unexpected(
                "a cell in a place it cannot have",
            ));
        }
        before = Some(place);
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rust_xlsxwriter::{Format, Formula, Workbook};
    use std::io::{Read as _, Write as _};

    fn book(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
        let mut book = Workbook::new();
        fill(&mut book);
        book.save_to_buffer().unwrap()
    }

    fn numbers(values: &[f64]) -> Vec<u8> {
        book(|book| {
            let sheet = book.add_worksheet();
            for (row, value) in (0..).zip(values) {
                sheet.write_number(row, 2, *value).unwrap();
            }
        })
    }

    #[test]
    fn a_formula_counts_with_its_stored_value_and_a_date_not_at_all() {
        let bytes = book(|book| {
            let sheet = book.add_worksheet();
            let formula = Formula::new("=7.355*2").set_result("14.71");
            sheet.write_formula(0, 0, formula).unwrap();
            let date = Format::new().set_num_format("yyyy-mm-dd");
            sheet
                .write_number_with_format(0, 1, 45000.0, &date)
                .unwrap();
            sheet.write_boolean(0, 2, true).unwrap();
            sheet.write_string(0, 3, " 14,71").unwrap();
            sheet.write_string(0, 4, "  ").unwrap();
            sheet.write_number(0, 5, 0.1).unwrap();
        });
        let grid = grid("t.xlsx", &bytes, None).unwrap();
        let cells = &grid.rows[0].cells;
        assert_eq!(cells[0], Cell::Number("14.71".into()));
        assert!(matches!(&cells[1], Cell::Unusable(why) if why.contains("date")));
        assert!(matches!(&cells[2], Cell::Unusable(why) if why.contains("true")));
        assert_eq!(cells[3], Cell::Text(" 14,71".into()));
        assert_eq!(cells[4], Cell::Empty);
        assert_eq!(cells[5], Cell::Number("0.1".into()));
        assert_eq!(grid.form.sheet.as_deref(), Some("Sheet1"));
    }

    #[test]
    fn a_stray_cell_in_the_last_corner_does_not_fill_the_memory() {
        let bytes = book(|book| {
            let sheet = book.add_worksheet();
            sheet.write_number(0, 0, 1.0).unwrap();
            sheet.write_number(1_048_575, 16_383, 1.0).unwrap();
        });
        let grid = grid("t.xlsx", &bytes, None).unwrap();
        let numbers: Vec<usize> = grid.rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, [1, 1_048_576]);
        let bytes = book(|book| {
            let sheet = book.add_worksheet();
            for row in 0..100 {
                sheet.write_number(row, 16_383, 1.0).unwrap();
            }
        });
        let error = super::grid("t.xlsx", &bytes, None).unwrap_err().to_string();
        assert!(error.contains("more than 1000000 cells"), "{error}");
    }

    /// The workbook with one entry replaced.
    fn with_entry(bytes: &[u8], name: &str, content: &[u8]) -> Vec<u8> {
        let mut old = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for n in 0..old.len() {
            let mut entry = old.by_index(n).unwrap();
            let options = zip::write::SimpleFileOptions::default();
            let here = entry.name().unwrap().into_owned();
            new.start_file(here.as_str(), options).unwrap();
            let mut kept = Vec::new();
            entry.read_to_end(&mut kept).unwrap();
            new.write_all(if here == name { content } else { &kept })
                .unwrap();
        }
        new.finish().unwrap().into_inner()
    }

    fn entry(bytes: &[u8], name: &str) -> Vec<u8> {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut content = Vec::new();
        archive
            .by_name(name)
            .unwrap()
            .read_to_end(&mut content)
            .unwrap();
        content
    }

    #[test]
    fn a_cell_in_a_place_no_sheet_has_is_refused() {
        let whole = numbers(&[14.71]);
        let part = "xl/worksheets/sheet1.xml";
        let xml = String::from_utf8(entry(&whole, part)).unwrap();
        for place in ["ZZZZZZZ99999999999", "XFE1", "A1048577", "B0", "7"] {
            let bad = xml.replace("r=\"C1\"", &format!("r=\"{place}\""));
            assert_ne!(bad, xml);
            let error = grid("t.xlsx", &with_entry(&whole, part, bad.as_bytes()), None);
            let error = error.unwrap_err().to_string();
            assert!(error.contains("save it anew"), "{place}: {error}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_number_comes_back_as_the_digits_that_give_it(values in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::ZERO, 1..8)) {
            let grid = grid("t.xlsx", &numbers(&values), None).unwrap();
            for (row, value) in grid.rows.iter().zip(&values) {
                let Cell::Number(digits) = &row.cells[2] else {
                    return Err(TestCaseError::fail("no number"));
                };
                prop_assert_eq!(digits.parse::<f64>().unwrap(), *value);
            }
        }

        #[test]
        fn no_bytes_panic_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = grid("t.xlsx", &[b"PK\x03\x04", &bytes[..]].concat(), None);
        }

        #[test]
        fn no_damage_to_the_parts_of_a_workbook_panics_the_reader(
            part in prop::sample::select(vec![
                "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml",
                "xl/_rels/workbook.xml.rels", "[Content_Types].xml",
            ]),
            at in any::<prop::sample::Index>(),
            cut in 0_usize..40,
            insert in prop_oneof![
                Just(String::new()),
                "[<>/\"=&;#a-zA-Z0-9 .,-]{0,20}",
                Just("<c r=\"ZZZZZZZ99999999999\" t=\"s\"><v>99999999999</v></c>".to_owned()),
            ],
        ) {
            let whole = numbers(&[14.71, 25.15]);
            let mut xml = entry(&whole, part);
            let from = at.index(xml.len());
            let to = (from + cut).min(xml.len());
            xml.splice(from..to, insert.bytes());
            let _ = grid("t.xlsx", &with_entry(&whole, part, &xml), None);
        }
    }
}
