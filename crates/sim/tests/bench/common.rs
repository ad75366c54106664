//! The shipped demo bench and its profiles, for every test.

use dutypoint_engine::config::Bench;
use dutypoint_fieldbus::InstrumentProfile;
use dutypoint_model::document::Channels;
use std::collections::BTreeMap;
use std::path::Path;

pub(crate) fn demo() -> (Bench, BTreeMap<String, InstrumentProfile>) {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config");
    let profiles = std::fs::read_dir(config.join("instruments"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let profile = InstrumentProfile::parse(path.to_str().unwrap(), &text).unwrap();
            (profile.id.clone(), profile)
        })
        .collect();
    let text = std::fs::read_to_string(config.join("benches/demo.toml")).unwrap();
    (Bench::parse("demo.toml", &text).unwrap(), profiles)
}

pub(crate) fn plan() -> Channels {
    let (bench, profiles) = demo();
    dutypoint_fieldbus::plan(&bench, &profiles)
        .unwrap()
        .channels
}
