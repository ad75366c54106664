//! A table recorded elsewhere as the points of a run.

use super::RunEngine;
use crate::Error;
use crate::setup::Method;
use dutypoint_model::Outcome;
use dutypoint_model::document::{Document, Import, Point, Role};
use std::collections::BTreeMap;

impl RunEngine {
    /// Takes a table recorded elsewhere: every row is a point.
    pub(super) fn import(&mut self, import: &Import, out: &mut Vec<Document>) -> Result<(), Error> {
        let Method::Imported(method) = self.setup.method.clone() else {
            return Err(Error::Order("this run reads a bench, not a table".into()));
        };
        self.now_ns = self.now_ns.max(import.t_ns);
        for (n, cells) in import.rows.iter().enumerate() {
            let row = read_row(import, n, cells)?;
            let reduced = method.reduce(&row).map_err(|error| Error::Cell {
                row: n + 2,
                column: "all".into(),
                why: error.to_string(),
            })?;
            let point = Point {
                number: u32::try_from(n + 1).unwrap_or(u32::MAX),
                attempt: 1,
                accepted: true,
                reason: None,
                target_flow_m3_s: None,
                from_ns: import.t_ns,
                to_ns: import.t_ns,
                sets: None,
                channels: Vec::new(),
                steadiness: Vec::new(),
                translated: self.translated(Some(&reduced)),
                reduced: Some(reduced),
            };
            self.points.push(point.clone());
            out.push(Document::Point(Box::new(point)));
        }
        self.close(Outcome::Completed, None, out)
    }
}

fn read_row(import: &Import, n: usize, cells: &[String]) -> Result<BTreeMap<Role, f64>, Error> {
    let mut row = BTreeMap::new();
    for (column, cell) in import.columns.iter().zip(cells) {
        let value: f64 = cell
            .trim()
            .parse()
            .ok()
            .filter(|v: &f64| v.is_finite())
            .ok_or_else(|| Error::Cell {
                row: n + 2,
                column: column.role.text().en,
                why: format!(
                    "{cell:?} is no number; expected a number in {}",
                    column.unit
                ),
            })?;
        row.insert(column.role, column.unit.to_internal(value));
    }
    Ok(row)
}
