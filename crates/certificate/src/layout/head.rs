//! The title block, the order, the specimen and the guarantee.

use super::parts::{BODY, BODY_WIDTH, Grid, Parts, Words, heading_cell};
use super::title_of;
use crate::data::{CertificateKind, Party};
use crate::document::{LEFT, RIGHT};
use crate::error::Error;
use crate::print::PrintRule;
use crate::sheet::{Align, Colour, PAGE_WIDTH, Stroke, TextStyle};
use crate::table::{Cell, Row, Table, second};
use crate::when::When;

pub(super) fn title(parts: &mut Parts<'_, '_>, issued: &When<'_>) -> Result<(), Error> {
    const MIDDLE: f64 = PAGE_WIDTH / 2.0;
    let data = parts.data;
    let grey = |size| TextStyle::regular(size).in_colour(Colour::GREY);
    // The first page has no running head, so the title begins above the body.
    let mut y = 13.0;
    let (zh, en) = title_of(data.kind);
    let sheet = parts.document.sheet();
    let laboratory = &data.laboratory;
    let mut lines = vec![
        (laboratory.name.zh.clone(), TextStyle::bold(13.0)),
        (laboratory.name.en.clone(), grey(8.6)),
    ];
    if let Some(address) = &laboratory.address {
        lines.push((address.zh.clone(), TextStyle::regular(7.6)));
        lines.push((address.en.clone(), grey(7.0)));
    }
    lines.extend(
        laboratory
            .contact
            .clone()
            .map(|c| (c, TextStyle::regular(7.6))),
    );
    for (text, style) in lines.iter().filter(|(text, _)| !text.is_empty()) {
        y += sheet.paragraph((LEFT, y), BODY_WIDTH, text, *style, Align::Centre)?;
    }
    y += 2.0;
    sheet.text(MIDDLE, y + 8.2, zh, TextStyle::bold(22.0), Align::Centre)?;
    sheet.text(MIDDLE, y + 13.8, en, grey(11.0), Align::Centre)?;
    y += 17.2;

    sheet.line((LEFT, y), (RIGHT, y), Stroke::solid(Colour::BLACK, 0.4));
    let number = format!("报告编号 Report No.  {}", data.number);
    let time = format!("签发时间 Issued  {}", issued.long());
    let style = TextStyle::bold(9.0);
    sheet.fitted((LEFT, y + 4.6), 94.0, &number, style, Align::Left)?;
    sheet.fitted((RIGHT, y + 4.6), 82.0, &time, BODY, Align::Right)?;
    let used = y + 6.8 - parts.document.y();
    parts.document.advance(used);

    notice(parts)?;
    if let Some(replaces) = &data.replaces {
        let mut grid = Grid::default();
        let void = format!("{}（即行作废 void from now on）", replaces.number);
        grid.wide(
            ("替代报告", "Replaces report"),
            Some(Cell::text(void, BODY).and_bilingual(&replaces.reason, BODY)),
        );
        parts.document.space(1.5);
        grid.table().draw(&mut parts.document)?;
    }
    Ok(())
}

/// What a reader must know before anything else about a document that is not formal.
fn notice(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    let (zh, en) = match parts.data.kind {
        CertificateKind::Formal => return Ok(()),
        CertificateKind::Simulated => (
            "模拟数据：本文件由模拟试验台生成，未对任何实物水泵进行试验，不具有证明作用。",
            "SIMULATED DATA: made by a simulated bench. No physical pump was tested; this \
             document proves nothing about any pump.",
        ),
        CertificateKind::DataEvaluation => (
            "本实验室未进行本试验，仅对委托方提供的数据进行计算与评价；数据的真实性由提供方负责。",
            "This laboratory did not run the test. It computed and evaluated data supplied by \
             the customer, who answers for their truth.",
        ),
    };
    let bold = TextStyle::bold(9.0);
    let mut table = Table::new(&[1.0]);
    table.push(Row::new(vec![
        Cell::text(zh, bold)
            .and(en, second(BODY).in_colour(Colour::BLACK))
            .align(Align::Centre),
    ]));
    parts.document.space(1.0);
    table.draw(&mut parts.document)
}

pub(super) fn order_and_specimen(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    let data = parts.data;
    let (order, specimen) = (&data.order, &data.specimen);
    let party = |p: &Party| {
        let cell = Cell::bilingual(&p.name, BODY);
        let cell = match &p.address {
            Some(address) => cell.and_bilingual(address, second(BODY)),
            None => cell,
        };
        cell.and(p.contact.clone().unwrap_or_default(), second(BODY))
    };
    let mut grid = Grid::default();
    grid.wide(("委托单位", "Customer"), order.customer.as_ref().map(party));
    grid.wide(
        ("生产单位", "Manufacturer"),
        order.manufacturer.as_ref().map(party),
    );
    grid.text(("委托单号", "Order No."), order.number.clone());
    grid.add(
        parts.said(("检验类别", "Test category"), ("委托类别", "Category")),
        order.category.as_ref().map(|c| Cell::bilingual(c, BODY)),
    );
    grid.add(
        ("样品名称", "Specimen"),
        Some(Cell::bilingual(&specimen.product, BODY)),
    );
    grid.add(
        ("型号", "Model"),
        Some(Cell::text(
            specimen.model.clone(),
            TextStyle::bold(BODY.size),
        )),
    );
    grid.text(("出厂编号", "Serial No."), specimen.serial_no.clone());
    grid.text(("样品编号", "Sample No."), specimen.sample_no.clone());
    grid.text(("到样日期", "Received"), specimen.received.clone());
    grid.add(
        ("样品状态", "Condition"),
        specimen
            .condition
            .as_ref()
            .map(|c| Cell::bilingual(c, BODY)),
    );
    grid.wide(("铭牌数据", "Name plate"), plate(parts));
    environment(parts, &mut grid)?;
    let table = grid.table();
    parts.titled(("委托与样品", "Order and specimen"), &table)
}

