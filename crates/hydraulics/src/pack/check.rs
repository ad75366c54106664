//! Where the numbers of a pack come from, and what its types cannot express.

use super::cite::{Citation, Cited, CitedBand, Confidence};
use super::{Standard, Status, Tolerance};
use crate::Error;

impl Standard {
    /// Where every number of the pack comes from.
    #[must_use]
    pub fn citations(&self) -> Vec<Citation<'_>> {
        let mut list = Citations(Vec::new());
        if let Some(rule) = &self.evaluation {
            list.row("evaluation", &rule.source, rule.confidence);
        }
        for row in &self.tolerance {
            let of = |what: &str| format!("tolerance {} {what}", row.grade);
            list.band(of("flow_pct"), row.flow_pct.as_ref());
            list.band(of("head_pct"), row.head_pct.as_ref());
            list.band(of("shutoff_head_pct"), row.shutoff_head_pct.as_ref());
            list.one(of("power_max_pct"), row.power_max_pct.as_ref());
            list.one(of("efficiency_min_pct"), row.efficiency_min_pct.as_ref());
        }
        if let Some(rule) = &self.small_power {
            list.one("small_power from", Some(&rule.from_shaft_power_kw));
            list.one("small_power up_to", Some(&rule.up_to_shaft_power_kw));
            list.band("small_power flow_pct", Some(&rule.flow_pct));
            list.band("small_power head_pct", Some(&rule.head_pct));
            list.one("small_power base", Some(&rule.efficiency_base_pct));
            list.one("small_power slope", Some(&rule.efficiency_slope_pct));
        }
        for (table, rows) in [
            ("fluctuation", self.fluctuation.as_slice()),
            ("instrument_uncertainty", &self.instrument_uncertainty),
            ("overall_uncertainty", &self.overall_uncertainty),
            ("friction", self.friction.as_slice()),
        ] {
            for row in rows {
                let item = format!("{table} {:?}", row.quantity);
                list.row(item, &row.source, row.confidence);
            }
        }
        if let Some(rule) = &self.supply {
            list.one("supply frequency_pct", Some(&rule.frequency_pct));
            list.one("supply voltage_pct", Some(&rule.voltage_pct));
            list.one("supply unbalance_pct", rule.unbalance_pct.as_ref());
        }
        if let Some(rule) = &self.speed {
            list.band("speed flow_head_power_pct", Some(&rule.flow_head_power_pct));
            list.band("speed efficiency_pct", rule.efficiency_pct.as_ref());
            list.band("speed npsh_pct", rule.npsh_pct.as_ref());
        }
        if let Some(rule) = &self.points {
            list.one("points minimum", rule.minimum.as_ref());
            list.one("points type_test_minimum", rule.type_test_minimum.as_ref());
            list.band(
                "points below_guarantee_pct",
                rule.below_guarantee_pct.as_ref(),
            );
            list.band(
                "points above_guarantee_pct",
                rule.above_guarantee_pct.as_ref(),
            );
        }
        if let Some(rule) = &self.readings {
            list.one("readings minimum_sets", Some(&rule.minimum_sets));
        }
        if let Some(rule) = &self.fit {
            list.row("fit", &rule.source, rule.confidence);
        }
        if let Some(rule) = &self.cable {
            list.one("cable included_m", Some(&rule.included_m));
        }
        if let Some(rule) = &self.report {
            list.row("report", &rule.source, rule.confidence);
        }
        if let Some(rule) = &self.load {
            list.band("load flow_pct", Some(&rule.flow_pct));
        }
        for item in &self.untested {
            list.row(
                format!("untested {}", item.en),
                &item.source,
                item.confidence,
            );
        }
        if let Some(rule) = &self.specified {
            list.one("specified loss_points", Some(&rule.loss_points));
        }
        for table in &self.specified_table {
            let item = format!("specified_table {:?} {}", table.kind, table.id);
            list.row(item, &table.source, table.confidence);
        }
        if let Some(rule) = &self.energy {
            list.row("energy", &rule.source, rule.confidence);
        }
        for pump in &self.energy_type {
            for row in &pump.row {
                list.row(
                    format!("energy_type {}", pump.id),
                    &row.source,
                    row.confidence,
                );
            }
        }
        if let Some(rule) = &self.laboratory {
            list.row("laboratory", &rule.source, rule.confidence);
        }
        if let Some(rule) = &self.trim {
            list.one("trim reduction_pct", Some(&rule.reduction_pct));
            list.one("trim type_number", Some(&rule.type_number));
            let of = "trim efficiency_unchanged";
            list.one(
                format!("{of}_reduction_pct"),
                Some(&rule.efficiency_unchanged_reduction_pct),
            );
            list.one(
                format!("{of}_type_number"),
                Some(&rule.efficiency_unchanged_type_number),
            );
        }
        if let Some(rule) = &self.unit_deviation {
            list.row("unit_deviation", &rule.source, rule.confidence);
        }
        for row in &self.motor_tolerance {
            let of = |what: &str| format!("motor_tolerance {:?} {what}", row.quantity);
            list.one(of("low_pct"), row.low_pct.as_ref());
            list.one(of("high_pct"), row.high_pct.as_ref());
            list.one(of("complement_share"), row.complement_share.as_ref());
            list.one(of("complement_at_least"), row.complement_at_least.as_ref());
            list.one(of("complement_at_most"), row.complement_at_most.as_ref());
        }
        for row in &self.switch_off_delay {
            let item = format!("switch_off_delay up to {} kW", row.rated_up_to_kw);
            list.one(item, Some(&row.within_s));
        }
        for row in &self.rated_outputs {
            list.row("rated_outputs", &row.source, row.confidence);
        }
        for row in &self.reference_temperature {
            let item = format!("reference_temperature {}", row.thermal_class.join(" "));
            list.row(item, &row.source, row.confidence);
        }
        list.0
    }

    /// What the types cannot express.
    pub(super) fn check(&self) -> Result<(), Error> {
        let refuse = |item: String, problem: &str| {
            Err(Error::PackContent {
                pack: self.id.clone(),
                item,
                problem: problem.to_owned(),
            })
        };
        if (self.status == Status::Countersigned) != self.countersignature.is_some() {
            let problem = "and [countersignature] do not agree; give both or neither";
            return refuse("status = \"countersigned\"".to_owned(), problem);
        }
        for citation in self.citations() {
            let known = citation
                .source
                .iter()
                .all(|key| self.sources.contains_key(key));
            if citation.source.is_empty() || !known {
                let problem = "names no source, or one that [sources] does not explain; add it";
                return refuse(citation.item, problem);
            }
        }
        for (index, row) in self.tolerance.iter().enumerate() {
            let item = format!("tolerance of grade {}", row.grade);
            if row
                .measurement_class
                .is_some_and(|class| !(1..=3).contains(&class))
            {
                return refuse(
                    item,
                    "has a measurement_class other than 1, 2 or 3; correct it",
                );
            }
            let same = |other: &Tolerance| {
                other.grade == row.grade && other.rated_head_above_m == row.rated_head_above_m
            };
            if self.tolerance.iter().skip(index + 1).any(same) {
                return refuse(item, "is given twice; keep one row");
            }
            for band in [&row.flow_pct, &row.head_pct, &row.shutoff_head_pct]
                .into_iter()
                .flatten()
            {
                if band.low > band.high {
                    return refuse(
                        item,
                        "has a band whose low is above its high; exchange them",
                    );
                }
            }
        }
        if let Some((item, problem)) = self.motor_problem() {
            return refuse(item, problem);
        }
        for table in &self.specified_table {
            if let Some(problem) = table.problem() {
                return refuse(format!("specified_table {}", table.id), problem);
            }
        }
        for (index, pump) in self.energy_type.iter().enumerate() {
            let item = format!("energy_type {}", pump.id);
            if let Some(problem) = pump.problem() {
                return refuse(item, problem);
            }
            if self
                .energy_type
                .iter()
                .skip(index + 1)
                .any(|t| t.id == pump.id)
            {
                return refuse(item, "is given twice; keep one");
            }
        }
        if let Some(rule) = &self.fit {
            let low = rule.min_degree;
            let high = rule.max_degree.unwrap_or(usize::MAX);
            if low > high || rule.default_degree.is_some_and(|d| d < low || d > high) {
                let problem = "has a default outside its own degrees; correct one of the three";
                return refuse("fit".to_owned(), problem);
            }
        }
        Ok(())
    }
}

struct Citations<'a>(Vec<Citation<'a>>);

impl<'a> Citations<'a> {
    fn row(&mut self, item: impl Into<String>, source: &'a [String], confidence: Confidence) {
        self.0.push(Citation {
            item: item.into(),
            source,
            confidence,
        });
    }

    fn one(&mut self, item: impl Into<String>, number: Option<&'a Cited>) {
        if let Some(number) = number {
            self.row(item, &number.source, number.confidence);
        }
    }

    fn band(&mut self, item: impl Into<String>, band: Option<&'a CitedBand>) {
        if let Some(band) = band {
            self.row(item, &band.source, band.confidence);
        }
    }
}
