//! The table of measured points and the table of translated points.

use super::parts::{Parts, words};
use crate::data::{ConvertedRow, PointRow};
use crate::error::Error;
use crate::print::{PrintRule, Printer};
use crate::sheet::{Align, TextStyle};
use crate::table::{Cell, Row, Table};

/// One column: heading, symbol with unit, share of the width, and what it prints.
struct Column<R> {
    zh: &'static str,
    en: &'static str,
    unit: &'static str,
    width: f64,
    value: fn(&Printer, &R) -> Option<String>,
}

const HEAD: TextStyle = TextStyle::bold(6.8);
const UNIT: TextStyle = TextStyle::regular(6.2);
const NUMBER: TextStyle = TextStyle::regular(7.4);

macro_rules! column {
    ($zh:literal, $en:literal, $unit:literal, $width:literal, $value:expr) => {
        Column {
            zh: $zh,
            en: $en,
            unit: $unit,
            width: $width,
            value: $value,
        }
    };
}

macro_rules! number {
    ($rule:ident, $field:ident) => {
        |print, row| row.$field.map(|v| print.number(PrintRule::$rule, v))
    };
}

const MEASURED: [Column<PointRow>; 19] = [
    column!("序号", "No.", "", 8.0, |_, row| Some(row.no.to_string())),
    column!("流量", "Flow", "Q m³/h", 13.0, |print, row| Some(
        print.number(PrintRule::Flow, row.flow_m3h)
    )),
    column!(
        "进口压力",
        "Inlet",
        "p1 kPa",
        13.0,
        number!(Pressure, inlet_pressure_kpa)
    ),
    column!(
        "出口压力",
        "Pressure",
        "p2 kPa",
        13.5,
        number!(Pressure, outlet_pressure_kpa)
    ),
    column!(
        "位置项",
        "Height",
        "z m",
        12.0,
        number!(HeadTerm, elevation_m)
    ),
    column!(
        "速度项",
        "Velocity",
        "v²/2g m",
        12.0,
        number!(HeadTerm, velocity_head_m)
    ),
    column!("损失", "Loss", "hf m", 11.0, number!(HeadTerm, friction_m)),
    column!(
        "其 U",
        "its U",
        "k=2, m",
        10.0,
        number!(HeadTerm, friction_u_m)
    ),
    column!("扬程", "Head", "H m", 12.0, |print, row| Some(
        print.number(PrintRule::Head, row.head_m)
    )),
    column!(
        "频率",
        "Freq.",
        "f Hz",
        10.5,
        number!(Frequency, frequency_hz)
    ),
    column!("转速", "Speed", "n r/min", 11.0, number!(Speed, speed_rpm)),
    column!("电压", "Voltage", "U V", 11.5, number!(Voltage, voltage_v)),
    column!("电流", "Current", "I A", 11.0, number!(Current, current_a)),
    column!(
        "输入功率",
        "Power",
        "P1 kW",
        13.0,
        number!(Power, input_power_kw)
    ),
    column!(
        "轴功率",
        "Power",
        "P2 kW",
        13.0,
        number!(Power, shaft_power_kw)
    ),
    column!(
        "机组效率",
        "Efficiency",
        "η %",
        13.0,
        number!(Efficiency, unit_efficiency_pct)
    ),
    column!(
        "泵效率",
        "Efficiency",
        "η %",
        13.0,
        number!(Efficiency, pump_efficiency_pct)
    ),
    column!("读数", "Count", "", 11.0, |_, row| row
        .samples
        .map(|n| n.to_string())),
    column!("稳定", "Steady", "", 10.0, |_, row| row.steady.map(
        |steady| { if steady { "是 Y" } else { "否 N" }.to_owned() }
    )),
];

const CONVERTED: [Column<ConvertedRow>; 7] = [
    column!("序号", "No.", "", 10.0, |_, row| Some(row.no.to_string())),
    column!("流量", "Flow", "Q m³/h", 20.0, |print, row| Some(
        print.number(PrintRule::Flow, row.flow_m3h)
    )),
    column!("扬程", "Head", "H m", 20.0, |print, row| Some(
        print.number(PrintRule::Head, row.head_m)
    )),
    column!(
        "输入功率",
        "Input power",
        "P1 kW",
        20.0,
        number!(Power, input_power_kw)
    ),
    column!(
        "轴功率",
        "Shaft power",
        "P2 kW",
        20.0,
        number!(Power, shaft_power_kw)
    ),
    column!(
        "机组效率",
        "Unit efficiency",
        "η %",
        20.0,
        number!(Efficiency, unit_efficiency_pct)
    ),
    column!(
        "泵效率",
        "Pump efficiency",
        "η %",
        20.0,
        number!(Efficiency, pump_efficiency_pct)
    ),
];

pub(super) fn measured(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    let points = &parts.data.points;
    if points.is_empty() {
        return Ok(());
    }
    let table = table(&parts.print, &MEASURED, points);
    let title = parts.said(("测点数据", "Measured points"), ("工况点数据", "Points"));
    parts.titled(title, &table)?;
    let unsteady = points.iter().any(|p| p.steady == Some(false));
    let (zh, en) = parts.said(
        (
            "各值为该工况点测量窗口内的平均值。",
            "Values are averages over the window of each point.",
        ),
        (
            "各值由委托方提供，或由其提供的数据计算得到。",
            "Values were supplied by the customer or computed from the data supplied.",
        ),
    );
    let (mut zh, mut en) = (zh.to_owned(), en.to_owned());
    if unsteady {
        zh.push_str("“稳定”栏为“否”者未满足稳定性要求。");
        en.push_str(" A point marked N did not meet the steadiness rules.");
    }
    parts.remark(&crate::data::Bilingual::new(zh, en))
}

pub(super) fn converted(parts: &mut Parts<'_, '_>) -> Result<(), Error> {
    let Some(converted) = &parts.data.converted else {
        return Ok(());
    };
    if !converted.rows.is_empty() {
        let table = table(&parts.print, &CONVERTED, &converted.rows);
        parts.titled(("换算数据", "Translated points"), &table)?;
        parts.remark(&converted.basis)?;
    }
    Ok(())
}

/// The table with the columns in which at least one row has a value.
fn table<R>(print: &Printer, columns: &[Column<R>], rows: &[R]) -> Table {
    let shown: Vec<&Column<R>> = columns
        .iter()
        .filter(|c| rows.iter().any(|row| (c.value)(print, row).is_some()))
        .collect();
    let widths: Vec<f64> = shown.iter().map(|c| c.width).collect();
    let header = shown
        .iter()
        .map(|c| {
            Cell::bilingual(&words((c.zh, c.en)), HEAD)
                .and(c.unit, UNIT)
                .align(Align::Centre)
                .shaded()
        })
        .collect();
    let mut table = Table::new(&widths).header(Row::new(header));
    for row in rows {
        let cells = shown
            .iter()
            .map(|c| {
                let text = (c.value)(print, row).unwrap_or_else(|| "—".to_owned());
                Cell::text(text, NUMBER).align(Align::Centre)
            })
            .collect();
        table.push(Row::new(cells));
    }
    table
}
