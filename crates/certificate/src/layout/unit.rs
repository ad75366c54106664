//! What is shown of a unit beside its findings: the energy grade, quantities without a
//! limit, and what was not tested.

use super::parts::{BODY, HEADING, Parts, SMALL, Words, heading_cell};
use crate::data::NotTested;
use crate::error::Error;
use crate::print::PrintRule;
use crate::sheet::{Align, TextStyle};
use crate::table::{Cell, Row, Table, second};

/// The energy grade as a label shows it: what it rests on, the lines, the value, the grade.
pub(super) fn energy(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    let Some(energy) = &parts.data.energy else {
        return Ok(());
    };
    let print = parts.print;
    let percent = |value: Option<f64>| {
        match value {
            Some(v) => Cell::text(
                format!("≥ {} %", print.number(PrintRule::Efficiency, v)),
                BODY,
            ),
            None => Cell::text("—", BODY),
        }
        .align(Align::Centre)
    };
    let found = match energy.efficiency_pct {
        Some(v) => {
            let cell = Cell::text(
                format!("{} %", print.number(PrintRule::Efficiency, v)),
                TextStyle::bold(BODY.size),
            );
            match energy.expanded_uncertainty_pct {
                Some(u) => cell.and(format!("U {} %", print.uncertainty(u)), second(BODY)),
                None => cell,
            }
        }
        None => Cell::text("—", BODY),
    };
    let mut table = Table::new(&[46.0, 40.0, 17.0, 17.0, 17.0, 19.0, 22.0]).header(Row::new(vec![
        heading_cell(("标准与分类", "Standard, class")),
        heading_cell(match energy.specified_pct {
            Some(_) => ("规定效率 η_DB（声明）", "Specified efficiency, declared"),
            None => ("依据", "Looked up by"),
        }),
        heading_cell(("1 级", "Grade 1")),
        heading_cell(("2 级", "Grade 2")),
        heading_cell(("3 级", "Grade 3")),
        heading_cell(match energy.specified_pct {
            Some(_) => ("机组效率", "Unit efficiency"),
            None => ("泵效率", "Pump efficiency"),
        }),
        heading_cell(("能效等级", "Energy grade")),
    ]));
    table.push(Row::new(vec![
        Cell::text(format!("{}，{}", energy.standard, energy.clause), BODY)
            .and_bilingual(&energy.pump_type, BODY)
            .and(energy.band.clone(), second(BODY)),
        match energy.specified_pct {
            Some(pct) => Cell::text(format!("{} %", print.number(PrintRule::Given, pct)), BODY)
                .and_bilingual(&energy.source, second(BODY)),
            None => Cell::bilingual(&energy.source, BODY),
        },
        percent(energy.grade_1_pct),
        percent(energy.grade_2_pct),
        percent(energy.grade_3_pct),
        found.align(Align::Centre),
        Cell::bilingual(&energy.grade, TextStyle::bold(BODY.size)).align(Align::Centre),
    ]));
    parts.titled(("能效等级", "Energy grade"), &table)
}

/// Quantities at the guaranteed flow without a limit: names above, values beneath.
pub(super) fn reported(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    let reported = &parts.data.reported;
    if reported.is_empty() {
        return Ok(());
    }
    let heads = reported.iter().map(|r| {
        Cell::bilingual(&r.item, HEADING)
            .align(Align::Centre)
            .shaded()
    });
    let mut table = Table::new(&vec![1.0; reported.len()]).header(Row::new(heads.collect()));
    let values = reported.iter().map(|r| {
        let value = parts.quantity(r.rule, r.value, &r.unit);
        let cell = Cell::text(value, TextStyle::bold(BODY.size));
        match r.expanded_uncertainty {
            Some(u) => cell.and(
                format!("U {} {}", parts.print.uncertainty(u), r.unit),
                second(BODY),
            ),
            None => cell,
        }
        .align(Align::Centre)
    });
    table.push(Row::new(values.collect()));
    parts.titled(
        (
            "规定流量下的实测值（无限值）",
            "Measured at the guaranteed flow, no limit stated",
        ),
        &table,
    )
}

/// Items of the method that were not tested, two to a row.
pub(super) fn not_tested(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    const HEADS: [Words; 2] = [
        ("未做的项目", "Item not tested"),
        ("条款与原因", "Clause, reason"),
    ];
    let items = &parts.data.not_tested;
    if items.is_empty() {
        return Ok(());
    }
    let heads = HEADS.iter().chain(&HEADS).map(|head| heading_cell(*head));
    let mut table = Table::new(&[45.0, 44.0, 45.0, 44.0]).header(Row::new(heads.collect()));
    let cells = |item: &NotTested| {
        [
            Cell::bilingual(&item.item, SMALL),
            Cell::bilingual(&item.why, SMALL).and(item.clause.clone(), second(SMALL)),
        ]
    };
    for pair in items.chunks(2) {
        let mut row: Vec<Cell> = pair.iter().flat_map(cells).collect();
        row.resize_with(4, Cell::empty);
        table.push(Row::new(row));
    }
    parts.titled(
        (
            "未做的试验项目（不作评价）",
            "Items not tested (not evaluated)",
        ),
        &table,
    )
}
