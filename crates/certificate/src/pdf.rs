//! Sheets to PDF bytes.
//!
//! Promises: the same sheets and the same [`Meta`] give the same bytes, in this process
//! and any other. For that, everything printpdf would fill in by itself is replaced:
//! its file identifier comes from a process-wide counter, its dates from 1970. Text is
//! embedded with a map back to Unicode, so it can be searched and copied. Fonts hold
//! only the glyphs used.

use crate::error::Error;
use crate::font::{Fonts, MM_PER_PT, Weight};
use crate::sheet::{Colour, Mark, PAGE_HEIGHT, PAGE_WIDTH, Sheet, Stroke, TextStyle, turn};
use lopdf::{Dictionary, Object, StringFormat};
use printpdf::{
    Color, FontId, Line, LineCapStyle, LineDashPattern, LineJoinStyle, LinePoint, Mm, Op,
    PaintMode, PdfDocument, PdfFont, PdfFontHandle, PdfPage, PdfSaveOptions, Point, Polygon,
    PolygonRing, Pt, Rgb, TextItem, TextMatrix, WindingOrder,
};
use std::collections::BTreeSet;

/// What a PDF says about itself.
#[derive(Clone, Debug)]
pub(crate) struct Meta {
    /// Title of the document.
    pub(crate) title: String,
    /// Who issues it.
    pub(crate) author: String,
    /// What it is about.
    pub(crate) subject: String,
    /// Program that made it, with version.
    pub(crate) producer: String,
    /// Creation date in PDF form.
    pub(crate) created: String,
    /// File identifier.
    pub(crate) id: [u8; 16],
}

