//! The formulas of a pump test as measurement models, by name.
//!
//! Each has its inputs in a fixed order, their units in their names, and says in the tests
//! the same as the function it stands for ([`crate::head`], [`crate::power`],
//! [`crate::translate`], [`crate::specific_speed`]). Where head is an input of its own, `g`
//! and density enter an efficiency alone; in the models from readings they enter the head
//! too and nearly cancel, as they do on the bench.

use super::input::problem;
use super::model::{PowerSum, Term};
use crate::Error;
use core::f64::consts::PI;

/// A formula with the names of its inputs.
#[derive(Debug, Clone, Copy)]
pub struct Published {
    /// Its name.
    pub name: &'static str,
    /// The formula, as it is written.
    pub formula: &'static str,
    /// Unit of its result.
    pub unit: &'static str,
    /// Names of its inputs with their units, in order.
    pub inputs: &'static [&'static str],
    terms: fn() -> Vec<Term>,
}

impl Published {
    /// The model.
    ///
    /// # Errors
    /// None for the models listed here; the constructor's.
    pub fn model(&self) -> Result<PowerSum, Error> {
        PowerSum::new(self.inputs.len(), (self.terms)())
    }
}

/// Every name.
#[must_use]
pub fn names() -> Vec<&'static str> {
    MODELS.iter().map(|model| model.name).collect()
}

/// The formula called `name`.
///
/// # Errors
/// [`Error::Uncertainty`] with all names.
pub fn find(name: &str) -> Result<&'static Published, Error> {
    let found = MODELS.iter().find(|m| m.name == name);
    found.ok_or_else(|| {
        problem(format!(
            "there is no model {name:?}; known: {}",
            names().join(", ")
        ))
    })
}

fn term(coefficient: f64, powers: &[(usize, f64)]) -> Term {
    Term {
        coefficient,
        powers: powers.to_vec(),
    }
}

fn product(coefficient: f64, exponents: &[f64]) -> Vec<Term> {
    vec![Term {
        coefficient,
        powers: exponents.iter().copied().enumerate().collect(),
    }]
}

/// `8/π²`: of `U²/(2 g) = 8 Q²/(π² D⁴ g)`.
const VELOCITY_HEAD: f64 = 8.0 / (PI * PI);

/// `η = ρ g Q H/(…)` from readings: the inputs ρ, g, Q, p₁, p₂, z, D₁, D₂ first, then what
/// it is divided by.
fn from_readings(coefficient: f64, divided_by: &[(usize, f64)]) -> Vec<Term> {
    let with = |powers: &[(usize, f64)]| [powers, divided_by].concat();
    vec![
        term(coefficient, &with(&[(2, 1.0), (4, 1.0)])),
        term(-coefficient, &with(&[(2, 1.0), (3, 1.0)])),
        term(
            coefficient,
            &with(&[(0, 1.0), (1, 1.0), (2, 1.0), (5, 1.0)]),
        ),
        term(
            coefficient * VELOCITY_HEAD,
            &with(&[(0, 1.0), (2, 3.0), (7, -4.0)]),
        ),
        term(
            -coefficient * VELOCITY_HEAD,
            &with(&[(0, 1.0), (2, 3.0), (6, -4.0)]),
        ),
    ]
}

