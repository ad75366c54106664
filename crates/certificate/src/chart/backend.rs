//! A plotters backend that draws on a [`Sheet`].
//!
//! Plotters counts in whole pixels; one pixel here is a hundredth of a millimetre, so
//! its rounding is finer than any printer. Text is measured with the real font and set
//! as text; every line stays a line. What plotters' interface cannot say (dashes,
//! symbols of a fixed size on paper) is drawn by elements of our own, which see this
//! backend and not the general one.

use super::axis::whole;
use crate::error::Error;
use crate::font::{MM_PER_PT, Weight};
use crate::sheet::{Align, Colour, Sheet, Stroke, TextStyle};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle, FontTransform,
};

/// Pixels in a millimetre.
pub(super) const PER_MM: f64 = 100.0;

/// Millimetres as pixels.
pub(super) fn pixels(mm: f64) -> i32 {
    whole(mm * PER_MM)
}

/// Points as pixels, the unit plotters wants font sizes in.
pub(super) fn font_pixels(pt: f64) -> f64 {
    pt * MM_PER_PT * PER_MM
}

type Drawn = Result<(), DrawingErrorKind<Error>>;

/// A rectangle of a sheet as a plotters backend.
pub(super) struct SheetBackend<'s, 'f> {
    sheet: &'s mut Sheet<'f>,
    origin: (f64, f64),
    size: (f64, f64),
}

impl<'s, 'f> SheetBackend<'s, 'f> {
    /// The rectangle at `origin` of `size`, both in mm.
    pub(super) fn new(sheet: &'s mut Sheet<'f>, origin: (f64, f64), size: (f64, f64)) -> Self {
        Self {
            sheet,
            origin,
            size,
        }
    }

    /// The sheet itself, for marks plotters has no word for.
    pub(super) fn sheet(&mut self) -> &mut Sheet<'f> {
        self.sheet
    }

    /// A pixel's place on the sheet, mm.
    pub(super) fn place(&self, (x, y): BackendCoord) -> (f64, f64) {
        (
            self.origin.0 + f64::from(x) / PER_MM,
            self.origin.1 + f64::from(y) / PER_MM,
        )
    }

    fn text_style<S: BackendTextStyle>(style: &S) -> TextStyle {
        TextStyle {
            size: style.size() / (MM_PER_PT * PER_MM),
            weight: match style.style() {
                FontStyle::Bold => Weight::Bold,
                _ => Weight::Regular,
            },
            colour: colour(style.color()),
        }
    }
}

/// A plotters colour on white paper.
fn colour(BackendColor { alpha, rgb }: BackendColor) -> Colour {
    let part = |value: u8| {
        let part = 1.0 - alpha * (1.0 - f64::from(value) / 255.0);
        part.clamp(0.0, 1.0) as f32
    };
    Colour(part(rgb.0), part(rgb.1), part(rgb.2))
}

fn stroke<S: BackendStyle>(style: &S) -> Stroke {
    Stroke::solid(
        colour(style.color()),
        f64::from(style.stroke_width()) / PER_MM,
    )
}

impl DrawingBackend for SheetBackend<'_, '_> {
    type ErrorType = Error;

    fn get_size(&self) -> (u32, u32) {
        let side = |mm| u32::try_from(pixels(mm)).unwrap_or(0);
        (side(self.size.0), side(self.size.1))
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        let pixel = 1.0 / PER_MM;
        let at = self.place(point);
        self.sheet
            .rectangle(at, (pixel, pixel), None, Some(colour(color)));
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        let (from, to) = (self.place(from), self.place(to));
        self.sheet.line(from, to, stroke(style));
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let (a, b) = (self.place(upper_left), self.place(bottom_right));
        let size = (b.0 - a.0, b.1 - a.1);
        if fill {
            self.sheet
                .rectangle(a, size, None, Some(colour(style.color())));
        } else {
            self.sheet.rectangle(a, size, Some(stroke(style)), None);
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points = path.into_iter().map(|p| self.place(p)).collect();
        self.sheet.polyline(points, stroke(style));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let at = self.place(center);
        let radius = f64::from(radius) / PER_MM;
        if fill {
            self.sheet
                .circle(at, radius, None, Some(colour(style.color())));
        } else {
            self.sheet.circle(at, radius, Some(stroke(style)), None);
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Drawn {
        let points = vert.into_iter().map(|p| self.place(p)).collect();
        self.sheet
            .polygon(points, None, Some(colour(style.color())));
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        pos: BackendCoord,
    ) -> Drawn {
        let set = Self::text_style(style);
        let anchor = style.anchor();
        let align = match anchor.h_pos {
            HPos::Left => Align::Left,
            HPos::Center => Align::Centre,
            HPos::Right => Align::Right,
        };
        // From the anchor to the baseline: ideographs fill the em box from 0.88 above
        // to 0.12 below, and digits are 0.73 high.
        let em = set.size * MM_PER_PT;
        let drop = match anchor.v_pos {
            VPos::Top => 0.88 * em,
            VPos::Center => 0.37 * em,
            VPos::Bottom => -0.12 * em,
        };
        let (x, y) = self.place(pos);
        let (degrees, (x, y)) = match style.transform() {
            FontTransform::None => (0.0, (x, y + drop)),
            FontTransform::Rotate90 => (-90.0, (x - drop, y)),
            FontTransform::Rotate180 => (180.0, (x, y - drop)),
            FontTransform::Rotate270 => (90.0, (x + drop, y)),
        };
        self.sheet
            .turned(x, y, degrees, text, set, align)
            .map_err(DrawingErrorKind::DrawingError)
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Error>> {
        let set = Self::text_style(style);
        let side = |mm| u32::try_from(pixels(mm)).unwrap_or(0);
        Ok((
            side(self.sheet.width(text, set)),
            side(set.size * MM_PER_PT),
        ))
    }

    fn blit_bitmap(&mut self, _: BackendCoord, _: (u32, u32), _: &[u8]) -> Drawn {
        Err(DrawingErrorKind::DrawingError(Error::Chart(
            "a certificate holds no bitmaps".to_owned(),
        )))
    }
}
