//! What other fits of the same points would have given.

use super::{AssessedCurves, curves, judge};
use crate::Setup;
use crate::config::FitChoice;
use dutypoint_hydraulics::accept::{Assessment, Uncertainties};
use dutypoint_model::document::{FitVariant, Item, Reduced};
use dutypoint_model::{Bilingual, Verdict};

/// Another fit of the same points, and what it would have meant.
pub(super) struct Neighbour {
    fit: FitChoice,
    admissible: bool,
    /// The other way to efficiency; flow, head and power do not depend on it.
    other_efficiency: bool,
    judged: Option<(AssessedCurves, Assessment)>,
}

/// One degree down and up for all curves together, and the other way to efficiency.
pub(super) fn neighbours(
    setup: &Setup,
    reduced: &[&Reduced],
    unit: bool,
    known: &Uncertainties,
) -> Vec<Neighbour> {
    let chosen = &setup.fit;
    let shifted = |by: isize| -> Option<FitChoice> {
        let shift = |degree: usize| degree.checked_add_signed(by).filter(|d| *d >= 1);
        Some(FitChoice {
            head_degree: shift(chosen.head_degree)?,
            power_degree: shift(chosen.power_degree)?,
            efficiency_degree: match chosen.efficiency_degree {
                Some(degree) => Some(shift(degree)?),
                None => None,
            },
            weighting: chosen.weighting,
            reason: Bilingual::default(),
        })
    };
    let other_efficiency = FitChoice {
        efficiency_degree: match chosen.efficiency_degree {
            Some(_) => None,
            None => Some(chosen.head_degree),
        },
        ..chosen.clone()
    };
    let rule = setup.standard().fit().ok();
    [
        (shifted(-1), false),
        (shifted(1), false),
        (Some(other_efficiency), true),
    ]
    .into_iter()
    .filter_map(|(fit, other)| Some((fit?, other)))
    .map(|(fit, other_efficiency)| {
        let admissible = rule.is_some_and(|rule| {
            [Some(fit.head_degree), Some(fit.power_degree), fit.efficiency_degree]
                    .into_iter()
                    .flatten()
                    .all(|degree| rule.admissible(degree, reduced.len()).is_ok())
                    // The pack says where efficiency comes from, unless the order departs.
                    && fit.efficiency_degree.is_some() == chosen.efficiency_degree.is_some()
        });
        Neighbour {
            admissible,
            other_efficiency,
            judged: curves(reduced, &fit)
                .and_then(|curves| Ok((judge(setup, &curves, unit, known)?, curves)))
                .map(|(assessment, curves)| (curves, assessment))
                .ok(),
            fit,
        }
    })
    .collect()
}

impl Neighbour {
    /// What this fit would mean for `item`; none where the item does not depend on it.
    pub(super) fn variant(
        &self,
        item: Item,
        read: impl Fn(&AssessedCurves, &Assessment) -> (Option<f64>, Verdict),
    ) -> Option<FitVariant> {
        if self.other_efficiency && !of_efficiency(item) {
            return None;
        }
        let (curves, assessment) = self.judged.as_ref()?;
        let (value, verdict) = read(curves, assessment);
        Some(FitVariant {
            fit: self.name(item),
            value,
            verdict,
            admissible: self.admissible,
        })
    }

    /// The fit in words that need no translation: the curves `item` depends on.
    fn name(&self, item: Item) -> String {
        let (h, p) = (self.fit.head_degree, self.fit.power_degree);
        match item {
            _ if of_efficiency(item) => match self.fit.efficiency_degree {
                Some(degree) => format!("H{h} P{p} η{degree}"),
                None => format!("H{h} P{p} η=ρgQH/P"),
            },
            Item::Power | Item::InputPower => format!("H{h} P{p}"),
            _ => format!("H{h}"),
        }
    }
}

/// Whether an item is read from the efficiency curve.
fn of_efficiency(item: Item) -> bool {
    item.is_energy_grade() || matches!(item, Item::UnitEfficiency | Item::PumpEfficiency)
}