/// Every formula.
pub const MODELS: &[Published] = &[
    Published {
        name: "total_head",
        formula: "(p2 - p1)/(rho g) + z + 8 Q²/(π² g) (D2⁻⁴ - D1⁻⁴)",
        unit: "m",
        inputs: &[
            "density_kg_m3",
            "g_m_s2",
            "q_m3_s",
            "p1_pa",
            "p2_pa",
            "z_m",
            "d1_m",
            "d2_m",
        ],
        terms: || {
            vec![
                term(1.0, &[(4, 1.0), (0, -1.0), (1, -1.0)]),
                term(-1.0, &[(3, 1.0), (0, -1.0), (1, -1.0)]),
                term(1.0, &[(5, 1.0)]),
                term(VELOCITY_HEAD, &[(2, 2.0), (1, -1.0), (7, -4.0)]),
                term(-VELOCITY_HEAD, &[(2, 2.0), (1, -1.0), (6, -4.0)]),
            ]
        },
    },
    Published {
        name: "submersible_head",
        formula: "p2/(rho g) + z + 8 Q²/(π² g D2⁴) + H_J",
        unit: "m",
        inputs: &[
            "density_kg_m3",
            "g_m_s2",
            "q_m3_s",
            "p2_pa",
            "z_m",
            "d2_m",
            "friction_m",
        ],
        terms: || {
            vec![
                term(1.0, &[(3, 1.0), (0, -1.0), (1, -1.0)]),
                term(1.0, &[(4, 1.0)]),
                term(VELOCITY_HEAD, &[(2, 2.0), (1, -1.0), (5, -4.0)]),
                term(1.0, &[(6, 1.0)]),
            ]
        },
    },
    Published {
        name: "hydraulic_power",
        formula: "rho g Q H",
        unit: "W",
        inputs: &["density_kg_m3", "g_m_s2", "q_m3_s", "h_m"],
        terms: || product(1.0, &[1.0; 4]),
    },
    Published {
        name: "unit_efficiency",
        formula: "rho g Q H/P1",
        unit: "1",
        inputs: &["density_kg_m3", "g_m_s2", "q_m3_s", "h_m", "p1_w"],
        terms: || product(1.0, &[1.0, 1.0, 1.0, 1.0, -1.0]),
    },
    Published {
        name: "unit_efficiency_from_readings",
        formula: "rho g Q H/P1, H as in total_head",
        unit: "1",
        inputs: &[
            "density_kg_m3",
            "g_m_s2",
            "q_m3_s",
            "p1_pa",
            "p2_pa",
            "z_m",
            "d1_m",
            "d2_m",
            "p1_w",
        ],
        terms: || from_readings(1.0, &[(8, -1.0)]),
    },
    Published {
        name: "pump_efficiency",
        formula: "rho g Q H/(2π T n/60)",
        unit: "1",
        inputs: &[
            "density_kg_m3",
            "g_m_s2",
            "q_m3_s",
            "h_m",
            "torque_n_m",
            "n_rpm",
        ],
        terms: || product(30.0 / PI, &[1.0, 1.0, 1.0, 1.0, -1.0, -1.0]),
    },
    Published {
        name: "pump_efficiency_from_readings",
        formula: "rho g Q H/(2π T n/60), H as in total_head",
        unit: "1",
        inputs: &[
            "density_kg_m3",
            "g_m_s2",
            "q_m3_s",
            "p1_pa",
            "p2_pa",
            "z_m",
            "d1_m",
            "d2_m",
            "torque_n_m",
            "n_rpm",
        ],
        terms: || from_readings(30.0 / PI, &[(8, -1.0), (9, -1.0)]),
    },
    Published {
        name: "pump_efficiency_motor",
        formula: "rho g Q H/(P1 η_mot)",
        unit: "1",
        inputs: &[
            "density_kg_m3",
            "g_m_s2",
            "q_m3_s",
            "h_m",
            "p1_w",
            "motor_efficiency",
        ],
        terms: || product(1.0, &[1.0, 1.0, 1.0, 1.0, -1.0, -1.0]),
    },
    Published {
        name: "shaft_power",
        formula: "2π T n/60",
        unit: "W",
        inputs: &["torque_n_m", "n_rpm"],
        terms: || product(PI / 30.0, &[1.0, 1.0]),
    },
    Published {
        name: "motor_efficiency",
        formula: "P2/P1",
        unit: "1",
        inputs: &["p2_w", "p1_w"],
        terms: || product(1.0, &[1.0, -1.0]),
    },
    Published {
        name: "translated_flow",
        formula: "Q n_sp/n",
        unit: "m3/s",
        inputs: &["q_m3_s", "n_rpm", "n_sp_rpm"],
        terms: || product(1.0, &[1.0, -1.0, 1.0]),
    },
    Published {
        name: "translated_head",
        formula: "H (n_sp/n)²",
        unit: "m",
        inputs: &["h_m", "n_rpm", "n_sp_rpm"],
        terms: || product(1.0, &[1.0, -2.0, 2.0]),
    },
    Published {
        name: "translated_power",
        formula: "P (n_sp/n)³ rho_sp/rho",
        unit: "W",
        inputs: &[
            "p_w",
            "n_rpm",
            "n_sp_rpm",
            "density_kg_m3",
            "density_sp_kg_m3",
        ],
        terms: || product(1.0, &[1.0, -3.0, 3.0, -1.0, 1.0]),
    },
    Published {
        name: "specific_speed",
        formula: "n_s = 3.65 n √Q/H^0.75, per suction eye and stage",
        unit: "",
        inputs: &["n_rpm", "q_m3_s", "h_m"],
        terms: || product(3.65, &[1.0, 0.5, -0.75]),
    },
    Published {
        name: "cable_loss",
        formula: "3 I² R",
        unit: "W",
        inputs: &["current_a", "resistance_ohm"],
        terms: || product(3.0, &[2.0, 1.0]),
    },
];
