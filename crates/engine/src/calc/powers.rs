//! Power, efficiency, cable, slip.

use super::field::{Inputs, Kind, may, need};
use super::water::{
    ALTITUDE, DENSITY_FIELD, GRAVITY_FIELD, LATITUDE, PRESSURE, TEMPERATURE, density_of, gravity_of,
};
use super::{Calculation, Number, Packs, Work};
use crate::Error;
use dutypoint_hydraulics::power;
use dutypoint_model::Quantity;

pub(super) const EFFICIENCY: Calculation = Calculation {
    name: "efficiency",
    zh: "水功率、机组效率、泵效率",
    en: "hydraulic power, efficiency of the unit and of the pump",
    formulas: &["efficiency.hydraulic-over-absorbed.v1"],
    source: "ISO 9906:2012, P_h = ρgQH",
    fields: &[
        need(
            "flow",
            Kind::Measure(Quantity::Flow),
            ("流量", "rate of flow"),
            "50 m3/h",
        ),
        need(
            "head",
            Kind::Measure(Quantity::Length),
            ("总扬程", "pump total head"),
            "44.148788 m",
        ),
        may(
            "input_power",
            Kind::Measure(Quantity::Power),
            (
                "输入功率（电机引线端）",
                "driver input power, at the motor leads",
            ),
            "9.85 kW",
        ),
        may(
            "shaft_power",
            Kind::Measure(Quantity::Power),
            ("轴功率", "pump power input"),
            "8.32325 kW",
        ),
        DENSITY_FIELD,
        TEMPERATURE,
        PRESSURE,
        GRAVITY_FIELD,
        LATITUDE,
        ALTITUDE,
    ],
    compute: efficiency,
};

fn efficiency(inputs: &Inputs, _: &Packs) -> Result<Work, Error> {
    let mut work = Work::default();
    let density_kg_m3 = density_of(inputs, &mut work)?;
    let gravity_m_s2 = gravity_of(inputs, &mut work)?;
    let hydraulic_w = power::hydraulic_power_w(
        density_kg_m3,
        gravity_m_s2,
        inputs.number("flow")?,
        inputs.number("head")?,
    )?;
    let text = ("水功率", "pump power output");
    work.results.push(Number::new(
        "hydraulic_power",
        "P_h",
        text,
        hydraulic_w,
        Quantity::Power,
    ));
    for (given, name, symbol, text) in [
        (
            "input_power",
            "unit_efficiency",
            "η_gr",
            ("机组效率", "unit efficiency"),
        ),
        (
            "shaft_power",
            "pump_efficiency",
            "η",
            ("泵效率", "pump efficiency"),
        ),
    ] {
        if let Some(absorbed_w) = inputs.optional(given) {
            let eta = power::efficiency(hydraulic_w, absorbed_w)?;
            work.results
                .push(Number::new(name, symbol, text, eta, Quantity::Ratio));
        }
    }
    Ok(work)
}

pub(super) const CABLE: Calculation = Calculation {
    name: "cable",
    zh: "三相电缆的损耗和压降",
    en: "loss and voltage drop of a three-phase cable",
    formulas: &["power.cable-3i2r.v1"],
    source: "GB/T 12785-2014; copper 235 + t",
    fields: &[
        need(
            "length",
            Kind::Measure(Quantity::Length),
            ("长度", "length"),
            "45 m",
        ),
        need(
            "core_area_mm2",
            Kind::Number("mm2"),
            ("单芯截面", "area of one core"),
            "10",
        ),
        need(
            "resistivity_ohm_mm2_m",
            Kind::Number("ohm mm2/m"),
            ("20 °C 电阻率", "resistivity at 20 °C"),
            "0.01786",
        ),
        need(
            "temperature",
            Kind::Measure(Quantity::Temperature),
            ("导体温度", "temperature of the conductor"),
            "30 degC",
        ),
        need(
            "current",
            Kind::Measure(Quantity::Current),
            ("线电流", "line current"),
            "31.2 A",
        ),
        may(
            "power_factor",
            Kind::Measure(Quantity::Ratio),
            (
                "功率因数，给出则求压降",
                "power factor, for the voltage drop",
            ),
            "",
        ),
    ],
    compute: cable,
};

fn cable(inputs: &Inputs, _: &Packs) -> Result<Work, Error> {
    let cable = power::Cable {
        length_m: inputs.number("length")?,
        core_area_mm2: inputs.number("core_area_mm2")?,
        resistivity_20c_ohm_mm2_m: inputs.number("resistivity_ohm_mm2_m")?,
        temperature_c: inputs.number("temperature")?,
    };
    let current_a = inputs.number("current")?;
    let resistance = cable.core_resistance_ohm()?;
    let loss_w = power::three_phase_cable_loss_w(current_a, resistance)?;
    let mut work = Work::default();
    work.results.extend([
        Number::new(
            "loss",
            "P_c",
            ("电缆损耗", "cable loss"),
            loss_w,
            Quantity::Power,
        ),
        Number::plain(
            "core_resistance",
            "R",
            ("单芯电阻", "resistance of one core"),
            resistance,
            "ohm",
        ),
    ]);
    if let Some(power_factor) = inputs.optional("power_factor") {
        let drop_v = power::line_voltage_drop_v(current_a, resistance, power_factor)?;
        let text = ("线电压降", "drop of the line voltage");
        work.results.push(Number::new(
            "voltage_drop",
            "ΔU",
            text,
            drop_v,
            Quantity::Voltage,
        ));
    }
    Ok(work)
}

pub(super) const SLIP_SPEED: Calculation = Calculation {
    name: "slip-speed",
    zh: "由转差频率求转速",
    en: "speed from the slip frequency",
    formulas: &["speed.slip.v1"],
    source: "GB/T 12785-2014, n = 60 (f - f_slip) / p",
    fields: &[
        need(
            "frequency",
            Kind::Measure(Quantity::Frequency),
            ("电源频率", "supply frequency"),
            "50 Hz",
        ),
        need(
            "slip_frequency",
            Kind::Measure(Quantity::Frequency),
            ("转差频率", "slip frequency"),
            "2.5 Hz",
        ),
        need("pole_pairs", Kind::Count, ("极对数", "pole pairs"), "1"),
    ],
    compute: |inputs, _| {
        let rpm = power::speed_from_slip_rpm(
            inputs.number("frequency")?,
            inputs.number("slip_frequency")?,
            inputs.count("pole_pairs")?,
        )?;
        let text = ("转速", "speed of rotation");
        Ok(Work {
            results: vec![Number::new("speed", "n", text, rpm, Quantity::Speed)],
            ..Work::default()
        })
    },
};