fn plate(parts: &Parts<'_, '_>) -> Option<Cell> {
    let plate = &parts.data.specimen.plate;
    let given = |value: Option<f64>, symbol: &str, unit: &str| {
        value.map(|v| format!("{symbol} {}", parts.quantity(PrintRule::Given, v, unit)))
    };
    let values: Vec<String> = [
        given(plate.flow_m3h, "流量 Q", "m³/h"),
        given(plate.head_m, "扬程 H", "m"),
        given(plate.speed_rpm, "转速 n", "r/min"),
        given(plate.motor_power_kw, "电机功率 P", "kW"),
        given(plate.voltage_v, "电压 U", "V"),
        given(plate.current_a, "电流 I", "A"),
        given(plate.frequency_hz, "频率 f", "Hz"),
        plate.phases.map(|n| format!("相数 {n} phases")),
        plate.stages.map(|n| format!("级数 {n} stages")),
        given(plate.outlet_bore_mm, "出口通径 DN", "mm"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!values.is_empty()).then(|| Cell::text(values.join("；"), BODY))
}

fn environment(parts: &Parts<'_, '_>, grid: &mut Grid) -> Result<(), Error> {
    let surroundings = &parts.data.environment;
    let time = |name: &str, text: &Option<String>| {
        text.as_ref()
            .map(|t| When::parse(name, t).map(|w| w.long()))
            .transpose()
    };
    let begin = time("environment.begin", &surroundings.begin)?;
    let end = time("environment.end", &surroundings.end)?;
    grid.text(("试验开始", "Test began"), begin);
    grid.text(("试验结束", "Test ended"), end);
    grid.add(
        ("试验地点", "Place of test"),
        surroundings
            .place
            .as_ref()
            .map(|p| Cell::bilingual(p, BODY)),
    );
    let conditions: Vec<String> = [
        (surroundings.air_temperature_c, "气温 Air", "°C"),
        (surroundings.humidity_pct, "湿度 Humidity", "%"),
        (surroundings.atmospheric_pressure_kpa, "大气压 Atm.", "kPa"),
    ]
    .into_iter()
    .filter_map(|(value, name, unit)| {
        let value = value?;
        Some(format!(
            "{name} {}",
            parts.quantity(PrintRule::Temperature, value, unit)
        ))
    })
    .collect();
    grid.add(
        ("环境条件", "Conditions"),
        (!conditions.is_empty()).then(|| Cell::text(conditions.join("；"), BODY)),
    );
    Ok(())
}

pub(super) fn guarantee(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    let Some(guarantee) = &parts.data.guarantee else {
        return Ok(());
    };
    let given = |value: f64, unit: &str| {
        let text = parts.quantity(PrintRule::Given, value, unit);
        Cell::text(text, TextStyle::bold(BODY.size))
    };
    let grade = Cell::text(guarantee.grade.clone(), TextStyle::bold(BODY.size));
    let columns: Vec<(Words, Cell)> = [
        Some((("保证流量 Q", "Flow"), given(guarantee.flow_m3h, "m³/h"))),
        Some((("保证扬程 H", "Head"), given(guarantee.head_m, "m"))),
        guarantee
            .unit_efficiency_pct
            .map(|v| (("保证机组效率 η", "Unit efficiency"), given(v, "%"))),
        guarantee
            .shutoff_head_m
            .map(|v| (("保证关死扬程", "Shut-off head"), given(v, "m"))),
        guarantee
            .input_power_kw
            .map(|v| (("保证输入功率 P1", "Input power"), given(v, "kW"))),
        guarantee
            .shaft_power_kw
            .map(|v| (("保证轴功率 P2", "Shaft power"), given(v, "kW"))),
        Some((
            ("验收等级", "Acceptance grade"),
            match &guarantee.grade_source {
                Some(source) => grade.and_bilingual(source, second(BODY)),
                None => grade,
            },
        )),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (heads, cells): (Vec<Cell>, Vec<Cell>) = columns
        .into_iter()
        .map(|(label, cell)| (heading_cell(label), cell.align(Align::Centre)))
        .unzip();
    let mut table = Table::new(&vec![1.0; heads.len()]).header(Row::new(heads));
    table.push(Row::new(cells));
    parts.titled(("保证值", "Guarantee"), &table)
}
