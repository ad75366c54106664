//! Quantities and the units they are measured, typed and printed in.

use crate::{Bilingual, Error};
use serde::{Deserialize, Serialize, de};
use std::fmt;
use std::str::FromStr;

/// What a number is about. Values inside the program are always in the SI unit of
/// their quantity, except speed (r/min) and temperature (°C), which no formula of
/// the standards uses in SI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Rate of flow, m³/s.
    Flow,
    /// Pressure, Pa, gauge unless said otherwise.
    Pressure,
    /// Length, height, level or head, m.
    Length,
    /// Power, W.
    Power,
    /// Frequency, Hz.
    Frequency,
    /// Speed of rotation, r/min.
    Speed,
    /// Voltage, V.
    Voltage,
    /// Electric current, A.
    Current,
    /// Temperature, °C.
    Temperature,
    /// A ratio: efficiency, power factor, opening, relative humidity.
    Ratio,
    /// Torque, N·m.
    Torque,
    /// Volume, m³.
    Volume,
    /// Velocity, m/s; of vibration too.
    Velocity,
    /// Mass flow, kg/s.
    MassFlow,
    /// Mass in a volume, kg/m³.
    Density,
    /// Energy, J.
    Energy,
    /// Apparent power, VA.
    ApparentPower,
    /// Reactive power, var.
    ReactivePower,
    /// Electric resistance, Ω.
    Resistance,
    /// Electric conductivity, S/m.
    Conductivity,
    /// Time, s.
    Time,
    /// Level of a sound, dB.
    SoundLevel,
}

impl Quantity {
    /// Unit and decimals people read the quantity with on a screen.
    #[must_use]
    pub fn shown_in(self) -> (Unit, usize) {
        match self {
            Self::Flow => (Unit::CubicMetrePerHour, 2),
            Self::Pressure => (Unit::Kilopascal, 1),
            Self::Length => (Unit::Metre, 2),
            Self::Power => (Unit::Kilowatt, 2),
            Self::Frequency => (Unit::Hertz, 2),
            Self::Speed => (Unit::RevolutionPerMinute, 0),
            Self::Voltage => (Unit::Volt, 1),
            Self::Current => (Unit::Ampere, 2),
            Self::Temperature => (Unit::DegreeCelsius, 1),
            Self::Ratio => (Unit::Percent, 1),
            Self::Torque => (Unit::NewtonMetre, 1),
            Self::Volume => (Unit::CubicMetre, 3),
            Self::Velocity => (Unit::MillimetrePerSecond, 2),
            Self::MassFlow => (Unit::KilogramPerSecond, 3),
            Self::Density => (Unit::KilogramPerCubicMetre, 2),
            Self::Energy => (Unit::KilowattHour, 2),
            Self::ApparentPower => (Unit::KilovoltAmpere, 2),
            Self::ReactivePower => (Unit::Kilovar, 2),
            Self::Resistance => (Unit::Ohm, 3),
            Self::Conductivity => (Unit::SiemensPerMetre, 4),
            Self::Time => (Unit::Second, 1),
            Self::SoundLevel => (Unit::Decibel, 1),
        }
    }
}

/// A unit of measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// m³/s
    CubicMetrePerSecond,
    /// m³/h
    CubicMetrePerHour,
    /// L/s
    LitrePerSecond,
    /// L/min
    LitrePerMinute,
    /// Pa
    Pascal,
    /// kPa
    Kilopascal,
    /// MPa
    Megapascal,
    /// bar
    Bar,
    /// kgf/cm²
    KilogramForcePerSquareCentimetre,
    /// mmHg
    MillimetreOfMercury,
    /// m
    Metre,
    /// cm
    Centimetre,
    /// mm
    Millimetre,
    /// in
    Inch,
    /// W
    Watt,
    /// kW
    Kilowatt,
    /// hp (metric horsepower is not meant: 745.699 872 W)
    Horsepower,
    /// Hz
    Hertz,
    /// r/min
    RevolutionPerMinute,
    /// V
    Volt,
    /// A
    Ampere,
    /// °C
    DegreeCelsius,
    /// K
    Kelvin,
    /// %
    Percent,
    /// one
    One,
    /// µm
    Micrometre,
    /// mA
    Milliampere,
    /// N·m
    NewtonMetre,
    /// m³
    CubicMetre,
    /// L
    Litre,
    /// mm³
    CubicMillimetre,
    /// m/s
    MetrePerSecond,
    /// mm/s
    MillimetrePerSecond,
    /// in/s
    InchPerSecond,
    /// kg/s
    KilogramPerSecond,
    /// kg/m³
    KilogramPerCubicMetre,
    /// g/m³
    GramPerCubicMetre,
    /// Wh
    WattHour,
    /// kWh
    KilowattHour,
    /// VA
    VoltAmpere,
    /// kVA
    KilovoltAmpere,
    /// var
    Var,
    /// kvar
    Kilovar,
    /// Ω
    Ohm,
    /// kΩ
    Kiloohm,
    /// S/m
    SiemensPerMetre,
    /// s
    Second,
    /// ms
    Millisecond,
    /// dB, by the weighting the meter is set to
    Decibel,
}

