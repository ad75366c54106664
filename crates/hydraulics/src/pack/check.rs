//! What the types of a pack cannot express.

use super::acceptance::tolerance_problem;
use super::cite::Confidence;
use super::entry::EntryValue;
use super::{DecisionRule, DefaultGrade, FlowHeadRule, SmallPower, Standard, Status, readings};
use crate::rounding::Comparison;

/// Where a mistake is and what it is.
pub(super) type Problem = (String, &'static str);

/// A kind as packs write it: `LockedRotorTorque` as `locked_rotor_torque`.
pub(super) fn word(kind: impl std::fmt::Debug) -> String {
    let mut word = String::new();
    for letter in format!("{kind:?}").chars() {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

impl Standard {
    /// Every mistake of the content, in the order of the sections.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        self.signature_problems(&mut found);
        if !self.notes_zh.is_empty() && self.notes_zh.len() != self.notes.len() {
            let problem = "has not as many notes as `notes`; translate each, or leave it out";
            found.push(("notes_zh".to_owned(), problem));
        }
        self.entry_problems(&mut found);
        self.acceptance_problems(&mut found);
        self.table_problems(&mut found);
        self.grade_problems(&mut found);
        self.rounding_problems(&mut found);
        for fact in &self.informative {
            let problem = fact.problem();
            found.extend(problem.map(|problem| (format!("informative {}", fact.id), problem)));
        }
        for gap in &self.known_missing {
            let problem = gap.problem();
            found.extend(problem.map(|problem| (format!("known_missing {}", gap.en), problem)));
        }
        if let Some(rule) = &self.fit {
            let low = rule.min_degree;
            let high = rule.max_degree.unwrap_or(usize::MAX);
            if low > high || rule.default_degree.is_some_and(|d| d < low || d > high) {
                let problem = "has a default outside its own degrees; correct one of the three";
                found.push(("fit".to_owned(), problem));
            }
            if rule.default_degree.is_some() && rule.chosen_by.is_some() {
                let problem =
                    "has both a default degree and a criterion that chooses one; keep one";
                found.push(("fit".to_owned(), problem));
            }
            if rule.chosen_by.is_some() && rule.max_degree.is_none() {
                let problem = "chooses a degree without an upper bound; add max_degree";
                found.push(("fit".to_owned(), problem));
            }
        }
        found
    }

    /// The line of the first entry of an item.
    pub(super) fn line_of(&self, item: &str) -> Option<usize> {
        let item = item.replace(" of grade ", " ");
        let entries = self.entries.iter().filter(|e| e.item.starts_with(&item));
        entries.map(|e| e.line).min()
    }

    fn signature_problems(&self, found: &mut Vec<Problem>) {
        if (self.status == Status::Countersigned) != self.countersignature.is_some() {
            let problem = "and [countersignature] do not agree; give both or neither";
            found.push(("status = \"countersigned\"".to_owned(), problem));
        }
        let whole = self.countersignature.iter();
        let whole = whole.map(|s| ("countersignature", [&s.by, &s.date, &s.against]));
        let clauses = self.clause_countersignature.iter();
        let clauses = clauses.map(|s| ("clause_countersignature", [&s.by, &s.date, &s.against]));
        for (item, texts) in whole.chain(clauses) {
            if texts.iter().any(|text| text.trim().is_empty()) {
                let problem = "leaves by, date or against empty; say who checked what, and when";
                found.push((item.to_owned(), problem));
            }
        }
        for signed in &self.clause_countersignature {
            if !self.entries.iter().any(|e| e.clause == signed.clause) {
                let problem = "names a clause that no number of the pack has; write it as there";
                found.push((
                    format!("clause_countersignature {}", signed.clause),
                    problem,
                ));
            }
        }
    }

    /// Every number and word must be cited.
    fn entry_problems(&self, found: &mut Vec<Problem>) {
        for entry in &self.entries {
            let item = || entry.item.clone();
            let known = entry
                .source
                .iter()
                .all(|key| self.sources.contains_key(key));
            if entry.source.is_empty() || !known {
                let problem = "names no source, or one that [sources] does not explain; add it";
                found.push((item(), problem));
            }
            match entry.confidence {
                None => found.push((item(), "has no confidence; add it")),
                Some(Confidence::MMinus)
                    if !["mei_indication", "informative"].contains(&entry.section()) =>
                {
                    let problem = "is a placeholder (M-), on which no rule may rest; leave it out";
                    found.push((item(), problem));
                }
                Some(Confidence::Laboratory) => {}
                Some(_) if entry.clause.trim().is_empty() => {
                    let problem = "names no clause; add it, or that it is not known";
                    found.push((item(), problem));
                }
                Some(_) => {}
            }
            if matches!(entry.value, EntryValue::Number(number) if !number.is_finite()) {
                found.push((
                    item(),
                    "is no finite number; write a decimal or leave it out",
                ));
            }
        }
    }

    /// The rules of acceptance and repeated readings: tables without gap and overlap, and
    /// only grades that exist.
    fn acceptance_problems(&self, problems: &mut Vec<Problem>) {
        let rule = self.evaluation.as_ref();
        let grades = self.grades();
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
    }

    /// Rounded values are compared where a guarantee is judged, and nowhere else.
    fn rounding_problems(&self, found: &mut Vec<Problem>) {
        let Some(rule) = &self.rounding else {
            return;
        };
        let evaluation = self.evaluation.as_ref();
        let ellipse = evaluation.is_some_and(|e| e.flow_and_head == FlowHeadRule::Ellipse);
        let others = self.energy.is_some() || self.mei.is_some() || self.pei.is_some();
        let motors = !self.motor_tolerance.is_empty();
        let npsh = rule.interval.is_some_and(|i| i.npsh_m.is_none()) && self.npsh.is_some();
        let rounds = rule.comparison == Comparison::RoundedValue;
        let problem = match (rounds, rule.interval) {
            (false, None) => return,
            (false, Some(_)) => "has intervals that full_value does not use; take them out",
            (true, None) => "compares rounded values and does not say to what; add interval",
            (true, Some(_)) if npsh => "rounds, but not the NPSH its [npsh] judges; add npsh_m",
            (true, Some(_)) if ellipse => {
                "compares rounded values by the ellipse, which has no limit to compare with; use full_value"
            }
            (true, Some(_)) if others || motors => {
                "compares rounded values in a pack that grades, which is done by full values; use full_value"
            }
            (true, Some(_)) => return,
        };
        found.push(("rounding".to_owned(), problem));
    }

    fn table_problems(&self, found: &mut Vec<Problem>) {
        for (index, table) in self.table.iter().enumerate() {
            let same = |other: &super::Table| other.kind == table.kind && other.id == table.id;
            let first = !self.table.iter().take(index).any(same);
            let together = || self.column_problem(table).filter(|_| first);
            if let Some(problem) = table.problem().or_else(together) {
                found.push((format!("table {} {}", table.kind, table.id), problem));
            }
        }
    }

    fn grade_problems(&self, found: &mut Vec<Problem>) {
        for pump in &self.energy_type {
            if let Some(problem) = pump.problem() {
                found.push((format!("energy_type {}", pump.id), problem));
            }
        }
        for pump in &self.energy_pump {
            if let Some(problem) = self.energy_pump_problem(pump) {
                found.push((format!("energy_pump {}", pump.id), problem));
            }
        }
        for pump in &self.mei_type {
            if let Some(problem) = pump.problem() {
                found.push((format!("mei_type {}", pump.id), problem));
            }
        }
        found.extend(self.pei_problem());
        found.extend(self.motor_problem());
        found.extend(
            self.mei
                .as_ref()
                .and_then(|rule| Some(("mei required".to_owned(), rule.problem()?))),
        );
        if let Some(rule) = &self.mei
            && self.log_quadratic(&rule.surface).is_err()
        {
            let problem = "names a surface that no [[log_quadratic]] has; correct the id";
            found.push(("mei".to_owned(), problem));
        }
        if let Some(rule) = &self.pei
            && self.log_quadratic(&rule.surface).is_err()
        {
            let problem = "names a surface that no [[log_quadratic]] has; correct the id";
            found.push(("pei".to_owned(), problem));
        }
        for (section, ids) in [
            ("energy_type", self.energy_types()),
            (
                "log_quadratic",
                self.log_quadratic.iter().map(|q| q.id.as_str()).collect(),
            ),
            (
                "mei_type",
                self.mei_type.iter().map(|t| t.id.as_str()).collect(),
            ),
            (
                "mei_indication",
                self.mei_indication.iter().map(|t| t.id.as_str()).collect(),
            ),
            (
                "informative",
                self.informative.iter().map(|t| t.id.as_str()).collect(),
            ),
            (
                "pei_class",
                self.pei_class.iter().map(|t| t.id.as_str()).collect(),
            ),
        ] {
            for (index, id) in ids.iter().enumerate() {
                if ids.iter().take(index).any(|before| before == id) {
                    found.push((format!("{section} {id}"), "is given twice; keep one"));
                }
            }
        }
    }
}
