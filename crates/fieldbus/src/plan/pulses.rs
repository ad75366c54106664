//! Flow meters that give pulses: a counter's growth, or a frequency, over the K-factor of the
//! calibration.

use crate::Register;
use dutypoint_engine::config::{CalibrationConfig, ChannelConfig, InstrumentConfig};
use dutypoint_model::Unit;
use dutypoint_model::document::{CounterRule, NumberKind, Role, Scale};

/// Whether a channel is made of pulses.
pub(super) fn are(channel: &ChannelConfig) -> bool {
    channel.pulse_frequency || channel.pulse_counter.is_some()
}

/// What one pulse a second is worth in `unit`.
fn worth(
    channel: &ChannelConfig,
    calibration: Option<&CalibrationConfig>,
    unit: Unit,
) -> Result<f64, String> {
    let name = &channel.name;
    if channel.role != Role::Flow || channel.current_loop.is_some() {
        return Err(format!(
            "channel {name:?} is made of pulses, which only a flow meter gives: its role must be flow, and it is no `current_loop`"
        ));
    }
    let Some(k) = calibration.and_then(|c| c.pulses_per_l) else {
        return Err(format!(
            "channel {name:?} is made of pulses and needs the K-factor of its meter: state `pulses_per_l` in its calibration, from the certificate"
        ));
    };
    Ok(unit.from_internal(1e-3) / k)
}

/// The scale of a frequency of pulses: flow = frequency / K.
pub(super) fn frequency(
    instrument: &InstrumentConfig,
    channel: &ChannelConfig,
    register: &Register,
    unit: Unit,
) -> Result<Scale, String> {
    let (name, called) = (&channel.name, &register.name);
    if channel.pulse_counter.is_some() {
        return Err(format!(
            "channel {name:?} is a `pulse_counter` or a `pulse_frequency`, not both; remove one"
        ));
    }
    let plain = !register.span && register.decimals_from.is_none() && register.exponent.is_none();
    if !plain || register.unit.is_some_and(|unit| unit != Unit::Hertz) {
        return Err(format!(
            "channel {name:?} is a `pulse_frequency`, but register {called:?} is not in Hz; choose the register of the frequency"
        ));
    }
    let worth = worth(channel, instrument.calibration_of(channel)?, unit)?;
    Ok(Scale::Linear {
        factor: register.factor * worth,
        offset: register.offset * worth,
    })
}

/// Refuses a register that is no plain count.
pub(super) fn countable(channel: &ChannelConfig, register: &Register) -> Result<(), String> {
    let unsigned = matches!(
        register.kind,
        NumberKind::U16 | NumberKind::U32 | NumberKind::Bcd16 | NumberKind::Bcd32
    );
    let plain = !register.span
        && register.decimals_from.is_none()
        && register.exponent.is_none()
        && register.fraction.is_none()
        && register.bits.is_none();
    if unsigned && plain && register.factor == 1.0 && register.offset == 0.0 {
        return Ok(());
    }
    Err(format!(
        "channel {:?} is a `pulse_counter`, but register {:?} is no plain count of 16 or 32 bits; choose the register of the counter",
        channel.name, register.name
    ))
}