use Unit as U;

/// Symbol, other accepted spellings, quantity, factor to the internal unit.
const TABLE: &[(Unit, &str, &[&str], Quantity, f64)] = &[
    (
        U::CubicMetrePerSecond,
        "m3/s",
        &["m³/s"],
        Quantity::Flow,
        1.0,
    ),
    (
        U::CubicMetrePerHour,
        "m3/h",
        &["m³/h"],
        Quantity::Flow,
        1.0 / 3600.0,
    ),
    (U::LitrePerSecond, "L/s", &["l/s"], Quantity::Flow, 1e-3),
    (
        U::LitrePerMinute,
        "L/min",
        &["l/min"],
        Quantity::Flow,
        1e-3 / 60.0,
    ),
    (U::Pascal, "Pa", &[], Quantity::Pressure, 1.0),
    (
        U::Kilopascal,
        "kPa",
        &["KPa", "Kpa"],
        Quantity::Pressure,
        1e3,
    ),
    (U::Megapascal, "MPa", &["Mpa"], Quantity::Pressure, 1e6),
    (U::Bar, "bar", &[], Quantity::Pressure, 1e5),
    // 9.80665 N on 1 cm².
    (
        U::KilogramForcePerSquareCentimetre,
        "kgf/cm2",
        &["kgf/cm²"],
        Quantity::Pressure,
        98066.5,
    ),
    // The rounded factor used in pump reports (reference data pump_lmv311_unit_b).
    (
        U::MillimetreOfMercury,
        "mmHg",
        &[],
        Quantity::Pressure,
        133.322,
    ),
    (U::Metre, "m", &[], Quantity::Length, 1.0),
    (U::Centimetre, "cm", &[], Quantity::Length, 1e-2),
    (U::Millimetre, "mm", &[], Quantity::Length, 1e-3),
    (U::Inch, "in", &[], Quantity::Length, 0.0254),
    (U::Watt, "W", &[], Quantity::Power, 1.0),
    (U::Kilowatt, "kW", &["KW", "Kw"], Quantity::Power, 1e3),
    (
        U::Horsepower,
        "hp",
        &[],
        Quantity::Power,
        745.699_871_582_270_2,
    ),
    (U::Hertz, "Hz", &[], Quantity::Frequency, 1.0),
    (
        U::RevolutionPerMinute,
        "r/min",
        &["rpm", "RPM", "转/分"],
        Quantity::Speed,
        1.0,
    ),
    (U::Volt, "V", &[], Quantity::Voltage, 1.0),
    (U::Ampere, "A", &[], Quantity::Current, 1.0),
    (
        U::DegreeCelsius,
        "degC",
        &["°C", "℃"],
        Quantity::Temperature,
        1.0,
    ),
    (U::Kelvin, "K", &[], Quantity::Temperature, 1.0),
    (U::Percent, "%", &["percent"], Quantity::Ratio, 1e-2),
    (U::One, "1", &["one", ""], Quantity::Ratio, 1.0),
    (U::Micrometre, "um", &["µm", "μm"], Quantity::Length, 1e-6),
    (U::Milliampere, "mA", &[], Quantity::Current, 1e-3),
    (U::NewtonMetre, "N.m", &["N·m", "Nm"], Quantity::Torque, 1.0),
    (U::CubicMetre, "m3", &["m³"], Quantity::Volume, 1.0),
    (U::Litre, "L", &["l"], Quantity::Volume, 1e-3),
    (U::CubicMillimetre, "mm3", &["mm³"], Quantity::Volume, 1e-9),
    (U::MetrePerSecond, "m/s", &[], Quantity::Velocity, 1.0),
    (
        U::MillimetrePerSecond,
        "mm/s",
        &[],
        Quantity::Velocity,
        1e-3,
    ),
    (U::InchPerSecond, "in/s", &[], Quantity::Velocity, 0.0254),
    (U::KilogramPerSecond, "kg/s", &[], Quantity::MassFlow, 1.0),
    (
        U::KilogramPerCubicMetre,
        "kg/m3",
        &["kg/m³"],
        Quantity::Density,
        1.0,
    ),
    (
        U::GramPerCubicMetre,
        "g/m3",
        &["g/m³"],
        Quantity::Density,
        1e-3,
    ),
    (U::WattHour, "Wh", &[], Quantity::Energy, 3600.0),
    (U::KilowattHour, "kWh", &["KWh"], Quantity::Energy, 3.6e6),
    (U::VoltAmpere, "VA", &[], Quantity::ApparentPower, 1.0),
    (
        U::KilovoltAmpere,
        "kVA",
        &["KVA"],
        Quantity::ApparentPower,
        1e3,
    ),
    (U::Var, "var", &["Var"], Quantity::ReactivePower, 1.0),
    (
        U::Kilovar,
        "kvar",
        &["kVar", "KVar"],
        Quantity::ReactivePower,
        1e3,
    ),
    (U::Ohm, "ohm", &["Ω", "Ohm"], Quantity::Resistance, 1.0),
    (U::Kiloohm, "kohm", &["kΩ"], Quantity::Resistance, 1e3),
    (U::SiemensPerMetre, "S/m", &[], Quantity::Conductivity, 1.0),
    (U::Second, "s", &[], Quantity::Time, 1.0),
    (U::Millisecond, "ms", &[], Quantity::Time, 1e-3),
    (
        U::Decibel,
        "dB",
        &["dB(A)", "dBA"],
        Quantity::SoundLevel,
        1.0,
    ),
];

