//! What a source moves in a point, and what follows from it.

use dutypoint_model::document::Reduced;

/// What moves in a point, in internal units.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Moved {
    Flow,
    OutletPressure,
    InletPressure,
    WaterLevel,
    Density,
    Power,
    Height,
    /// Relative to the bore.
    TapBore,
    Gravity,
    Cable,
    /// Values of a curve alone, nothing else following from them.
    HeadOnly,
    PowerOnly,
    EfficiencyOnly,
}

impl Moved {
    /// The point with this moved, and everything that follows from it.
    pub(crate) fn by(self, point: &Reduced, amount: f64) -> Reduced {
        let mut moved = point.clone();
        let terms = &point.head_terms;
        let weight = point.density_kg_m3 * point.gravity_m_s2;
        match self {
            Self::Flow => {
                moved.flow_m3_s += amount;
                if point.flow_m3_s > 0.0 {
                    // Velocity head and loss go with the square of the flow.
                    let ratio = moved.flow_m3_s / point.flow_m3_s;
                    moved.head_m += (ratio * ratio - 1.0) * (terms.velocity_m + terms.friction_m);
                }
            }
            Self::OutletPressure => moved.head_m += amount / weight,
            Self::InletPressure => moved.head_m -= amount / weight,
            Self::WaterLevel => moved.head_m -= amount,
            Self::Height => moved.head_m += amount,
            Self::TapBore => {
                let ratio = 1.0 + amount;
                let fourth = ratio * ratio * ratio * ratio;
                moved.head_m += terms.velocity_m * (1.0 / fourth - 1.0);
            }
            Self::Gravity => {
                moved.gravity_m_s2 += amount;
                let ratio = point.gravity_m_s2 / moved.gravity_m_s2;
                moved.head_m += (terms.pressure_m + terms.velocity_m) * (ratio - 1.0);
            }
            Self::Cable => moved.power_w -= amount,
            Self::Density => {
                moved.density_kg_m3 += amount;
                moved.head_m +=
                    terms.pressure_m * (point.density_kg_m3 / moved.density_kg_m3 - 1.0);
            }
            Self::Power => moved.power_w += amount,
            Self::HeadOnly => {
                moved.head_m += amount;
                return moved;
            }
            Self::PowerOnly => {
                moved.power_w += amount;
                return moved;
            }
            Self::EfficiencyOnly => {
                moved.efficiency += amount;
                return moved;
            }
        }
        let hydraulic_w = moved.density_kg_m3 * moved.gravity_m_s2 * moved.flow_m3_s * moved.head_m;
        moved.efficiency = hydraulic_w / moved.power_w;
        moved
    }
}
