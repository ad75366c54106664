//! One page of a document: marks at places, in millimetres from the top left corner.
//!
//! Owns: what stands on a page and where. Promises: text on a sheet can be drawn by
//! the embedded fonts, and stays text; lines stay lines. Never does: flow, page breaks
//! ([`crate::document`]) or PDF ([`crate::pdf`]).

use crate::error::{Error, MissingGlyph};
use crate::font::{Fonts, MM_PER_PT, Weight};
use crate::wrap;

/// Width of a page, mm (A4).
pub const PAGE_WIDTH: f64 = 210.0;
/// Height of a page, mm (A4).
pub const PAGE_HEIGHT: f64 = 297.0;

/// A colour, each part from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colour(pub f32, pub f32, pub f32);

impl Colour {
    /// Text and frames.
    pub const BLACK: Self = Self(0.0, 0.0, 0.0);
    /// Paper.
    pub const WHITE: Self = Self(1.0, 1.0, 1.0);
    /// Second-language and secondary text; still dark enough for a copier.
    pub const GREY: Self = Self(0.30, 0.30, 0.30);
    /// Hairlines inside tables and charts.
    pub const RULE: Self = Self(0.60, 0.60, 0.60);
    /// Ground of table headings.
    pub const SHADE: Self = Self(0.93, 0.94, 0.95);
}

/// How a line is broken up, in mm of mark and gap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dash {
    /// Unbroken.
    #[default]
    Solid,
    /// Long marks.
    Dashed,
    /// Long and short marks in turn.
    DashDot,
    /// Short marks.
    Dotted,
}

impl Dash {
    /// Marks and gaps in turn, mm.
    pub(crate) fn pattern(self) -> &'static [f64] {
        match self {
            Self::Solid => &[],
            Self::Dashed => &[2.4, 1.2],
            Self::DashDot => &[3.0, 0.9, 0.7, 0.9],
            Self::Dotted => &[0.6, 0.9],
        }
    }
}

/// A line's look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Colour.
    pub colour: Colour,
    /// Width, mm.
    pub width: f64,
    /// Dash pattern.
    pub dash: Dash,
}

impl Stroke {
    /// An unbroken line.
    #[must_use]
    pub const fn solid(colour: Colour, width: f64) -> Self {
        Self {
            colour,
            width,
            dash: Dash::Solid,
        }
    }
}

/// A piece of text's look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextStyle {
    /// Size, points.
    pub size: f64,
    /// Weight.
    pub weight: Weight,
    /// Colour.
    pub colour: Colour,
}

impl TextStyle {
    /// Black text of regular weight.
    #[must_use]
    pub const fn regular(size: f64) -> Self {
        Self {
            size,
            weight: Weight::Regular,
            colour: Colour::BLACK,
        }
    }

    /// Black text of bold weight.
    #[must_use]
    pub const fn bold(size: f64) -> Self {
        Self {
            size,
            weight: Weight::Bold,
            colour: Colour::BLACK,
        }
    }

    /// The same in another colour.
    #[must_use]
    pub const fn in_colour(mut self, colour: Colour) -> Self {
        self.colour = colour;
        self
    }

    /// From one baseline to the next, mm.
    #[must_use]
    pub fn line_height(&self) -> f64 {
        self.size * MM_PER_PT * 1.28
    }

    /// From the top of a line to its baseline, mm: the line's extra height is shared
    /// between above and below, and an ideograph hangs 0.12 em under the baseline.
    #[must_use]
    pub fn baseline(&self) -> f64 {
        self.size * MM_PER_PT * (0.88 + 0.14)
    }
}

/// Where text stands about its reference point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// Text begins there.
    #[default]
    Left,
    /// Text is centred there.
    Centre,
    /// Text ends there.
    Right,
}

/// A mark on a sheet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mark {
    /// Text from a baseline point on, turned counter-clockwise.
    Text {
        x: f64,
        y: f64,
        degrees: f64,
        text: String,
        style: TextStyle,
    },
    /// A chain of straight lines.
    Path {
        points: Vec<(f64, f64)>,
        closed: bool,
        stroke: Option<Stroke>,
        fill: Option<Colour>,
    },
    /// A circle.
    Circle {
        x: f64,
        y: f64,
        radius: f64,
        stroke: Option<Stroke>,
        fill: Option<Colour>,
    },
}

/// A page being drawn on.
#[derive(Clone, Debug)]
pub struct Sheet<'f> {
    fonts: &'f Fonts,
    grounds: Vec<Mark>,
    under: Vec<Mark>,
    marks: Vec<Mark>,
}

