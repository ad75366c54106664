//! The energy-grade lines of one order, resolved from its packs.

use crate::Error;
use crate::config::Order;
use dutypoint_hydraulics::energy::Line;
use dutypoint_hydraulics::pack::{PercentagePoints, ReadAt, Standard};
use dutypoint_model::{Bilingual, Quantity};

/// The lines of the energy grades for the specimen of an order, and what they rest on.
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
    /// The band of rated motor power, in words.
    pub band: String,
    /// Specified efficiency, a fraction.
    pub specified: f64,
    /// Where it comes from, as the order says.
    pub source: Bilingual,
    /// Tolerance of the product standard, percentage points, where one is known.
    pub tolerance_points: Option<f64>,
    /// Whether the order declares that tolerance; the pack states it otherwise.
    pub tolerance_declared: bool,
    /// At which flow the efficiency is read.
    pub read_at: ReadAt,
    /// Lines of grades 1, 2 and 3.
    pub lines: [Line; 3],
    /// Least grade that is guaranteed.
    pub guaranteed: Option<u8>,
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
        let rule = pack.energy()?;
        let pump = pack.energy_type(&energy.pump_type)?;
        let row = order.energy_row(pump).map_err(Error::Config)?;
        let specified = energy
            .specified_efficiency
            .internal(Quantity::Ratio)
            .map_err(Error::Config)?;
        Ok(Some(Self {
            pack: pack.id.clone(),
            edition: pack.edition.clone(),
            clause: format!("{}, {}", pump.clause, rule.clause),
            confidence: row.confidence.to_string(),
            pump_type: Bilingual::new(pump.title_zh.clone(), pump.title_en.clone()),
            band: row.power_kw.words("P", "kW"),
            specified,
            source: energy.source.clone(),
            tolerance_points: row
                .tolerance
                .map(|points| points.0)
                .or(energy.tolerance_points),
            tolerance_declared: row.tolerance.is_none(),
            read_at: rule.read_at,
            lines: row.lines(specified, energy.tolerance_points.map(PercentagePoints))?,
            guaranteed: energy.guaranteed_grade,
        }))
    }
}
