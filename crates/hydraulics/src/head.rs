//! Total head from gauge readings, term by term.
//!
//! Pressures are gauge pressures and keep their sign (a vacuum at the inlet is negative).
//! Elevations are those of the gauge itself when its impulse line is full of liquid, of the
//! tapping when the line is full of air ([`Gauge`] chooses, for each side on its own); all
//! from one reference plane. The guarantee boundary is the pump outlet: losses from there to
//! the tap ([`crate::friction::OutletLoss`]) are part of the head.

use crate::{Error, check};

/// One measuring section.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Section {
    /// Elevation of the gauge above the reference plane, m.
    pub z_m: f64,
    /// Gauge pressure, Pa; negative for a vacuum.
    pub pressure_pa: f64,
    /// Bore of the pipe at the section, m.
    pub bore_m: f64,
    /// Rate of flow through the section, m³/s.
    pub flow_m3_s: f64,
}

/// What a submersible pump's head is computed from; there is no inlet section, the free
/// water surface takes its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Submersible {
    /// Gauge pressure at the outlet section, Pa.
    pub pressure_pa: f64,
    /// Elevation of the gauge above the reference plane, m.
    pub gauge_z_m: f64,
    /// Elevation of the free water surface above the same plane, m.
    pub water_surface_z_m: f64,
    /// Gauge pressure on that surface, Pa: 0 in the open, the gas pressure in a closed tank.
    pub surface_pressure_pa: f64,
    /// Bore of the pipe at the outlet section, m.
    pub bore_m: f64,
    /// Rate of flow, m³/s.
    pub flow_m3_s: f64,
    /// Loss between pump outlet and section, m.
    pub friction_head_m: f64,
}

/// What fills the line between a tapping and its instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImpulseLine {
    /// The test liquid: the reading is the pressure at the instrument's height.
    Liquid,
    /// Air, whose weight is left out: the reading is the pressure at the tapping.
    Air,
}

/// A pressure instrument and the tapping it hangs on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gauge {
    /// Elevation of the instrument's centre above the reference plane, m.
    pub instrument_z_m: f64,
    /// Elevation of the tapping above the same plane, m.
    pub tapping_z_m: f64,
    /// What fills its line.
    pub line: ImpulseLine,
}

impl Gauge {
    /// The elevation that belongs to the reading, m. Source: reference section 2 "gauge
    /// correction" (tag M3).
    #[must_use]
    pub fn elevation_m(&self) -> f64 {
        match self.line {
            ImpulseLine::Liquid => self.instrument_z_m,
            ImpulseLine::Air => self.tapping_z_m,
        }
    }
}

/// One instrument that measures the pressure difference between outlet and inlet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Differential {
    /// Outlet less inlet pressure, Pa.
    pub difference_pa: f64,
    /// Elevation that belongs to the inlet side, m: the instrument's with a line full of
    /// liquid, the tapping's with air. With liquid in both lines it is the same as
    /// `outlet_z_m`, and no elevation is left to add.
    pub inlet_z_m: f64,
    /// Elevation that belongs to the outlet side, m.
    pub outlet_z_m: f64,
    /// Bore at the inlet section, m.
    pub inlet_bore_m: f64,
    /// Bore at the outlet section, m.
    pub outlet_bore_m: f64,
    /// Rate of flow, m³/s.
    pub flow_m3_s: f64,
}

/// A head and the terms it is the sum of, all in m.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Head {
    /// From the difference in elevation.
    pub elevation_m: f64,
    /// From pressure over `ρ g`.
    pub pressure_m: f64,
    /// From velocity squared over `2 g`.
    pub velocity_m: f64,
    /// Friction added back.
    pub friction_m: f64,
    /// The sum.
    pub total_m: f64,
}

impl Head {
    fn sum(
        elevation_m: f64,
        pressure_m: f64,
        velocity_m: f64,
        friction_m: f64,
    ) -> Result<Self, Error> {
        let total_m = elevation_m + pressure_m + velocity_m + friction_m;
        Ok(Self {
            elevation_m,
            pressure_m,
            velocity_m,
            friction_m,
            total_m: check::result("total head", total_m)?,
        })
    }
}

