//! What an order says about energy grades.

use dutypoint_model::{Bilingual, Measure, Quantity};
use serde::Deserialize;

/// `[energy]`: by which pack the efficiency is graded. A pack that grades by points about a
/// specified efficiency needs that; one that grades by flow and specific speed does not.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnergyConfig {
    /// Id of the pack with the grades.
    pub pack: String,
    /// Type of pump, an id of that pack.
    pub pump_type: String,
    /// Specified unit efficiency (eta_DB): of the product standard, or declared.
    #[serde(default)]
    pub specified_efficiency: Option<Measure>,
    /// Where the specified efficiency and the tolerance come from, printed beside them.
    #[serde(default)]
    pub source: Bilingual,
    /// Tolerance of the product standard, percentage points; without it the pack's, and
    /// where that has none grade 3 cannot be judged.
    #[serde(default)]
    pub tolerance_points: Option<f64>,
    /// Suction eyes of the pump, where the type of pump does not fix them.
    #[serde(default)]
    pub suction_eyes: Option<u32>,
    /// The least grade that is guaranteed, 1 the best; without it missing a grade is no
    /// failure, but the mandatory line is.
    #[serde(default)]
    pub guaranteed_grade: Option<u8>,
}

impl EnergyConfig {
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        if let Some(eta) = &self.specified_efficiency {
            let value = eta
                .internal(Quantity::Ratio)
                .map_err(|m| ("specified_efficiency", m))?;
            if !(value > 0.0 && value < 1.0) {
                return Err((
                    "specified_efficiency",
                    format!("\"{eta}\" is outside 0 … 100 %"),
                ));
            }
        }
        if let Some(points) = self.tolerance_points
            && !(0.0..100.0).contains(&points)
        {
            return Err((
                "tolerance_points",
                format!("{points} is outside 0 … 100 percentage points"),
            ));
        }
        match self.guaranteed_grade {
            None | Some(1..=3) => Ok(()),
            Some(other) => Err((
                "guaranteed_grade",
                format!("{other} is no energy grade; expected 1, 2 or 3"),
            )),
        }
    }
}
