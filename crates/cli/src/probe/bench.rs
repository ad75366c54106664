//! The bench file a probe writes.
//!
//! What the probe found stands in it; what nobody but the laboratory can know is a
//! placeholder that says so.

use dutypoint_engine::config::{Endpoint, Parity};
use dutypoint_fieldbus::{Device, Fit, InstrumentProfile, ProbeReport};
use dutypoint_model::Quantity;
use dutypoint_model::document::WordOrder;
use std::collections::BTreeMap;

const HEAD: &str = r#"# Written by dutypoint probe. Lines with 待填 FILL IN hold placeholders, no measurements.
id = "probed"                                # 待填 FILL IN
name = { zh = "待填 FILL IN", en = "待填 FILL IN" }
simulated = false

[laboratory]
name = { zh = "待填 FILL IN", en = "待填 FILL IN" }
address = { zh = "待填 FILL IN", en = "待填 FILL IN" }

[site]
latitude_deg = 0.0                           # 待填 FILL IN
altitude = "0 m"                             # 待填 FILL IN

[geometry]
tap_bore = "5 mm"                            # 待填 FILL IN
gauge_elevation = "0 m"                      # 待填 FILL IN
level_sensor_elevation = "0 m"               # 待填 FILL IN
riser_length = "0 m"                         # 待填 FILL IN
riser_bore = "5 mm"                          # 待填 FILL IN
riser_roughness = "0 mm"                     # 待填 FILL IN
friction_u_pct = 100.0                       # 待填 FILL IN

"#;

/// The file of `report`; `profile` is the one the user named.
///
/// # Errors
/// What the user must add so that nothing needs to be guessed.
pub(super) fn text(
    report: &ProbeReport,
    profile: Option<&InstrumentProfile>,
    all: &BTreeMap<String, InstrumentProfile>,
) -> Result<String, String> {
    let Some(endpoint) = &report.endpoint else {
        return Err("failed to write a bench file: nobody answered".into());
    };
    let mut text = HEAD.to_owned();
    text += &format!(
        "[[line]]\nname = \"line-1\"\nendpoint = {}\n\n",
        inline(endpoint)
    );
    // With a value from one display, the instrument is the one that shows it.
    let shown: Vec<&Device> = report
        .devices
        .iter()
        .filter(|d| !d.fits.is_empty())
        .collect();
    let devices = if shown.is_empty() {
        report.devices.iter().collect()
    } else {
        shown
    };
    for device in devices {
        let id = match (profile, device.candidates.as_slice()) {
            (Some(profile), _) => &profile.id,
            (None, [only]) => only,
            (None, candidates) => {
                let which = if candidates.is_empty() {
                    "no profile names itself by what it says".to_owned()
                } else {
                    format!("it may be {}", candidates.join(", "))
                };
                return Err(format!(
                    "failed to write a bench file: unit {} answered, but {which}; name its profile with --profile",
                    device.unit_id
                ));
            }
        };
        text += &instrument(device, id, all)?;
    }
    Ok(text)
}

fn instrument(
    device: &Device,
    id: &str,
    all: &BTreeMap<String, InstrumentProfile>,
) -> Result<String, String> {
    let unit = device.unit_id;
    let mut text = format!(
        "[[instrument]]\ntag = \"U-{unit}\"\nprofile = {id:?}\nline = \"line-1\"\nunit_id = {unit}\nserial = \"待填 FILL IN\"\nperiod_ms = 1000\n"
    );
    let fits: Vec<&Fit> = device.fits.iter().filter(|f| f.profile == id).collect();
    let mut orders: Vec<WordOrder> = fits.iter().filter_map(|f| f.order).collect();
    orders.dedup();
    match fits.as_slice() {
        [] => {
            let registers = all.get(id).into_iter().flat_map(|p| &p.register);
            let names: Vec<&str> = registers
                .filter(|r| r.readable)
                .map(|r| r.name.as_str())
                .collect();
            text += &format!("# channel: choose from {}\n\n", names.join(", "));
        }
        [fit] => text += &format!("channel = [\n{}]\n\n", channel(fit)),
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|f| format!("{} {}", f.register, f.order.map(order).unwrap_or_default()))
                .collect();
            return Err(format!(
                "failed to write a bench file: unit {unit} reads as the display shows in several ways ({}); let the instrument show another value, with more digits, and probe again",
                names.join("; ")
            ));
        }
    }
    Ok(text)
}

fn channel(fit: &Fit) -> String {
    let role = fit.unit.and_then(|unit| role(unit.quantity()));
    let order = fit.order.map(order).unwrap_or_default();
    let order = if order.is_empty() {
        String::new()
    } else {
        format!(", order = \"{order}\"")
    };
    let index = fit
        .index
        .map(|n| format!(", index = {n}"))
        .unwrap_or_default();
    let unit = fit
        .unit
        .map(|u| format!(", unit = {:?}", u.symbol()))
        .unwrap_or_default();
    let most = fit.value.abs() * 2.0;
    let line = format!(
        "{{ name = {0:?}, role = {1:?}, register = {0:?}{index}{unit}{order}, range = [{2:?}, {most:?}] }},",
        fit.register,
        role.unwrap_or("待填 FILL IN"),
        if fit.value < 0.0 { -most } else { 0.0 },
    );
    // Without a role the engine knows, the line would be refused.
    let off = if role.is_some() { "" } else { "# " };
    format!(
        "  {off}{line}  # 待填 FILL IN: role and range are guesses from the unit and the value shown\n"
    )
}

fn role(quantity: Quantity) -> Option<&'static str> {
    Some(match quantity {
        Quantity::Flow => "flow",
        Quantity::Pressure => "outlet_pressure",
        Quantity::Length => "water_level",
        Quantity::Temperature => "water_temperature",
        Quantity::Voltage => "voltage",
        Quantity::Current => "current",
        Quantity::Power => "input_power",
        Quantity::Frequency => "frequency",
        Quantity::Speed => "speed",
        _ => return None,
    })
}

fn inline(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Rtu {
            port,
            baud,
            parity: kind,
            stop_bits,
        } => format!(
            "{{ rtu = {{ port = {port:?}, baud = {baud}, parity = \"{}\", stop_bits = {stop_bits} }} }}",
            parity(*kind)
        ),
        Endpoint::RtuTcp { address } => format!("{{ rtu_tcp = {{ address = {address:?} }} }}"),
        Endpoint::Tcp { address, .. } => format!("{{ tcp = {{ address = {address:?} }} }}"),
    }
}

pub(super) fn parity(parity: Parity) -> &'static str {
    match parity {
        Parity::None => "none",
        Parity::Even => "even",
        Parity::Odd => "odd",
    }
}

pub(super) fn order(order: WordOrder) -> &'static str {
    match order {
        WordOrder::Abcd => "ABCD",
        WordOrder::Cdab => "CDAB",
        WordOrder::Badc => "BADC",
        WordOrder::Dcba => "DCBA",
    }
}

/// A setting as people write it.
pub(crate) fn setting(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Rtu {
            port,
            baud,
            parity,
            stop_bits,
        } => {
            let letter = match parity {
                Parity::None => 'N',
                Parity::Even => 'E',
                Parity::Odd => 'O',
            };
            format!("{port} {baud} 8{letter}{stop_bits}")
        }
        other => other.port().to_owned(),
    }
}
