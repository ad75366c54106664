//! A table before anybody knows what its columns mean: rows of cells, each with a place.

use super::number::Decimal;
use crate::Error;
use dutypoint_model::document::TableForm;

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text, which may be a number as people write it.
    Text(String),
    /// A number of a workbook: the shortest decimal digits that give the stored value.
    Number(String),
    /// Something that is never a measured value, in words: a date, an error.
    Unusable(String),
}

impl Cell {
    /// The text of a header cell.
    pub(super) fn header(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number(text) => text,
            Self::Empty | Self::Unusable(_) => "",
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Number(_) | Self::Unusable(_) => false,
        }
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number, from one, as a spreadsheet counts; a header of several lines is one row.
    pub number: usize,
    /// Its cells; the last ones may be missing.
    pub cells: Vec<Cell>,
}

impl Row {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(Cell::is_empty)
    }

    pub(super) fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Empty)
    }
}

/// A table: its first row is the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Its rows; those without any content are passed over.
    pub rows: Vec<Row>,
    /// How it was read.
    pub form: TableForm,
    /// The decimal sign its text cells must have, where that is known beforehand.
    pub decimal: Option<Decimal>,
}

impl Grid {
    /// An error about the cell in `row` and `column`, whose header is `header`.
    pub(super) fn error(&self, row: &Row, column: usize, header: &str, why: String) -> Error {
        match &self.form.sheet {
            Some(sheet) => Error::SheetCell {
                sheet: sheet.clone(),
                cell: address(row.number, column),
                why,
            },
            None => Error::Cell {
                row: row.number,
                column: header.to_owned(),
                why,
            },
        }
    }

    /// The place of a cell, in words.
    pub(super) fn place(&self, row: &Row, column: usize, header: &str) -> String {
        match self.form.sheet {
            Some(_) => format!("cell {}", address(row.number, column)),
            None => format!("row {}, column {header}", row.number),
        }
    }
}

/// The address of a cell in a sheet: row from 1, column from 0. `(7, 1)` is `B7`.
#[must_use]
pub fn address(row: usize, column: usize) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        let letter = u8::try_from((left - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + letter));
        left = (left - 1) / 26;
    }
    letters
        .iter()
        .rev()
        .chain(row.to_string().chars().collect::<Vec<_>>().iter())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_the_address_a_spreadsheet_shows() {
        for (row, column, expected) in [
            (7, 1, "B7"),
            (1, 0, "A1"),
            (10, 25, "Z10"),
            (1, 26, "AA1"),
            (1, 701, "ZZ1"),
            (1_048_576, 16_383, "XFD1048576"),
        ] {
            assert_eq!(address(row, column), expected);
        }
    }
}
