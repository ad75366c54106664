//! What other fits of the same points would have given.

use super::fit::{Fit, Form};
use super::{AssessedCurves, judge};
use crate::Setup;
use dutypoint_hydraulics::accept::{Assessment, Uncertainties};
use dutypoint_hydraulics::pack::FitRule;
use dutypoint_model::Verdict;
use dutypoint_model::document::{FitVariant, Item, Reduced};

/// Another fit of the same points, and what it would have meant.
pub(super) struct Neighbour {
    fit: Fit,
    /// Whether the pack admits each of its curves: H, P, η.
    admitted: [bool; 3],
    /// Which of its curves differ from those of the run.
    differs: [bool; 3],
    judged: Option<(AssessedCurves, Assessment)>,
}

/// One degree down and up for all curves together, where not all may follow also for those
/// that may, and the other way to efficiency. Beside splines stands the polynomial of the
/// pack.
pub(super) fn neighbours(
    setup: &Setup,
    fit: &Fit,
    reduced: &[&Reduced],
    unit: bool,
    known: &Uncertainties,
) -> Vec<Neighbour> {
    let rule = setup.standard().fit().ok();
    let forms = |fit: &Fit| [Some(fit.head), Some(fit.power), fit.efficiency];
    let admits = |form: Form| rule.is_some_and(|rule| admits(rule, form, reduced.len()));
    let mut others: Vec<Fit> = Vec::new();
    for by in [-1, 1] {
        let all = |form: Form| shifted(form, by);
        // What may not follow stays.
        let some = |form: Form| Some(shifted(form, by).filter(|f| admits(*f)).unwrap_or(form));
        others.extend(each(fit, all));
        others.extend(each(fit, some));
    }
    if let (Form::MonotoneSpline, Some(rule)) = (fit.head, rule) {
        let degree = rule.default_degree.unwrap_or(rule.min_degree);
        others.extend(each(fit, |_| Some(Form::Degree(degree))));
    }
    others.push(fit.with(
        fit.head,
        fit.power,
        match fit.efficiency {
            Some(_) => None,
            None => Some(fit.head),
        },
    ));
    let mut found: Vec<Neighbour> = Vec::new();
    for other in others {
        let of = forms(&other);
        let seen = found.iter().any(|n| forms(&n.fit) == of);
        if seen || of == forms(fit) {
            continue;
        }
        let [head, power, efficiency] = of;
        // The pack says where efficiency comes from, unless the order departs.
        let same_way = efficiency.is_some() == fit.efficiency.is_some();
        let own = efficiency.is_none_or(admits) && same_way;
        found.push(Neighbour {
            admitted: [head.is_some_and(admits), power.is_some_and(admits), own],
            differs: [
                other.head != fit.head,
                other.power != fit.power,
                other.efficiency != fit.efficiency,
            ],
            judged: other
                .curves(reduced)
                .and_then(|curves| Ok((judge(setup, &curves, unit, known)?, curves)))
                .map(|(assessment, curves)| (curves, assessment))
                .ok(),
            fit: other,
        });
    }
    found
}

fn admits(rule: &FitRule, form: Form, points: usize) -> bool {
    match form {
        Form::Degree(degree) => rule.admissible(degree, points).is_ok(),
        Form::MonotoneSpline => rule.monotone_spline,
    }
}

fn shifted(form: Form, by: isize) -> Option<Form> {
    match form {
        Form::Degree(degree) => {
            let degree = degree.checked_add_signed(by).filter(|d| *d >= 1)?;
            Some(Form::Degree(degree))
        }
        Form::MonotoneSpline => None,
    }
}

/// The fit with every form changed; none where one cannot be.
fn each(fit: &Fit, change: impl Fn(Form) -> Option<Form>) -> Option<Fit> {
    let efficiency = match fit.efficiency {
        Some(form) => Some(change(form)?),
        None => None,
    };
    Some(fit.with(change(fit.head)?, change(fit.power)?, efficiency))
}

impl Neighbour {
    /// What this fit would mean for `item`; none where the item does not depend on what
    /// differs.
    pub(super) fn variant(
        &self,
        item: Item,
        read: impl Fn(&AssessedCurves, &Assessment) -> (Option<f64>, Verdict),
    ) -> Option<FitVariant> {
        let depends = match item {
            _ if of_efficiency(item) => [true; 3],
            Item::Power | Item::InputPower => [true, true, false],
            _ => [true, false, false],
        };
        let of_item = |flags: &[bool; 3]| {
            let flags = flags.iter().zip(depends);
            flags
                .filter(|(_, depends)| *depends)
                .map(|(flag, _)| *flag)
                .collect::<Vec<_>>()
        };
        if !of_item(&self.differs).contains(&true) {
            return None;
        }
        let (curves, assessment) = self.judged.as_ref()?;
        let (value, verdict) = read(curves, assessment);
        Some(FitVariant {
            fit: self.name(item),
            value,
            verdict,
            admissible: !of_item(&self.admitted).contains(&false),
        })
    }

    /// The fit in words that need no translation: the curves `item` depends on.
    fn name(&self, item: Item) -> String {
        let (h, p) = (self.fit.head.name(), self.fit.power.name());
        match item {
            _ if of_efficiency(item) => match self.fit.efficiency {
                Some(form) => format!("H{h} P{p} η{}", form.name()),
                None => format!("H{h} P{p} η=ρgQH/P"),
            },
            Item::Power | Item::InputPower => format!("H{h} P{p}"),
            _ => format!("H{h}"),
        }
    }
}

/// Whether an item is read from the efficiency curve.
pub(super) fn of_efficiency(item: Item) -> bool {
    item.is_energy_grade() || matches!(item, Item::UnitEfficiency | Item::PumpEfficiency)
}
