//! Total head.

use super::conditions::{above_vacuum, density_of, gravity_of, no_density, together, velocity};
use super::losses::{HOUR_S, LossInput};
use super::{Calc, Packs, Refusal, pack, refuse};
use crate::reduce::ATMOSPHERE_PA;
use dutypoint_hydraulics::friction::{Loss, friction_applies};
use dutypoint_hydraulics::head::{
    self, Differential, Gauge, ImpulseLine, Section, SectionDensities, Submersible,
};
use dutypoint_hydraulics::power;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) struct Head;

/// What fills the line between tapping and instrument.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum LineInput {
    #[default]
    Liquid,
    Air,
}

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "method", rename_all = "snake_case")]
pub(super) enum HeadInput {
    /// Separate gauges at inlet and outlet.
    Sections(SectionsInput),
    /// One instrument for the difference of pressure.
    Differential(DifferentialInput),
    /// A submerged pump: the free water surface is the inlet.
    Submersible(SubmersibleInput),
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct SectionsInput {
    /// Gauge pressure at the inlet, Pa; a vacuum is negative.
    p1_pa: f64,
    /// Elevation of the inlet instrument, m.
    z1_m: f64,
    /// What fills the line to the inlet; without it liquid.
    #[serde(default)]
    line1: LineInput,
    /// Elevation of the inlet tapping, m; needed with air in its line.
    z1_tap_m: Option<f64>,
    /// Bore at the inlet section, m.
    d1_m: f64,
    /// Gauge pressure at the outlet, Pa; a vacuum is negative.
    p2_pa: f64,
    /// Elevation of the outlet instrument, m.
    z2_m: f64,
    /// What fills the line to the outlet; without it liquid.
    #[serde(default)]
    line2: LineInput,
    /// Elevation of the outlet tapping, m; needed with air in its line.
    z2_tap_m: Option<f64>,
    /// Bore at the outlet section, m.
    d2_m: f64,
    /// Barometer, Pa; without it the standard atmosphere. It enters the density only.
    p_amb_pa: Option<f64>,
    #[serde(flatten)]
    liquid: LiquidInput,
    #[serde(flatten)]
    added: AddedInput,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct DifferentialInput {
    /// Outlet less inlet pressure as the instrument shows it, Pa.
    dp_pa: f64,
    /// Elevation of the instrument, m.
    z_m: f64,
    /// What fills the line to the inlet; without it liquid.
    #[serde(default)]
    line1: LineInput,
    /// What fills the line to the outlet; without it liquid.
    #[serde(default)]
    line2: LineInput,
    /// Elevation of the inlet tapping, m; needed with air in its line.
    z1_tap_m: Option<f64>,
    /// Elevation of the outlet tapping, m; needed with air in its line.
    z2_tap_m: Option<f64>,
    /// Bore at the inlet section, m.
    d1_m: f64,
    /// Bore at the outlet section, m.
    d2_m: f64,
    #[serde(flatten)]
    liquid: LiquidInput,
    #[serde(flatten)]
    added: AddedInput,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct SubmersibleInput {
    /// Gauge pressure at the outlet, Pa; a vacuum is negative.
    p2_pa: f64,
    /// Elevation of the outlet instrument, m.
    z2_m: f64,
    /// What fills the line to the outlet; without it liquid.
    #[serde(default)]
    line2: LineInput,
    /// Elevation of the outlet tapping, m; needed with air in its line.
    z2_tap_m: Option<f64>,
    /// Bore at the outlet section, m.
    d2_m: f64,
    /// Elevation of the free water surface while the pump runs, m.
    z_surface_m: f64,
    /// Gauge pressure on the surface, Pa; without it 0, an open well.
    p_surface_pa: Option<f64>,
    /// Barometer, Pa; without it the standard atmosphere. It enters the density only.
    p_amb_pa: Option<f64>,
    #[serde(flatten)]
    liquid: LiquidInput,
    /// Loss from the pump outlet, where the guarantee ends, through riser, elbow and
    /// non-return valve to the tap: always added, so it must be given;
    /// `{"method": "computed", "legs": []}` where the tap is at the outlet.
    loss: LossInput,
}

/// Flow, liquid and site, which every method needs.
#[derive(Deserialize, JsonSchema)]
struct LiquidInput {
    /// Rate of flow, m³/h.
    q_m3_h: f64,
    /// Density, kg/m³.
    rho_kg_m3: Option<f64>,
    /// Water temperature in place of the density, °C: the mean of both sections' densities is
    /// used; a differential instrument knows only the standard atmosphere, and a high head
    /// then needs rho_kg_m3, that mean.
    t_c: Option<f64>,
    /// Acceleration of gravity, m/s².
    g_m_s2: Option<f64>,
    /// Latitude in place of the gravity, degrees.
    latitude_deg: Option<f64>,
    /// Altitude, with the latitude, m.
    altitude_m: Option<f64>,
    /// Kinematic viscosity for the loss, m²/s; otherwise that of water at t_c.
    nu_m2_s: Option<f64>,
}

impl LiquidInput {
    fn q_m3_s(&self) -> f64 {
        self.q_m3_h / HOUR_S
    }

    fn gravity_m_s2(&self) -> Result<f64, Refusal> {
        gravity_of(self.g_m_s2, self.latitude_deg, self.altitude_m)
    }

    fn loss(&self, loss: LossInput, g_m_s2: f64) -> Result<Loss, Refusal> {
        loss.at(self.q_m3_s(), self.nu_m2_s, self.t_c, g_m_s2)
    }
}

/// The loss between flanges and sections, and whether it is added.
#[derive(Deserialize, JsonSchema)]
struct AddedInput {
    /// Loss between flanges and sections; without it the sections are at the flanges.
    loss: Option<LossInput>,
    /// Pack whose threshold decides whether the loss is added; without it the loss is added.
    pack: Option<String>,
    /// Measurement class, 1 to 3, with the pack.
    class: Option<u8>,
}

impl AddedInput {
    /// The loss, and the part of it that is added to `bare_m`: all of it, unless a pack's
    /// threshold says none.
    fn of(
        self,
        liquid: &LiquidInput,
        g_m_s2: f64,
        bare_m: f64,
        packs: &Packs,
    ) -> Result<(Loss, f64), Refusal> {
        let loss = match self.loss {
            Some(loss) => liquid.loss(loss, g_m_s2)?,
            None => NO_LOSS,
        };
        let applies = match together(("pack", self.pack), ("class", self.class))? {
            None => true,
            Some((id, class)) => {
                let threshold_pct = pack(packs, &id)?.friction_threshold_pct(class)?;
                // A standing pump of no head has no share to hold against a threshold.
                bare_m == 0.0 || friction_applies(loss.head_m, bare_m, threshold_pct)?
            }
        };
        let added_m = if applies { loss.head_m } else { 0.0 };
        Ok((loss, added_m))
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct HeadOutput {
    /// Pump total head, m.
    h_m: f64,
    /// Share of the elevations, m.
    elevation_m: f64,
    /// Share of the pressures, m.
    pressure_m: f64,
    /// Share of the velocities, m.
    velocity_m: f64,
    /// Loss added, m.
    friction_m: f64,
    /// Loss found, m, added or not.
    loss_m: f64,
    /// Standard uncertainty that the loss brings to the head at a known flow, m.
    loss_standard_uncertainty_m: f64,
    /// The loss in percent of the head without it.
    loss_share_pct: f64,
    /// Total head of the inlet section, m.
    #[serde(skip_serializing_if = "Option::is_none")]
    h1_m: Option<f64>,
    /// Total head of the outlet section, m.
    #[serde(skip_serializing_if = "Option::is_none")]
    h2_m: Option<f64>,
    /// Mean velocity at the inlet section, m/s.
    #[serde(skip_serializing_if = "Option::is_none")]
    u1_m_s: Option<f64>,
    /// Mean velocity at the outlet section, m/s.
    u2_m_s: f64,
    /// Pump power output, W.
    p_h_w: f64,
    /// Density used, kg/m³.
    rho_kg_m3: f64,
    /// By how much the mean density lowers the head against that of the inlet, %.
    #[serde(skip_serializing_if = "Option::is_none")]
    compressibility_pct: Option<f64>,
    /// Whether that is worth a line in the report (0.1 %).
    #[serde(skip_serializing_if = "Option::is_none")]
    compressibility_matters: Option<bool>,
    /// Gravity used, m/s².
    g_m_s2: f64,
}

impl Calc for Head {
    const NAME: &'static str = "head";
    const ZH: &'static str = "总扬程：进出口分别测压、差压或潜水泵";
    const EN: &'static str = "total head from gauges at inlet and outlet, a differential instrument, or of a submerged pump";
    const FORMULAS: &'static [&'static str] = &[
        "head.sections.v1",
        "head.differential.v1",
        "head.submersible.v1",
        "density.section-mean.v1",
        "friction.colebrook.v1",
        "loss.fittings.v1",
    ];
    const SOURCE: &'static str =
        "ISO 9906:2012 Annex A, GB/T 3216-2016 (reference 2); GB/T 12785-2014 (reference 1.6)";
    const EXAMPLE: &'static str = r#"{"method": "sections", "q_m3_h": 100, "p1_pa": -20000, "z1_m": 0.20, "d1_m": 0.125, "p2_pa": 480000, "z2_m": 0.95, "d2_m": 0.100, "rho_kg_m3": 998.2, "g_m_s2": 9.7975}"#;
    const SHORT: &'static [(&'static str, &'static str)] = &[
        ("q", "q_m3_h"),
        ("t", "t_c"),
        ("g", "g_m_s2"),
        ("rho", "rho_kg_m3"),
    ];
    type Input = HeadInput;
    type Output = HeadOutput;

    fn compute(input: HeadInput, packs: &Packs) -> Result<HeadOutput, Refusal> {
        match input {
            HeadInput::Sections(input) => sections(input, packs),
            HeadInput::Differential(input) => differential(input, packs),
            HeadInput::Submersible(input) => submersible(input),
        }
    }
}

fn gauge(z_m: f64, line: LineInput, tap_m: Option<f64>, tap: &str) -> Result<f64, Refusal> {
    let (line, tapping_z_m) = match (line, tap_m) {
        (LineInput::Liquid, _) => (ImpulseLine::Liquid, z_m),
        (LineInput::Air, Some(tap_m)) => (ImpulseLine::Air, tap_m),
        (LineInput::Air, None) => {
            let why = format!("give {tap}: with air in the line the tapping's height counts");
            return Err(refuse(
                format!("请给出 {tap}：引压管充气时以测压孔高度为准"),
                why,
            ));
        }
    };
    let gauge = Gauge {
        instrument_z_m: z_m,
        tapping_z_m,
        line,
    };
    Ok(gauge.elevation_m())
}

/// The density given, or the mean of water's at both sections, whose gauge pressures are
/// given by their fields.
fn density(
    liquid: &LiquidInput,
    p_amb_pa: Option<f64>,
    [(inlet, p1_pa), (outlet, p2_pa)]: [(&str, f64); 2],
) -> Result<(f64, Option<SectionDensities>), Refusal> {
    let p_amb_pa = p_amb_pa.unwrap_or(ATMOSPHERE_PA);
    above_vacuum(inlet, p1_pa, p_amb_pa)?;
    above_vacuum(outlet, p2_pa, p_amb_pa)?;
    match (liquid.rho_kg_m3, liquid.t_c) {
        (Some(rho), None) => Ok((rho, None)),
        (None, Some(t_c)) => {
            let both = head::section_densities(t_c, p_amb_pa + p1_pa, p_amb_pa + p2_pa)?;
            Ok((both.mean_kg_m3, Some(both)))
        }
        _ => Err(no_density()),
    }
}

const NO_LOSS: Loss = Loss {
    straight_m: 0.0,
    fittings_m: 0.0,
    head_m: 0.0,
    standard_uncertainty_m: 0.0,
};

/// What the answer is made of, whatever the method.
struct Found {
    head: head::Head,
    loss: Loss,
    q_m3_s: f64,
    u2_m_s: f64,
    rho_kg_m3: f64,
    densities: Option<SectionDensities>,
    g_m_s2: f64,
    /// The fields that a head below zero comes from.
    fields: &'static str,
}

impl Found {
    fn output(self) -> Result<HeadOutput, Refusal> {
        let Self { head, loss, .. } = self;
        let bare_m = head.total_m - head.friction_m;
        if bare_m < 0.0 {
            let (fields, elevation_m, pressure_m) =
                (self.fields, head.elevation_m, head.pressure_m);
            return Err(refuse(
                format!(
                    "扬程为 {bare_m:.4} m（标高 {elevation_m:.4}，压力 {pressure_m:.4}）：泵的扬程应不小于 0；请核对 {fields} 是否颠倒、正负号是否有误"
                ),
                format!(
                    "the head comes out as {bare_m:.4} m (elevations {elevation_m:.4}, pressures {pressure_m:.4}): that of a pump is 0 or above; check whether {fields} are exchanged or of the wrong sign"
                ),
            ));
        }
        let matters = self.densities.map(|both| both.matters);
        // A standing pump of no head has no share to speak of.
        let share = if bare_m == 0.0 {
            0.0
        } else {
            loss.head_m / bare_m
        };
        Ok(HeadOutput {
            h_m: head.total_m,
            elevation_m: head.elevation_m,
            pressure_m: head.pressure_m,
            velocity_m: head.velocity_m,
            friction_m: head.friction_m,
            loss_m: loss.head_m,
            loss_standard_uncertainty_m: if head.friction_m == 0.0 {
                0.0
            } else {
                loss.standard_uncertainty_m
            },
            loss_share_pct: 100.0 * share,
            h1_m: None,
            h2_m: None,
            u1_m_s: None,
            u2_m_s: self.u2_m_s,
            p_h_w: power::hydraulic_power_w(
                self.rho_kg_m3,
                self.g_m_s2,
                self.q_m3_s,
                head.total_m,
            )?,
            rho_kg_m3: self.rho_kg_m3,
            compressibility_pct: self.densities.map(|both| both.effect_pct),
            compressibility_matters: matters,
            g_m_s2: self.g_m_s2,
        })
    }
}

fn sections(input: SectionsInput, packs: &Packs) -> Result<HeadOutput, Refusal> {
    let liquid = &input.liquid;
    let (q_m3_s, g) = (liquid.q_m3_s(), liquid.gravity_m_s2()?);
    let pressures = [("p1_pa", input.p1_pa), ("p2_pa", input.p2_pa)];
    let (rho, densities) = density(liquid, input.p_amb_pa, pressures)?;
    let section = |z_m, pressure_pa, bore_m| Section {
        z_m,
        pressure_pa,
        bore_m,
        flow_m3_s: q_m3_s,
    };
    let inlet_z_m = gauge(input.z1_m, input.line1, input.z1_tap_m, "z1_tap_m")?;
    let outlet_z_m = gauge(input.z2_m, input.line2, input.z2_tap_m, "z2_tap_m")?;
    let u1_m_s = velocity(q_m3_s, ("d1_m", input.d1_m))?;
    let inlet = section(inlet_z_m, input.p1_pa, input.d1_m);
    let outlet = section(outlet_z_m, input.p2_pa, input.d2_m);
    let total = |loss_m| head::total_head_between_sections(&inlet, &outlet, loss_m, rho, g);
    let (loss, friction_m) = input.added.of(liquid, g, total(0.0)?.total_m, packs)?;
    let found = Found {
        head: total(friction_m)?,
        loss,
        q_m3_s,
        u2_m_s: velocity(q_m3_s, ("d2_m", input.d2_m))?,
        rho_kg_m3: rho,
        densities,
        g_m_s2: g,
        fields: "p1_pa, p2_pa, z1_m, z2_m",
    };
    Ok(HeadOutput {
        h1_m: Some(head::section_head(&inlet, rho, g)?.total_m),
        h2_m: Some(head::section_head(&outlet, rho, g)?.total_m),
        u1_m_s: Some(u1_m_s),
        ..found.output()?
    })
}

fn differential(input: DifferentialInput, packs: &Packs) -> Result<HeadOutput, Refusal> {
    let liquid = &input.liquid;
    let (q_m3_s, g) = (liquid.q_m3_s(), liquid.gravity_m_s2()?);
    let rho = density_of(liquid.rho_kg_m3, liquid.t_c)?;
    let instrument = Differential {
        difference_pa: input.dp_pa,
        inlet_z_m: gauge(input.z_m, input.line1, input.z1_tap_m, "z1_tap_m")?,
        outlet_z_m: gauge(input.z_m, input.line2, input.z2_tap_m, "z2_tap_m")?,
        inlet_bore_m: input.d1_m,
        outlet_bore_m: input.d2_m,
        flow_m3_s: q_m3_s,
    };
    let u1_m_s = velocity(q_m3_s, ("d1_m", input.d1_m))?;
    let total = |loss_m| head::differential_total_head(&instrument, loss_m, rho, g);
    let (loss, friction_m) = input.added.of(liquid, g, total(0.0)?.total_m, packs)?;
    let found = Found {
        head: total(friction_m)?,
        loss,
        q_m3_s,
        u2_m_s: velocity(q_m3_s, ("d2_m", input.d2_m))?,
        rho_kg_m3: rho,
        densities: None,
        g_m_s2: g,
        fields: "dp_pa, z1_tap_m, z2_tap_m",
    };
    Ok(HeadOutput {
        u1_m_s: Some(u1_m_s),
        ..found.output()?
    })
}

fn submersible(input: SubmersibleInput) -> Result<HeadOutput, Refusal> {
    let liquid = &input.liquid;
    let (q_m3_s, g) = (liquid.q_m3_s(), liquid.gravity_m_s2()?);
    let surface_pa = input.p_surface_pa.unwrap_or(0.0);
    let pressures = [("p_surface_pa", surface_pa), ("p2_pa", input.p2_pa)];
    let (rho, densities) = density(liquid, input.p_amb_pa, pressures)?;
    let loss = liquid.loss(input.loss, g)?;
    let pump = Submersible {
        pressure_pa: input.p2_pa,
        gauge_z_m: gauge(input.z2_m, input.line2, input.z2_tap_m, "z2_tap_m")?,
        water_surface_z_m: input.z_surface_m,
        surface_pressure_pa: surface_pa,
        bore_m: input.d2_m,
        flow_m3_s: q_m3_s,
        friction_head_m: loss.head_m,
    };
    let found = Found {
        head: head::submersible_total_head(&pump, rho, g)?,
        loss,
        q_m3_s,
        u2_m_s: velocity(q_m3_s, ("d2_m", input.d2_m))?,
        rho_kg_m3: rho,
        densities,
        g_m_s2: g,
        fields: "p2_pa, z2_m, z_surface_m",
    };
    found.output()
}
