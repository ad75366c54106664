//! What plotters has no word for: dashed lines, bars with end strokes, symbols of a
//! fixed size on paper. They draw on our backend only.

use super::backend::SheetBackend;
use crate::error::Error;
use crate::sheet::{Colour, Dash, Sheet, Stroke};
use plotters::element::{Drawable, PointCollection};
use plotters_backend::{BackendCoord, DrawingErrorKind};

/// How the quantity of a panel is drawn: shape and dash tell quantities apart on a grey
/// copy, colour on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    pub(super) shape: Shape,
    pub(super) dash: Dash,
    pub(super) colour: Colour,
}

/// The look of each panel in turn.
pub(super) const LOOKS: [Look; super::MOST_PANELS] = [
    Look {
        shape: Shape::Circle,
        dash: Dash::Solid,
        colour: Colour(0.07, 0.25, 0.55),
    },
    Look {
        shape: Shape::Square,
        dash: Dash::Dashed,
        colour: Colour(0.05, 0.40, 0.22),
    },
    Look {
        shape: Shape::Triangle,
        dash: Dash::DashDot,
        colour: Colour(0.60, 0.28, 0.02),
    },
    Look {
        shape: Shape::Cross,
        dash: Dash::Dotted,
        colour: Colour(0.40, 0.10, 0.45),
    },
];

/// Colour of what was promised, as against what was measured.
pub(super) const PROMISE: Colour = Colour(0.70, 0.05, 0.10);
/// Line width of tolerance arms, mm.
pub(super) const ARM: f64 = 0.4;
/// The line from the origin through the guarantee point.
pub(super) const ORIGIN_LINE: Stroke = Stroke {
    colour: Colour::GREY,
    width: 0.22,
    dash: Dash::Dotted,
};

/// A chain of lines with a dash pattern.
pub(super) struct Trace {
    points: Vec<(f64, f64)>,
    stroke: Stroke,
}

impl Trace {
    pub(super) fn new(points: Vec<(f64, f64)>, stroke: Stroke) -> Self {
        Self { points, stroke }
    }
}

/// A line with a short stroke across each end.
pub(super) struct Bar {
    ends: [(f64, f64); 2],
    stroke: Stroke,
}

impl Bar {
    pub(super) fn new(from: (f64, f64), to: (f64, f64), colour: Colour, width: f64) -> Self {
        Self {
            ends: [from, to],
            stroke: Stroke::solid(colour, width),
        }
    }
}

/// Shape of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Circle,
    Square,
    Triangle,
    Cross,
    Diamond,
    Ring,
}

/// A symbol of a fixed size on paper.
pub(super) struct Symbol {
    at: [(f64, f64); 1],
    shape: Shape,
    colour: Colour,
}

impl Symbol {
    pub(super) fn new(at: (f64, f64), shape: Shape, colour: Colour) -> Self {
        Self {
            at: [at],
            shape,
            colour,
        }
    }
}

/// Draws a symbol around a place on the sheet, mm. A thin white edge keeps it apart
/// from the lines it stands on.
pub(super) fn symbol(sheet: &mut Sheet<'_>, (x, y): (f64, f64), shape: Shape, colour: Colour) {
    let edge = Some(Stroke::solid(Colour::WHITE, 0.15));
    let fill = Some(colour);
    match shape {
        Shape::Circle => sheet.circle((x, y), 0.9, edge, fill),
        Shape::Square => sheet.rectangle((x - 0.85, y - 0.85), (1.7, 1.7), edge, fill),
        Shape::Triangle => {
            let points = vec![(x, y - 1.2), (x + 1.1, y + 0.75), (x - 1.1, y + 0.75)];
            sheet.polygon(points, edge, fill);
        }
        Shape::Cross => {
            let stroke = Stroke::solid(colour, 0.35);
            sheet.line((x - 0.9, y - 0.9), (x + 0.9, y + 0.9), stroke);
            sheet.line((x - 0.9, y + 0.9), (x + 0.9, y - 0.9), stroke);
        }
        Shape::Diamond => {
            let points = vec![(x, y - 1.2), (x + 1.2, y), (x, y + 1.2), (x - 1.2, y)];
            sheet.polygon(
                points,
                Some(Stroke::solid(colour, 0.3)),
                Some(Colour::WHITE),
            );
        }
        Shape::Ring => {
            let stroke = Stroke::solid(colour, 0.25);
            sheet.circle((x, y), 0.55, Some(stroke), Some(Colour::WHITE));
        }
    }
}

/// Draws a line with end strokes on the sheet, mm.
pub(super) fn bar(sheet: &mut Sheet<'_>, from: (f64, f64), to: (f64, f64), stroke: Stroke) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = (dx * dx + dy * dy).sqrt();
    sheet.line(from, to, stroke);
    if length > 0.0 {
        // Shorter than a symbol, so that a whisker hidden by its symbol hides whole.
        let half = 0.3 + stroke.width;
        let (nx, ny) = (-dy / length * half, dx / length * half);
        for (x, y) in [from, to] {
            sheet.line((x - nx, y - ny), (x + nx, y + ny), stroke);
        }
    }
}

macro_rules! points_of {
    ($element:ty, $field:ident) => {
        impl<'a> PointCollection<'a, (f64, f64)> for &'a $element {
            type Point = &'a (f64, f64);
            type IntoIter = std::slice::Iter<'a, (f64, f64)>;
            fn point_iter(self) -> Self::IntoIter {
                self.$field.iter()
            }
        }
    };
}

points_of!(Trace, points);
points_of!(Bar, ends);
points_of!(Symbol, at);

type Drawn = Result<(), DrawingErrorKind<Error>>;

impl Drawable<SheetBackend<'_, '_>> for Trace {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        places: I,
        backend: &mut SheetBackend<'_, '_>,
        _: (u32, u32),
    ) -> Drawn {
        let points: Vec<(f64, f64)> = places.map(|p| backend.place(p)).collect();
        if points.len() > 1 {
            backend.sheet().polyline(points, self.stroke);
        }
        Ok(())
    }
}

impl Drawable<SheetBackend<'_, '_>> for Bar {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        mut places: I,
        backend: &mut SheetBackend<'_, '_>,
        _: (u32, u32),
    ) -> Drawn {
        if let (Some(from), Some(to)) = (places.next(), places.next()) {
            let (from, to) = (backend.place(from), backend.place(to));
            bar(backend.sheet(), from, to, self.stroke);
        }
        Ok(())
    }
}

impl Drawable<SheetBackend<'_, '_>> for Symbol {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        places: I,
        backend: &mut SheetBackend<'_, '_>,
        _: (u32, u32),
    ) -> Drawn {
        for place in places {
            let at = backend.place(place);
            symbol(backend.sheet(), at, self.shape, self.colour);
        }
        Ok(())
    }
}
