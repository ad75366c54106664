//! Heads and friction.

use super::field::{Field, Inputs, Kind, may, need};
use super::water::{
    ALTITUDE, DENSITY_FIELD, GRAVITY_FIELD, LATITUDE, PRESSURE, TEMPERATURE, absolute_pressure_pa,
    density_of, gravity_of, viscosity_number,
};
use super::{Calculation, Number, Packs, Work, pack};
use crate::Error;
use dutypoint_hydraulics::head::{Head, Section, Submersible};
use dutypoint_hydraulics::{friction, head, power, water};
use dutypoint_model::{Bilingual, Quantity};

const LENGTH: Kind = Kind::Measure(Quantity::Length);
const PRESSURE_KIND: Kind = Kind::Measure(Quantity::Pressure);

const FLOW: Field = need(
    "flow",
    Kind::Measure(Quantity::Flow),
    ("流量", "rate of flow"),
    "100 m3/h",
);
const FRICTION_HEAD: Field = may(
    "friction_head",
    LENGTH,
    (
        "法兰与测量截面之间的摩阻损失",
        "friction head between flanges and sections",
    ),
    "",
);

pub(super) const HEAD: Calculation = Calculation {
    name: "head",
    zh: "由进出口压力求总扬程",
    en: "total head from the gauges at inlet and outlet",
    formulas: &["head.sections.v1"],
    source: "ISO 9906:2012 Annex A; GB/T 3216-2016",
    fields: &[
        FLOW,
        need(
            "inlet_pressure",
            PRESSURE_KIND,
            (
                "进口压力（表压），真空为负",
                "inlet pressure, gauge; a vacuum is negative",
            ),
            "-20 kPa",
        ),
        need(
            "outlet_pressure",
            PRESSURE_KIND,
            ("出口压力（表压）", "outlet pressure, gauge"),
            "480 kPa",
        ),
        need(
            "inlet_bore",
            LENGTH,
            ("进口测量截面内径", "bore at the inlet section"),
            "125 mm",
        ),
        need(
            "outlet_bore",
            LENGTH,
            ("出口测量截面内径", "bore at the outlet section"),
            "100 mm",
        ),
        need(
            "inlet_elevation",
            LENGTH,
            ("进口压力表标高", "elevation of the inlet gauge"),
            "0.20 m",
        ),
        need(
            "outlet_elevation",
            LENGTH,
            ("出口压力表标高", "elevation of the outlet gauge"),
            "0.95 m",
        ),
        FRICTION_HEAD,
        DENSITY_FIELD,
        TEMPERATURE,
        PRESSURE,
        GRAVITY_FIELD,
        LATITUDE,
        ALTITUDE,
    ],
    compute: sections,
};

fn sections(inputs: &Inputs, _: &Packs) -> Result<Work, Error> {
    let mut work = Work::default();
    let density_kg_m3 = density_of(inputs, &mut work)?;
    let gravity_m_s2 = gravity_of(inputs, &mut work)?;
    let flow_m3_s = inputs.number("flow")?;
    let inlet = Section {
        z_m: inputs.number("inlet_elevation")?,
        pressure_pa: inputs.number("inlet_pressure")?,
        bore_m: inputs.number("inlet_bore")?,
        flow_m3_s,
    };
    let outlet = Section {
        z_m: inputs.number("outlet_elevation")?,
        pressure_pa: inputs.number("outlet_pressure")?,
        bore_m: inputs.number("outlet_bore")?,
        flow_m3_s,
    };
    let friction_m = inputs.optional("friction_head").unwrap_or(0.0);
    let found = head::total_head_between_sections(
        &inlet,
        &outlet,
        friction_m,
        density_kg_m3,
        gravity_m_s2,
    )?;
    let hydraulic_w =
        power::hydraulic_power_w(density_kg_m3, gravity_m_s2, flow_m3_s, found.total_m)?;
    work.terms(&found, hydraulic_w);
    Ok(work)
}

