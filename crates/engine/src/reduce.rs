//! From the channels of a window, or a row of an imported table, to the quantities of
//! the pump.

use crate::Error;
use crate::config::{Bench, CableConfig, ImportMethod, Material, Order};
use dutypoint_hydraulics::friction::{Leg, LossUncertainty, OutletLoss, Pipe, friction_applies};
use dutypoint_hydraulics::gravity::local_gravity_m_s2;
use dutypoint_hydraulics::head::{self, Section, Submersible, submersible_total_head};
use dutypoint_hydraulics::power::{self, Cable, Conductor, LoadedCores};
use dutypoint_hydraulics::water;
use dutypoint_model::Quantity;
use dutypoint_model::document::{self, HeadTerms, PowerKind, Reduced, Role};
use std::collections::BTreeMap;

/// Standard atmosphere; the density of water moves by 5e-7 per 10 kPa, so its choice is
/// of no consequence for a head.
pub(crate) const ATMOSPHERE_PA: f64 = 101_325.0;

/// How a submersible unit on a bench is reduced, resolved from bench and order.
#[derive(Clone, Debug, PartialEq)]
pub struct SubmersibleMethod {
    /// Gravity, m/s².
    pub gravity_m_s2: f64,
    tap_bore_m: f64,
    gauge_z_m: f64,
    level_sensor_z_m: f64,
    loss: OutletLoss,
    /// Share of the head from which the standard asks for the loss to be added, percent.
    threshold_pct: Option<f64>,
    /// Resistance of one core of the cable beyond the included lead, Ω.
    core_ohm: Option<f64>,
    cable_loss_removed: bool,
    loaded_cores: LoadedCores,
    pole_pairs: u32,
}

impl SubmersibleMethod {
    /// Resolves the method. `threshold_pct` is the share of the head from which the standard
    /// asks for the loss to the tap; below it the loss is added too, since the guarantee ends
    /// at the pump outlet and a threshold per point would put a step into the curve.
    /// `cable_loss_removed` says whether the loss in the cable is taken from the power; it is
    /// computed and kept in any case.
    ///
    /// # Errors
    /// [`Error::Config`] when the order lacks the pole pairs, or a number is refused.
    pub fn new(
        bench: &Bench,
        order: &Order,
        threshold_pct: Option<f64>,
        cable_loss_removed: bool,
    ) -> Result<Self, Error> {
        let length = |key: &str, m: &dutypoint_model::Measure| {
            m.internal(Quantity::Length)
                .map_err(|e| Error::Config(format!("bench {}: {key}: {e}", bench.id)))
        };
        let g = &bench.geometry;
        let gravity_m_s2 = match bench.site.measured_gravity_m_s2 {
            Some(measured) => measured,
            None => local_gravity_m_s2(
                bench.site.latitude_deg,
                length("altitude", &bench.site.altitude)?,
            )?,
        };
        let loss = match &g.measured_loss {
            Some(measured) => OutletLoss::Measured {
                head_m: length("measured_loss head", &measured.head)?,
                flow_m3_s: measured
                    .flow
                    .internal(Quantity::Flow)
                    .map_err(Error::Config)?,
                uncertainty_pct: measured.u_pct / 2.0,
            },
            None => {
                let pipe = Pipe {
                    bore_m: length("riser_bore", &g.riser_bore)?,
                    length_m: length("riser_length", &g.riser_length)?,
                    roughness_m: length("riser_roughness", &g.riser_roughness)?,
                };
                let zeta: f64 = g.fitting.iter().map(|f| f.zeta).sum();
                let u_zeta: f64 = g.fitting.iter().map(|f| f.zeta * f.u_pct / 2.0).sum();
                OutletLoss::Computed {
                    legs: vec![Leg { pipe, zeta }],
                    uncertainty: LossUncertainty {
                        factor_pct: g.friction_u_pct / 2.0,
                        zeta_pct: if zeta > 0.0 { u_zeta / zeta } else { 0.0 },
                    },
                }
            }
        };
        let loaded_cores = match order.specimen.phases {
            Some(1) => LoadedCores::Two,
            _ => LoadedCores::Three,
        };
        let core_ohm = match &bench.cable {
            Some(cable) => {
                let length_m = length("cable length", &cable.length)?;
                Some(core_ohm(cable, length_m)?)
            }
            None => None,
        };
        Ok(Self {
            gravity_m_s2,
            tap_bore_m: length("tap_bore", &g.tap_bore)?,
            gauge_z_m: length("gauge_elevation", &g.gauge_elevation)?,
            level_sensor_z_m: length("level_sensor_elevation", &g.level_sensor_elevation)?,
            loss,
            threshold_pct,
            core_ohm,
            cable_loss_removed,
            loaded_cores,
            pole_pairs: order.specimen.pole_pairs.ok_or_else(|| {
                Error::Config(
                    "the order's specimen lacks `pole_pairs`, without which slip gives no speed"
                        .into(),
                )
            })?,
        })
    }

