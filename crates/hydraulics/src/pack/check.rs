//! Where the numbers of a pack come from, and what its types cannot express.

use super::acceptance::tolerance_problem;
use super::cite::{Citation, Cited, CitedBand, Confidence};
use super::{DecisionRule, DefaultGrade, FlowHeadRule, SmallPower, Standard, Status, readings};
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
            list.one("small_power from_kw", Some(&rule.from_kw));
            list.one("small_power end", Some(rule.end_kw()));
            list.band("small_power flow_pct", Some(&rule.flow_pct));
            list.band("small_power head_pct", Some(&rule.head_pct));
            list.one("small_power base", Some(&rule.efficiency_base_pct));
            list.one("small_power slope", Some(&rule.efficiency_slope_pct));
        }
        for table in &self.default_grade {
            for row in &table.row {
                let item = format!("default_grade {}", table.application);
                list.row(item, &row.source, row.confidence);
            }
        }
        if let Some(rule) = &self.other_points {
            list.row("other_points", &rule.source, rule.confidence);
        }
        if let Some(rule) = &self.npsh {
            list.one("npsh drop_pct", Some(&rule.drop_pct));
            list.band("npsh exponent", rule.exponent.as_ref());
            list.band("npsh flow_pct_of_bep", rule.flow_pct_of_bep.as_ref());
            for row in &rule.tolerance {
                let of = |what: &str| {
                    format!(
                        "npsh tolerance {} {what}",
                        row.grade.as_deref().unwrap_or("all")
                    )
                };
                list.one(of("pct"), Some(&row.pct));
                list.one(of("absolute_m"), row.absolute_m.as_ref());
            }
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
            list.one("points class_1_minimum", rule.class_1_minimum.as_ref());
            list.band(
                "points counted_within_pct",
                rule.counted_within_pct.as_ref(),
            );
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
            list.one("readings spacing_s", rule.spacing_s.as_ref());
        }
        for row in &self.spread {
            for (what, cells) in [("process", &row.process), ("speed", &row.speed)] {
                let item = format!("spread {} {what}", row.sets);
                list.row(item, &cells.source, cells.confidence);
            }
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
        if let Some((item, problem)) = self.motor_problem() {
            return refuse(item, problem);
        }
        self.check_acceptance()?;
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

impl Standard {
    /// The rules of acceptance and repeated readings: tables without gap and overlap, and
    /// only grades that exist.
    fn check_acceptance(&self) -> Result<(), Error> {
        let rule = self.evaluation.as_ref();
        let grades = self.grades();
        let mut problems = Vec::new();
        problems.extend(tolerance_problem(
            &self.tolerance,
            rule.map(|rule| rule.flow_and_head),
        ));
        let named = |item: &str, problem: Option<&'static str>| {
            problem.map(|problem| (item.to_owned(), problem))
        };
        problems.extend(named(
            "small_power",
            self.small_power.as_ref().and_then(SmallPower::problem),
        ));
        for (index, table) in self.default_grade.iter().enumerate() {
            let item = format!("default_grade {}", table.application);
            problems.extend(named(&item, table.problem(&grades)));
            let again = |other: &DefaultGrade| other.application == table.application;
            if self.default_grade.iter().skip(index + 1).any(again) {
                problems.push((item, "is given twice; keep one"));
            }
        }
        if let Some(rule) = &self.other_points
            && !grades.contains(&rule.grade.as_str())
        {
            let problem = "names a grade without tolerances in the pack; correct it";
            problems.push(("other_points".to_owned(), problem));
        }
        let npsh = self.npsh.as_ref();
        if let Some(quantity) = npsh.and_then(|rule| rule.plateau)
            && self.fluctuation.iter().all(|row| row.quantity != quantity)
        {
            let problem = "bounds its plateau by a quantity without a [[fluctuation]] row; add it";
            problems.push(("npsh".to_owned(), problem));
        }
        problems.extend(named("npsh", npsh.and_then(|rule| rule.problem(&grades))));
        problems.extend(named(
            "readings",
            readings::problem(self.readings.as_ref(), &self.spread),
        ));
        if rule.is_some_and(|rule| {
            rule.flow_and_head == FlowHeadRule::Ellipse
                && rule.decision != DecisionRule::SimpleAcceptance
        }) {
            let problem = "has a guard band with the ellipse, which has no limit to move; use simple_acceptance";
            problems.push(("evaluation".to_owned(), problem));
        }
        match problems.into_iter().next() {
            None => Ok(()),
            Some((item, problem)) => Err(Error::PackContent {
                pack: self.id.clone(),
                item,
                problem: problem.to_owned(),
            }),
        }
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

    fn one<T>(&mut self, item: impl Into<String>, number: Option<&'a Cited<T>>) {
        if let Some(number) = number {
            self.row(item, &number.source, number.confidence);
        }
    }

    fn band<T>(&mut self, item: impl Into<String>, band: Option<&'a CitedBand<T>>) {
        if let Some(band) = band {
            self.row(item, &band.source, band.confidence);
        }
    }
}
