//! The configuration that ships inside the binary.

use crate::say::bad;
use dutypoint_engine::config::Bench;
use dutypoint_fieldbus::InstrumentProfile;
use dutypoint_hydraulics::pack::Standard;
use std::collections::BTreeMap;

/// A shipped file: its path in its folder and its content.
pub(crate) struct Embedded {
    pub(crate) path: &'static str,
    pub(crate) text: &'static str,
}

/// Every shipped file of `config`.
pub(crate) const ALL: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/config.rs"));

/// Every case of `fixtures/validation`.
pub(crate) const CASES: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/validation.rs"));

impl Embedded {
    /// Name without folder.
    pub(crate) fn name(&self) -> &'static str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// Name without folder and ending.
    pub(crate) fn stem(&self) -> &'static str {
        self.name().trim_end_matches(".toml")
    }
}

/// The shipped files of a folder.
pub(crate) fn folder(name: &str) -> impl Iterator<Item = &'static Embedded> {
    let prefix = format!("{name}/");
    ALL.iter().filter(move |f| f.path.starts_with(&prefix))
}

/// The shipped file at `path`.
pub(crate) fn file(path: &str) -> anyhow::Result<&'static Embedded> {
    ALL.iter()
        .find(|f| f.path == path)
        .ok_or_else(|| bad(format!("failed to find the shipped file {path}")))
}

/// The shipped instrument profiles by id.
pub(crate) fn profiles() -> anyhow::Result<BTreeMap<String, InstrumentProfile>> {
    folder("instruments")
        .map(|f| {
            let profile = InstrumentProfile::parse(f.name(), f.text)?;
            Ok((profile.id.clone(), profile))
        })
        .collect()
}

/// The bench of the demo.
pub(crate) fn demo_bench() -> anyhow::Result<Bench> {
    let f = file("benches/demo.toml")?;
    Ok(Bench::parse(f.name(), f.text)?)
}

/// The shipped pack called `id`, as name and bytes.
pub(crate) fn pack(id: &str) -> anyhow::Result<(String, Vec<u8>)> {
    let shipped = || folder("standards");
    match shipped().find(|f| f.stem() == id) {
        Some(f) => Ok((f.name().to_owned(), f.text.as_bytes().to_vec())),
        None => {
            let known: Vec<&str> = shipped().map(Embedded::stem).collect();
            let near = dutypoint_model::toml_text::nearest(id, known.iter().copied())
                .map(|n| format!("; did you mean {n:?}?"))
                .unwrap_or_default();
            Err(bad(format!(
                "failed to find standard pack {id:?}{near} (shipped: {}; --pack FILE adds one)",
                known.join(", ")
            )))
        }
    }
}

/// The shipped packs by id.
pub(crate) fn packs() -> anyhow::Result<BTreeMap<String, Standard>> {
    folder("standards")
        .map(|f| {
            let pack = Standard::from_toml(f.name(), f.text)?;
            Ok((pack.id.clone(), pack))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_config_folder_is_shipped() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config");
        for name in ["benches", "orders", "instruments", "scenarios", "standards"] {
            let mut there: Vec<String> = std::fs::read_dir(root.join(name))
                .into_iter()
                .flatten()
                .filter_map(|e| Some(e.ok()?.file_name().to_string_lossy().into_owned()))
                .collect();
            there.sort();
            let shipped: Vec<&str> = folder(name).map(Embedded::name).collect();
            assert_eq!(there, shipped, "{name}");
        }
    }
}
