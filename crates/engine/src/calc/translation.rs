//! Translation to a specified speed or frequency, and specific speed.

use super::field::{Inputs, Kind, may, need};
use super::{Calculation, Number, Packs, Work, pack};
use crate::Error;
use dutypoint_hydraulics::pack::CitedBand;
use dutypoint_hydraulics::specific_speed;
use dutypoint_hydraulics::translate::{self, Operating, SpeedWindow};
use dutypoint_model::{Bilingual, Quantity};

const FLOW: Kind = Kind::Measure(Quantity::Flow);
const LENGTH: Kind = Kind::Measure(Quantity::Length);
const POWER: Kind = Kind::Measure(Quantity::Power);
const ROTATION: Kind = Kind::Measure(Quantity::Speed);

pub(super) const SPEED: Calculation = Calculation {
    name: "speed",
    zh: "换算到规定转速",
    en: "translation to the specified speed",
    formulas: &["translate.affinity.v1"],
    source: "ISO 9906:2012 6.1 (Q r, H r^2, P r^3), permitted speeds 5.7.2",
    fields: &[
        need("flow", FLOW, ("流量", "rate of flow"), "98.6 m3/h"),
        need("head", LENGTH, ("总扬程", "pump total head"), "51.2 m"),
        need("power", POWER, ("功率", "power"), "18.35 kW"),
        need(
            "test_speed",
            ROTATION,
            ("试验转速", "test speed"),
            "2935 r/min",
        ),
        need(
            "specified_speed",
            ROTATION,
            ("规定转速", "specified speed"),
            "2900 r/min",
        ),
        may(
            "test_density_kg_m3",
            Kind::Number("kg/m3"),
            ("试验密度", "density in the test"),
            "",
        ),
        may(
            "specified_density_kg_m3",
            Kind::Number("kg/m3"),
            ("规定密度", "density the power is specified for"),
            "",
        ),
        may("npsh", LENGTH, ("NPSH", "NPSH"), "3.10 m"),
        may(
            "npsh_exponent",
            Kind::Number("1"),
            ("NPSH 换算指数，1.3 至 2", "exponent for NPSH, 1.3 to 2"),
            "2",
        ),
        need(
            "pack",
            Kind::Text,
            (
                "给出允许转速范围的标准数据包",
                "standard pack with the permitted speeds",
            ),
            "gbt3216-2016",
        ),
    ],
    compute: speed,
};

fn speed(inputs: &Inputs, packs: &Packs) -> Result<Work, Error> {
    let standard = pack(packs, inputs)?;
    let rule = standard.speed()?;
    let test_rpm = inputs.number("test_speed")?;
    let specified_rpm = inputs.number("specified_speed")?;
    let permitted = |band: &CitedBand| {
        let window = SpeedWindow {
            low_pct: band.low,
            high_pct: band.high,
        };
        translate::speed_permitted(test_rpm, specified_rpm, window)
    };
    let outside = |what: &str, band: &CitedBand| {
        inputs.refuse(format!(
            "{what} may not be translated from {test_rpm} to {specified_rpm} r/min: {} {} permits test speeds of {} to {} % of the specified; test nearer to it",
            standard.id, rule.clause, band.low, band.high
        ))
    };
    if !permitted(&rule.flow_head_power_pct)? {
        return Err(outside("flow, head and power", &rule.flow_head_power_pct));
    }
    let density_ratio = match (
        inputs.optional("test_density_kg_m3"),
        inputs.optional("specified_density_kg_m3"),
    ) {
        (None, None) => 1.0,
        (Some(test), Some(specified)) if test > 0.0 => specified / test,
        _ => {
            return Err(inputs.refuse(
                "give both test_density_kg_m3 (above 0) and specified_density_kg_m3, or neither",
            ));
        }
    };
    let ratio = translate::speed_ratio(specified_rpm, test_rpm)?;
    let mut work = translated(inputs, ratio, density_ratio)?;
    work.clause = Some(format!("{} {}", standard.id, rule.clause));
    if let Some(npsh_m) = inputs.optional("npsh") {
        let band = rule
            .npsh_pct
            .as_ref()
            .ok_or_else(|| inputs.refuse(format!("{} states no speeds for NPSH", standard.id)))?;
        if !permitted(band)? {
            return Err(outside("NPSH", band));
        }
        let exponent = inputs.number("npsh_exponent")?;
        let npsh_m = translate::translate_npsh_m(npsh_m, ratio, exponent)?;
        work.results.push(Number::new(
            "npsh",
            "NPSH",
            ("NPSH", "NPSH"),
            npsh_m,
            Quantity::Length,
        ));
    }
    if let Some(band) = &rule.efficiency_pct
        && !permitted(band)?
    {
        work.notes.push(Bilingual::new(
            format!("试验转速不在规定转速的 {} 至 {} % 内：效率不能视为不变", band.low, band.high),
            format!(
                "the test speed is outside {} to {} % of the specified: efficiency may not be taken as unchanged",
                band.low, band.high
            ),
        ));
    }
    Ok(work)
}

