//! Draws a chart: plotters lays out axes and meshes, our elements draw the rest.

use super::axis::Axis;
use super::backend::{PER_MM, SheetBackend, font_pixels, pixels};
use super::marks::{ARM, Bar, LOOKS, Look, ORIGIN_LINE, PROMISE, Shape, Symbol, Trace};
use super::svg::{Frame, Reach};
use super::{Chart, GuaranteeMark, LimitMark, Panel, legend};
use crate::error::Error;
use crate::sheet::{Colour, Sheet, Stroke};
use dutypoint_model::Bilingual;
use plotters::chart::{ChartBuilder, ChartContext, LabelAreaPosition};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Drawable, PointCollection};
use plotters::style::{FontDesc, FontFamily, FontStyle, RGBColor, ShapeStyle, TextStyle};
use plotters_backend::DrawingErrorKind;

/// Room left of the plots for numbers and the axis title, mm.
const LEFT: f64 = 17.0;
/// Room under the lowest plot for numbers and the axis title, mm.
const BELOW: f64 = 10.5;
/// Room right of the plots, for half of the last number on the flow axis, mm.
const RIGHT: f64 = 5.0;
/// Gap between panels, mm.
const GAP: f64 = 4.0;

const LABELS_PT: f64 = 7.5;
const TITLE_PT: f64 = 8.0;

impl Chart {
    /// Draws the chart with its legend into a rectangle of the sheet, all in mm.
    ///
    /// # Errors
    /// [`Error::Chart`] when [`Chart::check`] fails, [`Error::Glyphs`] when the font
    /// lacks a character.
    pub fn draw(
        &self,
        sheet: &mut Sheet<'_>,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
    ) -> Result<(), Error> {
        self.draw_framed(sheet, (x, y), (width, height), Reach::default())?;
        Ok(())
    }

    /// Draws the chart with axes that reach at least so far, and says where its plots lie.
    pub(super) fn draw_framed(
        &self,
        sheet: &mut Sheet<'_>,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        reach: Reach,
    ) -> Result<Vec<Frame>, Error> {
        self.check()?;
        let used = legend::draw(self, sheet, (x, y), width)?;
        self.panels(sheet, (x, y + used), (width, height - used), reach)
    }

    fn panels(
        &self,
        sheet: &mut Sheet<'_>,
        origin: (f64, f64),
        (width, height): (f64, f64),
        reach: Reach,
    ) -> Result<Vec<Frame>, Error> {
        let mut frames = Vec::new();
        let flow = Axis::new(self.flows().chain([reach.flow_m3h]), 8);
        let root = SheetBackend::new(sheet, origin, (width, height)).into_drawing_area();
        // The first panel is twice as high as any other.
        let others = u32::try_from(self.panels.len().saturating_sub(1)).unwrap_or(0);
        let share = (height - BELOW - GAP * f64::from(others)) / (2.0 + f64::from(others));
        let mut top = 0.0;
        for (index, (panel, look)) in self.panels.iter().zip(LOOKS).enumerate() {
            let first = index == 0;
            let last = index + 1 == self.panels.len();
            let plot = if first { 2.0 * share } else { share };
            let below = if last { BELOW } else { 0.0 };
            let area = root.clone().shrink(
                (pixels(0.0), pixels(top)),
                (pixels(width - RIGHT), pixels(plot + below)),
            );
            let guarantee = self.guarantee.as_ref().filter(|_| first);
            let title = last.then(|| title(&self.flow, "Q", "m³/h"));
            let value = if first { reach.head_m } else { 0.0 };
            let axes = (flow.clone(), value);
            let frame =
                draw_panel(&area, panel, look, axes, title, guarantee).map_err(unwrap_error)?;
            frames.push(frame.moved(origin));
            top += plot + below + GAP;
        }
        Ok(frames)
    }

