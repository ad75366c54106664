//! What every section is built from: headings, label-and-value grids, words.

use crate::data::{Bilingual, CertificateData, CertificateKind};
use crate::document::{BOTTOM, Document, LEFT, TOP, WIDTH};
use crate::error::Error;
use crate::font::Fonts;
use crate::print::{PrintRule, Printer};
use crate::sheet::{Align, Colour, TextStyle};
use crate::table::{Cell, Row, Table, second};

/// A fixed expression, Chinese and English.
pub(super) type Words = (&'static str, &'static str);

/// Ordinary text in tables.
pub(super) const BODY: TextStyle = TextStyle::regular(8.2);
/// Column headings.
pub(super) const HEADING: TextStyle = TextStyle::bold(7.6);
/// Labels in grids.
pub(super) const LABEL: TextStyle = TextStyle::regular(7.6);
/// Remarks under tables.
pub(super) const SMALL: TextStyle = TextStyle::regular(7.0);

const GRID: [f64; 4] = [27.0, 62.0, 27.0, 62.0];

/// A document in the making.
pub(super) struct Parts<'d, 'f> {
    pub(super) data: &'d CertificateData,
    pub(super) document: Document<'f>,
    pub(super) print: Printer,
    section: u32,
}

impl<'d, 'f> Parts<'d, 'f> {
    pub(super) fn new(data: &'d CertificateData, fonts: &'f Fonts) -> Self {
        Self {
            data,
            document: Document::new(fonts),
            print: Printer {
                efficiency_decimals: data.efficiency_decimals,
            },
            section: 0,
        }
    }

    /// A numbered section title, kept on the page of the `lead` mm that follow it.
    pub(super) fn heading(&mut self, (zh, en): Words, lead: f64) -> Result<(), Error> {
        const ABOVE: f64 = 4.2;
        const HEIGHT: f64 = 6.0;
        self.document.need(ABOVE + HEIGHT + lead);
        self.document.space(ABOVE);
        self.section += 1;
        let y = self.document.y() + 4.2;
        let bold = TextStyle::bold(10.5);
        let zh = format!("{}  {zh}", self.section);
        let sheet = self.document.sheet();
        sheet.text(LEFT, y, &zh, bold, Align::Left)?;
        let after = LEFT + sheet.width(&zh, bold) + 2.2;
        let grey = TextStyle::regular(8.6).in_colour(Colour::GREY);
        sheet.text(after, y, en, grey, Align::Left)?;
        self.document.advance(HEIGHT);
        Ok(())
    }

    /// A section title and its table. A table that is no more than a third of a page
    /// is not torn apart.
    pub(super) fn titled(&mut self, title: Words, table: &Table) -> Result<(), Error> {
        let whole = table.height(&self.document);
        let lead = if whole <= (BOTTOM - TOP) * 0.36 {
            whole
        } else {
            table.lead_height(&self.document)
        };
        self.heading(title, lead)?;
        table.draw(&mut self.document)
    }

    /// `test` where the laboratory tested, `evaluation` where it only evaluated the data
    /// of others and must not claim a test.
    pub(super) fn said(&self, test: Words, evaluation: Words) -> Words {
        match self.data.kind {
            CertificateKind::DataEvaluation => evaluation,
            CertificateKind::Formal | CertificateKind::Simulated => test,
        }
    }

    /// A remark under a table, Chinese and English.
    pub(super) fn remark(&mut self, text: &Bilingual) -> Result<(), Error> {
        self.document.space(0.8);
        self.document.paragraph(0.0, &text.zh, SMALL)?;
        if text.en != text.zh {
            self.document.paragraph(0.0, &text.en, second(SMALL))?;
        }
        Ok(())
    }

    /// A number with its unit, for a grid.
    pub(super) fn quantity(&self, rule: PrintRule, value: f64, unit: &str) -> String {
        format!("{} {unit}", self.print.number(rule, value))
            .trim_end()
            .to_owned()
    }
}

/// A fixed expression as text of a document.
pub(super) fn words((zh, en): Words) -> Bilingual {
    Bilingual::new(zh, en)
}

/// Several statements in one cell, numbered when there is more than one.
pub(super) fn list(statements: &[Bilingual]) -> Cell {
    let many = statements.len() > 1;
    let mut cell = Cell::empty();
    for (index, statement) in statements.iter().enumerate() {
        let zh = if many {
            format!("{}. {}", index + 1, statement.zh)
        } else {
            statement.zh.clone()
        };
        cell = cell.and_bilingual(&Bilingual::new(zh, statement.en.as_str()), BODY);
    }
    cell
}

/// A column heading.
pub(super) fn heading_cell(text: Words) -> Cell {
    Cell::bilingual(&words(text), HEADING)
        .align(Align::Centre)
        .shaded()
}

/// Labels and values in two columns. Absent values take no room: what follows moves up.
#[derive(Default)]
pub(super) struct Grid {
    entries: Vec<(Words, Cell, bool)>,
}

impl Grid {
    /// Adds a value half a row wide.
    pub(super) fn add(&mut self, label: Words, value: Option<Cell>) {
        self.entries.extend(value.map(|v| (label, v, false)));
    }

    /// Adds a value over the whole row.
    pub(super) fn wide(&mut self, label: Words, value: Option<Cell>) {
        self.entries.extend(value.map(|v| (label, v, true)));
    }

    /// Adds a line of text half a row wide.
    pub(super) fn text(&mut self, label: Words, value: Option<impl Into<String>>) {
        self.add(label, value.map(|v| Cell::text(v, BODY)));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The table. An entry left alone in its row takes the whole row.
    pub(super) fn table(self) -> Table {
        let mut table = Table::new(&GRID);
        let label = |text: Words| Cell::bilingual(&words(text), LABEL).shaded();
        let mut left: Option<(Words, Cell)> = None;
        for (text, value, wide) in self.entries {
            match left.take() {
                Some((other, cell)) if !wide => {
                    table.push(Row::new(vec![label(other), cell, label(text), value]));
                    continue;
                }
                Some((other, cell)) => {
                    table.push(Row::new(vec![label(other), cell.span(3)]));
                }
                None => {}
            }
            if wide {
                table.push(Row::new(vec![label(text), value.span(3)]));
            } else {
                left = Some((text, value));
            }
        }
        if let Some((text, value)) = left {
            table.push(Row::new(vec![label(text), value.span(3)]));
        }
        table
    }
}

/// Width of the body, for what is drawn beside the tables.
pub(super) const BODY_WIDTH: f64 = WIDTH;
