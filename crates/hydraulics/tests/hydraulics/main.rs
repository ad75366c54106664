//! Worked examples and properties of the hydraulics crate through its public interface.
//! W and E numbers are those of the reference files of worked examples.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod acceptance;
mod budgets;
mod curves;
mod energy;
mod fits;
mod formulas;
mod iapws;
mod motor;
mod nist;
mod npsh;
mod packs;
mod readings;
mod robustness;
mod translation;
mod verdicts;

use dutypoint_hydraulics::pack::Standard;

/// Flow in m³/s of a flow in m³/h.
fn per_hour(flow_m3_h: f64) -> f64 {
    flow_m3_h / 3600.0
}

/// Equal within half a unit of the last of `decimals` printed decimals.
#[track_caller]
fn near(found: f64, expected: f64, decimals: i32) {
    let tolerance = 0.500_001 * libm::pow(10.0, f64::from(-decimals));
    assert!(
        (found - expected).abs() <= tolerance,
        "found {found}, expected {expected} within {tolerance}"
    );
}

/// The shipped pack with an id.
fn pack(id: &str) -> Standard {
    Standard::from_toml(&format!("{id}.toml"), &pack_text(id)).unwrap()
}

fn pack_text(id: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/standards");
    std::fs::read_to_string(format!("{folder}/{id}.toml")).unwrap()
}

fn gbt3216() -> Standard {
    let text = include_str!("../../../../config/standards/gbt3216-2016.toml");
    Standard::from_toml("gbt3216-2016.toml", text).unwrap()
}

fn gbt12785() -> Standard {
    let text = include_str!("../../../../config/standards/gbt12785-2014.toml");
    Standard::from_toml("gbt12785-2014.toml", text).unwrap()
}

fn gb755() -> Standard {
    let text = include_str!("../../../../config/standards/gb755.toml");
    Standard::from_toml("gb755.toml", text).unwrap()
}

fn api610() -> Standard {
    let text = include_str!("../../../../config/standards/api610-11.toml");
    Standard::from_toml("api610-11.toml", text).unwrap()
}

fn gb32030() -> Standard {
    let text = include_str!("../../../../config/standards/gb32030-2022.toml");
    Standard::from_toml("gb32030-2022.toml", text).unwrap()
}

fn gbt25409() -> Standard {
    let text = include_str!("../../../../config/standards/gbt25409-2010.toml");
    Standard::from_toml("gbt25409-2010.toml", text).unwrap()
}
