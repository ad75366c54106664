//! The same chart as SVG, for pages.
//!
//! Promises: what a page shows is what the paper shows, mark for mark; the same chart
//! gives the same text. Text keeps the width it was laid out with whatever font the
//! reader has, so labels that do not meet on paper do not meet on a page. Only
//! presentation attributes are used, which a strict content policy permits.

use super::Chart;
use crate::error::Error;
use crate::font::{Fonts, MM_PER_PT, Weight};
use crate::sheet::{Colour, Mark, Sheet, Stroke};
use std::fmt::Write as _;

/// Room below a drawing, mm.
const OVERHANG: f64 = 2.0;

/// How far the axes reach at least, so that a chart that is still growing stands still.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reach {
    /// Flow, m³/h.
    pub flow_m3h: f64,
    /// Value of the first panel.
    pub head_m: f64,
}

/// Where a plot lies in a drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Top left corner, mm.
    pub corner: (f64, f64),
    /// Width and height, mm.
    pub size: (f64, f64),
    /// Ends of the flow axis, m³/h.
    pub flow: (f64, f64),
    /// Ends of the value axis, in the unit of the panel.
    pub value: (f64, f64),
}

impl Frame {
    pub(super) fn moved(mut self, (x, y): (f64, f64)) -> Self {
        self.corner = (self.corner.0 + x, self.corner.1 + y);
        self
    }

    /// The place of a flow and a value, mm; none outside the plot.
    #[must_use]
    pub fn place(&self, flow_m3h: f64, value: f64) -> Option<(f64, f64)> {
        let part = |at: f64, (low, high): (f64, f64)| {
            let part = (at - low) / (high - low);
            (0.0..=1.0).contains(&part).then_some(part)
        };
        let (across, up) = (part(flow_m3h, self.flow)?, part(value, self.value)?);
        Some((
            self.corner.0 + self.size.0 * across,
            self.corner.1 + self.size.1 * (1.0 - up),
        ))
    }
}

/// A chart drawn for a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    size: (f64, f64),
    marks: String,
    /// Where the plots lie, from top to bottom.
    pub frames: Vec<Frame>,
}

impl Drawing {
    /// The drawing as an SVG element that fills its container's width; `over` is drawn
    /// on top, in the drawing's millimetres, and `label` read out by a screen reader.
    #[must_use]
    pub fn svg(&self, label: &str, over: &str) -> String {
        // On paper the lowest title may hang over the edge of its room.
        let (width, height) = (self.size.0, self.size.1 + OVERHANG);
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{}" font-family="'Noto Sans SC','Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif"><rect width="{width}" height="{height}" fill="#fff"/>{}{over}</svg>"##,
            escaped(label),
            self.marks,
        )
    }
}

impl Chart {
    /// Draws the chart for a page, with its legend, in `width` by `height` mm.
    ///
    /// # Errors
    /// As [`Chart::draw`].
    pub fn drawing(&self, (width, height): (f64, f64), reach: Reach) -> Result<Drawing, Error> {
        let fonts = Fonts::embedded()?;
        let mut sheet = Sheet::new(&fonts);
        let frames = self.draw_framed(&mut sheet, (0.0, 0.0), (width, height), reach)?;
        let mut marks = String::new();
        for mark in sheet.marks() {
            // Writing into a string cannot fail.
            let _ = write(&mut marks, mark, &sheet);
        }
        Ok(Drawing {
            size: (width, height),
            marks,
            frames,
        })
    }
}

