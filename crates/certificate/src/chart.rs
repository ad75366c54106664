//! Performance curves: what is drawn, as plain data.
//!
//! Owns: the shape of a chart and the rules it must keep ([`Chart::check`]). A chart is
//! a stack of panels over one flow axis, head on top: curves of different quantities
//! never cross, and no label meets another. Drawing goes through plotters onto a
//! [`crate::sheet::Sheet`], so text stays text and lines stay lines.

mod axis;
mod backend;
mod draw;
mod legend;
mod marks;
mod svg;

pub use svg::{Drawing, Frame, Reach};

use crate::error::Error;
use dutypoint_model::Bilingual;
use serde::{Deserialize, Serialize};

/// A measured point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChartPoint {
    /// Flow, m³/h.
    pub flow_m3h: f64,
    /// Value, in the unit of the panel.
    pub value: f64,
    /// Half length of the whisker along flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_whisker: Option<f64>,
    /// Half length of the whisker along the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_whisker: Option<f64>,
}

/// A guaranteed value and the limit it may be stretched to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitMark {
    /// Flow it is compared at, m³/h.
    pub flow_m3h: f64,
    /// Guaranteed value.
    pub guaranteed: f64,
    /// Limit with tolerance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
}

/// One quantity over flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Panel {
    /// Name of the quantity.
    pub name: Bilingual,
    /// Its symbol.
    pub symbol: String,
    /// Its unit.
    pub unit: String,
    /// Measured points.
    pub points: Vec<ChartPoint>,
    /// Fitted curve as a chain of (flow, value), inside the tested range only.
    #[serde(default)]
    pub curve: Vec<[f64; 2]>,
    /// Guaranteed value on this axis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<LimitMark>,
}

/// The guarantee point with its tolerance cross, drawn in the first panel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuaranteeMark {
    /// Guaranteed flow, m³/h.
    pub flow_m3h: f64,
    /// Guaranteed head, m.
    pub head_m: f64,
    /// Limits of flow at the guaranteed head, m³/h: the horizontal arm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_arm_m3h: Option<[f64; 2]>,
    /// Limits of head at the guaranteed flow, m: the vertical arm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_arm_m: Option<[f64; 2]>,
    /// Where the line from the origin through the guarantee point meets the fitted
    /// curve, (m³/h, m); efficiency and power are compared at that flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin_line_meets: Option<[f64; 2]>,
}

/// Performance curves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chart {
    /// Name of the flow axis; its symbol Q and unit m³/h are added.
    pub flow: Bilingual,
    /// Panels from top to bottom, at most four, head first.
    pub panels: Vec<Panel>,
    /// The guarantee point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guarantee: Option<GuaranteeMark>,
    /// What the whiskers mean, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whiskers: Option<Bilingual>,
    /// Remark under the chart: speed basis, fit, averaging.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Bilingual>,
}

/// Most panels a page holds legibly.
const MOST_PANELS: usize = 4;

impl Chart {
    /// Checks what the standards demand of a chart: a curve only over the tested range.
    ///
    /// # Errors
    /// [`Error::Chart`] naming the panel and what to change.
    pub fn check(&self) -> Result<(), Error> {
        if self.panels.is_empty() || self.panels.len() > MOST_PANELS {
            return Err(Error::Chart(format!(
                "{} panels given, 1 to {MOST_PANELS} can be drawn",
                self.panels.len()
            )));
        }
        for panel in &self.panels {
            let flows = || panel.points.iter().map(|p| p.flow_m3h);
            let low = flows().fold(f64::INFINITY, f64::min);
            let high = flows().fold(f64::NEG_INFINITY, f64::max);
            // The ends of the curve are computed from the points and may differ in the
            // last digit.
            let slack = 1e-9 * high.abs().max(1.0);
            let outside = panel
                .curve
                .iter()
                .find(|[flow, _]| *flow < low - slack || *flow > high + slack);
            if let Some([flow, _]) = outside {
                return Err(Error::Chart(format!(
                    "the curve of {} reaches {flow} m³/h, outside the tested range \
                     {low} to {high} m³/h; end it at the outermost points",
                    panel.name.en
                )));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Bilingual, Chart, ChartPoint, Panel};

    #[test]
    fn a_curve_beyond_the_tested_range_is_refused() {
        let point = |flow_m3h| ChartPoint {
            flow_m3h,
            value: 1.0,
            flow_whisker: None,
            value_whisker: None,
        };
        let mut chart = Chart {
            flow: Bilingual::new("流量", "Flow"),
            panels: vec![Panel {
                name: Bilingual::new("扬程", "head"),
                symbol: "H".into(),
                unit: "m".into(),
                points: vec![point(10.0), point(90.0)],
                curve: vec![[10.0, 1.0], [90.0, 1.0]],
                mark: None,
            }],
            guarantee: None,
            whiskers: None,
            note: None,
        };
        assert!(chart.check().is_ok());
        chart.panels[0].curve.push([91.0, 1.0]);
        let message = chart.check().unwrap_err().to_string();
        assert!(message.contains("91") && message.contains("tested range"));
        chart.panels.clear();
        assert!(chart.check().is_err());
    }
}