    /// Total head and unit efficiency at one point, from means in internal units.
    ///
    /// # Errors
    /// [`Error::Missing`] for a quantity without a mean, [`Error::Hydraulics`] for a
    /// number outside the range of a formula.
    pub fn reduce(&self, means: &BTreeMap<Role, f64>) -> Result<Reduced, Error> {
        let mean = |role: Role| means.get(&role).copied().ok_or(Error::Missing(role));
        // A meter's noise around zero may read backwards at shut-off; a flow below the
        // resolution of any meter of this class is no flow.
        let flow_m3_s = mean(Role::Flow)?.max(0.0);
        let temperature_c = mean(Role::WaterTemperature)?;
        let pressure_pa = mean(Role::OutletPressure)?;
        // The mean of inlet and outlet, as for a liquid of noticeable compressibility.
        let density =
            water::density_kg_m3(temperature_c, ATMOSPHERE_PA + (0.5 * pressure_pa).max(0.0))?;
        let viscosity = water::kinematic_viscosity_m2_s(temperature_c, ATMOSPHERE_PA)?;
        let loss = self.loss.at(flow_m3_s, viscosity, self.gravity_m_s2)?;
        let total = submersible_total_head(
            &Submersible {
                pressure_pa,
                gauge_z_m: self.gauge_z_m,
                water_surface_z_m: self.level_sensor_z_m + mean(Role::WaterLevel)?,
                surface_pressure_pa: 0.0,
                bore_m: self.tap_bore_m,
                flow_m3_s,
                friction_head_m: loss.head_m,
            },
            density,
            self.gravity_m_s2,
        )?;
        let without_m = total.total_m - loss.head_m;
        let required = self
            .threshold_pct
            .map(|pct| friction_applies(loss.head_m, without_m, pct))
            .transpose()?;
        let computed = matches!(self.loss, OutletLoss::Computed { .. });
        let frequency = mean(Role::Frequency)?;
        let speed = power::speed_from_slip_rpm(
            frequency,
            mean(Role::SlipFrequency)?.max(0.0),
            self.pole_pairs,
        )?;
        let voltage = mean(Role::Voltage)?;
        let current = mean(Role::Current)?;
        let panel_w = mean(Role::InputPower)?;
        let (cable_loss_w, motor_voltage_v) = match self.core_ohm {
            Some(core_ohm) => {
                // A single phase has two cores in the way of its current, of the three-phase
                // line voltage each sees √3.
                let (phases, drop) = match self.loaded_cores {
                    LoadedCores::Two => (1.0, 2.0 / SQRT_3),
                    LoadedCores::Three => (SQRT_3, 1.0),
                };
                let apparent = phases * voltage * current;
                let power_factor = if apparent > 0.0 {
                    (panel_w / apparent).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                let drop_v = drop * power::line_voltage_drop_v(current, core_ohm, power_factor)?;
                let loss_w = power::cable_loss_w(current, core_ohm, self.loaded_cores)?;
                (Some(loss_w), voltage - drop_v)
            }
            None => (None, voltage),
        };
        let removed_w = cable_loss_w.filter(|_| self.cable_loss_removed);
        let power_w = panel_w - removed_w.unwrap_or(0.0);
        let hydraulic_w =
            power::hydraulic_power_w(density, self.gravity_m_s2, flow_m3_s, total.total_m)?;
        Ok(Reduced {
            flow_m3_s,
            head_m: total.total_m,
            head_terms: HeadTerms {
                height_m: total.elevation_m,
                pressure_m: total.pressure_m,
                velocity_m: total.velocity_m,
                friction_m: total.friction_m,
            },
            outlet_loss: Some(document::OutletLoss {
                loss_m: loss.head_m,
                straight_m: computed.then_some(loss.straight_m),
                fittings_m: computed.then_some(loss.fittings_m),
                expanded_uncertainty_m: 2.0 * loss.standard_uncertainty_m,
                required,
            }),
            power_kind: PowerKind::MotorInput,
            power_w,
            efficiency: power::efficiency(hydraulic_w, power_w)?,
            density_kg_m3: density,
            gravity_m_s2: self.gravity_m_s2,
            speed_rpm: Some(speed),
            frequency_hz: Some(frequency),
            motor_voltage_v: Some(motor_voltage_v),
            current_a: Some(current),
            cable_loss_w,
            cable_loss_removed: removed_w.is_some(),
            water_temperature_c: Some(temperature_c),
        })
    }
}

/// Resistance of one core of the cable at its temperature, Ω.
fn core_ohm(cable: &CableConfig, length_m: f64) -> Result<f64, Error> {
    let conductor = match cable.material {
        Material::Copper => Conductor::Copper,
        Material::Aluminium => Conductor::Aluminium,
    };
    let (resistivity, measured) = (cable.resistivity_ohm_mm2_m, cable.core_resistance_ohm);
    Ok(match (resistivity, measured) {
        (_, Some(ohm)) => power::resistance_ohm(ohm, 20.0, cable.temperature_c, conductor)?,
        (resistivity, None) => Cable {
            length_m,
            core_area_mm2: cable.section_mm2,
            resistivity_20c_ohm_mm2_m: resistivity.unwrap_or_default(),
            temperature_c: cable.temperature_c,
            conductor,
        }
        .core_resistance_ohm()?,
    })
}

/// Square root of three.
const SQRT_3: f64 = 1.732_050_807_568_877_2;

/// How a row of an imported table is reduced.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedMethod {
    /// Gravity, m/s².
    pub gravity_m_s2: f64,
    test_density: f64,
    service_density: f64,
    inlet_bore_m: f64,
    outlet_bore_m: f64,
    height_m: f64,
}