/// The rule of a counter; none of any other channel.
pub(super) fn counter(
    instrument: &InstrumentConfig,
    channel: &ChannelConfig,
    calibration: Option<&CalibrationConfig>,
    unit: Unit,
    kind: NumberKind,
) -> Result<Option<CounterRule>, String> {
    let name = &channel.name;
    let Some(of) = &channel.pulse_counter else {
        return match calibration.filter(|c| c.pulses_per_l.is_some() && !are(channel)) {
            Some(c) => Err(format!(
                "the calibration {:?} of channel {name:?} has `pulses_per_l`, but the channel is made of no pulses: say `pulse_counter` or `pulse_frequency`, or remove it",
                c.certificate
            )),
            None => Ok(None),
        };
    };
    let factor = worth(channel, calibration, unit)?;
    let type_wraps_at = match kind {
        NumberKind::U16 => 65_536.0,
        NumberKind::Bcd16 => 10_000.0,
        NumberKind::Bcd32 => 100_000_000.0,
        _ => 4_294_967_296.0,
    };
    #[expect(
        clippy::cast_precision_loss,
        reason = "beyond what the type holds it is refused"
    )]
    let wraps_at = of.wraps_at.map_or(type_wraps_at, |at| at as f64);
    if !(2.0..=type_wraps_at).contains(&wraps_at) {
        return Err(format!(
            "channel {name:?}: a counter of this register cannot wrap at {wraps_at}; it holds at most {type_wraps_at} counts"
        ));
    }
    let full_hz = channel.range[1] / factor;
    // Not "below": NaN is no frequency either.
    if !(of.most_hz >= full_hz && of.most_hz.is_finite()) {
        return Err(format!(
            "channel {name:?}: most_hz = {} is less than the {full_hz:.1} Hz of its range's end; enter the highest frequency the meter gives",
            of.most_hz
        ));
    }
    let period_s = f64::from(instrument.period_ms) / 1e3;
    // Twice the period: one answer may be missing. Half the count: a step back is no wrap.
    let longest_s = wraps_at / 2.0 / of.most_hz;
    if 2.0 * period_s >= longest_s {
        return Err(format!(
            "channel {name:?}: at {} Hz the counter passes half of its {wraps_at} counts in {longest_s:.3} s, so with period_ms = {} a wrap could not be told from a step back; ask at least every {:.0} ms, or use a counter of 32 bits",
            of.most_hz,
            instrument.period_ms,
            longest_s * 500.0
        ));
    }
    Ok(Some(CounterRule {
        factor,
        wraps_at,
        most_hz: of.most_hz,
    }))
}

#[cfg(test)]
mod tests {
    use crate::{InstrumentProfile, plan};
    use dutypoint_engine::config::Bench;
    use dutypoint_engine::decode::{self, Bad, value};
    use dutypoint_model::document::Channel;
    use std::collections::BTreeMap;

    const PROFILE: &str = r#"
id = "p"
class = "remote-io"
vendor = "V"
model = "M"
transport = ["tcp"]
confidence = "L"
trust = "documented"
sources = ["invented for a test"]
[[register]]
name = "count"
address = 0
function = 3
kind = "u32"
order = "ABCD"
confidence = "L"
evidence = "manual"
[[register]]
name = "count16"
address = 2
function = 3
kind = "u16"
confidence = "L"
evidence = "manual"
[[register]]
name = "frequency"
address = 3
function = 3
kind = "u16"
unit = "Hz"
factor = 0.1
confidence = "L"
evidence = "manual"
"#;
    const COUNTER: &str = r#"{ name = "q", role = "flow", register = "count", unit = "m3/h", range = [0.0, 60.0], pulse_counter = { most_hz = 1000.0 } }"#;
    const FREQUENCY: &str = r#"{ name = "q", role = "flow", register = "frequency", unit = "m3/h", range = [0.0, 60.0], pulse_frequency = true }"#;
    const K: &str = r#"calibration = { certificate = "Q-1", laboratory = "L", date = "2026-03-02", due = "2027-03-01", pulses_per_l = 50.0, slope = 1.01 }"#;

    fn planned(channel: &str, calibration: &str) -> Result<Channel, String> {
        let demo = include_str!("../../../../config/benches/demo.toml");
        let head = &demo[..demo.find("[[instrument]]").unwrap()];
        let text = format!(
            "{head}[[instrument]]\ntag = \"FT-02\"\nprofile = \"p\"\nline = \"tcp-flow\"\nunit_id = 1\nserial = \"9\"\nperiod_ms = 1000\n{calibration}\nchannel = [\n{channel}\n]\n"
        );
        let bench = Bench::parse("bench.toml", &text).map_err(|e| e.to_string())?;
        let profile = InstrumentProfile::parse("p.toml", PROFILE).unwrap();
        let profiles = BTreeMap::from([("p".to_owned(), profile)]);
        let plan = plan(&bench, &profiles).map_err(|e| e.to_string())?;
        Ok(plan.channels.channels.into_iter().next().unwrap())
    }

