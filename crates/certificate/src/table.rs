//! Bordered tables that wrap their text and go over pages.
//!
//! Promises: a row is as tall as its tallest cell; rows that belong together stay on
//! one page when a page can hold them; the heading is repeated on every page; a row
//! taller than a page is divided between lines, never lost.

use crate::document::{BOTTOM, Document, LEFT, TOP};
use crate::error::Error;
use crate::sheet::{Align, Colour, Stroke, TextStyle};
use crate::wrap;
use dutypoint_model::Bilingual;

const PAD_X: f64 = 1.2;
const PAD_Y: f64 = 0.8;
const HAIR: Stroke = Stroke::solid(Colour::RULE, 0.12);
const FRAME: Stroke = Stroke::solid(Colour::BLACK, 0.28);

/// A cell: paragraphs under one another.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    pieces: Vec<(String, TextStyle)>,
    span: usize,
    align: Align,
    shaded: bool,
}

impl Cell {
    /// A cell without text, one column wide.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            span: 1,
            ..Self::default()
        }
    }

    /// A cell with one paragraph.
    #[must_use]
    pub fn text(text: impl Into<String>, style: TextStyle) -> Self {
        Self::empty().and(text, style)
    }

    /// A cell with Chinese and, smaller and beneath it, English.
    #[must_use]
    pub fn bilingual(text: &Bilingual, style: TextStyle) -> Self {
        Self::empty().and_bilingual(text, style)
    }

    /// Adds a paragraph beneath; empty text adds nothing.
    #[must_use]
    pub fn and(mut self, text: impl Into<String>, style: TextStyle) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.pieces.push((text, style));
        }
        self
    }

    /// Adds Chinese and English beneath; what is empty adds nothing, and English that
    /// only repeats the Chinese text is left out.
    #[must_use]
    pub fn and_bilingual(self, text: &Bilingual, style: TextStyle) -> Self {
        let cell = self.and(text.zh.clone(), style);
        if text.en == text.zh {
            return cell;
        }
        cell.and(text.en.clone(), second(style))
    }

    /// Lets the cell take several columns.
    #[must_use]
    pub fn span(mut self, columns: usize) -> Self {
        self.span = columns.max(1);
        self
    }

    /// Aligns the text.
    #[must_use]
    pub fn align(mut self, align: Align) -> Self {
        self.align = align;
        self
    }

    /// Gives the cell the ground of a heading.
    #[must_use]
    pub fn shaded(mut self) -> Self {
        self.shaded = true;
        self
    }
}

/// The look of the second language beside text of `style`.
#[must_use]
pub fn second(style: TextStyle) -> TextStyle {
    TextStyle {
        size: (style.size * 0.84).max(5.6),
        ..style
    }
    .in_colour(if style.colour == Colour::BLACK {
        Colour::GREY
    } else {
        style.colour
    })
}

/// A row of cells.
#[derive(Clone, Debug, Default)]
pub struct Row {
    cells: Vec<Cell>,
    with_next: bool,
}

impl Row {
    /// A row that may stand alone.
    #[must_use]
    pub fn new(cells: Vec<Cell>) -> Self {
        Self {
            cells,
            with_next: false,
        }
    }

    /// Keeps the row on the page of the row that follows.
    #[must_use]
    pub fn with_next(mut self) -> Self {
        self.with_next = true;
        self
    }
}

/// A table over the width of the body.
#[derive(Clone, Debug)]
pub struct Table {
    widths: Vec<f64>,
    header: Option<Row>,
    rows: Vec<Row>,
}

/// A row with its text broken into lines, ready to be measured and drawn.
struct Set<'a> {
    cells: Vec<SetCell<'a>>,
}

struct SetCell<'a> {
    cell: &'a Cell,
    x: f64,
    width: f64,
    lines: Vec<(String, TextStyle)>,
}

impl Set<'_> {
    fn height(&self) -> f64 {
        self.cells
            .iter()
            .map(|c| c.lines.iter().map(|(_, s)| s.line_height()).sum::<f64>())
            .fold(0.0, f64::max)
            + 2.0 * PAD_Y
    }

    /// Takes away what fits into `height`; `None` when not a single line does.
    fn split_off(&mut self, height: f64) -> Option<Self> {
        let mut taken = false;
        let cells = self
            .cells
            .iter_mut()
            .map(|c| {
                let mut used = 2.0 * PAD_Y;
                let fit = c
                    .lines
                    .iter()
                    .take_while(|(_, s)| {
                        used += s.line_height();
                        used <= height
                    })
                    .count();
                taken |= fit > 0;
                SetCell {
                    cell: c.cell,
                    x: c.x,
                    width: c.width,
                    lines: c.lines.drain(..fit).collect(),
                }
            })
            .collect();
        taken.then_some(Self { cells })
    }
}

