//! Pages filled from top to bottom.
//!
//! Owns: the body area of a page, the place the next thing goes, page breaks. Running
//! heads and feet are drawn afterwards, when the number of pages is known
//! ([`Document::into_pages`]).

use crate::error::Error;
use crate::font::Fonts;
use crate::sheet::{Align, PAGE_WIDTH, Sheet, TextStyle};
use crate::wrap;

/// Left edge of the body, mm.
pub const LEFT: f64 = 16.0;
/// Right edge of the body, mm.
pub const RIGHT: f64 = PAGE_WIDTH - 16.0;
/// Width of the body, mm.
pub const WIDTH: f64 = RIGHT - LEFT;
/// Top of the body, mm.
pub const TOP: f64 = 22.0;
/// Bottom of the body, mm.
pub const BOTTOM: f64 = 278.0;

/// A document being laid out.
#[derive(Debug)]
pub struct Document<'f> {
    fonts: &'f Fonts,
    done: Vec<Sheet<'f>>,
    current: Sheet<'f>,
    y: f64,
}

impl<'f> Document<'f> {
    /// A document with one empty page.
    #[must_use]
    pub fn new(fonts: &'f Fonts) -> Self {
        Self {
            fonts,
            done: Vec::new(),
            current: Sheet::new(fonts),
            y: TOP,
        }
    }

    /// The fonts text is set in.
    #[must_use]
    pub fn fonts(&self) -> &'f Fonts {
        self.fonts
    }

    /// The page being filled.
    pub fn sheet(&mut self) -> &mut Sheet<'f> {
        &mut self.current
    }

    /// Where the next thing goes, mm from the top of the page.
    #[must_use]
    pub fn y(&self) -> f64 {
        self.y
    }

    /// What is left of the body, mm.
    #[must_use]
    pub fn room(&self) -> f64 {
        BOTTOM - self.y
    }

    /// Moves down without drawing; at the top of a page space is dropped.
    pub fn space(&mut self, mm: f64) {
        if self.y > TOP {
            self.y += mm;
        }
    }

    /// Marks `mm` of the page as used.
    pub fn advance(&mut self, mm: f64) {
        self.y += mm;
    }

    /// Begins a new page unless `mm` fit on this one or it is still empty.
    pub fn need(&mut self, mm: f64) {
        // A hundredth of a millimetre forgives the sums of many heights.
        if mm > self.room() + 0.01 && self.y > TOP {
            self.page_break();
        }
    }

    /// Begins a new page.
    pub fn page_break(&mut self) {
        let full = std::mem::replace(&mut self.current, Sheet::new(self.fonts));
        self.done.push(full);
        self.y = TOP;
    }

    /// Height of text wrapped to `width`, mm.
    #[must_use]
    pub fn height(&self, text: &str, style: TextStyle, width: f64) -> f64 {
        let face = self.fonts.face(style.weight);
        let lines = wrap::lines(face, text, style.size, width).len();
        style.line_height() * f64::from(u32::try_from(lines).unwrap_or(u32::MAX))
    }

    /// A paragraph over the width of the body from `indent` mm on, broken across pages
    /// between lines.
    ///
    /// # Errors
    /// [`Error::Glyphs`] when the font lacks a character.
    pub fn paragraph(&mut self, indent: f64, text: &str, style: TextStyle) -> Result<(), Error> {
        let face = self.fonts.face(style.weight);
        for line in wrap::lines(face, text, style.size, WIDTH - indent) {
            self.need(style.line_height());
            let at = self.y + style.baseline();
            self.current
                .text(LEFT + indent, at, &line, style, Align::Left)?;
            self.y += style.line_height();
        }
        Ok(())
    }

    /// The finished pages.
    #[must_use]
    pub fn into_pages(mut self) -> Vec<Sheet<'f>> {
        self.done.push(self.current);
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::{BOTTOM, Document, TOP};
    use crate::font::Fonts;
    use crate::sheet::TextStyle;

    #[test]
    fn a_long_paragraph_goes_over_the_page_and_an_empty_page_is_never_left_behind() {
        let fonts = Fonts::embedded().unwrap();
        let mut document = Document::new(&fonts);
        document.need(10_000.0);
        assert!((document.y() - TOP).abs() < 1e-9);
        let text = "泵的流量与扬程。".repeat(900);
        document
            .paragraph(0.0, &text, TextStyle::regular(9.0))
            .unwrap();
        assert!(document.y() <= BOTTOM + 0.01);
        assert!(document.into_pages().len() >= 2);
    }
}
