//! Power, efficiency, slip speed, and the removal of cable losses from a measured input.

use crate::{Error, check};

/// Reciprocal of copper's temperature coefficient at 0 °C, °C (reference 1.6, tag C2 S-1032).
const COPPER_CONSTANT_C: f64 = 235.0;

/// Speed of a sealed induction motor in r/min from the supply frequency, the slip frequency
/// found by a stray-flux coil and the number of pole *pairs*: `60 (f − f_slip)/p`.
/// Source: reference 1.6 "speed of a sealed motor" (tag M+).
///
/// # Errors
/// [`Error::Value`] for a supply frequency or pole-pair count not above zero, or a slip
/// frequency outside 0 to the supply frequency.
pub fn speed_from_slip_rpm(supply_hz: f64, slip_hz: f64, pole_pairs: u32) -> Result<f64, Error> {
    let supply_hz = check::positive("supply frequency in Hz", supply_hz)?;
    let must = "between 0 and the supply frequency";
    let slip_hz = check::between("slip frequency in Hz", slip_hz, 0.0, supply_hz, must)?;
    let pole_pairs = check::positive("number of pole pairs", f64::from(pole_pairs))?;
    check::result("speed", 60.0 * (supply_hz - slip_hz) / pole_pairs)
}

/// Hydraulic power (pump power output) in W, `ρ g Q H`.
/// Source: reference section 2 (tag C2, S19 S37).
///
/// # Errors
/// [`Error::Value`] for a non-finite flow or head, or a density or gravity not above zero.
pub fn hydraulic_power_w(
    density_kg_m3: f64,
    gravity_m_s2: f64,
    flow_m3_s: f64,
    head_m: f64,
) -> Result<f64, Error> {
    let density_kg_m3 = check::positive("density in kg/m³", density_kg_m3)?;
    let gravity_m_s2 = check::positive("gravity in m/s²", gravity_m_s2)?;
    let flow_m3_s = check::finite("flow in m³/s", flow_m3_s)?;
    let head_m = check::finite("head in m", head_m)?;
    let power_w = density_kg_m3 * gravity_m_s2 * flow_m3_s * head_m;
    check::result("hydraulic power", power_w)
}

/// Efficiency as a fraction: hydraulic power over absorbed power. With shaft power it is the
/// pump's, with the electrical input at the motor leads the unit's.
/// Source: reference section 2 (tags C2 S19, C1 S38).
///
/// # Errors
/// [`Error::Value`] for a non-finite hydraulic power or an absorbed power not above zero.
pub fn efficiency(hydraulic_power_w: f64, absorbed_power_w: f64) -> Result<f64, Error> {
    let hydraulic_power_w = check::finite("hydraulic power in W", hydraulic_power_w)?;
    let absorbed_power_w = check::positive("absorbed power in W", absorbed_power_w)?;
    check::result("efficiency", hydraulic_power_w / absorbed_power_w)
}

/// Resistance in Ω of copper at `temperature_c` from its resistance at `reference_c`:
/// `R (235 + t)/(235 + t_ref)`. Source: reference 1.6 (tag C2, S-1032).
///
/// # Errors
/// [`Error::Value`] for a negative resistance or a temperature outside −100 to 300 °C.
pub fn copper_resistance_ohm(
    resistance_ohm: f64,
    reference_c: f64,
    temperature_c: f64,
) -> Result<f64, Error> {
    let resistance_ohm = check::not_negative("resistance in Ω", resistance_ohm)?;
    let must = "between -100 and 300";
    let reference_c = check::between(
        "reference temperature in °C",
        reference_c,
        -100.0,
        300.0,
        must,
    )?;
    let temperature_c = check::between(
        "conductor temperature in °C",
        temperature_c,
        -100.0,
        300.0,
        must,
    )?;
    let ratio = (COPPER_CONSTANT_C + temperature_c) / (COPPER_CONSTANT_C + reference_c);
    check::result("resistance", resistance_ohm * ratio)
}

/// Slip as a fraction of the synchronous speed, `s = (n_s − n)/n_s` with `n_s = 60 f/p`.
/// Source: reference 1.6 "slip" (tag M+).
///
/// # Errors
/// [`Error::Value`] for a frequency or pole-pair count not above zero or a speed that is
/// not finite.
///
/// ```
/// // Worked example E11: 2868 r/min at 50 Hz with one pole pair.
/// let slip = dutypoint_hydraulics::power::slip(50.0, 2868.0, 1)?;
/// assert!((slip - 0.0440).abs() < 1e-12);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn slip(supply_hz: f64, speed_rpm: f64, pole_pairs: u32) -> Result<f64, Error> {
    let supply_hz = check::positive("supply frequency in Hz", supply_hz)?;
    let speed_rpm = check::finite("speed in r/min", speed_rpm)?;
    let pole_pairs = check::positive("number of pole pairs", f64::from(pole_pairs))?;
    let synchronous_rpm = check::result("synchronous speed", 60.0 * supply_hz / pole_pairs)?;
    check::result("slip", (synchronous_rpm - speed_rpm) / synchronous_rpm)
}