    fn flows(&self) -> impl Iterator<Item = f64> {
        let points = self.panels.iter().flat_map(|p| &p.points).map(|p| {
            let whisker = p.flow_whisker.unwrap_or(0.0);
            p.flow_m3h + whisker
        });
        let marks = self
            .panels
            .iter()
            .filter_map(|p| p.mark.as_ref())
            .map(|m| m.flow_m3h);
        let guarantee = self.guarantee.iter().flat_map(|g| {
            let arm = g.flow_arm_m3h.into_iter().flatten();
            let meets = g.origin_line_meets.map(|[q, _]| q);
            std::iter::once(g.flow_m3h).chain(arm).chain(meets)
        });
        points.chain(marks).chain(guarantee)
    }
}

/// Both names, the symbol and the unit of an axis.
fn title(name: &Bilingual, symbol: &str, unit: &str) -> String {
    let unit = if unit.is_empty() {
        String::new()
    } else {
        format!("({unit})")
    };
    [name.zh.as_str(), name.en.as_str(), symbol, unit.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

type Failure = DrawingAreaErrorKind<Error>;
type Plot<'a, 's, 'f> = ChartContext<'a, SheetBackend<'s, 'f>, Cartesian2d<Axis, Axis>>;

fn draw_panel(
    area: &DrawingArea<SheetBackend<'_, '_>, Shift>,
    panel: &Panel,
    look: Look,
    (flow, reach): (Axis, f64),
    flow_title: Option<String>,
    guarantee: Option<&GuaranteeMark>,
) -> Result<Frame, Failure> {
    let below = if flow_title.is_some() { BELOW } else { 0.0 };
    let (_, pixels_high) = area.dim_in_pixel();
    let high = f64::from(pixels_high) / PER_MM - below;
    let value = Axis::new(values(panel, guarantee).chain([reach]), steps(high));
    let (q0, q1) = flow.ends();
    let (v0, v1) = value.ends();
    let mut plot = ChartBuilder::on(area)
        .set_label_area_size(LabelAreaPosition::Left, pixels(LEFT))
        .set_label_area_size(LabelAreaPosition::Bottom, pixels(below))
        .build_cartesian_2d(flow, value)?;
    let value_title = title(&panel.name, &panel.symbol, &panel.unit);
    let title_pt = fitting(area, &value_title, high)?;
    mesh(&mut plot, (value_title, title_pt), flow_title)?;
    let border = vec![(q0, v0), (q1, v0), (q1, v1), (q0, v1), (q0, v0)];
    draw(
        &plot,
        Trace::new(border, Stroke::solid(Colour::BLACK, 0.25)),
    )?;
    let (across, down) = plot.plotting_area().get_pixel_range();
    let mm = |pixels: i32| f64::from(pixels) / PER_MM;
    let frame = Frame {
        corner: (mm(across.start), mm(down.start)),
        size: (mm(across.end - across.start), mm(down.end - down.start)),
        flow: (q0, q1),
        value: (v0, v1),
    };

    if let Some(mark) = guarantee
        && let Some([q, h]) = mark.origin_line_meets
    {
        origin_line(&plot, mark, (q, h))?;
    }
    let curve: Vec<(f64, f64)> = panel.curve.iter().map(|[q, v]| (*q, *v)).collect();
    let stroke = Stroke {
        colour: look.colour,
        width: 0.4,
        dash: look.dash,
    };
    draw(&plot, Trace::new(curve, stroke))?;
    for point in &panel.points {
        let (q, v) = (point.flow_m3h, point.value);
        if let Some(w) = point.flow_whisker {
            draw(&plot, Bar::new((q - w, v), (q + w, v), look.colour, 0.18))?;
        }
        if let Some(w) = point.value_whisker {
            draw(&plot, Bar::new((q, v - w), (q, v + w), look.colour, 0.18))?;
        }
        draw(&plot, Symbol::new((q, v), look.shape, look.colour))?;
    }
    if let Some(mark) = guarantee {
        cross(&plot, mark)?;
    }
    if let Some(mark) = &panel.mark {
        limit(&plot, mark)?;
    }
    Ok(frame)
}

fn values<'a>(
    panel: &'a Panel,
    guarantee: Option<&'a GuaranteeMark>,
) -> impl Iterator<Item = f64> + 'a {
    let points = panel.points.iter().flat_map(|p| {
        let whisker = p.value_whisker.unwrap_or(0.0);
        [p.value - whisker, p.value + whisker]
    });
    let curve = panel.curve.iter().map(|[_, v]| *v);
    let mark = panel
        .mark
        .iter()
        .flat_map(|m| std::iter::once(m.guaranteed).chain(m.limit));
    let guarantee = guarantee.into_iter().flat_map(|g| {
        let arm = g.head_arm_m.into_iter().flatten();
        let meets = g.origin_line_meets.map(|[_, h]| h);
        std::iter::once(g.head_m).chain(arm).chain(meets)
    });
    points.chain(curve).chain(mark).chain(guarantee)
}

