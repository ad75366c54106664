//! The configuration at hand: what ships inside the binary and what the user names.

use crate::config::{Kind, kind};
use crate::places::{Places, file_name, read_text};
use crate::say::bad;
use crate::{calibrations, embedded, profiles};
use dutypoint_engine::config::{Bench, CalibrationRegister};
use dutypoint_fieldbus::InstrumentProfile;
use dutypoint_hydraulics::pack::Standard;
use std::collections::BTreeMap;
use std::path::Path;

/// Profiles, packs and benches. The user's own come before the shipped ones.
#[derive(Debug)]
pub(crate) struct Library {
    profiles: BTreeMap<String, InstrumentProfile>,
    profile_files: BTreeMap<String, Named>,
    packs: BTreeMap<String, Named>,
    /// The benches among the user's files.
    pub(crate) benches: Vec<BenchFile>,
}

/// Name and content of a file.
type Named = (String, Vec<u8>);

/// A bench and the text it was read from.
#[derive(Clone, Debug)]
pub(crate) struct BenchFile {
    /// Name as the user gave it.
    pub(crate) name: String,
    pub(crate) bench: Bench,
    pub(crate) text: String,
}

impl Library {
    /// The shipped files alone.
    pub(crate) fn shipped() -> anyhow::Result<Self> {
        let mut library = Self {
            profiles: BTreeMap::new(),
            profile_files: BTreeMap::new(),
            packs: BTreeMap::new(),
            benches: Vec::new(),
        };
        for file in embedded::folder("instruments") {
            library.profile(file.name(), file.text)?;
        }
        Ok(library)
    }

    /// The shipped files, the profiles of the data folder, and `texts` (name and content),
    /// which have been checked; what comes later takes the place of what came before.
    pub(crate) fn with(texts: &[(String, String)], places: &Places) -> anyhow::Result<Self> {
        let mut library = Self::shipped()?;
        let own = profiles::all(places, &[])?.into_values();
        for file in own.filter_map(|found| found.file) {
            library.profile(&file.display().to_string(), &read_text(&file)?)?;
        }
        let mut register = calibrations::register(places)?;
        for (name, text) in texts {
            let file = file_name(Path::new(name));
            match kind(text) {
                Some(Kind::Instrument) => library.profile(name, text)?,
                Some(Kind::Standard) => {
                    let pack = Standard::from_toml(name, text)?;
                    library.packs.insert(pack.id, (file, text.clone().into()));
                }
                Some(Kind::Bench) => library.benches.push(BenchFile {
                    name: name.clone(),
                    bench: Bench::parse(name, text)?,
                    text: text.clone(),
                }),
                // An order is the run's, not the bench's.
                Some(Kind::Calibrations) => {
                    let own = CalibrationRegister::parse(name, text)?;
                    register.splice(0..0, own.calibration);
                }
                Some(Kind::Order | Kind::Scenario) | None => {}
            }
        }
        for file in &mut library.benches {
            file.bench.resolve(&file.name, &file.text, &register)?;
        }
        Ok(library)
    }

    fn profile(&mut self, name: &str, text: &str) -> anyhow::Result<()> {
        let profile = InstrumentProfile::parse(name, text)?;
        // Runs record it under the name of its id, wherever it lay.
        let file = (format!("{}.toml", profile.id), text.as_bytes().to_vec());
        self.profile_files.insert(profile.id.clone(), file);
        self.profiles.insert(profile.id.clone(), profile);
        Ok(())
    }

    /// Instrument profiles by id.
    pub(crate) fn profiles(&self) -> &BTreeMap<String, InstrumentProfile> {
        &self.profiles
    }

    /// Name and content of the profiles a bench uses, by id.
    pub(crate) fn profiles_of(&self, bench: &Bench) -> Vec<Named> {
        let used = |id: &&String| bench.instrument.iter().any(|i| i.profile == **id);
        let ids = self.profile_files.keys().filter(used);
        ids.filter_map(|id| self.profile_files.get(id).cloned())
            .collect()
    }

    /// Name and content of the pack called `id`.
    pub(crate) fn pack(&self, id: &str) -> anyhow::Result<Named> {
        match self.packs.get(id) {
            Some(own) => Ok(own.clone()),
            None => embedded::pack(id),
        }
    }
}

impl BenchFile {
    /// Refuses what cannot be recorded on: ports only the simulator opens, and an id that
    /// names no folder.
    pub(crate) fn refuse_unreal(&self) -> anyhow::Result<()> {
        let bench = &self.bench;
        if let Some(line) = bench.line.iter().find(|l| l.endpoint.is_simulated()) {
            return Err(bad(format!(
                "failed to use bench {}: the port of line {:?} is \"simulated\", which only `dutypoint demo` opens; write the port or address the instruments are on (`dutypoint sim` prints those of the simulator)",
                bench.id, line.name
            )));
        }
        let sound = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        if bench.id.is_empty() || !bench.id.chars().all(sound) {
            return Err(bad(format!(
                "failed to use bench {:?}: its id names the folder of its journal; use letters, digits, - and _",
                bench.id
            )));
        }
        Ok(())
    }
}