/// Power factor of a balanced three-phase load, `P/(√3 U I)` with the line voltage U and
/// the line current I. Source: the definition of apparent power.
///
/// # Errors
/// [`Error::Value`] for a power that is not finite or a voltage or current not above zero.
pub fn three_phase_power_factor(
    power_w: f64,
    line_voltage_v: f64,
    line_current_a: f64,
) -> Result<f64, Error> {
    let power_w = check::finite("power in W", power_w)?;
    let voltage_v = check::positive("line voltage in V", line_voltage_v)?;
    let current_a = check::positive("line current in A", line_current_a)?;
    let apparent_va = 3.0_f64.sqrt() * voltage_v * current_a;
    check::result("power factor", power_w / apparent_va)
}

/// Voltage unbalance in %: the negative over the positive sequence of three line-to-line
/// voltages, found from their magnitudes alone, since line voltages sum to zero.
///
/// With `b = (a⁴ + b⁴ + c⁴)/(a² + b² + c²)²` it is `100 √((1 − √(3 − 6b))/(1 + √(3 − 6b)))`.
/// Source: symmetrical components (Fortescue); the closed form is ours to check (D), and
/// the test holds it against phasors.
///
/// # Errors
/// [`Error::Value`] for a voltage not above zero, [`Error::NotFinite`] for voltages that
/// form no triangle.
pub fn voltage_unbalance_pct(line_v: [f64; 3]) -> Result<f64, Error> {
    let (mut squares, mut fourths) = (0.0, 0.0);
    // Relative to the first, so that no fourth power overflows.
    let first = check::positive("line voltage in V", line_v[0])?;
    for voltage in line_v {
        let relative = check::positive("line voltage in V", voltage)? / first;
        squares += relative * relative;
        fourths += relative * relative * relative * relative;
    }
    let root = (3.0 - 6.0 * fourths / (squares * squares)).sqrt();
    // Rounding may lift the root of three equal voltages above one.
    let negative = (1.0 - root).max(0.0);
    check::result(
        "voltage unbalance",
        100.0 * (negative / (1.0 + root)).sqrt(),
    )
}

/// A copper cable, or the part of it whose loss is to be removed (beyond the length the
/// guarantee includes, 5 m in GB/T 12785).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cable {
    /// Length, m.
    pub length_m: f64,
    /// Cross-section of one core, mm².
    pub core_area_mm2: f64,
    /// Resistivity at 20 °C, Ω mm²/m (0.01786 for ordinary copper).
    pub resistivity_20c_ohm_mm2_m: f64,
    /// Conductor temperature during the reading, °C.
    pub temperature_c: f64,
}

impl Cable {
    /// Resistance in Ω of one core at the conductor temperature.
    ///
    /// # Errors
    /// [`Error::Value`] for a negative length or resistivity, an area not above zero or a
    /// temperature outside −100 to 300 °C.
    pub fn core_resistance_ohm(&self) -> Result<f64, Error> {
        let length_m = check::not_negative("cable length in m", self.length_m)?;
        let area_mm2 = check::positive("core area in mm²", self.core_area_mm2)?;
        let resistivity =
            check::not_negative("resistivity in Ω mm²/m", self.resistivity_20c_ohm_mm2_m)?;
        let at_20c_ohm = check::result("cable resistance", resistivity * length_m / area_mm2)?;
        copper_resistance_ohm(at_20c_ohm, 20.0, self.temperature_c)
    }
}

/// Loss in W of a three-phase cable, `3 I² R`, R of one core. Source: reference 1.6 (tag M+).
///
/// # Errors
/// [`Error::Value`] for a negative or non-finite current or resistance.
///
/// ```
/// use dutypoint_hydraulics::power::{Cable, three_phase_cable_loss_w};
/// let cable = Cable { length_m: 45.0, core_area_mm2: 10.0,
///     resistivity_20c_ohm_mm2_m: 0.01786, temperature_c: 30.0 };
/// let loss_w = three_phase_cable_loss_w(31.20, cable.core_resistance_ohm()?)?;
/// assert!((loss_w - 243.91).abs() < 5e-3);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn three_phase_cable_loss_w(current_a: f64, core_resistance_ohm: f64) -> Result<f64, Error> {
    let current_a = check::not_negative("current in A", current_a)?;
    let resistance_ohm = check::not_negative("core resistance in Ω", core_resistance_ohm)?;
    check::result("cable loss", 3.0 * current_a * current_a * resistance_ohm)
}

/// Drop of the line-to-line voltage in V along the cable, `√3 I R cosφ`.
///
/// An approximation: the drop per phase is taken as the in-phase part of `I R`, and the
/// cable's reactance and the angle between the two ends are left out; together they stay
/// below the voltmeter's class for the cores used with submersible pumps.
/// Source: reference 1.6 "voltage at motor = measured − drop" (tag M+), the form is ours (D).
///
/// # Errors
/// [`Error::Value`] for a negative current or resistance, or cosφ outside 0 to 1.
pub fn line_voltage_drop_v(
    current_a: f64,
    core_resistance_ohm: f64,
    power_factor: f64,
) -> Result<f64, Error> {
    let current_a = check::not_negative("current in A", current_a)?;
    let resistance_ohm = check::not_negative("core resistance in Ω", core_resistance_ohm)?;
    let must = "between 0 and 1";
    let power_factor = check::between("power factor", power_factor, 0.0, 1.0, must)?;
    let drop_v = 3.0_f64.sqrt() * current_a * resistance_ohm * power_factor;
    check::result("voltage drop", drop_v)
}
