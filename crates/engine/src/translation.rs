//! Points at the frequency or speed that the order specified before the start.
//!
//! A sealed unit's points stay as they were measured, at its own slip, unless the order says
//! otherwise. What is translated stands beside what was measured, never in its place.

use crate::Error;
use crate::config::{Order, TranslateTo};
use dutypoint_hydraulics::Error as HydraulicsError;
use dutypoint_hydraulics::pack::Standard;
use dutypoint_hydraulics::translate::{self, Operating, Supply, UnitTranslation};
use dutypoint_model::document::{Origin, Point, Reduced, Translated};
use dutypoint_model::{Measure, Quantity};

/// To what the points of a run are translated, and by which pack.
#[derive(Clone, Debug, PartialEq)]
pub struct Translation {
    /// Specified frequency in Hz, or speed in r/min.
    pub specified: f64,
    /// How a sealed unit goes there; a pump with a shaft of its own goes by its speed alone.
    unit: Option<UnitTranslation>,
    /// Rated frequency and voltage of a unit, as far as the order states them.
    rated_hz: Option<f64>,
    rated_v: Option<f64>,
    /// Place of the pack whose windows hold.
    pack: usize,
}

/// Why a point is not translated.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Untranslated {
    /// What it goes by was not measured.
    NotMeasured,
    /// The standard does not permit it, or a number is none.
    Refused(HydraulicsError),
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
        let internal = |measure: &Option<Measure>, quantity| {
            let internal = |m: &Measure| m.internal(quantity).map_err(Error::Config);
            measure.as_ref().map(internal).transpose()
        };
        let specimen = &order.specimen;
        let rated_hz = internal(&specimen.frequency, Quantity::Frequency)?;
        let rated_v = internal(&specimen.voltage, Quantity::Voltage)?;
        let (specified, unit) = match (wanted.to, origin) {
            (TranslateTo::None, _) => return Ok(None),
            (TranslateTo::Frequency, Origin::Imported) => {
                return refuse("an import has no frequency to translate from; use speed");
            }
            (TranslateTo::Frequency, _) => (rated_hz, Some(UnitTranslation::RatedFrequency)),
            // The order's own check has seen that there is one.
            (TranslateTo::Speed, Origin::Imported) => {
                (internal(&wanted.specified, Quantity::Speed)?, None)
            }
            (TranslateTo::Speed, _) => (
                internal(&wanted.specified, Quantity::Speed)?,
                Some(UnitTranslation::SpecifiedSpeed),
            ),
        };
        if unit.is_some() && rated_hz.is_none() {
            return refuse(
                "the specimen has no rated `frequency`, which a unit's supply must keep",
            );
        }
        let Some(specified) = specified else {
            return refuse("`specified` is missing");
        };
        let speed = unit != Some(UnitTranslation::RatedFrequency);
        let states = |pack: &Standard| {
            (!speed || pack.speed().is_ok()) && (unit.is_none() || pack.supply().is_ok())
        };
        let Some(pack) = packs.iter().position(states) else {
            return refuse(match (speed, unit) {
                (true, Some(_)) => "no pack of the run says within which speeds and supplies",
                (true, None) => "no pack of the run says within which speeds",
                (false, _) => "no pack of the run says within which frequencies",
            });
        };
        Ok(Some(Self {
            specified,
            unit,
            rated_hz,
            rated_v,
            pack,
        }))
    }

    /// Whether it goes by the frequency of the supply.
    #[must_use]
    pub fn by_frequency(&self) -> bool {
        self.unit == Some(UnitTranslation::RatedFrequency)
    }

    /// A point at what was specified, and whether its efficiency may be taken as unchanged.
    ///
    /// # Errors
    /// [`Untranslated`] outside what the pack permits, or without a reading.
    pub(crate) fn point(
        &self,
        packs: &[Standard],
        reduced: &Reduced,
    ) -> Result<(Translated, bool), Untranslated> {
        let pack = packs.get(self.pack).ok_or(Untranslated::NotMeasured)?;
        let test = Operating {
            flow_m3_s: reduced.flow_m3_s,
            head_m: reduced.head_m,
            power_w: reduced.power_w,
        };
        let found = match self.unit {
            None => {
                let rpm = reduced.speed_rpm.ok_or(Untranslated::NotMeasured)?;
                translate::to_speed(&test, rpm, self.specified, 1.0, None, pack)
            }
            Some(choice) => {
                let hertz = reduced.frequency_hz.ok_or(Untranslated::NotMeasured)?;
                let supply = Supply {
                    frequency_hz: hertz,
                    rated_frequency_hz: self.rated_hz.ok_or(Untranslated::NotMeasured)?,
                    voltage_v: reduced.motor_voltage_v.zip(self.rated_v),
                };
                let speeds = reduced.speed_rpm.map(|rpm| (rpm, self.specified));
                if choice == UnitTranslation::SpecifiedSpeed && speeds.is_none() {
                    return Err(Untranslated::NotMeasured);
                }
                translate::to_recorded(&test, choice, &supply, speeds, pack)
            }
        };
        let found = found.map_err(Untranslated::Refused)?;
        let at = found.operating;
        let translated = Translated {
            ratio: found.ratio,
            flow_m3_s: at.flow_m3_s,
            head_m: at.head_m,
            power_w: at.power_w,
            efficiency: reduced.efficiency,
        };
        Ok((translated, found.efficiency_unchanged != Some(false)))
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