impl Table {
    /// A table whose columns share the body in proportion to `widths`.
    #[must_use]
    pub fn new(widths: &[f64]) -> Self {
        let total: f64 = widths.iter().sum();
        let widths = widths
            .iter()
            .map(|w| w / total * crate::document::WIDTH)
            .collect();
        Self {
            widths,
            header: None,
            rows: Vec::new(),
        }
    }

    /// Sets the heading, repeated on every page.
    #[must_use]
    pub fn header(mut self, row: Row) -> Self {
        self.header = Some(row);
        self
    }

    /// Adds a row.
    pub fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Height of the heading and the first rows that belong together: what must fit
    /// under a section title, mm.
    #[must_use]
    pub fn lead_height(&self, document: &Document<'_>) -> f64 {
        let header = self.header.iter().map(|r| self.set(document, r).height());
        let rows = group(&self.rows).map(|r| self.set(document, r).height());
        header.sum::<f64>() + rows.sum::<f64>()
    }

    /// Height of the whole table on a page long enough for it, mm.
    #[must_use]
    pub fn height(&self, document: &Document<'_>) -> f64 {
        let rows = self.header.iter().chain(&self.rows);
        rows.map(|r| self.set(document, r).height()).sum()
    }

    /// Draws the table where the document stands.
    ///
    /// # Errors
    /// [`Error::Glyphs`] when the font lacks a character.
    pub fn draw(&self, document: &mut Document<'_>) -> Result<(), Error> {
        let header = self.header.as_ref().map(|r| self.set(document, r));
        let header_height = header.as_ref().map_or(0.0, Set::height);
        let page = BOTTOM - TOP - header_height;
        let mut rows = self.rows.as_slice();
        let mut top: Option<f64> = None;
        while !rows.is_empty() {
            let together: f64 = group(rows).map(|r| self.set(document, r).height()).sum();
            let count = group(rows).count();
            for (index, row) in rows.iter().take(count).enumerate() {
                let mut set = self.set(document, row);
                let wanted = if index == 0 && together <= page {
                    together
                } else {
                    set.height()
                };
                // A row no page can hold starts where it stands and is divided.
                let divided = set.height() > page;
                let lead = if top.is_none() { header_height } else { 0.0 };
                if divided {
                    document.need(lead + page.min(20.0));
                } else if lead + wanted > document.room() + 0.01 {
                    self.close(document, &mut top);
                    document.need(lead + wanted);
                }
                loop {
                    if top.is_none() {
                        top = Some(document.y());
                        if let Some(header) = &header {
                            draw_row(document, header)?;
                        }
                    }
                    if set.height() <= document.room() + 0.01 {
                        draw_row(document, &set)?;
                        break;
                    }
                    let room = document.room();
                    let part = set.split_off(room);
                    let fresh = part.is_none() && document.y() <= TOP + header_height + 0.01;
                    if let Some(part) = part {
                        draw_row(document, &part)?;
                    } else if fresh {
                        // Not one line fits an empty page: draw it over the edge
                        // rather than turn pages for ever.
                        draw_row(document, &set)?;
                        break;
                    }
                    self.close(document, &mut top);
                    document.page_break();
                }
            }
            rows = rows.get(count..).unwrap_or_default();
        }
        self.close(document, &mut top);
        Ok(())
    }

    /// Draws the frame around what stands on this page.
    fn close(&self, document: &mut Document<'_>, top: &mut Option<f64>) {
        if let Some(top) = top.take() {
            let width: f64 = self.widths.iter().sum();
            let height = document.y() - top;
            document
                .sheet()
                .rectangle((LEFT, top), (width, height), Some(FRAME), None);
        }
    }

