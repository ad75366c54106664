//! How one order's specimen is graded, resolved from its packs.

use crate::Error;
use crate::config::{EnergyConfig, Order};
use dutypoint_hydraulics::energy::Line;
use dutypoint_hydraulics::limit;
use dutypoint_hydraulics::pack::{Compared, PercentagePoints, ReadAt, Standard};
use dutypoint_model::{Bilingual, Quantity};

/// How the specimen of an order is graded.
#[derive(Clone, Debug, PartialEq)]
pub struct EnergyGrades {
    /// Id of the pack.
    pub pack: String,
    /// Edition of the standard.
    pub edition: String,
    /// Table and clause.
    pub clause: String,
    /// Confidence of the row.
    pub confidence: String,
    /// Type of pump in words.
    pub pump_type: Bilingual,
    /// The band of rated motor power, in words; empty where power does not matter.
    pub band: String,
    /// Which efficiency is graded.
    pub compared: Compared,
    /// Where it is read.
    pub read_at: ReadAt,
    /// What the lines rest on.
    pub basis: EnergyBasis,
    /// Least grade that is guaranteed.
    pub guaranteed: Option<u8>,
}

/// What the lines of grades rest on.
#[derive(Clone, Debug, PartialEq)]
pub enum EnergyBasis {
    /// Points about a specified efficiency: the lines are known before the test.
    Specified {
        /// Specified efficiency, a fraction.
        specified: f64,
        /// Where it comes from, as the order says.
        source: Bilingual,
        /// Tolerance of the product standard, percentage points, where one is known.
        tolerance_points: Option<f64>,
        /// Whether the order declares that tolerance; the pack states it otherwise.
        tolerance_declared: bool,
        /// Lines of grades 1, 2 and 3.
        lines: [Line; 3],
    },
    /// Flow and specific speed where the pack reads them: the lines follow from the test.
    Flow {
        /// Id of the class of pumps.
        pump: String,
        /// Stages.
        stages: u32,
        /// Suction eyes, where the order says.
        suction_eyes: Option<u32>,
        /// Rated speed, r/min, for a test that measured none.
        rated_rpm: Option<f64>,
    },
    /// An efficiency index over three loads, MEI, in place of grades.
    Mei {
        /// Id of the type of pump.
        pump: String,
        /// Stages.
        stages: u32,
        /// Rated speed, r/min, for a test that measured none.
        rated_rpm: Option<f64>,
    },
}

impl EnergyGrades {
    /// None for an order without `[energy]`.
    ///
    /// # Errors
    /// [`Error::Config`] or [`Error::Hydraulics`] for what [`Order::refer`] refuses too.
    pub fn resolve(order: &Order, packs: &[Standard]) -> Result<Option<Self>, Error> {
        let Some(energy) = &order.energy else {
            return Ok(None);
        };
        let pack = packs
            .iter()
            .find(|pack| pack.id == energy.pack)
            .ok_or_else(|| {
                Error::Config(format!(
                    "the order grades by {:?}, which is no pack of the run",
                    energy.pack
                ))
            })?;
        if pack.mei().is_ok() {
            return Self::indexed(order, energy, pack).map(Some);
        }
        let rule = pack.energy()?;
        let graded = |clause: &str, confidence: String, title: [&str; 2], band, basis| Self {
            pack: pack.id.clone(),
            edition: pack.edition.clone(),
            clause: format!("{clause}, {}", rule.clause),
            confidence,
            pump_type: Bilingual::new(title[0], title[1]),
            band,
            compared: rule.compared,
            read_at: rule.read_at,
            basis,
            guaranteed: energy.guaranteed_grade,
        };
        let Ok(pump) = pack.energy_type(&energy.pump_type) else {
            let pump = pack.energy_pump(&energy.pump_type)?;
            let basis = EnergyBasis::Flow {
                pump: pump.id.clone(),
                stages: order.energy_stages().map_err(Error::Config)?,
                suction_eyes: energy.suction_eyes,
                rated_rpm: rated_rpm(order)?,
            };
            let title = [pump.title_zh.as_str(), &pump.title_en];
            let confidence = pump.confidence.to_string();
            return Ok(Some(graded(
                &pump.clause,
                confidence,
                title,
                String::new(),
                basis,
            )));
        };
        let row = order.energy_row(pump).map_err(Error::Config)?;
        let specified = order.specified_efficiency().map_err(Error::Config)?;
        let basis = EnergyBasis::Specified {
            specified,
            source: energy.source.clone(),
            tolerance_points: row
                .tolerance
                .map(|points| points.0)
                .or(energy.tolerance_points),
            tolerance_declared: row.tolerance.is_none(),
            lines: row.lines(specified, energy.tolerance_points.map(PercentagePoints))?,
        };
        Ok(Some(graded(
            &pump.clause,
            row.confidence.to_string(),
            [&pump.title_zh, &pump.title_en],
            row.power_kw.words("P", "kW"),
            basis,
        )))
    }

    /// How the efficiency index of an order's pump is judged.
    fn indexed(order: &Order, energy: &EnergyConfig, pack: &Standard) -> Result<Self, Error> {
        let rule = pack.mei()?;
        let pump = pack.mei_type(&energy.pump_type)?;
        let required = pack.mei_required()?;
        let constant = pump
            .c
            .iter()
            .find(|c| limit::touches(c.mei, required.value));
        let constant = constant.ok_or_else(|| {
            Error::Config(format!(
                "pack {} requires MEI {} and has no constant C for it",
                pack.id, required.value
            ))
        })?;
        Ok(Self {
            pack: pack.id.clone(),
            edition: pack.edition.clone(),
            clause: format!(
                "{}, {} (MEI ≥ {})",
                required.clause, rule.clause, required.value
            ),
            confidence: constant.confidence.to_string(),
            pump_type: Bilingual::new(pump.title_zh.as_str(), pump.title_en.as_str()),
            band: String::new(),
            compared: Compared::PumpEfficiency,
            read_at: ReadAt::AtBep,
            basis: EnergyBasis::Mei {
                pump: pump.id.clone(),
                stages: order.energy_stages().map_err(Error::Config)?,
                rated_rpm: rated_rpm(order)?,
            },
            guaranteed: None,
        })
    }
}

/// The specimen's rated speed, r/min.
fn rated_rpm(order: &Order) -> Result<Option<f64>, Error> {
    let speed = order.specimen.speed.as_ref();
    speed
        .map(|speed| speed.internal(Quantity::Speed).map_err(Error::Config))
        .transpose()
}
