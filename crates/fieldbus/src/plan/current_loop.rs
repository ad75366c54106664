//! A current loop behind a remote input: from the input's count to what the loop measures.

use crate::{InstrumentProfile, Register};
use dutypoint_engine::config::{CalibrationConfig, ChannelConfig, InstrumentConfig, LoopConfig};
use dutypoint_model::Unit;
use dutypoint_model::document::{NumberKind, Scale};

/// The scale of a loop: raw numbers at its live zero and at full scale, and what they mean.
pub(super) fn scale(
    channel: &ChannelConfig,
    of: &LoopConfig,
    register: &Register,
) -> Result<Scale, String> {
    let (name, register_name) = (&channel.name, &register.name);
    if register.decimals_from.is_some() || register.exponent.is_some() {
        return Err(format!(
            "channel {name:?} has `current_loop`, but register {register_name:?} has a power of ten of its own; choose the register of the plain count"
        ));
    }
    let ascending = |pair: Option<[f64; 2]>| pair.filter(|[low, high]| low < high);
    let Some([low, high]) = ascending(channel.span) else {
        return Err(format!(
            "channel {name:?} needs `span = [low, high]`: what the loop measures at {} mA and at {} mA",
            of.live_zero_ma, of.full_ma
        ));
    };
    // Raw number at a current: through two points.
    let (raw_at_zero, raw_per_ma) = if register.span {
        if channel.span_raw.is_some() && register.span_raw.is_some() {
            return Err(format!(
                "channel {name:?} has `span_raw`, but its profile knows from where to where register {register_name:?} counts; remove it"
            ));
        }
        let Some([raw_low, raw_high]) = ascending(channel.span_raw.or(register.span_raw)) else {
            return Err(format!(
                "channel {name:?} needs `span_raw = [low, high]`: no source says from which number to which register {register_name:?} counts"
            ));
        };
        let Some([ma_low, ma_high]) = of.input_ma else {
            return Err(format!(
                "channel {name:?} needs `input_ma` in its `current_loop`: the currents at {raw_low} and {raw_high} of register {register_name:?}, as the input's range is set"
            ));
        };
        let per_ma = (raw_high - raw_low) / (ma_high - ma_low);
        (raw_low - ma_low * per_ma, per_ma)
    } else {
        let per_ma = match register.unit {
            Some(Unit::Milliampere) => 1.0 / register.factor,
            _ => {
                return Err(format!(
                    "channel {name:?} has `current_loop`, but register {register_name:?} is neither a raw count nor in mA; remove it, or choose another register"
                ));
            }
        };
        if of.input_ma.is_some() || channel.span_raw.is_some() {
            return Err(format!(
                "channel {name:?}: register {register_name:?} is in mA by its profile; remove `input_ma` and `span_raw`"
            ));
        }
        (-register.offset * per_ma, per_ma)
    };
    let raw = |ma: f64| raw_at_zero + ma * raw_per_ma;
    let [least, most] = shown(register);
    if raw(of.burn_out_ma) <= least {
        return Err(format!(
            "channel {name:?}: register {register_name:?} cannot show less than {:.2} mA, so a broken loop would pass for a reading; set the input to a range that begins below {} mA, as 0–20 mA",
            (least - raw_at_zero) / raw_per_ma,
            of.burn_out_ma
        ));
    }
    if raw(of.over_range_ma) >= most {
        return Err(format!(
            "channel {name:?}: register {register_name:?} cannot show more than {:.2} mA, so an over-range would pass for a reading; set `over_range_ma` below that, or the input to a wider range",
            (most - raw_at_zero) / raw_per_ma
        ));
    }
    Ok(Scale::Span {
        raw_low: raw(of.live_zero_ma),
        raw_high: raw(of.full_ma),
        low,
        high,
    })
}

/// Smallest and largest raw number the register can hold, and its profile lets pass.
fn shown(register: &Register) -> [f64; 2] {
    let [low, high] = match register.kind {
        NumberKind::U16 => [0.0, 65_535.0],
        NumberKind::I16 => [-32_768.0, 32_767.0],
        NumberKind::U32 => [0.0, 4_294_967_295.0],
        NumberKind::I32 => [-2_147_483_648.0, 2_147_483_647.0],
        NumberKind::U64 => [0.0, f64::INFINITY],
        NumberKind::Bcd16 => [0.0, 9_999.0],
        NumberKind::Bcd32 => [0.0, 99_999_999.0],
        NumberKind::I64 | NumberKind::F32 | NumberKind::F64 => [f64::NEG_INFINITY, f64::INFINITY],
    };
    match register.span_raw.filter(|_| register.span) {
        // An input stops counting at the ends of its range.
        Some([from, to]) => [low.max(from), high.min(to)],
        None => [low, high],
    }
}

