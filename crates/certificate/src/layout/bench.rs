//! The standards, the bench, the method and the instruments.

use super::parts::{BODY, Grid, Parts, heading_cell, list, words};
use crate::data::Instrument;
use crate::error::Error;
use crate::print::PrintRule;
use crate::sheet::{Align, TextStyle};
use crate::table::{Cell, Row, Table, second};

pub(super) fn basis(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    if parts.data.basis.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&[32.0, 62.0, 84.0]).header(Row::new(vec![
        heading_cell(("标准与版本", "Standard, edition")),
        heading_cell(("名称", "Title")),
        heading_cell(("规则包与状态", "Rule pack and its status")),
    ]));
    for basis in &parts.data.basis {
        let status = if basis.countersigned {
            ("已由本实验室核签", "countersigned by this laboratory")
        } else {
            ("未经本实验室核签", "not countersigned by this laboratory")
        };
        let status_style = if basis.countersigned {
            BODY
        } else {
            TextStyle::bold(BODY.size)
        };
        let cell = Cell::text(basis.pack.clone(), BODY).and_bilingual(&words(status), status_style);
        table.push(Row::new(vec![
            Cell::text(format!("{}—{}", basis.standard, basis.edition), BODY),
            Cell::bilingual(&basis.title, BODY),
            match &basis.notice {
                Some(notice) => cell.and_bilingual(notice, second(BODY)),
                None => cell,
            },
        ]));
    }
    let title = parts.said(
        ("检验依据", "Test basis"),
        ("评价依据", "Basis of evaluation"),
    );
    parts.titled(title, &table)
}

pub(super) fn bench(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    let data = parts.data;
    let mut grid = Grid::default();
    if let Some(bench) = &data.bench {
        let given = |value: Option<f64>, unit: &str| {
            value.map(|v| parts.quantity(PrintRule::Given, v, unit))
        };
        grid.wide(
            ("试验台", "Bench"),
            Some(Cell::bilingual(&bench.name, BODY)),
        );
        grid.text(
            ("取压处管内径", "Bore at tap"),
            given(bench.tap_bore_mm, "mm"),
        );
        grid.text(
            ("压力表高差", "Gauge elevation"),
            given(bench.gauge_elevation_m, "m"),
        );
        grid.text(
            ("扬水管长度", "Riser length"),
            given(bench.riser_length_m, "m"),
        );
        grid.text(
            ("扬水管内径", "Riser bore"),
            given(bench.riser_bore_mm, "mm"),
        );
        grid.text(
            ("扬水管粗糙度", "Riser roughness"),
            given(bench.riser_roughness_mm, "mm"),
        );
        grid.text(
            ("当地重力加速度", "Local g"),
            given(bench.gravity_m_s2, "m/s²"),
        );
        grid.text(
            ("水的密度", "Water density"),
            bench
                .water_density_kg_m3
                .map(|v| parts.quantity(PrintRule::Decimals(2), v, "kg/m³")),
        );
        grid.text(
            ("水温", "Water temperature"),
            bench
                .water_temperature_c
                .map(|v| parts.quantity(PrintRule::Temperature, v, "°C")),
        );
        grid.wide(
            ("泵出口至取压处", "Pump outlet to tap"),
            bench.outlet_loss.as_ref().map(|l| Cell::bilingual(l, BODY)),
        );
        grid.wide(
            ("电缆", "Cable"),
            bench.cable.as_ref().map(|c| Cell::bilingual(c, BODY)),
        );
    }
    if !data.method_notes.is_empty() {
        grid.wide(("方法说明", "Method"), Some(list(&data.method_notes)));
    }
    if grid.is_empty() {
        return Ok(());
    }
    let table = grid.table();
    let title = if data.bench.is_some() {
        ("试验台与方法", "Bench and method")
    } else {
        ("方法", "Method")
    };
    parts.titled(title, &table)
}

pub(super) fn instruments(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    if parts.data.instruments.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&[30.0, 37.0, 25.0, 42.0, 23.0, 21.0]).header(Row::new(vec![
        heading_cell(("测量通道", "Channel")),
        heading_cell(("编号与型号", "Tag, model")),
        heading_cell(("量程", "Range")),
        heading_cell(("校准证书与机构", "Calibration, by")),
        heading_cell(("校准与到期日期", "Date, due")),
        heading_cell(("标准不确定度", "Std. uncertainty")),
    ]));
    for instrument in &parts.data.instruments {
        table.push(row(parts, instrument));
    }
    parts.titled(("测量仪器", "Instruments"), &table)
}

fn row(parts: &Parts<'_, '_>, instrument: &Instrument) -> Row {
    let or_dash = |text: Option<String>| Cell::text(text.unwrap_or_else(|| "—".into()), BODY);
    let (certificate, dates) = match &instrument.calibration {
        Some(calibration) => {
            let due = calibration.due.as_ref();
            (
                Cell::text(calibration.certificate_no.clone(), BODY)
                    .and(calibration.laboratory.clone(), second(BODY)),
                Cell::text(calibration.date.clone().unwrap_or_default(), BODY).and(
                    due.map(|due| format!("至 due {due}")).unwrap_or_default(),
                    second(BODY),
                ),
            )
        }
        None => (
            Cell::text("无有效校准", BODY).and("no calibration on record", second(BODY)),
            or_dash(None),
        ),
    };
    Row::new(vec![
        Cell::bilingual(&instrument.channel, BODY),
        Cell::text(instrument.tag.clone(), BODY).and(instrument.model.clone(), second(BODY)),
        or_dash(instrument.range.clone()).align(Align::Centre),
        certificate,
        dates.align(Align::Centre),
        or_dash(
            instrument
                .standard_uncertainty
                .as_ref()
                .map(|u| parts.quantity(PrintRule::Given, u.value, &u.unit)),
        )
        .align(Align::Centre),
    ])
}