pub(super) const SUBMERSIBLE_HEAD: Calculation = Calculation {
    name: "submersible-head",
    zh: "潜水泵的总扬程（以动水位为基准）",
    en: "total head of a submersible pump, from the free water surface",
    formulas: &["head.submersible.v1"],
    source: "ISO 9906:2012 Annex A; GB/T 12785-2014",
    fields: &[
        need(
            "flow",
            Kind::Measure(Quantity::Flow),
            ("流量", "rate of flow"),
            "50 m3/h",
        ),
        need(
            "outlet_pressure",
            PRESSURE_KIND,
            ("出口压力（表压）", "outlet pressure, gauge"),
            "412 kPa",
        ),
        need(
            "outlet_bore",
            LENGTH,
            ("出口测量截面内径", "bore at the outlet section"),
            "80 mm",
        ),
        need(
            "gauge_elevation",
            LENGTH,
            ("压力表标高", "elevation of the gauge"),
            "1.35 m",
        ),
        need(
            "water_surface_elevation",
            LENGTH,
            (
                "动水位标高",
                "elevation of the free water surface while the pump runs",
            ),
            "0 m",
        ),
        may(
            "friction_head",
            LENGTH,
            (
                "泵出口与测量截面之间的摩阻损失",
                "friction head from pump outlet to the section",
            ),
            "0.281787 m",
        ),
        DENSITY_FIELD,
        TEMPERATURE,
        PRESSURE,
        GRAVITY_FIELD,
        LATITUDE,
        ALTITUDE,
    ],
    compute: submersible,
};

fn submersible(inputs: &Inputs, _: &Packs) -> Result<Work, Error> {
    let mut work = Work::default();
    let density_kg_m3 = density_of(inputs, &mut work)?;
    let gravity_m_s2 = gravity_of(inputs, &mut work)?;
    let flow_m3_s = inputs.number("flow")?;
    let pump = Submersible {
        pressure_pa: inputs.number("outlet_pressure")?,
        gauge_z_m: inputs.number("gauge_elevation")?,
        water_surface_z_m: inputs.number("water_surface_elevation")?,
        bore_m: inputs.number("outlet_bore")?,
        flow_m3_s,
        friction_head_m: inputs.optional("friction_head").unwrap_or(0.0),
    };
    let found = head::submersible_total_head(&pump, density_kg_m3, gravity_m_s2)?;
    let hydraulic_w =
        power::hydraulic_power_w(density_kg_m3, gravity_m_s2, flow_m3_s, found.total_m)?;
    work.terms(&found, hydraulic_w);
    Ok(work)
}

impl Work {
    fn terms(&mut self, head: &Head, hydraulic_w: f64) {
        let metres = |name: &str, symbol, text, value| {
            Number::new(name, symbol, text, value, Quantity::Length)
        };
        self.results.extend([
            metres(
                "total_head",
                "H",
                ("总扬程", "pump total head"),
                head.total_m,
            ),
            metres(
                "elevation_term",
                "z",
                ("位置项", "elevation term"),
                head.elevation_m,
            ),
            metres(
                "pressure_term",
                "p/ρg",
                ("压力项", "pressure term"),
                head.pressure_m,
            ),
            metres(
                "velocity_term",
                "v²/2g",
                ("速度项", "velocity term"),
                head.velocity_m,
            ),
            metres(
                "friction_term",
                "hf",
                ("摩阻项", "friction term"),
                head.friction_m,
            ),
            Number::new(
                "hydraulic_power",
                "P_h",
                ("水功率", "pump power output"),
                hydraulic_w,
                Quantity::Power,
            ),
        ]);
    }
}