    fn set<'a>(&self, document: &Document<'_>, row: &'a Row) -> Set<'a> {
        let mut widths = self.widths.iter().copied();
        let mut x = LEFT;
        let cells = row
            .cells
            .iter()
            .map(|cell| {
                let width: f64 = widths.by_ref().take(cell.span).sum();
                let lines = cell
                    .pieces
                    .iter()
                    .flat_map(|(text, style)| {
                        let face = document.fonts().face(style.weight);
                        wrap::lines(face, text, style.size, width - 2.0 * PAD_X)
                            .into_iter()
                            .map(|line| (line, *style))
                    })
                    .collect();
                let set = SetCell {
                    cell,
                    x,
                    width,
                    lines,
                };
                x += width;
                set
            })
            .collect();
        Set { cells }
    }
}

/// The rows at the front that stay together.
fn group(rows: &[Row]) -> impl Iterator<Item = &Row> {
    let tied = rows.iter().take_while(|r| r.with_next).count();
    rows.iter().take(tied + 1)
}

fn draw_row(document: &mut Document<'_>, set: &Set<'_>) -> Result<(), Error> {
    let (top, height) = (document.y(), set.height());
    for cell in &set.cells {
        if cell.cell.shaded {
            document
                .sheet()
                .ground((cell.x, top), (cell.width, height), Colour::SHADE);
        }
        document
            .sheet()
            .rectangle((cell.x, top), (cell.width, height), Some(HAIR), None);
        let text: f64 = cell.lines.iter().map(|(_, s)| s.line_height()).sum();
        let mut y = top + (height - text) / 2.0;
        let x = match cell.cell.align {
            Align::Left => cell.x + PAD_X,
            Align::Centre => cell.x + cell.width / 2.0,
            Align::Right => cell.x + cell.width - PAD_X,
        };
        for (line, style) in &cell.lines {
            document
                .sheet()
                .text(x, y + style.baseline(), line, *style, cell.cell.align)?;
            y += style.line_height();
        }
    }
    document.advance(height);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Cell, Row, Table};
    use crate::document::{BOTTOM, Document};
    use crate::font::Fonts;
    use crate::sheet::{Mark, Sheet, TextStyle};

    const STYLE: TextStyle = TextStyle::regular(9.0);

    fn texts(sheet: &Sheet<'_>) -> Vec<String> {
        sheet
            .marks()
            .filter_map(|m| match m {
                Mark::Text { text, y, .. } => {
                    assert!(*y <= BOTTOM, "{text} runs off the page");
                    Some(text.clone())
                }
                _ => None,
            })
            .collect()
    }

    fn table(rows: impl IntoIterator<Item = Row>) -> Vec<Vec<String>> {
        let fonts = Fonts::embedded().unwrap();
        let mut document = Document::new(&fonts);
        let header = Row::new(vec![Cell::text("序号", STYLE), Cell::text("说明", STYLE)]);
        let mut table = Table::new(&[1.0, 9.0]).header(header);
        rows.into_iter().for_each(|r| table.push(r));
        table.draw(&mut document).unwrap();
        document.into_pages().iter().map(texts).collect()
    }

    fn row(n: usize, text: &str) -> Row {
        Row::new(vec![
            Cell::text(n.to_string(), STYLE),
            Cell::text(text, STYLE),
        ])
    }

    #[test]
    fn the_heading_is_on_every_page_and_no_row_is_lost() {
        let pages = table((0..120).map(|n| row(n, "流量计")));
        assert!(pages.len() > 2);
        assert!(pages.iter().all(|p| p[0] == "序号"));
        let numbers: Vec<String> = pages
            .iter()
            .flatten()
            .filter(|t| t.parse::<usize>().is_ok())
            .cloned()
            .collect();
        let wanted: Vec<String> = (0..120).map(|n| n.to_string()).collect();
        assert_eq!(numbers, wanted);
    }

    #[test]
    fn tied_rows_share_a_page() {
        let rows = (0..80).map(|n| {
            let row = row(n, "甲");
            if n % 2 == 0 { row.with_next() } else { row }
        });
        for page in table(rows) {
            let numbers: Vec<usize> = page.iter().filter_map(|t| t.parse().ok()).collect();
            assert_eq!(numbers.first().unwrap() % 2, 0);
            assert_eq!(numbers.last().unwrap() % 2, 1);
        }
    }

    #[test]
    fn a_row_taller_than_a_page_is_divided() {
        let long = "不得遗漏任何一个字".repeat(1000);
        let pages = table([row(1, "前"), row(2, &long), row(3, "后")]);
        assert!(pages.len() >= 2);
        let all: String = pages.iter().flatten().map(String::as_str).collect();
        assert_eq!(all.matches('遗').count(), 1000);
        assert!(all.ends_with('后'));
    }
}