/// One step on the value axis for each 13 mm.
fn steps(high_mm: f64) -> u32 {
    (high_mm / 13.0).round().max(3.0) as u32
}

/// The size at which a title turned upright is no longer than its panel.
fn fitting(
    area: &DrawingArea<SheetBackend<'_, '_>, Shift>,
    title: &str,
    high_mm: f64,
) -> Result<f64, Failure> {
    let (length, _) = area.estimate_text_size(title, &font(TITLE_PT))?;
    let room = high_mm * PER_MM;
    Ok(TITLE_PT * (room / f64::from(length.max(1))).min(1.0))
}

fn mesh(
    plot: &mut Plot<'_, '_, '_>,
    (value_title, title_pt): (String, f64),
    flow_title: Option<String>,
) -> Result<(), Failure> {
    let grey = |level: u8, width: i32| {
        ShapeStyle::from(RGBColor(level, level, level))
            .stroke_width(u32::try_from(width).unwrap_or(1))
    };
    let mut style = plot.configure_mesh();
    style
        .light_line_style(grey(236, pixels(0.08)))
        .bold_line_style(grey(205, pixels(0.12)))
        .axis_style(grey(0, pixels(0.25)))
        .label_style(font(LABELS_PT))
        .axis_desc_style(font(title_pt))
        .set_all_tick_mark_size(pixels(0.8))
        .y_desc(value_title);
    if let Some(title) = flow_title {
        style.x_desc(title);
    }
    style.draw()
}

fn font(pt: f64) -> TextStyle<'static> {
    let font = FontDesc::new(FontFamily::SansSerif, font_pixels(pt), FontStyle::Normal);
    TextStyle::from(font)
}

/// The straight line from the origin through the guarantee point to where it meets the
/// fitted curve; drawn only where the rule reads efficiency and power there.
fn origin_line(
    plot: &Plot<'_, '_, '_>,
    mark: &GuaranteeMark,
    meets: (f64, f64),
) -> Result<(), Failure> {
    let guarantee = (mark.flow_m3h, mark.head_m);
    let end = if meets.0 > guarantee.0 {
        meets
    } else {
        guarantee
    };
    draw(plot, Trace::new(vec![(0.0, 0.0), end], ORIGIN_LINE))
}

/// The tolerance cross: limits of flow along the guaranteed head, limits of head along
/// the guaranteed flow.
fn cross(plot: &Plot<'_, '_, '_>, mark: &GuaranteeMark) -> Result<(), Failure> {
    let (q, h) = (mark.flow_m3h, mark.head_m);
    if let Some([low, high]) = mark.flow_arm_m3h {
        draw(plot, Bar::new((low, h), (high, h), PROMISE, ARM))?;
    }
    if let Some([low, high]) = mark.head_arm_m {
        draw(plot, Bar::new((q, low), (q, high), PROMISE, ARM))?;
    }
    draw(plot, Symbol::new((q, h), Shape::Diamond, PROMISE))?;
    match mark.origin_line_meets {
        Some([q, h]) => draw(plot, Symbol::new((q, h), Shape::Ring, Colour::BLACK)),
        None => Ok(()),
    }
}

fn limit(plot: &Plot<'_, '_, '_>, mark: &LimitMark) -> Result<(), Failure> {
    let at = (mark.flow_m3h, mark.guaranteed);
    if let Some(limit) = mark.limit {
        draw(plot, Bar::new(at, (mark.flow_m3h, limit), PROMISE, ARM))?;
    }
    draw(plot, Symbol::new(at, Shape::Diamond, PROMISE))
}