/// Model and serial number of what a channel is measured with. A loop is its transmitter and
/// its input together, and a certificate of the input alone is none of the loop.
pub(super) fn named(
    instrument: &InstrumentConfig,
    profile: &InstrumentProfile,
    channel: &ChannelConfig,
    calibration: Option<&CalibrationConfig>,
) -> Result<(String, String), String> {
    let (model, serial) = (
        format!("{} {}", profile.vendor, profile.model),
        instrument.serial.clone(),
    );
    let Some(of) = &channel.current_loop else {
        return Ok((model, serial));
    };
    if let Some(calibration) = calibration.filter(|c| !c.channels.contains(&channel.name)) {
        return Err(format!(
            "channel {:?} is a loop, but the calibration {:?} is for every channel of its input; transmitter, cable and input are calibrated as one: state the certificate of the loop with `channels = [{:?}]`",
            channel.name, calibration.certificate, channel.name
        ));
    }
    Ok((
        format!("{} + {model}", of.transmitter),
        format!("{} + {serial}", of.serial),
    ))
}

#[cfg(test)]
mod tests {
    use crate::{InstrumentProfile, plan};
    use dutypoint_engine::config::Bench;
    use dutypoint_engine::decode::{Bad, value};
    use dutypoint_model::document::Channel;
    use std::collections::BTreeMap;

    const COUNT: &str = r#"{ name = "p", role = "outlet_pressure", register = "ai", index = 2, unit = "MPa", range = [0.0, 2.5], span = [0.0, 2.5], span_raw = [0.0, 32000.0], current_loop = { transmitter = "Maker T", serial = "T-7", live_zero_ma = 4.0, full_ma = 20.0, burn_out_ma = 3.6, over_range_ma = 21.0, input_ma = [0.0, 20.0] } }"#;
    const CALIBRATION: &str = r#"calibration = { certificate = "LOOP-1", laboratory = "L", date = "2026-03-02", due = "2027-03-01", channels = ["p"], slope = 1.002, offset = -0.001, u = 0.004 }"#;

    /// Channel `p` of the remote input `profile`.
    fn planned(profile: &str, channel: &str, calibration: &str) -> Result<Channel, String> {
        let demo = include_str!("../../../../config/benches/demo.toml");
        let head = &demo[..demo.find("[[instrument]]").unwrap()];
        let text = format!(
            "{head}[[instrument]]\ntag = \"PT-01\"\nprofile = \"p\"\nline = \"tcp-flow\"\nunit_id = 1\nserial = \"M-9\"\nperiod_ms = 1000\n{calibration}\nchannel = [\n{channel}\n]\n"
        );
        let bench = Bench::parse("bench.toml", &text).map_err(|e| e.to_string())?;
        let profile = InstrumentProfile::parse("p.toml", profile).unwrap();
        let profiles = BTreeMap::from([("p".to_owned(), profile)]);
        let plan = plan(&bench, &profiles).map_err(|e| e.to_string())?;
        Ok(plan.channels.channels.into_iter().next().unwrap())
    }

    fn adam() -> String {
        let text = include_str!("../../../../config/instruments/adam-6217.toml");
        text.replace("id = \"adam-6217\"", "id = \"p\"")
    }

