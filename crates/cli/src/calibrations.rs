//! The register of calibrations: files of `[[calibration]]` tables in the folder
//! `calibrations` of the data folder, and how a certificate comes into it.

use crate::Done;
use crate::places::{Places, file_name, read_text};
use crate::say::{Say, bad};
use dutypoint_engine::calibrate;
use dutypoint_engine::config::{Bench, CalibrationConfig, CalibrationRegister};
use serde_json::json;
use std::io::Write as _;
use std::path::Path;

/// Folder of the register in the data folder.
const FOLDER: &str = "calibrations";

/// Every calibration of the data folder.
pub(crate) fn register(places: &Places) -> anyhow::Result<Vec<CalibrationConfig>> {
    // Without a data folder there is no register in it.
    let Ok(data) = places.data() else {
        return Ok(Vec::new());
    };
    let folder = data.join(FOLDER);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |e| bad(format!("failed to read folder {}: {e}", folder.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if file_name(&path).ends_with(".toml") {
            files.push(path);
        }
    }
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let found = CalibrationRegister::parse(&file.display().to_string(), &read_text(&file)?)?;
        all.extend(found.calibration);
    }
    Ok(all)
}

/// Refuses a real bench with a measuring channel that no calibration in force covers today.
/// A bench made of software is never certifiable, and its certificates are invented.
pub(crate) fn in_force(bench: &Bench, file: &str, text: &str) -> Result<(), String> {
    if bench.simulated {
        return Ok(());
    }
    // The day in the civil time that reports are dated in, eight hours ahead of UTC.
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let today = jiff::Timestamp::now().to_zoned(zone).date().to_string();
    let faults = bench.uncalibrated(file, text, &today);
    if faults.is_empty() {
        return Ok(());
    }
    let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
    Err(texts.join("\n"))
}

/// Takes a certificate into the register.
pub(crate) fn import(
    file: &Path,
    due: Option<&str>,
    out: Option<&Path>,
    places: &Places,
    say: Say,
) -> anyhow::Result<Done> {
    let bytes =
        std::fs::read(file).map_err(|e| bad(format!("failed to read {}: {e}", file.display())))?;
    let found = calibrate::read(&file.display().to_string(), &bytes, due)
        .map_err(|e| bad(e.to_string()))?;
    let register = CalibrationRegister {
        calibration: vec![found.clone()],
    };
    let text = format!(
        "# {} {}\n\n{}",
        say.pick("取自", "from"),
        file_name(file),
        toml::to_string(&register)?
    );
    let out = match out {
        Some(out) => out.to_owned(),
        None => {
            let sound = |c: char| {
                if c.is_alphanumeric() || "-_.".contains(c) {
                    c
                } else {
                    '-'
                }
            };
            let name: String = found.certificate.chars().map(sound).collect();
            let folder = places.data()?.join(FOLDER);
            std::fs::create_dir_all(&folder)?;
            folder.join(format!("{name}.toml"))
        }
    };
    let mut created = std::fs::File::create_new(&out).map_err(|e| {
        bad(format!(
            "failed to write {}: {e}; a calibration is never overwritten, move the old file first",
            out.display()
        ))
    })?;
    created.write_all(text.as_bytes())?;
    let points = found.table.as_ref().map_or(0, Vec::len);
    say.document(&json!({
        "file": out, "certificate": found.certificate, "laboratory": found.laboratory,
        "date": found.date, "due": found.due, "points": points,
    }))?;
    say.line(format!(
        "{}  {} · {} {} … {} · {points} {}\n{} calibration = \"{}\"",
        out.display(),
        found.certificate,
        found.laboratory,
        found.date,
        found.due,
        say.pick("个校准点", "points"),
        say.pick(
            "在试验台文件的仪表中写：",
            "in the instrument of a bench file write:"
        ),
        found.certificate
    ));
    Ok(Done::Passing)
}
