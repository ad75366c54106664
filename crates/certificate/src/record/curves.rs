//! The chart of a run: its points, the fitted curves over the tested range, the guarantee.

use super::{Evidence, in_unit};
use crate::chart::{Chart, ChartPoint, GuaranteeMark, LimitMark, Panel};
use dutypoint_engine::{AssessedCurves, RunEngine, curves, judged};
use dutypoint_hydraulics::pack::CitedBand;
use dutypoint_hydraulics::percent::RelativePercent;
use dutypoint_model::document::{Finding, Item, Point, PowerKind, Reduced};
use dutypoint_model::{Bilingual, Outcome, Quantity};

/// Chords a fitted curve is drawn with; finer than a printer resolves.
const CHORDS: u32 = 96;

pub(super) fn chart(evidence: &Evidence<'_>) -> Result<Option<Chart>, crate::Error> {
    let setup = evidence.engine.setup();
    let accepted: Vec<&Point> = evidence
        .engine
        .points()
        .iter()
        .filter(|p| p.accepted)
        .collect();
    let judged = judged(&accepted);
    let reduced: Vec<&Reduced> = judged.iter().collect();
    if evidence.stop.outcome != Outcome::Completed || reduced.is_empty() {
        return Ok(None);
    }
    let Ok(fitted) = fitted(evidence) else {
        // The findings already say why the points determine no curve.
        return Ok(None);
    };
    let failed = |error: dutypoint_hydraulics::Error| crate::Error::Chart(error.to_string());
    let flows = abscissae(&fitted);
    let line = |quantity: Quantity,
                value: &dyn Fn(f64) -> Result<f64, dutypoint_hydraulics::Error>| {
        flows
            .iter()
            .map(|q| Ok([in_unit(Quantity::Flow, *q), in_unit(quantity, value(*q)?)]))
            .collect::<Result<Vec<[f64; 2]>, _>>()
            .map_err(failed)
    };
    let unit = reduced
        .first()
        .is_some_and(|r| r.power_kind == PowerKind::MotorInput);
    let points = |quantity: Quantity, value: fn(&Reduced) -> f64| {
        reduced
            .iter()
            .map(|r| ChartPoint {
                flow_m3h: in_unit(Quantity::Flow, r.flow_m3_s),
                value: in_unit(quantity, value(r)),
                flow_whisker: None,
                value_whisker: None,
            })
            .collect()
    };
    let of = |item: Item| evidence.findings.iter().find(|f| f.item == item);
    let (power_name, power_symbol, power_item) = if unit {
        let name = Bilingual::new("输入功率", "Input power");
        (name, "P1", Item::InputPower)
    } else {
        (Bilingual::new("轴功率", "Shaft power"), "P2", Item::Power)
    };
    let (efficiency_name, efficiency_item) = if unit {
        (
            Bilingual::new("机组效率", "Unit efficiency"),
            Item::UnitEfficiency,
        )
    } else {
        (
            Bilingual::new("泵效率", "Pump efficiency"),
            Item::PumpEfficiency,
        )
    };
    let read_at = of(efficiency_item).and_then(|f| f.inputs.get("read_at_flow_m3_s").copied());
    let mark = |finding: Option<&Finding>, guaranteed: Option<f64>, quantity: Quantity| {
        let limit = finding?.limit?;
        Some(LimitMark {
            flow_m3h: in_unit(Quantity::Flow, read_at?),
            guaranteed: in_unit(quantity, guaranteed?),
            limit: limit.low.or(limit.high).map(|v| in_unit(quantity, v)),
        })
    };
    let internal =
        |m: &Option<dutypoint_model::Measure>| m.as_ref().map(|m| m.unit.to_internal(m.value));
    let g = &setup.order.guarantee;
    let guaranteed_efficiency = internal(if unit {
        &g.unit_efficiency
    } else {
        &g.pump_efficiency
    });
    let band = |item: Item, quantity: Quantity| {
        let limit = of(item)?.limit?;
        Some([
            in_unit(quantity, limit.low?),
            in_unit(quantity, limit.high?),
        ])
    };
    let meets = of(efficiency_item).and_then(|f| {
        let flow = f.inputs.get("read_at_flow_m3_s")?;
        let head = f.inputs.get("read_at_head_m")?;
        Some([in_unit(Quantity::Flow, *flow), *head])
    });
    Ok(Some(Chart {
        flow: Bilingual::new("流量", "Flow"),
        panels: vec![
            Panel {
                name: Bilingual::new("扬程", "Head"),
                symbol: "H".into(),
                unit: "m".into(),
                points: points(Quantity::Length, |r| r.head_m),
                curve: line(Quantity::Length, &|q| fitted.head.evaluate(q))?,
                mark: None,
            },
            Panel {
                name: power_name,
                symbol: power_symbol.into(),
                unit: "kW".into(),
                points: points(Quantity::Power, |r| r.power_w),
                curve: line(Quantity::Power, &|q| fitted.power.evaluate(q))?,
                mark: mark(of(power_item), internal(&g.power), Quantity::Power),
            },
            Panel {
                name: efficiency_name,
                symbol: "η".into(),
                unit: "%".into(),
                points: points(Quantity::Ratio, |r| r.efficiency),
                curve: line(Quantity::Ratio, &|q| fitted.efficiency.evaluate(q))?,
                mark: mark(of(efficiency_item), guaranteed_efficiency, Quantity::Ratio),
            },
        ],
        guarantee: Some(GuaranteeMark {
            flow_m3h: in_unit(Quantity::Flow, setup.flow_m3_s),
            head_m: setup.head_m,
            flow_arm_m3h: band(Item::FlowAtHead, Quantity::Flow),
            head_arm_m: band(Item::HeadAtFlow, Quantity::Length),
            origin_line_meets: of(Item::FlowHead).and(meets),
        }),
        whiskers: None,
        note: Some(super::notes::chart(setup, &fitted)),
    }))
}

