//! The findings with their verdicts, and the conclusion.

use super::parts::{BODY, Parts, SMALL, heading_cell};
use crate::data::{Finding, Verdict};
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
                let mut text = print.number(rule, v);
                if let Some(mark) = &finding.mark {
                    text = format!("{text} {mark}");
                }
                Cell::text(text, bold).and(finding.unit.clone(), second(BODY))
            }
            None => number(None),
        }
        .align(Align::Centre),
        match (finding.expanded_uncertainty, finding.coverage_factor) {
            (Some(u), Some(k)) => Cell::text(print.uncertainty(u), BODY).and(
                format!("k = {}", print.number(PrintRule::Decimals(2), k)),
                second(BODY),
            ),
            (u, _) => number(u.map(|u| print.uncertainty(u))),
        }
        .align(Align::Centre),
        number(finding.margin.map(|m| print.margin(rule, value, m))).align(Align::Centre),
        Cell::bilingual(
            &finding.say(finding.verdict),
            bold.in_colour(colour(finding)),
        )
        .align(Align::Centre),
    ])
}

/// Dark enough to read the same on a grey copy; the words carry the meaning. A grade that
/// nobody requires is neither good nor bad.
fn colour(finding: &Finding) -> Colour {
    match finding.verdict {
        Verdict::Pass | Verdict::Fail if finding.optional_grade => Colour::BLACK,
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
