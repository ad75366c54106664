//! The legend above a chart: the same symbols and lines, with their names.

use super::Chart;
use super::marks::{ARM, LOOKS, ORIGIN_LINE, PROMISE, Shape, bar, symbol};
use crate::error::Error;
use crate::sheet::{Align, Colour, Sheet, Stroke, TextStyle};
use dutypoint_model::Bilingual;

const STYLE: TextStyle = TextStyle::regular(7.5);
/// Width of a sample, mm.
const SAMPLE: f64 = 11.0;
/// Height of a legend line, mm.
const LINE: f64 = 4.8;
/// Gap between entries, mm.
const GAP: f64 = 6.0;

enum Sample {
    Quantity { index: usize, fitted: bool },
    Guarantee,
    Limit,
    Origin,
    Whisker,
}

/// Draws the legend and returns its height, mm.
pub(super) fn draw(
    chart: &Chart,
    sheet: &mut Sheet<'_>,
    (left, top): (f64, f64),
    width: f64,
) -> Result<f64, Error> {
    let (mut x, mut y) = (left, top + 0.8);
    for (sample, text) in entries(chart) {
        let needed = SAMPLE + 1.5 + sheet.width(&text, STYLE);
        if x > left && x + needed > left + width {
            x = left;
            y += LINE;
        }
        let middle = y + LINE / 2.0;
        draw_sample(sheet, &sample, (x, middle));
        let at = x + SAMPLE + 1.5;
        let room = left + width - at;
        sheet.fitted((at, middle + 0.98), room, &text, STYLE, Align::Left)?;
        x += needed + GAP;
    }
    Ok(y + LINE + 2.0 - top)
}

fn entries(chart: &Chart) -> Vec<(Sample, String)> {
    let both = |text: &Bilingual| format!("{} {}", text.zh, text.en).trim().to_owned();
    let mut entries: Vec<(Sample, String)> = chart
        .panels
        .iter()
        .enumerate()
        .map(|(index, panel)| {
            let fitted = !panel.curve.is_empty();
            (Sample::Quantity { index, fitted }, both(&panel.name))
        })
        .collect();
    if let Some(mark) = &chart.guarantee {
        let cross = mark.flow_arm_m3h.is_some() || mark.head_arm_m.is_some();
        entries.push((
            Sample::Guarantee,
            if cross {
                "保证点与容差臂 Guarantee point, tolerance arms"
            } else {
                "保证点 Guarantee point"
            }
            .to_owned(),
        ));
        if mark.origin_line_meets.is_some() {
            entries.push((
                Sample::Origin,
                "过原点直线及其交点 Line through the origin, intersection".to_owned(),
            ));
        }
    }
    if chart.panels.iter().any(|p| p.mark.is_some()) {
        let text = "保证值至限值 Guaranteed value to limit";
        entries.push((Sample::Limit, text.to_owned()));
    }
    let whiskers = chart
        .panels
        .iter()
        .flat_map(|p| &p.points)
        .any(|p| p.flow_whisker.is_some() || p.value_whisker.is_some());
    if let Some(text) = chart.whiskers.as_ref().filter(|_| whiskers) {
        entries.push((Sample::Whisker, both(text)));
    }
    entries
}

fn draw_sample(sheet: &mut Sheet<'_>, sample: &Sample, (x, y): (f64, f64)) {
    let middle = (x + SAMPLE / 2.0, y);
    let (from, to) = ((x, y), (x + SAMPLE, y));
    let arm = Stroke::solid(PROMISE, ARM);
    match sample {
        Sample::Quantity { index, fitted } => {
            if let Some(look) = LOOKS.get(*index) {
                if *fitted {
                    let stroke = Stroke {
                        colour: look.colour,
                        width: 0.4,
                        dash: look.dash,
                    };
                    sheet.line(from, to, stroke);
                }
                symbol(sheet, middle, look.shape, look.colour);
            }
        }
        Sample::Guarantee => {
            bar(sheet, (x + 1.5, y), (x + SAMPLE - 1.5, y), arm);
            bar(sheet, (middle.0, y - 1.9), (middle.0, y + 1.9), arm);
            symbol(sheet, middle, Shape::Diamond, PROMISE);
        }
        Sample::Limit => {
            bar(sheet, (x + 2.0, y), (x + SAMPLE - 2.0, y), arm);
            symbol(sheet, (x + 2.0, y), Shape::Diamond, PROMISE);
        }
        Sample::Origin => {
            sheet.line(from, to, ORIGIN_LINE);
            symbol(sheet, middle, Shape::Ring, Colour::BLACK);
        }
        Sample::Whisker => {
            let stroke = Stroke::solid(Colour::BLACK, 0.18);
            bar(sheet, (middle.0, y - 1.7), (middle.0, y + 1.7), stroke);
        }
    }
}
