//! Lead cables and the speed of sealed motors.

use super::{Calc, Packs, Refusal, pack, refuse};
use dutypoint_hydraulics::power::{self, Cable, Conductor, LoadedCores};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Metal of a conductor.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ConductorInput {
    #[default]
    Copper,
    Aluminium,
}

impl From<ConductorInput> for Conductor {
    fn from(input: ConductorInput) -> Self {
        match input {
            ConductorInput::Copper => Self::Copper,
            ConductorInput::Aluminium => Self::Aluminium,
        }
    }
}

/// Cores that carry the current.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CoresInput {
    Two,
    Three,
}

/// A lead cable while it carries a current.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CableInput {
    /// Whole length from panel to motor, m.
    length_m: f64,
    /// Length the guarantee includes, m.
    included_m: Option<f64>,
    /// Pack with the length included, in place of it.
    pack: Option<String>,
    /// Area of one core, mm².
    core_area_mm2: f64,
    /// Resistivity at 20 °C, Ω mm²/m.
    resistivity_20c_ohm_mm2_m: f64,
    /// Metal of the cores; without it copper.
    #[serde(default)]
    conductor: ConductorInput,
    /// Cores that carry the current: three phases, or out and back.
    cores: CoresInput,
    /// Temperature of the conductor, °C.
    t_c: f64,
    /// Line current, A.
    i_a: f64,
    /// Power factor at the panel, percent, for the drop of the line voltage of three phases.
    cos_phi_pct: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CableOutput {
    /// Length beyond what the guarantee includes, m.
    pub(super) excess_m: f64,
    /// Resistance of one core of it, Ω.
    pub(super) core_resistance_ohm: f64,
    /// Loss in it, W: to be taken off the input measured at the panel.
    pub(super) loss_w: f64,
    /// Drop of the line voltage in it, V.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) voltage_drop_v: Option<f64>,
}

impl CableInput {
    pub(super) fn output(self, packs: &Packs) -> Result<CableOutput, Refusal> {
        let included_m = match (self.included_m, self.pack) {
            (Some(included_m), None) => included_m,
            (None, Some(id)) => pack(packs, &id)?.cable()?.included_m.value,
            _ => {
                return Err(refuse(
                    "请在 included_m 和写明该长度的 pack 中给出一个",
                    "give either included_m or the pack that states it",
                ));
            }
        };
        let excess_m = power::excess_length_m(self.length_m, included_m)?;
        let cable = Cable {
            length_m: excess_m,
            core_area_mm2: self.core_area_mm2,
            resistivity_20c_ohm_mm2_m: self.resistivity_20c_ohm_mm2_m,
            conductor: self.conductor.into(),
            temperature_c: self.t_c,
        };
        let cores = match self.cores {
            CoresInput::Two => LoadedCores::Two,
            CoresInput::Three => LoadedCores::Three,
        };
        let core_resistance_ohm = cable.core_resistance_ohm()?;
        let voltage_drop_v = match (self.cos_phi_pct, cores) {
            (None, _) => None,
            (Some(pct), LoadedCores::Three) => {
                let drop_v =
                    power::line_voltage_drop_v(self.i_a, core_resistance_ohm, pct / 100.0)?;
                Some(drop_v)
            }
            (Some(_), LoadedCores::Two) => {
                return Err(refuse(
                    "请去掉 cos_phi_pct：压降只按三相计算，cores 须为 three",
                    "leave cos_phi_pct out: the voltage drop is that of three phases, cores `three`",
                ));
            }
        };
        Ok(CableOutput {
            excess_m,
            core_resistance_ohm,
            loss_w: power::cable_loss_w(self.i_a, core_resistance_ohm, cores)?,
            voltage_drop_v,
        })
    }
}

pub(super) struct LeadCable;

impl Calc for LeadCable {
    const NAME: &'static str = "cable";
    const ZH: &'static str = "保证条件以外的引出电缆的损耗和压降";
    const EN: &'static str =
        "loss and voltage drop of the lead cable beyond what the guarantee includes";
    const FORMULAS: &'static [&'static str] = &["power.cable-3i2r.v1", "power.cable-2i2r.v1"];
    const SOURCE: &'static str =
        "GB/T 12785-2014 guarantee conditions (reference 1.2, C1; 1.6, M+)";
    const EXAMPLE: &'static str = r#"{"length_m": 50, "pack": "gbt12785-2014", "core_area_mm2": 10, "resistivity_20c_ohm_mm2_m": 0.01786, "cores": "three", "t_c": 30, "i_a": 31.2}"#;
    const SHORT: &'static [(&'static str, &'static str)] = &[("t", "t_c"), ("i", "i_a")];
    type Input = CableInput;
    type Output = CableOutput;

    fn compute(input: CableInput, packs: &Packs) -> Result<CableOutput, Refusal> {
        input.output(packs)
    }
}

pub(super) struct SlipSpeed;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SlipSpeedInput {
    /// Supply frequency, Hz.
    f_hz: f64,
    /// Slip frequency, Hz.
    slip_hz: Option<f64>,
    /// Full periods counted in the coil's signal, in place of the slip frequency.
    periods: Option<u32>,
    /// Time of the count, s.
    time_s: Option<f64>,
    /// Pole pairs.
    pole_pairs: u32,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct SlipSpeedOutput {
    /// Speed of rotation, r/min.
    n_rpm: f64,
    /// Slip, percent.
    slip_pct: f64,
}

impl Calc for SlipSpeed {
    const NAME: &'static str = "slip-speed";
    const ZH: &'static str = "由转差频率（感应线圈）求密封电机转速";
    const EN: &'static str = "speed of a sealed motor from the slip frequency of a stray-flux coil";
    const FORMULAS: &'static [&'static str] = &["speed.slip.v1", "slip.v1"];
    const SOURCE: &'static str = "GB/T 12785-2014, n = 60 (f - N/t)/p (reference 1.6, M+)";
    const EXAMPLE: &'static str = r#"{"f_hz": 50, "periods": 22, "time_s": 10, "pole_pairs": 1}"#;
    const SHORT: &'static [(&'static str, &'static str)] = &[("f", "f_hz"), ("p", "pole_pairs")];
    type Input = SlipSpeedInput;
    type Output = SlipSpeedOutput;

    fn compute(input: SlipSpeedInput, _: &Packs) -> Result<SlipSpeedOutput, Refusal> {
        let slip_hz = match (input.slip_hz, input.periods, input.time_s) {
            (Some(slip_hz), None, None) => slip_hz,
            (None, Some(periods), Some(time_s)) => f64::from(periods) / time_s,
            _ => {
                return Err(refuse(
                    "请给出 slip_hz，或同时给出 periods 和 time_s",
                    "give either slip_hz, or periods and time_s",
                ));
            }
        };
        if slip_hz > input.f_hz {
            return Err(refuse(
                format!(
                    "转差频率 {slip_hz} Hz 超过电源频率 f_hz = {} Hz：应在 0 与电源频率之间；请核对 slip_hz，或 periods 与 time_s",
                    input.f_hz
                ),
                format!(
                    "a slip frequency of {slip_hz} Hz exceeds f_hz = {} Hz: it must be between 0 and the supply frequency; correct slip_hz, or periods and time_s",
                    input.f_hz
                ),
            ));
        }
        let n_rpm = power::speed_from_slip_rpm(input.f_hz, slip_hz, input.pole_pairs)?;
        Ok(SlipSpeedOutput {
            n_rpm,
            slip_pct: 100.0 * power::slip(input.f_hz, n_rpm, input.pole_pairs)?,
        })
    }
}
