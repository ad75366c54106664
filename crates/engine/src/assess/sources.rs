//! The uncertainty of each judged value, split by source, after the GUM.
//!
//! The measurement model of a judged value is the whole way from the points to it: fits,
//! read-off, comparison point. Its sensitivity to a source is found by moving what the source
//! moves in every point by one standard uncertainty, up and down, and judging again (GUM
//! 5.1.3, note 2). A source that enters in several places therefore enters all of them at
//! once, with its correlation: density and gravity, for one, nearly cancel in an efficiency.
//!
//! Calibration acts on all points alike. Fluctuation is taken from the point nearest the
//! guarantee and, cautiously, as if it acted on all points alike; so is the scatter between
//! repeated sets where that point needed them, while that of other points moves these alone.
//! The scatter about the fitted curve comes on top.

pub(crate) mod moved;
pub(crate) mod rows;

use super::fit::Fit;
use super::{AssessedCurves, count, judge};
use crate::{Error, Setup};
use dutypoint_hydraulics::accept::{Assessment, Uncertainties};
use dutypoint_hydraulics::curve::{Curve, Efficiency};
use dutypoint_hydraulics::uncertainty::budget::{Budget, Freedom, K2_LEVEL};
use dutypoint_hydraulics::uncertainty::input::{Correlations, Distribution, Input};
use dutypoint_model::document::{
    Contribution, Evaluation, PowerKind, Reduced, Source, UncertaintyBudget,
};
use moved::Moved;
use rows::{Pair, Rows};

/// What every source does to the judged values.
pub(super) struct Sources {
    effects: Vec<Effect>,
    fits: Vec<Scatter>,
    unstated: Vec<Source>,
}

/// The curves and what they mean.
type Judged = (AssessedCurves, Assessment);

/// One source moved by its standard uncertainty, up and down; none where the points moved so
/// cannot be judged.
struct Effect {
    source: Source,
    evaluation: Evaluation,
    degrees_of_freedom: f64,
    up: Option<Judged>,
    down: Option<Judged>,
}

/// Scatter of the points about a curve.
struct Scatter {
    curve: Curve,
    /// Standard error at the guaranteed flow, by which `effect` moves the curve.
    reference: f64,
    effect: Effect,
}