/// Flows the curves are drawn at, the ends of the tested range included exactly.
/// The curves through the accepted points.
pub(super) fn fitted(evidence: &Evidence<'_>) -> Result<AssessedCurves, dutypoint_engine::Error> {
    let engine = evidence.engine;
    let accepted: Vec<&Point> = engine.points().iter().filter(|p| p.accepted).collect();
    let channels = engine.channels().cloned().unwrap_or_default();
    curves(engine.setup(), &channels, &accepted)
}

fn abscissae(fitted: &AssessedCurves) -> Vec<f64> {
    let (low, high) = (fitted.head.q_min_m3_s(), fitted.head.q_max_m3_s());
    (0..=CHORDS)
        .map(|n| match n {
            0 => low,
            CHORDS => high,
            n => low + (high - low) * f64::from(n) / f64::from(CHORDS),
        })
        .collect()
}

/// The head of a run that is still being recorded: its accepted points so far, not yet
/// fitted, beside the guarantee and its tolerance cross.
pub(super) fn growing(engine: &RunEngine) -> Chart {
    let setup = engine.setup();
    let band = |guaranteed: f64, quantity: Quantity, band: &Option<CitedBand<RelativePercent>>| {
        let band = band.as_ref()?;
        let limit = |pct: RelativePercent| in_unit(quantity, pct.of(guaranteed));
        Some([limit(band.low), limit(band.high)])
    };
    let points = engine
        .points()
        .iter()
        .filter(|p| p.accepted)
        .filter_map(|p| p.reduced.as_ref())
        .map(|r| ChartPoint {
            flow_m3h: in_unit(Quantity::Flow, r.flow_m3_s),
            value: r.head_m,
            flow_whisker: None,
            value_whisker: None,
        })
        .collect();
    let tolerance = &setup.tolerance;
    Chart {
        flow: Bilingual::new("流量", "Flow"),
        panels: vec![Panel {
            name: Bilingual::new("扬程", "Head"),
            symbol: "H".into(),
            unit: "m".into(),
            points,
            curve: Vec::new(),
            mark: None,
        }],
        guarantee: Some(GuaranteeMark {
            flow_m3h: in_unit(Quantity::Flow, setup.flow_m3_s),
            head_m: setup.head_m,
            flow_arm_m3h: band(setup.flow_m3_s, Quantity::Flow, &tolerance.flow_pct),
            head_arm_m: band(setup.head_m, Quantity::Length, &tolerance.head_pct),
            origin_line_meets: None,
        }),
        whiskers: None,
        note: None,
    }
}