impl<'f> Sheet<'f> {
    /// An empty page.
    #[must_use]
    pub fn new(fonts: &'f Fonts) -> Self {
        Self {
            fonts,
            grounds: Vec::new(),
            under: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// The fonts text is measured with.
    #[must_use]
    pub fn fonts(&self) -> &'f Fonts {
        self.fonts
    }

    /// Every mark in painting order: what lies under the text first.
    pub(crate) fn marks(&self) -> impl Iterator<Item = &Mark> {
        self.grounds.iter().chain(&self.under).chain(&self.marks)
    }

    /// Width of a line of text, mm.
    #[must_use]
    pub fn width(&self, text: &str, style: TextStyle) -> f64 {
        self.fonts.face(style.weight).width_mm(text, style.size)
    }

    /// One line of text about (`x`, baseline `y`).
    ///
    /// # Errors
    /// [`Error::Glyphs`] when the font lacks a character.
    pub fn text(
        &mut self,
        x: f64,
        y: f64,
        text: &str,
        style: TextStyle,
        align: Align,
    ) -> Result<(), Error> {
        self.turned(x, y, 0.0, text, style, align)
    }

    /// One line of text about (`x`, `y`), turned counter-clockwise around that point.
    ///
    /// # Errors
    /// As [`Sheet::text`].
    pub fn turned(
        &mut self,
        x: f64,
        y: f64,
        degrees: f64,
        text: &str,
        style: TextStyle,
        align: Align,
    ) -> Result<(), Error> {
        if let Some(mark) = self.set(x, y, degrees, text, style, align)? {
            self.marks.push(mark);
        }
        Ok(())
    }

    /// A shaded ground beneath all text, lines and watermarks.
    pub fn ground(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), colour: Colour) {
        self.grounds.push(Mark::Path {
            points: corners((x, y), (width, height)),
            closed: true,
            stroke: None,
            fill: Some(colour),
        });
    }

    /// Text beneath everything but grounds, as a watermark.
    ///
    /// # Errors
    /// As [`Sheet::text`].
    pub fn watermark(
        &mut self,
        x: f64,
        y: f64,
        degrees: f64,
        text: &str,
        style: TextStyle,
    ) -> Result<(), Error> {
        if let Some(mark) = self.set(x, y, degrees, text, style, Align::Centre)? {
            self.under.push(mark);
        }
        Ok(())
    }

    fn set(
        &self,
        x: f64,
        y: f64,
        degrees: f64,
        text: &str,
        style: TextStyle,
        align: Align,
    ) -> Result<Option<Mark>, Error> {
        let face = self.fonts.face(style.weight);
        let missing: Vec<MissingGlyph> = text
            .chars()
            .filter(|c| !face.has(*c))
            .map(|character| MissingGlyph {
                character,
                field: format!("the line {text:?}"),
            })
            .collect();
        if !missing.is_empty() {
            return Err(Error::Glyphs(missing));
        }
        if text.trim().is_empty() {
            return Ok(None);
        }
        let back = match align {
            Align::Left => 0.0,
            Align::Centre => self.width(text, style) / 2.0,
            Align::Right => self.width(text, style),
        };
        let (sin, cos) = turn(degrees);
        Ok(Some(Mark::Text {
            x: x - back * cos,
            y: y + back * sin,
            degrees,
            text: text.to_owned(),
            style,
        }))
    }

    /// Text wrapped into a box; returns its height. `y` is the top of the first line.
    ///
    /// # Errors
    /// As [`Sheet::text`].
    pub fn paragraph(
        &mut self,
        (x, y): (f64, f64),
        width: f64,
        text: &str,
        style: TextStyle,
        align: Align,
    ) -> Result<f64, Error> {
        let lines = wrap::lines(self.fonts.face(style.weight), text, style.size, width);
        let at = match align {
            Align::Left => x,
            Align::Centre => x + width / 2.0,
            Align::Right => x + width,
        };
        let mut top = y;
        for line in &lines {
            self.text(at, top + style.baseline(), line, style, align)?;
            top += style.line_height();
        }
        Ok(top - y)
    }

    /// One line of text made smaller, and at last cut short, until it fits `width`.
    ///
    /// # Errors
    /// As [`Sheet::text`].
    pub fn fitted(
        &mut self,
        (x, y): (f64, f64),
        width: f64,
        text: &str,
        mut style: TextStyle,
        align: Align,
    ) -> Result<(), Error> {
        const SMALLEST: f64 = 5.0;
        let needed = self.width(text, style);
        if needed <= width {
            return self.text(x, y, text, style, align);
        }
        style.size = (style.size * width / needed).max(SMALLEST.min(style.size));
        let mut shown = text.to_owned();
        while self.width(&shown, style) > width && shown.chars().count() > 2 {
            shown = shown.trim_end_matches('…').to_owned();
            shown.pop();
            shown.push('…');
        }
        self.text(x, y, &shown, style, align)
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: Stroke) {
        self.polyline(vec![from, to], stroke);
    }

