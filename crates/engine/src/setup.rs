//! What a run rests on, resolved from its `Start` document and the files it names.

use crate::Error;
use crate::config::{Bench, Order};
use crate::energy::EnergyGrades;
use crate::fit_rule::FitRule;
use crate::reduce::{ImportedMethod, SubmersibleMethod};
use crate::translation::Translation;
use dutypoint_hydraulics::pack::{Standard, Tolerance};
use dutypoint_model::document::{FileRef, Origin, Start};
use dutypoint_model::{Digest, Document, Quantity};
use std::collections::BTreeMap;

/// The files a run depends on, by digest.
pub type Files = BTreeMap<Digest, Vec<u8>>;

/// What a run rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// The first document.
    pub start: Start,
    /// The order.
    pub order: Order,
    /// The bench; absent for imports.
    pub bench: Option<Bench>,
    /// The packs, the judging one first.
    pub packs: Vec<Standard>,
    /// How a point is reduced.
    pub method: Method,
    /// Guaranteed flow, m³/s.
    pub flow_m3_s: f64,
    /// Guaranteed head, m.
    pub head_m: f64,
    /// The grade's tolerances in the judging pack.
    pub tolerance: Tolerance,
    /// Measurement class of the grade; 2 where the pack has none.
    pub class: u8,
    /// What the curves are made by.
    pub fit: FitRule,
    /// To what points are translated; none where they stay as measured.
    pub translation: Option<Translation>,
    /// The lines of the energy grades, where the order asks for them.
    pub energy: Option<EnergyGrades>,
}

/// How a point is reduced.
#[derive(Clone, Debug, PartialEq)]
pub enum Method {
    /// A submersible unit on a bench.
    Submersible(Box<SubmersibleMethod>),
    /// A table recorded elsewhere.
    Imported(ImportedMethod),
}

/// Every file `document` depends on.
#[must_use]
pub fn files_named(document: &Document) -> Vec<&FileRef> {
    match document {
        Document::Start(start) => std::iter::once(&start.order)
            .chain(&start.bench)
            .chain(&start.packs)
            .chain(&start.profiles)
            .collect(),
        Document::Import(import) => vec![&import.file],
        _ => Vec::new(),
    }
}

impl Setup {
    /// Reads the files `start` names.
    ///
    /// # Errors
    /// [`Error::FileMissing`], [`Error::Text`], or [`Error::Config`] where files do not
    /// fit together.
    pub fn open(start: &Start, files: &Files) -> Result<Self, Error> {
        let text = |file: &FileRef| -> Result<&str, Error> {
            let bytes = files.get(&file.digest).ok_or_else(|| Error::FileMissing {
                name: file.name.clone(),
                digest: file.digest,
            })?;
            std::str::from_utf8(bytes)
                .map_err(|_| Error::Config(format!("{} is no UTF-8 text", file.name)))
        };
        let order = Order::parse(&start.order.name, text(&start.order)?)?;
        let bench = match &start.bench {
            Some(file) => Some(Bench::parse(&file.name, text(file)?)?),
            None => None,
        };
        let packs = start
            .packs
            .iter()
            .map(|file| Ok(Standard::from_toml(&file.name, text(file)?)?))
            .collect::<Result<Vec<_>, Error>>()?;
        let judging = packs
            .first()
            .ok_or_else(|| Error::Config("no standard pack is named".into()))?;
        let guarantee = &order.guarantee;
        order.refer(&start.order.name, text(&start.order)?, &packs)?;
        if judging.id != guarantee.pack {
            return Err(Error::Config(format!(
                "the order judges by {:?}, but the first pack of the run is {:?}",
                guarantee.pack, judging.id
            )));
        }
        let head_m = guarantee
            .head
            .internal(Quantity::Length)
            .map_err(Error::Config)?;
        let flow_m3_s = guarantee
            .flow
            .internal(Quantity::Flow)
            .map_err(Error::Config)?;
        // `refer` has seen that the grade exists, or that there is one only.
        let tolerance = match &guarantee.small_power {
            Some(small) => {
                let power = small.power.internal(Quantity::Power);
                let rule = judging.small_power()?;
                let power_w = power.map_err(Error::Config)?;
                let mut tolerance = rule.tolerance(small.variable, power_w)?;
                tolerance.measurement_class = Some(small.measurement_class);
                tolerance
            }
            None => {
                let only = judging.grades().first().copied().unwrap_or_default();
                let grade = guarantee.grade.as_deref().unwrap_or(only);
                judging.tolerance(grade, head_m)?.clone()
            }
        };
        let energy = EnergyGrades::resolve(&order, &packs)?;
        let translation = Translation::resolve(&order, &packs, start.origin)?;
        let class = tolerance.measurement_class.unwrap_or(2);
        let fit = FitRule::resolve(&order, judging).map_err(|(_, why)| Error::Config(why))?;
        let method = match (&bench, &order.import, start.origin) {
            (Some(bench), None, Origin::Bench | Origin::Simulated) => {
                let window_s = judging.laboratory()?.averaging_window_s;
                bench.check_damping(window_s).map_err(Error::Config)?;
                let threshold = judging.friction_threshold_pct(class).ok();
                // Off until the laboratory has held the clause against its own copy.
                let removed = packs.iter().any(|pack| {
                    pack.cable()
                        .is_ok_and(|rule| pack.is_countersigned(&rule.clause))
                });
                let method = SubmersibleMethod::new(bench, &order, threshold, removed)?;
                Method::Submersible(Box::new(method))
            }
            (None, Some(import), Origin::Imported) => {
                Method::Imported(ImportedMethod::new(import)?)
            }
            _ => {
                return Err(Error::Config(
                    "a run on a bench needs a bench and an order without [import]; an import needs an order with [import]".into(),
                ));
            }
        };
        Ok(Self {
            start: start.clone(),
            flow_m3_s,
            head_m,
            tolerance,
            class,
            fit,
            translation,
            energy,
            method,
            order,
            bench,
            packs,
        })
    }

    /// The judging pack.
    #[must_use]
    pub fn standard(&self) -> &Standard {
        // `open` refuses an empty list.
        self.packs
            .first()
            .unwrap_or_else(|| unreachable!("checked when the set-up was opened"))
    }
}
