//! Text with separators, read into a [`Grid`].

use super::grid::{Cell, Grid, Row};
use super::number::Decimal;
use crate::Error;
use dutypoint_model::document::TableForm;
use std::fmt;
use std::str::FromStr;
use unicode_normalization::UnicodeNormalization as _;

/// What stands between the cells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
}

impl Separator {
    const ALL: [Self; 3] = [Self::Tab, Self::Semicolon, Self::Comma];

    fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
        })
    }
}

impl FromStr for Separator {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|separator| separator.to_string() == text)
            .ok_or_else(|| "expected comma, semicolon or tab".into())
    }
}

/// Reads `text` of the file `name`.
pub(super) fn grid(
    name: &str,
    text: &str,
    encoding: &str,
    chosen: Option<Separator>,
) -> Result<Grid, Error> {
    let refuse = |why: String| Error::Table {
        name: name.to_owned(),
        why,
    };
    // Excel may say the separator in a line of its own.
    let (said, text) = match text.split_once('\n') {
        Some((first, rest)) => match first.trim().strip_prefix("sep=") {
            Some(sign) => (
                Separator::ALL
                    .into_iter()
                    .find(|s| sign.as_bytes() == [s.byte()]),
                rest,
            ),
            None => (None, text),
        },
        None => (None, text),
    };
    let mut tables: Vec<(Separator, Vec<Row>)> = match chosen.or(said) {
        Some(separator) => vec![(separator, rows(text, separator).map_err(refuse)?)],
        None => {
            let mut found = candidates(text).map_err(refuse)?;
            if found.is_empty() && text.contains(['，', '；']) {
                found = candidates(&text.nfkc().collect::<String>()).map_err(refuse)?;
            }
            found
        }
    };
    if tables.len() > 1 {
        tables.retain(|(_, rows)| ragged(rows).is_none());
    }
    let (separator, mut rows) = match (tables.pop(), tables.is_empty()) {
        (Some(table), true) => table,
        (None, true) if text.trim().is_empty() => return Err(refuse("it is empty".into())),
        (None, true) if chosen.is_none() => {
            return Err(refuse(
                "no separator divides its header and its rows alike; separate the cells by commas, semicolons or tabs, and say which with --separator: comma, semicolon, tab".into(),
            ));
        }
        _ => {
            return Err(refuse(
                "more than one separator divides it into a table; say which is meant with --separator: comma, semicolon, tab".into(),
            ));
        }
    };
    if let Some((number, cells, expected)) = ragged(&rows) {
        let hint = match separator {
            Separator::Comma if cells > expected => {
                "; where the comma is the decimal sign, separate the cells by semicolons"
            }
            _ => "",
        };
        return Err(refuse(format!(
            "row {number} has {cells} cells, the header has {expected}; give every row one cell for each column{hint}"
        )));
    }
    rows.retain(|row| !row.is_empty());
    Ok(Grid {
        decimal: points_only(&rows, separator),
        rows,
        form: TableForm {
            encoding: Some(encoding.to_owned()),
            separator: Some(char::from(separator.byte()).to_string()),
            ..TableForm::default()
        },
    })
}

/// A table separated by commas whose cells have no comma has points as decimal signs: in
/// a country of decimal commas it would have been separated by semicolons.
fn points_only(rows: &[Row], separator: Separator) -> Option<Decimal> {
    let comma = |cell: &Cell| matches!(cell, Cell::Text(text) if text.contains([',', '，']));
    let any = rows.iter().skip(1).flat_map(|row| &row.cells).any(comma);
    (separator == Separator::Comma && !any).then_some(Decimal::Point)
}

/// The separators that divide the header, with what they make of the text.
fn candidates(text: &str) -> Result<Vec<(Separator, Vec<Row>)>, String> {
    let mut found = Vec::new();
    for separator in Separator::ALL {
        let rows = rows(text, separator)?;
        if rows.first().is_some_and(|header| width(header) > 1) {
            found.push((separator, rows));
        }
    }
    Ok(found)
}

/// Cells up to the last that holds anything.
fn width(row: &Row) -> usize {
    let holds = |cell: &Cell| matches!(cell, Cell::Text(_));
    row.cells.iter().rposition(holds).map_or(0, |last| last + 1)
}

