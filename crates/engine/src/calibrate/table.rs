//! A certificate as a table: lines of key and value, then the points under a header.

use super::{Refusal, by_points};
use crate::config::CalibrationConfig;
use dutypoint_model::Unit;

/// Keys as they may be written.
const KEYS: &[(&str, &[&str])] = &[
    ("certificate", &["certificate", "证书编号"]),
    ("laboratory", &["laboratory", "校准机构"]),
    ("date", &["date", "校准日期"]),
    ("due", &["due", "有效期至"]),
    ("unit", &["unit", "单位"]),
    ("k", &["k", "包含因子"]),
    ("resolution", &["resolution", "分度值"]),
    ("indicated", &["indicated", "示值"]),
];

pub(super) fn read(text: &str, due: Option<&str>) -> Result<CalibrationConfig, Refusal> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut given = CalibrationConfig {
        due: due.unwrap_or_default().to_owned(),
        ..CalibrationConfig::default()
    };
    let mut points: Option<Vec<[f64; 2]>> = None;
    for record in reader.records() {
        let record = record.map_err(|error| (None, error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let place = Some(format!("line {line}"));
        let cell = |at: usize| record.get(at).unwrap_or_default();
        if record.iter().all(str::is_empty) {
            continue;
        }
        let number = |at: usize| {
            let found = cell(at).parse::<f64>().ok().filter(|v| v.is_finite());
            found.ok_or_else(|| (place.clone(), format!("{:?} is no number", cell(at))))
        };
        if let Some(points) = &mut points {
            points.push([number(0)?, number(1)?]);
            if !cell(2).is_empty() {
                given.u = given.u.max(number(2)?);
            }
            continue;
        }
        let key = cell(0).to_lowercase();
        let known = KEYS.iter().find(|(_, names)| names.contains(&key.as_str()));
        match known.map(|(name, _)| *name) {
            Some("certificate") => given.certificate = cell(1).to_owned(),
            Some("laboratory") => given.laboratory = cell(1).to_owned(),
            Some("date") => given.date = cell(1).to_owned(),
            Some("due") => given.due = cell(1).to_owned(),
            Some("unit") => {
                let unit = cell(1).parse::<Unit>();
                given.unit = Some(unit.map_err(|error| (place, error.to_string()))?);
            }
            Some("k") => given.k = Some(number(1)?),
            Some("resolution") => given.resolution = Some(number(1)?),
            Some("indicated") => points = Some(Vec::new()),
            _ => {
                let names: Vec<&str> = KEYS.iter().map(|(name, _)| *name).collect();
                return Err((
                    place,
                    format!("unknown key {key:?}; known are {}", names.join(", ")),
                ));
            }
        }
    }
    let Some(points) = points else {
        return Err((
            None,
            "there are no points: a line `indicated,true,u` heads them".into(),
        ));
    };
    by_points(points, given)
}
