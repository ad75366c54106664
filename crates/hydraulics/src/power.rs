//! Power, efficiency, slip speed, and the removal of cable losses from a measured input.
//! How shaft power is found from a motor's input is in [`crate::motor`].

use crate::{Error, check};

/// What a winding or cable is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conductor {
    /// Copper.
    Copper,
    /// Aluminium.
    Aluminium,
}

impl Conductor {
    /// Reciprocal of the temperature coefficient of resistance at 0 °C, in °C: the K of
    /// `R (K + t)/(K + t₀)`. Source: reference 1.6 and 6.1 (tag C2, S-1032).
    #[must_use]
    pub fn constant_c(self) -> f64 {
        match self {
            Self::Copper => 235.0,
            Self::Aluminium => 225.0,
        }
    }
}

/// How many cores of a cable carry the current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadedCores {
    /// Single phase: out and back.
    Two,
    /// Three phases.
    Three,
}

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
/// [`Error::Value`] for a negative flow, a non-finite head, or a density or gravity not
/// above zero.
pub fn hydraulic_power_w(
    density_kg_m3: f64,
    gravity_m_s2: f64,
    flow_m3_s: f64,
    head_m: f64,
) -> Result<f64, Error> {
    let density_kg_m3 = check::positive("density in kg/m³", density_kg_m3)?;
    let gravity_m_s2 = check::positive("gravity in m/s²", gravity_m_s2)?;
    let flow_m3_s = check::not_negative("flow in m³/s", flow_m3_s)?;
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

/// An efficiency that a machine can have: refuses what is below 0 or above 1.
///
/// [`efficiency`] itself reports what the readings say, since a point that is impossible is
/// evidence of a wrong channel and must stay visible; a result goes through this gate.
///
/// # Errors
/// [`Error::Value`] outside 0 to 1.
pub fn possible_efficiency(quantity: &'static str, efficiency: f64) -> Result<f64, Error> {
    let must = "between 0 and 1 (100 %)";
    check::between(quantity, efficiency, 0.0, 1.0, must)
}

/// Shaft power in W from torque and speed, `2 π n T`. Source: reference section 2 (tag M3).
///
/// # Errors
/// [`Error::Value`] for a non-finite torque or a speed not above zero.
///
/// ```
/// // 60 N m at 2900 r/min: 2 π · 48.3333 · 60.
/// let power_w = dutypoint_hydraulics::power::shaft_power_from_torque_w(60.0, 2900.0)?;
/// assert!((power_w - 18_221.237_390_820_8).abs() < 1e-8);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn shaft_power_from_torque_w(torque_nm: f64, speed_rpm: f64) -> Result<f64, Error> {
    let torque_nm = check::finite("torque in N m", torque_nm)?;
    let speed_rpm = check::positive("speed in r/min", speed_rpm)?;
    let power_w = 2.0 * core::f64::consts::PI * (speed_rpm / 60.0) * torque_nm;
    check::result("shaft power", power_w)
}

/// Resistance in Ω of a conductor at `temperature_c` from its resistance at `reference_c`:
/// `R (K + t)/(K + t_ref)`. Source: reference 1.6 (tag C2, S-1032).
///
/// # Errors
/// [`Error::Value`] for a negative resistance or a temperature outside −100 to 300 °C.
///
/// ```
/// use dutypoint_hydraulics::power::{Conductor, resistance_ohm};
/// // Worked example E13.
/// let at_75 = resistance_ohm(0.5120, 19.0, 75.0, Conductor::Copper)?;
/// assert!((at_75 - 0.624882).abs() < 5e-7);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn resistance_ohm(
    resistance_ohm: f64,
    reference_c: f64,
    temperature_c: f64,
    conductor: Conductor,
) -> Result<f64, Error> {
    let resistance_ohm = check::not_negative("resistance in Ω", resistance_ohm)?;
    let must = "between -100 and 300";
    let between = |quantity, value| check::between(quantity, value, -100.0, 300.0, must);
    let reference_c = between("reference temperature in °C", reference_c)?;
    let temperature_c = between("conductor temperature in °C", temperature_c)?;
    let constant_c = conductor.constant_c();
    let ratio = (constant_c + temperature_c) / (constant_c + reference_c);
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

/// A cable, or the part of it whose loss is to be removed (beyond the length the guarantee
/// includes: [`excess_length_m`]).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cable {
    /// Length, m.
    pub length_m: f64,
    /// Cross-section of one core, mm².
    pub core_area_mm2: f64,
    /// Resistivity at 20 °C, Ω mm²/m (0.01786 for ordinary copper).
    pub resistivity_20c_ohm_mm2_m: f64,
    /// What the cores are made of, for the effect of temperature.
    pub conductor: Conductor,
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
        resistance_ohm(at_20c_ohm, 20.0, self.temperature_c, self.conductor)
    }
}

/// Length in m of a lead that lies beyond what the motor's guarantee includes; 0 for a
/// shorter one. Source: GB/T 12785 guarantee conditions (reference 1.2, tag C1 S-BJ); the
/// included length is the pack's.
///
/// # Errors
/// [`Error::Value`] for a negative length.
pub fn excess_length_m(total_m: f64, included_m: f64) -> Result<f64, Error> {
    let total_m = check::not_negative("cable length in m", total_m)?;
    let included_m = check::not_negative("cable length the guarantee includes in m", included_m)?;
    Ok((total_m - included_m).max(0.0))
}

/// Loss in W of a cable, `3 I² R` with three loaded cores and `2 I² R` with two, R of one
/// core. Source: reference 1.6 (tag M+); two cores by the same argument (D).
///
/// # Errors
/// [`Error::Value`] for a negative or non-finite current or resistance.
///
/// ```
/// use dutypoint_hydraulics::power::{Cable, Conductor, LoadedCores, cable_loss_w};
/// let cable = Cable { length_m: 45.0, core_area_mm2: 10.0, conductor: Conductor::Copper,
///     resistivity_20c_ohm_mm2_m: 0.01786, temperature_c: 30.0 };
/// let loss_w = cable_loss_w(31.20, cable.core_resistance_ohm()?, LoadedCores::Three)?;
/// assert!((loss_w - 243.91).abs() < 5e-3);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn cable_loss_w(
    current_a: f64,
    core_resistance_ohm: f64,
    cores: LoadedCores,
) -> Result<f64, Error> {
    let current_a = check::not_negative("current in A", current_a)?;
    let resistance_ohm = check::not_negative("core resistance in Ω", core_resistance_ohm)?;
    let cores = match cores {
        LoadedCores::Two => 2.0,
        LoadedCores::Three => 3.0,
    };
    check::result("cable loss", cores * current_a * current_a * resistance_ohm)
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
