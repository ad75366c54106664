//! Water and gravity.

use super::field::{Field, Inputs, Kind, may, need};
use super::{Calculation, Number, Work};
use crate::Error;
use crate::reduce::ATMOSPHERE_PA;
use dutypoint_hydraulics::{gravity, water};
use dutypoint_model::{Bilingual, Quantity};

pub(super) const TEMPERATURE: Field = may(
    "temperature",
    Kind::Measure(Quantity::Temperature),
    (
        "水温，代替密度",
        "water temperature, in place of the density",
    ),
    "",
);
pub(super) const PRESSURE: Field = may(
    "absolute_pressure",
    Kind::Measure(Quantity::Pressure),
    (
        "水的绝对压力；不给则取标准大气压",
        "absolute pressure of the water; without it the standard atmosphere",
    ),
    "",
);
pub(super) const DENSITY_FIELD: Field = may(
    "density_kg_m3",
    Kind::Number("kg/m3"),
    ("密度", "density"),
    "998.2",
);
pub(super) const GRAVITY_FIELD: Field = may(
    "gravity_m_s2",
    Kind::Number("m/s2"),
    ("重力加速度", "acceleration of gravity"),
    "9.7975",
);
pub(super) const LATITUDE: Field = may(
    "latitude_deg",
    Kind::Number("deg"),
    ("纬度，代替重力加速度", "latitude, in place of the gravity"),
    "",
);
pub(super) const ALTITUDE: Field = may(
    "altitude",
    Kind::Measure(Quantity::Length),
    (
        "海拔，与纬度一起给",
        "altitude above sea level, with the latitude",
    ),
    "",
);

pub(super) const DENSITY: Calculation = Calculation {
    name: "density",
    zh: "清水的密度、汽化压力和运动黏度",
    en: "density, vapour pressure and kinematic viscosity of clean water",
    formulas: &[
        "density.iapws-if97.v1",
        "vapour-pressure.iapws-if97.v1",
        "viscosity.iapws-r12-08.v1",
    ],
    source: "IAPWS R7-97(2012) regions 1 and 4; IAPWS R12-08",
    fields: &[
        need(
            "temperature",
            Kind::Measure(Quantity::Temperature),
            ("水温", "water temperature"),
            "20 degC",
        ),
        PRESSURE,
    ],
    compute: density,
};

fn density(inputs: &Inputs, _: &super::Packs) -> Result<Work, Error> {
    let temperature_c = inputs.number("temperature")?;
    let mut work = Work::default();
    let pressure_pa = absolute_pressure_pa(inputs, &mut work);
    work.results = vec![
        density_number(water::density_kg_m3(temperature_c, pressure_pa)?),
        Number::new(
            "vapour_pressure",
            "p_v",
            ("汽化压力（绝对）", "vapour pressure (absolute)"),
            water::vapour_pressure_pa(temperature_c)?,
            Quantity::Pressure,
        ),
        viscosity_number(water::kinematic_viscosity_m2_s(temperature_c, pressure_pa)?),
    ];
    Ok(work)
}

pub(super) const GRAVITY: Calculation = Calculation {
    name: "gravity",
    zh: "当地重力加速度",
    en: "local acceleration of gravity",
    formulas: &["gravity.iso9906.v1"],
    source: "ISO 9906:2012; agrees with longer series to 5e-5 m/s2",
    fields: &[
        need(
            "latitude_deg",
            Kind::Number("deg"),
            ("纬度", "latitude"),
            "37.87",
        ),
        need(
            "altitude",
            Kind::Measure(Quantity::Length),
            ("海拔", "altitude above sea level"),
            "780 m",
        ),
    ],
    compute: |inputs, _| {
        let g = gravity::local_gravity_m_s2(
            inputs.number("latitude_deg")?,
            inputs.number("altitude")?,
        )?;
        Ok(Work {
            results: vec![gravity_number(g)],
            ..Work::default()
        })
    },
};

fn density_number(density_kg_m3: f64) -> Number {
    Number::plain("density", "ρ", ("密度", "density"), density_kg_m3, "kg/m3")
}

pub(super) fn viscosity_number(viscosity_m2_s: f64) -> Number {
    let text = ("运动黏度", "kinematic viscosity");
    Number::plain("viscosity", "ν", text, viscosity_m2_s, "m2/s")
}

fn gravity_number(gravity_m_s2: f64) -> Number {
    let text = ("重力加速度", "acceleration of gravity");
    Number::plain("gravity", "g", text, gravity_m_s2, "m/s2")
}

pub(super) fn absolute_pressure_pa(inputs: &Inputs, work: &mut Work) -> f64 {
    inputs.optional("absolute_pressure").unwrap_or_else(|| {
        work.notes.push(Bilingual::new(
            "水按标准大气压 101.325 kPa 计；每 10 kPa 密度只变 5e-7",
            "water at the standard atmosphere of 101.325 kPa; 10 kPa change its density by 5e-7 only",
        ));
        ATMOSPHERE_PA
    })
}

/// The density given, or that of water at the temperature given, which is then a result.
pub(super) fn density_of(inputs: &Inputs, work: &mut Work) -> Result<f64, Error> {
    match (
        inputs.optional("density_kg_m3"),
        inputs.optional("temperature"),
    ) {
        (Some(density), None) => Ok(density),
        (None, Some(temperature_c)) => {
            let pressure_pa = absolute_pressure_pa(inputs, work);
            let density = water::density_kg_m3(temperature_c, pressure_pa)?;
            work.results.push(density_number(density));
            Ok(density)
        }
        _ => Err(inputs.refuse("give either density_kg_m3 or temperature")),
    }
}

/// The gravity given, or that of the site given, which is then a result.
pub(super) fn gravity_of(inputs: &Inputs, work: &mut Work) -> Result<f64, Error> {
    match (
        inputs.optional("gravity_m_s2"),
        inputs.optional("latitude_deg"),
        inputs.optional("altitude"),
    ) {
        (Some(g), None, None) => Ok(g),
        (None, Some(latitude), Some(altitude)) => {
            let g = gravity::local_gravity_m_s2(latitude, altitude)?;
            work.results.push(gravity_number(g));
            Ok(g)
        }
        _ => Err(inputs.refuse("give either gravity_m_s2, or latitude_deg and altitude")),
    }
}
