//! What an instrument shows that is played alone, without a bench around it.
//!
//! Contract: one steady value for every register that can be read and is not there only to
//! qualify another; it is plausible for its unit where the register can hold that, and comes
//! back through the product's decoder within the last digit of the register. The values are
//! the simulator's own.

use crate::encode::fill;
use dutypoint_engine::decode::indicated;
use dutypoint_fieldbus::{InstrumentProfile, Reading, Register, reading};
use dutypoint_model::document::{Encoding, Scale};
use dutypoint_model::{Quantity, Unit};

/// Decimals an instrument is set to whose map has a register for them.
pub(crate) const PLAYED_DECIMALS: u16 = 1;
/// How often a value is made ten times smaller until its register holds it.
const SHRINKS: u32 = 8;

/// One value of a profile that is played.
#[derive(Clone, Debug, PartialEq)]
pub struct Played {
    /// Register of the profile.
    pub register: String,
    /// Repetition, counted from 0.
    pub index: u16,
    /// How it is read.
    pub reading: Reading,
    /// What the instrument shows, in the unit of the reading.
    pub value: f64,
    /// By how much the register may differ from it: half of its last digit, or the
    /// rounding of its float.
    pub resolution: f64,
}

/// What an instrument of `profile` shows that is played alone.
#[must_use]
pub fn played(profile: &InstrumentProfile) -> Vec<Played> {
    let helps = |register: &Register| {
        let mut all = profile.register.iter();
        all.any(|r| r.needs().any(|(_, name)| name == register.name))
    };
    let mut all = Vec::new();
    for register in &profile.register {
        if !register.readable || register.alias_of.is_some() || helps(register) {
            continue;
        }
        for index in 0..register.repeat {
            let Ok(reading) = reading(profile, register, index) else {
                continue;
            };
            let wanted = identity(profile, register).unwrap_or_else(|| plausible(reading.unit));
            let (value, resolution) = fitting(wanted, &reading);
            all.push(Played {
                register: register.name.clone(),
                index,
                reading,
                value,
                resolution,
            });
        }
    }
    all
}

/// What the register holds that tells the instrument from others.
fn identity(profile: &InstrumentProfile, register: &Register) -> Option<f64> {
    let mut all = profile.identity.iter();
    let identity = all.find(|i| i.register.as_deref() == Some(&register.name))?;
    let middle = identity.between.map(|[low, high]| (low + high) / 2.0);
    identity
        .equals
        .or(middle.filter(|_| register.unit != Some(Unit::Hertz)))
}

/// What a bench of medium size would show.
fn plausible(unit: Unit) -> f64 {
    unit.from_internal(match unit.quantity() {
        Quantity::Flow => 32.0 / 3600.0,
        Quantity::Pressure => 5e5,
        Quantity::Length => 4.0,
        Quantity::Power => 15e3,
        Quantity::Frequency => 50.0,
        Quantity::Speed => 2870.0,
        Quantity::Voltage => 380.0,
        Quantity::Current => 30.0,
        Quantity::Temperature => 18.0,
        Quantity::Ratio => 0.8,
        Quantity::Torque => 50.0,
        Quantity::Volume => 120.0,
        Quantity::Velocity => 1.8,
        Quantity::MassFlow => 9.0,
        Quantity::Density => 998.6,
        Quantity::Energy => 3.6e8,
        Quantity::ApparentPower => 18e3,
        Quantity::ReactivePower => 9e3,
        Quantity::Resistance => 0.3,
        Quantity::Conductivity => 0.05,
        Quantity::Time => 3600.0,
        Quantity::SoundLevel => 75.0,
    })
}

/// The value nearest to `wanted`, made smaller by tens where need be, that the register
/// holds, and how near the register comes to it.
fn fitting(wanted: f64, reading: &Reading) -> (f64, f64) {
    let encoding = &reading.encoding;
    let shown = |value: f64| {
        let mut words = vec![0; usize::from(reading.count)];
        fill(value, encoding, PLAYED_DECIMALS, &mut words);
        indicated(encoding, &words).ok()
    };
    if let Some(code) = encoding.codes.first() {
        #[expect(clippy::cast_precision_loss, reason = "codes are small")]
        let code = code.code as f64;
        // A code is itself, whatever stands beside it.
        return (shown(code).unwrap_or(code), 0.0);
    }
    let mut value = wanted;
    for _ in 0..SHRINKS {
        let step = resolution(encoding, value);
        if value.abs() >= step && shown(value).is_some_and(|back| (back - value).abs() <= step) {
            return (value, step);
        }
        value /= 10.0;
    }
    // Registers of a bit or a few, or with a span of their own: what a middle reads as.
    let value = shown(1.0).unwrap_or(0.0);
    (value, resolution(encoding, value))
}

/// Half of the last digit.
fn resolution(encoding: &Encoding, value: f64) -> f64 {
    // 24 bits of a single, and the rounding of the conversions.
    let rounding = value.abs() * 1.2e-7;
    if encoding.kind.is_float() && encoding.fraction.is_none() {
        return rounding;
    }
    let digit = match &encoding.scale {
        Scale::Linear { factor, .. } => factor.abs(),
        Scale::Span {
            raw_low,
            raw_high,
            low,
            high,
        } => ((high - low) / (raw_high - raw_low)).abs(),
        Scale::Power {
            decimals,
            bias,
            factor,
            ..
        } => {
            let power = if *decimals {
                f64::from(*bias) - f64::from(PLAYED_DECIMALS)
            } else {
                f64::from((-i16::from(*bias) - 1).max(0)) + f64::from(*bias)
            };
            factor.abs() * libm::pow(10.0, power)
        }
    };
    let digit = match &encoding.fraction {
        Some(fraction) if !fraction.field.kind.is_float() => digit * fraction.factor.abs(),
        Some(_) => 0.0,
        None => digit,
    };
    digit * 0.5 + rounding
}