    /// By hand: 200.0 Hz over 50 pulses a litre are 4 L/s = 14.4 m³/h, · 1.01 = 14.544 m³/h.
    #[test]
    fn a_frequency_over_the_k_factor_is_the_flow() {
        let channel = planned(FREQUENCY, K).unwrap();
        assert_eq!(channel.counter, None);
        let flow = value(&channel, &[2000]).unwrap() * 3600.0;
        assert!((flow - 14.544).abs() < 1e-9, "{flow}");
        assert_eq!(channel.instrument.calibration.pulses_per_l, Some(50.0));
    }

    /// By hand: from 4 294 967 200 over the wrap to 304 are 400 pulses; in 2 s 14.544 m³/h.
    #[test]
    fn a_counter_of_32_bits_is_planned_with_its_wrap() {
        let channel = planned(COUNTER, K).unwrap();
        let rule = channel.counter.unwrap();
        assert_eq!((rule.wraps_at, rule.most_hz), (4_294_967_296.0, 1000.0));
        let count = |words: [u16; 2]| decode::indicated(&channel.encoding, &words).unwrap();
        let before = (0, count([0xffff, 0xffa0]));
        let now = (2_000_000_000, count([0, 304]));
        let flow = decode::rate(&channel, &rule, Some(before), now).unwrap() * 3600.0;
        assert!((flow - 14.544).abs() < 1e-9, "{flow}");
        assert_eq!(value(&channel, &[0, 304]), Err(Bad::FirstCount));
    }

    #[test]
    fn pulses_that_could_lie_are_refused_with_the_cure() {
        let refused = |channel: &str, calibration: &str, said: &str| {
            let why = planned(channel, calibration).unwrap_err();
            assert!(why.contains(said), "{channel}: {why}");
        };
        let no_k = K.replace("pulses_per_l = 50.0, ", "");
        refused(COUNTER, &no_k, "state `pulses_per_l` in its calibration");
        refused(FREQUENCY, &no_k, "state `pulses_per_l` in its calibration");
        refused(COUNTER, &K.replace("50.0", "0.0"), "no K-factor");
        // 60 m³/h are 833.3 Hz.
        let slow = COUNTER.replace("1000.0", "800.0");
        refused(&slow, K, "less than the 833.3 Hz");
        refused(
            &COUNTER.replace("1000.0", "nan"),
            K,
            "less than the 833.3 Hz",
        );
        let wide = COUNTER.replace("most_hz", "wraps_at = 5000000000, most_hz");
        refused(&wide, K, "cannot wrap at 5000000000");
        // 16 bits at 20 kHz: half of 65 536 in 1.638 s, and two periods are 2 s.
        let short = COUNTER
            .replace("\"count\"", "\"count16\"")
            .replace("1000.0", "20000.0");
        refused(&short, K, "at least every 819 ms");
        refused(
            &COUNTER.replace("\"count\"", "\"frequency\""),
            K,
            "no plain count",
        );
        refused(
            &FREQUENCY.replace("true", "true, pulse_counter = { most_hz = 1000.0 }"),
            K,
            "not both",
        );
        let plain = FREQUENCY
            .replace("role = \"flow\"", "role = \"frequency\"")
            .replace("unit = \"m3/h\", ", "")
            .replace(", pulse_frequency = true", "");
        refused(&plain, K, "made of no pulses");
        let other = FREQUENCY
            .replace("role = \"flow\"", "role = \"speed\"")
            .replace("m3/h", "r/min");
        refused(&other, K, "its role must be flow");
    }
}