impl Unit {
    fn row(self) -> &'static (Self, &'static str, &'static [&'static str], Quantity, f64) {
        // Every unit has its row, in the order of the type; the test below holds that, so
        // the fallback is dead.
        TABLE.get(self as usize).unwrap_or(&TABLE[0])
    }

    /// The symbol written in files: ASCII, as in `m3/h`.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        self.row().1
    }

    /// The symbol printed for people, as in `m³/h`.
    #[must_use]
    pub fn printed(self) -> &'static str {
        match self {
            Self::CubicMetrePerSecond => "m³/s",
            Self::CubicMetrePerHour => "m³/h",
            Self::KilogramForcePerSquareCentimetre => "kgf/cm²",
            Self::DegreeCelsius => "°C",
            Self::One => "",
            Self::Micrometre => "µm",
            Self::NewtonMetre => "N·m",
            Self::CubicMetre => "m³",
            Self::CubicMillimetre => "mm³",
            Self::KilogramPerCubicMetre => "kg/m³",
            Self::GramPerCubicMetre => "g/m³",
            Self::Ohm => "Ω",
            Self::Kiloohm => "kΩ",
            _ => self.symbol(),
        }
    }

    /// The quantity the unit measures.
    #[must_use]
    pub fn quantity(self) -> Quantity {
        self.row().3
    }

    /// `value` of this unit in the internal unit of its quantity.
    ///
    /// ```
    /// use dutypoint_model::Unit;
    /// assert_eq!(Unit::Kilopascal.to_internal(480.0), 480_000.0);
    /// ```
    #[must_use]
    pub fn to_internal(self, value: f64) -> f64 {
        self.conversion().of(value)
    }

    /// What [`Self::to_internal`] does, for whoever does it often.
    #[must_use]
    pub fn conversion(self) -> Conversion {
        match self {
            Self::Kelvin => Conversion::Less(273.15),
            // Dividing is exact where the factor 1/3600 is not.
            Self::CubicMetrePerHour => Conversion::Over(3600.0),
            _ => Conversion::Times(self.row().4),
        }
    }

    /// `value` in the internal unit expressed in this unit.
    #[must_use]
    pub fn from_internal(self, value: f64) -> f64 {
        match self {
            Self::Kelvin => value + 273.15,
            Self::CubicMetrePerHour => value * 3600.0,
            _ => value / self.row().4,
        }
    }

    /// Every unit of `quantity`, for messages that list what may be written.
    pub fn of(quantity: Quantity) -> impl Iterator<Item = Self> {
        TABLE
            .iter()
            .filter(move |row| row.3 == quantity)
            .map(|row| row.0)
    }
}

