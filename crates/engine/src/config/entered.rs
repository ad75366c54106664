//! Manometers and dials whose readings people type in.

use super::calibration::{CalibrationConfig, CalibrationEntries, CalibrationEntry, in_force};
use dutypoint_model::Unit;
use dutypoint_model::document::{
    Calibration, Channel, Encoding, EntryRule, Instrument, NumberKind, Role, Scale, WordOrder,
};
use serde::Deserialize;

/// An instrument without a line, and the one channel that is read off it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnteredConfig {
    /// Tag on the bench.
    pub tag: String,
    /// Unique name of the channel.
    pub name: String,
    /// What the engine uses it for.
    pub role: Role,
    /// Maker and model.
    pub model: String,
    /// Serial number.
    pub serial: String,
    /// Unit of the dial; entries are in this one.
    pub unit: Unit,
    /// Measuring range, in `unit`.
    pub range: [f64; 2],
    /// Smallest step that can be read off, in `unit`.
    pub resolution: f64,
    /// How far the entries of two people may lie apart, in `unit`; the resolution where it is
    /// not stated.
    #[serde(default)]
    pub tolerance: Option<f64>,
    /// Calibrations; one must be in force where the channel enters a result.
    #[serde(default)]
    pub calibration: CalibrationEntries,
}