pub(super) const FRICTION: Calculation = Calculation {
    name: "friction",
    zh: "直管的摩阻损失",
    en: "friction head of a straight pipe",
    formulas: &["friction.colebrook.v1"],
    source: "Colebrook; ISO 9906:2012 Annex A",
    fields: &[
        need(
            "flow",
            Kind::Measure(Quantity::Flow),
            ("流量", "rate of flow"),
            "50 m3/h",
        ),
        need("bore", LENGTH, ("内径", "bore"), "80 mm"),
        need("length", LENGTH, ("长度", "length"), "3 m"),
        need(
            "roughness",
            LENGTH,
            ("当量粗糙度", "equivalent roughness"),
            "0.05 mm",
        ),
        may(
            "viscosity_m2_s",
            Kind::Number("m2/s"),
            ("运动黏度", "kinematic viscosity"),
            "1.0034e-6",
        ),
        TEMPERATURE,
        PRESSURE,
        GRAVITY_FIELD,
        LATITUDE,
        ALTITUDE,
        may(
            "head",
            LENGTH,
            (
                "不计摩阻的扬程：据此判断是否要计入",
                "head without friction: is the friction to be added?",
            ),
            "43.867001 m",
        ),
        may(
            "pack",
            Kind::Text,
            ("给出阈值的标准数据包", "standard pack with the threshold"),
            "gbt3216-2016",
        ),
        may("class", Kind::Count, ("测量等级", "measurement class"), "2"),
    ],
    compute: pipe_friction,
};

fn pipe_friction(inputs: &Inputs, packs: &Packs) -> Result<Work, Error> {
    let mut work = Work::default();
    let viscosity_m2_s = match (
        inputs.optional("viscosity_m2_s"),
        inputs.optional("temperature"),
    ) {
        (Some(viscosity), None) => viscosity,
        (None, Some(temperature_c)) => {
            let pressure_pa = absolute_pressure_pa(inputs, &mut work);
            let viscosity = water::kinematic_viscosity_m2_s(temperature_c, pressure_pa)?;
            work.results.push(viscosity_number(viscosity));
            viscosity
        }
        _ => return Err(inputs.refuse("give either viscosity_m2_s or temperature")),
    };
    let gravity_m_s2 = gravity_of(inputs, &mut work)?;
    let pipe = friction::Pipe {
        bore_m: inputs.number("bore")?,
        length_m: inputs.number("length")?,
        roughness_m: inputs.number("roughness")?,
    };
    let flow_m3_s = inputs.number("flow")?;
    let velocity = head::velocity_m_s(flow_m3_s, pipe.bore_m)?;
    let found = friction::friction_head_m(flow_m3_s, &pipe, viscosity_m2_s, gravity_m_s2)?;
    work.results.extend([
        Number::new(
            "friction_head",
            "hf",
            ("摩阻损失", "friction head"),
            found.head_m,
            Quantity::Length,
        ),
        Number::plain(
            "velocity",
            "v",
            ("平均流速", "mean velocity"),
            velocity,
            "m/s",
        ),
        Number::plain(
            "reynolds",
            "Re",
            ("雷诺数", "Reynolds number"),
            found.reynolds,
            "",
        ),
        Number::plain(
            "friction_factor",
            "λ",
            ("摩阻系数", "friction factor"),
            found.factor,
            "",
        ),
    ]);
    if ["head", "pack", "class"]
        .iter()
        .any(|name| inputs.has(name))
    {
        let standard = pack(packs, inputs)?;
        let class = u8::try_from(inputs.count("class")?).unwrap_or(u8::MAX);
        let threshold_pct = standard.friction_threshold_pct(class)?;
        let applies =
            friction::friction_applies(found.head_m, inputs.number("head")?, threshold_pct)?;
        work.clause = Some(standard.id.clone());
        work.results.push(Number::plain(
            "applies",
            "",
            ("计入扬程（1 是，0 否）", "is to be added (1 yes, 0 no)"),
            f64::from(u8::from(applies)),
            "",
        ));
        work.notes.push(Bilingual::new(
            format!("达到扬程的 {threshold_pct} % 才计入"),
            format!("it is added from {threshold_pct} % of the head on"),
        ));
    }
    Ok(work)
}
