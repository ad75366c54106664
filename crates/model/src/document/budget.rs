//! The uncertainty of one judged value, split by where it comes from.

use crate::Bilingual;
use serde::{Deserialize, Serialize};

/// The uncertainty of a value, all in the value's internal unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UncertaintyBudget {
    /// Id of the rule it was evaluated by.
    pub formula: String,
    /// Combined standard uncertainty.
    pub standard_uncertainty: f64,
    /// Effective degrees of freedom; absent where infinitely many.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub degrees_of_freedom: Option<f64>,
    /// Coverage probability of the expanded uncertainty.
    pub level: f64,
    /// Factor k from the standard to the expanded uncertainty.
    pub coverage_factor: f64,
    /// What each source brings in.
    pub contributions: Vec<Contribution>,
    /// Sources for which neither bench nor calibration states an uncertainty: they are not
    /// in the sum.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unstated: Vec<Source>,
}

/// What one source brings into a value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contribution {
    /// The source.
    pub source: Source,
    /// How its uncertainty was evaluated.
    pub evaluation: Evaluation,
    /// Change of the value for one standard uncertainty of the source, with its sign.
    pub component: f64,
    /// Degrees of freedom; absent where infinitely many.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub degrees_of_freedom: Option<f64>,
    /// Share of the combined variance, 0 to 1.
    pub share: f64,
}

/// How an uncertainty was evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evaluation {
    /// From repeated observations (type A): fluctuation, scatter about a fit.
    Observed,
    /// From what is known otherwise (type B): a calibration certificate, a stated limit.
    Known,
}

/// Where an uncertainty comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Flow meter; moves velocity head and outlet loss with it.
    Flow,
    /// Gauge at the outlet.
    OutletPressure,
    /// Gauge at the inlet.
    InletPressure,
    /// Level of the water.
    WaterLevel,
    /// Heights of gauge and level sensor.
    Height,
    /// Bore at the tap, through the velocity head.
    TapBore,
    /// Loss between pump and tap.
    OutletLoss,
    /// Density of the water, through its temperature.
    Density,
    /// Local gravity.
    Gravity,
    /// Power meter.
    Power,
    /// Loss in the cable.
    Cable,
    /// Scatter between repeated sets of readings, for a point that was not steady.
    Repeats,
    /// Scatter of the points about the fitted curve.
    Fit,
}

impl Source {
    /// The name printed for people.
    #[must_use]
    pub fn text(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Flow => ("流量", "flow"),
            Self::OutletPressure => ("出口压力", "outlet pressure"),
            Self::InletPressure => ("进口压力", "inlet pressure"),
            Self::WaterLevel => ("水位", "water level"),
            Self::Height => ("仪表高度", "heights"),
            Self::TapBore => ("测压处管径", "bore at the tap"),
            Self::OutletLoss => ("出口至测压处损失", "loss to the tap"),
            Self::Density => ("密度", "density"),
            Self::Gravity => ("重力加速度", "gravity"),
            Self::Power => ("功率", "power"),
            Self::Cable => ("电缆损耗", "cable loss"),
            Self::Repeats => ("重复读数", "repeated sets"),
            Self::Fit => ("曲线拟合", "fit"),
        };
        Bilingual::new(zh, en)
    }
}
