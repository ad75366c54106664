//! The page of performance curves.

use super::parts::{BODY_WIDTH, Parts, SMALL, words};
use crate::data::Bilingual;
use crate::document::{BOTTOM, LEFT, TOP};
use crate::error::Error;
use crate::table::second;

/// Height a chart needs to be read, for each panel and once more for the first, mm.
const PER_SHARE: f64 = 42.0;

pub(super) fn curves(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    let Some(chart) = &parts.data.chart else {
        return Ok(());
    };
    let fitted = chart.panels.iter().any(|p| !p.curve.is_empty());
    let mut remarks = vec![words(if fitted {
        (
            "符号为试验工况点；曲线为拟合曲线，仅画在试验流量范围内。",
            "Symbols are test points; lines are fitted curves, drawn over the tested range only.",
        )
    } else {
        ("符号为试验工况点。", "Symbols are test points.")
    })];
    remarks.extend(chart.note.clone());
    let below: f64 = remarks.iter().map(|r| height(parts, r)).sum();
    let panels = u32::try_from(chart.panels.len()).unwrap_or(1);
    let wanted = (PER_SHARE * f64::from(panels + 1)).min(BOTTOM - TOP - 12.0 - below);
    parts.heading(("性能曲线", "Performance curves"), wanted + below)?;
    let room = parts.document.room() - below;
    // A chart that has the page to itself fills it, up to a readable shape.
    let high = room.min(wanted * 1.4);
    let at = (LEFT, parts.document.y());
    chart.draw(parts.document.sheet(), at, (BODY_WIDTH, high))?;
    parts.document.advance(high);
    for remark in &remarks {
        parts.remark(remark)?;
    }
    Ok(())
}

fn height(parts: &Parts<'_, '_>, remark: &Bilingual) -> f64 {
    let english = if remark.en == remark.zh {
        ""
    } else {
        &remark.en
    };
    let lines = |text: &str, style| {
        if text.is_empty() {
            0.0
        } else {
            parts.document.height(text, style, BODY_WIDTH)
        }
    };
    0.8 + lines(&remark.zh, SMALL) + lines(english, second(SMALL))
}