/// The first row that has too few cells, or something beyond the header: its number, its
/// cells, those of the header.
fn ragged(rows: &[Row]) -> Option<(usize, usize, usize)> {
    let (header, rest) = rows.split_first()?;
    let expected = width(header);
    rest.iter()
        .filter(|row| !row.is_empty())
        .map(|row| (row.number, width(row), row.cells.len()))
        .find(|(_, width, cells)| *width > expected || *cells < expected)
        .map(|(number, width, cells)| (number, width.max(cells), expected))
}

fn rows(text: &str, separator: Separator) -> Result<Vec<Row>, String> {
    let reader = csv::ReaderBuilder::new()
        .delimiter(separator.byte())
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut rows: Vec<Row> = Vec::new();
    let mut first = None;
    let mut lines = Lines {
        text,
        at: 0,
        line: 1,
    };
    for record in reader.into_records() {
        let record = record.map_err(|error| error.to_string())?;
        let at = record.position().map_or(0, |p| p.byte());
        let line = lines.of(usize::try_from(at).unwrap_or(text.len()));
        let cells = record.iter().map(|cell| match cell {
            "" => Cell::Empty,
            text => Cell::Text(text.to_owned()),
        });
        let row = Row {
            number: 0,
            cells: cells.collect(),
        };
        // What stands above the header is blank, so the header is the first row of all.
        if first.is_none() && row.is_empty() {
            continue;
        }
        // A header of several lines is one row.
        let lines = match first {
            Some(lines) => lines,
            None => {
                let cells = record.iter().map(|cell| cell.matches('\n').count());
                first = Some(cells.sum());
                0
            }
        };
        rows.push(Row {
            number: line.saturating_sub(lines),
            ..row
        });
    }
    Ok(rows)
}

/// Counts the lines up to records that come one after another.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// Line of the record that begins at byte `at`; blank lines before it are passed over,
    /// as the reader does.
    fn of(&mut self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let blank = bytes
            .iter()
            .skip(at)
            .take_while(|b| matches!(b, b'\n' | b'\r'))
            .count();
        let to = (at + blank).clamp(self.at, bytes.len());
        let passed = bytes.get(self.at..to).unwrap_or_default();
        self.line += passed.iter().filter(|b| **b == b'\n').count();
        self.at = to;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Grid, Error> {
        grid("t.csv", text, "UTF-8", None)
    }

    fn cells(grid: &Grid) -> Vec<(usize, Vec<&str>)> {
        grid.rows
            .iter()
            .map(|row| (row.number, row.cells.iter().map(Cell::header).collect()))
            .collect()
    }

    #[test]
    fn the_separator_is_found_in_the_header() {
        let expected = vec![
            (1, vec!["a", "b"]),
            (2, vec!["1", "2"]),
            (3, vec!["3", "4"]),
        ];
        for text in [
            "a,b\n1,2\n3,4\n",
            "a;b\r\n1;2\r\n3;4\r\n",
            "a\tb\n1\t2\n3\t4",
            "a，b\n1，2\n3，4\n",
            "a；b\n1；2\n3；4\n",
            "sep=;\na;b\n1;2\n3;4\n",
            "a;b;\n1;2;\n3;4;\n",
        ] {
            let grid = read(text).unwrap();
            let found: Vec<_> = cells(&grid)
                .into_iter()
                .map(|(n, mut row)| {
                    row.truncate(2);
                    (n, row)
                })
                .collect();
            assert_eq!(found, expected, "{text:?}");
        }
        // A decimal comma in a table of semicolons does not make it one of commas, nor does
        // a comma in its header.
        let grid = read("a, x;b\n1,5;2,5\n3;4\n").unwrap();
        assert_eq!(grid.form.separator.as_deref(), Some(";"));
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_counts() {
        let grid = read("\n\"a\n[m]\",b\n1,2\n\n,\n3,4\n").unwrap();
        assert_eq!(
            cells(&grid),
            [
                (2, vec!["a\n[m]", "b"]),
                (3, vec!["1", "2"]),
                (6, vec!["3", "4"])
            ]
        );
    }

    #[test]
    fn what_is_no_table_is_refused_with_what_to_change() {
        for (text, expected) in [
            ("", "it is empty"),
            ("a\n1\n", "no separator divides its header"),
            ("a;b,c\n1;2,3\n", "more than one separator"),
            ("a,b\n1,2,3\n", "row 2 has 3 cells, the header has 2"),
            ("a,b\n1,5,2,5\n", "separate the cells by semicolons"),
            ("a;b;c\n1;2;3\n4;5\n", "row 3 has 2 cells, the header has 3"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.starts_with("failed to import t.csv: "), "{error}");
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }
}
