//! Points at the frequency or speed that the order specified before the start.
//!
//! A sealed unit's points stay as they were measured, at its own slip, unless the order says
//! otherwise. What is translated stands beside what was measured, never in its place.

use crate::Error;
use crate::config::{Order, TranslateTo};
use dutypoint_hydraulics::limit;
use dutypoint_hydraulics::pack::Standard;
use dutypoint_hydraulics::translate::{self, Operating};
use dutypoint_model::Quantity;
use dutypoint_model::document::{Origin, Point, Reduced, Translated};

/// To what the points of a run are translated, and within what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Translation {
    /// By frequency; else by speed.
    by_frequency: bool,
    /// Specified frequency in Hz, or speed in r/min.
    pub specified: f64,
    /// Share of it at which a test may be run, lowest and highest, percent.
    permitted_pct: [f64; 2],
}

impl Translation {
    /// What `order` specified; none where the points stay as measured.
    ///
    /// # Errors
    /// [`Error::Config`] where the order asks for what cannot be done, and why.
    pub(crate) fn resolve(
        order: &Order,
        packs: &[Standard],
        origin: Origin,
    ) -> Result<Option<Self>, Error> {
        let refuse = |why: &str| Err(Error::Config(format!("[translation] of the order: {why}")));
        let Some(wanted) = &order.translation else {
            return Ok(None);
        };
        match wanted.to {
            TranslateTo::None => Ok(None),
            TranslateTo::Frequency => {
                if origin == Origin::Imported {
                    return refuse("an import has no frequency to translate from; use speed");
                }
                let Some(rated) = &order.specimen.frequency else {
                    return refuse("the specimen has no rated `frequency` to translate to");
                };
                let Some(rule) = packs.iter().find_map(|pack| pack.supply().ok()) else {
                    return refuse("no pack of the run says within which frequencies");
                };
                let pct = rule.frequency_pct.value;
                Ok(Some(Self {
                    by_frequency: true,
                    specified: rated.internal(Quantity::Frequency).map_err(Error::Config)?,
                    permitted_pct: [100.0 - pct, 100.0 + pct],
                }))
            }
            TranslateTo::Speed => {
                // The order's own check has seen that there is one.
                let Some(specified) = &wanted.specified else {
                    return refuse("`specified` is missing");
                };
                let Some(rule) = packs.iter().find_map(|pack| pack.speed().ok()) else {
                    return refuse("no pack of the run says within which speeds");
                };
                let band = &rule.flow_head_power_pct;
                Ok(Some(Self {
                    by_frequency: false,
                    specified: specified.internal(Quantity::Speed).map_err(Error::Config)?,
                    permitted_pct: [band.low, band.high],
                }))
            }
        }
    }

    /// Whether it goes by the frequency of the supply.
    #[must_use]
    pub fn by_frequency(&self) -> bool {
        self.by_frequency
    }

    /// A point at what was specified; none outside what is permitted, or without a reading.
    pub(crate) fn point(&self, reduced: &Reduced) -> Option<Translated> {
        let test = if self.by_frequency {
            reduced.frequency_hz?
        } else {
            reduced.speed_rpm?
        };
        let pct = 100.0 * test / self.specified;
        let [low, high] = self.permitted_pct;
        if !limit::at_least(pct, low) || !limit::at_most(pct, high) {
            return None;
        }
        let ratio = translate::speed_ratio(self.specified, test).ok()?;
        let at = Operating {
            flow_m3_s: reduced.flow_m3_s,
            head_m: reduced.head_m,
            power_w: reduced.power_w,
        };
        let at = translate::translate(&at, ratio, 1.0).ok()?;
        Some(Translated {
            ratio,
            flow_m3_s: at.flow_m3_s,
            head_m: at.head_m,
            power_w: at.power_w,
            efficiency: reduced.efficiency,
        })
    }
}

/// What is judged of the accepted `points`: as measured, or as translated where every one was.
#[must_use]
pub fn judged(points: &[&Point]) -> Vec<Reduced> {
    let whole = points.iter().all(|p| p.translated.is_some());
    points
        .iter()
        .filter_map(|point| {
            let measured = point.reduced.as_ref()?;
            Some(match &point.translated {
                Some(at) if whole => Reduced {
                    flow_m3_s: at.flow_m3_s,
                    head_m: at.head_m,
                    power_w: at.power_w,
                    efficiency: at.efficiency,
                    speed_rpm: measured.speed_rpm.map(|n| n * at.ratio),
                    frequency_hz: measured.frequency_hz.map(|f| f * at.ratio),
                    ..measured.clone()
                },
                _ => measured.clone(),
            })
        })
        .collect()
}