    /// A chain of straight lines.
    pub fn polyline(&mut self, points: Vec<(f64, f64)>, stroke: Stroke) {
        self.marks.push(Mark::Path {
            points,
            closed: false,
            stroke: Some(stroke),
            fill: None,
        });
    }

    /// A closed shape.
    pub fn polygon(
        &mut self,
        points: Vec<(f64, f64)>,
        stroke: Option<Stroke>,
        fill: Option<Colour>,
    ) {
        self.marks.push(Mark::Path {
            points,
            closed: true,
            stroke,
            fill,
        });
    }

    /// A rectangle from its top left corner.
    pub fn rectangle(
        &mut self,
        corner: (f64, f64),
        size: (f64, f64),
        stroke: Option<Stroke>,
        fill: Option<Colour>,
    ) {
        self.polygon(corners(corner, size), stroke, fill);
    }

    /// A circle.
    pub fn circle(
        &mut self,
        (x, y): (f64, f64),
        radius: f64,
        stroke: Option<Stroke>,
        fill: Option<Colour>,
    ) {
        self.marks.push(Mark::Circle {
            x,
            y,
            radius,
            stroke,
            fill,
        });
    }
}

fn corners((x, y): (f64, f64), (width, height): (f64, f64)) -> Vec<(f64, f64)> {
    vec![
        (x, y),
        (x + width, y),
        (x + width, y + height),
        (x, y + height),
    ]
}

/// Sine and cosine of an angle in degrees, exact for quarter turns.
pub(crate) fn turn(degrees: f64) -> (f64, f64) {
    match degrees.rem_euclid(360.0) {
        0.0 => (0.0, 1.0),
        90.0 => (1.0, 0.0),
        180.0 => (0.0, -1.0),
        270.0 => (-1.0, 0.0),
        other => {
            let radians = other * std::f64::consts::PI / 180.0;
            (libm::sin(radians), libm::cos(radians))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Align, Mark, Sheet, TextStyle, turn};
    use crate::error::Error;
    use crate::font::Fonts;

    #[test]
    fn text_is_placed_by_its_real_width() {
        let fonts = Fonts::embedded().unwrap();
        let mut sheet = Sheet::new(&fonts);
        let style = TextStyle::regular(72.0);
        sheet
            .text(100.0, 50.0, "流量", style, Align::Right)
            .unwrap();
        sheet
            .turned(100.0, 50.0, 90.0, "流量", style, Align::Centre)
            .unwrap();
        let places: Vec<(f64, f64)> = sheet
            .marks()
            .filter_map(|m| match m {
                Mark::Text { x, y, .. } => Some((*x, *y)),
                _ => None,
            })
            .collect();
        assert!((places[0].0 - 49.2).abs() < 1e-9);
        // Turned up, the text begins half its width below the point.
        assert!((places[1].1 - 75.4).abs() < 1e-9 && (places[1].0 - 100.0).abs() < 1e-9);
    }

    #[test]
    fn a_missing_glyph_is_refused_and_never_drawn_as_a_box() {
        let fonts = Fonts::embedded().unwrap();
        let mut sheet = Sheet::new(&fonts);
        let style = TextStyle::regular(9.0);
        let refused = sheet.text(0.0, 0.0, "a\u{1F600}", style, Align::Left);
        assert!(matches!(refused, Err(Error::Glyphs(m)) if m[0].character == '\u{1F600}'));
        assert_eq!(sheet.marks().count(), 0);
    }

    #[test]
    fn fitted_text_shrinks_and_then_is_cut() {
        let fonts = Fonts::embedded().unwrap();
        let mut sheet = Sheet::new(&fonts);
        let long = "山西运城水泵检测中心".repeat(8);
        sheet
            .fitted(
                (0.0, 0.0),
                60.0,
                &long,
                TextStyle::regular(8.0),
                Align::Left,
            )
            .unwrap();
        let Some(Mark::Text { text, style, .. }) = sheet.marks().next() else {
            panic!("no text");
        };
        assert!(text.ends_with('…') && sheet.width(text, *style) <= 60.0);
    }

    #[test]
    fn quarter_turns_are_exact() {
        assert_eq!(turn(90.0), (1.0, 0.0));
        assert_eq!(turn(-90.0), (-1.0, 0.0));
    }
}