impl Sources {
    /// None for a run whose instruments are unknown (an import).
    pub(super) fn new(
        setup: &Setup,
        rows: Option<&Rows>,
        points: &[Pair<'_>],
        fit: &Fit,
        fitted: &AssessedCurves,
    ) -> Option<Self> {
        let (rows, nearest) = (rows?, nearest(setup, points)?);
        let moving = Moving {
            setup,
            points: points.iter().map(|(_, reduced)| *reduced).collect(),
            fit,
            unit: points.first()?.1.power_kind == PowerKind::MotorInput,
        };
        let mut sources = Self {
            effects: Vec::new(),
            fits: Vec::new(),
            unstated: rows.unstated.clone(),
        };
        for row in &rows.list {
            let (Some(u), Some(freedom)) = (row.amounts.get(nearest), row.freedom.get(nearest))
            else {
                continue;
            };
            let (amounts, freedom) = match (row.evaluation, row.source) {
                (Evaluation::Known, _) => (row.amounts.clone(), f64::INFINITY),
                // The nearest point is steady: what others scatter stays theirs.
                (Evaluation::Observed, Source::Repeats) if *u == 0.0 => {
                    let least = row
                        .freedom
                        .iter()
                        .fold(f64::INFINITY, |least, of| least.min(*of));
                    (row.amounts.clone(), least)
                }
                (Evaluation::Observed, _) => (vec![*u; points.len()], *freedom),
            };
            if amounts.iter().all(|u| *u == 0.0) {
                continue;
            }
            sources.effects.push(Effect {
                degrees_of_freedom: freedom,
                ..moving.effect(row.source, row.evaluation, row.moved, &amounts)
            });
        }
        sources.scatter(fitted, &moving);
        Some(sources)
    }

    /// The scatter about each fitted curve. The curve is moved as a whole by its standard
    /// error at the guaranteed flow, which a reading elsewhere scales.
    fn scatter(&mut self, fitted: &AssessedCurves, moving: &Moving<'_>) {
        let mut list = vec![
            (&fitted.head, Moved::HeadOnly),
            (&fitted.power, Moved::PowerOnly),
        ];
        if let Efficiency::Fitted(curve) = &fitted.efficiency {
            list.push((curve, Moved::EfficiencyOnly));
        }
        for (curve, moved) in list {
            let flow = moving
                .setup
                .flow_m3_s
                .clamp(curve.q_min_m3_s(), curve.q_max_m3_s());
            let error = curve.read(flow).ok().and_then(|r| r.standard_error);
            let freedom = curve.fit().map_or(0, |fit| fit.degrees_of_freedom());
            let (Some(reference), true) = (error, freedom >= 1) else {
                if !self.unstated.contains(&Source::Fit) {
                    self.unstated.push(Source::Fit);
                }
                continue;
            };
            let amounts = vec![reference; moving.points.len()];
            self.fits.push(Scatter {
                curve: curve.clone(),
                reference,
                effect: Effect {
                    degrees_of_freedom: count(freedom),
                    ..moving.effect(Source::Fit, Evaluation::Observed, moved, &amounts)
                },
            });
        }
    }

    /// Expanded uncertainty and budget of the value that `read` takes from the curves, read
    /// about the flow `at_flow_m3_s`; none where no source says anything about it.
    pub(super) fn of(
        &self,
        value: f64,
        at_flow_m3_s: f64,
        read: impl Fn(&AssessedCurves, &Assessment) -> Option<f64>,
    ) -> Result<Option<(f64, UncertaintyBudget)>, Error> {
        let (mut inputs, mut whence) = (Vec::new(), Vec::new());
        let mut components = Vec::new();
        let mut unstated = self.unstated.clone();
        let scaled = self.fits.iter().map(|scatter| {
            let flow = at_flow_m3_s.clamp(scatter.curve.q_min_m3_s(), scatter.curve.q_max_m3_s());
            let here = scatter.curve.read(flow).ok().and_then(|r| r.standard_error);
            let scale = match here {
                Some(here) if scatter.reference > 0.0 => here / scatter.reference,
                _ => 1.0,
            };
            (&scatter.effect, scale)
        });
        for (effect, scale) in self.effects.iter().map(|e| (e, 1.0)).chain(scaled) {
            let of = |judged: &Option<Judged>| {
                let (curves, assessment) = judged.as_ref()?;
                read(curves, assessment)
            };
            let component = match (of(&effect.up), of(&effect.down)) {
                (Some(up), Some(down)) => 0.5 * (up - down),
                // At the end of the measured range only one side can be read.
                (Some(up), None) => up - value,
                (None, Some(down)) => value - down,
                (None, None) => {
                    if !unstated.contains(&effect.source) {
                        unstated.push(effect.source);
                    }
                    continue;
                }
            };
            if component == 0.0 {
                continue;
            }
            let component = component * scale;
            let distribution = Distribution::Normal {
                standard_uncertainty: component.abs(),
            };
            let freedom = effect.degrees_of_freedom;
            inputs.push(Input::new("", 0.0, distribution, freedom)?);
            components.push(component.signum());
            whence.push((effect.source, effect.evaluation));
        }
        if inputs.is_empty() {
            return Ok(None);
        }
        let none = Correlations::none(inputs.len());
        let budget = Budget::from_sensitivities(value, &inputs, &components, &none)?;
        let expanded = budget.expanded(K2_LEVEL, Freedom::AsComputed)?;
        let finite = |nu: f64| Some(nu).filter(|nu| nu.is_finite());
        let contributions = budget.contributions.iter().zip(whence);
        unstated.sort_unstable();
        Ok(Some((
            expanded.uncertainty,
            UncertaintyBudget {
                formula: "uncertainty.gum.v1".into(),
                standard_uncertainty: budget.standard_uncertainty,
                degrees_of_freedom: finite(budget.degrees_of_freedom),
                level: expanded.level,
                coverage_factor: expanded.coverage_factor,
                contributions: contributions
                    .map(|(c, (source, evaluation))| Contribution {
                        source,
                        evaluation,
                        component: c.component,
                        degrees_of_freedom: finite(c.degrees_of_freedom),
                        share: c.share,
                    })
                    .collect(),
                unstated,
            },
        )))
    }
}

/// The points, to be moved and judged again.
struct Moving<'a> {
    setup: &'a Setup,
    points: Vec<&'a Reduced>,
    fit: &'a Fit,
    unit: bool,
}

/// Place of the point nearest the guaranteed flow.
pub(super) fn nearest(setup: &Setup, points: &[Pair<'_>]) -> Option<usize> {
    let away = |r: &Reduced| (r.flow_m3_s - setup.flow_m3_s).abs();
    let places = points.iter().enumerate();
    let nearest = places.min_by(|(_, a), (_, b)| away(a.1).total_cmp(&away(b.1)));
    nearest.map(|(place, _)| place)
}

impl Moving<'_> {
    fn effect(
        &self,
        source: Source,
        evaluation: Evaluation,
        moved: Moved,
        amounts: &[f64],
    ) -> Effect {
        let judged = |sign: f64| {
            let points: Vec<Reduced> = self
                .points
                .iter()
                .zip(amounts)
                .map(|(point, amount)| moved.by(point, sign * amount))
                .collect();
            let points: Vec<&Reduced> = points.iter().collect();
            let curves = self.fit.curves(&points).ok()?;
            let assessment =
                judge(self.setup, &curves, self.unit, &Uncertainties::default()).ok()?;
            Some((curves, assessment))
        };
        Effect {
            source,
            evaluation,
            degrees_of_freedom: f64::INFINITY,
            up: judged(1.0),
            down: judged(-1.0),
        }
    }
}