fn draw<'s, 'f, E>(plot: &Plot<'_, 's, 'f>, element: E) -> Result<(), Failure>
where
    for<'b> &'b E: PointCollection<'b, (f64, f64)>,
    E: Drawable<SheetBackend<'s, 'f>>,
{
    plot.plotting_area().draw(&element)
}

fn unwrap_error(failure: Failure) -> Error {
    match failure {
        DrawingAreaErrorKind::BackendError(DrawingErrorKind::DrawingError(error)) => error,
        other => Error::Chart(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Chart, ChartPoint, GuaranteeMark, LimitMark, Panel};
    use crate::font::{Fonts, MM_PER_PT};
    use crate::sheet::{Mark, Sheet};
    use dutypoint_model::Bilingual;
    use proptest::prelude::*;

    /// A text's box on the sheet: left, top, right, bottom.
    fn boxes(sheet: &Sheet<'_>) -> Vec<(String, [f64; 4])> {
        sheet
            .marks()
            .filter_map(|mark| {
                let Mark::Text {
                    x,
                    y,
                    degrees,
                    text,
                    style,
                } = mark
                else {
                    return None;
                };
                let (w, em) = (sheet.width(text, *style), style.size * MM_PER_PT);
                let (up, down) = (0.75 * em, 0.1 * em);
                let area = if *degrees == 0.0 {
                    [*x, y - up, x + w, y + down]
                } else {
                    [x - up, y - w, x + down, *y]
                };
                Some((text.clone(), area))
            })
            .collect()
    }

    fn chart(panels: usize, flow: f64, scale: f64, count: u32) -> Chart {
        let panel = |index: usize| Panel {
            name: Bilingual::new("机组效率", "Efficiency of the whole unit"),
            symbol: "η".to_owned(),
            unit: "%".to_owned(),
            points: (0..count)
                .map(|i| ChartPoint {
                    flow_m3h: flow * f64::from(i) / f64::from(count),
                    value: scale * (1.0 - 0.1 * f64::from(i)),
                    flow_whisker: Some(flow * 0.01),
                    value_whisker: Some(scale * 0.01),
                })
                .collect(),
            curve: vec![[0.0, scale]],
            mark: (index == 1).then_some(LimitMark {
                flow_m3h: flow * 0.8,
                guaranteed: scale,
                limit: Some(scale * 0.9),
            }),
        };
        Chart {
            flow: Bilingual::new("流量", "Flow"),
            panels: (0..panels).map(panel).collect(),
            guarantee: Some(GuaranteeMark {
                flow_m3h: flow * 0.8,
                head_m: scale * 0.8,
                flow_arm_m3h: Some([flow * 0.7, flow * 0.9]),
                head_arm_m: Some([scale * 0.7, scale * 0.9]),
                origin_line_meets: None,
            }),
            whiskers: Some(Bilingual::new("扩展不确定度", "Expanded uncertainty")),
            note: None,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_label_meets_another_and_none_leaves_the_frame(
            panels in 1usize..=4, flow in 0.01f64..20_000.0, scale in 0.01f64..20_000.0,
            count in 1u32..12
        ) {
            let fonts = Fonts::embedded().unwrap();
            let mut sheet = Sheet::new(&fonts);
            chart(panels, flow, scale, count)
                .draw(&mut sheet, (16.0, 40.0), (178.0, 220.0))
                .unwrap();
            let texts = boxes(&sheet);
            prop_assert!(texts.len() > panels * 4);
            for (index, (text, a)) in texts.iter().enumerate() {
                prop_assert!(
                    a[0] >= 15.9 && a[1] >= 39.9 && a[2] <= 194.1 && a[3] <= 260.1,
                    "{} at {:?} leaves the frame", text, a
                );
                for (other, b) in texts.iter().skip(index + 1) {
                    let apart = a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
                    prop_assert!(apart, "{} {:?} meets {} {:?}", text, a, other, b);
                }
            }
        }
    }
}