fn write(out: &mut String, mark: &Mark, sheet: &Sheet<'_>) -> std::fmt::Result {
    match mark {
        Mark::Text {
            x,
            y,
            degrees,
            text,
            style,
        } => {
            write!(
                out,
                r#"<text x="{x:.2}" y="{y:.2}" font-size="{:.3}" fill="{}" textLength="{:.2}" lengthAdjust="spacingAndGlyphs""#,
                style.size * MM_PER_PT,
                hex(style.colour),
                sheet.width(text, *style),
            )?;
            if style.weight == Weight::Bold {
                out.push_str(r#" font-weight="700""#);
            }
            if *degrees != 0.0 {
                write!(out, r#" transform="rotate({:.2} {x:.2} {y:.2})""#, -degrees)?;
            }
            write!(out, ">{}</text>", escaped(text))
        }
        Mark::Path {
            points,
            closed,
            stroke,
            fill,
        } => {
            out.push_str("<path d=\"");
            for (n, (x, y)) in points.iter().enumerate() {
                write!(out, "{}{x:.2} {y:.2}", if n == 0 { 'M' } else { 'L' })?;
            }
            out.push_str(if *closed { "Z\"" } else { "\"" });
            look(out, *stroke, *fill)
        }
        Mark::Circle {
            x,
            y,
            radius,
            stroke,
            fill,
        } => {
            write!(out, r#"<circle cx="{x:.2}" cy="{y:.2}" r="{radius:.2}""#)?;
            look(out, *stroke, *fill)
        }
    }
}

fn look(out: &mut String, stroke: Option<Stroke>, fill: Option<Colour>) -> std::fmt::Result {
    match fill {
        Some(colour) => write!(out, r#" fill="{}""#, hex(colour))?,
        None => out.push_str(r#" fill="none""#),
    }
    if let Some(stroke) = stroke {
        write!(
            out,
            r#" stroke="{}" stroke-width="{:.3}""#,
            hex(stroke.colour),
            stroke.width
        )?;
        let pattern = stroke.dash.pattern();
        if !pattern.is_empty() {
            let lengths: Vec<String> = pattern.iter().map(f64::to_string).collect();
            write!(out, r#" stroke-dasharray="{}""#, lengths.join(" "))?;
        }
    }
    out.push_str("/>");
    Ok(())
}

fn hex(Colour(red, green, blue): Colour) -> String {
    let part = |part: f32| (part.clamp(0.0, 1.0) * 255.0).round() as u8;
    format!("#{:02x}{:02x}{:02x}", part(red), part(green), part(blue))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::Reach;
    use crate::chart::{Chart, ChartPoint, GuaranteeMark, Panel};
    use dutypoint_model::Bilingual;

    fn chart() -> Chart {
        let point = |flow_m3h, value| ChartPoint {
            flow_m3h,
            value,
            flow_whisker: None,
            value_whisker: None,
        };
        Chart {
            flow: Bilingual::new("流量", "Flow"),
            panels: vec![Panel {
                name: Bilingual::new("扬程", "Head <&>"),
                symbol: "H".into(),
                unit: "m".into(),
                points: vec![point(0.0, 130.0), point(32.0, 104.0)],
                curve: vec![[0.0, 130.0], [32.0, 104.0]],
                mark: None,
            }],
            guarantee: Some(GuaranteeMark {
                flow_m3h: 32.0,
                head_m: 104.0,
                flow_arm_m3h: Some([29.44, 34.56]),
                head_arm_m: Some([98.8, 109.2]),
                origin_line_meets: None,
            }),
            whiskers: None,
            note: None,
        }
    }

    #[test]
    fn a_page_shows_text_as_text_and_escapes_it() {
        let drawing = chart().drawing((160.0, 90.0), Reach::default()).unwrap();
        let svg = drawing.svg("Q-H \"curve\"", "<g/>");
        assert!(svg.contains("扬程 Head &lt;&amp;&gt;"));
        assert!(svg.contains("Q-H &quot;curve&quot;"));
        assert!(svg.ends_with("<g/></svg>"));
        assert!(
            !svg.contains("style="),
            "the content policy bars inline style"
        );
    }

    #[test]
    fn a_flow_and_a_value_are_placed_where_the_axes_say() {
        let reach = Reach {
            flow_m3h: 41.6,
            head_m: 140.0,
        };
        let drawing = chart().drawing((160.0, 90.0), reach).unwrap();
        let frame = drawing.frames[0];
        // The axes end on round numbers beyond what they must reach.
        assert!(frame.flow.1 >= 41.6 && frame.value.1 >= 140.0);
        let (x, y) = frame.place(frame.flow.0, frame.value.0).unwrap();
        assert!((x - frame.corner.0).abs() < 1e-9);
        assert!((y - (frame.corner.1 + frame.size.1)).abs() < 1e-9);
        assert_eq!(frame.place(frame.flow.1 * 1.01, 1.0), None);
    }
}
