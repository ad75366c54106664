//! What stands against a formal issue, the statements, the evidence, the signatures.

use super::parts::{BODY, Grid, LABEL, Parts, SMALL, Words, list, words};
use crate::data::{Bilingual, CertificateKind, NamePlate, Signature, Software};
use crate::error::Error;
use crate::sheet::{Align, PAGE_WIDTH, TextStyle};
use crate::table::{Cell, Row, Table, second};

pub(super) fn refusals(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    if parts.data.refusals.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&[8.0, 170.0]);
    for (index, refusal) in parts.data.refusals.iter().enumerate() {
        table.push(Row::new(vec![
            Cell::text((index + 1).to_string(), BODY).align(Align::Centre),
            Cell::bilingual(refusal, BODY),
        ]));
    }
    parts.titled(
        (
            "未签发正式报告的原因",
            "Why this is not a formal certificate",
        ),
        &table,
    )
}

pub(super) fn statements(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    let data = parts.data;
    let mut grid = Grid::default();
    let mut state = |label: Words, text: Option<&Bilingual>| {
        grid.wide(label, text.map(|t| Cell::bilingual(t, BODY)));
    };
    state(("曲线拟合", "Curve fit"), data.fit_statement.as_ref());
    state(("判定规则", "Decision rule"), data.decision_rule.as_ref());
    state(
        ("测量不确定度", "Uncertainty"),
        data.uncertainty_statement.as_ref(),
    );
    let rounding = words((
        "打印数值按 GB/T 8170 一次修约；符合性按未修约值判定（全数值比较法）。",
        "Printed numbers are rounded once by GB/T 8170; conformity is judged on unrounded \
         values (full-value comparison).",
    ));
    state(("数值修约", "Rounding"), Some(&rounding));
    let supplied = words((
        "铭牌数据与保证值由委托方提供，本实验室不对其负责。",
        "Name-plate data and guaranteed values were supplied by the customer; this laboratory \
         does not answer for them.",
    ));
    let plate = data.specimen.plate != NamePlate::default();
    if plate || data.guarantee.is_some() {
        state(("委托方数据", "Customer data"), Some(&supplied));
    }
    let scope = words(parts.said(
        (
            "检验结果仅适用于所检样品。未经本实验室书面同意，不得部分复制本报告。",
            "Results relate only to the items tested. This report shall not be reproduced \
             except in full without written approval of the laboratory.",
        ),
        (
            "评价结果仅适用于所提供的数据。未经本实验室书面同意，不得部分复制本报告。",
            "The evaluation relates only to the data supplied. This report shall not be \
             reproduced except in full without written approval of the laboratory.",
        ),
    ));
    state(("适用范围", "Scope"), Some(&scope));
    let none = words(("无", "None"));
    let deviations = if data.deviations.is_empty() {
        std::slice::from_ref(&none)
    } else {
        &data.deviations
    };
    grid.wide(
        ("偏离与干预", "Deviations, overrides"),
        Some(list(deviations)),
    );
    let table = grid.table();
    parts.titled(("说明", "Statements"), &table)
}

pub(super) fn evidence(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    let (digests, software) = (&parts.data.digests, &parts.data.software);
    let mut grid = Grid::default();
    let mut hex = |label: Words, text: Option<&String>| {
        grid.wide(label, text.map(|t| Cell::text(t.clone(), SMALL)));
    };
    hex(("数据摘要", "Data digest"), Some(&digests.data));
    hex(("记录链末端", "Chain head"), digests.chain_head.as_ref());
    hex(("检查点", "Checkpoint"), digests.checkpoint.as_ref());
    let named = |software: &Software| {
        let Software {
            name,
            version,
            build,
        } = software;
        Cell::text(format!("{name} {version} · build {build}"), SMALL)
    };
    let recorder = parts.data.recorded_by.as_ref();
    grid.wide(("记录软件", "Recorded with"), recorder.map(named));
    grid.wide(("软件", "Software"), Some(named(software)));
    let table = grid.table();
    parts.titled(("数据溯源", "Evidence"), &table)
}

pub(super) fn signatures(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    const END: f64 = 9.0;
    let signed = &parts.data.signatures;
    // Whoever evaluates another's data has tested nothing.
    let first = parts.said(("主检", "Tested by"), ("评价", "Evaluated by"));
    let columns = [
        (first, &signed.tested_by),
        (("审核", "Checked by"), &signed.checked_by),
        (("批准", "Approved by"), &signed.approved_by),
    ];
    let seal = parts.data.kind == CertificateKind::Formal;
    let shares: &[f64] = if seal {
        &[44.0, 44.0, 44.0, 46.0]
    } else {
        &[1.0, 1.0, 1.0]
    };
    let mut heads: Vec<Cell> = columns.iter().map(|(label, _)| head(label)).collect();
    let mut names: Vec<Cell> = columns.iter().map(|(_, s)| name(s)).collect();
    let mut dates: Vec<Cell> = columns.iter().map(|(_, s)| date(s)).collect();
    if seal {
        heads.push(head(&("检验检测专用章", "Seal of the laboratory")));
        names.push(Cell::empty());
        dates.push(Cell::text("（盖章处 Seal here）", second(BODY)).align(Align::Centre));
    }
    let mut table = Table::new(shares);
    table.push(Row::new(heads).with_next());
    table.push(Row::new(names).with_next());
    table.push(Row::new(dates));
    let lead = table.lead_height(&parts.document) + END;
    parts.heading(("签名栏", "Signatures"), lead)?;
    table.draw(&mut parts.document)?;

    let y = parts.document.y() + END - 2.0;
    let style = TextStyle::regular(8.6);
    parts.document.sheet().text(
        PAGE_WIDTH / 2.0,
        y,
        "—— 以下空白  End of report ——",
        style,
        Align::Centre,
    )?;
    parts.document.advance(END);
    Ok(())
}

fn head(label: &Words) -> Cell {
    Cell::bilingual(&words(*label), LABEL)
        .align(Align::Centre)
        .shaded()
}

/// Room for a pen above, then name and office.
fn name(signature: &Signature) -> Cell {
    // A line of nothing, as high as a signature.
    let pen = TextStyle::regular(26.0);
    let cell = Cell::text(" ", pen).and(signature.name.as_deref().unwrap_or(" "), BODY);
    match &signature.title {
        Some(title) => cell.and_bilingual(title, second(BODY)),
        None => cell,
    }
    .align(Align::Centre)
}

fn date(signature: &Signature) -> Cell {
    let date = signature.date.as_deref().unwrap_or("____________");
    Cell::text(format!("日期 Date  {date}"), second(BODY)).align(Align::Centre)
}