/// Writes the PDF.
pub(crate) fn write(pages: &[Sheet<'_>], fonts: &Fonts, meta: &Meta) -> Result<Vec<u8>, Error> {
    let mut pdf = PdfDocument::new(&meta.title);
    for weight in Weight::ALL {
        let used = characters(pages, weight);
        if !used.is_empty() {
            let font = PdfFont::new(fonts.face(weight).cut(&used)?);
            pdf.resources.fonts.map.insert(font_id(weight), font);
        }
    }
    pdf.pages = pages
        .iter()
        .map(|sheet| {
            let ops = sheet.marks().flat_map(ops).collect();
            PdfPage::new(Mm(to_f32(PAGE_WIDTH)), Mm(to_f32(PAGE_HEIGHT)), ops)
        })
        .collect();

    let mut warnings = Vec::new();
    let options = PdfSaveOptions::default();
    let mut file = printpdf::to_lopdf_doc(&pdf, &options, &mut warnings);
    if let Some(warning) = warnings.first() {
        return Err(Error::Pdf(warning.msg.clone()));
    }
    finish(&mut file, meta)?;
    file.compress();
    let mut bytes = Vec::new();
    file.save_to(&mut bytes)
        .map_err(|e| Error::Pdf(e.to_string()))?;
    Ok(bytes)
}

/// Replaces what printpdf made up: identifier, dates, version, information.
fn finish(file: &mut lopdf::Document, meta: &Meta) -> Result<(), Error> {
    let failed = |e: lopdf::Error| Error::Pdf(e.to_string());
    let id = Object::String(meta.id.to_vec(), StringFormat::Hexadecimal);
    file.trailer.set("ID", vec![id.clone(), id]);
    file.version = "1.7".to_owned();
    // Four bytes above 127, as the PDF standard recommends, and the same everywhere.
    file.binary_mark = vec![0xe2, 0xe3, 0xcf, 0xd3];

    let date = Object::string_literal(meta.created.as_bytes());
    let mut info = Dictionary::new();
    info.set("Title", text_string(&meta.title));
    info.set("Author", text_string(&meta.author));
    info.set("Subject", text_string(&meta.subject));
    info.set("Creator", text_string(&meta.producer));
    info.set("Producer", text_string(&meta.producer));
    info.set("CreationDate", date.clone());
    info.set("ModDate", date);
    let info_id = file
        .trailer
        .get(b"Info")
        .and_then(Object::as_reference)
        .map_err(failed)?;
    file.set_object(info_id, info);

    let catalog = file.catalog_mut().map_err(failed)?;
    catalog.set("Lang", Object::string_literal("zh-CN"));
    let mut preferences = Dictionary::new();
    preferences.set("DisplayDocTitle", true);
    catalog.set("ViewerPreferences", preferences);
    Ok(())
}

/// Text outside the page: UTF-16 with its byte order mark.
fn text_string(text: &str) -> Object {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    let bytes = units.flat_map(u16::to_be_bytes).collect();
    Object::String(bytes, StringFormat::Hexadecimal)
}

fn characters(pages: &[Sheet<'_>], weight: Weight) -> BTreeSet<char> {
    pages
        .iter()
        .flat_map(Sheet::marks)
        .filter_map(|mark| match mark {
            Mark::Text { text, style, .. } if style.weight == weight => Some(text),
            _ => None,
        })
        .flat_map(|text| text.chars())
        .collect()
}

fn font_id(weight: Weight) -> FontId {
    FontId(
        match weight {
            Weight::Regular => "Regular",
            Weight::Bold => "Bold",
        }
        .to_owned(),
    )
}

fn ops(mark: &Mark) -> Vec<Op> {
    match mark {
        Mark::Text {
            x,
            y,
            degrees,
            text,
            style,
        } => text_ops((*x, *y), *degrees, text, *style),
        Mark::Path {
            points,
            closed,
            stroke,
            fill,
        } => {
            let points = points.iter().map(|p| point(*p, false)).collect();
            path_ops(points, *closed, *stroke, *fill)
        }
        Mark::Circle {
            x,
            y,
            radius,
            stroke,
            fill,
        } => path_ops(circle(*x, *y, *radius), true, *stroke, *fill),
    }
}

fn text_ops((x, y): (f64, f64), degrees: f64, text: &str, style: TextStyle) -> Vec<Op> {
    let (sin, cos) = turn(degrees);
    let (sin, cos) = (to_f32(sin), to_f32(cos));
    let at = place((x, y));
    vec![
        Op::StartTextSection,
        Op::SetFillColor {
            col: colour(style.colour),
        },
        Op::SetFont {
            font: PdfFontHandle::External(font_id(style.weight)),
            size: Pt(to_f32(style.size)),
        },
        Op::SetTextMatrix {
            matrix: TextMatrix::Raw([cos, sin, -sin, cos, at.x.0, at.y.0]),
        },
        Op::ShowText {
            items: vec![TextItem::Text(text.to_owned())],
        },
        Op::EndTextSection,
    ]
}

fn path_ops(
    points: Vec<LinePoint>,
    closed: bool,
    stroke: Option<Stroke>,
    fill: Option<Colour>,
) -> Vec<Op> {
    let mut ops = Vec::new();
    if let Some(fill) = fill {
        ops.push(Op::SetFillColor { col: colour(fill) });
    }
    if let Some(stroke) = stroke {
        let pattern: Vec<f32> = stroke
            .dash
            .pattern()
            .iter()
            .map(|mm| points_of(*mm))
            .collect();
        ops.extend([
            Op::SetOutlineColor {
                col: colour(stroke.colour),
            },
            Op::SetOutlineThickness {
                pt: Pt(points_of(stroke.width)),
            },
            Op::SetLineDashPattern {
                dash: LineDashPattern::new(0.0, &pattern),
            },
            Op::SetLineCapStyle {
                cap: LineCapStyle::Butt,
            },
            Op::SetLineJoinStyle {
                join: LineJoinStyle::Round,
            },
        ]);
    }
    let mode = match (stroke, fill) {
        (Some(_), Some(_)) => PaintMode::FillStroke,
        (None, Some(_)) => PaintMode::Fill,
        (Some(_), None) if closed => PaintMode::Stroke,
        (Some(_), None) => {
            ops.push(Op::DrawLine {
                line: Line {
                    points,
                    is_closed: false,
                },
            });
            return ops;
        }
        (None, None) => return Vec::new(),
    };
    ops.push(Op::DrawPolygon {
        polygon: Polygon {
            rings: vec![PolygonRing { points }],
            mode,
            winding_order: WindingOrder::NonZero,
        },
    });
    ops
}

/// A circle as four Bézier arcs.
fn circle(x: f64, y: f64, r: f64) -> Vec<LinePoint> {
    const K: f64 = 0.552_284_749_8;
    let k = K * r;
    let places = [
        (x + r, y, false),
        (x + r, y + k, true),
        (x + k, y + r, true),
        (x, y + r, false),
        (x - k, y + r, true),
        (x - r, y + k, true),
        (x - r, y, false),
        (x - r, y - k, true),
        (x - k, y - r, true),
        (x, y - r, false),
        (x + k, y - r, true),
        (x + r, y - k, true),
        (x + r, y, false),
    ];
    places.map(|(x, y, bezier)| point((x, y), bezier)).to_vec()
}

fn point(at: (f64, f64), bezier: bool) -> LinePoint {
    LinePoint {
        p: place(at),
        bezier,
    }
}

/// From millimetres down from the top left to points up from the bottom left.
fn place((x, y): (f64, f64)) -> Point {
    Point {
        x: Pt(points_of(x)),
        y: Pt(points_of(PAGE_HEIGHT - y)),
    }
}

/// Millimetres to points, to a thousandth: finer detail only lengthens the file.
fn points_of(mm: f64) -> f32 {
    to_f32((mm / MM_PER_PT * 1000.0).round() / 1000.0)
}

fn colour(Colour(r, g, b): Colour) -> Color {
    Color::Rgb(Rgb::new(r, g, b, None))
}

/// PDF numbers are single precision; a page is far from its limits.
fn to_f32(value: f64) -> f32 {
    value as f32
}
