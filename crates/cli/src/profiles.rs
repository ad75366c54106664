//! The instrument profiles there are: the shipped ones, and the user's own in the folder
//! `instruments` of the data folder, which take the place of shipped ones of the same id.

use crate::embedded;
use crate::places::{Places, file_name, read_text};
use crate::say::bad;
use dutypoint_fieldbus::InstrumentProfile;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Folder of the user's own profiles in the data folder.
const FOLDER: &str = "instruments";

/// A profile and where it comes from.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) profile: InstrumentProfile,
    /// Its file; none of a shipped one.
    pub(crate) file: Option<PathBuf>,
    /// Whether it takes the place of a shipped one.
    pub(crate) replaces: bool,
}

/// Every profile by id; `more` are files named on the command line, which come first.
pub(crate) fn all(places: &Places, more: &[PathBuf]) -> anyhow::Result<BTreeMap<String, Found>> {
    let mut found: BTreeMap<String, Found> = embedded::profiles()?
        .into_iter()
        .map(|(id, profile)| {
            let shipped = Found {
                profile,
                file: None,
                replaces: false,
            };
            (id, shipped)
        })
        .collect();
    let mut own = own_files(places)?;
    own.extend(more.iter().cloned());
    for file in own {
        let profile = read(&file)?;
        let replaces = embedded::folder(FOLDER).any(|f| f.stem() == profile.id);
        found.insert(
            profile.id.clone(),
            Found {
                profile,
                file: Some(file),
                replaces,
            },
        );
    }
    Ok(found)
}

/// As [`all`], the profiles alone.
pub(crate) fn by_id(
    places: &Places,
    more: &[PathBuf],
) -> anyhow::Result<BTreeMap<String, InstrumentProfile>> {
    let found = all(places, more)?;
    Ok(found.into_iter().map(|(id, f)| (id, f.profile)).collect())
}

/// The profile of a file. Runs record it under its file's name, so that must be its id.
pub(crate) fn read(file: &Path) -> anyhow::Result<InstrumentProfile> {
    let profile = InstrumentProfile::parse(&file.display().to_string(), &read_text(file)?)?;
    if file_name(file) != format!("{}.toml", profile.id) {
        return Err(bad(format!(
            "failed to use {}: its id is {:?}; call the file {}.toml, or change the id",
            file.display(),
            profile.id,
            profile.id
        )));
    }
    Ok(profile)
}

fn own_files(places: &Places) -> anyhow::Result<Vec<PathBuf>> {
    // Without a data folder there are no profiles in it.
    let Ok(data) = places.data() else {
        return Ok(Vec::new());
    };
    let folder = data.join(FOLDER);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(bad(format!(
                "failed to read folder {}: {error}",
                folder.display()
            )));
        }
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry =
            entry.map_err(|e| bad(format!("failed to read folder {}: {e}", folder.display())))?;
        if file_name(&entry.path()).ends_with(".toml") {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}