/// Mean velocity in m/s, `4 Q/(π D²)`. Source: reference section 2 (tag M3).
///
/// # Errors
/// [`Error::Value`] for a negative or non-finite flow or a bore not above zero.
pub fn velocity_m_s(flow_m3_s: f64, bore_m: f64) -> Result<f64, Error> {
    let flow_m3_s = check::not_negative("flow in m³/s", flow_m3_s)?;
    let bore_m = check::positive("bore in m", bore_m)?;
    let area_m2 = core::f64::consts::PI / 4.0 * bore_m * bore_m;
    check::result("mean velocity", flow_m3_s / area_m2)
}

/// Velocity head in m, `U²/(2 g)`. Source: reference section 2 (tag C2, S37 S26).
///
/// # Errors
/// [`Error::Value`] for a non-finite velocity or a gravity not above zero.
pub fn velocity_head_m(velocity_m_s: f64, gravity_m_s2: f64) -> Result<f64, Error> {
    let velocity_m_s = check::finite("velocity in m/s", velocity_m_s)?;
    let gravity_m_s2 = check::positive("gravity in m/s²", gravity_m_s2)?;
    let head_m = velocity_m_s * velocity_m_s / (2.0 * gravity_m_s2);
    check::result("velocity head", head_m)
}

/// Pressure head in m, `p/(ρ g)`.
fn pressure_head_m(pressure_pa: f64, density_kg_m3: f64, gravity_m_s2: f64) -> Result<f64, Error> {
    let pressure_pa = check::finite("gauge pressure in Pa", pressure_pa)?;
    let density_kg_m3 = check::positive("density in kg/m³", density_kg_m3)?;
    let gravity_m_s2 = check::positive("gravity in m/s²", gravity_m_s2)?;
    check::result(
        "pressure head",
        pressure_pa / (density_kg_m3 * gravity_m_s2),
    )
}

/// Total head of one section, `z + p/(ρ g) + U²/(2 g)`. Source: reference section 2
/// (tag C2, S37 S26; gauge correction M3).
///
/// # Errors
/// [`Error::Value`] for a value outside its range, [`Error::NotFinite`] on overflow.
pub fn section_head(
    section: &Section,
    density_kg_m3: f64,
    gravity_m_s2: f64,
) -> Result<Head, Error> {
    let velocity_m_s = velocity_m_s(section.flow_m3_s, section.bore_m)?;
    Head::sum(
        check::finite("elevation in m", section.z_m)?,
        pressure_head_m(section.pressure_pa, density_kg_m3, gravity_m_s2)?,
        velocity_head_m(velocity_m_s, gravity_m_s2)?,
        0.0,
    )
}

/// Total head of a pump between its inlet and outlet sections, `H₂ − H₁ + H_J`, with
/// `friction_head_m` the sum of the friction heads between flanges and sections (0 where
/// [`crate::friction::friction_applies`] says no). Source: reference section 2 (tag C2,
/// S26 S37); clauses of Annex A.
///
/// # Errors
/// As [`section_head`]; also for a negative friction head.
///
/// ```
/// use dutypoint_hydraulics::head::{Section, total_head_between_sections};
/// let flow_m3_s = 100.0 / 3600.0;
/// let inlet = Section { z_m: 0.20, pressure_pa: -20e3, bore_m: 0.125, flow_m3_s };
/// let outlet = Section { z_m: 0.95, pressure_pa: 480e3, bore_m: 0.100, flow_m3_s };
/// let head = total_head_between_sections(&inlet, &outlet, 0.0, 998.2, 9.81)?;
/// assert!((head.total_m - 52.186719).abs() < 5e-7);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn total_head_between_sections(
    inlet: &Section,
    outlet: &Section,
    friction_head_m: f64,
    density_kg_m3: f64,
    gravity_m_s2: f64,
) -> Result<Head, Error> {
    let inlet = section_head(inlet, density_kg_m3, gravity_m_s2)?;
    let outlet = section_head(outlet, density_kg_m3, gravity_m_s2)?;
    Head::sum(
        outlet.elevation_m - inlet.elevation_m,
        outlet.pressure_m - inlet.pressure_m,
        outlet.velocity_m - inlet.velocity_m,
        check::not_negative("friction head in m", friction_head_m)?,
    )
}