impl EnteredConfig {
    /// Refuses what cannot be entered.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        let (tag, unit) = (&self.tag, self.unit);
        let fault = |key, why: String| Err((key, format!("entered {tag:?}: {why}")));
        if matches!(self.role, Role::Flow | Role::ValvePosition) {
            let role = self.role.text();
            return fault(
                "role",
                format!(
                    "{}（{}）不能人工录入 cannot be typed in: the programme drives the valve by it; put its meter on a line",
                    role.en, role.zh
                ),
            );
        }
        let quantity = self.role.quantity();
        if unit.quantity() != quantity {
            return fault(
                "unit",
                format!(
                    "{unit} is no unit of {}; write one of {}",
                    self.role.text().en,
                    dutypoint_model::measure::symbols(quantity)
                ),
            );
        }
        let [low, high] = self.range;
        if !(low < high && low.is_finite() && high.is_finite()) {
            return fault("range", format!("[{low}, {high}] is no range"));
        }
        // Not "above": NaN is no step either.
        if !(self.resolution > 0.0 && self.resolution < high - low) {
            return fault(
                "resolution",
                format!(
                    "a step of {} {unit} is no step of a dial from {low} to {high} {unit}; write the smallest step that can be read off it",
                    self.resolution
                ),
            );
        }
        if let Some(tolerance) = self.tolerance.filter(|t| !(*t > 0.0 && *t < high - low)) {
            return fault(
                "tolerance",
                format!("{tolerance} {unit} must lie above 0 and below the range"),
            );
        }
        for entry in &self.calibration.0 {
            let CalibrationEntry::Here(calibration) = entry else {
                continue;
            };
            calibration.check()?;
            if let Some(name) = calibration.channels.iter().find(|name| **name != self.name) {
                return fault(
                    "calibration",
                    format!(
                        "it has no channel {name:?}, which its calibration {:?} is for",
                        calibration.certificate
                    ),
                );
            }
        }
        Ok(())
    }

    /// The calibration that holds.
    ///
    /// # Errors
    /// What is ambiguous or unresolved, in words.
    pub fn calibration_in_force(&self) -> Result<Option<&CalibrationConfig>, String> {
        let (name, unit) = (&self.name, Some(self.unit));
        in_force(&self.tag, &self.calibration, name, self.range, unit)
    }

    /// The channel as documents hold it. `poll` is a number of its own, to which no page
    /// refers.
    ///
    /// # Errors
    /// What is wrong with its calibration, in words.
    pub fn channel(&self, poll: u16) -> Result<Channel, String> {
        let found = self.calibration_in_force()?;
        if let Some(own) = found.and_then(|c| c.unit)
            && own.quantity() != self.unit.quantity()
        {
            return Err(format!(
                "channel {:?} is in {}, but its calibration is in {own}",
                self.name, self.unit
            ));
        }
        let calibration = found.map(CalibrationConfig::document).unwrap_or_default();
        let scale = Scale::Linear {
            factor: 1.0,
            offset: 0.0,
        };
        Ok(Channel {
            name: self.name.clone(),
            role: self.role,
            unit: self.unit,
            poll,
            encoding: Encoding::plain(0, NumberKind::F64, WordOrder::Abcd, scale),
            damping_s: 0.0,
            zero: None,
            counter: None,
            entered: Some(EntryRule {
                resolution: self.resolution,
                tolerance: self.tolerance.unwrap_or(self.resolution),
            }),
            instrument: Instrument {
                tag: self.tag.clone(),
                model: self.model.clone(),
                serial: self.serial.clone(),
                range: self.range,
                calibration: self.with_step(calibration),
            },
        })
    }

    /// The calibration with the step of the dial, which the laboratory may have read finer
    /// than people at the bench do.
    fn with_step(&self, calibration: Calibration) -> Calibration {
        let own = calibration.unit.unwrap_or(self.unit);
        let unit = self.unit;
        // A difference: the offset of a unit's zero does not count.
        let internal = unit.to_internal(self.resolution) - unit.to_internal(0.0);
        let of_one = own.to_internal(1.0) - own.to_internal(0.0);
        let step = if own == unit {
            self.resolution
        } else {
            internal / of_one
        };
        Calibration {
            resolution: Some(calibration.resolution.map_or(step, |finer| finer.max(step))),
            ..calibration
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Bench;

    const DIAL: &str = r#"
[[entered]]
tag = "PG-01"
name = "gauge"
role = "outlet_pressure"
model = "Y-150"
serial = "0815"
unit = "MPa"
range = [0.0, 2.5]
resolution = 0.01
calibration = { certificate = "P-7", laboratory = "L", date = "2026-03-02", due = "2027-03-01", unit = "kPa", u = 4.0, resolution = 2.0 }
"#;

    fn bench(dial: &str) -> Result<Bench, String> {
        let text = format!(
            "{}{dial}",
            include_str!("../../../../config/benches/demo.toml")
        );
        Bench::parse("bench.toml", &text).map_err(|error| error.to_string())
    }

    /// GUM F.2.2.1 by hand: a step of 0.01 MPa = 10 kPa, coarser than the 2 kPa of the
    /// certificate: 10/√12 = 2.886 75 kPa beside 4/2 = 2 kPa.
    #[test]
    fn the_step_of_the_dial_stands_in_the_uncertainty() {
        let bench = bench(DIAL).unwrap();
        let channel = bench.entered[0].channel(17).unwrap();
        let calibration = &channel.instrument.calibration;
        assert_eq!(calibration.resolution, Some(10.0));
        let parts = calibration.standard_uncertainties(1e6, [0.0, 2.5], channel.unit);
        assert!((parts[2] - 2000.0).abs() < 1e-9, "{parts:?}");
        assert!((parts[4] - 2886.75).abs() < 0.01, "{parts:?}");
        let rule = channel.entered.unwrap();
        assert_eq!((rule.resolution, rule.tolerance), (0.01, 0.01));
        assert_eq!(channel.poll, 17);
    }

    #[test]
    fn what_cannot_be_a_dial_is_named_with_its_line_and_cure() {
        for (from, to, said) in [
            ("outlet_pressure\"", "flow\"", "put its meter on a line"),
            ("unit = \"MPa\"", "unit = \"m3/h\"", "write one of"),
            (
                "resolution = 0.01\n",
                "resolution = 0.0\n",
                "smallest step that can be read",
            ),
            (
                "resolution = 0.01\n",
                "resolution = nan\n",
                "smallest step that can be read",
            ),
            ("range = [0.0, 2.5]", "range = [2.5, 0.0]", "is no range"),
            (
                "resolution = 0.01\n",
                "resolution = 0.01\ntolerance = 3.0\n",
                "below the range",
            ),
            ("tag = \"PG-01\"", "tag = \"PT-01\"", "declared twice"),
            (
                "name = \"gauge\"",
                "name = \"water_level\"",
                "declared twice",
            ),
            (
                "2027-03-01\", unit",
                "2025-03-01\", unit",
                "before its date",
            ),
            (
                "resolution = 0.01\n",
                "resolutoin = 0.01\n",
                "did you mean \"resolution\"",
            ),
        ] {
            assert!(DIAL.contains(from), "{from}");
            let why = bench(&DIAL.replace(from, to)).unwrap_err();
            assert!(why.contains(said), "{from}: {why}");
            assert!(why.contains("bench.toml"), "{why}");
        }
    }

    /// A dial is barred like any instrument: without a calibration, and with an expired one.
    #[test]
    fn a_dial_without_a_calibration_in_force_bars_a_formal_run() {
        let barred = |dial: &str, day: &str| -> Vec<String> {
            let faults = bench(dial).unwrap().uncalibrated("b", dial, day);
            let of_dial = faults.into_iter().filter(|f| f.message.contains("PG-01"));
            of_dial.map(|f| f.message).collect()
        };
        assert_eq!(barred(DIAL, "2026-11-23"), Vec::<String>::new());
        assert!(barred(DIAL, "2027-03-02")[0].contains("was due on 2027-03-01"));
        let (bare, _) = DIAL.split_once("calibration").unwrap();
        assert!(barred(bare, "2026-11-23")[0].contains("has no calibration"));
    }
}