/// How a number in some unit becomes one in the internal unit of its quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Conversion {
    /// Multiplied by this.
    Times(f64),
    /// Divided by this.
    Over(f64),
    /// This taken off.
    Less(f64),
}

impl Conversion {
    /// The number in the internal unit.
    #[inline]
    #[must_use]
    pub fn of(self, value: f64) -> f64 {
        match self {
            Self::Times(factor) => value * factor,
            Self::Over(divisor) => value / divisor,
            Self::Less(zero) => value - zero,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

impl FromStr for Unit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wanted = text.trim();
        if let Some(row) = TABLE
            .iter()
            .find(|row| row.1 == wanted || row.2.contains(&wanted))
        {
            return Ok(row.0);
        }
        let symbols = TABLE.iter().map(|row| row.1);
        let hint = match crate::toml_text::nearest(wanted, symbols.clone()) {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("known units: {}", symbols.collect::<Vec<_>>().join(", ")),
        };
        Err(Error::Unit {
            found: wanted.to_owned(),
            hint,
        })
    }
}

impl Serialize for Unit {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.symbol())
    }
}

impl<'de> Deserialize<'de> for Unit {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl Quantity {
    /// The name printed for people.
    #[must_use]
    pub fn text(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Flow => ("流量", "flow"),
            Self::Pressure => ("压力", "pressure"),
            Self::Length => ("长度", "length"),
            Self::Power => ("功率", "power"),
            Self::Frequency => ("频率", "frequency"),
            Self::Speed => ("转速", "speed"),
            Self::Voltage => ("电压", "voltage"),
            Self::Current => ("电流", "current"),
            Self::Temperature => ("温度", "temperature"),
            Self::Ratio => ("比值", "ratio"),
            Self::Torque => ("转矩", "torque"),
            Self::Volume => ("体积", "volume"),
            Self::Velocity => ("速度", "velocity"),
            Self::MassFlow => ("质量流量", "mass flow"),
            Self::Density => ("密度", "density"),
            Self::Energy => ("能量", "energy"),
            Self::ApparentPower => ("视在功率", "apparent power"),
            Self::ReactivePower => ("无功功率", "reactive power"),
            Self::Resistance => ("电阻", "resistance"),
            Self::Conductivity => ("电导率", "conductivity"),
            Self::Time => ("时间", "time"),
            Self::SoundLevel => ("声级", "sound level"),
        };
        Bilingual::new(zh, en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_of_the_factory_test() {
        // Reference data pump_lmv311_unit_b: 1 kgf/cm² = 98066.5 Pa, 1 mmHg = 133.322 Pa.
        assert_eq!(
            Unit::KilogramForcePerSquareCentimetre.to_internal(28.0),
            2_745_862.0
        );
        assert!((Unit::MillimetreOfMercury.to_internal(200.0) - 26_664.4).abs() < 1e-9);
        assert_eq!(Unit::CubicMetrePerHour.to_internal(36.0), 0.01);
        assert_eq!(Unit::Kelvin.to_internal(293.15), 20.0);
        // By definition: 1 kWh = 3.6 MJ, 1 in/s = 25.4 mm/s.
        assert_eq!(Unit::KilowattHour.to_internal(1.0), 3_600_000.0);
        assert_eq!(Unit::InchPerSecond.to_internal(10.0), 0.254);
    }

    #[test]
    fn every_spelling_is_read_back_and_converts_both_ways() {
        for (unit, symbol, aliases, quantity, _) in TABLE {
            for spelling in std::iter::once(symbol).chain(*aliases) {
                assert_eq!(spelling.parse::<Unit>().unwrap(), *unit);
            }
            assert_eq!(unit.symbol(), *symbol);
            assert_eq!(unit.quantity(), *quantity);
            let back = unit.from_internal(unit.to_internal(12.5));
            assert!((back - 12.5).abs() < 1e-12, "{symbol}: {back}");
        }
    }

    #[test]
    fn an_unknown_unit_names_the_nearest() {
        let error = "m3/hr".parse::<Unit>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "failed to read unit \"m3/hr\": did you mean \"m3/h\"?"
        );
    }
}
