//! The findings with their verdicts, and the conclusion.

use super::parts::{BODY, Parts, SMALL, Words, heading_cell};
use crate::data::{Bilingual, Finding, NotTested, Verdict};
use crate::error::Error;
use crate::print::PrintRule;
use crate::sheet::{Align, Colour, TextStyle};
use crate::table::{Cell, Row, Table, second};

/// Columns: item, clause, requirement, value, U, margin, verdict.
const WIDTHS: [f64; 7] = [33.0, 29.0, 44.0, 19.0, 17.0, 17.0, 19.0];

pub(super) fn findings(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    if !parts.data.findings.is_empty() {
        let mut table = Table::new(&WIDTHS).header(Row::new(vec![
            heading_cell(parts.said(("检验项目", "Item"), ("评价项目", "Item"))),
            heading_cell(("条款与规则包", "Clause, rule pack")),
            heading_cell(("技术要求", "Requirement")),
            heading_cell(parts.said(("检验结果", "Result"), ("计算结果", "Result"))),
            heading_cell(("U (k=2)", "")),
            heading_cell(("裕量", "Margin")),
            heading_cell(("单项判定", "Verdict")),
        ]));
        for finding in &parts.data.findings {
            let reason = reason(parts, finding);
            let row = row(parts, finding);
            match reason {
                Some(reason) => {
                    table.push(row.with_next());
                    table.push(Row::new(vec![reason.span(WIDTHS.len())]));
                }
                None => table.push(row),
            }
        }
        let title = parts.said(
            ("检验结果汇总", "Summary of findings"),
            ("评价结果汇总", "Summary of findings"),
        );
        parts.titled(title, &table)?;
    }
    if let Some(conclusion) = &parts.data.conclusion {
        let mut table = Table::new(&[1.0]);
        table.push(Row::new(vec![Cell::bilingual(
            conclusion,
            TextStyle::bold(9.4),
        )]));
        parts.titled(("检验结论", "Conclusion"), &table)?;
    }
    Ok(())
}

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
                Some(u) => cell.and(
                    format!(
                        "U {} %",
                        print.uncertainty(PrintRule::Efficiency, Some(v), u)
                    ),
                    second(BODY),
                ),
                None => cell,
            }
        }
        None => Cell::text("—", BODY),
    };
    let mut table = Table::new(&[46.0, 40.0, 17.0, 17.0, 17.0, 19.0, 22.0]).header(Row::new(vec![
        heading_cell(("标准与分类", "Standard, class")),
        heading_cell(("规定效率 η_DB（声明）", "Specified efficiency, declared")),
        heading_cell(("1 级", "Grade 1")),
        heading_cell(("2 级", "Grade 2")),
        heading_cell(("3 级", "Grade 3")),
        heading_cell(("机组效率", "Unit efficiency")),
        heading_cell(("能效等级", "Energy grade")),
    ]));
    table.push(Row::new(vec![
        Cell::text(format!("{}，{}", energy.standard, energy.clause), BODY)
            .and_bilingual(&energy.pump_type, BODY)
            .and(energy.band.clone(), second(BODY)),
        Cell::text(
            format!("{} %", print.number(PrintRule::Given, energy.specified_pct)),
            BODY,
        )
        .and_bilingual(&energy.source, second(BODY)),
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
        Cell::bilingual(&r.item, super::parts::HEADING)
            .align(Align::Centre)
            .shaded()
    });
    let mut table = Table::new(&vec![1.0; reported.len()]).header(Row::new(heads.collect()));
    let values = reported.iter().map(|r| {
        let value = parts.quantity(r.rule, r.value, &r.unit);
        let cell = Cell::text(value, TextStyle::bold(BODY.size));
        match r.expanded_uncertainty {
            Some(u) => cell.and(
                format!(
                    "U {} {}",
                    parts.print.uncertainty(r.rule, Some(r.value), u),
                    r.unit
                ),
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
        let clause = Bilingual::new(item.clause.clone(), String::new());
        [
            Cell::bilingual(&item.item, SMALL),
            Cell::bilingual(&item.why, SMALL).and(clause.zh, second(SMALL)),
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

fn row(parts: &Parts<'_, '_>, finding: &Finding) -> Row {
    let print = parts.print;
    let (rule, value) = (finding.rule, finding.value);
    let bold = TextStyle::bold(BODY.size);
    let number = |text: Option<String>| match text {
        Some(text) => Cell::text(text, BODY),
        None => Cell::text("—", BODY),
    };
    Row::new(vec![
        Cell::bilingual(&finding.item, BODY),
        Cell::text(finding.clause.clone(), BODY).and(finding.pack.clone(), second(BODY)),
        Cell::bilingual(&finding.requirement, BODY),
        match value {
            Some(v) => {
                Cell::text(print.number(rule, v), bold).and(finding.unit.clone(), second(BODY))
            }
            None => number(None),
        }
        .align(Align::Centre),
        number(
            finding
                .expanded_uncertainty
                .map(|u| print.uncertainty(rule, value, u)),
        )
        .align(Align::Centre),
        number(finding.margin.map(|m| print.margin(rule, value, m))).align(Align::Centre),
        Cell::bilingual(
            &finding.say(finding.verdict),
            bold.in_colour(if finding.optional_grade {
                Colour::BLACK
            } else {
                colour(finding.verdict)
            }),
        )
        .align(Align::Centre),
    ])
}

/// Dark enough to read the same on a grey copy; the words carry the meaning.
fn colour(verdict: Verdict) -> Colour {
    match verdict {
        Verdict::Pass => Colour(0.0, 0.33, 0.13),
        Verdict::Fail => Colour(0.65, 0.0, 0.05),
        Verdict::Inconclusive | Verdict::NotEvaluated => Colour(0.45, 0.27, 0.0),
    }
}

/// Why, and what the neighbouring degrees of fit would have given.
fn reason(parts: &Parts<'_, '_>, finding: &Finding) -> Option<Cell> {
    let mut cell = Cell::empty();
    if let Some(reason) = &finding.reason {
        cell = cell
            .and(format!("说明：{}", reason.zh), SMALL)
            .and(reason.en.clone(), second(SMALL));
    }
    if !finding.neighbours.is_empty() {
        let unit = &finding.unit;
        let each = |english: bool| {
            finding
                .neighbours
                .iter()
                .map(|fit| {
                    let name = &fit.fit;
                    let note = match (fit.admissible, english) {
                        (true, _) => "",
                        (false, true) => " (not admissible)",
                        (false, false) => "（规则包不容许）",
                    };
                    let value = fit.value.map_or_else(
                        || "—".to_owned(),
                        |v| format!("{} {unit}", parts.print.number(finding.rule, v)),
                    );
                    let word = finding.say(fit.verdict);
                    if english {
                        format!("{name}{note}: {value}, {}", word.en)
                    } else {
                        format!("{name}{note}：{value}，{}", word.zh)
                    }
                })
                .collect::<Vec<_>>()
        };
        cell = cell
            .and(format!("其他拟合：{}", each(false).join("；")), SMALL)
            .and(
                format!("Other fits: {}", each(true).join("; ")),
                second(SMALL),
            );
    }
    (finding.reason.is_some() || !finding.neighbours.is_empty()).then_some(cell)
}