    /// By hand: 0 … 20 mA over 0 … 32000 are 1600 counts a milliampere, so 4 mA is 6400 and
    /// 12 mA is 19200: the middle of 0 … 2.5 MPa, 1.25 · 1.002 − 0.001 = 1.2515 MPa. 3.6 mA is
    /// 5760 and 21 mA is 33600.
    #[test]
    fn a_loop_is_corrected_as_one_and_a_broken_one_is_no_zero() {
        let channel = planned(&adam(), COUNT, CALIBRATION).unwrap();
        let shown = |raw: u16| value(&channel, &[raw]);
        assert!((shown(19_200).unwrap() - 1.2515e6).abs() < 1e-6);
        assert!((shown(6_400).unwrap() + 1e3).abs() < 1e-6);
        // Just within is a reading, below the live zero too: −0.0625 · 1.002 − 0.001 MPa.
        assert!((shown(5_760).unwrap() + 63_625.0).abs() < 1e-6);
        assert!(shown(33_600).is_ok());
        assert_eq!(shown(5_750), Err(Bad::LoopLow("3.59".into(), 3.6)));
        assert_eq!(shown(33_610), Err(Bad::LoopHigh("21.01".into(), 21.0)));
        let broken = shown(0).unwrap_err().text();
        assert!(
            broken.en.contains("0.00 mA, less than 3.6 mA"),
            "{}",
            broken.en
        );
        assert!(broken.zh.contains("断线"), "{}", broken.zh);
        let instrument = &channel.instrument;
        assert_eq!(instrument.model, "Maker T + Advantech ADAM-6217 / 6017");
        assert_eq!(instrument.serial, "T-7 + M-9");
    }

    /// A register that is in mA by its map: 8 mA is a quarter of the span.
    #[test]
    fn a_register_in_milliamperes_needs_no_count() {
        let text = include_str!("../../../../config/instruments/aparian-a-hrt-4i.toml");
        let profile = text
            .replace("id = \"aparian-a-hrt-4i\"", "id = \"p\"")
            .replace("order = \"probe\"", "order = \"ABCD\"");
        let channel = COUNT
            .replace("register = \"ai\"", "register = \"raw_current\"")
            .replace("span_raw = [0.0, 32000.0], ", "")
            .replace(", input_ma = [0.0, 20.0]", "");
        let channel = planned(&profile, &channel, "").unwrap();
        let words = |ma: f32| {
            let bits = ma.to_bits();
            [(bits >> 16) as u16, bits as u16]
        };
        assert!((value(&channel, &words(8.0)).unwrap() - 0.625e6).abs() < 1e-6);
        assert!(matches!(
            value(&channel, &words(0.0)),
            Err(Bad::LoopLow(..))
        ));
        assert!(matches!(
            value(&channel, &words(22.0)),
            Err(Bad::LoopHigh(..))
        ));
    }

    #[test]
    fn a_loop_that_could_lie_is_refused_with_the_cure() {
        for (from, to, said) in [
            ("span_raw = [0.0, 32000.0], ", "", "needs `span_raw"),
            ("span = [0.0, 2.5], ", "", "at 4 mA and at 20 mA"),
            (", input_ma = [0.0, 20.0]", "", "needs `input_ma`"),
            (
                "register = \"ai\"",
                "register = \"type_code\"",
                "neither a raw count nor in mA",
            ),
            // A count that begins at the live zero shows no broken wire.
            (
                "input_ma = [0.0, 20.0]",
                "input_ma = [4.0, 20.0]",
                "begins below 3.6 mA, as 0–20 mA",
            ),
            ("32000.0]", "65535.0]", "cannot show more than 20.00 mA"),
            ("burn_out_ma = 3.6, ", "", "missing field `burn_out_ma`"),
            (
                "burn_out_ma = 3.6",
                "burn_out_ma = 4.2",
                "must lie below live_zero_ma = 4",
            ),
            (
                "burn_out_ma = 3.6",
                "burn_out_ma = nan",
                "must lie below live_zero_ma",
            ),
            ("burn_out_ma = 3.6", "burn_out_ma = 0.0", "must be above 0"),
            (
                "over_range_ma = 21.0",
                "over_range_ma = 20.0",
                "must lie below over_range_ma",
            ),
            (
                "input_ma = [0.0, 20.0]",
                "input_ma = [20.0, 0.0]",
                "is no range",
            ),
        ] {
            assert!(COUNT.contains(from), "{from}");
            let why = planned(&adam(), &COUNT.replace(from, to), "").unwrap_err();
            assert!(why.contains(said), "{to}: {why}");
        }
        let input_alone = CALIBRATION.replace("channels = [\"p\"], ", "");
        let why = planned(&adam(), COUNT, &input_alone).unwrap_err();
        assert!(
            why.contains("channels = [\"p\"]") && why.contains("LOOP-1"),
            "{why}"
        );
    }
}
