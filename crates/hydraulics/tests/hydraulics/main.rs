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
mod draws;
mod energy;
mod fits;
mod formulas;
mod grades;
mod iapws;
mod indices;
mod models;
mod motor;
mod nist;
mod npsh;
mod packs;
mod readings;
mod robustness;
mod spoilt;
mod translation;
mod verdicts;

use dutypoint_hydraulics::pack::Standard;
use std::sync::OnceLock;

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

fn pack_text(id: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/standards");
    std::fs::read_to_string(format!("{folder}/{id}.toml")).unwrap()
}

/// Every pack of the configuration folder, read once.
fn shipped() -> &'static [Standard] {
    static PACKS: OnceLock<Vec<Standard>> = OnceLock::new();
    PACKS.get_or_init(|| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/standards");
        let entries = std::fs::read_dir(folder).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let read = |path: &std::path::PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap();
            let text = std::fs::read_to_string(path).unwrap();
            let pack = Standard::from_toml(name, &text).unwrap();
            assert_eq!(format!("{}.toml", pack.id), name);
            pack
        };
        paths.iter().map(read).collect()
    })
}

fn pack(id: &str) -> &'static Standard {
    shipped().iter().find(|pack| pack.id == id).unwrap()
}

fn gb755() -> &'static Standard {
    pack("gb755")
}

fn gbt3216() -> &'static Standard {
    pack("gbt3216-2016")
}

fn gbt12785() -> &'static Standard {
    pack("gbt12785-2014")
}

fn api610() -> &'static Standard {
    pack("api610-11")
}

fn gb32030() -> &'static Standard {
    pack("gb32030-2022")
}

fn gbt25409() -> &'static Standard {
    pack("gbt25409-2010")
}