pub(super) const FREQUENCY: Calculation = Calculation {
    name: "frequency",
    zh: "换算到额定频率（机组）",
    en: "translation of a motor-pump unit to the rated frequency",
    formulas: &["translate.affinity.v1"],
    source: "ISO 9906:2012 6.1; window of the pack",
    fields: &[
        need("flow", FLOW, ("流量", "rate of flow"), "98.6 m3/h"),
        need("head", LENGTH, ("总扬程", "pump total head"), "51.2 m"),
        need("power", POWER, ("输入功率", "input power"), "20.9 kW"),
        need(
            "test_frequency",
            Kind::Measure(Quantity::Frequency),
            ("试验频率", "frequency in the test"),
            "49.85 Hz",
        ),
        need(
            "rated_frequency",
            Kind::Measure(Quantity::Frequency),
            ("额定频率", "rated frequency"),
            "50 Hz",
        ),
        need(
            "pack",
            Kind::Text,
            (
                "给出频率允许偏差的标准数据包",
                "standard pack with the permitted deviation",
            ),
            "gbt12785-2014",
        ),
    ],
    compute: frequency,
};

fn frequency(inputs: &Inputs, packs: &Packs) -> Result<Work, Error> {
    let standard = pack(packs, inputs)?;
    let rule = standard.supply()?;
    let test_hz = inputs.number("test_frequency")?;
    let rated_hz = inputs.number("rated_frequency")?;
    let found = translate::deviation(test_hz, rated_hz, rule.frequency_pct.value)?;
    if !found.inside {
        return Err(inputs.refuse(format!(
            "{test_hz} Hz is {:.2} % off {rated_hz} Hz and {} permits ±{} %: slip and motor efficiency change, so nothing is translated; test at the rated frequency",
            found.deviation_pct, standard.id, found.limit_pct
        )));
    }
    let mut work = translated(inputs, translate::speed_ratio(rated_hz, test_hz)?, 1.0)?;
    work.clause = Some(format!("{} {}", standard.id, rule.clause));
    let text = ("频率偏差", "deviation of the frequency");
    let deviation = Number::plain("deviation", "", text, found.deviation_pct, "%");
    work.results.push(deviation);
    Ok(work)
}

fn translated(inputs: &Inputs, ratio: f64, density_ratio: f64) -> Result<Work, Error> {
    let test = Operating {
        flow_m3_s: inputs.number("flow")?,
        head_m: inputs.number("head")?,
        power_w: inputs.number("power")?,
    };
    let at = translate::translate(&test, ratio, density_ratio)?;
    Ok(Work {
        results: vec![
            Number::plain("ratio", "r", ("换算比", "ratio"), ratio, ""),
            Number::new(
                "flow",
                "Q",
                ("流量", "rate of flow"),
                at.flow_m3_s,
                Quantity::Flow,
            ),
            Number::new(
                "head",
                "H",
                ("总扬程", "pump total head"),
                at.head_m,
                Quantity::Length,
            ),
            Number::new("power", "P", ("功率", "power"), at.power_w, Quantity::Power),
        ],
        ..Work::default()
    })
}

pub(super) const SPECIFIC_SPEED: Calculation = Calculation {
    name: "specific-speed",
    zh: "比转数",
    en: "specific speed in its three forms",
    formulas: &["specific-speed.v1"],
    source: "ISO 9906:2012 (type number K); n_s = 3.65 n_q",
    fields: &[
        need(
            "speed",
            ROTATION,
            ("转速", "speed of rotation"),
            "2900 r/min",
        ),
        need(
            "flow",
            FLOW,
            ("最高效率点的流量（总）", "total flow at best efficiency"),
            "100 m3/h",
        ),
        need(
            "head",
            LENGTH,
            ("最高效率点的扬程（总）", "total head at best efficiency"),
            "50 m",
        ),
        need(
            "suction_eyes",
            Kind::Count,
            ("吸入口数", "suction eyes"),
            "1",
        ),
        need("stages", Kind::Count, ("级数", "stages"), "1"),
        need(
            "gravity_m_s2",
            Kind::Number("m/s2"),
            ("重力加速度", "acceleration of gravity"),
            "9.81",
        ),
    ],
    compute: |inputs, _| {
        let found = specific_speed::specific_speed(
            inputs.number("speed")?,
            inputs.number("flow")?,
            inputs.number("head")?,
            inputs.count("suction_eyes")?,
            inputs.count("stages")?,
            inputs.number("gravity_m_s2")?,
        )?;
        Ok(Work {
            results: vec![
                Number::plain(
                    "n_q",
                    "n_q",
                    ("比转数 n_q", "specific speed n_q"),
                    found.n_q,
                    "",
                ),
                Number::plain(
                    "n_s",
                    "n_s",
                    ("比转数 n_s", "specific speed n_s"),
                    found.n_s,
                    "",
                ),
                Number::plain(
                    "type_number",
                    "K",
                    ("型式数 K", "type number K"),
                    found.type_number,
                    "",
                ),
            ],
            ..Work::default()
        })
    },
};
