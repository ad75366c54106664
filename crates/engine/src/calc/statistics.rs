//! Repeated readings and their uncertainty.

use super::field::{Inputs, Kind, may, need};
use super::{Calculation, Number, Packs, Work};
use crate::Error;
use dutypoint_hydraulics::{stats, uncertainty};

pub(super) const READINGS: Calculation = Calculation {
    name: "readings",
    zh: "重复读数的平均值与随机不确定度",
    en: "mean and random uncertainty of repeated readings",
    formulas: &["uncertainty.random-student.v1", "uncertainty.rss.v1"],
    source: "ISO 9906:2012 4.3.3, Table 4",
    fields: &[
        need(
            "readings",
            Kind::AnyColumn,
            ("读数", "readings"),
            "100.2 99.1 100.4 100.0 99.6 m3/h",
        ),
        may(
            "systematic_pct",
            Kind::Number("%"),
            (
                "仪表的系统不确定度",
                "systematic uncertainty of the instrument",
            ),
            "1.5",
        ),
    ],
    compute: readings,
};

fn readings(inputs: &Inputs, _: &Packs) -> Result<Work, Error> {
    let (values, quantity) = inputs.column("readings")?;
    let found = stats::random_uncertainty(values)?;
    let mut work = Work::default();
    work.results.extend([
        Number::new(
            "mean",
            "x̄",
            ("平均值", "mean"),
            found.summary.mean,
            quantity,
        ),
        Number::plain(
            "student_t",
            "t",
            ("t 值（95 %）", "Student factor, 95 %"),
            found.student_t,
            "",
        ),
        Number::plain(
            "random",
            "e_R",
            ("随机不确定度", "random uncertainty"),
            found.random_pct,
            "%",
        ),
        Number::plain(
            "spread",
            "",
            ("最大与最小之差", "spread"),
            stats::spread_pct(values)?,
            "%",
        ),
    ]);
    // A deviation is no temperature: it would be shifted by printing.
    if let Some(sd) = found.summary.sd {
        let unit = super::field::internal(quantity).symbol();
        work.results.push(Number::plain(
            "sd",
            "s",
            ("标准偏差", "standard deviation"),
            sd,
            unit,
        ));
    }
    if let Some(systematic_pct) = inputs.optional("systematic_pct") {
        let overall = uncertainty::overall_pct(found.random_pct, systematic_pct)?;
        work.results.push(Number::plain(
            "overall",
            "e",
            ("总不确定度", "overall uncertainty"),
            overall,
            "%",
        ));
    }
    Ok(work)
}

pub(super) const UNCERTAINTY: Calculation = Calculation {
    name: "uncertainty",
    zh: "机组效率的不确定度",
    en: "uncertainty of the unit efficiency",
    formulas: &["uncertainty.rss.v1"],
    source: "ISO 9906:2012 Table 7",
    fields: &[
        need(
            "flow_pct",
            Kind::Number("%"),
            ("流量的不确定度", "uncertainty of the flow"),
            "2.0",
        ),
        need(
            "head_pct",
            Kind::Number("%"),
            ("扬程的不确定度", "uncertainty of the head"),
            "1.5",
        ),
        need(
            "power_pct",
            Kind::Number("%"),
            ("输入功率的不确定度", "uncertainty of the input power"),
            "1.5",
        ),
    ],
    compute: |inputs, _| {
        let found = uncertainty::unit_efficiency_pct(
            inputs.number("flow_pct")?,
            inputs.number("head_pct")?,
            inputs.number("power_pct")?,
        )?;
        let text = ("机组效率的不确定度", "uncertainty of the unit efficiency");
        Ok(Work {
            results: vec![Number::plain("unit_efficiency", "e_η", text, found, "%")],
            ..Work::default()
        })
    },
};