/// Total head of a submerged pump: the inlet head is the height of the free water surface
/// and the gauge pressure on it, which is zero in the open. Source: reference section 2 "submerged pump" (tag M3),
/// GB/T 12785 practice in reference 1.6 (tag M+).
///
/// # Errors
/// As [`total_head_between_sections`].
pub fn submersible_total_head(
    pump: &Submersible,
    density_kg_m3: f64,
    gravity_m_s2: f64,
) -> Result<Head, Error> {
    let outlet = Section {
        z_m: pump.gauge_z_m,
        pressure_pa: pump.pressure_pa,
        bore_m: pump.bore_m,
        flow_m3_s: pump.flow_m3_s,
    };
    let outlet = section_head(&outlet, density_kg_m3, gravity_m_s2)?;
    let surface_pressure_pa = pump.surface_pressure_pa;
    let surface_m = pressure_head_m(surface_pressure_pa, density_kg_m3, gravity_m_s2)?;
    let surface_z_m = check::finite(
        "elevation of the water surface in m",
        pump.water_surface_z_m,
    )?;
    Head::sum(
        outlet.elevation_m - surface_z_m,
        outlet.pressure_m - surface_m,
        outlet.velocity_m,
        check::not_negative("friction head in m", pump.friction_head_m)?,
    )
}

/// Total head from one differential-pressure instrument,
/// `Δz + Δp/(ρ g) + (U₂² − U₁²)/(2 g) + H_J`. Source: reference section 2 "differential
/// transducer" (tag M3).
///
/// # Errors
/// As [`total_head_between_sections`].
pub fn differential_total_head(
    differential: &Differential,
    friction_head_m: f64,
    density_kg_m3: f64,
    gravity_m_s2: f64,
) -> Result<Head, Error> {
    let section = |z_m, pressure_pa, bore_m| Section {
        z_m,
        pressure_pa,
        bore_m,
        flow_m3_s: differential.flow_m3_s,
    };
    total_head_between_sections(
        &section(differential.inlet_z_m, 0.0, differential.inlet_bore_m),
        &section(
            differential.outlet_z_m,
            differential.difference_pa,
            differential.outlet_bore_m,
        ),
        friction_head_m,
        density_kg_m3,
        gravity_m_s2,
    )
}

/// Density of both measuring sections, and what using their mean changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SectionDensities {
    /// At the inlet, kg/m³.
    pub inlet_kg_m3: f64,
    /// At the outlet, kg/m³.
    pub outlet_kg_m3: f64,
    /// The mean, which the pressure term is computed with, kg/m³.
    pub mean_kg_m3: f64,
    /// By how much the mean lowers a pressure head found with the inlet density, %.
    pub effect_pct: f64,
    /// Whether that is at least [`COMPRESSIBILITY_MATTERS_PCT`].
    pub matters: bool,
}

/// From this effect on the head, in %, compressibility is worth a line in the report: a
/// tenth of the instrument limit for head in grade 1 (ISO 9906:2012 Table 5). It is ours and
/// decides nothing; the mean density is used in any case. Cold water reaches it at about
/// 4.3 MPa.
pub const COMPRESSIBILITY_MATTERS_PCT: f64 = 0.1;

/// Densities of water of one temperature at the absolute pressures of both sections.
/// Source: reference section 2 ("with noticeable compressibility use the mean density",
/// tag C2); water of [`crate::water`].
///
/// # Errors
/// As [`crate::water::density_kg_m3`].
///
/// ```
/// let high = dutypoint_hydraulics::head::section_densities(20.0, 101_325.0, 10.101_325e6)?;
/// // Half of 4.6e-10 per Pa times 10 MPa.
/// assert!(high.matters && (high.effect_pct - 0.23).abs() < 0.005);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn section_densities(
    temperature_c: f64,
    inlet_absolute_pa: f64,
    outlet_absolute_pa: f64,
) -> Result<SectionDensities, Error> {
    let inlet_kg_m3 = crate::water::density_kg_m3(temperature_c, inlet_absolute_pa)?;
    let outlet_kg_m3 = crate::water::density_kg_m3(temperature_c, outlet_absolute_pa)?;
    let mean_kg_m3 = 0.5 * (inlet_kg_m3 + outlet_kg_m3);
    let effect_pct = 100.0 * (mean_kg_m3 - inlet_kg_m3) / mean_kg_m3;
    Ok(SectionDensities {
        inlet_kg_m3,
        outlet_kg_m3,
        mean_kg_m3,
        effect_pct,
        matters: crate::limit::at_least(effect_pct.abs(), COMPRESSIBILITY_MATTERS_PCT),
    })
}
