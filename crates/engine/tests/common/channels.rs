//! Channels of a bench.

use dutypoint_model::Unit;
use dutypoint_model::document::{
    Calibration, Channel, Encoding, Instrument, NumberKind, Role, Scale, WordOrder,
};

/// A channel of an instrument of its own, whose calibration states no uncertainty.
pub(crate) fn channel(name: &str, role: Role, unit: Unit) -> Channel {
    Channel {
        name: name.into(),
        role,
        unit,
        poll: 0,
        encoding: Encoding::plain(
            0,
            NumberKind::F64,
            WordOrder::Abcd,
            Scale::Linear {
                factor: 1.0,
                offset: 0.0,
            },
        ),
        damping_s: 0.0,
        zero: None,
        entered: None,
        counter: None,
        instrument: Instrument {
            tag: name.to_uppercase(),
            model: String::new(),
            serial: String::new(),
            range: [0.0, 1.0],
            calibration: Calibration::default(),
        },
    }
}