impl ImportedMethod {
    /// Resolves the method.
    ///
    /// # Errors
    /// [`Error::Config`] for a measure of the wrong quantity.
    pub fn new(method: &ImportMethod) -> Result<Self, Error> {
        let length =
            |m: &dutypoint_model::Measure| m.internal(Quantity::Length).map_err(Error::Config);
        Ok(Self {
            gravity_m_s2: method.gravity_m_s2,
            test_density: method.test_density_kg_m3,
            service_density: method
                .service_density_kg_m3
                .unwrap_or(method.test_density_kg_m3),
            inlet_bore_m: length(&method.inlet_bore)?,
            outlet_bore_m: length(&method.outlet_bore)?,
            height_m: length(&method.gauge_height_difference)?,
        })
    }

    /// Total head and efficiency of one row. Pressures are converted with the density of
    /// the test, power is scaled to the density of service.
    ///
    /// # Errors
    /// As [`SubmersibleMethod::reduce`].
    pub fn reduce(&self, row: &BTreeMap<Role, f64>) -> Result<Reduced, Error> {
        let value = |role: Role| row.get(&role).copied().ok_or(Error::Missing(role));
        let flow_m3_s = value(Role::Flow)?;
        let section = |role: Role, bore_m: f64, z_m: f64| -> Result<Section, Error> {
            Ok(Section {
                z_m,
                pressure_pa: value(role)?,
                bore_m,
                flow_m3_s,
            })
        };
        let head = head::total_head_between_sections(
            &section(Role::InletPressure, self.inlet_bore_m, 0.0)?,
            &section(Role::OutletPressure, self.outlet_bore_m, self.height_m)?,
            0.0,
            self.test_density,
            self.gravity_m_s2,
        )?;
        let power_w = value(Role::ShaftPower)? * (self.service_density / self.test_density);
        let hydraulic_w = power::hydraulic_power_w(
            self.service_density,
            self.gravity_m_s2,
            flow_m3_s,
            head.total_m,
        )?;
        Ok(Reduced {
            flow_m3_s,
            head_m: head.total_m,
            head_terms: HeadTerms {
                height_m: head.elevation_m,
                pressure_m: head.pressure_m,
                velocity_m: head.velocity_m,
                friction_m: head.friction_m,
            },
            outlet_loss: None,
            power_kind: PowerKind::Shaft,
            power_w,
            efficiency: power::efficiency(hydraulic_w, power_w)?,
            density_kg_m3: self.service_density,
            gravity_m_s2: self.gravity_m_s2,
            speed_rpm: row.get(&Role::Speed).copied(),
            frequency_hz: None,
            motor_voltage_v: None,
            current_a: None,
            cable_loss_w: None,
            cable_loss_removed: false,
            water_temperature_c: None,
        })
    }
}
